"""The data set `yours` on its pages: points in the link, hostile points, Undo, and what is too large for a link."""

from __future__ import annotations

import numpy as np
import pytest
from sessions import charts, complaints, table, view, visit, widget

from lossgeo.views import yours

OWN = ("mse", "logistic")


def drawn(app):
    """The points on the stage."""
    found = table(charts(app)[0], "points")
    return found["x"].to_pylist(), found["y"].to_pylist()


def whole(app):
    """The page ran to its end and drew its stage."""
    assert not complaints(app), "\n".join(complaints(app))
    assert charts(app), "no stage was sent"


def warned(app):
    return " ".join(box.value for box in app.warning)


@pytest.mark.parametrize("page", OWN)
def test_a_link_opens_its_points(page):
    app = visit(page, dataset="yours", data="0.1_0_2_1_1e-3_1_-7.25_0")
    whole(app)
    assert drawn(app) == ([0.1, 2.0, 0.001, -7.25], [0.0, 1.0, 1.0, 0.0])
    assert not warned(app)
    assert app.query_params[f"{page}_data"] in ("0.1_0_2_1_1e-3_1_-7.25_0", ["0.1_0_2_1_1e-3_1_-7.25_0"])


@pytest.mark.parametrize("page", OWN)
def test_without_points_the_examples_are_shown(page):
    app = visit(page, dataset="yours")
    whole(app)
    example = yours.decode(yours.EXAMPLES[page])
    assert drawn(app) == (example.x.tolist(), example.y.tolist())
    assert f"{page}_data" not in app.query_params


HOSTILE = {
    "_": "x of point 1 is no number", "1_0_2": "Point 2 has an x and no y", "nan_0": "is not a number",
    "0_inf": "is not finite", "1e999_0": "is not finite", "1e13_0": "larger than", "<b>1</b>_0": "is no number",
    "1_0_" * 10_000 + "1_0": "too many points", "held": "load them again", "held-" + "0" * 32: "load them again",
    "x" * 3000: "too many points", "1_0~": None, "1_0": None, "1_0_1_1": None, "2_0_2_1_2_0": None,
    "1_0_2_1~<script>alert(1)</script>~[x](javascript:alert(1))": None,
}  # fmt: skip


@pytest.mark.parametrize("page", OWN)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_hostile_points(page, text):
    app = visit(page, dataset="yours", data=text)
    whole(app)
    said = warned(app)
    if HOSTILE[text]:
        assert HOSTILE[text] in said
        assert "<b>" not in said
    else:
        assert not said
        x, y = drawn(app)
        assert len(x) == len(y) == yours.decode(text).n


@pytest.mark.parametrize("page", OWN)
def test_undo_takes_back_new_points(page):
    app = visit(page, dataset="yours", data="1_0_2_1_3_0", standardise=True)
    before = drawn(app)
    app.session_state[f"{page}_data"], app.session_state[f"{page}_standardise"] = "5_0_6_1", False
    app.run()  # what set_points does in a callback
    assert drawn(app) == ([5.0, 6.0], [0.0, 1.0])
    assert app.query_params[f"{page}_data"] in ("5_0_6_1", ["5_0_6_1"])
    widget(app, f"{page}_undo").click().run()
    assert drawn(app) == before
    whole(app)


def test_markup_in_a_name_reaches_the_stage_as_text():
    app = visit("mse", dataset="yours", data="1_0_2_1~<img src=x>~*y*")
    assert (view(app)["x_title"], view(app)["y_title"]) == ("<img src=x>", "*y*")


def test_labels_other_than_0_and_1_are_refused_on_the_page_of_classes():
    app = visit("logistic", dataset="yours", data="1_0_2_3")
    whole(app)
    assert "0 or 1" in warned(app)


def test_what_a_session_holds_opens_in_no_other():
    rng = np.random.default_rng(0)
    data = yours.of_points(rng.normal(size=100), rng.normal(size=100))
    key = yours.text_of(data)
    assert yours.decode(key) is data
    app = visit("mse", dataset="yours", data=key)
    assert "load them again" in warned(app)
