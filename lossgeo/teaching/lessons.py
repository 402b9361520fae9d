"""The guided lessons: recall, predict, observe, explain, refute, transfer.

A lesson is text: content/<language>/lessons/<NN-name>.toml, which a teacher can edit. It is read strictly,
like the question bank, so that a slip is reported with file, lesson and field and never reaches a class.
Whether what a lesson says is *true* is proved in tests/test_prose.py and tests/test_lessons.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lossgeo.teaching.content_files import PAGES, State, content, only, read, state_of, take
from lossgeo.teaching.questions import LESSONS, MISCONCEPTIONS, load_bank


@dataclass(frozen=True)
class Show:
    """A button that sets the page to a state."""

    label: str
    state: State = field(hash=False)


@dataclass(frozen=True)
class Refutation:
    """What one may think, what is so, and why; `show` is the state that shows it."""

    think: str
    fact: str
    because: str
    also: str
    misconception: str
    show: Show

    @property
    def reply(self) -> str:
        """What is so and why, as Markdown."""
        also = f" {self.also}" if self.also else ""
        return f"**In fact** {self.fact}, **because** {self.because}.{also}"

    @property
    def text(self) -> str:
        """The whole refutation, the thought in front, as Markdown."""
        return f"**You may think** {self.think} {self.reply}"


@dataclass(frozen=True)
class More:
    """Something further that belongs to a lesson, folded away."""

    title: str
    text: str
    show: tuple[Show, ...]


@dataclass(frozen=True)
class Teacher:
    """The card for the teacher: how the minutes go, where to stop and ask, which wrong answers to expect."""

    timing: str
    pause: str
    expect: str


@dataclass(frozen=True)
class Lesson:
    """One lesson. `outcomes[happens]` is what happens; `recall` and `question` are ids of the question bank.

    The first half of lesson 5 is a record of its own, on another page, with `half` true: lesson 5 counts as done
    at the end of its second half.
    """

    number: int
    half: bool
    page: str
    title: str
    minutes: int
    recall: str
    predict: str
    outcomes: tuple[str, ...]
    happens: int
    show: tuple[Show, ...]
    watch: str
    outcome: str
    explain: str
    answer: str
    rule: str
    more: tuple[More, ...]
    refute: tuple[Refutation, ...]
    transfer: str
    transfer_show: tuple[Show, ...]
    question: str
    after: str
    leave: str
    teacher: Teacher

    @property
    def key(self) -> str:
        """A short name that no other lesson has."""
        return f"{self.number}a" if self.half else str(self.number)

    @property
    def heading(self) -> str:
        """The lesson by number and title."""
        return f"Lesson {self.number}{', first half' if self.half else ''}. {self.title}"

    def shows(self) -> Iterator[Show]:
        """Every state that the lesson opens, in order."""
        yield from self.show
        for more in self.more:
            yield from more.show
        yield from (item.show for item in self.refute)
        yield from self.transfer_show

    def texts(self) -> Iterator[str]:
        """Everything that the lesson prints, in order."""
        yield from (self.heading, self.predict, *self.outcomes, self.watch, self.outcome, self.explain, self.answer)
        yield self.rule
        for more in self.more:
            yield from (more.title, more.text)
        yield from (item.text for item in self.refute)
        yield from (self.transfer, self.after, self.leave)
        yield from (self.teacher.timing, self.teacher.pause, self.teacher.expect)


@cache
def load_lessons(language: str = "en") -> tuple[Lesson, ...]:
    """Every lesson, page by page in the order of PAGES."""
    lesson_of = {question.id: question.lesson for question in load_bank(language)}
    return read_lessons(content(language, "lessons"), lesson_of)


def of_page(page: str, language: str = "en") -> tuple[Lesson, ...]:
    """The lessons of a page, in their order."""
    return tuple(lesson for lesson in load_lessons(language) if lesson.page == page)


def read_lessons(folder: Path, questions: dict[str, int]) -> tuple[Lesson, ...]:
    """The lessons of a folder; `questions`: id -> lesson. The first slip is raised as one ValueError."""
    lessons: dict[str, Lesson] = {}
    for file in sorted(folder.glob("*.toml")):
        lesson = _lesson(read(file), str(file), questions)
        if lesson.key in lessons:
            raise ValueError(f"{file}: lesson {lesson.key}: number: already used by another file")
        lessons[lesson.key] = lesson
    whole = {lesson.number for lesson in lessons.values() if not lesson.half}
    if missing := sorted(set(LESSONS) - whole):
        raise ValueError(f"{folder}: lesson {missing[0]}: number: no file has it")
    return tuple(sorted(lessons.values(), key=lambda it: (PAGES.index(it.page), it.key)))


FIELDS = {"number", "half", "page", "title", "minutes", "recall", "predict", "observe", "explain", "rule", "more",
          "refute", "transfer", "leave", "teacher"}  # fmt: skip


def _lesson(entry: dict[str, Any], file: str, questions: dict[str, int]) -> Lesson:
    number = take(entry, "number", int, file)
    where = f"{file}: lesson {number}"
    if number not in LESSONS:
        raise ValueError(f"{where}: number: must be from 1 to {LESSONS[-1]}")
    only(entry, FIELDS, where)
    page = take(entry, "page", str, where)
    if page not in PAGES:
        raise ValueError(f"{where}: page: must be one of {', '.join(PAGES)}, got {page!r}")
    half = entry.get("half", False)
    if type(half) is not bool:
        raise ValueError(f"{where}: half: must be true, or left out of a whole lesson")
    minutes = take(entry, "minutes", int, where)
    if not 1 <= minutes <= 60:
        raise ValueError(f"{where}: minutes: must be from 1 to 60, got {minutes}")
    recall = _question(entry, "recall", where, questions)
    if questions[recall] >= number and number > 1:
        raise ValueError(f"{where}: recall: {recall!r} belongs to lesson {questions[recall]}, not to an earlier one")
    predict, outcomes, happens = _predict(_part(entry, "predict", {"text", "outcomes", "happens", "show"}, where))
    show = _shows(entry["predict"], f"{where}: predict")
    if not show or show[0].state["page"] != page:
        raise ValueError(f"{where}: predict: show: the first must open the lesson's own page, {page}")
    observe = _part(entry, "observe", {"watch", "outcome"}, where)
    explain = _part(entry, "explain", {"prompt", "answer"}, where)
    transfer = _part(entry, "transfer", {"text", "show", "question", "after"}, where)
    teacher = _part(entry, "teacher", {"timing", "pause", "expect"}, where)
    return Lesson(
        number=number,
        half=half,
        page=page,
        title=take(entry, "title", str, where),
        minutes=minutes,
        recall=recall,
        predict=predict,
        outcomes=outcomes,
        happens=happens,
        show=show,
        watch=observe("watch"),
        outcome=observe("outcome"),
        explain=explain("prompt"),
        answer=explain("answer"),
        rule=take(entry, "rule", str, where),
        more=tuple(_more(it, f"{where}: more {i}") for i, it in enumerate(_tables(entry, "more", where), start=1)),
        refute=tuple(
            _refutation(it, f"{where}: refute {i}") for i, it in enumerate(take(entry, "refute", list, where), start=1)
        ),
        transfer=transfer("text"),
        transfer_show=_shows(entry["transfer"], f"{where}: transfer"),
        question=_question(entry["transfer"], "question", f"{where}: transfer", questions),
        after=transfer("after"),
        leave=take(entry, "leave", str, where),
        teacher=Teacher(teacher("timing"), teacher("pause"), teacher("expect")),
    )


class _Part:
    """A table of a lesson, from which texts are taken by name."""

    def __init__(self, entry: dict[str, Any], where: str) -> None:
        self.entry, self.where = entry, where

    def __call__(self, name: str) -> str:
        text: str = take(self.entry, name, str, self.where)
        return text


def _part(entry: dict[str, Any], name: str, known: set[str], where: str) -> _Part:
    table = take(entry, name, dict, where)
    only(table, known, f"{where}: {name}")
    return _Part(table, f"{where}: {name}")


def _predict(part: _Part) -> tuple[str, tuple[str, ...], int]:
    outcomes = part.entry.get("outcomes")
    if not isinstance(outcomes, list) or not all(isinstance(it, str) and it.strip() for it in outcomes):
        raise ValueError(f"{part.where}: outcomes: must be a list of texts")
    if not 3 <= len(outcomes) <= 4 or len(set(outcomes)) < len(outcomes):
        raise ValueError(f"{part.where}: outcomes: must be 3 or 4 different ones, not {len(outcomes)}")
    happens = take(part.entry, "happens", int, part.where)
    if not 1 <= happens <= len(outcomes):
        raise ValueError(f"{part.where}: happens: must be from 1 to {len(outcomes)}, got {happens}")
    return part("text"), tuple(it.strip() for it in outcomes), happens - 1


def _tables(entry: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    """A list of tables that may be left out."""
    tables: list[dict[str, Any]] = take(entry, name, list, where) if name in entry else []
    return tables


def _shows(entry: dict[str, Any], where: str) -> tuple[Show, ...]:
    return tuple(_show(it, f"{where}: show {i}") for i, it in enumerate(_tables(entry, "show", where), start=1))


def _show(entry: dict[str, Any], where: str) -> Show:
    only(entry, {"label", "state"}, where)
    return Show(take(entry, "label", str, where), state_of(entry, where))


def _more(entry: dict[str, Any], where: str) -> More:
    only(entry, {"title", "text", "show"}, where)
    return More(take(entry, "title", str, where), take(entry, "text", str, where), _shows(entry, where))


def _refutation(entry: dict[str, Any], where: str) -> Refutation:
    only(entry, {"think", "fact", "because", "also", "misconception", "label", "state"}, where)
    misconception = take(entry, "misconception", str, where)
    if misconception not in MISCONCEPTIONS:
        raise ValueError(f"{where}: misconception: {misconception!r} is not in misconceptions.toml")
    return Refutation(
        think=take(entry, "think", str, where),
        fact=take(entry, "fact", str, where),
        because=take(entry, "because", str, where),
        also=take(entry, "also", str, where) if "also" in entry else "",
        misconception=misconception,
        show=Show(take(entry, "label", str, where) if "label" in entry else "Show it", state_of(entry, where)),
    )


def _question(entry: dict[str, Any], name: str, where: str, questions: dict[str, int]) -> str:
    id: str = take(entry, name, str, where)
    if id not in questions:
        raise ValueError(f"{where}: {name}: {id!r} is no question of the bank")
    return id
