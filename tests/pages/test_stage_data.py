"""The stage's spec never changes while a learner works, and every number that was sent is the core's own."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sessions import PAGES, charts, check_whole, own, set_value, shown, surfaces, table, view, visit, walk, widget

from lossgeo import descent
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.losses import LOSSES
from lossgeo.views.pages import LESSON_PAGES

COMMON = {"lr": 0.01, "steps": 37, "momentum": 0.5, "schedule": "cosine", "zoom": 2.0, "equal": True,
          "ab": True, "ab_lr": 0.3, "methods": ["adam"]}  # fmt: skip
CHANGES = {
    "mse": {**COMMON, "w0": -3.0, "b0": 40.0, "pull": 2.0, "up": -1.0, "n": 5, "noise": 3.0, "outliers": 2,
            "offset": 7.0, "scale": 100.0, "constant_x": True, "l2": 0.5, "loss": "mean absolute error",
            "standardise": True, "dataset": [name for name in REGRESSION if name != "chapter line"]},
    "logistic": {**COMMON, "w0": 1.0, "b0": -40.0, "gap": 6.0, "n": 5, "balance": 1.0, "flips": 1, "separable": True,
                 "offset": 7.0, "l2": 0.5, "loss": "squared error through a sigmoid", "standardise": True,
                 "dataset": [name for name in CLASSIFICATION if name != "two classes"]},
    "nonconvex": {**COMMON, "x0": 2.0, "y0": 30.0},
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_spec_is_constant(page):
    """Byte for byte, else the browser mounts the view anew: pointer, step and playback are lost."""
    app = visit(page)
    spec, first = charts(app)[0].spec, charts(app)[0]
    seen = [b"".join(d.data.data for d in first.datasets)]
    changed = []
    for name, values in CHANGES[page].items():
        for value in values if isinstance(values, list) and name != "methods" else [values]:
            set_value(app, f"{page}_{name}", value)
            check_whole(app)
            assert shown(app, f"{page}_{name}") == value
            now = charts(app)[0]
            if now.spec != spec:
                changed.append(f"{name} = {value}")
            assert (now.id, now.alt) == (first.id, first.alt)
            seen.append(b"".join(d.data.data for d in now.datasets))
    assert len(set(seen)) >= 0.9 * len(seen), "changes that change nothing test nothing"
    assert not changed, f"the spec changes with {', '.join(changed)}"


def test_spec_of_a_landscape_is_constant():
    for name in ("rastrigin", "saddle", "tiny network"):
        app = visit("nonconvex", landscape=name)
        spec = charts(app)[0].spec
        for key, value in CHANGES["nonconvex"].items():
            assert charts(set_value(app, f"nonconvex_{key}", value))[0].spec == spec, key


@pytest.mark.parametrize("page", PAGES)
def test_the_curvature_is_sent_only_where_it_is_asked_for(page):
    """It makes the spec a sixth longer; the player's script hands pointer and step over to the new chart."""
    app = visit(page)
    plain = charts(app)[0].spec
    assert "eigen" not in plain
    assert "curvature" not in plain
    assert "curvature" in charts(set_value(app, f"{page}_axes", True))[0].spec
    assert charts(set_value(app, f"{page}_axes", False))[0].spec == plain


@pytest.mark.parametrize("page", PAGES)
def test_every_position_has_a_title(page):
    """No axis without words, and no data URL that pops up as a tooltip.

    The data's own titles vary, so they are text marks that read `view`, and their axes have none.
    """
    app = visit(page)
    spec = json.loads(charts(app)[0].spec)
    if page != "nonconvex":
        assert all(f'"v_{channel}_title"' in json.dumps(spec) and view(app)[f"{channel}_title"] for channel in "xy")
    for node in walk(spec):
        for channel in ("x", "y"):
            axis = node.get(channel) if "field" in node.get(channel, {}) else None
            if isinstance(axis, dict) and axis.get("axis", True) is not None:
                assert axis.get("title") or (page != "nonconvex" and axis["title"] is None), axis
        if isinstance(node.get("mark"), dict) and node["mark"].get("type") == "image":
            assert node["mark"].get("tooltip", True) is None


@pytest.mark.parametrize("page", PAGES)
def test_params_are_named_and_only_the_click_reaches_the_server(page):
    chart = charts(visit(page))[0]
    spec = json.loads(chart.spec)
    names = [param["name"] for node in walk(spec) for param in node.get("params", []) if "name" in param]
    assert {"hover", "pick", "step"} <= set(names)
    assert set(chart.selection_mode) == ({"pick"} if page == "nonconvex" else {"pick", "drop"})


@pytest.mark.parametrize("page", ["mse", "logistic"])
def test_path_is_the_cores_own(page):
    app = visit(page)
    usual = own(page)
    data = {"mse": REGRESSION, "logistic": CLASSIFICATION}[page][usual["dataset"]]()
    method = descent.OPTIMIZERS["gradient descent"](learning_rate=usual["lr"])
    run = descent.run(method, LOSSES[usual["loss"]](data), (usual["w0"], usual["b0"]), usual["steps"])
    rows = [r for r in table(charts(app)[0], "path").to_pylist() if r["method"] == "gradient descent"]
    assert [row["t"] for row in rows] == list(range(len(run.points)))
    np.testing.assert_allclose([[r["w"], r["b"], r["loss"]] for r in rows], np.c_[run.points, run.values], rtol=1e-6)


def test_a_long_path_is_thinned_and_complete_at_its_ends():
    app = visit("nonconvex", landscape="rosenbrock", methods="gradient descent", lr=1e-4, steps=2000, x0=-1.2, y0=1.0)
    rows = table(charts(app)[0], "path").to_pylist()
    assert len(rows) < 300
    assert (rows[0]["t"], rows[-1]["t"]) == (0, 2000)
    assert [row["next"] for row in rows[:-1]] == [row["t"] for row in rows[1:]]
    assert rows[-1]["next"] > 2000


@pytest.mark.parametrize("page", PAGES)
def test_surface_shows_the_same_start_and_paths(page):
    app = visit(page, picture="3-D")
    figure = {trace.get("name"): trace for trace in json.loads(surfaces(app)[0].spec)["data"]}
    assert set(own(page)["methods"]) | {"start"} <= set(figure)
    assert (view(app)["sw"], view(app)["sb"]) == tuple(own(page)[k] for k in LESSON_PAGES[page].start)
    assert len(surfaces(app)[0].spec) < 200_000


@pytest.mark.parametrize("layout", ["laptop", "phone"])
def test_surface_says_what_its_height_is(layout):
    """Beside the axis; on a phone, where that would be cut off at the edge, below the picture."""
    drawn = json.loads(surfaces(visit("mse", layout=layout, picture="3-D"))[0].spec)["layout"]
    beside = drawn["scene"]["zaxis"]["title"]["text"]
    below = [note["text"] for note in drawn.get("annotations", [])]
    assert (beside, below) == {"laptop": ("loss", []), "phone": ("", ["height: loss"])}[layout]


@pytest.mark.parametrize("page", PAGES)
def test_a_rerun_sends_less_than_60_kilobytes(page):
    chart = charts(visit(page))[0]
    assert len(chart.spec) + sum(len(data.data.data) for data in chart.datasets) < 60_000


@pytest.mark.parametrize("page", PAGES)
def test_undo_and_reset(page):
    """Reset brings the page's own state, Undo takes back the last change, one at a time, Reset included."""
    app = visit(page)
    usual = view(app)
    assert widget(app, f"{page}_undo").disabled
    first = LESSON_PAGES[page].start[0]
    set_value(app, f"{page}_{first}", 1.25)
    set_value(app, f"{page}_lr", 0.031)
    set_value(app, f"{page}_methods", ["adam"])
    assert view(app)["sw"] == 1.25
    widget(app, f"{page}_reset").click()
    check_whole(app.run())
    assert view(app) == usual
    assert shown(app, f"{page}_methods") == own(page)["methods"]
    for lr, methods, start in (
        (0.031, ["adam"], 1.25),
        (0.031, own(page)["methods"], 1.25),
        (own(page)["lr"], own(page)["methods"], 1.25),
        (own(page)["lr"], own(page)["methods"], own(page)[first]),
    ):
        assert not widget(app, f"{page}_undo").disabled
        widget(app, f"{page}_undo").click()
        check_whole(app.run())
        assert shown(app, f"{page}_lr") == lr
        assert shown(app, f"{page}_methods") == methods
        assert view(app)["sw"] == start
    assert view(app) == usual
    assert widget(app, f"{page}_undo").disabled


def test_undo_of_a_folded_setting():
    """Folded widgets are not drawn at their own value; Undo reaches them all the same."""
    app = visit("mse", l2=0.5, dataset="cars")
    widget(app, "mse_reset").click()
    app.run()
    assert view(app)["l2"] == 0
    widget(app, "mse_undo").click()
    check_whole(app.run())
    assert view(app)["l2"] == 0.5
    assert shown(app, "mse_dataset") == "cars"


def test_dial_and_exact_learning_rate_agree():
    app = visit("mse")
    widget(app, "mse_lr_dial").set_value(0.1)
    check_whole(app.run())
    assert shown(app, "mse_lr") == 0.1
    set_value(app, "mse_lr", 0.1234)
    check_whole(app)
    assert shown(app, "mse_lr") == 0.1234
    assert shown(app, "mse_lr_dial") == pytest.approx(0.12, abs=0.011)
