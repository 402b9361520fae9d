"""What a link hides or locks: `hide=data,lr`, `lock=check`. For the whole session, on every page.

A hidden control is not drawn, a locked one is drawn and cannot be moved. What both say comes from
the link: it is kept here, and in the address under `keep`, so that a change of page, the browser's
Back and a reload on whatever page bring back the prepared state. It spares a class what a lesson does
not need; it keeps nobody out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from lossgeo.ui import session
from lossgeo.ui.session import HIDE, KEPT, LOCK, Link
from lossgeo.ui.share import links
from lossgeo.views.pages import LESSON_PAGES, PARTS, TAB_PARTS, Control, Page

KEYS = {"hide": HIDE, "lock": LOCK}


def receive(link: Link) -> tuple[str, ...]:
    """Take what a link hides, locks and keeps; returns the keys that name something unknown."""
    unknown = []
    for key, slot in KEYS.items():
        if key in link:
            names, others = links.names(link[key], PARTS)
            slot.put(names)
            if others:
                unknown.append(key)
    if HIDE.get() or LOCK.get():
        packed = parse_qs("&".join(link.get("keep", []))[: links.LONGEST], keep_blank_values=True)
        KEPT.put(_settings({**packed, **link}))
    return tuple(unknown)


def _settings(link: Mapping[str, list[str]]) -> dict[str, Any]:
    """The controls of all pages that a link names, with what it says of them."""
    return {
        f"{page.key}_{control.name}": control.read(link[f"{page.key}_{control.name}"])
        for page in LESSON_PAGES.values()
        for control in page.controls
        if f"{page.key}_{control.name}" in link
    }


def keep(page: str) -> None:
    """Once a run: a change of page has cleared the address of this."""
    for key, slot in KEYS.items():
        session.write(key, ",".join(slot.get()))
    texts = {}
    for key, value in KEPT.get().items():
        of, _, name = key.partition("_")
        record = LESSON_PAGES[of]
        control = record.control(name)
        if fixed(control.part):
            session.write(key, "")  # `keep` says it
        elif of == page:
            continue  # its widget writes it
        if value != record.usual(KEPT.get().get(f"{of}_{record.subject}"))[name]:
            texts[key] = control.text(value)
    session.write("keep", urlencode(texts, doseq=True))


def show_all() -> None:
    """Callback: nothing is hidden or locked any more."""
    for slot in KEYS.values():
        slot.clear()
    KEPT.clear()


def hidden(part: str) -> bool:
    """Whether a part is not there."""
    return part in HIDE.get()


def fixed(part: str) -> bool:
    """Whether a learner cannot change a part: it is locked, or not there."""
    return hidden(part) or part in LOCK.get()


def fixed_value(page: Page, control: Control, usual: Any) -> Any:
    """What a control that cannot be changed says: what the link has kept for it, else the page's own."""
    return KEPT.get().get(f"{page.key}_{control.name}", usual)


def set_fixed(page: Page, name: str, value: Any) -> None:
    """A state of a lesson sets also what a learner cannot."""
    if fixed(page.control(name).part):
        KEPT.put({**KEPT.get(), f"{page.key}_{name}": value})


def no_sidebar(page: Page) -> bool:
    """Whether every control of the sidebar is hidden."""
    return all(hidden(control.part) for control in page.controls if control.part)


def tabs(sections: Mapping[str, Callable[[], None]]) -> dict[str, Callable[[], None]]:
    """The tabs that this session shows, by their labels; a locked one says that it is."""
    part = {label: part for part, label in TAB_PARTS.items()}
    shown = {} if hidden("tabs") else {k: v for k, v in sections.items() if not hidden(part[k])}
    return {k: _closed if fixed("tabs") or fixed(part[k]) else v for k, v in shown.items()}


def _closed() -> None:
    st.caption("The link that opened this page keeps this part closed.")
