"""The teacher's map of the class: each student's start, all run at once; or where the class thinks a run will end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from lossgeo.charts import class_map
from lossgeo.charts.style import ChartStyle, colours
from lossgeo.numbers import plural
from lossgeo.rooms import Phase, TeacherView, Vote
from lossgeo.teaching import questions as bank
from lossgeo.ui.classroom import board, room_keys, rounds
from lossgeo.ui.classroom.room_keys import live
from lossgeo.ui.controls import settings
from lossgeo.ui.runtime import components, frame
from lossgeo.ui.session import ROOM_SAYS
from lossgeo.ui.tables import columns, tables
from lossgeo.views import crowd
from lossgeo.views.view import View

KINDS = {"start": "Let them choose starts", "place": "Let them guess where it ends"}
SCOPE = ".st-key-class_map"


def offer(view: View) -> None:
    """The two buttons that ask the class for a point on the map that the teacher sees."""
    for kind, label in KINDS.items():
        st.button(
            label,
            key=f"_room_{kind}_{view.page.key}",
            on_click=_ask,
            args=(kind, view),
            help="Every student clicks a point on this map, with this data, method and rate. "
            + ("All runs then go at once." if kind == "start" else "Then the run drawn here is shown."),
        )


def _ask(kind: str, view: View) -> None:
    """Callback: begin a round on the map."""
    try:
        asked = rounds.of_map(kind, view, settings.state(view.page))
    except ValueError as error:
        ROOM_SAYS.put(f"These settings cannot be handed to the class: {error}.")
        return
    room_keys.change(room_keys.STORE.start, asked)


def show(now: TeacherView, style: ChartStyle, question: bank.Question) -> None:
    """The map with the points of the class; after *Run* the playback and where the runs ended.

    question: the one to which the way back leads.
    """
    view = rounds.view_of(now.room.round, style)
    if view is None:
        st.warning("This map is not known here. Ask the room something else.")
        return
    ran = now.room.phase is Phase.REVEALED
    left, right = (st.container(), st.container()) if style.stacked else st.columns([style.map_side + 76, 340])
    with right, st.container(horizontal=True, gap="small"):
        st.button(
            "Again" if ran else "Run" if now.room.round.kind == "start" else "Show where it ends",
            key="_room_run",
            type="primary",
            on_click=board.go,
            args=(Phase.ALONE if ran else Phase.REVEALED,),
            help="Takes points again; those that are there stay." if ran else "No more points are taken then.",
        )
        st.button("Back to the questions", key=f"_room_ask_{view.page.key}", on_click=board.ask, args=(question,))
    if not ran:
        with left:
            _gather(now.room.revision, view)
        return
    starts = _points(now.votes[0])
    if not starts:
        left.info("Nobody has chosen a point.")
        return
    try:
        (_runs if now.room.round.kind == "start" else _guesses)(view, starts, left, right, now.room.revision)
    except ValueError as error:
        left.warning(f"The runs cannot be made: {error}.")


def key_of_colours(rows: Sequence[tuple[str, str, str]]) -> None:
    """The legend of the map: colour, number of runs, words."""
    lines = "".join(
        '<div><span style="display:inline-block;width:1.2em;height:1.2em;border:1px solid #888;vertical-align:-.2em;'
        f'background:{colour}" aria-hidden="true"></span> <b>{number}</b> {words}</div>'
        for colour, number, words in rows
    )
    st.html(f'<div style="font-size:.9rem;line-height:1.6">{lines}</div>')


def _points(votes: tuple[Vote, ...]) -> list[tuple[float, ...]]:
    return [vote.answer for vote in votes if isinstance(vote.answer, tuple)]


@live(1.0)
def _gather(revision: int, view: View) -> None:
    """The points as they come. Guesses are not shown before the run: each should be the student's own."""
    now = board.now_or_rerun(revision)
    if now is None:
        return
    own = now.room.round.kind == "start"
    points = _points(now.votes[0]) if own else []
    start = [] if own else [view.choice.start]
    dots = _dots([*_still(points, class_map.CHOSEN), *_still(start, "#000000")])
    _chart(view, dots, 0, f"Map with {plural(len(points), 'start')} of the class.", "class_points", own)


def _runs(view: View, starts: list[tuple[float, ...]], left: Any, right: Any, revision: int) -> None:
    """All runs at once, and how many ended where."""
    found = crowd.of_class(view, starts)
    ends = crowd.outcomes(view, found.basins)
    frames, count = found.points.shape[:2]
    flat = found.points.reshape(-1, 2).astype(np.float32)
    dots = {
        "w": flat[:, 0],
        "b": flat[:, 1],
        "since": np.repeat(found.steps, count),
        "until": np.repeat([*found.steps[1:], view.choice.steps + 1], count),
        "colour": [f"rgb{colour}" for _, colour in ends] * frames,
    }
    rows = [(f"rgb{colour}", str(number), words) for (words, colour), number in Counter(ends).most_common()]
    told = "; ".join(f"{number} ended {words}" for _, number, words in rows)
    with left:
        _chart(view, dots, view.choice.steps, f"The runs of {plural(count, 'start')}: {told}.", "class_runs")
    with right:
        st.markdown(f"**{plural(count, 'start')}, at most {view.choice.steps} steps of {_method(view)}.** They ended")
        key_of_colours(rows)
        steps = [int(step) for step in found.steps]
        components.class_player(
            key="class_player", data={"scope": SCOPE, "name": class_map.SLIDER, "steps": steps, "run": revision}
        )


def _guesses(view: View, places: list[tuple[float, ...]], left: Any, right: Any, revision: int) -> None:
    """Where the class thought that the run would end, and the run."""
    found = crowd.of_class(view, [view.choice.start])
    ((words, _),) = crowd.outcomes(view, found.basins)
    line = found.points[:, 0]
    line = line[np.isfinite(line).all(axis=1)]
    path = {"w": line[:, 0], "b": line[:, 1], "t": list(range(len(line)))}
    dots = _dots(_still(places, class_map.CHOSEN))
    with left:
        _chart(view, dots, 0, f"{plural(len(places), 'guess')}; the run ended {words}.", "class_guesses", path=path)
    with right:
        st.markdown(f"**The run ended {words}.**\n\n{plural(len(places), 'point')}: where the class thought it would.")


def _method(view: View) -> str:
    return view.choice.methods[0].name if view.choice.methods else "gradient descent"


def _chart(
    view: View, dots: dict[str, Any], steps: int, alt: str, key: str, numbered: bool = True, **more: Any
) -> None:
    """The map with the dots of a class, the minima numbered if that gives nothing away."""
    (w0, w1), (b0, b1) = view.window
    named = numbered and view.loss.minimisers not in ("line", "region")
    minima = view.loss.minima.tolist() if named else []
    words = [(w, b, str(i)) for i, (w, b) in enumerate(minima, start=1) if w0 <= w <= w1 and b0 <= b <= b1]
    ink = colours(view.style.projector, frame.dark())["ink"]
    sets: dict[str, Any] = {
        "view": {"w0": [w0], "w1": [w1], "b0": [b0], "b1": [b1], "url": [view.scene.url], "ink": [ink]},
        "dots": dots,
        "words": columns(words, w=float, b=float, text=str),
        "path": columns([], w=float, b=float, t=int),
        **more,
    }
    with st.container(key="class_map"):
        spec = class_map.class_map_spec(*view.loss.parameters, view.style, steps)
        st.vega_lite_chart({**spec, "datasets": tables(sets)}, key=key, width="content", alt=alt)


def _still(points: Sequence[tuple[float, ...]], colour: str) -> list[tuple[object, ...]]:
    """Rows of dots that do not move."""
    return [(*point, 0.0, 1.0, colour) for point in points]


def _dots(rows: Iterable[tuple[object, ...]]) -> dict[str, Any]:
    return dict(columns(rows, w=float, b=float, since=float, until=float, colour=str))
