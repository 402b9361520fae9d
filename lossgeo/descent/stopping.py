"""When a run has ended: it has settled, diverged, or no longer moves. All functions handle many points at once.

Distances in "views" are multiples of the width and height of the loss's view, so they do not depend on the
units of the parameters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Loss, Method
from lossgeo.geometry import Scale, eigenvalues

Flags = NDArray[np.bool_]

FAR = 1e8  # views: a run this far from the centre of the view has diverged
NEAR = 1e-2  # views: this close counts as "at" a saddle point or a minimum
STALLED = 1e-15  # views: a step this short is lost in rounding


def both(flags: Flags) -> Flags:
    """Whether both flags of each pair (..., 2) are set: shape (...). Faster than all(axis=-1) on many points."""
    pair: Flags = flags[..., 0] & flags[..., 1]
    return pair


def gone(scale: Scale, p: Array) -> Flags:
    """Whether each point p (..., 2) is not finite, or more than FAR views from the centre of the view: shape (...)."""
    return ~both(np.abs(p - scale.middle) <= FAR * scale.size)


def newton_step(scale: Scale, g: Array, h: Array) -> tuple[Array, Array, Array]:
    """|H^-1 g| for each coordinate (..., 2), and the Hessian eigenvalues low <= high (...), all in view units.

    g (..., 2) and h (..., 2, 2) come from `Scale.derivatives`. Near a stationary point with a regular Hessian the
    step estimates the distance to it; on a quadratic it is exact.
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
    """How far from each point p (n, 2) Newton's method comes to rest, in views, and the eigenvalues low <= high there.

    All three have shape (n,). The distance is inf if it does not come to rest within a tenth of a view. A single
    short Newton step proves nothing: on a cliff or a plateau the following steps may lead far away.
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
    """Whether each point p (n, 2) is a minimiser up to the tolerance, counted in `Scale.unit`: shape (n,).

    Where the Hessian is positive definite, the Newton step must be within the tolerance. Where it is singular
    (kinks, flat regions), a known minimiser must be within the tolerance; if the minimisers form a line or a
    region, the loss must be at its known minimum instead.
    """
    step, low, high = newton_step(scale, *scale.derivatives(p))
    definite = low > scale.zero * high
    result: Flags = definite & both(step * scale.size <= tolerance * scale.unit)
    if not definite.all():
        result[~definite] = _at_known_minimum(scale, p[~definite], tolerance)
    return result


def _at_known_minimum(scale: Scale, p: Array, tolerance: float) -> Flags:
    """The test of `settled` for points p (n, 2) with a singular Hessian: shape (n,)."""
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
    """Which of the steps from `before` to `p`, both (n, 2), end a run: flags (n,) for "gone", "settled" and "stalled".

    Stalled means that the step is lost in rounding; it does not apply to methods that can start moving again by
    themselves. Settled also requires a short step. For a method with memory or noise this is the step to p, at
    most the tolerance. Otherwise it is the step from p, at most three times the tolerance: in a stable run a step
    is shorter than three times the remaining distance. `path` says that the rows are consecutive points of one
    run, so that the step from p is known; else the step to p is used instead.
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
    """Highest minus lowest finite value of the loss on a 9 x 9 grid over its view."""
    (x0, x1), (y0, y1) = loss.view
    x, y = np.meshgrid(np.linspace(x0, x1, 9), np.linspace(y0, y1, 9))
    values = loss.value(np.stack([x, y], axis=-1))
    values = values[np.isfinite(values)]
    return float(np.ptp(values)) if values.size else 0.0
