"""The penalty curve: the loss of one sample, with the learner's own samples on it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossgeo.charts import small_charts
from lossgeo.charts.style import colours
from lossgeo.contracts import DataLoss
from lossgeo.numbers import number
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import tables
from lossgeo.views.stage_data import Columns
from lossgeo.views.view import View


def of_margins(view: View) -> None:
    """The loss against the margin (2y - 1) z, which is positive for a correct prediction."""
    _show(view, "margin")


def of_residuals(view: View) -> None:
    """The loss against the residual z - y."""
    _show(view, "residual")


def _show(view: View, kind: str) -> None:
    """The chart and its caption."""
    loss = view.loss
    assert isinstance(loss, DataLoss)
    y = loss.dataset.y
    z = loss.score(view.runs[0].trajectory.points[-1] if view.runs else np.array(view.choice.start))
    at, cost = ((2 * y - 1) * z if kind == "margin" else z - y), loss.penalty(z, y)
    worst = int(np.argmax(cost))
    words = (
        f"Loss of one sample against its {kind}. The costliest of the {y.size} samples has {kind} {number(at[worst])} "
        f"and loss {number(float(cost[worst]))}, {cost[worst] / max(cost.sum(), 1e-300):.0%} of the sum."
    )
    sets: dict[str, Columns] = {"curves": small_charts.penalty_columns(kind), "samples": {"at": at, "penalty": cost}}
    ink = colours(view.style.projector, frame.dark())["ink"]
    st.vega_lite_chart(
        {**small_charts.penalty_spec(kind, view.style, ink), "datasets": tables(sets)},
        alt=words,
        key=f"{view.page.key}_penalty",
        width="content",
    )
    model = f" Circles: your samples under the last model of {view.runs[0].words}." if view.runs else ""
    st.caption(words + model)
