"""What a learner has done so far: answers with their confidence, and the way through each lesson.

It lives in the session and, if the learner wants it, in a small JSON file of their own (`dumps`,
`loads`). A file may come from anywhere: `loads` takes nothing that it has not checked, and refuses
the rest with one sentence, which quotes nothing of the file. Whether an answer was right is worked
out from the bank, never believed. Nothing personal is in it but what the learner typed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from lossgeo.teaching.questions import CONFIDENCE, LESSONS, Question, load_bank, mark

FORMAT = "lossgeo-progress"
VERSION = 1
FILE = "lossgeo-progress.json"
MOST_BYTES = 600_000  # more than the longest record needs: 2,000 answers and seven lessons full of text
MOST_ANSWERS = 2_000
MOST_TEXT = 2_000  # characters of one text typed by the learner
MOST_OUTCOMES = 10  # of one prediction
BEATS = ("recall", "predict", "observe", "explain", "refute", "transfer")


@dataclass(frozen=True)
class Answer:
    """One answer to one question of the bank; `chosen` counts in the order of `Question.options`."""

    question: str
    chosen: int
    confidence: str
    right: bool


@dataclass(frozen=True)
class Notes:
    """One lesson: `beat` beats of BEATS are behind the learner, and what was said at each.

    predicted, seen: index of the outcome chosen before and after the demonstration ran; why: the
    learner's own sentence, never marked; clear, improve: the two questions at the end.
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
        """Whether the learner has come through the whole lesson."""
        return self.beat >= len(BEATS)


NOTHING: Mapping[int, Notes] = MappingProxyType({})


@dataclass(frozen=True)
class Progress:
    """Answers in the order in which they were given, the latest last; notes by lesson number."""

    answers: tuple[Answer, ...] = ()
    notes: Mapping[int, Notes] = field(default_factory=lambda: NOTHING, hash=False)

    def lesson(self, number: int) -> Notes:
        """What is noted about a lesson."""
        return self.notes.get(number, Notes())

    @property
    def lessons_done(self) -> int:
        """How many lessons are done."""
        return sum(notes.done for notes in self.notes.values())

    def latest(self) -> dict[str, Answer]:
        """The latest answer to each question."""
        return {answer.question: answer for answer in self.answers}

    def answered(self, question: Question, chosen: int, confidence: str) -> Progress:
        """With one more answer."""
        verdict = mark(question, chosen, confidence)
        new = Answer(question.id, chosen, confidence, verdict.right)
        return replace(self, answers=(*self.answers, new)[-MOST_ANSWERS:])

    def noted(self, lesson: int, **changes: Any) -> Progress:
        """With the notes of one lesson changed; a text is cut to MOST_TEXT characters."""
        changes = {name: value[:MOST_TEXT] if isinstance(value, str) else value for name, value in changes.items()}
        notes = replace(self.lesson(lesson), **changes)
        return replace(self, notes=MappingProxyType({**self.notes, lesson: notes}))


def dumps(progress: Progress) -> str:
    """The file's text."""
    notes = {str(number): asdict(it) for number, it in sorted(progress.notes.items())}
    content = {"format": FORMAT, "version": VERSION, "answers": [asdict(a) for a in progress.answers], "lessons": notes}
    return json.dumps(content, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Restored:
    """What a file gave: `dropped` answers belong to questions that the bank no longer has."""

    progress: Progress
    dropped: int


def loads(file: str | bytes) -> Progress:
    """The progress in a file's text, exactly as `dumps` wrote it; a ValueError says in one sentence what is wrong."""
    return restore(file).progress


def restore(file: str | bytes) -> Restored:
    """`loads`, with the number of answers that were left out because their question is gone."""
    content = _table(_parse(file), ("format", "version", "answers", "lessons"), "the file", OTHER)
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
    return Restored(Progress(known, MappingProxyType(notes)), len(answers) - len(known))


OTHER = f"choose the file {FILE} that you downloaded here"
NEWER = "open it with the lossgeo that wrote it, or start afresh"
DAMAGED = "choose an undamaged copy or start afresh"


def _refusal(cause: str, cure: str) -> ValueError:
    return ValueError(f"This file cannot be loaded because {cause}: {cure}.")


def _parse(file: str | bytes) -> Any:
    """The JSON in a file, with the answers of Python's parser to odd files turned into sentences."""
    try:
        size = len(file.encode() if isinstance(file, str) else file)
        if size > MOST_BYTES:
            raise _refusal(f"it is larger than {MOST_BYTES // 1000} kB", OTHER)
        text = file if isinstance(file, str) else file.decode("utf-8-sig")  # an editor may have put a mark in front
    except UnicodeError:
        raise _refusal("it is not text in UTF-8", OTHER) from None
    if not text.strip():
        raise _refusal("it is empty", OTHER)
    try:
        content = json.loads(text, parse_constant=_no_number, object_pairs_hook=_no_repeats)
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair is no text: it could not be saved
    except _Known as known:
        raise _refusal(str(known), DAMAGED) from None
    except RecursionError:
        raise _refusal("its tables are nested too deeply", OTHER) from None
    except UnicodeError:
        raise _refusal("a text in it has half a character", DAMAGED) from None
    except json.JSONDecodeError as error:
        raise _refusal(f"it is cut short or damaged at line {error.lineno}", DAMAGED) from None
    except ValueError:  # an integer of thousands of digits
        raise _refusal("a number in it is far too long", DAMAGED) from None
    return content


class _Known(Exception):
    """Raised inside the parser, with the cause as its text."""


def _no_number(_: str) -> Any:
    raise _Known("a value in it is not a number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise _Known("a field in it stands twice")
    return table


def _table(entry: Any, fields: tuple[str, ...], where: str, cure: str) -> dict[str, Any]:
    """`entry`, if it is a table with exactly these fields."""
    if not isinstance(entry, dict):
        raise _refusal(f"{where} is not a table of fields", cure)
    if missing := [name for name in fields if name not in entry]:
        raise _refusal(f"{where} has no field {missing[0]}", cure)
    if len(entry) > len(fields):
        raise _refusal(f"{where} has a field that is unknown here", cure)
    return entry


def _answer(entry: Any, bank: Mapping[str, Question], where: str) -> Answer | None:
    """One answer, or None where its question is not in the bank."""
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


def _short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def _outcome(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value < MOST_OUTCOMES)


# What each field of Notes may hold.
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
    table = _table(entry, tuple(FITS), where, DAMAGED)
    for name, fits in FITS.items():
        if not fits(table[name]):
            raise _refusal(f"{where} has a value of {name} that is not allowed", DAMAGED)
    return Notes(**table)
