"""One question of the bank, asked inside a lesson: answer and confidence first, then why."""

from __future__ import annotations

import streamlit as st

from lossgeo import quiz
from lossgeo.ui import classroom, memory
from lossgeo.ui.states import buttons


def said(place: str) -> quiz.Mark | None:
    """The answer given at this place of a lesson, in this visit: what was right before is asked again."""
    held: quiz.Mark | None = st.session_state.get(f"_said_{place}")
    return held


def ask(question: quiz.Question, place: str) -> None:
    """The question; once it is answered, what is true and the state that shows it."""
    st.markdown(question.stem)
    order, verdict = quiz.order(question, classroom.seed()), said(place)
    if verdict is None:
        chosen = st.radio(
            "Your answer", order, index=None, key=f"_{place}_answer", format_func=lambda i: question.options[i].text
        )
        sure = how_sure(f"_{place}_sure")
        st.button(
            "Check my answer",
            key=f"_{place}_check",
            type="primary",
            disabled=chosen is None or sure is None,
            on_click=_answer,
            args=(question, place, chosen, sure),
            help="Choose an answer and say how sure you are.",
        )
        return
    lines = []
    for i in order:
        note = "your answer" if i == verdict.chosen else "the right answer" if i == question.answer else ""
        lines.append(f"- {question.options[i].text}" + (f" **({note})**" if note else ""))
    st.markdown("\n".join(lines))
    if verdict.right:
        st.success(f"**Right** (you were: {verdict.confidence}). {question.explanation}")
    else:
        st.warning(f"**Not this one** (you were: {verdict.confidence}). {verdict.feedback}")
        st.markdown(f"**What is true.** {question.explanation}")
    buttons([("Show it on the stage", question.options[verdict.chosen].state)], f"{place}_shown")


def how_sure(key: str) -> str | None:
    sure: str | None = st.segmented_control("How sure are you?", quiz.CONFIDENCE, key=key)
    return sure


def _answer(question: quiz.Question, place: str, chosen: int, sure: str) -> None:
    memory.answer(question, chosen, sure)
    st.session_state[f"_said_{place}"] = quiz.mark(question, chosen, sure)


def forget(place: str) -> None:
    """The question may be asked again here."""
    for key in (f"_said_{place}", f"_{place}_answer", f"_{place}_sure"):
        st.session_state.pop(key, None)
