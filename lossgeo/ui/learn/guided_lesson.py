"""The guided lessons in the panel: one part at a time, beside the stage that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

import streamlit as st

from lossgeo.teaching.glossary import Term, words_of
from lossgeo.teaching.lessons import Lesson
from lossgeo.teaching.progress import BEATS, Notes
from lossgeo.teaching.questions import LESSONS
from lossgeo.ui import session
from lossgeo.ui.learn import position, staged
from lossgeo.ui.learn import question_form as asked
from lossgeo.ui.learn.lesson_parts import PARTS, folded, jump, place
from lossgeo.ui.learn.prepared import follow
from lossgeo.ui.learn.record import note, notes_of
from lossgeo.ui.runtime.script_lock import fragment
from lossgeo.ui.session import HERE, PROGRESS, TEACHER
from lossgeo.views.pages import Page
from lossgeo.views.view import View


def asks_for_a_prediction(page: Page) -> bool:
    """Whether the open lesson has no prediction yet, so that the stage must not give the answer away."""
    return notes_of(position.lesson_of(page.key)).predicted is None


@fragment
def learn(view: View, neutral: bool) -> None:
    """The open lesson of a page, at its open part. As a fragment, it reruns alone when the stage stays as it is.

    view: what the stage shows. neutral: what `asks_for_a_prediction` said when the stage was drawn.
    """
    page = view.page
    follow(page.key, whole=True)
    if asks_for_a_prediction(page) != neutral:
        st.rerun()  # the words on the stage change with it
    lesson = position.lesson_of(page.key)
    finished = frozenset(str(n) for n in LESSONS if PROGRESS.get().lesson(n).done)
    part = position.choose(page.key, finished, done(lesson), _choose(page.key))
    HERE.put((page.key, lesson.number, part))
    with st.container(key="lesson", gap="small"):
        st.markdown(f"**{lesson.title}**")
        PARTS[part](lesson, notes_of(lesson), view)
    foot(lesson, part)


def _choose(page: str) -> Callable[[str, str], None]:
    """What happens when another lesson or part is chosen from the lists."""

    def go(number: str, part: str) -> None:
        position.go_to(page, number, part)
        staged.go_to(position.lesson_of(page), part)

    return go


# --- what is done -----------------------------------------------------------------------------------------------------


def done(lesson: Lesson) -> frozenset[str]:
    """The parts of a lesson that are done."""
    notes = notes_of(lesson)
    found = {
        "Play": len(session.kept_places(lesson.key).get()) >= lesson.play.goal.count,
        "Recall": asked.said(place(lesson, "recall")) is not None,
        "Predict": notes.predicted is not None,
        "Observe": notes.seen is not None,
        "Explain": notes.beat >= 4,
        "Refute": notes.beat >= 5,
        "Transfer": notes.done or asked.said(place(lesson, "transfer")) is not None,
        "End": notes.done,
    }
    return frozenset(part for part, is_done in found.items() if is_done)


def missing(lesson: Lesson) -> str:
    """One short line: what the lesson still needs to count as done."""
    if notes_of(lesson).done:
        return "This half is done." if lesson.half else "This lesson is done."
    parts = [part for part in ("Predict", "Observe", "Transfer") if part not in done(lesson)]
    return f"Still open: {', '.join(parts)}." if parts else "Still open: Finish, under Transfer."


# --- navigation within a lesson ---------------------------------------------------------------------------------------


def foot(lesson: Lesson, part: str) -> None:
    """Back and Next in one row, and what is still missing; for a teacher the notes on this lesson."""
    at = position.PARTS.index(part)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="lesson_foot"):
        if at > 0:
            jump(lesson, position.PARTS[at - 1], "Back", "previous_beat")
        if at < len(BEATS):
            label = f"Next: {position.PARTS[at + 1]}"
            st.button(label, key=f"_{place(lesson, 'next_beat')}", on_click=_next, args=(lesson, at))
        elif at == len(BEATS):
            st.button("Finish", key=f"_{place(lesson, 'next_beat')}", on_click=_next, args=(lesson, at))
        else:
            st.button("Take it again", key=f"_{place(lesson, 'anew')}", on_click=_anew, args=(lesson,))
        if used := words_of(lesson, part):
            with st.popover("Words", type="tertiary", help="What the terms of this part mean."):
                st.caption(defined(used), width=330)
    st.caption(missing(lesson))
    if TEACHER.get() or part == "End":
        teacher = lesson.teacher
        text = f"**Timing.** {teacher.timing}\n\n**Pause.** {teacher.pause}\n\n**Expect.** {teacher.expect}"
        folded(lesson, "For the teacher", text, (), "card")


def defined(terms: Iterable[Term]) -> str:
    """Terms with their definitions, as Markdown."""
    return "\n\n".join(f"**{term.name}**: {term.text}" for term in terms)


def _next(lesson: Lesson, at: int) -> None:
    """Callback: go to the next part.

    At the end, the lesson counts as done only if the learner has predicted, observed and answered the question.
    """
    notes, last = notes_of(lesson), at == len(BEATS)
    steps = (notes.predicted, notes.seen, asked.said(place(lesson, "transfer")))
    if not last or not any(step is None for step in steps):
        note(lesson, beat=max(notes.beat, at))
    staged.go_to(lesson, position.PARTS[at + 1])


def _anew(lesson: Lesson) -> None:
    """Callback: delete the notes on the lesson and start it again."""
    note(lesson, **asdict(Notes()))
    for name in ("recall", "transfer"):
        asked.forget(place(lesson, name))
    session.forget(*session.keys(f"_lesson_{lesson.key}_"))
    staged.go_to(lesson, position.PARTS[0])
    staged.redraw(lesson.page)
