"""A bar chart of the two votes of a class. The spec is constant; the data are passed by name."""

from __future__ import annotations

import functools
from typing import Any

import altair as alt

from lossgeo.charts.style import ChartStyle

VOTES = {"first vote": "#7A93A0", "second vote": "#0072B2"}  # in each pair of bars, the second vote is on the right


@functools.lru_cache(maxsize=16)
def votes_spec(style: ChartStyle) -> dict[str, Any]:
    """Bars with their counts above them. Data set: `votes` (option, vote, count)."""
    names = list(VOTES)
    font = max(style.font, 16)
    x = alt.X("option:N", title=None, axis=alt.Axis(labelAngle=0, labelFontSize=font + 4, labelFontWeight="bold"))
    beside = alt.XOffset("vote:N", scale=alt.Scale(domain=names))
    y = alt.Y("count:Q", axis=None, stack=None, scale=alt.Scale(zero=True))
    colour = alt.Color(
        "vote:N",
        title=None,
        scale=alt.Scale(domain=names, range=list(VOTES.values())),
        legend=alt.Legend(orient="top", labelFontSize=font, labelLimit=200, symbolType="square"),
    )
    base = alt.Chart(alt.NamedData("votes")).encode(x, y, xOffset=beside)
    bars = base.mark_bar(tooltip=None).encode(color=colour)
    counts = base.mark_text(dy=-9, fontSize=font, tooltip=None).encode(text="count:Q", color=colour)
    chart = alt.layer(bars, counts).properties(width=250 if style.stacked else 520, height=110)
    spec: dict[str, Any] = chart.configure_view(stroke=None).to_dict(validate=False)
    return spec | {"autosize": "pad"}
