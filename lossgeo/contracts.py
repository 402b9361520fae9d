"""The interfaces of lossgeo: what a data set, a loss, a landscape and a method must provide.

Code that uses a loss or a method relies only on what this module states. A fact about one of them is an attribute
with a default here, overridden where it differs. Callers read the attribute; they never test the type.
tests/test_contracts.py checks every declared fact against the numbers.

Shapes: a point p is an array (..., 2) that holds the two parameters. The value has shape (...), the gradient
(..., 2) and the Hessian (..., 2, 2). All functions broadcast over the leading axes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from math import cos, inf, pi
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.numbers import number
from lossgeo.symbolic.expression import Expression
from lossgeo.symbolic.values import Value
from lossgeo.two_by_two import eigenvalues_2x2, inverse

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Point = tuple[float, float]
Window = tuple[Point, Point]  # ((low, high) of the first parameter, (low, high) of the second)


def points(*pairs: Point) -> Array:
    """The given points as the rows of a read-only array (k, 2). Without arguments: shape (0, 2)."""
    array = np.array(pairs, dtype=float).reshape(-1, 2)
    array.setflags(write=False)
    return array


# --- data ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Dataset:
    """One feature x and one target y, both read-only float64 arrays (n,), with texts for the reader.

    `source` says where the data come from, `note` what is special about them. `x_label` and `y_label` name the
    axes, with units. Raises ValueError unless x and y are non-empty lists of finite numbers of equal length.
    """

    x: Array
    y: Array
    name: str
    source: str
    x_label: str = "x"
    y_label: str = "y"
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", _vector("x", self.x))
        object.__setattr__(self, "y", _vector("y", self.y))
        if len(self.x) != len(self.y):
            raise ValueError(f"x and y must have the same length, got {len(self.x)} and {len(self.y)}")

    @property
    def n(self) -> int:
        """The number of samples."""
        return len(self.x)

    @property
    def labels_are_binary(self) -> bool:
        """Whether every y is 0 or 1, as the classification losses require."""
        return bool(np.all((self.y == 0.0) | (self.y == 1.0)))


def _vector(name: str, values: ArrayLike) -> Array:
    """A read-only float64 copy of `values`, shape (n,).

    Raises ValueError if `values` is not a non-empty, one-dimensional list of finite numbers.
    """
    try:
        vector = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a list of numbers: {error}") from error
    if vector.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {vector.shape}")
    if len(vector) == 0:
        raise ValueError(f"{name} must hold at least one number, got none")
    if not np.all(np.isfinite(vector)):
        where = int(np.argmin(np.isfinite(vector)))
        raise ValueError(f"{name} must be finite, got {vector[where]} at index {where}")
    vector.setflags(write=False)
    return vector


# --- losses --------------------------------------------------------------------------------------


class Loss(ABC):
    """A function of two parameters that is twice differentiable almost everywhere, with known facts about it.

    The facts and their defaults:

        name, formula       the name, and the formula in LaTeX
        parameters          the names of the two parameters
        convex              True only if a theorem says so
        chord               two points such that the surface lies above the middle of the chord between
                            them, which disproves convexity. None if no such chord is known
        quadratic           the Hessian is the same at every point
        kinks               the gradient is discontinuous somewhere
        separable           f(x, y) = g(x) + h(y)
        searched            `minima`, `minimisers` and `infimum` come from a numerical search, not a theorem
        smoothness          L: every Hessian eigenvalue has absolute value <= L. inf if the gradient is
                            discontinuous, None if no bound is known
        determinant         the determinant of a constant Hessian, if it is known without cancellation
        dataset, l2         the data that the loss depends on, if any, and the factor of the penalty l2/2 w^2
        saddles, maxima     known saddle points and maxima, each an array (k, 2)

    These have no default: `minima`, `minimisers`, `infimum`, `view`, and the sentence `convexity`.
    """

    name: str
    formula: str
    parameters: tuple[str, str] = ("x", "y")
    convex: bool = False
    chord: tuple[Point, Point] | None = None
    quadratic: bool = False
    kinks: bool = False
    separable: bool = False
    dataset: Dataset | None = None
    l2: float = 0.0
    saddles: Array = points()
    maxima: Array = points()

    @abstractmethod
    def value(self, p: ArrayLike, /) -> Array:
        """The loss at p (..., 2): shape (...)."""

    @abstractmethod
    def gradient(self, p: ArrayLike, /) -> Array:
        """The two partial derivatives at p (..., 2): shape (..., 2)."""

    @abstractmethod
    def hessian(self, p: ArrayLike, /) -> Array:
        """The matrix of second derivatives at p (..., 2): shape (..., 2, 2)."""

    @property
    @abstractmethod
    def minima(self) -> Array:
        """The known local minima, shape (k, 2), lowest first. One point represents a whole line or region."""

    @property
    @abstractmethod
    def minimisers(self) -> str:
        """The set of global minimisers: "one", "several" (isolated points), "line", "region" or "none"."""

    @property
    @abstractmethod
    def infimum(self) -> float:
        """The greatest lower bound of the values. It is attained unless `minimisers` is "none"."""

    @property
    @abstractmethod
    def view(self) -> Window:
        """The window ((x0, x1), (y0, y1)) that shows the interesting part of the surface."""

    @property
    @abstractmethod
    def convexity(self) -> str:
        """One sentence: a proof of convexity, or a counterexample."""

    @property
    def searched(self) -> bool:
        """Whether `minima`, `minimisers` and `infimum` come from a numerical search."""
        return False

    @property
    def smoothness(self) -> float | None:
        """L: every Hessian eigenvalue has absolute value <= L. None if no bound is known."""
        return None

    @property
    def determinant(self) -> float | None:
        """The determinant of the Hessian, if it is known more accurately than from its entries; else None."""
        return None

    def determinant_at(self, p: ArrayLike, /) -> Array | None:
        """The determinant of the Hessian at p (..., 2), if it is known more accurately than from its entries."""
        det = self.determinant
        return None if det is None else np.full(np.shape(p)[:-1], det)

    def newton_step(self, p: ArrayLike, /) -> Array:
        """H^-1 g at p (..., 2), with the pseudo-inverse of a singular H: shape (..., 2)."""
        g = self.gradient(p)
        columns = inverse(self.hessian(p))  # symmetric, so columns equal rows
        with np.errstate(invalid="ignore"):  # of a Hessian below 1e-308 the inverse is infinite
            return columns[..., 0, :] * g[..., :1] + columns[..., 1, :] * g[..., 1:]

    @property
    def never_negative(self) -> bool:
        """Whether no value is below 0."""
        return self.infimum >= 0.0

    @property
    def terms(self) -> int:
        """The number of terms that the value averages: the number of samples, or 1 without data."""
        return self.dataset.n if self.dataset is not None else 1


class DataLoss(Loss):
    """A loss of the linear score z = w x + b: the mean over the samples, plus the penalty l2/2 w^2.

    `design` is the matrix A = [x, 1] of shape (n, 2), so z = A p. If `classifies` is True, the labels are 0 or 1
    and the model predicts the probability of label 1.
    """

    parameters = ("w", "b")
    classifies: bool = False
    dataset: Dataset
    design: Array

    @abstractmethod
    def score(self, p: ArrayLike, /) -> Array:
        """The scores z = w x + b of all samples at p (..., 2): shape (..., n)."""

    @abstractmethod
    def predict(self, p: ArrayLike, x: ArrayLike, /) -> Array:
        """The model's output at the inputs x (m,) for a single point p (2,): shape (m,)."""

    @abstractmethod
    def penalty(self, z: Array, y: Array, /) -> Array:
        """The loss of single samples with scores z and targets y. z and y broadcast; so does the result."""

    @abstractmethod
    def on(self, dataset: Dataset, /) -> DataLoss:
        """The same loss, with the same l2, on another data set."""

    @abstractmethod
    def batch_gradient(self, p: Array, rows: Array, y: Array, /) -> Array:
        """The gradient at p (..., 2) over a mini-batch, penalty included: shape (..., 2).

        `rows` (m, 2) are rows of `design`; y (m,) are their targets.
        """


class Landscape(Loss):
    """A named function of two parameters, given by one formula; all else follows from it.

    `definition` is the formula as text, in the grammar of `symbolic.grammar`, for example "(x^2 + 10*y^2)/2".
    `start` is an instructive starting point, `lesson` says what a run from it shows, `citation` names the source
    of the function. A convex landscape has a `proof` of convexity, any other a `chord` as a counterexample. Where
    the formula overflows (never for |p| below 1e38), the result is inf or nan, without a warning.
    """

    definition: str
    citation: str
    lesson: str
    proof: str = ""
    start: Point
    minima: Array = points()
    minimisers: str = "none"
    infimum: float = -inf
    view: Window
    smoothness: float | None = None

    def __init__(self) -> None:
        self.expression = Expression(self.definition, self.parameters)
        self.formula = f"f({', '.join(self.parameters)}) = {self.expression.latex()}"
        constant = self.expression.constant_hessian
        self.quadratic, self.separable = constant is not None, self.expression.separable
        if constant is not None:
            self.smoothness = float(np.abs(np.linalg.eigvalsh(constant)).max())

    def f(self, x: Array, y: Array, /) -> Value:
        """The value at x and y, which broadcast against each other."""
        return self.expression.f(x, y)

    def df(self, x: Array, y: Array, /) -> tuple[Value, Value]:
        """The partial derivatives f_x and f_y at x and y."""
        return self.expression.df(x, y)

    def d2f(self, x: Array, y: Array, /) -> tuple[Value, Value, Value]:
        """The second derivatives f_xx, f_xy and f_yy at x and y."""
        return self.expression.d2f(x, y)

    def value(self, p: ArrayLike) -> Array:
        """f at p (..., 2): shape (...)."""
        p = np.asarray(p, dtype=float)
        with np.errstate(all="ignore"):
            return self.f(p[..., 0], p[..., 1]) + np.zeros(p.shape[:-1])  # a constant formula gives one number

    def gradient(self, p: ArrayLike) -> Array:
        """df at p (..., 2): shape (..., 2)."""
        p = np.asarray(p, dtype=float)
        out = np.empty_like(p)  # keeps p's memory order: see descent.many
        with np.errstate(all="ignore"):
            out[..., 0], out[..., 1] = self.df(p[..., 0], p[..., 1])
        return out

    def hessian(self, p: ArrayLike) -> Array:
        """d2f at p (..., 2) as symmetric matrices: shape (..., 2, 2)."""
        p = np.asarray(p, dtype=float)
        out = np.empty((*p.shape, 2))
        with np.errstate(all="ignore"):
            f_xx, f_xy, f_yy = self.d2f(p[..., 0], p[..., 1])
        out[..., 0, 0], out[..., 1, 1] = f_xx, f_yy
        out[..., 0, 1] = out[..., 1, 0] = f_xy
        return out

    @cached_property
    def first_rate(self) -> float:
        """A good first learning rate: half of 1 / (largest absolute Hessian eigenvalue), rounded to one digit.

        The eigenvalues are taken at the minima, or at the start if there are none. It is 0.1 where they are zero.
        """
        largest = self._curvature(self.minima if len(self.minima) else np.array([self.start]))
        return float(f"{0.5 / largest:.1g}") if largest > 0 else 0.1

    def _curvature(self, p: Array) -> float:
        """The largest absolute Hessian eigenvalue at the points p (k, 2)."""
        return float(np.abs(eigenvalues_2x2(self.hessian(p))).max())

    @property
    def convexity(self) -> str:
        """One sentence: the proof of convexity, or the chord that disproves it."""
        if self.chord is None:
            return self.proof
        (x0, y0), (x1, y1) = self.chord
        ends, middle = self.value(self.chord), self.value(np.mean(self.chord, axis=0))
        first, second = f"({number(x0, 6)}, {number(y0, 6)})", f"({number(x1, 6)}, {number(y1, 6)})"
        at, mean = number(float(middle), 6), number(float(ends.mean()), 6)
        return (
            f"Not convex: halfway along the chord from {first} to {second} the surface is at {at}, above {mean}, "
            "the mean of the two ends."
        )


# --- methods -------------------------------------------------------------------------------------

State = tuple[Array, ...]  # what a method carries over from one step to the next

# Schedule -> (t, horizon) -> the factor on the learning rate at step t = 1, 2, ..., horizon.
SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": lambda t, horizon: 1.0,
    "1/t": lambda t, horizon: 1.0 / t,  # Robbins and Monro 1951
    "step": lambda t, horizon: 0.5 ** (4 * (t - 1) // horizon),  # halved after each quarter of the run
    "cosine": lambda t, horizon: 0.5 + 0.5 * cos(pi * (t - 1) / horizon),  # Loshchilov, Hutter 2017
}


def setting(default: float, *, low: float, below: float) -> Any:
    """A dataclass field for a setting of a method, with its range low <= value < below.

    If `low` is an int, the value must be a whole number.
    """
    return field(default=default, metadata={"low": low, "below": below})


@dataclass(frozen=True, eq=False, kw_only=True)
class Method(ABC):
    """A descent method: a frozen record of settings with two pure functions, `init` and `step`.

    `learning_rate` is a number, or an array (..., 1) with one rate for each start. `horizon` is the number of steps
    over which a schedule decays; `run`, `run_many` and `sweep` set it. A setting out of range raises ValueError.

    The facts and their defaults:

        needs_data      it steps on mini-batches, so it needs a loss of data
        noisy           a step from the same point may differ from time to time
        memory          the next step depends on past gradients or steps
        coordinatewise  each coordinate is updated from its own gradient entry alone
        hops            steps stay about as long as the learning rate, however small the gradient
        uses_rate       the learner chooses the learning rate; otherwise the method starts from its own value, 1
        uses_momentum   it has the setting `momentum`
        second_order    it uses the Hessian
        descends        it searches the length of each step so that the loss does not rise
    """

    name: ClassVar[str]
    needs_data: ClassVar[bool] = False
    noisy: ClassVar[bool] = False
    memory: ClassVar[bool] = False
    coordinatewise: ClassVar[bool] = False
    hops: ClassVar[bool] = False
    uses_rate: ClassVar[bool] = True
    uses_momentum: ClassVar[bool] = False
    second_order: ClassVar[bool] = False
    descends: ClassVar[bool] = False

    learning_rate: float | Array = 0.1
    schedule: str = "constant"
    horizon: int = setting(100, low=1, below=inf)

    def __post_init__(self) -> None:
        rate = np.asarray(self.learning_rate, float)
        if not np.all((rate > 0) & (rate < inf)):
            raise ValueError(f"learning_rate must be > 0 and finite, got {self.learning_rate}")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}; got {self.schedule!r}")
        for each in fields(self):
            if each.metadata:
                _check_setting(each.name, getattr(self, each.name), **each.metadata)

    def rate(self, t: int) -> Any:
        """The learning rate of step t = 1, 2, ...: a number, or an array like `learning_rate`."""
        return self.learning_rate * SCHEDULES[self.schedule](t, self.horizon)

    @property
    def stability(self) -> float | None:
        """The stability limit s on a convex quadratic with largest Hessian eigenvalue L > 0.

        The method converges from every start if and only if 0 < learning_rate * L < s. None if
        there is no such number.
        """
        return None

    def stability_on(self, loss: Loss) -> float | None:
        """The stability limit on this loss; it differs if the method is another one there."""
        return self.stability

    @property
    def saddles_attract(self) -> bool:
        """Whether it can converge to any kind of stationary point, including saddle points and maxima."""
        return False

    def noisy_on(self, loss: Loss) -> bool:
        """Whether a step from the same point may differ from time to time on this loss."""
        return self.noisy

    def init(self, loss: Loss, p: Array) -> State:
        """The state before the first step from p (..., 2), a tuple of arrays.

        Raises ValueError if the method cannot run on the loss.
        """
        return ()

    @abstractmethod
    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        """The point (..., 2) after step t = 1, 2, ... from p (..., 2), and the new state."""

    def select(self, state: State, keep: Indices) -> State:
        """The part of the state that belongs to the starts with indices `keep`, an array (m,)."""
        return tuple(memory.T[:, keep].T for memory in state)  # keeps the memory order: see descent.many

    @classmethod
    def applies(cls, loss: Loss) -> bool:
        """Whether the method can run on the loss. A method that needs data runs on a DataLoss only."""
        return not cls.needs_data or isinstance(loss, DataLoss)


def _check_setting(name: str, value: float, low: float, below: float) -> None:
    """Raise ValueError if the value is out of range, or not a whole number where `low` is an int."""
    if not low <= value < below:
        limits = f">= {low:g}" + ("" if below == inf else f" and < {below:g}")
        raise ValueError(f"{name} must be {limits}, got {value}")
    if isinstance(low, int) and value != int(value):
        raise ValueError(f"{name} must be a whole number, got {value}")
