"""What a learner has done so far: answers with their confidence, and the way through each lesson.

It lives in the session and, if the learner wants it, in a small JSON file of their own (`dumps`,
`loads`). A file may come from anywhere: `loads` takes nothing that it has not checked, and refuses
the rest with one sentence. Nothing personal is in it but what the learner typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from lossgeo.quiz import Question, mark

FORMAT = "lossgeo-progress"
VERSION = 1
MOST_BYTES = 200_000
MOST_ANSWERS = 2_000
MOST_TEXT = 2_000  # characters of one text typed by the learner
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
        return self.beat >= len(BEATS)


NOTHING: Mapping[int, Notes] = MappingProxyType({})


@dataclass(frozen=True)
class Progress:
    """Answers in the order in which they were given, the latest last; notes by lesson number."""

    answers: tuple[Answer, ...] = ()
    notes: Mapping[int, Notes] = field(default_factory=lambda: NOTHING, hash=False)

    def lesson(self, number: int) -> Notes:
        return self.notes.get(number, Notes())

    @property
    def lessons_done(self) -> int:
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
        """With the notes of one lesson changed."""
        notes = replace(self.lesson(lesson), **changes)
        return replace(self, notes=MappingProxyType({**self.notes, lesson: notes}))


def dumps(progress: Progress) -> str:
    """The file's text."""
    notes = {str(number): asdict(it) for number, it in sorted(progress.notes.items())}
    content = {"format": FORMAT, "version": VERSION, "answers": [asdict(a) for a in progress.answers], "lessons": notes}
    return json.dumps(content, ensure_ascii=False, indent=1)
