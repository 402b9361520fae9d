"""The teacher view: the answer stays away until Reveal, votes stay put, every option opens its state."""

from __future__ import annotations

import pytest
from sessions import PAGES, ROOT, charts, complaints, shown, table, widget
from streamlit.testing.v1 import AppTest

from lossgeo.charts.style import ChartStyle
from lossgeo.teaching import review, worksheet
from lossgeo.teaching.questions import MISCONCEPTIONS, load_bank, order
from lossgeo.ui.classroom import address, voting
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import PAGES as PAGE_RECORDS
from lossgeo.views.view import build

BANK = {question.id: question for question in load_bank()}


def check_whole(app):
    """The page ran to its end, past the round: nothing went wrong, and the stage is there."""
    assert not complaints(app), "\n".join(complaints(app))
    assert charts(app), "no stage was sent"
    assert app.expander, "the round was not drawn to its end"


def hold(page, question=None, **link):
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.session_state["layout"] = "laptop"
    link = {"teacher": "true", f"{page}_tab": "Check", **({f"{page}_question": question} if question else {}), **link}
    for name, value in link.items():
        app.query_params[name] = str(value)
    app.switch_page(f"pages/{page}.py").run()
    check_whole(app)
    return app


def press(app, key):
    widget(app, key).click()
    check_whole(app.run())
    return app


def sent(app):
    """Everything that went to the browser, as text."""
    return "\n".join(str(element.proto) for element in app.main) + "\n".join(e.value for e in app.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_the_answer_is_not_on_the_page_before_reveal(page):
    app = hold(page)
    for question in review.scope(page)[:3]:
        texts = [e.value for e in app.markdown]
        letters = [text for text in texts if text[:5] in ("**A**", "**B**", "**C**", "**D**")]
        expected = [question.options[i].text for i in order(question, 1)]
        assert [text[6:] for text in letters] == expected, "lettered, in the order of the class"
        before = sent(app)
        for option in question.options:
            assert option.feedback[:40] not in before
            assert option.misconception is None or MISCONCEPTIONS[option.misconception] not in before
        assert "right**" not in before
        press(app, f"_reveal_{page}")
        after = "\n".join(e.value for e in app.markdown)
        assert all(option.feedback in after for option in question.options)
        right = question.options[question.answer].text
        assert f"{right}\u2002**right**" in after
        assert after.count("**right**") == 1
        press(app, f"_next_{page}")
        assert "**right**" not in "\n".join(e.value for e in app.markdown), "hidden again"


def test_options_follow_the_seed_of_the_class():
    question = next(q for q in BANK.values() if q.page == "mse" and order(q, 1) != order(q, 7))
    for seed in (1, 7):
        app = hold("mse", question.id, seed=seed)
        letters = [e.value[6:] for e in app.markdown if e.value[:5] in ("**A**", "**B**", "**C**", "**D**")]
        assert letters == [question.options[i].text for i in order(question, seed)]


def test_the_learner_sees_the_same_order():
    app = hold("mse", "same-surface", teacher="false", seed=7)
    question = BANK["same-surface"]
    assert widget(app, "_quiz_same-surface_answer").options == [question.options[i].text for i in order(question, 7)]


@pytest.mark.parametrize("junk", ["0", "-1", "1000", "1.5", "abc", "", "<b>", "9" * 50, "²"])
def test_a_seed_that_is_none_means_the_usual_one(junk):
    app = hold("mse", seed=junk)
    assert app.session_state.get("_seed", 1) == address.SEEDS[0]
    assert "seed" not in app.query_params


def test_votes_are_drawn_beside_each_other_and_stay_after_reveal():
    question = BANK["same-surface"]
    app = hold("mse", question.id)
    places = order(question, 1)
    for vote, counts in enumerate([(5, 9, 2), (1, 14, 1)]):
        for option, count in zip(places, counts, strict=True):
            widget(app, voting.vote_key(question, option, vote)).set_value(count)
    check_whole(app.run())
    for turn in range(2):
        chart = app.get("vega_lite_chart")[-1].proto
        rows = table(chart, "votes").to_pylist()
        assert [row["count"] for row in rows] == [5, 9, 2, 1, 14, 1]
        assert [row["option"] for row in rows] == ["A", "B", "C"] * 2
        assert "second vote: A 1, B 14, C 1" in chart.alt
        if turn == 0:
            press(app, "_reveal_mse")


def test_an_option_opens_the_state_that_refutes_it():
    question = BANK["same-surface"]
    app = press(hold("mse", question.id), "_reveal_mse")
    number = next(i for i, o in enumerate(question.options) if o.misconception and o.state["page"] == "mse")
    button = widget(app, f"_see_{question.id}_{number}")
    assert button.proto.shortcut == str(order(question, 1).index(number) + 1)
    press(app, f"_see_{question.id}_{number}")
    for key, value in question.options[number].state.items():
        assert key == "page" or shown(app, key) == (list(value) if isinstance(value, tuple) else value)


def test_lesson_chooser_and_the_way_out():
    app = hold("nonconvex")
    widget(app, "_lesson_nonconvex").set_value(6)
    check_whole(app.run())
    assert BANK[widget(app, "_nonconvex_go_to").value].lesson == 6
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.query_params["teacher"] = "true"
    app.run()
    press_home = widget(app, "_leave_home")
    press_home.click()
    app.run()
    assert "teacher" not in app.query_params
    assert not app.session_state["_teacher"]


@pytest.mark.parametrize("page", PAGES)
def test_worksheet_is_made_from_the_page(page):
    record = PAGE_RECORDS[page]
    said = {"methods": ["momentum", "newton"], "lr": 0.25, record.start[0]: -0.5, record.start[1]: 0.25, "steps": 33}
    shown = build(record, choice_from(record, said), ChartStyle())
    for lesson in {q.lesson for q in review.scope(page)}:
        text = worksheet.handout(voting.sheets(lesson, shown, False, False), 5)
        name = shown.choice.loss.name
        for words in (name, "momentum, learning rate 0.25, β = 0.9", "= −0.5", "33", "data:image/webp;base64,"):
            assert words in text
        once, both = (len(voting.sheets(lesson, shown, twins, False)[0].questions) for twins in (False, True))
        asked = review.scope(lesson=lesson)
        ideas = {frozenset((question.id, question.twin or question.id)) for question in asked}
        assert (once, both) == (len(ideas), len(asked)), "one form of each question, or all"
