"""Data sets: the record, the generators, and the real sets against reference.json.

Reference values were worked out with NumPy and SciPy and compared with textbook fits; the tests
recompute them here by independent means before asking lossgeo.losses for the same numbers.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from lossgeo import datasets
from lossgeo.datasets import CLASSIFICATION, REGRESSION, Dataset, pull, separation, standardise
from lossgeo.losses import LogisticLoss, MeanSquaredError

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))

MSE_SETS = {
    "course_snippet": "chapter line",
    "cars": "cars",
    "faithful": "faithful",
    "anscombe_I": "anscombe I",
    "anscombe_II": "anscombe II",
    "anscombe_III": "anscombe III",
    "anscombe_IV": "anscombe IV",
    "penguins": "penguins",
    "longley_year": "longley year",
    "longley_gnp": "longley gnp",
}
LOGISTIC_SETS = {
    "iris_setosa_versicolor": "iris setosa / versicolor",
    "iris_versicolor_virginica": "iris versicolor / virginica",
    "challenger": "challenger",
    "penguins_adelie_gentoo": "penguins adelie / gentoo",
    "penguins_adelie_chinstrap": "penguins adelie / chinstrap",
}
FITTED = [key for key in LOGISTIC_SETS if "raw" in REFERENCE["logistic"][key]]
SCALES = ("raw", "standardised")

mse_sets = pytest.mark.parametrize("key", MSE_SETS)
fitted_sets = pytest.mark.parametrize("key", FITTED)
scales = pytest.mark.parametrize("scale", SCALES)


def at_scale(dataset: Dataset, scale: str) -> Dataset:
    return standardise(dataset) if scale == "standardised" else dataset


def made(x, y) -> Dataset:
    return Dataset(x, y, "made", "this test")


def design(dataset: Dataset) -> np.ndarray:
    return np.column_stack([dataset.x, np.ones(dataset.n)])


def close(actual, expected, rel=1e-6):
    np.testing.assert_allclose(actual, expected, rtol=rel, atol=0)


def newton(dataset: Dataset, l2: float = 0.0) -> tuple[np.ndarray, float, np.ndarray]:
    """(w, b), data loss and Hessian of mean(log(1 + e^z) - y z) + l2/2 (w^2 + b^2), by Newton."""
    a, y, p = design(dataset), dataset.y, np.zeros(2)
    for _ in range(60):
        q = 1.0 / (1.0 + np.exp(-(a @ p)))
        hessian = a.T @ (a * (q * (1 - q))[:, None]) / len(y) + l2 * np.eye(2)
        p = p - np.linalg.solve(hessian, a.T @ (q - y) / len(y) + l2 * p)
    z = a @ p
    return p, float(np.mean(np.logaddexp(0, z) - y * z)), hessian


# The record


def test_dataset_copies_and_freezes_its_arrays():
    x = np.array([1.0, 2.0])
    dataset = made(x, [3, 4])
    x[0] = 99.0
    assert dataset.x.tolist() == [1.0, 2.0]
    assert dataset.y.dtype == np.float64
    for array in (dataset.x, dataset.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
    with pytest.raises(AttributeError):
        dataset.name = "other"


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1], "same length, got 2 and 1"),
        ([], [], "at least one"),
        ([[1, 2]], [1, 2], r"one dimension, got shape \(1, 2\)"),
        (1.0, [1], "one dimension"),
        ([1, 2], [1, np.nan], "y must be finite, got nan at index 1"),
        ([np.inf], [1], "x must be finite, got inf at index 0"),
        (["one"], [1], "x must be a list of numbers"),
        ([[1], [1, 2]], [1, 2], "x must be a list of numbers"),
    ],
    ids=["lengths", "empty", "2-d", "scalar", "nan", "inf", "text", "ragged"],
)
def test_bad_arrays_are_refused_with_cause(x, y, message):
    with pytest.raises(ValueError, match=message):
        made(x, y)


@pytest.mark.parametrize(("y", "binary"), [([0, 1], True), ([1, 1], True), ([-1, 1], False), ([0, 0.5], False)])
def test_labels_are_binary(y, binary):
    assert made([1, 2], y).labels_are_binary is binary


def test_standardise_gives_mean_0_and_population_sd_1():
    raw = REGRESSION["longley year"]()
    scored = standardise(raw)
    assert abs(scored.x.mean()) < 1e-15
    close(np.mean(scored.x**2), 1.0, rel=1e-14)
    close(scored.x * raw.x.std() + raw.x.mean(), raw.x, rel=1e-14)
    np.testing.assert_array_equal(scored.y, raw.y)
    assert "1954.5" in scored.note
    assert "4.60977" in scored.note


@pytest.mark.parametrize("value", [0.1, 2.0, 1e15])
def test_standardise_of_equal_x_is_0_and_says_so(value):
    scored = standardise(made([value] * 3, [1, 2, 3]))
    assert scored.x.tolist() == [0.0, 0.0, 0.0]
    assert "All x are equal" in scored.note


@pytest.mark.parametrize("x", [[0.0, 1e-200], [1e16, 1e16 + 2], [0.0, 5e-324]], ids=["tiny", "offset", "subnormal"])
def test_standardise_at_the_edges_of_double_precision(x):
    close(standardise(made(x, [0, 1])).x, [-1.0, 1.0], rel=1e-12)


# Separation


def separation_by_linear_programming(x, y) -> str:
    """The definition: maximise the sum of margins t_i <= s_i (w x_i + b), 0 <= t_i <= 1.

    Feasible (w, b) form a cone, so scaling makes every positive margin at least 1: an optimum of
    n means complete separation, of 0 none at all, anything between quasi-complete separation.
    """
    if len(set(y)) == 1:
        return "one class"
    n, side = len(x), 2.0 * np.asarray(y) - 1.0
    margins = side[:, None] * np.column_stack([x, np.ones(n)])
    result = linprog(
        np.r_[0.0, 0.0, -np.ones(n)],
        A_ub=np.hstack([-margins, np.eye(n)]),
        b_ub=np.zeros(n),
        bounds=[(None, None)] * 2 + [(0, 1)] * n,
    )
    assert result.status == 0, result.message
    total = -result.fun
    return "complete" if total > n - 1e-6 else "overlap" if total < 1e-6 else "quasi-complete"


def test_separation_agrees_with_linear_programming():
    rng = np.random.default_rng(7)
    seen: Counter[str] = Counter()
    for _ in range(400):
        n = rng.integers(1, 8)
        x = rng.integers(-2, 3, n).astype(float)
        y = rng.integers(0, 2, n).astype(float)
        if rng.random() < 0.5:  # labels in order along x, either way round, ties at random
            y[np.lexsort((y, x if rng.random() < 0.5 else -x))] = np.sort(y)
        expected = separation_by_linear_programming(x, y)
        assert separation(made(x, y)) == expected, (x, y)
        seen[expected] += 1
    assert min(seen[k] for k in ("overlap", "quasi-complete", "complete", "one class")) > 10, seen


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([3], [1], "one class"),
        ([2, 2], [0, 1], "overlap"),
        ([2, 2, 3], [0, 1, 1], "quasi-complete"),
        ([3, 2, 2], [1, 0, 1], "quasi-complete"),
        ([2, 2, 3], [0, 1, 0], "quasi-complete"),
        ([1, 2, 2, 3], [0, 0, 1, 0], "overlap"),
        ([4, 3, 2, 1], [0, 0, 1, 1], "complete"),
        ([-1e308, 1e308], [0, 1], "complete"),
    ],
)
def test_separation_in_cases_worked_by_hand(x, y, expected):
    assert separation(made(x, y)) == expected


def test_separation_needs_labels_0_and_1():
    with pytest.raises(ValueError, match="labels y must be 0 or 1"):
        separation(REGRESSION["cars"]())


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_note_of_existence_agrees_with_the_loss(name):
    dataset = CLASSIFICATION[name]()
    assert dataset.labels_are_binary, f"every y of {name!r} must be 0 or 1"
    no_minimiser = LogisticLoss(dataset).minimisers == "none"
    says = "no minimiser" in dataset.note
    assert no_minimiser == says, (
        f"the logistic loss of {name!r} has {'no' if no_minimiser else 'a'} minimiser; its `note` says {dataset.note!r}"
    )
    assert no_minimiser == (separation(dataset) != "overlap")


# Generators


def test_defaults_are_the_data_of_the_source_chapter():
    random = np.random.RandomState(0)
    x = np.linspace(0, 1, 30)
    dataset = REGRESSION["chapter line"]()
    np.testing.assert_array_equal(dataset.x, x)
    np.testing.assert_array_equal(dataset.y, 2 * x + 1 + 0.1 * random.randn(30))
    assert abs(dataset.y[0] - 1.1764052346) < 5e-11
    assert abs(dataset.y[29] - 3.1469358770) < 5e-11


def test_line_knobs_do_what_they_say():
    plain = datasets.chapter_line()
    moved = datasets.chapter_line(outliers=3, outlier_size=-5.0)
    np.testing.assert_array_equal(moved.y[:-3], plain.y[:-3])
    np.testing.assert_allclose(moved.y[-3:] - plain.y[-3:], -5.0)
    assert "last 3 of 30" in moved.note
    units = datasets.chapter_line(scale=1000.0, offset=-7.0)
    np.testing.assert_array_equal(units.x, 1000.0 * plain.x - 7.0)
    np.testing.assert_array_equal(units.y, plain.y)
    exact = datasets.chapter_line(n=7, slope=-3.0, intercept=4.0, noise=0.0)
    np.testing.assert_array_equal(exact.y, -3.0 * exact.x + 4.0)
    same = datasets.chapter_line(constant_x=True, noise=0.0)
    assert set(same.x) == {0.5}
    assert set(same.y) == {2.0}
    assert datasets.chapter_line(n=1).n == 1


def test_two_classes_have_the_stated_centres_spread_and_shares():
    dataset = datasets.two_classes(n=20_000, gap=3.0, balance=0.25)
    zeros, ones = dataset.x[dataset.y == 0], dataset.x[dataset.y == 1]
    assert len(ones) == 5000
    for part, centre in ((zeros, -1.5), (ones, 1.5)):  # six standard errors
        assert abs(part.mean() - centre) < 6 / np.sqrt(len(part))
        assert abs(part.std() - 1.0) < 6 / np.sqrt(2 * len(part))


@pytest.mark.parametrize("seed", range(5))
def test_default_two_classes_overlap_and_separable_ones_do_not(seed):
    assert separation(datasets.two_classes(seed=seed)) == "overlap"
    apart = datasets.two_classes(separable=True, seed=seed)
    assert separation(apart) == "complete"
    assert apart.x[apart.y == 1].min() - apart.x[apart.y == 0].max() > 1 - 1e-12
    assert separation(datasets.two_classes(separable=True, flips=1, seed=seed)) == "overlap"
    far = datasets.two_classes(gap=30.0, seed=seed)
    assert separation(far) == "complete"
    np.testing.assert_array_equal(datasets.two_classes(gap=30.0, separable=True, seed=seed).x, far.x)


def test_flips_take_the_samples_furthest_into_their_own_class():
    plain, flipped = datasets.two_classes(), datasets.two_classes(flips=4)
    np.testing.assert_array_equal(plain.x, flipped.x)
    changed = plain.y != flipped.y
    depth = (2 * plain.y - 1) * plain.x
    assert changed.sum() == 4
    assert depth[changed].min() > depth[~changed].max()


@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_one_class_only_is_allowed_and_said(balance):
    dataset = datasets.two_classes(balance=balance, separable=True)
    assert set(dataset.y) == {balance}
    assert "Only one class" in dataset.note


def test_classes_in_other_units():
    plain, units = datasets.two_classes(), datasets.two_classes(scale=50.0, offset=200.0)
    np.testing.assert_array_equal(units.x, 50.0 * plain.x + 200.0)
    np.testing.assert_array_equal(units.y, plain.y)


@pytest.mark.parametrize("make", [datasets.chapter_line, datasets.two_classes])
def test_equal_seeds_agree_and_different_seeds_differ(make):
    arrays = {seed: np.r_[make(seed=seed).x, make(seed=seed).y] for seed in range(4)}
    for seed, array in arrays.items():
        np.testing.assert_array_equal(array, np.r_[make(seed=seed).x, make(seed=seed).y])
        assert all(not np.array_equal(array, arrays[other]) for other in arrays if other != seed)


def test_generators_leave_the_global_random_state_alone():
    before = np.random.get_state()[1].copy()
    datasets.chapter_line(), datasets.two_classes()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(
    ("make", "knobs", "message"),
    [
        (datasets.chapter_line, {"n": 0}, "n must be between 1 and 100000, got 0"),
        (datasets.chapter_line, {"n": 2.5}, "n must be a whole number, got 2.5"),
        (datasets.chapter_line, {"noise": -0.1}, "noise must be >= 0, got -0.1"),
        (datasets.chapter_line, {"slope": np.nan}, "slope must be a number .* got nan"),
        (datasets.chapter_line, {"intercept": np.inf}, "intercept must be a number .* got inf"),
        (datasets.chapter_line, {"outliers": 31}, "outliers must be between 0 and 30, got 31"),
        (datasets.chapter_line, {"outlier_size": 1e300}, "outlier_size must be .* size at most"),
        (datasets.chapter_line, {"scale": 0.0}, "scale must be > 0, got 0"),
        (datasets.chapter_line, {"offset": -np.inf}, "offset must be a number .* got -inf"),
        (datasets.chapter_line, {"seed": -1}, "seed must be between 0 and 4294967295, got -1"),
        (datasets.two_classes, {"n": 10**9}, "n must be between 1 and 100000"),
        (datasets.two_classes, {"gap": -1.0}, "gap must be >= 0, got -1"),
        (datasets.two_classes, {"balance": 1.5}, "balance must be between 0 and 1, got 1.5"),
        (datasets.two_classes, {"flips": 41}, "flips must be between 0 and 40, got 41"),
        (datasets.two_classes, {"scale": -1.0}, "scale must be > 0, got -1"),
        (datasets.two_classes, {"seed": 0.5}, "seed must be a whole number"),
        (datasets.puromycin, {"state": "mild"}, "one of treated, untreated, got 'mild'"),
        (datasets.anscombe, {"part": "V"}, "one of I, II, III, IV, got 'V'"),
        (datasets.longley, {"column": "army"}, "one of year, gnp, got 'army'"),
        (datasets.iris, {"zero": "rose", "one": "virginica"}, "species must be one of setosa"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_knobs_are_refused_with_cause(make, knobs, message):
    with pytest.raises(ValueError, match=message):
        make(**knobs)


# Real sets


def test_first_entries_are_the_defaults_of_the_pages():
    assert next(iter(REGRESSION)) == "chapter line"
    assert next(iter(CLASSIFICATION)) == "two classes"


@pytest.mark.parametrize("name", [*REGRESSION, *CLASSIFICATION])
def test_every_entry_carries_its_name_source_and_labels(name):
    dataset = {**REGRESSION, **CLASSIFICATION}[name]()
    assert dataset.name == name, f"the data set entered as {name!r} calls itself {dataset.name!r}"
    for fact in ("source", "x_label", "y_label"):
        assert getattr(dataset, fact), f"give {name!r} a `{fact}`"


def test_every_reference_set_is_covered():
    for kind, sets in (("mse", MSE_SETS), ("logistic", LOGISTIC_SETS)):
        wrong = sorted(set(sets) ^ set(REFERENCE[kind]))
        assert not wrong, f"these stand in only one of reference.json and the tables in tests/test_datasets.py: {wrong}"


# Made up, or tested by values worked by hand.
MADE_UP = {"one point", "same x", "two classes", "separable four", "touching", "overlapping six", "margin four"}


@pytest.mark.parametrize("name", [*REGRESSION, *CLASSIFICATION])
def test_every_real_set_has_reference_values(name):
    known = {*MSE_SETS.values(), *LOGISTIC_SETS.values()} | MADE_UP
    assert name in known, (
        f"add reference values for {name!r} to tests/reference.json, not worked out by this package, and its name to "
        "MSE_SETS or LOGISTIC_SETS in tests/test_datasets.py"
    )


@pytest.mark.parametrize(
    ("family", "registry", "names"),
    [("mse", REGRESSION, MSE_SETS), ("logistic", CLASSIFICATION, LOGISTIC_SETS)],
    ids=["regression", "classification"],
)
def test_counts_means_and_deviations(family, registry, names):
    for key, name in names.items():
        dataset, expected = registry[name](), REFERENCE[family][key]
        assert dataset.n == expected["n"], name
        close(dataset.x.mean(), expected["x_mean"], rel=1e-11)
        close(dataset.x.std(), expected["x_sd"], rel=1e-11)


@mse_sets
@scales
def test_mse_reference(key, scale):
    dataset = at_scale(REGRESSION[MSE_SETS[key]](), scale)
    expected = REFERENCE["mse"][key][scale]
    fit = [expected["w"], expected["b"]]
    p, (squares,), *_ = np.linalg.lstsq(design(dataset), dataset.y)
    close(p, fit)
    close(squares / dataset.n, expected["min_loss"])
    # A general routine loses the smallest eigenvalue; their product is det H = 4 var(x).
    largest = np.linalg.eigvalsh(2 / dataset.n * design(dataset).T @ design(dataset))[-1]
    smallest = 4 * dataset.x.var() / largest
    close([smallest, largest], expected["eigenvalues"])
    close(largest / smallest, expected["kappa"])
    close(2 / largest, expected["eta_max"])
    loss = MeanSquaredError(dataset)
    close(loss.minima, [fit])
    close(loss.value(loss.minima[0]), expected["min_loss"])
    close(np.linalg.eigvalsh(loss.hessian(loss.minima[0]))[-1], largest)


@fitted_sets
@scales
def test_logistic_reference(key, scale):
    dataset = at_scale(CLASSIFICATION[LOGISTIC_SETS[key]](), scale)
    expected = REFERENCE["logistic"][key][scale]
    # Newton from (0, 0) in standard units, then back: z = w (x - mean) / sd + b.
    scored, mean, sd = standardise(dataset), dataset.x.mean(), dataset.x.std()
    (w, b), value, _ = newton(scored)
    fit = np.array([w / sd, b - w * mean / sd])
    wanted = [expected["w"], expected["b"]]
    close(fit, wanted, rel=1e-5)
    close(value, expected["min_loss"], rel=1e-5)
    a = design(dataset)
    q = 1 / (1 + np.exp(-(a @ fit)))
    hessian = a.T @ (a * (q * (1 - q))[:, None]) / dataset.n
    close(np.linalg.eigvalsh(hessian), expected["eigenvalues"], rel=1e-5)
    close(np.mean((q > 0.5) == dataset.y), expected["accuracy"])
    close(np.linalg.eigvalsh(a.T @ a)[-1] / (4 * dataset.n), expected["L_smooth"])
    loss = LogisticLoss(dataset)
    close(loss.minima, [wanted], rel=1e-5)
    close(loss.value(loss.minima[0]), expected["min_loss"], rel=1e-5)
    close(np.linalg.eigvalsh(loss.hessian(loss.minima[0])), expected["eigenvalues"], rel=1e-5)


@pytest.mark.parametrize("key", LOGISTIC_SETS)
def test_classes_lie_where_the_reference_says(key):
    dataset, expected = CLASSIFICATION[LOGISTIC_SETS[key]](), REFERENCE["logistic"][key]
    assert separation(dataset) == expected["separation"]
    assert dataset.y.sum() == expected["n_positive"]
    for label in (0, 1):
        x = dataset.x[dataset.y == label]
        assert x.min() == expected[f"min_x_class{label}"]
        assert x.max() == expected[f"max_x_class{label}"]
    if "boundary_x" in expected:
        (w, b), *_ = newton(standardise(dataset))
        close(dataset.x.mean() - b / w * dataset.x.std(), expected["boundary_x"], rel=1e-5)


def test_separable_iris_has_no_minimiser_and_gradient_descent_keeps_growing():
    expected = REFERENCE["logistic"]["iris_setosa_versicolor"]
    dataset = standardise(CLASSIFICATION["iris setosa / versicolor"]())
    loss, p, seen = LogisticLoss(dataset), np.zeros(2), 0
    assert loss.minimisers == "none"
    assert loss.infimum == expected["infimum"]
    for row in expected["gd_standardised_eta1_from_zero"][:3]:
        for _ in range(row["steps"] - seen):
            p = p - loss.gradient(p)
        seen = row["steps"]
        close(np.linalg.norm(p), row["norm"], rel=1e-5)
        close(loss.value(p), row["loss"], rel=1e-5)
        assert np.mean((loss.score(p) > 0) == dataset.y) == row["accuracy"]


@pytest.mark.parametrize("l2", [0.01, 0.001])
def test_penalised_iris_reference(l2):
    """Penalty on w and b here, unlike LogisticLoss, which leaves the intercept free."""
    dataset = standardise(CLASSIFICATION["iris setosa / versicolor"]())
    expected = REFERENCE["logistic"]["iris_setosa_versicolor"][f"standardised_l2_{l2}"]
    p, value, hessian = newton(dataset, l2)
    close(p, [expected["w"], expected["b"]], rel=1e-5)
    close(value, expected["data_loss"], rel=1e-5)
    close(value + l2 / 2 * p @ p, expected["objective"], rel=1e-5)
    close(np.linalg.eigvalsh(hessian), expected["eigenvalues"], rel=1e-5)


def test_longley_two_standardised_features_stay_badly_conditioned():
    expected = REFERENCE["two_features"]["longley"]
    features, y = datasets.longley_two_features()
    assert features.shape == (16, 2)
    assert not features.flags.writeable
    assert not y.flags.writeable
    w, (squares,), *_ = np.linalg.lstsq(features, y)
    close(w, expected["w"])
    close(squares / 16, expected["min_loss"])
    eigenvalues = np.linalg.eigvalsh(2 / 16 * features.T @ features)
    close(eigenvalues, expected["eigenvalues"])
    close(eigenvalues[1] / eigenvalues[0], expected["kappa"])
    close(np.corrcoef(features.T)[0, 1], expected["correlation"], rel=1e-9)


@pytest.mark.parametrize("state", ["treated", "untreated"])
def test_puromycin_reference(state):
    expected = REFERENCE["nonlinear"][f"puromycin_{state}"]
    dataset = datasets.puromycin(state)
    c, rate, (v, k) = dataset.x, dataset.y, (expected["Vmax"], expected["K"])
    assert dataset.n == expected["n"]
    residual = v * c / (k + c) - rate
    close(np.mean(residual**2), expected["min_loss"])
    # Stationary: the residual is orthogonal to both partial derivatives of the model.
    for slope in (c / (k + c), -v * c / (k + c) ** 2):
        assert abs(residual @ slope) < 1e-8 * np.linalg.norm(residual) * np.linalg.norm(slope)


# Files


@pytest.mark.parametrize("file", sorted(datasets.DATA.glob("*.csv")), ids=lambda path: path.stem)
def test_files_hold_what_their_readme_says(file):
    readme = (datasets.DATA / "README.md").read_text(encoding="utf-8")
    lines = [line for line in readme.splitlines() if line.startswith(f"| {file.name} |")]
    assert len(lines) == 1, f"lossgeo/data/README.md needs a row for {file.name}, with rows, columns, source, licence"
    _, _, rows, columns, *_ = (cell.strip() for cell in lines[0].split("|"))
    with file.open(newline="", encoding="utf-8") as lines:
        header, *table = csv.reader(lines)
    assert len(table) == int(rows.split()[0]), f"{file.name} has {len(table)} rows, its README says {rows}"
    said = [column.split()[0] for column in columns.replace("(I-IV)", "").split(", ")]
    assert header == said, f"{file.name} has the columns {header}, its README says {said}"
    assert all(cell for row in table for cell in row), "a value is missing"


def test_known_slips_of_circulating_copies_are_absent():
    first = REGRESSION["anscombe I"]()
    assert first.y[first.x == 7].tolist() == [4.82]
    with (datasets.DATA / "iris.csv").open(newline="", encoding="utf-8") as lines:
        setosa = [row for row in csv.DictReader(lines) if row["species"] == "setosa"]
    # Fisher's table, flowers 35 and 38: petals 1.5 x 0.2 and 1.4 x 0.1.
    petals = [(setosa[i]["petal_length_cm"], setosa[i]["petal_width_cm"]) for i in (34, 37)]
    assert petals == [("1.5", "0.2"), ("1.4", "0.1")]


def test_real_sets_are_read_once():
    assert REGRESSION["cars"]() is datasets.cars()
    assert isinstance(REGRESSION["anscombe I"], partial)


def test_the_note_of_a_moved_sample_speaks_of_the_data_as_they_are():
    """A sample that crosses the other class changes whether a minimiser exists."""
    four = CLASSIFICATION["separable four"]()
    assert "completely separable" in four.note
    crossed = pull(four, right=-1.0)
    assert separation(crossed) == "overlap"
    assert "completely separable" not in crossed.note
    assert "The classes overlap" in crossed.note
    assert pull(REGRESSION["same x"](), right=1.0).note.startswith("Before the move: all x equal 2")
