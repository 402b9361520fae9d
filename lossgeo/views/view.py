"""The descents of a page as data: which steps are drawn, and the rows that charts and tables take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lossgeo.charts.style import MAX_STEP
from lossgeo.descent import Trajectory
from lossgeo.ui.tables import repeated
from lossgeo.ui.tables import table as arrow
from lossgeo.views import cached
from lossgeo.views.choice import Choice

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DENSE, ROWS = 120, 260  # a path is sent whole up to DENSE steps, then thinned to at most ROWS points


@dataclass(frozen=True, eq=False)
class Run:
    """One method's descent, ready to be drawn. In a comparison, `mark` is A or B, and `title` says what it is."""

    method: str
    trajectory: Trajectory
    mark: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """Under which it has its colour and dash."""
        return self.mark or self.method

    @property
    def words(self) -> str:
        """For legends and tables."""
        return f"{self.mark} {self.title}" if self.mark else self.method


def kept(steps: int) -> np.ndarray:
    """Which steps of a run are sent: all of the first DENSE, then at growing distances, and the last."""
    if steps <= ROWS:
        return np.arange(steps + 1)
    return np.unique(np.r_[np.arange(DENSE), np.geomspace(DENSE, steps, ROWS - DENSE).round().astype(int)])


def path_table(runs: list[Run]) -> pa.Table:
    """The runs as rows of the data set `path`."""
    steps = [kept(len(run.trajectory.points) - 1) for run in runs]
    none = np.empty(0)
    points = np.concatenate(
        [run.trajectory.points[t] for run, t in zip(runs, steps, strict=True)] or [none.reshape(0, 2)]
    )
    losses = np.concatenate([run.trajectory.values[t] for run, t in zip(runs, steps, strict=True)] or [none])
    order = np.repeat(np.arange(len(runs), dtype=np.int8), [len(t) for t in steps])
    return arrow(
        {
            "method": repeated(order, [run.name for run in runs] or ["none"]),
            "words": repeated(order, [run.words for run in runs] or ["none"]),
            "t": np.concatenate([*steps, none]).astype(np.int16),
            "next": np.concatenate([*(np.r_[t[1:], MAX_STEP + 1] for t in steps), none]).astype(np.int16),
            "w": as_float32(points[:, 0]),
            "b": as_float32(points[:, 1]),
            "loss": as_float32(losses),
            "order": order,
        }
    )


def as_float32(values: np.ndarray) -> np.ndarray:
    """For drawing: what is too large for a float32 lies far outside every picture, at its end."""
    return np.clip(values, -3e38, 3e38).astype(np.float32)


def table(choice: Choice, runs: list[Run]) -> pd.DataFrame:
    """The text twin of the stage: each run's steps as numbers."""
    import pandas as pd  # slow to load, and the first view does not need it

    names = cached.loss(choice.loss).parameters
    parts = [
        pd.DataFrame(
            {
                "method": run.words,
                "step": t,
                names[0]: run.trajectory.points[t, 0],
                names[1]: run.trajectory.points[t, 1],
                "loss": run.trajectory.values[t],
                "gradient norm": run.trajectory.gradient_norms[t],
            }
        )
        for run in runs
        for t in [kept(len(run.trajectory.points) - 1)]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
