"""Rooms for a live class: one code on the wall, a vote from every phone.

A teacher opens a room for a round (`Round`: a question, or a point or rate that every student chooses) and keeps its
secret. A student joins by the code and keeps a token. No name and no address is asked for, and nothing is written to
disk. `Store` has all the rules, `Shelf` keeps the data: in this process, or in Redis for several processes.

    store = open_store(None)
    opened = store.open(Round("question", "same-surface", options=4, key="2"))  # code "KMPRT"
    code, token = store.join("kmp rt")
    ballot = store.student(code, token).room.ballot
    store.vote(code, token, ballot, 2, "certain")
    store.teacher(code, opened.secret).voted  # (1, 0)

What goes wrong is a `RoomError`, whose text is a sentence for the page.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lossgeo.rooms.records import (
    ALPHABET,
    DURATIONS,
    KINDS,
    Ballot,
    Closed,
    Full,
    NoRoom,
    Opened,
    Phase,
    Room,
    RoomError,
    Round,
    StoreGone,
    StudentView,
    TeacherView,
    Vote,
    Wait,
    counts,
)
from lossgeo.rooms.shelf import LIFE, MemoryShelf
from lossgeo.rooms.store import Store, new_token, tidy

__all__ = [
    "ALPHABET",
    "DURATIONS",
    "KINDS",
    "SETTING",
    "Ballot",
    "Closed",
    "Full",
    "NoRoom",
    "Opened",
    "Phase",
    "Room",
    "RoomError",
    "Round",
    "Store",
    "StoreGone",
    "StudentView",
    "TeacherView",
    "Vote",
    "Wait",
    "counts",
    "new_token",
    "open_store",
    "tidy",
]

SETTING = "LOSSGEO_REDIS_URL"  # the environment's name for the url of open_store


def open_store(url: str | None, clock: Callable[[], float] = time.time) -> Store:
    """The rooms of this process (url None), or those that all processes share in a Redis or Valkey ("redis://...").

    A process opens one store and keeps it. `clock` gives seconds since 1970. Redis is first contacted when a room is
    used. Raises ValueError for another kind of url, and ImportError if the package `redis` is not installed.
    """
    if not url:
        return Store(MemoryShelf(clock, LIFE), clock)
    from lossgeo.rooms.redis_shelf import RedisShelf

    return Store(RedisShelf(url, LIFE), clock)
