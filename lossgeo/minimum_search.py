"""A search for the local minima of a smooth loss of data: a grid of starts, then Newton's method.

Every point found is a local minimum. That there are no others is not proved. The loss must have
standardised x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.contracts import Array, DataLoss, Dataset

SAMPLES, THRESHOLDS, STEEPNESSES, STARTS = 64, 24, 8, 8  # the size of the grid, and the number of starts taken from it


def log_odds(y: Array) -> float:
    """The score z at which sigmoid(z) is the share of ones among the labels y (n,). Both classes must occur."""
    return float(np.log(y.sum() / (y.size - y.sum())))


def local_minima(loss: DataLoss) -> tuple[Array, Array]:
    """The distinct local minima found, shape (k, 2), and their values (k,), lowest first."""
    starts = np.vstack([(0.0, log_odds(loss.dataset.y)), _steep_starts(loss)])
    points = descend(loss, starts)
    values = loss.value(points)
    sure = are_minima(loss, points)
    if loss.l2 and not sure.any():  # with a penalty one exists, but it is too flat for the test
        sure = values == values.min()
    order: list[int] = []
    for i in np.flatnonzero(sure)[np.argsort(values[sure])]:
        if not any(np.allclose(points[i], points[j], rtol=1e-6, atol=1e-6) for j in order):
            order.append(int(i))
    return points[order], values[order]


def _steep_starts(loss: DataLoss) -> Array:
    """The lowest local minima (k, 2) of the loss on a grid of thresholds -c/u and steepnesses |u|.

    The thresholds lie between neighbouring samples. The steepest curves rise within about one such gap. If
    there are many samples or thresholds, an evenly spaced selection is used.
    """
    s, y = loss.dataset.x, loss.dataset.y
    values = np.unique(s)
    t = (0.5 * (values[1:] + values[:-1]))[:: -(-values.size // THRESHOLDS)]
    if not t.size:
        return np.empty((0, 2))
    steepest = 8.0 / np.median(np.diff(t)) if t.size > 1 else 0.0
    t = np.concatenate([[t[0] - 1.0], t, [t[-1] + 1.0]])
    u = np.geomspace(0.3, max(20.0, steepest), STEEPNESSES)[:, None] * [[[1.0]], [[-1.0]]]
    grid = np.stack(np.broadcast_arrays(u, -u * t), axis=-1)  # (2, STEEPNESSES, t.size, 2)
    some = np.lexsort((s, y))[:: -(-y.size // SAMPLES)]
    few = Dataset(s[some], y[some], loss.dataset.name, loss.dataset.source)
    v = loss.on(few).value(grid)
    # The steepest row may hold a minimum only under a penalty, which bounds |u|.
    beyond = np.inf if loss.l2 else -np.inf
    v = np.pad(v, ((0, 0), (0, 1), (0, 0)), constant_values=beyond)
    inner = v[:, 1:-1, 1:-1]
    low = (inner < v[:, 2:, 1:-1]) & (inner <= v[:, :-2, 1:-1])
    low &= (inner < v[:, 1:-1, 2:]) & (inner <= v[:, 1:-1, :-2])
    return grid[:, 1:, 1:-1][low][np.argsort(inner[low])[:STARTS]]


def descend(loss: DataLoss, starts: ArrayLike) -> Array:
    """The points (k, 2) at which Newton's method ends from the starts (k, 2): stationary points, or far out.

    It uses the absolute values of the eigenvalues, so it goes downhill where the loss is not convex. The
    step length is limited to `reach`, which is doubled after a step down and reduced after a step up.
    """
    p = np.array(starts, float)
    value, reach = loss.value(p), np.full(len(p), 4.0)
    for _ in range(1000):
        lam, v = np.linalg.eigh(loss.hessian(p))
        lam = np.abs(lam)
        high = lam.max(axis=-1, keepdims=True)
        along = (loss.gradient(p)[:, None] @ v)[:, 0] / np.maximum(lam, 1e-15 * high + 1e-300)
        step = (v @ along[..., None])[..., 0]
        length, size = np.hypot(*step.T), np.hypot(*p.T)
        step *= (np.minimum(length, reach) / np.maximum(length, 1e-300))[:, None]
        last = length <= 1e-8 * (1.0 + size)  # Newton converges quadratically: the remaining error is about the square
        if not loss.l2:  # stop on a plateau far out
            last |= lam.min(axis=-1) <= 1e-14 * np.maximum(high[:, 0], 0.1)
        after = loss.value(p - step)
        down = last | (after <= value * (1.0 + 1e-15))
        p[down] -= step[down]
        value = np.where(down, after, value)
        reach = np.where(down, 2.0 * reach, 0.25 * np.minimum(length, reach))
        if last.all():
            break
    return p


def are_minima(loss: DataLoss, p: Array) -> NDArray[np.bool_]:
    """Flags (k,): where in p (k, 2) the Hessian is positive definite and the next Newton step negligible."""
    h = loss.hessian(p)
    low, high = np.linalg.eigvalsh(h).T
    definite = low > 1e-13 * high
    h[~definite] = np.eye(2)
    step = np.linalg.solve(h, loss.gradient(p)[..., None])[..., 0]
    minimum: NDArray[np.bool_] = definite & (np.hypot(*step.T) <= 1e-6 * (1 + np.hypot(*p.T)))
    return minimum
