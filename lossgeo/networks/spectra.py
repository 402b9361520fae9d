"""The curvatures of a network at a point: all eigenvalues of the Hessian, its largest ones, and how these change.

The Hessian is never stored where only products with it are needed: see `Network.hessian_vector`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.contracts import Array
from lossgeo.networks.perceptron import Network
from lossgeo.networks.training import Training

ZERO = 1e-10  # an eigenvalue below this share of the largest one in size counts as zero; rounding stays well below it
CHECK = 4  # after so many products with the Hessian Lanczos looks whether it is done
CLOSE = 1e-10  # Lanczos stops when its residuals are below this share of the largest eigenvalue in size


@dataclass(frozen=True, eq=False)
class Curvatures:
    """All eigenvalues of a Hessian (size,), ascending, and how many of them are negative, zero and positive.

    An eigenvalue counts as zero if its size is at most `tolerance`, ZERO times the largest size of all.
    """

    eigenvalues: Array
    tolerance: float

    @property
    def negative(self) -> int:
        """The number of eigenvalues below -tolerance: at a stationary point its index (Dauphin et al. 2014)."""
        return int((self.eigenvalues < -self.tolerance).sum())

    @property
    def positive(self) -> int:
        """The number of eigenvalues above the tolerance."""
        return int((self.eigenvalues > self.tolerance).sum())

    @property
    def zero(self) -> int:
        """The number of eigenvalues that are zero up to the tolerance."""
        return len(self.eigenvalues) - self.negative - self.positive


def hessian(network: Network, theta: ArrayLike) -> Array:
    """The Hessian (size, size) at theta (size,): its products with all unit vectors, made symmetric to the last bit."""
    columns = network.hessian_vector(theta, np.eye(network.size))
    both: Array = 0.5 * (columns + columns.T)
    return both


def curvatures(network: Network, theta: ArrayLike) -> Curvatures:
    """All curvatures of the loss at theta (size,)."""
    found = np.asarray(np.linalg.eigvalsh(hessian(network, theta)), float)
    found.setflags(write=False)
    return Curvatures(found, ZERO * float(np.abs(found).max()))


def lanczos(network: Network, theta: ArrayLike, count: int = 2) -> tuple[Array, Array]:
    """The `count` largest eigenvalues of the Hessian H at theta (size,), largest first, and unit eigenvectors in rows.

    Lanczos (1950): the rows of Q become an orthonormal basis of the span of q, H q, H H q, ... for a random q, and the
    largest eigenvalues of the small matrix Q H Q' soon agree with those of H. Each new row is made orthogonal to all
    before it: in floating point the short recurrence alone loses orthogonality. The search ends when the
    residuals |H x - lambda x| of all `count` pairs are below CLOSE times the largest eigenvalue in size, at the latest
    with a full basis. Of a multiple eigenvalue it may find one copy only. Raises ValueError unless 1 <= count <= size.
    """
    size, theta, random = network.size, np.asarray(theta, float), np.random.default_rng(0)
    if not 1 <= count <= size:
        raise ValueError(f"count must be between 1 and {size}, got {count}")
    Q, HQ = np.zeros((2, size, size))
    q = random.standard_normal(size)
    for k in range(1, size + 1):
        new = _orthogonal(q, Q[: k - 1])
        if np.linalg.norm(new) <= 1e-12 * np.linalg.norm(q):  # H maps the span into itself: go on in a new direction
            new = _orthogonal(random.standard_normal(size), Q[: k - 1])
        Q[k - 1] = new / np.linalg.norm(new)
        HQ[k - 1] = q = network.hessian_vector(theta, Q[k - 1])
        if k == size or (k >= count and k % CHECK == 0):
            values, inner = np.linalg.eigh(Q[:k] @ HQ[:k].T)
            largest, top = values[::-1][:count], inner[:, ::-1][:, :count].T
            vectors = top @ Q[:k]
            residuals = np.linalg.norm(top @ HQ[:k] - largest[:, None] * vectors, axis=1)
            if residuals.max() <= CLOSE * np.abs(values).max():
                break
    return largest, vectors


def _orthogonal(q: Array, Q: Array) -> Array:
    """The part of q (size,) orthogonal to the orthonormal rows of Q (k, size); done twice, because of rounding."""
    for _ in range(2):
        q = q - Q.T @ (Q @ q)
    return q


@dataclass(frozen=True, eq=False)
class Sharpness:
    """The largest eigenvalue of the Hessian (k,) at the kept points of a training run, at the steps (k,).

    `limit` is the curvature from which on the method would not converge on a quadratic: 2 / learning rate for gradient
    descent (`Method.stability`), inf for a method without such a limit.
    """

    steps: NDArray[np.int64]
    values: Array
    limit: float


def sharpness(training: Training) -> Sharpness:
    """The largest curvature along a training run."""
    values = np.array([lanczos(training.network, theta, 1)[0][0] for theta in training.path])
    values.setflags(write=False)
    stability, rate = training.method.stability, float(np.max(training.method.learning_rate))
    return Sharpness(training.steps, values, inf if stability is None else stability / rate)
