"""The local geometry of a loss, and what it implies for step sizes and convexity.

The eigenvalues of the Hessian are the curvatures. The largest one limits the learning rate of gradient descent.
Their ratio, the condition number, determines how fast gradient descent converges with the best constant learning
rate. Their signs distinguish minima from saddle points. A claim about the whole function needs a proof: a single
chord can disprove convexity, but no number of chords can prove it.

A point p has shape (..., 2). Functions of a point broadcast over its leading axes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.condensed import with_few_samples
from lossgeo.contracts import Array, Loss
from lossgeo.numbers import number
from lossgeo.surfaces import Grid, hessian_field
from lossgeo.two_by_two import eigenvalues_2x2

# --- curvature at a point ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues (..., 2), ascending, and unit eigenvectors (..., 2, 2). Column i belongs to eigenvalue i."""

    eigenvalues: Array
    eigenvectors: Array


def eigenvalues(loss: Loss, p: ArrayLike) -> Array:
    """The Hessian eigenvalues at p (..., 2), ascending: shape (..., 2).

    If the loss knows its determinant accurately, a small eigenvalue is accurate even beside a very large one.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # for points of a run that diverged
        return eigenvalues_2x2(loss.hessian(p), loss.determinant_at(p))


def eigenvalue_field(loss: Loss, grid: Grid) -> Array:
    """The Hessian eigenvalues at every point of the grid, ascending: shape (ny, nx, 2)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return eigenvalues_2x2(hessian_field(loss, grid), loss.determinant)


def spectrum(loss: Loss, p: ArrayLike) -> Spectrum:
    """Eigenvalues and unit eigenvectors of the Hessian at p (..., 2).

    For a Hessian [[a, c], [c, d]] the eigenvector of the larger eigenvalue makes the angle atan2(2c, a - d)/2
    with the first axis. The other eigenvector is orthogonal to it.
    """
    h = loss.hessian(p)
    angle = 0.5 * np.arctan2(2.0 * h[..., 0, 1], h[..., 0, 0] - h[..., 1, 1])
    c, s = np.cos(angle), np.sin(angle)
    vectors = np.stack([np.stack([-s, c], axis=-1), np.stack([c, s], axis=-1)], axis=-1)
    return Spectrum(_read_only(eigenvalues(loss, p)), _read_only(vectors))


def condition_number(loss: Loss, p: ArrayLike | None = None) -> Array:
    """The condition number kappa = lambda_max / lambda_min of the Hessian at p (..., 2): shape (...).

    inf where the Hessian is positive semidefinite and singular. nan where it has a negative eigenvalue or is
    zero, because there kappa is undefined. p may be omitted for a quadratic; otherwise that raises ValueError.
    """
    return _ratio(loss, eigenvalues(loss, _point(loss, p)))


def condition_field(loss: Loss, grid: Grid) -> Array:
    """The condition number at every point of the grid: shape (ny, nx). See `condition_number` for inf and nan."""
    return _ratio(loss, eigenvalue_field(loss, grid))


def _ratio(loss: Loss, both: Array) -> Array:
    """lambda_max / lambda_min of the eigenvalues `both` (..., 2), with inf and nan as in `condition_number`."""
    low, high = both[..., 0], both[..., 1]
    low = np.maximum(low, 0.0) if loss.convex else low  # convex, so a negative value is rounding
    positive = (low > 0) & (high > 0)
    with np.errstate(over="ignore"):  # a ratio too large for a float is meant to be inf
        kappa: Array = np.divide(high, low, out=np.full(np.shape(low), np.inf), where=positive)
    kappa[(low < 0) | (high <= 0)] = np.nan
    return kappa


def max_stable_step(loss: Loss, p: ArrayLike | None = None) -> Array:
    """2 / lambda_max of the Hessian at p (..., 2): shape (...). inf where no eigenvalue is positive.

    For a convex quadratic with lambda_max > 0, gradient descent converges from every start if and only if the
    learning rate is between 0 and this value (Polyak 1987, section 1.4). For another loss it is the limit near a
    minimiser. The argument p may be omitted for a quadratic; otherwise that raises ValueError.
    """
    high = eigenvalues(loss, _point(loss, p))[..., 1]
    step: Array = np.divide(2.0, high, out=np.full(np.shape(high), np.inf), where=high > 0)
    return step


def _point(loss: Loss, p: ArrayLike | None) -> Array:
    """p as an array, or the origin if p is None. Raises ValueError if p is None and the loss is not quadratic."""
    if p is None and not loss.quadratic:
        raise ValueError(f"the Hessian of {loss.name} changes from point to point: give p")
    return np.zeros(2) if p is None else np.asarray(p, float)


def _read_only(a: Array) -> Array:
    a.setflags(write=False)
    return a


# --- stationary points ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scale:
    """Units for one loss, so that "small", "near" and "far" do not depend on the units of its parameters.

    Distances are measured in views: multiples of the width and height of the loss's view.
    """

    loss: Loss

    @cached_property
    def size(self) -> Array:
        """Width and height of the view, shape (2,)."""
        (x0, x1), (y0, y1) = self.loss.view
        return np.array([x1 - x0, y1 - y0])

    @cached_property
    def middle(self) -> Array:
        """The centre of the view, shape (2,)."""
        (x0, x1), (y0, y1) = self.loss.view
        return np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])

    @cached_property
    def unit(self) -> Array:
        """The unit of a tolerance for each parameter, shape (2,): a power of a thousand, at most the size of the view.

        It follows the units of the parameters: 1 for views from 1 to 1000 wide, 0.001 for narrower ones, and so on.
        """
        return np.asarray(1000.0 ** np.floor(np.log10(self.size) / 3.0), float)

    @cached_property
    def _sample(self) -> Array:
        """9 x 9 points over the view, shape (9, 9, 2)."""
        (x0, x1), (y0, y1) = self.loss.view
        x, y = np.meshgrid(np.linspace(x0, x1, 9), np.linspace(y0, y1, 9))
        sample: Array = np.stack([x, y], axis=-1)
        return sample

    @cached_property
    def height(self) -> float:
        """Highest minus lowest finite value of the loss on a 9 x 9 grid over its view."""
        values = self.loss.value(self._sample)
        values = values[np.isfinite(values)]
        return float(np.ptp(values)) if values.size else 0.0

    @cached_property
    def steepest(self) -> float:
        """The largest finite entry of the gradient on the same grid, for parameters measured in views."""
        slopes = np.abs(self.gradient(self._sample))
        slopes = slopes[np.isfinite(slopes)]
        return float(slopes.max()) if slopes.size else 0.0

    @property
    def zero(self) -> float:
        """The fraction of the larger eigenvalue up to which the smaller one counts as zero."""
        return 1e-10 if self.loss.determinant_at(self.middle) is None else 1e-15

    def gradient(self, p: ArrayLike) -> Array:
        """The gradient (..., 2) at p, for parameters measured in views."""
        gradient: Array = self.loss.gradient(p) * self.size
        return gradient

    def hessian(self, p: ArrayLike) -> Array:
        """The Hessian (..., 2, 2) at p, for parameters measured in views.

        By Sylvester's law of inertia this change of units does not change the signs of the eigenvalues.
        """
        hessian: Array = self.loss.hessian(p) * (self.size[:, None] * self.size)
        return hessian

    def nearest_minimum(self, p: ArrayLike) -> Array:
        """The known minimiser (2,) nearest to p (2,), with distances measured in views."""
        away = (self.loss.minima - np.asarray(p, float)) / self.size
        nearest: Array = self.loss.minima[np.argmin((away * away).sum(axis=-1))]
        return nearest

    def curvatures(self, p: ArrayLike) -> tuple[Array, Array]:
        """The eigenvalues low <= high of the Hessian at p (..., 2) in view units, each of shape (...)."""
        det = self.loss.determinant_at(p)
        area = float(self.size[0] * self.size[1])
        both = eigenvalues_2x2(self.hessian(p), None if det is None else det * area * area)
        return both[..., 0], both[..., 1]

    def kind(self, low: float, high: float) -> str:
        """The kind of a stationary point with eigenvalues low <= high, in the words of `classify`."""
        zero = self.zero * max(abs(low), abs(high))
        if abs(low) <= zero or abs(high) <= zero:
            return "degenerate"
        if low > 0:
            return "minimum"
        return "maximum" if high < 0 else "saddle"


def classify(loss: Loss, p: ArrayLike, tolerance: float = 1e-6) -> str:
    """The kind of the point p (2,): "minimum", "maximum", "saddle", "degenerate" or "not stationary".

    Stationary means that in view units no gradient entry exceeds tolerance times the larger absolute eigenvalue.
    Degenerate means stationary with an eigenvalue that is zero up to rounding, so second derivatives cannot decide.
    """
    scale = Scale(loss)
    low, high = (float(v) for v in scale.curvatures(p))
    if np.abs(scale.gradient(p)).max() > tolerance * max(abs(low), abs(high)):
        return "not stationary"
    return scale.kind(low, high)


# --- the learning-rate ruler ---------------------------------------------------------------------


@dataclass(frozen=True)
class StepMarks:
    """Reference values for the learning rate of plain gradient descent; nan where one is undefined.

    safe = 1/L, fastest = 2/(mu + L), limit = 2/L, and local_limit = 2/lambda_max at the given point.
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
    """The learning rates 1/L, 2/(mu + L) and 2/L, and a sentence on what they guarantee for this loss.

    L is the global bound on the eigenvalues if one is known, otherwise the largest eigenvalue at p (2,). mu is
    the smallest eigenvalue at p. On a quadratic with a flat direction (mu = 0), `fastest` ignores that
    direction. p may be omitted for a quadratic; otherwise that raises ValueError. (Polyak 1987, section 1.4;
    Nesterov 2018, section 2.1.5.)
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
_NO_LIMIT = (
    "No curvature is positive at this point, so no limit to the step follows from it. Elsewhere there may be one."
)


def _exact_promise(low: float, L: float) -> str:
    """The sentence for a quadratic with eigenvalues low <= L."""
    if low < 0:
        return (
            f"One curvature is negative ({number(low)}): along it every learning rate leads away. In "
            f"the direction that curves up, the limit is {number(2 / L)}."
        )
    where = "reaches the minimiser" if low > 0 else "reaches the line of minimisers"
    best = f"2/(mu + L) = {number(2 / (low + L))}" if low > 0 else f"1/L = {number(1 / L)}"
    return (
        f"The loss is quadratic, so this is exact: gradient descent {where} from every start if "
        f"and only if 0 < learning rate < 2/L = {number(2 / L)}; {best} has the best worst-case rate."
    )


def _local_promise(bound: float | None, high: float) -> str:
    """The sentence for another loss: `bound` is its global L or None, `high` the largest eigenvalue at p."""
    if high > 0:
        near = f"2/lambda_max at this point is {number(2 / high)}, the limit if this is a minimiser"
    else:
        near = "at this point no curvature is positive"
    if bound is None:
        return f"The curvature changes from point to point: {near}. Elsewhere the marks promise nothing."
    return (
        f"L = {number(bound)} bounds the curvature everywhere: with a learning rate below "
        f"2/L = {number(2 / bound)} every step goes down until the gradient is zero. Above it nothing "
        f"is promised and nothing is forbidden; {near}."
    )


def predicted_steps(loss: Loss, start: ArrayLike, learning_rate: float, tolerance: float = 1e-6) -> float:
    """The number of steps of gradient descent on a convex quadratic until max|p - minimiser| < tolerance.

    After k steps the error along eigenvector i is (1 - learning_rate lambda_i)^k times its first value. The
    result is inf if the error never gets below the tolerance, which counts in `Scale.unit`. If the minimisers
    form a line, the error is measured from the minimiser that the run reaches. Raises ValueError for another
    loss, or unless learning_rate > 0 and tolerance > 0.
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
    rate[stuck] = 0.0  # the error in this direction is negligible

    def largest(k: Array) -> Array:
        left: Array = (error * rate ** k[..., None]) @ curvature.eigenvectors.T / unit
        entry: Array = np.abs(left).max(axis=-1)
        return entry

    def length(k: float) -> float:
        return float(np.hypot(*(error * rate**k)))

    # The error's length decreases and bounds the largest entry, so this k is a lower bound for the search.
    k = _first(lambda k: length(k) < np.sqrt(2.0) * tolerance * unit.max())
    while k < 1e6:
        block = k + np.arange(1024.0)
        reached = largest(block) < tolerance
        if reached.any():
            return float(block[np.argmax(reached)])
        k += 1024.0
    # Convergence is so slow here that the largest error decreases steadily.
    return _first(lambda k: float(largest(np.array(k))) < tolerance)


def _first(holds: Callable[[float], bool]) -> float:
    """The smallest whole k >= 0 with holds(k), if `holds` stays true from there on. Doubling, then bisection."""
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
    """The errors p - minimiser of the points of a run (k+1, 2), in the basis of the Hessian eigenvectors: (k+1, 2).

    The Hessian is taken at the known minimiser nearest to the last point. Component i belongs to eigenvalue i,
    ascending. On a quadratic a step of gradient descent multiplies component i by 1 - learning_rate lambda_i.
    Raises ValueError if no minimiser is known.
    """
    if not len(loss.minima):
        raise ValueError(f"{loss.name} has no known minimiser, so there is no error to split")
    minimum = Scale(loss).nearest_minimum(points[-1])
    components: Array = (points - minimum) @ spectrum(loss, minimum).eigenvectors
    return components


# --- convexity: a proof, a witness, or neither ---------------------------------------------------


@dataclass(frozen=True, eq=False)
class Chord:
    """A chord of the surface: two points (2,), the loss at both, and the loss at their midpoint, `middle`."""

    a: Array
    b: Array
    value_a: float
    value_b: float
    middle: float

    @property
    def mean(self) -> float:
        """The height of the chord above the midpoint: the mean of the loss at its ends."""
        return 0.5 * (self.value_a + self.value_b)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known about convexity. kind: "proof", "witness" (a counterexample) or "unknown"."""

    kind: str
    sentence: str
    chord: Chord | None


def chord_witness(loss: Loss, tries: int = 4096, seed: int = 0) -> Chord | None:
    """A chord inside the view whose midpoint lies below the surface: a proof that the loss is not convex.

    Half of the `tries` chords join random points. The others go through a random point along the
    eigenvector of its smallest Hessian eigenvalue. The chord with the largest gap is returned, or None if
    there is none, which proves nothing.
    """
    random = np.random.default_rng(seed)
    scale = Scale(loss)
    corner, size = scale.middle - 0.5 * scale.size, scale.size
    quick = with_few_samples(loss, float(np.abs(loss.view[0]).max()))  # only to choose the chord
    ends = corner + size * random.random((2, tries, 2))
    middle = ends.mean(axis=0)
    middle[tries // 2 :] = ends[0, tries // 2 :]
    half = 0.5 * (ends[1] - ends[0])
    least = _in_blocks(lambda p: spectrum(quick, p).eigenvectors[..., 0], middle[tries // 2 :], quick.terms)
    half[tries // 2 :] = least * size.min() * 0.5 ** random.uniform(1, 10, (len(least), 1))
    inside = np.all(np.abs(middle - corner - size / 2) + np.abs(half) <= size / 2, axis=-1)
    middle, half = middle[inside], half[inside]
    at_a, at_b, at_middle = (_in_blocks(quick.value, middle + k * half, quick.terms) for k in (-1.0, 1.0, 0.0))
    below = at_middle - 0.5 * (at_a + at_b)
    rounding = 1e-9 * (np.abs(at_a) + np.abs(at_b) + np.abs(at_middle))
    below[~(below > rounding)] = 0.0
    i = int(np.argmax(below))
    if not below[i] > 0:
        return None
    return _chord(loss, middle[i] - half[i], middle[i] + half[i])


def _in_blocks(function: Callable[[Array], Array], p: Array, terms: int) -> Array:
    """function(p) for points p (n, 2), in blocks whose arrays, with `terms` numbers a point, stay in the cache."""
    step = max(1, 2**16 // terms)
    return np.concatenate([function(p[i : i + step]) for i in range(0, len(p), step)])


def convexity(loss: Loss) -> Evidence:
    """What is known about the convexity of the loss. Samples alone never lead to "proof"."""
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
        f"Not convex: halfway along the chord from ({number(a0)}, {number(a1)}) to ({number(b0)}, {number(b1)}) "
        f"the surface is at {number(chord.middle, 4)}, above {number(chord.mean, 4)}, the mean of the two ends."
    )
    return Evidence("witness", sentence, chord)


def _chord(loss: Loss, a: Array, b: Array) -> Chord:
    """The chord from a (2,) to b (2,) with the values of the loss."""
    values = loss.value(np.stack([a, b, 0.5 * (a + b)]))
    return Chord(_read_only(a), _read_only(b), *(float(v) for v in values))
