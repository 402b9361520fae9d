"""The descent methods.

Each step of a method decides two things: the direction and the step length. Gradient descent follows the negative
gradient. Momentum adds a part of its last step. AdaGrad, RMSProp and Adam scale each coordinate by the gradients
seen so far. Newton's method multiplies by the inverse Hessian. The step length is the learning rate times a
schedule, except for backtracking and damped Newton, which find it by a line search.

A method is a record of its settings with two pure functions, `init` and `step` (see `contracts.Method`). Points
have shape (..., 2), so one step can advance one start or many. The loops are in other modules: `single.run` (one
start, every point kept), `many.run_many` (many starts) and `many.sweep` (many learning rates).

In the formulas w is the point, g the gradient, H the Hessian, and eta the learning rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from lossgeo.contracts import Array, DataLoss, Indices, Loss, Method, State, setting
from lossgeo.geometry import spectrum
from lossgeo.two_by_two import inverse


@dataclass(frozen=True, eq=False, kw_only=True)
class GradientDescent(Method):
    """w <- w - eta g(w).  Cauchy 1847."""

    name = "gradient descent"
    coordinatewise = True

    @property
    def stability(self) -> float:
        """2, because a step multiplies the error along an eigenvector by 1 - eta lambda."""
        return 2.0

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        return p - self.rate(t) * loss.gradient(p), state


@dataclass(frozen=True, eq=False, kw_only=True)
class StochasticGradientDescent(Method):
    """w <- w - eta g_B(w), where g_B is the mean gradient over a mini-batch B.  Robbins and Monro 1951.

    Each epoch shuffles the samples (with a seed) and cuts them into batches; the last one may be smaller. With
    `fresh` each batch is drawn anew from all samples, without repeats in it, independently of the others. All
    starts use the same batches.
    """

    name = "sgd"
    needs_data = noisy = True

    batch_size: int = setting(8, low=1, below=inf)
    seed: int = setting(0, low=0, below=inf)
    fresh: bool = False

    def init(self, loss: Loss, p: Array) -> State:
        if not self.applies(loss):
            raise ValueError(f"sgd draws mini-batches of data, and {loss.name} has none")
        return ()

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        assert isinstance(loss, DataLoss)  # checked in init
        if self.fresh:
            drawn = self.drawn(loss.dataset.n, t)
            return p - self.rate(t) * loss.batch_gradient(p, loss.design[drawn], loss.dataset.y[drawn]), state
        epoch, batch = self._place(loss.dataset.n, t)
        if batch.start == 0 or not state:
            order = self._order(loss.dataset.n, epoch)
            state = loss.design[order], loss.dataset.y[order]
        A, y = (rows[batch] for rows in state)
        return p - self.rate(t) * loss.batch_gradient(p, A, y), state

    def drawn(self, n: int, t: int) -> Indices:
        """The indices of the samples of step t = 1, 2, ..., of n samples."""
        shuffle, batch = (t, slice(self.batch_size)) if self.fresh else self._place(n, t)
        return self._order(n, shuffle)[batch]

    def _place(self, n: int, t: int) -> tuple[int, slice]:
        """The epoch of step t, and which of its n shuffled samples are the batch."""
        epoch, i = divmod(t - 1, -(-n // self.batch_size))
        return epoch, slice(i * self.batch_size, (i + 1) * self.batch_size)

    def _order(self, n: int, shuffle: int) -> Indices:
        """The n samples, shuffled for the time number `shuffle`."""
        return np.random.default_rng([self.seed, shuffle]).permutation(n)

    def noisy_on(self, loss: Loss) -> bool:
        """False if one batch holds all samples: that is gradient descent."""
        return loss.terms > self.batch_size

    def stability_on(self, loss: Loss) -> float | None:
        """2 if one batch holds all samples, as for gradient descent; otherwise there is no such number."""
        return None if self.noisy_on(loss) else 2.0

    def select(self, state: State, keep: Indices) -> State:
        """The state unchanged: it holds the shuffled data, which all starts share."""
        return state


@dataclass(frozen=True, eq=False, kw_only=True)
class AveragedSGD(StochasticGradientDescent):
    """The mean of the points 1 to t of sgd.  Ruppert 1988; Polyak and Juditsky 1992.

    The points of a run are the means; the state holds the point of sgd itself, which the mean does not influence.
    """

    name = "averaged sgd"
    memory = True

    def init(self, loss: Loss, p: Array) -> State:
        return (*super().init(loss, p), p)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        own, data = super().step(loss, state[-1], state[:-1], t)
        return p + (own - p) / t, (*data, own)

    def stability_on(self, loss: Loss) -> float | None:
        """None: at the limit of gradient descent a point that jumps to and fro still has a mean at rest."""
        return None

    def select(self, state: State, keep: Indices) -> State:
        """The shuffled data, which all starts share, and the points of sgd of some starts."""
        return (*state[:-1], state[-1].T[:, keep].T)


@dataclass(frozen=True, eq=False, kw_only=True)
class Momentum(Method):
    """w <- w - eta g(w) + beta (w - w_before), with w_before = w at first.  Heavy ball, Polyak 1964."""

    name = "momentum"
    memory = coordinatewise = uses_momentum = True

    momentum: float = setting(0.9, low=0.0, below=1.0)

    @property
    def stability(self) -> float:
        """2 (1 + beta), from the roots of z^2 - (1 + beta - eta lambda) z + beta (Polyak 1964)."""
        return 2.0 * (1.0 + self.momentum)

    def init(self, loss: Loss, p: Array) -> State:
        return (p,)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        (before,) = state
        return p - self.rate(t) * loss.gradient(p) + self.momentum * (p - before), (p,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Nesterov(Method):
    """v = w + beta (w - w_before), w <- v - eta g(v).  Nesterov 1983, in the form of Sutskever et al. 2013.

    The gradient is taken at v, the point to which momentum alone would lead. The points of a run are w, not v.
    """

    name = "nesterov"
    memory = coordinatewise = uses_momentum = True

    momentum: float = setting(0.9, low=0.0, below=1.0)

    @property
    def stability(self) -> float:
        """2 (1 + beta) / (1 + 2 beta), from the roots of z^2 - (1 - eta lambda) ((1 + beta) z - beta)."""
        return 2.0 * (1.0 + self.momentum) / (1.0 + 2.0 * self.momentum)

    def init(self, loss: Loss, p: Array) -> State:
        return (p,)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        (before,) = state
        ahead = p + self.momentum * (p - before)
        return ahead - self.rate(t) * loss.gradient(ahead), (p,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Accelerated(Method):
    """Nesterov's method with beta_t = (t - 2) / (t + 1), which grows from 0 towards 1.  Beck and Teboulle 2009.

    It is their method FISTA for a smooth loss, with t_k = (k + 1) / 2 (their proof needs t_k^2 - t_k <= t_{k-1}^2).
    """

    name = "accelerated"
    memory = coordinatewise = True

    @property
    def stability(self) -> float:
        """4/3, the limit of that of `nesterov` for beta towards 1: above it the later steps leave a minimum."""
        return 4.0 / 3.0

    def init(self, loss: Loss, p: Array) -> State:
        return (p,)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        (before,) = state
        ahead = p + max(t - 2, 0) / (t + 1) * (p - before)
        return ahead - self.rate(t) * loss.gradient(ahead), (p,)


@dataclass(frozen=True, eq=False, kw_only=True)
class AdaGrad(Method):
    """G <- G + g^2, w <- w - eta g / (sqrt G + epsilon), coordinate by coordinate.

    Duchi, Hazan and Singer 2011.
    """

    name = "adagrad"
    memory = coordinatewise = True

    epsilon: float = setting(1e-10, low=1e-300, below=1.0)

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
    decay: float = setting(0.9, low=0.0, below=1.0)
    epsilon: float = setting(1e-8, low=1e-300, below=1.0)

    def init(self, loss: Loss, p: Array) -> State:
        return (np.zeros_like(p),)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        g = loss.gradient(p)
        v = self.decay * state[0] + (1.0 - self.decay) * g * g
        return p - self.rate(t) * g / (np.sqrt(v) + self.epsilon), (v,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Adam(Method):
    """m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, w <- w - eta m' / (sqrt v' + epsilon).

    m' = m / (1 - b1^t) and v' = v / (1 - b2^t) correct the bias of the zero start. Coordinate by coordinate.
    Kingma and Ba 2015, algorithm 1.
    """

    name = "adam"
    memory = coordinatewise = hops = True

    beta1: float = setting(0.9, low=0.0, below=1.0)
    beta2: float = setting(0.999, low=0.0, below=1.0)
    epsilon: float = setting(1e-8, low=1e-300, below=1.0)

    def init(self, loss: Loss, p: Array) -> State:
        return np.zeros_like(p), np.zeros_like(p)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        g = loss.gradient(p)
        m = self.beta1 * state[0] + (1.0 - self.beta1) * g
        v = self.beta2 * state[1] + (1.0 - self.beta2) * g * g
        root = (1.0 - self.beta2**t) ** 0.5  # sqrt v' = sqrt v / root: dividing v itself would cost another pass
        rate = self.rate(t) * root / (1.0 - self.beta1**t)
        return p - rate * m / (np.sqrt(v) + self.epsilon * root), (m, v)


@dataclass(frozen=True, eq=False, kw_only=True)
class Newton(Method):
    """w <- w - eta H(w)^-1 g(w), damped if eta < 1.  Boyd and Vandenberghe 2004, section 9.5.

    It converges to stationary points of any kind. For a singular H it uses the pseudo-inverse. With
    absolute=True the eigenvalues of H are replaced by their absolute values, so that every step is in a descent
    direction (Dauphin et al. 2014).
    """

    name = "newton"
    uses_rate = False
    second_order = True

    learning_rate: float | Array = 1.0
    absolute: bool = False

    @property
    def saddles_attract(self) -> bool:
        """True unless the absolute values of the eigenvalues are used."""
        return not self.absolute

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        if not self.absolute:
            return p - self.rate(t) * loss.newton_step(p), state
        curvature = spectrum(loss, p)
        V = curvature.eigenvectors
        h = (V * np.abs(curvature.eigenvalues)[..., None, :]) @ np.swapaxes(V, -1, -2)
        return p - self.rate(t) * (inverse(h) @ loss.gradient(p)[..., None])[..., 0], state


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtracking(Method):
    """w <- w - s g(w) with the first s for which f(w - s g) <= f(w) - c s |g|^2.  Armijo 1966.

    The first trial s is the learning rate; it is multiplied by `shrink` until the condition holds. The
    next search starts from the accepted s, or from a longer one (at most the learning rate) if the
    first trial was accepted.
    """

    name = "backtracking"
    uses_rate = False
    descends = True

    learning_rate: float | Array = 1.0
    shrink: float = setting(0.5, low=0.01, below=1.0)
    decrease: float = setting(1e-4, low=0.0, below=1.0)

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


@dataclass(frozen=True, eq=False, kw_only=True)
class DampedNewton(Method):
    """w <- w - s d with Newton's direction d = H^-1 g; s = 1, then halved until f(w - s d) <= f(w) - c s g'd.

    Boyd and Vandenberghe 2004, algorithm 9.5. Where d would not go down, because H has a negative eigenvalue or is
    singular, d is g. Each search starts from the learning rate, 1.
    """

    name = "damped newton"
    uses_rate = False
    second_order = True
    descends = True

    learning_rate: float | Array = 1.0
    decrease: float = setting(1e-4, low=0.0, below=1.0)

    def step(self, loss: Loss, p: Array, state: State, t: int) -> tuple[Array, State]:
        g, d = loss.gradient(p), loss.newton_step(p)
        down = np.vecdot(g, d)[..., None]
        d = np.where((down > 0) & np.isfinite(d).all(axis=-1, keepdims=True), d, g)
        slope, value = self.decrease * np.vecdot(g, d)[..., None], loss.value(p)[..., None]
        s = self.rate(t) + np.zeros((*p.shape[:-1], 1))
        for _ in range(100):
            trial = p - s * d
            enough = loss.value(trial)[..., None] <= value - slope * s
            if enough.all():
                break
            s = np.where(enough, s, 0.5 * s)
        return trial, state


OPTIMIZERS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        GradientDescent,
        StochasticGradientDescent,
        AveragedSGD,
        Momentum,
        Nesterov,
        Accelerated,
        AdaGrad,
        RMSProp,
        Adam,
        Newton,
        DampedNewton,
        Backtracking,
    )
}
