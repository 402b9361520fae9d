"""What stands below the stage: lessons, check, a closer look, the numbers. Hidden tabs are not computed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from lossgeo.charts import small_charts
from lossgeo.charts.style import ChartStyle
from lossgeo.landscapes import LANDSCAPES
from lossgeo.ui.classroom import address, voting
from lossgeo.ui.learn import concept_check, guided_lesson
from lossgeo.ui.share import visibility
from lossgeo.ui.stage import linked, small_map
from lossgeo.views import cached
from lossgeo.views.choice import Choice, LossSpec, MethodSpec
from lossgeo.views.sentences import minimum_in_words, number
from lossgeo.views.view import DENSE, Run, table

Section = Callable[[], None]


def below(page: str, sections: dict[str, Section]) -> None:
    """Tabs of which only the open one is run; the open one is in the URL."""
    if not (sections := visibility.tabs(sections)):
        return
    tabs = st.tabs(list(sections), key=f"{page}_tab", bind="query-params")
    for tab, section in zip(tabs, sections.values(), strict=True):
        if tab.open:
            with tab:
                section()


def learn(page: str) -> None:
    guided_lesson.learn(page)


def check(page: str, choice: Choice, style: ChartStyle) -> None:
    """The learner's check, or in the teacher view a round with a class."""
    if address.teacher():
        voting.hold(page, choice, style)
    else:
        concept_check.check(page)


def numbers(choice: Choice, runs: list[Run]) -> None:
    """The text twin of the stage: facts of the loss, then the steps of every run."""
    it = cached.loss(choice.loss)
    data = it.dataset
    if data is not None:
        st.markdown(f"**Data.** {data.name}, n = {data.n}. {data.note} Source: {data.source}.")
    else:
        st.markdown(f"**Landscape.** ${it.formula}$. {it.lesson} Source: {it.citation}.")
    st.markdown(f"**Minimum.** {minimum_in_words(it).capitalize()}.")
    st.markdown(f"**Convexity.** {cached.evidence(choice.loss).sentence}")
    st.dataframe(table(choice, runs), hide_index=True, height=280)
    st.caption(f"Every step up to {DENSE}, later ones thinned out.")


def penalty(choice: Choice, runs: list[Run], style: ChartStyle, kind: str) -> None:
    """What one sample costs, with the learner's own samples under the final model of the first run."""
    import pandas as pd  # slow to load, and the first view does not need it

    it = cached.loss(choice.loss)
    p = runs[0].trajectory.points[-1] if runs else np.array(choice.start)
    z = it.score(p)
    at = (2 * it.dataset.y - 1) * z if kind == "margin" else z - it.dataset.y
    samples = pd.DataFrame({"at": at, "penalty": it.penalty(z, it.dataset.y)})
    curves, ends = (small_charts.MARGIN, (-4.0, 4.0)) if kind == "margin" else (small_charts.RESIDUAL, (-3.0, 3.0))
    frame = pd.DataFrame(small_charts.penalty_rows(curves, *ends))
    worst = int(np.argmax(samples["penalty"]))
    share = float(samples["penalty"][worst] / max(samples["penalty"].sum(), 1e-300))
    alt = (
        f"Loss of one sample against its {kind}. The costliest of the {len(samples)} samples "
        f"has {kind} {number(at[worst])} "
        f"and loss {number(float(samples['penalty'][worst]))}, {share:.0%} of the sum."
    )
    spec = small_charts.penalty_spec(kind, style, linked.colours(style.projector)["ink"])
    st.vega_lite_chart(
        {**spec, "datasets": {"curves": frame, "samples": samples}},
        alt=alt,
        key=f"{choice.loss.page}_penalty",
        width="content",
    )
    st.caption(alt + f" Circles: your samples under the last model of {runs[0].words}." if runs else alt)


def compare(choice: Choice, style: ChartStyle) -> None:
    """Several landscapes beside each other: the same methods, each from the landscape's own start and rate."""
    chosen = st.multiselect(
        "Landscapes to compare",
        list(LANDSCAPES),
        default=["rosenbrock", "saddle", "plateau and cliff"],
        key="nonconvex_compare",
        max_selections=6,
        bind="query-params",
    )
    columns = st.columns(min(3, max(1, len(chosen))))
    for i, name in enumerate(chosen):
        it, spec = LANDSCAPES[name], LossSpec("nonconvex", name)
        start, rate = (float(it.start[0]), float(it.start[1])), cached.suggested_rate(name)
        names = {m.name: m for m in reversed(choice.methods)}  # of A and B with one method, A
        methods = tuple(MethodSpec(m.name, rate, m.momentum, m.schedule) for m in reversed(names.values()))
        small = Choice(spec, methods, start, choice.steps)
        runs = linked.descend(small)
        ends = "; ".join(f"{run.method}: {run.trajectory.status.replace('_', ' ')}" for run in runs)
        with columns[i % len(columns)]:
            st.markdown(f"**{name.capitalize()}**, learning rate {rate:g}")
            small_map.show(small, runs, style, f"nonconvex_small_{i}", name, f"{ends}.")
            st.caption(f"{it.lesson} Ends: {ends}.")
