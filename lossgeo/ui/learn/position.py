"""Which lesson of a page is open, and which part of it: the parameters `<page>_lesson` and `<page>_part` of the URL.

No widget is bound to them, because the lists show ticks, and a bound list would write these into the URL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lossgeo.teaching.lessons import Lesson, of_page
from lossgeo.ui import session

PARTS = ("Play", "Recall", "Predict", "Observe", "Explain", "Refute", "Transfer", "End")


def last(page: str) -> tuple[str, str]:
    """The lesson and the part that the URL names, or that were last open on the page, or the first ones."""
    before = session.place_in_lessons(page).get()
    numbers = [str(lesson.number) for lesson in of_page(page)]
    number, part = session.parameter(f"{page}_lesson"), session.parameter(f"{page}_part")
    if number not in numbers:
        number = before[0] if before[0] in numbers else numbers[0]
    if part not in PARTS:
        part = before[1] if before[1] in PARTS and number == before[0] else PARTS[0]
    return number, part


def lesson_of(page: str) -> Lesson:
    """The open lesson of a page."""
    number, _ = last(page)
    return next(lesson for lesson in of_page(page) if str(lesson.number) == number)


def go_to(page: str, number: int | str, part: str) -> None:
    """Open a part of a lesson."""
    session.place_in_lessons(page).put((str(number), part))
    session.write(f"{page}_lesson", str(number))
    session.write(f"{page}_part", part)


def choose(page: str, finished: frozenset[str], done: frozenset[str], go: Callable[[str, str], None]) -> str:
    """Two lists in one row: the lessons of the page, and the parts of the open one. Returns the open part.

    A tick stands behind the lessons that are `finished`, by number, and behind the parts that are `done`. `go` is
    called with lesson and part when another one is chosen.
    """
    number, part = last(page)
    go_to(page, number, part)
    with st.container(horizontal=True, gap="xsmall", key=f"{page}_position"):
        _list(
            "Lesson",
            [str(lesson.number) for lesson in of_page(page)],
            number,
            f"_{page}_lessons",
            lambda text: f"Lesson {text}{' ✓' if text in finished else ''}",
            lambda text: go(text, PARTS[0]),
        )
        _list(
            "Part of the lesson",
            PARTS,
            part,
            f"_{page}_parts",
            lambda text: f"{PARTS.index(text) + 1} {text}{' ✓' if text in done else ''}",
            lambda text: go(number, text),
        )
    return part


def _list(
    label: str, options: Sequence[str], chosen: str, key: str, shown: Callable[[str], str], go: Callable[[str], None]
) -> None:
    """A list to choose from, set to `chosen`.

    The browser sends the label of what is chosen. After a new tick it still has the label without it, which no longer
    is one of the list: that is no choice.
    """

    def taken() -> None:
        if session.value(key) in options:
            go(session.value(key))

    if session.value(key) != chosen:
        session.put(key, chosen)
    st.selectbox(label, options, key=key, format_func=shown, label_visibility="collapsed", on_change=taken)
