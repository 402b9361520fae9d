"""Formulas typed by a user, as expressions and as landscapes with all facts that the named ones have."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np

from lossgeo.contracts import Array, Landscape, Point, Window, points
from lossgeo.numbers import number
from lossgeo.stationary_search import search
from lossgeo.symbolic.expression import Expression
from lossgeo.symbolic.grammar import FormulaError
from lossgeo.two_by_two import eigenvalues_2x2

__all__ = ["NAME", "Expression", "FormulaError", "OwnFormula", "landscape", "parse"]

NAME = "own formula"
LARGEST = 1e9  # limit for the ends of a window


def parse(text: str) -> Expression:
    """The expression in x and y given by a text.

    Raises FormulaError, a ValueError with one sentence, if it is not valid.
    """
    return Expression(text)


def landscape(text: str, view: Window | None = None) -> OwnFormula:
    """The landscape of a formula in the window `view`; without it, a search finds a suitable window.

    Raises FormulaError, a ValueError with one sentence, if the formula is not valid, if it has no real value
    anywhere in the window, or if the window is empty or too large.
    """
    return OwnFormula(text, view)


class OwnFormula(Landscape):
    """A landscape given by a formula.

    For a quadratic, minimum and convexity follow from theorems. Otherwise the stationary points come
    from a search in the window: `searched` is True, and `infimum` is the value of the lowest minimum
    found, or nan if none was found.
    """

    name = NAME
    citation = "your own formula"
    view = ((-3.0, 3.0), (-3.0, 3.0))

    def __init__(self, text: str, view: Window | None = None) -> None:
        self.definition = text
        super().__init__()
        self.kinks = self.expression.may_have_kinks
        if view is not None:
            _check(view)
        exact = self._quadratic() if self.quadratic else False
        if exact:
            self.view = view or _around(np.vstack([self.minima, self.saddles, self.maxima]))
        else:
            self.view = view or _found_window(self)
            self._search()
        if not np.isfinite(self.value(_lattice(self.view))).any():
            raise FormulaError("The formula has no real value anywhere in the window: choose another window.")
        self.start = _start(self)
        self.lesson = (
            "The formula is quadratic: what is said about its minimum is a theorem."
            if exact
            else "Its minima and saddles were found by a search in this window. The search can miss some."
        )

    @property
    def never_negative(self) -> bool:
        """Whether the form of the formula, such as a sum of squares, excludes values below 0."""
        return self.expression.never_negative

    @property
    def searched(self) -> bool:
        """Whether the stationary points come from a search."""
        return not self.quadratic

    def _search(self) -> None:
        """Store the stationary points found in the window."""
        found = search(self, self.view)
        self.minima, self.saddles, self.maxima, self.minimisers = found[:4]
        self.infimum = float(self.value(self.minima[0])) if len(self.minima) else np.nan

    def _quadratic(self) -> bool:
        """Store minimum and convexity of p'Hp/2 + g'p + c, from its exact coefficients. Returns True."""
        computed = self.hessian((0.0, 0.0))[[0, 0, 1], [0, 1, 1]]
        numbers = [node.number for node in self.expression.second]  # None if it contains pi or e
        a, b, d = (Fraction(float(v)) if n is None else n for n, v in zip(numbers, computed, strict=True))
        slope = self.gradient((0.0, 0.0))
        det, trace = a * d - b * b, a + d
        self.convex = det >= 0 and trace >= 0
        if det != 0:
            s, t = (Fraction(float(v)) for v in slope)
            there = points((_nearest((b * t - d * s) / det), _nearest((b * s - a * t) / det)))
            if det < 0:
                self.saddles = there
            elif trace > 0:
                self.minima, self.minimisers, self.infimum = there, "one", float(self.value(there[0]))
            else:
                self.maxima = there
        else:
            self._trough(np.array([[a, b], [b, d]], float), slope, trace)
        self.proof = self._proof(float(det)) if self.convex else ""
        return True

    def _trough(self, h: Array, slope: Array, trace: Fraction) -> None:
        """Store the minimisers of a quadratic whose Hessian is singular: a line, the whole plane, or none."""
        at = -np.linalg.pinv(h) @ slope
        rest = self.gradient(at)
        if trace < 0 or np.abs(rest).max() > 1e-12 * (np.abs(slope).max() + np.abs(h).max()):
            return  # the values are not bounded below
        self.minima = points((float(at[0]), float(at[1])))
        self.minimisers = "line" if trace > 0 else "region"
        self.infimum = float(self.value(self.minima[0]))

    def _proof(self, det: float) -> str:
        """The sentence that proves convexity from the eigenvalues of the constant Hessian."""
        low, high = eigenvalues_2x2(self.hessian((0.0, 0.0)), det)
        many = "no eigenvalue is negative" if det == 0 else "both are positive"
        both = f"{number(low, 4)} and {number(high, 4)}"
        return f"Convex: the Hessian is the same everywhere, with the eigenvalues {both}, and {many}."

    @cached_property
    def first_rate(self) -> float:
        """A first learning rate from the curvature at the start; on a plane, for a step of a tenth of the window."""
        largest = self._curvature(np.array([self.start]))
        if not 0 < largest < np.inf:
            size, slope = float(np.ptp(self.view)), float(np.hypot(*self.gradient(self.start)))
            rate = 0.1 * size / slope if 0 < slope < np.inf else 0.1
        else:
            rate = 0.5 / largest
        return float(f"{min(max(rate, 1e-12), 1e4):.1g}")

    @property
    def convexity(self) -> str:
        """One sentence: the proof or a counterexample for a quadratic; otherwise that convexity is not known."""
        if self.proof:
            return self.proof
        if self.quadratic:
            low = eigenvalues_2x2(self.hessian((0.0, 0.0)))[0]
            least = number(low, 4)
            return f"Not convex: the Hessian is the same everywhere, and its smaller eigenvalue is {least}, negative."
        return "Whether it is convex is not known."


def _nearest(number: Fraction) -> float:
    """The float nearest to an exact number; inf or -inf beyond the largest float."""
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def _check(view: Window) -> None:
    """Raise FormulaError unless the ends of the window increase and are at most LARGEST in absolute value."""
    for (low, high), name in zip(view, "xy", strict=True):
        if not -LARGEST <= low < high <= LARGEST:
            raise FormulaError(
                f"The window from {name} = {number(low, 6)} to {number(high, 6)} is empty or too large: "
                "the first end must be smaller."
            )


def _lattice(view: Window, side: int = 41) -> Array:
    """side x side points evenly spaced over the window, without its edges: shape (side, side, 2)."""
    across = (np.arange(side) + 0.5) / side
    (x0, x1), (y0, y1) = view
    return np.stack(np.meshgrid(x0 + (x1 - x0) * across, y0 + (y1 - y0) * across), axis=-1)


def _around(p: Array) -> Window:
    """A window around the points (k, 2), with round ends."""
    if not len(p):
        return (-3.0, 3.0), (-3.0, 3.0)
    middle = 0.5 * (p.min(axis=0) + p.max(axis=0))
    half = np.maximum(0.75 * np.ptp(p, axis=0), np.maximum(2.0, 0.5 * np.abs(middle).max()))
    ends = []
    for centre, reach in zip(middle, half, strict=True):
        unit = 10.0 ** np.floor(np.log10(reach)) / 2
        low, high = np.floor((centre - reach) / unit + 1e-6) * unit, np.ceil((centre + reach) / unit - 1e-6) * unit
        ends.append((float(f"{low:.6g}"), float(f"{high:.6g}")))
    first, second = ends
    return first, second


def _found_window(own: Landscape) -> Window:
    """A window around the stationary points nearest to the origin; if there are none, where the formula has values."""
    for reach in (6.0, 1.0, 60.0, 1000.0):
        at = search(own, ((-reach, reach), (-reach, reach))).everything
        if len(at):
            return _around(at[np.argsort(np.abs(at).max(axis=1), kind="stable")[:9]])
    sides = [(-3.0, 3.0), (0.0, 6.0), (-6.0, 0.0)]
    options = [(a, b) for a in sides for b in sides]
    return max(options, key=lambda view: float(np.isfinite(own.value(_lattice(view))).mean()))


PLACES = ((0.18, 0.8), (0.82, 0.8), (0.2, 0.3), (0.8, 0.25), (0.35, 0.65), (0.5, 0.5), (0.6, 0.4))  # in the window


def _start(own: Landscape) -> Point:
    """A start in the window where the value is finite and not extreme, and the gradient is not zero."""
    values = own.value(_lattice(own.view))
    high = np.quantile(values[np.isfinite(values)], 0.9) if np.isfinite(values).any() else np.inf
    (x0, x1), (y0, y1) = own.view
    tried = [(x0 + u * (x1 - x0), y0 + v * (y1 - y0)) for u, v in PLACES]
    rounded = [(float(f"{x:.2g}"), float(f"{y:.2g}")) for x, y in tried]
    for p in rounded:
        slope = own.gradient(p)
        if own.value(p) <= high and np.isfinite(slope).all() and np.hypot(*slope) > 0:
            return p
    return rounded[5]
