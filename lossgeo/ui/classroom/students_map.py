"""A student's page while the class is asked for a point of the map, a start or where a run will end, or for a rate."""

from __future__ import annotations

from math import log10

import numpy as np
import streamlit as st

from lossgeo.charts.pick_map import pick_map_spec
from lossgeo.charts.style import ChartStyle, colours
from lossgeo.numbers import number, plural, point
from lossgeo.rooms import Ballot, RoomError, StudentView, Vote
from lossgeo.ui import session
from lossgeo.ui.classroom import room_keys, rounds
from lossgeo.ui.classroom.room_keys import Key
from lossgeo.ui.controls import settings, widgets
from lossgeo.ui.runtime import components
from lossgeo.ui.session import ROOM_SAYS
from lossgeo.ui.tables import columns, tables
from lossgeo.views import crowd
from lossgeo.views.pages import GD
from lossgeo.views.view import View

ASKED = {
    "start": ("Choose your start", "Click where your run shall begin. All runs of the class are shown on the wall."),
    "rate": ("Choose a learning rate", "The square is the start of every run. All runs are shown on the wall."),
    "place": ("Where will it end?", "The square is the start of one run. Click where you think that it ends."),
}


def show(key: Key, seen: StudentView) -> bool:
    """The map with the own point, or the rates, and a way to choose without a pointer. False if it is no such round."""
    room = seen.room
    view = rounds.view_of(room.round, ChartStyle("phone"))
    if view is None or room.round.kind not in ASKED:
        return False
    heading, words = ASKED[room.round.kind]
    own = seen.own[0]
    st.subheader(heading)
    what = "rate" if room.round.kind == "rate" else "point"
    st.markdown(words if room.ballot else f"No more {what}s are taken. Look at the wall.")
    _map(key, seen, view, own)
    if what == "rate":
        _rate(key, seen, view, own)
        return True
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
    own_start = seen.room.round.kind == "start"
    square = (mine or (w1 + (w1 - w0), b1)) if own_start else view.choice.start  # outside: none yet
    row = {"w0": w0, "w1": w1, "b0": b0, "b1": b1, "sw": square[0], "sb": square[1]}
    marked = [(*mine, "✕")] if mine and seen.room.round.kind == "place" else []
    sets = {
        "view": {name: [value] for name, value in row.items()}
        | {"url": [view.scene.url], "ink": [colours(dark=st.context.theme.type == "dark")["ink"]]},
        "words": columns(marked, w=float, b=float, text=str),
    }
    chart, ballot = f"_room_map_{key[0]}_{seen.room.number}", seen.room.ballot
    clicked = seen.room.round.kind != "rate"
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
        on_select=take_pick if clicked else "ignore",
        selection_mode=["pick"] if clicked else None,
        alt=f"Map of the {view.loss.name}."
        + (" Choose a point by a click, or by the two numbers." if clicked else " The square is the start."),
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


def _rate(key: Key, seen: StudentView, view: View, own: Vote | None) -> None:
    """The slider and its button while rates are taken; the own rate, and after the run what came of it."""
    room, ballot = seen.room, seen.room.ballot
    (rate,) = own.answer if own is not None and isinstance(own.answer, tuple) else (None,)
    method = view.choice.methods[0].name if view.choice.methods else GD
    if ballot:
        ((low, high),) = room.round.limits
        box = f"_room_rate_{key[0]}_{ballot[0]}"
        dial = sorted({*widgets.dial(round(log10(low)), round(log10(high))), *([rate] if rate else [])})
        st.select_slider(
            f"Learning rate of {method}, at most {plural(view.choice.steps, 'step')}",
            dial,
            value=rate or dial[len(dial) // 2],
            format_func=number,
            key=box,
            on_change="ignore",
        )
        st.button("Vote", key=f"_room_rates_{key[0]}_{ballot[0]}", type="primary", width="stretch",
                  on_click=_chosen, args=(key, ballot, box))  # fmt: skip
    if rate is not None:
        st.success(f"Your rate: {number(rate)}." + (" You can change it until the teacher goes on." if ballot else ""))
        if not ballot:
            _ending(view, "rate", own)


def _chosen(key: Key, ballot: Ballot, box: str) -> None:
    """Callback: the rate of the slider."""
    give(key, ballot, float(session.value(box)))


def _typed(key: Key, ballot: Ballot, boxes: list[str]) -> None:
    """Callback: the point of the two numbers."""
    first, second = (session.value(box) for box in boxes)
    if first is None or second is None:
        ROOM_SAYS.put("Both numbers are needed.")
    else:
        give(key, ballot, float(first), float(second))


def give(key: Key, ballot: Ballot, *answer: float) -> None:
    """Callback: hand in a point or a rate. One outside the map, or too late, is refused with a sentence."""
    try:
        room_keys.STORE.vote(*key, ballot, answer)
    except RoomError as error:
        ROOM_SAYS.put(str(error))
    except ValueError:
        what = "point is not on the map" if len(answer) == 2 else "rate is not on the slider"
        ROOM_SAYS.put(f"That {what}. Choose one that is.")


def _ending(view: View, kind: str, own: Vote | None) -> None:
    """Where the own run ended; or, after a prediction, where the run of all did."""
    answer = own.answer if own is not None and isinstance(own.answer, tuple) else ()
    try:
        if kind == "rate":
            found = crowd.of_rates(view, answer)
        else:
            found = crowd.of_class(view, [answer if kind == "start" else view.choice.start])
    except ValueError as error:
        st.info(f"The run cannot be made: {error}.")
        return
    ((words, _),) = crowd.outcomes(view, found.basins)
    st.info(f"{'The run ended' if kind == 'place' else 'Your run ended'} {words}.")
