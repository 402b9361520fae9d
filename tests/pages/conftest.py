"""Full error messages, which visitors do not get, and no files left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import app_test


@pytest.fixture(scope="session", autouse=True)
def _streamlit() -> Iterator[None]:
    st.config.set_option("client.showErrorDetails", "full")
    yield
    app_test.TMP_DIR.cleanup()
