"""The first lines of every page: the way through the entry file, and the layout that fits the window."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lossgeo import links
from lossgeo.charts.style import LAYOUTS, ChartStyle
from lossgeo.ui import components, controls, parts

ICON = str(Path(__file__).parent / "icon.png")  # a file: a named icon would be fetched from the internet
PAGES = {
    "home": "pages/home.py",
    "mse": "pages/mse.py",
    "logistic": "pages/logistic.py",
    "nonconvex": "pages/nonconvex.py",
}


def guard(page: str) -> None:
    """On a fresh server Streamlit runs a deep link's page file alone: send it through the entry file once."""
    if not st.session_state.get("entered"):
        st.session_state.wanted = (PAGES[page], link())
        st.switch_page("streamlit_app.py")


def link() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def arrive() -> None:
    """Before any widget: take out of the session's link what no control can use, and go where it points."""
    page, wanted = st.session_state.pop("wanted", (None, None))
    if page is not None or not st.session_state.get("entered"):
        arrived = st.session_state.arrived = wanted or link()
        st.session_state.dropped = controls.unusable(arrived)
        st.session_state.misnamed = parts.receive(arrived)
    st.session_state.entered = True
    if page is not None:
        kept = {key: values for key, values in wanted.items() if key not in st.session_state.dropped}
        st.switch_page(page, query_params=kept)
    for key in st.session_state.get("dropped", ()):
        if key in st.query_params:
            del st.query_params[key]
    parts.keep()


def say_what_was_dropped(page: str) -> None:
    """After the page: only its widgets know what they could take. Once a session, and only if there was something."""
    arrived, dropped = st.session_state.pop("arrived", {}), st.session_state.pop("dropped", [])
    if page in controls.DEFAULTS:
        dropped += [key for key in controls.dropped(page, arrived) if key not in dropped]
    if dropped := dropped + st.session_state.pop("misnamed", []):
        st.toast(links.sentence(dropped), duration="long")


def style() -> ChartStyle:
    """The sizes for this window. The browser is asked once and answers only if the guess was wrong."""
    layout = st.session_state.get("layout", "laptop")
    answer = components.viewport(
        key="viewport", data={"layout": layout}, on_layout_change=lambda: None, on_theme_change=lambda: None
    )
    if answer.layout in LAYOUTS:
        layout = st.session_state.layout = answer.layout
    return ChartStyle(layout, projector=bool(st.session_state.get("projector", False)))


# Two rules by test id, for the padding. The rest styles what Vega itself puts under a chart: its inputs, in one row.
CSS = """<style>
[data-testid="stMainBlockContainer"]{padding:3.5rem 2rem 3rem}
h1.stHeading,[data-testid="stMainBlockContainer"] h1{padding:.1rem 0}
.st-key-viewport{position:absolute}
form.vega-bindings.vega-bindings{display:flex;flex-flow:row wrap;gap:.2rem 1.4rem;align-items:center;margin:0;padding:0}
form.vega-bindings .vega-bind.vega-bind{
  display:flex;flex:0 0 auto;align-items:center;gap:.5rem;margin:0;width:auto}
form.vega-bindings .vega-bind.vega-bind:has(input[type=range]){flex:1 1 18rem}
form.vega-bindings .vega-bind:has(input[type=range]) label,
form.vega-bindings .vega-bind:has(input[type=range]) input{flex:1 1 auto}
form.vega-bindings .vega-bind.vega-bind input[type=number]{width:7rem}
form.vega-bindings .vega-bind .vega-bind-name.vega-bind-name{min-width:0;width:auto;flex:none}
</style>"""


def look() -> None:
    """The app's few rules of style: less padding, and the stage's own inputs in one row."""
    st.html(CSS)
