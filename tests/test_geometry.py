"""Curvature, step limits, stationary points, convexity: against NumPy, theorems, fixtures."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lossgeo import geometry
from lossgeo.contracts import Loss
from lossgeo.datasets import (
    REGRESSION,
    Dataset,
    anscombe,
    cars,
    challenger,
    chapter_line,
    longley,
    one_point,
    overlapping_six,
    same_x,
    separable_four,
    standardise,
)
from lossgeo.descent import OPTIMIZERS, run
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES, LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.surfaces import Grid
from lossgeo.two_by_two import adjugate, inverse

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
CHAPTER = MeanSquaredError(chapter_line())
SIX = LogisticLoss(overlapping_six())
GD = OPTIMIZERS["gradient descent"]
SETS = {
    "course_snippet": "chapter line",
    "cars": "cars",
    "faithful": "faithful",
    "anscombe_I": "anscombe I",
    "penguins": "penguins",
    "longley_year": "longley year",
    "longley_gnp": "longley gnp",
}


class Quartic(Loss):
    """x^4 + y^4, and anything else with given derivatives at the points asked for."""

    name, convex, minimisers, infimum = "quartic", True, "one", 0.0
    minima, view = np.zeros((1, 2)), ((-1.0, 1.0), (-1.0, 1.0))
    convexity = "Convex: a sum of even powers."

    def value(self, p):
        return (np.asarray(p, float) ** 4).sum(axis=-1)

    def gradient(self, p):
        return 4 * np.asarray(p, float) ** 3

    def hessian(self, p):
        return 12 * np.asarray(p, float)[..., None] ** 2 * np.eye(2)


class Product(Quartic):
    """(a b - 1)^2."""

    name, convex, minimisers, minima = "product", False, "region", np.ones((1, 2))
    view = ((-2.0, 2.0), (-2.0, 2.0))

    def value(self, p):
        a, b = np.moveaxis(np.asarray(p, float), -1, 0)
        return (a * b - 1) ** 2

    def gradient(self, p):
        a, b = np.moveaxis(np.asarray(p, float), -1, 0)
        return 2 * (a * b - 1)[..., None] * np.stack([b, a], axis=-1)

    def hessian(self, p):
        a, b = np.moveaxis(np.asarray(p, float), -1, 0)
        rows = [np.stack([2 * b * b, 4 * a * b - 2], -1), np.stack([4 * a * b - 2, 2 * a * a], -1)]
        return np.stack(rows, axis=-2)


class Rounded(Quartic):
    """Curvatures 1 and 0, the latter rounded to less."""

    def hessian(self, p):
        return np.broadcast_to(np.diag([1.0, -1e-17]), (*np.shape(p)[:-1], 2, 2))


class TwoBowls(Quartic):
    """The lower of two equal bowls: curvature 2 but for the kink along the axis x = 0."""

    name, convex, minimisers, minima = "two bowls", False, "several", np.array([[-1.0, 0], [1, 0]])

    def value(self, p):
        x, y = np.moveaxis(np.asarray(p, float), -1, 0)
        return (np.abs(x) - 1) ** 2 + y * y

    def hessian(self, p):
        return np.broadcast_to(2 * np.eye(2), (*np.shape(p)[:-1], 2, 2))


class Ridge(Quartic):
    """A bowl with a small ridge on it, so thin that chords at random miss it; in any unit."""

    convex = False
    top, steep = np.array([0.3, -0.4]), np.array([[0.6, 0.8], [-0.8, 0.6]]) / [[0.05], [0.3]]

    def __init__(self, unit):
        self.name, self.unit, self.view = f"ridge in units of {unit:g}", unit, ((-unit, unit), (-unit, unit))

    def value(self, p):
        q = np.asarray(p, float) / self.unit
        away = (q - self.top) @ self.steep.T
        return (q**2).sum(axis=-1) + 0.01 * np.exp(-0.5 * (away**2).sum(axis=-1))

    def hessian(self, p):
        away = (np.asarray(p, float) / self.unit - self.top) @ self.steep.T
        ridge = 0.01 * np.exp(-0.5 * (away**2).sum(axis=-1))[..., None, None]
        inner = away[..., :, None] * away[..., None, :] - np.eye(2)
        return (2 * np.eye(2) + ridge * (self.steep.T @ inner @ self.steep)) / self.unit**2


# --- spectra -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LANDSCAPES)
def test_spectrum_equals_numpy_eigh(name):
    loss = LANDSCAPES[name]
    low, high = np.transpose(loss.view)
    p = np.random.default_rng(0).uniform(low, high, (4, 50, 2))
    result, h = geometry.spectrum(loss, p), loss.hessian(p)
    size = np.abs(h).max(axis=(-2, -1))[..., None]
    assert np.all(np.abs(result.eigenvalues - np.linalg.eigvalsh(h)) <= 1e-12 * size)
    V, lam = result.eigenvectors, result.eigenvalues
    eye = np.swapaxes(V, -1, -2) @ V
    np.testing.assert_allclose(eye, np.broadcast_to(np.eye(2), eye.shape), atol=1e-14)
    residual = np.abs(h @ V - V * lam[..., None, :])
    assert np.all(residual <= 1e-12 * size[..., None])
    assert np.all(lam[..., 0] <= lam[..., 1])


def test_spectrum_of_one_point_and_of_none():
    one = geometry.spectrum(LANDSCAPES["bowl"], (0.3, 0.4))
    np.testing.assert_array_equal(one.eigenvalues, [1, 10])
    np.testing.assert_allclose(np.abs(one.eigenvectors), np.eye(2), atol=1e-15)
    assert geometry.spectrum(SIX, np.empty((0, 2))).eigenvalues.shape == (0, 2)
    with pytest.raises(ValueError, match="read-only"):
        one.eigenvalues[0] = 0


@pytest.mark.parametrize("key", SETS)
@pytest.mark.parametrize("scaled", [False, True], ids=["raw", "standardised"])
def test_reference_eigenvalues_condition_number_and_step_limit(key, scaled):
    data = REGRESSION[SETS[key]]()
    loss = MeanSquaredError(standardise(data) if scaled else data)
    expected = REFERENCE["mse"][key]["standardised" if scaled else "raw"]
    eigenvalues = geometry.spectrum(loss, (0, 0)).eigenvalues
    np.testing.assert_allclose(eigenvalues, expected["eigenvalues"], rtol=1e-9)
    assert geometry.condition_number(loss) == pytest.approx(expected["kappa"], rel=1e-9)
    assert geometry.max_stable_step(loss) == pytest.approx(expected["eta_max"], rel=1e-9)


def test_condition_number_of_longley_keeps_its_digits():
    """kappa = lambda_max^2 / (4 var x), 6.87e11; here from exact integer moments of the years."""
    x = [int(v) for v in longley("year").x]
    n, s, q = len(x), sum(x), sum(v * v for v in x)
    det = 4 * (n * q - s * s) / n**2
    trace = 2 * (q + n) / n
    lam = trace / 2 + np.sqrt((trace / 2) ** 2 - det)
    kappa = geometry.condition_number(MeanSquaredError(longley("year")))
    assert kappa == pytest.approx(lam * lam / det, rel=1e-12)
    assert kappa == pytest.approx(6.867344e11, rel=1e-6)


def test_condition_number_of_data_far_from_zero_keeps_its_digits():
    """x near 1e6, against exact rational arithmetic: a d - c^2 would lose 12 of 16 digits."""
    loss = MeanSquaredError(Dataset(1e6 + np.random.default_rng(0).normal(size=9), np.zeros(9), "far", ""))
    x = [Fraction(v) for v in loss.dataset.x.tolist()]
    mean = sum(x) / 9
    det = 4 * sum((v - mean) ** 2 for v in x) / 9
    trace = 2 * (sum(v * v for v in x) / 9 + 1)
    expected = float(trace * trace / det)  # lambda_max = trace to 1e-12
    assert geometry.condition_number(loss) == pytest.approx(expected, rel=1e-11)


def test_condition_number_where_it_is_infinite_or_undefined():
    assert geometry.condition_number(MeanSquaredError(same_x())) == np.inf
    saddle, himmelblau = LANDSCAPES["saddle"], LANDSCAPES["himmelblau"]
    assert np.isnan(geometry.condition_number(saddle))
    assert np.isnan(geometry.condition_number(himmelblau, himmelblau.maxima[0]))
    assert np.isnan(geometry.condition_number(Quartic(), (0, 0)))
    points = np.concatenate([himmelblau.minima, himmelblau.saddles])
    at = geometry.condition_number(himmelblau, points)
    assert np.isfinite(at[:4]).all()
    assert np.isnan(at[4:]).all()


def test_condition_number_map_of_the_logistic_loss():
    p = np.random.default_rng(0).uniform(-3, 3, (5, 6, 2))
    low, high = np.moveaxis(np.linalg.eigvalsh(SIX.hessian(p)), -1, 0)
    np.testing.assert_allclose(geometry.condition_number(SIX, p), high / low, rtol=1e-10)
    far = geometry.condition_number(LogisticLoss(separable_four()), (1e4, 0))
    assert np.isnan(far)
    with pytest.raises(ValueError, match="changes from point to point: give p"):
        geometry.condition_number(SIX)


def test_max_stable_step_without_positive_curvature():
    assert geometry.max_stable_step(LANDSCAPES["himmelblau"], (-0.2708, -0.923)) == np.inf
    assert geometry.max_stable_step(MeanAbsoluteError(chapter_line()), (0, 0)) == np.inf


def test_rounding_below_zero_counts_as_zero_where_a_theorem_says_convex():
    rounded = Rounded()
    assert geometry.condition_number(rounded, (0, 0)) == np.inf
    assert geometry.step_marks(rounded, (0, 0)).mu == 0
    rounded.convex = False
    assert np.isnan(geometry.condition_number(rounded, (0, 0)))
    assert geometry.step_marks(rounded, (0, 0)).mu == -1e-17


def test_step_limits_of_many_points():
    p = np.random.default_rng(0).uniform(-3, 3, (5, 6, 2))
    np.testing.assert_allclose(geometry.max_stable_step(SIX, p), 2 / np.linalg.eigvalsh(SIX.hessian(p))[..., 1])


def test_fields_are_the_numbers_of_the_points():
    grid = Grid((-3, 2), (-1, 4), 7, 5)
    for loss in (SIX, CHAPTER, LANDSCAPES["himmelblau"]):
        wanted = geometry.condition_number(loss, grid.points)
        np.testing.assert_allclose(geometry.condition_field(loss, grid), wanted, rtol=1e-9)
        wanted = geometry.eigenvalues(loss, grid.points)
        np.testing.assert_allclose(geometry.eigenvalue_field(loss, grid), wanted, rtol=1e-9, atol=1e-12)
    far = MeanSquaredError(Dataset(1e6 + np.random.default_rng(0).normal(size=9), np.zeros(9), "far", ""))
    wanted = geometry.condition_number(far)  # with digits that a d - c^2 would lose
    np.testing.assert_allclose(geometry.condition_field(far, grid), wanted, rtol=1e-11)


def test_curvatures_beyond_the_floats_give_no_warning():
    loss = LANDSCAPES["rosenbrock"]
    for far in (geometry.eigenvalues(loss, (1e200, 1.0)), geometry.eigenvalues(loss, (0.0, 1e308))):
        assert not np.isfinite(far).all()
    assert not np.isfinite(geometry.eigenvalue_field(loss, Grid((-1e200, 1e308), (0, 1e308), 3, 2))).all()


def test_a_condition_number_beyond_the_floats_is_infinite():
    """The curvature in b dies away with p(1 - p), the one in w stays that of the penalty."""
    far = Grid((0.0, 0.0), (700.0, 700.0), 1, 1)
    loss = LogisticLoss(Dataset(np.array([-1.0, 1.0]), np.array([0.0, 1.0]), "two", ""), l2=1e6)
    assert geometry.eigenvalue_field(loss, far).min() > 0
    assert geometry.condition_field(loss, far) == np.inf


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**-500, 2.0**-900])
def test_the_inverse_of_a_tiny_matrix_is_that_of_its_shape(unit):
    """Products of entries below 1e-154 are 0 in floating point; a Newton step would then be 0, and be called short."""
    h = np.array([[[2.0, 1.0], [1.0, 3.0]], [[1.0, -2.0], [-2.0, 4.0]]])  # the second one is singular
    np.testing.assert_array_equal(inverse(h * unit) * unit, inverse(h))


def test_the_adjugate_is_the_determinant_times_the_inverse():
    h = np.array([[[3.0, 1.0], [1.0, 2.0]], [[0.0, -4.0], [-4.0, 5.0]]])
    wanted = np.linalg.det(h)[:, None, None] * np.linalg.inv(h)
    np.testing.assert_allclose(adjugate(h), wanted, atol=1e-14)


# --- fixtures ------------------------------------------------------------------------------------


def test_f1_chapter_data():
    eigenvalues = geometry.spectrum(CHAPTER, (1, 1)).eigenvalues
    np.testing.assert_allclose(eigenvalues, [0.1404084285, 2.5377524911], atol=1e-10)
    assert geometry.condition_number(CHAPTER) == pytest.approx(18.0740751749, abs=1e-9)
    marks = geometry.step_marks(CHAPTER)
    assert marks.limit == pytest.approx(0.7880989210, abs=1e-10)
    assert marks.fastest == pytest.approx(0.7467811159, abs=1e-10)
    assert marks.safe == pytest.approx(marks.limit / 2)


def test_f2_and_f28_one_value_of_x_makes_a_trough():
    np.testing.assert_allclose(geometry.spectrum(MeanSquaredError(same_x()), (0, 0)).eigenvalues, [0, 10], atol=1e-12)
    for x, steep in ((0.0, 2.0), (0.5, 2.5), (1.0, 4.0)):
        loss = MeanSquaredError(one_point(x=x))
        np.testing.assert_allclose(geometry.eigenvalues(loss, (3, 4)), [0, steep], atol=1e-15)


def test_f6_local_limit_of_the_logistic_loss():
    assert SIX.smoothness == pytest.approx(0.4375)
    eigenvalues = geometry.spectrum(SIX, SIX.minima[0]).eigenvalues
    np.testing.assert_allclose(eigenvalues, [0.1860863, 0.2444751], atol=1e-7)
    assert geometry.step_marks(SIX, SIX.minima[0]).local_limit * 0.4375 == pytest.approx(3.5791, abs=1e-4)


def test_f9_minus_the_gradient_points_at_the_minimiser_only_along_eigenvectors():
    """(x^2 + 25 y^2)/2 at (5, 1): 67.380 degrees; least squares with the same Hessian."""
    loss = MeanSquaredError(Dataset([5.0, -5.0], [0.0, 0.0], "ellipse", ""))  # 25 w^2 + b^2
    down = -loss.gradient((1.0, 5.0))
    home = np.array([-1.0, -5.0])
    cosine = down @ home / np.hypot(*down) / np.hypot(*home)
    assert np.degrees(np.arccos(cosine)) == pytest.approx(67.380, abs=1e-3)
    e = geometry.spectrum(CHAPTER, (0, 0)).eigenvectors
    for i in range(2):
        g = CHAPTER.gradient(CHAPTER.minima[0] + e[:, i])
        assert abs(g @ e[:, 1 - i]) < 1e-12


def test_f10_zero_gradient_is_not_a_minimum():
    saddle = LANDSCAPES["saddle"]
    np.testing.assert_array_equal(geometry.eigenvalues(saddle, (0, 0)), [-2, 2])
    assert geometry.classify(saddle, (0, 0)) == "saddle"
    assert geometry.classify(Quartic(), (0, 0)) == "degenerate"
    assert geometry.classify(LANDSCAPES["monkey saddle"], (0, 0)) == "degenerate"


def test_f12_rosenbrock():
    loss = LANDSCAPES["rosenbrock"]
    np.testing.assert_allclose(geometry.eigenvalues(loss, (0, 1)), [-398, 200], atol=1e-5)
    at_minimum = geometry.eigenvalues(loss, (1, 1))
    np.testing.assert_allclose(at_minimum, [0.399361, 1001.600639], atol=1e-5)
    assert geometry.condition_number(loss, (1, 1)) == pytest.approx(2508.01, abs=0.01)
    chord = geometry.convexity(loss).chord
    assert (chord.value_a, chord.value_b, chord.middle, chord.mean) == (4, 0, 101, 2)
    assert geometry.convexity(loss).sentence == loss.convexity


def test_f24_convex_along_both_axes_is_not_convex():
    loss = LANDSCAPES["hidden saddle"]
    np.testing.assert_allclose(geometry.eigenvalues(loss, (0, 0)), [-1, 5], atol=1e-14)
    assert loss.value((1, -1)) == -1
    assert geometry.convexity(loss).kind == "witness"


def test_f26_a_product_of_weights_is_not_convex():
    loss = Product()
    np.testing.assert_allclose(geometry.eigenvalues(loss, (0, 0)), [-2, 2])
    evidence = geometry.convexity(loss)
    assert evidence.kind == "witness"
    assert "Not convex: halfway along the chord" in evidence.sentence


def test_f31_the_anscombe_surfaces_have_one_hessian():
    for part in ("I", "II", "III", "IV"):
        eigenvalues = geometry.spectrum(MeanSquaredError(anscombe(part)), (0, 0)).eigenvalues
        np.testing.assert_allclose(eigenvalues, [0.21764876, 183.78235125], atol=1e-8)


# --- kinds of stationary points ------------------------------------------------------------------


@pytest.mark.parametrize("name", LANDSCAPES)
def test_classify_every_listed_stationary_point(name):
    loss = LANDSCAPES[name]
    listed = {"minimum": loss.minima, "saddle": loss.saddles, "maximum": loss.maxima}
    for kind, points in listed.items():
        for p in points:
            found, singular = geometry.classify(loss, p), np.linalg.det(loss.hessian(p)) == 0
            assert found == ("degenerate" if singular else kind), (
                f"{name!r} lists {p.tolist()} as a {kind}, but it is classified as {found!r}"
            )
    assert geometry.classify(loss, loss.start) == "not stationary", f"`start` of {name!r} must not be stationary"


@pytest.mark.parametrize("factor", [1e-4, 1.0, 1e5])
def test_classify_does_not_depend_on_the_unit_of_x(factor):
    data = chapter_line()
    loss = MeanSquaredError(Dataset(data.x * factor, data.y, "rescaled", ""))
    assert geometry.classify(loss, loss.minima[0]) == "minimum"
    assert geometry.classify(loss, loss.minima[0] * (1.2, 1.0)) == "not stationary"


def test_classify_tells_an_ill_conditioned_bowl_from_a_trough():
    raw = MeanSquaredError(longley("year"))
    assert geometry.classify(raw, raw.minima[0]) == "minimum"
    far = MeanSquaredError(Dataset([1e7, 1e7 + 1, 1e7 + 2], [0.0, 1.0, 1.0], "far", ""))
    assert geometry.classify(far, far.minima[0]) == "minimum"
    trough = MeanSquaredError(same_x())
    assert geometry.classify(trough, trough.minima[0]) == "degenerate"


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [(1, 2, "minimum"), (-2, -1, "maximum"), (-1, 0.5, "saddle"), (-1, 0, "degenerate"), (0, 1, "degenerate")],
)
def test_what_two_curvatures_say(low, high, kind):
    assert geometry.Scale(CHAPTER).kind(low, high) == kind
    assert geometry.Scale(LANDSCAPES["rosenbrock"]).kind(low, high) == kind
    if kind == "degenerate":  # up to rounding, where the curvatures are not exact
        assert geometry.Scale(LANDSCAPES["rosenbrock"]).kind(low - 1e-11, high - 1e-11) == kind
        assert geometry.Scale(CHAPTER).kind(low - 1e-11, high - 1e-11) != kind


def test_the_nearest_minimum_is_counted_in_views():
    wide = TwoBowls()
    wide.view, wide.minima = ((-100.0, 100.0), (-1.0, 1.0)), np.array([[0.0, 0.0], [30.0, 1.0]])
    np.testing.assert_array_equal(geometry.Scale(wide).nearest_minimum((14, 0.9)), (30, 1))
    np.testing.assert_array_equal(geometry.Scale(wide).nearest_minimum((14, 0.1)), (0, 0))


# --- the ruler -----------------------------------------------------------------------------------


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("name", ["logistic loss", "squared error through a sigmoid"])
def test_smoothness_bounds_the_curvature_everywhere(name, l2):
    for data in (overlapping_six(), one_point(y=1.0), challenger()):
        loss = LOSSES[name](data, l2)
        (x0, x1), (y0, y1) = loss.view
        w, b = np.meshgrid(np.linspace(x0, x1, 61), np.linspace(y0, y1, 61))
        largest = np.abs(geometry.eigenvalues(loss, np.stack([w, b], -1))).max()
        assert 0 < largest <= loss.smoothness * (1 + 1e-12)


def test_smoothness_is_attained():
    """Logistic loss: at 0. Squares of a sigmoid, one sample: at sigmoid(z) = (15 - sqrt 33)/24."""
    assert SIX.smoothness == geometry.eigenvalues(SIX, (0, 0))[1]
    loss = SigmoidSquaredError(Dataset([0.0], [0.0], "one", ""))
    z = np.linspace(-3, 3, 6001)
    curvature = geometry.eigenvalues(loss, np.stack([0 * z, z], -1))[:, 1]
    assert curvature.max() == pytest.approx(loss.smoothness, rel=1e-6)


def test_smoothness_of_the_others():
    assert CHAPTER.smoothness == pytest.approx(2.5377524911)
    assert LANDSCAPES["hidden saddle"].smoothness == pytest.approx(5)
    assert MeanAbsoluteError(chapter_line()).smoothness == np.inf
    assert LANDSCAPES["himmelblau"].smoothness is None


def test_step_marks_say_what_they_promise():
    bowl = geometry.step_marks(LANDSCAPES["bowl"])
    assert (bowl.L, bowl.mu) == (10, 1)
    np.testing.assert_allclose((bowl.safe, bowl.fastest, bowl.limit), (0.1, 2 / 11, 0.2))
    assert bowl.quadratic
    assert "if and only if 0 < learning rate < 2/L = 0.2" in bowl.sentence

    trough = geometry.step_marks(MeanSquaredError(same_x()))
    np.testing.assert_allclose((trough.safe, trough.fastest, trough.limit), (0.1, 0.1, 0.2))
    assert "line of minimisers" in trough.sentence

    saddle = geometry.step_marks(LANDSCAPES["saddle"])
    assert np.isnan(saddle.fastest)
    assert "every learning rate leads away" in saddle.sentence

    logistic = geometry.step_marks(SIX, SIX.minima[0])
    assert not logistic.quadratic
    assert logistic.limit == pytest.approx(2 / 0.4375)
    assert logistic.local_limit > logistic.limit
    assert "nothing is promised and nothing is forbidden" in logistic.sentence

    kinks = geometry.step_marks(MeanAbsoluteError(chapter_line()), (0, 0))
    assert np.isnan([kinks.safe, kinks.fastest, kinks.limit]).all()
    assert "kinks" in kinks.sentence

    himmelblau = LANDSCAPES["himmelblau"]
    local = geometry.step_marks(himmelblau, himmelblau.minima[0])
    assert local.limit == local.local_limit == geometry.max_stable_step(himmelblau, (3, 2))
    assert "Elsewhere the marks promise nothing" in local.sentence
    top = geometry.step_marks(himmelblau, himmelblau.maxima[0])
    assert np.isnan(top.limit)
    assert "No curvature is positive" in top.sentence


EXACT = "The loss is quadratic, so this is exact: gradient descent reaches the {} from every start if and only if 0 < "
EVERYWHERE = (
    "L = {} bounds the curvature everywhere: with a learning rate below 2/L = {} every step goes down until the "
    "gradient is zero. Above it nothing is promised and nothing is forbidden; {}."
)
NONE = "No curvature is positive at this point, so no limit to the step follows from it. Elsewhere there may be one."
PROMISES = {
    "bowl": (LANDSCAPES["bowl"], None, EXACT.format("minimiser")
             + "learning rate < 2/L = 0.2; 2/(mu + L) = 0.182 has the best worst-case rate."),
    "chapter data": (CHAPTER, None, EXACT.format("minimiser")  # a curvature below 1
                     + "learning rate < 2/L = 0.788; 2/(mu + L) = 0.747 has the best worst-case rate."),
    "trough": (MeanSquaredError(same_x()), None, EXACT.format("line of minimisers")
               + "learning rate < 2/L = 0.2; 1/L = 0.1 has the best worst-case rate."),
    "saddle": (LANDSCAPES["saddle"], None, "One curvature is negative (−2): along it every learning rate leads "
               "away. In the direction that curves up, the limit is 1."),
    "logistic": (SIX, SIX.minima[0], EVERYWHERE.format(
        "0.438", "4.57", "2/lambda_max at this point is 8.18, the limit if this is a minimiser")),
    "logistic, far out": (LogisticLoss(separable_four()), (1e4, 0), EVERYWHERE.format(
        "0.625", "3.2", "at this point no curvature is positive")),
    "himmelblau": (LANDSCAPES["himmelblau"], (3, 2), "The curvature changes from point to point: 2/lambda_max at this "
                   "point is 0.0243, the limit if this is a minimiser. Elsewhere the marks promise nothing."),
    "himmelblau, maximum": (LANDSCAPES["himmelblau"], (-0.2708, -0.923), NONE),
    "monkey saddle": (LANDSCAPES["monkey saddle"], (0, 0), NONE),
    "kinks": (MeanAbsoluteError(chapter_line()), (0, 0), "The loss has kinks, so no learning rate is small enough to "
              "make every step go down: with a constant one the steps usually end up hopping across a kink."),
}  # fmt: skip


@pytest.mark.parametrize("case", PROMISES)
def test_promises_word_by_word(case):
    loss, p, wanted = PROMISES[case]
    assert geometry.step_marks(loss, p).sentence == wanted


def test_step_marks_where_there_is_no_bound():
    marks = geometry.step_marks(MeanAbsoluteError(chapter_line()), (0, 0))
    assert (marks.L, marks.mu, marks.local_limit, marks.quadratic) == (np.inf, 0, np.inf, False)
    himmelblau = LANDSCAPES["himmelblau"]
    top = geometry.step_marks(himmelblau, himmelblau.maxima[0])
    assert (top.mu, top.L) == tuple(geometry.eigenvalues(himmelblau, himmelblau.maxima[0]))
    assert (top.local_limit, top.quadratic) == (np.inf, False)
    one = geometry.step_marks(LogisticLoss(one_point(y=1.0)), (0, 0))  # curvature in one direction only
    assert (one.mu, one.local_limit) == (0, 4)
    assert np.isnan(one.fastest)


@pytest.mark.parametrize("name", ["bowl", "chapter data"])
def test_two_over_mu_plus_l_has_the_best_worst_case(name):
    """Rate (kappa - 1)/(kappa + 1), the least of max |1 - eta lambda_i| over eta."""
    loss = LANDSCAPES["bowl"] if name == "bowl" else CHAPTER
    lam = geometry.eigenvalues(loss, (0, 0))
    marks, kappa = geometry.step_marks(loss), float(geometry.condition_number(loss))

    def rate(eta):
        return np.abs(1 - eta * lam).max()

    assert rate(marks.fastest) == pytest.approx((kappa - 1) / (kappa + 1), rel=1e-12)
    assert rate(marks.fastest) < min(rate(0.99 * marks.fastest), rate(1.01 * marks.fastest))


@pytest.mark.parametrize("eta", [0.01, 0.1, 0.5, 0.7, 0.787])
def test_predicted_steps_are_the_steps_taken(eta):
    start = (3.0, -2.0)
    result = run(GD(learning_rate=eta), CHAPTER, start, 13_000)
    assert result.status == "converged"
    assert geometry.predicted_steps(CHAPTER, start, eta) == len(result.points) - 1


@pytest.mark.parametrize("share", [0.9, 0.25, 0.02])
def test_predicted_steps_are_the_first_for_which_the_formula_holds(share):
    loss = MeanSquaredError(cars())
    eta = share / loss.smoothness
    start = np.array([8.0, 30.0])
    lam, e = np.linalg.eigh(loss.hessian(start))
    k = np.arange(3_000_000 * 0.02 / share)[:, None]
    error = ((start - loss.minima[0]) @ e * (1 - eta * lam) ** k) @ e.T
    first = int(np.argmax(np.abs(error).max(axis=1) < 1e-6))
    assert first > 1000
    assert geometry.predicted_steps(loss, start, eta) == first


def test_predicted_steps_where_the_run_is_far_too_long_to_take():
    """longley, raw: about kappa ln(error/tolerance)/2 steps at the best rate, some 1e13."""
    loss = MeanSquaredError(longley("year"))
    eta = geometry.step_marks(loss).fastest
    k = geometry.predicted_steps(loss, (0, 0), eta, tolerance=1e-6)
    unit = geometry.Scale(loss).unit
    kappa = float(geometry.condition_number(loss))
    guess = 0.5 * kappa * np.log(np.abs(loss.minima[0] / unit).max() / 1e-6)
    assert k == pytest.approx(guess, rel=0.01)


def test_predicted_steps_in_a_trough_at_the_goal_and_beyond_the_limit():
    trough = MeanSquaredError(same_x())
    result = run(GD(learning_rate=0.05), trough, (3, -1), 100, tolerance=0)
    away = np.abs(result.points - (2.2, -1.4)).max(axis=1)
    assert geometry.predicted_steps(trough, (3, -1), 0.05) == int(np.argmax(away < 1e-6))
    assert geometry.predicted_steps(CHAPTER, CHAPTER.minima[0], 5.0) == 0
    assert geometry.predicted_steps(CHAPTER, (0, 0), 0.79) == np.inf
    with pytest.raises(ValueError, match="for convex quadratics; logistic loss is none"):
        geometry.predicted_steps(SIX, (0, 0), 0.1)
    bowl = LANDSCAPES["bowl"]  # at 2/L the steep component flips for ever, if there is one
    assert geometry.predicted_steps(bowl, (1, 1), 0.2) == np.inf
    assert geometry.predicted_steps(bowl, (1, 0), 0.2) == 62  # 0.8^k < 1e-6
    with pytest.raises(ValueError, match="must be > 0, got -1 and 1e-06"):
        geometry.predicted_steps(CHAPTER, (0, 0), -1)
    for rate, tolerance in ((0, 1e-6), (0.1, 0)):
        with pytest.raises(ValueError, match=f"must be > 0, got {rate} and {tolerance}"):
            geometry.predicted_steps(CHAPTER, (0, 0), rate, tolerance)


@pytest.mark.parametrize("least", [*range(12), 1023, 1024, 1025, 10**12 + 7])
def test_the_search_for_the_first_step_finds_the_first(least):
    assert geometry._first(lambda k: k >= least) == least


def test_error_components_rebuild_the_error():
    result = run(OPTIMIZERS["momentum"](learning_rate=0.1), CHAPTER, (3, -2), 30)
    error = geometry.error_components(result.points, CHAPTER)
    e = geometry.spectrum(CHAPTER, (0, 0)).eigenvectors
    np.testing.assert_allclose(error @ e.T + CHAPTER.minima[0], result.points, atol=1e-12)
    with pytest.raises(ValueError, match="no known minimiser"):
        geometry.error_components(result.points, LANDSCAPES["saddle"])


def test_error_components_use_the_minimiser_the_run_found():
    loss = LANDSCAPES["double well"]
    for eta, x in ((0.3, 0.9456492739), (0.6, -1.0466805318)):
        result = run(GD(learning_rate=eta), loss, loss.start, 300)
        error = geometry.error_components(result.points, loss)
        assert np.abs(error[-1]).max() < 1e-5
        first = np.sort(np.abs((1.6 - x, 1.0)))
        np.testing.assert_allclose(np.sort(np.abs(error[0])), first, rtol=1e-6)


def test_error_components_ask_the_last_point_for_its_minimiser():
    hop = SimpleNamespace(points=np.array([[-1.2, 0.5], [-1.1, 0.5], [0.9, 0.0]]))
    error = geometry.error_components(hop.points, TwoBowls())
    np.testing.assert_allclose(np.sort(np.abs(error), axis=-1), [[0.5, 2.2], [0.5, 2.1], [0, 0.1]], atol=1e-14)


# --- convexity -----------------------------------------------------------------------------------

NOT_CONVEX = [loss for loss in LANDSCAPES.values() if not loss.convex]
CONVEX = [
    *(loss for loss in LANDSCAPES.values() if loss.convex),
    CHAPTER,
    MeanSquaredError(same_x()),
    MeanAbsoluteError(chapter_line()),
    SIX,
    LogisticLoss(separable_four()),
    LogisticLoss(challenger(), 0.1),
    Quartic(),
]


@pytest.mark.parametrize("loss", [*NOT_CONVEX, Product(), SigmoidSquaredError(overlapping_six())],
                         ids=lambda loss: loss.name)  # fmt: skip
def test_chord_witness_refutes_convexity(loss):
    chord = geometry.chord_witness(loss)
    middle = 0.5 * (chord.a + chord.b)
    assert loss.value(middle) == pytest.approx(chord.middle)
    assert chord.mean == pytest.approx(0.5 * float(loss.value(chord.a) + loss.value(chord.b)))
    assert chord.middle > chord.mean
    low, high = np.transpose(loss.view)
    ends = np.array([chord.a, chord.b])
    assert np.all((ends >= low - 1e-12) & (ends <= high + 1e-12))
    evidence = geometry.convexity(loss)
    assert evidence.kind == "witness"
    assert evidence.chord.middle > evidence.chord.mean


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("loss", [TwoBowls(), Ridge(1.0), Ridge(1000.0)], ids=lambda loss: loss.name)
def test_one_chord_at_random_finds_a_kink_and_one_along_the_least_curvature_a_thin_ridge(loss, seed):
    chord = geometry.chord_witness(loss, seed=seed)
    assert chord.middle > chord.mean
    assert np.all(np.abs([chord.a, chord.b]) <= loss.view[0][1])
    if loss.name == "two bowls":
        assert chord.a[0] * chord.b[0] < 0
        assert chord.middle - chord.mean > 0.5  # from (-1, 0) to (1, 0) it would be 1, the most there is


def test_chord_witness_is_seeded():
    loss = LANDSCAPES["himmelblau"]
    first, again = (geometry.chord_witness(loss, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.a, again.a)


@pytest.mark.parametrize("loss", CONVEX, ids=lambda loss: loss.name)
def test_no_chord_is_held_against_a_convex_loss(loss):
    assert geometry.chord_witness(loss) is None
    evidence = geometry.convexity(loss)
    assert (evidence.kind, evidence.chord) == ("proof", None)
    assert evidence.sentence == getattr(loss, "convexity", "Convex, by a theorem.")


def test_chords_alone_never_prove_convexity():
    """A penalty this large may make the sum convex; we have no theorem, so we do not say so."""
    evidence = geometry.convexity(SigmoidSquaredError(Dataset([0.1], [1.0], "one", ""), 500.0))
    assert evidence.kind in ("unknown", "witness")
    quartic = Quartic()
    quartic.convex = False
    evidence = geometry.convexity(quartic)
    assert (evidence.kind, evidence.chord) == ("unknown", None)
    assert evidence.sentence == (
        "No chord that we tried has its middle below the surface. That proves nothing, and we "
        "know of no theorem that makes this loss convex."
    )
