"""What a lesson keeps in sight, so that nothing must be remembered: runs, places found, and the drawn prediction.

The runs stand as rows in the panel and as thin pale paths on the map; the places are marks on the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lossgeo.charts.map_panel import FOUND, GUESSED
from lossgeo.contracts import Array, Loss
from lossgeo.descent import Trajectory
from lossgeo.numbers import number, plural
from lossgeo.teaching.content_files import State
from lossgeo.teaching.goals import OF_RUNS, found
from lossgeo.teaching.lessons import Lesson
from lossgeo.ui import session
from lossgeo.ui.learn import position, record
from lossgeo.views.choice import Choice, LossSpec, MethodSpec, choice_of
from lossgeo.views.pages import PAGES
from lossgeo.views.view import Run, View

MOST_RUNS, MOST_PLACES = 12, 80
SETTLED = {
    "converged": "arrived",
    "saddle": "near a saddle",
    "maximum": "near a maximum",
    "plateau": "on a plateau",
    "no_minimiser": "still falling",
    "oscillating": "back and forth",
    "diverged": "runs away",
    "stuck": "no longer moves",
    "outside": "leaves the domain",
    "max_steps": "has not arrived",
}


@dataclass(frozen=True, eq=False)
class KeptRun:
    """One run of a lesson: its settings, and how it ended."""

    loss: LossSpec
    method: MethodSpec
    start: tuple[float, float]
    steps: int  # as set; the run may have ended sooner
    trajectory: Trajectory
    away: float | None  # from the nearest known isolated minimum, if the run has not arrived

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it this run and no other."""
        return self.loss, self.method, self.start, self.steps

    @property
    def ending(self) -> str:
        """Steps and ending in a few words, as "132 steps, arrived"."""
        told = SETTLED[self.trajectory.status]
        if self.trajectory.status == "max_steps" and self.away is not None:
            told = f"{number(self.away)} away"
        return f"{plural(len(self.trajectory.points) - 1, 'step')}, {told}"


def runs_of(view: View) -> tuple[KeptRun, ...]:
    """The runs of a view as they are kept. Of a network's own training the map shows a projection only."""
    return tuple(_kept(view, run) for run in view.runs if not run.projected)


def _kept(view: View, run: Run) -> KeptRun:
    choice = view.choice
    away = _away(view.loss, run.trajectory.points[-1])
    return KeptRun(choice.loss, run.method, choice.start, choice.steps, run.trajectory, away)


def _away(loss: Loss, end: Array) -> float | None:
    """The distance of a point (2,) from the nearest known minimum, None if minima are not isolated or unknown."""
    if not len(loss.minima) or loss.minimisers in ("line", "region") or not np.isfinite(end).all():
        return None
    return float(np.hypot(*(loss.minima - end).T).min())


def keys_of(choice: Choice) -> tuple[tuple[object, ...], ...]:
    """The keys of the runs of a choice, whether they have been run or not."""
    return tuple((choice.loss, method, choice.start, choice.steps) for method in choice.methods)


def listed(lesson: Lesson) -> tuple[KeptRun, ...]:
    """The runs that the lesson has kept, oldest first."""
    return session.kept_runs(lesson.key).get()


# --- the drawn prediction ------------------------------------------------------------------------


def guess_keys(lesson: Lesson) -> tuple[str, ...]:
    """The widgets that hold the drawn prediction: the two coordinates of a place, or one rate; () without any."""
    if lesson.draw is None:
        return ()
    names = ("rate",) if lesson.draw.kind == "rate" else ("first", "second")
    return tuple(f"_lesson_{lesson.key}_guess_{name}" for name in names)


def guess(lesson: Lesson) -> tuple[float, ...] | None:
    """The drawn prediction, None before all its numbers are there."""
    said = [session.value(_held(key)) for key in guess_keys(lesson)]
    return tuple(float(value) for value in said) if said and None not in said else None


def _held(key: str) -> str:
    """Where the number of a widget is held while the widget is not drawn."""
    return f"{key}_held"


def hold(key: str, value: float | None) -> None:
    """Callback: hold a number of the drawn prediction, and show it in its widget."""
    session.put(_held(key), value)
    session.put(key, value)


def held(key: str) -> float | None:
    """The held number of a widget of the drawn prediction."""
    value: float | None = session.value(_held(key))
    return value


def take_guess(page: str, at: Mapping[str, float]) -> bool:
    """Callback of a click on the map: if the open part asks for a place, the click is that place, and not the start."""
    lesson = position.lesson_of(page)
    if not _open(page, "Predict") or lesson.draw is None or lesson.draw.kind != "place":
        return False
    if record.notes_of(lesson).predicted is not None:
        return False
    for key, field in zip(guess_keys(lesson), ("w", "b"), strict=True):
        hold(key, float(f"{at[field]:.4g}"))
    return True


def run_of_guess(lesson: Lesson) -> State:
    """What *Run* opens: the first prepared state, with the predicted rate if one was drawn."""
    state, drawn = dict(lesson.show[0].state), guess(lesson)
    if lesson.draw is not None and lesson.draw.kind == "rate" and drawn:
        state[f"{lesson.page}_lr"] = drawn[0]
    return state


# --- on the stage ------------------------------------------------------------------------------------


def on_stage(view: View) -> View:
    """The view with what the open part of the lesson keeps on the map. A new run or a found place is recorded."""
    page = view.page.key
    if session.opened(page).get() != "Learn":
        return view
    lesson = position.lesson_of(page)
    if _open(page, "Play"):
        return replace(view, marks=tuple((*place, FOUND) for place in _played(lesson, view)))
    if _open(page, "Observe") and record.notes_of(lesson).predicted is not None:
        now = {run.key for run in runs_of(view)}
        _add(lesson, view)
        same = [run for run in listed(lesson) if run.loss == view.choice.loss and run.key not in now]
        return replace(view, ghosts=tuple(run.trajectory.points for run in same), marks=_guessed(lesson, view))
    return replace(view, marks=_guessed(lesson, view)) if _open(page, "Predict") else view


def _open(page: str, part: str) -> bool:
    """Whether this part of the lesson is open in the panel."""
    return session.opened(page).get() == "Learn" and position.last(page)[1] == part


def _played(lesson: Lesson, view: View) -> tuple[tuple[float, float], ...]:
    """The places found so far, that of the view included. A page that shows something else finds nothing."""
    slot = session.kept_places(lesson.key)
    asked = choice_of(view.page, lesson.play.state)
    if view.choice.loss != asked.loss:
        return ()
    paths = [run.trajectory for run in view.runs]
    same_run = view.choice.methods == asked.methods and view.choice.steps == asked.steps
    if lesson.play.goal.kind in OF_RUNS and not same_run:
        return slot.get()
    place = found(lesson.play.goal, view.loss, view.choice.start, paths)
    if place is not None and place not in slot.get():
        slot.put((*slot.get(), place)[-MOST_PLACES:])
    return slot.get()


def _add(lesson: Lesson, view: View) -> None:
    """Keep the runs of a view; one that is kept already stays where it is."""
    slot = session.kept_runs(lesson.key)
    known = {run.key for run in slot.get()}
    new = [run for run in runs_of(view) if run.key not in known]
    if new:
        slot.put((*slot.get(), *new)[-MOST_RUNS:])


def _guessed(lesson: Lesson, view: View) -> tuple[tuple[float, float, int], ...]:
    """The predicted place, on the surface that it was asked about."""
    drawn = guess(lesson)
    if drawn is None or len(drawn) != 2:
        return ()
    asked = choice_of(PAGES[lesson.page], lesson.show[0].state)
    return ((*drawn, GUESSED),) if view.choice.loss == asked.loss else ()
