"""What only a browser shows of the lessons: formulae set without an error, and a run that starts by itself."""

from __future__ import annotations

import driver
import looks
import pytest
import walk
from driver import STAGE, settle

from lossgeo.teaching.lessons import load_lessons
from lossgeo.views.pages import LESSON_PAGES

ARTEFACTS = driver.ROOT / "tests" / "artefacts"
ALL_TEXTS = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from lossgeo.teaching.lessons import load_lessons
from lossgeo.views.pages import LESSON_PAGES
for lesson in load_lessons():
    for text in lesson.texts():
        st.markdown(text)
st.title("End of the texts")
"""


def test_every_formula_of_the_lessons_is_set_and_no_link_is_dead(browser, tmp_path):
    script = tmp_path / "texts.py"
    script.write_text(ALL_TEXTS.format(root=str(driver.ROOT)), encoding="utf-8")
    with driver.served(script) as address:
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("heading", name="End of the texts").wait_for(timeout=60_000)
        page.wait_for_selector(".katex")
        settle(page)
        assert page.locator(".katex").count() > 40
        assert page.locator(".katex-error").count() == 0
        links = page.locator("[data-testid=stMarkdown] a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        assert not [link for link in links if not link.startswith("#")], "a lesson names controls and pages instead"
        assert "$" not in page.locator("[data-testid=stMain]").inner_text(), "a formula that was not closed"
        page.close()


def test_run_brings_the_stage_into_sight_and_plays_from_the_start(visit):
    window, _ = visit("mse?mse_part=Predict")
    window.get_by_text("One bowl, with one lowest point").click()
    settle(window)
    window.get_by_text("fairly sure", exact=True).click()
    settle(window)
    window.get_by_role("button", name="Run", exact=True).click()
    window.wait_for_function(
        """() => { const r = document.querySelector('input[type=range][name=step]');
        return r && +r.max > 1 && +r.value > 0 && +r.value < +r.max; }""",
        polling=20,
    )
    window.wait_for_function(
        "() => { const r = document.querySelector('input[type=range][name=step]'); return +r.value === +r.max; }"
    )
    top = window.locator(STAGE).first.bounding_box()["y"]
    assert 0 <= top < 400
    assert "mse_part=Observe" in window.url


# Every lesson on a laptop, where a text that is too long would be seen; on a phone, whose card has its own scroll, the
# first one of each page. `python tests/browser/walk.py` walks all of them at every size.
LESSONS = load_lessons()
WALKS = [(lesson, 1280, 720) for lesson in LESSONS] + [
    (next(lesson for lesson in LESSONS if lesson.page == page), 390, 844) for page in LESSON_PAGES
]


@pytest.mark.parametrize(("lesson", "width", "height"), WALKS, ids=[f"{w[0].key}-{w[1]}" for w in WALKS])
def test_a_lesson_is_walked_without_scrolling(visit, tmp_path, lesson, width, height):
    """Text and picture share the screen in every part, and Next moves nothing."""
    window, _ = visit(f"{lesson.page}?{lesson.page}_lesson={lesson.number}", width, height)
    parts = []
    for part, wrong, below in walk.walk(window, lesson):
        parts.append(part)
        window.screenshot(path=tmp_path / f"{len(parts)} {part}.png")
        assert not wrong, f"{part}: {wrong}"
        assert below < 1 or width < 500, f"{part}: {below} pixels of the card are below the window"
    ARTEFACTS.mkdir(exist_ok=True)
    looks.sheet(tmp_path.glob("*.png"), ARTEFACTS / f"sheet-lesson-{lesson.key}-{width}x{height}.png")
    assert len(parts) >= 7
