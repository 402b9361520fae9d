"""The four losses of a linear score z = w x + b. What they share is in `linear_loss.py`.

Each defines the penalty of one sample, its first and second derivative in z, and where the loss is least.
Conventions: the squared error has no factor one half, so its second derivative in z is 2. The labels of the
classification losses are 0 or 1.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Window
from lossgeo.datasets import separation
from lossgeo.linear_loss import LinearLoss, Minimum, window
from lossgeo.minimum_search import descend, local_minima, log_odds
from lossgeo.two_by_two import eigenvalues_2x2


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), same shape as z. Accurate in both tails, because exp gets only arguments <= 0."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


class MeanSquaredError(LinearLoss):
    """mean (z - y)^2, without a factor one half: least squares (Legendre 1805).

    It is convex because its Hessian (2/n) A'A + l2 diag(1, 0) is positive semidefinite. It is strictly convex if
    and only if at least two x differ, so that A has full column rank, or l2 > 0.
    """

    name = "mean squared error"
    formula = r"\frac1n\sum_i (w x_i + b - y_i)^2"
    convex = True
    convexity = "Proof: the Hessian (2/n) A'A is a Gram matrix, so it is positive semidefinite everywhere."
    quadratic = True

    def penalty(self, z: Array, y: Array) -> Array:
        """(z - y)^2, an array like z."""
        r = z - y
        return r * r

    def slope(self, z: Array, y: Array) -> Array:
        """2 (z - y), an array like z."""
        return 2.0 * (z - y)

    def curvature(self, z: Array, y: Array) -> Array:
        """2 for every sample, an array like z."""
        return np.full_like(z, 2.0)

    @cached_property
    def determinant(self) -> float:
        """The determinant of the Hessian: 4 var(x) + 2 l2.

        The difference a d - c^2 of its entries would cancel if x is far from 0.
        """
        with np.errstate(over="ignore"):
            s = self.dataset.x - self.dataset.x[0]  # exactly 0 if all x are equal
            s = s - s.mean()
            return float(4.0 * (s @ s) / s.size + 2.0 * self.l2)

    @cached_property
    def smoothness(self) -> float:
        """L, the larger eigenvalue of the constant Hessian."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(eigenvalues_2x2(self.hessian(np.zeros(2)), self.determinant)[1])

    @cached_property
    def _minimum(self) -> Minimum:
        """The solution of the normal equations, which are diagonal for standardised x."""
        s, y, l2 = self._standard.dataset.x, self.dataset.y, self._standard.l2
        c = y.mean()
        curvature = 2.0 * (s @ s) / y.size + l2
        u = 2.0 * (s @ (y - c)) / y.size / curvature if curvature else 0.0
        rest = y - c - u * s
        return self._found((u, c), "one", (rest @ rest) / y.size + 0.5 * l2 * u * u)


class MeanAbsoluteError(LinearLoss):
    """mean |z - y|: least absolute deviations (Boscovich 1757, Laplace 1793). Convex, with kinks.

    It is convex as a mean of absolute values of affine functions. It is not differentiable where a residual is 0.
    There `gradient` returns the subgradient to which that sample contributes 0, and `hessian` returns the Hessian
    of a linear piece: zero except for the penalty.
    """

    name = "mean absolute error"
    formula = r"\frac1n\sum_i |w x_i + b - y_i|"
    convex = True
    convexity = "Proof: a mean of absolute values of affine functions is convex."
    kinks = True
    smoothness = np.inf

    def penalty(self, z: Array, y: Array) -> Array:
        """|z - y|, an array like z."""
        return np.abs(z - y)

    def slope(self, z: Array, y: Array) -> Array:
        """The sign of z - y, 0 at the kink; an array like z."""
        return np.sign(z - y)

    def curvature(self, z: Array, y: Array) -> Array:
        """0, because the loss is linear on both sides of the kink; an array like z."""
        return np.zeros_like(z)

    @cached_property
    def _minimum(self) -> Minimum:
        """For a fixed u the best c is a median of y - u s. The remaining function of u is convex."""
        s, y, l2 = self._standard.dataset.x, self.dataset.y, self._standard.l2
        n, half = y.size, y.size // 2
        u = self._best_slope(s, l2)
        rest = np.sort(y - u * s)
        low, high = rest[(n - 1) // 2], rest[half]  # every c from low to high is a median
        c = 0.5 * (low + high)
        size = max(np.abs(y).max(), np.abs(u / self._units[1] * self.dataset.x).max())
        tiny = 16.0 * np.finfo(float).eps * float(size)  # the possible rounding error
        unique = high - low <= tiny
        if not (l2 or self._trough):  # otherwise u is unique, or does not matter
            unique = self._is_unique(s, y - u * s - c, tiny)
        infimum = np.abs(rest - c).mean() + 0.5 * l2 * u * u
        return self._found((u, c), "one" if unique else "region", infimum)

    def _best_slope(self, s: Array, l2: float) -> float:
        """The minimiser of g(u) = min over c of the loss, found by bisection on its subgradients.

        g(u) = (sum of the upper half of y - u s, minus the sum of the lower half) / n + l2/2 u^2. So the sums of
        s over the two halves give a subgradient. Bounds: with m = mean |y - median|, g(0) = m, and g(u) is at
        least |u| mean |s - median| - m.
        """
        y, n, half = self.dataset.y, self.dataset.n, self.dataset.n // 2
        width = np.abs(s - np.median(s)).mean()
        high = 2.0 * float(np.abs(y - np.median(y)).mean() / width) if width else 0.0
        low, u = -high, 0.0
        for _ in range(64):
            order = np.argpartition(y - u * s, half)
            g = (s[order[:half]].sum() - s[order[n - half :]].sum()) / n + l2 * u
            if g == 0:
                break
            low, high = (u, high) if g < 0 else (low, u)
            u = 0.5 * (low + high)
        return u

    @staticmethod
    def _is_unique(s: Array, rest: Array, tiny: float) -> bool:
        """Whether a minimiser with the residuals y - z = `rest` is the only one, without a penalty.

        Let Z be the samples with residual 0, and let A and B be the sums of s sign(y - z) and of sign(y - z) over
        the other samples. In the directions +-(1, -s_j) the sum of |z - y| has the initial slope

            sum over i in Z of |s_i - s_j|  +-  (A - B s_j).

        Between two neighbouring directions of this kind the slope is linear. So if it is positive for every j in
        Z, it is positive in every direction. If Z is empty or holds a single value of s, some slope is 0.
        """
        met = np.abs(rest) <= tiny
        others = np.sign(rest[~met])
        z = np.sort(s[met])
        k = z.size
        apart = z * (2.0 * np.arange(1, k + 1) - k) + z.sum() - 2.0 * z.cumsum()
        tilt = others @ s[~met] - others.sum() * z
        return k > 0 and bool(np.all(apart - np.abs(tilt) > 1e-9 * s.size))


class LogisticLoss(LinearLoss):
    """mean log(1 + exp(z)) - y z: the negative mean log-likelihood of P(y = 1) = sigmoid(z).

    It is convex: sigmoid(z) sigmoid(-z) > 0, so the Hessian is a Gram matrix with positive weights. It is never
    strongly convex on the whole plane, because the second derivative in b tends to 0. Without a penalty a minimiser
    exists if and only if the classes overlap, and is unique if and only if at least two x differ (Silvapulle 1981;
    Albert and Anderson 1984). With l2 > 0 a unique minimiser exists if and only if both classes occur.
    """

    name = "logistic loss"
    formula = r"\frac1n\sum_i \log(1 + e^{z_i}) - y_i z_i,\quad z_i = w x_i + b"
    convex = True
    convexity = (
        "Proof: the Hessian (1/n) A' diag(p(1-p)) A is a Gram matrix with positive weights, "
        "so it is positive semidefinite everywhere."
    )
    classifies = True

    # log(1 + e^z) - y z = log(1 + e^-m) with the margin m = (2y - 1) z, which avoids cancellation.

    def penalty(self, z: Array, y: Array) -> Array:
        """log(1 + e^z) - y z, an array like z."""
        return np.logaddexp(0.0, (1.0 - 2.0 * y) * z)

    def slope(self, z: Array, y: Array) -> Array:
        """sigmoid(z) - y, an array like z."""
        side = 1.0 - 2.0 * y
        return side * sigmoid(side * z)  # = sigmoid(z) - y

    def curvature(self, z: Array, y: Array) -> Array:
        """sigmoid(z) sigmoid(-z), at most 1/4; an array like z."""
        return sigmoid(z) * sigmoid(-z)

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """P(y = 1) at the inputs x (m,) for a single point p (2,): shape (m,)."""
        return sigmoid(super().predict(p, x))

    @cached_property
    def smoothness(self) -> float:
        """L = lambda_max of A'A/(4n) + l2 diag(1, 0), the Hessian at p = 0, where every q (1 - q) is 1/4."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(eigenvalues_2x2(self.hessian(np.zeros(2)))[1])

    @cached_property
    def _minimum(self) -> Minimum:
        x, y = self.dataset.x, self.dataset.y
        kind = separation(self.dataset)
        if kind == "one class" or (kind == "complete" and not self.l2):
            return self._found([], "none", 0.0)
        if kind == "quasi-complete" and not self.l2:
            # In the limit along the separating direction, only the samples at the common x have a loss.
            zeros, ones = x[y == 0], x[y == 1]
            at = x == (zeros.max() if zeros.max() == ones.min() else zeros.min())
            return self._found([], "none", at.mean() * entropy(float(y[at].mean())))
        best = descend(self._standard, [[0.0, log_odds(y)]])
        return self._found(best, "one", self._standard.value(best)[0])

    @cached_property
    def view(self) -> Window:
        """A window with 0 and the minimiser. If there is no minimiser, it shows the direction of descent."""
        return classifier_view(self)


def entropy(q: float) -> float:
    """-q log q - (1 - q) log(1 - q) for 0 < q < 1: the lowest mean log loss of a constant prediction."""
    return float(-q * np.log(q) - (1.0 - q) * np.log1p(-q))


class SigmoidSquaredError(LinearLoss):
    """mean (sigmoid(z) - y)^2: the squared error of the predicted probability (Brier score). Not convex.

    Far on the wrong side, slope and curvature both vanish: there are plateaus. It is not convex for any data or
    penalty: as b tends to minus infinity, a sample with y = 1 contributes about -2 exp(z) to the second
    derivative in b, and one with y = 0 only about 4 exp(2z). If all y = 0, take b to plus infinity.

    Without a penalty and without overlap of the classes there is no stationary point: the separating direction
    leads down from everywhere. With a penalty a minimiser exists if and only if both classes occur. All other
    facts come from a search (a grid of starts, then Newton's method). Every point in `minima` is a local minimum,
    but no theorem says that the search found all of them.
    """

    name = "squared error through a sigmoid"
    formula = r"\frac1n\sum_i (\sigma(w x_i + b) - y_i)^2"
    convex = False
    convexity = (
        "Witness: for one sample x = y = 1 and b = 0 the second derivative in w is negative at "
        "w = -3 and positive at w = 3."
    )
    classifies = True

    # e = |sigmoid(z) - y| = sigmoid(a) with a = (1 - 2y) z, and de/da = e (1 - e).

    def penalty(self, z: Array, y: Array) -> Array:
        """(sigmoid(z) - y)^2, an array like z."""
        e = sigmoid((1.0 - 2.0 * y) * z)
        return e * e

    def slope(self, z: Array, y: Array) -> Array:
        """2 (sigmoid(z) - y) sigmoid(z) sigmoid(-z), an array like z."""
        side = 1.0 - 2.0 * y
        e = sigmoid(side * z)
        return 2.0 * side * e * e * sigmoid(-side * z)  # 2 e^2 (1 - e), with 1 - e computed without cancellation

    def curvature(self, z: Array, y: Array) -> Array:
        """2 e^2 (1 - e) (2 - 3 e) with the error e = |sigmoid(z) - y|, an array like z."""
        side = 1.0 - 2.0 * y
        e = sigmoid(side * z)
        return 2.0 * e * e * sigmoid(-side * z) * (2.0 - 3.0 * e)

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """P(y = 1) at the inputs x (m,) for a single point p (2,): shape (m,)."""
        return sigmoid(super().predict(p, x))

    @cached_property
    def smoothness(self) -> float:
        """L = lambda_max of 0.154 A'A/n + l2 diag(1, 0).

        The second derivative 2 e^2 (1 - e)(2 - 3 e) is largest in absolute value at e = (15 - sqrt 33)/24, where
        its own derivative in z vanishes. Its value there is 0.154.
        """
        s = (15.0 - np.sqrt(33.0)) / 24.0
        with np.errstate(over="ignore", invalid="ignore"):
            gram = self._outer.mean(axis=0).reshape(2, 2)
            return float(eigenvalues_2x2(2.0 * s * s * (1.0 - s) * (2.0 - 3.0 * s) * gram + self._ridge)[1])

    @cached_property
    def searched(self) -> bool:
        """True except in the cases that `_minimum` decides without a search."""
        kind = separation(self.dataset)
        return kind != "one class" and (kind == "overlap" or bool(self.l2)) and not self._trough

    @cached_property
    def _minimum(self) -> Minimum:
        y, kind = self.dataset.y, separation(self.dataset)
        if kind == "one class":
            return self._found([], "none", 0.0)
        if kind != "overlap" and not self.l2:
            return self._found([], "none", self._least_at_infinity())
        if self._trough:
            return self._found((0.0, log_odds(y)), "one", y.mean() * (1.0 - y.mean()))
        points, values = local_minima(self._standard)
        limit = np.inf if self.l2 else self._least_at_infinity()  # with a penalty a minimiser exists
        if not values.size or values[0] > limit:
            return self._found(points, "none", limit)
        alike = np.sum(values <= values[0] * (1.0 + 1e-9))
        return self._found(points, "one" if alike == 1 else "several", values[0])

    def _least_at_infinity(self) -> float:
        """The lowest limit of the loss as (w, b) goes to infinity, for two classes and no penalty.

        The samples on the two sides of a threshold are predicted 0 and 1. The samples at the threshold share one
        prediction, which is best at their mean.
        """
        y, n = self.dataset.y, self.dataset.n
        _, at = np.unique(self.dataset.x, return_inverse=True)
        ones, zeros = np.bincount(at, y), np.bincount(at, 1.0 - y)
        tied = ones * zeros / (ones + zeros)
        ones_below, zeros_below = ones.cumsum() - ones, zeros.cumsum() - zeros
        ones_above, zeros_above = y.sum() - ones.cumsum(), n - y.sum() - zeros.cumsum()
        rising, falling = ones_below + zeros_above + tied, zeros_below + ones_above + tied
        return float(min(rising.min(), falling.min()) / n)

    @cached_property
    def view(self) -> Window:
        """A window with 0 and the minimiser. If there is no minimiser, it shows the direction of descent."""
        return classifier_view(self)


def classifier_view(loss: LinearLoss) -> Window:
    """A window over (w, b) with 0 and the minimiser, or with the direction of descent if there is no minimiser."""
    mean, sd = loss._units
    best = loss.minima
    if loss.minimisers == "none":  # the minimiser under a mild, unit-free penalty lies in the direction of descent
        best = LogisticLoss(loss.dataset, loss.l2 or 0.05 * sd * sd).minima
    w, b = best[0] if len(best) else (0.0, 0.0)
    half = 0.5 * float(np.hypot(w * sd, b + w * mean)) + 3.0  # half the side of a square in standardised units
    return window((0.5 * w, 0.5 * b), (half / sd, half * float(np.hypot(1.0, mean / sd))))


LOSSES: dict[str, type[LinearLoss]] = {
    cls.name: cls for cls in (MeanSquaredError, MeanAbsoluteError, LogisticLoss, SigmoidSquaredError)
}
