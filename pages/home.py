"""What this is, the path through it."""

import streamlit as st

from lossgeo.ui.learn import start_page
from lossgeo.ui.runtime import frame

page = frame.begin("home")
st.title(page.heading)
start_page.show()
