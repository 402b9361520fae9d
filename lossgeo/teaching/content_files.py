"""Strict reading of the content files (TOML). A mistake is reported with file, entry and field.

So a teacher who edits a question, a lesson or an answer learns what to correct, and no mistake reaches a class.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

CONTENT = Path(__file__).parents[1] / "content"
PAGES = ("mse", "logistic", "nonconvex", "network")

# The key "page" and widget keys of that page -> a text, number, flag or tuple of texts
State = Mapping[str, Any]


def content(language: str, name: str) -> Path:
    """The path content/<language>/<name>. Raises ValueError, naming the known languages, if it does not exist."""
    path = CONTENT / language / name
    if not path.exists():
        known = sorted(other.parent.name for other in CONTENT.glob(f"*/{name}"))
        raise ValueError(f"language must be one of {', '.join(known)}, got {language!r}")
    return path


def read(file: Path) -> dict[str, Any]:
    """The content of a TOML file as a dictionary. Raises ValueError if it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from error


def state_of(entry: dict[str, Any], where: str) -> State:
    """The field `state` of an entry: the page to open, and values for widget keys, which start with the page's name.

    `where` names the entry in messages. Raises ValueError for an unknown page, a foreign key or a
    value of the wrong type.
    """
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


def entries(file: Path, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Each table of the list `name` in a file with its place, for messages. Raises ValueError for a mistake.

    Every table has an id of its own, lower-case words joined by -, by which links and other files know it.
    """
    known: set[str] = set()
    for number, entry in enumerate(take(read(file), name, list, str(file)), start=1):
        id = take(entry, "id", str, f"{file}: {name} number {number}")
        where = f"{file}: {name} {id!r}"
        if not id.replace("-", "_").isidentifier() or id != id.lower() or "_" in id:
            raise ValueError(f"{where}: id: must be lower-case words joined by -")
        if id in known:
            raise ValueError(f"{where}: id: already used above")
        known.add(id)
        yield entry | {"id": id}, where


def page_of(entry: dict[str, Any], where: str) -> str:
    """The field `page` of an entry. Raises ValueError for an unknown page."""
    page: str = take(entry, "page", str, where)
    if page not in PAGES:
        raise ValueError(f"{where}: page: must be one of {', '.join(PAGES)}, got {page!r}")
    return page


def take(entry: dict[str, Any], name: str, kind: type, where: str) -> Any:
    """entry[name], which must be of type `kind` and not empty; text is stripped.

    `where` names the entry in messages. Raises ValueError if the field is missing, empty or of another type.
    """
    words = {str: "text", int: "a whole number", list: "tables", dict: "a table"}
    if name not in entry:
        raise ValueError(f"{where}: {name}: is missing")
    value = entry[name]
    tables = not isinstance(value, list) or all(isinstance(item, dict) for item in value)
    if type(value) is not kind or not tables:  # not isinstance, because True is an int
        raise ValueError(f"{where}: {name}: must be {words[kind]}, got {value!r}")
    if isinstance(value, str):
        value = value.strip()
    if value in ("", [], {}):
        raise ValueError(f"{where}: {name}: is empty")
    return value


def only(entry: dict[str, Any], known: set[str], where: str) -> None:
    """Raise ValueError if the entry has a field that is not in `known`."""
    if unknown := sorted(entry.keys() - known):
        raise ValueError(f"{where}: {unknown[0]}: unknown field; known: {', '.join(sorted(known))}")
