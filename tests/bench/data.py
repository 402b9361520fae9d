"""Data and grid that the rows share."""

from __future__ import annotations

import numpy as np

from lossgeo.datasets import Dataset
from lossgeo.surfaces import Grid

GRID = Grid((-5, 5), (-5, 5), 200, 200)
W, B = np.meshgrid(GRID.x, GRID.y)


def line(n: int) -> Dataset:
    rng = np.random.default_rng(n)
    x = rng.standard_normal(n)
    return Dataset(x, 2 * x + 1 + 0.3 * rng.standard_normal(n), "line", "generated")


def classes(n: int, nodes: int | None = None) -> Dataset:
    """Overlapping classes; with `nodes`, x takes that many different values only."""
    rng = np.random.default_rng(n)
    x = rng.standard_normal(n) if nodes is None else rng.choice(np.linspace(-2, 2, nodes // 2), n)
    y = rng.random(n) < 1 / (1 + np.exp(-1.5 * x - 0.3))
    return Dataset(x, y.astype(float), "classes", "generated")
