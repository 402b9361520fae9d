"""The first page: progress in plain words, the learner's file in and out, the way to the lessons."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

import pytest
from sessions import ROOT, complaints, widget
from streamlit.testing.v1 import AppTest

from lossgeo.charts import map_marks
from lossgeo.teaching.progress import Progress, dumps, loads
from lossgeo.teaching.questions import LESSONS, load_bank
from lossgeo.ui.learn import start_page
from lossgeo.views.pages import LESSON_PAGES

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
    assert f"0 of 10 lessons, 0 of {len(BANK)} questions, 0 right" in text
    assert "At the first try" not in text
    assert "These statements are wrong" not in text
    assert "kept in this browser" in text


def test_progress_in_plain_words():
    text = says(visit_home(some_progress()))
    assert f"1 of 10 lessons, 6 of {len(BANK)} questions, 1 right" in text
    assert "certain, 1 of 6 right" in text
    assert "look for what could break it" in text
    assert "These statements are wrong" in text


def test_a_file_is_restored_and_can_be_taken_back():
    mine = Progress().answered(BANK[0], BANK[0].answer, "guess")
    app = visit_home(mine)
    app = load(app, dumps(some_progress()).replace(BANK[2].id, "gone").encode())
    assert "5 answers, 1 left out" in app.success[0].value
    assert "notes on 2 lessons" in app.success[0].value
    assert "1 of 10 lessons, 5 of" in says(app)
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


def links(app):
    """The links of the cards: label -> page and parameters."""
    found = [link.proto for link in app.get("page_link")]
    return {link.label: (link.page, dict(parse_qsl(link.query_string))) for link in found}


def test_a_lessons_card_opens_its_view_even_if_another_one_was_open():
    page, asked = links(visit_home())["**Lesson 2**"]
    assert page == "mse"
    assert asked == {"mse_tab": "Learn", "mse_lesson": "2"}


def test_a_card_has_a_tick_when_its_lesson_is_done_and_says_what_is_missing():
    app = visit_home(Progress().noted(1, beat=6, predicted=0, seen=0, confidence="guess").noted(2, beat=3, predicted=0))
    assert {"**✓ Lesson 1**", "**Lesson 2**"} <= links(app).keys()
    text = says(app)
    assert "To do: observation, Transfer" in text
    assert "7 minutes" in text, "a lesson that was not begun says how long it takes"
    drawn = [element.proto.body for element in app.get("html")]
    assert any("3 of 6 parts" in body and "●●●○○○" in body for body in drawn)


DONE = {number: {"beat": 6} for number in range(1, 11)}
MAIN = {
    "nothing": ({}, "Start lesson 1, 7 minutes", "mse", {"mse_tab": "Learn", "mse_lesson": "1", "mse_part": "Play"}),
    "begun": ({1: {"beat": 6}, 2: {"beat": 2}}, "Continue: lesson 2, Observe", "mse", {"mse_part": "Observe"}),
    "a lesson of two halves": (
        {n: {"beat": 6} for n in range(1, 5)},
        "Start lesson 5, 14 minutes",
        "logistic",
        {"logistic_lesson": "5"},
    ),
    "everything": (DONE, "All lessons done: now the questions", "mse", {"mse_tab": "Check"}),
}


@pytest.mark.parametrize("name", MAIN)
def test_the_main_button_leads_to_where_one_left_off(name):
    notes, label, page, asked = MAIN[name]
    progress = Progress()
    for number, changes in notes.items():
        progress = progress.noted(number, **changes)
    app = visit_home(progress)
    assert widget(app, "_home_go").label == label
    widget(app, "_home_go").click()
    whole(app.run())
    assert LESSON_PAGES[page].heading == app.title[0].value
    for key, value in asked.items():
        assert app.query_params[key] in (value, [value]), f"{key} of the address"


def test_forget_erases_everything_of_this_session():
    app = visit_home(some_progress())
    widget(app, "_forget").click()
    whole(app.run())
    assert "_progress" not in app.session_state
    assert f"0 of {len(LESSONS)} lessons, 0 of {len(BANK)} questions" in says(app)
    assert not [button for button in app.button if button.key == "_forget"], "nothing is left to forget"


def keepers(app):
    return [json.loads(one.proto.json) for one in app.get("bidi_component") if "session" in (one.proto.json or "")]


def test_the_progress_is_sent_to_the_browser_once_and_not_with_remember_off():
    app = visit_home(some_progress())
    (first,) = keepers(app)
    assert loads(first["text"]) == some_progress()
    whole(app.run())
    revision, told = app.session_state["_in_browser"]
    assert (revision, told) == (first["revision"], some_progress()), "what the browser has is not sent again"
    off = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    off.session_state["_progress"] = some_progress()
    off.query_params["remember"] = "off"
    assert not keepers(whole(off.run()))
    assert "keeps nothing" in says(off)
    assert off.query_params["remember"] in ("off", ["off"]), "a reload keeps nothing either"


def test_every_mark_of_the_table_is_drawn():
    table = re.findall(r"^\| ([^|*-][^|]*?) \|", start_page.WORDS.read_text(encoding="utf-8"), flags=re.M)
    assert set(table) - {"Mark", "no colour"} == set(map_marks.DRAWN)
