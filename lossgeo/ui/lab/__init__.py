"""The descent lab, in the tab "Look closer": why a step size works, what scaling changes, where starts end."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.ui import below
from lossgeo.ui.lab import basins, curvature, ruler, scaling, sweep
from lossgeo.ui.lab.reading_point import Runs
from lossgeo.views.choice import Choice

Section = Callable[[Choice, Runs, ChartStyle], None]


def show(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """One switch and the section it picks; the others are not computed."""
    page = choice.loss.page
    sections: dict[str, Section] = {"Ruler": ruler.show, "Sweep": sweep.show}
    sections |= {"Basins": basins.show} if page == "nonconvex" else {"Scaling": scaling.show}
    sections["Curvature"] = curvature.show
    if page == "mse":
        sections["Penalty curve"] = lambda *given: below.penalty(*given, "residual")
    picked = st.segmented_control(
        "Look closer at",
        list(sections),
        default="Ruler",
        key=f"{page}_closer",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    sections[picked or "Ruler"](choice, runs, style)
