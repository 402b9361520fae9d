"""The tabs Ask and Code: an answer with its picture, the way to the stage, and the program of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from sessions import PAGES, charts, check_whole, own, shown, table, visit, widget
from test_script import stand_in

from lossgeo.landscapes import LANDSCAPES
from lossgeo.programs import script
from lossgeo.teaching.answers import load_answers
from lossgeo.views.pages import LESSON_PAGES

ANSWERS = load_answers()
BY_ID = {answer.id: answer for answer in ANSWERS}


def search(app, page, query):
    next(box for box in app.text_input if box.key == f"_ask_{page}").set_value(query)
    return app.run()


def questions(app, page):
    return widget(app, f"_asked_{page}")


def texts(app):
    return [element.value for element in (*app.markdown, *app.caption)]


@pytest.mark.parametrize("page", PAGES)
def test_all_questions_stand_on_every_page_its_own_first(page):
    app = visit(page, tab="Ask")
    check_whole(app)
    offered = list(questions(app, page).options)
    own_questions = [a.question for a in ANSWERS if a.page == page]
    assert offered[: len(own_questions)] == own_questions
    assert set(offered) == {a.question for a in ANSWERS}
    first = next(a for a in ANSWERS if a.page == page)
    assert first.text in texts(app)
    path = table(charts(app)[-1], "path")
    assert path.num_rows > 1, "the picture has its descent"


def test_an_answer_is_found_by_words_and_opened_on_another_page():
    app = visit("mse", tab="Ask")
    search(app, "mse", "saddel trap")
    assert BY_ID["saddles"].text in texts(app)
    check_whole(app)
    widget(app, "_open_saddles").click()
    check_whole(app.run())
    assert app.title[0].value == LESSON_PAGES["nonconvex"].heading
    for key, value in BY_ID["saddles"].state.items():
        if key != "page":
            assert shown(app, key) == value, key


def test_an_answer_is_opened_on_its_own_page_and_undone():
    """Also what a folded part of the sidebar holds, such as standardising."""
    app = visit("mse", tab="Ask", lr=0.3)
    search(app, "mse", "why standardise")
    widget(app, "_open_standardise").click()
    check_whole(app.run())
    for key, value in (LESSON_PAGES["mse"].state() | dict(BY_ID["standardise"].state)).items():
        if key != "page":
            assert shown(app, key) == value, key
    widget(app, "mse_undo").click()
    check_whole(app.run())
    assert (shown(app, "mse_lr"), shown(app, "mse_dataset")) == (0.3, own("mse")["dataset"])


@pytest.mark.parametrize("layout", ["phone", "laptop"])
def test_what_is_not_here_is_said_and_never_shown_as_markup(layout):
    app = visit("logistic", tab="Ask", layout=layout)
    query = "<script>alert(1)</script> **pizza** $x$"
    search(app, "logistic", query)
    check_whole(app)
    assert any("no answer for this here" in text for text in texts(app))
    assert len(questions(app, "logistic").options) == 3
    assert not any("pizza" in text or "<script" in text for text in texts(app))


def test_a_chosen_answer_is_shown_with_its_own_state_not_the_pages():
    app = visit("logistic", tab="Ask")
    questions(app, "logistic").set_value("adam")
    check_whole(app.run())
    assert BY_ID["adam"].text in texts(app)
    assert "Map of the bowl" in charts(app)[-1].alt
    assert set(table(charts(app)[-1], "path").column("method").to_pylist()) == {"gradient descent", "adam"}
    assert any("Adam: Arrived" in text for text in texts(app))


STATES = {
    "opening of mse": ("mse", {}),
    "all of mse": ("mse", {"dataset": "cars", "standardise": True, "pull": 0.5, "up": -0.3, "l2": 0.2, "lr": 0.3,
                           "methods": ["momentum", "sgd", "newton", "backtracking"], "schedule": "cosine",
                           "momentum": 0.6, "steps": 25, "loss": "mean absolute error", "zoom": 0.5, "equal": True}),
    "generated": ("mse", {"n": 12, "outliers": 2, "scale": 3.0, "offset": 1.0, "seed": 4}),
    "no method": ("mse", {"methods": []}),
    "logistic": ("logistic", {"gap": 3.2, "flips": 2, "methods": ["adam", "rmsprop"], "lr": 0.2}),
    "pulled classes": ("logistic", {"dataset": "touching", "pull": 1.0, "loss": "squared error through a sigmoid"}),
    "start outside": ("nonconvex", {"landscape": "saddle", "x0": 5.0, "y0": 0.1, "lr": 0.01}),
    "fit to data": ("nonconvex", {"landscape": "puromycin", "x0": 1.0, "y0": 2.5, "lr": 0.0001}),
    "three dimensions": ("nonconvex", {"picture": "3-D"}),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_the_code_computes_what_the_stage_draws(monkeypatch, name):
    """The program shown is run: its window and its paths are those that the page has sent to the stage."""
    page, link = STATES[name]
    app = visit(page, tab="Code", **link)
    check_whole(app)
    code = app.code[0].value
    stand_in(monkeypatch)
    space = {}
    exec(compile(code.replace(f"GRID = {script.GRID}", "GRID = 5"), "code", "exec"), space)
    view = table(charts(app)[0], "view").to_pylist()[0]
    names = LANDSCAPES[shown(app, "nonconvex_landscape")].parameters if page == "nonconvex" else ("w", "b")
    for parameter, ends in zip(names, (("w0", "w1"), ("b0", "b1")), strict=True):
        np.testing.assert_allclose(space[f"{parameter}_axis"][[0, -1]], [view[end] for end in ends])
    path = table(charts(app)[0], "path").to_pylist()
    runs = space.get("runs", {})
    assert list(runs) == list(dict.fromkeys(row["method"] for row in path))
    for row in path:
        np.testing.assert_allclose(runs[row["method"]][row["t"]], (row["w"], row["b"]), rtol=1e-5, atol=1e-6)
    files = [button.proto.label for button in app.get("download_button")]
    assert files == ["Download as .py", "Download as notebook"]
