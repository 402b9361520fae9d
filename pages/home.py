"""What this is, the path through it."""

import streamlit as st

from lossgeo.ui import entry, lesson

entry.guard("home")
st.title("See why some losses are easy to minimise and others are not")
lesson.learn("home")
for page, label, words in (
    (
        "mse",
        "1 · The bowl: mean squared error",
        "Move over the map: each point is one line. Why is it a bowl, and which steps work?",
    ),
    (
        "logistic",
        "2 · The slope: logistic loss",
        "Convex too, but flat far away, and on separable classes without any minimiser.",
    ),
    (
        "nonconvex",
        "3 · The mountains: non-convex",
        "Local minima, saddles, plateaus, cliffs, and which methods get past them.",
    ),
):
    with st.container(border=True):
        st.page_link(entry.PAGES[page], label=f"**{label}**")
        st.markdown(words)
