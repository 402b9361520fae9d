"""Surfaces of 200 x 200 points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lossgeo.contracts import Loss
from lossgeo.datasets import Array, Dataset
from lossgeo.landscapes import LANDSCAPES
from lossgeo.linear_loss import LinearLoss
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.surfaces import Grid, evaluate
from tests.bench.data import GRID, B, W, classes, line
from tests.bench.harness import Limit, Row, installed, wide_simd
from tests.test_kernels import (
    EXTENDED,
    around_the_minimum,
    decimal_logistic_loss,
    exactly,
    offset_data,
    peak_of,
    worst_relative_error,
)

# Baselines: the formulas as one would write them over a grid.


def broadcast_mse(data: Dataset) -> Array:
    return np.mean((W[..., None] * data.x + B[..., None] - data.y) ** 2, axis=-1)


def broadcast_mae(data: Dataset) -> Array:
    return np.mean(np.abs(W[..., None] * data.x + B[..., None] - data.y), axis=-1)


def broadcast_bce(data: Dataset) -> Array:
    z = W[..., None] * data.x + B[..., None]
    return np.mean(np.logaddexp(0, z) - data.y * z, axis=-1)


def broadcast_sigmoid_mse(data: Dataset) -> Array:
    z = W[..., None] * data.x + B[..., None]
    return np.mean((1 / (1 + np.exp(-z)) - data.y) ** 2, axis=-1)


def looped_bce(data: Dataset) -> Array:
    """Sample by sample, in place: max(-z, 0) + log1p(exp(-|z|)) of the margin z."""
    total, z, part = np.zeros_like(W), np.empty_like(W), np.empty_like(W)
    for x, s in zip(data.x, 2 * data.y - 1, strict=True):
        np.multiply(W, s * x, out=z)
        z += s * B
        np.minimum(z, 0, out=part)
        total -= part
        np.abs(z, out=z)
        np.negative(z, out=z)
        np.exp(z, out=z)
        np.log1p(z, out=z)
        total += z
    return total / data.n


def jittered(data: Dataset) -> Dataset:
    """The same data with every x moved a little, so that no two are equal."""
    x = data.x + 1e-9 * np.arange(data.n)
    return Dataset(x, data.y, data.name, data.source)


def surface(loss: Loss, grid: Grid = GRID) -> Callable[[], object]:
    return lambda: evaluate(loss, grid)


# Accuracy and memory, which the tests hold, too


def mse_error(x_offset: float, y_offset: float) -> float:
    data = offset_data(x_offset, y_offset, 0.3)
    grid = around_the_minimum(data, 0.3)
    exact = exactly(data, grid, lambda w, b, x, y: (w * x + b - y) ** 2)
    return worst_relative_error(evaluate(MeanSquaredError(data), grid).values, exact)


def bce_error(case: str) -> float:
    data, grid = EXTENDED[case]
    exact = decimal_logistic_loss(data, grid)
    return float(np.abs(evaluate(LogisticLoss(data), grid).values / exact - 1).max())


def against(name: str, loss: LinearLoss, baseline: Callable[[Dataset], Array], target: float, floor: float) -> Row:
    """evaluate(loss) against a baseline on the same data."""
    return Row(name, surface(loss), lambda: baseline(loss.dataset), target, floor)


def landscape_row(name: str, target: float, floor: float) -> Row:
    """evaluate(landscape) against its definition at all points at once."""
    landscape = LANDSCAPES[name]
    grid = Grid(*landscape.view, 200, 200)
    points = grid.points
    return Row(f"{name} v all points", surface(landscape, grid), lambda: landscape.value(points), target, floor)


def optional_rows(loss: LogisticLoss) -> list[Row]:
    """Compiled baselines, where they are installed; a line says which are not."""
    rows = []
    if installed("scipy"):
        from scipy.special import log_expit

        def scipy_bce(data: Dataset) -> Array:
            s = 2 * data.y - 1
            return -np.mean(log_expit(s * (W[..., None] * data.x + B[..., None])), axis=-1)

        rows.append(against("logistic n = 200 v scipy", loss, scipy_bce, 20, 7))
    if installed("torch"):
        import torch

        torch.set_num_threads(1)

        def torch_bce(data: Dataset) -> Array:
            w, b, x, s = (torch.from_numpy(np.array(v)) for v in (W, B, data.x, 2 * data.y - 1))
            margin = s * (w[..., None] * x + b[..., None])
            return np.asarray(torch.nn.functional.softplus(-margin, threshold=700).mean(dim=-1).numpy())

        rows.append(against("logistic n = 200 v torch softplus", loss, torch_bce, 18 if wide_simd() else 5, 3))
    if installed("numba"):
        import numba

        @numba.njit(fastmath=True)
        def fused(w: Array, b: Array, x: Array, s: Array) -> Array:
            out = np.empty((b.size, w.size))
            for j in range(b.size):
                for i in range(w.size):
                    total = 0.0
                    for k in range(x.size):
                        z = s[k] * (w[i] * x[k] + b[j])
                        total += max(-z, 0.0) + np.log1p(np.exp(-abs(z)))
                    out[j, i] = total / x.size
            return out

        @numba.njit(fastmath=True)
        def products(a: Array, u: Array) -> Array:
            """a (W, n) and u (B, n): log of the product of 1 + a u, sixteen factors at a time."""
            out = np.empty((len(u), len(a)))
            for j in range(len(u)):
                for i in range(len(a)):
                    total, factor = 0.0, 1.0
                    for k in range(a.shape[1]):
                        factor *= 1.0 + a[i, k] * u[j, k]
                        if k % 16 == 15:
                            total += np.log(factor)
                            factor = 1.0
                    out[j, i] = (total + np.log(factor)) / a.shape[1]
            return out

        def numba_bce(data: Dataset) -> Array:
            return fused(GRID.x, GRID.y, data.x, 2 * data.y - 1)

        def numba_products(data: Dataset) -> Array:
            s = 2 * data.y - 1
            a, u = np.exp(-np.multiply.outer(GRID.x, s * data.x)), np.exp(-np.multiply.outer(GRID.y, s))
            return products(a, u)

        bar = 30 if wide_simd() else 13
        rows.append(against("logistic n = 200 v numba", loss, numba_bce, bar, bar / 3))
        rows.append(against("logistic n = 200 v numba, products of samples", loss, numba_products, 1.2, 0.4))
    return rows


network = LANDSCAPES["tiny network"]
NETWORK_GRID = Grid(*network.view, 100, 100)


def network_point_by_point() -> None:
    """The mean squared error of v tanh(w x) at every fiftieth point of the grid, one at a time."""
    for w, v in NETWORK_GRID.points.reshape(-1, 2)[::50]:
        np.mean((v * np.tanh(w * network.dataset.x) - network.dataset.y) ** 2)


CROWD = classes(10_000)
FINE, COARSE = Grid((-5, 5), (-5, 5), 400, 400), Grid((-5, 5), (-5, 5), 20, 20)


def crowd_row(loss: LinearLoss, target: float, floor: float) -> Row:
    """The picture of 10,000 samples against the definition at every 400th point."""
    name = f"{loss.name} n = 10,000, 400 x 400 v definition"
    return Row(name, surface(loss, FINE), lambda: loss.value(COARSE.points), target, floor, 400)


def crowd_error(loss: LinearLoss) -> float:
    """The largest relative difference from the definition."""
    return float(np.abs(evaluate(loss, COARSE).values / loss.value(COARSE.points) - 1).max())


some, many = LogisticLoss(classes(200)), LogisticLoss(classes(1000))
repeated = classes(5000, nodes=56)

# The targets are about half of the lowest ratio that was measured.
ROWS: list[Row | Limit] = [
    against("squared error n = 100 v broadcast", MeanSquaredError(line(100)), broadcast_mse, 80, 26),
    against("absolute error n = 1000 v broadcast", MeanAbsoluteError(line(1000)), broadcast_mae, 28, 9),
    against("logistic n = 200 v broadcast", some, broadcast_bce, 50 if wide_simd() else 12, 4),
    against("logistic n = 200 v in-place loop", some, looped_bce, 8, 2.7),
    against("logistic n = 1000 v in-place loop", many, looped_bce, 8, 2.7),
    *optional_rows(some),
    Row(
        "logistic 5000 samples, 56 different v all different",
        surface(LogisticLoss(repeated)),
        surface(LogisticLoss(jittered(repeated))),
        target=4,
        floor_quick=1.5,
    ),
    against("sigmoid squared n = 200 v broadcast", SigmoidSquaredError(some.dataset), broadcast_sigmoid_mse, 4, 3),
    crowd_row(LogisticLoss(CROWD), 150, 50),
    crowd_row(SigmoidSquaredError(CROWD), 90, 30),
    landscape_row("rastrigin", 4, 1.4),
    landscape_row("tiny network", 1.4, 0.7),
    Row("tiny network v a loop over points", surface(network, NETWORK_GRID), network_point_by_point, 40, 13, 50),
    Limit("squared error, relative error, x near 1e6", lambda: mse_error(1e6, 0), 1e-14),
    Limit("squared error, relative error, y near 1e8", lambda: mse_error(0, 1e8), 1e-14),
    Limit("logistic, relative error, overlapping", lambda: bce_error("overlapping"), 1e-13),
    Limit("logistic, relative error, losses to 1e-61", lambda: bce_error("separable, down to 1e-61"), 1e-13),
    Limit("sigmoid squared n = 10,000, relative error", lambda: crowd_error(SigmoidSquaredError(CROWD)), 1e-13),
    Limit("logistic n = 10,000, peak bytes", lambda: peak_of(surface(LogisticLoss(classes(10_000)))), 24e6),
]
