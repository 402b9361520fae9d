"""The lab in the browser: the curvature at the pointer, and the click on the sweep that runs a rate."""

from __future__ import annotations

import re

from driver import box_of, changed, frames, panels, pixels, settle, spot
from playwright.sync_api import expect

SWEEP = ".st-key-mse_sweep canvas"


def test_curvature_follows_the_pointer_and_a_click_on_the_sweep_runs_that_rate(visit):
    window, watch = visit("mse?mse_axes=true&mse_ab=true&mse_dataset=chapter+line&mse_tab=Look+closer&mse_closer=Sweep")
    stage = panels(window)["map"]
    words = {"x": stage["x"], "y": stage["y"] - 28, "width": stage["width"], "height": 16}
    assert (pixels(window, words).min(axis=-1) < 120).mean() > 0.02, "the two curvatures stand above the map"
    window.mouse.move(*spot(stage, 0.3, 0.3))
    frames(window)
    near = spot(stage, 0.6, 0.7)
    around = {"x": near[0] - 50, "y": near[1] - 50, "width": 100, "height": 100}
    before, text, sent = pixels(window, around), pixels(window, words), watch.frames
    window.mouse.move(*near)
    frames(window)
    assert changed(before, pixels(window, around)) > 0.05, "ring and cross are here now"
    assert changed(text, pixels(window, words)) == 0, "the curvature of this loss is the same everywhere"
    assert watch.frames == sent

    rate = window.get_by_label("Learning rate, exact", exact=True)
    own = rate.input_value()
    window.locator(SWEEP).first.scroll_into_view_if_needed()
    settle(window)
    window.mouse.click(*spot(box_of(window, SWEEP), 0.4, 0.5))
    settle(window)
    assert rate.input_value() != own
    assert f"mse_lr={rate.input_value()}" in window.url


def test_a_layer_is_the_same_map(visit):
    """The switch changes the picture in its place; the pointer costs nothing, and a click sets the start."""
    window, watch = visit("nonconvex")
    stage = panels(window)["map"]
    height = pixels(window, stage)
    window.locator(".st-key-nonconvex_layer").get_by_text("ends", exact=True).click()
    settle(window)
    assert "nonconvex_layer=ends" in window.url
    assert panels(window)["map"] == stage, "nothing has moved"
    assert changed(height, pixels(window, stage)) > 0.5
    sent = watch.frames
    window.mouse.move(*spot(stage, 0.7, 0.8))
    frames(window)
    assert watch.frames == sent
    before = window.url
    window.mouse.click(*spot(stage, 0.2, 0.8))
    settle(window)
    assert window.url != before
    assert "nonconvex_x0=-" in window.url
    assert "nonconvex_layer=ends" in window.url


def test_dial_and_box_show_the_rate_itself(visit):
    """At 0.78 the descent settles, at the next position of the dial, 0.8, it diverges."""
    window, watch = visit("mse?mse_lr=0.78")
    dial = window.locator(".st-key-mse_lr_dial")
    assert "0.78" in dial.inner_text().split()
    assert window.get_by_label("Learning rate, exact", exact=True).input_value() == "0.78"
    ruler = window.locator(".ruler")
    outer = ruler.bounding_box()
    for label in ruler.locator("span").all():
        box = label.bounding_box()
        assert outer["x"] <= box["x"], "no label leaves the panel"
        assert box["x"] + box["width"] <= outer["x"] + outer["width"]
        assert float(label.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 12
    dial.locator("input[type=range]").first.focus()
    window.keyboard.press("ArrowRight")
    settle(window)
    assert "mse_lr=0.8" in window.url
    expect(ruler).to_contain_text("diverges")
    mark, sent = ruler.locator("b"), len(watch.sent)
    at = mark.bounding_box()
    before, (x, y) = at["x"], (at["x"] + 6, at["y"] + 4)
    window.mouse.move(x, y)
    window.mouse.down()
    for step in range(1, 9):
        window.mouse.move(x - 5 * step, y)
    held = float(mark.inner_text())
    assert mark.bounding_box()["x"] < before - 30, "the mark is under the hand"
    assert len(watch.sent) == sent, "and the server is not asked while it moves"
    window.mouse.move(x - 40, y + 300)
    window.mouse.up()
    settle(window)
    assert f"mse_lr={held:g}" in window.url, "released anywhere, the rate counts"
    assert held < 0.788
    expect(ruler).to_contain_text(re.compile("settles|never overshoots"))
