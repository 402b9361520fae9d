"""The sweep: the number of steps until arrival against the learning rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lossgeo import geometry
from lossgeo.charts import lab_charts
from lossgeo.charts.style import colours
from lossgeo.contracts import Loss
from lossgeo.descent import OPTIMIZERS, Sweep
from lossgeo.numbers import number, plural
from lossgeo.ui.controls import settings
from lossgeo.ui.lab.ruler import rate_buttons
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import columns, tables
from lossgeo.views import cached, comparison
from lossgeo.views.choice import MethodSpec
from lossgeo.views.reading_point import ReadingPoint, reading_point
from lossgeo.views.sentences import minimum_in_words
from lossgeo.views.stage_data import Columns
from lossgeo.views.view import MARKS, View

MOST_SAMPLES = 1000  # a sweep over so many takes some 2 s


def show(view: View) -> None:
    """The chart of the sweep for the chosen methods, with one sentence per method."""
    loss, choice, key = view.loss, view.choice, f"{view.page.key}_sweep"
    if not choice.methods:
        st.info("Choose at least one method under **Controls** to sweep its learning rate.")
        return
    if not len(loss.minima):
        st.info(f"There is nowhere to arrive: {minimum_in_words(loss)}. So there is no number of steps to compare.")
        return
    if loss.terms > MOST_SAMPLES:
        st.info(
            f"A sweep makes {cached.SWEEP_RATES} runs of up to {cached.SWEEP_STEPS} steps. "
            f"With {loss.terms} points they would take too long here; with up to {MOST_SAMPLES} points they are drawn."
        )
        return
    rate = choice.methods[0].learning_rate
    rates, inside = swept_rates(reading_point(view), rate)
    methods = swept_methods(view)
    found = {name: swept(view, m, rates) for name, m in methods.items()}
    at_mine = {name: swept(view, m, (rate,)) for name, m in methods.items()}
    limits = {name: stable_below(m, loss) for name, m in methods.items()}
    fixed = {name for name, m in methods.items() if not OPTIMIZERS[m.name].uses_rate}
    sets = sweep_data(found, limits, fixed, rates)
    ink = colours(view.style.projector, frame.dark())["ink"]
    row = {"lo": rates[0], "hi": rates[-1], "one": 0.8, "top": float(cached.SWEEP_STEPS)}
    row |= {"yours": rate if inside else float("nan")}
    sentences = [
        told(called(view, name), found[name], at_mine[name], rate, limits[name], name in fixed) for name in methods
    ]
    if choice.differs == "learning rate" and not fixed:
        (name, other), theirs = next(iter(methods.items())), choice.methods[1].learning_rate
        sentences.append(f"**B**, {number(theirs)}: {fate(swept(view, other, (theirs,)), 0, limits[name])}.")

    def take_pick() -> None:
        if at := settings.picked(key):
            settings.set_rate(view.page, at["rate"])

    st.vega_lite_chart(
        {
            **lab_charts.sweep_spec(view.style),
            "datasets": tables({**sets, "view": {name: [value] for name, value in row.items()} | {"ink": [ink]}}),
        },
        key=key,
        width="content",
        on_select=take_pick,
        selection_mode=["pick"],
        alt=f"Steps until arrival against the learning rate from {number(rates[0])} to {number(rates[-1])}. "
        + " ".join(sentences),
    )
    best = {name: fastest(found[name], limits[name]) for name in methods if name not in fixed}
    fast = [(f"Use {number(at)}, the fastest of {name}", at) for name, at in best.items() if at is not None]
    rate_buttons(view.page, "sweep", fast)
    unit = number(1e-6 * float(geometry.Scale(loss).unit.max()))
    goal = "a minimiser" if loss.minimisers != "one" or len(loss.minima) > 1 else "the minimiser"
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    st.caption(
        f"Arrival: for the first time within {unit} of {goal}, in at most {cached.SWEEP_STEPS} steps from the "
        f"start of the map. "
        f"Above the plot: ○ not in {cached.SWEEP_STEPS} steps, △ arrives, but above the stability limit of the "
        f"minimum: however small, an error along its most curved direction grows "
        "again, × diverges. Click a rate to run it, use a button, or type it under **Controls**."
        + ("" if inside else f" Your rate {number(rate)} lies outside this picture.")
    )


def swept_methods(view: View) -> dict[str, MethodSpec]:
    """The methods by the name of their curve. If A and B differ in the learning rate only, they share a curve."""
    choice = view.choice
    if choice.differs and choice.differs != "learning rate":
        return dict(zip(MARKS, choice.methods, strict=True))
    return {m.name: m for m in reversed(choice.methods)} if choice.differs else {m.name: m for m in choice.methods}


def called(view: View, name: str) -> str:
    """The name of a curve in a sentence."""
    if name not in MARKS:
        return f"**{name.capitalize()}**"
    return f"**{name}**, {comparison.title(view.choice.methods[MARKS.index(name)], view.choice.differs)}"


def fastest(result: Sweep, limit: float) -> float | None:
    """The swept rate with the fewest steps among those up to `limit`, or None if no run arrived."""
    steps = np.where(result.learning_rates > limit, np.nan, result.steps)
    return float(result.learning_rates[int(np.nanargmin(steps))]) if np.isfinite(steps).any() else None


def swept_rates(spot: ReadingPoint, rate: float) -> tuple[tuple[float, ...], bool]:
    """SWEEP_RATES learning rates, ascending and dense around the stability limit; and whether `rate` lies among them.

    They are extended to a `rate` outside, unless it is more than 1000 times too small or too large.
    """
    limits = [v for v in (spot.marks.limit, spot.marks.local_limit) if np.isfinite(v)] or [rate]
    lo, hi = 2e-3 * min(limits), 4.0 * max(limits)
    inside = lo / 1e3 <= rate <= hi * 1e3
    if inside:
        lo, hi = min(lo, _one_digit(rate / 3)), max(hi, _one_digit(rate * 3))
    near = np.r_[limits[-1] * np.linspace(0.55, 1.05, 15), np.nan_to_num(spot.marks.fastest, nan=limits[-1])]
    wide = np.geomspace(lo, hi, cached.SWEEP_RATES - len(near))
    return tuple(float(f"{v:.4g}") for v in np.sort(np.r_[wide, near])), inside


def _one_digit(value: float) -> float:
    """The value rounded to one significant digit."""
    return float(f"{value:.0e}")


def swept(view: View, method: MethodSpec, rates: tuple[float, ...]) -> Sweep:
    """The sweep of a method. A method that does not use the learning rate is run once."""
    swept_at = rates if OPTIMIZERS[method.name].uses_rate else (1.0,)
    return cached.sweep(view.choice.loss, replace(method, learning_rate=1.0), view.choice.start, swept_at)


def stable_below(method: MethodSpec, loss: Loss) -> float:
    """The learning rate above which the method is unstable at every listed minimum, by linearisation there.

    inf if it is unknown: without a stability limit, with a schedule, without a minimum, or with kinks.
    """
    limit = cached.build(method).stability
    if limit is None or method.schedule != "constant" or not len(loss.minima) or loss.kinks:
        return float("inf")
    flattest = float(geometry.eigenvalues(loss, loss.minima)[..., 1].min())
    return limit / flattest if flattest > 0 else float("inf")


def cliff(result: Sweep) -> float | None:
    """The smallest swept rate from which on all runs diverge, or None."""
    safe = np.flatnonzero(~result.diverged)
    first = int(safe[-1]) + 1 if len(safe) else 0
    return float(result.learning_rates[first]) if first < len(result.diverged) else None


def sweep_data(
    found: dict[str, Sweep], limits: dict[str, float], fixed: set[str], rates: tuple[float, ...]
) -> dict[str, Columns]:
    """The data sets of the chart except `view`. `fixed` are the methods that do not use the learning rate."""
    runs: list[tuple[str, float, float, int]] = []
    fates: list[tuple[str, float, int, str]] = []
    piece = 0
    for order, (name, result) in enumerate(found.items()):
        piece += 1
        for rate in (rates[0], rates[-1]) if name in fixed else rates:
            i = 0 if name in fixed else rates.index(rate)
            if np.isnan(result.steps[i]):
                fates.append((name, rate, order, "diverges" if result.diverged[i] else "not in time"))
                piece += 1
            elif rate > limits[name]:
                fates.append((name, rate, order, "unstable"))
                piece += 1
            else:
                runs.append((name, rate, max(float(result.steps[i]), 1.0), piece))
    first = next(iter(found))
    edge = cliff(found[first])
    words = "diverges" if len(found) == 1 else f"{first} diverges"
    shaded = [] if edge is None or first in fixed else [(edge, rates[-1], words)]
    ends = np.sqrt(np.array(rates[1:]) * np.array(rates[:-1]))
    return {
        "runs": columns(runs, method=str, rate=float, steps=float, piece=int),
        "fates": columns(fates, method=str, rate=float, order=int, fate=str),
        "cliff": columns(shaded, low=float, high=float, words=str),
        "methods": {"method": list(found), "order": list(range(len(found)))},
        "strips": {"rate": list(rates), "low": [rates[0], *ends], "high": [*ends, rates[-1]]},
    }


def fate(result: Sweep, i: int, limit: float) -> str:
    """The outcome of the run with the i-th rate, in words."""
    if np.isfinite(result.steps[i]):
        steps = plural(int(result.steps[i]), "step")
        return steps + (", but it is unstable there" if result.learning_rates[i] > limit else "")
    return "diverges" if result.diverged[i] else f"does not arrive in {cached.SWEEP_STEPS} steps"


def told(title: str, result: Sweep, mine: Sweep, rate: float, limit: float, fixed: bool) -> str:
    """One sentence on the sweep of a method."""
    if fixed:
        return f"{title} does not use this learning rate: {fate(mine, 0, limit)}."
    best = fastest(result, limit)
    if best is not None:
        steps = result.steps[list(result.learning_rates).index(best)]
        text = f"{title}: fewest steps {steps:.0f}, at {number(best)}"
    else:
        text = f"{title}: arrives with none of the swept rates"
    text += f"; yours, {number(rate)}: {fate(mine, 0, limit)}"
    edge = cliff(result)
    return text + (
        f"; diverges from {number(edge)} on."
        if edge is not None
        else "; no swept rate diverges to the end of the picture."
    )
