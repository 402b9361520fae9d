"""Formulas that somebody types: what they mean, what is refused, and the landscapes they become."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from numeric import assert_gradient, assert_hessian
from numpy.testing import assert_allclose
from test_browser_formulas import evaluate

from lossgeo import descent, formula, geometry
from lossgeo.landscapes import LANDSCAPES
from lossgeo.surfaces import Grid
from lossgeo.surfaces import evaluate as surface

# formula, point, value, gradient, (xx, xy, yy): worked out by hand or with more digits than a float has
VALUES = [
    ("x^2 + y^2", (1.5, -0.5), 2.5, (3.0, -1.0), (2.0, 0.0, 2.0)),
    ("-x^2 + y^2", (3, 2), -5.0, (-6.0, 4.0), (-2.0, 0.0, 2.0)),
    ("x^-2 + y", (2, 1), 1.25, (-0.25, 1.0), (0.375, 0.0, 0.0)),
    ("x - y - 1", (0.25, 2), -2.75, (1.0, -1.0), (0.0, 0.0, 0.0)),
    ("2^3^2 + 0*x", (1, 1), 512.0, (0.0, 0.0), (0.0, 0.0, 0.0)),
    (
        "log(1 + x^2) + ln(2 + y^2)",
        (1.3, 0.6),
        1.848202812651266,
        (0.966542750929368, 0.5084745762711864),
        (-0.1907104655822888, 0.0, 0.5889112324044815),
    ),
    ("pi*x + e*y", (1, 1), math.pi + math.e, (math.pi, math.e), (0.0, 0.0, 0.0)),
    ("0.26*(x^2 + y^2) - 0.48*x*y", (3, -7), 25.16, (4.92, -5.08), (0.52, -0.48, 0.52)),
    ("x^y", (2, 3), 8.0, (12.0, 8 * math.log(2)), (12.0, 4 + 12 * math.log(2), 8 * math.log(2) ** 2)),
    ("100*(y - x^3)^2 + (1-x)^2", (1.1, 1.2), 1.7261, (95.306, -26.2), (2810.3, -726.0, 200.0)),
    ("3", (5, 5), 3.0, (0.0, 0.0), (0.0, 0.0, 0.0)),
    ("  X ^ 2+ Y^2 ", (1, 2), 5.0, (2.0, 4.0), (2.0, 0.0, 2.0)),
    ("2x + 3(y-1)^2", (1, 3), 14.0, (2.0, 12.0), (0.0, 0.0, 6.0)),
    ("2·x² − y³ ÷ 3 + π×0", (1, 3), -7.0, (4.0, -9.0), (4.0, 0.0, -6.0)),
    ("sqrt(x^2 + y^2)", (3, 4), 5.0, (0.6, 0.8), (0.128, -0.096, 0.072)),
    ("max(x^2, y^2) + min(x, y)", (2, 1), 5.0, (4.0, 1.0), (2.0, 0.0, 0.0)),
    ("max(x, y, 3)", (1, 2), 3.0, (0.0, 0.0), (0.0, 0.0, 0.0)),
    ("abs(x - 3) + y", (1, 2), 4.0, (-1.0, 1.0), (0.0, 0.0, 0.0)),
    ("log(1+exp(x*y))", (30, 30), 900.0, (30.0, 30.0), (0.0, 1.0, 0.0)),
    ("exp(x)/(1 + exp(x)) + y", (-800, 1), 1.0, (0.0, 1.0), (0.0, 0.0, 0.0)),
    ("1/(1 + exp(-x)) + y", (800, 1), 2.0, (0.0, 1.0), (0.0, 0.0, 0.0)),
    ("(x + 1)(y - 2)", (2, 5), 9.0, (3.0, 3.0), (0.0, 1.0, 0.0)),
    ("1 - cos(x) + y", (1e-9, 0), 5e-19, (1e-9, 1.0), (1.0, 0.0, 0.0)),
    ("exp(x) - 1 + y", (1e-20, 0), 1e-20, (1.0, 1.0), (1.0, 0.0, 0.0)),
    ("x/(y/2)", (3, 4), 1.5, (0.5, -0.375), (0.0, -0.125, 0.1875)),
]


@pytest.mark.parametrize(("text", "at", "value", "gradient", "second"), VALUES, ids=[row[0] for row in VALUES])
def test_value_and_derivatives_are_exact(text, at, value, gradient, second):
    read = formula.parse(text)
    assert float(read.value(at)) == pytest.approx(value, rel=1e-12, abs=1e-300)
    assert_allclose(read.gradient(at), gradient, rtol=1e-12, atol=1e-13)
    h = read.hessian(at)
    assert_allclose((h[0, 0], h[0, 1], h[1, 1]), second, rtol=1e-12, atol=1e-13)
    assert h[0, 1] == h[1, 0]


UNDEFINED = [
    ("sqrt(x) + y^2", (-1, 0)),
    ("1/(x-y)", (1, 1)),
    ("log(x)", (-1, 2)),
    ("x^(1/3)", (-1, 0)),
    ("asin(x)", (2, 0)),
    ("x^y", (-2, 0.5)),
    ("0*log(x)", (-1, 0)),
    ("x/x", (0, 1)),
]


@pytest.mark.parametrize(("text", "at"), UNDEFINED)
def test_outside_its_domain_a_formula_has_no_number(text, at):
    read = formula.parse(text)
    assert not np.isfinite(read.value(at)), "a value where there is none would be drawn"
    assert np.isnan(read.gradient(at)).all()
    inside = (abs(at[0]) / 4 + 0.3, 0.2)
    assert np.isfinite(read.value(inside))


REFUSED = [
    ("", "empty"),
    ("x +", "after +, position 4"),
    ("x + y)", "position 6"),
    ("(x + y", "not closed"),
    ("sin x", "sin(x)"),
    ("sin(x, y)", "one argument"),
    ("max(x)", "2 arguments"),
    ("z + x", "z"),
    ("x = 3", "="),
    ("x < y", "<"),
    ("3j*x", "j"),
    ("nan*x", "nan"),
    ("inf + x", "inf"),
    ("True + x", "true"),
    ("xy", "x*y"),
    ("x.__class__.__mro__[1].__subclasses__()", "position 2"),
    ("[x for y in (1,2)]", "round brackets"),
    ("open('/etc/passwd')", "'"),
    ("__import__('os')", "'"),
    ("x;y", ";"),
    ("f'{x}'", "'"),
    ("x # y", "#"),
    ("x+\u200by", "invisible"),
    ("x\u202ey", "invisible"),
    ("lambda: x", ":"),
    ("exec(x)", "exec"),
    ("eval(x)", "eval"),
    ("9**9**9**9 + x", "no finite value"),
    ("1/0 + x", "no finite value"),
    ("log(0)*x", "no finite value"),
    ("1e999*x", "too large"),
    ("x y", "write *"),
    ("x(y + 1)", "write *"),
    ("1/2x", "two ways"),
    ("x^2y", "two ways"),
    ("2 3", "two ways"),
    ("*x", "missing at position 1"),
    ("x**", "after ^"),
    ("x,y", "does not belong"),
    ("()", "missing"),
    ("sin()", "missing"),
    ("|x|", "abs"),
    ("√x", "sqrt"),
    ("x\\y", "\\"),
    ("x@y", "@"),
    ("x if y else 1", "write *"),
    ("a:=1", "a"),
    ("x & y", "&"),
    ("~x", "~"),
    ("x//y", "missing after /"),
    ("x %2", "%"),
    ("sign(x)", "sign"),
    ("log1p(x)", "log1p"),
    ("х + y", "х"),
    ("１ + x", "１"),
    ("(" * 3000 + "x" + ")" * 3000, "characters"),
    ("(" * 150 + "x" + ")" * 150, "deep"),
    ("-" * 300 + "x", "signs"),
    ("exp(" * 60 + "x" + ")" * 60, "deep"),
    ("x^" * 100 + "x", "deep"),
    ("+".join(["sin(x*y)"] * 60), "characters"),
    ("**".join(["x"] * 20) + " + y", "too long"),
    ("*".join(f"sin(x*y/{k})" for k in range(1, 30)), "too long"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[row[0][:30] or "empty" for row in REFUSED])
def test_what_is_no_formula_is_refused_in_one_sentence(text, says):
    begin = time.perf_counter()
    with pytest.raises(formula.FormulaError) as refused:
        formula.parse(text)
    sentence = str(refused.value)
    assert says in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 250
    assert time.perf_counter() - begin < 2


def test_a_refusal_is_a_value_error():
    assert issubclass(formula.FormulaError, ValueError)


FUNCTIONS = [
    "exp(x/3)",
    "log(x+4)",
    "log10(x+4)",
    "sqrt(x+4)",
    "cbrt(x)",
    "sin(x)",
    "cos(x)",
    "tan(x/4)",
    "asin(x/4)",
    "acos(x/4)",
    "atan(x)",
    "sinh(x)",
    "cosh(x)",
    "tanh(x)",
    "sigmoid(x)",
    "abs(x)",
    "max(x, y)",
    "min(x, y)",
    "hypot(x, y)",
    "log(1 + exp(x))",
    "log(exp(x) + exp(y))",
    "x^3",
    "x^-3 + y",
    "(x+4)^y",
    "2^x",
    "e^x",
]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_every_function_has_its_derivatives_and_its_browser_form(text):
    read = formula.parse(f"({text})*(1 + y/5)")
    rng = np.random.default_rng(5)
    for p in (
        rng.uniform(0.2, 3, (20, 2)) * rng.choice([-1, 1], (20, 2)) if "^" not in text else rng.uniform(0.2, 3, (20, 2))
    ):
        assert_gradient(read, p)
        assert_hessian(read, p)
        names = {"x": float(p[0]), "y": float(p[1])}
        assert evaluate(read.vega(), **names) == pytest.approx(float(read.value(p)), rel=1e-9, abs=1e-12)
        for written, number in zip(read.vega_gradient(), read.gradient(p), strict=True):
            assert evaluate(written, **names) == pytest.approx(float(number), rel=1e-9, abs=1e-11)
        h = read.hessian(p)
        for written, number in zip(read.vega_hessian(), (h[0, 0], h[0, 1], h[1, 1]), strict=True):
            assert evaluate(written, **names) == pytest.approx(float(number), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize(
    "text", ["(x^2+y-11)^2 + (x+y^2-7)^2", "sin(x*y)/(1+x^2)", "max(x,y)^2", "3", "x^2", "exp(-x^2)"]
)
def test_the_program_computes_the_same(text):
    """The functions shown under Code, run as they stand."""
    read = formula.parse(text)
    space: dict[str, object] = {"np": np}
    exec("\n".join(read.program()), space)
    x, y = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-1, 3, 7))
    points = np.stack([x, y], axis=-1)
    assert_allclose(space["f"](x, y), read.value(points), rtol=1e-12, atol=1e-14)
    for shown, computed in zip(space["df"](x, y), np.moveaxis(read.gradient(points), -1, 0), strict=True):
        assert_allclose(np.broadcast_to(shown, x.shape), computed, rtol=1e-12, atol=1e-14)


LATEX = [
    ("x^2/4 + 2x", r"\frac{x^2}{4} + 2\,x"),
    ("-(x+1)^2", r"-\left(x + 1\right)^2"),
    ("x - (y - 1)", r"x - \left(y - 1\right)"),
    ("exp(-x^2)", r"e^{-x^2}"),
    ("sin(x)^2", r"\sin^2\left(x\right)"),
    ("2*3*x", r"2 \cdot 3\,x"),
    ("x^(y+1)", r"x^{y + 1}"),
    ("1e-9*x", r"1 \cdot 10^{-9} x"),
    ("abs(x)/sqrt(y)", r"\frac{\left|x\right|}{\sqrt{y}}"),
]


@pytest.mark.parametrize(("text", "latex"), LATEX)
def test_latex(text, latex):
    assert formula.parse(text).latex() == latex


# --- as a landscape ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, loss in LANDSCAPES.items() if loss.dataset is None])
def test_a_typed_landscape_is_found_to_be_what_is_known_of_it(name):
    """The search finds every stationary point that the landscape states for its view, and no other."""
    known = LANDSCAPES[name]
    own = formula.landscape(known.definition, known.view)
    (x0, x1), (y0, y1) = known.view

    def inside(p):
        return p[(p[:, 0] > x0) & (p[:, 0] < x1) & (p[:, 1] > y0) & (p[:, 1] < y1)]

    if name == "flat bottom":
        assert own.minimisers == "line"
        return
    for kind in ("minima", "saddles", "maxima"):
        stated, found = inside(getattr(known, kind)), getattr(own, kind)
        assert len(found) == len(stated), f"{kind}: {len(found)} found, {len(stated)} known"
        for p in stated:
            assert np.abs(found - p).max(axis=1).min() < 1e-6
    assert own.convex == known.convex
    if len(own.minima):
        assert own.infimum == pytest.approx(known.infimum, abs=1e-12)
        assert own.minimisers == known.minimisers


QUADRATICS = [
    ("x^2 + y^2", "one", True, 0.0),
    ("x^2 - y^2", "none", False, -np.inf),
    ("x*y", "none", False, -np.inf),
    ("(x+y)^2", "line", True, 0.0),
    ("x^2 + y", "none", True, -np.inf),
    ("3", "region", True, 3.0),
    ("x", "none", True, -np.inf),
    ("-x^2 - y^2", "none", False, -np.inf),
    ("pi*x^2 + e*y^2 + 1", "one", True, 1.0),
    ("1e-9*x^2 + y^2", "one", True, 0.0),
    ("x^2 + 2*x*y + y^2 + 1e-12*y^2", "one", True, 0.0),
]


@pytest.mark.parametrize(("text", "minimisers", "convex", "infimum"), QUADRATICS)
def test_of_a_quadratic_everything_is_a_theorem(text, minimisers, convex, infimum):
    own = formula.landscape(text)
    assert (own.minimisers, own.convex, own.searched) == (minimisers, convex, False)
    assert own.infimum == pytest.approx(infimum, abs=1e-12)
    assert geometry.convexity(own).kind == ("proof" if convex else "witness")


NO_MINIMUM = [
    "exp(x) + exp(y)",
    "tanh(x) + tanh(y)",
    "log(x) + y^2",
    "1/(x-y)",
    "x^3 - 3*x*y^2",
    "exp(-x^2-y^2)",
    "log(log(x))",
]


@pytest.mark.parametrize("text", NO_MINIMUM)
def test_where_there_is_no_minimum_none_is_found(text):
    own = formula.landscape(text)
    assert not len(own.minima)
    assert own.minimisers == "none"
    assert math.isnan(own.infimum), "that the values have no lower bound, or which, is not known"


CORNERS = [
    ("abs(x) + abs(y)", (0, 0)),
    ("sqrt(x^2 + y^2)", (0, 0)),
    ("max(abs(x-1), abs(y+0.5))", (1, -0.5)),
    ("sqrt(x) + y^2", (0, 0)),
    ("abs(x - 0.3) + (y-1)^2", (0.3, 1)),
    ("x^(1/3) + y^2", (0, 0)),
]


@pytest.mark.parametrize(("text", "at"), CORNERS)
def test_a_minimum_at_a_kink_or_at_the_edge_of_the_domain_is_found(text, at):
    own = formula.landscape(text)
    assert len(own.minima) == 1
    assert_allclose(own.minima[0], at, atol=1e-9)


@pytest.mark.parametrize(
    "text", ["x^4 + y^4", "(x*y - 1)^2", "x^2*y^2", "log(1+exp(x*y))", "x*log(x) + y*log(y)", "1/x + x + y^2"]
)
def test_what_is_found_is_stationary(text):
    own = formula.landscape(text)
    for p in np.vstack([own.minima, own.saddles, own.maxima]):
        assert np.hypot(*own.gradient(p)) < 1e-6
    for p in own.minima:
        around = p + 1e-3 * np.random.default_rng(0).normal(size=(50, 2))
        assert (own.value(around) >= own.value(p) - 1e-12).all()


@pytest.mark.parametrize("text", [row[0] for row in VALUES] + NO_MINIMUM + [row[0] for row in CORNERS])
def test_every_method_runs_and_every_map_is_computed(text):
    own = formula.landscape(text)
    values = surface(own, Grid(*own.view, 40, 40)).values
    assert np.isfinite(values).any()
    assert np.isfinite(own.value(own.start))
    for name, kind in descent.OPTIMIZERS.items():
        if not kind.needs_data:
            path = descent.run(kind(learning_rate=0.01), own, own.start, 30)
            assert path.reason.endswith("."), name
            assert "nan" not in path.reason, f"{name}: {path.reason}"
            descent.run_many(kind(learning_rate=0.01), own, [own.start], 30)


def test_a_window_can_be_chosen():
    own = formula.landscape("sin(x)*cos(y)", ((0.0, 3.0), (2.0, 4.0)))
    assert own.view == ((0.0, 3.0), (2.0, 4.0))
    assert_allclose(own.minima, [(np.pi / 2, np.pi)], atol=1e-6)
    for wrong in (
        ((1.0, 1.0), (0.0, 1.0)),
        ((2.0, 1.0), (0.0, 1.0)),
        ((0.0, np.nan), (0.0, 1.0)),
        ((0.0, 1.0), (0.0, 1e99)),
    ):
        with pytest.raises(formula.FormulaError, match="window"):
            formula.landscape("x^2", wrong)
    with pytest.raises(formula.FormulaError, match="no real value"):
        formula.landscape("sqrt(-1 - x^2)")


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("x^2 + y^4", True),
        ("x^3", False),
        ("exp(x) + abs(y)", True),
        ("x^2 - 1", False),
        ("(x-y)^2/(1+x^2)", True),
        ("max(x, 0)", True),
        ("x*y", False),
        ("sqrt(x)", True),
        ("log(1+exp(x))", True),
        ("-(x^2)", False),
    ],
)
def test_only_the_form_of_a_formula_rules_out_negative_values(text, never):
    assert formula.landscape(text).never_negative == never


# formula, the window that is proposed for it, and the start in it: worked out by hand from the stationary points
WINDOWS = [
    ("x^2 + y^2", ((-2.0, 2.0), (-2.0, 2.0)), (-1.3, 1.2)),
    ("(x - 0.3)^2 + (y + 0.2)^2", ((-2.0, 2.5), (-2.5, 2.0)), (-1.2, 1.1)),
    ("(x - 10)^2 + (y + 3)^2", ((5.0, 15.0), (-8.0, 2.0)), (6.8, 0.0)),
    ("(x - 300)^2 - y^2", ((150.0, 450.0), (-150.0, 150.0)), (200.0, 90.0)),
    ("x + y", ((-3.0, 3.0), (-3.0, 3.0)), (-1.9, 1.8)),
    ("3", ((-2.0, 2.0), (-2.0, 2.0)), (0.0, 0.0)),  # no start has a slope: the middle
    ("x^4 + y^4 - x*y", ((-2.0, 2.0), (-2.0, 2.0)), (-1.3, 1.2)),
    ("(x - 30)^4 + (y - 30)^4", ((15.0, 45.0), (15.0, 45.0)), (20.0, 39.0)),
    ("log(log(x)) + y", ((0.0, 6.0), (-3.0, 3.0)), (1.1, 1.8)),  # where it has values, as it is stationary nowhere
    ("log(log(-x)) + y", ((-6.0, 0.0), (-3.0, 3.0)), (-4.9, 1.8)),
]


@pytest.mark.parametrize(("text", "view", "start"), WINDOWS, ids=[row[0] for row in WINDOWS])
def test_window_and_start_are_those_that_one_would_choose(text, view, start):
    own = formula.landscape(text)
    assert (own.view, own.start) == (view, start)


def test_what_is_said_of_a_formula_word_by_word():
    said = {text: formula.landscape(text) for text in ("x^2 + y^2", "(x + y)^2", "x^4 + y^2")}
    convex = "Convex: the Hessian is the same everywhere, with the eigenvalues {} and {}, and {}."
    assert said["x^2 + y^2"].proof == convex.format(2, 2, "both are positive")
    assert said["(x + y)^2"].proof == convex.format(0, 4, "no eigenvalue is negative")
    assert said["x^4 + y^2"].proof == formula.landscape("x*y").proof == ""
    theorem = "The formula is quadratic: what is said about its minimum is a theorem."
    search = "Its minima and saddles were found by a search in this window. The search can miss some."
    assert [own.lesson for own in said.values()] == [theorem, theorem, search]
    with pytest.raises(formula.FormulaError) as refused:
        formula.landscape("sqrt(-1 - x^2)")
    assert str(refused.value) == "The formula has no real value anywhere in the window: choose another window."
    with pytest.raises(formula.FormulaError) as refused:
        formula.landscape("x^2", ((0.0, 1.0), (2.0, 1.5)))
    assert str(refused.value) == (
        "The window from y = 2 to 1.5 is empty or too large: the first end must be smaller."
    )


def test_a_window_ends_at_a_thousand_million():
    widest = ((-1e9, 1e9), (-1e9, 1e9))
    assert formula.landscape("x^2 + y^2", widest).view == widest
    for wrong in (((-1.1e9, 1e9), (-1e9, 1e9)), ((-1e9, 1e9), (-1e9, 1.1e9))):
        with pytest.raises(formula.FormulaError, match="too large"):
            formula.landscape("x^2 + y^2", wrong)


def test_a_flat_trough_has_the_point_of_its_line_that_is_nearest_to_the_origin():
    own = formula.OwnFormula("(x + 2*y - 3)^2/100")
    assert_allclose(own.minima, [[0.6, 1.2]], rtol=1e-12)
    assert own.minimisers == "line"


def test_the_proof_and_the_window_are_told_with_digits_enough():
    assert "eigenvalues 2.469 and 6.914," in formula.OwnFormula("1.23456*x^2 + 3.45678*y^2").proof
    with pytest.raises(formula.FormulaError, match=r"x = 1\.23457 to 1\.23456 is"):
        formula.OwnFormula("x^2 + y^2", ((1.234571, 1.234561), (0.0, 1.0)))


def test_a_formula_knows_whether_it_may_have_kinks():
    assert formula.OwnFormula("abs(x) + y^2").kinks
    assert not formula.OwnFormula("x^2 + y^2").kinks


def test_a_bowl_that_floats_take_for_a_trough_has_its_minimum():
    """The entries of its Hessian, 2 + 2e-18 and 2 - 2e-18, are equal as floats."""
    own = formula.OwnFormula("(x + y - 2)^2 + 1e-18*(x - y)^2")
    assert_allclose(own.minima, [[1.0, 1.0]], rtol=1e-12)
    assert own.minimisers == "one"
    assert "eigenvalues 4·10⁻¹⁸ and 4," in own.proof
