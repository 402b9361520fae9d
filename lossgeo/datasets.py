"""Data sets with one feature: transformations, seeded generators, small constructed sets, and real data.

A data set holds two arrays x and y of shape (n,). Regression accepts any y; classification needs labels 0 or 1.
REGRESSION and CLASSIFICATION list everything that a page can offer.
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
from lossgeo.numbers import number

DATA = Path(__file__).parent / "data"
MAX_SAMPLES = 100_000
MAX_SIZE = 1e12  # limit for the settings of a generator: their fourth powers stay finite


def mean(samples: Array) -> Array:
    """The mean along the last axis. Bit for bit np.mean, without its overhead on small arrays."""
    average: Array = np.add.reduce(samples, axis=-1) / samples.shape[-1]
    return average


LARGEST, SMALLEST = 1e50, 1e-50  # of the data, and of the width of x
OFFSET = 1e13  # how many times its width x may be away from 0; up to 1e9 every shown digit is exact


def check_sizes(dataset: Dataset) -> None:
    """Raise ValueError, with one sentence, if the data are out of the range in which the losses are exact.

    That is: no number above LARGEST; the x all equal, or at least SMALLEST and 1/OFFSET of their distance from 0
    apart. Further out, squares overflow or the differences of the x are lost in rounding.
    """
    largest = float(max(np.abs(dataset.x).max(), np.abs(dataset.y).max()))
    width, away = float(np.ptp(dataset.x)), float(np.abs(dataset.x).max())
    if largest > LARGEST:
        most = number(LARGEST, 1)
        raise ValueError(f"the data reach {number(largest)}; numbers up to {most} can be used: take another unit")
    if 0 < width < SMALLEST:
        least = number(SMALLEST, 1)
        raise ValueError(f"the x differ only by {number(width)}; at least {least} is needed: take another unit")
    if 0 < width < away / OFFSET:
        raise ValueError(
            f"the x differ only by {number(width)}, at a distance of {number(away)} from 0: subtract an origin first"
        )


def standardise(dataset: Dataset) -> Dataset:
    """The data set with x replaced by (x - mean) / sd, sd being the population standard deviation; y is unchanged.

    If all x are equal, they become 0.
    """
    if _all_equal(dataset.x):
        how = "All x are equal: standardising can only move them to 0."
    else:
        how = f"Standardised: x minus {number(dataset.x.mean(), 6)}, divided by {number(dataset.x.std(), 6)}."
    return replace(
        dataset,
        x=_standard_scores(dataset.x),
        name=f"{dataset.name}, standardised",
        x_label=f"{dataset.x_label}, standardised",
        note=f"{dataset.note} {how}".strip(),
    )


def separation(dataset: Dataset) -> str:
    """How the classes are separated by x: "overlap", "quasi-complete", "complete" or "one class".

    The margin of a sample is w x + b if y = 1 and -(w x + b) if y = 0. "complete": some (w, b) makes every margin
    > 0. "quasi-complete": not complete, but some (w, b) makes every margin >= 0 and not all of them 0. Without a
    penalty the logistic loss has a minimiser only for "overlap". It is unique unless all x are equal: then both
    classes overlap at one x, and the minimisers form a line. (Albert and Anderson 1984, Biometrika 71:1.) Raises
    ValueError if a label is not 0 or 1.
    """
    if not dataset.labels_are_binary:
        raise ValueError(f"labels y must be 0 or 1; {dataset.name!r} has other values")
    zeros, ones = dataset.x[dataset.y == 0.0], dataset.x[dataset.y == 1.0]
    if len(zeros) == 0 or len(ones) == 0:
        return "one class"
    # w = 0 would need both b <= 0 and b >= 0. So w != 0, and its sign gives the order of the classes.
    if zeros.max() < ones.min() or ones.max() < zeros.min():
        return "complete"
    touching = zeros.max() == ones.min() or ones.max() == zeros.min()
    return "quasi-complete" if touching and not _all_equal(dataset.x) else "overlap"


def pull(dataset: Dataset, *, right: float = 0.0, up: float = 0.0) -> Dataset:
    """The data set with its sample of largest x moved by `right` ranges of x and `up` ranges of y.

    A range of 0 counts as 1. Moving a sample along x changes the Hessian of the squared error. Moving it
    along y does not, because that Hessian depends on x alone. Raises ValueError if `right` or `up` is not a
    number or exceeds MAX_SIZE.
    """
    if not (_number("right", right) or _number("up", up)):
        return dataset
    x, y = dataset.x.copy(), dataset.y.copy()
    last = int(np.argmax(x))
    x[last] += right * (float(np.ptp(x)) or 1.0)
    y[last] += up * (float(np.ptp(y)) or 1.0)
    how = f"The sample with the largest x was moved, to ({number(x[last], 4)}, {number(y[last], 4)})."
    moved = replace(dataset, x=x, y=y)
    note = dataset.note
    if dataset.labels_are_binary and moved.labels_are_binary:  # the moved sample may now lie beyond the other class
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
    """y = slope x + intercept + noise z, with z standard normal and n values x evenly spaced on [0, 1].

    The defaults reproduce the data of the source chapter exactly. The last `outliers` points are moved up by
    `outlier_size`; points at the right-hand end tilt the line most. `constant_x` puts every x at 0.5. Finally x
    is changed to other units, scale x + offset, and y is kept. Raises ValueError for a setting out of range.
    """
    n = _whole("n", n, 1, MAX_SAMPLES)
    outliers = _whole("outliers", outliers, 0, n)
    for name, value in (("slope", slope), ("intercept", intercept), ("outlier_size", outlier_size)):
        _number(name, value)
    if _number("noise", noise) < 0.0:
        raise ValueError(f"noise must be >= 0, got {noise}")
    x = np.full(n, 0.5) if constant_x else np.linspace(0.0, 1.0, n)
    # The source chapter used the legacy generator; default_rng(0) gives other numbers.
    z = np.random.RandomState(_seed(seed)).standard_normal(n)
    y = slope * x + intercept + noise * z
    y[n - outliers :] += outlier_size
    notes = []
    if outliers:
        notes.append(f"The last {outliers} of {n} points are moved by {number(outlier_size, 6)} in y.")
    if constant_x:
        notes.append("All x are equal: no single line fits best.")
    if scale != 1.0 or offset != 0.0:
        notes.append(f"x is given as {number(scale, 6)} x + {number(offset, 6)}: other units, same relation.")
    return Dataset(
        _in_units(x, scale, offset),
        y,
        name="chapter line",
        source='synthetic, after the chapter "Geometry of Loss Functions": '
        f"y = {number(slope, 6)} x + {number(intercept, 6)} + {number(noise, 6)} z, z standard normal, seed {seed}",
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
    """Two normal classes with standard deviation 1, centred at -gap/2 (y = 0) and gap/2 (y = 1).

    `balance` is the share of samples with y = 1. `separable` moves the classes apart until the distance between
    them is at least 1. Then the labels of the `flips` samples furthest inside their own class are flipped.
    Finally x is changed to other units, scale x + offset. Raises ValueError for a setting out of range.
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
        source=f"synthetic: two normal classes, sd 1, centres {number(gap, 6)} apart, seed {seed}",
        y_label="class",
    )
    return replace(dataset, note=_existence(dataset))


# Constructed data: the smallest sets that show one thing


def one_point(*, x: float = 1.0, y: float = 2.0) -> Dataset:
    """A single sample. Every line through it has loss 0."""
    note = "One point is met exactly by a whole line of (w, b)."
    return Dataset(_row(x), _row(y), name="one point", source="constructed", note=note)


def same_x() -> Dataset:
    """Five samples with the same x. Only the height of the line at that x matters."""
    note = "All x equal 2: without a penalty only 2 w + b matters, so the minimisers form a line."
    return Dataset(_row(2, 2, 2, 2, 2), _row(1, 2, 3, 4, 5), "same x", "constructed", note=note)


def _labelled(name: str, x: Array, y: Array) -> Dataset:
    """A classification data set with a note on the existence of a minimiser."""
    dataset = Dataset(x, y, name, "constructed", y_label="class")
    return replace(dataset, note=_existence(dataset))


def separable_four() -> Dataset:
    """Four samples, with one class on each side of 0."""
    return _labelled("separable four", _row(-2, -1, 1, 2), _row(0, 0, 1, 1))


def touching() -> Dataset:
    """Quasi-complete separation: both classes occur at x = 0, and only there."""
    return _labelled("touching", _row(-1, 0, 0, 1), _row(0, 0, 1, 1))


def overlapping_six() -> Dataset:
    """Six samples of two overlapping classes."""
    return _labelled("overlapping six", _row(-2, -1, 0.5, 1, 2, -0.5), _row(0, 1, 0, 1, 1, 0))


def margin_four() -> Dataset:
    """Separable and not symmetric: the decision boundary keeps moving towards x = 0.5."""
    return _labelled("margin four", _row(-3, -1, 2, 4), _row(0, 0, 1, 1))


# Real data; data/README.md gives the full sources


@cache
def cars() -> Dataset:
    """Stopping distance (ft) against speed (mph), n = 50."""
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
    """Waiting time (min) against duration (min) of the eruptions of Old Faithful, n = 272."""
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
    """Set "I", "II", "III" or "IV" of Anscombe's quartet, n = 11. Raises ValueError for another name."""
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
    """Body mass (g) against flipper length (mm) of three penguin species together, n = 342."""
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
    """Employment (thousands) against "year" or "gnp" (million USD), n = 16. Raises ValueError for another column."""
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
    """Features (16, 2) with columns GNP and year, and employment y (16,), all standardised."""
    gnp, year, employed = (
        _standard_scores(_column("longley", field)) for field in ("gnp_musd", "year", "employed_thousands")
    )
    features = np.column_stack([gnp, year])
    features.setflags(write=False)
    employed.setflags(write=False)
    return features, employed


@cache
def puromycin(state: str = "treated") -> Dataset:
    """Reaction rate (counts/min²) against concentration (ppm), for "treated" or "untreated" cells.

    Raises ValueError for another state.
    """
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
    """The samples of species `zero` (y = 0), followed by those of species `one` (y = 1)."""
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
    """Petal length (cm) of two of the species "setosa", "versicolor" and "virginica", n = 100.

    Raises ValueError for another species.
    """
    source = "Fisher 1936, Annals of Eugenics 7:179, measured by E. Anderson"
    return _two_species("iris", "petal_length_cm", "petal length (cm)", source, zero, one)


@cache
def penguin_pair(zero: str, one: str) -> Dataset:
    """Two penguin species: bill length (mm) if one is "Chinstrap", otherwise flipper length (mm).

    With the chosen feature the two classes overlap only slightly. Raises ValueError for an unknown species.
    """
    field, label = (
        ("bill_length_mm", "bill length (mm)")
        if "Chinstrap" in (zero, one)
        else ("flipper_length_mm", "flipper length (mm)")
    )
    return _two_species("penguins", field, label, penguins().source, zero, one)


@cache
def challenger() -> Dataset:
    """O-ring damage (0 or 1) against launch temperature (°F) of the space shuttle, n = 23."""
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


# Helpers


def _all_equal(x: Array) -> bool:
    return bool(x.min() == x.max())


def _row(*values: float) -> Array:
    return np.array(values, dtype=np.float64)


def _standard_scores(x: Array) -> Array:
    """(x - mean) / population standard deviation, or zeros if all x are equal."""
    if _all_equal(x):
        return np.zeros_like(x)
    scores: Array = x - x.mean()
    scores /= np.abs(scores).max()  # so that squares do not underflow
    scores -= scores.mean()  # removes the rounding error of the first mean
    scores /= scores.std()
    return scores


def _existence(dataset: Dataset) -> str:
    """A sentence: whether the logistic loss of these classes has a minimiser."""
    return {
        "overlap": "The classes overlap: the logistic loss has a minimiser.",
        "quasi-complete": "The classes only touch (quasi-complete separation): without a "
        "penalty the logistic loss has no minimiser.",
        "complete": "The classes are completely separable: without a penalty the logistic loss "
        "has infimum 0 and no minimiser.",
        "one class": "Only one class occurs: without a penalty the logistic loss has infimum 0 and no minimiser.",
    }[separation(dataset)]


def _in_units(x: Array, scale: float, offset: float) -> Array:
    """scale x + offset. Raises ValueError unless scale > 0."""
    if _number("scale", scale) <= 0.0:
        raise ValueError(f"scale must be > 0, got {scale}")
    return scale * x + _number("offset", offset)


def _whole(name: str, value: int, low: int, high: int) -> int:
    """The value as an int. Raises ValueError unless it is a whole number from low to high."""
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
    """The value itself. Raises ValueError if it is nan or exceeds MAX_SIZE in absolute value."""
    if not abs(value) <= MAX_SIZE:
        raise ValueError(f"{name} must be a number of size at most {number(MAX_SIZE, 6)}, got {value}")
    return value


@cache
def _table(file: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file in data/, as dictionaries of texts."""
    with (DATA / f"{file}.csv").open(newline="", encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


def _column(file: str, field: str, where: Mapping[str, str] | None = None) -> Array:
    """One column of a CSV file as numbers, restricted to the rows whose fields equal `where`."""
    wanted = (where or {}).items()
    rows = (row for row in _table(file) if all(row[key] == value for key, value in wanted))
    return np.array([row[field] for row in rows], dtype=np.float64)


def _choice(name: str, value: str, file: str, field: str) -> dict[str, str]:
    """The filter {field: value} for `_column`. Raises ValueError if no row has that value."""
    known = list(dict.fromkeys(row[field] for row in _table(file)))
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
    return {field: value}
