"""The linked stage: the map of a loss, the model under the pointer, the loss over the steps. One Altair chart.

The spec of a stage is built once and never changes: whatever varies goes in by name as five data sets.
Hover, step and playback then live in the browser, cost the server nothing, and survive every rerun.

    view    one row: axis windows, map image, constants of the loss, words to show  (VIEW_FIELDS)
    path    rows of the runs: method, t, next, w, b, loss, order                    (PATH_FIELDS)
    points  rows of the data: x, y                                                  (data losses only)
    best    rows w, b: the isolated minima, lowest first
    field   FIELD x FIELD heights of the loss at the centres of the hover cells, row by row from below: any
            monotone function of the loss, as only its contour is drawn

`w` and `b` stand for the two parameters of whatever is shown, (x, y) of a landscape included.
"""
from __future__ import annotations

import functools
from typing import Any

import altair as alt

from lossgeo.charts import formulas
from lossgeo.charts.style import CLASS_ONE, CLASS_ZERO, METHODS, SAMPLE, YOU, ChartStyle

FIELD = 60            # hover cells a side; also the sampling of the contour through the pointer
MAX_STEP = 2000       # upper end of the step slider in the spec; the player lowers it to the run's length
ARROW = 52            # length of the downhill arrow in pixels
VIEW_FIELDS = {"w0": 0.0, "w1": 1.0, "b0": 0.0, "b1": 1.0, "x0": 0.0, "x1": 1.0, "y0": 0.0, "y1": 1.0,
               "l0": 0.1, "l1": 1.0, "steps": 1, "l2": 0.0, "variant": 0, "sw": 0.0, "sb": 0.0, "ink": "#808080", "ground": "#ffffff", "words": "", "loss_name": "loss",
               "url": ""}
PATH_FIELDS = ("method", "t", "next", "w", "b", "loss", "order")
DATA_MODELS = ("line", "sigmoid", "tiny network", "puromycin")

# Ticks of a logarithmic axis: decades from the lowest (`lk`) up, and twos and fives where there are few of those.
LOG_AXIS = alt.Axis(
    values=alt.ExprRef("log(v_l1/v_l0) < 4 ? [lk,2*lk,5*lk,10*lk,20*lk,50*lk,100*lk,200*lk,500*lk] : ["
                       + ",".join(f"lk*1e{k}" for k in range(26)) + "]"),
    labelExpr="datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') : format(datum.value, '.0e')",
    labelOverlap="greedy", grid=False)

Layers = list[alt.Chart]


@functools.lru_cache(maxsize=64)
def stage_spec(kind: str, style: ChartStyle, first: str = "w", second: str = "b",
               x_title: str = "x", y_title: str = "y", log_loss: bool = True, with_map: bool = True) -> dict[str, Any]:
    """The Vega-Lite spec of a stage.

    kind: "line", "sigmoid", or the name of a landscape; first, second: names of the parameters;
    log_loss: whether the loss over the steps is drawn on a logarithmic axis; with_map: False for the two
    panels alone, beside the 3-D surface, where the model shown is that of the start. The returned dict is shared:
    do not change it. Every argument is a choice that a learner makes rarely; data, start, learning rate
    and axis windows are not among them.
    """
    return _Stage(kind, style, first, second, x_title, y_title, log_loss, with_map).spec()


class _Stage:
    def __init__(self, kind: str, style: ChartStyle, first: str, second: str,
                 x_title: str, y_title: str, log_loss: bool, with_map: bool) -> None:
        self.kind, self.style, self.first, self.second = kind, style, first, second
        self.x_title, self.y_title, self.log_loss, self.with_map = x_title, y_title, log_loss, with_map
        self.ink = alt.ExprRef("v_ink")

    # --- axes and small helpers ------------------------------------------------------------------
    def axis(self, channel: Any, field: str, title: str, low: str, high: str, **scale: Any) -> Any:
        domain = [alt.ExprRef(f"v_{low}"), alt.ExprRef(f"v_{high}")]
        ticks = LOG_AXIS if scale else alt.Axis(tickCount=5)
        return channel(field, type="quantitative", title=title, axis=ticks,
                       scale=alt.Scale(domain=domain, nice=False, **(scale or {"zero": False})))

    # The first layer of a panel carries its axes in full; the others name their fields only.
    def W(self, field: str) -> Any:
        return self.axis(alt.X, field, self.title(self.first), "w0", "w1")

    def B(self, field: str) -> Any:
        return self.axis(alt.Y, field, self.title(self.second), "b0", "b1")

    @staticmethod
    def title(parameter: str) -> str:
        return {"w": "slope w", "b": "intercept b"}.get(parameter, parameter)

    def X(self, field: str = "x") -> Any:
        return self.axis(alt.X, field, self.x_title, "x0", "x1")

    def Y(self, field: str = "y") -> Any:
        return self.axis(alt.Y, field, self.y_title, "y0", "y1")

    def at(self, x: str, y: str, panel: str = "map") -> dict[str, Any]:
        titles = {"map": (self.title(self.first), self.title(self.second)), "data": (self.x_title, self.y_title)}[panel]
        return {"x": alt.X(x, type="quantitative", title=titles[0]), "y": alt.Y(y, type="quantitative", title=titles[1])}

    @staticmethod
    def by_method(scale: bool = False) -> tuple[Any, Any]:
        """Colour and dash by method; the scale itself is stated once in a panel."""
        if not scale:
            return alt.Color("method:N", legend=None), alt.StrokeDash("method:N", legend=None)
        names = list(METHODS)
        return (alt.Color("method:N", legend=None, scale=alt.Scale(domain=names, range=[c for c, _ in METHODS.values()])),
                alt.StrokeDash("method:N", legend=None, scale=alt.Scale(domain=names, range=[list(d) for _, d in METHODS.values()])))

    @staticmethod
    def one() -> alt.Chart:
        """A data set of a single row, for marks whose place is worked out from the signals."""
        return alt.Chart(alt.sequence(0, 1, as_="i"))

    def path(self) -> alt.Chart:
        return alt.Chart(alt.NamedData("path"))

    def now(self) -> alt.Chart:
        """The rows of the current step: a kept row stands for the steps up to the next kept one."""
        return self.path().transform_filter("datum.t <= s && s < datum.next")

    # --- the map ---------------------------------------------------------------------------------
    def map(self) -> alt.LayerChart:
        side = self.style.map_side
        heat = (alt.Chart(alt.NamedData("view")).mark_image(aspect=False, tooltip=None)
                .encode(self.W("w0"), self.B("b0"), x2="w1", y2="b1", url="url:N"))
        words = self.one().mark_text(align="left", baseline="bottom", fontSize=self.style.font, color=self.ink, tooltip=None).encode(
            x=alt.value(0), y=alt.value(-6), text=alt.value(alt.ExprRef("v_words")))
        layers = [heat, words, self.contour(), self.trails(), *self.marks(), self.arrow(), self.you(), self.cells()]
        return alt.layer(*layers).properties(width=side, height=side)

    def cells(self) -> alt.Chart:
        """Invisible hit targets, made in the browser; on top, so that nothing hides them from the pointer.

        The events are those of these marks alone (altair numbers the name): elsewhere the pointer leaves the model as it is.
        A cell's own numbers are its centre, rounded to a hundredth of its width so that they read well.
        """
        hover = alt.selection_point(name="hover", fields=["w", "b"], on="@cells_0_marks:pointermove", clear=False, toggle=False)
        pick = alt.selection_point(name="pick", fields=["w", "b"], on="@cells_0_marks:click", clear=False, toggle=False)
        return (alt.Chart(alt.sequence(0, FIELD * FIELD, as_="i"), name="cells")
                .transform_calculate(wa=f"v_w0+dw*(datum.i%{FIELD})", ba=f"v_b0+db*floor(datum.i/{FIELD})")
                .transform_calculate(wb="datum.wa+dw", bb="datum.ba+db",
                                     w="round((datum.wa+dw/2)*rw)/rw", b="round((datum.ba+db/2)*rb)/rb")
                .mark_rect(opacity=0, tooltip=None, aria=False)
                .encode(**self.at("wa", "ba"), x2="wb", y2="bb").add_params(hover, pick))

    def contour(self) -> alt.LayerChart:
        """The level line through the pointer: one straight piece in every cell that it crosses.

        Each row of `field` is the lower left corner of a cell; `lead` fetches the other three.
        """
        corners = [alt.WindowFieldDef(op="lead", field="v", param=k, **{"as": name})
                   for k, name in ((1, "br"), (FIELD, "tl"), (FIELD + 1, "tr"))]
        lines = alt.layer(*(
            alt.Chart().mark_rule(color=c, strokeWidth=k, clip=True, tooltip=None, strokeCap="round", aria=False).encode(
                **self.at("xa", "ya"), x2="xb", y2="yb")
            for c, k in (("black", self.style.line), ("white", self.style.line - 1.2))), data=alt.NamedData("field"))
        return (lines.transform_window([alt.WindowFieldDef(op="row_number", **{"as": "i"}), *corners])
                .transform_filter(f"datum.i % {FIELD} != 0 && datum.i <= {FIELD * (FIELD - 1)}")
                .transform_calculate(low="min(datum.v, datum.br, datum.tl, datum.tr)",
                                     high="max(datum.v, datum.br, datum.tl, datum.tr)")
                .transform_filter("datum.low < level && level <= datum.high")
                .transform_calculate(wa=f"v_w0+dw*((datum.i-1)%{FIELD}+0.5)", ba=f"v_b0+db*(floor((datum.i-1)/{FIELD})+0.5)",
                                     cb="(datum.v < level) != (datum.br < level)", cr="(datum.br < level) != (datum.tr < level)",
                                     ct="(datum.tl < level) != (datum.tr < level)", cl="(datum.v < level) != (datum.tl < level)")
                .transform_calculate(eb="datum.wa+dw*(level-datum.v)/(datum.br-datum.v)", er="datum.ba+db*(level-datum.br)/(datum.tr-datum.br)",
                                     et="datum.wa+dw*(level-datum.tl)/(datum.tr-datum.tl)", el="datum.ba+db*(level-datum.v)/(datum.tl-datum.v)")
                .transform_calculate(xa="datum.cb ? datum.eb : datum.cr ? datum.wa+dw : datum.et",
                                     ya="datum.cb ? datum.ba : datum.cr ? datum.er : datum.ba+db",
                                     xb="datum.cl ? datum.wa : datum.ct ? datum.et : datum.wa+dw",
                                     yb="datum.cl ? datum.el : datum.ct ? datum.ba+db : datum.er"))

    def trails(self) -> alt.LayerChart:
        colour, dash = self.by_method(scale=True)
        plain, _ = self.by_method()
        line = self.style.line
        sofar = alt.layer(
            alt.Chart().mark_line(color="white", strokeWidth=line + 2.5, clip=True, tooltip=None, opacity=0.85).encode(
                **self.at("w", "b"), order="t:Q", detail="method:N"),
            alt.Chart().mark_line(strokeWidth=line, clip=True, tooltip=None).encode(
                **self.at("w", "b"), order="t:Q", color=colour, strokeDash=dash),
            alt.Chart().transform_filter("s < 60").mark_circle(
                size=14 * line, opacity=1, clip=True, tooltip=None, stroke="white", strokeWidth=0.6).encode(
                **self.at("w", "b"), color=plain),
            alt.Chart().transform_filter("s < datum.next").mark_point(
                filled=True, opacity=1, size=60 * line, stroke="white", strokeWidth=1.5, clip=True, tooltip=None).encode(
                **self.at("w", "b"), color=plain),
            data=alt.NamedData("path"))
        return sofar.transform_filter("datum.t <= s")

    def marks(self) -> Layers:
        """The start (a square) and the isolated minima (crosses), each with a rim that shows on any ground."""
        k = self.style.line
        square = {"shape": "square", "size": 80, "filled": False, "clip": True, "tooltip": None}
        start = alt.layer(*(alt.Chart().mark_point(stroke=c, strokeWidth=w, **square).encode(**self.at("w", "b"))
                            for c, w in (("white", k + 2.5), ("black", k))), data=alt.sequence(0, 1, as_="i"))
        best = alt.Chart(alt.NamedData("best")).mark_point(
            shape="cross", size=150, filled=True, fill="white", stroke="black", strokeWidth=1.2, opacity=1, clip=True,
            tooltip=None).encode(**self.at("w", "b"))
        return [start.transform_calculate(w="v_sw", b="v_sb"), best]

    def you(self) -> alt.LayerChart:
        rings = alt.layer(*(alt.Chart().mark_point(size=190, filled=False, stroke=c, strokeWidth=k, clip=True, tooltip=None, opacity=1)
                            .encode(**self.at("w", "b"))
                            for c, k in (("white", self.style.line + 3), (YOU, self.style.line + 0.5))), data=alt.sequence(0, 1, as_="i"))
        return rings.transform_calculate(w="w", b="b")

    def arrow(self) -> alt.LayerChart:
        """Minus the gradient at the pointer, in the parameter plane, drawn at a fixed length."""
        side = self.style.map_side
        marks: Layers = []
        for colour, wide, size in (("white", self.style.line + 3, 190), (YOU, self.style.line, 110)):
            marks.append(alt.Chart().mark_rule(color=colour, strokeWidth=wide, clip=True, tooltip=None).encode(
                **self.at("w", "b"), x2="we", y2="be"))
            marks.append(alt.Chart().mark_point(shape="triangle-up", size=size, filled=True, color=colour, opacity=1, clip=True,
                                                tooltip=None).encode(**self.at("we", "be"), angle=alt.Angle("angle:Q", scale=None)))
        return (self.with_gradient(alt.layer(*marks, data=self.source()))
                .transform_calculate(px=f"datum.g1*{side}/(v_w1-v_w0)", py=f"datum.g2*{side}/(v_b1-v_b0)")
                .transform_calculate(size="hypot(datum.px, datum.py)", w="w", b="b", angle="atan2(-datum.px, -datum.py)*180/PI")
                .transform_filter("datum.size > 1e-12 && isFinite(datum.size)")
                .transform_calculate(we=f"w-datum.g1*{ARROW}/datum.size", be=f"b-datum.g2*{ARROW}/datum.size"))

    # --- loss and gradient at the pointer ----------------------------------------------------------
    def source(self) -> Any:
        return alt.NamedData("points") if self.kind in DATA_MODELS else alt.sequence(0, 1, as_="i")

    def with_gradient(self, chart: Any) -> Any:
        """The chart with one row: `loss`, `g1`, `g2` at the pointer."""
        if self.kind not in DATA_MODELS:
            value, g1, g2 = formulas.landscape(self.kind)
            return chart.transform_calculate(loss=value, g1=g1, g2=g2)
        return (self.with_samples(chart)
                .transform_aggregate(mean="mean(each)", m1="mean(d1)", m2="mean(d2)")
                .transform_calculate(loss="datum.mean + v_l2/2*w*w", g1="datum.m1 + v_l2*w", g2="datum.m2"))

    def with_samples(self, chart: Any) -> Any:
        """The data with prediction, loss and derivatives of each sample at the pointer."""
        for step in formulas.model(self.kind):
            chart = chart.transform_calculate(**step)
        return chart

    def readout(self) -> alt.Chart:
        """Parameters, loss and gradient at the pointer, in two lines above the panel.

        Limited to the panel's width: a longer text would widen the chart, and the pointer would make it jump.
        """
        text = (f"'{self.first} = ' + {formulas.number('w')} + '    {self.second} = ' + {formulas.number('b')}"
                f" + '    ' + v_loss_name + ' = ' + {formulas.number('datum.loss')}")
        slope = f"'gradient (' + {formulas.number('datum.g1')} + ', ' + {formulas.number('datum.g2')} + ')'"
        font = self.style.font + (0 if self.style.stacked else 1)
        return (self.with_gradient(alt.Chart(self.source())).transform_calculate(text=f"[{text}, {slope}]")
                .mark_text(align="left", baseline="top", fontSize=font, lineHeight=font + 4, limit=self.style.right_width, color=self.ink,
                           tooltip=None, fontWeight=600)
                .encode(x=alt.value(0), y=alt.value(-2 * font - 15), text="text:N"))

    # --- the upper right panel ---------------------------------------------------------------------
    def model_panel(self) -> alt.LayerChart:
        width, (height, _) = self.style.right_width, self.style.right_heights
        if self.kind in DATA_MODELS:
            layers = [*(self.discs() if self.kind == "sigmoid" else self.squares(width, height)), *self.models()]
        else:
            layers = self.slices()
        return alt.layer(*layers, self.readout()).properties(width=width, height=height).resolve_scale(color="independent", shape="independent")

    def models(self) -> Layers:
        """The model of each method at the current step, thin; the model under the pointer, thick."""
        colour, dash = self.by_method(scale=True)
        across = [str(i) for i in range(61 if self.kind != "line" else 2)]
        grid = alt.sequence(0, len(across), as_="i")
        place = f"v_x0 + datum.i*(v_x1-v_x0)/{len(across) - 1}"
        mine = (alt.Chart(grid).transform_calculate(x=place).transform_calculate(y=formulas.prediction(self.kind, "w", "b"))
                .mark_line(color=YOU, strokeWidth=self.style.line + 1, clip=True, tooltip=None).encode(**self.at("x", "y", "data")))
        theirs = (self.now().transform_calculate(i=f"sequence(0, {len(across)})").transform_flatten(["i"])
                  .transform_calculate(x=place)
                  .transform_calculate(y=formulas.prediction(self.kind, "datum.w", "datum.b"))
                  .mark_line(strokeWidth=self.style.line - 0.5, clip=True, tooltip=None)
                  .encode(**self.at("x", "y", "data"), detail="method:N", color=colour, strokeDash=dash))
        return [theirs, mine]

    def squares(self, width: int, height: int) -> Layers:
        """Each residual as a literal square, its side the residual in units of y: the mean area is the MSE."""
        across = f"(v_x1-v_x0)/{width}*{height}/(v_y1-v_y0)"
        residual = self.with_samples(alt.Chart(alt.NamedData("points"))).transform_calculate(xe=f"datum.x + abs(datum.p-datum.y)*{across}*(datum.x > (v_x0+v_x1)/2 ? -1 : 1)")
        square = (residual.transform_filter("!v_variant").mark_rect(color=YOU, fillOpacity=0.08, stroke=YOU, strokeWidth=0.8,
                  strokeOpacity=0.45, clip=True, tooltip=None).encode(self.X(), self.Y(), x2="xe", y2="p"))
        bar = residual.mark_rule(color=YOU, strokeWidth=1.5, opacity=0.8, clip=True, tooltip=None).encode(**self.at("x", "y", "data"), y2="p")
        dots = alt.Chart(alt.NamedData("points")).mark_point(filled=True, opacity=0.95, size=26 * self.style.line / 2.5, color=SAMPLE,
                                                            clip=True, tooltip=None).encode(**self.at("x", "y", "data"))
        return [square, bar, dots]

    def discs(self) -> Layers:
        """Each sample as a disc whose area is its loss; the decision boundary; the two classes."""
        classes = alt.Color("y:N", legend=None, scale=alt.Scale(domain=[0, 1], range=[CLASS_ZERO, CLASS_ONE]))
        shape = alt.Shape("y:N", legend=None, scale=alt.Scale(domain=[0, 1], range=["circle", "square"]))
        disc = (self.with_samples(alt.Chart(alt.NamedData("points"))).transform_calculate(area="min(datum.each*420, 40000)")
                .mark_point(shape="circle", filled=True, opacity=0.3, clip=True, tooltip=None)
                .encode(self.X(), self.Y(), size=alt.Size("area:Q", scale=None), color=classes))
        dots = alt.Chart(alt.NamedData("points")).mark_point(filled=True, size=30, opacity=0.95, clip=True, tooltip=None).encode(
            **self.at("x", "y", "data"), color=classes, shape=shape)
        wall = (self.one().transform_calculate(x="-b/w").transform_filter("isFinite(datum.x)")
                .mark_rule(color=self.ink, strokeDash=[4, 4], strokeWidth=1.5, clip=True, tooltip=None).encode(x=alt.X("x:Q", title=self.x_title)))
        share = (self.with_samples(alt.layer(
            *(alt.Chart().mark_text(align="right", baseline="middle", fontSize=self.style.font - 1, tooltip=None, **look).encode(
                x=alt.value(self.style.right_width - 4), y=alt.value(self.style.right_heights[0] / 2), text="text:N")
              for look in ({"stroke": alt.ExprRef("v_ground"), "strokeWidth": 5, "color": alt.ExprRef("v_ground")}, {"color": self.ink})),
            data=alt.NamedData("points")))
            .transform_aggregate(each="max(each)", total="sum(each)", groupby=[])
            .transform_calculate(text=f"'costliest sample: ' + {formulas.number('datum.each')} + ', ' + format(datum.each/datum.total, '.0%') + ' of the sum'"))
        return [disc, wall, dots, share]

    def slices(self) -> Layers:
        """The landscape along the two axes and along the gradient through the pointer, against the distance."""
        count = 121
        names = [f"along {self.first}", f"along {self.second}", "along the gradient"]
        colours, dashes = ["#0077BB", "#B35900", YOU], [[6, 3], [2, 3], [1, 0]]
        value, g1, g2 = formulas.landscape(self.kind)
        far = "min(v_w1-v_w0, v_b1-v_b0)/3"
        direction = {0: ("1", "0"), 1: ("0", "1")}
        colour = alt.Color("slice:N", scale=alt.Scale(domain=names, range=colours),
                           legend=alt.Legend(title=None, orient="top-left", direction="vertical", symbolType="stroke", labelFontSize=self.style.font - 1,
                                             offset=0, symbolStrokeWidth=self.style.line, rowPadding=0))
        dash = alt.StrokeDash("slice:N", scale=alt.Scale(domain=names, range=dashes), legend=None)
        rows = (alt.Chart(alt.sequence(0, 3 * count, as_="j"))
                .transform_calculate(i=f"datum.j % {count}", k=f"floor(datum.j/{count})")
                .transform_calculate(a=g1, c=g2, slice=f"{names}[datum.k]".replace("'", '"'),
                                     d=f"(2*datum.i/{count - 1}-1)*{far}")
                .transform_calculate(n="max(hypot(datum.a, datum.c), 1e-300)")
                .transform_calculate(u=f"datum.k == 0 ? {direction[0][0]} : datum.k == 1 ? 0 : datum.a/datum.n",
                                     v="datum.k == 0 ? 0 : datum.k == 1 ? 1 : datum.c/datum.n")
                .transform_filter("datum.k < 2 || datum.n > 1e-12")
                .transform_calculate(f=formulas.landscape(self.kind, "(w+datum.d*datum.u)", "(b+datum.d*datum.v)")[0]))
        across = self.axis(alt.X, "d", "distance from the pointer", "x0", "x1")
        up = self.axis(alt.Y, "f", "f", "y0", "y1")
        lines = rows.mark_line(strokeWidth=self.style.line, clip=True, tooltip=None).encode(across, up, colour, dash, order="i:Q")
        here = (self.one().transform_calculate(d="0", f=value)
                .mark_point(size=150, stroke=YOU, strokeWidth=self.style.line, clip=True, tooltip=None, opacity=1).encode(across, up))
        return [lines, here]

    # --- the loss over the steps -------------------------------------------------------------------
    def loss_panel(self) -> alt.LayerChart:
        colour, dash = self.by_method(scale=True)
        name = "loss" if self.log_loss else "f"
        up = self.axis(alt.Y, "loss", name, "l0", "l1", **({"type": "log"} if self.log_loss else {}))
        along = alt.X("t:Q", title="step", axis=alt.Axis(tickCount=5, format="d"),
                      scale=alt.Scale(domain=[0, alt.ExprRef("v_steps")], nice=False, zero=False))
        t, loss = alt.X("t:Q", title="step"), alt.Y("loss:Q", title=name)
        curve = self.path().mark_line(strokeWidth=self.style.line, clip=True, tooltip=None).encode(along, up, colour, dash, order="t:Q")
        colour, dash = self.by_method()
        rule = self.one().transform_calculate(t="s").mark_rule(color=self.ink, strokeWidth=1.5, opacity=0.6).encode(x=t)
        dots = self.now().mark_point(filled=True, opacity=1, size=30 * self.style.line, clip=True, tooltip=None).encode(t, loss, colour)
        row, half = self.style.font + 5, self.style.right_width / 2
        legend = self.now().transform_calculate(
            text=f"datum.method + '  ' + {formulas.number('datum.loss')}", py=f"{row}*(floor(datum.order/2)-2)+{row / 2 - 2}",
            pa=f"{half}*(datum.order%2)", pb=f"{half}*(datum.order%2)+22", pt=f"{half}*(datum.order%2)+28")
        y = alt.Y("py:Q", scale=None, axis=None)
        words = legend.mark_text(align="left", baseline="middle", fontSize=self.style.font, color=self.ink, tooltip=None, limit=half - 30).encode(
            x=alt.X("pt:Q", scale=None, axis=None), y=y, text="text:N")
        keys = legend.mark_rule(strokeWidth=self.style.line, tooltip=None).encode(
            x=alt.X("pa:Q", scale=None, axis=None), x2="pb", y=y, color=colour, strokeDash=dash)
        # A data set that no mark uses is not sent; without the map, this one is needed for the windows alone.
        windows = [] if self.with_map else [alt.Chart(alt.NamedData("view")).mark_point(opacity=0, tooltip=None).encode(x=alt.value(0), y=alt.value(0))]
        return alt.layer(curve, rule, dots, keys, words, *windows).properties(
            width=self.style.right_width, height=self.style.right_heights[1])

    # --- all of it -----------------------------------------------------------------------------------
    def params(self) -> list[alt.Parameter]:
        return [
            alt.param(name="step", value=0, bind=alt.binding_range(min=0, max=MAX_STEP, step=1, name="step ")),
            alt.param(name="row", expr="length(data('view')) ? data('view')[0] : " + str(VIEW_FIELDS)),
            *[alt.param(name=f"v_{f}", expr=f"row.{f}") for f in VIEW_FIELDS if f != "url"],
            alt.param(name="lk", expr="pow(10, floor(log(v_l0)/LN10))"), alt.param(name="s", expr="min(step, v_steps)"),
            alt.param(name="rw", expr="pow(10, max(0, 2-floor(log(dw)/LN10)))"), alt.param(name="rb", expr="pow(10, max(0, 2-floor(log(db)/LN10)))"),
            alt.param(name="dw", expr=f"(v_w1-v_w0)/{FIELD}"), alt.param(name="db", expr=f"(v_b1-v_b0)/{FIELD}"),
            *(self.pointer() if self.with_map else [alt.param(name="w", expr="v_sw"), alt.param(name="b", expr="v_sb")]),
        ]

    @staticmethod
    def pointer() -> list[alt.Parameter]:
        """The model under the pointer, the start's before the first move, and the loss there: the contour's level."""
        column, row = f"clamp((w-v_w0)/dw-0.5, 0, {FIELD - 1})", f"clamp((b-v_b0)/db-0.5, 0, {FIELD - 1})"

        def corner(i: str, j: str) -> str:
            return f"data('field')[min({j}, {FIELD - 1})*{FIELD} + min({i}, {FIELD - 1})].v"

        level = ("(length(data('field')) ? "
                 f"(1-fw)*(1-fb)*{corner('iw', 'ib')} + fw*(1-fb)*{corner('iw+1', 'ib')}"
                 f" + (1-fw)*fb*{corner('iw', 'ib+1')} + fw*fb*{corner('iw+1', 'ib+1')} : 0)")
        return [
            alt.param(name="w", expr="isValid(hover_w) && isFinite(hover_w) ? +hover_w : v_sw"),
            alt.param(name="b", expr="isValid(hover_b) && isFinite(hover_b) ? +hover_b : v_sb"),
            alt.param(name="iw", expr=f"floor({column})"), alt.param(name="ib", expr=f"floor({row})"),
            alt.param(name="fw", expr=f"{column}-iw"), alt.param(name="fb", expr=f"{row}-ib"),
            alt.param(name="level", expr=level),
        ]

    def spec(self) -> dict[str, Any]:
        right = alt.vconcat(self.model_panel(), self.loss_panel(), spacing=8)
        own = {"color": "independent", "strokeDash": "independent", "shape": "independent", "size": "independent"}
        side_by_side = alt.vconcat if self.style.stacked else alt.hconcat
        panels = side_by_side(*([self.map()] if self.with_map else []), right.resolve_scale(**own), spacing=16)
        font = self.style.font
        chart = (panels.resolve_scale(**own).add_params(*self.params())
                 .configure_axis(labelFontSize=font, titleFontSize=font + 1, titleFontWeight="normal", titlePadding=6, labelLimit=70)
                 .configure_view(strokeOpacity=0.25))
        spec: dict[str, Any] = chart.to_dict(validate=False)
        # Added after the build: altair's schema does not know number inputs, Vega draws them.
        for hover in (p for p in spec["params"] if p["name"] == "hover"):
            hover["bind"] = {field: {"input": "number", "step": "any", "name": f"your {name} "}
                             for field, name in (("w", self.first), ("b", self.second))}
        spec |= {"autosize": "pad", "padding": {"left": 4, "top": 4, "right": 4, "bottom": 0}, "usermeta": {"embedOptions": {"renderer": "canvas", "actions": False}}}
        return spec
