"""The code for a picture computes the picture: every script is run, and its numbers are the page's."""

from __future__ import annotations

import ast
import json
import sys
import types
from dataclasses import replace

import numpy as np
import pytest

from lossgeo import datasets, networks
from lossgeo.descent import OPTIMIZERS, SCHEDULES, run
from lossgeo.descent.stopping import FAR
from lossgeo.landscapes import LANDSCAPES
from lossgeo.losses import LOSSES
from lossgeo.programs import listings, script
from lossgeo.surfaces import Grid, evaluate
from lossgeo.views import yours

SIDE = 9  # of the grids compared
KINDS = {
    "mean squared error": datasets.REGRESSION,
    "mean absolute error": datasets.REGRESSION,
    "logistic loss": datasets.CLASSIFICATION,
    "squared error through a sigmoid": datasets.CLASSIFICATION,
}
GD = OPTIMIZERS["gradient descent"]


def of_data(name, *, loss=None, knobs=None, right=0.0, up=0.0, standardised=False, l2=0.0, **rest):
    """The picture of a loss of data, as the page would ask for it."""
    loss = loss or ("mean squared error" if name in datasets.REGRESSION else "logistic loss")
    raw = KINDS[loss][name](**(knobs or {}))
    data = datasets.pull(raw, right=right, up=up)
    data = datasets.standardise(data) if standardised else data
    made = LOSSES[loss](data, l2)
    return picture(made, raw=raw, knobs=knobs or {}, right=right, up=up, standardised=standardised, **rest)


def of_landscape(name, **rest):
    return picture(LANDSCAPES[name], **({"start": LANDSCAPES[name].start} | rest))


def picture(loss, methods=(), start=(0.4, 0.2), steps=30, **rest):
    return script.Picture(loss, loss.view, tuple(methods), start, steps, **rest)


class Anything:
    """Stands for every object of matplotlib: any attribute, any call, unpacks into two."""

    def __getattr__(self, name):
        return Anything()

    def __call__(self, *args, **options):
        return Anything()

    def __iter__(self):
        return iter((Anything(), Anything()))


@pytest.fixture(autouse=True)
def matplotlib(monkeypatch):
    stand_in(monkeypatch)


def stand_in(monkeypatch):
    """In place of Matplotlib: the scripts are run for their numbers."""
    package, plt = types.ModuleType("matplotlib"), types.ModuleType("matplotlib.pyplot")
    plt.__getattr__ = lambda name: Anything()
    package.pyplot = plt
    monkeypatch.setitem(sys.modules, "matplotlib", package)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", plt)


def execute(code):
    """The variables that the script leaves, run on a small grid and without lossgeo."""
    assert "lossgeo" not in code
    constant = f"\nGRID = {script.GRID}"
    assert code.count(constant) == 1
    space = {}
    exec(compile(code.replace(constant, f"\nGRID = {SIDE}"), "snippet", "exec"), space)
    return space


def compare(shown, tolerance=1e-9, far=FAR):
    """Run the script of a picture and hold its grid and its paths against the page's; the variables."""
    code = script.script(shown)
    assert max(map(len, code.splitlines())) <= script.WIDTH, max(code.splitlines(), key=len)
    space = execute(code)
    expected = evaluate(shown.loss, Grid(*shown.window, SIDE, SIDE)).values
    finite = np.isfinite(expected)
    assert np.array_equal(np.isfinite(space["surface"]), finite)
    np.testing.assert_allclose(
        space["surface"][finite], expected[finite], rtol=1e-12, atol=1e-13 * np.ptp(expected[finite])
    )
    assert [*space.get("runs", {})] == [method.name for method in shown.methods]
    size = np.ptp(shown.loss.view, axis=1)
    for method in shown.methods:
        page, path = run(method, shown.loss, shown.start, shown.steps), space["runs"][method.name]
        near = np.all(np.abs(page.points - np.mean(shown.loss.view, axis=1)) <= far * size, axis=1)
        wanted = page.points[: len(near) if near.all() else int(np.argmin(near))]
        assert len(path) >= len(wanted), method.name
        assert len(path) == shown.steps + 1 or page.status == "diverged" or not near.all(), page.reason
        scale = np.maximum(np.abs(wanted), size)
        error = np.abs(path[: len(wanted)] - wanted) / scale
        assert error.max() <= tolerance, f"{method.name}: {error.max()} at step {error.max(axis=1).argmax()}"
        np.testing.assert_allclose(
            space["loss"](path[len(wanted) - 1]),
            page.values[len(wanted) - 1],
            rtol=1e-6,
            atol=1e-12 * np.ptp(expected[finite]),
        )
    return space


def rate_for(shown, share=0.7):
    """A learning rate at which gradient descent from there behaves."""
    high = np.abs(np.linalg.eigvalsh(shown.loss.hessian(np.array(shown.start)))).max()
    return float(f"{share / (high or 1.0):.2g}")


@pytest.mark.parametrize("name", [*datasets.REGRESSION, *datasets.CLASSIFICATION])
def test_every_data_set(name):
    shown = of_data(name)
    space = compare(replace(shown, methods=(GD(learning_rate=rate_for(shown)),)))
    np.testing.assert_array_equal(space["x"], shown.loss.dataset.x)
    np.testing.assert_array_equal(space["y"], shown.loss.dataset.y)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape(name):
    shown = of_landscape(name)
    rate = 0.3 * rate_for(shown)
    methods = GD(learning_rate=rate), OPTIMIZERS["newton"](), OPTIMIZERS["adam"](learning_rate=rate)
    compare(replace(shown, methods=methods))


@pytest.mark.parametrize("name", LANDSCAPES)
def test_second_derivatives_of_every_landscape(name):
    shown = of_landscape(name, methods=(OPTIMIZERS["newton"](),))
    (x0, x1), (y0, y1) = shown.window
    p = np.array([0.3 * x0 + 0.7 * x1, 0.4 * y0 + 0.6 * y1])
    space = execute(script.script(shown))
    np.testing.assert_allclose(space["gradient"](p), shown.loss.gradient(p), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(space["hessian"](p), shown.loss.hessian(p), rtol=1e-12, atol=1e-12)


def settings(name, **options):
    """A method with settings that are not its defaults, where it has any on the page."""
    known = OPTIMIZERS[name].__dataclass_fields__
    return OPTIMIZERS[name](**({"momentum": 0.8} if "momentum" in known else {}), **options)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_method_has_a_program(name):
    assert name in listings.METHODS, f"write {name!r} as a program in METHODS of lossgeo/programs/listings.py"


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name in listings.METHODS])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_method_on_every_loss(name, loss):
    data = "chapter line" if KINDS[loss] is datasets.REGRESSION else "overlapping six"
    own = {"learning_rate": 0.05} if OPTIMIZERS[name].uses_rate else {}
    compare(of_data(data, loss=loss, methods=[settings(name, **own)], l2=0.1))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule(schedule):
    names = ["gradient descent", "sgd", "momentum", "newton"]
    methods = [
        OPTIMIZERS[name](**({} if name == "newton" else {"learning_rate": 0.3, "schedule": schedule})) for name in names
    ]
    compare(of_data("chapter line", methods=methods, steps=41))


KNOBS = {
    "outliers": (
        "chapter line",
        {"n": 12, "slope": -1.5, "intercept": -0.5, "noise": 0.3, "outliers": 3, "outlier_size": -4.0, "seed": 7},
    ),
    "units": ("chapter line", {"scale": 2.5, "offset": -3.0}),
    "all x equal": ("chapter line", {"constant_x": True}),
    "one sample": ("chapter line", {"n": 1}),
    "gap and balance": ("two classes", {"n": 25, "gap": 1.3, "balance": 0.3, "seed": 5}),
    "flips": ("two classes", {"flips": 3}),
    "kept apart": ("two classes", {"gap": 0.5, "separable": True, "scale": 0.1, "offset": 7.0}),
    "one class": ("two classes", {"balance": 1.0, "separable": True}),
}


@pytest.mark.parametrize("case", KNOBS)
@pytest.mark.parametrize("standardised", [False, True])
def test_every_knob_of_the_generators(case, standardised):
    name, knobs = KNOBS[case]
    shown = of_data(name, knobs=knobs, standardised=standardised)
    space = compare(replace(shown, methods=(GD(learning_rate=rate_for(shown)),)))
    np.testing.assert_allclose(space["x"], shown.loss.dataset.x, rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(space["y"], shown.loss.dataset.y)


@pytest.mark.parametrize(
    "name", ["chapter line", "cars", "one point", "same x", "challenger", "touching", "longley year"]
)
@pytest.mark.parametrize("standardised", [False, True])
def test_pulled_standardised_and_penalised(name, standardised):
    up = 0.7 if name in datasets.REGRESSION else 0.0
    shown = of_data(name, right=1.3, up=up, standardised=standardised, l2=0.25)
    space = compare(replace(shown, methods=(GD(learning_rate=rate_for(shown)),)))
    np.testing.assert_allclose(space["x"], shown.loss.dataset.x, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(space["y"], shown.loss.dataset.y)


def test_x_far_from_0_and_close_together_is_standardised_as_well():
    """One subtraction of the mean would leave rounding of a tenth of the spread."""
    shown = of_data("chapter line", knobs={"scale": 1e-6, "offset": 1e6}, standardised=True)
    np.testing.assert_allclose(execute(script.script(shown))["x"], shown.loss.dataset.x, atol=1e-12)


def test_divergence_and_confident_scores():
    compare(of_data("chapter line", methods=[GD(learning_rate=3.0)], steps=60))
    compare(of_data("separable four", methods=[settings("adam", learning_rate=1.0)], start=(30.0, 5.0), steps=60))
    compare(
        of_data(
            "separable four",
            loss="squared error through a sigmoid",
            methods=[settings("adam", learning_rate=1.0)],
            start=(-30.0, 5.0),
            steps=60,
        )
    )
    compare(of_landscape("saddle", methods=[GD(learning_rate=0.4)], steps=200))
    compare(of_landscape("beale", methods=[GD(learning_rate=0.5)], start=(3.0, 2.0)))
    compare(of_landscape("puromycin", methods=[GD(learning_rate=0.1)], start=(1.0, 0.1)))


def test_four_methods_and_none():
    four = [OPTIMIZERS[name](learning_rate=0.1) for name in ("momentum", "nesterov", "adagrad", "rmsprop")]
    colours = {method.name: f"#12345{i}" for i, method in enumerate(four)}
    more = colours | {"adam": "#654321"}
    space = compare(of_landscape("double well", methods=four, colours=more, equal=True))
    assert space["colours"] == colours
    code = script.script(of_landscape("bowl"))
    assert "run" not in execute(code)
    assert "ETA" not in code
    assert "STEPS" not in code
    only = script.script(of_landscape("bowl", methods=[GD()]))
    assert "def gradient_descent" in only
    assert "def momentum" not in only


def test_three_dimensions():
    code = script.script(of_landscape("bowl", methods=[GD()], solid=True))
    assert "plot_surface" in code
    execute(code)


def test_the_longest_names_and_numbers_keep_to_the_width():
    names = "gradient descent", "backtracking", "momentum", "nesterov"
    loss, data = "squared error through a sigmoid", "penguins adelie / chinstrap"
    compare(of_data(data, loss=loss, methods=[OPTIMIZERS[name]() for name in names], steps=3, standardised=True))
    knobs = {"slope": -12.3456789, "intercept": -98.7654321, "noise": 1.23456789, "offset": -123456.789, "seed": 9999}
    compare(of_data("chapter line", knobs=knobs, start=(-123.456789, 9876.54321)))


def test_methods_share_one_learning_rate():
    with pytest.raises(ValueError, match="must share the learning rate"):
        script.script(of_landscape("bowl", methods=[GD(learning_rate=0.1), settings("adam", learning_rate=0.2)]))


@pytest.mark.parametrize(
    "shown", [of_data("cars", methods=[GD()]), of_landscape("tiny network", methods=[GD()])], ids=["cars", "network"]
)
def test_notebook_is_the_script_in_cells(shown):
    """nbformat 4.5: ids, kinds and fields of the cells; and the code runs from top to bottom."""
    book = json.loads(script.notebook(shown))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    for cell in book["cells"]:
        wanted = {"cell_type", "id", "metadata", "source"}
        assert set(cell) == wanted | ({"outputs", "execution_count"} if cell["cell_type"] == "code" else set())
        assert all(isinstance(line, str) for line in cell["source"])
    code = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    text = script.script(shown)
    assert all(part in text for part in code)
    np.testing.assert_array_equal(execute("\n" + "\n".join(code))["surface"], execute(text)["surface"])
    assert any("$" in "".join(cell["source"]) for cell in book["cells"]), "the formula stands above its code"


def test_the_opening_script_is_short():
    """About thirty lines to read, not counting blank ones, comments, docstrings, imports and the plot."""
    tree = ast.parse(
        script.script(of_data("chapter line", methods=[GD(learning_rate=0.5)])).split("# --- The picture")[0]
    )
    code = ast.unparse(tree).splitlines()
    assert len([line for line in code if line.strip() and not line.strip().startswith(('"""', "import"))]) <= 36


def test_file_names():
    shown = of_data("iris setosa / versicolor", methods=[GD(), settings("adam")])
    assert script.file_name(shown, "py") == "lossgeo-iris-setosa-versicolor-gradient-descent-adam.py"
    assert script.file_name(of_landscape("six-hump camel"), "ipynb") == "lossgeo-six-hump-camel.ipynb"


# --- data of one's own ------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "loss"), [(7, "mean squared error"), (30, "logistic loss"), (2500, "logistic loss")])
def test_the_program_contains_the_points_of_ones_own(n, loss):
    rng = np.random.default_rng(5)
    x = rng.normal(50.0, 10.0, n)
    y = (x > 52.0).astype(float) if loss == "logistic loss" else 2.0 * x + rng.normal(size=n)
    raw = yours.of_points(x, y, "score\u2028\nimport os", "<b>'''\"\"\"")
    space = compare(picture(LOSSES[loss](raw), raw=raw, methods=(GD(learning_rate=1e-4),)))
    assert np.array_equal(space["x"], x)
    assert np.array_equal(space["y"], y)


def test_what_is_only_read_is_cut_short_and_says_so():
    rng = np.random.default_rng(6)
    raw = yours.of_points(rng.normal(size=2500), rng.normal(size=2500))
    full = script.script(picture(LOSSES["mean squared error"](raw), raw=raw))
    short = script.shortened(full)
    assert len(short.splitlines()) < 150 < len(full.splitlines())
    assert short.count("more numbers: the downloads have all of them") == 2
    few = script.script(of_data("cars"))
    assert script.shortened(few) == few


# --- planes of networks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_code_of_a_plane_computes_the_same_loss_gradient_and_descent(name):
    network = networks.NETWORKS[name]
    plane = networks.random_plane(network, network.initial(1), 3).orthonormal
    method = GD(learning_rate=0.1)
    shown = picture(plane, [method], (0.3, -0.2), 12)
    code = script.script(shown)
    assert max(map(len, code.splitlines())) <= 120
    ran = execute(code)
    points = np.random.default_rng(0).uniform(-1, 1, (6, 2))
    assert np.allclose(ran["loss"](points.T), plane.value(points), rtol=1e-12), f"{name}: the loss differs"
    slopes = [ran["gradient"](p) for p in points]
    assert np.allclose(slopes, plane.gradient(points), rtol=1e-9, atol=1e-12), f"{name}: the gradient differs"
    path = run(method, plane, (0.3, -0.2), 12).points
    assert np.allclose(ran["runs"]["gradient descent"][: len(path)], path, atol=1e-10), f"{name}: the path differs"


def test_the_code_of_a_plane_has_second_derivatives_for_newton():
    network = networks.NETWORKS["two moons, tanh 2-8-1"]
    plane = networks.random_plane(network, network.initial(1), 3).orthonormal
    ran = execute(script.script(picture(plane, [OPTIMIZERS["newton"]()], (0.3, -0.2), 3)))
    p = np.array([0.3, -0.2])
    assert np.allclose(ran["hessian"](p), plane.hessian(p), rtol=1e-5, atol=1e-8)
