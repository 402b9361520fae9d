"""A learning rate and a start for data that nobody has prepared, and whether another scale of x would help."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lossgeo import geometry
from lossgeo.contracts import DataLoss, Loss, Point
from lossgeo.views import cached
from lossgeo.views.choice import LossSpec
from lossgeo.views.pages import LR_RANGE

LARGE = 100.0  # a condition number from here on is worth a hint
MANY = 20_000  # with more rows, the condition number of the standardised data takes too long for a hint
INSIDE = 0.12  # the start lies at least so many widths of the window away from its edge


def rate(loss: Loss) -> float:
    """1/L, rounded down to two digits, where L bounds the curvature: every step of gradient descent goes down.

    Without such a bound, as for the absolute error, the largest rate whose first steps move w and b by at most a
    twentieth of the window.
    """
    bound = loss.smoothness
    if bound and math.isfinite(bound):
        wanted = 1.0 / bound
    else:
        data = loss.dataset
        slopes = (float(np.abs(data.x).mean()) if data else 1.0, 1.0)
        wanted = min((high - low) / (20.0 * slope or 1.0) for (low, high), slope in zip(loss.view, slopes, strict=True))
    return min(max(_down(wanted), LR_RANGE[0]), LR_RANGE[1])


def start(loss: Loss) -> Point:
    """A start from which there is a way to see: near the left edge of the window, and across its valley.

    In the valley the model passes through the middle of the data: b = mean of y - w mean of x for a line, and
    b = -w mean of x for the score of a curve. The start lies a quarter of the window below it, or above.
    """
    (w0, w1), (b0, b1) = loss.view
    w, data, height = w0 + INSIDE * (w1 - w0), loss.dataset, b1 - b0
    low, high = b0 + INSIDE * height, b1 - INSIDE * height
    b = low
    if data is not None:
        classifies = isinstance(loss, DataLoss) and loss.classifies
        valley = (0.0 if classifies else float(data.y.mean())) - w * float(data.x.mean())
        b = valley - height / 4 if valley - height / 4 >= low else valley + height / 4
    return _round(w, w1 - w0), _round(min(max(b, low), high), height)


def conditions(spec: LossSpec) -> tuple[float, float] | None:
    """The condition number at the minimiser, for x as it is and for x standardised; None if there is no such number.

    The second is nan for very many rows.
    """
    before = _condition(cached.loss(spec))
    if before is None:
        return None
    few = len(cached.dataset(spec).x) <= MANY
    after = _condition(cached.loss(replace(spec, standardise=True))) if few else None
    return before, math.nan if after is None else after


def _condition(loss: Loss) -> float | None:
    if loss.kinks or not len(loss.minima) or loss.minimisers != "one":
        return None
    found = float(geometry.condition_number(loss, loss.minima[0]))
    return found if math.isfinite(found) else None


def _down(value: float) -> float:
    """The value with two significant digits, rounded down."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.floor(value / unit * (1.0 + 1e-9)) * unit:.2g}")


def _round(value: float, width: float) -> float:
    """The value, rounded to a thousandth of the width or finer."""
    digits = 3 - math.floor(math.log10(width)) if width > 0 else 6
    return round(value, digits) + 0.0
