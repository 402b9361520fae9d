"""How Play is paced, and the numbers of the ball."""

from __future__ import annotations

import numpy as np
import pytest

from lossgeo.charts.style import ChartStyle
from lossgeo.numbers import number
from lossgeo.views import playback
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import PAGES
from lossgeo.views.view import build


def shown(page="mse", **state):
    settings = {f"{page}_{name}": value for name, value in state.items()}
    return build(PAGES[page], choice_of(PAGES[page], settings), ChartStyle())


RUNS = {
    "zigzag and crawl": {},
    "2000 steps": {"steps": 2000, "lr": 0.001},
    "it diverges": {"lr": 2.0},
    "four methods": {"methods": ("gradient descent", "momentum", "adam", "newton"), "steps": 700},
    "no method": {"methods": ()},
}


@pytest.mark.parametrize("state", RUNS.values(), ids=RUNS)
def test_every_run_ends_within_seconds(state):
    view = shown(**state)
    seconds = playback.durations(view)
    assert seconds.shape == (view.longest,)
    assert np.all(seconds > 0), "a step without time would never be left"
    assert seconds.sum() <= playback.MOST + 1e-9, "a class would wait"


def test_long_steps_take_longer_than_short_ones():
    view = shown()
    seconds, points = playback.durations(view), view.runs[0].trajectory.points
    moved = np.hypot(*((points[1:] - points[:-1]) / [high - low for low, high in view.window]).T)
    order = np.argsort(moved)
    assert np.all(np.diff(seconds[order]) >= -1e-12), "a shorter step was given more time than a longer one"
    assert seconds[0] > 4 * seconds[-1], "the zigzag passes as fast as the crawl"


@pytest.mark.parametrize("state", RUNS.values(), ids=RUNS)
def test_the_ball_says_loss_and_gradient_norm_of_each_kept_step(state):
    view = shown(**state)
    sent = playback.score(view)
    assert len(sent["ms"]) == len(sent["t"])
    assert np.all(np.diff(sent["ms"]) >= 0)
    for run, told in zip(view.runs, sent["runs"], strict=True):
        steps = [t for t in sent["t"] if t < run.steps] + [run.steps]
        for texts, values in ((told["loss"], run.trajectory.values), (told["norm"], run.trajectory.gradient_norms)):
            assert texts.split("|") == [number(float(values[t])) for t in steps]


def test_zero_has_no_sign():
    assert number(-0.0) == "0"
