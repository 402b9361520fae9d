"""Who imports whom, who keeps state and who caches: the rooms of the house stay apart."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lossgeo"
CORE = sorted(file.stem for file in PACKAGE.glob("*.py") if file.stem != "__init__")
CHARTS = sorted(file.stem for file in (PACKAGE / "charts").glob("*.py") if file.stem != "__init__")
UI_FILES = sorted((PACKAGE / "ui").rglob("*.py"))
UI = [".".join(file.relative_to(PACKAGE / "ui").with_suffix("").parts) for file in UI_FILES if file.stem != "__init__"]
PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))

FORBIDDEN = {
    "core": ("streamlit", "altair", "plotly", "pandas", "pyarrow", "PIL", "scipy", "sklearn", "matplotlib",
             "lossgeo.charts", "lossgeo.ui", "tests"),
    "charts": ("streamlit", "pandas", "pyarrow", "lossgeo.ui", "pages", "tests"),
}  # fmt: skip

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


@pytest.fixture(scope="module")
def loaded():
    """Module -> all modules that are loaded after importing it alone."""
    names = ["lossgeo", *(f"lossgeo.{name}" for name in CORE), *(f"lossgeo.charts.{name}" for name in CHARTS)]
    out = subprocess.run(
        [sys.executable, "-c", PROBE, *names], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return dict(json.loads(line) for line in out.splitlines())


@pytest.mark.parametrize(
    ("name", "room"),
    [("lossgeo", "core"), *((f"lossgeo.{name}", "core") for name in CORE),
     *((f"lossgeo.charts.{name}", "charts") for name in CHARTS)],
)  # fmt: skip
def test_import_loads_nothing_forbidden(loaded, name, room):
    modules = loaded[name]
    assert isinstance(modules, list), f"{name} cannot be imported alone: {modules}"
    assert name in modules
    roots = FORBIDDEN[room]
    found = [module for module in modules if module in roots or module.startswith(tuple(f"{root}." for root in roots))]
    assert not found, f"{name} loads {found[:5]}"


def test_probe_sees_what_is_loaded(loaded):
    assert "altair" in loaded["lossgeo.charts.stage"]
    assert "numpy" in loaded["lossgeo.losses"]


def imports(file: Path, only_types: bool = True) -> set[str]:
    """Full names of all that a file imports, inside functions too; `from a import b` counts as a and a.b.

    Without `only_types`, what is imported for type checking alone does not count.
    """
    names = set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if not only_types:
        tree.body = [n for n in tree.body if not (isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: imports name their package in full"
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def under(names: set[str], *roots: str) -> set[str]:
    return {name for name in names if name.split(".")[0] in roots or name.startswith(tuple(f"{r}." for r in roots))}


# Each core module may use those to its left; for types alone, any.
ORDER = ["datasets", "losses", "landscapes", "kernels", "surfaces", "geometry", "stopping", "endings", "trajectories",
         "basins", "optimizers", "listings", "snippet", "entries", "quiz", "progress", "review", "worksheet",
         "lessons", "ask", "links"]  # fmt: skip


@pytest.mark.parametrize("name", CORE)
def test_core_uses_numpy_and_the_standard_library_only(name):
    outside = {root for root in (full.split(".")[0] for full in imports(PACKAGE / f"{name}.py")) if root}
    assert outside - set(sys.stdlib_module_names) <= {"numpy", "lossgeo"}


@pytest.mark.parametrize("name", CORE)
def test_core_uses_only_what_stands_to_its_left(name):
    assert name in ORDER, "a new module takes its place in ORDER"
    used = {
        full.split(".")[1] for full in imports(PACKAGE / f"{name}.py", only_types=False) if full.startswith("lossgeo.")
    }
    assert used <= set(ORDER[: ORDER.index(name)])


@pytest.mark.parametrize("name", CHARTS)
def test_charts_know_nothing_of_the_interface(name):
    assert not under(imports(PACKAGE / "charts" / f"{name}.py"), "streamlit", "pandas", "lossgeo.ui", "pages")


@pytest.mark.parametrize("name", UI)
def test_interface_knows_no_page_module(name):
    assert not under(imports(PACKAGE / "ui" / f"{name.replace('.', '/')}.py"), "pages", "streamlit_app")


@pytest.mark.parametrize("file", [*(f"pages/{name}.py" for name in PAGES), "streamlit_app.py"])
def test_pages_are_lesson_plans(file):
    """They import Streamlit and the interface, not each other, define no function and hold no formula."""
    names = imports(ROOT / file)
    assert not under(names, "pages", "streamlit_app")
    assert {name.split(".")[0] for name in names} <= {"streamlit", "lossgeo", "__future__"}
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod)]


@pytest.mark.parametrize("name", PAGES)
def test_pages_begin_with_the_guard(name):
    """A deep link may run the page's file before the entry file has ever run."""
    tree = ast.parse((ROOT / "pages" / f"{name}.py").read_text(encoding="utf-8"))
    body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert isinstance(body[0], ast.Expr), "a docstring first"
    assert ast.unparse(body[1]) == f"entry.guard('{name}')"


def attributes(file: Path) -> set[str]:
    """Dotted names that a file uses, such as st.session_state."""
    return {
        ast.unparse(node)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }


APP = [ROOT / "streamlit_app.py", *(ROOT / "pages").glob("*.py"), *UI_FILES]
# controls owns the widgets' keys. The others keep what is theirs: whether the entry file ran and the layout
# (entry), which question is open (quiz), the progress (memory), what a class shares (classroom), what was
# revealed and voted (teacher), the loaded file (home), what was said in a lesson (guided, question), which state was
# asked for (states), which hints were seen (tour), the picture's switch (stage), what a link hides (parts) and where
# it opens the playback (share).
CONTROLS = set((PACKAGE / "ui" / "controls").glob("*.py"))
STATEFUL = {"streamlit_app.py", "entry.py", "quiz.py", "memory.py", "classroom.py", "home.py",
            "teacher.py", "guided.py", "question.py", "states.py", "tour.py", "stage.py", "parts.py",
            "share.py"}  # fmt: skip


@pytest.mark.parametrize("file", APP, ids=lambda file: file.name)
def test_session_state_is_touched_in_few_places(file):
    uses = {name for name in attributes(file) if name.startswith(("st.session_state", "st.query_params"))}
    assert not uses or file in CONTROLS or file.name in STATEFUL, uses


@pytest.mark.parametrize("file", [f for f in APP if f not in CONTROLS], ids=lambda file: file.name)
def test_only_controls_sets_widget_keys(file):
    """Elsewhere no assignment to a key that is a widget's: those start with their page's name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            text = ast.unparse(target)
            if text.startswith("st.session_state"):
                key = text.removeprefix("st.session_state").strip(".[]'\"")
                assert not key.startswith(("mse_", "logistic_", "nonconvex_", "f'{page}")), text


# Built once per process from constants: specs, and the text of the lessons.
BUILDERS = {"stage.py", "plots.py", "lab.py", "votes.py"}
READERS = {"quiz.py", "datasets.py", "lessons.py", "ask.py"}


@pytest.mark.parametrize(
    "file", [*APP, *PACKAGE.glob("*.py"), *(PACKAGE / "charts").glob("*.py")], ids=lambda f: f.name
)
def test_caches_stand_where_they_belong(file):
    """ui.cached, apart from builders of constant specs in charts and readers of text that never changes."""
    caches = {
        name for name in attributes(file) if name.startswith(("functools.cache", "functools.lru_cache", "st.cache"))
    }
    caches |= {name for name in imports(file) if name in ("functools.cache", "functools.lru_cache")}
    allowed = (file.parent.name == "charts" and file.name in BUILDERS) or file.name in {"cached.py"} | READERS
    assert not caches or allowed, caches


def test_every_cache_of_the_app_is_bounded():
    for file in [*UI_FILES, *(PACKAGE / "charts").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for decorator in getattr(node, "decorator_list", []):
                text = ast.unparse(decorator)
                if "cache" in text:
                    assert "maxsize=" in text or "max_entries=" in text, f"{file.name}: {text}"
                    assert "maxsize=None" not in text


def test_components_are_registered_in_an_imported_module_only():
    for file in APP:
        if file.name != "components.py":
            assert "components.v2.component" not in file.read_text(encoding="utf-8")


FIRST_VIEW = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=60)
app.switch_page("pages/{page}.py").run()
assert not app.exception and app.title
print(*sorted({{"altair", "pandas"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(("page", "needs"), [("home", []), ("mse", ["altair"]), ("nonconvex", ["altair"])])
def test_the_first_view_loads_no_library_that_it_does_not_show(page, needs):
    """Each would keep the first visitor of a server waiting: pandas and Altair for a quarter of a second."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_VIEW.format(page=page)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == needs
