"""The section "What it hides": what a plane leaves out of a network, measured at the start or along a descent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from lossgeo import networks
from lossgeo.charts import network_charts
from lossgeo.charts.style import colours
from lossgeo.contracts import Array
from lossgeo.numbers import number, percent
from lossgeo.ui.panel import opened
from lossgeo.ui.runtime import frame
from lossgeo.ui.stage import small_map
from lossgeo.ui.tables import columns, tables
from lossgeo.views import cached, network_planes
from lossgeo.views.choice import LossSpec, ViewSpec
from lossgeo.views.network_planes import FACTORS, Shown
from lossgeo.views.network_runs import shares_in_words
from lossgeo.views.view import View, build

Row = tuple[float, float, str]


def show(view: View) -> None:
    """A switch, and the selected part. Only that part is computed."""
    assert view.choice.loss.plane is not None
    found = network_planes.shown(view.choice.loss.plane)
    parts = [name for name in PARTS if name != RESCALE or found.plane.network.activation.name == "relu"]
    PARTS[opened.closer(view.page, "What the plane hides", parts)](view, found)


def chart(
    view: View,
    key: str,
    axes: tuple[str, str],
    rows: Sequence[Row],
    rules: Sequence[tuple[float, str]],
    alt: str,
    scale: str = "linear",
    points: bool = False,
    names: tuple[str, ...] = (),
) -> None:
    """Curves by name, and horizontal rules, with axes that hold them all."""
    heights = np.array([y for _, y, _ in rows] + [y for y, _ in rules])
    heights = heights[np.isfinite(heights) & ((heights > 0) | (scale != "log"))]
    low, high = (float(heights.min()), float(heights.max())) if heights.size else (0.1, 1.0)
    if scale == "linear":
        low, high = low - 0.06 * (high - low), high + 0.06 * (high - low) or 1.0
    elif scale == "log":
        low, high = low / 1.3, high * 1.3
    else:
        low, high = 1.3 * min(low, -1e-3), 1.3 * max(high, 1e-3)
    across = [x for x, _, _ in rows]
    beside = 0.6 if points else 0.0
    row = {"x0": min(across) - beside, "x1": max(across) + beside, "y0": low, "y1": high}
    sets = {
        "view": {name: [float(value)] for name, value in row.items()}
        | {"ink": [colours(view.style.projector, frame.dark())["ink"]]},
        "rows": columns(rows, x=float, y=float, what=str),
        "rules": columns(rules, y=float, what=str),
    }
    named = names or tuple(dict.fromkeys([what for _, _, what in rows] + [what for _, what in rules]))
    spec = network_charts.curves_spec(view.style, *axes, named, scale, points)
    st.vega_lite_chart({**spec, "datasets": tables(sets)}, key=f"{view.page.key}_{key}", width="content", alt=alt)


def curves(values: Array, what: str, x: Array | None = None) -> list[Row]:
    """A curve as rows, over x or over the steps; at most 300 of them."""
    at = np.arange(len(values)) if x is None else x
    kept = np.unique(np.linspace(0, len(values) - 1, 300).round().astype(int))
    return [(float(at[i]), float(values[i]), what) for i in kept]


# --- the parts ------------------------------------------------------------------------------------


def curvatures(view: View, found: Shown) -> None:
    """All curvatures at the start, and the two that the plane shows."""
    plane, start = found.plane, view.choice.start
    seen = networks.seen_curvatures(plane, start)
    every = seen.every
    low, high = (number(float(v)) for v in seen.seen)
    least, most = (number(float(every.eigenvalues[i])) for i in (0, -1))
    size = float(np.linalg.norm(plane.network.gradient(plane.theta(start))))
    st.markdown(
        f"**At your start** the plane shows the curvatures {low} and {high}. The whole loss has {plane.network.size} "
        f"there, from {least} to {most}: **{every.negative} negative**, {every.positive} positive, {every.zero} zero "
        "to rounding. Click on the map to ask at another point."
    )
    rows = [(float(i + 1), float(v), "all curvatures") for i, v in enumerate(every.eigenvalues)]
    rules = [(float(v), "seen in the plane") for v in seen.seen]
    alt = f"All curvatures at the start in ascending order, from {least} to {most}; the plane shows {low} and {high}."
    chart(view, "curvatures", ("curvatures in ascending order", "curvature"), rows, rules, alt, "symlog", points=True)
    st.caption(
        "Both curvatures that a plane shows lie between the smallest and the largest of all (Cauchy's interlacing "
        "theorem). So a negative one on the map proves that there is one; two positive ones do not prove that "
        "there is none. The heights are logarithmic on both sides of 0. "
        + (
            f"The gradient here has the length {number(size)}: this is no stationary point, and the number of "
            "negative curvatures only says along how many directions the loss curves down (Dauphin and others 2014)."
            if size > 1e-6
            else "The gradient here is zero to rounding, so the number of negative curvatures is its index "
            "(Dauphin and others 2014)."
        )
    )


def descents(view: View, found: Shown) -> None:
    """Gradient descent in the plane against the true one: their losses, and the height of the map under the second."""
    choice, plane = view.choice, found.plane
    both = cached.true_descent(choice.loss, choice.start, choice.rate, choice.steps)
    under = plane.value(both.projected)
    fine = np.isfinite(both.true_losses) & np.isfinite(both.inside_losses) & np.isfinite(under)
    last = len(fine) if fine.all() else max(int(np.argmin(fine)), 2)
    steps = last - 1
    share = float(networks.gradient_share(plane, choice.start))
    inside, true, height = (number(float(v[steps])) for v in (both.inside_losses, both.true_losses, under))
    st.markdown(
        f"**Gradient descent, learning rate {number(choice.rate)}, {steps} steps from your start.** In the plane it "
        f"ends at the loss {inside}, on all weights at {true}. There the true weights are "
        f"{number(float(both.distance[steps]))} away from the plane, and the height of the map under them is "
        f"{height}."
    )
    rows = [
        *curves(both.inside_losses[:last], "in the plane"),
        *curves(both.true_losses[:last], "true descent"),
        *curves(under[:last], "height of the map under it"),
    ]
    alt = f"Loss over {steps} steps: in the plane to {inside}, true descent to {true}, map under it {height}."
    chart(view, "descents", ("step", "loss"), rows, [], alt, "log")
    st.caption(
        f"At the start the plane holds {percent(round(1e6 * share), 10**6)} of the squared length of the gradient. "
        "The first step of both has the same projection; then the true weights are beside the plane, where the "
        "gradient is another. Switch on **The true descent beside it** to see its projection on the map."
    )


def straight(view: View, found: Shown) -> None:
    """The loss on the straight line to the solution of the next seed, and to its copy with matched units."""
    spec, network = view.choice.loss.plane, found.plane.network
    assert spec is not None
    a, b = (network_planes.training(spec.network, seed).end for seed in (spec.seed, spec.seed + 1))
    lines = {"as they are": networks.line(network, a, b)}
    lines["units matched"] = networks.line(network, a, networks.match(network, a, b))
    plain, matched = (number(line.barrier) for line in lines.values())
    st.markdown(
        f"**From the solution of seed {spec.seed} straight to that of seed {spec.seed + 1}** the loss climbs {plain} "
        "above the higher end. To a copy of the second, with its hidden units matched to those of the first, it "
        f"climbs {matched}. The copy computes the same function."
    )
    rows = [row for what, line in lines.items() for row in curves(line.losses, what, line.t)]
    alt = f"Loss on the straight line between two solutions: barrier {plain} as they are, {matched} with matched units."
    chart(view, "straight", ("part of the way", "loss"), rows, [], alt)
    exact = len(network.hidden) == 1
    st.caption(
        "The line between two solutions: Goodfellow, Vinyals and Saxe 2015. "
        + (
            "The copy is the nearest of all by order and signs of the hidden units"
            if exact
            else "The layers are matched in turn, and a nearer copy may exist"
        )
        + " (Ainsworth, Hayase and Srinivasa 2023). Matching often lowers a barrier; no theorem promises it."
    )


def copies(view: View, found: Shown) -> None:
    """How many weight vectors give the same function by order and signs of the units."""
    network = found.plane.network
    signs = network.activation.name == "tanh"
    factors = [f"{h}!" + (rf"\cdot 2^{{{h}}}" if signs else "") for h in network.hidden]
    why = "Since tanh is odd, all signs at a unit can change together." if signs else ""
    product = r"\cdot ".join(factors)
    more = (
        ""
        if signs
        else " For ReLU there are infinitely many more: the weights into a unit times c, those out of it divided by c."
    )
    st.markdown(
        f"**The same function at other weights.** The order of the hidden units of a layer does not matter. {why} "
        f"This gives $${product} = {networks.copies(network)}$$ weight vectors with the same function, if no two of "
        f"them coincide.{more} So each valley of the whole landscape has that many copies, and a plane through one of "
        "them need not meet any other."
    )
    if signs and len(network.hidden) == 1 and not network.skip:
        st.caption(
            "For one layer of tanh units without skip connection there are no others, provided that no network with "
            "fewer units has the same function (Sussmann 1992)."
        )
    if found.shares is not None:
        st.markdown(
            shares_in_words(found.shares)
            + " A large share is no sign of a simple path: of a long random walk in many dimensions two components "
            "hold some 76 % as well (Antognini and Sohl-Dickstein 2018)."
        )


def rescaling(view: View, found: Shown) -> None:
    """The same function with rescaled ReLU units: the loss stays, the largest curvature does not."""
    network, end = found.plane.network, found.training.end
    rows = []
    for c in FACTORS:
        theta = networks.rescale(network, end, 0, c)
        before, after = (network.predict(at, network.inputs) for at in (end, theta))
        change = float(np.abs(after - before).max())
        largest = float(networks.lanczos(network, theta, 1)[0][0])
        cells = c, float(network.loss(theta)), change if change > 1e-14 else 0.0, largest
        rows.append("".join(f"| {number(cell)} " for cell in cells) + "|")
    st.markdown(
        "**Sharp and flat, one function.** Incoming weights and biases of the first hidden layer times c, outgoing "
        "weights divided by c: ReLU satisfies max(cz, 0) = c max(z, 0) for c > 0, so the function stays."
    )
    st.markdown(
        "| c | loss | largest change of a probability | largest curvature |\n|---|---|---|---|\n" + "\n".join(rows)
    )
    st.caption(
        "So the largest curvature alone is no property of the function (Dinh, Pascanu, Bengio and Bengio 2017). With "
        "a random plane or that of the largest curvatures the slider **Rescale the first hidden layer by c** shows "
        "it on the map, in a window of constant size unless the directions are filter-normalised."
    )


PAIRS = (
    (
        (network_planes.RANDOM, network_planes.PLAIN),
        "Two random planes through the end of the training, drawn from the same random numbers. On the left each "
        "filter of a direction has the length of the same filter of the weights (Li, Xu, Taylor, Studer and "
        "Goldstein 2018); on the right the direction as a whole has the length of the weights.",
    ),
    (
        (network_planes.LINE, network_planes.MATCHED),
        "Two planes through the end of the training, a. Each holds the straight line to b: on the left the solution "
        "of the next seed, on the right a copy of it, the same function with its units matched to those of a.",
    ),
)


def side_by_side(view: View, found: Shown) -> None:
    """Pairs of planes through the same weights."""
    spec = view.choice.loss.plane
    assert spec is not None
    for kinds, words in PAIRS:
        st.markdown(words)
        for column, kind in zip(st.columns(2), kinds, strict=True):
            one = network_planes.PlaneSpec(spec.network, kind, spec.seed)
            start = network_planes.shown(one).start
            loss = LossSpec(spec.network, plane=one)
            choice = replace(view.choice, loss=loss, methods=(), start=start, view=ViewSpec(), differs="", true=False)
            small = build(view.page, choice, view.style)
            with column:
                st.markdown(f"**{kind.capitalize()}**")
                small_map.show(small, f"{view.page.key}_{kind}", kind, "The line is the training, projected.")
    st.caption("What one plane shows says little about another one through the same point.")


RESCALE = "Sharp or flat"
PARTS: dict[str, Callable[[View, Shown], None]] = {
    "Curvatures": curvatures,
    "Side by side": side_by_side,
    "Two descents": descents,
    "Straight line": straight,
    "Copies": copies,
    RESCALE: rescaling,
}
