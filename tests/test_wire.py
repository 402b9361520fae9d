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
    """When this fails, asyncio or Streamlit has changed and lossgeo/ui/wire.py may go."""
    assert nodelay("plain") == 0
