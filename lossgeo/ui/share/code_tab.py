"""The tab "Code": the picture on the stage as a program that runs anywhere."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from lossgeo.charts.style import METHODS
from lossgeo.programs import script
from lossgeo.ui.stage import linked
from lossgeo.views import cached, comparison
from lossgeo.views.choice import Choice
from lossgeo.views.view import Run


def show(choice: Choice, runs: list[Run]) -> None:
    picture = picture_of(choice, runs)
    text = script.script(picture)
    st.markdown(
        "The picture on the stage with the settings as they are now: data, loss, gradient, grid, descent, plot. "
        "It needs NumPy and Matplotlib and runs anywhere; change a line and see what happens."
    )
    if choice.differs and len(runs) > len(picture.methods):
        a, b = choice.methods
        same = a == b or not comparison.acts(a.name, choice.differs)
        other = (
            "B is the same run." if same else f"For B change one thing in it: {comparison.setting(b, choice.differs)}."
        )
        st.markdown(f"Of the comparison it draws **A**. {other}")
    with st.container(horizontal=True, gap="small"):  # the notebook is written when somebody wants it
        for label, ending, data, mime in (
            ("Download as .py", "py", text, "text/x-python"),
            ("Download as notebook", "ipynb", partial(script.notebook, picture), "application/x-ipynb+json"),
        ):
            st.download_button(
                label,
                data,
                file_name=script.file_name(picture, ending),
                mime=mime,
                key=f"_{choice.loss.page}_{ending}",
                on_click="ignore",
            )
    st.code(text, language="python")


def picture_of(choice: Choice, runs: list[Run]) -> script.Picture:
    """What is on the stage, in the records of the core. A method that cannot run here is left out."""
    spec, drawn = choice.loss, {run.method for run in runs}
    # A and B with one method would have one name in the program: it draws A.
    methods = {method.name: method for method in reversed(choice.methods) if method.name in drawn}
    data = spec.page != "nonconvex"
    return script.Picture(
        loss=cached.loss(spec),
        window=cached.window(spec, choice.view),
        methods=tuple(cached.build(method) for method in reversed(methods.values())),
        start=choice.start,
        steps=choice.steps,
        raw=cached.dataset(replace(spec, right=0.0, up=0.0, standardise=False)) if data else None,
        knobs=dict(spec.knobs),
        right=spec.right,
        up=spec.up,
        standardised=spec.standardise,
        equal=choice.view.equal,
        solid=linked.picture(spec.page) == "3-D",
        colours={name: colour for name, (colour, _) in METHODS.items()},
    )
