"""The slope: the logistic loss of two classes."""

import streamlit as st

from lossgeo.ui import below, controls, lab
from lossgeo.ui.learn import ask_tab
from lossgeo.ui.runtime import frame
from lossgeo.ui.share import code_tab
from lossgeo.ui.stage import linked

frame.guard("logistic")
style = frame.style()

st.title("Logistic loss is convex too, but it may have no minimiser")
choice = controls.logistic()
runs = linked.show(choice, style)
below.below(
    "logistic",
    {
        "Learn": lambda: below.learn("logistic"),
        "Penalty curve": lambda: below.penalty(choice, runs, style, "margin"),
        "Check": lambda: below.check("logistic", choice, style),
        "Look closer": lambda: lab.show(choice, runs, style),
        "Code": lambda: code_tab.show(choice, runs),
        "Ask": lambda: ask_tab.show("logistic", style),
        "Numbers": lambda: below.numbers(choice, runs),
    },
)
