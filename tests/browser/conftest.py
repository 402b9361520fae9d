"""One server and one browser for all tests here, a new tab for each. A missing browser is a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import driver
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

expect.set_options(timeout=60_000)  # ms: a run takes seconds on two busy cores, and students look every three
Visit = Callable[..., tuple[Page, driver.Watch]]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with driver.served() as url:
        yield url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as it:
        yield it


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """For contexts of one's own: a finger instead of a mouse, another zoom."""
    it = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
    yield it
    it.close()


@pytest.fixture(scope="session")
def profile(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser with a profile on the disk. It keeps Streamlit's compiled scripts, as a learner's does: a page opens
    in two thirds of the time of a context that has never seen it."""
    folder: Path = tmp_path_factory.mktemp("profile")
    it = playwright.chromium.launch_persistent_context(folder, executable_path=driver.chromium(), args=driver.FLAGS)
    yield it
    it.close()


@pytest.fixture
def visit(profile: BrowserContext, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """visit("mse?mse_lr=0.1") -> page, watch. At the end of the test: no error, no request to another host.

    `apart`: as somebody else, whose browser knows nothing of the other pages of the test. `until`: what the page has
    when it is there, if that is no stage. `script`: runs in the page before its own.
    """
    opened: list[tuple[Page, driver.Watch]] = []

    def go(
        path: str,
        width: int = 1280,
        height: int = 720,
        scheme: Literal["light", "dark"] = "light",
        server: str = address,
        apart: bool = False,
        until: str = "",
        script: str = "",
    ) -> tuple[Page, driver.Watch]:
        context = request.getfixturevalue("browser").new_context() if apart else profile
        page, watch = context.new_page(), driver.Watch(urlsplit(server).netloc)
        opened.append((page, watch))
        if not apart:
            driver.forget(page, server)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        watch.on(page)
        if script:
            page.add_init_script(script)
        driver.open_page(page, f"{server}/{path}", until or (driver.STAGE if path else "h1"))
        return page, watch

    yield go
    for page in profile.pages[1:]:  # the first one is the browser's own
        page.close()
    for page, watch in opened:
        if page.context is not profile:
            page.context.close()
        assert not watch.errors, watch.errors[:5]
        assert not watch.strangers, watch.strangers[:5]
