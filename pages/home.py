"""What this is, the path through it."""

import streamlit as st

from lossgeo.ui import entry, home

entry.guard("home")
st.title("See why some losses are easy to minimise and others are not")
home.cards()
