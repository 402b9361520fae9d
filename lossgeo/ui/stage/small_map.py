"""A small map with the runs on it, to compare landscapes, scalings and answers."""

from __future__ import annotations

import streamlit as st

from lossgeo.charts import small_charts
from lossgeo.charts.style import colours
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import tables
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.stage_data import path
from lossgeo.views.view import View


def show(view: View, key: str, name: str, ends: str) -> None:
    """Draw the map. `name` (what is drawn) and `ends` (how its runs ended) are for the alternative text."""
    (w0, w1), (b0, b1) = view.window
    row = {"w0": w0, "w1": w1, "b0": b0, "b1": b1, "sw": view.choice.start[0], "sb": view.choice.start[1]}
    ink = colours(view.style.projector, frame.dark())["ink"]
    sets = {"view": {column: [value] for column, value in row.items()} | {"url": [view.scene.url]}, "path": path(view)}
    st.vega_lite_chart(
        {**small_charts.small_map_spec(*view.loss.parameters, view.style, ink), "datasets": tables(sets)},
        key=key,
        width="content",
        alt=f"Map of {name}: {minimum_in_words(view.loss)}. {ends}",
    )
