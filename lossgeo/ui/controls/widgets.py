"""One bound widget of each kind, its value checked; folded parts of the sidebar."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from lossgeo.ui.controls.defaults import (
    DEFAULTS,
    DIAL,
    LR_RANGE,
    MOST_METHODS,
    RATES,
    START,
    TINY,
    defaults,
    own,
    part_of,
)
from lossgeo.ui.learn.position import lesson_sets
from lossgeo.ui.share import visibility


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
    if visibility.fixed(part):
        options["disabled"] = True
    with visibility.box(part, key):
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
    with above, visibility.box("lr", dial):
        st.select_slider(
            "Learning rate",
            options=DIAL,
            key=dial,
            format_func=lambda v: f"{v:g}",
            on_change=_from_dial,
            args=(page,),
            disabled=visibility.fixed("lr"),
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
        with visibility.box(part, f"{page}_{part}_part"):  # a control inside may have the part's name for itself
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
