"""Which plane to look at: random directions, the path of a training run, solutions, or the largest curvatures.

Each choice shows something else of the same loss. `projection` measures what a plane leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Window
from lossgeo.networks.perceptron import Network
from lossgeo.networks.planes import Plane, pair
from lossgeo.networks.spectra import lanczos
from lossgeo.networks.training import Training

# --- two random directions -------------------------------------------------------------------------------


def random_plane(network: Network, theta: ArrayLike, seed: int = 0, normalise: bool = True) -> Plane:
    """The plane through theta (size,) along two random directions, with the window from -1 to 1.

    The directions are normal random vectors. With `normalise` they are filter-normalised; otherwise each is scaled as
    a whole to the length of theta. They are nearly but not exactly orthogonal (`Plane.cosine`).
    """
    theta, random = np.asarray(theta, float), np.random.default_rng(seed)
    first, second = random.standard_normal((2, network.size))
    if normalise:
        first, second = (filter_normalised(network, theta, d) for d in (first, second))
    else:
        first, second = (d * np.linalg.norm(theta) / np.linalg.norm(d) for d in (first, second))
    title = f"random directions, {'filter-normalised' if normalise else 'not normalised'}"
    return Plane(network, theta, first, second, title=title, marks={"origin": (0.0, 0.0)})


def filter_normalised(network: Network, theta: ArrayLike, direction: ArrayLike) -> Array:
    """The direction (size,), each of its filters scaled to the length of the same filter of theta (size,).

    A filter is the incoming weights of one unit, hidden or output, without the bias; skip weights are a filter of
    their own (Li, Xu, Taylor, Studer and Goldstein 2018). Biases are set to 0 in the direction: the plane leaves them
    as they are in theta. If all units of a ReLU layer are rescaled by one factor, the picture stays the same; it need
    not if the factors differ.
    """
    theta, direction = np.asarray(theta, float), np.asarray(direction, float)
    scaled = np.zeros(network.size)
    for indices in network.filters:
        length = np.linalg.norm(direction[indices])
        scaled[indices] = direction[indices] * np.linalg.norm(theta[indices]) / (length or 1.0)
    return scaled


# --- the path of a training run ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PathPlane:
    """The plane of a path, the path in it, (k, 2), and the shares of the path's variance along the two directions."""

    plane: Plane
    path: Array
    shares: tuple[float, float]


def path_plane(training: Training) -> PathPlane:
    """The plane through the end of a training run along the two principal components of the kept points.

    The components are those of the points minus their mean, by a singular value decomposition; the share of each is
    its squared singular value in the sum of all. The kept points are evenly spaced in steps, so slow parts of the run
    count for more. A large share is no sign of a simple path: of a long random walk in many dimensions, too, the first
    component alone holds 6/pi^2 = 61 % (Antognini and Sohl-Dickstein 2018). Raises ValueError for fewer than 3 points.
    """
    if len(training.path) < 3:
        raise ValueError("the plane of a path needs at least two steps")
    around = training.path - training.path.mean(axis=0)
    _, singular, components = np.linalg.svd(around, full_matrices=False)
    shares = singular**2 / (singular**2).sum()
    path = (training.path - training.end) @ components[:2].T
    marks = {"start": pair(path[0]), "end": (0.0, 0.0)}
    title = "plane of the training path"
    plane = Plane(training.network, training.end, *components[:2], title=title, view=_window(path), marks=marks)
    return PathPlane(plane, path, (float(shares[0]), float(shares[1])))


# --- solutions --------------------------------------------------------------------------------------------


def through(network: Network, weights: Mapping[str, ArrayLike], title: str = "plane through three points") -> Plane:
    """The plane through three weight vectors (size,), with their names as marks. The first is the origin.

    The directions are orthonormal, the first one leads to the second vector. Raises ValueError unless there are three,
    not on one line.
    """
    if len(weights) != 3:
        raise ValueError(f"a plane needs three points, got {len(weights)}")
    a, b, c = (np.asarray(v, float) for v in weights.values())
    basis = Plane(network, a, b - a, c - a).orthonormal.directions
    points = np.stack([a - a, b - a, c - a]) @ basis.T
    marks = {name: pair(p) for name, p in zip(weights, points, strict=True)}
    return Plane(network, a, *basis, title=title, view=_window(points), marks=marks)


def plane_of_line(network: Network, a: ArrayLike, b: ArrayLike, seed: int = 0) -> Plane:
    """A plane that holds the line from a to b (size,): orthonormal, a at (0, 0), b on the first axis.

    The second direction is random, drawn with the seed: what lies beside the line depends on it.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    side = np.random.default_rng(seed).standard_normal(network.size)
    basis, far = Plane(network, a, b - a, side).orthonormal.directions, float(np.linalg.norm(b - a))
    view: Window = (-0.25 * far, 1.25 * far), (-0.5 * far, 0.5 * far)
    marks = {"a": (0.0, 0.0), "b": (far, 0.0)}
    return Plane(network, a, *basis, title="plane through two points", view=view, marks=marks)


@dataclass(frozen=True, eq=False)
class Line:
    """The loss (k,) on the straight line (1 - t) a + t b, at t (k,) evenly spaced from 0 to 1.

    (Goodfellow, Vinyals and Saxe 2015, between the start and the end of a run, and between two solutions.)
    """

    t: Array
    losses: Array

    @property
    def barrier(self) -> float:
        """How far the highest value on the line lies above the higher one of its ends: 0 if nowhere."""
        return float(self.losses.max() - max(self.losses[0], self.losses[-1]))


def line(network: Network, a: ArrayLike, b: ArrayLike, count: int = 101) -> Line:
    """The loss on the straight line from a to b (size,) at `count` points. Raises ValueError if count < 2."""
    if count < 2:
        raise ValueError(f"count must be >= 2, got {count}")
    a, b, t = np.asarray(a, float), np.asarray(b, float), np.linspace(0.0, 1.0, count)
    losses = network.loss((1.0 - t[:, None]) * a + t[:, None] * b)
    return Line(t, losses)


# --- the largest curvatures -------------------------------------------------------------------------------


def curvature_plane(network: Network, theta: ArrayLike) -> Plane:
    """The plane through theta (size,) along the two unit eigenvectors with the largest eigenvalues of the Hessian.

    The window reaches to where the quadratic approximation has risen by 1/2 along the first.
    """
    values, (first, second) = lanczos(network, theta, 2)
    half = 1.0 / np.sqrt(values[0]) if values[0] > 0 else 1.0
    window: Window = ((-float(half), float(half)), (-float(half), float(half)))
    title = "eigenvectors of the two largest curvatures"
    return Plane(network, theta, first, second, title=title, view=window, marks={"origin": (0.0, 0.0)})


def _window(points: Array) -> Window:
    """A window around the points (k, 2), wider by a quarter of their spread on each side; no side is very short."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = 0.5 * (low + high), 0.75 * (high - low)
    half = np.maximum(half, max(half.max() / 3.0, 1e-12))
    ends = [(float(c - h), float(c + h)) for c, h in zip(middle, half, strict=True)]
    return ends[0], ends[1]
