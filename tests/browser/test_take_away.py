"""What works without a server, opened from a disk: the interactive page, and the book with every page and link."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urlsplit

import html5lib
import latex2mathml  # noqa: F401  the book needs it
import markdown_it  # noqa: F401  the book needs it
import numpy as np
import pytest
import vl_convert  # noqa: F401  so does every file here
from driver import Watch, eventually, frames
from playwright.sync_api import expect
from test_access import AXE, RULES

from lossgeo.book import lesson as computed
from lossgeo.book import one_file, site, text
from lossgeo.charts.style import ChartStyle
from lossgeo.numbers import number
from lossgeo.teaching.goals import OF_RUNS
from lossgeo.teaching.lessons import load_lessons
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import LESSON_PAGES
from lossgeo.views.view import build

APP = "https://app.example/"
LESSONS = load_lessons()
SHARED, PAGE, BOOK = 1_000_000, 250_000, 2_500_000  # bytes at most, compressed
WORDS = "async () => (await stage.view.toSVG()).replace(/<[^>]*>/g, ' ')"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The whole book without pictures (those: tests/test_book.py)."""
    folder = tmp_path_factory.mktemp("book")
    site.write(folder, APP, pictures=False)
    return folder


@pytest.fixture
def opened(browser):
    """opened(file, width, height, scheme) -> page. At the end: no error, and nothing was asked of any host."""
    made = []

    def go(file, width=1280, height=720, scheme="light", tail=""):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page, watch = context.new_page(), Watch("")
        watch.on(page)
        made.append((context, watch))
        page.goto(file.as_uri() + tail)
        return page

    yield go
    for context, watch in made:
        context.close()
        assert not watch.errors, watch.errors[:5]
        assert not [url for url in watch.addresses if not url.startswith(("file:", "data:", "blob:"))]


def findings(page):
    """What axe finds, with the rules of the app. It must not fetch the styles, which the policy forbids."""
    page.evaluate(AXE)
    found = page.evaluate("r => axe.run(document, {preload: false, runOnly: {type: 'tag', values: r}})", RULES)
    return [(each["id"], each["nodes"][0]["html"][:90]) for each in found["violations"]]


def alive(page):
    page.wait_for_selector(".stage[data-alive]", state="attached", timeout=60_000)
    return page


@pytest.mark.parametrize("key", list(LESSON_PAGES))
def test_the_interactive_page_says_what_the_app_says(opened, tmp_path, key):
    record = LESSON_PAGES[key]
    view = build(record, choice_from(record, {}), ChartStyle("laptop"))
    file = tmp_path / f"{key}.html"
    file.write_text(one_file.html(view, f"{APP}{key}", step=7), encoding="utf-8")
    page = alive(opened(file))
    step, play = page.locator("input[name=step]"), page.get_by_role("button", name="Play")
    expect(step).to_have_value("7")
    (w0, w1), (b0, b1) = view.window
    for across, up in ((0.3, 0.4), (0.7, 0.6), (0.55, 0.2)):
        place = (round(w0 + across * (w1 - w0), 3), round(b0 + up * (b1 - b0), 3))
        for name, value in zip(("hover_w", "hover_b"), place, strict=True):
            page.locator(f"input[name={name}]").fill(str(value))
        said = number(float(view.loss.value(np.array(place))))
        shown = eventually(page, lambda said=said: f"= {said} " in page.evaluate(WORDS))
        assert shown, f"the loss at {place} is {said}"
    before = page.locator("input[name=hover_w]").input_value()
    box = page.locator(".box canvas").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.move(box["x"] + 210, box["y"] + 205)
    frames(page)
    assert page.locator("input[name=hover_w]").input_value() != before, "the pointer moves the model"
    assert page.locator("[role=graphics-document]").get_attribute("aria-label").startswith("Map of the ")
    page.locator("h1").click()
    page.keyboard.press(".")
    expect(step).to_have_value("8")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert eventually(page, lambda: int(step.input_value()) > 8)
    page.keyboard.press("p")
    expect(play).to_be_visible()
    reached = step.input_value()
    if key != "mse":
        return
    light = page.evaluate("document.querySelector('.box canvas').toDataURL()")
    page.get_by_role("button", name="Light or dark").click()
    picture = "document.querySelector('.box canvas')?.toDataURL()"
    assert eventually(page, lambda: page.evaluate(picture) not in (light, None))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 23, 28)"
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".stage[data-layout=phone]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator("input[name=step]")).to_have_value(reached)
    assert not findings(page)


# --- the book ------------------------------------------------------------------------------------------------


def test_the_book_is_valid_whole_and_small(book):
    pages = {file.name: file.read_text() for file in book.glob("*.html")}
    for name, page in pages.items():
        parser = html5lib.HTMLParser()
        parser.parse(page)
        assert not parser.errors, f"{name} is no valid HTML: {parser.errors[:3]}"
        bare = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
        ids = re.findall(r'\sid="?([\w-]+)', bare)
        assert len(ids) == len(set(ids)), f"{name} gives an id twice: {sorted(ids)}"
        for address in re.findall(r'(?:href|src)="([^"]*)"', bare):
            if not address.startswith(("data:", APP)):
                assert not urlsplit(address).scheme, f"{name} leads to another host: {address}"
                assert (book / urlsplit(address).path).exists(), f"{name} leads to {address}, which is not there"
        assert "$" not in re.sub(r'alttext="[^"]*"', "", bare), f"{name}: a formula was not set"
    for lesson in LESSONS:
        page = pages[f"lesson-{lesson.key}.html"]
        for words in (*lesson.outcomes, lesson.plain, lesson.after, *(item.think for item in lesson.refute)):
            assert str(text.inline(words)) in page or str(text.block(words)) in page, f"{lesson.heading}: {words}"
    size = {file.name: len(gzip.compress(file.read_bytes())) for file in book.iterdir()}
    shared = sum(size.pop(name) for name in ("vega.js", "stage.js", "book.css", "theme.js"))
    assert shared <= SHARED, f"the shared files take {shared} bytes"
    assert max(size.values()) <= PAGE, f"the largest pages: {sorted(size.items(), key=lambda each: -each[1])[:3]}"
    assert shared + sum(size.values()) <= BOOK


def test_every_lesson_is_alive_and_works(opened, book):
    for lesson in LESSONS:
        page = alive(opened(book / f"lesson-{lesson.key}.html"))
        if lesson.play.goal.kind in OF_RUNS:
            runs_as_in_the_app(page, lesson)
        drawn = page.evaluate(f"async () => {{ {EVERY} }}")
        assert drawn["stages"] > 5
        assert not drawn["failed"], f"{lesson.heading}: {drawn['failed']}"
        page.close()
    page = alive(opened(book / "lesson-2.html", tail="?embed"))
    assert not page.locator("nav").is_visible()
    assert not page.locator("#part-observe").is_visible(), "what happens is shown after the prediction"
    count, box = page.locator(".count"), page.locator(".box canvas").bounding_box()
    for name in ("hover_w", "hover_b"):
        page.locator(f"input[name={name}]").fill("0")
    page.keyboard.press("Enter")
    expect(count, "numbers typed are a click").to_contain_text("arrived after 980 steps")
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.click(box["x"] + 151, box["y"] + 151)
    expect(count).not_to_contain_text("980 steps")
    at = [float(page.locator(f"input[name=hover_{name}]").input_value()) for name in "wb"]
    view = computed.view_of({**load_lesson("2").play.state, "mse_w0": at[0], "mse_b0": at[1]})
    steps = len(view.runs[0].trajectory.points) - 1
    expect(count).to_contain_text(f"arrived after {steps} steps")

    asked = page.locator("#recalled-question")
    right = asked.get_attribute("data-right")
    wrong = "1" if right == "0" else "0"
    for chosen, verdict in ((wrong, "Not this one (you were: certain)."), (right, "Right (you were: certain).")):
        asked.locator(f"input[name=recalled][value='{chosen}']").check()
        asked.get_by_label("certain").check()
        asked.get_by_role("button", name="Check my answer").click()
        expect(asked.locator(".feedback:visible")).to_have_count(1)
        expect(asked.locator(".feedback:visible")).to_contain_text(verdict)
    page.locator("#prediction input[name=predicted]").first.check()
    page.locator("#prediction").get_by_label("guess").check()
    page.locator("#prediction input[name=rate]").fill("0.6")
    page.locator("#prediction").get_by_role("button", name="Run").click()
    expect(page.locator("#part-observe .then")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    slider = page.locator(".rates input")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator(".rates output")).to_have_text("0.92")
    expect(page.locator(".how")).to_contain_text("Runs away")
    page.locator("#saw").click()
    expect(page.locator("#part-observe .happens")).to_contain_text("980, 191, 132 and 690 steps")

    assert not findings(page)
    page.set_viewport_size({"width": 672, "height": 900})  # the width of the text on paper
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".answers").is_visible()
    assert not page.locator("#stage").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 672, "nothing is cut off at the margin"
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".stage[data-layout=phone]")).to_be_visible()
    page.locator("#part-transfer h2").scroll_into_view_if_needed()
    stage, heading = page.locator("#stage").bounding_box(), page.locator("#part-transfer h2").bounding_box()
    assert stage["y"] <= 1, "the map stays in sight"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert heading["y"] + heading["height"] <= 844


def runs_as_in_the_app(page, lesson):
    """A run from a place, worked out in the browser, has the steps and the last value of the app's own."""
    record = LESSON_PAGES[lesson.page]
    for name, value in zip(("hover_w", "hover_b"), ("0.5", "0.25"), strict=True):
        page.locator(f"input[name={name}]").fill(value)
    page.keyboard.press("Enter")
    state = {f"{record.key}_{name}": at for name, at in zip(record.start, (0.5, 0.25), strict=True)}
    for run in computed.view_of({**lesson.play.state, **state}).runs:
        path = run.trajectory
        said = f"value {number(float(path.values[-1]))} after" if lesson.play.goal.kind == "wins" else "arrived after"
        expect(page.locator(".count")).to_contain_text(f"{said} {len(path.points) - 1} steps")


# Shows every stage of a lesson in turn. A stage that cannot be drawn fails, or leaves a message on the console.
EVERY = """
const data = JSON.parse(document.querySelector('#data').textContent), failed = [];
const buttons = new Map([...document.querySelectorAll('button[data-stage]')].map((b) => [b.dataset.stage, b]));
for (const [index, button] of buttons) {
  button.click();
  const says = () => document.querySelector('.stage .says').textContent === data.stages[index].news.says;
  for (let wait = 0; wait < 60 && !says(); wait++) await new Promise((done) => setTimeout(done, 50));
  if (!says()) failed.push(index);
}
return { stages: buttons.size, failed };
"""


def load_lesson(key):
    return next(lesson for lesson in LESSONS if lesson.key == key)
