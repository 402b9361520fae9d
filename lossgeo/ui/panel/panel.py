"""The panel: in the sidebar on a laptop, at the foot of the window on a phone and on a projector."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossgeo.charts.style import ChartStyle
from lossgeo.teaching.challenges import Challenge
from lossgeo.ui.classroom import voting
from lossgeo.ui.controls import choosing, rate_ruler
from lossgeo.ui.learn import challenge as challenges
from lossgeo.ui.learn import concept_check, guided_lesson, position, staged
from lossgeo.ui.panel import opened
from lossgeo.ui.panel.opened import CHECK, CONTROLS, LEARN
from lossgeo.ui.session import TEACHER
from lossgeo.views.choice import Choice
from lossgeo.views.pages import Page
from lossgeo.views.view import View


@dataclass(frozen=True)
class Panel:
    """The panel of a page: what the controls say, the sizes of the stage beside it, the open view, and its place.

    `neutral` says that a prediction is being asked for, so that nothing on the stage may give the answer away.
    `challenge` is the open challenge, whose `card` lies above the controls.
    """

    choice: Choice
    style: ChartStyle
    view: str
    body: DeltaGenerator
    neutral: bool = False
    challenge: Challenge | None = None
    card: DeltaGenerator | None = None


def draw(page: Page, style: ChartStyle) -> Panel:
    """Draw the switch and the controls; behind a lesson or a question these are out of sight, but hold the settings."""
    now = opened.opened(page)
    view = now if now in opened.PANEL else CONTROLS
    below = style.stacked or (view != CONTROLS and (style.projector or (TEACHER.get() and view == CHECK)))
    below = below and not (st.context.is_embedded and view == CONTROLS)  # in a frame of another page they are folded
    challenge, card = challenges.opened(page), None
    with st.bottom if below else st.sidebar, st.container(key=f"{page.key}_panel_box", gap="small"):
        opened.switch(page)
        staged.way_back(page)
        if view == LEARN:
            staged.arrive(page)
        body = st.container(key=f"{page.key}_{view.lower()}", gap="small")
        if view == CONTROLS:
            with body:
                card = st.container(key=f"{page.key}_challenge_card", gap="small") if challenge else None
                if opened.offered(page, LEARN):
                    _to_the_lesson(page)
                choice = choosing.read(page)
        else:
            with st.container(key=f"{page.key}_resting"):
                choice = choosing.read(page)
    beside = replace(style, panel=below and style.projector)
    neutral = view == LEARN and guided_lesson.asks_for_a_prediction(page)
    return Panel(choice, beside, view, body, neutral, challenge, card)


def fill(panel: Panel, view: View) -> None:
    """Draw the ruler under the learning rate, and the open view: the lesson, the question, or the teacher's round."""
    rate_ruler.show(view)
    if panel.view == LEARN:
        staged.shown(view.page)
    if panel.view == CONTROLS:
        if panel.challenge and panel.card:
            with panel.card:
                challenges.card(panel.challenge, view)
        return
    with panel.body:
        if opened.closed(panel.view):
            st.caption("The link that opened this page keeps this part closed.")
        elif panel.view == LEARN:
            guided_lesson.learn(view, panel.neutral)
        elif TEACHER.get():
            voting.hold(view)
        else:
            concept_check.check(view.page)


def _to_the_lesson(page: Page) -> None:
    """One click to the lesson of the page, where it was left."""
    number, part = position.last(page.key)
    label = f"Lesson {number}: {part}" if part != position.PARTS[0] else f"Start lesson {number}"
    st.button(
        label,
        key=f"_{page.key}_to_lesson",
        icon=":material/school:",
        width="stretch",
        on_click=opened.open_it,
        args=(page.key, LEARN),
    )
