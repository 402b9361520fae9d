"""A redis-server of the tests' own, on this machine only."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path


class RedisServer:
    """Starts at once. It keeps everything in memory, and writes a file into `folder` only if it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, again after `stop`; on return it answers."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if self.say("PING").startswith(b"+PONG"):  # not before it has read its file
                    return
            except ConnectionError:
                time.sleep(0.02)
        raise RuntimeError("redis-server did not start")

    def say(self, command: str) -> bytes:
        """Its answer to a command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plug:
            plug.sendall(command.encode() + b"\r\n")
            return plug.recv(100)

    def stop(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
