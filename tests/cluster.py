"""Several processes behind a proxy, really started, and one of them killed: `python tests/cluster.py`.

Redis, two processes of the app and Caddy with `.docker/Caddyfile`, all on this machine only. Two browsers open /mse,
one on each process. Then the process of the first is killed (kill -9), or its connection is cut for longer than the
server keeps a session (the lid of a laptop, closed). Printed is what the pages do: when they are connected again,
whether the picture is the same, and whether the first move of a control counts. In the end a class votes over both
processes, and that of the teacher is killed in the middle of the round. Needs Debian's packages redis-server and
caddy, and a browser.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import driver  # noqa: E402  after the path
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402  after the path
from playwright.sync_api import Error as PlaywrightError  # noqa: E402  after the path
from redis_server import RedisServer  # noqa: E402  after the path

CADDYFILE = ROOT / ".docker" / "Caddyfile"
COOKIE = "lossgeo"  # in the Caddyfile
LINK = "mse?mse_lr=0.3&mse_w0=1.25"
KEPT = 2  # seconds for which the server keeps a session, in the trial with the lid
PATIENCE = 60.0
DRAW = random.Random(1)


def free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])


def answers(address: str) -> bool:
    """Whether the app answers there."""
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(address: str) -> None:
    """Until the app answers there."""
    end = time.monotonic() + PATIENCE
    while not answers(address):
        if time.monotonic() > end:
            raise RuntimeError(f"nobody answers at {address}")
        time.sleep(0.1)


class Cluster:
    """Redis, processes of the app and the proxy before them. `options` go to the processes of the app."""

    def __init__(self, folder: Path, options: tuple[str, ...] = (), processes: int = 2) -> None:
        self.folder, self.options = folder, options
        self.address = f"http://127.0.0.1:{free_port()}"
        self.secret = secrets.token_hex(16)
        self.redis = RedisServer(folder)
        self.apps: dict[int, subprocess.Popen[bytes]] = {}
        self.proxy: subprocess.Popen[bytes] | None = None
        for _ in range(processes):
            self.start_app(free_port())
        self.start_proxy()

    def start_app(self, port: int) -> None:
        """Start a process with the settings of compose.yaml, and wait until it answers."""
        self.apps[port] = self._run(
            f"app-{port}", sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}",
            "--server.address=127.0.0.1", "--server.fileWatcherType=none", *self.options,
            STREAMLIT_SERVER_COOKIE_SECRET=self.secret, STREAMLIT_BROWSER_SERVER_ADDRESS="127.0.0.1",
            LOSSGEO_REDIS_URL=self.redis.url, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{port}")

    def start_proxy(self) -> None:
        """Start Caddy, and wait until a page can be had through it."""
        self.proxy = self._run(
            "caddy", "caddy", "run", "--adapter", "caddyfile", "--config", str(CADDYFILE),
            LOSSGEO_SITE=self.address, LOSSGEO_APPS=" ".join(f"127.0.0.1:{port}" for port in self.apps),
            XDG_DATA_HOME=str(self.folder), XDG_CONFIG_HOME=str(self.folder),
        )  # fmt: skip
        wait_for(self.address)

    def _run(self, name: str, *command: str, **settings: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=os.environ | settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def cookie(self, port: int) -> dict[str, str]:
        """What makes the proxy send a browser to this process: Caddy's own hash of its address."""
        value = hmac.new(b"", f"127.0.0.1:{port}".encode(), hashlib.sha256).hexdigest()
        return {"name": COOKIE, "value": value, "url": self.address}

    def serves(self, port: int) -> bool:
        """Whether the proxy sends the browsers with its cookie to this process; else it gives them another cookie."""
        cookie = {"Cookie": f"{COOKIE}={self.cookie(port)['value']}"}
        ask = urllib.request.Request(f"{self.address}/_stcore/health", headers=cookie)
        with urllib.request.urlopen(ask, timeout=10) as answer:
            return not any(each.startswith(f"{COOKIE}=") for each in answer.headers.get_all("Set-Cookie", []))

    def kill(self, port: int) -> None:
        """End a process as a power cut would."""
        self.apps[port].send_signal(signal.SIGKILL)
        self.apps[port].wait()

    def cut(self, seconds: float) -> None:
        """Cut every connection for a while."""
        if self.proxy is not None:
            self.proxy.kill()
            self.proxy.wait()
        time.sleep(seconds)
        self.start_proxy()

    def stop(self) -> None:
        for process in (self.proxy, *self.apps.values()):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        self.redis.stop()


@contextlib.contextmanager
def running(*options: str) -> Iterator[Cluster]:
    """A cluster, stopped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder), options)
        try:
            yield cluster
        finally:
            cluster.stop()


def visit(browser: Browser, cluster: Cluster, port: int) -> Page:
    """The page in a browser of its own, on this process."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([cluster.cookie(port)])
    page = context.new_page()
    driver.open_page(page, f"{cluster.address}/{LINK}")
    (found,) = [each["value"] for each in context.cookies() if each["name"] == COOKIE]
    assert found == cluster.cookie(port)["value"], "the proxy has sent the browser to another process"
    return page


def _type_start(page: Page) -> None:
    box = page.locator(".st-key-mse_w0 input")
    box.fill("0.75")
    box.press("Enter")


def _turn_rate(page: Page) -> None:
    page.locator(".st-key-mse_lr_dial input[type=range]").first.focus()
    page.keyboard.press("ArrowLeft")


def _click_map(page: Page) -> None:
    # Each time elsewhere: the browser says nothing of a second click on the same place.
    page.mouse.click(*driver.spot(driver.panels(page)["map"], DRAW.uniform(0.2, 0.8), DRAW.uniform(0.2, 0.8)))


def _reset(page: Page) -> None:
    page.get_by_role("button", name="Reset").first.click()


# How a control is moved; the address tells whether that counted. The number input is bound to the address; the dial of
# the learning rate, the map and the button set the bound ones in a callback.
MOVES: dict[str, Callable[[Page], None]] = {
    "number input": _type_start, "dial": _turn_rate, "click on the map": _click_map, "Reset": _reset,
}  # fmt: skip


def moved(page: Page, name: str) -> bool:
    """Move a control; whether the page's settings are others after it."""
    before = page.url
    MOVES[name](page)
    driver.settle(page, 1200)
    return page.url != before


def trial(browser: Browser, cluster: Cluster, name: str, lid: bool) -> bool:
    """One line on what the first page does, and whether it came back with its picture while the second went on."""
    port, other = cluster.apps
    assert cluster.serves(port), "the proxy does not know the process"
    page, beside = visit(browser, cluster, port), visit(browser, cluster, other)
    before = driver.pixels(page, driver.panels(page)["map"])
    began = time.monotonic()
    if lid:
        cluster.cut(3 * KEPT)
        began = time.monotonic()
    else:
        cluster.kill(port)
        page.wait_for_function(f"() => !({driver.IDLE})()", timeout=PATIENCE * 1000)  # it has noticed
    page.wait_for_function(driver.IDLE, timeout=PATIENCE * 1000)
    back = time.monotonic() - began
    driver.settle(page, 1500)
    same = driver.changed(before, driver.pixels(page, driver.panels(page)["map"])) == 0
    first = moved(page, name)
    second = first or moved(page, name)
    undisturbed = lid or moved(beside, "number input")
    print(
        f"{'lid' if lid else 'kill -9':8} {name:17} back after {back:4.1f} s   "
        f"picture {'the same' if same else 'ANOTHER'}   first move {'counts' if first else 'UNDONE'}"
        f"{'' if first else ', second ' + ('counts' if second else 'UNDONE')}   "
        f"other page {'goes on' if undisturbed else 'DISTURBED'}",
        flush=True,
    )
    for each in (page, beside):
        each.context.close()
    if not lid:
        cluster.start_app(port)
        while not cluster.serves(port):
            time.sleep(0.2)
    return same and undisturbed and first


def _says(page: Page, text: str) -> bool:
    """Whether the page says this within a while."""
    try:
        page.get_by_text(text).first.wait_for(timeout=20_000)
    except PlaywrightError:
        return False
    return True


def class_trial(browser: Browser, cluster: Cluster) -> bool:
    """A teacher and a student on one process, a student on the other; the first process is killed after the vote."""
    port, other = cluster.apps

    def open_on(which: int, link: str, width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844})
        context.add_cookies([cluster.cookie(which)])
        page = context.new_page()
        page.goto(f"{cluster.address}/{link}")
        return page

    wall = open_on(port, "mse?teacher=true&mse_tab=Check&mse_question=same-surface", 1280)
    wall.get_by_role("button", name="Open a room").click(timeout=60_000)
    shown = wall.locator(".st-key-room_code")
    shown.wait_for(timeout=60_000)
    code = shown.inner_text().strip()
    phones = [open_on(which, f"?room={code}", 390) for which in (port, other)]
    for number, phone in enumerate(phones):
        phone.locator("[role=radiogroup] label").nth(number).click(timeout=60_000)
        phone.get_by_role("button", name="Vote", exact=True).click()
    results = {"votes arrive": all(_says(phone, "Your vote counts") for phone in phones)}
    results["the teacher sees both"] = _says(wall, "2 of 2 have voted")
    cluster.kill(port)
    for page in (wall, phones[0]):
        page.wait_for_function(f"() => !({driver.IDLE})()", timeout=PATIENCE * 1000)
        page.wait_for_function(driver.IDLE, timeout=PATIENCE * 1000)
    driver.settle(wall, 1500)
    results["the teacher's room is back"] = shown.inner_text().strip() == code and _says(wall, "2 of 2 have voted")
    results["the student's seat is back"] = _says(phones[0], "Your vote counts")
    wall.get_by_role("button", name="Reveal").click()
    answers = [_says(phone, "What is true.") or _says(phone, "Right.") for phone in phones]
    results["the answer arrives on both processes"] = all(answers)
    for what, fine in results.items():
        print(f"class, kill -9   {what}: {'yes' if fine else 'NO'}", flush=True)
    for page in (wall, *phones):
        page.context.close()
    return all(results.values())


def main() -> bool:
    """All trials; True if every page came back with its picture, no other was disturbed, and all votes were kept."""
    held = True
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
        for lid in (False, True):
            with running(*((f"--server.disconnectedSessionTTL={KEPT}",) if lid else ())) as cluster:
                for name in MOVES:
                    held &= trial(browser, cluster, name, lid)
        with running() as cluster:
            held &= class_trial(browser, cluster)
        browser.close()
    return held


if __name__ == "__main__":
    sys.exit(not main())
