"""How Play moves along the runs: slow where they jump, fast where they crawl; and the numbers of the ball."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossgeo.contracts import Array, Indices
from lossgeo.numbers import number
from lossgeo.views.stage_data import kept
from lossgeo.views.view import View

JUMP = 0.3  # seconds for a step that is LONG or longer
LONG = 0.12  # of the side of the map
LEAST = 0.05  # seconds for a step that moves nothing; all those of a run together take at most CRAWL
CRAWL = 2.0
MOST = 8.0  # seconds for a whole run


def durations(view: View) -> Array:
    """The seconds that Play gives to each step of the longest run: shape (view.longest,).

    The run that moves farthest on the map in a step decides. A step outside numbers counts as a long one.
    """
    (w0, w1), (b0, b1) = view.window
    far = np.zeros(view.longest)
    for run in view.runs:
        with np.errstate(all="ignore"):
            moved = np.hypot(*(np.diff(run.trajectory.points, axis=0) / (w1 - w0, b1 - b0)).T)
        moved = np.repeat(np.where(np.isfinite(moved), np.minimum(moved / run.every, LONG), LONG), run.every)
        far[: len(moved)] = np.maximum(far[: len(moved)], moved)
    seconds: Array = JUMP * (far / LONG) ** 1.5 + min(LEAST, CRAWL / view.longest)
    seconds *= min(1.0, MOST / float(seconds.sum()))
    return seconds


def score(view: View) -> dict[str, Any]:
    """What the player and the ball need: for the kept steps `t` the time `ms`, and for each run its numbers.

    A run's numbers are its losses and gradient norms at those of the steps `t` that it has, and at its last step: texts
    with three digits, in one string each with | between them, because every rerun sends them. Of a run that keeps
    only each `every`-th step they are those of the kept step before. The gradient norms of a projected run are not
    computed: "".
    """
    t = kept(view.longest)
    ms = np.r_[0.0, np.cumsum(durations(view))][t] * 1000
    return {
        "t": t.tolist(),
        "ms": ms.round().astype(int).tolist(),
        "runs": [
            {
                "steps": run.steps * run.every,
                "every": run.every,
                "loss": _texts(run.trajectory.values, at // run.every),
                "norm": "" if run.projected else _texts(run.trajectory.gradient_norms, at // run.every),
            }
            for run in view.runs
            for at in [np.union1d(t[t <= run.steps * run.every], run.steps * run.every)]
        ],
    }


def _texts(values: Array, steps: Indices) -> str:
    """The values at these steps as texts, joined by |."""
    return "|".join(number(float(value)) for value in values[steps])
