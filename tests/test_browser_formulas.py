"""The browser's formulas mean the same as the Python: evaluated here, both compared.

Vega's expression language and Python agree on everything that the formulas use, but for the ternary,
`isFinite` and the names of a few functions, which are translated.
"""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

from lossgeo import geometry
from lossgeo.charts import browser_formulas as formulas
from lossgeo.charts import network_formulas
from lossgeo.charts.stage import _Stage, stage_spec
from lossgeo.charts.style import FIELD, ChartStyle
from lossgeo.datasets import CLASSIFICATION, REGRESSION, Dataset
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.networks import NETWORKS, random_plane

VEGA = {
    "pow": pow,
    "exp": math.exp,
    "log": math.log,
    "cos": math.cos,
    "sin": math.sin,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sqrt": math.sqrt,
    "E": math.e,
    "LN10": math.log(10),
    "hypot": math.hypot,
    "PI": math.pi,
    "max": max,
    "min": min,
    "abs": abs,
    "atan2": math.atan2,
    "NaN": math.nan,
}


def python_of(e: str) -> str:
    """The expression with every `a ? b : c` written as Python does."""
    out, depth, begin = "", 0, 0
    for i, c in enumerate(e):  # translate what stands in parentheses first
        if c == "(":
            depth += 1
            if depth == 1:
                out += e[begin : i + 1]
                begin = i + 1
        elif c == ")":
            depth -= 1
            if depth == 0:
                out += ", ".join(python_of(part) for part in split(e[begin:i], ","))
                begin = i
    e = out + e[begin:]
    condition, *rest = split(e, "?")
    if not rest:
        return e
    chosen, other = split("?".join(rest), ":")[0], ":".join(split("?".join(rest), ":")[1:])
    return f"(({chosen}) if ({condition}) else ({python_of(other)}))"


def split(e: str, mark: str) -> list[str]:
    parts, depth = [""], 0
    for c in e:
        depth += (c == "(") - (c == ")")
        if c == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return parts


def evaluate(expression: str, **names: object) -> float:
    return eval(python_of(expression), {"__builtins__": {}}, {**VEGA, **names})


def pure_landscapes() -> list[str]:
    return [name for name, landscape in LANDSCAPES.items() if landscape.dataset is None]


@pytest.mark.parametrize("name", pure_landscapes())
def test_landscape_equals_python(name):
    loss = LANDSCAPES[name]
    (x0, x1), (y0, y1) = loss.view
    rng = np.random.default_rng(3)
    for p in rng.uniform((2 * x0, 2 * y0), (2 * x1, 2 * y1), (50, 2)):
        written = formulas.value(loss), *formulas.gradient(loss)
        value, in_x, in_y = (evaluate(e, w=p[0], b=p[1]) for e in written)
        assert value == pytest.approx(float(loss.value(p)), rel=1e-12, abs=1e-12)
        assert (in_x, in_y) == pytest.approx(tuple(loss.gradient(p)), rel=1e-11, abs=1e-12)


CASES = {
    "line, squared": ("line", 0, MeanSquaredError(REGRESSION["chapter line"]())),
    "line, absolute": ("line", 1, MeanAbsoluteError(REGRESSION["chapter line"]())),
    "sigmoid, logistic": ("sigmoid", 0, LogisticLoss(CLASSIFICATION["two classes"]())),
    "sigmoid, squared": ("sigmoid", 1, SigmoidSquaredError(CLASSIFICATION["two classes"]())),
    "tiny network": (LANDSCAPES["tiny network"], 0, LANDSCAPES["tiny network"]),
    "puromycin": (LANDSCAPES["puromycin"], 0, LANDSCAPES["puromycin"]),
}


@pytest.mark.parametrize(("kind", "variant", "loss"), CASES.values(), ids=CASES)
def test_model_equals_python(kind, variant, loss):
    rng = np.random.default_rng(4)
    data = loss.dataset
    for w, b in rng.uniform(0.1, 3, (10, 2)).tolist():
        each, d1, d2 = [], [], []
        for x, y in zip(data.x, data.y, strict=True):
            row = SimpleNamespace(x=float(x), y=float(y))
            for step in formulas.model(kind):
                for field, expression in step.items():
                    setattr(row, field, evaluate(expression, datum=row, w=w, b=b, v_variant=variant))
            each.append(row.each)
            d1.append(row.d1)
            d2.append(row.d2)
            if kind != "sigmoid":
                assert row.p == pytest.approx(float(np.ravel(loss.predict([w, b], [x]))[0]), rel=1e-12)
        assert np.mean(each) == pytest.approx(float(loss.value([w, b])), rel=1e-12)
        assert (np.mean(d1), np.mean(d2)) == pytest.approx(tuple(loss.gradient([w, b])), rel=1e-10, abs=1e-12)


def test_a_tiny_log_loss_is_not_rounded_to_zero():
    row = SimpleNamespace(x=1.0, y=1.0)
    for step in formulas.model("sigmoid"):
        for field, expression in step.items():
            setattr(row, field, evaluate(expression, datum=row, w=50.0, b=0.0, v_variant=0))
    assert row.each == pytest.approx(math.exp(-50), rel=1e-12)


# --- curvature ------------------------------------------------------------------------------------


def take(row: SimpleNamespace, step: dict[str, str], **names: object) -> None:
    """One row after a step, whose expressions may read those before them."""
    for field, expression in step.items():
        setattr(row, field, evaluate(expression, datum=row, **names))


def assert_eigen(row: SimpleNamespace, loss: object, p: object) -> None:
    """Eigenvalues, and the direction of the larger one."""
    for step in formulas.EIGEN:
        take(row, step)
    low, high = geometry.eigenvalues(loss, p)
    size = max(abs(low), abs(high))
    assert (row.low, row.high) == pytest.approx((low, high), rel=1e-9, abs=1e-11 * size + 1e-300)
    if high - low > 1e-6 * size:
        e = np.array([math.cos(row.turn), math.sin(row.turn)])
        assert float(e @ loss.hessian(p) @ e) == pytest.approx(high, rel=1e-8, abs=1e-8 * size)


@pytest.mark.parametrize("name", pure_landscapes())
def test_landscapes_curvature_equals_python(name):
    loss = LANDSCAPES[name]
    (x0, x1), (y0, y1) = loss.view
    points = np.random.default_rng(5).uniform((2 * x0, 2 * y0), (2 * x1, 2 * y1), (40, 2)).tolist()
    for p in [*points, [0.0, 0.0], *loss.minima.tolist()]:
        h11, h12, h22 = (evaluate(e, w=p[0], b=p[1]) for e in formulas.hessian(loss))
        h = loss.hessian(p)
        assert (h11, h12, h22) == pytest.approx((h[0, 0], h[0, 1], h[1, 1]), rel=1e-9, abs=1e-9)
        assert_eigen(SimpleNamespace(h11=h11, h12=h12, h22=h22, det=h11 * h22 - h12 * h12), loss, p)


FAR = Dataset(1e6 + np.linspace(0, 1, 12), np.arange(12.0), "far from 0", "")
SAME = Dataset(np.full(7, 2.3), np.arange(7.0), "same x", "")
BENT = CASES | {
    "line, far from 0": ("line", 0, MeanSquaredError(FAR, 0.2)),
    "line, same x": ("line", 0, MeanSquaredError(SAME)),
    "sigmoid, penalty": ("sigmoid", 0, LogisticLoss(CLASSIFICATION["challenger"](), 0.3)),
    "sigmoid, squared, penalty": ("sigmoid", 1, SigmoidSquaredError(CLASSIFICATION["overlapping six"](), 0.1)),
}


@pytest.mark.parametrize(("kind", "variant", "loss"), BENT.values(), ids=BENT)
def test_models_curvature_equals_python(kind, variant, loss):
    data, steps_entries = loss.dataset, formulas.bends(kind)
    left = float(data.x.min() - 0.06 * np.ptp(data.x))
    names = {"v_variant": variant, "v_l2": getattr(loss, "l2", 0.0), "v_x0": left}
    for w, b in np.random.default_rng(6).uniform(0.1, 3, (10, 2)).tolist():
        if data.x.min() > 10:
            w, b = 0.05 * w, -3.0 * b  # where a sigmoid still has curvature
        sums = np.zeros(3)
        for x, y in zip(data.x, data.y, strict=True):
            row = SimpleNamespace(x=float(x), y=float(y))
            for step in steps_entries[0]:
                take(row, step, w=w, b=b, **names)
            sums += (row.k0, row.k1, row.k2)
        row = SimpleNamespace(**dict(zip(("m0", "m1", "m2"), (sums / data.n).tolist(), strict=True)))
        take(row, steps_entries[1], **names)
        h = loss.hessian([w, b])
        assert (row.h11, row.h12, row.h22) == pytest.approx((h[0, 0], h[0, 1], h[1, 1]), rel=1e-9, abs=1e-12)
        assert_eigen(row, loss, [w, b])


def test_the_smaller_curvature_keeps_its_digits_far_from_the_origin():
    """4 s_xx/high to ten digits, where the eigenvalue formula alone would leave none."""
    steps, entries = formulas.bends("line")
    x = 1e6 + np.linspace(0, 1, 12)
    u = x - (x.min() - 0.06)
    row = SimpleNamespace(m0=2.0, m1=2 * float(u.mean()), m2=2 * float((u * u).mean()))
    for step in [entries, *formulas.EIGEN]:
        take(row, step, v_x0=float(x.min() - 0.06), v_l2=0.0)
    assert row.low == pytest.approx(4 * x.var() / row.high, rel=1e-8)
    assert steps


def test_outside_its_domain_a_model_is_no_number():
    assert math.isnan(
        evaluate(formulas.prediction(LANDSCAPES["puromycin"], "w", "b"), w=1.0, b=-1.0, datum=SimpleNamespace(x=1.0))
    )


@pytest.mark.parametrize("with_axes", [False, True])
def test_a_filled_template_is_the_spec_built_for_the_landscape(with_axes):
    """All landscapes share one spec with blanks; a formula put in wrongly would draw another function."""
    for name in ("rastrigin", "plateau and cliff"):
        choices = (ChartStyle("laptop"), "x", "y", True, True, with_axes)
        assert stage_spec(LANDSCAPES[name], *choices) == _Stage(LANDSCAPES[name], *choices).spec()
    assert not re.search(r"@[fgh]\d", str(stage_spec(LANDSCAPES["beale"], *choices)))


CORNERS = {"v": (0, 0), "br": (1, 0), "tr": (1, 1), "tl": (0, 1)}  # of a cell of the field, right and up
SIDES = (("v", "br"), ("br", "tr"), ("tl", "tr"), ("v", "tl"))


@pytest.mark.parametrize("pattern", range(1, 15))
def test_contour_pieces_end_where_the_level_crosses_the_cell(pattern):
    """Each of the fourteen ways in which a level can pass between the four corners of a cell."""
    style = ChartStyle("laptop")
    layers = _Stage("line", style, "w", "b", True, True, False).contour()
    made = [step for step in layers["transform"] if "calculate" in step and step["as"] not in ("span", "shelf")]
    heights = {name: 5.0 + k if pattern >> k & 1 else 1.5 + 0.5 * k for k, name in enumerate(CORNERS)}
    level, column, row = 4.0, 7, 11
    datum = SimpleNamespace(c=SimpleNamespace(i=row * FIELD + column + 1, **heights))
    for step in made:
        setattr(datum, step["as"], evaluate(step["calculate"], datum=datum, level=level, floor=math.floor))

    cell = style.map_side / FIELD
    crossings = set()
    for first, second in SIDES:
        if (heights[first] < level) != (heights[second] < level):
            share = (level - heights[first]) / (heights[second] - heights[first])
            right, up = np.array(CORNERS[first]) + share * (np.array(CORNERS[second]) - CORNERS[first])
            x, y = cell * (column + 0.5 + right), style.map_side - cell * (row + 0.5 + up)
            crossings.add((round(x, 9), round(y, 9)))
    ends = {(round(datum.xa, 9), round(datum.ya, 9)), (round(datum.xb, 9), round(datum.yb, 9))}
    assert len(ends) == 2
    assert ends == crossings if len(crossings) == 2 else ends < crossings  # of a saddle's two pieces, one is drawn


# --- networks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, network in NETWORKS.items() if len(network.hidden) == 1])
def test_a_small_network_equals_python(name):
    """The score at each sample and the loss, at points of a plane, from the weights as the stage gets them."""
    network, rng = NETWORKS[name], np.random.default_rng(5)
    plane = random_plane(network, network.initial(2), 1).orthonormal
    shape = network_formulas.shape_of(network)
    columns = network_formulas.sent(shape, np.stack([plane.origin, plane.first, plane.second]))
    sent = dict(zip(network_formulas.COLUMNS, columns, strict=True))
    for w, b in rng.uniform(-3, 3, (4, 2)).tolist():
        theta = plane.theta((w, b))
        numbers = {}
        for k, e in network_formulas.weights(shape).items():
            numbers[k] = evaluate(e, **sent, w=w, b=b, **numbers)
        chances = network.predict(theta, network.inputs)
        losses = []
        for (x, y), c, chance in zip(network.inputs.tolist(), network.labels.tolist(), chances, strict=True):
            row = SimpleNamespace(x=x, y=y, c=c)
            for step in network_formulas.model(shape):
                for field, expression in step.items():
                    setattr(row, field, evaluate(expression, datum=row, **numbers))
            assert 1 / (1 + math.exp(-row.z)) == pytest.approx(chance, rel=1e-10), f"{name}: the score at {x, y}"
            losses.append(row.each)
        assert np.mean(losses) == pytest.approx(float(plane.value((w, b))), rel=1e-11), f"{name}: the loss"
