"""Three hints for the first visit, one after the other, in one line under the stage."""

from __future__ import annotations

import streamlit as st

from lossgeo.ui.runtime.script_lock import fragment
from lossgeo.ui.session import HINTS_SEEN, TOUR
from lossgeo.views.pages import Page

HINTS = (
    "Move over the map, with mouse or finger: {sees}.",
    "Click a place on the map: the descent starts there. Then press **Play**.",
    "Change the **learning rate** in the sidebar, and look at the path and at the sentence on how the run ended.",
)


@fragment
def line(page: Page) -> None:
    """The next hint with its two buttons; after the last one, what to try on this page."""
    seen = HINTS_SEEN.get()
    with st.container(key=f"{page.key}_hint", horizontal=True, vertical_alignment="center", gap="small"):
        if seen >= len(HINTS) or not TOUR.get():
            st.markdown(page.try_this)
            return
        st.markdown(f"**{seen + 1} of {len(HINTS)}** {HINTS[seen].format(sees=page.sees)}")
        more = seen + 1 < len(HINTS)
        if more:
            _button("Next hint", f"{page.key}_hint_next", seen + 1)
        _button("No hints" if more else "Done", f"{page.key}_hint_end", len(HINTS))


def _button(label: str, key: str, seen: int) -> None:
    """A button that sets the number of hints seen."""
    st.button(label, key=key, type="tertiary", on_click=HINTS_SEEN.put, args=(seen,))
