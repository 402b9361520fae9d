"""A search for the stationary points of a landscape in a window: Newton's method from a grid of starts.

Every result is checked: the gradient vanishes up to rounding; or, at a kink or at the edge of the domain, all
points around are higher. The search may miss points, so the app must say "found". Where the surface is flat up to
rounding, nothing is reported.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Landscape, Window, points
from lossgeo.two_by_two import eigenvalues_2x2, inverse

SIDE = 25  # starts per side of the grid
ROUNDS = 80  # number of Newton steps
ALIKE = 1e-5  # points closer than this, in widths of the window, count as one
FLAT = 1e-7  # an eigenvalue below this fraction of the larger one counts as zero
MANY = 12  # this many degenerate minima with the same value count as a line of minimisers
CIRCLE = np.stack([np.cos(np.linspace(0.0, 2.0 * np.pi, 73)), np.sin(np.linspace(0.0, 2.0 * np.pi, 73))], axis=-1)


class Found(NamedTuple):
    """The stationary points found: arrays (k, 2), the lowest minimum first. `minimisers` is as in `Loss`.

    `smooth` (k,) says for each minimum whether the gradient vanishes there; it does not at a kink.
    """

    minima: Array
    saddles: Array
    maxima: Array
    minimisers: str
    smooth: NDArray[np.bool_]

    @property
    def everything(self) -> Array:
        """All points found, shape (k, 2)."""
        return np.vstack([self.minima, self.saddles, self.maxima])


def search(landscape: Landscape, window: Window) -> Found:
    """The stationary points found in the window, and minima at kinks or at the edge of the domain."""
    with np.errstate(all="ignore"):
        return _Search(landscape, window).found()


class _Search:
    """The state of a search: the landscape, the window, and the values on a grid over it."""

    def __init__(self, landscape: Landscape, window: Window) -> None:
        self.landscape = landscape
        self.low, self.high = np.transpose(window)
        self.size = self.high - self.low
        across = (np.arange(SIDE) + 0.5) / SIDE
        self.grid = np.stack(np.meshgrid(*(self.low[:, None] + self.size[:, None] * across)), axis=-1)
        self.values = landscape.value(self.grid)
        finite = self.values[np.isfinite(self.values)]
        self.rise = float(np.median(finite) - finite.min()) if finite.size else 0.0

    def found(self) -> Found:
        """All points that the search finds."""
        low = self._downhill(self._low_cells())
        rested = self._inside(self._newton(np.vstack([self.grid.reshape(-1, 2), low])))
        kinds = np.array([self._kind(p) for p in rested], dtype=object)
        corners = self._inside(low)
        apart = [not (np.abs((rested - p) / self.size).max(axis=1, initial=0.0) < 10 * ALIKE).any() for p in corners]
        corners = np.array([p for p, new in zip(corners, apart, strict=True) if new and self._is_corner(p)])
        minima = np.vstack([rested[kinds == "minimum"].reshape(-1, 2), corners.reshape(-1, 2)])
        smooth = np.arange(len(minima)) < (kinds == "minimum").sum()
        others = (points(*map(tuple, rested[kinds == kind])) for kind in ("saddle", "maximum"))
        saddles, maxima = others
        values = self.landscape.value(minima)
        order = np.lexsort(
            (np.hypot(*minima.T), np.round(values, 9), values > values.min(initial=np.inf) + self.noise())
        )
        minima, values, smooth = minima[order], values[order], smooth[order]
        lowest = values <= values.min(initial=np.inf) + self.noise()
        shape = "none" if not len(minima) else "one" if lowest.sum() == 1 else "several"
        if lowest.sum() >= MANY and self._degenerate(minima[lowest]).all():
            shape, kept = "line", np.flatnonzero(~lowest)
            minima, smooth = np.vstack([minima[:1], minima[kept]]), np.append(smooth[:1], smooth[kept])
        return Found(points(*map(tuple, minima)), saddles, maxima, shape, smooth)

    def noise(self) -> float:
        """The largest difference of heights that may be due to rounding."""
        return 1e-10 * self.rise + 1e-300

    def _inside(self, p: Array) -> Array:
        """The distinct points (k, 2) inside the window, with rounded coordinates if these are as good."""
        p = p[np.all((p > self.low) & (p < self.high), axis=1)]
        kept: dict[tuple[int, int], Array] = {}
        for point in p:
            cell = tuple(np.round((point - self.low) / self.size / ALIKE).astype(int).tolist())
            near = [(cell[0] + i, cell[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            if not any(other in kept for other in near):
                kept[(cell[0], cell[1])] = self._rounded(point)
        return np.array(list(kept.values())).reshape(-1, 2)

    def _rounded(self, p: Array) -> Array:
        """The point with rounded coordinates, if its gradient norm is not larger and its value is the same."""
        unit = 10.0 ** np.floor(np.log10(self.size) - 9)
        near = np.round(p / unit) * unit + 0.0
        near = np.array([float(f"{v:.12g}") for v in near])
        slope, other = (np.hypot(*self.landscape.gradient(at)) for at in (p, near))
        return (
            near if other <= slope and abs(self.landscape.value(near) - self.landscape.value(p)) <= self.noise() else p
        )

    def _newton(self, p: Array) -> Array:
        """The points (k, 2) at which Newton's method comes to rest from the starts p (n, 2)."""
        last = np.full(len(p), np.inf)
        for _ in range(ROUNDS):
            step = (inverse(self.landscape.hessian(p)) @ self.landscape.gradient(p)[..., None])[..., 0]
            step = np.where(np.isfinite(step).all(axis=-1, keepdims=True), step, np.nan)
            last = np.abs(step / self.size).max(axis=-1)
            p = p - step * np.minimum(1.0, 0.2 / np.maximum(last, 1e-300))[:, None]
        slope = np.hypot(*self.landscape.gradient(p).T) * self.size.max()
        rested: Array = p[(last < 1e-7) & (slope <= 1e-6 * self.rise)]
        return rested

    def _around(self, p: Array, radius: float) -> Array:
        """The values on a small circle around p (2,), minus the value at p; nan where undefined."""
        heights: Array = self.landscape.value(p + radius * self.size * CIRCLE) - self.landscape.value(p)
        return np.where(np.isfinite(heights), heights, np.nan)

    def _kind(self, p: Array) -> str:
        """The kind of a stationary point, by its eigenvalues; if one is zero, by the values on small circles."""
        low, high = eigenvalues_2x2(self.landscape.hessian(p))
        least, most = sorted((abs(low), abs(high)))
        if least > FLAT * most and most * self.size.min() ** 2 > 1e-6 * self.rise:
            return "minimum" if low > 0 else "maximum" if high < 0 else "saddle"
        circle = np.concatenate([self._around(p, 1e-2), self._around(p, 2e-3)])
        noise = 1e-13 * (abs(float(self.landscape.value(p))) + self.rise)
        up, down = bool((circle > noise).any()), bool((circle < -noise).any())
        return "saddle" if up and down else "maximum" if down else "minimum" if up else "flat"

    def _degenerate(self, p: Array) -> NDArray[np.bool_]:
        """Whether the Hessian at each of the points (k, 2) is singular: flags (k,)."""
        curved = np.sort(np.abs(eigenvalues_2x2(self.landscape.hessian(p))), axis=-1)
        return np.asarray(curved[:, 0] <= FLAT * curved[:, 1])

    def _low_cells(self) -> Array:
        """The grid points (k, 2) that are not higher than their eight neighbours, lowest first."""
        values = np.pad(np.where(np.isfinite(self.values), self.values, np.inf), 1, constant_values=np.inf)
        neighbours = np.lib.stride_tricks.sliding_window_view(values, (3, 3)).min(axis=(2, 3))
        lowest = np.isfinite(self.values) & (self.values <= neighbours)
        lowest_first: Array = self.grid[lowest][np.argsort(self.values[lowest])[: 2 * MANY]]
        return lowest_first

    def _downhill(self, p: Array) -> Array:
        """The ends (k, 2) of a pattern search from each of the points: eight directions, with shrinking steps."""
        ways = np.array([(i, j) for i in (-1.0, 0.0, 1.0) for j in (-1.0, 0.0, 1.0)])
        reach = np.full(len(p), 1.0 / SIDE)
        for _ in range(150):
            around = p[:, None] + reach[:, None, None] * self.size * ways
            values = self.landscape.value(around)
            best = np.argmin(np.where(np.isfinite(values), values, np.inf), axis=1)
            p = np.take_along_axis(around, best[:, None, None], axis=1)[:, 0]
            reach = np.where(best == len(ways) // 2, 0.5 * reach, reach)
        rested: Array = p[reach < 1e-9]
        return rested

    def _is_corner(self, p: Array) -> bool:
        """Whether all points near p (2,) are higher, by less and less towards p, so that p is a minimum at a kink."""
        near, far = self._around(p, 1e-9), self._around(p, 1e-3)
        higher = np.nanmin(near, initial=np.inf) > 0 and np.nanmin(far, initial=np.inf) > self.noise()
        return bool(higher and np.nanmin(near) <= 0.05 * np.nanmin(far))
