"""The learner's file: exact when it is ours, refused in one sentence when it is not."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossgeo.teaching.progress import (
    BEATS,
    FITS,
    MOST_ANSWERS,
    MOST_BYTES,
    MOST_CHANGES,
    MOST_OUTCOMES,
    MOST_TEXT,
    Answer,
    Notes,
    Progress,
    dumps,
    loads,
    restore,
)
from lossgeo.teaching.questions import CONFIDENCE, LESSONS, load_bank

BANK = load_bank()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
OUTCOME = st.none() | st.integers(0, MOST_OUTCOMES - 1)
SURE = st.sampled_from(CONFIDENCE)
ANSWERED = st.tuples(st.sampled_from(BANK), st.integers(0, 2), SURE)
NOTES = st.fixed_dictionaries(
    {"beat": st.integers(0, len(BEATS)), "predicted": OUTCOME, "confidence": st.none() | SURE, "seen": OUTCOME,
     "why": TEXT, "clear": st.none() | st.booleans(), "improve": TEXT}
)  # fmt: skip


def after(answers=(), notes=()):
    progress = Progress()
    for question, chosen, confidence in answers:
        progress = progress.answered(question, chosen, confidence)
    for lesson, changes in dict(notes).items():
        progress = progress.noted(lesson, **changes)
    return progress


def test_the_fewest_changes_of_a_challenge_are_kept_and_travel_in_the_file():
    progress = Progress().reached("largest-rate", 5).reached("largest-rate", 2).reached("largest-rate", 9)
    progress = progress.reached("one-step", 10**9)
    assert progress.challenges == {"largest-rate": 2, "one-step": MOST_CHANGES}
    assert loads(dumps(progress)) == progress
    assert "challenges" not in dumps(Progress()), "a file without them is as it was before"
    old = json.loads(dumps(progress))
    old["challenges"]["no longer there"] = 3
    assert loads(json.dumps(old)) == progress


@settings(deadline=None)
@given(st.lists(ANSWERED, max_size=12), st.dictionaries(st.sampled_from(LESSONS), NOTES))
def test_round_trip_is_exact(answers, notes):
    progress = after(answers, notes)
    text = dumps(progress)
    assert loads(text) == loads(text.encode()) == progress
    assert restore(text).dropped == 0
    assert dumps(loads(text)) == text


def test_the_longest_record_fits():
    """The bound on the file's size refuses nothing that the app itself can write."""
    long = max(BANK, key=lambda question: len(question.id))
    full = Progress(answers=(Answer(long.id, 0, "fairly sure", long.answer == 0),) * MOST_ANSWERS)
    for lesson in LESSONS:
        full = full.noted(lesson, beat=6, why="\u0001" * 3 * MOST_TEXT, improve="\U0001f4c8" * MOST_TEXT)
    assert len(full.lesson(1).why) == MOST_TEXT, "a text is cut where it is noted"
    assert len(dumps(full).encode()) < MOST_BYTES
    assert loads(dumps(full)) == full
    assert len(full.answered(long, 0, "guess").answers) == MOST_ANSWERS


def test_a_mark_from_an_editor_does_no_harm():
    progress = after([(BANK[0], 1, "guess")])
    assert loads(b"\xef\xbb\xbf" + dumps(progress).encode()) == progress


def test_right_is_worked_out_never_believed():
    question = BANK[0]
    text = dumps(after([(question, question.answer, "guess"), (question, (question.answer + 1) % 3, "certain")]))
    forged = text.replace("true", "#").replace("false", "true").replace("#", "false")
    assert [answer.right for answer in loads(forged).answers] == [True, False]


def test_questions_of_an_older_bank_are_dropped_and_counted():
    progress = after([(BANK[0], 1, "guess"), (BANK[1], 0, "certain"), (BANK[0], 2, "certain")])
    old = dumps(progress).replace(BANK[0].id, "<script>alert(1)</script>")
    found = restore(old)
    assert found.dropped == 2
    assert found.progress == Progress(answers=progress.answers[1:2])


def test_every_field_of_the_notes_is_checked():
    assert list(FITS) == [field.name for field in dataclasses.fields(Notes)]


def test_what_a_learner_typed_is_kept_as_text():
    typed = "<script>alert(1)</script> $x$ \u202e \x00"
    assert loads(dumps(Progress().noted(2, why=typed))).lesson(2).why == typed


GOOD = after([(BANK[0], 1, "guess")], {3: {"beat": 2, "predicted": 1, "why": "because"}})


def changed(**fields):
    return json.dumps(json.loads(dumps(GOOD)) | fields)


def an_answer(**fields):
    return changed(answers=[json.loads(dumps(GOOD))["answers"][0] | fields])


def a_lesson(number="3", **fields):
    return changed(lessons={number: json.loads(dumps(GOOD))["lessons"]["3"] | fields})


HOSTILE = {
    "empty": ("", "is empty"),
    "blank": (" \n", "is empty"),
    "not text": (b"\xff\xfe\x00\x01", "not text in UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(40), "not text in UTF-8"),
    "huge": (" " * (MOST_BYTES + 1), "larger than 600 kB"),
    "huge in bytes only": ('"' + "é" * (MOST_BYTES // 2) + '"', "larger than 600 kB"),
    "truncated": (dumps(GOOD)[:-20], "cut short or damaged at line"),
    "prose": ("Dear teacher, ...", "cut short or damaged at line 1"),
    "nested": ("[" * 100_000, "nested too deeply"),
    "nested to the end": ("[" * 50_000 + "]" * 50_000, "nested too deeply"),
    "a list": ("[]", "the file is not a table"),
    "a number": ("1e999", "the file is not a table"),
    "foreign": ('{"name": "package", "version": 1}', "the file has no field format"),
    "another format": (changed(format="lossgeo"), "not a progress file"),
    "newer": (changed(version=2), "version is not 1"),
    "version true": (changed(version=True), "version is not 1"),
    "version 1.0": (changed(version=1.0), "version is not 1"),
    "one field more": (changed(name="Ada"), "a field that is unknown"),
    "a field twice": (dumps(GOOD).replace('"version"', '"format"'), "stands twice"),
    "answers a table": (changed(answers={}), "answers are not a list"),
    "lessons a list": (changed(lessons=[]), "lessons not a table"),
    "too many answers": (changed(answers=[0] * (MOST_ANSWERS + 1)), "more than 2000 answers"),
    "an answer of nothing": (changed(answers=[None]), "answer 1 is not a table"),
    "no confidence": (an_answer(confidence=None), "confidence of answer 1"),
    "confidence a list": (an_answer(confidence=["guess"]), "confidence of answer 1"),
    "option beyond": (an_answer(chosen=4), "answer 1 chooses an option"),
    "option below": (an_answer(chosen=-1), "answer 1 chooses an option"),
    "option true": (an_answer(chosen=True), "answer 1 has a value of the wrong kind"),
    "option 1.0": (an_answer(chosen=1.0), "answer 1 has a value of the wrong kind"),
    "option NaN": (an_answer(chosen=float("nan")), "not a number"),
    "option infinite": (an_answer(chosen=float("inf")), "not a number"),
    "option 1e999": (an_answer(chosen=12345).replace("12345", "1e999"), "wrong kind"),
    "option of 5000 digits": (an_answer(chosen=12345).replace("12345", "9" * 5000), "far too long"),
    "question a list": (an_answer(question=[]), "wrong kind"),
    "right a word": (an_answer(right="yes"), "wrong kind"),
    "half a character": (a_lesson(why="\ud800"), "half a character"),
    "lesson 11": (a_lesson("11"), "names a lesson that is not one of 1 to 10"),
    "lesson 03": (a_lesson("03"), "names a lesson that is not one of 1 to 10"),
    "lesson a script": (a_lesson("<script>"), "names a lesson"),
    "beat 7": (a_lesson(beat=7), "lesson 3 has a value of beat"),
    "beat true": (a_lesson(beat=True), "lesson 3 has a value of beat"),
    "prediction 10": (a_lesson(predicted=10), "lesson 3 has a value of predicted"),
    "seen a word": (a_lesson(seen="up"), "lesson 3 has a value of seen"),
    "sure": (a_lesson(confidence="sure"), "lesson 3 has a value of confidence"),
    "clear 1": (a_lesson(clear=1), "lesson 3 has a value of clear"),
    "why a table": (a_lesson(why={}), "lesson 3 has a value of why"),
    "why too long": (a_lesson(why="x" * (MOST_TEXT + 1)), "lesson 3 has a value of why"),
    "challenges a list": (changed(challenges=[]), "challenges are not a table"),
    "changes negative": (changed(challenges={"one-step": -1}), "number of changes that is not allowed"),
    "changes a word": (changed(challenges={"x": "<b>"}), "number of changes that is not allowed"),
    "notes without beat": (changed(lessons={"1": {}}), "lesson 1 has no field beat"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_file_gets_one_sentence_with_cause_and_cure(name):
    file, cause = HOSTILE[name]
    with pytest.raises(ValueError, match=re.escape(cause)) as error:
        loads(file)
    sentence = str(error.value)
    assert re.fullmatch(r"This file cannot be loaded because [^.:<>]+: [^:<>]+\.", sentence), sentence
    assert not re.search(r"\. ", sentence)
    assert re.search(r"choose|open it|start afresh", sentence.split(": ")[1])
    assert type(error.value) is ValueError


@settings(deadline=None)
@given(st.integers(0, len(dumps(GOOD)) - 1), st.sampled_from('{}[]",:0x\n\\é'))
def test_one_changed_character_never_does_harm(place, character):
    """Refused with the usual sentence, or read as a whole record."""
    text = dumps(GOOD)
    refusal = ""
    try:
        found = restore(text[:place] + character + text[place + 1 :])
    except ValueError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith("This file cannot be loaded because ")
    else:
        assert loads(dumps(found.progress)) == found.progress
