"""The Hessian at the pointer, on the map of the stage: its eigenvectors as a cross, its eigenvalues as text.

These marks are in the spec only if the learner has switched them on, because they add a
millisecond to every pointer move.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from lossgeo.charts import browser_formulas
from lossgeo.charts.browser_formulas import LINE
from lossgeo.charts.panel import Layers, Panel, group

ARM = 42  # half the length of each line in pixels


class EigenAxes(Panel):
    """The marks for the Hessian eigenvectors and eigenvalues at the pointer."""

    def eigen(self, chart: Any) -> Any:
        """The chart with one row: the eigenvalues low <= high at the pointer, and `turn`.

        `turn` is the angle of the eigenvector of `high` with the first axis.
        """
        if self.height is None:
            assert self.fitted is not None
            steps, entries = browser_formulas.bends(self.fitted)
            chart = self.moved(chart)
            for step in steps:
                chart = chart.transform_calculate(**step)
            chart = chart.transform_aggregate(m0="mean(k0)", m1="mean(k1)", m2="mean(k2)", n="count()")
            chart = chart.transform_filter("datum.n > 0").transform_calculate(**entries)
        else:
            h11, h12, h22 = browser_formulas.hessian(self.height)
            chart = chart.transform_calculate(
                h11=h11, h12=h12, h22=h22, det="datum.h11*datum.h22 - datum.h12*datum.h12"
            )
        for step in browser_formulas.EIGEN:
            chart = chart.transform_calculate(**step)
        return chart

    def axes(self) -> Layers:
        """Lines through the pointer along the eigenvectors, solid for the larger eigenvalue, dashed for the smaller."""
        side, here = self.style.map_side, self.source()
        rules: Layers = [
            alt.Chart()
            .mark_rule(color=colour, strokeWidth=wide, clip=True, tooltip=None, aria=False)
            .encode(**self.at("xa", "ya"), x2=alt.X2("xb"), y2=alt.Y2("yb"), **dash)
            for colour, wide, dash in (
                ("white", self.style.line + 1, {}),
                (
                    "black",
                    self.style.line - 1,
                    {"strokeDash": alt.condition("datum.k > 0", alt.value([4, 3]), alt.value([1, 0]))},
                ),
            )
        ]
        cross = (
            self.eigen(alt.Chart(here))
            .transform_filter("isFinite(datum.turn) && datum.gap > 1e-12*abs(datum.big)")
            .transform_calculate(k="[0, 1]")
            .transform_flatten(["k"])
            .transform_calculate(ew="cos(datum.turn + datum.k*PI/2)", eb="sin(datum.turn + datum.k*PI/2)")
            .transform_calculate(far=f"hypot(datum.ew*{side}/(v_w1-v_w0), datum.eb*{side}/(v_b1-v_b0))/{ARM}")
            .transform_calculate(
                xa="w - datum.ew/datum.far",
                ya="b - datum.eb/datum.far",
                xb="w + datum.ew/datum.far",
                yb="b + datum.eb/datum.far",
            )
        )
        kinks = "v_variant > 0 ? ' (between the kinks)' : ''" if self.fitted == LINE else "''"
        number, parts = browser_formulas.number, browser_formulas.parts
        low, high = (number(f"datum.{end}", parts(f"datum.{end}")) for end in ("low", "high"))
        text = (
            f"!isFinite(datum.gap) ? 'no curvature here' : (datum.gap > 1e-12*abs(datum.big) ? 'curvatures ' + {low}"
            f" + ' (dashed), ' + {high} + ' (solid)' : 'curvature ' + {high} + ' in every direction') + ({kinks})"
        )
        words = (
            self.eigen(alt.Chart(here))
            .transform_calculate(text=text)
            .mark_text(
                align="left",
                baseline="bottom",
                fontSize=self.style.font,
                color=self.ink,
                tooltip=None,
                fontWeight=600,
                limit=side,
            )
            .encode(x=alt.value(0), y=alt.value(-10 - self.style.font), text=alt.Text("text:N"))
        )
        return [group(cross, *rules), words]
