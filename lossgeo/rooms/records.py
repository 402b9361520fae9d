"""What a room consists of, what teacher and students see of it, and what can go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import ceil, isfinite

ALPHABET = "BCDFGHJKMNPRSTWXYZ"  # no two look alike (no I, L, O, Q, V), and without vowels a code is no word
LETTERS = 5
ROOMS = 100  # a process opens at most
STUDENTS = 500  # in a room
MOST_OPTIONS = 10
MOST_TEXT = 2000  # characters of a round's texts
LONGEST = 3600.0  # seconds of a phase

# Coordinates of an answer for each kind of round: the number of an option, a start on the map, a learning rate,
# the place where a run will end.
KINDS = {"question": 0, "start": 2, "rate": 1, "place": 2}

Ballot = tuple[int, int]  # (number of the round, first or second vote: 1 or 2)
Answer = int | tuple[float, ...]  # the index of an option, or the coordinates


class Phase(IntEnum):
    """The parts of a round. Voting is open in ALONE already: that is the first vote, and SECOND is the second."""

    ALONE = 0
    FIRST = 1
    TALK = 2
    SECOND = 3
    REVEALED = 4


VOTING = {Phase.ALONE: 1, Phase.FIRST: 1, Phase.SECOND: 2}  # phase -> the vote that is open
DURATIONS = (60.0, 60.0, 180.0, 60.0, 120.0)  # seconds of each phase, for the countdown


@dataclass(frozen=True)
class Round:
    """What a class is asked.

    kind: one of KINDS. subject: the id of a question, or a page. state: the parameters of a link that shows what it
    is about. options: how many a question has. limits: (low, high) of each coordinate of any other answer. key: what
    the page needs for its feedback; students get it only when the round is revealed. Raises ValueError.
    """

    kind: str
    subject: str
    state: str = ""
    options: int = 0
    limits: tuple[tuple[float, float], ...] = ()
    key: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.kind == "question" and not 2 <= self.options <= MOST_OPTIONS:
            raise ValueError(f"a question has 2 to {MOST_OPTIONS} options, got {self.options}")
        if len(self.limits) != KINDS[self.kind]:
            raise ValueError(f"{self.kind!r} needs {KINDS[self.kind]} pairs of limits, got {len(self.limits)}")
        if not all(isfinite(low) and isfinite(high) and low < high for low, high in self.limits):
            raise ValueError(f"limits must be finite and the low one first, got {self.limits}")
        if len(self.subject) + len(self.state) + len(self.key) > MOST_TEXT:
            raise ValueError(f"subject, state and key have more than {MOST_TEXT} characters together")

    def checked(self, answer: Answer) -> Answer:
        """The answer, if it is one to this round. Raises ValueError."""
        if self.kind == "question":
            if type(answer) is not int or not 0 <= answer < self.options:
                raise ValueError(f"an answer is the number of an option, 0 to {self.options - 1}, got {answer!r}")
            return answer
        if not isinstance(answer, tuple) or len(answer) != len(self.limits):
            raise ValueError(f"an answer has {len(self.limits)} coordinates, got {answer!r}")
        for value, (low, high) in zip(answer, self.limits, strict=True):
            if type(value) not in (int, float) or not low <= value <= high:
                raise ValueError(f"a coordinate must lie between {low:g} and {high:g}, got {value!r}")
        return tuple(map(float, answer))


@dataclass(frozen=True)
class Vote:
    """A student's answer. confidence: one of teaching.questions.CONFIDENCE, or "" if it was not asked."""

    answer: Answer
    confidence: str = ""


Votes = tuple[tuple[Vote, ...], tuple[Vote, ...]]  # of the first and of the second vote, in no order of arrival


@dataclass(frozen=True)
class Opened:
    """A new room: the code for the wall, and the secret that gives the right to change the room."""

    code: str
    secret: str


@dataclass(frozen=True)
class Room:
    """What everybody in a room may know.

    number: of the round, from 1. revision: grows with every change by the teacher. left: seconds on the countdown,
    0.0 when it has run out, None if there is none; the teacher alone goes on to the next phase. ballot: the vote that
    is open, None between the votes and after them. shown: whether students see how the class has voted.
    """

    code: str
    round: Round
    number: int
    phase: Phase
    revision: int
    left: float | None
    ballot: Ballot | None
    shown: bool


@dataclass(frozen=True)
class StudentView:
    """What one student may know. `room.round.key` is "" until the round is revealed. votes: None unless shown."""

    room: Room
    own: tuple[Vote | None, Vote | None]
    votes: Votes | None


@dataclass(frozen=True)
class TeacherView:
    """What the teacher may know. come: students who have joined. voted: how many gave the first, the second vote."""

    room: Room
    durations: tuple[float, ...]
    come: int
    voted: tuple[int, int]
    votes: Votes


def counts(question: Round, votes: Iterable[Vote]) -> tuple[int, ...]:
    """How many chose each option of a question, in the order of the options."""
    chosen = Counter(vote.answer for vote in votes)
    return tuple(chosen[option] for option in range(question.options))


class RoomError(Exception):
    """Something that the page says in one sentence: the text of the exception."""


class NoRoom(RoomError):
    """There is no such room, or the secret or token is not one of its own. Which of them is not told."""


class Closed(RoomError):
    """The vote that the answer is for is not open."""


class Full(RoomError):
    """No more rooms, or no more students in this room."""


class StoreGone(RoomError):
    """Redis cannot be reached. Nothing is lost as long as Redis itself goes on; try again."""

    def __init__(self) -> None:
        super().__init__("The class's room cannot be reached just now. Voting goes on as soon as it can.")


class Wait(RoomError):
    """Many wrong codes came just now, so each code has to wait. Try again with the same `since` after `seconds`."""

    def __init__(self, seconds: float, since: float) -> None:
        super().__init__(f"Many wrong codes were tried just now. Yours is looked at in {ceil(seconds)} s.")
        self.seconds, self.since = seconds, since
