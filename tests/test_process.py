"""What is set in the process of the server: nothing is asked of anybody, small messages go out at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def told(code: str, *arguments: str) -> list[str]:
    """The last line that a fresh interpreter prints, as words."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.splitlines()[-1].split()


LISTEN = """
import asyncio, socket, sys
if sys.argv[1] == "uvloop":
    import uvloop as loop
else:
    import asyncio as loop

async def main():
    accepted = asyncio.get_running_loop().create_future()
    listening = socket.socket(family=socket.AF_INET)  # as Streamlit opens it, without the protocol
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(lambda reader, writer: accepted.set_result(writer), sock=listening)
    _, out = await asyncio.open_connection(*listening.getsockname())
    writer = await accepted
    print(int(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0))
    out.close()
    writer.close()
    server.close()

loop.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
def test_uvloop_sends_small_messages_at_once():
    """With Nagle's algorithm on, the rest of a rerun waits for the browser's answer to its first message."""
    assert told(LISTEN, "uvloop") == ["1"]


LOOK_UP = """
import sys
from streamlit import config, net_util
from streamlit.web.server import server_util
asked = []
net_util._make_blocking_http_get = lambda url, timeout=0: asked.append(url)
from lossgeo.ui.runtime import process
if sys.argv[1] == "started":
    process.start()
print(server_util.is_url_from_allowed_origins("http://elsewhere.example"), len(asked))
"""


def test_another_sites_name_is_refused_and_nobody_is_asked():
    assert told(LOOK_UP, "started") == ["False", "0"]


def test_importing_changes_nothing_and_streamlit_would_ask():
    """When this fails, Streamlit has changed and look_up_nothing in lossgeo/ui/runtime/process.py may go."""
    assert told(LOOK_UP, "imported") == ["False", "2"]


IMPORT_ALL = """
import asyncio, importlib, pkgutil, sys, threading
before = (sys.getswitchinterval(), asyncio.get_event_loop_policy(), threading.active_count())
import lossgeo
for module in pkgutil.walk_packages(lossgeo.__path__, "lossgeo."):
    importlib.import_module(module.name)
after = (sys.getswitchinterval(), asyncio.get_event_loop_policy(), threading.active_count())
print(before == after)
"""


def test_importing_every_module_leaves_the_process_as_it_is():
    assert told(IMPORT_ALL) == ["True"]


def test_the_start_asks_nobody(monkeypatch, capsys):
    """With the settings of this folder Streamlit prints an address without a look-up, also when it serves a network."""
    from streamlit import config, net_util
    from streamlit.web import bootstrap

    monkeypatch.chdir(ROOT)
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, timeout=0: asked.append(url))
    config.get_config_options(force_reparse=True, options_from_flags={"server.address": "0.0.0.0"})
    try:
        bootstrap._print_url(False)
    finally:
        config.get_config_options(force_reparse=True)
    assert "http://localhost" in capsys.readouterr().out
    assert not asked
