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
from lossgeo.ui.learn import challenge, hints, kept
from lossgeo.ui.runtime import components, frame
from lossgeo.ui.session import LOOKS, NO_WEBGL, PLAYS
from lossgeo.ui.share import dialog
from lossgeo.ui.stage import hands
from lossgeo.ui.tables import tables
from lossgeo.views import cached, layers, playback, promises, sentences
from lossgeo.views.layers import Layer
from lossgeo.views.pages import POINTS
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
    view = kept.on_stage(view)
    key, style, fog = view.page.key, view.style, challenge.fogged(view)
    layer = layers.layer(view) if not fog and (style.with_surface or not view.choice.solid) else None
    for note in view.notes:
        st.warning(typeset(note))
    with st.container(key=f"{key}_room"), st.container(gap="xsmall", key=f"drawn_{style.layout}"):
        if fog:
            flat(view, fog=True)
        elif NO_WEBGL.get():
            flat(view, layer)
            if style.with_surface or view.choice.solid:
                st.caption("This browser does not draw in 3-D (WebGL is switched off or missing): here is the map.")
        elif style.with_surface:
            left, right = st.columns([1030, 540], gap="small")
            with left:
                flat(view, layer)
            with right:
                solid(view)
        elif view.choice.solid:
            left, right = st.columns(style.solid_columns, gap="small")
            with left:
                solid(view)
            with right:
                panels(view)
        else:
            flat(view, layer)
        strip(view, layer, fog)


def spec_of(view: View, with_map: bool = True) -> dict[str, Any]:
    """The spec of the stage. It contains nothing that a control changes often."""
    options = view.log_loss, with_map, view.choice.axes, bool(view.promised), bool(view.balls)
    return stage_spec(view.subject, view.style, *view.loss.parameters, *options)


def flat(view: View, layer: Layer | None = None, fog: bool = False) -> None:
    """Map, model and loss curve, and the switch for what the map shows. A click on the map sets the start.

    Data points can be dragged. Fog hides the map.
    """
    sets = stage_data(view, frame.dark(), layer, hands.row(view))
    key = f"{view.page.key}_stage"
    if not fog:
        with st.container(key=f"{view.page.key}_over"):
            widgets.switch(view.page, "layer")
    with st.container(key=f"{view.page.key}_box"):
        st.vega_lite_chart(
            {**spec_of(view), "datasets": tables(in_fog(sets) if fog else sets)},
            key=key,
            on_select=lambda: hands.heard(view, key),
            selection_mode=["pick", "drop"] if POINTS in view.page.names else ["pick"],
            alt=ALT,
        )


def panels(view: View) -> None:
    """Model and loss curve without the map, beside the 3-D surface."""
    sets = tables(stage_data(view, frame.dark()))
    for name in ("field", "best", "picture", "labels", "legend", "kept", "marks"):  # they belong to the map
        sets.pop(name, None)
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
            config={
                "displaylogo": False,
                "displayModeBar": not view.style.stacked,  # it would cover the legend
                "modeBarButtonsToRemove": ["resetCameraDefault3d", "resetCameraLastSave3d"],  # the named views do that
            },
            alt=f"3-D surface of {view.loss.name}: {sentences.minimum_in_words(view.loss)}",
        )
        eye = camera(view.choice.camera, view.style, view.data is not None)
        opens = dialog.opening(view.page)["eye"]
        components.camera_keeper(
            key=f"{key}_keeper",
            data={"scope": f".st-key-{key}_solid", "views": f".st-key-{key}_camera", "eye": eye, "opens": opens},
            on_webgl_change=lambda: NO_WEBGL.put(True),
        )
    widgets.switch(view.page, "camera")


def strip(view: View, layer: Layer | None, fog: bool = False) -> None:
    """The player, the tools, a sentence on the layer of the map, and one per run."""
    key = view.page.key
    scope = f".st-key-{key}_box"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_strip"):
        components.metronome(
            key=f"{key}_player",
            data={"scope": scope, "endings": f".st-key-drawn_{view.style.layout}"},
            width="content",
            on_place_change=lambda: hands.typed(view.page, f"{key}_player"),
        )
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
            "rate": view.choice.rate,
            "subject": view.loss.name + (view.data.name if view.data is not None else ""),
            **playback.score(view),
        },
    )
    components.ball(
        key=f"{key}_ball",
        data={"scope": scope, "solid": f".st-key-{key}_solid", "endings": f".st-key-drawn_{view.style.layout}"},
    )
    if view.choice.differs:
        st.markdown(sentences.compared(view))
    if layer:
        line, more = escape(layer.line), escape(typeset(layer.details))
        st.html(f'<details class="ending"><summary>{line}</summary>{more}</details>')
    if view.runs:
        endings = "".join([*(_ending(view, run) for run in view.runs), *map(_promise, promises.lines(view))])
        st.html(f'<div class="endings">{endings}</div>')
    elif not view.choice.differs and not view.neutral:
        st.caption("No descent is drawn: choose a method under **Controls**.")
    hints.line(
        view, not (view.choice.differs or view.style.projector) and session.opened(key).get() in ("", "Controls")
    )
    if isinstance(view.loss, Landscape) and not view.style.projector:
        st.markdown(f"${view.loss.formula}$")


def _ending(view: View, run: Run) -> str:
    """How a run ended: one line; the numbers and, if a theorem explains it, the explanation on a click.

    While the ball is on its way, its numbers stand in this line (ball.js). While a prediction is asked for, nothing
    else does.
    """
    mark = f'<span style="color:{LINES[run.name][0]}" aria-hidden="true">■</span>'
    at = '<span class="at"></span>'
    if view.neutral:
        return f'<div class="ending">{mark} <b>{escape(run.name)}</b> {at}</div>'
    found = run.trajectory
    told = f" {found.certificate.sentence} ({found.certificate.theorem}.)" if found.certificate else ""
    line, more = escape(sentences.ending(view, run)), escape(typeset(f"{found.details}{told}"))
    return (
        f'<details class="ending"><summary>{mark} <b>{escape(run.name)}</b>: <span class="how">{line}</span> {at}'
        f"</summary>{more}</details>"
    )


def _promise(said: tuple[str, str]) -> str:
    """A theorem in one line; its hypotheses and its source on a click."""
    line, more = (escape(typeset(text)) for text in said)
    return f'<details class="ending"><summary>{line}</summary>{more}</details>'


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
