"""The losses against differences, exact rationals, SciPy, scikit-learn, theorems and fixtures."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import assert_gradient, assert_hessian
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import brentq, linprog, minimize
from scipy.special import expit
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error, mean_squared_error

from lossgeo.datasets import (
    CLASSIFICATION,
    REGRESSION,
    Dataset,
    anscombe,
    cars,
    challenger,
    chapter_line,
    faithful,
    iris,
    longley,
    margin_four,
    overlapping_six,
    pull,
    same_x,
    separable_four,
    separation,
    standardise,
    touching,
    two_classes,
)
from lossgeo.descent import OPTIMIZERS, run
from lossgeo.landscapes import LANDSCAPES
from lossgeo.linear_loss import window
from lossgeo.losses import LOSSES, LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError, sigmoid
from lossgeo.minimum_search import are_minima, descend
from lossgeo.surfaces import Grid, evaluate
from lossgeo.views.pages import LR_RANGE

REGRESSIONS, CLASSIFIERS = ([loss for loss in LOSSES.values() if loss.classifies == labels] for labels in (False, True))
quick = settings(derandomize=True, deadline=None, max_examples=80, database=None)


def data(x, y):
    return Dataset(np.array(x, float), np.array(y, float), "test", "constructed")


def known_sets(loss):
    return CLASSIFICATION if loss.classifies else REGRESSION


def every_loss(test):
    return pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.__name__)(test)


EVERY_SET = [
    pytest.param((loss, make, l2), id=f"{loss.__name__}-{name}-l2 {l2:g}")
    for loss in LOSSES.values()
    for name, make in known_sets(loss).items()
    for l2 in (0.0, 0.3)
]
every_set = pytest.mark.parametrize("loss", EVERY_SET, indirect=True)


def make(case):
    loss, dataset, l2 = case
    return loss(dataset(), l2)


@pytest.fixture
def loss(request):
    """A new one for each test: a loss keeps what it has worked out."""
    return make(request.param)


def points(loss, seed=0, k=12, views=20.0):
    """k points (k, 2) in the view of the loss and k more up to `views` views away from it."""
    random = np.random.default_rng(seed)
    (w0, w1), (b0, b1) = loss.view
    middle, half = np.array([w0 + w1, b0 + b1]) / 2, np.array([w1 - w0, b1 - b0]) / 2
    p = middle + half * random.uniform(-1, 1, (2 * k, 2)) * np.repeat([1.0, views], k)[:, None]
    assert len(np.unique(p)) == p.size  # points that are all the same would test nothing
    return p


# --- derivatives and shapes ----------------------------------------------------------------------


@every_set
def test_gradient_and_hessian_agree_with_differences_near_and_far(loss):
    p = points(loss)
    reach = max(1.0, np.abs(loss.dataset.x).max())
    step = 3e-3 / reach  # so that no score moves by more than about this
    if isinstance(loss, MeanAbsoluteError):  # the differences must not straddle a kink
        taken = np.maximum(step, 1e-6 * np.abs(p)) * 2.0
        moves = np.abs(taken[:, :1] * loss.dataset.x) + taken[:, 1:]
        p = p[np.all(np.abs(loss.score(p) - loss.dataset.y) > 1.1 * moves, axis=-1)]
        assert len(p) >= 4
    p = p[np.abs(loss.gradient(p)).max(axis=-1) > 1e-290]  # subnormal numbers have few digits
    assert len(p) >= 4
    assert_gradient(loss, p, step=step)
    assert_hessian(loss, p, step=step)


@every_loss
@pytest.mark.parametrize("leading", [(), (3,), (4, 3), (0,), (2, 0, 5)], ids=str)
def test_leading_axes_broadcast(loss, leading):
    loss = loss(two_classes(), l2=0.3)
    p = np.random.default_rng(1).normal(size=(*leading, 2))
    assert loss.score(p).shape == (*leading, 40)
    value, gradient, hessian = loss.value(p), loss.gradient(p), loss.hessian(p)
    assert (value.shape, gradient.shape, hessian.shape) == (leading, (*leading, 2), (*leading, 2, 2))
    for i in np.ndindex(leading):
        assert_allclose(value[i], loss.value(p[i]), rtol=1e-14)
        assert_allclose(gradient[i], loss.gradient(p[i]), rtol=1e-12, atol=1e-15)
        assert_allclose(hessian[i], loss.hessian(p[i]), rtol=1e-12, atol=1e-15)


@every_loss
def test_a_list_of_whole_numbers_is_a_point(loss):
    loss = loss(separable_four(), l2=0.3)
    assert loss.value([1, 2]) == loss.value(np.array([1.0, 2.0]))
    assert_array_equal(loss.gradient((1, 2)), loss.gradient(np.array([1.0, 2.0])))


@every_loss
def test_fractions_are_numbers_too(loss):
    loss, p, x = loss(separable_four(), l2=0.3), [Fraction(1, 2), Fraction(2)], [Fraction(3, 4)]
    for result in (loss.score(p), loss.value(p), loss.gradient(p), loss.predict(p, x)):
        assert result.dtype == float
    assert loss.value(p) == loss.value([0.5, 2.0])
    assert loss.predict(p, x) == loss.predict([0.5, 2.0], [0.75])


@every_loss
def test_the_penalty_counts_the_slope_and_not_the_intercept(loss):
    plain, penalised = loss(two_classes()), loss(two_classes(), l2=0.5)
    p = points(plain)
    more = 0.25 * p[:, 0] ** 2
    assert_allclose(penalised.value(p) - plain.value(p), more, rtol=1e-9, atol=1e-12)
    more = p * (0.5, 0.0)
    assert_allclose(penalised.gradient(p) - plain.gradient(p), more, rtol=1e-9, atol=1e-12)
    more = np.broadcast_to([[0.5, 0.0], [0.0, 0.0]], (len(p), 2, 2))
    assert_allclose(penalised.hessian(p) - plain.hessian(p), more, rtol=1e-9, atol=1e-12)


def test_formulas_of_one_sample():
    """One sample at x = 1, so z = w + b; each formula written out once more, another way."""
    z = np.linspace(-6.0, 6.0, 25)
    p = np.stack([z - 0.5, np.full_like(z, 0.5)], axis=-1)
    q = expit(z)
    for y in (0.0, 1.0):
        one = data([1.0], [y])
        assert_allclose(MeanSquaredError(one).value(p), z * z - 2 * z * y + y * y, atol=1e-13)
        assert_allclose(MeanAbsoluteError(one).value(p), np.maximum(z - y, y - z))
        likelihood = q**y * (1 - q) ** (1 - y)
        assert_allclose(LogisticLoss(one).value(p), -np.log(likelihood), rtol=1e-12)
        assert_allclose(LogisticLoss(one).gradient(p)[:, 1], q - y, rtol=1e-12)
        assert_allclose(LogisticLoss(one).hessian(p)[:, 0, 1], q * (1 - q), rtol=1e-12)
        brier = SigmoidSquaredError(one)
        assert_allclose(brier.value(p), (q - y) ** 2, rtol=1e-11)
        assert_allclose(brier.gradient(p)[:, 0], 2 * (q - y) * q * (1 - q), rtol=1e-11)
        bend = 2 * (q * (1 - q)) ** 2 + 2 * (q - y) * q * (1 - q) * (1 - 2 * q)
        assert_allclose(brier.hessian(p)[:, 1, 1], bend, rtol=1e-10, atol=1e-15)


@every_loss
def test_the_prediction_is_the_line_or_its_sigmoid(loss):
    line = np.array([-5.0, -1.0, 1.0])
    wanted = expit(line) if loss.classifies else line
    assert_allclose(loss(two_classes()).predict([2.0, -1.0], [-2, 0, 1]), wanted, rtol=1e-14)


# --- extremes: warnings are errors ---------------------------------------------------------------


def test_the_sigmoid_is_accurate_in_both_tails():
    z = np.linspace(-700, 700, 2801)
    assert_allclose(sigmoid(z), expit(z), rtol=1e-14, atol=0)
    assert_allclose(sigmoid(z) + sigmoid(-z), 1.0, rtol=1e-15)
    assert_array_equal(sigmoid(np.array([-1e300, -1e4, 0.0, 1e4, 1e300])), [0, 0, 0.5, 1, 1])
    assert_array_equal(sigmoid(np.array([-np.inf, np.inf])), [0.0, 1.0])


@pytest.mark.parametrize("size", [1e4, 1e300], ids=lambda v: f"{v:g}")
def test_extreme_margins_give_exact_limits(size):
    """The loss of one sample at z = +-size; logaddexp(0, z) is z there, and 0 at -z."""
    for y, z in product((0.0, 1.0), (-size, size)):
        right = (z > 0) == (y == 1)
        for p in ([0.0, z], [z, 0.0]):
            loss = LogisticLoss(data([1.0], [y]))
            assert loss.value(p) == (0.0 if right else size)
            assert_array_equal(loss.gradient(p), [0.0 if right else np.sign(z)] * 2)
            assert_array_equal(loss.hessian(p), np.zeros((2, 2)))
            loss = SigmoidSquaredError(data([1.0], [y]))
            assert loss.value(p) == (0.0 if right else 1.0)
            assert_array_equal(loss.gradient(p), [0.0, 0.0])
            assert_array_equal(loss.hessian(p), np.zeros((2, 2)))
            loss = MeanAbsoluteError(data([1.0], [y]))
            assert_allclose(loss.value(p), abs(z - y))
            assert_array_equal(loss.gradient(p), [np.sign(z)] * 2)


@every_loss
def test_no_warning_at_large_parameters(loss):
    """MSE squares a residual, so its values leave the floats at about 1e154."""
    size = 1e150 if loss is MeanSquaredError else 1e300
    loss = loss(two_classes(), l2=0.0)
    p = size / 100 * np.array(list(product((-1.0, 0.0, 1.0), repeat=2)))
    for result in (loss.value(p), loss.gradient(p), loss.hessian(p)):
        assert np.all(np.isfinite(result))


def test_f32_the_stable_form_where_the_naive_one_fails():
    loss = LogisticLoss(data([1.0], [0.0]))
    assert loss.value([40.0, 0.0]) == pytest.approx(40.0, abs=1e-14)
    with np.errstate(divide="ignore"):
        assert -np.log(1.0 - 1.0 / (1.0 + np.exp(-40.0))) == np.inf


def test_f33_what_a_probability_of_the_true_class_costs():
    q = np.array([0.9, 0.5, 0.1, 0.01, 0.001])
    p = np.stack([np.log(q / (1 - q)), 0 * q], axis=-1)
    one = data([1.0], [1.0])
    assert_allclose(LogisticLoss(one).value(p), [0.105, 0.693, 2.303, 4.605, 6.908], atol=5e-4)
    wanted = [0.01, 0.25, 0.81, 0.9801, 0.998]
    assert_allclose(SigmoidSquaredError(one).value(p), wanted, atol=5e-5)


# --- values against scikit-learn -----------------------------------------------------------------


@every_set
def test_values_agree_with_scikit_learn(loss):
    random, y = np.random.default_rng(2), loss.dataset.y
    oracle = {
        MeanSquaredError: mean_squared_error,
        MeanAbsoluteError: mean_absolute_error,
        LogisticLoss: lambda y, q: log_loss(y, q, labels=[0, 1]),
        SigmoidSquaredError: lambda y, q: brier_score_loss(y, q, labels=[0, 1]),
    }[type(loss)]
    mean, sd = loss.dataset.x.mean(), loss.dataset.x.std() or 1.0
    for u, c in random.normal(size=(5, 2)):  # moderate scores, where probabilities keep digits
        p = np.array([u / sd, c - u * mean / sd])
        wanted = oracle(y, loss.predict(p, loss.dataset.x)) + loss.l2 / 2 * p[0] ** 2
        assert loss.value(p) == pytest.approx(wanted, rel=1e-9)


# --- minimisers against scikit-learn and SciPy ---------------------------------------------------


def restated(loss, p):
    """p as (u, c) for standardised x, where one tolerance fits every unit."""
    x = loss.dataset.x
    w, b = np.moveaxis(np.asarray(p, float), -1, 0)
    return np.stack([w * (x.std() or 1.0), b + w * x.mean()], axis=-1)


@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_least_squares_agree_with_scikit_learn(name, l2):
    loss = MeanSquaredError(REGRESSION[name](), l2)
    x, y, n = loss.dataset.x[:, None], loss.dataset.y, loss.dataset.n
    fit = Ridge(alpha=n * l2 / 2, solver="svd") if l2 else LinearRegression()
    fit.fit(x, y)
    residuals = y - fit.predict(x)
    least = (residuals**2).mean() + l2 / 2 * fit.coef_[0] ** 2
    assert loss.infimum == pytest.approx(least, rel=1e-9, abs=1e-20)
    if loss.minimisers == "one":
        found, wanted = restated(loss, loss.minima[0]), restated(loss, [*fit.coef_, fit.intercept_])
        assert_allclose(found, wanted, rtol=1e-7, atol=1e-12 * np.abs(y).max())


@pytest.mark.parametrize("name", CLASSIFICATION)
@pytest.mark.parametrize("l2", [0.0, 0.003, 0.3])
def test_logistic_minimisers_agree_with_scikit_learn(name, l2):
    loss = LogisticLoss(CLASSIFICATION[name](), l2)
    if loss.minimisers == "none":
        assert l2 == 0
        assert separation(loss.dataset) != "overlap"
        return
    x, y, n = loss.dataset.x[:, None], loss.dataset.y, loss.dataset.n
    C = 1 / (n * l2) if l2 else 1e12  # "huge": a penalty of 1e-12 moves nothing that we look at
    fit = LogisticRegression(C=C, tol=1e-12, max_iter=10_000, solver="newton-cholesky")
    # It is given what we standardise, so that it, too, is well conditioned.
    mean, sd = x.mean(), x.std()
    fit.C *= sd**2
    fit.fit((x - mean) / sd, y)
    wanted = [fit.coef_[0, 0], fit.intercept_[0]]
    assert_allclose(restated(loss, loss.minima[0]), wanted, rtol=1e-6, atol=1e-8)
    assert np.abs(loss.gradient(loss.minima[0])).max() < 1e-9


def least_absolute_deviations(dataset):
    """The least mean of t_i with t_i >= |w x_i + b - y_i|: a linear program."""
    x, y, n = dataset.x, dataset.y, dataset.n
    A = np.column_stack([x, np.ones(n)])
    eye = np.eye(n)
    result = linprog(
        np.concatenate([[0.0, 0.0], np.full(n, 1.0 / n)]),
        A_ub=np.block([[A, -eye], [-A, -eye]]),
        b_ub=np.concatenate([y, -y]),
        bounds=[(None, None)] * 2 + [(0, None)] * n,
        method="highs",
    )
    assert result.status == 0
    return result.fun


@pytest.mark.parametrize("name", REGRESSION)
def test_least_absolute_deviations_agree_with_linear_programming(name):
    loss = MeanAbsoluteError(standardise(REGRESSION[name]()))
    least = least_absolute_deviations(loss.dataset)
    assert loss.infimum == pytest.approx(least, rel=1e-9, abs=1e-12)
    assert loss.value(loss.minima[0]) == pytest.approx(loss.infimum, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("l2", [1e-3, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("seed", range(6))
def test_penalised_absolute_deviations_meet_the_optimality_condition(l2, seed):
    """0 is a subgradient: some s_i = sign(r_i), in [-1, 1] where r_i = 0, solves A's/n + l2 w = 0.

    Boyd & Vandenberghe 2004, 5.5.3. That is a linear program for s.
    """
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 12))
    x, y = random.integers(-3, 4, n), random.integers(-5, 6, n)
    loss = MeanAbsoluteError(data(x, y), l2)
    w, b = loss.minima[0]
    r = w * x + b - y
    met = np.abs(r) < 1e-12
    low, high = np.where(met, -1.0, np.sign(r)), np.where(met, 1.0, np.sign(r))
    # Minimise the largest violation t of the two equations.
    columns = np.column_stack([np.stack([x, np.ones(n)]) / n, [0.0, 0.0]])
    slack = np.column_stack([np.zeros((2, n)), np.ones(2)])
    result = linprog(
        [*np.zeros(n), 1.0],
        A_ub=np.concatenate([columns - slack, -columns - slack]),
        b_ub=[-l2 * w, 0.0, l2 * w, 0.0],
        bounds=[*zip(low, high, strict=True), (0, None)],
    )
    assert result.fun < 1e-12
    assert loss.infimum == pytest.approx(np.abs(r).mean() + l2 / 2 * w * w)


@st.composite
def small_problems(draw):
    """Whole numbers, with ties and repetitions, and often many samples on one line."""
    n = draw(st.integers(2, 8))
    x = draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n).filter(lambda x: len(set(x)) > 1))
    y = draw(st.lists(st.integers(-4, 4), min_size=n, max_size=n))
    if draw(st.booleans()):
        y = [2 * a + 1 if c < 2 else c for a, c in zip(x, y, strict=True)]
    return x, y


@quick
@given(small_problems(), st.sampled_from([1.0, 0.1, 1 / 3, 1e-6, 1e6]), st.sampled_from([0, 0.7]))
def test_absolute_deviations_by_exact_rationals(problem, scale, offset):
    """The minimisers form a polytope whose corners are lines through two samples: try them all."""
    x, y = problem

    def total(w, b):
        return sum(abs(w * a + b - c) for a, c in zip(x, y, strict=True))

    corners = set()
    for i, j in combinations(range(len(x)), 2):
        if x[i] != x[j]:
            w = Fraction(y[j] - y[i], x[j] - x[i])
            corners.add((w, y[i] - w * x[i]))
    values = [total(*corner) for corner in corners]
    best = min(values)
    loss = MeanAbsoluteError(data(scale * np.array(x) + offset, y))
    assert loss.minimisers == ("one" if values.count(best) == 1 else "region")
    # x itself is rounded: with scale 1e-6 beside an offset of 0.7, to ten digits.
    assert loss.infimum == pytest.approx(float(best) / len(x), rel=1e-8, abs=1e-12)
    assert loss.value(loss.minima[0]) == pytest.approx(loss.infimum, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("l2", [0.0, 0.01, 1.0])
@pytest.mark.parametrize("name", CLASSIFICATION)
def test_no_descent_of_the_sigmoid_squared_error_ends_below_its_infimum(name, l2):
    loss = SigmoidSquaredError(standardise(CLASSIFICATION[name]()), l2)
    starts = np.random.default_rng(3).normal(size=(40, 2)) * 6
    ends = descend(loss, starts)
    assert loss.value(ends).min() >= loss.infimum - 1e-12
    one = minimize(loss.value, starts[0], jac=loss.gradient, method="BFGS", options={"gtol": 1e-9})
    assert one.fun >= loss.infimum - 1e-12


@every_set
def test_random_search_does_not_beat_the_infimum(loss):
    p = np.concatenate([points(loss, seed, k=300, views=5.0) for seed in (4, 5)])
    if len(loss.minima):
        away = 10.0 ** np.random.default_rng(6).uniform(-9, 0, (200, 1))
        size = np.ptp(loss.view, axis=1)
        around = loss.minima[0] + away * size * np.random.default_rng(7).normal(size=(200, 2))
        p = np.concatenate([p, around])
    rounding = 1e-12 * max(1.0, loss.infimum)
    assert loss.value(p).min() >= loss.infimum - rounding


@every_set
def test_what_a_loss_keeps_cannot_be_changed(loss):
    """One loss serves every session."""
    kept = [value for value in vars(loss).values() if isinstance(value, np.ndarray)]
    assert len(kept) >= 3
    assert not any(array.flags.writeable for array in kept)


@every_set
def test_minima_are_read_only_and_reach_the_infimum_where_they_should(loss):
    minima, best = loss.minima, loss.infimum
    assert minima.ndim == 2
    assert minima.shape[1] == 2
    with pytest.raises(ValueError, match="read-only"):
        minima[...] = 0.0
    assert loss.minimisers in ("one", "several", "line", "region", "none")
    if loss.minimisers == "none":
        assert not loss.convex or not len(minima)
        assert np.all(loss.value(minima) > best)
    else:
        assert loss.value(minima[0]) == pytest.approx(best, rel=1e-8, abs=1e-12)
        assert np.all(np.diff(loss.value(minima)) >= 0)


# --- every special case of "is there a minimiser, and how many" ----------------------------------

LN2 = float(np.log(2.0))
TWO_THIRDS = float(-np.log(2 / 3) * 2 / 3 - np.log(1 / 3) / 3)  # entropy of shares 1/3, 2/3
SPECIAL = {
    # loss, x, y, l2 -> kind, infimum, minimiser
    "squares, one sample": (MeanSquaredError, [1], [2], 0, "line", 0, [1, 1]),
    "squares, one sample at 0": (MeanSquaredError, [0], [2], 0, "line", 0, [0, 2]),
    "squares, equal x": (MeanSquaredError, [2] * 5, [1, 2, 3, 4, 5], 0, "line", 2, [1.2, 0.6]),
    "squares, equal x, penalty": (MeanSquaredError, [2] * 3, [1, 2, 6], 1, "one", 14 / 3, [0, 3]),
    "squares, mean of x rounds": (MeanSquaredError, [0.1] * 3, [1, 2, 3], 0, "line", 2 / 3, None),
    "squares, two samples": (MeanSquaredError, [1, 3], [5, 1], 0, "one", 0, [-2, 7]),
    "squares, equal y": (MeanSquaredError, [1, 2, 5], [4, 4, 4], 0, "one", 0, [0, 4]),
    "squares, repeated samples": (MeanSquaredError, [0, 0, 1], [0, 2, 5], 0, "one", 2 / 3, [4, 1]),
    "absolute, one sample": (MeanAbsoluteError, [1], [2], 0, "line", 0, [1, 1]),
    "absolute, one sample, penalty": (MeanAbsoluteError, [1], [2], 0.1, "one", 0, [0, 2]),
    "absolute, equal x, odd": (MeanAbsoluteError, [2] * 3, [1, 2, 9], 0, "line", 8 / 3, [0.8, 0.4]),
    "absolute, equal x, even": (MeanAbsoluteError, [2] * 2, [1, 9], 0, "region", 4, None),
    "absolute, equal x, even, tied": (
        MeanAbsoluteError, [1] * 4, [0, 2, 2, 5], 0, "line", 5 / 4, [1, 1],
    ),
    "absolute, equal x, penalty, even": (MeanAbsoluteError, [2] * 2, [1, 9], 1, "region", 4, None),
    "absolute, equal x, penalty, odd": (
        MeanAbsoluteError, [2] * 3, [1, 2, 9], 1, "one", 8 / 3, [0, 2],
    ),
    "absolute, two samples": (MeanAbsoluteError, [1, 3], [5, 1], 0, "one", 0, [-2, 7]),
    "absolute, noise-free": (MeanAbsoluteError, [0, 1, 2, 3], [1, 3, 5, 7], 0, "one", 0, [2, 1]),
    "absolute, equal y": (MeanAbsoluteError, [0, 1, 2, 3], [4] * 4, 0, "one", 0, [0, 4]),
    "absolute, a gap between medians": (
        MeanAbsoluteError, [0, 0, 1, 1], [0, 1, 0, 1], 0, "region", 1 / 2, None,
    ),
    "absolute, one sample far out": (
        MeanAbsoluteError, [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], 0, "one", 0, [1, 0],
    ),
    "absolute, odd and flat": (MeanAbsoluteError, [-1, 0, 1], [0, 1, 0], 0, "one", 1 / 3, [0, 0]),
    "absolute, penalty inside a piece": (
        MeanAbsoluteError, [0, 1, 2], [0, 1, 2], 4, "one", 2 / 3 - 1 / 18, None,
    ),
    "logistic, one sample": (LogisticLoss, [1], [1], 0, "none", 0, "empty"),
    "logistic, one class": (LogisticLoss, [1, 2, 3], [0, 0, 0], 0, "none", 0, "empty"),
    "logistic, one class, penalty": (LogisticLoss, [1, 2], [1, 1], 0.1, "none", 0, "empty"),
    "logistic, complete": (LogisticLoss, [-2, -1, 1, 2], [0, 0, 1, 1], 0, "none", 0, "empty"),
    "logistic, complete, reversed": (LogisticLoss, [1, 2, 3], [1, 1, 0], 0, "none", 0, "empty"),
    "logistic, quasi-complete": (
        LogisticLoss, [-1, 0, 0, 1], [0, 0, 1, 1], 0, "none", LN2 / 2, "empty",
    ),
    "logistic, quasi-complete, reversed": (
        LogisticLoss, [-1, 0, 0, 1], [1, 0, 1, 0], 0, "none", LN2 / 2, "empty",
    ),
    "logistic, quasi-complete, uneven tie": (
        LogisticLoss, [-1, 0, 0, 0, 1], [0, 0, 0, 1, 1], 0, "none", 0.6 * TWO_THIRDS, "empty",
    ),
    "logistic, quasi-complete, reversed uneven tie": (
        LogisticLoss, [-1, 0, 0, 0, 1], [1, 1, 1, 0, 0], 0, "none", 0.6 * TWO_THIRDS, "empty",
    ),
    "logistic, tie at the end": (
        LogisticLoss, [0, 1, 1], [0, 0, 1], 0, "none", 2 / 3 * LN2, "empty",
    ),
    "logistic, equal x": (LogisticLoss, [2, 2, 2], [0, 1, 1], 0, "line", TWO_THIRDS, None),
    "logistic, equal x, penalty": (
        LogisticLoss, [2, 2, 2], [0, 1, 1], 1, "one", TWO_THIRDS, [0, LN2],
    ),
    "logistic, no relation": (LogisticLoss, [0, 0, 1, 1], [0, 1, 0, 1], 0, "one", LN2, [0, 0]),
    "logistic, complete, penalty": (
        LogisticLoss, [-2, -1, 1, 2], [0, 0, 1, 1], 0.1, "one", 0.23725944, [1.45783570, 0],
    ),
    "sigmoid, one class": (SigmoidSquaredError, [1, 2], [1, 1], 0, "none", 0, "empty"),
    "sigmoid, one class, penalty": (SigmoidSquaredError, [1, 2], [0, 0], 1, "none", 0, "empty"),
    "sigmoid, complete": (SigmoidSquaredError, [-1, 1, 2], [0, 1, 1], 0, "none", 0, "empty"),
    "sigmoid, quasi-complete": (
        SigmoidSquaredError, [-1, 0, 0, 1], [0, 0, 1, 1], 0, "none", 1 / 8, "empty",
    ),
    "sigmoid, quasi-complete, reversed": (
        SigmoidSquaredError, [-1, 0, 0, 0, 1], [1, 1, 1, 0, 0], 0, "none", 2 / 15, "empty",
    ),
    "sigmoid, equal x": (SigmoidSquaredError, [2, 2, 2], [0, 1, 1], 0, "line", 2 / 9, None),
    "sigmoid, equal x, penalty": (
        SigmoidSquaredError, [2, 2, 2], [0, 1, 1], 1, "one", 2 / 9, [0, LN2],
    ),
    "sigmoid, no relation": (
        SigmoidSquaredError, [0, 0, 1, 1], [0, 1, 0, 1], 0, "one", 1 / 4, [0, 0],
    ),
    "sigmoid, best at infinity": (
        SigmoidSquaredError, [-2, -1, 0.5, 1, 2, -0.5], [0, 1, 0, 1, 1, 0], 0, "none", 1 / 6, None,
    ),
    "sigmoid, mirror images": (
        SigmoidSquaredError, [-2, -1, 0, 1, 2], [0, 1, 1, 1, 0], 1e-3, "several", None, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPECIAL.values(), ids=SPECIAL)
def test_special_cases(case):
    make, x, y, l2, kind, infimum, minimiser = case
    loss = make(data(x, y), l2)
    assert loss.minimisers == kind
    if infimum is not None:
        assert loss.infimum == pytest.approx(infimum, rel=1e-7, abs=1e-14)
    if minimiser == "empty":
        assert loss.minima.shape == (0, 2)
    elif minimiser is not None:
        assert_allclose(loss.minima, [minimiser], atol=1e-7)
    assert np.all(np.isfinite(loss.view))


def test_an_inner_minimum_of_the_penalised_absolute_error():
    """x = y = (0, 1, 2): for 0 < w < 1 the loss is 2(1 - w)/3 + 2 w^2, least at w = 1/6."""
    loss = MeanAbsoluteError(data([0, 1, 2], [0, 1, 2]), l2=4.0)
    assert_allclose(loss.minima, [[1 / 6, 5 / 6]], rtol=1e-12)


@pytest.mark.parametrize("x0", [0.0, 0.1, 2.0, -7.3, 1e6, 1e49], ids=lambda v: f"{v:g}")
@every_loss
def test_on_a_line_of_minimisers_the_one_of_least_norm_is_listed(loss, x0):
    """The line w x0 + b = c is met by (x0, 1) c/(x0^2 + 1) at a right angle."""
    loss = loss(data([x0] * 3, [0.0, 1.0, 1.0]))
    assert loss.minimisers == "line"
    (w, b), along = loss.minima[0], np.array([1.0, -x0]) / np.hypot(1.0, x0)
    assert abs(np.array([w, b]) @ along) <= 1e-15 * np.hypot(w, b)
    if x0 < 1e50:
        others = loss.minima[0] + np.array([-3.0, 1.0, 5.0])[:, None] * along
        assert_allclose(loss.value(others), loss.infimum, rtol=1e-7)


def test_a_region_of_minimisers_is_more_than_a_point():
    """x = (0, 0, 1, 1), y = (0, 1, 0, 1): every line within the unit square is as good."""
    loss = MeanAbsoluteError(data([0, 0, 1, 1], [0, 1, 0, 1]))
    ends = np.array(list(product([0, 0.3, 1], repeat=2)))  # heights at x = 0 and x = 1
    lines = np.stack([ends[:, 1] - ends[:, 0], ends[:, 0]], axis=-1)
    assert_allclose(loss.value(lines), loss.infimum)
    w, b = loss.minima[0]
    assert 0 <= b <= 1
    assert 0 <= w + b <= 1


def test_isolated_minimisers_of_mirrored_data_are_mirrored():
    loss = SigmoidSquaredError(data([-2, -1, 0, 1, 2], [0, 1, 1, 1, 0]), 1e-3)
    assert loss.minimisers == "several"
    (w, b), (v, c) = loss.minima[:2]
    assert abs(w) > 0.1
    assert_allclose([w, b], [-v, c], rtol=1e-6)
    middle = loss.value((loss.minima[0] + loss.minima[1]) / 2)
    assert middle > loss.infimum  # two isolated minimisers exclude convexity


WITHOUT = [p for p in EVERY_SET if make(p.values[0]).minimisers == "none"]


@pytest.mark.parametrize("loss", WITHOUT, indirect=True)
def test_where_there_is_no_minimiser_the_infimum_is_approached_along_a_ray(loss):
    x, y = loss.dataset.x, loss.dataset.y
    ways = [np.array([0.0, 1.0]), np.array([0.0, -1.0])]
    thresholds = np.unique(np.concatenate([x, (np.sort(x)[1:] + np.sort(x)[:-1]) / 2]))
    for t in [] if loss.l2 else thresholds:
        share = y[x == t].mean() if np.any(x == t) else 0.0
        at = np.log(share / (1 - share)) if 0 < share < 1 else 0.0
        ways += [np.array([s, -s * t + 1e-4 * at]) for s in (-1.0, 1.0)]
    far = [loss.value(1e4 * way) for way in ways]
    best = ways[int(np.argmin(far))]
    along = loss.value(10.0 ** np.arange(-1, 5)[:, None] * best)
    assert along[-1] == pytest.approx(loss.infimum, abs=1e-6)
    assert along[0] > loss.infimum
    assert np.all(along >= loss.infimum - 1e-15)


@pytest.mark.parametrize("make", [separable_four, margin_four, touching, lambda: iris("setosa", "versicolor")])
@pytest.mark.parametrize("loss", CLASSIFIERS, ids=lambda loss: loss.__name__)
def test_without_overlap_the_separating_direction_leads_down_from_everywhere(loss, make):
    dataset = make()
    low, high = dataset.x[dataset.y == 0].max(), dataset.x[dataset.y == 1].min()
    loss, way = loss(dataset), np.array([1.0, -(low + high) / 2])
    assert loss.minimisers == "none"
    assert np.all(loss.gradient(points(loss, views=1.0)) @ way < 0)


def test_the_squared_error_has_the_reference_floor_even_far_from_zero():
    """Years near 1e6: w x + b cancels there, yet the least value does not lose its digits."""
    near, far = chapter_line(), chapter_line(offset=2.0**20)
    assert_allclose(MeanSquaredError(far).infimum, MeanSquaredError(near).infimum, rtol=1e-9)
    assert MeanSquaredError(chapter_line(noise=0.0, offset=2.0**20)).infimum < 1e-17


@every_loss
def test_units_of_x_change_the_parameters_and_nothing_else(loss):
    """With a penalty that is restated, too: l2 w^2 = (l2 / scale^2) (scale w)^2."""
    make = two_classes if loss.classifies else chapter_line
    for l2 in (0.0, 0.05):
        plain = loss(make(), l2)
        (w, b), x = plain.minima[0], plain.dataset.x
        for scale, offset in ((2.0**-20, 0.0), (2.0**20, 0.0), (1.0, 2.0**10), (0.3, -7.0)):
            moved = loss(make(scale=scale, offset=offset), l2 * scale**2)
            assert moved.infimum == pytest.approx(plain.infimum, rel=1e-8)
            assert moved.minimisers == plain.minimisers
            v, c = moved.minima[0]
            assert_allclose(v * moved.dataset.x + c, w * x + b, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("loss", CLASSIFIERS, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("l2", [1e-12, 1e-6, 1e-3, 1.0, 1e6], ids=lambda v: f"{v:g}")
@pytest.mark.parametrize("make", [separable_four, touching, challenger, overlapping_six, two_classes])
def test_with_a_penalty_and_both_classes_a_minimiser_exists_and_is_found(loss, make, l2):
    loss = loss(standardise(make()), l2)
    assert loss.minimisers in ("one", "several")
    for p in loss.minima:
        g, h = loss.gradient(p), loss.hessian(p)
        assert np.linalg.eigvalsh(h)[0] > 0
        assert np.abs(np.linalg.solve(h, g)).max() < 1e-6 * (1 + np.abs(p).max())


@pytest.mark.parametrize("l2", [1e-8, 1e-5, 1e-3])
def test_a_small_penalty_leaves_steep_minimisers_and_they_are_found(l2):
    """The middle four are ones: a steep curve at -2.5 or 2.5 errs once in six, a flat one more."""
    loss = SigmoidSquaredError(data([-3, -2, -1, 1, 2, 3], [0, 1, 1, 1, 1, 0]), l2)
    assert loss.minimisers == "several"
    steep = np.arange(1.0, 80.0)
    curves = loss.value(np.stack([steep, 2.5 * steep], axis=-1))
    assert loss.infimum <= curves.min() < loss.value([0.0, np.log(2.0)])
    assert_allclose(np.abs(loss.minima[:2, 1] / loss.minima[:2, 0]), 2.5, atol=0.05)


@pytest.mark.parametrize("l2", [1e18, 1e60], ids=lambda v: f"{v:g}")
def test_under_a_huge_penalty_the_bowl_is_too_narrow_to_tell_and_its_minimiser_is_still_found(l2):
    """x = -2, -1, 1, 2: at 0 the slope in w is -2 (1/2) (1/4) mean |x| = -0.375, so w = 0.375 / l2."""
    loss = SigmoidSquaredError(separable_four(), l2)
    assert loss.minimisers == "one"
    assert_allclose(loss.minima * l2, [[0.375, 0.0]], rtol=1e-6, atol=1e-12)


def noise(n, seed, l2):
    random = np.random.default_rng([seed, n])
    return SigmoidSquaredError(standardise(data(random.normal(size=n), random.random(n) < 0.5)), l2)


def minima_of_a_dense_search(loss):
    """Newton's method from 378 lines of all slopes and thresholds: the different values it ends at."""
    x = loss.dataset.x
    u, t = np.meshgrid(np.geomspace(0.2, 200, 9), np.linspace(x.min() - 0.5, x.max() + 0.5, 21))
    ends = descend(loss, np.concatenate([np.stack([k * u, -k * u * t], -1).reshape(-1, 2) for k in (-1, 1)]))
    return np.unique(np.round(loss.value(ends[are_minima(loss, ends)]), 9))


# Labels of twelve samples, evenly spaced, with three to eight local minima.
LABELS = ("000111101000", "001001100100", "010010000101", "010110001101", "100101101101", "011001100110")


@pytest.mark.parametrize("labels", LABELS)
def test_the_search_finds_the_local_minima_that_a_dense_one_finds(labels):
    loss = SigmoidSquaredError(standardise(data(range(12), [int(label) for label in labels])), 1e-6)
    wanted = minima_of_a_dense_search(loss)
    assert len(wanted) >= 3
    assert_allclose(np.unique(np.round(loss.value(loss.minima), 9)), wanted, atol=2e-9)


@pytest.mark.parametrize(("n", "seed"), [*((12, seed) for seed in range(8)), (100, 1), (100, 5)])
def test_the_search_finds_the_lowest_minimum(n, seed):
    """Whatever the labels; of 100 samples the grid looks at some only."""
    loss = noise(n, seed, 1e-6)
    assert loss.infimum == pytest.approx(minima_of_a_dense_search(loss)[0], abs=2e-9)


@pytest.mark.parametrize("loss", [noise(12, 1, 1e-6), LogisticLoss(challenger(), 0.01)], ids=["squares", "logistic"])
def test_newtons_descent_leads_down_from_each_start_as_from_that_start_alone(loss):
    starts = 20.0 * np.random.default_rng(0).normal(size=(40, 2))
    ends = descend(loss, starts)
    assert np.all(loss.value(ends) <= loss.value(starts))
    for i in range(3):
        assert_allclose(descend(loss, starts[i : i + 1]), ends[i : i + 1], rtol=1e-9)


def test_minima_are_told_from_other_stationary_points_and_from_their_surroundings():
    loss = LANDSCAPES["himmelblau"]  # its curvatures at the minima are 26 to 135
    assert are_minima(loss, loss.minima).all()
    assert are_minima(loss, loss.minima + 1e-6).all()
    assert not are_minima(loss, loss.minima + 1e-3).any()
    assert not are_minima(loss, np.concatenate([loss.saddles, loss.maxima])).any()


# --- convexity -----------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [p for p in EVERY_SET if p.values[0][0].convex], indirect=True)
def test_the_hessian_of_a_convex_loss_is_positive_semidefinite(loss):
    """Consistency only: the proof is the formula."""
    size = np.ptp(loss.view, axis=1)
    h = loss.hessian(points(loss)) * np.outer(size, size)
    eigenvalues = np.linalg.eigvalsh(h)
    rounding = 4 * loss.dataset.n * np.finfo(float).eps  # of a sum of so many terms, none of them negative
    assert np.all(eigenvalues[:, 0] >= -rounding * eigenvalues[:, 1])


@pytest.mark.parametrize("loss", [p for p in EVERY_SET if p.values[0][0].convex], indirect=True)
def test_chords_of_a_convex_loss_stay_above_it(loss):
    a, b = points(loss, 8), points(loss, 9)
    at_a, at_b = loss.value(a), loss.value(b)
    assert np.all(loss.value((a + b) / 2) <= (at_a + at_b) / 2 * (1 + 1e-12))


@pytest.mark.parametrize("l2", [0.0, 1e3])
@pytest.mark.parametrize("name", CLASSIFICATION)
def test_the_sigmoid_squared_error_is_never_convex_in_b(name, l2):
    """Far out the second derivative in b is about -2 mean(y exp(z)): a chord of it lies below."""
    loss = SigmoidSquaredError(CLASSIFICATION[name](), l2)
    assert not loss.convex
    assert np.any(loss.dataset.y == 1)
    b = np.array([-8.0, -7.0, -6.0])
    low, middle, high = loss.value(np.stack([0 * b, b], axis=-1))
    assert middle > (low + high) / 2 + 1e-6 * middle
    bend = loss.hessian([0.0, -12.0])[1, 1]
    assert bend == pytest.approx(-2 * loss.dataset.y.mean() * np.exp(-12.0), rel=1e-3)


def test_m32_the_curvature_of_squares_contains_x_alone():
    cars_x = cars().x
    loss = MeanSquaredError(cars())
    sums = [[(cars_x**2).sum(), cars_x.sum()], [cars_x.sum(), cars_x.size]]
    wanted = 2 / cars_x.size * np.array(sums)
    p = points(loss)
    assert_allclose(loss.hessian(p), np.broadcast_to(wanted, (len(p), 2, 2)), rtol=1e-12)
    moved = MeanSquaredError(pull(cars(), up=3.0))
    assert not np.array_equal(moved.dataset.y, loss.dataset.y)
    assert_array_equal(moved.hessian(p), loss.hessian(p))
    sideways = MeanSquaredError(pull(cars(), right=1.0))
    assert np.abs(sideways.hessian(p) - loss.hessian(p)).max() > 1


# --- fixtures ------------------------------------------------------------------------------------


def test_f1_the_chapter_line():
    loss = MeanSquaredError(chapter_line())
    assert_allclose(loss.minima, [[1.9227381383, 1.0829165756]], atol=1e-10)
    assert loss.infimum == pytest.approx(0.0111718955636, abs=1e-13)
    corners = loss.value([[0, 0], [4, 0], [0, 2], [4, 2], [2, 1]])
    wanted = [4.5195991997, 0.3975167981, 0.3424566208, 4.2203742192, 0.0136648703676]
    assert_allclose(corners, wanted, atol=1e-10)
    assert_allclose(loss.hessian([0, 0]), [[0.6781609195, 1], [1, 2]], atol=1e-10)


def test_f2_a_trough_and_f22_what_a_penalty_makes_of_it():
    loss = MeanSquaredError(same_x())
    assert_allclose(loss.value([[1.2, 0.6], [2.2, -1.4]]), 2.0, atol=1e-14)
    assert_allclose(np.linalg.eigvalsh(loss.hessian([0, 0])), [0, 10], atol=1e-14)
    # F22 penalises the intercept as well: one Newton step from 0 on the sum.
    both = MeanSquaredError(same_x(), l2=0.1)
    hessian = both.hessian([0, 0]) + np.diag([0.0, 0.1])
    minimiser = -np.linalg.solve(hessian, both.gradient([0, 0]))
    assert_allclose(minimiser, [1.18811881, 0.59405941], atol=1e-8)
    assert_allclose(np.linalg.eigvalsh(hessian), [0.1, 10.1], atol=1e-12)


def test_f3_complete_separation_has_no_floor():
    loss = LogisticLoss(separable_four())
    p = np.array([[2.1030, 0], [4.0180, 0], [6.2312, 0], [8.5194, 0], [10.8201, 0]])
    wanted = [6.4994e-2, 9.0759e-3, 9.8452e-4, 9.9786e-5, 9.9973e-6]
    assert_allclose(loss.value(p), wanted, rtol=1e-3)
    assert np.linalg.eigvalsh(loss.hessian(p[-1]))[1] == pytest.approx(1.0e-5, rel=1e-2)
    assert (loss.minimisers, loss.infimum) == ("none", 0.0)


def test_f3b_quasi_complete_separation():
    loss = LogisticLoss(touching())
    assert_allclose(loss.value([[3.8700, 0], [8.5161, 0]]), [0.3568955, 0.3466737], atol=2e-6)
    assert loss.minimisers == "none"
    assert loss.infimum == pytest.approx(0.3465736, abs=1e-7)
    assert loss.value([40.0, 0.0]) == pytest.approx(loss.infimum, abs=1e-15)


def test_f6_overlap():
    loss = LogisticLoss(overlapping_six())
    assert_allclose(loss.minima, [[0.92347504, 0]], atol=1e-8)
    assert loss.infimum == pytest.approx(0.5540588858, abs=1e-10)
    eigenvalues = np.linalg.eigvalsh(loss.hessian(loss.minima[0]))
    assert_allclose(eigenvalues, [0.1860863, 0.2444751], atol=1e-7)


def test_f14_three_critical_points_along_w():
    """The sign of the exact derivative; with the intercept held at 0."""
    loss = SigmoidSquaredError(data([-16.9, 0.2, 2.3, -3.5, 0.2], [0, 0, 0, 1, 1]))

    def slope(w):
        return loss.gradient(np.stack([w, 0 * w], axis=-1))[..., 0]

    w = np.arange(-100_000, 100_001) * 1e-4
    signs = np.sign(slope(w))
    assert np.all(signs != 0)
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    assert len(changes) == 3
    found = [brentq(lambda v: slope(np.float64(v)), w[i], w[i + 1], xtol=1e-13) for i in changes]
    assert_allclose(found, [-1.26859077, -0.20855509, 0.06522450], atol=1e-8)
    assert [signs[i] for i in changes] == [-1, 1, -1]  # minimum, maximum, minimum
    values = loss.value(np.stack([found, np.zeros(3)], axis=-1))
    assert_allclose(values, [0.30214537, 0.33914594, 0.23221321], atol=1e-8)
    assert_allclose(loss.value([[-1e6, 0], [1e6, 0]]), [0.4, 0.6], atol=1e-12)


def test_f14b_one_example_is_monotone_and_not_convex():
    loss = SigmoidSquaredError(data([1], [1]))
    assert loss.hessian([-3, 0])[0, 0] == pytest.approx(-0.073823, abs=1e-6)
    assert loss.hessian([3, 0])[0, 0] == pytest.approx(0.007960, abs=1e-6)
    w = np.linspace(-30, 30, 1001)
    assert np.all(loss.gradient(np.stack([w, 0 * w], axis=-1))[:, 0] < 0)
    ends, middle = loss.value([[-6, 0], [0, 0]]).mean(), loss.value([-3, 0])
    assert middle > ends  # a chord whose middle lies below the surface


def test_f15_flat_far_from_the_minimum():
    one, p = data([1], [1]), [-10, 0]
    squared, log = SigmoidSquaredError(one), LogisticLoss(one)
    assert squared.value(p) == pytest.approx(0.99990921, abs=1e-8)
    assert squared.gradient(p)[0] == pytest.approx(-9.0787e-5, rel=1e-4)
    assert log.value(p) == pytest.approx(10.0000454, rel=1e-8)
    assert log.gradient(p)[0] == pytest.approx(-0.9999546, rel=1e-7)


def test_f22b_a_penalty_gives_separable_data_a_minimiser():
    """Symmetric data, so b = 0 and it does not matter that only w is penalised."""
    loss = LogisticLoss(separable_four(), l2=0.1)
    assert_allclose(loss.minima, [[1.45783570, 0]], atol=1e-8)
    assert loss.infimum == pytest.approx(0.23725944, abs=1e-8)
    plain = LogisticLoss(separable_four()).value(loss.minima[0])
    assert plain == pytest.approx(0.13099519, abs=1e-8)


def test_f22c_an_unpenalised_intercept_still_runs_away_with_one_class():
    for loss in CLASSIFIERS:
        loss = loss(data([-2, -1, 1, 2], [1, 1, 1, 1]), l2=0.1)
        assert (loss.minimisers, loss.infimum) == ("none", 0.0)
        values = loss.value([[0, 1], [0, 6.90501], [0, 11.51288], [0, 100]])
        assert np.all(np.diff(values) < 0)
        assert values[-1] < 1e-40


@pytest.mark.parametrize(("x", "largest"), [(0.0, 2.0), (0.5, 2.5), (1.0, 4.0)])
def test_f28_one_sample_is_one_trough(x, largest):
    loss = MeanSquaredError(data([x], [3.0]))
    assert_allclose(np.linalg.eigvalsh(loss.hessian([0, 0])), [0.0, largest], atol=1e-15)
    assert loss.minimisers == "line"


def test_f31_the_quartet_shares_one_curvature():
    quartet = [MeanSquaredError(anscombe(part)) for part in ("I", "II", "III", "IV")]
    for loss in quartet:
        eigenvalues = np.linalg.eigvalsh(loss.hessian([0, 0]))
        assert_allclose(eigenvalues, [0.21764876, 183.78235125], atol=1e-8)
    w, b = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 6, 101))
    surfaces = np.stack([loss.value(np.stack([w, b], axis=-1)) for loss in quartet])
    assert np.ptp(surfaces, axis=0).max() <= 0.0182
    assert surfaces.max() == pytest.approx(60, abs=5)


# --- the window ----------------------------------------------------------------------------------

HOSTILE = {
    "regression": [
        chapter_line(n=n, slope=slope, intercept=i, noise=noise, scale=s, offset=o, constant_x=c)
        for n, slope, i, noise, s, o, c in product(
            (1, 2, 31), (0.0, -100.0), (0.1, 100.0), (0.0, 1e-15, 100.0),
            (1e-6, 1e6), (0.0, 1e6), (False, True),
        )
    ],
    "classification": [
        two_classes(n=n, gap=gap, balance=share, flips=flips, separable=apart, scale=s, offset=o)
        for n, gap, share, flips, apart, s, o in product(
            (1, 2, 21), (0.0, 8.0), (0.1, 0.5), (0, 1), (False, True), (1e-6, 1e6), (1e6,)
        )
    ],
}  # fmt: skip


def assert_good_view(loss):
    what = (type(loss).__name__, loss.dataset.source, loss.dataset.note, loss.l2, loss.view)
    for j, (low, high) in enumerate(loss.view):
        assert np.all(np.isfinite([low, high])), what
        assert np.all(np.diff(np.linspace(low, high, 400)) > 0), what
        if loss.minimisers != "none":
            assert low <= loss.minima[0, j] <= high, what
        if loss.classifies:
            assert low <= 0 <= high, what


@every_set
def test_the_view_holds_the_minimiser(loss):
    assert_good_view(loss)
    assert_good_view(type(loss)(standardise(loss.dataset), loss.l2))


@every_loss
def test_the_view_is_sound_for_hostile_data(loss):
    kind = "classification" if loss.classifies else "regression"
    for i, dataset in enumerate(HOSTILE[kind]):
        if 0 < np.ptp(dataset.x) < np.abs(dataset.x).max() / 1e13:
            with pytest.raises(ValueError, match="subtract an origin"):
                loss(dataset)
        else:
            assert_good_view(loss(dataset, (0.0, 0.1, 1e-20, 1e6)[i % 4]))


@pytest.mark.parametrize("loss", CLASSIFIERS, ids=lambda loss: loss.__name__)
def test_without_a_minimiser_the_view_does_not_depend_on_the_unit_of_x(loss):
    plain = loss(separable_four()).view
    moved = loss(data(np.array([-2, -1, 1, 2]) * 1000.0, [0, 0, 1, 1])).view
    assert_allclose(np.array(moved) * [[1000.0], [1.0]], plain)


def test_equal_numbers_whose_mean_rounds_have_no_spread():
    """np.std of three times 0.1 is 1e-17, not 0; the window must not shrink to that."""
    assert np.std([0.1] * 3) > 0
    for loss in REGRESSIONS:
        flat = loss(data(range(3), [0.1] * 3))
        (w0, w1), (b0, b1) = flat.view
        assert min(w1 - w0, b1 - b0) > 0.1
        steep = loss(data([0.1] * 3, range(3)))
        assert steep.minimisers == "line"
        assert np.abs(steep.view).max() < 100


@pytest.mark.parametrize(
    ("centre", "half", "wanted"),
    [
        (2.0, 1.0, (1, 3)),
        (0.3, 4.7, (-5, 5)),
        (0.3, 0.21, (0.05, 0.55)),
        (1e6, 0.0, None),
        (0.3, 0.44, (-0.2, 0.8)),
        (0.3, 4.0, (-4, 5)),
    ],
)
def test_a_window_ends_at_round_numbers(centre, half, wanted):
    if wanted is None:
        low, high = window((centre, 0), (1e-300, 1))[0]
        assert low < centre < high
        return
    for found in window((centre, centre), (half, half)):
        assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "wanted"),
    [
        # sd 1 and 2, minimiser (2, 1): 2 +- 2 and 1 +- hypot(1 * 2, 2), in halves
        ([0, 2], [1, 5], ((0, 4), (-2, 4))),
        # all x 5: 10/26 +- 1/5 in steps of 0.05, 2/26 +- hypot(5/5, 1) in halves
        ([5, 5], [1, 3], ((0.15, 0.6), (-1.5, 1.5))),
    ],
)
def test_the_view_of_a_line_by_hand(x, y, wanted):
    assert_allclose(MeanSquaredError(data(x, y)).view, wanted, atol=1e-12)


@pytest.mark.parametrize("make", CLASSIFIERS, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("offset", [0.0, 3.0])
def test_the_view_of_a_classifier_spans_from_nothing_to_its_minimiser(make, offset):
    """A square in standard units, with 3 to spare: its middle is half the minimiser."""
    loss = make(data(np.array([-2, -1, 0, 1, 2, 3]) + offset, [0, 1, 0, 1, 0, 1]))
    mean, sd = loss.dataset.x.mean(), loss.dataset.x.std()
    w, b = minimize(loss.value, [0.0, 0.0], jac=loss.gradient, options={"gtol": 1e-10}).x
    half = np.hypot(w * sd, w * mean + b) / 2 + 3
    wanted = window((w / 2, b / 2), (half / sd, half * np.hypot(1, mean / sd)))
    assert loss.minimisers == "one"
    assert_allclose(loss.view, wanted)


@pytest.mark.parametrize("make", CLASSIFIERS, ids=lambda loss: loss.__name__)
def test_the_view_without_a_minimiser_shows_the_way_that_a_mild_penalty_goes(make):
    dataset = separable_four()
    variance = dataset.x.var()
    w, b = LogisticLoss(dataset, 0.05 * variance).minima[0]
    half = np.hypot(w * np.sqrt(variance), b) / 2 + 3
    assert_allclose(make(dataset).view, window((w / 2, b / 2), (half / np.sqrt(variance), half)))
    one_class = make(data([-1, 1], [1, 1]), 0.1)  # nothing to go to: 0 +- 3
    assert_allclose(one_class.view, ((-3, 3), (-3, 3)))


# --- names and errors ----------------------------------------------------------------------------


@every_loss
def test_a_loss_says_what_it_is(loss):
    assert LOSSES[loss.name] is loss
    assert loss.parameters == ("w", "b")
    assert loss.convex == (loss is not SigmoidSquaredError)
    assert loss.convexity.startswith("Proof: " if loss.convex else "Witness: ")
    assert "x_i" in loss.formula


@every_loss
@pytest.mark.parametrize("l2", [-0.1, np.nan, np.inf], ids=str)
def test_a_bad_penalty_is_refused_with_its_value(loss, l2):
    with pytest.raises(ValueError, match=f"l2 must be a finite number >= 0, got {l2}"):
        loss(two_classes(), l2)


@pytest.mark.parametrize("loss", CLASSIFIERS, ids=lambda loss: loss.__name__)
def test_labels_other_than_0_and_1_are_refused(loss):
    with pytest.raises(ValueError, match=f"{loss.name} needs labels 0 or 1; y of 'faithful' has"):
        loss(faithful())


def test_real_longley_years_keep_their_reference_minimiser():
    loss = MeanSquaredError(longley("year"))
    assert_allclose(loss.minima, [[716.511764706, -1335105.24412]], rtol=1e-10)
    assert loss.infimum == pytest.approx(653533.059559, rel=1e-11)


# --- the range of sizes that the model document states ------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-49, 1e-20, 1e20, 1e44])
@pytest.mark.parametrize("offset", [0.0, 1e5])
@pytest.mark.parametrize("kind", [MeanSquaredError, LogisticLoss])
def test_at_the_ends_of_the_range_everything_is_exact(kind, unit, offset):
    """The same data in other units: the same minimiser in those units, and Newton's method arrives."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=20)
    y = (x + 0.7 * rng.normal(size=20) > 0).astype(float) if kind.classifies else 2 * x + rng.normal(size=20)
    plain = kind(Dataset(x + offset, y, "plain", ""))
    loss = kind(Dataset(unit * (x + offset), y, "in other units", ""))
    np.testing.assert_allclose(loss.minima[0] * (unit, 1.0), plain.minima[0], rtol=1e-5)
    assert loss.infimum == pytest.approx(plain.infimum, rel=1e-6)
    w, b = loss.minima[0]
    tilt = 0.02 * np.ptp(loss.view, axis=1)[0]
    start = (w + tilt, b - tilt * loss.dataset.x.mean())  # turned around the centre of the data
    result = run(OPTIMIZERS["newton"](), loss, start, 30)
    assert result.status == "converged", result.reason
    assert np.isfinite(evaluate(loss, Grid(*loss.view, 20, 20)).values).all()


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [([0.0, 1e60], [0.0, 1.0], "take another unit"), ([0.0, 1.0], [0.0, 1e155], "take another unit"),
     ([0.0, 1e-160], [0.0, 1.0], "at least 10⁻⁵⁰"), ([0.0, 5e-324], [0.0, 1.0], "at least 10⁻⁵⁰"),
     ([1e15, 1e15 + 1.0], [0.0, 1.0], "subtract an origin")],
)  # fmt: skip
def test_beyond_the_range_data_are_refused_with_a_sentence(x, y, says):
    with pytest.raises(ValueError, match=says):
        MeanSquaredError(Dataset(x, y, "too much", ""))


def test_data_in_seconds_since_1970_have_a_learning_rate():
    x = 1.7e9 + np.linspace(0, 3e7, 20)
    loss = MeanSquaredError(Dataset(x, np.linspace(0, 1, 20), "seconds", ""))
    limit = 2.0 / loss.smoothness
    assert LR_RANGE[0] < limit < 1e-18
    path = run(OPTIMIZERS["gradient descent"](learning_rate=0.9 * limit), loss, (0, 0), 50)
    assert path.values[-1] < path.values[0]
