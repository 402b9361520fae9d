"""Memory of the server once every page, tab and 3-D surface was seen: `python -m tests.bench.memory` (Linux).

What a host needs: the app's own 350 MB at most, so that a machine with 600 MB has room for a class.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
import driver

MOST = 350  # MB
PAGES = ("mse", "logistic", "nonconvex")


def resident() -> float:
    """MB of this process's children that are Streamlit."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            command = (status.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if fields["PPid"] == str(os.getpid()) and b"streamlit" in command:
            total += float(fields["VmRSS"].split()[0]) / 1024
    return total


def main() -> int:
    with driver.served() as url, sync_playwright() as playwright:
        print(f"{resident():6.0f} MB  started")
        browser = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
        for page in PAGES:
            window = browser.new_page(viewport={"width": 1280, "height": 720})
            driver.open_page(window, f"{url}/{page}")
            for label in window.get_by_role("tab").all_inner_texts():
                window.get_by_role("tab", name=label, exact=True).click()
                driver.settle(window)
            window.locator(f".st-key-{page}_picture").get_by_text("3-D").click()
            window.wait_for_selector(".js-plotly-plot canvas", timeout=60_000)
            driver.settle(window, 1000)
            window.close()
            print(f"{resident():6.0f} MB  after {page} with its tabs and surface")
        most = resident()
    print(f"{most:6.0f} MB of at most {MOST}")
    return int(most > MOST)


if __name__ == "__main__":
    sys.exit(main())
