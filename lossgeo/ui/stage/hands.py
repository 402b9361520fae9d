"""What the hands do on the stage: a start that is clicked or dragged, a data point that is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.charts.hands import MODES
from lossgeo.ui import session
from lossgeo.ui.controls import own_data, settings
from lossgeo.ui.learn import kept
from lossgeo.ui.share import visibility
from lossgeo.views import edits
from lossgeo.views.pages import FARTHEST, POINTS, Page
from lossgeo.views.view import View


def switch(page: Page) -> None:
    """The small switch that says what a drop on the data means."""
    if POINTS in page.names and not visibility.fixed("data"):
        st.segmented_control(
            "Edit data",
            edits.modes(page),
            default=MODES[0],
            key=f"{page.key}_edit",
            bind="query-params",
            required=True,
            help="What happens to the data points under your hand, in the picture of the data. Move: drag a point. "
            "Add: click where a new one should be. Remove: click on a point."
            + (" Flip: click on a point to change its label." if page.model == "sigmoid" else ""),
        )


def mode(page: Page) -> str:
    """What a drop on the data means now."""
    said = session.said(f"{page.key}_edit", MODES[0])
    return said if said in edits.modes(page) else MODES[0]


def row(view: View) -> Mapping[str, float]:
    """What the stage has to know: the mode, -1 if the data cannot be edited; how many drops and picks were heard."""
    data, revisions = view.data, session.revisions(view.page.key).get()
    closed = view.neutral or data is None or not view.page.model or data.n > edits.MOST or visibility.fixed("data")
    return {"mode": -1 if closed else MODES.index(mode(view.page)), "rev": revisions[0], "srev": revisions[1]}


def heard(view: View, key: str) -> None:
    """Callback of the stage: act on what is new among the last pick and the last drop; both stay until the next."""
    last, slot = session.value(key)["selection"], session.revisions(view.page.key)
    pick, drop = last.get("pick") or None, last.get("drop") or None
    before, (drops, picks) = session.heard(view.page.key).get(), slot.get()
    session.heard(view.page.key).put((drop, pick))
    if pick and pick != before[1]:
        picks += 1
        _take(view.page, pick[0])
    if drop and drop != before[0]:
        drops += 1
        _dropped(view, drop[0])
    slot.put((drops, picks))


def _take(page: Page, place: Mapping[str, float]) -> None:
    """A place on the map was chosen: it is the start, or the guess that the lesson asks for."""
    if not kept.take_guess(page.key, place):
        settings.set_start(page, place)


def typed(page: Page, key: str) -> None:
    """Callback of the player: Enter in the numbers of the pointer chooses that place, as a click on the map does."""
    said = session.value(key).place
    numbers = [said.get(name) for name in ("w", "b")] if isinstance(said, dict) else [None]
    if all(isinstance(number, int | float) and abs(number) <= FARTHEST for number in numbers):
        _take(page, said)


def _dropped(view: View, drop: Mapping[str, Any]) -> None:
    """Change the data as the drop says. What cannot be done is said, and nothing changes."""
    if drop.get("gx") is None or drop.get("gy") is None or row(view)["mode"] < 0:
        return
    try:
        at = edits.Drop((float(drop["gx"]), float(drop["gy"])), (float(drop["cx"]), float(drop["cy"])))
        points = edits.edited(view, mode(view.page), at)
        if points is not None:
            own_data.set_points(view.page, points[0].tolist(), points[1].tolist())
    except ValueError as error:
        st.toast(f"{error}.")
