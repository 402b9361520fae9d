"""The ruler under the learning rate: its marks, and on which side of them the rate is. There it can be dragged."""

from __future__ import annotations

import math
from html import escape

from lossgeo.charts.lab_charts import ZONES
from lossgeo.numbers import deciding
from lossgeo.ui import session
from lossgeo.ui.controls import settings
from lossgeo.ui.runtime import components
from lossgeo.ui.session import RULER
from lossgeo.ui.share import visibility
from lossgeo.views.pages import GD, Page
from lossgeo.views.rate_marks import Mark, named_marks, promise, where
from lossgeo.views.reading_point import reading_point
from lossgeo.views.view import View

WIDTH, END = 228, 10  # pixels: the narrowest panel, and the room to the right of the last mark
LETTER, BESIDE = 6.0, 6  # pixels: the width of a letter of a label, and the gap to its mark
LINE, ROW = 3, 15  # pixels: the gap below the line, and the height of a label


def show(view: View) -> None:
    """Draw the ruler where the rate was drawn in this run. Nothing if the rate is hidden or the loss has no marks."""
    place = RULER.take()
    if place is None:
        return
    spot = reading_point(view)
    marks = named_marks(spot, view.loss)
    if marks:
        kind, words = promise(spot, view.loss, view.choice.rate) if descends(view) else ("", "")
        hand = not visibility.fixed("lr")
        place.html(drawn(marks, view.choice.rate, where(spot, marks), kind, words, hand))
        if hand:
            with place:
                _hand(view.page, marks, view.choice.rate)


def _hand(page: Page, marks: list[Mark], rate: float) -> None:
    """The script that lets the rate be dragged."""
    key = f"{page.key}_rate_drag"

    def take() -> None:
        said = session.value(key).rate
        if isinstance(said, int | float) and math.isfinite(said):
            settings.set_rate(page, float(said))

    low, span, room = _scale(marks, rate)
    line = {"low": low, "span": span, "room": room, "width": WIDTH, "end": END, "rate": rate}
    components.rate_drag(key=key, data=line, on_rate_change=take)


def _label(mark: Mark, rate: float) -> str:
    """The mark with as many digits as it takes to see on which side of it the rate is."""
    return f"{mark.name} = {deciding(mark.at, rate)[0]}"


def _scale(marks: list[Mark], rate: float) -> tuple[float, float, float]:
    """The lowest logarithm on the line, the span to the highest, and the pixels to the left of the lowest."""
    logs = [math.log(value) for value in (*(mark.at for mark in marks), rate)]
    low, span = min(logs), max(logs) - min(logs)
    room = LETTER * max(len(_label(mark, rate)) for mark in marks) + BESIDE
    return (low, span, room) if span else (low - 1, 2.0, room)  # one mark, which is the rate: in the middle


def descends(view: View) -> bool:
    """Whether the first method is the one that the marks are about: gradient descent with a constant rate."""
    first = view.choice.methods[0] if view.choice.methods else None
    return first is not None and first.name == GD and first.schedule == "constant"


def drawn(marks: list[Mark], rate: float, place: str, kind: str, words: str, hand: bool = False) -> str:
    """The ruler as HTML: a logarithmic line with the marks and the rate, and below it a label for each mark.

    place: where the marks hold. kind, words: what is proved about the rate, "" if nothing is. hand: it can be dragged.
    Each label is to the left of its mark, in a row of its own, the lowest mark first. So no line crosses a label.
    """
    labels = [_label(mark, rate) for mark in marks]
    yours = max((deciding(mark.at, rate)[1] for mark in marks), key=len)
    low, span, room = _scale(marks, rate)
    shares = [(math.log(value) - low) / span for value in (*(mark.at for mark in marks), rate)]
    spots = [100 * (room + (WIDTH - room - END) * share) / WIDTH for share in shares]
    parts = []
    for row, (label, x) in enumerate(zip(labels, spots, strict=False)):
        parts.append(f'<i style="left:{x:.2f}%;height:{ROW * (row + 1)}px"></i>')
        parts.append(f'<span style="top:{LINE + ROW * row}px;right:{100 - x:.2f}%">{escape(label)}</span>')
    parts.append(f'<b style="left:{spots[-1]:.2f}%;border-top-color:{ZONES.get(kind, "currentColor")}"><em></em></b>')
    parts.append("<u></u>" if hand else "")  # where a pointer takes hold of the rate
    head, told = f"For gradient descent, {place}", f"{yours}: {words}" if words else ""
    said = f"{head}: {', '.join(labels)}. {told or yours}"
    return (
        f'<div class="ruler" role="img" aria-label="{escape(said)}"><p>{escape(head)}</p>'
        f'<div style="height:{LINE + ROW * len(marks)}px">{"".join(parts)}</div>'
        f"{f'<p>{escape(told)}</p>' if told else ''}</div>"
    )
