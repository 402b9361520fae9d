"""The bowl: the mean squared error of a line."""

import streamlit as st

from lossgeo.ui import ask, code, controls, entry, lab, lesson, stage

entry.guard("mse")
style = entry.style()

st.title("Mean squared error: every point of the map is one whole line")
choice = controls.mse()
runs = stage.show(choice, style)
lesson.below(
    "mse",
    {
        "Learn": lambda: lesson.learn("mse"),
        "Check": lambda: lesson.check("mse", choice, style),
        "Look closer": lambda: lab.show(choice, runs, style),
        "Code": lambda: code.show(choice, runs),
        "Ask": lambda: ask.show("mse", style),
        "Numbers": lambda: lesson.numbers(choice, runs),
    },
)
