"""The parts of a guided lesson, one function each: play, recall, predict, observe, explain, refute, transfer, end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import streamlit as st

from lossgeo.numbers import number
from lossgeo.teaching.content_files import State
from lossgeo.teaching.goals import Goal, misses
from lossgeo.teaching.lessons import Lesson, Show, load_lessons, order
from lossgeo.teaching.progress import MOST_TEXT, Notes
from lossgeo.teaching.questions import load_bank
from lossgeo.ui import session
from lossgeo.ui.learn import drawn, feedback, kept, position, staged
from lossgeo.ui.learn import question_form as asked
from lossgeo.ui.learn.prepared import open_it
from lossgeo.ui.learn.record import note, notes_of
from lossgeo.ui.session import SEED
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import PAGES
from lossgeo.views.view import View


def place(lesson: Lesson, name: str) -> str:
    """The key of a widget of this lesson."""
    return f"lesson_{lesson.key}_{name}"


def play(lesson: Lesson, notes: Notes, view: View) -> None:
    """Something to find by clicking on the map. What was found stays there."""
    st.markdown(lesson.play.text)
    places = session.kept_places(lesson.key).get()
    goal = lesson.play.goal
    if len(places) >= goal.count:
        st.success(f"**Found: {len(places)}.** {lesson.play.found}")
    else:
        st.markdown(f":blue[**Found: {len(places)} of {goal.count}.**]")
    asked_for = choice_of(view.page, lesson.play.state)
    if view.choice.loss != asked_for.loss or view.choice.methods != asked_for.methods:
        _set_up(lesson.play.state, place(lesson, "play"))
    elif view.runs:
        st.markdown("  \n".join(f"{run.method.name.capitalize()}: {run.ending}" for run in kept.runs_of(view)))
    else:
        st.markdown(_here(goal, view))


def _here(goal: Goal, view: View) -> str:
    """What there is at the place that was clicked last."""
    at = view.choice.start
    if goal.kind == "aim":
        return f"At your place the arrow is {number(misses(view.loss, np.asarray(at)))} degrees off."
    what = "f" if view.data is None else "the loss"
    return f"At your place {what} is {number(float(view.loss.value(np.asarray(at))))}."


def _set_up(state: State, key: str) -> None:
    """A button that sets the stage to the play again, after something else was opened."""
    st.button("Set up the stage", key=f"_{key}_again", on_click=open_it, args=(state,))


def recall(lesson: Lesson, notes: Notes, view: View) -> None:
    """A question about what was taught before, to be answered from memory; in lesson 1, about the play."""
    question = next(q for q in load_bank() if q.id == lesson.recall)
    if question.lesson != lesson.number:
        st.caption(f"From lesson {question.lesson}, from memory.")
    asked.recall(question, place(lesson, "recall"), lesson.page, _way_back(lesson, "Recall"))


def predict(lesson: Lesson, notes: Notes, view: View) -> None:
    """The prediction with its confidence. *Run* is disabled until all of it is given."""
    st.markdown(lesson.predict)
    if notes.predicted is not None:
        st.markdown(f"Your prediction, locked: **{lesson.outcomes[notes.predicted]}** ({notes.confidence})")
        if lesson.draw is not None and (said := drawn.in_words(lesson)):
            st.markdown(f"{said}.")
        _button(lesson, "Run it again", "again_0", kept.run_of_guess(lesson), plays=True)
        return
    chosen = outcome(lesson, "predicted")
    ready = drawn.ask(lesson)
    sure = asked.how_sure(f"_{place(lesson, 'sure')}")
    st.button(
        "Run",
        key=f"_{place(lesson, 'run')}",
        type="primary",
        width="stretch",
        disabled=chosen is None or sure is None or not ready,
        on_click=_run,
        args=(lesson, chosen, sure),
        help="Commit to your prediction and say how sure you are; then it runs.",
    )


def outcome(lesson: Lesson, name: str) -> int | None:
    """The outcome that the learner selects, as an index, or None. They stand in the order of the class."""
    return st.radio(
        "What will happen?" if name == "predicted" else "What did you see?",
        order(lesson, SEED.get()),
        index=None,
        key=f"_{place(lesson, name)}",
        format_func=lambda i: lesson.outcomes[i],
        label_visibility="collapsed" if name == "predicted" else "visible",
    )


def _run(lesson: Lesson, chosen: int, sure: str) -> None:
    """Callback: record the prediction, run the demonstration, and go to the next part."""
    note(lesson, predicted=chosen, confidence=sure, beat=max(notes_of(lesson).beat, 2))
    staged.go_to(lesson, "Observe")
    open_it(kept.run_of_guess(lesson), plays=True)


def observe(lesson: Lesson, notes: Notes, view: View) -> None:
    """What to watch, with a row for each run; what the learner saw; then what happens."""
    if notes.predicted is None:
        st.markdown("First make a prediction: it helps you to see what then happens.")
        return
    if notes.seen is None:
        st.markdown(lesson.watch)
        rows(lesson, view)
        seen = outcome(lesson, "seen")
        st.button(
            "That is what I saw",
            key=f"_{place(lesson, 'saw')}",
            type="primary",
            width="stretch",
            disabled=seen is None,
            on_click=_saw,
            args=(lesson, seen),
        )
        return
    rows(lesson, view)
    st.markdown(f"{verdict(lesson, notes)} {lesson.outcome}")
    if said := drawn.distance(lesson):
        st.markdown(f":blue[{said}]")


def rows(lesson: Lesson, view: View) -> None:
    """A row for each run of the part: a button that opens it and, once it has run, its steps and its ending.

    Below stand the runs that the learner has made with other settings.
    """
    shown = list(lesson.show)
    if lesson.draw is not None and lesson.draw.kind == "rate" and kept.guess(lesson):
        shown.insert(0, Show("yours", kept.run_of_guess(lesson)))
    runs, listed = {run.key: run for run in kept.listed(lesson)}, set()
    now = set(kept.keys_of(view.choice))
    with st.container(key="runs", gap=None):
        for i, show in enumerate(shown):
            keys = kept.keys_of(choice_of(PAGES[str(show.state["page"])], show.state))
            listed |= set(keys)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _button(lesson, show.label, f"show_{i}", show.state, plays=True, is_open=set(keys) == now)
                told = [runs[key] for key in keys if key in runs]
                names = [f"{run.method.name}: " if len(told) > 1 else "" for run in told]
                st.caption("  \n".join(f"{n}{run.ending}" for n, run in zip(names, told, strict=True)) or "–")
        for run in [run for key, run in runs.items() if key not in listed][-2:]:
            rate = f"{run.method.name}, rate {run.method.learning_rate:g}"
            st.caption(f"{rate}: {run.ending}")


def _button(lesson: Lesson, label: str, name: str, state: State, plays: bool = False, is_open: bool = False) -> None:
    """A button that opens a state; one of another page says so, and that page offers the way back."""
    page = str(state["page"])
    st.button(
        label if page == lesson.page else f"{label} (on {PAGES[page].title})",
        key=f"_{place(lesson, name)}",
        type="primary" if is_open else "secondary",
        on_click=staged.open_elsewhere,
        args=(state, lesson.page, _way_back(lesson, position.last(lesson.page)[1]), plays),
    )


def _way_back(lesson: Lesson, part: str) -> str:
    """The words of the button that leads back to this part."""
    return f"Back to lesson {lesson.number}: {part}"


def _saw(lesson: Lesson, seen: int) -> None:
    """Callback: record what the learner saw."""
    note(lesson, seen=seen, beat=max(notes_of(lesson).beat, 3))


def verdict(lesson: Lesson, notes: Notes) -> str:
    """One or two sentences that compare prediction, observation and truth."""
    happens = lesson.outcomes[lesson.happens]
    if notes.seen != lesson.happens:
        return f"**You saw something else than happens:** {happens}. Run it once more and look."
    if notes.predicted == lesson.happens:
        return "**As you predicted.**"
    assert notes.predicted is not None
    return f"**You saw it, and had predicted:** {lesson.outcomes[notes.predicted]}."


def explain(lesson: Lesson, notes: Notes, view: View) -> None:
    """The learner's own explanation; then one plain sentence, why, and folded the rule and the proofs."""
    key, shown = f"_{place(lesson, 'why')}", f"_{place(lesson, 'model')}"
    if not (session.value(shown) or notes.why or notes.beat >= 4):
        st.text_area(
            lesson.explain,
            key=key,
            height=90,
            max_chars=MOST_TEXT,
            placeholder="One sentence of your own. Nobody marks it.",
        )
        st.button(
            "Compare with a model answer",
            key=f"_{place(lesson, 'compare')}",
            type="primary",
            width="stretch",
            on_click=_explained,
            args=(lesson, key, shown),
        )
        return
    if notes.why:
        st.caption(f"You wrote: {_plain(notes.why)}")
    st.markdown(f"**{lesson.plain}**\n\n{lesson.answer}")
    folded(lesson, "The rule", lesson.rule, (), "rule")
    for i, more in enumerate(lesson.more):
        folded(lesson, more.title, more.text, more.show, f"more{i}")


def _plain(text: str) -> str:
    """The learner's own words, short, without Markdown and without characters that are not printed."""
    text = "".join(c for c in text if c.isprintable() or c in "\r\n")
    short = text if len(text) <= 160 else text[:160] + " …"
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!$:<>~|" else " " if c in "\r\n" else c for c in short)


def folded(lesson: Lesson, title: str, text: str, shows: tuple[Show, ...], name: str) -> None:
    """A folded piece of text with its buttons; nothing of it is sent before it is opened."""
    box = st.expander(title, key=f"_{place(lesson, name)}", on_change="rerun")
    if box.open:
        with box:
            st.markdown(text)
            for j, show in enumerate(shows):
                _button(lesson, show.label, f"{name}_show_{j}", show.state)


def _explained(lesson: Lesson, key: str, shown: str) -> None:
    """Callback: record the explanation and show the model answer."""
    session.put(shown, True)
    note(lesson, why=str(session.value(key) or "").strip(), beat=max(notes_of(lesson).beat, 4))


def refute(lesson: Lesson, notes: Notes, view: View) -> None:
    """One misconception at a time, with its refutation and a state that shows it."""
    key = f"_{place(lesson, 'refute')}"
    number = st.segmented_control(
        "What one may think",
        range(len(lesson.refute)),
        default=0,
        required=True,
        key=key,
        format_func=lambda i: str(i + 1),
        label_visibility="collapsed",
        width="stretch",
        on_change=lambda: _open_refutation(lesson, session.value(key)),
    )
    item = lesson.refute[number or 0]
    st.markdown(f"**You may think** {item.think}\n\n{item.reply}")
    _button(lesson, item.show.label, f"refute{number or 0}_show_0", item.show.state, plays=True)


def _open_refutation(lesson: Lesson, number: int | None) -> None:
    """Callback: set the stage to the chosen refutation, if it is of this page."""
    state = lesson.refute[number or 0].show.state
    if state["page"] == lesson.page and not staged.is_shown(state):
        open_it(state)


def transfer(lesson: Lesson, notes: Notes, view: View) -> None:
    """The same idea in another setting: a question, and a further remark once it is answered."""
    here = place(lesson, "transfer")
    answered = asked.said(here) is not None
    if not answered:
        st.markdown(lesson.transfer)
    if lesson.flip:
        flip(lesson)
    else:
        with st.container(horizontal=True, gap="small", key="elsewhere"):
            for i, show in enumerate(lesson.transfer_show):
                if answered or not show.later:
                    _button(lesson, show.label, f"elsewhere_{i}", show.state, True, staged.is_shown(show.state))
    question = next(q for q in load_bank() if q.id == lesson.question)
    asked.recall(question, here, lesson.page, _way_back(lesson, "Transfer"), lesson.after)


def flip(lesson: Lesson) -> None:
    """The states of the transfer in one control: the picture changes in its place, on the same axes."""
    key, shows = f"_{place(lesson, 'flip')}", lesson.transfer_show
    now = next((i for i, show in enumerate(shows) if staged.is_shown(show.state)), None)
    if session.value(key) != now:
        session.put(key, now)
    st.segmented_control(
        "Which one the stage shows",
        range(len(shows)),
        key=key,
        format_func=lambda i: shows[i].label,
        label_visibility="collapsed",
        width="stretch",
        on_change=lambda: open_it(shows[session.value(key) or 0].state),
    )


def end(lesson: Lesson, notes: Notes, view: View) -> None:
    """The summary, the next lesson, and two questions about the lesson."""
    st.markdown(f"**To leave with.** {lesson.leave}")
    if lesson.half:
        st.markdown("This was the first half of lesson 5. It counts as done at the end of its second half.")
    after = following(lesson)
    if after is not None and after.page == lesson.page:
        jump(after, position.PARTS[0], f"On to lesson {after.number}: {after.title}")
    elif after is not None:
        link = {f"{after.page}_tab": "Learn", f"{after.page}_lesson": str(after.number)}
        label = f"On to **{PAGES[after.page].title}**, lesson {after.number}"
        st.page_link(PAGES[after.page].file, label=label, query_params=link)
    feedback.ask(lesson, notes)


def following(lesson: Lesson) -> Lesson | None:
    """The next lesson, across all pages; None after the last one."""
    every = load_lessons()
    at = every.index(lesson) + 1
    return every[at] if at < len(every) else None


def jump(lesson: Lesson, part: str, label: str, key: str = "to") -> None:
    """A button that opens a part of a lesson."""
    looks: Literal["primary", "secondary"] = "primary" if key == "to" else "secondary"
    st.button(label, key=f"_{place(lesson, key)}", type=looks, on_click=staged.go_to, args=(lesson, part))


Part = Callable[[Lesson, Notes, View], None]
PARTS: dict[str, Part] = dict(
    zip(position.PARTS, (play, recall, predict, observe, explain, refute, transfer, end), strict=True)
)
