"""Votes counted by show of hands, kept in the session and in the address (`hands`), so that a reload keeps them.

In the address: for each question its id and all counts, vote by vote in the order of the bank, as in
`hands=same-surface.5.9.2.1.14.1`; several questions are joined by "_".
"""

from __future__ import annotations

import re

from lossgeo.charts.votes import VOTES
from lossgeo.numbers import number
from lossgeo.teaching import questions as bank
from lossgeo.ui import session
from lossgeo.ui.session import HANDS, HANDS_SAY

MOST = 999  # hands for an option
KEPT = 12  # questions in the address: the last ones
ENTRY = re.compile(r"([a-z0-9-]{1,60})((?:\.[0-9]{1,3})+)", re.ASCII)

Counts = list[list[int]]  # by vote and option, both in the order of the bank


def of(question: bank.Question) -> Counts:
    """The hands counted for each option of a question: the first and the second vote."""
    flat = HANDS.get().get(question.id, ())
    size = len(question.options)
    return [[flat[vote * size + i] if flat else 0 for i in range(size)] for vote in range(len(VOTES))]


def take(question: bank.Question, letter: str, option: int, vote: int, key: str) -> None:
    """Callback of a box: keep its number, or say why it cannot be one of hands; the box then shows the last one."""
    typed = session.value(key)
    value = 0.0 if typed is None else float(typed)
    if not 0 <= value <= MOST or value != int(value):
        was = of(question)[vote][option]
        HANDS_SAY.put(
            f"{letter}, {list(VOTES)[vote]}: {number(value, 12)} is no number of hands. "
            f"It takes a whole number from 0 to {MOST}; {was} stays."
        )
        return
    counts = of(question)
    counts[vote][option] = int(value)
    others = {id: row for id, row in HANDS.get().items() if id != question.id}
    HANDS.put(others | {question.id: tuple(n for row in counts for n in row)})
    session.write("hands", written())


def keep() -> None:
    """Make address and session agree. Called once a run, before the page."""
    if not HANDS.get() and (text := session.parameter("hands")):
        HANDS.put(read(text))
    session.write("hands", written())


def read(text: str) -> dict[str, tuple[int, ...]]:
    """The counts in a link; what does not fit a question of the bank is left out."""
    sizes = {q.id: len(q.options) * len(VOTES) for q in bank.load_bank()}
    found = {}
    for entry in text.split("_")[-KEPT:]:
        said = ENTRY.fullmatch(entry)
        if said and sizes.get(said[1]) == said[2].count("."):
            found[said[1]] = tuple(map(int, said[2][1:].split(".")))
    return found


def written() -> str:
    """The counts as the text of a link."""
    some = [(id, row) for id, row in HANDS.get().items() if any(row)][-KEPT:]
    return "_".join(".".join((id, *map(str, row))) for id, row in some)
