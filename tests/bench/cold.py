"""From the start of the server to the first view, against an empty Streamlit app: `python -m tests.bench --cold`.

A fresh process, a fresh browser context, one page. The empty app shows one line of text, so its time is what
Streamlit itself needs: interpreter, server, browser bundle.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.browser import driver

BAR = 1.6
EMPTY = "import streamlit as st\nst.write('nothing')\n"
TEXT = "[data-testid=stMarkdown]"


def first_view(browser: Browser, script: Path, path: str, selector: str) -> float:
    """Seconds from the start of the server's process until the browser has painted the first view."""
    began = time.perf_counter()
    with driver.served(script) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page = context.new_page()
        page.goto(address + path)
        page.wait_for_selector(selector, timeout=90_000)
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        taken = time.perf_counter() - began
        context.close()
    return taken


def report(quick: bool) -> bool:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
        cases = {
            "empty app": (empty, "", TEXT),
            "start page": (driver.ROOT / "streamlit_app.py", "", TEXT),
            "/mse": (driver.ROOT / "streamlit_app.py", "/mse", driver.STAGE),
        }
        times: dict[str, list[float]] = {name: [] for name in cases}
        first_view(browser, *cases["empty app"])  # the disk's cache
        for _ in range(1 if quick else 5):
            for name, case in cases.items():
                times[name].append(first_view(browser, *case))
        browser.close()
    base = median(times["empty app"])
    print(f"{'empty app':14}{base:8.2f} s")
    ok = True
    for name in ("start page", "/mse"):
        ratio = median(times[name]) / base
        held = ratio <= BAR
        print(f"{name:14}{median(times[name]):8.2f} s{ratio:8.2f} x{'<= ' + str(BAR):>10}{'' if held else '   MISSED'}")
        ok &= held
    return ok
