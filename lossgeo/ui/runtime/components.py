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


metronome = component(
    "metronome",
    html="""<div role="group" aria-label="Playback of the descent">
<button id=back type=button>Back</button><button id=play type=button>Play</button>
<button id=forward type=button>Forward</button>
<label><span>Speed </span><select id=speed aria-label="Steps a second">
<option value=4>4 steps/s</option><option value=20 selected>20 steps/s</option><option value=40>40 steps/s</option>
<option value=200>200 steps/s</option></select></label></div>""",
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
camera_keeper = component("camera_keeper", js=_read("camera_keeper.js"))
viewport = component(
    "viewport",
    html="<i></i>",
    css="i{background:var(--st-background-color);transition:background-color 1ms}",
    js=_read("viewport.js"),
)
round_keeper = component("round_keeper", js=_read("round_keeper.js"))
reconnect = component("reconnect", js=_read("reconnect.js"))
cookie = component("cookie", js=_read("cookie.js"))

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
    html="<div><button id=png type=button>Stage as PNG</button> <button id=svg type=button>Stage as SVG</button>"
    "<p role=status></p></div>",
    css=BUTTON + "div{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}p{margin:0;font-size:.875rem}",
    js=_read("picture.js"),
)
class_player = component(
    "class_player", html="<button id=play type=button>Play again</button>", css=BUTTON, js=_read("class_player.js")
)
