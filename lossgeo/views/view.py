"""A View: everything that a page shows for a Choice. It is built once per rerun and passed to all that draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from lossgeo.charts.network_formulas import NetworkShape, shape_of
from lossgeo.charts.style import PROJECTED, ChartStyle
from lossgeo.contracts import Array, Dataset, Landscape, Loss, Point, Window
from lossgeo.descent import Trajectory
from lossgeo.descent.noise import NoiseBall
from lossgeo.descent.rates import Bound
from lossgeo.networks import Plane
from lossgeo.teaching.content_files import State
from lossgeo.views import cached, comparison, network_runs, yours
from lossgeo.views.choice import Choice, MethodSpec, choice_from, choice_of
from lossgeo.views.pages import Page

MARKS = ("A", "B")  # the names of the two runs of a comparison


@dataclass(frozen=True, eq=False)
class Run:
    """The run of one method. In a comparison, `mark` is A or B, and `title` tells it from the other run.

    On a plane of a network a run that may leave the plane has a mark of its own; `projected` says so. Of such a run
    the trajectory holds each `every`-th step only.
    """

    method: MethodSpec
    trajectory: Trajectory
    mark: str = ""
    title: str = ""
    every: int = 1

    @property
    def name(self) -> str:
        """The key of its colour and dash: A or B in a comparison, otherwise the method."""
        return self.mark or self.method.name

    @property
    def words(self) -> str:
        """Its name in legends and tables."""
        return f"{self.mark} {self.title}".strip() if self.mark else self.method.name

    @property
    def projected(self) -> bool:
        """Whether the run may leave the plane that the map shows, so that its points are projections."""
        return self.mark in PROJECTED

    @property
    def steps(self) -> int:
        """The number of kept steps taken."""
        return len(self.trajectory.points) - 1


@dataclass(frozen=True, eq=False)
class View:
    """A page with a choice, ready to be drawn.

    `window` is what the map shows. `ghosts` are earlier runs (points (k+1, 2)) and `marks` places (first, second,
    kind) that a lesson keeps on the map; the kinds are in `charts.map_panel`. `notes` are sentences for the reader
    about settings that could not be used: data that cannot be made, or a method that cannot run.
    """

    page: Page
    choice: Choice
    style: ChartStyle
    loss: Loss
    window: Window
    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()
    neutral: bool = False
    ghosts: tuple[Array, ...] = ()
    marks: tuple[tuple[float, float, int], ...] = ()

    @property
    def data(self) -> Dataset | None:
        """The data of the loss, if any."""
        return self.loss.dataset

    @property
    def scene(self) -> cached.Scene:
        """The picture of the loss over the window."""
        return cached.scene(self.choice.loss, self.choice.view)

    @property
    def subject(self) -> str | Landscape | NetworkShape:
        """What the stage draws: "line", "sigmoid", a landscape, or a network."""
        if isinstance(self.loss, Plane):
            return shape_of(self.loss.network)
        return self.loss if isinstance(self.loss, Landscape) else self.page.model

    @cached_property
    def promised(self) -> tuple[tuple[Run, Bound], ...]:
        """What theorems promise about the runs, if that is asked for. The curve then shows the loss above its minimum.

        Of a run that ended early, the bounds go on to the end of the longest one.
        """
        if not self.choice.bounds:
            return ()
        spec, start = self.choice.loss, self.choice.start
        runs = (run for run in self.runs if not run.projected)
        return tuple((run, each) for run in runs for each in cached.bounds(spec, run.method, start, self.longest))

    @cached_property
    def balls(self) -> tuple[tuple[Run, NoiseBall], ...]:
        """Where the runs of sgd stay in the long run, if that is asked for and can be predicted."""
        if not self.choice.bounds:
            return ()
        fresh = [run for run in self.runs if run.method.name == "sgd" and run.method.fresh]
        found = [
            (run, cached.noise_ball(self.choice.loss, run.method.learning_rate, run.method.batch))
            for run in fresh
            if run.method.schedule == "constant"
        ]
        return tuple((run, ball) for run, ball in found if ball is not None)

    @property
    def floor(self) -> float:
        """What the curve of the loss leaves out: the minimum where bounds are drawn, otherwise nothing."""
        return self.loss.infimum if self.promised else 0.0

    @property
    def log_loss(self) -> bool:
        """Whether the loss over the steps is drawn on a logarithmic axis: if what is drawn cannot be negative."""
        return self.loss.never_negative or bool(self.promised)

    @property
    def longest(self) -> int:
        """The number of steps of the longest run, at least 1."""
        return max((run.steps * run.every for run in self.runs), default=1) or 1

    # --- compared with a prepared state of the page, for challenges ------------------------------------
    def differs_from(self, state: State) -> frozenset[str]:
        """The names of teaching.challenges.CHANGES in which the choice differs from that of a prepared state."""
        mine, theirs = (_parts(choice) for choice in (self.choice, choice_of(self.page, state)))
        return frozenset(name for name in mine if name in theirs and mine[name] != theirs[name])

    def loss_of(self, state: State) -> Loss:
        """The loss of a prepared state of the page."""
        return cached.loss(choice_of(self.page, state).loss)

    def start_of(self, state: State) -> Point:
        """The start of a prepared state of the page."""
        return choice_of(self.page, state).start


def _parts(choice: Choice) -> dict[str, object]:
    """The choice part by part, by the names of teaching.challenges.CHANGES. Without a method none has a momentum."""
    loss = choice.loss
    own: dict[str, object] = {}
    if choice.methods:
        own["momentum"] = {method.momentum for method in choice.methods}
        own["schedule"] = {method.schedule for method in choice.methods}
    return {
        "start": choice.start,
        "lr": choice.rate,
        "steps": choice.steps,
        "methods": tuple(method.name for method in choice.methods),
        **own,
        "data": replace(loss, loss="", l2=0.0, standardise=False),
        "loss": loss.loss,
        "l2": loss.l2,
        "standardise": loss.standardise,
        "compare": choice.differs,
    }


def build(page: Page, choice: Choice, style: ChartStyle, neutral: bool = False) -> View:
    """The View of a choice.

    Data that cannot be made are replaced by the page's default data, and a note says so.
    """
    notes = []
    try:
        loss = cached.loss(choice.loss)
    except ValueError as error:
        why = "" if choice.loss.name == yours.NAME else "These settings do not go together: "
        notes.append(f"{why}{error}. The page shows its own data instead.")
        choice = replace(choice, loss=choice_from(page, {}).loss)
        loss = cached.loss(choice.loss)
    choice = replace(choice, view=cached.holding(choice.loss, choice.view, choice.start))
    runs, failed = _descend(choice)
    if choice.loss.plane:
        runs += tuple(Run(*parts) for parts in network_runs.projected(choice))
    notes += [f"{', '.join(names).capitalize()} cannot run here: {error}." for error, names in failed.items()]
    return View(page, choice, style, loss, cached.window(choice.loss, choice.view), runs, tuple(notes), neutral)


def _descend(choice: Choice) -> tuple[tuple[Run, ...], dict[str, list[str]]]:
    """The runs of the chosen methods; and, for each reason why methods cannot run, their names."""
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
