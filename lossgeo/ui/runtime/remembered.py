"""What the browser keeps of the learner's progress, so that it survives a reload.

The progress of the session is the truth. A small script writes it into the browser's own storage whenever it has
changed, and hands it back once at the start of the next session. What comes from there may be anything: it is read
like a progress file, by `restore`. A link with `remember=off` keeps nothing and reads nothing.
"""

from __future__ import annotations

import secrets

from lossgeo.teaching.progress import MOST_BYTES, Progress, dumps, restore
from lossgeo.ui import session
from lossgeo.ui.runtime import components
from lossgeo.ui.session import BEFORE_FILE, FIRST_HALF, HERE, IN_BROWSER, LOADED, NAME, PROGRESS, REMEMBER, STORAGE

KEY = "keeper"
OFF = ("off", "false", "no", "0")


def arrive() -> None:
    """Make URL and session agree on `remember`. Called once per run, before `keep`."""
    if text := session.parameter("remember"):
        REMEMBER.put(text.lower() not in OFF)
    session.write("remember", "" if REMEMBER.get() else "off")


def keep() -> None:
    """On every page: hand what has changed to the browser, and ask once for what it has kept."""
    if not REMEMBER.get():
        return
    if not NAME.get():
        NAME.put(secrets.token_hex(4))
    components.keeper(
        key=KEY,
        data=_sent() | {"main": True},
        on_found_change=_found,
        on_missing_change=_missing,
        on_closed_change=lambda: STORAGE.put("closed"),
    )


def keep_after(fragment: str) -> None:
    """At the end of the fragment of that name, whose reruns do not reach `keep`."""
    if REMEMBER.get() and NAME.get() and _changed():
        components.keeper(key=f"{KEY}_{fragment}", data=_sent() | {"main": False})


def _changed() -> bool:
    """Whether the browser has not been told of the progress as it is."""
    _, told = IN_BROWSER.get()
    return PROGRESS.get() is not told and PROGRESS.get() != told


def _sent() -> dict[str, object]:
    """What the script is told: the progress only if it has changed."""
    now, (revision, _) = PROGRESS.get(), IN_BROWSER.get()
    text = None
    if _changed():
        revision, text = revision + 1, "" if now == Progress() else dumps(now)
        IN_BROWSER.put((revision, now))
    return {"session": NAME.get(), "most": MOST_BYTES, "revision": revision, "text": text}


def _found() -> None:
    """Callback: the browser hands over what it has kept, or says that another tab has forgotten it."""
    text = session.value(KEY).found
    if not isinstance(text, str):
        return
    if not text:
        forget()
    else:
        try:
            PROGRESS.put(restore(text).progress)
        except ValueError:
            STORAGE.put("damaged")
            return
        session.forget(*session.keys("_lesson_"))  # texts and choices as they were before it came
    IN_BROWSER.put((IN_BROWSER.get()[0], PROGRESS.get()))


def _missing() -> None:
    """Callback: the browser has not received a change; it is sent again."""
    IN_BROWSER.put((IN_BROWSER.get()[0], None))


def forget() -> None:
    """Callback: forget everything the learner has done here, in the session and, at the next run, in the browser."""
    for slot in (PROGRESS, FIRST_HALF, HERE, BEFORE_FILE, LOADED, STORAGE):
        slot.clear()
    session.forget(*session.keys("_lesson_"), *session.keys("_said_"))
    IN_BROWSER.put((IN_BROWSER.get()[0], None))  # tell it, also where what it keeps could not be read
