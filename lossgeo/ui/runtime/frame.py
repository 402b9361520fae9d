"""The first lines of every page: the way through the entry file, and the layout that fits the window."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lossgeo.charts.style import LAYOUTS, ChartStyle, fits
from lossgeo.ui import controls
from lossgeo.ui.runtime import components, process, stylesheet
from lossgeo.ui.share import links, visibility

process.send_at_once()
process.look_up_nothing()

ICON = str(Path(__file__).parent / "icon.png")  # a file: a named icon would be fetched from the internet
PAGES = {
    "home": "pages/home.py",
    "mse": "pages/mse.py",
    "logistic": "pages/logistic.py",
    "nonconvex": "pages/nonconvex.py",
}
TITLES = {
    "home": "Start here",
    "mse": "The bowl: MSE",
    "logistic": "The slope: logistic",
    "nonconvex": "The mountains: non-convex",
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
        st.session_state.misnamed = visibility.receive(arrived)
    st.session_state.entered = True
    if page is not None:
        kept = {key: values for key, values in wanted.items() if key not in st.session_state.dropped}
        st.switch_page(page, query_params=kept)
    for key in st.session_state.get("dropped", ()):
        if key in st.query_params:
            del st.query_params[key]
    visibility.keep()


def say_what_was_dropped(page: str) -> None:
    """After the page: only its widgets know what they could take. Once a session, and only if there was something."""
    arrived, dropped = st.session_state.pop("arrived", {}), st.session_state.pop("dropped", [])
    if page in controls.DEFAULTS:
        dropped += [key for key in controls.dropped(page, arrived) if key not in dropped]
    if dropped := dropped + st.session_state.pop("misnamed", []):
        st.toast(links.sentence(dropped), duration="long")


def projecting() -> bool:
    """Whether the projector mode is on: the toggle's word, which a link gives before the toggle is drawn."""
    return bool(st.session_state.get("projector", st.query_params.get("projector", "").lower() == "true"))


def style() -> ChartStyle:
    """The sizes for this window and mode."""
    projector = projecting()
    layout = st.session_state.get("layout") or guess(projector)
    return ChartStyle(layout if layout in LAYOUTS else "laptop", projector)


def guess(projector: bool) -> str:
    """Before the browser has said anything: phones name themselves, and a projector shows no sidebar."""
    if "Mobi" in st.context.headers.get("User-Agent", ""):
        return "phone"
    return "broad" if projector else "laptop"


def look() -> None:
    """On every page, before it is drawn: the rules of style, and the script that says which layout fits.

    The browser is asked once and answers only if the guess was wrong.
    """
    drawn = style()
    st.html(stylesheet.CSS[drawn.projector, st.context.theme.type == "dark"])
    components.viewport(
        key="viewport",
        data={
            "layout": drawn.layout,
            "fits": fits(drawn.projector),
            "sides": stylesheet.SIDES[drawn.projector],
            "projector": drawn.projector,
            "map": drawn.map_side,
        },
        on_layout_change=_heard,
        on_theme_change=lambda: None,
    )


def _heard() -> None:
    st.session_state.layout = st.session_state.viewport.layout


def modes(page: str) -> None:
    """What concerns every page: at the foot of the sidebar, or of the first page, which has none."""
    with st.sidebar if page in controls.DEFAULTS else st.container():
        st.toggle(
            "Projector",
            key="projector",
            bind="query-params",
            help="Large type and strong contrast, the sidebar folded. Alt+P switches it. While it is on, "
            "P switches it off, 3 changes between map and surface, and the arrow keys left and right "
            "or page up and down step through a guided lesson.",
        )
