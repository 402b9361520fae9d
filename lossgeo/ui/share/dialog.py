"""Share: the link to what the screen shows, as text and QR code; a link for a class; the picture and numbers as files.

The button's script composes the link, because step, pointer and a camera turned by hand live in the browser only.
Nothing here is computed before somebody presses it.
"""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.charts.surface3d import camera
from lossgeo.ui import controls
from lossgeo.ui.runtime import components
from lossgeo.ui.share import files, links, visibility
from lossgeo.views.choice import Choice
from lossgeo.views.view import Run

POINTER = {"mse": ("w", "b"), "logistic": ("w", "b"), "nonconvex": ("x", "y")}


def opening(page: str) -> dict[str, Any]:
    """What the link by which this session came says of step, pointer and camera; None where it says nothing."""
    held = st.session_state.setdefault("_opening", {})
    if page not in held:
        texts = {name: st.query_params.get_all(f"{page}_{name}") for name in ("step", "eye", *POINTER[page])}
        step = links.number(texts["step"], 0, controls.MOST_STEPS)
        first, second = (links.number(texts[name], -links.FARTHEST, links.FARTHEST) for name in POINTER[page])
        eye = links.direction(texts["eye"])
        held[page] = {
            "step": None if step is None else round(step),
            "w": first,
            "b": second,
            "eye": dict(zip("xyz", eye, strict=True)) if eye else None,
        }
    found: dict[str, Any] = held[page]
    return found


def button(choice: Choice, runs: list[Run], style: ChartStyle) -> None:
    page = choice.loss.page
    found = opening(page)
    answer = components.share(
        key=f"{page}_share",
        data={
            "page": page,
            "names": POINTER[page],
            "scope": f".st-key-{page}_box",
            "solid": f".st-key-{page}_solid",
            "eye": camera(st.session_state.get(f"{page}_camera") or "corner", style),
            "opening": {"id": page, **found} if any(found[k] is not None for k in ("step", "w", "b")) else None,
        },
        on_link_change=lambda: None,
        width="content",
    )
    if answer.link:
        text = str(answer.link.get("text", ""))
        if links.usable(text):
            dialog(text, bool(answer.link.get("copied")), choice, runs, style)
        else:
            st.toast("The address of this page is no link that could be shared.")


@st.dialog("Share", width="large")
def dialog(link: str, copied: bool, choice: Choice, runs: list[Run], style: ChartStyle) -> None:
    words, code = st.columns([5, 4], gap="medium")
    with words:
        place = st.container()
        with st.expander("Prepare it for a class", on_change="rerun") as part:
            if part.open:
                chosen = prepare()
                link, copied = links.changed(link, chosen), copied and not any(chosen.values())
        with st.expander("Save as a file", on_change="rerun") as part:
            if part.open:
                files.offer(link, choice, runs, style)
        with place:
            st.markdown("This link opens what you see: data, settings, start, step, pointer and open tab.")
            components.copy(key="share_copy", data={"text": link, "copied": copied}, width="stretch")
            if links.only_here(link):
                st.caption(
                    "It works on this computer only. For others, open the page under this computer's address in "
                    "the network, then share."
                )
    with code:
        st.html(picture(link))


def picture(link: str) -> str:
    """The QR code of a link, dark on white whatever the theme, as large as its column."""
    import segno  # here: nobody waits for it who does not share

    try:
        made = segno.make(link, error="l", micro=False)  # it takes a higher level by itself where the size allows
    except segno.DataOverflowError:
        return "<p>This link is too long for a QR code.</p>"
    drawn = made.svg_data_uri(border=4, dark="#000", light="#fff", omitsize=True, encode_minimal=True)
    alt = f"QR code of the link {html.escape(link)}"
    return f'<img src="{html.escape(drawn)}" alt="{alt}" style="width:100%;max-height:75vh;object-fit:contain">'


def prepare() -> dict[str, str]:
    """Which parts the link hides or locks."""
    if any(visibility.chosen(key) for key in visibility.KEYS) and st.button(
        "Show everything here", key="share_show_all"
    ):
        visibility.show_all()
        st.rerun()
    names = list(links.PARTS)
    hide = st.multiselect(
        "Hide", names, default=visibility.chosen("hide"), format_func=links.PARTS.get, key="share_hide"
    )
    lock = st.multiselect(
        "Show, but lock",
        [name for name in names if name not in hide],
        default=[name for name in visibility.chosen("lock") if name not in hide],
        format_func=links.PARTS.get,
        key="share_lock",
    )
    st.caption("What is hidden or locked stays as it is now. This is a help, not a seal: who edits the link sees all.")
    return {"hide": ",".join(n for n in names if n in hide), "lock": ",".join(n for n in names if n in lock)}
