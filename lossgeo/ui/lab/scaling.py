"""The same data raw and standardised: the effect of scaling on the condition number and on the number of steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lossgeo.charts.style import MAX_STEP
from lossgeo.contracts import Loss
from lossgeo.numbers import number, point
from lossgeo.ui.stage import small_map
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec, ViewSpec
from lossgeo.views.pages import GD
from lossgeo.views.reading_point import ReadingPoint, reading_point
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.view import View, build


@dataclass(frozen=True, eq=False)
class Scaled:
    """The data in one scaling: its view with a run, its reading point, the learning rate, and the steps needed."""

    name: str
    view: View
    spot: ReadingPoint
    rate: float
    steps: int | None

    @property
    def has_floor(self) -> bool:
        """Whether the loss has a minimiser, so that steps can be counted."""
        return bool(len(self.view.loss.minima))

    @property
    def counted(self) -> str:
        """The number of steps in words."""
        if not self.has_floor:
            return "no minimiser"
        return f"over {MAX_STEP}" if self.steps is None else str(self.steps)


def show(view: View) -> None:
    """Both scalings, each with its best constant learning rate, and a table."""
    if view.loss.kinks:
        st.info(
            "The mean absolute error has no curvature where it is smooth, so no condition number to compare. "
            "Choose the mean squared error."
        )
        return
    both = [scaled(view, False), scaled(view, True)]
    places = [st.container()] * 3 if view.style.stacked else st.columns([310, 310, 296], gap="small")
    for i, one in enumerate(both):
        with places[i]:
            draw(one, f"{view.page.key}_scaled_{i}")
    with places[2]:
        st.markdown(verdict(view.loss, both))
    high = [one.spot.high for one in both]
    st.dataframe(
        {
            "x": [one.name for one in both],
            "κ": [number(one.spot.condition) if one.spot.condition else "none" for one in both],
            "largest curvature λmax": [number(v) for v in high],
            "largest stable step 2/λmax": [number(2 / v) if v > 0 else "none" for v in high],
            "learning rate used": [number(one.rate) for one in both],
            "steps": [one.counted for one in both],
        },
        hide_index=True,
    )


def scaled(view: View, standardised: bool) -> Scaled:
    """Gradient descent on the raw or the standardised data, from the same model as the learner's start."""
    choice = view.choice
    spec = replace(choice.loss, standardise=standardised)
    w, b = choice.start
    x = cached.dataset(replace(choice.loss, standardise=False)).x
    mean, spread = float(x.mean()), float(x.std()) or 1.0
    if standardised and not choice.loss.standardise:
        w, b = w * spread, b + w * mean
    elif choice.loss.standardise and not standardised:
        w, b = w / spread, b - w * mean / spread
    alone = replace(choice, loss=spec, start=(w, b), methods=(), view=ViewSpec(), differs="")
    spot = reading_point(build(view.page, alone, view.style))
    marks = spot.marks
    best = float(marks.fastest if marks.quadratic and np.isfinite(marks.fastest) else marks.safe)
    ran = build(view.page, replace(alone, methods=(MethodSpec(GD, best),), steps=MAX_STEP), view.style)
    gap = ran.runs[0].trajectory.values - ran.loss.infimum
    near = np.flatnonzero(gap <= 1e-6 * gap[0])
    steps = int(near[0]) if len(near) and len(ran.loss.minima) else None
    return Scaled("standardised" if standardised else "raw", ran, spot, best, steps)


def draw(one: Scaled, key: str) -> None:
    """The map of one scaling with its run."""
    rate, begin = number(one.rate), point(np.array(one.view.choice.start), one.view.loss.parameters)
    words = f"Gradient descent with learning rate {rate} from {begin}."
    st.markdown(f"**{one.name.capitalize()}**, η = {rate}")
    small_map.show(one.view, key, f"the {one.view.loss.name}, x {one.name}", words)


def verdict(loss: Loss, both: list[Scaled]) -> str:
    """One paragraph: what was compared, and under which conditions the numbers hold."""
    where = "everywhere (the loss is quadratic)" if loss.quadratic else f"at {both[0].spot.words}"
    text = f"Both runs start from the same model. Curvature is read {where}. "
    if loss.quadratic:
        text += "The rate is 2/(μ + L), the fixed rate with the best worst case; κ then sets the speed. "
    else:
        text += "The rate is 1/L, with L a bound on the curvature everywhere, so that every step goes down. "
    if not all(one.has_floor for one in both):
        text += f"Steps cannot be counted: {minimum_in_words(loss, short=True)}. "
    else:
        text += "Steps are counted until the loss is within a millionth of its first distance to the minimum. "
    raw, std = (one.spot.condition for one in both)
    if loss.l2:
        return text + "With an L2 penalty the two are different problems: the penalty counts w in other units. "
    if raw is None or std is None:
        return text + "No condition number: a curvature is zero or negative, or below rounding."
    if raw > 1.05 * std:
        return text + (
            f"Standardising x takes away no line that the model can draw, and takes κ from "
            f"{number(raw)} to {number(std)}."
        )
    if std > 1.05 * raw:
        return text + (
            f"Here standardising makes κ larger: from {number(raw)} to {number(std)}. It need not help "
            f"a loss that is not quadratic."
        )
    return text + "Here it changes κ hardly at all."
