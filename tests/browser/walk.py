"""Lessons walked part by part in a real browser: is everything in sight, does nothing move?

`python tests/browser/walk.py [FOLDER [SIZE ...]]` walks every lesson at every size, prints a row for each part
with what is wrong there, and keeps pictures in the folder. test_lesson_run.py walks each lesson at one or two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

import driver  # noqa: E402  after the path
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from lossgeo.teaching.lessons import Lesson, load_lessons  # noqa: E402

SIZES = ("1024x768", "1280x720", "1366x768", "1920x1080", "390x844")  # with p at the end: as a projector
NEEDED = 256  # pixels of the map that a phone has to show

# Where stage, player and panel are, what covers them, what is scrolled or would have to be, and how far things moved
# that nobody touched since the part before.
MEASURE = """page => {
  const box = selector => document.querySelector(selector)?.getBoundingClientRect();
  const solid = box(`.st-key-${page}_solid`);  // the surface, which stands in place of the map
  const stage = solid || box('[data-testid=stVegaLiteChart] canvas'), player = box(`.st-key-${page}_player`);
  const panel = document.querySelector(`.st-key-${page}_panel_box`), card = panel?.getBoundingClientRect();
  const wrong = [], high = window.innerHeight, wide = window.innerWidth, phone = wide < 500;
  if (!stage || !player || !card) return {wrong: ['stage, player or panel is missing']};
  const outside = (name, r, low) => {
    if (r.left < -1 || r.right > wide + 1) wrong.push(`${name} hangs over the side`);
    if (r.top < -1 || low > high + 1) wrong.push(`${name} ends at ${Math.round(low)} of ${high}`);
  };
  outside('the stage', stage, phone ? stage.top + NEEDED : stage.bottom);
  outside('the player', player, player.bottom);
  const seen = (name, x, y, own) => {
    const top = document.elementFromPoint(x, y);
    if (!top || !top.closest(own)) wrong.push(`${name} is covered at ${Math.round(x)}, ${Math.round(y)}`);
  };
  const chart = solid ? `.st-key-${page}_solid` : '[data-testid=stVegaLiteChart]';
  seen('the map', stage.left + 90, stage.top + 40, chart);
  seen('the map', stage.left + 90, phone ? stage.top + NEEDED - 4 : stage.bottom - 40, chart);
  seen('the player', player.left + player.width/2, player.top + player.height/2, `.st-key-${page}_player`);
  let scroller = panel;
  while (scroller && !/auto|scroll/.test(getComputedStyle(scroller).overflowY)) scroller = scroller.parentElement;
  const hidden = scroller ? Math.max(0, card.bottom - scroller.getBoundingClientRect().bottom) : 0;
  const main = document.querySelector('[data-testid=stMain]').scrollTop + document.scrollingElement.scrollTop;
  if (main > 0) wrong.push(`the page is scrolled by ${main}`);
  if (document.scrollingElement.scrollWidth > wide) wrong.push('the page can be scrolled sideways');
  const room = solid || box(`.st-key-${page}_box`) || stage;
  return {wrong, hidden, stage: [room.left, room.top].map(Math.round)};
}""".replace("NEEDED", str(NEEDED))


def walk(page: Page, lesson: Lesson, answer: bool = False) -> Iterator[tuple[str, list[str], int]]:
    """From an open first part to the last one by Next: the part, what is wrong there, how much of its card is below.

    `page` shows the first part of the lesson. With `answer`, each part is measured again with its first answer given.
    """
    stage = None
    while True:
        part = driver.part_of(page.url, lesson.page)
        found = page.evaluate(MEASURE, lesson.page)
        wrong = found["wrong"]
        if stage is not None and stage != found.get("stage"):
            wrong.append(f"the stage moved from {stage} to {found.get('stage')}")
        stage = found.get("stage")
        yield part, wrong, found.get("hidden", 0)
        if answer and (radio := page.locator(f".st-key-{lesson.page}_learn [role=radiogroup] label")).count():
            radio.first.click()
            driver.settle(page)
            found = page.evaluate(MEASURE, lesson.page)
            yield f"{part}, answered", found["wrong"], found.get("hidden", 0)
        onward = page.get_by_role("button", name="Next: ")
        if not onward.count():
            return
        onward.click()
        driver.settle(page)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    total = bad = 0
    with driver.served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
        for size, mode, context in driver.contexts(browser, sys.argv[2:] or SIZES):
            for lesson in load_lessons():
                page = context.new_page()
                driver.open_page(page, f"{address}/{lesson.page}?{mode}{lesson.page}_lesson={lesson.number}")
                for part, wrong, hidden in walk(page, lesson, answer=True):
                    total, bad = total + 1, bad + bool(wrong or hidden > 1)
                    print(f"{size:9} lesson {lesson.key:>2} {part:20} below {hidden:4.0f}  {'; '.join(wrong)}")
                    if folder is not None:
                        page.screenshot(path=folder / f"{size}-{lesson.key}-{part}.png".replace(", ", "-"))
                sys.stdout.flush()
                page.close()
        browser.close()
    print(f"{total} parts looked at, {bad} with something wrong or not wholly in sight")


if __name__ == "__main__":
    main()
