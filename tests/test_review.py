"""What a record says: score, confidence, what to look at again, and the order of asking."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binom

from lossgeo.teaching.content_files import PAGES
from lossgeo.teaching.progress import Progress
from lossgeo.teaching.questions import LESSONS, load_bank
from lossgeo.teaching.review import AFTER_RIGHT, FEW, Level, at_most, calibration, due, ideas, score, to_look_at_again

BANK = {question.id: question for question in load_bank()}
MSE = [question for question in BANK.values() if question.page == "mse"]
PLACE = {id: place for place, id in enumerate(BANK)}
FIRST = [question for question in MSE if question.twin and PLACE[question.id] < PLACE[question.twin]]


def hit(progress, question, confidence="certain"):
    return progress.answered(question, question.answer, confidence)


def miss(progress, question, confidence="certain"):
    return progress.answered(question, next(i for i, o in enumerate(question.options) if o.misconception), confidence)


def others(progress, count, but):
    """Right answers to so many other ideas."""
    for question in [q for q in FIRST if q.id not in (but.id, but.twin)][:count]:
        progress = hit(progress, question)
    return progress


def test_score_counts_the_latest_answer_to_each_question():
    progress = hit(miss(hit(Progress(), MSE[0]), MSE[0]), MSE[1])
    found = score(progress, page="mse")
    assert (found.answered, found.right, found.total) == (2, 1, len(MSE))
    assert score(progress).total == len(BANK)
    assert score(progress, page="logistic").answered == 0
    assert sum(score(progress, lesson=lesson).total for lesson in LESSONS) == len(BANK)


# Confidence


@pytest.mark.parametrize("chance", [0.5, 0.9])
def test_binomial(chance):
    for tries in (1, 5, 17):
        for k in range(tries + 1):
            assert at_most(k, tries, chance) == pytest.approx(binom.cdf(k, tries, chance), rel=1e-12)


def test_calibration_takes_the_first_answer_to_each_question():
    progress = hit(miss(hit(Progress(), MSE[1], "guess"), MSE[0]), MSE[0])
    assert [(level.confidence, level.count, level.right) for level in calibration(progress)] == [
        ("guess", 1, 1), ("fairly sure", 0, 0), ("certain", 1, 0)]  # fmt: skip
    assert math.isnan(calibration(progress)[1].share)


@pytest.mark.parametrize(
    ("confidence", "count", "right", "verdict"),
    [
        ("certain", 4, 0, ""),  # too few to say anything
        ("certain", 5, 2, "over"), ("certain", 5, 3, ""), ("certain", 20, 15, "over"), ("certain", 20, 16, ""),
        ("guess", 4, 4, ""), ("guess", 5, 5, "under"), ("guess", 5, 4, ""), ("guess", 12, 10, "under"),
        ("certain", 50, 50, ""), ("guess", 50, 0, ""), ("fairly sure", 50, 0, ""),
    ],
)  # fmt: skip
def test_words_about_confidence_only_where_the_counts_carry_them(confidence, count, right, verdict):
    assert Level(confidence, count, right).verdict == verdict


def test_accidents_are_rare():
    """Somebody who is right nine times in ten when certain is called overconfident in one case of twenty at most."""
    for count in range(FEW, 65):
        called = sum(binom.pmf(k, count, 0.9) for k in range(count + 1) if Level("certain", count, k).verdict)
        assert called <= 0.05


# What to look at again


def test_misconceptions_missed_are_named_once_certain_first_and_leave_when_the_idea_is_right():
    a, b = MSE[0], FIRST[1]
    progress = miss(miss(Progress(), b, "guess"), a, "certain")
    found = to_look_at_again(progress)
    assert [idea.certain for idea in found] == [True, False]
    assert found[0].misconception == next(o.misconception for o in a.options if o.misconception)
    assert (found[0].lesson, found[0].page) == (a.lesson, "mse")
    assert [idea.certain for idea in to_look_at_again(hit(progress, BANK[a.twin]))] == [False]
    assert to_look_at_again(Progress()) == ()


# The order of asking


def test_a_new_learner_gets_the_first_form_of_each_idea_in_order():
    progress, asked = Progress(), []
    for _ in range(AFTER_RIGHT):
        now = due(progress, page="mse")
        assert now.after is None
        asked.append(now.question)
        progress = hit(progress, now.question)
    assert asked == FIRST[:AFTER_RIGHT]


def test_a_confident_miss_comes_back_first_as_its_twin_after_two_others():
    question = FIRST[0]
    progress = miss(Progress(), question)
    assert due(progress, page="mse").question == FIRST[1], "not at once"
    progress = others(progress, 1, question)
    assert due(progress, page="mse").question == FIRST[2], "not yet"
    progress = others(miss(Progress(), question), 2, question)
    again = due(progress, page="mse")
    assert again.question == BANK[question.twin]
    assert (again.after.question, again.after.confidence, again.after.right) == (question.id, "certain", False)


def test_confident_misses_overtake_hesitant_ones_and_those_overtake_right_answers():
    a, b, c = FIRST[:3]
    progress = hit(Progress(), c)
    progress = miss(miss(progress, b, "guess"), a, "certain")
    for question in FIRST[3 : 3 + AFTER_RIGHT]:
        progress = hit(progress, question)
    order = []
    for _ in range(3):
        now = due(progress, page="mse")
        order.append(now.question.id)
        progress = hit(progress, now.question)
    assert order == [a.twin, b.twin, c.twin]


def test_right_answers_come_back_as_their_twin_but_later_and_ever_later():
    question = FIRST[0]
    twin = BANK[question.twin]
    progress = others(hit(Progress(), question), AFTER_RIGHT - 1, question)
    assert due(progress, page="mse").after is None
    progress = others(hit(Progress(), question), AFTER_RIGHT, question)
    assert due(progress, page="mse").question == twin
    progress = others(hit(progress, twin), AFTER_RIGHT, question)
    assert due(progress, page="mse").question != question, "right twice in a row: twice the wait"


def test_a_twin_missed_brings_back_the_first_form():
    question = FIRST[0]
    progress = others(miss(hit(Progress(), question), BANK[question.twin]), 2, question)
    assert due(progress, page="mse").question == question


@pytest.mark.parametrize(("page", "lesson"), [(page, None) for page in PAGES] + [(None, n) for n in LESSONS])
@pytest.mark.parametrize("answer", [hit, miss])
def test_asking_goes_through_everything_and_never_repeats_itself_at_once(page, lesson, answer):
    """Three answers for each question: every question comes up, the idea just asked never does."""
    progress, seen, last = Progress(), set(), None
    total = score(progress, page, lesson).total
    for turn in range(3 * total):
        now = due(progress, page, lesson)
        assert now == due(progress, page, lesson), "the same record, the same question"
        assert now.question.page == page or now.question.lesson == lesson
        assert last is None or now.question.id not in (last.id, last.twin)
        assert (now.after is None) == (now.question.id not in seen and now.question.twin not in seen)
        seen.add(now.question.id)
        progress, last = answer(progress, now.question), now.question
        assert turn < total or len(seen) > total / 2
    assert len(seen) == total


def test_nothing_is_due_where_there_is_nothing_to_ask():
    assert due(Progress(), page="mse", lesson=7) is None


def test_an_idea_is_a_question_and_its_twin():
    progress = miss(hit(hit(Progress(), MSE[0]), FIRST[1]), BANK[MSE[0].twin])
    assert [len(turns) for turns in ideas(progress).values()] == [2, 1]


def test_an_answer_straight_after_the_feedback_does_not_mend_a_miss():
    question = FIRST[0]
    progress = others(hit(hit(miss(Progress(), question), question), question), 2, question)
    again = due(progress, page="mse")
    assert again.question == BANK[question.twin]
    assert not again.after.right
    assert to_look_at_again(progress)
