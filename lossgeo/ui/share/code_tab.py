"""The tab "Code": the picture on the stage as a program."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from lossgeo.charts.style import METHODS
from lossgeo.programs import script
from lossgeo.views import cached, comparison
from lossgeo.views.view import View


def show(view: View) -> None:
    """The program, and its download as script and as notebook."""
    picture = picture_of(view)
    text = script.script(picture)
    st.markdown(
        "The picture on the stage with the settings as they are now: data, loss, gradient, grid, descent, plot. "
        "It needs NumPy and Matplotlib and runs anywhere; change a line and see what happens."
    )
    if view.choice.differs and len(view.runs) > len(picture.methods):
        st.markdown(f"Of the comparison it draws **A**. {_other(view)}")
    with st.container(horizontal=True, gap="small"):  # the notebook is made when its button is pressed
        for label, ending, data, mime in (
            ("Download as .py", "py", text, "text/x-python"),
            ("Download as notebook", "ipynb", partial(script.notebook, picture), "application/x-ipynb+json"),
        ):
            st.download_button(
                label,
                data,
                file_name=script.file_name(picture, ending),
                mime=mime,
                key=f"_{view.page.key}_{ending}",
                on_click="ignore",
            )
    shown = script.shortened(text)
    if shown != text:
        st.caption("The lists of numbers are cut short here; the downloads have all of them.")
    st.code(shown, language="python")


def _other(view: View) -> str:
    """A sentence on how to change the program for A into the program for B."""
    a, b = view.choice.methods
    what = view.choice.differs
    if a == b or not comparison.acts(a.name, what):
        return "B is the same run."
    return f"For B change one thing in it: {comparison.SYMBOLS[what](b)}."


def picture_of(view: View) -> script.Picture:
    """What is on the stage, as a `Picture`. Methods that cannot run here are left out."""
    choice, drawn = view.choice, {run.method.name for run in view.runs if not run.projected}
    # If A and B use the same method, they would have the same name in the program, so it draws A only.
    methods = {method.name: method for method in reversed(choice.methods) if method.name in drawn}
    raw = cached.dataset(replace(choice.loss, right=0.0, up=0.0, standardise=False)) if choice.loss.loss else None
    return script.Picture(
        loss=view.loss,
        window=view.window,
        methods=tuple(cached.build(method) for method in reversed(methods.values())),
        start=choice.start,
        steps=choice.steps,
        raw=raw,
        knobs=dict(choice.loss.knobs),
        right=choice.loss.right,
        up=choice.loss.up,
        standardised=choice.loss.standardise,
        equal=choice.view.equal,
        solid=choice.solid,
        colours={name: colour for name, (colour, _) in METHODS.items()},
    )
