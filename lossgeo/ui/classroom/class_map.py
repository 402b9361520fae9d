"""The teacher's map of the class: each student's start or rate, all run at once; or where it thinks a run will end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from lossgeo.charts import class_map
from lossgeo.charts.style import ChartStyle, colours
from lossgeo.numbers import number, plural
from lossgeo.rooms import Phase, Room, Round, TeacherView, Vote
from lossgeo.teaching import questions as bank
from lossgeo.ui.classroom import board, room_keys, rounds
from lossgeo.ui.classroom.room_keys import live
from lossgeo.ui.controls import rate_ruler, settings
from lossgeo.ui.runtime import components, frame
from lossgeo.ui.session import ROOM_SAYS
from lossgeo.ui.tables import columns, tables
from lossgeo.views import crowd
from lossgeo.views.rate_marks import named_marks
from lossgeo.views.reading_point import reading_point
from lossgeo.views.view import View

# Kind of round -> the button that begins it, and what that does.
KINDS = {
    "start": (
        "Let them choose starts",
        "Every student clicks a point on this map, with this data, method and rate. All runs then go at once.",
    ),
    "rate": (
        "Let them choose rates",
        "Every student chooses a learning rate for the start on this map. All runs then go at once.",
    ),
    "place": (
        "Let them guess where it ends",
        "Every student clicks a point on this map, with this data, method and rate. Then the run drawn here is shown.",
    ),
}
SCOPE = ".st-key-class_map"


def offer(view: View) -> None:
    """The buttons that ask the class for a point or a rate on the map that the teacher sees."""
    for kind, (label, told) in KINDS.items():
        st.button(label, key=f"_room_{kind}_{view.page.key}", on_click=_ask, args=(kind, view), help=told)


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
    style = replace(style, panel=False)  # on a projector the stage makes room for the class
    view = rounds.view_of(now.room.round, style)
    if view is None:
        st.warning("This map is not known here. Ask the room something else.")
        return
    ran = now.room.phase is Phase.REVEALED
    left, right = (st.container(), st.container()) if style.stacked else st.columns([style.map_side + 76, 340])
    with right, st.container(horizontal=True, gap="small"):
        st.button(
            "Again" if ran else "Show where it ends" if now.room.round.kind == "place" else "Run",
            key="_room_run",
            type="primary",
            on_click=board.go,
            args=(Phase.ALONE if ran else Phase.REVEALED,),
            help="Takes answers again; those that are there stay." if ran else "No more answers are taken then.",
        )
        st.button("Back to the questions", key=f"_room_ask_{view.page.key}", on_click=board.ask, args=(question,))
    by_rate = now.room.round.kind == "rate"
    if not ran:
        if by_rate:
            with left:
                _chart(view, _dots(_start(view)), 0, "Map with the start of all runs.", "class_start")
        with right if by_rate else left:
            _gather(now.room.revision, view)
        return
    chosen = _points(now.votes[0])
    if not chosen:
        left.info(f"Nobody has chosen a {'rate' if by_rate else 'point'}.")
        return
    try:
        (_guesses if now.room.round.kind == "place" else _runs)(view, chosen, left, right, now.room)
    except ValueError as error:
        left.warning(f"The runs cannot be made: {error}.")


def key_of_colours(rows: Sequence[tuple[str, str, str]]) -> None:
    """The legend of the map: colour, number of runs, words."""
    lines = "".join(
        '<div><span style="display:inline-block;width:1.2em;height:1.2em;border:1px solid #888;vertical-align:-.2em;'
        f'background:{colour}" aria-hidden="true"></span> <b>{count}</b> {words}</div>'
        for colour, count, words in rows
    )
    st.html(f'<div style="font-size:.9rem;line-height:1.6">{lines}</div>')


def _points(votes: tuple[Vote, ...]) -> list[tuple[float, ...]]:
    return [vote.answer for vote in votes if isinstance(vote.answer, tuple)]


@live(1.0)
def _gather(revision: int, view: View) -> None:
    """The points or rates as they come. Guesses are not shown before the run: each should be the student's own."""
    now = board.now_or_rerun(revision)
    if now is None:
        return
    chosen = _points(now.votes[0])
    if now.room.round.kind == "rate":
        _rates(view, now.room.round, [(rate, class_map.CHOSEN) for (rate,) in chosen], marked=False)
    elif now.room.round.kind == "start":
        told = f"Map with {plural(len(chosen), 'start')} of the class."
        _chart(view, _dots(_still(chosen, class_map.CHOSEN)), 0, told, "class_points")
    else:
        _chart(view, _dots(_start(view)), 0, "Map with the start of the run.", "class_points", numbered=False)


def _runs(view: View, chosen: list[tuple[float, ...]], left: Any, right: Any, room: Room) -> None:
    """All runs at once, and how many ended where."""
    by_rate = room.round.kind == "rate"
    found = crowd.of_rates(view, [rate for (rate,) in chosen]) if by_rate else crowd.of_class(view, chosen)
    ends = crowd.outcomes(view, found.basins)
    frames, count = found.points.shape[:2]
    flat = np.clip(found.points.reshape(-1, 2), -1e30, 1e30).astype(np.float32)  # far outside the map anyway
    dots = {
        "w": flat[:, 0],
        "b": flat[:, 1],
        "since": np.repeat(found.steps, count),
        "until": np.repeat([*found.steps[1:], view.choice.steps + 1], count),
        "colour": [f"rgb{colour}" for _, colour in ends] * frames,
    }
    rows = [(f"rgb{colour}", str(many), words) for (words, colour), many in Counter(ends).most_common()]
    told = "; ".join(f"{many} ended {words}" for _, many, words in rows)
    with left:
        what = plural(count, "learning rate" if by_rate else "start")
        _chart(view, dots, view.choice.steps, f"The runs of {what}: {told}.", "class_runs")
    with right:
        st.markdown(f"**{what}, at most {view.choice.steps} steps of {_method(view)}.** They ended")
        key_of_colours(rows)
        if by_rate:
            ended = [(rate, f"rgb{colour}") for (rate,), (_, colour) in zip(chosen, ends, strict=True)]
            _rates(view, room.round, ended, marked=True)
        steps = [int(step) for step in found.steps]
        components.class_player(
            key="class_player", data={"scope": SCOPE, "name": class_map.SLIDER, "steps": steps, "run": room.revision}
        )


def _rates(view: View, asked: Round, rows: Sequence[tuple[float, str]], marked: bool) -> None:
    """The rates (rate, colour) of a class on a line. marked: with the limit 2/L of gradient descent, if it holds."""
    spot = reading_point(view)
    ((low, high),) = asked.limits
    marks = named_marks(spot, view.loss) if marked and rate_ruler.descends(view) else []
    marks = [mark for mark in marks if mark.limit and not mark.here and low <= mark.at <= high]
    above: Counter[float] = Counter()
    dots = []
    for rate, colour in sorted(rows):
        dots.append((rate, above[rate], colour))
        above[rate] += 1
    ink = colours(view.style.projector, frame.dark())["ink"]
    most = max([6, *above.values()])
    sets: dict[str, Any] = {
        "view": {"low": [low], "high": [high], "rows": [most], "ink": [ink]},
        "dots": columns(dots, rate=float, row=int, colour=str),
        "marks": columns([(mark.at, f"{mark.name} = {number(mark.at)}") for mark in marks], rate=float, name=str),
    }
    told = f"The learning rates of the class, from {number(low)} to {number(high)}: {plural(len(dots), 'rate')}."
    spec = class_map.rate_line_spec(view.style)
    st.vega_lite_chart({**spec, "datasets": tables(sets)}, key="class_rates", width="content", alt=told)


def _guesses(view: View, places: list[tuple[float, ...]], left: Any, right: Any, room: Room) -> None:
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


def _start(view: View) -> list[tuple[object, ...]]:
    """The row of the start that all have."""
    return _still([view.choice.start], "#000000")


def _still(points: Sequence[tuple[float, ...]], colour: str) -> list[tuple[object, ...]]:
    """Rows of dots that do not move."""
    return [(*point, 0.0, 1.0, colour) for point in points]


def _dots(rows: Iterable[tuple[object, ...]]) -> dict[str, Any]:
    return dict(columns(rows, w=float, b=float, since=float, until=float, colour=str))
