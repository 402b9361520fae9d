"""The learner's progress on the start page: lessons with their marks, scores, what to look at again, and the file."""

from __future__ import annotations

import streamlit as st

from lossgeo.numbers import plural
from lossgeo.teaching import review
from lossgeo.teaching.challenges import load_challenges
from lossgeo.teaching.lessons import load_lessons
from lossgeo.teaching.progress import BEATS, FILE, Notes, Progress, dumps, restore
from lossgeo.teaching.questions import MISCONCEPTIONS
from lossgeo.ui import session
from lossgeo.ui.classroom import address
from lossgeo.ui.runtime import remembered
from lossgeo.ui.session import BEFORE_FILE, LOADED, PROGRESS, REMEMBER, STORAGE
from lossgeo.views.pages import PAGES

SHOWN = 4  # the number of misconceptions listed; further ones are only counted
MINUTES = {number: sum(one.minutes for one in load_lessons() if one.number == number) for number in address.LESSONS}


def show() -> None:
    """The lessons as cards, the score, misconceptions to look at again, and the progress file."""
    held = PROGRESS.get()
    score = review.score(held)
    st.markdown("## Your progress")
    st.markdown(
        f"**{held.lessons_done} of {len(address.LESSONS)} lessons, {score.answered} of {score.total} questions, "
        f"{score.right} right, {len(held.challenges)} of {plural(len(load_challenges()), 'challenge')}.** "
        f"{confidence(held)}"
    )
    lessons(held)
    again(held)
    file(held)


# --- the lessons ------------------------------------------------------------------------------------------------------


def lessons(held: Progress) -> None:
    """A card for each lesson, which is a link to it, with a mark for each of its parts that is done."""
    with st.container(key="home_lessons"):
        for number, (page, title) in address.LESSONS.items():
            notes = held.lesson(number)
            with st.container(key=f"home_card_lesson_{number}", border=True, gap="xxsmall"):
                tick = "✓ " if notes.done else ""
                st.page_link(
                    PAGES[page].file,
                    label=f"**{tick}Lesson {number}**",
                    query_params={f"{page}_tab": "Learn", f"{page}_lesson": str(number)},
                )
                st.caption(f"{title}  \n{state(notes, number)}")
                if notes.beat:
                    st.html(marks(notes.beat, len(BEATS)))


def marks(done: int, parts: int) -> str:
    """The parts of a lesson as circles, those that are done filled, as HTML."""
    return (
        f'<span class="parts" role="img" aria-label="{done} of {parts} parts">{"●" * done}{"○" * (parts - done)}</span>'
    )


def state(notes: Notes, number: int) -> str:
    """One short line: what is missing for "done", or how long a lesson takes that has not been begun."""
    if notes.done:
        return "Done"
    return "To do: " + ", ".join(missing(notes)) if notes.beat else f"{MINUTES[number]} minutes"


def missing(notes: Notes) -> list[str]:
    """What a lesson still needs to count as done. Its other parts may be left out."""
    still = {"prediction": notes.predicted is None, "observation": notes.seen is None, "Transfer": not notes.done}
    return [name for name, is_open in still.items() if is_open]


# --- the questions ----------------------------------------------------------------------------------------------------


def confidence(held: Progress) -> str:
    """How often each confidence was right, and advice if the counts support it."""
    levels = [level for level in review.calibration(held) if level.count]
    if not levels:
        return ""
    names = {"certain": "certain", "fairly sure": "fairly sure", "guess": "guessed"}
    counts = "; ".join(f"{names[level.confidence]}, {level.right} of {level.count} right" for level in reversed(levels))
    words = {
        "over": "Too often certain and wrong: where something looks obvious, look for what could break it.",
        "under": "You were right in most of your guesses: you know more than you think.",
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
    st.markdown("These statements are wrong. Your answers suggest that you believe them:\n" + "\n".join(lines))


# --- what is kept where -----------------------------------------------------------------------------------------------


def kept() -> str:
    """What is kept of the learner's work, and where."""
    if not REMEMBER.get():
        return "The link that opened this page keeps nothing: what you do is lost when you reload or close the tab."
    if STORAGE.get() == "closed":
        return "This browser keeps nothing for this page: what you do is lost when you reload or close the tab."
    return "What you do here is kept in this browser, on this computer only, until you press **Forget**."


def file(held: Progress) -> None:
    """Downloading the progress as a file, and loading it again."""
    if STORAGE.get() == "damaged":
        st.warning(
            "What this browser had kept of your progress could not be read. If you have your file, load it below; "
            "otherwise start afresh."
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="home_file"):
        st.download_button(
            "Download",
            data=lambda: dumps(held).encode(),  # made when the button is pressed
            file_name=FILE,
            mime="application/json",
            on_click="ignore",
            disabled=held == Progress(),
        )
        with st.popover("Load"):
            st.file_uploader(
                f"Your file {FILE}; it replaces what is here",
                type="json",
                key="_file",
                on_change=_load,
                max_upload_size=1,
            )
        st.caption(
            f"{kept()} With the file you go on at another computer. There is no account, and nothing is sent to "
            "anybody else.",
            width="stretch",
        )
    good, text = LOADED.get()
    if text:
        (st.success if good else st.warning)(text)
    if good and text:
        st.button("Back to before the file", key="_unload", on_click=_unload)


def forget() -> None:
    """The button Forget, which asks once more. School computers have many users."""
    with st.popover("Forget"):
        st.markdown(
            "This erases your answers and notes here and in this browser. They come back only from a file that you "
            "have downloaded."
        )
        st.button("Erase all of it", key="_forget", on_click=remembered.forget)


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
    text = f"Restored from your file: {plural(answers, 'answer')}{left}, and notes on {plural(notes, 'lesson')}"
    if count := len(found.progress.challenges):
        text += f", and {plural(count, 'reached challenge')}"
    LOADED.put((True, f"{text}."))


def _unload() -> None:
    """Callback: go back to the progress before the file was loaded."""
    PROGRESS.put(BEFORE_FILE.take())
    LOADED.clear()
