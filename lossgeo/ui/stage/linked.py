"""The stage of a page: the linked chart, the 3-D surface, the player, and how each run ended."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from lossgeo.charts.stage import stage_spec
from lossgeo.charts.style import LINES, colours
from lossgeo.charts.surface3d import camera, surface_figure
from lossgeo.contracts import Landscape
from lossgeo.numbers import typeset
from lossgeo.ui import session
from lossgeo.ui.controls import settings, widgets
from lossgeo.ui.learn import challenge, hints
from lossgeo.ui.runtime import components, frame
from lossgeo.ui.session import LOOKS, PLAYS
from lossgeo.ui.share import dialog
from lossgeo.ui.stage import hands
from lossgeo.ui.tables import tables
from lossgeo.views import cached, sentences
from lossgeo.views.stage_data import in_fog, stage_data
from lossgeo.views.view import Run, View

# A changed alternative text would make Streamlit rebuild the chart and lose pointer, step and playback. So this text is
# constant, and the player's script replaces it by the current numbers (sentences.in_one_paragraph).
ALT = (
    "The stage: a map of the loss over its two parameters, the model with its data, and the loss against the step. "
    "The sentences below it and the tab Numbers say what it shows."
)


def show(view: View) -> None:
    """The stage, the player with its tools, and the sentences on how the runs ended."""
    key, style, fog = view.page.key, view.style, challenge.fogged(view)
    for note in view.notes:
        st.warning(typeset(note))
    with st.container(key=f"{key}_room"), st.container(gap="xsmall", key=f"drawn_{style.layout}"):
        if fog:
            flat(view, fog)
        elif style.with_surface:
            left, right = st.columns([1030, 540], gap="small")
            with left:
                flat(view)
            with right:
                solid(view)
        elif view.choice.solid:
            left, right = st.columns([1, 1] if style.stacked else [style.map_side + 90, style.side], gap="small")
            with left:
                solid(view)
            with right:
                panels(view)
        else:
            flat(view)
        strip(view, fog)


def spec_of(view: View, with_map: bool = True) -> dict[str, Any]:
    """The spec of the stage. It contains nothing that a control changes often."""
    return stage_spec(view.subject, view.style, *view.loss.parameters, view.log_loss, with_map, view.choice.axes)


def flat(view: View, fog: bool = False) -> None:
    """Map, model and loss curve. A click on the map sets the start; data points can be dragged. Fog hides the map."""
    sets = stage_data(view, frame.dark(), hands.row(view))
    key = f"{view.page.key}_stage"
    with st.container(key=f"{view.page.key}_box"):
        st.vega_lite_chart(
            {**spec_of(view), "datasets": tables(in_fog(sets) if fog else sets)},
            key=key,
            on_select=lambda: hands.heard(view, key),
            selection_mode=["pick", "drop"] if view.page.model else ["pick"],
            alt=ALT,
        )


def panels(view: View) -> None:
    """Model and loss curve without the map, beside the 3-D surface."""
    sets = tables(stage_data(view, frame.dark()))
    del sets["field"], sets["best"]
    with st.container(key=f"{view.page.key}_box"):
        st.vega_lite_chart({**spec_of(view, with_map=False), "datasets": sets}, key=f"{view.page.key}_panels", alt=ALT)


def solid(view: View) -> None:
    """The 3-D surface with the same start and paths. The camera keeps the position to which the reader turned it."""
    key = view.page.key
    with st.container(key=f"{key}_solid"):
        figure = surface_figure(
            cached.mesh(view.choice.loss, view.choice.view),
            view.loss,
            [(run.name, run.trajectory.points) for run in view.runs],
            view.choice.start,
            view.style,
            colours(view.style.projector, frame.dark())["ink"],
        )
        st.plotly_chart(
            figure,
            key=f"{key}_surface",
            theme="streamlit",
            config={"displaylogo": False},
            alt=f"3-D surface of {view.loss.name}: {sentences.minimum_in_words(view.loss)}",
        )
        eye = camera(view.choice.camera, view.style)
        opens = dialog.opening(view.page)["eye"]
        components.camera_keeper(
            key=f"{key}_keeper", data={"scope": f".st-key-{key}_solid", "eye": eye, "opens": opens}
        )
    widgets.switch(view.page, "camera")


def strip(view: View, fog: bool = False) -> None:
    """The player, the tools, and one sentence per run."""
    key = view.page.key
    scope = f".st-key-{key}_box"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_strip"):
        components.metronome(key=f"{key}_player", data={"scope": scope}, width="content")
        tools(view)
    components.news(
        key=f"{key}_news",
        data={
            "scope": scope,
            "steps": view.longest,
            "says": "A map that is hidden by the fog." if fog else sentences.in_one_paragraph(view),
            "looks": LOOKS.get(),
            "plays": PLAYS.get(),
            "start": [f"{value:g}" for value in view.choice.start],
        },
    )
    if view.choice.differs:
        st.markdown(sentences.compared(view))
    elif not view.style.projector and session.opened(key).get() in ("", "Controls"):
        hints.line(view.page)
    if view.runs and not view.neutral:
        st.html(f'<div class="endings">{"".join(_ending(view, run) for run in view.runs)}</div>')
    elif not view.runs and not view.choice.differs:
        st.caption("No descent is drawn: choose a method in the sidebar.")
    if isinstance(view.loss, Landscape) and not view.style.projector:
        st.markdown(f"${view.loss.formula}$")


def _ending(view: View, run: Run) -> str:
    """How a run ended: one line; the numbers and, if a theorem explains it, the explanation on a click."""
    found = run.trajectory
    told = f" {found.certificate.sentence} ({found.certificate.theorem}.)" if found.certificate else ""
    line, more = escape(sentences.ending(view, run)), escape(typeset(f"{found.details}{told}"))
    mark = f'<span style="color:{LINES[run.name][0]}" aria-hidden="true">■</span>'
    return f'<details class="ending"><summary>{mark} <b>{escape(run.name)}</b>: {line}</summary>{more}</details>'


def tools(view: View) -> None:
    """The switch between map and surface, Undo, Reset and Share."""
    page = view.page
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{page.key}_tools"):
        if not view.style.with_surface:
            widgets.switch(page, "picture")
        st.button(
            "Undo",
            key=f"{page.key}_undo",
            on_click=settings.undo,
            args=(page,),
            disabled=not settings.can_undo(page),
            help="Take back the last change.",
        )
        st.button(
            "Reset",
            key=f"{page.key}_reset",
            on_click=settings.reset,
            args=(page,),
            help="The page's own set-up again; Undo brings yours back.",
        )
        dialog.button(view)
