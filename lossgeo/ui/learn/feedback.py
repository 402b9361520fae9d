"""The two questions at the end of a lesson, and where the host wants to hear of the answers."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import streamlit as st

from lossgeo.teaching.lessons import Lesson
from lossgeo.teaching.progress import MOST_TEXT, Notes
from lossgeo.ui.learn.record import note


def ask(lesson: Lesson, notes: Notes) -> None:
    """The two questions. The answers are kept in the notes."""
    key = f"_lesson_{lesson.key}"
    clear = st.segmented_control(
        "Was everything clear?",
        ("Yes", "No"),
        default=None if notes.clear is None else "Yes" if notes.clear else "No",
        key=f"{key}_clear",
    )
    improve = st.text_input("What would improve it?", value=notes.improve, max_chars=MOST_TEXT, key=f"{key}_improve")
    said_now = (None if clear is None else clear == "Yes", improve.strip())
    if said_now != (notes.clear, notes.improve):
        note(lesson, clear=said_now[0], improve=said_now[1])
    if said_now != (None, ""):
        address = host()
        way = f" To tell the people who run this: [their page for feedback]({address})." if address else ""
        st.markdown(f"Thank you. It is kept in your notes, and nothing is sent by itself.{way}")


def host() -> str | None:
    """The URL where the host wants feedback, or None.

    It is LOSSGEO_FEEDBACK_URL, from the environment or from Streamlit's secrets; an unsafe one is ignored.
    """
    address = os.environ.get("LOSSGEO_FEEDBACK_URL", "")
    if not address and st.secrets.load_if_toml_exists():
        address = str(st.secrets.get("LOSSGEO_FEEDBACK_URL", ""))
    sound = urlsplit(address).scheme in ("https", "http", "mailto") and not set(address) & set(" ()<>[]\n")
    return address if sound else None
