"""The start page: a stage to play with, the way into the lessons and to the other pages, and the learner's progress."""

from __future__ import annotations

import math
from pathlib import Path

import streamlit as st

from lossgeo.charts.style import METHODS, SAMPLE, YOU, ChartStyle
from lossgeo.teaching.lessons import load_lessons
from lossgeo.teaching.progress import BEATS, Progress
from lossgeo.ui.classroom import address, student, voting
from lossgeo.ui.controls.settings import open_tab
from lossgeo.ui.learn import map_key, my_progress, position
from lossgeo.ui.learn.prepared import follow
from lossgeo.ui.runtime import components, stylesheet
from lossgeo.ui.session import FIRST_HALF, HERE, NEXT, PROGRESS, TEACHER
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import GD, HOME, LESSON_PAGES, MSE
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.view import build

WORDS = Path(__file__).parents[2] / "content" / "en" / "lessons" / "home.md"
RATE, STEPS = 0.1, 200  # of the descent on this page: small steps, so that the path is smooth


def show() -> None:
    """The stage beside the words and the main button; a card for each page; the progress; how to read a map."""
    follow(HOME.key)
    st.html(stylesheet.START_PAGE)
    opening, rest = WORDS.read_text(encoding="utf-8").split("\n###", 1)
    words, stage = st.columns([5, 11], gap="medium")
    with words:
        st.markdown(opening)
        go_on(PROGRESS.get())
    with stage, st.container(key="home_stage"):
        descent()
    cards()
    my_progress.show()
    map_key.show("##" + rest.replace("\n###", "\n##"))
    for_teachers()
    with st.expander("In class: join by the code on the wall"):
        student.door()


# --- the stage --------------------------------------------------------------------------------------------------------


def descent() -> None:
    """The map of the first page with its data. The script in the browser lets a line descend from where one clicks."""
    view = build(MSE, choice_from(MSE, {}), ChartStyle())
    data = view.data
    assert data is not None  # the page MSE has data
    room = 0.4 * float(data.y.max() - data.y.min())
    components.first_stage(
        key="first_stage",
        data={
            "map": view.scene.url,
            "window": [end for ends in view.window for end in ends],
            "x": data.x.tolist(),
            "y": data.y.tolist(),
            "low": math.floor(data.y.min() - room),
            "high": math.ceil(data.y.max() + room),
            "rate": RATE,
            "steps": STEPS,
            "start": list(view.choice.start),
            "colours": {"you": YOU, "descent": METHODS[GD][0], "sample": SAMPLE},
        },
    )


# --- the way on -------------------------------------------------------------------------------------------------------


def go_on(held: Progress) -> None:
    """The main button: to the next lesson, or to where one has left off; beside it *Forget*."""
    label, page, more = way_on(held)
    with st.container(key="home_go", horizontal=True, gap="small", vertical_alignment="center"):
        st.button(label, key="_home_go", type="primary", on_click=_go, args=(page, more))
        if held != Progress():
            my_progress.forget()
    if held != Progress():
        st.caption(my_progress.kept())


def way_on(held: Progress) -> tuple[str, str, dict[str, str]]:
    """The words of the main button, the page that it opens, and the parameters there, without the page's name."""
    here, done = HERE.get(), {number for number in address.LESSONS if held.lesson(number).done}
    if here is not None and here[1] not in done and here[2] != position.PARTS[0]:
        page, number, part = here
        return f"Continue: lesson {number}, {part}", page, {"tab": "Learn", "lesson": str(number), "part": part}
    for number, (page, _) in address.LESSONS.items():
        if number in done:
            continue
        beat = min(held.lesson(number).beat, len(BEATS) - 1)
        if beat:
            part = position.PARTS[1 + beat]  # the play comes before the counted parts
            return f"Continue: lesson {number}, {part}", page, {"tab": "Learn", "lesson": str(number), "part": part}
        first = next(lesson for lesson in load_lessons() if lesson.number == number)
        page = page if FIRST_HALF.get().done else first.page
        words = f"Start lesson {number}, {my_progress.MINUTES[number]} minutes"
        return words, page, {"tab": "Learn", "lesson": str(number), "part": position.PARTS[0]}
    return "All lessons done: now the questions", MSE.key, {"tab": "Check"}


def _go(page: str, more: dict[str, str]) -> None:
    """Callback: open a page at what `more` says."""
    rest = {name: value for name, value in more.items() if name != "tab"}
    NEXT.put((page, open_tab(page, more["tab"], **rest)))


def cards() -> None:
    """A card for each page, which is a link to it, with a picture of its default surface."""
    columns = st.columns(len(LESSON_PAGES))
    for number, (column, page) in enumerate(zip(columns, LESSON_PAGES.values(), strict=True), start=1):
        view = build(page, choice_from(page, {}), ChartStyle())
        with column, st.container(key=f"home_card_{page.key}", border=True, gap="xsmall"):
            st.html(
                f'<img src="{view.scene.url}" alt="Map of the {view.loss.name}: {minimum_in_words(view.loss)}." '
                'style="width:100%;height:5.5rem;object-fit:cover;border-radius:.3rem;display:block">'
            )
            st.page_link(page.file, label=f"**{number} · {page.title}**")
            st.markdown(page.teaser)


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
