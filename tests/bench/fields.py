"""Gradients and Hessians at 200 x 200 points."""

from __future__ import annotations

import numpy as np

from lossgeo.datasets import Array, Dataset
from lossgeo.geometry import condition_field
from lossgeo.losses import LogisticLoss, MeanSquaredError, SigmoidSquaredError
from lossgeo.surfaces import gradient_field, hessian_field
from lossgeo.two_by_two import eigenvalues_2x2
from tests.bench.data import GRID, B, W, classes, line
from tests.bench.harness import Row


def broadcast_bce_gradient(data: Dataset) -> Array:
    r = 1 / (1 + np.exp(-(W[..., None] * data.x + B[..., None]))) - data.y
    return np.stack([np.mean(r * data.x, axis=-1), np.mean(r, axis=-1)], axis=-1)


def broadcast_bce_hessian(data: Dataset) -> Array:
    p = 1 / (1 + np.exp(-(W[..., None] * data.x + B[..., None])))
    h = p * (1 - p)
    ww, wb, bb = (np.mean(h * factor, axis=-1) for factor in (data.x**2, data.x, 1.0))
    return np.stack([np.stack([ww, wb], axis=-1), np.stack([wb, bb], axis=-1)], axis=-2)


def broadcast_mse_gradient(data: Dataset) -> Array:
    r = W[..., None] * data.x + B[..., None] - data.y
    return np.stack([2 * np.mean(r * data.x, axis=-1), 2 * np.mean(r, axis=-1)], axis=-1)


def broadcast_sigmoid_hessian(data: Dataset) -> Array:
    p = 1 / (1 + np.exp(-(W[..., None] * data.x + B[..., None])))
    h = 2 * p * (1 - p) * (p * (2 - 3 * p) - data.y * (1 - 2 * p))
    ww, wb, bb = (np.mean(h * factor, axis=-1) for factor in (data.x**2, data.x, 1.0))
    return np.stack([np.stack([ww, wb], axis=-1), np.stack([wb, bb], axis=-1)], axis=-2)


squashed, few = SigmoidSquaredError(classes(200)), LogisticLoss(classes(40))
MATRICES = broadcast_bce_hessian(few.dataset)
logistic, squares = LogisticLoss(classes(200)), MeanSquaredError(line(100))

ROWS = [
    Row(
        "logistic gradient n = 200 v broadcast",
        lambda: gradient_field(logistic, GRID),
        lambda: broadcast_bce_gradient(logistic.dataset),
        target=4,
        floor_quick=1.3,
    ),
    Row(
        "logistic Hessian n = 200 v broadcast",
        lambda: hessian_field(logistic, GRID),
        lambda: broadcast_bce_hessian(logistic.dataset),
        target=4,
        floor_quick=1.3,
    ),
    Row(
        "squared error gradient n = 100 v broadcast",
        lambda: gradient_field(squares, GRID),
        lambda: broadcast_mse_gradient(squares.dataset),
        target=25,
        floor_quick=8,
    ),
    Row(
        "sigmoid squared Hessian n = 200 v broadcast",
        lambda: hessian_field(squashed, GRID),
        lambda: broadcast_sigmoid_hessian(squashed.dataset),
        target=4,
        floor_quick=1.3,
    ),
    Row(
        "eigenvalues of 200 x 200 matrices v LAPACK",
        lambda: eigenvalues_2x2(MATRICES),
        lambda: np.linalg.eigvalsh(MATRICES),
        target=5,
        floor_quick=2,
    ),
    Row(
        "map of the logistic condition number, n = 40 v broadcast and LAPACK",
        lambda: condition_field(few, GRID),
        lambda: np.divide(*np.linalg.eigvalsh(broadcast_bce_hessian(few.dataset)).T[::-1]),
        target=4,
        floor_quick=1.5,
    ),
]
