"""No page opens a connection to anywhere, whatever is on it."""

from __future__ import annotations

import socket

import pytest
from sessions import PAGES, TABS, complaints, visit


@pytest.fixture
def offline(monkeypatch):
    """Every connection to somewhere else is refused and remembered."""
    tried = []
    connect = socket.socket.connect

    def guarded(self, address):
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in ("local", "127.0.0.1", "::1", "localhost"):
            tried.append(address)
            raise OSError("the app may not go out")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: tried.append(a[0]) or [])
    return tried


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_its_tabs_go_nowhere(page, offline):
    for tab in TABS[page]:
        app = visit(page, tab=tab, picture="3-D")
        assert not complaints(app)
    assert not offline


def test_the_guard_would_notice(offline):
    with socket.socket() as plug, pytest.raises(OSError, match="may not go out"):
        plug.connect(("192.0.2.1", 80))
    assert offline == [("192.0.2.1", 80)]
