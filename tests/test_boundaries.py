"""The rooms of the house stay apart: who imports whom, who holds state, who caches; and they stay small."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lossgeo"
FILES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in sorted(PACKAGE.rglob("*.py"))
}
APP = {"streamlit_app": ROOT / "streamlit_app.py"} | {
    f"pages.{file.stem}": file for file in sorted((ROOT / "pages").glob("*.py"))
}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in (FILES | APP).items()}

# Room -> the parts of its names, and what must never be loaded by importing it.
HEAVY = ("streamlit", "altair", "plotly", "pandas", "pyarrow", "PIL", "scipy", "sklearn", "matplotlib")
FORBIDDEN = {
    "core": (*HEAVY, "lossgeo.charts", "lossgeo.views", "lossgeo.ui", "tests"),
    "charts": ("streamlit", "pandas", "pyarrow", "lossgeo.views", "lossgeo.book", "lossgeo.ui", "pages", "tests"),
    "views": ("streamlit", "pandas", "pyarrow", "lossgeo.book", "lossgeo.ui", "pages", "tests"),
    "book": ("streamlit", "pandas", "pyarrow", "vl_convert", "lossgeo.ui", "pages", "tests"),
}


def room(name: str) -> str:
    """The room of a module: core, charts, views, book, ui, or app for the pages and the entry file."""
    if not name.startswith("lossgeo"):
        return "app"
    part = name.split(".")[1] if "." in name else ""
    return part if part in ("charts", "views", "book", "ui") else "core"


def within(name: str, *roots: str) -> bool:
    """Whether a module is one of the roots or lies inside one."""
    return name in roots or name.startswith(tuple(f"{root}." for root in roots))


def imports(name: str) -> set[str]:
    """Every module that a file imports, inside functions and behind TYPE_CHECKING too, by its full name."""
    found = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports name their package in full"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in FILES else str(node.module))
    return found


@pytest.mark.parametrize("name", TREES)
def test_a_room_imports_only_what_it_may(name):
    """Arrows go one way: core, charts, views, book, ui, pages."""
    forbidden = FORBIDDEN.get(room(name), ("pages", "streamlit_app", "tests"))
    wrong = sorted(other for other in imports(name) if within(other, *forbidden))
    assert not wrong, f"{name} ({room(name)}) imports {wrong}; see the table in lossgeo/docs/extending.md"


# Packages that a module of the core imports only when somebody asks for what needs them.
LATE = {"lossgeo.rooms.redis_shelf": {"redis"}}


@pytest.mark.parametrize("name", [name for name in FILES if room(name) == "core"])
def test_the_core_uses_numpy_and_the_standard_library_only(name):
    outside = {other.split(".")[0] for other in imports(name)} - set(sys.stdlib_module_names) - {"numpy", "lossgeo"}
    assert outside <= LATE.get(name, set()), f"{name} needs {outside}"


def test_no_circle_of_imports():
    """Those behind TYPE_CHECKING count, too."""
    graph = {name: {other for other in imports(name) if other in FILES and other != name} for name in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"these files import each other in a circle: {' -> '.join(circle.args[1])}")


# What a module adds to sys.modules, for each in a process of its own, forked from one that has loaded
# NumPy only: a fresh interpreter for all practical purposes, at the price of one.
PROBE = """
import json, os, sys
import numpy
for name in sys.argv[1:]:
    reader, writer = os.pipe()
    if not os.fork():
        os.close(reader)
        try:
            __import__(name)
            answer = sorted(sys.modules)
        except BaseException as error:
            answer = repr(error)
        with os.fdopen(writer, "w") as out:
            json.dump([name, answer], out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as sent:
        print(sent.read())
    os.wait()
"""
ALONE = [name for name in FILES if room(name) in FORBIDDEN]


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Module -> all modules that are loaded after importing it alone."""
    command = [sys.executable, "-c", PROBE, *ALONE]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(line) for line in out.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("name", ALONE)
def test_importing_loads_nothing_forbidden(loaded, name):
    modules = loaded[name]
    assert isinstance(modules, list), f"{name} cannot be imported alone: {modules}"
    found = [module for module in modules if within(module, *FORBIDDEN[room(name)], *LATE.get(name, ()))]
    # PIL brings pandas' or pyarrow's own hooks along; only what lossgeo asks for counts.
    assert not found, f"{name} loads {found[:5]}"


# What a script loads first, and what the server loads beside it, up to where it waits.
FIRST = ["import lossgeo.ui.runtime.frame",
         "import time; from lossgeo.ui.runtime import server; time.sleep = sys.exit; server.warm(0)"]  # fmt: skip


@pytest.mark.parametrize("first", FIRST)
def test_pandas_is_whole_before_altair_is_used(first):
    """Whoever uses Altair while another thread loads pandas gets an error: 8 of 39 first visitors did."""
    seen = "import sys\nclass Seen:\n    def find_spec(self, name, *rest): print(name)\nsys.meta_path.insert(0, Seen())"
    asked = [sys.executable, "-c", f"{seen}\n{first}"]
    names = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert "altair" not in names[: names.index("pandas")]


def functions(name: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The public functions and methods of a module, with the class in front."""
    for node in TREES[name].body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        for each in inside:
            if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                yield (f"{node.name}.{each.name}" if each is not node else each.name), each


def attributes(name: str) -> set[str]:
    """Dotted names that a file uses, such as st.session_state."""
    return {ast.unparse(node) for node in ast.walk(TREES[name]) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("name", [name for name in TREES if name != "lossgeo.ui.session"])
def test_only_session_touches_session_state_and_the_address(name):
    used = {text for text in attributes(name) if text.startswith(("st.session_state", "st.query_params"))}
    assert not used, f"{name} uses {used}: add an accessor to lossgeo/ui/session.py"


# Built once per process from constants: specs, and the text of the lessons.
CACHING = {"lossgeo.views.cached", "lossgeo.views.own_formula", "lossgeo.views.network_planes",
           "lossgeo.charts.stage", "lossgeo.charts.small_charts", "lossgeo.charts.lab_charts",
           "lossgeo.charts.votes", "lossgeo.charts.class_map", "lossgeo.charts.pick_map",
           "lossgeo.datasets", "lossgeo.teaching.questions", "lossgeo.teaching.lessons",
           "lossgeo.charts.network_charts", "lossgeo.book.bundle",
           "lossgeo.teaching.answers", "lossgeo.teaching.challenges", "lossgeo.teaching.glossary"}  # fmt: skip


@pytest.mark.parametrize("name", TREES)
def test_caches_stand_where_they_belong(name):
    """In views.cached, apart from builders of constant specs and readers of text that never changes."""
    decorators = {
        ast.unparse(decorator)
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if "cache" in ast.unparse(decorator) and "cached_property" not in ast.unparse(decorator)
    }
    assert not decorators or name in CACHING, f"{name} caches by {decorators}: that belongs into views/cached.py"
    if room(name) in ("charts", "views", "book", "ui"):
        assert all("maxsize=" in text and "maxsize=None" not in text for text in decorators), "every cache is bounded"


def test_components_are_registered_in_an_imported_module_only():
    """A page file would register them anew in each run."""
    registering = {name for name in TREES if any("components.v2" in text for text in attributes(name))}
    assert registering == {"lossgeo.ui.runtime.components"}


@pytest.mark.parametrize("name", APP)
def test_pages_are_lesson_plans(name):
    """They import Streamlit and the package, define no function and hold no formula."""
    assert {other.split(".")[0] for other in imports(name)} <= {"streamlit", "lossgeo"}
    for node in ast.walk(TREES[name]):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.BinOp), f"line {node.lineno}"


# --- it stays readable ------------------------------------------------------------------------------------

LONGEST = 560  # lines of a file


@pytest.mark.parametrize("name", TREES)
def test_no_file_is_too_long(name):
    file = (FILES | APP)[name]
    lines = len(file.read_text(encoding="utf-8").splitlines())
    limit = 700 if name == "lossgeo.landscapes" else LONGEST
    assert lines <= limit, f"{file.name} has {lines} lines: ask whether it holds two ideas"


def test_facts_are_declared_and_not_looked_for():
    """A caller that asks whether something has an attribute knows too much: contracts.py has defaults."""
    calls = [
        f"{name}, line {node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr")
    ]
    assert len(calls) <= 6, f"too many getattr or hasattr: {calls}"


def test_nearly_every_public_function_says_what_it_gives():
    every = [(name, function, node) for name in FILES for function, node in functions(name)]
    silent = [f"{name}: {function}" for name, function, node in every if not ast.get_docstring(node)]
    assert len(silent) <= 0.15 * len(every), f"{len(silent)} of {len(every)} have no docstring: {silent[:20]}"
