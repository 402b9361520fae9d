"""The sidebar of a page: its controls drawn part by part, what they say as a Choice."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from lossgeo.ui import session
from lossgeo.ui.controls import settings, widgets
from lossgeo.ui.share import visibility
from lossgeo.views import cached
from lossgeo.views.choice import Choice, choice_from
from lossgeo.views.pages import DIFFERS, Page

FOLDED = {"loss": "Loss and data", "descent": "Descent and view", "ab": "Compare A with B"}


def read(page: Page) -> Choice:
    """Draw the sidebar, keep what Undo goes back to, and give what the controls say."""
    settings.restore(page)
    if visibility.no_sidebar(page):
        said = settings.settings(page)
    else:
        with st.sidebar:
            said = _controls(page)
    # Drawn beside the stage, after it is built: on arrival only the address knows.
    said |= {name: session.said(f"{page.key}_{name}") for name in ("picture", "camera")}
    settings.remember(page)
    choice = choice_from(page, said)
    if choice.resting:
        rest = " and ".join(choice.resting) + (" is" if len(choice.resting) == 1 else " are")
        st.sidebar.caption(f"A is {choice.methods[0].name}. While two runs are compared, {rest} not drawn.")
    return choice


def _controls(page: Page) -> dict[str, Any]:
    """What every control of the sidebar says, by its name."""
    draw = partial(widgets.draw, page)
    changed: dict[str, Any] = {"on_change": settings.new_landscape, "args": (page,)} if not page.model else {}
    said = {page.subject: draw(page.subject, **changed)}
    made = said[page.subject] == page.generated
    for control in page.controls:
        if control.part == "data" and control.name != page.subject and control.drawn(made):
            said[control.name] = draw(control.name)
    said["methods"] = draw("methods")
    said["lr"] = widgets.learning_rate(page)
    names = cached.names(said[page.subject])
    if not visibility.hidden("start"):
        for column, name, parameter in zip(st.columns(2), page.start, names, strict=True):
            with column:
                said[name] = draw(name, f"Start {parameter}")
    else:
        said |= {name: draw(name) for name in page.start}
    for part, label in FOLDED.items():
        inside = [c.name for c in page.controls if c.part == part and c.drawn(made)]
        if inside:
            folded = widgets.Folded(page, label, part, inside)
            said |= _comparison(folded) if part == "ab" else {name: folded.get(name) for name in inside}
    return said


def _comparison(folded: widgets.Folded) -> dict[str, Any]:
    """The comparison of two runs: off, or what differs in B and its value there."""
    said = {"ab": folded.get("ab")}
    if said["ab"]:
        said["ab_what"] = folded.get("ab_what")
        shown = DIFFERS[said["ab_what"]]
        for name in DIFFERS.values():
            key = f"{folded.page.key}_{name}"
            if name == shown:
                said[name] = folded.get(name)
            elif session.value(key) is not None:  # it waits for its turn: Streamlit forgets a widget that is not drawn
                session.put(key, session.value(key))
    return said
