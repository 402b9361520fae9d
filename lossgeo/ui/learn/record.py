"""Recording what the learner does in the progress of the session."""

from __future__ import annotations

from typing import Any

from lossgeo.teaching.questions import Question
from lossgeo.ui.session import PROGRESS


def answer(question: Question, chosen: int, confidence: str) -> None:
    """Record an answer to a question of the bank."""
    PROGRESS.put(PROGRESS.get().answered(question, chosen, confidence))


def note(lesson: int, **changes: Any) -> None:
    """Change the notes on a lesson: `changes` are fields of `Notes`."""
    PROGRESS.put(PROGRESS.get().noted(lesson, **changes))
