"""The model panel of a network: the samples, the class that the network predicts everywhere, the decision boundary.

A network with one hidden layer is computed in the browser, at once, for the weights at the pointer. For a larger one
the server sends the scores at the start (`scores`), and loss and gradient at the pointer are interpolated between the
cells of `coarse`, COARSE x COARSE rows from the bottom: f, g1, g2, and `share`, the part of the squared gradient that
lies in the plane, in percent.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from lossgeo.charts import network_formulas as formulas
from lossgeo.charts.browser_formulas import number
from lossgeo.charts.panel import Layers, Panel, group
from lossgeo.charts.style import CLASS_ONE, CLASS_ZERO, LINES, YOU

SIDE = 24  # nodes a side of the grid over the data, for the boundary at the pointer
SIDE_OF_RUNS = 19  # the same for the boundaries of the runs
COARSE = 30
RUNS = 2  # of so many runs the boundary is drawn


def _lead(name: str, rows: int, field: str = "z") -> Any:
    """A window transform: the field of the row so many rows further on. (`as` is a Python keyword.)"""
    fields: dict[str, Any] = {"op": "lead", "field": field, "param": rows, "as": name}
    return alt.WindowFieldDef(**fields)


class NetworkPanel(Panel):
    """The signals and the layers that a network needs."""

    def weights(self) -> list[alt.Parameter]:
        """The weights at the pointer, and what the plane shows of the gradient there."""
        net = self.network
        assert net is not None
        column, row = (
            f"floor(({at}-v_{low})/(v_{high}-v_{low})*{COARSE})"
            for at, low, high in (("w", "w0", "w1"), ("b", "b0", "b1"))
        )
        cell = f"data('coarse')[clamp({row},0,{COARSE - 1})*{COARSE}+clamp({column},0,{COARSE - 1})]"
        inside = "length(data('coarse')) && w>=v_w0 && w<=v_w1 && b>=v_b0 && b<=v_b1"
        params = [alt.param(name="share", expr=f"{inside} ? {cell}.share : -1")]
        if not net.live:
            return params + self._between()
        zero = "[" + ",".join("0" for _ in range(net.size)) + "]"
        there = f"length(W) == {net.size}"
        return [
            *params,
            alt.param(name="W", expr="data('weights')"),
            alt.param(name="theta", expr=f"{there} ? {formulas.weights('w', 'b', net.size)} : {zero}"),
            alt.param(name="along1", expr=f"{there} ? {formulas.direction('d', net.size)} : {zero}"),
            alt.param(name="along2", expr=f"{there} ? {formulas.direction('e', net.size)} : {zero}"),
        ]

    @staticmethod
    def _between() -> list[alt.Parameter]:
        """Loss and gradient at the pointer, interpolated between the four nearest cells of `coarse`."""
        last = COARSE - 1
        across = f"clamp((w-v_w0)/(v_w1-v_w0)*{COARSE}-0.5,0,{last})"
        up = f"clamp((b-v_b0)/(v_b1-v_b0)*{COARSE}-0.5,0,{last})"

        def at(i: str, j: str, field: str) -> str:
            return f"data('coarse')[min({j},{last})*{COARSE}+min({i},{last})].{field}"

        def mixed(field: str) -> str:
            return (
                f"length(data('coarse')) ? (1-cf)*(1-rf)*{at('ci', 'ri', field)}+cf*(1-rf)*{at('ci+1', 'ri', field)}"
                f"+(1-cf)*rf*{at('ci', 'ri+1', field)}+cf*rf*{at('ci+1', 'ri+1', field)} : NaN"
            )

        return [
            alt.param(name="ci", expr=f"floor({across})"),
            alt.param(name="ri", expr=f"floor({up})"),
            alt.param(name="cf", expr=f"{across}-ci"),
            alt.param(name="rf", expr=f"{up}-ri"),
            *(alt.param(name=f"at_{field}", expr=mixed(field)) for field in ("f", "g1", "g2")),
        ]

    def network_panel(self) -> Layers:
        """The predicted classes, the boundaries, the samples, and a line of text."""
        classes = alt.Color("c:N", legend=None, scale=alt.Scale(domain=[0, 1], range=[CLASS_ZERO, CLASS_ONE]))
        shape = alt.Shape("c:N", legend=None, scale=alt.Scale(domain=[0, 1], range=["circle", "square"]))
        dots = (
            alt.Chart(alt.NamedData("points"))
            .mark_point(filled=True, size=20 * self.style.mark, opacity=0.9, clip=True, tooltip=None)
            .encode(self.X(), self.Y(), color=classes, shape=shape)
        )
        sent = [
            alt.Chart(alt.NamedData(name))
            .mark_point(opacity=0, tooltip=None)
            .encode(x=alt.value(0), y=alt.value(0))  # Vega-Lite drops a data set that no mark uses
            for name in (("coarse", "weights") if self._live else ("coarse",))
        ]
        rims = ((alt.ExprRef("v_ground"), self.style.line + 4), (YOU, self.style.line + 1))
        mine = self._pieces(self._grid(), SIDE, [], rims)
        runs = [] if not self._live else [self._pieces(self._grids_of_runs(), SIDE_OF_RUNS, ["method"], None)]
        return [*sent, self._shade(), dots, *runs, mine, *self._words()]

    @property
    def _live(self) -> bool:
        return bool(self.network and self.network.live)

    # --- the scores over the data ---------------------------------------------------------------------

    def _grid(self) -> alt.Chart:
        """One row for each node: its number i and the score z of the network at the pointer; or at the start."""
        if not self._live:
            return alt.Chart(alt.NamedData("scores"))
        return self._scored(alt.Chart(alt.sequence(0, SIDE * SIDE, as_="i")), SIDE, "theta")

    def _grids_of_runs(self) -> alt.Chart:
        """The same for the first runs, where they are at the current step."""
        net = self.network
        assert net is not None
        rows = (
            self.now()
            .transform_filter(f"datum.order < {RUNS}")
            .transform_calculate(t=formulas.weights("datum.w", "datum.b", net.size))
            .transform_calculate(i=f"sequence(0,{SIDE_OF_RUNS**2})")
            .transform_flatten(["i"])
        )
        return self._scored(rows, SIDE_OF_RUNS, "datum.t")

    def _scored(self, chart: alt.Chart, side: int, theta: str) -> alt.Chart:
        """The score at the nodes of a grid with `side` nodes a side, for weights `theta`."""
        net = self.network
        assert net is not None
        x = f"v_x0+(v_x1-v_x0)*(datum.i%{side})/{side - 1}"
        y = f"v_y0+(v_y1-v_y0)*floor(datum.i/{side})/{side - 1}"
        scored: alt.Chart = (
            chart.transform_calculate(x=x, y=y)
            .transform_calculate(h=formulas.hidden(net, theta, "datum.x", "datum.y"))
            .transform_calculate(z=formulas.score(net, theta, "datum.h", "datum.x", "datum.y"))
        )
        return scored

    def _shade(self) -> Any:
        """The predicted class at each node as a tint, the stronger the nearer the probability is to 0 or 1."""
        wide, high = (length / (SIDE - 1) for length in self.style.model)
        return (
            self._grid()
            .transform_calculate(  # whole pixels, so that neither gaps nor overlaps are seen
                px=f"round({wide}*(datum.i%{SIDE}-0.5))",
                qx=f"round({wide}*(datum.i%{SIDE}+0.5))",
                py=f"round({self.style.model[1]}-{high}*(floor(datum.i/{SIDE})-0.5))",
                qy=f"round({self.style.model[1]}-{high}*(floor(datum.i/{SIDE})+0.5))",
                tint="0.3*abs(2/(1+exp(-datum.z))-1)",
            )
            .mark_rect(clip=True, tooltip=None)
            .encode(
                alt.X("px:Q", scale=None, axis=None),
                alt.Y("py:Q", scale=None, axis=None),
                x2=alt.X2("qx"),
                y2=alt.Y2("qy"),
                color=alt.condition("datum.z > 0", alt.value(CLASS_ONE), alt.value(CLASS_ZERO)),
                opacity=alt.Opacity("tint:Q", scale=None),
            )
        )

    def _pieces(self, nodes: alt.Chart, side: int, by: list[str], rims: Any) -> dict[str, Any]:
        """The line z = 0: one straight piece in each cell that it crosses, as the contour of the map.

        `by` are the fields that tell several grids apart. `rims` are colours and widths; None means one line in the
        colour of the run.
        """
        wide, high = (length / (side - 1) for length in self.style.model)
        corners = [_lead("br", 1), _lead("tl", side), _lead("tr", side + 1), _lead("last", side + 1, "i")]
        left, right = f"{wide}*(datum.i%{side})", f"{wide}*(datum.i%{side}+1)"
        below = f"{self.style.model[1]}-{high}*floor(datum.i/{side})"
        above = f"{self.style.model[1]}-{high}*(floor(datum.i/{side})+1)"
        on_below = f"{left}-{wide}*datum.z/(datum.br-datum.z)"
        on_above = f"{left}-{wide}*datum.tl/(datum.tr-datum.tl)"
        on_left = f"{below}+{high}*datum.z/(datum.tl-datum.z)"
        on_right = f"{below}+{high}*datum.br/(datum.tr-datum.br)"
        pieces = (
            nodes.transform_window(corners, groupby=by)
            .transform_filter(f"datum.i%{side} < {side - 1} && isValid(datum.last)")
            .transform_filter(
                "min(datum.z,datum.br,datum.tl,datum.tr) <= 0 && max(datum.z,datum.br,datum.tl,datum.tr) > 0"
            )
            .transform_calculate(
                cb="(datum.z > 0) != (datum.br > 0)",
                cr="(datum.br > 0) != (datum.tr > 0)",
                cl="(datum.z > 0) != (datum.tl > 0)",
                ct="(datum.tl > 0) != (datum.tr > 0)",
            )
            .transform_calculate(
                xa=f"datum.cb ? {on_below} : datum.cr ? {right} : {on_above}",
                ya=f"datum.cb ? {below} : datum.cr ? {on_right} : {above}",
                xb=f"datum.cl ? {left} : datum.ct ? {on_above} : {right}",
                yb=f"datum.cl ? {on_left} : datum.ct ? {above} : {on_right}",
            )
        )
        place: dict[str, Any] = {
            "x": alt.X("xa:Q", scale=None, axis=None),
            "y": alt.Y("ya:Q", scale=None, axis=None),
            "x2": alt.X2("xb"),
            "y2": alt.Y2("yb"),
        }
        look: dict[str, Any] = {"clip": True, "tooltip": None, "strokeCap": "round"}
        if rims is None:
            scale = alt.Scale(domain=list(LINES), range=[colour for colour, _ in LINES.values()])
            lines = [
                alt.Chart()
                .mark_rule(strokeWidth=self.style.line, **look)
                .encode(**place, color=alt.Color("method:N", legend=None, scale=scale))
            ]
        else:
            lines = [alt.Chart().mark_rule(color=c, strokeWidth=k, **look).encode(**place) for c, k in rims]
        return group(pieces, *lines)

    # --- words ----------------------------------------------------------------------------------------

    def _words(self) -> Layers:
        """How many samples are on their side of the boundary, and how much of the gradient the plane shows."""
        part = "(share < 0 ? '' : (share < 1 ? 'less than 1' : format(share,'d')) + ' % of |gradient|² in the plane')"
        if self._live:
            rows = (
                self.with_samples(alt.Chart(alt.NamedData("points")))
                .transform_calculate(right="(datum.z > 0) == (datum.c == 1) ? 1 : 0")
                .transform_aggregate(right="sum(right)", n="count()", groupby=[])
                .transform_calculate(text=f"datum.right + ' of ' + datum.n + ' right   ' + {part}")
            )
        else:
            rows = self.one().transform_calculate(text=f"'boundary of the start: click to move   ' + {part}")
        at = {"x": alt.value(5), "y": alt.value(self.style.model[1] - 5)}
        outlined = (
            {"stroke": alt.ExprRef("v_ground"), "strokeWidth": 4, "color": alt.ExprRef("v_ground")},
            {"color": self.ink},
        )
        look: dict[str, Any] = {"align": "left", "baseline": "bottom", "fontSize": self.style.font - 1, "tooltip": None}
        look |= {"limit": self.style.model[0] - 10}
        return [
            group(rows, *(alt.Chart().mark_text(**look, **o).encode(**at, text=alt.Text("text:N")) for o in outlined))
        ]

    def names(self) -> Layers:
        """The points of the plane that have a name, on the map."""
        if self.network is None:
            return []
        halo: tuple[dict[str, Any], ...] = (
            {"stroke": "white", "strokeWidth": 3.5, "color": "white"},
            {"color": "black"},
        )
        rows = alt.Chart(alt.NamedData("marks"))
        spot = rows.mark_point(
            shape="diamond", filled=True, size=70 * self.style.mark, fill="white", stroke="black", opacity=1,
            clip=True, tooltip=None,
        ).encode(**self.at("w", "b"))  # fmt: skip
        return [
            spot,
            *(
                rows.mark_text(
                    dy=-12, fontSize=self.style.font, fontWeight=600, clip=True, tooltip=None, **look
                ).encode(**self.at("w", "b"), text=alt.Text("text:N"))
                for look in halo
            ),
        ]

    def loss_in_words(self) -> str:
        """An expression for the loss at the pointer; an interpolated one says so."""
        return f"'loss {'=' if self._live else '≈'} ' + {number('datum.loss')}"
