"""Buttons that set the stage to a prepared state, on this page or another, and bring it into sight."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossgeo.teaching.content_files import State
from lossgeo.ui import controls
from lossgeo.ui.runtime import frame


def buttons(shown: Sequence[tuple[str, State]], key: str, plays: bool = False) -> None:
    """One small button for each (label, state), in a row that wraps."""
    with st.container(horizontal=True, gap="small"):
        for i, (label, state) in enumerate(shown):
            st.button(
                label,
                key=f"_{key}_{i}",
                on_click=open_it,
                args=(state, plays),
                help="Sets the stage to this. Undo brings yours back.",
            )


def open_it(state: State, plays: bool = False) -> None:
    """Callback: the page of the state with its own set-up, changed by the state; a state that names no method means
    gradient descent. With `plays` the player starts from step 0."""
    page = str(state["page"])
    asked = {f"{page}_methods": ("gradient descent",)} | {key: v for key, v in state.items() if key != "page"}
    asked = {key: list(v) if isinstance(v, tuple) else v for key, v in asked.items()}
    usual = controls.defaults(page, str(asked.get("nonconvex_landscape", "")))
    controls.open_state(page, asked)
    st.session_state["_onto"] = (
        page,
        {
            key: [str(v) for v in value] if isinstance(value, list) else str(value)
            for key, value in asked.items()
            if value != usual.get(key)
        },
    )
    st.session_state["_looks"] = st.session_state.get("_looks", 0) + 1  # the player's script scrolls to the stage
    if plays:
        st.session_state["_plays"] = st.session_state.get("_plays", 0) + 1


def follow(page: str, whole: bool = False) -> None:
    """Called on a page: if a state of another page was asked for, go there.

    In a fragment, `whole` makes the stage of this page follow, too.
    """
    target, query = st.session_state.pop("_onto", (None, {}))
    if target is None or (target == page and not whole):
        return
    if target == page:
        st.rerun()
    st.switch_page(frame.PAGES[target], query_params=query)
