"""Worksheets and their keys as HTML files for A4 or Letter paper. They have no script and load nothing.

A sheet takes questions, the settings of a page and its map. All text is escaped. The formulas of the question
bank, a small subset of LaTeX, become plain HTML.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lossgeo.teaching.questions import CONFIDENCE, MISCONCEPTIONS, Question, order

LETTERS = "ABCD"
Pair = tuple[float, float]


@dataclass(frozen=True)
class Map:
    """A map image over a window, with the start and the known minima.

    `url` is a WebP image as a data URL, `names` are the two parameters, and `words` is the alternative text.
    """

    url: str
    window: tuple[Pair, Pair]
    names: tuple[str, str]
    start: Pair
    minima: tuple[Pair, ...]
    words: str


@dataclass(frozen=True)
class Sheet:
    """What a worksheet asks: its title, its questions, (name, value) rows of settings, and the map to draw on."""

    title: str
    questions: Sequence[Question]
    settings: Sequence[tuple[str, str]]
    picture: Map


def handout(sheets: Sequence[Sheet], seed: int) -> str:
    """The file for students, each sheet on a page of its own. `seed` determines the order of the options.

    Raises ValueError if a map is not a WebP data URL or a formula is not supported.
    """
    return _file(sheets[0].title if len(sheets) == 1 else "Worksheets", [_handout(sheet, seed) for sheet in sheets])


def key(sheets: Sequence[Sheet], seed: int) -> str:
    """The file for the teacher: the answers to the questions of `handout`, with what stands behind the wrong ones."""
    title = f"Key: {sheets[0].title}" if len(sheets) == 1 else "Keys"
    return _file(title, [_key_of(sheet, seed) for sheet in sheets])


def _file(title: str, parts: Sequence[str]) -> str:
    """An HTML file with these parts."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style></head><body>
{"".join(f"<section>{part}</section>" for part in parts)}
</body></html>
"""


def _handout(sheet: Sheet, seed: int) -> str:
    """One worksheet."""
    asked = "".join(_asked(number, question, seed) for number, question in enumerate(sheet.questions, start=1))
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in sheet.settings)
    line = '<p class="line"></p>'
    return f"""<p class="name">Name <span></span> Date <span></span></p>
<h1>{escape(sheet.title)}</h1>
<div class="state"><div>{_svg(sheet.picture)}</div><div><h2>Settings</h2><table>{rows}</table></div></div>
<h2>Before you run it</h2>
<p>Where does the descent end, and how does the loss change on the way? Draw the path that you expect into the map.</p>
{line}{line}
<h2>After it ran</h2>
<p>What happened? Where it differs from your prediction: why?</p>
{line}{line}
<h2>Questions</h2>
{asked}"""


def _key_of(sheet: Sheet, seed: int) -> str:
    """The key of one worksheet."""
    answers = "".join(_key(number, question, seed) for number, question in enumerate(sheet.questions, start=1))
    return f"""<div class="key"><h1>Key: {escape(sheet.title)}</h1>
<p class="small">Options in the order of seed {seed}; with another seed the letters differ.</p>{answers}</div>"""


def _asked(number: int, question: Question, seed: int) -> str:
    """One question of the worksheet."""
    options = "".join(
        f"<li><b>{letter}</b> {inline(question.options[i].text)}</li>"
        for letter, i in zip(LETTERS, order(question, seed), strict=False)
    )
    sure = " ".join(f'<span class="box"></span> {level}' for level in CONFIDENCE)
    return (
        f'<div class="question"><p><b>{number}.</b> {inline(question.stem)}</p><ul>{options}</ul>'
        f'<p class="small">How sure: {sure}. Because:</p><p class="line"></p></div>'
    )


def _key(number: int, question: Question, seed: int) -> str:
    """One question of the key."""
    places = order(question, seed)
    wrong = "".join(
        f"<li><b>{letter}</b> <i>{escape(MISCONCEPTIONS[option.misconception])}</i> {inline(option.feedback)}</li>"
        for letter, option in ((LETTERS[at], question.options[i]) for at, i in enumerate(places))
        if option.misconception is not None
    )
    right = LETTERS[places.index(question.answer)]
    return (
        f'<div class="question"><p><b>{number}. {right}</b> {inline(question.options[question.answer].text)}</p>'
        f'<p class="small">{inline(question.explanation)}</p><ul class="small">{wrong}</ul></div>'
    )


STYLE = """
@page{margin:13mm 18mm}
body{font:10pt/1.32 Georgia,"Times New Roman",serif;color:#000;background:#fff;max-width:174mm;margin:0 auto}
h1{font-size:14pt;margin:0 0 2mm}h2{font-size:11pt;margin:3mm 0 1mm;break-after:avoid}p{margin:0 0 1mm}
.name{display:flex;gap:3mm;margin-bottom:3mm}.name span{flex:1;border-bottom:.3mm solid #555}
.state{display:flex;gap:7mm;align-items:flex-start}.state h2{margin-top:0}
.state svg{width:118mm;height:auto;display:block}
table{border-collapse:collapse;font-size:9.5pt}th{text-align:left;font-weight:normal;color:#444;padding:0 4mm .6mm 0}
th,td{vertical-align:top}
.line{border-bottom:.3mm solid #777;height:7mm;margin:0}
.question{break-inside:avoid;margin:0 0 3.5mm}.question ul{list-style:none;margin:0 0 1mm;padding:0 0 0 5mm}
.question li{margin:0 0 .4mm}
.small{font-size:9pt}
.key .question{margin:0 0 2mm}.key{line-height:1.25}.key .small{font-size:8.5pt}
.box{display:inline-block;width:3mm;height:3mm;border:.3mm solid #000;margin-left:2mm}
section+section{break-before:page}
.frac{display:inline-block;vertical-align:middle;text-align:center;font-size:85%;line-height:1.1}
.frac span{display:block;padding:0 .5mm}.frac span+span{border-top:.25mm solid #000}
sub,sup{font-size:72%;line-height:0}code{font-size:95%}
@media screen{body{padding:10mm}section+section{border-top:1px solid #999;margin-top:10mm;padding-top:6mm}}
"""


# --- the map ---------------------------------------------------------------------------------------

SIDE = 300.0


def ticks(low: float, high: float) -> list[float]:
    """Three to eight round numbers from low to high."""
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = unit * min((1, 2, 2.5, 5, 10), key=lambda m: abs(math.log(m * unit / rough)))
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _svg(picture: Map) -> str:
    """The map as SVG, with axes, start and minima."""
    if not re.fullmatch(r"data:image/webp;base64,[A-Za-z0-9+/=]+", picture.url):
        raise ValueError("the map must be a WebP as a data address")
    (x0, x1), (y0, y1) = picture.window

    def at(x: float, y: float) -> Pair:
        """The position in the image."""
        return SIDE * (x - x0) / (x1 - x0), SIDE * (y1 - y) / (y1 - y0)

    def inside(p: Pair) -> bool:
        return x0 <= p[0] <= x1 and y0 <= p[1] <= y1

    svg = [
        f'<svg viewBox="-52 -6 362 350" role="img" aria-label="{escape(picture.words)}" xmlns="http://www.w3.org/2000/svg">',
        f'<image href="{picture.url}" width="{SIDE:g}" height="{SIDE:g}" preserveAspectRatio="none"/>',
        f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="none" stroke="#000"/>',
        '<g font-family="sans-serif" font-size="12">',
    ]
    for value in ticks(x0, x1):
        x, _ = at(value, y0)
        svg.append(f'<path d="M{x:.1f} 300v5" stroke="#000"/>')
        svg.append(f'<text x="{x:.1f}" y="318" text-anchor="middle">{_tick(value)}</text>')
    for value in ticks(y0, y1):
        _, y = at(x0, value)
        svg.append(f'<path d="M0 {y:.1f}h-5" stroke="#000"/>')
        svg.append(f'<text x="-8" y="{y + 4:.1f}" text-anchor="end">{_tick(value)}</text>')
    first, second = (escape(name) for name in picture.names)
    svg.append(f'<text x="150" y="338" text-anchor="middle" font-style="italic">{first}</text>')
    svg.append(f'<text x="-42" y="154" text-anchor="middle" font-style="italic">{second}</text></g>')
    for p in filter(inside, picture.minima):
        x, y = at(*p)
        cross = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
        svg += [f'<path d="{cross}" stroke="{c}" stroke-width="{width}"/>' for c, width in (("#000", 5), ("#fff", 2))]
    if inside(picture.start):
        x, y = at(*picture.start)
        svg.append(
            f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="#fff" stroke="#000" stroke-width="2"/>'
        )
    marks = "Square: start." + (" Cross: minimum whose place is known." if any(map(inside, picture.minima)) else "")
    return "".join(svg) + f'</svg><p class="small">Dark is low. {marks}</p>'


def _tick(value: float) -> str:
    """The label of a tick."""
    return f"{value:.6g}".replace("-", "−")


# --- text and formulae --------------------------------------------------------------------------------


def inline(text: str) -> str:
    """A text of the bank as escaped HTML, with $formula$, `code` and **bold**."""
    out = []
    for number, part in enumerate(text.strip().split("$")):
        if number % 2:
            out.append(f'<span class="formula">{formula(part)}</span>')
        else:
            part = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(part))
            out.append(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", part))
    return "".join(out)


SYMBOLS = {
    "alpha": "α", "beta": "β", "eta": "η", "kappa": "κ", "lambda": "λ", "mu": "μ", "sigma": "σ", "pm": "±",
    "cdot": " · ", "times": " × ", "top": "⊤", "le": " ≤ ", "ge": " ≥ ", "lVert": "‖", "rVert": "‖", "infty": "∞",
    "left": "", "right": "", ",": " ", " ": " ", "max": "max", "min": "min", "ln": "ln ", "log": "log ",
    "tanh": "tanh ", "exp": "exp ",
}  # fmt: skip


def formula(source: str) -> str:
    """A formula as HTML. Raises ValueError, naming the part, if it is not supported."""
    tokens = re.findall(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", source)
    out, rest = _row(tokens)
    if rest:
        raise ValueError(f"formula {source!r}: a brace is closed that was not opened")
    return out


def _row(tokens: list[str]) -> tuple[str, list[str]]:
    """The HTML of the tokens up to the end or a closing brace, and the remaining tokens."""
    out = ""
    while tokens and tokens[0] != "}":
        if tokens[0] in ("_", "^"):
            tag = "sub" if tokens[0] == "_" else "sup"
            inner, tokens = _argument(tokens[1:])
            out = f"{out.rstrip()}<{tag}>{inner}</{tag}>"
        else:
            piece, tokens = _argument(tokens)
            out += piece
    return out, tokens


def _argument(tokens: list[str]) -> tuple[str, list[str]]:
    """The HTML of one token, one group in braces, or one command with its arguments; and the remaining tokens."""
    if not tokens:
        raise ValueError("a formula ends too early")
    head, rest = tokens[0], tokens[1:]
    if head.isspace():
        return " ", rest
    if head == "{":
        inner, rest = _row(rest)
        if not rest:
            raise ValueError("a brace of a formula is not closed")
        return inner, rest[1:]
    if head == r"\frac":
        if rest and rest[0].isdigit() and len(rest[0]) > 1:  # \frac12 means one digit each
            rest = [*rest[0], *rest[1:]]
        above, rest = _argument(rest)
        below, rest = _argument(rest)
        return f'<span class="frac"><span>{above}</span><span>{below}</span></span>', rest
    if head in (r"\sqrt", r"\hat", r"\text", r"\mathrm"):
        while rest and rest[0].isspace():
            rest = rest[1:]
        inner, rest = _argument(rest)
        plain = re.sub(r"<.?i>", "", inner)
        return {r"\sqrt": f"√{inner}", r"\hat": f"<i>{plain}\u0302</i>", r"\text": plain, r"\mathrm": plain}[head], rest
    if head.startswith("\\"):
        if head[1:] not in SYMBOLS:
            raise ValueError(f"formula: {head} is not known")
        return SYMBOLS[head[1:]], rest
    if head.isalpha():
        return f"<i>{head}</i>", rest
    return {"-": "−", "=": "="}.get(head, escape(head)), rest
