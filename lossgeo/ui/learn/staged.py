"""What the stage shows for a part of a lesson, and the way back from another page.

A part that is about a picture opens it: by *Next*, by the list of parts, and by a link. A link that itself says what
the stage shows keeps it. Undo gives back what was there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.teaching.content_files import State
from lossgeo.teaching.lessons import Lesson
from lossgeo.teaching.questions import load_bank
from lossgeo.ui import session
from lossgeo.ui.controls import settings
from lossgeo.ui.learn import kept, position, record
from lossgeo.ui.learn.prepared import follow, open_it
from lossgeo.ui.session import BACK, NEXT
from lossgeo.views.pages import PAGES, Page


def state_of(lesson: Lesson, part: str) -> State | None:
    """What the stage shows for this part; None if the part leaves it as it is. Always of the lesson's own page."""
    predicted = record.notes_of(lesson).predicted is not None
    # For the recalled question the map alone: a run would distract.
    recalled = next(question for question in load_bank() if question.id == lesson.recall)
    states = {
        "Play": lesson.play.state,
        "Recall": {**recalled.state, f"{recalled.state['page']}_methods": ()},
        "Predict": None if predicted else lesson.predict_state,
        "Observe": kept.run_of_guess(lesson) if predicted else None,
        "Explain": lesson.explain_state,
        "Refute": lesson.refute[0].show.state,
        "Transfer": lesson.transfer_show[0].state if lesson.transfer_show else None,
    }
    state = states.get(part)
    return state if state is not None and state["page"] == lesson.page else None


ARRIVING = "arriving"  # the stage is set to a part, and no run has shown it yet


def arrive(page: Page) -> None:
    """Before the controls are drawn: if this part was not open before, set the stage to what it is about.

    The first run of a session may be cut short, when the browser says which layout or theme there is. What it has set
    can be lost then. So the part only counts as open once a run has shown it (`shown`).
    """
    lesson, (_, part) = position.lesson_of(page.key), position.last(page.key)
    slot, place = session.staged(page.key), _place(lesson, part)
    if slot.get() == place:
        return
    by_link = not slot.get() and any(key.removeprefix(f"{page.key}_") in page.names for key in session.link())
    slot.put(place if by_link else ARRIVING)
    state = state_of(lesson, part)
    if state is not None and not by_link:
        settings.open_state(page, _wanted(state))


def shown(page: Page) -> None:
    """After the stage has been drawn: the open part is the one that it shows."""
    session.staged(page.key).put(_place(position.lesson_of(page.key), position.last(page.key)[1]))


def _place(lesson: Lesson, part: str) -> str:
    """How the session keeps which part the stage is set to."""
    return f"{lesson.key} {part}"


def go_to(lesson: Lesson, part: str) -> None:
    """Callback: open a part of a lesson. The page is only drawn again if its stage has to change."""
    position.go_to(lesson.page, lesson.number, part)
    session.staged(lesson.page).put(_place(lesson, part))
    BACK.clear()
    state = state_of(lesson, part)
    if state is not None and not is_shown(state):
        settings.open_state(PAGES[lesson.page], _wanted(state))
        redraw(lesson.page)
    elif _keeps(part):
        redraw(lesson.page)


def _keeps(part: str) -> bool:
    """Whether the part has marks or earlier paths on the map."""
    return part in ("Play", "Observe")


def redraw(page: str) -> None:
    """Callback: draw the whole page again, with its stage."""
    NEXT.put((page, {}))


def is_shown(state: State) -> bool:
    """Whether the stage of the state's page shows just this."""
    page = PAGES[str(state["page"])]
    asked = _wanted(state)
    wanted, now = {**page.state(asked), **asked}, settings.state(page)
    return all(_plain(now.get(key)) == _plain(value) for key, value in wanted.items())


def _wanted(state: State) -> dict[str, Any]:
    """The settings of a state by URL key; a state that names no method means gradient descent.

    A lesson may change what a link hides or locks, as its buttons always could: it must work in every class.
    """
    return {f"{state['page']}_methods": ("gradient descent",)} | {k: v for k, v in state.items() if k != "page"}


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# --- another page, and back ------------------------------------------------------------------------------


def open_elsewhere(state: State, left: str, way_back: str, plays: bool = False) -> None:
    """Callback: open a state. If it is of another page, remember the page `left` with its settings."""
    target = str(state["page"])
    if target != left:
        BACK.put((target, way_back, left, dict(settings.state(PAGES[left]))))
    open_it(state, plays)


def way_back(page: Page) -> None:
    """At the top of the panel: a button back to where a state of this page was opened from."""
    came = BACK.get()
    if came is None:
        return
    if came[0] != page.key:
        going = NEXT.get()
        if going is None or going[0] != came[0]:
            BACK.clear()  # the learner went on to another page
        return
    follow(page.key)
    st.button(came[1], key="_way_back", icon=":material/arrow_back:", type="primary", width="stretch", on_click=_return)


def _return() -> None:
    """Callback: back to the page that was left, with the settings it had."""
    came: tuple[str, str, str, Mapping[str, Any]] | None = BACK.take()
    if came is not None:
        _, _, page, before = came
        settings.open_state(PAGES[page], before)
        usual = PAGES[page].state(before)
        link: dict[str, Any] = {key: _text(value) for key, value in before.items() if value != usual.get(key)}
        view = session.opened(page).get()
        lesson, part = session.place_in_lessons(page).get()
        link |= {f"{page}_tab": view} | ({f"{page}_lesson": lesson, f"{page}_part": part} if lesson else {})
        NEXT.put((page, link))


def _text(value: Any) -> str | list[str]:
    """A setting as the text or texts of a URL parameter."""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
