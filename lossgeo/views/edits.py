"""What a drop on the panel of the data means: a point is moved, added, removed, or its label is flipped."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

import numpy as np

from lossgeo.charts.hands import MODES, REACH
from lossgeo.contracts import Array, Point
from lossgeo.views.pages import Page
from lossgeo.views.stage_data import data_window
from lossgeo.views.view import View

MOST = 500  # points that can be edited on the stage: more would not follow the pointer


@dataclass(frozen=True)
class Drop:
    """Where the button went down, and where it was let go, in the coordinates of the data."""

    taken: Point
    let_go: Point


def modes(page: Page) -> tuple[str, ...]:
    """What can be done to the data of a page: labels can be flipped, where there are any."""
    return MODES if page.model == "sigmoid" else MODES[:-1]


def edited(view: View, mode: str, drop: Drop) -> tuple[Array, Array] | None:
    """The points x, y (n,) after a drop; None if it changes nothing.

    Labels stay: there a point moves sideways, and a new one gets the nearer label. New coordinates are rounded to what
    can be seen: a hundredth of a pixel or so.
    """
    data = view.data
    if data is None or data.n > MOST:
        return None
    x0, x1, y0, y1 = data_window(view)
    width, height = view.style.model
    unit = np.array([(x1 - x0) / width, (y1 - y0) / height])  # of a pixel
    labels = view.subject == "sigmoid"
    rows = np.stack([data.x, data.y], axis=1)
    if mode == "Add":
        at = _rounded(drop.let_go, unit)
        new = (at[0], float(at[1] > 0.5) if labels else at[1])
        rows = np.vstack([rows, new])
        return rows[:, 0], rows[:, 1]
    away = np.hypot(*((rows - np.array(drop.taken)) / unit).T)
    i = int(away.argmin())
    if away[i] >= REACH:
        return None
    if mode == "Remove":
        rows = np.delete(rows, i, axis=0)
    elif mode == "Flip":
        rows[i, 1] = 1.0 - rows[i, 1]
    else:
        shift = np.subtract(drop.let_go, drop.taken) * ((1.0, 0.0) if labels else (1.0, 1.0))
        if not np.any(np.abs(shift) > 0.01 * unit):
            return None
        x, y = _rounded(rows[i] + shift, unit)
        rows[i] = x, rows[i, 1] if labels else y
    return rows[:, 0], rows[:, 1]


def _rounded(p: Array | Point, unit: Array) -> tuple[float, float]:
    """The point, rounded to the power of ten at or below a hundredth of a pixel."""
    x, y = (round(float(v), -floor(log10(u / 100.0))) for v, u in zip(p, unit, strict=True))
    return x, y
