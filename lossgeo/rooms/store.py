"""The rules of a room: who may do what, and when."""

from __future__ import annotations

import hmac
import json
import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import starmap

from lossgeo.rooms.records import (
    ALPHABET,
    DURATIONS,
    LETTERS,
    LONGEST,
    ROOMS,
    STUDENTS,
    VOTING,
    Answer,
    Ballot,
    Closed,
    Full,
    NoRoom,
    Opened,
    Phase,
    Room,
    Round,
    StudentView,
    TeacherView,
    Vote,
    Votes,
    Wait,
)
from lossgeo.rooms.shelf import Found, Shelf
from lossgeo.teaching.questions import CONFIDENCE

TOKEN = re.compile(r"[\w-]{22}", re.ASCII)  # what secrets.token_urlsafe(16) gives: 128 bits
TRIES = 10  # wrong codes a minute that a class may well type
MINUTE = 60.0
SLOWER = 0.1  # seconds that each further one makes every code wait
SLOWEST = 10.0


class Doorkeeper:
    """Makes codes wait while many wrong ones come. It counts for the whole process, not by address: a school has one.

    Nobody is turned away: a right code opens the room after SLOWEST seconds at the latest. With ten visitors who do
    nothing but guess, some 1.4 codes a second are looked at, that is one in 127 of all codes within three hours.
    """

    def __init__(self) -> None:
        self._wrong: deque[float] = deque(maxlen=1000)
        self._lock = threading.Lock()

    def delay(self, now: float) -> float:
        """Seconds that a code has to wait now."""
        with self._lock:
            while self._wrong and now - self._wrong[0] >= MINUTE:
                self._wrong.popleft()
            return min(SLOWEST, SLOWER * max(0, len(self._wrong) - TRIES))

    def wrong(self, now: float) -> None:
        """Count a wrong code."""
        with self._lock:
            self._wrong.append(now)


@dataclass(frozen=True)
class _State:
    """What the teacher determines. `deadline` is a time of the clock, None without countdown."""

    round: Round
    durations: tuple[float, ...]
    number: int = 1
    phase: Phase = Phase.ALONE
    deadline: float | None = None
    shown: bool = False

    @property
    def ballot(self) -> Ballot | None:
        """The vote that is open."""
        return (self.number, VOTING[self.phase]) if self.phase in VOTING else None

    def at(self, phase: Phase, now: float) -> _State:
        """The same at the beginning of a phase."""
        seconds = self.durations[Phase(phase)]
        return replace(self, phase=Phase(phase), deadline=now + seconds if seconds else None)

    def fields(self, revision: int) -> dict[str, str]:
        """As texts, for the shelf."""
        return {"state": json.dumps(asdict(self)), "revision": str(revision), "ballot": _name(self.ballot)}


def _name(ballot: Ballot | None) -> str:
    return "" if ballot is None else f"{ballot[0]}.{ballot[1]}"


def _state(found: Found) -> _State:
    kept = json.loads(found.fields["state"])
    asked = kept.pop("round")
    limits = tuple((low, high) for low, high in asked.pop("limits"))
    return _State(Round(**asked, limits=limits), tuple(kept.pop("durations")), phase=Phase(kept.pop("phase")), **kept)


def _vote(answer: int | list[float], confidence: str) -> Vote:
    return Vote(tuple(answer) if isinstance(answer, list) else answer, confidence)


def _votes(found: Found) -> Votes:
    """All votes, sorted, so that their order tells nothing of who came when."""
    first, second = (json.loads(f"[{','.join(sorted(texts))}]") for texts in found.votes)
    return tuple(starmap(_vote, first)), tuple(starmap(_vote, second))


def _durations(seconds: Sequence[float]) -> tuple[float, ...]:
    if len(seconds) != len(Phase) or not all(0 <= each <= LONGEST for each in seconds):
        raise ValueError(f"durations are {len(Phase)} numbers of seconds, 0 to {LONGEST:g}, got {seconds}")
    return tuple(map(float, seconds))


class Store:
    """All rooms. Every method may raise RoomError, whose text is a sentence for the page; ValueError is a slip."""

    def __init__(self, shelf: Shelf, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._shelf, self._door = shelf, Doorkeeper()

    # --- the teacher ------------------------------------------------------------------------------------

    def open(self, asked: Round, durations: Sequence[float] = DURATIONS) -> Opened:
        """Open a room for a round; its first vote is open at once. Raises Full."""
        state = _State(asked, _durations(durations)).at(Phase.ALONE, self.clock())
        secret = secrets.token_urlsafe(16)
        added: bool | None = False
        while added is False:  # the code is taken: with all rooms open, once in 18,000 times
            code = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
            added = self._shelf.add(code, state.fields(1) | {"secret": secret}, ROOMS)
        if added is None:
            raise Full(f"{ROOMS} rooms are open here already. Close one, or try again later.")
        return Opened(code, secret)

    def teacher(self, code: str, secret: str) -> TeacherView:
        """What the teacher sees, also after a reload. Raises NoRoom."""
        found = self._own_room(code, secret, votes=True)
        state = _state(found)
        return TeacherView(self._room(code, found, state), state.durations, found.come, found.voted, _votes(found))

    def start(self, code: str, secret: str, asked: Round) -> None:
        """Begin another round. All votes of the last one are gone. Raises NoRoom."""

        def another(state: _State) -> _State:
            return _State(asked, state.durations, state.number + 1).at(Phase.ALONE, self.clock())

        self._change(code, secret, another, clear=True)

    def go(self, code: str, secret: str, phase: Phase) -> None:
        """Go to a phase, forwards or back; its countdown begins. Raises NoRoom."""
        self._change(code, secret, lambda state: state.at(phase, self.clock()))

    def show(self, code: str, secret: str, shown: bool) -> None:
        """Show students how the class has voted, or hide it. Raises NoRoom."""
        self._change(code, secret, lambda state: replace(state, shown=shown))

    def set_durations(self, code: str, secret: str, durations: Sequence[float]) -> None:
        """Set how long each phase takes; 0 is no countdown. That of this phase begins anew. Raises NoRoom."""
        seconds = _durations(durations)
        self._change(code, secret, lambda state: replace(state, durations=seconds).at(state.phase, self.clock()))

    def close(self, code: str, secret: str) -> None:
        """Close the room for good. Raises NoRoom."""
        self._own_room(code, secret)
        self._shelf.remove(code)

    def _own_room(self, code: str, secret: str, votes: bool = False) -> Found:
        found = self._shelf.find(code, votes=votes) if _is_code(code) and TOKEN.fullmatch(secret) else None
        if found is None or not hmac.compare_digest(found.fields["secret"], secret):
            raise NoRoom("This room is no longer open. Open a new one.")
        return found

    def _change(self, code: str, secret: str, change: Callable[[_State], _State], clear: bool = False) -> None:
        """Read, change and write, again if somebody else has changed the room in between."""
        done = False
        while not done:
            found = self._own_room(code, secret)
            revision = found.fields["revision"]
            fields = change(_state(found)).fields(int(revision) + 1)
            done = self._shelf.change(code, revision, fields, clear)

    # --- a student --------------------------------------------------------------------------------------

    def join(self, typed: str, since: float | None = None, token: str = "") -> tuple[str, str]:
        """Enter by a code as somebody typed it: the code as it is kept, and a token, which only this student has.

        token: one of `new_token`, if the caller has kept it before: whoever comes again with it, because the answer
        was lost, is the same student. The browser must have no say in it.
        since: the clock's time at which this visitor first asked for this code; the page keeps it on the server, one a
        session. Raises NoRoom, Full, and Wait while many wrong codes come: then try again with the same `since`.
        """
        code = tidy(typed)
        if not _is_code(code):
            raise NoRoom(f"A code has {LETTERS} of the letters {' '.join(ALPHABET)}.")
        now = self.clock()
        since = now if since is None else since
        if (left := since + self._door.delay(now) - now) > 0:
            raise Wait(left, since)
        token = token or new_token()
        entered = self._shelf.enter(code, token, STUDENTS)
        if entered is False:
            self._door.wrong(now)
            raise NoRoom(f"No room {code} is open. Look at the code again.")
        if entered is None:
            raise Full(f"This room is full: {STUDENTS} students are in it.")
        return code, token

    def student(self, code: str, token: str) -> StudentView:
        """What a student sees, also after a reload. Raises NoRoom."""
        found = self._inside(code, token)
        state = _state(found)
        if state.phase is not Phase.REVEALED:
            state = replace(state, round=replace(state.round, key=""))
        first, second = (None if text is None else _vote(*json.loads(text)) for text in found.own)
        votes = _votes(self._inside(code, token, votes=True)) if state.shown else None
        return StudentView(self._room(code, found, state), (first, second), votes)

    def vote(self, code: str, token: str, ballot: Ballot | None, answer: Answer, confidence: str = "") -> Vote:
        """Give or change the student's vote. ballot: the one that the student saw when choosing.

        A late answer thus never counts for the next question. Raises NoRoom, Closed, and ValueError for an answer that
        is none.
        """
        found = self._inside(code, token)
        if ballot is None or found.fields["ballot"] != _name(ballot):
            raise Closed("This vote is closed.")
        if confidence not in ("", *CONFIDENCE):
            raise ValueError(f"confidence must be one of {', '.join(CONFIDENCE)}, got {confidence!r}")
        vote = Vote(_state(found).round.checked(answer), confidence)
        text = json.dumps([vote.answer, vote.confidence])
        if not self._shelf.vote(code, _name(ballot), ballot[1] == 2, token, text):
            raise Closed("This vote is closed.")
        return vote

    def _inside(self, code: str, token: str, votes: bool = False) -> Found:
        found = self._shelf.find(code, token, votes) if _is_code(code) and TOKEN.fullmatch(token) else None
        if found is None or not found.inside:
            raise NoRoom("This room is no longer open for you. Enter its code again.")
        return found

    # --- both -------------------------------------------------------------------------------------------

    def _room(self, code: str, found: Found, state: _State) -> Room:
        left = None if state.deadline is None else max(0.0, state.deadline - self.clock())
        revision = int(found.fields["revision"])
        return Room(code, state.round, state.number, state.phase, revision, left, state.ballot, state.shown)


def new_token() -> str:
    """What only one student has: 128 random bits as text."""
    return secrets.token_urlsafe(16)


def tidy(typed: str) -> str:
    """A code as it is kept, from what somebody typed."""
    return re.sub(r"[\s-]", "", typed[:50]).upper()


def _is_code(text: str) -> bool:
    return len(text) == LETTERS and set(text) <= set(ALPHABET)
