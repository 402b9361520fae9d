"""The same data raw and standardised: what scaling does to the condition number and to the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Loss
from lossgeo.ui import controls
from lossgeo.ui.lab.reading_point import GD, Place, Runs, place
from lossgeo.ui.stage import small_map
from lossgeo.views import cached
from lossgeo.views.choice import Choice, LossSpec, MethodSpec, ViewSpec
from lossgeo.views.sentences import minimum_in_words, number, point
from lossgeo.views.view import Run


@dataclass(frozen=True, eq=False)
class Scaled:
    """One of the two scalings of the same data: what curvature allows and what a run then does."""

    name: str
    spec: LossSpec
    start: tuple[float, float]
    spot: Place
    rate: float
    run: Run
    steps: int | None


def show(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """The same data raw and standardised, each at its best fixed rate."""
    it = cached.loss(choice.loss)
    if it.kinks:
        st.info(
            "The mean absolute error has no curvature where it is smooth, so no condition number to compare. "
            "Choose the mean squared error."
        )
        return
    import pandas as pd  # slow to load, and the first view does not need it

    both = [scaled(choice, False), scaled(choice, True)]
    places = [st.container()] * 3 if style.stacked else st.columns([310, 310, 296], gap="small")
    for i, one in enumerate(both):
        with places[i]:
            draw(choice, one, style, i)
    with places[2]:
        st.markdown(verdict(it, both))
    st.dataframe(
        pd.DataFrame(
            {
                "x": [one.name for one in both],
                "κ": [number(one.spot.high / one.spot.low) if one.spot.low > 0 else "none" for one in both],
                "largest curvature λmax": [number(one.spot.high) for one in both],
                "largest stable step 2/λmax": [
                    number(2 / one.spot.high) if one.spot.high > 0 else "none" for one in both
                ],
                "learning rate used": [number(one.rate) for one in both],
                "steps": [counted(one) for one in both],
            }
        ),
        hide_index=True,
    )


def counted(one: Scaled) -> str:
    if not has_floor(one):
        return "no minimiser"
    return f"over {controls.MOST_STEPS}" if one.steps is None else str(one.steps)


def scaled(choice: Choice, standardised: bool) -> Scaled:
    """Gradient descent on the raw or standardised data, from the same model as the learner's start."""
    spec = replace(choice.loss, standardise=standardised)
    w, b = choice.start
    x = cached.dataset(replace(choice.loss, standardise=False)).x
    mean, spread = float(x.mean()), float(x.std()) or 1.0
    if standardised and not choice.loss.standardise:
        w, b = w * spread, b + w * mean
    elif choice.loss.standardise and not standardised:
        w, b = w / spread, b - w * mean / spread
    start, it = (w, b), cached.loss(spec)
    spot = place(replace(choice, loss=spec, start=start), [])
    best = spot.marks.fastest if spot.marks.quadratic and np.isfinite(spot.marks.fastest) else spot.marks.safe
    path = cached.trajectory(spec, MethodSpec(GD, float(best)), start, controls.MOST_STEPS)
    gap = path.values - it.infimum
    near = np.flatnonzero(gap <= 1e-6 * gap[0])
    steps = int(near[0]) if len(near) and len(it.minima) else None
    return Scaled("standardised" if standardised else "raw", spec, start, spot, float(best), Run(GD, path), steps)


def has_floor(one: Scaled) -> bool:
    return bool(len(cached.loss(one.spec).minima))


def draw(choice: Choice, one: Scaled, style: ChartStyle, i: int) -> None:
    """The map of this scaling with its run."""
    it, key = cached.loss(one.spec), f"{choice.loss.page}_scaled_{i}"
    small = Choice(one.spec, (), one.start, choice.steps, cached.holding(one.spec, ViewSpec(), one.start))
    rate, begin = number(one.rate), point(np.array(one.start), it.parameters)
    words = f"Gradient descent with learning rate {rate} from {begin}."
    st.markdown(f"**{one.name.capitalize()}**, η = {rate}")
    small_map.show(small, [one.run], style, key, f"the {it.name}, x {one.name}", words)


def verdict(it: Loss, both: list[Scaled]) -> str:
    """One paragraph: what was compared, and under which conditions the numbers hold."""
    quadratic = it.quadratic
    where = "everywhere (the loss is quadratic)" if quadratic else f"at {both[0].spot.words}"
    text = f"Both runs start from the same model. Curvature is read {where}. "
    if quadratic:
        text += "The rate is 2/(μ + L), the fixed rate with the best worst case; κ then sets the speed. "
    else:
        text += "The rate is 1/L, with L a bound on the curvature everywhere, so that every step goes down. "
    if not all(has_floor(one) for one in both):
        text += f"Steps cannot be counted: {minimum_in_words(it, short=True)}. "
    else:
        text += "Steps are counted until the loss is within a millionth of its first distance to the minimum. "
    if it.l2:
        text += "With an L2 penalty the two are different problems: the penalty counts w in other units. "
    elif all(one.spot.low > 0 for one in both):
        raw, std = (one.spot.high / one.spot.low for one in both)
        if raw > 1.05 * std:
            text += (
                f"Standardising x takes away no line that the model can draw, and takes κ from "
                f"{number(raw)} to {number(std)}."
            )
        elif std > 1.05 * raw:
            text += (
                f"Here standardising makes κ larger: from {number(raw)} to {number(std)}. It need not help "
                f"a loss that is not quadratic."
            )
        else:
            text += "Here it changes κ hardly at all."
    else:
        text += "No condition number: a curvature is zero or negative, or below rounding."
    return text
