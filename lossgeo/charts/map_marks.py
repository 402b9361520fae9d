"""The marks on a map as small drawings, for the table that says what they mean."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from lossgeo.charts.style import LINES, METHODS, PAIR, YOU

GD = "gradient descent"
CSS = """<style>
.marks{border-collapse:collapse;font-size:.94rem;line-height:1.4}
.marks :is(td,th){padding:.35rem .9rem .35rem 0;text-align:left;border-bottom:1px solid rgba(128,128,128,.3)}
.marks td:nth-child(2){min-width:7rem}
.marks img{width:64px;height:28px;display:block;max-width:none}
</style>"""
GROUND = "#2C718E"  # a middle colour of the map
DASHES = {name: " ".join(map(str, dash)) for name, (_, dash) in LINES.items()}


def _line(path: str, colour: str, width: float = 3, dash: str = "") -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}"/>'


def _ring(colour: str, width: float) -> str:
    return f'<circle cx="32" cy="14" r="8" fill="none" stroke="{colour}" stroke-width="{width}"/>'


RING = _ring("#fff", 6) + _ring(YOU, 3)
LEVEL, RUN, CROSS = "M6 22Q32 -4 58 22", "M6 7L22 20L44 13", "M30 6h4v6h6v4h-6v6h-4v-6h-6v-4h6z"
SQUARE = '<rect x="26" y="8" width="12" height="12" fill="none" stroke="{}" stroke-width="{}"/>'
# The name of a mark in the table -> its drawing, 64 x 28.
DRAWN = {
    "pink ring": RING,
    "pink arrow": _line("M14 14H45M36 7l10 7-10 7", "#fff", 6) + _line("M14 14H45M36 7l10 7-10 7", YOU),
    "thin line in black and white": _line(LEVEL, "#000", 3) + _line(LEVEL, "#fff", 1.5),
    "square": SQUARE.format("#fff", 5) + SQUARE.format("#000", 2.5),
    "coloured lines": _line(RUN, "#fff", 5)
    + _line(RUN, METHODS[GD][0])
    + f'<circle cx="44" cy="13" r="6" fill="{METHODS[GD][0]}" stroke="#fff" stroke-width="1.5"/>',
    "blue line, dashed ochre line": _line("M6 9H58M6 20H58", "#fff", 6)
    + _line("M6 9H58", PAIR["A"][0])
    + _line("M6 20H58", PAIR["B"][0], dash=DASHES["B"]),
    "white diamond with a word": '<path d="M22 7l7 7-7 7-7-7z" fill="#fff" stroke="#000" stroke-width="1.5"/>'
    '<text x="33" y="19" font-size="12" fill="#fff" stroke="#000" stroke-width="2" paint-order="stroke">end</text>',
    "thin black cross through the ring": RING
    + _line("M18 20L46 8", "#000", 2)
    + _line("M26 1L38 27", "#000", 2, "3 2"),
    "white cross": f'<path d="{CROSS}" fill="#fff" stroke="#000"/>',
}


def table_of(table: str) -> str:
    """A Markdown table of two columns as HTML, with a first column for the drawings of the marks."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in rows[0])
    body = "".join(
        f"<tr><td>{_drawing(name)}</td><td>{name}</td><td>{_bold(says)}</td></tr>" for name, says in rows[2:]
    )
    return f'<table class="marks"><tr><td></td>{head}</tr>{body}</table>'


def _drawing(name: str) -> str:
    """The drawing of a mark on a piece of map; on a piece of nothing if it has none."""
    fill = f'fill="{GROUND}"' if name in DRAWN else 'fill="none" stroke="#808080" stroke-width="2"'
    ground = f'<rect width="64" height="28" rx="4" {fill}/>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 28">{ground}{DRAWN.get(name, "")}</svg>'
    return f'<img alt="" src="data:image/svg+xml,{quote(drawing)}">'  # Streamlit takes an svg element out of HTML


def _bold(text: str) -> str:
    """Markdown's bold as HTML; everything else is text."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text))
