"""What the hands can take on the stage: data points, the start, the ends of the model. The browser alone follows them;
the server hears of it once, when the button is let go."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from driver import STAGE, box_of, changed, frames, open_page, panels, pixels, settle
from PIL import Image
from playwright.sync_api import expect

from lossgeo.charts.style import ChartStyle
from lossgeo.views import yours
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import PAGES
from lossgeo.views.stage_data import data_window
from lossgeo.views.view import build

LAPTOP = ChartStyle("laptop")
DOT = (79, 109, 122)  # the colour of a data point


def built(page, **settings):
    return build(PAGES[page], choice_of(PAGES[page], {f"{page}_{k}": v for k, v in settings.items()}), LAPTOP)


def place(window, view, x, y):
    """Where the data point (x, y) is in the window."""
    whole, (width, height) = box_of(window, STAGE), LAPTOP.model
    x0, x1, y0, y1 = data_window(view)
    left, top = whole["x"] + whole["width"] - width - 5, whole["y"] + 2 * LAPTOP.font + 21
    return left + (x - x0) / (x1 - x0) * width, top + (y1 - y) / (y1 - y0) * height


def point(window, view, i):
    return place(window, view, float(view.data.x[i]), float(view.data.y[i]))


def the_map(window):
    return pixels(window, panels(window)["map"])


def hold(window, start, end, steps=8):
    """Press at the start and move to the end, without letting go."""
    window.mouse.move(*start)
    frames(window)
    window.mouse.down()
    frames(window)
    window.mouse.move(*end, steps=steps)
    frames(window)


def aside(window):
    """The pointer where it marks nothing."""
    window.mouse.move(640, 60)
    frames(window)


def pointer_of(window):
    return tuple(float(window.locator(f"input[name=hover_{name}]").input_value() or "nan") for name in "wb")


def test_a_dragged_point_bends_the_map_before_the_release_and_is_in_the_link_after_it(visit):
    window, watch = visit("mse")
    view = built("mse")
    before, sent = the_map(window), watch.frames
    x, y = point(window, view, 29)
    hold(window, (x, y), (x - 60, y + 70))
    held = the_map(window)
    assert changed(before, held) > 0.05, "contours and minimum follow the point"
    window.mouse.move(x - 20, y + 90, steps=4)
    frames(window)
    assert changed(held, the_map(window)) > 0.01
    assert watch.frames == sent, "dragging sends nothing"
    assert "mse_data" not in window.url
    window.mouse.up()
    settle(window, 300)
    assert watch.frames[0] == sent[0] + 1, "one message"
    assert "mse_dataset=yours" in window.url
    assert "mse_data=" in window.url
    aside(window)
    after = the_map(window)
    assert changed(before, after) > 0.05
    elsewhere, _ = visit(urlsplit(window.url)._replace(scheme="", netloc="").geturl().lstrip("/"))
    aside(elsewhere)
    assert changed(after, the_map(elsewhere)) < 0.01, "the link opens the same picture"
    window.get_by_role("button", name="Undo").click()
    settle(window, 300)
    aside(window)
    assert "mse_data=" not in window.url
    assert changed(before, the_map(window)) < 0.01, "undone, the picture is the old one"


WATCH = """([x, y, colour]) => {  // in each frame from now: how many pixels around (x, y) have the colour
  const canvas = document.querySelector('[data-testid=stVegaLiteChart] canvas'), found = (window.__found = []);
  const look = () => {
    const now = document.querySelector('[data-testid=stVegaLiteChart] canvas') || canvas;
    const box = now.getBoundingClientRect(), k = now.width / box.width;
    const d = now.getContext('2d').getImageData((x - box.left - 4) * k, (y - box.top - 4) * k, 8 * k, 8 * k).data;
    let n = 0;
    for (let i = 0; i < d.length; i += 4) n += [0, 1, 2].every((c) => Math.abs(d[i + c] - colour[c]) < 30);
    found.push(n);
    if (found.length < 90) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def test_the_point_does_not_jump_back_after_the_release(visit):
    """The old place stays empty in every frame, also before the server has answered."""
    window, _ = visit("mse?mse_w0=2&mse_b0=0.4")
    x, y = point(window, built("mse"), 12)
    window.evaluate(WATCH, [x, y, DOT])
    frames(window, 10)
    assert min(window.evaluate("window.__found")) > 5, "the point is seen at its place"
    hold(window, (x, y), (x, y - 40))
    window.evaluate(WATCH, [x, y, DOT])
    frames(window)
    window.mouse.up()
    settle(window, 300)
    found = window.evaluate("window.__found")
    assert len(found) > 5
    assert max(found) <= 3, f"the point was back at its old place in {sum(n > 3 for n in found)} frames"
    assert "mse_data=" in window.url


def test_a_release_outside_cancels(visit):
    window, watch = visit("mse")
    box = panels(window)
    x, y = point(window, built("mse"), 29)
    aside(window)
    before, sent = pixels(window, box["model"]), watch.frames
    for away, end in {
        "the curve": (box["loss"]["x"] + 150, box["loss"]["y"] + 60),
        "the page": (640, 60),
        "the map": (box["map"]["x"] + 100, box["map"]["y"] + 100),
    }.items():
        hold(window, (x, y), (x - 60, y + 70))
        window.mouse.move(*end, steps=6)
        window.mouse.up()
        window.wait_for_timeout(300)  # a message would have left by now
        assert watch.frames == sent, away
        assert "mse_data" not in window.url
        if away != "the map":  # over the map the model of the pointer changes, as it should
            window.mouse.move(x - 60, y + 100)
            frames(window)
            assert changed(before, pixels(window, box["model"])) < 0.1, f"something is still held after {away}"


def in_the_link(window, page):
    """The points that the address names, as a list of (x, y)."""
    said = parse_qs(urlsplit(window.url).query)[f"{page}_data"][0]
    data = yours.decode(said)
    return list(zip(data.x.tolist(), data.y.tolist(), strict=True))


def test_points_are_added_and_removed(visit):
    window, _ = visit("mse?mse_n=3&mse_edit=Add")
    window.mouse.click(*place(window, built("mse", n=3), 0.25, 2.5))
    settle(window)
    found = in_the_link(window, "mse")
    assert len(found) == 4
    assert np.abs(np.subtract(found[3], (0.25, 2.5))).max() < 0.06
    window.locator(".st-key-mse_edit").get_by_text("Remove", exact=True).click()
    settle(window)
    now = built("mse", dataset="yours", data=parse_qs(urlsplit(window.url).query)["mse_data"][0])
    window.mouse.click(*point(window, now, 0))
    settle(window)
    assert in_the_link(window, "mse") == found[1:]


def test_a_label_is_flipped(visit):
    window, _ = visit("logistic?logistic_dataset=separable%20four&logistic_edit=Flip")
    window.mouse.click(*point(window, built("logistic", dataset="separable four"), 0))
    settle(window)
    assert in_the_link(window, "logistic") == [(-2, 1), (-1, 0), (1, 1), (2, 1)]


def test_a_sample_moves_sideways_and_keeps_its_label(visit):
    window, _ = visit("logistic?logistic_dataset=separable%20four")
    x, y = point(window, built("logistic", dataset="separable four"), 1)
    hold(window, (x, y), (x + 80, y - 60))
    window.mouse.up()
    settle(window)
    found = in_the_link(window, "logistic")
    assert found[1][1] == 0
    assert found[1][0] > -0.5
    assert found[:1] + found[2:] == [(-2, 0), (1, 1), (2, 1)]


@pytest.mark.parametrize(("page", "first"), [("mse", "w"), ("logistic", "w"), ("nonconvex", "x")])
def test_the_start_is_dragged(visit, page, first):
    window, watch = visit(page)
    box = panels(window)["map"]
    # Two places tell which pixel is which point; from them follows where the start is.
    at = [(box["x"] + 60, box["y"] + 60), (box["x"] + 260, box["y"] + 260)]
    seen = []
    for spot in at:
        window.mouse.move(*spot)
        frames(window)
        seen.append(pointer_of(window))
    own = PAGES[page].usual()
    start = np.array([own[name] for name in PAGES[page].start])
    share = (start - seen[0]) / np.subtract(seen[1], seen[0])
    spot = np.add(at[0], share * np.subtract(at[1], at[0]))
    sent, before = watch.frames, the_map(window)
    window.mouse.move(*spot)
    frames(window)
    assert pointer_of(window) == tuple(start), "over the start, the pointer is at the start"
    hold(window, tuple(spot), at[1])
    assert watch.frames == sent
    assert changed(before, the_map(window)) > 0.002
    window.mouse.up()
    settle(window)
    assert watch.frames[0] == sent[0] + 1
    assert abs(float(window.get_by_label(f"Start {first}", exact=True).input_value()) - seen[1][0]) < 1e-9
    assert f"{page}_{first}0=" in window.url


def test_the_ends_of_the_line_move_the_pointer_of_the_map(visit):
    window, watch = visit("mse?mse_w0=2&mse_b0=1")
    view = built("mse", w0=2.0, b0=1.0)
    x0, x1, _, _ = data_window(view)
    right, left = x1 - 0.06 * (x1 - x0), x0 + 0.06 * (x1 - x0)
    before, sent = the_map(window), watch.frames
    start, end = place(window, view, right, 2 * right + 1), place(window, view, right, 1.5)
    hold(window, start, end)
    window.mouse.up()
    frames(window)
    w, b = pointer_of(window)
    assert abs(w * left + b - (2 * left + 1)) < 0.02, "the other end stays"
    assert abs(w * right + b - 1.5) < 0.05, "this end is under the pointer"
    assert changed(before, the_map(window)) > 0.002, "the ring has moved"
    window.mouse.move(start[0] - 150, start[1] + 20)
    frames(window)
    assert pointer_of(window) == (w, b), "let go, it stays"
    assert watch.frames == sent


def touch(session, kind, *spots):
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in spots]})


def test_a_finger_drags_a_point_and_the_page_does_not_scroll(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 720}, has_touch=True)
    try:
        window = context.new_page()
        open_page(window, f"{address}/mse")
        session, before = context.new_cdp_session(window), the_map(window)
        x, y = point(window, built("mse"), 29)
        x, y = x + 8, y - 8  # a finger does not hit the middle
        touch(session, "touchStart", (x, y))
        frames(window)
        for k in range(1, 9):
            touch(session, "touchMove", (x - 5 * k, y + 9 * k))
            frames(window, 2)
        frames(window)
        assert changed(before, the_map(window)) > 0.05, "the map follows the finger"
        touch(session, "touchEnd")
        settle(window, 300)
        assert "mse_dataset=yours" in window.url
        scrolled = "Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollTop))"
        assert window.evaluate(scrolled) == 0, "the page has not scrolled"
    finally:
        context.close()


def test_a_challenge_is_a_link(visit):
    window, _ = visit("mse?mse_challenge=line-by-hand")
    card = window.locator(".st-key-mse_challenge_card")
    expect(card).to_contain_text("Find the line by hand")
    expect(card).not_to_contain_text("Reached")
    for label, value in (("Start w", "1.92"), ("Start b", "1.08")):
        box = window.get_by_label(label, exact=True)
        box.fill(value)
        box.press("Enter")
        settle(window)
    expect(card).to_contain_text("Reached")
    with window.expect_download() as saved:
        card.get_by_role("button", name="Save as a picture").click()
    assert saved.value.suggested_filename == "lossgeo-line-by-hand.png"
    picture = Image.open(saved.value.path())
    assert picture.width > 1100
    top = np.asarray(picture.convert("L"))[:150]
    assert (top < 128).sum() > 500, "the title is on it"
    window.goto(window.url.split("/mse")[0])
    expect(window.get_by_text(re.compile("1 of .* challenges"))).to_be_visible()
    window.reload()
    expect(window.get_by_text(re.compile("1 of .* challenges"))).to_be_visible()
