"""The guided lessons: play, recall, predict, observe, explain, refute, transfer.

A lesson is a file content/<language>/lessons/<NN-name>.toml, which a teacher can edit. It is checked as strictly
as the question bank: a mistake is reported with file, lesson and field. tests/test_prose.py and
tests/test_lessons.py verify that what the lessons say is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lossgeo.teaching.content_files import PAGES, State, content, only, read, state_of, take
from lossgeo.teaching.goals import KINDS, Goal
from lossgeo.teaching.questions import LESSONS, MISCONCEPTIONS, load_bank, shuffled


@dataclass(frozen=True)
class Show:
    """A button that sets the page to a state. `later`: only once the question beside it is answered."""

    label: str
    state: State = field(hash=False)
    later: bool = False


@dataclass(frozen=True)
class Refutation:
    """A misconception and its refutation: what one may think, what is true, and why.

    `also` is an optional further sentence, `show` a button that demonstrates the fact.
    """

    think: str
    fact: str
    because: str
    also: str
    misconception: str
    show: Show

    @property
    def reply(self) -> str:
        """What is true and why, as Markdown."""
        also = f" {self.also}" if self.also else ""
        return f"**In fact** {self.fact}, **because** {self.because}.{also}"

    @property
    def text(self) -> str:
        """The whole refutation, with the misconception first, as Markdown."""
        return f"**You may think** {self.think} {self.reply}"


@dataclass(frozen=True)
class Play:
    """The first part: what to find on the map of a state, and what is said once it is found."""

    text: str
    goal: Goal
    found: str
    state: State = field(hash=False)


@dataclass(frozen=True)
class Draw:
    """A part of the prediction that is drawn: a "place" on the map, or a learning "rate".

    A place is compared with the end of the first prepared run. A rate replaces the one of that run.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class More:
    """Optional further material of a lesson, shown folded."""

    title: str
    text: str
    show: tuple[Show, ...]


@dataclass(frozen=True)
class Teacher:
    """Notes for the teacher: the timing, where to pause and ask, and which wrong answers to expect."""

    timing: str
    pause: str
    expect: str


@dataclass(frozen=True)
class Lesson:
    """One lesson, in the order of its steps; all texts are Markdown.

    `outcomes` are the offered predictions, shown in the order of a seed (see `order`); `outcomes[happens]` is the
    true one. `draw` is what is drawn besides, if anything. predict_state, explain_state: what the stage shows during
    these parts; None leaves it as it is. plain: the explanation in one sentence. flip: the buttons of the transfer
    stand in one control, because their pictures have the same axes. `recall` and `question` are ids of the question
    bank. Lesson 5 has two halves on two pages. The first half is a record of its own with `half` true. The lesson
    counts as done at the end of its second half.
    """

    number: int
    half: bool
    page: str
    title: str
    minutes: int
    play: Play
    recall: str
    predict: str
    predict_state: State | None = field(hash=False)
    draw: Draw | None
    outcomes: tuple[str, ...]
    happens: int
    show: tuple[Show, ...]
    watch: str
    outcome: str
    explain: str
    plain: str
    answer: str
    explain_state: State | None = field(hash=False)
    rule: str
    more: tuple[More, ...]
    refute: tuple[Refutation, ...]
    transfer: str
    transfer_show: tuple[Show, ...]
    flip: bool
    question: str
    after: str
    leave: str
    teacher: Teacher

    @property
    def key(self) -> str:
        """A short unique name, such as 5a for the first half of lesson 5."""
        return f"{self.number}a" if self.half else str(self.number)

    @property
    def heading(self) -> str:
        """Number and title of the lesson."""
        return f"Lesson {self.number}{', first half' if self.half else ''}. {self.title}"

    def shows(self) -> Iterator[Show]:
        """Yields every button of the lesson, in order."""
        yield from self.show
        for more in self.more:
            yield from more.show
        yield from (item.show for item in self.refute)
        yield from self.transfer_show

    def texts(self) -> Iterator[str]:
        """Yields every text of the lesson, in order."""
        yield from (self.heading, self.play.text, self.play.found, self.predict, *self.outcomes)
        if self.draw:
            yield self.draw.text
        yield from (self.watch, self.outcome, self.explain, self.plain, self.answer)
        yield self.rule
        for more in self.more:
            yield from (more.title, more.text)
        yield from (item.text for item in self.refute)
        yield from (self.transfer, self.after, self.leave)
        yield from (self.teacher.timing, self.teacher.pause, self.teacher.expect)


def order(lesson: Lesson, seed: int) -> tuple[int, ...]:
    """The indices of the outcomes in random order, which depends on the lesson and the seed only."""
    return shuffled(len(lesson.outcomes), f"lesson {lesson.key}", seed)


@cache
def load_lessons(language: str = "en") -> tuple[Lesson, ...]:
    """All lessons of a language, in the order of their numbers. Raises ValueError for a mistake in a file."""
    lesson_of = {question.id: question.lesson for question in load_bank(language)}
    return read_lessons(content(language, "lessons"), lesson_of)


def of_page(page: str, language: str = "en") -> tuple[Lesson, ...]:
    """The lessons of a page, in order."""
    return tuple(lesson for lesson in load_lessons(language) if lesson.page == page)


def read_lessons(folder: Path, questions: dict[str, int]) -> tuple[Lesson, ...]:
    """The lessons of a folder, in the order of their numbers.

    `questions` maps the id of each question of the bank to its lesson. Raises ValueError for the first mistake in
    a file, or if a lesson is missing.
    """
    lessons: dict[str, Lesson] = {}
    for file in sorted(folder.glob("*.toml")):
        lesson = _lesson(read(file), str(file), questions)
        if lesson.key in lessons:
            raise ValueError(f"{file}: lesson {lesson.key}: number: already used by another file")
        lessons[lesson.key] = lesson
    whole = {lesson.number for lesson in lessons.values() if not lesson.half}
    if missing := sorted(set(LESSONS) - whole):
        raise ValueError(f"{folder}: lesson {missing[0]}: number: no file has it")
    return tuple(sorted(lessons.values(), key=lambda item: (item.number, not item.half)))


FIELDS = {"number", "half", "page", "title", "minutes", "play", "recall", "predict", "observe", "explain", "rule",
          "more", "refute", "transfer", "leave", "teacher"}  # fmt: skip


def _lesson(entry: dict[str, Any], file: str, questions: dict[str, int]) -> Lesson:
    """One lesson from its TOML table. Raises ValueError, with its position, for a mistake."""
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
    fields = {"text", "state", "draw", "outcomes", "happens", "show"}
    predict, outcomes, happens = _predict(_part(entry, "predict", fields, where))
    show = _shows(entry["predict"], f"{where}: predict")
    if not show or show[0].state["page"] != page:
        raise ValueError(f"{where}: predict: show: the first must open the lesson's own page, {page}")
    observe = _part(entry, "observe", {"watch", "outcome"}, where)
    explain = _part(entry, "explain", {"prompt", "plain", "answer", "state"}, where)
    transfer = _part(entry, "transfer", {"text", "show", "flip", "question", "after"}, where)
    teacher = _part(entry, "teacher", {"timing", "pause", "expect"}, where)
    return Lesson(
        number=number,
        half=half,
        page=page,
        title=take(entry, "title", str, where),
        minutes=minutes,
        play=_play(entry, where, page),
        recall=recall,
        predict=predict,
        predict_state=_own_state(entry["predict"], f"{where}: predict", page),
        draw=_draw(entry["predict"], f"{where}: predict"),
        outcomes=outcomes,
        happens=happens,
        show=show,
        watch=observe("watch"),
        outcome=observe("outcome"),
        explain=explain("prompt"),
        plain=explain("plain"),
        answer=explain("answer"),
        explain_state=_own_state(entry["explain"], f"{where}: explain", page),
        rule=take(entry, "rule", str, where),
        more=tuple(_more(t, f"{where}: more {i}") for i, t in enumerate(_tables(entry, "more", where), start=1)),
        refute=tuple(
            _refutation(t, f"{where}: refute {i}") for i, t in enumerate(take(entry, "refute", list, where), start=1)
        ),
        transfer=transfer("text"),
        transfer_show=_shows(entry["transfer"], f"{where}: transfer"),
        flip="flip" in entry["transfer"] and take(entry["transfer"], "flip", bool, f"{where}: transfer"),
        question=_question(entry["transfer"], "question", f"{where}: transfer", questions),
        after=transfer("after"),
        leave=take(entry, "leave", str, where),
        teacher=Teacher(teacher("timing"), teacher("pause"), teacher("expect")),
    )


class _Part:
    """A table of a lesson; calling it with a name returns the text of that field."""

    def __init__(self, entry: dict[str, Any], where: str) -> None:
        self.entry, self.where = entry, where

    def __call__(self, name: str) -> str:
        text: str = take(self.entry, name, str, self.where)
        return text


def _part(entry: dict[str, Any], name: str, known: set[str], where: str) -> _Part:
    """The table called `name`, with no fields other than `known`."""
    table = take(entry, name, dict, where)
    only(table, known, f"{where}: {name}")
    return _Part(table, f"{where}: {name}")


def _predict(part: _Part) -> tuple[str, tuple[str, ...], int]:
    """The question, the outcomes and the index of the true one. In the file they are counted from 1."""
    outcomes = part.entry.get("outcomes")
    if not isinstance(outcomes, list) or not all(isinstance(item, str) and item.strip() for item in outcomes):
        raise ValueError(f"{part.where}: outcomes: must be a list of texts")
    if not 3 <= len(outcomes) <= 4 or len(set(outcomes)) < len(outcomes):
        raise ValueError(f"{part.where}: outcomes: must be 3 or 4 different ones, not {len(outcomes)}")
    happens = take(part.entry, "happens", int, part.where)
    if not 1 <= happens <= len(outcomes):
        raise ValueError(f"{part.where}: happens: must be from 1 to {len(outcomes)}, got {happens}")
    return part("text"), tuple(item.strip() for item in outcomes), happens - 1


def _play(entry: dict[str, Any], where: str, page: str) -> Play:
    """The first part, with its goal."""
    part = _part(entry, "play", {"text", "goal", "value", "count", "found", "state"}, where)
    kind, value = part("goal"), part.entry.get("value", 0.0)
    if kind not in KINDS:
        raise ValueError(f"{part.where}: goal: must be one of {', '.join(KINDS)}, got {kind!r}")
    if type(value) not in (int, float):
        raise ValueError(f"{part.where}: value: must be a number, got {value!r}")
    goal = Goal(kind, float(value), take(part.entry, "count", int, part.where))
    state = _own_state(part.entry, part.where, page)
    if state is None:
        raise ValueError(f"{part.where}: state: is missing")
    return Play(part("text"), goal, part("found"), state)


def _own_state(entry: dict[str, Any], where: str, page: str) -> State | None:
    """The field `state` of a part, which must be one of the lesson's own page; None if the part has none."""
    if "state" not in entry:
        return None
    state = state_of(entry, where)
    if state["page"] != page:
        raise ValueError(f"{where}: state: must be one of the lesson's own page, {page}")
    return state


def _draw(entry: dict[str, Any], where: str) -> Draw | None:
    """What the learner draws, None if nothing."""
    if "draw" not in entry:
        return None
    part = _part(entry, "draw", {"kind", "text"}, where)
    if part("kind") not in ("place", "rate"):
        raise ValueError(f"{part.where}: kind: must be place or rate, got {part('kind')!r}")
    return Draw(part("kind"), part("text"))


def _tables(entry: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    """A list of tables, empty if the field is missing."""
    tables: list[dict[str, Any]] = take(entry, name, list, where) if name in entry else []
    return tables


def _shows(entry: dict[str, Any], where: str) -> tuple[Show, ...]:
    """The buttons in the field `show`."""
    return tuple(_show(table, f"{where}: show {i}") for i, table in enumerate(_tables(entry, "show", where), start=1))


def _show(entry: dict[str, Any], where: str) -> Show:
    """One button."""
    only(entry, {"label", "state", "later"}, where)
    later = "later" in entry and take(entry, "later", bool, where)
    return Show(take(entry, "label", str, where), state_of(entry, where), later)


def _more(entry: dict[str, Any], where: str) -> More:
    """One piece of further material."""
    only(entry, {"title", "text", "show"}, where)
    return More(take(entry, "title", str, where), take(entry, "text", str, where), _shows(entry, where))


def _refutation(entry: dict[str, Any], where: str) -> Refutation:
    """One refutation."""
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
    """The id of a question, which must be in the bank."""
    id: str = take(entry, name, str, where)
    if id not in questions:
        raise ValueError(f"{where}: {name}: {id!r} is no question of the bank")
    return id
