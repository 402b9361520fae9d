"""The marks of the learning rate: 1/L, 2/(mu + L) and 2/L where they hold everywhere, and those of a minimiser.

They are marks of plain gradient descent with a constant rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossgeo.contracts import Loss
from lossgeo.views.reading_point import ReadingPoint


@dataclass(frozen=True)
class Mark:
    """A mark: name, learning rate, whether it is a limit, whether it holds here (near a minimiser) or everywhere."""

    name: str
    at: float
    limit: bool = False
    here: bool = False


def named_marks(spot: ReadingPoint, loss: Loss) -> list[Mark]:
    """The finite marks, smallest first, named by what is true for this loss."""
    m, bounded = spot.marks, loss.smoothness is not None
    if m.quadratic:
        found = [Mark("1/L", m.safe), Mark("2/(μ + L)", m.fastest), Mark("2/L", m.limit, True)]
    else:
        found = [Mark("1/L", m.safe), Mark("2/L", m.limit, True)] if bounded else []
        if len(loss.minima):
            found += [] if bounded else [Mark("1/λmax", m.safe, here=True)]
            found += [
                Mark("2/(λmin + λmax)", m.fastest, here=True),
                Mark("2/λmax", m.local_limit, limit=True, here=True),
            ]
    different: list[Mark] = []
    for mark in found:
        if np.isfinite(mark.at) and not any(np.isclose(mark.at, other.at, rtol=1e-6) for other in different):
            different.append(mark)
    return sorted(different, key=lambda mark: mark.at)


def promise(spot: ReadingPoint, loss: Loss, rate: float) -> tuple[str, str]:
    """What is proved about gradient descent at this constant rate: a word for its colour, and a text; "" if nothing is.

    For a convex quadratic see Polyak 1987, section 1.4; for a Lipschitz gradient Nesterov 2018, section 1.2.3.
    """
    m = spot.marks
    if m.quadratic and loss.convex and np.isfinite(m.limit):
        if rate <= m.safe:
            return "below", "never overshoots"
        if rate < m.limit:
            return "between", "overshoots, but settles"
        if rate > m.limit:
            return "above", "diverges from almost every start"
    elif loss.smoothness is not None and np.isfinite(m.limit):
        return ("below", "every step goes down") if rate < m.limit else ("between", "nothing is promised")
    return "", ""


def where(spot: ReadingPoint, marks: list[Mark]) -> str:
    """Where the marks hold, in words."""
    there = spot.words.partition(" (")[0]
    if not any(mark.here for mark in marks):
        return "everywhere"
    if all(mark.here for mark in marks):
        return f"here, at {there}"
    return f"L everywhere, λ here, at {there}"
