"""What a room is asked, made from what the teacher sees; and read again on the student's page."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10
from typing import Any
from urllib.parse import parse_qs, urlencode

from lossgeo.charts.style import ChartStyle
from lossgeo.descent import OPTIMIZERS
from lossgeo.rooms import Phase, Room, Round
from lossgeo.teaching import questions as bank
from lossgeo.teaching.content_files import State
from lossgeo.ui.classroom.address import SEEDS
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import GD, LESSON_PAGES, LR_RANGE, PAGES, Page
from lossgeo.views.view import View, build

# What is on the wall in each phase, and what the class does then.
PHASES = {
    Phase.ALONE: "Alone",
    Phase.FIRST: "First vote",
    Phase.TALK: "Talk",
    Phase.SECOND: "Second vote",
    Phase.REVEALED: "Answer",
}
MINUTES = (0.0, 60.0)  # of a phase; 0 is no countdown


def of_question(question: bank.Question, seed: int) -> Round:
    """The round that asks a question, with its options in the order of this seed."""
    return Round("question", question.id, f"seed={seed}", len(question.options), key=str(question.answer))


def question_of(asked: Round) -> bank.Question | None:
    """The question of a round, or None if it has none that this version of the app knows."""
    if asked.kind != "question":
        return None
    return next((q for q in bank.load_bank() if q.id == asked.subject and len(q.options) == asked.options), None)


def order_of(asked: Round, question: bank.Question) -> tuple[int, ...]:
    """The options of a round's question, in the order that teacher and students see."""
    return bank.order(question, int(parse_qs(asked.state).get("seed", [str(SEEDS[0])])[0]))


def of_map(kind: str, view: View, settings: Mapping[str, Any]) -> Round:
    """The round in which each student chooses a point of the map that the teacher sees, or a learning rate for it.

    kind: "start", "place" for where the run drawn there will end, or "rate" for the run from the start drawn there.
    settings: of the page, by URL key. Raises ValueError if the settings are too long to be passed on, or if the method
    has no learning rate.
    """
    page = view.page
    limits: tuple[tuple[float, float], ...] = (rates(view),) if kind == "rate" else view.window
    usual = page.state(settings)
    texts = {
        key: page.control(key.removeprefix(f"{page.key}_")).text(value)
        for key, value in settings.items()
        if value != usual.get(key)
    }
    return Round(kind, page.key, urlencode(texts, doseq=True), limits=limits)


def rates(view: View) -> tuple[float, float]:
    """The learning rates that a class can choose: two powers of ten or more to either side of the page's own.

    Raises ValueError if the first method chooses its own step length.
    """
    method = view.choice.methods[0].name if view.choice.methods else GD
    if not OPTIMIZERS[method].uses_rate:
        raise ValueError(f"{method} has no learning rate; choose another method first")
    power = floor(log10(view.choice.rate))
    return max(float(f"1e{power - 2}"), LR_RANGE[0]), min(float(f"1e{power + 2}"), LR_RANGE[1])


def view_of(asked: Round, style: ChartStyle) -> View | None:
    """The page of a round on a map with its settings, or None if this version of the app has no such page."""
    page = LESSON_PAGES.get(asked.subject)
    if page is None or asked.kind == "question":
        return None
    said = parse_qs(asked.state, keep_blank_values=True)
    named = {c.name: c.read(said[f"{page.key}_{c.name}"]) for c in page.controls if f"{page.key}_{c.name}" in said}
    return build(page, choice_from(page, named), style)


def page_of(asked: Round) -> Page | None:
    """The page on which the teacher asks this."""
    question = question_of(asked)
    return LESSON_PAGES.get(question.page if question else asked.subject)


def address_of(state: State) -> str:
    """The address of a prepared state, from any page of the app."""
    page = PAGES[str(state["page"])]
    asked: dict[str, Any] = {f"{page.key}_methods": ("gradient descent",)}
    asked |= {key: value for key, value in state.items() if key != "page"}
    usual = page.state(asked)
    texts = {key: list(v) if isinstance(v, tuple) else v for key, v in asked.items()}
    return f"{page.key}?" + urlencode({key: v for key, v in texts.items() if v != usual.get(key)}, doseq=True)


def vote_now(room: Room) -> str:
    """The name of the vote that is open, or was last: "first vote" or "second vote"."""
    return "second vote" if room.phase >= Phase.SECOND else "first vote"
