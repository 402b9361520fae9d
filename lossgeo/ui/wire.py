"""Small messages go out at once."""

from __future__ import annotations

from asyncio import base_events
from typing import Any


def send_at_once() -> None:
    """Switch off Nagle's algorithm on the connections to come, as asyncio means to do by itself.

    Streamlit 1.67 opens its listening socket without naming the protocol, and asyncio then takes it for something
    else than TCP. With the algorithm on, the rest of a rerun waits for the browser's acknowledgement of its first
    message: 40 ms on the same machine, a round trip elsewhere. The visitor whose session loads this file keeps the
    connection that is already open.
    """
    tcp: Any = base_events.socket

    def set_nodelay(sock: Any) -> None:
        if sock.family in (tcp.AF_INET, tcp.AF_INET6) and sock.type == tcp.SOCK_STREAM:
            sock.setsockopt(tcp.IPPROTO_TCP, tcp.TCP_NODELAY, 1)

    base_events._set_nodelay = set_nodelay  # type: ignore[attr-defined]  # private, hence tests/test_wire.py
