"""A learner's own points as a text for the link: exact, short, or refused with a sentence."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lossgeo.contracts import Dataset
from lossgeo.datasets import check_sizes
from lossgeo.views import yours
from lossgeo.views.pages import LESSON_PAGES

FINITE = st.floats(-yours.LARGEST, yours.LARGEST, allow_subnormal=True).map(lambda v: v + 0.0)


def plain(x, y, *labels):
    return Dataset(np.array(x, float), np.array(y, float), "some", "nowhere", *labels)


def _apart(x):
    """Whether the x are not too close together."""
    try:
        check_sizes(plain(x, x))
    except ValueError:
        return False
    return True


@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=20))
def test_the_numbers_come_back_exactly(pairs):
    x, y = zip(*pairs, strict=True)
    assume(_apart(x))
    back = yours.decode(yours.encode(plain(x, y)))
    assert (back.x.tolist(), back.y.tolist()) == (list(x), list(y))


def test_the_text_is_short_and_needs_no_escapes():
    text = yours.encode(plain([0.5, -0.25, 1e-7, 100.0, -0.0], [1, 2, 3, 1e12, 0.1]))
    assert text == ".5_1_-.25_2_1e-7_3_100_1000000000000_0_.1"


def test_names_come_back_as_text():
    back = yours.decode(yours.encode(plain([1, 2], [3, 4], "speed (mph)", "<b>~*y*")))
    assert (back.x_label, back.y_label) == ("speed (mph)", "<b>-*y*")
    assert (yours.decode("1_2").x_label, yours.decode("1_2").y_label) == ("x", "y")


def test_sixty_points_of_full_precision_fit():
    rng = np.random.default_rng(1)
    full = plain(rng.normal(size=60), rng.normal(size=60), "a" * 60, "b" * 60)
    assert len(yours.encode(full)) <= yours.LONGEST
    with pytest.raises(ValueError, match="There are 61 points; at most 60"):
        yours.encode(plain(rng.normal(size=61), rng.normal(size=61)))


@pytest.mark.parametrize("page", yours.EXAMPLES)
def test_the_examples_can_be_used(page):
    assert yours.decode(yours.EXAMPLES[page]).n >= 6
    assert yours.NAME in LESSON_PAGES[page].control("dataset").options


def test_many_points_are_held_only_as_long_as_somebody_keeps_them():
    data = yours.of_points(np.arange(100.0), np.arange(100.0))
    key = yours.text_of(data)
    assert yours.decode(key) is data
    assert yours.for_link(key) == "held"
    del data
    gc.collect()
    with pytest.raises(ValueError, match="load them again"):
        yours.decode(key)


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [([], [], "no points"), ([1, np.nan], [0, 0], "The x of point 2 is not finite"),
     ([1, 2], [0, -np.inf], "The y of point 2 is not finite"), ([1, 2e12], [0, 0], "point 2 is larger than 1e12"),
     ([9e11, 9e11 + 1e-3], [0, 0], "the x differ only by")],
)  # fmt: skip
def test_points_that_cannot_be_used(x, y, why):
    with pytest.raises(ValueError, match=why):
        yours.of_points(x, y)


def test_what_is_special_is_said():
    assert yours.decode("2_1_2_5").note == "All x are equal."
    assert yours.decode("1_1_2_1").note == "Only one class occurs."
    assert "completely separated" in yours.decode("1_0_2_1").note
