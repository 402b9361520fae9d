"""What the parts of lossgeo promise each other: a data set, a loss, a landscape, a method.

Everything that calls a loss or a method relies on what is written here and on nothing else. A fact
about one of them is *declared* here with a default and overridden where it differs; no caller asks
for the type of a loss to learn a fact. tests/test_contracts.py holds every declared fact against the
numbers.

Shapes: a point is p = (first, second parameter), an array (..., 2). Value (...), gradient (..., 2),
Hessian (..., 2, 2): everything broadcasts over the leading axes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import cos, inf, pi
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Point = tuple[float, float]
Window = tuple[Point, Point]  # ((least, greatest) of the first parameter, the same of the second)


def points(*pairs: Point) -> Array:
    """The given points as a read-only array (k, 2)."""
    array = np.array(pairs, dtype=float).reshape(-1, 2)
    array.setflags(write=False)
    return array


# --- data ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Dataset:
    """x and y of shape (n,), read-only float64, with what a reader needs to know about them.

    ValueError where x and y are not two equally long lists of finite numbers.
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
        """Whether every y is 0 or 1, as the losses of a classifier require."""
        return bool(np.all((self.y == 0.0) | (self.y == 1.0)))


def _vector(name: str, values: ArrayLike) -> Array:
    """A read-only float64 copy of shape (n,), n >= 1, finite."""
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
    """A function of two parameters, twice differentiable almost everywhere, and what is known of it.

    The facts, each with its default:

    name, formula       in words, and in LaTeX
    parameters          the names of the two parameters
    convex              True only where a theorem says so
    chord               two points between which the surface bulges above the chord, if one is known
    quadratic           the Hessian is the same everywhere
    kinks               the gradient jumps somewhere
    separable           f(x, y) = g(x) + h(y)
    searched            `minima`, `minimisers` and `infimum` come from a search, not from a theorem
    smoothness          L, a bound on the size of the Hessian's eigenvalues that holds everywhere;
                        inf where the gradient jumps, None where no bound is known
    determinant         that of the Hessian, where it is the same everywhere and known without
                        cancellation
    dataset, l2         the data it is a loss of, if any, and the factor of the penalty l2/2 w^2
    saddles, maxima     stationary points that are known, (k, 2)

    and without default: `minima`, `minimisers`, `infimum`, `view`, the sentence `convexity`.
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
        """The loss at p: shape (...)."""

    @abstractmethod
    def gradient(self, p: ArrayLike, /) -> Array:
        """The two partial derivatives at p: shape (..., 2)."""

    @abstractmethod
    def hessian(self, p: ArrayLike, /) -> Array:
        """The matrix of second derivatives at p: shape (..., 2, 2)."""

    @property
    @abstractmethod
    def minima(self) -> Array:
        """The known local minima (k, 2), lowest first; one point stands for a line or a region."""

    @property
    @abstractmethod
    def minimisers(self) -> str:
        """The global minimisers: "one", "several" (isolated), "line", "region" or "none"."""

    @property
    @abstractmethod
    def infimum(self) -> float:
        """The greatest lower bound of the values; attained unless `minimisers` is "none"."""

    @property
    @abstractmethod
    def view(self) -> Window:
        """The window in which there is something to see."""

    @property
    @abstractmethod
    def convexity(self) -> str:
        """One sentence: the proof of convexity, or a witness against it."""

    @property
    def searched(self) -> bool:
        """Whether `minima`, `minimisers` and `infimum` come from a search."""
        return False

    @property
    def smoothness(self) -> float | None:
        """L, with every eigenvalue of the Hessian at most L in size; None where none is known."""
        return None

    @property
    def determinant(self) -> float | None:
        """The determinant of the Hessian, where it is known better than from its entries."""
        return None

    @property
    def terms(self) -> int:
        """How many terms the value is a mean of: the samples of the data, or 1."""
        return self.dataset.n if self.dataset is not None else 1


class DataLoss(Loss):
    """A loss of a linear score z = w x + b of data: mean over the samples, plus l2/2 w^2.

    `design` is the matrix A = [x, 1] of shape (n, 2), so that z = A p. `classifies`: the labels are
    0 or 1, and the prediction is the probability of 1.
    """

    parameters = ("w", "b")
    classifies: bool = False
    dataset: Dataset
    design: Array

    @abstractmethod
    def score(self, p: ArrayLike, /) -> Array:
        """z = w x + b for every sample: shape (..., n)."""

    @abstractmethod
    def predict(self, p: ArrayLike, x: ArrayLike, /) -> Array:
        """The model's output at the inputs x (m,) for one point p (2,): shape (m,)."""

    @abstractmethod
    def penalty(self, z: Array, y: Array, /) -> Array:
        """The loss of single samples with scores z and targets y: the shape of both together."""

    @abstractmethod
    def on(self, dataset: Dataset, /) -> DataLoss:
        """The same loss, with the same penalty, of other data."""

    @abstractmethod
    def batch_gradient(self, p: Array, rows: Array, y: Array, /) -> Array:
        """The gradient at p (..., 2) over a part of the data: rows (m, 2) of `design` and their y (m,)."""


class Landscape(Loss):
    """A function of two parameters that is known by name, given by three formulas:

        f(x, y)     the value
        df(x, y)    its gradient (f_x, f_y)
        d2f(x, y)   its second derivatives (f_xx, f_xy, f_yy)

    `start` is a point from which a descent shows something, `lesson` what it shows, `citation` where
    the function comes from. `proof` is that of convexity, for those that are convex; the others have
    a `chord`. Far out, where a formula overflows (never for |p| below 1e38), the result is inf or
    nan, without a warning.
    """

    citation: str
    lesson: str
    proof: str = ""
    start: Point
    minima: Array = points()
    minimisers: str = "none"
    infimum: float = -inf
    view: Window

    @abstractmethod
    def f(self, x: Array, y: Array, /) -> Array:
        """The value at x and y, which broadcast against each other."""

    @abstractmethod
    def df(self, x: Array, y: Array, /) -> tuple[Array | float, Array | float]:
        """The derivatives f_x and f_y."""

    @abstractmethod
    def d2f(self, x: Array, y: Array, /) -> tuple[Array | float, Array | float, Array | float]:
        """The second derivatives f_xx, f_xy and f_yy."""

    def value(self, p: ArrayLike) -> Array:
        """f at p: shape (...)."""
        p = np.asarray(p, dtype=float)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.f(p[..., 0], p[..., 1])

    def gradient(self, p: ArrayLike) -> Array:
        """df at p: shape (..., 2)."""
        p = np.asarray(p, dtype=float)
        out = np.empty_like(p)  # in p's own order in memory: see descent.many
        with np.errstate(over="ignore", invalid="ignore"):
            out[..., 0], out[..., 1] = self.df(p[..., 0], p[..., 1])
        return out

    def hessian(self, p: ArrayLike) -> Array:
        """d2f at p as symmetric matrices: shape (..., 2, 2)."""
        p = np.asarray(p, dtype=float)
        out = np.empty((*p.shape, 2))
        with np.errstate(over="ignore", invalid="ignore"):
            f_xx, f_xy, f_yy = self.d2f(p[..., 0], p[..., 1])
        out[..., 0, 0], out[..., 1, 1] = f_xx, f_yy
        out[..., 0, 1] = out[..., 1, 0] = f_xy
        return out

    @property
    def convexity(self) -> str:
        """One sentence: the proof of convexity, or the chord that disproves it."""
        if self.chord is None:
            return self.proof
        (x0, y0), (x1, y1) = self.chord
        ends, middle = self.value(self.chord), self.value(np.mean(self.chord, axis=0))
        return (
            f"Not convex: halfway along the chord from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) the "
            f"surface is at {middle:.6g}, above {ends.mean():.6g}, the mean of the two ends."
        )


# --- methods -------------------------------------------------------------------------------------

State = tuple[Array, ...]  # what a method remembers from step to step

# The factor on the learning rate at step t = 1, 2, ..., horizon.
SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": lambda t, horizon: 1.0,
    "1/t": lambda t, horizon: 1.0 / t,  # Robbins and Monro 1951
    "step": lambda t, horizon: 0.5 ** (4 * (t - 1) // horizon),  # halved after each quarter of the run
    "cosine": lambda t, horizon: 0.5 + 0.5 * cos(pi * (t - 1) / horizon),  # Loshchilov, Hutter 2017
}


def setting(default: float, *, low: float, below: float) -> Any:
    """A field of a method with its range, low <= value < below; a whole number where `low` is an int."""
    return field(default=default, metadata={"low": low, "below": below})


@dataclass(frozen=True, eq=False, kw_only=True)
class Method(ABC):
    """A way to descend: a record of its settings with two pure functions, `init` and `step`.

    learning_rate may be an array (..., 1): one rate for each start. `horizon` is the number of steps
    over which a schedule decays; the loops that run a method set it. ValueError, in one sentence,
    for a setting out of its range.

    The facts, each with its default:

    needs_data      steps are taken on parts of the data
    noisy           the same point need not give the same step
    memory          past gradients or steps count in the next step
    coordinatewise  each coordinate moves by its own entry of the gradient alone
    hops            steps stay as long as the learning rate, however small the gradient
    uses_rate       the learning rate is the learner's to choose; else the method's own 1 serves
    uses_momentum   it has a setting `momentum`
    second_order    it asks for the Hessian
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
        """The learning rate of step t = 1, 2, ...: a number, or an array (..., 1)."""
        return self.learning_rate * SCHEDULES[self.schedule](t, self.horizon)

    @property
    def stability(self) -> float | None:
        """On a convex quadratic it converges from every start iff 0 < learning_rate L < this.

        None where no such number exists.
        """
        return None

    @property
    def saddles_attract(self) -> bool:
        """Whether it heads for stationary points of any kind, saddles and maxima too."""
        return False

    def noisy_on(self, loss: Loss) -> bool:
        """Whether the same point can give different steps on this loss."""
        return self.noisy

    def init(self, loss: Loss, p: Array) -> State:
        """What the method remembers before its first step from p (..., 2)."""
        return ()

    @abstractmethod
    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        """The point after step t = 1, 2, ... from p (..., 2), and what to remember."""

    def select(self, state: State, keep: Indices) -> State:
        """The state of the chosen starts."""
        return tuple(memory.T[:, keep].T for memory in state)  # x and y stay apart in memory

    @classmethod
    def applies(cls, loss: Loss) -> bool:
        """Whether it can run on the loss: parts of the data need a loss of data."""
        return not cls.needs_data or isinstance(loss, DataLoss)


def _check_setting(name: str, value: float, low: float, below: float) -> None:
    if not low <= value < below:
        limits = f">= {low:g}" + ("" if below == inf else f" and < {below:g}")
        raise ValueError(f"{name} must be {limits}, got {value}")
    if isinstance(low, int) and value != int(value):
        raise ValueError(f"{name} must be a whole number, got {value}")
