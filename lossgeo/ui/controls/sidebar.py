"""The three sidebars: widgets in, a frozen Choice out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS, SCHEDULES
from lossgeo.landscapes import LANDSCAPES
from lossgeo.ui.controls.changes import remember
from lossgeo.ui.controls.defaults import DESCENT, GENERATOR_KNOBS, LR_RANGE, MOST_STEPS, ZOOMS, own
from lossgeo.ui.controls.widgets import Folded, learning_rate, methods, number, ranged, select, start, toggle, widget
from lossgeo.ui.share import visibility
from lossgeo.views import cached, comparison
from lossgeo.views.choice import Choice, LossSpec, MethodSpec, ViewSpec


def descent(page: str) -> tuple[int, float, str, ViewSpec, bool]:
    """The folded part that all pages share."""
    part = Folded(page, "Descent and view", DESCENT)
    steps = int(part.get(number, "steps", "Steps", 1, MOST_STEPS, step=10))
    momentum = part.get(ranged, "momentum", "Momentum β (momentum, nesterov)", 0.0, 0.99, step=0.01)
    schedule = part.get(select, "schedule", "Learning-rate schedule", list(SCHEDULES))
    zoom = part.get(lambda *a, **k: widget(st.select_slider, *a, **k), "zoom", "Zoom of the map", options=list(ZOOMS))
    equal = part.get(
        toggle,
        "equal",
        "Same scale on both axes",
        help="With the same scale the gradient is seen at a right angle to the contour.",
    )
    axes = part.get(
        toggle,
        "axes",
        "Curvature at the pointer",
        help="The two eigenvectors of the Hessian at the pointer, all of one length: solid for the larger curvature, "
        "dashed for the smaller. Their values stand above the map.",
    )
    return steps, momentum, schedule, ViewSpec(float(zoom), equal), axes


def rival(page: str, offered: list[str]) -> tuple[str, float | str] | None:
    """The folded part of the comparison: what differs in B, and its value there; None while there is no B."""
    names = ("ab", "ab_what", "ab_lr", "ab_momentum", "ab_schedule", "ab_method")
    part = Folded(page, "Compare A with B", names)
    on = part.get(
        toggle,
        "ab",
        "Compare A with B",
        help="A is the first method with the settings above. B is the same, but for one setting.",
    )
    if not on:
        return None
    what = part.get(select, "ab_what", "What differs in B", list(comparison.SETTINGS))
    shown = {"learning rate": "ab_lr"}.get(what, f"ab_{what}")
    for key in (f"{page}_{name}" for name in names[2:] if name != shown):
        if key in st.session_state:  # a value that waits for its turn: a hidden widget's would be forgotten
            st.session_state[key] = st.session_state[key]
    label = f"B: {what}"
    if what == "learning rate":
        return what, part.get(number, "ab_lr", label, *LR_RANGE, format="%.6g", step=0.01)
    if what == "momentum":
        return what, part.get(ranged, "ab_momentum", label, 0.0, 0.99, step=0.01)
    if what == "schedule":
        return what, part.get(select, "ab_schedule", label, list(SCHEDULES))
    return what, part.get(select, "ab_method", label, offered)


def mse() -> Choice:
    page = "mse"
    with visibility.sidebar(page):
        name = select(page, "dataset", "Data", list(REGRESSION))
        pull = ranged(
            page,
            "pull",
            "Pull the last point sideways",
            -1.0,
            4.0,
            step=0.1,
            help="In ranges of x. Sideways bends the bowl; up or down (below, folded) moves, lifts or lowers it.",
        )
        chosen = methods(page, list(OPTIMIZERS))
        lr = learning_rate(page)
        begin = start(page, ("w", "b"))
        generated = name == "chapter line"
        part = Folded(
            page, "Loss and data", ("loss", "l2", "standardise", "up", *(GENERATOR_KNOBS[page] if generated else ()))
        )
        loss = part.get(select, "loss", "Loss", ["mean squared error", "mean absolute error"])
        l2 = part.get(number, "l2", "L2 penalty on w", 0.0, 1e6, step=0.01, format="%.4g")
        standardise = part.get(toggle, "standardise", "Standardise x")
        up = part.get(
            ranged,
            "up",
            "Pull the last point up or down",
            -4.0,
            4.0,
            step=0.1,
            help="In ranges of y. It moves the minimiser and lifts or lowers the floor; the curvature stays.",
        )
        knobs: dict[str, Any] = {}
        if generated:
            knobs = {
                "n": int(part.get(number, "n", "Samples n", 1, 500, step=1)),
                "slope": part.get(number, "slope", "True slope", -100.0, 100.0, step=0.5),
                "intercept": part.get(number, "intercept", "True intercept", -100.0, 100.0, step=0.5),
                "noise": part.get(number, "noise", "Noise (standard deviation)", 0.0, 100.0, step=0.05),
                "outliers": int(part.get(number, "outliers", "Outliers", 0, 500, step=1)),
                "outlier_size": part.get(number, "outlier_size", "Outliers moved by", -1000.0, 1000.0, step=0.5),
                "scale": part.get(number, "scale", "Unit of x: multiply by", 1e-6, 1e6, step=0.5, format="%.6g"),
                "offset": part.get(number, "offset", "Origin of x: add", -1e6, 1e6, step=1.0, format="%.6g"),
                "constant_x": part.get(toggle, "constant_x", "All x equal"),
                "seed": int(part.get(number, "seed", "Seed of the noise", 0, 9999, step=1)),
            }
        steps, momentum, schedule, view, axes = descent(page)
        other = rival(page, list(OPTIMIZERS))
    spec = LossSpec(page, name, tuple(knobs.items()), loss, l2, pull, up, standardise)
    return finish(spec, chosen, lr, momentum, schedule, begin, steps, view, axes, other)


def logistic() -> Choice:
    page = "logistic"
    with visibility.sidebar(page):
        name = select(page, "dataset", "Data", list(CLASSIFICATION))
        generated = name == "two classes"
        knobs: dict[str, Any] = {}
        pull = 0.0
        if generated:
            knobs["gap"] = ranged(
                page,
                "gap",
                "Gap between the classes",
                0.0,
                8.0,
                step=0.1,
                help="Distance of the class centres in standard deviations.",
            )
        else:
            pull = ranged(
                page,
                "pull",
                "Pull the last point sideways",
                -1.0,
                4.0,
                step=0.1,
                help="In ranges of x: the sample with the largest x.",
            )
        chosen = methods(page, list(OPTIMIZERS))
        lr = learning_rate(page)
        begin = start(page, ("w", "b"))
        part = Folded(
            page, "Loss and data", ("loss", "l2", "standardise", *(GENERATOR_KNOBS[page] if generated else ()))
        )
        loss = part.get(select, "loss", "Loss", ["logistic loss", "squared error through a sigmoid"])
        l2 = part.get(number, "l2", "L2 penalty on w", 0.0, 1e6, step=0.01, format="%.4g")
        standardise = part.get(toggle, "standardise", "Standardise x")
        if generated:
            knobs |= {
                "n": int(part.get(number, "n", "Samples n", 1, 500, step=1)),
                "balance": part.get(number, "balance", "Share of class 1", 0.0, 1.0, step=0.05),
                "flips": int(
                    part.get(
                        number,
                        "flips",
                        "Flipped labels",
                        0,
                        500,
                        step=1,
                        help="The samples furthest into their own class: confident and wrong.",
                    )
                ),
                "separable": part.get(toggle, "separable", "Keep the classes apart"),
                "scale": part.get(number, "scale", "Unit of x: multiply by", 1e-6, 1e6, step=0.5, format="%.6g"),
                "offset": part.get(number, "offset", "Origin of x: add", -1e6, 1e6, step=1.0, format="%.6g"),
                "seed": int(part.get(number, "seed", "Seed", 0, 9999, step=1)),
            }
        steps, momentum, schedule, view, axes = descent(page)
        other = rival(page, list(OPTIMIZERS))
    spec = LossSpec(page, name, tuple(knobs.items()), loss, l2, pull, 0.0, standardise)
    return finish(spec, chosen, lr, momentum, schedule, begin, steps, view, axes, other)


def nonconvex() -> Choice:
    page = "nonconvex"
    with visibility.sidebar(page):
        name = widget(st.selectbox, page, "landscape", "Landscape", options=list(LANDSCAPES), on_change=_new_landscape)
        offered = [m for m in OPTIMIZERS if m != "sgd"]
        chosen = methods(page, offered)
        lr = learning_rate(page)
        begin = start(page, LANDSCAPES[name].parameters)
        steps, momentum, schedule, view, axes = descent(page)
        other = rival(page, offered)
    return finish(LossSpec(page, name), chosen, lr, momentum, schedule, begin, steps, view, axes, other)


def _new_landscape() -> None:
    """A start and a learning rate mean nothing on another landscape: take that one's own."""
    usual = own("nonconvex", st.session_state.nonconvex_landscape)
    for name in ("x0", "y0", "lr", "ab_lr"):
        st.session_state[f"nonconvex_{name}"] = usual[name]


def finish(
    spec: LossSpec,
    chosen: list[str],
    lr: float,
    momentum: float,
    schedule: str,
    begin: tuple[float, float],
    steps: int,
    view: ViewSpec,
    axes: bool = False,
    other: tuple[str, float | str] | None = None,
) -> Choice:
    """The Choice, with data that cannot be built replaced by the page's own and a sentence that says so."""
    page = spec.page
    remember(page)
    try:
        cached.loss(spec)
    except ValueError as error:
        st.warning(f"These settings do not go together: {error}. The page shows its own data instead.")
        usual = own(page)
        spec = LossSpec(page, usual["dataset"], (), usual["loss"])
    ways = tuple(MethodSpec(name, lr, momentum, schedule) for name in chosen)
    view = cached.holding(spec, view, begin)
    if other:
        if resting := chosen[1:]:
            rest = " and ".join(resting) + (" is" if len(resting) == 1 else " are")
            st.sidebar.caption(f"A is {chosen[0]}. While two runs are compared, {rest} not drawn.")
        ways = comparison.pair(ways[0], *other) if ways else ()
    return Choice(spec, ways, begin, steps, view, other[0] if other else "", axes)
