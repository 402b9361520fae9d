"""One server and one browser for all tests here, a fresh context for each. A missing browser is a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import driver
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

Visit = Callable[..., tuple[Page, driver.Watch]]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with driver.served() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = driver.chromium()
    with sync_playwright() as playwright:
        it = playwright.chromium.launch(executable_path=path, args=driver.FLAGS)
        yield it
        it.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """visit("mse?mse_lr=0.1") -> page, watch. At the end of the test: no error, no request to another host."""
    opened = []

    def go(path: str, width: int = 1280, height: int = 720, scheme: str = "light", server: str = address):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page, watch = context.new_page(), driver.Watch(urlsplit(server).netloc)
        opened.append((context, watch))
        watch.on(page)
        if path:
            driver.open_page(page, f"{server}/{path}")
        else:
            page.goto(server)
            page.wait_for_selector("h1")
            driver.settle(page, 500)
        return page, watch

    yield go
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        assert not watch.errors, watch.errors[:5]
        assert not watch.strangers, watch.strangers[:5]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Twice more before a browser test counts as failed: two browsers, two servers and software drawing share two
    cores, and some tests look at what happens within a frame or two. What is broken fails three times."""
    for item in items if config.pluginmanager.hasplugin("rerunfailures") else ():
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.flaky(reruns=2))
