"""The glossary: each term once, used somewhere, and found where it stands."""

from __future__ import annotations

import pytest
from test_plain_words import sentences

from lossgeo.teaching.answers import load_answers
from lossgeo.teaching.glossary import load_glossary, read_glossary, words_of
from lossgeo.teaching.lessons import load_lessons

TERMS = load_glossary()
EVERYTHING = "\n".join(text for lesson in load_lessons() for text in lesson.texts())
EVERYTHING += "\n".join(answer.text for answer in load_answers())


def test_each_term_is_defined_once_and_used():
    spellings = [name.lower() for term in TERMS for name in (term.name, *term.also)]
    twice = sorted({name for name in spellings if spellings.count(name) > 1})
    assert not twice, f"glossary.toml has {twice} more than once"
    assert [term.name.lower() for term in TERMS] == sorted(term.name.lower() for term in TERMS), "not in order"
    idle = [term.name for term in TERMS if not term.stands_in(EVERYTHING)]
    assert not idle, f"no lesson and no answer uses {idle}: take them out of glossary.toml"
    assert len(TERMS) >= 30


@pytest.mark.parametrize("term", TERMS, ids=[term.name for term in TERMS])
def test_a_definition_is_short_and_plain(term):
    assert term.text.endswith(".")
    assert len(term.text.split()) <= 45
    assert not [s for s in sentences(term.text) if len(s.split()) > 30]
    assert term.name not in term.see


def test_a_part_names_the_terms_that_stand_in_it():
    ninth = next(lesson for lesson in load_lessons() if lesson.key == "9")
    names = {term.name for term in words_of(ninth, "Explain")}
    assert {"smooth", "strongly convex", "condition number", "trough"} <= names
    assert "noise ball" not in names
    assert not next(t for t in TERMS if t.name == "bowl").stands_in("a bowler's elbow"), "whole words only"


def test_a_slip_is_named(tmp_path):
    file = tmp_path / "glossary.toml"
    for text, message in (
        ('[[term]]\nname = "a"', "term 'a': text: is missing"),
        ('[[term]]\nname = "a"\ntext = "A."\nsee = ["b"]', "term 'a': see: 'b' is not defined"),
        ('[[term]]\nname = "a"\ntext = "A."\n[[term]]\nname = "a"\ntext = "A."', "term 'a': name: already defined"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            read_glossary(file)
