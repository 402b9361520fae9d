"""The glossary: each term of the lessons, defined once in content/<language>/glossary.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lossgeo.teaching.content_files import content, only, read, take
from lossgeo.teaching.lessons import Lesson
from lossgeo.teaching.questions import load_bank


@dataclass(frozen=True)
class Term:
    """A term, its definition, other spellings of it, and the names of related terms."""

    name: str
    text: str
    also: tuple[str, ...]
    see: tuple[str, ...]

    def stands_in(self, text: str) -> bool:
        """Whether the text uses the term. Capital letters do not count."""
        names = "|".join(map(re.escape, (self.name, *self.also)))
        return re.search(rf"(?<![\w-])(?:{names})(?![\w-])", text, re.IGNORECASE) is not None


@cache
def load_glossary(language: str = "en") -> tuple[Term, ...]:
    """All terms of a language, in the order of the file. Raises ValueError for a mistake in it."""
    return read_glossary(content(language, "glossary.toml"))


def read_glossary(file: Path) -> tuple[Term, ...]:
    """All terms of a file. Raises ValueError, with file and term, for the first mistake."""
    terms: dict[str, Term] = {}
    for number, entry in enumerate(take(read(file), "term", list, str(file)), start=1):
        name = take(entry, "name", str, f"{file}: term number {number}")
        where = f"{file}: term {name!r}"
        only(entry, {"name", "text", "also", "see"}, where)
        if name in terms:
            raise ValueError(f"{where}: name: already defined above")
        terms[name] = Term(name, take(entry, "text", str, where), _names(entry, "also"), _names(entry, "see"))
    for term in terms.values():
        if unknown := [other for other in term.see if other not in terms]:
            raise ValueError(f"{file}: term {term.name!r}: see: {unknown[0]!r} is not defined")
    return tuple(terms.values())


def _names(entry: dict[str, Any], field: str) -> tuple[str, ...]:
    return tuple(str(name) for name in entry.get(field, ()))


@cache
def words_of(lesson: Lesson, part: str, language: str = "en") -> tuple[Term, ...]:
    """The terms that a part of a lesson uses."""
    stem = {question.id: question.stem for question in load_bank(language)}
    texts: dict[str, tuple[str, ...]] = {
        "Play": (lesson.play.text, lesson.play.found),
        "Recall": (stem[lesson.recall],),
        "Predict": (lesson.predict, *lesson.outcomes),
        "Observe": (lesson.watch, lesson.outcome),
        "Explain": (lesson.explain, lesson.plain, lesson.answer, lesson.rule, *(more.text for more in lesson.more)),
        "Refute": tuple(item.text for item in lesson.refute),
        "Transfer": (lesson.transfer, stem[lesson.question], lesson.after),
    }
    text = "\n".join(texts.get(part, (lesson.leave, lesson.rule)))
    return tuple(term for term in load_glossary(language) if term.stands_in(text))
