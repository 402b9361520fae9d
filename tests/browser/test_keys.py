"""The keys of a lesson page, their list, and the hints that notice what was done."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from driver import panels, settle, spot
from playwright.sync_api import expect


def part(window):
    return parse_qs(urlsplit(window.url).query).get("mse_part", ["Play"])[0]


def step(window):
    return int(window.locator("input[name=step]").input_value())


def press(window, key, pause=400):
    window.keyboard.press(key)
    settle(window, pause)


def listed(window):
    return window.locator(".st-key-keys dialog")


def test_keys_turn_the_parts_and_press_the_buttons(visit):
    window, _ = visit("mse?mse_tab=Learn")
    seen = []
    for key in ("n", "ArrowRight", "b", "ArrowLeft"):
        press(window, key)
        seen.append(part(window))
    assert seen == ["Recall", "Predict", "Recall", "Play"], "the keys turn to the parts of the lesson"
    press(window, "PageDown")
    assert part(window) == "Play", "outside the projector the page keys scroll"
    window.locator("input[name=step]").focus()
    press(window, "ArrowLeft")
    assert part(window) == "Play", "the slider keeps its arrow keys"


def test_run_see_and_back_to_the_question(visit):
    window, _ = visit("mse?mse_tab=Learn&mse_part=Predict")
    window.locator("[class*=_panel_box] [data-testid=stRadio] [role=radiogroup] label").first.click()
    settle(window)
    window.locator("[class*=_panel_box]").get_by_text("certain").click()
    settle(window)
    press(window, "r", 1500)
    assert part(window) == "Observe", "R does not press Run"
    before = window.url
    press(window, "2", 1500)
    if window.locator("[class*=_panel_box] [class*=_show_1] button").count():
        assert window.url != before, "2 does not press the second button that shows something"
    window.locator("[class*=_panel]").get_by_text("Controls").first.click()
    settle(window, 700)
    press(window, "q", 700)
    assert "mse_tab=Learn" in window.url, "Q does not lead back to the lesson"


def test_keys_of_the_player_and_of_the_picture(visit):
    window, watch = visit("mse")
    window.locator("input[name=step]").focus()
    window.keyboard.press("Home")
    frames = watch.frames
    for key, expected in ((".", 1), (".", 2), (",", 1)):
        window.keyboard.press(key)
        assert step(window) == expected, key
    window.keyboard.press("p")
    expect(window.get_by_role("button", name="Pause")).to_be_visible()
    window.keyboard.press("p")
    expect(window.get_by_role("button", name="Play")).to_be_visible()
    assert watch.frames == frames
    press(window, "m")
    window.wait_for_selector(".js-plotly-plot canvas", timeout=60_000)
    settle(window, 1000)
    press(window, "m", 1000)
    assert window.locator(".js-plotly-plot").count() == 0


def test_letters_typed_into_a_field_press_nothing(visit):
    window, _ = visit("mse?mse_tab=Learn&mse_part=Predict")
    window.get_by_role("button", name="Undo").first.wait_for()
    field = window.locator("input[name=hover_w]")
    field.focus()
    for key in ("n", "p", "m", "?", "2"):
        window.keyboard.press(key)
    settle(window, 500)
    assert part(window) == "Predict"
    expect(window.get_by_role("button", name="Play")).to_be_visible()
    expect(listed(window)).to_be_hidden()


def test_the_list_of_keys_opens_closes_and_switches_them_off(visit):
    window, _ = visit("mse")
    window.keyboard.press("?")
    expect(listed(window)).to_be_visible()
    window.keyboard.press("p")
    expect(window.get_by_role("button", name="Pause")).to_have_count(0)
    window.keyboard.press("?")
    expect(listed(window)).to_be_hidden()
    window.keyboard.press("?")
    window.keyboard.press("Escape")
    expect(listed(window)).to_be_hidden()
    window.keyboard.press("?")
    listed(window).locator("input").uncheck()
    listed(window).get_by_role("button", name="Close").click()
    window.keyboard.press("p")
    window.wait_for_timeout(200)
    expect(window.get_by_role("button", name="Play")).to_be_visible()
    window.reload()
    window.wait_for_selector(".st-key-mse_stage canvas", timeout=60_000)
    settle(window, 500)
    window.keyboard.press("p")
    window.wait_for_timeout(200)
    expect(window.get_by_role("button", name="Play")).to_be_visible()


def test_a_hint_disappears_once_its_action_is_done(visit):
    window, watch = visit("mse")
    hint = window.locator(".st-key-mse_hints #text")
    expect(hint).to_contain_text("Move over the map")
    frames, place = watch.frames, panels(window)["map"]
    for across in (0.3, 0.4, 0.5):
        window.mouse.move(*spot(place, across, 0.5))
        window.wait_for_timeout(80)
    expect(hint).to_contain_text("Click a place on the map")
    assert watch.frames == frames, "a hint is no business of the server"
    window.mouse.click(*spot(place, 0.6, 0.7))
    settle(window, 600)
    expect(hint).to_contain_text("Press Play")
    window.get_by_role("button", name="Play").click()
    expect(hint).to_contain_text("learning rate")
    rate = window.get_by_label("Learning rate, exact", exact=True)
    rate.fill("0.3")
    rate.press("Enter")
    settle(window, 600)
    expect(hint).to_contain_text("Press 3-D")
    window.get_by_role("link", name="The slope: logistic").first.click()
    window.wait_for_selector(".st-key-logistic_stage canvas", timeout=60_000)
    settle(window, 600)
    expect(window.locator(".st-key-logistic_hints #text")).to_contain_text("Press 3-D")
    window.locator(".st-key-logistic_hints").get_by_role("button", name="Done").click()
    expect(window.locator(".st-key-logistic_hints #text")).to_contain_text("Try:")
