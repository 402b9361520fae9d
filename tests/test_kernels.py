"""Every kernel gives the numbers of the definition, or better ones by exact rationals."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lossgeo import kernels
from lossgeo.datasets import CLASSIFICATION, REGRESSION, Dataset
from lossgeo.geometry import eigenvalue_field, eigenvalues
from lossgeo.kernels import by_definition
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES, LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.surfaces import Grid, evaluate, gradient_field, hessian_field
from lossgeo.two_by_two import eigenvalues_2x2

EPS = np.finfo(float).eps
quick = settings(derandomize=True, deadline=None, max_examples=60, database=None)


def dataset(x, y):
    return Dataset(np.asarray(x, float), np.asarray(y, float), "test", "generated")


@st.composite
def problems(draw, labels=False):
    """Data and a grid: any size, scale, offset; equal x, repeated x, one class, classes apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.sampled_from([1, 2, 3, 15, 16, 17, 40, 100]))
    scale = draw(st.sampled_from([1.0, 1e-3, 1e3]))
    offset = draw(st.sampled_from([0.0, 1.0, 50.0, 1e6]))
    x = offset + scale * rng.standard_normal(n)
    shape = draw(st.sampled_from(["plain", "equal x", "repeated x"]))
    if shape == "equal x":
        x[:] = x[0]
    if shape == "repeated x":
        x = np.round(x / scale) * scale
    kind = draw(st.sampled_from(["mixed", "one class", "apart"]))
    if not labels:
        y = draw(st.sampled_from([1.0, 1e8])) + rng.standard_normal(n)
    elif kind == "one class":
        y = np.full(n, float(rng.integers(2)))
    else:
        y = (x > np.median(x)) if kind == "apart" else rng.integers(0, 2, n)
    width, height = 10.0 ** rng.uniform(-2, 1.5, 2)
    w, b = rng.normal(0, 2, 2)
    nx, ny = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    return (dataset(x, y), draw(st.sampled_from([0.0, 0.7])), Grid((w, w + width), (b, b + height), nx, ny))


def magnitude(data, grid):
    """The size of the terms of a residual: what one rounding of it is measured against."""
    return np.abs(grid.x).max() * np.abs(data.x).max() + np.abs(grid.y).max() + np.abs(data.y).max()


# Equal to the definition


@quick
@given(problems())
def test_squared_error_equals_the_definition(problem):
    data, l2, grid = problem
    loss, size = MeanSquaredError(data, l2), magnitude(data, grid)
    definition = loss.value(grid.points)
    # Each residual of the definition carries an error of a few EPS * size.
    error = 8 * EPS * size * (np.sqrt(definition) + EPS * size) + 32 * EPS * definition
    assert np.all(np.abs(evaluate(loss, grid).values - definition) <= error)
    reach = (1 + np.abs(data.x).max()) * size
    assert_allclose(gradient_field(loss, grid), loss.gradient(grid.points), rtol=1e-13, atol=16 * EPS * reach)
    assert_allclose(hessian_field(loss, grid), loss.hessian(grid.points), rtol=1e-13)


@quick
@given(problems())
def test_absolute_error_equals_the_definition(problem):
    data, l2, grid = problem
    loss = MeanAbsoluteError(data, l2)
    found = evaluate(loss, grid).values
    tolerance = 16 * EPS * magnitude(data, grid)
    assert_allclose(found, loss.value(grid.points), rtol=1e-14, atol=tolerance)
    assert found.min() >= 0


@quick
@given(problems(labels=True))
def test_logistic_loss_equals_the_definition(problem):
    data, l2, grid = problem
    loss = LogisticLoss(data, l2)
    # Rounding z moves exp(z), and so the loss, by a relative EPS * |z|.
    tolerance = 8 * EPS * (8 + magnitude(data, grid))
    assert_allclose(evaluate(loss, grid).values, loss.value(grid.points), rtol=tolerance, atol=1e-300)
    share = 1 + np.abs(data.x).max()
    assert_allclose(gradient_field(loss, grid), loss.gradient(grid.points), atol=tolerance * share)
    assert_allclose(hessian_field(loss, grid), loss.hessian(grid.points), atol=tolerance * share**2)


@quick
@given(problems(labels=True))
def test_squared_error_through_a_sigmoid_equals_the_definition(problem):
    data, l2, grid = problem
    loss = SigmoidSquaredError(data, l2)
    tolerance = 16 * EPS * (8 + magnitude(data, grid))
    assert_allclose(evaluate(loss, grid).values, loss.value(grid.points), rtol=tolerance, atol=1e-300)
    share = 1 + np.abs(data.x).max()
    assert_allclose(gradient_field(loss, grid), loss.gradient(grid.points), atol=tolerance * share)
    assert_allclose(hessian_field(loss, grid), loss.hessian(grid.points), atol=tolerance * share**2)


@quick
@given(problems(labels=True), st.sampled_from(list(LOSSES)))
def test_fields_of_curvature_equal_those_of_the_definition(problem, name):
    data, l2, grid = problem
    loss = LOSSES[name](data, l2)
    found, points = eigenvalue_field(loss, grid), eigenvalues(loss, grid.points)
    tolerance = 64 * EPS * (8 + magnitude(data, grid)) * (1 + np.abs(data.x).max()) ** 2
    assert_allclose(found, points, rtol=1e-12, atol=tolerance)
    assert found.shape == (grid.ny, grid.nx, 2)
    assert np.all(found[..., 0] <= found[..., 1])


@quick
@given(st.lists(st.tuples(*[st.floats(-1e60, 1e60, allow_subnormal=False)] * 3), min_size=1, max_size=9))
def test_eigenvalues_have_the_trace_and_the_size_of_the_matrix(entries):
    a, c, d = np.array(entries).T
    low, high = eigenvalues_2x2(np.stack([a, c, c, d], axis=-1).reshape(-1, 2, 2)).T
    size = np.maximum(np.maximum(np.abs(a), np.abs(d)), np.abs(c))
    assert np.all(low <= high)
    assert np.all(np.abs((low + high) - (a + d)) <= 16 * EPS * size)
    assert np.all(np.maximum(np.abs(low), np.abs(high)) >= (1 - 16 * EPS) * size / np.sqrt(2))
    exact = np.hypot(a - d, 2.0 * c)
    assert np.all(np.abs((high - low) - exact) <= 16 * EPS * size)


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES.keys())
def test_a_landscape_equals_its_definition_bit_for_bit(landscape):
    grid = Grid(*landscape.view, 31, 23)
    assert_array_equal(evaluate(landscape, grid).values, landscape.value(grid.points))


REAL = [
    *((loss, name) for loss in ("mean squared error", "mean absolute error") for name in REGRESSION),
    *((loss, name) for loss in ("logistic loss", "squared error through a sigmoid") for name in CLASSIFICATION),
]


@pytest.mark.parametrize(("loss", "name"), REAL, ids=[f"{name}-{loss}" for loss, name in REAL])
@pytest.mark.parametrize("l2", [0.0, 0.5])
def test_real_and_generated_data_give_the_definition(loss, name, l2):
    objective = LOSSES[loss]({**REGRESSION, **CLASSIFICATION}[name](), l2=l2)
    grid = Grid(*objective.view, 12, 11)
    data = objective.dataset
    tolerance = 16 * EPS * (8 + magnitude(data, grid))
    assert_allclose(evaluate(objective, grid).values, objective.value(grid.points), rtol=tolerance)
    reach = 1 + np.abs(data.x).max()
    gradient = objective.gradient(grid.points)
    assert_allclose(gradient_field(objective, grid), gradient, atol=tolerance * reach * (1 + magnitude(data, grid)))
    hessian = objective.hessian(grid.points)
    assert_allclose(hessian_field(objective, grid), hessian, atol=tolerance * reach**2)


# Squared error against exact rationals


def offset_data(x_offset, y_offset, noise, n=15):
    """y = 2 x - 1 + noise, both moved by an offset."""
    rng = np.random.default_rng(4)
    x = x_offset + rng.standard_normal(n)
    return dataset(x, y_offset + 2 * (x - x_offset) - 1 + noise * rng.standard_normal(n))


def rational_fit(data):
    x, y = [Fraction(v) for v in data.x], [Fraction(v) for v in data.y]
    xm, ym = sum(x) / data.n, sum(y) / data.n
    sxx = sum((v - xm) ** 2 for v in x) / data.n
    w = sum((u - xm) * (v - ym) for u, v in zip(x, y, strict=True)) / data.n / sxx
    return w, ym - w * xm


def around_the_minimum(data, noise):
    """A grid of 7 x 7 through the minimiser, a noise wide to either side."""
    w, b = rational_fit(data)
    return Grid((float(w) - noise, float(w) + noise), (float(b) - noise, float(b) + noise), 7, 7)


def exactly(data, grid, term):
    """The mean over the samples of term(w, b, x, y) at every grid point, in rationals."""
    x, y = [Fraction(v) for v in data.x], [Fraction(v) for v in data.y]

    def mean(w, b):
        return sum(term(Fraction(w), Fraction(b), *sample) for sample in zip(x, y, strict=True)) / data.n

    return np.array([[mean(w, b) for w in grid.x] for b in grid.y], object)


def worst_relative_error(found, exact):
    pairs = zip(found.ravel(), exact.ravel(), strict=True)
    return float(max(abs((Fraction(float(f)) - e) / e) for f, e in pairs))


OFFSET = {
    "well scaled": (0, 0, 0.3, 1e-14),
    "well scaled, noise 1e-6": (0, 0, 1e-6, 2e-9),  # a residual of 1e-6 between terms of size 1 has ten digits
    "x near 1e6, noise 0.3": (1e6, 0, 0.3, 1e-14),
    "x near 1e6, noise 1e-6": (1e6, 0, 1e-6, 2e-9),
    "y near 1e8": (0, 1e8, 0.3, 1e-14),
    "x near 1e6, y near 1e8": (1e6, 1e8, 0.3, 1e-14),
}


@pytest.mark.parametrize("l2", [0.0, 0.5])
@pytest.mark.parametrize(("x_offset", "y_offset", "noise", "bound"), OFFSET.values(), ids=OFFSET.keys())
def test_squared_error_is_exact_on_offset_data(x_offset, y_offset, noise, bound, l2):
    data = offset_data(x_offset, y_offset, noise)
    grid = around_the_minimum(data, noise)
    loss = MeanSquaredError(data, l2)
    penalty = Fraction(loss.l2) / 2
    found = evaluate(loss, grid).values
    exact = exactly(data, grid, lambda w, b, x, y: (w * x + b - y) ** 2 + penalty * w * w)
    assert worst_relative_error(found, exact) < bound
    assert found.min() > 0


def test_squared_error_without_noise_is_never_negative():
    data = offset_data(1e6, 1e8, 0.0)
    grid = around_the_minimum(data, 1e-6)
    found = evaluate(MeanSquaredError(data), grid).values
    exact = exactly(data, grid, lambda w, b, x, y: (w * x + b - y) ** 2).astype(float)
    assert exact.min() < 1e-9  # here only the absolute error has a meaning
    assert_allclose(found, exact, rtol=0, atol=1e-14)
    assert found.min() >= 0


def test_prefix_sums_do_not_lose_an_offset():
    data = offset_data(0, 1e8, 0.3, n=200)
    grid = Grid((0, 0), (data.y.min(), data.y.max()), 1, 9)  # with w = 0 every residual is exact
    exact = exactly(data, grid, lambda w, b, x, y: abs(w * x + b - y))
    assert worst_relative_error(evaluate(MeanAbsoluteError(data), grid).values, exact) < 1e-14


# About 0 the centred x are rounded, which moves the slope by 1e-16: 1e-10 of its distance.
@pytest.mark.parametrize(("x_offset", "y_offset", "bound"), [(0, 0, 1e-9), (1e6, 0, 1e-14), (1e6, 1e8, 1e-14)])
def test_the_gradient_is_right_a_millionth_from_the_minimum(x_offset, y_offset, bound):
    data = offset_data(x_offset, y_offset, 0.3)
    grid = around_the_minimum(data, 1e-6)
    exact_dw = exactly(data, grid, lambda w, b, x, y: 2 * x * (w * x + b - y))
    exact_db = exactly(data, grid, lambda w, b, x, y: 2 * (w * x + b - y))
    found = gradient_field(MeanSquaredError(data), grid)
    for component, exact in ((0, exact_dw), (1, exact_db)):
        exact = exact.astype(float)
        assert_allclose(found[..., component], exact, rtol=0, atol=bound * np.abs(exact).max())


def decimal_condition_number(data, l2):
    """lambda_max / lambda_min of the Hessian, with 80 digits."""
    x = [Fraction(v) for v in data.x]
    xx, xm = 2 * sum(v * v for v in x) / data.n + Fraction(l2), 2 * sum(x) / data.n
    trace, det = xx + 2, 2 * xx - xm * xm
    with localcontext() as context:
        context.prec = 80
        t, d = (Decimal(v.numerator) / Decimal(v.denominator) for v in (trace, det))
        large = (t + (t * t - 4 * d).sqrt()) / 2
        return float(large * large / d)


@pytest.mark.parametrize("l2", [0.0, 1e-3])
@pytest.mark.parametrize("x_offset", [0, 10, 1e3, 1e6, 1e9])
def test_the_condition_number_survives_an_offset(x_offset, l2):
    loss = MeanSquaredError(offset_data(x_offset, 0, 0.3), l2)
    small, large = eigenvalues_2x2(loss.hessian([1.0, 2.0]), det=loss.determinant)
    assert_allclose(large / small, decimal_condition_number(loss.dataset, l2), rtol=4e-15)


# Logistic loss against extended precision


def decimal_logistic_loss(data, grid):
    with localcontext() as context:
        context.prec = 120

        def at(w, b):
            margins = (
                (1 if y else -1) * (Decimal(float(w)) * Decimal(float(x)) + Decimal(float(b)))
                for x, y in zip(data.x, data.y, strict=True)
            )
            return sum((1 + (-z).exp()).ln() for z in margins) / data.n

        return np.array([[float(at(w, b)) for w in grid.x] for b in grid.y])


RNG = np.random.default_rng(7)
EXTENDED = {
    "overlapping": (dataset(RNG.standard_normal(30), RNG.integers(0, 2, 30)), Grid((-5, 5), (-5, 5), 4, 4)),
    "separable, down to 1e-61": (
        dataset([-2, -1.9, -1.5, 1.5, 1.75, 2], [0, 0, 0, 1, 1, 1]),
        Grid((20, 94), (-1, 1), 5, 3),
    ),
    "merged to odd counts": (
        dataset(np.repeat([-1.0, 0.5, 2.0], [7, 5, 13]), np.repeat([0, 1, 1], [7, 5, 13])),
        Grid((-4, 40), (-3, 3), 5, 3),
    ),
    "beyond every exponential": (dataset([-40, -1, 2, 50], [0, 1, 0, 1]), Grid((-30, 30), (-9, 9), 5, 3)),
}


@pytest.mark.parametrize(("data", "grid"), EXTENDED.values(), ids=EXTENDED.keys())
def test_logistic_loss_is_right_in_extended_precision(data, grid):
    exact = decimal_logistic_loss(data, grid)
    assert_allclose(evaluate(LogisticLoss(data), grid).values, exact, rtol=1e-13)


def test_the_smallest_losses_keep_their_digits():
    data, grid = EXTENDED["separable, down to 1e-61"]
    found = evaluate(LogisticLoss(data), grid).values
    assert 0 < found.min() < 1e-60


def test_the_hessian_keeps_its_relative_accuracy_far_out():
    data = dataset([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    found = hessian_field(LogisticLoss(data), Grid((100, 100), (0, 0), 1, 1))[0, 0]
    # Each curvature is exp(-|z|) up to a relative exp(-100).
    weight = np.exp(-100.0 * np.abs(data.x)) / 4
    exact = [[2 * weight[1] + 8 * weight[0], 0], [0, 2 * (weight[0] + weight[1])]]
    assert_allclose(found, exact, rtol=1e-13, atol=1e-60)


def test_repeated_samples_are_merged_and_counted():
    x, y = RNG.standard_normal(20), RNG.integers(0, 2, 20)
    grid = Grid((-5, 5), (-5, 5), 9, 9)
    once, often = dataset(x, y), dataset(np.tile(x, 37), np.tile(y, 37))
    for loss in (LogisticLoss, SigmoidSquaredError):
        assert_allclose(evaluate(loss(often), grid).values, evaluate(loss(once), grid).values, rtol=1e-14)


@pytest.mark.parametrize("field", [gradient_field, hessian_field])
def test_repeated_samples_count_in_the_fields(field):
    x, y = RNG.standard_normal(20), RNG.integers(0, 2, 20)
    grid = Grid((-5, 5), (-5, 5), 9, 9)
    once, often = LogisticLoss(dataset(x, y)), LogisticLoss(dataset(np.tile(x, 37), np.tile(y, 37)))
    assert_allclose(field(often, grid), field(once, grid), rtol=1e-12, atol=1e-15)


# Guards: where a kernel would fail, the definition answers


def test_numbers_whose_products_overflow_go_to_the_definition():
    loss, grid = MeanSquaredError(dataset([-1e49, 1e49], [0, 3])), Grid((0, 1e120), (0, 1), 2, 2)
    assert kernels.mean_squared_error(loss, grid.x, grid.y) is None


@pytest.mark.parametrize("kernel", [kernels.mean_squared_error, kernels.mean_absolute_error])
def test_ordinary_numbers_do_not(kernel):
    data, axis = offset_data(1e6, 1e8, 0.3), np.linspace(-5, 5, 4)
    loss = {kernels.mean_squared_error: MeanSquaredError, kernels.mean_absolute_error: MeanAbsoluteError}
    assert kernel(loss[kernel](data), axis, axis) is not None


@pytest.mark.parametrize("x", [0.1, -7.3, 1e6 / 3, 1e-9])
@pytest.mark.parametrize("n", [1, 3, 10, 49])
def test_equal_x_leave_no_curvature_along_the_line_of_minimisers(x, n):
    loss = MeanSquaredError(dataset(np.full(n, x), np.arange(n)))
    assert loss.determinant == 0


def test_squared_error_of_nearly_equal_x():
    data = dataset([1.0 + 1e-12, 1.0, 1.0], [0, 1, 3])
    grid = Grid((-1, 1), (-1, 1), 3, 3)
    exact = exactly(data, grid, lambda w, b, x, y: (w * x + b - y) ** 2)
    assert worst_relative_error(evaluate(MeanSquaredError(data), grid).values, exact) < 1e-14


@pytest.mark.parametrize("reach", [10.0, 299.0, 301.0, 720.0, 1e4, 1e12])
@pytest.mark.parametrize("loss", [LogisticLoss, SigmoidSquaredError])
def test_every_reach_of_z_is_finite_and_equals_the_definition(loss, reach):
    objective = loss(dataset([-1.0, -0.5, 0.25, 1.0], [0, 1, 0, 1]), l2=0.1)
    grid = Grid((-reach, reach), (-reach, reach), 5, 5)
    assert_allclose(evaluate(objective, grid).values, objective.value(grid.points), rtol=1e-12)
    assert_allclose(gradient_field(objective, grid), objective.gradient(grid.points), atol=1e-12)
    assert_allclose(hessian_field(objective, grid), objective.hessian(grid.points), atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("n", [1, 300])
def test_a_grid_of_one_point(loss, n):
    rng = np.random.default_rng(n)
    objective = loss(dataset(rng.standard_normal(n), rng.integers(0, 2, n)), l2=0.2)
    grid = Grid((0.5, 1), (-0.5, 1), 1, 1)
    assert_allclose(evaluate(objective, grid).values, [[objective.value([0.5, -0.5])]], rtol=1e-13)
    assert_allclose(gradient_field(objective, grid)[0, 0], objective.gradient([0.5, -0.5]), rtol=1e-12)
    assert_allclose(hessian_field(objective, grid)[0, 0], objective.hessian([0.5, -0.5]), rtol=1e-12)


# Blocks and memory


def test_blocks_join_without_a_seam(monkeypatch):
    rng = np.random.default_rng(2)
    data = dataset(rng.standard_normal(90), rng.integers(0, 2, 90))
    grid = Grid((-5, 5), (-4, 4), 23, 19)
    before = [evaluate(loss(data), grid).values for loss in LOSSES.values()]
    fields = [gradient_field(LogisticLoss(data), grid), hessian_field(LogisticLoss(data), grid)]
    monkeypatch.setattr(kernels, "BLOCK", 60)
    monkeypatch.setattr(kernels, "COEFFICIENTS", 500)
    after = [evaluate(loss(data), grid).values for loss in LOSSES.values()]
    for old, new in zip(before, after, strict=True):
        assert_allclose(new, old, rtol=1e-14)
    assert_allclose(gradient_field(LogisticLoss(data), grid), fields[0], atol=1e-15)
    assert_allclose(hessian_field(LogisticLoss(data), grid), fields[1], atol=1e-15)
    slow = by_definition(LogisticLoss(data).hessian, grid.x, grid.y, data.n)
    assert_allclose(slow, fields[1], atol=1e-15)


def peak_of(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("loss", [LogisticLoss, MeanSquaredError, MeanAbsoluteError])
def test_ten_thousand_samples_fit_in_24_megabytes(loss):
    rng = np.random.default_rng(1)
    objective = loss(dataset(rng.standard_normal(10_000), rng.integers(0, 2, 10_000)))
    grid = Grid((-5, 5), (-5, 5), 200, 200)
    assert peak_of(lambda: evaluate(objective, grid)) < 24e6


def test_the_definition_works_in_blocks():
    loss = MeanSquaredError(dataset(np.arange(1000.0), np.arange(1000.0)))
    axis = np.linspace(-1, 1, 60)  # at once this would take 29 megabytes an array
    assert peak_of(lambda: by_definition(loss.value, axis, axis, 1000)) < 8e6


# Eigenvalues


def symmetric(rng, shape, scale=1.0):
    h = rng.standard_normal((*shape, 2, 2)) * scale
    return h + np.swapaxes(h, -1, -2)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_eigenvalues_agree_with_lapack(scale):
    h = symmetric(np.random.default_rng(3), (50, 4), scale)
    assert_allclose(eigenvalues_2x2(h), np.linalg.eigvalsh(h), rtol=1e-12)


@pytest.mark.parametrize(
    ("h", "expected"),
    [
        ([[0, 0], [0, 0]], [0, 0]),
        ([[4, 2], [2, 1]], [0, 5]),
        ([[-4, 2], [2, -1]], [-5, 0]),
        ([[2, 0], [0, -2]], [-2, 2]),
        ([[0, 3], [3, 0]], [-3, 3]),
        ([[7, 0], [0, 7]], [7, 7]),
    ],
    ids=["zero", "trough", "ridge", "saddle", "no trace", "round"],
)
def test_eigenvalues_of_small_matrices(h, expected):
    assert_array_equal(eigenvalues_2x2(h), expected)


def test_a_tiny_eigenvalue_keeps_its_digits():
    tiny = np.array([[1.0, 1e-20], [1e-20, 3e-25]])
    assert_allclose(eigenvalues_2x2(tiny)[0], 3e-25 - 1e-40, rtol=1e-15)


def test_one_determinant_serves_a_field_of_equal_hessians():
    loss = MeanSquaredError(offset_data(10, 0, 0.3), l2=0.1)
    h = hessian_field(loss, Grid((0, 1), (0, 1), 4, 3))
    found = eigenvalues_2x2(h, det=loss.determinant)
    assert found.shape == (3, 4, 2)
    assert_allclose(found, np.linalg.eigvalsh(h), rtol=1e-9)
