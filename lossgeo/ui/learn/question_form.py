"""One question of the bank: answer and confidence first, then the explanation and the state that shows it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lossgeo.teaching import questions as bank
from lossgeo.ui import session
from lossgeo.ui.learn import record
from lossgeo.ui.learn.prepared import buttons
from lossgeo.ui.session import SEED, answer_given

Taken = Callable[[bank.Question, int, str], None]


def ask(question: bank.Question, place: str, taken: Taken) -> None:
    """The question, with its options in the order of the class. `taken` is the callback with answer and confidence."""
    st.markdown(question.stem)
    chosen = st.radio(
        "Your answer",
        bank.order(question, SEED.get()),
        index=None,
        key=f"_{place}_answer",
        format_func=lambda i: question.options[i].text,
    )
    sure = how_sure(f"_{place}_sure")
    st.button(
        "Check my answer",
        key=f"_{place}_check",
        type="primary",
        disabled=chosen is None or sure is None,
        on_click=taken,
        args=(question, chosen, sure),
        help="Choose an answer and say how sure you are.",
    )


def feedback(question: bank.Question, place: str, verdict: bank.Mark) -> None:
    """The question with the given answer marked, the explanation, and a button for the state that shows it."""
    st.markdown(question.stem)
    lines = []
    for i in bank.order(question, SEED.get()):
        note = "your answer" if i == verdict.chosen else ""
        note = f"{note}, right" if note and verdict.right else "the right answer" if i == question.answer else note
        lines.append(f"- {question.options[i].text}" + (f" **({note})**" if note else ""))
    st.markdown("\n".join(lines))
    if verdict.right:
        st.success(f"**Right** (you were: {verdict.confidence}). {question.explanation}")
    else:
        st.warning(f"**Not this one** (you were: {verdict.confidence}). {verdict.feedback}")
        st.markdown(f"**What is true.** {question.explanation}")
    buttons([("Show it on the stage", question.options[verdict.chosen].state)], f"{place}_shown")


def how_sure(key: str) -> str | None:
    """The confidence that the learner selects, or None."""
    sure: str | None = st.segmented_control("How sure are you?", bank.CONFIDENCE, key=key)
    return sure


# --- inside a lesson, where a question is asked even if it was answered before ------------------------------


def said(place: str) -> bank.Mark | None:
    """The answer given at this place of a lesson in this session, or None."""
    return answer_given(place).get()


def recall(question: bank.Question, place: str) -> None:
    """The question at a place of a lesson; once answered, its explanation."""

    def taken(question: bank.Question, chosen: int, sure: str) -> None:
        """Callback: record the answer."""
        record.answer(question, chosen, sure)
        answer_given(place).put(bank.mark(question, chosen, sure))

    verdict = said(place)
    if verdict is None:
        ask(question, place, taken)
    else:
        feedback(question, place, verdict)


def forget(place: str) -> None:
    """Allow the question to be asked again at this place."""
    answer_given(place).clear()
    session.forget(f"_{place}_answer", f"_{place}_sure")
