"""Each certificate by itself: what it says of a run, and that it says nothing where one of its hypotheses fails."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lossgeo import formula
from lossgeo.datasets import Dataset, chapter_line, overlapping_six, separable_four
from lossgeo.descent import OPTIMIZERS, certificates
from lossgeo.descent.path import Path
from lossgeo.geometry import Scale
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError

GD, NEWTON, SGD = (OPTIMIZERS[name] for name in ("gradient descent", "newton", "sgd"))
BOWL = LANDSCAPES["bowl"]  # (x^2 + 10 y^2) / 2
SADDLE = LANDSCAPES["saddle"]  # x^2 - y^2
WELLS = LANDSCAPES["double well"]
CHAPTER = MeanSquaredError(chapter_line())
SIX = LogisticLoss(overlapping_six())


def path_of(method, loss, points, why=""):
    """A finished run through these points, whether or not the method would go there."""
    points = np.array(points, float)
    return Path(Scale(loss), method, points, loss.value(points), loss.gradient(points), len(points) - 1, why)


def ran(method, loss, start, steps):
    """The run itself, step by step."""
    points = [np.array(start, float)]
    state = method.init(loss, points[0])
    for t in range(1, steps + 1):
        p, state = method.step(loss, points[-1], state, t)
        points.append(p)
    return path_of(method, loss, points)


# --- quadratics ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "sentence"), [
    (0.01, "is only λ = 1: each step takes the share rate × λ = 0.01 off the error, "
           "so that after 230 steps at most a tenth of it is left."),
    (0.001, "so that after 2310 steps at most a tenth of it is left."),
    (0.15, "rate × λ = 0.15 off the error, so that after 15 steps at most a tenth of it is left."),
    (0.195, "The learning rate 0.195 is below 2/λ = 0.2, but above half of it: each step turns the error along (0, 1) "
            "around and leaves 0.95 of it."),
    (0.2, "The learning rate is 2/λ = 0.2 to rounding: each step turns the error along (0, 1) around."),
    (0.2001234567, "The learning rate 0.2001 is above 2/λ = 0.2: each step turns the error along (0, 1) around and "
                   "makes it 1.00123 times as long."),
])  # fmt: skip
def test_on_a_quadratic_the_direction_that_decides_is_named(rate, sentence):
    found = certificates.quadratic_error(ran(GD(learning_rate=rate), BOWL, (1, 1), 3))
    assert found.theorem == "Polyak 1987, Introduction to Optimization, section 1.4"
    assert found.hypotheses == ("the loss is quadratic", "plain gradient descent", "a constant learning rate")
    assert found.sentence.endswith(sentence)


def test_what_is_said_to_be_left_is_left():
    for rate in np.geomspace(1e-4, 0.49, 40):
        path = ran(GD(learning_rate=rate), formula.landscape("x^2 + y^2"), (1, 1), 1)
        told = certificates.quadratic_error(path).sentence
        steps = int(re.search(r"after (\d+) step", told)[1])
        assert (steps == 1) == ("after 1 step at" in told)
        assert abs(1 - 2 * rate) ** steps <= 0.1, told
        assert abs(1 - 2 * rate) ** (0.98 * steps - 1) > 0.1, told


def test_the_error_is_measured_from_the_minimiser_wherever_it_is():
    far = formula.landscape("(x - 3)^2 + 10*(y + 4)^2")  # from (3, 1) no error is left along x
    found = certificates.quadratic_error(path_of(GD(learning_rate=0.01), far, [(3, 2), (3, 1)]))
    assert "the curvature is only λ = 20" in found.sentence
    assert certificates.quadratic_error(path_of(GD(learning_rate=0.01), far, [(3, 2), (3, -4)])) is None
    flat = formula.landscape("(x - 3)^2/4 + 10*(y + 4)^2")
    assert "λ = 0.5: " in certificates.quadratic_error(path_of(GD(learning_rate=0.01), flat, [(3, 2), (1, 1)])).sentence
    turned = certificates.quadratic_error(path_of(GD(learning_rate=3.9), flat, [(1, -4), (1, -4)])).sentence
    assert turned.startswith("The learning rate 3.9 is below 2/λ = 4, but above half of it: ")


def test_a_negative_curvature_multiplies_the_distance():
    found = certificates.quadratic_error(ran(GD(learning_rate=0.1234567), SADDLE, (1, 1), 2))
    assert found.sentence == "Along (0, 1) the curvature is negative, so each step multiplies the distance by 1.24691."


def test_of_a_trough_without_an_error_or_of_another_run_nothing_is_said():
    said = certificates.quadratic_error
    assert said(ran(GD(learning_rate=0.1), BOWL, (0, 0), 2)) is None
    assert said(ran(GD(learning_rate=0.1, schedule="step"), BOWL, (1, 1), 2)) is None
    assert said(ran(OPTIMIZERS["momentum"](learning_rate=0.1), BOWL, (1, 1), 2)) is None
    assert said(ran(GD(learning_rate=0.1), WELLS, (1, 1), 2)) is None


# --- minima, descent and kinks --------------------------------------------------------------------------------


def test_a_minimum_is_unstable_just_above_the_limit_and_not_at_it():
    def said(rate, name="gradient descent", everywhere=False, end=(0.0, 0.01)):
        return certificates.unstable_minimum(
            path_of(OPTIMIZERS[name](learning_rate=rate), BOWL, [(0, 0.1), end]), everywhere
        )

    found = said(0.21)
    assert found.theorem == "linear stability of a fixed point (for momentum: Polyak 1964)"
    assert found.hypotheses[2] == "rate × curvature there is 2.1"
    assert found.sentence == (
        "At the minimum (0, 0), learning rate × largest curvature = 2.1. "
        "Gradient descent can settle at a minimum only up to 2."
    )
    assert said(0.2) is None
    assert said(0.21, "momentum") is None  # its limit is 3.8
    assert said(0.39, "momentum") is not None
    assert said(0.21, "adam") is None
    assert said(0.21, everywhere=True) is not None
    assert said(0.21, everywhere=True, end=(0.0, 1e6)) is None  # far out there may be minima that are not known


def test_of_several_minima_each_must_be_unstable_if_all_are_asked():
    two_sharp = formula.landscape("(x^2 - 1)^2*(x + 2) + y^2")  # curvatures 8 at -1 and 24 at 1
    path = path_of(GD(learning_rate=0.15), two_sharp, [(0.9, 0.0), (1.1, 0.0)])
    assert certificates.unstable_minimum(path) is not None
    assert certificates.unstable_minimum(path, everywhere=True) is None


def test_below_the_limit_of_a_smooth_loss_each_step_goes_down():
    L = SIX.smoothness
    found = certificates.smooth_descent(ran(GD(learning_rate=1 / L), SIX, (1, 1), 2))
    assert "The learning rate is below 2/L" in found.sentence
    assert certificates.smooth_descent(ran(GD(learning_rate=2 / L), SIX, (1, 1), 2)) is None
    assert certificates.smooth_descent(ran(GD(learning_rate=0.1), BOWL, (0, 0), 1)) is None
    assert certificates.smooth_descent(ran(GD(learning_rate=0.1), BOWL, (1, 0), 1)) is not None  # the slope is below 1
    assert certificates.smooth_descent(ran(GD(learning_rate=0.001), WELLS, (1, 1), 2)) is None


def test_a_kink_is_crossed_only_if_each_of_the_last_steps_crosses_one():
    loss = MeanAbsoluteError(Dataset([0.0], [0.0], "one sample", ""))
    across, beside = [(0.0, 1.0), (0.0, -1.0)] * 2, [(0.0, 1.0), (0.0, 2.0), (0.0, -1.0), (0.0, 1.0)]
    found = certificates.kink_crossed(path_of(GD(learning_rate=2.0), loss, across))
    assert "a residual changed its sign" in found.hypotheses[1]
    assert certificates.kink_crossed(path_of(GD(learning_rate=2.0), loss, beside)) is None
    assert certificates.kink_crossed(path_of(GD(learning_rate=2.0), loss, across[:3])) is None
    assert certificates.kink_crossed(path_of(GD(learning_rate=2.0), CHAPTER, across)) is None


# --- noise ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_the_twin_takes_the_same_steps_without_noise(schedule):
    noisy = SGD(learning_rate=0.5, batch_size=4, schedule=schedule, horizon=20)
    plain = GD(learning_rate=0.5, schedule=schedule, horizon=20)
    path = ran(noisy, CHAPTER, (0.0, 0.0), 20)
    np.testing.assert_array_equal(certificates.twin_end(path), ran(plain, CHAPTER, (0.0, 0.0), 20).end)
    assert certificates.twin_end(ran(plain, CHAPTER, (0.0, 0.0), 3)) is None
    overflows = path_of(SGD(learning_rate=1e200, batch_size=4), CHAPTER, [(0.0, 0.0)] * 4)
    assert certificates.twin_end(overflows) is None


def test_noise_is_blamed_if_the_twin_comes_at_most_half_as_far_from_the_minimiser():
    path = path_of(SGD(batch_size=4), BOWL, [(1, 1), (0.0, 1.0)])
    found = certificates.noise(path, np.array([0.0, 0.49]))
    assert found.theorem == "a comparison: the same run with the full gradient"
    assert found.hypotheses == ("the same learning rate, schedule, start and number of steps",)
    assert found.sentence.endswith("ends 0.49 from the minimiser.")
    assert certificates.noise(path, np.array([0.0, 0.5])) is None
    assert certificates.noise(path, None) is None


def test_who_may_leave_a_minimum():
    noisy = certificates.may_leave(ran(SGD(batch_size=4), CHAPTER, (0, 0), 1))
    assert noisy.theorem == "the rule of the method"
    assert noisy.hypotheses == ("each step is drawn from a mini-batch",)
    assert noisy.sentence.startswith("With mini-batches the run may leave it again")
    assert certificates.may_leave(ran(GD(), CHAPTER, (0, 0), 1)) is None
    adam = OPTIMIZERS["adam"]
    assert "adam may leave it again" in certificates.may_leave(ran(adam(), BOWL, (1, 1), 1)).sentence
    assert certificates.may_leave(ran(adam(schedule="cosine"), BOWL, (1, 1), 1)) is None
    assert certificates.may_leave(ran(adam(), BOWL, (0, 0), 1)) is None


# --- Newton's method and saddles --------------------------------------------------------------------------------


def test_newtons_method_is_told_at_which_steps_a_curvature_was_negative():
    inside, outside = (0.0, 0.1), (1.2, 0.0)  # of the double well: between the minima, and beyond one

    def said(points, name="newton", why=""):
        return certificates.newton_failed(path_of(OPTIMIZERS[name](), WELLS, points, why))

    assert WELLS.hessian(np.array(inside))[0, 0] < 0 < WELLS.hessian(np.array(outside))[0, 0]
    one, three = said([outside, inside, outside]), said([inside, inside, outside, inside, outside])
    assert one.sentence == (
        "A curvature was negative at step 2. Newton's step is only sure to go down where both curvatures are positive."
    )
    assert one.hypotheses == ("a curvature was negative at step 2",)
    assert three.sentence.startswith("A curvature was negative at 3 of 4 steps, last step 4. ")
    assert said([outside, outside]) is None
    assert said([outside, inside]) is None  # no step was taken from there
    assert said([outside, inside, outside], "gradient descent") is None
    assert said([outside, inside, outside], "damped newton") is None  # where it does not go down, it goes elsewhere


def test_a_hessian_of_zeros_has_no_newton_step():
    far = LogisticLoss(separable_four())
    path = path_of(NEWTON(), far, [(1.0, 0.0), (20.0, 0.0)])
    assert certificates.newton_failed(path) is None
    flat = formula.landscape("x + 1e-30*y^2")
    found = certificates.newton_failed(path_of(NEWTON(), flat, [(1.0, 1.0)], "stalled"))
    assert found.theorem == "the definition of Newton's step"
    assert found.hypotheses == ("the Hessian is zero to rounding",)
    assert found.sentence == "The Hessian is zero to rounding here, so Newton's step is not defined."
    assert certificates.newton_failed(path_of(NEWTON(), flat, [(1.0, 1.0)])) is None  # no step was tried
    assert certificates.newton_failed(path_of(NEWTON(), BOWL, [(0.0, 0.0)], "stalled")) is None


def test_how_a_saddle_is_left():
    leaves = certificates.saddle_exit(path_of(GD(learning_rate=0.1), SADDLE, [(0.01, 1e-3), (0.008, 1.2e-3)]))
    assert "along (0, 1) by about 1.2: it is delayed, not trapped." in leaves.sentence
    stays = certificates.saddle_exit(path_of(GD(learning_rate=0.1), SADDLE, [(0.01, 0.0), (0.008, 0.0)]))
    assert stays.hypotheses == ("the gradient has no part along the negative curvature",)
    for method, loss, end in [
        (OPTIMIZERS["momentum"](learning_rate=0.1), SADDLE, (0.008, 1e-3)),
        (GD(learning_rate=0.1, schedule="cosine"), SADDLE, (0.008, 1e-3)),
        (GD(learning_rate=0.1), BOWL, (0.008, 1e-3)),
        (GD(learning_rate=0.1), WELLS, (-0.6, 0.4)),  # nothing stationary is near
        (GD(learning_rate=1e-4), SADDLE, (0.008, 1e-3)),  # the factor is 1.0002
    ]:
        assert certificates.saddle_exit(path_of(method, loss, [(0.01, 1e-3), end])) is None


def test_where_there_is_no_minimiser():
    without = certificates.no_minimiser(ran(GD(), LogisticLoss(separable_four()), (0, 0), 1))
    assert without.theorem == "Silvapulle 1981; Albert and Anderson 1984"
    assert without.sentence.startswith("No parameters attain the infimum 0")
    assert certificates.no_minimiser(ran(GD(), SADDLE, (1, 1), 1)).hypotheses == ("no lower bound",)
    assert certificates.no_minimiser(ran(GD(), SIX, (1, 1), 1)) is None
    assert certificates.no_minimiser(ran(GD(), formula.landscape("exp(x) + exp(y)"), (1, 1), 1)) is None  # searched
