"""A View: everything that a page shows of a Choice, worked out once a run and handed on to whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Dataset, Loss, Window
from lossgeo.descent import Trajectory
from lossgeo.views import cached, comparison
from lossgeo.views.choice import Choice, LossSpec, MethodSpec
from lossgeo.views.pages import Page

MARKS = ("A", "B")  # of the two runs of a comparison


@dataclass(frozen=True, eq=False)
class Run:
    """One method's descent. In a comparison, `mark` is A or B, and `title` tells it from the other."""

    method: MethodSpec
    trajectory: Trajectory
    mark: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """Under which it has its colour and dash."""
        return self.mark or self.method.name

    @property
    def words(self) -> str:
        """What it is called in legends and tables."""
        return f"{self.mark} {self.title}" if self.mark else self.method.name

    @property
    def steps(self) -> int:
        """How many steps it took."""
        return len(self.trajectory.points) - 1


@dataclass(frozen=True, eq=False)
class View:
    """A page with a choice, ready to be drawn.

    `window` is what the map shows. `notes` are sentences for the reader on what could not be done as
    asked: data that cannot be, a method that cannot run.
    """

    page: Page
    choice: Choice
    style: ChartStyle
    loss: Loss
    window: Window
    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> Dataset | None:
        """The data that the loss is a loss of, if any."""
        return self.loss.dataset

    @property
    def scene(self) -> cached.Scene:
        """The picture of the loss over the window."""
        return cached.scene(self.choice.loss, self.choice.view)

    @property
    def kind(self) -> str:
        """What the stage draws: "line", "sigmoid", or the name of a landscape."""
        return self.page.model or self.choice.loss.name

    @property
    def log_loss(self) -> bool:
        """Whether the loss over the steps has a logarithmic axis: wherever it cannot be negative."""
        return self.loss.infimum >= 0

    @property
    def longest(self) -> int:
        """The number of steps of the longest run, at least 1."""
        return max((run.steps for run in self.runs), default=1) or 1


def build(page: Page, choice: Choice, style: ChartStyle) -> View:
    """The View of a choice. Data that cannot be are replaced by the page's own, and a note says so."""
    notes = []
    try:
        loss = cached.loss(choice.loss)
    except ValueError as error:
        notes.append(f"These settings do not go together: {error}. The page shows its own data instead.")
        usual = page.usual()
        choice = replace(choice, loss=LossSpec(str(usual[page.subject]), (), str(usual["loss"])))
        loss = cached.loss(choice.loss)
    choice = replace(choice, view=cached.holding(choice.loss, choice.view, choice.start))
    runs, failed = _descend(choice)
    notes += [f"{', '.join(names).capitalize()} cannot run here: {error}." for error, names in failed.items()]
    return View(page, choice, style, loss, cached.window(choice.loss, choice.view), runs, tuple(notes))


def _descend(choice: Choice) -> tuple[tuple[Run, ...], dict[str, list[str]]]:
    """The runs of the chosen methods, and for each reason why one cannot run, the methods it stops."""
    runs: list[Run] = []
    failed: dict[str, list[str]] = {}
    for i, method in enumerate(choice.methods):
        try:
            path = cached.trajectory(choice.loss, method, choice.start, choice.steps)
        except ValueError as error:
            failed.setdefault(str(error), []).append(method.name)
            continue
        mark, title = (MARKS[i], comparison.title(method, choice.differs)) if choice.differs else ("", "")
        runs.append(Run(method, path, mark, title))
    return tuple(runs), failed
