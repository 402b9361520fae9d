"""A few weighted samples stand for many: the error is bounded by a theorem, and measured against all samples."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lossgeo import condensed, geometry, kernels
from lossgeo.condensed import CHECKED, HALF, NODES, FewSamples, with_few_samples
from lossgeo.datasets import Dataset, two_classes
from lossgeo.losses import LOSSES, LogisticLoss, MeanSquaredError, SigmoidSquaredError, sigmoid
from lossgeo.surfaces import Grid, evaluate, gradient_field, hessian_field

# What is summed, as a function of the margin z: (f, growth, sigmoids). On the real axis f changes at most by a factor
# exp(growth d) over a distance d; at z + iy it is at most f(z) / cos(y/2)^sigmoids.
SUMMED = {
    "p": (lambda z: 1 / (1 + np.exp(z)), 1, 1),
    "p^2": (lambda z: 1 / (1 + np.exp(z)) ** 2, 2, 2),
    "p (1-p)": (lambda z: np.exp(z) / (1 + np.exp(z)) ** 2, 1, 2),
    "p^2 (1-p)": (lambda z: np.exp(z) / (1 + np.exp(z)) ** 3, 2, 3),
    "log(1 + e^-z)": (lambda z: np.log(1 + np.exp(-z)), 1, 1),
}


def ellipses():
    """rho, and the semi-axes along and across the real axis, of the ellipses around a panel without a singularity."""
    rho = np.linspace(1.01, 20, 4000)
    along, across = HALF * (rho + 1 / rho) / 2, HALF * (rho - 1 / rho) / 2
    inside = across < pi
    return rho[inside], along[inside], across[inside]


def largest(growth, sigmoids):
    """The largest |f| on each ellipse, as a multiple of the smallest f on the panel."""
    _, along, across = ellipses()
    return np.exp(growth * (along + HALF)) / np.cos(across / 2) ** sigmoids


def bound(growth, sigmoids, factor=1.0):
    """The bound on the relative error: of the rule, and from polynomial sums that are wrong by what is allowed."""
    rho, along, _ = ellipses()
    m = largest(growth, sigmoids) * (factor if np.isscalar(factor) else factor(along))
    rule = (4 * m * rho ** (1.0 - 2 * NODES) / (rho - 1)).min()
    rounding = sum((2 * m * rho ** float(-j)).min() * CHECKED * (1 + j * j) for j in range(1, 2 * NODES))
    return rule + rounding


@pytest.mark.parametrize(("f", "growth", "sigmoids"), SUMMED.values(), ids=SUMMED.keys())
def test_off_the_axis_the_functions_grow_no_faster_than_the_bound_assumes(f, growth, sigmoids):
    z = np.linspace(-12, 12, 241)
    for y in np.linspace(-3.1, 3.1, 41):
        assert np.all(np.abs(f(z + 1j * y)) <= f(z) / np.cos(y / 2) ** sigmoids * (1 + 1e-9))
    steepest = np.abs(np.diff(np.log(f(z)))) / np.diff(z)
    assert steepest.max() <= growth + 1e-9


def test_the_bound_that_the_docstring_states():
    losses = max(bound(2, 2), bound(1, 1))
    assert losses < 1e-11, f"the loss is promised to 1e-11, the bound is {losses:.1e}"
    # |2 - 3 p| <= 2 + 3/cos(y/2) belongs to the Hessian of the squared error; x^2 is at most along^2 times the largest
    rho, _, across = ellipses()
    assert len(rho) == len(across)
    fields = bound(2, 3, factor=lambda along: along**2 * (2 + 3 / np.cos(across / 2)))
    assert fields < 1e-10, f"the fields are promised to 1e-10, the bound is {fields:.1e}"


# --- the rules --------------------------------------------------------------------------------------


def made_up(kind, n=6000):
    rng = np.random.default_rng(11)
    return {
        "normal": lambda: rng.standard_normal(n),
        "far from 0": lambda: 1000.0 + rng.standard_normal(n),
        "even": lambda: np.linspace(-1, 1, n),
        "two decimals": lambda: np.round(rng.normal(55, 15, n), 2),
        "two clusters": lambda: np.concatenate([rng.normal(0, 1e-9, n // 2), rng.normal(1, 1e-3, n // 2)]),
        "heavy tails": lambda: rng.standard_cauchy(n),
        "at the ends": lambda: rng.beta(0.1, 0.1, n),
        "one far out": lambda: np.append(rng.standard_normal(n - 1), 1e5),
        "one sided": lambda: rng.exponential(size=n) ** 2,
    }[kind]()


KINDS = ["normal", "far from 0", "even", "two decimals", "two clusters", "heavy tails", "at the ends", "one far out",
         "one sided"]  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS)


def classes(kind):
    x = made_up(kind)
    score = 2.0 * (x - np.median(x)) / (np.subtract(*np.percentile(x, [75, 25])) or 1.0)
    y = np.random.default_rng(12).random(x.size) < sigmoid(score)
    return Dataset(x, y.astype(float), kind, "generated")


@every_kind
def test_the_weights_are_positive_and_give_the_sums_of_polynomials(kind):
    x, count = np.unique(made_up(kind), return_counts=True)
    nodes, weights = condensed.condensed(x, count, 3.0 / x.std())
    assert 2 * nodes.size <= x.size, "nothing was saved"
    assert weights.min() >= 0
    t, node = ((v - x[0]) / (x[-1] - x[0]) for v in (x, nodes))
    assert node.min() >= -1e-12
    assert node.max() <= 1 + 1e-12
    for power in range(2 * NODES):
        assert_allclose(weights @ node**power, count @ t**power, rtol=1e-12)


@pytest.mark.parametrize("x", [[0.0], [0.0, 1.0], np.arange(50.0), np.linspace(0, 1, 499)], ids=len)
def test_few_samples_stay_what_they_are(x):
    x = np.asarray(x)
    count = np.arange(1, x.size + 1)
    nodes, weights = condensed.condensed(x, count, 1.0)
    assert_array_equal(nodes, x)
    assert_array_equal(weights, count)


@pytest.mark.parametrize("reach", [0.0, 1e-300, 1e300, np.inf, np.nan])
def test_an_extreme_reach_does_no_harm(reach):
    x = np.linspace(-1, 1, 500)
    nodes, weights = condensed.condensed(x, np.ones(500, int), reach)
    assert np.isfinite(nodes).all()
    assert_allclose(weights.sum(), 500)


@pytest.mark.parametrize("far", [1e10, 1e20])
def test_panels_are_no_wider_for_samples_far_apart(far):
    """Around 1e20 the next double is 16384 away, and the difference from there to 0 has no decimals left."""
    near, away = np.linspace(0, 40, 1500), far + np.spacing(far) * np.arange(1600)
    x = np.concatenate([near, away])
    nodes, weights = condensed.condensed(x, np.ones(x.size, int), 1.0)
    for w, b in ((1.0, -20.0), (-1.0, 20.0), (0.3, 0.0)):
        assert_allclose(weights @ sigmoid(w * nodes + b), sigmoid(w * x + b).sum(), rtol=1e-10)


def test_a_panel_whose_rule_is_not_exact_keeps_its_samples(monkeypatch):
    x = np.linspace(-1, 1, 500)
    monkeypatch.setattr(condensed, "CHECKED", 0.0)
    nodes, weights = condensed.condensed(x, np.ones(500, int), 1.0)
    assert_array_equal(np.sort(nodes), x)
    assert_array_equal(weights, 1.0)


# --- what is computed with them ---------------------------------------------------------------------


def grid_over(loss):
    return Grid(*loss.view, 9, 8)


def by_all_samples(loss, grid):
    """Value, gradient and Hessian by the definition, at every point of the grid."""
    points = grid.points
    return loss.value(points), loss.gradient(points), loss.hessian(points)


@every_kind
@pytest.mark.parametrize("loss", [LogisticLoss, SigmoidSquaredError])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_the_kernels_agree_with_all_samples(kind, loss, l2, monkeypatch):
    monkeypatch.setattr(kernels, "POLYNOMIAL", 1)  # so that the logistic loss is condensed, too
    objective = loss(classes(kind), l2)
    grid = grid_over(objective)
    x, w, b = objective.dataset.x, grid.x, grid.y
    rounding = 1e-15 * (np.abs(w).max() * np.abs(x).max() + np.abs(b).max())  # of the scores
    value, gradient, hessian = by_all_samples(objective, grid)
    assert_allclose(evaluate(objective, grid).values, value, rtol=1e-11 + 4 * rounding)
    size, tolerance = np.abs(x).max(), 1e-11 + 4 * rounding
    assert_allclose(gradient_field(objective, grid), gradient, atol=tolerance * max(1, size))
    assert_allclose(hessian_field(objective, grid), hessian, atol=tolerance * max(1, size) ** 2)


@pytest.mark.parametrize("loss", [LogisticLoss, SigmoidSquaredError])
def test_small_losses_keep_their_digits(loss):
    x = np.concatenate([np.linspace(-3, -1, 3000), np.linspace(1, 3, 3000)])
    objective = loss(Dataset(x, (x > 0).astype(float), "apart", "generated"))
    grid = Grid((5, 40), (-3, 3), 8, 5)
    values = objective.value(grid.points)
    assert values.min() < 1e-15
    assert_allclose(evaluate(objective, grid).values, values, rtol=1e-11)


@pytest.mark.parametrize("loss", [LogisticLoss, SigmoidSquaredError])
@pytest.mark.parametrize("offset", [2000.0, 1.7e9])
def test_x_far_from_0_are_condensed_too(loss, offset):
    """Years, or seconds since 1970: exp(w x) alone would overflow."""
    data = classes("normal")
    moved = Dataset(data.x + offset, data.y, "moved", "generated")
    objective = loss(moved)
    grid = grid_over(objective)
    rounding = 1e-15 * np.abs(grid.x).max() * offset
    assert_allclose(evaluate(objective, grid).values, objective.value(grid.points), rtol=1e-11 + 8 * rounding)
    assert_allclose(gradient_field(objective, grid) / offset, objective.gradient(grid.points) / offset, atol=1e-5)


def test_a_hundred_thousand_samples_cost_a_few_hundred_nodes():
    rng = np.random.default_rng(13)
    x = rng.standard_normal(100_000)
    loss = SigmoidSquaredError(Dataset(x, (rng.random(x.size) < sigmoid(2 * x)).astype(float), "many", "generated"))
    assert FewSamples(loss, np.abs(loss.view[0]).max()).terms < 1000


@every_kind
def test_a_loss_with_few_samples_has_the_values_of_all(kind):
    loss = SigmoidSquaredError(classes(kind), 0.1)
    (w0, w1), (b0, b1) = loss.view
    quick = with_few_samples(loss, max(abs(w0), abs(w1)))
    assert quick.terms <= loss.terms / 2
    points = np.random.default_rng(14).uniform((w0, b0), (w1, b1), (20, 2))
    tolerance = 1e-11 + 1e-14 * max(abs(w0), abs(w1)) * np.abs(loss.dataset.x).max()
    size = max(1.0, np.abs(loss.dataset.x).max())
    assert_allclose(quick.value(points), loss.value(points), rtol=tolerance)
    assert_allclose(quick.gradient(points), loss.gradient(points), atol=tolerance * size)
    assert_allclose(quick.hessian(points), loss.hessian(points), atol=tolerance * size**2)


def test_a_loss_of_few_samples_or_of_another_kind_is_itself():
    many = classes("normal")
    for loss in (SigmoidSquaredError(two_classes()), LogisticLoss(many), MeanSquaredError(many)):
        assert with_few_samples(loss, 1.0) is loss


def test_the_chord_is_the_one_that_all_samples_choose(monkeypatch):
    data = classes("normal")
    some = Dataset(data.x[:1500], data.y[:1500], "some", "generated")
    loss = SigmoidSquaredError(some)
    assert with_few_samples(loss, np.abs(loss.view[0]).max()).terms < 750
    quick = geometry.chord_witness(loss)
    monkeypatch.setattr(geometry, "with_few_samples", lambda loss, reach: loss)
    full = geometry.chord_witness(loss)
    assert_allclose(quick.a, full.a, rtol=1e-9)
    assert_allclose(quick.b, full.b, rtol=1e-9)
    assert_allclose([quick.value_a, quick.middle], [full.value_a, full.middle], rtol=1e-9)
    assert quick.middle == loss.value(0.5 * (quick.a + quick.b))


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.__name__)
def test_no_picture_of_ten_thousand_samples_needs_much_memory(loss):
    from tests.test_kernels import peak_of

    rng = np.random.default_rng(15)
    x = rng.standard_normal(10_000)
    objective = loss(Dataset(x, (rng.random(x.size) < sigmoid(x)).astype(float), "many", "generated"))
    grid = grid_over(objective)
    assert peak_of(lambda: (evaluate(objective, grid), hessian_field(objective, grid))) < 30e6
    assert peak_of(lambda: geometry.convexity(objective)) < 30e6
