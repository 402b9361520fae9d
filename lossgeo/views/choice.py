"""What a learner has chosen, as small frozen records: the keys of every cache."""

from __future__ import annotations

from dataclasses import dataclass

Knobs = tuple[tuple[str, float | int | bool], ...]
Window = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class LossSpec:
    """A loss of some data, or a landscape: name is a data set of REGRESSION or CLASSIFICATION, or a landscape."""

    page: str
    name: str
    knobs: Knobs = ()
    loss: str = ""
    l2: float = 0.0
    right: float = 0.0
    up: float = 0.0
    standardise: bool = False


@dataclass(frozen=True)
class MethodSpec:
    name: str
    learning_rate: float
    momentum: float = 0.9
    schedule: str = "constant"


@dataclass(frozen=True)
class ViewSpec:
    """Where to look: `zoom` above 1 shows less; `equal`: both axes to the same scale; `holds`: a start to show."""

    zoom: float = 1.0
    equal: bool = False
    holds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Choice:
    """Everything that the sidebar of a page says.

    `differs`: in a comparison, the setting in which the two methods, A and B, differ. `axes`: whether the
    eigenvectors at the pointer are drawn.
    """

    loss: LossSpec
    methods: tuple[MethodSpec, ...]
    start: tuple[float, float]
    steps: int
    view: ViewSpec = ViewSpec()
    differs: str = ""
    axes: bool = False
