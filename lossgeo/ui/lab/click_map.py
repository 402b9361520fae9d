"""A map that can be clicked, with a legend and text beside it, for basins and curvature."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossgeo.charts import lab_charts
from lossgeo.charts.raster import Colour
from lossgeo.charts.style import ChartStyle, colours
from lossgeo.ui.controls import settings
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import columns, tables
from lossgeo.views.view import View

Label = tuple[float, float, str]  # a text at a point (w, b)
Line = tuple[float, float, float, float, str]  # from (w, b) to (w2, b2), and the name of its kind


def beside(style: ChartStyle) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two containers: for a map, and for the text to the right of it or below it."""
    if style.stacked:
        return st.container(), st.container()
    left, right = st.columns([style.map_side + 70, 836 - style.map_side], gap="small")
    return left, right


def click_map(view: View, url: str, labels: Sequence[Label], lines: Sequence[Line], name: str, alt: str) -> None:
    """The image `url` over the view's window, with texts and lines on it. A click sets the start.

    `name` is the end of the widget key, `alt` the alternative text.
    """
    key = f"{view.page.key}_{name}"
    (w0, w1), (b0, b1) = view.window
    row = {"w0": w0, "w1": w1, "b0": b0, "b1": b1, "sw": view.choice.start[0], "sb": view.choice.start[1]}
    ink = colours(view.style.projector, frame.dark())["ink"]

    def take_pick() -> None:
        if at := settings.picked(key):
            settings.set_start(view.page, at)

    sets = {
        "view": {column: [value] for column, value in row.items()} | {"url": [url], "ink": [ink]},
        "words": columns(labels, w=float, b=float, text=str),
        "lines": columns(lines, w=float, b=float, w2=float, b2=float, name=str),
    }
    st.vega_lite_chart(
        {**lab_charts.map_spec(*view.loss.parameters, view.style), "datasets": tables(sets)},
        key=key,
        width="content",
        on_select=take_pick,
        selection_mode=["pick"],
        alt=alt,
    )


def key_of_colours(rows: Sequence[tuple[Colour, str, str, str]]) -> None:
    """The legend of a map: colour, symbol, share of the map, text."""
    lines = "".join(
        '<div><span style="display:inline-block;width:1.2em;height:1.2em;line-height:1.2em;text-align:center;'
        f'color:#000;background:rgb{colour};border:1px solid #888;vertical-align:-.2em" aria-hidden="true">'
        f"{sign}</span> <b>{share}</b> {words}</div>"
        for colour, sign, share, words in rows
    )
    st.html(f'<div style="font-size:.9rem;line-height:1.6">{lines}</div>')
