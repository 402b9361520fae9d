"""What this is, the path through it."""

import streamlit as st

from lossgeo.ui.learn import start_page
from lossgeo.ui.runtime import frame

frame.guard("home")
st.title("See why some losses are easy to minimise and others are not")
start_page.cards()
