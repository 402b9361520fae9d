"""The sidebar of a page: draws its controls part by part and reads them as a Choice."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from lossgeo.ui import session
from lossgeo.ui.controls import own_data, settings, widgets
from lossgeo.ui.share import visibility
from lossgeo.ui.stage import hands
from lossgeo.views import cached, own_formula
from lossgeo.views.choice import Choice, choice_from
from lossgeo.views.pages import DIFFERS, POINTS, Page

FOLDED = {"loss": "Loss and data", "descent": "Descent and view", "ab": "Compare A with B"}


def read(page: Page) -> Choice:
    """Draw the sidebar, record the settings for Undo, and return the Choice."""
    settings.restore(page)
    own_data.receive(page)
    if visibility.no_sidebar(page):
        values = settings.settings(page)
    else:
        with st.sidebar:
            values = _controls(page)
    # These two are drawn beside the stage, later in the run. In the first run only the URL has their values.
    values |= {name: session.said(f"{page.key}_{name}") for name in ("picture", "camera")}
    settings.remember(page)
    own_data.write(page)
    choice = choice_from(page, values)
    if choice.resting:
        rest = " and ".join(choice.resting) + (" is" if len(choice.resting) == 1 else " are")
        st.sidebar.caption(f"A is {choice.methods[0].name}. While two runs are compared, {rest} not drawn.")
    return choice


def _controls(page: Page) -> dict[str, Any]:
    """Draw the controls of the sidebar. Returns their values by name."""
    draw = partial(widgets.draw, page)
    changed: dict[str, Any] = {"on_change": settings.new_landscape, "args": (page,)} if not page.model else {}
    subject = draw(page.subject, **changed)
    values, made = {page.subject: subject}, subject == page.generated
    if page.model:
        values[POINTS] = own_data.points(page)
        hands.switch(page)
    if made and not page.model:
        values |= _formula(page, changed)
    else:
        for control in page.controls:
            if control.part == "data" and control.name not in (page.subject, POINTS) and page.applies(control, subject):
                values[control.name] = draw(control.name)
    values["methods"] = draw("methods")
    values["lr"] = widgets.learning_rate(page)
    names = cached.names(values[page.subject])
    if not visibility.hidden("start"):
        for column, name, parameter in zip(st.columns(2), page.start, names, strict=True):
            with column:
                values[name] = draw(name, f"Start {parameter}")
    else:
        values |= {name: draw(name) for name in page.start}
    for part, label in FOLDED.items():
        inside = [c.name for c in page.controls if c.part == part and page.applies(c, subject)]
        if inside:
            folded = widgets.Folded(page, label, part, inside)
            values |= _comparison(folded) if part == "ab" else {name: folded.get(name) for name in inside}
    return values


def _formula(page: Page, changed: dict[str, Any]) -> dict[str, Any]:
    """Draw the text box for the learner's own formula, and the controls of its window. Returns their values.

    If the formula cannot be used, an error says why, and the values are those of the last usable one.
    """
    draw = partial(widgets.draw, page)
    values = {"formula": draw("formula", **changed)}
    said = st.container()
    values["own_window"] = draw("own_window", **changed)
    if values["own_window"]:
        for pair in (own_formula.ENDS[:2], own_formula.ENDS[2:]):
            for column, name in zip(st.columns(2), pair, strict=True):
                with column:
                    values[name] = draw(name)
    if good := settings.last_good(values):
        try:
            own_formula.landscape(values["formula"], own_formula.window_of(values))
        except ValueError as error:
            said.error(str(error))
        values |= good
    return values


def _comparison(folded: widgets.Folded) -> dict[str, Any]:
    """The controls of the comparison: the switch, what differs in B, and its value."""
    values = {"ab": folded.get("ab")}
    if values["ab"]:
        values["ab_what"] = folded.get("ab_what")
        shown = DIFFERS[values["ab_what"]]
        for name in DIFFERS.values():
            key = f"{folded.page.key}_{name}"
            if name == shown:
                values[name] = folded.get(name)
            elif session.value(key) is not None:  # keeps its value: Streamlit forgets widgets that are not drawn
                session.put(key, session.value(key))
    return values
