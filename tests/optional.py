"""What the tests need beyond `requirements.txt`, and how to have it: packages by what a test file imports, a browser.

A file whose packages are missing is left out, and one line at the end says so. In CI (`CI=true`) that is an error.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import sys
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGES = ("scipy", "sklearn", "hypothesis", "playwright", "axe_playwright_python", "websockets", "zxingcpp", "xdist",
            "PIL", "html5lib", "vl_convert", "markdown_it", "latex2mathml")  # fmt: skip
PROGRAMS = ("redis-server",)
INSTALL = "python -m pip install -r tests/requirements.txt"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
INSTALLED = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "win32": tuple(
        f"{os.environ.get(root, '')}/{program}"
        for root in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        for program in ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
    ),
}


def missing(name: str) -> bool:
    """Whether a package, or one of PROGRAMS, is not installed."""
    if name in PROGRAMS:
        return shutil.which(name) is None
    return importlib.util.find_spec(name) is None


@cache
def needs(file: Path) -> frozenset[str]:
    """The packages of PACKAGES that a test file imports, itself or through the helpers beside it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            root = module.split(".")[0]
            found |= {root} & set(PACKAGES)
            names = [module]
            if isinstance(node, ast.ImportFrom):  # `from tests.bench import load` names a file, too
                names += [f"{module}.{alias.name}" for alias in node.names]
            paths = [TESTS.parent / f"{name.replace('.', '/')}.py" for name in names]
            for helper in (file.parent / f"{root}.py", TESTS / f"{root}.py", TESTS / "browser" / f"{root}.py", *paths):
                if helper.exists() and helper != file and TESTS in helper.parents:
                    found |= needs(helper)
    return frozenset(found)


@cache
def browser() -> str | None:
    """The path of a browser: $CHROMIUM, a usual name on PATH, Playwright's own, an installed Chrome or Edge."""
    asked = os.environ.get("CHROMIUM")
    for name in (asked,) if asked else NAMES:
        if found := shutil.which(name):
            return found
    if asked:
        return None
    places = [Path(place) for place in INSTALLED.get(sys.platform, ())]
    if not missing("playwright"):
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            places.insert(0, Path(playwright.chromium.executable_path))
    return next((str(place) for place in places if place.is_file()), None)
