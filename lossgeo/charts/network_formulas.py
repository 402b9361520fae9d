"""The formulas of a small network, as expressions that the browser evaluates at the pointer.

The weights are data: `weights` has a row for each weight, with its value at the origin of the plane (`o`) and in the
two directions (`d`, `e`). The signal `theta` holds the weights at the pointer (w, b). With H hidden units theta holds,
for each unit, its two incoming weights and its bias; then the H outgoing weights, the bias of the output, and with a
skip connection the two weights of the inputs. tests/test_browser_formulas.py compares all of it with `networks`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lossgeo.networks import Network


@dataclass(frozen=True)
class NetworkShape:
    """What the formulas of a network depend on. `live`: small enough for the browser, which has one hidden layer."""

    hidden: tuple[int, ...]
    activation: str
    skip: bool

    @property
    def live(self) -> bool:
        """Whether the browser computes the network at the pointer."""
        return len(self.hidden) == 1

    @property
    def size(self) -> int:
        """The number of weights of a network with one hidden layer."""
        return 4 * self.hidden[0] + 1 + 2 * self.skip


def shape_of(network: Network) -> NetworkShape:
    """The shape of a network."""
    return NetworkShape(network.hidden, network.activation.name, network.skip)


def weights(w: str, b: str, size: int) -> str:
    """The weights at the point (w, b) of the plane, an array."""
    return "[" + ",".join(f"W[{i}].o+({w})*W[{i}].d+({b})*W[{i}].e" for i in range(size)) + "]"


def direction(field: str, size: int) -> str:
    """One of the two directions, an array: field "d" or "e"."""
    return "[" + ",".join(f"W[{i}].{field}" for i in range(size)) + "]"


def hidden(shape: NetworkShape, theta: str, x: str, y: str) -> str:
    """The activations of the hidden units at the inputs x and y, an array."""
    sums = [f"{theta}[{3 * j}]*{x}+{theta}[{3 * j + 1}]*{y}+{theta}[{3 * j + 2}]" for j in range(shape.hidden[0])]
    phi = "max(0,{})" if shape.activation == "relu" else "2/(1+exp(-2*({})))-1"  # the expressions have no tanh
    return "[" + ",".join(phi.format(z) for z in sums) + "]"


def score(shape: NetworkShape, theta: str, h: str, x: str, y: str) -> str:
    """The score, from the activations h of the hidden units."""
    H = shape.hidden[0]
    terms = [f"{theta}[{3 * H + j}]*{h}[{j}]" for j in range(H)] + [f"{theta}[{4 * H}]"]
    if shape.skip:
        terms += [f"{theta}[{4 * H + 1}]*{x}", f"{theta}[{4 * H + 2}]*{y}"]
    return "+".join(terms)


def score_along(shape: NetworkShape, theta: str, v: str, h: str, x: str, y: str) -> str:
    """The derivative of the score along the direction v, by the chain rule."""
    H = shape.hidden[0]
    slope = "({h}[{j}]>0)" if shape.activation == "relu" else "(1-{h}[{j}]*{h}[{j}])"
    terms = [
        f"{theta}[{3 * H + j}]*{slope.format(h=h, j=j)}*({v}[{3 * j}]*{x}+{v}[{3 * j + 1}]*{y}+{v}[{3 * j + 2}])"
        for j in range(H)
    ]
    return score(shape, v, h, x, y) + "+" + "+".join(terms)


def model(shape: NetworkShape) -> list[dict[str, str]]:
    """Transforms that add to each sample (x, y, class c) its loss `each`, and the derivatives d1 and d2 in the plane.

    log(1 + exp(m)) with the margin m turned so that nothing overflows, as in `networks.perceptron`.
    """
    x, y, h = "datum.x", "datum.y", "datum.h"
    return [
        {"h": hidden(shape, "theta", x, y)},
        {"z": score(shape, "theta", h, x, y), "sign": "1-2*datum.c"},
        {
            "z1": score_along(shape, "theta", "along1", h, x, y),
            "z2": score_along(shape, "theta", "along2", h, x, y),
            "m": "datum.sign*datum.z",
            "e": "exp(-abs(datum.z))",
        },
        {
            "each": "max(datum.m,0)+(datum.e<1e-8?datum.e:log(1+datum.e))",
            "slope": "datum.sign*(datum.m>0?1:datum.e)/(1+datum.e)",
        },
        {"d1": "datum.slope*datum.z1", "d2": "datum.slope*datum.z2"},
    ]
