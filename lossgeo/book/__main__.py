"""`python -m lossgeo.book FOLDER [--app https://...]`: the lessons as static pages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lossgeo.book import bundle


def main(words: list[str] | None = None) -> int:
    """Write the book into the folder that the words name."""
    parser = argparse.ArgumentParser(prog="python -m lossgeo.book", description="The lessons as static pages.")
    parser.add_argument("folder", type=Path, help="where to write them")
    parser.add_argument("--app", default="", help="the address of the living app, to which the pages then link")
    parser.add_argument("--no-pictures", action="store_true", help="leave out the stages for paper: faster, for a try")
    given = parser.parse_args(words)
    try:
        from lossgeo.book import site
    except ModuleNotFoundError as missing:
        print(f"The book needs {missing.name}: python -m pip install -r lossgeo/book/extras.txt", file=sys.stderr)
        return 1
    if not bundle.installed():
        print("The book needs vl-convert-python: python -m pip install -r requirements.txt", file=sys.stderr)
        return 1
    app = given.app.rstrip("/") + "/" if given.app else ""
    site.write(given.folder, app, not given.no_pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
