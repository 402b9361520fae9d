"""What a visitor sees: painted surfaces in every window and theme, nothing broken, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import driver
import numpy as np
import pytest
from driver import STAGE, box_of, changed, colours, pixels, settle
from playwright.sync_api import expect

ARTEFACTS = driver.ROOT / "tests" / "artefacts"
GROUND = {"light": (255, 255, 255), "dark": (0x10, 0x17, 0x1C)}


def share_of(picture, colour):
    """Share of the pixels within a few levels of a colour."""
    return float((np.abs(picture.astype(int) - colour).max(axis=-1) <= 6).mean())


# Every page at a projector's size; a phone and the dark theme on two of them, as the code is the same for all.
PAINTED = [(page, 1280, 720, "light") for page in ("home", "mse", "logistic", "nonconvex")] + [
    ("mse", 390, 844, "light"),
    ("nonconvex", 390, 844, "dark"),
    ("logistic", 1280, 720, "dark"),
]


@pytest.mark.parametrize(("page", "width", "height", "scheme"), PAINTED)
def test_painted(visit, page, width, height, scheme):
    window, _ = visit("" if page == "home" else page, width, height, scheme)
    ARTEFACTS.mkdir(exist_ok=True)
    window.screenshot(path=ARTEFACTS / f"{page}-{width}x{height}-{scheme}.png")
    assert window.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
    assert window.evaluate("document.scrollingElement.scrollWidth") <= width
    whole = pixels(window, {"x": 0, "y": 0, "width": width, "height": height})
    assert share_of(whole, GROUND[scheme]) > 0.2, "the page is on the theme's ground"
    if page == "home":
        return
    stage = box_of(window, STAGE)
    assert stage["x"] >= 0
    assert stage["x"] + stage["width"] <= width
    if width < 500:
        assert stage["height"] > 1.5 * stage["width"], "panels under each other"
        side, window_box = 240, {"x": stage["x"] + 60, "y": stage["y"] + 40, "width": 240, "height": 240}
    else:
        assert stage["width"] > 1.5 * stage["height"], "panels beside each other"
        side, window_box = 300, driver.panels(window)["map"]
        assert stage["y"] + stage["height"] <= height, "the stage fits the window without scrolling"
        step = box_of(window, "input[type=range][name=step]")
        assert step["y"] + step["height"] <= height
        model = pixels(window, driver.panels(window)["model"])
        assert colours(model) > 6
        assert share_of(model, GROUND[scheme]) > 0.2, "the panels are transparent to the theme"
        readout = pixels(window, driver.panels(window)["readout"]).astype(int)
        contrast = np.abs(readout - GROUND[scheme]).max(axis=-1)
        assert (contrast > 150).mean() > 0.01, "the numbers are legible on this ground"
    surface = pixels(window, window_box)
    assert surface.shape[1] >= side - 1
    assert colours(surface) > 12
    assert share_of(surface, GROUND[scheme]) < 0.1


@pytest.mark.parametrize("page", ["mse"])
def test_wide_window_shows_map_and_surface(visit, page):
    window, _ = visit(page, 1920, 1080)
    window.wait_for_selector(".js-plotly-plot canvas", timeout=60_000)
    settle(window, 500)
    window.screenshot(path=ARTEFACTS / f"{page}-1920x1080-light.png")
    stage, solid = box_of(window, STAGE), box_of(window, ".js-plotly-plot")
    assert colours(pixels(window, solid)) > 30
    assert stage["x"] + stage["width"] <= solid["x"], "the stage runs into the surface, or is cut off there"
    column = window.locator(STAGE).first.evaluate(
        """c => { const right = [];
        for (let e = c.closest('[data-testid=stVegaLiteChart]'); e; e = e.parentElement)
            right.push(e.getBoundingClientRect().right);
        return Math.min(...right); }"""
    )
    assert stage["x"] + stage["width"] <= column + 1, "the stage is wider than its column"


def test_resizing_the_window_changes_the_layout(visit):
    window, _ = visit("mse")
    before = box_of(window, STAGE)
    window.set_viewport_size({"width": 420, "height": 900})
    window.wait_for_function(
        "() => { const c = document.querySelector('[data-testid=stVegaLiteChart] canvas');"
        " return c && c.clientHeight > 1.5 * c.clientWidth; }",
        timeout=30_000,
    )
    settle(window)
    assert box_of(window, STAGE)["width"] < before["width"]


def test_deep_link_is_the_first_request_of_a_fresh_server(visit):
    """Streamlit would run the page's file alone, without the navigation, and forget the address."""
    with driver.served() as url:
        link = "mse?mse_dataset=cars&mse_methods=momentum&mse_methods=adam"
        window, _ = visit(link, server=url)
        assert window.locator(".st-key-mse_dataset input").input_value() == "cars"
        for title in ("Start here", "The bowl", "The slope", "The mountains"):
            assert window.get_by_role("link", name=re.compile(title)).count() > 0
        chosen = window.locator(".st-key-mse_methods").inner_text()
        assert "adam" in chosen
        assert "momentum" in chosen
        assert "mse_dataset=cars" in window.url
        window.goto("about:blank")  # the server stops first: no complaint about a lost connection


HEIGHTS = """() => {
  const seen = new Set(), look = () => {
    const card = document.querySelector('.st-key-home_card_logistic');
    if (card?.children.length === 3) seen.add(Math.round(card.getBoundingClientRect().height));
    requestAnimationFrame(look);
  };
  look();
  window.heights = seen;
}"""


def test_start_page_stands_still_and_asks_the_server_for_nothing_more(browser, address):
    """A card has its height before its picture and its link come. A run that follows the first one would take a
    learner back who has clicked a card meanwhile."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    window, watch = context.new_page(), driver.Watch(urlsplit(address).netloc)
    watch.on(window)
    window.add_init_script(f"({HEIGHTS})()")
    window.goto(address)
    window.wait_for_selector("#map image")
    settle(window, 500)
    heights = window.evaluate("() => [...window.heights]")
    context.close()
    assert len(heights) == 1, heights
    assert len(watch.sent) == 1, "the page has asked for more than its first run"


def test_navigation_keeps_settings(visit):
    window, _ = visit("")
    window.get_by_role("link", name=re.compile("The bowl: MSE")).first.click()
    window.wait_for_selector(STAGE)
    settle(window, 300)
    start = window.get_by_label("Start w")
    start.fill("1.5")
    start.press("Enter")
    settle(window)
    window.get_by_role("link", name=re.compile("The slope: logistic")).first.click()
    window.wait_for_url("**/logistic*")
    window.wait_for_selector(".st-key-logistic_stage canvas")
    settle(window, 300)
    assert "mse_" not in window.url
    window.get_by_role("link", name=re.compile("The bowl: MSE")).first.click()
    window.wait_for_url("**/mse*")
    window.wait_for_selector(".st-key-mse_stage canvas")
    settle(window, 300)
    assert float(window.get_by_label("Start w").input_value()) == 1.5


@pytest.mark.parametrize("page", ["logistic"])
def test_heavy_script_of_the_surface_waits_until_asked_for(visit, page):
    window, watch = visit(page)
    assert not [address for address in watch.addresses if "plotly" in address.lower()]
    window.locator(f".st-key-{page}_picture").get_by_text("3-D").click()
    window.wait_for_selector(".js-plotly-plot canvas", timeout=60_000)
    assert [address for address in watch.addresses if "plotly" in address.lower()]


@pytest.mark.parametrize("page", ["nonconvex"])
def test_stage_has_a_name_with_its_numbers(visit, page):
    """For who cannot see the canvas; it follows every rerun."""
    window, _ = visit(page)

    def name():
        return window.locator("[data-testid=stVegaLiteChart][role=graphics-document]").first.get_attribute("aria-label")

    before = name()
    assert re.match(r"Map of .* from [−\d].* Start at", before)
    start = window.get_by_label("Start w" if page != "nonconvex" else "Start x")
    start.fill("1.25")
    start.press("Enter")
    settle(window)
    assert name() != before
    assert "1.25" in name()


def test_theme_can_change_while_the_page_is_open(visit):
    window, _ = visit("mse")
    window.emulate_media(color_scheme="dark")
    settle(window, 500)
    assert share_of(pixels(window, box_of(window, "[data-testid=stMain]")), GROUND["dark"]) > 0.2
    readout = pixels(window, driver.panels(window)["readout"])
    assert (readout.max(axis=-1) > 190).mean() > 0.01, "light words on the dark ground"
    assert changed(readout, np.zeros_like(readout)) > 0


def test_concept_check_opens_its_counterexample(visit):
    """A wrong answer is explained, and one button sets the page to the state that refutes it."""
    window, _ = visit("mse?mse_tab=Check")
    window.get_by_text("They have exactly one lowest point").click()
    settle(window)
    window.locator("[data-testid=stButtonGroup]").get_by_text("certain").click()
    settle(window)
    window.get_by_role("button", name="Check my answer").click()
    window.wait_for_selector("text=Not this one")
    settle(window)
    window.get_by_role("button", name="Show it on the stage").click()
    settle(window, 300)
    expect(window.locator(".st-key-mse_dataset input")).to_have_value("same x")
    assert "mse_dataset=same+x" in window.url
    window.get_by_role("button", name="Undo").click()
    settle(window)
    expect(window.locator(".st-key-mse_dataset input")).to_have_value("chapter line")


def test_the_panels_tabs_share_a_row_in_a_narrow_sidebar(visit):
    """The first visitor of a cold server may get Streamlit's own width, set before the page has said another."""
    script = "localStorage.setItem('sidebarWidth', '300')"
    window, _ = visit("network", script=script)
    assert box_of(window, "[data-testid=stSidebar]")["width"] == 300
    assert box_of(window, ".st-key-network_panel_box [data-testid=stButtonGroup]")["height"] < 40
