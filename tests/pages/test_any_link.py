"""Links of every kind in every parameter that any page knows: the page opens, with at most one sentence about it.

A parameter that the app reads or writes and that KEYS does not have fails `test_every_parameter_is_tried`.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sessions import FOUR, TABS, bound, visit
from truth import faults, nodes, opened, strings
from whole_rooms import phone_faults

from lossgeo.ui import session
from lossgeo.ui.share import dialog
from lossgeo.views.pages import FURTHER, LESSON_PAGES

ROOM = "room"  # whoever has this one is at the door of a room, and nothing else of the link counts
EVERYWHERE = ["hide", "lock", "keep", "seed", "teacher", "hands", "remember", "projector", "tour", "embed",
              "embed_options", "page", ""]  # fmt: skip
KEYS = [
    *(f"{page}_{name}" for page in FOUR for name in (*LESSON_PAGES[page].usual(), *FURTHER, "nonsense")),
    *EVERYWHERE,
    "mse_", "_", "mse_lr_dial", "_progress", "_hide", "entered", "wanted", "arrived", "dropped", "layout", "viewport",
    "mse_share", "mse_stage", "_mse_history", "$$ID-x-y", "FormSubmitter:a-b", "home_x", "__class__", "k" * 3000,
]  # fmt: skip
VALUES = [
    "nan", "-nan", "inf", "-inf", "infinity", "1e999", "-0", "-0.0", "1e-400", "0.1234567890123456789", "5e-324",
    "٠٫٥", "٣", "۱۲", "3", "１．５", "½", "²", "1_000", "0x10", "1,5", "+5", " 5 ", "5e0", "1e5", "9" * 400,
    "true", "TRUE", "yes", "None", "null", "", " ", "\t", "\n", "\u0000", "\ufeff", "\u202eabc", "\ud7ff", "\U0001f9ea",
    "<script>alert(1)</script>", "<b>qwerty</b>", "**qwerty** $x$ :red[qwerty]",
    "![qwerty](http://example.org/x.png)", "`qwerty`", "javascript:alert(1)", "'; DROP TABLE qwerty",
    "../../etc/passwd", "%00%ff", "{{7*7}}", "__import__('os')", "x" * 100_000,
    "1,2,3", "0,0,0", "1e308,1,1", "nan,1,1", "tabs", "data,lr", "tabs,tabs,qwerty", "adam", "newton", "2", "7", "0",
    "-1", "End", "Predict", "Look closer", "Check", "Basins", "3-D", "himmelblau", "cars", "rosenbrock", "Numbers",
    "Edge of stability", "circles, relu 2-8-1", "two solutions", "own formula", "yours", "1_0_2_1~<b>qwerty</b>~$y$",
    "held", "held-qwerty", "1/0", "x^y^x", "sqrt(-1-x^2)", "valley-in-the-fog", "largest-rate", "BCDFG",
    "same-surface.1.2.3.4.5.6",
    "mse_lr=nan&logistic_data=qwerty&network_seed=1e9&nonconvex_formula=qwerty(&mse_=1&qwerty=2",
]  # fmt: skip
HOW = settings(
    max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)  # fmt: skip
LINKS = st.dictionaries(
    st.sampled_from(KEYS), st.lists(st.sampled_from(VALUES), min_size=1, max_size=3), min_size=1, max_size=25
)


@pytest.fixture(scope="module")
def pages():
    return {page: visit(page) for page in FOUR}


def check(app, page, link):
    opened(app, {}, link)
    found = phone_faults(app) if "".join(link.get(ROOM, "")).strip() else faults(app, page)
    said = [text for node in nodes(app._tree) if getattr(node, "type", "") == "toast" for text in strings(node.proto)]
    assert not found, "\n".join(found)
    assert sum("Of this link" in text for text in said) <= 1
    for name, usual in LESSON_PAGES[page].usual().items():
        key = f"{page}_{name}"
        value = app.session_state.get(key, usual)
        if isinstance(usual, float):
            assert isinstance(value, float | int), key
            assert math.isfinite(value), key
    for node in nodes(app._tree):
        if getattr(node, "type", "") in ("markdown", "caption", "html", "alert", "toast", "heading"):
            assert "qwerty" not in " ".join(strings(node.proto)), "text of a link came back"


@pytest.mark.parametrize("page", [pytest.param("mse", marks=pytest.mark.slow), "logistic", "nonconvex", "network"])
def test_one_value_in_every_parameter(page, pages):
    for value in VALUES if page == "mse" else VALUES[::4]:
        check(pages[page], page, dict.fromkeys(KEYS, value))


def test_one_value_as_the_code_of_a_room(pages):
    for value in VALUES:
        check(pages["mse"], "mse", dict.fromkeys([*KEYS, ROOM], value))


@HOW
@given(link=LINKS, page=st.sampled_from(FOUR))
def test_any_mixture(pages, link, page):
    check(pages[page], page, link)


@pytest.mark.parametrize("page", FOUR)
def test_every_parameter_repeated(page, pages):
    check(pages[page], page, {key: ["0.5", "nan", "<b>qwerty</b>", "0.25"] for key in KEYS})


def test_every_parameter_is_tried(pages, monkeypatch):
    """What the app reads of the address and writes into it, in any tab, and what Share leaves out: all is in KEYS."""
    asked = set(dialog.OWN_SCREEN)

    def heard(function):
        def spy(key, *more):
            asked.add(key)
            return function(key, *more)

        return spy

    for name in ("parameter", "texts", "write", "said", "shown"):  # nothing else reaches the address: test_boundaries
        monkeypatch.setattr(session, name, heard(getattr(session, name)))
    for page in FOUR:
        for tab in TABS[page]:
            asked |= bound(opened(pages[page], {}, {f"{page}_tab": tab, "teacher": "true"}))
    drawn = {key for key in asked if not key.startswith("_")}  # widgets without a parameter
    missing = drawn - {*KEYS, ROOM}
    assert not missing, f"a link can carry {sorted(missing)}: add them to KEYS in tests/pages/test_any_link.py"
    assert {ROOM, *EVERYWHERE} - {"page", ""} <= drawn, "nothing reads these any more"
