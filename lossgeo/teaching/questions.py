"""The question bank of the concept check. Each wrong option comes from one named misconception.

The questions are in content/<language>/questions/<page>.toml, which a teacher can edit. The files are
checked strictly: a mistake is reported with file, question and field. tests/test_answers.py proves the
answer of every question.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lossgeo.teaching.content_files import PAGES, State, content, entries, only, read, state_of, take

LESSONS = range(1, 11)
CONFIDENCE = ("guess", "fairly sure", "certain")


@dataclass(frozen=True)
class Option:
    """An option of a question. A wrong one has a misconception, and a state of a page that refutes it."""

    text: str
    feedback: str
    misconception: str | None
    state: State = field(hash=False)


@dataclass(frozen=True)
class Question:
    """A question about one idea. `options[answer]` is the right option; its feedback is the explanation.

    `twin` is the id of a question about the same idea in another form, or None.
    """

    id: str
    lesson: int
    page: str
    stem: str
    options: tuple[Option, ...]
    answer: int
    state: State = field(hash=False)
    twin: str | None

    @property
    def explanation(self) -> str:
        """Why the right option is right."""
        return self.options[self.answer].feedback

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The misconceptions behind the wrong options, in their order."""
        return tuple(o.misconception for o in self.options if o.misconception is not None)


@dataclass(frozen=True)
class Mark:
    """The assessment of one answer to one question."""

    question: str
    chosen: int
    confidence: str
    right: bool
    misconception: str | None
    feedback: str


def mark(question: Question, chosen: int, confidence: str) -> Mark:
    """The assessment of the answer `chosen`, an index into `question.options`.

    Raises ValueError if there is no such option or confidence.
    """
    if not 0 <= chosen < len(question.options):
        raise ValueError(f"chosen must be from 0 to {len(question.options) - 1}, got {chosen}")
    if confidence not in CONFIDENCE:
        raise ValueError(f"confidence must be one of {', '.join(CONFIDENCE)}, got {confidence!r}")
    option = question.options[chosen]
    right = chosen == question.answer
    return Mark(question.id, chosen, confidence, right, option.misconception, option.feedback)


def order(question: Question, seed: int) -> tuple[int, ...]:
    """The indices of the options in random order, which depends on the question and the seed only."""
    return shuffled(len(question.options), question.id, seed)


def shuffled(count: int, name: str, seed: int) -> tuple[int, ...]:
    """The numbers from 0 to count - 1 in random order, which depends on the name and the seed only."""
    return tuple(random.Random(f"{seed} {name}").sample(range(count), count))


@cache
def load_bank(language: str = "en") -> tuple[Question, ...]:
    """All questions of a language, page by page in the order of PAGES. Raises ValueError for a mistake in a file."""
    return read_bank(content(language, "questions"))


def read_bank(folder: Path) -> tuple[Question, ...]:
    """The questions in <folder>/<page>.toml. Raises ValueError, with file and question, for the first mistake."""
    bank: dict[str, Question] = {}
    for page in PAGES:
        file = folder / f"{page}.toml"
        for entry, where in entries(file, "question"):
            question = _question(entry, page, where)
            if question.id in bank:
                raise ValueError(f"{where}: id: already used on another page")
            bank[question.id] = question
    for question in bank.values():
        if question.twin is not None and (
            question.twin == question.id or question.twin not in bank or bank[question.twin].twin != question.id
        ):
            file = folder / f"{question.page}.toml"
            raise ValueError(
                f"{file}: question {question.id!r}: twin: {question.twin!r} must be another"
                " question that names this one as its twin"
            )
    return tuple(bank.values())


MISCONCEPTIONS: dict[str, str] = read(content("en", "misconceptions.toml"))


def _question(entry: dict[str, Any], page: str, where: str) -> Question:
    """One question from its TOML table. Raises ValueError, with its position, for a mistake."""
    only(entry, {"id", "lesson", "stem", "option", "explanation", "state", "twin"}, where)
    lesson = take(entry, "lesson", int, where)
    if lesson not in LESSONS:
        raise ValueError(f"{where}: lesson: must be from 1 to {LESSONS[-1]}, got {lesson}")
    explanation, state = take(entry, "explanation", str, where), state_of(entry, where)
    given = take(entry, "option", list, where)
    if not 3 <= len(given) <= 4:
        raise ValueError(f"{where}: option: must be given 3 or 4 times, not {len(given)}")
    options = tuple(
        _option(option, explanation, state, f"{where}: option {number}") for number, option in enumerate(given, start=1)
    )
    right = [i for i, option in enumerate(options) if option.misconception is None]
    if len(right) != 1:
        raise ValueError(f"{where}: option: right = true must stand once, not {len(right)} times")
    if len({option.misconception for option in options}) < len(options):
        raise ValueError(f"{where}: option: two wrong options share a misconception")
    return Question(
        id=entry["id"],
        lesson=lesson,
        page=page,
        stem=take(entry, "stem", str, where),
        options=options,
        answer=right[0],
        state=state,
        twin=take(entry, "twin", str, where) if "twin" in entry else None,
    )


def _option(entry: dict[str, Any], explanation: str, state: State, where: str) -> Option:
    """One option. The right one gets the explanation and the state of its question."""
    text = take(entry, "text", str, where)
    if "right" in entry:
        only(entry, {"text", "right"}, where)
        if entry["right"] is not True:
            raise ValueError(f"{where}: right: must be true, or left out of a wrong option")
        return Option(text, explanation, None, state)
    only(entry, {"text", "misconception", "feedback", "state"}, where)
    misconception = take(entry, "misconception", str, where)
    if misconception not in MISCONCEPTIONS:
        raise ValueError(f"{where}: misconception: {misconception!r} is not in misconceptions.toml")
    return Option(text, take(entry, "feedback", str, where), misconception, state_of(entry, where))
