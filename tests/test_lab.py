"""The descent lab's charts: constant specs that read their data by name, and maps whose colours mean what they say."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from lossgeo.charts import lab_charts, raster
from lossgeo.charts.style import ChartStyle
from lossgeo.descent import OPTIMIZERS, run_many
from lossgeo.landscapes import LANDSCAPES
from lossgeo.surfaces import Grid

SPECS = {
    "errors": (lab_charts.error_spec, {"view", "run", "formula"}),
    "bends": (lab_charts.bends_spec, {"view", "run", "limit"}),
    "sweep": (lab_charts.sweep_spec, {"view", "runs", "fates", "methods", "cliff", "strips"}),
}
STYLES = [ChartStyle(), ChartStyle("phone"), ChartStyle("wide", projector=True)]


def used(spec: object) -> set[str]:
    """The data sets that marks read; those are the ones that are sent."""
    text = json.dumps(spec)
    return set(re.findall(r'"data": \{"name": "(\w+)"', text))


def colours(url: str) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize("style", STYLES, ids=lambda s: s.layout)
@pytest.mark.parametrize("name", SPECS)
def test_marks_read_every_data_set_and_no_other(name, style):
    build, names = SPECS[name]
    spec = build(style)
    assert used(spec) == names
    assert set(re.findall(r"data\('(\w+)'\)", json.dumps(spec))) <= names


@pytest.mark.parametrize("name", SPECS)
def test_spec_is_built_once_and_has_the_font_of_its_style(name):
    build, _ = SPECS[name]
    assert build(ChartStyle()) is build(ChartStyle())
    for style in (ChartStyle(), ChartStyle(projector=True)):
        axis = build(style)["config"]["axis"]
        assert (axis["labelFontSize"], axis["titleFontSize"]) == (style.font, style.font + 1)


def test_one_selection_takes_the_click():
    spec = lab_charts.sweep_spec(ChartStyle())
    picks = [p for p in spec["params"] if "select" in p]
    assert [p["name"] for p in picks] == ["pick"]
    assert picks[0]["select"]["fields"] == ["rate"]


@pytest.mark.parametrize("layout", ["laptop", "phone"])
def test_charts_fit_their_column(layout):
    style = ChartStyle(layout)
    room = 916 if layout == "laptop" else 326
    assert lab_charts.width(style) + 56 <= room


def test_every_colour_of_a_basin_map_is_told_apart():
    shades = [raster.shade(hue, k) for hue in raster.HUES for k in range(raster.SHADES)] + list(raster.OTHER.values())
    assert len(set(shades)) == len(shades)


def test_more_steps_are_darker():
    for hue in raster.HUES:
        light = [sum(raster.shade(hue, k)) for k in range(raster.SHADES)]
        assert light == sorted(light, reverse=True)
        assert light[0] > light[-1] + 100


def test_basin_image_puts_each_start_where_it_is():
    """Himmelblau: the four corners of the image have the hues of the minima in their quadrants."""
    loss = LANDSCAPES["himmelblau"]
    starts = Grid.cell_centres(*loss.view, 20, 20).points
    found = run_many(OPTIMIZERS["gradient descent"](learning_rate=0.005), loss, starts, 500)
    image = colours(raster.basin_image(found))
    assert image.shape[:2] == (400, 400)
    for row, column in ((2, 2), (2, 17), (17, 2), (17, 17)):
        label = int(found.label[row, column])
        assert np.all(np.sign(loss.minima[label]) == np.sign(starts[row, column]))
        seen = tuple(int(c) for c in image[399 - 20 * row - 10, 20 * column + 10, :3])
        assert seen in [raster.shade(raster.hue(label), k) for k in range(raster.SHADES)]


def test_basin_image_shows_divergence_and_unsettled_runs():
    loss = LANDSCAPES["saddle"]
    starts = Grid.cell_centres(*loss.view, 10, 10).points
    method = OPTIMIZERS["gradient descent"]
    gone = colours(raster.basin_image(run_many(method(learning_rate=0.2), loss, starts, 500)))
    assert {tuple(c) for c in gone[..., :3].reshape(-1, 3).tolist()} == {raster.OTHER["diverged"]}
    early = colours(raster.basin_image(run_many(method(learning_rate=1e-3), loss, starts, 5)))
    assert {tuple(c) for c in early[..., :3].reshape(-1, 3).tolist()} == {
        raster.OTHER["did not settle"],
        raster.STRIPE,
    }


def test_palette_image_has_its_first_row_below_and_holes_transparent():
    image = colours(raster.palette_image(np.array([[0, 1], [1, -1]]), [(255, 0, 0), (0, 0, 255)]))
    assert tuple(image[-1, 0, :3]) == (255, 0, 0)
    assert tuple(image[0, 0, :3]) == (0, 0, 255)
    assert image[0, -1, 3] == 0
    assert image[-1, 0, 3] == 255
