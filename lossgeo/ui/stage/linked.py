"""Shows the stage of a page: sends its data sets by name, takes the click, plays the descent, says how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lossgeo.charts.panel import DATA_MODELS
from lossgeo.charts.stage import VIEW_FIELDS, stage_spec
from lossgeo.charts.style import LINES, ChartStyle
from lossgeo.charts.surface3d import CAMERAS, camera, surface_figure
from lossgeo.ui import controls
from lossgeo.ui.learn import hints
from lossgeo.ui.runtime import components
from lossgeo.ui.share import dialog
from lossgeo.ui.tables import table
from lossgeo.views import cached, comparison
from lossgeo.views.choice import Choice
from lossgeo.views.sentences import figures, minimum_in_words, typeset, where
from lossgeo.views.view import Run, path_table

if TYPE_CHECKING:
    import pyarrow as pa

# A changed alt text would mount the chart anew and lose pointer, step and playback. So this one never changes;
# the player's script puts the sentence with the current numbers (words.figures) in its place.
ALT = (
    "The stage: a map of the loss over its two parameters, the model with its data, and the loss against the step. "
    "The sentences below it and the tab Numbers say what it shows."
)
TRY = {
    "mse": "Try: move over the map and watch the line; click a start, press Play; then raise the learning rate until "
    "the path no longer settles.",
    "logistic": "Try: with the data two classes widen the gap and watch the lowest point move out, then disappear "
    "once the classes no longer overlap.",
    "nonconvex": "Try: click starts on both sides of a ridge, or keep the start and change the learning rate: "
    "the run can end in another valley.",
}


def descend(choice: Choice) -> list[Run]:
    """The runs of the chosen methods; one that cannot run says why in a sentence and is left out."""
    runs, failed = [], {}
    two = choice.differs
    for method, mark in zip(choice.methods, comparison.NAMES if two else [""] * len(choice.methods), strict=False):
        try:
            path = cached.trajectory(choice.loss, method, choice.start, choice.steps)
            runs.append(Run(method.name, path, mark, comparison.title(method, two) if two else ""))
        except ValueError as error:
            failed.setdefault(str(error), []).append(method.name)
    for error, names in failed.items():
        st.warning(f"{', '.join(names).capitalize()} cannot run here: {typeset(error)}.")
    return runs


def loss_range(choice: Choice, runs: list[Run], log: bool) -> tuple[float, float]:
    """The ends of the loss axis: from just below the least to the start's loss, a runaway cut off at 1000 times it."""
    values = np.concatenate([run.trajectory.values for run in runs]) if runs else np.array([1.0])
    first = float(values[0])
    if log:
        low = max(float(values.min()), 1e-12 * max(abs(first), 1e-300), 1e-300)
        high = min(max(float(values.max()), low * 10), max(first, low) * 1e3)
        return low / 1.6, max(high, low * 10) * 1.6
    low, high = float(values.min()), float(min(values.max(), first + 3 * max(abs(first), 1.0)))
    low = max(low, first - 10 * (high - first) - 10 * max(abs(first), 1.0))
    margin = max(0.06 * (high - low), 1e-9 * max(abs(low), abs(high))) or 1.0  # at 1e18, 1 is lost in rounding
    return low - margin, high + margin


def data_window(choice: Choice) -> tuple[float, float, float, float]:
    """x0, x1, y0, y1 of the upper right panel: the data with a margin, or the slices' distances and heights."""
    spec = choice.loss
    it = cached.loss(spec)
    data = it.dataset
    if data is None:
        (a, b), (c, d) = cached.window(spec, choice.view)
        far, scene = min(b - a, d - c) / 3, cached.scene(spec, choice.view)
        margin = 0.08 * (scene.high - scene.low) or 1.0
        return -far, far, scene.low - margin, scene.high + margin
    margin = 0.06 * float(np.ptp(data.x)) or 1.0
    x0, x1 = float(data.x.min()) - margin, float(data.x.max()) + margin
    if spec.page == "logistic":
        return x0, x1, -0.16, 1.16
    spread = 0.5 * float(np.ptp(data.y)) or max(1.0, float(np.abs(data.y).max()))
    return x0, x1, float(data.y.min()) - spread, float(data.y.max()) + spread


def kind_of(choice: Choice) -> str:
    return {"mse": "line", "logistic": "sigmoid"}.get(choice.loss.page, choice.loss.name)


def draws_log_loss(choice: Choice) -> bool:
    """A logarithmic loss axis wherever the loss cannot be negative."""
    return cached.loss(choice.loss).infimum >= 0


def colours(projector: bool = False) -> dict[str, str]:
    """Of words and ground, for the theme that the viewer has chosen; a projector washes out all but the strongest."""
    if st.context.theme.type == "dark":
        return {"ink": "#FFFFFF" if projector else "#E8EEF2", "ground": "#10171C"}
    return {"ink": "#000000" if projector else "#16222B", "ground": "#FFFFFF"}


def datasets(choice: Choice, runs: list[Run], projector: bool = False) -> dict[str, pa.Table]:
    """Everything of the stage that varies, by the names that its spec uses."""
    it, spec = cached.loss(choice.loss), choice.loss
    (w0, w1), (b0, b1) = cached.window(spec, choice.view)
    x0, x1, y0, y1 = data_window(choice)
    l0, l1 = loss_range(choice, runs, draws_log_loss(choice))
    scene = cached.scene(spec, choice.view)
    data = it.dataset
    isolated = it.minima if it.minimisers not in ("line", "region") else it.minima[:0]
    row = dict(VIEW_FIELDS) | {
        "w0": w0,
        "w1": w1,
        "b0": b0,
        "b1": b1,
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "l0": l0,
        "l1": l1,
        "steps": longest(runs),
        "runs": len(runs),
        "l2": spec.l2,
        "variant": int(spec.loss in ("mean absolute error", "squared error through a sigmoid")),
        "sw": choice.start[0],
        "sb": choice.start[1],
        "pair": int(bool(choice.differs)),
        "x_title": data.x_label if data is not None else "",
        "y_title": "P(class 1)" if spec.page == "logistic" else data.y_label if data is not None else "",
        **colours(projector),
        "words": minimum_in_words(it, short=True),
        "url": scene.url,
        "loss_name": {
            "mean squared error": "MSE",
            "mean absolute error": "MAE",
            "logistic loss": "log loss",
            "squared error through a sigmoid": "squared error",
            "": "MSE" if kind_of(choice) in DATA_MODELS else "f",
        }[spec.loss],
    }
    tables = {
        "view": table({name: [value] for name, value in row.items()}),
        "path": path_table(runs),
        "field": table({"v": scene.field}),
        "best": table({"w": isolated[:, 0], "b": isolated[:, 1]}),
    }
    if kind_of(choice) in DATA_MODELS:
        tables["points"] = table({"x": it.dataset.x, "y": it.dataset.y})
    return tables


def longest(runs: list[Run]) -> int:
    return max((len(run.trajectory.points) - 1 for run in runs), default=1) or 1


def show(choice: Choice, style: ChartStyle) -> list[Run]:
    """The stage with its playback, the ways back, and how each run ended."""
    with st.container(key=f"{choice.loss.page}_room"), st.container(gap="xsmall", key=f"drawn_{style.layout}"):
        return _show(choice, style)


def _show(choice: Choice, style: ChartStyle) -> list[Run]:
    page = choice.loss.page
    runs = descend(choice)
    if style.with_surface:
        left, right = st.columns([1030, 540], gap="small")
        with left:
            flat(choice, runs, style, page)
        with right:
            solid(choice, runs, style, page)
    elif picture(page) == "3-D":
        left, right = st.columns([1, 1] if style.stacked else [style.map_side + 90, style.side], gap="small")
        with left:
            solid(choice, runs, style, page)
        with right:
            panels(choice, runs, style, page)
    else:
        flat(choice, runs, style, page)
    strip(choice, runs, style)
    return runs


def picture(page: str) -> str:
    """What the switch says; it is drawn in the strip, below what it switches."""
    return st.session_state.get(f"{page}_picture") or st.query_params.get(f"{page}_picture") or "map"


def spec_of(choice: Choice, style: ChartStyle, with_map: bool = True) -> dict[str, object]:
    it = cached.loss(choice.loss)
    return stage_spec(kind_of(choice), style, *it.parameters, draws_log_loss(choice), with_map, choice.axes)


def flat(choice: Choice, runs: list[Run], style: ChartStyle, page: str) -> None:
    key = f"{page}_stage"

    def take_pick() -> None:
        if at := controls.picked(key):
            controls.set_start(page, at)

    with st.container(key=f"{page}_box"):
        st.vega_lite_chart(
            {**spec_of(choice, style), "datasets": datasets(choice, runs, style.projector)},
            key=key,
            on_select=take_pick,
            selection_mode=["pick"],
            alt=ALT,
        )


def panels(choice: Choice, runs: list[Run], style: ChartStyle, page: str) -> None:
    """Beside the 3-D surface: the model and the loss curve, without the map."""
    tables = datasets(choice, runs, style.projector)
    del tables["field"], tables["best"]
    with st.container(key=f"{page}_box"):
        st.vega_lite_chart(
            {**spec_of(choice, style, with_map=False), "datasets": tables}, key=f"{page}_panels", alt=ALT
        )


def solid(choice: Choice, runs: list[Run], style: ChartStyle, page: str) -> None:
    """The 3-D surface with the same start and paths, and a camera that stays where the reader turned it."""
    it = cached.loss(choice.loss)
    # The switch is drawn below: on arrival only the link knows.
    named = st.session_state.get(f"{page}_camera") or st.query_params.get(f"{page}_camera", "")
    eye = camera(named if named in CAMERAS else "corner", style)
    with st.container(key=f"{page}_solid"):
        figure = surface_figure(
            cached.mesh(choice.loss, choice.view),
            it,
            [(run.name, run.trajectory.points) for run in runs],
            choice.start,
            style,
            colours(style.projector)["ink"],
        )
        st.plotly_chart(
            figure,
            key=f"{page}_surface",
            theme="streamlit",
            config={"displaylogo": False},
            alt=f"3-D surface of {it.name}: {minimum_in_words(it)}",
        )
        opens = dialog.opening(page)["eye"]
        components.camera_keeper(
            key=f"{page}_keeper", data={"scope": f".st-key-{page}_solid", "eye": eye, "opens": opens}
        )
    controls.widget(
        st.segmented_control,
        page,
        "camera",
        "Camera",
        options=list(CAMERAS),
        label_visibility="collapsed",
        required=True,
    )


def strip(choice: Choice, runs: list[Run], style: ChartStyle) -> None:
    """Playback, the switch between map and surface, the ways back; then one sentence for each run."""
    page = choice.loss.page
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{page}_strip"):
        scope = f".st-key-{page}_box"
        components.metronome(key=f"{page}_player", data={"scope": scope}, width="content")
        tools(choice, runs, style)
    components.news(
        key=f"{page}_news",
        data={
            "scope": scope,
            "steps": longest(runs),
            "says": figures(choice, runs),
            "looks": st.session_state.get("_looks", 0),
            "plays": st.session_state.get("_plays", 0),
            "start": [f"{value:g}" for value in choice.start],
        },
    )
    if choice.differs:
        st.markdown(comparison.paragraph(choice, runs))
    elif not style.projector:
        lesson = controls.open_part(page)
        if lesson:
            st.caption(f"The lesson goes on below: {lesson[1]}.")
        else:
            hints.line(page, TRY[page])
    endings = "".join(
        f'<div class="ending"><span style="color:{LINES[run.name][0]}" aria-hidden="true">■</span> '
        f"<b>{run.name}</b>: {typeset(run.trajectory.reason)}{where(choice, run)}</div>"
        for run in runs
    )
    if endings:
        st.html(f'<div class="endings">{endings}</div>')
    elif not choice.differs:
        st.caption("No descent is drawn: choose a method in the sidebar.")


def tools(choice: Choice, runs: list[Run], style: ChartStyle) -> None:
    """The switch between map and surface, the ways back, and the way to others."""
    page = choice.loss.page
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{page}_tools"):
        if not style.with_surface:
            controls.widget(
                st.segmented_control,
                page,
                "picture",
                "Picture",
                options=["map", "3-D"],
                label_visibility="collapsed",
                required=True,
            )
        st.button(
            "Undo",
            key=f"{page}_undo",
            on_click=controls.undo,
            args=(page,),
            disabled=not controls.can_undo(page),
            help="Take back the last change.",
        )
        st.button(
            "Reset",
            key=f"{page}_reset",
            on_click=controls.reset,
            args=(page,),
            help="The page's own set-up again; Undo brings yours back.",
        )
        dialog.button(choice, runs, style)
