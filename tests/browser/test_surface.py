"""The 3-D surface: painted, with named views, and the camera stays where the reader turned it."""

from __future__ import annotations

import driver
import pytest
from driver import box_of, colours, pixels, settle, spot

from lossgeo.charts.surface3d import CAMERAS

LESSONS = ("mse", "logistic", "nonconvex")


def eye_of(window, page):
    eye = window.evaluate(
        f"() => document.querySelector('.st-key-{page}_solid .js-plotly-plot')?._fullLayout?.scene?.camera?.eye"
    )
    return tuple(eye[axis] for axis in "xyz")


def open_surface(visit, page):
    window, watch = visit(page)
    window.locator(f".st-key-{page}_picture").get_by_text("3-D").click()
    window.wait_for_selector(f".st-key-{page}_solid .js-plotly-plot canvas", timeout=60_000)
    settle(window, 2000)
    return window, watch


def turn(window, page, by):
    x, y = spot(box_of(window, f".st-key-{page}_solid .js-plotly-plot"), 0.5, 0.45)
    window.mouse.move(x, y)
    window.mouse.down()
    window.mouse.move(x + by[0] / 2, y + by[1] / 2, steps=4)
    window.mouse.move(x + by[0], y + by[1], steps=4)
    window.mouse.up()
    window.wait_for_timeout(600)


def same(one, other):
    return one == pytest.approx(other, abs=1e-3)


@pytest.mark.parametrize("page", ["mse"])
def test_camera_survives_reruns(visit, page):
    window, _ = open_surface(visit, page)
    window.screenshot(path=driver.ROOT / "tests" / "artefacts" / f"{page}-surface.png")
    assert colours(pixels(window, box_of(window, f".st-key-{page}_solid .js-plotly-plot"))) > 30, "WebGL has drawn"
    opening = eye_of(window, page)
    assert same(opening, tuple(CAMERAS["corner"].values()))
    turn(window, page, (120, 40))
    turned = eye_of(window, page)
    assert not same(turned, opening)
    slider = window.locator(f".st-key-{page}_lr_dial input[type=range]").first
    for _ in range(3):
        slider.focus()
        window.keyboard.press("ArrowLeft")
        settle(window, 1800)
        assert same(eye_of(window, page), turned)


def test_named_views_and_back_to_the_map(visit):
    window, _ = open_surface(visit, "mse")
    turn(window, "mse", (90, 30))
    for name in ("above", "first axis"):
        window.locator(".st-key-mse_camera").get_by_text(name).click()
        settle(window, 2000)
        assert same(eye_of(window, "mse"), tuple(CAMERAS[name].values())), name
    slider = window.locator(".st-key-mse_lr_dial input[type=range]").first
    slider.focus()
    window.keyboard.press("ArrowLeft")
    settle(window, 1800)
    assert same(eye_of(window, "mse"), tuple(CAMERAS["first axis"].values()))
    window.locator(".st-key-mse_picture").get_by_text("map", exact=True).click()
    window.wait_for_selector(driver.STAGE)
    settle(window, 700)
    assert window.locator(".js-plotly-plot").count() == 0
    assert colours(pixels(window, driver.panels(window)["map"])) > 12


def test_playback_runs_beside_the_surface(visit):
    window, watch = open_surface(visit, "mse")
    window.locator("input[name=step]").focus()
    window.keyboard.press("Home")
    frames = watch.frames
    window.get_by_role("button", name="Play").click()
    window.wait_for_timeout(900)
    assert int(window.locator("input[name=step]").input_value()) > 3
    assert watch.frames == frames
