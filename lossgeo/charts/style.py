"""How every picture looks: sizes, fonts, colours. One colour and one dash for each thing, in every panel."""

from __future__ import annotations

from dataclasses import dataclass

LAYOUTS = ("phone", "laptop", "wide")

YOU = "#C2357F"  # the model under the pointer
SAMPLE = "#4F6D7A"  # the data
CLASS_ONE, CLASS_ZERO = "#0072B2", "#B35900"
HERE = "#000000"

# Method -> (colour, dash). The colours keep at least 3:1 against white and against the dark ground, and
# differ in lightness or dash where a colour-vision deficiency brings them together (tests/test_style.py).
METHODS: dict[str, tuple[str, tuple[int, ...]]] = {
    "gradient descent": ("#D55E00", (1, 0)),
    "momentum": ("#0077BB", (7, 3)),
    "nesterov": ("#5A7D00", (3, 2)),
    "newton": ("#008F68", (2, 4)),
    "adam": ("#8A63C9", (9, 3, 2, 3)),
    "rmsprop": ("#B8860B", (5, 2, 1, 2)),
    "adagrad": ("#007C89", (11, 3)),
    "sgd": ("#7A7A7A", (1, 2)),
    "backtracking": ("#A0522D", (4, 4)),
}
# The two runs of a comparison: no method's colours, since both may be of the same method.
PAIR: dict[str, tuple[str, tuple[int, ...]]] = {"A": ("#2F74D0", (1, 0)), "B": ("#A86400", (6, 3))}
LINES = METHODS | PAIR  # whatever a run may be called -> (colour, dash)

# Nine anchors of viridis (van der Walt and Smith 2015): perceptually uniform, readable in greyscale.
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


@dataclass(frozen=True)
class ChartStyle:
    """The sizes of one layout. A concatenated chart never stretches, so every size is a constant."""

    layout: str = "laptop"
    projector: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, got {self.layout!r}")

    @property
    def map_side(self) -> int:
        """Width and height of the map in pixels."""
        return {"phone": 270, "laptop": 368, "wide": 490}[self.layout] + (40 if self.projector else 0)

    @property
    def right_width(self) -> int:
        return {"phone": 270, "laptop": 330, "wide": 340}[self.layout] + (110 if self.projector else 0)

    @property
    def legend_height(self) -> int:
        """Two rows above the loss curve, which name the methods and their losses."""
        return 2 * (self.font + 5) + 4

    @property
    def right_heights(self) -> tuple[int, int]:
        """Heights of the data panel and of the loss curve; with axis and legend they add up to the map's."""
        if self.layout == "phone":
            return 200, 130
        free = self.map_side - 3 * self.font - 12 - self.legend_height
        return round(free * 0.6), free - round(free * 0.6)

    @property
    def stacked(self) -> bool:
        return self.layout == "phone"

    @property
    def font(self) -> int:
        """Tick labels and readouts, in pixels; titles are one larger."""
        return 18 if self.projector else 12 if self.layout == "phone" else 13

    @property
    def line(self) -> float:
        return 3.5 if self.projector else 2.5
