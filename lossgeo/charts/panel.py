"""What the panels of the stage share: axes whose windows follow the data, colours, and the loss at the pointer."""

from __future__ import annotations

from typing import Any

import altair as alt

from lossgeo.charts import expressions
from lossgeo.charts.style import LINES, ChartStyle

Layer = alt.Chart | dict[str, Any]
Layers = list[Layer]
DATA_MODELS = ("line", "sigmoid", "tiny network", "puromycin")


# Ticks of a logarithmic axis: decades from the lowest (`lk`) up, and twos and fives where there are few of those.
LOG_AXIS = alt.Axis(
    values=alt.ExprRef(
        "log(v_l1/v_l0) < 4 ? [lk,2*lk,5*lk,10*lk,20*lk,50*lk,100*lk,200*lk,500*lk] : ["
        + ",".join(f"lk*1e{k}" for k in range(26))
        + "]"
    ),
    labelExpr="datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') : format(datum.value, '.0e')",
    labelOverlap="greedy",
    grid=False,
)


def plain(layer: Layer) -> dict[str, Any]:
    """A chart as it stands inside a larger one, whose data it takes if it has none."""
    if isinstance(layer, dict):
        return layer
    spec: dict[str, Any] = layer.to_dict(validate=False, context={"top_level": False})
    return {key: value for key, value in spec.items() if value != {"name": "empty"}}


def group(flow: alt.Chart | None, *layers: Layer, **more: Any) -> dict[str, Any]:
    """Layers over one flow of data: a chart without marks, whose data and transforms are taken. `more`: size, scales.

    Put together here and not by altair: its layer, add_params and transforms copy all that was built before, several
    times over, for which the first visitor of a page would wait a quarter of a second.
    """
    base = {} if flow is None else plain(flow.mark_point())
    return {k: base[k] for k in ("data", "transform") if k in base} | {"layer": [plain(x) for x in layers]} | more


class Panel:
    """One stage's choices, and how its panels draw axes, methods and the model under the pointer."""

    def __init__(
        self,
        kind: str,
        style: ChartStyle,
        first: str,
        second: str,
        log_loss: bool,
        with_map: bool,
        with_axes: bool = False,
    ) -> None:
        self.kind, self.style, self.first, self.second = kind, style, first, second
        self.log_loss, self.with_map, self.with_axes = log_loss, with_map, with_axes
        self.ink = alt.ExprRef("v_ink")

    # --- axes and small helpers ------------------------------------------------------------------
    def axis(
        self,
        channel: Any,
        field: str,
        title: str | None,
        low: str,
        high: str,
        room: dict[str, Any] | None = None,
        **scale: Any,
    ) -> Any:
        """A channel with an axis whose window follows the signals `v_<low>` and `v_<high>`."""
        domain = [alt.ExprRef(f"v_{low}"), alt.ExprRef(f"v_{high}")]
        ticks = LOG_AXIS if scale else alt.Axis(tickCount=5)
        return channel(
            field,
            type="quantitative",
            title=title,
            axis=ticks,
            scale=alt.Scale(domain=domain, nice=False, **(scale or {"zero": False}), **(room or {})),
        )

    # The first layer of a panel carries its axes in full; the others name their fields only.
    def W(self, field: str) -> Any:
        """The axis of the first parameter."""
        return self.axis(alt.X, field, self.title(self.first), "w0", "w1")

    def B(self, field: str) -> Any:
        """The axis of the second parameter."""
        return self.axis(alt.Y, field, self.title(self.second), "b0", "b1")

    @staticmethod
    def title(parameter: str) -> str:
        """What the axis of a parameter is called."""
        return {"w": "slope w", "b": "intercept b"}.get(parameter, parameter)

    def X(self, field: str = "x") -> Any:
        """The horizontal axis of the model panel."""
        return self.axis(alt.X, field, None, "x0", "x1")

    def Y(self, field: str = "y") -> Any:
        """The vertical axis of the model panel."""
        return self.axis(alt.Y, field, None, "y0", "y1")

    def at(self, x: str, y: str, panel: str = "map") -> dict[str, Any]:
        """The place of a mark by two fields, on the axes of the map or of the data."""
        titles = {"map": (self.title(self.first), self.title(self.second)), "data": (None, None)}[panel]
        return {
            "x": alt.X(x, type="quantitative", title=titles[0]),
            "y": alt.Y(y, type="quantitative", title=titles[1]),
        }

    @staticmethod
    def by_method(scale: bool = False) -> tuple[Any, Any]:
        """Colour and dash by method; the scale itself is stated once in a panel."""
        if not scale:
            return alt.Color("method:N", legend=None), alt.StrokeDash("method:N", legend=None)
        names = list(LINES)
        return (
            alt.Color("method:N", legend=None, scale=alt.Scale(domain=names, range=[c for c, _ in LINES.values()])),
            alt.StrokeDash(
                "method:N", legend=None, scale=alt.Scale(domain=names, range=[list(d) for _, d in LINES.values()])
            ),
        )

    @staticmethod
    def one() -> alt.Chart:
        """A data set of a single row, for marks whose place is worked out from the signals."""
        return alt.Chart(alt.sequence(0, 1, as_="i"))

    def path(self) -> alt.Chart:
        """The rows of all runs."""
        return alt.Chart(alt.NamedData("path"))

    def now(self) -> alt.Chart:
        """The rows of the current step: a kept row stands for the steps up to the next kept one."""
        return self.path().transform_filter("datum.t <= s && s < datum.next")

    def source(self) -> Any:
        """The data, or one row where nothing is drawn from data."""
        return alt.NamedData("points") if self.kind in DATA_MODELS else alt.sequence(0, 1, as_="i")

    def with_gradient(self, chart: Any) -> Any:
        """The chart with one row: `loss`, `g1`, `g2` at the pointer."""
        if self.kind not in DATA_MODELS:
            value, g1, g2 = expressions.landscape(self.kind)
            return chart.transform_calculate(loss=value, g1=g1, g2=g2)
        return (
            self.with_samples(chart)
            .transform_aggregate(mean="mean(each)", m1="mean(d1)", m2="mean(d2)")
            .transform_calculate(loss="datum.mean + v_l2/2*w*w", g1="datum.m1 + v_l2*w", g2="datum.m2")
        )

    def with_samples(self, chart: Any) -> Any:
        """The data with prediction, loss and derivatives of each sample at the pointer."""
        for step in expressions.model(self.kind):
            chart = chart.transform_calculate(**step)
        return chart
