"""The way through a lesson: nothing runs before a prediction, nothing is explained before an observation."""

from __future__ import annotations

import pytest
from sessions import PAGES, check_whole, complaints, says, shown, table, visit, widget
from sessions import charts as sent_charts

from lossgeo.teaching.lessons import load_lessons, of_page
from lossgeo.teaching.progress import Notes
from lossgeo.teaching.questions import load_bank
from lossgeo.ui.learn import guided_lesson
from lossgeo.views.pages import LESSON_PAGES

BANK = {question.id: question for question in load_bank()}


def prose(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def press(app, lesson, name):
    widget(app, f"_lesson_{lesson.key}_{name}").click()
    return app.run()


def choose(app, lesson, name, value):
    widget(app, f"_lesson_{lesson.key}_{name}").set_value(value)
    return app.run()


def notes(app, lesson):
    if lesson.half:
        return app.session_state["_half"] if "_half" in app.session_state else Notes()
    return app.session_state["_progress"].lesson(lesson.number) if "_progress" in app.session_state else Notes()


def answer(app, lesson, beat, right=True):
    question = BANK[lesson.recall if beat == "recall" else lesson.question]
    chosen = question.answer if right else (question.answer + 1) % len(question.options)
    choose(app, lesson, f"{beat}_answer", chosen)
    choose(app, lesson, f"{beat}_sure", "guess")
    press(app, lesson, f"{beat}_check")
    assert question.options[chosen].feedback in "".join(e.value for e in [*app.success, *app.warning])
    return app


@pytest.mark.parametrize("lesson", [of_page(page)[-1] for page in PAGES], ids=lambda lesson: lesson.key)
def test_from_recall_to_the_end(lesson):
    page, number = lesson.page, str(lesson.number)
    app = visit(page, lesson=number)
    check_whole(app)
    assert lesson.heading in prose(app)
    answer(app, lesson, "recall", right=False)
    press(app, lesson, "next_beat")
    assert lesson.predict in prose(app)
    before = says(app)

    # Run is locked until both an outcome and a confidence are chosen.
    wrong = (lesson.happens + 1) % len(lesson.outcomes)
    assert widget(app, f"_lesson_{lesson.key}_run").disabled
    choose(app, lesson, "predicted", wrong)
    assert widget(app, f"_lesson_{lesson.key}_run").disabled
    choose(app, lesson, "sure", "certain")
    assert says(app) == before
    press(app, lesson, "run")
    check_whole(app)

    # It runs; the prediction stands beside the question what was seen, and nothing is explained yet.
    assert says(app) != before
    for key, value in lesson.show[0].state.items():
        if key != "page":
            value = list(value) if isinstance(value, tuple) else value
            assert shown(app, key) == value
            assert key in app.query_params or value == usual_of(app, page).get(key), key
    assert app.query_params[f"{page}_part"] in ("Observe", ["Observe"])
    assert lesson.outcomes[wrong] in prose(app)
    assert lesson.outcome not in prose(app)
    assert notes(app, lesson) == Notes(beat=2, predicted=wrong, confidence="certain")
    choose(app, lesson, "seen", lesson.happens)
    assert lesson.outcome not in prose(app)
    press(app, lesson, "saw")
    assert lesson.outcome in prose(app)
    assert "Not as you predicted" in prose(app)
    assert lesson.outcomes[wrong] in prose(app), "the prediction stays"

    # Explain: one's own sentence first, then the model answer and the rule.
    press(app, lesson, "next_beat")
    assert lesson.answer not in prose(app)
    app.text_area[0].set_value("Because of the slope.")
    press(app, lesson, "compare")
    assert lesson.answer in prose(app)
    assert lesson.rule in prose(app)
    assert notes(app, lesson).why == "Because of the slope."
    press(app, lesson, "next_beat")
    assert lesson.refute[0].reply in prose(app)
    press(app, lesson, "next_beat")
    assert lesson.after not in prose(app)
    answer(app, lesson, "transfer")
    assert lesson.after in prose(app)
    press(app, lesson, "next_beat")
    assert lesson.leave in prose(app)
    assert notes(app, lesson).done
    done = app.session_state["_progress"].lessons_done
    assert done == (0 if lesson.half else 1)
    assert len(app.session_state["_progress"].answers) == 2
    choose(app, lesson, "clear", "No")
    app.text_input[0].set_value("More colour.")
    app.run()
    assert "Thank you" in prose(app)
    assert (notes(app, lesson).clear, notes(app, lesson).improve) == (False, "More colour.")

    # The prediction stays locked, until the lesson is taken again.
    controls_at(app, page, "Predict")
    assert "locked" in prose(app)
    with pytest.raises(KeyError):
        widget(app, f"_lesson_{lesson.key}_run")
    controls_at(app, page, "End")
    press(app, lesson, "anew")
    assert notes(app, lesson) == Notes()
    check_whole(app)


def usual_of(app, page):
    """What the page opens with, for the landscape that it shows."""
    named = page == "nonconvex" and app.query_params.get("nonconvex_landscape")
    return LESSON_PAGES[page].state({"nonconvex_landscape": shown(app, "nonconvex_landscape")} if named else {})


def controls_at(app, page, part):
    widget(app, f"{page}_part").set_value([part] if isinstance(widget(app, f"{page}_part").value, list) else part)
    return app.run()


@pytest.mark.parametrize(
    ("place", "lesson"), list(enumerate(load_lessons())), ids=[lesson.key for lesson in load_lessons()]
)
def test_a_link_opens_a_part_and_none_is_a_dead_end(place, lesson):
    part, text = [("Observe", "First make a prediction"), ("Refute", lesson.refute[0].reply), ("End", lesson.leave),
                  ("Transfer", lesson.transfer)][place % 4]  # fmt: skip
    app = visit(lesson.page, lesson=lesson.number, part=part)
    check_whole(app)
    assert lesson.heading in prose(app)
    assert text in prose(app)
    assert [b for b in app.button if b.label.startswith("Back to")]


def test_an_unfinished_lesson_is_not_done_and_says_why():
    lesson = load_lessons()[0]
    app = visit("mse", part="Transfer")
    press(app, lesson, "next_beat")
    assert not notes(app, lesson).done
    assert all(word in prose(app) for word in ("Not done yet", "prediction", "observation", "Transfer"))


def test_a_state_on_another_page_and_the_way_back():
    lesson = next(lesson for lesson in load_lessons() if lesson.key == "7")
    app = visit("nonconvex", lesson=7, part="Transfer")
    press(app, lesson, "elsewhere_0")
    assert not complaints(app)
    assert app.title[0].value == LESSON_PAGES["mse"].heading
    assert shown(app, "mse_dataset") == "chapter line"
    links = [link.proto for link in app.get("page_link") if "Back to lesson 7" in link.proto.label]
    assert len(links) == 1
    assert "nonconvex_part=Transfer" in links[0].query_string


def test_feedback_goes_to_the_host_only_where_one_is_named(monkeypatch):
    monkeypatch.setenv("LOSSGEO_FEEDBACK_URL", "https://example.org/form")
    assert guided_lesson.feedback_address() == "https://example.org/form"
    monkeypatch.setenv("LOSSGEO_FEEDBACK_URL", "javascript:alert(1)")
    assert guided_lesson.feedback_address() is None
    monkeypatch.delenv("LOSSGEO_FEEDBACK_URL")
    assert guided_lesson.feedback_address() is None


# What the words under the stage must say once a button of the demonstration is pressed.
SEEN = {
    ("2", "0.1"): "980 steps", ("2", "0.5"): "191 steps", ("2", "0.747"): "132 steps", ("2", "0.78"): "690 steps",
    ("2", "0.8"): "diverged", ("3", "raw"): "max_steps", ("3", "standardised"): ": 1 steps",
    ("4", "challenger"): "40 steps", ("4", "iris"): "no_minimiser", ("4", "separable four, penalty"): "42 steps",
    ("5a", "squared error"): "plateau", ("6", "stopped after 30 steps"): "saddle", ("6", "exactly on it"): "saddle",
    ("7", "same rate"): "momentum: 260 steps", ("7", "descent, tuned"): "70 steps",
    ("7", "momentum, tuned"): "29 steps",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_state_opens(page):
    app = visit(page)
    todo = dict(SEEN)
    for lesson in load_lessons():
        for show in lesson.shows():
            if show.state["page"] != page:
                continue
            state = {f"{page}_methods": ["gradient descent"]} | {k: v for k, v in show.state.items() if k != "page"}
            usual = LESSON_PAGES[page].state(state)
            assert state.keys() <= usual.keys(), f"lesson {lesson.key}, {show.label}: {state.keys() - usual.keys()}"
            for key, value in (usual | state).items():
                app.session_state[key] = list(value) if isinstance(value, tuple) else value
            app.run()
            assert not complaints(app), f"lesson {lesson.key}, {show.label}: {complaints(app)}"
            assert not app.warning, f"lesson {lesson.key}, {show.label}: {app.warning[0].value}"
            for key, value in state.items():
                assert shown(app, key) == (list(value) if isinstance(value, tuple) else value), (lesson.key, show.label)
            if state.get(f"{page}_picture") != "3-D":
                assert table(sent_charts(app)[0], "path").num_rows > 1
            if (words := todo.pop((lesson.key, show.label), None)) and show in lesson.show:
                assert words in says(app), f"lesson {lesson.key}, {show.label}: {says(app)}"
    keys = {lesson.key for lesson in of_page(page)}
    assert not [left for left in todo if left[0] in keys], "buttons that no lesson has"
