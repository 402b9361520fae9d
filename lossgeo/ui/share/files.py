"""The stage, its numbers and its surface as files that say what they show. Each is made when it is asked for."""

from __future__ import annotations

import csv
import html
import io
from typing import Any

import streamlit as st

from lossgeo.charts.style import ChartStyle
from lossgeo.charts.surface3d import surface_figure
from lossgeo.ui import controls
from lossgeo.ui.runtime import components
from lossgeo.ui.share import links
from lossgeo.views import cached
from lossgeo.views.choice import Choice
from lossgeo.views.view import Run


def offer(link: str, choice: Choice, runs: list[Run], style: ChartStyle) -> None:
    """The four files. A callable as data: Streamlit calls it when the button is pressed."""
    name, about = name_of(choice), lines(link, choice, runs, controls.settings(choice.loss.page))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        components.picture(
            key="share_picture",
            data={"scope": f".st-key-{choice.loss.page}_box", "name": name, "about": "\n".join(about)},
            width="content",
        )
        st.download_button(
            "Steps as CSV",
            lambda: table(about, choice, runs),
            f"{name}.csv",
            "text/csv",
            key="share_csv",
            on_click="ignore",
            disabled=not runs,
            help="Every step of every run.",
        )
        st.download_button(
            "Surface as a web page",
            lambda: page(about, choice, runs, style),
            f"{name}.html",
            "text/html",
            key="share_html",
            on_click="ignore",
            help="The 3-D surface with the paths, to be turned in any browser, without the internet. About 5 MB.",
        )


def name_of(choice: Choice) -> str:
    """The files' name: page, data, methods, learning rate."""
    rate = [f"lr{choice.methods[0].learning_rate:g}"] if choice.methods else []
    return links.file_name(choice.loss.page, choice.loss.name, *rate, *(method.name for method in choice.methods))


def lines(link: str, choice: Choice, runs: list[Run], settings: dict[str, Any]) -> list[str]:
    """What a file says of itself: the link, every setting, how each run ended."""
    said = [f"{key} = {', '.join(v) if isinstance(v, list | tuple) else v}" for key, v in settings.items()]
    ends = [f"{run.method}: {run.trajectory.reason}" for run in runs]
    return [f"lossgeo: {cached.loss(choice.loss).name}", link, *said, *ends]


def table(about: list[str], choice: Choice, runs: list[Run]) -> str:
    """All steps of all runs, with digits enough to get the same floats back; lines with # say what they are."""
    out = io.StringIO()
    out.writelines(f"# {line}\n" for line in about)
    write = csv.writer(out, lineterminator="\n").writerow
    write(["method", "step", *cached.loss(choice.loss).parameters, "loss", "gradient norm"])
    for run in runs:
        it = run.trajectory
        rows = zip(it.points.tolist(), it.values.tolist(), it.gradient_norms.tolist(), strict=True)
        for step, (p, value, norm) in enumerate(rows):
            write([run.method, step, *map(repr, (*p, value, norm))])
    return out.getvalue()


def page(about: list[str], choice: Choice, runs: list[Run], style: ChartStyle) -> str:
    """The surface with the paths as a web page of its own, the drawing library inside."""
    figure = surface_figure(
        cached.mesh(choice.loss, choice.view),
        cached.loss(choice.loss),
        [(run.method, run.trajectory.points) for run in runs],
        choice.start,
        style,
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
