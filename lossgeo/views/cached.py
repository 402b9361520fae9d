"""All caches of the app. The keys are small frozen specs. Every cache is bounded and shared by all sessions.

The cached results are read-only.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossgeo import datasets, descent, formula, geometry, surfaces
from lossgeo.charts.raster import band_image, basin_image
from lossgeo.charts.style import FIELD
from lossgeo.contracts import Array, Dataset, Loss, Method, Point, Window
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES
from lossgeo.views import own_formula, yours
from lossgeo.views.choice import LossSpec, MethodSpec, ViewSpec

PIXELS = 400  # pixels per side of the map image
MESH = 81  # points per side of the 3-D surface
MAKERS = {**datasets.REGRESSION, **datasets.CLASSIFICATION}


@functools.lru_cache(maxsize=256)
def dataset(spec: LossSpec) -> Dataset:
    """The data of a spec. Raises ValueError, with one sentence, if the settings do not go together."""
    if spec.name == yours.NAME:
        data = yours.decode(spec.points)
    else:
        data = datasets.pull(MAKERS[spec.name](**dict(spec.knobs)), right=spec.right, up=spec.up)
    return datasets.standardise(data) if spec.standardise else data


@functools.lru_cache(maxsize=256)
def loss(spec: LossSpec) -> Loss:
    """The loss or landscape of a spec. Raises ValueError, with one sentence, if the settings do not go together."""
    if spec.formula:
        return own_formula.landscape(spec.formula, spec.window)
    return LOSSES[spec.loss](dataset(spec), spec.l2) if spec.loss else LANDSCAPES[spec.name]


CHAPTER_WINDOW: Window = ((0.0, 4.0), (0.0, 2.0))


@functools.lru_cache(maxsize=512)
def window(spec: LossSpec, view: ViewSpec) -> Window:
    """The window ((x0, x1), (y0, y1)) to show.

    With the data of the source chapter, its own window is used while the minimiser is well inside it. A start
    outside the window extends it, by up to REACH times its width, so that a run is visible from its first step.
    """
    loss_ = loss(spec)
    box = loss_.view
    if spec.name == "chapter line" and len(loss_.minima) and np.all(np.abs(loss_.minima[0] - (2.0, 1.0)) < (1.2, 0.6)):
        box = CHAPTER_WINDOW
    if view.zoom != 1 or view.equal:
        half = [(high - low) / 2 / view.zoom for low, high in box]
        half = [max(half)] * 2 if view.equal else half
        centre = [(low + high) / 2 for low, high in box]
        first, second = ((c - h, c + h) for c, h in zip(centre, half, strict=True))
        return first, second
    first, second = (_reach(*ends, at) for ends, at in zip(box, view.holds or (box[0][0], box[1][0]), strict=True))
    return first, second


def holding(spec: LossSpec, view: ViewSpec, start: Point) -> ViewSpec:
    """The view, extended to show a start outside its window. A start inside leaves the cache key unchanged."""
    (w0, w1), (b0, b1) = window(spec, view)
    return view if w0 <= start[0] <= w1 and b0 <= start[1] <= b1 else replace(view, holds=start)


REACH = 8.0


def _reach(low: float, high: float, at: float) -> tuple[float, float]:
    """The interval (low, high), extended to `at` if that is outside and at most REACH widths away."""
    width = high - low
    if low <= at <= high or not low - REACH * width <= at <= high + REACH * width:
        return low, high
    return (at - 0.05 * (high - at), high) if at < low else (low, at + 0.05 * (at - low))


@dataclass(frozen=True, eq=False)
class Scene:
    """The picture of a loss over a window.

    url: the map image as a data URL. field: the heights for the contour, FIELD^2 numbers of type uint16. low,
    high: the lowest value and the 98 % quantile.
    """

    url: str
    field: NDArray[np.uint16]
    low: float
    high: float


@functools.lru_cache(maxsize=96)
def scene(spec: LossSpec, view: ViewSpec) -> Scene:
    """The picture of a loss over its window."""
    loss_, box = loss(spec), window(spec, view)
    field = surfaces.evaluate(loss_, surfaces.Grid.cell_centres(*box, FIELD, FIELD)).values
    fine = surfaces.evaluate(loss_, surfaces.Grid.cell_centres(*box, PIXELS, PIXELS)).values
    # The 3,600 values of `field` give the same levels as the 160,000 of `fine`, in 1/40 of the time.
    url = band_image(fine, surfaces.levels(field, minimum=loss_.infimum if np.isfinite(loss_.infimum) else None))
    finite = field[np.isfinite(field)]
    return Scene(url, heights(field), float(finite.min()), float(np.quantile(finite, 0.98)))


def heights(values: Array) -> NDArray[np.uint16]:
    """The square roots of the heights above the lowest value, scaled to 0 ... 65535: a uint16 array (n,), row by row.

    A monotone function has the same contours. The square root turns a bowl into a cone, for which the browser's
    linear interpolation is nearly exact.
    """
    finite = np.isfinite(values)
    low, high = values[finite].min(), values[finite].max()
    with np.errstate(over="ignore", invalid="ignore"):
        t = np.sqrt((np.where(finite, values, high) - low) / ((high - low) or 1.0))
    t = np.where(finite, t, 1.0)
    out = np.round(np.nan_to_num(t) * 65535).astype(np.uint16).ravel()
    out.setflags(write=False)
    return out


@functools.lru_cache(maxsize=64)
def mesh(spec: LossSpec, view: ViewSpec) -> surfaces.Surface:
    """The surface for the 3-D picture, MESH points per side."""
    return surfaces.evaluate(loss(spec), surfaces.Grid(*window(spec, view), MESH, MESH))


@functools.lru_cache(maxsize=512)
def trajectory(spec: LossSpec, method: MethodSpec, start: Point, steps: int) -> descent.Trajectory:
    """The run of a method from a start. Raises ValueError, with one sentence, if it cannot run."""
    return descent.run(build(method), loss(spec), start, steps)


@functools.lru_cache(maxsize=256)
def evidence(spec: LossSpec) -> geometry.Evidence:
    """What is known about the convexity of the loss."""
    return geometry.convexity(loss(spec))


# --- the descent lab --------------------------------------------------------------------------------

SWEEP_STEPS = 1000
SWEEP_RATES = 60


def build(method: MethodSpec) -> Method:
    """The method with the learner's settings."""
    kind = descent.OPTIMIZERS[method.name]
    own: dict[str, Any] = {"momentum": method.momentum} if kind.uses_momentum else {}
    return kind(learning_rate=method.learning_rate, schedule=method.schedule, **own) if kind.uses_rate else kind()


@functools.lru_cache(maxsize=256)
def sweep(spec: LossSpec, method: MethodSpec, start: Point, rates: tuple[float, ...]) -> descent.Sweep:
    """The sweep of a method over `rates`. The learning rate of `method` itself is ignored."""
    built = build(method)
    own: dict[str, Any] = {"momentum": method.momentum} if built.uses_momentum else {}
    return descent.sweep(method.name, loss(spec), start, rates, SWEEP_STEPS, schedule=built.schedule, **own)


@functools.lru_cache(maxsize=256)
def arrival(spec: LossSpec, start: Point, rate: float, most: int = 5000) -> tuple[float, float]:
    """The number of steps of gradient descent on a convex quadratic: by the formula, and counted in a run.

    The second is nan if the first exceeds `most` (then nothing is run) or if the run does not get that near.
    Raises ValueError for another loss.
    """
    loss_ = loss(spec)
    predicted = geometry.predicted_steps(loss_, start, rate)
    if not predicted <= most:
        return predicted, float("nan")
    path = descent.run(
        descent.OPTIMIZERS["gradient descent"](learning_rate=rate), loss_, start, int(predicted) + 5, tolerance=0.0
    )
    spectrum = geometry.spectrum(loss_, loss_.minima[0])
    error = (path.points - loss_.minima[0]) @ spectrum.eigenvectors
    error[:, geometry.eigenvalues(loss_, loss_.minima[0]) <= 0] = 0.0
    away = np.abs(error @ spectrum.eigenvectors.T) / geometry.Scale(loss_).unit
    near = away.max(axis=1) < 1e-6
    return predicted, float(np.argmax(near)) if near.any() else float("nan")


@functools.lru_cache(maxsize=64)
def path_curvatures(spec: LossSpec, method: MethodSpec, start: Point, steps: int) -> Array:
    """The Hessian eigenvalues at every point of a run, ascending: shape (k+1, 2)."""
    out = geometry.eigenvalues(loss(spec), trajectory(spec, method, start, steps).points)
    out.setflags(write=False)
    return out


@dataclass(frozen=True, eq=False)
class BasinMap:
    """Where the starts in a window end, and the map image as a data URL."""

    basins: descent.Basins
    url: str


BASIN_SIDE, BASIN_STEPS = 150, 500


def basin_side(spec: LossSpec) -> int:
    """The number of starts per side: fewer for a loss of data, where each step costs more."""
    return 50 if loss(spec).dataset else BASIN_SIDE


@functools.lru_cache(maxsize=32)
def basin_map(spec: LossSpec, method: MethodSpec, view: ViewSpec) -> BasinMap:
    """Where each start of the window ends, on a grid with `basin_side` starts per side."""
    side = basin_side(spec)
    starts = surfaces.Grid.cell_centres(*window(spec, view), side, side).points
    found = descent.run_many(build(method), loss(spec), starts, BASIN_STEPS)
    return BasinMap(found, basin_image(found))


CURVATURE_SIDE = 200


@functools.lru_cache(maxsize=32)
def curvature_signs(spec: LossSpec, view: ViewSpec, side: int = CURVATURE_SIDE) -> NDArray[np.intp]:
    """For the centres of side x side cells, an index into charts.raster.SIGNS: shape (side, side)."""
    cells = surfaces.Grid.cell_centres(*window(spec, view), side, side)
    low, high = np.moveaxis(geometry.eigenvalue_field(loss(spec), cells), -1, 0)
    signs = np.select([low > 0, high < 0], [0, 2], 1)
    largest = np.maximum(np.abs(low), np.abs(high))
    signs[np.minimum(np.abs(low), np.abs(high)) <= 1e-12 * largest] = 3
    signs.setflags(write=False)
    return signs


@functools.lru_cache(maxsize=32)
def log_condition(spec: LossSpec, view: ViewSpec, side: int = CURVATURE_SIDE) -> Array:
    """log10 of the condition number at the centres of side x side cells; nan where it is undefined or inf."""
    cells = surfaces.Grid.cell_centres(*window(spec, view), side, side)
    kappa = geometry.condition_field(loss(spec), cells)
    out: Array = np.log10(np.where(np.isfinite(kappa), kappa, 1.0))
    out[~np.isfinite(kappa)] = np.nan
    out.setflags(write=False)
    return out


def names(subject: str) -> tuple[str, str]:
    """The names of the two parameters of a landscape, or of the model of a data set."""
    if subject == formula.NAME:
        return "x", "y"
    return LANDSCAPES[subject].parameters if subject in LANDSCAPES else ("w", "b")
