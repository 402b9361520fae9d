"""What the browser draws while something is held is what the core computes: contours, minimiser, first steps."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from test_browser_formulas import evaluate

from lossgeo import descent
from lossgeo.charts.hands import CORNERS, RINGS, STEPS
from lossgeo.charts.stage import _Stage
from lossgeo.charts.style import ChartStyle
from lossgeo.contracts import Dataset
from lossgeo.datasets import REGRESSION
from lossgeo.losses import MeanSquaredError

STAGE = _Stage("line", ChartStyle(), "w", "b", True, True)
DATA = {
    "chapter": REGRESSION["chapter line"](),
    "cars": REGRESSION["cars"](),
    "far": Dataset([1000.0, 1001.0, 1002.5], [3.0, 5.0, 4.0], "far", ""),
}
WINDOW = {"v_w0": 0.0, "v_w1": 4.0, "v_b0": 0.0, "v_b1": 2.0, "v_variant": 0}


def calculated(layer, row, skip=(), **signals):
    """The row after all formulas of a layer; `flatten` takes the value that the row has already."""
    for step in layer["transform"]:
        if "calculate" in step and step["as"] not in skip:
            row[step["as"]] = evaluate(step["calculate"], datum=SimpleNamespace(**row), **signals)
    return row


def means(data, l2=0.0):
    """The row of minimiser and factors, by the transforms of the spec: the aggregate is taken here."""
    group = STAGE.rings()[0]
    x0 = float(data.x.min()) - 0.1
    signals = WINDOW | {"v_x0": x0, "v_x1": float(data.x.max()) + 0.1, "v_l2": l2, "sx": 0.4, "sy": 0.2, "v_gd": 0.05}
    rows = []
    for x, y in zip(data.x, data.y, strict=True):
        row = {"x": x, "y": y, "u": x - x0}
        rows.append(row | {"uu": row["u"] ** 2, "uy": row["u"] * y})
    summed = next(step for step in group["transform"] if "aggregate" in step)["aggregate"]
    out = {item["as"]: np.mean([row[item["field"]] for row in rows]) for item in summed if item["op"] == "mean"}
    after = group["transform"].index(next(step for step in group["transform"] if "aggregate" in step))
    return calculated({"transform": group["transform"][after + 1 :]}, out, **signals), signals


@pytest.mark.parametrize("l2", [0.0, 0.7])
@pytest.mark.parametrize("name", DATA)
def test_the_minimiser_is_the_cores_own(name, l2):
    row, _ = means(DATA[name], l2)
    best = MeanSquaredError(DATA[name], l2).minima[0]
    assert (row["ws"], row["bs"]) == pytest.approx(tuple(best), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("l2", [0.0, 0.7])
@pytest.mark.parametrize("name", ["chapter", "cars"])
def test_each_ring_is_a_contour(name, l2):
    """At all its points the loss is higher than the least by the square of its radius."""
    loss = MeanSquaredError(DATA[name], l2)
    row, signals = means(DATA[name], l2)
    ring = STAGE.rings()[0]["layer"][1]
    for number in (1, RINGS):
        for corner in range(0, CORNERS, 7):
            found = calculated(ring, dict(row, ring=number, k=corner), skip=("ring", "k"), **signals)
            higher = float(loss.value((found["w"], found["b"]))) - loss.infimum
            assert higher == pytest.approx(found["r"] ** 2, rel=1e-5)


def test_the_first_steps_are_those_of_gradient_descent():
    loss = MeanSquaredError(DATA["chapter"])
    row, signals = means(DATA["chapter"])
    run = descent.run(descent.OPTIMIZERS["gradient descent"](learning_rate=0.05), loss, (0.4, 0.2), STEPS)
    layer = STAGE.rings()[0]["layer"][3]
    for k in range(0, STEPS, 9):
        found = calculated(layer, dict(row, k=k), skip=("k",), **signals)
        assert (found["w"], found["b"]) == pytest.approx(tuple(run.points[k]), rel=1e-9)
