"""What can be taken and moved on the stage: a data point, the two ends of the model, the start.

Everything here runs in the browser. Only two things are sent, each once, when the button is let go: `drop`, with the
place where a data point was taken and the place where it was let go, and `pick` for the start.

    grab    where the button went down over the data: until it goes up, anywhere
    drag    where the pointer is over the data, pressed or not
    drop    where it was let go over the data; `gx`, `gy` are where it was taken, `rev` the revision of the data then
    lift    the end of the model that is held: until the button goes up
    take    whether the start is held

The panel of the data is covered by invisible cells, as the map is, because a selection can only report the row under
the pointer. Released outside of its panel, nothing is dropped, and `grab` is cleared: the point is back where it was.
After a drop the point stays at the new place until the data say by a new revision that they have heard of it.

The mean squared error is a quadratic. So four means of the data give its minimiser and all its contours, which move
while a point is held; the picture of the map itself comes from the server, after the drop.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import altair as alt

from lossgeo.charts import browser_formulas
from lossgeo.charts.browser_formulas import LINE, SIGMOID
from lossgeo.charts.panel import Layers, Panel, counted, group
from lossgeo.charts.style import LINES, YOU

REACH = 14  # pixels around a point within which it is taken: a target of 28 pixels
SPOTS = 4200  # at most so many cells over the panel of the data
RELEASED = "window:pointerup, window:pointercancel"
MODES = ("Move", "Add", "Remove", "Flip")  # what a drop means; -1 in the data: nothing can be edited
GD = "gradient descent"
RINGS = 8  # contours drawn while a point is held
CORNERS = 48  # of each of them
STEPS = 40  # of gradient descent drawn while the start is held


def _first(param: str, field: str) -> str:
    """A Vega expression for a field of a selection: NaN if nothing is selected."""
    return f"isValid({param}.{field}) ? {param}.{field}[0] : NaN"


def _param(name: str, expr: str) -> dict[str, Any]:
    """A parameter computed from others, as it appears in a spec."""
    return {"name": name, "expr": expr}


class Hands(Panel):
    """The marks and signals by which data, model and start are moved. Without a map nothing can be moved."""

    @property
    def editable(self) -> bool:
        """Whether the panel of the data lets points be moved."""
        return self.with_map and self.fitted in (LINE, SIGMOID)

    # --- signals ---------------------------------------------------------------------------------------
    def hands(self) -> list[dict[str, Any]]:
        """The signals; they come after those of the pointer."""
        if not self.with_map:
            return [_param("holding", "false")]
        start = [
            _param("taken", "isValid(take.k)"),
            _param("placed", "isValid(pick.srev) && pick.srev[0] == v_srev"),
            _param("sx", "taken ? w : placed ? pick.w[0] : v_sw"),
            _param("sy", "taken ? b : placed ? pick.b[0] : v_sb"),
        ]
        if not self.editable:
            return [*start, _param("holding", "false"), _param("moving", "taken")]
        return [
            _param("pressed", "isValid(grab.cx)"),
            _param("waiting", "isValid(drop.rev) && drop.rev[0] == v_rev"),
            _param("lifted", "isValid(lift.ox)"),
            _param("dx", _first("drag", "cx")),
            _param("dy", _first("drag", "cy")),
            # Where the point was taken; the place of the pointer, if none is.
            _param("ax", f"v_mode < 0 ? NaN : pressed ? {_first('grab', 'cx')} : waiting ? drop.gx[0] : dx"),
            _param("ay", f"v_mode < 0 ? NaN : pressed ? {_first('grab', 'cy')} : waiting ? drop.gy[0] : dy"),
            _param("holding", "v_mode == 0 && (pressed || waiting)"),
            _param("tx", f"pressed ? dx : {_first('drop', 'cx')}"),
            _param("mx", "holding && isFinite(tx) ? tx - ax : 0"),
            _param("ty", f"pressed ? dy : {_first('drop', 'cy')}"),
            _param("my", "holding && isFinite(ty) ? ty - ay : 0"),
            *start,
            _param("moving", "holding || taken"),
        ]

    # --- the data, with the point that is held at its new place ---------------------------------------------
    def moved(self, chart: Any) -> Any:
        """The chart of the data with each point where it is now, and whether it is `near` the pointer or `held`.

        `near`: it is the nearest one. `held`: it is the nearest to where the button went down, within REACH.
        """
        if not self.editable:
            return chart
        width, height = self.style.model
        return (
            chart.transform_window([counted("row", op="row_number")])
            .transform_calculate(ox="datum.x", oy="datum.y")
            .transform_calculate(
                # Of two points at the same place the first is taken.
                d=f"hypot((datum.ox-ax)*{width}/(v_x1-v_x0), (datum.oy-ay)*{height}/(v_y1-v_y0)) + datum.row*1e-9"
            )
            .transform_joinaggregate(m="min(d)")
            .transform_calculate(near="datum.d == datum.m")
            .transform_calculate(held=f"holding && datum.near && datum.d < {REACH}")
            .transform_calculate(
                x="datum.held ? datum.ox + mx : datum.ox",
                y="datum.held ? datum.oy + my : datum.oy" if self.fitted == LINE else "datum.oy",
            )
        )

    def mark_of_touch(self) -> Layers:
        """A ring around the point that the button would take, or that is held. It takes its data from its group."""
        if not self.editable:
            return []
        ring: dict[str, Any] = {"shape": "circle", "size": 260 * self.style.mark, "filled": False, "tooltip": None}
        return [
            alt.Chart()
            .transform_filter(f"datum.near && (datum.held || datum.d < {REACH}) && !lifted")
            .mark_point(stroke=YOU, strokeWidth=2, **ring)
        ]

    # --- cells and ends, on top of the panel of the data ------------------------------------------------------
    def spots(self) -> Any:
        """Invisible cells over the data, which receive the pointer; `cx`, `cy` are the coordinates of their centres.

        While an end of the model is held, `w` and `b` are the model through the cell and the other end. So the pointer
        of the map, which reads them, walks along.
        """
        width, height = self.style.model
        pitch = max(4.0, sqrt(width * height / SPOTS))
        nx, ny = round(width / pitch), round(height / pitch)
        across, up = f"(datum.k % {nx} + 0.5)/{nx}", f"(floor(datum.k/{nx}) + 0.5)/{ny}"
        pressed: dict[str, Any] = {"clear": RELEASED, "toggle": False}
        place: dict[str, Any] = {"clear": False, "toggle": False}
        slope = "(lift.sz[0] - lift.oz[0] + (lift.free[0] ? datum.cy - lift.sz[0] : 0))"
        run = "(datum.cx - lift.ox[0])"
        w = f"lifted ? {slope}/(abs({run}) < 1e-9*(v_x1-v_x0) ? 1e-9*(v_x1-v_x0) : {run}) : 0"
        return (
            alt.Chart(alt.sequence(0, nx * ny, as_="k"), name="spots")
            .transform_calculate(
                px=f"{width}*{across}",
                py=f"{height}*(1 - {up})",
                cx=f"v_x0 + (v_x1-v_x0)*{across}",
                cy=f"v_y0 + (v_y1-v_y0)*{up}",
                gx="pressed ? grab.cx[0] : null",
                gy="pressed ? grab.cy[0] : null",
                rev="pressed ? v_rev : null",
            )
            .transform_calculate(slope=w)
            .transform_calculate(
                w="lifted ? round(datum.slope*rw)/rw : 0",
                b="lifted ? round((lift.oz[0] - datum.slope*lift.ox[0])*rb)/rb : 0",
            )
            .mark_rect(opacity=0, tooltip=None, width=width / nx, height=height / ny, cursor="grab")
            .encode(alt.X("px:Q", scale=None, axis=None), alt.Y("py:Q", scale=None, axis=None))
            .add_params(
                alt.selection_point(name="grab", fields=["cx", "cy"], on="@spots_marks:pointerdown", **pressed),
                alt.selection_point(
                    name="drag",
                    fields=["cx", "cy"],
                    on="@spots_marks:pointerdown, @spots_marks:pointermove",
                    clear="@cells_marks:pointerover",
                    toggle=False,
                ),
                alt.selection_point(
                    name="drop",
                    fields=["cx", "cy", "gx", "gy", "rev"],
                    on="[@spots_marks:pointerdown, window:pointerup] > @spots_marks:pointerup",
                    **place,
                ),
            )
        )

    def ends(self) -> dict[str, Any]:
        """Two handles on the model at the pointer, and their invisible targets, which receive the pointer.

        Those of a line lie near the left and right end of what is seen of it. Those of a sigmoid lie where its score is
        -1 and 1, and move sideways. Each row knows the other end: (ox, oz), with oz the score there.
        """
        rows = alt.Chart(alt.sequence(0, 2, as_="k"))
        inner0, inner1 = "(v_x0 + 0.06*(v_x1-v_x0))", "(v_x1 - 0.06*(v_x1-v_x0))"
        low, high = "(v_y0 + 0.06*(v_y1-v_y0))", "(v_y1 - 0.06*(v_y1-v_y0))"
        if self.fitted == LINE:
            at = f"[({low}-b)/w, ({high}-b)/w]"
            left = f"w == 0 ? {inner0} : max({inner0}, min({at}[0], {at}[1]))"
            right = f"w == 0 ? {inner1} : min({inner1}, max({at}[0], {at}[1]))"
            rows = rows.transform_calculate(x0=left, x1=right).transform_calculate(
                x="datum.k ? datum.x1 : datum.x0", ox="datum.k ? datum.x0 : datum.x1", free="1"
            )
            rows = rows.transform_calculate(sz="w*datum.x + b", oz="w*datum.ox + b")
            rows = rows.transform_calculate(y="datum.sz").transform_filter("datum.x0 < datum.x1")
        else:
            rows = rows.transform_calculate(sz="2*datum.k - 1", oz="1 - 2*datum.k", free="0")
            rows = rows.transform_calculate(x="(datum.sz-b)/w", ox="(datum.oz-b)/w", y="1/(1 + exp(-datum.sz))")
            rows = rows.transform_filter("inrange(datum.x, [v_x0, v_x1])")
        rows = rows.transform_filter("v_mode >= 0 && !holding")
        look = alt.Chart().mark_point(
            shape="circle",
            size=90 * self.style.mark,
            filled=True,
            fill="white",
            stroke=YOU,
            strokeWidth=2.5,
            opacity=1,
            tooltip=None,
        )
        lift = alt.selection_point(
            name="lift", fields=["ox", "oz", "sz", "free"], on="@ends_marks:pointerdown", clear=RELEASED, toggle=False
        )
        size = alt.ExprRef(f"lifted || pressed ? 0 : {4 * REACH * REACH}")
        target = (
            alt.Chart(name="ends")
            .mark_point(shape="square", size=size, filled=True, opacity=0, tooltip=None, cursor="move")
            .add_params(lift)
        )
        return group(rows, look, target, encoding=self.place("x", "y", "data"))

    # --- the map while something is held ------------------------------------------------------------------------
    @staticmethod
    def means(points: Any) -> Any:
        """One row: the minimiser (ws, bs) of the mean squared error of the data as they are now, and three factors.

        `points` are the moved points. A step (dw, db) away from there the loss is higher by
        (l11 dw + l21 db)^2 + (l22 db)^2. x is measured from the left end of the panel, so that nothing cancels if the
        data lie far from 0.
        """
        return (
            points.transform_filter("moving")
            .transform_calculate(u="datum.x - v_x0")
            .transform_calculate(uu="datum.u*datum.u", uy="datum.u*datum.y")
            .transform_aggregate(
                n="count()", m1="mean(u)", m2="mean(uu)", y1="mean(y)", uy1="mean(uy)", any="sum(held)"
            )
            .transform_filter("datum.n > 0 && (taken || datum.any > 0)")
            .transform_calculate(
                spread="datum.m2 - datum.m1*datum.m1 + v_l2/2",
                square="datum.m2 + v_x0*(2*datum.m1 + v_x0) + v_l2/2",
                mean="datum.m1 + v_x0",
            )
            # Of the absolute error there is no such formula, and if all x are equal, there are many best lines.
            .transform_calculate(known="v_variant ? 0 : datum.spread > 1e-12*(v_x1-v_x0)*(v_x1-v_x0)")
            .transform_calculate(ws="(datum.uy1 - datum.m1*datum.y1)/datum.spread")
            .transform_calculate(
                bs="datum.y1 - datum.ws*datum.mean",
                l11="sqrt(datum.square)",
                l21="datum.mean/sqrt(datum.square)",
                l22="sqrt(datum.spread/datum.square)",
            )
        )

    def rings(self) -> Layers:
        """While a point is held: a veil over the map, which is that of the old data, and above it, for the mean squared
        error, its contours and minimiser."""
        if not self.editable:
            return []
        data = alt.Chart()
        if self.fitted != LINE:
            held = data.transform_filter("datum.held").transform_aggregate(n="count()").transform_filter("datum.n > 0")
            return [group(held, self.veil())]
        angle = f"datum.k*2*PI/{CORNERS}"
        rings = (
            alt.Chart()
            .transform_filter("holding && datum.known")
            # From the minimum to a corner of the map and beyond: the same steps of the square root as a cone has.
            .transform_calculate(
                far="max(abs(datum.l11*(v_w1-v_w0)) + abs(datum.l21*(v_b1-v_b0)), abs(datum.l22*(v_b1-v_b0)))"
            )
            .transform_calculate(ring=f"sequence(1, {RINGS + 1})")
            .transform_flatten(["ring"])
            .transform_calculate(r=f"datum.far*pow(datum.ring/{RINGS}, 2)*0.7", k=f"sequence(0, {CORNERS + 1})")
            .transform_flatten(["k"])
            .transform_calculate(v2=f"datum.r*sin({angle})/datum.l22")
            .transform_calculate(
                w=f"datum.ws + (datum.r*cos({angle}) - datum.l21*datum.v2)/datum.l11", b="datum.bs + datum.v2"
            )
        )
        curves = (
            alt.Chart()
            .mark_line(color=self.ink, strokeWidth=self.style.line - 1, strokeJoin="round", clip=True, tooltip=None)
            .encode(order=alt.Order("k:Q"), detail=alt.Detail("ring:N"))
        )
        cross = (
            alt.Chart()
            .transform_filter("holding && datum.known")
            .mark_point(**self.cross)
            .encode(**self.at("ws", "bs"))
        )
        at = self.place("w", "b")
        return [group(self.means(data), self.veil(), group(rings, curves), cross, self.first_steps(), encoding=at)]

    def veil(self) -> Any:
        """A veil over the whole map, where its group has a row and a point is held."""
        side = self.style.map_side
        return (
            alt.Chart()
            .transform_filter("holding")
            .mark_rect(color=alt.ExprRef("v_ground"), opacity=0.72, tooltip=None)
            .encode(x=alt.value(0), y=alt.value(0), x2=alt.value(side), y2=alt.value(side))
        )

    def first_steps(self) -> Any:
        """The first steps of gradient descent from the start, while that is held.

        On a quadratic the error along each eigenvector of the Hessian is multiplied by 1 - rate * eigenvalue in each
        step. `v_gd` is the rate; 0 if no such run with a constant rate is drawn.
        """
        rows = (
            alt.Chart()
            .transform_filter("taken && datum.known && v_gd > 0")
            .transform_calculate(h11="2*datum.square", h12="2*datum.mean", h22="2", det="4*datum.spread")
        )
        for step in browser_formulas.EIGEN:
            rows = rows.transform_calculate(**step)
        return (
            rows.transform_calculate(
                c="cos(datum.turn)",
                s="sin(datum.turn)",
                p="sx-datum.ws",
                q="sy-datum.bs",
                k=f"sequence(0, {STEPS + 1})",
            )
            .transform_flatten(["k"])
            .transform_calculate(
                along="(datum.c*datum.p + datum.s*datum.q)*pow(1 - v_gd*datum.high, datum.k)",
                across="(datum.c*datum.q - datum.s*datum.p)*pow(1 - v_gd*datum.low, datum.k)",
            )
            .transform_calculate(
                w="datum.ws + datum.c*datum.along - datum.s*datum.across",
                b="datum.bs + datum.s*datum.along + datum.c*datum.across",
            )
            .mark_line(color=LINES[GD][0], strokeWidth=self.style.line, clip=True, tooltip=None)
            .encode(order=alt.Order("k:Q"))
        )

    def fit(self) -> Layers:
        """The line of least squares, while a point is held. It takes its data from its group."""
        if not self.editable or self.fitted != LINE:
            return []
        return [
            self.means(alt.Chart())
            .transform_filter("holding && datum.known")
            .transform_calculate(x="[v_x0, v_x1]")
            .transform_flatten(["x"])
            .transform_calculate(y="datum.ws*datum.x + datum.bs")
            .mark_line(color=self.ink, strokeDash=[6, 4], strokeWidth=self.style.line - 0.5, clip=True, tooltip=None)
        ]

    def knob(self) -> Any:
        """The invisible target over the start. Over it the pointer's model is that of the start itself."""
        take = alt.selection_point(
            name="take", fields=["k"], on="@knob_marks:pointerdown", clear=RELEASED, toggle=False
        )
        size = alt.ExprRef(f"taken ? 0 : {4 * REACH * REACH}")
        return (
            alt.Chart(alt.sequence(0, 1, as_="k"), name="knob")
            .transform_calculate(w="sx", b="sy", srev="v_srev")
            .mark_point(shape="square", size=size, filled=True, opacity=0, tooltip=None, clip=True, cursor="move")
            .encode(**self.at("w", "b"))
            .add_params(take)
        )
