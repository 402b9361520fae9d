"""One script at a time: what a class would otherwise pay for threads that share one interpreter.

Python runs one thread at once. When thirty scripts take turns inside each other, every one of them ends late, and the
thread that writes to the sockets waits behind all of them. One after the other, the first is done in its own time and
the last no later than before: the slowest twentieth of a class of thirty waits a quarter of the time
(`python -m tests.bench --load`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 2.0  # seconds; then a script goes on beside a slow one, so that no visitor can lock out the others
SWITCH = 0.001  # seconds after which the sending thread gets the interpreter; Python's own choice is 0.005

_turn = threading.Lock()

sys.setswitchinterval(SWITCH)


@contextmanager
def turn(patience: float = PATIENCE) -> Iterator[None]:
    """Wait until no other script runs, `patience` seconds at most; what the script raises passes through."""
    mine = _turn.acquire(timeout=patience)
    try:
        yield
    finally:
        if mine:
            _turn.release()
