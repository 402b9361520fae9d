"""What a hostile link, file or visitor could use: read off the source, and off Streamlit's settings."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
import streamlit

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [*ROOT.glob("lossgeo/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"]

# Anything that runs text as code, reads objects out of foreign bytes, starts something else or opens a connection.
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "input", "breakpoint"}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "dill", "joblib", "subprocess", "ctypes", "multiprocessing",
                     "socket", "ssl", "urllib", "http", "requests", "httpx", "aiohttp",
                     "ftplib", "websockets"}  # fmt: skip


def imported(tree: ast.AST) -> set[str]:
    """The modules that a file imports, and what it takes from them, by their full names."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


# One file starts something else: Python, with one of two programs that stand in it; what is given to it is data.
STARTERS = {"lossgeo/book/bundle.py": {"subprocess"}}


@pytest.mark.parametrize("file", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_runs_no_foreign_code_and_opens_no_connection(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & FORBIDDEN_CALLS, f"{file.name} calls {called & FORBIDDEN_CALLS}"
    taken = {name for name in imported(tree) if not name.startswith("urllib.parse")}  # which takes texts apart
    wrong = {name for name in taken if name.split(".")[0] in FORBIDDEN_IMPORTS}
    wrong -= STARTERS.get(file.relative_to(ROOT).as_posix(), set())
    assert not wrong, f"{file.name} imports {wrong}"
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            place = f"{file.name}, line {node.value.lineno}: {node.arg}"
            assert node.arg not in ("unsafe_allow_html", "unsafe_allow_javascript"), place
            on = isinstance(node.value, ast.Constant) and node.value.value is True
            assert not (node.arg in ("shell", "allow_pickle") and on), place


def test_streamlits_own_guards_are_on():
    options = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert options["server"]["enableXsrfProtection"] is True
    assert options["server"]["enableCORS"] is True
    assert options["server"]["enableStaticServing"] is False
    assert options["server"]["enableAgentApi"] is False
    assert options["server"]["maxUploadSize"] <= 5, "what own_data reads"
    assert options["client"]["showErrorDetails"] == "none"
    assert options["client"]["showErrorLinks"] is False
    assert options["browser"]["gatherUsageStats"] is False
    assert options["browser"]["serverAddress"], "without a name Streamlit asks a web service for one"
    assert options["runner"]["postScriptGC"] is False
    for section, names in options.items():
        for name in names if section != "theme" else ():
            assert f"{section}.{name}" in streamlit.config._config_options_template, f"Streamlit knows no {name}"


# Where HTML is written: what is put into it is a constant, a number, or a name out of the app's own lists.
HTML = {
    "lossgeo/ui/runtime/frame.py": {"stylesheet.CSS[drawn.projector, dark()]", "stylesheet.IN_A_FRAME"},
    "lossgeo/ui/classroom/voting.py": {"CSS"},
    "lossgeo/ui/share/dialog.py": {"qr_code(link)"},  # escapes the link
    "lossgeo/ui/stage/linked.py": {"endings", "line", "more"},  # escaped
    "lossgeo/ui/classroom/board.py": {
        *("CSS + student.BARS", "escape(_sentence(now))", "escape(_plain(address))", "escape(room.code)"),
        *("minutes", "seconds", "over", "note"),
        "student.bars(room.round, now.votes, rounds.order_of(room.round, question))",
    },
    "lossgeo/ui/classroom/student.py": {"CSS + BARS", "bars(asked, view.votes, order)"},  # numbers and letters
    "lossgeo/ui/learn/start_page.py": {
        "stylesheet.START_PAGE",
        "view.scene.url",
        "view.loss.name",
        "minimum_in_words(view.loss)",
    },
    "lossgeo/ui/learn/map_key.py": {"CSS", "CSS + table_of(table)", "table_of(table)"},  # a table out of content/
    "lossgeo/ui/learn/my_progress.py": {"marks(notes.beat, len(BEATS))"},  # two counts
    "lossgeo/ui/controls/own_box.py": {"ALERT", "escape(why)", "SMALL", "title", "notes"},  # notes are escaped
    "lossgeo/ui/classroom/class_map.py": {"lines"},  # colours, counts and words of its own
}


@pytest.mark.parametrize("file", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_html_is_written_only_where_it_is_known(file):
    """A new st.html is looked at by a human, who then adds what it shows to HTML above."""
    known = HTML.get(str(file.relative_to(ROOT)), set())
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.html":
            (given,) = node.args
            shown = {ast.unparse(n.value) for n in ast.walk(given) if isinstance(n, ast.FormattedValue)}
            parts = [n for n in ast.walk(given) if isinstance(n, ast.Name | ast.Call | ast.Subscript)]
            shown = shown or ({ast.unparse(given)} if parts else set())
            assert shown <= known, (
                f"{file.name}, line {node.lineno} writes {shown - known} into HTML: make sure that no visitor can "
                "choose it, then add it to HTML in tests/test_safety.py"
            )
