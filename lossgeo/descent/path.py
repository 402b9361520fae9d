"""A finished run with what a verdict asks of it. Everything here is measured; nothing is inferred."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from lossgeo.contracts import Array, Loss, Method
from lossgeo.descent.stopping import stationary_near
from lossgeo.geometry import Scale, eigenvalues

WINDOW = 12  # the number of last steps examined for growth and oscillation


@dataclass(frozen=True, eq=False)
class Path:
    """A finished run of k steps: points (k+1, 2), values (k+1,) and gradients (k+1, 2).

    `steps` is the number of steps allowed. `why` says why it ended: "gone", "settled", "stalled", "overflow" (the next
    point or its loss is too large for a number), "outside" (the next point has no finite loss), or "" after all steps.
    """

    scale: Scale
    method: Method
    points: Array
    values: Array
    gradients: Array
    steps: int
    why: str

    @property
    def loss(self) -> Loss:
        """The loss that was minimised."""
        return self.scale.loss

    @property
    def k(self) -> int:
        """The number of steps taken."""
        return len(self.points) - 1

    @property
    def end(self) -> Array:
        """The last point, shape (2,)."""
        last: Array = self.points[-1]
        return last

    @property
    def rate(self) -> float:
        """The learning rate of the last step, the largest if there are several."""
        return float(np.max(self.method.rate(max(self.k, 1))))

    @property
    def constant(self) -> bool:
        """Whether the learning rate is the same in every step."""
        return self.method.schedule == "constant"

    @property
    def noisy(self) -> bool:
        """Whether the steps are random. They are not if every mini-batch holds all samples."""
        return self.method.noisy_on(self.loss)

    @property
    def slope(self) -> float:
        """The gradient norm at the end."""
        return norm(self.gradients[-1])

    @cached_property
    def curvatures(self) -> tuple[float, float]:
        """The Hessian eigenvalues low <= high at the end, in the units of the loss."""
        low, high = eigenvalues(self.loss, self.end)
        return float(low), float(high)

    # --- the last steps ------------------------------------------------------------------------------

    @cached_property
    def jumps(self) -> Array:
        """The last WINDOW steps, measured in views: shape (m, 2)."""
        return np.diff(self.points[-WINDOW - 1 :], axis=0) / self.scale.size

    @property
    def falling(self) -> bool:
        """Whether the last step lowered the loss, or a noisy run is lower than half-way."""
        if self.noisy:
            return self.k > 0 and bool(self.values[-1] < self.values[self.k // 2])
        return self.k > 0 and bool(self.values[-1] < self.values[-2])

    @property
    def up_and_down(self) -> bool:
        """Whether the loss rose in more than a fifth of the last 2 WINDOW - 1 steps; False after fewer than 8."""
        recent = np.diff(self.values[-2 * WINDOW :])
        return len(recent) >= 8 and bool(np.mean(recent > 0) > 0.2)

    @cached_property
    def swing(self) -> tuple[float, float] | None:
        """If the last steps go back and forth: the length of the last one, and the growth of their length per step.

        Back and forth means that each of the last WINDOW steps turns the one before around, within 18 degrees in
        units of the view, and that the steps get shorter, or longer, or neither, all of them alike. Otherwise, or
        after fewer than 4 steps, None.
        """
        d = self.jumps
        if len(d) < 4 or self.noisy:
            return None
        length = np.hypot(d[:, 0], d[:, 1])
        turns = (d[1:] * d[:-1]).sum(axis=1)
        if not (length.min() > 1e-9 and np.all(turns < -0.95 * length[1:] * length[:-1])):
            return None
        change = length[1:] / length[:-1]
        if change.min() < 1.0 - 1e-9 and change.max() > 1.0 + 1e-9:
            return None
        growth = float((length[-1] / length[0]) ** (1.0 / (len(d) - 1)))
        return norm(self.points[-1] - self.points[-2]), growth

    @property
    def repeats(self) -> bool:
        """Whether a run without memory is back, to rounding, where it was two steps before: so it will go on."""
        if self.k < 4 or self.method.memory or self.noisy or not self.constant:
            return False
        jump = np.abs(self.points[-1] - self.points[-2])
        return bool(np.all(np.abs(self.points[-1] - self.points[-3]) <= 1e-9 * jump.max()))

    @property
    def inside(self) -> bool:
        """Whether the last points lie in the view."""
        low, high = np.transpose(self.loss.view)
        recent = self.points[-2 * WINDOW :]
        return bool(np.all((recent >= low) & (recent <= high)))

    @cached_property
    def growing(self) -> bool:
        """Whether loss and gradient have grown, third by third, more than tenfold, and the loss beyond its start.

        A run on a loss with a bounded gradient, which may bounce far out and come back, does not count.
        """
        if self.k < 30:
            return False
        thirds = np.array_split(np.arange(self.k + 1), 3)
        highest = [float(self.values[part].max()) for part in thirds]
        steepest = [float(np.abs(self.gradients[part]).max()) for part in thirds]
        grew = all(b > 10.0 * abs(a) and b > 0 for a, b in pairwise(highest))
        steeper = all(b > 3.0 * a for a, b in pairwise(steepest))
        return grew and steeper and bool(self.values[-1] > 1e3 * abs(self.values[0]) + self.scale.height)

    # --- where it is -----------------------------------------------------------------------------------

    @cached_property
    def isolated(self) -> bool:
        """Whether isolated minima are known."""
        return bool(len(self.loss.minima)) and self.loss.minimisers not in ("line", "region")

    @cached_property
    def minimum(self) -> Array:
        """The nearest known minimum (2,), with distances measured in views."""
        return self.scale.nearest_minimum(self.end)

    @cached_property
    def distance(self) -> float:
        """The distance from the end to that minimum."""
        return norm(self.end - self.minimum)

    @property
    def comparable(self) -> bool:
        """Whether both parameters are of similar size, so that a distance in the plane says something."""
        return bool(self.scale.size.max() <= 100.0 * self.scale.size.min())

    @property
    def left(self) -> float:
        """The loss at the end minus that at the nearest known minimum, at least 0."""
        return max(float(self.values[-1] - self.loss.value(self.minimum)), 0.0)

    @property
    def nearer(self) -> bool:
        """Whether the end is nearer to that minimum than the run was half-way."""
        return bool(self.distance < norm(self.points[self.k // 2] - self.minimum))

    @property
    def gap(self) -> float:
        """The loss at the end minus the lowest known value; nan or inf if none is known."""
        return float(self.values[-1] - self.loss.infimum)

    @cached_property
    def stationary(self) -> tuple[Array, str] | None:
        """The stationary point within a hundredth of the view, found by Newton's method, and its kind; or None."""
        at, low, high = stationary_near(self.scale, self.end[None])
        if not np.all(np.abs(at[0] - self.end) <= 1e-2 * self.scale.size):
            return None
        return at[0], self.scale.kind(float(low[0]), float(high[0]))


def norm(v: Array) -> float:
    """The length of a vector (2,)."""
    return float(np.hypot(v[0], v[1]))


def nearest(scale: Scale, points: Array, p: Array) -> float:
    """The distance in views from p (2,) to the nearest of the points (k, 2), inf if there are none."""
    away = np.abs(points - p) / scale.size
    return float(away.max(axis=1).min()) if len(points) else np.inf
