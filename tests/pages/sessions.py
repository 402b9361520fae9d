"""A page as a visitor with a link opens it, and what the server has sent to the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest

from lossgeo.charts.stage import unpacked
from lossgeo.views.pages import LESSON_PAGES

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("mse", "logistic", "nonconvex")
FOUR = (*PAGES, "network")  # for what a page of networks must hold, too
PANEL = ["Learn", "Check", "Controls"]  # the views of the panel beside the stage
BELOW = {"mse": ["Challenges", "Look closer", "Code", "Ask", "Numbers"],
         "logistic": ["Challenges", "Penalty curve", "Look closer", "Code", "Ask", "Numbers"],
         "nonconvex": ["Challenges", "Compare", "Look closer", "Code", "Ask", "Numbers"],
         "network": ["Challenges", "What it hides", "Edge of stability", "Code", "Ask", "Numbers"]}  # fmt: skip
TABS = {page: [*PANEL, *sections] for page, sections in BELOW.items()}  # what the parameter `tab` can name
# Of the section Look closer.
SECTIONS = {"mse": ["Ruler", "Sweep", "Scaling", "Along the run", "Penalty path", "Penalty curve"],
            "logistic": ["Ruler", "Sweep", "Scaling", "Along the run", "Penalty path"],
            "nonconvex": ["Ruler", "Sweep", "Along the run"]}  # fmt: skip


def visit(page: str, *, layout: str = "laptop", projector: bool = False, **link: Any) -> AppTest:
    """The page after its first run: `link` holds the URL's parameters, without the page's prefix."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.session_state["layout"] = layout
    app.session_state["projector"] = projector
    for name, value in link.items():
        app.query_params[f"{page}_{name}"] = (
            value if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
        )
    return app.switch_page(f"pages/{page}.py").run()


def own(page: str, landscape: str | None = None) -> dict[str, Any]:
    """What the page opens with."""
    return LESSON_PAGES[page].usual({"landscape": landscape} if landscape else None)


def widget(app: AppTest, key: str) -> Any:
    """The widget of that key, of whatever kind."""
    kinds = (app.selectbox, app.multiselect, app.slider, app.select_slider, app.number_input, app.toggle,
             app.radio, app.button, app.button_group)  # fmt: skip
    for kind in kinds:
        for element in kind:
            if element.key == key:
                return element
    raise KeyError(f"{key} is not on the page")


def switches(app: AppTest, page: str) -> tuple[list[str], list[str]]:
    """The views that the panel offers, and the sections below the stage."""
    found = {group.key: list(group.options) for group in app.button_group}
    return found.get(f"{page}_panel", []), found.get(f"{page}_section", [])


def open_tab(app: AppTest, page: str) -> str:
    """What is open: a view of the panel or, instead of the controls, a section below the stage; "" without any."""
    found = {group.key: group.value for group in app.button_group}
    return str(found.get(f"{page}_section") or found.get(f"{page}_panel") or "")


def shown(app: AppTest, key: str) -> Any:
    """A widget's value; that of a widget in a folded part, which is not drawn, is the page's own."""
    try:
        return widget(app, key).value
    except KeyError:
        page, name = key.split("_", 1)
        return own(page, shown(app, "nonconvex_landscape") if page == "nonconvex" else None)[name]


def set_value(app: AppTest, key: str, value: Any) -> AppTest:
    """Move one widget; one in a folded part is set as a callback of the app would set it."""
    try:
        widget(app, key).set_value(value)
    except KeyError:
        app.session_state[key] = value
    return app.run()


def bound(app: AppTest) -> set[str]:
    """The parameters of the address that the drawn widgets read and write, those of tabs and folded parts too."""
    found, waiting = set(), [app._tree]
    while waiting:
        node = waiting.pop()
        waiting += getattr(node, "children", {}).values()
        proto = getattr(node, "proto", None)
        for part in (proto, getattr(proto, "tab_container", None), getattr(proto, "expandable", None)):
            found.add(getattr(part, "query_param_key", ""))
    return found - {""}


def charts(app: AppTest) -> list[Any]:
    """The Vega-Lite charts of the page, as sent."""
    return [chart.proto for chart in app.get("vega_lite_chart")]


def surfaces(app: AppTest) -> list[Any]:
    """The Plotly charts of the page, as sent."""
    return [chart.proto for chart in app.get("plotly_chart")]


def table(chart: Any, name: str) -> pa.Table:
    """One data set of a chart."""
    found = next(data for data in chart.datasets if data.name == name)
    with pa.ipc.open_stream(found.data.data) as stream:
        sent = stream.read_all()
    if name == "view" and sent.column_names == ["n", "t"]:  # that of the stage
        return pa.table({field: [value] for field, value in unpacked(**sent.to_pydict()).items()})
    return sent


def view(app: AppTest) -> dict[str, Any]:
    """The one row that carries windows, start and words to the stage."""
    row: dict[str, Any] = table(charts(app)[0], "view").to_pylist()[0]
    return row


def says(app: AppTest) -> str:
    """The stage in words, as the player's script hands it to assistive technology."""
    for component in app.get("bidi_component"):
        if component.proto.component_name.endswith("news"):
            return str(json.loads(component.proto.json)["says"])
    raise AssertionError("the page has no player")


def opening(app: AppTest) -> dict[str, Any] | None:
    """What the link says of step, pointer and camera, as the Share button's script is told; None without a link."""
    for component in app.get("bidi_component"):
        if component.proto.component_name.endswith("lossgeo_share"):
            found: dict[str, Any] | None = json.loads(component.proto.json)["opening"]
            return found
    raise AssertionError("the page has no Share button")


def named_data(spec: Any) -> set[str]:
    """The data sets that a spec reads by name, in marks and in expressions."""
    names = set(re.findall(r"data\('(\w+)'\)", json.dumps(spec)))
    for node in walk(spec):
        if isinstance(data := node.get("data"), dict) and "name" in data and "sequence" not in data:
            names.add(data["name"])
    return names


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a spec."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from walk(child)


def complaints(app: AppTest) -> list[str]:
    """What went wrong on the page: exceptions and error boxes."""
    return [f"{e.message}\n{''.join(e.stack_trace[-8:])}" for e in app.exception] + [e.value for e in app.error]


def check_whole(app: AppTest, warnings: int = 0) -> None:
    """The page ran to its end and its charts are complete: data by name, words with numbers."""
    assert not complaints(app), "\n".join(complaints(app))
    assert len(app.warning) == warnings, [w.value for w in app.warning]
    assert any(group.key.endswith("_section") for group in app.button_group), "the page did not reach its end"
    sent = charts(app)
    assert sent, "no stage was sent"
    for chart in sent:
        names = [data.name for data in chart.datasets]
        assert sorted(names) == sorted(named_data(json.loads(chart.spec))), "sent and used data sets differ"
        assert len(chart.alt) > 20
    for chart in [*sent[1:], *surfaces(app)]:
        assert re.search(r"\d|infimum|no lower bound", chart.alt), f"alt text without numbers: {chart.alt}"
    assert re.search(r"Map of .* from [−\d].* Start at \w = [−\d]", says(app)), says(app)
    assert "nan" not in says(app).lower()
