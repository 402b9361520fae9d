"""The mountains: landscapes with local minima, saddles, plateaus and cliffs, compared."""

import streamlit as st

from lossgeo.ui import below, controls, lab
from lossgeo.ui.learn import ask_tab
from lossgeo.ui.runtime import frame
from lossgeo.ui.share import code_tab
from lossgeo.ui.stage import linked

frame.guard("nonconvex")
style = frame.style()

st.title("Without convexity the end depends on start, step and method")
choice = controls.nonconvex()
runs = linked.show(choice, style)
below.below(
    "nonconvex",
    {
        "Learn": lambda: below.learn("nonconvex"),
        "Compare": lambda: below.compare(choice, style),
        "Check": lambda: below.check("nonconvex", choice, style),
        "Look closer": lambda: lab.show(choice, runs, style),
        "Code": lambda: code_tab.show(choice, runs),
        "Ask": lambda: ask_tab.show("nonconvex", style),
        "Numbers": lambda: below.numbers(choice, runs),
    },
)
