"""The learner's progress in this session: the only place that reads or writes it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lossgeo.teaching.progress import Progress
from lossgeo.teaching.questions import Question

KEY = "_progress"


def progress() -> Progress:
    held: Progress = st.session_state.get(KEY) or Progress()
    return held


def keep(progress: Progress) -> None:
    st.session_state[KEY] = progress


def answer(question: Question, chosen: int, confidence: str) -> None:
    keep(progress().answered(question, chosen, confidence))


def note(lesson: int, **changes: Any) -> None:
    keep(progress().noted(lesson, **changes))
