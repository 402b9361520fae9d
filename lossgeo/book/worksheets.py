"""The worksheets of the lessons: the handout and its key for the picture of a view."""

from __future__ import annotations

from lossgeo.book.lesson import view_of
from lossgeo.teaching import review, worksheet
from lossgeo.teaching.lessons import Lesson, load_lessons
from lossgeo.teaching.questions import Question
from lossgeo.views.sentences import minimum_in_words, settings_in_words
from lossgeo.views.view import View


def sheet(lesson: int, view: View, both: bool = False) -> worksheet.Sheet:
    """The worksheet of a lesson with the map of a view. `both`: both forms of each question."""
    loss = view.loss
    known: set[str | None] = set()
    questions: list[Question] = []
    for question in review.scope(lesson=lesson):
        if both or question.id not in known:
            questions.append(question)
        known.add(question.twin)
    picture = worksheet.Map(
        view.scene.url,
        view.window,
        loss.parameters,
        view.choice.start,
        () if loss.minimisers in ("line", "region") else tuple((float(p[0]), float(p[1])) for p in loss.minima),
        f"Map of the {loss.name}: {minimum_in_words(loss)}.",
    )
    return worksheet.Sheet(_whole(lesson).heading, tuple(questions), settings_in_words(view), picture)


def _whole(number: int) -> Lesson:
    """The lesson of this number; of lesson 5 its second half."""
    return next(lesson for lesson in load_lessons() if lesson.number == number and not lesson.half)


def every(both: bool = False) -> list[worksheet.Sheet]:
    """The worksheets of all lessons, each with the map of the lesson's first run."""
    numbers = sorted({lesson.number for lesson in load_lessons()})
    return [sheet(number, view_of(_whole(number).show[0].state), both) for number in numbers]
