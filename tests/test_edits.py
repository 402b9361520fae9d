"""What a drop on the data means, apart from any browser."""

from __future__ import annotations

import numpy as np
import pytest

from lossgeo.charts.hands import MODES, REACH
from lossgeo.charts.style import ChartStyle
from lossgeo.views.choice import choice_of
from lossgeo.views.edits import MOST, Drop, edited, modes
from lossgeo.views.pages import PAGES
from lossgeo.views.stage_data import data_window
from lossgeo.views.view import build


def built(page, **settings):
    state = {f"{page}_{name}": value for name, value in settings.items()}
    return build(PAGES[page], choice_of(PAGES[page], state), ChartStyle())


def pixel(view):
    """Width and height of a pixel of the panel, in the units of the data."""
    x0, x1, y0, y1 = data_window(view)
    return np.array([(x1 - x0) / view.style.model[0], (y1 - y0) / view.style.model[1]])


def at(view, i, *pixels):
    """The place so many pixels right of and above point i."""
    return tuple(np.array([view.data.x[i], view.data.y[i]]) + np.array(pixels or (0, 0)) * pixel(view))


def test_only_labels_can_be_flipped():
    assert modes(PAGES["logistic"]) == MODES
    assert "Flip" not in modes(PAGES["mse"])


@pytest.mark.parametrize("i", [0, 13, 29])
def test_the_nearest_point_moves_by_what_the_hand_moved(i):
    view = built("mse")
    taken = at(view, i, 3, -2)
    let_go = tuple(np.array(taken) + (40, -25) * pixel(view))
    x, y = edited(view, "Move", Drop(taken, let_go))
    assert np.flatnonzero((x != view.data.x) | (y != view.data.y)).tolist() == [i]
    assert np.abs(((x[i], y[i]) - np.array(at(view, i, 40, -25))) / pixel(view)).max() <= 0.01
    assert len(f"{x[i]:.12g}") <= 8, "a short decimal, for the link"


def test_a_label_stays_when_its_sample_moves():
    view = built("logistic", dataset="separable four")
    x, y = edited(view, "Move", Drop(at(view, 1), at(view, 1, 50, -60)))
    assert y.tolist() == view.data.y.tolist()
    assert x[1] > view.data.x[1]


def test_a_click_moves_nothing_and_a_hand_beside_the_points_takes_none():
    view = built("mse")
    assert edited(view, "Move", Drop(at(view, 5), at(view, 5))) is None
    for mode in ("Move", "Remove"):
        assert edited(view, mode, Drop(at(view, 29, 0, REACH + 1), at(view, 0))) is None


def test_points_are_added_removed_and_flipped():
    view = built("logistic", dataset="separable four")
    x, y = edited(view, "Add", Drop((0.5, 0.4), (0.5, 0.4)))
    assert (len(x), x[-1], y[-1]) == (5, 0.5, 0.0)
    assert edited(view, "Add", Drop((0.5, 0.7), (0.5, 0.7)))[1][-1] == 1.0
    x, y = edited(view, "Remove", Drop(at(view, 2), at(view, 2)))
    assert x.tolist() == [-2, -1, 2]
    x, y = edited(view, "Flip", Drop(at(view, 2), at(view, 2)))
    assert y.tolist() == [0, 0, 0, 1]


def test_of_two_points_at_one_place_one_moves():
    view = built("mse", dataset="yours", data="0_0_1_1_1_1_2_0")
    x, _ = edited(view, "Move", Drop((1.0, 1.0), (1.5, 1.0)))
    assert x.tolist() == [0, 1.5, 1, 2]


def test_too_many_points_are_not_edited():
    view = built("mse", n=MOST)
    assert edited(view, "Move", Drop(at(view, 5), at(view, 5, 20, 20))) is not None
    assert edited(built("nonconvex"), "Move", Drop((0.0, 0.0), (1.0, 1.0))) is None
