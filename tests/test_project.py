"""The repository itself: lint, types, pins, and whether the documents agree with the code."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import streamlit

from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS, SCHEDULES
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES
from lossgeo.views.pages import PAGES, PARTS

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("lossgeo/docs/*.md"))


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def check(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-1000:]}"


def test_lint(needs_tool):
    needs_tool("ruff")
    check("ruff", "check", ".")
    check("ruff", "format", "--check", "lossgeo", "pages", "streamlit_app.py")


def test_types(needs_tool):
    needs_tool("mypy")
    check("mypy")


def test_every_ignored_lint_or_type_error_has_its_reason():
    """A bare noqa or type: ignore hides more than it was meant for."""
    for file in [*ROOT.glob("lossgeo/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"]:
        for line in file.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"#\s*(noqa|type:\s*ignore)\s*$", line), f"{file.name}: {line}"


EXTRAS = "lossgeo/book/extras.txt"


@pytest.mark.parametrize("file", ["requirements.txt", "tests/tools.txt", EXTRAS])
def test_requirements_are_pinned_exactly(file):
    lines = [line.split("#")[0].split(";")[0].strip() for line in text(file).splitlines()]
    lines = [line for line in lines if line]
    assert lines
    for line in lines:
        exact = re.fullmatch(r"[A-Za-z0-9._-]+==\d+(\.\d+)*(\.post\d+)?", line)
        assert exact, f"{line} of {file} is not pinned to one version"
    assert len({line.split("==")[0].lower() for line in lines}) == len(lines), f"{file} names a package twice"


def test_everything_that_the_app_imports_is_pinned():
    """Also what would come along as a dependency of something else: a host may resolve that otherwise."""
    lines = (text("requirements.txt") + text(EXTRAS)).splitlines()
    pinned = {line.split("==")[0].lower() for line in lines if "==" in line}
    package = {"PIL": "pillow", "markdown_it": "markdown-it-py"}
    used = set()
    for file in [*ROOT.glob("lossgeo/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add((node.module or "").split(".")[0])
    used -= set(sys.stdlib_module_names) | {"lossgeo"}
    unpinned = {package.get(name, name).lower() for name in used} - pinned
    assert unpinned <= {"redis"}, f"requirements.txt does not pin {unpinned}"


def test_the_package_for_redis_has_one_version():
    """Only who runs several processes needs it: tests, document and container name the same one."""
    pinned = re.search(r"^redis==\S+$", text("tests/tools.txt"), re.MULTILINE)[0]
    for file in ("lossgeo/docs/hosting.md", ".docker/compose.yaml"):
        assert re.findall(r"redis==[\d.]+", text(file)) == [pinned], f"{file} should name {pinned}"


# What a host or a tool would read as a second list of dependencies, or as system packages.
RIVALS = {"uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "pdm.lock", "pixi.lock", "environment.yml",
          "environment.yaml", "packages.txt", "setup.py", "setup.cfg", "package.json", "package-lock.json"}  # fmt: skip
SHOWN = {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.txt", "pyproject.toml",
         "streamlit_app.py", "pages", "lossgeo", "tests"}  # fmt: skip


def test_top_level_is_fixed():
    names = {entry.name for entry in os.scandir(ROOT)}
    assert not names & RIVALS
    assert names >= SHOWN
    ignored = {line.rstrip("/") for line in text(".gitignore").splitlines()}
    visible = {name for name in names if not name.startswith(".")} - ignored
    assert visible == SHOWN


def test_core_as_a_library_needs_numpy_alone():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    assert [re.split(r"\W", line)[0] for line in project["dependencies"]] == ["numpy"]
    assert project["requires-python"] == ">=3.11"
    assert "MIT" in text("LICENSE")


def commands() -> set[str]:
    """Every command in the code blocks of the documents, one by one, without the comments beside them."""
    lines = "\n".join(code(file) for file in ("README.md", "CONTRIBUTING.md", *DOCS)).splitlines()
    return {command.strip() for line in lines for command in line.split(" #")[0].split("&&")}


def code(file: str) -> str:
    """The code blocks of a document."""
    return "\n".join(re.findall(r"```\w*\n(.*?)```", text(file), re.DOTALL))


@pytest.mark.parametrize("command", ["install -r requirements.txt", "streamlit run streamlit_app.py"])
def test_readme_says_how_to_install_and_run(command):
    assert command in code("README.md"), f"README.md must show, in a code block, a command with {command!r}"


# Stands for Python: it writes down what it is asked to do, makes an environment that holds itself, and its tests
# end as $ENDS says.
PYTHON = """#!/usr/bin/env bash
echo "$*" >> "$ASKED"
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo "PATH=$3/bin:\\$PATH" > "$3/bin/activate" ;;
  "-m pytest"*) exit "$ENDS" ;;
esac
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a script for bash")
@pytest.mark.parametrize("ends", [0, 3])
def test_ci_runs_the_commands_that_the_documents_give_and_ends_as_the_tests_do(tmp_path, ends):
    python, asked = tmp_path / "python", tmp_path / "asked"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    shutil.copy(python, tmp_path / "redis-server")  # is there: nothing is installed
    settings = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    settings |= {"PYTHON": str(python), "CHROMIUM": str(python), "ASKED": str(asked), "ENDS": str(ends)}
    done = subprocess.run(
        [ROOT / ".ci" / "run"], env={**os.environ, **settings, "TMPDIR": str(tmp_path)}, cwd=tmp_path, check=False,
        capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == ends, done.stderr
    ran = [f"python {line}" for line in asked.read_text(encoding="utf-8").splitlines() if "-m venv" not in line]
    ran = [command for command in ran if command.startswith("python -m")]
    assert len(ran) == 2, f".ci/run should install and test, but it runs {ran}"
    unknown = [command for command in ran if command not in commands()]
    assert not unknown, f"no document shows {unknown}, which .ci/run runs: write it into README.md or CONTRIBUTING.md"


def test_every_page_has_a_record():
    files = {str(file) for file in (ROOT / "pages").glob("*.py")}
    assert {page.file for page in PAGES.values()} == files, "each file in pages/ needs a Page in lossgeo/views/pages.py"


KINDS = {
    "landscape": LANDSCAPES, "method": OPTIMIZERS, "loss": LOSSES, "schedule": SCHEDULES,
    "data set for lines": REGRESSION, "data set for two classes": CLASSIFICATION, "part that a link can hide": PARTS,
}  # fmt: skip


def is_named(name: str, documents: str) -> bool:
    """Whether a name stands out: as code, in bold, as a heading or in a table; a list "`x I` to `x IV`" names four."""
    for first in re.findall(r"`([^`]+) I` to `\1 IV`", documents):
        documents += "".join(f"`{first} {number}`" for number in ("I", "II", "III", "IV"))
    name = re.escape(name)
    return re.search(rf"`{name}`|\*\*{name}\*\*|^#+ {name}$|\| {name} \|", documents, re.MULTILINE) is not None


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KINDS.items() for name in names])
def test_the_documents_name_everything_there_is(kind, name):
    assert is_named(name, "\n".join(map(text, DOCS))), (
        f"the {kind} {name!r} is in no document: describe it in lossgeo/docs, most things in model.md, "
        "with its name as `code` or in bold"
    )


def test_a_name_that_is_not_there_is_missed():
    assert is_named("anscombe II", "`anscombe I` to `anscombe IV`")
    assert not is_named("step", "one step after another, **step by step**, `steps`")


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_documents_name_every_page(page):
    documents = "\n".join(map(text, ("README.md", *DOCS)))
    assert page.title in documents, f"README.md should name the page {page.title!r} as the navigation does"


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lossgeo/data/README.md", "tests/SURVIVORS.md", *DOCS]
PLACES = ("", "lossgeo", "lossgeo/content/en")  # from where a path in a document may count; a bare name, anywhere
PATH = re.compile(r"`((?:lossgeo|pages|tests|content|data|docs|\.\w+)/[\w./-]*|[\w/-]+\.(?:md|py|toml|txt|json|csv))`")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_point_to_files_that_exist(document):
    words = text(document)
    for picture, alt, target in re.findall(r"(!?)\[([^\]]*)\]\(([^)#]+)", words):
        if not re.match(r"https?://|mailto:", target):
            assert ((ROOT / document).parent / target).exists(), f"{document} links to {target}, which is not there"
        assert not picture or len(alt) > 20, f"{document}: the picture {target} needs words that say what it shows"
    named = set(PATH.findall(words))
    places = (*PLACES, str(Path(document).parent))
    named -= {path.name for folder in ("lossgeo", "pages", "tests") for path in (ROOT / folder).rglob("*.*")}
    gone = sorted(name for name in named if not any((ROOT / place / name).exists() for place in places))
    assert not gone, f"{document} names files that do not exist: {gone}"


# --- the container --------------------------------------------------------------------------------


def instructions(word: str) -> list[str]:
    """What the Dockerfile says after each such word."""
    lines = re.sub(r"\\\n\s*", " ", text(".docker/Dockerfile")).splitlines()
    return [line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} ")]


def test_the_container_is_pinned_and_runs_without_rights():
    (base,) = instructions("FROM")
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base), f"the base image {base} is not pinned to one version"
    assert instructions("USER"), "without USER the app would run as root"
    assert not instructions("USER")[-1].startswith(("0", "root")), "the app must not run as root"
    (command,) = instructions("CMD")
    for option in [word for word in json.loads(command) if word.startswith("--")]:
        name = option.removeprefix("--").split("=")[0]
        assert name in streamlit.config._config_options_template, f"Streamlit knows no option {name}"


DRAW = """
from pathlib import Path
from streamlit.testing.v1 import AppTest
import lossgeo
app = AppTest.from_file(Path("streamlit_app.py").resolve(), default_timeout=60).switch_page("pages/mse.py").run()
assert not app.exception, app.exception[0].message
print(lossgeo.__file__, app.title[0].value)
"""


def test_the_container_holds_all_that_the_app_needs(tmp_path):
    """A page is drawn from nothing but the files that the Dockerfile copies and .dockerignore lets in."""
    allowed = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    for *names, target in (line.split() for line in instructions("COPY")):
        for name in names:
            assert name in allowed, f"the Dockerfile copies {name}, but .dockerignore keeps it from the builder"
            place = tmp_path / (name if target in (".", "./") else target)
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, place)
    done = subprocess.run(
        [sys.executable, "-c", DRAW], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert str(tmp_path) in done.stdout


def test_warnings_are_errors():
    assert tomllib.loads(text("pyproject.toml"))["tool"]["pytest"]["ini_options"]["filterwarnings"] == ["error"]
