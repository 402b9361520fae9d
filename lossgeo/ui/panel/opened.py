"""What is open on a page: one of the three views of the panel, or one of the sections below the stage.

The parameter `<page>_tab` of the URL says it. A section below has the controls in the panel.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossgeo.ui import session
from lossgeo.ui.share import visibility
from lossgeo.views.pages import TAB_PARTS, Page

CONTROLS, LEARN, CHECK = "Controls", "Learn", "Check"
PANEL = (LEARN, CHECK, CONTROLS)
PARTS = {label: part for part, label in TAB_PARTS.items()}


def opened(page: Page) -> str:
    """The label of what is open.

    A link that names a lesson or a part of one, and no tab, opens the lesson; one that names a question opens the
    question. Without any of them: what was open here last, at first the controls.
    """
    said = {name: session.parameter(f"{page.key}_{name}") for name in ("tab", "lesson", "part", "question")}
    last = session.opened(page.key)
    found = said["tab"]
    if found not in (*PANEL, *PARTS) and not last.get():
        found = CHECK if said["question"] else LEARN if said["lesson"] or said["part"] else ""
    if found not in (*PANEL, *PARTS):
        found = last.get() or CONTROLS
    if found != CONTROLS and not offered(page, found):
        found = CONTROLS
    last.put(found)
    session.write(f"{page.key}_tab", "" if found == CONTROLS else found)
    return found


def offered(page: Page, label: str) -> bool:
    """Whether the page has this view or section, and the link does not hide it."""
    if label == CONTROLS:
        return True
    return (
        label in (LEARN, CHECK, *page.sections)
        and not visibility.hidden("tabs")
        and not visibility.hidden(PARTS[label])
    )


def closed(label: str) -> bool:
    """Whether the link keeps this view or section locked."""
    return label != CONTROLS and (visibility.fixed("tabs") or visibility.fixed(PARTS[label]))


def open_it(page: str, label: str) -> None:
    """Callback: open a view of the panel or a section."""
    session.opened(page).put(label)
    session.write(f"{page}_tab", "" if label == CONTROLS else label)


def switch(page: Page) -> str:
    """The switch at the top of the panel. Returns the open view: a section below has the controls in the panel."""
    now, key = opened(page), f"{page.key}_panel"
    view = now if now in PANEL else CONTROLS
    options = [label for label in PANEL if offered(page, label)]
    if session.value(key) != view:
        session.put(key, view)
    st.segmented_control(
        "Panel",
        options,
        key=key,
        label_visibility="collapsed",
        required=True,
        width="stretch",
        on_change=lambda: open_it(page.key, session.value(key)),
    )
    return view


def sections(page: Page) -> str:
    """The row of buttons below the stage, for those who go deeper. Returns the open section, or ""."""
    now, key = opened(page), f"{page.key}_section"
    labels = [label for label in page.sections if offered(page, label)]
    shown = now if now in labels else None
    if session.value(key) != shown:
        session.put(key, shown)
    if labels:
        st.segmented_control(
            "Go deeper",
            labels,
            key=key,
            label_visibility="collapsed",
            on_change=lambda: open_it(page.key, session.value(key) or CONTROLS),
        )
    return shown or ""


def closer(page: Page, label: str, parts: Sequence[str]) -> str:
    """The switch at the top of a section with several parts. Returns the chosen part; only that one is computed."""
    picked = st.segmented_control(
        label,
        parts,
        default=parts[0],
        key=f"{page.key}_closer",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
    )
    return picked if picked in parts else parts[0]
