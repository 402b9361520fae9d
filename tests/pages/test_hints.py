"""The hints of a first visit, as they are handed to their script; what that does: tests/browser/test_keys.py."""

from __future__ import annotations

import json

import pytest
from sessions import ROOT, visit
from streamlit.testing.v1 import AppTest

from lossgeo.ui.learn import hints
from lossgeo.views.pages import PAGES


def sent(app):
    """What the script of the hints is told."""
    protos = (component.proto for component in app.get("bidi_component"))
    return json.loads(next(proto.json for proto in protos if proto.component_name == "lossgeo_hints"))


def offered(app):
    return [action for action, _ in sent(app)["hints"]]


def test_all_hints_on_the_map_then_what_to_try():
    app = visit("mse")
    assert offered(app) == list(hints.HINTS)
    assert PAGES["mse"].sees in sent(app)["hints"][0][1]
    assert sent(app)["last"] == PAGES["mse"].try_this


def test_no_hint_about_the_map_beside_the_surface():
    app = visit("mse", picture="3-D")
    assert offered(app) == [action for action in hints.HINTS if action not in hints.ON_THE_MAP]


def test_tour_off_holds_for_every_page_of_the_session():
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.session_state["layout"] = "laptop"
    app.query_params["tour"] = "off"
    app.run()
    app.switch_page("pages/nonconvex.py").run()
    assert not offered(app)
    app.switch_page("pages/mse.py").run()
    assert not offered(app), "forgotten on the next page"
    assert app.query_params["tour"] == "off", "a reload there would bring the hints back"


@pytest.mark.parametrize("how", [{"projector": True}, {"tab": "Learn"}])
def test_none_over_a_lesson_or_on_a_projector(how):
    app = visit("mse", **how)
    assert not offered(app)
    assert not sent(app)["last"]
