"""The runs on a plane of a network that may leave it: its training, and the true descent from the start."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lossgeo.contracts import Array
from lossgeo.descent import Trajectory
from lossgeo.numbers import number, percent
from lossgeo.views import cached, network_planes
from lossgeo.views.choice import Choice, MethodSpec
from lossgeo.views.pages import GD

TRAINING, TRUE = "training", "true descent"


def projected(choice: Choice) -> Iterator[tuple[MethodSpec, Trajectory, str, str, int]]:
    """Yields the training and, if chosen, the true descent: method, trajectory, mark, title, steps between points.

    The points are the nearest points of the plane, the values the losses at the true weights.
    """
    assert choice.loss.plane is not None
    found = network_planes.shown(choice.loss.plane)
    trained = found.training
    thin = next(k for k in (4, 2, 1) if (len(trained.steps) - 1) % k == 0)  # 50 of 200 are enough for a line
    every = int(trained.steps[thin]) if len(trained.steps) > thin else 1
    method = MethodSpec(trained.method.name, float(np.max(trained.method.learning_rate)))
    end = number(float(trained.losses[-1]))
    words = (
        f"{trained.method.name}, {trained.steps[-1]} steps on all {trained.network.size} weights, projected; its loss "
        f"ended at {end}."
    )
    if found.shares is not None:
        words = f"{words} {shares_in_words(found.shares)}"
    parts = found.path[::thin], trained.losses[::thin], found.away[::thin]
    if choice.loss.plane.factor == 1.0:  # otherwise the plane goes through a copy of its end
        yield method, _trajectory(*parts, words, method.name), TRAINING, "", every
    if choice.true:
        both = cached.true_descent(choice.loss, choice.start, choice.rate, choice.steps)
        fine = np.isfinite(both.projected).all(axis=1) & np.isfinite(both.true_losses)
        last = len(fine) if fine.all() else max(int(np.argmin(fine)), 1)
        end = number(float(both.true_losses[last - 1]))
        words = f"gradient descent that may leave the plane, projected; its loss ended at {end}."
        parts = both.projected[:last], both.true_losses[:last], both.distance[:last]
        yield MethodSpec(GD, choice.rate), _trajectory(*parts, words, GD), TRUE, "", 1


def _trajectory(points: Array, values: Array, away: Array, reason: str, method: str) -> Trajectory:
    """A run as the page draws it. Its gradient norms are not known here."""
    length = float(np.hypot(*np.ptp(points, axis=0)))
    details = (
        f"At its end it is {number(float(away[-1]))} away from the plane, at most {number(float(away.max()))}; on the "
        f"map it spans {number(length)}. The height of the map under the path is not the loss on the path."
    )
    return Trajectory(
        points, values, np.full(len(points), np.nan), "projected", reason, details, None, method, len(points) - 1, None
    )


def shares_in_words(shares: tuple[float, float]) -> str:
    """How much of the training path its own plane holds."""
    both = percent(round(1000 * sum(shares)), 1000)
    return f"The plane holds {both} of the variance of the training path."
