"""A plane through the weights of a network as a part of the program under *Code*: its data, its loss, its gradient."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from lossgeo.contracts import Array
from lossgeo.networks import Plane

Listed = Callable[[str, Array], str]  # the source code of an array under a name

PHI = {"tanh": ("np.tanh(s)", "1 - a**2"), "relu": ("np.maximum(s, 0)", "(a > 0) * 1.0")}


def data(plane: Plane, listed: Listed) -> str:
    """The code of the samples: two standardised features and the class."""
    samples = plane.network.data
    about = f"{samples.name}: {samples.features[0]} and {samples.features[1]}, standardised. {samples.source}"
    lines = [f"# {line}" for line in textwrap.wrap(about, 98)]
    lines += [listed("x1", samples.inputs[:, 0]), listed("x2", samples.inputs[:, 1]), listed("y", samples.labels)]
    return "\n".join([*lines, "X = np.stack([x1, x2, np.ones_like(x1)])"])


def loss(plane: Plane, listed: Listed, second: bool) -> str:
    """The code of the full loss, of its gradient by backpropagation, and of both on the plane."""
    network = plane.network
    phi, slope = PHI[network.activation.name]
    shapes = ", ".join(f"({rows}, {columns})" for rows, columns in network.shapes)
    skip = "\n        if len(A) == len(W) - 1:\n            a = np.vstack([a, X[:2]])  # the skip connection"
    parts = [
        f"SHAPES = [{shapes}]  # of the matrices of the layers, biases in their columns\n"
        f"HIDDEN = [2, {', '.join(map(str, network.hidden))}]  # the rows of the inputs of each layer before its bias",
        "\n".join(
            listed(name, v) for name, v in (("origin", plane.origin), ("first", plane.first), ("second", plane.second))
        ),
        f'''\
def layers(theta):
    """The matrices W of all weights theta, and what each layer receives, A."""
    ends = np.cumsum([rows * columns for rows, columns in SHAPES])[:-1]
    W = [part.reshape(shape) for part, shape in zip(np.split(theta, ends), SHAPES)]
    A = [X]
    for w in W[:-1]:
        s = w @ A[-1]
        a = np.vstack([{phi}, np.ones(len(y))])
        A.append(a)
    return W, A''',
        '''\
def full_loss(theta):
    """The mean of log(1 + exp(z)) - y z, z being the scores."""
    W, A = layers(theta)
    z = (W[-1] @ A[-1])[0]
    return np.mean(np.logaddexp(0, z) - y * z)''',
        f'''\
def full_gradient(theta):
    """Backpropagation: delta is the derivative of the loss in what a layer computes."""
    W, A = layers(theta)
    z = W[-1] @ A[-1]
    delta = (0.5 * (1 + np.tanh(z / 2)) - y) / len(y)  # (probability - y) / n
    parts = []
    for w, a, units in zip(W[::-1], A[::-1], HIDDEN[::-1]):
        parts.append((delta @ a.T).ravel())
        a = a[:units]
        delta = ({slope}) * (w[:, :units].T @ delta)
    return np.concatenate(parts[::-1])''',
        '''\
def loss(p):
    """The full loss at origin + a first + b second, for one point or for a whole grid."""
    a, b = p
    points = zip(np.ravel(a), np.ravel(b))
    return np.reshape([full_loss(origin + s * first + t * second) for s, t in points], np.shape(a))''',
        '''\
def gradient(p):
    """What the plane shows of the full gradient."""
    g = full_gradient(origin + p[0] * first + p[1] * second)
    return np.array([g @ first, g @ second])''',
    ]
    if network.skip:
        parts[2] = parts[2].replace("\n        A.append(a)", f"{skip}\n        A.append(a)")
    if second:
        parts.append(
            '''\
def hessian(p, h=1e-5):
    """Central differences of the gradient; the page computes it without an error."""
    columns = [(gradient(p + h * e) - gradient(p - h * e)) / (2 * h) for e in np.eye(2)]
    return (np.array(columns) + np.array(columns).T) / 2'''
        )
    return "\n\n\n".join(parts)
