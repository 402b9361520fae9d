"""Descent, step by step.

Every method answers two questions at every step: which way to go, and how far. Gradient descent
goes down the gradient, momentum adds some of its last step, AdaGrad, RMSProp and Adam measure each
coordinate by the gradients it has seen, Newton divides by the curvature. How far is the learning
rate times a schedule, except for backtracking, which tries and looks.

A method is a record of its settings with two pure functions: init(loss, p) -> state, and
step(loss, p, state, t) -> (p, state) for t = 1, 2, .... Points have shape (..., 2): one start or
many take the same step. The loops around them are `run` (one start, every point kept), `run_many`
(a map of starts) and `sweep` (many learning rates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import cos, inf, pi
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.datasets import Array
from lossgeo.descent.many import OUTCOMES, Basins, Sweep, run_many, sweep_rates
from lossgeo.descent.single import Trajectory, run
from lossgeo.geometry import Loss, adjugate, spectrum
from lossgeo.losses import LinearLoss

__all__ = [
    "OPTIMIZERS",
    "OUTCOMES",
    "SCHEDULES",
    "Basins",
    "Method",
    "Sweep",
    "Trajectory",
    "applies",
    "run",
    "run_many",
    "sweep",
]

State = tuple[Array, ...]
Indices = NDArray[np.intp]

PENALISED = np.array([1.0, 0.0])  # the slope w, not the intercept b

# The factor on the learning rate at step t = 1, 2, ..., steps.
SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": lambda t, steps: 1.0,
    "1/t": lambda t, steps: 1.0 / t,  # Robbins and Monro 1951
    "step": lambda t, steps: 0.5 ** (4 * (t - 1) // steps),  # halved after each quarter of the run
    "cosine": lambda t, steps: 0.5 + 0.5 * cos(pi * (t - 1) / steps),  # Loshchilov, Hutter 2017
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Method:
    """What the methods share. learning_rate may be an array (..., 1): one rate for each start.

    `horizon` is the number of steps over which a schedule decays; `run` sets it to its own.
    """

    name: ClassVar[str]
    needs_data: ClassVar[bool] = False  # mini-batches
    noisy: ClassVar[bool] = False  # the same point need not give the same step
    memory: ClassVar[bool] = False  # the step depends on earlier ones
    coordinatewise: ClassVar[bool] = False  # each coordinate moves by its own gradient entry alone
    hops: ClassVar[bool] = False  # steps as long as the learning rate, however small the gradient

    learning_rate: float | Array = 0.1
    schedule: str = "constant"
    horizon: int = 100

    def __post_init__(self) -> None:
        rate = np.asarray(self.learning_rate, float)
        if not np.all((rate > 0) & (rate < inf)):
            raise ValueError(f"learning_rate must be > 0 and finite, got {self.learning_rate}")
        if self.schedule not in SCHEDULES:
            names = ", ".join(SCHEDULES)
            raise ValueError(f"schedule must be one of {names}; got {self.schedule!r}")
        for field in fields(self):
            if field.name in RANGES:
                low, high = RANGES[field.name]
                value = getattr(self, field.name)
                if not low <= value < high:
                    limits = f">= {low:g}" + ("" if high == inf else f" and < {high:g}")
                    raise ValueError(f"{field.name} must be {limits}, got {value}")
                if isinstance(low, int) and value != int(value):
                    raise ValueError(f"{field.name} must be a whole number, got {value}")

    def rate(self, t: int) -> Any:
        return self.learning_rate * SCHEDULES[self.schedule](t, self.horizon)

    @property
    def stability(self) -> float | None:
        """On a convex quadratic it converges from every start iff 0 < learning_rate L < this."""
        return None

    def init(self, loss: Loss, p: Array) -> State:
        return ()

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        raise NotImplementedError

    def select(self, state: State, keep: Indices) -> State:
        """The state of the chosen starts."""
        return tuple(memory.T[:, keep].T for memory in state)  # x and y stay apart in memory


# Settings other than the rate: low <= value < high; whole numbers where low is one.
RANGES: dict[str, tuple[float, float]] = {
    "horizon": (1, inf),
    "momentum": (0.0, 1.0),
    "decay": (0.0, 1.0),
    "beta1": (0.0, 1.0),
    "beta2": (0.0, 1.0),
    "epsilon": (1e-300, 1.0),
    "shrink": (0.01, 1.0),
    "decrease": (0.0, 1.0),
    "batch_size": (1, inf),
    "seed": (0, inf),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class GradientDescent(Method):
    """w <- w - eta g(w).  Cauchy 1847."""

    name = "gradient descent"
    coordinatewise = True

    @property
    def stability(self) -> float:
        return 2.0

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        return p - self.rate(t) * loss.gradient(p), state


@dataclass(frozen=True, eq=False, kw_only=True)
class StochasticGradientDescent(Method):
    """w <- w - eta g_B(w), g_B the mean gradient over a mini-batch B.  Robbins and Monro 1951.

    Each epoch shuffles the samples (seeded) and cuts them into batches; the last may be smaller.
    Many starts see the same batches.
    """

    name = "sgd"
    needs_data = noisy = True

    batch_size: int = 8
    seed: int = 0

    def init(self, loss: Loss, p: Array) -> State:
        if not applies(self, loss):
            raise ValueError(f"sgd draws mini-batches of data, and {loss.name} has none")
        return ()

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        assert isinstance(loss, LinearLoss)  # init has seen to it
        n, size = loss.dataset.n, self.batch_size
        epoch, i = divmod(t - 1, -(-n // size))
        if i == 0 or not state:
            order = np.random.default_rng([self.seed, epoch]).permutation(n)
            state = loss.design[order], loss.dataset.y[order]
        A, y = (rows[i * size : (i + 1) * size] for rows in state)
        gradient = loss.slope(p @ A.T, y) @ A / len(y) + loss.l2 * (p * PENALISED)
        return p - self.rate(t) * gradient, state

    def select(self, state: State, keep: Indices) -> State:
        return state


@dataclass(frozen=True, eq=False, kw_only=True)
class Momentum(Method):
    """w <- w - eta g(w) + beta (w - w_before).  Heavy ball, Polyak 1964.

    At the start w_before = w.
    """

    name = "momentum"
    memory = coordinatewise = True

    momentum: float = 0.9

    @property
    def stability(self) -> float:
        return 2.0 * (1.0 + self.momentum)

    def init(self, loss: Loss, p: Array) -> State:
        return (p,)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        (before,) = state
        return p - self.rate(t) * loss.gradient(p) + self.momentum * (p - before), (p,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Nesterov(Method):
    """v = w + beta (w - w_before), w <- v - eta g(v).  Nesterov 1983, as in Sutskever et al. 2013.

    The gradient is taken where momentum would carry w. The points of a run are w, not v.
    """

    name = "nesterov"
    memory = coordinatewise = True

    momentum: float = 0.9

    @property
    def stability(self) -> float:
        return 2.0 * (1.0 + self.momentum) / (1.0 + 2.0 * self.momentum)

    def init(self, loss: Loss, p: Array) -> State:
        return (p,)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        (before,) = state
        ahead = p + self.momentum * (p - before)
        return ahead - self.rate(t) * loss.gradient(ahead), (p,)


@dataclass(frozen=True, eq=False, kw_only=True)
class AdaGrad(Method):
    """G <- G + g^2, w <- w - eta g / (sqrt G + epsilon), coordinate by coordinate.

    Duchi, Hazan and Singer 2011.
    """

    name = "adagrad"
    memory = coordinatewise = True

    epsilon: float = 1e-10

    def init(self, loss: Loss, p: Array) -> State:
        return (np.zeros_like(p),)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        g = loss.gradient(p)
        G = state[0] + g * g
        return p - self.rate(t) * g / (np.sqrt(G) + self.epsilon), (G,)


@dataclass(frozen=True, eq=False, kw_only=True)
class RMSProp(Method):
    """v <- rho v + (1 - rho) g^2, w <- w - eta g / (sqrt v + epsilon), coordinate by coordinate.

    Tieleman and Hinton 2012, lecture 6.5.
    """

    name = "rmsprop"
    memory = coordinatewise = hops = True

    learning_rate: float | Array = 0.01
    decay: float = 0.9
    epsilon: float = 1e-8

    def init(self, loss: Loss, p: Array) -> State:
        return (np.zeros_like(p),)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        g = loss.gradient(p)
        v = self.decay * state[0] + (1.0 - self.decay) * g * g
        return p - self.rate(t) * g / (np.sqrt(v) + self.epsilon), (v,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Adam(Method):
    """m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, w <- w - eta m' / (sqrt v' + epsilon).

    m' = m / (1 - b1^t) and v' = v / (1 - b2^t) undo the start at 0. Coordinate by coordinate.
    Kingma and Ba 2015, algorithm 1.
    """

    name = "adam"
    memory = coordinatewise = hops = True

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def init(self, loss: Loss, p: Array) -> State:
        return np.zeros_like(p), np.zeros_like(p)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        g = loss.gradient(p)
        m = self.beta1 * state[0] + (1.0 - self.beta1) * g
        v = self.beta2 * state[1] + (1.0 - self.beta2) * g * g
        root = (1.0 - self.beta2**t) ** 0.5  # sqrt v' = sqrt v / root, and so a pass over v less
        rate = self.rate(t) * root / (1.0 - self.beta1**t)
        return p - rate * m / (np.sqrt(v) + self.epsilon * root), (m, v)


@dataclass(frozen=True, eq=False, kw_only=True)
class Newton(Method):
    """w <- w - eta H(w)^-1 g(w), damped for eta < 1.  Boyd and Vandenberghe 2004, section 9.5.

    It heads for any stationary point, minimum or not. A singular H is inverted on its range only
    (the pseudo-inverse). With absolute=True the eigenvalues of H are taken without their sign, so
    that every step goes in a direction of descent (Dauphin et al. 2014).
    """

    name = "newton"

    learning_rate: float | Array = 1.0
    absolute: bool = False

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        h = loss.hessian(p)
        if self.absolute:
            curvature = spectrum(loss, p)
            V = curvature.eigenvectors
            h = (V * np.abs(curvature.eigenvalues)[..., None, :]) @ np.swapaxes(V, -1, -2)
        g, columns = loss.gradient(p), inverse(h)  # symmetric: its columns are its rows
        direction = columns[..., 0, :] * g[..., :1] + columns[..., 1, :] * g[..., 1:]
        return p - self.rate(t) * direction, state


def inverse(h: Array) -> Array:
    """The inverse of symmetric h (..., 2, 2): adjugate / determinant; pseudo-inverse if singular.

    A singular h = lambda e e' has the pseudo-inverse e e'/lambda = h / lambda^2; zero has itself.
    """
    a, c, d = h[..., 0, 0], h[..., 0, 1], h[..., 1, 1]
    cc = c * c
    det, square = a * d - cc, a * a + 2.0 * cc + d * d
    singular = np.abs(det) <= 1e-14 * square
    if not singular.any():
        return adjugate(h) / det[..., None, None]
    det = np.where(singular, np.where(square > 0, square, 1.0), det)
    pseudo: Array = np.where(singular[..., None, None], h, adjugate(h)) / det[..., None, None]
    return pseudo


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtracking(Method):
    """w <- w - s g(w) with the first s for which f(w - s g) <= f(w) - c s |g|^2.  Armijo 1966.

    The first s is the learning rate; it shrinks by a factor until the condition holds. The next
    search starts from the step found, or from a longer one (at most the learning rate) if the first
    trial was good enough.
    """

    name = "backtracking"

    learning_rate: float | Array = 1.0
    shrink: float = 0.5
    decrease: float = 1e-4

    def init(self, loss: Loss, p: Array) -> State:
        return loss.value(p)[..., None], self.rate(1) + np.zeros((*p.shape[:-1], 1))

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        value, first = state  # (..., 1), like s
        g = loss.gradient(p)
        slope, s = self.decrease * np.vecdot(g, g)[..., None], first
        for _ in range(100):
            trial = p - s * g
            there = loss.value(trial)[..., None]
            enough = there <= value - slope * s
            if enough.all():
                break
            s = np.where(enough, s, self.shrink * s)
        longer = np.minimum(first / self.shrink, self.rate(t))
        return trial, (there, longer if s is first else np.where(s < first, s, longer))


OPTIMIZERS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        GradientDescent,
        StochasticGradientDescent,
        Momentum,
        Nesterov,
        AdaGrad,
        RMSProp,
        Adam,
        Newton,
        Backtracking,
    )
}


def applies(method: Method | type[Method], loss: Loss) -> bool:
    """Whether the method can run on the loss: mini-batches need a loss with data."""
    return not method.needs_data or isinstance(loss, LinearLoss)


def sweep(
    name: str,
    loss: Loss,
    start: ArrayLike,
    learning_rates: ArrayLike,
    steps: int,
    tolerance: float = 1e-6,
    **settings: Any,
) -> Sweep:
    """How many steps each learning rate needs from the same start, all in one vectorised run."""
    rates = np.array(learning_rates, float).reshape(-1, 1)
    method = OPTIMIZERS[name](learning_rate=rates, **settings)
    return sweep_rates(method, loss, np.array(start, float), steps, tolerance)
