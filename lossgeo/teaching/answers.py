"""Frequently asked questions with checked answers, and a search by words. It uses no model and no network.

The answers are in content/<language>/ask.toml, which a teacher can edit. The file is checked as strictly as the
question bank. tests/test_ask.py verifies that what the answers say is true, number by number.

`find` ranks the answers by BM25 (Robertson and Zaragoza 2009) over stems of words: a word counts more if few answers
have it, and if it stands in the question or its keywords. Synonyms become one word, and a misspelt word the nearest
known one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache
from math import log
from pathlib import Path
from typing import Any

from lossgeo.teaching.content_files import State, content, entries, only, page_of, state_of, take

NEAREST = 3  # how many questions to offer if none fits
ENOUGH = 0.4  # the share of the query, weighted by rarity, that a fitting answer must cover
QUESTION, KEYWORDS, TEXT = 3.0, 2.0, 0.5  # how much a word counts there
SATURATION, LENGTH = 1.2, 0.3  # the parameters k1 and b of BM25


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
    found: list[Answer] = []
    for entry, where in entries(file, "answer"):
        answer = _answer(entry, where)
        if answer.question in {other.question for other in found}:
            raise ValueError(f"{where}: question: already asked above")
        found.append(answer)
    return tuple(found)


def _answer(entry: dict[str, Any], where: str) -> Answer:
    """One answer from its TOML table. Raises ValueError, with its position, for a mistake."""
    only(entry, {"id", "page", "question", "keywords", "text", "state"}, where)
    page = page_of(entry, where)
    question = take(entry, "question", str, where)
    if not question.endswith("?"):
        raise ValueError(f"{where}: question: must end with a question mark")
    keywords, text = take(entry, "keywords", str, where), take(entry, "text", str, where)
    return Answer(entry["id"], page, question, keywords, text, state_of(entry, where))


# --- the search --------------------------------------------------------------------------------------

# Words so common in questions that they say nothing about the subject.
STOP = frozenset(
    re.findall(
        r"[a-z]+",
        "a about all also am an and any are as at be been but by can could did do does explain for from get give go "
        "got had has have how i if in into is it its just like make may me mean might more most much my need of on or "
        "our out please same should show so some such take tell than that the their them then there these they this "
        "those to use used using very want was we were what when where which while who why will with would you your",
    )
)
# Other names for one thing. The words on the right stand in questions and keywords.
SYNONYMS = {
    "η": "learning rate", "eta": "learning rate", "lr": "learning rate", "step size": "learning rate",
    "stepsize": "learning rate", "λ": "eigenvalue", "κ": "condition number", "β": "momentum", "beta": "momentum",
    "∇": "gradient", "cost": "loss", "objective": "loss", "minima": "minimum", "minimiser": "minimum",
    "minimizer": "minimum", "minimisers": "minimum", "minimizers": "minimum", "optimum": "minimum",
    "vs": "versus", "iteration": "step", "iterations": "step", "epoch": "step", "epochs": "step", "infinity": "inf",
    "infinite": "inf", "mini batch": "batch", "minibatch": "batch", "scikit learn": "sklearn", "nets": "network",
}  # fmt: skip
_SYNONYM = re.compile("|".join(rf"\b{name}\b" if name[0] != "∇" else name for name in SYNONYMS))
ENDINGS = ("ations", "ation", "ings", "ing", "ence", "ers", "ies", "er", "ed", "es", "ly", "s", "e", "y")


def words(text: str) -> list[str]:
    """The stems of the meaningful words of a text. British and American spelling give the same stems."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _SYNONYM.sub(lambda found: f" {SYNONYMS[found[0]]} ", re.sub(r"[^\w∇]+", " ", text))
    return [stem(word) for word in re.findall(r"[a-z0-9]+", text) if word not in STOP]


def stem(word: str) -> str:
    """The word without a common ending, if at least three letters remain: minimizers -> minimis."""
    word = re.sub(r"iz(?=e|a|i)", "is", word)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=8)
def _counts(answers: tuple[Answer, ...]) -> tuple[dict[str, float], ...]:
    """For each answer the words that it has and how often, weighted by where they stand."""
    counts: list[dict[str, float]] = []
    for answer in answers:
        count: dict[str, float] = {}
        for text, weight in ((answer.question, QUESTION), (answer.keywords, KEYWORDS), (answer.text, TEXT)):
            for word in words(text):
                count[word] = count.get(word, 0.0) + weight
        counts.append(count)
    return tuple(counts)


def find(query: str, answers: Sequence[Answer]) -> Found:
    """The answers that fit the query, best first; all answers if the query has no meaningful word.

    If none fits, the NEAREST few.
    """
    counts = _counts(tuple(answers))
    holders = Counter(word for count in counts for word in count)
    rarity = {word: log(1.0 + (len(answers) - held + 0.5) / (held + 0.5)) for word, held in holders.items()}
    asked = list(dict.fromkeys(_known(word, rarity) for word in words(query)))
    if not asked:
        return Found(tuple(answers), True)
    total = sum(rarity.get(word, max(rarity.values())) for word in asked)
    length = sum(sum(count.values()) for count in counts) / len(counts)

    def relevance(count: dict[str, float]) -> float:
        """The BM25 score of an answer with these words."""
        free = SATURATION * (1.0 - LENGTH + LENGTH * sum(count.values()) / length)
        return sum(rarity[w] * count[w] * (1.0 + SATURATION) / (count[w] + free) for w in asked if w in count)

    def covered(count: dict[str, float]) -> float:
        """The share of the query that an answer with these words covers; a word of the text alone counts less."""
        return sum(rarity[w] * min(1.0, count[w] / KEYWORDS) for w in asked if w in count) / total

    order = sorted(range(len(counts)), key=lambda i: -relevance(counts[i]))
    fitting = tuple(answers[i] for i in order if covered(counts[i]) >= ENOUGH)
    return Found(fitting, True) if fitting else Found(tuple(answers[i] for i in order[:NEAREST]), False)


def _known(word: str, known: Mapping[str, float]) -> str:
    """The word; if no answer has it, the nearest word that one has: with the same beginning, or misspelt."""
    if word in known or len(word) < 4:
        return word
    begins = [other for other in known if len(other) >= 4 and (word.startswith(other) or other.startswith(word))]
    return max(begins, key=len) if begins else next(iter(get_close_matches(word, known, 1, 0.85)), word)
