"""The page of networks: every plane of every network opens, the controls change what they say, nothing is hidden."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sessions import ROOT, charts, complaints, named_data, opening, says, set_value, shown, table, view, visit, widget
from streamlit.testing.v1 import AppTest

from lossgeo import networks
from lossgeo.charts import network_formulas
from lossgeo.charts.style import ChartStyle
from lossgeo.ui.share import files
from lossgeo.views import cached, network_planes, playback
from lossgeo.views.choice import choice_from
from lossgeo.views.network_planes import PLANES, PlaneSpec
from lossgeo.views.pages import LESSON_PAGES
from lossgeo.views.view import build

PAGE = LESSON_PAGES["network"]


def check_whole(app):
    """Nothing went wrong; each chart gets the data that it reads by name, and has words for who cannot see it."""
    assert not complaints(app), "\n".join(complaints(app))
    for chart in charts(app):
        sent = sorted(data.name for data in chart.datasets)
        assert sent == sorted(named_data(json.loads(chart.spec))), "sent and used data sets differ"
        assert len(chart.alt) > 20
    assert "nan" not in says(app).lower()


def rows(app, name):
    """A data set of the stage."""
    return table(charts(app)[0], name).to_pandas()


def words(app):
    """What stands on the page in words."""
    return " ".join([m.value for m in app.markdown])


LIVE = [name for name, network in networks.NETWORKS.items() if len(network.hidden) == 1]


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_every_network_opens(name):
    app = visit("network", network=name, steps=20)
    check_whole(app)
    assert shown(app, "network_network") == name
    sent = rows(app, "points")
    network = networks.NETWORKS[name]
    assert len(sent) == network.data.n, f"{name}: {len(sent)} samples are drawn, there are {network.data.n}"
    assert set(sent["c"]) == {0, 1}
    if name in LIVE:
        weights = rows(app, "weights")
        assert len(weights) == network.size, f"{name}: {len(weights)} weights sent, it has {network.size}"


@pytest.mark.parametrize("plane", PLANES)
def test_every_plane_opens(plane):
    app = visit("network", plane=plane, steps=20)
    check_whole(app)
    found = network_planes.shown(PlaneSpec(kind=plane))
    sent = network_formulas.sent(network_formulas.shape_of(found.plane.network), found.plane.origin)
    assert np.allclose(rows(app, "weights")["O"], sent, rtol=1e-6, atol=1e-7)
    assert np.allclose(found.plane.directions @ found.plane.directions.T, np.eye(2), atol=1e-9), (
        f"{plane}: the directions must be perpendicular and of length 1, or lengths on the map are no lengths"
    )


def test_the_training_is_drawn_with_its_own_losses():
    app = visit("network", steps=20)
    path = rows(app, "path")
    mine = path[path["method"] == "training"]
    training = network_planes.training(network_planes.NETWORK, 0)
    assert list(mine["t"]) == training.steps[::4].tolist()
    assert np.allclose(mine["loss"], training.losses[::4], rtol=1e-5)


def test_the_true_descent_is_drawn_on_demand_and_parts_from_the_one_in_the_plane():
    app = visit("network", steps=50)
    assert "true descent" not in set(rows(app, "path")["method"])
    set_value(app, "network_true", True)
    check_whole(app)
    path = rows(app, "path")
    names = "gradient descent", "true descent"
    inside, true = (path[path["method"] == name][["w", "b"]].to_numpy() for name in names)
    assert np.allclose(inside[:2], true[:2], atol=1e-5), "after one step both have the same projection"
    assert np.abs(inside[20] - true[20]).max() > 1e-3, "then they part"


def test_no_gradient_norm_is_told_of_a_projected_run():
    """It is not computed: the ball does not say it, and the file leaves it out."""
    view = build(PAGE, choice_from(PAGE, {"true": True, "steps": 20}), ChartStyle())
    assert [run.projected for run in view.runs] == [False, True, True]
    assert [bool(told["norm"]) for told in playback.score(view)["runs"]] == [True, False, False]
    assert "nan" not in files.table([], view)


def test_a_link_with_the_pointer_is_used_whole():
    """Share writes where the pointer is, here with the coordinates a and b."""
    app = visit("network", a=1.5, b=-0.5)
    check_whole(app)
    assert not app.toast, app.toast[0].value
    assert {name: opening(app)[name] for name in "wb"} == {"w": 1.5, "b": -0.5}


def test_another_plane_brings_its_own_start_and_rate():
    app = visit("network", a0=1.0, b0=1.0)
    assert (shown(app, "network_a0"), shown(app, "network_b0")) == (1.0, 1.0)
    set_value(app, "network_plane", network_planes.CURVATURE)
    check_whole(app)
    found = network_planes.shown(PlaneSpec(kind=network_planes.CURVATURE))
    assert (shown(app, "network_a0"), shown(app, "network_b0")) == found.start
    assert shown(app, "network_lr") == found.rate


def test_the_rescaling_is_offered_for_relu_only_and_leaves_the_function():
    assert not [w for w in visit("network", plane=network_planes.CURVATURE).select_slider if w.key == "network_factor"]
    link = {"network": "circles, relu 2-8-1", "plane": network_planes.CURVATURE}
    app = visit("network", **link, factor=4.0)
    check_whole(app)
    assert widget(app, "network_factor").value == 4.0
    moved = network_planes.shown(PlaneSpec(link["network"], link["plane"], factor=4.0)).plane
    plain = network_planes.shown(PlaneSpec(link["network"], link["plane"])).plane
    inputs = plain.network.inputs
    assert np.allclose(plain.network.predict(moved.origin, inputs), plain.network.predict(plain.origin, inputs))
    assert np.allclose(moved.view, plain.view), "the window must have the same size, or sharp and flat look alike"
    ends = moved.value([moved.view[0][1], 0.0]), plain.value([plain.view[0][1], 0.0])
    assert ends[0] > 2 * ends[1], "the same function looks sharper"


@pytest.mark.parametrize("part", ["Curvatures", "Side by side", "Two descents", "Straight line", "Copies"])
def test_what_it_hides(part):
    app = visit("network", tab="What it hides", closer=part, steps=30)
    check_whole(app)
    if part == "Curvatures":
        said = words(app)
        spec = choice_from(PAGE, {"steps": 30})
        found = network_planes.shown(spec.loss.plane)
        every = networks.seen_curvatures(found.plane, spec.start).every
        assert f"{every.negative} negative" in said, f"the page should count {every.negative}: {said}"
    if part == "Copies":
        assert "10321920" in words(app)


def test_sharp_or_flat_is_a_part_for_relu_networks():
    app = visit("network", network="circles, relu 2-8-1", tab="What it hides", closer="Sharp or flat", steps=30)
    check_whole(app)
    assert "8.91" in words(app), "the largest curvature with c = 4"


def test_the_edge_of_stability_says_when_the_limit_is_passed():
    app = visit("network", tab="Edge of stability", steps=30)
    check_whole(app)
    assert "for the first time at step 950" in words(app)
    assert len(charts(app)) >= 3


@pytest.mark.parametrize("tab", ["Learn", "Check", "Code", "Ask", "Numbers"])
def test_the_parts_that_all_pages_share(tab):
    check_whole(visit("network", tab=tab, steps=20))


def test_equal_pictures_have_one_key():
    """Settings without meaning for a plane do not make another one."""
    for given in ({"plane": network_planes.PATH, "draw": 3}, {"plane": network_planes.THREE, "factor": 4.0}):
        assert network_planes.spec_of(given) == network_planes.spec_of({"plane": given["plane"]})
    assert network_planes.spec_of({"network": "gone", "plane": "gone"}) == PlaneSpec()


def test_the_share_of_the_gradient_is_that_of_the_core():
    choice = choice_from(PAGE, {})
    plane = network_planes.shown(choice.loss.plane).plane
    far = cached.coarse(choice.loss, choice.view)
    (a0, a1), (b0, b1) = cached.window(choice.loss, choice.view)
    side = round(len(far.share) ** 0.5)
    for i, j in ((3, 4), (13, 11)):
        p = (a0 + (a1 - a0) * (j + 0.5) / side, b0 + (b1 - b0) * (i + 0.5) / side)
        share = 100 * float(networks.gradient_share(plane, p))
        assert abs(share - far.share[i * side + j]) <= 0.5 + 1e-9, f"at {p}: {share} %, shown {far.share[i * side + j]}"
        assert np.allclose(far.gradient[i * side + j], plane.gradient(p), rtol=1e-9)


def test_a_link_can_hide_the_choice_of_the_plane_and_keeps_its_start():
    app = visit("network", plane=network_planes.CURVATURE)
    free = view(app)
    hidden = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    hidden.session_state["layout"] = "laptop"
    hidden.query_params["network_plane"] = network_planes.CURVATURE
    hidden.query_params["hide"] = "data"
    hidden.switch_page("pages/network.py").run()
    check_whole(hidden)
    same = ("w0", "w1", "b0", "b1", "sw", "sb")
    assert {key: view(hidden)[key] for key in same} == {key: free[key] for key in same}


def test_run_in_the_lesson_opens_the_plane_of_the_prediction_with_its_own_start():
    app = visit("network", lesson=8, part="Predict")
    check_whole(app)
    for name, said in (("predicted", 1), ("sure", "certain")):
        widget(app, f"_lesson_8_{name}").set_value(said)
        app.run()
    widget(app, "_lesson_8_run").click()
    app.run()
    check_whole(app)
    assert (shown(app, "network_plane"), shown(app, "network_seed")) == (network_planes.LINE, 1)
    found = network_planes.shown(PlaneSpec(kind=network_planes.LINE, seed=1))
    assert (view(app)["sw"], view(app)["sb"]) == found.start


@pytest.mark.parametrize(
    "link",
    [
        {"ab": "true", "ab_what": "method"},
        {"zoom": "2.0", "equal": "true", "network": "spirals, relu 2-16-16-1"},
        {"picture": "3-D", "plane": network_planes.THREE},
        {"a0": "60", "b0": "-40"},
        {"a0": "1e50", "b0": "0"},
        {"methods": ["newton", "adam", "backtracking", "momentum"], "lr": "5"},
        {"methods": [""]},
        {"lr": "1e6", "true": "true", "tab": "What it hides", "closer": "Two descents"},
        {"lr": "1e-90", "true": "true", "tab": "What it hides", "closer": "Two descents"},
    ],
    ids=lambda link: " ".join(f"{key}={value}" for key, value in link.items()),
)
def test_unusual_settings_leave_the_page_whole(link):
    check_whole(visit("network", steps=40, **link))


def test_the_description_of_the_stage_depends_on_the_shape_of_the_network_alone():
    """Whatever else changes is sent as data, so that pointer and playback survive it."""
    first = charts(visit("network", steps=20))[0].spec
    for link in ({"seed": 3}, {"plane": network_planes.THREE, "lr": 0.1}, {"true": True, "steps": 40}):
        assert charts(visit("network", **link))[0].spec == first, f"{link} changes the description of the stage"
