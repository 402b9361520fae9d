"""Basins of attraction: where a run from each point of the map ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lossgeo.charts.raster import OTHER, hue
from lossgeo.contracts import Loss
from lossgeo.descent import OPTIMIZERS
from lossgeo.descent.many import MINIMUM, OUTCOMES, Basins
from lossgeo.numbers import number, percent, point
from lossgeo.ui.lab.click_map import Label, beside, click_map, key_of_colours
from lossgeo.views import cached
from lossgeo.views.choice import MethodSpec
from lossgeo.views.pages import GD
from lossgeo.views.view import View


def show(view: View) -> None:
    """The map of the basins with its legend, for a method that can be selected."""
    loss, choice, key = view.loss, view.choice, view.page.key
    names = list(view.page.control("methods").options)
    first = choice.methods[0] if choice.methods else MethodSpec(GD, choice.rate)
    left, right = beside(view.style)
    with right:
        at = names.index(first.name)
        name = st.selectbox("Method", names, index=at, key=f"{key}_basins_of_{first.name.replace(' ', '_')}")
    kind = OPTIMIZERS[name]
    method = replace(first, name=name) if kind.uses_rate else MethodSpec(name, 1.0)
    count = cached.basin_side(choice.loss) ** 2
    with right, st.spinner(f"Running {count} starts", show_time=True):
        found = cached.basin_map(choice.loss, method, choice.view)
    rows = legend(loss, found.basins)
    text = "; ".join(f"{share} {words}" for _, words, share in rows)
    alt = f"Basin map of {loss.name} for {name}, {count} starts, {cached.BASIN_STEPS} steps each. {text}."
    with left:
        click_map(view, found.url, numbered(view), [], "basins", alt)
    with right:
        key_of_colours([(colour, "", share, words) for colour, words, share in rows])
        rate = f"learning rate {number(method.learning_rate)}" if kind.uses_rate else "its own first step 1"
        hops = (
            " Adam and RMSProp hop around a minimum by about the learning rate; that counts as found."
            if kind.hops
            else ""
        )
        st.caption(
            f"Shares of the {count} starts on this map, at most {cached.BASIN_STEPS} steps each, {name} with {rate}. "
            f"Lighter: fewer steps; darker: more. Numbers stand at the minima. The square is your start: click "
            f"anywhere to move it.{hops}"
        )


def legend(loss: Loss, found: Basins) -> list[tuple[tuple[int, int, int], str, str]]:
    """Colour, text and share of the starts for each outcome that occurs; minima first, at most 8 of them."""
    total, rows = found.outcome.size, []
    for i, minimum in enumerate(loss.minima):
        mine = (found.label == i) & (found.outcome == MINIMUM)
        if mine.any():
            kind = (
                "in the region of minimisers"
                if loss.minimisers == "region"
                else f"to minimum {i + 1} at {point(minimum, loss.parameters)}"
            )
            value = float(loss.value(minimum))
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


def numbered(view: View) -> list[Label]:
    """The labels of the minima on the map: their numbers."""
    (w0, w1), (b0, b1) = view.window
    if view.loss.minimisers == "region":
        return []
    minima = enumerate(view.loss.minima.tolist(), start=1)
    return [(w, b, str(i)) for i, (w, b) in minima if w0 <= w <= w1 and b0 <= b <= b1]
