"""The charts of the descent lab. As on the stage, the specs are constant and all data are passed by name.

Every chart has a data set `view` with one row: the ends of its axes, and `ink`, the colour of text that
Streamlit's theme does not set.
"""

from __future__ import annotations

import functools
from typing import Any

import altair as alt

from lossgeo.charts.browser_formulas import SUPERSCRIPTS, parts, power_of_ten
from lossgeo.charts.style import LINES, YOU, ChartStyle

NO_TOOLTIP: dict[str, Any] = {"tooltip": None, "aria": False}
FAR = power_of_ten(parts("datum.value"), SUPERSCRIPTS)
LABELS = f"datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') : {FAR}"
# Ticks of a logarithmic axis; Vega omits those beyond its ends.
TICKS = "[" + ",".join(f"{d}e{k}" for k in range(-15, 7) for d in (1, 2, 5)) + "]"
DECADES = "[" + ",".join(f"1e{k}" for k in range(-30, 31)) + "]"
ZONES = {"below": "#009E73", "between": "#B8860B", "above": "#D55E00"}  # what is proved about a learning rate
LANE = 17  # height in pixels of a lane above the sweep
PARTS = {"steep direction": ("#D55E00", [1, 0]), "flat direction": ("#0077BB", [7, 3])}
FATES = {"not in time": "circle", "unstable": "triangle-up", "diverges": "M-.8,-.8L.8,.8M-.8,.8L.8,-.8"}

# --- axes and words ---------------------------------------------------------------------------------


def _view(field: str, otherwise: str) -> alt.ExprRef:
    """A field of the row of `view`, or `otherwise` before the data have arrived."""
    return alt.ExprRef(f"(length(data('view')) ? data('view')[0].{field} : {otherwise})")


INK = _view("ink", "'#808080'")


def _log(channel: Any, field: str, title: str | None, low: str, high: str) -> Any:
    """A logarithmic axis whose ends are the fields `low` and `high` of `view`."""
    scale = alt.Scale(type="log", domain=[_view(low, "0.1"), _view(high, "1")], nice=False)
    span = f"log({_view(high, '1').expr}) - log({_view(low, '0.1').expr})"
    axis = alt.Axis(
        values=alt.ExprRef(f"{span} < 9 ? {TICKS} : {DECADES}"), labelExpr=LABELS, labelOverlap="greedy", grid=False
    )
    return channel(field, type="quantitative", title=title, scale=scale, axis=axis)


def _linear(channel: Any, field: str, title: str, low: str, high: str) -> Any:
    """A linear axis whose ends are the fields `low` and `high` of `view`."""
    scale = alt.Scale(domain=[_view(low, "0"), _view(high, "1")], nice=False, zero=False)
    return channel(field, type="quantitative", title=title, scale=scale, axis=alt.Axis(tickCount=5, grid=False))


def _pixels(channel: Any, field: str) -> Any:
    """A position in pixels, independent of the scale of the panel."""
    return channel(field, type="quantitative", scale=None, axis=None)


def _data(name: str) -> alt.Chart:
    """A chart of the named data set."""
    return alt.Chart(alt.NamedData(name))


def _sent(name: str = "view") -> Any:
    """An invisible mark. Vega-Lite drops a data set that no mark uses; the axes need this one for their ends."""
    return _data(name).mark_point(opacity=0, **NO_TOOLTIP).encode(x=alt.value(0), y=alt.value(0))


def _finish(chart: Any, style: ChartStyle) -> dict[str, Any]:
    """The spec of a chart, with the fonts of the style."""
    spec: dict[str, Any] = chart.configure_axis(
        labelFontSize=style.font,
        titleFontSize=style.font + 1,
        titleFontWeight="normal",
        labelColor=INK,
        titleColor=INK,
        labelPadding=5,
    ).to_dict(validate=False)
    options = {"embedOptions": {"renderer": "canvas", "actions": False}}
    return spec | {"autosize": "pad", "usermeta": options}


def width(style: ChartStyle) -> int:
    """Width of the long charts in pixels, without their axis."""
    if style.stacked:
        return 270
    plain = {"laptop": 620, "broad": 640, "wide": 640}[style.layout]
    return round(plain * (1.4 if style.columns else 1.1) * style.scale) if style.projector else plain


# --- the error along the eigenvectors -------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def error_spec(style: ChartStyle) -> dict[str, Any]:
    """The size of the error along each eigenvector against the step.

    Data sets: `view` (lo, hi, zero, steps, ink), `run` (step, size, part), and `formula` (step, size, part) with
    a few values of |1 - learning rate * eigenvalue|^k times the first error.
    """
    names = list(PARTS)
    colour = alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=names, range=[c for c, _ in PARTS.values()]),
        legend=alt.Legend(
            orient="top", symbolType="stroke", symbolSize=900, labelFontSize=style.font, symbolStrokeWidth=style.line
        ),
    )
    dash = alt.StrokeDash("part:N", title=None, scale=alt.Scale(domain=names, range=[d for _, d in PARTS.values()]))
    x = _linear(alt.X, "step", "step", "zero", "steps")
    y = _log(alt.Y, "size", "size of the error", "lo", "hi")
    lines = (
        _data("run")
        .mark_line(strokeWidth=style.line, clip=True, **NO_TOOLTIP)
        .encode(x, y, colour, dash, order="step:Q")
    )
    rings = _data("formula").mark_point(size=55, filled=False, opacity=1, strokeWidth=1.5, clip=True, **NO_TOOLTIP)
    chart = alt.layer(lines, rings.encode(alt.X("step:Q"), alt.Y("size:Q"), colour), _sent())
    return _finish(chart.properties(width=width(style), height=round(170 * style.scale)), style)


# --- curvature along a run ------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def bends_spec(style: ChartStyle) -> dict[str, Any]:
    """The two Hessian eigenvalues against the step; the region below zero is shaded.

    Data sets: `view` (lo, hi, zero, steps, ink), `run` (step, bend, part), and `limit` (step, bend), the largest
    eigenvalue for which the learning rate is stable.
    """
    names, wide = list(PARTS), width(style)
    colour = alt.Color(
        "part:N",
        title=None,
        scale=alt.Scale(domain=names, range=[c for c, _ in PARTS.values()]),
        legend=alt.Legend(
            orient="top",
            symbolType="stroke",
            symbolSize=900,
            labelFontSize=style.font,
            symbolStrokeWidth=style.line,
            labelExpr=f"datum.label == '{names[0]}' ? 'larger curvature' : 'smaller curvature'",
        ),
    )
    dash = alt.StrokeDash("part:N", title=None, scale=alt.Scale(domain=names, range=[d for _, d in PARTS.values()]))
    x = _linear(alt.X, "step", "step", "zero", "steps")
    y = _linear(alt.Y, "bend", "curvature", "lo", "hi")
    shade = (
        _data("view")
        .transform_filter("datum.lo < 0")
        .mark_rect(color=ZONES["above"], opacity=0.14, clip=True, **NO_TOOLTIP)
        .encode(x=alt.value(0), x2=alt.value(wide), y=alt.Y("zero:Q", title="curvature"), y2="lo")
    )
    level = (
        _data("view")
        .mark_rule(color=INK, strokeWidth=1, clip=True, **NO_TOOLTIP)
        .encode(y=alt.Y("zero:Q", title="curvature"))
    )
    limit = _data("limit").mark_line(color=INK, strokeWidth=1.5, strokeDash=[2, 3], clip=True, **NO_TOOLTIP)
    lines = _data("run").mark_line(strokeWidth=style.line, clip=True, **NO_TOOLTIP)
    chart = alt.layer(
        lines.encode(x, y, colour, dash, order="step:Q"),
        shade,
        level,
        limit.encode(alt.X("step:Q", title="step"), alt.Y("bend:Q", title="curvature"), order="step:Q"),
    )
    return _finish(chart.properties(width=wide, height=round(150 * style.scale)), style)


# --- the sweep of learning rates --------------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def sweep_spec(style: ChartStyle) -> dict[str, Any]:
    """Steps until arrival against the learning rate. Above the plot, each method has a lane for the rates that fail.

    Data sets: `view` (lo, hi, one, top, ink, yours), `runs` (method, rate, steps, piece), `fates` (method,
    rate, order, fate), `methods` (method, order), `cliff` (low, high, words), and `strips` (rate, low,
    high), which receive clicks.
    """
    names, wide, high = list(LINES), width(style) - (0 if style.stacked else 10), round(230 * style.scale)
    listed = alt.ExprRef("pluck(data('methods'), 'method')")
    legend = (
        alt.Legend(
            orient="bottom", columns=2, values=listed, symbolType="stroke", symbolSize=900, labelFontSize=style.font
        )
        if style.stacked
        else None
    )
    colour = alt.Color(
        "method:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=[c for c, _ in LINES.values()])
    )
    dash = alt.StrokeDash(
        "method:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=[list(d) for _, d in LINES.values()])
    )
    shape = alt.Shape("fate:N", legend=None, scale=alt.Scale(domain=list(FATES), range=list(FATES.values())))
    x = _log(alt.X, "low", "learning rate (logarithmic)", "lo", "hi")
    y = _log(alt.Y, "steps", "steps until arrival", "one", "top")
    lane = f"-{LANE}*datum.order - {LANE / 2 + 4}"
    shade = _data("cliff").mark_rect(color=ZONES["above"], opacity=0.16, clip=True, **NO_TOOLTIP).encode(x, x2="high")
    words = (
        _data("cliff")
        .mark_text(align="right", baseline="bottom", dx=-5, dy=-5, fontSize=style.font, color=INK, **NO_TOOLTIP)
        .encode(x=alt.value(wide), y=alt.value(high), text="words:N")
    )
    line = (
        _data("runs")
        .mark_line(strokeWidth=style.line, point={"size": 34, "filled": True}, clip=True, **NO_TOOLTIP)
        .encode(alt.X("rate:Q"), y, colour, dash, detail="piece:N", order="rate:Q")
    )
    fates = (
        _data("fates")
        .transform_calculate(y=lane)
        .mark_point(size=42, filled=False, strokeWidth=1.4, opacity=1, **NO_TOOLTIP)
        .encode(alt.X("rate:Q"), _pixels(alt.Y, "y"), alt.Color("method:N"), shape)
    )
    yours = (
        _data("view").mark_rule(color=YOU, strokeWidth=style.line + 1, clip=True, **NO_TOOLTIP).encode(alt.X("yours:Q"))
    )
    label = (
        _data("view")
        .mark_text(
            align=alt.ExprRef("datum.yours*datum.yours > datum.lo*datum.hi ? 'right' : 'left'"),
            dx=alt.ExprRef("datum.yours*datum.yours > datum.lo*datum.hi ? -6 : 6"),
            baseline="bottom",
            dy=-28,
            fontSize=style.font,
            fontWeight=700,
            color=INK,
            **NO_TOOLTIP,
        )
        .encode(alt.X("yours:Q"), y=alt.value(high), text=alt.value("yours"))
    )
    keys = [_sent("methods")]
    if not style.stacked:
        rows = _data("methods").transform_calculate(y=lane, a=f"{wide + 12}", b=f"{wide + 38}", c=f"{wide + 44}")
        keys = [
            rows.mark_rule(strokeWidth=style.line, **NO_TOOLTIP).encode(
                _pixels(alt.X, "a"), _pixels(alt.Y, "y"), alt.Color("method:N"), alt.StrokeDash("method:N"), x2="b"
            ),
            rows.mark_text(align="left", baseline="middle", fontSize=style.font, color=INK, **NO_TOOLTIP).encode(
                _pixels(alt.X, "c"), _pixels(alt.Y, "y"), text="method:N"
            ),
        ]
    pick = alt.selection_point(name="pick", fields=["rate"], on="click", clear=False, toggle=False)
    strips = (
        _data("strips")
        .mark_rect(opacity=0, cursor="pointer", **NO_TOOLTIP)
        .encode(
            alt.X("low:Q"),
            x2="high",
            y=alt.value(alt.ExprRef(f"-4 - {LANE}*length(data('methods'))")),
            y2=alt.value(high),
        )
        .add_params(pick)
    )
    chart = alt.layer(shade, words, line, fates, yours, label, *keys, strips).properties(width=wide, height=high)
    return _finish(chart, style)
