"""What the marks of the learning rate mean, and the error of gradient descent along the eigenvectors."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossgeo import geometry
from lossgeo.charts import lab_charts
from lossgeo.charts.style import colours
from lossgeo.contracts import Loss
from lossgeo.numbers import number, point, typeset
from lossgeo.ui.controls import settings
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import columns, tables
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.pages import GD, Page
from lossgeo.views.rate_marks import Mark, named_marks
from lossgeo.views.reading_point import ReadingPoint, reading_point
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.stage_data import kept
from lossgeo.views.view import View


def show(view: View) -> None:
    """Buttons for the marks of the dial, what these guarantee, and the error of plain gradient descent."""
    loss, spot = view.loss, reading_point(view)
    rate = view.choice.methods[0].learning_rate if view.choice.methods else view.choice.rate
    if marks := named_marks(spot, loss):
        buttons(view.page, marks)
    st.markdown(in_symbols(spot.marks.sentence))
    if not loss.kinks:
        st.markdown(curvature_in_words(spot, loss))
    if loss.quadratic and loss.convex:
        st.markdown(prediction(view, rate))
    errors(view, rate)


def buttons(page: Page, marks: list[Mark]) -> None:
    """Buttons that set the learning rate to a mark, or just above a limit."""
    offers = [(f"Use {mark.name}", mark.at) for mark in marks if not mark.limit]
    offers += [(f"Just above {mark.name}", 1.02 * mark.at) for mark in marks if mark.limit]
    rate_buttons(page, "mark", offers)


def rate_buttons(page: Page, name: str, offers: list[tuple[str, float]]) -> None:
    """One button for each offer (label, rate), which sets the learning rate. `name` is part of the widget keys."""
    with st.container(horizontal=True, gap="small"):
        for i, (label, value) in enumerate(offers):
            st.button(
                label,
                key=f"{page.key}_{name}_{i}",
                on_click=settings.set_rate,
                args=(page, value),
                help=f"Learning rate {number(value, 6)}",
            )


def in_symbols(text: str) -> str:
    """A sentence of the core with the symbols of the lab."""
    return typeset(text).replace("lambda_max", "λmax").replace("mu + L", "μ + L").replace("(mu", "(μ")


def curvature_in_words(spot: ReadingPoint, loss: Loss) -> str:
    """The two Hessian eigenvalues at the reading point, and the condition number if there is one."""
    text = (
        f"**Curvature at {spot.words}**, {point(spot.at, loss.parameters)}: eigenvalues {number(spot.low)} and "
        f"{number(spot.high)}"
    )
    return text + (f", condition number κ = {number(spot.condition)}." if spot.condition else ".")


def prediction(view: View, rate: float) -> str:
    """The number of steps by the formula, and counted in a run. Only for a convex quadratic."""
    loss = view.loss
    predicted, taken = cached.arrival(view.choice.loss, view.choice.start, rate)
    first, second = (number(1e-6 * float(unit)) for unit in geometry.Scale(loss).unit)
    within = f"both parameters are within {first}" if first == second else f"w is within {first} and b within {second}"
    goal = "the minimiser" if loss.minimisers == "one" else "the minimiser it heads for"
    said = (
        "**Predicted and counted.** At a constant learning rate, plain gradient descent multiplies the error "
        "along an eigenvector by 1 − ηλ a step. "
    )
    if not np.isfinite(predicted):
        return (
            said + f"With yours, |1 − ηλ| is at least 1 along a direction in which this start has an error: it never "
            f"comes within {first} of {goal}."
        )
    counted = "too many to count here" if np.isnan(taken) else f"a run took {taken:.0f}"
    return said + f"From this start that makes {number(predicted, 7)} steps until {within} of {goal}; {counted}."


def errors(view: View, rate: float) -> None:
    """The chart of the error of gradient descent along each eigenvector, step by step."""
    loss, choice = view.loss, view.choice
    if loss.minimisers == "region" or not len(loss.minima) or loss.kinks:
        kinks = "the loss has no curvature where it is smooth"
        st.caption(
            f"No error to split along eigenvectors here: {kinks if loss.kinks else minimum_in_words(loss, True)}."
        )
        return
    try:
        path = cached.trajectory(choice.loss, MethodSpec(GD, rate), choice.start, choice.steps)
    except ValueError as refusal:
        st.caption(f"No error to split along eigenvectors here: {typeset(str(refusal))}.")
        return
    error = np.abs(geometry.error_components(path.points, loss))
    at = geometry.Scale(loss).nearest_minimum(path.points[-1])
    curvatures = [float(v) for v in geometry.eigenvalues(loss, at)]
    names = list(lab_charts.PARTS)[::-1]
    shown = [1] if loss.minimisers == "line" else [0, 1]
    last, top = len(path.points) - 1, float(error[:, shown].max())
    if last == 0 or top == 0.0:
        st.caption("The start is the minimiser: there is no error to split.")
        return
    # Errors below the rounding of the point itself are noise.
    floor = max(1e-16 * float(np.abs(at).max()), 1e-13 * float(error[0, shown].max()), 1e-300)
    drawn = [(int(t), float(error[t, k]), names[k]) for k in shown for t in kept(last) if error[t, k] > floor]
    told = [
        (int(t), float(error[0, k]) * abs(1 - rate * curvatures[k]) ** float(t), names[k])
        for k in shown
        if loss.quadratic
        for t in np.unique(np.linspace(0, last, 13).astype(int))
    ]
    sizes = [size for _, size, _ in drawn] or [top]
    row = {"lo": min(sizes) / 2, "hi": min(max(sizes), 1e6 * float(error[0].max())) * 2, "zero": 0, "steps": last}
    ink = colours(view.style.projector, frame.dark())["ink"]
    sets = {
        "view": {name: [value] for name, value in row.items()} | {"ink": [ink]},
        "run": columns(drawn, step=int, size=float, part=str),
        "formula": columns((t for t in told if floor < t[1] < 1e30), step=int, size=float, part=str),
    }
    ends = (f"{names[k]} from {number(float(error[0, k]))} to {number(float(error[-1, k]))}" for k in shown)
    st.vega_lite_chart(
        {**lab_charts.error_spec(view.style), "datasets": tables(sets)},
        key=f"{view.page.key}_errors",
        width="content",
        alt=f"Error of gradient descent over {last} steps along the eigenvectors: {'; '.join(ends)}.",
    )
    factors = [f"{names[k]} λ = {number(curvatures[k])}, 1 − ηλ = {number(1 - rate * curvatures[k])}" for k in shown]
    if loss.quadratic:
        note = "Circles: |1 − ηλ|ᵏ times the first error, exact for a quadratic up to rounding."
        if loss.minimisers == "line":
            note += " Along the flat direction (λ = 0) nothing ever moves: every point of the line is a minimiser."
    else:
        note = (
            "The directions are the eigenvectors at the minimiser nearest to the end. The loss is not quadratic, "
            "so the factors hold only near it; further away the two parts mix."
        )
    st.caption(f"Plain gradient descent, constant η = {number(rate)}. {'; '.join(factors).capitalize()}. {note}")
