"""Many runs at once: where does each start end, and which learning rates arrive.

Both loops advance all runs by one vectorised step and drop those that are done (compaction). That
is where the speed comes from: most runs settle long before the last step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.contracts import Array, Loss, Method
from lossgeo.descent.methods import OPTIMIZERS
from lossgeo.descent.stopping import NEAR, Flags, both, gone, newton_step, over, settled, stationary_near
from lossgeo.geometry import Scale
from lossgeo.kernels import BLOCK

Counts = NDArray[np.int64]
A = TypeVar("A", Array, Counts)

OUTCOMES = ("minimum", "saddle", "maximum", "diverged", "did not settle")
MINIMUM, SADDLE, MAXIMUM, DIVERGED, UNSETTLED = range(5)


@dataclass(frozen=True, eq=False)
class Basins:
    """Where each start ended: arrays shaped like the starts' leading axes, `end` (..., 2).

    label: index into loss.minima, -1 for none of them. outcome: index into OUTCOMES. steps: how
    many until the run was seen to be over; looked at after 5, 10 and then every 10.
    """

    label: Counts
    outcome: Counts
    steps: Counts
    end: Array

    def __post_init__(self) -> None:
        for array in (self.label, self.outcome, self.steps, self.end):
            array.setflags(write=False)


def run_many(method: Method, loss: Loss, starts: ArrayLike, steps: int, tolerance: float = 1e-6) -> Basins:
    """One run of the method from each of the starts (..., 2), without keeping their paths.

    A run leaves the computation when it has settled, diverged or stalled, as in `optimizers.run`.
    """
    starts = np.asarray(starts, float)
    if starts.shape[-1:] != (2,) or not np.isfinite(starts).all():
        raise ValueError(f"starts must be finite points (..., 2), got an array of {starts.shape}")
    method = replace(method, horizon=max(steps, 1))
    scale, shape = Scale(loss), starts.shape[:-1]
    with np.errstate(all="ignore"):
        if method.coordinatewise and loss.separable and _is_product(starts):
            whole, moves = _descend_axes(method, scale, starts, steps, tolerance)
            runs = list(zip(_blocks(whole), _blocks(moves), strict=True))
        else:
            blocks = _blocks(starts.reshape(-1, 2), loss.terms)
            runs = [_descend(method, scale, p, steps, tolerance) for p in blocks]
        parts = [(*_label(method, scale, end), taken, end) for end, taken in runs]
    label, outcome, taken, end = (np.concatenate(part) for part in zip(*parts, strict=True))
    label, outcome, taken = (a.reshape(shape) for a in (label, outcome, taken))
    return Basins(label, outcome, taken, end.reshape(starts.shape))


def _blocks(starts: A, per_start: int = 1) -> list[A]:
    """Parts of (n, ...) so small that all a step needs stays in a core's own cache."""
    size = max(256, 2 * BLOCK // (1 + per_start))
    return [starts[i : i + size] for i in range(0, max(len(starts), 1), size)]


def _descend(method: Method, scale: Scale, p: Array, steps: int, tolerance: float) -> tuple[Array, Counts]:
    """End points (n, 2) and steps taken (n,) of the runs from p (n, 2).

    All x stand together in memory, and all y: so every operation runs along the n starts.
    """
    p = np.asfortranarray(p)
    end, taken, alive = np.empty_like(p), np.full(len(p), steps), np.arange(len(p))
    state = method.init(scale.loss, p)
    for t in range(1, steps + 1):
        before = p
        p, state = method.step(scale.loss, p, state, t)
        if t % 10 and t != 5 and t < steps:  # 5: by then Newton's method has often arrived
            continue
        reasons = over(method, scale, before, p, tolerance, path=False)
        done = np.logical_or.reduce(list(reasons.values())) | (t == steps)
        if done.any():
            ended, left = np.flatnonzero(done), np.flatnonzero(~done)
            end.T[:, alive[ended]], taken[alive[ended]] = p.T[:, ended], t
            p, alive, state = p.T[:, left].T, alive[left], method.select(state, left)
            if not alive.size:
                break
    return end, taken


def _is_product(starts: Array) -> bool:
    """Whether the starts (ny, nx, 2) are every pair of nx values of x and ny values of y."""
    if starts.ndim != 3 or not starts.size:
        return False
    x, y = starts[..., 0], starts[..., 1]
    return bool((x == x[:1]).all() and (y == y[:, :1]).all())


def _descend_axes(method: Method, scale: Scale, starts: Array, steps: int, tolerance: float) -> tuple[Array, Counts]:
    """The same for a product of starts, a separable loss and a coordinatewise method.

    Then x moves alone and y moves alone: max(nx, ny) runs give all nx ny. A pair is done when both
    have come to rest: when they last moved by more than the tolerance.
    """
    ny, nx = starts.shape[:2]
    row = np.arange(max(nx, ny))  # each run takes one x and one y along, whichever they are
    p = np.stack([starts[0, np.minimum(row, nx - 1), 0], starts[np.minimum(row, ny - 1), 0, 1]], axis=-1)
    state, last = method.init(scale.loss, p), np.zeros(p.shape, int)
    for t in range(1, steps + 1):
        before = p
        p, state = method.step(scale.loss, p, state, t)
        last[np.abs(p - before) > tolerance * scale.unit] = t
    pairs = np.stack(np.meshgrid(p[:nx, 0], p[:ny, 1])).reshape(2, -1).T
    taken = np.maximum(last[:nx, 0], last[:ny, 1, None]).ravel()
    return pairs, taken


def _label(method: Method, scale: Scale, end: Array) -> tuple[Counts, Counts]:
    """The index of the nearest minimum within reach, and the outcome, of each end point (n, 2)."""
    loss = scale.loss
    label, outcome = np.full(len(end), -1), np.full(len(end), UNSETTLED)
    if loss.minimisers not in ("line", "region") and len(loss.minima):
        label, found = _nearest_minimum(method, scale, end)
        outcome[found] = MINIMUM
    rest = np.flatnonzero(outcome == UNSETTLED)
    step, low, high = newton_step(scale, *scale.derivatives(end[rest]))
    rested = rest[both(step <= NEAR) & (low < 0)]
    away, low, high = stationary_near(scale, end[rested])
    outcome[rested[(away <= NEAR) & (low < 0) & (high > 0)]] = SADDLE
    outcome[rested[(away <= NEAR) & (high < 0)]] = MAXIMUM
    at_minimum = rest[settled(scale, end[rest], 1e-3)]
    outcome[at_minimum] = MINIMUM
    if loss.minimisers in ("line", "region"):
        label[at_minimum] = 0  # the one representative stands for them all
    outcome[rest[gone(scale, end[rest])]] = DIVERGED
    return label, outcome


def _nearest_minimum(method: Method, scale: Scale, end: Array) -> tuple[Counts, Flags]:
    """The index of the nearest listed minimum, -1 if it is out of reach, and whether it is not."""
    best, label = np.full(len(end), np.inf), np.full(len(end), -1)
    radius = reach(method, scale)
    for i, minimum in enumerate(scale.loss.minima):
        away = np.abs(end - minimum) / radius
        away = np.maximum(away[:, 0], away[:, 1])
        nearer = away < np.minimum(best, 1.0)
        best[nearer], label[nearer] = away[nearer], i
    return label, label >= 0


def reach(method: Method, scale: Scale) -> Array:
    """How near to a listed minimum an end point must be to count as having found it, (2,).

    RMSProp and Adam keep hopping around a minimum by about the learning rate, hence twice that; but
    never over a third of the way between two minima.
    """
    radius = NEAR * scale.size
    if method.hops:
        radius = np.maximum(radius, 2.0 * np.max(method.learning_rate))
    minima = scale.loss.minima
    apart = np.abs(minima[:, None] - minima).max(axis=-1)
    nearest = float(apart[apart > 0].min(initial=np.inf))
    return np.minimum(radius, nearest / 3.0)


@dataclass(frozen=True, eq=False)
class Sweep:
    """For each learning rate: the steps until arrival, nan if it did not arrive, and divergence."""

    learning_rates: Array
    steps: Array
    diverged: Flags

    def __post_init__(self) -> None:
        for array in (self.learning_rates, self.steps, self.diverged):
            array.setflags(write=False)


def sweep(
    name: str,
    loss: Loss,
    start: ArrayLike,
    learning_rates: ArrayLike,
    steps: int,
    tolerance: float = 1e-6,
    **settings: Any,
) -> Sweep:
    """Run the method of that name from one start with each of the learning rates, all in one run.

    Arrival: max|p - minimiser| < tolerance for one of the listed minima (as in `settled` where they
    form a line or a region). The unit of tolerance is that of the parameters (`Scale.unit`).
    Diverged: gone to infinity, or, on a convex quadratic, higher at the end than at the start.
    """
    rates, start = np.array(learning_rates, float).reshape(-1, 1), np.array(start, float)
    method: Method = OPTIMIZERS[name](learning_rate=rates, horizon=max(steps, 1), **settings)
    arrived, diverged = np.full(len(rates), np.nan), np.zeros(len(rates), bool)
    alive, p, done = np.arange(len(rates)), np.tile(start, (len(rates), 1)), 0
    scale = Scale(loss)
    with np.errstate(all="ignore"):
        arrived[_arrived(scale, p, tolerance)] = 0.0
        state = method.init(loss, p)
        while done < steps and alive.size:
            block = np.empty((min(16, steps - done), alive.size, 2))
            for i in range(len(block)):
                p, state = method.step(loss, p, state, done + i + 1)
                block[i] = p
            here, lost = _arrived(scale, block, tolerance), gone(scale, block)
            got = here.any(axis=0)
            at = done + 1.0 + here.argmax(axis=0)
            arrived[alive[got]] = np.fmin(arrived[alive[got]], at[got])
            diverged[alive] = lost.any(axis=0) & ~got
            done += len(block)
            keep = ~(got | diverged[alive])
            if not keep.all():
                left = np.flatnonzero(keep)
                p, alive, state = p[left], alive[left], method.select(state, left)
                method = replace(method, learning_rate=rates[alive])
        if loss.quadratic and loss.convex:
            diverged[alive] |= loss.value(p) > loss.value(start)
    return Sweep(rates[:, 0].copy(), arrived, diverged)


def _arrived(scale: Scale, p: Array, tolerance: float) -> Flags:
    loss = scale.loss
    if loss.minimisers in ("line", "region"):
        return settled(scale, p.reshape(-1, 2), tolerance).reshape(p.shape[:-1])
    away = np.abs(p[..., None, :] - loss.minima) / scale.unit
    return np.asarray(both(away < tolerance).any(axis=-1))
