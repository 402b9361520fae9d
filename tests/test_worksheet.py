"""The worksheet: complete, self-contained, escaped, and its key right for the order of the class."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from lossgeo.teaching import worksheet
from lossgeo.teaching.questions import load_bank, order

BANK = load_bank()
PICTURE = "data:image/webp;base64,UklGRw0="
MAP = worksheet.Map(PICTURE, ((-1.0, 3.0), (0.0, 0.02)), ("w", "b"), (0.5, 0.01), ((1.0, 0.0),), "Map.")


def both(questions=BANK[:3], seed=1, settings=(("Data", "cars"),), picture=MAP, title="Lesson 1", times=1):
    """The handout and its key."""
    sheets = [worksheet.Sheet(title, questions, settings, picture)] * times
    return worksheet.handout(sheets, seed), worksheet.key(sheets, seed)


def sheet(*given, **more):
    return "".join(both(*given, **more))


VOID = {"meta", "image", "rect", "path"}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_file_is_well_formed_and_loads_nothing():
    reader = Tags()
    for file in both(BANK, times=2):
        reader.feed(file)
        assert not reader.open
        assert file.count("<section>") == 2, "each lesson on a page of its own"
        assert "size:" not in file.split("@page")[1].split("}")[0], "the printer says whether it has A4 or Letter"
    assert not {tag for tag, _ in reader.seen} & {"script", "link", "iframe", "object", "img", "a", "form"}
    for _, attributes in reader.seen:
        assert not [name for name in attributes if name.startswith("on")]
        assert all(v.startswith("data:image/webp") for k, v in attributes.items() if k in ("src", "href"))
    assert not re.search(r"url\(|@import", sheet(BANK))


def test_text_from_outside_is_escaped():
    evil = "<script>alert(1)</script>\"'&"
    question = dataclasses.replace(BANK[0], stem=evil)
    picture = dataclasses.replace(MAP, words=evil, names=(evil, "b"))
    text = sheet([question], title=evil, settings=[(evil, evil)], picture=picture)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 6


@pytest.mark.parametrize("url", ["https://example.org/map.png", f'{PICTURE}"onload="', "javascript:alert(1)", ""])
def test_only_a_picture_of_its_own(url):
    with pytest.raises(ValueError, match="must be a WebP"):
        sheet(picture=dataclasses.replace(MAP, url=url))


@pytest.mark.parametrize("seed", [1, 7])
def test_key_is_apart_and_right(seed):
    asked, key = both(BANK, seed)
    assert f"seed {seed}" in key
    for number, question in enumerate(BANK, start=1):
        letter = "ABCD"[order(question, seed).index(question.answer)]
        right = worksheet.inline(question.options[question.answer].text)
        assert f"<b>{number}. {letter}</b> {right}" in key
        assert f"<li><b>{letter}</b> {right}</li>" in asked
        for option in question.options:
            if option.misconception:
                assert worksheet.inline(option.feedback) in key
            assert worksheet.inline(option.feedback) not in asked, "no answer on the sheet"


def test_every_formula_of_the_bank_is_set():
    for question in BANK:
        for text in (question.stem, *(t for o in question.options for t in (o.text, o.feedback))):
            done = re.sub(r"</?(i|b|sub|sup|code|span)\b[^>]*>", "", worksheet.inline(text))
            assert not re.search(r"[\\{}$<>^]", done), done


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"\hat y = w x + b", "<i>y\u0302</i> = <i>w</i> <i>x</i> + <i>b</i>"),
        (r"2/\lambda_{\max}", "2/λ<sub>max</sub>"),
        (r"x^2 - 10", "<i>x</i><sup>2</sup> − 10"),
        (r"\frac12 x", '<span class="frac"><span>1</span><span>2</span></span> <i>x</i>'),
        (r"\frac1{10}", '<span class="frac"><span>1</span><span>10</span></span>'),
        (r"\sqrt\kappa - 1", "√κ − 1"),
        (r"a < b", "<i>a</i> &lt; <i>b</i>"),
        (r"L_{\text{new}}", "<i>L</i><sub>new</sub>"),
    ],
)
def test_formulae(source, words):
    assert worksheet.formula(source) == words


@pytest.mark.parametrize("source", [r"\unknown x", "a}", "{a", "x^", r"\frac1"])
def test_a_formula_that_cannot_be_set_is_named(source):
    with pytest.raises(ValueError, match="formula"):
        worksheet.formula(source)


@pytest.mark.parametrize(("low", "high"), [(0, 4), (-1, 3), (0, 0.02), (-1234, 8000), (17.3, 17.9), (-5e8, 5e8)])
def test_ticks_are_round_and_inside(low, high):
    marks = worksheet.ticks(low, high)
    assert 3 <= len(marks) <= 8
    assert low <= marks[0] + 1e-9 * (high - low)
    assert marks[-1] <= high + 1e-9 * (high - low)


def test_start_and_minima_outside_the_map_are_left_out():
    far = dataclasses.replace(MAP, start=(99.0, 0.0), minima=((99.0, 0.0),))
    assert "Cross" in sheet()
    assert "Cross" not in sheet(picture=far)
