"""The settings of a page in this session: reading them, changing them in callbacks, Undo and Reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.ui import session
from lossgeo.ui.session import GOOD_FORMULA, PAGE, RESTORE
from lossgeo.ui.share import links, visibility
from lossgeo.views import own_formula
from lossgeo.views.pages import LESSON_PAGES, LR_RANGE, Control, Page

MOST_UNDO = 50  # the number of changes that Undo can take back


def usual(page: Page) -> dict[str, Any]:
    """The defaults by control name. On the page of landscapes they depend on the selected landscape."""
    return page.usual(_of_landscape(page))


def _of_landscape(page: Page) -> dict[str, Any]:
    """The settings that select the landscape. A formula that cannot be used is replaced by the last good one."""
    if page.model or not page.controls:
        return {}
    given = {page.subject: session.said(f"{page.key}_{page.subject}")}
    if given[page.subject] == page.generated:
        for control in page.knobs:
            key = f"{page.key}_{control.name}"
            texts = session.texts(key)
            given[control.name] = control.clean(session.value(key, control.read(texts) if texts else control.usual))
        given |= last_good(given) or {}
    return given


def last_good(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """None if the formula of these settings can be used; otherwise the settings of the last usable one."""
    try:
        own_formula.landscape(given["formula"], own_formula.window_of(given))
    except ValueError:
        return {"formula": own_formula.EXAMPLE, "own_window": False, **GOOD_FORMULA.get()}
    GOOD_FORMULA.put({name: given[name] for name in ("formula", "own_window", *own_formula.ENDS) if name in given})
    return None


def settings(page: Page) -> dict[str, Any]:
    """The current value of every control by name; for a hidden control, the value kept from the link."""
    own = usual(page)
    return {
        control.name: visibility.fixed_value(page, control, own[control.name])
        if visibility.hidden(control.part)
        else session.value(f"{page.key}_{control.name}", own[control.name])
        for control in page.controls
    }


def state(page: Page) -> dict[str, Any]:
    """The same by URL key."""
    return {f"{page.key}_{name}": value for name, value in settings(page).items()}


def open_state(page: Page, wanted: Mapping[str, Any]) -> None:
    """Callback: set the page to its defaults, changed by `wanted` (URL key -> value). Other keys are ignored."""
    known = page.state(wanted)
    for key, value in {**known, **wanted}.items():
        if key in known:
            put(page, key.removeprefix(f"{page.key}_"), value)


def put(page: Page, name: str, value: Any) -> None:
    """Set one control. A hidden or locked one keeps the value in the session."""
    value = list(value) if isinstance(value, tuple) else value
    visibility.set_fixed(page, name, value)
    if not visibility.hidden(page.control(name).part):
        session.put(f"{page.key}_{name}", value)


def reset(page: Page) -> None:
    """Callback: back to the defaults of the page. What a link hides or locks keeps its value."""
    now = settings(page)
    open_state(page, {f"{page.key}_{c.name}": now[c.name] for c in page.controls if visibility.fixed(c.part)})


def undo(page: Page) -> None:
    """Callback: back to the settings before the last change."""
    history = session.history(page.key)
    if before := history.get():
        history.put(before[:-1])
        open_state(page, before[-1])
        session.settings_now(page.key).put(before[-1])


def restore(page: Page) -> None:
    """Set the settings that `remember` found lost. Called before the widgets."""
    if lost := RESTORE.take():
        open_state(page, lost)


def remember(page: Page) -> None:
    """Record the settings for Undo. Called once per run, after the widgets."""
    now, before = state(page), session.settings_now(page.key)
    last, history = before.get(), session.history(page.key)
    if PAGE.get() != page.key:
        PAGE.put(page.key)
        if last is not None and last != now and not any(key.startswith(f"{page.key}_") for key in session.link()):
            # The browser went back. Streamlit had cleared the URL before this page was left, and now trusts it, so the
            # widgets have their defaults. A widget can only be set before it is drawn, so another run is needed.
            RESTORE.put(last)
            st.rerun()
    if last is not None and last != now:
        history.put((*history.get(), last)[-MOST_UNDO:])
    before.put(now)


def can_undo(page: Page) -> bool:
    """Whether there is a change to undo."""
    return bool(session.history(page.key).get())


def picked(chart: str) -> Mapping[str, float] | None:
    """In a callback: the fields selected by a click on the chart with this key, or None."""
    rows = session.value(chart)["selection"].get("pick")
    return rows[0] if rows else None


def set_start(page: Page, point: Mapping[str, float]) -> None:
    """Callback of a click on a map: write the start (fields w, b) into its number inputs, and so into the URL."""
    if not visibility.fixed("start"):
        for name, field in zip(page.start, ("w", "b"), strict=True):
            session.put(f"{page.key}_{name}", float(f"{point[field]:.6g}"))


def set_rate(page: Page, rate: float) -> None:
    """Callback: write the learning rate into its number input, and so into the URL."""
    if not visibility.fixed("lr"):
        session.put(f"{page.key}_lr", float(f"{min(max(rate, LR_RANGE[0]), LR_RANGE[1]):.6g}"))


def new_landscape(page: Page) -> None:
    """Callback: start, learning rate and window of the newly selected landscape; the old ones make no sense there."""
    own = usual(page)
    for name in (*page.start, "lr", "ab_lr"):
        session.put(f"{page.key}_{name}", own[name])


def open_tab(page: str, tab: str, **more: str) -> dict[str, str]:
    """Callback: open a view or section of a page. Returns the parameters for a link to that page, with `more` of it."""
    session.opened(page).put(tab)
    return {f"{page}_tab": tab} | {f"{page}_{name}": value for name, value in more.items()}


# --- what a link says ------------------------------------------------------------------------------------


def unusable(link: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The keys of numeric controls for which a link gives no usable number.

    Streamlit replaces a value out of range or a text by the default, but it fails on an infinite value.
    """
    return tuple(key for key, texts in link.items() if _is_number(key) and not all(map(_finite, texts)))


def _is_number(key: str) -> bool:
    """Whether the key belongs to a numeric control."""
    page, _, name = key.partition("_")
    control = find(page, name)
    return control is not None and isinstance(control.usual, int | float) and not isinstance(control.usual, bool)


def find(page: str, name: str) -> Control | None:
    """The control of that name on the page with that key, or None."""
    return LESSON_PAGES[page].control(name) if page in LESSON_PAGES and name in LESSON_PAGES[page].names else None


def _finite(text: str) -> bool:
    """Whether the text is a number of moderate size."""
    try:
        return abs(float(text)) < 1e200
    except ValueError:
        return False


def dropped(page: Page, link: Mapping[str, list[str]]) -> list[str]:
    """The parameters of this page that its controls did not accept. Called after they are drawn."""
    own = [key for key in link if key.startswith(f"{page.key}_")]
    shown = {key: session.value(key) for key in own if session.value(key) is not None}
    kept = settings(page)
    shown |= {f"{page.key}_{c.name}": kept[c.name] for c in page.controls if visibility.hidden(c.part)}
    return links.dropped(page.key, link, page.names, shown)
