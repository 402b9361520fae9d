"""A few weighted samples that give the same sums as many: Gauss rules of the data.

A loss of one class is a sum of c_i f(w x_i + b), with one smooth f of the score. The x axis is cut into panels over
which the score changes by at most 2 HALF. In each panel the samples are replaced by the NODES nodes of the Gauss rule
of their own weights (Golub and Welsch 1969, Math. Comp. 23:221): positive weights that give the sums of all
polynomials of degree up to 2 NODES - 1 exactly.

The error. Let f be analytic with |f| <= M inside the ellipse whose foci are the ends of a panel, HALF from its middle
in units of the score, and whose semi-axes are HALF (rho +- 1/rho)/2. A polynomial of degree 2 NODES - 1 comes within
2 M rho^(1 - 2 NODES) / (rho - 1) of f (Trefethen 2013, Approximation Theory and Approximation Practice, theorem 8.2),
and the rule is exact for it, so the error of a panel of mass m is at most twice m times that. The functions in use
are products of sigmoids, and log(1 + e^-z), whose singularities are at a distance of pi from the axis;
tests/test_condensed.py bounds them on the ellipse. To this comes rounding: when a rule is made, its sums of
polynomials are checked, and a panel that fails keeps its samples. Together the error of a loss is below 1e-11 of the
loss itself, at every point and however small the loss is. The error of a gradient or Hessian is below 1e-10 of the
sum of its sigmoids without their signs, times the largest |x| or x^2. What is measured is some 1e-15.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Dataset, Loss
from lossgeo.losses import SigmoidSquaredError

NODES = 13
HALF = 1.0
MANY = 500  # fewer samples are quick enough
CHECKED = 4e-15  # times 1 + j^2: the largest error of the sum of the polynomial T_j, as a fraction of the mass


def merged(dataset: Dataset) -> Iterator[tuple[float, Array, NDArray[np.intp]]]:
    """For each class: the sign 2y - 1, its distinct x, ascending, and how often each of them occurs."""
    for label, sign in ((0.0, -1.0), (1.0, 1.0)):
        x, count = np.unique(dataset.x[dataset.y == label], return_counts=True)
        if x.size:
            yield sign, x, count


def condensed(x: Array, count: NDArray[np.intp], reach: float) -> tuple[Array, Array]:
    """Nodes (k,) and weights (k,) that stand for the samples of a class: its distinct x (n,) and their counts.

    They may be used for |w| <= reach. Fewer than MANY samples are returned as they are, and so are samples for which
    the nodes would not save at least half of the work.
    """
    weight = count.astype(float)
    if x.size < MANY or not reach * (x[-1] - x[0]) < 1e300:
        return x, weight
    # Measured from the median: if rounding blurs the panels of one half, those of the other hold one sample each.
    panel = np.floor((x - x[x.size // 2]) * (reach / (2.0 * HALF)))
    starts = np.flatnonzero(np.diff(panel, prepend=-np.inf))
    sizes = np.diff(starts, append=x.size)
    rich = sizes > 2 * NODES
    if 2 * (NODES * rich.sum() + sizes[~rich].sum()) > x.size:
        return x, weight
    inside = np.repeat(rich, sizes)
    nodes, weights, exact = _gauss(x[inside], weight[inside], sizes[rich])
    failed = np.repeat(~exact, sizes[rich])
    left, kept = (np.concatenate([v[~inside], v[inside][failed]]) for v in (x, weight))
    return np.concatenate([left, nodes[exact].ravel()]), np.concatenate([kept, weights[exact].ravel()])


def _gauss(x: Array, weight: Array, sizes: NDArray[np.intp]) -> tuple[Array, Array, NDArray[np.bool_]]:
    """The Gauss rules of consecutive groups of samples: nodes and weights (groups, NODES), and whether each is exact.

    The recurrence of the orthogonal polynomials comes from Stieltjes' procedure, the rule from the eigenvalues of
    its tridiagonal matrix. (Gautschi 2004, Orthogonal Polynomials.)
    """
    at = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def sums(terms: Array) -> Array:
        return np.add.reduceat(terms, at)

    def spread(values: Array) -> Array:
        return np.repeat(values, sizes)

    first, last = x[at], x[at + sizes - 1]
    middle, half = 0.5 * (first + last), 0.5 * (last - first)
    t = (x - spread(middle)) / spread(half)
    mass = sums(weight)
    matrix = np.zeros((sizes.size, NODES, NODES))
    before, p = np.zeros_like(t), spread(1.0 / np.sqrt(mass))
    beta = np.zeros(sizes.size)
    for k in range(NODES):
        alpha = sums(weight * p * p * t)
        matrix[:, k, k] = alpha
        q = (t - spread(alpha)) * p - spread(beta) * before
        beta = np.sqrt(sums(weight * q * q))
        if k + 1 < NODES:
            matrix[:, k, k + 1] = matrix[:, k + 1, k] = beta
        before, p = p, q / spread(np.where(beta > 0.0, beta, 1.0))
    nodes, vectors = np.linalg.eigh(matrix)
    weights = mass[:, None] * vectors[:, 0] ** 2
    # The Chebyshev polynomials T_j(t) = 2 t T_(j-1) - T_(j-2) show whether the sums are exact.
    exact = np.abs(nodes).max(axis=1) <= 1.0 + 1e-12
    old, new, old_node, new_node = np.ones_like(t), t, np.ones_like(nodes), nodes
    for j in range(1, 2 * NODES):
        error = np.abs(sums(weight * new) - (weights * new_node).sum(axis=1))
        exact &= error <= CHECKED * (1 + j * j) * mass
        old, new = new, 2.0 * t * new - old
        old_node, new_node = new_node, 2.0 * nodes * new_node - old_node
    return middle[:, None] + half[:, None] * nodes, weights, exact


class FewSamples(SigmoidSquaredError):
    """The value, gradient and Hessian of a squared error through a sigmoid from condensed samples, for |w| <= reach."""

    def __init__(self, loss: SigmoidSquaredError, reach: float) -> None:
        parts = [(sign, *condensed(x, count, reach)) for sign, x, count in merged(loss.dataset)]
        x = np.concatenate([nodes for _, nodes, _ in parts])
        y = np.concatenate([np.full(nodes.size, 0.5 + 0.5 * sign) for sign, nodes, _ in parts])
        super().__init__(Dataset(x, y, loss.dataset.name, loss.dataset.source), loss.l2)
        self._weight = np.concatenate([weight for *_, weight in parts]) * (x.size / loss.dataset.n)

    def penalty(self, z: Array, y: Array) -> Array:
        """The weighted penalty, an array like z."""
        return self._weight * super().penalty(z, y)

    def slope(self, z: Array, y: Array) -> Array:
        """The weighted slope, an array like z."""
        return self._weight * super().slope(z, y)

    def curvature(self, z: Array, y: Array) -> Array:
        """The weighted curvature, an array like z."""
        return self._weight * super().curvature(z, y)


def with_few_samples(loss: Loss, reach: float) -> Loss:
    """A loss with the same value, gradient and Hessian for |w| <= reach that is quicker; or the loss itself."""
    if type(loss) is not SigmoidSquaredError:
        return loss
    few = FewSamples(loss, reach)
    return few if few.terms < loss.terms else loss
