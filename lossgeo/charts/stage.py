"""The linked stage, one Altair chart: the map of a loss, the model at the pointer, the loss over the steps.

The spec of a stage is built once and never changes; everything that varies is passed by name, as data sets.
So hover, step and playback run in the browser, cost the server nothing, and survive every rerun.

    view    axis windows, constants of the loss, texts: VIEW_FIELDS, as rows n, t of `packed`
    picture one row: the map image `url`, from w0, b0 to w1, b1. It is apart from `view`, which changes at each move
            of a control: an image that is made anew is loaded anew, and the whole stage is then drawn twice
    labels  rows w, b, text, dx, dy: texts on the map, moved by (dx, dy) pixels
    legend  rows x, colour, text, gap: the key of the map's layer above the map, from x pixels on
    path    rows of the runs: method (or "A", "B"), legend text, t, next, w, b, loss, order
    points  rows of the data: x, y                                                  (data losses only)
    best    rows w, b: the isolated minima, lowest first
    kept    what a lesson keeps in sight: kind (FOUND, GUESSED, EARLIER or BALL + an index), w, b
    coarse, weights, scores, marks   of a network and its plane: see network_panel
    field   FIELD x FIELD heights of the loss at the centres of the hover cells, row by row from the bottom. Any
            monotone function of the loss will do, because only its contours are drawn

`w` and `b` are the two parameters of whatever is shown, (x, y) of a landscape included.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from lossgeo.charts import browser_formulas
from lossgeo.charts.browser_formulas import Blanks
from lossgeo.charts.map_panel import MapPanel
from lossgeo.charts.model_panel import ModelPanel
from lossgeo.charts.network_formulas import NetworkShape
from lossgeo.charts.panel import plain
from lossgeo.charts.style import FIELD, LINES, MAX_STEP, ChartStyle
from lossgeo.contracts import Landscape
from lossgeo.landscapes import LeastSquares

VIEW_FIELDS: dict[str, Any] = (
    dict.fromkeys(("w0", "b0", "x0", "y0", "l2", "sw", "sb", "n1", "n2", "gd", "gs"), 0)
    | dict.fromkeys(("w1", "b1", "x1", "y1", "l1"), 1)
    | {"l0": 0.1, "steps": 1, "runs": 1, "variant": 0, "pair": 0, "ink": "#808080", "ground": "#ffffff"}
    | {"mode": -1, "rev": 0, "srev": 0}
    | {"words": "", "loss_name": "loss", "x_title": "", "y_title": "", "drawn": "sample"}
)


NUMBERS, TEXTS = ([name for name, v in VIEW_FIELDS.items() if isinstance(v, str) == kind] for kind in (False, True))


def packed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of VIEW_FIELDS as two columns, numbers n and texts t: each further column would cost 100 bytes."""
    texts = [str(row[name]) for name in TEXTS]
    return {"n": [float(row[name]) for name in NUMBERS], "t": texts + [""] * (len(NUMBERS) - len(texts))}


def unpacked(n: Sequence[float], t: Sequence[str]) -> dict[str, Any]:
    """The values of VIEW_FIELDS from the columns of `packed`."""
    return dict(zip(NUMBERS, n, strict=True)) | dict(zip(TEXTS, t, strict=False))


@functools.lru_cache(maxsize=64)
def stage_spec(
    subject: str | Landscape | NetworkShape,
    style: ChartStyle,
    first: str = "w",
    second: str = "b",
    log_loss: bool = True,
    with_map: bool = True,
    with_axes: bool = False,
    with_bounds: bool = False,
    with_balls: bool = False,
) -> dict[str, Any]:
    """The Vega-Lite spec of a stage. The returned dictionary is shared: do not change it.

    subject: "line", "sigmoid", a landscape, or the shape of a network. first, second: the names of the parameters.
    log_loss: whether the loss over the steps has a logarithmic axis. with_map: False for the two right panels alone,
    beside the 3-D surface; they then show the model of the start. with_axes: whether to draw the Hessian eigenvectors
    at the pointer. with_bounds: whether the last panel shows the loss above its minimum, with bounds of theorems (data
    set `bound`: method, t, above, order, name, floor). with_balls: whether to draw the ellipses of noise balls. The
    arguments are options that rarely change. Data, start, learning rate and axis windows are passed as data instead.
    """
    choices = (style, first, second, log_loss, with_map, with_axes, with_bounds, with_balls)
    if isinstance(subject, str | LeastSquares | NetworkShape):
        return _Stage(subject, *choices).spec()
    spec: dict[str, Any] = json.loads(browser_formulas.fill(_template(*choices), subject))
    _tight(spec)
    return spec


@functools.lru_cache(maxsize=16)
def _template(*choices: Any) -> str:
    """The spec of any landscape in JSON, with blanks for its formulas.

    Building a spec takes a third of a second of server time; filling in the blanks takes a millisecond.
    """
    return json.dumps(_Stage(Blanks(), *choices).spec())


def _plain(parameter: Any) -> dict[str, Any]:
    """A parameter as it appears in a spec."""
    spec: dict[str, Any] = parameter.param.to_dict(validate=False)
    return spec


SPACES = r" *([?:<>=&|,+*/()%!]) *|(?<=[\w)\]]) (?=- ?[\w(])|(?<=[\w)\]] -) (?=[\w(])"
EXPRESSIONS = ("expr", "calculate", "filter", "labelExpr", "test")


def _tight(node: Any) -> None:
    """Take the spaces out of all expressions that do not stand between quotes."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            _tight(value)
        elif key in EXPRESSIONS and isinstance(value, str):
            parts = re.split(r"('[^']*')", value)
            node[key] = "".join(p if p[:1] == "'" else re.sub(SPACES, r"\1", p) for p in parts)


def _without_unused(spec: dict[str, Any]) -> None:
    """Take out the parameters of the view that this stage does not use."""
    text = json.dumps(spec)
    unused = [f"v_{field}" for field in VIEW_FIELDS if len(re.findall(rf"\bv_{field}\b", text)) == 1]
    spec["params"] = [param for param in spec["params"] if param["name"] not in unused]


def _said_once(node: Any) -> None:
    """Take out what the configuration says for all marks, and what is the default: each rerun sends the spec again."""
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict | list):
            _said_once(value)
    if isinstance(node, dict) and isinstance(node.get("mark"), dict) and node["mark"].get("tooltip", 0) is None:
        del node["mark"]["tooltip"]
    if isinstance(node, dict) and "field" in node and node.get("type") == "nominal":
        del node["type"]
    for channel in ("angle", "opacity") if isinstance(node, dict) else ():  # a field without a scale needs no type
        if isinstance(node.get(channel), dict) and node[channel].get("scale", 0) is None:
            node[channel].pop("type", None)
    if isinstance(node, dict) and node.get("scale", 0) is None and node.get("axis", 0) is None:
        del node["axis"]


class _Stage(MapPanel, ModelPanel):
    """The panels, the signals that link them, and the spec."""

    def params(self) -> list[alt.Parameter]:
        """The signals that link the panels: step, windows, pointer."""
        return [
            # At first the slider is at the end, so that whole runs are drawn; Play starts at 0.
            alt.param(name="step", value=MAX_STEP, bind=alt.binding_range(min=0, max=MAX_STEP, step=1, name="step ")),
            *(
                alt.param(name=one, expr=f"length(data('view')) ? pluck(data('view'),'{one[1]}') : {usual}")
                for one, usual in (("Vn", [VIEW_FIELDS[f] for f in NUMBERS]), ("Vt", [VIEW_FIELDS[f] for f in TEXTS]))
            ),
            *(alt.param(name=f"v_{f}", expr=f"Vn[{i}]") for i, f in enumerate(NUMBERS)),
            *(alt.param(name=f"v_{f}", expr=f"Vt[{i}]") for i, f in enumerate(TEXTS)),
            alt.param(name="sup", expr=browser_formulas.SUPERSCRIPTS),
            alt.param(name="lines", value=list(LINES)),
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
            *([] if self.height is None else self.gradient()),
            *([] if self.network is None else self.weights()),
        ]

    @staticmethod
    def pointer() -> list[alt.Parameter]:
        """The parameters at the pointer, and the loss there, which is the level of the contour.

        Before the first pointer move they are those of the start.
        """
        column, row = f"clamp((w-v_w0)/dw-0.5, 0, {FIELD - 1})", f"clamp((b-v_b0)/db-0.5, 0, {FIELD - 1})"

        def typed(signal: str, otherwise: str) -> str:  # a number from the pointer, or a text from the number input
            number = f"toNumber({signal})"
            return f"isValid({signal}) && {signal} !== '' && isFinite({number}) ? {number} : {otherwise}"

        def corner(i: str, j: str) -> str:
            return f"G[min({j}, {FIELD - 1})*{FIELD} + min({i}, {FIELD - 1})].v"

        level = (
            "(length(G) ? "
            f"(1-fw)*(1-fb)*{corner('iw', 'ib')} + fw*(1-fb)*{corner('iw+1', 'ib')}"
            f" + (1-fw)*fb*{corner('iw', 'ib+1')} + fw*fb*{corner('iw+1', 'ib+1')} : 0)"
        )
        return [
            alt.param(name="G", expr="data('field')"),
            alt.param(name="w", expr=typed("hover_w", "v_sw")),
            alt.param(name="b", expr=typed("hover_b", "v_sb")),
            alt.param(name="ew", expr=column),
            alt.param(name="eb", expr=row),
            alt.param(name="iw", expr="floor(ew)"),
            alt.param(name="ib", expr="floor(eb)"),
            alt.param(name="fw", expr="ew-iw"),
            alt.param(name="fb", expr="eb-ib"),
            alt.param(name="level", expr=level),
        ]

    def gradient(self) -> list[alt.Parameter]:
        """The gradient of a landscape at the pointer, and the unit vector along it."""
        assert self.height is not None
        ga, gb = browser_formulas.gradient(self.height)
        flat = "hypot(ga, gb) <= 1e-12"  # no direction, so nothing is drawn along the gradient
        parts = {"ga": ga, "gb": gb} | {f"u{n}": f"{flat} ? NaN : g{n}/hypot(ga, gb)" for n in "ab"}
        return [alt.param(name=name, expr=expr) for name, expr in parts.items()]

    def spec(self) -> dict[str, Any]:
        """The panels side by side. Built here and not by altair, for the reason given in `group`."""
        own = {"scale": dict.fromkeys(("color", "strokeDash", "shape", "size"), "independent")}
        left = [self.map()] if self.with_map else []
        two = [self.model_panel(), self.loss_panel()]
        right = two if self.style.columns else [{"vconcat": two, "spacing": 8, "resolve": own}]
        hovered = [param for panel in [*left, two[0]] for param in panel.pop("params")]
        font = self.style.font
        axis = {"labelFontSize": font, "titleFontSize": font + 1, "titleFontWeight": "normal", "titlePadding": 6}
        ink = {"expr": "v_ink"}
        samples = plain(self.samples().mark_point()) if self.of_samples else {}
        spec: dict[str, Any] = {key: samples[key] for key in ("data", "transform") if key in samples} | {
            "$schema": alt.SCHEMA_URL,
            "config": {
                "view": {"strokeOpacity": 0.25},
                "axis": axis
                | {"labelPadding": 5, "labelLimit": round(5.4 * font), "labelColor": ink, "titleColor": ink},
                # Vega would write a description of each mark at each move, which a canvas cannot use. No tooltips.
                "mark": {"aria": False, "tooltip": None},
                "range": {"category": [c for c, _ in LINES.values()], "ordinal": [list(d) for _, d in LINES.values()]},
            },
            "vconcat" if self.style.stacked else "hconcat": [*left, *right],
            "spacing": 16,
            "resolve": own,
            "params": hovered + [_plain(param) for param in self.params()] + self.hands(),
        }
        # Added afterwards: Vega supports number inputs, but altair's schema does not.
        for hover in (p for p in spec["params"] if p["name"] == "hover"):
            hover["bind"] = {
                field: {"input": "number", "step": "any", "name": f"your {name} "}
                for field, name in (("w", self.first), ("b", self.second))
            }
        _said_once(spec["vconcat" if self.style.stacked else "hconcat"])
        _tight(spec)
        _without_unused(spec)
        spec |= {
            "autosize": "pad",
            "padding": {"left": 4, "top": 4, "right": 4, "bottom": 0},
            "usermeta": {"embedOptions": {"renderer": "canvas", "actions": False}},
        }
        return spec
