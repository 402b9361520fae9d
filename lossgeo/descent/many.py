"""Many runs at once: basins of attraction, and sweeps over learning rates.

Both loops advance all runs together by one vectorised step, and drop the runs that have ended. That makes them
fast, because most runs end long before the last step.
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
    """Where each start ended: arrays of the shape of the starts without the last axis, and `end` (..., 2).

    label: index into loss.minima, or -1. outcome: index into OUTCOMES. steps: the number of steps after which the
    run was seen to have ended; this is checked after 5, 10, 20, 30, ... steps.
    """

    label: Counts
    outcome: Counts
    steps: Counts
    end: Array

    def __post_init__(self) -> None:
        for array in (self.label, self.outcome, self.steps, self.end):
            array.setflags(write=False)


def run_many(method: Method, loss: Loss, starts: ArrayLike, steps: int, tolerance: float = 1e-6) -> Basins:
    """Run the method from each of the starts (..., 2), without keeping the paths.

    A run ends when it has settled, diverged or stalled, as in `single.run`, or after `steps` steps.
    `tolerance` counts in `Scale.unit`. Raises ValueError unless the starts are finite points, or if the
    method cannot run on the loss.
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
    """Slices of an array (n, ...), small enough that the data of a step fit into the cache of one core."""
    size = max(256, 2 * BLOCK // (1 + per_start))
    return [starts[i : i + size] for i in range(0, max(len(starts), 1), size)]


def _descend(method: Method, scale: Scale, p: Array, steps: int, tolerance: float) -> tuple[Array, Counts]:
    """End points (n, 2) and numbers of steps (n,) of the runs from p (n, 2).

    The arrays are in Fortran order: all x are contiguous in memory, and all y. So every operation
    runs along the n starts.
    """
    p = np.asfortranarray(p)
    end, taken, alive = np.empty_like(p), np.full(len(p), steps), np.arange(len(p))
    state = method.init(scale.loss, p)
    for t in range(1, steps + 1):
        before = p
        p, state = method.step(scale.loss, p, state, t)
        if t % 10 and t != 5 and t < steps:  # check early: Newton's method has often converged after 5 steps
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
    """Whether the starts (ny, nx, 2) combine nx values of x with ny values of y."""
    if starts.ndim != 3 or not starts.size:
        return False
    x, y = starts[..., 0], starts[..., 1]
    return bool((x == x[:1]).all() and (y == y[:, :1]).all())


def _descend_axes(method: Method, scale: Scale, starts: Array, steps: int, tolerance: float) -> tuple[Array, Counts]:
    """End points (nx ny, 2) and numbers of steps (nx ny,) for a product of starts (ny, nx, 2).

    For a separable loss and a coordinatewise method x and y evolve independently, so max(nx, ny) runs are enough.
    The number of steps of a pair is the last step in which x or y moved by more than the tolerance.
    """
    ny, nx = starts.shape[:2]
    # Run i starts from the i-th x and the i-th y; the shorter list repeats its last value.
    row = np.arange(max(nx, ny))
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
    """For end points (n, 2): the index of the nearest minimum within `reach`, else -1, and the outcome; both (n,)."""
    loss = scale.loss
    label, outcome = np.full(len(end), -1), np.full(len(end), UNSETTLED)
    if loss.minimisers not in ("line", "region") and len(loss.minima):
        label, found = _nearest_minimum(method, scale, end)
        outcome[found] = MINIMUM
    rest = np.flatnonzero(outcome == UNSETTLED)
    step, low, high = newton_step(scale, end[rest])
    rested = rest[both(step <= NEAR) & (low < 0)]
    there, low, high = stationary_near(scale, end[rested])
    near = both(np.abs(there - end[rested]) <= NEAR * scale.size)
    outcome[rested[near & (low < 0) & (high > 0)]] = SADDLE
    outcome[rested[near & (high < 0)]] = MAXIMUM
    at_minimum = rest[settled(scale, end[rest], 1e-3)]
    outcome[at_minimum] = MINIMUM
    if loss.minimisers in ("line", "region"):
        label[at_minimum] = 0  # the one listed minimum represents all minimisers
    outcome[rest[gone(scale, end[rest])]] = DIVERGED
    return label, outcome


def _nearest_minimum(method: Method, scale: Scale, end: Array) -> tuple[Counts, Flags]:
    """The index of the nearest listed minimum, or -1 if none is within `reach`; and whether there is one."""
    best, label = np.full(len(end), np.inf), np.full(len(end), -1)
    radius = reach(method, scale)
    for i, minimum in enumerate(scale.loss.minima):
        away = np.abs(end - minimum) / radius
        away = np.maximum(away[:, 0], away[:, 1])
        nearer = away < np.minimum(best, 1.0)
        best[nearer], label[nearer] = away[nearer], i
    return label, label >= 0


def reach(method: Method, scale: Scale) -> Array:
    """The distance (2,) from a listed minimum within which an end point counts as having found it.

    RMSProp and Adam keep hopping around a minimum by about the learning rate, so for them it is at least twice
    that. It never exceeds a third of the distance between two minima.
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
    """The result for each learning rate, arrays (m,).

    steps: the number of steps until arrival, nan if the run did not arrive. diverged: whether it diverged.
    """

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
    """Run the method called `name` from one start (2,) with each of the learning rates (m,), all in parallel.

    A run arrives when max|p - minimiser| < tolerance for a listed minimum, counted in `Scale.unit`; if the
    minimisers form a line or a region, when it has settled. It diverges if it goes to infinity, or on a
    convex quadratic if it ends higher than it started. `settings` are further settings of the method. Raises
    KeyError for an unknown name.
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
            here, lost = _arrived(scale, block, tolerance), _lost(method, scale, block, start)
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


def _lost(method: Method, scale: Scale, p: Array, start: Array) -> Flags:
    """Whether each point p (..., 2) has run away. While the rate falls, it may still come back if it is finite."""
    return gone(scale, p, start) if method.schedule == "constant" else ~both(np.isfinite(p))


def _arrived(scale: Scale, p: Array, tolerance: float) -> Flags:
    """Whether each point p (..., 2) counts as arrived, as described in `sweep`: shape (...)."""
    loss = scale.loss
    if loss.minimisers in ("line", "region"):
        return settled(scale, p.reshape(-1, 2), tolerance).reshape(p.shape[:-1])
    away = np.abs(p[..., None, :] - loss.minima) / scale.unit
    return np.asarray(both(away < tolerance).any(axis=-1))
