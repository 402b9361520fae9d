"""The layers of the map besides the height of the loss: where runs end, the signs of the curvatures, the condition.

A layer takes the place of the height in the picture of the map. Contour, paths and clicks stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossgeo.charts.raster import OTHER, SIGNS, css, hue, palette
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Loss
from lossgeo.descent import OPTIMIZERS
from lossgeo.descent.many import MINIMUM, OUTCOMES, Basins
from lossgeo.numbers import number, percent, point
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.pages import GD
from lossgeo.views.view import View

Label = tuple[float, float, str, float, float]  # w, b, text, and by how many pixels it is moved right and down
Entry = tuple[str, str]  # colour, "" for none; text, "" for none
Key = tuple[float, str, str, float]  # x in pixels, colour, text, distance of the text from x in pixels
MOST = 8  # minima that are listed one by one


@dataclass(frozen=True, eq=False)
class Layer:
    """An image for the map, texts on it, its key; a line about it, and the details on a click."""

    url: str
    labels: list[Label]
    key: list[Key]
    line: str
    details: str


def layer(view: View) -> Layer | None:
    """The chosen layer; None for the height."""
    build = BUILD.get(view.choice.layer)
    return build(view) if build else None


def lay_out(entries: Sequence[Entry], style: ChartStyle) -> list[Key]:
    """The entries in one line above the map. Those that do not fit are left out: the first ones matter most.

    Entries without a text stand side by side without a gap, as the colours of a scale.
    """
    rows: list[Key] = []
    x, letter = 0.0, 0.52 * style.font  # approximate width of a letter
    for colour, text in entries:
        gap = style.font + 4.0 if colour and text else 0.0
        wide = gap + len(text) * letter if text else float(style.font)
        if x + wide > style.map_side:
            break
        rows.append((x, colour, text, gap))
        x += wide + (0.7 * style.font if text else 0.0)
    return rows


# --- where runs end -----------------------------------------------------------------------------------


def ends(view: View) -> Layer:
    """Where a run of the first method ends from each start on the map."""
    choice, loss = view.choice, view.loss
    first = choice.methods[0] if choice.methods else MethodSpec(GD, choice.rate)
    kind = OPTIMIZERS[first.name]
    method = first if kind.uses_rate else MethodSpec(first.name, 1.0)
    # A schedule depends on the number of steps, so only a constant rate can go on after the last step of the run.
    steps = max(choice.steps, cached.BASIN_STEPS) if method.schedule == "constant" else choice.steps
    try:
        found = cached.basin_map(choice.loss, method, choice.view, steps)
    except ValueError as error:
        return Layer(view.scene.url, [], [], f"Where runs end: {first.name} cannot run here", f"{error}.")
    basins = found.basins
    rows, others = minima_reached(loss, basins), other_ends(loss, basins)
    several = len(rows) > 1
    key = [(css(colour), short) for _, colour, short, _ in others]
    if several:
        key.append(("", "number: minimum reached"))
    elif rows:
        key.insert(0, (css(hue(0)), "the minimum" if loss.minimisers in ("one", "several") else "a minimiser"))
    total = basins.outcome.size
    shares = [(count, words) for count, words in rows] + [(count, words) for count, _, _, words in others]
    who = f"{view.runs[0].mark}, " if view.runs and view.runs[0].mark else ""
    rate = f" with rate {number(method.learning_rate)}" if kind.uses_rate else ""
    line = f"Where runs end: {who}{first.name}{rate}, at most {steps} steps from each of {total} starts"
    details = "; ".join(f"{percent(count, total)} {words}" for count, words in shares) + "."
    if rows:
        details += " Lighter: fewer steps."
    if rows and loss.minimisers in ("one", "several"):
        hops = f", or twice the rate, because {first.name} hops by about the rate" if kind.hops else ""
        details += f" There: at most a hundredth of the width of the map at zoom 1 from a minimum{hops}."
    if any(short == waiting(loss) for _, _, short, _ in others):
        details += f" {waiting(loss).capitalize()}: the run neither settled nor ran away in these steps."
    return Layer(found.url, numbered(view) if several else [], lay_out(key, view.style), line, details)


def waiting(loss: Loss) -> str:
    """The words for a run that has not ended. Without a minimiser there is nowhere to arrive."""
    return "not there yet" if len(loss.minima) else "no end yet"


def minima_reached(loss: Loss, found: Basins) -> list[tuple[int, str]]:
    """For each minimum that was reached: the number of starts, and words; at most MOST of them, then the rest."""
    rows = []
    for i, minimum in enumerate(loss.minima):
        mine = (found.label == i) & (found.outcome == MINIMUM)
        if mine.any():
            value = float(loss.value(minimum))
            where = (
                f"at the {loss.minimisers} of minimisers"
                if loss.minimisers in ("line", "region")
                else f"at minimum {i + 1}, {point(minimum, loss.parameters)}"
            )
            least = number(0.0 if abs(value) < 1e-12 else value)
            half = f"half of them by step {np.median(found.steps[mine]):.0f}"
            rows.append((int(mine.sum()), f"{where}, value {least}, {half}"))
    if len(rows) > MOST:
        rows.sort(key=lambda row: -row[0])
        rest = sum(count for count, _ in rows[MOST:])
        rows = [*rows[:MOST], (rest, f"at {len(rows) - MOST} more minima; six colours are used in turn")]
    return rows


def other_ends(loss: Loss, found: Basins) -> list[tuple[int, tuple[int, int, int], str, str]]:
    """For each other outcome: the number of starts, its colour, and its name, short and long; most frequent first."""
    rows = []
    for k, name in enumerate(OUTCOMES):
        mine = (found.outcome == k) & ((found.label < 0) | (k != MINIMUM))
        if mine.any():
            words = "another minimum" if k == MINIMUM else name
            short, long = {
                "saddle": ("saddle", "stopped at a saddle"),
                "maximum": ("maximum", "stopped at a maximum"),
                "diverged": ("diverged", "diverged"),
                "did not settle": (waiting(loss), waiting(loss)),
            }.get(words, (words, "at another minimum"))
            rows.append((int(mine.sum()), OTHER[words], short, long))
    return sorted(rows, key=lambda row: -row[0])


def numbered(view: View) -> list[Label]:
    """The numbers of the minima on the map, each beside its cross."""
    (w0, w1), (b0, b1) = view.window
    away = 0.9 * view.style.font
    minima = enumerate(view.loss.minima.tolist(), start=1)
    return [(w, b, str(i), away, -away) for i, (w, b) in minima if w0 <= w <= w1 and b0 <= b <= b1]


# --- curvature ------------------------------------------------------------------------------------------

SHORT = ("convex", "saddle-like", "concave", "a zero")


def curvature(view: View) -> Layer:
    """The signs of the two eigenvalues of the Hessian."""
    loss, found = view.loss, cached.sign_map(view.choice.loss, view.choice.view)
    kinds = list(SIGNS.items())
    counts = [int((found.kinds == k).sum()) for k in range(len(kinds))]
    total = found.kinds.size
    labels = [(w, b, kinds[int(k)][1][0], 0.0, 0.0) for w, b, k in sampled(view, found.kinds) if k >= 0]
    key = [(css(kinds[k][1][1]), f"{kinds[k][1][0]} {SHORT[k]}") for k in range(len(kinds)) if counts[k]]
    shares = ", ".join(f"{percent(counts[k], total)} {SHORT[k]} ({kinds[k][1][0]})" for k in range(4) if counts[k])
    line = f"Sign of the curvature: {shares}"
    if loss.kinks:
        details = "This loss is made of flat pieces: its Hessian is zero wherever it exists."
    elif counts[1] or counts[2]:
        details = (
            "∪: both eigenvalues of the Hessian are positive. ×: one is positive, one negative. ∩: both are negative. "
            "A point with a negative one disproves convexity. It need not mean that there is more than one minimum."
        )
    elif loss.convex:
        details = "The loss is convex, so neither eigenvalue of its Hessian is ever negative."
    else:
        details = "No negative eigenvalue was found on this map. Samples cannot prove that there is none."
    if counts[3] and not loss.kinks:
        details += " 0: an eigenvalue is zero to rounding."
    if sum(counts) < total:
        details += " Where the map is blank, there is no Hessian."
    return Layer(found.url, labels, lay_out(key, view.style), line, details)


def condition(view: View) -> Layer:
    """The condition number of the Hessian, where both eigenvalues are positive."""
    loss, found = view.loss, cached.condition_map(view.choice.loss, view.choice.view)
    there = np.isfinite(found.values)
    blank = "Blank: no κ, because an eigenvalue of the Hessian is not positive there, or zero to rounding."
    if loss.kinks:
        blank = "Blank: no κ, because the Hessian of this loss is zero wherever it exists."
    if not there.any():
        return Layer(found.url, [], lay_out([("", "no κ on this map")], view.style), "Condition number: none", blank)
    low, high = (10 ** float(pick(found.values)) for pick in (np.nanmin, np.nanmax))
    least, most = number(low), number(high)
    # A quadratic has one Hessian, so one κ; what differs in the last digits is rounding.
    same = loss.quadratic or least == most
    colours = [css(colour) for colour in palette(len(found.levels) + 1)]
    key: list[Entry]
    if same:
        key = [("", f"κ = {least} everywhere" if there.all() else f"κ = {least}")]
        line = f"Condition number κ = λmax/λmin = {least}" + (" at every point of the map" if there.all() else "")
        labels: list[Label] = []
    else:
        key = [("", f"κ {least}"), *((colour, "") for colour in colours), ("", most)]
        line = f"Condition number κ = λmax/λmin, from {least} (dark) to {most} on this map"
        labels = [(w, b, number(10**v, 2), 0.0, 0.0) for w, b, v in sampled(view, found.values, 5) if np.isfinite(v)]
    if not there.all():
        key.append(("", "blank: none"))
    details = (
        "The Hessian is the same everywhere."
        if loss.quadratic
        else "What counts for the last steps is κ at the minimiser, if there is one."
    )
    return Layer(found.url, labels, lay_out(key, view.style), line, details if there.all() else f"{blank} {details}")


def sampled(view: View, values: NDArray[Any], count: int = 9) -> list[tuple[float, float, float]]:
    """Points (w, b) on a grid of count x count cells, with the value there, from values (side, side)."""
    (w0, w1), (b0, b1) = view.window
    side = len(values)
    at = ((np.arange(count) + 0.5) / count * side).astype(int)
    return [
        (w0 + (w1 - w0) * (j + 0.5) / side, b0 + (b1 - b0) * (i + 0.5) / side, float(values[i, j]))
        for i in at
        for j in at
    ]


BUILD: dict[str, Callable[[View], Layer]] = {"ends": ends, "curvature": curvature, "condition": condition}
