"""The bowl: the mean squared error of a line."""

import streamlit as st

from lossgeo.ui import controls, entry, lesson, stage

entry.guard("mse")
style = entry.style()

st.title("MSE is a bowl: every point of the map is one line through the data")
choice = controls.mse()
runs = stage.show(choice, style)
lesson.below(
    "mse",
    {
        "Learn": lambda: lesson.learn("mse"),
        "Check": lambda: lesson.check("mse"),
        "Look closer": lambda: (lesson.curvature(choice), lesson.penalty(choice, runs, style, "residual")),
        "Numbers": lambda: lesson.numbers(choice, runs),
    },
)
