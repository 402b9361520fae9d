"""The slope: the logistic loss of two classes."""

import streamlit as st

from lossgeo.ui import below
from lossgeo.ui.controls import sidebar
from lossgeo.ui.runtime import frame
from lossgeo.ui.stage import linked
from lossgeo.views.view import build

page = frame.begin("logistic")
st.title(page.heading)
view = build(page, sidebar.read(page), frame.style())
linked.show(view)
below.tabs(view, ("Learn", "Penalty curve", "Check", "Look closer", "Code", "Ask", "Numbers"))
