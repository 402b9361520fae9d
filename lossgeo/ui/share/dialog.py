"""Share: a link to what the screen shows, as text and QR code; a link for a class; picture and numbers as files.

The button's script composes the link, because step, pointer and camera are known to the browser only. Nothing is
computed before the button is pressed.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossgeo.charts.surface3d import camera
from lossgeo.ui import session
from lossgeo.ui.runtime import components
from lossgeo.ui.session import HIDE, LOCK, REMEMBER
from lossgeo.ui.share import files, links, visibility
from lossgeo.views import yours
from lossgeo.views.pages import FARTHEST, PARTS, Page
from lossgeo.views.view import View

# Parameters of the sharer's own screen. The link does not pass on the teacher view, its counts or the projector mode.
OWN_SCREEN = ("teacher", "projector", "tour", "room", "hands", "embed", "embed_options")


FRAME = 720  # pixels, the height of a stage with its player in a frame


def opening(page: Page) -> Mapping[str, Any]:
    """What the first link of this session says about step, pointer and camera; None for what it does not say."""
    slot = session.opening(page.key)
    found = slot.get()
    if found is None:
        texts = {name: session.texts(f"{page.key}_{name}") for name in ("step", "eye", *page.pointer)}
        step = links.number(texts["step"], 0, page.control("steps").high)
        first, second = (links.number(texts[name], -FARTHEST, FARTHEST) for name in page.pointer)
        eye = links.direction(texts["eye"])
        found = {
            "step": None if step is None else round(step),
            "w": first,
            "b": second,
            "eye": dict(zip("xyz", eye, strict=True)) if eye else None,
        }
        slot.put(found)
    return found


def button(view: View) -> None:
    """The button Share. It opens the dialog when its script has sent the link."""
    key, found = view.page.key, opening(view.page)
    answer = components.share(
        key=f"{key}_share",
        data={
            "page": key,
            "names": view.page.pointer,
            "own": OWN_SCREEN,
            "scope": f".st-key-{key}_box",
            "solid": f".st-key-{key}_solid",
            "eye": camera(view.choice.camera, view.style, view.data is not None),
            "opening": {"id": key, **found} if any(found[k] is not None for k in ("step", "w", "b")) else None,
        },
        on_link_change=lambda: None,
        width="content",
    )
    if answer.link:
        text = str(answer.link.get("text", ""))
        if links.usable(text):
            dialog(text, bool(answer.link.get("copied")), view)
        else:
            st.toast("The address of this page is no link that could be shared.")


@st.dialog("Share", width="large")
def dialog(link: str, copied: bool, view: View) -> None:
    """The link and its QR code; folded, what the link hides or locks, and the files."""
    left, code = st.columns([5, 4], gap="medium")
    with left:
        top = st.container()
        with st.expander("Prepare it for a class", on_change="rerun") as part:
            if part.open:
                chosen = prepare()
                link, copied = links.changed(link, chosen), copied and not any(chosen.values())
        with st.expander("Save as a file", on_change="rerun") as part:
            if part.open:
                files.offer(link, view)
        with st.expander("Put it into a course page", on_change="rerun") as part:
            if part.open:
                st.code(snippet(link, view), language="html", wrap_lines=True)
                st.caption(
                    "The stage alone: no way to the other pages, and the panel folded. From 700 pixels of width on, "
                    "map, model and curve stand side by side."
                )
        with top:
            held = yours.is_held(view.choice.loss.points)
            st.markdown(
                "This link opens the settings, start, step, pointer and open tab that you see, **without your data**: "
                "they are too many for a link."
                if held
                else "This link opens what you see: data, settings, start, step, pointer and open tab."
            )
            components.copy(key="share_copy", data={"text": link, "copied": copied}, width="stretch")
            if links.only_here(link):
                st.caption(
                    "It works on this computer only. For others, open the page under this computer's address in "
                    "the network, then share."
                )
    with code:
        st.html(qr_code(link))


def snippet(link: str, view: View) -> str:
    """The HTML that shows the stage of a link in a frame of another page."""
    address = html.escape(links.changed(link, {"embed": "true"}))
    name = html.escape(f"lossgeo: {view.page.title}")
    return (
        f'<iframe src="{address}" title="{name}" width="100%" height="{FRAME}" style="border:0" '
        'loading="lazy"></iframe>'
    )


def qr_code(link: str) -> str:
    """The QR code of a link as HTML, always dark on white, as wide as its column."""
    import segno  # imported here, because most visitors never need it

    try:
        qr = segno.make(link, error="l", micro=False)  # segno raises the level if the size stays the same
    except segno.DataOverflowError:
        return "<p>This link is too long for a QR code.</p>"
    drawn = qr.svg_data_uri(border=4, dark="#000", light="#fff", omitsize=True, encode_minimal=True)
    alt = f"QR code of the link {html.escape(link)}"
    return f'<img src="{html.escape(drawn)}" alt="{alt}" style="width:100%;max-height:75vh;object-fit:contain">'


def prepare() -> dict[str, str]:
    """Lets the teacher choose what the link hides or locks, and whether it keeps progress. Returns the parameters."""
    if (HIDE.get() or LOCK.get()) and st.button("Show everything here", key="share_show_all"):
        visibility.show_all()
        st.rerun()
    label = PARTS.__getitem__
    hide = st.multiselect("Hide", list(PARTS), default=HIDE.get(), format_func=label, key="share_hide")
    rest = [name for name in PARTS if name not in hide]
    locked = [name for name in LOCK.get() if name not in hide]
    lock = st.multiselect("Show, but lock", rest, default=locked, format_func=label, key="share_lock")
    st.caption(
        "What is hidden or locked stays as it is now. This only takes distractions away: anyone who edits the link can "
        "see everything."
    )
    off = st.checkbox(
        "Keep no progress in the students' browsers",
        value=not REMEMBER.get(),
        key="share_remember",
        help="For computers that many people use. What a student does is then lost when the tab is reloaded or closed; "
        "the progress file still works.",
    )
    return {
        "hide": ",".join(n for n in PARTS if n in hide),
        "lock": ",".join(n for n in PARTS if n in lock),
        "remember": "off" if off else "",
    }
