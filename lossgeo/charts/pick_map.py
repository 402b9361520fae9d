"""A map with one marked point and texts, on which a click chooses a point: for a student's page in a room.

The spec is constant; all data are passed by name.
"""

from __future__ import annotations

import functools
from typing import Any

import altair as alt

from lossgeo.charts.class_map import QUIET, axis, finish, of_view
from lossgeo.charts.style import ChartStyle

CELLS = 60  # clickable cells per side


@functools.lru_cache(maxsize=32)
def pick_map_spec(first: str, second: str, style: ChartStyle) -> dict[str, Any]:
    """The map. `first` and `second` are the names of the parameters.

    Data sets: `view` (w0, w1, b0, b1, sw, sb, url, ink) of one row, with the marked point (sw, sb); and `words`
    (w, b, text). The selection is called `pick` and has the fields w and b, rounded to a fraction of a cell.
    """
    view, words = alt.Chart(alt.NamedData("view")), alt.Chart(alt.NamedData("words"))
    x, y = axis(alt.X, "w0", first, ("w0", "w1")), axis(alt.Y, "b0", second, ("b0", "b1"))
    at = {"x": alt.X("w:Q", title=first), "y": alt.Y("b:Q", title=second)}
    marked: dict[str, Any] = {"x": alt.X("sw:Q", title=first), "y": alt.Y("sb:Q", title=second)}
    square: dict[str, Any] = {"shape": "square", "size": 80, "filled": False, "opacity": 1, "clip": True, **QUIET}
    layers: list[Any] = [
        view.mark_image(aspect=False, tooltip=None).encode(x, y, x2="w1", y2="b1", url="url:N"),
        *(
            words.mark_text(fontSize=style.font + 1, fontWeight=700, clip=True, **look, **QUIET).encode(
                **at, text="text:N"
            )
            for look in ({"stroke": "white", "strokeWidth": 4, "color": "white"}, {"color": "black"})
        ),
        *(
            view.mark_point(stroke=colour, strokeWidth=style.line + more, **square).encode(**marked)
            for colour, more in (("white", 2.5), ("black", 0.0))
        ),
    ]
    pick = alt.selection_point(name="pick", fields=["w", "b"], on="click", clear=False, toggle=False)
    cells = (
        alt.Chart(alt.sequence(0, CELLS * CELLS, as_="i"))
        .transform_calculate(
            wa=f"w0 + (w1 - w0)*(datum.i % {CELLS})/{CELLS}", ba=f"b0 + (b1 - b0)*floor(datum.i/{CELLS})/{CELLS}"
        )
        .transform_calculate(wz=f"datum.wa + (w1 - w0)/{CELLS}", bz=f"datum.ba + (b1 - b0)/{CELLS}")
        .transform_calculate(
            w="round(50*(datum.wa + datum.wz)*rw)/(100*rw)", b="round(50*(datum.ba + datum.bz)*rb)/(100*rb)"
        )
        .mark_rect(opacity=0, cursor="pointer", **QUIET)
        .encode(alt.X("wa:Q", title=first), alt.Y("ba:Q", title=second), x2="wz", y2="bz")
        .add_params(pick)
    )
    ends = [alt.param(name=n, expr=of_view(n, "1" if n[1] == "1" else "0").expr) for n in ("w0", "w1", "b0", "b1")]
    digits = [alt.param(name=f"r{n}", expr=f"pow(10, max(-2, -floor(log({n}1 - {n}0)/LN10)))") for n in "wb"]
    chart = alt.layer(*layers, cells).properties(width=style.map_side, height=style.map_side)
    return finish(chart.add_params(*ends, *digits), style)
