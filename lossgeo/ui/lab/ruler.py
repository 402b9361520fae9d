"""The learning-rate ruler: the marks of this loss beside the learner's rate, and the error along the eigenvectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import streamlit as st

from lossgeo import geometry
from lossgeo.charts import lab_charts
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Loss
from lossgeo.ui import controls
from lossgeo.ui.lab.reading_point import GD, Place, Runs, place, rate_of
from lossgeo.ui.stage import linked
from lossgeo.views import cached
from lossgeo.views.choice import Choice, MethodSpec
from lossgeo.views.sentences import minimum_in_words, number, point, typeset
from lossgeo.views.view import kept


@dataclass(frozen=True)
class Mark:
    """A mark of the ruler: its name, its learning rate, whether it is a limit, whether only the minimiser's."""

    name: str
    at: float
    limit: bool = False
    local: bool = False

    @property
    def words(self) -> str:
        return f"{self.name} at the minimiser" if self.local else self.name


def show(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """The marks of this loss beside the learner's rate, and what plain gradient descent makes of it."""
    it, spot, page = cached.loss(choice.loss), place(choice, runs), choice.loss.page
    rate, marks = rate_of(choice), named_marks(spot, it)
    if marks:
        _ruler_chart(choice, it, spot, marks, rate, style)
        buttons(page, marks)
    st.markdown(plain(spot.marks.sentence))
    if not it.kinks:
        st.markdown(in_words(spot, it))
    if it.quadratic and it.convex:
        st.markdown(prediction(choice, rate))
    errors(choice, rate, style)


def named_marks(spot: Place, it: Loss) -> list[Mark]:
    """The finite marks, smallest first, each with the name that is true for this loss."""
    m, bounded = spot.marks, it.smoothness is not None
    if m.quadratic:
        found = [Mark("1/L", m.safe), Mark("2/(μ + L)", m.fastest), Mark("2/L", m.limit, True)]
    else:
        found = [Mark("1/L", m.safe), Mark("2/L", m.limit, True)] if bounded else []
        if len(it.minima):
            found += [] if bounded else [Mark("1/λmax", m.safe)]
            found += [
                Mark("2/(λmin + λmax)", m.fastest, local=bounded),
                Mark("2/λmax", m.local_limit, True, local=bounded),
            ]
    kept: list[Mark] = []
    for mark in found:
        if np.isfinite(mark.at) and not any(np.isclose(mark.at, other.at, rtol=1e-6) for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.at)


def _ruler_chart(choice: Choice, it: Loss, spot: Place, marks: list[Mark], rate: float, style: ChartStyle) -> None:
    values = [mark.at for mark in marks] + [rate]
    lo, hi = min(values) / 2.2, max(values) * 2.2
    known = zones(spot, it, lo, hi)
    per_decade = lab_charts.width(style) / np.log10(hi / lo)
    rows = [
        *((f"{mark.words} = {number(mark.at)}", mark.at, False) for mark in marks),
        (f"yours: {number(rate)}", rate, True),
    ]
    table = {
        "at": [v for _, v, _ in rows],
        "words": [words for words, _, _ in rows],
        "row": list(range(len(rows))),
        "left": [
            to_the_left([v for _, v, _ in rows], i, lo, hi, len(words) * 0.58 * style.font, lab_charts.width(style))
            for i, (words, _, _) in enumerate(rows)
        ],
        "yours": [yours for _, _, yours in rows],
    }
    fits = [len(words) * 0.58 * style.font < per_decade * np.log10(b / a) for _, a, b, words in known]
    zone = {
        "kind": pa.array([kind for kind, *_ in known], pa.string()),
        "low": pa.array([a for _, a, _, _ in known], pa.float64()),
        "high": pa.array([b for _, _, b, _ in known], pa.float64()),
        "middle": pa.array([float(np.sqrt(a * b)) for _, a, b, _ in known], pa.float64()),
        "words": pa.array([w if ok else "" for (*_, w), ok in zip(known, fits, strict=True)], pa.string()),
    }
    alt = (
        "Learning-rate ruler: "
        + ", ".join(f"{mark.words} = {number(mark.at)}" for mark in marks)
        + f"; yours is {number(rate)}."
    )
    st.vega_lite_chart(
        {
            **lab_charts.ruler_spec(len(rows), style),
            "datasets": {
                "view": pa.table({"lo": [lo], "hi": [hi], "ink": [linked.colours(style.projector)["ink"]]}),
                "zones": pa.table(zone),
                "marks": pa.table(table),
            },
        },
        key=f"{choice.loss.page}_ruler",
        width="content",
        alt=alt,
    )


def to_the_left(at: list[float], i: int, lo: float, hi: float, wide: float, room: float) -> bool:
    """Whether the words of mark i stand left of it: where there is room, and no rule of an earlier row through them."""
    x = room * np.log(np.array(at) / lo) / np.log(hi / lo)
    before = x[:i] - x[i]
    crossed = int(((before >= 0) & (before < wide)).sum()), int(((before <= 0) & (before > -wide)).sum())
    fits = bool(room - x[i] > wide), bool(x[i] > wide)
    return fits[1] and (not fits[0] or crossed[0] > crossed[1])


def zones(spot: Place, it: Loss, lo: float, hi: float) -> list[tuple[str, float, float, str]]:
    """Stretches of the ruler about which something is proved: kind, ends, words."""
    m = spot.marks
    if m.quadratic and it.convex:
        return [
            ("below", lo, m.safe, "no overshoot"),
            ("between", m.safe, m.limit, "overshoots, shrinks"),
            ("above", m.limit, hi, "diverges"),
        ]
    if it.smoothness is not None and np.isfinite(m.limit):
        return [("below", lo, m.limit, "every step goes down"), ("between", m.limit, hi, "nothing promised")]
    return []


def buttons(page: str, marks: list[Mark]) -> None:
    """Set the learning rate to a mark, or just above a limit."""
    offers = [(f"Use {mark.name}", mark.at) for mark in marks if not mark.limit]
    offers += [(f"Just above {mark.name}", 1.02 * mark.at) for mark in marks if mark.limit]
    rate_buttons(page, "mark", offers)


def rate_buttons(page: str, name: str, offers: list[tuple[str, float]]) -> None:
    """One button for each offer, which sets the learning rate."""
    with st.container(horizontal=True, gap="small"):
        for i, (label, value) in enumerate(offers):
            st.button(
                label,
                key=f"{page}_{name}_{i}",
                on_click=controls.set_rate,
                args=(page, value),
                help=f"Learning rate {number(value, 6)}",
            )


def plain(text: str) -> str:
    """A sentence of the core in the lab's symbols."""
    return typeset(text).replace("lambda_max", "λmax").replace("mu + L", "μ + L").replace("(mu", "(μ")


def in_words(spot: Place, it: Loss) -> str:
    text = (
        f"**Curvature at {spot.words}**, {point(spot.at, it.parameters)}: eigenvalues {number(spot.low)} and "
        f"{number(spot.high)}"
    )
    return text + (f", condition number κ = {number(spot.high / spot.low)}." if spot.low > 0 else ".")


def prediction(choice: Choice, rate: float) -> str:
    """What the formula says and what a run then took; only for a convex quadratic."""
    it = cached.loss(choice.loss)
    predicted, taken = cached.arrival(choice.loss, choice.start, rate)
    first, second = (number(1e-6 * float(unit)) for unit in geometry.Scale(it).unit)
    within = f"both parameters are within {first}" if first == second else f"w is within {first} and b within {second}"
    goal = "the minimiser" if it.minimisers == "one" else "the minimiser it heads for"
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


def errors(choice: Choice, rate: float, style: ChartStyle) -> None:
    """The error of gradient descent, split along the eigenvectors, step by step."""
    it, page = cached.loss(choice.loss), choice.loss.page
    if it.minimisers == "region" or not len(it.minima) or it.kinks:
        why = "the loss has no curvature where it is smooth" if it.kinks else minimum_in_words(it, short=True)
        st.caption(f"No error to split along eigenvectors here: {why}.")
        return
    try:
        path = cached.trajectory(choice.loss, MethodSpec(GD, rate), choice.start, choice.steps)
    except ValueError as error:
        st.caption(f"No error to split along eigenvectors here: {typeset(str(error))}.")
        return
    error = np.abs(geometry.error_components(path.points, it))
    at = geometry.Scale(it).nearest_minimum(path.points[-1])
    low, high = (float(v) for v in geometry.eigenvalues(it, at))
    names, curvatures = list(lab_charts.PARTS)[::-1], (low, high)
    shown = [1] if it.minimisers == "line" else [0, 1]
    last, top = len(path.points) - 1, float(error[:, shown].max())
    if last == 0 or top == 0.0:
        st.caption("The start is the minimiser: there is no error to split.")
        return
    # An error below rounding of the point itself is noise.
    floor = max(1e-16 * float(np.abs(at).max()), 1e-13 * float(error[0, shown].max()), 1e-300)
    quadratic, steps = it.quadratic, kept(last)
    drawn = [(k, t) for k in shown for t in steps if error[t, k] > floor]
    told = [
        (k, int(t), error[0, k] * abs(1 - rate * curvatures[k]) ** float(t))
        for k in shown
        if quadratic
        for t in np.unique(np.linspace(0, last, 13).astype(int))
    ]
    told = [(k, t, size) for k, t, size in told if floor < size < 1e30]
    runs = pa.table(
        {
            "step": pa.array([int(t) for _, t in drawn], pa.int64()),
            "size": pa.array([float(error[t, k]) for k, t in drawn], pa.float64()),
            "part": pa.array([names[k] for k, _ in drawn], pa.string()),
        }
    )
    formula = pa.table(
        {
            "step": pa.array([t for _, t, _ in told], pa.int64()),
            "size": pa.array([s for *_, s in told], pa.float64()),
            "part": pa.array([names[k] for k, *_ in told], pa.string()),
        }
    )
    sizes = [float(error[t, k]) for k, t in drawn] or [top]
    view = pa.table(
        {
            "lo": [min(sizes) / 2],
            "hi": [min(max(sizes), 1e6 * error[0].max()) * 2],
            "zero": [0],
            "steps": [last],
            "ink": [linked.colours(style.projector)["ink"]],
        }
    )
    factors = [f"{names[k]} λ = {number(curvatures[k])}, 1 − ηλ = {number(1 - rate * curvatures[k])}" for k in shown]
    alt = (
        f"Error of gradient descent over {last} steps along the eigenvectors: "
        + "; ".join(f"{names[k]} from {number(float(error[0, k]))} to {number(float(error[-1, k]))}" for k in shown)
        + "."
    )
    st.vega_lite_chart(
        {**lab_charts.error_spec(style), "datasets": {"view": view, "run": runs, "formula": formula}},
        key=f"{page}_errors",
        width="content",
        alt=alt,
    )
    if quadratic:
        note = "Circles: |1 − ηλ|ᵏ times the first error, exact for a quadratic up to rounding."
        if it.minimisers == "line":
            note += " Along the flat direction (λ = 0) nothing ever moves: every point of the line is a minimiser."
    else:
        note = (
            "The directions are the eigenvectors at the minimiser nearest to the end. The loss is not quadratic, "
            "so the factors hold only near it; further away the two parts mix."
        )
    st.caption(f"Plain gradient descent, constant η = {number(rate)}. {'; '.join(factors).capitalize()}. {note}")
