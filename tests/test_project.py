"""The repository itself: lint, types, pins, the README's promises, and no way out to the internet."""

from __future__ import annotations

import ast
import json
import os
import re
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
from lossgeo.views.pages import PAGES

ROOT = Path(__file__).resolve().parents[1]
RUN = "python -m pip install -r requirements.txt && python -m streamlit run streamlit_app.py"
TEST = "python -m pip install -r tests/requirements.txt && python -m pytest -n auto --dist loadfile"


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


@pytest.mark.parametrize("file", ["requirements.txt", "tests/tools.txt"])
def test_requirements_are_pinned_exactly(file):
    lines = [line.split("#")[0].split(";")[0].strip() for line in text(file).splitlines()]
    lines = [line for line in lines if line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==\d+(\.\d+)*", line), f"{line} of {file} is not pinned to one version"
    assert len({line.split("==")[0].lower() for line in lines}) == len(lines), f"{file} names a package twice"


def test_everything_that_the_app_imports_is_pinned():
    """Also what would come along as a dependency of something else: a host may resolve that otherwise."""
    pinned = {line.split("==")[0].lower() for line in text("requirements.txt").splitlines() if "==" in line}
    package = {"PIL": "pillow"}
    used = set()
    for file in [*ROOT.glob("lossgeo/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add((node.module or "").split(".")[0])
    used -= set(sys.stdlib_module_names) | {"lossgeo"}
    unpinned = {package.get(name, name).lower() for name in used} - pinned
    assert not unpinned, f"requirements.txt does not pin {unpinned}"


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


def test_ci_runs_the_readmes_test_command():
    blocks = re.findall(r"```\w*\n(.*?)```", text("README.md"), re.DOTALL)
    commands = [line.strip() for block in blocks for line in block.splitlines()]
    assert RUN in commands
    assert TEST in commands
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert lines[-1] == TEST, "the last line, and so the script's exit status"
    subprocess.run(["bash", "-n", script], check=True)


TITLES = [page.title for page in PAGES.values()]


def test_every_page_has_a_record():
    files = {str(file) for file in (ROOT / "pages").glob("*.py")}
    assert {page.file for page in PAGES.values()} == files


@pytest.mark.parametrize("word", [*TITLES, *OPTIMIZERS, *SCHEDULES, *REGRESSION, *CLASSIFICATION, *LANDSCAPES, *LOSSES])
def test_readme_names_everything(word):
    assert word.lower() in text("README.md").lower()


@pytest.mark.parametrize("name", [*LOSSES, *LANDSCAPES, *OPTIMIZERS])
def test_model_names_every_surface_and_method(name):
    assert name.lower().replace("-", " ") in text("lossgeo/docs/model.md").lower().replace("-", " ")


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lossgeo/docs/model.md", "lossgeo/data/README.md"]


@pytest.mark.parametrize("file", DOCUMENTS)
def test_documents_point_to_files_that_exist(file):
    for picture, words, target in re.findall(r"(!?)\[([^\]]*)\]\(([^)#]+)", text(file)):
        if not re.match(r"https?://|mailto:", target):
            assert ((ROOT / file).parent / target).exists(), target
        assert not picture or len(words) > 20, f"a picture needs words: {target}"
    for name in re.findall(r"`((?:lossgeo|pages|tests|\.ci|\.streamlit)/[\w./-]+)`", text(file)):
        assert (ROOT / name).exists(), name


INTERFACE = [
    *ROOT.glob("lossgeo/ui/**/*.py"), *ROOT.glob("lossgeo/ui/**/*.js"), *ROOT.glob("lossgeo/charts/*.py"),
    *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py", ROOT / ".streamlit" / "config.toml",
]  # fmt: skip


@pytest.mark.parametrize("file", INTERFACE, ids=lambda file: file.name)
def test_interface_names_no_other_host(file):
    """No script, font or style from elsewhere: the app works without the internet."""
    found = re.findall(r"https?://\S+|\bcdn\.\S+|@import|url\(['\"]?//\S+", file.read_text(encoding="utf-8"))
    assert not [address for address in found if not address.startswith(("http://localhost", "http://127."))]


def test_package_opens_no_connection():
    network = {"urllib", "http", "socket", "ssl", "ftplib", "requests", "httpx", "aiohttp", "websockets"}
    for file in [*ROOT.glob("lossgeo/**/*.py"), *ROOT.glob("pages/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & network, file.name
            elif isinstance(node, ast.ImportFrom) and node.module != "urllib.parse":
                assert (node.module or "").split(".")[0] not in network, file.name


def test_streamlit_is_quiet_and_discreet():
    config = tomllib.loads(text(".streamlit/config.toml"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] in (False, "none")
    assert config["runner"]["postScriptGC"] is False
    assert {"light", "dark"} <= set(config["theme"])
    server = config["server"]
    assert server["enableXsrfProtection"] is server["enableCORS"] is True
    assert server["enableStaticServing"] is server["enableAgentApi"] is False
    assert server["maxUploadSize"] <= 1
    for section, options in config.items():
        for name in options if section != "theme" else ():
            assert f"{section}.{name}" in streamlit.config._config_options_template, f"Streamlit knows no {name}"


def test_container_runs_the_readmes_app_and_nothing_more():
    """Pinned base and requirements, no rights, a health check without further tools, only what the app needs."""
    steps = re.sub(r"\\\n\s*", " ", text(".docker/Dockerfile"))
    steps = [line.split(maxsplit=1) for line in steps.splitlines() if line.strip() and not line.startswith("#")]
    said = {}
    for word, rest in steps:
        said.setdefault(word, []).append(rest)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", said["FROM"][0])
    assert said["RUN"][0] == "python -m pip install -r requirements.txt"
    assert "PIP_NO_CACHE_DIR=1" in said["ENV"][0]
    assert not said["USER"][-1].startswith(("0", "root"))
    assert [word for word, _ in steps].index("USER") < [word for word, _ in steps].index("CMD")
    assert "/_stcore/health" in said["HEALTHCHECK"][0]
    assert "curl" not in said["HEALTHCHECK"][0]
    assert json.loads(said["CMD"][0])[:5] == ["python", "-m", "streamlit", "run", "streamlit_app.py"]
    copied = {name for line in said["COPY"] for name in line.split()[:-1]}
    allowed = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    assert copied == allowed, "what is copied is let in, and nothing else"
    assert all((ROOT / name).exists() for name in copied)
    assert not [line for line in said["COPY"] if line.startswith("--from") or " . " in f" {line} "]


def test_warnings_are_errors():
    assert tomllib.loads(text("pyproject.toml"))["tool"]["pytest"]["ini_options"]["filterwarnings"] == ["error"]
