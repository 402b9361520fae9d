"""A stage as data: what a browser needs to draw it, play it and read it out without a server."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lossgeo.charts.stage import NUMBERS, TEXTS, stage_spec
from lossgeo.charts.style import FIELD, LINES, ChartStyle, colours, fits
from lossgeo.numbers import typeset
from lossgeo.views import layers, playback, promises, sentences
from lossgeo.views.stage_data import Columns, Words, in_fog, stage_data
from lossgeo.views.view import Run, View

LAYOUTS = ("laptop", "phone")
TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = Path(__file__).parents[1] / "ui" / "runtime" / "scripts"  # the player and the ball are the app's own


class Shelf:
    """The specs and tables of one or many stages, each kept once, by a short name."""

    def __init__(self) -> None:
        self.specs: dict[str, Any] = {}
        self.tables: dict[str, Any] = {}

    def put(self, shelf: dict[str, Any], what: Any) -> str:
        """The name of a spec or table, which is put there unless it is there already."""
        name = hashlib.sha256(written(what).encode()).hexdigest()[:8]
        shelf[name] = what
        return name

    def stage(self, view: View, fog: bool = False, title: str = "") -> dict[str, Any]:
        """The stage of a view, for both layouts. Fog hides the map."""
        out: dict[str, Any] = {}
        for name in LAYOUTS:
            drawn = replace(view, style=ChartStyle(name, view.style.projector))
            sets = {
                each: self.put(self.tables, _short(each, columns(table), view))
                for each, table in sets_of(drawn, fog).items()
            }
            out[name] = {"spec": self.put(self.specs, spec_of(drawn)), "sets": sets}
        layer = None if fog else layers.layer(view)
        return {
            **out,
            "title": title,
            "layer": [layer.line, typeset(layer.details)] if layer else None,
            "promises": [[typeset(text) for text in said] for said in promises.lines(view)],
            "endings": [_ending(view, run) for run in view.runs],
            "news": {
                "steps": view.longest,
                "says": "A map that is hidden by the fog." if fog else sentences.in_one_paragraph(view),
                "start": [f"{value:g}" for value in view.choice.start],
                "rate": view.choice.rate,
                "subject": view.loss.name + (view.data.name if view.data is not None else ""),
                **playback.score(view),
            },
        }

    def packed(self, **more: Any) -> str:
        """Everything as JSON that may stand in a script element of a page."""
        inks = {name: colours(dark=name == "dark") for name in ("light", "dark")}
        wide = fits(projector=False)["laptop"]
        heights = {name: ChartStyle(name).stage_height for name in LAYOUTS}
        places = {name: [key, i] for key, names in (("n", NUMBERS), ("t", TEXTS)) for i, name in enumerate(names)}
        shelves = {"specs": self.specs, "tables": self.tables, "inks": inks, "wide": wide, "heights": heights}
        return written({**shelves, "places": places, **more})


def sets_of(view: View, fog: bool = False) -> dict[str, Columns]:
    """The data sets of a stage. Nothing on it can be edited, because nobody would compute what follows."""
    layer = None if fog else layers.layer(view)
    sets = stage_data(view, layer=layer)
    return in_fog(sets) if fog else sets


def spec_of(view: View) -> dict[str, Any]:
    """The spec of the stage, without data."""
    options = view.log_loss, True, view.choice.axes, bool(view.promised), bool(view.balls)
    return stage_spec(view.subject, view.style, *view.loss.parameters, *options)


def whole(
    view: View, fog: bool = False, step: int | None = None, at: tuple[float, float] | None = None
) -> dict[str, Any]:
    """The spec with its data, as it stands at a step of the runs and a place of the pointer."""
    spec = {**spec_of(view), "datasets": {name: rows(columns(table)) for name, table in sets_of(view, fog).items()}}
    values: dict[str, Any] = {"step": step, "hover": None if at is None else [dict(zip("wb", at, strict=True))]}
    spec["params"] = [
        {**param, "value": values[param["name"]]} if values.get(param["name"]) is not None else param
        for param in spec["params"]
    ]
    return spec


def _ending(view: View, run: Run) -> dict[str, str]:
    """How a run ended, as under the stage of the app: its line, and the details on a click."""
    found = run.trajectory
    told = f" {found.certificate.sentence} ({found.certificate.theorem}.)" if found.certificate else ""
    line, more = ("", "") if view.neutral else (sentences.ending(view, run), typeset(f"{found.details}{told}"))
    return {"name": run.name, "colour": LINES[run.name][0], "line": line, "more": more}


def _short(name: str, table: dict[str, list[Any]], view: View) -> dict[str, list[Any]]:
    """The field as second differences in both directions, which are small; paths to 1e-5 of the window."""
    if name == "field":
        square = np.array(table["v"], dtype=np.int64).reshape(FIELD, FIELD)
        for _ in range(2):
            square = np.diff(square, axis=0, prepend=0)
            square = np.diff(square, axis=1, prepend=0)
        return {"v": square.ravel().tolist()}
    if name == "path":
        digits = [5 - math.floor(math.log10(high - low)) for low, high in view.window]
        rounded = {axis: [round(value, k) for value in table[axis]] for axis, k in zip("wb", digits, strict=True)}
        # The small difference to the minimum, beside a bound, needs all digits.
        loss = table["loss"] if view.promised else [float(f"{value:.6g}") for value in table["loss"]]
        return {**table, **rounded, "loss": loss}
    return table


def columns(table: Columns) -> dict[str, list[Any]]:
    """Columns as plain lists. Numbers of single precision get the digits that they have, and no more."""
    return {name: _plain(column) for name, column in table.items()}


def _plain(column: Any) -> list[Any]:
    if isinstance(column, Words):
        return [column.texts[i] for i in column.index]
    if isinstance(column, np.ndarray) and column.dtype == np.float32:
        return [float(str(value)) for value in column]
    listed = column.tolist() if isinstance(column, np.ndarray) else column
    return [value.item() if isinstance(value, np.generic) else value for value in listed]


def rows(table: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Columns as rows."""
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def written(what: Any) -> str:
    """JSON without blanks. Infinity is a number too large to be read; no number is null; no text ends a script."""
    text = json.dumps(what, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if "NaN" in text or "Infinity" in text:
        text = json.dumps(_finite(what), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        text = text.replace('"<infinity>"', "1e999").replace('"<-infinity>"', "-1e999")
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def _finite(what: Any) -> Any:
    if isinstance(what, dict):
        return {name: _finite(each) for name, each in what.items()}
    if isinstance(what, list | tuple):
        return [_finite(each) for each in what]
    if isinstance(what, float) and not np.isfinite(what):
        return None if np.isnan(what) else "<infinity>" if what > 0 else "<-infinity>"
    return what


def script() -> str:
    """The script of a stage: the app's own player and ball, and what draws the stage in place of the server."""
    read = {name: (SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in ("page", "metronome", "ball")}
    own = [
        f"const {name} = (() => {{\n{read[name].replace('export default', 'return')}}})();"
        for name in ("metronome", "ball")
    ]
    return "\n".join(
        [read["page"], *own, *((TEMPLATES / name).read_text(encoding="utf-8") for name in ("theme.js", "stage.js"))]
    )


def player() -> str:
    """The markup of the player, the app's own."""
    return (SCRIPTS / "metronome.html").read_text(encoding="utf-8")
