"""The bounds of theorems lie above every run, and are offered only where their hypotheses hold; the noise ball."""

from __future__ import annotations

import numpy as np
import pytest

from lossgeo.charts.map_panel import BALL
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Landscape
from lossgeo.datasets import CLASSIFICATION, REGRESSION, Dataset, chapter_line, same_x, standardise
from lossgeo.descent import OPTIMIZERS, run
from lossgeo.descent.noise import measured, noise_ball
from lossgeo.descent.rates import bounds, missing
from lossgeo.geometry import eigenvalues
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.ui.lab.shrinkage import apart
from lossgeo.views import cached, promises, stage_data
from lossgeo.views.choice import LossSpec, choice_of
from lossgeo.views.pages import LESSON_PAGES
from lossgeo.views.view import build

CHAPTER = MeanSquaredError(chapter_line())
CONVEX = [name for name, loss in LANDSCAPES.items() if loss.convex and loss.smoothness]
RANDOM = np.random.default_rng(19)


def a_dataset(labels=False):
    n = int(RANDOM.integers(2, 30))
    x = RANDOM.normal(RANDOM.normal(0, 2), RANDOM.uniform(0.1, 3), n)
    if RANDOM.random() < 0.2:
        x = np.full(n, x[0])
    y = RANDOM.normal(0, 2, n)
    return Dataset(x, (y > 0).astype(float) if labels else y, "random", "made up")


def a_loss():
    kind = RANDOM.integers(4)
    if kind == 0:
        return LANDSCAPES[str(RANDOM.choice(CONVEX))]
    l2 = float(RANDOM.choice([0.0, 0.1, 1.0]))
    return LogisticLoss(a_dataset(labels=True), l2) if kind == 1 else MeanSquaredError(a_dataset(), l2)


def above_minimum(method, loss, start, steps):
    """f(x_k) - f* of the run without early stop, and what rounding may do to it."""
    p, state, points = start, method.init(loss, start), [start]
    for t in range(1, steps + 1):
        p, state = method.step(loss, p, state, t)
        points.append(p)
    values = loss.value(np.array(points))
    return values - loss.infimum, 1e-12 * (abs(loss.infimum) + abs(values[0]) + 1e-9)


def test_no_run_is_ever_above_a_bound():
    """300 random losses, starts and rates, some of them just at the limit; all three methods."""
    offered = {}
    for _ in range(300):
        loss, start = a_loss(), RANDOM.normal(0, 3, 2)
        if loss.smoothness is None or not 0 < loss.smoothness < np.inf:
            continue
        name = str(RANDOM.choice(["gradient descent", "nesterov", "accelerated"]))
        share = float(RANDOM.choice([RANDOM.uniform(0.01, 1), 1.0, RANDOM.uniform(1, 1.99)]))
        own = {"momentum": float(RANDOM.uniform(0.2, 0.99))} if name == "nesterov" else {}
        method = OPTIMIZERS[name](learning_rate=share / loss.smoothness, **own)
        found = bounds(method, loss, start, 150)
        if not found:
            continue
        above, rounding = above_minimum(method, loss, start, 150)
        for bound in found:
            offered[name, bound.name] = offered.get((name, bound.name), 0) + 1
            worst = (above - bound.above * (1 + 1e-9)).max()
            assert worst <= rounding, f"{name} is {worst} above its bound {bound.name} on {loss.name} from {start}"
            assert bound.above.shape == (151,)
            assert bound.theorem
            assert bound.because
    kinds = ("gradient descent", "1/k"), ("gradient descent", "linear"), ("nesterov", "linear"), ("accelerated", "1/k²")
    assert min(offered.get(kind, 0) for kind in kinds) >= 15, f"too few random cases to say anything: {offered}"


class Corner(Landscape):
    """x^2/2 that goes on as a straight line beyond |x| = t, plus y^2/2: convex, no curvature above 1."""

    name, convex, smoothness, minima, minimisers, infimum = "corner", True, 1.0, np.zeros((1, 2)), "one", 0.0
    view, start, citation, lesson = ((-1.0, 1.0), (-1.0, 1.0)), (1.0, 0.0), "", ""

    def __init__(self, t):
        self.definition = f"(x^2 - max(abs(x) - {t!r}, 0)^2 + y^2)/2"
        super().__init__()


@pytest.mark.parametrize(
    ("name", "corner", "share"), [("gradient descent", 1 / 61, 30 / 61), ("accelerated", 0.00374, 0.91)]
)
def test_the_slow_bounds_are_of_the_right_order(name, corner, share):
    """A parabola that goes on as a straight line beyond `corner` comes near to the worst case of 30 steps.

    Of gradient descent it is the worst case, R^2/(eta (4k + 2)) (Drori and Teboulle 2014).
    """
    loss = Corner(corner)
    method = OPTIMIZERS[name](learning_rate=1.0)
    (bound,) = bounds(method, loss, (1.0, 0.0), 30)
    above, _ = above_minimum(method, loss, np.array([1.0, 0.0]), 30)
    assert above[30] / bound.above[30] == pytest.approx(share, rel=0.02)
    assert (above[1:] <= bound.above[1:]).all()


@pytest.mark.parametrize(
    ("name", "settings", "loss", "why"),
    [
        ("gradient descent", {"learning_rate": 0.8}, CHAPTER, "below 2/L = 0.788"),
        ("gradient descent", {"learning_rate": 0.1, "schedule": "1/t"}, CHAPTER, "constant learning rate"),
        ("momentum", {"learning_rate": 0.1}, CHAPTER, "none of these theorems is about momentum"),
        ("sgd", {"learning_rate": 0.1}, CHAPTER, "none of these theorems is about sgd"),
        ("accelerated", {"learning_rate": 0.5}, CHAPTER, "at most 1/L = 0.394"),
        ("gradient descent", {"learning_rate": 0.1}, MeanAbsoluteError(chapter_line()), "a bound L"),
        ("gradient descent", {"learning_rate": 0.01}, LANDSCAPES["rosenbrock"], "a convex loss"),
        ("gradient descent", {"learning_rate": 0.1}, LogisticLoss(CLASSIFICATION["separable four"]()), "a minimiser"),
        ("gradient descent", {"learning_rate": 0.1}, SigmoidSquaredError(CLASSIFICATION["overlapping six"]()), "conv"),
    ],
)
def test_no_bound_without_its_hypotheses(name, settings, loss, why):
    method = OPTIMIZERS[name](**settings)
    assert bounds(method, loss, (0.0, 0.0), 10) == ()
    assert why in missing(method, loss)


def test_constant_momentum_needs_enough_strong_convexity():
    """On `chapter line` with the rate 0.3 beta 0.66 is just enough, 0.65 is not: then the theorem is silent."""
    least = (1 - np.sqrt(0.3 * eigenvalues(CHAPTER, (0, 0))[0])) / (1 + np.sqrt(0.3 * eigenvalues(CHAPTER, (0, 0))[0]))
    for beta, offered in ((least + 1e-3, 1), (least - 1e-3, 0), (0.99, 1)):
        method = OPTIMIZERS["nesterov"](learning_rate=0.3, momentum=float(beta))
        assert len(bounds(method, CHAPTER, (0.0, 0.0), 10)) == offered


def test_a_trough_has_a_linear_rate_without_strong_convexity():
    trough = MeanSquaredError(same_x())
    slow, fast = bounds(OPTIMIZERS["gradient descent"](learning_rate=0.05), trough, (3.0, -1.0), 20)
    assert trough.minimisers == "line"
    assert "Łojasiewicz" in fast.because
    assert fast.above[-1] < 1e-5 < slow.above[-1]


def test_the_linear_bound_is_reached_on_an_eigenvector():
    bowl = LANDSCAPES["bowl"]
    method = OPTIMIZERS["gradient descent"](learning_rate=0.1)
    bound = bounds(method, bowl, (1.0, 0.0), 30)[1]
    np.testing.assert_allclose(run(method, bowl, (1, 0), 30).values, bound.above)


def test_damped_newton_goes_down_at_every_step_and_blames_no_curvature():
    for name in ("himmelblau", "rosenbrock", "saddle", "plateau and cliff"):
        path = run(OPTIMIZERS["damped newton"](), LANDSCAPES[name], LANDSCAPES[name].start, 40)
        assert (np.diff(path.values) <= 0).all(), name
        assert path.certificate is None or "Newton" not in path.certificate.sentence, name


# --- the noise ball --------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "size", "l2"), [(0.5, 8, 0.0), (0.1, 1, 0.0), (0.3, 2, 0.5)])
def test_the_noise_ball_is_the_covariance_of_a_long_run(rate, size, l2):
    """300 runs side by side, each with its own batches, long after the start."""
    data = chapter_line()
    loss = MeanSquaredError(data, l2)
    ball, (n, random) = noise_ball(loss, rate, size), (data.n, np.random.default_rng(1))
    p, late = np.tile(loss.minima[0] + 0.1, (300, 1)), []
    for t in range(700):
        drawn = random.random((300, n)).argpartition(size, axis=1)[:, :size]
        A, y = loss.design[drawn], data.y[drawn]
        g = 2 * (((A @ p[:, :, None])[..., 0] - y)[..., None] * A).mean(axis=1)
        g[:, 0] += l2 * p[:, 0]
        p = p - rate * g
        if t >= 200:
            late.append(p)
    errors = np.concatenate(late) - loss.minima[0]
    np.testing.assert_allclose(errors.T @ errors / len(errors), ball.covariance, rtol=0.05, atol=0.01 * ball.size**2)
    assert ball.height == pytest.approx(float((loss.value(np.concatenate(late)) - loss.infimum).mean()), rel=0.05)


def test_the_page_draws_fresh_batches_as_the_ball_supposes():
    method = OPTIMIZERS["sgd"](learning_rate=0.5, fresh=True)
    points = run(method, CHAPTER, (0.4, 0.2), 2000, tolerance=0.0).points
    assert measured(points, CHAPTER.minima[0]) == pytest.approx(noise_ball(CHAPTER, 0.5, 8).size, rel=0.1)


def test_a_batch_of_all_samples_and_samples_that_agree_have_no_noise():
    assert noise_ball(CHAPTER, 0.5, 30).size == 0
    agreed = MeanSquaredError(chapter_line(noise=0.0))
    assert noise_ball(agreed, 0.3, 1).size < 1e-12
    method = OPTIMIZERS["sgd"](learning_rate=0.3, batch_size=1, fresh=True)
    assert run(method, agreed, (0.4, 0.2), 2000).status == "converged"


def test_no_ball_where_the_covariance_has_no_limit_or_the_loss_is_another():
    assert noise_ball(CHAPTER, 0.78, 1) is None, "batches of one sample need a smaller rate than 2/L"
    assert noise_ball(MeanSquaredError(same_x()), 0.05, 1) is None
    assert noise_ball(LogisticLoss(CLASSIFICATION["overlapping six"]()), 0.1, 2) is None
    assert noise_ball(MeanSquaredError(standardise(REGRESSION["cars"]())), 0.1, 8) is not None


def test_the_outline_holds_the_deviations_of_the_covariance():
    ball = noise_ball(CHAPTER, 0.5, 8)
    away = ball.outline(2.0) - ball.centre
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", away, np.linalg.inv(ball.covariance), away), 4.0)


# --- on the page -----------------------------------------------------------------------------------


def shown(page="mse", neutral=False, **state):
    record = LESSON_PAGES[page]
    choice = choice_of(record, {f"{page}_{name}": value for name, value in state.items()})
    return build(record, choice, ChartStyle(), neutral)


def test_the_page_says_what_is_promised_and_draws_it():
    view = shown(bounds=True, lr=0.3, methods=("gradient descent", "accelerated"))
    said = promises.lines(view)
    assert [line.split(":")[0] for line, _ in said] == [
        "Theorem, gradient descent, 1/k", "Theorem, gradient descent, linear", "Theorem, accelerated, 1/k²",
    ]  # fmt: skip
    assert "at most 0.0516 above the minimum; here 1.09·10⁻⁵" in said[0][0]
    assert "Beck and Teboulle 2009, theorem 3.1" in said[0][1]
    rows = stage_data.promised(view)
    names, methods = ([words.texts[i] for i in words.index] for words in (rows["name"], rows["method"]))
    assert sorted(filter(None, names)) == ["1/k", "1/k²", "linear"], "each line is named once"
    assert set(methods) == {"gradient descent", "accelerated"}
    for one, bound in view.promised:
        here = np.array(methods) == one.name
        at = here & (rows["order"] == [b for _, b in view.promised].index(bound))
        np.testing.assert_allclose(rows["above"][at], bound.above[rows["t"][at]], rtol=1e-6)
    low, high = stage_data.loss_range(view)
    assert low < min(one.trajectory.values[-1] for one in view.runs) - view.floor < high
    assert stage_data.path(view)["loss"].dtype == np.float64, "the height above the minimum needs all digits"


def test_nothing_is_drawn_or_said_unless_asked_and_before_a_prediction():
    assert promises.lines(shown()) == []
    assert promises.lines(shown(bounds=True, neutral=True)) == []
    assert shown().promised == shown().balls == ()
    assert "bound" not in stage_data.stage_data(shown())
    assert shown().floor == 0.0


@pytest.mark.parametrize(
    ("page", "state", "why"),
    [
        ("mse", {"methods": ("sgd",)}, "for fresh batches only"),
        ("mse", {"methods": ("sgd",), "fresh": True, "schedule": "cosine"}, "a constant rate"),
        ("mse", {"methods": ("nesterov",), "momentum": 0.5, "lr": 0.3}, "needs β at least 0.659"),
        ("logistic", {"methods": ("nesterov",)}, "nowhere below some μ"),
        ("mse", {"methods": ("adam",)}, "none of these theorems is about adam"),
        ("mse", {"dataset": "same x", "methods": ("nesterov",), "lr": 0.05, "momentum": 0.0}, "needs β at least 0.172"),
        ("mse", {"lr": 0.8}, "below 2/L = 0.788"),
        ("logistic", {"dataset": "separable four"}, "they need a minimiser"),
        ("nonconvex", {}, "they need a convex loss"),
    ],
)
def test_a_run_without_a_theorem_is_told_which_condition_fails(page, state, why):
    (line, details), = promises.lines(shown(page, bounds=True, **{"methods": ("gradient descent",), **state}))
    assert line.startswith("No theorem for")
    assert why in details


def test_the_ball_is_predicted_drawn_and_measured():
    view = shown(bounds=True, methods=("sgd",), fresh=True, steps=2000)
    (line, _), = promises.lines(view)
    assert line == "Noise ball of sgd: 0.0477 predicted, 0.0472 in the second half of this run."
    kinds = stage_data.of_lesson(view)["kind"]
    assert set(kinds) == {BALL}
    wide = shown(bounds=True, methods=("sgd", "momentum"), fresh=True, batch=32)
    assert "Noise ball of sgd: 0 predicted" in promises.lines(wide)[0][0], "a batch of all samples"


# --- the penalty path ------------------------------------------------------------------------------


def test_the_penalty_path_and_early_stopping_begin_and_end_together_and_coincide_on_a_round_bowl():
    spec = LossSpec("cars", (), "mean squared error", standardise=True)
    minimisers, path = cached.shrinkage(spec, 50)
    np.testing.assert_allclose(minimisers[0], path[0], atol=0)
    np.testing.assert_allclose(minimisers[-1], path[-1], atol=1e-4)
    assert apart(path, minimisers, ((-1.0, 25.0), (40.0, 46.0))) < 1e-9, "both run along b = mean y"
    raw = LossSpec("chapter line", (), "mean squared error")
    (minimisers, path), box = cached.shrinkage(raw, 2000), ((0.0, 4.0), (0.0, 2.0))
    assert 1e-6 < apart(path, minimisers, box) < 0.2, "alike, but not the same"
    np.testing.assert_allclose(minimisers[:, 1] + 0.5 * minimisers[:, 0], chapter_line().y.mean(), atol=1e-9)
