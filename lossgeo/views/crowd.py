"""The starts of a class, all run at once: where each of them is at any step, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lossgeo.charts.raster import OTHER, Colour, hue
from lossgeo.contracts import Array, Loss, Method
from lossgeo.descent import Basins, run_many
from lossgeo.descent.many import DIVERGED, MAXIMUM, MINIMUM, SADDLE
from lossgeo.numbers import point
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.view import View

FRAMES = 60  # pictures of the playback after the first; dense at first, where the paths are long


@dataclass(frozen=True, eq=False)
class Crowd:
    """Runs from n starts.

    steps: the step of each frame, from 0 to the last, shape (k,). points: where the runs are then, (k, n, 2), nan
    from the frame on in which a run is no longer finite. basins: where each of them ends, see `descent.run_many`.
    """

    steps: Array
    points: Array
    basins: Basins


def run(method: Method, loss: Loss, starts: Array, steps: int) -> Crowd:
    """Run the method from each of the starts (n, 2). Raises ValueError if it cannot run on the loss."""
    basins = run_many(method, loss, starts, steps)
    method = replace(method, horizon=max(steps, 1))
    at = np.unique(np.round(steps * (np.arange(FRAMES + 1) / FRAMES) ** 2).astype(int))
    p, points = starts.copy(), [starts]
    with np.errstate(all="ignore"):
        state = method.init(loss, p)
        for t in range(1, steps + 1):
            p, state = method.step(loss, p, state, t)
            if t in at:
                points.append(np.where(np.isfinite(p).all(axis=1, keepdims=True), p, np.nan))
    return Crowd(at.astype(float), np.stack(points), basins)


def of_rates(view: View, rates: Sequence[float]) -> Crowd:
    """The runs of the first method of a view from its start, each with a learning rate of its own.

    Each different rate is run by itself, as on the stage. Raises ValueError if the method cannot run.
    """
    spec = view.choice.methods[0] if view.choice.methods else MethodSpec("gradient descent", view.choice.rate)
    different, which = np.unique(np.array(rates, float), return_inverse=True)
    start, steps = np.array([view.choice.start], float), view.choice.steps
    found = [run(cached.build(replace(spec, learning_rate=float(r))), view.loss, start, steps) for r in different]
    parts = zip(*((b.label, b.outcome, b.steps, b.end) for b in (each.basins for each in found)), strict=True)
    points = np.concatenate([each.points for each in found], axis=1)[:, which]
    return Crowd(found[0].steps, points, Basins(*(np.concatenate(part)[which] for part in parts)))


def of_class(view: View, starts: Sequence[tuple[float, ...]]) -> Crowd:
    """The runs of the first method of a view from the starts of a class. Raises ValueError if it cannot run."""
    method = view.choice.methods[0] if view.choice.methods else MethodSpec("gradient descent", view.choice.rate)
    return run(cached.build(method), view.loss, np.array(starts, float).reshape(-1, 2), view.choice.steps)


def outcomes(view: View, basins: Basins) -> list[tuple[str, Colour]]:
    """For each run how it ended, in words, and a colour: minima have those of the basin map."""
    return [
        _outcome(view, int(outcome), int(label), end)
        for outcome, label, end in zip(basins.outcome, basins.label, basins.end, strict=True)
    ]


def _outcome(view: View, outcome: int, label: int, end: Array) -> tuple[str, Colour]:
    loss = view.loss
    if outcome == MINIMUM and label >= 0:
        if loss.minimisers in ("line", "region"):
            return f"in the {loss.minimisers} of minimisers", hue(label)
        which = f"minimum {label + 1}" if len(loss.minima) > 1 else "the minimum"
        return f"in {which}, {point(loss.minima[label], loss.parameters)}", hue(label)
    if outcome == MINIMUM:
        return "in another minimum", OTHER["another minimum"]
    if outcome == SADDLE:
        return "at a saddle point", OTHER["saddle"]
    if outcome == MAXIMUM:
        return "at a maximum", OTHER["maximum"]
    if outcome == DIVERGED:
        return "nowhere: diverged", OTHER["diverged"]
    return f"nowhere yet: not settled after {view.choice.steps} steps", OTHER["did not settle"]
