"""Data with one feature: what may be done to them, seeded generators, fixtures, real sets.

A data set is two arrays x and y of shape (n,). Regression takes any y; classification takes
labels y in {0, 1}. REGRESSION and CLASSIFICATION name everything a page can offer.
"""

from __future__ import annotations

import csv
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from lossgeo.contracts import Array, Dataset

DATA = Path(__file__).parent / "data"
MAX_SAMPLES = 100_000
MAX_SIZE = 1e12  # of a generator's knob: squares of squares stay finite


def mean(samples: Array) -> Array:
    """The mean along the last axis: np.mean to the last bit, without its overhead on small arrays."""
    average: Array = np.add.reduce(samples, axis=-1) / samples.shape[-1]
    return average


def standardise(dataset: Dataset) -> Dataset:
    """(x - mean) / population sd in place of x, y unchanged; equal x become 0."""
    if _all_equal(dataset.x):
        how = "All x are equal: standardising can only move them to 0."
    else:
        how = f"Standardised: x minus {dataset.x.mean():.6g}, divided by {dataset.x.std():.6g}."
    return replace(
        dataset,
        x=_standard_scores(dataset.x),
        name=f"{dataset.name}, standardised",
        x_label=f"{dataset.x_label}, standardised",
        note=f"{dataset.note} {how}".strip(),
    )


def separation(dataset: Dataset) -> str:
    """How the classes lie on the line: "overlap", "quasi-complete", "complete" or "one class".

    Albert & Anderson 1984, Biometrika 71:1, for scores w x + b. "complete": some (w, b) gives
    every sample a margin > 0, margin = (w x + b) for y = 1, -(w x + b) for y = 0.
    "quasi-complete": not complete, but some (w, b) gives margins >= 0 that are not all 0.
    The logistic loss without penalty has a minimiser in the case "overlap" only; it is unique
    unless all x are equal. Both classes at one single x count as overlap: there every margin
    >= 0 is 0, and the minimisers form a line.
    """
    if not dataset.labels_are_binary:
        raise ValueError(f"labels y must be 0 or 1; {dataset.name!r} has other values")
    zeros, ones = dataset.x[dataset.y == 0.0], dataset.x[dataset.y == 1.0]
    if len(zeros) == 0 or len(ones) == 0:
        return "one class"
    # w = 0 would need b <= 0 and b >= 0, so a direction has w != 0 and its sign is the order.
    if zeros.max() < ones.min() or ones.max() < zeros.min():
        return "complete"
    touching = zeros.max() == ones.min() or ones.max() == zeros.min()
    return "quasi-complete" if touching and not _all_equal(dataset.x) else "overlap"


def pull(dataset: Dataset, *, right: float = 0.0, up: float = 0.0) -> Dataset:
    """The last sample in the order of x moved by `right` ranges of x and `up` ranges of y.

    A range of 0 counts as 1. Moving sideways changes the curvature of the squared error; moving up
    or down does not: that Hessian contains x alone.
    """
    if not (_number("right", right) or _number("up", up)):
        return dataset
    x, y = dataset.x.copy(), dataset.y.copy()
    last = int(np.argmax(x))
    x[last] += right * (float(np.ptp(x)) or 1.0)
    y[last] += up * (float(np.ptp(y)) or 1.0)
    how = f"The sample with the largest x was moved, to ({x[last]:.4g}, {y[last]:.4g})."
    moved = replace(dataset, x=x, y=y)
    note = dataset.note
    if dataset.labels_are_binary and moved.labels_are_binary:  # it may have crossed the other class
        before, after = _existence(dataset), _existence(moved)
        note, how = note.replace(before, "").strip(), f"{how} {after}" if before in note else how
    if _all_equal(dataset.x) and not _all_equal(x):
        note = f"Before the move: {note[:1].lower()}{note[1:]}" if note else note
    return replace(moved, note=f"{note} {how}".strip())


# Generators


def chapter_line(
    *,
    n: int = 30,
    slope: float = 2.0,
    intercept: float = 1.0,
    noise: float = 0.1,
    outliers: int = 0,
    outlier_size: float = 2.0,
    scale: float = 1.0,
    offset: float = 0.0,
    constant_x: bool = False,
    seed: int = 0,
) -> Dataset:
    """y = slope x + intercept + noise z with z standard normal and x evenly spaced on [0, 1].

    The defaults are the source chapter's data, digit for digit. The last `outliers` points, at
    the right-hand end where a point tilts the line more than in the middle, are moved up by
    `outlier_size`.
    `constant_x` puts every x at 0.5. `scale` and `offset` then restate x in other units,
    scale x + offset, with y unchanged.
    """
    n = _whole("n", n, 1, MAX_SAMPLES)
    outliers = _whole("outliers", outliers, 0, n)
    for name, value in (("slope", slope), ("intercept", intercept), ("outlier_size", outlier_size)):
        _number(name, value)
    if _number("noise", noise) < 0.0:
        raise ValueError(f"noise must be >= 0, got {noise}")
    x = np.full(n, 0.5) if constant_x else np.linspace(0.0, 1.0, n)
    # The legacy generator, because the chapter used it; default_rng(0) gives other numbers.
    z = np.random.RandomState(_seed(seed)).standard_normal(n)
    y = slope * x + intercept + noise * z
    y[n - outliers :] += outlier_size
    notes = []
    if outliers:
        notes.append(f"The last {outliers} of {n} points are moved by {outlier_size:g} in y.")
    if constant_x:
        notes.append("All x are equal: no single line fits best.")
    if scale != 1.0 or offset != 0.0:
        notes.append(f"x is given as {scale:g} x + {offset:g}: other units, same relation.")
    return Dataset(
        _in_units(x, scale, offset),
        y,
        name="chapter line",
        source='synthetic, after the chapter "Geometry of Loss Functions": '
        f"y = {slope:g} x + {intercept:g} + {noise:g} z, z standard normal, seed {seed}",
        note=" ".join(notes),
    )


def two_classes(
    *,
    n: int = 40,
    gap: float = 2.0,
    balance: float = 0.5,
    flips: int = 0,
    separable: bool = False,
    scale: float = 1.0,
    offset: float = 0.0,
    seed: int = 0,
) -> Dataset:
    """Normal classes with centres -gap/2 (y = 0) and gap/2 (y = 1) and standard deviation 1.

    `balance` is the share of y = 1. `separable` pushes the classes apart until at least 1 lies
    between them; after that, the labels of the `flips` samples furthest into their own class
    are flipped: confident and wrong. Last, x becomes scale x + offset, other units.
    """
    n = _whole("n", n, 1, MAX_SAMPLES)
    flips = _whole("flips", flips, 0, n)
    if _number("gap", gap) < 0.0:
        raise ValueError(f"gap must be >= 0, got {gap}")
    if not 0.0 <= _number("balance", balance) <= 1.0:
        raise ValueError(f"balance must be between 0 and 1, got {balance}")
    ones = math.floor(balance * n + 0.5)
    y = np.repeat([0.0, 1.0], [n - ones, ones])
    side = 2.0 * y - 1.0
    x = np.random.default_rng(_seed(seed)).standard_normal(n) + side * gap / 2.0
    if separable and 0 < ones < n:
        between = x[y == 1.0].min() - x[y == 0.0].max()
        x += side * max(0.0, (1.0 - between) / 2.0)
    deepest = np.argsort(-side * x, kind="stable")[:flips]
    y[deepest] = 1.0 - y[deepest]
    dataset = Dataset(
        _in_units(x, scale, offset),
        y,
        name="two classes",
        source=f"synthetic: two normal classes, sd 1, centres {gap:g} apart, seed {seed}",
        y_label="class",
    )
    return replace(dataset, note=_existence(dataset))


# Fixtures: the smallest data that show one thing


def one_point(*, x: float = 1.0, y: float = 2.0) -> Dataset:
    """A single sample: every line through it has loss 0."""
    note = "One point is met exactly by a whole line of (w, b)."
    return Dataset(_row(x), _row(y), name="one point", source="constructed", note=note)


def same_x() -> Dataset:
    """Five samples with one x: only the height of the line there matters."""
    note = "All x equal 2: without a penalty only 2 w + b matters, so the minimisers form a line."
    return Dataset(_row(2, 2, 2, 2, 2), _row(1, 2, 3, 4, 5), "same x", "constructed", note=note)


def _labelled(name: str, x: Array, y: Array) -> Dataset:
    dataset = Dataset(x, y, name, "constructed", y_label="class")
    return replace(dataset, note=_existence(dataset))


def separable_four() -> Dataset:
    """Two classes on either side of 0, apart from each other."""
    return _labelled("separable four", _row(-2, -1, 1, 2), _row(0, 0, 1, 1))


def touching() -> Dataset:
    """Quasi-complete separation: both classes occur at x = 0 and only there."""
    return _labelled("touching", _row(-1, 0, 0, 1), _row(0, 0, 1, 1))


def overlapping_six() -> Dataset:
    """Six samples of two classes that lie among each other."""
    return _labelled("overlapping six", _row(-2, -1, 0.5, 1, 2, -0.5), _row(0, 1, 0, 1, 1, 0))


def margin_four() -> Dataset:
    """Separable, and not symmetric: the boundary keeps moving towards x = 0.5."""
    return _labelled("margin four", _row(-3, -1, 2, 4), _row(0, 0, 1, 1))


# Real data; sources in full in data/README.md


@cache
def cars() -> Dataset:
    """Stopping distance against speed: n = 50."""
    return Dataset(
        _column("cars", "speed_mph"),
        _column("cars", "dist_ft"),
        name="cars",
        source="Ezekiel 1930, Methods of Correlation Analysis",
        x_label="speed (mph)",
        y_label="stopping distance (ft)",
        note="Recorded in the 1920s.",
    )


@cache
def faithful() -> Dataset:
    """Waiting time against the length of an eruption of Old Faithful: n = 272."""
    return Dataset(
        _column("faithful", "eruptions_min"),
        _column("faithful", "waiting_min"),
        name="faithful",
        source="Azzalini & Bowman 1990, Applied Statistics 39:357",
        x_label="eruption (min)",
        y_label="waiting for the next (min)",
        note="Two clusters in the data, yet the mean squared error of a line is one bowl.",
    )


@cache
def anscombe(part: str) -> Dataset:
    """Set "I", "II", "III" or "IV" of the quartet."""
    where = _choice("part", part, "anscombe", "set")
    return Dataset(
        _column("anscombe", "x", where),
        _column("anscombe", "y", where),
        name=f"anscombe {part}",
        source="Anscombe 1973, American Statistician 27:17",
        note="Four different pictures with practically one surface of the mean squared error.",
    )


@cache
def penguins() -> Dataset:
    """Body mass against flipper length, three species together: n = 342."""
    return Dataset(
        _column("penguins", "flipper_length_mm"),
        _column("penguins", "body_mass_g"),
        name="penguins",
        source="Gorman, Williams & Fraser 2014, PLoS ONE 9(3):e90081",
        x_label="flipper length (mm)",
        y_label="body mass (g)",
        note="Three species together.",
    )


@cache
def longley(column: str) -> Dataset:
    """Employment against "year" or "gnp"."""
    columns = {
        "year": ("year", "year", "Years lie far from 0 compared with their spread"),
        "gnp": ("gnp_musd", "GNP (million USD)", "Small units make large numbers"),
    }
    if column not in columns:
        raise ValueError(f"column must be one of {', '.join(columns)}, got {column!r}")
    field, label, why = columns[column]
    return Dataset(
        _column("longley", field),
        _column("longley", "employed_thousands"),
        name=f"longley {column}",
        source="Longley 1967, JASA 62:819",
        x_label=label,
        y_label="employed (thousands)",
        note=f"{why}: badly conditioned until standardised.",
    )


@cache
def longley_two_features() -> tuple[Array, Array]:
    """A (16, 2) with columns GNP and year, and y (16,) employed, all standardised."""
    gnp, year, employed = (
        _standard_scores(_column("longley", field)) for field in ("gnp_musd", "year", "employed_thousands")
    )
    features = np.column_stack([gnp, year])
    features.setflags(write=False)
    employed.setflags(write=False)
    return features, employed


@cache
def puromycin(state: str = "treated") -> Dataset:
    """Reaction rate against concentration, for cells "treated" with puromycin or "untreated"."""
    where = _choice("state", state, "puromycin", "state")
    return Dataset(
        _column("puromycin", "conc_ppm", where),
        _column("puromycin", "rate_counts_min2", where),
        name=f"puromycin {state}",
        source="Treloar 1974; Bates & Watts 1988, Nonlinear Regression Analysis, A1.3",
        x_label="concentration (ppm)",
        y_label="rate (counts/min²)",
        note="The Michaelis-Menten model Vmax c / (K + c) is not affine in K.",
    )


def _two_species(file: str, field: str, x_label: str, source: str, zero: str, one: str) -> Dataset:
    """The rows of species `zero` (y = 0), then of species `one` (y = 1)."""
    x = [_column(file, field, _choice("species", species, file, "species")) for species in (zero, one)]
    dataset = Dataset(
        np.concatenate(x),
        np.repeat([0.0, 1.0], [len(part) for part in x]),
        name=f"{file} {zero.lower()} / {one.lower()}",
        source=source,
        x_label=x_label,
        y_label=f"{zero} 0, {one} 1",
    )
    return replace(dataset, note=_existence(dataset))


@cache
def iris(zero: str, one: str) -> Dataset:
    """Petal length of two species of iris: n = 100."""
    source = "Fisher 1936, Annals of Eugenics 7:179, measured by E. Anderson"
    return _two_species("iris", "petal_length_cm", "petal length (cm)", source, zero, one)


@cache
def penguin_pair(zero: str, one: str) -> Dataset:
    """Gentoo by flipper length, Chinstrap by bill length: where each overlaps only slightly."""
    field, label = (
        ("bill_length_mm", "bill length (mm)")
        if "Chinstrap" in (zero, one)
        else ("flipper_length_mm", "flipper length (mm)")
    )
    return _two_species("penguins", field, label, penguins().source, zero, one)


@cache
def challenger() -> Dataset:
    """Damage of O-rings against the temperature at the launch: n = 23."""
    dataset = Dataset(
        _column("challenger", "temperature_f"),
        _column("challenger", "damaged"),
        name="challenger",
        source="Dalal, Fowlkes & Hoadley 1989, JASA 84:945",
        x_label="launch temperature (°F)",
        y_label="O-ring damage",
    )
    note = (
        "The 23 flights with an O-ring record before the accident of 1986, in which seven people "
        "died. That launch was at 31 °F, far outside these data (53 to 81 °F)."
    )
    return replace(dataset, note=f"{note} {_existence(dataset)}")


REGRESSION: Mapping[str, Callable[..., Dataset]] = {
    "chapter line": chapter_line,
    "cars": cars,
    "faithful": faithful,
    "anscombe I": partial(anscombe, "I"),
    "anscombe II": partial(anscombe, "II"),
    "anscombe III": partial(anscombe, "III"),
    "anscombe IV": partial(anscombe, "IV"),
    "penguins": penguins,
    "longley year": partial(longley, "year"),
    "longley gnp": partial(longley, "gnp"),
    "one point": one_point,
    "same x": same_x,
}

CLASSIFICATION: Mapping[str, Callable[..., Dataset]] = {
    "two classes": two_classes,
    "iris setosa / versicolor": partial(iris, "setosa", "versicolor"),
    "iris versicolor / virginica": partial(iris, "versicolor", "virginica"),
    "challenger": challenger,
    "penguins adelie / gentoo": partial(penguin_pair, "Adelie", "Gentoo"),
    "penguins adelie / chinstrap": partial(penguin_pair, "Adelie", "Chinstrap"),
    "separable four": separable_four,
    "touching": touching,
    "overlapping six": overlapping_six,
    "margin four": margin_four,
}


# Checks and small steps


def _all_equal(x: Array) -> bool:
    return bool(x.min() == x.max())


def _row(*values: float) -> Array:
    return np.array(values, dtype=np.float64)


def _standard_scores(x: Array) -> Array:
    """(x - mean) / population sd; zeros if all x are equal."""
    if _all_equal(x):
        return np.zeros_like(x)
    scores: Array = x - x.mean()
    scores /= np.abs(scores).max()  # so that no square underflows
    scores -= scores.mean()  # takes out what rounding left of the first mean
    scores /= scores.std()
    return scores


def _existence(dataset: Dataset) -> str:
    """What the position of the classes means for the logistic loss without penalty."""
    return {
        "overlap": "The classes overlap: the logistic loss has a minimiser.",
        "quasi-complete": "The classes only touch (quasi-complete separation): without a "
        "penalty the logistic loss has no minimiser.",
        "complete": "The classes are completely separable: without a penalty the logistic loss "
        "has infimum 0 and no minimiser.",
        "one class": "Only one class occurs: without a penalty the logistic loss has infimum 0 and no minimiser.",
    }[separation(dataset)]


def _in_units(x: Array, scale: float, offset: float) -> Array:
    if _number("scale", scale) <= 0.0:
        raise ValueError(f"scale must be > 0, got {scale}")
    return scale * x + _number("offset", offset)


def _whole(name: str, value: int, low: int, high: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}") from None
    if not low <= number <= high:
        raise ValueError(f"{name} must be between {low} and {high}, got {number}")
    return number


def _seed(seed: int) -> int:
    return _whole("seed", seed, 0, 2**32 - 1)


def _number(name: str, value: float) -> float:
    if not abs(value) <= MAX_SIZE:
        raise ValueError(f"{name} must be a number of size at most {MAX_SIZE:g}, got {value}")
    return value


@cache
def _table(file: str) -> tuple[dict[str, str], ...]:
    with (DATA / f"{file}.csv").open(newline="", encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


def _column(file: str, field: str, where: Mapping[str, str] | None = None) -> Array:
    """One column as numbers, of the rows whose fields equal `where`."""
    wanted = (where or {}).items()
    rows = (row for row in _table(file) if all(row[key] == value for key, value in wanted))
    return np.array([row[field] for row in rows], dtype=np.float64)


def _choice(name: str, value: str, file: str, field: str) -> dict[str, str]:
    known = list(dict.fromkeys(row[field] for row in _table(file)))
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
    return {field: value}
