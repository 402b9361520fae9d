"""Planes through the weights of networks, Hessians, and training.

A plane of the network with tanh 2-16-16-1 is bounded by tanh itself, which takes two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lossgeo import networks
from lossgeo.datasets import Array
from lossgeo.networks import NETWORKS, Network, Plane
from lossgeo.surfaces import Grid, evaluate
from tests.bench.harness import Milliseconds, Row

EVERY = 20  # the loops over points take each twentieth point only


def random_plane(name: str) -> Plane:
    network = NETWORKS[name]
    return networks.random_plane(network, network.initial(0))


def surface(plane: Plane, side: int = 100) -> Callable[[], object]:
    return lambda: evaluate(plane, Grid(*plane.view, side, side))


def one_by_one(plane: Plane) -> Callable[[], object]:
    """The same loss, asked for at one point after the other."""
    some = Grid(*plane.view, 100, 100).points.reshape(-1, 2)[::EVERY]
    return lambda: [plane.value(p) for p in some]


def plain_loop(plane: Plane) -> Callable[[], object]:
    """The formula as one would write it for one weight vector, in a loop over the points."""
    network = plane.network
    phi = np.tanh if network.activation.name == "tanh" else lambda z: np.maximum(z, 0.0)
    some = Grid(*plane.view, 100, 100).points.reshape(-1, 2)[::EVERY]
    x, y = network.inputs, network.labels

    def loss(theta: Array) -> float:
        a = x
        *hidden, last = network.matrices(theta)
        for w in hidden:
            a = phi(a @ w[:, :-1].T + w[:, -1])
        z = a @ last[0, :-1] + last[0, -1]
        return float(np.mean(np.logaddexp(0.0, z) - y * z))

    return lambda: [loss(plane.origin + a * plane.first + b * plane.second) for a, b in some]


def against_loops(name: str, ours: float, plain: float, quick: bool = True) -> list[Row]:
    """A plane of 100 x 100 points against both loops, with the targets for the ratios; `quick`: also in a quick run."""
    plane = random_plane(name)
    return [
        Row(f"plane of {name} v point by point", surface(plane), one_by_one(plane), ours, ours / 3, EVERY, quick),
        Row(f"plane of {name} v a plain loop", surface(plane), plain_loop(plane), plain, plain / 3, EVERY, quick),
    ]


def hessian_column_by_column(network: Network, theta: Array) -> Callable[[], object]:
    return lambda: [network.hessian_vector(theta, e) for e in np.eye(network.size)]


small, deep = NETWORKS["two moons, tanh 2-8-1"], NETWORKS["two moons, tanh 2-16-16-1"]
here = deep.initial(0)

ROWS: list[Row | Milliseconds] = [
    *against_loops("two moons, tanh 2-8-1", 3.5, 2.5),
    *against_loops("spirals, relu 2-16-16-1", 2.7, 1.8),
    *against_loops("two moons, tanh 2-16-16-1", 1.8, 1.4, quick=False),
    Milliseconds("plane of two moons, tanh 2-16-16-1, 100 x 100", surface(random_plane(deep.name)), 500),
    Row(
        "Hessian of 337 weights v column by column",
        lambda: networks.hessian(deep, here),
        hessian_column_by_column(deep, here),
        target=1.6,
        floor_quick=0.8,
    ),
    Row(
        "two largest curvatures of 337 weights v the full spectrum",
        lambda: networks.lanczos(deep, here),
        lambda: networks.curvatures(deep, here),
        target=2.5,
        floor_quick=1,
    ),
    *(Milliseconds(f"training of {name}", lambda net=net: networks.train(net), 1000) for name, net in NETWORKS.items()),
    Milliseconds("edge of stability, training and curvatures", networks.edge_of_stability, 3000),
]
