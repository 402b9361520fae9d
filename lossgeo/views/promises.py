"""What theorems promise about the runs of a view, in sentences: see descent.rates and descent.noise."""

from __future__ import annotations

from math import sqrt

from lossgeo.descent import rates
from lossgeo.descent.noise import measured
from lossgeo.numbers import number, plural
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.view import View


def lines(view: View) -> list[tuple[str, str]]:
    """For each bound a line and its details; for a run without any, the condition that fails. Nothing if not asked."""
    if not view.choice.bounds or view.neutral:
        return []
    found = []
    for run, bound in view.promised:
        k = run.steps
        less, more = number(float(bound.above[k])), number(max(float(run.trajectory.values[-1]) - view.floor, 0.0))
        where = "the start" if k == 0 else f"{plural(k, 'step')}"
        line = f"Theorem, {run.words}, {bound.name}: after {where} at most {less} above the minimum; here {more}."
        found.append((line, f"{bound.formula}. Holds here: {bound.because}. {bound.theorem}."))
    for run, ball in view.balls:
        seen = number(measured(run.trajectory.points, ball.centre))
        line = f"Noise ball of {run.words}: {number(ball.size)} predicted, {seen} in the second half of this run."
        more = (
            "Root of the mean squared distance from the minimiser. Prediction: the covariance that one step leaves as "
            f"it is; the ellipse shows two standard deviations. On average the loss stays {number(ball.height)} above "
            "its minimum. Holds here: least squares with one minimiser, fresh batches, a constant rate at which the "
            "covariance has a limit."
        )
        found.append((line, more))
    told = {id(run) for run, _ in (*view.promised, *view.balls)}
    rest = [run for run in view.runs if id(run) not in told and not run.projected]
    return found + [(f"No theorem for {run.words} here.", _why_not(view, run.method)) for run in rest]


def _why_not(view: View, method: MethodSpec) -> str:
    """Why nothing is promised about the run of a method."""
    if method.name == "sgd":
        return (
            "The noise ball is predicted for least squares with one minimiser and a constant rate, which must not be "
            "too large."
            if method.fresh
            else "The noise ball is predicted for fresh batches only."
        )
    why = rates.missing(cached.build(method), view.loss)
    if why:
        return f"The theorems at hand: {why}."
    mu = rates.strong(view.loss)
    if mu is None:
        return "With constant momentum the theorem needs a loss whose curvature is nowhere below some μ > 0."
    root = sqrt(method.learning_rate * mu)
    return f"With this rate the theorem needs β at least {number((1 - root) / (1 + root))}."
