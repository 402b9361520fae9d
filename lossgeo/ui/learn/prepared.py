"""Buttons that set the stage to a prepared state, on this page or another, and scroll to it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossgeo.teaching.content_files import State
from lossgeo.ui.controls import settings
from lossgeo.ui.session import LOOKS, NEXT, PAGE, PLAYS
from lossgeo.views.pages import PAGES


def buttons(shown: Sequence[tuple[str, State]], key: str, plays: bool = False) -> None:
    """One small button for each (label, state), in a row that wraps. With `plays` the run is played."""
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
    """Callback: set the page of the state to its defaults, changed by the state.

    A state that names no method means gradient descent. With `plays` the run is played from step 0.
    """
    page = PAGES[str(state["page"])]
    asked = {f"{page.key}_methods": ("gradient descent",)} | {key: v for key, v in state.items() if key != "page"}
    usual = page.state(asked)
    settings.open_state(page, asked)
    link = {key: _texts(value) for key, value in asked.items() if value != usual.get(key)}
    NEXT.put((page.key, link))
    LOOKS.put(LOOKS.get() + 1)  # the player's script scrolls to the stage
    if plays:
        PLAYS.put(PLAYS.get() + 1)


def _texts(value: object) -> str | list[str]:
    """A value as the text or texts of a URL parameter."""
    return [str(v) for v in value] if isinstance(value, list | tuple) else str(value)


def follow(page: str, whole: bool = False) -> None:
    """If a state of another page was requested, open that page. Called on every page.

    In a fragment, `whole` reruns the whole page, so that its stage shows a state requested for it.
    """
    target = NEXT.take()
    if target is None or (target[0] == page and not whole):
        return
    if target[0] == page:
        st.rerun()
    PAGE.put(target[0])  # its settings are already set
    st.switch_page(PAGES[target[0]].file, query_params=dict(target[1]))
