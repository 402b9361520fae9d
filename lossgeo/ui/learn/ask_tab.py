"""The tab "Ask": questions of learners with checked answers, found by words. Nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.teaching.answers import Answer, find, load_answers
from lossgeo.ui import controls
from lossgeo.ui.learn.prepared import follow, open_it
from lossgeo.ui.stage import linked, small_map
from lossgeo.views import cached
from lossgeo.views.choice import Choice, LossSpec, MethodSpec, ViewSpec
from lossgeo.views.sentences import number, typeset, where
from lossgeo.views.view import Run

EXAMPLE = "for example: loss goes up"
LONGEST = 200  # letters of a query


@st.fragment
def show(page: str, style: ChartStyle) -> None:
    """A search, the questions that fit, one answer. A fragment: asking reruns this block alone."""
    follow(page, whole=True)
    answers = sorted(load_answers(), key=lambda answer: answer.page != page)  # the page's own first
    left, right = (st.container(), st.container()) if style.stacked else st.columns([2, 3], gap="medium")
    with left:
        query = st.text_input("Search the questions", key=f"_ask_{page}", placeholder=EXAMPLE, max_chars=LONGEST)
        found = find(query or "", answers)
        if not found.fits:
            st.caption("There is no answer for this here. The nearest questions:")
        known = {answer.id: answer for answer in found.answers}
        pick = st.selectbox if style.stacked else st.radio
        chosen = pick("Questions", list(known), key=f"_asked_{page}", format_func=lambda id: known[id].question)
    with right:
        answer(known.get(chosen) or found.answers[0], style)


def answer(it: Answer, style: ChartStyle) -> None:
    """Question and answer; below, the picture of its state, how it ends there, and the way to the stage."""
    st.markdown(f"**{it.question}**")
    st.markdown(it.text)
    choice = choice_of(it.state)
    runs = linked.descend(choice)
    picture, says = (st.container(), st.container()) if style.stacked else st.columns([330, 215], gap="small")
    ends = [f"{run.method.capitalize()}: {ending(choice, run)}" for run in runs]
    with picture:
        name = f"the {cached.loss(choice.loss).name}"
        small_map.show(choice, runs, style, f"_ask_map_{it.page}", name, " ".join(ends))
    with says:
        st.caption(" ".join([setting(choice), *ends]))
        st.button(
            "Open it on the stage",
            key=f"_open_{it.id}",
            on_click=open_it,
            args=(dict(it.state),),
            help="Sets the page to the state that shows this. Undo brings yours back.",
        )


def setting(choice: Choice) -> str:
    """What is drawn: data or landscape, learning rate, start."""
    names, (first, second) = cached.loss(choice.loss).parameters, choice.start
    begin = f"{names[0]} = {number(first)}, {names[1]} = {number(second)}"
    rate = number(choice.methods[0].learning_rate)
    return f"**{choice.loss.name.capitalize()}**, learning rate {rate}, start {begin}."


def ending(choice: Choice, run: Run) -> str:
    return typeset(run.trajectory.reason) + where(choice, run)


def choice_of(state: Mapping[str, Any]) -> Choice:
    """What the sidebar would say in this state: the page's own set-up, changed by the widget keys given."""
    page = state["page"]
    usual = controls.own(page, state.get("nonconvex_landscape", "himmelblau")) | {"methods": ["gradient descent"]}
    here = usual | {key.removeprefix(f"{page}_"): value for key, value in state.items() if key != "page"}
    name = here.get("landscape") or here["dataset"]
    knobs: tuple[str, ...] = ()
    if name in ("chapter line", "two classes"):
        knobs = (*(["gap"] if page == "logistic" else []), *controls.GENERATOR_KNOBS[page])
    spec = LossSpec(page, name, tuple((knob, here[knob]) for knob in knobs))
    if page != "nonconvex":
        spec = replace(spec, loss=here["loss"], l2=here["l2"], right=here["pull"], up=here.get("up", 0.0))
        spec = replace(spec, standardise=here["standardise"])
    methods = tuple(MethodSpec(way, here["lr"], here["momentum"], here["schedule"]) for way in here["methods"])
    first, second = controls.START[page]
    start = (here[first], here[second])
    view = cached.holding(spec, ViewSpec(here["zoom"], here["equal"]), start)
    return Choice(spec, methods, start, int(here["steps"]), view)
