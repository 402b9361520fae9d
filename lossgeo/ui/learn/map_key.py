"""How to read a map: the words of the start page with their table of marks, each mark drawn as on the stage."""

from __future__ import annotations

import re

import streamlit as st

from lossgeo.charts.map_marks import CSS, table_of


def show(words: str) -> None:
    """The words, a Markdown text, with the drawings in its table of marks."""
    before, table, after = re.split(r"\n((?:\|.*\n)+)", words, maxsplit=1)
    st.markdown(before)
    st.html(CSS + table_of(table))
    st.markdown(after)
