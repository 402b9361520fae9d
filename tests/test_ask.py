"""The answers under Ask: read strictly, found by words, and true number by number.

CLAIMS holds, answer by answer, each fragment with a number and what computes it, as in test_prose.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from test_prose import (
    BOWL,
    CARS,
    CARS_RAW,
    CHAPTER,
    FOUR,
    GD,
    MOMENTUM,
    NAMES,
    NO_CLAIM,
    ONE_KINK,
    PLATEAU,
    ROSENBROCK,
    SADDLE,
    WELL,
    _squared_four,
    angle_to_minimum,
    at_probability,
    boundary,
    constant,
    distance,
    four,
    heavy_ball,
    logistic,
    longley,
    n,
    norm,
    opening_run,
    plateau,
    quiet_sgd,
    right_after_first_step,
    saddle_run,
    slopes,
    slow_cars,
    stated,
    steps_of,
    unstopped,
    well,
    widest_margin,
)

from lossgeo import formula, networks
from lossgeo.charts.style import ChartStyle
from lossgeo.datasets import CLASSIFICATION, chapter_line, pull, same_x, standardise
from lossgeo.descent import OPTIMIZERS, noise, run
from lossgeo.geometry import condition_number, eigenvalues, max_stable_step, step_marks
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanSquaredError
from lossgeo.teaching import answers
from lossgeo.teaching.answers import find, load_answers, stem, words
from lossgeo.teaching.content_files import PAGES
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import LESSON_PAGES
from lossgeo.views.view import build

ANSWERS = load_answers()
BY_ID = {answer.id: answer for answer in ANSWERS}
EACH = pytest.mark.parametrize("answer", ANSWERS, ids=list(BY_ID))

PULLED = MeanSquaredError(pull(chapter_line(), up=1.0))
SIDEWAYS = MeanSquaredError(pull(chapter_line(), right=1.0))
OWN_START = (0.4, 0.2)
TWO_IN_A_ROW = formula.landscape("(x*y - 1)^2")
DEEP = formula.landscape("(x^8*y - 1)^2")
RELU = formula.landscape("(max(0, x + y) - 1)^2")


def chapter_minimum():
    return (*CHAPTER.minima[0], CHAPTER.infimum)


def trough_of(x):
    """Curvature across the trough of one point, and along (1, -x)."""
    loss = MeanSquaredError(dataclasses.replace(chapter_line(n=1), x=[x], y=[3.0]))
    h = loss.hessian((0.0, 0.0))
    return np.allclose(eigenvalues(loss, (0, 0)), (0.0, 2 * (x * x + 1))) and np.allclose(h @ (1.0, -x), 0)


def w_of_four():
    """w of gradient descent on `separable four` after 10, 100 and 1000 steps with the rate 1 from (0, 0)."""
    return tuple(unstopped(four(), 1.0, (0, 0), 1000)[[10, 100, 1000], 0])


def sgd_distances(rate, batch, steps=2000):
    """The distances of sgd from the minimiser of `chapter line`, from the page's own start."""
    points = unstopped(CHAPTER, rate, OWN_START, steps, method="sgd", batch_size=batch)
    return np.hypot(*(points - CHAPTER.minima[0]).T)


def farthest_again():
    """When Adam comes back depends on rounding; here are starts that differ by about as much."""
    ends = [unstopped(CARS_RAW, 5.0, (at, 0), method="adam")[1000:] for at in (0, 1e-13, -1e-13, 1e-9, 1e-6)]
    return min(float(np.hypot(*(points - CARS_RAW.minima[0]).T).max()) for points in ends)


def after_schedule(name):
    return distance(unstopped(CHAPTER, 0.5, OWN_START, method="sgd", schedule=name), CHAPTER.minima[0])


def rates_hold():
    """The three bounds of the answer on `chapter line`: L d^2/(2k), (1 - mu/L)^k, and the condition of Polyak."""
    low, high = eigenvalues(CHAPTER, (0, 0))
    k = np.arange(1, 301)
    above = CHAPTER.value(unstopped(CHAPTER, 1 / high, (0, 0), 300)) - CHAPTER.infimum
    d = np.hypot(*CHAPTER.minima[0])
    p = np.random.default_rng(0).uniform(-5, 5, (100, 2))
    squared = (CHAPTER.gradient(p) ** 2).sum(axis=1)
    return bool(
        (above[1:] <= high * d * d / (2 * k)).all()
        and (above[1:] <= (1 - low / high) * above[:-1] + 1e-15).all()
        and (squared >= 2 * low * (CHAPTER.value(p) - CHAPTER.infimum) * (1 - 1e-9)).all()
    )


def scaled_diagonal():
    """The condition number of the raw `cars` in the units of the square roots of the Hessian's diagonal."""
    h = CARS_RAW.hessian((0, 0))
    unit = np.sqrt(np.diag(h))
    return float(np.linalg.cond(h / np.outer(unit, unit)))


def softmax_is_level():
    """The Hessian of three-class cross-entropy in six parameters: no negative eigenvalue; 0 along the common shift."""
    x, labels, classes = np.array([0.3, -1.2, 2.0, 0.7]), np.array([0, 1, 2, 1]), 3
    rows = np.stack([x, np.ones(4)], axis=1)

    def value(parameters):
        z = rows @ parameters.reshape(2, classes)
        return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(4), labels]).mean())

    at = np.random.default_rng(1).normal(size=6)
    p = np.exp(rows @ at.reshape(2, classes))
    p /= p.sum(axis=1, keepdims=True)
    hessian = sum(np.kron(np.outer(r, r), np.diag(q) - np.outer(q, q)) for r, q in zip(rows, p, strict=True)) / 4
    shift = np.repeat([0.0, 1.0], classes)  # the same number on every intercept
    level = np.isclose(value(at), value(at + 2.5 * shift)) and np.allclose(hessian @ shift, 0)
    two = np.exp(2.0) / (np.exp(2.0) + np.exp(0.5))
    return bool(level and np.linalg.eigvalsh(hessian).min() > -1e-12 and np.isclose(two, 1 / (1 + np.exp(-1.5))))


def one_sample(s, z):
    """The logistic loss of a sample with score z, with the label s of {-1, 1}, and with y of {0, 1}."""
    return np.logaddexp(0, -s * z), np.logaddexp(0, z) - (s + 1) / 2 * z


def sklearn_has_the_same_minimiser(alpha=0.1):
    """The gradient of |w|^2/2 + C times the sum of the losses is 0 at our minimiser, and ridge likewise."""
    penalised = LogisticLoss(FOUR, alpha)
    (p,) = penalised.minima
    theirs = np.array([p[0], 0.0]) + 1 / (FOUR.n * alpha) * FOUR.n * four().gradient(p)
    line = MeanSquaredError(CARS, alpha)
    (q,) = line.minima
    ridge = CARS.n * CARS_RAW.gradient(q) + 2 * (CARS.n / 2 * alpha) * np.array([q[0], 0.0])
    return bool(np.abs(theirs).max() < 1e-9 and np.abs(ridge).max() < 1e-6)


def newton_steps():
    """The first points of Newton's method from the page's own start, and how far out the third one is."""
    loss, own = LogisticLoss(CLASSIFICATION["two classes"]()), LESSON_PAGES["logistic"].usual()
    assert (own["w0"], own["b0"]) == (-2.0, 3.0)
    points = unstopped(loss, None, (own["w0"], own["b0"]), 3, method="newton")
    p = loss.predict(points[3], loss.dataset.x)
    assert np.isin(p, (0.0, 1.0)).all()
    assert not loss.hessian(points[3]).any()
    return (*points[1], *(float(f"{v:.3g}") for v in points[2]), float(np.hypot(*points[3])))


def largest_of_circles(*factors):
    """The largest curvature at the end of the training of `circles, relu 2-8-1`, its units rescaled by each factor."""
    network = networks.NETWORKS["circles, relu 2-8-1"]
    end = networks.train(network, 0).end
    moved = [networks.rescale(network, end, 0, c) for c in factors]
    return tuple(float(networks.lanczos(network, theta, 1)[0][0]) for theta in moved)


def edge():
    """2/rate, the first of the largest curvatures, and the first kept step at which they exceed the limit."""
    training, found = networks.edge_of_stability()
    return found.limit, found.values[0], int(training.steps[np.argmax(found.values > found.limit)])


def settles_at(rate):
    """The largest curvature where gradient descent on (xy - 1)^2 from (3, 0.4) ends."""
    end = unstopped(TWO_IN_A_ROW, rate, (3.0, 0.4))[-1]
    assert abs(end[0] * end[1] - 1) < 1e-12
    curvature = float(eigenvalues(TWO_IN_A_ROW, end)[1])
    assert curvature <= 2 / rate
    return curvature


def from_zero(start):
    return unstopped(LANDSCAPES["tiny network"], 0.1, start)[-1]


CLAIMS = {
    "bowl-shaped": [
        ("the curvatures are {} and {} everywhere", lambda: eigenvalues(CHAPTER, (0, 0))),
        ("w = {}, b = {}, has the loss {}", chapter_minimum),
    ],
    "geometry": [
        ("raw `cars` has κ = {}, standardised κ = {}", lambda: (
            n(condition_number(CARS_RAW), 4), condition_number(MeanSquaredError(standardise(CARS))))),
    ],
    "loss": [
        ("the line w = 0.4, b = 0.2 has the loss {}. The best line, w = {}, b = {}, has {}",
         lambda: (CHAPTER.value(OWN_START), *chapter_minimum())),
    ],
    "gradient": [
        ("at w = 0.4, b = 0.2 it is ({}, {})", lambda: tuple(CHAPTER.gradient(OWN_START))),
        ("Here it misses that direction by {} degrees", lambda: (angle_to_minimum(CHAPTER, OWN_START),)),
    ],
    "gradient-descent": [
        ("with the rate 0.5 the first step leads to ({}, {})", lambda: tuple(unstopped(CHAPTER, 0.5, OWN_START, 1)[1])),
        ("After {} steps both", lambda: (steps_of(CHAPTER, 0.5, OWN_START),)),
        ("With a rate above the limit, here {}", lambda: (step_marks(CHAPTER).limit,)),
    ],
    "loss-goes-up": [
        ("the limit is {}. At 0.8, from w = 0, b = 0, the loss rises from the first step: {}, {}, {}",
         lambda: (step_marks(CHAPTER).limit, *CHAPTER.value(unstopped(CHAPTER, 0.8, (0, 0), 2)))),
    ],
    "nan": [
        ("with the rate 2 this factor is {}", lambda: (abs(1 - 2 * eigenvalues(CHAPTER, (0, 0))[1]),)),
        ("the loss overflows after {} steps", lambda: (first_overflow(2.0),)),
        ("For the score 40 the computer rounds the probability to 1", lambda: 1 / (1 + np.exp(-40.0)) == 1.0),
        ("The true loss with label 0 is {}", lambda: (float(np.logaddexp(0, 40.0)),)),
    ],
    "learning-rate": [
        ("these are {} and {}", lambda: ((m := step_marks(CHAPTER)).limit, m.fastest)),
        ("the rates 0.1, 0.5, 0.747 and 0.78 take {}, {}, {} and {} steps",
         lambda: tuple(steps_of(CHAPTER, r, (0, 0)) for r in (0.1, 0.5, 0.747, 0.78))),
    ],
    "slow": [
        ("the rate 0.1 takes {} steps, and 0.747 takes {}",
         lambda: (steps_of(CHAPTER, 0.1, (0, 0)), steps_of(CHAPTER, 0.747, (0, 0)))),
        ("It is still {} away after 2000 steps",
         lambda: (distance(unstopped(CARS_RAW, 0.00376, (0, 0)), CARS_RAW.minima[0]),)),
    ],
    "schedule": [
        ("with the first rate 0.5 and the page's own start", lambda: True),
        ("The distance to the minimiser after 2000 steps is {} with a constant rate, {} with `step` and {} with "
         "`cosine`. With `1/t` it is {}",
         lambda: tuple(map(after_schedule, ("constant", "step", "cosine", "1/t")))),
        ("Here ημ = {}", lambda: (0.5 * eigenvalues(CHAPTER, (0, 0))[0],)),
    ],
    "hessian": [("with the eigenvalues {} and {}", lambda: eigenvalues(CHAPTER, (0, 0)))],
    "standardise": [
        ("Raw `cars` has κ = {}", lambda: (n(condition_number(CARS_RAW), 4),)),
        ("the best constant rate needs {} steps", lambda: (slow_cars(),)),
        ("one step with the rate 0.5 arrives",
         lambda: steps_of(MeanSquaredError(standardise(CARS)), 0.5, (0, 0)) == 1),
        ("both standardised, κ = {}", lambda: (longley()[0],)),
    ],
    "condition-number": [
        ("on `chapter line` κ = {}, so {} times",
         lambda: (k := condition_number(CHAPTER), np.sqrt(k))),
        ("here {}.", lambda: ((k := condition_number(CHAPTER), (k - 1) / (k + 1))[1],)),
    ],
    "rates": [("at most $Ld^2/(2k)$ above the minimum", rates_hold)],
    "perpendicular": [
        ("at w = 0.4, b = 0.2, it misses that direction by {} degrees",
         lambda: (angle_to_minimum(CHAPTER, OWN_START),)),
    ],
    "one-data-point": [
        ("runs in the direction (1, −x). Across, its curvature is $2(x^2+1)$", lambda: bool(
            all(trough_of(x) for x in (0.0, 0.5, -3.0)))),
        ("goes to w = {} and the floor from {} to {}. The curvatures stay {} and {}",
         lambda: (PULLED.minima[0][0], CHAPTER.infimum, PULLED.infimum, *eigenvalues(PULLED, (0, 0)))),
        ("curvatures stay {} and {}", lambda: eigenvalues(CHAPTER, (0, 0))),
        ("at 1 they become {} and {}", lambda: eigenvalues(SIDEWAYS, (0, 0))),
    ],
    "factor": [
        ("its limit 2/L is {}. With one half in front the limit is {}. For the sum of the {} squares it is {}",
         lambda: (s := max_stable_step(CHAPTER), 2 * s, CHAPTER.dataset.n, s / CHAPTER.dataset.n)),
    ],
    "absolute-error": [
        ("with the rate 0.1, from (0, 0.1), at the loss {} for ever",
         lambda: (constant(ONE_KINK.value(unstopped(ONE_KINK, 0.1, (0, 0.1), 5000))[-100:]),)),
    ],
    "noise-ball": [
        ("about 0.7 times as large", lambda: bool(abs(0.5**0.5 - 0.7) < 0.01)),
        ("the prediction is {}.", lambda: (noise.noise_ball(CHAPTER, 0.5, 8).size,)),
    ],
    "sgd-settles": [
        ("with the rate {} and the page's own start it is still {} from the minimiser after {} steps",
         lambda: (LESSON_PAGES["mse"].usual()["lr"], distance(opening_run("sgd"), CHAPTER.minima[0]), 2000)),
        ("it arrives after {} steps", lambda: (quiet_sgd(),)),
        ("the mean of the last 1000 points is only {} away",
         lambda: (norm(opening_run("sgd")[-1000:].mean(axis=0) - CHAPTER.minima[0]),)),
    ],
    "batch-size": [
        ("with the rate 0.5 and the page's own start. Over the last 1000 of 2000 steps the mean distance from the "
         "minimiser is {} with batches of 2 and {} with batches of 8",
         lambda: tuple(sgd_distances(0.5, batch)[-1000:].mean() for batch in (2, 8))),
        ("with batches of 8 and the rate 0.1 it is {}", lambda: (sgd_distances(0.1, 8)[-1000:].mean(),)),
        ("with all samples it is 0", lambda: sgd_distances(0.5, CHAPTER.dataset.n)[-1] < 1e-12),
    ],
    "overfitting": [
        ("That line has the loss {}. The line w = {}, b = {} has a lower one, {}",
         lambda: (CHAPTER.value((2, 1)), *chapter_minimum())),
    ],
    "logistic-surface": [
        ("`challenger` overlaps: minimum {}", lambda: (logistic("challenger").infimum,)),
        ("is at {} after {} steps and still falling",
         lambda: (four().value(unstopped(four(), 1.0, (0, 0), 1000)[-1]), 1000)),
        ("still falling", lambda: bool((np.diff(four().value(unstopped(four(), 1.0, (0, 0), 1000))) < 0).all())),
    ],
    "no-minimiser": [
        ("w is {}, {}, {} after 10, 100 and 1000 steps", w_of_four),
        ("the loss falls towards {} and does not reach it", lambda: (
            logistic("touching").infimum if logistic("touching").minimisers == "none" else "",)),
        ("With one class the intercept still runs off", lambda: (
            LogisticLoss(dataclasses.replace(FOUR, y=np.ones(4)), 0.1).minimisers == "none")),
    ],
    "fitted-probabilities": [("w is {}, {}, {} after 10, 100 and 1000 steps", w_of_four)],
    "mse-for-classes": [
        ("from w = −10, b = 0 with the rate 2 the squared error is still {} after {} steps. The logistic loss falls "
         "from {} to {}",
         lambda: (_squared_four().value(plateau()[-1]), len(plateau()) - 1,
                  *four().value(unstopped(four(), 2.0, (-10, 0), len(plateau()) - 1))[[0, -1]])),
        ("the probability 0.001, the squared error is {}, and it is never more than 1; the logistic loss is {}",
         lambda: (at_probability(lambda p: (1 - p) ** 2)[-1], at_probability(lambda p: -np.log(p))[-1])),
    ],
    "softmax": [("Adding the same number to all scores changes nothing", softmax_is_level)],
    "labels": [
        ("For the score 2 and class 1 both give {}", lambda: (one_sample(1, 2.0)[0],)),
        ("This equals $\\log(1+e^z)-yz$", lambda: all(
            np.isclose(*one_sample(s, z)) for s in (-1, 1) for z in (-3.0, 0.2, 5.0))),
    ],
    "l2": [
        ("With α = 0.1 there is exactly one, at w = {}, b = {}, where the data alone have the loss {}",
         lambda: (*(p := LogisticLoss(FOUR, 0.1).minima[0].round(12)), four().value(p))),
        ("there is exactly one", lambda: LogisticLoss(FOUR, 0.1).minimisers == "one"),
        ("On the MSE of `same x` any α > 0 makes a bowl of the trough", lambda: bool(
            MeanSquaredError(same_x()).minimisers == "line"
            and all(eigenvalues(MeanSquaredError(same_x(), v), (0, 0))[0] > 0 for v in (1e-6, 0.1, 9.0)))),
    ],
    "penalty-strength": [
        ("at w = {} with α = 0.001, at {} with 0.1 and at {} with 10",
         lambda: tuple(LogisticLoss(FOUR, a).minima[0, 0] for a in (0.001, 0.1, 10.0))),
        ("it only rises with α", lambda: bool(
            (np.diff([four().value(LogisticLoss(FOUR, a).minima[0]) for a in np.geomspace(1e-3, 1e2, 30)]) > 0).all())),
    ],
    "scikit-learn": [
        ("both have the same minimisers if C = 1/(n × α)", sklearn_has_the_same_minimiser),
        ("α = 0.1 is C = {}", lambda: (1 / (FOUR.n * 0.1),)),
        ("with {} samples it is α = {}", lambda: (FOUR.n, 1 / FOUR.n)),
    ],
    "all-correct": [
        ("all four are right after the first step", right_after_first_step),
        ("with the rate 0.3", lambda: True),
        ("is at {} after {} steps and at {} after {}", lambda: (boundary(10), 10, boundary(1000), 1000)),
        ("that is a boundary at {}", lambda: (widest_margin(),)),
    ],
    "early-stopping": [
        ("w is {} after 10 steps and {} after 1000", lambda: (w_of_four()[0], w_of_four()[2])),
        ("With the penalty α = 0.1 the minimiser is at w = {}", lambda: (LogisticLoss(FOUR, 0.1).minima[0, 0],)),
    ],
    "newton": [
        (
            "from the same start it arrives after {} steps",
            lambda: (len(run(OPTIMIZERS["damped newton"](), logistic("two classes"), (-2, 3), 50).points) - 1,),
        ),
        ("to ({}, {}). The next ones lead to ({}, {}) and to {} away", newton_steps),
        ("From (0, 0) it takes {} steps",
         lambda: (steps_of(logistic("two classes"), None, (0, 0), 20, method="newton"),)),
    ],
    "zero-gradient": [
        ("There the descent does end at the saddle", lambda: bool(np.hypot(*saddle_run(0.0)[-1]) < 1e-9)),
    ],
    "saddles": [
        ("with the rate 0.1 from (1, 10⁻⁶) y passes 1 after {} steps",
         lambda: (int(np.argmax(saddle_run(1e-6)[:, 1] > 1)),)),
        ("the gradient norm falls to {}", lambda: (slopes(SADDLE, saddle_run(1e-6)).min(),)),
    ],
    "stuck": [
        ("from (2, 3.5) with the rate 0.5 the gradient norm is {} after 100 steps, and the minimum is {} away",
         lambda: (slopes(PLATEAU, p := unstopped(PLATEAU, 0.5, (2, 3.5), 100))[-1], distance(p, (0, 0)))),
    ],
    "adam": [
        ("Adam with the rates 0.05, 0.1 and 0.2 takes {}, {} and {} steps. Gradient descent with 0.182 takes {}",
         lambda: (*(steps_of(BOWL, r, (1, 1), method="adam") for r in (0.05, 0.1, 0.2)),
                  steps_of(BOWL, 0.182, (1, 1)))),
        ("Adam with the rate 5 takes {}, gradient descent with its best constant rate {}",
         lambda: (steps_of(CARS_RAW, 5.0, (0, 0), method="adam"), slow_cars())),
        ("this run, never stopped, is again more than {} away between the steps 1000 and 2000",
         lambda: (int(farthest_again()),)),
    ],
    "momentum": [
        ("with the rate 0.1 gradient descent takes {} steps. With momentum β = 0.9 it takes {}, and the loss rises in "
         "{} of them", lambda: (steps_of(BOWL, 0.1, (1, 1)), *heavy_ball(0.1, 0.9))),
        ("the rate 0.231 with β = 0.27 takes {} steps, gradient descent with 0.182 takes {}",
         lambda: (heavy_ball(0.231, 0.27)[0], steps_of(BOWL, 0.182, (1, 1)))),
    ],
    "nesterov": [
        ("On raw `cars`, κ = {}", lambda: (n(condition_number(CARS_RAW), 4),)),
        ("with the rate 0.00188 and β = 0.96 it takes {} steps. Gradient descent with its best constant rate takes {}",
         lambda: (steps_of(CARS_RAW, 0.00188, (0, 0), method="nesterov", momentum=0.96), slow_cars())),
    ],
    "preconditioning": [
        ("On raw `cars` κ = {}", lambda: (n(condition_number(CARS_RAW), 4),)),
        ("bring it to {}.", lambda: (scaled_diagonal(),)),
        ("brings it to {}.", lambda: (condition_number(MeanSquaredError(standardise(CARS))),)),
    ],
    "which-minimum": [
        ("from (1.6, 1) with the rate 0.3 ends in the right-hand well, x = {}. With 0.6 it ends in the left-hand one, "
         "x = {}, which is lower", lambda: (well(0.3)[0], well(0.6)[0])),
        ("which is lower", lambda: well(0.6)[1] < well(0.3)[1]),
    ],
    "local-global": [
        ("f = {} at x = {} is global, f = {} at x = {} is only local",
         lambda: (WELL.value(WELL.minima[0]), WELL.minima[0, 0], WELL.value(WELL.minima[1]), WELL.minima[1, 0])),
    ],
    "convex-kinds": [
        ("`bowl` is strongly convex with μ = {}", lambda: (eigenvalues(BOWL, (3, -2))[0],)),
        ("The logistic loss is strictly convex if at least two x differ", lambda: bool(
            eigenvalues(logistic("separable four"), (1, -2))[0] > 0)),
    ],
    "one-minimum": [
        ("it is {} at (−1, 1), {} at (1, 1) and {} halfway between",
         lambda: tuple(ROSENBROCK.value([(-1, 1), (1, 1), (0, 1)]))),
        ("a single stationary point", lambda: len(ROSENBROCK.minima) == 1 and not len(ROSENBROCK.saddles)),
    ],
    "sharp-minima": [
        ("The largest curvature is {} at (1, 1) and {} at (3, 1/3)",
         lambda: (eigenvalues(TWO_IN_A_ROW, (1, 1))[1], eigenvalues(TWO_IN_A_ROW, (3, 1 / 3))[1])),
        ("From (3, 0.4) the rate 0.02 ends near the start, at curvature {}. The rate 0.2 ends at a flatter one, at {}",
         lambda: (settles_at(0.02), settles_at(0.2))),
    ],
    "networks": [
        ("the two known ones of `tiny network` are equally low", lambda: bool(
            len(m := LANDSCAPES["tiny network"].minima) == 2
            and np.ptp(LANDSCAPES["tiny network"].value(m)) < 1e-15)),
    ],
    "vanishing-gradients": [
        ("ten such slopes multiply to at most {}", lambda: (0.25**10,)),
        ("At (0.3, 0.5) the gradient norm is {}, at (2, 1) it is {}",
         lambda: tuple(slopes(DEEP, np.array([(0.3, 0.5), (2.0, 1.0)])))),
    ],
    "dying-relu": [
        ("At (−1, −0.5) the loss is {} and the gradient ({}, {})",
         lambda: (RELU.value((-1, -0.5)), *np.abs(RELU.gradient((-1, -0.5))))),
        ("The minima lie on the line x + y = 1", lambda: bool(RELU.value((2.5, -1.5)) == 0 < RELU.value((1, 1)))),
    ],
    "zero-start": [
        ("gradient descent stays there", lambda: bool((from_zero((0.0, 0.0)) == 0).all())),
        ("From (0.1, 0.1) with the rate 0.1 it finds the minimum ({}, {})", lambda: tuple(from_zero((0.1, 0.1)))),
    ],
    "plane-of-a-network": [
        ("two directions of {}", lambda: (networks.NETWORKS[LESSON_PAGES["network"].usual()["network"]].size,)),
    ],
    "sharp-or-flat": [
        ("with c = 4 the largest curvature rises from {} to {}", lambda: largest_of_circles(1.0, 4.0)),
    ],
    "edge-of-stability": [
        ("the limit is {}. The largest curvature starts at {}, rises past 5 at step {}, and stays near it", edge),
        ("Cohen, Kaur, Li, Kolter and Talwalkar (2021)", lambda: True),
    ],
}  # fmt: skip
EACH_CLAIM = [(id, *claim) for id, claims in CLAIMS.items() for claim in claims]


def first_overflow(rate):
    """The first step after which the loss of `chapter line` from (0, 0) is no finite number."""
    with np.errstate(all="ignore"):
        return int(np.argmax(~np.isfinite(CHAPTER.value(unstopped(CHAPTER, rate, (0, 0))))))


@pytest.mark.parametrize(("id", "template", "compute"), EACH_CLAIM, ids=[f"{c[0]}: {c[1][:40]}" for c in EACH_CLAIM])
def test_the_answer_states_what_is_computed(id, template, compute):
    fragment = stated(template, compute)
    assert id in BY_ID, f"CLAIMS in tests/test_ask.py has {id!r}, which is no answer any more"
    assert fragment in BY_ID[id].text, f"answer {id!r} should say: {fragment}"


# Points and starts that a statement is about: conditions, not results.
CONDITIONS = re.compile(
    r"w = 0\.4, b = 0\.2|w = −10, b = 0|\(1\.6, 1\)|\(1, 10⁻⁶\)|first time within 10⁻⁶|are within 10⁻⁶ of the minimiser"
    r"|w = 0, b = 0 with the rate 2|with the rate 0\.5|raises? the rate tenfold"
)


def uncovered(id, text):
    for template, compute in CLAIMS.get(id, ()):
        text = text.replace(stated(template, compute), " ")
    for pattern in (*NO_CLAIM, CONDITIONS):
        text = pattern.sub(" ", text)
    return re.findall(r".{0,60}(?:\d+\.\d|\d\d).{0,40}", text)


@EACH
def test_no_number_stands_in_an_answer_uncomputed(answer):
    left = uncovered(answer.id, answer.text)
    assert not left, f"answer {answer.id!r} has numbers that CLAIMS in tests/test_ask.py does not compute: {left}"


def test_a_changed_or_a_new_number_is_noticed():
    assert uncovered("bowl-shaped", BY_ID["bowl-shaped"].text.replace("0.0112", "0.0113"))
    assert uncovered("zero-gradient", BY_ID["zero-gradient"].text + " There it is 0.5.")


# --- form ---------------------------------------------------------------------------------------------


def test_the_source_chapters_prompts_stand_word_by_word():
    for prompt in (
        "Can you explain why the MSE loss surface is bowl-shaped?",
        "How does the geometry of the loss surface affect optimization?",
        "What would the loss surface look like for logistic loss instead?",
    ):
        assert prompt in {answer.question for answer in ANSWERS}
    assert len(ANSWERS) >= 15
    assert {answer.page for answer in ANSWERS} == set(PAGES)


@EACH
def test_wording(answer):
    name, words = f"answer {answer.id!r}", len(answer.text.split())
    assert words <= 120, f"{name} has {words} words; 120 are the most"
    assert answer.text.count("$") % 2 == 0, f"{name}: a formula is not closed by $"
    assert "  " not in answer.text, f"{name} has two spaces in a row"
    assert answer.text.endswith("."), f"{name} must end with a full stop"
    unknown = sorted(set(re.findall(r"`([^`\n]+)`", answer.text)) - NAMES)
    assert not unknown, f"{name} names between backticks what does not exist: {unknown}"


@EACH
def test_states_can_be_opened_and_drawn(answer):
    page = answer.state["page"]
    usual = LESSON_PAGES[page].state(answer.state)
    unknown = sorted(answer.state.keys() - {"page"} - usual.keys())
    assert not unknown, f"answer {answer.id!r} sets {unknown}, which the page {page} does not have"
    for key, value in answer.state.items():
        fits = key == "page" or type(value) is type(usual[key]) or isinstance(value, tuple)
        assert fits, f"answer {answer.id!r} sets {key} to {value!r}, but it must be a {type(usual[key]).__name__}"
    opened = view_of(answer.state)
    assert len([run for run in opened.runs if not run.projected]) == len(opened.choice.methods) >= 1
    assert not opened.notes


def view_of(state):
    """What the page shows in a state."""
    page = LESSON_PAGES[state["page"]]
    return build(page, choice_of(page, state), ChartStyle())


def test_a_state_becomes_what_the_sidebar_would_say():
    choice = view_of(BY_ID["mse-for-classes"].state).choice
    assert (choice.loss.loss, choice.loss.name) == ("squared error through a sigmoid", "separable four")
    assert (choice.start, choice.methods[0].learning_rate, choice.methods[0].name) == ((-10.0, 0.0), 2.0, GD)
    assert choice.view.holds == (-10.0, 0.0), "the start lies outside the usual window"
    opening = view_of({"page": "logistic"}).choice
    assert dict(opening.loss.knobs)["gap"] == LESSON_PAGES["logistic"].usual()["gap"]
    two = view_of(BY_ID["momentum"].state).choice.methods
    assert [m.name for m in two] == [GD, MOMENTUM]


# --- the search ------------------------------------------------------------------------------------------

# What learners type, in their own words, and the answers of which one must stand first.
QUERIES = {
    "overflow encountered in exp": "nan",
    "nan": "nan",
    "my loss is nan after a few epochs": "nan",
    "loss becomes inf": "nan",
    "RuntimeWarning: divide by zero encountered in log": "nan",
    "fitted probabilities numerically 0 or 1 occurred": "fitted-probabilities",
    "glm.fit: algorithm did not converge": "fitted-probabilities",
    "perfect separation detected statsmodels": "fitted-probabilities",
    "why are my logistic regression coefficients huge": "fitted-probabilities no-minimiser",
    "standard errors are enormous in logistic regression": "fitted-probabilities",
    "labels -1 and 1": "labels",
    "y in {-1, +1} instead of 0 and 1": "labels",
    "factor 1/2 in front of the mse": "factor",
    "why do some books divide by 2n": "factor",
    "sum or mean of the errors": "factor",
    "sklearn C parameter": "scikit-learn",
    "what is C in LogisticRegression": "scikit-learn",
    "relation between C and lambda": "scikit-learn",
    "newton's method diverges": "newton",
    "what are the dotted lines": "promises",
    "theoretical bound on the loss": "promises rates",
    "worst case guarantee": "promises rates",
    "size of the noise ball": "noise-ball",
    "stationary distribution of sgd": "noise-ball",
    "does sgd converge exactly": "interpolation",
    "interpolation regime": "interpolation",
    "newton raphson does not converge on logistic regression": "newton",
    "why not use newton for neural networks": "newton",
    "my data is not scaled": "standardise",
    "should i normalise my features": "standardise",
    "feature scaling gradient descent": "standardise",
    "minmax scaler or standard scaler": "standardise",
    "dying relu": "dying-relu",
    "dead neurons that never activate": "dying-relu",
    "learning rate too big": "learning-rate loss-goes-up",
    "how do i choose the learning rate": "learning-rate",
    "what step size should i use": "learning-rate",
    "loss goes up": "loss-goes-up",
    "cost increases every iteration": "loss-goes-up",
    "gradient descent diverging": "loss-goes-up",
    "stuck": "stuck saddles",
    "loss is not decreasing any more": "stuck",
    "is it a plateau": "stuck",
    "why is it slow": "slow",
    "training takes forever": "slow",
    "too many iterations to converge": "slow",
    "saddle point": "saddles",
    "how to escape a saddle": "saddles",
    "momentum overshoots the minimum": "momentum",
    "what does beta do": "momentum",
    "nesterov vs momentum": "nesterov momentum",
    "Adam vs SGD": "adam",
    "which optimizer is best": "adam",
    "is adam always better than gradient descent": "adam",
    "softmax": "softmax",
    "multiclass classification": "softmax",
    "cross entropy vs mse for classification": "mse-for-classes",
    "why not use squared error with a sigmoid": "mse-for-classes",
    "exploding gradients": "vanishing-gradients",
    "vanishing gradients in deep networks": "vanishing-gradients",
    "regularisation strength": "penalty-strength l2",
    "how large should lambda be": "penalty-strength",
    "ridge regression": "l2",
    "weight decay": "l2",
    "early stopping": "early-stopping",
    "stop training before convergence": "early-stopping",
    "local minimum vs global minimum": "local-global",
    "how do i know it is the global minimum": "local-global which-minimum",
    "different initialisations give different results": "which-minimum",
    "plateau": "stuck",
    "mini-batch noise": "sgd-settles batch-size",
    "what batch size": "batch-size",
    "sgd keeps jumping around": "sgd-settles",
    "learning rate decay": "schedule",
    "cosine annealing": "schedule",
    "zigzag": "condition-number",
    "ill-conditioned": "condition-number",
    "eigenvalues of the hessian": "hessian",
    "why are contour lines perpendicular to the gradient": "perpendicular",
    "outlier": "one-data-point",
    "mean absolute error": "absolute-error",
    "hinge loss svm": "absolute-error",
    "why can't i initialise all weights with zero": "zero-start",
    "100% accuracy but loss still decreasing": "all-correct",
    "is logistic regression convex": "logistic-surface",
    "sharp minima generalise worse": "sharp-minima",
    "is a neural network loss convex": "networks",
    "python gives me infinity": "nan",
    "exp overflow in sigmoid": "nan",
    "my weights explode to infinity when the classes are perfectly separable": "no-minimiser fitted-probabilities",
    "perfect separation": "fitted-probabilities no-minimiser",
    "maximum likelihood estimate does not exist": "no-minimiser fitted-probabilities",
    "+1/-1 labels logistic loss": "labels",
    "half in MSE formula": "factor",
    "scikit-learn regularization": "scikit-learn",
    "second order methods": "newton hessian",
    "features in different units": "standardise",
    "z-score": "standardise",
    "relu dead": "dying-relu",
    "lr too small": "learning-rate slow",
    "cost function is increasing": "loss-goes-up",
    "training diverges": "loss-goes-up",
    "my model does not learn": "stuck",
    "no progress": "stuck slow",
    "convergence speed": "rates slow geometry",
    "linear convergence": "rates",
    "strongly convex rate": "rates convex-kinds",
    "heavy ball": "momentum",
    "accelerated gradient": "nesterov",
    "rmsprop or adam": "adam",
    "more than two classes": "softmax",
    "brier score": "mse-for-classes",
    "gradients get smaller in every layer": "vanishing-gradients",
    "best value for the penalty": "penalty-strength",
    "l2 penalty": "l2",
    "when should i stop": "early-stopping",
    "many local minima": "which-minimum one-minimum local-global",
    "random restarts": "which-minimum",
    "noise in stochastic gradient descent": "sgd-settles batch-size",
    "larger batches": "batch-size",
    "decrease the learning rate over time": "schedule",
    "narrow valley": "condition-number geometry",
    "what is curvature": "hessian",
    "robust regression": "absolute-error",
    "overfitting": "overfitting l2",
    "millions of parameters": "many-parameters",
    "what is a loss function": "loss",
    "what is gradient descent": "gradient-descent",
    "flat minimum": "sharp-minima one-minimum",
    "symmetry of the weights": "zero-start",
    "bowl shaped": "bowl-shaped",
    "why is my loss rising?": "loss-goes-up",
    "the loss explodes": "nan loss-goes-up",
    "NaN": "nan",
    "what lr": "learning-rate",
    "How big should my step be": "learning-rate loss-goes-up",
    "η": "learning-rate",
    "κ": "condition-number",
    "why normalize features": "standardise",
    "minimizer of logistic loss": "no-minimiser",
    "saddel": "saddles",
    "ridge regularization": "l2",
    "is adam good": "adam",
    "Hesian": "hessian",
    "neural nets": "networks",
    "cross entropy": "mse-for-classes softmax logistic-surface",
    "why zigzag": "condition-number",
    "mini batches": "batch-size sgd-settles",
}
SHARE = 0.95  # of the queries that must find their answer; no search by words finds them all


def misses(queries):
    """The queries whose right answer does not stand first, each with what stands there."""
    found = {query: find(query, ANSWERS) for query in queries}
    return {
        query: [answer.id for answer in found[query].answers[:2]]
        for query, wanted in queries.items()
        if not found[query].fits or found[query].answers[0].id not in wanted.split()
    }


def test_what_learners_type_finds_its_answer_first():
    unknown = {id for wanted in QUERIES.values() for id in wanted.split()} - BY_ID.keys()
    assert not unknown, f"QUERIES in tests/test_ask.py names answers that do not exist: {unknown}"
    missed = misses(QUERIES)
    share = 1 - len(missed) / len(QUERIES)
    assert len(QUERIES) >= 60
    assert share >= SHARE, f"only {share:.0%} of {len(QUERIES)} queries find their answer first; look at: {missed}"


def test_a_search_that_misses_is_noticed():
    assert misses({"nan": "adam", "pizza": "nan"}).keys() == {"nan", "pizza"}


@EACH
def test_its_own_words_find_an_answer_first(answer):
    for query in (answer.question, answer.question.upper().rstrip("?")):
        found = find(query, ANSWERS)
        first = found.answers[0].id
        assert found.fits, f"nothing is found for {query!r}"
        assert first == answer.id, f"{query!r} should find its own answer {answer.id!r} first, not {first!r}"


@pytest.mark.parametrize(
    "query", ["pizza", "weather tomorrow", "<script>alert(1)</script>", "x" * 5000, "日本語 lösung"]
)
def test_what_is_not_here_gets_the_nearest_three(query):
    found = find(query, ANSWERS)
    assert not found.fits
    assert len(set(found.answers)) == 3


@pytest.mark.parametrize("query", ["", "  ", "why?", "?!*[](/"])
def test_without_words_all_stand_in_their_order(query):
    assert find(query, ANSWERS) == answers.Found(ANSWERS, True)


def test_words_are_cut_to_stems():
    assert stem("minimizers") == stem("minimiser") == stem("minimising")
    assert words("The Póczos' minima, are") == ["poczo", "minimum"]
    assert words("κ") == words("condition number")
    assert words("lr") == words("step size") == words("learning rate")
    assert words("loss, losses, class, classes") == ["loss", "loss", "class", "class"]


def test_a_word_that_no_answer_has_becomes_the_nearest_one():
    known = dict.fromkeys(("hessian", "saddl", "momentum", "sampl"), 1.0)
    assert [answers._known(word, known) for word in ("hesian", "sadl", "momentums")] == ["hessian", "saddl", "momentum"]
    assert [answers._known(word, known) for word in ("pizza", "max")] == ["pizza", "max"]


# --- bad entries -------------------------------------------------------------------------------------------

GOOD = """
[[answer]]
id = "first"
page = "mse"
question = "Why?"
keywords = "because"
text = "Because."
state = { page = "mse", mse_lr = 0.1 }

[[answer]]
id = "second"
page = "logistic"
question = "How?"
keywords = "so"
text = "So."
state = { page = "logistic" }
"""


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('id = "first"\n', "", "answer number 1: id: is missing"),
        ('id = "first"', 'id = "The first"', "'The first': id: must be lower-case"),
        ('id = "second"', 'id = "first"', "'first': id: already used"),
        ('page = "mse"\n', 'page = "home"\n', "'first': page: must be one of mse"),
        ('question = "Why?"', 'question = "Why"', "'first': question: must end"),
        ('question = "How?"', 'question = "Why?"', "'second': question: already asked"),
        ('text = "Because."', 'text = " "', "'first': text: is empty"),
        ('keywords = "because"', 'keywords = ["because"]', "'first': keywords: must be text"),
        ("mse_lr", "logistic_lr", "'first': state: 'logistic_lr' must start with 'mse_'"),
        ("text =", "txt =", "'first': txt: unknown field"),
        ("[[answer]]", "[[answers]]", "answer: is missing"),
        ("[[answer]]", "[[answer]", "cannot be read"),
    ],
)
def test_a_slip_is_reported_with_file_answer_and_field(tmp_path, good, bad, message):
    file = tmp_path / "ask.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert [(a.id, a.page, dict(a.state)) for a in answers.read_answers(file)] == [
        ("first", "mse", {"page": "mse", "mse_lr": 0.1}),
        ("second", "logistic", {"page": "logistic"}),
    ]
    assert good in GOOD
    file.write_text(GOOD.replace(good, bad), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        answers.read_answers(file)
    assert str(file) in str(error.value)


def test_missing_file_and_unknown_language_are_named(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        answers.read_answers(tmp_path / "ask.toml")
    with pytest.raises(ValueError, match="language must be one of en, got 'tlh'"):
        load_answers("tlh")


def test_answers_are_loaded_once_and_cannot_be_changed():
    assert load_answers() is load_answers()
    with pytest.raises(TypeError):
        ANSWERS[0].state["page"] = "logistic"
