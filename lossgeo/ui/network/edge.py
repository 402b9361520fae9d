"""The section "Edge of stability": the largest curvature along full-batch gradient descent, against 2/rate."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossgeo.contracts import Array
from lossgeo.networks import Training
from lossgeo.numbers import number
from lossgeo.ui.network.hides import chart, curves
from lossgeo.views import cached
from lossgeo.views.view import View

RATES = (0.2, 0.4, 0.6, 0.8)
EXAMPLE = 0.4


def show(view: View) -> None:
    """The run of one network with a rate to choose: its largest curvature and its loss over the steps."""
    left, right = st.columns([3, 2], vertical_alignment="center") if not view.style.stacked else (st.container(),) * 2
    with left:
        st.markdown(
            "**The learning-rate ruler comes alive.** Gradient descent with all samples trains "
            f"`{cached.EDGE_NETWORK}` from one start. On a quadratic it would need every curvature below 2/rate."
        )
    with right:
        rate = st.select_slider(
            "Learning rate of this run",
            RATES,
            value=EXAMPLE,
            key=f"{view.page.key}_edge",
            bind="query-params",
            format_func=number,
        )
    training, values = computed(float(rate) if rate in RATES else EXAMPLE)
    limit, steps = 2.0 / float(np.max(training.method.learning_rate)), training.steps.astype(float)
    above = values > limit
    if above.any():
        first = int(np.argmax(above))
        after = values[first:]
        words = (
            f"It is **above 2/rate = {number(limit)} for the first time at step {training.steps[first]}**. From then "
            f"on it is between {number(float(after.min()))} and {number(float(after.max()))}"
        )
    else:
        most = number(float(values.max()))
        words = f"In these steps it **stays below 2/rate = {number(limit)}**; its largest value is {most}"
    start, end = (number(float(training.losses[i])) for i in (0, -1))
    st.markdown(
        f"The largest curvature starts at {number(float(values[0]))}. {words}. The loss goes from {start} to {end}."
    )
    alt = f"The largest curvature over {training.steps[-1]} steps, with the line 2/rate at {number(limit)}."
    rules = [(limit, "2 / learning rate")]
    rows = curves(values, "largest curvature", steps)
    chart(view, "edge_curvature", ("step", "curvature"), rows, rules, alt)
    chart(
        view,
        "edge_loss",
        ("step", "loss"),
        curves(training.losses, "loss", steps),
        [],
        f"The loss over the steps, from {start} to {end}.",
        "log",
    )
    st.caption(
        "Every tenth step is drawn. Known: near a point where the loss is close to a quadratic, descent with a "
        "curvature above 2/rate moves away along that direction. Observed in many networks, this one with the rate "
        "0.4 included: full-batch descent reaches that limit from below and then stays near it, while the loss goes "
        "on falling, not at every step (Cohen, Kaur, Li, Kolter and Talwalkar 2021). No theorem says that every "
        "network does so."
    )


def computed(rate: float) -> tuple[Training, Array]:
    """The run and its largest curvatures, computed in parts, with a bar that shows how far it is."""
    told = "Training, then one curvature for each tenth step"
    bar, parts = st.progress(0.0, told), []
    for i in range(cached.EDGE_PARTS):
        parts.append(cached.edge_curvatures(rate, i))
        bar.progress((i + 1) / cached.EDGE_PARTS, told)
    bar.empty()
    return cached.edge_training(rate), np.concatenate(parts)
