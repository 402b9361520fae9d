"""What a learner has done: answers with their confidence, the progress in each lesson, the challenges reached.

It is kept in the session and, if the learner wants, in a small JSON file of their own (`dumps`, `loads`). Such
a file may come from anywhere. So `loads` checks everything and refuses a bad file with one sentence, which
never quotes the file. Whether an answer was right is recomputed from the bank. The file holds nothing personal
except what the learner typed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from lossgeo.teaching.challenges import load_challenges
from lossgeo.teaching.questions import CONFIDENCE, LESSONS, Question, load_bank, mark

FORMAT = "lossgeo-progress"
VERSION = 1
FILE = "lossgeo-progress.json"
MOST_BYTES = 600_000  # enough for the longest record: 2,000 answers and seven lessons full of text
MOST_ANSWERS = 2_000
MOST_TEXT = 2_000  # characters per text typed by the learner
MOST_OUTCOMES = 10  # per prediction
MOST_CHANGES = 999_999  # on the way to a challenge
BEATS = ("recall", "predict", "observe", "explain", "refute", "transfer")


@dataclass(frozen=True)
class Answer:
    """An answer to a question of the bank. `chosen` is an index into `Question.options`."""

    question: str
    chosen: int
    confidence: str
    right: bool


@dataclass(frozen=True)
class Notes:
    """What is recorded for a lesson. `beat` is the number of completed steps of BEATS.

    predicted, seen: the index of the outcome chosen before and after the demonstration. why: the learner's own
    explanation, which is never marked. clear, improve: the answers to the two questions at the end.
    """

    beat: int = 0
    predicted: int | None = None
    confidence: str | None = None
    seen: int | None = None
    why: str = ""
    clear: bool | None = None
    improve: str = ""

    @property
    def done(self) -> bool:
        """Whether the learner has completed the lesson."""
        return self.beat >= len(BEATS)


NOTHING: Mapping[int, Notes] = MappingProxyType({})
NONE_REACHED: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Progress:
    """The answers, oldest first, the notes by lesson number, and the reached challenges: id -> fewest changes."""

    answers: tuple[Answer, ...] = ()
    notes: Mapping[int, Notes] = field(default_factory=lambda: NOTHING, hash=False)
    challenges: Mapping[str, int] = field(default_factory=lambda: NONE_REACHED, hash=False)

    def lesson(self, number: int) -> Notes:
        """The notes on a lesson, empty if there are none."""
        return self.notes.get(number, Notes())

    @property
    def lessons_done(self) -> int:
        """The number of completed lessons."""
        return sum(notes.done for notes in self.notes.values())

    def latest(self) -> dict[str, Answer]:
        """The latest answer to each question, by its id."""
        return {answer.question: answer for answer in self.answers}

    def answered(self, question: Question, chosen: int, confidence: str) -> Progress:
        """A copy with one more answer; the oldest is dropped beyond MOST_ANSWERS. ValueError as in `mark`."""
        verdict = mark(question, chosen, confidence)
        new = Answer(question.id, chosen, confidence, verdict.right)
        return replace(self, answers=(*self.answers, new)[-MOST_ANSWERS:])

    def noted(self, lesson: int, **changes: Any) -> Progress:
        """A copy with changed fields of the notes on a lesson. Texts are cut to MOST_TEXT characters."""
        changes = {name: value[:MOST_TEXT] if isinstance(value, str) else value for name, value in changes.items()}
        notes = replace(self.lesson(lesson), **changes)
        return replace(self, notes=MappingProxyType({**self.notes, lesson: notes}))

    def reached(self, challenge: str, changes: int) -> Progress:
        """A copy with a challenge reached after so many changes of settings; the fewest are kept."""
        fewest = min(changes, MOST_CHANGES, self.challenges.get(challenge, MOST_CHANGES))
        return replace(self, challenges=MappingProxyType({**self.challenges, challenge: fewest}))


def dumps(progress: Progress) -> str:
    """The progress as the text of a JSON file."""
    notes = {str(number): asdict(note) for number, note in sorted(progress.notes.items())}
    content = {"format": FORMAT, "version": VERSION, "answers": [asdict(a) for a in progress.answers], "lessons": notes}
    if progress.challenges:
        content["challenges"] = dict(progress.challenges)
    return json.dumps(content, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Restored:
    """The progress read from a file, and the number of answers dropped because their question no longer exists."""

    progress: Progress
    dropped: int


def loads(file: str | bytes) -> Progress:
    """The progress in the text of a file. Raises ValueError, with one sentence, if the file is not valid."""
    return restore(file).progress


def restore(file: str | bytes) -> Restored:
    """The same as `loads`, with the number of dropped answers."""
    content = _parse(file)
    if isinstance(content, dict):
        content.setdefault("challenges", {})  # files written before there were any
    content = _table(content, ("format", "version", "answers", "lessons", "challenges"), "the file", OTHER)
    if content["format"] != FORMAT:
        raise _refusal("it is not a progress file of lossgeo", OTHER)
    if type(content["version"]) is not int or content["version"] != VERSION:
        raise _refusal(f"its version is not {VERSION}, the only one known here", NEWER)
    given, lessons = content["answers"], content["lessons"]
    if not isinstance(given, list) or not isinstance(lessons, dict):
        raise _refusal("its answers are not a list or its lessons not a table", DAMAGED)
    if len(given) > MOST_ANSWERS:
        raise _refusal(f"it holds more than {MOST_ANSWERS} answers", DAMAGED)
    bank = {question.id: question for question in load_bank()}
    answers = [_answer(entry, bank, f"answer {number}") for number, entry in enumerate(given, start=1)]
    known = tuple(answer for answer in answers if answer is not None)
    numbers = {str(number): number for number in LESSONS}
    if not lessons.keys() <= numbers.keys():
        raise _refusal(f"it names a lesson that is not one of {LESSONS[0]} to {LESSONS[-1]}", DAMAGED)
    notes = {numbers[key]: _notes(entry, f"lesson {numbers[key]}") for key, entry in lessons.items()}
    reached = MappingProxyType(_challenges(content["challenges"]))
    return Restored(Progress(known, MappingProxyType(notes), reached), len(answers) - len(known))


OTHER = f"choose the file {FILE} that you downloaded here"
NEWER = "open it with the lossgeo that wrote it, or start afresh"
DAMAGED = "choose an undamaged copy or start afresh"


def _refusal(cause: str, cure: str) -> ValueError:
    """The ValueError for a bad file, in one sentence: cause and cure."""
    return ValueError(f"This file cannot be loaded because {cause}: {cure}.")


def _parse(file: str | bytes) -> Any:
    """The JSON in a file. Every error of the parser becomes a sentence."""
    try:
        size = len(file.encode() if isinstance(file, str) else file)
        if size > MOST_BYTES:
            raise _refusal(f"it is larger than {MOST_BYTES // 1000} kB", OTHER)
        text = file if isinstance(file, str) else file.decode("utf-8-sig")  # an editor may have added a byte order mark
    except UnicodeError:
        raise _refusal("it is not text in UTF-8", OTHER) from None
    if not text.strip():
        raise _refusal("it is empty", OTHER)
    try:
        content = json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_repeats)
        json.dumps(content, ensure_ascii=False).encode()  # a lone surrogate could not be saved again
    except _Known as known:
        raise _refusal(str(known), DAMAGED) from None
    except RecursionError:
        raise _refusal("its tables are nested too deeply", OTHER) from None
    except UnicodeError:
        raise _refusal("a text in it has half a character", DAMAGED) from None
    except json.JSONDecodeError as error:
        raise _refusal(f"it is cut short or damaged at line {error.lineno}", DAMAGED) from None
    except ValueError:  # raised for an integer of thousands of digits
        raise _refusal("a number in it is far too long", DAMAGED) from None
    return content


class _Known(Exception):
    """Raised inside the JSON parser; its text is the cause."""


def _no_number(_: str) -> Any:
    """Refuses NaN and infinities."""
    raise _Known("a value in it is not a number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses a table with a repeated field."""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise _Known("a field in it stands twice")
    return table


def _table(entry: Any, fields: tuple[str, ...], where: str, cure: str) -> dict[str, Any]:
    """`entry` if it is a table with exactly these fields. Otherwise raises ValueError."""
    if not isinstance(entry, dict):
        raise _refusal(f"{where} is not a table of fields", cure)
    if missing := [name for name in fields if name not in entry]:
        raise _refusal(f"{where} has no field {missing[0]}", cure)
    if len(entry) > len(fields):
        raise _refusal(f"{where} has a field that is unknown here", cure)
    return entry


def _answer(entry: Any, bank: Mapping[str, Question], where: str) -> Answer | None:
    """One answer, or None if its question is not in the bank. Raises ValueError if it is not valid."""
    table = _table(entry, ("question", "chosen", "confidence", "right"), where, DAMAGED)
    id, chosen, confidence = table["question"], table["chosen"], table["confidence"]
    if not isinstance(id, str) or type(chosen) is not int or type(table["right"]) is not bool:  # True is an int
        raise _refusal(f"{where} has a value of the wrong kind", DAMAGED)
    if confidence not in CONFIDENCE:
        raise _refusal(f"the confidence of {where} is not one of {', '.join(CONFIDENCE)}", DAMAGED)
    if id not in bank:
        return None
    if not 0 <= chosen < len(bank[id].options):
        raise _refusal(f"{where} chooses an option that its question does not have", DAMAGED)
    return Answer(id, chosen, confidence, chosen == bank[id].answer)


def _challenges(entry: Any) -> dict[str, int]:
    """The reached challenges that still exist. Raises ValueError if they are not valid."""
    if not isinstance(entry, dict):
        raise _refusal("its challenges are not a table", DAMAGED)
    if not all(type(changes) is int and 0 <= changes <= MOST_CHANGES for changes in entry.values()):
        raise _refusal("a challenge in it has a number of changes that is not allowed", DAMAGED)
    return {challenge.id: entry[challenge.id] for challenge in load_challenges() if challenge.id in entry}


def _short(value: Any) -> bool:
    """Whether the value is a text of allowed length."""
    return isinstance(value, str) and len(value) <= MOST_TEXT


def _outcome(value: Any) -> bool:
    """Whether the value is None or an allowed index of an outcome."""
    return value is None or (type(value) is int and 0 <= value < MOST_OUTCOMES)


# Field of Notes -> whether it may hold a value.
FITS: Mapping[str, Callable[[Any], bool]] = {
    "beat": lambda value: type(value) is int and 0 <= value <= len(BEATS),
    "predicted": _outcome,
    "confidence": lambda value: value is None or value in CONFIDENCE,
    "seen": _outcome,
    "why": _short,
    "clear": lambda value: value is None or type(value) is bool,
    "improve": _short,
}


def _notes(entry: Any, where: str) -> Notes:
    """The notes on one lesson. Raises ValueError if they are not valid."""
    table = _table(entry, tuple(FITS), where, DAMAGED)
    for name, fits in FITS.items():
        if not fits(table[name]):
            raise _refusal(f"{where} has a value of {name} that is not allowed", DAMAGED)
    return Notes(**table)
