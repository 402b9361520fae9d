"""What is set once in the process of a server, when it starts."""

from __future__ import annotations

import sys

from streamlit import net_util

SWITCH = 0.001  # seconds after which the sending thread gets the interpreter; Python's own choice is 0.005


def start() -> None:
    """Called by the server when it starts, and by every session, because some hosts know no start."""
    sys.setswitchinterval(SWITCH)
    look_up_nothing()


def look_up_nothing() -> None:
    """Keep Streamlit from asking a web service for the public address of this machine.

    It would do so for every connection that comes with another site's name, to see whether that name is
    its own. Such a name is refused all the same; a host names its own in browser.serverAddress or
    server.corsAllowedOrigins.
    """
    net_util._external_ip = ""  # known, and equal to no name; private, hence tests/test_process.py
