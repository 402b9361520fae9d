"""The projector, the phone, the first paint, and what assistive technology finds: in a real browser."""

from __future__ import annotations

from importlib.resources import files

import driver
import pytest
from driver import STAGE, box_of, settle, spot
from playwright.sync_api import expect

from lossgeo.charts.style import ChartStyle

SLOW = 30_000  # ms: the machine may be busy
ARTEFACTS = driver.ROOT / "tests" / "artefacts"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
CONTRAST = ["color-contrast", "link-in-text-block"]  # what may be wrong in one scheme of colours and right in another
PLACES = {
    "home": ("", "dark"),
    "check": ("mse?mse_tab=Check", "light"),
    "closer": ("mse?mse_tab=Look+closer", "dark"),
    "program": ("mse?mse_tab=Code", "light"),
    "program in the dark": ("network?network_tab=Code", "dark"),
    "penalty": ("logistic?logistic_tab=Penalty+curve", "dark"),
    "compare": ("nonconvex?nonconvex_tab=Compare", "light"),
    "layer": ("network?network_layer=curvature", "light"),
    "projector": ("mse?mse_tab=Numbers&projector=true", "light"),
    "surface": ("nonconvex?nonconvex_picture=3-D&projector=true", "dark"),
}
# (rule, beginning of the element's HTML): what Streamlit itself causes, with its origin. Nothing at present.
STREAMLITS_OWN: set[tuple[str, str]] = set()


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing(visit, place):
    path, scheme = PLACES[place]
    window, _ = visit(path, scheme=scheme)
    drawn(window, path)
    window.evaluate(AXE)
    assert len(axe(window, "tag", RULES)) > 10, "the rules ran"
    window.emulate_media(color_scheme=scheme, forced_colors="active")
    window.wait_for_function("() => document.getAnimations().every((a) => !(a instanceof CSSTransition))", timeout=SLOW)
    axe(window, "rule", CONTRAST)


def axe(window, kind, values):
    """Let axe look; what it finds is a failure. Gives the rules that passed."""
    found = window.evaluate(
        "([type, values]) => axe.run(document, {runOnly: {type, values}, resultTypes: ['violations']})", [kind, values]
    )
    ours = [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
        if not any(rule["id"] == known and node["html"].startswith(html) for known, html in STREAMLITS_OWN)
    ]
    assert not ours, ours[:4]
    return found["passes"]


# The stage of the layout that fits is drawn, player and all, and nothing has moved for a quarter of a second.
DRAWN = """() => {
  const [canvas, play, solid, endings] = ['[data-testid=stVegaLiteChart] canvas', '[class*=_player]', '[class*=_solid]',
    '.endings'].map((selector) => document.querySelector(selector));
  const stage = canvas?.closest('[class*=st-key-drawn_]');
  if (!stage || getComputedStyle(stage).visibility !== 'visible') return false;
  if (document.querySelector('[data-stale=true]')) return false;
  if (solid && !solid.querySelector('.js-plotly-plot canvas')) return false;
  const boxes = [canvas, play, endings].map((e) => e?.getBoundingClientRect()), now = JSON.stringify(boxes);
  if (now !== window.lastDrawn || boxes[1]?.height < 20) {
    window.lastDrawn = now;
    window.drawnSince = performance.now();
  }
  return performance.now() - window.drawnSince > 250;
}"""


def drawn(window, path):
    """Wait until the stage of the layout that fits stands: the browser may have asked for another one first."""
    if path:
        settle(window, 0)
        window.wait_for_function(DRAWN, timeout=60_000)


def test_projector_fills_the_screen_without_scrolling(visit):
    window, watch = visit("nonconvex?projector=true", 1920, 1080)
    fills_the_screen(window, "nonconvex", 1920, 1080)
    window.set_viewport_size({"width": 1280, "height": 720})
    fills_the_screen(window, "nonconvex", 1280, 720)
    window.keyboard.press("m")
    drawn_solid = ".st-key-nonconvex_solid .js-plotly-plot"
    window.wait_for_selector(f"{drawn_solid} canvas", timeout=60_000)
    drawn(window, "nonconvex")
    solid, play = box_of(window, drawn_solid), box_of(window, ".st-key-nonconvex_player")
    assert solid["width"] > 0.9 * ChartStyle("broad", projector=True).map_side
    assert solid["y"] + solid["height"] <= play["y"]
    assert play["y"] + play["height"] <= 720
    frames = watch.frames
    window.get_by_role("button", name="Play").click()
    window.wait_for_function("() => +document.querySelector('input[name=step]').value > 2")
    assert watch.frames == frames


def fills_the_screen(window, page, width, height):
    drawn(window, page)
    window.screenshot(path=ARTEFACTS / f"{page}-projector-{width}x{height}.png")
    stage = box_of(window, STAGE)
    assert stage["width"] > 0.85 * (width - 40), "the stage uses the width"
    for part in (STAGE, "input[type=range][name=step]", f".st-key-{page}_player", ".endings"):
        box = box_of(window, part)
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= width, part
        assert box["y"] + box["height"] <= height, part
    row = window.locator(".vega-bind:has(input[type=range])")  # its name, the slider, its number
    ends = row.evaluate("e => { const r = [...e.querySelectorAll('*')].map(x => x.getBoundingClientRect());"
                        " return [Math.min(...r.map(x => x.left)), Math.max(...r.map(x => x.right))]; }")  # fmt: skip
    share = window.get_by_role("button", name="Share").bounding_box()
    assert ends[0] > share["x"] + share["width"], "the slider stands beside the buttons"
    assert ends[1] <= width, "its number, too, is on the screen"
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    for text in (".ending", f".st-key-{page}_section p", f".st-key-{page}_picture p"):
        assert window.locator(text).first.evaluate(size) >= 22 * width / 1280 - 0.1, text
    sidebar = box_of(window, "[data-testid=stSidebar]")
    assert sidebar["x"] + sidebar["width"] <= 1, "folded"


def test_keys_of_the_projector(visit):
    """Alt+P switches the mode. In it the page keys, which presenters send, turn the parts. The rest: test_keys.py."""
    window, _ = visit("mse?mse_tab=Learn")
    number = window.locator("input[name=hover_w]")
    number.focus()
    window.keyboard.press("Alt+p")
    settle(window, 0)
    assert "projector" not in window.url, "not while a field has the focus"
    number.evaluate("e => e.blur()")
    window.keyboard.press("Alt+p")
    window.wait_for_url("**projector=true*", timeout=SLOW)
    folded = "() => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 1"
    window.wait_for_function(folded, timeout=SLOW)  # the mode folds the sidebar
    drawn(window, "mse")
    for key, wanted in (("ArrowRight", "Recall"), ("PageDown", "Predict"), ("ArrowLeft", "Recall"), ("PageUp", "Play")):
        window.keyboard.press(key)
        window.wait_for_url(lambda url, part=wanted: part == driver.part_of(url), timeout=SLOW)
        settle(window, 0)
    window.keyboard.press("Alt+p")
    window.wait_for_url(lambda url: "projector" not in url, timeout=SLOW)


FOUR = "&".join(f"mse_methods={name}" for name in ("gradient+descent", "momentum", "adam", "newton"))
CROWDED = {"surface": "mse_picture=3-D", "A and B": "mse_ab=true", "four methods": FOUR}


@pytest.mark.parametrize("what", CROWDED)
def test_everything_stays_on_the_projectors_screen(visit, what):
    window, _ = visit(f"mse?projector=true&{CROWDED[what]}", 1024, 768)
    for width, height in ((1024, 768), (1280, 720), (1366, 768), (1920, 1080)):
        window.set_viewport_size({"width": width, "height": height})
        drawn(window, "mse")
        stays_on_the_screen(window, what, width, height)


def stays_on_the_screen(window, what, width, height):
    parts = ["input[type=range][name=step]", ".st-key-mse_player", ".st-key-mse_share", ".endings"]
    if what == "surface":
        parts += [".js-plotly-plot", ".st-key-mse_camera"]
    boxes = {part: box_of(window, part) for part in parts}
    for part, box in boxes.items():
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= width, f"{part} hangs over the side of {width}"
        assert box["y"] + box["height"] <= height + 1, f"{part} lies below the screen of {height}"
    assert boxes[parts[0]]["width"] > 150, "the slider is only a thumb"
    assert window.evaluate("document.scrollingElement.scrollWidth") <= width
    if what == "surface":
        camera, player = boxes[".st-key-mse_camera"], boxes[".st-key-mse_player"]
        assert camera["y"] + camera["height"] <= player["y"] + 1, "the views of the camera overlap Play"


def test_phone_takes_fingers(browser, address):
    """A tap sets the start, a drag on the map moves the model, elsewhere it scrolls; nothing hangs over the side."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    window = context.new_page()
    driver.open_page(window, f"{address}/mse")
    drawn(window, "mse")
    assert window.evaluate("document.scrollingElement.scrollWidth") <= 390
    stage, play = box_of(window, STAGE), box_of(window, ".st-key-mse_player")
    assert stage["x"] + stage["width"] <= 390
    assert play["y"] + play["height"] <= 844, "the player is in sight with the map"
    style = ChartStyle("phone")
    area = {"x": stage["x"] + 60, "y": stage["y"] + 50, "width": style.map_side - 30, "height": style.map_side - 40}
    x, y = spot(area, 0.7, 0.3)
    window.touchscreen.tap(x, y)
    window.wait_for_url("**mse_w0=*", timeout=SLOW)  # the tap set the start
    drawn(window, "mse")
    before = window.locator("input[name=hover_w]").input_value()
    touch = context.new_cdp_session(window)

    def drag(points):
        for kind, at in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]})
            window.evaluate("() => new Promise(requestAnimationFrame)")
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    top = box_of(window, STAGE)["y"]
    drag([(x - 10 * k, y - 8 * k) for k in range(9)])
    expect(window.locator("input[name=hover_w]")).not_to_have_value(before, timeout=SLOW)
    assert box_of(window, STAGE)["y"] == top, "the page stays while a finger is on the map"
    drag([(x, top - 6 - 8 * k) for k in range(8)])
    # Outside the map the page scrolls.
    window.wait_for_function("top => document.querySelector('[data-testid=stVegaLiteChart] canvas')"
                             ".getBoundingClientRect().y < top", arg=top, timeout=SLOW)  # fmt: skip
    context.close()


CUT = """() => [...document.querySelectorAll('[class*=_panel_box] :is(p, label, button, summary), .st-key-mse_strip *')]
  .filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')
  .map((e) => e.innerText)"""


def test_at_200_per_cent_everything_is_in_reach(visit):
    """A window of 1280 times 720 has 640 times 360 pixels of the page when it is enlarged to 200 per cent."""
    window, _ = visit("mse?mse_tab=Learn&mse_part=Predict", 640, 360)
    drawn(window, "mse")
    window.locator(".st-key-mse_over").get_by_text("ends").click(timeout=SLOW)  # nothing lies over it
    window.locator(".st-key-mse_player").get_by_role("button", name="Play").click(timeout=SLOW)
    last = {"Learn": "Words", "Check": "Next", "Controls": "Compare A with B"}
    for view, words in last.items():
        window.locator(".st-key-mse_panel").get_by_text(view, exact=True).click(timeout=SLOW)
        expect(window.locator(f".st-key-mse_{view.lower()}")).to_be_visible(timeout=SLOW)
        settle(window, 0)
        sheet = box_of(window, "[data-testid=stBottomBlockContainer]")
        assert sheet["y"] + sheet["height"] <= 361
        assert sheet["height"] >= 150, f"{view} has room for some lines"
        assert sheet["y"] >= 120, f"{view} leaves some of the map in sight"
        shown = window.locator("[class*=_panel_box]").get_by_text(words, exact=True).filter(visible=True)
        shown.last.click(trial=True, timeout=SLOW)  # it can be scrolled to, and nothing lies over it
        assert window.evaluate("document.scrollingElement.scrollWidth") <= 640
        assert not window.evaluate(CUT), f"words in {view} are cut off"


SHIFTS = """() => { window.shifts = [];
new PerformanceObserver(list => { for (const e of list.getEntries()) for (const s of e.sources || []) {
  const node = s.node?.nodeType === 1 ? s.node : s.node?.parentElement;
  window.shifts.push([node?.className?.toString().slice(0, 120), s.previousRect.y, s.currentRect.y,
    !!node?.closest('[class*=_room]'), e.value]); }
}).observe({type: 'layout-shift', buffered: true}); }"""


# Where the title of the page is, in each frame.
TITLES = """() => {
  const seen = [];
  const look = () => {
    const title = document.querySelector('h1');
    if (title) {
      const {left, top, height} = title.getBoundingClientRect();
      const place = [left, top, height].map(Math.round).join();
      if (seen.at(-1) !== place) seen.push(place);
    }
    requestAnimationFrame(look);
  };
  look();
  window.titles = seen;
}"""


@pytest.mark.parametrize(("page", "width", "height"), [("mse", 1280, 720), ("mse", 390, 844), ("nonconvex", 390, 844)])
def test_nothing_jumps_while_the_page_loads(browser, address, page, width, height):
    """The title stands where it first appears, for a visitor who has nothing of the app yet; and from the first paint
    of the stage on, neither it nor the strip below it moves."""
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
    phone = {"is_mobile": True, "has_touch": True, "user_agent": agent} if width < 500 else {}
    context = browser.new_context(viewport={"width": width, "height": height}, **phone)
    window = context.new_page()
    window.add_init_script(f"({SHIFTS})(); ({TITLES})()")
    driver.open_page(window, f"{address}/{page}")
    drawn(window, page)
    seen = box_of(window, "[data-testid=stBottom]")["y"] if width < 500 else height  # the sheet covers what is below
    moved = [
        s for s in window.evaluate("window.shifts") if s[3] and s[1] and s[2] and abs(s[1] - s[2]) > 1 and s[1] < seen
    ]
    titles = window.evaluate("() => window.titles")
    context.close()
    assert not moved, moved[:5]
    assert len(titles) == 1, titles
