"""The surface in 3-D, with the same start and paths as the map."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from lossgeo.charts.raster import palette
from lossgeo.charts.style import LINES, ChartStyle
from lossgeo.contracts import Array, Loss
from lossgeo.numbers import number
from lossgeo.surfaces import Surface, levels

# Named views -> the position of the camera, in units of the box around the surface. "corner" looks across the valley
# that data with a positive mean of x make (it falls from the upper left to the lower right of the map), and from high
# enough to see its closed rings: along the valley a bowl looks like a saddle.
CAMERAS = {
    "corner": {"x": 1.17, "y": 1.17, "z": 1.55},
    "first axis": {"x": 0.02, "y": -1.85, "z": 0.4},
    "second axis": {"x": 1.85, "y": 0.02, "z": 0.4},
    "above": {"x": 0.01, "y": -0.3, "z": 1.9},
}


LANDSCAPE_CORNER = {"x": 1.32, "y": -1.4, "z": 0.87}


def camera(name: str, style: ChartStyle, fitted: bool = True) -> dict[str, float]:
    """The position of the camera of a named view. It is further away on a projector or a phone, for large labels.

    `fitted` says whether the loss belongs to data; the corner of a landscape is another one.
    """
    far = 1.18 if style.stacked else 1.14 if style.projector else 1.0
    eye = CAMERAS[name] if fitted or name != "corner" else LANDSCAPE_CORNER
    return {axis: round(far * at, 4) for axis, at in eye.items()}


SYMBOLS = ("circle", "diamond", "square", "x")  # so that paths do not differ by colour alone
STEEP = 60.0  # use a logarithmic scale if the maximum is this many times the 30 % quantile
SHADES = 16  # the steps within a band in which its place is sent: 13 bands fit into a byte
BALL = "ball"  # the name of the trace that ball.js moves


def surface_figure(
    surface: Surface,
    loss: Loss,
    paths: list[tuple[str, Array]],
    start: tuple[float, float],
    style: ChartStyle,
    ink: str = "#16222B",
) -> go.Figure:
    """The figure: surface, start, minima, and one line per path, an array (k, 2) with the name of its run.

    The last trace holds one ball per path, at its end; the browser moves it (ball.js). Heights are on a logarithmic
    scale if the highest value dwarfs the rest.
    """
    values = np.where(np.isfinite(surface.values), surface.values, np.nan)
    floor = float(np.nanmin(values)) if not np.isfinite(loss.infimum) else loss.infimum
    middle, top = np.nanquantile(values, (0.3, 1.0)) - floor
    logarithmic = bool(top > STEEP * middle > 0)

    power = 0 if logarithmic else _power(values)

    def height(z: Array) -> Array:
        return np.log10(1.0 + np.maximum(z - floor, 0.0)) if logarithmic else z / 10.0**power

    def spots(points: Array) -> dict[str, Array]:
        points = _inside(points, surface)
        with np.errstate(all="ignore"):  # gaps in a path are nan, and so is the loss outside its domain
            z = height(loss.value(points)) + lift
        x, y = (points - off).T
        return {"x": x, "y": y, "z": np.where(np.isfinite(z), z, np.nan).astype(np.float32)}

    name = f"loss / 1e{power}" if power else "loss"
    if logarithmic:
        name = f"log₁₀(1 + loss − {number(floor)})" if floor else "log₁₀(1 + loss)"
    z = height(values)
    lift = 0.004 * float(np.nanmax(z) - np.nanmin(z))
    grid = surface.grid
    off = np.array([_origin(*grid.x_range), _origin(*grid.y_range)])
    first, second = (f"{p} − ({at:.9g})" if at else p for p, at in zip(loss.parameters, off.tolist(), strict=True))
    figure = go.Figure(
        go.Surface(
            x=grid.x - off[0],
            y=grid.y - off[1],
            z=z.astype(np.float32),
            **_bands(surface.values, loss),
            showscale=False,
            opacity=0.96,
            name=loss.name,
            contours={"z": {"show": True, "color": "rgba(0,0,0,0.35)", "width": 1, **_contours(z)}},
            hovertemplate="<br>".join(
                f"{what} %{{{axis}:.3g}}" for what, axis in zip((first, second, name), "xyz", strict=True)
            )
            + "<extra></extra>",
        )
    )
    figure.data[0].contours.x.highlight = figure.data[0].contours.y.highlight = False
    ends = []
    for symbol, (method, points) in zip(SYMBOLS, paths, strict=False):
        line = spots(points)
        ends.append([line[axis][-1] for axis in "xyz"])
        figure.add_trace(_line(method, line, symbol, style))
    figure.add_trace(
        go.Scatter3d(
            **spots(np.array([start])),
            mode="markers",
            name="start",
            marker={"symbol": "square", "size": 5, "color": "white", "line": {"color": "black", "width": 2}},
            showlegend=False,
            hoverinfo="name",
        )
    )
    if loss.minimisers in ("one", "several"):
        figure.add_trace(
            go.Scatter3d(
                **spots(loss.minima),
                mode="markers",
                name="minimum",
                marker={"symbol": "cross", "size": 4, "color": "white", "line": {"color": "black", "width": 1}},
                showlegend=False,
                hoverinfo="name",
            )
        )
    if ends:
        colours = [LINES[method][0] for _, (method, _) in zip(SYMBOLS, paths, strict=False)]
        figure.add_trace(_ball(np.array(ends), 14 * lift, colours, style))
    size = min(style.font, 18)  # perspective enlarges near labels
    font = {"size": size, "color": ink}
    names = {"size": round(1.5 * size), "color": ink}  # Plotly draws them smaller than the numbers
    words = {"size": style.font, "color": ink}
    # The title beside its axis would be cut off from some sides, so it is below the figure.
    below = {"text": f"height: {name}", "font": words, "showarrow": False}
    below |= {"x": 0, "y": 0, "xanchor": "left", "yanchor": "bottom"}
    axis: dict[str, Any] = {
        "tickfont": font,
        "nticks": 4 if style.projector else 6,
        "exponentformat": "e",  # 5e-9 instead of 5n
        "backgroundcolor": "rgba(0,0,0,0)",
        "gridcolor": "rgba(128,128,128,0.35)",
    }
    figure.update_layout(
        height=style.map_side + (0 if style.projector else 70),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        uirevision="stay",
        legend={"x": 0, "y": 1, "font": words, "bgcolor": "rgba(0,0,0,0)"},
        annotations=[below],
        scene={
            "xaxis": {**axis, "title": {"text": first, "font": names}},
            "yaxis": {**axis, "title": {"text": second, "font": names}},
            "zaxis": {**axis, "title": {"text": "", "font": font}},
            "camera": {"eye": camera("corner", style, loss.dataset is not None)},
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.7},
        },
    )
    return figure


def _bands(values: Array, loss: Loss) -> dict[str, Any]:
    """The colours of the surface: the bands of the map, whose closed rings show a bowl as a bowl from any side."""
    finite = np.isfinite(values)
    steps = levels(values, minimum=loss.infimum if np.isfinite(loss.infimum) else None)
    count = len(steps) + 1
    # The number of the band plus the place within it; the browser interpolates between the points of the mesh.
    ends = np.maximum.accumulate(np.r_[values[finite].min(), steps, values[finite].max()])
    at = np.interp(np.where(finite, values, ends[0]), ends, np.arange(count + 1))
    colours = [f"rgb({r:.0f},{g:.0f},{b:.0f})" for r, g, b in palette(count)]
    return {
        "surfacecolor": np.round(SHADES * at).astype(np.uint8),
        "cmin": 0,
        "cmax": SHADES * count,
        "colorscale": [(edge / count, c) for i, c in enumerate(colours) for edge in (i, i + 1)],
    }


def _power(z: Array) -> int:
    """The power of ten in which heights are measured. 0 unless they are too large or small for 32-bit graphics."""
    top = float(np.nanmax(np.abs(z)))
    return int(np.floor(np.log10(top))) if top and not 1e-30 < top < 1e30 else 0


def _contours(z: Array) -> dict[str, float]:
    """Twelve contour lines over the heights; none if the surface is flat."""
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    return {"start": low, "end": high, "size": (high - low) / 12} if high > low else {}


def _inside(points: Array, surface: Surface) -> Array:
    """The points (n, 2), with nan outside the window, so that the line breaks where the path leaves the picture."""
    (x0, x1), (y0, y1) = surface.grid.x_range, surface.grid.y_range
    out = (points[:, 0] < x0) | (points[:, 0] > x1) | (points[:, 1] < y0) | (points[:, 1] > y1)
    return np.where(out[:, None], np.nan, points)


def _origin(low: float, high: float) -> float:
    """The origin of an axis: the middle of a window so narrow and far from 0 that 32-bit graphics cannot resolve it."""
    middle = (low + high) / 2
    return middle if high - low < 1e-4 * abs(middle) else 0.0


def _line(method: str, at: dict[str, Array], symbol: str, style: ChartStyle) -> go.Scatter3d:
    """The line of a path, with markers if it has few points."""
    colour, count = LINES[method][0], len(at["x"])
    return go.Scatter3d(
        **at,
        mode="lines+markers" if count <= 40 or (method == "B" and count <= 400) else "lines",
        name=method,
        line={"color": colour, "width": 2.2 * style.line},
        marker={"size": 3, "color": colour, "symbol": symbol},
        hoverinfo="name",
    )


def _ball(at: Array, lift: float, colours: list[str], style: ChartStyle) -> go.Scatter3d:
    """One ball per path, above the points at (k, 3) by `lift`, so that it lies on the surface; ball.js reads `meta`."""
    return go.Scatter3d(
        **dict(zip("xyz", (at + np.array([0.0, 0.0, lift])).T.astype(np.float32), strict=True)),
        meta={"lift": lift},
        mode="markers",
        name=BALL,
        text=[""] * len(at),
        marker={"size": 4.5 * style.line**0.5, "color": colours, "line": {"color": "white", "width": 2}},
        showlegend=False,
        hovertemplate="%{text}<extra></extra>",
    )
