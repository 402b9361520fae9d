"""The right side of the stage: the model with its data, or slices of a landscape; below it, the loss over the steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from lossgeo.charts import browser_formulas
from lossgeo.charts.browser_formulas import LINE, SIGMOID
from lossgeo.charts.hands import Hands
from lossgeo.charts.network_panel import NetworkPanel
from lossgeo.charts.panel import Layers, group
from lossgeo.charts.style import CLASS_ONE, CLASS_ZERO, SAMPLE, YOU

PROBABILITIES = [0, 0.25, 0.5, 0.75, 1]
# Room for the discs around the samples of two classes, relative to the range of x and to that from 0 to 1.
DISC_MARGIN_X, DISC_MARGIN_Y = 0.12, 0.4


class ModelPanel(NetworkPanel, Hands):
    """The two panels on the right side of the stage."""

    def readout(self) -> Any:
        """Parameters, loss and gradient at the pointer, in two lines above the panel. It takes the gradient's row."""
        (w, b, loss), slope = self.printed("w", "b", "datum.loss"), self.slope(3)
        at, height = f"'{self.first} = ' + {w} + '    {self.second} = ' + {b}", f"v_loss_name + ' = ' + {loss}"
        about = ""
        if self.network is not None:  # the gradient is interpolated, and of a large network the loss, too
            height, about = f"'loss {'=' if self.network.live else '≈'} ' + {loss}", "≈ "
        if self.style.columns:
            return self.two_lines(("w", "b", "datum.loss"), at, height, self.style.model[0])
        values = ("w", "b", "datum.loss", "datum.g1", "datum.g2")
        return self.two_lines(values, f"{at} + '    ' + {height}", f"'gradient {about}' + {slope}", self.style.model[0])

    @staticmethod
    def printed(*values: str) -> list[str]:
        """Expressions for the values as text, in a chart to which `two_lines` has given their texts."""
        return [f"datum.c[{i}].t" for i in range(len(values))]

    @staticmethod
    def slope(at: int) -> str:
        """An expression for the gradient as text; its entries are the values number `at` and `at` + 1."""
        return f"'(' + datum.c[{at}].t + ', ' + datum.c[{at + 1}].t + ')'"

    def two_lines(self, values: Sequence[str], first: str, second: str, width: int) -> Any:
        """Two lines of text at the pointer, above a panel of the given width.

        They are cut at that width. A longer text would widen the chart, which would then jump with the pointer.
        All `values` are printed by one formula, a row each, since it is long and would be sent for each of them.
        """
        font = self.style.font + (0 if self.style.stacked else 1)
        noise = {"datum.g1": "v_n1", "datum.g2": "v_n2"}
        return (
            alt.Chart()
            .transform_calculate(v=f"[{','.join(values)}]", n=f"[{','.join(noise.get(v, '0') for v in values)}]")
            .transform_flatten(["v", "n"])
            .transform_calculate(e=browser_formulas.parts("datum.v"))
            .transform_calculate(t=browser_formulas.number("datum.v", "datum.e", "datum.n"))
            .transform_aggregate(c="values(t)")
            .transform_calculate(text=f"[{first}, {second}]")
            .mark_text(
                align="left",
                baseline="top",
                fontSize=font,
                lineHeight=font + 4,
                limit=width,
                color=self.ink,
                tooltip=None,
                fontWeight=600,
            )
            .encode(x=alt.value(0), y=alt.value(-2 * font - 15), text=alt.Text("text:N"))
        )

    def model_panel(self) -> dict[str, Any]:
        """The panel with the data and the models, or with the slices of a landscape."""
        width, height = self.style.model
        if self.network is not None:
            row = self.with_gradient()
            layers = [*self.network_panel(), *self.titles(width, height), group(row, self.readout(), *self.counts())]
        elif self.fitted is not None:
            data = self.discs() if self.fitted == SIGMOID else self.squares(width, height)
            layers = [*data, *self.models(), *self.titles(width, height)]
            if self.fitted == SIGMOID:
                layers.append(self.costliest())  # on top, so that the curves do not cross the text
        else:
            layers = [*self.slices(), group(self.with_gradient(), self.readout())]
        targets: Layers = []
        selections: list[dict[str, Any]] = []
        if self.editable:
            targets, selections = self.targets(self.spots(), self.ends())
        own = {"scale": dict.fromkeys(("color", "shape", "strokeDash"), "independent")}
        chart = group(None, *layers, *targets, width=width, height=height, resolve=own)
        return chart | {"params": selections}

    def titles(self, width: int, height: int) -> Layers:
        """The axis titles, as marks. They depend on the data; as titles in the spec they would rebuild the chart."""
        look: dict[str, Any] = {"color": self.ink, "opacity": 0.9, "tooltip": None, "align": "center"}
        look |= {"fontSize": self.style.font + 1}
        across: dict[str, Any] = {"x": alt.value(width / 2), "y": alt.value(height + 1.5 * self.style.font + 10)}
        up: dict[str, Any] = {"x": alt.value(-2.8 * self.style.font), "y": alt.value(height / 2)}
        return [
            self.one().mark_text(limit=width, **look).encode(**across, text=alt.value(alt.ExprRef("v_x_title"))),
            self.one()
            .mark_text(limit=height, angle=270, **look)
            .encode(**up, text=alt.value(alt.ExprRef("v_y_title"))),
        ]

    def models(self) -> Layers:
        """The model of each method at the current step (thin), and the model at the pointer (thick)."""
        assert self.fitted is not None
        colour, dash = self.by_method(scale=True)
        across = [str(i) for i in range(61 if self.fitted != LINE else 2)]
        grid = alt.sequence(0, len(across), as_="i")
        place = f"v_x0 + datum.i*(v_x1-v_x0)/{len(across) - 1}"
        mine = (
            alt.Chart(grid)
            .transform_calculate(x=place)
            .transform_calculate(y=browser_formulas.prediction(self.fitted, "w", "b"))
            .mark_line(color=YOU, strokeWidth=self.style.line + 1, clip=True, tooltip=None)
            .encode(**self.at("x", "y", "data"))
        )
        theirs = (
            self.now()
            .transform_filter("!holding")
            .transform_calculate(i=f"sequence(0, {len(across)})")
            .transform_flatten(["i"])
            .transform_calculate(x=place)
            .transform_calculate(y=browser_formulas.prediction(self.fitted, "datum.w", "datum.b"))
            .mark_line(strokeWidth=self.style.line - 0.5, clip=True, tooltip=None)
            .encode(**self.at("x", "y", "data"), detail=alt.Detail("method:N"), color=colour, strokeDash=dash)
        )
        return [theirs, mine]

    def squares(self, width: int, height: int) -> Layers:
        """Each squared residual as a square whose side is the residual, in units of y, in outline.

        Filled are the one whose point is nearest to the pointer, and one more in the corner, of their mean area: the
        mean squared error.
        """
        across = f"(v_x1-v_x0)/{width}*{height}/(v_y1-v_y0)"
        residuals = alt.Chart().transform_calculate(
            xe=f"datum.x + abs(datum.p-datum.y)*{across}*(datum.x > (v_x0+v_x1)/2 ? -1 : 1)"
        )
        square = (
            alt.Chart()
            .transform_filter("!v_variant")
            .mark_rect(color=YOU, stroke=YOU, strokeWidth=0.7, strokeOpacity=0.4, clip=True, tooltip=None)
            .encode(
                self.X(),
                self.Y(),
                x2=alt.X2("xe"),
                y2=alt.Y2("p"),
                fillOpacity=alt.condition("isValid(datum.near) && datum.near", alt.value(0.3), alt.value(0)),
            )
        )
        bar = (
            alt.Chart()
            .mark_rule(color=YOU, strokeWidth=1.5, opacity=0.8, clip=True, tooltip=None)
            .encode(y2=alt.Y2("p"))
        )
        dots = alt.Chart().mark_point(
            filled=True, opacity=0.95, size=26 * self.style.mark, color=SAMPLE, clip=True, tooltip=None
        )
        mean = self.mean_square(width, height)
        layers: Layers = [square, bar, mean, *self.fit(), dots, *self.mark_of_touch(), self.at_pointer()]
        return [group(residuals, *layers, encoding=self.place("x", "y", "data"))]

    def at_pointer(self) -> dict[str, Any]:
        """The readout, from the samples of its group."""
        return group(self.mean_gradient(), self.readout())

    def mean_square(self, width: int, height: int) -> dict[str, Any]:
        """A square whose area is the mean of the squares, in the upper left corner, under the number."""
        side = f"min(sqrt(datum.mean)*{height}/(v_y1-v_y0), {width - 12})"
        row = (
            alt.Chart()
            .transform_aggregate(mean="mean(each)")
            .transform_filter("!v_variant && isFinite(datum.mean)")
            .transform_calculate(start="6", end=f"6 + {side}")
        )
        raw: dict[str, Any] = {"scale": None, "axis": None}
        square = (
            alt.Chart()
            .mark_rect(color=YOU, fillOpacity=0.3, stroke=YOU, strokeWidth=1, clip=True, tooltip=None)
            .encode(alt.X("start:Q", **raw), alt.Y("start:Q", **raw), x2=alt.X2("end"), y2=alt.Y2("end"))
        )
        words = (
            alt.Chart()
            .mark_text(align="left", baseline="top", dx=5, fontSize=self.style.font - 1, color=self.ink, tooltip=None)
            .encode(alt.X("end:Q", **raw), alt.Y("start:Q", **raw), text=alt.value("mean square"))
        )
        return group(row, square, words)

    def discs(self) -> Layers:
        """Each sample as a disc; the decision boundary; the two classes.

        The area of a disc is proportional to the loss of its sample. Where the largest would be cut at the edge of the
        panel, all are smaller by the same factor.
        """
        classes = alt.Color("y:N", legend=None, scale=alt.Scale(domain=[0, 1], range=[CLASS_ZERO, CLASS_ONE]))
        shape = alt.Shape("y:N", legend=None, scale=alt.Scale(domain=[0, 1], range=["circle", "square"]))
        disc = (
            alt.Chart()
            .transform_joinaggregate(worst="max(each)")
            .transform_calculate(area=f"datum.each*min(420, {4 * self.widest_disc**2:.0f}/datum.worst)")
            .mark_point(shape="circle", filled=True, opacity=0.3, clip=True, tooltip=None)
            .encode(
                self.X(),
                self.axis(alt.Y, "y", None, "y0", "y1", ticks=alt.Axis(values=PROBABILITIES)),
                size=alt.Size("area:Q", scale=None),
                color=classes,
            )
        )
        dots = (
            alt.Chart()
            .mark_point(filled=True, size=30 * self.style.mark, opacity=0.95, clip=True, tooltip=None)
            .encode(**self.at("x", "y", "data"), color=classes, shape=shape)
        )
        wall = (
            self.one()
            .transform_calculate(x="-b/w")
            .transform_filter("isFinite(datum.x)")
            .transform_calculate(y="0", top="1")
            .mark_rule(color=self.ink, strokeDash=[4, 4], strokeWidth=1.5, clip=True, tooltip=None)
            .encode(**self.at("x", "y", "data"), y2=alt.Y2("top"))
        )
        return [
            wall,
            group(None, disc, dots, *self.mark_of_touch(), self.at_pointer(), encoding=self.place("x", "y", "data")),
        ]

    @property
    def widest_disc(self) -> float:
        """The largest radius in pixels of a disc that is not cut: the smallest margin around the samples."""
        (width, height), whole = self.style.model, 1 + 2 * DISC_MARGIN_Y
        return min(width * DISC_MARGIN_X / (1 + 2 * DISC_MARGIN_X), height * DISC_MARGIN_Y / whole)

    def costliest(self) -> dict[str, Any]:
        """The largest loss of a sample and its share of the sum, as text above all curves."""
        outlined = (
            {"stroke": alt.ExprRef("v_ground"), "strokeWidth": 5, "color": alt.ExprRef("v_ground")},
            {"color": self.ink},
        )
        at = {"x": alt.value(self.style.model[0] - 4), "y": alt.value(3)}
        words = [
            alt.Chart()
            .mark_text(align="right", baseline="top", fontSize=self.style.font - 1, tooltip=None, **look)
            .encode(**at, text=alt.Text("text:N"))
            for look in outlined
        ]
        worst = (
            alt.Chart()
            .transform_aggregate(each="max(each)", total="sum(each)", groupby=[])
            .transform_calculate(
                e=browser_formulas.parts("datum.each"),
                text=f"'costliest ' + v_drawn + ': ' + {browser_formulas.number('datum.each', 'datum.e')}"
                " + ', ' + format(datum.each/datum.total, '.0%')"
                " + (v_drawn == 'sample' ? ' of the sum' : ' of their sum')",
            )
        )
        return group(worst, *words)

    def slices(self) -> Layers:
        """The landscape along both axes and along the gradient through the pointer, against the distance from it."""
        count = 49
        names = [f"along {self.first}", f"along {self.second}", "along the gradient"]
        colours, dashes = ["#0077BB", "#B35900", YOU], [[6, 3], [2, 3], [1, 0]]
        assert self.height is not None
        value = browser_formulas.value(self.height)
        far = "min(v_w1-v_w0, v_b1-v_b0)/3"
        # Colour and dash have the same legend, so Vega-Lite merges the two.
        legend = alt.Legend(
            title=None,
            orient="top-left",
            direction="vertical" if self.style.key_rows > 1 else "horizontal",
            columnPadding=8,
            symbolType="stroke",
            labelFontSize=self.style.font - 1,
            labelColor=alt.ExprRef("v_ink"),
            labelLimit=self.style.model[0],
            fillColor=alt.ExprRef("v_ground + 'B8'"),  # translucent: the curves show through and the text is readable
            offset=0,
            symbolSize=(20 if self.style.stacked else 50) * self.style.font,
            symbolStrokeWidth=self.style.line,
            rowPadding=0,
        )
        colour = alt.Color("slice:N", scale=alt.Scale(domain=names, range=colours), legend=legend)
        dash = alt.StrokeDash("slice:N", scale=alt.Scale(domain=names, range=dashes), legend=legend)
        rows = (
            alt.Chart(alt.sequence(0, 3 * count, as_="j"))
            .transform_calculate(i=f"datum.j % {count}", k=f"floor(datum.j/{count})")
            .transform_calculate(slice=f"{names}[datum.k]".replace("'", '"'), d=f"(2*datum.i/{count - 1}-1)*{far}")
            # Everything below is recomputed at each pointer move. (ua, ub) is the unit gradient there.
            .transform_calculate(
                x="datum.k == 2 ? w+datum.d*ua : datum.k == 0 ? w+datum.d : w",
                y="datum.k == 2 ? b+datum.d*ub : datum.k == 1 ? b+datum.d : b",
            )
            .transform_calculate(f=browser_formulas.value(self.height, "datum.x", "datum.y"))
        )
        across = self.axis(alt.X, "d", "distance from the pointer", "x0", "x1")
        up = self.axis(alt.Y, "f", "f", "y0", "y1")
        lines = rows.mark_line(strokeWidth=self.style.line, clip=True, tooltip=None).encode(
            across, up, colour, dash, order=alt.Order("i:Q")
        )
        here = (
            self.one()
            .transform_calculate(d="0", f=value)
            .mark_point(
                size=150 * self.style.mark, stroke=YOU, strokeWidth=self.style.line, clip=True, tooltip=None, opacity=1
            )
            .encode(across, up)
        )
        return [lines, here]

    # --- the loss over the steps -------------------------------------------------------------------
    def loss_panel(self) -> dict[str, Any]:
        """The panel with the loss over the steps: one curve per run, and a legend."""
        colour, dash = self.by_method(scale=True)
        name = "loss above minimum" if self.with_bounds else "loss" if self.log_loss else "f"
        width, height = self.style.loss
        # If the panels are side by side, the legend is inside the frame, and the curve stays below it.
        room = {"range": [height, alt.ExprRef(f"{self.style.row}*v_runs+10")]} if self.style.columns else {}
        kind: dict[str, Any] = {"type": "log"} if self.log_loss else {}
        up = self.axis(alt.Y, "height", name, "l0", "l1", room=room, **kind)
        along = alt.X(
            "t:Q",
            title="step",
            axis=alt.Axis(tickCount=5, format="d", grid=not self.style.columns),
            scale=alt.Scale(domain=[0, alt.ExprRef("v_steps")], nice=False),
        )
        t, loss = alt.X("t:Q", title="step"), alt.Y("height:Q", title=name)
        above = (
            "datum.loss - (length(data('bound')) ? data('bound')[0].floor : 0)" if self.with_bounds else "datum.loss"
        )
        height_of = f"max({above}, v_l0)" if self.log_loss else above  # log 0 would be drawn at the top
        curve = (
            self.path()
            .transform_calculate(height=height_of)
            .mark_line(strokeWidth=self.style.line, clip=True, tooltip=None)
            .encode(along, up, colour, dash, order=alt.Order("t:Q"))
        )
        colour, dash = self.by_method()
        rule = self.one().transform_calculate(t="s").mark_rule(color=self.ink, strokeWidth=1.5, opacity=0.6).encode(x=t)
        dots = (
            self.now()
            .transform_calculate(height=height_of)
            .mark_point(filled=True, opacity=1, size=30 * self.style.line, clip=True, tooltip=None)
            .encode(t, loss, colour)
        )
        row, count, wide = self.style.row, self.style.legend_columns, self.style.loss[0] / self.style.legend_columns
        key = 8 * self.style.line  # long enough to show every dash pattern
        inset = 6 if self.style.columns else 0
        rows_above = {True: "0", False: "v_runs" if self.style.stacked else "2"}[self.style.columns]
        legend = self.now().transform_calculate(
            e=browser_formulas.parts("datum.loss"),
            text=f"datum.words + (v_pair ? ': ' : ' ') + {browser_formulas.number('datum.loss', 'datum.e')}",
            cell=f"datum.order*(1 + v_pair*({count} - 1))",  # in a comparison, each run has its own row
            py=f"{row}*(floor(datum.cell/{count})-{rows_above})+{row / 2 + inset - 2}",
            pa=f"{wide}*(datum.cell%{count})+{inset}",
            pb=f"{wide}*(datum.cell%{count})+{inset + key}",
            pt=f"{wide}*(datum.cell%{count})+{inset + key + 4}",
        )
        y = alt.Y("py:Q", scale=None, axis=None)
        words = (
            alt.Chart()
            .mark_text(
                align="left",
                baseline="middle",
                fontSize=self.style.font - 1,
                color=self.ink,
                tooltip=None,
                limit=alt.ExprRef(f"(1 + v_pair*({count} - 1))*{wide} - {key + 6 + inset}"),
            )
            .encode(x=alt.X("pt:Q", scale=None, axis=None), y=y, text=alt.Text("text:N"))
        )
        keys = (
            alt.Chart()
            .mark_rule(strokeWidth=self.style.line, tooltip=None)
            .encode(x=alt.X("pa:Q", scale=None, axis=None), x2=alt.X2("pb"), y=y, color=colour, strokeDash=dash)
        )
        # Vega-Lite drops a data set that no mark uses, and only the axes need this one.
        windows = (
            alt.Chart(alt.NamedData("view")).mark_point(opacity=0, tooltip=None).encode(x=alt.value(0), y=alt.value(0))
        )
        about = " ≈" if self.network else ""
        lines = self.two_lines(("datum.g1", "datum.g2"), f"'gradient{about}'", self.slope(0), width)
        slope = [group(self.with_gradient(), lines)] if self.style.columns else []
        layers = [curve, *(self.bounds(t, name) if self.with_bounds else []), rule, dots, group(legend, keys, words)]
        return group(None, *layers, *slope, windows, width=width, height=height)

    def bounds(self, t: Any, title: str) -> Layers:
        """What theorems promise, as thin lines with their names."""
        rows, up = alt.Chart(alt.NamedData("bound")), alt.Y("above:Q", title=title)
        lines = rows.mark_line(strokeWidth=1.6, strokeDash=[2, 3], clip=True, tooltip=None).encode(
            t, up, alt.Color("method:N", legend=None), detail=alt.Detail("order:N"), order=alt.Order("t:Q")
        )
        look: dict[str, Any] = {"fontSize": self.style.font - 1, "dy": -7, "align": "left", "clip": True}
        words = rows.mark_text(color=self.ink, tooltip=None, **look).encode(t, up, text=alt.Text("name:N"))
        return [lines, words]
