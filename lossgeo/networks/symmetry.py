"""Changes of the weights that leave the function of a network unchanged, and the nearest such copy of a solution.

The order of the hidden units of a layer does not matter. tanh is odd, so a unit whose incoming and outgoing weights
all change their signs does the same as before (on both, Bishop 2006, section 5.1.1). ReLU satisfies
relu(c z) = c relu(z) for c > 0, so incoming weights and bias may be multiplied by c and outgoing weights divided by
it (Dinh, Pascanu, Bengio and Bengio 2017).
"""

from __future__ import annotations

from math import factorial, prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.contracts import Array
from lossgeo.networks.perceptron import Network


def permute(network: Network, theta: ArrayLike, layer: int, order: ArrayLike) -> Array:
    """The same function, with the units of the hidden layer (from 0) in another order: theta (..., size).

    Unit j of the result is unit order[j] of theta. Raises ValueError unless `order` is a permutation.
    """
    order = np.asarray(order)
    if not np.array_equal(np.sort(order), np.arange(network.hidden[layer])):
        raise ValueError(f"order must hold each number from 0 to {network.hidden[layer] - 1} once, got {order}")
    W, k = network.matrices(np.array(theta, float)), len(order)
    W[layer][...] = W[layer][..., order, :]
    W[layer + 1][..., :k] = W[layer + 1][..., order]
    return network.vector(W)


def flip(network: Network, theta: ArrayLike, layer: int, signs: ArrayLike) -> Array:
    """The same function of a tanh network, with the signs (units,), 1 or -1, applied to the units of a layer.

    Raises ValueError for a ReLU network, or for other signs.
    """
    signs = np.asarray(signs, float)
    if network.activation.name != "tanh" or not (np.abs(signs) == 1.0).all():
        raise ValueError("flip needs a tanh network and signs that are 1 or -1")
    return _scaled(network, theta, layer, signs)


def rescale(network: Network, theta: ArrayLike, layer: int, factors: ArrayLike) -> Array:
    """The same function of a ReLU network: incoming weights and biases of a layer times `factors`, outgoing divided.

    `factors` is one number > 0 for all units of the layer, or an array (units,). Raises ValueError for a tanh
    network, or for other factors.
    """
    factors = np.asarray(factors, float)
    if network.activation.name != "relu" or not (factors > 0.0).all():
        raise ValueError("rescale needs a ReLU network and factors > 0")
    return _scaled(network, theta, layer, factors)


def _scaled(network: Network, theta: ArrayLike, layer: int, factors: Array) -> Array:
    """theta (..., size), the incoming weights of each unit of a layer times its factor, the outgoing divided by it."""
    W, k = network.matrices(np.array(theta, float)), network.hidden[layer]
    W[layer] *= np.broadcast_to(factors, k)[:, None]
    W[layer + 1][..., :k] /= factors
    return network.vector(W)


def copies(network: Network) -> int:
    """How many weight vectors give the same function by permutations, and for tanh by changes of sign.

    The product over the hidden layers of h!, times 2^h for tanh, h being the number of units, if no two of these
    copies coincide. For one layer of tanh units without skip connection there are no others, provided that no network
    with fewer units has the same function (Sussmann 1992). A ReLU network has infinitely many more, by rescaling.
    """
    signs = 2 if network.activation.name == "tanh" else 1
    return prod(signs**h * factorial(h) for h in network.hidden)


def match(network: Network, a: ArrayLike, b: ArrayLike) -> Array:
    """The copy of b (size,) whose hidden units are matched with those of a (size,): the same function as b, near a.

    Permutations and, for tanh, changes of sign are tried. With one hidden layer the copy is the nearest to a of all
    these. With two, the layers are matched in turn until nothing changes, each time exactly, given the other layer:
    the distance never grows, but a nearer copy may exist (the idea of Ainsworth, Hayase and Srinivasa 2023).
    """
    a, b = np.asarray(a, float), np.array(b, float)
    nearest = np.linalg.norm(a - b)
    while True:
        for layer in range(len(network.hidden)):
            b = _match_layer(network, a, b, layer)
        distance = np.linalg.norm(a - b)
        if len(network.hidden) == 1 or distance >= nearest * (1.0 - 1e-12):
            return b
        nearest = distance


def _match_layer(network: Network, a: Array, b: Array, layer: int) -> Array:
    """b (size,) with the units of one layer ordered, and for tanh their signs chosen, to be nearest to a (size,).

    |a - b|^2 is a constant minus twice the sum of the scalar products of matched units, so this sum is maximised.
    """
    units = [unit for unit in network.units if unit.layer == layer]
    where = np.array([np.concatenate([unit.incoming, unit.outgoing]) for unit in units])
    products = a[where] @ b[where].T
    signed = network.activation.name == "tanh"
    order = assignment(-np.abs(products) if signed else -products)
    b = permute(network, b, layer, order)
    if signed:
        b = flip(network, b, layer, np.where(products[np.arange(len(order)), order] < 0.0, -1.0, 1.0))
    return b


def assignment(cost: ArrayLike) -> NDArray[np.intp]:
    """The column of each row, all different, for which the sum of the costs (n, n) is least: shape (n,). Exact, O(n^3).

    Rows are added one at a time. The cheapest chain of reassignments that frees a column for the new row is a shortest
    path, found by Dijkstra's method; the potentials u and v of rows and columns keep all reduced costs
    cost - u - v >= 0 (Kuhn 1955; in this form Jonker and Volgenant 1987).
    """
    cost = np.asarray(cost, float)
    n = len(cost)
    u, v, row_of = np.zeros(n), np.zeros(n), np.full(n, -1)
    for new in range(n):
        distance, before, reached = np.full(n, np.inf), np.full(n, -1), np.zeros(n, bool)
        row, column, so_far = new, -1, 0.0
        while row >= 0:
            through = so_far + cost[row] - u[row] - v
            shorter = ~reached & (through < distance)
            distance[shorter], before[shorter] = through[shorter], column
            column = int(np.argmin(np.where(reached, np.inf, distance)))
            so_far, row = float(distance[column]), int(row_of[column])
            reached[column] = True
        gain = np.where(reached, so_far - distance, 0.0)
        v -= gain
        taken = reached & (row_of >= 0)
        u[row_of[taken]] += gain[taken]
        u[new] += so_far
        while column >= 0:  # along the path, each column passes to the row of the column before it
            previous = int(before[column])
            row_of[column] = row_of[previous] if previous >= 0 else new
            column = previous
    return np.argsort(row_of)
