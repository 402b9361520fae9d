"""The map of a class: the points of all students, and where their runs are at each moment of the playback.

And the line with the learning rates of a class. The specs are constant; all data are passed by name.
"""

from __future__ import annotations

import functools
from typing import Any

import altair as alt

from lossgeo.charts.style import YOU, ChartStyle

SLIDER = "moment"  # the name of the input that the player moves; on the stage it is called step
QUIET: dict[str, Any] = {"tooltip": None, "aria": False}


def of_view(field: str, otherwise: str) -> alt.ExprRef:
    """A field of the row of `view`, or `otherwise` before the data have arrived."""
    return alt.ExprRef(f"(length(data('view')) ? data('view')[0].{field} : {otherwise})")


def axis(channel: Any, field: str, title: str, ends: tuple[str, str]) -> Any:
    """The encoding of a quantitative field whose axis goes from the first to the second field of `view`."""
    domain = [of_view(end, number) for end, number in zip(ends, "01", strict=True)]
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    return channel(field, type="quantitative", title=title, scale=scale, axis=alt.Axis(tickCount=5, grid=False))


@functools.lru_cache(maxsize=32)
def class_map_spec(first: str, second: str, style: ChartStyle, steps: int) -> dict[str, Any]:
    """Points on the map; with steps > 0 a slider from 0 to `steps`. `first`, `second`: the names of the parameters.

    Data sets: `view` (w0, w1, b0, b1, url, ink) of one row; `dots` (w, b, since, until, colour), each there from the
    step `since` to before `until`; `words` (w, b, text); `path` (w, b, t), a run drawn as a line.
    """
    side = style.map_side
    x, y = axis(alt.X, "w0", first, ("w0", "w1")), axis(alt.Y, "b0", second, ("b0", "b1"))
    at = {"x": alt.X("w:Q", title=first), "y": alt.Y("b:Q", title=second)}
    view, dots = alt.Chart(alt.NamedData("view")), alt.Chart(alt.NamedData("dots"))
    words, path = alt.Chart(alt.NamedData("words")), alt.Chart(alt.NamedData("path"))
    if steps:
        dots = dots.transform_filter(f"datum.since <= {SLIDER} && {SLIDER} < datum.until")
    layers: list[Any] = [
        view.mark_image(aspect=False, tooltip=None).encode(x, y, x2="w1", y2="b1", url="url:N"),
        *(
            path.mark_line(color=colour, strokeWidth=style.line + more, clip=True, **QUIET).encode(**at, order="t:Q")
            for colour, more in (("white", 2.5), ("black", 0.0))
        ),
        *(
            words.mark_text(fontSize=style.font + 3, fontWeight=700, dx=14, dy=-12, **look, **QUIET).encode(
                **at, text="text:N"
            )
            for look in ({"stroke": "white", "strokeWidth": 4, "color": "white"}, {"color": "black"})
        ),
        words.mark_point(shape="cross", size=70, filled=True, color="black", stroke="white", clip=True, **QUIET).encode(
            **at
        ),
        dots.mark_circle(
            size=110 * style.mark, opacity=0.95, stroke="white", strokeWidth=1.2, clip=True, **QUIET
        ).encode(**at, color=alt.Color("colour:N", scale=None, legend=None)),
    ]
    chart = alt.layer(*layers).properties(width=side, height=side)
    if steps:
        slider = alt.binding_range(min=0, max=steps, step=1, name="step ")
        chart = chart.add_params(alt.param(name=SLIDER, value=0, bind=slider))
    return finish(chart, style)


@functools.lru_cache(maxsize=32)
def rate_line_spec(style: ChartStyle) -> dict[str, Any]:
    """The learning rates of a class on a logarithmic line, equal ones above each other, with marks.

    Data sets: `view` (low, high, rows, ink) of one row; `dots` (rate, row, colour); `marks` (rate, name).
    """
    scale = alt.Scale(type="log", domain=[of_view("low", "1"), of_view("high", "10")], nice=False)
    low = of_view("low", "1").expr
    powers = alt.ExprRef(f"[{', '.join(f'{low}*1e{k}' for k in range(5))}]")
    grid = alt.Axis(values=powers, grid=False, labelExpr="format(datum.value, '.3~g')", labelFlush=True)
    at = alt.X("rate:Q", title="learning rate", scale=scale, axis=grid)
    up = alt.Scale(domain=[-0.7, of_view("rows", "1")], nice=False)
    view, dots, marks = (alt.Chart(alt.NamedData(name)) for name in ("view", "dots", "marks"))
    ink = of_view("ink", "'#808080'")
    chart = alt.layer(
        view.mark_rule(color=ink, y=76, **QUIET).encode(
            alt.X("low:Q", title="learning rate", scale=scale, axis=grid), x2="high"
        ),
        marks.mark_rule(color=ink, strokeWidth=1.5, **QUIET).encode(at),
        marks.mark_text(align="left", dx=4, y=7, fontSize=style.font, color=ink, **QUIET).encode(at, text="name:N"),
        dots.mark_circle(size=110 * style.mark, opacity=0.95, stroke="white", strokeWidth=1, **QUIET).encode(
            at, alt.Y("row:Q", scale=up, axis=None), color=alt.Color("colour:N", scale=None, legend=None)
        ),
    )
    return finish(chart.properties(width=min(style.map_side, 290), height=76), style)


def finish(chart: alt.LayerChart | alt.FacetChart, style: ChartStyle) -> dict[str, Any]:
    """The spec of the chart, with fonts and colours of the axes."""
    ink = of_view("ink", "'#808080'")
    spec: dict[str, Any] = chart.configure_axis(
        labelFontSize=style.font, titleFontSize=style.font + 1, titleFontWeight="normal", labelColor=ink, titleColor=ink
    ).to_dict(validate=False)
    return spec | {"autosize": "pad", "usermeta": {"embedOptions": {"renderer": "canvas", "actions": False}}}


CHOSEN = YOU  # the colour of a point before its run
