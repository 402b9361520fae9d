"""A live class in real browsers: a teacher, two students on phones, a look at what each of them may see."""

from __future__ import annotations

import io
import re
import time

import zxingcpp
from driver import box_of, eventually, settle
from PIL import Image
from playwright.sync_api import expect

from lossgeo.rooms import ALPHABET

QUESTION = "mse?teacher=true&mse_tab=Check&mse_question=same-surface"


def join(visit, code):
    """A phone in the room."""
    return visit(f"?room={code}", 390, 844, apart=True, until="[role=radiogroup]")


def vote(phone, number):
    phone.locator("[role=radiogroup] label").nth(number).click()
    settle(phone)
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect(phone.get_by_text("Your vote counts")).to_be_visible()


def test_a_teacher_and_two_students(visit, address):
    wall, _ = visit(QUESTION)
    wall.get_by_role("button", name="Open a room").click()
    shown = wall.locator(".st-key-room_code")
    expect(shown).to_have_text(re.compile(f"^[{ALPHABET}]{{5}}$"))
    code = shown.inner_text().strip()
    assert "room" not in wall.url, "the teacher's address does not name the room"
    settle(wall, 300)
    picture = io.BytesIO(wall.screenshot(clip=box_of(wall, ".st-key-room_bar .qr img")))
    assert zxingcpp.read_barcode(Image.open(picture)).text == f"{address}/?room={code}"

    (one, calls), (two, _) = join(visit, code), join(visit, code)
    for phone in (one, two):
        assert phone.locator("canvas").count() == 0, "no stage on a phone before one is asked for"
        assert not phone.get_by_role("button", name="Reveal").count()
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    clock = one.get_by_role("timer")
    before, sent, began = clock.inner_text(), len(calls.sent), time.monotonic()
    assert eventually(one, lambda: clock.inner_text() != before), "the countdown goes on by itself"
    assert len(calls.sent) - sent <= 1 + (time.monotonic() - began) / 3, "and asks nobody"
    vote(one, 0)
    expect(wall.get_by_text("1 of 2 have voted")).to_be_visible()
    vote(two, 1)
    expect(wall.get_by_text("2 of 2 have voted")).to_be_visible()
    assert wall.locator(".class-bars").count() == 0, "how they voted is hidden"

    one.reload()
    expect(one.get_by_text("Your vote counts")).to_be_visible()
    wall.reload()
    expect(wall.locator(".st-key-room_code")).to_have_text(code)
    expect(wall.get_by_text("2 of 2 have voted")).to_be_visible()
    stranger, _ = visit(QUESTION, apart=True, until=".st-key-round")
    assert stranger.locator(".st-key-room_code").count() == 0, "the teacher's address gives no right to the room"

    wall.get_by_text("Show the votes").click()
    expect(wall.locator(".class-bars")).to_be_visible()
    expect(one.locator(".class-bars")).to_be_visible()
    wall.get_by_role("button", name="Reveal").click()
    for phone in (one, two):
        expect(phone.get_by_text(re.compile(r"^(Right\.|Not this one\.)")).first).to_be_visible()

    sent, got = len(calls.sent), sum(calls.received)
    one.wait_for_timeout(9500)
    assert 2 <= len(calls.sent) - sent <= 5, "a phone looks for news every three seconds, not more often"
    assert sum(calls.received) - got < 8000, "and a look without news is small"


# What the server says reaches the page this much later, as on a slow line.
LATE = """
const heard = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
const later = (hear) => function (event) { setTimeout(() => hear.call(this, event), 1500); };
Object.defineProperty(WebSocket.prototype, "onmessage", { ...heard, set(hear) { heard.set.call(this, later(hear)); } });
const { addEventListener } = WebSocket.prototype;
WebSocket.prototype.addEventListener = function (kind, hear, ...more) {
  return addEventListener.call(this, kind, kind === "message" ? later(hear) : hear, ...more);
};
"""


def test_on_a_slow_line_reveal_stays(visit):
    """A look for news, every second, still reports the phase that was before: that takes nothing back."""
    wall, _ = visit(QUESTION, script=LATE)
    wall.get_by_role("button", name="Open a room").click()
    wall.get_by_role("button", name="Reveal").click()
    expect(wall.get_by_role("button", name="Hide")).to_be_visible()
    wall.wait_for_timeout(4000)
    expect(wall.get_by_role("button", name="Hide")).to_be_visible()
    expect(wall.get_by_role("radio", name="Answer", exact=True)).to_be_checked()


def test_starts_of_a_class_run_together(visit, address, browser):
    wall, _ = visit("nonconvex?teacher=true&nonconvex_tab=Check")
    wall.get_by_role("button", name="Open a room").click()
    expect(wall.locator(".st-key-room_code")).to_have_text(re.compile("^[A-Z]{5}$"))
    code = wall.locator(".st-key-room_code").inner_text().strip()
    hand = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = hand.new_page()
    phone.goto(f"{address}/?room={code}")
    expect(phone.locator("[role=radiogroup]").first).to_be_visible()
    settle(wall)
    wall.get_by_role("button", name="Let them choose starts").click()
    chart = phone.locator("canvas").first
    expect(chart).to_be_visible()
    settle(phone, 300)
    at = chart.bounding_box()
    phone.touchscreen.tap(at["x"] + 0.4 * at["width"], at["y"] + 0.4 * at["height"])
    expect(phone.get_by_text("Your point")).to_be_visible()
    expect(wall.get_by_text("1 of 1 have chosen a point")).to_be_visible()
    wall.get_by_role("button", name="Run", exact=True).click()
    slider = wall.locator("input[type=range][name=moment]")
    expect(slider).to_have_value("100")  # the playback has come to its end by itself
    drawn = "() => document.querySelector('.st-key-class_map canvas').toDataURL()"
    last = wall.evaluate(drawn)
    slider.focus()
    wall.keyboard.press("Home")
    assert eventually(wall, lambda: wall.evaluate(drawn) != last), "the slider moves the class"
    expect(phone.get_by_text("Your run ended")).to_be_visible()
    hand.close()


def test_the_first_move_after_a_lost_connection_counts(visit, address):
    """The server may have begun a new session meanwhile; see tests/cluster.py, which really ends a process."""
    window, watch = visit("mse?mse_lr=0.3")
    before = len(watch.sent)
    window.evaluate(
        """() => {
          const app = document.querySelector('[data-testid="stApp"]'), name = "data-test-connection-state";
          app.setAttribute(name, "PINGING_SERVER");
          setTimeout(() => app.setAttribute(name, "CONNECTED"), 100);
        }"""
    )
    window.wait_for_timeout(800)
    settle(window)
    assert len(watch.sent) == before + 1, "a page that is connected again runs at once"
