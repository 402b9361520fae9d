"""The bowl: the mean squared error of a line."""

import streamlit as st

from lossgeo.ui import below, controls, lab
from lossgeo.ui.learn import ask_tab
from lossgeo.ui.runtime import frame
from lossgeo.ui.share import code_tab
from lossgeo.ui.stage import linked

frame.guard("mse")
style = frame.style()

st.title("Mean squared error: every point of the map is one whole line")
choice = controls.mse()
runs = linked.show(choice, style)
below.below(
    "mse",
    {
        "Learn": lambda: below.learn("mse"),
        "Check": lambda: below.check("mse", choice, style),
        "Look closer": lambda: lab.show(choice, runs, style),
        "Code": lambda: code_tab.show(choice, runs),
        "Ask": lambda: ask_tab.show("mse", style),
        "Numbers": lambda: below.numbers(choice, runs),
    },
)
