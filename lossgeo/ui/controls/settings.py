"""The settings of a page in this session: read, changed by callbacks, taken back by Undo and Reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.ui import session
from lossgeo.ui.session import PAGE, RESTORE
from lossgeo.ui.share import links, visibility
from lossgeo.views.pages import LESSON_PAGES, LR_RANGE, Control, Page

MOST_UNDO = 50  # changes that Undo can take back


def usual(page: Page) -> dict[str, Any]:
    """What the page opens with, by control name; on the page of landscapes, as the open landscape has it."""
    return page.usual(session.said(f"{page.key}_{page.subject}"))


def settings(page: Page) -> dict[str, Any]:
    """What every control says, by its name: that of a widget, or what the link keeps for one that is not there."""
    own = usual(page)
    return {
        control.name: visibility.fixed_value(page, control, own[control.name])
        if visibility.hidden(control.part)
        else session.value(f"{page.key}_{control.name}", own[control.name])
        for control in page.controls
    }


def state(page: Page) -> dict[str, Any]:
    """The same by the keys in the address."""
    return {f"{page.key}_{name}": value for name, value in settings(page).items()}


def open_state(page: Page, wanted: Mapping[str, Any]) -> None:
    """Callback: the page's own set-up, changed by `wanted` (keys in the address); keys of other things are left."""
    known = page.state(wanted.get(f"{page.key}_{page.subject}"))
    for key, value in {**known, **wanted}.items():
        if key in known:
            _set(page, key.removeprefix(f"{page.key}_"), value)


def _set(page: Page, name: str, value: Any) -> None:
    value = list(value) if isinstance(value, tuple) else value
    visibility.set_fixed(page, name, value)
    if not visibility.hidden(page.control(name).part):
        session.put(f"{page.key}_{name}", value)


def reset(page: Page) -> None:
    """Callback: the page's own set-up; what the link hides or locks stays as the link set it."""
    now = settings(page)
    open_state(page, {f"{page.key}_{c.name}": now[c.name] for c in page.controls if visibility.fixed(c.part)})


def undo(page: Page) -> None:
    """Callback: back to how the page was before the last change."""
    history = session.history(page.key)
    if before := history.get():
        history.put(before[:-1])
        open_state(page, before[-1])
        session.settings_now(page.key).put(before[-1])


def restore(page: Page) -> None:
    """Before the widgets: what `remember` has found lost."""
    if lost := RESTORE.take():
        open_state(page, lost)


def remember(page: Page) -> None:
    """Keep what Undo goes back to. Called once a run, after the widgets."""
    now, before = state(page), session.settings_now(page.key)
    last, history = before.get(), session.history(page.key)
    if PAGE.get() != page.key:
        PAGE.put(page.key)
        if last is not None and last != now and not any(key.startswith(f"{page.key}_") for key in session.link()):
            # The browser's Back: Streamlit has emptied the address before the page was left, and believes it.
            # A widget can only be set before it is drawn, so in another run.
            RESTORE.put(last)
            st.rerun()
    if last is not None and last != now:
        history.put((*history.get(), last)[-MOST_UNDO:])
    before.put(now)


def can_undo(page: Page) -> bool:
    """Whether there is a change to take back."""
    return bool(session.history(page.key).get())


def picked(chart: str) -> Mapping[str, float] | None:
    """In a callback: what was clicked on the chart with this key and the selection `pick`, if anything."""
    rows = session.value(chart)["selection"].get("pick")
    return rows[0] if rows else None


def set_start(page: Page, point: Mapping[str, float]) -> None:
    """Callback of a click on a map: the start goes into the number inputs, and so into the address."""
    if not visibility.fixed("start"):
        for name, field in zip(page.start, ("w", "b"), strict=True):
            session.put(f"{page.key}_{name}", float(f"{point[field]:.6g}"))


def set_rate(page: Page, rate: float) -> None:
    """Callback: the learning rate goes into the number input, and so into the address."""
    if not visibility.fixed("lr"):
        session.put(f"{page.key}_lr", float(f"{min(max(rate, LR_RANGE[0]), LR_RANGE[1]):.6g}"))


def new_landscape(page: Page) -> None:
    """Callback: a start and a learning rate mean nothing on another landscape; take that one's own."""
    own = usual(page)
    for name in (*page.start, "lr", "ab_lr"):
        session.put(f"{page.key}_{name}", own[name])


def open_tab(page: str, tab: str, **more: str) -> dict[str, str]:
    """Callback: open a tab of a page, with further keys of it. What comes back belongs into that page's link."""
    keys = {f"{page}_tab": tab} | {f"{page}_{name}": value for name, value in more.items()}
    for key, value in keys.items():
        session.put(key, value)
    return keys


# --- what a link says ------------------------------------------------------------------------------------


def unusable(link: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The keys of numeric controls for which a link gives no finite number.

    Streamlit itself falls back on what is out of range or no number at all, but an infinity stops it.
    """
    return tuple(key for key, texts in link.items() if _is_number(key) and not all(map(_finite, texts)))


def _is_number(key: str) -> bool:
    page, _, name = key.partition("_")
    control = find(page, name)
    return control is not None and isinstance(control.usual, int | float) and not isinstance(control.usual, bool)


def find(page: str, name: str) -> Control | None:
    """The control of that name on the page of that key, if there is one."""
    return LESSON_PAGES[page].control(name) if page in LESSON_PAGES and name in LESSON_PAGES[page].names else None


def _finite(text: str) -> bool:
    try:
        return abs(float(text)) < 1e15
    except ValueError:
        return False


def dropped(page: Page, link: Mapping[str, list[str]]) -> list[str]:
    """The parameters of this page that its controls did not take, once they are drawn."""
    own = [key for key in link if key.startswith(f"{page.key}_")]
    shown = {key: session.value(key) for key in own if session.value(key) is not None}
    kept = settings(page)
    shown |= {f"{page.key}_{c.name}": kept[c.name] for c in page.controls if visibility.hidden(c.part)}
    return links.dropped(page.key, link, page.names, shown)
