"""One record per page: its texts, its controls, their ranges and their defaults.

All code that depends on a page asks its record. The URL key of a control is the page's key, "_" and the control's
name: `mse_lr` for `lr`. `part` is the word by which a link hides or locks a control. A label may change. Names
and parts must not, because existing links contain them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lossgeo import formula
from lossgeo.charts.style import MAX_STEP
from lossgeo.charts.surface3d import CAMERAS
from lossgeo.contracts import SCHEDULES
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS
from lossgeo.landscapes import LANDSCAPES
from lossgeo.networks import NETWORKS
from lossgeo.symbolic.grammar import LENGTH
from lossgeo.views import network_planes, own_formula, yours

Setting = str | int | float | bool | tuple[str, ...]

MOST_METHODS = 4
LR_RANGE = (1e-105, 1e9)
FARTHEST = 1e105  # limit for the coordinates of the start and of the pointer
TINY = 1e-12  # numbers closer to 0 become 0, so that squares of the data do not underflow
ZOOMS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
GD = "gradient descent"
# What the map shows: the height of the loss, where runs end, the signs of the curvatures, the condition number.
LAYERS = ("height", "ends", "curvature", "condition")
POINTS = "data"  # the control with the learner's own points
MOVES = ("pull", "up")  # the controls that move the last point of a data set
FOLDER = Path(__file__).parents[2] / "pages"

# The parts of a page that a link can hide or lock: word -> its name in the Share dialog.
CONTROL_PARTS = {
    "data": "Data and its main knob",
    "methods": "Methods",
    "lr": "Learning rate",
    "start": "Start",
    "loss": "Loss and data (folded part)",
    "descent": "Descent and view (folded part)",
    "ab": "Compare A with B (folded part)",
}
TAB_PARTS = {
    "learn": "Learn",
    "penalty": "Penalty curve",
    "compare": "Compare",
    "hides": "What it hides",
    "edge": "Edge of stability",
    "check": "Check",
    "closer": "Look closer",
    "code": "Code",
    "ask": "Ask",
    "challenges": "Challenges",
    "numbers": "Numbers",
}
PARTS = {
    **CONTROL_PARTS,
    "tabs": "Everything below the stage",
    **{part: f"Tab {label}" for part, label in TAB_PARTS.items()},
}
# URL names of a page besides those of its controls. SEEN: the step of the playback, and the point under the pointer.
SEEN = ("step", "w", "b", "x", "y", "a")
FURTHER = (*("tab", "challenge", "edit", "closer", "edge", "compare", "question", "lesson", "part", "eye"), *SEEN)


@dataclass(frozen=True)
class Control:
    """A setting of a page. `usual` is its default; the type of `usual` is the type of the setting.

    options      the allowed values, if it is chosen from a list; several may be chosen if `usual` is a tuple
    low, high    the range of a number. `slider` draws a slider; `step` and `format` are passed to Streamlit
    made         True: only for the generated data set. False: only for the other data sets. None: for all
    keeps_tiny   numbers closer to 0 than TINY are kept; otherwise they become 0
    longest      the largest number of characters of a text
    """

    name: str
    label: str
    usual: Setting
    part: str = ""
    options: tuple[Any, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    slider: bool = False
    step: float | None = None
    format: str | None = None
    help: str | None = None
    made: bool | None = None
    keeps_tiny: bool = False
    longest: int = LENGTH

    def drawn(self, made: bool) -> bool:
        """Whether the control applies to the generated data set (made=True) or to the others (made=False)."""
        return self.made is None or self.made == made

    def clean(self, value: Any) -> Any:
        """The value, converted to the type of the setting, if it is allowed; otherwise the default."""
        if isinstance(self.usual, tuple):
            given = value if isinstance(value, list | tuple) else ()
            return tuple(item for item in dict.fromkeys(given) if item in self.options)[:MOST_METHODS]
        if self.options:
            return value if value in self.options else self.usual
        if isinstance(self.usual, str):
            return value if isinstance(value, str) and len(value) <= self.longest else self.usual
        if isinstance(self.usual, bool):
            return bool(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            return self.usual
        return type(self.usual)(value if self.keeps_tiny or abs(value) >= TINY else 0)

    def read(self, texts: Sequence[str]) -> Any:
        """The setting from the texts of a URL parameter, cleaned."""
        last = texts[-1] if texts else ""
        if isinstance(self.usual, tuple):
            return self.clean(texts)
        if isinstance(self.usual, bool):
            return last.lower() == "true"
        if isinstance(self.usual, str):
            return self.clean(last)
        try:
            return self.clean(float(last) if len(last) < 40 else math.nan)
        except ValueError:
            return self.usual

    def text(self, value: Any) -> list[str]:
        """The value as texts of a URL parameter; the inverse of `read`."""
        if isinstance(value, list | tuple):
            return list(value)
        return [str(value).lower() if isinstance(value, bool) else str(value)]


@dataclass(frozen=True)
class Page:
    """A page. `subject` is the control that selects the data set or landscape; `generated` is the data set with knobs.

    start        the controls of the start
    pointer      the URL names of the point under the pointer
    try_this     what to try first. `sees` says what is seen under the pointer
    model        how the data and a model are drawn: "line", "sigmoid" or "network"; "" on the page of landscapes
    sections     what lies below the stage, for those who go deeper
    """

    key: str
    title: str
    icon: str
    help: str
    heading: str
    teaser: str = ""
    try_this: str = ""
    sees: str = ""
    controls: tuple[Control, ...] = ()
    subject: str = "dataset"
    generated: str = ""
    start: tuple[str, str] = ("w0", "b0")
    pointer: tuple[str, str] = ("w", "b")
    model: str = ""
    sections: tuple[str, ...] = ("Challenges", "Look closer", "Code", "Ask", "Numbers")

    @property
    def file(self) -> str:
        """The path of the page's script."""
        return str(FOLDER / f"{self.key}.py")

    def control(self, name: str) -> Control:
        """The control of that name. Raises KeyError if the page has none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Control]:
        """The controls by name."""
        return {control.name: control for control in self.controls}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all controls."""
        return tuple(control.name for control in self.controls)

    def applies(self, control: Control, subject: str) -> bool:
        """Whether the control acts on this data set or landscape. Points of one's own are taken as they are."""
        return control.drawn(subject == self.generated) and not (subject == yours.NAME and control.name in MOVES)

    @property
    def knobs(self) -> tuple[Control, ...]:
        """The controls of the generated data set, in order."""
        return tuple(control for control in self.controls if control.made)

    def usual(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The defaults by control name. A landscape, or a plane of a network, has its own start and learning rate.

        Which one it is follows from the settings `given`, by control name.
        """
        usual = {c.name: list(c.usual) if isinstance(c.usual, tuple) else c.usual for c in self.controls}
        if self.subject == "landscape":
            landscape = own_formula.chosen(given or {}, str(usual["landscape"]))
            rate = landscape.first_rate
            usual |= dict(zip(self.start, map(float, landscape.start), strict=True)) | {"lr": rate, "ab_lr": 2 * rate}
            usual |= dict(zip(own_formula.ENDS, [end for ends in landscape.view for end in ends], strict=True))
        if self.subject == "network":
            usual |= network_planes.settings_of(given or {})
        return usual

    def state(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The same defaults by URL key; `given` is by URL key, too."""
        prefix = f"{self.key}_"
        own = {key.removeprefix(prefix): value for key, value in (given or {}).items() if key.startswith(prefix)}
        return {f"{prefix}{name}": value for name, value in self.usual(own).items()}


RATES = {name: landscape.first_rate for name, landscape in LANDSCAPES.items()}

ALL_METHODS = tuple(OPTIMIZERS)
WITHOUT_DATA = tuple(name for name, method in OPTIMIZERS.items() if not method.needs_data)
# What may differ between A and B -> the control with the value of B.
DIFFERS = {"learning rate": "ab_lr", "momentum": "ab_momentum", "schedule": "ab_schedule", "method": "ab_method"}


def _slider(
    name: str, label: str, usual: float, part: str, ends: tuple[float, float], step: float, **more: Any
) -> Control:
    """A control drawn as a slider from ends[0] to ends[1]."""
    return Control(name, label, usual, part, (), *ends, slider=True, step=step, **more)


def _points(page: str) -> Control:
    """The learner's own points, as a text (see views.yours). It has no widget: ui.controls.own_data sets it."""
    return Control(POINTS, "Your points", yours.EXAMPLES[page], "data", longest=yours.LONGEST + 1)


def _pull(help: str, made: bool | None = None) -> Control:
    """The control that moves the last point along x."""
    return _slider("pull", "Pull the last point sideways", 0.0, "data", (-1.0, 4.0), 0.1, help=help, made=made)


def _knob(name: str, label: str, usual: float, low: float, high: float, step: float, **more: Any) -> Control:
    """A number of the generated data set."""
    return Control(name, label, usual, "loss", (), low, high, step=step, made=True, **more)


def _methods(usual: tuple[str, ...], offered: tuple[str, ...]) -> Control:
    """The control that selects the methods."""
    return Control(
        "methods",
        "Methods",
        usual,
        "methods",
        offered,
        help="Up to four descend together from the same start. The two of Newton and backtracking choose their own "
        "step length; the others use the learning rate.",
    )


def _rate(name: str, label: str, usual: float, part: str) -> Control:
    """The control of a learning rate."""
    return Control(name, label, usual, part, (), *LR_RANGE, step=0.01, format="%.6g", keeps_tiny=True)


def _start(name: str, label: str, usual: float) -> Control:
    """The control of one coordinate of the start."""
    ends = (-FARTHEST, FARTHEST)
    return Control(name, label, usual, "start", (), *ends, step=0.1, format="%.6g", keeps_tiny=True)


def _shared(offered: tuple[str, ...], other_rate: float) -> tuple[Control, ...]:
    """The controls that all pages share: the two folded parts, and how the stage is shown."""
    return (
        Control("steps", "Steps", 100, "descent", (), 1, MAX_STEP, step=10),
        _slider("momentum", "Momentum β (momentum, nesterov)", 0.9, "descent", (0.0, 0.99), 0.01),
        Control("schedule", "Learning-rate schedule", "constant", "descent", tuple(SCHEDULES)),
        Control(
            "bounds",
            "What theorems promise",
            False,
            "descent",
            help="The loss above its minimum, and a theorem's bound on it where its conditions hold for this run. For "
            "sgd with fresh batches on a bowl: the ellipse in which it stays, two standard deviations wide.",
        ),
        Control("zoom", "Zoom of the map", 1.0, "descent", ZOOMS, slider=True),
        Control(
            "equal",
            "Same scale on both axes",
            False,
            "descent",
            help="With the same scale the gradient is seen at a right angle to the contour.",
        ),
        Control(
            "axes",
            "Curvature at the pointer",
            False,
            "descent",
            help="The two eigenvectors of the Hessian at the pointer, all of one length: solid for the larger "
            "curvature, dashed for the smaller. Their values stand above the map.",
        ),
        Control(
            "ab",
            "Compare A with B",
            False,
            "ab",
            help="A is the first method with the settings above. B is the same, but for one setting.",
        ),
        Control("ab_what", "What differs in B", "learning rate", "ab", tuple(DIFFERS)),
        _rate("ab_lr", "B: learning rate", other_rate, "ab"),
        _slider("ab_momentum", "B: momentum", 0.5, "ab", (0.0, 0.99), 0.01),
        Control("ab_schedule", "B: schedule", "cosine", "ab", tuple(SCHEDULES)),
        Control("ab_method", "B: method", "momentum", "ab", offered),
        Control("picture", "Picture", "map", "", ("map", "3-D")),
        Control("camera", "Camera", "corner", "", tuple(CAMERAS)),
        Control("layer", "Layer of the map", "height", "", LAYERS),
    )


BATCHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256)
BATCH = (
    Control("batch", "Samples in a batch (sgd)", 8, "descent", BATCHES, slider=True),
    Control(
        "fresh",
        "Fresh batches (sgd)",
        False,
        "descent",
        help="Each batch is drawn anew from all samples. Otherwise the samples are shuffled and used up in turn, "
        "epoch by epoch.",
    ),
)
L2 = Control("l2", "L2 penalty on w", 0.0, "loss", (), 0.0, 1e6, step=0.01, format="%.4g")
STANDARDISE = Control("standardise", "Standardise x", False, "loss")
UNITS = (
    _knob("scale", "Unit of x: multiply by", 1.0, 1e-6, 1e6, 0.5, format="%.6g"),
    _knob("offset", "Origin of x: add", 0.0, -1e6, 1e6, 1.0, format="%.6g"),
)

HOME = Page(
    key="home",
    title="Start here",
    icon=":material/home:",
    help="What this playground is, the path through it, and the first question.",
    heading="See why some losses are easy to minimise and others are not",
)
MSE = Page(
    key="mse",
    title="The bowl: MSE",
    icon=":material/radio_button_checked:",
    help="Squared error of a line over slope and intercept: convex; what its curvature does to descent.",
    heading="Mean squared error: every point of the map is one whole line",
    teaser="Each point is one line. Why is it a bowl, and which steps work?",
    try_this="Try: drag a data point and watch the bowl lean; click a start, press Play; then raise the learning rate "
    "until the path no longer settles.",
    sees="each point is one line, drawn among the data",
    generated="chapter line",
    model="line",
    controls=(
        Control("dataset", "Data", "chapter line", "data", (*REGRESSION, yours.NAME)),
        _points("mse"),
        _pull("In ranges of x. Sideways bends the bowl; up or down (below, folded) moves, lifts or lowers it."),
        _methods((GD,), ALL_METHODS),
        _rate("lr", "Learning rate, exact", 0.5, "lr"),
        _start("w0", "Start w", 0.4),
        _start("b0", "Start b", 0.2),
        Control("loss", "Loss", "mean squared error", "loss", ("mean squared error", "mean absolute error")),
        L2,
        STANDARDISE,
        _slider(
            "up",
            "Pull the last point up or down",
            0.0,
            "loss",
            (-4.0, 4.0),
            0.1,
            help="In ranges of y. It moves the minimiser and lifts or lowers the floor; the curvature stays.",
        ),
        _knob("n", "Samples n", 30, 1, 500, 1),
        _knob("slope", "True slope", 2.0, -100.0, 100.0, 0.5),
        _knob("intercept", "True intercept", 1.0, -100.0, 100.0, 0.5),
        _knob("noise", "Noise (standard deviation)", 0.1, 0.0, 100.0, 0.05),
        _knob("outliers", "Outliers", 0, 0, 500, 1),
        _knob("outlier_size", "Outliers moved by", 2.0, -1000.0, 1000.0, 0.5),
        *UNITS,
        Control("constant_x", "All x equal", False, "loss", made=True),
        _knob("seed", "Seed of the noise", 0, 0, 9999, 1),
        *BATCH,
        *_shared(ALL_METHODS, 0.1),
    ),
)
LOGISTIC = Page(
    key="logistic",
    title="The slope: logistic",
    icon=":material/show_chart:",
    help="Logistic loss over slope and intercept: convex, flat far away, sometimes without minimiser.",
    heading="Logistic loss: every point of the map is one curve of probabilities",
    teaser="Each point is one curve of probabilities. Is there always a lowest point?",
    try_this="Try: with the data two classes widen the gap and watch the lowest point move out, then disappear "
    "once the classes no longer overlap.",
    sees="each point is one curve of probabilities, drawn among the data",
    generated="two classes",
    model="sigmoid",
    sections=("Challenges", "Penalty curve", "Look closer", "Code", "Ask", "Numbers"),
    controls=(
        Control("dataset", "Data", "two classes", "data", (*CLASSIFICATION, yours.NAME)),
        _points("logistic"),
        _slider(
            "gap",
            "Gap between the classes",
            2.0,
            "data",
            (0.0, 8.0),
            0.1,
            made=True,
            help="Distance of the class centres in standard deviations.",
        ),
        _pull("In ranges of x: the sample with the largest x.", made=False),
        _methods((GD,), ALL_METHODS),
        _rate("lr", "Learning rate, exact", 2.0, "lr"),
        _start("w0", "Start w", -2.0),
        _start("b0", "Start b", 3.0),
        Control("loss", "Loss", "logistic loss", "loss", ("logistic loss", "squared error through a sigmoid")),
        L2,
        STANDARDISE,
        _knob("n", "Samples n", 40, 1, 500, 1),
        _knob("balance", "Share of class 1", 0.5, 0.0, 1.0, 0.05),
        _knob(
            "flips",
            "Flipped labels",
            0,
            0,
            500,
            1,
            help="The samples furthest into their own class: confident and wrong.",
        ),
        Control("separable", "Keep the classes apart", False, "loss", made=True),
        *UNITS,
        _knob("seed", "Seed", 0, 0, 9999, 1),
        *BATCH,
        *_shared(ALL_METHODS, 5.0),
    ),
)
NONCONVEX = Page(
    key="nonconvex",
    title="The mountains: non-convex",
    icon=":material/landscape:",
    help="Local minima, saddles, plateaus and cliffs, and which methods get past them.",
    heading="Landscapes: surfaces that need not be convex",
    teaser="Local minima, saddles, plateaus, cliffs: what gets past them?",
    try_this="Try: click starts on both sides of a ridge, or keep the start and change the learning rate: "
    "the run can end in another valley.",
    sees="the panel with the curves shows f along three lines through that point",
    subject="landscape",
    generated=formula.NAME,
    sections=("Challenges", "Compare", "Look closer", "Code", "Ask", "Numbers"),
    start=("x0", "y0"),
    pointer=("x", "y"),
    controls=(
        Control("landscape", "Landscape", "himmelblau", "data", (*LANDSCAPES, formula.NAME)),
        Control(
            "formula",
            "Formula in x and y",
            own_formula.EXAMPLE,
            "data",
            made=True,
            help="With + - * / ^, brackets, pi, e, and functions such as sqrt, exp, log, sin, cos, tanh, abs, max. "
            "For example (x^2 + y - 11)^2 + (x + y^2 - 7)^2.",
        ),
        Control("own_window", "Choose the window", False, "data", made=True, help="Otherwise one is found."),
        *(
            Control(name, label, 0.0, "data", (), -formula.LARGEST, formula.LARGEST, format="%.6g", made=True)
            for name, label in zip(own_formula.ENDS, ("x from", "x to", "y from", "y to"), strict=True)
        ),
        _methods((GD, "momentum"), WITHOUT_DATA),
        _rate("lr", "Learning rate, exact", RATES["himmelblau"], "lr"),
        _start("x0", "Start x", 0.0),
        _start("y0", "Start y", -1.0),
        *_shared(WITHOUT_DATA, 2 * RATES["himmelblau"]),
    ),
)
NETWORK = Page(
    key="network",
    title="The real thing: a network",
    icon=":material/hub:",
    help="A trained network, planes through its weights, and what such a picture hides.",
    heading="A network: every point of the map is one whole network",
    teaser="Each point is a network. What does a flat picture of its loss show?",
    try_this="Try: move over the map and watch the decision boundary; press Play to see the training; then choose "
    "another plane through the same network.",
    sees="each point is one network, drawn by its decision boundary among the data",
    subject="network",
    model="network",
    sections=("Challenges", "What it hides", "Edge of stability", "Code", "Ask", "Numbers"),
    start=("a0", "b0"),
    pointer=("a", "b"),
    controls=(
        Control("network", "Network and data", network_planes.NETWORK, "data", tuple(NETWORKS)),
        Control(
            "plane",
            "Plane through its weights",
            network_planes.PATH,
            "data",
            network_planes.PLANES,
            help="A network has many weights, a map has two axes. The plane chooses which two directions are seen.",
        ),
        Control(
            "seed",
            "Seed of the first weights",
            0,
            "data",
            (),
            0,
            network_planes.SEEDS,
            step=1,
            help="The training starts from random weights. Another seed: another start, another solution.",
        ),
        Control(
            "draw",
            "Seed of the random directions",
            0,
            "data",
            (),
            0,
            network_planes.SEEDS,
            step=1,
            help="Another seed: another random plane through the same point.",
        ),
        Control(
            "factor",
            "Rescale the first hidden layer by c",
            1.0,
            "data",
            network_planes.FACTORS,
            slider=True,
            help="ReLU only. Incoming weights and biases times c, outgoing weights divided by c: the same function "
            "(Dinh, Pascanu, Bengio and Bengio 2017).",
        ),
        _methods((GD,), WITHOUT_DATA),
        _rate("lr", "Learning rate, exact", 1.0, "lr"),
        Control(
            "true",
            "The true descent beside it",
            False,
            "lr",
            help="Gradient descent on all weights from the same start with the same learning rate, projected onto the "
            "plane. The methods above cannot leave the plane; this one can.",
        ),
        _start("a0", "Start a", 0.0),
        _start("b0", "Start b", 0.0),
        *(
            replace(control, usual=200) if control.name == "steps" else control
            for control in _shared(WITHOUT_DATA, 2.0)
            if control.name not in ("axes", "bounds")
        ),
    ),
)
PAGES = {page.key: page for page in (HOME, MSE, LOGISTIC, NONCONVEX, NETWORK)}
LESSON_PAGES = {key: page for key, page in PAGES.items() if page.controls}
