"""What each page opens with, what its controls may be, and what of a link no control can use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.charts.style import MAX_STEP
from lossgeo.landscapes import LANDSCAPES
from lossgeo.ui.share import links
from lossgeo.views import cached

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


def settings(page: str) -> dict[str, Any]:
    """Every control of the page with what it says, by the name it has in the address."""
    return {key: st.session_state.get(key, default) for key, default in defaults(page).items()}


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


def dropped(page: str, link: Mapping[str, list[str]]) -> list[str]:
    """The parameters of this page that its controls did not take, once they are drawn."""
    own = [key for key in link if key.startswith(f"{page}_")]  # Streamlit refuses to be asked for some other keys
    shown = {key: st.session_state[key] for key in own if key in st.session_state}
    return links.dropped(page, link, DEFAULTS[page], shown)
