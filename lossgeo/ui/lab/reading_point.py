"""Where the lab reads curvature, and at which learning rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossgeo import geometry
from lossgeo.contracts import Array
from lossgeo.ui import controls
from lossgeo.views import cached
from lossgeo.views.choice import Choice
from lossgeo.views.view import Run

GD = "gradient descent"
Runs = list[Run]


@dataclass(frozen=True, eq=False)
class Place:
    """The point at which curvature is read: a minimiser, or the start where there is none."""

    at: Array
    words: str
    low: float
    high: float
    marks: geometry.StepMarks


def place(choice: Choice, runs: Runs) -> Place:
    """The known minimiser nearest to the end of the first run; the start if no minimiser is known."""
    it = cached.loss(choice.loss)
    if len(it.minima):
        end = runs[0].trajectory.points[-1] if runs else np.array(choice.start)
        at = geometry.Scale(it).nearest_minimum(end)
        words = (
            "the minimiser"
            if it.minimisers == "one" and len(it.minima) == 1
            else "the minimiser nearest to the end of the run"
        )
        words = "a minimiser" if it.minimisers in ("line", "region") else words
    else:
        none = "no minimiser was found" if it.searched else "no minimiser exists"
        at, words = np.array(choice.start), f"the start ({none})"
    low, high = (float(v) for v in geometry.eigenvalues(it, at))
    return Place(at, words, max(low, 0.0) if it.convex else low, high, geometry.step_marks(it, at))


def rate_of(choice: Choice) -> float:
    return choice.methods[0].learning_rate if choice.methods else controls.rate(choice.loss.page)
