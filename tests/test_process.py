"""Connections of the server send small messages at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECK = """
import asyncio, socket, sys
if sys.argv[1] == "app":
    from lossgeo.ui import entry

async def main():
    accepted = asyncio.get_running_loop().create_future()
    listening = socket.socket(family=socket.AF_INET)  # as Streamlit opens it, without the protocol
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(lambda reader, writer: accepted.set_result(writer), sock=listening)
    _, out = await asyncio.open_connection(*listening.getsockname())
    writer = await accepted
    print(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    out.close()
    writer.close()
    server.close()

asyncio.run(main())
"""


def nodelay(who: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CHECK, who], cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True,
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return int(done.stdout.split()[-1])


def test_the_app_switches_nagles_algorithm_off():
    assert nodelay("app") != 0


def test_without_the_app_it_would_be_on():
    """When this fails, asyncio or Streamlit has changed and lossgeo/ui/runtime/process.py may go."""
    assert nodelay("plain") == 0


LOOK_UP = """
import sys
from streamlit import config, net_util
from streamlit.web.server import server_util
asked = []
net_util._make_blocking_http_get = lambda url, timeout=0: asked.append(url)
if sys.argv[1] == "app":
    from lossgeo.ui import entry
print(server_util.is_url_from_allowed_origins("http://elsewhere.example"), len(asked))
"""


def looked_up(who: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK_UP, who], cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True,
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout.split()[-2:]


def test_another_sites_name_is_refused_and_nobody_is_asked():
    assert looked_up("app") == ["False", "0"]


def test_without_the_app_somebody_would_be_asked():
    """When this fails, Streamlit has changed and look_up_nothing in lossgeo/ui/runtime/process.py may go."""
    assert looked_up("plain") == ["False", "2"]


def test_the_start_asks_nobody(monkeypatch, capsys):
    """With the settings of this folder Streamlit prints an address without a look-up, also when it serves a network."""
    from streamlit import config, net_util
    from streamlit.web import bootstrap

    monkeypatch.chdir(Path(__file__).resolve().parents[1])
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, timeout=0: asked.append(url))
    config.get_config_options(force_reparse=True, options_from_flags={"server.address": "0.0.0.0"})
    try:
        bootstrap._print_url(False)
    finally:
        config.get_config_options(force_reparse=True)
    assert "http://localhost" in capsys.readouterr().out
    assert not asked
