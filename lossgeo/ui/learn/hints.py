"""The first visit: three hints in one line under the stage, one after the other, in the place of what to try."""

from __future__ import annotations

import streamlit as st

KEY = "_tour"  # how many hints of the tour this session has seen
HINTS = (
    "Move over the map, with mouse or finger: {sees}.",
    "Click a place on the map: the descent starts there. Then press **Play**.",
    "Change the **learning rate** in the sidebar, and look at the path and at the sentence on how the run ended.",
)
SEES = {
    "mse": "each point is one line, drawn among the data",
    "logistic": "each point is one curve of probabilities, drawn among the data",
    "nonconvex": "the panel with the curves shows f along three lines through that point",
}


def hints(page: str) -> tuple[str, ...]:
    """What the tour says on this page."""
    return (HINTS[0].format(sees=SEES[page]), *HINTS[1:])


def on() -> bool:
    return st.query_params.get("tour") != "off" and st.session_state.get(KEY, 0) < len(HINTS)


def _next(seen: int) -> None:
    st.session_state[KEY] = seen


@st.fragment
def line(page: str, afterwards: str) -> None:
    """One line: the next hint with its two buttons, or, once they are done, what to try on this page."""
    with st.container(key=f"{page}_hint", horizontal=True, vertical_alignment="center", gap="small"):
        if not on():
            st.markdown(afterwards)
            return
        seen = st.session_state.get(KEY, 0)
        st.markdown(f"**{seen + 1} of {len(HINTS)}** {hints(page)[seen]}")
        more = seen + 1 < len(HINTS)
        if more:
            st.button("Next hint", key=f"{page}_hint_next", type="tertiary", on_click=_next, args=(seen + 1,))
        st.button("No hints" if more else "Done", key=f"{page}_hint_end", type="tertiary", on_click=_next, args=(9,))
