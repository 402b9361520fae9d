"""Descent: every method against its formula in plain floats, theorems, fixtures, honest endings.

Step counts and values of the fixtures were worked out with NumPy 2.4 in double precision, apart
from this package; where a count is asked for, it is the number of updates applied when
max|p - minimiser| < 1e-6 first holds.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import newton
from scipy.optimize._linesearch import line_search_armijo

from lossgeo import geometry
from lossgeo.datasets import (
    Dataset,
    cars,
    challenger,
    chapter_line,
    margin_four,
    overlapping_six,
    same_x,
    separable_four,
    standardise,
    touching,
)
from lossgeo.descent import OPTIMIZERS, SCHEDULES, run, run_many, sweep
from lossgeo.descent.many import DIVERGED, MAXIMUM, MINIMUM, SADDLE, UNSETTLED
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES, LogisticLoss, MeanAbsoluteError, MeanSquaredError
from lossgeo.two_by_two import inverse

GD = OPTIMIZERS["gradient descent"]
WITHOUT_DATA = [name for name, method in OPTIMIZERS.items() if not method.needs_data]
BOWL = LANDSCAPES["bowl"]  # (x^2 + 10 y^2) / 2
CHAPTER = MeanSquaredError(chapter_line())


class Curve:
    """A function of one parameter w; the second one is idle. Enough of a loss to take steps on."""

    name = "curve"

    def __init__(self, f, df, d2f=None):
        self.f, self.df, self.d2f = f, df, d2f

    def value(self, p):
        return self.f(np.asarray(p, float)[..., 0])

    def gradient(self, p):
        w = np.asarray(p, float)[..., 0]
        return np.stack([self.df(w), np.zeros_like(w)], axis=-1)


def path(method, loss, start, steps):
    """Every point of exactly so many steps."""
    p = np.array(start, float)
    state, points = method.init(loss, p), [p]
    for t in range(1, steps + 1):
        p, state = method.step(loss, p, state, t)
        points.append(p)
    return np.array(points)


def end(method, loss, start, steps):
    p = np.array(start, float)
    state = method.init(loss, p)
    for t in range(1, steps + 1):
        p, state = method.step(loss, p, state, t)
    return p


def steps_to(points, minimiser, tolerance=1e-6):
    near = np.abs(points - minimiser).max(axis=-1) < tolerance
    return int(np.argmax(near)) if near.any() else None


# --- every method against its formula, in plain Python floats ------------------------------------


def rosenbrock(x, y):
    """Value, gradient and Hessian entries, worked by hand."""
    return (
        (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
        (2 - 400 * y + 1200 * x * x, -400 * x, 200.0),
    )


def plain_gradient_descent(p, eta, steps):
    for _ in range(steps):
        g = rosenbrock(*p)[1]
        p = [w - eta * d for w, d in zip(p, g, strict=True)]
        yield p


def plain_momentum(p, eta, steps, beta=0.8):
    """torch.optim.SGD(momentum=beta): buffer <- beta buffer + g, w <- w - eta buffer.

    Equal to the heavy ball w - eta g + beta (w - w_before) while eta is constant. (Under a schedule
    they differ: ours keeps the old rate inside the last step.)
    """
    buffer = [0.0, 0.0]
    for _ in range(steps):
        g = rosenbrock(*p)[1]
        buffer = [beta * b + d for b, d in zip(buffer, g, strict=True)]
        p = [w - eta * b for w, b in zip(p, buffer, strict=True)]
        yield p


def plain_nesterov(p, eta, steps, beta=0.8):
    before = p
    for _ in range(steps):
        ahead = [w + beta * (w - b) for w, b in zip(p, before, strict=True)]
        g = rosenbrock(*ahead)[1]
        before, p = p, [a - eta * d for a, d in zip(ahead, g, strict=True)]
        yield p


def plain_adagrad(p, eta, steps, eps=1e-10):
    """torch.optim.Adagrad with lr_decay 0 and initial accumulator 0."""
    total = [0.0, 0.0]
    for _ in range(steps):
        g = rosenbrock(*p)[1]
        total = [s + d * d for s, d in zip(total, g, strict=True)]
        p = [w - eta * d / (math.sqrt(s) + eps) for w, d, s in zip(p, g, total, strict=True)]
        yield p


def plain_rmsprop(p, eta, steps, alpha=0.9, eps=1e-8):
    """torch.optim.RMSprop, not centred, no momentum. Its default alpha is 0.99, ours 0.9."""
    v = [0.0, 0.0]
    for _ in range(steps):
        g = rosenbrock(*p)[1]
        v = [alpha * s + (1 - alpha) * d * d for s, d in zip(v, g, strict=True)]
        p = [w - eta * d / (math.sqrt(s) + eps) for w, d, s in zip(p, g, v, strict=True)]
        yield p


def plain_adam(p, eta, steps, b1=0.9, b2=0.999, eps=1e-8):
    """torch.optim.Adam: step size eta / (1 - b1^t), denominator sqrt(v) / sqrt(1 - b2^t) + eps."""
    m, v = [0.0, 0.0], [0.0, 0.0]
    for t in range(1, steps + 1):
        g = rosenbrock(*p)[1]
        m = [b1 * a + (1 - b1) * d for a, d in zip(m, g, strict=True)]
        v = [b2 * s + (1 - b2) * d * d for s, d in zip(v, g, strict=True)]
        size = eta / (1 - b1**t)
        root = [math.sqrt(s) / math.sqrt(1 - b2**t) + eps for s in v]
        p = [w - size * a / r for w, a, r in zip(p, m, root, strict=True)]
        yield p


def plain_newton(p, eta, steps):
    for _ in range(steps):
        _, (u, v), (a, c, d) = rosenbrock(*p)
        det = a * d - c * c
        p = [p[0] - eta * (d * u - c * v) / det, p[1] - eta * (a * v - c * u) / det]
        yield p


def plain_backtracking(p, eta, steps, shrink=0.5, c=0.4):
    first = eta
    for _ in range(steps):
        f, g, _ = rosenbrock(*p)
        s, square = first, g[0] ** 2 + g[1] ** 2
        while rosenbrock(p[0] - s * g[0], p[1] - s * g[1])[0] > f - c * s * square:
            s *= shrink
        p = [p[0] - s * g[0], p[1] - s * g[1]]
        first = s if s < first else min(s / shrink, eta)
        yield p


def plain_accelerated(p, eta, steps):
    """FISTA with t_k = (k + 1) / 2, as Beck and Teboulle write it: from x_k and y_k."""
    before, y, t = p, p, 1.0
    for k in range(1, steps + 1):
        g = rosenbrock(*y)[1]
        p = [v - eta * d for v, d in zip(y, g, strict=True)]
        later = (k + 2) / 2
        y = [w + (t - 1) / later * (w - b) for w, b in zip(p, before, strict=True)]
        before, t = p, later
        yield p


def plain_damped_newton(p, eta, steps, c=0.4):
    for _ in range(steps):
        f, (u, v), (a, e, d) = rosenbrock(*p)
        det = a * d - e * e
        x, y = (d * u - e * v) / det, (a * v - e * u) / det
        if x * u + y * v <= 0:
            x, y = u, v
        s = eta
        while rosenbrock(p[0] - s * x, p[1] - s * y)[0] > f - c * s * (x * u + y * v):
            s *= 0.5
        p = [p[0] - s * x, p[1] - s * y]
        yield p


FORMULAS = {
    "gradient descent": (plain_gradient_descent, 1e-3, {}),
    "momentum": (plain_momentum, 3e-4, {"momentum": 0.8}),
    "nesterov": (plain_nesterov, 3e-4, {"momentum": 0.8}),
    "adagrad": (plain_adagrad, 0.3, {}),
    "rmsprop": (plain_rmsprop, 0.01, {}),
    "adam": (plain_adam, 0.05, {}),
    "newton": (plain_newton, 0.7, {}),
    "backtracking": (plain_backtracking, 1.0, {"decrease": 0.4}),
    "accelerated": (plain_accelerated, 3e-4, {}),
    "damped newton": (plain_damped_newton, 1.0, {"decrease": 0.4}),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_method_equals_its_formula_in_plain_floats(name):
    formula, eta, settings = FORMULAS[name]
    expected = list(formula([-1.2, 1.0], eta, 40))
    method = OPTIMIZERS[name](learning_rate=eta, **settings)
    points = path(method, LANDSCAPES["rosenbrock"], (-1.2, 1.0), 40)
    assert np.abs(points[1] - points[0]).max() > 0, f"the first step of {name} does not move"
    said = f"the steps of {name!r} are not those of its formula in FORMULAS of tests/test_methods.py"
    np.testing.assert_allclose(points[1:], expected, rtol=1e-9, atol=1e-12, err_msg=said)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam"])
def test_epsilon_is_added_to_the_root(name):
    """So large that it counts."""
    expected = list(FORMULAS[name][0]([-1.2, 1.0], 0.05, 20, eps=0.9))
    points = path(OPTIMIZERS[name](learning_rate=0.05, epsilon=0.9), LANDSCAPES["rosenbrock"], (-1.2, 1.0), 20)
    np.testing.assert_allclose(points[1:], expected, rtol=1e-9, atol=1e-12)


def test_every_method_has_a_plain_formula():
    missing = sorted(set(WITHOUT_DATA) - set(FORMULAS))
    assert not missing, f"write {missing} in plain floats and enter them in FORMULAS of tests/test_methods.py"
    gone = sorted(set(FORMULAS) - set(OPTIMIZERS))
    assert not gone, f"FORMULAS of tests/test_methods.py has methods that do not exist: {gone}"


def test_nesterov_looks_ahead_at_the_points_of_pytorch():
    """torch.optim.SGD(nesterov=True) lists v = w + beta (w - w_before), where we list w."""
    eta, beta = 3e-4, 0.8
    theta, buffer, torch_points = [-1.2, 1.0], [0.0, 0.0], [[-1.2, 1.0]]
    for _ in range(30):
        g = rosenbrock(*theta)[1]
        buffer = [beta * b + d for b, d in zip(buffer, g, strict=True)]
        theta = [w - eta * (d + beta * b) for w, d, b in zip(theta, g, buffer, strict=True)]
        torch_points.append(theta)
    method = OPTIMIZERS["nesterov"](learning_rate=eta, momentum=beta)
    w = path(method, LANDSCAPES["rosenbrock"], (-1.2, 1.0), 30)
    before = np.vstack([w[:1], w[:-1]])
    np.testing.assert_allclose(w + beta * (w - before), torch_points, rtol=1e-10)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_sgd_takes_the_mean_gradient_of_each_batch(name, l2):
    """Against the same loss on the batch alone, in the seeded order; every sample once an epoch."""
    data = chapter_line() if "error" in name and "sigmoid" not in name else overlapping_six()
    loss, size = LOSSES[name](data, l2), 4
    method = OPTIMIZERS["sgd"](learning_rate=0.1, batch_size=size, seed=7)
    batches = -(-data.n // size)
    points = path(method, loss, (0.3, -0.2), 2 * batches)
    for t in range(2 * batches):
        epoch, i = divmod(t, batches)
        order = np.random.default_rng([7, epoch]).permutation(data.n)[i * size : (i + 1) * size]
        part = LOSSES[name](Dataset(data.x[order], data.y[order], "batch", ""), l2)
        expected = points[t] - 0.1 * part.gradient(points[t])
        np.testing.assert_allclose(points[t + 1], expected, rtol=1e-12)
    assert not np.allclose(points[1:] - points[:-1], 0.0)


def test_sgd_is_seeded_and_shuffles_each_epoch():
    same = [run(OPTIMIZERS["sgd"](seed=3), CHAPTER, (0, 0), 20).points for _ in range(2)]
    other = run(OPTIMIZERS["sgd"](seed=4), CHAPTER, (0, 0), 20).points
    np.testing.assert_array_equal(*same)
    assert np.abs(same[0] - other).max() > 1e-3


def test_sgd_with_one_batch_of_everything_is_gradient_descent():
    a = path(OPTIMIZERS["sgd"](learning_rate=0.3, batch_size=30), CHAPTER, (0, 0), 25)
    b = path(GD(learning_rate=0.3), CHAPTER, (0, 0), 25)
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_sgd_needs_data():
    assert not OPTIMIZERS["sgd"].applies(BOWL)
    assert OPTIMIZERS["sgd"]().applies(CHAPTER)
    assert all(OPTIMIZERS[name].applies(BOWL) for name in WITHOUT_DATA)
    with pytest.raises(ValueError, match="sgd draws mini-batches of data, and bowl has none"):
        run(OPTIMIZERS["sgd"](), BOWL, (1, 1), 5)


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("momentum", {"learning_rate": -0.1}, "learning_rate must be > 0 and finite, got -0.1"),
        ("gradient descent", {"learning_rate": 0.0}, "learning_rate must be > 0 and finite, got 0.0"),
        ("adam", {"learning_rate": math.nan}, "learning_rate must be > 0 and finite, got nan"),
        ("newton", {"learning_rate": math.inf}, "learning_rate must be > 0 and finite, got inf"),
        ("gradient descent", {"schedule": "linear"}, "schedule must be one of constant, 1/t"),
        ("momentum", {"momentum": 1.0}, "momentum must be >= 0 and < 1, got 1.0"),
        ("nesterov", {"momentum": -0.1}, "momentum must be >= 0 and < 1, got -0.1"),
        ("adam", {"beta2": 1.5}, "beta2 must be >= 0 and < 1, got 1.5"),
        ("rmsprop", {"decay": math.nan}, "decay must be >= 0 and < 1, got nan"),
        ("adagrad", {"epsilon": 0.0}, "epsilon must be >= 1e-300"),
        ("sgd", {"batch_size": 0}, "batch_size must be >= 1, got 0"),
        ("sgd", {"batch_size": 2.5}, "batch_size must be a whole number, got 2.5"),
        ("backtracking", {"shrink": 1.0}, "shrink must be >= 0.01 and < 1, got 1.0"),
    ],
)
def test_settings_are_checked(name, settings, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        OPTIMIZERS[name](**settings)


@pytest.mark.parametrize(
    ("start", "steps", "tolerance", "message"),
    [
        ((1.0,), 5, 1e-6, "start must be two finite numbers"),
        ((1.0, math.nan), 5, 1e-6, "start must be two finite numbers"),
        ((1.0, 1.0), -1, 1e-6, "steps must be >= 0, got -1"),
        ((1.0, 1.0), 5, -1.0, "tolerance must be >= 0, got -1.0"),
        ((1.0, -2.0), 5, 1e-6, "the loss is not finite at the start"),
    ],
)
def test_run_checks_its_input(start, steps, tolerance, message):
    with pytest.raises(ValueError, match=message):
        run(GD(), LANDSCAPES["puromycin"], start, steps, tolerance)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_method_runs_with_its_defaults(name):
    result = run(OPTIMIZERS[name](), CHAPTER, (0, 0), 50)
    assert result.method == name, f"OPTIMIZERS must have {name!r} under its own name, {result.method!r}"
    assert result.status
    first, last = result.values[[0, -1]]
    assert last < first, f"with its defaults {name!r} should lower the loss of the chapter line, not {first} to {last}"


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        ("constant", [1, 1, 1, 1, 1, 1, 1, 1]),
        ("1/t", [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7, 1 / 8]),
        ("step", [1, 1, 1 / 2, 1 / 2, 1 / 4, 1 / 4, 1 / 8, 1 / 8]),
        ("cosine", [(1 + math.cos(math.pi * k / 8)) / 2 for k in range(8)]),
    ],
)
def test_schedules_scale_the_learning_rate(schedule, factors):
    assert [SCHEDULES[schedule](t, 8) for t in range(1, 9)] == pytest.approx(factors)
    points = run(GD(learning_rate=0.05, schedule=schedule), BOWL, (1, 1), 8).points
    taken = (points[:-1] - points[1:]) / BOWL.gradient(points[:-1])
    np.testing.assert_allclose(taken[:, 0], 0.05 * np.array(factors), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_method_keeps_to_its_schedule(name):
    """Step t is that of a constant rate as large as the schedule makes it; backtracking: at most."""
    p, t = np.array([0.9, -0.4]), 5
    make = OPTIMIZERS[name]
    scheduled, constant = make(learning_rate=0.4, schedule="1/t"), make(learning_rate=0.4 / t)
    state = constant.init(CHAPTER, p + 0.1)
    taken, wanted = (method.step(CHAPTER, p, state, t)[0] for method in (scheduled, constant))
    said = f"step {t} of {name!r} must use self.rate({t}), so that a schedule counts"
    np.testing.assert_allclose(taken, wanted, err_msg=said)
    if name == "backtracking":
        assert scheduled.init(CHAPTER, p)[1] == 0.4
        _, (_, longer) = scheduled.step(CHAPTER, p, constant.init(CHAPTER, p), t)
        assert longer == pytest.approx(0.4 / t)


@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_every_start_has_a_memory_of_its_own(name):
    starts = np.random.default_rng(0).uniform(-1, 1, (3, 5, 2))
    method = OPTIMIZERS[name]()
    state = method.init(CHAPTER, starts)
    after, again = method.step(CHAPTER, starts, state, 1)
    assert after.shape == starts.shape, f"from starts {starts.shape} a step of {name!r} leads to {after.shape}"
    shapes = [memory.shape for memory in state]
    assert shapes == [memory.shape for memory in again], f"what {name!r} remembers changes its shape with a step"
    fits = all(shape in ((3, 5, 1), (3, 5, 2)) for shape in shapes)
    assert fits, f"{name!r} must remember one or two numbers a start, in arrays like {starts.shape}, not {shapes}"
    assert all(memory.dtype == float for memory in (*state, *again)), f"what {name!r} remembers must be floats"


def test_backtracking_many_starts_search_each_for_itself():
    """Some find their first trial good enough where others do not: those may try a longer one next."""
    loss, starts = LANDSCAPES["rosenbrock"], np.random.default_rng(0).uniform(-2, 2, (8, 2))
    method = OPTIMIZERS["backtracking"]()
    together = path(method, loss, starts, 25)
    for i, start in enumerate(starts):
        np.testing.assert_allclose(together[:, i], path(method, loss, start, 25), rtol=1e-9)


@pytest.mark.parametrize("size", [1e-6, 0.1, 3.0, 1e6], ids=str)
def test_the_inverse_of_a_singular_matrix_is_the_pseudo_inverse(size):
    h = size * np.array([[[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 3.0]], [[2.0, 1.0], [1.0, 3.0]]])
    np.testing.assert_allclose(inverse(h), np.linalg.pinv(h), rtol=1e-12, atol=1e-15 / size)
    np.testing.assert_array_equal(inverse(np.zeros((2, 2))), np.zeros((2, 2)))


@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_many_starts_take_the_same_steps_as_one(name):
    loss = LANDSCAPES["himmelblau"]
    starts = np.random.default_rng(0).uniform(-4, 4, (6, 2))
    method = OPTIMIZERS[name](learning_rate=0.01)
    together = path(method, loss, starts, 20)
    for i, start in enumerate(starts):
        said = f"a start takes other steps with {name!r} among many than alone: init and step must broadcast"
        np.testing.assert_allclose(together[:, i], path(method, loss, start, 20), rtol=1e-12, err_msg=said)


@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_an_array_of_learning_rates_is_one_run_each(name):
    rates = np.array([[0.01], [0.1]])
    method = OPTIMIZERS[name](learning_rate=rates)
    together = path(method, BOWL, np.ones((2, 2)), 15)
    for i in range(2):
        alone = path(OPTIMIZERS[name](learning_rate=float(rates[i, 0])), BOWL, (1, 1), 15)
        said = f"with {name!r} an array of learning rates must be one run each: use self.rate(t) as it comes"
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-12, err_msg=said)


# --- theorems ------------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [0.05, 0.5, 0.78, 0.8])
def test_error_along_eigenvector_i_shrinks_by_one_minus_eta_lambda_i(eta):
    result = run(GD(learning_rate=eta), CHAPTER, (3.0, -1.0), 60, tolerance=0)
    error = geometry.error_components(result.points, CHAPTER)
    lam = geometry.spectrum(CHAPTER, (0, 0)).eigenvalues
    k = np.arange(61)[:, None]
    np.testing.assert_allclose(error, error[0] * (1 - eta * lam) ** k, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["gradient descent", "momentum", "nesterov"])
@pytest.mark.parametrize("loss", [CHAPTER, BOWL], ids=["chapter data", "bowl"])
def test_converges_just_below_the_stability_limit_and_diverges_just_above(name, loss):
    """Quadratics: 2/L; heavy ball 2(1+beta)/L (Polyak 1964); Nesterov 2(1+beta)/((1+2 beta)L)."""
    L = float(loss.smoothness)
    limit = OPTIMIZERS[name]().stability
    below, above = (run(OPTIMIZERS[name](learning_rate=f * limit / L), loss, (0.7, 0.4), 4000) for f in (0.99, 1.01))
    assert (below.status, above.status) == ("converged", "diverged")


@pytest.mark.parametrize("name", ["gradient descent", "momentum", "nesterov"])
def test_on_a_saddle_the_limit_holds_in_the_direction_of_the_largest_curvature(name):
    """Eigenvectors do not mix: the part along (1, 1), where L = 5, dies away below the limit of a bowl, not above."""
    limit = OPTIMIZERS[name]().stability
    below, above = (
        run(OPTIMIZERS[name](learning_rate=f * limit / 5), LANDSCAPES["hidden saddle"], (1.0, 1.0), 4000)
        for f in (0.99, 1.01)
    )
    assert abs(below.points[-1].sum()) < 1e-3
    assert abs(above.points[-1].sum()) > 1e3
    assert above.status == "diverged"


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_the_limit_with_momentum_is_where_the_step_map_stops_contracting(name, beta):
    """Along an eigenvector of a quadratic a step is a linear map of (w, w_before).

    Heavy ball: w <- (1 + beta - x) w - beta w_before, x = eta lambda; Nesterov's: times 1 - x. Its
    spectral radius is below 1 for every 0 < x < limit, is 1 at the limit and above 1 beyond.
    """
    limit = OPTIMIZERS[name](momentum=beta).stability

    def radius(x):
        first, second = (1 + beta - x, -beta)
        if name == "nesterov":
            first, second = (1 + beta) * (1 - x), -beta * (1 - x)
        return np.abs(np.linalg.eigvals([[first, second], [1.0, 0.0]])).max()

    assert max(radius(x) for x in np.linspace(1e-3, 0.999, 200) * limit) < 1.0
    assert radius(limit) == pytest.approx(1.0, abs=1e-7)
    assert radius(1.001 * limit) > 1.0
    method = OPTIMIZERS[name](learning_rate=limit / 20, momentum=beta)  # x = limit along the second
    error = path(method, BOWL, (0.3, 0.7), 60)[:, 1]
    first, second = (1 + beta - limit / 2, -beta)
    if name == "nesterov":
        first, second = (1 + beta) * (1 - limit / 2), -beta * (1 - limit / 2)
    expected = [0.7, 0.7]
    for _ in range(60):
        expected.append(first * expected[-1] + second * expected[-2])
    np.testing.assert_allclose(error, expected[1:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", [CHAPTER, BOWL], ids=["chapter data", "bowl"])
def test_gradient_descent_converges_one_in_a_thousand_below_two_over_l_and_not_above(loss):
    L = float(loss.smoothness)
    below, above = (path(GD(learning_rate=f * 2.0 / L), loss, (0.7, 0.4), 20000) for f in (0.999, 1.001))
    np.testing.assert_allclose(below[-1], loss.minima[0], atol=1e-9)
    distance = np.hypot(*(above - loss.minima[0]).T)
    assert distance[-1] > 1e3 * distance[0]
    assert np.all(np.diff(loss.value(above[-50:])) > 0)


@pytest.mark.parametrize("k", range(1, 7))
def test_newton_equals_scipys_newton_on_a_sum_of_two_functions(k):
    """scipy.optimize.newton on f'(x) = 0 and on g'(y) = 0, stopped after k steps."""
    loss, start = LANDSCAPES["double well"], (1.9, 1.3)
    expected = [
        newton(df, w, fprime=d2f, maxiter=k, tol=1e-300, disp=False, full_output=True)[0]
        for w, df, d2f in (
            (start[0], lambda x: x**3 - x + 0.1, lambda x: 3 * x**2 - 1),
            (start[1], lambda y: y, lambda y: 1.0),
        )
    ]
    np.testing.assert_allclose(end(OPTIMIZERS["newton"](), loss, start, k), expected, rtol=1e-12, atol=1e-15)


def test_backtracking_stops_where_scipys_armijo_search_agrees_that_it_may():
    """SciPy's search interpolates; with a first trial that is good enough both take it."""
    loss, p = LANDSCAPES["himmelblau"], np.array([0.0, -1.0])
    g, c = loss.gradient(p), 1e-4
    eta = 0.01
    s, count, after = line_search_armijo(loss.value, p, -g, g, loss.value(p), c1=c, alpha0=eta)
    assert (s, count) == (eta, 1)
    landed = end(OPTIMIZERS["backtracking"](learning_rate=eta, decrease=c), loss, p, 1)
    np.testing.assert_allclose(landed, p - s * g, rtol=1e-14)
    assert loss.value(landed) == pytest.approx(after, rel=1e-13)


def test_momentum_zero_is_gradient_descent():
    loss = LANDSCAPES["himmelblau"]
    plain = path(GD(learning_rate=0.01), loss, (0, 0), 50)
    for name in ("momentum", "nesterov"):
        still = path(OPTIMIZERS[name](learning_rate=0.01, momentum=0.0), loss, (0, 0), 50)
        np.testing.assert_array_equal(still, plain)


@pytest.mark.parametrize("dataset", [chapter_line, cars], ids=["chapter data", "cars raw"])
def test_newton_solves_a_quadratic_in_one_step(dataset):
    loss = MeanSquaredError(dataset())
    result = run(OPTIMIZERS["newton"](), loss, (3.0, -2.0), 10)
    assert (result.status, len(result.points)) == ("converged", 2)
    np.testing.assert_allclose(result.points[-1], loss.minima[0], rtol=1e-9)


def test_damped_newton_shrinks_the_error_of_a_quadratic_evenly():
    points = path(OPTIMIZERS["newton"](learning_rate=0.25), CHAPTER, (0, 0), 20)
    error = points - CHAPTER.minima[0]
    np.testing.assert_allclose(error, error[0] * 0.75 ** np.arange(21)[:, None], rtol=1e-9)


def test_newton_uses_the_pseudo_inverse_in_a_trough():
    loss = MeanSquaredError(same_x())  # all x = 2: minimisers 2w + b = 3
    landed = end(OPTIMIZERS["newton"](), loss, (3.0, -1.0), 1)
    np.testing.assert_allclose(landed, (2.2, -1.4), rtol=1e-12)  # nearest point of the line


def test_newton_stays_where_the_hessian_is_zero():
    loss = MeanAbsoluteError(chapter_line())
    np.testing.assert_array_equal(end(OPTIMIZERS["newton"](), loss, (0, 0), 1), (0, 0))


def test_newton_goes_to_a_saddle_and_absolute_newton_away_from_it():
    loss = LANDSCAPES["saddle"]
    plain = run(OPTIMIZERS["newton"](), loss, (1.5, 0.01), 20)
    assert plain.status == "saddle"
    assert "A curvature was negative" in plain.certificate.sentence
    bold = run(OPTIMIZERS["newton"](absolute=True), loss, (1.5, 0.01), 20)
    assert bold.status == "no_minimiser"
    assert np.all(np.diff(bold.values) < 0)


def test_absolute_newton_is_newton_where_the_hessian_is_positive_definite():
    a, b = (path(OPTIMIZERS["newton"](absolute=flag), CHAPTER, (3, -2), 1) for flag in (False, True))
    np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("name", ["himmelblau", "rosenbrock", "beale", "plateau and cliff"])
def test_backtracking_lowers_the_loss_at_every_step_by_armijo(name):
    loss, c = LANDSCAPES[name], 0.3
    result = run(OPTIMIZERS["backtracking"](decrease=c), loss, loss.start, 40)
    moved = np.hypot(*np.diff(result.points, axis=0).T)
    promised = c * moved * result.gradient_norms[:-1]  # c s |g|^2, for the step s |g|
    drop = -np.diff(result.values)
    assert np.all(drop >= promised * (1 - 1e-9) - 1e-12 * result.values[:-1])
    assert drop[0] > 0


@pytest.mark.parametrize("factor", [0.1, 1.0, 1.9])
def test_descent_lemma_on_the_logistic_loss(factor):
    """L-smooth: 0 < eta < 2/L lowers the loss at every step (Nesterov 2018, section 1.2.3)."""
    loss = LogisticLoss(overlapping_six())
    values = run(GD(learning_rate=factor / 0.4375), loss, (4.0, -3.0), 100).values
    assert np.all(np.diff(values) < 0)


def test_strict_saddle_is_left_from_almost_every_start_but_not_from_its_stable_manifold():
    loss = LANDSCAPES["saddle"]
    starts = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    on_ridge = starts * (1.0, 0.0)
    away = end(GD(learning_rate=0.1), loss, starts, 200)
    assert np.all(np.abs(away[:, 1]) > 1.0)
    np.testing.assert_array_equal(end(GD(learning_rate=0.1), loss, on_ridge, 200)[:, 1], 0.0)


def test_a_hidden_saddle_is_left_from_almost_every_start_too():
    """Stable manifold of x^2 + y^2 + 3xy: the diagonal x = y (Lee et al. 2016, eta < 1/L = 1/5)."""
    loss = LANDSCAPES["hidden saddle"]
    starts = np.random.default_rng(2).uniform(-1, 1, (500, 2))
    on_ridge = np.repeat(starts[:, :1], 2, axis=1)
    away = end(GD(learning_rate=0.19), loss, starts, 200)
    assert np.all(np.abs(away[:, 0] - away[:, 1]) > 1.0)
    stayed = end(GD(learning_rate=0.19), loss, on_ridge, 200)
    np.testing.assert_allclose(stayed, 0.0, atol=1e-12)


def test_between_two_wells_no_random_start_ends_at_the_saddle():
    """Lee et al. 2016, where the loss is not quadratic; L = 11 on the window, eta < 1/L."""
    loss = LANDSCAPES["double well"]
    starts = np.random.default_rng(3).uniform(*np.transpose(loss.view), (2000, 2))
    found = run_many(GD(learning_rate=0.09), loss, starts, 2000)
    assert set(found.outcome.tolist()) == {MINIMUM}
    assert set(found.label.tolist()) == {0, 1}


@pytest.mark.parametrize("name", ["gradient descent", "momentum", "nesterov", "adam", "sgd"])
def test_separable_data_every_level_is_passed(name):
    """Infimum 0, not attained: each tenfold of steps lowers the loss and lengthens (w, b)."""
    loss = LogisticLoss(separable_four())
    points = path(OPTIMIZERS[name](learning_rate=0.5), loss, (0, 0), 3000)[[3, 30, 300, 3000]]
    values, norms = loss.value(points), np.hypot(*points.T)
    assert np.all(values[1:] < 0.7 * values[:-1])
    assert np.all(norms[1:] > norms[:-1] + 0.3)
    assert values[-1] > 0.0


def test_separable_data_the_norm_grows_and_the_loss_falls_without_end():
    loss = LogisticLoss(separable_four())
    points = path(GD(learning_rate=1.0), loss, (0, 0), 2000)
    assert np.all(np.diff(np.hypot(*points.T)) > 0)
    assert np.all(np.diff(loss.value(points)) < 0)


def test_adam_first_step_has_the_length_of_the_learning_rate_in_each_coordinate():
    """m' / sqrt(v') = sign(g) at t = 1, up to epsilon."""
    step = np.diff(path(OPTIMIZERS["adam"](learning_rate=0.05), CHAPTER, (0, 0), 1), axis=0)
    np.testing.assert_allclose(np.abs(step), 0.05, rtol=1e-6)


def test_adagrad_first_step_has_the_length_of_the_learning_rate_in_each_coordinate():
    step = np.diff(path(OPTIMIZERS["adagrad"](learning_rate=0.05), CHAPTER, (0, 0), 1), axis=0)
    np.testing.assert_allclose(np.abs(step), 0.05, rtol=1e-6)


# --- fixtures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("eta", "k"), [(0.1, 980), (0.5, 191), (0.74678111588, 132), (0.78, 690)])
def test_f1_chapter_data_steps(eta, k):
    points = path(GD(learning_rate=eta), CHAPTER, (0, 0), 1000)
    assert steps_to(points, CHAPTER.minima[0]) == k
    assert geometry.predicted_steps(CHAPTER, (0, 0), eta) == k
    assert sweep("gradient descent", CHAPTER, (0, 0), [eta], 1000).steps.tolist() == [k]
    assert len(run(GD(learning_rate=eta), CHAPTER, (0, 0), 1000).points) - 1 == k


def test_f1b_chapter_data_at_and_above_the_limit():
    at = path(GD(learning_rate=float(geometry.max_stable_step(CHAPTER))), CHAPTER, (0, 0), 5000)
    assert steps_to(at, CHAPTER.minima[0]) is None
    assert np.abs(at).max() < 10
    above = run(GD(learning_rate=0.8), CHAPTER, (0, 0), 3)
    expected = [4.519599, 4.769293, 5.039969, 5.331710]
    np.testing.assert_allclose(above.values, expected, atol=1e-5)
    assert geometry.predicted_steps(CHAPTER, (0, 0), 0.8) == np.inf


def test_f1c_chapter_data_first_steps():
    result = run(GD(learning_rate=0.5), CHAPTER, (0, 0), 3)
    expected = [(1.193421, 2.044286), (0.960034, 1.447575), (1.104139, 1.564269)]
    np.testing.assert_allclose(result.points[1:], expected, atol=1e-5)
    np.testing.assert_allclose(result.values[1:], [0.414618, 0.107349, 0.076057], atol=1e-5)


@pytest.mark.parametrize(("start", "goal"), [((0, 0), (1.2, 0.6)), ((3, -1), (2.2, -1.4))])
def test_f2_trough_keeps_what_lies_along_it(start, goal):
    loss = MeanSquaredError(same_x())
    p = end(GD(learning_rate=0.05), loss, start, 200)
    np.testing.assert_allclose(p, goal, atol=1e-9)
    assert loss.value(p) == pytest.approx(2.0, abs=1e-9)


def test_f3_separable_data():
    loss = LogisticLoss(separable_four())
    points = path(GD(learning_rate=1.0), loss, (0, 0), 10_000)[[10, 100, 1000, 10_000]]
    np.testing.assert_allclose(points[:, 0], [2.1030, 4.0180, 6.2312, 8.5194], atol=1e-3)
    np.testing.assert_allclose(points[:, 1], 0.0, atol=1e-9)
    expected = [6.4994e-2, 9.0759e-3, 9.8452e-4, 9.9786e-5]
    np.testing.assert_allclose(loss.value(points), expected, rtol=1e-3)


def test_f3b_touching_classes():
    loss = LogisticLoss(touching())
    points = path(GD(learning_rate=1.0), loss, (0, 0), 10_000)[[100, 10_000]]
    np.testing.assert_allclose(points[:, 0], [3.8700, 8.5161], atol=1e-3)
    np.testing.assert_allclose(loss.value(points), [0.3568955, 0.3466737], atol=1e-6)


@pytest.mark.parametrize(("start", "goal"), [(3.0, 1.0), (-3.0, -1.0), (0.5, 0.5)])
def test_f4_flat_bottom(start, goal):
    loss = Curve(lambda w: np.maximum(np.abs(w) - 1, 0) ** 2, lambda w: 2 * np.maximum(np.abs(w) - 1, 0) * np.sign(w))
    w, _ = end(GD(learning_rate=0.25), loss, (start, 0), 200)
    assert w == pytest.approx(goal, abs=1e-9)
    radial = end(GD(learning_rate=0.25), LANDSCAPES["flat bottom"], (start, 0), 200)
    np.testing.assert_allclose(radial, (goal, 0), atol=1e-9)


def test_f4b_exponential_has_no_minimiser():
    loss = Curve(np.exp, np.exp)
    w, _ = end(GD(learning_rate=1.0), loss, (0, 0), 1000)
    assert w == pytest.approx(-6.912490, abs=1e-6)
    assert np.exp(w) == pytest.approx(9.95276e-4, rel=1e-5)


def test_f5_and_f7_ellipse_steps():
    expected = {0.05: 270, 0.1: 132, 0.15: 86, 2 / 11: 69, 0.19: 132}
    for eta, k in expected.items():
        assert steps_to(path(GD(learning_rate=eta), BOWL, (1, 1), 300), (0, 0)) == k
        assert geometry.predicted_steps(BOWL, (1, 1), eta) == k
    steps = sweep("gradient descent", BOWL, (1, 1), list(expected), 300).steps
    assert steps.tolist() == list(expected.values())


def test_f5b_at_the_limit_the_steep_component_flips_for_ever():
    x, y = path(GD(learning_rate=0.2), BOWL, (1, 1), 1000).T
    assert abs(x[-1]) < 1e-90
    np.testing.assert_allclose(y, (-1.0) ** np.arange(1001), atol=1e-9)


def test_f5c_above_the_limit():
    y = path(GD(learning_rate=0.201), BOWL, (1, 1), 1000)[-1, 1]
    assert y == pytest.approx(1.01**1000, rel=1e-6)  # 20959.2


def test_f5d_at_the_limit_without_the_steep_component():
    assert abs(end(GD(learning_rate=0.2), BOWL, (1, 0), 1000)[0]) < 1e-90
    assert geometry.predicted_steps(BOWL, (1, 0), 0.2) < 100


def test_f6_beyond_two_over_l_the_logistic_loss_may_still_converge():
    loss = LogisticLoss(overlapping_six())
    minimiser = (0.92347504, 0.0)
    np.testing.assert_allclose(loss.minima[0], minimiser, atol=1e-8)
    assert loss.infimum == pytest.approx(0.5540588858, abs=1e-8)
    m = np.array([[1.0], [1.9], [2.2], [3.0], [3.5], [4.0], [4.5], [5.0]])
    p = end(GD(learning_rate=m / 0.4375), loss, np.zeros((8, 2)), 5000)
    away = np.hypot(*(p - loss.minima[0]).T)
    assert np.all(away[:5] < 1e-8)
    assert np.all(away[5:] > 0.1)


def test_f8_a_rise_is_no_sign_of_non_convexity():
    loss = Curve(lambda w: w * w / 2, lambda w: w)
    values = loss.value(path(GD(learning_rate=2.5), loss, (1, 0), 2))
    np.testing.assert_array_equal(values, [0.5, 1.125, 2.53125])


def test_f11_saddle_delays():
    half = Curve(None, None)
    half.gradient = lambda p: np.asarray(p) * (1.0, -1.0)  # of (x^2 - y^2)/2
    points = path(GD(learning_rate=0.1), half, (1, 1e-6), 200)
    assert int(np.argmax(np.abs(points[:, 1]) >= 1)) == 145
    assert int(np.argmax(np.hypot(*half.gradient(points).T) < 0.01)) == 44
    points = path(GD(learning_rate=0.1), LANDSCAPES["saddle"], (1, 1e-6), 200)
    assert int(np.argmax(np.abs(points[:, 1]) >= 1)) == 76


def test_f17_curvature_overshoots_and_slope_does_not():
    square = Curve(lambda w: w * w, lambda w: 2 * w)
    w = path(GD(learning_rate=1.05), square, (0.01, 0), 20)[:, 0]
    assert abs(w[-1]) == pytest.approx(0.067275, abs=1e-6)
    assert np.all(np.sign(w) == (-1.0) ** np.arange(21))
    slope = Curve(lambda w: 1000 * w, lambda w: np.full_like(w, 1000.0))
    w = path(GD(learning_rate=0.1), slope, (1, 0), 5)[:, 0]
    assert w[-1] == pytest.approx(-499)
    assert np.all(np.diff(w) < 0)


@pytest.mark.parametrize(
    ("eta", "goal", "value"),
    [
        (0.3, 0.94564927, -0.15263944),
        (0.57, 0.94564927, -0.15263944),
        (0.58, -1.04668053, -0.35238607),
        (0.6, -1.04668053, -0.35238607),
    ],
)
def test_f18_the_learning_rate_chooses_the_well(eta, goal, value):
    loss = LANDSCAPES["double well"]
    x, y = end(GD(learning_rate=eta), loss, (1.6, 0), 2000)
    assert x == pytest.approx(goal, abs=1e-7)
    assert loss.value((x, y)) == pytest.approx(value, abs=1e-7)


def test_f19_momentum_badly_and_well_tuned():
    bad = path(OPTIMIZERS["momentum"](learning_rate=0.1, momentum=0.9), BOWL, (1, 1), 300)
    assert steps_to(bad, (0, 0)) == 249
    rises = np.diff(BOWL.value(bad[:250])) > 0
    assert (rises.sum(), int(np.argmax(rises)) + 1) == (119, 2)
    tuned = OPTIMIZERS["momentum"](learning_rate=0.23088616, momentum=0.26987386)
    assert steps_to(path(tuned, BOWL, (1, 1), 100), (0, 0)) == 27


def test_f19b_heavy_ball_limit():
    below = path(OPTIMIZERS["momentum"](learning_rate=0.379), BOWL, (1, 1), 400)
    assert steps_to(below, (0, 0)) == 284
    above = path(OPTIMIZERS["momentum"](learning_rate=0.381), BOWL, (1, 1), 400)
    assert np.abs(above[-20:]).max() > 1e8


def test_f20_adam_at_constant_rate_settles_and_bursts_again():
    loss = Curve(None, lambda w: w)
    w = np.abs(path(OPTIMIZERS["adam"](learning_rate=0.1), loss, (5, 0), 13_000)[:, 0])
    assert w[5001:10_001].max() < 1e-60
    assert w[10_001:].max() > 0.05


def test_f21_scaling_cars():
    raw = MeanSquaredError(cars())
    eta = 0.00376562735
    points = path(GD(learning_rate=eta), raw, (0, 0), 12_600)
    assert steps_to(points, raw.minima[0], 1e-3) == 12_570
    assert geometry.predicted_steps(raw, (0, 0), eta, 1e-3) == 12_570
    assert run(GD(learning_rate=0.0038), raw, (0, 0), 100).status == "diverged"
    scaled = run(GD(learning_rate=0.5), MeanSquaredError(standardise(cars())), (0, 0), 100)
    assert (len(scaled.points), scaled.status) == (2, "converged")
    np.testing.assert_allclose(scaled.points[-1], (20.584197, 42.98), atol=1e-6)


def test_f21b_scaling_challenger():
    raw = LogisticLoss(challenger())
    L = raw.smoothness
    assert pytest.approx(1221.99, rel=1e-5) == L
    # The gap is .084 after 200,000 steps, and at 1/L it falls at every step.
    assert raw.value(end(GD(learning_rate=1 / L), raw, (0, 0), 5000)) - raw.infimum > 0.084
    scaled = LogisticLoss(standardise(challenger()))
    assert scaled.smoothness == pytest.approx(0.25)
    gap = scaled.value(path(GD(learning_rate=4.0), scaled, (0, 0), 20)) - scaled.infimum
    assert int(np.argmax(gap < 1e-6)) == 15


def test_f22_penalty_on_both_makes_the_trough_a_bowl():
    plain = MeanSquaredError(same_x())
    ridge = Curve(None, None)
    ridge.gradient = lambda p: plain.gradient(p) + 0.1 * np.asarray(p)
    for start in ((0, 0), (3, -1)):
        p = end(GD(learning_rate=0.1), ridge, start, 5000)
        np.testing.assert_allclose(p, (1.18811881, 0.59405941), atol=1e-7)


def test_f22c_an_unpenalised_intercept_runs_away_on_one_class():
    loss = LogisticLoss(Dataset([-2, -1, 1, 2], [1, 1, 1, 1], "one class", ""), l2=0.1)
    assert loss.minimisers == "none"
    w, b = end(GD(learning_rate=1.0), loss, (0, 0), 1000)
    assert (w, b) == (pytest.approx(0, abs=1e-9), pytest.approx(6.90501, abs=1e-4))


def test_f23_sum_instead_of_mean_needs_a_rate_n_times_smaller():
    total = Curve(None, None)
    total.gradient = lambda p: 30 * CHAPTER.gradient(p)
    for loss, eta in ((CHAPTER, 0.5), (total, 0.5 / 30)):
        p = end(GD(learning_rate=eta), loss, (0, 0), 200)
        np.testing.assert_allclose(p, (1.92273764, 1.08291684), atol=1e-7)
    assert np.abs(end(GD(learning_rate=0.5), total, (0, 0), 20)).max() > 1e30


def test_f25_the_boundary_moves_after_everything_is_classified():
    loss = LogisticLoss(margin_four())
    points = path(GD(learning_rate=0.3), loss, (0, 0), 1000)
    x, y = loss.dataset.x, loss.dataset.y
    right = ((points[1:, :1] * x + points[1:, 1:] > 0) == y).all(axis=1)
    assert right.all()
    assert loss.value(points[1]) == pytest.approx(0.348139, abs=1e-6)
    boundary = -points[[10, 1000], 1] / points[[10, 1000], 0]
    np.testing.assert_allclose(boundary, [0.0932, 0.3252], atol=1e-3)


def test_f27_constant_steps_bounce_on_a_kink():
    w = path(GD(learning_rate=0.1), Curve(np.abs, np.sign), (1.03, 0), 30)[:, 0]
    np.testing.assert_allclose(w[10::2], 0.03, atol=1e-9)
    np.testing.assert_allclose(w[11::2], -0.07, atol=1e-9)


def test_f29_single_examples_in_turn_end_in_a_two_cycle():
    p, method = np.array([5.0, 0.0]), GD(learning_rate=0.1)
    examples = [Curve(None, lambda w, y=y: w - y) for y in (1.0, -1.0)]
    ends = []
    for t in range(2000):
        p, _ = method.step(examples[t % 2], p, (), t + 1)
        ends.append(p[0])
    np.testing.assert_allclose(np.abs(ends[-2:]), 0.1 / 1.9, atol=1e-7)
    assert ends[-1] * ends[-2] < 0


def test_f29_sgd_with_constant_rate_stays_in_a_noise_ball_and_with_a_falling_one_shrinks_it():
    loss = MeanSquaredError(Dataset([0.0, 0.0], [1.0, -1.0], "two examples", ""))
    constant = path(OPTIMIZERS["sgd"](learning_rate=0.05, batch_size=1), loss, (0, 5), 4000)
    assert 0.02 < np.abs(constant[2000:, 1]).mean() < 0.5
    falling = OPTIMIZERS["sgd"](learning_rate=0.5, batch_size=1, schedule="1/t")
    assert np.abs(path(falling, loss, (0, 5), 4000)[3000:, 1]).max() < 1e-3


def test_f30_a_slice_hides_the_way_out():
    """x^2 + y^2 - z^2: in the slice z = 0 a bowl; off it by 1e-6, |z| > 1 after 76 steps."""
    points = path(GD(learning_rate=0.1), LANDSCAPES["saddle"], (1, 1e-6), 100)
    assert int(np.argmax(np.abs(points[:, 1]) > 1)) == 76


# --- the record of a run -------------------------------------------------------------------------


def test_a_trajectory_lists_every_point_with_its_value_and_gradient_norm():
    result = run(GD(learning_rate=0.3), CHAPTER, (0, 0), 40)
    np.testing.assert_array_equal(result.points, path(GD(learning_rate=0.3), CHAPTER, (0, 0), 40))
    np.testing.assert_allclose(result.values, [CHAPTER.value(p) for p in result.points], rtol=1e-12)
    norms = [np.hypot(*CHAPTER.gradient(p)) for p in result.points]
    np.testing.assert_allclose(result.gradient_norms, norms, rtol=1e-9)
    assert result.steps == 40
    with pytest.raises(ValueError, match="read-only"):
        result.points[0] = 0


def test_left_view_is_the_first_point_outside():
    assert run(GD(learning_rate=0.05), BOWL, (1, 1), 50).left_view is None
    result = run(GD(learning_rate=0.21), BOWL, (1, 1), 50)
    outside = np.abs(result.points).max(axis=1) > 1.5
    assert result.left_view == int(np.argmax(outside)) > 0
    assert run(GD(), BOWL, (5, 0), 50).left_view == 0


def test_a_diverging_path_is_shown_and_not_clipped():
    result = run(GD(learning_rate=1.0), BOWL, (1, 1), 50)
    assert np.abs(result.points[-1]).max() > 1e8
    np.testing.assert_allclose(result.points[:, 1], (-9.0) ** np.arange(len(result.points)))


def test_tolerance_zero_never_stops_a_run_that_is_not_exact():
    assert len(run(GD(learning_rate=0.5), CHAPTER, (0, 0), 400, tolerance=0).points) == 401


def test_momentum_that_shoots_through_the_minimiser_goes_on():
    """At learning rate 1 the first step from (1, 0) lands on it, with all its speed."""
    result = run(OPTIMIZERS["momentum"](learning_rate=1.0), BOWL, (1, 0), 600)
    np.testing.assert_array_equal(result.points[1], (0, 0))
    assert result.points[2, 0] == pytest.approx(-0.9)
    assert (result.status, len(result.points) > 100) == ("converged", True)


def test_no_steps():
    result = run(GD(), CHAPTER, (0, 0), 0)
    assert (len(result.points), result.status) == (1, "max_steps")


# --- many starts ---------------------------------------------------------------------------------


def grid(loss, n):
    (x0, x1), (y0, y1) = loss.view
    return np.stack(np.meshgrid(np.linspace(x0, x1, n), np.linspace(y0, y1, n)), axis=-1)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("gradient descent", {"learning_rate": 0.01}),
        ("momentum", {"learning_rate": 0.003}),
        ("nesterov", {"learning_rate": 0.003}),
        ("adagrad", {"learning_rate": 0.5}),
        ("rmsprop", {"learning_rate": 0.05}),
        ("adam", {"learning_rate": 0.1}),
        ("newton", {}),
        ("backtracking", {}),
    ],
)
def test_run_many_labels_equal_those_of_the_full_run(name, settings):
    loss, method = LANDSCAPES["himmelblau"], OPTIMIZERS[name](**settings)
    starts = grid(loss, 33)
    basins = run_many(method, loss, starts, 300)
    full = run_many(method, loss, starts, 300, tolerance=0)
    with np.errstate(all="ignore"):
        p = end(method, loss, starts.reshape(-1, 2), 300).reshape(starts.shape)
    assert basins.label.shape == basins.outcome.shape == basins.steps.shape == (33, 33)
    np.testing.assert_array_equal(basins.label, full.label)
    np.testing.assert_array_equal(basins.outcome, full.outcome)
    for i, minimum in enumerate(loss.minima):
        at = np.abs(p - minimum).max(axis=-1) < 0.1
        np.testing.assert_array_equal(at, basins.label == i)
        assert at.any()
    assert basins.steps.min() < 300


def test_run_many_agrees_with_single_runs():
    loss, method = LANDSCAPES["himmelblau"], GD(learning_rate=0.02)
    starts = np.random.default_rng(2).uniform(-6, 6, (60, 2))
    basins = run_many(method, loss, starts, 400)
    for i, start in enumerate(starts):
        alone = run(method, loss, start, 400)
        assert (alone.status == "converged") == (basins.outcome[i] == MINIMUM)
        assert (alone.status == "diverged") == (basins.outcome[i] == DIVERGED)
        if alone.status == "converged":
            np.testing.assert_allclose(basins.end[i], alone.points[-1], atol=1e-5)
            assert 0 <= basins.steps[i] - (len(alone.points) - 1) <= 12
    assert {MINIMUM, DIVERGED} <= set(basins.outcome.tolist())


def test_run_many_names_what_it_did_not_reach():
    himmelblau = LANDSCAPES["himmelblau"]
    newton = run_many(OPTIMIZERS["newton"](), himmelblau, grid(himmelblau, 41), 100)
    assert {MINIMUM, SADDLE, MAXIMUM} <= set(newton.outcome.ravel().tolist())
    np.testing.assert_array_equal(newton.label >= 0, newton.outcome == MINIMUM)
    slow = run_many(GD(learning_rate=1e-4), himmelblau, [(0.0, 0.0)], 20)
    assert (slow.outcome[0], slow.label[0], slow.steps[0]) == (UNSETTLED, -1, 20)
    saddle = LANDSCAPES["saddle"]
    ridge = run_many(GD(learning_rate=0.1), saddle, [(1.0, 0.0), (1.0, 0.1)], 300)
    assert ridge.outcome.tolist() == [SADDLE, DIVERGED]


def test_a_short_newton_step_on_a_cliff_is_no_saddle():
    method = OPTIMIZERS["adam"](learning_rate=0.0519)
    cliff = run_many(method, LANDSCAPES["plateau and cliff"], [(1.3, -1.2)], 3)
    assert list(cliff.outcome) == [UNSETTLED]


def test_run_many_on_one_start_and_on_none():
    loss = LANDSCAPES["himmelblau"]
    one = run_many(GD(learning_rate=0.01), loss, (3.0, 2.5), 200)
    assert (one.label.shape, int(one.label)) == ((), 0)
    assert run_many(GD(), loss, np.empty((0, 2)), 10).label.shape == (0,)
    with pytest.raises(ValueError, match="starts must be finite points"):
        run_many(GD(), loss, np.zeros((4, 3)), 10)


def test_run_many_finds_the_region_of_minimisers_of_a_flat_bottom():
    basins = run_many(GD(learning_rate=0.25), LANDSCAPES["flat bottom"], [(2.5, 1.5), (0, 0.3)], 99)
    assert basins.outcome.tolist() == [MINIMUM, MINIMUM]
    assert basins.label.tolist() == [0, 0]


def test_run_many_labels_rmsprop_that_hops_around_a_minimum():
    loss = LANDSCAPES["himmelblau"]
    basins = run_many(OPTIMIZERS["rmsprop"](learning_rate=0.3), loss, grid(loss, 15), 400)
    assert np.all(basins.label >= 0)
    away = np.abs(basins.end - loss.minima[basins.label]).max(axis=-1)
    assert away.max() > 0.1


def test_run_many_waits_for_rmsprop_that_will_hop_again():
    """Its steps can sink below rounding while v decays, and then start again."""
    method, starts = OPTIMIZERS["rmsprop"](learning_rate=0.002), grid(BOWL, 12).reshape(-1, 2)
    full = run_many(method, BOWL, starts, 150, tolerance=0)
    np.testing.assert_array_equal(full.end, end(method, BOWL, starts, 150))


def test_run_many_with_sgd():
    basins = run_many(OPTIMIZERS["sgd"](learning_rate=0.3), CHAPTER, [(0.0, 0.0), (3.0, 1.0)], 500)
    assert basins.label.tolist() == [0, 0]


@pytest.mark.parametrize("landscape", ["rastrigin", "double well", "bowl", "saddle"])
@pytest.mark.parametrize("name", [n for n, m in OPTIMIZERS.items() if m.coordinatewise])
def test_separable_landscape_axis_by_axis_equals_every_start(landscape, name):
    loss, method = LANDSCAPES[landscape], OPTIMIZERS[name](learning_rate=0.002)
    starts = grid(loss, 12)
    by_axes = run_many(method, loss, starts, 150)
    one_by_one = run_many(method, loss, starts.reshape(-1, 2), 150)
    np.testing.assert_array_equal(by_axes.label.ravel(), one_by_one.label)
    np.testing.assert_array_equal(by_axes.outcome.ravel(), one_by_one.outcome)
    everywhere = end(method, loss, starts.reshape(-1, 2), 150)
    np.testing.assert_array_equal(by_axes.end.reshape(-1, 2), everywhere)
    if name == "gradient descent":
        assert np.abs(by_axes.steps.ravel() - one_by_one.steps).max() <= 20


def test_starts_that_are_no_grid_are_run_one_by_one():
    loss = LANDSCAPES["double well"]
    starts = np.random.default_rng(0).uniform(-2, 2, (5, 4, 2))
    basins = run_many(GD(learning_rate=0.1), loss, starts, 300)
    np.testing.assert_allclose(basins.end, end(GD(learning_rate=0.1), loss, starts, 300), atol=1e-5)
    assert len(np.unique(basins.label)) == 2


# --- many learning rates -------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_sweep_counts_the_steps_of_single_runs(name):
    rates = [0.03, 0.1, 0.15]
    result = sweep(name, BOWL, (1, 1), rates, 500)
    for rate, steps in zip(rates, result.steps, strict=True):
        k = steps_to(path(OPTIMIZERS[name](learning_rate=rate), BOWL, (1, 1), 500), (0, 0))
        same = np.isnan(steps) if k is None else k == steps
        assert same, f"at rate {rate} a sweep of {name!r} counts {steps} steps, a run {k}"


def test_sweep_shows_the_u_shape_and_its_cliff():
    rates = np.linspace(0.01, 0.25, 49)
    result = sweep("gradient descent", BOWL, (1, 1), rates, 2000)
    np.testing.assert_array_equal(result.diverged, rates > 0.2)
    np.testing.assert_array_equal(np.isnan(result.steps), rates >= 0.2 - 1e-12)
    best = rates[np.nanargmin(result.steps)]
    assert best == pytest.approx(2 / 11, abs=0.005)


def test_sweep_sees_slow_divergence():
    result = sweep("gradient descent", CHAPTER, (0, 0), [0.78, 0.79, 0.8], 400)
    assert result.diverged.tolist() == [False, True, True]


def test_sweep_passes_settings_on():
    a = sweep("momentum", BOWL, (1, 1), [0.1], 500, momentum=0.5).steps
    b = sweep("momentum", BOWL, (1, 1), [0.1], 500).steps
    assert a < b == 249


def test_sweep_where_no_minimiser_exists_and_in_a_trough():
    none = sweep("gradient descent", LogisticLoss(separable_four()), (0, 0), [0.1, 1.0], 50)
    assert np.isnan(none.steps).all()
    assert not none.diverged.any()
    trough = sweep("gradient descent", MeanSquaredError(same_x()), (0, 0), [0.05, 0.3], 200)
    assert trough.steps[0] < 50
    assert trough.diverged.tolist() == [False, True]


def test_sweep_at_the_minimiser_needs_no_step():
    assert sweep("adam", BOWL, (0, 0), [0.1], 5).steps.tolist() == [0.0]
