"""The keys of a lesson page, their list, the keyboard as the only hand, and the hints that notice what was done."""

from __future__ import annotations

from driver import panels, part_of, settle, spot
from playwright.sync_api import expect

SLOW = 30_000  # ms: the machine may be busy


def part(window):
    return part_of(window.url)


def step(window):
    return int(window.locator("input[name=step]").input_value())


def press(window, key):
    """Press a key and wait until the server has answered, if it was asked."""
    window.keyboard.press(key)
    settle(window, 0)


def opens(window, wanted):
    """Wait until this part of the lesson is open."""
    window.wait_for_url(lambda url: part_of(url) == wanted, timeout=SLOW)
    settle(window, 0)


def listed(window):
    return window.locator(".st-key-keys dialog")


def test_keys_turn_the_parts_and_press_the_buttons(visit):
    window, _ = visit("mse?mse_tab=Learn")
    for key, wanted in (("n", "Recall"), ("ArrowRight", "Predict"), ("b", "Recall"), ("ArrowLeft", "Play")):
        window.keyboard.press(key)
        opens(window, wanted)
    press(window, "PageDown")
    assert part(window) == "Play", "outside the projector the page keys scroll"
    window.locator("input[name=step]").focus()
    press(window, "ArrowLeft")
    assert part(window) == "Play", "the slider keeps its arrow keys"
    window.locator("input[name=hover_w]").focus()
    for key in ("n", "p", "m", "?", "2"):
        window.keyboard.press(key)
    settle(window, 0)
    assert part(window) == "Play", "a letter typed into a field presses nothing"
    expect(window.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(listed(window)).to_be_hidden()


def test_run_see_and_back_to_the_question(visit):
    window, _ = visit("mse?mse_tab=Learn&mse_part=Predict")
    window.locator("[class*=_panel_box] [data-testid=stRadio] [role=radiogroup] label").first.click()
    settle(window)
    window.locator("[class*=_panel_box]").get_by_text("certain").click()
    expect(window.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=SLOW)
    window.keyboard.press("r")
    opens(window, "Observe")
    window.locator("[class*=_panel_box] [class*=_show_1] button").wait_for()
    window.keyboard.press("2")  # the second button that shows something: all x equal
    window.wait_for_url("**mse_constant_x=true*", timeout=SLOW)
    settle(window)
    window.locator("[class*=_panel]").get_by_text("Controls").first.click()
    window.wait_for_url(lambda url: "mse_tab=Learn" not in url, timeout=SLOW)
    settle(window)
    window.keyboard.press("q")
    window.wait_for_url("**mse_tab=Learn*", timeout=SLOW)


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
    settle(window)
    window.keyboard.press("m")
    expect(window.locator(".js-plotly-plot")).to_have_count(0, timeout=SLOW)


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
    window.keyboard.press("p")  # answered at once, or not at all
    expect(window.get_by_role("button", name="Play")).to_be_visible()
    window.reload()
    window.wait_for_selector(".st-key-mse_stage canvas", timeout=60_000)
    window.get_by_role("button", name="Play").wait_for()
    settle(window, 0)
    window.keyboard.press("p")
    expect(window.get_by_role("button", name="Play")).to_be_visible()


# --- the keyboard as the only hand --------------------------------------------------------------------------------

# What has the focus: its words, whether it is in the window and not covered, and whether a ring is to be seen. Shadows
# do not count: with colours of the reader's own (forced colours) there are none.
FOCUS = """() => {
  let a = document.activeElement;
  while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement;
  if (!a || a === document.body) return null;
  const box = a.getBoundingClientRect(), around = [], drawn = (e) => getComputedStyle(e);
  for (let e = a; e; e = e.parentElement) around.push(e);
  const framed = a.matches('[type=radio], [type=checkbox]') ? a.closest('label') : a;  // the box itself is invisible
  const name = a.getAttribute('aria-label') || a.labels?.[0]?.innerText || a.innerText || a.name || '';
  const place = a.closest('[class*="st-key-"]')?.className.match(/st-key-[\\w-]+/)?.[0] ?? '';
  return {
    words: [name.slice(0, 60), a.tagName, a.type || '', place].join(' | ').replaceAll('\\n', ' '),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    ring: drawn(framed).outlineStyle !== 'none' && parseFloat(drawn(framed).outlineWidth) > 1,
    hidden: !a.matches('input') && around.some((e) => drawn(e).opacity === '0'),
  };
}"""


def reach(window, words, most=12, key="Tab"):
    """Press Tab until what has the focus is called so: nowhere further than `most` stops, each of which can be seen."""
    passed = []
    for _ in range(most):
        window.keyboard.press(key)
        found = window.evaluate(FOCUS)
        passed.append(found and found["words"])
        if found is None:
            continue  # the end of the page: the browser's own window is next
        assert found["inside"], f"{found['words']} has the focus outside the window"
        assert found["ring"], f"{found['words']} has the focus, and no ring shows it"
        assert not found["hidden"], f"{found['words']} has the focus and cannot be seen"
        if words in found["words"]:
            return
    raise AssertionError(f"{most} stops did not reach {words!r}: {passed}")


def enter(window, then=None, key="Enter"):
    """Press Enter, wait for the answer and for what it shows; the focus is still somewhere."""
    window.keyboard.press(key)
    settle(window, 0)
    if then is not None:
        expect(then).to_be_visible(timeout=SLOW)
    window.wait_for_function("() => document.activeElement !== document.body", timeout=SLOW)


def choose(window, words):
    """By the arrows to one in a row of buttons, and Space."""
    for _ in range(6):
        if window.evaluate(FOCUS)["words"].startswith(f"{words} |"):
            return press(window, "Space")
        window.keyboard.press("ArrowLeft")
    raise AssertionError(f"no arrow led to {words!r}")


def answer(window, button, most=12, key="Tab", option=("Space",)):
    """The first option of a question, or the one to which these keys lead; the first confidence. The button that hands
    them in can be pressed then. `most` and `key`: the way to the options, as in `reach`."""
    reach(window, "INPUT | radio", most, key)
    for each in option:
        press(window, each)
    reach(window, "_sure", 2)
    press(window, "Enter")
    expect(window.get_by_role("button", name=button, exact=True)).to_be_enabled(timeout=SLOW)


def test_a_whole_lesson_by_keys_alone(visit):
    """By Tab, Space, Enter and arrows, with forced colours and without motion. What is pressed may disappear: the
    focus goes on from its place, so that the next stop is never the beginning of the page."""
    window, _ = visit("mse?mse_tab=Learn")
    window.emulate_media(forced_colors="active", reduced_motion="reduce")
    card = window.locator(".st-key-lesson")
    reach(window, "Next: Recall", 9)  # the panel comes first, then the way to the other pages, then the stage
    reach(window, "your w", 24)
    for w, b in (("0.5", "1.5"), ("1", "1"), ("1.5", "0.5"), ("2", "0")):
        window.keyboard.type(w)
        window.keyboard.press("Tab")
        window.keyboard.type(b)
        settle(window, 0)
        window.keyboard.press("Enter")  # as a click there
        window.wait_for_url(f"**mse_w0={float(w)}*", timeout=SLOW)
        settle(window, 0)
        for field in ("hover_b", "hover_w"):
            window.locator(f"input[name={field}]").fill("")
        window.locator("input[name=hover_w]").focus()
    expect(card.get_by_text("Found: 4.")).to_be_visible(timeout=SLOW)
    reach(window, "Next: Recall", 24, "Shift+Tab")
    enter(window)
    opens(window, "Recall")
    answer(window, "Check my answer", 8, "Shift+Tab", ("Space", "ArrowDown"))
    reach(window, "Check my answer", 3)
    enter(window, card.get_by_text("The question again"))
    reach(window, "Next: Predict", 6)
    enter(window)
    opens(window, "Predict")
    answer(window, "Run", 8, "Shift+Tab")
    window.evaluate("""() => { const step = document.querySelector('input[name=step]');
      step.value = 0; step.dispatchEvent(new Event('input', {bubbles: true})); }""")
    reach(window, "Run |", 3)
    enter(window, card.get_by_role("button", name="30 points"))
    opens(window, "Observe")
    window.wait_for_function("() => { const r = document.querySelector('input[name=step]'); "
                             "return r && +r.max > 1 && r.value === r.max; }", timeout=SLOW)  # fmt: skip
    expect(window.get_by_role("button", name="Pause")).to_have_count(0)  # without motion the whole run is there
    reach(window, "all x equal")
    enter(window, card.get_by_text("arrived").nth(1))
    assert "all x equal" in window.evaluate(FOCUS)["words"], "the button is drawn anew and keeps the focus"
    reach(window, "INPUT | radio", 3)
    press(window, "Space")
    expect(window.get_by_role("button", name="That is what I saw")).to_be_enabled(timeout=SLOW)
    reach(window, "That is what I saw", 2)
    enter(window, card.get_by_text("Its lowest point is"))
    reach(window, "30 points", 3)
    enter(window)
    assert part(window) == "Observe", "the tick behind the part is no other part"
    reach(window, "Next: Explain", 6)
    enter(window)
    opens(window, "Explain")
    reach(window, "Compare with", 4, "Shift+Tab")
    enter(window, card.get_by_text("The rule"))
    reach(window, "The rule", 2)
    enter(window, card.get_by_text("It is convex for any data"))
    assert part(window) == "Explain", "the tick behind the part is no other part"
    assert "The rule" in window.evaluate(FOCUS)["words"], "the fold is drawn anew and keeps the focus"
    reach(window, "Next: Refute", 6)
    enter(window)
    opens(window, "Refute")
    reach(window, "button | st-key-_lesson_1_refute", 5, "Shift+Tab")
    choose(window, "2")
    expect(card.get_by_text("that an outlier above the line")).to_be_visible(timeout=SLOW)
    reach(window, "Next: Transfer", 5)
    enter(window)
    opens(window, "Transfer")
    reach(window, "_flip", 10, "Shift+Tab")
    choose(window, "II")
    window.wait_for_url("**anscombe+II*", timeout=SLOW)
    settle(window, 0)
    answer(window, "Check my answer")
    reach(window, "Check my answer |")
    enter(window, card.get_by_text("Question, and one step further"))
    reach(window, "Finish", 5)
    enter(window, card.get_by_text("To leave with."))
    expect(window.get_by_text("This lesson is done.")).to_be_visible(timeout=SLOW)


def test_a_challenge_by_keys_alone(visit):
    window, _ = visit("mse?mse_tab=Challenges")
    window.emulate_media(forced_colors="active", reduced_motion="reduce")
    window.locator(".st-key-mse_section button[aria-checked=true]").focus()
    reach(window, "_take_swing-for-ever", 8)
    enter(window, window.get_by_role("button", name="Start again"))
    reach(window, "Learning rate, exact", 30)
    window.keyboard.press("Control+A")
    window.keyboard.type("1")
    window.keyboard.press("Enter")
    expect(window.get_by_text("Reached, with 1 change.")).to_be_visible(timeout=SLOW)
    assert "Learning rate, exact" in window.evaluate(FOCUS)["words"]


def test_a_vote_by_keys_alone(visit, address):
    """A teacher's side and a student's, from the opening of the room to its end."""
    wall, _ = visit("mse?teacher=true&mse_tab=Check&mse_question=same-surface")
    wall.emulate_media(forced_colors="active", reduced_motion="reduce")
    wall.get_by_role("button", name="Open a room").focus()
    enter(wall, wall.locator(".st-key-room_code"))
    phone, _ = visit("", 390, 844, apart=True)
    phone.emulate_media(forced_colors="active")
    phone.goto(f"{address}/?room={wall.locator('.st-key-room_code').inner_text().strip()}")
    expect(phone.locator("[role=radiogroup]").first).to_be_visible(timeout=SLOW)
    settle(phone)
    reach(phone, "INPUT | radio")
    phone.keyboard.press("Space")
    reach(phone, "_sure")
    phone.keyboard.press("Enter")
    reach(phone, "Vote |", 3)
    enter(phone, phone.get_by_text("Your vote counts"))
    expect(wall.get_by_text("1 of 1 have voted")).to_be_visible(timeout=SLOW)
    reach(wall, "Show the votes", 24, "Shift+Tab")
    enter(wall, wall.locator(".class-bars"), "Space")
    bar, ground = (wall.locator(part).first.evaluate("e => getComputedStyle(e).backgroundColor")
                   for part in (".class-bars i", "body"))  # fmt: skip
    assert bar != ground, "the bars keep their colour, which is all that there is of them"
    reach(wall, "_reveal_mse")
    enter(wall, wall.get_by_role("button", name="Hide"))
    expect(phone.get_by_text("What is true.")).to_be_visible(timeout=SLOW)
    reach(phone, "See it on the map", 6)
    reach(wall, "More", 30, "Shift+Tab")
    wall.keyboard.press("Enter")
    wall.get_by_role("button", name="Close the room for good").wait_for()
    reach(wall, "Close the room for good", 60)  # Streamlit puts what folds out at the end of the page
    enter(wall, wall.get_by_role("button", name="Open a room"))


def test_a_hint_disappears_once_its_action_is_done(visit):
    window, watch = visit("mse")
    hint = window.locator(".st-key-mse_hints #text")
    expect(hint).to_contain_text("Move over the map")
    frames, place = watch.frames, panels(window)["map"]
    for across in (0.3, 0.4, 0.5):
        window.mouse.move(*spot(place, across, 0.5))
    expect(hint).to_contain_text("Click a place on the map")
    assert watch.frames == frames, "a hint is no business of the server"
    window.mouse.click(*spot(place, 0.6, 0.7))
    expect(hint).to_contain_text("Press Play", timeout=SLOW)
    window.get_by_role("button", name="Play").click()
    expect(hint).to_contain_text("learning rate")
    rate = window.get_by_label("Learning rate, exact", exact=True)
    rate.fill("0.3")
    rate.press("Enter")
    expect(hint).to_contain_text("Press 3-D", timeout=SLOW)
    window.get_by_role("link", name="The slope: logistic").first.click()
    window.wait_for_selector(".st-key-logistic_stage canvas", timeout=60_000)
    expect(window.locator(".st-key-logistic_hints #text")).to_contain_text("Press 3-D", timeout=SLOW)
    window.locator(".st-key-logistic_hints").get_by_role("button", name="Done").click()
    expect(window.locator(".st-key-logistic_hints #text")).to_contain_text("Try:")
