"""Small messages go out at once, and nothing is asked of anybody else."""

from __future__ import annotations

import contextlib
import os
from asyncio import base_events
from typing import Any

from streamlit import net_util


def send_at_once() -> None:
    """Switch off Nagle's algorithm on every connection of this process, as asyncio means to do by itself.

    Streamlit 1.67 opens its listening socket without naming the protocol, and asyncio then takes it for something
    else than TCP. With the algorithm on, the rest of a rerun waits for the browser's acknowledgement of its first
    message: 40 ms on the same machine, a round trip elsewhere. Connections that are open already, such as that of the
    visitor whose session loads this file, are found by their descriptors (on Linux and macOS).
    """
    tcp: Any = base_events.socket

    def set_nodelay(sock: Any) -> None:
        if sock.family in (tcp.AF_INET, tcp.AF_INET6) and sock.type == tcp.SOCK_STREAM:
            sock.setsockopt(tcp.IPPROTO_TCP, tcp.TCP_NODELAY, 1)

    for name in os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else ():
        with contextlib.suppress(OSError):  # not a socket, or closed meanwhile
            connection = tcp.socket(fileno=int(name))
            try:
                set_nodelay(connection)
            finally:
                connection.detach()  # it is not ours to close
    base_events._set_nodelay = set_nodelay  # type: ignore[attr-defined]  # private, hence tests/test_process.py


def look_up_nothing() -> None:
    """Keep Streamlit from asking a web service for the public address of this machine.

    It would do so for every connection that comes with another site's name, to see whether that name is its own.
    Such a name is refused all the same; a host names its own in browser.serverAddress or server.corsAllowedOrigins.
    """
    net_util._external_ip = ""  # known, and equal to no name; private, hence tests/test_process.py
