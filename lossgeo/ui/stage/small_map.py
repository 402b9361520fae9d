"""A small map with the descents on it, for pictures beside each other: landscapes, scalings, answers."""

from __future__ import annotations

import streamlit as st

from lossgeo.charts import small_charts
from lossgeo.charts.style import ChartStyle
from lossgeo.ui.stage import linked
from lossgeo.ui.tables import table
from lossgeo.views import cached
from lossgeo.views.choice import Choice
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.view import Run, path_table


def show(choice: Choice, runs: list[Run], style: ChartStyle, key: str, name: str, ends: str) -> None:
    """`name` and `ends` are for those who cannot see it: what is drawn, and how its runs ended."""
    it = cached.loss(choice.loss)
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)
    row = {"w0": w0, "w1": w1, "b0": b0, "b1": b1, "sw": choice.start[0], "sb": choice.start[1]}
    row |= {"url": cached.scene(choice.loss, choice.view).url}
    st.vega_lite_chart(
        {
            **small_charts.small_map_spec(*it.parameters, style, linked.colours(style.projector)["ink"]),
            "datasets": {"view": table({column: [value] for column, value in row.items()}), "path": path_table(runs)},
        },
        key=key,
        width="content",
        alt=f"Map of {name}: {minimum_in_words(it)}. {ends}",
    )
