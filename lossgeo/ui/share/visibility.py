"""What a link hides or locks: `hide=data,lr`, `lock=check`. For the whole session, on every page, and in the address.

Hidden widgets are drawn into a container that is not displayed: they keep their values, their place in the
address and every check of what a link says. It spares a class what a lesson does not need; it keeps nobody out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from lossgeo.ui.share import links

KEYS = ("hide", "lock")
CSS = """<style>[class*="_hidden_part"],[data-testid=stLayoutWrapper]:has(>[class*="_hidden_part"]){
display:none!important}</style>"""


def receive(link: Mapping[str, list[str]]) -> list[str]:
    """Take what a link hides and locks; returns the keys that name something unknown."""
    unknown = []
    for key in KEYS:
        if key in link:
            st.session_state[f"_{key}"], others = links.names(link[key], links.PARTS)
            if others:
                unknown.append(key)
    return unknown


def keep() -> None:
    """Once a run: a page switch has cleared the address, and what is hidden must stay so."""
    for key in KEYS:
        text = ",".join(chosen(key))
        if st.query_params.get(key, "") != text:
            if text:
                st.query_params[key] = text
            else:
                del st.query_params[key]
    if chosen("hide"):
        st.html(CSS)


def chosen(key: str) -> tuple[str, ...]:
    names: tuple[str, ...] = st.session_state.get(f"_{key}", ())
    return names


def show_all() -> None:
    for key in KEYS:
        st.session_state.pop(f"_{key}", None)


def hidden(part: str | None) -> bool:
    return part in chosen("hide")


def fixed(part: str | None) -> bool:
    """A learner cannot change it: it is locked, or not there."""
    return part in chosen("lock") or hidden(part)


def box(part: str | None, key: str) -> AbstractContextManager[Any]:
    """Where a widget of this part goes."""
    return st.container(key=f"{key}_hidden_part") if hidden(part) else nullcontext()


def sidebar(page: str) -> AbstractContextManager[Any]:
    """The sidebar; where all of it is hidden, none at all."""
    used = [part for part in links.CONTROLS if not (part == "loss" and page == "nonconvex")]
    return box("data", f"{page}_sidebar") if all(hidden(part) for part in used) else st.sidebar


def tabs(sections: Mapping[str, Callable[[], None]]) -> dict[str, Callable[[], None]]:
    """The tabs that this session shows; a locked one says that it is."""
    name = {label: name for name, label in links.TABS.items()}
    shown = {} if hidden("tabs") else {k: v for k, v in sections.items() if not hidden(name.get(k, k))}
    locked = chosen("lock")
    return {k: closed if "tabs" in locked or name.get(k, k) in locked else v for k, v in shown.items()}


def closed() -> None:
    st.caption("The link that opened this page keeps this part closed.")
