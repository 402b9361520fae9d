"""A map to click, with its key and words beside it: basins of attraction, curvature."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossgeo.charts import lab_charts
from lossgeo.charts.raster import Colour
from lossgeo.charts.style import ChartStyle
from lossgeo.ui import controls
from lossgeo.ui.stage import linked
from lossgeo.views import cached
from lossgeo.views.choice import Choice


def beside(style: ChartStyle) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Room for a map and, right of it or below it, for words."""
    if style.stacked:
        return st.container(), st.container()
    left, right = st.columns([style.map_side + 70, 836 - style.map_side], gap="small")
    return left, right


Line = tuple[float, float, float, float, str]


def map_chart(
    choice: Choice,
    style: ChartStyle,
    url: str,
    words: list[tuple[float, float, str]],
    lines: list[Line],
    key: str,
    alt: str,
) -> None:
    """A map to click: the click is the new start."""
    page = choice.loss.page
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)

    def take_pick() -> None:
        if at := controls.picked(key):
            controls.set_start(page, at)

    floats = pa.float64()
    tables = {
        "view": pa.table(
            {
                "w0": [w0],
                "w1": [w1],
                "b0": [b0],
                "b1": [b1],
                "sw": [choice.start[0]],
                "sb": [choice.start[1]],
                "url": [url],
                "ink": [linked.colours(style.projector)["ink"]],
            }
        ),
        "words": pa.table(
            {
                "w": pa.array([w for w, _, _ in words], floats),
                "b": pa.array([b for _, b, _ in words], floats),
                "text": pa.array([t for *_, t in words], pa.string()),
            }
        ),
        "lines": pa.table(
            {
                name: pa.array([line[i] for line in lines], pa.string() if name == "name" else floats)
                for i, name in enumerate(("w", "b", "w2", "b2", "name"))
            }
        ),
    }
    st.vega_lite_chart(
        {**lab_charts.map_spec(*cached.loss(choice.loss).parameters, style), "datasets": tables},
        key=key,
        width="content",
        on_select=take_pick,
        selection_mode=["pick"],
        alt=alt,
    )


def percent(n: int, total: int) -> str:
    share = 100.0 * n / total
    return "100%" if n == total else "under 0.1%" if share < 0.1 else "over 99.9%" if share > 99.9 else f"{share:.1f}%"


def key(rows: list[tuple[Colour, str, str, str]]) -> None:
    """What the colours of a map mean: colour, sign on it, share of the map, words."""
    lines = "".join(
        '<div><span style="display:inline-block;width:1.2em;height:1.2em;line-height:1.2em;text-align:center;'
        f'color:#000;background:rgb{colour};border:1px solid #888;vertical-align:-.2em" aria-hidden="true">'
        f"{sign}</span> <b>{share}</b> {words}</div>"
        for colour, sign, share, words in rows
    )
    st.html(f'<div style="font-size:.9rem;line-height:1.6">{lines}</div>')
