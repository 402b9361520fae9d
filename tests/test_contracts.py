"""Every declared fact of a loss or a method is held against the numbers, in both directions."""

from __future__ import annotations

import numpy as np
import pytest

from lossgeo.contracts import Dataset, Landscape, Loss, Method
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS, run
from lossgeo.geometry import eigenvalues
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES


def of_data() -> dict[str, Loss]:
    """Every loss on a few data sets, with and without penalty."""
    made: dict[str, Loss] = {}
    for kind, names in (
        (REGRESSION, ("chapter line", "cars", "same x")),
        (CLASSIFICATION, ("two classes", "touching")),
    ):
        for name in names:
            data = kind[name]()
            for loss in LOSSES.values():
                if not loss.classifies or data.labels_are_binary:
                    for l2 in (0.0, 0.3):
                        made[f"{loss.name}, {name}, l2 {l2:g}"] = loss(data, l2)
    return made


ALL: dict[str, Loss] = {**LANDSCAPES, **of_data()}
every_loss = pytest.mark.parametrize("loss", ALL.values(), ids=ALL)
every_method = pytest.mark.parametrize("method", OPTIMIZERS.values(), ids=OPTIMIZERS)


def spread(loss: Loss, count: int = 400) -> np.ndarray:
    """Points (count, 2) in and around the view, none of them on a line where a formula changes."""
    (x0, x1), (y0, y1) = loss.view
    random = np.random.default_rng(3).uniform(-0.5, 1.5, (count, 2))
    p = np.array([x0, y0]) + random * np.array([x1 - x0, y1 - y0])
    return p[np.isfinite(loss.value(p)) & np.isfinite(loss.hessian(p)).all(axis=(-1, -2))]


@every_loss
def test_quadratic_means_one_hessian_everywhere(loss):
    """A loss whose Hessian is the same at many points is declared quadratic or has kinks between them."""
    h = loss.hessian(spread(loss))
    constant = np.allclose(h, h[0], rtol=1e-12, atol=1e-12 * np.abs(h).max())
    assert constant == (loss.quadratic or loss.kinks), "declare `quadratic`, or `kinks`, as the Hessian says"


@every_loss
def test_smoothness_bounds_the_curvature_and_is_reached_by_a_quadratic(loss):
    largest = np.abs(eigenvalues(loss, spread(loss))).max()
    if loss.quadratic:
        assert loss.smoothness == pytest.approx(largest, rel=1e-12)
    elif loss.smoothness is not None:
        assert largest <= loss.smoothness * (1 + 1e-12)
    assert (loss.smoothness == np.inf) == loss.kinks


@every_loss
def test_kinks_are_where_the_gradient_jumps(loss):
    """Along many short chords the gradient changes by curvature times length, unless a kink lies between."""
    p = spread(loss)
    size = np.array([high - low for low, high in loss.view])
    q = p + 1e-7 * size * np.random.default_rng(5).uniform(-1, 1, p.shape)
    jump = np.abs(loss.gradient(q) - loss.gradient(p)).max(axis=-1)
    allowed = 10 * np.abs((loss.hessian(p) @ (q - p)[..., None])[..., 0]).max(axis=-1)
    allowed += 1e-6 * np.abs(loss.gradient(p)).max() + 1e-12
    far = spread(loss, 2)
    slope = loss.gradient(np.linspace(far[0], far[-1], 20_001))
    steps = np.abs(np.diff(slope, axis=0)).max(axis=-1)
    jumps = steps.max() > 50 * np.median(steps) + 1e-9 and not np.isfinite(loss.smoothness or np.inf)
    if loss.kinks:
        assert jumps, "declared to have kinks, but the gradient changes evenly"
    else:
        assert np.all(jump <= allowed), "the gradient jumps: declare `kinks`"


@every_loss
def test_determinant_is_that_of_the_hessian(loss):
    if loss.determinant is not None:
        assert loss.quadratic
        np.testing.assert_allclose(np.linalg.det(loss.hessian(np.zeros(2))), loss.determinant, rtol=1e-6, atol=1e-9)


@every_loss
def test_separable_means_no_mixed_derivative(loss):
    mixed = np.abs(loss.hessian(spread(loss))[..., 0, 1]).max()
    if isinstance(loss, Landscape):
        assert loss.separable == (mixed == 0.0), "separable exactly where f_xy is 0 everywhere"
    elif loss.separable:
        assert mixed == 0.0


@every_loss
def test_convex_never_meets_a_negative_curvature(loss):
    low, high = np.moveaxis(eigenvalues(loss, spread(loss, 2000)), -1, 0)
    worst = float((low / np.maximum(np.abs(high), 1e-300)).min())
    if loss.convex:
        assert worst > -1e-9, "declared convex, but a curvature is negative"
        assert loss.chord is None
    elif isinstance(loss, Landscape):
        assert loss.chord is not None, "a landscape that is not convex shows it by a chord"


@every_loss
def test_every_fact_is_there(loss):
    """Name, formula, two parameters, a sentence on convexity, a kind of minimisers that is known."""
    assert loss.name
    assert loss.formula
    assert len(loss.parameters) == 2
    assert loss.convexity.strip().endswith((".", ")"))
    assert loss.minimisers in ("one", "several", "line", "region", "none")
    assert loss.minima.shape[1:] == loss.saddles.shape[1:] == loss.maxima.shape[1:] == (2,)
    assert loss.terms == (loss.dataset.n if loss.dataset else 1)


# --- methods -------------------------------------------------------------------------------------

BOWL, CHAPTER = LANDSCAPES["bowl"], LOSSES["mean squared error"](REGRESSION["chapter line"]())


def stand(method: type[Method]) -> Loss:
    """A loss on which the method runs."""
    return BOWL if method.applies(BOWL) else CHAPTER


class Counting:
    """Lets everything through to a loss and counts what is asked for."""

    def __init__(self, loss: Loss) -> None:
        self.loss, self.asked = loss, set()

    def __getattr__(self, name: str):
        self.asked.add(name)
        return getattr(self.loss, name)


@every_method
def test_second_order_means_that_the_hessian_is_asked_for(method):
    loss = Counting(BOWL)
    made = method()
    if method.needs_data:
        return
    made.step(loss, np.array([1.0, 1.0]), made.init(loss, np.array([1.0, 1.0])), 1)
    assert ("hessian" in loss.asked) == method.second_order


@every_method
def test_memory_means_that_the_same_point_can_give_another_step(method):
    """The same point with a fresh state, and with the state of a run that came from elsewhere."""
    loss, made, p = stand(method), method(), np.array([0.7, 0.4])
    fresh, _ = made.step(loss, p, made.init(loss, p), 1)
    q, state = np.array([1.3, 1.1]), made.init(loss, np.array([1.3, 1.1]))
    for t in (1, 2, 3):
        q, state = made.step(loss, q, state, t)
    used, _ = made.step(loss, p, state, 4)
    if method.uses_rate:  # the others remember a length of step at most
        assert np.allclose(fresh, used, rtol=1e-9) == (not (method.memory or method.noisy))


@every_method
def test_uses_momentum_means_a_setting_of_that_name(method):
    assert method.uses_momentum == ("momentum" in method.__dataclass_fields__)


@every_method
def test_uses_rate_means_that_its_own_rate_is_not_one(method):
    assert method.uses_rate == (method().learning_rate != 1.0)


@every_method
def test_coordinatewise_means_that_the_other_coordinate_does_not_matter(method):
    """(A method that is not declared so loses speed only.)"""
    if method.coordinatewise:
        camel = LANDSCAPES["double well"]
        one, other = (run(method(learning_rate=0.01), camel, (1.0, y), 5).points[:, 0] for y in (1.0, -0.6))
        np.testing.assert_array_equal(one, other)


@every_method
def test_hops_means_that_steps_do_not_shrink_at_a_minimum(method):
    if not method.applies(BOWL):
        return
    made = method(**({"learning_rate": 0.05} if method.uses_rate else {}))
    p, state = np.array([1.0, 1.0]), made.init(BOWL, np.array([1.0, 1.0]))
    for t in range(1, 4001):
        before = p
        p, state = made.step(BOWL, p, state, t)
    moved = np.abs(p - before).max()
    assert method.hops or moved < 1e-6, "declare `hops`: its steps stay long"


@every_method
def test_stability_is_the_limit_on_a_bowl(method):
    """Just below it a run on a bowl shrinks, just above it one grows."""
    limit = method().stability
    if limit is None or method.needs_data:
        return
    for share, settles in ((0.99, True), (1.01, False)):
        made = method(learning_rate=share * limit / 10.0)
        p, state = np.array([1.0, 1.0]), made.init(BOWL, np.array([1.0, 1.0]))
        for t in range(1, 3001):
            p, state = made.step(BOWL, p, state, t)
        assert (BOWL.value(p) < 1.0) == settles


def test_a_data_set_refuses_what_is_none():
    with pytest.raises(ValueError, match="x must be finite, got nan at index 1"):
        Dataset([1.0, np.nan], [1.0, 2.0], "d", "s")
    with pytest.raises(ValueError, match="same length, got 2 and 1"):
        Dataset([1.0, 2.0], [1.0], "d", "s")
