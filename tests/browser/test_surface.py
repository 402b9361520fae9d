"""The 3-D surface: painted, with named views, and the camera stays where the reader turned it."""

from __future__ import annotations

import driver
import pytest
from driver import box_of, colours, eventually, frames, pixels, settle, spot

from lossgeo.charts.surface3d import CAMERAS


def eye_of(window, page):
    eye = window.evaluate(
        f"() => document.querySelector('.st-key-{page}_solid .js-plotly-plot')?._fullLayout?.scene?.camera?.eye"
    )
    return tuple(eye[axis] for axis in "xyz")


def open_surface(visit, page):
    window, watch = visit(page)
    window.locator(f".st-key-{page}_picture").get_by_text("3-D").click()
    window.wait_for_selector(f".st-key-{page}_solid .js-plotly-plot canvas", timeout=60_000)
    settle(window, 100)
    return window, watch


def turn(window, page, by):
    x, y = spot(box_of(window, f".st-key-{page}_solid .js-plotly-plot"), 0.5, 0.45)
    window.mouse.move(x, y)
    window.mouse.down()
    window.mouse.move(x + by[0] / 2, y + by[1] / 2, steps=4)
    window.mouse.move(x + by[0], y + by[1], steps=4)
    window.mouse.up()
    frames(window, 4)


def same(one, other):
    return one == pytest.approx(other, abs=1e-3)


# As Streamlit draws the same chart again: on a busy machine also after the reader has turned it.
DRAW_ANEW = """async () => {
  const chart = document.querySelector('.js-plotly-plot'), layout = structuredClone(chart.layout);
  layout.uirevision = layout.scene.uirevision = 'another';
  layout.scene.camera = { eye: { x: 1.17, y: 1.17, z: 1.55 } };
  await window.Plotly.react(chart, chart.data, layout);
}"""


@pytest.mark.parametrize("page", ["mse"])
def test_camera_survives_reruns_and_has_named_views(visit, page):
    window, _ = open_surface(visit, page)
    window.screenshot(path=driver.ROOT / "tests" / "artefacts" / f"{page}-surface.png")
    assert colours(pixels(window, box_of(window, f".st-key-{page}_solid .js-plotly-plot"))) > 30, "WebGL has drawn"
    opening = eye_of(window, page)
    assert same(opening, tuple(CAMERAS["corner"].values()))
    turn(window, page, (120, 40))
    turned = eye_of(window, page)
    assert not same(turned, opening)
    window.evaluate(DRAW_ANEW)
    assert eventually(window, lambda: same(eye_of(window, page), turned)), "a late drawing turns it back"
    slider = window.locator(f".st-key-{page}_lr_dial input[type=range]").first
    for _ in range(3):
        slider.focus()
        window.keyboard.press("ArrowLeft")
        settle(window)
        assert same(eye_of(window, page), turned)
    named_views_and_back_to_the_map(window)


def named_views_and_back_to_the_map(window):
    """From a surface that was turned by hand."""
    window.locator(".st-key-mse_camera").get_by_text("corner").click()  # chosen already: Python hears nothing of it
    back = eventually(window, lambda: same(eye_of(window, "mse"), tuple(CAMERAS["corner"].values())))
    assert back, "corner does nothing after a turn by hand"
    for name in ("above", "first axis"):
        window.locator(".st-key-mse_camera").get_by_text(name).click()
        there = eventually(window, lambda name=name: same(eye_of(window, "mse"), tuple(CAMERAS[name].values())))
        assert there, name
    slider = window.locator(".st-key-mse_lr_dial input[type=range]").first
    slider.focus()
    window.keyboard.press("ArrowLeft")
    settle(window)
    assert same(eye_of(window, "mse"), tuple(CAMERAS["first axis"].values()))
    window.locator(".st-key-mse_picture").get_by_text("map", exact=True).click()
    window.wait_for_selector(driver.STAGE)
    settle(window, 300)
    assert window.locator(".js-plotly-plot").count() == 0
    assert colours(pixels(window, driver.panels(window)["map"])) > 12


BALL = """() => { const t = document.querySelector('.js-plotly-plot').data.find(t => t.name === 'ball');
  return [t.x, t.y, t.z].map(c => typeof c[0] === 'number' ? Array.from(c) : 'not moved yet').concat([t.text]); }"""


def ball_at(window, step):
    """Wait until the ball on the surface is at this step."""
    window.wait_for_function(
        f"() => document.querySelector('.js-plotly-plot').data.find(t => t.name === 'ball').text[0]"
        f".startsWith('At step {step}:')",
        timeout=15_000,
    )


def test_the_ball_rolls_on_the_surface_and_says_its_numbers(visit):
    """By Plotly.restyle of one trace; neither the camera nor the server has anything to do with it."""
    window, watch = open_surface(visit, "mse")
    turn(window, "mse", (60, 20))
    eye = eye_of(window, "mse")
    window.locator("input[name=step]").focus()
    window.keyboard.press("Home")
    frames = watch.frames
    ball_at(window, 0)
    x, y, _, _ = window.evaluate(BALL)
    assert (x[0], y[0]) == pytest.approx((0.4, 0.2)), "at step 0 the ball lies on the start"
    window.get_by_role("button", name="Play").click()
    window.wait_for_function("() => +document.querySelector('input[name=step]').value === 100", timeout=30_000)
    ball_at(window, 100)
    x, y, _, text = window.evaluate(BALL)
    assert (x[0], y[0]) == pytest.approx((1.92, 1.08), abs=0.01), "at the end the ball lies on the minimum"
    assert "loss 0.0112, gradient norm" in text[0]
    assert same(eye_of(window, "mse"), eye), "the moving ball turns the camera"
    assert watch.frames == frames


def test_without_webgl_there_is_the_map_and_a_sentence(visit, browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    window = context.new_page()
    window.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return /webgl/.test(kind) ? null : get.call(this, kind, ...more); }"
    )
    window.goto(f"{address}/mse?mse_picture=3-D")
    window.wait_for_selector("text=This browser does not draw in 3-D", timeout=60_000)
    window.wait_for_selector(driver.STAGE)
    settle(window, 300)
    assert window.locator(".js-plotly-plot").count() == 0
    assert colours(pixels(window, driver.panels(window)["map"])) > 12
    context.close()
