"""Challenges: a goal on one page, whose reaching is checked against what is on the stage.

A challenge is an entry of content/<language>/challenges.toml, which a teacher can edit. It names the state to start
from, what may be changed, and in `reach` the conditions of the goal, which are a choice of those in `CONDITIONS`.
tests/test_challenges.py proves for each challenge that its solution reaches it, and that its start does not.

What is judged is a `Shown`: what a page shows (see views.view). A condition says both whether it holds and, in a few
words, how far things are; so the learner sees the measure while trying.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np

from lossgeo import geometry, networks
from lossgeo.contracts import Loss, Point
from lossgeo.descent import Trajectory
from lossgeo.numbers import number, plural
from lossgeo.teaching.content_files import State, content, entries, only, page_of, state_of, take

# What a learner may be allowed to change, and its words. Zoom, camera and the like may always be changed.
CHANGES = {
    "start": "the start",
    "lr": "the learning rate",
    "steps": "the number of steps",
    "methods": "the methods",
    "momentum": "the momentum",
    "schedule": "the schedule",
    "data": "the data",
    "loss": "the loss",
    "l2": "the L2 penalty",
    "standardise": "Standardise x",
    "compare": "the comparison of A with B",
}


class Drawn(Protocol):
    """A run on the stage: the name of its method, and the trajectory."""

    @property
    def name(self) -> str:
        """The method, or A or B in a comparison."""

    @property
    def trajectory(self) -> Trajectory:
        """The run itself."""


class Chosen(Protocol):
    """The settings that a condition may ask for."""

    @property
    def start(self) -> Point:
        """The start of all runs."""

    @property
    def rate(self) -> float:
        """The learning rate."""


class Shown(Protocol):
    """What a page shows. Prepared states of the same page can be compared with it."""

    @property
    def loss(self) -> Loss:
        """The loss whose map is drawn."""

    @property
    def choice(self) -> Chosen:
        """What the controls say."""

    @property
    def runs(self) -> Sequence[Drawn]:
        """The runs that are drawn."""

    def differs_from(self, state: State) -> frozenset[str]:
        """The names of CHANGES in which the page differs from a prepared state."""

    def loss_of(self, state: State) -> Loss:
        """The loss of a prepared state."""

    def start_of(self, state: State) -> Point:
        """The start of a prepared state."""


class Check(NamedTuple):
    """Whether a condition holds, and in words how things are: what is asked for, and what is there now."""

    holds: bool
    asked: str
    now: str


@dataclass(frozen=True)
class Challenge:
    """A challenge. `start` is the state it begins with, `solution` a state that reaches it; `reach` its conditions.

    `change` has the names of CHANGES that may be changed. `learnt` is said when the goal is reached. With `fog` the
    map is hidden until then.
    """

    id: str
    page: str
    title: str
    minutes: int
    goal: str
    hint: str
    learnt: str
    change: tuple[str, ...]
    start: State = field(hash=False)
    solution: State = field(hash=False)
    reach: Mapping[str, Any] = field(hash=False)
    fog: bool = False

    def reached(self, shown: Shown) -> bool:
        """Whether what is shown reaches the goal, and nothing was changed that must stay."""
        return all(check.holds for check in self.checks(shown))

    def checks(self, shown: Shown) -> tuple[Check, ...]:
        """Each condition of the goal, and last whether something was changed that must stay."""
        found = [CONDITIONS[name].judge(shown, wanted, self) for name, wanted in self.reach.items()]
        wrong = [CHANGES[name] for name in CHANGES if name in shown.differs_from(self.start) - set(self.change)]
        if wrong:
            found.append(Check(False, f"nothing else changed than {self.may_change}", f"changed: {', '.join(wrong)}"))
        return tuple(found)

    @property
    def may_change(self) -> str:
        """What may be changed, as a list in words."""
        return " and ".join(CHANGES[name] for name in self.change)


# --- conditions ----------------------------------------------------------------------------------------

Judge = Callable[[Shown, Any, Challenge], Check]


class Condition(NamedTuple):
    """How a condition is judged, and of which type its value in the file is: a number, text, flag or list of texts."""

    judge: Judge
    kind: type


NO_LOSS = "no finite loss there, or one too large to compute with"


def _start_loss(shown: Shown, most: float, challenge: Challenge) -> Check:
    """The loss at the start is at most `most` per cent above the least."""
    least, here = shown.loss.infimum, float(shown.loss.value(shown.choice.start))
    above = 100.0 * (here - least) / least if least > 0 else np.inf
    asked = f"the loss at the start at most {number(most)}% above the least"
    now = f"{number(above)}% above" if np.isfinite(above) else NO_LOSS if least > 0 else "no positive least loss"
    return Check(above <= most, asked, now)


def _start_below(shown: Shown, most: float, challenge: Challenge) -> Check:
    """The loss at the start is at most `most`."""
    here = float(shown.loss.value(shown.choice.start))
    asked = f"a loss of at most {number(most)} at the start"
    now = f"loss {number(here)}" if np.isfinite(here) else NO_LOSS
    return Check(here <= most, asked, now)


def _start_away(shown: Shown, least: float, challenge: Challenge) -> Check:
    """The start is at least `least` away from the nearest known minimum."""
    away = _away(shown.loss, shown.choice.start)
    return Check(away >= least, f"the start at least {number(least)} from the minimiser", _away_said(away))


def _start_moved(shown: Shown, most: float, challenge: Challenge) -> Check:
    """The start is at most `most` away from the start of the challenge."""
    moved = float(np.hypot(*np.subtract(shown.choice.start, shown.start_of(challenge.start))))
    # A start typed as 0.01 beside 0 differs from 0.01 by rounding.
    return Check(moved <= most * (1 + 1e-9), f"the start moved by at most {number(most)}", f"moved by {number(moved)}")


def _arrives(shown: Shown, most: int, challenge: Challenge) -> Check:
    """The first run converges to a minimum in at most `most` steps."""
    run = _first(shown)
    fine = run is not None and run.status == "converged" and _steps(run) <= most
    return Check(fine, f"arrival after at most {plural(most, 'step')}", _ended(run))


def _arrives_lowest(shown: Shown, wanted: bool, challenge: Challenge) -> Check:
    """The first run converges to a minimum that is as low as any."""
    run = _first(shown)
    lowest = run is not None and _settles(run) and _lowest(shown.loss, run.points[-1])
    now = _ended(run) if run is None or not _settles(run) else f"at a minimum of height {number(float(run.values[-1]))}"
    return Check(lowest == wanted, "arrival at the lowest minimum", now)


def _ends(shown: Shown, word: str, challenge: Challenge) -> Check:
    """The first run ends with this status."""
    run = _first(shown)
    return Check(run is not None and run.status == word, f"a run that ends {ENDINGS[word]}", _ended(run))


def _end_below(shown: Shown, most: float, challenge: Challenge) -> Check:
    """The last loss of the first run is at most `most`."""
    run = _first(shown)
    last = float(run.values[-1]) if run is not None else np.inf
    return Check(last <= most, f"a last loss of at most {number(most)}", _last_loss(run))


def _end_within(shown: Shown, most: float, challenge: Challenge) -> Check:
    """The first run ends at most `most` from a known minimum."""
    run = _first(shown)
    away = _away(shown.loss, run.points[-1]) if run is not None else np.inf
    now = _away_said(away) if run is not None else _ended(run)
    return Check(away <= most, f"an end at most {number(most)} from the minimum", now)


def _rate_share(shown: Shown, least: float, challenge: Challenge) -> Check:
    """The learning rate is at least `least` times the stability limit 2/L at the minimiser."""
    share = shown.choice.rate / float(geometry.max_stable_step(shown.loss, _minimiser(shown.loss)))
    return Check(share >= least, f"a rate of at least {number(least)} times 2/L", f"{number(share)} times 2/L")


def _kappa_least(shown: Shown, least: float, challenge: Challenge) -> Check:
    """The condition number at the minimiser is at least `least`; a trough counts as infinite."""
    kappa = _kappa(shown.loss)
    return Check(kappa >= least, f"a condition number of at least {number(least)}", _kappa_said(kappa))


def _kappa_most(shown: Shown, most: float, challenge: Challenge) -> Check:
    """The condition number at the minimiser is at most `most`."""
    kappa = _kappa(shown.loss)
    return Check(kappa <= most, f"a condition number of at most {number(most)}", _kappa_said(kappa))


def _minimisers(shown: Shown, word: str, challenge: Challenge) -> Check:
    """The set of minimisers: "none", "one" or "line"."""
    found = shown.loss.minimisers
    return Check(found == word, f"a loss with {MINIMISERS[word]}", MINIMISERS.get(found, "several minimisers"))


def _gradient_share(shown: Shown, least: float, challenge: Challenge) -> Check:
    """The plane holds at least `least` per cent of the squared length of the gradient of a network at the start."""
    asked = f"a plane with at least {number(least)}% of the squared gradient at the start"
    if not isinstance(shown.loss, networks.Plane):
        return Check(False, asked, "no plane of a network")
    share = 100.0 * float(networks.gradient_share(shown.loss, shown.choice.start))
    return Check(share >= least, asked, f"{number(share)}%")


def _points(shown: Shown, wanted: int, challenge: Challenge) -> Check:
    """There are exactly `wanted` data points."""
    return Check(shown.loss.terms == wanted, f"exactly {plural(wanted, 'point')}", plural(shown.loss.terms, "point"))


def _points_changed(shown: Shown, most: int, challenge: Challenge) -> Check:
    """At most `most` points differ from those of the start; none was added or taken away."""
    old, new = _rows(shown.loss_of(challenge.start)), _rows(shown.loss)
    changed = sum((old - new).values())
    same = sum(old.values()) == sum(new.values())
    count = plural(sum(new.values()), "point")
    now = f"{plural(changed, 'point')} changed" if same else f"{count} instead of {sum(old.values())}"
    return Check(same and changed <= most, f"at most {plural(most, 'point')} changed, none added or removed", now)


def _sooner(shown: Shown, pair: Sequence[str], challenge: Challenge) -> Check:
    """The first method of the pair arrives, and the second later or not at all."""
    one, other = (_of(shown, name) for name in pair)
    fine = (
        one is not None and other is not None and _settles(one) and (not _settles(other) or _steps(one) < _steps(other))
    )
    return Check(fine, f"{pair[0]} arrives before {pair[1]}", _both(pair, one, other, _ended))


def _lower(shown: Shown, pair: Sequence[str], challenge: Challenge) -> Check:
    """The first method of the pair has a lower last loss than the second."""
    one, other = (_of(shown, name) for name in pair)
    fine = one is not None and other is not None and float(one.values[-1]) < float(other.values[-1])
    return Check(fine, f"a lower last loss for {pair[0]} than for {pair[1]}", _both(pair, one, other, _last_loss))


def _none_arrives(shown: Shown, least: int, challenge: Challenge) -> Check:
    """At least `least` runs are drawn, and none converges."""
    arrived = [run.name for run in shown.runs if _settles(run.trajectory)]
    now = f"arrived: {', '.join(arrived)}" if arrived else f"{plural(len(shown.runs), 'run')} drawn, none arrived"
    asked = "a run that does not arrive" if least == 1 else f"{least} runs, none of which arrives"
    return Check(not arrived and len(shown.runs) >= least, asked, now)


CONDITIONS: dict[str, Condition] = {
    "start_loss": Condition(_start_loss, float),
    "start_below": Condition(_start_below, float),
    "start_away": Condition(_start_away, float),
    "start_moved": Condition(_start_moved, float),
    "arrives": Condition(_arrives, int),
    "arrives_lowest": Condition(_arrives_lowest, bool),
    "ends": Condition(_ends, str),
    "end_below": Condition(_end_below, float),
    "end_within": Condition(_end_within, float),
    "rate_share": Condition(_rate_share, float),
    "kappa_least": Condition(_kappa_least, float),
    "kappa_most": Condition(_kappa_most, float),
    "minimisers": Condition(_minimisers, str),
    "gradient_share": Condition(_gradient_share, float),
    "points": Condition(_points, int),
    "points_changed": Condition(_points_changed, int),
    "sooner": Condition(_sooner, tuple),
    "lower": Condition(_lower, tuple),
    "none_arrives": Condition(_none_arrives, int),
}
MINIMISERS = {"none": "no minimiser", "one": "one minimiser", "line": "a line of minimisers"}
# Status of a run (see descent.verdict) -> its words after "a run that ends" and "the run ends".
ENDINGS = {
    "converged": "at a minimum",
    "max_steps": "after all its steps, not yet at a minimum",
    "oscillating": "swinging from side to side",
    "diverged": "running away",
    "no_minimiser": "still falling, without a minimiser",
    "saddle": "at a saddle",
    "maximum": "at a maximum",
    "plateau": "on a plateau",
    "stuck": "where rounding stops it",
    "outside": "where no value of the loss can be computed",
}


def _first(shown: Shown) -> Trajectory | None:
    """The first run that is drawn."""
    return shown.runs[0].trajectory if shown.runs else None


def _of(shown: Shown, name: str) -> Trajectory | None:
    """The run of a method."""
    return next((run.trajectory for run in shown.runs if run.name == name), None)


def _steps(run: Trajectory) -> int:
    """The number of steps taken."""
    return len(run.points) - 1


def _settles(run: Trajectory) -> bool:
    """Whether the run has arrived at a minimum."""
    return run.status == "converged"


def _ended(run: Trajectory | None) -> str:
    """How a run ended, with its number of steps."""
    if run is None:
        return "no run is drawn"
    if _settles(run):
        return f"arrived after {plural(_steps(run), 'step')}"
    return f"ends {ENDINGS.get(run.status, 'elsewhere')} ({plural(_steps(run), 'step')})"


def _last_loss(run: Trajectory | None) -> str:
    """The last loss of a run."""
    return f"last loss {number(float(run.values[-1]))}" if run is not None else "no run is drawn"


def _both(
    pair: Sequence[str], one: Trajectory | None, other: Trajectory | None, say: Callable[[Trajectory | None], str]
) -> str:
    """What is to be said of two methods."""
    return "; ".join(f"{name}: {say(run)}" for name, run in zip(pair, (one, other), strict=True))


def _minimiser(loss: Loss) -> Point | None:
    """The minimiser at which curvatures are read; None on a quadratic, where they are the same everywhere."""
    if loss.quadratic or not len(loss.minima):
        return None
    return float(loss.minima[0][0]), float(loss.minima[0][1])


def _kappa(loss: Loss) -> float:
    """The condition number at the minimiser: nan without one, inf for a trough."""
    return float(geometry.condition_number(loss, _minimiser(loss))) if len(loss.minima) else np.nan


def _away_said(away: float) -> str:
    return f"{number(away)} away" if np.isfinite(away) else "no minimum is known"


def _kappa_said(kappa: float) -> str:
    return "here there is none" if np.isnan(kappa) else f"κ = {number(kappa)}"


def _away(loss: Loss, p: Any) -> float:
    """The distance from p to the nearest known minimum; inf without one."""
    away = loss.minima - np.asarray(p, float)
    return float(np.hypot(away[:, 0], away[:, 1]).min()) if len(away) else np.inf


def _lowest(loss: Loss, p: Any) -> bool:
    """Whether the known minimum nearest to p is as low as any."""
    nearest = geometry.Scale(loss).nearest_minimum(p)
    return bool(np.isclose(loss.value(nearest), loss.infimum, rtol=1e-9, atol=1e-12))


def _rows(loss: Loss) -> Counter[tuple[float, float]]:
    """The data points and how often each occurs. Ten digits: what is typed or dragged is not the same to the last."""
    data = loss.dataset
    rows = zip(data.x.tolist(), data.y.tolist(), strict=True) if data is not None else ()
    return Counter((float(f"{x:.10g}"), float(f"{y:.10g}")) for x, y in rows)


# --- the file --------------------------------------------------------------------------------------------

FIELDS = {"id", "page", "title", "minutes", "goal", "hint", "learnt", "change", "start", "solution", "reach", "fog"}


@cache
def load_challenges(language: str = "en") -> tuple[Challenge, ...]:
    """All challenges of a language, in the order of the file. Raises ValueError for a mistake in it."""
    return read_challenges(content(language, "challenges.toml"))


def of_page(page: str, language: str = "en") -> tuple[Challenge, ...]:
    """The challenges of a page, the short ones first."""
    return tuple(sorted((c for c in load_challenges(language) if c.page == page), key=lambda c: c.minutes))


def read_challenges(file: Path) -> tuple[Challenge, ...]:
    """All challenges of a file. Raises ValueError, with file and entry, for the first mistake in it."""
    return tuple(_challenge(entry, where) for entry, where in entries(file, "challenge"))


def _challenge(entry: dict[str, Any], where: str) -> Challenge:
    """One challenge from its TOML table. Raises ValueError, with its position, for a mistake."""
    only(entry, FIELDS, where)
    page = page_of(entry, where)
    minutes = take(entry, "minutes", int, where)
    if not 1 <= minutes <= 60:
        raise ValueError(f"{where}: minutes: must be from 1 to 60, got {minutes}")
    change = _texts(entry.get("change"), f"{where}: change")
    if unknown := sorted(set(change) - set(CHANGES)):
        raise ValueError(f"{where}: change: {unknown[0]!r} is unknown; known: {', '.join(CHANGES)}")
    fog = entry.get("fog", False)
    if type(fog) is not bool:
        raise ValueError(f"{where}: fog: must be true or false, got {fog!r}")
    return Challenge(
        id=entry["id"],
        page=page,
        title=take(entry, "title", str, where),
        minutes=minutes,
        goal=take(entry, "goal", str, where),
        hint=take(entry, "hint", str, where),
        learnt=take(entry, "learnt", str, where),
        change=change,
        start=_state(entry, "start", page, where),
        solution=_state(entry, "solution", page, where),
        reach=_reach(entry, where),
        fog=fog,
    )


def _texts(value: object, where: str) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{where}: must be a list of texts, got {value!r}")
    return tuple(value)


def _state(entry: dict[str, Any], name: str, page: str, where: str) -> State:
    """The state in the field `name`, which belongs to the page of the challenge."""
    table = {"page": page} | take(entry, name, dict, where)
    state = state_of({"state": table}, f"{where}: {name}")
    if state["page"] != page:
        raise ValueError(f"{where}: {name}: page: must be the challenge's own page, {page}")
    return state


def _reach(entry: dict[str, Any], where: str) -> Mapping[str, Any]:
    """The conditions by name. A whole number may stand for a number."""
    reach = take(entry, "reach", dict, where)
    only(reach, set(CONDITIONS), f"{where}: reach")
    out: dict[str, Any] = {}
    for name, value in reach.items():
        kind, place = CONDITIONS[name].kind, f"{where}: reach: {name}"
        if kind is tuple:
            out[name] = _texts(value, place)
            if len(out[name]) != 2:
                raise ValueError(f"{place}: must name two methods")
            continue
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            words = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
            raise ValueError(f"{place}: must be {words[kind]}, got {value!r}")
        known = {"ends": ENDINGS, "minimisers": MINIMISERS}.get(name)
        if known is not None and value not in known:
            raise ValueError(f"{place}: must be one of {', '.join(known)}, got {value!r}")
        out[name] = value
    return MappingProxyType(out)
