"""Old links: every key that a link of version 0.1.0 could hold still opens the settings, runs and tabs it opened then.

`old_links.json` holds one link a line, with what that version showed. Numbers and settings are compared, not
sentences: a text may be reworded. A test that fails prints the line as it would have to read now; put it into the
file only if the link is meant to show something else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from sessions import PAGES, charts, complaints, open_tab, opening, surfaces, table, visit
from truth import opened

from lossgeo.teaching.questions import load_bank

LINKS = [json.loads(line) for line in Path(__file__).with_name("old_links.json").read_text("utf-8").splitlines()]
BANK = {question.id: question for question in load_bank()}
KNOWN = {key for entry in LINKS for name in ("settings", "hidden", "locked") for key in entry["shows"][name]}
CLOSE = 1e-4  # relative; for points of the map, of the width of its window: the same on every machine


@pytest.fixture(scope="module")
def pages():
    """One AppTest a page, and the widgets that the page draws without a link."""
    apps = {page: visit(page) for page in PAGES}
    return apps, {page: set(widgets(app)) for page, app in apps.items()}


def widgets(app) -> dict[str, Any]:
    """The controls by key."""
    kinds = (app.selectbox, app.multiselect, app.slider, app.select_slider, app.number_input, app.toggle)
    return {element.key: element for kind in kinds for element in kind}


def shown(app, usual: set[str], page: str, link: str) -> dict[str, Any]:
    """What the link decides: settings, windows, runs and their ends, samples, tab, and what is hidden or locked."""
    chart = charts(app)[0]
    rows = {data.name: table(chart, data.name).to_pylist() for data in chart.datasets if data.name != "field"}
    (view,) = rows["view"]
    ends = {row["method"]: row for row in rows["path"]}
    drawn = widgets(app)
    found: dict[str, Any] = {
        "settings": {key: app.session_state[key] for key in parse_qs(link) if key in app.session_state},
        "window": [view[end] for end in ("w0", "w1", "b0", "b1")],
        "start": [view["sw"], view["sb"]],
        "l2": view["l2"],
        "runs": [[method, row["t"]] for method, row in ends.items()],
        "ends": [[row["w"], row["b"]] for row in ends.values()],
        "minima": [[row["w"], row["b"]] for row in rows.get("best", [])],
        "tab": open_tab(app, page),
        "solid": len(surfaces(app)),
        "hidden": sorted(usual - drawn.keys()),
        "locked": sorted(key for key, element in drawn.items() if element.disabled),
    }
    if "points" in rows:
        x, y = (np.array([row[axis] for row in rows["points"]], float) for axis in "xy")
        found["samples"] = [len(x), x.mean(), x.std(), y.mean(), y.std()]
    if begins := opening(app):
        found["begins"] = [begins["step"], begins["w"], begins["b"], begins["eye"]["x"] if begins["eye"] else None]
    if "Check" in found["tab"]:
        found["votes"] = sum((box.key or "").startswith("_vote_") for box in app.number_input)
        for radio in app.radio:
            question = BANK.get((radio.key or "").removeprefix("_quiz_").removesuffix("_answer"))
            if question is not None:  # in which order the class sees the options
                texts = [option.text for option in question.options]
                found["order"] = [texts.index(option) for option in radio.options]
    return rounded(found)


def rounded(value: Any) -> Any:
    """As JSON has it, with six significant digits."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def alike(old: Any, new: Any, width: float = 0.0) -> bool:
    """Equal, with a tolerance for numbers: of their size, or of a width that they are small against.

    None in the file stands for a number that rounding alone can change: the end of a run that is chaotic.
    """
    if old is None or isinstance(old, bool | str) or isinstance(new, str):
        return old is None or old == new
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(alike(old[key], new[key], width) for key in old)
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(alike, old, new, [width] * len(old)))
    return new is not None and abs(old - new) <= CLOSE * max(abs(old), width, 1e-9)


PLACES = ("tab", "lesson", "part")


def differences(old: dict[str, Any], new: dict[str, Any], link: str = "") -> list[str]:
    """In what a link shows something else than the file says."""
    w0, w1, b0, b1 = old["window"]
    found = []
    for name, was in old.items():
        now = new.get(name)
        if name in ("hidden", "locked"):  # whatever becomes of controls that did not exist then
            same = set(was) == set(now) & KNOWN
        elif name == "tab":  # a link that names no tab opens the controls, and the lesson is one click away
            same = was == now or (now == "Controls" and not any(f"_{part}=" in link for part in PLACES))
        elif name == "settings":  # where the learner is, is no setting of a widget any more: `tab` says it
            same = alike({key: value for key, value in was.items() if key.rpartition("_")[2] not in PLACES}, now)
        else:
            same = alike(was, now, width=max(w1 - w0, b1 - b0) if name in ("start", "ends", "minima") else 0.0)
        if not same:
            found.append(f"{name}: {was} then, {now} now")
    return found


@pytest.mark.parametrize("entry", LINKS, ids=[f"{entry['page']}?{entry['link']}" for entry in LINKS])
def test_an_old_link_shows_what_it_showed(pages, entry):
    apps, usual = pages
    page, link = entry["page"], entry["link"]
    said = {key: texts if len(texts) > 1 else texts[0] for key, texts in parse_qs(link).items()}
    app = opened(apps[page], {"layout": "laptop"}, said)
    assert not complaints(app), complaints(app)
    now = shown(app, usual[page], page, link)
    wrong = differences(entry["shows"], now, link)
    line = json.dumps({**entry, "shows": now}, ensure_ascii=False)
    assert not wrong, (
        f"{page}?{link} no longer opens what it opened: {'; '.join(wrong)}. Old links must keep working; only if "
        f"this change is meant, replace the link's line in tests/pages/old_links.json by\n{line}"
    )
    assert not app.toast, f"of the old link {page}?{link} the page says: {app.toast[0].value}"
