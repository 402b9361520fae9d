"""Landscapes: functions of two parameters with known stationary points.

Each class is one entry: its `definition` is the formula, and value, derivatives, the browser's version, the LaTeX
and the program shown under *Code* follow from it. The rest is what is known about the function.

`minima`, `saddles` and `maxima`, each (k, 2), list all stationary points of the plane, unless the class says
otherwise. `minima` includes the local ones, lowest first. `minimisers` and `infimum` refer to the global minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Dataset, Landscape, Point, points
from lossgeo.datasets import mean, puromycin
from lossgeo.symbolic.expression import Expression
from lossgeo.symbolic.values import Value


def _both_signs(*pairs: Point) -> Array:
    """The given points, each followed by its mirror image at the origin: shape (2k, 2)."""
    return points(*((sign * x, sign * y) for x, y in pairs for sign in (1.0, -1.0)))


# Quadratics


class Bowl(Landscape):
    """An elliptic paraboloid with Hessian eigenvalues 1 and 10."""

    name = "bowl"
    definition = "(x^2 + 10*y^2)/2"
    citation = "Boyd & Vandenberghe 2004, Convex Optimization, section 9.3.2 (gamma = 10)"
    lesson = (
        "With curvatures 1 and 10, gradient descent with a fixed learning rate converges to the "
        "minimum from every start if and only if 0 < learning rate < 0.2; close below 0.2 it "
        "zigzags along the more curved direction."
    )
    convex = True
    proof = "Convex, even strongly: the Hessian is diag(1, 10) everywhere, so no direction has a curvature below 1."
    view = ((-1.5, 1.5), (-1.5, 1.5))
    start = (1.0, 1.0)
    minimisers = "one"
    infimum = 0.0
    minima = points((0.0, 0.0))


class Saddle(Landscape):
    """A hyperbolic paraboloid: it curves up along x and down along y."""

    name = "saddle"
    definition = "x^2 - y^2"
    citation = (
        "the hyperbolic paraboloid; on how gradient descent leaves saddles: Lee, Simchowitz, "
        "Jordan & Recht 2016, COLT, PMLR 49:1246"
    )
    lesson = (
        "The gradient vanishes at the origin, yet the surface falls without bound along y: with "
        "a learning rate between 0 and 1 gradient descent converges to the saddle only from y = 0 "
        "exactly; any other start leaves, the later the smaller its y."
    )
    chord = ((0.0, -1.0), (0.0, 1.0))
    view = ((-2.0, 2.0), (-2.0, 2.0))
    start = (1.5, 0.001)
    saddles = points((0.0, 0.0))


class HiddenSaddle(Landscape):
    """A saddle that no cut parallel to an axis shows: Hessian eigenvalues -1 along (1, -1) and 5 along (1, 1)."""

    name = "hidden saddle"
    definition = "x^2 + y^2 + 3*x*y"
    citation = (
        "defined here; the test that every direction must pass: Boyd & Vandenberghe 2004, Convex "
        "Optimization, section 3.1.4"
    )
    lesson = (
        "Every cut parallel to an axis is an upward parabola, yet along the diagonal y = -x the "
        "surface falls without bound: convex along each axis does not mean convex."
    )
    chord = ((-1.0, 1.0), (1.0, -1.0))
    view = ((-2.0, 2.0), (-2.0, 2.0))
    start = (1.5, 1.49)
    saddles = points((0.0, 0.0))


# One idea each


class FlatBottom(Landscape):
    """The squared distance to the unit disc; every point of the disc is a minimiser.

    `minima` holds one of them. The function is continuously differentiable. Its gradient is 2 (p - q), with q the
    nearest point of the disc. The projection p -> q on a closed convex set is firmly non-expansive, so p - q is
    Lipschitz with constant 1 and the gradient with constant L = 2. On the circle r = 1 the radial second derivative
    jumps from 0 (inside) to 2 (outside), so the Hessian does not exist there; d2f returns the inner one, 0.
    """

    name = "flat bottom"
    definition = "max(sqrt(x^2 + y^2) - 1, 0)^2"
    citation = (
        "defined here, as the squared distance to a convex set: Boyd & Vandenberghe 2004, Convex "
        "Optimization, sections 3.2.4 and 3.2.5"
    )
    lesson = (
        "Convex with infinitely many minimisers: runs from different starts can end at different "
        "points of the disc, all with value 0, and a zero gradient means the work is done."
    )
    convex = True
    proof = (
        "Convex: the norm is convex, t -> max(t - 1, 0)^2 is convex and non-decreasing, so their "
        "composition is convex; not strictly, for it is 0 on the whole disc r <= 1."
    )
    view = ((-3.0, 3.0), (-3.0, 3.0))
    start = (2.5, 1.5)
    minimisers = "region"
    infimum = 0.0
    minima = points((0.0, 0.0))
    smoothness = 2.0


class MonkeySaddle(Landscape):
    """Three valleys and three ridges meet at the origin, where the Hessian is zero."""

    name = "monkey saddle"
    definition = "x^3 - 3*x*y^2"
    citation = "Hilbert & Cohn-Vossen 1952, Geometry and the Imagination, chapter IV"
    lesson = (
        "At the origin the gradient and the whole Hessian are zero, so the second-derivative "
        "test is silent; only the third-order terms show the three ways down and the three ways up."
    )
    chord = ((1.0, -1.0), (1.0, 1.0))
    view = ((-1.5, 1.5), (-1.5, 1.5))
    start = (1.2, 0.01)
    saddles = points((0.0, 0.0))


class DoubleWell(Landscape):
    """A tilted double well in x plus a parabola in y. Stationary where x^3 - x + 0.1 = 0 and y = 0."""

    name = "double well"
    definition = "x^4/4 - x^2/2 + x/10 + y^2/2"
    citation = (
        "Strogatz 2015, Nonlinear Dynamics and Chaos, section 3.6 (the potential of x' = h + r x "
        "- x^3 with h = -0.1, r = 1), plus y^2/2"
    )
    lesson = (
        "The learning rate can choose the well: from x = 1.6 gradient descent with 0.3 ends in "
        "the right one, with 0.6 it jumps the barrier and ends in the left one, which is lower."
    )
    chord = ((-1.0, 0.0), (1.0, 0.0))
    view = ((-2.0, 2.0), (-1.5, 1.5))
    start = (1.6, 1.0)
    minimisers = "one"
    infimum = -0.35238607380003645
    minima = points((-1.0466805318046022, 0.0), (0.9456492739235914, 0.0))
    saddles = points((0.10103125788101082, 0.0))


class PlateauAndCliff(Landscape):
    """A wide plateau, a cliff around the ellipse s = x^2/4 + y^2 = 1, and a basin inside.

    f = h(s) with h(0) = 0 and h' > 0. So the gradient h'(s) (x/2, 2y) vanishes at the origin only, which is the
    global minimum, with Hessian h'(0) diag(1/2, 2) and h'(0) = 0.50045. On the plateau s >= 3 the gradient norm
    is at most 2 sqrt(s) h'(s) < 0.11. At (0, 1), on the cliff, it is 5.25. Everywhere f < 3/2.
    """

    name = "plateau and cliff"
    definition = "(1 - 1/(1 + (x^2/4 + y^2)) + tanh(5*((x^2/4 + y^2) - 1)) + tanh(5))/2"
    citation = (
        "defined here; on plateaus and cliffs: Goodfellow, Bengio & Courville 2016, Deep "
        "Learning, sections 8.2.3 and 8.2.4"
    )
    lesson = (
        "On the plateau the gradient norm is below 0.11 although the minimum is far, on the cliff "
        "it exceeds 5: a learning rate of 1, half of what the basin allows, can throw a run right "
        "across the basin and out again."
    )
    chord = ((0.0, 0.0), (6.0, 0.0))
    view = ((-6.0, 6.0), (-4.0, 4.0))
    start = (2.0, 3.5)
    minimisers = "one"
    infimum = 0.0
    minima = points((0.0, 0.0))


# Classic test functions


class Himmelblau(Landscape):
    """Zero where two parabolas intersect.

    f_x and f_y are cubic, so there are at most 9 stationary points (Bézout). All 9 are listed.
    """

    name = "himmelblau"
    definition = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"
    citation = "Himmelblau 1972, Applied Nonlinear Programming, McGraw-Hill"
    lesson = (
        "Four minima with the same value 0: which one a run finds depends on the start and on "
        "the learning rate, and none of them is better than the others."
    )
    chord = ((-3.0, 3.0), (3.0, 2.0))
    view = ((-5.0, 5.0), (-5.0, 5.0))
    start = (0.0, -1.0)
    minimisers = "several"
    infimum = 0.0
    minima = points(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    )
    saddles = points(
        (3.385154183607021, 0.07385187983774928),
        (0.08667750455539636, 2.884254701174776),
        (-3.0730257507643897, -0.08135304428796751),
        (-0.12796134673068008, -1.9537149802445763),
    )
    maxima = points((-0.2708445906673476, -0.9230385564799815))


class SixHumpCamel(Landscape):
    """Six minima, two of them global. Eliminating y from the gradient leaves degree 15, with 15 real roots."""

    name = "six-hump camel"
    definition = "4*x^2 - 2.1*x^4 + x^6/3 + x*y - 4*y^2 + 4*y^4"
    citation = (
        "Dixon & Szegö 1978, The global optimization problem: an introduction, in Towards Global "
        "Optimisation 2, North-Holland"
    )
    lesson = (
        "Six minima and only two of them global: a run that ends with zero gradient and positive "
        "curvature may still be far above the lowest value."
    )
    chord = ((0.0, -0.7), (0.0, 0.7))
    view = ((-2.0, 2.0), (-1.2, 1.2))
    start = (-1.2, -0.3)
    minimisers = "several"
    infimum = -1.0316284534898774
    minima = _both_signs(
        (0.08984201310031806, -0.7126564030207396),
        (-1.703606714969981, 0.7960835686726251),
        (1.6071047529201972, 0.5686514548841314),
    )
    saddles = points(
        (0.0, 0.0),
        *_both_signs(
            (1.1092053368047865, -0.7682680925095399),
            (1.6380679841897785, 0.22867406904439408),
            (1.2960702671671092, 0.6050843880386585),
        ),
    )
    maxima = _both_signs((1.2302298765166526, 0.16233458445899496))


class Rosenbrock(Landscape):
    """A curved valley. f_y = 0 implies y = x^2, and then f_x = 0 implies x = 1: one stationary point."""

    name = "rosenbrock"
    definition = "(1 - x)^2 + 100*(y - x^2)^2"
    citation = "Rosenbrock 1960, The Computer Journal 3:175"
    lesson = (
        "Not convex, and yet the minimum is the only stationary point: there is nothing else to "
        "be caught in, but the curved valley, with condition number 2508 at the minimum, makes "
        "gradient descent slow."
    )
    chord = ((-1.0, 1.0), (1.0, 1.0))
    view = ((-2.0, 2.0), (-1.0, 3.0))
    start = (-1.2, 1.0)
    minimisers = "one"
    infimum = 0.0
    minima = points((1.0, 1.0))


class Rastrigin(Landscape):
    """A paraboloid with a regular array of local minima, separable into the same function of x and of y.

    All stationary points have |x|, |y| <= 10 pi; there are thousands. The 81 inside the view are listed: two
    valleys give a minimum, two ridges a maximum, a valley and a ridge a saddle.
    """

    name = "rastrigin"
    definition = "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)"
    citation = (
        "Rastrigin 1974, Systems of Extremal Control, Nauka (in Russian); Mühlenbein, Schomisch "
        "& Born 1991, Parallel Computing 17:619"
    )
    lesson = (
        "A regular array of local minima: with a learning rate below 0.0025 gradient descent ends "
        "in the dent it starts in, and only one of the 25 dents in view holds the global minimum."
    )
    chord = ((0.0, 0.0), (1.0, 0.0))
    view = ((-2.5, 2.5), (-2.5, 2.5))
    start = (2.2, -1.3)
    minimisers = "one"
    infimum = 0.0
    valleys = (0.0, -0.9949586376523348, 0.9949586376523348, -1.9899122337085495, 1.9899122337085495)
    ridges = (-0.5025460365546747, 0.5025460365546747, -1.5076407318703584, 1.5076407318703584)
    minima = points(*sorted(product(valleys, valleys), key=lambda p: p[0] ** 2 + p[1] ** 2))
    saddles = points(*product(valleys, ridges), *product(ridges, valleys))
    maxima = points(*product(ridges, ridges))


class Beale(Landscape):
    """A sum of three squares, with a flat valley, steep corners, and a wall that not every run can cross.

    If x is not 0, f_x = 0 gives x as a function of y, and f_y = 0 becomes

        (2y - 1) (y - 1)^3 (3y^3 + 11y^2 + 10y + 5) = 0.

    The root 1/2 is the minimum, the one real root of the cubic a saddle, and y = 1 leads back to x = 0, where (0,
    1) is the other saddle. For x = 0, f = 14.203125 for every y. For x < 0 there is no stationary point; with y =
    1 + c/|x|, c = 13.875/14, f tends to 0.45201 as x tends to minus infinity.
    """

    name = "beale"
    definition = "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2"
    citation = (
        "Beale 1958, Princeton University, Statistical Techniques Research Group, report 25; "
        "Moré, Garbow & Hillstrom 1981, ACM TOMS 7:17, problem 5"
    )
    lesson = (
        "One minimum, but not every descent gets there: on the axis x = 0 the value is 14.2 for "
        "every y, so a run with small steps that starts lower and left of it cannot cross, and "
        "keeps falling along a valley without end."
    )
    chord = ((0.5, 0.5), (-0.5, 1.5))
    view = ((-4.5, 4.5), (-4.5, 4.5))
    start = (1.0, 1.0)
    minimisers = "one"
    infimum = 0.0
    minima = points((3.0, 0.5))
    saddles = points((0.0, 1.0), (0.10053793732415836, -2.644513585023125))


# Models fitted to data


class LeastSquares(Landscape):
    """The mean squared error of a model that is not affine in its parameters.

    `model` is the formula of the prediction, `columns` are the names of the input and of the target. If `positive`
    names a parameter, the landscape is defined where that parameter is above 0; elsewhere the value is inf, and
    the derivatives are nan.

    With r = model - target, f = mean(r^2), and f_ab = 2 mean(m_a m_b + r m_ab). The term r m_ab is why f need not
    be convex in (a, b), though it is convex in the prediction m.
    """

    model: str
    columns: tuple[str, str] = ("x", "y")
    positive = ""
    dataset: Dataset

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.definition = f"({self.model} - {self.columns[1]})^2"
        self.expression = Expression(self.definition, self.parameters, self.columns)
        self.prediction = Expression(self.model, self.parameters, self.columns[:1])
        names = [column if len(column) == 1 else rf"\text{{{column}}}" for column in self.columns]
        numbered = {column: f"{name}_i" for column, name in zip(self.columns, names, strict=True)}
        mean_of = rf"\frac{{1}}{{n}}\sum_{{i=1}}^{{n}} {self.expression.latex(numbered)}"
        domain = rf", \quad {self.positive} > 0" if self.positive else ""
        self.formula = f"f({', '.join(self.parameters)}) = {mean_of}{domain}"

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """The prediction at inputs x (m,) for parameters p (..., 2): shape (..., m)."""
        p = np.asarray(p, dtype=float)
        a, b = self._inside(p[..., :1], p[..., 1:])
        with np.errstate(all="ignore"):
            return self.prediction.f(a, b, np.asarray(x, dtype=float)) + np.zeros(np.shape(x))

    def f(self, a: Array, b: Array, /) -> Array:
        """The mean squared error."""
        value = self._mean(self.expression.f, a, b)[0]
        if not self.positive:
            return value
        return np.where((a, b)[self.parameters.index(self.positive)] <= 0.0, np.inf, value)[()]

    def df(self, a: Array, b: Array, /) -> tuple[Value, Value]:
        """Its partial derivatives: 2 mean(r m_a) and 2 mean(r m_b)."""
        first, second = self._mean(self.expression.df, a, b)
        return first, second

    def d2f(self, a: Array, b: Array, /) -> tuple[Value, Value, Value]:
        """Its second derivatives."""
        first, mixed, second = self._mean(self.expression.d2f, a, b)
        return first, mixed, second

    def _mean(self, of: Callable[..., Any], a: Array, b: Array) -> list[Array]:
        """The means over the samples of what a formula gives for each of them."""
        a, b = self._inside(a, b)
        found = of(a[..., None], b[..., None], self.dataset.x, self.dataset.y)
        return [mean(np.atleast_1d(part)) for part in (found if isinstance(found, tuple) else (found,))]

    def _inside(self, a: Array, b: Array) -> tuple[Array, Array]:
        """The parameters, nan where the one that must be positive is not."""
        inside = tuple(
            np.where(values > 0.0, values, np.nan) if name == self.positive else values
            for name, values in zip(self.parameters, (a, b), strict=True)
        )
        return inside[0], inside[1]

    def newton(self, guess: Point) -> Point:
        """The stationary point near `guess` to full precision, by ten Newton steps."""
        p = np.array(guess)
        for _ in range(10):
            p -= np.linalg.solve(self.hessian(p), self.gradient(p))
        return float(p[0]), float(p[1])


def tanh_samples() -> Dataset:
    """20 noisy samples of tanh(1.5 x) on [-2, 2]. Every y has the sign of its x."""
    x = np.linspace(-2.0, 2.0, 20)
    y = np.tanh(1.5 * x) + 0.1 * np.random.default_rng(1).standard_normal(20)
    source = "generated: y = tanh(1.5 x) + 0.1 z, z standard normal, seed 1"
    return Dataset(x, y, "tanh samples", source)


class TanhNetwork(LeastSquares):
    """The smallest network: v tanh(w x). f(-w, -v) = f(w, v).

    x y > 0 in every sample, so mean(y tanh(w x)) = 0 only if w = 0. Hence f_v is not 0 where v = 0, w != 0, and
    f_w is not 0 where w = 0, v != 0. The two minima are the only stationary points off the axes according to a
    scan, which is not a proof: with the best v for each w, the derivative in w changes sign once for 0 < w < 50.
    Proved, by a Lipschitz bound, is that no value is lower than that of the minima by 1e-4.
    """

    name = "tiny network"
    model = "v*tanh(w*x)"
    citation = "defined here; on the symmetry: Bishop 2006, Pattern Recognition and Machine Learning, section 5.1.1"
    lesson = (
        "Changing the sign of both weights leaves the network the same, so its minima come in a "
        "pair, with a strict saddle between them at the origin: squared error is convex in the "
        "prediction, not in these weights."
    )
    chord = ((-1.5, -1.0), (1.5, 1.0))
    parameters = ("w", "v")
    view = ((-3.0, 3.0), (-2.0, 2.0))
    start = (1.0, -1.37)
    minimisers = "several"
    saddles = points((0.0, 0.0))

    def __init__(self) -> None:
        super().__init__(tanh_samples())
        self.minima = _both_signs(self.newton((1.5, 1.0)))
        self.infimum = float(self.value(self.minima[0]))


class Puromycin(LeastSquares):
    """Michaelis-Menten kinetics, rate = Vmax c / (K + c), with Vmax = 100 u and K = 0.1 v.

    It is defined for v > 0; elsewhere the value is inf, and gradient and Hessian are nan. With the best u for
    each v, the derivative in v is a positive factor times a polynomial in v whose coefficients change sign once.
    By Descartes' rule of signs it has one positive root, so the minimum is the only stationary point.
    """

    name = "puromycin"
    model = "100*u*c/(0.1*v + c)"
    columns = ("c", "rate")
    positive = "v"
    citation = "Bates & Watts 1988, Nonlinear Regression Analysis and Its Applications, A1.3; data from Treloar 1974"
    lesson = (
        "A real model fitted to real data: the predicted rate is not affine in v, so the mean "
        "squared error need not be convex in (u, v), and is not; still its minimum is the only "
        "stationary point."
    )
    chord = ((0.8, 0.1), (0.8, 3.0))
    parameters = ("u", "v")
    view = ((0.5, 3.5), (0.05, 3.0))
    start = (1.0, 2.5)
    minimisers = "one"

    def __init__(self) -> None:
        super().__init__(puromycin("treated"))
        self.minima = points(self.newton((2.127, 0.641)))
        self.infimum = float(self.value(self.minima[0]))


LANDSCAPES: dict[str, Landscape] = {
    landscape.name: landscape
    for landscape in (
        Bowl(),
        FlatBottom(),
        Saddle(),
        HiddenSaddle(),
        MonkeySaddle(),
        DoubleWell(),
        Himmelblau(),
        SixHumpCamel(),
        Rosenbrock(),
        Rastrigin(),
        Beale(),
        PlateauAndCliff(),
        TanhNetwork(),
        Puromycin(),
    )
}
