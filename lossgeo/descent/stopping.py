"""When a run is over: it has settled, is gone, or no longer moves. Many points at once.

Lengths called "views" are measured by the width and height of the loss's view, so that no unit of x
or y matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Loss, Method
from lossgeo.geometry import Scale, eigenvalues

Flags = NDArray[np.bool_]

FAR = 1e8  # views from the middle of the view: a run out there has diverged
NEAR = 1e-2  # views: "near" a saddle or a minimum
STALLED = 1e-15  # views: a step lost in rounding


def both(flags: Flags) -> Flags:
    """Flags (..., 2) that are both set: all(axis=-1), but fast on many points."""
    pair: Flags = flags[..., 0] & flags[..., 1]
    return pair


def gone(scale: Scale, p: Array) -> Flags:
    """Not finite, or more than FAR views from the middle of the view: (...)."""
    return ~both(np.abs(p - scale.middle) <= FAR * scale.size)


def newton_step(scale: Scale, g: Array, h: Array) -> tuple[Array, Array, Array]:
    """|H^-1 g| by coordinate (..., 2), and the curvatures low <= high; everything in view units.

    Near a stationary point with a regular Hessian this is the way to it, exactly so on a quadratic.
    """
    low, high = scale.curvatures(h)
    a, c, d, u, v = h[..., 0, 0], h[..., 0, 1], h[..., 1, 1], g[..., 0], g[..., 1]
    step = np.empty_like(g)
    with np.errstate(all="ignore"):
        det = low * high
        step[..., 0] = np.abs((d * u - c * v) / det)
        step[..., 1] = np.abs((a * v - c * u) / det)
    return step, low, high


def stationary_near(scale: Scale, p: Array) -> tuple[Array, Array, Array]:
    """Where Newton's method ends from the points p (n, 2): how far off, in views, (n,), inf where it
    does not come to rest within a tenth of a view; and the curvatures low <= high there.

    One short Newton step is no sign of a stationary point: on a cliff or a plateau the next ones
    lead on and on.
    """
    q, moved = p.copy(), np.full(p.shape, np.inf)
    with np.errstate(all="ignore"):
        for _ in range(20):
            g, h = scale.derivatives(q)
            low, high = scale.curvatures(h)
            a, c, d, u, v = h[..., 0, 0], h[..., 0, 1], h[..., 1, 1], g[..., 0], g[..., 1]
            moved = np.stack([d * u - c * v, a * v - c * u], axis=-1) / (low * high)[..., None]
            q = q - moved * scale.size
            away = (np.abs(q - p) / scale.size).max(axis=-1)
            if (~(away <= 0.1) | (np.abs(moved).max(axis=-1) <= 1e-12)).all():
                break
        low, high = scale.curvatures(scale.derivatives(q)[1])
        rests = (away <= 0.1) & (np.abs(moved).max(axis=-1) <= 1e-8)
    return np.where(rests, away, np.inf), low, high


def settled(scale: Scale, p: Array, tolerance: float) -> Flags:
    """Whether each point p (n, 2) is a minimiser to within tolerance, in `Scale.unit`: (n,).

    Where the Hessian is positive definite, the Newton step must be that short. Where it is singular
    (kinks, flat bottoms, troughs), a known minimiser must be that near; where minimisers form a
    line or a region, the loss must be at its known minimum instead.
    """
    step, low, high = newton_step(scale, *scale.derivatives(p))
    definite = low > scale.zero * high
    result: Flags = definite & both(step * scale.size <= tolerance * scale.unit)
    if not definite.all():
        result[~definite] = _at_known_minimum(scale, p[~definite], tolerance)
    return result


def _at_known_minimum(scale: Scale, p: Array, tolerance: float) -> Flags:
    loss = scale.loss
    if loss.minimisers in ("line", "region"):
        high = eigenvalues(loss, p)[:, 1]
        short = both(np.abs(loss.gradient(p)) <= tolerance * scale.unit * high[:, None])
        gap = loss.value(p) - loss.infimum
        low = np.asarray(gap <= tolerance * height(loss) + 1e-12 * abs(loss.infimum))
        return low & (short | (high <= 0))
    if not len(loss.minima):
        return np.zeros(len(p), bool)
    near = np.zeros(len(p), bool)
    for minimum in loss.minima:
        near |= both(np.abs(p - minimum) / scale.unit <= tolerance)
    return near


def over(
    method: Method, scale: Scale, before: Array, p: Array, tolerance: float, path: bool = True
) -> dict[str, Flags]:
    """By reason: which of the steps from `before` to `p`, both (n, 2), ends its run; flags (n,).

    "gone"; "settled"; "stalled": the step is lost in rounding, and the method will not start again
    by itself. To have settled takes a short step, too. With memory or noise it is the step to p,
    which must be within the tolerance. Otherwise it is the step from p (known if the steps are a
    path, else the step to p serves), which in a stable run is below three times the way left.
    """
    moved = np.abs(p - before)
    lost = gone(scale, p)
    if method.memory or method.noisy:
        near = both(moved <= tolerance * scale.unit)
    else:
        after = np.concatenate([moved[1:], np.zeros((1, 2))]) if path else moved
        near = both(after <= 3.0 * tolerance * scale.unit)
    near &= ~lost
    arrived = np.zeros_like(lost)
    if near.any():
        arrived[near] = settled(scale, p[near], tolerance)
    reasons = {"gone": lost, "settled": arrived}
    if not (method.noisy or method.hops):
        reasons["stalled"] = both(moved <= STALLED * scale.size)
    return reasons


def height(loss: Loss) -> float:
    """How much the loss varies over its view: greatest minus least on a coarse grid."""
    (x0, x1), (y0, y1) = loss.view
    x, y = np.meshgrid(np.linspace(x0, x1, 9), np.linspace(y0, y1, 9))
    values = loss.value(np.stack([x, y], axis=-1))
    values = values[np.isfinite(values)]
    return float(np.ptp(values)) if values.size else 0.0
