"""Data with two features and two classes, so that a decision boundary can be drawn: generated and real.

Every set is standardised: each feature has mean 0 and population standard deviation 1.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lossgeo.contracts import Array
from lossgeo.datasets import DATA


@dataclass(frozen=True, eq=False)
class PlaneData:
    """Standardised inputs (n, 2) and labels 0 or 1 (n,), both read-only, with texts for the reader.

    `features` names the two columns, `classes` what the labels 0 and 1 stand for, `source` where the data come from.
    Raises ValueError unless the inputs are finite, both features vary, and the labels are 0 or 1, one for each row.
    """

    inputs: Array
    labels: Array
    name: str
    source: str
    features: tuple[str, str] = ("x1", "x2")
    classes: tuple[str, str] = ("class 0", "class 1")

    def __post_init__(self) -> None:
        inputs, labels = np.array(self.inputs, float), np.array(self.labels, float)
        if inputs.shape != (len(labels), 2) or not np.isfinite(inputs).all():
            raise ValueError(f"inputs must be finite numbers of shape ({len(labels)}, 2), got shape {inputs.shape}")
        if not ((labels == 0.0) | (labels == 1.0)).all():
            raise ValueError("labels must be 0 or 1")
        if not (inputs.std(axis=0) > 0).all():
            raise ValueError("each of the two features must take at least two values")
        inputs = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
        for name, array in (("inputs", inputs), ("labels", labels)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def n(self) -> int:
        """The number of samples."""
        return len(self.labels)


def two_moons(n: int = 200, noise: float = 0.25, seed: int = 0) -> PlaneData:
    """Two half circles that reach into each other, n/2 samples each, plus normal noise of standard deviation `noise`.

    Before the noise the classes are (cos t, sin t) and (1 - cos t, 1/2 - sin t), t evenly spaced from 0 to pi.
    """
    t = np.linspace(0.0, np.pi, n // 2)
    upper, lower = np.column_stack([np.cos(t), np.sin(t)]), np.column_stack([1.0 - np.cos(t), 0.5 - np.sin(t)])
    return _noisy("two moons", upper, lower, noise, seed)


def spirals(n: int = 200, turns: float = 1.25, noise: float = 0.08, seed: int = 0) -> PlaneData:
    """Two spirals, each the other one turned by half a turn, n/2 samples each, plus normal noise.

    Before the noise: r (cos a, sin a), with r evenly spaced from 0.2 to 1 and the angle a = 2 pi turns r.
    """
    r = np.linspace(0.2, 1.0, n // 2)
    angle = 2.0 * np.pi * turns * r
    arm = r[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _noisy("spirals", arm, -arm, noise, seed)


def circles(n: int = 200, inner: float = 0.5, noise: float = 0.12, seed: int = 0) -> PlaneData:
    """A circle of radius `inner` (label 0) inside one of radius 1, n/2 samples each, plus normal noise."""
    angle = np.linspace(0.0, 2.0 * np.pi, n // 2, endpoint=False)
    outer = np.column_stack([np.cos(angle), np.sin(angle)])
    return _noisy("circles", inner * outer, outer, noise, seed)


def _noisy(name: str, zeros: Array, ones: Array, noise: float, seed: int) -> PlaneData:
    """The points of label 0 and of label 1, each moved by normal noise."""
    points = np.vstack([zeros, ones])
    points = points + noise * np.random.default_rng(seed).standard_normal(points.shape)
    source = f"synthetic, normal noise of standard deviation {noise:g}, seed {seed}"
    return PlaneData(points, np.repeat([0.0, 1.0], [len(zeros), len(ones)]), name, source)


def iris() -> PlaneData:
    """Petal length and width of Iris versicolor (0) and virginica (1), n = 100."""
    return _species(
        "iris",
        ("petal_length_cm", "petal_width_cm"),
        ("petal length", "petal width"),
        ("versicolor", "virginica"),
        "Fisher 1936, Annals of Eugenics 7:179, measured by E. Anderson",
    )


def penguins() -> PlaneData:
    """Bill length and body mass of Adelie (0) and Chinstrap penguins (1), n = 219."""
    return _species(
        "penguins",
        ("bill_length_mm", "body_mass_g"),
        ("bill length", "body mass"),
        ("Adelie", "Chinstrap"),
        "Gorman, Williams & Fraser 2014, PLoS ONE 9(3):e90081",
    )


def _species(
    file: str, columns: tuple[str, str], features: tuple[str, str], classes: tuple[str, str], source: str
) -> PlaneData:
    """Two columns of a file in data/ for two species, the first of which gets the label 0."""
    with (DATA / f"{file}.csv").open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["species"] in classes]
    inputs = np.array([[float(row[column]) for column in columns] for row in rows])
    labels = np.array([float(row["species"] == classes[1]) for row in rows])
    return PlaneData(inputs, labels, file, source, features, classes)


PLANE_DATA: Mapping[str, Callable[[], PlaneData]] = {
    "two moons": two_moons,
    "spirals": spirals,
    "circles": circles,
    "iris": iris,
    "penguins": penguins,
}
