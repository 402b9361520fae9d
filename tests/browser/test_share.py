"""Share in a browser: the link opens the very same picture elsewhere, its QR code says the same, files are whole."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ET
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import zxingcpp
from driver import ROOT, STAGE, box_of, changed, eventually, frames, panels, settle, spot
from PIL import Image
from playwright.sync_api import expect

from lossgeo.charts.surface3d import CAMERAS

STEP = "input[type=range][name=step]"
PICTURE = f"() => document.querySelector('{STAGE}').toDataURL()"


def share(window):
    """Press Share; the link in the dialog."""
    window.get_by_role("button", name="Share").click()
    window.wait_for_selector("[role=dialog] img")
    settle(window)
    return window.get_by_label("Link", exact=True).input_value()


def painted(url):
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(image.convert("RGB"))


def decoded(window):
    """What a camera reads off the screen."""
    box = box_of(window, "[role=dialog] img")
    assert min(box["width"], box["height"]) >= 380, "large enough for the back row"
    return zxingcpp.read_barcode(Image.open(io.BytesIO(window.screenshot(clip=box)))).text


def open_part(window, name):
    window.locator("[role=dialog]").get_by_text(name).click()
    settle(window)


def test_copied_is_said_only_where_it_is_true(visit):
    """A page around this one may forbid the clipboard. The older command for it then answers yes and does nothing."""
    window, _ = visit("mse")
    window.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('blocked')); }")
    share(window)
    button = window.locator("[role=dialog]").get_by_role("button", name="Cop")
    expect(button).to_have_text("Copy")
    button.click()
    expect(button).to_have_text("Copy")


@pytest.mark.parametrize("page", ["mse", "nonconvex"])
def test_a_shared_link_opens_the_same_picture_elsewhere(visit, page):
    link = {
        "mse": "mse?mse_dataset=cars&mse_lr=0.001&mse_methods=adam&mse_methods=gradient+descent&mse_w0=7&utm_source=x",
        "nonconvex": "nonconvex?nonconvex_landscape=beale&nonconvex_x0=-1&nonconvex_y0=1.25&nonconvex_zoom=2.0",
    }[page]
    window, watch = visit(link)
    window.mouse.click(*spot(panels(window)["map"], 0.6, 0.3))
    settle(window)
    window.mouse.move(*spot(panels(window)["map"], 0.3, 0.45))
    window.mouse.move(2, 300)
    window.locator(STEP).focus()
    window.keyboard.press("Home")
    for _ in range(7):
        window.keyboard.press("ArrowRight")
    frames(window, 12)
    before, sent = window.evaluate(PICTURE), watch.frames
    link = share(window)
    assert watch.frames > sent
    said = parse_qs(urlsplit(link).query)
    assert said[f"{page}_step"] == ["7"]
    assert "mse_momentum" not in said, "what is as usual is left out"
    assert decoded(window) == link
    window.screenshot(path=ROOT / "tests" / "artefacts" / f"share-{page}.png")

    other, calls = visit(link.split("/", 3)[3])
    expect(other.locator(STEP)).to_have_value("7")
    after = other.evaluate(PICTURE)
    if page == "mse":
        assert after == before, "pixel for pixel"
    else:  # Vega draws pieces of one contour in the order in which they came to be: edges may differ by a shade
        assert changed(painted(before), painted(after)) < 2e-4
    assert other.locator("[data-testid=stToast]").count() == 0
    sent = calls.frames
    other.locator(STEP).focus()
    other.keyboard.press("ArrowRight")
    other.mouse.move(*spot(panels(other)["map"], 0.8, 0.8))
    other.mouse.move(*spot(panels(other)["map"], 0.7, 0.8))
    frames(other, 12)
    assert calls.frames == sent, "stepping and hovering are no business of the server"
    assert f"{page}_step" not in other.url, "the address claims no step that has passed"
    pointer = other.locator("input[name=hover_w]").input_value()
    rate = other.get_by_label("Learning rate, exact", exact=True)
    rate.fill("0.0015")
    rate.press("Enter")
    settle(other)
    expect(other.locator(STEP), "the link sets the step once, not after every change").to_have_value("8")
    expect(other.locator("input[name=hover_w]")).to_have_value(pointer)


def test_opening_survives_a_change_of_layout_and_clamps(visit):
    """A phone gets its layout a moment after the first drawing: the step of the link must outlive that."""
    window, _ = visit("mse?mse_step=99999&mse_steps=20&mse_b=1.5&mse_w=-0.5", 390, 844)
    expect(window.locator(STEP)).to_have_value("20")  # drawn and not yet fitted to the run, it says 2000 for a frame
    expect(window.locator("input[name=hover_w]")).to_have_value("-0.5")
    window, _ = visit("mse?mse_step=12.4", 390, 844)
    expect(window.locator(STEP)).to_have_value("12")


def test_a_camera_turned_by_hand_travels_with_the_link(visit):
    eye = "() => document.querySelector('.js-plotly-plot')?._fullLayout?.scene?.camera?.eye"
    window, _ = visit("mse?mse_picture=3-D&mse_camera=above&mse_eye=0.4,2,0.6")
    assert eventually(window, lambda: window.evaluate(eye) == {"x": 0.4, "y": 2, "z": 0.6})
    assert parse_qs(urlsplit(share(window)).query)["mse_eye"] == ["0.4,2,0.6"]
    window, _ = visit("mse?mse_picture=3-D&mse_camera=above")
    there = eventually(window, lambda: (window.evaluate(eye) or {}).get("z") == CAMERAS["above"]["z"])
    assert there, "the named view of a link"
    assert "mse_eye" not in share(window)


def test_files_are_whole_and_say_what_they_show(visit, tmp_path):
    window, _ = visit("mse?mse_lr=0.3")
    link = share(window)
    open_part(window, "Save as a file")
    files = {}
    for button, suffix in (
        ("Stage as PNG", "png"), ("Stage as SVG", "svg"), ("Steps as CSV", "csv"), ("Surface as a web page", "html"),
        ("Interactive page", "page"),
    ):  # fmt: skip
        window.mouse.move(2, 2)  # the tip of a button may lie over its neighbour
        with window.expect_download(timeout=30_000) as download:
            window.get_by_role("button", name=button).click()
        name = {"page": ".html", "html": "-surface.html"}.get(suffix, f".{suffix}")
        assert download.value.suggested_filename == f"lossgeo-mse-chapter-line-lr0.3-gradient-descent{name}"
        files[suffix] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[suffix])
    picture = Image.open(files["png"])
    picture.load()
    assert picture.width > 800
    assert len(picture.convert("RGB").getcolors(10**7)) > 20
    drawing = ET.parse(files["svg"]).getroot()
    assert drawing.tag.endswith("svg")
    assert link in next(drawing.iter("{http://www.w3.org/2000/svg}desc")).text
    assert sum(1 for _ in drawing.iter("{http://www.w3.org/2000/svg}path")) > 50
    assert f"# {link}" in files["csv"].read_text().splitlines()
    surface = window.context.new_page()
    surface.route("http*://**", lambda route: route.abort())
    surface.goto(files["html"].as_uri())
    surface.wait_for_selector(".js-plotly-plot canvas", timeout=30_000)
    alone = window.context.new_page()
    alone.goto(files["page"].as_uri())
    alone.wait_for_selector("[data-alive]")
    assert link in [a.get_attribute("href") for a in alone.get_by_role("link").all()]


def test_a_link_for_a_class_hides_and_locks(visit):
    window, _ = visit("mse")
    share(window)
    open_part(window, "Prepare it for a class")
    for label, option in (("Hide", "Learning rate"), ("Show, but lock", "Start")):
        window.get_by_role("combobox", name=label, exact=False).click()
        window.get_by_role("option", name=option, exact=True).click()
        settle(window)
        window.keyboard.press("Tab")
    link = window.get_by_label("Link", exact=True).input_value()
    assert "hide=lr" in link
    assert "lock=start" in link
    assert decoded(window) == link
    window.screenshot(path=ROOT / "tests" / "artefacts" / "share-class.png")
    other, _ = visit(link.split("/", 3)[3])
    expect(other.locator(".st-key-mse_methods")).to_be_visible()
    assert not other.locator(".st-key-mse_lr").is_visible()
    assert not other.locator(".st-key-mse_lr_dial").is_visible()
    start = other.get_by_label("Start w", exact=True)
    assert start.is_disabled()
    was = start.input_value()
    other.mouse.click(*spot(panels(other)["map"], 0.7, 0.7))
    settle(other)
    assert start.input_value() == was, "a click does not move a locked start"
    share(other)
    open_part(other, "Prepare it for a class")
    other.get_by_role("button", name="Show everything here").click()
    settle(other, 300)
    expect(other.locator(".st-key-mse_lr")).to_be_visible()
    assert "hide" not in other.url
