"""Full error messages, which visitors do not get; one look for components of other packages; no files left behind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import app_test


@pytest.fixture(scope="session", autouse=True)
def _streamlit() -> Iterator[None]:
    st.config.set_option("client.showErrorDetails", "full")
    # Each AppTest reads the metadata of every installed package, a tenth of a second; once is enough.
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    yield
    app_test.TMP_DIR.cleanup()
