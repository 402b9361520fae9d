"""A plane through the weights of a network, as a loss of two parameters: everything a page does with a loss works.

A point p = (a, b) stands for the weights theta(p) = origin + a first + b second. The value on the plane is the full
loss there. By the chain rule its gradient holds the scalar products of the full gradient g with the two directions,
and its Hessian the products d_i' H d_j: what the plane shows of g and of the full Hessian H, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Loss, Point, Window
from lossgeo.networks.minima import found_minima
from lossgeo.networks.perceptron import Network

POINTS = 512  # points of a plane whose weights are formed at a time


class Plane(Loss):
    """The loss of a network on the plane origin + a first + b second, all three of shape (size,).

    `title` says which plane it is, `view` is the window to show, `marks` names points of the plane that matter.
    Minima are those that a search finds in the view, on the plane: at a minimum of the plane the full gradient need
    not be 0. `infimum` is the lowest of them, or nan if none was found. Lengths on the picture are lengths between
    weights only if the directions are orthogonal and of length 1: see `orthonormal`.

    Raises ValueError unless the directions are finite and linearly independent.
    """

    parameters = ("a", "b")
    formula = r"L(\theta_0 + a\,d_1 + b\,d_2)"

    def __init__(
        self,
        network: Network,
        origin: ArrayLike,
        first: ArrayLike,
        second: ArrayLike,
        *,
        title: str = "plane",
        view: Window = ((-1.0, 1.0), (-1.0, 1.0)),
        marks: Mapping[str, Point] | None = None,
    ) -> None:
        vectors = [np.array(v, float) for v in (origin, first, second)]
        if any(v.shape != (network.size,) or not np.isfinite(v).all() for v in vectors):
            raise ValueError(f"origin and directions must be {network.size} finite numbers each")
        for v in vectors:
            v.setflags(write=False)
        self.origin, self.first, self.second = vectors
        self.directions = np.stack(vectors[1:])
        self.directions.setflags(write=False)
        lengths = np.linalg.norm(self.directions, axis=1)
        self.cosine = float(self.first @ self.second / (lengths.prod() or 1.0))
        if not (lengths.min() > 0.0 and abs(self.cosine) < 1.0 - 1e-9):
            raise ValueError("the two directions must not be 0, and not parallel: they span no plane")
        self.network, self.title, self._view, self.marks = network, title, view, dict(marks or {})
        self.name = f"{network.name}: {title}"
        self.kinks = network.activation.name == "relu"

    # --- points and weights ----------------------------------------------------------------------------

    def theta(self, p: ArrayLike) -> Array:
        """The weights at p (..., 2): shape (..., size)."""
        weights: Array = self.origin + np.asarray(p, float) @ self.directions
        return weights

    def coordinates(self, theta: ArrayLike) -> Array:
        """The point of the plane nearest to the weights (..., size): shape (..., 2)."""
        moved = np.asarray(theta, float) - self.origin
        D = self.directions
        nearest: Array = np.linalg.solve(D @ D.T, D @ moved[..., None])[..., 0]
        return nearest

    def distance(self, theta: ArrayLike) -> Array:
        """How far the weights (..., size) are from the plane: shape (...)."""
        away: Array = np.linalg.norm(np.asarray(theta, float) - self.theta(self.coordinates(theta)), axis=-1)
        return away

    @cached_property
    def orthonormal(self) -> Plane:
        """The same plane with orthogonal directions of length 1, the first one along `first`.

        There lengths are true, its gradient is the projected gradient, and its Hessian has the curvatures per unit of
        length. Points have other coordinates: see `coordinates`.
        """
        basis = orthonormal(self.first, self.second)
        corners = self.theta([(a, b) for a in self.view[0] for b in self.view[1]])
        low, high = (end((corners - self.origin) @ basis.T, axis=0) for end in (np.min, np.max))
        view = (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
        marks = {name: pair((self.theta(p) - self.origin) @ basis.T) for name, p in self.marks.items()}
        return Plane(self.network, self.origin, *basis, title=self.title, view=view, marks=marks)

    # --- the loss on the plane -------------------------------------------------------------------------

    def value(self, p: ArrayLike) -> Array:
        """The full loss at the weights of p (..., 2): shape (...). Overflow gives inf or nan, without a warning."""
        return self._blocks(self.network.loss, p)

    def gradient(self, p: ArrayLike) -> Array:
        """The scalar products of the full gradient with the directions at p (..., 2): shape (..., 2)."""
        return self._blocks(lambda theta: self.network.gradient(theta) @ self.directions.T, p)

    def hessian(self, p: ArrayLike) -> Array:
        """d_i' H d_j at p (..., 2), by two Hessian-vector products: shape (..., 2, 2)."""
        return self._blocks(self._hessian, p)

    def _hessian(self, theta: Array) -> Array:
        """The same at weights (m, size)."""
        first, second = (self.network.hessian_vector(theta, d) @ self.directions.T for d in self.directions)
        mixed = 0.5 * (first[:, 1] + second[:, 0])  # equal up to rounding
        return np.stack([np.stack([first[:, 0], mixed], -1), np.stack([mixed, second[:, 1]], -1)], -2)

    def _blocks(self, function: Callable[[Array], Array], p: ArrayLike) -> Array:
        """`function` of the weights at p (..., 2), formed for some points at a time."""
        points = np.asarray(p, float)
        count = points.size // 2
        rows = points.reshape(-1, 2) if count else np.zeros((1, 2))  # no points: one shows the shape of the result
        with np.errstate(all="ignore"):
            parts = [function(self.theta(rows[i : i + POINTS])) for i in range(0, len(rows), POINTS)]
        out = np.concatenate(parts)[:count]
        return out.reshape((*points.shape[:-1], *out.shape[1:]))

    # --- what is known of it ---------------------------------------------------------------------------

    @property
    def view(self) -> Window:
        """The window to show."""
        return self._view

    @property
    def terms(self) -> int:
        """The number of samples over which the loss averages."""
        return self.network.data.n

    @property
    def searched(self) -> bool:
        """True: the minima come from a search in the view."""
        return True

    @cached_property
    def minima(self) -> Array:
        """The minima of the plane found in its view, shape (k, 2), lowest first."""
        found = found_minima(self, self.view)
        found.setflags(write=False)
        return found

    @property
    def minimisers(self) -> str:
        """Of the minima found: "one" if one is lowest, "several" if some are equally low, "none" if there are none."""
        values = self.value(self.minima)
        lowest = int((values <= values.min(initial=np.inf) * (1.0 + 1e-9)).sum())
        return "none" if not lowest else "one" if lowest == 1 else "several"

    @property
    def infimum(self) -> float:
        """The lowest value found at a minimum, or nan."""
        return float(self.value(self.minima[0])) if len(self.minima) else np.nan

    @property
    def never_negative(self) -> bool:
        """True: each sample's loss log(1 + exp(-m)) is positive."""
        return True

    @property
    def convexity(self) -> str:
        """One sentence: nothing is known in general."""
        return "Whether it is convex is not known."


def orthonormal(first: Array, second: Array) -> Array:
    """An orthonormal basis (2, size) of the span of two directions (size,), the first one along `first`."""
    one = first / np.linalg.norm(first)
    two = second - (second @ one) * one
    two -= (two @ one) * one  # once more, for directions that are nearly parallel
    return np.stack([one, two / np.linalg.norm(two)])


def pair(p: Array) -> Point:
    """A point (2,) as two floats."""
    return float(p[0]), float(p[1])
