"""What the content files share: TOML is read strictly, and a slip reported with file, entry and field.

So a teacher who edits a question, a lesson or an answer learns what to mend, and no slip reaches a class.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

CONTENT = Path(__file__).parents[1] / "content"
PAGES = ("mse", "logistic", "nonconvex")

# "page" and widget keys of that page -> text, number, flag or tuple of texts
State = Mapping[str, Any]


def content(language: str, name: str) -> Path:
    """content/<language>/<name>; ValueError if the language has none, with those that do."""
    path = CONTENT / language / name
    if not path.exists():
        known = sorted(other.parent.name for other in CONTENT.glob(f"*/{name}"))
        raise ValueError(f"language must be one of {', '.join(known)}, got {language!r}")
    return path


def read(file: Path) -> dict[str, Any]:
    """The tables of a file; ValueError if it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from error


def state_of(entry: dict[str, Any], where: str) -> State:
    """The page to open and the widget keys to set there, all starting with the page's name."""
    state = take(entry, "state", dict, where)
    page = state.get("page")
    if page not in PAGES:
        raise ValueError(f"{where}: state: page must be one of {', '.join(PAGES)}, got {page!r}")
    for key, value in state.items():
        if key != "page" and not key.startswith(f"{page}_"):
            raise ValueError(f"{where}: state: {key!r} must start with '{page}_'")
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if not (texts or isinstance(value, str | bool | int | float)):
            raise ValueError(f"{where}: state: {key!r} must be text, a number, a flag or texts")
    return MappingProxyType({key: tuple(value) if isinstance(value, list) else value for key, value in state.items()})


def take(entry: dict[str, Any], name: str, kind: type, where: str) -> Any:
    """entry[name], of that kind and not empty, or a ValueError that says what is wrong."""
    words = {str: "text", int: "a whole number", list: "tables", dict: "a table"}
    if name not in entry:
        raise ValueError(f"{where}: {name}: is missing")
    value = entry[name]
    tables = not isinstance(value, list) or all(isinstance(item, dict) for item in value)
    if type(value) is not kind or not tables:  # type, because True is an int
        raise ValueError(f"{where}: {name}: must be {words[kind]}, got {value!r}")
    if isinstance(value, str):
        value = value.strip()
    if value in ("", [], {}):
        raise ValueError(f"{where}: {name}: is empty")
    return value


def only(entry: dict[str, Any], known: set[str], where: str) -> None:
    """ValueError if the entry has a field that is not known."""
    if unknown := sorted(entry.keys() - known):
        raise ValueError(f"{where}: {unknown[0]}: unknown field; known: {', '.join(sorted(known))}")
