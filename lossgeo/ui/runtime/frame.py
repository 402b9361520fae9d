"""What stands around every page: the way through the entry file, the layout that fits, the app-wide controls.

Every script loads this module first, and with it pandas as a whole. As soon as somebody has begun to load pandas,
Altair asks of each value whether it is one of pandas'. While the server's own thread or another session was still
loading it, that ended in an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas  # noqa: F401
import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.navigation.page import StreamlitPage

from lossgeo.charts.style import LAYOUTS, ChartStyle, data_panel, fits
from lossgeo.ui import session
from lossgeo.ui.classroom import address, board, hands, room_keys, student
from lossgeo.ui.controls import settings
from lossgeo.ui.runtime import components, process, remembered, stylesheet
from lossgeo.ui.runtime.script_lock import script_lock
from lossgeo.ui.session import ARRIVED, DROPPED, ENTERED, LAYOUT, MISNAMED, WANTED
from lossgeo.ui.share import links, visibility
from lossgeo.views.pages import LESSON_PAGES, PAGES, Page

ICON = str(Path(__file__).parent / "icon.png")  # a file: a named icon would be fetched from the internet
PANEL_WIDTH = 320  # pixels; the stage of a laptop needs the rest of 1280
ENTRY = Path(__file__).parents[3] / "streamlit_app.py"


def configure() -> None:
    """The name of the app and the width of its column. The first call of the entry file."""
    process.start()
    st.set_page_config(
        page_title="lossgeo",
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state="collapsed" if projecting() or st.context.is_embedded else PANEL_WIDTH,
    )


def navigation(first: Page) -> list[StreamlitPage]:
    """All pages; `first` is the one at the bare address."""
    return [
        st.Page(page.file, title=page.title, icon=page.icon, url_path=page.key, help=page.help, default=page is first)
        for page in PAGES.values()
    ]


def way() -> Literal["top", "hidden"]:
    """Where the way to the other pages is shown: at the top; in a room, or in a frame of another page, nowhere."""
    return "hidden" if room_keys.in_a_room() or st.context.is_embedded else "top"


def show(page: StreamlitPage, first: Page) -> None:
    """Run a page of the navigation whose first page this is, with what stands around it."""
    key = page.url_path or first.key
    with script_lock():
        _arrive(key)
        _look(key)
        remembered.keep()
        if key in LESSON_PAGES:
            st.sidebar.container()  # empty: the sidebar takes its room before the title stands beside it
        page.run()
        _modes(key)
        _say_what_was_dropped(key)


def begin(key: str) -> Page:
    """The first line of every page: its record, after the entry file has run.

    On a fresh server Streamlit runs a deep link's page file alone: it is sent through the entry file once.
    A page that is run by itself (`python -m streamlit run pages/mse.py`) has no entry file to go to: it is
    shown in the same frame, without the navigation.
    """
    page = PAGES[key]
    if not ENTERED.get():
        WANTED.put((page.file, session.link()))
        try:
            st.switch_page(ENTRY.name)
        except StreamlitAPIException:
            _alone(page)
    if room_keys.in_a_room():  # whatever page the link names
        student.show()
        st.stop()
    board.way_back(key)
    return page


def _alone(page: Page) -> None:
    WANTED.clear()
    configure()
    show(st.navigation(navigation(page), position="hidden"), page)
    st.stop()


def _arrive(page: str) -> None:
    """Before any widget: take out of the session's link what no control can use, and go where it points."""
    wanted = WANTED.take()
    came: session.Link = {}
    arrived: session.Link = {}
    if wanted is not None or not ENTERED.get():
        came = wanted[1] if wanted else session.link()
        arrived = links.renewed(came)
        ARRIVED.put(arrived)
        DROPPED.put(settings.unusable(arrived))
        MISNAMED.put(visibility.receive(arrived))
    ENTERED.put(True)
    if wanted is not None:
        kept = {key: texts for key, texts in arrived.items() if key not in DROPPED.get()}
        st.switch_page(wanted[0], query_params=kept)
    elif came:
        for key in came.keys() | arrived.keys():
            if came.get(key) != arrived.get(key):
                session.write(key, arrived.get(key, [""])[-1])
    for key in DROPPED.get():
        session.write(key, "")
    if room_keys.in_a_room():  # its address has nothing but the room
        return
    visibility.keep(page)
    address.keep()
    hands.keep()
    remembered.arrive()


def _say_what_was_dropped(page: str) -> None:
    """After the page: only its widgets know what they could take. Once a session, and only if there was something."""
    arrived, dropped = ARRIVED.take(), list(DROPPED.take())
    if page in LESSON_PAGES:
        dropped += [key for key in settings.dropped(LESSON_PAGES[page], arrived) if key not in dropped]
    if dropped := [*dropped, *MISNAMED.take()]:
        st.toast(links.sentence(dropped), duration="long")


def projecting() -> bool:
    """Whether the projector mode is on: the toggle's word, which a link gives before the toggle is drawn."""
    return bool(session.value("projector", session.parameter("projector").lower() == "true"))


def dark() -> bool:
    """Whether the viewer has chosen the dark theme."""
    return st.context.theme.type == "dark"


def style() -> ChartStyle:
    """The sizes for this window and mode."""
    projector = projecting()
    layout = LAYOUT.get() or _guess(projector)
    return ChartStyle(layout if layout in LAYOUTS else "laptop", projector)


def _guess(projector: bool) -> str:
    """Before the browser has said anything: phones name themselves, and a projector shows no sidebar."""
    if "Mobi" in st.context.headers.get("User-Agent", ""):
        return "phone"
    return "broad" if projector else "laptop"


def _look(page: str) -> None:
    """On every page, before it is drawn: the rules of style, the keys, and the script that says which layout fits.

    The browser is asked once and answers only if the guess was wrong. A student's page in a room needs none of this.
    """
    components.reconnect(key="reconnect", on_back_change=lambda: None)
    if room_keys.in_a_room():
        return
    drawn = style()
    st.html(stylesheet.CSS[drawn.projector, dark()])
    if st.context.is_embedded:
        st.html(stylesheet.IN_A_FRAME)
    components.viewport(
        key="viewport",
        data={
            "layout": drawn.layout,
            # The start page has no stage that has to fit, and no sidebar: it is no measure for the next page.
            "fits": fits(drawn.projector) if page in LESSON_PAGES else {},
            "sides": stylesheet.SIDES[drawn.projector],
            "map": drawn.map_side,
            "hands": data_panel(drawn),
        },
        on_layout_change=lambda: LAYOUT.put(session.value("viewport").layout),
        on_theme_change=lambda: None,
    )
    components.keys(key="keys", data={"projector": drawn.projector, "lesson": page in LESSON_PAGES})


def _modes(page: str) -> None:
    """What concerns every page: at the foot of *Controls*, or of the start page, which has none."""
    with st.sidebar if page in LESSON_PAGES else st.container():
        st.toggle(
            "Projector",
            key="projector",
            bind="query-params",
            help="Large type and strong contrast, the sidebar folded. Alt+P switches it. The key ? lists all keys.",
        )
