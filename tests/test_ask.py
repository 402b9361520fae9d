"""The answers under Ask: read strictly, found by words, and true number by number.

CLAIMS holds, answer by answer, each fragment with a number and what computes it, as in test_prose.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from test_prose import (
    BOWL,
    CARS,
    CHAPTER,
    FOUR,
    GD,
    MOMENTUM,
    NAMES,
    NO_CLAIM,
    ROSENBROCK,
    angle_to_minimum,
    at_probability,
    away,
    boundary,
    descent,
    four,
    heavy_ball,
    logistic,
    longley,
    n,
    opening_run,
    plateau,
    right_after_first_step,
    saddle_run,
    stated,
    steps_of,
    well,
    widest_margin,
)

from lossgeo.charts.style import ChartStyle
from lossgeo.datasets import chapter_line, pull, same_x, standardise
from lossgeo.geometry import condition_number, eigenvalues, predicted_steps, step_marks
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanSquaredError
from lossgeo.teaching import answers
from lossgeo.teaching.answers import find, load_answers, stem, words
from lossgeo.teaching.content_files import PAGES
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import LESSON_PAGES
from lossgeo.views.view import build

ANSWERS = load_answers()
BY_ID = {answer.id: answer for answer in ANSWERS}
EACH = pytest.mark.parametrize("answer", ANSWERS, ids=list(BY_ID))

CARS_RAW = MeanSquaredError(CARS)
PULLED = MeanSquaredError(pull(chapter_line(), up=1.0))
SIDEWAYS = MeanSquaredError(pull(chapter_line(), right=1.0))


def chapter_minimum():
    return (*CHAPTER.minima[0], CHAPTER.infimum)


def trough_of(x):
    """Curvature across the trough of one point, and along (1, -x)."""
    loss = MeanSquaredError(dataclasses.replace(chapter_line(n=1), x=[x], y=[3.0]))
    h = loss.hessian((0.0, 0.0))
    return np.allclose(eigenvalues(loss, (0, 0)), (0.0, 2 * (x * x + 1))) and np.allclose(h @ (1.0, -x), 0)


CLAIMS = {
    "bowl-shaped": [
        ("the curvatures are {} and {} everywhere", lambda: eigenvalues(CHAPTER, (0, 0))),
        ("w = {}, b = {}, has the loss {}", chapter_minimum),
    ],
    "geometry": [
        ("raw `cars` has κ = {}, standardised κ = {}", lambda: (
            n(condition_number(CARS_RAW), 4), condition_number(MeanSquaredError(standardise(CARS))))),
    ],
    "loss-goes-up": [
        ("the limit is {}; at 0.8, from w = 0, b = 0, the loss rises from the first step: {}, {}, {}",
         lambda: (step_marks(CHAPTER).limit, *descent(CHAPTER, 0.8, (0, 0)).values[:3])),
    ],
    "learning-rate": [
        ("these are {} and {}", lambda: ((m := step_marks(CHAPTER)).limit, m.fastest)),
        ("the rates 0.1, 0.5, 0.747 and 0.78 take {}, {}, {} and {} steps",
         lambda: tuple(steps_of(CHAPTER, r, (0, 0)) for r in (0.1, 0.5, 0.747, 0.78))),
    ],
    "hessian": [("with the eigenvalues {} and {}", lambda: eigenvalues(CHAPTER, (0, 0)))],
    "standardise": [
        ("Raw `cars` has κ = {}", lambda: (n(condition_number(CARS_RAW), 4),)),
        ("the best fixed rate needs {} steps to bring both parameters within 0.001",
         lambda: (int(predicted_steps(CARS_RAW, (0, 0), step_marks(CARS_RAW).fastest, 1e-3)),)),
        ("one step with the rate 0.5 arrives",
         lambda: steps_of(MeanSquaredError(standardise(CARS)), 0.5, (0, 0)) == 1),
        ("both standardised, κ = {}", lambda: (longley()[0],)),
    ],
    "condition-number": [
        ("on `chapter line` κ = {}, so {} times",
         lambda: (k := condition_number(CHAPTER), np.sqrt(k))),
        ("here {}.", lambda: ((k := condition_number(CHAPTER), (k - 1) / (k + 1))[1],)),
    ],
    "perpendicular": [
        ("at w = 0.4, b = 0.2, it misses that direction by {} degrees",
         lambda: (angle_to_minimum(CHAPTER, (0.4, 0.2)),)),
    ],
    "one-data-point": [
        ("runs in the direction (1, −x) and has the curvature", lambda: bool(
            all(trough_of(x) for x in (0.0, 0.5, -3.0)))),
        ("goes to w = {}, the floor from {} to {}, and the curvatures stay {} and {}",
         lambda: (PULLED.minima[0][0], CHAPTER.infimum, PULLED.infimum, *eigenvalues(PULLED, (0, 0)))),
        ("curvatures stay {} and {}", lambda: eigenvalues(CHAPTER, (0, 0))),
        ("at 1 they become {} and {}", lambda: eigenvalues(SIDEWAYS, (0, 0))),
    ],
    "sgd-settles": [
        ("still {} from the minimiser after {} steps with the rate {}",
         lambda: (away(opening_run("sgd"), CHAPTER.minima[0]), 2000, LESSON_PAGES["mse"].usual()["lr"])),
        ("it converges after {} steps", lambda: (steps_of_opening(noise=0.0),)),
    ],
    "logistic-surface": [
        ("`challenger` overlaps: minimum {}", lambda: (logistic("challenger").infimum,)),
        ("is at {} after {} steps and still falling",
         lambda: (descent(four(), 1.0, (0, 0), 1000).values[-1], 1000)),
        ("still falling", lambda: descent(four(), 1.0, (0, 0), 1000).status == "no_minimiser"),
    ],
    "no-minimiser": [
        ("w goes {}, {}, {} after 10, 100 and 1000 steps with the rate 1",
         lambda: tuple(descent(four(), 1.0, (0, 0)).points[[10, 100, 1000], 0])),
        ("infimum {}, not attained", lambda: (
            logistic("touching").infimum if logistic("touching").minimisers == "none" else "",)),
        ("with one class the intercept, which is not penalised, still runs off", lambda: (
            LogisticLoss(dataclasses.replace(FOUR, y=np.ones(4)), 0.1).minimisers == "none")),
    ],
    "mse-for-classes": [
        ("from w = −10, b = 0 with the rate 2 the squared error is still {} after {} steps; the "
         "logistic loss falls from {} to {}",
         lambda: (plateau().values[-1], len(plateau().points) - 1,
                  *descent(four(), 2.0, (-10, 0), len(plateau().points) - 1).values[[0, -1]])),
        ("the probability 0.001 costs {}, never more than 1, against {}",
         lambda: (at_probability(lambda p: (1 - p) ** 2)[-1], at_probability(lambda p: -np.log(p))[-1])),
    ],
    "l2": [
        ("with 0.1 there is exactly one, at w = {}, b = {}, where the data alone have the loss {}",
         lambda: (*(p := LogisticLoss(FOUR, 0.1).minima[0].round(12)), four().value(p))),
        ("there is exactly one", lambda: LogisticLoss(FOUR, 0.1).minimisers == "one"),
        ("On the MSE of `same x` any λ > 0 makes a bowl of the trough", lambda: bool(
            MeanSquaredError(same_x()).minimisers == "line"
            and all(eigenvalues(MeanSquaredError(same_x(), v), (0, 0))[0] > 0 for v in (1e-6, 0.1, 9.0)))),
    ],
    "all-correct": [
        ("all four are right after the first step", right_after_first_step),
        ("with the rate 0.3", lambda: True),
        ("stands at {} after {} steps and at {} after {}", lambda: (boundary(10), 10, boundary(1000), 1000)),
        ("that is a boundary at {}", lambda: (widest_margin(),)),
    ],
    "zero-gradient": [
        ("there the descent does end at the saddle", lambda: saddle_run(0.0).status == "saddle"),
    ],
    "saddles": [
        ("with the rate 0.1 from (1, 0.000001) y passes 1 only after {} steps",
         lambda: (int(np.argmax(saddle_run(1e-6).points[:, 1] > 1)),)),
        ("the gradient norm falls to {}", lambda: (saddle_run(1e-6).gradient_norms.min(),)),
    ],
    "adam": [
        ("Adam takes {}, {}, {} and {} steps with the rates 0.05, 0.1, 0.2 and 1; gradient descent with "
         "0.182 takes {}",
         lambda: (*(steps_of(BOWL, r, (1, 1), method="adam") for r in (0.05, 0.1, 0.2, 1.0)),
                  steps_of(BOWL, 0.182, (1, 1)))),
        ("Adam with the rate 5 takes {}, gradient descent with its best fixed rate {} to come within 0.001",
         lambda: (steps_of(CARS_RAW, 5.0, (0, 0), method="adam"),
                  int(predicted_steps(CARS_RAW, (0, 0), step_marks(CARS_RAW).fastest, 1e-3)))),
    ],
    "momentum": [
        ("with the rate 0.1 gradient descent takes {} steps; adding momentum 0.9 makes it {}, and the loss "
         "rises in {} of them", lambda: (steps_of(BOWL, 0.1, (1, 1)), *heavy_ball(0.1, 0.9))),
        ("rate 0.231 with β = 0.27 takes {} steps, gradient descent with 0.182 takes {}",
         lambda: (heavy_ball(0.231, 0.27)[0], steps_of(BOWL, 0.182, (1, 1)))),
    ],
    "which-minimum": [
        ("from (1.6, 1) ends in the right-hand well, x = {}, with the rate 0.3, and in the left-hand one, "
         "x = {}, which is lower, with 0.6", lambda: (well(0.3)[0], well(0.6)[0])),
        ("which is lower", lambda: well(0.6)[1] < well(0.3)[1]),
    ],
    "convex-kinds": [
        ("`bowl` is strongly convex with μ = {}", lambda: (eigenvalues(BOWL, (3, -2))[0],)),
        ("The logistic loss is strictly convex if at least two x differ", lambda: bool(
            eigenvalues(logistic("separable four"), (1, -2))[0] > 0)),
    ],
    "one-minimum": [
        ("it is {} at (−1, 1), {} at (1, 1) and {} halfway between",
         lambda: tuple(ROSENBROCK.value([(-1, 1), (1, 1), (0, 1)]))),
        ("a single stationary point", lambda: len(ROSENBROCK.minima) == 1 and not len(ROSENBROCK.saddles)),
    ],
    "networks": [
        ("the two known ones of `tiny network` are equally low", lambda: bool(
            len(m := LANDSCAPES["tiny network"].minima) == 2
            and np.ptp(LANDSCAPES["tiny network"].value(m)) < 1e-15)),
    ],
}  # fmt: skip
EACH_CLAIM = [(id, *claim) for id, claims in CLAIMS.items() for claim in claims]


def steps_of_opening(**knobs):
    trajectory = opening_run("sgd", **knobs)
    assert trajectory.status == "converged"
    return len(trajectory.points) - 1


@pytest.mark.parametrize(("id", "template", "compute"), EACH_CLAIM, ids=[f"{c[0]}: {c[1][:40]}" for c in EACH_CLAIM])
def test_the_answer_states_what_is_computed(id, template, compute):
    fragment = stated(template, compute)
    assert id in BY_ID, f"CLAIMS in tests/test_ask.py has {id!r}, which is no answer any more"
    assert fragment in BY_ID[id].text, f"answer {id!r} should say: {fragment}"


# Points and starts that a statement is about: conditions, not results.
CONDITIONS = re.compile(r"(?:w = 0\.4, b = 0\.2|w = −10, b = 0|\(1\.6, 1\)|\(1, 0\.000001\))")


def uncovered(id, text):
    for template, compute in CLAIMS.get(id, ()):
        text = text.replace(stated(template, compute), " ")
    for pattern in (*NO_CLAIM, CONDITIONS):
        text = pattern.sub(" ", text)
    return re.findall(r".{0,60}(?:\d+\.\d|\d\d).{0,40}", text)


@EACH
def test_no_number_stands_in_an_answer_uncomputed(answer):
    left = uncovered(answer.id, answer.text)
    assert not left, f"answer {answer.id!r} has numbers that CLAIMS in tests/test_ask.py does not compute: {left}"


def test_a_changed_or_a_new_number_is_noticed():
    assert uncovered("bowl-shaped", BY_ID["bowl-shaped"].text.replace("0.0112", "0.0113"))
    assert uncovered("zero-gradient", BY_ID["zero-gradient"].text + " There it is 0.5.")


# --- form ---------------------------------------------------------------------------------------------


def test_the_source_chapters_prompts_stand_word_by_word():
    for prompt in (
        "Can you explain why the MSE loss surface is bowl-shaped?",
        "How does the geometry of the loss surface affect optimization?",
        "What would the loss surface look like for logistic loss instead?",
    ):
        assert prompt in {answer.question for answer in ANSWERS}
    assert len(ANSWERS) >= 15
    assert {answer.page for answer in ANSWERS} == set(PAGES)


@EACH
def test_wording(answer):
    name, words = f"answer {answer.id!r}", len(answer.text.split())
    assert words <= 120, f"{name} has {words} words; 120 are the most"
    assert answer.text.count("$") % 2 == 0, f"{name}: a formula is not closed by $"
    assert "  " not in answer.text, f"{name} has two spaces in a row"
    assert answer.text.endswith("."), f"{name} must end with a full stop"
    unknown = sorted(set(re.findall(r"`([^`\n]+)`", answer.text)) - NAMES)
    assert not unknown, f"{name} names between backticks what does not exist: {unknown}"


@EACH
def test_states_can_be_opened_and_drawn(answer):
    page = answer.state["page"]
    usual = LESSON_PAGES[page].state(answer.state)
    unknown = sorted(answer.state.keys() - {"page"} - usual.keys())
    assert not unknown, f"answer {answer.id!r} sets {unknown}, which the page {page} does not have"
    for key, value in answer.state.items():
        fits = key == "page" or type(value) is type(usual[key]) or isinstance(value, tuple)
        assert fits, f"answer {answer.id!r} sets {key} to {value!r}, but it must be a {type(usual[key]).__name__}"
    opened = view_of(answer.state)
    assert len(opened.runs) == len(opened.choice.methods) >= 1
    assert not opened.notes


def view_of(state):
    """What the page shows in a state."""
    page = LESSON_PAGES[state["page"]]
    return build(page, choice_of(page, state), ChartStyle())


def test_a_state_becomes_what_the_sidebar_would_say():
    choice = view_of(BY_ID["mse-for-classes"].state).choice
    assert (choice.loss.loss, choice.loss.name) == ("squared error through a sigmoid", "separable four")
    assert (choice.start, choice.methods[0].learning_rate, choice.methods[0].name) == ((-10.0, 0.0), 2.0, GD)
    assert choice.view.holds == (-10.0, 0.0), "the start lies outside the usual window"
    opening = view_of({"page": "logistic"}).choice
    assert dict(opening.loss.knobs)["gap"] == LESSON_PAGES["logistic"].usual()["gap"]
    two = view_of(BY_ID["momentum"].state).choice.methods
    assert [m.name for m in two] == [GD, MOMENTUM]


# --- the search ------------------------------------------------------------------------------------------

QUERIES = {
    "why is my loss rising?": "loss-goes-up",
    "the loss explodes": "loss-goes-up",
    "NaN": "loss-goes-up",
    "what lr": "learning-rate",
    "How big should my step be": "learning-rate",
    "η": "learning-rate",
    "κ": "condition-number",
    "why normalize features": "standardise",
    "minimizer of logistic loss": "no-minimiser",
    "saddel": "saddles",
    "ridge regularization": "l2",
    "weight decay": "l2",
    "is adam good": "adam",
    "Hesian": "hessian",
    "neural nets": "networks",
    "cross entropy": "logistic-surface",
    "why zigzag": "condition-number",
    "stuck": "saddles",
    "outlier": "one-data-point",
    "mini batches": "sgd-settles",
}


@pytest.mark.parametrize("query", QUERIES)
def test_other_words_find_the_answer(query):
    found = find(query, ANSWERS)
    first = [answer.id for answer in found.answers[:2]]
    assert found.fits, f"nothing is found for {query!r}"
    assert QUERIES[query] in first, f"{query!r} should find {QUERIES[query]!r}, not {first}: look at their keywords"


@EACH
def test_its_own_words_find_an_answer_first(answer):
    for query in (answer.question, answer.question.upper().rstrip("?")):
        found = find(query, ANSWERS)
        first = found.answers[0].id
        assert found.fits, f"nothing is found for {query!r}"
        assert first == answer.id, f"{query!r} should find its own answer {answer.id!r} first, not {first!r}"


@pytest.mark.parametrize(
    "query", ["pizza", "weather tomorrow", "<script>alert(1)</script>", "x" * 5000, "日本語 lösung"]
)
def test_what_is_not_here_gets_the_nearest_three(query):
    found = find(query, ANSWERS)
    assert not found.fits
    assert len(set(found.answers)) == 3


@pytest.mark.parametrize("query", ["", "  ", "why?", "?!*[](/"])
def test_without_words_all_stand_in_their_order(query):
    assert find(query, ANSWERS) == answers.Found(ANSWERS, True)


def test_words_are_cut_to_stems():
    assert stem("minimizers") == stem("minimiser") == stem("minimising")
    assert words("The Póczos' minima, are") == ["poczo", "minima"]
    assert words("κ") == words("condition number")
    assert answers._slip("hesian", "hessian")
    assert answers._slip("sadlde", "saddle")
    assert not answers._slip("saddle", "sample")


# --- bad entries -------------------------------------------------------------------------------------------

GOOD = """
[[answer]]
id = "first"
page = "mse"
question = "Why?"
keywords = "because"
text = "Because."
state = { page = "mse", mse_lr = 0.1 }

[[answer]]
id = "second"
page = "logistic"
question = "How?"
keywords = "so"
text = "So."
state = { page = "logistic" }
"""


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('id = "first"\n', "", "answer number 1: id: is missing"),
        ('id = "first"', 'id = "The first"', "'The first': id: must be lower-case"),
        ('id = "second"', 'id = "first"', "'first': id: already used"),
        ('page = "mse"\n', 'page = "home"\n', "'first': page: must be one of mse"),
        ('question = "Why?"', 'question = "Why"', "'first': question: must end"),
        ('question = "How?"', 'question = "Why?"', "'second': question: already asked"),
        ('text = "Because."', 'text = " "', "'first': text: is empty"),
        ('keywords = "because"', 'keywords = ["because"]', "'first': keywords: must be text"),
        ("mse_lr", "logistic_lr", "'first': state: 'logistic_lr' must start with 'mse_'"),
        ("text =", "txt =", "'first': txt: unknown field"),
        ("[[answer]]", "[[answers]]", "answer: is missing"),
        ("[[answer]]", "[[answer]", "cannot be read"),
    ],
)
def test_a_slip_is_reported_with_file_answer_and_field(tmp_path, good, bad, message):
    file = tmp_path / "ask.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert [(a.id, a.page, dict(a.state)) for a in answers.read_answers(file)] == [
        ("first", "mse", {"page": "mse", "mse_lr": 0.1}),
        ("second", "logistic", {"page": "logistic"}),
    ]
    assert good in GOOD
    file.write_text(GOOD.replace(good, bad), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        answers.read_answers(file)
    assert str(file) in str(error.value)


def test_missing_file_and_unknown_language_are_named(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        answers.read_answers(tmp_path / "ask.toml")
    with pytest.raises(ValueError, match="language must be one of en, got 'tlh'"):
        load_answers("tlh")


def test_answers_are_loaded_once_and_cannot_be_changed():
    assert load_answers() is load_answers()
    with pytest.raises(TypeError):
        ANSWERS[0].state["page"] = "logistic"
