"""The learner's choices as small frozen records, which are the keys of all caches.

The sidebar, links, lessons and answers all get their Choice from `choice_from`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lossgeo.contracts import Point, Window
from lossgeo.descent import OPTIMIZERS
from lossgeo.views import network_planes, own_formula, yours
from lossgeo.views.network_planes import PlaneSpec
from lossgeo.views.pages import DIFFERS, POINTS, Page

Knobs = tuple[tuple[str, float | int | bool], ...]


@dataclass(frozen=True)
class LossSpec:
    """A loss of a data set; or, if `loss` is empty, the landscape called `name`.

    name: a data set of REGRESSION or CLASSIFICATION. knobs: the settings of a generated data set. right, up: how
    far the last point is moved, in ranges of x and of y. formula, window: of the learner's own landscape; window is
    None if one is to be found. points: the learner's own points, as a text (see views.yours). plane: a plane through
    the weights of a network; the rest is then without meaning.
    """

    name: str
    knobs: Knobs = ()
    loss: str = ""
    l2: float = 0.0
    right: float = 0.0
    up: float = 0.0
    standardise: bool = False
    formula: str = ""
    window: Window | None = None
    points: str = ""
    plane: PlaneSpec | None = None


@dataclass(frozen=True)
class MethodSpec:
    """A method with the settings that a learner can choose. batch, fresh: of sgd alone (see descent.methods)."""

    name: str
    learning_rate: float
    momentum: float = 0.9
    schedule: str = "constant"
    batch: int = 8
    fresh: bool = False


@dataclass(frozen=True)
class ViewSpec:
    """Which part of the surface to show.

    zoom: above 1 shows less. equal: the same scale on both axes. holds: a start that must be visible, or None.
    """

    zoom: float = 1.0
    equal: bool = False
    holds: Point | None = None


@dataclass(frozen=True)
class Choice:
    """Everything that the controls of a page say.

    rate: the learning rate, even if no method uses it. differs: in a comparison, the setting in which the two
    methods A and B differ, otherwise "". resting: the chosen methods that a comparison does not draw. axes:
    whether to draw the Hessian eigenvectors at the pointer. solid: whether to draw in 3-D. layer: what the map shows.
    true: on a plane, whether to draw the descent that may leave it, too. bounds: whether to draw what theorems promise.
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
    layer: str = "height"
    true: bool = False
    bounds: bool = False


# What may differ between A and B -> the field of MethodSpec.
FIELDS = {"learning rate": "learning_rate", "momentum": "momentum", "schedule": "schedule", "method": "name"}


def choice_from(page: Page, settings: Mapping[str, Any]) -> Choice:
    """The Choice of settings, given by control name.

    A setting that is missing or not allowed is replaced by the page's default.
    """
    usual = page.usual(settings)
    given = {control.name: control.clean(settings.get(control.name, usual[control.name])) for control in page.controls}
    methods = tuple(MethodSpec(name, given["lr"], given["momentum"], given["schedule"]) for name in given["methods"])
    drawn = {"batch": int(given.get("batch", 8)), "fresh": given.get("fresh", False)}
    compares = bool(given["ab"])
    what, resting = given["ab_what"], ()
    if compares and methods:
        resting = given["methods"][1:]
        methods = methods[0], replace(methods[0], **{FIELDS[what]: given[DIFFERS[what]]})
    methods = tuple(replace(method, **drawn) if OPTIMIZERS[method.name].needs_data else method for method in methods)
    return Choice(
        loss=loss_from(page, given),
        methods=methods,
        start=(given[page.start[0]], given[page.start[1]]),
        steps=given["steps"],
        rate=given["lr"],
        view=ViewSpec(float(given["zoom"]), given["equal"]),
        differs=what if compares else "",
        resting=resting,
        axes=given.get("axes", False),
        solid=given["picture"] == "3-D",
        camera=given["camera"],
        layer=given.get("layer", "height"),
        true=given.get("true", False),
        bounds=given.get("bounds", False),
    )


def loss_from(page: Page, given: Mapping[str, Any]) -> LossSpec:
    """The loss of cleaned settings `given`, by control name."""
    name = given[page.subject]
    if page.subject == "network":
        return LossSpec(name, plane=network_planes.spec_of(given))
    if not page.model:
        own = name == page.generated
        return LossSpec(name, formula=given["formula"], window=own_formula.window_of(given)) if own else LossSpec(name)
    made = name == page.generated
    return LossSpec(
        name,
        tuple((knob.name, given[knob.name]) for knob in page.knobs) if made else (),
        given["loss"],
        given["l2"],
        given["pull"] if page.applies(page.control("pull"), name) else 0.0,
        given.get("up", 0.0) if name != yours.NAME else 0.0,
        given["standardise"],
        points=given[POINTS] if name == yours.NAME else "",
    )


def choice_of(page: Page, state: Mapping[str, Any]) -> Choice:
    """The Choice of a prepared state, given by URL keys. Other controls have their defaults.

    A state that names no method means gradient descent.
    """
    prefix = f"{page.key}_"
    named = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    return choice_from(page, {"methods": ("gradient descent",), **named})
