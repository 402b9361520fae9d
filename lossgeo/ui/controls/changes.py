"""What buttons, clicks and prepared states do to the controls; Reset and Undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.ui.controls.defaults import DEFAULTS, LR_RANGE, START, defaults, own, part_of, settings
from lossgeo.ui.share import visibility


def open_state(page: str, state: Mapping[str, Any]) -> None:
    """Callback: the page's own set-up, changed by `state` (widget keys of that page)."""
    known = defaults(page, state.get("nonconvex_landscape", DEFAULTS["nonconvex"]["landscape"]))
    for key, value in (known | dict(state)).items():
        if key in known:
            st.session_state[key] = list(value) if isinstance(value, tuple) else value


def reset(page: str) -> None:
    """Callback: the page's own set-up; what the link hides or locks stays as the link set it."""
    prefix = len(page) + 1
    open_state(page, {key: value for key, value in settings(page).items() if visibility.fixed(part_of(key[prefix:]))})


def undo(page: str) -> None:
    """Callback: back to how the page was before the last change."""
    history = st.session_state.get(f"_{page}_history", [])
    if history:
        before = history.pop()
        open_state(page, before)
        st.session_state[f"_{page}_now"] = before


def remember(page: str) -> None:
    """Keep what Undo goes back to. Called once a run, after the widgets."""
    now = settings(page)
    before = st.session_state.get(f"_{page}_now")
    if before is not None and before != now:
        history = st.session_state.setdefault(f"_{page}_history", [])
        history.append(before)
        del history[:-50]
    st.session_state[f"_{page}_now"] = now


def can_undo(page: str) -> bool:
    return bool(st.session_state.get(f"_{page}_history"))


def picked(chart: str) -> Mapping[str, float] | None:
    """In a callback: what was clicked on the chart with this key and the selection `pick`, if anything."""
    rows = st.session_state[chart]["selection"].get("pick")
    return rows[0] if rows else None


def set_start(page: str, point: Mapping[str, float]) -> None:
    """Callback of a click on the map: the start goes into the number inputs, and so into the URL."""
    if visibility.fixed("start"):
        return
    for name, field in zip(START[page], ("w", "b"), strict=True):
        st.session_state[f"{page}_{name}"] = float(f"{point[field]:.6g}")


def set_rate(page: str, value: float) -> None:
    """Callback: the learning rate goes into the number input, and so into the URL."""
    if visibility.fixed("lr"):
        return
    st.session_state[f"{page}_lr"] = float(f"{min(max(value, LR_RANGE[0]), LR_RANGE[1]):.6g}")


def rate(page: str) -> float:
    """The learning rate in the sidebar, also while no method is chosen."""
    return float(st.session_state.get(f"{page}_lr") or own(page)["lr"])


def open_question(page: str, question: str) -> None:
    """Callback: the question of the concept check goes into its selector, and so into the URL."""
    st.session_state[f"{page}_question"] = question


def open_tab(page: str, tab: str, **more: str) -> dict[str, str]:
    """Callback: open a tab of a page, with further keys of it. What comes back belongs into that page's link."""
    keys = {f"{page}_tab": tab} | {f"{page}_{name}": value for name, value in more.items()}
    for key, value in keys.items():
        st.session_state[key] = value
    return keys
