"""The first visit's hints: one after the other, gone for the session once dismissed, never with a projector."""

from __future__ import annotations

from sessions import ROOT, visit
from streamlit.testing.v1 import AppTest

from lossgeo.ui.learn import hints
from lossgeo.views.pages import PAGES


def words(app):
    return [m.value for m in app.markdown]


def shown(app, page):
    told = [hint.format(sees=PAGES[page].sees) for hint in hints.HINTS]
    return [i for i, hint in enumerate(told) if any(hint in text for text in words(app))]


def press(app, key):
    return next(b for b in app.button if b.key == key).click().run()


def test_one_after_the_other_then_what_to_try():
    app = visit("mse")
    assert shown(app, "mse") == [0]
    assert shown(press(app, "mse_hint_next"), "mse") == [1]
    assert shown(press(app, "mse_hint_next"), "mse") == [2]
    press(app, "mse_hint_end")
    assert not shown(app, "mse")
    assert PAGES["mse"].try_this in words(app)
    app.switch_page("pages/logistic.py").run()
    assert not shown(app, "logistic"), "dismissed for the session"


def test_not_with_a_projector():
    app = visit("nonconvex", projector=True)
    assert not shown(app, "nonconvex")
    assert not app.exception


def test_a_link_without_hints_has_none_on_any_page():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.session_state["layout"] = "laptop"
    app.query_params["tour"] = "off"
    app.run()
    for page in ("nonconvex", "mse"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert not shown(app, page)
