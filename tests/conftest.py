"""For every test: one BLAS thread, the repository's root on the path, and what is missing left out and said."""

from __future__ import annotations

import os
import sys
from collections.abc import Set
from pathlib import Path

# Before NumPy loads its BLAS.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import optional  # noqa: E402  after the path
import pytest  # noqa: E402

LEFT_OUT: dict[str, set[str]] = {}  # what is missing -> the files that need it
CI = os.environ.get("CI", "").lower() == "true"


def _how(missing: Set[str]) -> str:
    """How to have what is missing."""
    how = optional.INSTALL
    if "a browser" in missing:
        how += ", and Chromium (on Debian and Ubuntu the package chromium), Chrome or Edge"
    for program in missing & set(optional.PROGRAMS):
        how += f", and {program} (on Debian and Ubuntu the package of that name)"
    return how


def _leave_out(what: str, file: str) -> None:
    if CI:
        raise pytest.UsageError(f"{file} needs {what}, and in CI every test has to run: {_how({what})}")
    LEFT_OUT.setdefault(what, set()).add(file)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a file out whose packages, or whose browser, are not there."""
    if collection_path.name == "browser" and collection_path.is_dir():  # its conftest needs what its tests need
        files = list(collection_path.glob("test_*.py"))
        lacking = {name for name in optional.needs(collection_path / "driver.py") if optional.missing(name)}
        for name in lacking:
            for file in files:
                _leave_out(name, file.name)
        return True if lacking else None
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    lacking = {name for name in optional.needs(collection_path) if optional.missing(name)}
    if not lacking and collection_path.parent.name == "browser" and optional.browser() is None:
        lacking = {"a browser"}
    for name in lacking:
        _leave_out(name, collection_path.name)
    return True if lacking else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A developer's run, `python -m pytest -m "not slow"`, leaves the browser tests to CI."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def needs_tool(request: pytest.FixtureRequest):
    """needs_tool("ruff"): skip the test where the tool is not installed."""

    def check(name: str) -> None:
        if optional.missing(name):
            _leave_out(name, request.node.path.name)
            pytest.skip(f"{name} is not installed: {_how({name})}")

    return check


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line on what was left out and how to have it."""
    if LEFT_OUT:
        files = len(set().union(*LEFT_OUT.values()))
        what, how = ", ".join(sorted(LEFT_OUT)), _how(LEFT_OUT.keys())
        terminalreporter.write_line(f"Left out: {files} files of tests, for want of {what}. To have them: {how}")
