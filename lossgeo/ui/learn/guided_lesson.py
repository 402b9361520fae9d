"""The guided lessons on a page: one step at a time, near the stage that it refers to."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from lossgeo.teaching.lessons import Lesson, load_lessons, order
from lossgeo.teaching.progress import BEATS, MOST_TEXT, Notes
from lossgeo.teaching.questions import LESSONS, load_bank
from lossgeo.ui import session
from lossgeo.ui.learn import position, record
from lossgeo.ui.learn import question_form as asked
from lossgeo.ui.learn.prepared import buttons, follow, open_it
from lossgeo.ui.runtime.script_lock import fragment
from lossgeo.ui.session import BACK, FIRST_HALF, HERE, NEXT, PROGRESS, SEED
from lossgeo.views.pages import PAGES, Page


def asks_for_a_prediction(page: Page) -> bool:
    """Whether the open lesson has no prediction yet, so that the stage must not give the answer away."""
    return notes_of(position.lesson_of(page.key)).predicted is None


@fragment
def learn(page: Page, neutral: bool) -> None:
    """The open lesson of a page, at its open part. As a fragment, it reruns alone when the stage stays as it is.

    `neutral` is what `asks_for_a_prediction` said when the stage was drawn.
    """
    target = NEXT.get()
    if target is not None and target[0] != page.key:
        BACK.put(HERE.get())
    follow(page.key, whole=True)
    if asks_for_a_prediction(page) != neutral:
        st.rerun()  # the words on the stage change with it
    came_from(page.key)
    lesson = position.lesson_of(page.key)
    finished = frozenset(str(n) for n in LESSONS if PROGRESS.get().lesson(n).done)
    _, part = position.choose(page.key, finished, notes_of(lesson).beat)
    HERE.put((page.key, lesson.number, part))
    with st.container(key="lesson", gap="small"):
        st.markdown(f"**{lesson.title}**")
        VIEWS[part](lesson, notes_of(lesson))
    foot(lesson, part)


# --- the notes; those of the first half of lesson 5 are kept in the session only, not in the progress -----------


def notes_of(lesson: Lesson) -> Notes:
    """The notes on a lesson, without outcomes that the lesson does not have (from a file of another version)."""
    held = FIRST_HALF.get() if lesson.half else PROGRESS.get().lesson(lesson.number)
    known = range(len(lesson.outcomes))
    predicted = held.predicted if held.predicted in known and held.confidence else None
    return replace(held, predicted=predicted, seen=held.seen if held.seen in known else None)


def note(lesson: Lesson, **changes: Any) -> None:
    """Change the notes on a lesson: `changes` are fields of `Notes`."""
    if lesson.half:
        FIRST_HALF.put(replace(notes_of(lesson), **changes))
    else:
        record.note(lesson.number, **changes)


# --- the steps of a lesson ------------------------------------------------------------------------------------------


def recall(lesson: Lesson, notes: Notes) -> None:
    """A question from an earlier lesson, to be answered from memory."""
    question = next(q for q in load_bank() if q.id == lesson.recall)
    st.caption("To warm up." if question.lesson == lesson.number else f"Back to lesson {question.lesson}, from memory.")
    asked.recall(question, place(lesson, "recall"))


def predict(lesson: Lesson, notes: Notes) -> None:
    """The prediction with its confidence. *Run* is disabled until both are given."""
    st.markdown(lesson.predict)
    if notes.predicted is not None:
        st.markdown(f"Your prediction, locked: **{lesson.outcomes[notes.predicted]}** ({notes.confidence})")
        buttons([("Run it again", lesson.show[0].state)], place(lesson, "again"), plays=True)
        return
    chosen = outcome(lesson, "What will happen?", "predicted")
    sure = asked.how_sure(f"_{place(lesson, 'sure')}")
    st.button(
        "Run",
        key=f"_{place(lesson, 'run')}",
        type="primary",
        disabled=chosen is None or sure is None,
        on_click=_run,
        args=(lesson, chosen, sure),
        help="Commit to one outcome and say how sure you are; then it runs.",
    )


def outcome(lesson: Lesson, label: str, name: str) -> int | None:
    """The outcome that the learner selects, as an index, or None. They stand in the order of the class."""
    return st.radio(
        label,
        order(lesson, SEED.get()),
        index=None,
        key=f"_{place(lesson, name)}",
        format_func=lambda i: lesson.outcomes[i],
    )


def _run(lesson: Lesson, chosen: int, sure: str) -> None:
    """Callback: record the prediction, run the demonstration, and go to the next step."""
    note(lesson, predicted=chosen, confidence=sure, beat=max(notes_of(lesson).beat, 2))
    open_it(lesson.show[0].state, plays=True)
    position.go_to(lesson.page, lesson.number, "Observe")


def observe(lesson: Lesson, notes: Notes) -> None:
    """What to watch, what the learner saw, and then what happens."""
    if notes.predicted is None:
        st.markdown("First make a prediction: it helps you to see what then happens.")
        return
    st.markdown(lesson.watch)
    buttons([(show.label, show.state) for show in lesson.show], place(lesson, "show"), plays=True)
    left, right, *rest = st.columns(2 if notes.seen is None else 3)
    with left:
        told(f"You predicted ({notes.confidence}):", lesson.outcomes[notes.predicted])
    with right:
        if notes.seen is None:
            seen = outcome(lesson, "What did you see?", "seen")
            st.button(
                "That is what I saw",
                key=f"_{place(lesson, 'saw')}",
                type="primary",
                disabled=seen is None,
                on_click=_saw,
                args=(lesson, seen),
            )
            return
        told("You saw:", lesson.outcomes[notes.seen])
    with rest[0]:
        told("What happens:", lesson.outcomes[lesson.happens])
    st.markdown(verdict(lesson, notes) + " " + lesson.outcome)


def _saw(lesson: Lesson, seen: int) -> None:
    """Callback: record what the learner saw."""
    note(lesson, seen=seen, beat=max(notes_of(lesson).beat, 3))


def told(label: str, text: str) -> None:
    """A grey label with a text below it."""
    st.markdown(f":gray[{label}]  \n{text}")


def verdict(lesson: Lesson, notes: Notes) -> str:
    """One sentence that compares prediction, observation and truth."""
    if notes.seen != lesson.happens:
        return "**The stage shows something different from what you saw:** run it once more and look."
    if notes.predicted == lesson.happens:
        return "**As you predicted.**"
    return "**Not as you predicted, and you saw it.**"


def explain(lesson: Lesson, notes: Notes) -> None:
    """The learner's own explanation, then a model answer and the rule with its conditions."""
    key, shown = f"_{place(lesson, 'why')}", f"_{place(lesson, 'model')}"
    if not session.shown(key):
        session.put(key, notes.why)
    st.text_area(
        lesson.explain,
        key=key,
        height=80,
        max_chars=MOST_TEXT,
        placeholder="One sentence of your own. Nobody marks it.",
    )
    if not (session.value(shown) or notes.why):
        st.button(
            "Compare with a model answer",
            key=f"_{place(lesson, 'compare')}",
            type="primary",
            on_click=_explained,
            args=(lesson, key, shown),
        )
        return
    st.markdown(f"**One good answer.** {lesson.answer}\n\n**The rule.** {lesson.rule}")
    for i, more in enumerate(lesson.more):
        box = st.expander(more.title, key=f"_{place(lesson, 'more')}{i}", on_change="rerun")
        if box.open:
            with box:
                st.markdown(more.text)
                if more.show:
                    buttons([(show.label, show.state) for show in more.show], f"{place(lesson, 'more')}{i}_show")


def _explained(lesson: Lesson, key: str, shown: str) -> None:
    """Callback: record the explanation and show the model answer."""
    session.put(shown, True)
    note(lesson, why=str(session.value(key) or "").strip(), beat=max(notes_of(lesson).beat, 4))


def refute(lesson: Lesson, notes: Notes) -> None:
    """Each misconception as a foldable line, with its refutation."""
    for i, item in enumerate(lesson.refute):
        key = f"{place(lesson, 'refute')}{i}"
        box = st.expander(f"**You may think** {item.think}", expanded=i == 0, key=f"_{key}", on_change="rerun")
        if box.open:
            with box:
                st.markdown(item.reply)
                buttons([(item.show.label, item.show.state)], f"{key}_show", plays=True)


def transfer(lesson: Lesson, notes: Notes) -> None:
    """The same idea in another setting: a question, and a further remark once it is answered."""
    st.markdown(lesson.transfer)
    if lesson.transfer_show:
        shown = [(show.label, show.state) for show in lesson.transfer_show]
        buttons(shown, place(lesson, "elsewhere"), plays=True)
    asked.recall(next(q for q in load_bank() if q.id == lesson.question), place(lesson, "transfer"))
    if asked.said(place(lesson, "transfer")):
        st.markdown(lesson.after)


def end(lesson: Lesson, notes: Notes) -> None:
    """The summary, what is still missing, the next lesson, and two questions about the lesson."""
    st.markdown(f"**To leave with.** {lesson.leave}")
    if lesson.half:
        st.markdown("This was the first half of lesson 5. It counts as done at the end of its second half.")
    elif not notes.done:
        st.markdown("Not done yet: what is still open is the " + " and the ".join(missing(lesson, notes)) + ".")
    after = following(lesson)
    if after is not None:
        if after.page == lesson.page:
            _jump(after, "Recall", f"On to lesson {after.number}: {after.title}")
        else:
            place_ = {f"{after.page}_lesson": str(after.number)}
            label = f"On to **{PAGES[after.page].title}**, lesson {after.number}"
            st.page_link(PAGES[after.page].file, label=label, query_params=place_)
    feedback(lesson, notes)


def following(lesson: Lesson) -> Lesson | None:
    """The next lesson, across all pages; None after the last one."""
    every = load_lessons()
    at = every.index(lesson) + 1
    return every[at] if at < len(every) else None


def missing(lesson: Lesson, notes: Notes) -> list[str]:
    """The parts of a lesson that are still to be done."""
    open_ = {
        "prediction": notes.predicted is None,
        "observation": notes.seen is None,
        "question under Transfer": notes.beat < len(BEATS) and asked.said(place(lesson, "transfer")) is None,
    }
    return [name for name, is_open in open_.items() if is_open] or ["last step: Finish under Transfer"]


def feedback(lesson: Lesson, notes: Notes) -> None:
    """The two questions at the end. The answers are kept in the notes."""
    clear = st.segmented_control(
        "Was everything clear?",
        ("Yes", "No"),
        default=None if notes.clear is None else "Yes" if notes.clear else "No",
        key=f"_{place(lesson, 'clear')}",
    )
    improve = st.text_input(
        "What would improve it?", value=notes.improve, max_chars=MOST_TEXT, key=f"_{place(lesson, 'improve')}"
    )
    said_now = (None if clear is None else clear == "Yes", improve.strip())
    if said_now != (notes.clear, notes.improve):
        note(lesson, clear=said_now[0], improve=said_now[1])
    if said_now != (None, ""):
        address = feedback_address()
        way = f" To tell the people who run this: [their page for feedback]({address})." if address else ""
        st.markdown(f"Thank you. It is kept in your notes, and nothing is sent by itself.{way}")


def feedback_address() -> str | None:
    """The URL where the host wants feedback, or None.

    It is LOSSGEO_FEEDBACK_URL, from the environment or from Streamlit's secrets; an unsafe one is ignored.
    """
    address = os.environ.get("LOSSGEO_FEEDBACK_URL", "")
    if not address and st.secrets.load_if_toml_exists():
        address = str(st.secrets.get("LOSSGEO_FEEDBACK_URL", ""))
    sound = urlsplit(address).scheme in ("https", "http", "mailto") and not set(address) & set(" ()<>[]\n")
    return address if sound else None


View = Callable[[Lesson, Notes], None]
VIEWS: dict[str, View] = dict(
    zip(position.PARTS, (recall, predict, observe, explain, refute, transfer, end), strict=True)
)


# --- navigation within a lesson ---------------------------------------------------------------------------------------


def place(lesson: Lesson, name: str) -> str:
    """The key of a widget of this lesson."""
    return f"lesson_{lesson.key}_{name}"


def foot(lesson: Lesson, part: str) -> None:
    """The buttons Back and Next, and the folded notes for the teacher."""
    at = position.PARTS.index(part)
    with st.container(horizontal=True, gap="small"):
        if at > 0:
            _jump(lesson, position.PARTS[at - 1], "Back to " + position.PARTS[at - 1], "previous_beat")
        if at < len(BEATS):
            label = "Finish" if at == len(BEATS) - 1 else "Next: " + position.PARTS[at + 1]
            st.button(label, key=f"_{place(lesson, 'next_beat')}", on_click=_next, args=(lesson, at))
        else:
            st.button("Take this lesson again", key=f"_{place(lesson, 'anew')}", on_click=_anew, args=(lesson,))
    card = st.expander("For the teacher", key=f"_{place(lesson, 'card')}", on_change="rerun")
    if card.open:
        teacher = lesson.teacher
        card.markdown(f"**Timing.** {teacher.timing}\n\n**Pause.** {teacher.pause}\n\n**Expect.** {teacher.expect}")


def _jump(lesson: Lesson, part: str, label: str, key: str = "to") -> None:
    """A button that opens a part of a lesson."""
    st.button(label, key=f"_{place(lesson, key)}", on_click=position.go_to, args=(lesson.page, lesson.number, part))


def _next(lesson: Lesson, at: int) -> None:
    """Callback: go to the next part.

    At the end, the lesson counts as done only if the learner has predicted, observed and answered the question.
    """
    notes, last = notes_of(lesson), at == len(BEATS) - 1
    steps = (notes.predicted, notes.seen, asked.said(place(lesson, "transfer")))
    complete = not any(step is None for step in steps)
    if not last or complete:
        note(lesson, beat=max(notes.beat, at + 1))
    position.go_to(lesson.page, lesson.number, position.PARTS[at + 1])


def _anew(lesson: Lesson) -> None:
    """Callback: delete the notes on the lesson and start it again."""
    note(lesson, **asdict(Notes()))
    for name in ("recall", "transfer"):
        asked.forget(place(lesson, name))
    session.forget(*session.keys(f"_lesson_{lesson.key}_"))
    position.go_to(lesson.page, lesson.number, "Recall")


def came_from(page: str) -> None:
    """A link back to the lesson of another page that opened a state of this page."""
    came = BACK.get()
    if came is None or came[0] == page:
        BACK.clear()
        return
    back, number, part = came
    query = {f"{back}_lesson": str(number), f"{back}_part": part}
    st.page_link(PAGES[back].file, label=f"**Back to lesson {number}**, which has sent you here", query_params=query)
