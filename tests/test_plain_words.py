"""What learners read is plain: short sentences, one word and one letter for one thing, terms explained at first use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lossgeo.teaching.answers import load_answers
from lossgeo.teaching.lessons import load_lessons
from lossgeo.teaching.questions import LESSONS, MISCONCEPTIONS, load_bank

ROOT = Path(__file__).parents[1]
CONTENT = ROOT / "lossgeo/content/en"
LONGEST = 30  # words of a sentence; a formula counts as one word, a citation in brackets not at all

READ = {f"lesson {lesson.key}": list(lesson.texts()) for lesson in load_lessons()}
READ |= {
    f"question {question.id}": [question.stem, *(t for o in question.options for t in (o.text, o.feedback))]
    for question in load_bank()
    if question.id != "chapter-question"  # its stem is a quotation
}
READ |= {f"answer {answer.id}": [answer.text] for answer in load_answers()}
READ |= {"misconceptions": list(MISCONCEPTIONS.values())}
READ |= {"start page": [re.sub(r"^\|.*$", "", (CONTENT / "lessons/home.md").read_text("utf-8"), flags=re.M)]}
EVERYWHERE = {
    str(path.relative_to(ROOT)): re.sub(r"^(?:id|twin|question) = .*$", "", path.read_text("utf-8"), flags=re.M)
    for path in CONTENT.rglob("*.toml")
}
EVERYWHERE |= {"lossgeo/docs/model.md": (ROOT / "lossgeo/docs/model.md").read_text("utf-8")}


def sentences(text):
    """The sentences of a Markdown text: without its citations, each formula as one word."""
    text = re.sub(r"\$\$.*?\$\$", ".\n", text, flags=re.S)
    text = re.sub(r"\$[^$\n]+\$", "formula", text)
    text = re.sub(r"\s*\([^()]*\b(?:1[6-9]|20)\d\d[^()]*\)", "", text)
    text = re.sub(r"[*`]", "", text)
    for block in re.split(r"\n\s*\n|\n(?=- |\d\. )", text):
        yield from (s for s in re.split(r"(?<=[.!?])\s+", block.strip()) if s)


@pytest.mark.parametrize("where", READ)
def test_no_sentence_is_long(where):
    long = [s for text in READ[where] for s in sentences(text) if len(s.split()) > LONGEST]
    assert not long, f"{where}: sentences of more than {LONGEST} words; make two of each: {long}"


def test_a_long_sentence_is_noticed():
    assert len(list(sentences("One is short. " + "word " * 31))) == 2
    assert [len(s.split()) for s in sentences("A $f(x) = 1$ b (Polyak 1987). *c* `d`.")] == [3, 2]


# pattern -> what to write
INSTEAD = {
    r"\bcreases?\b": "kink",
    r"_\{?\\(?:max|min)\b": r"\lambda_{\mathrm{max}}: Firefox rejects the other as MathML",
    r"\\frac\{?\\lambda\}?": r"\alpha for the factor of the penalty",
    r"\bL\s*\((?:w|\\theta|p)\b|\bL_\{\\text": "f for the loss as a function; L is the smoothness constant",
    r"\bsomething else than\b": "something different from",
    r"\balso if\b": "even if",
    r"\bare not told\b": "are not given",
    r"\bhas a name for\b": "has a reputation for",
    r"\bto and fro\b": "from side to side",
    r"\bFormulae\b|\bformulae\b": "formulas",
    r"\bgets? (?:better|worse|larger|smaller|steeper)\b": "becomes",
    r"\bdecent\b": "descent",
}


@pytest.mark.parametrize("pattern", INSTEAD)
def test_one_word_and_one_letter_for_one_thing(pattern):
    found = [name for name, text in EVERYWHERE.items() if re.search(pattern, without_section_8(text))]
    assert not found, f"{found}: write {INSTEAD[pattern]} in place of what matches {pattern}"


def without_section_8(text):
    """Section 8 of the model document speaks of how runs end, in the words of the program."""
    return re.sub(r"\n## 8\..*?(?=\n## 9\.|\Z)", "", text, flags=re.S)


TERMS = ("affine", "Gram matrix", "kink", "infimum", "Lipschitz", "measure zero", "basin", "chord", "overlap")


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_explained_where_the_lessons_first_use_it(term):
    """There it stands between asterisks. Titles may name it before."""
    lessons = sorted(load_lessons(), key=lambda lesson: (LESSONS.index(lesson.number), not lesson.half))
    for lesson in lessons:
        titles = {lesson.heading, *(more.title for more in lesson.more)}
        for text in lesson.texts():
            if text not in titles and re.search(rf"\b{term}", text, re.I):
                place = f"lesson {lesson.key} uses {term!r} for the first time"
                assert re.search(rf"\*{term}s?\*", text), f"{place} and does not explain it: {text}"
                return
    raise AssertionError(f"no lesson uses {term!r}: take it out of TERMS")
