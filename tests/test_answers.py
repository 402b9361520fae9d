"""The proof of every answer: test_<id> computes the truth of each option; the key must agree.

An option is named by a piece of its text, so that neither moving the key nor rewording an option
goes unnoticed. The numbers that stems, explanations and refutations quote are computed here, too.
Where an answer rests on a theorem, the docstring cites it and the test checks an instance.
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from lossgeo import formula, networks
from lossgeo.datasets import CLASSIFICATION, REGRESSION, Dataset, separation, standardise
from lossgeo.descent import OPTIMIZERS, noise, rates, run
from lossgeo.geometry import classify, condition_number, eigenvalues, max_stable_step
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.teaching.questions import load_bank
from lossgeo.views import network_planes

BANK = {question.id: question for question in load_bank()}
ORIGIN = np.zeros(2)


# Tools


def key_of(question, truths):
    """The index of the one true option; `truths` maps a piece of each text to its truth."""
    found = {}
    for piece, truth in truths.items():
        where = [i for i, option in enumerate(question.options) if piece in option.text]
        assert len(where) == 1, (
            f"the proof of {question.id!r} in tests/test_answers.py: {piece!r} must name one option by a piece of its "
            f"text, but it stands in {len(where)} of them"
        )
        found[where[0]] = bool(truth)
    assert len(found) == len(truths) == len(question.options), (
        f"the proof of {question.id!r} in tests/test_answers.py must name each option once"
    )
    true = [i for i, truth in found.items() if truth]
    assert len(true) == 1, f"of the options of {question.id!r} one must be true, not {len(true)}: {true}"
    return true[0]


def assert_only(id, truths):
    """Exactly one option is true, and it is the one that the bank calls right."""
    assert id in BANK, f"there is a proof in tests/test_answers.py for {id!r}, which is no question any more"
    question = BANK[id]
    true = key_of(question, truths)
    right, key = question.options[true].text, question.options[question.answer].text
    assert true == question.answer, f"for {id!r} the bank says {key!r}, but true is {right!r}"


@cache
def mse(name="chapter line", l2=0.0, scaled=False, **knobs):
    data = REGRESSION[name](**knobs)
    return MeanSquaredError(standardise(data) if scaled else data, l2)


@cache
def logistic(name, l2=0.0, scaled=False, loss=LogisticLoss):
    data = CLASSIFICATION[name]()
    return loss(standardise(data) if scaled else data, l2)


def follow(loss, start, rate, steps, name="gradient descent", **settings):
    """The run as a Trajectory, without early stop at a tolerance."""
    method = OPTIMIZERS[name](learning_rate=rate, **settings)
    return run(method, loss, start, steps, tolerance=0.0)


def steps_to(trajectory, target, tolerance=1e-6):
    """The number of steps after which every parameter is within tolerance, None if never."""
    near = np.abs(trajectory.points - target).max(axis=1) < tolerance
    return int(np.argmax(near)) if near.any() else None


def steps_of(loss, start, rate, steps, tolerance=1e-6, name="gradient descent", **settings):
    trajectory = follow(loss, start, rate, steps, name, **settings)
    return steps_to(trajectory, loss.minima[0], tolerance)


def rises(values):
    """At which steps the loss went up: step k leads from values[k - 1] to values[k]."""
    return 1 + np.flatnonzero(np.diff(values) > 0)


def bends_down(loss, a, b):
    """The surface passes above the middle of this chord: a proof that it is not convex."""
    middle = loss.value(np.mean([a, b], axis=0))
    return bool(middle > 0.5 * (loss.value(a) + loss.value(b)) + 1e-9)


def angle(u, v):
    """Degrees between two directions in the plane."""
    return float(np.degrees(np.abs(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))))


def accuracy(loss, p):
    return float(np.mean((loss.score(p) > 0) == (loss.dataset.y == 1.0)))


def approx(value, rel=1e-6, **kwargs):
    return pytest.approx(value, rel=rel, **kwargs)


# Every question is proved, and the tools can fail


def test_every_question_has_a_proof():
    here = vars(sys.modules[__name__])
    missing = [f"test_{id.replace('-', '_')}" for id in BANK if not callable(here.get(f"test_{id.replace('-', '_')}"))]
    assert not missing, (
        f"questions without a proof: write {missing} in tests/test_answers.py, each of which computes the truth of "
        "every option and hands it to assert_only"
    )


def test_every_proof_compares_with_its_own_question():
    """The proof of a question calls assert_only with that question's id."""
    here = vars(sys.modules[__name__])
    for id, name in ((id, f"test_{id.replace('-', '_')}") for id in BANK):
        if name in here:
            code = here[name].__code__
            assert id in code.co_consts, f"{name} must hand {id!r} to assert_only, the id of its question"
            assert "assert_only" in code.co_names, f"{name} must hand what it computes to assert_only"


def test_a_moved_key_is_noticed():
    """If another option were true, or two, or none, the comparison would fail."""
    id = "what-the-gradient-is"
    pieces = [option.text for option in BANK[id].options]
    pieces[0] = "-4.09)$"
    for true in range(1, 3):
        with pytest.raises(AssertionError, match="the bank says"):
            assert_only(id, {piece: i == true for i, piece in enumerate(pieces)})
    for count in (0, 2):
        with pytest.raises(AssertionError, match="one must be true"):
            assert_only(id, {piece: i < count for i, piece in enumerate(pieces)})
    with pytest.raises(AssertionError, match="must name each option"):
        assert_only(id, {pieces[0]: True})
    with pytest.raises(AssertionError, match="must name one option"):
        assert_only(id, {"no such text": True})


# Lesson 1: one trough per point, then a bowl


def test_chapter_question():
    """Boyd & Vandenberghe 2004, section 4.2.2: a local minimiser of a convex function is global."""
    same_x, chapter = mse("same x"), mse()
    assert chapter.convex
    assert LogisticLoss.convex
    ends = [follow(same_x, start, 0.05, 200).points[-1] for start in ((0, 0), (3, -1))]
    slopes, values = same_x.gradient(ends), same_x.value(ends)
    local_is_global = np.abs(slopes).max() < 1e-9 and np.allclose(values, same_x.infimum)
    separated = logistic("separable four")
    along = separated.value(np.outer([1, 10, 100, 700], [1, 0]))
    assert np.all(np.diff(along) < 0)
    assert 0 < along[-1] < 1e-300
    values = follow(chapter, (0, 0), 0.8, 50).values
    assert max_stable_step(chapter) == approx(0.788, 1e-3)
    assert_only(
        "chapter-question",
        {
            "Every local minimiser is global": local_is_global,
            "exactly one lowest point": np.allclose(*ends),
            "always have a lowest point": separated.minimisers != "none",
            "with any learning rate": not np.all(np.diff(values) > 0),
        },
    )


def test_convex_and_stopped():
    """First-order condition (Boyd & Vandenberghe 2004, section 3.1.3), on the trough."""
    trough = mse("same x")
    p = np.array([1.2, 0.6])
    rng = np.random.default_rng(3)
    others = rng.uniform(-50, 50, (1000, 2))
    level = p + np.outer(np.linspace(-5, 5, 11), [1, -2])
    assert np.abs(trough.gradient(p)).max() < 1e-12
    assert np.allclose(trough.value(level), trough.value(p))
    cars = mse("cars")
    low, high = eigenvalues(cars, ORIGIN)
    assert cars.convex
    assert_only(
        "convex-and-stopped",
        {
            "Nowhere on the plane": np.all(trough.value(others) >= 2.0 - 1e-12),
            "its value is higher": np.all(trough.value(level[:5]) > trough.value(p) + 1e-9),
            "few steps": steps_of(cars, (0, 0), 2 / (low + high), 5000, 1e-3) is not None,
            "curves upwards in all directions": eigenvalues(trough, p)[0] > 1e-9,
        },
    )


def test_read_a_contour_map():
    """Two ends of one contour, on the two axes of its ellipse."""
    loss, excess = mse(), 0.1
    values, vectors = np.linalg.eigh(loss.hessian(ORIGIN))
    reach = np.sqrt(2 * excess / values)
    a, b = loss.minima[0] + (vectors * reach).T
    assert loss.value(a) == approx(loss.value(b))
    assert (loss.value(a), *reach) == approx((0.111, 1.19, 0.281), rel=5e-3)
    x, y = loss.dataset.x, loss.dataset.y
    through = (np.abs(a[0] * x + a[1] - y) < 1e-9) & (np.abs(b[0] * x + b[1] - y) < 1e-9)
    assert_only(
        "read-a-contour-map",
        {
            "same mean squared error": abs(loss.value(a) - loss.value(b)) < 1e-12,
            "same data point": through.any(),
            "same distance": abs(reach[0] - reach[1]) < 1e-9,
        },
    )


def test_same_height_elsewhere():
    bowl, r = LANDSCAPES["bowl"], np.sqrt(10.0)
    height = bowl.value((r, 0.0))
    assert height == approx(5.0)
    assert bowl.value((0.0, r)) == approx(10 * height)
    assert np.hypot(*bowl.gradient((r, 0.0))) == approx(3.16, rel=1e-3)
    assert np.hypot(*bowl.gradient((0.0, 0.316))) == approx(3.16, rel=1e-3)
    assert bowl.value((0.0, 0.316)) == approx(0.5, rel=2e-3)
    assert_only(
        "same-height-elsewhere",
        {
            "(0, 1)": abs(bowl.value((0.0, 1.0)) - height) < 1e-9,
            "equally far": abs(bowl.value((0.0, r)) - height) < 1e-9,
            "equally steep": abs(bowl.value((0.0, 0.316)) - height) < 1e-9,
        },
    )


def test_one_point_trough():
    loss = mse("one point")
    assert (loss.dataset.x[0], loss.dataset.y[0]) == (1, 2)
    w = np.linspace(-5, 5, 21)
    on_line = loss.value(np.stack([w, 2 - w], axis=-1))
    off_line = loss.value(np.stack([w, 2.5 - w], axis=-1))
    assert loss.value((1, 2)) == 1
    assert_only(
        "one-point-trough",
        {
            "whole line $w + b = 2$": np.allclose(on_line, 0) and np.all(off_line > 0.1),
            "bottom of a bowl": loss.minimisers == "one",
            "At $w = 1$, $b = 2$": loss.value((1, 2)) <= loss.infimum,
        },
    )


def test_two_points_one_x():
    loss = MeanSquaredError(Dataset([2, 2], [1, 5], "two points", "the question"))
    w = np.linspace(-5, 5, 21)
    on_line = loss.value(np.stack([w, 3 - 2 * w], axis=-1))
    off_line = loss.value(np.stack([w, 3.5 - 2 * w], axis=-1))
    assert loss.infimum == approx(4)
    assert loss.value([(2, 1), (2, 5)]).tolist() == [8, 40]
    assert_only(
        "two-points-one-x",
        {
            "line $2w + b = 3$": np.allclose(on_line, 4) and np.all(off_line > 4.1),
            "lowest of a bowl": loss.minimisers == "one",
            "$(2, 1)$ and $(2, 5)$": np.all(loss.value([(2, 1), (2, 5)]) <= loss.infimum),
        },
    )


def test_bowl_or_trough():
    """The Hessian (2/n) A'A is positive definite iff A has full column rank (no y in it)."""
    rng = np.random.default_rng(1)
    strict = {"P": [], "Q": []}
    for y in rng.normal(size=(20, 4)):
        for name, x in (("P", (4, 4, 4, 4)), ("Q", (1, 1, 1, 2))):
            loss = MeanSquaredError(Dataset(x, y, name, "the question"))
            strict[name].append(eigenvalues(loss, ORIGIN)[0] > 1e-9)
    p, q = (np.array(strict[name]) for name in "PQ")
    assert p.min() == p.max()
    assert q.min() == q.max()
    assert_only(
        "bowl-or-trough",
        {
            "For Q,": q.all() and not p.any(),
            "For P and for Q": q.all() and p.all(),
            "until the $y$ values": not q.all() and not p.all(),
        },
    )


def test_two_runs_one_trough():
    loss = mse("same x")
    ends = [follow(loss, start, 0.05, 200).points[-1] for start in ((0, 0), (3, -1))]
    assert np.allclose(ends, [(1.2, 0.6), (2.2, -1.4)], atol=1e-9)
    assert np.allclose(loss.value(ends), 2.0)
    assert loss.infimum == approx(2)
    assert np.allclose(eigenvalues(loss, ORIGIN), (0, 10), atol=1e-12)
    different = not np.allclose(*ends, atol=1e-3)
    between = loss.value(np.linspace(*ends, 11))
    assert np.allclose(between, 2.0)
    assert_only(
        "two-runs-one-trough",
        {
            "of a convex surface": different and loss.convex,
            "At the same minimiser": not different,
            "that is not convex": different and not loss.convex,
        },
    )


def test_same_surface():
    losses = [mse(f"anscombe {part}") for part in ("I", "II", "III", "IV")]
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 6, 101)), axis=-1)
    surfaces = np.array([loss.value(grid) for loss in losses])
    hessians = np.array([loss.hessian(ORIGIN) for loss in losses])
    apart = np.ptp(surfaces, axis=0).max()
    assert 55 < surfaces.max() < 65
    for loss in losses:
        assert (np.mean(loss.dataset.x**2), loss.dataset.x.mean()) == approx((91, 9))
    assert_only(
        "same-surface",
        {
            "less than 0.02": apart < 0.02,
            "more than 2 at some": apart > 2,
            "in their curvature": np.ptp(hessians, axis=0).max() > 1e-9,
        },
    )


def test_square_and_diamond():
    r = np.sqrt(2)
    square = MeanSquaredError(Dataset([1, 1, -1, -1], [1, -1, 1, -1], "P", "the question"))
    diamond = MeanSquaredError(Dataset([r, -r, 0, 0], [0, 0, r, -r], "Q", "the question"))
    p = np.random.default_rng(5).uniform(-9, 9, (500, 2))
    equal = np.allclose(square.value(p), diamond.value(p), rtol=1e-12)
    assert np.allclose(square.value(p), (p**2).sum(axis=1) + 1)
    assert np.allclose(diamond.hessian(ORIGIN), 2 * np.eye(2))
    assert_only(
        "square-and-diamond",
        {
            "They agree": equal,
            "like the two pictures": not equal,
            "in their curvature": not np.allclose(square.hessian(p), diamond.hessian(p)),
        },
    )


def test_all_y_raised():
    old, new = mse(), mse(intercept=3.0)
    assert np.allclose(new.dataset.y, old.dataset.y + 2)
    p = np.random.default_rng(2).uniform(-5, 5, (200, 2))
    assert old.infimum == approx(0.0112, 5e-3)
    assert np.allclose(new.minima - old.minima, (0, 2))
    assert_only(
        "all-y-raised",
        {
            "moves by 2 along $b$": np.allclose(new.value(p), old.value(p - (0, 2))),
            "larger curvature": np.any(eigenvalues(new, p) > eigenvalues(old, p) + 1e-9),
            "rises by 2": np.allclose(new.value(p), old.value(p) + 2),
        },
    )


def test_outlier_and_limit():
    old, new = mse(), mse(outliers=1)
    assert new.dataset.y[-1] == approx(old.dataset.y[-1] + 2)
    steeper = np.linalg.norm(new.gradient(ORIGIN)) > np.linalg.norm(old.gradient(ORIGIN))
    before, after = max_stable_step(old), max_stable_step(new)
    assert steeper
    assert before == approx(0.788, 1e-3)
    assert new.infimum > old.infimum
    assert_only(
        "outlier-and-limit",
        {
            "It stays": after == approx(before, 1e-12),
            "adds curvature": after < before - 1e-9,
            "makes steeper slopes": steeper and after < before - 1e-9,
        },
    )


# Lesson 2: the learning-rate ruler


def test_step_above_limit():
    loss = mse()
    values = follow(loss, (0, 0), 0.8, 50).values
    falls = values[-1] < values[0]
    always_rises = len(values) == 51 and np.all(np.diff(values) > 0)
    high = eigenvalues(loss, ORIGIN)[1]
    assert high == approx(2.538, 1e-3)
    assert 1 - 0.8 * high == approx(-1.03, 1e-3)
    assert steps_of(loss, (0, 0), 0.78, 1000) is not None
    assert_only(
        "step-above-limit",
        {
            "rises at every step, and the surface is convex": always_rises and eigenvalues(loss, ORIGIN)[0] > 0,
            "falls at every step": falls,
            "surface is not convex": always_rises and not loss.convex,
        },
    )


def test_step_at_limit():
    loss = mse("same x")
    values = follow(loss, (0, 0), 0.2, 1000).values
    steps = {rate: steps_to_floor(loss, rate) for rate in (0.01, 0.05, 0.1, 0.15, 0.19, 0.2)}
    assert max_stable_step(loss) == approx(0.2)
    assert steps[0.1] == 1
    assert steps[0.01] > steps[0.05] > steps[0.1] < steps[0.15] < steps[0.19]
    assert_only(
        "step-at-limit",
        {
            "without end": np.allclose(values, 11),
            "and then settles": steps[0.2] is not None,
            "sooner than with any smaller": steps[0.2] is not None and steps[0.2] < steps[0.1],
        },
    )


def steps_to_floor(loss, rate):
    near = follow(loss, (0, 0), rate, 1000).values < loss.infimum + 1e-9
    return int(np.argmax(near)) if near.any() else None


def test_fastest_step():
    loss = mse()
    low, high = eigenvalues(loss, ORIGIN)
    assert (low, high, high / low) == approx((0.140, 2.538, 18), 5e-3)
    assert 2 / (low + high) == approx(0.747, 1e-3)
    steps = [steps_of(loss, (0, 0), rate, 1000) for rate in (0.5, 0.747, 0.78)]
    assert steps == [191, 132, 690]
    assert abs(1 - 0.78 * high) == approx(0.98, 1e-3)  # "shrinks by only 2 per cent"
    fastest = int(np.argmin(steps))
    assert_only(
        "fastest-step",
        {"0.747, where": fastest == 1, "0.78, where": fastest == 2, "alike": max(steps) < 1.2 * min(steps)},
    )


def test_fastest_step_round():
    loss = mse(scaled=True)
    assert np.allclose(eigenvalues(loss, ORIGIN), 2)
    assert max_stable_step(loss) == approx(1)
    steps = [steps_of(loss, (0, 0), rate, 1000) for rate in (0.5, 0.75, 0.95)]
    assert steps == [1, 21, 138]
    assert_only(
        "fastest-step-round",
        {
            "0.5, although": int(np.argmin(steps)) == 0,
            "0.95, whose": int(np.argmin(steps)) == 2,
            "alike": max(steps) < 1.2 * min(steps),
        },
    )


def test_loss_goes_up():
    """Above 2 / lambda_max the error along that eigenvector grows at every step."""
    loss = mse()
    assert np.all(np.diff(follow(loss, (0, 0), 0.8, 50).values) > 0)
    near = follow(loss, (1.93, 1.08), 0.8, 1000)
    assert_only(
        "loss-goes-up",
        {
            "Halve the rate": steps_of(loss, (0, 0), 0.4, 1000) is not None,
            "Take another loss": not loss.convex,
            "near the minimiser": near.values[-1] < near.values[0],
        },
    )


def test_momentum_goes_up():
    loss = mse()
    run_ = follow(loss, (0, 0), 0.1, 300, "momentum", momentum=0.9)
    steps = steps_to(run_, loss.minima[0])
    up = rises(run_.values[: steps + 1])
    plain = follow(loss, (0, 0), 0.1, 1000)
    assert (steps, len(up), up[0], steps_to(plain, loss.minima[0])) == (250, 118, 4, 980)
    falls = np.diff(run_.values[:21]) < np.diff(plain.values[:21])
    assert_only(
        "momentum-goes-up",
        {
            "rises on many of its steps": len(up) > 50 and steps is not None,
            "falls on each of its steps": len(up) == 0,
            "falls more on each": falls.all(),
        },
    )


def test_steep_start():
    loss = mse()
    starts = {"A": ((-40, 60), 0.75), "B": ((1.93, 1.08), 0.8)}
    norms = [np.linalg.norm(loss.gradient(start)) for start, _ in starts.values()]
    assert norms == approx([82, 0.0025], 2e-2)
    leaves = {}
    for name, (start, rate) in starts.items():
        distance = np.linalg.norm(follow(loss, start, rate, 2000).points - loss.minima[0], axis=1)
        leaves[name] = distance[-1] > distance[0]
        assert leaves[name] or distance[-1] < 1e-6
    assert_only(
        "steep-start",
        {
            "B, from": leaves["B"] and not leaves["A"],
            "A, from": leaves["A"] and not leaves["B"],
            "Neither": not leaves["A"] and not leaves["B"],
        },
    )


def test_steeper_data():
    old = mse()
    new = MeanSquaredError(Dataset(old.dataset.x, 1000 * old.dataset.y, "1000 y", "the question"))
    assert np.allclose(new.gradient(ORIGIN), 1000 * old.gradient(ORIGIN))
    paths = [follow(loss, (0, 0), 0.5, 300).points for loss in (old, new)]
    assert np.allclose(paths[1], 1000 * paths[0], rtol=1e-9, atol=1e-9)
    converges = steps_to(follow(new, (0, 0), 0.5, 500), new.minima[0], 1e-3) is not None
    same_curvature = np.allclose(old.hessian(ORIGIN), new.hessian(ORIGIN))
    assert_only(
        "steeper-data",
        {
            "It converges": converges and same_curvature,
            "far too steep": not converges,
            "curvature is far larger": not converges and not same_curvature,
        },
    )


# Lesson 3: scaling and kappa


def test_where_to_first():
    loss, p = mse(), np.array([3.0, 0.0])
    down, aim = -loss.gradient(p), loss.minima[0] - p
    assert np.allclose(loss.minima[0], (1.92, 1.08), atol=5e-3)
    assert np.allclose(down, (0.35, 1.09), atol=5e-3)
    assert angle(down, aim) == approx(63, 5e-3)
    level = np.array([-down[1], down[0]])  # tangent to the contour: no change along it
    eps = 1e-5
    change = loss.value(p + eps * level) - loss.value(p - eps * level)
    assert_only(
        "where-to-first",
        {
            "$w$ grows and $b$ grows": (down > 0).all() and abs(change) < 1e-9,
            "straight towards the minimiser": angle(down, aim) < 1,
            "and the height change": loss.gradient(p).shape == (3,),
        },
    )


def test_aim_after_scaling():
    """-g = -H error, parallel to -error iff the error is an eigenvector of H."""
    raw, scaled = mse(), mse(scaled=True)
    starts = np.random.default_rng(4).uniform(-5, 5, (200, 2))

    def off(loss, points):
        return np.array([angle(-loss.gradient(p), loss.minima[0] - p) for p in points])

    vectors = np.linalg.eigh(raw.hessian(ORIGIN))[1].T
    on_axes = [raw.minima[0] + t * v for v in vectors for t in (-2.0, 1.5)]
    raw_some = off(raw, on_axes).max() < 1e-4 and off(raw, starts).min() > 1e-3
    raw_all, scaled_all = off(raw, starts).max() < 1e-3, off(scaled, starts).max() < 1e-3
    assert_only(
        "aim-after-scaling",
        {
            "from those on two lines. Standardised: from all": raw_some and scaled_all,
            "again from all": raw_all and scaled_all,
            "Standardised: the same": raw_some and not scaled_all,
        },
    )


def test_scaling_the_cars():
    raw, scaled = mse("cars"), mse("cars", scaled=True)
    steps = []
    for loss in (raw, scaled):
        low, high = eigenvalues(loss, ORIGIN)
        steps.append(steps_of(loss, (0, 0), 2 / (low + high), 25000))
    assert steps == [21452, 1]
    assert condition_number(raw) == approx(2572, 1e-3)
    assert condition_number(scaled) == approx(1)
    fits = [loss.predict(loss.minima[0], loss.dataset.x) for loss in (raw, scaled)]
    assert np.allclose(*fits)
    assert_only(
        "scaling-the-cars",
        {
            "from over 20000 to 1": steps[0] > 20_000 and steps[1] == 1,
            "stays over 20000": min(steps) > 20_000,
            "stays below 100": max(steps) < 100,
        },
    )


def test_other_units():
    metres, decimetres = mse(), mse(scale=10.0)
    steps = []
    for loss in (metres, decimetres):
        low, high = eigenvalues(loss, ORIGIN)
        steps.append(steps_of(loss, (0, 0), 2 / (low + high), 1500))
    assert steps == [132, 931]
    assert condition_number(decimetres) == approx(135, 5e-3)
    assert metres.minima[0, 0] == approx(10 * decimetres.minima[0, 0])
    squares = [np.mean(loss.dataset.x**2) for loss in (metres, decimetres)]
    assert squares[1] == approx(100 * squares[0])
    fits = [loss.predict(loss.minima[0], loss.dataset.x) for loss in (metres, decimetres)]
    same = np.allclose(*fits)
    assert_only(
        "other-units",
        {
            "a factor of about seven": same and steps[1] / steps[0] == approx(7, 0.02),
            "not the number of steps": steps[1] == steps[0],
            "Neither": np.allclose(metres.hessian(ORIGIN), decimetres.hessian(ORIGIN)),
        },
    )


def test_sum_or_mean():
    """The sum is n times the mean, so a step on it is a step on the mean with n times the rate."""
    loss, n = mse(), 30
    target = loss.minima[0]
    assert steps_of(loss, (0, 0), 0.5, 500) is not None
    diverges = follow(loss, (0, 0), n * 0.5, 20).values[-1] > 1e12
    p, path = np.zeros(2), [np.zeros(2)]
    for _ in range(200):
        p = p - 0.5 / n * (n * loss.gradient(p))
        path.append(p)
    same_path = np.allclose(path, follow(loss, (0, 0), 0.5, 200).points)
    other_minimiser = np.abs(n * loss.gradient(target)).max() > 1e-9
    assert max_stable_step(loss) / n == approx(0.0263, 2e-3)
    assert_only(
        "sum-or-mean",
        {
            "takes the old path": diverges and same_path,
            "to another line": not diverges and other_minimiser,
            "to the same line": not diverges,
        },
    )


def test_rows_stored_twice():
    data = REGRESSION["cars"]()
    twice = Dataset(np.tile(data.x, 2), np.tile(data.y, 2), "twice", "the question")
    once, doubled = MeanSquaredError(data), MeanSquaredError(twice)
    limits = [max_stable_step(loss) / loss.dataset.n for loss in (once, doubled)]  # of the sums
    assert np.allclose(once.value([(1, 2), (4, -17)]), doubled.value([(1, 2), (4, -17)]))  # mean
    same_line = np.allclose(once.minima, doubled.minima)
    rate = 0.99 * limits[0]  # worked before, diverges now
    grows = follow(doubled, (0, 0), rate * twice.n, 100).values
    assert max_stable_step(once) < 0.0038
    assert_only(
        "rows-stored-twice",
        {
            "not the best line": same_line and limits[1] == approx(limits[0] / 2),
            "The best line, not": not same_line,
            "Neither the best line": same_line and grows[-1] < grows[0],
        },
    )


def test_what_the_gradient_is():
    loss = mse()
    g, away = loss.gradient(ORIGIN), ORIGIN - loss.minima[0]
    norm = np.linalg.norm(g)
    assert (norm, norm**2, angle(g, away)) == approx((4.73, 22.4, 30), 2e-2)
    assert g.shape == (2,)

    def equals(*entries):
        return len(entries) == g.size and np.allclose(g, entries, atol=5e-3)

    assert_only(
        "what-the-gradient-is",
        {"-4.09)$": equals(-2.39, -4.09), "22.4": equals(-2.39, -4.09, 22.4), "-1.92": equals(-1.92, -1.08)},
    )


def test_ten_weights():
    """By definition one partial derivative per parameter; instance: least squares in 10 weights."""
    rng = np.random.default_rng(0)
    X, y, w = rng.normal(size=(20, 10)), rng.normal(size=20), rng.normal(size=10)

    def value(w):
        return np.mean((X @ w - y) ** 2)

    gradient = 2 / 20 * X.T @ (X @ w - y)
    steps = 1e-6 * np.eye(10)
    slopes = [(value(w + h) - value(w - h)) / 2e-6 for h in steps]
    assert np.allclose(gradient, slopes, atol=1e-6)
    needed = np.count_nonzero(np.abs(slopes) > 1e-6)
    assert_only("ten-weights", {"10:": needed == 10, "11:": needed == 11, "2:": needed == 2})


# Lesson 4: logistic loss, with and without a floor


def test_separable_iris():
    """Albert & Anderson 1984: complete separation, infimum 0, not attained."""
    loss = logistic("iris setosa / versicolor", scaled=True)
    assert separation(loss.dataset) == "complete"
    assert loss.infimum == 0.0
    path = follow(loss, (0, 0), 1.0, 1000)
    w, values = path.points[:, 0], path.values
    assert (w[10], w[1000]) == approx((2.2, 8.0), 2e-2)
    assert (values[1], values[1000]) == approx((0.49, 0.0033), 1e-2)
    right_at_once = accuracy(loss, path.points[1]) == 1.0
    doubled = loss.value(np.outer([1, 2, 4, 8], path.points[1000]))
    keeps_falling = np.all(np.diff(values) < 0) and np.all(np.diff(doubled) < 0)
    assert_only(
        "separable-iris",
        {
            "falls towards 0": keeps_falling and np.all(np.diff(w) > 0),
            "falls to a minimum": loss.minimisers != "none",
            "and then it stays": right_at_once and values[1000] > values[1] - 1e-3,
        },
    )


def test_touching_classes():
    """Albert & Anderson 1984: quasi-complete separation, no finite minimiser."""
    loss = logistic("touching")
    assert separation(loss.dataset) == "quasi-complete"
    path = follow(loss, (0, 0), 1.0, 10_000)
    w, b = path.points[-1]
    assert (w, path.gradient_norms[-1]) == approx((8.5, 1e-4), 1e-2)
    assert abs(b) < 1e-9
    further = loss.value(np.outer([1, 2, 3, 4], (w, 0)))
    assert loss.infimum == approx(np.log(2) / 2)
    assert loss.infimum == approx(0.347, 2e-3)
    falls = np.all(np.diff(path.values) < 0) and np.all(np.diff(further) < 0)
    later = follow(loss, (w, b), 1.0, 10_000).points[-1, 0]
    assert_only(
        "touching-classes",
        {
            "Nowhere": falls and further[-1] > loss.infimum and loss.minimisers == "none",
            "At a finite $w$": loss.minimisers != "none",
            "Close to the run": later - w < 0.1,
        },
    )


def test_ten_times_lower():
    loss = logistic("separable four")
    path = follow(loss, (0, 0), 1.0, 12_000)
    values = path.values
    assert accuracy(loss, path.points[1]) == 1.0
    assert (values[100], values[1000], values[10_000]) == approx((0.0091, 0.00098, 1e-4), 1e-2)
    assert values[1100] / values[1000] == approx(0.91, 1e-2)
    tenth = int(np.argmax(values <= values[1000] / 10))
    assert_only(
        "ten-times-lower", {"About 10000": 9_000 < tenth < 11_000, "About 1100": tenth < 1_200, "None": tenth == 0}
    )


def test_level_but_convex():
    """Strictly convex: the Hessian (1/n) A' diag(p(1-p)) A is positive definite if two x differ."""
    loss, p = logistic("separable four"), np.array([9.0, 0.0])
    assert np.linalg.norm(loss.gradient(p)) == approx(6e-5, 5e-2)
    assert eigenvalues(loss, p) == approx([6e-5, 6e-5], 5e-2)
    assert eigenvalues(loss, ORIGIN) == approx([0.25, 0.625])
    level = eigenvalues(loss, p)[1] < 1e-3 * eigenvalues(loss, ORIGIN)[0]
    lower = loss.value([(9, 0), (20, 0), (60, 0)])
    assert np.all(np.diff(lower) < 0)
    assert_only(
        "level-but-convex",
        {
            "with no minimiser near": loss.convex and level and loss.minimisers == "none",
            "not convex": not loss.convex,
            "with a minimiser near": len(loss.minima) > 0,
        },
    )


def test_penalty_on_separable():
    """With both classes the penalised loss is coercive and strictly convex: one minimiser."""
    plain, penalised = (logistic("iris setosa / versicolor", l2, scaled=True) for l2 in (0.0, 0.1))
    assert np.allclose(penalised.minima, [(1.61, 0.04)], atol=5e-3)
    assert np.abs(penalised.gradient(penalised.minima[0])).max() < 1e-9
    assert eigenvalues(penalised, penalised.minima[0])[0] > 0
    assert plain.value(penalised.minima[0]) == approx(0.20, 2e-2)
    assert_only(
        "penalty-on-separable",
        {
            "A minimiser appears": (plain.minimisers, penalised.minimisers) == ("none", "one"),
            "No change": plain.minimisers == penalised.minimisers,
            "moves a little": plain.minimisers == "one",
        },
    )


def test_penalty_on_a_trough():
    plain, penalised = mse("same x"), mse("same x", l2=0.1)
    rng = np.random.default_rng(8)
    others = rng.uniform(-6, 6, (2000, 2))
    lowest = np.all(penalised.value(others) > penalised.value((0, 3)))
    assert eigenvalues(penalised, ORIGIN) == approx([0.02, 10.08], 1e-2)
    assert plain.value((0, 3)) == approx(plain.infimum)
    w = np.linspace(-3, 3, 13)
    floor = penalised.value(np.stack([w, 3 - 2 * w], axis=-1))
    stationary = np.abs(penalised.gradient((0, 3))).max() < 1e-12
    assert_only(
        "penalty-on-a-trough",
        {
            "At the point $(0, 3)$": lowest and stationary and eigenvalues(penalised, ORIGIN)[0] > 0,
            "At all points": np.ptp(floor) < 1e-9,
            "At a point beside": np.abs(penalised.minima @ (2, 1) - 3).max() > 1e-9,
        },
    )


def test_boundary_after_success():
    """Soudry and others 2018: GD tends to the direction of largest margin in (w, b), boundary 0.5.

    That margin problem, min |(w, b)| with all margins >= 1, has the solution (2, -1)/3: the samples
    -1 and 2 are active with multipliers 4/9 and 1/9.
    """
    loss = logistic("margin four")
    path = follow(loss, (0, 0), 0.3, 10_000)
    assert all(accuracy(loss, p) == 1.0 for p in path.points[1:200])
    boundary = -path.points[1:, 1] / path.points[1:, 0]
    at = {k: boundary[k - 1] for k in (10, 1000, 10_000)}
    assert list(at.values()) == approx([0.09, 0.33, 0.37], 4e-2)
    margin = np.array([2, -1]) / 3
    assert np.allclose(margin, 4 / 9 * np.array([1, -1]) + 1 / 9 * np.array([2, 1]))
    assert np.all((2 * loss.dataset.y - 1) * loss.score(margin) >= 1 - 1e-12)
    assert_only(
        "boundary-after-success",
        {
            "Near 0.33": abs(at[1000] - 0.33) < 0.01 and at[10_000] > at[1000] + 0.01,
            "Near 0.09": abs(at[1000] - at[10]) < 0.01,
            "at rest": loss.minimisers != "none",
        },
    )


def test_same_boundary():
    loss = logistic("margin four")
    a, b = loss.value([(2, -1), (10, -5)])
    assert accuracy(loss, (2, -1)) == accuracy(loss, (10, -5)) == 1.0
    assert (a, b) == approx((0.025, 1.5e-7), 3e-2)
    assert loss.value((20, -10)) < b
    assert_only("same-boundary", {"B: it is more certain": b < a, "Neither": a == b == 0, "A: it is nearer": a < b})


# Lesson 5: convex or not?


def test_squared_through_sigmoid():
    """Along w every term is strictly decreasing, so there is no stationary point anywhere.

    With x > 0 for label 1 and x < 0 for label 0 each term (sigmoid(z) - y)^2 has the derivative
    2 (p - y) p (1 - p) x < 0 in w; the signs are checked over scores from -30 to 30.
    """
    loss = logistic("separable four", loss=SigmoidSquaredError)
    x, y = loss.dataset.x, loss.dataset.y
    z = np.linspace(-30, 30, 601)[:, None]
    slopes_down = bool(np.all(loss.slope(z, y) * x < 0))
    not_convex = eigenvalues(loss, (-3, 0))[1] < 0
    assert len(loss.minima) == 0
    assert_only(
        "squared-through-sigmoid",
        {
            "None": slopes_down and not_convex,
            "Many": not slopes_down and not_convex,
            "One": not slopes_down and not not_convex,
        },
    )


def test_log_or_squared():
    """In the direction of a separating model every term of both losses falls (signs as above)."""
    log = logistic("iris setosa / versicolor", scaled=True)
    squared = logistic("iris setosa / versicolor", scaled=True, loss=SigmoidSquaredError)
    x, y = log.dataset.x, log.dataset.y
    threshold = (x[y == 0].max() + x[y == 1].min()) / 2
    z = np.linspace(-30, 30, 601)[:, None]
    falls = {loss.name: bool(np.all(loss.slope(z, y) * (x - threshold) < 0)) for loss in (log, squared)}
    not_convex = eigenvalues(squared, (-4, 0))[0] < 0
    neither = falls[log.name] and falls[squared.name]
    assert_only(
        "log-or-squared",
        {
            "the logistic one alone is convex": neither and log.convex and not_convex,
            "The squared one has many": falls[log.name] and not falls[squared.name],
            "both the losses are convex": neither and log.convex and not not_convex,
            "The logistic one has one": not falls[log.name],
        },
    )


def test_convex_along_the_axes():
    f = LANDSCAPES["hidden saddle"]
    p = np.random.default_rng(6).uniform(-5, 5, (200, 2))
    h = f.hessian(p)
    assert np.all(h[:, 0, 0] > 0)
    assert np.all(h[:, 1, 1] > 0)
    not_convex = bends_down(f, (-1, 1), (1, -1))
    assert np.allclose(eigenvalues(f, ORIGIN), (-1, 5))
    assert f.value((1, -1)) == -1
    # The gradient is H p with H invertible: the origin is the one stationary point.
    one_stationary = np.allclose(f.gradient(p), p @ f.hessian(ORIGIN))
    kind = classify(f, ORIGIN)
    assert_only(
        "convex-along-the-axes",
        {
            "it has no local minimum": not_convex and one_stationary and kind == "saddle",
            "It is convex, and": not not_convex and kind == "minimum",
            "several local minima": not_convex and not one_stationary,
        },
    )


def test_product_of_two_weights():
    """f = (ab - 1)^2 by hand: f_aa = 2b^2, f_bb = 2a^2, f_ab = 4ab - 2."""

    def f(a, b):
        return (a * b - 1) ** 2

    a, b = np.random.default_rng(7).uniform(-3, 3, (2, 200))
    in_a = f(a + 0.5, b) + f(a - 0.5, b) - 2 * f(a, b)
    in_b = f(a, b + 0.5) + f(a, b - 0.5) - 2 * f(a, b)
    along_axes = np.all(in_a >= -1e-9) and np.all(in_b >= -1e-9)
    convex = not f(0, 0) > (f(1, 1) + f(-1, -1)) / 2
    assert np.allclose(np.linalg.eigvalsh([[0, -2], [-2, 0]]), (-2, 2))
    assert_only(
        "product-of-two-weights",
        {
            "No: half-way": f(1, 1) == f(-1, -1) == 0 and f(0, 0) == 1,
            "convex in $a$ and convex in $b$": along_axes and convex,
            "squared error is a convex function": convex,
        },
    )


def test_tiny_network():
    f = LANDSCAPES["tiny network"]
    low, middle = f.value(f.minima), f.value(ORIGIN)
    assert f.dataset.n == 20
    assert low == approx([0.003, 0.003], 1e-2)
    assert np.allclose(np.abs(f.minima), (1.50, 0.98), atol=5e-3)
    assert np.allclose(f.minima[0], -f.minima[1])
    assert eigenvalues(f, ORIGIN) == approx([-1.88, 1.88], 5e-3)
    assert np.abs(f.gradient(ORIGIN)).max() < 1e-12
    assert f.value((0.1, 0.1)) < middle
    assert_only(
        "tiny-network",
        {
            "The loss is 0.66 there": abs(middle - 0.66) < 0.005 and bends_down(f, *f.minima),
            "at most 0.003": middle <= 0.003,
            "third minimum": classify(f, ORIGIN) == "minimum",
        },
    )


def test_which_models_convex():
    """P: affine in its parameters, so convex (Boyd & Vandenberghe 2004, section 3.2.2)."""
    rng = np.random.default_rng(9)
    curvatures = []
    for x in rng.normal(size=(20, 6)):
        A = np.stack([np.ones(6), x, x**2], axis=1)
        curvatures.append(np.linalg.eigvalsh(2 / 6 * A.T @ A)[0])
    p_convex = np.min(curvatures) >= -1e-12
    q_convex = not (0 * 0 - 1) ** 2 > ((1 * 1 - 1) ** 2 + (-1 * -1 - 1) ** 2) / 2
    network = LANDSCAPES["tiny network"]
    r_convex = not bends_down(network, *network.minima)
    assert_only(
        "which-models-convex",
        {
            "P, which": p_convex and not q_convex and not r_convex,
            "P, Q and R": p_convex and q_convex and r_convex,
            "P and Q, which": p_convex and q_convex and not r_convex,
        },
    )


def test_rosenbrock_chord():
    """f_y = 200 (y - x^2) = 0 forces y = x^2; there f_x = -2 (1 - x), zero only at x = 1."""
    f = LANDSCAPES["rosenbrock"]
    ends, middle = f.value([(-1, 1), (1, 1)]), f.value((0, 1))
    assert ends.tolist() == [4, 0]
    assert middle == 101
    x = np.linspace(-30, 30, 601)
    valley = f.gradient(np.stack([x, x**2], axis=-1))
    assert np.allclose(valley, np.stack([2 * (x - 1), 0 * x], axis=-1), atol=1e-9)
    assert classify(f, (1, 1)) == "minimum"
    assert condition_number(f, (1, 1)) == approx(2508, 1e-3)
    one_stationary = np.count_nonzero(np.abs(valley[:, 0]) < 1e-9) == 1
    not_convex = bends_down(f, (-1, 1), (1, 1))
    assert_only(
        "rosenbrock-chord",
        {
            "one stationary point": not_convex and one_stationary,
            "several local minima": not_convex and not one_stationary,
            "at a saddle": not_convex and not one_stationary and len(f.saddles) > 0,
        },
    )


def test_puromycin_fit():
    """One stationary point by Descartes' rule of signs (see the landscape); instance: a scan.

    The landscape's parameters are V / 100 and K / 0.1; units do not change eigenvalues' signs.
    """
    f = LANDSCAPES["puromycin"]
    not_convex = eigenvalues(f, (2.0, 10.0))[0] < 0
    c, rate = f.dataset.x, f.dataset.y
    v = np.logspace(-3, 4, 20_001)
    q = c / (0.1 * v[:, None] + c)
    best_u = (q @ rate) / (100 * (q * q).sum(axis=1))
    slope = f.gradient(np.stack([best_u, v], axis=-1))[:, 1]
    changes = np.count_nonzero(np.diff(np.sign(slope)))
    assert f.dataset.n == 12
    assert 0.1 * f.minima[0, 1] == approx(0.064, 1e-2)
    assert_only(
        "puromycin-fit",
        {
            "not convex, with one local": not_convex and changes == 1 and len(f.minima) == 1,
            "many local minima": not_convex and changes > 1,
            "It is convex": not not_convex,
        },
    )


def test_distance_to_a_disc():
    """The squared distance to a convex set is convex (Boyd & Vandenberghe 2004, section 3.2.5)."""
    f = LANDSCAPES["flat bottom"]
    rng = np.random.default_rng(10)
    turn, r = rng.uniform(0, 2 * np.pi, 300), np.sqrt(rng.uniform(0, 1, 300))
    disc = np.stack([r * np.cos(turn), r * np.sin(turn)], axis=-1)
    outside = 1.5 * disc / np.linalg.norm(disc, axis=1)[:, None]
    assert np.allclose(f.value(outside), 0.25)
    many = np.all(f.value(disc) == 0) and f.infimum == 0
    assert f.convex
    assert not any(bends_down(f, *pair) for pair in combinations(outside[:40], 2))
    assert_only(
        "distance-to-a-disc",
        {
            "It is convex and has infinitely many": f.convex and many,
            "exactly one minimiser": f.convex and not many,
            "It is not convex": not f.convex,
        },
    )


def test_disc_or_four_points():
    """The minimisers of a convex function form a convex set (Boyd & Vandenberghe 2004, 4.2.1)."""
    four, disc = LANDSCAPES["himmelblau"], LANDSCAPES["flat bottom"]
    assert np.abs(four.value(four.minima)).max() < 1e-20
    assert len(four.minima) == 4
    gaps = [four.value((a + b) / 2) > 1 for a, b in combinations(four.minima, 2)]
    four_excluded, disc_excluded = all(gaps), not disc.convex
    assert_only(
        "disc-or-four-points",
        {
            "The first": four_excluded and not disc_excluded,
            "Both": four_excluded and disc_excluded,
            "The second": disc_excluded and not four_excluded,
        },
    )


# Lesson 6: saddles, plateaus, basins


def test_hardly_moving():
    """No stationary point: see test_squared_through_sigmoid. The supremum is 1, all four wrong."""
    loss = logistic("separable four", loss=SigmoidSquaredError)
    p = np.array([-10.0, 0.0])
    assert np.linalg.norm(loss.gradient(p)) == approx(5e-5, 0.1)
    assert loss.value(p) == approx(0.99995, 1e-5)
    log = logistic("separable four")
    assert np.linalg.norm(log.gradient(p)) == approx(1.5, 1e-2)
    moved = follow(loss, p, 1.0, 1000).points[-1] - p
    x, y = loss.dataset.x, loss.dataset.y
    slopes_down = np.all(loss.slope(np.linspace(-30, 30, 601)[:, None], y) * x < 0)
    assert_only(
        "hardly-moving",
        {
            "On a plateau": loss.value(p) > 0.999 and np.abs(moved).max() < 0.1,
            "Near a minimum": loss.value(p) < loss.infimum + 0.1,
            "In a local minimum": not slopes_down,
        },
    )


def test_same_gradient_two_bowls():
    """mu-strong convexity: distance <= |g| / mu (Nesterov 2018, section 2.1.3), sharp along mu."""
    bounds, reached = [], []
    for loss in (mse(), mse("penguins")):
        low = eigenvalues(loss, ORIGIN)[0]
        bounds.append(0.01 / low)
        flattest = np.linalg.eigh(loss.hessian(ORIGIN))[1][:, 0]
        p = loss.minima[0] + 0.01 / low * flattest
        reached.append(np.linalg.norm(loss.gradient(p)))
    assert reached == approx([0.01, 0.01], 1e-3)
    assert eigenvalues(mse("penguins"), ORIGIN)[0] == approx(0.0097, 1e-2)
    assert_only(
        "same-gradient-two-bowls",
        {
            "at most 1.03": bounds == approx([0.07, 1.03], 2e-2),
            "At most 0.01": max(bounds) < 0.02,
            "the same in the second": bounds[0] == approx(bounds[1], 1e-2),
        },
    )


def test_zero_gradient():
    f = LANDSCAPES["saddle"]
    assert np.all(f.gradient(ORIGIN) == 0)
    assert np.allclose(eigenvalues(f, ORIGIN), (-2, 2))
    is_minimum = np.all(f.value([(0, -0.1), (0, 0.1)]) >= f.value(ORIGIN))
    starts = np.random.default_rng(11).uniform(-1e-3, 1e-3, (50, 2))
    leaves = [np.abs(follow(f, p, 0.1, 200).points[-1, 1]) > 1 for p in starts]
    stays = np.abs(follow(f, (1, 0), 0.1, 200).points[-1]).max() < 1e-9
    y = follow(f, (1, 1e-6), 0.1, 10).points[:, 1]
    assert np.allclose(y[1:] / y[:-1], 1.2)
    assert_only(
        "zero-gradient",
        {
            "no minimum, and the run leaves": not is_minimum and all(leaves) and stays,
            "is a minimum, and": is_minimum,
            "is trapped there": not any(leaves),
        },
    )


def test_zero_hessian():
    """x^4 + y^4 and the monkey saddle agree at the origin to second order and differ in kind."""
    f = LANDSCAPES["monkey saddle"]
    assert np.all(f.gradient(ORIGIN) == 0)
    assert np.all(f.hessian(ORIGIN) == 0)
    turn = np.linspace(0, 2 * np.pi, 361)
    around = 0.1 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    quartic_is_minimum = np.all((around**4).sum(axis=1) > 0)
    monkey_is_minimum = np.all(f.value(around) >= 0)
    assert np.all(np.diff(f.value([(-1, 0), (-10, 0), (-100, 0)])) < 0)  # falls without end
    assert_only(
        "zero-hessian",
        {
            "its kind remains open": quartic_is_minimum and not monkey_is_minimum,
            "It is a minimum": quartic_is_minimum and monkey_is_minimum,
            "has one close by": len(f.minima) > 0,
        },
    )


def test_a_hair_off_the_ridge():
    f = LANDSCAPES["saddle"]
    path = follow(f, (1, 1e-6), 0.1, 100)
    assert np.allclose(path.points[1], (0.8, 1.2e-6))
    passed = int(np.argmax(np.abs(path.points[:, 1]) >= 1))
    small = int(np.argmax(path.gradient_norms < 0.01))
    assert (passed, small) == (76, 24)
    assert np.all(follow(f, (1, 0), 0.1, 100).points[:, 1] == 0)
    assert_only(
        "a-hair-off-the-ridge",
        {
            "has delayed it": np.abs(path.points[-1, 1]) > 1 and passed > 50,
            "At the saddle": np.linalg.norm(path.points[-1]) < 0.1,
            "Near a minimum": len(f.minima) > 0,
        },
    )


def test_past_the_saddle():
    f = LANDSCAPES["double well"]
    assert np.allclose(f.minima, [(-1.05, 0), (0.95, 0)], atol=5e-3)
    assert f.value(f.minima[0]) < f.value(f.minima[1])
    assert np.allclose(f.saddles, [(0.101, 0)], atol=1e-3)
    path = follow(f, (0.1, 1), 0.1, 400)
    distance = np.linalg.norm(path.points - f.saddles[0], axis=1)
    nears = distance.min() < 0.05 and 20 < np.argmin(distance) < 60
    at_left = int(np.argmax(path.points[:, 0] < -0.9))
    assert 60 < at_left < 100
    assert 1 - 0.1 * eigenvalues(f, f.saddles[0])[0] == approx(1.1, 1e-2)
    first = -f.gradient((0.1, 1))
    assert angle(first, np.array([0.0, -1.0])) < 5
    arrives = np.allclose(path.points[-1], f.minima[0], atol=1e-6)
    assert_only(
        "past-the-saddle",
        {
            "turns into the left well": nears and arrives,
            "stays trapped": nears and not arrives,
            "straight to the lower": angle(first, f.minima[0] - np.array([0.1, 1])) < 5,
        },
    )


def test_which_well():
    f = LANDSCAPES["double well"]
    start = (1.6, 1.0)
    runs = {rate: follow(f, start, rate, 2000).points for rate in (0.3, 0.6)}
    ends = {rate: points[-1, 0] for rate, points in runs.items()}
    assert eigenvalues(f, start)[1] == approx(6.68)
    assert max_stable_step(f, start) == approx(0.299, 2e-3)
    assert [runs[rate][1, 0] for rate in (0.3, 0.6)] == approx([0.82, 0.04], 7e-2)
    assert [eigenvalues(f, p)[1] for p in f.minima] == approx([2.29, 1.68], 3e-3)
    right, left = ({rate: abs(x - well) < 1e-6 for rate, x in ends.items()} for well in f.minima[::-1, 0])
    assert_only(
        "which-well",
        {
            "0.6 in the left": right[0.3] and left[0.6],
            "0.3 and 0.6": right[0.3] and right[0.6],
            "Nowhere": not any([*right.values(), *left.values()]),
        },
    )


def test_which_of_four():
    f = LANDSCAPES["himmelblau"]
    start = np.array([-4.0, 0.0])
    first, second = (follow(f, start, rate, 3000).points[-1] for rate in (0.01, 0.02))
    assert np.allclose(first, (-3.78, -3.28), atol=5e-3)
    assert np.allclose(second, (-2.81, 3.13), atol=6e-3)
    down = -f.gradient(start)
    assert down.tolist() == [102, -10]
    off = [angle(down, p - start) for p in f.minima]
    aimed = f.minima[int(np.argmin(off))]
    assert np.allclose(aimed, (3.58, -1.85), atol=5e-3)
    assert min(off) == approx(8, 5e-2)
    others = [p for p in f.minima if np.linalg.norm(p - first) > 1e-3]
    assert_only(
        "which-of-four",
        {
            "At another minimum": min(np.linalg.norm(p - second) for p in others) < 1e-6,
            "At the same minimum": np.allclose(first, second, atol=1e-3),
            "to which the arrow points": np.allclose(second, aimed, atol=1e-3),
        },
    )


def three_variables(start, steps):
    """Gradient descent with rate 0.1 on x^2 + y^2 - z^2; the path (steps + 1, 3)."""
    path = [np.array(start, float)]
    for _ in range(steps):
        path.append(path[-1] - 0.1 * np.array([2.0, 2.0, -2.0]) * path[-1])
    return np.array(path)


def test_hidden_direction():
    path = three_variables((1, 1, 1e-6), 300)
    values = path[:, 0] ** 2 + path[:, 1] ** 2 - path[:, 2] ** 2
    assert int(np.argmax(np.abs(path[:, 2]) > 1)) == 76
    assert np.abs(path[40]).max() < 0.01  # seems to settle
    assert np.all(np.diff(values) < 0)
    assert np.all(three_variables((1, 1, 0), 100)[:, 2] == 0)
    near_origin = np.linalg.norm(path[-1]) < 0.1
    assert_only(
        "hidden-direction",
        {
            "leaves along $z$": np.abs(path[-1, 2]) > 1e6 and values[-1] < -1e6,
            "settles at the bottom": near_origin,
            "stays at the origin": near_origin,
        },
    )


def test_two_random_directions():
    """Counterexample in three variables: x^2 + y^2 - z^2 on the plane z = 0, through the origin.

    For M24 a picture of two axes: x^2 + y^2 + 3xy rises along both and is not convex.
    """
    hessian = np.diag([2.0, 2.0, -2.0])
    rises_in_the_plane = np.all(np.linalg.eigvalsh(hessian[:2, :2]) > 0)
    local_minimum = np.all(np.linalg.eigvalsh(hessian) >= 0)
    hidden = LANDSCAPES["hidden saddle"]
    axes = hidden.hessian(ORIGIN)
    assert axes[0, 0] > 0
    assert axes[1, 1] > 0
    convex_follows = not bends_down(hidden, (-1, 1), (1, -1))
    assert_only(
        "two-random-directions",
        {
            "along these two directions": rises_in_the_plane,
            "has a local minimum": local_minimum,
            "convex around": convex_follows,
        },
    )


# Lesson 7: optimizers, A against B


def test_beyond_two_over_l():
    """Below 2/L GD decreases (Nesterov 2018, section 2.1.5); near p the limit is 2/lambda_max."""
    loss = logistic("overlapping six")
    L, there = loss.smoothness, eigenvalues(loss, loss.minima[0])[1]
    assert (eigenvalues(loss, ORIGIN)[1], L) == approx((0.4375, 0.4375))
    assert there == approx(0.2445, 1e-3)
    assert there / L == approx(0.56, 1e-2)
    assert (3 / L, 4 / L, 2 / there, 2 / there * L) == approx((6.86, 9.14, 8.18, 3.58), 1e-3)
    steps = [steps_of(loss, (0, 0), m / L, 5000) for m in (3, 4)]
    assert steps[0] < 60
    assert_only(
        "beyond-two-over-l",
        {
            "not the run with $4/L$": steps[0] is not None and steps[1] is None,
            "Neither": steps[0] is None and steps[1] is None,
            "and the run with $4/L$": steps[0] is not None and steps[1] is not None,
        },
    )


def test_heavy_ball_limit():
    """Polyak 1964: on a positive definite quadratic iff 0 < rate < 2 (1 + beta) / L."""
    bowl = LANDSCAPES["bowl"]
    L = eigenvalues(bowl, ORIGIN)[1]
    assert max_stable_step(bowl, ORIGIN) == approx(0.2)
    assert approx(2 * 1.9 / 0.38) == L
    low, high = (
        steps_of(bowl, (1, 1), rate, 3000, name="momentum", momentum=0.9) is not None for rate in (0.379, 0.381)
    )
    assert_only(
        "heavy-ball-limit",
        {"but not 0.381": low and not high, "Neither": not low and not high, "and also 0.381": low and high},
    )


def test_momentum_added():
    bowl = LANDSCAPES["bowl"]
    plain = steps_of(bowl, (1, 1), 0.1, 500)
    path = follow(bowl, (1, 1), 0.1, 500, "momentum", momentum=0.9)
    steps = steps_to(path, ORIGIN)
    up = rises(path.values[: steps + 1])
    assert (plain, steps, len(up), up[0]) == (132, 249, 119, 2)
    assert steps_of(bowl, (1, 1), 0.231, 100, name="momentum", momentum=0.27) == 28
    assert steps_of(bowl, (1, 1), 0.182, 500) == 70
    crossed = np.any(path.points[:, 0] < 0)  # past the minimum and back
    assert_only(
        "momentum-added",
        {
            "It gets there later": steps > plain and crossed,
            "It gets there sooner": steps < plain,
            "It fails": steps is None,
        },
    )


def test_momentum_repaired():
    loss = mse()
    kappa = condition_number(loss)
    low, high = eigenvalues(loss, ORIGIN)
    best = ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2
    assert (kappa, best) == approx((18, 0.38), 1e-2)
    assert 4 / (np.sqrt(low) + np.sqrt(high)) ** 2 == approx(1.03, 1e-2)
    assert steps_of(loss, (0, 0), 0.747, 500) == 132
    needs = {
        beta: steps_of(loss, (0, 0), rate, 4000, name="momentum", momentum=beta)
        for beta, rate in ((0.9, 0.747), (0.38, 1.03), (0.99, 0.747))
    }
    adam = steps_of(loss, (0, 0), 0.747, 1000, name="adam")
    assert needs[0.9] == 253
    assert needs[0.38] == 40
    assert needs[0.99] == 2500
    assert adam == 253
    assert_only(
        "momentum-repaired",
        {"Less momentum": needs[0.38] < 132, "More momentum": needs[0.99] < 132, "Adam": adam < 132},
    )


def test_adam_at_a_crease():
    """And on x^2/2, never stopped, Adam rests for a thousand steps and jumps out again."""
    loss = MeanAbsoluteError(REGRESSION["one point"]())
    late = follow(loss, (0, 0.1), 0.3, 2000, "adam").values[1000:]
    assert len(late) == 1001
    above = late > 0.2
    again = np.count_nonzero(above[1:] & ~above[:-1])
    assert np.linalg.norm(loss.gradient((0, 0.1))) == approx(1.41, 1e-2)
    x = adam_unstopped(LANDSCAPES["bowl"], (0.5, 0.0), 0.5, 3000)[:, 0]
    assert np.abs(x[600:1600]).max() < 1e-6
    assert np.abs(x[1600:]).max() > 0.05
    assert_only(
        "adam-at-a-crease",
        {
            "above 0.2 again and again": again > 10,
            "stays at 0": late.max() < 1e-6,
            "fades to 0": late[-100:].max() < late[:100].max() / 2,
        },
    )


def adam_unstopped(loss, start, rate, steps):
    """The points of Adam without a stopping rule, even when the steps are lost in rounding."""
    method = OPTIMIZERS["adam"](learning_rate=rate)
    p = np.array(start, float)
    state, points = method.init(loss, p), [p]
    for t in range(1, steps + 1):
        p, state = method.step(loss, p, state, t)
        points.append(p)
    return np.array(points)


def test_adam_or_descent():
    loss = mse(scaled=True)
    target = loss.minima[0]
    assert np.allclose(eigenvalues(loss, ORIGIN), 2)

    def distances(name):
        method = OPTIMIZERS[name](learning_rate=0.5)
        p = np.zeros(2)
        state, away = method.init(loss, p), []
        for t in range(1, 101):
            p, state = method.step(loss, p, state, t)
            away.append(np.abs(p - target).max())
        return np.array(away)

    away = {name: distances(name) for name in ("gradient descent", "momentum", "adam")}
    assert away["momentum"][0] < 1e-9
    assert away["momentum"][1] > 0.1
    assert away["adam"][0] == approx(1.5, 5e-2)
    assert away["adam"][-1] > 1e-6
    there = {name: np.all(distance < 1e-6) for name, distance in away.items()}
    assert_only(
        "adam-or-descent",
        {
            "Gradient descent": there["gradient descent"] and sum(there.values()) == 1,
            "Adam": there["adam"],
            "Momentum": there["momentum"],
        },
    )


def test_absolute_error_steps():
    """|w + b - 2| is convex: the absolute value of an affine function."""
    loss = MeanAbsoluteError(REGRESSION["one point"]())
    path = follow(loss, (0, 0.1), 0.1, 500)
    side = path.points[-20:].sum(axis=1) - 2
    hops = np.allclose(np.abs(side), 0.1) and np.all(side[1:] * side[:-1] < 0)
    moves = np.linalg.norm(np.diff(path.points, axis=0), axis=1)
    shorter = follow(loss, (0, 0.1), 0.03, 500).values[-20:]
    assert (shorter.min(), shorter.max()) == approx((0.02, 0.04))
    assert loss.convex
    assert np.linalg.norm(loss.gradient((5, 5))) == approx(1.41, 1e-2)
    assert_only(
        "absolute-error-steps",
        {
            "hops across the kink": hops and loss.convex,
            "ever shorter steps": moves[-1] < moves[0] / 2,
            "not convex": hops and not loss.convex,
        },
    )


def test_absolute_error_shape():
    """A mean of absolute values of affine functions is convex (Boyd & Vandenberghe 2004, 3.2)."""
    data = REGRESSION["chapter line"]()
    loss = MeanAbsoluteError(data)
    rng = np.random.default_rng(12)
    p = rng.uniform((0, 0), (4, 2), (100, 2))
    residuals = p @ np.stack([data.x, np.ones(data.n)]) - data.y
    # Flat: around a point without zero residual the surface is its own tangent plane.
    h = 1e-3 * np.abs(residuals).min(axis=1)
    steps = h[:, None] * rng.uniform(-1, 1, (100, 2))
    plane = loss.value(p) + (loss.gradient(p) * steps).sum(axis=1)
    flat = np.allclose(loss.value(p + steps), plane, rtol=0, atol=1e-14)
    # Kinked: across a zero residual the slope jumps.
    on = np.array([1.0, data.y[7] - data.x[7]])
    across = np.array([0.0, 1e-9])
    jump = loss.gradient(on + across) - loss.gradient(on - across)
    kinked = np.abs(jump).max() > 1e-3
    assert_only(
        "absolute-error-shape",
        {
            "Convex, made of flat pieces": loss.convex and flat and kinked,
            "Not convex": not loss.convex,
            "nowhere flat": loss.convex and not flat,
        },
    )


def two_in_turn(rate, pairs):
    """SGD from w = 5 on (w - 1)^2/2 and (w + 1)^2/2 in turn; w after every step."""
    w, path = 5.0, []
    for _ in range(pairs):
        for target in (1.0, -1.0):
            w -= rate * (w - target)
            path.append(w)
    return np.array(path)


def test_two_examples_in_turn():
    """The fixed points of the pair of steps are w = -+ rate / (2 - rate)."""
    path = two_in_turn(0.1, 1000)
    assert abs(path[-1]) == approx(0.1 / 1.9)
    assert abs(path[-1]) == approx(0.0526, 1e-3)
    assert np.abs(two_in_turn(0.01, 3000)[-2:]).max() < 0.0526 / 5
    assert np.abs(two_in_turn(2.1, 500)[-1]) > 1e6
    swings = np.allclose(np.sort(path[-2:]), (-0.053, 0.053), atol=1e-3)
    rests = abs(path[-1]) < 1e-3
    assert_only(
        "two-examples-in-turn",
        {
            "To a swing": swings,
            "comes to rest": rests,
            "any other rate": rests and abs(two_in_turn(2.1, 500)[-1]) < 1e-3,
        },
    )


def test_which_data_for_sgd():
    """At the minimiser of P every example has gradient 0; at that of Q the batches disagree."""
    exact, noisy = mse(noise=0.0), mse()
    assert np.allclose(exact.minima, [(2, 1)])
    assert exact.infimum < 1e-20
    late = {}
    for name, loss in (("P", exact), ("Q", noisy)):
        path = follow(loss, (0, 0), 0.3, 4000, "sgd", batch_size=8)
        late[name] = np.linalg.norm(path.points[-500:] - loss.minima[0], axis=1).max()
    converges = {name: distance < 1e-6 for name, distance in late.items()}
    assert late["Q"] > 1e-2
    wild = follow(exact, (0, 0), 1.2, 500, "sgd", batch_size=8)
    assert wild.values[-1] > 1e3 * wild.values[0]
    any_rate = wild.values[-1] < 1e-6
    assert_only(
        "which-data-for-sgd",
        {
            "For P,": converges["P"] and not converges["Q"],
            "steps of this size": converges["P"] and converges["Q"],
            "any other rate": converges["P"] and converges["Q"] and any_rate,
        },
    )


# Lesson 8: planes through the weights of a network

MOONS, DEEP, CIRCLES = "two moons, tanh 2-8-1", "two moons, tanh 2-16-16-1", "circles, relu 2-8-1"


@cache
def trained(name, seed=0):
    return networks.train(networks.NETWORKS[name], seed)


@cache
def plane_of(kind, network=MOONS, **settings):
    """The plane as the page shows it."""
    return network_planes.shown(network_planes.PlaneSpec(network, kind, **settings))


def test_what_a_plane_point_is():
    plane = plane_of("training path").plane
    theta = plane.theta((1.0, 2.0))
    step = theta - plane.theta((0.0, 2.0))
    assert_only(
        "what-a-plane-point-is",
        {
            "every weight": theta.shape == (33,) and plane.value((1.0, 2.0)) == approx(plane.network.loss(theta)),
            "its features": theta.size == plane.network.inputs.shape[1],
            "weights are a and b": np.count_nonzero(step) <= 2,
        },
    )
    assert np.count_nonzero(step) == 33, "a step along the first axis changes all weights"


def test_gradient_in_the_plane():
    """For two random directions the mean is 2/N, exactly: E |Pg|^2 = |g|^2 trace(E P)/N, and trace P = 2."""
    network = networks.NETWORKS[DEEP]
    theta = trained(DEEP).end
    planes = [networks.random_plane(network, theta, seed, normalise=False) for seed in range(300)]
    mean = float(np.mean([networks.gradient_share(plane, (0, 0)) for plane in planes]))
    assert network.size == 337
    assert mean == approx(2 / 337, 0.15), "300 planes, standard error about 6 %"
    assert round(200 / network.size, 1) == 0.6, "about 0.6 %"
    assert_only(
        "gradient-in-the-plane",
        {"less than one percent": mean < 0.01, "Most of it": 0.5 < mean < 0.99, "All of it": mean > 0.99},
    )
    chosen = plane_of("two largest curvatures")
    shares = [100 * float(networks.gradient_share(chosen.plane, p)) for p in (chosen.start, (0.0, 0.0))]
    assert shares == [approx(95, 0.01), approx(2.5, 0.02)], "what the feedback says of a chosen plane"


def test_minimum_of_the_plane():
    """Cauchy's interlacing theorem: Horn & Johnson, Matrix Analysis, 2013, theorem 4.3.17."""
    found = networks.seen_curvatures(plane_of("random, filter-normalised").plane, (0.0, 0.0))
    every = found.every
    assert (found.seen > 0).all()
    assert (every.negative, len(every.eigenvalues)) == (5, 33)
    low, high = every.eigenvalues[[0, -1]]
    assert low <= found.seen[0] <= found.seen[1] <= high
    assert (every.eigenvalues[-2:] >= found.seen).all(), "so two are positive"
    assert (high, high / found.seen[1] > 9) == (approx(0.325, 2e-3), True)
    assert_only(
        "minimum-of-the-plane",
        {
            "others perhaps not": every.positive >= 2 and every.negative > 0,
            "All are positive": every.negative == 0,
            "All lie between": found.seen[0] <= low and high <= found.seen[1],
        },
    )


def test_negative_in_the_plane():
    """Cauchy's interlacing theorem, as above: the extreme eigenvalues of all lie outside those of the plane."""
    found = networks.seen_curvatures(plane_of("two solutions", seed=1).plane, (13.2, 0.0))
    every = found.every
    assert found.seen[0] < 0 < found.seen[1]
    low, high = every.eigenvalues[[0, -1]]
    assert every.negative == 15, f"the feedback says how many of the 33 are negative: {every.negative}"
    assert_only(
        "negative-in-the-plane",
        {
            "At least one is": low <= found.seen[0] < 0 and high >= found.seen[1] > 0,
            "Nothing": low >= 0,
            "One is negative, and all": (every.negative, every.positive) == (1, 32),
        },
    )


def test_how_many_copies():
    network = networks.NETWORKS[MOONS]
    count, orders, signs = networks.copies(network), 40320, 256
    theta = trained(MOONS).end
    order, flips = np.arange(8)[::-1], np.array([1, -1] * 4)
    copy = networks.flip(network, networks.permute(network, theta, 0, order), 0, flips)
    assert np.allclose(network.predict(copy, network.inputs), network.predict(theta, network.inputs), rtol=1e-12)
    assert count == orders * signs
    assert_only(
        "how-many-copies",
        {"Over ten million": count > 10**7, "A single one": count == 1, "A few hundred": count == 256 + 8},
    )


def test_barrier_and_copy():
    network = networks.NETWORKS[MOONS]
    a, b = (trained(MOONS, seed).end for seed in (1, 2))
    copy = networks.match(network, a, b)
    plain, matched = (networks.line(network, a, end).barrier for end in (b, copy))
    assert (plain, matched) == (approx(1.04, 1e-3), approx(0.00126, 2e-3))
    same = np.allclose(network.predict(b, network.inputs), network.predict(copy, network.inputs), rtol=1e-10)
    assert_only(
        "barrier-and-copy",
        {"depends on the copy": matched < 0.01 * plain and same, "copy differ": not same, "must cross": matched > 1.0},
    )


def test_rescaled_units():
    """Dinh, Pascanu, Bengio & Bengio 2017."""
    network, end = networks.NETWORKS[CIRCLES], trained(CIRCLES).end
    other = networks.rescale(network, end, 0, 4.0)
    before, after = (float(networks.curvatures(network, p).eigenvalues[-1]) for p in (end, other))
    same = np.allclose(network.predict(end, network.inputs), network.predict(other, network.inputs), rtol=1e-10)
    assert (before, after) == (approx(1.03, 2e-3), approx(8.91, 1e-3))
    bends = not np.isclose(before, after)
    assert_only(
        "rescaled-units",
        {"and not the function": bends and same, "and with it": bends and not same, "Neither": same and not bends},
    )


def test_first_step_of_both():
    for kind in ("training path", "random, filter-normalised"):
        found = plane_of(kind)
        both = networks.two_descents(found.plane, found.start, found.rate, 100)
        apart = np.abs(both.inside - both.projected).max(axis=1)
        assert both.distance[100] > 2, f"{kind}: the feedback says more than 2, it is {both.distance[100]}"
        assert_only(
            "first-step-of-both",
            {
                "then apart": apart[1] < 1e-9 and apart[2:].min() > 1e-6,
                "and all others": apart.max() < 1e-9,
                "and then as well": apart[1:].min() > 1e-6,
            },
        )


def test_at_the_edge():
    """Observed by Cohen, Kaur, Li, Kolter & Talwalkar 2021; here computed for this one run."""
    training, found = networks.edge_of_stability()
    first = int(np.argmax(found.values > found.limit))
    assert found.limit == approx(5.0)
    assert (found.values[0], training.steps[first]) == (approx(1.35, 5e-3), 950)
    assert (training.finite, training.losses[-1]) == (True, approx(0.0808, 1e-3))
    assert (np.diff(training.losses) > 0).any(), "the loss does not fall at every step"
    near = found.values[first:]
    assert (near.min() > 5, near.max() < 6.5, np.median(near) < 5.2) == (True, True, True)
    assert_only(
        "at-the-edge",
        {
            "stays near 5": np.quantile(near, 0.9) < 5.6 and near.max() < 6.5,
            "stays below 5": found.values.max() < 5,
            "the run diverges": not training.finite or training.losses[-1] > training.losses[0],
        },
    )


def test_share_of_the_path():
    """Antognini & Sohl-Dickstein 2018: the shares of a long random walk tend to 6/(pi^2 k^2)."""
    found = plane_of("training path")
    assert sum(found.shares) == approx(0.977, 1e-3)
    assert (6 / np.pi**2) * (1 + 1 / 4) == approx(0.76, 1e-2)
    walk = np.cumsum(np.random.default_rng(0).standard_normal((400, 1000)), axis=0)
    singular = np.linalg.svd(walk - walk.mean(axis=0), compute_uv=False) ** 2
    assert singular[:2].sum() / singular.sum() == approx(0.76, 0.05)
    assert found.away[0] == approx(2.64, 5e-3), f"the feedback says how far the start is: {found.away[0]}"
    spread = ((found.training.path - found.training.path.mean(axis=0)) ** 2).sum()
    centred = found.path - found.path.mean(axis=0)
    heights = found.plane.value(found.path)
    assert_only(
        "share-of-the-path",
        {
            "to its plane": (centred**2).sum() / spread == approx(sum(found.shares), 1e-9),
            "shows its loss": np.allclose(heights, found.training.losses, rtol=0.05),
            "simple": singular[:2].sum() / singular.sum() < 0.1,
        },
    )


# Lesson 9: rates and promises


def promised(loss, method, start, k, **settings):
    """The bounds that theorems give after k steps, lowest first."""
    return sorted(float(bound.above[k]) for bound in rates.bounds(OPTIMIZERS[method](**settings), loss, start, k))


def height(loss, start, rate, k, name="gradient descent", **settings):
    return float(follow(loss, start, rate, k, name, **settings).values[-1] - loss.infimum)


OWN = (0.4, 0.2)


def test_bound_and_run():
    """Beck and Teboulle 2009, theorem 3.1. tests/test_rates.py shows on random losses that no run is above it."""
    loss = mse()
    bound, here = promised(loss, "gradient descent", OWN, 100, learning_rate=0.3)[-1], height(loss, OWN, 0.3, 100)
    assert (bound, here) == (approx(0.0516, rel=1e-2), approx(1.09e-5, rel=1e-2))
    assert 1000 * here < bound
    above_but_lower = height(loss, OWN, 0.3, 60, "nesterov", momentum=0.9) < height(loss, OWN, 0.3, 60)
    worse = promised(loss, "nesterov", OWN, 60, learning_rate=0.3, momentum=0.9)[0]
    assert worse > promised(loss, "gradient descent", OWN, 60, learning_rate=0.3)[0]
    assert_only("bound-and-run", {
        "at most 0.05": here <= bound, "about 0.05": here > 0.5 * bound, "beaten": not above_but_lower})  # fmt: skip


def test_better_bound():
    loss = mse()
    low = promised(loss, "gradient descent", OWN, 60, learning_rate=0.3)[0]
    high = promised(loss, "nesterov", OWN, 60, learning_rate=0.3, momentum=0.9)[0]
    assert (low, high) == (approx(0.0166, rel=1e-2), approx(0.114, rel=1e-2))

    plain, fast = height(loss, OWN, 0.3, 60), height(loss, OWN, 0.3, 60, "nesterov", momentum=0.9)
    assert plain == approx(3.42e-4, rel=1e-2)
    assert plain < 0.01 * (high - low)
    assert_only("better-bound", {
        "do not decide": fast < plain,
        "its bound is lower": plain < fast, "by about 0.1": fast - plain > 0.05})  # fmt: skip


def test_trough_linear():
    """Polyak 1963: the factor 1 - eta mu (2 - eta L) with mu = L = 10."""
    loss = mse("same x")
    above = follow(loss, (3.0, -1.0), 0.05, 12).values - loss.infimum
    np.testing.assert_allclose(eigenvalues(loss, ORIGIN), (0, 10), atol=1e-12)
    factors = above[1:] / above[:-1]
    assert_only("trough-linear", {
        "same factor": np.allclose(factors, 0.25, rtol=1e-3),
        "1/k": above[10] > 0.4 * above[5], "no point is lowest": above[-1] > 0.1})  # fmt: skip


def test_root_of_kappa():
    """Nesterov 2018, section 2.2.1: 1 - 1/sqrt(kappa) with beta = (sqrt kappa - 1)/(sqrt kappa + 1), eta = 1/L."""
    kappa, loss = 1e4, formula.landscape("(x^2 + 10000*y^2)/2", ((-1.0, 1.0), (-1.0, 1.0)))
    loss.convex, loss.minimisers = True, "one"
    root = np.sqrt(kappa)
    fast, = rates.bounds(
        OPTIMIZERS["nesterov"](learning_rate=1e-4, momentum=(root - 1) / (root + 1)), loss, (0.3, 0.4), 3)  # fmt: skip
    factor = float(fast.above[3] / fast.above[2])
    assert (np.ceil(np.log(1e-6) / np.log(0.99)), np.ceil(np.log(1e-6) / np.log(0.9999))) == (1375, 138149)
    assert_only("root-of-kappa", {
        "0.99 for": np.isclose(factor, 0.99), "0.9999": np.isclose(factor, 0.9999),
        "0.5": np.isclose(factor, 0.5)})  # fmt: skip


def test_newton_from_far():
    """Of the page's opening data and start."""
    loss = logistic("two classes")
    path = follow(loss, (-2.0, 3.0), 1.0, 100, "newton")
    np.testing.assert_allclose(path.points[1], (28.2, -34.4), rtol=2e-3)
    np.testing.assert_allclose(path.points[2], (-5829, 7149), rtol=1e-4)
    assert np.abs(path.points[3]).min() > 1e16
    assert loss.minimisers == "one"
    near = run(OPTIMIZERS["newton"](), loss, (1.5, 0.5), 100)
    assert near.status == "converged"
    assert_only("newton-from-far", {
        "runs away": np.hypot(*path.points[3]) > 1e10, "arrives": path.status == "converged",
        "creeps": np.hypot(*np.diff(path.points, axis=0)[0]) < 1})  # fmt: skip


def test_newton_uphill():
    loss = logistic("two classes")
    first = follow(loss, (-2.0, 3.0), 1.0, 1, "newton")
    g, step = loss.gradient((-2.0, 3.0)), first.points[1] - first.points[0]
    assert (eigenvalues(loss, (-2.0, 3.0)) > 0).all()
    assert g @ step < 0, "the direction leads down"
    assert first.values == approx([2.96, 5.26], rel=1e-3)
    assert run(OPTIMIZERS["damped newton"](), loss, (-2.0, 3.0), 50).status == "converged"
    steep = follow(mse(), (-40.0, 60.0), 1.0, 1, "newton")
    assert_only("newton-uphill", {
        "may be wrong": first.values[1] > first.values[0], "It cannot": first.values[1] <= first.values[0],
        "steep": steep.values[1] > steep.values[0]})  # fmt: skip


# Lesson 10: noise


def ball(loss, rate, size):
    found = noise.noise_ball(loss, rate, size)
    assert found is not None
    return found.size


def sgd_run(rate=0.5, size=8, loss=None, steps=2000, name="sgd", schedule="constant"):
    method = OPTIMIZERS[name](learning_rate=rate, batch_size=size, fresh=True, schedule=schedule)
    return run(method, loss or mse(), OWN, steps)


def away(trajectory, loss=None):
    return float(np.hypot(*(trajectory.points[-1] - (loss or mse()).minima[0])))


def test_half_the_rate():
    """The stationary covariance (docs/model.md, section 6); tests/test_rates.py compares it with 300 long runs."""
    before, after = ball(mse(), 0.5, 8), ball(mse(), 0.25, 8)
    assert before == approx(0.0477, rel=2e-3)
    assert before / 2 == approx(0.0238, rel=2e-3)
    assert_only("half-the-rate", {
        "0.0268": np.isclose(after, 0.0268, rtol=2e-3), "0.0238": np.isclose(after, before / 2, rtol=0.02),
        "0 in the end": after < 1e-3})  # fmt: skip


def test_twice_the_batch():
    loss = mse(n=500)
    ratio = ball(loss, 0.1, 16) / ball(loss, 0.1, 8)
    assert_only("twice-the-batch", {
        "71 %": abs(ratio - 0.71) < 0.02, "50 %": abs(ratio - 0.5) < 0.05,
        "It is 0": ball(loss, 0.1, 8) == 0})  # fmt: skip


def test_two_points_one_sample():
    """Ma, Bassily and Belkin 2018; here n = 2, and the line through both points has no error."""
    loss = mse(n=2)
    path = sgd_run(0.3, 1, loss)
    assert loss.infimum < 1e-20
    assert steps_to(path, loss.minima[0]) == 115
    assert away(sgd_run(0.3, 1, loss, schedule="1/t"), loss) > 0.1
    assert_only("two-points-one-sample", {
        "it arrives": path.status == "converged", "ball": ball(loss, 0.3, 1) > 1e-6,
        "Far": away(path, loss) > 0.1})  # fmt: skip


def test_noise_free_line():
    loss = mse(noise=0.0)
    path, plain = sgd_run(0.3, 1, loss), follow(loss, OWN, 0.3, 300)
    rough = len(rises(path.values)) > 0 == len(rises(plain.values))
    assert sgd_run(0.3, 1).status != "converged"
    assert_only("noise-free-line", {
        "and it arrives": path.status == "converged" and rough, "at a distance": ball(loss, 0.3, 1) > 1e-6,
        "do nothing": np.allclose(path.points[:20], plain.points[:20], atol=1e-3)})  # fmt: skip


def test_one_over_t():
    """The error along mu is the product of 1 - eta mu / t, which falls like k^(-eta mu)."""
    slow = follow(mse(), OWN, 0.5, 2000, schedule="1/t")
    plain = run(OPTIMIZERS["gradient descent"](learning_rate=0.5), mse(), OWN, 2000)
    assert away(slow) == approx(0.518, rel=1e-3)
    assert len(plain.points) - 1 == 187
    np.testing.assert_allclose(eigenvalues(mse(), ORIGIN), (0.14, 2.54), rtol=2e-2)
    error = np.abs((slow.points - mse().minima[0]) @ np.linalg.eigh(mse().hessian(ORIGIN))[1][:, 0])
    power = np.log(error[2000] / error[200]) / np.log(10)
    assert power == approx(-0.5 * eigenvalues(mse(), ORIGIN)[0], rel=1e-2)
    assert_only("one-over-t", {
        "Further": away(slow) > 10 * away(plain), "Nearer": away(slow) < away(plain),
        "As near": np.isclose(away(slow), away(plain), rtol=0.5)})  # fmt: skip


def test_which_schedule():
    ends = {name: away(sgd_run(schedule=name)) for name in ("constant", "1/t", "cosine")}
    assert [ends[name] for name in ends] == approx([0.0283, 0.441, 0.00307], rel=2e-3)
    nearest = min(ends, key=ends.get)
    assert_only("which-schedule", {
        "cosine": nearest == "cosine", "1/t": nearest == "1/t",
        "All alike": max(ends.values()) < 1.5 * min(ends.values())})  # fmt: skip


def test_mean_of_the_points():
    last, mean = away(sgd_run()), away(sgd_run(name="averaged sgd"))
    assert (last, mean) == (approx(0.0283, rel=2e-3), approx(0.0057, rel=2e-3))
    assert_only("mean-of-the-points", {
        "Nearer": mean < 0.5 * last, "About as far": abs(mean - last) < 0.3 * last,
        "Further": mean > last})  # fmt: skip
