"""The rooms of this process, and what gives a visitor a right in one: the teacher's secret, the student's token.

Both are kept in the session, and in a cookie of the visitor's own browser, so that a reload or a new session after a
lost connection finds the room again. Neither is ever in the address: who has the address of a teacher's page has no
right to the teacher's room.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import streamlit as st

from lossgeo.rooms import SETTING, NoRoom, Opened, RoomError, StudentView, TeacherView, open_store, tidy
from lossgeo.ui import session
from lossgeo.ui.runtime import components
from lossgeo.ui.runtime.script_lock import script_lock
from lossgeo.ui.session import AT, ROOM, ROOM_SAYS, SEAT
from lossgeo.views.pages import PAGES

STORE = open_store(os.environ.get(SETTING))
TEACHERS, STUDENTS = "lossgeo_teacher", "lossgeo_student"  # the names of the cookies
KEPT = 12 * 3600  # seconds for which a browser keeps the cookie; the room itself is gone three hours after its last use
NONE = ("", "")

Key = tuple[str, str]  # a code, and the secret or the token


def live(seconds: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A fragment that looks for news by itself. Only for pages in a room: each look costs the server CPU."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @st.fragment(run_every=seconds)
        @wraps(function)
        def run(*args: Any, **options: Any) -> None:
            with script_lock():
                function(*args, **options)

        return run

    return decorate


def _from_cookie(name: str) -> Key:
    """What the browser has kept, as it was when the connection was opened."""
    code, _, secret = str(st.context.cookies.get(name, "")).partition(".")
    return (code, secret) if code and secret else NONE


def _keep(name: str, key: Key) -> None:
    """Let the browser keep it."""
    components.cookie(key=f"_keep_{name}", data={"name": name, "value": ".".join(key), "seconds": KEPT})


# --- the teacher ------------------------------------------------------------------------------------------


def teachers_key() -> Key | None:
    """Code and secret of the room that this teacher holds, or None."""
    if ROOM.get() is None:
        ROOM.put(_from_cookie(TEACHERS))
        if ROOM.get() != NONE and not _is_open():
            ROOM.put(NONE)
    held = ROOM.get()
    return None if held in (None, NONE) else held


def _is_open() -> bool:
    """Whether the room in the cookie is still open. If nobody can tell just now, it counts as open."""
    try:
        STORE.teacher(*(ROOM.get() or NONE))
    except NoRoom:
        return False
    except RoomError:
        return True
    return True


def hold(opened: Opened) -> None:
    """Remember a room that was just opened."""
    ROOM.put((opened.code, opened.secret))


def let_go() -> None:
    """Forget the room."""
    ROOM.put(NONE)


def teachers_view() -> TeacherView | None:
    """The teacher's room as it is now. None if there is none; if it cannot be reached or is gone, that is said."""
    key = teachers_key()
    if key is None:
        return None
    try:
        view = STORE.teacher(*key)
    except NoRoom as error:
        let_go()
        st.warning(str(error))
        return None
    except RoomError as error:
        st.warning(str(error))
        return None
    _keep(TEACHERS, key)
    return view


def change(what: Callable[..., None], *args: Any) -> bool:
    """In a callback: change the teacher's room, as `what(code, secret, *args)`. What goes wrong is said on the page."""
    key = teachers_key()
    if key is None:
        return False
    try:
        what(*key, *args)
    except (RoomError, ValueError) as error:
        ROOM_SAYS.put(str(error))
        return False
    return True


# --- a student --------------------------------------------------------------------------------------------


def students_view(code: str) -> tuple[Key, StudentView] | None:
    """The seat that this visitor has in the room, with what is to be seen from it; None without a seat.

    Raises RoomError if the room cannot be reached.
    """
    for key in (SEAT.get() or NONE, _from_cookie(STUDENTS)):
        if key[0] == code and key != NONE:
            try:
                view = STORE.student(*key)
            except NoRoom:
                continue
            sit(key)
            return key, view
    SEAT.clear()
    return None


def sit(key: Key) -> None:
    """Remember a seat."""
    SEAT.put(key)


def keep_seat() -> None:
    """Let the browser keep the seat."""
    if key := SEAT.get():
        _keep(STUDENTS, key)


# --- the address ------------------------------------------------------------------------------------------


def students_address(code: str) -> str:
    """The address for students; without the server's own part where that is not known."""
    base = str(st.context.url or "")
    for page in PAGES:
        base = base.removesuffix(f"/{page}")
    return f"{base.rstrip('/')}/?room={code}"


def in_a_room() -> bool:
    """Whether this is a student in a room, or at its door. Nothing else in the address then counts, not even `teacher`.

    Called before the page. The address alone says it; a change of page, which clears the address, changes nothing.
    """
    if text := session.parameter("room"):
        AT.put(tidy(text))
    session.write("room", AT.get())
    return bool(AT.get())


def go_to(code: str) -> None:
    """Callback: go to a room, with "" to none."""
    AT.put(code)
    session.write("room", code)
