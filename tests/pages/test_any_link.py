"""Links of every kind in every parameter that any page knows: the page opens, with at most one sentence about it."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sessions import PAGES, visit
from truth import faults, nodes, opened, strings

from lossgeo.views.pages import FURTHER, LESSON_PAGES

EVERYWHERE = ["hide", "lock", "seed", "teacher", "remember", "projector", "tour", "embed", "embed_options", "page", ""]
KEYS = [
    *(f"{page}_{name}" for page in PAGES for name in (*LESSON_PAGES[page].usual(), *FURTHER, "nonsense")),
    *EVERYWHERE,
    "mse_", "_", "mse_lr_dial", "_progress", "_hide", "entered", "wanted", "arrived", "dropped", "layout", "viewport",
    "mse_share", "mse_stage", "_mse_history", "$$ID-x-y", "FormSubmitter:a-b", "home_x", "__class__", "k" * 3000,
]  # fmt: skip
VALUES = [
    "nan", "-nan", "inf", "-inf", "infinity", "1e999", "-0", "-0.0", "1e-400", "0.1234567890123456789", "5e-324",
    "٠٫٥", "٣", "۱۲", "3", "１．５", "½", "²", "1_000", "0x10", "1,5", "+5", " 5 ", "5e0", "1e5", "9" * 400,
    "true", "TRUE", "yes", "None", "null", "", " ", "\t", "\n", "\u0000", "\ufeff", "\u202eabc", "\ud7ff", "\U0001f9ea",
    "<script>alert(1)</script>", "<b>boo</b>", "**boo** $x$ :red[boo]", "![boo](http://example.org/x.png)", "`boo`",
    "javascript:alert(1)", "'; DROP TABLE boo", "../../etc/passwd", "%00%ff", "{{7*7}}", "__import__('os')",
    "x" * 100_000,
    "1,2,3", "0,0,0", "1e308,1,1", "nan,1,1", "tabs", "data,lr", "tabs,tabs,boo", "adam", "newton", "2", "7", "0", "-1",
    "End", "Predict", "Look closer", "Check", "Basins", "3-D", "himmelblau", "cars", "rosenbrock", "Numbers",
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
    return {page: visit(page) for page in PAGES}


def check(app, page, link):
    opened(app, {}, link)
    found = faults(app, page)
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
            assert "boo" not in " ".join(strings(node.proto)).replace("book", ""), "text of a link came back"


@pytest.mark.parametrize("page", [pytest.param("mse", marks=pytest.mark.slow), "logistic", "nonconvex"])
def test_one_value_in_every_parameter(page, pages):
    for value in VALUES if page == "mse" else VALUES[::3]:
        check(pages[page], page, dict.fromkeys(KEYS, value))


@HOW
@given(link=LINKS, page=st.sampled_from(PAGES))
def test_any_mixture(pages, link, page):
    check(pages[page], page, link)


@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_repeated(page, pages):
    check(pages[page], page, {key: ["0.5", "nan", "<b>boo</b>", "0.25"] for key in KEYS})
