"""The way through a lesson: nothing runs before a prediction, nothing is explained before an observation."""

from __future__ import annotations

import json

import pytest
import streamlit as st
from sessions import PAGES, complaints, named_data, says, shown, table, view, visit, widget
from sessions import charts as sent_charts

from lossgeo.charts.map_panel import EARLIER, FOUND, GUESSED
from lossgeo.teaching.lessons import load_lessons, of_page
from lossgeo.teaching.progress import Notes
from lossgeo.teaching.questions import load_bank
from lossgeo.ui.learn import feedback, position
from lossgeo.views.pages import LESSON_PAGES

BANK = {question.id: question for question in load_bank()}
LESSON = {lesson.key: lesson for lesson in load_lessons()}


def whole(app):
    """The page ran to its end, and the stage has all its data."""
    assert not complaints(app), "\n".join(complaints(app))
    stage = sent_charts(app)[0]
    sent = sorted(data.name for data in stage.datasets)
    assert sent == sorted(named_data(json.loads(stage.spec))), "sent and used data sets differ"


def rows(app, name):
    """The rows of a data set of the stage."""
    return table(sent_charts(app)[0], name).to_pylist()


def places(app):
    """What a lesson has marked on the map: (w, b, kind)."""
    return [(row["w"], row["b"], row["kind"]) for row in rows(app, "kept") if row["kind"] < EARLIER]


def ghosts(app):
    """The numbers of the earlier runs on the map."""
    return {row["kind"] - EARLIER for row in rows(app, "kept") if row["kind"] >= EARLIER}


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


def usual_of(app, page):
    """What the page opens with, for the landscape that it shows."""
    named = page == "nonconvex" and app.query_params.get("nonconvex_landscape")
    return LESSON_PAGES[page].state({"nonconvex_landscape": shown(app, "nonconvex_landscape")} if named else {})


def guess(app, lesson, *values):
    """Type the drawn prediction."""
    names = ("rate",) if lesson.draw.kind == "rate" else ("first", "second")
    for name, value in zip(names, values, strict=True):
        widget(app, f"_lesson_{lesson.key}_guess_{name}").set_value(value)
        app.run()


@pytest.mark.parametrize("lesson", [of_page(page)[-1] for page in PAGES], ids=lambda lesson: lesson.key)
def test_from_the_play_to_the_end(lesson):
    page, number = lesson.page, str(lesson.number)
    app = visit(page, tab="Learn", lesson=number)
    whole(app)
    assert lesson.title in prose(app)
    assert lesson.play.text in prose(app)
    for key, value in lesson.play.state.items():
        assert key == "page" or shown(app, key) == (list(value) if isinstance(value, tuple) else value), key
    press(app, lesson, "next_beat")
    answer(app, lesson, "recall", right=False)
    press(app, lesson, "next_beat")
    assert lesson.predict in prose(app)
    assert not view(app)["words"], "the words above the map answer what is to be predicted"
    before = says(app)

    # Run is locked until outcome, drawing and confidence are there.
    wrong = (lesson.happens + 1) % len(lesson.outcomes)
    assert widget(app, f"_lesson_{lesson.key}_run").disabled
    choose(app, lesson, "predicted", wrong)
    if lesson.draw is not None:
        guess(app, lesson, 0.5, -2.0)
    assert widget(app, f"_lesson_{lesson.key}_run").disabled
    choose(app, lesson, "sure", "certain")
    assert says(app) == before
    press(app, lesson, "run")
    whole(app)

    # It runs; the first row is there, and nothing is explained yet.
    assert says(app) != before
    for key, value in lesson.show[0].state.items():
        if key != "page":
            value = list(value) if isinstance(value, tuple) else value
            assert shown(app, key) == value
            assert key in app.query_params or value == usual_of(app, page).get(key), key
    assert app.query_params[f"{page}_part"] in ("Observe", ["Observe"])
    assert lesson.outcome not in prose(app)
    assert notes(app, lesson) == Notes(beat=2, predicted=wrong, confidence="certain")
    choose(app, lesson, "seen", lesson.happens)
    assert lesson.outcome not in prose(app)
    press(app, lesson, "saw")
    assert lesson.outcome in prose(app)
    assert f"had predicted:** {lesson.outcomes[wrong]}" in prose(app)

    # Explain: one's own sentence first, then the plain sentence; the rule is folded.
    press(app, lesson, "next_beat")
    assert lesson.plain not in prose(app)
    app.text_area[0].set_value("Because of the *slope*.")
    press(app, lesson, "compare")
    assert lesson.plain in prose(app)
    assert lesson.answer in prose(app)
    assert lesson.rule not in prose(app)
    assert notes(app, lesson).why == "Because of the *slope*."
    press(app, lesson, "next_beat")
    assert lesson.refute[0].reply in prose(app)
    assert lesson.refute[1].reply not in prose(app), "one at a time"
    choose(app, lesson, "refute", 1)
    assert lesson.refute[1].reply in prose(app)
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
    to_part(app, page, "Predict")
    assert "locked" in prose(app)
    with pytest.raises(KeyError):
        widget(app, f"_lesson_{lesson.key}_run")
    to_part(app, page, "End")
    press(app, lesson, "anew")
    assert notes(app, lesson) == Notes()
    assert lesson.play.text in prose(app)
    whole(app)


def to_part(app, page, part):
    """Choose a part from the list."""
    widget(app, f"_{page}_parts").set_value(part)
    return app.run()


def test_what_is_found_in_the_play_stays_on_the_map():
    """Lesson 1: dots for lines through the point, none for others; the second time at a place is no second dot."""
    app = visit("mse", tab="Learn", lesson=1)
    for w, b in ((0.5, 1.5), (1.0, 1.0), (0.0, 0.0), (1.5, 0.5), (1.0, 1.0)):
        app.session_state["mse_w0"], app.session_state["mse_b0"] = w, b
        app.run()
    assert places(app) == [(w, 2 - w, FOUND) for w in (0.5, 1.0, 1.5)]
    assert "Found: 3 of 4" in prose(app)
    app.session_state["mse_w0"], app.session_state["mse_b0"] = 0.0, 2.0
    app.run()
    assert LESSON["1"].play.found in app.success[0].value
    app.session_state["mse_dataset"] = "chapter line"
    assert not places(app.run()), "on another surface these places mean nothing"


def test_observe_keeps_a_row_and_a_pale_path_for_each_run_and_says_how_far_the_drawn_rate_was_off():
    lesson = LESSON["2"]
    app = visit("mse", tab="Learn", lesson=2, part="Predict")
    choose(app, lesson, "predicted", lesson.happens)
    guess(app, lesson, 0.6)
    choose(app, lesson, "sure", "guess")
    press(app, lesson, "run")
    assert shown(app, "mse_lr") == 0.6, "the predicted rate runs first"
    assert "158 steps, arrived" in prose(app)
    assert not ghosts(app)
    for i in range(6):  # the first row is the learner's own
        press(app, lesson, f"show_{i}")
    for ending in ("158 steps", "980 steps", "191 steps", "132 steps", "690 steps"):
        assert f"{ending}, arrived" in prose(app), ending
    assert "runs away" in prose(app)
    assert ghosts(app) == set(range(5)), "all runs but the one that is drawn"
    choose(app, lesson, "seen", lesson.happens)
    press(app, lesson, "saw")
    assert "Your rate 0.6: 158 steps. The fastest of the other five, 0.747: 132 steps." in prose(app)
    app.session_state["mse_dataset"] = "cars"
    assert not ghosts(app.run()), "a path belongs to its own surface"


def test_a_drawn_place_stands_on_the_map_and_its_distance_is_told():
    lesson = LESSON["3"]
    app = visit("mse", tab="Learn", lesson=3, part="Predict")
    choose(app, lesson, "predicted", lesson.happens)
    guess(app, lesson, 4.0, -17.0)
    assert places(app) == [(4.0, -17.0, GUESSED)]
    choose(app, lesson, "sure", "guess")
    press(app, lesson, "run")
    choose(app, lesson, "seen", lesson.happens)
    press(app, lesson, "saw")
    end = rows(app, "path")[-1]
    away = ((end["w"] - 4.0) ** 2 + (end["b"] + 17.0) ** 2) ** 0.5
    assert f"the diamond is your place: {away:.3g} from the end of that run." in prose(app)
    press(app, lesson, "show_2")
    assert not places(app), "standardised data have another surface"


def test_anscombe_flips_in_place_on_the_same_axes():
    app = visit("mse", tab="Learn", lesson=1, part="Transfer")
    seen, sets = [], []
    for i in range(4):
        choose(app, LESSON["1"], "flip", i)
        row = view(app)
        seen.append([row[name] for name in ("w0", "w1", "b0", "b1", "x0", "x1", "y0", "y1")])
        sets.append(str(rows(app, "points")))
        assert shown(app, "mse_dataset") == f"anscombe {('I', 'II', 'III', 'IV')[i]}"
    assert all(axes == seen[0] for axes in seen), seen
    assert len(set(sets)) == 4


@pytest.mark.parametrize("lesson", load_lessons(), ids=[lesson.key for lesson in load_lessons()])
def test_a_link_opens_a_part_and_none_is_a_dead_end(lesson):
    part, text = [("Observe", "First make a prediction"), ("Refute", lesson.refute[0].reply), ("End", lesson.leave),
                  ("Transfer", lesson.transfer)][load_lessons().index(lesson) % 4]  # fmt: skip
    app = visit(lesson.page, lesson=lesson.number, part=part)
    whole(app)
    assert lesson.title in prose(app)
    assert text in prose(app)
    assert [b for b in app.button if b.label == "Back"]


def test_a_link_that_says_what_the_stage_shows_keeps_it():
    app = visit("mse", tab="Learn", lesson=1, dataset="cars", lr=0.001)
    assert shown(app, "mse_dataset") == "cars"
    assert shown(app, "mse_methods") == ["gradient descent"], "the play has none"
    assert "mse_dataset" in app.query_params
    widget(app, "_lesson_1_next_beat").click()
    app.run()
    assert shown(app, "mse_dataset") == "one point", "Next opens what the next part is about"
    widget(app, "mse_undo").click()
    app.run()
    assert shown(app, "mse_dataset") == "cars"


def test_a_first_run_that_was_cut_short_leaves_the_part_to_the_next_one(monkeypatch):
    """The stage must not show what is to be predicted because what the first run had set was lost."""
    with monkeypatch.context() as cut:
        cut.setattr("lossgeo.ui.stage.linked.show", lambda view: st.stop())  # the browser asks for another layout
        app = visit("mse", part="Predict")
    app.session_state["mse_dataset"] = "chapter line"  # the browser knows only what the page opens with
    app.run()
    assert shown(app, "mse_dataset") == "one point"
    app.session_state["mse_dataset"] = "cars"
    app.run()
    assert shown(app, "mse_dataset") == "cars", "once it was shown, it is set no more"


def test_an_unfinished_lesson_is_not_done_and_says_in_one_line_what_is_open():
    lesson = LESSON["1"]
    app = visit("mse", tab="Learn", part="Transfer")
    press(app, lesson, "next_beat")
    assert not notes(app, lesson).done
    assert "Still open: Predict, Observe, Transfer." in prose(app)


def test_ticks_stand_behind_the_parts_that_are_done():
    lesson = LESSON["1"]
    app = visit("mse", tab="Learn", lesson=1, part="Recall")
    answer(app, lesson, "recall")
    ticked = [option for option in widget(app, "_mse_parts").options if "✓" in option]
    assert ticked == ["2 Recall ✓"]
    assert len(widget(app, "_mse_parts").options) == len(position.PARTS)


def test_a_state_on_another_page_and_the_way_back_to_what_was_there():
    lesson = LESSON["7"]
    app = visit("nonconvex", tab="Learn", lesson=7, part="Transfer")
    app.session_state["nonconvex_landscape"] = "saddle"
    app.run()
    press(app, lesson, "elsewhere_0")
    assert not complaints(app)
    assert app.title[0].value == LESSON_PAGES["mse"].heading
    assert shown(app, "mse_dataset") == "chapter line"
    back = widget(app, "_way_back")
    assert back.label == "Back to lesson 7: Transfer"
    back.click()
    app.run()
    assert app.title[0].value == LESSON_PAGES["nonconvex"].heading
    assert shown(app, "nonconvex_landscape") == "saddle"
    assert lesson.transfer in prose(app)
    assert "Back to lesson" not in "".join(button.label for button in app.button)


def test_feedback_goes_to_the_host_only_where_one_is_named(monkeypatch):
    monkeypatch.setenv("LOSSGEO_FEEDBACK_URL", "https://example.org/form")
    assert feedback.host() == "https://example.org/form"
    monkeypatch.setenv("LOSSGEO_FEEDBACK_URL", "javascript:alert(1)")
    assert feedback.host() is None
    monkeypatch.delenv("LOSSGEO_FEEDBACK_URL")
    assert feedback.host() is None


# What the words under the stage must say once a button of the demonstration is pressed.
SEEN = {
    ("2", "0.1"): "980 steps", ("2", "0.5"): "191 steps", ("2", "0.747"): "132 steps", ("2", "0.78"): "690 steps",
    ("2", "0.8"): "diverged", ("3", "raw, 2000 steps"): "max_steps", ("3", "standardised"): ": 1 steps",
    ("4", "challenger"): "40 steps", ("4", "iris"): "no_minimiser", ("4", "four, penalty"): "42 steps",
    ("5a", "squared error"): "plateau", ("6", "30 steps only"): "saddle", ("6", "exactly on it"): "saddle",
    ("7", "same rate"): "momentum: 260 steps", ("7", "descent tuned"): "70 steps",
    ("7", "momentum tuned"): "29 steps",
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
