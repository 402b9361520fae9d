"""Training a network with the methods of `lossgeo.descent`, with a bounded number of points of the path kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.contracts import Array, DataLoss, Dataset, Loss, Method
from lossgeo.networks.perceptron import Network

KEPT = 201  # points of a path that are kept at most: every tenth step of 2000, with both ends


@DataLoss.register
class AllWeights:
    """The loss of a network over all its weights, with what the methods of `descent` ask of a loss.

    They only add, multiply and compare along the last axis, so they run on points (..., size) as well as on points
    (..., 2). Newton's method does not: it inverts 2 x 2 matrices. This class is registered as a DataLoss, so that sgd
    draws its batches from it; the facts that a DataLoss declares about its surface are not known here.
    """

    def __init__(self, network: Network) -> None:
        self.network, self.name, self.design = network, network.name, network.inputs
        data = network.data
        self.dataset = Dataset(data.inputs[:, 0], data.labels, data.name, data.source)

    def value(self, theta: Array) -> Array:
        """The loss at theta (..., size): shape (...)."""
        return self.network.loss(theta)

    def gradient(self, theta: Array) -> Array:
        """The gradient at theta (..., size): shape (..., size)."""
        return self.network.gradient(theta)

    def batch_gradient(self, theta: Array, rows: Array, labels: Array) -> Array:
        """The gradient over the samples with inputs `rows` (m, 2): shape (..., size)."""
        return self.network.batch_gradient(theta, rows, labels)


@dataclass(frozen=True, eq=False)
class Training:
    """A training run: the weights (k, size) that were kept, and the step (k,) and the loss (k,) of each of them.

    The first is the start, the last the end. Kept are evenly spaced steps, at most KEPT. If the weights or the loss
    stopped being finite numbers, the last finite ones are the end, and `finite` is False.
    """

    network: Network
    method: Method
    path: Array
    steps: NDArray[np.int64]
    losses: Array
    finite: bool

    @property
    def start(self) -> Array:
        """The weights (size,) before the first step."""
        first: Array = self.path[0]
        return first

    @property
    def end(self) -> Array:
        """The weights (size,) after the last step."""
        last: Array = self.path[-1]
        return last


def train(
    network: Network,
    seed: int = 0,
    method: Method | None = None,
    steps: int | None = None,
    start: ArrayLike | None = None,
) -> Training:
    """Train from the initial weights of the seed, or from `start` (size,). Method and steps default to the recipe's.

    Equal arguments give equal runs. Raises ValueError for Newton's method, for steps < 0, or for a start that is not
    `size` finite numbers at which the loss is finite.
    """
    method, steps = method or network.recipe.method, network.recipe.steps if steps is None else steps
    if method.second_order:
        raise ValueError(f"{method.name} inverts 2 x 2 matrices: train a network with another method")
    if steps < 0:
        raise ValueError(f"steps must be >= 0, got {steps}")
    theta = network.initial(seed) if start is None else np.array(start, float)
    if theta.shape != (network.size,) or not np.isfinite(theta).all():
        raise ValueError(f"start must be {network.size} finite numbers, got shape {theta.shape}")
    with np.errstate(all="ignore"):
        path, kept = _descend(replace(method, horizon=max(steps, 1)), network, theta, steps)
        losses = network.loss(path)
    finite = np.isfinite(losses) & np.isfinite(path).all(axis=1)
    if not finite[0]:
        raise ValueError("the loss is not finite at the start: choose smaller weights")
    if not finite.all():
        first_bad = int(np.argmin(finite))
        path, kept, losses = path[:first_bad], kept[:first_bad], losses[:first_bad]
    for array in (path, kept, losses):
        array.setflags(write=False)
    return Training(network, method, path, kept, losses, bool(finite.all()))


def _descend(method: Method, network: Network, theta: Array, steps: int) -> tuple[Array, NDArray[np.int64]]:
    """The weights kept (k, size) and their steps (k,). A run that is no longer finite stops at the next of them."""
    loss = cast(Loss, AllWeights(network))  # a Loss has two parameters; the methods do not count them
    kept = np.unique(np.linspace(0, steps, KEPT).round().astype(np.int64))
    path, done = [theta], 0
    state = method.init(loss, theta)
    for stop in kept[1:].tolist():
        for t in range(done + 1, stop + 1):
            theta, state = method.step(loss, theta, state, t)
        path.append(theta)
        done = stop
        if not np.isfinite(theta).all():
            break
    return np.array(path), kept[: len(path)]
