"""The landscape that the settings of a page select: a named one, or that of the learner's own formula."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from lossgeo import formula
from lossgeo.contracts import Landscape, Window
from lossgeo.landscapes import LANDSCAPES

EXAMPLE = "sin(2x)*sin(2y) + (x^2 + y^2)/8"
ENDS = ("left", "right", "bottom", "top")  # the controls of the learner's own window


@functools.lru_cache(maxsize=64)
def landscape(text: str, window: Window | None) -> formula.OwnFormula:
    """The landscape of a formula, cached. Raises FormulaError, with one sentence, if it cannot be used."""
    return formula.landscape(text, window)


def window_of(given: Mapping[str, Any]) -> Window | None:
    """The window in the settings, given by control name; None if it is left to the search."""
    if not given.get("own_window"):
        return None
    left, right, bottom, top = (float(given[name]) for name in ENDS)
    return (left, right), (bottom, top)


def chosen(given: Mapping[str, Any], otherwise: str) -> Landscape:
    """The landscape of the settings, given by control name.

    If their formula cannot be used, that of EXAMPLE; if they name no landscape, the one called `otherwise`.
    """
    name = str(given.get("landscape"))
    if name != formula.NAME:
        return LANDSCAPES.get(name, LANDSCAPES[otherwise])
    try:
        return landscape(str(given.get("formula", EXAMPLE)), window_of(given))
    except ValueError:
        return landscape(EXAMPLE, None)
