"""A against B: two runs that differ in one setting and in nothing else, on the stage, in words, in the address."""

from __future__ import annotations

import json
import re

import pytest
from sessions import PAGES, charts, check_whole, own, set_value, shown, surfaces, table, view, visit, widget

from lossgeo.charts.style import PAIR, ChartStyle
from lossgeo.descent import verdict
from lossgeo.ui.lab.sweep import swept_methods
from lossgeo.views import comparison
from lossgeo.views.choice import FIELDS, choice_from
from lossgeo.views.pages import DIFFERS, LESSON_PAGES
from lossgeo.views.view import build

# what differs -> B's key, B's value, a first method that uses it
CASES = {
    "learning rate": ("ab_lr", 0.3, "gradient descent"),
    "momentum": ("ab_momentum", 0.25, "momentum"),
    "schedule": ("ab_schedule", "1/t", "adam"),
    "method": ("ab_method", "rmsprop", "adam"),
}


def prose(app):
    return " ".join(str(e.value) for e in app.markdown)


def paths(app):
    """A's and B's rows of the stage: steps, points, losses."""
    rows = table(charts(app)[0], "path").to_pylist()
    return {mark: [(r["t"], r["w"], r["b"], r["loss"]) for r in rows if r["method"] == mark] for mark in PAIR}


@pytest.mark.parametrize(("page", "what"), [*(("mse", what) for what in CASES), ("logistic", "method"),
                                            ("nonconvex", "learning rate")])  # fmt: skip
def test_the_two_runs_differ_in_one_setting(page, what):
    key, value, method = CASES[what]
    app = visit(page, ab=True, ab_what=what, methods=method, **{key: value})
    check_whole(app)
    both = paths(app)
    assert both["A"][0] == both["B"][0], "the start is locked"
    assert both["A"] != both["B"]
    alone = visit(page, methods=method)
    rows = table(charts(alone)[0], "path").to_pylist()
    assert both["A"] == [(r["t"], r["w"], r["b"], r["loss"]) for r in rows], "A is the run without B"
    other = {"ab_lr": {"lr": value}, "ab_momentum": {"momentum": value}, "ab_schedule": {"schedule": value}}
    alone = visit(page, **({"methods": method} | other.get(key, {"methods": value})))
    rows = table(charts(alone)[0], "path").to_pylist()
    assert both["B"] == [(r["t"], r["w"], r["b"], r["loss"]) for r in rows], "B is the run with the other setting"
    named = f"A {method}, B {value}" if what == "method" else f"Both run {method}, "
    assert f"nly the **{what}** differs: A " in prose(app)
    assert named in prose(app)


@pytest.mark.parametrize("what", DIFFERS)
def test_a_pair_differs_in_exactly_one_field(what):
    other = {"ab_lr": 0.1, "ab_momentum": 0.2, "ab_schedule": "step", "ab_method": "adam"}
    said = {"methods": ["momentum"], "lr": 0.5, "ab": True, "ab_what": what, **other}
    a, b = choice_from(LESSON_PAGES["mse"], said).methods
    assert [f for f in vars(a) if getattr(a, f) != getattr(b, f)] == [FIELDS[what]]


@pytest.mark.parametrize("page", PAGES)
def test_the_spec_is_the_same_with_and_without_b(page):
    app = visit(page)
    spec, start = charts(app)[0].spec, (view(app)["sw"], view(app)["sb"])
    for key, value in (("ab", True), ("ab_what", "schedule"), ("ab_schedule", "step"), ("ab", False)):
        set_value(app, f"{page}_{key}", value)
        check_whole(app)
        assert shown(app, f"{page}_{key}") == value
        assert charts(app)[0].spec == spec
        assert (view(app)["sw"], view(app)["sb"]) == start
    assert {r["method"] for r in table(charts(app)[0], "path").to_pylist()} == set(own(page)["methods"])


def test_the_address_holds_the_comparison_and_undo_and_reset_take_it_back():
    app = visit("mse", ab=True, ab_what="momentum", ab_momentum=0.25, methods="momentum")
    link = dict(app.query_params)
    assert {k: link[k] for k in link if "_ab" in k} == {
        "mse_ab": "true", "mse_ab_what": "momentum", "mse_ab_momentum": "0.25"}  # fmt: skip
    before = paths(app)
    assert paths(visit("mse", **{k.removeprefix("mse_"): v for k, v in link.items()})) == before
    set_value(app, "mse_ab_momentum", 0.5)
    assert paths(app) != before
    widget(app, "mse_undo").click()
    app.run()
    assert paths(app) == before
    assert widget(app, "mse_undo").disabled
    widget(app, "mse_reset").click()
    check_whole(app.run())
    assert not paths(app)["A"]
    assert not [key for key in app.query_params if "_ab" in key]
    widget(app, "mse_undo").click()
    assert paths(app.run()) == before


def test_a_value_that_waits_for_its_turn_is_kept():
    """Changing what differs is one step for Undo, and B's other values stay."""
    app = visit("mse", ab=True, ab_lr=0.3)
    set_value(app, "mse_ab_what", "schedule")
    set_value(app, "mse_ab_schedule", "1/t")
    set_value(app, "mse_ab_what", "learning rate")
    assert shown(app, "mse_ab_lr") == 0.3
    for what in ("schedule", "schedule", "learning rate"):
        widget(app, "mse_undo").click()
        app.run()
        assert shown(app, "mse_ab_what") == what
    assert widget(app, "mse_undo").disabled


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"ab_what": "momentum"}, "gradient descent does not use it"),
        ({"methods": "newton"}, "newton does not use it"),
        ({"ab_lr": 0.5}, "both have the same value"),
        ({"ab_lr": 0.8, "steps": 700}, "**B** diverges"),
        ({"lr": 0.5, "steps": 300}, "**A** converged after"),
    ],
)
def test_the_paragraph_says_how_both_ended_or_why_they_are_one(link, words):
    app = visit("mse", ab=True, **link)
    check_whole(app)
    assert words in prose(app)


@pytest.mark.parametrize("page", PAGES)
def test_b_is_on_the_surface_in_the_table_and_in_every_section(page):
    app = visit(page, ab=True, ab_what="method", picture="3-D", tab="Numbers")
    check_whole(app)
    assert set(PAIR) <= {trace.get("name") for trace in json.loads(surfaces(app)[0].spec)["data"]}
    assert {str(name)[:2] for name in app.dataframe[0].value["method"]} == {"A ", "B "}
    for section in ("Ruler", "Sweep", "Curvature"):
        check_whole(visit(page, ab=True, ab_what="schedule", tab="Look closer", closer=section))


def test_no_method_and_a_b_that_cannot_run():
    app = visit("mse", ab=True)
    check_whole(set_value(app, "mse_methods", []))
    assert "needs a method" in prose(app)
    app = visit("nonconvex", ab=True, landscape="puromycin", x0=0.0, y0=-1.0)
    check_whole(app, warnings=1)


def test_another_landscape_brings_its_own_rate_for_b():
    app = visit("nonconvex", ab=True)
    widget(app, "nonconvex_landscape").set_value("rosenbrock")
    app.run()
    usual = LESSON_PAGES["nonconvex"].usual({"landscape": "rosenbrock"})
    assert shown(app, "nonconvex_ab_lr") == usual["ab_lr"] == 2 * usual["lr"]


def test_every_ending_has_its_words():
    assert set(comparison.OUTCOMES) == set(re.findall(r'"(\w+)"', verdict.__doc__.split("Statuses:")[1]))


def test_the_sweep_draws_a_and_b_where_their_curves_differ():
    page = LESSON_PAGES["mse"]
    for what, names in (("learning rate", ["momentum"]), ("momentum", ["A", "B"])):
        said = {"methods": ["momentum"], "lr": 0.1, "ab": True, "ab_what": what}
        assert list(swept_methods(build(page, choice_from(page, said), ChartStyle()))) == names
