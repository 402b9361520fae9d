"""The data that vary on the stage, as columns with the names used in its spec (see charts.stage)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossgeo.charts.map_panel import EARLIER
from lossgeo.charts.model_panel import DISC_MARGIN_X, DISC_MARGIN_Y
from lossgeo.charts.network_formulas import COLUMNS, sent, shape_of
from lossgeo.charts.network_panel import NODES_SENT, grid
from lossgeo.charts.stage import VIEW_FIELDS, packed, unpacked
from lossgeo.charts.style import MAX_STEP, colours
from lossgeo.contracts import Array, Dataset
from lossgeo.networks import Plane
from lossgeo.views import cached, network_planes, yours
from lossgeo.views.layers import Layer
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.view import Run, View

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


def stage_data(
    view: View, dark: bool = False, layer: Layer | None = None, hands: Mapping[str, float] | None = None
) -> dict[str, Columns]:
    """The data sets of the stage; `points` only if the page draws data. `layer` takes the place of the height.

    `hands` says what can be edited on the stage: `mode`, `rev` and `srev` of charts.hands. By default nothing can.
    """
    loss = view.loss
    isolated = loss.minima if loss.minimisers not in ("line", "region") else loss.minima[:0]
    row = {**view_row(view, dark), **(hands or {})} | ({"words": ""} if layer else {})
    sets: dict[str, Columns] = {
        **picture(view, layer),
        "view": packed(row),
        "path": path(view),
        "field": {"v": view.scene.field},
        "best": {"w": isolated[:, 0], "b": isolated[:, 1]},
        "kept": of_lesson(view),
    }
    if view.data is not None:
        rows = drawn(view.data)
        sets["points"] = {"x": view.data.x[rows], "y": view.data.y[rows]}
    if isinstance(loss, Plane):
        sets |= of_plane(view, loss)
    return sets


def picture(view: View, layer: Layer | None) -> dict[str, Columns]:
    """The data sets `picture`, `labels` and `legend`: what the map shows under contour and paths."""
    (w0, w1), (b0, b1) = view.window
    url = layer.url if layer else view.scene.url
    labels, key = (layer.labels, layer.key) if layer else ([], [])
    return {
        "picture": {"w0": [w0], "w1": [w1], "b0": [b0], "b1": [b1], "url": [url]},
        "labels": {name: [row[i] for row in labels] for i, name in enumerate(("w", "b", "text", "dx", "dy"))},
        "legend": {name: [row[i] for row in key] for i, name in enumerate(("x", "colour", "text", "gap"))},
    }


def drawn(data: Dataset) -> NDArray[np.intp]:
    """The indices of the points that are drawn: all, or yours.DRAWN of very many, evenly spread over the order of x.

    In each class, if there are two. The loss, the map and the runs always use all points. What the browser works out
    at the pointer comes from the points drawn, and says so.
    """
    if data.n <= yours.DRAWN:
        return np.arange(data.n)
    order = np.lexsort((data.x, data.y)) if data.labels_are_binary else np.argsort(data.x, kind="stable")
    evenly: NDArray[np.intp] = np.linspace(0, data.n - 1, yours.DRAWN).round().astype(np.intp)
    rows: NDArray[np.intp] = order[evenly]
    return rows


def of_plane(view: View, plane: Plane) -> dict[str, Columns]:
    """The samples with their classes, the plane seen from afar, its named points; the weights or the scores."""
    network, far = plane.network, cached.coarse(view.choice.loss, view.choice.view)
    spots, (gradient, _) = np.array(list(plane.marks.values())).reshape(-1, 2), gradient_sent(view)
    sets: dict[str, Columns] = {
        "points": {
            "x": as_float32(network.inputs[:, 0]),
            "y": as_float32(network.inputs[:, 1]),
            "c": network.labels.astype(np.int8),
        },
        "coarse": {"share": far.share, "g1": gradient[:, 0], "g2": gradient[:, 1]},
        "marks": {"w": spots[:, 0], "b": spots[:, 1], "text": list(plane.marks)},
    }
    if len(network.hidden) == 1:
        rows = sent(shape_of(network), np.stack([plane.origin, plane.first, plane.second]))
        sets["weights"] = {name: as_float32(column) for name, column in zip(COLUMNS, rows, strict=True)}
        return sets
    sets["coarse"] = {**sets["coarse"], "f": as_float32(far.values)}
    z = cached.scores(view.choice.loss, view.choice.start, grid(view.style, NODES_SENT))
    return sets | {"scores": {"i": np.arange(len(z), dtype=np.int16), "z": z.astype(np.float32)}}


def gradient_sent(view: View) -> tuple[NDArray[Any], float]:
    """The gradients of `coarse` (n, 2) as int16 in a unit, and the unit; in the unit 1 if some are not finite."""
    gradient = cached.coarse(view.choice.loss, view.choice.view).gradient
    unit = float(np.abs(gradient).max()) / 32767
    if not 1e-300 < unit < np.inf:
        return as_float32(gradient), 1.0
    return np.round(gradient / unit).astype(np.int16), unit


def in_fog(sets: Mapping[str, Columns]) -> dict[str, Columns]:
    """The data sets without all that shows the map: its picture, contours, minima and words, and of a network the
    training, which leads to its valley."""
    flat = {"v": np.zeros_like(sets["field"]["v"])}
    told = unpacked(**sets["view"]) | {"words": ""}
    hidden = {"view": packed(told), "picture": {**sets["picture"], "url": [GREY]}, "field": flat}
    if "marks" in sets:
        hidden |= {name: {key: _none_of(column) for key, column in sets[name].items()} for name in ("marks", "path")}
    return {**sets, **hidden, "best": {"w": np.empty(0), "b": np.empty(0)}}


def _none_of(column: Any) -> Any:
    """A column of the same kind without rows."""
    return replace(column, index=column.index[:0]) if isinstance(column, Words) else column[:0]


def view_row(view: View, dark: bool = False) -> dict[str, float | str]:
    """The only row of `view`: the windows of the axes, the start, constants, words and colours."""
    (w0, w1), (b0, b1) = view.window
    x0, x1, y0, y1 = data_window(view)
    l0, l1 = loss_range(view)
    spec, data = view.choice.loss, view.data
    network = view.loss.network if isinstance(view.loss, Plane) else None
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
        "gs": gradient_sent(view)[1] if network else 0.0,
        "variant": int(spec.loss in ("mean absolute error", "squared error through a sigmoid")),
        "sw": view.choice.start[0],
        "sb": view.choice.start[1],
        "pair": int(bool(view.choice.differs)),
        "x_title": data.x_label if data is not None else network.data.features[0] if network else "",
        "y_title": network.data.features[1]
        if network
        else "P(class 1)"
        if view.subject == "sigmoid"
        else data.y_label
        if data is not None
        else "",
        **colours(view.style.projector, dark),
        "words": "" if view.neutral else minimum_in_words(view.loss, short=True),  # of the plane, if it is one
        "loss_name": LOSS_NAMES.get(spec.loss, "MSE" if data is not None else "f"),
    }
    if data is not None and data.n > yours.DRAWN:
        row["drawn"] = f"of the {yours.DRAWN} drawn"
        row["loss_name"] = f"{row['loss_name']} {row['drawn']}"
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
    if not view.runs:
        return (0.01, 1.0) if view.log_loss else (0.0, 1.0)
    values = np.concatenate([run.trajectory.values for run in view.runs])
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
    if isinstance(view.loss, Plane):
        (left, right), (low, high) = network_planes.data_window(view.loss.network)
        return left, right, low, high
    if data is None:
        (a, b), (c, d) = view.window
        far, scene = min(b - a, d - c) / 3, view.scene
        margin = 0.08 * (scene.high - scene.low) or 1.0
        key = view.style.key_rows * view.style.row / view.style.model[1]  # the share of the height that the key takes
        top = scene.high + margin
        return -far, far, scene.low - margin, top + (top - scene.low + margin) * key / (1 - key)
    if view.choice.loss.name.startswith("anscombe "):  # the four are there to be compared, so they share their axes
        four = [cached.dataset(replace(view.choice.loss, name=f"anscombe {k}")) for k in ("I", "II", "III", "IV")]
        data = replace(data, x=np.concatenate([d.x for d in four]), y=np.concatenate([d.y for d in four]))
    margin = (DISC_MARGIN_X if view.subject == "sigmoid" else 0.06) * float(np.ptp(data.x)) or 1.0
    x0, x1 = float(data.x.min()) - margin, float(data.x.max()) + margin
    if view.subject == "sigmoid":
        return x0, x1, -DISC_MARGIN_Y, 1 + DISC_MARGIN_Y
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
        "words": Words(order, [_key(run, view) for run in view.runs] or ["none"]),
        "t": np.concatenate([*(run.every * t for run, t in taken), none]).astype(np.int16),
        "next": np.concatenate([*(np.r_[run.every * t[1:], MAX_STEP + 1] for run, t in taken), none]).astype(np.int16),
        "w": as_float32(points[:, 0]),
        "b": as_float32(points[:, 1]),
        "loss": as_float32(np.concatenate([run.trajectory.values[t] for run, t in taken] or [none])),
        "order": order,
    }


def _key(run: Run, view: View) -> str:
    """The name of a run in the legend. In a narrow column, A and B are told by the value in which they differ."""
    return f"{run.mark} {run.title.rpartition(', ')[2]}".strip() if run.mark and view.style.columns else run.words


GHOST_ROWS = 120  # of an earlier run at most; it is thin and never moves


def of_lesson(view: View) -> Columns:
    """What a lesson keeps on the map, as rows: kind (of a place, or EARLIER + the index of a run), w, b."""
    chosen = [np.unique(np.linspace(0, len(p) - 1, GHOST_ROWS).round().astype(int)) for p in view.ghosts]
    places = np.array(view.marks, dtype=float).reshape(-1, 3)
    points = np.concatenate([places[:, :2], *(p[t] for p, t in zip(view.ghosts, chosen, strict=True))])
    runs = np.repeat(EARLIER + np.arange(len(chosen)), [len(t) for t in chosen])
    return {
        "kind": np.r_[places[:, 2], runs].astype(np.int8),
        "w": as_float32(points[:, 0]),
        "b": as_float32(points[:, 1]),
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
        "step": np.concatenate([run.every * t for run, t in rows]),
        first: points[:, 0],
        second: points[:, 1],
        "loss": np.concatenate([run.trajectory.values[t] for run, t in rows]),
        "gradient norm": np.concatenate([run.trajectory.gradient_norms[t] for run, t in rows]),
    }
