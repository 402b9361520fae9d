"""The model panel of a network: the samples, the class that the network predicts everywhere, the decision boundary.

A network with one hidden layer is computed in the browser, at once, for the weights at the pointer. For a larger one
the server sends the scores at the start (`scores`). The gradient at the pointer, and of a larger network the loss, too,
are interpolated between the cells of `coarse`, COARSE x COARSE rows from the bottom: f, g1, g2 in units of the field
`gs` of `view`, and `share`, the part of the squared gradient that lies in the plane, in percent.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from lossgeo.charts import network_formulas as formulas
from lossgeo.charts.panel import Layers, Panel, counted, group, piece_in_cell
from lossgeo.charts.style import CLASS_ONE, CLASS_ZERO, FIELD, YOU, ChartStyle, Size

# About so many nodes has the grid over the data: at the pointer, of the runs, and of what the server computes.
NODES, NODES_OF_RUNS, NODES_SENT = 230, 200, 700
COARSE = 20
RUNS = 2  # of so many runs the boundary is drawn


def grid(style: ChartStyle, count: int) -> Size:
    """Columns and rows of a grid of about `count` nodes over the panel, with nearly square cells."""
    wide, high = style.model
    columns = round((count * wide / high) ** 0.5)
    return columns, round(count / columns)


class NetworkPanel(Panel):
    """The signals and the layers that a network needs."""

    def weights(self) -> list[alt.Parameter]:
        """The weights at the pointer, and what the plane shows of the gradient there."""
        net = self.network
        assert net is not None
        column, row = (f"floor(({at}-v_{at}0)/d{at}/{FIELD // COARSE})" for at in "wb")
        cell = f"C[clamp({row},0,{COARSE - 1})*{COARSE}+clamp({column},0,{COARSE - 1})]"
        inside = "length(C) && w>=v_w0 && w<=v_w1 && b>=v_b0 && b<=v_b1"
        params = [
            alt.param(name="C", expr="data('coarse')"),
            alt.param(name="share", expr=f"{inside} ? {cell}.share : -1"),
        ]
        params += self._between()
        if not net.live:
            return params
        numbers = formulas.weights(net, "w", "b")
        return [
            *params,
            *(alt.param(name=at, expr=f"pluck(data('weights'),'{at}')") for at in formulas.COLUMNS),
            *(alt.param(name=name, expr=value) for name, value in numbers.items()),
        ]

    def _between(self) -> list[alt.Parameter]:
        """The gradient at the pointer, and of a larger network the loss: interpolated between cells of `coarse`."""
        last = COARSE - 1
        across, up = (f"clamp(({at}-v_{at}0)/d{at}/{FIELD // COARSE}-0.5,0,{last})" for at in "wb")

        def at(i: str, j: str, field: str) -> str:
            return f"C[{j}*{COARSE}+{i}].{field}"

        def mixed(field: str) -> str:
            unit = "" if field == "f" else "*v_gs"
            return (
                f"length(C) ? ((1-cf)*(1-rf)*{at('ci', 'ri', field)}+cf*(1-rf)*{at('cj', 'ri', field)}"
                f"+(1-cf)*rf*{at('ci', 'rj', field)}+cf*rf*{at('cj', 'rj', field)}){unit} : NaN"
            )

        fields = ("g1", "g2") if self._live else ("f", "g1", "g2")
        return [
            alt.param(name="ci", expr=f"floor({across})"),
            alt.param(name="ri", expr=f"floor({up})"),
            alt.param(name="cj", expr=f"min(ci+1,{last})"),
            alt.param(name="rj", expr=f"min(ri+1,{last})"),
            alt.param(name="cf", expr=f"{across}-ci"),
            alt.param(name="rf", expr=f"{up}-ri"),
            *(alt.param(name=f"at_{field}", expr=mixed(field)) for field in fields),
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
        mine = group(self._grid(), self._shade(), self._pieces(None, self._size, [], rims))
        runs = [] if not self._live else [self._pieces(self._grids_of_runs(), self._size_of_runs, ["method"], None)]
        return [*sent, mine, dots, *runs]

    @property
    def _size(self) -> Size:
        return grid(self.style, NODES if self._live else NODES_SENT)

    @property
    def _size_of_runs(self) -> Size:
        return grid(self.style, NODES_OF_RUNS)

    def _cell(self, side: int, up: int) -> tuple[float, float]:
        """Width and height of a cell of a grid in pixels, in few digits: they stand in the spec many times."""
        return round(self.style.model[0] / (side - 1), 3), round(self.style.model[1] / (up - 1), 3)

    @property
    def _live(self) -> bool:
        return bool(self.network and self.network.live)

    # --- the scores over the data ---------------------------------------------------------------------

    def _grid(self) -> alt.Chart:
        """One row for each node: its number i, its place, the score z at the pointer or at the start.

        What does not depend on the pointer comes first, so that it is computed once.
        """
        side, up = self._size
        wide, high = self._cell(side, up)
        rows = alt.Chart(alt.sequence(0, side * up, as_="i") if self._live else alt.NamedData("scores"))
        # Whole pixels, so that neither gaps nor overlaps are seen.
        rows = rows.transform_calculate(
            px=f"round({wide}*(datum.i%{side}-0.5))",
            qx=f"round({wide}*(datum.i%{side}+0.5))",
            py=f"round({self.style.model[1]}-{high}*(floor(datum.i/{side})-0.5))",
            qy=f"round({self.style.model[1]}-{high}*(floor(datum.i/{side})+0.5))",
        )
        return self._scored(self._placed(rows, self._size), False) if self._live else self._placed(rows, self._size)

    def _grids_of_runs(self) -> alt.Chart:
        """The same for the first runs, where they are at the current step."""
        net = self.network
        assert net is not None
        side, up = self._size_of_runs
        rows = (
            self.now()
            .transform_filter(f"datum.order < {RUNS}")
            .transform_calculate(**formulas.weights_of_runs(net))
            .transform_calculate(i=f"sequence(0,{side * up})")
            .transform_flatten(["i"])
        )
        return self._scored(self._placed(rows, self._size_of_runs), True)

    def _placed(self, chart: alt.Chart, size: Size) -> alt.Chart:
        """The features (x, y) at the nodes of a grid, below and left of a cell each."""
        side, up = size
        placed: alt.Chart = chart.transform_calculate(
            x=f"v_x0+(v_x1-v_x0)*(datum.i%{side})/{side - 1}", y=f"v_y0+(v_y1-v_y0)*floor(datum.i/{side})/{up - 1}"
        )
        return placed

    def _scored(self, chart: alt.Chart, runs: bool) -> alt.Chart:
        """The scores z, from the weights at the pointer, or from those of the runs."""
        assert self.network is not None
        scored: alt.Chart = chart.transform_calculate(z=formulas.score(self.network, runs))
        return scored

    @staticmethod
    def _shade() -> Any:
        """The predicted class at each node as a tint, up to a score of 2.5 the stronger the larger the score."""
        return (
            alt.Chart()
            .transform_calculate(tint="min(0.3, abs(datum.z)*0.12)")
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

    def _pieces(self, nodes: alt.Chart | None, size: Size, by: list[str], rims: Any) -> dict[str, Any]:
        """The line z = 0: one straight piece in each cell that it crosses, as the contour of the map.

        `by` are the fields that tell several grids apart. `rims` are colours and widths; None means one line in the
        colour of the run.
        """
        side, up = size
        wide, high = self._cell(side, up)
        ahead = {"br": 1, "tl": side, "tr": side + 1}
        corners = [counted(name, op="lead", field="z", param=rows) for name, rows in ahead.items()]
        pieces = (
            (nodes or alt.Chart())
            .transform_window(corners, groupby=by)
            .transform_filter(f"datum.i%{side} < {side - 1} && datum.i < {side * (up - 1)}")
        )
        placed = pieces.transform_calculate(
            x=f"{wide}*(datum.i%{side})", y=f"{self.style.model[1]}-{high}*floor(datum.i/{side})"
        )
        pieces = piece_in_cell(placed, ("datum.z", "datum.br", "datum.tl", "datum.tr"), "0", (wide, high))
        place: dict[str, Any] = {
            "x": alt.X("xa:Q", scale=None, axis=None),
            "y": alt.Y("ya:Q", scale=None, axis=None),
            "x2": alt.X2("xb"),
            "y2": alt.Y2("yb"),
        }
        look: dict[str, Any] = {"clip": True, "tooltip": None, "strokeCap": "round"}
        if rims is None:
            scale = alt.Scale(domain=alt.ExprRef("lines"))
            lines = [
                alt.Chart()
                .mark_rule(strokeWidth=self.style.line, **look)
                .encode(**place, color=alt.Color("method:N", legend=None, scale=scale))
            ]
        else:
            lines = [alt.Chart().mark_rule(color=c, strokeWidth=k, **look).encode(**place) for c, k in rims]
        return group(pieces, *lines)

    # --- words ----------------------------------------------------------------------------------------

    def counts(self) -> Layers:
        """Texts for the row of `with_gradient`: how many samples are right, how much of the gradient is seen."""
        percents = "(share < 1 ? 'less than 1' : '≈ ' + format(share,'d'))"
        part = f"(share < 0 ? '' : {percents} + ' % of |gradient|² seen')"
        if self._live:
            text = f"datum.right + ' of ' + datum.n + ' right   ' + {part}"
        else:
            text = f"'boundary of the start: click to move   ' + {part}"
        at = {"x": alt.value(5), "y": alt.value(self.style.model[1] - 5)}
        outlined = (
            {"stroke": alt.ExprRef("v_ground"), "strokeWidth": 4, "color": alt.ExprRef("v_ground")},
            {"color": self.ink},
        )
        look: dict[str, Any] = {"align": "left", "baseline": "bottom", "fontSize": self.style.font - 1, "tooltip": None}
        look |= {"limit": self.style.model[0] - 10}
        return [
            group(
                alt.Chart().transform_calculate(text=text),
                *(alt.Chart().mark_text(**look, **o).encode(**at, text=alt.Text("text:N")) for o in outlined),
            )
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
                    dy=-17, fontSize=self.style.font, fontWeight=600, clip=True, tooltip=None, **look
                ).encode(**self.at("w", "b"), text=alt.Text("text:N"))
                for look in halo
            ),
        ]
