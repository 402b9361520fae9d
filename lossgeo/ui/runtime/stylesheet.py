"""The rules of style of the app: how the page makes room for the stage in every window, and the projector mode.

Streamlit's own parts are addressed by test id only where it has no setting: padding, header, sidebar's head.
The stage is drawn for one layout. In a window that another one fits, it is hidden until the browser has said so and
Python has drawn it anew: its place is kept, so that nothing moves. What fits is a question of the width of the
page's column, which the sidebar narrows: hence container queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lossgeo.charts.style import LAYOUTS, ChartStyle, fits
from lossgeo.ui.runtime import lesson_style
from lossgeo.views.pages import LESSON_PAGES

SIDES = {False: 64, True: 40}  # padding at both sides of the page's column, in pixels; on a phone as without projector


def each(part: str) -> str:
    """The selector of a keyed container of every lesson page."""
    return ":is(" + ",".join(f".st-key-{page}_{part}" for page in LESSON_PAGES) + ")"


ROOM, BOX, STRIP, TOOLS, UNDO, HINT, NO_HINT, BALL, CAMERA, NEWS, OVER, DIAL = (
    each(part)
    for part in (
        "room",
        "box",
        "strip",
        "tools",
        "undo",
        "hint",
        "no_hint",
        "ball",
        "camera",
        "news",
        "over",
        "lr_dial",
    )
)
PANEL, RESTING, LESSON, QUESTION, POSITION, EDIT, RATE_DRAG = (
    each(part) for part in ("panel_box", "resting", "learn", "check", "position", "edit", "rate_drag")
)
SOLID_ROOM = f'[class*="st-key-drawn_"]:has({each("solid")}) {BOX}'
BASE = f"""
[data-testid="stMainBlockContainer"]{{padding:3.25rem 32px 3rem}}
h1.stHeading,[data-testid="stMainBlockContainer"] h1{{padding:.1rem 0}}
[data-testid="stSidebarHeader"]{{position:absolute;right:0;height:2.6rem;margin:0;padding:0 .2rem;z-index:2}}
[data-testid="stSidebarContent"]{{padding:0}}
[data-testid="stSidebar"][aria-expanded="false"]{{visibility:hidden}}
a:focus-visible{{outline:3px solid currentColor!important;outline-offset:1px}}
.st-key-viewport,.st-key-keys,.st-key-reconnect,[class*="st-key-keeper"]{{position:absolute}}
:is({NEWS},{BALL}){{position:fixed;top:0;left:0;width:1px;height:1px;overflow:hidden}}
{ROOM}{{container:room/inline-size;position:relative}}
[data-testid="stLayoutWrapper"]:has(>{OVER}){{display:contents}}
{OVER}{{position:absolute;top:0;left:36px;z-index:2;width:auto}}
{OVER} button{{min-height:24px;height:24px;padding:0 .55rem}}
{OVER} button :is(p,div){{font-size:13px}}
{HINT}{{height:1.75rem;overflow:hidden}}
{NO_HINT}{{position:absolute;visibility:hidden}}
[class*="st-key-drawn_"]{{gap:.25rem}}
.st-key-drawn_phone{{padding-top:28px}}
{EDIT} button{{padding-inline:.6rem}}
[data-testid="stBottomBlockContainer"]:has({QUESTION}):not(:has(.st-key-room_bar)){{max-height:50dvh;overflow-y:auto;padding-block:.5rem}}
.ending{{font-size:.875rem;line-height:1.3}}
.ending summary{{cursor:pointer;list-style:none}}
[data-testid="stHtml"]>.ending>summary{{min-height:24px}}
.ending summary::after{{content:" …";opacity:.6}}
.ending[open] summary::after{{content:""}}
.ending [aria-hidden]{{font-weight:700}}
.ending .at{{font-variant-numeric:tabular-nums}}
[data-testid="stSidebarUserContent"]{{padding:.45rem 16px 1rem}}
[data-testid="stSidebarUserContent"] {PANEL}>:first-child{{width:calc(100% - 2.2rem)}}
[data-testid="stSidebarUserContent"] {PANEL}>:first-child button{{padding-inline:.6rem}}
[data-testid="stLayoutWrapper"]:has(>{RESTING}),{RESTING}{{display:none}}
{PANEL} p{{font-size:.94rem;line-height:1.4}}
{PANEL} [role=radiogroup] label{{margin-bottom:.1rem}}
{DIAL} [data-testid="stSliderTickBar"]{{display:none}}
{DIAL}{{margin-bottom:-.8rem}}
.ruler{{margin-top:-.5rem;font-size:12.5px;line-height:15px}}
.ruler p{{margin:0;font-size:12.5px!important;line-height:16px!important}}
.ruler div{{position:relative;margin-top:12px;border-top:2px solid;border-image:linear-gradient(#8888,#8888) 1}}
.ruler i{{position:absolute;top:-6px;width:1.5px;background:currentColor;padding-top:10px}}
.ruler span{{position:absolute;padding-right:6px;white-space:nowrap}}
.ruler b{{position:absolute;top:-11px;margin-left:-6px;border:6px solid transparent;border-top:9px solid}}
.ruler em{{position:absolute;bottom:10px;transform:translateX(-50%);font-style:normal;font-weight:600}}
.ruler u{{position:absolute;inset:-18px 0 auto;height:28px;cursor:ew-resize;touch-action:none}}
{RATE_DRAG}{{position:absolute}}
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
[data-testid="stElementToolbar"]:focus-within{{opacity:1}}
[data-testid="stHeaderActionElements"]{{display:none}}
@media (max-width:900px){{
  [data-testid="stHeader"],[data-testid="stToolbar"]{{height:44px;min-height:44px}}
  [data-testid="stMainBlockContainer"]{{padding:48px 16px 3rem}}
  [data-testid="stMainBlockContainer"] h1{{font-size:1.15rem;line-height:1.25}}
}}
@media (max-width:767px){{
  [data-testid="stMainBlockContainer"]{{padding-top:.25rem}}
  [data-testid="stMainBlockContainer"] h1{{
    font-size:1rem;line-height:1.15;padding:0;margin:0 0 .1rem 40px;min-height:2.1rem;align-content:center}}
  [data-testid="stHeader"],[data-testid="stToolbar"]{{background:none;pointer-events:none}}
  [data-testid="stHeader"] button{{background:var(--ground);pointer-events:auto}}
}}
"""
# Colours of the reader's own. These take away shadows, by which Streamlit shows the focus, and grounds, by which it
# shows what is chosen; charts and marks whose colour says something keep it.
FORCED = """
@media (forced-colors:active){
  :focus-visible,[data-baseweb="select"]:focus-within{outline:3px solid Highlight!important;outline-offset:1px}
  label:has(input:focus-visible){outline:3px solid Highlight}
  :is(form.vega-bindings,[data-testid="stSlider"],[data-testid="stCheckbox"],[data-testid="stRadio"],.ruler,.class-bars,
    .class-key) *,.ending [aria-hidden]{forced-color-adjust:none}
  [role=radio][aria-checked=true]{background:Highlight!important}
  [role=radio][aria-checked=true],[role=radio][aria-checked=true] *{
    forced-color-adjust:none;color:HighlightText!important}
  [data-testid="stBaseButton-primary"]{border-width:3px}
}
"""
# On a phone the panel is a sheet at the foot of the window, with a scroll of its own; the map stays above it. In a low
# window, as one enlarged to 200 per cent, the sheet keeps room for some lines, and the player goes with the page.
SHEET = f"""
@media (max-width:900px){{
  [data-testid="stMain"]:has([data-testid="stBottom"] {PANEL}){{
    --sheet:min(60dvh,max(12rem,min(45dvh,100dvh - 372px)))}}
  [data-testid="stBottomBlockContainer"]:has({PANEL}){{
    height:var(--sheet);overflow-y:auto;overscroll-behavior:contain;padding:.5rem 16px 1rem;
    border-top:1px solid rgba(128,128,128,.45)}}
  [data-testid="stBottom"] {PANEL}{{gap:.5rem}}
  [data-testid="stBottom"] {PANEL}>:first-child{{position:sticky;top:-.5rem;z-index:2;background:var(--ground)}}
  [data-testid="stMain"]:has([data-testid="stBottom"] :is({LESSON},{QUESTION})) h1{{
    position:absolute;width:1px;height:1px;overflow:hidden}}
}}
@media (max-width:900px) and (max-height:720px){{
  form.vega-bindings .vega-bind.vega-bind.vega-bind:has(input[type=range]){{position:static}}
}}
@media (max-width:900px) and (max-height:500px){{
  {STRIP}{STRIP}>:first-child{{position:static}}
}}
"""
# On a phone the slider and the player stay in sight at the lower edge while the stage passes above them.
DOCK = f"""
  {BOX} .vega-embed{{display:flex;flex-flow:row wrap;gap:.2rem 1rem;width:100%}}
  form.vega-bindings.vega-bindings{{display:contents}}
  form.vega-bindings .vega-bind.vega-bind:has(input[type=range]){{
    flex:1 0 100%;position:sticky;bottom:calc(var(--sheet,0px) + 3rem);z-index:3;
    background:var(--ground);padding-top:.3rem}}
  form.vega-bindings .vega-bind.vega-bind input[type=number]{{width:5.5rem}}
  form.vega-bindings .vega-bind:has(input[type=number]){{order:1}}
  {OVER}{{left:42px}}
  [data-testid="stLayoutWrapper"]:has(>{STRIP}),{STRIP}{{display:contents}}
  {STRIP}>:first-child{{position:sticky;bottom:var(--sheet,0px);z-index:3;
    background:var(--ground);width:100%;padding:.4rem 0;
    --speed-label:none;--player-padding:.5rem;--play-width:4.2rem}}
"""
# On a tablet the player and the buttons beside it still share a row.
SMALL = f"""
  {STRIP}{{--speed-label:none;--player-padding:.45rem;--play-width:3.6rem;gap:.4rem}}
  {STRIP},{TOOLS}{{flex-wrap:nowrap}}
  {TOOLS} button{{padding-inline:.5rem}}
"""
# In a frame of another page, whose title says what it is: the stage begins at the top and has all of the width.
IN_A_FRAME = """<style>
[data-testid="stApp"] [data-testid="stMainBlockContainer"]{padding-top:.5rem}
[data-testid="stMainBlockContainer"] h1{position:absolute;width:1px;height:1px;overflow:hidden}
[data-testid="stHeader"],[data-testid="stToolbar"]{background:none;pointer-events:none}
[data-testid="stHeader"] button{pointer-events:auto}
</style>"""
BROAD = ".ending.ending{font-size:.95rem;line-height:1.4}"
# Runs have at most two lines each; a click shows the rest.
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
  .endings:has(>:nth-child(3)) .ending{{font-size:.86rem}}
  .ending:not([open])>summary{{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}}
  .ending.running .how{{display:none}}
  form.vega-bindings .vega-bind.vega-bind:has(input[type=range]){{flex-basis:6rem}}
  {STRIP}>*,{TOOLS}{{pointer-events:auto;flex-wrap:nowrap!important}}
  {STRIP} button{{min-height:2.2rem}}
  {OVER} button{{height:28px}}
  {OVER} button :is(p,div){{font-size:.8rem!important}}
  {CAMERA} :is(p,button){{font-size:.75rem!important}}
  {UNDO}{{display:none}}
  form.vega-bindings .vega-bind:has(input[type=number]){{display:none}}
}}
[data-testid="stCaptionContainer"]{{opacity:1}}
"""
# Where there is room, the slider stands to the right of the player, in one row with it. Beside the surface, the chart
# with the slider begins further to the right, by --before.
ONE_ROW = f"""
@media (min-width:1200px){{
  form.vega-bindings.vega-bindings{{
    margin-left:calc(var(--beside) + 8px - var(--before,0px));width:calc(100vw - var(--beside) - 56px);
    min-height:var(--row)}}
  {SOLID_ROOM}{{--before:calc((100cqw - 1rem)*var(--share) + 1rem)}}
  [data-testid="stLayoutWrapper"]:has(>{STRIP}){{margin-top:calc(-1*var(--row) - .2rem);pointer-events:none}}
  {STRIP}{{width:var(--beside)!important;flex-wrap:nowrap!important;min-height:var(--row)}}
}}
"""

# What lies between the panel and the parts of an open lesson, so that these can share its rows.
INSIDE = ",".join((LESSON, *(f"{LESSON}{'>*' * depth}" for depth in (1, 2, 3)), f":has(>{LESSON})"))
BELOW = f'[data-testid="stMain"]:has([data-testid="stBottom"] {PANEL})'
# The question of a learner is a part of the page with a life of its own, and so one container deeper.
CARD = f":is({QUESTION}:not(:has(>:only-child)),{QUESTION}>:only-child>[data-testid=stVerticalBlock])"
# What lies between the panel and the rows of a teacher's round, so that the first one stands beside the switch.
ROUND = ",".join(f"{QUESTION}:has(.st-key-round){'>*' * depth}" for depth in range(4)) + ",.st-key-round"
# The panel below the stage of a projector, in two columns: switch and text to the left, the answers to the right.
SHELF = f"""
@media (min-width:1000px){{
  [data-testid="stAppViewContainer"]:has([data-testid="stBottom"] {PANEL}) [data-testid="stHeader"]{{
    opacity:0}}
  [data-testid="stHeader"]:is(:hover,:focus-within){{opacity:1!important}}
  {BELOW}{{--shelf:calc(100dvh - 3.75rem - var(--stage));
    [data-testid="stMainBlockContainer"]{{padding-top:.3rem}}
    .st-key-lesson_foot{{flex:0 0 auto;width:auto}}
    .st-key-lesson_foot button{{white-space:nowrap}}
    .st-key-lesson_foot~*,[data-testid="stLayoutWrapper"]:has(>.st-key-lesson_foot)~*{{display:none}}
    h1{{position:absolute;width:1px;height:1px;overflow:hidden}}
    [data-testid="stBottomBlockContainer"]{{
      height:var(--shelf);overflow-y:auto;padding:.2rem 20px .3rem;border-top:1px solid rgba(128,128,128,.45)}}
    {PANEL}{{flex-flow:row wrap;gap:.3rem .8rem;align-items:center}}
    {PANEL}>:first-child{{flex:0 0 16rem;width:16rem}}
    {INSIDE}{{display:contents}}
    {POSITION}{{flex:0 0 17rem;order:1}}
    {PANEL}>:first-child{{order:0}}
    .st-key-lesson{{order:3;flex:0 0 100%}}
    .st-key-lesson{{display:block;columns:2;column-gap:2rem}}
    .st-key-lesson>*{{break-inside:avoid;margin-bottom:.15rem}}
    {CARD}{{display:flex;flex-flow:row wrap;gap:.2rem .8rem;align-items:center}}
    :is({CARD})>*{{width:auto;flex:0 1 auto}}
    :is({CARD})>[class*="_go_to"]{{flex:0 0 15rem}}
    :is({CARD})>[class*="_sure"] [data-testid="stButtonGroup"]{{
      display:flex;flex-flow:row;align-items:center;gap:.5rem;width:auto}}
    :is({CARD})>[class*="_sure"] [data-testid="stWidgetLabel"]{{margin:0;white-space:nowrap}}
    :is({CARD})>:has(>[data-testid="stMarkdown"]){{flex:1 1 60%}}
    :is({CARD})>:has(>[data-testid="stRadio"]){{flex:0 0 100%}}
    {ROUND},:has(>{QUESTION}){{display:contents!important}}
    .st-key-round>*{{flex:0 0 100%}}
    .st-key-round>:first-child{{flex:1 1 30rem;width:auto}}
    .st-key-round>:first-child [data-testid="stWidgetLabel"]{{display:none}}
    .st-key-round [data-testid="stNumberInputContainer"]{{height:1.7rem;min-height:0}}
    {QUESTION}{{flex:0 0 100%}}
    {CARD} [data-testid="stRadio"] [role=radiogroup]{{display:grid;grid-template-columns:1fr 1fr;gap:0 1.5rem}}
    .st-key-lesson>:first-child{{display:none}}
    {PANEL} :is(p,li,label,button,input,[data-baseweb=select]){{font-size:1rem;line-height:1.3}}
    {PANEL} [role=radiogroup]{{gap:0}}
    {PANEL} button,{PANEL} [data-baseweb=select]>div{{min-height:1.8rem;padding-block:0}}
    .endings{{display:none}}}}
}}
"""

# The start page. A card is as large a link as it looks: its link covers it. The stage's place is kept until it comes.
# Its title needs no room for the button of the sidebar. What Streamlit loads late, the picture and the link of a card,
# has its height before it comes.
START = """
[class*="st-key-home_card_"]{position:relative;padding:.6rem .8rem}
[class*="st-key-home_card_"]:hover{border-color:currentColor}
[class*="st-key-home_card_"] [data-testid="stElementContainer"]{position:static}
[class*="st-key-home_card_"] a{position:static;color:inherit;padding:0;background:none!important;min-height:0}
[class*="st-key-home_card_"] a::after{content:"";position:absolute;inset:0;border-radius:.5rem}
[class*="st-key-home_card_"] a:focus-visible{outline:none!important;box-shadow:none}
[class*="st-key-home_card_"] a:focus-visible::after{outline:3px solid currentColor;outline-offset:1px}
.st-key-home_lessons{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.75rem;
  align-items:stretch}
.st-key-home_lessons>*{display:flex;height:auto}
.st-key-home_stage{aspect-ratio:2.4}
.st-key-home_title.st-key-home_title h1{margin-left:0}
[class*="st-key-home_card_"]>:first-child{min-height:5.5rem}
[class*="st-key-home_card_"] [data-testid="stSkeleton"]{height:calc(2rem - 12px)}
@media (max-width:640px){
  .st-key-home_stage{aspect-ratio:.72}
  .st-key-home_title.st-key-home_title h1{margin-bottom:.4rem}
}
.parts{display:block;margin-top:-.5rem;letter-spacing:.15em;font-size:.875rem}
.st-key-home_go button[kind=primary]{font-weight:600;padding-inline:1.2rem}
"""
# The dark theme's accent is light, and Streamlit writes white on it.
DARK = """
[data-tag]{background:#0B6E99}
@media (forced-colors:none){[data-testid="stBaseButton-primary"]{color:#10171C}}
"""

# The colours of programs and of HTML, in the light and the dark theme, each with a contrast of at least 5 to 1. Those
# of Streamlit have 2.2 to 3.8 to 1 in the light theme, and keywords 4.3 in the dark one.
PROGRAM = {
    ".keyword,.function,.tag": ("#0A5FB4", "#62B0F2"),
    ".string,.boolean,.attr-value": ("#19702F", "#4CC26F"),
    ".number,.attr-name": ("#0A6B62", "#40C4B0"),
    ".operator": ("#9A4A00", "#F2913D"),
    ".punctuation,.comment": ("#5A6670", "#9AA7B1"),
}


def _windows(projector: bool) -> Iterator[tuple[str, ChartStyle]]:
    """The conditions on the width of the column, each with the layout that fits then."""
    starts = fits(projector)
    ends = [*list(starts.values())[1:], 100_000]
    for (layout, start), end in zip(starts.items(), ends, strict=True):
        condition = f"@container room (min-width:{start}px) and (max-width:{end - 0.02}px)"
        yield condition, ChartStyle(layout, projector)


def before(drawn: ChartStyle) -> float:
    """The share of the width that the column of the 3-D surface takes; the panels have the rest."""
    left, right = drawn.solid_columns
    return left / (left + right)


def _place(drawn: ChartStyle) -> str:
    """The room that the stage takes, before it is there."""
    return f"{BOX}{{min-height:calc({drawn.stage_height}px + {2.4 if drawn.projector else 2.25}rem)}}"


def _below(drawn: ChartStyle) -> str:
    """The room of the smaller stage, on a projector with the panel below it."""
    return f"{BELOW} {_place(replace(drawn, panel=True))}"


def _shelf() -> str:
    """The height of the panel below the stage of a projector: what header, stage and player leave of the window.

    On a narrow one the slider of the steps goes, because it would need a row of its own.
    """
    heights = "".join(
        f"@media (min-width:{start + SIDES[True]}px){{{BELOW}{{--stage:{drawn.stage_height}px}}}}"
        for start, drawn in ((start, ChartStyle(layout, True, True)) for layout, start in fits(True).items())
    )
    narrow = f"""{BELOW}{{--shelf:calc(100dvh - 4.3rem - var(--stage));
      form.vega-bindings{{display:none}}
      {POSITION}{{flex:1 1 12.3rem}}
      {BOX}{{min-height:calc(var(--stage) + .4rem)!important}}}}"""
    return heights + SHELF + f"@media (min-width:1000px) and (max-width:1199px){{{narrow}}}"


def _css(projector: bool, dark: bool) -> str:
    rules = [
        BASE,
        FORCED,
        SHEET,
        lesson_style.CSS,
        "" if projector else lesson_style.TYPE,
        PROJECTOR + ONE_ROW + _shelf() if projector else "",
        DARK if dark else "",
    ]
    for what, colours in PROGRAM.items():
        rules.append(f'[data-testid="stCode"] code .token:is({what}){{color:{colours[dark]}}}')
    for condition, drawn in _windows(projector):
        others = ",".join(f".st-key-drawn_{other}" for other in LAYOUTS if other != drawn.layout)
        rules.append(
            f"{condition}{{"
            f":is({others}){{visibility:hidden;max-height:{drawn.stage_height + 40}px;overflow:hidden}}"
            f"{_place(drawn)}"
            f"{_below(drawn) if projector else ''}"
            f"{f'.st-key-drawn_{drawn.layout}{{--share:{before(drawn):.4f}}}' if projector else ''}"
            f"{BROAD if drawn.columns and not projector else ''}"
            f"{SMALL if drawn.layout == 'small' else ''}"
            f"{DOCK if drawn.layout == 'phone' else ''}}}"
        )
    return _style(rules)


def _style(rules: list[str]) -> str:
    return f"<style>{''.join(rules)}</style>"


# On a fresh page, before the script has said which mode and theme there are: the later rules include these.
PLACES = (f"{condition}{{{_place(drawn)}}}" for condition, drawn in _windows(False))
FIRST = _style([BASE, FORCED, SHEET, START, lesson_style.CSS, *PLACES])
CSS = {(projector, dark): _css(projector, dark) for projector in (False, True) for dark in (False, True)}
# The start page has no sidebar.
START_PAGE = _style([START, '[data-testid="stSidebar"],[data-testid="stExpandSidebarButton"]{display:none}'])
