"""The concept check: one question at a time, confidence first, then why, then the state that shows it."""

from __future__ import annotations

import streamlit as st

from lossgeo import quiz
from lossgeo.ui import controls, entry

SEED = 1  # the same order of options for everybody; a class can talk about "the second one"


@st.fragment
def check(page: str) -> None:
    """The questions of a page. A fragment: answering reruns this block alone."""
    go(page)
    questions = [q for q in quiz.load_bank() if q.page == page]
    at = f"{page}_question"
    place = min(max(st.session_state.get(at, 0), 0), len(questions) - 1)
    question = questions[place]
    marks = st.session_state.setdefault("marks", {})
    right = sum(marks[q.id].right for q in questions if q.id in marks)
    answered = sum(q.id in marks for q in questions)
    st.caption(f"Question {place + 1} of {len(questions)} on this page · {answered} answered, {right} right")
    st.markdown(question.stem)
    order = quiz.order(question, SEED)
    mark = marks.get(question.id)
    if mark is None:
        ask(question, order)
    else:
        feedback(question, order, mark)
    back, on, again = st.columns([1, 1, 4])
    back.button("Previous", key=f"_previous_{page}", on_click=_move, args=(at, place - 1), disabled=place == 0)
    on.button("Next", key=f"_next_{page}", on_click=_move, args=(at, place + 1), disabled=place == len(questions) - 1)
    if mark is not None:
        again.button("Answer again", key=f"_again_{question.id}", on_click=_forget, args=(question.id,))


def go(page: str) -> None:
    """Inside a fragment: on to the state that `open_on_stage` has set, on this page or another."""
    if "_go" in st.session_state:
        target, query = st.session_state.pop("_go")
        if target == page:
            st.rerun()
        st.switch_page(entry.PAGES[target], query_params=query)


def ask(question: quiz.Question, order: tuple[int, ...]) -> None:
    chosen = st.radio(
        "Your answer", order, index=None, key=f"_quiz_{question.id}", format_func=lambda i: question.options[i].text
    )
    confidence = st.segmented_control("How sure are you?", quiz.CONFIDENCE, key=f"_sure_{question.id}")
    st.button(
        "Check my answer",
        key=f"_check_{question.id}",
        type="primary",
        disabled=chosen is None or confidence is None,
        on_click=_answer,
        args=(question, chosen, confidence),
        help="Choose an answer and say how sure you are.",
    )


def _answer(question: quiz.Question, chosen: int, confidence: str) -> None:
    st.session_state.marks[question.id] = quiz.mark(question, chosen, confidence)


def feedback(question: quiz.Question, order: tuple[int, ...], mark: quiz.Mark) -> None:
    """The answer given, locked and readable, then why."""
    lines = []
    for i in order:
        note = "your answer" if i == mark.chosen else ""
        note = f"{note}, right" if note and mark.right else "the right answer" if i == question.answer else note
        lines.append(f"- {question.options[i].text}" + (f" **({note})**" if note else ""))
    st.markdown("\n".join(lines))
    if mark.right:
        st.success(f"**Right**, and you were: {mark.confidence}. {question.explanation}")
        state = question.state
    else:
        st.warning(f"**Not this one** (you were: {mark.confidence}). {mark.feedback}")
        st.markdown(f"**What is true.** {question.explanation}")
        state = question.options[mark.chosen].state
    st.button(
        "Show it on the stage",
        key=f"_show_{question.id}",
        on_click=open_on_stage,
        args=(dict(state),),
        help="Sets the page to the state that shows this. Undo brings yours back.",
    )


def _move(key: str, place: int) -> None:
    st.session_state[key] = place


def _forget(question: str) -> None:
    st.session_state.marks.pop(question, None)
    for key in (f"_quiz_{question}", f"_sure_{question}"):
        st.session_state.pop(key, None)


def open_on_stage(state: dict[str, object]) -> None:
    """Callback: set the state of a page; the fragment that has the button goes there."""
    target = str(state.pop("page"))
    state = {f"{target}_methods": ("gradient descent",)} | state  # a state that names no method means this one
    state = {key: list(value) if isinstance(value, tuple) else value for key, value in state.items()}
    query = {
        key: [str(v) for v in value] if isinstance(value, list) else str(value)
        for key, value in state.items()
        if value != controls.defaults(target, str(state.get("nonconvex_landscape", ""))).get(key)
    }
    controls.open_state(target, state)
    st.session_state["_go"] = (target, query)
    st.session_state["_looks"] = st.session_state.get("_looks", 0) + 1  # the player's script scrolls to the stage
