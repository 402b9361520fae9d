"""What a learner has chosen, as small frozen records: the keys of every cache.

`choice_from` is the one way from settings to a Choice, for the sidebar, a link, a lesson and an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lossgeo.contracts import Point
from lossgeo.views.pages import DIFFERS, Page

Knobs = tuple[tuple[str, float | int | bool], ...]


@dataclass(frozen=True)
class LossSpec:
    """A loss of some data, or, where `loss` is empty, the landscape of that name.

    name: a data set of REGRESSION or CLASSIFICATION; `knobs` are those of a generated one. right, up: how
    far the last point is pulled, in ranges of x and of y.
    """

    name: str
    knobs: Knobs = ()
    loss: str = ""
    l2: float = 0.0
    right: float = 0.0
    up: float = 0.0
    standardise: bool = False


@dataclass(frozen=True)
class MethodSpec:
    """A method with the settings that a learner chooses."""

    name: str
    learning_rate: float
    momentum: float = 0.9
    schedule: str = "constant"


@dataclass(frozen=True)
class ViewSpec:
    """Where to look: `zoom` above 1 shows less; `equal`: both axes to the same scale; `holds`: a start to show."""

    zoom: float = 1.0
    equal: bool = False
    holds: Point | None = None


@dataclass(frozen=True)
class Choice:
    """Everything that the controls of a page say.

    `rate` is the learning rate, also while no method uses it. `differs`: in a comparison, the setting in
    which the two methods, A and B, differ; `resting`: the chosen methods that are not drawn meanwhile.
    `axes`: whether the eigenvectors at the pointer are drawn. `solid`: in three dimensions.
    """

    loss: LossSpec
    methods: tuple[MethodSpec, ...]
    start: Point
    steps: int
    rate: float
    view: ViewSpec = ViewSpec()
    differs: str = ""
    resting: tuple[str, ...] = ()
    axes: bool = False
    solid: bool = False
    camera: str = "corner"


# What may differ between A and B -> the field of a MethodSpec.
FIELDS = {"learning rate": "learning_rate", "momentum": "momentum", "schedule": "schedule", "method": "name"}


def choice_from(page: Page, settings: Mapping[str, Any]) -> Choice:
    """The Choice of the settings given by control name; what is missing or not allowed is the page's own."""
    usual = page.usual(settings.get(page.subject))
    said = {control.name: control.clean(settings.get(control.name, usual[control.name])) for control in page.controls}
    methods = tuple(MethodSpec(name, said["lr"], said["momentum"], said["schedule"]) for name in said["methods"])
    compares = bool(said["ab"])
    what, resting = said["ab_what"], ()
    if compares and methods:
        resting = said["methods"][1:]
        methods = methods[0], replace(methods[0], **{FIELDS[what]: said[DIFFERS[what]]})
    return Choice(
        loss=loss_from(page, said),
        methods=methods,
        start=(said[page.start[0]], said[page.start[1]]),
        steps=said["steps"],
        rate=said["lr"],
        view=ViewSpec(float(said["zoom"]), said["equal"]),
        differs=what if compares else "",
        resting=resting,
        axes=said["axes"],
        solid=said["picture"] == "3-D",
        camera=said["camera"],
    )


def loss_from(page: Page, said: Mapping[str, Any]) -> LossSpec:
    """The loss that cleaned settings name."""
    name = said[page.subject]
    if not page.model:
        return LossSpec(name)
    made = name == page.generated
    return LossSpec(
        name,
        tuple((knob.name, said[knob.name]) for knob in page.knobs) if made else (),
        said["loss"],
        said["l2"],
        said["pull"] if page.control("pull").drawn(made) else 0.0,
        said.get("up", 0.0),
        said["standardise"],
    )


def choice_of(page: Page, state: Mapping[str, Any]) -> Choice:
    """The Choice of a prepared state: controls by their keys in the address, everything else as usual.

    A state that names no method means gradient descent.
    """
    prefix = f"{page.key}_"
    named = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    return choice_from(page, {"methods": ("gradient descent",), **named})
