"""The map of the stage: hover cells, the contour through the pointer, paths, minima, and the downhill arrow."""

from __future__ import annotations

from typing import Any

import altair as alt

from lossgeo.charts.eigen_axes import EigenAxes
from lossgeo.charts.hands import Hands, counted
from lossgeo.charts.network_panel import NetworkPanel
from lossgeo.charts.panel import Layers, group
from lossgeo.charts.style import FIELD, YOU

ARROW = 52  # length of the downhill arrow in pixels, on a laptop
FOUND, GUESSED, EARLIER = 0, 1, 2  # what a lesson keeps on the map: places found, a guess, and earlier runs
SHELVES = 64  # the number of intervals into which the 16-bit heights of the field are sorted

# Under each line: a dark hairline and a white rim. No single colour is visible everywhere from violet to yellow.
RIMS = (("black", 3.8), ("white", 2.5))


class MapPanel(EigenAxes, NetworkPanel, Hands):
    """The map panel and its layers."""

    def map(self) -> dict[str, Any]:
        """The panel: image, contour, paths, marks, and on top the invisible cells that receive the pointer."""
        side = self.style.map_side
        heat = (
            alt.Chart(alt.NamedData("picture"))
            .mark_image(aspect=False, tooltip=None)
            .encode(self.W("w0"), self.B("b0"), x2=alt.X2("w1"), y2=alt.Y2("b1"), url=alt.Url("url:N"))
        )
        # On a phone the switch of the layers has the place of the words: they keep it free, unseen.
        text, seen = ("-", 0.0) if self.style.stacked else (alt.ExprRef("holding ? '' : v_words"), 1.0)
        look: dict[str, Any] = {"align": "left", "baseline": "bottom", "fontSize": self.style.font, "opacity": seen}
        words = (
            self.one()
            .mark_text(color=self.ink, tooltip=None, **look)
            .encode(x=alt.value(0), y=alt.value(-6), text=alt.value(text))
        )
        curvature = self.axes() if self.with_axes else []
        start, best = self.marks()
        paths = [self.contour(), self.ghosts(), self.trails()]
        places = [best, *self.rings(), start, *self.names(), *self.labels(), self.kept_places()]
        layers = [heat, words, *self.legend(), *paths, *places, *curvature, self.arrow(), self.you()]
        targets, selections = self.targets(self.cells(), self.knob())
        return group(None, *layers, *targets, width=side, height=side, params=selections)

    def labels(self) -> Layers:
        """The texts on the map that tell the parts of a layer apart without colour, in black with a white rim."""
        look: dict[str, Any] = {"fontSize": self.style.font, "fontWeight": 600, "clip": True, "tooltip": None}
        return [
            alt.Chart(alt.NamedData("labels"))
            .mark_text(dx=alt.ExprRef("datum.dx"), dy=alt.ExprRef("datum.dy"), **look, **rim)
            .encode(**self.at("w", "b"), text=alt.Text("text:N"))
            for rim in ({"color": "white", "stroke": "white", "strokeWidth": 3}, {"color": "black"})
        ]

    def legend(self) -> Layers:
        """The key of the layer in the line above the map: squares of its colours, each with its text."""
        font = self.style.font
        rows = alt.Chart(alt.NamedData("legend"))
        x = alt.X("x:Q", scale=None, axis=None)
        square: dict[str, Any] = {"shape": "square", "filled": True, "size": font * font, "opacity": 1, "tooltip": None}
        return [
            rows.transform_filter("datum.colour != ''")
            .transform_calculate(x=f"datum.x + {font / 2}")
            .mark_point(**square, stroke=self.ink, strokeWidth=0.5)
            .encode(x=x, y=alt.value(-6 - font / 2), fill=alt.Fill("colour:N", scale=None)),
            rows.transform_calculate(x="datum.x + datum.gap")
            .mark_text(align="left", baseline="bottom", fontSize=font, color=self.ink, tooltip=None)
            .encode(x=x, y=alt.value(-6), text=alt.Text("text:N")),
        ]

    def cells(self) -> Any:
        """Invisible cells that receive the pointer. They are on top, so that no other mark hides them.

        Only events on these cells count, so elsewhere the pointer leaves the model unchanged. A cell's w and b
        are its centre, rounded to a hundredth of its width for readability.
        """
        # b before w, because Vega draws the inputs bound to them in reverse order.
        hover = alt.selection_point(
            name="hover",
            fields=["b", "w"],
            on="@cells_marks:pointermove, @knob_marks:pointermove, "
            "[@ends_marks:pointerdown, window:pointerup] > @spots_marks:pointermove",
            clear=False,
            toggle=False,
        )
        pick = alt.selection_point(
            name="pick",
            fields=["w", "b", "srev"],
            on="@cells_marks:click, [@knob_marks:pointerdown, window:pointerup] > @cells_marks:pointerup",
            clear=False,
            toggle=False,
        )
        side = self.style.map_side
        cell = side / FIELD
        # In pixels, so that the browser computes four numbers per cell instead of ten, each time the window changes.
        across, up = f"(datum.i % {FIELD} + 0.5)", f"(floor(datum.i/{FIELD}) + 0.5)"
        return (
            alt.Chart(alt.sequence(0, FIELD * FIELD, as_="i"), name="cells")
            .transform_calculate(
                px=f"{cell}*{across}",
                py=f"{side} - {cell}*{up}",
                w=f"round((v_w0 + dw*{across})*rw)/rw",
                b=f"round((v_b0 + db*{up})*rb)/rb",
                srev="v_srev",
            )
            .mark_rect(opacity=0, tooltip=None, width=cell, height=cell)
            .encode(alt.X("px:Q", scale=None, axis=None), alt.Y("py:Q", scale=None, axis=None))
            .add_params(hover, pick)
        )

    def contour(self) -> dict[str, Any]:
        """The contour through the pointer: one straight piece in every cell that it crosses.

        Each row of `field` is the lower left corner of a cell; `lead` fetches the other three. The cells are
        sorted once into SHELVES by the heights that they span, so that a pointer move has to search one shelf only.
        """
        corners = [
            counted(op="lead", name=name, field="v", param=k)
            for k, name in ((1, "br"), (FIELD, "tl"), (FIELD + 1, "tr"))
        ]
        cell, shelf = self.style.map_side / FIELD, 65536 / SHELVES
        raw: dict[str, Any] = {"scale": None, "axis": None}  # the fields are in pixels
        lines = [
            alt.Chart()
            .mark_rule(color=c, strokeWidth=k, clip=True, tooltip=None, strokeCap="round")
            .encode(alt.X("xa:Q", **raw), alt.Y("ya:Q", **raw), x2=alt.X2("xb"), y2=alt.Y2("yb"))
            for c, k in (("black", self.style.line), ("white", self.style.line * 0.52))
        ]
        low, high = (f"{least}(datum.v, datum.br, datum.tl, datum.tr)" for least in ("min", "max"))
        bottom = f"datum.x + {cell}*(level-datum.c.v)/(datum.c.br-datum.c.v)"
        top = f"datum.x + {cell}*(level-datum.c.tl)/(datum.c.tr-datum.c.tl)"
        left = f"datum.y - {cell}*(level-datum.c.v)/(datum.c.tl-datum.c.v)"
        right = f"datum.y - {cell}*(level-datum.c.br)/(datum.c.tr-datum.c.br)"
        pieces = (
            alt.Chart(alt.NamedData("field"))
            .transform_window([counted(op="row_number", name="i"), *corners])
            .transform_filter(f"datum.i % {FIELD} != 0 && datum.i <= {FIELD * (FIELD - 1)}")
            .transform_calculate(span=f"[{low} + 1e-9, {high}]")
            .transform_calculate(shelf=f"sequence(floor(datum.span[0]/{shelf}), floor(datum.span[1]/{shelf}) + 1)")
            .transform_flatten(["shelf"])
            .transform_aggregate(c="values(i)", groupby=["shelf"])
            # Everything below is recomputed at each pointer move.
            .transform_filter(f"datum.shelf == floor(level/{shelf})")
            .transform_flatten(["c"])
            .transform_filter("inrange(level, datum.c.span)")
            .transform_calculate(
                x=f"{cell}*((datum.c.i-1)%{FIELD} + 0.5)",
                y=f"{self.style.map_side} - {cell}*(floor((datum.c.i-1)/{FIELD}) + 0.5)",
                cb="(datum.c.v < level) != (datum.c.br < level)",
                cr="(datum.c.br < level) != (datum.c.tr < level)",
                ct="(datum.c.tl < level) != (datum.c.tr < level)",
                cl="(datum.c.v < level) != (datum.c.tl < level)",
            )
            .transform_calculate(
                xa=f"datum.cb ? {bottom} : datum.cr ? datum.x + {cell} : {top}",
                ya=f"datum.cb ? datum.y : datum.cr ? {right} : datum.y - {cell}",
                xb=f"datum.cl ? datum.x : datum.ct ? {top} : datum.x + {cell}",
                yb=f"datum.cl ? {left} : datum.ct ? datum.y - {cell} : {right}",
            )
        )
        return group(pieces, *lines)

    def trails(self) -> dict[str, Any]:
        """The paths up to the current step: a rim, a line in the colour of the method, a dot at the current point."""
        colour, dash = self.by_method(scale=True)
        plain, _ = self.by_method()
        line = self.style.line
        return group(
            self.path().transform_filter("datum.t <= s && !taken"),
            *(
                alt.Chart()
                .mark_line(color=c, strokeWidth=line + k, clip=True, tooltip=None)
                .encode(order=alt.Order("t:Q"), detail=alt.Detail("method:N"))
                for c, k in RIMS
            ),
            alt.Chart()
            .mark_line(strokeWidth=line, clip=True, tooltip=None)
            .encode(order=alt.Order("t:Q"), color=colour, strokeDash=dash),
            alt.Chart()
            .transform_filter("s < 60")
            .mark_circle(size=35 * self.style.mark, opacity=1, clip=True, tooltip=None, stroke="white", strokeWidth=0.6)
            .encode(color=plain),
            alt.Chart()
            .transform_filter("s < datum.next")
            .mark_point(
                filled=True,
                opacity=1,
                size=150 * self.style.mark,
                stroke="white",
                strokeWidth=1.5,
                clip=True,
                tooltip=None,
            )
            .encode(color=plain),
            encoding=self.place("w", "b"),
        )

    def ghosts(self) -> Any:
        """Earlier runs that a lesson keeps in sight: thin pale lines, below the paths of now."""
        return (
            alt.Chart(alt.NamedData("kept"))
            .transform_filter(f"datum.kind >= {EARLIER}")
            .mark_line(color="white", opacity=0.85, strokeWidth=0.6 * self.style.line, clip=True, tooltip=None)
            .encode(**self.at("w", "b"), detail="kind:N", order=alt.value(None))  # the rows are in order
        )

    def kept_places(self) -> Any:
        """What the learner has found (dots) and guessed (a diamond)."""
        guess = alt.condition(f"datum.kind == {GUESSED}", alt.value("diamond"), alt.value("circle"))
        return (
            alt.Chart(alt.NamedData("kept"))
            .transform_filter(f"datum.kind < {EARLIER}")
            .mark_point(fill="white", stroke=YOU, opacity=1, size=140 * self.style.mark, clip=True, tooltip=None)
            .encode(**self.at("w", "b"), shape=guess)
        )

    def marks(self) -> Layers:
        """The start (a square) and the isolated minima (crosses), with rims that are visible on any background."""
        k = self.style.line
        size = 80 * self.style.mark
        square: dict[str, Any] = {"shape": "square", "size": size, "filled": False, "clip": True, "tooltip": None}
        start = group(
            self.one().transform_calculate(w="sx", b="sy"),
            *(alt.Chart().mark_point(stroke=c, strokeWidth=w, **square) for c, w in (("white", k + 2.5), ("black", k))),
            encoding=self.place("w", "b"),
        )
        best = (
            alt.Chart(alt.NamedData("best"))
            .mark_point(
                shape="cross",
                size=150 * self.style.mark,
                filled=True,
                fill="white",
                stroke="black",
                strokeWidth=1.2,
                opacity=1,
                clip=True,
                tooltip=None,
            )
            .encode(**self.at("w", "b"))
        )
        return [start, best]

    def you(self) -> dict[str, Any]:
        """The ring at the pointer."""
        return group(
            self.one().transform_calculate(w="w", b="b"),
            *(
                alt.Chart().mark_point(
                    size=190 * self.style.mark,
                    filled=False,
                    stroke=c,
                    strokeWidth=k,
                    clip=True,
                    tooltip=None,
                    opacity=1,
                )
                for c, k in (*((rim, self.style.line + 0.5 + k) for rim, k in RIMS), (YOU, self.style.line + 0.5))
            ),
            encoding=self.place("w", "b"),
        )

    def arrow(self) -> dict[str, Any]:
        """The negative gradient at the pointer, in the parameter plane, drawn with fixed length."""
        side, long = self.style.map_side, round(ARROW * self.style.line / 2.5)
        marks: Layers = []
        for colour, wide, size in (
            *((rim, self.style.line + k, size) for (rim, k), size in zip(RIMS, (230, 190), strict=True)),
            (YOU, self.style.line, 110),
        ):
            marks.append(
                alt.Chart()
                .mark_rule(color=colour, strokeWidth=wide, clip=True, tooltip=None)
                .encode(x2=alt.X2("we"), y2=alt.Y2("be"))
            )
            marks.append(
                alt.Chart()
                .mark_point(
                    shape="triangle-up",
                    size=size * self.style.mark,
                    filled=True,
                    color=colour,
                    opacity=1,
                    clip=True,
                    tooltip=None,
                )
                .encode(**self.at("we", "be"), angle=alt.Angle("angle:Q", scale=None))
            )
        downhill = (
            self.with_gradient(alt.Chart(self.source()))
            .transform_calculate(px=f"datum.g1*{side}/(v_w1-v_w0)", py=f"datum.g2*{side}/(v_b1-v_b0)")
            .transform_calculate(
                size="hypot(datum.px, datum.py)", w="w", b="b", angle="atan2(-datum.px, -datum.py)*180/PI"
            )
            .transform_filter("datum.size > 1e-12 && isFinite(datum.size)")
            .transform_calculate(we=f"w-datum.g1*{long}/datum.size", be=f"b-datum.g2*{long}/datum.size")
        )
        return group(downhill, *marks, encoding=self.place("w", "b"))
