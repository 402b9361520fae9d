"""The noise ball: how far from the minimiser sgd with a constant rate stays, on least squares, exactly.

One step from the error e = p - p* is e <- e - a (H_B e + g_B), where H_B and g_B are Hessian and gradient of the batch
at the minimiser. If each batch is drawn anew, it is independent of e, the mean of e tends to 0, and its covariance C
solves

    C = E[(I - a H_B) C (I - a H_B)] + a^2 E[g_B g_B'].

The expectations over batches of m of n samples without repeats are those of one sample, reduced by the factor
c = (n - m) / (m (n - 1)) (Cochran 1977, section 2.5): E[H_B x H_B] = H x H + c (mean of H_i x H_i - H x H).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossgeo.contracts import Array, Loss
from lossgeo.losses import MeanSquaredError


@dataclass(frozen=True, eq=False)
class NoiseBall:
    """Where sgd stays in the long run: its centre (2,), the covariance (2, 2) of its points, and how high it stays.

    `size` is the root of the mean squared distance from the centre, `height` the mean loss above the minimum.
    """

    centre: Array
    covariance: Array
    size: float
    height: float

    def outline(self, deviations: float = 2.0, count: int = 73) -> Array:
        """The ellipse of so many standard deviations in every direction: points (count, 2)."""
        values, vectors = np.linalg.eigh(self.covariance)
        angle = np.linspace(0.0, 2.0 * np.pi, count)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        outline: Array = self.centre + deviations * (circle * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        return outline


def noise_ball(loss: Loss, rate: float, size: int) -> NoiseBall | None:
    """The noise ball of sgd with batches of `size` drawn anew and a constant rate; None where there is none.

    There is none unless the loss is a mean squared error with one minimiser, or if the covariance has no limit because
    the rate is too large.
    """
    if not isinstance(loss, MeanSquaredError) or loss.minimisers != "one":
        return None
    at, A, n = loss.minima[0], loss.design, loss.dataset.n
    share = 0.0 if n <= size else (n - size) / (size * (n - 1.0))
    each = 2.0 * A[:, :, None] * A[:, None, :]
    each[:, 0, 0] += loss.l2
    H = each.mean(axis=0)
    pulls = 2.0 * (A @ at - loss.dataset.y)[:, None] * A
    pulls[:, 0] += loss.l2 * at[0]
    pulls -= pulls.mean(axis=0)  # zero but for rounding
    squares = np.einsum("nij,nkl->ikjl", each, each).reshape(4, 4) / n
    eye, both = np.eye(2), np.kron(H, H)
    step = np.kron(eye, eye) - rate * (np.kron(H, eye) + np.kron(eye, H)) + rate**2 * (both + share * (squares - both))
    if not np.isfinite(step).all() or np.abs(np.linalg.eigvals(step)).max() >= 1.0 - 1e-12:
        return None
    noise = rate**2 * share * (pulls.T @ pulls) / n
    covariance = np.linalg.solve(np.eye(4) - step, noise.ravel()).reshape(2, 2)
    covariance = 0.5 * (covariance + covariance.T)
    if np.linalg.eigvalsh(covariance).min() < -1e-9 * np.trace(covariance):
        return None  # lost in rounding
    return NoiseBall(at, covariance, float(np.sqrt(np.trace(covariance))), float(0.5 * np.trace(H @ covariance)))


def measured(points: Array, centre: Array) -> float:
    """The root of the mean squared distance from the centre over the second half of a run (k+1, 2)."""
    late = points[len(points) // 2 :] - centre
    return float(np.sqrt((late * late).sum(axis=1).mean()))
