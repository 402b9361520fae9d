"""Maps of many starts: neither blocks, nor compaction, nor the memory's order changes where a start ends."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lossgeo.datasets import CLASSIFICATION, mean
from lossgeo.descent import OPTIMIZERS, many, run, run_many
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss
from lossgeo.surfaces import Grid

himmelblau, rastrigin = LANDSCAPES["himmelblau"], LANDSCAPES["rastrigin"]
classes = LogisticLoss(CLASSIFICATION["two classes"](), l2=0.1)


def same(one, other):
    for name in ("label", "outcome", "steps", "end"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def method_of(name):
    return OPTIMIZERS[name](**({"learning_rate": 0.01} if OPTIMIZERS[name].uses_rate else {}))


def fours(p, per_start=1):
    return [p[i : i + 4] for i in range(0, len(p), 4)]


METHODS = [name for name in OPTIMIZERS if not OPTIMIZERS[name].needs_data]


@pytest.mark.parametrize("name", METHODS)
def test_blocks_of_starts_join_without_a_seam(monkeypatch, name):
    starts = Grid(*himmelblau.view, 7, 5).points
    whole = run_many(method_of(name), himmelblau, starts, 40)
    monkeypatch.setattr(many, "_blocks", fours)
    same(whole, run_many(method_of(name), himmelblau, starts, 40))


@pytest.mark.parametrize("name", ["gradient descent", "sgd", "adam"])
def test_blocks_see_the_same_data(monkeypatch, name):
    starts = Grid(*classes.view, 7, 5).points
    whole = run_many(method_of(name), classes, starts, 40)
    monkeypatch.setattr(many, "_blocks", fours)
    assert_allclose(run_many(method_of(name), classes, starts, 40).end, whole.end, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_a_start_ends_the_same_alone_and_among_many(name):
    """To the last bit: the formulas take each step element by element."""
    method, starts = method_of(name), Grid(*himmelblau.view, 6, 6).points
    ends = run_many(method, himmelblau, starts, 4).end  # nothing is over before the first look
    for at in np.ndindex(6, 6):
        assert_array_equal(run(method, himmelblau, starts[at], 4, tolerance=0.0).points[-1], ends[at])


def test_labels_are_those_of_the_full_run():
    method = OPTIMIZERS["gradient descent"](learning_rate=0.01)
    starts = Grid(*himmelblau.view, 60, 60).points
    p = starts.copy()
    for _ in range(500):
        p = p - 0.01 * himmelblau.gradient(p)
    nearest = np.abs(p[..., None, :] - himmelblau.minima).max(axis=-1).argmin(axis=-1)
    assert_array_equal(run_many(method, himmelblau, starts, 500).label, nearest)


def test_separable_starts_are_bit_equal_to_all_of_them():
    starts, p = Grid(*rastrigin.view, 21, 17).points, Grid(*rastrigin.view, 21, 17).points
    for _ in range(120):
        p = p - 0.002 * rastrigin.gradient(p)
    found = run_many(OPTIMIZERS["gradient descent"](learning_rate=0.002), rastrigin, starts, 120)
    assert_array_equal(found.end, p)


def test_no_starts_give_an_empty_map():
    found = run_many(OPTIMIZERS["gradient descent"](), himmelblau, np.empty((0, 2)), 10)
    assert found.label.shape == (0,)
    assert found.end.shape == (0, 2)


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 40), (2, 3, 129), (5, 1000)])
def test_mean_is_numpys_to_the_last_bit(shape):
    samples = np.random.default_rng(0).standard_normal(shape) * 1e3
    assert_array_equal(mean(samples), samples.mean(axis=-1))
