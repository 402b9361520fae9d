"""The small scripts of the app, registered once per process (a page file would register them anew each run)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

SCRIPTS = Path(__file__).parent / "scripts"


def component(name: str, **parts: Any) -> Any:
    """A component, by its parts: js, html, css."""
    return st.components.v2.component(f"lossgeo_{name}", **parts)


def _read(name: str) -> str:
    """A script after page.js, which has what all of them know of the page."""
    return "".join((SCRIPTS / part).read_text(encoding="utf-8") for part in ("page.js", name))


def _alone(name: str) -> str:
    """A script that needs nothing of page.js: each rerun sends the scripts again."""
    return (SCRIPTS / name).read_text(encoding="utf-8")


metronome = component(
    "metronome",
    html=(SCRIPTS / "metronome.html").read_text(encoding="utf-8"),
    css="""div{font-size:var(--player-font,.875rem);display:flex;gap:.4rem;align-items:center;flex-wrap:wrap}
button,select{font:inherit;color:inherit;background:transparent;border:1px solid var(--st-border-color);
border-radius:.4rem;padding:.28rem .7rem;min-height:2.2rem;cursor:pointer}
#play{border-color:var(--st-primary-color);color:var(--st-primary-color);font-weight:600}
select option{color:#16222B;background:#fff}
button:hover{border-color:var(--st-primary-color)}
button:focus-visible,select:focus-visible{outline:3px solid var(--st-primary-color);outline-offset:1px}
label{white-space:nowrap}
label span{display:var(--speed-label,inline)}
button,select{padding-inline:var(--player-padding,.7rem)}
#play{min-width:var(--play-width,5rem)}""",
    js=_read("metronome.js"),
)
news = component("news", js=_read("news.js"))
ball = component("ball", js=_read("ball.js"))
keeper = component("keeper", js=_read("keeper.js"))
camera_keeper = component("camera_keeper", js=_read("camera_keeper.js"))
hints = component(
    "hints",
    html="<p><span id=text></span> <button id=next type=button>Next hint</button> "
    "<button id=end type=button>No hints</button></p>",
    css="""p{margin:0;font-size:var(--hint-font,.925rem);line-height:1.35}
button{font:inherit;color:var(--st-primary-color);background:none;border:0;padding:.2rem .4rem;cursor:pointer}
button:hover{text-decoration:underline}
button:focus-visible{outline:3px solid var(--st-primary-color)}""",
    js=_read("hints.js"),
)
# Key -> what it does. The list that `?` opens; keys.js says the same in code, and a browser test presses each.
KEYS = {
    "N or →": "next part of the lesson",
    "B or ←": "the part before",
    "R": "Run, or the main button of the part",
    "1 2 3 4": "the buttons that show something on the stage, in their order",
    "Q": "back to the question",
    "M": "map or 3-D",
    "P": "Play or Pause",
    ", and .": "one step back, one step forward",
    "Alt+P": "projector on or off",
    "Enter": "in the two numbers under the map: choose that place, as a click does",
    "?": "this list",
}
keys = component(
    "keys",
    html="<dialog aria-labelledby=name><h2 id=name>Keys</h2><table>"
    + "".join(f"<tr><th scope=row>{key}</th><td>{what}</td></tr>" for key, what in KEYS.items())
    + "</table><p>On a projector also page down and page up, as a presenter sends them. While the focus is in a field, "
    "letters are typed and press nothing.</p><p><label><input type=checkbox checked> Letters, digits and arrows press "
    "buttons</label></p><button type=button>Close</button></dialog>",
    css="""dialog{font-family:var(--st-font);font-size:1rem;line-height:1.4;color:var(--st-text-color);
background:var(--st-background-color);border:1px solid var(--st-border-color);border-radius:.5rem;padding:1rem 1.4rem;
max-width:min(36rem,90vw);max-height:90vh;overflow:auto}
dialog::backdrop{background:rgba(0,0,0,.4)}
h2{margin:0 0 .5rem;font-size:1.2rem}p{margin:.6rem 0;font-size:.9rem}
th{text-align:left;padding:.12rem 1.2rem .12rem 0;white-space:nowrap;font-weight:600}td{padding:.12rem 0}
button{font:inherit;color:inherit;background:transparent;cursor:pointer;border:1px solid var(--st-border-color);
border-radius:.4rem;padding:.28rem .9rem}
button:focus-visible,input:focus-visible{outline:3px solid var(--st-primary-color);outline-offset:1px}""",
    js=_read("keys.js"),
)
viewport = component(
    "viewport",
    html="<i></i>",
    css="i{background:var(--st-background-color);transition:background-color 1ms}",
    js=_read("viewport.js"),
)
round_keeper = component("round_keeper", js=_read("round_keeper.js"))
reconnect = component("reconnect", js=_read("reconnect.js"))
cookie = component("cookie", js=_read("cookie.js"))
rate_drag = component("rate_drag", js=_alone("rate_drag.js"))
countdown = component(
    "countdown",
    html="<b role=timer></b>",
    css="b{font-family:var(--st-font);font-size:1.25rem;white-space:nowrap;color:var(--st-text-color);font-variant-numeric:tabular-nums}",
    js=_alone("countdown.js"),
)

BUTTON = """button{font:inherit;font-size:.875rem;color:inherit;background:transparent;cursor:pointer;
white-space:nowrap;border:1px solid var(--st-border-color);border-radius:.4rem;padding:.28rem .7rem;min-height:2.2rem}
button:hover{border-color:var(--st-primary-color)}
button:focus-visible,input:focus-visible{outline:3px solid var(--st-primary-color);outline-offset:1px}
"""
share = component(
    "share",
    html='<button id=share type=button title="Copy a link to exactly this; QR code, files">Share</button>',
    css=BUTTON,
    js=_read("share.js"),
)
first_stage = component(
    "first_stage",
    html="""<div id=panels><svg id=map viewBox="0 0 400 288" role=img
aria-label="Map of the loss of a line: slope to the right, intercept upwards, dark is low"></svg>
<svg id=model viewBox="0 0 400 288" role=img aria-label="The data and the line"></svg></div>
<div id=foot><button id=other type=button>Another start</button><span id=now></span><span id=under></span></div>
<p id=spoken role=status></p>""",
    css=BUTTON
    + """#panels{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}
svg{width:100%;display:block;touch-action:manipulation}
#map{cursor:crosshair}
text{fill:var(--st-text-color);font:14px var(--st-font)}
.frame{fill:none;stroke:var(--st-border-color)}
.miss{stroke:var(--st-text-color);stroke-opacity:.35}
.away{visibility:hidden}
#foot{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:center;font-size:.875rem;margin-top:.25rem;
font-variant-numeric:tabular-nums}
#under{margin-left:auto}
#spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);margin:0}
@media (max-width:640px){#panels{grid-template-columns:1fr;gap:.25rem}#now{flex-basis:100%}#under{display:none}}""",
    js=_read("first_stage.js"),
)
copy = component(
    "copy",
    html='<div><input type=text readonly aria-label="Link"><button type=button>Copy</button></div>',
    css=BUTTON
    + """div{display:flex;gap:.4rem;width:100%}
input{flex:1 1 auto;width:8rem;min-width:0;font:inherit;font-size:.875rem;color:inherit;
background:var(--st-secondary-background-color);border:1px solid var(--st-border-color);
border-radius:.4rem;padding:.28rem .6rem}""",
    js=_read("copy.js"),
)
picture = component(
    "picture",
    html="<div><button type=button>Stage as PNG</button><p role=status></p></div>",
    css=BUTTON + "div{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}p{margin:0;font-size:.875rem}",
    js=_read("picture.js"),
)
card = component(
    "card",
    html="<div><button id=card type=button>Save as a picture</button><p role=status></p></div>",
    css=BUTTON + "p{margin:0;font-size:.875rem}",
    js=_read("picture.js"),
)
class_player = component(
    "class_player", html="<button id=play type=button>Play again</button>", css=BUTTON, js=_read("class_player.js")
)
