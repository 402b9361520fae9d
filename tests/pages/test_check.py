"""The concept check: answer, confidence, feedback, and the state that shows it."""

from __future__ import annotations

import re

import pytest
from sessions import PAGES, check_whole, shown, visit, widget

from lossgeo.teaching import questions
from lossgeo.views.pages import LESSON_PAGES


def answer(app, question, option, confidence="certain"):
    """Choose an option by its number in the bank, say how sure, and check it."""
    radio = widget(app, f"_quiz_{question.id}_answer")
    radio.set_value(option)
    app.run()
    widget(app, f"_quiz_{question.id}_sure").set_value(confidence)
    app.run()
    widget(app, f"_quiz_{question.id}_check").click()
    check_whole_but_feedback(app.run())
    return app


def check_whole_but_feedback(app):
    check_whole(app, warnings=len(app.warning))


def defaults(page, state):
    return LESSON_PAGES[page].state(state)


def questions_of(page):
    return [question for question in questions.load_bank() if question.page == page]


@pytest.mark.parametrize("page", PAGES)
def test_right_answer(page):
    question = questions_of(page)[0]
    app = visit(page, tab="Check")
    assert widget(app, f"_quiz_{question.id}_check").disabled, "no answer yet"
    answer(app, question, question.answer)
    assert question.explanation.strip() in app.success[0].value
    assert not app.warning


@pytest.mark.parametrize("page", PAGES)
def test_every_wrong_answer_of_the_first_question(page):
    question = questions_of(page)[0]
    app = visit(page, tab="Check")
    for number, option in enumerate(question.options):
        if number == question.answer:
            continue
        answer(app, question, number)
        assert option.feedback.strip() in app.warning[0].value
        assert any(question.explanation.strip() in text.value for text in app.markdown)
        widget(app, f"_again_{question.id}").click()
        app.run()
        assert not app.warning
        assert widget(app, f"_quiz_{question.id}_answer").value is None


@pytest.mark.parametrize("page", PAGES)
def test_walk_through_every_question(page):
    app = visit(page, tab="Check")
    asked = questions_of(page)
    assert len(asked) >= 3
    for place, question in enumerate(asked):
        check_whole(app)
        assert {option.text for option in question.options} == set(widget(app, f"_quiz_{question.id}_answer").options)
        assert widget(app, f"_next_{page}").disabled == (place == len(asked) - 1)
        if place < len(asked) - 1:
            widget(app, f"_next_{page}").click()
            app.run()


@pytest.mark.parametrize("page", PAGES)
def test_show_it_on_the_stage(page):
    """The wrong option whose state stays on this page: the button sets it, Undo takes it back."""
    question, number = next(
        (question, number)
        for question in questions_of(page)[:1] + questions_of(page)
        for number, option in enumerate(question.options)
        if option.misconception and option.state["page"] == page and len(option.state) > 2
    )
    app = visit(page, tab="Check")
    for _ in range(questions_of(page).index(question)):
        widget(app, f"_next_{page}").click()
        app.run()
    answer(app, question, number)
    widget(app, f"_quiz_{question.id}_shown_0").click()
    check_whole_but_feedback(app.run())
    state = {f"{page}_methods": ["gradient descent"]} | dict(question.options[number].state)
    state = {k: list(v) if isinstance(v, tuple) else v for k, v in state.items() if k != "page"}
    for key, value in (defaults(page, state) | state).items():
        assert shown(app, key) == value, key
    widget(app, f"{page}_undo").click()
    check_whole_but_feedback(app.run())
    for key, value in defaults(page, {}).items():
        assert shown(app, key) == value, key


def test_show_it_on_another_page():
    """The chapter's question has an answer that the logistic page refutes: the button goes there."""
    question = next(q for q in questions.load_bank() if q.id == "chapter-question")
    number = next(i for i, option in enumerate(question.options) if option.state["page"] == "logistic")
    app = visit("mse", tab="Check")
    answer(app, question, number)
    widget(app, f"_quiz_{question.id}_shown_0").click()
    check_whole_but_feedback(app.run())
    assert "ogistic" in app.title[0].value
    for key, value in question.options[number].state.items():
        if key != "page":
            assert shown(app, key) == value


def test_a_confident_miss_comes_back_in_another_form_and_says_why():
    by_id = {question.id: question for question in questions.load_bank()}
    app = visit("mse", tab="Check")
    asked = []
    for turn in range(3):
        question = by_id[shown(app, "_mse_go_to")]
        asked.append(question.id)
        wrong = next(i for i, option in enumerate(question.options) if option.misconception)
        answer(app, question, question.answer if turn else wrong, "guess" if turn else "certain")
        widget(app, "_due_mse").click()
        check_whole_but_feedback(app.run())
    assert shown(app, "_mse_go_to") == by_id[asked[0]].twin
    assert any("You were certain and missed this idea" in text.value for text in app.markdown)
    assert any("3 answered, 2 right" in text.value for text in app.caption)
    assert app.query_params["mse_question"] in (by_id[asked[0]].twin, [by_id[asked[0]].twin])


def test_a_link_opens_the_question_and_junk_the_first():
    assert shown(visit("mse", tab="Check", question="sum-or-mean"), "_mse_go_to") == "sum-or-mean"
    assert shown(visit("mse", tab="Check", question="<b>no</b>"), "_mse_go_to") == questions_of("mse")[0].id


def test_the_list_of_questions_gives_no_answer_away_and_the_address_keeps_the_id():
    """The list shows numbers and lessons: an id such as `one-point-trough` would tell too much."""
    app = visit("mse", tab="Check", question="one-point-trough")
    selector = widget(app, "_mse_go_to")
    assert all(re.fullmatch(r"Question \d+, lesson \d+", name) for name in selector.options)
    selector.set_value("sum-or-mean")
    app.run()
    question = next(question for question in questions.load_bank() if question.id == "sum-or-mean")
    assert any(text.value == question.stem for text in app.markdown)
    assert app.query_params["mse_question"] in ("sum-or-mean", ["sum-or-mean"])
    selector = widget(app, "_mse_go_to").set_value(questions_of("mse")[0].id)
    app.run()
    assert "mse_question" not in app.query_params, "the first question needs no parameter"
