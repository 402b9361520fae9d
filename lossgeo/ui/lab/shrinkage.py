"""The minimiser under a falling penalty on w, and gradient descent without a penalty, stopped early, beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lossgeo.charts import small_charts
from lossgeo.charts.style import MAX_STEP, colours
from lossgeo.contracts import Array, Window
from lossgeo.numbers import number
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import tables
from lossgeo.views import cached
from lossgeo.views.choice import ViewSpec
from lossgeo.views.stage_data import Columns, Words, as_float32, kept
from lossgeo.views.view import View


def show(view: View) -> None:
    """The two paths on a map of the loss without penalty."""
    loss = view.loss
    if not loss.convex or loss.kinks:
        st.info("Two paths are compared here for the mean squared error and for the logistic loss: choose one of them.")
        return
    spec = replace(view.choice.loss, l2=0.0)
    minimisers, run = cached.shrinkage(spec, MAX_STEP)
    if not len(minimisers):
        st.info("Only one class occurs: no penalty on w gives this loss a minimiser, because b can still grow.")
        return
    seen = ViewSpec(holds=(float(run[0, 0]), float(run[0, 1])))
    box, url = cached.window(spec, seen), cached.scene(spec, seen).url
    both = {"penalty": minimisers, "gradient descent": run[kept(len(run) - 1)]}
    points = np.concatenate(list(both.values()))
    sizes = [len(path) for path in both.values()]
    (w0, w1), (b0, b1) = box
    row = {"w0": w0, "w1": w1, "b0": b0, "b1": b1, "sw": run[0, 0], "sb": run[0, 1]}
    path = {
        "method": Words(np.repeat(np.arange(2, dtype=np.int8), sizes), list(both)),
        "t": np.concatenate([np.arange(size, dtype=np.int16) for size in sizes]),
        "w": as_float32(points[:, 0]),
        "b": as_float32(points[:, 1]),
    }
    gap = apart(run, minimisers, box)
    told = "Here both are one line" if gap < 1e-6 else f"They are at most {number(gap)} widths of the map apart"
    words = (
        "Blue dashes: the minimiser with an L2 penalty on w, from a very large one (w near 0) down to none. Orange: "
        "gradient descent without penalty, from where the dashes begin, with the rate 1/L. A run that is stopped early "
        f"ends on this path. {told}."
    )
    left, right = (st.container(), st.container()) if view.style.stacked else st.columns([330, 400], gap="small")
    with left:
        ink = colours(view.style.projector, frame.dark())["ink"]
        sets: dict[str, Columns] = {
            "view": {name: [value] for name, value in row.items()} | {"url": [url]},
            "path": path,
        }
        st.vega_lite_chart(
            {**small_charts.small_map_spec(*loss.parameters, view.style, ink), "datasets": tables(sets)},
            key=f"{view.page.key}_shrinkage",
            width="content",
            alt=words,
        )
    right.markdown(words)


def apart(run: Array, minimisers: Array, box: Window) -> float:
    """The largest distance of a point of the run inside the map from the other path, in widths of the map."""
    low, size = np.array([side[0] for side in box]), np.array([side[1] - side[0] for side in box])
    some = (run[kept(len(run) - 1)] - low) / size
    some = some[((some >= 0) & (some <= 1)).all(axis=1)]
    other = (minimisers - low) / size
    a, d = other[:-1], np.diff(other, axis=0)
    share = ((some[:, None] - a) * d).sum(axis=2) / np.maximum((d * d).sum(axis=1), 1e-300)
    nearest = a + np.clip(share, 0.0, 1.0)[..., None] * d
    away = np.hypot(*np.moveaxis(some[:, None] - nearest, -1, 0)).min(axis=1)
    return float(away.max()) if len(away) else 0.0
