"""The real thing: planes through the weights of a trained network."""

import streamlit as st

from lossgeo.ui import below
from lossgeo.ui.panel import panel
from lossgeo.ui.runtime import frame
from lossgeo.ui.stage import linked
from lossgeo.views.view import build

page = frame.begin("network")
st.title(page.heading)
side = panel.draw(page, frame.style())
view = build(page, side.choice, side.style, side.neutral)
linked.show(view)
panel.fill(side, view)
below.show(view)
