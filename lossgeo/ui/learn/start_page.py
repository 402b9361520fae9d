"""The start page: the way through the other pages, and the learner's progress."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.numbers import plural
from lossgeo.teaching import review
from lossgeo.teaching.progress import BEATS, FILE, Progress, dumps, restore
from lossgeo.teaching.questions import MISCONCEPTIONS
from lossgeo.ui import session
from lossgeo.ui.classroom import address, student, voting
from lossgeo.ui.controls.settings import open_tab
from lossgeo.ui.learn.prepared import follow
from lossgeo.ui.session import BEFORE_FILE, LOADED, NEXT, PROGRESS, TEACHER
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import HOME, LESSON_PAGES, MSE
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.view import build

WORDS = Path(__file__).parents[2] / "content" / "en" / "lessons" / "home.md"

SHOWN = 4  # the number of misconceptions listed; further ones are only counted


def show() -> None:
    """The pages, each with a picture of its default surface; then the learner's progress."""
    follow(HOME.key)
    opening, rest = WORDS.read_text(encoding="utf-8").split("\n###", 1)
    st.markdown(opening)
    columns = st.columns(len(LESSON_PAGES))
    for number, (column, page) in enumerate(zip(columns, LESSON_PAGES.values(), strict=True), start=1):
        view = build(page, choice_from(page, {}), ChartStyle())
        with column:
            st.html(
                f'<img src="{view.scene.url}" alt="Map of the {view.loss.name}: {minimum_in_words(view.loss)}." '
                'style="width:100%;height:11rem;object-fit:cover;border-radius:.4rem;display:block">'
            )
            st.page_link(page.file, label=f"**{number} · {page.title}**")
            st.markdown(page.teaser)
    progress()
    st.markdown("###" + rest)
    for_teachers()
    with st.expander("In class: join by the code on the wall"):
        student.door()


def progress() -> None:
    """What is done, the calibration of confidence, misconceptions to look at again, and the progress file."""
    held = PROGRESS.get()
    score = review.score(held)
    st.markdown("### Your progress")
    st.markdown(
        f"**{held.lessons_done} of {len(address.LESSONS)} lessons, {score.answered} of {score.total} questions, "
        f"{score.right} right.** {confidence(held)}"
    )
    lessons(held)
    again(held)
    file(held)


def lessons(held: Progress) -> None:
    """A button for each lesson, and how much of it is done."""
    columns = st.columns(len(address.LESSONS))
    for column, (number, (page, title)) in zip(columns, address.LESSONS.items(), strict=True):
        notes, score = held.lesson(number), review.score(held, lesson=number)
        done = "done" if notes.done else f"{notes.beat} of {len(BEATS)} steps" if notes.beat else "not begun"
        with column:
            words = f"Lesson {number}"
            st.button(words, key=f"_home_{number}", on_click=_go, args=(page, number), help=title, width="stretch")
            asked = f", {score.answered} of {score.total} questions" if score.answered else ""
            st.caption(f"{title}: {done}{asked}")


def _go(page: str, number: int) -> None:
    """Callback: open a lesson. A plain link would keep the tab that was open on that page."""
    NEXT.put((page, open_tab(page, "Learn", lesson=str(number))))


def confidence(held: Progress) -> str:
    """How often each confidence was right, and advice if the counts support it."""
    levels = [level for level in review.calibration(held) if level.count]
    if not levels:
        return ""
    names = {"certain": "certain", "fairly sure": "fairly sure", "guess": "guessed"}
    counts = "; ".join(f"{names[level.confidence]}, {level.right} of {level.count} right" for level in reversed(levels))
    words = {
        "over": "Too often certain and wrong: where something looks obvious, look for what could break it.",
        "under": "Your guesses are better than guesses: trust the reasons behind them.",
        "": "",
    }
    advice = " ".join(words[level.verdict] for level in reversed(levels) if level.verdict)
    return f"At the first try: {counts}. {advice}".strip()


def again(held: Progress) -> None:
    """The misconceptions behind the latest wrong answers."""
    missed = review.to_look_at_again(held)
    if not missed:
        return
    lines = [
        f"- *{MISCONCEPTIONS[one.misconception]}* Lesson {one.lesson}{', and you were certain' if one.certain else ''}."
        for one in missed[:SHOWN]
    ]
    if len(missed) > SHOWN:
        lines.append(f"- and {len(missed) - SHOWN} more.")
    st.markdown("Not so, and worth another look:\n" + "\n".join(lines))


def file(held: Progress) -> None:
    """Downloading the progress as a file, and loading it again."""
    save, load, words = st.columns([1, 1, 5], vertical_alignment="center")
    empty = held == Progress()
    save.download_button(
        "Download",
        data=lambda: dumps(held).encode(),  # made when the button is pressed
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
    good, text = LOADED.get()
    if text:
        (st.success if good else st.warning)(text)
    if good and text:
        st.button("Back to before the file", key="_unload", on_click=_unload)


def _load() -> None:
    """Callback: replace the progress by that of the uploaded file, or report what is wrong with the file."""
    uploaded = session.value("_file")
    if uploaded is None:
        LOADED.clear()
        return
    try:
        found = restore(uploaded.getvalue())
    except ValueError as error:
        LOADED.put((False, str(error)))
        return
    BEFORE_FILE.put(PROGRESS.get())
    PROGRESS.put(found.progress)
    answers, notes = len(found.progress.answers), len(found.progress.notes)
    left = f", {found.dropped} left out because their questions no longer exist" if found.dropped else ""
    text = f"Restored from your file: {plural(answers, 'answer')}{left}, and notes on {plural(notes, 'lesson')}."
    LOADED.put((True, text))


def _unload() -> None:
    """Callback: go back to the progress before the file was loaded."""
    PROGRESS.put(BEFORE_FILE.take())
    LOADED.clear()


def for_teachers() -> None:
    """The button that opens the teacher view, or its settings if it is on."""
    if TEACHER.get():
        voting.settings("home")
        return
    st.button("For teachers: hold a vote with your class", key="_enter", type="tertiary", on_click=_enter)


def _enter() -> None:
    """Callback: open the teacher view."""
    TEACHER.put(True)
    NEXT.put((MSE.key, open_tab(MSE.key, "Check") | {"teacher": "true"}))
