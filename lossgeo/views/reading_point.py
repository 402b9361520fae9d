"""The point at which the lab evaluates the Hessian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossgeo import geometry
from lossgeo.contracts import Array
from lossgeo.views.view import View


@dataclass(frozen=True, eq=False)
class ReadingPoint:
    """A point `at` (2,) with its description, the Hessian eigenvalues low <= high, and marks for the learning rate."""

    at: Array
    words: str
    low: float
    high: float
    marks: geometry.StepMarks

    @property
    def condition(self) -> float | None:
        """The condition number there, or None if an eigenvalue is zero or negative."""
        return self.high / self.low if self.low > 0 else None


def reading_point(view: View) -> ReadingPoint:
    """The known minimiser nearest to the end of the first run, or the start if no minimiser is known."""
    loss = view.loss
    if len(loss.minima):
        end = view.runs[0].trajectory.points[-1] if view.runs else np.array(view.choice.start)
        at = geometry.Scale(loss).nearest_minimum(end)
        only = loss.minimisers == "one" and len(loss.minima) == 1
        words = "the minimiser" if only else "the minimiser nearest to the end of the run"
        words = "a minimiser" if loss.minimisers in ("line", "region") else words
    else:
        none = "no minimiser was found" if loss.searched else "no minimiser exists"
        at, words = np.array(view.choice.start), f"the start ({none})"
    low, high = (float(v) for v in geometry.eigenvalues(loss, at))
    return ReadingPoint(at, words, max(low, 0.0) if loss.convex else low, high, geometry.step_marks(loss, at))
