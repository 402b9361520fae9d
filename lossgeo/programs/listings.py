"""Losses and methods as source code to read; `script` puts it into the programs.

The formulas are those of `losses` and `descent.methods`, written for one start and without input checks.
tests/test_script.py runs the code and compares every number.
"""

from __future__ import annotations

from typing import NamedTuple

from lossgeo.linear_loss import LinearLoss
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError


class Linear(NamedTuple):
    """The source code of a loss of the score z = w x + b, for single samples, with descriptions in words."""

    words: str
    value: str
    slope: tuple[str, ...]
    curvature: str
    in_words: str  # describes the slope
    side: bool = False  # whether the code uses the sign of the class


SIGMOID = '''\
def sigmoid(z):
    """1 / (1 + e^-z), written so that nothing overflows and both tails keep their digits."""
    return np.exp(-np.logaddexp(0, -z))'''

LINEAR: dict[type[LinearLoss], Linear] = {
    MeanSquaredError: Linear(
        "mean of (z - y)^2", "(z - y) ** 2", ("d = 2 * (z - y)",), "np.full_like(x, 2)", "2 (z - y)"
    ),
    MeanAbsoluteError: Linear(
        "mean of |z - y|", "np.abs(z - y)", ("d = np.sign(z - y)",), "np.zeros_like(x)", "the sign of z - y"
    ),
    LogisticLoss: Linear(
        "mean of log(1 + e^z) - y z",
        "np.logaddexp(0, side * z)",
        ("d = side * sigmoid(side * z)  # sigmoid(z) - y, without cancellation",),
        "sigmoid(z) * sigmoid(-z)",
        "sigmoid(z) - y",
        side=True,
    ),
    SigmoidSquaredError: Linear(
        "mean of (sigmoid(z) - y)^2",
        "sigmoid(side * z) ** 2",
        ("e = sigmoid(side * z)  # |sigmoid(z) - y|", "d = 2 * side * e**2 * sigmoid(-side * z)"),
        "2 * e**2 * sigmoid(-side * z) * (2 - 3 * e)",
        "2 (q - y) q (1 - q), q = sigmoid(z)",
        side=True,
    ),
}

SCHEDULE = {
    "1/t": "ETA / t  # Robbins and Monro 1951",
    "step": "ETA * 0.5 ** (4 * (t - 1) // STEPS)  # halved after each quarter of the run",
    "cosine": "ETA * (0.5 + 0.5 * np.cos(np.pi * (t - 1) / STEPS))  # Loshchilov and Hutter 2017",
}

# The steps of sgd, for two methods.
BATCHES = """\
    batches = -(-len(x) // size)  # in an epoch; the last may be smaller
    for t in range(1, STEPS + 1):
        epoch, i = (t, 0) if fresh else divmod(t - 1, batches)
        if i == 0:  # a new epoch: shuffle the samples; if fresh, at each step
            order = np.random.default_rng([{seed}, epoch]).permutation(len(x))
        batch = order[i * size : (i + 1) * size]
        p = p - {eta} * gradient(p, x[batch], y[batch])
"""
# Each method is a generator of its points. {eta} is the learning rate of step t, {own} Newton's; the rest are settings.
METHODS = {
    "gradient descent": '''\
def gradient_descent(p):
    """p <- p - eta g(p).  Cauchy 1847."""
    for t in range(1, STEPS + 1):
        p = p - {eta} * gradient(p)
        yield p''',
    "sgd": '''\
def sgd(p, size={batch_size}, fresh={fresh}):
    """p <- p - eta g_B(p), g_B the mean gradient of a mini-batch B.  Robbins and Monro 1951."""
'''
    + BATCHES
    + """\
        yield p""",
    "averaged sgd": '''\
def averaged_sgd(p, size={batch_size}, fresh={fresh}):
    """The mean of the points of sgd so far.  Ruppert 1988; Polyak and Juditsky 1992."""
    mean = p
'''
    + BATCHES
    + """\
        mean = mean + (p - mean) / t
        yield mean""",
    "momentum": '''\
def momentum(p, beta={momentum}):
    """Heavy ball: p <- p - eta g(p) + beta (p - p_before).  Polyak 1964."""
    before = p
    for t in range(1, STEPS + 1):
        p, before = p - {eta} * gradient(p) + beta * (p - before), p
        yield p''',
    "nesterov": '''\
def nesterov(p, beta={momentum}):
    """v = p + beta (p - p_before), p <- v - eta g(v).  Nesterov 1983."""
    before = p
    for t in range(1, STEPS + 1):
        # Where momentum would carry p. PyTorch and optax report this point in place of p.
        ahead = p + beta * (p - before)
        p, before = ahead - {eta} * gradient(ahead), p
        yield p''',
    "accelerated": '''\
def accelerated(p):
    """v = p + (t - 2)/(t + 1) (p - p_before), p <- v - eta g(v).  Beck and Teboulle 2009."""
    before = p
    for t in range(1, STEPS + 1):
        ahead = p + max(t - 2, 0) / (t + 1) * (p - before)
        p, before = ahead - {eta} * gradient(ahead), p
        yield p''',
    "adagrad": '''\
def adagrad(p, epsilon={epsilon}):
    """G <- G + g^2, p <- p - eta g / (sqrt G + epsilon).  Duchi, Hazan and Singer 2011."""
    G = np.zeros(2)
    for t in range(1, STEPS + 1):
        g = gradient(p)
        G = G + g**2
        p = p - {eta} * g / (np.sqrt(G) + epsilon)
        yield p''',
    "rmsprop": '''\
def rmsprop(p, rho={decay}, epsilon={epsilon}):
    """p <- p - eta g / (sqrt v + epsilon), v a running mean of g^2.  Tieleman and Hinton 2012."""
    v = np.zeros(2)
    for t in range(1, STEPS + 1):
        g = gradient(p)
        v = rho * v + (1 - rho) * g**2
        p = p - {eta} * g / (np.sqrt(v) + epsilon)
        yield p''',
    "adam": '''\
def adam(p, beta1={beta1}, beta2={beta2}, epsilon={epsilon}):
    """p <- p - eta m' / (sqrt v' + epsilon), m' and v' running means.  Kingma and Ba 2015."""
    m = v = np.zeros(2)
    for t in range(1, STEPS + 1):
        g = gradient(p)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)  # undo the start at 0
        p = p - {eta} * m_hat / (np.sqrt(v_hat) + epsilon)
        yield p''',
    "newton": '''\
def newton(p):
    """p <- p - H(p)^-1 g(p): towards a stationary point, minimum or not.

    pinv is the inverse, and the pseudo-inverse where H is singular.
    """
    for t in range(1, STEPS + 1):
        inverse = np.linalg.pinv(hessian(p), rcond=1e-14, hermitian=True)
        p = p - {own}inverse @ gradient(p)
        yield p''',
    "damped newton": '''\
def damped_newton(p, c={decrease}):
    """p <- p - s d, d = H^-1 g, s halved until f falls enough.  Boyd and Vandenberghe 2004."""
    for t in range(1, STEPS + 1):
        g, s = gradient(p), 1.0
        d = np.linalg.pinv(hessian(p), rcond=1e-14, hermitian=True) @ g
        d = d if g @ d > 0 else g  # where H is not positive
        for trial in range(100):
            if loss(p - s * d) <= loss(p) - c * s * (g @ d):
                break
            s = 0.5 * s
        p = p - s * d
        yield p''',
    "backtracking": '''\
def backtracking(p, c={decrease}, shrink={shrink}, longest={learning_rate}):
    """p <- p - s g, s shrunk until f(p - s g) <= f(p) - c s |g|^2.  Armijo 1966."""
    s = longest
    for t in range(1, STEPS + 1):
        g, first = gradient(p), s
        for trial in range(100):
            if loss(p - s * g) <= loss(p) - c * s * (g @ g):
                break
            s = shrink * s
        p = p - s * g
        if s == first:  # good at once: the next search starts from a longer step
            s = min(s / shrink, longest)
        yield p''',
}
