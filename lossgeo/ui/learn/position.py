"""Which lesson of a page is open, and which part of it."""

from __future__ import annotations

import streamlit as st

from lossgeo.teaching.lessons import of_page
from lossgeo.ui import session

PARTS = ("Recall", "Predict", "Observe", "Explain", "Refute", "Transfer", "End")


def choose(page: str, numbers: list[str]) -> tuple[str, str]:
    """The open lesson and part, from two widgets that are bound to the URL."""
    keys, last = (f"{page}_lesson", f"{page}_part"), session.place_in_lessons(page)
    if not any(map(session.shown, keys)):
        for key, value in zip(keys, last.get(), strict=True):  # the learner came back from another tab or page
            if value:
                session.put(key, value)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Lesson", width="content")
        number = _row("Lesson", numbers, keys[0])
        part = _row("Part of the lesson", PARTS, keys[1])
    last.put((number, part))
    return number, part


def _row(label: str, options: list[str] | tuple[str, ...], key: str) -> str:
    """A row of buttons. A link with an empty text selects none; then the first option counts."""
    chosen = st.segmented_control(
        label, options, default=options[0], key=key, bind="query-params", label_visibility="collapsed", required=True
    )
    return chosen or options[0]


def go_to(page: str, number: int, part: str) -> None:
    """Callback: open a part of a lesson."""
    session.put(f"{page}_lesson", str(number))
    session.put(f"{page}_part", part)


def open_part(page: str) -> tuple[str, str] | None:
    """The open lesson ("" for the first one of the page) and part.

    None if another tab is open, or the first part or the end of a lesson.
    """
    tab, number, part = (session.said(f"{page}_{name}") for name in ("tab", "lesson", "part"))
    return (number, part) if tab in ("", "Learn") and part in PARTS[1:-1] else None


def lesson_sets(page: str, keys: list[str]) -> bool:
    """Whether the open lesson, past its first part, has states that set one of these widgets."""
    where = open_part(page)
    if where is None:
        return False
    lessons = of_page(page)
    lesson = next((each for each in lessons if str(each.number) == where[0]), lessons[0])
    return any(key in show.state for show in lesson.shows() for key in keys)
