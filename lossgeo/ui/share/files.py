"""The stage, its numbers and its surface as files that describe themselves. Each is made on request."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import parse_qs, quote, urlsplit

import streamlit as st

from lossgeo.book import bundle, one_file, stage
from lossgeo.charts.surface3d import surface_figure
from lossgeo.ui.controls import settings
from lossgeo.ui.learn import challenge
from lossgeo.ui.runtime import components
from lossgeo.ui.share import links
from lossgeo.views import cached, yours
from lossgeo.views.pages import FARTHEST, POINTS
from lossgeo.views.view import View


def offer(link: str, view: View) -> None:
    """The download buttons. Streamlit calls a function given as data when the button is pressed."""
    name, about, fog = name_of(view), lines(link, view), challenge.fogged(view)
    made, key = bundle.installed(), view.page.key
    files = (
        ("Interactive page", "html", "text/html", lambda: interactive(link, view, fog), made,
         "The stage with map, model, curve and playback, to be used in any browser, without the internet. About 1 MB; "
         "the first one takes some seconds."),
        ("Stage as SVG", "svg", "image/svg+xml", lambda: drawing(link, about, view, fog), made,
         "The stage as a drawing, at this step and pointer."),
        ("Steps as CSV", "csv", "text/csv", lambda: table(about, view), bool(view.runs), "Every step of every run."),
        ("Surface as a web page", "html", "text/html", lambda: page(about, view), not fog,
         "The 3-D surface with the paths, to be turned in any browser, without the internet. About 5 MB."),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        components.picture(key="share_picture", data={"scope": f".st-key-{key}_box", "name": name}, width="content")
        for label, ending, mime, data, possible, help in files:
            own = "-surface" if label.startswith("Surface") else ""
            st.download_button(
                label,
                data,
                f"{name}{own}.{ending}",
                mime,
                key=f"share_{ending}{own}",
                on_click="ignore",
                disabled=not possible,
                help=help,
            )
    if not made:
        st.caption(bundle.MISSING)


def interactive(link: str, view: View, fog: bool) -> str:
    """The stage as one HTML file, with the step and the pointer of the link."""
    return one_file.html(view, link, *moment(link, view), fog=fog)


def drawing(link: str, about: list[str], view: View, fog: bool) -> str:
    """The stage as SVG, with the step and the pointer of the link, and the description inside."""
    (svg,) = bundle.svgs([stage.whole(view, fog, *moment(link, view))])
    said = html.escape("\n".join(about))
    return re.sub(r"<svg[^>]*>", lambda tag: f"{tag[0]}<desc>{said}</desc>", svg, count=1)


def moment(link: str, view: View) -> tuple[int | None, tuple[float, float] | None]:
    """The step and the pointer that a link of Share names, None for what it does not name."""
    said = parse_qs(urlsplit(link).query)
    page = view.page
    step = links.number(said.get(f"{page.key}_step", []), 0, page.control("steps").high)
    first, second = (links.number(said.get(f"{page.key}_{name}", []), -FARTHEST, FARTHEST) for name in page.pointer)
    return None if step is None else round(step), None if first is None or second is None else (first, second)


def name_of(view: View) -> str:
    """The name of the files: page, data, learning rate, methods."""
    choice = view.choice
    rate = [f"lr{choice.rate:g}"] if choice.methods else []
    return links.file_name(view.page.key, choice.loss.name, *rate, *(method.name for method in choice.methods))


def lines(link: str, view: View) -> list[str]:
    """The description in a file: the link, every setting, and how each run ended."""
    state = settings.state(view.page).items()
    said = [f"{key} = {', '.join(v) if isinstance(v, list | tuple) else _plain(key, v)}" for key, v in state]
    ends = [f"{run.name}: {run.trajectory.reason}" for run in view.runs]
    return [f"lossgeo: {view.loss.name}", link, *said, *ends]


def _plain(key: str, value: object) -> object:
    """The value of a setting. Of the learner's own points, as the link has them: the names of the axes escaped."""
    return quote(yours.for_link(str(value)), safe="~ ()") if key.endswith(f"_{POINTS}") else value


def table(about: list[str], view: View) -> str:
    """All steps of all runs as CSV, at full precision. The description is in lines that start with #."""
    out = io.StringIO()
    out.writelines(f"# {line}\n" for line in about)
    write = csv.writer(out, lineterminator="\n").writerow
    write(["method", "step", *view.loss.parameters, "loss", "gradient norm"])
    for run in view.runs:
        path = run.trajectory
        rows = zip(path.points.tolist(), path.values.tolist(), path.gradient_norms.tolist(), strict=True)
        for step, (p, value, norm) in enumerate(rows):
            write([run.name, step * run.every, *map(repr, (*p, value)), "" if run.projected else repr(norm)])
    return out.getvalue()


def page(about: list[str], view: View) -> str:
    """The surface with the paths as a web page that includes the plotting library."""
    figure = surface_figure(
        cached.mesh(view.choice.loss, view.choice.view),
        view.loss,
        [(run.name, run.trajectory.points) for run in view.runs],
        view.choice.start,
        view.style,
    )
    figure.update_layout(height=None, autosize=True)
    drawn = figure.to_html(full_html=False, include_plotlyjs=True, include_mathjax=False, default_height="85vh",
                           config={"displaylogo": False, "responsive": True})  # fmt: skip
    said = [html.escape(line) for line in about]
    said[1] = f'<a href="{said[1]}">{said[1]}</a>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{said[0]}</title></head>'
        f'<body style="font-family:sans-serif;margin:1rem"><h1 style="font-size:1.2rem">{said[0]}</h1>{drawn}'
        f"<details><summary>Settings</summary><p>{'<br>'.join(said[1:])}</p></details></body></html>\n"
    )
