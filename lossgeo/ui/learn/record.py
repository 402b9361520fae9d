"""What the learner has done, in the progress of the session: answers, and the notes on each lesson."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lossgeo.teaching.lessons import Lesson
from lossgeo.teaching.progress import Notes
from lossgeo.teaching.questions import Question
from lossgeo.ui.session import FIRST_HALF, PROGRESS


def answer(question: Question, chosen: int, confidence: str) -> None:
    """Record an answer to a question of the bank."""
    PROGRESS.put(PROGRESS.get().answered(question, chosen, confidence))


def notes_of(lesson: Lesson) -> Notes:
    """The notes on a lesson, without outcomes that the lesson does not have (from a file of another version).

    Those of the first half of lesson 5 are kept in the session only, not in the progress.
    """
    held = FIRST_HALF.get() if lesson.half else PROGRESS.get().lesson(lesson.number)
    known = range(len(lesson.outcomes))
    predicted = held.predicted if held.predicted in known and held.confidence else None
    return replace(held, predicted=predicted, seen=held.seen if held.seen in known else None)


def note(lesson: Lesson, **changes: Any) -> None:
    """Change the notes on a lesson: `changes` are fields of `Notes`."""
    if lesson.half:
        FIRST_HALF.put(replace(notes_of(lesson), **changes))
    else:
        PROGRESS.put(PROGRESS.get().noted(lesson.number, **changes))
