"""The goal of a lesson's play: what the learner looks for by clicking on the map, and when it is found.

The numbers are checked, not judged: `found` computes the loss, the gradient or the run of the place that was clicked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossgeo.contracts import Array, Loss
from lossgeo.descent import Trajectory

Place = tuple[float, float]

# below, above  the loss of the place is below or above `value`
# aim           minus the gradient points at the nearest known minimum, to within `value` degrees
# fewer         the first run from there arrives in fewer than `value` steps
# minima        the first run from there arrives; each minimum counts once (`value` is not used)
# wins          the first run ends lower than the second one (`value` is not used)
KINDS = ("below", "above", "aim", "fewer", "minima", "wins")
OF_RUNS = ("fewer", "minima", "wins")  # those that look at the runs from the place


@dataclass(frozen=True)
class Goal:
    """What is to be found: `count` different places of one of the KINDS."""

    kind: str
    value: float
    count: int


def found(goal: Goal, loss: Loss, place: Place, paths: Sequence[Trajectory]) -> Place | None:
    """The place to be marked on the map if the goal is met by `place` or by the runs from it; otherwise None.

    It is the place itself; for the kind "minima" it is the minimum at which the run has arrived.
    """
    at = np.asarray(place, dtype=float)
    if goal.kind in ("below", "above"):
        value = float(loss.value(at))
        return place if (value < goal.value if goal.kind == "below" else value > goal.value) else None
    if goal.kind == "aim":
        return place if misses(loss, at) < goal.value else None
    if goal.kind == "wins":
        return place if len(paths) > 1 and paths[0].values[-1] < paths[1].values[-1] else None
    if not paths or paths[0].status != "converged":
        return None
    if goal.kind == "fewer":
        return place if len(paths[0].points) - 1 < goal.value else None
    return _nearest(loss, paths[0].points[-1])


def misses(loss: Loss, at: Array) -> float:
    """The angle in degrees at the point (2,) between minus the gradient and the way to the nearest known minimum.

    180 if there is no direction: at a minimum, where the gradient is zero, or without a known minimum.
    """
    if not len(loss.minima):
        return 180.0
    down, way = -loss.gradient(at), np.asarray(_nearest(loss, at)) - at
    size = float(np.hypot(*down) * np.hypot(*way))
    if size < 1e-300:
        return 180.0
    return float(np.degrees(np.arccos(np.clip(float(down @ way) / size, -1.0, 1.0))))


def _nearest(loss: Loss, at: Array) -> Place:
    """The known minimum nearest to the point (2,)."""
    first, second = loss.minima[int(np.argmin(np.hypot(*(loss.minima - at).T)))]
    return float(first), float(second)
