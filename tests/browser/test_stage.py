"""The stage under the hand: pointer, click, playback, keyboard. What belongs to the browser stays there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from driver import STAGE, box_of, changed, eventually, frames, panels, pixels, settle, spot
from playwright.sync_api import expect

LESSONS = ("mse", "logistic", "nonconvex")
START = {"mse": ("w", "b"), "logistic": ("w", "b"), "nonconvex": ("x", "y")}
STEP = "input[type=range][name=step]"


def step_of(window):
    return int(window.locator(STEP).input_value())


def pointer_of(window):
    return tuple(window.locator(f"input[name={name}]").input_value() for name in ("hover_w", "hover_b"))


def to_first_step(window):
    window.locator(STEP).focus()
    window.keyboard.press("Home")
    frames(window)
    assert step_of(window) == 0


def look(window, *names):
    boxes = panels(window)
    return {name: pixels(window, boxes[name]) for name in names or boxes}


def type_number(window, label, value):
    box = window.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    settle(window)


@pytest.mark.parametrize("page", LESSONS)
def test_pointer_step_and_click(visit, page):
    """One visit: the pointer moves the model, the slider the runs, and a click the start."""
    window, watch = visit(page)
    sent = watch.frames
    hover_moves_the_model(window)
    step_moves_every_panel(window, page)
    assert watch.frames == sent, "pointer and step are no business of the server"
    click_sets_the_start(window, page)


def hover_moves_the_model(window):
    before = look(window)
    for place in ((0.2, 0.3), (0.7, 0.4), (0.5, 0.9)):
        window.mouse.move(*spot(panels(window)["map"], *place))
        frames(window)
        now = look(window)
        assert changed(before["model"], now["model"]) > 0.005
        assert changed(before["readout"], now["readout"]) > 0.005
        assert changed(before["map"], now["map"]) > 0.001, "ring, arrow and contour follow"
        assert changed(before["loss"], now["loss"]) == 0, "the descent does not depend on the pointer"
        before = now
    window.mouse.move(*spot(panels(window)["model"], 0.5, 0.5))
    frames(window)
    assert changed(before["readout"], look(window, "readout")["readout"]) == 0, "off the map the model stays"


def step_moves_every_panel(window, page):
    to_first_step(window)
    before = look(window)
    for _ in range(4):
        window.keyboard.press("ArrowRight")
    frames(window)
    assert step_of(window) == 4
    after = look(window)
    for panel in ("map", "loss") if page == "nonconvex" else ("map", "loss", "model"):
        assert changed(before[panel], after[panel]) > 0.0005, panel
    assert changed(before["readout"], after["readout"]) == 0, "the pointer's model does not follow the step"


def click_sets_the_start(window, page):
    first, second = (window.get_by_label(f"Start {name}", exact=True) for name in START[page])
    own = first.input_value(), second.input_value()
    window.keyboard.press("End")
    frames(window)
    before = look(window, "map", "loss")
    window.mouse.click(*spot(panels(window)["map"], 0.75, 0.7))
    settle(window)
    start = float(first.input_value()), float(second.input_value())
    assert start == tuple(map(float, pointer_of(window)))
    link = parse_qs(urlsplit(window.url).query)
    assert (float(link[f"{page}_{START[page][0]}0"][0]), float(link[f"{page}_{START[page][1]}0"][0])) == start
    after = look(window, "map", "loss")
    assert changed(before["map"], after["map"]) > 0.005, "paths and start moved"
    assert changed(before["loss"], after["loss"]) > 0.002
    window.get_by_role("button", name="Undo").click()
    settle(window)
    expect(first).to_have_value(own[0])
    expect(second).to_have_value(own[1])
    assert f"{page}_{START[page][0]}0" not in window.url
    if page == "mse":  # a click is an event, and no state that overrides what is typed later
        window.mouse.click(*spot(panels(window)["map"], 0.75, 0.7))
        settle(window)
        type_number(window, "Start w", 0.75)
        type_number(window, "Learning rate, exact", 0.1)
        assert float(first.input_value()) == 0.75


def test_a_chart_drawn_anew_keeps_pointer_and_step(visit):
    window, _ = visit("mse")
    window.mouse.move(*spot(panels(window)["map"], 0.7, 0.4))
    to_first_step(window)
    for _ in range(5):
        window.keyboard.press("ArrowRight")
    pointer = pointer_of(window)
    window.get_by_text("Descent and view").click()
    settle(window)
    window.get_by_text("Curvature at the pointer").click()
    settle(window, 500)
    assert "mse_axes=true" in window.url
    assert (step_of(window), pointer_of(window)) == (5, pointer)


@pytest.mark.parametrize("page", ["mse"])
def test_playback_advances_silently_and_survives_a_rerun(visit, page):
    window, watch = visit(f"{page}?{page}_steps=2000&{page}_lr=0.02&{page}_methods=adam")
    to_first_step(window)
    before, sent = look(window, "map", "loss"), watch.frames
    window.get_by_label("Steps a second").select_option("20")
    window.get_by_role("button", name="Play").click()
    assert eventually(window, lambda: step_of(window) > 5)
    reached = step_of(window)
    assert watch.frames == sent, "playing is no business of the server"
    after = look(window, "map", "loss")
    assert changed(before["loss"], after["loss"]) > 0
    assert changed(before["map"], after["map"]) > 0
    type_number(window, "Learning rate, exact", 0.019)
    assert watch.frames != sent
    expect(window.get_by_role("button", name="Pause")).to_be_visible()
    later = step_of(window)
    assert later > reached
    assert eventually(window, lambda: step_of(window) > later), "it goes on after the rerun"
    window.get_by_role("button", name="Pause").click()
    stopped = step_of(window)
    window.wait_for_timeout(200)  # at this speed four steps would have been taken
    assert step_of(window) == stopped


def test_back_forward_and_speed(visit):
    window, watch = visit("mse")
    to_first_step(window)
    sent = watch.frames
    forward, back = (window.get_by_role("button", name=name, exact=True) for name in ("Forward", "Back"))
    for expected in (1, 2, 3):
        forward.click()
        assert step_of(window) == expected
    back.click()
    assert step_of(window) == 2
    window.get_by_label("Steps a second").select_option("200")
    window.get_by_role("button", name="Play").click()
    window.wait_for_function("() => document.querySelector('input[name=step]').value === '100'", timeout=15_000)
    expect(window.get_by_role("button", name="Play"), "at the end it stops").to_be_visible()
    forward.click()
    assert step_of(window) == 100
    assert watch.frames == sent


def test_play_ends_with_the_verdict_in_sight(visit):
    window, watch = visit("mse", 1280, 620)  # a low window: the lines on how runs end lie below its edge
    to_first_step(window)
    sent = watch.frames
    line = window.locator(".ending").first
    expect(line).to_contain_text("At step 0: loss 2.92, gradient norm")
    window.get_by_role("button", name="Play").click()
    window.wait_for_function("() => document.querySelector('input[name=step]').value === '100'", timeout=20_000)

    def low():
        box = box_of(window, ".endings")
        return box["y"] + box["height"]

    assert eventually(window, lambda: low() <= 621), "the verdict is below the window"
    expect(line, "at the end the line says how the run ended, and no more").not_to_contain_text("At step")
    assert watch.frames == sent


def test_at_step_0_a_change_shows_its_path(visit):
    """Without a path the controls would seem dead."""
    window, _ = visit("mse")
    to_first_step(window)
    type_number(window, "Learning rate, exact", 0.3)
    assert step_of(window) == 100


def test_after_the_browsers_back_a_changed_rate_shows_its_path(visit):
    window, _ = visit("mse")
    window.get_by_role("button", name="Play").click()
    assert eventually(window, lambda: 0 < step_of(window) < 100)
    window.get_by_role("link", name="The slope: logistic").first.click()
    window.wait_for_selector(".st-key-logistic_stage canvas", timeout=60_000)
    settle(window, 300)
    window.go_back()
    window.wait_for_selector(".st-key-mse_stage canvas", timeout=60_000)
    settle(window, 300)
    before = look(window, "map")
    type_number(window, "Learning rate, exact", 0.1)
    assert step_of(window) == 100
    assert changed(before["map"], look(window, "map")["map"]) > 0.001
    name = window.locator("[data-testid=stVegaLiteChart][role=graphics-document]").first.get_attribute("aria-label")
    assert name.startswith("Map of the mean squared error"), "the stage is still called by the page before"


CHANGES = {
    "data": lambda window: choose(window, "Data", "cars"),
    "start": lambda window: type_number(window, "Start w", 1.5),
    "learning rate": lambda window: type_number(window, "Learning rate, exact", 0.00005),
}


def choose(window, label, option):
    window.get_by_role("combobox", name=label).click()
    window.get_by_role("option", name=option, exact=True).click()
    settle(window)


def test_pointer_and_step_survive_every_change(visit):
    window, _ = visit("mse?mse_lr=0.0001")  # every step is taken on the new data, too
    window.mouse.move(*spot(panels(window)["map"], 0.3, 0.4))
    to_first_step(window)
    for _ in range(7):
        window.keyboard.press("ArrowRight")
    frames(window)
    pointer = pointer_of(window)
    assert all(pointer)
    for change in CHANGES.values():
        before = look(window, "map", "loss")
        change(window)
        after = look(window, "map", "loss")
        assert changed(before["loss"], after["loss"]) > 0.001, "the change is seen"
        assert step_of(window) == 7
        assert pointer_of(window) == pointer


def tab_to(window, found, most=80):
    """Press Tab until the script `found` holds of the focused element."""
    for _ in range(most):
        window.keyboard.press("Tab")
        if window.evaluate(f"() => {{ const a = document.activeElement; return {found}; }}"):
            return
    raise AssertionError(f"Tab never reached: {found}")


def test_keyboard_alone(visit):
    """Start, pointer, step and playback without a mouse."""
    window, watch = visit("mse")
    before, sent = look(window, "readout", "model"), watch.frames
    for name, value in (("hover_b", "1.75"), ("hover_w", "-0.5")):
        window.evaluate("document.activeElement.blur()")
        tab_to(window, f"a.name === '{name}'")
        window.keyboard.type(value)
        frames(window)
        after = look(window, "readout", "model")
        assert changed(before["readout"], after["readout"]) > 0.005, "the readout follows what is typed"
        assert changed(before["model"], after["model"]) > 0.005
        before = after
    assert pointer_of(window) == ("-0.5", "1.75")
    tab_to(window, "a.name === 'step'")
    window.keyboard.press("Home")
    window.keyboard.press("ArrowRight")
    assert step_of(window) == 1
    tab_to(window, "a.shadowRoot?.activeElement?.id === 'play'")
    window.keyboard.press("Enter")
    assert eventually(window, lambda: step_of(window) > 3)
    window.keyboard.press("Enter")
    assert watch.frames == sent
    tab_to(window, "a.getAttribute('aria-label') === 'Start w'")
    window.keyboard.press("Control+A")
    window.keyboard.type("1.25")
    window.keyboard.press("Enter")
    settle(window)
    assert "mse_w0=1.25" in window.url
    tab_to(window, "a.innerText === 'Undo'")
    window.keyboard.press("Enter")
    settle(window)
    assert "mse_w0" not in window.url


def test_number_inputs_stand_in_reading_order(visit):
    """Tab visits the stage's inputs in the order in which the eye meets them."""
    window, _ = visit("mse")
    seen = window.evaluate(
        "() => [...document.querySelectorAll('form.vega-bindings input')].map(i => [i.name, i.getBoundingClientRect()])"
        ".map(([name, r]) => ({name, x: r.x, y: r.y}))"
    )
    visual = sorted(seen, key=lambda item: (round(item["y"] / 40), item["x"]))
    assert [item["name"] for item in seen] == [item["name"] for item in visual]


def test_reset_brings_the_lessons_own_setup_back(visit):
    window, _ = visit("mse?mse_dataset=cars&mse_lr=0.001&mse_steps=7")
    window.get_by_role("button", name="Reset").click()
    settle(window, 300)
    expect(window.get_by_role("combobox", name="Data")).to_have_value("chapter line")
    assert urlsplit(window.url).query == ""
    window.get_by_role("button", name="Undo").click()
    settle(window, 300)
    expect(window.get_by_role("combobox", name="Data")).to_have_value("cars")
    assert window.locator(STAGE).count() >= 1
