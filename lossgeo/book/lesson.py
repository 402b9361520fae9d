"""One lesson as a static page: its stages computed ahead, and what a click on the map finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np

from lossgeo.book import stage
from lossgeo.charts import browser_formulas
from lossgeo.charts.map_panel import FOUND, GUESSED
from lossgeo.charts.style import FIELD, ChartStyle
from lossgeo.contracts import Landscape
from lossgeo.descent import OPTIMIZERS
from lossgeo.descent.methods import StochasticGradientDescent
from lossgeo.numbers import number
from lossgeo.surfaces import Grid
from lossgeo.teaching.content_files import State
from lossgeo.teaching.goals import OF_RUNS, found
from lossgeo.teaching.lessons import Lesson
from lossgeo.teaching.questions import Question, load_bank
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec, choice_of
from lossgeo.views.pages import LESSON_PAGES, PAGES
from lossgeo.views.view import View, build

RATES = 11  # of the slider, besides those of the lesson
SLACK = 1.15  # how far the slider goes beyond the lowest and the highest rate of the lesson


def view_of(state: State) -> View:
    """The view of a prepared state."""
    page = PAGES[str(state["page"])]
    return build(page, choice_of(page, state), ChartStyle("laptop"))


def query(state: State) -> str:
    """The part of the living page's address that opens a state: "mse?mse_lr=0.5"."""
    page = LESSON_PAGES[str(state["page"])]
    pairs = [
        (key, text)
        for key, value in state.items()
        if key != "page"
        for text in (page.control(key.removeprefix(f"{page.key}_")).text(value) or [""])
    ]
    return f"{page.key}?{urlencode(pairs)}"


class Stages:
    """The stages of one page, each computed once, by their place in a list."""

    def __init__(self) -> None:
        self.shelf = stage.Shelf()
        self.listed: list[dict[str, Any]] = []
        self.views: list[View] = []
        self._known: dict[str, int] = {}

    def index(self, state: Mapping[str, Any], neutral: bool = False) -> int:
        """The place of a state in the list. Neutral: nothing is said about how its runs end."""
        key = f"{neutral} {sorted(state.items())}"
        if key not in self._known:
            self._known[key] = len(self.listed)
            view = view_of(state)
            self.views.append(view)
            words = view.data.name if view.data is not None else view.choice.loss.name
            self.listed.append({**self.shelf.stage(view, title=words), "living": query(state)})
            if neutral:
                self.listed[-1] |= {"endings": []}
        return self._known[key]


def question(id: str) -> Question:
    """A question of the bank."""
    return next(each for each in load_bank() if each.id == id)


def states(lesson: Lesson) -> dict[str, State]:
    """What the stage shows for each part, as in the panel of the app; a part that is not named leaves it as it is."""
    asked = question(lesson.recall)
    parts: dict[str, State | None] = {
        "play": lesson.play.state,
        "recall": {**asked.state, f"{asked.state['page']}_methods": ()},
        "predict": lesson.predict_state,
        "observe": lesson.show[0].state,
        "explain": lesson.explain_state,
        "refute": lesson.refute[0].show.state,
        "transfer": lesson.transfer_show[0].state if lesson.transfer_show else None,
    }
    return {part: state for part, state in parts.items() if state is not None}


def rates(lesson: Lesson) -> list[tuple[str, State]]:
    """The learning rates of the slider, ascending, as texts with their states: those of the lesson and some between.

    Empty if the first run of the lesson has no learning rate to choose, or lies in a plane of a network.
    """
    first, key = lesson.show[0].state, f"{lesson.page}_lr"
    choice = choice_of(PAGES[lesson.page], first)
    if choice.loss.plane or not choice.methods or not OPTIMIZERS[choice.methods[0].name].uses_rate:
        return []
    same = [show.state for show in lesson.show if choice_of(PAGES[lesson.page], show.state).loss == choice.loss]
    own = sorted({choice_of(PAGES[lesson.page], state).rate for state in same})
    low, high = (own[0] / SLACK, own[-1] * SLACK) if len(own) > 1 else (own[0] / 8, own[0] * 2)
    between = [float(f"{rate:.3g}") for rate in np.geomspace(low, high, RATES)]
    return [(number(rate, 6), {**first, key: rate}) for rate in sorted({*own, *between})]


def play(lesson: Lesson) -> dict[str, Any]:
    """What a click finds in the first part.

    Of a goal that looks at the place alone: for each cell of the map, row by row from below, whether it is found (1
    or 0). Of a goal that looks at runs: what the browser needs to run them.
    """
    view, goal = view_of(lesson.play.state), lesson.play.goal
    out: dict[str, Any] = {"kind": goal.kind, "value": goal.value, "count": goal.count, "found": FOUND}
    if goal.kind not in OF_RUNS:
        cells = Grid.cell_centres(*view.window, FIELD, FIELD).points.reshape(-1, 2)
        values = view.loss.value(cells) if goal.kind != "aim" else np.zeros(len(cells))
        here = values < goal.value if goal.kind == "below" else values > goal.value
        if goal.kind == "aim":
            here = np.array([found(goal, view.loss, (w, b), ()) is not None for w, b in cells.tolist()])
        return {**out, "cells": "".join("01"[int(each)] for each in here)}
    runs = [_run(view, run.method) for run in view.runs]
    return {**out, "runs": runs, "steps": view.choice.steps, "minima": view.loss.minima.tolist()}


def _run(view: View, spec: MethodSpec) -> dict[str, Any]:
    """What the browser needs to run a method on its own: rate, momentum, and the samples of each step of sgd.

    Raises ValueError for a method that book.js cannot run.
    """
    method = cached.build(spec)
    out: dict[str, Any] = {"name": spec.name, "rate": spec.learning_rate, "beta": 0.0, "ahead": spec.name == "nesterov"}
    if spec.schedule != "constant" or spec.name not in ("gradient descent", "momentum", "nesterov", "sgd"):
        raise ValueError(f"the first part of a lesson of the book cannot run {spec.name} with {spec.schedule}")
    if isinstance(method, StochasticGradientDescent):
        assert view.data is not None
        return {**out, "batches": [method.drawn(view.data.n, t).tolist() for t in range(1, view.choice.steps + 1)]}
    return {**out, "beta": spec.momentum if method.uses_momentum else 0.0}


def slopes(lesson: Lesson) -> str:
    """JavaScript: value and gradient of the loss of the first part, for runs in the browser; "null" without runs."""
    view = view_of(lesson.play.state)
    if lesson.play.goal.kind not in OF_RUNS:
        return "null"
    if isinstance(view.loss, Landscape):
        first, second = browser_formulas.gradient(view.loss)
        both = f"value: (w, b) => {browser_formulas.value(view.loss)}, gradient: (w, b) => [{first}, {second}]"
        return f"(({{pow, sqrt, exp, log, sin, cos, tan, abs, min, max, hypot, PI, E}}) => ({{{both}}}))(Math)"
    assert view.data is not None
    assert (view.choice.loss.loss, view.loss.l2) == ("mean squared error", 0.0)
    x, y = stage.written(view.data.x.tolist()), stage.written(view.data.y.tolist())
    return (
        f"((xs, ys) => {{ const all = xs.map((_, i) => i), "
        "mean = (rows, f) => rows.reduce((sum, i) => sum + f(xs[i], ys[i]), 0)/rows.length; "
        "return {value: (w, b) => mean(all, (x, y) => (w*x + b - y)**2), gradient: (w, b, rows = all) => "
        f"[2*mean(rows, (x, y) => (w*x + b - y)*x), 2*mean(rows, (x, y) => w*x + b - y)]}}; }})({x}, {y})"
    )


def draw(lesson: Lesson) -> dict[str, Any] | None:
    """The drawn part of the prediction: its kind, and for a place where the first run ends."""
    if lesson.draw is None:
        return None
    view = view_of(lesson.show[0].state)
    end = view.runs[0].trajectory.points[-1].tolist()
    return {"kind": lesson.draw.kind, "end": end, "mark": GUESSED, "names": list(view.loss.parameters)}
