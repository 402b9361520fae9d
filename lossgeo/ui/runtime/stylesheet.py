"""The rules of style of the app: how the page makes room for the stage in every window, and the projector mode.

Streamlit's own parts are addressed by test id only where it has no setting: padding, header, sidebar's head.
The stage is drawn for one layout. In a window that another one fits, it is hidden until the browser has said so and
Python has drawn it anew: its place is kept, so that nothing moves. What fits is a question of the width of the
page's column, which the sidebar narrows: hence container queries.
"""

from __future__ import annotations

from collections.abc import Iterator

from lossgeo.charts.style import LAYOUTS, ChartStyle, fits
from lossgeo.views.pages import LESSON_PAGES

SIDES = {False: 64, True: 40}  # padding at both sides of the page's column, in pixels; on a phone as without projector


def each(part: str) -> str:
    """The selector of a keyed container of every lesson page."""
    return ":is(" + ",".join(f".st-key-{page}_{part}" for page in LESSON_PAGES) + ")"


ROOM, BOX, STRIP, TOOLS, UNDO, HINT, CAMERA, NEWS, PANEL, RESTING = (
    each(part) for part in ("room", "box", "strip", "tools", "undo", "hint", "camera", "news", "panel_box", "resting")
)
EDIT = each("edit")
BASE = f"""
[data-testid="stMainBlockContainer"]{{padding:3.25rem 32px 3rem}}
h1.stHeading,[data-testid="stMainBlockContainer"] h1{{padding:.1rem 0}}
[data-testid="stSidebarHeader"]{{height:2.75rem;margin:0}}
.st-key-viewport{{position:absolute}}
{NEWS}{{position:fixed;top:0;left:0;width:1px;height:1px;overflow:hidden}}
{ROOM}{{container:room/inline-size}}
{HINT}{{min-height:1.75rem}}
{HINT}>:not(:has(p)){{max-height:1.75rem;overflow:hidden}}
{HINT} p{{font-size:.925rem}}
{HINT} :is(p,button){{line-height:1.35}}
{HINT} button{{min-height:1.75rem;padding-block:0}}
[class*="st-key-drawn_"]{{gap:.25rem}}
{EDIT} button{{padding-inline:.6rem}}
.ending{{font-size:.875rem;line-height:1.3}}
.ending summary{{cursor:pointer;list-style:none}}
.ending summary::after{{content:" …";opacity:.6}}
.ending[open] summary::after{{content:""}}
.ending span{{font-weight:700}}
[data-testid="stSidebarUserContent"]{{padding:0 16px 1rem}}
{RESTING}{{display:none}}
{PANEL} p{{font-size:.94rem;line-height:1.42}}
{PANEL} [role=radiogroup] label{{margin-bottom:.15rem}}
[data-testid="stCaptionContainer"],[data-testid="stCaptionContainer"] *{{color:inherit}}
[data-testid="stCaptionContainer"]{{opacity:.8}}
{BOX}:not(:has(canvas,.js-plotly-plot)){{background:rgba(128,128,128,.08);border-radius:.5rem}}
form.vega-bindings.vega-bindings{{
  display:flex;flex-flow:row wrap;gap:.2rem 1.4rem;align-items:center;margin:0;padding:0;min-height:2.25rem}}
form.vega-bindings .vega-bind.vega-bind{{
  display:flex;flex:0 0 auto;align-items:center;gap:.5rem;margin:0;width:auto}}
form.vega-bindings .vega-bind.vega-bind:has(input[type=range]){{flex:1 1 18rem;min-width:0}}
form.vega-bindings .vega-bind:has(input[type=range]) label{{
  display:flex;flex-wrap:nowrap;align-items:center;gap:.5rem;white-space:nowrap}}
form.vega-bindings .vega-bind:has(input[type=range]) label,
form.vega-bindings .vega-bind:has(input[type=range]) input{{flex:1 1 auto;min-width:0}}
form.vega-bindings .vega-bind.vega-bind input[type=number]{{width:7rem}}
form.vega-bindings .vega-bind input::placeholder{{color:inherit;opacity:.75}}
form.vega-bindings .vega-bind .vega-bind-name.vega-bind-name{{min-width:0;width:auto;flex:none}}
@media (max-width:900px){{
  [data-testid="stHeader"],[data-testid="stToolbar"]{{height:44px;min-height:44px}}
  [data-testid="stMainBlockContainer"]{{padding:48px 32px 3rem}}
  [data-testid="stMainBlockContainer"] h1{{font-size:1.15rem;line-height:1.25}}
}}
"""
# On a phone the slider and the player stay in sight at the lower edge while the stage passes above them.
DOCK = f"""
  {BOX} .vega-embed{{display:flex;flex-flow:row wrap;gap:.2rem 1rem;width:100%}}
  form.vega-bindings.vega-bindings{{display:contents}}
  form.vega-bindings .vega-bind.vega-bind:has(input[type=range]){{
    flex:1 0 100%;position:sticky;bottom:3rem;z-index:3;background:var(--ground);padding-top:.3rem}}
  form.vega-bindings .vega-bind.vega-bind input[type=number]{{width:5.5rem}}
  form.vega-bindings .vega-bind:has(input[type=number]){{order:1}}
  [data-testid="stLayoutWrapper"]:has(>{STRIP}),{STRIP}{{display:contents}}
  {STRIP}>:first-child{{position:sticky;bottom:0;z-index:3;background:var(--ground);width:100%;padding:.4rem 0;
    --speed-label:none;--player-padding:.5rem;--play-width:4.2rem}}
"""
BROAD = ".ending.ending{font-size:.95rem;line-height:1.4}"
# The slider stands to the right of the player, in one row with it.
PROJECTOR = f"""
@media (min-width:1000px){{
  html{{font-size:clamp(22px,1.72vw,40px)}}
  [data-testid="stMainBlockContainer"]{{padding:2.2rem 20px 1rem}}
  [data-testid="stHeader"],[data-testid="stToolbar"]{{height:2.2rem;min-height:2.2rem}}
  [data-testid="stHeader"] a{{padding-block:.1rem}}
  [data-testid="stMainBlockContainer"] h1{{font-size:1.3rem;padding:0}}
  [data-testid="stMainBlockContainer"] :is(p,li,label,button,td,th){{font-size:1rem}}
  {ROOM}{{--speed-label:none;--player-font:1rem;--row:2.4rem;--beside:41.5rem}}
  {BOX}+*,{BOX}{{gap:0}}
  .endings{{display:grid;grid-template-columns:repeat(auto-fit,minmax(40%,1fr));gap:.2rem 1rem}}
  .ending{{font-size:1rem;line-height:1.25}}
  form.vega-bindings .vega-bind.vega-bind:has(input[type=range]){{flex-basis:6rem}}
  form.vega-bindings.vega-bindings{{
    margin-left:calc(var(--beside) + 8px);width:calc(100vw - var(--beside) - 56px);min-height:var(--row)}}
  [data-testid="stLayoutWrapper"]:has(>{STRIP}){{margin-top:calc(-1*var(--row) - .2rem);pointer-events:none}}
  {STRIP}{{width:var(--beside)!important;flex-wrap:nowrap!important;min-height:var(--row)}}
  {STRIP}>*,{TOOLS}{{pointer-events:auto;flex-wrap:nowrap!important}}
  {STRIP} button{{min-height:2.2rem}}
  {CAMERA} :is(p,button){{font-size:.75rem!important}}
  {UNDO}{{display:none}}
  form.vega-bindings .vega-bind:has(input[type=number]){{display:none}}
}}
[data-testid="stCaptionContainer"]{{opacity:1}}
"""


# The dark theme's accent is light, and Streamlit writes white on it.
DARK = "[data-tag]{background:#0B6E99}"


def _windows(projector: bool) -> Iterator[tuple[str, ChartStyle]]:
    """The conditions on the width of the column, each with the layout that fits then."""
    starts = fits(projector)
    ends = [*list(starts.values())[1:], 100_000]
    for (layout, start), end in zip(starts.items(), ends, strict=True):
        condition = f"@container room (min-width:{start}px) and (max-width:{end - 0.02}px)"
        yield condition, ChartStyle(layout, projector)


def _place(drawn: ChartStyle) -> str:
    """The room that the stage takes, before it is there."""
    return f"{BOX}{{min-height:calc({drawn.stage_height}px + {2.4 if drawn.projector else 2.25}rem)}}"


def _css(projector: bool, dark: bool) -> str:
    rules = [BASE, PROJECTOR if projector else "", DARK if dark else ""]
    for condition, drawn in _windows(projector):
        others = ",".join(f".st-key-drawn_{other}" for other in LAYOUTS if other != drawn.layout)
        rules.append(
            f"{condition}{{"
            f":is({others}){{visibility:hidden;max-height:{drawn.stage_height + 40}px;overflow:hidden}}"
            f"{_place(drawn)}"
            f"{BROAD if drawn.columns and not projector else ''}"
            f"{DOCK if drawn.layout == 'phone' else ''}}}"
        )
    return _style(rules)


def _style(rules: list[str]) -> str:
    return f"<style>{''.join(rules)}</style>"


# On a fresh page, before the script has said which mode and theme there are: the later rules include these.
FIRST = _style([BASE, *(f"{condition}{{{_place(drawn)}}}" for condition, drawn in _windows(False))])
CSS = {(projector, dark): _css(projector, dark) for projector in (False, True) for dark in (False, True)}
