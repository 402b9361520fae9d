"""Hints for the first visit, in one line under the stage: each disappears once its action has been done (hints.js)."""

from __future__ import annotations

import streamlit as st

from lossgeo.ui.runtime import components
from lossgeo.ui.session import TOUR
from lossgeo.views.view import View

# Action -> hint, in the order of a first visit. On the surface there is no map to move over.
HINTS = {
    "hover": "Move over the map, with mouse or finger: {sees}.",
    "click": "Click a place on the map: the descent starts there.",
    "play": "Press **Play**: the ball takes its steps. Its loss and its gradient norm stand in the line below.",
    "rate": "Change the **learning rate**, and look at the path and at the sentence on how the run ended.",
    "solid": "Press **3-D**: the same surface, seen from the side. Press **?** for the keys.",
}
ON_THE_MAP = ("hover", "click")


def line(view: View, shown: bool) -> None:
    """The next hint with its two buttons; after the last one, what to try on this page.

    Also where no hint is `shown`, the script notes what is done.
    """
    page, welcome = view.page, TOUR.get()
    away = ON_THE_MAP if view.choice.solid and not view.style.with_surface else ()
    hints = [[action, text.format(sees=page.sees)] for action, text in HINTS.items() if action not in away]
    with st.container(key=f"{page.key}_hint" if shown else f"{page.key}_no_hint"):
        components.hints(
            key=f"{page.key}_hints",
            data={
                "scope": f".st-key-{page.key}_box",
                "hints": hints if shown and welcome else [],
                "last": page.try_this if shown else "",
            },
        )
