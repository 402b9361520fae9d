"""A quick search for the local minima of a loss of two parameters in a window, at kinks of ReLU too.

What it returns is checked: the gradient vanishes there and the Hessian is positive definite, or, at a kink, all
points of two small circles around it are higher. That there are no others is not known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Loss, Window
from lossgeo.two_by_two import eigenvalues_2x2, inverse

SIDE = 33  # points per side of the first grid
STARTS = 10  # of its low points, the lowest so many are followed downhill
ALIKE = 1e-4  # points nearer than this, in widths of the window, are one point
FLAT = 1e-8  # a curvature, or a rise, below this share of the largest counts as none
ROUNDS = 300  # steps downhill at most
TURN = 0.3 * np.pi / 8 * (np.sqrt(5.0) - 1.0)  # angle by which they turn each time; none of them ever comes back
CIRCLE = np.stack([np.cos(np.arange(64) * np.pi / 32), np.sin(np.arange(64) * np.pi / 32)], axis=-1)


def found_minima(loss: Loss, window: Window) -> Array:
    """The local minima found inside the window, shape (k, 2), lowest first."""
    low, high = np.transpose(window)
    size = high - low
    with np.errstate(all="ignore"):
        ended = _low_points(loss, low, size)
        for first in (1.0 / SIDE, 1e-3, 1e-4, 1e-5):  # again with short steps, for those that got stuck at a kink
            ended = _downhill(loss, ended, size, first)
        rested, smooth = _newton(loss, ended, size)
        corners = [p for p in ended[~smooth] if _is_lowest_around(loss, p, size)]
        found = np.vstack([rested[smooth], np.array(corners).reshape(-1, 2)])
        found = found[((found > low) & (found < high)).all(axis=1)]
        found = found[np.argsort(loss.value(found), kind="stable")]
    kept: list[Array] = []
    for p in found:
        if all(np.abs((p - q) / size).max() > ALIKE for q in kept):
            kept.append(p)
    return np.array(kept).reshape(-1, 2)


def _low_points(loss: Loss, low: Array, size: Array) -> Array:
    """The points (k, 2) of a grid that are no higher than their eight neighbours, the lowest STARTS of them."""
    across = (np.arange(SIDE) + 0.5) / SIDE
    grid = np.stack(np.meshgrid(*(low[:, None] + size[:, None] * across)), axis=-1)
    values = loss.value(grid)
    values = np.pad(np.where(np.isfinite(values), values, np.inf), 1, constant_values=np.inf)
    around = np.lib.stride_tricks.sliding_window_view(values, (3, 3)).min(axis=(2, 3))
    values = values[1:-1, 1:-1]
    lowest = np.isfinite(values) & (values <= around)
    first: Array = grid[lowest][np.argsort(values[lowest], kind="stable")[:STARTS]]
    return first


def _downhill(loss: Loss, p: Array, size: Array, first: float) -> Array:
    """Each of the points (k, 2) moved downhill in sixteen directions, by less each time that none of them leads down.

    The first steps are `first` windows long. The directions turn from round to round, so that a narrow valley along a
    kink is followed however it runs.
    """
    p, value, reach = p.copy(), loss.value(p), np.full(len(p), first)
    for turn in range(ROUNDS):
        going = np.flatnonzero(reach > 1e-8)
        if not going.size:
            break
        angle = TURN * turn + np.arange(16) * np.pi / 8
        ways = size * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        around = p[going, None] + reach[going, None, None] * ways
        values = loss.value(around)
        values = np.where(np.isfinite(values), values, np.inf)
        best = np.argmin(values, axis=1)[:, None]
        lowest = np.take_along_axis(values, best, axis=1)[:, 0]
        down = lowest < value[going]
        p[going[down]] = np.take_along_axis(around, best[:, :, None], axis=1)[down, 0]
        value[going[down]] = lowest[down]
        reach[going[~down]] *= 0.6
    return p


def _newton(loss: Loss, p: Array, size: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Where Newton's method leads from the points (k, 2), and whether that is a minimum with a regular Hessian."""
    moved = np.full(len(p), np.inf)
    for _ in range(12):
        step = (inverse(loss.hessian(p)) @ loss.gradient(p)[..., None])[..., 0]
        moved = np.abs(step / size).max(axis=-1)
        p = p - step * np.minimum(1.0, 0.1 / np.maximum(moved, 1e-300))[:, None]
    least, most = np.moveaxis(eigenvalues_2x2(loss.hessian(p) * (size[:, None] * size)), -1, 0)
    return p, np.asarray((moved < 1e-8) & (least > FLAT * most))


def _is_lowest_around(loss: Loss, p: Array, size: Array) -> bool:
    """Whether the loss at p (2,) is below that on two small circles around it, by less on the smaller one.

    In no direction may it rise by less than FLAT times the steepest rise: that is a line of minima, or rounding.
    """
    near, far = (loss.value(p + radius * size * CIRCLE) - loss.value(p) for radius in (1e-5, 1e-3))
    return bool(0.0 < near.min() <= 0.1 * far.min() and far.min() > FLAT * far.max())
