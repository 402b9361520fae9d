"""Fast ways to compute what `losses` and `landscapes` define, on a grid.

A kernel exists only where it was measured to matter. It returns None if its preconditions fail; the definition is
then evaluated in blocks of bounded memory. Switching all kernels off changes speed and memory but not the
numbers, up to rounding.

The axes are w (W,) and b (B,), a surface is (B, W): the row belongs to the second parameter. The penalty l2/2 w^2
is a row, added at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np

from lossgeo.condensed import condensed, merged
from lossgeo.contracts import Array, Dataset, Landscape, Loss
from lossgeo.linear_loss import LinearLoss
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError

POLYNOMIAL = 16  # so many samples cost as much in a polynomial as one node of a Gauss rule
BLOCK = 2**14  # elements of one scratch array: three of them fit into the cache of one core
COEFFICIENTS = 2**18  # elements of a coefficient array: 2 MiB

Kernel = Callable[[Any, Array, Array], Array | None]


def by_definition(function: Callable[[Array], Array], x: Array, y: Array, per_point: int) -> Array:
    """The values of `function`, which maps points (m, 2) to (m, ...), on the axes x and y: shape (ny, nx, ...).

    It is called on blocks of points. `per_point` is the number of terms that it averages at each point.
    """
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    step = max(1, 8 * BLOCK // per_point)
    blocks = [function(points[i : i + step]) for i in range(0, len(points), step)]
    values = np.concatenate(blocks)
    return values.reshape(y.size, x.size, *values.shape[1:])


# --- mean squared error: the completed square ----------------------------------------------------


def two_sum(a: Array, b: float) -> tuple[Array, Array]:
    """(s, e) with s + e = a + b exactly, where s is the rounded sum (Knuth 1969)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def two_product(a: Array, b: float) -> tuple[Array, Array]:
    """(p, e) with p + e = a b exactly, where p is the rounded product (Dekker 1971).

    |a| and |b| must be below about 1e150.
    """
    p = a * b
    c = 134217729.0 * a
    a1 = c - (c - a)
    d = 134217729.0 * b
    b1 = d - (d - b)
    a2, b2 = a - a1, b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@dataclass(frozen=True)
class Square:
    """The completed square L(w, b) = sxx (w - slope)^2 + (b + w xm - ym)^2 + floor of the loss without penalty.

    The rounding errors of the two means and of the slope are kept in dx, dy and dslope
    (double-double arithmetic).
    """

    xm: float
    dx: float
    ym: float
    dy: float
    sxx: float
    slope: float
    dslope: float
    floor: float

    @classmethod
    def of(cls, dataset: Dataset) -> Square:
        """The completed square of the data, from sums that stay accurate if x is far from 0."""
        n = dataset.n
        (x, xm, dx), (y, ym, dy) = _centred(dataset.x), _centred(dataset.y)
        sxx = float(x @ x) / n
        slope = float(x @ y) / n / sxx if sxx else 0.0
        residual = y - slope * x
        dslope = float(x @ residual) / n / sxx if sxx else 0.0
        residual -= dslope * x
        return cls(xm, dx, ym, dy, sxx, slope, dslope, float(residual @ residual) / n)

    def distance(self, w: Array) -> Array:
        """w - slope at double-double accuracy: shape (W,)."""
        return (w - self.slope) - self.dslope

    def offset(self, w: Array) -> tuple[Array, Array]:
        """(hi, lo) with hi + lo = w xm - ym, each (W,). This is the only part of L that can cancel."""
        product, below = two_product(w, self.xm)
        hi, rest = two_sum(product, -self.ym)
        return hi, rest + below + w * self.dx - self.dy


def _centred(v: Array) -> tuple[Array, float, float]:
    """(v - mean, mean, rounding error of the mean). Equal values give exactly 0."""
    mean = fsum(v.tolist()) / v.size
    centred = v - mean
    rest = fsum(centred.tolist()) / v.size
    return centred - rest, mean, rest


def _moderate(dataset: Dataset, w: Array, b: Array) -> bool:
    """Whether no square or error-free product of these numbers can overflow or underflow."""
    size = max(float(np.abs(v).max()) for v in (dataset.x, dataset.y, w, b))
    spread = float(np.ptp(dataset.x))
    return size < 1e70 and (spread == 0 or spread > 1e-70)


def mean_squared_error(loss: MeanSquaredError, w: Array, b: Array) -> Array | None:
    """The surface (B, W) in O(n + W B), from the completed square (see `Square`).

    It is a sum of three non-negative terms, so it is never negative and accurate to a few roundings.
    None if `_moderate` fails.
    """
    if not _moderate(loss.dataset, w, b):
        return None
    q = Square.of(loss.dataset)
    hi, lo = q.offset(w)
    d = q.distance(w)
    row = q.sxx * d * d + q.floor + 0.5 * loss.l2 * w * w
    values = np.empty((b.size, w.size))
    for rows in _row_blocks(b.size, w.size):
        block = values[rows]
        np.add(b[rows, None], hi, out=block)
        block += lo
        block *= block
        block += row
    return values


def _mean_squared_error_gradient(loss: MeanSquaredError, w: Array, b: Array) -> Array | None:
    """With c = b + w xm - ym: dL/db = 2 c and dL/dw = 2 (sxx (w - slope) + xm c), shape (B, W, 2)."""
    if not _moderate(loss.dataset, w, b):
        return None
    q = Square.of(loss.dataset)
    hi, lo = q.offset(w)
    c = (b[:, None] + hi) + lo
    dw = 2.0 * (q.sxx * q.distance(w) + q.xm * c) + loss.l2 * w
    return np.stack([dw, 2.0 * c], axis=-1)


def _mean_squared_error_hessian(loss: MeanSquaredError, w: Array, b: Array) -> Array | None:
    """The constant Hessian 2 [[sxx + xm^2, xm], [xm, 1]], broadcast to (B, W, 2, 2)."""
    if not _moderate(loss.dataset, w, b):
        return None
    q = Square.of(loss.dataset)
    h = 2.0 * np.array([[q.sxx + q.xm * q.xm + 0.5 * loss.l2, q.xm], [q.xm, 1.0]])
    return np.broadcast_to(h, (b.size, w.size, 2, 2))


# --- mean absolute error: sorted residuals and prefix sums ---------------------------------------


def mean_absolute_error(loss: MeanAbsoluteError, w: Array, b: Array) -> Array | None:
    """The surface (B, W) in O(W (n + B) log n). With r = y - w x sorted and k(b) the number of r below b:

        sum |b - r| = (2k - n) b - 2 (r_1 + ... + r_k) + (r_1 + ... + r_n)

    All numbers are taken relative to the median of r. Half of the samples lie on either side of it, so no term is
    more than a few times the result, and nothing cancels. None if `_moderate` fails.
    """
    x, y, n = loss.dataset.x, loss.dataset.y, loss.dataset.n
    if not _moderate(loss.dataset, w, b):
        return None
    columns = np.empty((w.size, b.size))
    for rows in _row_blocks(w.size, n):
        r = np.sort(y - np.multiply.outer(w[rows], x), axis=1)
        median = r[:, n // 2, None].copy()
        r -= median
        below = np.zeros((len(r), n + 1))
        np.cumsum(r, axis=1, out=below[:, 1:])
        at = b - median
        k = np.stack([np.searchsorted(*pair) for pair in zip(r, at, strict=True)])
        columns[rows] = (2 * k - n) * at - 2.0 * np.take_along_axis(below, k, 1) + below[:, -1:]
    values = np.ascontiguousarray(columns.T)
    values /= n
    values += 0.5 * loss.l2 * w * w
    return values


def _mean_absolute_error_hessian(loss: MeanAbsoluteError, w: Array, b: Array) -> Array:
    """The Hessian of the penalty, the same everywhere, broadcast to (B, W, 2, 2)."""
    return np.broadcast_to([[loss.l2, 0.0], [0.0, 0.0]], (b.size, w.size, 2, 2))


# --- logistic loss: products of samples as polynomials -------------------------------------------


def logistic_loss(loss: LogisticLoss, w: Array, b: Array) -> Array:
    """The surface (B, W), from products of samples.

    The loss is the mean of log(1 + exp(-z)) over the margins z = s (w x + b), s = 2y - 1. Within one class
    exp(-z_i) = a_i(w) u(b), with a_i = exp(-s w x_i) and u = exp(-s b). So for k samples

        prod_i (1 + a_i u) = 1 + e_1 u + ... + e_k u^k,    e_j = the sum of all products of j of the a_i

    This takes one matrix product and one logarithm per point instead of k exponentials and k logarithms. All
    terms are positive, so nothing cancels, and log1p of the part without the 1 keeps tiny losses accurate. A
    sample that occurs c times enters once for every binary digit 1 of c. Very many samples are condensed, see
    `condensed`, and summed one node at a time; so are the samples if exp(z) could overflow.
    """
    reach = np.abs(w).max() * np.abs(loss.dataset.x).max() + np.abs(b).max() + 0.7
    degree = min(16, int(700.0 / reach))
    values = np.zeros((b.size, w.size))
    for sign, x, count in merged(loss.dataset):
        nodes, weight = condensed(x, count, np.abs(w).max())
        if degree < 1:
            _add_stable(values, sign, nodes, weight, w, b)
            continue
        if POLYNOMIAL * nodes.size < x.size:
            for rows, some, t in _exponentials(-sign, nodes, w, b, safe=True):
                values[rows] += weight[some] @ np.log1p(t, out=t)
            continue
        for bit in range(int(count.max()).bit_length()):
            digit = x[(count >> bit) & 1 == 1]
            size = degree * max(1, COEFFICIENTS // (degree * w.size))
            for start in range(0, digit.size, size):
                part = digit[start : start + size]
                _add_products(values, float(2**bit), sign, part, w, b, degree)
    values /= loss.dataset.n
    values += 0.5 * loss.l2 * w * w
    return values


def _add_products(values: Array, weight: float, sign: float, x: Array, w: Array, b: Array, degree: int) -> None:
    """values += weight * sum_i log(1 + a_i u), from polynomials of the given degree."""
    groups = -(-x.size // degree)
    padded = np.zeros((degree * groups, w.size))  # a = 0 multiplies by exactly 1
    np.exp(-sign * np.multiply.outer(x, w), out=padded[: x.size])
    e = _elementary_symmetric(padded.reshape(degree, groups, w.size))
    u = np.exp(-sign * np.multiply.outer(b, np.arange(1.0, degree + 1.0)))
    runs = _runs(sign, x, w, b, degree, groups)
    for rows in _row_blocks(b.size, w.size):
        block = values[rows]
        product, factor, scratch = (np.empty_like(block) for _ in range(3))
        for run in runs:
            np.matmul(u[rows], e[run[0]], out=product)
            for group in run[1:]:
                # (1 + P)(1 + Q) - 1 = P (1 + Q) + Q, again a sum of positive terms.
                np.matmul(u[rows], e[group], out=factor)
                np.add(factor, 1.0, out=scratch)
                product *= scratch
                product += factor
            _log1p(product)
            product *= weight
            block += product


def _elementary_symmetric(a: Array) -> Array:
    """From a (k, groups, W): e (groups, k, W), where e[:, j - 1] is the sum of all products of j factors."""
    e, term = np.zeros_like(a), np.empty_like(a)
    for i, factor in enumerate(a):
        np.multiply(e[:i], factor, out=term[:i])
        e[1 : i + 1] += term[:i]
        e[0] += factor
    return np.ascontiguousarray(e.transpose(1, 0, 2))


def _runs(sign: float, x: Array, w: Array, b: Array, degree: int, groups: int) -> list[list[int]]:
    """Lists of consecutive groups whose common product stays below exp(700).

    log(1 + exp(-z)) is convex in (w, b), so a sum of such terms is largest at a corner of the grid.
    """
    corner_w, corner_b = np.meshgrid([w.min(), w.max()], [b.min(), b.max()])
    logs = np.zeros((degree * groups, 4))
    logs[: x.size] = np.logaddexp(0.0, -sign * (np.multiply.outer(x, corner_w.ravel()) + corner_b.ravel()))
    logs = logs.reshape(degree, groups, 4).sum(axis=0)
    runs: list[list[int]] = []
    total = np.full(4, np.inf)
    for group, log in enumerate(logs):
        total = total + log
        if total.max() > 700.0:
            runs.append([])
            total = log
        runs[-1].append(group)
    return runs


def _log1p(v: Array) -> None:
    """log(1 + v) in place. Away from 0 the plain logarithm is as accurate, and often faster."""
    if v.min() < 1.0:
        np.log1p(v, out=v)
    else:
        v += 1.0
        np.log(v, out=v)


def _add_stable(values: Array, sign: float, x: Array, weight: Array, w: Array, b: Array) -> None:
    """values += the sum of weight * (max(-z, 0) + log1p(exp(-|z|))), which is accurate for every z."""
    for rows in _row_blocks(b.size, w.size):
        block = values[rows]
        z, soft = np.empty_like(block), np.empty_like(block)
        for xi, times in zip(x, weight, strict=True):
            np.add(-sign * b[rows, None], -sign * xi * w, out=z)  # minus the margin
            np.abs(z, out=soft)
            np.negative(soft, out=soft)
            np.exp(soft, out=soft)
            np.log1p(soft, out=soft)
            np.maximum(z, 0.0, out=z)
            z += soft
            z *= times
            block += z


def _row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of rows such that a block has about BLOCK elements."""
    step = max(1, BLOCK // columns)
    for start in range(0, rows, step):
        yield slice(start, start + step)


# --- sums over samples of functions of the margin: gradient, Hessian, squared error --------------


def _exponentials(sign: float, x: Array, w: Array, b: Array, safe: bool) -> Iterator[tuple[slice, slice, Array]]:
    """Yields (rows, some, exp(z)) for each block of rows of the grid and chunk of the samples, with z = sign (w x + b).

    The array (rows, chunk, W) may be overwritten. exp(z) = exp(sign w x) exp(sign b) needs exponentials along the
    axes only. If that is not safe, because one factor could overflow and the other underflow, the exponential of z
    itself is taken, with z between -700 and 700: beyond, sigmoids differ from 0 and 1 by less than 1e-300.
    """
    chunk = max(1, 2 * BLOCK // w.size)
    for start in range(0, x.size, chunk):
        some = slice(start, start + chunk)
        across = sign * np.multiply.outer(x[some], w)
        up = (sign * b)[:, None, None]
        if safe:
            across, up = np.exp(across), np.exp(up)
        for rows in _row_blocks(b.size, across.size):
            if safe:
                yield rows, some, across * up[rows]
            else:
                z = across + up[rows]
                np.clip(z, -700.0, 700.0, out=z)
                yield rows, some, np.exp(z, out=z)


def _margins(loss: LinearLoss, w: Array, b: Array) -> Iterator[tuple[slice, Array, Array, Array, Array]]:
    """Yields (rows, x, share, exp(z), 1 / (1 + exp(z))) for the margins z = s (w x + b), in blocks.

    `share` is the sign s times the fraction of the n samples that this x stands for; very many samples are
    condensed. The last two arrays (rows, chunk, W) may be overwritten.
    """
    reach = np.abs(w).max()
    safe = bool(max(reach * np.abs(loss.dataset.x).max(), np.abs(b).max()) <= 300.0)
    for sign, every, count in merged(loss.dataset):
        x, weight = condensed(every, count, reach)
        share = sign * weight / loss.dataset.n
        for rows, some, t in _exponentials(sign, x, w, b, safe):
            p = t + 1.0
            np.reciprocal(p, out=p)
            yield rows, x[some], share[some], t, p


def _logistic_gradient(loss: LogisticLoss, w: Array, b: Array) -> Array:
    """The mean of -s p [x, 1] with p = 1 / (1 + exp(z)): shape (B, W, 2)."""
    sums = np.zeros((b.size, 2, w.size))
    for rows, x, share, _, p in _margins(loss, w, b):
        sums[rows] -= np.stack([share * x, share]) @ p
    sums[:, 0] += loss.l2 * w
    return np.moveaxis(sums, 1, -1)


def _logistic_hessian(loss: LogisticLoss, w: Array, b: Array) -> Array:
    """The mean of t p^2 [x^2, x, 1] with t = exp(z): shape (B, W, 2, 2). p - p^2 would cancel far out."""
    sums = np.zeros((b.size, 3, w.size))
    for rows, x, share, t, p in _margins(loss, w, b):
        t *= p
        t *= p
        weight = np.abs(share)
        sums[rows] += np.stack([weight * x * x, weight * x, weight]) @ t
    return _symmetric(sums, loss.l2)


def _sigmoid_squared_gradient(loss: SigmoidSquaredError, w: Array, b: Array) -> Array:
    """The mean of -2 s p^2 (1 - p) [x, 1]: shape (B, W, 2). 1 - p = t p avoids cancellation."""
    sums = np.zeros((b.size, 2, w.size))
    for rows, x, share, t, p in _margins(loss, w, b):
        t *= p
        p *= p
        t *= p
        sums[rows] -= np.stack([2.0 * share * x, 2.0 * share]) @ t
    sums[:, 0] += loss.l2 * w
    return np.moveaxis(sums, 1, -1)


def _sigmoid_squared_hessian(loss: SigmoidSquaredError, w: Array, b: Array) -> Array:
    """The mean of 2 p^2 (1 - p) (2 - 3 p) [x^2, x, 1]: shape (B, W, 2, 2)."""
    sums = np.zeros((b.size, 3, w.size))
    for rows, x, share, t, p in _margins(loss, w, b):
        t *= p
        t *= p
        t *= p
        p *= -3.0
        p += 2.0
        t *= p
        weight = 2.0 * np.abs(share)
        sums[rows] += np.stack([weight * x * x, weight * x, weight]) @ t
    return _symmetric(sums, loss.l2)


def _symmetric(sums: Array, l2: float) -> Array:
    """Symmetric matrices (B, W, 2, 2) from their three entries (B, 3, W); l2 is added to the first."""
    sums[:, 0] += l2
    return np.moveaxis(sums[:, [0, 1, 1, 2]], 1, -1).reshape(len(sums), -1, 2, 2)


def sigmoid_squared_error(loss: SigmoidSquaredError, w: Array, b: Array) -> Array:
    """The surface (B, W): the mean of p^2, where p = 1 / (1 + exp(z)) is the probability of the wrong label."""
    values = np.zeros((b.size, w.size))
    for rows, _, share, _, p in _margins(loss, w, b):
        p *= p
        values[rows] += np.abs(share) @ p
    values += 0.5 * loss.l2 * w * w
    return values


# --- landscapes: the definition, broadcast over the axes -----------------------------------------


def landscape(loss: Landscape, x: Array, y: Array) -> Array:
    """The surface f(x, y) (ny, nx) for a row x and a column y, bit for bit the definition.

    Terms in x or y alone are computed once per axis. This makes Rastrigin's sines and the tanh
    of the tiny network cheap.
    """
    values = np.empty((y.size, x.size))
    for rows in _row_blocks(y.size, x.size * loss.terms):
        values[rows] = loss.f(x, y[rows, None])
    return values


# --- which loss has which kernel -----------------------------------------------------------------

KERNELS: dict[type, Kernel] = {
    MeanSquaredError: mean_squared_error,
    MeanAbsoluteError: mean_absolute_error,
    LogisticLoss: logistic_loss,
    SigmoidSquaredError: sigmoid_squared_error,
}
GRADIENTS: dict[type, Kernel] = {
    MeanSquaredError: _mean_squared_error_gradient,
    LogisticLoss: _logistic_gradient,
    SigmoidSquaredError: _sigmoid_squared_gradient,
}
HESSIANS: dict[type, Kernel] = {
    MeanSquaredError: _mean_squared_error_hessian,
    MeanAbsoluteError: _mean_absolute_error_hessian,
    LogisticLoss: _logistic_hessian,
    SigmoidSquaredError: _sigmoid_squared_hessian,
}


def value_kernel(loss: Loss) -> Kernel | None:
    """The kernel for the values of a loss, or None if only the definition can be used."""
    return KERNELS.get(type(loss), landscape if isinstance(loss, Landscape) else None)
