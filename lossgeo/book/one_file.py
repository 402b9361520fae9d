"""A stage as one HTML file that hovers, plays and reads out as the stage does, without a server or a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lossgeo.book import bundle
from lossgeo.book.stage import TEMPLATES, Shelf, player, script
from lossgeo.numbers import number
from lossgeo.views import sentences
from lossgeo.views.stage_data import steps_table
from lossgeo.views.view import View

MOST_ROWS = 400
# Draws the stage once it is read. `opens`: step and pointer of the moment at which the file was made.
BEGIN = """
const data = JSON.parse(document.querySelector("#data").textContent);
const stage = mount(document.querySelector("#stage"), data);
stage.show(data.stages[0], { opens: data.opens });
"""


def templates() -> Environment:
    """The templates; what is put into them is escaped."""
    found = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    found.filters["transposed"] = lambda columns: list(zip(*columns, strict=True))
    return found


def policy(scripts: Iterable[str]) -> str:
    """A content security policy that lets nothing in or out, and runs these scripts only."""
    sums = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{each}'" for each in sums)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def html(
    view: View, link: str = "", step: int | None = None, at: tuple[float, float] | None = None, fog: bool = False
) -> str:
    """The file. It opens with this step and pointer; `link` leads to the living page. Needs `bundle.installed()`."""
    shelf = Shelf()
    stage = shelf.stage(view, fog)
    data = shelf.packed(stages=[stage], opens={"step": step, "at": at})
    scripts = [bundle.javascript(), script() + BEGIN]
    return templates().get_template("one_file.html").render(
        title=f"lossgeo: {view.loss.name}",
        link=link,
        settings=sentences.settings_in_words(view),
        says=stage["news"]["says"],
        steps=_table(view),
        policy=policy(scripts),
        css=Markup((TEMPLATES / "look.css").read_text(encoding="utf-8")),
        player=Markup(player()),
        data=Markup(data),
        bundle=Markup(scripts[0]),
        script=Markup(scripts[1]),
    )  # fmt: skip


def _table(view: View) -> dict[str, list[str]]:
    """The steps of the runs as texts, the first MOST_ROWS of them."""
    return {name: [_text(value) for value in list(column)[:MOST_ROWS]] for name, column in steps_table(view).items()}


def _text(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else str(value)
        if float(value).is_integer() and abs(value) < 1e4
        else number(float(value), 4)
    )
