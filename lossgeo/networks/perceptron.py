"""A multilayer perceptron with two inputs and one output, and the exact derivatives of its loss.

All weights of a network form one vector theta. Layer l is a matrix W_l with one row for each of its units: the
incoming weights of the unit, then its bias. A layer receives a matrix A_l with one column for each sample, whose
last row is 1, so W_l A_l includes the biases:

    A_1 = [inputs; 1],    A_(l+1) = [phi(W_l A_l); 1],    z = W_L A_L

phi is tanh or ReLU, and z are the scores. A skip connection appends the inputs to A_L, so it adds a linear function of
the inputs to the scores. The loss is the logistic loss, the mean over the samples of log(1 + exp(z)) - y z.

Everything is batched: theta has shape (..., size). Large batches are worked through in blocks (see BLOCK).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Indices, Method
from lossgeo.datasets import mean
from lossgeo.descent.methods import Adam
from lossgeo.losses import sigmoid
from lossgeo.networks.data import PlaneData

Vector = TypeVar("Vector", Array, Indices)  # weights, or their indices

BLOCK = 48_000  # numbers in one array of a block: small enough for a cache, large enough to hide the cost of a call


@dataclass(frozen=True)
class Activation:
    """An activation phi: `apply` works in place; the derivatives are functions of the activation a = phi(z) itself.

    `slope(a)` is phi'. `slope_change(a, change)` is the change of phi' to first order if a changes by `change`.
    """

    name: str
    apply: Callable[[Array], object]
    slope: Callable[[Array], Array]
    slope_change: Callable[[Array, Array], Array | float]
    gain: float  # the variance of the initial weights is gain / (number of inputs of the unit)


# The variance of the initial weights follows LeCun, Bottou, Orr and Müller 1998, and He, Zhang, Ren and Sun 2015.
ACTIVATIONS = {
    "tanh": Activation(
        "tanh",
        lambda z: np.tanh(z, out=z),
        slope=lambda a: 1.0 - a * a,
        slope_change=lambda a, change: -2.0 * a * change,
        gain=1.0,
    ),
    "relu": Activation(
        "relu",
        lambda z: np.maximum(z, 0.0, out=z),
        slope=lambda a: (a > 0.0).astype(float),
        slope_change=lambda a, change: 0.0,  # piecewise linear: away from the kink the slope does not change
        gain=2.0,
    ),
}


@dataclass(frozen=True)
class Recipe:
    """How a network is usually trained: a method of `descent`, and the number of steps."""

    method: Method = field(default_factory=lambda: Adam(learning_rate=0.02))
    steps: int = 1000


@dataclass(frozen=True, eq=False)
class Unit:
    """One hidden unit: its layer and its number, from 0, and where its weights stand in theta.

    `incoming` are the indices of its incoming weights with its bias last, `outgoing` those of its outgoing weights.
    """

    layer: int
    number: int
    incoming: Indices
    outgoing: Indices


class Network:
    """A perceptron with the given numbers of hidden units, one or two layers of them, on a data set.

    `activation` is "tanh" or "relu". With `skip` the inputs are also connected to the output directly. Raises
    ValueError for another activation, for no or more than two hidden layers, or for an empty layer.
    """

    def __init__(
        self,
        name: str,
        data: PlaneData,
        hidden: tuple[int, ...],
        activation: str = "tanh",
        skip: bool = False,
        recipe: Recipe | None = None,
    ) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
        if len(hidden) not in (1, 2) or min(hidden) < 1:
            raise ValueError(f"hidden must hold one or two numbers of units, each at least 1; got {hidden}")
        self.name, self.data, self.hidden, self.skip = name, data, hidden, skip
        self.activation, self.recipe = ACTIVATIONS[activation], recipe or Recipe()
        self.inputs, self.labels, self._own = data.inputs, data.labels, _samples(data.inputs)
        self._own.setflags(write=False)
        columns = [units + 1 for units in (2, *hidden)]
        columns[-1] += 2 * skip
        self.shapes = tuple(zip((*hidden, 1), columns, strict=True))  # of the matrices W_l
        ends = np.cumsum([0, *(prod(shape) for shape in self.shapes)]).tolist()
        self.parts = tuple(slice(*both) for both in pairwise(ends))  # where they stand in theta
        self.size = int(ends[-1])

    # --- layout --------------------------------------------------------------------------------------

    def matrices(self, theta: Vector) -> list[Vector]:
        """The matrices W_l of theta (..., size), as views (..., rows, columns): one row for each unit, bias included.

        The columns of the last one are the last hidden units, the bias, and with a skip connection the two inputs.
        """
        return [
            theta[..., part].reshape(*theta.shape[:-1], *shape)
            for part, shape in zip(self.parts, self.shapes, strict=True)
        ]

    def vector(self, matrices: list[Array]) -> Array:
        """The reverse of `matrices`: theta (..., size)."""
        return np.concatenate([W.reshape(*W.shape[:-2], -1) for W in matrices], axis=-1)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All hidden units, layer by layer."""
        where = self._places()
        return tuple(
            Unit(layer, j, where[layer][j], where[layer + 1][:, j])
            for layer, count in enumerate(self.hidden)
            for j in range(count)
        )

    @cached_property
    def filters(self) -> tuple[Indices, ...]:
        """The indices of the weights into each unit, hidden or output, without its bias. Skip weights stand apart."""
        found = []
        for W, before in zip(self._places(), (2, *self.hidden), strict=True):
            found += [row[:before] for row in W] + [row[before + 1 :] for row in W if len(row) > before + 1]
        return tuple(found)

    def _places(self) -> tuple[Indices, ...]:
        """Where each entry of the matrices stands in theta. Read-only, because every session shares the network."""
        index = np.arange(self.size)
        index.setflags(write=False)
        return tuple(self.matrices(index))

    def initial(self, seed: int) -> Array:
        """Random weights (size,): normal, with variance gain / inputs for each unit, and biases 0."""
        theta, random = np.zeros(self.size), np.random.default_rng(seed)
        for indices in self.filters:
            theta[indices] = random.standard_normal(len(indices)) * np.sqrt(self.activation.gain / len(indices))
        return theta

    # --- what the network computes -------------------------------------------------------------------

    def predict(self, theta: ArrayLike, inputs: ArrayLike) -> Array:
        """The probability of label 1 at inputs (m, 2), for weights theta (..., size): shape (..., m)."""
        samples = _samples(np.asarray(inputs, float))
        return self._blocks(samples, lambda t: sigmoid(self._forward(self.matrices(t), samples)[1][:, 0]), theta)

    def loss(self, theta: ArrayLike) -> Array:
        """The logistic loss at theta (..., size): shape (...)."""
        return self._blocks(self._own, self._loss, theta)

    def gradient(self, theta: ArrayLike) -> Array:
        """The gradient of the loss at theta (..., size): shape (..., size). At a kink of ReLU its slope counts as 0."""
        return self.batch_gradient(theta, self.inputs, self.labels)

    def batch_gradient(self, theta: ArrayLike, inputs: Array, labels: Array) -> Array:
        """The gradient of the loss over other samples, inputs (m, 2) and labels (m,): shape (..., size)."""
        samples = _samples(inputs)
        return self._blocks(samples, lambda t: self._gradient(t, samples, labels), theta)

    def hessian_vector(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """The Hessian at theta times v. Both are (..., size) and broadcast; so does the result."""
        return self._blocks(self._own, self._hessian_vector, theta, v)

    # --- how: forward, backward, and their derivative along v ------------------------------------------

    def _forward(self, W: list[Array], samples: Array) -> tuple[list[Array], Array]:
        """What each layer receives, A_l (m, columns, n), and the scores z (m, 1, n)."""
        A = [samples]
        for w, count in zip(W[:-1], self.hidden, strict=True):
            a = np.empty((len(w), count + 1, samples.shape[-1]))
            np.matmul(w, A[-1], out=a[:, :count])
            self.activation.apply(a[:, :count])
            a[:, count] = 1.0
            A.append(a)
        if self.skip:
            inputs = np.broadcast_to(samples[:2], (len(a), 2, samples.shape[-1]))
            A[-1] = np.concatenate([a, inputs], axis=1)
        return A, W[-1] @ A[-1]

    def _loss(self, theta: Array) -> Array:
        """With the margin m = (2y - 1) z a sample's loss is log(1 + exp(-m)), here without overflow."""
        z = self._forward(self.matrices(theta), self._own)[1][:, 0]
        margin = (2.0 * self.labels - 1.0) * z
        cost = np.log1p(np.exp(-np.abs(margin)))
        cost -= np.minimum(margin, 0.0)
        return mean(cost)

    def _gradient(self, theta: Array, samples: Array, labels: Array) -> Array:
        """Backpropagation. delta is the derivative of the loss in what a layer computes, W_l A_l.

        Then the derivative in W_l is delta A_l'. The activations before get W_l' delta, which times phi' is the delta
        of the layer before. `count` is the number of rows of A_l that depend on the weights: not the ones, not the
        inputs.
        """
        W = self.matrices(theta)
        A, z = self._forward(W, samples)
        sign = 2.0 * labels - 1.0
        delta = -sign * sigmoid(-sign * z) / len(labels)  # (probability - label) / n, accurate in both tails
        G = []
        for w, a, count in zip(W[::-1], A[::-1], (*self.hidden[::-1], 0), strict=True):
            G.append(delta @ _turned(a))
            delta = self.activation.slope(a[..., :count, :]) * (_turned(w[..., :count]) @ delta)
        return self.vector(G[::-1])

    def _forward_along(self, W: list[Array], V: list[Array], A: list[Array]) -> tuple[list[Array], Array]:
        """R of the forward pass, where Rx is the derivative of x at the weights W along V: RA_l and Rz.

        R(W A) = V A + W RA. The rows of ones and the inputs do not depend on the weights: their R is 0.
        """
        RA = [np.zeros_like(A[0])]
        for w, v, a, after, count in zip(W[:-1], V[:-1], A[:-1], A[1:], self.hidden, strict=True):
            Ra = np.zeros((max(len(w), len(v)), *after.shape[1:]))
            Ra[:, :count] = self.activation.slope(after[:, :count]) * (v @ a + w @ RA[-1])
            RA.append(Ra)
        return RA, V[-1] @ A[-1] + W[-1] @ RA[-1]

    def _hessian_vector(self, theta: Array, v: Array) -> Array:
        """R of the backward pass, by the product rule: the derivative of the gradient along v is the Hessian times v.

        (Pearlmutter 1994.)
        """
        W, V, phi = self.matrices(theta), self.matrices(v), self.activation
        A, z = self._forward(W, self._own)
        RA, Rz = self._forward_along(W, V, A)
        sign, n = 2.0 * self.labels - 1.0, len(self.labels)
        p = sigmoid(-sign * z)
        delta, Rdelta = -sign * p / n, p * sigmoid(sign * z) * Rz / n
        RG = []
        for w, dw, a, Ra, count in zip(W[::-1], V[::-1], A[::-1], RA[::-1], (*self.hidden[::-1], 0), strict=True):
            RG.append(Rdelta @ _turned(a) + delta @ _turned(Ra))
            back = _turned(w[..., :count]) @ delta
            Rback = _turned(dw[..., :count]) @ delta + _turned(w[..., :count]) @ Rdelta
            a, Ra = a[..., :count, :], Ra[..., :count, :]
            delta, Rdelta = phi.slope(a) * back, phi.slope(a) * Rback + phi.slope_change(a, Ra) * back
        return self.vector(RG[::-1])

    def _blocks(self, samples: Array, function: Callable[..., Array], *arrays: ArrayLike) -> Array:
        """`function` of arrays (..., size) that broadcast, a block of vectors at a time. A single vector is not copied.

        The size of a block follows from the number of samples. Raises ValueError for a last axis of another length.
        """
        given = [np.asarray(array, float) for array in arrays]
        for array in given:
            if array.shape[-1:] != (self.size,):
                raise ValueError(f"{self.name} has {self.size} weights, got an array of shape {array.shape}")
        shape = np.broadcast_shapes(*(array.shape[:-1] for array in given))
        step = max(1, BLOCK // (max(self.hidden) * samples.shape[-1]))
        rows = [
            array.reshape(1, -1)
            if array.size == self.size
            else np.broadcast_to(array, (*shape, self.size)).reshape(-1, self.size)
            for array in given
        ]
        blocks = [
            function(*(array if len(array) == 1 else array[i : i + step] for array in rows))
            for i in range(0, max(prod(shape), 1), step)
        ]
        out = np.concatenate(blocks)
        return out.reshape((*shape, *out.shape[1:]))


def _samples(inputs: Array) -> Array:
    """The inputs (n, 2) as the first layer receives them: columns with a 1 below, shape (3, n)."""
    if inputs.ndim != 2 or inputs.shape[1] != 2:
        raise ValueError(f"inputs must have the shape (m, 2), got {inputs.shape}")
    return np.vstack([inputs.T, np.ones(len(inputs))])


def _turned(matrix: Array) -> Array:
    """The transpose of each matrix (..., rows, columns)."""
    return np.swapaxes(matrix, -1, -2)
