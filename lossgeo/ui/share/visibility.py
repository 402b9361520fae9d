"""What a link hides or locks: `hide=data,lr`, `lock=check`. It applies to the whole session and every page.

A hidden control is not drawn. A locked one is drawn but disabled. The link sets the values of both. They are kept
in the session, and in the URL under `keep`, so that they survive a change of page, the browser's Back, and a
reload. This removes distractions for a class; it is not access control.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from lossgeo.ui import session
from lossgeo.ui.session import HIDE, KEPT, LOCK, Link
from lossgeo.ui.share import links
from lossgeo.views.pages import LESSON_PAGES, PARTS, Control, Page

KEYS = {"hide": HIDE, "lock": LOCK}


def receive(link: Link) -> tuple[str, ...]:
    """Apply what a link hides, locks and keeps. Returns the keys that contain an unknown name."""
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
    """The values that a link gives to the controls of all pages, by URL key."""
    return {
        f"{page.key}_{control.name}": control.read(link[f"{page.key}_{control.name}"])
        for page in LESSON_PAGES.values()
        for control in page.controls
        if f"{page.key}_{control.name}" in link
    }


def keep(page: str) -> None:
    """Write these parameters into the URL, which a change of page has cleared. Called once per run."""
    for key, slot in KEYS.items():
        session.write(key, ",".join(slot.get()))
    texts = {}
    for key, value in KEPT.get().items():
        of, _, name = key.partition("_")
        record = LESSON_PAGES[of]
        control = record.control(name)
        if fixed(control.part):
            session.write(key, "")  # it is in `keep`
        elif of == page:
            continue  # its widget writes the parameter
        if value != record.state(KEPT.get())[key]:
            texts[key] = control.text(value)
    session.write("keep", urlencode(texts, doseq=True))


def show_all() -> None:
    """Callback: hide and lock nothing."""
    for slot in KEYS.values():
        slot.clear()
    KEPT.clear()


def hidden(part: str) -> bool:
    """Whether a part is hidden."""
    return part in HIDE.get()


def fixed(part: str) -> bool:
    """Whether a part is hidden or locked, so that the learner cannot change it."""
    return hidden(part) or part in LOCK.get()


def fixed_value(page: Page, control: Control, usual: Any) -> Any:
    """The value that the link keeps for a control, or `usual`."""
    return KEPT.get().get(f"{page.key}_{control.name}", usual)


def set_fixed(page: Page, name: str, value: Any) -> None:
    """Set the kept value of a control if it is hidden or locked. Lessons may change such controls."""
    if fixed(page.control(name).part):
        KEPT.put({**KEPT.get(), f"{page.key}_{name}": value})


def no_controls(page: Page) -> bool:
    """Whether every control is hidden."""
    return all(hidden(control.part) for control in page.controls if control.part)
