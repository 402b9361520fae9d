"""One question of the bank: answer and confidence first, then the explanation and the state that shows it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lossgeo.teaching import questions as bank
from lossgeo.ui import session
from lossgeo.ui.learn import record
from lossgeo.ui.learn.staged import open_elsewhere
from lossgeo.ui.session import SEED, answer_given
from lossgeo.views.pages import PAGES

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
        label_visibility="collapsed",
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


def feedback(
    question: bank.Question, place: str, verdict: bank.Mark, here: str, way_back: str, further: str = ""
) -> None:
    """The given answer, the explanation, and a button for the state that shows it; folded, the question again.

    here: the page on which the question stands. way_back: the words of the button back to it, if the state is of
    another page. further: a text that is folded away with the question.
    """
    chosen = question.options[verdict.chosen]
    if verdict.right:
        st.success(f"**Right** (you were: {verdict.confidence}). {chosen.text}\n\n{question.explanation}")
    else:
        st.warning(f"**Not this one** (you were: {verdict.confidence}). {chosen.text}\n\n{verdict.feedback}")
        st.markdown(f"**What is true.** {question.options[question.answer].text}\n\n{question.explanation}")
    page = str(chosen.state["page"])
    st.button(
        "Show it on the stage" if page == here else f"Show it on {PAGES[page].title}",
        key=f"_{place}_shown_0",
        on_click=open_elsewhere,
        args=(chosen.state, here, way_back),
        help="Sets the stage to this. Undo brings yours back.",
    )
    with st.expander("Question, and one step further" if further else "The question again"):
        st.markdown(question.stem)
        st.markdown("\n".join(f"- {question.options[i].text}" for i in bank.order(question, SEED.get())))
        if further:
            st.markdown(f"**One step further.** {further}")


def how_sure(key: str) -> str | None:
    """The confidence that the learner selects, or None."""
    sure: str | None = st.segmented_control("How sure are you?", bank.CONFIDENCE, key=key, width="stretch")
    return sure


# --- inside a lesson, where a question is asked even if it was answered before ------------------------------


def said(place: str) -> bank.Mark | None:
    """The answer given at this place of a lesson in this session, or None."""
    return answer_given(place).get()


def recall(question: bank.Question, place: str, here: str, way_back: str, further: str = "") -> None:
    """The question at a place of a lesson on the page `here`; once answered, its explanation (see `feedback`)."""

    def taken(question: bank.Question, chosen: int, sure: str) -> None:
        """Callback: record the answer."""
        record.answer(question, chosen, sure)
        answer_given(place).put(bank.mark(question, chosen, sure))

    verdict = said(place)
    if verdict is None:
        ask(question, place, taken)
    else:
        feedback(question, place, verdict, here, way_back, further)


def forget(place: str) -> None:
    """Allow the question to be asked again at this place."""
    answer_given(place).clear()
    session.forget(f"_{place}_answer", f"_{place}_sure")
