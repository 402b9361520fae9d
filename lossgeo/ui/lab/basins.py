"""Basins of attraction: where every start of the map ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lossgeo.charts.raster import OTHER, hue
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Loss
from lossgeo.descent import OPTIMIZERS, OUTCOMES, Basins
from lossgeo.descent.many import MINIMUM
from lossgeo.ui.lab.maps import beside, key, map_chart, percent
from lossgeo.ui.lab.reading_point import GD, Runs, rate_of
from lossgeo.views import cached
from lossgeo.views.choice import Choice, MethodSpec
from lossgeo.views.sentences import number, point


def show(choice: Choice, runs: Runs, style: ChartStyle) -> None:
    """Where every start of the map ends."""
    it, page = cached.loss(choice.loss), choice.loss.page
    names = [name for name in OPTIMIZERS if name != "sgd"]
    first = choice.methods[0].name if choice.methods else GD
    left, right = beside(style)
    with right:
        name = st.selectbox(
            "Method", names, index=names.index(first), key=f"{page}_basins_of_{first.replace(' ', '_')}"
        )
    common = choice.methods[0] if choice.methods else MethodSpec(GD, rate_of(choice))
    fixed = name in cached.FIXED_RATE
    method = MethodSpec(name, 1.0) if fixed else replace(common, name=name)
    count = cached.basin_side(choice.loss) ** 2
    with right, st.spinner(f"Running {count} starts", show_time=True):
        found = cached.basin_map(choice.loss, method, choice.view)
    rows = legend(it, found.basins)
    text = "; ".join(f"{share} {words}" for _, words, share in rows)
    numbers = numbered(it, choice)
    with left:
        map_chart(
            choice,
            style,
            found.url,
            numbers,
            [],
            f"{page}_basins",
            f"Basin map of {it.name} for {name}, {count} starts, {cached.BASIN_STEPS} steps each. {text}.",
        )
    with right:
        key([(colour, "", share, words) for colour, words, share in rows])
        settings = "its own first step 1" if fixed else f"learning rate {number(method.learning_rate)}"
        st.caption(
            f"Shares of the {count} starts on this map, at most {cached.BASIN_STEPS} steps each, {name} with "
            f"{settings}. Lighter: fewer steps; "
            f"darker: more. Numbers stand at the minima. The square is your start: click anywhere to move it."
            + (
                " Adam and RMSProp hop around a minimum by about the learning rate; that counts as found."
                if name in ("adam", "rmsprop")
                else ""
            )
        )


def legend(it: Loss, found: Basins) -> list[tuple[tuple[int, int, int], str, str]]:
    """Colour, words and share of the starts for each way to end that occurs, most frequent first."""
    total, rows = found.outcome.size, []
    for i, minimum in enumerate(it.minima):
        mine = (found.label == i) & (found.outcome == MINIMUM)
        if mine.any():
            kind = (
                "in the region of minimisers"
                if it.minimisers == "region"
                else f"to minimum {i + 1} at {point(minimum, it.parameters)}"
            )
            value = float(it.value(minimum))
            words = f"{kind}, value {number(0.0 if abs(value) < 1e-12 else value)}"
            rows.append(
                (int(mine.sum()), hue(i), f"{words}; half of these within {np.median(found.steps[mine]):.0f} steps")
            )
    if len(rows) > 8:
        rows.sort(key=lambda row: -row[0])
        rest = sum(n for n, *_ in rows[8:])
        rows = [*rows[:8], (rest, (255, 255, 255), f"to {len(rows) - 8} more minima, in the same six colours")]
    for k, name in enumerate(OUTCOMES):
        mine = (found.outcome == k) & ((found.label < 0) | (k != MINIMUM))
        if mine.any():
            words = "another minimum" if k == MINIMUM else name
            said = {
                "saddle": "stopped at a saddle",
                "maximum": "stopped at a maximum",
                "diverged": "diverged",
                "did not settle": f"did not settle in {cached.BASIN_STEPS} steps",
            }.get(words, words)
            rows.append((int(mine.sum()), OTHER[words], said))
    return [(colour, words, percent(n, total)) for n, colour, words in rows]


def numbered(it: Loss, choice: Choice) -> list[tuple[float, float, str]]:
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)
    if it.minimisers == "region":
        return []
    return [(float(w), float(b), str(i + 1)) for i, (w, b) in enumerate(it.minima) if w0 <= w <= w1 and b0 <= b <= b1]
