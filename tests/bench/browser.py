"""The stage in a real browser: `python -m tests.bench --browser` (chromium needed, about three minutes).

The page's own clock gives every latency: from the event to the last drawing on the canvas. Where
browser and server share two cores, and WebGL and canvas are drawn by software, read the times as
upper bounds. The baseline, a 3-D figure of matplotlib that `st.pyplot` redraws, is measured in the
same run if matplotlib is installed; it is no part of the project.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import driver

LESSONS = ("mse", "logistic", "nonconvex", "network")

# The snippet that this project set out to improve on, as its chapter has it: 50 x 50 points, 8 x 6 inches, a figure
# a run; one slider added. It runs in a folder of its own, with Streamlit's own settings, as a user would run it.
CLASSICAL = """
import matplotlib.pyplot as plt
import numpy as np
import streamlit as st

noise = st.slider("Noise", 0.0, 1.0, 0.1, 0.01)
np.random.seed(0)
x = np.linspace(0, 1, 30)
y = 2 * x + 1 + noise * np.random.randn(30)
W, B = np.meshgrid(np.linspace(0, 4, 50), np.linspace(0, 2, 50))
loss = np.mean((W[..., None] * x + B[..., None] - y) ** 2, axis=-1)
figure = plt.figure(figsize=(8, 6))
axes = figure.add_subplot(projection="3d")
axes.plot_surface(W, B, loss, cmap="viridis", alpha=0.9)
axes.set_xlabel("Weight (w)")
axes.set_ylabel("Bias (b)")
axes.set_zlabel("MSE Loss")
axes.set_title("MSE Loss Surface for Linear Regression")
st.pyplot(figure)
plt.close(figure)
"""

# Starts Streamlit with a clock around each run of the script: wall and CPU milliseconds into a file.
CLOCKED = """
import sys, time
from streamlit.runtime.scriptrunner import exec_code, script_runner
run = exec_code.exec_func_with_error_handling
def clocked(*args, **kwargs):
    wall, cpu = time.perf_counter(), time.thread_time()
    try:
        return run(*args, **kwargs)
    finally:
        with open({log!r}, "a") as out:
            print(1e3 * (time.perf_counter() - wall), 1e3 * (time.thread_time() - cpu), file=out)
exec_code.exec_func_with_error_handling = script_runner.exec_func_with_error_handling = clocked
from streamlit.web.cli import main
main()
"""

# Notes the event, the last drawing on a visible canvas, the last picture loaded, and what the socket carried.
PROBE = """(() => {
  const P = window.probe = {};
  P.reset = () => Object.assign(P, {event: 0, drawn: 0, draws: 0, got: 0, frames: 0, bytes: 0, sent: 0});
  P.reset();
  const draw = () => { if (P.event) { P.drawn = performance.now(); P.draws++; } };
  const proto = CanvasRenderingContext2D.prototype;
  for (const name of ['clearRect', 'drawImage', 'fillRect', 'fill', 'stroke', 'fillText']) {
    const plain = proto[name];
    proto[name] = function () { if (this.canvas.isConnected) draw(); return plain.apply(this, arguments); };
  }
  document.addEventListener('load', e => { if (e.target?.tagName === 'IMG') draw(); }, true);
  for (const kind of ['pointermove', 'click', 'keydown'])
    addEventListener(kind, e => { if (!P.event) P.event = e.timeStamp; }, true);
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...a) {
      super(...a);
      this.addEventListener('message', e => {
        P.got = performance.now(); P.frames++; P.bytes += e.data.byteLength ?? e.data.size ?? e.data.length; });
    }
    send(data) { P.sent++; return super.send(data); }
  };
})();"""

QUIET = f"""ms => {{
  const P = window.probe;
  return P.drawn > P.event && P.got && performance.now() - Math.max(P.drawn, P.got) > ms && ({driver.IDLE})();
}}"""


@dataclass
class Sample:
    """What one page gave."""

    hover: list[float] = field(default_factory=list)  # ms from event to draw
    messages: int = 0  # while hovering and playing
    click: list[float] = field(default_factory=list)
    slider: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)  # kB of one rerun
    script: list[float] = field(default_factory=list)  # ms of CPU, slider moves only
    wall: list[float] = field(default_factory=list)
    played: list[float] = field(default_factory=list)  # steps a second


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.add_init_script(PROBE)
    page.goto(address)
    page.wait_for_selector(f"{driver.STAGE}, [data-testid=stImage] img", timeout=60_000)
    driver.settle(page, 1500)
    yield page
    context.close()


def acted(page: Page, act: Callable[[], Any], quiet: int = 250) -> dict[str, float]:
    """The probe after an action whose rerun and drawing are over."""
    page.evaluate("window.probe.reset()")
    act()
    page.wait_for_function(QUIET, arg=quiet, timeout=60_000, polling=25)
    return dict(page.evaluate("(({event, drawn, bytes}) => ({ms: drawn - event, kb: bytes / 1000}))(window.probe)"))


def hover(page: Page, sample: Sample, moves: int) -> None:
    box, rng = driver.panels(page)["map"], np.random.default_rng(0)
    page.mouse.move(*driver.spot(box, 0.5, 0.5))
    page.wait_for_timeout(300)
    before = page.evaluate("(window.probe.reset(), 0)")
    for across, up in rng.uniform(0.03, 0.97, (moves, 2)):
        page.evaluate("Object.assign(window.probe, {event: 0, drawn: 0})")
        page.mouse.move(*driver.spot(box, across, up))
        page.wait_for_timeout(70)  # and no look at the page meanwhile: asking in each frame would cost it 5 to 10 ms
        page.wait_for_function("window.probe.drawn > 0")
        sample.hover.append(page.evaluate("window.probe.drawn - window.probe.event"))
    sample.messages += page.evaluate("window.probe.frames + window.probe.sent") - before


def play(page: Page, sample: Sample, seconds: float) -> None:
    """At the player's own speed, and at the one above."""
    step = page.locator("input[type=range][name=step]")
    for speed in ("20", "40"):
        page.get_by_label("Steps a second").select_option(speed)
        step.focus()
        page.keyboard.press("Home")
        page.evaluate("window.probe.reset()")
        page.get_by_role("button", name="Play").click()
        page.wait_for_timeout(300)
        read = "[performance.now(), +document.querySelector('input[name=step]').value]"
        t0, k0 = page.evaluate(read)
        page.wait_for_timeout(1000 * seconds)
        t1, k1 = page.evaluate(read)
        page.get_by_role("button", name="Pause").click()
        sample.played.append(1e3 * (k1 - k0) / (t1 - t0))
        sample.messages += page.evaluate("window.probe.frames + window.probe.sent")


def measure(browser: Browser, address: str, lesson: str, log: Path, quick: bool) -> Sample:
    """The page as it opens; for playback a run that is long enough."""
    sample = Sample()
    with opened(browser, f"{address}/{lesson}?{lesson}_steps=400&{lesson}_methods=adam") as page:
        play(page, sample, 2 if quick else 5)
    with opened(browser, f"{address}/{lesson}") as page:
        hover(page, sample, 50 if quick else 200)
        box, rng = driver.panels(page)["map"], np.random.default_rng(1)
        for across, up in rng.uniform(0.1, 0.9, (5 if quick else 15, 2)):
            place = driver.spot(box, across, up)
            page.mouse.move(*place)
            page.wait_for_timeout(150)
            sample.click.append(acted(page, lambda place=place: page.mouse.click(*place))["ms"])
        dial = page.locator(f".st-key-{lesson}_lr_dial input[type=range]").first
        before = len(log.read_text().splitlines())
        for turn in range(8 if quick else 20):
            dial.focus()
            key = "ArrowLeft" if turn // 10 % 2 == 0 else "ArrowRight"
            done = acted(page, lambda key=key: page.keyboard.press(key))
            sample.slider.append(done["ms"])
            sample.size.append(done["kb"])
        for line in log.read_text().splitlines()[before:]:
            wall, cpu = map(float, line.split())
            sample.wall.append(wall)
            sample.script.append(cpu)
    return sample


def classical(browser: Browser, quick: bool) -> list[float]:
    """Slider to picture of the snippet's page, ms; empty without matplotlib."""
    if importlib.util.find_spec("matplotlib") is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "classical.py"
        script.write_text(CLASSICAL, encoding="utf-8")
        with driver.served(script, folder=script.parent) as address, opened(browser, address) as page:
            slider, times = page.locator("[data-testid=stSlider] input[type=range]").first, []
            for _ in range(8 if quick else 20):
                slider.focus()
                times.append(acted(page, lambda: page.keyboard.press("ArrowRight"))["ms"])
            return times


def report(quick: bool) -> bool:
    """Print one line a number, with its target; True if every target was met."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "runs"
        log.touch()
        browser = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
        print(f"Chromium {browser.version}, canvas drawn by software; server and browser on this machine")
        with driver.served(launcher=("-c", CLOCKED.format(log=str(log)))) as address:
            samples = {lesson: measure(browser, address, lesson, log, quick) for lesson in LESSONS}
        old = classical(browser, quick)
        browser.close()
    ok = True
    print(f"{'':44}{'':12}{'measured':>12}{'target':>12}")
    for lesson, seen in samples.items():
        rows = [
            (f"messages, {len(seen.hover)} moves and playback", seen.messages, "=", 0),
            ("pointer to drawn, p50, ms", np.median(seen.hover), "", 0),
            ("pointer to drawn, p95, ms", np.percentile(seen.hover, 95), "<=", 20),
            ("click to new paths drawn, p50, ms", np.median(seen.click), "<=", 200),
            ("slider to stage redrawn, p50, ms", np.median(seen.slider), "", 0),
            ("one rerun, largest, kB", max(seen.size), "<=", 60),
            ("script of a warm rerun, CPU p50, ms", np.median(seen.script), "<=", 25),
            ("script of a warm rerun, wall p50, ms", np.median(seen.wall), "", 0),
            ("playback at 20 a second, steps/s", seen.played[0], ">=", 19.5),
            ("playback at 40 a second, steps/s", seen.played[1], ">=", 20),
        ]
        if old:
            rows.insert(5, ("... times as fast as st.pyplot", np.median(old) / np.median(seen.slider), ">=", 2.5))
        for name, value, sign, bar in rows:
            held = {"=": value == bar, "<=": value <= bar, ">=": value >= bar, "": True}[sign]
            target = f"{sign} {bar:g}" if sign else ""
            print(f"{name:44}{lesson:12}{value:12.4g}{target:>12}{'' if held else '   MISSED'}")
            ok &= bool(held)
    if old:
        print(f"{'st.pyplot, slider to picture, p50, ms':44}{'baseline':12}{np.median(old):12.4g}")
    else:
        print(
            "The comparison with st.pyplot needs matplotlib: python -m pip install matplotlib, in a throw-away place."
        )
    return ok
