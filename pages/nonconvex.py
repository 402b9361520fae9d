"""The mountains: landscapes with local minima, saddles, plateaus and cliffs, compared."""

import streamlit as st

from lossgeo.ui import ask, code, controls, entry, lab, lesson, stage

entry.guard("nonconvex")
style = entry.style()

st.title("Without convexity the end depends on start, step and method")
choice = controls.nonconvex()
runs = stage.show(choice, style)
lesson.below(
    "nonconvex",
    {
        "Learn": lambda: lesson.learn("nonconvex"),
        "Compare": lambda: lesson.compare(choice, style),
        "Check": lambda: lesson.check("nonconvex", choice, style),
        "Look closer": lambda: lab.show(choice, runs, style),
        "Code": lambda: code.show(choice, runs),
        "Ask": lambda: ask.show("nonconvex", style),
        "Numbers": lambda: lesson.numbers(choice, runs),
    },
)
