"""Landscapes: derivatives, independent values, all stationary points, the claims of the lessons."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from functools import reduce
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from numeric import assert_gradient, assert_hessian
from scipy import optimize

from lossgeo.landscapes import LANDSCAPES
from lossgeo.numbers import number

ALL = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
# At their stationary points the Hessian is singular, so that it does not tell the kind.
DEGENERATE = ("flat bottom", "monkey saddle")
CROWDED = ("rastrigin",)  # more stationary points than a search from 169 starts can meet


def named(*names):
    return pytest.mark.parametrize("landscape", [LANDSCAPES[n] for n in names], ids=names)


def where(condition):
    return named(*(n for n, landscape in LANDSCAPES.items() if condition(landscape)))


def sample(landscape, spread=1.0, count=300, seed=7):
    """Seeded points from the view, or from a box `spread` times as wide, inside the domain."""
    lower, upper = np.array(landscape.view).T
    half = spread * (upper - lower) / 2
    p = (lower + upper) / 2 + half * np.random.default_rng(seed).uniform(-1, 1, (count, 2))
    if positive := getattr(landscape, "positive", ""):
        axis = landscape.parameters.index(positive)
        p[:, axis] = np.abs(p[:, axis]) + 0.05
    if landscape.name == "flat bottom":
        p = p[np.abs(np.hypot(*p.T) - 1) > 0.01]  # the second derivative jumps on r = 1
    p = p[np.isfinite(landscape.value(p))]
    assert len(np.unique(p, axis=0)) == len(p) > 200, f"{landscape.name!r} is finite in too small a part of its `view`"
    return p


def grid(landscape, n=201):
    x, y = (np.linspace(*side, n) for side in landscape.view)
    return np.stack(np.meshgrid(x, y), axis=-1)


def stationary(landscape):
    return np.concatenate([landscape.minima, landscape.saddles, landscape.maxima])


def inside(landscape, p, margin=0.0):
    lower, upper = np.array(landscape.view).T
    return np.all((p >= lower - margin) & (p <= upper + margin), axis=-1)


def descend(landscape, start, learning_rate, steps):
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - learning_rate * landscape.gradient(path[-1]))
    return np.array(path)


# What every landscape must be


KINDS = ("minima", "saddles", "maxima")


@ALL
def test_facts_are_complete(landscape):
    name = landscape.name
    assert name == name.lower(), f"write the name {name!r} in small letters"
    for fact in ("formula", "citation", "lesson", "convexity"):
        text = getattr(landscape, fact)
        assert isinstance(text, str), f"{fact} of {name!r} must be a text"
        assert len(text) > 15, f"`{fact}` of {name!r} is too short to say anything: {text!r}"
    assert landscape.lesson.endswith("."), f"`lesson` of {name!r} must be a sentence and end with a full stop"
    begins = "Convex" if landscape.convex else "Not convex"
    assert landscape.convexity.startswith(begins), (
        f"`convexity` of {name!r} must begin with {begins!r}: write its `proof` so, or give the `chord` against it"
    )
    assert len(landscape.parameters) == 2, f"{name!r} needs two `parameters`"
    assert inside(landscape, np.array(landscape.start)), f"`start` of {name!r} must lie in its `view`"
    slope = np.linalg.norm(landscape.gradient(landscape.start))
    assert slope > 1e-3, f"`start` of {name!r} must not be stationary: nothing would move (gradient norm {slope})"


@ALL
def test_stationary_points_are_listed_in_view_and_once(landscape):
    for kind in KINDS:
        points = getattr(landscape, kind)
        assert points.shape[1:] == (2,), f"`{kind}` of {landscape.name!r} must be made by points((x, y), ...)"
        assert not points.flags.writeable, f"`{kind}` of {landscape.name!r} must be read-only: make it by points(...)"
        outside = points[~inside(landscape, points)]
        assert not len(outside), f"`{kind}` of {landscape.name!r} must lie in its `view`, but {outside.tolist()} do not"
    listed = stationary(landscape)
    apart = np.linalg.norm(listed[:, None] - listed, axis=-1) + np.eye(len(listed))
    twice = listed[(apart <= 0.01).any(axis=1)]
    assert not len(twice), f"{landscape.name!r} lists a point twice: {twice.tolist()}"


@ALL
def test_number_of_minimisers(landscape):
    name, values = landscape.name, landscape.value(landscape.minima)
    assert (np.diff(values) >= -1e-12).all(), f"list `minima` of {name!r} with the lowest first; values now {values}"
    lowest = int(np.sum(np.abs(values - landscape.infimum) < 1e-12))
    fits = {"none": lowest == 0, "one": lowest == 1, "several": lowest > 1}.get(landscape.minimisers, lowest > 0)
    assert fits, (
        f"{name!r} says `minimisers` = {landscape.minimisers!r}, but {lowest} of its `minima` have the value "
        f"`infimum` = {landscape.infimum}; their values are {values.tolist()}"
    )
    assert (landscape.infimum == -np.inf) == (landscape.minimisers == "none"), (
        f"{name!r} must have `infimum` = -inf exactly if it has no minimiser"
    )


@ALL
@pytest.mark.parametrize("spread", [1.0, 10.0], ids=["view", "far outside"])
def test_derivatives_to_second_order(landscape, spread):
    p = sample(landscape, spread)
    assert_gradient(landscape, p)
    assert_hessian(landscape, p)


@ALL
def test_derivatives_at_the_stationary_points(landscape):
    p = stationary(landscape)
    assert_gradient(landscape, p)
    assert_hessian(landscape, p)


def test_derivative_check_sees_a_wrong_derivative():
    class Wrong(type(LANDSCAPES["himmelblau"])):
        def df(self, x, y):
            f_x, f_y = super().df(x, y)
            return 1.00001 * f_x, f_y

    p = sample(LANDSCAPES["himmelblau"])
    with pytest.raises(AssertionError, match=r"gradient of 'himmelblau'.*\n.*analytic.*numeric"):
        assert_gradient(Wrong(), p)
    with pytest.raises(AssertionError, match="Hessian of 'himmelblau'"):
        assert_hessian(Wrong(), p)


@ALL
def test_broadcasts_over_leading_axes(landscape):
    p = sample(landscape)[:12]
    value, gradient, hessian = landscape.value(p), landscape.gradient(p), landscape.hessian(p)
    assert (value.shape, gradient.shape, hessian.shape) == ((12,), (12, 2), (12, 2, 2))
    for shape in [(3, 4), (2, 3, 2), (12, 1)]:
        q = p.reshape(*shape, 2)
        np.testing.assert_allclose(landscape.value(q), value.reshape(shape), rtol=1e-13)
        np.testing.assert_allclose(landscape.gradient(q), gradient.reshape(*shape, 2), rtol=1e-13)
        np.testing.assert_allclose(landscape.hessian(q), hessian.reshape(*shape, 2, 2), rtol=1e-13)
    one = p[5].tolist()
    assert np.shape(landscape.value(one)) == ()
    np.testing.assert_allclose(landscape.value(one), value[5], rtol=1e-13)
    np.testing.assert_allclose(landscape.gradient(one), gradient[5], rtol=1e-13)
    np.testing.assert_allclose(landscape.hessian(one), hessian[5], rtol=1e-13)
    assert landscape.value(np.empty((0, 2))).shape == (0,)
    assert landscape.hessian(np.empty((0, 2))).shape == (0, 2, 2)


@ALL
def test_finite_to_1e38_and_silent_beyond(landscape):
    signs = np.array(list(product((-1.0, 0.0, 1.0), repeat=2)))
    if positive := getattr(landscape, "positive", ""):
        signs = signs[signs[:, landscape.parameters.index(positive)] > 0]
    near = 0.7e38 * signs
    for what in ("value", "gradient", "hessian"):
        finite = np.isfinite(getattr(landscape, what)(near)).all()
        assert finite, f"the {what} of {landscape.name!r} overflows at 0.7e38 already: write the formula another way"
    for far in (1e60, 1e120, 1e160, 1e200, 1e308, np.inf):
        p = np.where(signs == 0, 0.0, far * np.where(signs == 0, 1.0, signs))
        for q in (p, p[0]):  # warnings are errors here
            landscape.value(q), landscape.gradient(q), landscape.hessian(q)
    assert np.isnan(landscape.value(np.full(2, np.nan))), f"{landscape.name!r} has a value where there is no point"


# Values


BY_HAND = [
    ("bowl", (1, 2), (1 + 40) / 2),
    ("flat bottom", (3, 4), (5 - 1) ** 2),
    ("flat bottom", (0.3, -0.4), 0),
    ("saddle", (3, 2), 9 - 4),
    ("hidden saddle", (1, -2), 1 + 4 - 6),
    ("monkey saddle", (2, 1), 8 - 6),
    ("double well", (2, 1), 4 - 2 + 0.2 + 0.5),
    ("himmelblau", (0, 0), 121 + 49),
    ("himmelblau", (1, 1), 81 + 25),
    ("six-hump camel", (1, 1), 4 - 2.1 + 1 / 3 + 1 + 0),
    ("six-hump camel", (2, -1), (4 - 8.4 + 16 / 3) * 4 - 2 + 0),
    ("six-hump camel", (0, 0.5), -0.75),
    ("rosenbrock", (-1.2, 1), 24.2),  # the usual starting value
    ("rastrigin", (0.5, 0.5), 20.5 + 20),
    ("rastrigin", (1, 2), 5),
    ("rastrigin", (0.25, 0), 0.0625 + 10),
    ("beale", (1, 1), 14.203125),  # 1.5^2 + 2.25^2 + 2.625^2
    ("beale", (2, 0), 0.25 + 0.0625 + 0.390625),
    ("beale", (1, 2), 2.5**2 + 5.25**2 + 9.625**2),
    ("plateau and cliff", (0, 1), 0.25 + math.tanh(5) / 2),
    ("plateau and cliff", (-2, 0), 0.25 + math.tanh(5) / 2),
    ("plateau and cliff", (4, 0), 0.4 + (math.tanh(15) + math.tanh(5)) / 2),
]


@pytest.mark.parametrize(("name", "p", "expected"), BY_HAND, ids=lambda v: str(v))
def test_value_worked_by_hand(name, p, expected):
    assert LANDSCAPES[name].value(p) == pytest.approx(expected, rel=1e-14, abs=1e-15)


PUBLISHED = [
    # Surjanovic & Bingham, Virtual Library of Simulation Experiments: f* = -1.0316
    ("six-hump camel", (0.0898, -0.7126), -1.0316, 1e-4),
    # the local maximum of Himmelblau's function as usually quoted
    ("himmelblau", (-0.270845, -0.923039), 181.617, 1e-3),
    ("beale", (3, 0.5), 0, 0),  # Moré, Garbow & Hillstrom 1981, problem 5
]


@pytest.mark.parametrize(("name", "p", "expected", "tolerance"), PUBLISHED, ids=lambda v: str(v))
def test_value_published(name, p, expected, tolerance):
    assert abs(LANDSCAPES[name].value(p) - expected) <= tolerance


def test_rosenbrock_is_scipys():
    rosenbrock = LANDSCAPES["rosenbrock"]
    p = np.random.default_rng(1).normal(0, 3, (100, 2))
    np.testing.assert_allclose(rosenbrock.value(p), optimize.rosen(p.T), rtol=1e-12)
    for q in p:
        np.testing.assert_allclose(rosenbrock.gradient(q), optimize.rosen_der(q), rtol=1e-10)
        np.testing.assert_allclose(rosenbrock.hessian(q), optimize.rosen_hess(q), rtol=1e-12)


def test_monkey_saddle_is_the_real_part_of_z_cubed():
    p = np.random.default_rng(2).normal(0, 2, (100, 2))
    cube = (p[:, 0] + 1j * p[:, 1]) ** 3
    np.testing.assert_allclose(LANDSCAPES["monkey saddle"].value(p), cube.real, rtol=1e-12, atol=1e-12)


def test_rastrigin_as_usually_written():
    p = np.random.default_rng(3).uniform(-5.12, 5.12, (100, 2))
    usual = 20 + np.sum(p**2 - 10 * np.cos(2 * np.pi * p), axis=1)
    np.testing.assert_allclose(LANDSCAPES["rastrigin"].value(p), usual, rtol=1e-12)


def test_rastrigin_keeps_its_accuracy_near_the_minimum():
    expected = 1e-18 * (1 + 20 * np.pi**2)
    assert LANDSCAPES["rastrigin"].value((1e-9, 0)) == pytest.approx(expected, rel=1e-12)


# Stationary points


def polished(landscape, p):
    """The point at which Newton's method ends from p."""
    for _ in range(20):
        p = p - np.linalg.solve(landscape.hessian(p), landscape.gradient(p))
    return p


@ALL
@pytest.mark.parametrize("kind", KINDS)
def test_listed_points_are_stationary_to_double_precision(landscape, kind):
    points = getattr(landscape, kind)
    hessian, gradient = landscape.hessian(points), landscape.gradient(points)
    steep = np.linalg.norm(gradient, axis=1) > 1e-14 * (1 + np.abs(hessian).max(axis=(1, 2), initial=0.0))
    if landscape.name in DEGENERATE:
        assert not steep.any(), f"{points[steep].tolist()} of {landscape.name!r} are not stationary"
        return
    away = np.linalg.solve(hessian, gradient[..., None])[..., 0]
    rough = steep | (np.abs(away).max(axis=1, initial=0.0) >= 2e-15)
    assert not rough.any(), (
        f"`{kind}` of {landscape.name!r} lists {points[rough][0].tolist()}, which is not stationary to the last digit: "
        f"the gradient is {gradient[rough][0].tolist()} there; Newton's method goes on to "
        f"{polished(landscape, points[rough][0]).tolist()}"
    )


@ALL
@pytest.mark.parametrize("kind", KINDS)
def test_curvature_tells_the_kinds_apart(landscape, kind):
    for p in getattr(landscape, kind):
        low, high = np.linalg.eigvalsh(landscape.hessian(p))
        fits = {"minima": low > 0, "saddles": low < 0 < high, "maxima": high < 0}[kind]
        if landscape.name in DEGENERATE:
            assert low == high == 0, f"{landscape.name!r} is not degenerate at {p.tolist()}"
        else:
            assert fits, (
                f"{landscape.name!r} lists {p.tolist()} under `{kind}`, but the curvatures are {low} and {high} there. "
                "If they do not tell the kind, add the landscape to DEGENERATE in tests/test_landscapes.py, and a test "
                "that shows the kind"
            )


def test_the_flat_bottom_has_no_curvature():
    assert (LANDSCAPES["flat bottom"].hessian(LANDSCAPES["flat bottom"].minima) == 0).all()


def test_monkey_saddle_is_degenerate_with_three_ways_down():
    landscape = LANDSCAPES["monkey saddle"]
    assert (landscape.hessian(landscape.saddles) == 0).all()
    angle = 2 * np.pi * (np.arange(600) + 0.5) / 600
    around = landscape.value(1e-3 * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
    assert np.sum(np.sign(around) != np.sign(np.roll(around, 1))) == 6
    assert around.min() < 0 < around.max()


@ALL
def test_independent_search_finds_no_other_stationary_point(landscape):
    steepest = np.linalg.norm(landscape.gradient(grid(landscape)), axis=-1).max()
    starts = grid(landscape, 13).reshape(-1, 2) + 0.0123
    ends = np.array([optimize.root(landscape.gradient, p, jac=landscape.hessian).x for p in starts])
    flat = np.linalg.norm(landscape.gradient(ends), axis=-1) < 1e-12 * steepest
    found = ends[flat & inside(landscape, ends)]
    assert len(found) > 3, f"a search from 169 starts hardly finds a stationary point of {landscape.name!r}"
    if landscape.minimisers == "region":
        assert (landscape.value(found) <= landscape.infimum + 1e-12).all(), (
            f"{landscape.name!r} has more than its region"
        )
        return
    distance = np.linalg.norm(found[:, None] - stationary(landscape), axis=-1)
    new = found[distance.min(axis=1) >= 1e-4]
    assert not len(new), (
        f"a search finds a stationary point of {landscape.name!r} that is not listed: add {new[:1].tolist()} to its "
        "`minima`, `saddles` or `maxima`"
    )
    missed = stationary(landscape)[distance.min(axis=0) >= 1e-4]
    assert not len(missed) or landscape.name in CROWDED, (
        f"{landscape.name!r} lists {missed.tolist()}, which a search from 169 starts does not find: check them, or add "
        "the landscape to CROWDED in tests/test_landscapes.py"
    )


def test_double_well_has_the_three_roots_of_its_cubic():
    landscape = LANDSCAPES["double well"]
    listed = np.sort(stationary(landscape)[:, 0])
    np.testing.assert_allclose(listed, np.sort(np.roots([1, 0, -1, 0.1])), rtol=1e-13)
    assert (stationary(landscape)[:, 1] == 0).all()


def test_himmelblau_has_as_many_points_as_bezout_allows():
    assert len(stationary(LANDSCAPES["himmelblau"])) == 3 * 3


def test_six_hump_camel_has_all_roots_of_its_polynomial():
    # f_x = 0 gives y = -(8x - 8.4x^3 + 2x^5); f_y = x - 8y + 16y^3 = 0 is then of degree 15 in x.
    x = np.polynomial.Polynomial([0, 1])
    y = -(8 * x - 8.4 * x**3 + 2 * x**5)
    roots = (x - 8 * y + 16 * y**3).roots()
    assert len(roots) == 15
    assert np.abs(roots.imag).max() < 1e-8
    listed = stationary(LANDSCAPES["six-hump camel"])
    np.testing.assert_allclose(np.sort(roots.real), np.sort(listed[:, 0]), atol=1e-7)
    np.testing.assert_allclose(y(listed[:, 0]), listed[:, 1], atol=1e-13)


def test_beale_has_three_points_in_the_whole_plane():
    landscape = LANDSCAPES["beale"]
    y = np.random.default_rng(4).uniform(-4, 4, 50)
    a = 1 - np.stack([y, y**2, y**3])
    c = np.array([1.5, 2.25, 2.625])
    square = (a**2).sum(axis=0)
    x = (c @ a) / square  # where f_x = 0
    f_x, f_y = landscape.gradient(np.stack([x, y], axis=-1)).T
    np.testing.assert_allclose(f_x, 0, atol=1e-9)
    cubic = 3 * y**3 + 11 * y**2 + 10 * y + 5
    polynomial = -0.375 * (2 * y - 1) * (y - 1) ** 3 * cubic
    np.testing.assert_allclose(f_y * square / (2 * x), polynomial, rtol=1e-8, atol=1e-8)
    roots = np.roots([3, 11, 10, 5])
    assert np.sum(np.abs(roots.imag) < 1e-12) == 1
    assert roots.real[np.abs(roots.imag) < 1e-12] == pytest.approx(landscape.saddles[1, 1])
    on_axis = landscape.gradient([(0.0, y) for y in np.linspace(-3, 3, 61)])
    assert np.sum(np.abs(on_axis[:, 0]) < 1e-9) == 1  # y = 1 only
    assert np.roots([2.625, 2.625 + 2.25, 2.625 + 2.25 + 1.5]).imag.all()


def test_rastrigin_lists_every_pair_of_one_dimensional_points_in_view():
    landscape = LANDSCAPES["rastrigin"]
    x = np.linspace(-2.5, 2.5, 100_000)
    slope = 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)
    crossings = x[1:][np.sign(slope[1:]) != np.sign(slope[:-1])]
    line = sorted(landscape.valleys + landscape.ridges)
    np.testing.assert_allclose(crossings, line, atol=1e-4)
    assert len(stationary(landscape)) == len(line) ** 2 == 81


def profile_derivative_of_puromycin():
    """Coefficients in K, exact, of a polynomial with the sign of the derivative of min over Vmax.

    With q = c / (K + c), S1 = sum(y q) and S2 = sum(q^2) the profile is mean(y^2) - S1^2 / (n S2).
    Its derivative is 2 S1 / (n S2^2) times T1 S2 - S1 T2, where T1 = sum(y q / (K + c)) and
    T2 = sum(q^2 / (K + c)).
    """
    dataset = LANDSCAPES["puromycin"].dataset
    data = [(Fraction(str(c)), Fraction(str(y))) for c, y in zip(dataset.x, dataset.y, strict=True)]
    levels = sorted({c for c, _ in data})

    def multiply(a, b):
        out = [Fraction(0)] * (len(a) + len(b) - 1)
        for (i, s), (j, t) in product(enumerate(a), enumerate(b)):
            out[i + j] += s * t
        return out

    def add(a, b):
        return [s + t for s, t in zip(a, b, strict=True)]

    def over_common_denominator(weight, power):  # sum of weight / (K + c)^power
        return reduce(
            add, (reduce(multiply, [[e, Fraction(1)] for e in levels if e != c] * power, [weight[c]]) for c in levels)
        )

    y = {c: sum(t for s, t in data if s == c) for c in levels}
    n = {c: sum(s == c for s, _ in data) for c in levels}
    s1 = over_common_denominator({c: y[c] * c for c in levels}, 1)
    t1 = over_common_denominator({c: y[c] * c for c in levels}, 2)
    s2 = over_common_denominator({c: n[c] * c**2 for c in levels}, 2)
    t2 = over_common_denominator({c: n[c] * c**2 for c in levels}, 3)
    return add(multiply(t1, s2), [-term for term in multiply(s1, t2)])


def test_puromycin_has_one_stationary_point_by_descartes_rule():
    coefficients = profile_derivative_of_puromycin()
    signs = [c > 0 for c in coefficients if c != 0]
    assert sum(a != b for a, b in pairwise(signs)) == 1
    k = Fraction(0.1 * float(LANDSCAPES["puromycin"].minima[0, 1]))

    def polynomial(at):
        return sum(c * at**i for i, c in enumerate(coefficients))

    assert polynomial(k * Fraction(1 - 10**-9)) < 0 < polynomial(k * Fraction(1 + 10**-9))


def profile_of_the_network(w):
    """Least value over v for each w > 0, and its derivative in log w."""
    dataset = LANDSCAPES["tiny network"].dataset
    t = np.tanh(w[:, None] * dataset.x)
    v = (t @ dataset.y) / (t * t).sum(axis=1)
    p = np.stack([w, v], axis=-1)
    return LANDSCAPES["tiny network"].value(p), w * LANDSCAPES["tiny network"].gradient(p)[:, 0]


def test_tiny_network_has_three_stationary_points():
    landscape = LANDSCAPES["tiny network"]
    np.testing.assert_allclose(landscape.dataset.x, 2 * np.arange(-19, 20, 2) / 19, rtol=1e-14)
    noise = landscape.dataset.y - np.tanh(1.5 * landscape.dataset.x)
    drawn = np.random.default_rng(1).standard_normal(20)  # as the data's source says
    np.testing.assert_allclose(noise, 0.1 * drawn, atol=1e-14)
    assert (landscape.dataset.x * landscape.dataset.y > 0).all()  # excludes both axes
    w = np.geomspace(1e-3, 50, 20_000)
    slope = profile_of_the_network(w)[1]
    turns = w[1:][np.sign(slope[1:]) != np.sign(slope[:-1])]
    np.testing.assert_allclose(turns, landscape.minima[:1, 0], rtol=1e-3)
    np.testing.assert_array_equal(landscape.minima[0], -landscape.minima[1])
    # Hessian [[0, -2 m], [-2 m, 0]] at the origin, m = mean(x y).
    m = np.mean(landscape.dataset.x * landscape.dataset.y)
    np.testing.assert_allclose(landscape.hessian((0, 0)), [[0, -2 * m], [-2 * m, 0]], rtol=1e-14, atol=1e-15)


# Infimum


@where(lambda landscape: landscape.minimisers != "none")
def test_infimum_is_attained_and_not_beaten(landscape):
    slack = 1e-12 * (1 + abs(landscape.infimum))
    attained = landscape.value(landscape.minima[0])
    assert attained == pytest.approx(landscape.infimum, abs=slack), (
        f"`infimum` of {landscape.name!r} is {landscape.infimum}, but its first minimum has the value {attained}"
    )
    random = np.random.default_rng(5)
    wide = random.normal(size=(50_000, 2)) * 10 ** random.uniform(-3, 3, (50_000, 1))
    close = landscape.minima[0] + random.normal(size=(50_000, 2)) * 10 ** random.uniform(-9, 0, (50_000, 1))
    for p in (grid(landscape).reshape(-1, 2), wide, close):
        value = landscape.value(p)
        assert not np.isnan(value).any(), f"{landscape.name!r} is no number at {p[np.isnan(value)][0].tolist()}"
        lowest = int(value.argmin())
        assert value[lowest] >= landscape.infimum - slack, (
            f"{landscape.name!r} is {value[lowest]} at {p[lowest].tolist()}, below its `infimum` {landscape.infimum}"
        )


@where(lambda landscape: landscape.minimisers == "none")
def test_unbounded_below(landscape):
    """Along the direction of the least curvature at some point of the view it falls without end."""
    for p in grid(landscape, 5).reshape(-1, 2):
        down = np.linalg.eigh(landscape.hessian(p))[1][:, 0]
        if landscape.value(1e6 * np.array([down, -down])).min() < -1e11:
            return
    pytest.fail(
        f"{landscape.name!r} says `minimisers` = 'none', but no direction was found in which it falls without end"
    )


def proved_bound_of_the_network():
    """A number that the tiny network's loss is proved not to fall below.

    P(w) = min over v is |y|^2 / n times the squared sine of the angle from y to tanh(w x).
    As the derivative of sin^2 is at most 1, |dP / dlog w| is at most
    (|y|^2 / n) w |x sech^2(w x)| / |tanh(w x)|.
    Here |x sech^2(w x)| falls and |tanh(w x)| grows with w, so the ends of a cell bound the slope.
    From w = 0 to the first w tanh(w x) turns by less than (w |x|)^2; beyond the last it is sign(x).
    """
    landscape = LANDSCAPES["tiny network"]
    x, y = landscape.dataset.x, landscape.dataset.y
    w = np.geomspace(1e-3, 200, 100_001)
    t = np.tanh(w[:, None] * x)
    slope = w[1:] * np.linalg.norm(x * (1 - t[:-1] ** 2), axis=1) / np.linalg.norm(t[:-1], axis=1)
    bound = np.mean(y**2) * slope * np.diff(np.log(w))
    profile = profile_of_the_network(w)[0]
    assert np.mean(y**2) * (1e-3 * np.linalg.norm(x)) ** 2 < 0.01
    assert np.abs(t[-1]).min() == 1.0
    tails = min(profile[0], profile[-1]) - 0.01
    return min((profile[:-1] - bound).min(), tails)


def test_tiny_network_infimum_is_proved_to_1e_4():
    assert proved_bound_of_the_network() > LANDSCAPES["tiny network"].infimum - 1e-4


# Convexity


@where(lambda landscape: landscape.convex)
def test_convex_landscapes_show_no_counterexample(landscape):
    name = landscape.name
    assert landscape.chord is None, f"{name!r} is declared `convex`, so it cannot have a `chord` against it"
    assert landscape.convexity == landscape.proof
    for spread in (1.0, 10.0):
        p, q = sample(landscape, spread), sample(landscape, spread, seed=8)
        least = np.linalg.eigvalsh(landscape.hessian(p)).min()
        assert least >= -1e-12, f"{name!r} is declared `convex`, but somewhere a curvature is {least}"
        k = min(len(p), len(q))
        middle, ends = landscape.value((p[:k] + q[:k]) / 2), (landscape.value(p[:k]) + landscape.value(q[:k])) / 2
        above = middle > ends * (1 + 1e-12) + 1e-12
        assert not above.any(), f"{name!r} is declared `convex`, but it lies above a chord"


@where(lambda landscape: not landscape.convex)
def test_chord_disproves_convexity(landscape):
    name = landscape.name
    assert landscape.proof == "", f"{name!r} is not declared `convex`, so it cannot have a `proof`"
    assert landscape.chord is not None, f"give {name!r} a `chord`: two points whose middle lies below the surface"
    ends = np.array(landscape.chord)
    assert inside(landscape, ends).all(), f"both ends of the `chord` of {name!r} must lie in its `view`"
    middle, mean = landscape.value(ends.mean(axis=0)), landscape.value(ends).mean()
    assert middle > mean + 0.1, (
        f"halfway along its `chord` {name!r} is {middle:.6g}, which must exceed the mean of the ends, {mean:.6g}, "
        "by 0.1 at least: choose two points with a hill between them"
    )
    assert f"at {number(float(middle), 6)}, above {number(float(mean), 6)}," in landscape.convexity


@where(lambda landscape: landscape.separable)
def test_separable_landscapes_separate(landscape):
    p = sample(landscape)
    x, y = (p * unit for unit in np.eye(2))
    parts = landscape.value(x) + landscape.value(y) - landscape.value((0, 0))
    np.testing.assert_allclose(landscape.value(p), parts, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(landscape.gradient(p)[:, 0], landscape.gradient(x)[:, 0])
    np.testing.assert_array_equal(landscape.gradient(p)[:, 1], landscape.gradient(y)[:, 1])
    assert (landscape.hessian(p)[:, 0, 1] == 0).all()


# What the lessons say


def test_bowl_limit_is_0_2():
    bowl = LANDSCAPES["bowl"]
    np.testing.assert_array_equal(bowl.hessian((3, 4)), np.diag([1.0, 10.0]))
    assert np.linalg.norm(descend(bowl, (1, 1), 0.199, 3000)[-1]) < 1e-9
    assert np.linalg.norm(descend(bowl, (1, 1), 0.201, 3000)[-1]) > 1e9


def test_saddle_delays_but_does_not_hold():
    saddle = LANDSCAPES["saddle"]
    path = descend(saddle, (1, 1e-6), 0.1, 100)
    assert np.argmax(np.abs(path[:, 1]) >= 1) == 76
    np.testing.assert_allclose(descend(saddle, (1, 0), 0.1, 300)[-1], 0, atol=1e-20)
    slopes = np.linalg.norm(saddle.gradient(descend(saddle, saddle.start, 0.1, 60)), axis=1)
    assert slopes.min() < 0.1 < 3 < slopes[-1]  # past the saddle, then away


def test_hidden_saddle_has_eigenvalues_minus_1_and_5():
    landscape = LANDSCAPES["hidden saddle"]
    values, vectors = np.linalg.eigh(landscape.hessian((0.3, 0.7)))
    np.testing.assert_allclose(values, [-1, 5], rtol=1e-14)
    np.testing.assert_allclose(np.abs(vectors), math.sqrt(0.5))
    assert (np.diagonal(landscape.hessian((0, 0))) > 0).all()  # both cuts are bowls


def test_flat_bottom_ends_differ_and_match_the_one_dimensional_case():
    landscape = LANDSCAPES["flat bottom"]
    for start, end in [((3, 0), (1, 0)), ((-3, 0), (-1, 0)), ((0.5, 0), (0.5, 0))]:
        np.testing.assert_allclose(descend(landscape, start, 0.25, 200)[-1], end, atol=1e-9)
    below, above = landscape.hessian([(1 - 1e-9, 0), (1 + 1e-9, 0)])
    np.testing.assert_array_equal(below, 0)  # the second derivative jumps on the circle
    np.testing.assert_allclose(above, [[2, 0], [0, 0]], atol=1e-8)
    np.testing.assert_array_equal(landscape.hessian((1, 0)), 0)
    assert np.linalg.norm(landscape.gradient((1 + 1e-9, 0))) < 1e-8  # the first does not


def test_double_well_learning_rate_chooses_the_well():
    landscape = LANDSCAPES["double well"]
    left, right = landscape.minima
    np.testing.assert_allclose(descend(landscape, landscape.start, 0.3, 2000)[-1], right, atol=1e-9)
    np.testing.assert_allclose(descend(landscape, landscape.start, 0.6, 2000)[-1], left, atol=1e-9)
    assert landscape.value(left) == pytest.approx(-0.35238607, abs=1e-8)
    assert landscape.value(right) == pytest.approx(-0.15263944, abs=1e-8)


def test_rosenbrock_condition_number_is_2508():
    landscape = LANDSCAPES["rosenbrock"]
    small, large = np.linalg.eigvalsh(landscape.hessian((1, 1)))
    assert large / small == pytest.approx(2508.01, abs=0.01)
    np.testing.assert_allclose(np.linalg.eigvalsh(landscape.hessian((0, 1))), [-398, 200])


def test_rastrigin_small_steps_stay_in_their_dent():
    landscape = LANDSCAPES["rastrigin"]
    x = np.linspace(-40, 40, 100_001)
    assert landscape.hessian(np.stack([x, x], axis=-1)).max() < 1 / 0.0025
    np.testing.assert_allclose(
        descend(landscape, landscape.start, 0.0024, 300)[-1], (landscape.valleys[-1], landscape.valleys[1]), atol=1e-9
    )


def test_himmelblau_start_and_learning_rate_choose_the_minimum():
    landscape = LANDSCAPES["himmelblau"]
    starts = [(1, 1), (-1, 1), (-1, -2), (1, -1)]
    ends = [descend(landscape, start, 0.005, 1000)[-1] for start in starts]
    np.testing.assert_allclose(ends, landscape.minima, atol=1e-6)
    assert (landscape.value(landscape.minima) < 1e-20).all()


def test_beale_wall_and_the_valley_without_end():
    landscape = LANDSCAPES["beale"]
    wall = landscape.value([(0, y) for y in np.linspace(-9, 9, 19)])
    np.testing.assert_array_equal(wall, 14.203125)
    c = 13.875 / 14
    values = landscape.value([(-x, 1 + c / x) for x in (1e2, 1e4, 1e6)])
    assert (np.diff(values) < 0).all()
    assert values[-1] == pytest.approx(14.203125 - 13.875**2 / 14, abs=1e-4)
    assert values[-1] == pytest.approx(0.45201, abs=1e-4)
    path = descend(landscape, (-1, 1.5), 0.001, 5000)
    assert (path[:, 0] < 0).all()
    assert (np.diff(landscape.value(path)) < 0).all()
    assert path[-1, 0] < -2
    end = descend(landscape, landscape.start, 0.01, 6000)[-1]
    np.testing.assert_allclose(end, landscape.minima[0], atol=1e-6)


def test_plateau_is_flat_the_cliff_steep_and_the_basin_calm():
    landscape = LANDSCAPES["plateau and cliff"]
    p = np.concatenate([grid(landscape).reshape(-1, 2), 30 * sample(landscape)])
    s = p[:, 0] ** 2 / 4 + p[:, 1] ** 2
    slope = np.linalg.norm(landscape.gradient(p), axis=1)
    assert slope[s >= 3].max() < 0.11
    assert np.mean(s[: 201**2] >= 3) > 0.7  # of the view
    assert np.linalg.norm(landscape.gradient((0, 1))) == pytest.approx(5.25)
    assert landscape.value(p).max() < 1.5
    h = landscape.hessian((0, 0))
    np.testing.assert_allclose(h, 0.50045 * np.diag([0.5, 2]), rtol=1e-5)
    # The bound 2 sqrt(s) h'(s) is largest at s = 3.
    s = np.linspace(3, 400, 10_000)
    bound = np.sqrt(s) * (1 / (1 + s) ** 2 + 5 / np.cosh(np.minimum(5 * (s - 1), 300)) ** 2)
    assert (np.diff(bound) < 0).all()
    assert bound[0] < 0.11


def test_plateau_a_rate_the_basin_allows_overshoots_at_the_cliff():
    landscape = LANDSCAPES["plateau and cliff"]
    assert 2 / np.linalg.eigvalsh(landscape.hessian((0, 0)))[1] == pytest.approx(2, abs=0.01)
    path = descend(landscape, landscape.start, 1.0, 200)
    s = path[:, 0] ** 2 / 4 + path[:, 1] ** 2
    out = np.flatnonzero((s[:-1] < 1) & (s[1:] > 1))
    assert out.size > 0
    before, after = path[out[0]], path[out[0] + 1]
    assert before[1] > 0 > after[1]  # right across
    np.testing.assert_allclose(path[-1], 0, atol=1e-6)


def test_tiny_network_symmetry_prediction_and_delay_at_the_saddle():
    landscape = LANDSCAPES["tiny network"]
    p = sample(landscape)
    np.testing.assert_allclose(landscape.value(-p), landscape.value(p), rtol=1e-14)
    predicted = landscape.predict(p, landscape.dataset.x)
    assert predicted.shape == (len(p), landscape.dataset.n)
    error = np.mean((predicted - landscape.dataset.y) ** 2, axis=-1)
    np.testing.assert_allclose(landscape.value(p), error, rtol=1e-13)
    assert landscape.predict((2, 3), [0.5])[0] == pytest.approx(3 * math.tanh(1))
    path = descend(landscape, landscape.start, 0.1, 2000)
    assert np.linalg.norm(path, axis=1).min() < 0.2
    assert np.linalg.norm(path[-1] - landscape.minima, axis=1).min() < 0.01


def test_puromycin_matches_the_reference_fit():
    reference = json.loads((Path(__file__).parent / "reference.json").read_text())
    expected = reference["nonlinear"]["puromycin_treated"]
    landscape = LANDSCAPES["puromycin"]
    u, v = landscape.minima[0]
    assert 100 * u == pytest.approx(expected["Vmax"], rel=1e-10)
    assert 0.1 * v == pytest.approx(expected["K"], rel=1e-10)
    assert landscape.infimum == pytest.approx(expected["min_loss"], rel=1e-10)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(landscape.hessian((u, v))), expected["scaled_u_v"]["eigenvalues"], rtol=1e-8
    )
    vmax, k = expected["witness_point"]
    unscale = np.diag([1 / 100, 1 / 0.1])
    hessian = unscale @ landscape.hessian((vmax / 100, k / 0.1)) @ unscale
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), expected["witness_hessian_eigenvalues"], rtol=1e-8)
    assert landscape.predict((2, 1), [0.1, 0.3]) == pytest.approx([100, 150])


def test_puromycin_is_undefined_for_v_not_positive():
    landscape = LANDSCAPES["puromycin"]
    p = np.array([(1.0, 0.0), (1.0, -0.2), (2.0, -5.0)])  # -0.2: a pole of the formula
    assert (landscape.value(p) == np.inf).all()
    assert np.isnan(landscape.gradient(p)).all()
    assert np.isnan(landscape.hessian(p)).all()
    assert landscape.value((1.0, -1.0)) == np.inf
    assert np.isfinite(landscape.value((1.0, 1e-6)))
