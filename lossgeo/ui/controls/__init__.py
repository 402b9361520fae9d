"""The sidebar of each page: widgets in, a frozen Choice out. The room that owns the widgets' keys in session state.

A widget's key is its name in the URL. DEFAULTS says what a page opens with, what Reset brings back, and what
the URL leaves out. Values that come from a link are checked here before any of them reaches a formula.
"""

from __future__ import annotations

from lossgeo.ui.controls.changes import (
    can_undo,
    open_question,
    open_state,
    open_tab,
    picked,
    rate,
    reset,
    set_rate,
    set_start,
    undo,
)
from lossgeo.ui.controls.defaults import (
    DEFAULTS,
    GENERATOR_KNOBS,
    LR_RANGE,
    MOST_METHODS,
    MOST_STEPS,
    START,
    ZOOMS,
    defaults,
    dropped,
    own,
    part_of,
    settings,
    unusable,
)
from lossgeo.ui.controls.sidebar import logistic, mse, nonconvex
from lossgeo.ui.controls.widgets import widget
from lossgeo.ui.learn.position import PARTS, go_to, lesson_place, open_part

__all__ = [
    "DEFAULTS",
    "GENERATOR_KNOBS",
    "LR_RANGE",
    "MOST_METHODS",
    "MOST_STEPS",
    "PARTS",
    "START",
    "ZOOMS",
    "can_undo",
    "defaults",
    "dropped",
    "go_to",
    "lesson_place",
    "logistic",
    "mse",
    "nonconvex",
    "open_part",
    "open_question",
    "open_state",
    "open_tab",
    "own",
    "part_of",
    "picked",
    "rate",
    "reset",
    "set_rate",
    "set_start",
    "settings",
    "undo",
    "unusable",
    "widget",
]
