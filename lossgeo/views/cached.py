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
from lossgeo.charts.network_panel import COARSE
from lossgeo.charts.raster import SIGNS, band_image, basin_image, palette_image
from lossgeo.charts.style import FIELD
from lossgeo.contracts import Array, Dataset, Loss, Method, Point, Window
from lossgeo.descent import noise, rates
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES
from lossgeo.networks import NETWORKS, Training, TwoDescents, lanczos, train, two_descents
from lossgeo.views import network_planes, own_formula, yours
from lossgeo.views.choice import LossSpec, MethodSpec, ViewSpec

PIXELS = 400  # pixels per side of the map image
MESH = 81  # points per side of the 3-D surface
MAKERS = {**datasets.REGRESSION, **datasets.CLASSIFICATION}


def dataset(spec: LossSpec) -> Dataset:
    """The data of a spec. Raises ValueError, with one sentence, if the settings do not go together."""
    return made(spec) if yours.is_held(spec.points) else small_dataset(spec)


@functools.lru_cache(maxsize=256)
def small_dataset(spec: LossSpec) -> Dataset:
    """The data of a spec, unless they are the learner's and too large for a link."""
    return made(spec)


def made(spec: LossSpec) -> Dataset:
    """The data of a spec, made anew."""
    if spec.name == yours.NAME:
        data = yours.decode(spec.points)
    else:
        data = datasets.pull(MAKERS[spec.name](**dict(spec.knobs)), right=spec.right, up=spec.up)
    return datasets.standardise(data) if spec.standardise else data


def loss(spec: LossSpec) -> Loss:
    """The loss or landscape of a spec. Raises ValueError, with one sentence, if the settings do not go together."""
    return large_loss(spec) if yours.is_held(spec.points) else small_loss(spec)


@functools.lru_cache(maxsize=6)
def large_loss(spec: LossSpec) -> Loss:
    """A loss of the learner's data that are too large for a link. Each may take some 10 MB, so few are kept."""
    return LOSSES[spec.loss](dataset(spec), spec.l2)


@functools.lru_cache(maxsize=256)
def small_loss(spec: LossSpec) -> Loss:
    """Any other loss or landscape."""
    if spec.plane:
        return network_planes.shown(spec.plane).plane
    if spec.formula:
        return own_formula.landscape(spec.formula, spec.window)
    return LOSSES[spec.loss](dataset(spec), spec.l2) if spec.loss else LANDSCAPES[spec.name]


CHAPTER = np.array([2.0, 1.0])  # the line of the source chapter, in the middle of its window
CHAPTER.setflags(write=False)
CHAPTER_WINDOW: Window = ((0.0, 4.0), (0.0, 2.0))


def _lowest(loss_: Loss) -> Array:
    """The minimiser (2,); of a whole line of minimisers, the one nearest to the line of the chapter."""
    at: Array = loss_.minima[0]
    if loss_.minimisers == "line":
        along = geometry.spectrum(loss_, at).eigenvectors[:, 0]
        at = at + (CHAPTER - at) @ along * along
    return at


@functools.lru_cache(maxsize=512)
def window(spec: LossSpec, view: ViewSpec) -> Window:
    """The window ((x0, x1), (y0, y1)) to show.

    With the data of the source chapter, its own window is used while the minimiser is well inside it. A start
    outside the window extends it, by up to REACH times its width, so that a run is visible from its first step.
    """
    loss_ = loss(spec)
    box = loss_.view
    if spec.name == "chapter line" and len(loss_.minima) and np.all(np.abs(_lowest(loss_) - CHAPTER) < (1.2, 0.6)):
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
    fine = _fine(loss_, box, costly=spec.plane is not None)
    # The 3,600 values of `field` give the same levels as the 160,000 of `fine`, in 1/40 of the time.
    url = band_image(fine, surfaces.levels(field, minimum=loss_.infimum if np.isfinite(loss_.infimum) else None))
    finite = field[np.isfinite(field)]
    return Scene(url, heights(field), float(finite.min()), float(np.quantile(finite, 0.98)))


PLANE = 90  # points per side of a plane of a network, where a point costs a hundred times as much as elsewhere


def _fine(loss_: Loss, box: Window, costly: bool) -> Array:
    """The values at the centres of the pixels. Of a costly loss those of fewer points, interpolated linearly."""
    if not costly:
        return surfaces.evaluate(loss_, surfaces.Grid.cell_centres(*box, PIXELS, PIXELS)).values
    rough = surfaces.evaluate(loss_, surfaces.Grid.cell_centres(*box, PLANE, PLANE)).values
    at, known = (np.arange(PIXELS) + 0.5) / PIXELS, (np.arange(PLANE) + 0.5) / PLANE
    rows = np.array([np.interp(at, known, row) for row in rough])
    return np.array([np.interp(at, known, column) for column in rows.T]).T


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


@functools.lru_cache(maxsize=128)
def bounds(spec: LossSpec, method: MethodSpec, start: Point, steps: int) -> tuple[rates.Bound, ...]:
    """What theorems promise about a run."""
    found = rates.bounds(build(method), loss(spec), start, steps)
    _lock(*(bound.above for bound in found))
    return found


PENALTIES = np.geomspace(1e4, 1e-4, 81)  # shares of the curvature along w at w = 0
PENALTIES.setflags(write=False)


@functools.lru_cache(maxsize=64)
def shrinkage(spec: LossSpec, steps: int) -> tuple[Array, Array]:
    """The minimisers (k, 2) as the penalty on w falls, and gradient descent (steps+1, 2) without a penalty.

    Gradient descent starts at the first of them, next to w = 0, with the rate 1/L. For convex losses that have a
    bound L alone. There are no minimisers (0, 2) if no penalty on w makes one: if only one class occurs.
    """
    data, kind = dataset(spec), LOSSES[spec.loss]
    plain = kind(data)
    unit = float(plain.hessian(np.zeros(2))[0, 0]) or 1.0
    found = [kind(data, float(alpha) * unit).minima for alpha in PENALTIES]
    minimisers = np.concatenate([minima[:1] for minima in found])
    start = minimisers[0] if len(minimisers) else np.zeros(2)
    method = descent.OPTIMIZERS["gradient descent"](learning_rate=1.0 / (plain.smoothness or 1.0))
    run = descent.run(method, plain, start, steps).points
    if plain.minimisers == "one" and len(minimisers):
        minimisers = np.vstack([minimisers, plain.minima[:1]])
    _lock(minimisers)
    return minimisers, run


@functools.lru_cache(maxsize=128)
def noise_ball(spec: LossSpec, rate: float, batch: int) -> noise.NoiseBall | None:
    """Where sgd with a constant rate and batches drawn anew stays."""
    ball = noise.noise_ball(loss(spec), rate, batch)
    if ball is not None:
        _lock(ball.centre, ball.covariance)
    return ball


@functools.lru_cache(maxsize=128)
def true_descent(spec: LossSpec, start: Point, rate: float, steps: int) -> TwoDescents:
    """Gradient descent in a plane of a network and the true one, from the same start."""
    found = two_descents(network_planes.shown(_plane_of(spec)).plane, start, rate, steps)
    _lock(found.inside, found.projected, found.distance, found.inside_losses, found.true_losses)
    return found


def _lock(*arrays: NDArray[Any]) -> None:
    """Make arrays read-only that every session shares."""
    for array in arrays:
        array.setflags(write=False)


def _plane_of(spec: LossSpec) -> network_planes.PlaneSpec:
    assert spec.plane is not None
    return spec.plane


@dataclass(frozen=True, eq=False)
class Coarse:
    """A plane of a network at the centres of COARSE x COARSE cells, row by row: loss, gradient (n, 2), and share.

    `share` is the part of the squared gradient that lies in the plane, in percent (uint8).
    """

    values: Array
    gradient: Array
    share: NDArray[np.uint8]


@functools.lru_cache(maxsize=64)
def coarse(spec: LossSpec, view: ViewSpec) -> Coarse:
    """A plane of a network, seen from afar."""
    plane = network_planes.shown(_plane_of(spec)).plane
    centres = surfaces.Grid.cell_centres(*window(spec, view), COARSE, COARSE).points.reshape(-1, 2)
    theta = plane.theta(centres)
    with np.errstate(all="ignore"):
        full = np.concatenate([plane.network.gradient(theta[i : i + 300]) for i in range(0, len(theta), 300)])
        seen = full @ plane.directions.T  # the directions are orthonormal
        share = 100.0 * (seen * seen).sum(axis=1) / (full * full).sum(axis=1)
        values = plane.network.loss(theta)
    percent = np.round(np.nan_to_num(share)).clip(0, 100).astype(np.uint8)
    _lock(values, seen, percent)
    return Coarse(values, seen, percent)


@functools.lru_cache(maxsize=128)
def scores(spec: LossSpec, start: Point, size: tuple[int, int]) -> Array:
    """The scores of the network at a point of the plane, over the window of its data, row by row."""
    plane = network_planes.shown(_plane_of(spec)).plane
    network = plane.network
    (x0, x1), (y0, y1) = network_planes.data_window(network)
    x, y = np.meshgrid(np.linspace(x0, x1, size[0]), np.linspace(y0, y1, size[1]))
    p = network.predict(plane.theta(start), np.column_stack([x.ravel(), y.ravel()])).clip(1e-12, 1 - 1e-12)
    found: Array = np.log(p / (1.0 - p))
    _lock(found)
    return found


EDGE_NETWORK, EDGE_SEED, EDGE_STEPS, EDGE_PARTS = "two moons, tanh 2-16-16-1", 2, 2000, 12


@functools.lru_cache(maxsize=8)
def edge_training(rate: float) -> Training:
    """Gradient descent with all samples, the run of `networks.edge_of_stability` if the rate is 0.4."""
    method = descent.OPTIMIZERS["gradient descent"](learning_rate=rate)
    return train(NETWORKS[EDGE_NETWORK], EDGE_SEED, method, EDGE_STEPS)


@functools.lru_cache(maxsize=8 * EDGE_PARTS)
def edge_curvatures(rate: float, part: int) -> Array:
    """The largest curvatures at one of EDGE_PARTS parts of the path that this run has kept."""
    run = edge_training(rate)
    some = np.array_split(run.path, EDGE_PARTS)[part]
    out = np.array([lanczos(run.network, theta, 1)[0][0] for theta in some])
    out.setflags(write=False)
    return out


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
    own |= {"batch_size": method.batch, "fresh": method.fresh} if kind.needs_data else {}
    return kind(learning_rate=method.learning_rate, schedule=method.schedule, **own) if kind.uses_rate else kind()


@functools.lru_cache(maxsize=256)
def sweep(spec: LossSpec, method: MethodSpec, start: Point, rates: tuple[float, ...]) -> descent.Sweep:
    """The sweep of a method over `rates`. The learning rate of `method` itself is ignored."""
    built = build(method)
    own: dict[str, Any] = {"momentum": method.momentum} if built.uses_momentum else {}
    own |= {"batch_size": method.batch, "fresh": method.fresh} if built.needs_data else {}
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


# --- the layers of the map --------------------------------------------------------------------------

BASIN_STEPS, BASIN_WORK = 500, 60_000


@dataclass(frozen=True, eq=False)
class BasinMap:
    """Where the starts in a window end, and the map image as a data URL."""

    basins: descent.Basins
    url: str


def basin_side(spec: LossSpec) -> int:
    """The number of starts per side: fewer for a loss with many samples, because each step costs more.

    The most expensive map takes about a second.
    """
    return int(np.clip(np.sqrt(BASIN_WORK / loss(spec).terms), 20, 150))


@functools.lru_cache(maxsize=32)
def basin_map(spec: LossSpec, method: MethodSpec, view: ViewSpec, steps: int = BASIN_STEPS) -> BasinMap:
    """Where each start of the window ends within `steps` steps, on a grid with `basin_side` starts per side."""
    side = basin_side(spec)
    starts = surfaces.Grid.cell_centres(*window(spec, view), side, side).points
    found = descent.run_many(build(method), loss(spec), starts, steps)
    return BasinMap(found, basin_image(found))


CURVATURE_SIDE = 200


@dataclass(frozen=True, eq=False)
class SignMap:
    """For the centres of cells (side, side): an index into charts.raster.SIGNS, or -1; and the map image."""

    kinds: NDArray[np.intp]
    url: str


@functools.lru_cache(maxsize=32)
def sign_map(spec: LossSpec, view: ViewSpec, side: int = CURVATURE_SIDE) -> SignMap:
    """The signs of the two Hessian eigenvalues over the window; -1 where they are not finite."""
    low, high = _eigenvalue_fields(spec, view, side)
    largest = np.maximum(np.abs(low), np.abs(high))
    with np.errstate(invalid="ignore"):
        kinds = np.select([low > 0, high < 0], [0, 2], 1)
        kinds[np.minimum(np.abs(low), np.abs(high)) <= _rounding(spec) * largest] = 3
    kinds[~np.isfinite(largest)] = -1
    kinds.setflags(write=False)
    return SignMap(kinds, palette_image(kinds, [colour for _, colour in SIGNS.values()]))


@dataclass(frozen=True, eq=False)
class ConditionMap:
    """log10 of the condition number at the centres of cells (side, side), nan where there is none.

    levels: those between the colours of the map image.
    """

    values: Array
    levels: Array
    url: str


@functools.lru_cache(maxsize=32)
def condition_map(spec: LossSpec, view: ViewSpec, side: int = CURVATURE_SIDE) -> ConditionMap:
    """The condition number where both eigenvalues are positive and neither is zero to rounding."""
    low, high = _eigenvalue_fields(spec, view, side)
    with np.errstate(all="ignore"):
        good = (low > 0) & np.isfinite(high) & (low > _rounding(spec) * high)
        values: Array = np.log10(np.where(good, high, 1.0)) - np.log10(np.where(good, low, 1.0))
    values[~good] = np.nan
    values.setflags(write=False)
    levels = surfaces.levels(values[good], count=8) if good.any() else np.zeros(1)
    levels.setflags(write=False)
    return ConditionMap(values, levels, band_image(values, levels))


def _rounding(spec: LossSpec) -> float:
    """An eigenvalue below this share of the other one counts as zero; an exact determinant leaves no doubt."""
    return 1e-12 if loss(spec).determinant is None else 0.0


def _eigenvalue_fields(spec: LossSpec, view: ViewSpec, side: int) -> tuple[Array, Array]:
    """The eigenvalues low <= high at the centres of cells (side, side). Those of a convex loss are not negative."""
    loss_ = loss(spec)
    cells = surfaces.Grid.cell_centres(*window(spec, view), side, side)
    low, high = np.moveaxis(geometry.eigenvalue_field(loss_, cells), -1, 0)
    return (np.maximum(low, 0.0) if loss_.convex else low), high


def names(subject: str) -> tuple[str, str]:
    """The names of the two parameters of a landscape, or of the model of a data set."""
    if subject == formula.NAME:
        return "x", "y"
    if subject in NETWORKS:
        return "a", "b"
    return LANDSCAPES[subject].parameters if subject in LANDSCAPES else ("w", "b")
