"""The linked stage: the map of a loss, the model under the pointer, the loss over the steps. One Altair chart.

The spec of a stage is built once and never changes: whatever varies goes in by name as five data sets.
Hover, step and playback then live in the browser, cost the server nothing, and survive every rerun.

    view    one row: axis windows, map image, constants of the loss, words to show  (VIEW_FIELDS)
    path    rows of the runs: method (or "A", "B"), words of the legend, t, next, w, b, loss, order
    points  rows of the data: x, y                                                  (data losses only)
    best    rows w, b: the isolated minima, lowest first
    field   FIELD x FIELD heights of the loss at the centres of the hover cells, row by row from below: any
            monotone function of the loss, as only its contour is drawn

`w` and `b` stand for the two parameters of whatever is shown, (x, y) of a landscape included.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import altair as alt

from lossgeo.charts import expressions
from lossgeo.charts.map_panel import MapPanel
from lossgeo.charts.model_panel import ModelPanel
from lossgeo.charts.panel import DATA_MODELS
from lossgeo.charts.style import FIELD, MAX_STEP, ChartStyle

VIEW_FIELDS: dict[str, Any] = (
    dict.fromkeys(("w0", "b0", "x0", "y0", "l2", "sw", "sb"), 0.0)
    | dict.fromkeys(("w1", "b1", "x1", "y1", "l1"), 1.0)
    | {"l0": 0.1, "steps": 1, "runs": 1, "variant": 0, "pair": 0, "ink": "#808080", "ground": "#ffffff"}
    | {"words": "", "loss_name": "loss", "x_title": "", "y_title": "", "url": ""}
)


@functools.lru_cache(maxsize=64)
def stage_spec(
    kind: str,
    style: ChartStyle,
    first: str = "w",
    second: str = "b",
    log_loss: bool = True,
    with_map: bool = True,
    with_axes: bool = False,
) -> dict[str, Any]:
    """The Vega-Lite spec of a stage.

    kind: "line", "sigmoid", or the name of a landscape; first, second: names of the parameters;
    log_loss: whether the loss over the steps is drawn on a logarithmic axis; with_map: False for the two
    panels alone, beside the 3-D surface, where the model shown is that of the start; with_axes: with the
    curvature at the pointer. The returned dict is shared: do not change it. Every argument is a choice that
    a learner makes rarely; data, start, learning rate and axis windows are not among them.
    """
    choices = (style, first, second, log_loss, with_map, with_axes)
    if kind not in expressions.LANDSCAPES:
        return _Stage(kind, *choices).spec()
    spec: dict[str, Any] = json.loads(expressions.fill(_template(*choices), kind))
    return spec


@functools.lru_cache(maxsize=16)
def _template(*choices: Any) -> str:
    """The spec of any landscape, with blanks for its formulas: building one takes a third of a second of a server's
    time, filling one in a thousandth."""
    return json.dumps(_Stage(expressions.ANY, *choices).spec())


def _plain(parameter: Any) -> dict[str, Any]:
    """A parameter as it stands in a spec."""
    spec: dict[str, Any] = parameter.param.to_dict(validate=False)
    return spec


class _Stage(MapPanel, ModelPanel):
    """The panels together, the signals that link them, and the spec."""

    def params(self) -> list[alt.Parameter]:
        """The signals that link the panels: step, windows, pointer."""
        return [
            # It opens at the end, with the whole descent drawn; Play begins at 0.
            alt.param(name="step", value=MAX_STEP, bind=alt.binding_range(min=0, max=MAX_STEP, step=1, name="step ")),
            alt.param(name="row", expr="length(data('view')) ? data('view')[0] : " + str(VIEW_FIELDS)),
            *[alt.param(name=f"v_{f}", expr=f"row.{f}") for f in VIEW_FIELDS if f != "url"],
            alt.param(name="lk", expr="pow(10, floor(log(v_l0)/LN10))"),
            alt.param(name="s", expr="min(step, v_steps)"),
            alt.param(name="rw", expr="pow(10, max(0, 2-floor(log(dw)/LN10)))"),
            alt.param(name="rb", expr="pow(10, max(0, 2-floor(log(db)/LN10)))"),
            alt.param(name="dw", expr=f"(v_w1-v_w0)/{FIELD}"),
            alt.param(name="db", expr=f"(v_b1-v_b0)/{FIELD}"),
            *(
                self.pointer()
                if self.with_map
                else [alt.param(name="w", expr="v_sw"), alt.param(name="b", expr="v_sb")]
            ),
            *([] if self.kind in DATA_MODELS else self.gradient()),
        ]

    @staticmethod
    def pointer() -> list[alt.Parameter]:
        """The model under the pointer, the start's before the first move, and the loss there: the contour's level."""
        column, row = f"clamp((w-v_w0)/dw-0.5, 0, {FIELD - 1})", f"clamp((b-v_b0)/db-0.5, 0, {FIELD - 1})"

        def typed(signal: str, otherwise: str) -> str:  # a number from the pointer, or text from the number input
            number = f"toNumber({signal})"
            return f"isValid({signal}) && {signal} !== '' && isFinite({number}) ? {number} : {otherwise}"

        def corner(i: str, j: str) -> str:
            return f"data('field')[min({j}, {FIELD - 1})*{FIELD} + min({i}, {FIELD - 1})].v"

        level = (
            "(length(data('field')) ? "
            f"(1-fw)*(1-fb)*{corner('iw', 'ib')} + fw*(1-fb)*{corner('iw+1', 'ib')}"
            f" + (1-fw)*fb*{corner('iw', 'ib+1')} + fw*fb*{corner('iw+1', 'ib+1')} : 0)"
        )
        return [
            alt.param(name="w", expr=typed("hover_w", "v_sw")),
            alt.param(name="b", expr=typed("hover_b", "v_sb")),
            alt.param(name="iw", expr=f"floor({column})"),
            alt.param(name="ib", expr=f"floor({row})"),
            alt.param(name="fw", expr=f"{column}-iw"),
            alt.param(name="fb", expr=f"{row}-ib"),
            alt.param(name="level", expr=level),
        ]

    def gradient(self) -> list[alt.Parameter]:
        """The gradient of a landscape at the pointer and the direction uphill, a unit vector."""
        _, ga, gb = expressions.landscape(self.kind)
        flat = "hypot(ga, gb) <= 1e-12"  # no direction: nothing is drawn along the gradient
        parts = {"ga": ga, "gb": gb} | {f"u{n}": f"{flat} ? NaN : g{n}/hypot(ga, gb)" for n in "ab"}
        return [alt.param(name=name, expr=expr) for name, expr in parts.items()]

    def spec(self) -> dict[str, Any]:
        """The panels side by side, put together here and not by altair, as in `group`."""
        own = {"scale": dict.fromkeys(("color", "strokeDash", "shape", "size"), "independent")}
        left = [self.map()] if self.with_map else []
        two = [self.model_panel(), self.loss_panel()]
        right = two if self.style.columns else [{"vconcat": two, "spacing": 8, "resolve": own}]
        hovered = [param for panel in left for param in panel.pop("params")]
        font = self.style.font
        axis = {"labelFontSize": font, "titleFontSize": font + 1, "titleFontWeight": "normal", "titlePadding": 6}
        ink = {"expr": "v_ink"}
        spec: dict[str, Any] = {
            "$schema": alt.SCHEMA_URL,
            "config": {
                "view": {"continuousWidth": 300, "continuousHeight": 300, "strokeOpacity": 0.25},
                "axis": axis
                | {"labelPadding": 5, "labelLimit": round(5.4 * font), "labelColor": ink, "titleColor": ink},
                # A canvas has no place for the words that Vega would otherwise make for each item at each move.
                "mark": {"aria": False},
            },
            "vconcat" if self.style.stacked else "hconcat": [*left, *right],
            "spacing": 16,
            "resolve": own,
            "params": hovered + [_plain(param) for param in self.params()],
        }
        # Added after the build: altair's schema does not know number inputs, Vega draws them.
        for hover in (p for p in spec["params"] if p["name"] == "hover"):
            hover["bind"] = {
                field: {"input": "number", "step": "any", "name": f"your {name} "}
                for field, name in (("w", self.first), ("b", self.second))
            }
        spec |= {
            "autosize": "pad",
            "padding": {"left": 4, "top": 4, "right": 4, "bottom": 0},
            "usermeta": {"embedOptions": {"renderer": "canvas", "actions": False}},
        }
        return spec
