"""Every page runs to its end in its own state and in every other that a visitor can choose."""

from __future__ import annotations

import itertools
import json

import pytest
from sessions import (
    BELOW,
    PAGES,
    PANEL,
    TABS,
    bound,
    charts,
    check_whole,
    open_tab,
    own,
    says,
    set_value,
    shown,
    surfaces,
    switches,
    table,
    view,
    visit,
    widget,
)

from lossgeo.charts.style import ChartStyle
from lossgeo.charts.surface3d import CAMERAS, camera
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS, SCHEDULES
from lossgeo.landscapes import LANDSCAPES
from lossgeo.teaching import questions
from lossgeo.views.pages import FURTHER, LESSON_PAGES, WITHOUT_DATA

LOSSES = {"mse": ["mean squared error", "mean absolute error"],
          "logistic": ["logistic loss", "squared error through a sigmoid"]}  # fmt: skip
DATA = {"mse": REGRESSION, "logistic": CLASSIFICATION}
GENERATED = {"mse": "chapter line", "logistic": "two classes"}
STAGE = {"view", "path", "field", "best", "picture", "labels", "legend", "kept"}


def test_home_leads_to_every_page():
    app = visit("home")
    assert not app.exception
    assert app.title[0].value
    links = [link.proto.page for link in app.get("page_link")]
    assert links[: len(PAGES)] == list(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_on_its_stage(page):
    app = visit(page)
    check_whole(app)
    (stage,) = charts(app)
    assert {data.name for data in stage.datasets} == STAGE | ({"points"} if page != "nonconvex" else set())
    assert not surfaces(app), "Plotly's script is heavy: not before somebody asks for it"
    assert switches(app, page) == (PANEL, BELOW[page])
    assert open_tab(app, page) == "Controls"
    usual, path = own(page), table(stage, "path").to_pylist()
    assert {row["method"] for row in path} == set(usual["methods"])
    first, second = LESSON_PAGES[page].start
    for row in (row for row in path if row["t"] == 0):
        assert (row["w"], row["b"]) == pytest.approx((usual[first], usual[second]))
    assert (view(app)["sw"], view(app)["sb"]) == (usual[first], usual[second])


@pytest.mark.parametrize("page", PAGES)
def test_a_warm_rerun_sends_the_same(page):
    app = visit(page)
    before = charts(app)[0]
    again = charts(app.run())[0]
    assert before.spec == again.spec
    assert [d.data.data for d in before.datasets] == [d.data.data for d in again.datasets]


@pytest.mark.parametrize(("page", "name"), [(page, name) for page in DATA for name in DATA[page]])
def test_every_data_set(page, name):
    app = visit(page, dataset=name)
    check_whole(app)
    data = DATA[page][name]()
    points = table(charts(app)[0], "points")
    assert points.num_rows == data.n
    assert points["x"].to_pylist() == data.x.tolist()
    for loss, l2, standardise in itertools.product(LOSSES[page], (0.0, 0.5), (False, True)):
        for key, value in (("loss", loss), ("l2", l2), ("standardise", standardise)):
            app.session_state[f"{page}_{key}"] = value
        check_whole(app.run())
        assert f"Map of the {loss}" in says(app)
        assert view(app)["l2"] == l2


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape(name):
    """Chosen in the box, so that start and learning rate become the landscape's own; then every method."""
    app = visit("nonconvex")
    widget(app, "nonconvex_landscape").set_value(name)
    check_whole(app.run())
    start = tuple(float(v) for v in LANDSCAPES[name].start)
    assert (view(app)["sw"], view(app)["sb"]) == start
    for method in WITHOUT_DATA:
        check_whole(set_value(app, "nonconvex_methods", [method]))
        assert f" {method}: " in says(app)


@pytest.mark.parametrize("page", DATA)
@pytest.mark.parametrize("loss", range(2))
def test_every_method_on_data(page, loss):
    app = visit(page, loss=LOSSES[page][loss])
    for method in OPTIMIZERS:
        check_whole(set_value(app, f"{page}_methods", [method]))
        assert {row["method"] for row in table(charts(app)[0], "path").to_pylist()} == {method}


KNOBS = {
    "mse": [
        {"n": 1}, {"n": 2}, {"n": 500}, {"n": 1, "standardise": True}, {"n": 1, "loss": LOSSES["mse"][1]},
        {"constant_x": True}, {"constant_x": True, "standardise": True}, {"constant_x": True, "l2": 0.3},
        {"constant_x": True, "loss": LOSSES["mse"][1]}, {"noise": 0}, {"noise": 0, "slope": 0, "intercept": 0},
        {"noise": 100}, {"outliers": 3}, {"outliers": 30, "outlier_size": -1000}, {"scale": 1e6}, {"scale": 1e-6},
        {"offset": 1e6}, {"offset": -1e6, "scale": 1e6}, {"scale": 1e-6, "offset": 1e6}, {"l2": 1e6},
        {"up": 4, "pull": 4}, {"dataset": "one point", "pull": 4, "up": -4}, {"dataset": "cars", "up": -4, "pull": -1},
        {"seed": 9999}, {"bounds": True, "fresh": True, "batch": 1, "lr": 0.05, "methods": "sgd"},
        {"slope": 100, "intercept": -100},
    ],
    "logistic": [
        {"n": 1}, {"n": 2}, {"n": 500}, {"n": 1, "standardise": True}, {"balance": 0}, {"balance": 1},
        {"balance": 0, "loss": LOSSES["logistic"][1]}, {"balance": 1, "l2": 0.3}, {"balance": 0, "flips": 40},
        {"separable": True}, {"separable": True, "l2": 0.01}, {"separable": True, "loss": LOSSES["logistic"][1]},
        {"gap": 0}, {"gap": 8}, {"gap": 0, "separable": True}, {"flips": 1}, {"flips": 40}, {"scale": 1e6},
        {"scale": 1e-6}, {"offset": 1e6}, {"offset": -1e6, "scale": 1e6}, {"scale": 1e-6, "offset": 1e6}, {"l2": 1e6},
        {"seed": 9999}, {"dataset": "challenger", "pull": 4}, {"dataset": "margin four", "pull": -1},
    ],
    "nonconvex": [{"landscape": "rastrigin", "x0": 0, "y0": 0}, {"landscape": "saddle", "x0": 0, "y0": 0},
                  {"landscape": "puromycin", "x0": 0, "y0": 1}, {"landscape": "tiny network", "x0": 0, "y0": 0}],
}  # fmt: skip
SHARED = [
    {"lr": 1e-13}, {"lr": 1e4}, {"steps": 1}, {"steps": 2000}, {"steps": 2000, "lr": 1e4}, {"momentum": 0},
    {"momentum": 0.99}, *({"schedule": name} for name in SCHEDULES), {"zoom": 0.125}, {"zoom": 8.0}, {"equal": True},
    {"equal": True, "zoom": 0.125}, {"methods": list(OPTIMIZERS)[3:7]}, {"methods": "newton", "lr": 1e4},
    {"bounds": True}, {"bounds": True, "lr": 1e-13, "methods": "accelerated"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "state"),
    [pytest.param(page, state, id=f"{page}-{'-'.join(f'{k}={v}' for k, v in state.items())}")
     for page in PAGES for state in [*KNOBS[page], *SHARED]],
)  # fmt: skip
def test_extreme_settings(page, state):
    app = visit(page, **state)
    check_whole(app)
    for name, value in state.items():
        assert shown(app, f"{page}_{name}") in (value, [value])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("start", [(1e9, -1e9), (-1e9, 1e9), (1e6, 0.0), (1e-9, -1e-9)], ids=str)
def test_starts_far_and_near(page, start):
    first, second = LESSON_PAGES[page].start
    app = visit(page, **{first: start[0], second: start[1]})
    check_whole(app)
    assert (view(app)["sw"], view(app)["sb"]) == start


@pytest.mark.parametrize("page", PAGES)
def test_no_method_chosen(page):
    app = visit(page)
    check_whole(set_value(app, f"{page}_methods", []))
    assert table(charts(app)[0], "path").num_rows == 0


@pytest.mark.parametrize("layout", ["phone", "laptop", "wide"])
@pytest.mark.parametrize("page", PAGES)
def test_three_dimensional_picture(page, layout):
    app = visit(page, layout=layout, picture="3-D")
    check_whole(app)
    (surface,) = surfaces(app)
    figure = json.loads(surface.spec)
    kinds = [trace["type"] for trace in figure["data"]]
    assert kinds.count("surface") == 1
    assert {trace.get("name") for trace in figure["data"]} >= set(own(page)["methods"])
    assert ("field" in [d.name for d in charts(app)[0].datasets]) == (layout == "wide")


@pytest.mark.parametrize("name", [*REGRESSION, *CLASSIFICATION, *LANDSCAPES])
def test_three_dimensional_picture_of_everything(name):
    page = "mse" if name in REGRESSION else "logistic" if name in CLASSIFICATION else "nonconvex"
    app = visit(page, picture="3-D", **{"landscape" if page == "nonconvex" else "dataset": name})
    check_whole(app)
    assert len(surfaces(app)) == 1
    for loss in LOSSES.get(page, ["", ""])[1:]:
        check_whole(set_value(app, f"{page}_loss", loss))


@pytest.mark.parametrize("page", PAGES)
def test_named_cameras(page):
    app = visit(page, picture="3-D")
    for name in CAMERAS:
        eye = camera(name, ChartStyle(), fitted=page != "nonconvex")
        check_whole(set_value(app, f"{page}_camera", name))
        keeper = next(c.proto for c in app.get("bidi_component") if c.proto.component_name.endswith("camera_keeper"))
        assert json.loads(keeper.json)["eye"] == eye


@pytest.mark.parametrize("projector", [False, True], ids=["plain", "projector"])
@pytest.mark.parametrize("layout", ["phone", "wide"])
@pytest.mark.parametrize("page", PAGES)
def test_layouts(page, layout, projector):
    check_whole(visit(page, layout=layout, projector=projector))


@pytest.mark.parametrize(("page", "tab"), [(page, tab) for page in PAGES for tab in TABS[page]])
def test_every_tab(page, tab):
    """Only the open tab is computed; it also opens without a minimiser and without a run; links know its widgets."""
    app = visit(page, tab=tab)
    check_whole(app)
    names = {key.removeprefix(f"{page}_") for key in bound(app) if key.startswith(f"{page}_")}
    unknown = names - {*LESSON_PAGES[page].names, *FURTHER}
    assert not unknown, f"a link with {unknown} would be called damaged: add them to FURTHER in lossgeo/views/pages.py"
    assert "methods" in names
    assert open_tab(app, page) == tab
    extra = {"Penalty curve": 1, "Compare": 3, "Ask": 1, "Look closer": len(charts(app)) - 1}
    assert len(charts(app)) == 1 + extra.get(tab, 0)
    names = () if tab == "Ask" else DATA.get(page, LANDSCAPES)  # an answer has its own data
    for name in names:
        app.session_state[f"{page}_{'dataset' if page in DATA else 'landscape'}"] = name
        if page == "nonconvex":
            app.session_state["nonconvex_x0"], app.session_state["nonconvex_y0"] = map(float, LANDSCAPES[name].start)
        app.run()
        check_whole(app)
    check_whole(set_value(app, f"{page}_methods", []))


def test_compare_every_landscape():
    app = visit("nonconvex", tab="Compare")
    for some in _batches(list(LANDSCAPES), 6):
        check_whole(set_value(app, "nonconvex_compare", some))
        assert len(charts(app)) == 1 + len(some)
    check_whole(set_value(app, "nonconvex_compare", []))
    assert len(charts(app)) == 1


def _batches(names, size):
    return [names[i : i + size] for i in range(0, len(names), size)]


STATES = {
    json.dumps({k: list(v) if isinstance(v, tuple) else v for k, v in state.items()}, sort_keys=True)
    for question in questions.load_bank()
    for state in (question.state, *(option.state for option in question.options))
}


@pytest.mark.parametrize("page", PAGES)
def test_every_state_of_the_question_bank(page):
    """The states that "Show it on the stage" opens: each is reachable, and is what the page then shows."""
    app = visit(page)
    for text in sorted(STATES):
        state = json.loads(text)
        if state.pop("page") != page:
            continue
        usual = LESSON_PAGES[page].state(state)
        for key, value in (usual | state).items():
            app.session_state[key] = value
        app.run()
        check_whole(app)
        for key, value in state.items():
            assert key in usual, f"{text}: the page has no {key}"
            assert shown(app, key) == value, f"{text}: {key}"
