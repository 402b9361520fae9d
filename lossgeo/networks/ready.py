"""Ready-made networks, and examples whose seeds are fixed because they show something: each is tested to show it.

What they show was observed in these examples. It is no theorem about others.
"""

from __future__ import annotations

from dataclasses import dataclass

from lossgeo.descent.methods import Adam, GradientDescent
from lossgeo.networks.data import circles, iris, penguins, spirals, two_moons
from lossgeo.networks.directions import plane_of_line
from lossgeo.networks.perceptron import Network, Recipe
from lossgeo.networks.planes import Plane
from lossgeo.networks.spectra import Sharpness, sharpness
from lossgeo.networks.symmetry import match
from lossgeo.networks.training import Training, train

NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network("two moons, tanh 2-8-1", two_moons(), (8,), "tanh"),
        Network("two moons, tanh 2-16-16-1", two_moons(), (16, 16), "tanh"),
        Network("spirals, relu 2-16-16-1", spirals(), (16, 16), "relu", recipe=Recipe(Adam(learning_rate=0.01))),
        Network("circles, relu 2-8-1", circles(), (8,), "relu"),
        Network("iris, tanh 2-5-1", iris(), (5,), "tanh"),
        Network("penguins, relu 2-8-1 with skip", penguins(), (8,), "relu", skip=True),
    )
}


@dataclass(frozen=True, eq=False)
class Pair:
    """Two planes through the same weights, those of `a`: what one shows says little about the other.

    `barrier` holds the line from a to b, `valley` the line from a to a copy of b with matched units. b and its copy
    are the same function. In both planes a is at (0, 0), b or its copy at the mark "b".
    """

    barrier: Plane
    valley: Plane


def valley_and_barrier() -> Pair:
    """Two solutions of "two moons, tanh 2-8-1", trained from the seeds 1 and 2."""
    network = NETWORKS["two moons, tanh 2-8-1"]
    a, b = (train(network, seed).end for seed in (1, 2))
    return Pair(plane_of_line(network, a, b), plane_of_line(network, a, match(network, a, b)))


def edge_of_stability() -> tuple[Training, Sharpness]:
    """Gradient descent with all data on "two moons, tanh 2-16-16-1", and its largest curvature over the steps.

    The curvature rises to the limit 2 / learning rate and stays near it, while the loss goes on falling, not at every
    step. Observed by Cohen, Kaur, Li, Kolter and Talwalkar (2021) in many networks.
    """
    network = NETWORKS["two moons, tanh 2-16-16-1"]
    training = train(network, 2, GradientDescent(learning_rate=0.4), steps=2000)
    return training, sharpness(training)
