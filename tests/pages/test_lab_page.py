"""The tab "Look closer": each section on every page, its bad cases, and what its buttons and clicks set."""

from __future__ import annotations

import re

import numpy as np
import pytest
import streamlit as st
from sessions import SECTIONS, charts, check_whole, set_value, table, view, visit, widget

from lossgeo import geometry
from lossgeo.datasets import CLASSIFICATION, REGRESSION, Dataset
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import SigmoidSquaredError
from lossgeo.ui.controls import settings
from lossgeo.views import cached
from lossgeo.views.choice import LossSpec, MethodSpec
from lossgeo.views.pages import LESSON_PAGES, LR_RANGE
from lossgeo.views.sentences import minimum_in_words

CHARTS = {
    ("mse", "Along the run"): 0,
    "Ruler": 1,
    "Sweep": 1,
    "Scaling": 2,
    "Along the run": 1,
    "Penalty curve": 1,
    "Penalty path": 1,
}
EVERY = [(page, section) for page, sections in SECTIONS.items() for section in sections]
CHAPTER = LossSpec("chapter line", (), "mean squared error")


def lab(page, section="Ruler", **link):
    return visit(page, tab="Look closer", closer=section, **link)


def lab_charts(app):
    return charts(app)[1:]


def prose(app):
    return " ".join(str(e.value) for e in [*app.markdown, *app.caption, *app.info])


def number_in(text, pattern):
    found = re.search(pattern, text)
    assert found, f"no {pattern!r} in: {text}"
    return float(found[1])


@pytest.mark.parametrize(("page", "section"), EVERY)
def test_section_opens_alone(page, section):
    app = lab(page, section)
    check_whole(app)
    assert widget(app, f"{page}_closer").value == section
    assert len(lab_charts(app)) == CHARTS.get((page, section), CHARTS[section])


@pytest.mark.parametrize("page", SECTIONS)
def test_ruler_is_the_default_and_an_unknown_section_falls_back_to_it(page):
    assert widget(visit(page, tab="Look closer"), f"{page}_closer").value == "Ruler"
    app = lab(page, "Nonsense")
    check_whole(app)
    assert widget(app, f"{page}_closer").value == "Ruler"


@pytest.mark.parametrize("layout", ["phone", "wide"])
@pytest.mark.parametrize(("page", "section"), EVERY)
def test_section_in_other_layouts(page, section, layout):
    check_whole(visit(page, layout=layout, projector=layout == "wide", tab="Look closer", closer=section))


@pytest.mark.parametrize(("page", "section"), EVERY)
def test_section_without_methods(page, section):
    app = lab(page, section)
    check_whole(set_value(app, f"{page}_methods", []))
    if section == "Sweep":
        assert "at least one method" in prose(app)
        assert not lab_charts(app)


@pytest.mark.parametrize("section", ["Ruler", "Sweep", "Scaling", "Along the run", "Penalty path"])
@pytest.mark.parametrize("page", ["mse", "logistic"])
def test_section_on_every_data_set(page, section):
    app = lab(page, section)
    losses = {
        "mse": ("mean squared error", "mean absolute error"),
        "logistic": ("logistic loss", "squared error through a sigmoid"),
    }
    for name in {"mse": REGRESSION, "logistic": CLASSIFICATION}[page]:
        app.session_state[f"{page}_dataset"] = name
        for loss in losses[page]:
            app.session_state[f"{page}_loss"] = loss
            check_whole(app.run())


@pytest.mark.parametrize("section", ["Ruler", "Sweep", "Along the run"])
def test_section_on_every_landscape(section):
    app = lab("nonconvex", section)
    for name in LANDSCAPES:
        widget(app, "nonconvex_landscape").set_value(name)
        check_whole(app.run())


EXTREMES = {
    "mse": [
        {"constant_x": True}, {"n": 1}, {"scale": 1e6, "offset": 1e6}, {"lr": 1e4}, {"lr": 1e-13}, {"steps": 1},
        {"l2": 1e6}, {"noise": 0}, {"schedule": "cosine"}, {"w0": 1e9, "b0": -1e9},
    ],
    "logistic": [
        {"balance": 0}, {"separable": True}, {"separable": True, "l2": 0.01}, {"scale": 1e6}, {"n": 1}, {"lr": 1e4},
        {"w0": 1e9},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("page", "section"), [e for e in EVERY if e[0] != "nonconvex"])
def test_extremes(page, section):
    app = lab(page, section)
    usual = LESSON_PAGES[page].state()
    for state in EXTREMES[page]:
        for key, value in (usual | {f"{page}_{name}": value for name, value in state.items()}).items():
            app.session_state[key] = value
        check_whole(app.run())


# --- the ruler ----------------------------------------------------------------------------------------


def ruler(app):
    return next(e.proto.body for e in app.get("html") if 'class="ruler"' in e.proto.body)


def test_marks_under_the_rate_are_those_of_the_chapter_line():
    said = ruler(visit("mse"))
    assert "everywhere: 1/L = 0.394, 2/(μ + L) = 0.747, 2/L = 0.788." in said
    assert "0.5: overshoots, but settles" in said


def test_marks_say_where_they_hold():
    """The logistic loss has a bound everywhere; Himmelblau's function has curvatures at its minimisers only."""
    assert "L everywhere, λ here, at the minimiser" in ruler(visit("logistic"))
    assert "here, at the minimiser nearest to the end of the run" in ruler(visit("nonconvex"))


def test_nothing_is_promised_to_another_method():
    assert "settles" not in ruler(visit("mse", methods=["adam"]))
    assert "settles" not in ruler(visit("mse", schedule="cosine"))


@pytest.mark.parametrize(
    ("label", "rate"), [("Use 1/L", 0.394049), ("Use 2/(μ + L)", 0.746781), ("Just above 2/L", 0.803861)]
)
def test_buttons_set_the_learning_rate(label, rate):
    app = lab("mse")
    next(b for b in app.button if b.label == label).click().run()
    check_whole(app)
    assert widget(app, "mse_lr").value == pytest.approx(rate, rel=1e-5)


@pytest.mark.parametrize(("rate", "steps"), [(0.1, 980), (0.5, 191), (0.78, 690)])
def test_predicted_and_counted_steps_agree(rate, steps):
    """The source chapter's line from (0, 0)."""
    text = prose(lab("mse", lr=rate, w0=0, b0=0))
    assert number_in(text, r"that makes (\d+) steps") == steps
    assert number_in(text, r"a run took (\d+)") == steps


def test_beyond_the_limit_no_steps_are_predicted():
    assert "it never comes within" in prose(lab("mse", lr=0.8))


def test_error_of_a_quadratic_lies_on_the_formula():
    (chart,) = lab_charts(lab("mse", lr=0.3))
    run = {(r["part"], r["step"]): r["size"] for r in table(chart, "run").to_pylist()}
    formula = table(chart, "formula").to_pylist()
    assert {r["part"] for r in formula} == {"steep direction", "flat direction"}
    for row in formula:
        if row["size"] > 1e-9:
            assert run[row["part"], row["step"]] == pytest.approx(row["size"], rel=1e-6)


def test_trough_has_one_error_and_says_why():
    app = lab("mse", constant_x=True, lr=0.05)
    assert {r["part"] for r in table(lab_charts(app)[0], "run").to_pylist()} == {"steep direction"}
    assert "every point of the line is a minimiser" in prose(app)


def test_without_minimiser_there_is_no_error_to_split():
    app = lab("logistic", separable=True)
    assert not lab_charts(app)
    assert "No error to split" in prose(app)
    assert "at the start (no minimiser exists)" in prose(app)


# --- the sweep ------------------------------------------------------------------------------------------


def test_sweep_counts_what_a_run_takes_and_shades_from_the_limit_on():
    app = lab("mse", "Sweep", methods=["gradient descent"], w0=0, b0=0)
    chart = lab_charts(app)[0]
    runs = table(chart, "runs").to_pylist()
    assert len(table(chart, "strips")) == cached.SWEEP_RATES
    for row in (runs[0], runs[-1]):
        assert row["steps"] == geometry.predicted_steps(cached.loss(CHAPTER), (0.0, 0.0), row["rate"])
    limit = 0.788099
    assert max(row["rate"] for row in runs) < limit
    (cliff,) = table(chart, "cliff").to_pylist()
    assert limit < cliff["low"] < 1.1 * limit
    assert {r["rate"] >= cliff["low"] for r in table(chart, "fates").to_pylist() if r["fate"] == "diverges"} == {True}
    assert "yours, 0.5: 191 steps" in chart.alt


def test_rate_beyond_the_local_limit_is_not_called_an_arrival():
    """Two classes: at 51.1 a run passes the minimiser within 1e-6 and then leaves it again."""
    chart = lab_charts(lab("logistic", "Sweep", methods=["gradient descent"]))[0]
    limit = 48.659
    assert all(row["rate"] < limit for row in table(chart, "runs").to_pylist())
    assert any(row["fate"] == "unstable" for row in table(chart, "fates").to_pylist())


def test_methods_without_a_learning_rate_are_drawn_flat():
    chart = lab_charts(lab("mse", "Sweep", methods=["newton"]))[0]
    assert {row["steps"] for row in table(chart, "runs").to_pylist()} == {1.0}
    assert not len(table(chart, "cliff"))


def test_sweep_needs_somewhere_to_arrive():
    app = lab("nonconvex", "Sweep", landscape="saddle")
    assert not lab_charts(app)
    assert "nowhere to arrive" in prose(app)


def test_the_fastest_swept_rate_has_a_button():
    app = lab("mse", "Sweep")
    (button,) = [b for b in app.button if b.label.endswith("the fastest of gradient descent")]
    button.click().run()
    check_whole(app)
    assert widget(app, "mse_lr").value == pytest.approx(0.7468, rel=0.01)  # near 2/(mu + L)
    assert "yours, 0.743: 125 steps" in prose(app)


def test_set_rate_stays_in_the_range_of_the_input(monkeypatch):
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    settings.set_rate(LESSON_PAGES["mse"], 1e9)
    assert state["mse_lr"] == LR_RANGE[1]
    settings.set_rate(LESSON_PAGES["mse"], 0.123456789)
    assert state["mse_lr"] == 0.123457


# --- scaling, basins, curvature ----------------------------------------------------------------------------


def test_scaling_of_cars():
    app = lab("mse", "Scaling", dataset="cars", w0=0, b0=0)
    frame = app.dataframe[0].value.set_index("x")
    assert frame.loc["raw", "κ"] == "2570"
    assert frame.loc["standardised", "κ"] == "1"
    assert (frame.loc["raw", "steps"], frame.loc["standardised", "steps"]) == ("over 2000", "1")
    assert "from 2570 to 1" in prose(app)


@pytest.mark.parametrize("standardise", [False, True])
def test_both_scalings_start_from_the_same_model(standardise):
    app = lab("mse", "Scaling", dataset="cars", w0=2, b0=-5, standardise=standardise)
    raw, scaled = (table(chart, "path").to_pylist()[0] for chart in lab_charts(app))
    data = REGRESSION["cars"]()
    mean, spread = data.x.mean(), data.x.std()
    assert scaled["w"] == pytest.approx(raw["w"] * spread, rel=1e-5)
    assert scaled["b"] == pytest.approx(raw["b"] + raw["w"] * mean, rel=1e-5)
    own = scaled if standardise else raw
    assert (own["w"], own["b"]) == (2.0, -5.0)


def test_curvature_of_mse_is_said_not_drawn():
    app = lab("mse", "Along the run")
    assert not lab_charts(app)
    assert "κ = 18.1" in prose(app)


def test_curvature_along_a_run_says_until_when_it_is_negative():
    app = lab("nonconvex", "Along the run", lr=0.004, methods="gradient descent")
    (chart,) = lab_charts(app)
    himmelblau, method = LossSpec("himmelblau"), MethodSpec("gradient descent", 0.004)
    path = cached.trajectory(himmelblau, method, (0.0, -1.0), 100)
    bends = geometry.eigenvalues(LANDSCAPES["himmelblau"], path.points)
    last = int(np.flatnonzero(bends[:, 0] < 0)[-1])
    assert (bends[: last + 1, 0] < 0).all()
    assert f"negative until step {last}" in prose(app)
    rows = {(r["part"], r["step"]): r["bend"] for r in table(chart, "run").to_pylist()}
    assert rows["steep direction", last] == pytest.approx(bends[last, 1])
    assert rows["flat direction", last + 1] == pytest.approx(bends[last + 1, 0])
    assert bends[last + 1, 0] > 0
    assert table(chart, "limit").to_pylist()[0]["bend"] == pytest.approx(2 / 0.004)
    assert "never above 2" in prose(app)


def test_curvature_along_a_run_counts_the_steps_that_are_too_long():
    """Two classes: at a learning rate of 20 the first step, from the steep slope, has eta lambda_max = 4.38."""
    text = prose(lab("logistic", "Along the run", lr=20))
    assert "above 2 at 1 of 100 steps**, first at step 1" in text
    assert "never negative: the loss is convex" in text


def test_a_minimum_that_rests_on_a_search_is_called_found():
    """Squared error through a sigmoid: what is proved is said as before."""
    brier = "squared error through a sigmoid"
    for link, words in (
        ({"dataset": "overlapping six"}, "no minimiser found: the least limit far out is 0.167"),
        ({"dataset": "two classes"}, "lowest minimum found: 0.0424"),
        ({"dataset": "separable four"}, "no minimiser: the infimum 0 is not attained"),
        ({"dataset": "separable four", "l2": 0.1}, "lowest minimum found"),
        ({"dataset": "two classes", "balance": 0}, "no minimiser: the infimum 0 is not attained"),
    ):
        app = visit("logistic", loss=brier, **link)
        check_whole(app)
        assert view(app)["words"].startswith(words), view(app)["words"]
    loss = SigmoidSquaredError(Dataset([-16.9, 0.2, 2.3, -3.5, 0.2], [0, 0, 0, 1, 1], "F14", ""))
    assert loss.searched
    words = "no minimiser found" if loss.minimisers == "none" else "lowest minimum found"
    assert minimum_in_words(loss).startswith(words)
