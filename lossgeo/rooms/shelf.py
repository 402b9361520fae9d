"""Where rooms are kept. A shelf knows no rules: it keeps texts, and makes each change as a whole or not at all."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LIFE = 3 * 3600.0  # seconds after its last use at which a room is gone; to look is no use


@dataclass(frozen=True)
class Found:
    """A room as it is kept.

    fields: its state, with at least "revision" and "ballot". inside: whether the token that was asked for has joined;
    own: its two votes. come, voted: how many tokens and votes there are. votes: all of them, if they were asked for.
    """

    fields: Mapping[str, str]
    inside: bool
    own: tuple[str | None, str | None]
    come: int
    voted: tuple[int, int]
    votes: tuple[list[str], list[str]]


class Shelf(ABC):
    """Rooms by their code. Each call is atomic, also among several processes. A use begins the room's life anew."""

    @abstractmethod
    def add(self, code: str, fields: Mapping[str, str], most: int) -> bool | None:
        """Add a room. False if the code is taken, None if `most` rooms of this process exist already."""

    @abstractmethod
    def find(self, code: str, token: str = "", votes: bool = False) -> Found | None:
        """The room, None if there is none. This is no use: a forgotten page that looks keeps no room alive."""

    @abstractmethod
    def change(self, code: str, revision: str, fields: Mapping[str, str], clear: bool) -> bool:
        """Replace fields, and with `clear` drop all votes. False, and nothing happens, if the revision is another."""

    @abstractmethod
    def enter(self, code: str, token: str, most: int) -> bool | None:
        """Let a token in. False if there is no such room, None if `most` are in it already."""

    @abstractmethod
    def vote(self, code: str, ballot: str, second: bool, token: str, vote: str) -> bool:
        """Keep a token's vote, in place of its last one. False if the room's ballot is another, or the token not in."""

    @abstractmethod
    def remove(self, code: str) -> None:
        """Forget a room and all that belongs to it."""


@dataclass
class _Kept:
    fields: dict[str, str]
    used: float
    tokens: set[str] = field(default_factory=set)
    votes: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))


class MemoryShelf(Shelf):
    """The rooms of one process, in its memory."""

    def __init__(self, clock: Callable[[], float], life: float) -> None:
        self._clock, self._life = clock, life
        self._rooms: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def _get(self, code: str, use: bool = True) -> _Kept | None:
        """A room that has not expired. The lock is held."""
        room, now = self._rooms.get(code), self._clock()
        if room is not None and now - room.used >= self._life:
            del self._rooms[code]
            return None
        if room is not None and use:
            room.used = now
        return room

    def add(self, code: str, fields: Mapping[str, str], most: int) -> bool | None:
        with self._lock:
            if self._get(code, use=False) is not None:
                return False
            if sum(self._get(other, use=False) is not None for other in list(self._rooms)) >= most:
                return None
            self._rooms[code] = _Kept(dict(fields), self._clock())
            return True

    def find(self, code: str, token: str = "", votes: bool = False) -> Found | None:
        with self._lock:
            room = self._get(code, use=False)
            if room is None:
                return None
            first, second = room.votes
            return Found(
                dict(room.fields),
                token in room.tokens,
                (first.get(token), second.get(token)),
                len(room.tokens),
                (len(first), len(second)),
                (list(first.values()), list(second.values())) if votes else ([], []),
            )

    def change(self, code: str, revision: str, fields: Mapping[str, str], clear: bool) -> bool:
        with self._lock:
            room = self._get(code)
            if room is None or room.fields["revision"] != revision:
                return False
            room.fields.update(fields)
            if clear:
                room.votes = ({}, {})
            return True

    def enter(self, code: str, token: str, most: int) -> bool | None:
        with self._lock:
            room = self._get(code)
            if room is None:
                return False
            if len(room.tokens) >= most:
                return None
            room.tokens.add(token)
            return True

    def vote(self, code: str, ballot: str, second: bool, token: str, vote: str) -> bool:
        with self._lock:
            room = self._get(code)
            if room is None or room.fields["ballot"] != ballot or token not in room.tokens:
                return False
            room.votes[second][token] = vote
            return True

    def remove(self, code: str) -> None:
        with self._lock:
            self._rooms.pop(code, None)
