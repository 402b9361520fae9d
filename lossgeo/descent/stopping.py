"""When a run has ended: it has settled, diverged, or no longer moves. All functions handle many points at once.

Distances in "views" are multiples of the width and height of the loss's view, so they do not depend on the
units of the parameters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Method
from lossgeo.geometry import Scale, eigenvalues

Flags = NDArray[np.bool_]

FAR = 1e8  # a run that is this many views, or distances of its start, away may have run away: see `gone`
GROWN = 1e3  # ... if loss and gradient have grown by this factor
NEAR = 1e-2  # views: this close counts as "at" a saddle point or a minimum
STALLED = 1e-15  # views: a step this short is lost in rounding


def both(flags: Flags) -> Flags:
    """Whether both flags of each pair (..., 2) are set: shape (...). Faster than all(axis=-1) on many points."""
    pair: Flags = flags[..., 0] & flags[..., 1]
    return pair


def gone(scale: Scale, p: Array, start: Array | None = None) -> Flags:
    """Whether each point p (..., 2) has run away: shape (...).

    It has if it is not finite; or if it is FAR away, counted in views and in distances of `start` (..., 2) from the
    centre of the view, and loss and gradient are much larger than at the start and in the view, or the loss is far
    below and known to have no lower bound. A large distance alone proves nothing: a start may be far away, and on a
    loss with a bounded gradient a long step may be taken back.
    """
    reach = scale.size if start is None else np.maximum(scale.size, np.abs(start - scale.middle))
    lost = ~both(np.isfinite(p))
    far = ~lost & ~both(np.abs(p - scale.middle) <= FAR * reach)
    if far.any():
        with np.errstate(all="ignore"):
            begun = np.broadcast_to(scale.middle if start is None else start, p.shape)[far]
            first, now = scale.loss.value(begun), scale.loss.value(p[far])
            steep = np.abs(scale.gradient(p[far])).max(axis=-1) > GROWN * (
                scale.steepest + np.abs(scale.gradient(begun)).max(axis=-1)
            )
            height = np.abs(first) + scale.height
            up = steep & (now > GROWN * height)
            lost[far] = up | (np.isneginf(scale.loss.infimum) & (now < -GROWN * height)) | ~np.isfinite(now)
    return lost


def newton_step(scale: Scale, p: Array) -> tuple[Array, Array, Array]:
    """|H^-1 g| for each coordinate (..., 2), and the Hessian eigenvalues low <= high (...), all in view units.

    Near a stationary point with a regular Hessian the step estimates the distance to it; on a quadratic it is exact.
    Where the Hessian is singular, the step is inf.
    """
    with np.errstate(all="ignore"):
        low, high = scale.curvatures(p)
        step = np.abs(scale.loss.newton_step(p)) / scale.size
    singular = np.minimum(np.abs(low), np.abs(high)) <= scale.zero * np.maximum(np.abs(low), np.abs(high))
    return np.where(singular[..., None], np.inf, step), low, high


def stationary_near(scale: Scale, p: Array) -> tuple[Array, Array, Array]:
    """Where Newton's method comes to rest from each point p (n, 2), and the eigenvalues low <= high there, in views.

    The points have shape (n, 2), nan where it does not come to rest within a tenth of a view; the others have shape
    (n,). A single short Newton step proves nothing: on a cliff or a plateau the following steps may lead far away.
    """
    q, moved = p.copy(), np.full(p.shape, np.inf)
    with np.errstate(all="ignore"):
        for _ in range(20):
            step = scale.loss.newton_step(q)
            moved, q = np.abs(step) / scale.size, q - step
            away = (np.abs(q - p) / scale.size).max(axis=-1)
            if (~(away <= 0.1) | (moved.max(axis=-1) <= 1e-12)).all():
                break
        low, high = scale.curvatures(q)
        slope = np.abs(scale.gradient(q)).max(axis=-1)
        rests = (away <= 0.1) & (moved.max(axis=-1) <= 1e-8) & (slope <= 1e-6 * (np.abs(high) + np.abs(low)))
    return np.where(rests[:, None], q, np.nan), low, high


def settled(scale: Scale, p: Array, tolerance: float) -> Flags:
    """Whether each point p (n, 2) is a minimiser up to the tolerance, counted in `Scale.unit`: shape (n,).

    Where the Hessian is positive definite, the Newton step must be within the tolerance, and the loss that it would
    still take off, g' H^-1 g / 2, below 1e-9 of the height of the loss in its view. Where the Hessian is singular
    (kinks, flat regions), a known minimiser must be within the tolerance; if the minimisers form a line or a region,
    the loss must be at its known minimum instead.
    """
    step, low, _ = newton_step(scale, p)
    definite = (low > 0) & both(np.isfinite(step))
    left = 0.5 * np.abs(np.vecdot(scale.gradient(p), step))
    result: Flags = definite & both(step * scale.size <= tolerance * scale.unit) & (left <= 1e-9 * scale.height)
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
        low = np.asarray(gap <= tolerance * scale.height + 1e-12 * abs(loss.infimum))
        return low & (short | (high <= 0))
    if not len(loss.minima):
        return np.zeros(len(p), bool)
    near = np.zeros(len(p), bool)
    for minimum in loss.minima:
        near |= both(np.abs(p - minimum) / scale.unit <= tolerance)
    return near


def over(
    method: Method,
    scale: Scale,
    before: Array,
    p: Array,
    tolerance: float,
    path: bool = True,
    start: Array | None = None,
) -> dict[str, Flags]:
    """Which of the steps from `before` to `p`, both (n, 2), end a run: flags (n,) for "gone", "settled" and "stalled".

    Stalled means that the step is lost in rounding; it does not apply to methods that can start moving again by
    themselves. Settled also requires a short step. For a method with memory or noise this is the step to p, at
    most the tolerance. Otherwise it is the step from p, at most three times the tolerance: in a stable run a step
    is shorter than three times the remaining distance. At a learning rate above the stability limit of the method
    nothing settles, because the run will leave again. `path` says that the rows are consecutive points of one run,
    so that the step from p is known; else the step to p is used instead. While the learning rate falls, a run that
    is far away may still come back, so it is gone only if it is not finite.
    """
    moved = np.abs(p - before)
    lost = gone(scale, p, start) if method.schedule == "constant" else ~both(np.isfinite(p))
    if method.memory or method.noisy:
        near = both(moved <= tolerance * scale.unit)
    else:
        after = np.concatenate([moved[1:], np.zeros((1, 2))]) if path else moved
        near = both(after <= 3.0 * tolerance * scale.unit)
    near &= ~lost
    if method.memory and method.noisy:  # a mean near a minimiser says nothing of the points that it averages
        near[:] = False
    arrived = np.zeros_like(lost)
    if near.any():
        arrived[near] = settled(scale, p[near], tolerance)
        limit = method.stability_on(scale.loss)
        if path and limit is not None and method.schedule == "constant":
            stays = float(np.max(method.rate(1))) * eigenvalues(scale.loss, p[arrived])[:, 1] <= limit
            arrived[arrived] = stays
    reasons = {"gone": lost, "settled": arrived}
    if not (method.noisy or method.hops):
        reasons["stalled"] = both(moved <= STALLED * scale.size)
    return reasons
