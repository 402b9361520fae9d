"""The rules of style of a lesson and of a question in the panel: a whole part in sight, at 288 pixels of width."""

from __future__ import annotations

LESSON, POSITION, RUNS = ".st-key-lesson", '[class*="_position"]', ".st-key-runs"
FOOT = ":is(.st-key-lesson_foot,.st-key-check_foot)"
PARTS = f':is({LESSON},{FOOT},[class*="_check"])'
CSS = f"""
[class*="_learn"],[class*="_check"]{{gap:.5rem}}
{LESSON}{{gap:.5rem}}
{LESSON} [data-testid="stMarkdownContainer"]{{margin-bottom:0}}
{LESSON} [data-testid="stCaptionContainer"]{{margin-bottom:0}}
{LESSON} p{{margin-bottom:.45rem}}
{LESSON} :is(p,ul):last-child{{margin-bottom:0}}
{LESSON} [role=radiogroup]{{gap:.1rem}}
{LESSON} [role=radiogroup] label{{margin:0;padding:.05rem 0}}
{LESSON} [data-testid="stAlertContainer"]{{padding:.4rem .6rem}}
{LESSON} code{{font-size:.82em;padding:.05em .2em}}
{PARTS} button{{min-height:1.9rem;padding:.1rem .6rem}}
{PARTS} [data-testid="stWidgetLabel"]{{min-height:1.2rem;margin-bottom:.1rem}}
{PARTS} [data-testid="stExpander"] summary{{min-height:1.9rem;padding:.2rem .6rem}}
{PARTS} [data-testid="stButtonGroup"] button{{padding:.1rem .3rem}}
{FOOT}{{flex-wrap:nowrap}}
[data-testid="stLayoutWrapper"]:has(>{FOOT})~* [data-testid="stCaptionContainer"]{{font-size:.8rem;margin:0}}
{POSITION}{{flex-wrap:nowrap}}
{POSITION}>*{{flex:1 1 0;min-width:0}}
{POSITION}>:first-child{{flex:0 0 7rem}}
{POSITION} [data-baseweb="select"]>div{{min-height:1.9rem}}
{POSITION} [data-baseweb="select"]>div>div{{padding-block:.1rem}}
{RUNS}>*{{margin-bottom:.2rem}}
{RUNS} [data-testid="stLayoutWrapper"]>div{{flex-wrap:nowrap}}
{RUNS} button{{min-height:1.6rem;width:7.6rem;padding:.05rem .3rem}}
{RUNS} [data-testid="stCaptionContainer"] p{{margin:0;line-height:1.2}}
@media (min-width:1000px){{[data-testid="stBottom"] {RUNS}{{display:grid;grid-template-columns:1fr 1fr;gap:.2rem}}
  [data-testid="stBottom"] {RUNS} button{{width:5rem}}}}
.st-key-guess{{flex-wrap:nowrap}}
.st-key-guess [data-testid^="stNumberInputStep"]{{display:none}}
.st-key-guess [data-baseweb="input"]{{min-height:1.9rem;height:1.9rem}}
"""
TYPE = f"{LESSON} p,{LESSON} li{{font-size:.9rem;line-height:1.36}}"  # but not on a projector, where nothing is small
