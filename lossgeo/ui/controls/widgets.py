"""One widget per control, bound to the URL and checked; and the folded parts among them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lossgeo.numbers import number
from lossgeo.symbolic.grammar import LENGTH
from lossgeo.ui import session
from lossgeo.ui.controls import settings
from lossgeo.ui.session import RULER
from lossgeo.ui.share import visibility
from lossgeo.views.pages import MOST_METHODS, Control, Page

# The positions of a learning-rate slider in a decade.
POSITIONS = (1, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.7, 3, 3.3, 3.6, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9)


def dial(low: int, high: int) -> list[float]:
    """The positions of a slider from 10^low to 10^high."""
    return [float(f"{m}e{k}") for k in range(low, high) for m in POSITIONS] + [float(f"1e{high}")]


DIAL = dial(-6, 2)


def draw(page: Page, name: str, label: str = "", **more: Any) -> Any:
    """Draw the widget of a control and return its value.

    A hidden control is not drawn; the value kept from the link is returned.
    """
    control, key, usual = page.control(name), f"{page.key}_{name}", settings.usual(page)[name]
    if visibility.hidden(control.part):
        return control.clean(visibility.fixed_value(page, control, usual))
    options = {"key": key, "help": control.help, **more}
    kept = visibility.fixed_value(page, control, None)
    if visibility.fixed(control.part):  # not bound to the URL; the parameter `keep` holds its value
        options["disabled"] = True
        if kept is not None and session.value(key) != kept:
            session.put(key, kept)
    elif kept is not None and not session.shown(key):
        session.put(key, kept)
    bound = {} if "disabled" in options else {"bind": "query-params"}
    if control.format == EXACT:
        options["format"] = exact(_now(control, key, usual))
    value = _kind(control)(label or control.label, **{**_own(control, usual), **bound, **options})
    return control.clean(usual if value is None else value)


def _kind(control: Control) -> Any:
    """The Streamlit function that draws the control."""
    if control.options:
        several = isinstance(control.usual, tuple)
        return st.multiselect if several else st.select_slider if control.slider else st.selectbox
    if isinstance(control.usual, bool):
        return st.toggle
    if isinstance(control.usual, str):
        return st.text_input
    return st.slider if control.slider else st.number_input


def _own(control: Control, usual: Any) -> dict[str, Any]:
    """The arguments of that function that come from the control."""
    if isinstance(control.usual, tuple):
        return {"options": control.options, "default": list(usual), "max_selections": MOST_METHODS}
    if control.options:
        return {"options": control.options} | (
            {"value": usual} if control.slider else {"index": control.options.index(usual)}
        )
    if isinstance(control.usual, bool):
        return {"value": usual}
    if isinstance(control.usual, str):
        return {"value": usual, "max_chars": LENGTH}
    numbers = {"value": usual, "min_value": control.low, "max_value": control.high, "step": control.step}
    return numbers | ({} if control.format is None else {"format": control.format})


def switch(page: Page, name: str) -> str:
    """A row of buttons for a control with a few options. Returns the selected one."""
    control = page.control(name)
    chosen = st.segmented_control(
        control.label,
        control.options,
        default=control.usual,
        key=f"{page.key}_{name}",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    return str(control.clean(chosen))


EXACT = "%.6g"  # the format of a number box that may hold more digits


def exact(value: float) -> str:
    """The format with six significant digits, or as many as it takes to show the value itself.

    A rounded rate could stand on the other side of a limit than the true one.
    """
    return f"%.{digits(value)}g"


def digits(value: float, least: int = 6) -> int:
    """The number of significant digits, at least `least`, that give the value back."""
    return next((k for k in range(least, 17) if float(f"{value:.{k}g}") == value), 17)


def _now(control: Control, key: str, usual: Any) -> float:
    """The value that the number box of a control is about to show."""
    if session.shown(key):
        return float(control.clean(session.value(key, control.read(session.texts(key)))))
    return float(usual)


def learning_rate(page: Page) -> float:
    """A slider on a logarithmic scale with a number input below it, and a place for the ruler with the marks.

    The slider has the exact rate among its positions, so that it never shows another one.
    """
    slider, above = f"{page.key}_lr_dial", st.container()
    rate: float = draw(page, "lr", label_visibility="collapsed")
    if visibility.hidden("lr"):
        return rate
    RULER.put(st.container())
    # As the default it reaches the browser even if this run is overtaken by the next one.
    usual: float | None = rate
    if session.value(slider, rate) != rate:
        session.put(slider, rate)
        usual = None
    with above:
        st.select_slider(
            "Learning rate",
            options=sorted({*DIAL, rate}),
            key=slider,
            value=usual,
            format_func=lambda value: number(value, digits(value, 3)),
            on_change=lambda: session.put(f"{page.key}_lr", session.value(slider)),
            disabled=visibility.fixed("lr"),
            help="Logarithmic. Type an exact value below.",
        )
    return rate


class Folded:
    """A folded part of the controls. Its widgets are drawn only when needed, because each costs 0.5 ms in every rerun.

    They are drawn if the part is open, if one of them is not at its default, or while Check, Ask or a lesson is
    open, whose states set them: a widget must exist before its value changes, or it does not write the value into
    the URL. Otherwise `get` returns the defaults.
    """

    def __init__(self, page: Page, label: str, part: str, names: list[str]) -> None:
        self.page, self.hidden = page, visibility.hidden(part)
        self.own = settings.usual(page)
        if self.hidden:
            return
        self.box = st.expander(label, key=f"{page.key}_{part}_part", on_change="rerun")
        self.drawn = bool(
            self.box.open
            or session.opened(page.key).get() in ("Learn", "Check", "Ask")
            or any(self._changed(name) for name in names)
        )

    def _changed(self, name: str) -> bool:
        """Whether the control has a parameter in the URL or a value other than its default."""
        key = f"{self.page.key}_{name}"
        kept = visibility.fixed_value(self.page, self.page.control(name), self.own[name])
        return bool(session.parameter(key)) or session.value(key, kept) != self.own[name]

    def get(self, name: str) -> Any:
        """The value of the control. Its widget is drawn only if this part is."""
        if self.hidden:
            return draw(self.page, name)
        if not self.drawn:
            return self.own[name]
        with self.box:
            return draw(self.page, name)
