"""The concept check: one question at a time, with confidence; then the explanation and the state that shows it.

The answers are in the progress. This module only decides which of them are shown: all given answers, except those
to questions that are being asked again.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lossgeo.teaching import questions as bank
from lossgeo.teaching import review
from lossgeo.teaching.progress import Progress
from lossgeo.ui import session
from lossgeo.ui.learn import question_form as asked
from lossgeo.ui.learn import record
from lossgeo.ui.learn.prepared import follow
from lossgeo.ui.runtime.script_lock import fragment
from lossgeo.ui.session import ASKED_AGAIN, PROGRESS
from lossgeo.views.pages import Page


@fragment
def check(page: Page) -> None:
    """The questions of a page. As a fragment, it reruns alone when a question is answered."""
    key = page.key
    follow(key, whole=True)
    progress, questions = PROGRESS.get(), review.scope(key)
    question = picker(key, questions, progress)
    answer = progress.latest().get(question.id)
    if question.id in ASKED_AGAIN.get():
        answer = None
    score = review.score(progress, key)
    if answer is None:
        if reason := why(question, progress):
            st.markdown(f":blue[{reason}]")
        asked.ask(question, f"quiz_{question.id}", _answer)
    else:
        verdict = bank.mark(question, answer.chosen, answer.confidence)
        asked.feedback(question, f"quiz_{question.id}", verdict, key, "Back to the question")
    due = review.due(progress, key)
    with st.container(horizontal=True, gap="small", key="check_foot"):
        steps(key, question)
        st.button(
            "Next for me",
            key=f"_due_{key}",
            type="secondary" if answer is None else "primary",
            on_click=_ask_next,
            args=(key, due),
            disabled=due is None or (answer is None and due.question == question),
            help="What you were certain of and missed comes back first, in another form; what you had right comes "
            "back too, after a while; new questions in between.",
        )
        if answer is not None:
            st.button("Answer again", key=f"_again_{question.id}", on_click=_reopen, args=(question.id,))
    st.caption(
        f"Question {questions.index(question) + 1} of {len(questions)} on this page, lesson {question.lesson} · "
        f"{score.answered} answered, {score.right} right"
    )


def picker(
    page: str, questions: list[bank.Question], progress: Progress, go_to: Callable[[str, str], None] | None = None
) -> bank.Question:
    """The open question: the one named in the URL, otherwise the one that is due.

    go_to: callback of the selector with the page and its widget key, if it is to do more than open the question.

    The URL holds its id. The selector shows its number and lesson, because an id can give the answer away. A widget
    bound to the URL would write there what it shows, so this one is not bound.
    """
    by_id = {question.id: question for question in questions}
    names = {question.id: f"Question {at}, lesson {question.lesson}" for at, question in enumerate(questions, start=1)}
    if not session.shown(f"{page}_question") and (due := review.due(progress, page)):
        _ask_next(page, due)
    question = by_id.get(session.said(f"{page}_question"), questions[0])
    open_question(page, question.id)
    session.write(f"{page}_question", "" if question == questions[0] else question.id)
    selector = f"_{page}_go_to"
    session.put(selector, question.id)
    st.selectbox(
        "Go to",
        list(by_id),
        key=selector,
        format_func=names.__getitem__,
        label_visibility="collapsed",
        on_change=go_to or _go_to,
        args=(page, selector),
    )
    return question


def _go_to(page: str, selector: str) -> None:
    """Callback: open the question chosen in the selector."""
    open_question(page, session.value(selector))


def steps(page: str, question: bank.Question) -> None:
    """The buttons Previous and Next, through the questions in the order of the bank."""
    questions = review.scope(page)
    index = questions.index(question)
    before, after = questions[max(index - 1, 0)], questions[min(index + 1, len(questions) - 1)]
    for label, key, to in (("Previous", "previous", before), ("Next", "next", after)):
        st.button(label, key=f"_{key}_{page}", on_click=open_question, args=(page, to.id), disabled=to == question)


def why(question: bank.Question, progress: Progress) -> str:
    """A sentence on why a question is asked again; "" if its idea is new."""
    turns = [run for run in review.ideas(progress).values() if run[-1].answer.question in (question.id, question.twin)]
    if not turns:
        return ""
    last = turns[0][-1].answer
    form = "here it is again" if last.question == question.id else "here it is in another form"
    if last.right:
        return f"You had this idea right: {form}."
    felt = {"certain": "were certain", "fairly sure": "were fairly sure", "guess": "guessed"}[last.confidence]
    return f"You {felt} and missed this idea: {form}."


def open_question(page: str, question: str) -> None:
    """Callback: make this question the open one."""
    session.put(f"{page}_question", question)


def _answer(question: bank.Question, chosen: int, confidence: str) -> None:
    """Callback: record an answer."""
    record.answer(question, chosen, confidence)
    ASKED_AGAIN.put(ASKED_AGAIN.get() - {question.id})


def _ask_next(page: str, due: review.Due) -> None:
    """Callback: open the question that is due."""
    _reopen(due.question.id)
    open_question(page, due.question.id)


def _reopen(question: str) -> None:
    """Ask a question again. The earlier answers stay in the record."""
    ASKED_AGAIN.put(ASKED_AGAIN.get() | {question})
    asked.forget(f"quiz_{question}")
