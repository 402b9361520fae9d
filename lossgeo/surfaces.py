"""A loss on a grid of parameters: Grid, Surface, evaluate, and the levels at which to draw contours.

As in meshgrid(x, y), rows belong to the second parameter and columns to the first: values[j, i] is
the value at (x[i], y[j]).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import index

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.contracts import Array, Loss
from lossgeo.kernels import GRADIENTS, HESSIANS, Kernel, by_definition, value_kernel

HUGE = 1e300  # larger values are drawn like inf, so that differences stay finite
TINY = 1e-270  # smaller values are treated like 0
NOISE = 64 * float(np.finfo(float).eps)  # a relative difference below this may be due to rounding


@dataclass(frozen=True)
class Grid:
    """A grid of nx values of the first parameter and ny of the second, evenly spaced, both ends included.

    A count of 1 gives the lower end only. Two grids are equal if their ranges and counts are. Raises ValueError
    if a count is below 1, or a range is not finite or does not increase.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    nx: int
    ny: int
    x: Array = field(init=False, repr=False, compare=False)
    y: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for axis, ends, number in (("x", self.x_range, self.nx), ("y", self.y_range, self.ny)):
            low, high, count = float(ends[0]), float(ends[1]), index(number)
            if count < 1:
                raise ValueError(f"n{axis} must be >= 1, got {count}")
            if not np.isfinite(high - low):
                raise ValueError(f"{axis}_range must be finite and of finite width, got ({low}, {high})")
            if low > high or (low == high and count > 1):
                raise ValueError(f"{axis}_range must increase from left to right, got ({low}, {high})")
            points = np.linspace(low, high, count)
            points.setflags(write=False)
            object.__setattr__(self, f"{axis}_range", (low, high))
            object.__setattr__(self, f"n{axis}", count)
            object.__setattr__(self, axis, points)

    @classmethod
    def cell_centres(cls, x_range: tuple[float, float], y_range: tuple[float, float], nx: int, ny: int) -> Grid:
        """The grid of the centres of nx times ny equal cells that tile the box, as a map image needs it.

        Raises ValueError if a count is below 1 or a range does not increase.
        """
        if nx < 1 or ny < 1:
            raise ValueError(f"nx and ny must be >= 1, got {nx} and {ny}")
        half_x, half_y = (x_range[1] - x_range[0]) / (2 * nx), (y_range[1] - y_range[0]) / (2 * ny)
        if not (half_x > 0 and half_y > 0):
            raise ValueError(f"both ranges must increase, got {x_range} and {y_range}")
        return cls(
            (x_range[0] + half_x, x_range[1] - half_x if nx > 1 else x_range[0] + half_x),
            (y_range[0] + half_y, y_range[1] - half_y if ny > 1 else y_range[0] + half_y),
            nx,
            ny,
        )

    @property
    def points(self) -> Array:
        """All points of the grid, shape (ny, nx, 2)."""
        return np.stack(np.meshgrid(self.x, self.y), axis=-1)


@dataclass(frozen=True, eq=False)
class Surface:
    """The values of a loss on a grid, a read-only array (ny, nx). Raises ValueError for another shape."""

    grid: Grid
    values: Array

    def __post_init__(self) -> None:
        shape = (self.grid.ny, self.grid.nx)
        if self.values.shape != shape:
            raise ValueError(f"values must have the grid's shape {shape}, got {self.values.shape}")
        self.values.setflags(write=False)

    @property
    def lowest(self) -> tuple[float, tuple[float, float]]:
        """The lowest finite value on the grid and its point (x, y); nan if no value is finite.

        The minimiser is rarely a grid point, so this is an upper bound of the minimum.
        """
        if not np.isfinite(self.values).any():
            return np.nan, (np.nan, np.nan)
        masked = np.where(np.isfinite(self.values), self.values, np.inf)
        row, column = np.unravel_index(np.argmin(masked), masked.shape)
        point = float(self.grid.x[column]), float(self.grid.y[row])
        return float(masked[row, column]), point


def evaluate(loss: Loss, grid: Grid) -> Surface:
    """The loss at every point of the grid. Overflow gives inf, without a warning.

    It uses a fast kernel where there is one; `kernels` explains why the result agrees with the definition.
    """
    return Surface(grid, _over(grid, loss, value_kernel(loss), loss.value))


def gradient_field(loss: Loss, grid: Grid) -> Array:
    """The gradient at every point of the grid: shape (ny, nx, 2)."""
    return _over(grid, loss, GRADIENTS.get(type(loss)), loss.gradient)


def hessian_field(loss: Loss, grid: Grid) -> Array:
    """The Hessian at every point of the grid: shape (ny, nx, 2, 2)."""
    return _over(grid, loss, HESSIANS.get(type(loss)), loss.hessian)


def _over(grid: Grid, loss: Loss, kernel: Kernel | None, definition: Callable[[Array], Array]) -> Array:
    """Evaluate with the kernel, or with the definition if there is no kernel or it returns None."""
    with np.errstate(all="ignore"):
        field = kernel(loss, grid.x, grid.y) if kernel else None
        if field is None:
            field = by_definition(definition, grid.x, grid.y, loss.terms)
    return field


def levels(values: ArrayLike, count: int = 12, minimum: float | None = None) -> Array:
    """At most `count` strictly increasing contour levels, close together near the minimum: shape (k,).

        lo + geomspace(q(0.2 %) - lo, q(98 %) - lo),    lo = the lowest value, or `minimum` if that is lower

    q is a quantile of the values. The first step is at least 1e-8 of the last and above rounding. With the true
    `minimum` the contours stay in place while the window moves. A surface that is constant up to rounding has one
    level; one without finite values has none. Raises ValueError if count < 1.
    """
    if count < 1:
        raise ValueError(f"count must be >= 1, got {count}")
    z: Array = np.asarray(values, float).ravel()
    z = z[np.abs(z) < HUGE]
    if not z.size:
        return z
    last = z.size - 1
    low, high = min(last, max(1, int(0.002 * last))), int(np.ceil(0.98 * last))
    z = np.partition(z, sorted({0, low, high, last}))
    # If 98 % of the cells are at the lowest value, the few cells above it still need contours.
    rising = [i for i in (high, last) if z[i] - z[0] > _rounding(z[0], z[i])]
    if not rising:
        return z[:1]
    lo = float(z[0] if minimum is None or not -HUGE < minimum < z[0] else minimum)
    top = float(z[rising[0]]) - lo
    first = max(float(z[low]) - lo, 1e-8 * top, _rounding(lo, top))
    return np.unique(lo + np.geomspace(first, top, count)) if first < top else z[high : high + 1]


def _rounding(*values: float) -> float:
    """The largest difference between these values that may be due to rounding."""
    return NOISE * max(TINY, *(abs(float(v)) for v in values))


def bands(values: ArrayLike, levels: ArrayLike) -> NDArray[np.intp]:
    """The band of each value: the number of levels <= it, so 0 means below all levels. -1 for
    nan. Same shape as `values`.
    """
    z = np.asarray(values, float)
    band = np.searchsorted(np.asarray(levels, float), z, side="right")
    return np.where(np.isnan(z), -1, band)
