"""The start page: what this app is, the way through the pages, and the learner's progress."""

import streamlit as st

from lossgeo.ui.learn import start_page
from lossgeo.ui.runtime import frame

page = frame.begin("home")
with st.container(key="home_title"):
    st.title(page.heading)
start_page.show()
