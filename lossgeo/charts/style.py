"""Sizes, fonts and colours of all charts. Each thing has the same colour and dash in every panel."""

from __future__ import annotations

from dataclasses import dataclass

LAYOUTS = ("phone", "small", "laptop", "broad", "wide")
FIELD = 60  # hover cells per side of the map, and samples per side for the contour through the pointer
MAX_STEP = 2000  # maximum of the step slider in the stage's spec; the player reduces it to the length of the run

YOU = "#C2357F"  # the model under the pointer
SAMPLE = "#4F6D7A"  # the data
CLASS_ONE, CLASS_ZERO = "#0072B2", "#B35900"

# Method -> (colour, dash). Every colour has a contrast of at least 3:1 to the light and the dark background. Colours
# that look alike with a colour-vision deficiency differ in lightness or dash, and gradient descent, momentum, newton
# and adam differ without their dashes too (tests/test_style.py).
METHODS: dict[str, tuple[str, tuple[int, ...]]] = {
    "gradient descent": ("#D55E00", (1, 0)),
    "momentum": ("#0077BB", (7, 3)),
    "nesterov": ("#5A7D00", (3, 2)),
    "newton": ("#00AA55", (2, 4)),
    "adam": ("#8833FF", (9, 3, 2, 3)),
    "rmsprop": ("#B8860B", (5, 2, 1, 2)),
    "adagrad": ("#007C89", (11, 3)),
    "sgd": ("#7A7A7A", (1, 2)),
    "backtracking": ("#A0522D", (4, 4)),
    "averaged sgd": ("#5A5FC0", (13, 2)),
    "accelerated": ("#B0408A", (6, 2, 2, 2)),
    "damped newton": ("#3D8A2E", (10, 2, 4, 2)),
}
# The two runs of a comparison have colours of their own, because both may use the same method.
PAIR: dict[str, tuple[str, tuple[int, ...]]] = {"A": ("#2F74D0", (1, 0)), "B": ("#A86400", (6, 3))}
# On a plane of a network: its training, and descent that may leave the plane. Both are projected.
PROJECTED: dict[str, tuple[str, tuple[int, ...]]] = {
    "training": ("#6B5B95", (1, 0)),
    "true descent": ("#2E8B8B", (6, 2)),
}
LINES = METHODS | PAIR | PROJECTED  # name of a run -> (colour, dash)

# Nine colours of viridis (van der Walt and Smith 2015), which is perceptually uniform and readable in greyscale.
VIRIDIS = (
    (68, 1, 84),
    (71, 44, 122),
    (59, 81, 139),
    (44, 113, 142),
    (33, 144, 141),
    (39, 173, 129),
    (92, 200, 99),
    (170, 220, 50),
    (253, 231, 37),
)


# (width, height) in pixels. The sizes of map, model panel and loss curve are what the smallest window of each layout
# leaves after axes and gaps.
Size = tuple[int, int]


@dataclass(frozen=True)
class ChartStyle:
    """The sizes of one layout, in pixels. A concatenated chart cannot stretch, so all sizes are constants.

    phone: all panels stacked. laptop: the loss curve below the model; small: the same, for a tablet. broad: three
    columns, for a laptop with the sidebar closed. wide: like laptop but larger, with the 3-D surface beside it. A
    projector has three columns in broad and in wide; wide is 1.5 times as large, so that a class sees the same
    picture. Raises ValueError for another layout. `panel` says that on a projector the panel stands below the stage,
    which is smaller then.
    """

    layout: str = "laptop"
    projector: bool = False
    panel: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, got {self.layout!r}")

    @property
    def map_side(self) -> int:
        """Width and height of the map."""
        if self.projector and self.panel:
            return {"phone": 230, "small": 236, "laptop": 236, "broad": 236, "wide": 390}[self.layout]
        if self.projector:
            return {"phone": 230, "small": 256, "laptop": 312, "broad": 364, "wide": 546}[self.layout]
        return {"phone": 256, "small": 290, "laptop": 374, "broad": 394, "wide": 490}[self.layout]

    @property
    def model(self) -> Size:
        """Width and height of the panel with the model and its data, or with the slices."""
        if self.stacked:
            return self.map_side, 132
        if self.columns:
            return ({"broad": 350, "wide": 525} if self.projector else {"broad": 350})[self.layout], self.map_side
        plain, projected = {"small": 204, "laptop": 380, "wide": 340}, {"small": 260, "laptop": 400}
        width = (projected if self.projector else plain)[self.layout]
        return width, round(self._free * 0.6)

    @property
    def loss(self) -> Size:
        """Width and height of the loss curve."""
        if self.stacked:
            return self.map_side, 90
        if self.columns:
            return (250 if not self.projector else 266 if self.layout == "broad" else 400), self.map_side
        return self.model[0], self._free - round(self._free * 0.6)

    @property
    def right_width(self) -> int:
        """Width of the panels to the right of the map."""
        return self.model[0]

    @property
    def right_heights(self) -> tuple[int, int]:
        """Heights of the model panel and of the loss curve."""
        return self.model[1], self.loss[1]

    @property
    def _free(self) -> int:
        """The height left for two stacked panels beside the map, after axis and legend."""
        return self.map_side - 3 * self.font - 12 - self.legend_height

    @property
    def legend_columns(self) -> int:
        """The number of columns of the legend of the loss curve: 2 above it, or 1 inside its frame."""
        return 2 if self.layout in ("laptop", "wide") and not self.columns else 1

    @property
    def legend_height(self) -> int:
        """Space above the loss curve, enough for any number of methods."""
        if self.layout == "small" and self.projector:
            return 0
        return 0 if self.columns else self.row + 4 if self.stacked else 2 * self.row + 4

    @property
    def row(self) -> int:
        """Height of a row of the legend."""
        return self.font + 5

    @property
    def key_rows(self) -> int:
        """The number of rows of the key of the cuts, which stands above the curves."""
        return 3 if self.projector else 2 if self.layout == "small" else 1

    @property
    def stacked(self) -> bool:
        """Whether the panels are stacked."""
        return self.layout == "phone"

    @property
    def columns(self) -> bool:
        """Whether map, model and loss curve are side by side."""
        return self.layout == "broad" or (self.projector and self.layout == "wide")

    @property
    def with_surface(self) -> bool:
        """Whether the 3-D surface fits beside the stage."""
        return self.layout == "wide" and not self.projector

    @property
    def scale(self) -> float:
        """The size of everything relative to a laptop."""
        return 1.5 if self.projector and self.layout == "wide" else 1.0

    @property
    def font(self) -> int:
        """Font size of tick labels and numbers; titles are one pixel larger."""
        if self.projector:
            return 16 if self.stacked else round(18 * self.scale)
        return 12 if self.stacked else 13

    @property
    def line(self) -> float:
        """Width of a line."""
        return 3.5 * self.scale if self.projector else 2.5

    @property
    def side(self) -> int:
        """Width of the panels beside the 3-D surface, axes included."""
        return self.model[0] + (self.loss[0] + 9 * self.font if self.columns else 0) + 5 * self.font + 8

    @property
    def solid_columns(self) -> tuple[int, int]:
        """The widths of the columns with the 3-D surface and with the panels beside it."""
        return (1, 1) if self.stacked else (self.map_side + 90, self.side)

    @property
    def mark(self) -> float:
        """The area of a mark relative to a laptop."""
        return (self.line / 2.5) ** 2

    @property
    def stage_height(self) -> int:
        """Height of the stage's canvas. The space is reserved, so that nothing below moves when it is drawn."""
        above, axis = 2 * self.font + 17, 2 * self.font + 16
        if self.stacked:
            panels = self.map_side + self.model[1] + self.loss[1] + self.legend_height
            return panels + 2 * above + 3 * axis
        return self.map_side + above + axis


def data_panel(drawn: ChartStyle) -> dict[str, int]:
    """Where the panel of the data lies on the canvas, its axes included, in pixels from the right and from the top."""
    above, axis = 2 * drawn.font + 21, 2 * drawn.font + 16
    width, height = drawn.model
    right = drawn.loss[0] + 4 * drawn.font if drawn.columns else 0
    top = above + drawn.map_side + axis if drawn.stacked else 0
    return {"near": right, "far": right + width + 10, "top": top, "bottom": top + above + height}


def fits(projector: bool) -> dict[str, int]:
    """Layout -> the minimum width of the page's column in pixels. The largest layout that fits is used."""
    if projector:
        return {"phone": 0, "small": 700, "laptop": 874, "broad": 1200, "wide": 1780}
    return {"phone": 0, "small": 620, "laptop": 884, "broad": 1166, "wide": 1520}


def colours(projector: bool = False, dark: bool = False) -> dict[str, str]:
    """The colours of text (`ink`) and background (`ground`). A projector needs the strongest contrast."""
    if dark:
        return {"ink": "#FFFFFF" if projector else "#E8EEF2", "ground": "#10171C"}
    return {"ink": "#000000" if projector else "#16222B", "ground": "#FFFFFF"}
