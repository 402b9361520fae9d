"""The first page: progress in plain words, the learner's file in and out, the way to the lessons."""

from __future__ import annotations

import pytest
from sessions import ROOT, complaints, widget
from streamlit.testing.v1 import AppTest

from lossgeo.teaching.progress import Progress, dumps, loads
from lossgeo.teaching.questions import load_bank

BANK = load_bank()


def visit_home(progress=None):
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.session_state["layout"] = "laptop"
    if progress is not None:
        app.session_state["_progress"] = progress
    return whole(app.run())


def whole(app):
    assert not complaints(app), "\n".join(complaints(app))
    return app


def says(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


def some_progress():
    """Three lessons begun, one done; six first answers called certain, of which one is right."""
    progress = Progress().noted(1, beat=6).noted(2, beat=3)
    for n, question in enumerate(BANK[:12:2]):
        wrong = next(i for i, o in enumerate(question.options) if o.misconception)
        progress = progress.answered(question, wrong if n else question.answer, "certain")
    return progress


def load(app, content):
    app.file_uploader[0].set_value(("anything.json", content, "application/json"))
    return whole(app.run())


def test_without_progress_nothing_is_claimed():
    app = visit_home()
    text = says(app)
    assert f"0 of 8 lessons, 0 of {len(BANK)} questions, 0 right" in text
    assert "At the first try" not in text
    assert "worth another look" not in text
    assert "tab stays open" in text


def test_progress_in_plain_words():
    text = says(visit_home(some_progress()))
    assert f"1 of 8 lessons, 6 of {len(BANK)} questions, 1 right" in text
    assert "certain, 1 of 6 right" in text
    assert "look for what could break it" in text
    assert "worth another look" in text
    assert ": done" in text
    assert ": 3 of 6 steps" in text


def test_a_file_is_restored_and_can_be_taken_back():
    mine = Progress().answered(BANK[0], BANK[0].answer, "guess")
    app = visit_home(mine)
    app = load(app, dumps(some_progress()).replace(BANK[2].id, "gone").encode())
    assert "5 answers, 1 left out" in app.success[0].value
    assert "notes on 2 lessons" in app.success[0].value
    assert "1 of 8 lessons, 5 of" in says(app)
    widget(app, "_unload").click()
    whole(app.run())
    assert app.session_state["_progress"] == mine
    assert not app.success


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"a": [', b"<script>alert(1)</script>", b"[" * 9999])
def test_a_damaged_file_gets_one_sentence_and_changes_nothing(content):
    mine = some_progress()
    app = load(visit_home(mine), content)
    assert len(app.warning) == 1
    assert app.warning[0].value.startswith("This file cannot be loaded because ")
    assert app.warning[0].value.count(".") - app.warning[0].value.count(".json") == 1
    assert app.session_state["_progress"] == mine
    assert loads(dumps(mine)) == mine


def test_a_lesson_opens_its_tab_even_if_another_one_was_open():
    app = visit_home()
    widget(app, "_home_2").click()
    whole(app.run())
    assert "squared error" in app.title[0].value
    assert app.session_state["mse_tab"] == "Learn"
    assert app.query_params["mse_lesson"] in ("2", ["2"])
