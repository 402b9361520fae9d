"""The Hessian eigenvalues along a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lossgeo import geometry
from lossgeo.charts import lab_charts
from lossgeo.charts.style import colours
from lossgeo.contracts import Array, Loss
from lossgeo.descent.stopping import both
from lossgeo.numbers import number, plural
from lossgeo.ui.runtime import frame
from lossgeo.ui.tables import columns, tables
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.reading_point import reading_point
from lossgeo.views.stage_data import kept
from lossgeo.views.view import Run, View


def show(view: View) -> None:
    """The curvatures at the start and along the first run; for a loss without any, a sentence."""
    loss = view.loss
    if loss.kinks:
        st.info("The mean absolute error is made of flat pieces: its Hessian is zero wherever it exists.")
        return
    if loss.quadratic and view.data is not None:
        spot = reading_point(view)
        none = "one of them is zero, so there is no condition number"
        st.markdown(
            f"The Hessian of the {loss.name} of a line does not depend on (w, b): the curvatures are "
            f"{number(spot.low)} and {number(spot.high)} at every point of the map, "
            f"{f'κ = {number(spot.condition)}' if spot.condition else none}."
        )
        return
    st.markdown(f"**At your start**: {at_start(view)}.")
    if view.runs:
        along_the_run(view, view.runs[0])


def along_the_run(view: View, run: Run) -> None:
    """The two eigenvalues at every step of the run, and the largest one for which the learning rate is stable."""
    choice, style = view.choice, view.style
    bends = cached.path_curvatures(choice.loss, run.method, choice.start, choice.steps)
    fine = both(np.isfinite(bends))
    if not fine.any():
        st.caption(f"Along the run of {run.words} no curvature is a number.")
        return
    last = len(bends) - 1
    bears, steps = borne(run.method, choice.steps, last), kept(last)
    seen = bends[fine & inside(view, run.trajectory.points)]
    seen = seen if len(seen) else bends[fine][:1]
    low, high = min(float(seen.min()), 0.0), max(float(seen.max()), 0.0)
    if bears is not None and bears.min() < 2 * high:
        high = max(high, min(float(bears[0]), 2 * high))
    margin = 0.08 * (high - low) or 1.0
    names = list(lab_charts.PARTS)[::-1]
    drawn = [(int(t), float(bends[t, k]), name) for k, name in enumerate(names) for t in steps if fine[t]]
    limits = [] if bears is None else [(int(t), float(bears[min(t, len(bears) - 1)])) for t in steps]
    row = {"lo": low - margin if low < 0 else 0.0, "hi": high + margin, "zero": 0, "steps": max(last, 1)}
    sets = {
        "view": {name: [value] for name, value in row.items()}
        | {"ink": [colours(style.projector, frame.dark())["ink"]]},
        "run": columns(drawn, step=int, bend=float, part=str),
        "limit": columns(limits, step=int, bend=float),
    }
    said = f"{signs_in_words(bends, view.loss)} {product_in_words(run.method, bends, bears)}".strip()
    st.markdown(f"**Along the run of {run.words}**, {plural(last, 'step')}. {said}")
    st.vega_lite_chart(
        {**lab_charts.bends_spec(style), "datasets": tables(sets)},
        key=f"{view.page.key}_bends",
        width="content",
        alt=f"Curvatures along the run of {run.words}, {last} steps. {said.replace('**', '')}",
    )
    note = "Shaded: below zero, where the surface curves down in some direction. " if low < 0 else ""
    if bears is not None:
        note += (
            f"Dotted: {number(cached.build(run.method).stability or 0.0)}/η, the largest curvature of a bowl on which "
            f"{run.method.name} with this learning rate settles"
            + (f"; {number(float(bears.min()))}, above this picture." if bears.min() > high + margin else ".")
        )
    st.caption(note)


def inside(view: View, points: Array) -> NDArray[np.bool_]:
    """Which of the points (n, 2) lie on the map: flags (n,)."""
    low, high = np.transpose(view.window)
    on_map: NDArray[np.bool_] = both((points >= low) & (points <= high))
    return on_map


def borne(method: MethodSpec, horizon: int, last: int) -> Array | None:
    """For each step from 1 to `last`, the largest Hessian eigenvalue of a convex quadratic on
    which the method converges.

    An array (max(last, 1),), or None if the method has no stability limit.
    """
    built = replace(cached.build(method), horizon=max(horizon, 1))
    if built.stability is None:
        return None
    rates = np.array([float(built.rate(t)) for t in range(1, max(last, 1) + 1)])
    bearable: Array = built.stability / np.maximum(rates, 1e-300)
    return bearable


def signs_in_words(bends: Array, loss: Loss) -> str:
    """A sentence: where along the run the smaller eigenvalue is negative. `bends` are eigenvalues (k+1, 2)."""
    negative = bends[:, 0] < -1e-12 * np.abs(bends).max(axis=1)
    count, last = int(negative.sum()), len(bends) - 1
    if loss.convex:
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
    """A sentence: learning rate times larger eigenvalue along the run, against the stability limit; or ""."""
    limit = cached.build(method).stability
    if bears is None or limit is None or len(bears) != len(bends) - 1:
        return ""
    product = limit * bends[:-1, 1] / bears  # step t starts at point t - 1
    if not np.isfinite(product).all():
        return ""
    over = product > limit
    low, high = (number(float(v)) for v in (product.min(), product.max()))
    text = f"ηλmax is {low} at every step" if low == high else f"ηλmax runs from {low} to {high}"
    if not over.any():
        return f"{text}, never above {number(limit)}."
    return (
        f"{text}; it is **above {number(limit)} at {int(over.sum())} of {len(over)} steps**, first at step "
        f"{int(np.argmax(over)) + 1}: there {method.name} would not settle on a bowl with this largest curvature."
    )


def at_start(view: View) -> str:
    """The two eigenvalues at the start in words."""
    start = np.array(view.choice.start)
    if not np.isfinite(view.loss.hessian(start)).all():
        return "no curvatures, because the Hessian there is not finite"
    low, high = (number(float(value)) for value in geometry.eigenvalues(view.loss, start))
    return f"curvatures {low} and {high}"
