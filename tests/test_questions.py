"""The form of the question bank and the functions around it; its truth: test_answers.py."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lossgeo.datasets import CLASSIFICATION, REGRESSION, standardise
from lossgeo.descent import OPTIMIZERS, run
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES
from lossgeo.teaching import questions
from lossgeo.teaching.questions import CONFIDENCE, MISCONCEPTIONS, Option, Question, load_bank, mark, order
from lossgeo.views import cached
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import LESSON_PAGES

BANK = load_bank()
EACH = pytest.mark.parametrize("question", BANK, ids=[question.id for question in BANK])

DATA_KEYS = {
    *("dataset", "standardise", "loss", "l2", "methods", "momentum", "lr", "steps", "w0", "b0"),
    *("intercept", "noise", "outliers", "scale", "n"),  # knobs of the generators
    *("schedule", "batch", "fresh", "bounds", "zoom"),
}
KNOWN_KEYS = {
    "page",
    *(f"mse_{key}" for key in DATA_KEYS),
    *(f"logistic_{key}" for key in DATA_KEYS),
    *(f"network_{key}" for key in ("network", "plane", "seed", "draw", "factor", "true", "steps", "a0", "b0")),
    *(f"nonconvex_{key}" for key in ("landscape", "methods", "momentum", "lr", "steps", "x0", "y0")),
}
DATA = {"mse": REGRESSION, "logistic": CLASSIFICATION}
DEFAULT_LOSS = {"mse": "mean squared error", "logistic": "logistic loss"}


def states(question):
    return [question.state, *(option.state for option in question.options)]


def texts(question):
    parts = [(option.text, option.feedback) for option in question.options]
    return [question.stem, *(text for pair in parts for text in pair)]


@cache
def data_loss(page, name, knobs, scaled, loss, l2):
    data = DATA[page][name](**dict(knobs))
    return LOSSES[loss](standardise(data) if scaled else data, l2)


def opened(state):
    """Loss, methods, start and steps of a state, or an error if a page could not open it."""
    page = state["page"]
    if page == "network":
        return opened_plane(state)
    here = {key.removeprefix(f"{page}_"): value for key, value in state.items() if key != "page"}
    subject, known = ("landscape", LANDSCAPES) if page == "nonconvex" else ("dataset", DATA[page])
    assert subject in here, f"the state {dict(state)} must name its {page}_{subject}"
    name = here.pop(subject)
    assert name in known, f"the state {dict(state)} names a {subject} that does not exist; there are {list(known)}"
    unknown = set(here.get("methods", ())) - set(OPTIMIZERS)
    assert not unknown, f"the state {dict(state)} names methods that do not exist: {unknown}"
    if page == "nonconvex":
        loss = known[name]
        start = here.pop("x0", loss.start[0]), here.pop("y0", loss.start[1])
    else:
        knobs = inspect.signature(DATA[page][name]).parameters.keys() & here.keys()
        loss = data_loss(
            page,
            name,
            tuple((key, here.pop(key)) for key in sorted(knobs)),
            here.pop("standardise", False),
            here.pop("loss", DEFAULT_LOSS[page]),
            here.pop("l2", 0.0),
        )
        start = here.pop("w0", 0.0), here.pop("b0", 0.0)
    momentum = here.pop("momentum", 0.9)
    rate, steps = here.pop("lr", 1e-5), here.pop("steps", 10)
    for shown in ("bounds", "zoom", "schedule", "batch", "fresh"):  # any value that the page takes
        if shown in here:
            value = here.pop(shown)
            assert LESSON_PAGES[page].control(shown).clean(value) == value, f"{page}_{shown} cannot be {value!r}"
    methods = [
        OPTIMIZERS[name](learning_rate=rate, **({"momentum": momentum} if name == "momentum" else {}))
        for name in here.pop("methods", ("gradient descent",))
    ]
    assert not here, f"the state {dict(state)} has keys that {page} does not have with these settings: {sorted(here)}"
    return loss, methods, start, steps


def opened_plane(state):
    """The same of a plane of a network; the page itself fills in what the state leaves out."""
    names = {key: state[f"network_{key}"] for key in ("network", "plane")}
    record = LESSON_PAGES["network"]
    for key, value in names.items():
        known = record.control(key).options
        assert value in known, f"the state {dict(state)} names a {key} that does not exist; there are {known}"
    choice = choice_of(record, state)
    plane = cached.loss(choice.loss)
    return plane, [cached.build(method) for method in choice.methods], choice.start, choice.steps


# The bank


def test_chapter_question_comes_first_and_word_for_word():
    first = BANK[0]
    assert (first.id, first.page) == ("chapter-question", "mse")
    assert first.stem == (
        "Which of the following statements best explains why convex loss surfaces, such as those "
        "from MSE or logistic loss, are generally easier to optimize?"
    )
    assert len(first.options) == 4


def test_misconceptions_are_numbered_sentences():
    wanted = [f"M{number}" for number in range(1, len(MISCONCEPTIONS) + 1)]
    assert list(MISCONCEPTIONS) == wanted, f"misconceptions.toml must count M1, M2, ..., not {list(MISCONCEPTIONS)}"
    for id, text in MISCONCEPTIONS.items():
        assert text.endswith("."), f"{id} in misconceptions.toml must be a sentence and end with a full stop"
        assert text.count(".") <= 3, f"{id} in misconceptions.toml is too long: one wrong idea in one sentence or two"
    twice = [id for id, text in MISCONCEPTIONS.items() if list(MISCONCEPTIONS.values()).count(text) > 1]
    assert not twice, f"misconceptions.toml has the same text twice: {twice}"


def test_every_misconception_is_a_wrong_option():
    tested = {id for question in BANK for id in question.misconceptions}
    idle = sorted(MISCONCEPTIONS.keys() - tested)
    assert not idle, f"no question has an option with {idle}: write one, or take them out of misconceptions.toml"


def test_bank_is_large_enough_and_every_page_and_lesson_has_questions():
    assert len(BANK) >= 40
    assert {question.page for question in BANK} == set(questions.PAGES)
    count = Counter(question.lesson for question in BANK)
    few = [lesson for lesson in questions.LESSONS if count[lesson] < 4]
    assert not few, f"each lesson needs four questions at least; these have fewer: {few}"


def test_questions_of_a_page_follow_the_lessons():
    for page in questions.PAGES:
        of_page = [question for question in BANK if question.page == page]
        for before, after in pairwise(of_page):
            assert before.lesson <= after.lesson, (
                f"{after.id!r} of lesson {after.lesson} stands after {before.id!r} of lesson {before.lesson}: "
                f"move it up in questions/{page}.toml"
            )


@EACH
def test_form(question):
    id, wrong = question.id, question.misconceptions
    right = question.options[question.answer]
    assert (right.misconception, right.feedback, right.state) == (None, question.explanation, question.state)
    assert len(set(wrong)) == len(wrong) == len(question.options) - 1, f"each wrong option of {id!r} needs its own idea"
    for what in ("text", "feedback"):
        texts = [getattr(option, what) for option in question.options]
        assert len(set(texts)) == len(texts), f"two options of {id!r} have the same {what}"


@EACH
def test_options_have_similar_length(question):
    lengths = [len(option.text) for option in question.options]
    assert max(lengths) <= 1.5 * min(lengths), (
        f"the options of {question.id!r} have {lengths} characters: none may be more than half as long again as "
        "another, or the length gives the answer away"
    )


def test_length_does_not_give_the_answer_away():
    longest = [q.id for q in BANK if len(q.options[q.answer].text) == max(len(option.text) for option in q.options)]
    share = len(longest) / len(BANK)
    assert 0.2 < share < 0.5, (
        f"in {share:.0%} of all questions the right option is the longest; it should be about a third. "
        f"Make it shorter, or longer, in some of {longest if share >= 0.5 else 'the others'}"
    )


@EACH
def test_wording(question):
    """Formulae closed, nothing about the learner, no letters, no catch-all options."""
    for text in texts(question):
        assert text.count("$") % 2 == 0, f"{question.id!r}: a formula is not closed by $ in: {text}"
        found = re.search(r"\byou|\boption [A-D]\b|of the above", text, re.IGNORECASE)
        assert not found, f"{question.id!r} must do without {found and found[0]!r}: {text}"
        assert "  " not in text, f"{question.id!r}: two spaces in: {text}"
    for text in texts(question)[2::2]:
        assert text.endswith((".", "?")), f"{question.id!r}: this feedback must end with a full stop: {text}"


@EACH
def test_states_can_be_opened(question):
    for state in states(question):
        unknown = sorted(state.keys() - KNOWN_KEYS)
        assert not unknown, f"{question.id!r} sets {unknown}, which no page has: see the controls in views/pages.py"
        loss, methods, start, steps = opened(state)
        assert 0 < steps <= 2000, f"{question.id!r} asks for {steps} steps: a page takes 1 to 2000"
        for method in methods:
            assert run(method, loss, start, min(steps, 50)).reason


@EACH
def test_wrong_options_open_a_point_or_a_run(question):
    """A refutation shows something: a start to run from, or another surface."""
    for option in question.options:
        if option.misconception is not None:
            shown = option.state.keys() - {"page"}
            starts = any(key.endswith(("_w0", "_x0", "_lr")) for key in shown)
            assert starts or option.state != question.state, (
                f"the wrong option {option.text!r} of {question.id!r} opens the question's own state: its state must "
                "show what refutes it"
            )


@EACH
def test_twin_asks_the_same_idea_of_another_surface(question):
    if question.twin is None:
        return
    twin = next(other for other in BANK if other.id == question.twin)
    shared = set(twin.misconceptions) & set(question.misconceptions)
    assert shared, f"{question.id!r} and its twin {twin.id!r} must share a misconception: they ask the same idea"
    assert twin.stem != question.stem, f"{question.id!r} and its twin {twin.id!r} have the same words"


# Marking and shuffling


def a_question(**changes):
    option = Option("left", "It is.", None, {})
    wrong = Option("right", "It is not.", "M1", {})
    other = Option("up", "Nor this.", "M2", {})
    question = Question("where", 1, "mse", "Where?", (wrong, option, other), 1, {}, None)
    return dataclasses.replace(question, **changes)


def test_mark_says_what_was_chosen_and_why_it_is_wrong():
    hit, miss = mark(a_question(), 1, "guess"), mark(a_question(), 2, "certain")
    assert (hit.right, hit.misconception, hit.feedback) == (True, None, "It is.")
    assert (miss.right, miss.misconception, miss.feedback) == (False, "M2", "Nor this.")
    assert (miss.question, miss.chosen, miss.confidence) == ("where", 2, "certain")


@pytest.mark.parametrize("chosen", [-1, 3])
def test_mark_rejects_an_option_that_is_not_there(chosen):
    with pytest.raises(ValueError, match=f"chosen must be from 0 to 2, got {chosen}"):
        mark(a_question(), chosen, "guess")


def test_mark_rejects_another_confidence():
    assert CONFIDENCE == ("guess", "fairly sure", "certain")
    with pytest.raises(ValueError, match="confidence must be one of guess, fairly sure, certain"):
        mark(a_question(), 0, "sure")


def test_order_is_a_permutation_and_depends_on_question_and_seed():
    for question in BANK:
        assert sorted(order(question, 3)) == list(range(len(question.options)))
    assert len({order(a_question(), seed) for seed in range(60)}) == 6
    assert len({order(a_question(id=f"q{number}"), 1) for number in range(60)}) == 6


def test_order_spreads_the_right_answer():
    """Over the seeds of many classes each of three places is right about equally often."""
    places = Counter(order(q, seed).index(q.answer) for seed in range(300) for q in BANK if len(q.options) == 3)
    share = np.array(list(places.values())) / sum(places.values())
    assert len(share) == 3
    assert np.abs(share - 1 / 3).max() < 0.03, f"ten standard errors away from a third: {share}"


def test_order_is_the_same_in_another_process():
    code = "import lossgeo.teaching.questions as q; print([q.order(question, 42) for question in q.load_bank()])"
    root = Path(questions.__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert told.stdout.strip() == str([order(question, 42) for question in BANK])


def test_bank_is_loaded_once_and_cannot_be_changed():
    assert load_bank() is load_bank()
    assert hash(BANK[0]) == hash(BANK[0])
    with pytest.raises(TypeError):
        BANK[0].state["page"] = "logistic"
    with pytest.raises(dataclasses.FrozenInstanceError):
        BANK[0].answer = 2


# Bad entries


GOOD = """
[[question]]
id = "first"
lesson = 1
twin = "second"
stem = "Which?"
explanation = "Because."
state = { page = "mse", mse_methods = ["adam", "sgd"] }

[[question.option]]
right = true
text = "This"

[[question.option]]
misconception = "M1"
text = "That"
feedback = "No."
state = { page = "nonconvex", nonconvex_x0 = 1.5 }

[[question.option]]
misconception = "M2"
text = "Those"
feedback = "Nor these."
state = { page = "mse" }
"""
OTHER = GOOD.replace('id = "first"', 'id = "second"').replace('twin = "second"', 'twin = "first"')
FOURTH = GOOD.replace('id = "first"', 'id = "fourth"').replace('twin = "second"\n', "")
THIRD = GOOD.replace('id = "first"', 'id = "third"').replace('twin = "second"\n', "")


def written(folder, text):
    for page, content in (("mse", text), ("logistic", OTHER), ("nonconvex", THIRD), ("network", FOURTH)):
        (folder / f"{page}.toml").write_text(content, encoding="utf-8")
    return folder


def test_a_good_bank_is_read(tmp_path):
    first, second, third, _ = questions.read_bank(written(tmp_path, GOOD))
    assert (first.id, first.page, first.lesson, first.answer) == ("first", "mse", 1, 0)
    assert (second.twin, third.twin) == ("first", None)
    assert first.state["mse_methods"] == ("adam", "sgd")
    assert first.explanation == "Because."
    assert first.misconceptions == ("M1", "M2")
    assert [option.text for option in first.options] == ["This", "That", "Those"]
    assert [option.state["page"] for option in first.options] == ["mse", "nonconvex", "mse"]
    assert first.options[0].state == first.state


def test_an_id_of_several_words_and_four_options_are_fine_and_five_are_not(tmp_path):
    more = '[[question.option]]\nmisconception = "{}"\ntext = "{}"\nfeedback = "No."\nstate = {{ page = "mse" }}\n'
    text = THIRD.replace('id = "third"', 'id = "two-words"') + more.format("M3", "None")
    question = questions.read_bank(written(tmp_path, GOOD + text))[1]
    assert (question.id, len(question.options)) == ("two-words", 4)
    with pytest.raises(ValueError, match="'two-words': option: must be given 3 or 4 times, not 5"):
        questions.read_bank(written(tmp_path, GOOD + text + more.format("M4", "All")))


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('id = "first"\n', "", "question number 1: id: is missing"),
        ('id = "first"', 'id = "First one"', "'First one': id: must be lower-case"),
        ('id = "first"', 'id = "First"', "'First': id: must be lower-case"),
        ('id = "first"', 'id = "first_one"', "'first_one': id: must be lower-case"),
        ('id = "first"', 'id = "1st"', "'1st': id: must be lower-case"),
        ('id = "first"', 'id = "second"', "question 'second': id: already used"),
        ("lesson = 1", "lesson = 11", "'first': lesson: must be from 1 to 10, got 11"),
        ("lesson = 1", 'lesson = "1"', "'first': lesson: must be a whole number"),
        ("lesson = 1", "lesson = true", "'first': lesson: must be a whole number"),
        ('stem = "Which?"', 'stem = " "', "'first': stem: is empty"),
        ('explanation = "Because."\n', "", "'first': explanation: is missing"),
        ('stem = "Which?"', 'stem = "Which?"\nstemm = 1', "'first': stemm: unknown field"),
        ('twin = "second"', 'twin = "third"', "'first': twin: 'third' must be another question that names this one as"),
        ('twin = "second"', "twin = 2", "'first': twin: must be text"),
        ('state = { page = "mse" }', 'state = "mse"', "option 3: state: must be a table, got 'mse'"),
        ("right = true", 'right = true\nfeedback = "Yes."', "option 1: feedback: unknown field; known: right, text"),
        ('text = "That"', 'text = "That"\nwhy = "No."', "option 2: why: unknown field; known: feedback, misc"),
        ('twin = "second"', 'twin = "first"', "'first': twin: 'first' must be another"),
        ('twin = "second"', 'twin = "gone"', "'first': twin: 'gone' must be another"),
        ('state = { page = "mse" }', 'state = { page = "mae" }', "option 3: state: page must be"),
        ('page = "mse" }', 'mse_lr = 0.1 }', "state: page must be one of mse, logistic, nonconvex, network, got None"),
        ("nonconvex_x0", "mse_w0", "option 2: state: 'mse_w0' must start with 'nonconvex_'"),
        ('["adam", "sgd"]', "[1, 2]", "'first': state: 'mse_methods' must be text"),
        ("right = true", "right = false", "option 1: right: must be true"),
        ('misconception = "M1"', 'misconception = "M99"', "option 2: misconception: 'M99'"),
        ('misconception = "M1"', 'misconception = "M2"', "option: two wrong options share"),
        ('feedback = "No."\n', "", "option 2: feedback: is missing"),
        ('text = "That"', "text = 3", "option 2: text: must be text"),
        ('misconception = "M1"\n', "", "option 2: misconception: is missing"),
        ("right = true\n", 'misconception = "M3"\n', "option 1: feedback: is missing"),
        ('right = true\ntext = "This"', 'text = "This"', "option 1: misconception: is missing"),
        ("[[question]]", "[[questions]]", "question: must be tables"),
        ("[[question]]", "[[question]", "cannot be read"),
    ],
)  # fmt: skip
def test_a_slip_is_reported_with_file_question_and_field(tmp_path, good, bad, message):
    assert good in GOOD
    text = GOOD.replace(good, bad) if bad.startswith("[[q") else bad.join(GOOD.rsplit(good, 1))
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        questions.read_bank(written(tmp_path, text))
    assert f"{tmp_path / 'mse.toml'}" in str(error.value) or "already used" in message


def test_right_answers_are_counted(tmp_path):
    wrong = '[[question.option]]\nmisconception = "M1"\ntext = "That"\nfeedback = "No."\n'
    state = 'state = { page = "nonconvex", nonconvex_x0 = 1.5 }\n'
    second = '[[question.option]]\nright = true\ntext = "That"\n'
    assert wrong + state in GOOD
    with pytest.raises(ValueError, match="right = true must stand once, not 2 times"):
        questions.read_bank(written(tmp_path, GOOD.replace(wrong + state, second)))
    with pytest.raises(ValueError, match="'first': option: must be given 3 or 4 times, not 2"):
        questions.read_bank(written(tmp_path, GOOD.replace(wrong + state, "")))


def test_missing_file_and_unknown_language_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"mse\.toml: cannot be read"):
        questions.read_bank(tmp_path)
    with pytest.raises(ValueError, match=r"mse\.toml: question: is missing"):
        questions.read_bank(written(tmp_path, ""))
    with pytest.raises(ValueError, match="language must be one of en, got 'tlh'"):
        load_bank("tlh")
