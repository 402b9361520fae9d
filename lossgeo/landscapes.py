"""Landscapes: functions of two parameters whose stationary points are known.

Each states three formulas, one under the other, so that the eye can check one against the next:

    f(x, y)     the value
    df(x, y)    its gradient (f_x, f_y)
    d2f(x, y)   its second derivatives (f_xx, f_xy, f_yy)

The base class turns them into value, gradient and Hessian of points p. Shapes: p is (..., 2); value
(...), gradient (..., 2), Hessian (..., 2, 2). Far out, where a formula overflows (never for |p|
below 1e38), the result is inf or nan, without a warning.

`minima`, `saddles` and `maxima`, each (k, 2), list all stationary points of the plane, except where
the class says otherwise. `minima` holds the local ones too, lowest first; `minimisers` and
`infimum` are about the global minimum.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Dataset, Landscape, Point, points
from lossgeo.datasets import mean, puromycin

Entry = Array | float


def _both_signs(*pairs: Point) -> Array:
    """Every given point, each followed by its mirror image in the origin."""
    return points(*((sign * x, sign * y) for x, y in pairs for sign in (1.0, -1.0)))


# Quadratics


class Bowl(Landscape):
    """An elliptic paraboloid with curvatures 1 and 10."""

    name = "bowl"
    formula = r"f(x, y) = \tfrac{1}{2}\left(x^2 + 10\,y^2\right)"
    citation = "Boyd & Vandenberghe 2004, Convex Optimization, section 9.3.2 (gamma = 10)"
    lesson = (
        "With curvatures 1 and 10, gradient descent with a fixed learning rate converges to the "
        "minimum from every start if and only if 0 < learning rate < 0.2; close below 0.2 it "
        "zigzags along the more curved direction."
    )
    convex = True
    proof = "Convex, even strongly: the Hessian is diag(1, 10) everywhere, so no direction has a curvature below 1."
    separable = True
    quadratic = True
    smoothness = 10.0
    view = ((-1.5, 1.5), (-1.5, 1.5))
    start = (1.0, 1.0)
    minimisers = "one"
    infimum = 0.0
    minima = points((0.0, 0.0))

    def f(self, x: Array, y: Array) -> Array:
        return (x**2 + 10.0 * y**2) / 2.0

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return x, 10.0 * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 1.0, 0.0, 10.0


class Saddle(Landscape):
    """A hyperbolic paraboloid: up along x, down along y."""

    name = "saddle"
    formula = r"f(x, y) = x^2 - y^2"
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
    separable = True
    quadratic = True
    smoothness = 2.0
    view = ((-2.0, 2.0), (-2.0, 2.0))
    start = (1.5, 0.001)
    saddles = points((0.0, 0.0))

    def f(self, x: Array, y: Array) -> Array:
        return x**2 - y**2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return 2.0 * x, -2.0 * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 2.0, 0.0, -2.0


class HiddenSaddle(Landscape):
    """A saddle that both axes miss: eigenvalue -1 along (1, -1), 5 along (1, 1)."""

    name = "hidden saddle"
    formula = r"f(x, y) = x^2 + y^2 + 3xy"
    citation = (
        "defined here; the test that every direction must pass: Boyd & Vandenberghe 2004, Convex "
        "Optimization, section 3.1.4"
    )
    lesson = (
        "Every cut parallel to an axis is an upward parabola, yet along the diagonal y = -x the "
        "surface falls without bound: convex along each axis does not mean convex."
    )
    chord = ((-1.0, 1.0), (1.0, -1.0))
    quadratic = True
    smoothness = 5.0
    view = ((-2.0, 2.0), (-2.0, 2.0))
    start = (1.5, 1.49)
    saddles = points((0.0, 0.0))

    def f(self, x: Array, y: Array) -> Array:
        return x**2 + y**2 + 3.0 * x * y

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return 2.0 * x + 3.0 * y, 3.0 * x + 2.0 * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 2.0, 3.0, 2.0


# One idea each


class FlatBottom(Landscape):
    """The squared distance to the unit disc: every point of the disc is a minimiser.

    Continuously differentiable. On the circle r = 1 the radial second derivative jumps from 0
    (inside) to 2 (outside), so there is no Hessian there; d2f returns the one from inside, 0.
    `minima` holds one representative of the disc.
    """

    name = "flat bottom"
    formula = r"f(x, y) = \max(r - 1,\, 0)^2, \quad r = \sqrt{x^2 + y^2}"
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

    def f(self, x: Array, y: Array) -> Array:
        m = np.maximum(np.hypot(x, y), 1.0)
        return (m - 1.0) ** 2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        m = np.maximum(np.hypot(x, y), 1.0)
        return 2.0 * (1.0 - 1.0 / m) * x, 2.0 * (1.0 - 1.0 / m) * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        # Curvature 2 along the unit vector (u, v), 2 (1 - 1/r) across it.
        m = np.maximum(np.hypot(x, y), 1.0)
        u, v = x / m, y / m
        across = 2.0 * (1.0 - 1.0 / m)
        excess = np.where(m > 1.0, 2.0 / m, 0.0)
        return across + excess * u * u, excess * u * v, across + excess * v * v


class MonkeySaddle(Landscape):
    """Three valleys and three ridges meet at the origin, where the Hessian is zero."""

    name = "monkey saddle"
    formula = r"f(x, y) = x^3 - 3xy^2"
    citation = "Hilbert & Cohn-Vossen 1952, Geometry and the Imagination, chapter IV"
    lesson = (
        "At the origin the gradient and the whole Hessian are zero, so the second-derivative "
        "test is silent; only the third-order terms show the three ways down and the three ways up."
    )
    chord = ((1.0, -1.0), (1.0, 1.0))
    view = ((-1.5, 1.5), (-1.5, 1.5))
    start = (1.2, 0.01)
    saddles = points((0.0, 0.0))

    def f(self, x: Array, y: Array) -> Array:
        return x**3 - 3.0 * x * y**2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return 3.0 * (x**2 - y**2), -6.0 * x * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 6.0 * x, -6.0 * y, -6.0 * x


class DoubleWell(Landscape):
    """A tilted double well in x, a parabola in y; stationary where x^3 - x + 0.1 = 0 and y = 0."""

    name = "double well"
    formula = r"f(x, y) = \tfrac{1}{4}x^4 - \tfrac{1}{2}x^2 + \tfrac{1}{10}x + \tfrac{1}{2}y^2"
    citation = (
        "Strogatz 2015, Nonlinear Dynamics and Chaos, section 3.6 (the potential of x' = h + r x "
        "- x^3 with h = -0.1, r = 1), plus y^2/2"
    )
    lesson = (
        "The learning rate can choose the well: from x = 1.6 gradient descent with 0.3 ends in "
        "the right one, with 0.6 it jumps the barrier and ends in the left one, which is lower."
    )
    chord = ((-1.0, 0.0), (1.0, 0.0))
    separable = True
    view = ((-2.0, 2.0), (-1.5, 1.5))
    start = (1.6, 1.0)
    minimisers = "one"
    infimum = -0.35238607380003645
    minima = points((-1.0466805318046022, 0.0), (0.9456492739235914, 0.0))
    saddles = points((0.10103125788101082, 0.0))

    def f(self, x: Array, y: Array) -> Array:
        return ((x**2 / 4.0 - 0.5) * x + 0.1) * x + y**2 / 2.0

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return (x**2 - 1.0) * x + 0.1, y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 3.0 * x**2 - 1.0, 0.0, 1.0


class PlateauAndCliff(Landscape):
    """A wide plateau, a cliff around the ellipse s = x^2/4 + y^2 = 1, a basin inside.

    f = h(s) with h' > 0 and h(0) = 0, so the gradient h'(s) (x/2, 2y) vanishes at the origin only:
    one stationary point, the global minimum, with Hessian h'(0) diag(1/2, 2) and h'(0) = 0.50045.
    On the plateau s >= 3 the gradient norm is at most 2 sqrt(s) h'(s) < 0.11; at (0, 1), on the
    cliff, it is 5.25. And f < 3/2.
    """

    name = "plateau and cliff"
    formula = (
        r"f(x, y) = \tfrac{1}{2}\left(\frac{s}{1 + s} + \tanh(5(s - 1)) + \tanh 5\right),"
        r"\quad s = \tfrac{1}{4}x^2 + y^2"
    )
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

    def f(self, x: Array, y: Array) -> Array:
        s = x**2 / 4.0 + y**2  # s / (1 + s) as 1 - 1 / (1 + s), for s = inf too
        return (1.0 - 1.0 / (1.0 + s) + np.tanh(5.0 * (s - 1.0)) + math.tanh(5.0)) / 2.0

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        s = x**2 / 4.0 + y**2
        t = np.tanh(5.0 * (s - 1.0))
        dh = (1.0 / (1.0 + s) ** 2 + 5.0 * (1.0 - t**2)) / 2.0
        return dh * x / 2.0, dh * 2.0 * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        s = x**2 / 4.0 + y**2
        t = np.tanh(5.0 * (s - 1.0))
        dh = (1.0 / (1.0 + s) ** 2 + 5.0 * (1.0 - t**2)) / 2.0
        d2h = -1.0 / (1.0 + s) ** 3 - 25.0 * t * (1.0 - t**2)
        return d2h * x * x / 4.0 + dh / 2.0, d2h * x * y, d2h * y * y * 4.0 + dh * 2.0


# Classic test functions


class Himmelblau(Landscape):
    """Zero where two parabolas cross; f_x and f_y are cubic, so at most 9 points (Bézout)."""

    name = "himmelblau"
    formula = r"f(x, y) = \left(x^2 + y - 11\right)^2 + \left(x + y^2 - 7\right)^2"
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

    def f(self, x: Array, y: Array) -> Array:
        return (x**2 + y - 11.0) ** 2 + (x + y**2 - 7.0) ** 2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        a, b = x**2 + y - 11.0, x + y**2 - 7.0
        return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        a, b = x**2 + y - 11.0, x + y**2 - 7.0
        return 8.0 * x**2 + 4.0 * a + 2.0, 4.0 * (x + y), 8.0 * y**2 + 4.0 * b + 2.0


class SixHumpCamel(Landscape):
    """Six minima, two global; with y eliminated the gradient has degree 15, with 15 real roots."""

    name = "six-hump camel"
    formula = r"f(x, y) = \left(4 - 2.1\,x^2 + \tfrac{1}{3}x^4\right)x^2 + xy + \left(4y^2 - 4\right)y^2"
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

    def f(self, x: Array, y: Array) -> Array:
        return (4.0 + (x**2 / 3.0 - 2.1) * x**2) * x**2 + x * y + 4.0 * (y**2 - 1.0) * y**2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return (8.0 + (2.0 * x**2 - 8.4) * x**2) * x + y, x + (16.0 * y**2 - 8.0) * y

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 8.0 + (10.0 * x**2 - 25.2) * x**2, 1.0, 48.0 * y**2 - 8.0


class Rosenbrock(Landscape):
    """A curved valley. f_y = 0 forces y = x^2, then f_x = 0 forces x = 1: one stationary point."""

    name = "rosenbrock"
    formula = r"f(x, y) = (1 - x)^2 + 100\left(y - x^2\right)^2"
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

    def f(self, x: Array, y: Array) -> Array:
        return (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        return -2.0 * (1.0 - x) - 400.0 * x * (y - x**2), 200.0 * (y - x**2)

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        return 2.0 - 400.0 * (y - 3.0 * x**2), -400.0 * x, 200.0


class Rastrigin(Landscape):
    """A parabola with regular dents, the same in x and y.

    Stationary points exist only for |x|, |y| <= 10 pi, but there are thousands of them. Listed are
    the 81 inside the view: two valleys make a minimum, two ridges a maximum, one of each a saddle.
    """

    name = "rastrigin"
    formula = r"f(x, y) = 20 + x^2 - 10\cos(2\pi x) + y^2 - 10\cos(2\pi y)"
    citation = (
        "Rastrigin 1974, Systems of Extremal Control, Nauka (in Russian); Mühlenbein, Schomisch "
        "& Born 1991, Parallel Computing 17:619"
    )
    lesson = (
        "A regular array of local minima: with a learning rate below 0.0025 gradient descent ends "
        "in the dent it starts in, and only one of the 25 dents in view holds the global minimum."
    )
    chord = ((0.0, 0.0), (1.0, 0.0))
    separable = True
    view = ((-2.5, 2.5), (-2.5, 2.5))
    start = (2.2, -1.3)
    minimisers = "one"
    infimum = 0.0
    valleys = (0.0, -0.9949586376523348, 0.9949586376523348, -1.9899122337085495, 1.9899122337085495)
    ridges = (-0.5025460365546747, 0.5025460365546747, -1.5076407318703584, 1.5076407318703584)
    minima = points(*sorted(product(valleys, valleys), key=lambda p: p[0] ** 2 + p[1] ** 2))
    saddles = points(*product(valleys, ridges), *product(ridges, valleys))
    maxima = points(*product(ridges, ridges))

    def f(self, x: Array, y: Array) -> Array:
        # 10 - 10 cos(2 pi x) = 20 sin(pi x)^2, without the cancellation near 0.
        return (x**2 + 20.0 * np.sin(np.pi * x) ** 2) + (y**2 + 20.0 * np.sin(np.pi * y) ** 2)

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        c = 2.0 * np.pi
        return 2.0 * x + 10.0 * c * np.sin(c * x), 2.0 * y + 10.0 * c * np.sin(c * y)

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        c = 2.0 * np.pi
        return 2.0 + 10.0 * c**2 * np.cos(c * x), 0.0, 2.0 + 10.0 * c**2 * np.cos(c * y)


class Beale(Landscape):
    """Three squares: a flat valley with steep corners, and a wall that not every descent can cross.

    Off the axis x = 0, f_x = 0 gives x as a function of y, and f_y = 0 then becomes the polynomial
    (2y - 1) (y - 1)^3 (3y^3 + 11y^2 + 10y + 5) = 0. Its root 1/2 is the minimum, the one real root
    of the cubic a saddle; y = 1 leads back to x = 0, where (0, 1) is the other saddle.

    On the axis itself f = 14.203125 for every y. Left of it there is no stationary point, and with
    y = 1 + c/|x|, c = 13.875/14, the value tends to 0.45201 as x goes to minus infinity.
    """

    name = "beale"
    formula = (
        r"f(x, y) = \left(1.5 - x + xy\right)^2 + \left(2.25 - x + xy^2\right)^2"
        r" + \left(2.625 - x + xy^3\right)^2"
    )
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

    def residuals(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        """c_i - x (1 - y^i) for i = 1, 2, 3."""
        return 1.5 - x * (1.0 - y), 2.25 - x * (1.0 - y**2), 2.625 - x * (1.0 - y**3)

    def f(self, x: Array, y: Array) -> Array:
        r1, r2, r3 = self.residuals(x, y)
        return r1**2 + r2**2 + r3**2

    def df(self, x: Array, y: Array) -> tuple[Entry, Entry]:
        r1, r2, r3 = self.residuals(x, y)
        return (
            2.0 * (r1 * (y - 1.0) + r2 * (y**2 - 1.0) + r3 * (y**3 - 1.0)),
            2.0 * x * (r1 + 2.0 * y * r2 + 3.0 * y**2 * r3),
        )

    def d2f(self, x: Array, y: Array) -> tuple[Entry, Entry, Entry]:
        r1, r2, r3 = self.residuals(x, y)
        cross = (y - 1.0) + 2.0 * y * (y**2 - 1.0) + 3.0 * y**2 * (y**3 - 1.0)
        return (
            2.0 * ((y - 1.0) ** 2 + (y**2 - 1.0) ** 2 + (y**3 - 1.0) ** 2),
            2.0 * (r1 + 2.0 * y * r2 + 3.0 * y**2 * r3) + 2.0 * x * cross,
            2.0 * x**2 * (1.0 + 4.0 * y**2 + 9.0 * y**4) + 4.0 * x * (r2 + 3.0 * y * r3),
        )


# Models fitted to data


class LeastSquares(Landscape):
    """The mean squared error of a model m(x; a, b) that is not affine in its parameters.

    With r = m - y, f = mean(r^2), f_a = 2 mean(r m_a) and f_ab = 2 mean(m_a m_b + r m_ab).
    The term r m_ab is why f need not be convex in (a, b), though it is convex in the prediction m.
    """

    dataset: Dataset

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def model(self, a: Array, b: Array, x: Array) -> Array:
        raise NotImplementedError

    def dmodel(self, a: Array, b: Array, x: Array) -> tuple[Entry, Entry]:
        raise NotImplementedError

    def d2model(self, a: Array, b: Array, x: Array) -> tuple[Entry, Entry, Entry]:
        raise NotImplementedError

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """The model at inputs x (m,) for parameters p (..., 2): shape (..., m)."""
        p = np.asarray(p, dtype=float)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.model(p[..., :1], p[..., 1:], np.asarray(x, dtype=float))

    def f(self, a: Array, b: Array) -> Array:
        r = self.model(a[..., None], b[..., None], self.dataset.x) - self.dataset.y
        return mean(r**2)

    def df(self, a: Array, b: Array) -> tuple[Entry, Entry]:
        at = a[..., None], b[..., None], self.dataset.x
        r = self.model(*at) - self.dataset.y
        m_a, m_b = self.dmodel(*at)
        return 2.0 * mean(r * m_a), 2.0 * mean(r * m_b)

    def d2f(self, a: Array, b: Array) -> tuple[Entry, Entry, Entry]:
        at = a[..., None], b[..., None], self.dataset.x
        r = self.model(*at) - self.dataset.y
        m_a, m_b = self.dmodel(*at)
        m_aa, m_ab, m_bb = self.d2model(*at)
        return (2.0 * mean(m_a * m_a + r * m_aa), 2.0 * mean(m_a * m_b + r * m_ab), 2.0 * mean(m_b * m_b + r * m_bb))

    def newton(self, guess: Point) -> Point:
        """The stationary point near the guess to full precision; the data decide its digits."""
        p = np.array(guess)
        for _ in range(10):
            p -= np.linalg.solve(self.hessian(p), self.gradient(p))
        return float(p[0]), float(p[1])


def tanh_samples() -> Dataset:
    """20 noisy samples of tanh(1.5 x), every y with the sign of its x."""
    x = np.linspace(-2.0, 2.0, 20)
    y = np.tanh(1.5 * x) + 0.1 * np.random.default_rng(1).standard_normal(20)
    source = "generated: y = tanh(1.5 x) + 0.1 z, z standard normal, seed 1"
    return Dataset(x, y, "tanh samples", source)


class TanhNetwork(LeastSquares):
    """The smallest network: the input times w, tanh, times v.

    f(-w, -v) = f(w, v). As x y > 0 in every sample, mean(y tanh(w x)) = 0 only for w = 0; hence
    f_v is not 0 at v = 0, w != 0, and f_w is not 0 at w = 0, v != 0. Off both axes the two minima
    are the only stationary points: with the best v for each w, the derivative in w changes sign
    once for 0 < w < 50. That is a scan, not a proof; proved, by a Lipschitz bound, is that no value
    is lower than theirs by 1e-4.
    """

    name = "tiny network"
    formula = r"f(w, v) = \frac{1}{n}\sum_{i=1}^{n}\left(v\tanh(w x_i) - y_i\right)^2"
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

    def model(self, w: Array, v: Array, x: Array) -> Array:
        return v * np.tanh(w * x)

    def dmodel(self, w: Array, v: Array, x: Array) -> tuple[Entry, Entry]:
        t = np.tanh(w * x)
        return (1.0 - t**2) * x * v, t

    def d2model(self, w: Array, v: Array, x: Array) -> tuple[Entry, Entry, Entry]:
        t = np.tanh(w * x)
        return -2.0 * t * (1.0 - t**2) * x**2 * v, (1.0 - t**2) * x, 0.0


class Puromycin(LeastSquares):
    """Michaelis-Menten kinetics, rate = Vmax c / (K + c), with Vmax = 100 u and K = 0.1 v.

    Defined for v > 0; elsewhere the value is inf, gradient and Hessian are nan. With the best u for
    each v, the derivative in v is a positive factor times a polynomial in v whose coefficients
    change sign once, so by Descartes' rule of signs there is one stationary point: the minimum.
    """

    name = "puromycin"
    formula = (
        r"f(u, v) = \frac{1}{n}\sum_{i=1}^{n}\left(\frac{100\,u\,c_i}{0.1\,v + c_i}"
        r" - \text{rate}_i\right)^2, \quad v > 0"
    )
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

    def f(self, u: Array, v: Array) -> Array:
        error: Array = np.where(v <= 0.0, np.inf, super().f(u, v))[()]
        return error

    def model(self, u: Array, v: Array, c: Array) -> Array:
        k = np.where(v > 0.0, 0.1 * v, np.nan)
        return 100.0 * u * (c / (k + c))

    def dmodel(self, u: Array, v: Array, c: Array) -> tuple[Entry, Entry]:
        k = np.where(v > 0.0, 0.1 * v, np.nan)
        q = c / (k + c)
        return 100.0 * q, -10.0 * u * q / (k + c)

    def d2model(self, u: Array, v: Array, c: Array) -> tuple[Entry, Entry, Entry]:
        k = np.where(v > 0.0, 0.1 * v, np.nan)
        q = c / (k + c)
        return 0.0, -10.0 * q / (k + c), 2.0 * u * q / (k + c) ** 2


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
