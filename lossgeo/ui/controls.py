"""The sidebar of each page: widgets in, a frozen Choice out. The only room that reads or writes session state.

A widget's key is its name in the URL. DEFAULTS says what a page opens with, what Reset brings back, and what
the URL leaves out. Values that come from a link are checked here before any of them reaches a formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lossgeo import links
from lossgeo.charts.style import MAX_STEP
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.landscapes import LANDSCAPES
from lossgeo.lessons import of_page
from lossgeo.optimizers import OPTIMIZERS, SCHEDULES
from lossgeo.ui import cached, parts, versus
from lossgeo.ui.specs import Choice, LossSpec, MethodSpec, ViewSpec

MOST_METHODS = 4
MOST_STEPS = MAX_STEP
LR_RANGE = (1e-13, 1e4)
RATES = ("lr", "ab_lr")
TINY = 1e-12  # of a setting that may be zero: nearer to it, squares of the data would be lost below the least float
ZOOMS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
DIAL = [
    float(f"{m}e{k}")
    for k in range(-6, 2)
    for m in (1, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.7, 3, 3.3, 3.6, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9)
] + [100.0]
SHARED: dict[str, Any] = {
    "steps": 100,
    "momentum": 0.9,
    "schedule": "constant",
    "zoom": 1.0,
    "equal": False,
    "axes": False,
    "picture": "map",
    "camera": "corner",
    "ab": False,
    "ab_what": "learning rate",
    "ab_momentum": 0.5,
    "ab_schedule": "cosine",
    "ab_method": "momentum",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "mse": {
        "dataset": "chapter line",
        "pull": 0.0,
        "methods": ["gradient descent"],
        "lr": 0.5,
        "ab_lr": 0.1,
        "w0": 0.4,
        "b0": 0.2,
        "loss": "mean squared error",
        "l2": 0.0,
        "up": 0.0,
        "standardise": False,
        "n": 30,
        "noise": 0.1,
        "slope": 2.0,
        "intercept": 1.0,
        "outliers": 0,
        "outlier_size": 2.0,
        "scale": 1.0,
        "offset": 0.0,
        "constant_x": False,
        "seed": 0,
        **SHARED,
    },
    "logistic": {
        "dataset": "two classes",
        "gap": 2.0,
        "methods": ["gradient descent"],
        "lr": 2.0,
        "ab_lr": 5.0,
        "w0": -2.0,
        "b0": 3.0,
        "loss": "logistic loss",
        "l2": 0.0,
        "pull": 0.0,
        "standardise": False,
        "n": 40,
        "balance": 0.5,
        "flips": 0,
        "separable": False,
        "scale": 1.0,
        "offset": 0.0,
        "seed": 0,
        **SHARED,
    },
    "nonconvex": {
        "landscape": "himmelblau",
        "methods": ["gradient descent", "momentum"],
        "lr": 0.005,
        "ab_lr": 0.01,
        "x0": 0.0,
        "y0": -1.0,
        **SHARED,
    },
}
GENERATOR_KNOBS = {
    "mse": ("n", "slope", "intercept", "noise", "outliers", "outlier_size", "scale", "offset", "constant_x", "seed"),
    "logistic": ("n", "balance", "flips", "separable", "scale", "offset", "seed"),
}
DESCENT = ("steps", "momentum", "schedule", "zoom", "equal", "axes")
FOLDED = {"loss", "l2", "standardise", "up"} | {name for names in GENERATOR_KNOBS.values() for name in names}
START = {"mse": ("w0", "b0"), "logistic": ("w0", "b0"), "nonconvex": ("x0", "y0")}


def own(page: str, landscape: str | None = None) -> dict[str, Any]:
    """What a page opens with. On the page of landscapes, start and learning rate are the landscape's own."""
    if page != "nonconvex":
        return DEFAULTS[page]
    key = "nonconvex_landscape"
    name = landscape or st.session_state.get(key) or st.query_params.get(key)
    it = LANDSCAPES.get(name or "", LANDSCAPES[DEFAULTS[page]["landscape"]])
    start, rate = (float(it.start[0]), float(it.start[1])), cached.suggested_rate(it.name)
    return DEFAULTS[page] | {"x0": start[0], "y0": start[1], "lr": rate, "ab_lr": 2 * rate}


def defaults(page: str, landscape: str | None = None) -> dict[str, Any]:
    """Widget key -> what the page opens with."""
    return {f"{page}_{name}": value for name, value in own(page, landscape).items()}


def unusable(link: Mapping[str, list[str]]) -> list[str]:
    """The keys of numeric controls for which a link gives no finite number.

    Streamlit itself falls back on what is out of range or no number at all, but an infinity stops it.
    """
    bad = []
    for key, values in link.items():
        page, _, name = key.partition("_")
        usual = DEFAULTS.get(page, {}).get(name)
        if isinstance(usual, int | float) and not isinstance(usual, bool):
            try:
                fine = all(abs(float(value)) < 1e15 for value in values)
            except ValueError:
                fine = False
            if not fine:
                bad.append(key)
    return bad


def part_of(name: str) -> str | None:
    """The part of a page (links.PARTS) to which a control belongs."""
    if name in ("methods", "lr"):
        return name
    if name in ("dataset", "landscape", "pull", "gap"):
        return "data"
    if name in ("w0", "b0", "x0", "y0"):
        return "start"
    if name.startswith("ab"):
        return "ab"
    return "descent" if name in DESCENT else "loss" if name in FOLDED else None


def dropped(page: str, link: Mapping[str, list[str]]) -> list[str]:
    """The parameters of this page that its controls did not take, once they are drawn."""
    own = [key for key in link if key.startswith(f"{page}_")]  # Streamlit refuses to be asked for some other keys
    shown = {key: st.session_state[key] for key in own if key in st.session_state}
    return links.dropped(page, link, DEFAULTS[page], shown)


def settings(page: str) -> dict[str, Any]:
    """Every control of the page with what it says, by the name it has in the address."""
    return {key: st.session_state.get(key, default) for key, default in defaults(page).items()}


# --- reset, undo, opening a prepared state ---------------------------------------------------------


def open_state(page: str, state: Mapping[str, Any]) -> None:
    """Callback: the page's own set-up, changed by `state` (widget keys of that page)."""
    known = defaults(page, state.get("nonconvex_landscape", DEFAULTS["nonconvex"]["landscape"]))
    for key, value in (known | dict(state)).items():
        if key in known:
            st.session_state[key] = list(value) if isinstance(value, tuple) else value


def reset(page: str) -> None:
    """Callback: the page's own set-up; what the link hides or locks stays as the link set it."""
    prefix = len(page) + 1
    open_state(page, {key: value for key, value in settings(page).items() if parts.fixed(part_of(key[prefix:]))})


def undo(page: str) -> None:
    """Callback: back to how the page was before the last change."""
    history = st.session_state.get(f"_{page}_history", [])
    if history:
        before = history.pop()
        open_state(page, before)
        st.session_state[f"_{page}_now"] = before


def remember(page: str) -> None:
    """Keep what Undo goes back to. Called once a run, after the widgets."""
    now = settings(page)
    before = st.session_state.get(f"_{page}_now")
    if before is not None and before != now:
        history = st.session_state.setdefault(f"_{page}_history", [])
        history.append(before)
        del history[:-50]
    st.session_state[f"_{page}_now"] = now


def can_undo(page: str) -> bool:
    return bool(st.session_state.get(f"_{page}_history"))


def picked(chart: str) -> Mapping[str, float] | None:
    """In a callback: what was clicked on the chart with this key and the selection `pick`, if anything."""
    rows = st.session_state[chart]["selection"].get("pick")
    return rows[0] if rows else None


def set_start(page: str, point: Mapping[str, float]) -> None:
    """Callback of a click on the map: the start goes into the number inputs, and so into the URL."""
    if parts.fixed("start"):
        return
    for name, field in zip(START[page], ("w", "b"), strict=True):
        st.session_state[f"{page}_{name}"] = float(f"{point[field]:.6g}")


def open_question(page: str, question: str) -> None:
    """Callback: the question of the concept check goes into its selector, and so into the URL."""
    st.session_state[f"{page}_question"] = question


def open_tab(page: str, tab: str, **more: str) -> dict[str, str]:
    """Callback: open a tab of a page, with further keys of it. What comes back belongs into that page's link."""
    keys = {f"{page}_tab": tab} | {f"{page}_{name}": value for name, value in more.items()}
    for key, value in keys.items():
        st.session_state[key] = value
    return keys


# --- widgets -----------------------------------------------------------------------------------------


def select(page: str, name: str, label: str, options: list[Any]) -> Any:
    return widget(st.selectbox, page, name, label, options=options)


def toggle(page: str, name: str, label: str, **options: Any) -> bool:
    return bool(widget(st.toggle, page, name, label, **options))


def widget(kind: Callable[..., Any], page: str, name: str, label: str, **options: Any) -> Any:
    """One bound widget. Its default is the page's; where a state or a link set the key, that counts."""
    key, default = f"{page}_{name}", own(page)[name]
    if kind in (st.selectbox, st.radio):
        options["index"] = list(options["options"]).index(default)
    elif kind in (st.multiselect, st.segmented_control):
        options["default"] = default
    else:
        options["value"] = default
    part = part_of(name)
    if parts.fixed(part):
        options["disabled"] = True
    with parts.box(part, key):
        return kind(label, key=key, bind="query-params", **options)


def number(page: str, name: str, label: str, low: float, high: float, **options: Any) -> float:
    """A number input whose value is finite and within its range, whatever a link says."""
    value = widget(st.number_input, page, name, label, min_value=low, max_value=high, **options)
    default = own(page)[name]
    if value is None or not math.isfinite(value) or not low <= value <= high:
        return default
    return type(default)(value if abs(value) >= TINY or name in START[page] + RATES else 0)


def ranged(page: str, name: str, label: str, low: float, high: float, **options: Any) -> float:
    """A slider, its value checked like a number input's."""
    value = widget(st.slider, page, name, label, min_value=low, max_value=high, **options)
    if not math.isfinite(value) or not low <= value <= high:
        return float(own(page)[name])
    return float(value) if abs(value) >= TINY else 0.0


def learning_rate(page: str) -> float:
    """A dial on a logarithmic scale and the exact number under it; the number is the truth."""
    dial, above = f"{page}_lr_dial", st.container()
    options = {"format": "%.6g", "step": 0.01, "label_visibility": "collapsed"}
    lr = number(page, "lr", "Learning rate, exact", *LR_RANGE, **options)
    nearest = min(DIAL, key=lambda value: abs(math.log(value / lr)))
    if st.session_state.get(dial) != nearest:
        st.session_state[dial] = nearest
    with above, parts.box("lr", dial):
        st.select_slider(
            "Learning rate",
            options=DIAL,
            key=dial,
            format_func=lambda v: f"{v:g}",
            on_change=_from_dial,
            args=(page,),
            disabled=parts.fixed("lr"),
            help="Logarithmic. Type an exact value below.",
        )
    return lr


def _from_dial(page: str) -> None:
    st.session_state[f"{page}_lr"] = st.session_state[f"{page}_lr_dial"]


def start(page: str, names: tuple[str, str]) -> tuple[float, float]:
    first, second = st.columns(2)
    with first:
        a = number(page, START[page][0], f"Start {names[0]}", -1e9, 1e9, format="%.6g", step=0.1)
    with second:
        b = number(page, START[page][1], f"Start {names[1]}", -1e9, 1e9, format="%.6g", step=0.1)
    return a, b


def methods(page: str, offered: list[str]) -> list[str]:
    chosen = widget(
        st.multiselect,
        page,
        "methods",
        "Methods",
        options=offered,
        max_selections=MOST_METHODS,
        help="Up to four descend together from the same start. Newton and backtracking choose their own step "
        "length; the others use the learning rate.",
    )
    return [name for name in chosen if name in offered][:MOST_METHODS]


class Folded:
    """A folded part of the sidebar, whose widgets cost nothing while nobody needs them.

    They are drawn when the part is open, when one of them was changed by hand or by a link, and while Check,
    Ask or a lesson is open, whose states set them (only a widget that was there before its value
    changed writes it into the URL). Otherwise `get` hands out the defaults: each widget costs half a
    millisecond of every rerun.
    """

    def __init__(self, page: str, label: str, names: tuple[str, ...]) -> None:
        part = {"Compare A with B": "ab"}.get(label, label.split()[0].lower())
        with parts.box(part, f"{page}_{part}_part"):  # a control inside may have the part's name for itself
            self.page, self.box = page, st.expander(label, key=f"{page}_{part}_part", on_change="rerun")
        usual = defaults(page)
        keys = [f"{page}_{name}" for name in names]
        self.drawn = bool(
            self.box.open
            or {"Check", "Ask"} & {st.session_state.get(f"{page}_tab"), st.query_params.get(f"{page}_tab")}
            or lesson_sets(page, keys)
            or any(key in st.query_params or st.session_state.get(key, usual[key]) != usual[key] for key in keys)
        )

    def get(self, widget: Callable[..., Any], name: str, *args: Any, **options: Any) -> Any:
        """The widget's value: `widget(page, name, ...)` if this part is drawn, else the default."""
        if not self.drawn:
            return DEFAULTS[self.page][name]
        with self.box:
            return widget(self.page, name, *args, **options)


# --- the three sidebars --------------------------------------------------------------------------------


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
    what = part.get(select, "ab_what", "What differs in B", list(versus.SETTINGS))
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
    with parts.sidebar(page):
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
    with parts.sidebar(page):
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
    with parts.sidebar(page):
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
    (w0, w1), (b0, b1) = cached.window(spec, view)
    if not (w0 <= begin[0] <= w1 and b0 <= begin[1] <= b1):  # kept out of the key of the usual map
        view = replace(view, holds=begin)
    if other:
        if resting := chosen[1:]:
            rest = " and ".join(resting) + (" is" if len(resting) == 1 else " are")
            st.sidebar.caption(f"A is {chosen[0]}. While two runs are compared, {rest} not drawn.")
        ways = versus.pair(ways[0], *other) if ways else ()
    return Choice(spec, ways, begin, steps, view, other[0] if other else "", axes)


# --- the descent lab --------------------------------------------------------------------------------


def set_rate(page: str, value: float) -> None:
    """Callback: the learning rate goes into the number input, and so into the URL."""
    if parts.fixed("lr"):
        return
    st.session_state[f"{page}_lr"] = float(f"{min(max(value, LR_RANGE[0]), LR_RANGE[1]):.6g}")


def rate(page: str) -> float:
    """The learning rate in the sidebar, also while no method is chosen."""
    return float(st.session_state.get(f"{page}_lr") or own(page)["lr"])


# --- where one is in the lessons ---------------------------------------------------------------------

PARTS = ("Recall", "Predict", "Observe", "Explain", "Refute", "Transfer", "End")


def lesson_place(page: str, numbers: list[str]) -> tuple[str, str]:
    """Which lesson of the page and which part of it is open: two bound widgets, which also lead anywhere else."""
    keys, kept = (f"{page}_lesson", f"{page}_part"), f"_{page}_place"
    if not any(key in st.session_state or key in st.query_params for key in keys):
        for key, value in zip(keys, st.session_state.get(kept, ()), strict=False):  # back from another tab or page
            st.session_state[key] = value
    options: dict[str, Any] = {"bind": "query-params", "label_visibility": "collapsed", "required": True}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Lesson", width="content")
        number = st.segmented_control("Lesson", numbers, default=numbers[0], key=keys[0], **options)
        part = st.segmented_control("Part of the lesson", PARTS, default=PARTS[0], key=keys[1], **options)
    number, part = number or numbers[0], part or PARTS[0]  # a link with an empty text leaves them without choice
    st.session_state[kept] = number, part
    return number, part


def go_to(page: str, number: int, part: str) -> None:
    """Callback: open a part of a lesson."""
    st.session_state[f"{page}_lesson"], st.session_state[f"{page}_part"] = str(number), part


def open_part(page: str) -> tuple[str | None, str] | None:
    """Lesson (None: the page's first) and part that are open, between the first part and the end."""
    tab, number, part = (
        st.session_state.get(f"{page}_{name}") or st.query_params.get(f"{page}_{name}")
        for name in ("tab", "lesson", "part")
    )
    return (number, part) if tab in (None, "Learn") and part in PARTS[1:-1] else None


def lesson_sets(page: str, keys: list[str]) -> bool:
    """Whether the open lesson, past its first part, has states that set one of these widgets."""
    where = open_part(page)
    if where is None:
        return False
    lessons = of_page(page)
    lesson = next((it for it in lessons if str(it.number) == where[0]), lessons[0])
    return any(key in show.state for show in lesson.shows() for key in keys)
