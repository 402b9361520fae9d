"""The start page in a browser: the stage descends as the package does, cards are links, progress survives a reload."""

from __future__ import annotations

import json

import numpy as np
import pytest
from driver import STAGE, box_of, eventually, settle, spot
from playwright.sync_api import expect

from lossgeo.charts.style import ChartStyle
from lossgeo.teaching.progress import MOST_BYTES, Progress, dumps, loads
from lossgeo.ui.learn.start_page import RATE, STEPS
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import MSE
from lossgeo.views.view import build

READ = "() => localStorage.getItem('lossgeo-progress')"
WRITE = "text => localStorage.setItem('lossgeo-progress', text)"
MINE = Progress().noted(1, beat=6, predicted=0, confidence="guess", seen=0, why="my own words").noted(2, beat=2)
CONTINUE = "Continue: lesson 2, Observe"
START = "Start lesson 1, 7 minutes"


def main_button(window):
    return window.locator(".st-key-home_go button").first


def reload(window, kept=None):
    """Load the page again, with this in the browser's storage."""
    if kept is not None:
        window.evaluate(WRITE, kept)
    window.reload()
    window.wait_for_selector("h1")
    settle(window, 300)


# --- the stage, the cards, what is in sight ---------------------------------------------------------------------------


def test_a_click_starts_the_descent_that_the_package_computes(visit):
    window, watch = visit("")
    window.mouse.move(*spot(box_of(window, "#map"), 0.7, 0.7))
    before = len(watch.sent)
    window.mouse.click(*spot(box_of(window, "#map"), 0.75, 0.75))
    window.wait_for_selector("#map[data-run]", timeout=20_000)
    start, end = json.loads(window.locator("#map").get_attribute("data-run"))
    (w0, w1), (b0, b1) = build(MSE, choice_from(MSE, {}), ChartStyle()).window
    assert w0 + 0.6 * (w1 - w0) < start[0] < w1
    assert b0 + 0.6 * (b1 - b0) < start[1] < b1, "the descent starts where the click was"
    loss, point = build(MSE, choice_from(MSE, {}), ChartStyle()).loss, np.array(start)
    for _ in range(STEPS):
        point = point - RATE * loss.gradient(point)
    np.testing.assert_allclose(end, point, rtol=1e-9, err_msg="the browser's descent is not that of the package")
    expect(window.locator("#now")).to_contain_text(f"step {STEPS}")
    assert len(watch.sent) == before, "the descent asked the server"


@pytest.mark.parametrize(("width", "height", "seen"), [(1280, 720, "card"), (390, 844, "stage")])
def test_the_first_screen_has_what_one_needs(visit, width, height, seen):
    window, _ = visit("", width=width, height=height)
    wanted = {"heading": "h1", "button": ".st-key-home_go button", "map": "#map", "model": "#model"}
    if seen == "card":
        wanted |= {f"card {page}": f".st-key-home_card_{page}" for page in ("mse", "logistic", "nonconvex")}
    low = {name: box["y"] + box["height"] for name, box in ((n, box_of(window, s)) for n, s in wanted.items())}
    assert max(low.values()) <= height, f"below the edge of the window at {height}: {low}"
    assert window.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_whole_card_is_a_link_and_no_empty_sidebar_stays(visit):
    window, _ = visit("")
    card = box_of(window, ".st-key-home_card_logistic")
    window.mouse.click(card["x"] + card["width"] - 8, card["y"] + card["height"] - 8)
    window.wait_for_url("**/logistic*")
    window.wait_for_selector(STAGE, timeout=60_000)
    settle(window)
    window.get_by_role("link", name="Start here").click()
    window.wait_for_selector("#map image")
    settle(window)
    expect(window.get_by_test_id("stSidebar")).to_be_hidden()
    window.get_by_role("link", name="Lesson 3").focus()
    window.keyboard.press("Enter")
    window.wait_for_url("**/mse?*mse_lesson=3*")
    settle(window)
    assert "mse_tab=Learn" in window.url


# --- what the browser keeps -------------------------------------------------------------------------------------------


def test_progress_survives_a_reload_and_forget_erases_it(visit):
    window, _ = visit("mse?mse_lesson=2&mse_part=Predict")
    window.get_by_role("button", name="Next: Observe").click()
    settle(window)
    kept = eventually(window, lambda: loads(window.evaluate(READ)).lesson(2).beat == 2)
    assert kept, "a step in a lesson, which reruns alone, was not kept"
    reload(window)
    window.get_by_role("link", name="Start here").click()
    expect(main_button(window)).to_have_text(CONTINUE)
    window.get_by_role("button", name="Forget").click()
    window.get_by_role("button", name="Erase all of it").click()
    expect(main_button(window)).to_have_text(START)
    assert eventually(window, lambda: window.evaluate(READ) is None)
    reload(window)
    expect(main_button(window)).to_have_text(START)


def test_a_change_that_never_came_is_asked_for_again(visit):
    """A run that is overtaken by the next one may take its messages with it."""
    window, _ = visit("mse?mse_lesson=2&mse_part=Predict")
    window.get_by_role("button", name="Next: Observe").click()
    settle(window)
    window.evaluate("() => { document.lossgeoKept.revision = 0; localStorage.clear(); }")  # as if it had not come
    window.get_by_role("link", name="Start here").click()
    window.wait_for_function(READ, timeout=20_000)
    assert loads(window.evaluate(READ)).lesson(2).beat == 2


def test_what_one_tab_does_the_other_knows(visit):
    window, _ = visit("")
    reload(window, dumps(MINE))
    other = window.context.new_page()
    other.goto(window.url)
    other.wait_for_selector("#map image")
    settle(other)
    expect(main_button(other)).to_have_text(CONTINUE)
    other.get_by_role("button", name="Forget").click()
    other.get_by_role("button", name="Erase all of it").click()
    expect(main_button(window)).to_have_text(START)


def test_remember_off_keeps_nothing_and_reads_nothing(visit, address):
    window, _ = visit("")
    kept = dumps(MINE)
    window.evaluate(WRITE, kept)
    window.goto(f"{address}/mse?mse_lesson=3&mse_part=Predict&remember=off")
    window.wait_for_selector(STAGE, timeout=60_000)
    settle(window, 300)
    window.get_by_role("button", name="Next: Observe").click()
    settle(window)
    window.get_by_role("link", name="Start here").click()
    expect(main_button(window)).to_contain_text("lesson 3")  # its own work, nothing of what was kept
    assert "remember=off" in window.url
    assert window.evaluate(READ) == kept, "it wrote into the storage"


HOSTILE = {
    "too long": "x" * (MOST_BYTES + 100_000),
    "a wrong value": dumps(MINE).replace('"beat": 2', '"beat": 99'),
}


def test_what_is_damaged_in_the_storage_gets_one_sentence_and_the_rest_goes_on(visit):
    window, _ = visit("")
    for name, text in HOSTILE.items():
        reload(window, text)
        expect(window.get_by_text("could not be read"), name).to_be_visible()
        expect(main_button(window), name).to_have_text(START)


def test_a_browser_without_storage_says_so(visit):
    window, _ = visit("")
    window.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })")
    reload(window)
    expect(window.get_by_text("This browser keeps nothing")).to_be_visible()
