"""Any state at all: drawn at random over all widgets of a page, it shows no error, no broken number, no empty picture.

And any class in a room: what teacher and students do, in any order. A developer's run draws a few states, CI more,
always the same. LOSSGEO_LONG=1 draws other states each time, 5,000 a page and some 5,000 in rooms. What it finds gets
a name below, in FOUND.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sessions import FOUR, PAGES, TABS, open_tab, switches, visit
from truth import faults, opened
from whole_rooms import Class, apps, classes
from whole_states import BROWSERS, CONTROLS, states

from lossgeo.teaching.progress import Notes, Progress
from lossgeo.teaching.questions import CONFIDENCE
from lossgeo.ui.panel.opened import PARTS
from lossgeo.views.pages import LESSON_PAGES

LONG = bool(os.environ.get("LOSSGEO_LONG"))


def drawn(ci: int, long: int = 5000) -> settings:
    """So many examples: in CI always the same, in the long mode others each time."""
    return settings(
        max_examples=long if LONG else ci,
        derandomize=not LONG,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
    )


# A state of a network costs ten times as much as one of the other pages: most have to train one. A class is some eleven
# states.
FEW, FEW_NETWORKS, FEW_CLASSES = drawn(5, 20), drawn(2, 20), drawn(1, 2)
MANY, MANY_NETWORKS, MANY_CLASSES = drawn(40), drawn(5), drawn(4, 450)


class Apps(dict):
    """The pages. Hypothesis prints a failing call, and the apps themselves would be 50 kB of it."""

    def __repr__(self) -> str:
        return "apps"


@pytest.fixture(scope="module")
def pages():
    """One AppTest a page; `opened` gives each state a session of its own in it."""
    found = Apps({page: visit(page) for page in FOUR})
    for page, app in found.items():
        app.default_timeout = 600  # seconds, of a machine that has much else to do
        app.switch_page(f"pages/{page}.py")  # now known to the entry file, through which it then is run
    return found


@pytest.fixture(scope="module")
def people():
    """One AppTest for each in a class; `opened` gives each class sessions of its own in them."""
    return apps()


@pytest.mark.parametrize("page", FOUR)
def test_every_control_is_drawn(page):
    wrong = sorted(set(CONTROLS[page]) ^ set(LESSON_PAGES[page].usual()))
    assert not wrong, f"CONTROLS in tests/pages/whole_states.py must draw each control of {page}: look at {wrong}"


@pytest.mark.parametrize("page", FOUR)
def test_every_tab_is_drawn(page, pages):
    views, sections = switches(opened(pages[page], {}), page)
    assert [*views, *sections] == TABS[page]


def check(app, page, state, browser=None):
    found = faults(opened(app, {"_hide": (), **state}, browser=browser), page)
    tab, hidden = state.get(f"{page}_tab", ""), state.get("_hide", ())
    if tab and open_tab(app, page) != ("Controls" if {"tabs", PARTS.get(tab)} & {*hidden} else tab):
        found.append(f"{open_tab(app, page)} is open instead of {tab}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", PAGES)
@FEW
@given(data=st.data())
def test_a_few_states(pages, page, data):
    check(pages[page], page, data.draw(states(page)), data.draw(BROWSERS))


@FEW_NETWORKS
@given(data=st.data())
def test_a_few_states_of_networks(pages, data):
    check(pages["network"], "network", data.draw(states("network")), data.draw(BROWSERS))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@MANY
@given(data=st.data())
def test_any_state(pages, page, data):
    check(pages[page], page, data.draw(states(page)), data.draw(BROWSERS))


@pytest.mark.slow
@MANY_NETWORKS
@given(data=st.data())
def test_any_state_of_networks(pages, data):
    check(pages["network"], "network", data.draw(states("network")), data.draw(BROWSERS))


ACTS = 8  # of a class that has begun


def play(people, draw):
    """A class begins, and then does what it can do, in any order."""
    page, state, begins = draw(classes())
    with pytest.MonkeyPatch.context() as patch:
        room = Class(people, page, state, patch)
        for act in [*begins, *[None] * ACTS]:
            act = act or draw(room.acts())
            found = room.do(act)
            assert not found, f"after {act}:\n" + "\n".join(found)


@FEW_CLASSES
@given(data=st.data())
def test_a_few_classes(people, data):
    play(people, data.draw)


@pytest.mark.slow
@MANY_CLASSES
@given(data=st.data())
def test_any_class(people, data):
    play(people, data.draw)


def pair(page, what, method="momentum", **b):
    return {f"{page}_tab": "Code", f"{page}_methods": [method], f"{page}_ab": True, f"{page}_ab_what": what} | {
        f"{page}_ab_{name}": value for name, value in b.items()
    }


FOUND = {
    "a hidden folded part with a control of the same name": ("mse", {"_hide": ("ab",), "mse_ab": True}),
    "the same with the loss": ("logistic", {"_hide": ("loss",), "logistic_l2": 0.5}),
    "the program of two learning rates": ("mse", pair("mse", "learning rate", lr=0.01)),
    "the program of two momenta": ("mse", pair("mse", "momentum", momentum=0.2)),
    "the program of two schedules": ("logistic", pair("logistic", "schedule", schedule="step")),
    "the program of two methods": ("logistic", pair("logistic", "method", method="adam")),
    "a 3-D start where the loss is infinite": (
        "nonconvex",
        {"nonconvex_landscape": "puromycin", "nonconvex_x0": 0.0, "nonconvex_y0": 0.0, "nonconvex_picture": "3-D"},
    ),
    "a start where the curvatures are no numbers": (
        "nonconvex",
        {
            "nonconvex_landscape": "puromycin",
            "nonconvex_x0": -333912013.7915387,
            "nonconvex_y0": -0.0,
            "nonconvex_tab": "Look closer",
            "nonconvex_closer": "Along the run",
            "nonconvex_layer": "curvature",
        },
    ),
    "the ruler from a start where the loss is infinite": (
        "nonconvex",
        {
            "nonconvex_landscape": "puromycin",
            "nonconvex_x0": -1e-300,
            "nonconvex_y0": -1.0,
            "nonconvex_methods": [],
            "nonconvex_tab": "Look closer",
        },
    ),
    "a loss so large that a step changes nothing": (
        "nonconvex",
        {
            "nonconvex_landscape": "double well",
            "nonconvex_x0": 8.304364035541168e-13,
            "nonconvex_y0": 971653155.2536528,
            "nonconvex_lr": 1e-13,
            "nonconvex_methods": ["rmsprop"],
            "nonconvex_steps": 2,
        },
    ),
    "a 3-D window too narrow for 32-bit numbers": (
        "mse",
        {
            "mse_constant_x": True,
            "mse_noise": 1e-9,
            "mse_n": 3,
            "mse_slope": -100.0,
            "mse_scale": 5.0,
            "mse_picture": "3-D",
        },
    ),
    "a 3-D surface higher than 32-bit numbers": (
        "mse",
        {
            "mse_zoom": 0.125,
            "mse_equal": True,
            "mse_scale": 1e-6,
            "mse_offset": -1e6,
            "mse_outliers": 1,
            "mse_picture": "3-D",
        },
    ),
    "a run that grows out of a loss below zero": (
        "nonconvex",
        {
            "nonconvex_landscape": "hidden saddle",
            "nonconvex_x0": 0.5,
            "nonconvex_y0": -1.0,
            "nonconvex_lr": 1.0,
            "nonconvex_steps": 2,
            "nonconvex_methods": ["gradient descent"],
        },
    ),
    "a map with places without a condition number": (
        "logistic",
        {
            "logistic_equal": True,
            "logistic_dataset": "challenger",
            "logistic_tab": "Look closer",
            "logistic_closer": "Along the run",
            "logistic_layer": "condition",
        },
    ),
    "curvatures whose ratio is beyond the floats": (
        "logistic",
        {
            "logistic_zoom": 0.125,
            "logistic_l2": 0.125,
            "logistic_dataset": "penguins adelie / gentoo",
            "logistic_tab": "Look closer",
            "logistic_closer": "Along the run",
            "logistic_layer": "condition",
        },
    ),
    "a file with a prediction that the lesson does not have": (
        "mse",
        {"mse_part": "Observe", "_progress": Progress((), {1: Notes(6, 9, CONFIDENCE[0], 9)})},
    ),
    "a file with a prediction without confidence": (
        "mse",
        {"mse_part": "Observe", "_progress": Progress((), {1: Notes(6, 0, None, 0)})},
    ),
    "data whose squares are below the least float": (
        "mse",
        dict.fromkeys(["mse_slope", "mse_intercept", "mse_noise", "mse_outlier_size"], 5e-324),
    ),
    "the data of a lesson, whose controls a link hides": (
        "logistic",
        {"_hide": ("data",), "logistic_tab": "Learn", "logistic_dataset": "two classes", "logistic_n": 40},
    ),
    "a challenge on the loss at a start where it is infinite": (
        "nonconvex",
        {"_nonconvex_challenge": "valley-in-the-fog", "nonconvex_landscape": "puromycin", "nonconvex_x0": 0.0},
    ),
    "a challenge on the condition number of a loss that has none": (
        "mse",
        {"_mse_challenge": "stretch-the-bowl", "mse_loss": "mean absolute error"},
    ),
    "the answer that says how nan comes about": ("mse", {"mse_tab": "Ask", "_asked_mse": "nan"}),
    "a formula with a constant that is no number": (
        "nonconvex",
        {"nonconvex_landscape": "own formula", "nonconvex_formula": "--acos(1e9)"},
    ),
    "the gradient norms of a network's training, which are not computed": ("network", {}),
    "the same in the table of steps": ("network", {"network_tab": "Numbers", "network_true": True}),
    "a prediction that the lesson does not have, at Predict": (
        "mse",
        {"mse_part": "Predict", "_progress": Progress((), {1: Notes(6, 9, CONFIDENCE[0], 9)})},
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_found_and_mended(name, pages):
    page, state = FOUND[name]
    app = pages[page]
    check(app, page, {"nonconvex_y0": -1.0, **state} if page == "nonconvex" else state)


def test_the_check_would_notice(pages, monkeypatch):
    """NumPy's warnings in the script's thread are errors, and a number that is none is seen in words and in data."""
    import numpy as np

    from lossgeo.views import sentences, stage_data

    app, whole = pages["mse"], stage_data.loss_range
    monkeypatch.setattr(stage_data, "loss_range", lambda *a: (float(np.float64(1e300) * np.float64(1e300)), 1.0))
    assert any("overflow" in text for text in faults(opened(app, {"_hide": ()}), "mse"))
    monkeypatch.setattr(stage_data, "loss_range", lambda *a: (float("nan"), 1.0))
    assert any("view.l0 is not finite" in text for text in faults(opened(app, {"_hide": ()}), "mse"))
    monkeypatch.setattr(stage_data, "loss_range", whole)
    monkeypatch.setattr(sentences, "leaving", lambda *a: " Leaves the map at nan.")
    assert any("says:" in text for text in faults(opened(app, {"_hide": ()}), "mse"))
