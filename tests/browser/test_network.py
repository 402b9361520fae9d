"""The page of networks in a real browser: the boundary follows the pointer, a plane is a choice, a phone is enough."""

from __future__ import annotations

from driver import STAGE, changed, eventually, frames, panels, pixels, settle, spot
from playwright.sync_api import expect

STEP = "input[type=range][name=step]"


def test_the_boundary_follows_the_pointer_and_another_plane_is_another_map(visit):
    window, watch = visit("network")
    boxes = panels(window)
    before, sent = {name: pixels(window, box) for name, box in boxes.items()}, watch.frames
    for place in ((0.3, 0.3), (0.8, 0.4), (0.9, 0.9)):
        window.mouse.move(*spot(boxes["map"], *place))
        frames(window)
        now = {name: pixels(window, box) for name, box in boxes.items()}
        assert changed(before["model"], now["model"]) > 0.01, "the boundary of the network under the pointer"
        assert changed(before["readout"], now["readout"]) > 0.005
        assert changed(before["loss"], now["loss"]) == 0, "the runs do not depend on the pointer"
        before = now
    assert watch.frames == sent, "the browser alone works it out"

    window.locator(STEP).focus()
    window.keyboard.press("Home")
    frames(window)
    first = pixels(window, boxes["model"])
    window.get_by_role("button", name="Play", exact=True).click()
    assert eventually(window, lambda: int(window.locator(STEP).input_value()) > 0)
    assert eventually(window, lambda: changed(first, pixels(window, boxes["model"])) > 0.002), "the boundaries stand"
    assert watch.frames == sent, "and nothing is sent"
    expect(window.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=20_000)

    seen = pixels(window, boxes["map"])
    window.get_by_role("combobox", name="Plane through its weights").click()
    window.get_by_role("option", name="two largest curvatures").click()
    settle(window, 300)
    assert "network_plane=two+largest+curvatures" in window.url.replace("%20", "+")
    assert changed(seen, pixels(window, boxes["map"])) > 0.3
    start = window.get_by_label("Start a", exact=True)
    old = start.input_value()
    window.mouse.click(*spot(boxes["map"], 0.3, 0.6))
    settle(window)
    assert start.input_value() != old, "a click sets the start"
    assert "network_a0=" in window.url


def test_on_a_phone_nothing_is_wider_than_the_window(visit):
    phone, _ = visit("network", 390, 844, "dark")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    at = phone.locator(STAGE).first.bounding_box()
    assert at["x"] >= 0
    assert at["x"] + at["width"] <= 391, "the map is whole"
    assert at["y"] < 140, "and at the top"
    expect(phone.get_by_role("button", name="Play", exact=True)).to_be_in_viewport()
