"""The controls of a page: drawn part by part in the panel, and read as a Choice."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossgeo.ui import session
from lossgeo.ui.controls import own_box, own_data, settings, widgets
from lossgeo.ui.share import visibility
from lossgeo.ui.stage import hands
from lossgeo.views import cached, network_planes, own_formula, yours
from lossgeo.views.choice import Choice, choice_from
from lossgeo.views.pages import DIFFERS, POINTS, Page

FOLDED = {"loss": "Loss and data", "descent": "Descent and view", "ab": "Compare A with B"}


def read(page: Page) -> Choice:
    """Draw the controls, record the settings for Undo, and return the Choice."""
    settings.restore(page)
    own_data.receive(page)
    hinted = None
    if visibility.no_controls(page):
        values = settings.settings(page)
    else:
        values, hinted = _controls(page)
    # These are drawn with the stage, later in the run. In the first run only the URL has their values.
    values |= {name: session.said(f"{page.key}_{name}") for name in ("picture", "camera", "layer")}
    settings.remember(page)
    own_data.write(page)
    choice = choice_from(page, values)
    if hinted is not None and choice.loss.name == yours.NAME:
        with hinted:
            own_box.warm(choice)
            own_box.hints(page, choice)
    if choice.resting:
        rest = " and ".join(choice.resting) + (" is" if len(choice.resting) == 1 else " are")
        st.caption(f"A is {choice.methods[0].name}. While two runs are compared, {rest} not drawn.")
    return choice


def _controls(page: Page) -> tuple[dict[str, Any], DeltaGenerator]:
    """Draw the controls. Returns their values by name, and the place for hints on own data."""
    draw = partial(widgets.draw, page)
    with_points = POINTS in page.names
    changed: dict[str, Any] = {"on_change": own_box.chosen if with_points else settings.new_landscape, "args": (page,)}
    subject = draw(page.subject, **changed)
    values, made = {page.subject: subject}, subject == page.generated
    hinted = st.container(gap="small")
    if with_points:
        values[POINTS] = own_data.points(page)
        own_box.draw(page, subject)
        hands.switch(page)
    if made and not page.model:
        values |= _formula(page, changed)
    elif page.subject == "network":
        values |= _plane(page, values["network"], changed)
    else:
        for control in page.controls:
            if control.part == "data" and control.name not in (page.subject, POINTS) and page.applies(control, subject):
                values[control.name] = draw(control.name)
    values["methods"] = draw("methods")
    values["lr"] = widgets.learning_rate(page)
    if page.subject == "network":
        values["true"] = draw("true")
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
    return values, hinted


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


def _plane(page: Page, network: str, changed: dict[str, Any]) -> dict[str, Any]:
    """Draw the controls of the plane through a network: only those that change it. Returns their values."""
    values = {name: widgets.draw(page, name, **changed) for name in ("plane", "seed")}
    needed = {
        "draw": values["plane"] in network_planes.DRAWN,
        "factor": network_planes.can_rescale(network, values["plane"]),
    }
    for name, draws in needed.items():
        key = f"{page.key}_{name}"
        if draws:
            values[name] = widgets.draw(page, name, **(changed if name == "draw" else {}))
        elif session.value(key) is not None:  # keeps its value: Streamlit forgets widgets that are not drawn
            session.put(key, session.value(key))
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
