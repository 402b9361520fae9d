"""The tabs below the stage: lesson, check, closer look, code, answers, numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lossgeo.contracts import Landscape
from lossgeo.landscapes import LANDSCAPES
from lossgeo.networks import Plane
from lossgeo.numbers import number
from lossgeo.ui import lab
from lossgeo.ui.lab import penalty
from lossgeo.ui.learn import ask_tab, challenge
from lossgeo.ui.network import edge, hides
from lossgeo.ui.panel import opened
from lossgeo.ui.share import code_tab
from lossgeo.ui.stage import small_map
from lossgeo.views import cached
from lossgeo.views.choice import LossSpec, ViewSpec
from lossgeo.views.pages import RATES
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.stage_data import DENSE, steps_table
from lossgeo.views.view import View, build


def show(view: View) -> None:
    """The row of sections, and the open one. Only that one is computed; the URL says which one it is."""
    label = opened.sections(view.page)
    if label and opened.closed(label):
        st.caption("The link that opened this page keeps this part closed.")
    elif label:
        with st.container(key=f"{view.page.key}_below"):
            SECTIONS[label](view)


def _numbers(view: View) -> None:
    """The text alternative of the stage: facts about the loss, then the steps of every run."""
    loss, data = view.loss, view.data
    if isinstance(loss, Landscape):
        st.markdown(f"**Landscape.** ${loss.formula}$. {loss.lesson} Source: {loss.citation}.")
    if isinstance(loss, Plane):
        network = loss.network
        st.markdown(
            f"**Plane.** {loss.title.capitalize()} of the network {network.name}, {network.size} weights. **Data.** "
            f"{network.data.name}, n = {network.data.n}: {' and '.join(network.data.features)}, standardised; circles "
            f"are {network.data.classes[0]}, squares {network.data.classes[1]}. Source: {network.data.source}."
        )
    if data is not None:
        st.markdown(f"**Data.** {data.name}, n = {data.n}. {data.note} Source: {data.source}.")
    st.markdown(f"**Minimum.** {minimum_in_words(loss).capitalize()}.")
    st.markdown(f"**Convexity.** {cached.evidence(view.choice.loss).sentence}")
    st.dataframe(steps_table(view), hide_index=True, height=280, placeholder="not computed")
    st.caption(f"Every step up to {DENSE}, later ones thinned out.")


def _compare(view: View) -> None:
    """Several landscapes side by side with the same methods, each with its own start and learning rate."""
    chosen = st.multiselect(
        "Landscapes to compare",
        list(LANDSCAPES),
        default=["rosenbrock", "saddle", "plateau and cliff"],
        key="nonconvex_compare",
        max_selections=6,
        bind="query-params",
    )
    methods = {m.name: m for m in reversed(view.choice.methods)}  # if A and B use the same method, this keeps A
    columns = st.columns(min(3, max(1, len(chosen))))
    for i, name in enumerate(chosen):
        rate = RATES[name]
        choice = replace(
            view.choice,
            loss=LossSpec(name),
            methods=tuple(replace(m, learning_rate=rate) for m in reversed(methods.values())),
            start=LANDSCAPES[name].start,
            view=ViewSpec(),
            differs="",
        )
        small = build(view.page, choice, view.style)
        ends = "; ".join(f"{run.name}: {run.trajectory.status.replace('_', ' ')}" for run in small.runs)
        with columns[i % len(columns)]:
            st.markdown(f"**{name.capitalize()}**, learning rate {number(rate, 6)}")
            small_map.show(small, f"nonconvex_small_{i}", name, f"{ends}.")
            st.caption(f"{LANDSCAPES[name].lesson} Ends: {ends}.")


SECTIONS: dict[str, Callable[[View], None]] = {
    "Challenges": challenge.show,
    "Penalty curve": penalty.of_margins,
    "Compare": _compare,
    "What it hides": hides.show,
    "Edge of stability": edge.show,
    "Look closer": lab.show,
    "Code": code_tab.show,
    "Ask": ask_tab.show,
    "Numbers": _numbers,
}
