"""The formulas of a small network, as expressions that the browser evaluates at the pointer.

Streamlit has these expressions interpreted, not compiled, so each operation counts. With H hidden units a score takes
the numbers of `weights`, which are computed once a move: for each unit j the numbers k3j, k3j+1, k3j+2 and uj, and c.

    tanh   z = sum of uj / (1 + exp(k3j x + k3j+1 y + k3j+2)) + c,   as v tanh(s) = 2v / (1 + exp(-2s)) - v
    relu   z = sum of uj max(0, k3j x + k3j+1 y + k3j+2) + c

and with a skip connection cx x + cy y. In the vector of all weights the three incoming weights of each unit come first
(bias last), then the H outgoing weights, the bias of the output, and the two weights of a skip connection.
tests/test_browser_formulas.py compares the scores with those of `networks`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lossgeo.contracts import Array
from lossgeo.networks import Network


@dataclass(frozen=True)
class NetworkShape:
    """What the formulas of a network depend on."""

    hidden: tuple[int, ...]
    activation: str
    skip: bool

    @property
    def live(self) -> bool:
        """Whether it is small enough for the browser to compute it at the pointer: with one hidden layer."""
        return len(self.hidden) == 1


def shape_of(network: Network) -> NetworkShape:
    """The shape of a network."""
    return NetworkShape(network.hidden, network.activation.name, network.skip)


COLUMNS = ("O", "D", "F")  # of the data set `weights`


def sent(shape: NetworkShape, theta: Array) -> Array:
    """What the formulas take of the weights theta (..., size), by linear steps: for tanh -2s, 2v, and b less all v."""
    out, H = theta.copy(), shape.hidden[0]
    if shape.activation == "tanh":
        out[..., : 3 * H] *= -2.0
        out[..., 3 * H : 4 * H] *= 2.0
        out[..., 4 * H] -= theta[..., 3 * H : 4 * H].sum(axis=-1)
    return out


def weights(shape: NetworkShape, w: str = "w", b: str = "b") -> dict[str, str]:
    """The numbers that `score` needs at the point (w, b) of the plane, by name.

    The arrays O, D and F are the columns of the data set `weights`: what is `sent` of the origin of the plane and of
    its two directions.
    """
    H = shape.hidden[0]

    def at(i: int) -> str:
        return f"O[{i}]+{w}*D[{i}]+{b}*F[{i}]"

    found = {f"k{i}": at(i) for i in range(3 * H)} | {f"u{j}": at(3 * H + j) for j in range(H)}
    found["c"] = at(4 * H)
    if shape.skip:
        found |= {"cx": at(4 * H + 1), "cy": at(4 * H + 2)}
    return found


def weights_of_runs(shape: NetworkShape) -> dict[str, str]:
    """The same for rows with a point (w, b), in one array K."""
    return {"K": f"[{','.join(weights(shape, 'datum.w', 'datum.b').values())}]"}


def score(shape: NetworkShape, runs: bool = False) -> str:
    """The score at the inputs datum.x and datum.y, from the numbers of `weights` or of `weights_of_runs`."""
    H, x, y = shape.hidden[0], "datum.x", "datum.y"
    names = list(weights(shape))
    k = [f"datum.K[{i}]" for i in range(len(names))] if runs else names
    sums = [f"{k[3 * j]}*{x}+{k[3 * j + 1]}*{y}+{k[3 * j + 2]}" for j in range(H)]
    term = "{u}/(1+exp({s}))" if shape.activation == "tanh" else "{u}*max(0,{s})"
    terms = [term.format(u=u, s=s) for u, s in zip(k[3 * H :], sums, strict=False)] + [k[4 * H]]
    return "+".join([*terms, *([f"{k[4 * H + 1]}*{x}", f"{k[4 * H + 2]}*{y}"] if shape.skip else [])])


def model(shape: NetworkShape) -> list[dict[str, str]]:
    """Transforms that add to each sample (x, y, class c) its score z and its loss `each`.

    log(1 + exp(m)) with the margin m turned so that nothing overflows, as in `networks.perceptron`.
    """
    return [
        {"z": score(shape)},
        {"m": "(1-2*datum.c)*datum.z", "e": "exp(-abs(datum.z))"},
        {"each": "max(datum.m,0)+(datum.e<1e-8?datum.e:log(1+datum.e))"},
    ]
