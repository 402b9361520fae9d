"""The data that vary on the stage, as columns with the names used in its spec (see charts.stage)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossgeo.charts.stage import VIEW_FIELDS
from lossgeo.charts.style import MAX_STEP, colours
from lossgeo.contracts import Array
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.view import View

DENSE, ROWS = 120, 260  # of a path with more than ROWS steps, the first DENSE are sent and at most ROWS in all

LOSS_NAMES = {
    "mean squared error": "MSE",
    "mean absolute error": "MAE",
    "logistic loss": "log loss",
    "squared error through a sigmoid": "squared error",
}


# One grey pixel, for a map that is hidden.
GREY = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNoaGgAAAMEAYFL09IQAAAAAElFTkSuQmCC"
)


@dataclass(frozen=True, eq=False)
class Words:
    """A column with few distinct words: the word of row i is texts[index[i]]."""

    index: NDArray[np.int8]
    texts: Sequence[str]


Columns = Mapping[str, Any]  # name -> an array, a list of words, or Words; all of the same length


def stage_data(view: View, dark: bool = False, hands: Mapping[str, float] | None = None) -> dict[str, Columns]:
    """The data sets `view`, `path`, `field` and `best`, and `points` if the page draws data.

    `hands` says what can be edited on the stage: `mode`, `rev` and `srev` of charts.hands. By default nothing can.
    """
    loss = view.loss
    isolated = loss.minima if loss.minimisers not in ("line", "region") else loss.minima[:0]
    row = {**view_row(view, dark), **(hands or {})}
    sets: dict[str, Columns] = {
        "view": {name: [value] for name, value in row.items()},
        "path": path(view),
        "field": {"v": view.scene.field},
        "best": {"w": isolated[:, 0], "b": isolated[:, 1]},
    }
    if view.data is not None:
        sets["points"] = {"x": view.data.x, "y": view.data.y}
    return sets


def in_fog(sets: Mapping[str, Columns]) -> dict[str, Columns]:
    """The data sets without all that shows the map: its picture, contours, minima, and words."""
    row = {**sets["view"], "url": [GREY], "words": [""]}
    flat = {"v": np.zeros_like(sets["field"]["v"])}
    return {**sets, "view": row, "field": flat, "best": {"w": np.empty(0), "b": np.empty(0)}}


def view_row(view: View, dark: bool = False) -> dict[str, float | str]:
    """The only row of `view`: the windows of the axes, the start, constants, words and colours."""
    (w0, w1), (b0, b1) = view.window
    x0, x1, y0, y1 = data_window(view)
    l0, l1 = loss_range(view)
    spec, data = view.choice.loss, view.data
    row: dict[str, float | str] = {
        **VIEW_FIELDS,
        "w0": w0,
        "w1": w1,
        "b0": b0,
        "b1": b1,
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "l0": l0,
        "l1": l1,
        **dict(zip(("n1", "n2"), gradient_noise(view), strict=True)),
        "steps": view.longest,
        "runs": len(view.runs),
        "l2": spec.l2,
        "gd": _plain_rate(view),
        "variant": int(spec.loss in ("mean absolute error", "squared error through a sigmoid")),
        "sw": view.choice.start[0],
        "sb": view.choice.start[1],
        "pair": int(bool(view.choice.differs)),
        "x_title": data.x_label if data is not None else "",
        "y_title": "P(class 1)" if view.subject == "sigmoid" else data.y_label if data is not None else "",
        **colours(view.style.projector, dark),
        "words": "" if view.neutral else minimum_in_words(view.loss, short=True),
        "url": view.scene.url,
        "loss_name": LOSS_NAMES.get(spec.loss, "MSE" if data is not None else "f"),
    }
    return row


def _plain_rate(view: View) -> float:
    """The rate of the first run of gradient descent with a constant rate, whose first steps the browser can draw."""
    plain = (run.method for run in view.runs if run.method.name == "gradient descent")
    return next((method.learning_rate for method in plain if method.schedule == "constant"), 0.0)


def gradient_noise(view: View) -> tuple[float, float]:
    """The size below which each entry of a gradient is rounding: 1e-14 of the mean slope of the map in that direction.

    The terms that are added up for a gradient are about as large as the slopes elsewhere on the map.
    """
    rise = view.scene.high - view.scene.low
    first, second = (1e-14 * rise / (high - low) for low, high in view.window)
    return first, second


def loss_range(view: View) -> tuple[float, float]:
    """The two ends of the loss axis: just below the lowest loss, and the highest.

    A diverging loss is cut off: on a logarithmic axis at 1000 times the first loss, on a linear one at the first
    loss + 3 max(|first loss|, 1).
    """
    values = np.concatenate([run.trajectory.values for run in view.runs]) if view.runs else np.array([1.0])
    first = float(values[0])
    if view.log_loss:
        positive = values[values > 0]
        if not positive.size:
            return 0.01, 1.0
        first = first if first > 0 else float(positive[0])
        high = min(float(positive.max()), first * 1e3)
        low = max(float(positive.min()), 1e-12 * high)  # a loss of 0 is drawn at the lower edge
        return low / 1.6, max(high, low * 10) * 1.6
    low, high = float(values.min()), float(min(values.max(), first + 3 * max(abs(first), 1.0)))
    low = max(low, first - 10 * (high - first) - 10 * max(abs(first), 1.0))
    margin = (
        max(0.06 * (high - low), 1e-9 * max(abs(low), abs(high))) or 1.0
    )  # near 1e18, a margin of 1 is lost in rounding
    return low - margin, high + margin


def data_window(view: View) -> tuple[float, float, float, float]:
    """x0, x1, y0, y1 of the model panel: the data with a margin, or distances and heights of the slices."""
    data = view.data
    if data is None:
        (a, b), (c, d) = view.window
        far, scene = min(b - a, d - c) / 3, view.scene
        margin = 0.08 * (scene.high - scene.low) or 1.0
        return -far, far, scene.low - margin, scene.high + margin
    margin = 0.06 * float(np.ptp(data.x)) or 1.0
    x0, x1 = float(data.x.min()) - margin, float(data.x.max()) + margin
    if view.subject == "sigmoid":
        return x0, x1, -0.16, 1.16
    spread = 0.5 * float(np.ptp(data.y)) or max(1.0, float(np.abs(data.y).max()))
    return x0, x1, float(data.y.min()) - spread, float(data.y.max()) + spread


def kept(steps: int) -> NDArray[np.intp]:
    """The indices of the steps that are sent: the first DENSE, then at increasing distances, and the last one."""
    if steps <= ROWS:
        return np.arange(steps + 1)
    return np.unique(np.r_[np.arange(DENSE), np.geomspace(DENSE, steps, ROWS - DENSE).round().astype(int)])


def path(view: View) -> Columns:
    """The runs as rows: method (or A, B), legend text, step, next kept step, w, b, loss, index of the run."""
    steps = [kept(run.steps) for run in view.runs]
    none = np.empty(0)
    taken = list(zip(view.runs, steps, strict=True))
    points = np.concatenate([run.trajectory.points[t] for run, t in taken] or [none.reshape(0, 2)])
    order = np.repeat(np.arange(len(steps), dtype=np.int8), [len(t) for t in steps])
    return {
        "method": Words(order, [run.name for run in view.runs] or ["none"]),
        "words": Words(order, [run.words for run in view.runs] or ["none"]),
        "t": np.concatenate([*steps, none]).astype(np.int16),
        "next": np.concatenate([*(np.r_[t[1:], MAX_STEP + 1] for t in steps), none]).astype(np.int16),
        "w": as_float32(points[:, 0]),
        "b": as_float32(points[:, 1]),
        "loss": as_float32(np.concatenate([run.trajectory.values[t] for run, t in taken] or [none])),
        "order": order,
    }


def as_float32(values: Array) -> NDArray[np.floating[Any]]:
    """The values as float32, which is enough for drawing; as float64 if some are too large or too small for that."""
    size = np.abs(values[values != 0])
    fits = not size.size or (size.max() < 1e37 and size.min() > 1e-30)
    return values.astype(np.float32) if fits else values


def steps_table(view: View) -> Columns:
    """The kept steps of each run as a table of numbers, the text alternative of the stage."""
    rows = [(run, kept(run.steps)) for run in view.runs]
    if not rows:
        return {}
    points = np.concatenate([run.trajectory.points[t] for run, t in rows])
    first, second = view.loss.parameters
    return {
        "method": [run.words for run, t in rows for _ in t],
        "step": np.concatenate([t for _, t in rows]),
        first: points[:, 0],
        second: points[:, 1],
        "loss": np.concatenate([run.trajectory.values[t] for run, t in rows]),
        "gradient norm": np.concatenate([run.trajectory.gradient_norms[t] for run, t in rows]),
    }
