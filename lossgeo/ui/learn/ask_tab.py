"""The tab "Ask": frequent questions with checked answers, found by words. Nothing is sent anywhere."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.numbers import number, typeset
from lossgeo.teaching.answers import Answer, find, load_answers
from lossgeo.teaching.glossary import load_glossary
from lossgeo.ui.learn.prepared import follow, open_it
from lossgeo.ui.runtime.script_lock import fragment
from lossgeo.ui.stage import small_map
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import PAGES
from lossgeo.views.sentences import ending
from lossgeo.views.view import View, build

EXAMPLE = "for example: loss goes up"
LONGEST = 200  # characters of a query


@fragment
def show(view: View) -> None:
    """A search, the questions found, and one answer. As a fragment, it reruns alone when the query changes."""
    page, style = view.page.key, view.style
    follow(page, whole=True)
    answers = sorted(load_answers(), key=lambda answer: answer.page != page)  # those of this page first
    left, right = (st.container(), st.container()) if style.stacked else st.columns([2, 3], gap="medium")
    with left:
        query = st.text_input("Search the questions", key=f"_ask_{page}", placeholder=EXAMPLE, max_chars=LONGEST)
        found = find(query or "", answers)
        if not found.fits:
            st.caption("There is no answer for this here. The nearest questions:")
        known = {answer.id: answer for answer in found.answers}
        pick: Any = st.selectbox if style.stacked else st.radio
        chosen = pick("Questions", list(known), key=f"_asked_{page}", format_func=lambda id: known[id].question)
    with right:
        _answer(known.get(chosen or "") or found.answers[0], style)
        with st.expander("Words: what each term means", key=f"_{page}_glossary", on_change="rerun") as box:
            if box.open:
                st.markdown("\n\n".join(f"**{term.name}**: {term.text}" for term in load_glossary()))


def _answer(answer: Answer, style: ChartStyle) -> None:
    """Question and answer; below, the picture of its state, how the runs end there, and a button for the stage."""
    st.markdown(f"**{answer.question}**")
    st.markdown(answer.text)
    page = PAGES[answer.page]
    view = build(page, choice_of(page, answer.state), style)
    for note in view.notes:
        st.warning(typeset(note))
    picture, says = (st.container(), st.container()) if style.stacked else st.columns([330, 215], gap="small")
    ends = [f"{run.name.capitalize()}: {ending(view, run)}" for run in view.runs]
    with picture:
        small_map.show(view, f"_ask_map_{page.key}", f"the {view.loss.name}", " ".join(ends))
    with says:
        st.caption(" ".join([_setting(view), *ends]))
        st.button(
            "Open it on the stage",
            key=f"_open_{answer.id}",
            on_click=open_it,
            args=(dict(answer.state),),
            help="Sets the page to the state that shows this. Undo brings yours back.",
        )


def _setting(view: View) -> str:
    """What is drawn: data or landscape, learning rate, start."""
    names, (first, second) = view.loss.parameters, view.choice.start
    begin = f"{names[0]} = {number(first)}, {names[1]} = {number(second)}"
    return f"**{view.choice.loss.name.capitalize()}**, learning rate {number(view.choice.rate)}, start {begin}."
