"""What the losses of a linear score z = w x + b have in common, as functions of p = (w, b).

    L(p) = mean over the samples of penalty(z, y)  +  l2/2 w^2      (the intercept b is not penalised)

A loss defines three functions of one sample: the penalty and its first and second derivative in z. The chain
rule, written once, turns them into value, gradient and Hessian in (w, b). With A = [x, 1]:

    gradient = (1/n) A' slope(z, y)  + l2 (w, 0)
    Hessian  = (1/n) A' diag(curvature(z, y)) A  + l2 diag(1, 0)

Shapes: p is (..., 2), the value (...), the gradient (..., 2), the Hessian (..., 2, 2). Every fast kernel is
tested against these definitions. Conventions: the squared error has no factor one half, so its second derivative
in z is 2. The labels of the classification losses are 0 or 1.

Minimisers are computed for standardised x, as (u, c), which makes them independent of the units of the data. They
are then converted to x: u (x - mean)/sd + c = (u/sd) x + (c - u mean/sd).
"""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, DataLoss, Dataset, Window
from lossgeo.datasets import check_sizes, mean, standardise

_PENALISED = np.array([1.0, 0.0])  # the penalty is on the slope w, not on the intercept b


class Minimum(NamedTuple):
    """The minimisers (k, 2), their kind as in `Loss.minimisers`, and the greatest lower bound of the loss."""

    points: Array
    kind: str
    infimum: float


class LinearLoss(DataLoss):
    """Common code of the losses of a linear score: the chain rule, the penalty on w, and the window to show.

    Raises ValueError if l2 is negative or not finite, if a classification loss gets labels other than 0 and 1, or if
    the data are out of the range of `datasets.check_sizes`.
    """

    def __init__(self, dataset: Dataset, l2: float = 0.0) -> None:
        if not 0 <= l2 < np.inf:
            raise ValueError(f"l2 must be a finite number >= 0, got {l2}")
        if self.classifies and not dataset.labels_are_binary:
            raise ValueError(f"{self.name} needs labels 0 or 1; y of {dataset.name!r} has others")
        check_sizes(dataset)
        self.dataset, self.l2 = dataset, float(l2)
        self.design = np.column_stack([dataset.x, np.ones(dataset.n)])
        self._outer = (self.design[:, :, None] * self.design[:, None, :]).reshape(-1, 4)
        self._ridge = np.array([[self.l2, 0.0], [0.0, 0.0]])
        for array in (self.design, self._outer, self._ridge):  # all sessions share one loss
            array.setflags(write=False)

    # --- the three functions of a loss, for samples with scores z and targets y --------------------

    @abstractmethod
    def penalty(self, z: Array, y: Array) -> Array:
        """The loss of single samples, an array like z."""

    @abstractmethod
    def slope(self, z: Array, y: Array) -> Array:
        """The first derivative of the penalty in z, an array like z."""

    @abstractmethod
    def curvature(self, z: Array, y: Array) -> Array:
        """The second derivative of the penalty in z, an array like z."""

    # --- the chain rule ----------------------------------------------------------------------------

    def score(self, p: ArrayLike) -> Array:
        """The scores z = w x + b of all samples at p (..., 2): shape (..., n)."""
        p = np.asarray(p, float)
        z: Array = p[..., :1] * self.dataset.x + p[..., 1:]
        return z

    def value(self, p: ArrayLike) -> Array:
        """The mean penalty of the samples plus l2/2 w^2, at p (..., 2): shape (...)."""
        w = np.asarray(p, float)[..., 0][()]  # for one point a number: faster than a 0-d array
        value: Array = mean(self.penalty(self.score(p), self.dataset.y)) + 0.5 * self.l2 * w * w
        return value

    def gradient(self, p: ArrayLike) -> Array:
        """(1/n) A' slope + l2 (w, 0), at p (..., 2): shape (..., 2)."""
        slope = self.slope(self.score(p), self.dataset.y)
        gradient: Array = slope @ self.design / self.dataset.n + np.asarray(p, float) @ self._ridge
        return gradient

    def batch_gradient(self, p: Array, rows: Array, y: Array) -> Array:
        """The same gradient over some rows (m, 2) of A and their targets y (m,): shape (..., 2)."""
        gradient: Array = self.slope(p @ rows.T, y) @ rows / len(y) + self.l2 * (p * _PENALISED)
        return gradient

    def hessian(self, p: ArrayLike) -> Array:
        """(1/n) A' diag(curvature) A + l2 diag(1, 0), at p (..., 2): shape (..., 2, 2)."""
        mean = self.curvature(self.score(p), self.dataset.y) @ self._outer / self.dataset.n
        hessian: Array = mean.reshape(*mean.shape[:-1], 2, 2) + self._ridge
        return hessian

    def determinant_at(self, p: ArrayLike) -> Array:
        """m v with the weighted mean curvature m and v = weighted variance of x, plus l2 m: shape (...).

        The difference a d - c^2 of the entries of the Hessian would cancel if x is far from 0.
        """
        weight, _, u = self._centred(p)
        m = mean(weight)
        return m * (mean(weight * u * u) + self.l2)

    def newton_step(self, p: ArrayLike) -> Array:
        """H^-1 g at p (..., 2), with the pseudo-inverse of a singular H: shape (..., 2).

        Computed for x counted from its weighted mean, where H is diagonal. So it keeps its digits if x is far from 0.
        """
        p = np.asarray(p, float)
        weight, slope, u = self._centred(p)
        m, v = mean(weight), mean(weight * u * u) + self.l2
        regular = (m != 0) & (np.abs(v) > 1e-14 * mean(np.abs(weight) * self._width**2))
        with np.errstate(all="ignore"):
            dw = (mean(slope * u) + self.l2 * p[..., 0]) / v
            db = mean(slope) / m - dw * (self.dataset.x[0] + mean(weight * (self.dataset.x - self.dataset.x[0])) / m)
        step = np.stack([dw, db], axis=-1)
        return step if regular.all() else np.where(regular[..., None], step, super().newton_step(p))

    def _centred(self, p: ArrayLike) -> tuple[Array, Array, Array]:
        """Curvatures, slopes, and x minus its mean weighted by the curvatures, at p (..., 2): each (..., n)."""
        z = self.score(p)
        weight, slope = self.curvature(z, self.dataset.y), self.slope(z, self.dataset.y)
        from_first = self.dataset.x - self.dataset.x[0]  # exactly 0 if all x are equal
        with np.errstate(all="ignore"):
            centre = np.nan_to_num(mean(weight * from_first) / mean(weight))
        return weight, slope, from_first - centre[..., None]

    @cached_property
    def _width(self) -> float:
        """The width of the data in x."""
        return float(np.ptp(self.dataset.x))

    def predict(self, p: ArrayLike, x: ArrayLike) -> Array:
        """The line w x + b at the inputs x (m,) for a single point p (2,): shape (m,)."""
        w, b = np.asarray(p, float)
        line: Array = w * np.asarray(x, float) + b
        return line

    def on(self, dataset: Dataset) -> LinearLoss:
        """The same loss, with the same l2, on another data set."""
        return type(self)(dataset, self.l2)

    # --- facts -----------------------------------------------------------------------------------

    @property
    def minima(self) -> Array:
        """The minimisers (k, 2), lowest first. One point represents a whole line or region."""
        return self._minimum.points

    @property
    def minimisers(self) -> str:
        """The set of global minimisers: "one", "several" (isolated points), "line", "region" or "none"."""
        return self._minimum.kind

    @property
    def infimum(self) -> float:
        """The greatest lower bound of the loss. It is attained unless `minimisers` is "none"."""
        return self._minimum.infimum

    @cached_property
    @abstractmethod
    def _minimum(self) -> Minimum:
        """The minimisers and the infimum, computed once."""

    @cached_property
    def _units(self) -> tuple[float, float]:
        """Mean and standard deviation of x; the standard deviation counts as 1 if all x are equal."""
        return float(self.dataset.x.mean()), _spread(self.dataset.x) or 1.0

    @cached_property
    def _standard(self) -> LinearLoss:
        """The same loss for standardised x, as a function of (u, c)."""
        _, sd = self._units
        return type(self)(standardise(self.dataset), self.l2 / sd / sd)

    def _found(self, points: ArrayLike, kind: str, infimum: float) -> Minimum:
        """The minimum found at points (u, c) for standardised x, converted to the units of the data.

        If all x are equal to x0 and there is no penalty, only c = w x0 + b matters. The point of least norm then
        represents the line of minimisers.
        """
        u, c = np.asarray(points, float).reshape(-1, 2).T
        mean, sd = self._units
        if self._trough:
            length = np.hypot(mean, 1.0)
            w, b = c / length * (mean / length), c / length / length
            kind = "line" if kind == "one" else kind
        else:
            w, b = u / sd, c - u * (mean / sd)
        found = np.column_stack([w, b])
        found.setflags(write=False)
        return Minimum(found, kind, float(infimum))

    @property
    def _trough(self) -> bool:
        """Whether all x are equal and there is no penalty, so the loss is constant along lines w x + b = const."""
        return self.l2 == 0 and not np.ptp(self.dataset.x)

    @cached_property
    def view(self) -> Window:
        """A window around the minimiser; a classification loss overrides it."""
        x, y = self.dataset.x, self.dataset.y
        sx = _spread(x) or max(abs(float(x.mean())), 1.0)
        sy = _spread(y) or max(abs(float(y.mean())), 1.0) / 2
        w, b = self.minima[0]
        half_w = sy / sx  # for a perfect fit, slopes from 0 to twice the best one
        half_b = np.hypot(x.mean() * half_w, sy)  # keeps the valley b = const - w mean(x) inside
        return window((w, b), (half_w, half_b))


def _spread(v: Array) -> float:
    """The population standard deviation of v (n,), exactly 0 if all values are equal."""
    width = float(np.ptp(v))
    return width * float((v / width).std()) if width else 0.0


def window(centre: tuple[float, float], half: tuple[float, float]) -> Window:
    """The box centre +- half, with its ends rounded outwards to a round fraction of its width.

    It is never so narrow that the points of a fine grid over it coincide.
    """
    ends = []
    for c, h in zip(centre, half, strict=True):
        h = max(h, 1e-9 * abs(c))
        unit = 10.0 ** np.floor(np.log10(h))
        unit = unit / 2 if h < 4 * unit else unit
        low, high = np.floor((c - h) / unit) * unit, np.ceil((c + h) / unit) * unit
        ends.append((float(low), float(high)))
    return ends[0], ends[1]
