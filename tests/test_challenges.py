"""Each challenge is what it says: not reached at its start, nor without a run; reached by its solution; and checked."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lossgeo import networks
from lossgeo.charts.style import ChartStyle
from lossgeo.teaching import challenges
from lossgeo.teaching.challenges import CHANGES, load_challenges, of_page, read_challenges
from lossgeo.teaching.content_files import CONTENT
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import PAGES as RECORDS
from lossgeo.views.view import build

ALL = load_challenges()
each = pytest.mark.parametrize("challenge", ALL, ids=lambda challenge: challenge.id)


def opened(page, state, **more):
    settings = dict(state) | {f"{page}_{name}": value for name, value in more.items()}
    return build(RECORDS[page], choice_of(RECORDS[page], settings), ChartStyle())


def test_there_are_fifteen_or_more_over_all_pages():
    assert len(ALL) >= 15
    for page, least in {"mse": 4, "logistic": 4, "nonconvex": 4, "network": 2}.items():
        found = of_page(page)
        assert len(found) >= least, f"{page} has too few"
        assert [c.minutes for c in found] == sorted(c.minutes for c in found)


@each
def test_not_reached_at_its_start(challenge):
    view = opened(challenge.page, challenge.start)
    assert not challenge.reached(view), challenge.checks(view)
    assert not view.notes


@each
def test_reached_by_its_solution(challenge):
    view = opened(challenge.page, challenge.solution)
    assert challenge.reached(view), challenge.checks(view)
    assert not view.notes


@each
def test_not_reached_by_an_empty_run(challenge):
    """Neither without a method nor with the first step alone, from the start of the challenge."""
    for more in ({"methods": ()}, {"steps": 1}):
        assert not challenge.reached(opened(challenge.page, challenge.start, **more))
    without_run = {"start_loss", "start_below", "kappa_least", "kappa_most", "minimisers", "gradient_share"}
    if not set(challenge.reach) & without_run:
        assert not challenge.reached(opened(challenge.page, challenge.solution, methods=())), "judged by its run"


@each
def test_what_must_stay_is_watched(challenge):
    """The solution with one more thing changed, which must stay, no longer counts."""
    name, more = ("l2", {"l2": 0.001}) if challenge.page in ("mse", "logistic") else ("steps", {"steps": 1999})
    name, more = (name, more) if name not in challenge.change else ("schedule", {"schedule": "cosine"})
    if "schedule" in more and not opened(challenge.page, challenge.solution).runs:
        more = {"standardise": True}
    view = opened(challenge.page, challenge.solution, **more)
    assert not challenge.reached(view)
    assert "nothing else changed" in challenge.checks(view)[-1].asked


def test_the_plane_that_sees_is_as_its_lesson_says():
    """Most of the slope almost everywhere on its map, but not at the end of the training."""
    plane = opened("network", {"network_plane": "two largest curvatures"}).loss
    at = np.stack(np.meshgrid(*(np.linspace(*ends, 15) for ends in plane.view)), axis=-1).reshape(-1, 2)
    shares = np.array([float(networks.gradient_share(plane, p)) for p in at])
    assert (shares > 0.5).mean() > 0.95
    assert float(networks.gradient_share(plane, (0.0, 0.0))) < 0.1


def test_each_part_that_can_change_has_its_words():
    view = opened("mse", {})
    other = {
        "w0": 1.0, "lr": 0.3, "steps": 7, "methods": ("adam",), "momentum": 0.5, "schedule": "cosine", "n": 7,
        "loss": "mean absolute error", "l2": 1.0, "standardise": True, "ab": True,
    }  # fmt: skip
    assert view.differs_from({f"mse_{name}": value for name, value in other.items()}) == set(CHANGES)
    assert not view.differs_from({"mse_zoom": 2.0, "mse_axes": True, "mse_picture": "3-D"})


@each
def test_the_solution_changes_only_what_may_be_changed(challenge):
    assert opened(challenge.page, challenge.solution).differs_from(challenge.start) <= set(challenge.change)


@each
def test_its_states_name_controls_of_the_page(challenge):
    for state in (challenge.start, challenge.solution):
        names = {key.removeprefix(f"{challenge.page}_") for key in state if key != "page"}
        assert names <= set(RECORDS[challenge.page].names)


@each
def test_its_texts_are_short(challenge):
    for text in (challenge.goal, challenge.hint, challenge.learnt):
        assert len(text.split()) <= 40
        assert text.endswith((".", "?"))


@each
def test_its_goal_names_the_numbers_that_are_checked(challenge):
    spelt = {10: "ten", 1: "single"}
    for name, value in challenge.reach.items():
        if isinstance(value, bool | str | tuple) or name in ("arrives", "none_arrives"):
            continue
        said = f"{value:g}".replace("-", "−")
        assert re.search(rf"(?<![\d.]){re.escape(said)}(?![\d,.]\d)", challenge.goal) or (
            spelt.get(value, "nothing") in challenge.goal or name == "rate_share"
        ), f"{name} = {value}"


def test_every_condition_is_used():
    used = {name for challenge in ALL for name in challenge.reach}
    assert used == set(challenges.CONDITIONS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('page = "mse"', 'page = "msee"', "page: must be one of"),
        ("minutes = 2", "minutes = 0", "minutes: must be from 1 to 60"),
        ('change = ["start"]', 'change = ["weather"]', "'weather' is unknown"),
        ('change = ["start"]', 'change = "start"', "must be a list of texts"),
        ("reach = { start_loss = 5 }", "reach = { start_los = 5 }", "unknown field"),
        ("reach = { start_loss = 5 }", 'reach = { start_loss = "5" }', "must be a number"),
        ('reach = { ends = "oscillating" }', 'reach = { ends = "well" }', "must be one of"),
        ('id = "swing-for-ever"', 'id = "line-by-hand"', "already used"),
        ('id = "swing-for-ever"', 'id = "Swing"', "lower-case"),
        ("start = { mse_methods = []", "start = { logistic_methods = []", "must start with 'mse_'"),
        ('sooner = ["gradient descent", "momentum"]', 'sooner = ["momentum"]', "two methods"),
    ],
)
def test_a_slip_in_the_file_is_reported(tmp_path, old, new, said):
    text = (CONTENT / "en" / "challenges.toml").read_text(encoding="utf-8")
    file = tmp_path / "challenges.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match="challenge") as error:
        read_challenges(file)
    assert said in str(error.value)

