"""The slope: the logistic loss of two classes."""

import streamlit as st

from lossgeo.ui import ask, code, controls, entry, lab, lesson, stage

entry.guard("logistic")
style = entry.style()

st.title("Logistic loss is convex too, but it may have no minimiser")
choice = controls.logistic()
runs = stage.show(choice, style)
lesson.below(
    "logistic",
    {
        "Learn": lambda: lesson.learn("logistic"),
        "Penalty curve": lambda: lesson.penalty(choice, runs, style, "margin"),
        "Check": lambda: lesson.check("logistic", choice, style),
        "Look closer": lambda: lab.show(choice, runs, style),
        "Code": lambda: code.show(choice, runs),
        "Ask": lambda: ask.show("logistic", style),
        "Numbers": lambda: lesson.numbers(choice, runs),
    },
)
