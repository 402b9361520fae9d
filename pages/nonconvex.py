"""The mountains: landscapes with local minima, saddle points, plateaus and cliffs."""

import streamlit as st

from lossgeo.ui import below
from lossgeo.ui.controls import sidebar
from lossgeo.ui.runtime import frame
from lossgeo.ui.stage import linked
from lossgeo.views.view import build

page = frame.begin("nonconvex")
st.title(page.heading)
view = build(page, sidebar.read(page), frame.style())
linked.show(view)
below.tabs(view, ("Learn", "Compare", "Check", "Look closer", "Code", "Ask", "Numbers"))
