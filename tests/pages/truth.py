"""What must hold on a page in every state: no broken number, no empty picture, and the picture is of these settings."""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sessions import charts, complaints, named_data, surfaces, switches, table
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from lossgeo import formula
from lossgeo.teaching.challenges import of_page
from lossgeo.views import own_formula
from lossgeo.views.pages import LESSON_PAGES
from lossgeo.views.stage_data import GREY

# A number that is none: as Python or JavaScript write it, standing alone.
BROKEN = re.compile(r"(?<![\w.])[+\-−]?(?:nan|NaN|inf|Infinity|None|undefined)(?![\w,])|not finite|∞|1e\+?308")
# Where such a word is right: the code is a program, and these sentences say what is so.
FINE = (
    "Why do I get nan, inf or an overflow?",
    "None: it stays",
    "None: it is a slope with plateaus",
    "not finite at the start",
    "the Hessian there is not finite",
    "is not a finite number",
    "of minus infinity",
    "Infinity minus infinity, or 0 times infinity, then gives nan.",
    "κ = ∞",  # in a trough, by a challenge
)
WARNINGS = ("These settings do not go together:", " cannot run here: ", "Not this one", "The page shows its own data")

# Where a number that is none says that there is nothing to draw: the own rate outside a sweep, and the runs of a class
# from the step on at which they are no longer finite.
LEFT_OUT = ("view.yours", "dots.w", "dots.b")


def nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def strings(message: Any) -> Iterator[str]:
    """Every text inside a protobuf message."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            yield from [value] if isinstance(value, str) else value
        elif field.type == field.TYPE_MESSAGE:
            for one in value if not hasattr(value, "ListFields") and hasattr(value, "__iter__") else [value]:
                if hasattr(one, "ListFields"):
                    yield from strings(one)


def texts(app: AppTest) -> Iterator[str]:
    """What the page says, to eyes and to ears: words, labels, alt texts, tables; not the code tab."""
    for node in nodes(app._tree):
        kind, proto = getattr(node, "type", ""), getattr(node, "proto", None)
        if proto is None or kind == "code":
            continue
        if kind == "download_button":  # beside its label a number drawn anew each time
            yield proto.label
        elif kind in ("vega_lite_chart", "plotly_chart"):
            yield proto.alt
        elif kind == "arrow_data_frame":
            yield node.value.to_string(na_rep=proto.placeholder or "None")
        elif kind == "bidi_component":  # its script is ours; what varies is the data
            yield proto.json
        elif hasattr(proto, "ListFields"):
            yield from strings(proto)


def broken_words(app: AppTest) -> list[str]:
    out = []
    for text in texts(app):
        for sentence in FINE:
            text = text.replace(sentence, "")
        text = re.sub(r'data:image/[^"]+', "", text)
        out += [text[max(found.start() - 60, 0) : found.end() + 40] for found in BROKEN.finditer(text)]
    return out


def chart_faults(app: AppTest, fog: bool = False) -> list[str]:
    """Data sets as named, none with a number that is none, no window without width, a picture in every map.

    fog: a challenge may hide the map.
    """
    out = []
    for chart in charts(app):
        names = [data.name for data in chart.datasets]
        if sorted(names) != sorted(named_data(json.loads(chart.spec))):
            out.append(f"sent and used data differ: {sorted(names)}")
        if len(chart.alt) < 20:
            out.append(f"no alt text: {chart.alt!r}")
        for name in names:
            for column, values in zip((sent := table(chart, name)).column_names, sent.columns, strict=True):
                if pa.types.is_floating(values.type):
                    numbers = values.to_numpy()
                    if not np.isfinite(numbers).all() and f"{name}.{column}" not in LEFT_OUT:
                        out.append(f"{name}.{column} is not finite")
        if "view" in names:
            row = table(chart, "view").to_pylist()[0]
            for low, high in (("w0", "w1"), ("b0", "b1"), ("x0", "x1"), ("y0", "y1"), ("l0", "l1"), ("lo", "hi")):
                if low in row and not row[low] < row[high]:
                    out.append(f"window without width: {low} = {row[low]}, {high} = {row[high]}")
        for name in names:
            urls = table(chart, name).to_pydict().get("url", [])
            if not all(url.startswith("data:image/webp;base64,UklGR") or (fog and url == GREY) for url in urls):
                out.append("a map without its picture")
        # A map has its picture; beside a 3-D surface the stage's panels are drawn from formulas alone.
        drawn = any("url" in table(chart, name).column_names for name in names) or "points" not in names
        if not drawn and not any(table(chart, name).num_rows for name in names if name != "view"):
            out.append(f"an empty chart: {chart.alt}")
    for surface in surfaces(app):
        for trace in json.loads(surface.spec)["data"]:
            for axis in "xyz":
                values = decoded(trace[axis])
                if trace["type"] == "surface" and (
                    not np.isfinite(values).any() if axis == "z" else not np.isfinite(values).all()
                ):
                    out.append(f"3-D surface: {axis} is not finite")
                if np.isinf(values).any():
                    out.append(f"3-D {trace.get('name')}: {axis} is infinite")
                if trace["type"] == "surface" and axis != "z" and not (np.diff(values) > 0).all():
                    out.append(f"3-D surface: {axis} does not grow")
    return out


def decoded(values: Any) -> np.ndarray:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(float)
    return np.array([np.nan if v is None else v for v in values], float)


def stage_faults(app: AppTest, page: str) -> list[str]:
    """The stage is of the settings that the session holds: start, methods, steps, number of samples."""
    held = dict(app.session_state.items())
    state = {key.removeprefix(f"{page}_"): value for key, value in held.items()}
    for control in LESSON_PAGES[page].controls:  # of one that is not drawn, the value is kept elsewhere
        if control.part in held.get("_hide", ()) and (key := f"{page}_{control.name}") in held["_kept"]:
            state[control.name] = held["_kept"][key]
    out, said = [], state.get
    stage = charts(app)[0]
    row = table(stage, "view").to_pylist()[0]
    first, second = LESSON_PAGES[page].start
    if (row["sw"], row["sb"]) != (said(first), said(second)):
        out.append(f"start {row['sw'], row['sb']} instead of {said(first), said(second)}")
    path = [r for r in table(stage, "path").to_pylist() if r["method"] != "training"]  # that of a network is its own
    if path and max(r["t"] for r in path) > (said("steps") or 2000):
        out.append("more steps than asked for")
    size = row["w1"] - row["w0"], row["b1"] - row["b0"]
    for r in path:
        if r["t"] == 0:
            off = abs(r["w"] - row["sw"]) / size[0], abs(r["b"] - row["sb"]) / size[1]
            inside = row["w0"] <= row["sw"] <= row["w1"] and row["b0"] <= row["sb"] <= row["b1"]
            if inside and max(off) > 2e-3:
                out.append(f"the path begins {max(off):.2g} windows from the start")
    if "points" in [d.name for d in stage.datasets]:
        name = said("dataset")
        warned = any("do not go together" in w.value for w in app.warning)
        if name in ("chapter line", "two classes") and not warned and said("n"):
            extra = table(stage, "points").num_rows
            if extra != said("n"):
                out.append(f"{extra} samples instead of {said('n')}")
    return out


def code_faults(app: AppTest) -> list[str]:
    out = []
    for block in app.code:
        try:
            names = {node.id for node in ast.walk(ast.parse(block.value)) if isinstance(node, ast.Name)}
        except (SyntaxError, ValueError) as error:
            out.append(f"the shown program is none: {error}")
        else:
            out += [f"{name} in the shown program" for name in names & {"nan", "inf"}]
    return out


def refused(app: AppTest) -> list[str]:
    """The one error that may stand on a page: why the formula that is set cannot be used."""
    said = {key.removeprefix("nonconvex_"): value for key, value in app.session_state.items()}
    if said.get("landscape") != formula.NAME or "formula" not in said:
        return []
    try:
        own_formula.landscape(said["formula"], own_formula.window_of(said))
    except ValueError as error:
        return [str(error)]
    return []


def faults(app: AppTest, page: str, warnings: Sequence[str] = ()) -> list[str]:
    """What is wrong with a page. warnings: parts of those that it may show besides WARNINGS."""
    if found := complaints(app):
        found = [text for text in found if page != "nonconvex" or text not in refused(app)]
    if found:
        return found
    odd = [w.value for w in app.warning if not any(known in w.value for known in (*WARNINGS, *warnings))]
    found = [f"warning: {text}" for text in odd]
    if not charts(app):
        return [*found, "no stage"]
    if not any(switches(app, page)):
        found.append("no panel and no sections")
    found += [f"says: {text}" for text in broken_words(app)]
    return found + chart_faults(app, hidden_by_fog(app, page)) + stage_faults(app, page) + code_faults(app)


def hidden_by_fog(app: AppTest, page: str) -> bool:
    """Whether the open challenge of the page has fog."""
    now = dict(app.session_state.items()).get(f"_{page}_challenge")
    return any(challenge.id == now and challenge.fog for challenge in of_page(page))


# What of a state stands in the address, and what of it a link can hide or lock.
PLACES = {f"{page}_{name}" for page in LESSON_PAGES for name in ("tab", "lesson", "part")}
CONTROLS = {f"{page}_{name}" for page, record in LESSON_PAGES.items() for name in record.names}


def opened(
    app: AppTest, state: dict[str, Any], link: dict[str, Any] | None = None, browser: dict[str, Any] | None = None
) -> AppTest:
    """The page in a session of its own that holds exactly this state: nothing is left of the run before.

    Which tab is open, and where in a lesson, stands in the address. With a link, as a visitor who comes by it.
    browser: what it says of itself, as AppTest.context takes it.
    """
    app.context = dict(browser or {})
    app._session_state = SafeSessionState(SessionState(), lambda: None)
    app.session_state = type(app.session_state)(app._session_state)
    app.query_params = {key: str(state[key]) for key in state.keys() & PLACES} if link is None else dict(link)
    kept = {"_kept": {key: value for key, value in state.items() if key in CONTROLS}}
    for key, value in ({"entered": True} | kept | state if link is None else state).items():
        if key not in PLACES:
            app.session_state[key] = value
    return app._run()
