"""The stage's spec never changes while a learner works, and every number that was sent is the core's own."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from sessions import FOUR, PAGES, charts, check_whole, own, set_value, shown, surfaces, table, view, visit, walk, widget

from lossgeo import descent, geometry
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.losses import LOSSES
from lossgeo.views.pages import LAYERS, LESSON_PAGES

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
    usual = spec["config"]["mark"].get("tooltip", True)
    if page != "nonconvex":
        assert all(f'"v_{channel}_title"' in json.dumps(spec) and view(app)[f"{channel}_title"] for channel in "xy")
    for node in walk(spec):
        for channel in ("x", "y"):
            axis = node.get(channel) if "field" in node.get(channel, {}) else None
            if isinstance(axis, dict) and axis.get("axis") is not None:  # the others share this axis
                assert axis.get("title") or (page != "nonconvex" and axis["title"] is None), axis
        if isinstance(node.get("mark"), dict) and node["mark"].get("type") == "image":
            assert node["mark"].get("tooltip", usual) is None


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
    """Below the picture: beside the axis it would be cut off at the edge, from some sides or on a phone."""
    drawn = json.loads(surfaces(visit("mse", layout=layout, picture="3-D"))[0].spec)["layout"]
    beside = drawn["scene"]["zaxis"]["title"]["text"]
    below = [note["text"] for note in drawn.get("annotations", [])]
    assert (beside, below) == ("", ["height: loss"])


@pytest.mark.parametrize("page", FOUR)
def test_the_stage_of_a_rerun_takes_less_than_60_kilobytes(page):
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
    assert shown(app, "mse_lr_dial") == 0.1234
    assert "0.1234" in widget(app, "mse_lr_dial").options


@pytest.mark.parametrize(
    ("dataset", "rate"),
    [("chapter line", 0.78), ("chapter line", 0.788099), ("penguins", 2.4e-5), ("penguins", 2.46e-5)],
)
def test_the_rate_is_shown_on_its_own_side_of_the_limit(dataset, rate):
    """The dial once showed 0.8 for 0.78, and 2.5e-5 for 2.4e-5, which diverge."""
    loss = LOSSES["mean squared error"](REGRESSION[dataset]())
    limit = geometry.step_marks(loss).limit
    app = visit("mse", dataset=dataset, lr=rate)
    (ruler,) = (e.proto.body for e in app.sidebar.get("html") if 'class="ruler"' in e.proto.body)
    mark = re.search(r">2/L = ([^<]+)<", ruler)[1]
    promise = "diverges" if rate > limit else "overshoots, but settles"
    yours = re.search(rf"<p>(\S+): {promise}", ruler)[1]
    assert (as_float(yours) > as_float(mark)) == (rate > limit), f"{yours} beside {mark}"
    assert widget(app, "mse_lr_dial").value == shown(app, "mse_lr") == rate


def as_float(text: str) -> float:
    """A number of the page: 2.4·10⁻⁵ is 2.4e-5."""
    digits = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--"))
    return float(digits.replace("·10", "e"))


@pytest.mark.parametrize("rate", [0.5, 0.78809876, 0.1 + 0.2, 1 / 3, 2.4e-05])
def test_a_number_box_shows_the_number_that_it_holds(rate):
    app = visit("mse", lr=rate)
    assert float(widget(app, "mse_lr").proto.format % rate) == rate


@pytest.mark.parametrize("page", PAGES)
def test_the_image_of_the_map_is_sent_unchanged_while_the_map_stays(page):
    """A changed row would make the browser load the image anew and draw the stage twice."""

    def image(app):
        return next(data.data.data for data in charts(app)[0].datasets if data.name == "picture")

    app = visit(page)
    first = image(app)
    for name, value in (("lr", 0.031), ("steps", 37), ("methods", ["adam"])):
        assert image(set_value(app, f"{page}_{name}", value)) == first, name
    assert image(set_value(app, f"{page}_zoom", 2.0)) != first


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("page", PAGES)
def test_a_layer_changes_the_data_and_not_the_spec(page, layer):
    plain, app = visit(page), visit(page, layer=layer)
    check_whole(app)
    assert charts(app)[0].spec == charts(plain)[0].spec
    assert view(app)["words"] == (view(plain)["words"] if layer == "height" else "")
    assert len(charts(app)[0].spec) + sum(len(data.data.data) for data in charts(app)[0].datasets) < 60_000


def test_a_trough_through_the_chapters_line_is_seen_in_the_chapters_window():
    """With all x equal, the whole run and the floor of the trough are on the map."""
    app = visit("mse", constant_x=True)
    row = view(app)
    assert [row[end] for end in ("w0", "w1", "b0", "b1")] == [0, 4, 0, 2]
    for step in table(charts(app)[0], "path").to_pylist():
        assert 0 <= step["w"] <= 4
        assert 0 <= step["b"] <= 2
