"""Contact sheets: every page in every view, section, layer and mode, to be looked at.

`python tests/browser/looks.py FOLDER [SIZE ...]` opens each of them and writes one sheet for each size, theme and
page. The browser tests make sheets of the pictures that they take, in tests/artefacts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote_plus

from PIL import Image, ImageDraw

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1])]

import driver  # noqa: E402  after the path
from playwright.sync_api import sync_playwright  # noqa: E402

from lossgeo.views.pages import LAYERS, LESSON_PAGES, Page  # noqa: E402

SIZES = ("1280x720", "1920x1080", "390x844")  # with p at the end: as a projector
SMALL, LABEL = 460, 16  # pixels: the width of a picture on a sheet, and the height of the line below it


def sheet(pictures: Iterable[Path], target: Path, across: int = 4) -> None:
    """One picture of many, each with the name of its file below."""
    small = []
    for file in sorted(pictures):
        image = Image.open(file).convert("RGB")
        small.append((file.stem, image.resize((SMALL, round(SMALL * image.height / image.width)))))
    if not small:
        return
    high = max(image.height for _, image in small) + LABEL
    whole = Image.new("RGB", (across * (SMALL + 8), -(-len(small) // across) * (high + 8)), "#777777")
    write = ImageDraw.Draw(whole)
    for i, (name, image) in enumerate(small):
        corner = (i % across) * (SMALL + 8), (i // across) * (high + 8)
        whole.paste(image, corner)
        write.text((corner[0] + 2, corner[1] + image.height + 2), name, fill="white")
    whole.save(target)


def places(page: Page) -> Iterator[tuple[str, str]]:
    """What there is to see on a page: (name, query of the address)."""
    for tab in ("Learn", "Check", "Controls", *page.sections):
        yield tab, f"{page.key}_tab={quote_plus(tab)}"
    for layer in LAYERS:
        yield f"layer {layer}", f"{page.key}_layer={layer}"
    yield "3-D", f"{page.key}_picture=3-D"


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with driver.served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=driver.chromium(), args=driver.FLAGS)
        for scheme in ("light", "dark"):
            for size, mode, context in driver.contexts(browser, sys.argv[2:] or SIZES, color_scheme=scheme):
                for page in LESSON_PAGES.values():
                    taken = []
                    for name, query in places(page):
                        window = context.new_page()
                        driver.open_page(window, f"{address}/{page.key}?{mode}{query}")
                        driver.settle(window, 800)
                        if name in page.sections:  # it stands below the stage
                            window.locator(f".st-key-{page.key}_section").evaluate("row => row.scrollIntoView()")
                        taken.append(folder / f"{page.key}-{size}-{scheme}-{name.replace(' ', '-')}.png")
                        window.screenshot(path=taken[-1])
                        window.close()
                    sheet(taken, folder / f"sheet-{page.key}-{size}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
