"""Where one is in the lessons of a page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lossgeo.teaching.lessons import of_page

PARTS = ("Recall", "Predict", "Observe", "Explain", "Refute", "Transfer", "End")


def lesson_place(page: str, numbers: list[str]) -> tuple[str, str]:
    """Which lesson of the page and which part of it is open: two bound widgets, which also lead anywhere else."""
    keys, kept = (f"{page}_lesson", f"{page}_part"), f"_{page}_place"
    if not any(key in st.session_state or key in st.query_params for key in keys):
        for key, value in zip(keys, st.session_state.get(kept, ()), strict=False):  # back from another tab or page
            st.session_state[key] = value
    options: dict[str, Any] = {"bind": "query-params", "label_visibility": "collapsed", "required": True}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Lesson", width="content")
        number = st.segmented_control("Lesson", numbers, default=numbers[0], key=keys[0], **options)
        part = st.segmented_control("Part of the lesson", PARTS, default=PARTS[0], key=keys[1], **options)
    number, part = number or numbers[0], part or PARTS[0]  # a link with an empty text leaves them without choice
    st.session_state[kept] = number, part
    return number, part


def go_to(page: str, number: int, part: str) -> None:
    """Callback: open a part of a lesson."""
    st.session_state[f"{page}_lesson"], st.session_state[f"{page}_part"] = str(number), part


def open_part(page: str) -> tuple[str | None, str] | None:
    """Lesson (None: the page's first) and part that are open, between the first part and the end."""
    tab, number, part = (
        st.session_state.get(f"{page}_{name}") or st.query_params.get(f"{page}_{name}")
        for name in ("tab", "lesson", "part")
    )
    return (number, part) if tab in (None, "Learn") and part in PARTS[1:-1] else None


def lesson_sets(page: str, keys: list[str]) -> bool:
    """Whether the open lesson, past its first part, has states that set one of these widgets."""
    where = open_part(page)
    if where is None:
        return False
    lessons = of_page(page)
    lesson = next((it for it in lessons if str(it.number) == where[0]), lessons[0])
    return any(key in show.state for show in lesson.shows() for key in keys)
