"""The part of a prediction that is drawn: a place on the map, or a learning rate; and how far off it was."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossgeo.descent import Trajectory
from lossgeo.numbers import number, plural, point
from lossgeo.teaching.lessons import Lesson
from lossgeo.ui import session
from lossgeo.ui.learn import kept, staged
from lossgeo.views import cached
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import LR_RANGE, PAGES


def ask(lesson: Lesson) -> bool:
    """The inputs of the drawn prediction; a click on the map fills in a place. Returns whether all is there."""
    if lesson.draw is None:
        return True
    st.markdown(lesson.draw.text)
    place = lesson.draw.kind == "place"
    labels = cached.loss(choice_of(PAGES[lesson.page], lesson.show[0].state).loss).parameters if place else ("rate",)
    low, high = (None, None) if place else LR_RANGE
    with st.container(horizontal=True, gap="small", key="guess"):
        for key, label in zip(kept.guess_keys(lesson), labels, strict=True):
            if session.value(key) is None and kept.held(key) is not None:
                session.put(key, kept.held(key))
            st.number_input(
                label,
                value=None,
                min_value=low,
                max_value=high,
                step=None if place else 0.05,
                format="%.4g",
                key=key,
                placeholder=f"your {label}",
                label_visibility="collapsed",
                on_change=_typed,
                args=(lesson, key),
            )
    return kept.guess(lesson) is not None


def _typed(lesson: Lesson, key: str) -> None:
    """Callback: hold the typed number; a place is marked on the map."""
    kept.hold(key, session.value(key))
    if lesson.draw is not None and lesson.draw.kind == "place":
        staged.redraw(lesson.page)


def in_words(lesson: Lesson) -> str:
    """The drawn prediction, "" if nothing is drawn."""
    said = kept.guess(lesson)
    if said is None:
        return ""
    if len(said) == 1:
        return f"Your rate: {number(said[0])}"
    names = cached.loss(choice_of(PAGES[lesson.page], lesson.show[0].state).loss).parameters
    return f"Your place: {point(np.asarray(said), names)}"


def distance(lesson: Lesson) -> str:
    """One or two sentences: how far the drawn prediction is from what happened; "" if nothing was drawn."""
    said = kept.guess(lesson)
    if said is None:
        return ""
    if len(said) == 2:
        end = _runs(lesson)[0].points[-1]
        away = float(np.hypot(*(end - np.asarray(said))))
        return f"On the map of the first run the diamond is your place: {number(away)} from the end of that run."
    state = kept.run_of_guess(lesson)
    choice = choice_of(PAGES[lesson.page], state)
    own = cached.trajectory(choice.loss, choice.methods[0], choice.start, choice.steps)
    rates = [show.state[f"{lesson.page}_lr"] for show in lesson.show]
    arrived = {
        rate: len(run.points) - 1 for rate, run in zip(rates, _runs(lesson), strict=True) if run.status == "converged"
    }
    best = min(arrived, key=arrived.__getitem__)
    told = plural(len(own.points) - 1, "step") if own.status == "converged" else "the run does not arrive"
    other = plural(arrived[best], "step")
    return f"Your rate {number(said[0])}: {told}. The fastest of the other five, {number(best)}: {other}."


def _runs(lesson: Lesson) -> list[Trajectory]:
    """The prepared runs of the lesson."""
    found = []
    for show in lesson.show:
        choice = choice_of(PAGES[str(show.state["page"])], show.state)
        found += [cached.trajectory(choice.loss, method, choice.start, choice.steps) for method in choice.methods]
    return found
