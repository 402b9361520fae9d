"""Lessons and answers name the controls as the pages show them."""

from __future__ import annotations

import pytest
from sessions import PAGES, visit
from test_prose import TEXT, controls_named
from truth import nodes, strings

from lossgeo.landscapes import LANDSCAPES
from lossgeo.teaching.answers import load_answers
from lossgeo.views.pages import LESSON_PAGES

PROSE = {name: TEXT[name] for name in ("home", *PAGES)} | {answer.id: answer.text for answer in load_answers()}


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """Every label of a control, every text that the lesson pages send to the browser, and the options they offer."""
    found = {control.label for page in LESSON_PAGES.values() for control in page.controls}
    found |= {page.title for page in LESSON_PAGES.values()}
    letters = [("nonconvex", name) for name, loss in LANDSCAPES.items() if loss.parameters != ("x", "y")]
    for page, landscape in [*((page, None) for page in LESSON_PAGES), *letters]:
        app = visit(page, tab="Look closer", **({"landscape": landscape} if landscape else {}))
        for node in nodes(app._tree):
            if hasattr(getattr(node, "proto", None), "ListFields"):
                found.update(strings(node.proto))
            found.update(map(str, getattr(node, "options", None) or ()))
    return found


def is_shown(label: str, shown: set[str]) -> bool:
    """Whether a page has a control of this label, an option, a button of the player or an input of the stage."""
    inside = (f">{label}</button>", f'"name": "{label} "')
    return label in shown or any(part in text for text in shown for part in inside)


@pytest.mark.parametrize("name", PROSE)
def test_controls_are_named_as_on_the_page(name, shown):
    unknown = sorted(label for label in controls_named(PROSE[name]) if not is_shown(label, shown))
    assert not unknown, f"{name} has in bold what no page shows: {unknown}. Use the label on the page, or no bold type"


def test_an_invented_control_is_noticed(shown):
    assert not is_shown("Warp factor", shown)
    assert all(len(controls_named(TEXT[page])) > 3 for page in PAGES), "bold labels are not found any more"
