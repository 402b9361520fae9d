"""Fast paths to the numbers that the definitions in `losses` and `landscapes` give.

The definition is the truth. A kernel is a second way to the same surface, kept only where it is
measured to matter. It returns None when its guard fails, and the definition takes over, in blocks
of bounded memory. Switching every kernel off changes speed and memory, never a picture.

Axes are w (W,) and b (B,), a surface is (B, W): row = second parameter. The penalty l2/2 w^2 is a
row added at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Dataset, Landscape, Loss
from lossgeo.losses import LinearLoss, LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError

BLOCK = 2**14  # elements of one scratch array: three of them stay in a core's own cache
COEFFICIENTS = 2**18  # elements of a coefficient array: 2 MiB

Kernel = Callable[[Any, Array, Array], Array | None]


def by_definition(function: Callable[[Array], Array], x: Array, y: Array, per_point: int) -> Array:
    """function at every point of the axes x and y, a block of points at a time: (ny, nx, ...)."""
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    step = max(1, 8 * BLOCK // per_point)
    blocks = [function(points[i : i + step]) for i in range(0, len(points), step)]
    values = np.concatenate(blocks)
    return values.reshape(y.size, x.size, *values.shape[1:])


# --- mean squared error: the completed square ----------------------------------------------------


def two_sum(a: Array, b: float) -> tuple[Array, Array]:
    """s + e = a + b exactly, s the rounded sum (Knuth 1969)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def two_product(a: Array, b: float) -> tuple[Array, Array]:
    """p + e = a b exactly, p the rounded product (Dekker 1971); for sizes below about 1e150."""
    p = a * b
    c = 134217729.0 * a
    a1 = c - (c - a)
    d = 134217729.0 * b
    b1 = d - (d - b)
    a2, b2 = a - a1, b - b1
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@dataclass(frozen=True)
class Square:
    """L(w, b) = sxx (w - slope)^2 + (b + w xm - ym)^2 + floor, without penalty.

    The means and the slope carry a second word each (dx, dy, dslope): what rounding left behind.
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
        """The completed square of the data, by sums that lose no digits to the size of x."""
        n = dataset.n
        (x, xm, dx), (y, ym, dy) = _centred(dataset.x), _centred(dataset.y)
        sxx = float(x @ x) / n
        slope = float(x @ y) / n / sxx if sxx else 0.0
        residual = y - slope * x
        dslope = float(x @ residual) / n / sxx if sxx else 0.0
        residual -= dslope * x
        return cls(xm, dx, ym, dy, sxx, slope, dslope, float(residual @ residual) / n)

    def distance(self, w: Array) -> Array:
        """w - slope, the slope taken in two words."""
        return (w - self.slope) - self.dslope

    def offset(self, w: Array) -> tuple[Array, Array]:
        """hi + lo = w xm - ym, the only part of L that can cancel."""
        product, below = two_product(w, self.xm)
        hi, rest = two_sum(product, -self.ym)
        return hi, rest + below + w * self.dx - self.dy


def _centred(v: Array) -> tuple[Array, float, float]:
    """v - mean, and the mean as a sum of two words. Equal values centre to exactly 0."""
    mean = fsum(v.tolist()) / v.size
    centred = v - mean
    rest = fsum(centred.tolist()) / v.size
    return centred - rest, mean, rest


def _moderate(dataset: Dataset, w: Array, b: Array) -> bool:
    """No square or error-free product of these numbers can overflow or vanish."""
    size = max(float(np.abs(v).max()) for v in (dataset.x, dataset.y, w, b))
    spread = float(np.ptp(dataset.x))
    return size < 1e70 and (spread == 0 or spread > 1e-70)


def mean_squared_error(loss: MeanSquaredError, w: Array, b: Array) -> Array | None:
    """Three non-negative terms (see `Square`), so never negative and right to a few roundings.

    O(n + W B). Falls back to the definition for numbers beyond 1e70.
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
    """With c = b + w xm - ym in two words: dL/db = 2 c, dL/dw = 2 (sxx (w - slope) + xm c)."""
    if not _moderate(loss.dataset, w, b):
        return None
    q = Square.of(loss.dataset)
    hi, lo = q.offset(w)
    c = (b[:, None] + hi) + lo
    dw = 2.0 * (q.sxx * q.distance(w) + q.xm * c) + loss.l2 * w
    return np.stack([dw, 2.0 * c], axis=-1)


def _mean_squared_error_hessian(loss: MeanSquaredError, w: Array, b: Array) -> Array | None:
    """The same 2 [[sxx + xm^2, xm], [xm, 1]] everywhere: one matrix, broadcast."""
    if not _moderate(loss.dataset, w, b):
        return None
    q = Square.of(loss.dataset)
    h = 2.0 * np.array([[q.sxx + q.xm * q.xm + 0.5 * loss.l2, q.xm], [q.xm, 1.0]])
    return np.broadcast_to(h, (b.size, w.size, 2, 2))


# --- mean absolute error: sorted residuals and prefix sums ---------------------------------------


def mean_absolute_error(loss: MeanAbsoluteError, w: Array, b: Array) -> Array | None:
    """For one w, with r = y - w x sorted and k(b) the number of r below b:

        sum |b - r| = (2k - n) b - 2 (r_1 + ... + r_k) + (r_1 + ... + r_n)

    taken about the median of r. As half of the samples lie beyond it, no term is more than a few
    times the result: nothing cancels, and the sum stays positive. O(W (n + B) log n).
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


# --- logistic loss: products of samples as polynomials -------------------------------------------


def _merged(dataset: Dataset) -> Iterator[tuple[float, Array, NDArray[np.intp]]]:
    """Each class as (sign 2y - 1, its different x, how often each occurs)."""
    for label, sign in ((0.0, -1.0), (1.0, 1.0)):
        x, count = np.unique(dataset.x[dataset.y == label], return_counts=True)
        if x.size:
            yield sign, x, count


def logistic_loss(loss: LogisticLoss, w: Array, b: Array) -> Array:
    """Mean log(1 + exp(-z)) over the margins z = s (w x + b), s = 2y - 1, by multiplying samples.

    Within one class exp(-z_i) = a_i(w) u(b), with a_i = exp(-s w x_i) and u = exp(-s b), so

        prod_i (1 + a_i u) = 1 + e_1 u + ... + e_k u^k,    e_j = sum of all products of j of the a_i

    for k samples: one matrix product and one logarithm instead of k exponentials and k logarithms
    at every point. All terms are positive, so nothing cancels, and log1p of the part without the 1
    keeps the relative accuracy of the smallest losses. A sample that occurs c times enters once for
    every binary digit of c. Where exp(z) could overflow: sample by sample, in the stable form.
    """
    reach = np.abs(w).max() * np.abs(loss.dataset.x).max() + np.abs(b).max() + 0.7
    degree = min(16, int(700.0 / reach))
    values = np.zeros((b.size, w.size))
    for sign, x, count in _merged(loss.dataset):
        if degree < 1:
            _add_stable(values, sign, x, count, w, b)
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
    """values += weight * sum_i log(1 + a_i u), by polynomials of the given degree."""
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
                # (1 + P)(1 + Q) - 1 = P (1 + Q) + Q: again a sum of positive terms.
                np.matmul(u[rows], e[group], out=factor)
                np.add(factor, 1.0, out=scratch)
                product *= scratch
                product += factor
            _log1p(product)
            product *= weight
            block += product


def _elementary_symmetric(a: Array) -> Array:
    """a (k, groups, W) -> e (groups, k, W): e[:, j - 1] is the sum of all products of j factors."""
    e, term = np.zeros_like(a), np.empty_like(a)
    for i, factor in enumerate(a):
        np.multiply(e[:i], factor, out=term[:i])
        e[1 : i + 1] += term[:i]
        e[0] += factor
    return np.ascontiguousarray(e.transpose(1, 0, 2))


def _runs(sign: float, x: Array, w: Array, b: Array, degree: int, groups: int) -> list[list[int]]:
    """Consecutive groups whose common product stays below exp(700).

    log(1 + exp(-z)) is convex in (w, b), so a sum of them is largest at a corner of the grid.
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
    """log(1 + v) in place; away from 0 the plain logarithm is as accurate and often quicker."""
    if v.min() < 1.0:
        np.log1p(v, out=v)
    else:
        v += 1.0
        np.log(v, out=v)


def _add_stable(values: Array, sign: float, x: Array, count: NDArray[np.intp], w: Array, b: Array) -> None:
    """values += sum of count * (max(-z, 0) + log1p(exp(-|z|))): right for every z."""
    for rows in _row_blocks(b.size, w.size):
        block = values[rows]
        z, soft = np.empty_like(block), np.empty_like(block)
        for xi, times in zip(x, count, strict=True):
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
    step = max(1, BLOCK // columns)
    for start in range(0, rows, step):
        yield slice(start, start + step)


# --- sums over samples of functions of the margin: gradient, Hessian, squared error --------------


def _margins(loss: LinearLoss, w: Array, b: Array) -> Iterator[tuple[slice, Array, Array, Array, Array]]:
    """(rows, x, share, exp(z), 1 / (1 + exp(z))) for each block of rows and chunk of samples.

    exp(z) = exp(s w x) exp(s b): exponentials per axis only, then one product at every point. share
    is the sign s times the part of n that has this x. The last two, (rows, chunk, W), are scratch.
    """
    chunk = max(1, 2 * BLOCK // w.size)
    for sign, x, count in _merged(loss.dataset):
        up = np.exp(sign * b)[:, None, None]
        for start in range(0, x.size, chunk):
            part = x[start : start + chunk]
            share = sign * count[start : start + chunk] / loss.dataset.n
            across = np.exp(sign * np.multiply.outer(part, w))
            for rows in _row_blocks(b.size, across.size):
                t = across * up[rows]
                p = t + 1.0
                np.reciprocal(p, out=p)
                yield rows, part, share, t, p


def _factors_exist(loss: LinearLoss, w: Array, b: Array) -> bool:
    """Beyond 300 the two factors of exp(z) could over- and underflow apart, 0 times inf."""
    widest = max(np.abs(w).max() * np.abs(loss.dataset.x).max(), np.abs(b).max())
    return bool(widest <= 300.0)


def _logistic_gradient(loss: LogisticLoss, w: Array, b: Array) -> Array | None:
    """Mean of -s p [x, 1] with p = 1 / (1 + exp(z)): shape (B, W, 2)."""
    if not _factors_exist(loss, w, b):
        return None
    sums = np.zeros((b.size, 2, w.size))
    for rows, x, share, _, p in _margins(loss, w, b):
        sums[rows] -= np.stack([share * x, share]) @ p
    sums[:, 0] += loss.l2 * w
    return np.moveaxis(sums, 1, -1)


def _logistic_hessian(loss: LogisticLoss, w: Array, b: Array) -> Array | None:
    """Mean of t p^2 [x^2, x, 1] with t = exp(z): t p p, not p - p^2, which cancels far out."""
    if not _factors_exist(loss, w, b):
        return None
    sums = np.zeros((b.size, 3, w.size))
    for rows, x, share, t, p in _margins(loss, w, b):
        t *= p
        t *= p
        weight = np.abs(share)
        sums[rows] += np.stack([weight * x * x, weight * x, weight]) @ t
    return _symmetric(sums, loss.l2)


def _sigmoid_squared_gradient(loss: SigmoidSquaredError, w: Array, b: Array) -> Array | None:
    """Mean of -2 s p^2 (1 - p) [x, 1], with 1 - p = t p, which does not cancel."""
    if not _factors_exist(loss, w, b):
        return None
    sums = np.zeros((b.size, 2, w.size))
    for rows, x, share, t, p in _margins(loss, w, b):
        t *= p
        p *= p
        t *= p
        sums[rows] -= np.stack([2.0 * share * x, 2.0 * share]) @ t
    sums[:, 0] += loss.l2 * w
    return np.moveaxis(sums, 1, -1)


def _sigmoid_squared_hessian(loss: SigmoidSquaredError, w: Array, b: Array) -> Array | None:
    """Mean of 2 p^2 (1 - p) (2 - 3 p) [x^2, x, 1]."""
    if not _factors_exist(loss, w, b):
        return None
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
    """Matrices (B, W, 2, 2) from their three entries (B, 3, W), the penalty added to the first."""
    sums[:, 0] += l2
    return np.moveaxis(sums[:, [0, 1, 1, 2]], 1, -1).reshape(len(sums), -1, 2, 2)


def sigmoid_squared_error(loss: SigmoidSquaredError, w: Array, b: Array) -> Array | None:
    """Mean of p^2: the probability of the wrong label is p = 1 / (1 + exp(z)) for either label."""
    if not _factors_exist(loss, w, b):
        return None
    values = np.zeros((b.size, w.size))
    for rows, _, share, _, p in _margins(loss, w, b):
        p *= p
        values[rows] += np.abs(share) @ p
    values += 0.5 * loss.l2 * w * w
    return values


# --- landscapes: the definition on the axes ------------------------------------------------------


def landscape(loss: Landscape, x: Array, y: Array) -> Array:
    """f(x, y) with a row x and a column y: what depends on one of them is computed on its axis.

    Bit for bit the definition. Rastrigin's sines and the tanh of a tiny network get cheap.
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
    LogisticLoss: _logistic_hessian,
    SigmoidSquaredError: _sigmoid_squared_hessian,
}


def value_kernel(loss: Loss) -> Kernel | None:
    """The fast way to the values of a loss on two axes, or None where the definition has to do."""
    return KERNELS.get(type(loss), landscape if isinstance(loss, Landscape) else None)
