"""What a plane shows of the whole and what it hides: gradients, descent and curvatures, in it and in all directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array
from lossgeo.networks.planes import Plane
from lossgeo.networks.spectra import Curvatures, curvatures
from lossgeo.two_by_two import eigenvalues_2x2


def gradient_share(plane: Plane, p: ArrayLike) -> Array:
    """The share of the full gradient that lies in the plane, at p (..., 2): shape (...).

    |P g|^2 / |g|^2, P the orthogonal projection onto the plane: from 0, the plane sees nothing of it, to 1. For two
    random directions it is 2 / size on average. nan where the gradient is 0.
    """
    p = np.asarray(p, float)
    gradient = plane.network.gradient(plane.theta(p))
    seen = gradient @ plane.orthonormal.directions.T
    with np.errstate(invalid="ignore"):
        share: Array = (seen * seen).sum(axis=-1) / (gradient * gradient).sum(axis=-1)
    return share


@dataclass(frozen=True, eq=False)
class TwoDescents:
    """Gradient descent that may not leave a plane, and the true one, from the same point with the same learning rate.

    inside: the points (k+1, 2) of the first. projected: the points of the plane nearest to the weights of the second,
    (k+1, 2); the true weights are `distance` (k+1,) away from them. `inside_losses`, `true_losses`: the losses (k+1,)
    at the weights of both. The loss that the picture shows at a projected point is a third thing.
    """

    inside: Array
    projected: Array
    distance: Array
    inside_losses: Array
    true_losses: Array


def two_descents(plane: Plane, p: ArrayLike, learning_rate: float, steps: int) -> TwoDescents:
    """Both descents from the point p (2,) of the plane.

    Inside the plane the step is minus the learning rate times the projected gradient P g; the true step is minus the
    learning rate times g. So the first steps of both have the same projection; afterwards the true weights are beside
    the plane, where the gradient is another. Raises ValueError unless learning_rate > 0 and steps >= 0.
    """
    if not learning_rate > 0 or steps < 0:
        raise ValueError(f"learning_rate must be > 0 and steps >= 0, got {learning_rate} and {steps}")
    start, basis = plane.theta(p), plane.orthonormal.directions
    inside, true = np.empty((2, steps + 1, plane.network.size))
    inside[0] = true[0] = start
    with np.errstate(all="ignore"):
        for t in range(steps):
            both = plane.network.gradient(np.stack([inside[t], true[t]]))
            inside[t + 1] = inside[t] - learning_rate * (both[0] @ basis.T) @ basis
            true[t + 1] = true[t] - learning_rate * both[1]
        losses = plane.network.loss(inside), plane.network.loss(true)
        return TwoDescents(plane.coordinates(inside), plane.coordinates(true), plane.distance(true), *losses)


@dataclass(frozen=True, eq=False)
class SeenCurvatures:
    """The two curvatures per unit of length that a plane shows at a point (2,), ascending, and all of them there.

    By Cauchy's interlacing theorem both lie between the smallest and the largest of all. So a negative curvature in
    the plane proves that there is one; two positive ones prove nothing about the others.
    """

    seen: Array
    every: Curvatures


def seen_curvatures(plane: Plane, p: ArrayLike) -> SeenCurvatures:
    """The curvatures in the plane and in all directions at its point p (2,)."""
    theta = plane.theta(p)
    seen = eigenvalues_2x2(plane.orthonormal.hessian(plane.orthonormal.coordinates(theta)))
    return SeenCurvatures(seen, curvatures(plane.network, theta))
