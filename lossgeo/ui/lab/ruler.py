"""The learning-rate ruler: the marks of a loss beside the learner's rate, and the error along the eigenvectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lossgeo import geometry
from lossgeo.charts import lab_charts
from lossgeo.charts.style import colours
from lossgeo.contracts import Loss
from lossgeo.numbers import number, point, typeset
from lossgeo.ui.controls import settings
from lossgeo.ui.lab.reading_point import ReadingPoint, reading_point
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import columns, tables
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.pages import GD, Page
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.stage_data import kept
from lossgeo.views.view import View

Zone = tuple[str, float, float, str]  # kind, from, to, words


@dataclass(frozen=True)
class Mark:
    """A mark of the ruler: name, learning rate, whether it is a limit, whether it holds at the minimiser only."""

    name: str
    at: float
    limit: bool = False
    local: bool = False

    @property
    def words(self) -> str:
        """Its label on the ruler."""
        return f"{self.name} at the minimiser" if self.local else self.name


def show(view: View) -> None:
    """The marks beside the learner's rate, what they guarantee, and the error of plain gradient descent."""
    loss, spot = view.loss, reading_point(view)
    rate = view.choice.methods[0].learning_rate if view.choice.methods else view.choice.rate
    if marks := named_marks(spot, loss):
        _ruler_chart(view, spot, marks, rate)
        buttons(view.page, marks)
    st.markdown(in_symbols(spot.marks.sentence))
    if not loss.kinks:
        st.markdown(curvature_in_words(spot, loss))
    if loss.quadratic and loss.convex:
        st.markdown(prediction(view, rate))
    errors(view, rate)


def named_marks(spot: ReadingPoint, loss: Loss) -> list[Mark]:
    """The finite marks, smallest first, named by what is true for this loss."""
    m, bounded = spot.marks, loss.smoothness is not None
    if m.quadratic:
        found = [Mark("1/L", m.safe), Mark("2/(μ + L)", m.fastest), Mark("2/L", m.limit, True)]
    else:
        found = [Mark("1/L", m.safe), Mark("2/L", m.limit, True)] if bounded else []
        if len(loss.minima):
            found += [] if bounded else [Mark("1/λmax", m.safe)]
            found += [
                Mark("2/(λmin + λmax)", m.fastest, local=bounded),
                Mark("2/λmax", m.local_limit, True, local=bounded),
            ]
    different: list[Mark] = []
    for mark in found:
        if np.isfinite(mark.at) and not any(np.isclose(mark.at, other.at, rtol=1e-6) for other in different):
            different.append(mark)
    return sorted(different, key=lambda mark: mark.at)


def _ruler_chart(view: View, spot: ReadingPoint, marks: list[Mark], rate: float) -> None:
    """The chart of the marks."""
    style, values = view.style, [mark.at for mark in marks] + [rate]
    lo, hi = min(values) / 2.2, max(values) * 2.2
    width = lab_charts.width(style)
    texts = [f"{mark.words} = {number(mark.at)}" for mark in marks] + [f"yours: {number(rate)}"]
    letter = 0.58 * style.font  # approximate width of a letter
    wide = [len(text) * letter for text in texts]
    per_decade = width / np.log10(hi / lo)
    zone_rows = [
        (
            kind,
            a,
            b,
            float(np.sqrt(a * b)),
            text if len(text) * 0.58 * style.font < per_decade * np.log10(b / a) else "",
        )
        for kind, a, b, text in zones(spot, view.loss, lo, hi)
    ]
    sets = {
        "view": {"lo": [lo], "hi": [hi], "ink": [colours(style.projector, frame.dark())["ink"]]},
        "zones": columns(zone_rows, kind=str, low=float, high=float, middle=float, words=str),
        "marks": {
            "at": values,
            "words": texts,
            "row": list(range(len(texts))),
            "left": [to_the_left(values, i, lo, hi, wide[i], width) for i in range(len(texts))],
            "yours": [i == len(marks) for i in range(len(texts))],
        },
    }
    listed = ", ".join(f"{mark.words} = {number(mark.at)}" for mark in marks)
    st.vega_lite_chart(
        {**lab_charts.ruler_spec(len(texts), style), "datasets": tables(sets)},
        key=f"{view.page.key}_ruler",
        width="content",
        alt=f"Learning-rate ruler: {listed}; yours is {number(rate)}.",
    )


def to_the_left(at: list[float], i: int, lo: float, hi: float, label_width: float, ruler_width: float) -> bool:
    """Whether the label of mark i goes to its left.

    `at` are all marks, `wide` the width of the label and `room` that of the ruler, both in pixels. A label must
    fit, and should not be crossed by the lines of earlier rows.
    """
    x = ruler_width * np.log(np.array(at) / lo) / np.log(hi / lo)
    before = x[:i] - x[i]
    crossed = int(((before >= 0) & (before < label_width)).sum()), int(((before <= 0) & (before > -label_width)).sum())
    fits = bool(ruler_width - x[i] > label_width), bool(x[i] > label_width)
    return fits[1] and (not fits[0] or crossed[0] > crossed[1])


def zones(spot: ReadingPoint, loss: Loss, lo: float, hi: float) -> list[Zone]:
    """The intervals of the ruler about which something is proved: kind, ends, text."""
    m = spot.marks
    if m.quadratic and loss.convex:
        return [
            ("below", lo, m.safe, "no overshoot"),
            ("between", m.safe, m.limit, "overshoots, shrinks"),
            ("above", m.limit, hi, "diverges"),
        ]
    if loss.smoothness is not None and np.isfinite(m.limit):
        return [("below", lo, m.limit, "every step goes down"), ("between", m.limit, hi, "nothing promised")]
    return []


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
