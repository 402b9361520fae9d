"""Grids, surfaces, contour levels; the source chapter's own surface."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lossgeo import kernels, surfaces
from lossgeo.datasets import CLASSIFICATION, chapter_line
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES, LogisticLoss, MeanSquaredError
from lossgeo.surfaces import Grid, Surface, bands, evaluate, levels

quick = settings(derandomize=True, deadline=None, max_examples=80, database=None)

OBJECTIVES = {
    **{
        name: loss((CLASSIFICATION["challenger"] if loss.classifies else chapter_line)(), l2=0.3)
        for name, loss in LOSSES.items()
    },
    **LANDSCAPES,
}


@pytest.fixture(params=OBJECTIVES.values(), ids=OBJECTIVES.keys())
def objective(request):
    return request.param


# The grid


@quick
@given(
    st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.floats(-1e9, 1e9), st.floats(1e-6, 1e9),
    st.integers(2, 40), st.integers(2, 40),
)  # fmt: skip
def test_both_ends_of_both_axes_are_exact(x0, width, y0, height, nx, ny):
    grid = Grid((x0, x0 + width), (y0, y0 + height), nx, ny)
    assert (grid.x[0], grid.x[-1]) == (x0, x0 + width)
    assert (grid.y[0], grid.y[-1]) == (y0, y0 + height)
    assert grid.points.shape == (ny, nx, 2)


def test_a_row_belongs_to_one_second_parameter():
    grid = Grid((0, 4), (10, 12), 5, 3)
    assert_array_equal(grid.points[0, 0], [0, 10])
    assert_array_equal(grid.points[0, -1], [4, 10])
    assert_array_equal(grid.points[-1, 0], [0, 12])
    assert_array_equal(grid.points[-1, -1], [4, 12])
    assert_array_equal(grid.points[2, 3], [3, 12])


def test_a_count_of_one_gives_the_lower_end():
    grid = Grid((2, 5), (-1, 1), 1, 1)
    assert_array_equal(grid.points, [[[2, -1]]])
    assert Grid((2, 2), (3, 3), 1, 1).points.tolist() == [[[2, 3]]]


@pytest.mark.parametrize(
    ("x_range", "y_range", "nx", "ny", "cause"),
    [
        ((0, 1), (0, 1), 0, 5, "nx must be >= 1, got 0"),
        ((0, 1), (0, 1), 5, -2, "ny must be >= 1, got -2"),
        ((1, 0), (0, 1), 5, 5, r"x_range must increase .* got \(1.0, 0.0\)"),
        ((0, 1), (2, 2), 5, 5, "y_range must increase"),
        ((0, np.inf), (0, 1), 5, 5, "x_range must be finite"),
        ((0, 1), (np.nan, 1), 5, 5, "y_range must be finite"),
        ((-1.7e308, 1.7e308), (0, 1), 5, 5, "x_range must be finite and of finite width"),
    ],
)
def test_a_bad_grid_says_what_is_wrong(x_range, y_range, nx, ny, cause):
    with pytest.raises(ValueError, match=cause):
        Grid(x_range, y_range, nx, ny)


def test_a_grid_is_a_value():
    assert Grid((0, 1), (0, 2), 3, 4) == Grid((0.0, 1.0), (0.0, 2.0), 3, 4)
    assert Grid((0, 1), (0, 2), 3, 4) != Grid((0, 1), (0, 2), 4, 3)
    assert hash(Grid((0, 1), (0, 2), 3, 4)) == hash(Grid((0.0, 1.0), (0.0, 2.0), 3, 4))
    with pytest.raises(ValueError, match="read-only"):
        Grid((0, 1), (0, 1), 3, 3).x[0] = 7


def test_cell_centres_tile_the_box():
    grid = Grid.cell_centres((0, 4), (0, 3), 4, 2)
    assert_allclose(grid.x, [0.5, 1.5, 2.5, 3.5], rtol=1e-15)
    assert_allclose(grid.y, [0.75, 2.25], rtol=1e-15)
    assert_array_equal(Grid.cell_centres((0, 4), (0, 3), 1, 1).points, [[[2, 1.5]]])


@pytest.mark.parametrize(
    ("x_range", "nx", "cause"), [((1, 1), 4, "increase"), ((2, 1), 1, "increase"), ((0, 1), 0, ">= 1")]
)
def test_bad_cells_say_what_is_wrong(x_range, nx, cause):
    with pytest.raises(ValueError, match=cause):
        Grid.cell_centres(x_range, (0, 1), nx, 3)


# The surface


def test_a_surface_has_the_values_of_the_definition(objective):
    grid = Grid(*objective.view, 13, 7)
    surface = evaluate(objective, grid)
    assert surface.values.shape == (7, 13)
    assert_allclose(surface.values, objective.value(grid.points), rtol=1e-11)
    for row, y in ((0, 0), (6, -1)):
        for column, x in ((0, 0), (12, -1)):
            corner = objective.value(np.array([grid.x[x], grid.y[y]]))
            assert_allclose(surface.values[row, column], corner, rtol=1e-11)


def test_without_kernels_the_picture_is_the_same(objective, monkeypatch):
    grid = Grid(*objective.view, 13, 7)
    fast = evaluate(objective, grid).values
    monkeypatch.setattr(surfaces, "value_kernel", lambda loss: None)
    slow = evaluate(objective, grid).values
    assert_allclose(fast, slow, rtol=1e-11)
    assert_allclose(slow, objective.value(grid.points), rtol=1e-14)


def test_every_objective_has_its_kernel(objective):
    assert kernels.value_kernel(objective) is not None


def test_a_subclass_with_its_own_penalty_does_not_get_its_parents_kernel():
    class HalfSquare(MeanSquaredError):
        def penalty(self, z, y):
            return super().penalty(z, y) / 2

    grid = Grid((0, 4), (0, 2), 5, 5)
    whole, half = MeanSquaredError(chapter_line()), HalfSquare(chapter_line())
    assert_allclose(evaluate(half, grid).values, evaluate(whole, grid).values / 2, rtol=1e-13)


def test_values_are_read_only_and_shaped_like_the_grid():
    grid = Grid((0, 1), (0, 1), 4, 3)
    with pytest.raises(ValueError, match="read-only"):
        evaluate(LANDSCAPES["bowl"], grid).values[0, 0] = 1
    with pytest.raises(ValueError, match=r"grid's shape \(3, 4\), got \(4, 3\)"):
        Surface(grid, np.zeros((4, 3)))


def test_far_out_a_surface_is_infinite_without_a_warning(objective):
    grid = Grid((-1e200, 1e200), (-1e200, 1e200), 4, 3)
    assert evaluate(objective, grid).values.shape == (3, 4)


def test_lowest_skips_what_is_not_finite():
    grid = Grid((0, 2), (5, 6), 3, 2)
    surface = Surface(grid, np.array([[np.nan, 4.0, -np.inf], [3.0, np.inf, 2.5]]))
    assert surface.lowest == (2.5, (2.0, 6.0))
    value, point = Surface(grid, np.full((2, 3), np.nan)).lowest
    assert np.isnan([value, *point]).all()


# The source chapter's picture


def chapter_surface():
    """The source chapter's snippet: numpy's legacy generator, 3-D broadcasting."""
    random = np.random.RandomState(0)
    x = np.linspace(0, 1, 30)
    y = 2 * x + 1 + 0.1 * random.randn(30)
    w, b = np.meshgrid(np.linspace(0, 4, 50), np.linspace(0, 2, 50))
    return np.mean((w[..., None] * x + b[..., None] - y) ** 2, axis=-1)


def test_the_chapters_surface_is_ours():
    surface = evaluate(MeanSquaredError(chapter_line()), Grid((0, 4), (0, 2), 50, 50))
    assert_allclose(surface.values, chapter_surface(), rtol=0, atol=1e-12)
    corners = {(0, 0): 4.5195991997, (0, -1): 0.3975167981, (-1, 0): 0.3424566208, (-1, -1): 4.2203742192}
    for (row, column), value in corners.items():
        assert_allclose(surface.values[row, column], value, atol=5e-11)
    assert surface.values.max() == surface.values[0, 0]


def test_the_chapters_grid_misses_the_minimiser():
    loss = MeanSquaredError(chapter_line())
    surface = evaluate(loss, Grid((0, 4), (0, 2), 50, 50))
    value, point = surface.lowest
    assert_allclose(value, 0.0113022552610, atol=5e-14)
    assert_allclose(point, (1.9591836735, 1.0612244898), atol=5e-11)
    assert surface.values[26, 24] == value
    assert_allclose(loss.infimum, 0.0111718955636, atol=5e-14)
    assert value > loss.infimum


# Levels and bands


def strictly_increasing(z):
    return np.all(np.diff(z) > 0)


HARD = {
    "flat": np.full((9, 9), 3.0),
    "flat at 0": np.zeros((9, 9)),
    "flat up to rounding": 0.5 + 5e-17 * np.arange(81.0).reshape(9, 9),
    "one cell": np.array([[4.0]]),
    "two values": np.array([[1.0, 2.0]]),
    "floor with a few peaks": np.where(np.arange(900) < 5, 7.0, 0.0),
    "pinhole": np.where(np.arange(900) < 1, 0.0, 7.0),
    "huge": np.geomspace(1e-300, 1e308, 500),
    "tiny": np.linspace(0, 1e-307, 500),
    "both signs": np.append(np.linspace(-1e299, 1e299, 500), [-1.7e308, 1.7e308]),
    "barely above rounding": 1 + np.finfo(float).eps * np.linspace(0, 67, 500),
    "rough floor with a few peaks": np.where(np.arange(900) < 5, 7.0, 1 + np.finfo(float).eps * (np.arange(900) % 9)),
    "offset": 1e8 + 1e-4 * np.linspace(0, 1, 500) ** 2,
    "one absurd cell": np.append(np.linspace(0, 1, 500), 1e299),
    "nan and inf": np.array([np.nan, np.inf, -np.inf, 1.0, 2.0, 5.0]),
}


@pytest.mark.parametrize("minimum", [None, 0.0, -1.0, -np.inf, np.nan])
@pytest.mark.parametrize("z", HARD.values(), ids=HARD.keys())
def test_levels_increase_strictly_on_hard_surfaces(z, minimum):
    found = levels(z, minimum=minimum)
    assert 1 <= found.size <= 12
    assert strictly_increasing(found)
    finite = z[np.abs(z) < 1e300]
    assert found[-1] <= finite.max()
    assert found[-1] >= finite.min()


@pytest.mark.parametrize("name", ["flat", "flat at 0", "flat up to rounding", "one cell", "tiny"])
def test_a_flat_surface_has_one_level(name):
    assert levels(HARD[name]).size == 1


@pytest.mark.parametrize(
    "name",
    ["floor with a few peaks", "rough floor with a few peaks", "huge", "both signs", "offset", "one absurd cell"],
)
def test_a_hard_surface_that_is_not_flat_has_rings(name):
    assert levels(HARD[name]).size == 12


def test_one_absurd_cell_leaves_the_rest_legible():
    assert levels(HARD["one absurd cell"])[-1] < 1.0


def test_nothing_finite_has_no_level():
    assert levels([np.nan, np.inf]).size == 0


@quick
@given(st.lists(st.floats(allow_subnormal=True), min_size=1, max_size=40), st.integers(1, 15), st.none() | st.floats())
def test_levels_increase_strictly_on_anything(z, count, minimum):
    found = levels(z, count, minimum)
    assert found.size <= count
    assert np.isfinite(found).all()
    assert strictly_increasing(found)


def test_rings_are_geometric_about_the_minimum():
    loss = MeanSquaredError(chapter_line())
    z = evaluate(loss, Grid((0, 4), (0, 2), 50, 50)).values
    found = levels(z, minimum=loss.infimum)
    steps = found - loss.infimum
    assert_allclose(steps[1:] / steps[:-1], steps[1] / steps[0], rtol=1e-9)
    inside = [(z < level).mean() for level in found]
    assert inside[0] < 0.01
    assert 0.9 < inside[-1] < 1


def test_most_bands_of_every_surface_are_seen(objective):
    z = evaluate(objective, Grid.cell_centres(*objective.view, 60, 60)).values
    found = levels(z, minimum=objective.infimum)
    assert found.size == 12
    assert np.unique(bands(z, found)).size >= 8


def test_a_count_below_one_is_refused():
    with pytest.raises(ValueError, match="count must be >= 1, got 0"):
        levels([1.0, 2.0], count=0)


def test_a_band_counts_the_levels_below():
    z = np.array([[-np.inf, 0.5, 1.0], [2.5, np.inf, np.nan]])
    assert_array_equal(bands(z, [1.0, 2.0, 3.0]), [[0, 0, 1], [2, 3, -1]])


def test_the_logistic_floor_of_separable_data_is_an_infimum():
    loss = LogisticLoss(CLASSIFICATION["separable four"]())
    surface = evaluate(loss, Grid((0, 40), (-20, 20), 41, 41))
    assert loss.infimum == 0
    assert surface.lowest[0] > 0
