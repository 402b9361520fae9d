"""The Hessian over the map and along the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import streamlit as st

from lossgeo import geometry, surfaces
from lossgeo.charts import lab_charts
from lossgeo.charts.raster import SIGNS, Colour, band_image, palette_image
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Array, Loss
from lossgeo.ui.lab.maps import Line, beside, key, map_chart, percent
from lossgeo.ui.lab.reading_point import Runs, place
from lossgeo.ui.stage import linked
from lossgeo.views import cached
from lossgeo.views.choice import Choice, MethodSpec
from lossgeo.views.sentences import number
from lossgeo.views.view import Run, kept

# Picture, words on it (w, b, text), rows of its key, a sentence.
Look = tuple[str, list[tuple[float, float, str]], list[tuple[Colour, str, str, str]], str]


def show(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """The Hessian over the map: its signs, or the condition number of a logistic loss."""
    it = cached.loss(choice.loss)
    if it.kinks:
        st.info(
            "The mean absolute error is made of flat pieces: its Hessian is zero wherever it exists, so there "
            "is nothing to map."
        )
        return
    spot = place(choice, runs)
    if it.quadratic and it.dataset is not None:
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
    logistic = it.convex and it.dataset is not None
    url, words, rows, said = condition_map(choice) if logistic else sign_map(choice)
    at_start, lines = eigen_axes(choice)
    title = "the condition number" if logistic else "the signs of the curvatures"
    with left:
        map_chart(
            choice,
            style,
            url,
            words,
            lines,
            f"{choice.loss.page}_curvature",
            f"Map of {title} of the {it.name}. At the start: {at_start}. {said}",
        )
    with right:
        key(rows)
        through = (
            " The lines through it are the eigenvectors of the Hessian there: solid for the larger curvature, dashed "
            "for the smaller."
        )
        st.markdown(f"**At your start**: {at_start}.{through if lines else ''}")
        st.markdown(said)
        st.caption("Click anywhere to move the start.")
    if runs:
        along_the_run(choice, runs[0], style)


def along_the_run(choice: Choice, run: Run, style: ChartStyle) -> None:
    """The two curvatures at every step of the first run, and what the learning rate can bear."""
    it, method = cached.loss(choice.loss), choice.methods[[m.name for m in choice.methods].index(run.method)]
    bends = cached.path_curvatures(choice.loss, method, choice.start, choice.steps)
    fine = np.isfinite(bends).all(axis=1)
    if not fine.any():
        st.caption(f"Along the run of {run.words} no curvature is a number.")
        return
    last = len(bends) - 1
    bears = borne(method, choice.steps, last)
    steps = kept(last)
    seen = bends[fine & inside(choice, run.trajectory.points)]
    seen = seen if len(seen) else bends[fine][:1]
    low, high = min(float(seen.min()), 0.0), max(float(seen.max()), 0.0)
    if bears is not None and bears.min() < 2 * high:
        high = max(high, min(float(bears[0]), 2 * high))
    margin = 0.08 * (high - low) or 1.0
    drawn = [
        (t, float(bends[t, k]), name) for k, name in enumerate(list(lab_charts.PARTS)[::-1]) for t in steps if fine[t]
    ]
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
                "ink": [linked.colours(style.projector)["ink"]],
            }
        ),
        "run": pa.table(rows),
        "limit": pa.table(
            {"step": pa.array([t for t, _ in held], pa.int64()), "bend": pa.array([v for _, v in held], pa.float64())}
        ),
    }
    said = f"{signs_in_words(bends, it)} {product_in_words(method, bends, bears)}".strip()
    st.markdown(f"**Along the run of {run.words}**, {last} step{'' if last == 1 else 's'}. {said}")
    st.vega_lite_chart(
        {**lab_charts.bends_spec(style), "datasets": tables},
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


def signs_in_words(bends: Array, it: Loss) -> str:
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


def plain_text(text: str) -> str:
    return text.replace("**", "")


def sign_map(choice: Choice) -> Look:
    """The signs of the two curvatures."""
    signs = cached.curvature_signs(choice.loss, choice.view)
    url = palette_image(signs, [colour for _, colour in SIGNS.values()])
    kinds = list(SIGNS.items())
    words = [(w, b, kinds[int(k)][1][0]) for w, b, k in sampled(choice, signs)]
    shares = [(signs == k).mean() for k in range(len(kinds))]
    rows = [
        (colour, sign, percent(round(share * signs.size), signs.size), name)
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


def condition_map(choice: Choice) -> Look:
    """The condition number, in bands."""
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
    if not np.isfinite(values).all():
        said += " Where the map is blank, a curvature is zero to rounding, or κ too large for a number."
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


def eigen_axes(choice: Choice) -> tuple[str, list[Line]]:
    """Curvatures at the start, and the eigenvectors through it, a fixed length on the screen's shorter side."""
    it, start = cached.loss(choice.loss), np.array(choice.start)
    if not np.isfinite(it.hessian(start)).all():
        return "no curvatures, because the Hessian there is not finite", []
    spectrum = geometry.spectrum(it, start)
    size = np.array([high - low for low, high in cached.window(choice.loss, choice.view)])
    lines: list[Line] = []
    for i, name in enumerate(list(lab_charts.PARTS)[::-1]):
        e = spectrum.eigenvectors[:, i]
        half = 0.12 * e / float(np.abs(e / size).max())
        (w, b), (w2, b2) = start - half, start + half
        lines.append((float(w), float(b), float(w2), float(b2), name))
    low, high = (number(float(value)) for value in spectrum.eigenvalues)
    return f"curvatures {low} and {high}", lines
