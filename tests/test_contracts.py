"""Every declared fact of a loss or a method is held against the numbers, in both directions."""

from __future__ import annotations

import numpy as np
import pytest

from lossgeo import contracts
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
        (CLASSIFICATION, ("two classes", "touching", "challenger", "overlapping six")),
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
    """Points (count, 2) in and around the view, spread evenly and always the same, where the loss is finite."""
    shares = np.mod(0.5 + np.arange(1, count + 1)[:, None] * (0.7548776662466927, 0.5698402909980532), 1.0)
    low, high = np.transpose(loss.view)
    p = low + (2.0 * shares - 0.5) * (high - low)
    return p[np.isfinite(loss.value(p)) & np.isfinite(loss.hessian(p)).all(axis=(-1, -2))]


def across(loss: Loss, count: int = 10_001) -> np.ndarray:
    """Four lines (4, count, 2) through the view: both diagonals, and the middle from left to right and upwards."""
    (x0, x1), (y0, y1) = loss.view
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    ends = [((x0, y0), (x1, y1)), ((x0, y1), (x1, y0)), ((x0, y), (x1, y)), ((x, y0), (x, y1))]
    return np.array([np.linspace(*both, count) for both in ends])


@every_loss
def test_quadratic_means_one_hessian_everywhere(loss):
    """A loss whose Hessian is the same at many points is declared quadratic or has kinks between them."""
    h = loss.hessian(spread(loss))
    constant = np.allclose(h, h[0], rtol=1e-12, atol=1e-12 * np.abs(h).max())
    is_so = "is the same everywhere" if constant else "changes from point to point"
    assert constant == (loss.quadratic or loss.kinks), (
        f"the Hessian of {loss.name!r} {is_so}: declare `quadratic` as {constant}, or `kinks` if the gradient jumps"
    )


@every_loss
def test_smoothness_bounds_the_curvature_and_is_reached_by_a_quadratic(loss):
    largest = np.abs(eigenvalues(loss, spread(loss))).max()
    if loss.quadratic:
        assert loss.smoothness == pytest.approx(largest, rel=1e-12), (
            f"{loss.name!r} is quadratic, so its `smoothness` must be its largest curvature in size, {largest}"
        )
    elif loss.smoothness is not None:
        assert largest <= loss.smoothness * (1 + 1e-12), (
            f"{loss.name!r} has a curvature of {largest}, more than its `smoothness` {loss.smoothness} allows"
        )
    assert (loss.smoothness == np.inf) == loss.kinks, f"`smoothness` of {loss.name!r} must be inf if it has kinks only"


@every_loss
def test_kinks_are_where_the_gradient_jumps(loss):
    """From point to point on a line the gradient changes by curvature times length, unless a kink lies between."""
    p = across(loss)
    with np.errstate(all="ignore"):  # outside its domain a landscape is no number
        gradient = loss.gradient(p)
        change = np.abs(np.diff(gradient, axis=1)).max(axis=-1)
        moved = np.diff(p, axis=1)[..., None]
        smooth = [np.abs(h @ moved)[..., 0].max(axis=-1) for h in (loss.hessian(p[:, :-1]), loss.hessian(p[:, 1:]))]
        jumps = bool((change > 10 * np.maximum(*smooth) + 1e-9 * np.nanmax(np.abs(gradient)) + 1e-12).any())
    assert jumps == loss.kinks, (
        f"the gradient of {loss.name!r} {'jumps' if jumps else 'changes evenly'}: declare `kinks` as {jumps}"
    )


@every_loss
def test_determinant_is_that_of_the_hessian(loss):
    if loss.determinant is not None:
        assert loss.quadratic, f"{loss.name!r} may declare a `determinant` only if its Hessian is the same everywhere"
        found = np.linalg.det(loss.hessian(np.zeros(2)))
        assert loss.determinant == pytest.approx(found, rel=1e-6, abs=1e-9), (
            f"the Hessian of {loss.name!r} has the determinant {found}, not the `determinant` {loss.determinant}"
        )


@every_loss
def test_separable_means_no_mixed_derivative(loss):
    mixed = np.abs(loss.hessian(spread(loss))[..., 0, 1]).max()
    if isinstance(loss, Landscape) or loss.separable:
        assert loss.separable == (mixed == 0.0), (
            f"f_xy of {loss.name!r} is {'0 everywhere' if mixed == 0 else 'not 0'}: `separable` must say so"
        )


@every_loss
def test_convex_never_meets_a_negative_curvature(loss):
    low, high = np.moveaxis(eigenvalues(loss, spread(loss, 2000)), -1, 0)
    worst = float((low / np.maximum(np.abs(high), 1e-300)).min())
    if loss.convex:
        assert worst > -1e-9, f"{loss.name!r} is declared `convex`, but at some points a curvature is negative"
        assert loss.chord is None, f"{loss.name!r} is declared `convex`, so it cannot have a `chord` against it"
    elif isinstance(loss, Landscape):
        assert loss.chord is not None, f"give {loss.name!r} a `chord` that disproves convexity, or declare it `convex`"


@every_loss
def test_every_fact_is_there(loss):
    """Name, formula, two parameters, a sentence on convexity, a kind of minimisers that is known."""
    assert loss.name, f"{type(loss).__name__} needs a `name`"
    assert loss.formula, f"{loss.name!r} needs a `formula`"
    assert len(loss.parameters) == 2, f"{loss.name!r} needs two `parameters`, not {loss.parameters}"
    assert loss.convexity.strip().endswith((".", ")")), f"`convexity` of {loss.name!r} must be a sentence"
    known = ("one", "several", "line", "region", "none")
    assert loss.minimisers in known, f"`minimisers` of {loss.name!r} must be one of {known}, not {loss.minimisers!r}"
    for points in ("minima", "saddles", "maxima"):
        shape = getattr(loss, points).shape
        assert shape[1:] == (2,), f"`{points}` of {loss.name!r} must be pairs, made by points(...), not {shape}"
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
    asks = bool({"hessian", "newton_step"} & set(loss.asked))
    assert asks == method.second_order, (
        f"{method.name} {'asks' if asks else 'does not ask'} for the Hessian: declare `second_order` as {asks}"
    )


@every_method
def test_memory_means_that_the_same_point_can_give_another_step(method):
    """The same point with a fresh state, and with the state of a run that came from elsewhere."""
    loss, made, p = stand(method), method(), np.array([0.7, 0.4])
    fresh, _ = made.step(loss, p, made.init(loss, p), 1)
    q, state = np.array([1.3, 1.1]), made.init(loss, np.array([1.3, 1.1]))
    for t in (1, 2, 3):
        q, state = made.step(loss, q, state, t)
    used, _ = made.step(loss, p, state, 4)
    same = np.allclose(fresh, used, rtol=1e-9)
    if method.uses_rate:  # the others remember a length of step at most
        assert same == (not (method.memory or method.noisy)), (
            f"a step of {method.name} {'does not depend' if same else 'depends'} on those before it: "
            f"declare `memory` as {not same}, or `noisy` if chance decides"
        )


@every_method
def test_uses_momentum_means_a_setting_of_that_name(method):
    has = "momentum" in method.__dataclass_fields__
    assert method.uses_momentum == has, f"{method.name} has {'a' if has else 'no'} setting `momentum`: declare it so"


@every_method
def test_uses_rate_means_that_its_own_rate_is_not_one(method):
    own = method().learning_rate == 1.0
    assert method.uses_rate != own, (
        f"{method.name} must declare `uses_rate` as {not own}, or change its default `learning_rate`: 1 stands for a "
        "method that chooses its own length of step"
    )


@every_method
def test_coordinatewise_means_that_the_other_coordinate_does_not_matter(method):
    """(A method that is not declared so loses speed only.)"""
    if method.coordinatewise:
        camel = LANDSCAPES["double well"]
        one, other = (run(method(learning_rate=0.01), camel, (1.0, y), 5).points[:, 0] for y in (1.0, -0.6))
        assert np.array_equal(one, other), f"{method.name} is no `coordinatewise` method: y changes the steps along x"


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
    assert method.hops or moved < 1e-6, f"declare `hops` for {method.name}: at a minimum its steps stay long, {moved}"


@every_method
def test_descends_means_that_no_step_goes_up(method):
    """From a hundred starts on a surface with minima, saddles and steep walls, at a rate that is too large for most."""
    loss = stand(method) if method.needs_data else LANDSCAPES["himmelblau"]
    made = method(**({"learning_rate": 2.0} if method.uses_rate else {}))
    p = np.random.default_rng(0).uniform(-4, 4, (100, 2))
    state, risen = made.init(loss, p), 0.0
    with np.errstate(all="ignore"):
        for t in range(1, 11):
            before = loss.value(p)
            p, state = made.step(loss, p, state, t)
            risen = max(risen, float(np.max(loss.value(p) - before)))
            if risen > 0:
                break
    assert method.descends == (risen <= 0), f"declare `descends` of {method.name} as {risen <= 0}: it rises by {risen}"


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
        assert (BOWL.value(p) < 1.0) == settles, (
            f"on a bowl with L = 10, {method.name} at {share} of its `stability` {limit} should "
            f"{'settle' if settles else 'run away'}, but after 3000 steps its loss is {BOWL.value(p)}"
        )


def test_a_data_set_refuses_what_is_none():
    with pytest.raises(ValueError, match="x must be finite, got nan at index 1"):
        Dataset([1.0, np.nan], [1.0, 2.0], "d", "s")
    with pytest.raises(ValueError, match="same length, got 2 and 1"):
        Dataset([1.0, 2.0], [1.0], "d", "s")


# What is worked out while the package is loaded, made once more here: so that a change of it is seen.


def test_points_are_rows_of_floats_that_nobody_changes():
    two = contracts.points((1, 2), (3, 4))
    assert two.dtype == float
    assert two.tolist() == [[1, 2], [3, 4]]
    assert not two.flags.writeable
    assert contracts.points().shape == (0, 2)


def test_a_setting_has_its_default_and_its_bounds():
    made = contracts.setting(1.5, low=1, below=2)
    assert made.default == 1.5
    assert dict(made.metadata) == {"low": 1, "below": 2}


def test_a_landscape_works_out_its_facts_from_its_formula():
    bowl, banana = type(LANDSCAPES["bowl"])(), type(LANDSCAPES["rosenbrock"])()
    assert (bowl.quadratic, bowl.separable, bowl.smoothness, bowl.first_rate) == (True, True, 10.0, 0.05)
    assert (banana.quadratic, banana.separable, banana.smoothness) == (False, False, None)
    largest = np.linalg.eigvalsh(banana.hessian(banana.minima)).max()
    assert banana.first_rate == float(f"{0.5 / largest:.1g}")
    assert bowl.formula.startswith("f(x, y) = ")
    assert bowl.formula.endswith(bowl.expression.latex())


def test_a_known_determinant_is_given_for_each_point():
    class Known(type(LANDSCAPES["bowl"])):
        determinant = 10.0

    p = np.arange(24.0).reshape(3, 4, 2)
    np.testing.assert_array_equal(Known().determinant_at(p), np.full((3, 4), 10.0))
    assert LANDSCAPES["bowl"].determinant_at(p) is None
