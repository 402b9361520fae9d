"""Settings for data that nobody has prepared: a rate that works, a start, and what another scale changes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossgeo import descent
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.losses import LOSSES
from lossgeo.views import cached, first_settings, yours
from lossgeo.views.choice import LossSpec

ALL = [
    (loss, name) for loss, kind in LOSSES.items() for name in (CLASSIFICATION if kind.classifies else REGRESSION)
]
UNITS = [(1.0, 0.0), (1e-6, 0.0), (1e6, 1e9), (1.0, -55.0)]


def scaled(loss, name, scale, offset):
    raw = (CLASSIFICATION if LOSSES[loss].classifies else REGRESSION)[name]()
    return LOSSES[loss](yours.of_points(scale * raw.x + offset, raw.y))


@pytest.mark.parametrize(("loss", "name"), ALL)
@pytest.mark.parametrize(("scale", "offset"), UNITS)
def test_with_this_rate_no_step_of_gradient_descent_goes_up(loss, name, scale, offset):
    it = scaled(loss, name, scale, offset)
    rate, start = first_settings.rate(it), first_settings.start(it)
    (w0, w1), (b0, b1) = it.view
    assert w0 < start[0] < w1
    assert b0 < start[1] < b1
    if not it.kinks:
        assert 0 < rate < 2 / it.smoothness
    run = descent.run(descent.OPTIMIZERS["gradient descent"](learning_rate=rate), it, start, 30)
    assert run.status != "diverged"
    if not it.kinks:
        assert np.all(np.diff(run.values) <= 1e-12 * np.abs(run.values[:-1]) + 1e-300)
    else:
        assert np.all(np.abs(np.diff(run.points, axis=0)) <= [(w1 - w0) / 19, (b1 - b0) / 19])


def test_the_rate_is_a_short_number_just_below_1_over_L():
    assert first_settings.rate(LOSSES["mean squared error"](yours.decode("-1_0_1_1"))) == 0.5


def test_the_condition_numbers_before_and_after():
    spec = LossSpec("yours", (), "mean squared error", points="1.62_58.5_1.75_72.25_1.68_64_1.8_80.1_1.71_69.9_1.9_88")
    before, after = first_settings.conditions(spec)
    assert before == pytest.approx(2039.83993760479, rel=1e-12)  # the shared case 04, by exact fractions
    assert after == pytest.approx(1.0, abs=1e-12)


def test_without_a_minimiser_or_for_very_many_rows_there_is_no_such_number():
    assert first_settings.conditions(LossSpec("yours", (), "logistic loss", points="1_0_2_1")) is None
    assert first_settings.conditions(LossSpec("yours", (), "mean absolute error", points="1_0_2_1_3_1")) is None
    x = np.linspace(50.0, 60.0, first_settings.MANY + 1)
    many = yours.of_points(x, 2.0 * x)
    before, after = first_settings.conditions(LossSpec("yours", (), "mean squared error", points=yours.text_of(many)))
    assert before > first_settings.LARGE
    assert math.isnan(after)


def test_few_losses_of_large_data_are_kept():
    x = np.arange(100.0)
    many = [yours.of_points(x, k * x) for k in range(10)]
    for data in many:
        assert cached.loss(LossSpec("yours", (), "mean squared error", points=yours.text_of(data))).dataset is data
    assert cached.large_loss.cache_info().currsize <= 6
