"""The layers of the map: what each cell says is what the core computes there, and what is not known stays blank."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from lossgeo import descent, geometry
from lossgeo.charts import raster
from lossgeo.charts.style import LAYOUTS, ChartStyle
from lossgeo.descent.many import MINIMUM, UNSETTLED
from lossgeo.landscapes import LANDSCAPES
from lossgeo.numbers import number
from lossgeo.surfaces import Grid
from lossgeo.ui.share import links
from lossgeo.views import cached, layers
from lossgeo.views.choice import LossSpec, MethodSpec, ViewSpec, choice_from
from lossgeo.views.pages import LAYERS, LESSON_PAGES
from lossgeo.views.view import build

STYLES = [ChartStyle(layout, projector) for layout in LAYOUTS for projector in (False, True)]
HIMMELBLAU = LossSpec("himmelblau")


def layer(page, kind, style=None, **settings):
    """The layer of a page with these settings, and the view."""
    own = LESSON_PAGES[page]
    view = build(own, choice_from(own, settings | {"layer": kind}), style or ChartStyle())
    return layers.layer(view), view


def pixels(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"))


def texts(found):
    return [text for _, _, text, _ in found.key]


@pytest.mark.parametrize("kind", LAYERS[1:])
@pytest.mark.parametrize("page", LESSON_PAGES)
def test_the_key_fits_above_the_map_in_every_layout(page, kind):
    for style in STYLES[:: 1 if page != "network" else 4]:  # a network's layers take their time
        found, _ = layer(page, kind, style)
        assert found.key, f"{kind} has no key in {style}"
        for x, colour, text, gap in found.key:
            wide = gap + 0.52 * style.font * len(text) if text else style.font
            assert colour or text
            assert x + wide <= style.map_side, f"{text!r} leaves the map in {style}"


# --- where runs end -------------------------------------------------------------------------------------


def test_each_start_ends_where_a_single_run_ends():
    method = MethodSpec("gradient descent", 0.01)
    found = cached.basin_map(HIMMELBLAU, method, ViewSpec())
    loss, side = LANDSCAPES["himmelblau"], cached.basin_side(HIMMELBLAU)
    starts = Grid.cell_centres(*loss.view, side, side).points
    for row, column in ((3, 5), (80, 30), (120, 140), (20, 101)):
        run = descent.run(cached.build(method), loss, starts[row, column], 500)
        nearest = int(np.argmin(np.abs(loss.minima - run.points[-1]).max(axis=-1)))
        assert found.basins.outcome[row, column] == MINIMUM
        assert found.basins.label[row, column] == nearest


def test_a_run_that_has_not_arrived_is_not_there_yet():
    """At the rate 1e-6 nothing gets far in 500 steps; the map says so, and claims no basin."""
    found, view = layer("nonconvex", "ends", lr=1e-6)
    basins = cached.basin_map(view.choice.loss, view.choice.methods[0], view.choice.view).basins
    share = np.mean(basins.outcome == UNSETTLED)
    assert share > 0.9
    assert "not there yet" in texts(found)
    assert re.search(rf"{100 * share:.1f}% not there yet", found.details)
    stripes = np.array([raster.OTHER["did not settle"], raster.STRIPE])
    seen = (pixels(found.url)[..., None, :3] == stripes).all(axis=-1).mean(axis=(0, 1))
    assert seen.sum() == pytest.approx(share, abs=0.01)
    assert seen.min() > 0.4 * share, "both colours of the stripes are seen"


def test_without_a_minimiser_there_is_nowhere_to_arrive():
    found, view = layer("logistic", "ends", separable=True)
    assert view.loss.minimisers == "none"
    assert not any("not there yet" in text for text in [*texts(found), found.details])


def test_numbers_stand_at_the_minima():
    found, view = layer("nonconvex", "ends", lr=0.01)
    assert [text for _, _, text, _, _ in found.labels] == ["1", "2", "3", "4"]
    np.testing.assert_allclose([(w, b) for w, b, *_ in found.labels], view.loss.minima)
    shares = [float(v) for v in re.findall(r"(\d+\.\d)% at minimum", found.details)]
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(100.0, abs=0.3)


def test_with_a_schedule_the_runs_are_as_long_as_the_one_that_is_drawn():
    """A schedule depends on the number of steps; with another number it would be another descent."""
    assert "at most 500 steps" in layer("nonconvex", "ends", steps=60)[0].line
    assert "at most 60 steps" in layer("nonconvex", "ends", steps=60, schedule="cosine")[0].line
    assert "at most 2000 steps" in layer("nonconvex", "ends", steps=2000)[0].line


def test_runs_on_a_saddle_diverge():
    found, _ = layer("nonconvex", "ends", landscape="saddle", lr=0.1)
    assert texts(found) == ["diverged"]
    assert found.details.startswith("100% diverged")


# --- curvature ------------------------------------------------------------------------------------------


def test_signs_are_those_of_the_eigenvalues():
    found = cached.sign_map(HIMMELBLAU, ViewSpec(), 20)
    loss = LANDSCAPES["himmelblau"]
    cells = Grid.cell_centres(*loss.view, 20, 20).points
    values = np.linalg.eigvalsh(loss.hessian(cells))
    np.testing.assert_array_equal(found.kinds, np.select([values[..., 0] > 0, values[..., 1] < 0], [0, 2], 1))


def test_curvature_of_himmelblau_is_told_apart_without_colour():
    found, _ = layer("nonconvex", "curvature")
    assert texts(found) == ["∪ convex", "× saddle-like", "∩ concave"]
    assert {text for _, _, text, _, _ in found.labels} == {"∪", "×", "∩"}


@pytest.mark.parametrize("page", ["mse", "logistic"])
def test_a_convex_loss_has_no_negative_curvature(page):
    found, view = layer(page, "curvature", zoom=0.125)
    assert view.loss.convex
    assert not {"× saddle-like", "∩ concave"} & set(texts(found))
    assert "ever negative" in found.details


def test_where_the_hessian_is_no_number_the_map_is_blank():
    """Michaelis and Menten's model is undefined for a negative second parameter."""
    spec = LossSpec("puromycin")
    found = cached.sign_map(spec, ViewSpec(0.125))
    side = len(found.kinds)
    cells = Grid.cell_centres(*cached.window(spec, ViewSpec(0.125)), side, side).points
    with np.errstate(all="ignore"):
        finite = np.isfinite(cached.loss(spec).hessian(cells)).all(axis=(-1, -2))
    assert not finite.all()
    assert (found.kinds[~finite] == -1).all()
    assert "blank" in layer("nonconvex", "curvature", landscape="puromycin", zoom=0.125)[0].details


# --- condition ------------------------------------------------------------------------------------------


def test_condition_is_blank_where_an_eigenvalue_is_not_positive():
    found = cached.condition_map(HIMMELBLAU, ViewSpec(), 40)
    loss = LANDSCAPES["himmelblau"]
    values = np.linalg.eigvalsh(loss.hessian(Grid.cell_centres(*loss.view, 40, 40).points))
    positive = values[..., 0] > 0
    np.testing.assert_array_equal(np.isfinite(found.values), positive)
    np.testing.assert_allclose(10 ** found.values[positive], (values[..., 1] / values[..., 0])[positive], rtol=1e-9)
    np.testing.assert_array_equal(pixels(found.url)[::-1, :, 3] == 0, ~positive, "row 0 is at the bottom")
    told, _ = layer("nonconvex", "condition")
    assert "Blank: no κ, because" in told.details


def test_a_bowl_has_one_condition_number():
    found, view = layer("mse", "condition")
    low, high = np.linalg.eigvalsh(view.loss.hessian(np.zeros(2)))
    assert texts(found) == [f"κ = {high / low:.3g} everywhere"]


def test_a_huge_condition_number_that_is_known_exactly_is_shown():
    """Far from the origin one eigenvalue is tiny beside the other, and its digits come from the exact determinant."""
    found, view = layer("mse", "condition", dataset="chapter line", offset=1e6)
    kappa = float(geometry.condition_number(view.loss))
    assert kappa > 1e12
    assert texts(found) == [f"κ = {number(kappa)} everywhere"]


def test_the_absolute_error_has_no_condition_number():
    found, _ = layer("mse", "condition", loss="mean absolute error")
    assert found.line == "Condition number: none"
    assert "zero wherever it exists" in found.details


# --- links ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("nonconvex_tab=Look closer&nonconvex_closer=Basins", "nonconvex_layer=ends"),
        ("nonconvex_closer=Basins&nonconvex_layer=height", "nonconvex_layer=height"),
        ("nonconvex_closer=Curvature", "nonconvex_closer=Along the run&nonconvex_layer=curvature"),
        ("logistic_closer=Curvature", "logistic_closer=Along the run&logistic_layer=condition"),
        ("mse_closer=Curvature", "mse_closer=Along the run"),
        ("mse_closer=Sweep&x=1", "mse_closer=Sweep&x=1"),
        ("nonconvex_closer=", "nonconvex_closer="),
    ],
)
def test_an_old_link_to_a_second_map_opens_the_layer(old, new):
    def parsed(text):
        return {key: [value] for key, value in (pair.split("=") for pair in text.split("&"))}

    assert links.renewed(parsed(old)) == parsed(new)
