"""The descent lab, in the tab "Look closer": why a step size works, what scaling changes, where starts end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossgeo import geometry, surfaces
from lossgeo.basins import MINIMUM, OUTCOMES, Basins
from lossgeo.charts import lab, plots
from lossgeo.charts.raster import OTHER, SIGNS, Colour, band_image, hue, palette_image
from lossgeo.charts.style import ChartStyle
from lossgeo.datasets import Array
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError
from lossgeo.optimizers import OPTIMIZERS, Sweep
from lossgeo.ui import cached, controls, lesson, versus
from lossgeo.ui.runs import Run, kept, path_table
from lossgeo.ui.specs import Choice, LossSpec, MethodSpec, ViewSpec
from lossgeo.ui.words import minimum_in_words, number, point, typeset

GD = "gradient descent"
Runs = list[Run]
Section = Callable[[Choice, Runs, ChartStyle], None]


def show(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """One switch and the section it picks; the others are not computed."""
    page = choice.loss.page
    sections: dict[str, Section] = {"Ruler": ruler, "Sweep": sweep}
    sections |= {"Basins": basins} if page == "nonconvex" else {"Scaling": scaling}
    sections["Curvature"] = curvature
    if page == "mse":
        sections["Penalty curve"] = lambda *given: lesson.penalty(*given, "residual")
    picked = st.segmented_control(
        "Look closer at",
        list(sections),
        default="Ruler",
        key=f"{page}_closer",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    sections[picked or "Ruler"](choice, runs, style)


# --- where the lab looks ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Place:
    """The point at which curvature is read: a minimiser, or the start where there is none."""

    at: Array
    words: str
    low: float
    high: float
    marks: geometry.StepMarks


def place(choice: Choice, runs: Runs) -> Place:
    """The known minimiser nearest to the end of the first run; the start if no minimiser is known."""
    it = cached.loss(choice.loss)
    if len(it.minima):
        end = runs[0].trajectory.points[-1] if runs else np.array(choice.start)
        at = geometry.Scale(it).nearest_minimum(end)
        words = (
            "the minimiser"
            if it.minimisers == "one" and len(it.minima) == 1
            else "the minimiser nearest to the end of the run"
        )
        words = "a minimiser" if it.minimisers in ("line", "region") else words
    else:
        none = "no minimiser was found" if getattr(it, "searched", False) else "no minimiser exists"
        at, words = np.array(choice.start), f"the start ({none})"
    low, high = (float(v) for v in geometry.eigenvalues(it, at))
    return Place(at, words, max(low, 0.0) if it.convex else low, high, geometry.step_marks(it, at))


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


def rate_of(choice: Choice) -> float:
    return choice.methods[0].learning_rate if choice.methods else controls.rate(choice.loss.page)


def ink() -> str:
    """The colour of text marks: the theme does not reach them."""
    return "#E8EEF2" if st.context.theme.type == "dark" else "#16222B"


def plain(text: str) -> str:
    """A sentence of the core in the lab's symbols."""
    return typeset(text).replace("lambda_max", "λmax").replace("mu + L", "μ + L").replace("(mu", "(μ")


def in_words(spot: Place, it: geometry.Loss) -> str:
    text = (
        f"**Curvature at {spot.words}**, {point(spot.at, it.parameters)}: eigenvalues {number(spot.low)} and "
        f"{number(spot.high)}"
    )
    return text + (f", condition number κ = {number(spot.high / spot.low)}." if spot.low > 0 else ".")


# --- the learning-rate ruler ------------------------------------------------------------------------------


def ruler(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """The marks of this loss beside the learner's rate, and what plain gradient descent makes of it."""
    it, spot, page = cached.loss(choice.loss), place(choice, runs), choice.loss.page
    rate, marks = rate_of(choice), named_marks(spot, it)
    if marks:
        _ruler_chart(choice, it, spot, marks, rate, style)
        buttons(page, marks)
    st.markdown(plain(spot.marks.sentence))
    if not isinstance(it, MeanAbsoluteError):
        st.markdown(in_words(spot, it))
    if geometry.is_quadratic(it) and it.convex:
        st.markdown(prediction(choice, rate))
    errors(choice, rate, style)


def named_marks(spot: Place, it: geometry.Loss) -> list[Mark]:
    """The finite marks, smallest first, each with the name that is true for this loss."""
    m, bounded = spot.marks, geometry.smoothness(it) is not None
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


def _ruler_chart(
    choice: Choice, it: geometry.Loss, spot: Place, marks: list[Mark], rate: float, style: ChartStyle
) -> None:
    values = [mark.at for mark in marks] + [rate]
    lo, hi = min(values) / 2.2, max(values) * 2.2
    known = zones(spot, it, lo, hi)
    per_decade = lab.width(style) / np.log10(hi / lo)
    rows = [
        *((f"{mark.words} = {number(mark.at)}", mark.at, False) for mark in marks),
        (f"yours: {number(rate)}", rate, True),
    ]
    table = {
        "at": [v for _, v, _ in rows],
        "words": [words for words, _, _ in rows],
        "row": list(range(len(rows))),
        "left": [
            to_the_left([v for _, v, _ in rows], i, lo, hi, len(words) * 0.58 * style.font, lab.width(style))
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
            **lab.ruler_spec(len(rows), style),
            "datasets": {
                "view": pa.table({"lo": [lo], "hi": [hi], "ink": [ink()]}),
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


def zones(spot: Place, it: geometry.Loss, lo: float, hi: float) -> list[tuple[str, float, float, str]]:
    """Stretches of the ruler about which something is proved: kind, ends, words."""
    m = spot.marks
    if m.quadratic and it.convex:
        return [
            ("below", lo, m.safe, "no overshoot"),
            ("between", m.safe, m.limit, "overshoots, shrinks"),
            ("above", m.limit, hi, "diverges"),
        ]
    if geometry.smoothness(it) is not None and np.isfinite(m.limit):
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
    if it.minimisers == "region" or not len(it.minima) or isinstance(it, MeanAbsoluteError):
        why = (
            "the loss has no curvature where it is smooth"
            if isinstance(it, MeanAbsoluteError)
            else minimum_in_words(it, short=True)
        )
        st.caption(f"No error to split along eigenvectors here: {why}.")
        return
    path = cached.trajectory(choice.loss, MethodSpec(GD, rate), choice.start, choice.steps)
    error = np.abs(geometry.error_components(path, it))
    at = geometry.Scale(it).nearest_minimum(path.points[-1])
    low, high = (float(v) for v in geometry.eigenvalues(it, at))
    names, curvatures = list(lab.PARTS)[::-1], (low, high)
    shown = [1] if it.minimisers == "line" else [0, 1]
    last, top = len(path.points) - 1, float(error[:, shown].max())
    if last == 0 or top == 0.0:
        st.caption("The start is the minimiser: there is no error to split.")
        return
    # An error below rounding of the point itself is noise.
    floor = max(1e-16 * float(np.abs(at).max()), 1e-13 * float(error[0, shown].max()), 1e-300)
    quadratic, steps = geometry.is_quadratic(it), kept(last)
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
            "ink": [ink()],
        }
    )
    factors = [f"{names[k]} λ = {number(curvatures[k])}, 1 − ηλ = {number(1 - rate * curvatures[k])}" for k in shown]
    alt = (
        f"Error of gradient descent over {last} steps along the eigenvectors: "
        + "; ".join(f"{names[k]} from {number(float(error[0, k]))} to {number(float(error[-1, k]))}" for k in shown)
        + "."
    )
    st.vega_lite_chart(
        {**lab.error_spec(style), "datasets": {"view": view, "run": runs, "formula": formula}},
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


# --- the sweep ------------------------------------------------------------------------------------------------


def sweep(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """Steps until arrival against the learning rate, for the chosen methods."""
    it, page = cached.loss(choice.loss), choice.loss.page
    if not choice.methods:
        st.info("Choose at least one method in the sidebar to sweep its learning rate.")
        return
    if not len(it.minima):
        st.info(f"There is nowhere to arrive: {minimum_in_words(it)}. So there is no number of steps to compare.")
        return
    rate = rate_of(choice)
    rates, inside = swept_rates(place(choice, runs), rate)
    methods = swept_methods(choice)
    found = {name: swept(choice, m, rates) for name, m in methods.items()}
    at_mine = {name: swept(choice, m, (rate,)) for name, m in methods.items()}
    limits = {name: stable_below(m, it) for name, m in methods.items()}
    fixed = {name for name, m in methods.items() if m.name in cached.FIXED_RATE}
    tables = sweep_tables(found, limits, fixed, rates, rate if inside else float("nan"))
    sentences = [told(called(choice, name), found[name], at_mine[name], rate, limits[name], name in fixed)
                 for name in methods]  # fmt: skip
    if choice.differs == "learning rate" and not fixed:
        (name, other), mine = next(iter(methods.items())), choice.methods[1].learning_rate
        sentences.append(f"**B**, {number(mine)}: {fate(swept(choice, other, (mine,)), 0, limits[name])}.")

    def take_pick() -> None:
        picked = st.session_state[f"{page}_sweep"]["selection"].get("pick")
        if picked:
            controls.set_rate(page, picked[0]["rate"])

    st.vega_lite_chart(
        {**lab.sweep_spec(style), "datasets": tables},
        key=f"{page}_sweep",
        width="content",
        on_select=take_pick,
        selection_mode=["pick"],
        alt=f"Steps until arrival against the learning rate from {number(rates[0])} to {number(rates[-1])}. "
        + " ".join(sentences),
    )
    best = {name: fastest(found[name], limits[name]) for name in methods if name not in fixed}
    fast = [(f"Use {number(at)}, the fastest of {name}", at) for name, at in best.items() if at is not None]
    rate_buttons(page, "sweep", fast)
    unit = number(1e-6 * float(geometry.Scale(it).unit.max()))
    goal = "a minimiser" if it.minimisers != "one" or len(it.minima) > 1 else "the minimiser"
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    st.caption(
        f"Arrival: for the first time within {unit} of {goal}, in at most {cached.SWEEP_STEPS} steps from the "
        f"start of the map. "
        f"Above the plot: ○ not in {cached.SWEEP_STEPS} steps, △ arrives, but above the stability limit of the "
        f"minimum: the least error along its steepest direction grows "
        "again, × diverges. Click a rate to run it, use a button, or type it in the sidebar."
        + ("" if inside else f" Your rate {number(rate)} lies outside this picture.")
    )


def swept_methods(choice: Choice) -> dict[str, MethodSpec]:
    """The methods by the names of their curves. A and B that differ in the learning rate alone share one."""
    if choice.differs and choice.differs != "learning rate":
        return dict(zip(versus.NAMES, choice.methods, strict=True))
    return {m.name: m for m in reversed(choice.methods)} if choice.differs else {m.name: m for m in choice.methods}


def called(choice: Choice, name: str) -> str:
    """A curve's name in a sentence."""
    if name not in versus.NAMES:
        return f"**{name.capitalize()}**"
    return f"**{name}**, {versus.title(choice.methods[versus.NAMES.index(name)], choice.differs)}"


def fastest(result: Sweep, limit: float) -> float | None:
    """The swept rate with the fewest steps at which the method is stable."""
    steps = np.where(result.learning_rates > limit, np.nan, result.steps)
    return float(result.learning_rates[int(np.nanargmin(steps))]) if np.isfinite(steps).any() else None


def swept_rates(spot: Place, rate: float) -> tuple[tuple[float, ...], bool]:
    """SWEEP_RATES learning rates, dense just below 2/L where the cliff is; whether the learner's fits in."""
    limits = [v for v in (spot.marks.limit, spot.marks.local_limit) if np.isfinite(v)] or [rate]
    lo, hi = 2e-3 * min(limits), 4.0 * max(limits)
    inside = lo / 1e3 <= rate <= hi * 1e3
    if inside:
        lo, hi = min(lo, _one_digit(rate / 3)), max(hi, _one_digit(rate * 3))
    near = np.r_[limits[-1] * np.linspace(0.55, 1.05, 15), np.nan_to_num(spot.marks.fastest, nan=limits[-1])]
    wide = np.geomspace(lo, hi, cached.SWEEP_RATES - len(near))
    return tuple(float(f"{v:.4g}") for v in np.sort(np.r_[wide, near])), inside


def _one_digit(value: float) -> float:
    return float(f"{value:.0e}")


def swept(choice: Choice, method: MethodSpec, rates: tuple[float, ...]) -> Sweep:
    """The sweep of a method; one run for a method that the slider does not reach."""
    fixed = method.name in cached.FIXED_RATE
    return cached.sweep(choice.loss, replace(method, learning_rate=1.0), choice.start, (1.0,) if fixed else rates)


def stable_below(method: MethodSpec, it: geometry.Loss) -> float:
    """The learning rate above which no listed minimum holds the method, by its linearisation there; inf if unknown."""
    limit = cached.build(method).stability
    if limit is None or method.schedule != "constant" or not len(it.minima) or isinstance(it, MeanAbsoluteError):
        return float("inf")
    flattest = float(geometry.eigenvalues(it, it.minima)[..., 1].min())
    return limit / flattest if flattest > 0 else float("inf")


def cliff(result: Sweep) -> float | None:
    """The smallest swept rate from which on all diverge."""
    safe = np.flatnonzero(~result.diverged)
    first = int(safe[-1]) + 1 if len(safe) else 0
    return float(result.learning_rates[first]) if first < len(result.diverged) else None


def sweep_tables(
    found: dict[str, Sweep], limits: dict[str, float], fixed: set[str], rates: tuple[float, ...], mine: float
) -> dict[str, pa.Table]:
    """The data sets of the sweep's chart."""
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
    edge = cliff(next(iter(found.values())))
    first = next(iter(found))
    shaded = [] if edge is None or first in fixed else [(edge, rates[-1], f"{first} diverges")]
    ends = np.sqrt(np.array(rates[1:]) * np.array(rates[:-1]))
    columns = {
        "runs": (("method", pa.string()), ("rate", pa.float64()), ("steps", pa.float64()), ("piece", pa.int32())),
        "fates": (("method", pa.string()), ("rate", pa.float64()), ("order", pa.int32()), ("fate", pa.string())),
        "cliff": (("low", pa.float64()), ("high", pa.float64()), ("words", pa.string())),
    }
    rows: dict[str, list[tuple[object, ...]]] = {"runs": list(runs), "fates": list(fates), "cliff": list(shaded)}
    tables = {
        name: pa.table({c: pa.array([row[i] for row in rows[name]], kind) for i, (c, kind) in enumerate(cs)})
        for name, cs in columns.items()
    }
    return tables | {
        "view": pa.table(
            {
                "lo": [rates[0]],
                "hi": [rates[-1]],
                "one": [0.8],
                "top": [float(cached.SWEEP_STEPS)],
                "ink": [ink()],
                "yours": [mine],
            }
        ),
        "methods": pa.table({"method": list(found), "order": list(range(len(found)))}),
        "strips": pa.table({"rate": list(rates), "low": [rates[0], *ends], "high": [*ends, rates[-1]]}),
    }


def fate(result: Sweep, i: int, limit: float) -> str:
    """What became of the run with the i-th rate."""
    if np.isfinite(result.steps[i]):
        steps = f"{result.steps[i]:.0f} step{'' if result.steps[i] == 1 else 's'}"
        return steps + (", but it is unstable there" if result.learning_rates[i] > limit else "")
    return "diverges" if result.diverged[i] else f"does not arrive in {cached.SWEEP_STEPS} steps"


def told(title: str, result: Sweep, mine: Sweep, rate: float, limit: float, fixed: bool) -> str:
    """A method's sweep in one sentence."""
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


# --- scaling ------------------------------------------------------------------------------------------------------


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


def scaling(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """The same data raw and standardised, each at its best fixed rate."""
    it = cached.loss(choice.loss)
    if isinstance(it, MeanAbsoluteError):
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
            small_map(choice, one, style, i)
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


def small_map(choice: Choice, one: Scaled, style: ChartStyle, i: int) -> None:
    it = cached.loss(one.spec)
    (w0, w1), (b0, b1) = it.view
    holds = None if w0 <= one.start[0] <= w1 and b0 <= one.start[1] <= b1 else one.start
    look = ViewSpec(holds=holds)
    (w0, w1), (b0, b1) = cached.window(one.spec, look)
    view = pa.table(
        {
            "w0": [w0],
            "w1": [w1],
            "b0": [b0],
            "b1": [b1],
            "sw": [one.start[0]],
            "sb": [one.start[1]],
            "url": [cached.scene(one.spec, look).url],
        }
    )
    st.markdown(f"**{one.name.capitalize()}**, η = {number(one.rate)}")
    st.vega_lite_chart(
        {
            **plots.small_map_spec(*it.parameters, style, ink()),
            "datasets": {"view": view, "path": path_table([one.run])},
        },
        key=f"{choice.loss.page}_scaled_{i}",
        width="content",
        alt=f"Map of the {it.name}, x {one.name}: {minimum_in_words(it)}. Gradient descent with learning rate "
        f"{number(one.rate)} "
        f"from {point(np.array(one.start), it.parameters)}.",
    )


def verdict(it: geometry.Loss, both: list[Scaled]) -> str:
    """One paragraph: what was compared, and under which conditions the numbers hold."""
    quadratic = isinstance(it, MeanSquaredError)
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
    if getattr(it, "l2", 0.0):
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


# --- basins ---------------------------------------------------------------------------------------------------------


def basins(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """Where every start of the map ends."""
    it, page = cached.loss(choice.loss), choice.loss.page
    names = [name for name in OPTIMIZERS if name != "sgd"]
    first = choice.methods[0].name if choice.methods else GD
    left, right = beside(style)
    with right:
        name = st.selectbox(
            "Method", names, index=names.index(first), key=f"{page}_basins_of_{first.replace(' ', '_')}"
        )
    common = choice.methods[0] if choice.methods else MethodSpec(GD, rate_of(choice))
    fixed = name in cached.FIXED_RATE
    method = MethodSpec(name, 1.0) if fixed else replace(common, name=name)
    count = cached.basin_side(choice.loss) ** 2
    with right, st.spinner(f"Running {count} starts", show_time=True):
        found = cached.basin_map(choice.loss, method, choice.view)
    rows = legend(it, found.basins)
    text = "; ".join(f"{share} {words}" for _, words, share in rows)
    numbers = numbered(it, choice)
    with left:
        map_chart(
            choice,
            style,
            found.url,
            numbers,
            [],
            f"{page}_basins",
            f"Basin map of {it.name} for {name}, {count} starts, {cached.BASIN_STEPS} steps each. {text}.",
        )
    with right:
        st.html(
            '<div style="font-size:.9rem;line-height:1.5">'
            + "".join(
                f"<div><span "
                f'style="display:inline-block;width:.9em;height:.9em;background:rgb{colour};border:1px solid #888;'
                f'vertical-align:-.1em" aria-hidden="true"></span> <b>{share}</b> {words}</div>'
                for colour, words, share in rows
            )
            + "</div>"
        )
        settings = "its own first step 1" if fixed else f"learning rate {number(method.learning_rate)}"
        st.caption(
            f"Shares of the {count} starts on this map, at most {cached.BASIN_STEPS} steps each, {name} with "
            f"{settings}. Lighter: fewer steps; "
            f"darker: more. Numbers stand at the minima. The square is your start: click anywhere to move it."
            + (
                " Adam and RMSProp hop around a minimum by about the learning rate; that counts as found."
                if name in ("adam", "rmsprop")
                else ""
            )
        )


def legend(it: geometry.Loss, found: Basins) -> list[tuple[tuple[int, int, int], str, str]]:
    """Colour, words and share of the starts for each way to end that occurs, most frequent first."""
    total, rows = found.outcome.size, []
    for i, minimum in enumerate(it.minima):
        mine = (found.label == i) & (found.outcome == MINIMUM)
        if mine.any():
            kind = (
                "in the region of minimisers"
                if it.minimisers == "region"
                else f"to minimum {i + 1} at {point(minimum, it.parameters)}"
            )
            value = float(it.value(minimum))
            words = f"{kind}, value {number(0.0 if abs(value) < 1e-12 else value)}"
            rows.append(
                (int(mine.sum()), hue(i), f"{words}; half of these within {np.median(found.steps[mine]):.0f} steps")
            )
    if len(rows) > 8:
        rows.sort(key=lambda row: -row[0])
        rest = sum(n for n, *_ in rows[8:])
        rows = [*rows[:8], (rest, (255, 255, 255), f"to {len(rows) - 8} more minima, in the same six colours")]
    for k, name in enumerate(OUTCOMES):
        mine = (found.outcome == k) & ((found.label < 0) | (k != MINIMUM))
        if mine.any():
            words = "another minimum" if k == MINIMUM else name
            said = {
                "saddle": "stopped at a saddle",
                "maximum": "stopped at a maximum",
                "diverged": "diverged",
                "did not settle": f"did not settle in {cached.BASIN_STEPS} steps",
            }.get(words, words)
            rows.append((int(mine.sum()), OTHER[words], said))
    return [(colour, words, percent(n, total)) for n, colour, words in rows]


def percent(n: int, total: int) -> str:
    share = 100.0 * n / total
    return "100%" if n == total else "under 0.1%" if share < 0.1 else "over 99.9%" if share > 99.9 else f"{share:.1f}%"


def numbered(it: geometry.Loss, choice: Choice) -> list[tuple[float, float, str]]:
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)
    if it.minimisers == "region":
        return []
    return [(float(w), float(b), str(i + 1)) for i, (w, b) in enumerate(it.minima) if w0 <= w <= w1 and b0 <= b <= b1]


def beside(style: ChartStyle) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Room for a map and, right of it or below it, for words."""
    if style.stacked:
        return st.container(), st.container()
    left, right = st.columns([style.map_side + 70, 836 - style.map_side], gap="small")
    return left, right


Line = tuple[float, float, float, float, str]


def map_chart(
    choice: Choice,
    style: ChartStyle,
    url: str,
    words: list[tuple[float, float, str]],
    lines: list[Line],
    key: str,
    alt: str,
) -> None:
    """A map to click: the click is the new start."""
    page = choice.loss.page
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)

    def take_pick() -> None:
        picked = st.session_state[key]["selection"].get("pick")
        if picked:
            controls.set_start(page, picked[0])

    floats = pa.float64()
    tables = {
        "view": pa.table(
            {
                "w0": [w0],
                "w1": [w1],
                "b0": [b0],
                "b1": [b1],
                "sw": [choice.start[0]],
                "sb": [choice.start[1]],
                "url": [url],
                "ink": [ink()],
            }
        ),
        "words": pa.table(
            {
                "w": pa.array([w for w, _, _ in words], floats),
                "b": pa.array([b for _, b, _ in words], floats),
                "text": pa.array([t for *_, t in words], pa.string()),
            }
        ),
        "lines": pa.table(
            {
                name: pa.array([line[i] for line in lines], pa.string() if name == "name" else floats)
                for i, name in enumerate(("w", "b", "w2", "b2", "name"))
            }
        ),
    }
    st.vega_lite_chart(
        {**lab.map_spec(*cached.loss(choice.loss).parameters, style), "datasets": tables},
        key=key,
        width="content",
        on_select=take_pick,
        selection_mode=["pick"],
        alt=alt,
    )


# --- curvature --------------------------------------------------------------------------------------------------------


def curvature(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """The Hessian over the map: its signs, or the condition number of a logistic loss."""
    it = cached.loss(choice.loss)
    if isinstance(it, MeanAbsoluteError):
        st.info(
            "The mean absolute error is made of flat pieces: its Hessian is zero wherever it exists, so there "
            "is nothing to map."
        )
        return
    spot = place(choice, runs)
    if isinstance(it, MeanSquaredError):
        kappa = (
            f"κ = {number(spot.high / spot.low)}"
            if spot.low > 0
            else "one of them is zero, so there is no condition number"
        )
        st.markdown(
            f"The Hessian of the mean squared error of a line does not depend on (w, b): the curvatures are "
            f"{number(spot.low)} and {number(spot.high)} "
            f"at every point of the map, {kappa}. A map of it would have one colour."
        )
        return
    left, right = beside(style)
    logistic = isinstance(it, LogisticLoss)
    url, words, rows, said = condition_map(choice) if logistic else sign_map(choice)
    low, high, lines = eigen_axes(choice)
    title = "the condition number" if logistic else "the signs of the curvatures"
    with left:
        map_chart(
            choice,
            style,
            url,
            words,
            lines,
            f"{choice.loss.page}_curvature",
            f"Map of {title} of the {it.name}. At the start the curvatures are {number(low)} and "
            f"{number(high)}. {said}",
        )
    with right:
        st.html(
            '<div style="font-size:.9rem;line-height:1.5">'
            + "".join(
                f'<div><span style="display:inline-block;width:1.2em;text-align:center;background:rgb{colour};'
                f'color:#000;border:1px solid #888" '
                f'aria-hidden="true">{sign}</span> {text}</div>'
                for colour, sign, text in rows
            )
            + "</div>"
        )
        st.markdown(
            f"**At your start**: curvatures {number(low)} and {number(high)}. The lines through it are the "
            f"eigenvectors of the Hessian there: "
            "solid for the larger curvature, dashed for the smaller."
        )
        st.markdown(said)
        st.caption("Click anywhere to move the start.")
    if runs:
        along_the_run(choice, runs[0], style)


def along_the_run(choice: Choice, run: Run, style: ChartStyle) -> None:
    """The two curvatures at every step of the first run, and what the learning rate can bear."""
    it, method = cached.loss(choice.loss), choice.methods[[m.name for m in choice.methods].index(run.method)]
    bends = cached.path_curvatures(choice.loss, method, choice.start, choice.steps)
    fine = np.isfinite(bends).all(axis=1)
    last = len(bends) - 1
    bears = borne(method, choice.steps, last)
    steps = kept(last)
    seen = bends[fine & inside(choice, run.trajectory.points)]
    seen = seen if len(seen) else bends[:1]
    low, high = min(float(seen.min()), 0.0), max(float(seen.max()), 0.0)
    if bears is not None and bears.min() < 2 * high:
        high = max(high, min(float(bears[0]), 2 * high))
    margin = 0.08 * (high - low) or 1.0
    drawn = [(t, float(bends[t, k]), name) for k, name in enumerate(list(lab.PARTS)[::-1]) for t in steps if fine[t]]
    columns = {"step": pa.int64(), "bend": pa.float64(), "part": pa.string()}
    rows = {name: pa.array([row[i] for row in drawn], kind) for i, (name, kind) in enumerate(columns.items())}
    held = [(int(t), float(bears[min(t, len(bears) - 1)])) for t in steps] if bears is not None else []
    tables = {
        "view": pa.table(
            {
                "lo": [low - margin if low < 0 else 0.0],
                "hi": [high + margin],
                "zero": [0],
                "steps": [max(last, 1)],
                "ink": [ink()],
            }
        ),
        "run": pa.table(rows),
        "limit": pa.table(
            {
                "step": pa.array([t for t, _ in held], pa.int64()),
                "bend": pa.array([v for _, v in held], pa.float64()),
            }
        ),
    }
    said = f"{signs_in_words(bends, it)} {product_in_words(method, bends, bears)}".strip()
    st.markdown(f"**Along the run of {run.words}**, {last} step{'' if last == 1 else 's'}. {said}")
    st.vega_lite_chart(
        {**lab.bends_spec(style), "datasets": tables},
        key=f"{choice.loss.page}_bends",
        width="content",
        alt=f"Curvatures along the run of {run.words}, {last} steps. {plain_text(said)}",
    )
    note = "Shaded: below zero, where the surface curves down in some direction. " if low < 0 else ""
    if bears is not None:
        note += (
            f"Dotted: {number(cached.build(method).stability or 0.0)}/η, the largest curvature of a bowl on which "
            f"{run.method} with this learning rate settles"
            + (f"; {number(float(bears.min()))}, above this picture." if bears.min() > high + margin else ".")
        )
    st.caption(note)


def inside(choice: Choice, points: Array) -> Array:
    """Which of the points lie on the map."""
    low, high = np.transpose(cached.window(choice.loss, choice.view))
    return ((points >= low) & (points <= high)).all(axis=1)


def borne(method: MethodSpec, horizon: int, last: int) -> Array | None:
    """At each step from 1 on the largest curvature of a bowl on which the method would converge; None if not known."""
    built = replace(cached.build(method), horizon=max(horizon, 1))
    if built.stability is None:
        return None
    rates = np.array([float(built.rate(t)) for t in range(1, max(last, 1) + 1)])
    return built.stability / np.maximum(rates, 1e-300)


def signs_in_words(bends: Array, it: geometry.Loss) -> str:
    """Where along the run the smaller curvature is negative."""
    negative = bends[:, 0] < -1e-12 * np.abs(bends).max(axis=1)
    count, last = int(negative.sum()), len(bends) - 1
    if it.convex:
        return "The smaller curvature is never negative: the loss is convex."
    if not count:
        return "The smaller curvature is not negative at any of its points."
    if count == last + 1:
        return "The smaller curvature is **negative at every point** of the run."
    first, final = int(np.argmax(negative)), last - int(np.argmax(negative[::-1]))
    if count == final - first + 1:
        if first == 0:
            return f"The smaller curvature is **negative until step {final}**, then no longer."
        if final == last:
            return f"The smaller curvature is **negative from step {first} on**."
        return f"The smaller curvature is **negative from step {first} to step {final}**."
    return f"The smaller curvature is **negative at {count} of {last + 1} points**, last at step {final}."


def product_in_words(method: MethodSpec, bends: Array, bears: Array | None) -> str:
    """Learning rate times larger curvature along the run, against what the method can bear on a bowl."""
    limit = cached.build(method).stability
    if bears is None or limit is None or len(bears) != len(bends) - 1:
        return ""
    product = limit * bends[:-1, 1] / bears  # step t goes from point t - 1
    over = product > limit
    low, high = (number(float(v)) for v in (product.min(), product.max()))
    text = f"ηλmax is {low} at every step" if low == high else f"ηλmax runs from {low} to {high}"
    if not over.any():
        return f"{text}, never above {number(limit)}."
    return (
        f"{text}; it is **above {number(limit)} at {int(over.sum())} of {len(over)} steps**, first at step "
        f"{int(np.argmax(over)) + 1}: there {method.name} would not settle on a bowl with this largest curvature."
    )


def plain_text(text: str) -> str:
    return text.replace("**", "")


def sign_map(choice: Choice) -> tuple[str, list[tuple[float, float, str]], list[tuple[Colour, str, str]], str]:
    signs = cached.curvature_signs(choice.loss, choice.view)
    url = palette_image(signs, [colour for _, colour in SIGNS.values()])
    kinds = list(SIGNS.items())
    words = [(w, b, kinds[int(k)][1][0]) for w, b, k in sampled(choice, signs)]
    shares = [(signs == k).mean() for k in range(len(kinds))]
    rows = [
        (colour, sign, f"<b>{percent(round(share * signs.size), signs.size)}</b> {name}")
        for (name, (sign, colour)), share in zip(kinds, shares, strict=True)
        if share > 0
    ]
    if not shares[1] and not shares[2]:
        return url, words, rows, "No negative curvature was found on this map. Samples cannot prove that there is none."
    return (
        url,
        words,
        rows,
        "A point with negative curvature disproves convexity. It need not mean that there is more than one minimum.",
    )


def condition_map(choice: Choice) -> tuple[str, list[tuple[float, float, str]], list[tuple[Colour, str, str]], str]:
    values = cached.log_condition(choice.loss, choice.view)
    if not np.isfinite(values).any():
        return (
            band_image(values, np.array([0.0, 1.0])),
            [],
            [],
            "No condition number is defined on this map: a curvature is zero to rounding.",
        )
    levels = surfaces.levels(values[np.isfinite(values)], count=8)
    words = [(w, b, number(10**v, 2)) for w, b, v in sampled(choice, values, 5) if np.isfinite(v)]
    least, most = (number(10 ** float(f(values))) for f in (np.nanmin, np.nanmax))
    said = (
        f"κ = λmax/λmin runs from {least} to {most} on this map; the numbers on it are κ there, dark is small. "
        f"Unlike the mean squared "
        "error, the logistic loss has another κ at every point: what counts for the last steps is the one at "
        "the minimiser, if there is one."
    )
    return band_image(values, levels), words, [], said


def sampled(choice: Choice, values: Array, count: int = 9) -> list[tuple[float, float, float]]:
    """Points on a coarse lattice with the value there."""
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)
    side = len(values)
    at = ((np.arange(count) + 0.5) / count * side).astype(int)
    return [
        (w0 + (w1 - w0) * (j + 0.5) / side, b0 + (b1 - b0) * (i + 0.5) / side, float(values[i, j]))
        for i in at
        for j in at
    ]


def eigen_axes(choice: Choice) -> tuple[float, float, list[Line]]:
    """Curvatures at the start and the two eigenvectors through it, a fixed length on the screen's shorter side."""
    it, start = cached.loss(choice.loss), np.array(choice.start)
    spectrum = geometry.spectrum(it, start)
    size = np.array([high - low for low, high in cached.window(choice.loss, choice.view)])
    lines: list[Line] = []
    for i, name in enumerate(list(lab.PARTS)[::-1]):
        e = spectrum.eigenvectors[:, i]
        half = 0.12 * e / float(np.abs(e / size).max())
        (w, b), (w2, b2) = start - half, start + half
        lines.append((float(w), float(b), float(w2), float(b2), name))
    return float(spectrum.eigenvalues[0]), float(spectrum.eigenvalues[1]), lines
