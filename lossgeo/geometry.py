"""The shape of a loss at a point, and what it means for step sizes and for convexity.

Eigenvalues of the Hessian are curvatures: the largest limits the step of gradient descent, their
ratio says how slow the best fixed step is, their signs tell a minimum from a saddle. A statement
about a whole function needs a proof; one bad chord disproves convexity, and no number of good ones
proves it.

p has shape (..., 2) and everything about a point broadcasts over the leading axes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Loss
from lossgeo.surfaces import Grid, hessian_field
from lossgeo.two_by_two import eigenvalues_2x2

# --- curvature at a point ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues (..., 2), ascending; eigenvectors (..., 2, 2), column i for eigenvalue i."""

    eigenvalues: Array
    eigenvectors: Array


def eigenvalues(loss: Loss, p: ArrayLike) -> Array:
    """The principal curvatures at p, ascending, (..., 2).

    Where the loss knows the determinant of its Hessian better than from its entries, a small
    eigenvalue keeps its digits beside a huge one.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # at points of a run that flew off
        return eigenvalues_2x2(loss.hessian(p), loss.determinant)


def eigenvalue_field(loss: Loss, grid: Grid) -> Array:
    """The principal curvatures at every point of the grid, ascending, (ny, nx, 2)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return eigenvalues_2x2(hessian_field(loss, grid), loss.determinant)


def spectrum(loss: Loss, p: ArrayLike) -> Spectrum:
    """Eigenvalues and unit eigenvectors of the Hessian at p.

    The direction of largest curvature of [[a, c], [c, d]] makes the angle atan2(2c, a - d)/2 with
    the first axis; the other one is at a right angle to it.
    """
    h = loss.hessian(p)
    angle = 0.5 * np.arctan2(2.0 * h[..., 0, 1], h[..., 0, 0] - h[..., 1, 1])
    c, s = np.cos(angle), np.sin(angle)
    vectors = np.stack([np.stack([-s, c], axis=-1), np.stack([c, s], axis=-1)], axis=-1)
    return Spectrum(_read_only(eigenvalues(loss, p)), _read_only(vectors))


def condition_number(loss: Loss, p: ArrayLike | None = None) -> Array:
    """kappa = lambda_max / lambda_min of the Hessian at p; p may be left out for a quadratic.

    inf where the Hessian is positive semidefinite and singular; nan where it has a negative
    eigenvalue or is zero: no condition number is defined there.
    """
    return _ratio(loss, eigenvalues(loss, _point(loss, p)))


def condition_field(loss: Loss, grid: Grid) -> Array:
    """kappa at every point of the grid, (ny, nx)."""
    return _ratio(loss, eigenvalue_field(loss, grid))


def _ratio(loss: Loss, both: Array) -> Array:
    low, high = both[..., 0], both[..., 1]
    low = np.maximum(low, 0.0) if loss.convex else low  # below zero it is rounding, by the theorem
    positive = (low > 0) & (high > 0)
    with np.errstate(over="ignore"):  # a ratio beyond the floats is inf, as it should be
        kappa: Array = np.divide(high, low, out=np.full(np.shape(low), np.inf), where=positive)
    kappa[(low < 0) | (high <= 0)] = np.nan
    return kappa


def max_stable_step(loss: Loss, p: ArrayLike | None = None) -> Array:
    """2 / lambda_max of the Hessian at p; inf where no curvature is positive.

    For a convex quadratic with lambda_max > 0, gradient descent converges from every start iff its
    learning rate is positive and below this. For other losses it is the limit near a minimiser p.
    """
    high = eigenvalues(loss, _point(loss, p))[..., 1]
    step: Array = np.divide(2.0, high, out=np.full(np.shape(high), np.inf), where=high > 0)
    return step


def _point(loss: Loss, p: ArrayLike | None) -> Array:
    if p is None and not loss.quadratic:
        raise ValueError(f"the Hessian of {loss.name} changes from point to point: give p")
    return np.zeros(2) if p is None else np.asarray(p, float)


def _read_only(a: Array) -> Array:
    a.setflags(write=False)
    return a


# --- stationary points ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scale:
    """What "small" means for one loss, so that no unit of x or y matters.

    "Near" and "far" are measured in views: the width and height of the loss's view.
    """

    loss: Loss

    @cached_property
    def size(self) -> Array:
        """Width and height of the view, (2,)."""
        (x0, x1), (y0, y1) = self.loss.view
        return np.array([x1 - x0, y1 - y0])

    @cached_property
    def middle(self) -> Array:
        """The middle of the view, (2,)."""
        (x0, x1), (y0, y1) = self.loss.view
        return np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])

    @cached_property
    def unit(self) -> Array:
        """What a tolerance counts in, (2,): 1, or a thousandth of the view where that is more.

        Raw data can put parameters in the millions; there 1e-6 would be below rounding.
        """
        unit: Array = np.maximum(1.0, 1e-3 * self.size)
        return unit

    @cached_property
    def determinant(self) -> float | None:
        """That of the Hessian in view units, where it is known without cancellation."""
        det = self.loss.determinant
        return None if det is None else det * float(self.size[0] * self.size[1]) ** 2

    @property
    def zero(self) -> float:
        """The share of the larger curvature up to which the other counts as zero."""
        return 1e-10 if self.loss.determinant is None else 0.0

    def derivatives(self, p: ArrayLike) -> tuple[Array, Array]:
        """Gradient and Hessian at p for parameters counted in views.

        By Sylvester's law of inertia the signs of the eigenvalues stay what they were.
        """
        size = self.size
        return self.loss.gradient(p) * size, self.loss.hessian(p) * (size[:, None] * size)

    def nearest_minimum(self, p: ArrayLike) -> Array:
        """The known minimiser nearest to p (2,) in views."""
        away = (self.loss.minima - np.asarray(p, float)) / self.size
        nearest: Array = self.loss.minima[np.argmin((away * away).sum(axis=-1))]
        return nearest

    def curvatures(self, h: Array) -> tuple[Array, Array]:
        """Eigenvalues low <= high of a Hessian in view units."""
        both = eigenvalues_2x2(h, self.determinant)
        return both[..., 0], both[..., 1]

    def kind(self, low: float, high: float) -> str:
        """What the curvatures low <= high say about a stationary point."""
        zero = self.zero * max(abs(low), abs(high))
        if abs(low) <= zero or abs(high) <= zero:
            return "degenerate"
        if low > 0:
            return "minimum"
        return "maximum" if high < 0 else "saddle"


def classify(loss: Loss, p: ArrayLike, tolerance: float = 1e-6) -> str:
    """The point at p (2,): "minimum", "maximum", "saddle", "degenerate" or "not stationary".

    Stationary: in view units the gradient is at most tolerance times the larger curvature in size.
    Degenerate: stationary, but an eigenvalue is zero to rounding: second derivatives do not decide.
    """
    scale = Scale(loss)
    g, h = scale.derivatives(p)
    low, high = (float(v) for v in scale.curvatures(h))
    if np.abs(g).max() > tolerance * max(abs(low), abs(high)):
        return "not stationary"
    return scale.kind(low, high)


# --- the learning-rate ruler ---------------------------------------------------------------------


@dataclass(frozen=True)
class StepMarks:
    """Marks for the learning rate of plain gradient descent; nan where a mark makes no sense.

    safe = 1/L, fastest = 2/(mu + L), limit = 2/L; local_limit = 2/lambda_max at the point given.
    """

    L: float
    mu: float
    safe: float
    fastest: float
    limit: float
    local_limit: float
    quadratic: bool
    sentence: str


def step_marks(loss: Loss, p: ArrayLike | None = None) -> StepMarks:
    """1/L, 2/(mu+L), 2/L and what they promise for this loss; p matters where it is not quadratic.

    L is the bound that holds everywhere where one is known, else the largest curvature at p; mu is
    the least curvature at p. For a trough, mu counts the direction across it only.
    (Polyak 1987, section 1.4; Nesterov 2018, section 2.1.5.)
    """
    low, high = (float(v) for v in eigenvalues(loss, _point(loss, p)))
    low = max(low, 0.0) if loss.convex else low
    quadratic, bound = loss.quadratic, loss.smoothness
    L = high if quadratic or bound is None else bound
    none, local_limit = float("nan"), 2.0 / high if high > 0 else np.inf
    if not 0 < L < np.inf:
        sentence = _KINKS if L > 0 else _NO_LIMIT
        return StepMarks(L, low, none, none, none, local_limit, quadratic, sentence)
    across = high if quadratic and low == 0 else low
    fastest = 2.0 / (across + high) if across > 0 else none
    sentence = _exact_promise(low, L) if quadratic else _local_promise(bound, high)
    return StepMarks(L, low, 1.0 / L, fastest, 2.0 / L, local_limit, quadratic, sentence)


_KINKS = (
    "The loss has kinks, so no learning rate is small enough to make every step go down: with a "
    "constant one the steps usually end up hopping across a kink."
)
_NO_LIMIT = "No curvature is positive here, so curvature sets no limit to the step."


def _exact_promise(low: float, L: float) -> str:
    if low < 0:
        return (
            f"One curvature is negative ({low:.3g}): along it every learning rate leads away. In "
            f"the direction that curves up, the limit is {2 / L:.3g}."
        )
    where = "reaches the minimiser" if low > 0 else "reaches the line of minimisers"
    best = f"2/(mu + L) = {2 / (low + L):.3g}" if low > 0 else f"1/L = {1 / L:.3g}"
    return (
        f"The loss is quadratic, so this is exact: gradient descent {where} from every start if "
        f"and only if 0 < learning rate < 2/L = {2 / L:.3g}; {best} has the best worst-case rate."
    )


def _local_promise(bound: float | None, high: float) -> str:
    if high > 0:
        near = f"2/lambda_max at this point is {2 / high:.3g}, the limit if this is a minimiser"
    else:
        near = "at this point no curvature is positive"
    if bound is None:
        return f"The curvature changes from point to point: {near}. Elsewhere the marks promise nothing."
    return (
        f"L = {bound:.3g} bounds the curvature everywhere: with a learning rate below "
        f"2/L = {2 / bound:.3g} every step goes down until the gradient is zero. Above it nothing "
        f"is promised and nothing is forbidden; {near}."
    )


def predicted_steps(loss: Loss, start: ArrayLike, learning_rate: float, tolerance: float = 1e-6) -> float:
    """Steps of gradient descent on a convex quadratic until max|p - minimiser| < tolerance.

    The error along eigenvector i after k steps is (1 - learning_rate lambda_i)^k times its first
    value; inf if it does not fall below the tolerance. In a trough the minimiser is the point of
    the line at which the run ends. The tolerance counts in `Scale.unit`.
    """
    if not (learning_rate > 0 and tolerance > 0):
        raise ValueError(f"learning_rate and tolerance must be > 0, got {learning_rate} and {tolerance}")
    if not (loss.quadratic and loss.convex):
        raise ValueError(f"the formula is for convex quadratics; {loss.name} is none")
    curvature, unit = spectrum(loss, np.zeros(2)), Scale(loss).unit
    lam = np.maximum(curvature.eigenvalues, 0.0)
    error = (np.asarray(start, float) - loss.minima[0]) @ curvature.eigenvectors
    error[lam == 0] = 0.0
    rate = 1.0 - learning_rate * lam
    stuck = np.abs(rate) >= 1.0
    if np.any(stuck & (np.abs(error) >= tolerance * unit.min())):
        return np.inf
    rate[stuck] = 0.0  # there is no error to speak of

    def largest(k: Array) -> Array:
        left: Array = (error * rate ** k[..., None]) @ curvature.eigenvectors.T / unit
        entry: Array = np.abs(left).max(axis=-1)
        return entry

    def length(k: float) -> float:
        return float(np.hypot(*(error * rate**k)))

    # The length falls at every step, and no entry is larger: a lower bound to search from.
    k = _first(lambda k: length(k) < np.sqrt(2.0) * tolerance * unit.max())
    while k < 1e6:
        block = k + np.arange(1024.0)
        reached = largest(block) < tolerance
        if reached.any():
            return float(block[np.argmax(reached)])
        k += 1024.0
    return _first(lambda k: float(largest(np.array(k))) < tolerance)  # so slow that it falls evenly


def _first(holds: Callable[[float], bool]) -> float:
    """The least whole k >= 0 from which on `holds` is true: doubling, then bisection."""
    if holds(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while not holds(high):
        low, high = high, 2.0 * high
    while high - low > 1.0:
        middle = float(np.floor(0.5 * (low + high)))
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def error_components(points: Array, loss: Loss) -> Array:
    """The points of a run (k+1, 2) minus the minimiser, along the Hessian's eigenvectors there: (k+1, 2).

    Component i belongs to eigenvalue i, ascending; the minimiser is the known one nearest to the
    last point. On a quadratic a step of gradient descent multiplies component i by
    1 - learning_rate lambda_i.
    """
    if not len(loss.minima):
        raise ValueError(f"{loss.name} has no known minimiser, so there is no error to split")
    minimum = Scale(loss).nearest_minimum(points[-1])
    components: Array = (points - minimum) @ spectrum(loss, minimum).eigenvectors
    return components


# --- convexity: a proof, a witness, or neither ---------------------------------------------------


@dataclass(frozen=True, eq=False)
class Chord:
    """Two points (2,), the loss at them and half-way between; `mean` is the chord half-way."""

    a: Array
    b: Array
    value_a: float
    value_b: float
    middle: float

    @property
    def mean(self) -> float:
        """The height of the chord half-way."""
        return 0.5 * (self.value_a + self.value_b)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known about convexity: kind "proof", "witness" (it is not convex) or "unknown"."""

    kind: str
    sentence: str
    chord: Chord | None


def chord_witness(loss: Loss, tries: int = 4096, seed: int = 0) -> Chord | None:
    """A chord inside the view whose middle lies below the surface: proof that it is not convex.

    Half of the chords are random pairs; the other half run through a random point along its
    direction of least curvature. The one that lies furthest below is returned; None means that
    none was found, which proves nothing.
    """
    random = np.random.default_rng(seed)
    scale = Scale(loss)
    corner, size = scale.middle - 0.5 * scale.size, scale.size
    ends = corner + size * random.random((2, tries, 2))
    middle = ends.mean(axis=0)
    middle[tries // 2 :] = ends[0, tries // 2 :]
    half = 0.5 * (ends[1] - ends[0])
    least = spectrum(loss, middle[tries // 2 :]).eigenvectors[..., 0]
    half[tries // 2 :] = least * size.min() * 0.5 ** random.uniform(1, 10, (len(least), 1))
    inside = np.all(np.abs(middle - corner - size / 2) + np.abs(half) <= size / 2, axis=-1)
    middle, half = middle[inside], half[inside]
    at_a, at_b, at_middle = (loss.value(middle + k * half) for k in (-1.0, 1.0, 0.0))
    below = at_middle - 0.5 * (at_a + at_b)
    rounding = 1e-9 * (np.abs(at_a) + np.abs(at_b) + np.abs(at_middle))
    below[~(below > rounding)] = 0.0
    i = int(np.argmax(below))
    if not below[i] > 0:
        return None
    return _chord(loss, middle[i] - half[i], middle[i] + half[i])


def convexity(loss: Loss) -> Evidence:
    """Proof, witness or neither; "convex" is never concluded from samples."""
    if loss.convex:
        return Evidence("proof", loss.convexity, None)
    if loss.chord is not None:
        a, b = np.array(loss.chord)
        return Evidence("witness", loss.convexity, _chord(loss, a, b))
    chord = chord_witness(loss)
    if chord is None:
        sentence = (
            "No chord that we tried has its middle below the surface. That proves nothing, and we "
            "know of no theorem that makes this loss convex."
        )
        return Evidence("unknown", sentence, None)
    (a0, a1), (b0, b1) = chord.a, chord.b
    sentence = (
        f"Not convex: halfway along the chord from ({a0:.3g}, {a1:.3g}) to ({b0:.3g}, {b1:.3g}) "
        f"the surface is at {chord.middle:.4g}, above {chord.mean:.4g}, the mean of the two ends."
    )
    return Evidence("witness", sentence, chord)


def _chord(loss: Loss, a: Array, b: Array) -> Chord:
    values = loss.value(np.stack([a, b, 0.5 * (a + b)]))
    return Chord(_read_only(a), _read_only(b), *(float(v) for v in values))
