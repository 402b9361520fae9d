"""Many starts at once, one run, and a sweep of learning rates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from lossgeo.datasets import CLASSIFICATION, REGRESSION, Array
from lossgeo.descent import OPTIMIZERS, Basins, run, run_many, sweep
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanSquaredError
from lossgeo.surfaces import Grid
from tests.bench.harness import Limit, Milliseconds, Row, installed

RATE, STEPS, SIDE = 0.01, 500, 200
ADAMS_RATE = 0.1  # of Adam, whose steps are about as long as the learning rate
himmelblau, rastrigin = LANDSCAPES["himmelblau"], LANDSCAPES["rastrigin"]
STARTS = Grid(*himmelblau.view, SIDE, SIDE).points
DENTS = Grid(*rastrigin.view, SIDE, SIDE).points
SAMPLED = 250  # the loops over starts run on every so-manieth start only, and are scaled up


def found(name: str, starts: Array = STARTS, **settings: float) -> Basins:
    return run_many(OPTIMIZERS[name](**settings), himmelblau, starts, STEPS)


# Baselines: Himmelblau's gradient as one would write it, for an array p of shape (2, n).


def slope(p: Array) -> Array:
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.stack([4 * x * a + 2 * b, 2 * a + 4 * y * b])


@np.errstate(all="ignore")
def vectorised(steps: int = STEPS) -> Array:
    p = STARTS.reshape(-1, 2).T.copy()
    for _ in range(steps):
        p = p - RATE * slope(p)
    return p


def one_by_one() -> list[tuple[float, float]]:
    """Python floats, start by start."""
    ends = []
    for x, y in STARTS.reshape(-1, 2)[::SAMPLED].tolist():
        for _ in range(STEPS):
            a, b = x * x + y - 11, x + y * y - 7
            x, y = x - RATE * (4 * x * a + 2 * b), y - RATE * (2 * a + 4 * y * b)
        ends.append((x, y))
    return ends


@np.errstate(all="ignore")
def in_place(name: str) -> Array:
    """Momentum, Nesterov and Adam on all starts to the last step, without a new array a step."""
    p = STARTS.reshape(-1, 2).T.copy()
    v, m, scratch, before = np.zeros_like(p), np.zeros_like(p), np.empty_like(p), p.copy()
    for t in range(1, STEPS + 1):
        if name == "adam":
            g = slope(p)
            np.multiply(g, 0.1, out=scratch)
            m *= 0.9
            m += scratch
            np.multiply(g, g, out=scratch)
            scratch *= 0.001
            v *= 0.999
            v += scratch
            np.divide(v, 1 - 0.999**t, out=scratch)
            np.sqrt(scratch, out=scratch)
            scratch += 1e-8
            np.divide(m, scratch, out=scratch)
            scratch *= ADAMS_RATE / (1 - 0.9**t)
            p -= scratch
            continue
        np.subtract(p, before, out=v)
        v *= 0.9
        before[...] = p
        if name == "nesterov":
            p += v
            g = slope(p)
        else:
            g = slope(p)
            p += v
        g *= RATE
        p -= g
    return p


def newton_one_by_one(steps: int) -> None:
    for p in STARTS.reshape(-1, 2)[::SAMPLED]:
        for _ in range(steps):
            p = p - np.linalg.solve(himmelblau.hessian(p), himmelblau.gradient(p))


def all_dents() -> Array:
    """Gradient descent on Rastrigin from all starts, to the last step."""
    p, c = DENTS.reshape(-1, 2).T.copy(), 2 * np.pi
    for _ in range(STEPS):
        p = p - 0.002 * (2 * p + 10 * c * np.sin(c * p))
    return p


def dents() -> Basins:
    method = OPTIMIZERS["gradient descent"](learning_rate=0.002)
    return run_many(method, rastrigin, DENTS, STEPS)


def dents_that_differ() -> float:
    """The largest difference between the separable run and all starts; 0 to the last bit."""
    return float(np.abs(dents().end - all_dents().T.reshape(DENTS.shape)).max())


def labels_that_differ() -> float:
    """How many of the starts get another minimum than the full run without early stops gives them."""
    end = vectorised().T[:, None]
    nearest = np.abs(end - himmelblau.minima).max(axis=-1).argmin(axis=-1)
    return float((found("gradient descent", learning_rate=RATE).label.ravel() != nearest).sum())


def many(name: str, baseline: Callable[[], object], bar: float, floor: float, label: str, scale: float = 1) -> Row:
    settings = {"newton": {}, "adam": {"learning_rate": ADAMS_RATE}}.get(name, {"learning_rate": RATE})
    return Row(label, partial(found, name, **settings), baseline, bar, floor, scale)


def compacted(name: str, bar: float) -> Row:
    return many(name, partial(in_place, name), bar, bar / 3, f"{name} 40,000 starts v in place, to the end")


def numba_rows() -> list[Row]:
    if not installed("numba"):
        return []
    import numba

    @numba.njit
    def early(starts: Array, rate: float, steps: int) -> Array:
        ends = np.empty_like(starts)
        for i in range(len(starts)):
            x, y = starts[i]
            for _ in range(steps):
                a, b = x * x + y - 11, x + y * y - 7
                u, v = 4 * x * a + 2 * b, 2 * a + 4 * y * b
                x, y = x - rate * u, y - rate * v
                if abs(u) < 1e-6 and abs(v) < 1e-6:
                    break
            ends[i] = x, y
        return ends

    baseline = partial(early, STARTS.reshape(-1, 2), RATE, STEPS)
    return [many("gradient descent", baseline, 0.25, 0.15, "himmelblau 40,000 starts v numba with early stop")]


# One run and one sweep, as a page asks for them.

line = MeanSquaredError(REGRESSION["chapter line"]())
classes = LogisticLoss(CLASSIFICATION["two classes"]())
RATES = np.geomspace(1e-3, 1.0, 60)


def hundred_steps(name: str) -> Milliseconds:
    settings = {} if name in ("newton", "backtracking") else {"learning_rate": 1e-3}
    call = partial(run, OPTIMIZERS[name](**settings), line, (0.2, 0.1), 100)
    return Milliseconds(f"100 steps of {name}, milliseconds", call, 3.0 if name == "backtracking" else 2.0)


def four_sweeps() -> None:
    for name in ("gradient descent", "momentum", "nesterov", "adam"):
        sweep(name, line, (0.2, 0.1), RATES, 1000)


def swept_one_by_one() -> None:
    for name in ("gradient descent", "momentum", "nesterov", "adam"):
        for rate in RATES[::12]:
            run(OPTIMIZERS[name](learning_rate=rate), line, (0.2, 0.1), 1000)


gd = "himmelblau 40,000 starts x 500 steps"
ROWS: list[Row | Limit | Milliseconds] = [
    many("gradient descent", vectorised, 4, 1.6, f"{gd} v vectorised"),
    many("gradient descent", one_by_one, 200, 65, f"{gd} v one by one", SAMPLED),
    Limit(f"{gd}, labels that differ", labels_that_differ, 0),
    *numba_rows(),
    compacted("momentum", 0.9),  # 285 of 500 steps; each allocates, as the formula is written
    compacted("nesterov", 1.5),
    compacted("adam", 1.2),
    Row("rastrigin basins, separable v all 40,000", dents, all_dents, 25, 8),
    Limit("rastrigin basins, separable, largest difference", dents_that_differ, 0),
    many(
        "newton", partial(newton_one_by_one, 10), 500, 160, "newton 40,000 starts x 500 steps v solve in a loop",
        SAMPLED * STEPS / 10,
    ),
    *(hundred_steps(name) for name in OPTIMIZERS),
    Milliseconds("60 learning rates x 4 methods, milliseconds", four_sweeps, 150),
    Row("60 learning rates x 4 methods v one by one", four_sweeps, swept_one_by_one, 12, 4, 12),
]  # fmt: skip
