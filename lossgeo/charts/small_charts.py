"""The small charts below the stage: penalty curves and small maps. The specs are constant; data are passed by name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np

from lossgeo.charts.style import METHODS, PROJECTED, SAMPLE, YOU, ChartStyle
from lossgeo.contracts import Array

INK = "#16222B"  # text colour of the light theme

Curve = tuple[str, list[int], Callable[[Array], Array]]  # colour, dash, function
# The loss of one sample as a function of its margin m = (2y - 1) z, or of its residual.
CURVES: dict[str, dict[str, Curve]] = {
    "margin": {
        "logistic loss": (YOU, [1, 0], lambda m: np.logaddexp(0.0, -m)),
        "squared (1 − m)²": ("#0077BB", [7, 3], lambda m: (1.0 - m) ** 2),
        "hinge": ("#008F68", [2, 3], lambda m: np.maximum(0.0, 1.0 - m)),
        "0-1": ("#7A7A7A", [9, 3, 2, 3], lambda m: (m < 0).astype(float)),
        "squared error of p": ("#B8860B", [4, 4], lambda m: 1.0 / (1.0 + np.exp(m)) ** 2),
    },
    "residual": {
        "squared r²": (YOU, [1, 0], lambda r: r * r),
        "absolute |r|": ("#0077BB", [7, 3], np.abs),
        # Huber 1964, times 2, so that it is r² near 0.
        "Huber, δ = 1": ("#008F68", [2, 3], lambda r: np.where(np.abs(r) <= 1.0, r * r, 2.0 * np.abs(r) - 1.0)),
    },
}
SHRINKING: dict[str, tuple[str, tuple[int, ...]]] = {"penalty": ("#2F74D0", (5, 4))}  # the minimisers under a penalty
TITLES = {"margin": "margin (2y − 1)(w x + b): wrong | right", "residual": "residual w x + b − y"}
REACH = {"margin": 4.0, "residual": 3.0}  # the axis runs from minus to plus this


def penalty_columns(kind: str, count: int = 161) -> dict[str, Any]:
    """The data set `curves` of `penalty_spec`: columns at, penalty, curve. kind: "margin" or "residual"."""
    at = np.linspace(-REACH[kind], REACH[kind], count)
    curves = CURVES[kind]
    return {
        "at": np.tile(at, len(curves)),
        "penalty": np.concatenate([f(at) for _, _, f in curves.values()]),
        "curve": [name for name in curves for _ in at],
    }


@functools.lru_cache(maxsize=16)
def penalty_spec(kind: str, style: ChartStyle, ink: str = INK) -> dict[str, Any]:
    """The loss of one sample against its margin (kind "margin") or its residual (kind "residual").

    Data sets: `curves` (at, penalty, curve), and `samples` (at, penalty) with the learner's own samples.
    """
    curves, title, domain = CURVES[kind], TITLES[kind], [-REACH[kind], REACH[kind]]
    names = list(curves)
    colour = alt.Color(
        "curve:N",
        title=None,
        scale=alt.Scale(domain=names, range=[c for c, _, _ in curves.values()]),
        legend=alt.Legend(
            symbolType="stroke",
            labelFontSize=style.font,
            labelColor=ink,
            orient="bottom" if style.stacked else "right",
            columns=1,
            symbolStrokeWidth=3,
        ),
    )
    dash = alt.StrokeDash(
        "curve:N", title=None, scale=alt.Scale(domain=names, range=[d for _, d, _ in curves.values()])
    )
    x = alt.X("at:Q", title=title, scale=alt.Scale(domain=domain, nice=False))
    y = alt.Y("penalty:Q", title="loss of one sample", scale=alt.Scale(domain=[0, 5]))
    lines = alt.Chart(alt.NamedData("curves")).mark_line(clip=True, strokeWidth=style.line).encode(x, y, colour, dash)
    dots = (
        alt.Chart(alt.NamedData("samples"))
        .mark_point(clip=True, size=60, color=SAMPLE, filled=False, strokeWidth=1.5)
        .encode(alt.X("at:Q", title=title), alt.Y("penalty:Q", title="loss of one sample"))
    )
    width, height = (250, 260) if style.stacked else (round(520 * style.scale), round(260 * style.scale))
    return _spec(alt.layer(lines, dots).properties(width=width, height=height), style, ink)


@functools.lru_cache(maxsize=16)
def small_map_spec(first: str, second: str, style: ChartStyle, ink: str = INK) -> dict[str, Any]:
    """A small map with paths.

    Data sets: `view` (w0, w1, b0, b1, url, sw, sb) and `path` (method, t, w, b).
    """

    def ends(low: str, high: str) -> list[Any]:
        return [
            alt.ExprRef(f"length(data('view')) ? data('view')[0].{low} : 0"),
            alt.ExprRef(f"length(data('view')) ? data('view')[0].{high} : 1"),
        ]

    def x(field: str) -> Any:
        return alt.X(
            field,
            type="quantitative",
            title=first,
            scale=alt.Scale(domain=ends("w0", "w1"), nice=False, zero=False),
            axis=alt.Axis(tickCount=4),
        )

    def y(field: str) -> Any:
        return alt.Y(
            field,
            type="quantitative",
            title=second,
            scale=alt.Scale(domain=ends("b0", "b1"), nice=False, zero=False),
            axis=alt.Axis(tickCount=4),
        )

    looks = METHODS | PROJECTED | SHRINKING
    names = list(looks)
    colour = alt.Color("method:N", legend=None, scale=alt.Scale(domain=names, range=[c for c, _ in looks.values()]))
    dash = alt.StrokeDash(
        "method:N", legend=None, scale=alt.Scale(domain=names, range=[list(d) for _, d in looks.values()])
    )
    view, path = alt.Chart(alt.NamedData("view")), alt.Chart(alt.NamedData("path"))
    chart = alt.layer(
        view.mark_image(aspect=False, tooltip=None).encode(x("w0"), y("b0"), x2="w1", y2="b1", url="url:N"),
        *(
            path.mark_line(color=c, strokeWidth=style.line + k, clip=True, tooltip=None).encode(
                x("w"), y("b"), order="t:Q", detail="method:N"
            )
            for c, k in (("black", 3.2), ("white", 2.0))
        ),
        path.mark_line(strokeWidth=style.line, clip=True, tooltip=None).encode(
            x("w"), y("b"), colour, dash, order="t:Q"
        ),
        view.mark_point(
            shape="square", stroke="black", fill="white", size=55, clip=True, opacity=1, tooltip=None
        ).encode(x("sw"), y("sb")),
    )
    side = round((250 if style.projector else 230) * style.scale)
    return _spec(chart.properties(width=side, height=side), style, ink)


def _spec(chart: Any, style: ChartStyle, ink: str) -> dict[str, Any]:
    """The spec of the chart with the font sizes of the style."""
    spec: dict[str, Any] = chart.configure_axis(
        labelFontSize=style.font, titleFontSize=style.font + 1, titleFontWeight="normal", labelColor=ink, titleColor=ink
    ).to_dict(validate=False)
    return spec | {"autosize": "pad"}
