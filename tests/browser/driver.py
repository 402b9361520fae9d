"""A server of the app, a real browser, and what both tests and benchmark ask of a page."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import optional
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebSocket

from lossgeo.charts.style import ChartStyle

ROOT = Path(__file__).resolve().parents[2]
# Without --disable-gpu a headless browser without a GPU sends every 2-D canvas through software
# WebGL: one frame of the stage then costs ten times as much. WebGL itself works either way.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--force-color-profile=srgb",
]  # fmt: skip

Pixels = NDArray[np.uint8]
Box = dict[str, float]
STAGE = "[data-testid=stVegaLiteChart] canvas"

IDLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return !!app && app.getAttribute('data-test-script-state') === 'notRunning'
    && app.getAttribute('data-test-connection-state') === 'CONNECTED'
    && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]');
}"""
# Asked in each frame: has the page been idle in so many frames in a row?
AT_REST = f"""wanted => {{
  window.framesAtRest = ({IDLE})() ? (window.framesAtRest || 0) + 1 : 0;
  if (window.framesAtRest <= wanted) return false;
  window.framesAtRest = 0;
  return true;
}}"""
FRAMES = """async wanted => {
  for (let n = 0; n < wanted; n++) await new Promise(requestAnimationFrame);
}"""
FRAME = 1000 / 60  # ms, where nothing else wants the processor


def chromium() -> str:
    """The path of the browser."""
    found = optional.browser()
    if found is None:
        raise RuntimeError("No browser found. Install one ('apt-get install chromium') or set CHROMIUM to its path.")
    return found


@contextlib.contextmanager
def served(
    script: Path = ROOT / "streamlit_app.py",
    launcher: tuple[str, ...] = ("-m", "streamlit"),
    patience: float = 90.0,
    folder: Path = ROOT,
    said: list[str] | None = None,
) -> Iterator[str]:
    """The address of a fresh server of the app, stopped at the end.

    `launcher`: how Python is to start Streamlit; `folder`: where, and so with which .streamlit/config.toml; `said`:
    gets what the server has printed.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, *launcher, "run", str(script), "--server.headless=true",
        f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none",
    ]  # fmt: skip
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | threads, stdout=log, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            end = time.monotonic() + patience
            while True:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                        break
                except OSError:
                    if process.poll() is not None or time.monotonic() > end:
                        log.seek(0)
                        raise RuntimeError(f"The server did not start:\n{log.read()[-3000:]}") from None
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if said is not None:
                log.seek(0)
                said += log.read().splitlines()


@dataclass(eq=False)
class Watch:
    """What went wrong or over the wire on a page, since it was opened."""

    host: str
    errors: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # of every request
    strangers: list[str] = field(default_factory=list)  # those to another host
    sent: list[int] = field(default_factory=list)  # bytes of each websocket frame
    received: list[int] = field(default_factory=list)

    @property
    def frames(self) -> tuple[int, int]:
        return len(self.sent), len(self.received)

    def on(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("websocket", self._websocket)

    def _console(self, message: ConsoleMessage) -> None:
        # On a deep link Streamlit first asks for these two below the page's own path.
        known = ("_stcore/health", "_stcore/host-config")
        if message.type != "error" or message.location.get("url", "").endswith(known):
            return
        self.errors.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        self.addresses.append(request.url[:200])
        if address.scheme not in ("data", "blob", "about") and address.netloc != self.host:
            self.strangers.append(request.url[:200])

    def _websocket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self.sent.append(len(payload)))
        socket.on("framereceived", lambda payload: self.received.append(len(payload)))


def contexts(browser: Browser, sizes: Sequence[str], **look: Any) -> Iterator[tuple[str, str, BrowserContext]]:
    """For each size, such as "1280x720", or "1280x720p" for a projector: it, what it adds to an address, its context.

    A narrow one is a phone's. look: more of what Playwright's `new_context` takes.
    """
    for size in sizes:
        width, height = map(int, size.strip("p").split("x"))
        phone = {"is_mobile": True, "has_touch": True} if width < 500 else {}
        context = browser.new_context(viewport={"width": width, "height": height}, **phone, **look)
        yield size, "projector=true&" if size.endswith("p") else "", context
        context.close()


def part_of(address: str, page: str = "mse") -> str:
    """The part of a lesson that an address names; the first one is not written."""
    return parse_qs(urlsplit(address).query).get(f"{page}_part", ["Play"])[0]


def settle(page: Page, pause: int = 200) -> None:
    """Wait until the server is idle, nothing on the page is stale and the charts have been drawn.

    pause: how long the page has to be at rest, in milliseconds of a quick machine. It is counted in frames, because
    on a busy machine these, and what the browser does in them, take longer. A page behind another one has one frame
    a second: so it comes to the front.
    """
    page.bring_to_front()
    page.wait_for_timeout(160)  # widgets hold a change back for 150 ms before they send it
    page.wait_for_function(AT_REST, arg=round(pause / FRAME), timeout=60_000)


def frames(page: Page, wanted: int = 6) -> None:
    """Let the browser draw so many frames: what follows the pointer or a key is on the screen after two."""
    page.evaluate(FRAMES, wanted)


def eventually(page: Page, holds: Callable[[], object], patience: float = 15.0) -> bool:
    """Whether this holds now or, looked at again and again, within `patience` seconds."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            return False
        frames(page, 3)
    return True


def forget(page: Page, address: str) -> None:
    """What the browser has kept of the app is forgotten: progress, cookies."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": "local_storage,cookies"})
    session.detach()


def open_page(page: Page, address: str, until: str = STAGE) -> None:
    """Go to a page and wait for what it has: the stage of a lesson."""
    page.goto(address)
    page.wait_for_selector(until, timeout=60_000)
    settle(page, 300)


def box_of(page: Page, selector: str) -> Box:
    """The box of the first element that matches, in the window."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None, f"{selector} is not on the page"
    return dict(box)


def panels(page: Page) -> dict[str, Box]:
    """Boxes of the stage's parts in the laptop layout: the sizes are constants, only the left axis varies in width."""
    style, whole = ChartStyle("laptop"), box_of(page, STAGE)
    upper, lower = style.right_heights
    left, top = whole["x"] + whole["width"] - style.right_width - 6, whole["y"] + 26
    return {
        "map": _box(whole["x"] + 70, top + 10, style.map_side - 40, style.map_side - 20),
        "model": _box(left, top, style.right_width, upper),
        "loss": _box(left, top + style.map_side - lower, style.right_width, lower),
        "readout": _box(left, whole["y"], style.right_width, 24),
    }


def _box(x: float, y: float, width: float, height: float) -> Box:
    return {"x": x, "y": y, "width": width, "height": height}


def spot(box: Box, across: float, up: float) -> tuple[float, float]:
    """A point of the window inside a box: fractions of its width from the left, of its height from below."""
    return box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"]


def pixels(page: Page, box: Box) -> Pixels:
    """What the screen shows in a box, (height, width, 3)."""
    image = Image.open(io.BytesIO(page.screenshot(clip=box)))  # type: ignore[arg-type]
    return np.asarray(image.convert("RGB"))


def changed(before: Pixels, after: Pixels) -> float:
    """Share of the pixels that differ visibly."""
    return float((np.abs(before.astype(int) - after).max(axis=-1) > 24).mean())


def colours(picture: Pixels) -> int:
    """How many different colours, counted coarsely."""
    return len(np.unique(picture.reshape(-1, 3) // 16, axis=0))
