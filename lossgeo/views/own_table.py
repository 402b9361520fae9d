"""What a page has read from a paste or a file: the data set, what the learner can choose, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lossgeo import own_data
from lossgeo.contracts import Dataset
from lossgeo.own_data import OwnData, TooManyClasses
from lossgeo.views import yours

MOST_CLASSES = 12  # so many are offered for a choice of two


@dataclass(frozen=True, eq=False)
class Reading:
    """A paste or a file, how it is to be read, and what came of it: either `found`, or an `error` in one sentence.

    x, y: the names of the chosen columns, None for a proposal. swap: exchange the labels. classes: the two that are
    to be 0 and 1, if there are more. columns: the names of all columns, as far as they are known. offered: the
    classes of which two must be chosen. text: the data set as the text of the control (see views.yours).
    """

    raw: bytes | str = ""
    x: str | None = None
    y: str | None = None
    swap: bool = False
    classes: tuple[str, str] | None = None
    found: OwnData | None = None
    error: str = ""
    columns: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    text: str = ""

    @property
    def dataset(self) -> Dataset | None:
        """The data set `yours`, if it could be read."""
        if self.found is None:
            return None
        data = self.found.dataset
        return yours.of_points(data.x, data.y, data.x_label, data.y_label)


def understood(reading: Reading, classify: bool) -> Reading:
    """The reading with what its text says, for a page of two classes or of a line."""
    task = "classification" if classify else "regression"
    try:
        found = own_data.read(
            reading.raw, task, reading.x, reading.y, reading.swap and not reading.classes, classes=reading.classes
        )
        return replace(reading, found=found, error="", columns=found.columns, x=found.x, y=found.y)
    except TooManyClasses as error:
        offered = error.classes if len(error.classes) <= MOST_CLASSES else ()
        return replace(reading, found=None, error=str(error), columns=error.columns, y=error.column, offered=offered)
    except ValueError as error:
        return replace(reading, found=None, error=str(error))


def edited(data: Dataset, edits: Mapping[str, Any]) -> list[tuple[float | None, float | None]]:
    """The points after edits as Streamlit's data editor reports them; None where a number is missing."""
    rows: list[list[float | None]] = [list(pair) for pair in zip(data.x.tolist(), data.y.tolist(), strict=True)]
    for at, cells in edits["edited_rows"].items():
        for name, value in cells.items():
            rows[int(at)]["xy".index(name)] = value
    kept = [row for i, row in enumerate(rows) if i not in edits["deleted_rows"]]
    kept += [[row.get("x"), row.get("y")] for row in edits["added_rows"]]
    return [(x, y) for x, y in kept]
