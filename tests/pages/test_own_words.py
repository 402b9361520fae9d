"""Whatever a visitor types or uploads stays text, stays with that visitor, and breaks nothing."""

from __future__ import annotations

import json

import pytest
from sessions import PAGES, complaints, visit
from truth import faults, nodes, strings

from lossgeo.teaching.progress import BEATS, FORMAT, VERSION, Notes, Progress, dumps

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)> [boo](javascript:alert(1)) ![boo](http://h.example/x)"
ODD = [SCRIPT, "\u0000\u202e\ufeff", "$\\input{x}$ :red[boo] **boo**", "{0} %s {{boo}} ${boo}", "boo " * 600]
SHOWS = ("markdown", "caption", "html", "alert", "heading", "toast", "text", "page_link", "vega_lite_chart", "code")


def shown(app) -> str:
    """All that is drawn as words of the page: not what stands in a field to type in."""
    return " ".join(
        text for node in nodes(app._tree) if getattr(node, "type", "") in SHOWS for text in strings(node.proto)
    )


def clean(app) -> bool:
    return not any(word in shown(app) for word in ("alert(1)", "boo]", "h.example", "\u202e", "{0}", "boo boo"))


@pytest.mark.parametrize("page", PAGES)
def test_the_search_box_of_ask(page):
    app = visit(page, tab="Ask")
    for text in ODD:
        app.text_input(key=f"_ask_{page}").set_value(text[:200]).run()
        assert not faults(app, page), text
        assert clean(app), text


def words_of(app, part):
    """The fields in which a learner writes in this part of a lesson."""
    fields = app.text_area if part == "Explain" else app.text_input
    return [field for field in fields if (field.key or "").startswith("_lesson_")]


@pytest.mark.parametrize("part", ["Explain", "End"])
def test_the_sentences_in_a_lesson(part):
    app = visit("mse", lesson="1", part=part)
    for text in ODD:
        if part == "Explain":  # once it is compared with the model answer, the field is gone
            app = visit("mse", lesson="1", part=part)
        (field,) = words_of(app, part)
        field.set_value(text[:2000]).run()
        if part == "Explain" and [b for b in app.button if b.key.endswith("_compare")]:
            next(b for b in app.button if b.key.endswith("_compare")).click().run()
        assert not faults(app, "mse"), text
        own = part == "Explain" and text.startswith("boo")  # the page repeats the learner's own words, as text
        assert clean(app) or own, text
    other = visit("mse", lesson="1", part=part)
    (field,) = words_of(other, part)
    assert not field.value, "another visitor's words"


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_a_progress_file(text):
    """In its notes words may stand, which no page writes out; anywhere else it is refused without being quoted."""
    app = visit("home")
    good = dumps(Progress((), {1: Notes(len(BEATS), 0, "guess", 0, text[:2000], True, text[:2000])}))
    bad = json.dumps({"format": FORMAT, "version": VERSION, "answers": [{"question": text}], "lessons": {text: {}}})
    for content in (good, bad, text):
        app.file_uploader(key="_file").set_value(("p.json", content.encode(), "application/json")).run()
        assert not complaints(app)
        assert clean(app)


def test_votes_that_are_no_numbers_of_hands():
    app = visit("mse", tab="Check")
    app.session_state["_teacher"] = True
    app.run()
    boxes = [box for box in app.number_input if (box.key or "").startswith("_vote_")]
    assert boxes
    for value in (0, 999, None):
        for box in [b for b in app.number_input if (b.key or "").startswith("_vote_")]:
            box.set_value(value)
        app.run()
        assert not faults(app, "mse")
