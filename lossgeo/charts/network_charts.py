"""The small charts on the page of networks: all curvatures, curves over steps or along a line.

As in `lab_charts` the specs are constant, and all data are passed by name: `view` has one row with the ends of the axes
(x0, x1, y0, y1) and `ink`; `rows` are the points (x, y, what); `rules` are horizontal lines (y, what).
"""

from __future__ import annotations

import functools
from typing import Any

import altair as alt

from lossgeo.charts.lab_charts import INK, LABELS, NO_TOOLTIP, _data, _finish, _view, width
from lossgeo.charts.style import YOU, ChartStyle

# What is drawn -> (colour, dash). Blue and ochre differ in lightness and in dash for every kind of colour vision.
CURVES: dict[str, tuple[str, tuple[int, ...]]] = {
    "all curvatures": ("#0072B2", (1, 0)),
    "seen in the plane": (YOU, (6, 3)),
    "in the plane": ("#D55E00", (1, 0)),
    "true descent": ("#0072B2", (6, 3)),
    "height of the map under it": ("#7A7A7A", (2, 3)),
    "as they are": ("#D55E00", (1, 0)),
    "units matched": ("#0072B2", (6, 3)),
    "largest curvature": ("#0072B2", (1, 0)),
    "2 / learning rate": (YOU, (6, 3)),
    "loss": ("#D55E00", (1, 0)),
}
HEIGHT = 210


@functools.lru_cache(maxsize=64)
def curves_spec(
    style: ChartStyle,
    across: str,
    up: str,
    names: tuple[str, ...],
    scale: str = "linear",
    points: bool = False,
    share: float = 1.0,
) -> dict[str, Any]:
    """Curves or points by name, with horizontal rules. `scale` is that of the heights: linear, log or symlog.

    A logarithm of both signs (symlog) is linear within 1e-3 of 0. `share` is the part of the page's width.
    """
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=600, labelFontSize=style.font,
                        labelColor=INK, columns=1 if style.stacked else 3, labelLimit=260)  # fmt: skip
    colour = alt.Color(
        "what:N", legend=legend, scale=alt.Scale(domain=list(names), range=[CURVES[name][0] for name in names])
    )
    dash = alt.StrokeDash(
        "what:N", legend=legend, scale=alt.Scale(domain=list(names), range=[list(CURVES[name][1]) for name in names])
    )
    own: dict[str, Any] = {
        "linear": {"zero": False},
        "log": {"type": "log"},
        "symlog": {"type": "symlog", "constant": 1e-3},
    }
    ends = [_view("y0", "0.1"), _view("y1", "1")]
    ticks: dict[str, Any] = {"labelExpr": LABELS} if scale == "log" else {}
    if scale == "symlog":
        ticks = {"labelExpr": "replace(format(datum.value, '~g'), '-', '−')"}
        ticks["values"] = [-100, -10, -1, -0.1, -0.01, -0.001, 0, 0.001, 0.01, 0.1, 1, 10, 100, 1000]
    y = alt.Y(
        "y:Q",
        title=up,
        scale=alt.Scale(domain=ends, nice=False, **own[scale]),
        axis=alt.Axis(tickCount=5, grid=False, **ticks),
    )
    x = alt.X(
        "x:Q",
        title=across,
        scale=alt.Scale(domain=[_view("x0", "0"), _view("x1", "1")], nice=False, zero=False),
        axis=alt.Axis(tickCount=5, grid=False, format="~r"),
    )
    rows = _data("rows")
    drawn = (
        rows.mark_point(filled=True, size=34, opacity=1, clip=True, **NO_TOOLTIP).encode(x, y, colour)
        if points
        else rows.mark_line(strokeWidth=style.line, clip=True, **NO_TOOLTIP).encode(x, y, colour, dash, order="x:Q")
    )
    rules = _data("rules").mark_rule(strokeWidth=style.line - 0.5, clip=True, **NO_TOOLTIP).encode(
        alt.Y("y:Q"), color=colour, strokeDash=dash
    )  # fmt: skip
    sent = _data("view").mark_point(opacity=0, **NO_TOOLTIP).encode(x=alt.value(0), y=alt.value(0))
    wide = round(width(style) * (1.0 if style.stacked else share))
    chart = alt.layer(sent, drawn, rules).properties(width=wide, height=round(HEIGHT * style.scale))
    return _finish(chart, style)
