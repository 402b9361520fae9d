"""The first page: the way through the others, and the learner's progress: what is done, how far confidence could be
trusted, what to look at again, the file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lossgeo.teaching import review
from lossgeo.teaching.progress import BEATS, FILE, Progress, dumps, restore
from lossgeo.teaching.questions import MISCONCEPTIONS
from lossgeo.ui import controls
from lossgeo.ui.classroom import address
from lossgeo.ui.learn import record
from lossgeo.ui.runtime import frame
from lossgeo.views import cached
from lossgeo.views.choice import LossSpec, ViewSpec
from lossgeo.views.sentences import minimum_in_words

WORDS = Path(__file__).parents[2] / "content" / "en" / "lessons" / "home.md"

SHOWN = 4  # ideas to look at again; the rest are counted


def cards() -> None:
    """The way through the three pages, each with a picture of its own surface."""
    opening, rest = WORDS.read_text(encoding="utf-8").split("\n###", 1)
    st.markdown(opening)
    questions = {
        "mse": "Each point is one line. Why is it a bowl, and which steps work?",
        "logistic": "Convex too, but no bowl, and sometimes without any minimiser.",
        "nonconvex": "Local minima, saddles, plateaus, cliffs: what gets past them?",
    }
    columns = st.columns(len(questions))
    for number, (page, question) in enumerate(questions.items(), start=1):
        usual = controls.own(page, "himmelblau")
        spec = LossSpec(page, usual.get("landscape") or usual["dataset"], (), usual.get("loss", ""))
        it = cached.loss(spec)
        with columns[number - 1]:
            st.html(
                f'<img src="{cached.scene(spec, ViewSpec()).url}" alt="Map of the {it.name}: {minimum_in_words(it)}." '
                'style="width:100%;height:11rem;object-fit:cover;border-radius:.4rem;display:block">'
            )
            st.page_link(frame.PAGES[page], label=f"**{number} · {frame.TITLES[page]}**")
            st.markdown(question)
    progress()
    st.markdown("###" + rest)
    for_teachers()


def progress() -> None:
    if "_to" in st.session_state:
        page, link = st.session_state.pop("_to")
        st.switch_page(page, query_params=link)
    held = record.progress()
    st.markdown("### Your progress")
    it = review.score(held)
    st.markdown(
        f"**{held.lessons_done} of {len(address.LESSONS)} lessons, {it.answered} of {it.total} questions, "
        f"{it.right} right.** {confidence(held)}"
    )
    lessons(held)
    again(held)
    file(held)


def lessons(held: Progress) -> None:
    """A link to each lesson, and how much of it is done."""
    columns = st.columns(len(address.LESSONS))
    for column, (number, (page, title)) in zip(columns, address.LESSONS.items(), strict=True):
        notes, it = held.lesson(number), review.score(held, lesson=number)
        done = "done" if notes.done else f"{notes.beat} of {len(BEATS)} steps" if notes.beat else "not begun"
        with column:
            words = f"Lesson {number}"
            st.button(words, key=f"_home_{number}", on_click=_go, args=(page, number), help=title, width="stretch")
            asked = f", {it.answered} of {it.total} questions" if it.answered else ""
            st.caption(f"{title}: {done}{asked}")


def _go(page: str, number: int) -> None:
    """Callback: to a lesson. Not a plain link: the page would keep the tab that was open there."""
    st.session_state["_to"] = frame.PAGES[page], controls.open_tab(page, "Learn", lesson=str(number))


def confidence(held: Progress) -> str:
    """How often each confidence was right, and a word about it where the counts carry one."""
    levels = [level for level in review.calibration(held) if level.count]
    if not levels:
        return ""
    names = {"certain": "certain", "fairly sure": "fairly sure", "guess": "guessed"}
    counts = "; ".join(f"{names[it.confidence]}, {it.right} of {it.count} right" for it in reversed(levels))
    words = {
        "over": "Too often certain and wrong: where something looks obvious, look for what could break it.",
        "under": "Your guesses are better than guesses: trust the reasons behind them.",
        "": "",
    }
    advice = " ".join(words[level.verdict] for level in reversed(levels) if level.verdict)
    return f"At the first try: {counts}. {advice}".strip()


def again(held: Progress) -> None:
    """The ideas behind the latest wrong answers."""
    missed = review.to_look_at_again(held)
    if not missed:
        return
    lines = [
        f"- *{MISCONCEPTIONS[it.misconception]}* Lesson {it.lesson}{', and you were certain' if it.certain else ''}."
        for it in missed[:SHOWN]
    ]
    if len(missed) > SHOWN:
        lines.append(f"- and {len(missed) - SHOWN} more.")
    st.markdown("Not so, and worth another look:\n" + "\n".join(lines))


def file(held: Progress) -> None:
    save, load, words = st.columns([1, 1, 5], vertical_alignment="center")
    empty = held == Progress()
    save.download_button(
        "Download",
        data=lambda: dumps(held).encode(),  # written when it is asked for
        file_name=FILE,
        mime="application/json",
        on_click="ignore",
        disabled=empty,
    )
    with load.popover("Load"):
        st.file_uploader(
            f"Your file {FILE}; it replaces what is here", type="json", key="_file", on_change=_load, max_upload_size=1
        )
    words.caption(
        "Kept only as long as this tab stays open, unless you download it. No account; nothing is stored on the server "
        "or sent elsewhere."
    )
    good, text = st.session_state.get("_loaded", (True, ""))
    if text:
        (st.success if good else st.warning)(text)
    if good and text:
        st.button("Back to before the file", key="_unload", on_click=_unload)


def _load() -> None:
    """Callback: the file's progress in place of this one, or one sentence on what is wrong with it."""
    uploaded = st.session_state.get("_file")
    if uploaded is None:
        st.session_state.pop("_loaded", None)
        return
    try:
        found = restore(uploaded.getvalue())
    except ValueError as error:
        st.session_state["_loaded"] = (False, str(error))
        return
    st.session_state["_before"] = record.progress()
    record.keep(found.progress)
    answers, notes = len(found.progress.answers), len(found.progress.notes)
    left = f", {found.dropped} left out because their questions no longer exist" if found.dropped else ""
    text = f"Restored from your file: {_count(answers, 'answer')}{left}, and notes on {_count(notes, 'lesson')}."
    st.session_state["_loaded"] = (True, text)


def _unload() -> None:
    record.keep(st.session_state.pop("_before", Progress()))
    st.session_state.pop("_loaded", None)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def for_teachers() -> None:
    """The way into the teacher view, and its settings once it is on."""
    if address.teacher():
        from lossgeo.ui.classroom import voting  # with Altair, which nothing else here needs

        voting.settings("home")
        return
    st.button("For teachers: hold a vote with your class", key="_enter", type="tertiary", on_click=_enter)


def _enter() -> None:
    address.enter()
    st.session_state["_to"] = frame.PAGES["mse"], controls.open_tab("mse", "Check") | {"teacher": "true"}
