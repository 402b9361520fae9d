"""Common parts of the panels of the stage: axes that follow the data, colours, and the loss at the pointer."""

from __future__ import annotations

from typing import Any

import altair as alt

from lossgeo.charts import browser_formulas
from lossgeo.charts.browser_formulas import Blanks, parts, power_of_ten
from lossgeo.charts.network_formulas import NetworkShape
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Landscape
from lossgeo.landscapes import LeastSquares

Layer = alt.Chart | dict[str, Any]
Layers = list[Layer]
Subject = str | Landscape | Blanks | NetworkShape  # "line", "sigmoid", a landscape, blanks for any, a network


# Ticks of a logarithmic axis: decades from the lowest one (`lk`); also twos and fives if there are few decades.
LOG_AXIS = alt.Axis(
    values=alt.ExprRef(
        "log(v_l1/v_l0) < 4 ? [lk,2*lk,5*lk,10*lk,20*lk,50*lk,100*lk,200*lk,500*lk] : ["
        + ",".join(f"lk*1e{k}" for k in range(26))
        + "]"
    ),
    labelExpr="datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') : "
    + power_of_ten(parts("datum.value")),
    labelOverlap="greedy",
    grid=False,
)


def plain(layer: Layer) -> dict[str, Any]:
    """The spec of a chart as a part of a larger one. A chart without data takes those of the larger one."""
    if isinstance(layer, dict):
        return layer
    spec: dict[str, Any] = layer.to_dict(validate=False, context={"top_level": False})
    return {key: value for key, value in spec.items() if value != {"name": "empty"}}


def group(flow: alt.Chart | None, *layers: Layer, **more: Any) -> dict[str, Any]:
    """A layered chart that takes data and transforms from `flow`, a chart without marks. `more` are further properties.

    It is built here because altair's layer, add_params and transforms repeatedly copy everything built so far,
    which would cost the first visitor of a page a quarter of a second.
    """
    base = {} if flow is None else plain(flow.mark_point())
    return {k: base[k] for k in ("data", "transform") if k in base} | {"layer": [plain(x) for x in layers]} | more


def counted(name: str, **what: Any) -> Any:
    """A window transform that stores its result in the field `name`. (`as` is a Python keyword.)"""
    fields: dict[str, Any] = what | {"as": name}
    return alt.WindowFieldDef(**fields)


def piece_in_cell(
    cells: alt.Chart, corners: tuple[str, str, str, str], level: str, size: tuple[float, float]
) -> alt.Chart:
    """The straight piece of a contour in each cell, from (xa, ya) to (xb, yb), by linear interpolation on its edges.

    `corners`: expressions of the heights at the lower left, lower right, upper left and upper right corner, which the
    contour tells apart. The lower left corner lies at the fields x and y, in pixels; `size` is width and height.
    """
    v, br, tl, tr = corners
    wide, high = size

    def crosses(a: str, b: str) -> str:
        return f"({a} < {level}) != ({b} < {level})"

    bottom = f"datum.x + {wide}*({level}-{v})/({br}-{v})"
    top = f"datum.x + {wide}*({level}-{tl})/({tr}-{tl})"
    left = f"datum.y - {high}*({level}-{v})/({tl}-{v})"
    right = f"datum.y - {high}*({level}-{br})/({tr}-{br})"
    cells = cells.transform_calculate(cb=crosses(v, br), cr=crosses(br, tr), ct=crosses(tl, tr), cl=crosses(v, tl))
    return cells.transform_filter("datum.cb || datum.cr || datum.ct").transform_calculate(
        xa=f"datum.cb ? {bottom} : datum.cr ? datum.x + {wide} : {top}",
        ya=f"datum.cb ? datum.y : datum.cr ? {right} : datum.y - {high}",
        xb=f"datum.cl ? datum.x : datum.ct ? {top} : datum.x + {wide}",
        yb=f"datum.cl ? {left} : datum.ct ? datum.y - {high} : {right}",
    )


class Panel:
    """The options of one stage, and how its panels draw axes, methods and the model at the pointer."""

    def __init__(
        self,
        subject: Subject,
        style: ChartStyle,
        first: str,
        second: str,
        log_loss: bool,
        with_map: bool,
        with_axes: bool = False,
        with_bounds: bool = False,
        with_balls: bool = False,
    ) -> None:
        self.style, self.first, self.second = style, first, second
        self.log_loss, self.with_map, self.with_axes, self.with_bounds = log_loss, with_map, with_axes, with_bounds
        self.with_balls = with_balls
        self.ink = alt.ExprRef("v_ink")
        # One of the two is None: what is fitted to data, or what is a height over the plane.
        self.fitted = subject if isinstance(subject, str | LeastSquares | NetworkShape) else None
        self.height = None if isinstance(subject, str | LeastSquares | NetworkShape) else subject
        self.network = subject if isinstance(subject, NetworkShape) else None

        # The mark of a minimum: a white cross with a rim that is visible on any background.
        self.cross: dict[str, Any] = {
            "shape": "cross", "size": 150 * style.mark, "filled": True, "fill": "white", "stroke": "black",
            "strokeWidth": 1.2, "opacity": 1, "clip": True, "tooltip": None,
        }  # fmt: skip

    # --- axes and small helpers ------------------------------------------------------------------
    def axis(
        self,
        channel: Any,
        field: str,
        title: str | None,
        low: str,
        high: str,
        room: dict[str, Any] | None = None,
        ticks: alt.Axis | None = None,
        **scale: Any,
    ) -> Any:
        """A channel with an axis whose ends are the signals `v_<low>` and `v_<high>`. `scale` makes it another type."""
        domain = [alt.ExprRef(f"v_{low}"), alt.ExprRef(f"v_{high}")]
        ticks = ticks or (LOG_AXIS if scale else alt.Axis(tickCount=5))
        return channel(
            field,
            type="quantitative",
            title=title,
            axis=ticks,
            scale=alt.Scale(domain=domain, nice=False, **scale, **(room or {})),
        )

    # Only the first layer of a panel defines its axes; the others name their fields.
    def W(self, field: str) -> Any:
        """The axis of the first parameter."""
        return self.axis(alt.X, field, self.title(self.first), "w0", "w1")

    def B(self, field: str) -> Any:
        """The axis of the second parameter."""
        return self.axis(alt.Y, field, self.title(self.second), "b0", "b1")

    def title(self, parameter: str) -> str:
        """The title of the axis of a parameter."""
        if self.network is not None:
            return f"{parameter}, {'first' if parameter == self.first else 'second'} direction"
        return {"w": "slope w", "b": "intercept b"}.get(parameter, parameter)

    def X(self, field: str = "x") -> Any:
        """The horizontal axis of the model panel."""
        return self.axis(alt.X, field, None, "x0", "x1")

    def Y(self, field: str = "y") -> Any:
        """The vertical axis of the model panel."""
        return self.axis(alt.Y, field, None, "y0", "y1")

    def at(self, x: str, y: str, panel: str = "map") -> dict[str, Any]:
        """The position of a mark by two fields, on the axes of the map or of the model panel."""
        title: dict[str, Any] = {"title": None} if panel == "data" else {}
        return {"x": alt.X(x, type="quantitative", **title), "y": alt.Y(y, type="quantitative", **title)}

    def place(self, x: str, y: str, panel: str = "map") -> dict[str, Any]:
        """The same as the `encoding` of a group, for those of its layers that name no other place."""
        encoding: dict[str, Any] = plain(alt.Chart().mark_point().encode(**self.at(x, y, panel)))["encoding"]
        return encoding

    def by_method(self, scale: bool = False) -> tuple[Any, Any]:
        """Colour and dash by method. Only one mark per panel needs to state the scale.

        Names, colours and dashes are a parameter and two ranges of the stage, because each rerun sends them.
        """
        if not scale:
            return alt.Color("method:N", legend=None), alt.StrokeDash("method:N", legend=None)
        names = alt.ExprRef("lines")
        return (
            alt.Color("method:N", legend=None, scale=alt.Scale(domain=names)),
            alt.StrokeDash("method:N", legend=None, scale=alt.Scale(domain=names, range="ordinal")),
        )

    @staticmethod
    def one() -> alt.Chart:
        """A data set with a single row, for marks whose position comes from signals."""
        return alt.Chart(alt.sequence(0, 1, as_="i"))

    def path(self) -> alt.Chart:
        """The rows of all runs."""
        return alt.Chart(alt.NamedData("path"))

    def now(self) -> alt.Chart:
        """The rows of the current step. A kept row represents all steps up to the next kept one."""
        return self.path().transform_filter("datum.t <= s && s < datum.next")

    @staticmethod
    def targets(*charts: Any) -> tuple[Layers, list[dict[str, Any]]]:
        """Layers that receive the pointer, and their selections, which a concatenated spec names at its top."""
        layers: Layers = []
        selections = []
        for chart in map(plain, charts):
            names = [layer["name"] for layer in chart.get("layer", [chart]) if "name" in layer]
            for layer in chart.get("layer", [chart]):
                selections += [param | {"views": names} for param in layer.pop("params", [])]
            layers.append(chart)
        return layers, selections

    def moved(self, chart: Any) -> Any:
        """The chart of the data with each point where it is now (see charts.hands)."""
        return chart

    @property
    def of_samples(self) -> bool:
        """Whether the stage computes with the data at the pointer."""
        return self.fitted is not None and (self.network is None or self.network.live)

    def with_gradient(self) -> Any:
        """A chart with one row: `loss`, `g1` and `g2` at the pointer; of a network also how many are `right` of n."""
        if self.height:
            g1, g2 = browser_formulas.gradient(self.height)
            return self.one().transform_calculate(loss=browser_formulas.value(self.height), g1=g1, g2=g2)
        if self.network and not self.network.live:
            return self.one().transform_calculate(loss="at_f", g1="at_g1", g2="at_g2")
        if self.network:
            right = alt.Chart().transform_calculate(right="(datum.z > 0) == (datum.c == 1) ? 1 : 0")
            mean = right.transform_aggregate(loss="mean(each)", right="sum(right)", n="count()")
            return mean.transform_calculate(g1="at_g1", g2="at_g2")
        return self.mean_gradient()

    @staticmethod
    def mean_gradient() -> Any:
        """One row from the samples: `loss`, `g1` and `g2` at the pointer."""
        return (
            alt.Chart()
            .transform_aggregate(mean="mean(each)", m1="mean(d1)", m2="mean(d2)")
            .transform_calculate(loss="datum.mean + v_l2/2*w*w", g1="datum.m1 + v_l2*w", g2="datum.m2")
        )

    def samples(self) -> Any:
        """The data with prediction, loss and derivatives of each sample at the pointer.

        They are the data of the whole stage, computed once: all that has no data of its own takes these.
        """
        assert self.fitted is not None
        chart = self.moved(alt.Chart(alt.NamedData("points")))
        for step in browser_formulas.model(self.fitted):
            chart = chart.transform_calculate(**step)
        return chart
