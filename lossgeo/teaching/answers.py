"""Frequently asked questions with checked answers, and a search by words. It uses no model and no network.

The answers are in content/<language>/ask.toml, which a teacher can edit. The file is checked as strictly as the
question bank. tests/test_ask.py verifies that what the answers say is true, number by number.

`find` compares words. A rare word counts more than a frequent one (inverse document frequency), and a word in the
question or its keywords counts more than one in the answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from math import log
from pathlib import Path
from typing import Any

from lossgeo.teaching.content_files import PAGES, State, content, only, read, state_of, take

NEAREST = 3  # how many questions to offer if none fits
ENOUGH = 0.5  # the share of the query that a fitting answer must cover


@dataclass(frozen=True)
class Answer:
    """A question, its answer, and the state of a page that shows it. `keywords` are further words for the search."""

    id: str
    page: str
    question: str
    keywords: str
    text: str
    state: State = field(hash=False)


@dataclass(frozen=True)
class Found:
    """The answers found, best first. If `fits` is False, none fits the query, and these are only the nearest."""

    answers: tuple[Answer, ...]
    fits: bool


@cache
def load_answers(language: str = "en") -> tuple[Answer, ...]:
    """All answers of a language, in the order of the file. Raises ValueError for an unknown language or a mistake."""
    return read_answers(content(language, "ask.toml"))


def read_answers(file: Path) -> tuple[Answer, ...]:
    """All answers of a file. Raises ValueError, with file and entry, for the first mistake in it."""
    found: dict[str, Answer] = {}
    for number, entry in enumerate(take(read(file), "answer", list, str(file)), start=1):
        answer = _answer(entry, f"{file}: answer number {number}", str(file))
        if answer.id in found:
            raise ValueError(f"{file}: answer {answer.id!r}: id: already used above")
        if answer.question in {other.question for other in found.values()}:
            raise ValueError(f"{file}: answer {answer.id!r}: question: already asked above")
        found[answer.id] = answer
    return tuple(found.values())


def _answer(entry: dict[str, Any], where: str, file: str) -> Answer:
    """One answer from its TOML table. Raises ValueError, with its position, for a mistake."""
    id = take(entry, "id", str, where)
    where = f"{file}: answer {id!r}"
    only(entry, {"id", "page", "question", "keywords", "text", "state"}, where)
    if not id.replace("-", "_").isidentifier() or id != id.lower() or "_" in id:
        raise ValueError(f"{where}: id: must be lower-case words joined by -")
    page = take(entry, "page", str, where)
    if page not in PAGES:
        raise ValueError(f"{where}: page: must be one of {', '.join(PAGES)}, got {page!r}")
    question = take(entry, "question", str, where)
    if not question.endswith("?"):
        raise ValueError(f"{where}: question: must end with a question mark")
    keywords, text = take(entry, "keywords", str, where), take(entry, "text", str, where)
    return Answer(id, page, question, keywords, text, state_of(entry, where))


# --- the search --------------------------------------------------------------------------------------

# Words so common in questions that they say nothing about the subject.
STOP = frozenset(
    re.findall(
        r"[a-z]+",
        "a about all also am an and any are as at be been but by can could did do does explain for from get "
        "give go got had has have how i if in into is it its just like make may me mean might more most much "
        "my need no not of on or our out please same should show so some such tell than that the their them "
        "then there these they this those to too up use very want was we were what when where which while who "
        "why will with would you your ",
    )
)
GREEK = {"η": "learning rate", "λ": "eigenvalue", "κ": "condition number", "β": "momentum", "∇": "gradient"}
ENDINGS = ("ations", "ation", "ings", "ing", "ers", "ies", "er", "ed", "es", "s", "e", "y")


def words(text: str) -> list[str]:
    """The stems of the meaningful words of a text. British and American spelling give the same stems."""
    for letter, name in GREEK.items():
        text = text.replace(letter, f" {name} ")
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    found = re.findall(r"[a-z0-9]+", text)
    return [stem(word) for word in found if word not in STOP]


def stem(word: str) -> str:
    """The word without a common ending, if at least three letters remain: minimizers -> minimis."""
    word = re.sub(r"iz(?=e|a|i)", "is", word)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def find(query: str, answers: Sequence[Answer]) -> Found:
    """The answers that fit the query, best first; all answers if the query has no meaningful word.

    If none fits, the NEAREST few, by shared words and then by similar spelling.
    """
    asked = list(dict.fromkeys(words(query)))
    if not asked:
        return Found(tuple(answers), True)
    titles = [Counter(words(a.question)) for a in answers]
    hints = [Counter(words(a.keywords)) for a in answers]
    texts = [set(words(a.text)) for a in answers]
    known = [set(title) | set(hint) for title, hint in zip(titles, hints, strict=True)]
    weight = {word: log((1 + len(answers)) / (0.5 + sum(_has(word, k) for k in known))) for word in asked}
    total = sum(weight.values())

    def score(i: int) -> tuple[float, float]:
        """The share of the query that answer i covers, and the similarity of spelling to break ties."""
        got = 0.0
        for word in asked:
            best = max(_has(word, titles[i]), _has(word, hints[i]), 0.3 * _has(word, texts[i]))
            got += weight[word] * best
        same = SequenceMatcher(None, query.casefold()[:200], answers[i].question.casefold()).ratio()
        return (got / total if total else 0.0), same

    scores = [score(i) for i in range(len(answers))]
    order = sorted(range(len(answers)), key=lambda i: scores[i], reverse=True)
    fitting = tuple(answers[i] for i in order if scores[i][0] >= ENOUGH)
    return Found(fitting, True) if fitting else Found(tuple(answers[i] for i in order[:NEAREST]), False)


def _has(word: str, among: Counter[str] | set[str]) -> float:
    """1.0 for the word itself, less for a word with the same beginning or a misspelling of it, 0.0 otherwise."""
    if word in among:
        return 1.0
    if len(word) >= 4:
        if any(len(other) >= 4 and (other.startswith(word) or word.startswith(other)) for other in among):
            return 0.9
        if len(word) >= 5 and any(_slip(word, other) for other in among):
            return 0.7
    return 0.0


def _slip(a: str, b: str) -> bool:
    """Whether two words of 5 or more letters differ by one letter: changed, missing, added, or two swapped."""
    if abs(len(a) - len(b)) > 1 or len(b) < 5 or a[0] != b[0]:
        return False
    i = next((i for i, (c, d) in enumerate(zip(a, b, strict=False)) if c != d), min(len(a), len(b)))
    swapped = a[i + 1 : i + 2] + a[i : i + 1] + a[i + 2 :] == b[i:]
    return swapped or a[i + 1 :] == b[i + 1 :] or a[i + 1 :] == b[i:] or a[i:] == b[i + 1 :]
