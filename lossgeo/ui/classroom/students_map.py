"""A student's page while the class is asked for a point of the map: a start, or the place where a run will end."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossgeo.charts.pick_map import pick_map_spec
from lossgeo.charts.style import ChartStyle, colours
from lossgeo.numbers import point
from lossgeo.rooms import Ballot, RoomError, StudentView, Vote
from lossgeo.ui import session
from lossgeo.ui.classroom import room_keys, rounds
from lossgeo.ui.classroom.room_keys import Key
from lossgeo.ui.controls import settings
from lossgeo.ui.runtime import components
from lossgeo.ui.session import ROOM_SAYS
from lossgeo.ui.tables import columns, tables
from lossgeo.views import crowd
from lossgeo.views.view import View

ASKED = {
    "start": ("Choose your start", "Click where your run shall begin. All runs of the class are shown on the wall."),
    "place": ("Where will it end?", "The square is the start of one run. Click where you think that it ends."),
}


def show(key: Key, seen: StudentView) -> bool:
    """The map with the own point, and the way to choose it without a pointer. False if this is no such round."""
    room = seen.room
    view = rounds.view_of(room.round, ChartStyle("phone"))
    if view is None or room.round.kind not in ASKED:
        return False
    heading, words = ASKED[room.round.kind]
    own = seen.own[0]
    st.subheader(heading)
    st.markdown(words if room.ballot else "No more points are taken. Look at the wall.")
    _map(key, seen, view, own)
    if own is not None and isinstance(own.answer, tuple):
        at = point(np.array(own.answer), view.loss.parameters)
        st.success(f"Your point: {at}." + (" You can change it until the teacher goes on." if room.ballot else ""))
        if not room.ballot:
            _ending(view, room.round.kind, own)
    if room.ballot:
        with st.expander("Type the point"):
            _numbers(key, view, room.ballot, own)
    return True


def _map(key: Key, seen: StudentView, view: View, own: Vote | None) -> None:
    (w0, w1), (b0, b1) = view.window
    mine = own.answer if own is not None and isinstance(own.answer, tuple) else None
    square = view.choice.start if seen.room.round.kind == "place" else mine or (w1 + (w1 - w0), b1)  # outside: none yet
    row = {"w0": w0, "w1": w1, "b0": b0, "b1": b1, "sw": square[0], "sb": square[1]}
    marked = [(*mine, "✕")] if mine and seen.room.round.kind == "place" else []
    sets = {
        "view": {name: [value] for name, value in row.items()}
        | {"url": [view.scene.url], "ink": [colours(dark=st.context.theme.type == "dark")["ink"]]},
        "words": columns(marked, w=float, b=float, text=str),
    }
    chart, ballot = f"_room_map_{key[0]}_{seen.room.number}", seen.room.ballot
    boxes = _boxes(key, seen.room.number)

    def take_pick() -> None:
        at = settings.picked(chart)
        if at and ballot and (float(at["w"]), float(at["b"])) != mine:
            give(key, ballot, float(at["w"]), float(at["b"]))
            for box, field in zip(boxes, "wb", strict=True):
                session.put(box, float(at[field]))

    # The script that makes clicks of a finger's taps on a chart; there is one layout only, so it asks for no other.
    components.viewport(
        key="viewport",
        data={"layout": "phone", "fits": {"phone": 0}, "sides": 0, "projector": False, "map": view.style.map_side},
        on_layout_change=lambda: None,
        on_theme_change=lambda: None,
    )
    st.vega_lite_chart(
        {**pick_map_spec(*view.loss.parameters, view.style), "datasets": tables(sets)},
        key=chart,
        width="content",
        on_select=take_pick,
        selection_mode=["pick"],
        alt=f"Map of the {view.loss.name}. Choose a point by a click, or by the two numbers.",
    )


def _boxes(key: Key, number: int) -> list[str]:
    """The widget keys of the two numbers in a round."""
    return [f"_room_{name}_{key[0]}_{number}" for name in "wb"]


def _numbers(key: Key, view: View, ballot: Ballot, own: Vote | None) -> None:
    """Two numbers and a button, for the keyboard."""
    boxes = _boxes(key, ballot[0])
    mine = own.answer if own is not None and isinstance(own.answer, tuple) else None
    for i, (column, box, name) in enumerate(zip(st.columns(2), boxes, view.loss.parameters, strict=True)):
        low, high = view.window[i]
        first = mine[i] if mine else float(f"{(low + high) / 2:.3g}")
        if session.value(box) is None:
            session.put(box, first)
        column.number_input(name, step=float(f"{(high - low) / 50:.1g}"), format="%.6g", key=box)
    st.button("Vote", key=f"_room_point_{key[0]}_{ballot[0]}", type="primary", width="stretch",
              on_click=_typed, args=(key, ballot, boxes))  # fmt: skip


def _typed(key: Key, ballot: Ballot, boxes: list[str]) -> None:
    """Callback: the point of the two numbers."""
    first, second = (session.value(box) for box in boxes)
    if first is None or second is None:
        ROOM_SAYS.put("Both numbers are needed.")
    else:
        give(key, ballot, float(first), float(second))


def give(key: Key, ballot: Ballot, first: float, second: float) -> None:
    """Callback: hand in a point. One outside the map, or too late, is refused with a sentence."""
    try:
        room_keys.STORE.vote(*key, ballot, (first, second))
    except RoomError as error:
        ROOM_SAYS.put(str(error))
    except ValueError:
        ROOM_SAYS.put("That point is not on the map. Choose one that is.")


def _ending(view: View, kind: str, own: Vote) -> None:
    """Where the own run ended; or, after a prediction, where the run of all did."""
    start = own.answer if kind == "start" and isinstance(own.answer, tuple) else view.choice.start
    try:
        found = crowd.of_class(view, [start])
    except ValueError as error:
        st.info(f"The run cannot be made: {error}.")
        return
    ((words, _),) = crowd.outcomes(view, found.basins)
    st.info(f"{'Your run ended' if kind == 'start' else 'The run ended'} {words}.")
