"""One script at a time.

Python runs one thread at once. When thirty scripts interleave, every one of them ends late, and the
thread that writes to the sockets waits behind all of them. One after the other, the first is done in
its own time and the last no later than before: the slowest twentieth of a class of thirty waits a
quarter of the time (`python -m tests.bench --load`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import streamlit as st

from lossgeo.ui.runtime import remembered

PATIENCE = 2.0  # seconds; then a script goes on beside a slow one, so that no visitor can lock out the others

_lock = threading.RLock()  # a fragment that runs as part of its page's script already holds it


@contextmanager
def script_lock(patience: float = PATIENCE) -> Iterator[None]:
    """Wait until no other script runs, `patience` seconds at most; what the script raises passes through."""
    mine = _lock.acquire(timeout=patience)
    try:
        yield
    finally:
        if mine:
            _lock.release()


def fragment(function: Callable[..., None]) -> Callable[..., None]:
    """A Streamlit fragment whose reruns, too, wait until no other script runs.

    At its end the browser is handed the progress that the learner has made in it.
    """

    @st.fragment
    @wraps(function)
    def run(*args: Any, **options: Any) -> None:
        with script_lock():
            function(*args, **options)
            remembered.keep_after(function.__name__)

    return run
