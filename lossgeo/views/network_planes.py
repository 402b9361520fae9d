"""The plane through the weights of a network that the settings of the page select, with what is drawn on it.

All planes are shown in orthonormal coordinates: lengths on the map are lengths between weights, and the gradient of the
plane is the part of the full gradient that lies in it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossgeo import networks
from lossgeo.contracts import Array, Point, Window
from lossgeo.networks import NETWORKS, Network, Plane, Training
from lossgeo.two_by_two import eigenvalues_2x2

PATH, RANDOM, PLAIN = "training path", "random, filter-normalised", "random, not normalised"
THREE, LINE, MATCHED = "three solutions", "two solutions", "two solutions, units matched"
CURVATURE = "two largest curvatures"
PLANES = (PATH, RANDOM, PLAIN, THREE, LINE, MATCHED, CURVATURE)
RESCALED = (RANDOM, PLAIN, CURVATURE)  # the planes on which a ReLU network can be shown with rescaled units
DRAWN = (RANDOM, PLAIN, LINE, MATCHED)  # the planes that depend on random directions
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
SEEDS = 9  # the largest seed offered
NETWORK = "two moons, tanh 2-8-1"  # what the page opens with


@dataclass(frozen=True)
class PlaneSpec:
    """A plane. `seed` is that of the initial weights; further solutions use the seeds after it.

    `draw` is the seed of random directions, `factor` that by which the first hidden layer of a ReLU network is
    rescaled. Both are at their defaults where they have no meaning, so that equal pictures have one key.
    """

    network: str = NETWORK
    kind: str = PATH
    seed: int = 0
    draw: int = 0
    factor: float = 1.0


def spec_of(given: Mapping[str, Any]) -> PlaneSpec:
    """The plane that settings select, given by control name. What cannot be used has its default."""
    name = str(given.get("network"))
    network = name if name in NETWORKS else NETWORK
    kind = str(given.get("plane"))
    kind = kind if kind in PLANES else PATH
    seed, draw = (int(given.get(key, 0)) for key in ("seed", "draw"))
    factor = float(given.get("factor", 1.0)) if can_rescale(network, kind) else 1.0
    return PlaneSpec(network, kind, seed, draw if kind in DRAWN else 0, factor)


def can_rescale(network: str, kind: str) -> bool:
    """Whether the units of this network can be rescaled on this plane."""
    return NETWORKS[network].activation.name == "relu" and kind in RESCALED


@dataclass(frozen=True, eq=False)
class Shown:
    """A plane with what the page needs to know of it.

    path        the training path, projected onto the plane (k, 2), and `away` (k,), how far it is from the plane
    shares      the shares of the variance of the path along the two directions of its own plane; otherwise None
    start       where the methods start at first, rate: a learning rate that suits the plane
    """

    plane: Plane
    training: Training
    path: Array
    away: Array
    shares: tuple[float, float] | None
    start: Point
    rate: float


@functools.lru_cache(maxsize=64)
def training(network: str, seed: int) -> Training:
    """The usual training of a network from the initial weights of a seed."""
    return networks.train(NETWORKS[network], seed)


@functools.lru_cache(maxsize=64)
def shown(spec: PlaneSpec) -> Shown:
    """The plane of a spec. Training a network takes some 0.1 s."""
    trained, shares = training(spec.network, spec.seed), None
    if spec.kind == PATH:
        found = networks.path_plane(trained)
        plane, shares = found.plane, found.shares
    else:
        plane = _plane(spec, trained).orthonormal
    path = plane.coordinates(trained.path)
    start = _start(spec.kind, plane)
    return Shown(plane, trained, path, plane.distance(trained.path), shares, start, _rate(plane, start))


def _plane(spec: PlaneSpec, trained: Training) -> Plane:
    """Any plane except that of the training path."""
    network, end = trained.network, trained.end
    if spec.kind == THREE:
        ends = {f"seed {s}": training(spec.network, s).end for s in range(spec.seed, spec.seed + 3)}
        return networks.through(network, ends, "plane through three solutions")
    if spec.kind in (LINE, MATCHED):
        other = training(spec.network, spec.seed + 1).end
        other = networks.match(network, end, other) if spec.kind == MATCHED else other
        return networks.plane_of_line(network, end, other, spec.draw)
    if spec.factor == 1.0:
        return _around(spec, network, end)
    moved = networks.rescale(network, end, 0, spec.factor)
    plane = _around(spec, network, moved)
    if spec.kind == RANDOM:
        return plane
    # The same window as before, in lengths between weights: otherwise sharp and flat would look alike.
    before, after = _around(spec, network, end).orthonormal, plane.orthonormal
    return Plane(network, moved, *after.directions, title=after.title, view=before.view, marks=after.marks)


def _around(spec: PlaneSpec, network: Network, theta: Array) -> Plane:
    """A plane through the weights theta (size,): random, or of the largest curvatures."""
    if spec.kind == CURVATURE:
        return networks.curvature_plane(network, theta)
    return networks.random_plane(network, theta, spec.draw, spec.kind == RANDOM)


def _start(kind: str, plane: Plane) -> Point:
    """Where the methods start: at the start of the training, between solutions, or aside of the middle."""
    if kind == PATH:
        start = plane.marks["start"]
    elif kind in (THREE, LINE, MATCHED):
        (a0, a1), (b0, b1) = plane.view
        start = (a0 + a1) / 2, (b0 + b1) / 2 + 0.15 * (b1 - b0)
    else:
        start = 0.6 * plane.view[0][1], 0.45 * plane.view[1][1]
    return float(f"{start[0]:.3g}"), float(f"{start[1]:.3g}")


def _rate(plane: Plane, start: Point) -> float:
    """A learning rate that suits the plane and the true descent: half of 1/L, to one digit.

    L is the largest absolute curvature in the plane on a grid of 7 x 7 points, and of the whole loss at the start.
    """
    some = np.stack(np.meshgrid(*(np.linspace(low, high, 7) for low, high in plane.view)), axis=-1)
    inside = float(np.abs(eigenvalues_2x2(plane.hessian(some))).max())
    whole = float(networks.lanczos(plane.network, plane.theta(start), 1)[0][0])
    return float(f"{0.5 / max(inside, whole, 1e-3):.1g}")


def settings_of(given: Mapping[str, Any]) -> dict[str, float]:
    """Start, learning rate and second learning rate of the plane that settings select, by control name."""
    found = shown(spec_of(given))
    return {"a0": found.start[0], "b0": found.start[1], "lr": found.rate, "ab_lr": 2 * found.rate}


def data_window(network: Network) -> Window:
    """The window of the two features that holds all samples, with a margin."""
    low, high = network.inputs.min(axis=0), network.inputs.max(axis=0)
    margin = 0.08 * (high - low)
    first, second = zip((low - margin).tolist(), (high + margin).tolist(), strict=True)
    return first, second
