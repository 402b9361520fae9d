"""A single run from one start, with every point kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Loss, Method
from lossgeo.descent.certificates import Certificate
from lossgeo.descent.path import Path
from lossgeo.descent.stopping import Flags, over, settled
from lossgeo.descent.verdict import judge
from lossgeo.geometry import Scale

LARGE = 1e60  # a point or a loss beyond this is too large to go on with, rather than outside of a domain


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A run of k steps: points (k+1, 2), values and gradient_norms (k+1,), all finite, and how it ended.

    `status` is one word (see `verdict`), `reason` one line of what was measured, `details` the numbers, `certificate`
    an explanation whose hypotheses were checked for this run, or None. `method` is the name, `steps` the number of
    steps allowed. `left_view` is the index of the first point outside the loss's view, or None.
    """

    points: Array
    values: Array
    gradient_norms: Array
    status: str
    reason: str
    details: str
    certificate: Certificate | None
    method: str
    steps: int
    left_view: int | None


def run(method: Method, loss: Loss, start: ArrayLike, steps: int, tolerance: float = 1e-6) -> Trajectory:
    """Run the method from start (2,) for at most `steps` steps.

    The run stops early if it has converged (see `stopping.settled`), diverged, or moves by no more than
    rounding. The tolerance counts in `Scale.unit`; 0 demands the exact minimiser. `verdict` explains the
    statuses. Raises ValueError for a start that is not finite or where the loss is not, for negative steps or
    tolerance, or if the method cannot run.
    """
    p = np.array(start, float)
    if p.shape != (2,) or not np.isfinite(p).all():
        raise ValueError(f"start must be two finite numbers, got {start!r}")
    if steps < 0:
        raise ValueError(f"steps must be >= 0, got {steps}")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be >= 0, got {tolerance}")
    if method.schedule != "constant":
        method = replace(method, horizon=max(steps, 1))
    scale, points = Scale(loss), np.empty((steps + 1, 2))
    points[0], done, why = p, 0, ""
    with np.errstate(all="ignore"):
        state = method.init(loss, p)
        while done < steps and not why:
            block = range(done + 1, 1 + min(steps, 5 * done + 20, done + 4096))
            for t in block:
                p, state = method.step(loss, p, state, t)
                points[t] = p
            path = points[done : block.stop]
            taken, why = first_end(over(method, scale, path[:-1], path[1:], tolerance, start=points[0]))
            done += taken
        points = points[: done + 1]
        if why in ("", "stalled") and done and _rests(scale, points, tolerance):
            why = "settled"  # also at a learning rate that would leave: it has not left yet
        values, gradients = along(loss, points)
    finite = np.isfinite(values) & np.isfinite(gradients).all(axis=-1)
    if not finite[0]:
        raise ValueError(f"the loss is not finite at the start {start!r}: start elsewhere")
    if not finite.all():
        kept = int(np.argmin(finite))
        why = "overflow" if np.any(np.abs(points[kept]) > LARGE) else "outside"
        points, values, gradients = points[:kept], values[:kept], gradients[:kept]
    status, reason, details, certificate = judge(Path(scale, method, points, values, gradients, steps, why))
    norms = np.hypot(gradients[:, 0], gradients[:, 1])
    for array in (points, values, norms):
        array.setflags(write=False)
    left = first_outside(loss, points)
    return Trajectory(points, values, norms, status, reason, details, certificate, method.name, steps, left)


def _rests(scale: Scale, points: Array, tolerance: float) -> bool:
    """Whether the last point of a run is a minimiser up to the tolerance, and so is the last step."""
    short = np.abs(points[-1] - points[-2]) <= 3.0 * tolerance * scale.unit
    return bool(short.all() and settled(scale, points[-1:], tolerance)[0])


def first_end(reasons: dict[str, Flags]) -> tuple[int, str]:
    """The number of the first step (from 1) at which a run ended, and the reason.

    `reasons` maps each reason to flags, one per step. If no flag is set: the number of steps, and "".
    """
    ended = np.logical_or.reduce(list(reasons.values()))
    if not ended.any():
        return len(ended), ""
    i = int(np.argmax(ended))
    return i + 1, next(why for why, flags in reasons.items() if flags[i])


def first_outside(loss: Loss, points: Array) -> int | None:
    """The index of the first of the points (n, 2) outside the view, or None."""
    low, high = np.transpose(loss.view)
    outside = np.any((points < low) | (points > high), axis=-1)
    return int(np.argmax(outside)) if outside.any() else None


def along(loss: Loss, points: Array) -> tuple[Array, Array]:
    """The values (n,) and gradients (n, 2) at the points of a path (n, 2), in blocks of at most some 8 MB an array."""
    step = max(1, min(4096, 2**20 // loss.terms))
    blocks = [points[i : i + step] for i in range(0, len(points), step)]
    return (
        np.concatenate([loss.value(block) for block in blocks]),
        np.concatenate([loss.gradient(block) for block in blocks]),
    )
