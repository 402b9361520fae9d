"""The losses of one linear score z = w x + b, seen as functions of p = (w, b).

    L(p) = mean over the samples of penalty(z, y)  +  l2/2 w^2        (the intercept is not penalised)

A loss states three lines: the penalty of one sample and its first and second derivative in z. The chain
rule, the same for all of them, turns these into value, gradient and Hessian in (w, b). With A = [x, 1]:

    gradient = (1/n) A' slope(z, y)  + l2 (w, 0)
    Hessian  = (1/n) A' diag(curvature(z, y)) A  + l2 diag(1, 0)

Shapes: p is (..., 2); value (...), gradient (..., 2), Hessian (..., 2, 2). These definitions are the truth
that every fast kernel is tested against. Conventions: the squared error carries no factor one half, so its
curvature is 2; labels of the logistic losses are 0 or 1.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.datasets import Array, Dataset, separation, standardise

View = tuple[tuple[float, float], tuple[float, float]]


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), accurate in both tails: exp only ever sees a negative argument."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


class LinearLoss:
    """What the losses of a linear score share: the chain rule, the penalty, where to look."""

    name: ClassVar[str]
    formula: ClassVar[str]
    convex: ClassVar[bool]
    convexity: ClassVar[str]
    parameters: ClassVar[tuple[str, str]] = ("w", "b")
    classifies: ClassVar[bool] = False

    def __init__(self, dataset: Dataset, l2: float = 0.0) -> None:
        if not (np.isfinite(l2) and l2 >= 0):
            raise ValueError(f"l2 must be a number >= 0, got {l2}")
        if self.classifies and not dataset.labels_are_binary:
            raise ValueError(f"{self.name} needs labels 0 and 1; {dataset.name!r} has other values of y")
        self.dataset, self.l2 = dataset, float(l2)
        self._design = np.column_stack([dataset.x, np.ones(dataset.n)])
        self._outer = (self._design[:, :, None] * self._design[:, None, :]).reshape(-1, 4)
        self._ridge = np.array([[self.l2, 0.0], [0.0, 0.0]])

    # --- the three lines of a loss, for one sample with score z and target y -------------------
    def penalty(self, z: Array, y: Array) -> Array:
        raise NotImplementedError

    def slope(self, z: Array, y: Array) -> Array:
        raise NotImplementedError

    def curvature(self, z: Array, y: Array) -> Array:
        raise NotImplementedError

    # --- the chain rule, once ------------------------------------------------------------------
    def score(self, p: ArrayLike) -> Array:
        """z = w x + b for every sample: shape (..., n)."""
        p = np.asarray(p, float)
        return p[..., :1] * self.dataset.x + p[..., 1:]

    def value(self, p: ArrayLike) -> Array:
        w = np.asarray(p, float)[..., 0]
        mean: Array = self.penalty(self.score(p), self.dataset.y).mean(axis=-1)
        return mean + 0.5 * self.l2 * w * w

    def gradient(self, p: ArrayLike) -> Array:
        p = np.asarray(p, float)
        mean: Array = self.slope(self.score(p), self.dataset.y) @ self._design / self.dataset.n
        return mean + p @ self._ridge if self.l2 else mean

    def hessian(self, p: ArrayLike) -> Array:
        p = np.asarray(p, float)
        mean = self.curvature(self.score(p), self.dataset.y) @ self._outer / self.dataset.n
        hessian: Array = mean.reshape(*p.shape[:-1], 2, 2) + self._ridge
        return hessian

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """The model's output at the inputs x for one parameter point: the line w x + b."""
        w, b = np.asarray(p, float)
        line: Array = w * np.asarray(x, float) + b
        return line

    # --- facts -----------------------------------------------------------------------------------
    @property
    def minima(self) -> Array:
        """The minimisers, shape (k, 2); one representative where they form a line or a region."""
        return self._minimum[0]

    @property
    def minimisers(self) -> str:
        """"one", "several" (isolated), "line", "region", or "none": no minimiser exists."""
        return self._minimum[1]

    @property
    def infimum(self) -> float:
        """The greatest lower bound of the loss; attained unless `minimisers` is "none"."""
        return self._minimum[2]

    @cached_property
    def _minimum(self) -> tuple[Array, str, float]:
        raise NotImplementedError

    def _found(self, points: list[Array], kind: str) -> tuple[Array, str, float]:
        minima = np.array(points, float).reshape(-1, 2)
        minima.setflags(write=False)
        return minima, kind, float(self.value(minima).min())

    @cached_property
    def view(self) -> View:
        """Where to look: a window around the minimiser (or around where the models get good)."""
        x, y = self.dataset.x, self.dataset.y
        sx = x.std() or max(abs(x.mean()), 1.0)
        sy = y.std() or max(abs(y.mean()), 1.0) / 2
        w, b = self.minima[0]
        half_w = sy / sx                                   # slopes between 0 and twice a perfect fit
        half_b = np.hypot(x.mean() * half_w, sy)           # far enough for the valley b = const - w mean(x)
        return window((w, b), (half_w, half_b))


def window(centre: tuple[float, float], half: tuple[float, float]) -> View:
    """The box centre +- half with its ends rounded outwards to two digits of its width."""
    ends = []
    for c, h in zip(centre, half, strict=True):
        unit = 10.0 ** np.floor(np.log10(h))
        unit = unit / 2 if h < 4 * unit else unit
        ends.append((float(np.floor((c - h) / unit) * unit), float(np.ceil((c + h) / unit) * unit)))
    return ends[0], ends[1]


class MeanSquaredError(LinearLoss):
    """mean (z - y)^2, without a factor one half; the quadratic of least squares (Gauss 1809).

    Convex because its Hessian (2/n) A'A + l2 diag(1, 0) is positive semidefinite everywhere; strictly
    convex (a bowl) iff A has full column rank, that is, iff at least two x differ, or iff l2 > 0.
    """

    name = "mean squared error"
    formula = r"\frac1n\sum_i (w x_i + b - y_i)^2"
    convex = True
    convexity = "Proof: the Hessian (2/n) A'A is a Gram matrix, so it is positive semidefinite everywhere."

    def penalty(self, z: Array, y: Array) -> Array:
        r = z - y
        return r * r

    def slope(self, z: Array, y: Array) -> Array:
        return 2.0 * (z - y)

    def curvature(self, z: Array, y: Array) -> Array:
        return np.full_like(z, 2.0)

    @cached_property
    def _minimum(self) -> tuple[Array, str, float]:
        x, y = self.dataset.x, self.dataset.y
        dx, dy = x - x.mean(), y - y.mean()
        sxx = dx @ dx / x.size
        if sxx > 0 or self.l2:
            w = (dx @ dy / x.size) / (sxx + self.l2 / 2)
            w += (dx @ (dy - w * dx) / x.size - self.l2 / 2 * w) / (sxx + self.l2 / 2)   # one refinement
            return self._found([np.array([w, y.mean() - w * x.mean()])], "one")
        # All x equal: every (w, b) with w x + b = mean(y) is a minimiser; take the one of least norm.
        x0 = x[0]
        return self._found([y.mean() * np.array([x0, 1.0]) / (x0 * x0 + 1.0)], "line")


class MeanAbsoluteError(LinearLoss):
    """mean |z - y|: convex and kinked (least absolute deviations; Boscovich 1757, Laplace 1793).

    Convex as a mean of absolute values of affine functions. Not differentiable where a residual is 0:
    `gradient` returns the subgradient that counts such a sample as 0, and `hessian` the Hessian of the
    linear piece, which is zero but for the penalty.
    """

    name = "mean absolute error"
    formula = r"\frac1n\sum_i |w x_i + b - y_i|"
    convex = True
    convexity = "Proof: a mean of absolute values of affine functions is convex."

    def penalty(self, z: Array, y: Array) -> Array:
        return np.abs(z - y)

    def slope(self, z: Array, y: Array) -> Array:
        return np.sign(z - y)

    def curvature(self, z: Array, y: Array) -> Array:
        return np.zeros_like(z)

    @cached_property
    def _minimum(self) -> tuple[Array, str, float]:
        x, y = self.dataset.x, self.dataset.y
        if x.min() == x.max() and not self.l2:
            b = float(np.median(y))
            kind = "line" if y.size % 2 or np.ptp(np.sort(y)[y.size // 2 - 1:][:2]) == 0 else "region"
            return self._found([b * np.array([x[0], 1.0]) / (x[0] ** 2 + 1.0)], kind)
        # The profile g(w) = min over b is convex and piecewise linear, with its kinks among the slopes
        # through two samples: a bisection over those finds its minimum exactly.
        i, j = np.triu_indices(y.size, 1)
        apart = x[i] != x[j]
        kinks = np.unique(np.append((y[j] - y[i])[apart] / (x[j] - x[i])[apart], 0.0))

        def profile(w: float) -> float:
            b = np.median(y - w * x)
            return float(np.abs(w * x + b - y).mean() + 0.5 * self.l2 * w * w)

        low, high = 0, kinks.size - 1
        while high - low > 2:
            left, right = low + (high - low) // 3, high - (high - low) // 3
            if profile(kinks[left]) <= profile(kinks[right]):
                high = right
            else:
                low = left
        best = float(min(kinks[max(low - 1, 0):high + 2], key=profile))
        k = int(np.searchsorted(kinks, best))
        near = kinks[max(k - 2, 0):k + 3]
        if self.l2:                                          # the minimum may lie inside a linear piece
            best = min([best, *self._inside_pieces(near, profile)], key=profile)
        rest = np.sort(y - best * x)
        middle = rest[(y.size - 1) // 2:y.size // 2 + 1]     # every b between the two medians is as good
        # A flat stretch of the profile, or a gap between the two medians, makes a region of minimisers.
        tiny = 1e-12 * max(1.0, float(np.abs(y).max()))
        flat = any(abs(w - best) > 1e-9 * (1 + abs(best)) and profile(w) <= profile(best) + tiny for w in near)
        kind = "region" if flat or np.ptp(middle) > tiny else "one"
        return self._found([np.array([best, middle.mean()])], kind)

    def _inside_pieces(self, kinks: Array, profile: Callable[[float], float]) -> list[float]:
        """The minimiser of each piece between two kinks, where the profile is s w + l2/2 w^2 + const."""
        inside = []
        for a, c in pairwise(kinks):
            s = (profile(c) - profile(a)) / (c - a) - 0.5 * self.l2 * (a + c)
            inside.append(float(np.clip(-s / self.l2, a, c)))
        return inside


class LogisticLoss(LinearLoss):
    """mean log(1 + exp(z)) - y z, the negative mean log likelihood of P(y = 1) = sigmoid(z).

    Convex because its curvature sigmoid(z) sigmoid(-z) is positive, so the Hessian is a weighted Gram
    matrix; never strongly convex on the whole plane, as the curvature tends to 0 far out. A minimiser
    exists iff the classes overlap (Silvapulle 1981; Albert and Anderson 1984); it is then unique iff
    at least two x differ. With l2 > 0 it exists iff both classes occur.
    """

    name = "logistic loss"
    formula = r"\frac1n\sum_i \log(1 + e^{z_i}) - y_i z_i,\quad z_i = w x_i + b"
    convex = True
    convexity = ("Proof: the Hessian (1/n) A' diag(p(1-p)) A is a Gram matrix with positive weights, "
                 "so it is positive semidefinite everywhere.")
    classifies = True

    # log(1 + e^z) - y z equals log(1 + e^(-m)) with the margin m = (2y - 1) z: no cancellation anywhere.
    def penalty(self, z: Array, y: Array) -> Array:
        return np.logaddexp(0.0, (1.0 - 2.0 * y) * z)

    def slope(self, z: Array, y: Array) -> Array:
        return (1.0 - 2.0 * y) * sigmoid((1.0 - 2.0 * y) * z)                  # = sigmoid(z) - y

    def curvature(self, z: Array, y: Array) -> Array:
        return sigmoid(z) * sigmoid(-z)

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """P(y = 1) at the inputs x."""
        return sigmoid(super().predict(p, x))

    @cached_property
    def _minimum(self) -> tuple[Array, str, float]:
        x, y = self.dataset.x, self.dataset.y
        kind = separation(self.dataset)
        nowhere = np.empty((0, 2))
        if kind == "one class" or (kind == "complete" and not self.l2):
            return nowhere, "none", 0.0
        if kind == "quasi-complete" and not self.l2:
            # Along the separating direction only the samples on the boundary keep a loss: their entropy.
            at = x == (x[y == 0].max() if x[y == 0].max() == x[y == 1].min() else x[y == 1].max())
            return nowhere, "none", float(at.mean() * entropy(float(y[at].mean())))
        if x.min() == x.max() and not self.l2:
            z = np.log(y.mean() / (1.0 - y.mean()))
            return self._found([z * np.array([x[0], 1.0]) / (x[0] ** 2 + 1.0)], "line")
        return self._found([_in_standard_units(self, np.zeros(2))], "one")

    @cached_property
    def view(self) -> View:
        return classifier_view(self)


def entropy(q: float) -> float:
    """-q log q - (1 - q) log(1 - q): the least mean log loss of equal predictions for a share q of ones."""
    return float(-sum(t * np.log(t) for t in (q, 1.0 - q) if t > 0))


class SigmoidSquaredError(LinearLoss):
    """mean (sigmoid(z) - y)^2: the squared error put on probabilities (the Brier score). Not convex.

    Far on the wrong side its slope and curvature both vanish: plateaus. `minima` are found by a search
    from a grid of starts, each confirmed by Newton's method and a positive definite Hessian; no theorem
    says that the list is complete.
    """

    name = "squared error through a sigmoid"
    formula = r"\frac1n\sum_i (\sigma(w x_i + b) - y_i)^2"
    convex = False
    convexity = ("Witness: for one sample x = y = 1 the second derivative in w is negative at w = -3 and "
                 "positive at w = 3.")
    classifies = True

    def penalty(self, z: Array, y: Array) -> Array:
        e = sigmoid((1.0 - 2.0 * y) * z)                                       # = |sigmoid(z) - y|
        return e * e

    def slope(self, z: Array, y: Array) -> Array:
        s = 1.0 - 2.0 * y
        return 2.0 * s * sigmoid(s * z) * sigmoid(z) * sigmoid(-z)             # 2 (p - y) p'

    def curvature(self, z: Array, y: Array) -> Array:
        s, d = 1.0 - 2.0 * y, sigmoid(z) * sigmoid(-z)                         # d = p', p'' = -p' tanh(z/2)
        return 2.0 * d * (d - s * sigmoid(s * z) * np.tanh(z / 2.0))           # 2 (p'^2 + (p - y) p'')

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """The predicted probability at the inputs x."""
        return sigmoid(super().predict(p, x))

    @cached_property
    def _minimum(self) -> tuple[Array, str, float]:
        x, y = self.dataset.x, self.dataset.y
        if x.min() == x.max() and not self.l2:
            share = float(y.mean())
            if share in (0.0, 1.0):
                return np.empty((0, 2)), "none", 0.0
            z = np.log(share / (1.0 - share))
            return self._found([z * np.array([x[0], 1.0]) / (x[0] ** 2 + 1.0)], "line")
        far = self._least_at_infinity()
        axis = np.sinh(np.linspace(-4.5, 4.5, 61))                            # dense near 0, out to +-45
        sd, mean = x.std() or 1.0, x.mean()
        u, c = np.meshgrid(axis, axis)
        grid = np.stack([u / sd, c - u * mean / sd], axis=-1)
        v = self.value(grid)
        inner = v[1:-1, 1:-1]
        around = [v[1 + i:60 + i, 1 + j:60 + j] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
        starts = grid[1:-1, 1:-1][np.all([inner <= a for a in around], axis=0)]
        found: list[Array] = []
        for start in starts:
            p = _in_standard_units(self, np.array([start[0] * sd, start[1] + start[0] * mean]))
            if self._is_minimum(p) and all(np.abs(p - q).max() > 1e-6 * (1 + np.abs(q).max()) for q in found):
                found.append(p)
        found.sort(key=lambda p: float(self.value(p)))
        best = float(self.value(found[0])) if found else np.inf
        if far <= best:
            minima = np.array(found).reshape(-1, 2)
            minima.setflags(write=False)
            return minima, "none", far
        lowest = sum(float(self.value(p)) <= best * (1 + 1e-9) for p in found)
        return self._found(found, "several" if lowest > 1 else "one")

    def _is_minimum(self, p: Array) -> bool:
        """Newton's next step is negligible and the Hessian clearly positive definite."""
        if not np.all(np.isfinite(p)):
            return False
        h, g = self.hessian(p), self.gradient(p)
        low = float(np.linalg.eigvalsh(h)[0])
        return low > 1e-10 * float(np.abs(h).max()) and bool(
            np.abs(np.linalg.solve(h, g)).max() < 1e-6 * (1 + np.abs(p).max())) and low > 1e-14

    def _least_at_infinity(self) -> float:
        """The least limit along a ray: each side of a threshold is predicted 0 or 1, ties get their mean.

        With a penalty only rays along b stay finite: everything is predicted alike.
        """
        x, y = self.dataset.x, self.dataset.y
        if self.l2:
            return float(min(y.mean(), 1.0 - y.mean()))
        best = float(min(y.mean(), 1.0 - y.mean()))
        for t in np.unique(x):
            below, at, above = y[x < t], y[x == t], y[x > t]
            tied = float(((at - at.mean()) ** 2).sum())
            up = float(below.sum() + (1 - above).sum())
            best = min(best, (up + tied) / y.size, (below.size - below.sum() + above.sum() + tied) / y.size)
        return float(best)

    @cached_property
    def view(self) -> View:
        return classifier_view(self)


def classifier_view(loss: LinearLoss) -> View:
    """A window over (w, b) that holds 0 and the minimiser, or the way to infinity where there is none."""
    x = loss.dataset.x
    sd, mean = float(x.std()) or 1.0, float(x.mean())
    fitted = LogisticLoss(loss.dataset, loss.l2 or 0.05) if not len(loss.minima) else loss
    u, c = 0.0, 0.0
    if len(fitted.minima):
        w, b = fitted.minima[0]
        u, c = float(np.clip(w * sd, -9.0, 9.0)), float(np.clip(b + w * mean, -4.0, 4.0))
    half = abs(u) / 2 + 3.0
    return window((u / 2 / sd, c - u / 2 * mean / sd), (half / sd, float(np.hypot(half, half * mean / sd))))


def _in_standard_units(loss: LinearLoss, start: Array) -> Array:
    """The stationary point that damped Newton reaches, worked out for standardised x and mapped back.

    `start` is in the standardised parameters (u, c): score = u (x - mean)/sd + c. Standardising first
    keeps the Hessian well conditioned however x was scaled (challenger: kappa 8e5 raw, 2.2 standardised).
    """
    x = loss.dataset.x
    sd, mean = float(x.std()) or 1.0, float(x.mean())
    scaled = type(loss)(standardise(loss.dataset), loss.l2 / (sd * sd))
    p = np.array(start, float)
    with np.errstate(all="ignore"):
        for _ in range(100):
            g, h = scaled.gradient(p), scaled.hessian(p)
            values, vectors = np.linalg.eigh(h)
            step = vectors @ ((vectors.T @ g) / np.maximum(np.abs(values), 1e-12))
            t, now = 1.0, float(scaled.value(p))
            while t > 1e-8 and float(scaled.value(p - t * step)) > now - 1e-4 * t * float(g @ step):
                t /= 2
            if t <= 1e-8:                                    # rounding is all that is left: take the full step
                p = p - step if np.abs(step).max() < 1e-6 else p
                break
            p = p - t * step
            if np.abs(step).max() <= 1e-15 * (1.0 + np.abs(p).max()):
                break
    return np.array([p[0] / sd, p[1] - p[0] * mean / sd])


LOSSES: dict[str, type[LinearLoss]] = {
    cls.name: cls for cls in (MeanSquaredError, MeanAbsoluteError, LogisticLoss, SigmoidSquaredError)}
