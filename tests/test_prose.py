"""The prose is true: numbers are computed here, controls and names exist, sources are listed.

CLAIMS holds, file by file, each fragment of prose with a number in it and what computes the number:
"{}" in a fragment stands for a computed one, printed with three digits unless wrapped in `n`; a
function that returns True proves a fragment as it stands. A changed number in the prose fails, and
so does one that no fragment covers.
"""

from __future__ import annotations

import pathlib
import re
from functools import cache
from urllib.parse import parse_qs

import numpy as np
import pytest
from test_landscapes import proved_bound_of_the_network
from test_verdicts import STATUSES

from lossgeo import minimum_search, networks, surfaces
from lossgeo.charts import surface3d
from lossgeo.charts.style import FIELD, MAX_STEP, ChartStyle
from lossgeo.contracts import Loss
from lossgeo.datasets import (
    CLASSIFICATION,
    REGRESSION,
    Dataset,
    chapter_line,
    longley_two_features,
    pull,
    same_x,
    separation,
    standardise,
    two_classes,
)
from lossgeo.descent import OPTIMIZERS, SCHEDULES, noise, run, stopping, verdict
from lossgeo.descent.path import WINDOW, Path
from lossgeo.geometry import (
    Scale,
    chord_witness,
    condition_number,
    convexity,
    eigenvalues,
    max_stable_step,
    predicted_steps,
    step_marks,
)
from lossgeo.landscapes import LANDSCAPES, tanh_samples
from lossgeo.losses import LOSSES, LogisticLoss, MeanAbsoluteError, MeanSquaredError, SigmoidSquaredError
from lossgeo.own_data import table as own_table
from lossgeo.surfaces import Grid, evaluate
from lossgeo.teaching.lessons import load_lessons, of_page
from lossgeo.ui.share import links
from lossgeo.views import cached, choice, network_planes, playback, stage_data
from lossgeo.views.pages import FURTHER, LESSON_PAGES, PARTS, RATES

ROOT = pathlib.Path(__file__).parents[1]
LESSONS = ROOT / "lossgeo/content/en/lessons"
FILES = {"home": LESSONS / "home.md", "MODEL": ROOT / "lossgeo/docs/model.md"}
TEXT = {name: path.read_text(encoding="utf-8") for name, path in FILES.items()}
PAGES = ("mse", "logistic", "nonconvex", "network")
# Of each page everything that its lessons print, paragraph by paragraph.
TEXT |= {page: "\n\n".join(text for lesson in of_page(page) for text in lesson.texts()) for page in PAGES}
REFERENCES = (ROOT / "lossgeo/content/en/references.md").read_text(encoding="utf-8")
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "lossgeo/docs").glob("*.md")))
}


# --- how numbers are printed ----------------------------------------------------------------------


SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def n(value, digits=3):
    """A number with so many significant digits and a real minus sign; below 0.0001 and from 100000 on in powers of ten.

    A whole number stands as it is.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, int | np.integer):
        return str(value).replace("-", "−")
    value = float(f"{value:.{digits}g}")
    if value and not 1e-4 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:e}".split("e")
        power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
        text = power if float(mantissa) == 1 else f"{float(mantissa):g}·{power}"
    else:
        text = np.format_float_positional(value, trim="-") if value else "0"
    return text.replace("-", "−")


def five(*values):
    return tuple(n(value, 5) for value in values)


def test_numbers_are_printed_as_in_the_prose():
    printed = [n(v) for v in (0.0649943, 2.61e-5, 12570, 9.0759e-3, -1.26859, 1.0, 0.0, 8.35e6, 1e-6, -9.08e-5)]
    assert printed[:4] == ["0.065", "2.61·10⁻⁵", "12570", "0.00908"]
    assert printed[4:] == ["−1.27", "1", "0", "8.35·10⁶", "10⁻⁶", "−9.08·10⁻⁵"]
    assert n(0.78809892, 4) == "0.7881"


CONTENT = sorted((ROOT / "lossgeo/content/en").rglob("*.toml"))
# Other notations of a number: 1e-6, 0.000001, 10 000, 10,000, -3 with a hyphen. A state is what a program reads.
FOREIGN = re.compile(r"\d[eE][-+]?\d|0\.0000|\d[ ,]\d{3}\b(?!\))|(?<![\w$^{)\]}.])-\d")
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.S)


def numbers_in_another_notation(text):
    machine = r"(?:state|start|solution|reach|id|twin|keywords) = |#"
    text = "\n".join(line for line in text.splitlines() if not re.match(machine, line))
    outside, inside = FORMULA.sub(" ", text), " ".join(FORMULA.findall(text))
    return FOREIGN.findall(outside) + re.findall(r"\d[eE]-?\d|0\.0000|\d \d{3}\b", inside)


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.stem)
def test_the_content_writes_every_number_in_one_notation(path):
    found = numbers_in_another_notation(path.read_text(encoding="utf-8"))
    assert not found, (
        f"{path.name} writes numbers as {found}: write 10⁻⁶ or 3.5·10⁻⁵ below 0.0001, no space or comma in 10000, and "
        "the minus sign −"
    )


def test_another_notation_is_noticed():
    for text in ("rate 1e-6.", "rate 0.000024.", "after 10 000 steps", "w = -3", "after $10 000$ steps", "$1e-6$"):
        assert numbers_in_another_notation(text), text
    for text in ("(Auer 1996)", "10⁻⁶", "w = −3", "$-3$", "state = { mse_lr = 0.000024 }", "in 1996, 12 of"):
        assert not numbers_in_another_notation(text), text


# --- what is shown on the pages -------------------------------------------------------------------

GD, MOMENTUM = "gradient descent", "momentum"
CHAPTER = MeanSquaredError(chapter_line())
CARS = REGRESSION["cars"]()
CARS_RAW, SAME_X = MeanSquaredError(CARS), MeanSquaredError(same_x())
SEVEN = Dataset([-3.3, -3.8, 4.2, -2.7, -6.1, -2.5, -2.4], [0, 1, 0, 1, 0, 1, 1], "seven", "constructed")
ONE_KINK = MeanAbsoluteError(REGRESSION["one point"]())
PENGUINS = MeanSquaredError(REGRESSION["penguins"]())
CHALLENGER = CLASSIFICATION["challenger"]()
FOUR = CLASSIFICATION["separable four"]()
SIX = LogisticLoss(CLASSIFICATION["overlapping six"]())
BOWL, WELL, PLATEAU = LANDSCAPES["bowl"], LANDSCAPES["double well"], LANDSCAPES["plateau and cliff"]
SADDLE, ROSENBROCK, FLAT = LANDSCAPES["saddle"], LANDSCAPES["rosenbrock"], LANDSCAPES["flat bottom"]
OPENING = {key: page.usual() for key, page in LESSON_PAGES.items()}


@cache
def descent(loss, rate, start, steps=2000, method=GD, **settings):
    options = {"learning_rate": rate} if rate else {}
    return run(OPTIMIZERS[method](**options, **settings), loss, start, steps)


@cache
def unstopped(loss, rate, start, steps=2000, method=GD, **settings):
    """The points (steps + 1, 2) of a run that no rule stops."""
    options = {"learning_rate": rate} if rate else {}
    stepper = OPTIMIZERS[method](horizon=steps, **options, **settings)
    p = np.array(start, float)
    state, points = stepper.init(loss, p), [p]
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            p, state = stepper.step(loss, p, state, t)
            points.append(p)
    return np.array(points)


def steps_of(loss, rate, start, steps=2000, **settings):
    """After how many steps both parameters are first within 1e-6 of a minimiser: docs/model.md, section 5."""
    points = unstopped(loss, rate, start, steps, **settings)
    away = np.abs(points[:, None] - loss.minima).max(axis=-1).min(axis=-1)
    assert (away < 1e-6).any(), f"not within 1e-6 in {steps} steps"
    return first(away < 1e-6)


def distance(points, minimiser):
    """How far the last of the points is from the minimiser."""
    return float(np.hypot(*(points[-1] - minimiser)))


def norm(v):
    return float(np.hypot(*v))


def mse(name, **knobs):
    return MeanSquaredError(REGRESSION[name](**knobs))


def logistic(name, l2=0.0):
    return LogisticLoss(CLASSIFICATION[name](), l2)


def first(flags):
    return int(np.argmax(flags))


@cache
def anscombe_surfaces():
    """How far two of the four surfaces differ at most, and the highest value of all."""
    grid = Grid((0.0, 1.0), (0.0, 6.0), 201, 201)
    z = [evaluate(mse(f"anscombe {k}"), grid).values for k in ("I", "II", "III", "IV")]
    return max(float(np.abs(a - b).max()) for a in z for b in z), max(float(s.max()) for s in z)


def one_dimensional(gradient, w, rate, steps):
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.array(path)


def angle_to_minimum(loss, p):
    p = np.array(p)
    g, d = -loss.gradient(p), loss.minima[0] - p
    return float(np.degrees(np.arccos(g @ d / norm(g) / norm(d))))


def three_dimensional_saddle():
    p = np.array([1.0, 1.0, 1e-6])
    for k in range(1000):
        if abs(p[2]) > 1:
            return k
        p = p - 0.1 * 2.0 * p * (1.0, 1.0, -1.0)
    return None


def widest_margin():
    """The boundary of `margin four` with the largest margin, the intercept a second weight.

    With x = -1 and x = 2 as support: w - b = 1 and 2 w + b = 1, and both multipliers positive.
    """
    w, b = np.linalg.solve([[1.0, -1.0], [2.0, 1.0]], [1.0, 1.0])
    assert (np.linalg.solve([[1.0, 2.0], [-1.0, 1.0]], [w, b]) > 0).all()
    data = CLASSIFICATION["margin four"]()
    assert ((2 * data.y - 1) * (w * data.x + b) > 1 - 1e-12).all()
    return float(-b / w)


def right_after_first_step():
    loss = logistic("margin four")
    p = unstopped(loss, 0.3, (0.0, 0.0), 1)[1]
    return bool(((loss.score(p) > 0) == (loss.dataset.y == 1)).all())


def boundary(k):
    w, b = unstopped(logistic("margin four"), 0.3, (0.0, 0.0))[k]
    return float(-b / w)


def flipped(cls, flips):
    ((w, _),) = cls(two_classes(flips=flips)).minima
    return float(w)


def at_probability(loss):
    return tuple(loss(p) for p in (0.9, 0.5, 0.1, 0.01, 0.001))


def opening_run(name, **knobs):
    """The points of a run from the page's own start."""
    own = OPENING["mse"]
    return unstopped(mse("chapter line", **knobs), own["lr"], (own["w0"], own["b0"]), method=name)


def counts(name):
    landscape = LANDSCAPES[name]
    return len(landscape.minima), len(landscape.saddles), len(landscape.maxima)


# --- thresholds, each shown by a case on either side of it ------------------------------------------


def a_path(values, points=None, loss=BOWL, method=MOMENTUM, steep=None):
    """A run that is made up: its values, where it went, and how steep it was there."""
    values = np.asarray(values, float)
    points = np.full((len(values), 2), 0.3) if points is None else points
    made = OPTIMIZERS[method](learning_rate=1.0)
    gradients = loss.gradient(points) if steep is None else np.stack([steep, np.zeros(len(values))], axis=-1)
    return Path(Scale(loss), made, points, values, gradients, len(values) - 1, "")


def thirds(steps, *largest):
    """Values of a run of so many steps, of whose thirds these are the largest."""
    parts = np.array_split(range(steps + 1), 3)
    return np.concatenate([np.full(len(part), top) for part, top in zip(parts, largest, strict=True)])


def runs_away(steps, values, steep):
    """Whether a run is called growing whose thirds have these largest values and gradient norms."""
    path = a_path(thirds(steps, *values), loss=LANDSCAPES["himmelblau"], steep=thirds(steps, *steep))
    return verdict.judge(path).status == "diverged"


def units_of_tolerance():
    """Whether the unit follows the width of the window as section 8 says."""

    class Wide(type(BOWL)):
        def __init__(self, width):
            self.width = width

        @property
        def view(self):
            return ((0.0, self.width), (0.0, 1.0))

    units = [Scale(Wide(width)).unit[0] for width in (0.5, 1.0, 999.0, 1000.0)]
    return np.allclose(units, (1e-3, 1.0, 1.0, 1e3), rtol=1e-12)


def rising(share):
    """Values of a run on which this share of the steps goes up."""
    steps = 2 * WINDOW - 1
    up = np.arange(steps) < round(share * steps)
    return 100.0 + np.append(0.0, np.cumsum(np.where(up, 1.0, -1.0)))


def swings(cosine, growth):
    """Whether steps that turn by this cosine and grow by this factor are called back and forth, at a rate too large."""
    loss, away = LANDSCAPES["himmelblau"], np.arccos(-cosine)
    k = np.arange(2 * WINDOW)
    angle = np.where(k % 2, np.pi - away, 0.0)
    moves = 0.01 * growth ** k[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = 1.0 + np.ptp(loss.view, axis=1) * np.cumsum(moves, axis=0)
    path = a_path(np.linspace(2.0, 1.0, len(points)), points, loss, GD)
    return verdict.judge(path).status == "oscillating"


class Shelf(Loss):
    """Varies by 1 over its window; slope, curvature and height above the infimum are as asked for."""

    name, formula, minima, minimisers, view = "shelf", "", np.empty((0, 2)), "several", ((0.0, 1.0), (0.0, 1.0))
    convexity, infimum = "Not convex.", 0.0

    def __init__(self, slope, curvature, above):
        self.slope, self.curvature, self.infimum = slope, curvature, -above

    def value(self, p):
        return np.where(np.asarray(p)[..., 0] < 0.5, 0.0, 1.0)

    def gradient(self, p):
        return np.broadcast_to([self.slope, 0.0], np.shape(p))

    def hessian(self, p):
        return np.broadcast_to(self.curvature * np.eye(2), (*np.shape(p), 2))


def is_a_plateau(slope, curvature, above):
    loss = Shelf(slope, curvature, above)
    return verdict.judge(a_path(np.zeros(3), loss=loss, method=GD)).status == "plateau"


def begins_at_low_points(loss):
    """Whether the search starts at the best constant prediction, then where steeper and flatter curves are worse."""
    seen, descend = [], minimum_search.descend
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minimum_search, "descend", lambda loss, starts: seen.append(starts) or descend(loss, starts))
        minimum_search.local_minima(loss)
    (constant, *low) = seen[0]
    best, low = loss.predict(constant, [0.0, 9.0]), np.array(low).reshape(-1, 2)
    at, flatter, steeper = (loss.value(low * factor) for factor in (1.0, 0.5, 2.0))
    assert len(low)
    return np.allclose(best, loss.dataset.y.mean()) and bool((at < np.minimum(flatter, steeper)).all())


def title_and_top(top):
    """What the line below the 3-D picture says, and its greatest height, for a surface with this greatest value.

    Three tenths of its cells lie at 1 or below.
    """
    values = np.repeat([0.5, 1.0, 5.0, top], [28, 4, 67, 1]).reshape(10, 10)
    surface = surfaces.Surface(Grid((0.0, 1.0), (0.0, 1.0), 10, 10), values)
    figure = surface3d.surface_figure(surface, BOWL, [], (0.5, 0.5), ChartStyle())
    return figure.layout.annotations[0].text.removeprefix("height: "), float(np.max(figure.data[0].z))


# --- the claims -----------------------------------------------------------------------------------

HOME = [
    ("interpolated between {} × {} points", lambda: (FIELD, FIELD)),
    ("Lesson 10: what the noise", lambda: True),
]


def height_after(k, rate=0.394):
    """The height above the minimum of the run of lesson 9."""
    return float(CHAPTER.value(unstopped(CHAPTER, rate, (0.4, 0.2), k)[k]) - CHAPTER.infimum)


def fresh_sgd(rate=0.5, size=8, loss=CHAPTER, name="sgd", schedule="constant"):
    """The run of sgd with fresh batches that lesson 10 shows."""
    method = OPTIMIZERS[name](learning_rate=rate, batch_size=size, fresh=True, schedule=schedule)
    return run(method, loss, (0.4, 0.2), 2000)


def balls(*settings):
    """Predicted and measured sizes of the noise ball, for pairs of rate and batch."""
    predicted = [noise.noise_ball(CHAPTER, rate, size).size for rate, size in settings]
    return predicted, [noise.measured(fresh_sgd(rate, size).points, CHAPTER.minima[0]) for rate, size in settings]


def off(**settings):
    return distance(fresh_sgd(**settings).points, CHAPTER.minima[0])


def logistic_newton(name):
    return run(OPTIMIZERS[name](), logistic("two classes"), (-2, 3), 100)


BALLS = ((0.5, 8), (0.25, 8), (0.5, 16))

LESSON_9 = [
    ("After 60 steps gradient descent has the better promise", lambda: True),  # tests/test_lessons.py
    ("After {} steps each further one leaves {} of the height", lambda: (50, height_after(51) / height_after(50))),
    (
        "after 100 steps it still allows {}, and the run is at {}.",
        lambda: (
            float(((CHAPTER.minima[0] - (0.4, 0.2)) ** 2).sum() / (2 * 0.394 * 100)),
            height_after(100),
        ),
    ),
    ("no curvature is below μ = {}", lambda: (eigenvalues(CHAPTER, (0, 0))[0],)),
    (
        "Here κ = {}, and this β is {}.",
        lambda: (
            condition_number(CHAPTER),
            round(float((condition_number(CHAPTER) ** 0.5 - 1) / (condition_number(CHAPTER) ** 0.5 + 1)), 2),
        ),
    ),
    ("here with μ = {}, the curvature across", lambda: (eigenvalues(mse("same x"), (0, 0))[1],)),
    ("two full steps lead to the loss {}", lambda: (n(logistic_newton("newton").values[2], 4),)),
    ("It arrives after {} steps", lambda: (len(logistic_newton("damped newton").points) - 1,)),
    ("`nesterov` is lower after 60 steps", lambda: True),  # test_better_bound in tests/test_answers.py
    ("With the rate 0.05 each step leaves a quarter of the height", lambda: (1 - 0.05 * 10) ** 2 == 0.25),
]
LESSON_10 = [
    ("gradient descent all {}. Both take 100 steps", lambda: (CHAPTER.dataset.n,)),
    ("fresh batches of 8 and the rate 0.5", lambda: True),
    (
        "Predicted {}, then {} with half the rate, and {} with twice the batch. "
        "Measured over the second half of these runs: {}, {} and {}.",
        lambda: (*balls(*BALLS)[0], *balls(*BALLS)[1]),
    ),
    ("The mean of all points ends {} away", lambda: (off(name="averaged sgd"),)),
    (
        "with batches of one arrives after {} steps",
        lambda: (len(fresh_sgd(0.3, 1, mse("chapter line", noise=0.0)).points) - 1,),
    ),
    ("Here ημ is {}. So after 2000 steps even", lambda: (round(float(0.5 * eigenvalues(CHAPTER, (0, 0))[0]), 2),)),
    (
        "plain gradient descent is still {} away",
        lambda: (distance(unstopped(CHAPTER, 0.5, (0.4, 0.2), schedule="1/t"), CHAPTER.minima[0]),),
    ),
    ("`sgd` ends {} and {} away.", lambda: (off(schedule="cosine"), off(schedule="step"))),
    (
        "this run is still {} from the minimiser, and with the constant rate {}",
        lambda: (off(schedule="1/t"), off()),
    ),
    ("Both take 2000 steps with fresh batches", lambda: True),
]

MSE = [
    *LESSON_9,
    *LESSON_10,
    # what the plays ask for and say: tests/test_lessons.py
    ("Each dot is a line with a loss below {}.", lambda: (goal("1"),)),
    (
        "Now the data are {} points that do not lie on one line. Their map is the mean of {} troughs.",
        lambda: (CHAPTER.dataset.n,) * 2 if CHAPTER.infimum > 0 else "",
    ),
    ("Look at the map of {} points. Then give the {} points", lambda: (CHAPTER.dataset.n,) * 2),
    ("has the learning rate 0.1. From w = 0, b = 0 it needs {} steps.", lambda: (steps_of(CHAPTER, 0.1, (0, 0)),)),
    ("it arrives in fewer than 800 steps", lambda: goal("2") == 800),
    ("the learning rate grows from 0.1 to 0.8", lambda: True),
    ("It falls all the way to 0.8", lambda: True),  # whether it does: tests/test_lessons.py
    ("which rate from 0.1 to 0.8 is the fastest", lambda: True),
    ("The stage shows the rate 0.1. Once you have answered, a button shows 0.2.", lambda: True),
    ("Each button shows 20 steps", lambda: True),
    ("will be after 100 steps", lambda: True),
    ("The mean of the {} troughs of {} points is a bowl", lambda: (CHAPTER.dataset.n, CHAPTER.dataset.n)),
    ("lowest point is w = {}, b = {}, where the loss is {}", lambda: (*CHAPTER.minima[0], CHAPTER.infimum)),
    ("On these data that line has a higher loss, {}.", lambda: (CHAPTER.value((2, 1)),)),
    (
        "With **Pull the last point up or down** at 1 the minimiser goes to w = {}, b = {}, and the floor rises to {}.",
        lambda: (*(loss := MeanSquaredError(pull(chapter_line(), up=1.0))).minima[0], loss.infimum),
    ),
    (
        "With **Pull the last point up or down** at 1 the eigenvalues stay {} and {}",
        lambda: eigenvalues(MeanSquaredError(pull(chapter_line(), up=1.0)), (0, 0)),
    ),
    ("eigenvalues stay {} and {}", lambda: eigenvalues(CHAPTER, (0, 0))),
    (
        "With **Pull the last point sideways** at 1 they become {} and {}",
        lambda: eigenvalues(MeanSquaredError(pull(chapter_line(), right=1.0)), (0, 0)),
    ),
    ("no two of the four surfaces differ by more than 0.0182", lambda: 0.0181 < anscombe_surfaces()[0] <= 0.0182),
    ("while their values reach {}", lambda: (n(anscombe_surfaces()[1], 2),)),
    ("Why is 0.78 slower than 0.747? And why does 0.8 run away?", lambda: True),
    (
        "From w = 0, b = 0 the rates 0.1, 0.5, 0.747 and 0.78 arrive after {}, {}, {} and {} steps",
        lambda: tuple(steps_of(CHAPTER, r, (0, 0)) for r in (0.1, 0.5, 0.747, 0.78)),
    ),
    (
        "With 0.8 the loss rises from the first step, {}, {}, {}, {}, and the run moves away for ever",
        lambda: tuple(CHAPTER.value(unstopped(CHAPTER, 0.8, (0, 0)))[:4]),
    ),
    (
        "and the run moves away for ever",
        lambda: bool((np.diff(np.hypot(*(unstopped(CHAPTER, 0.8, (0, 0))[200:] - CHAPTER.minima[0]).T)) > 0).all()),
    ),
    ("1/L = {}, 2/(μ + L) = {} and 2/L = {}", lambda: ((m := step_marks(CHAPTER)).safe, m.fastest, m.limit)),
    ("Here κ = {}.", lambda: (condition_number(CHAPTER),)),
    (
        "the rate 0.78 needs {} steps and 0.747 needs {}",
        lambda: (steps_of(CHAPTER, 0.78, (0, 0)), steps_of(CHAPTER, 0.747, (0, 0))),
    ),
    (
        "at 0.8 the loss rises on a perfect bowl",
        lambda: bool((np.diff(CHAPTER.value(unstopped(CHAPTER, 0.8, (0, 0), 50))) > 0).all()),
    ),
    (
        "The parabola $f(w)=w^2$ is nearly flat at 0.01. Yet with the rate 1.05 the run changes its side at every "
        "step and is {} away after 20 steps",
        lambda: (abs(one_dimensional(lambda w: 2 * w, 0.01, 1.05, 20)[-1]),),
    ),
    (
        "the run changes its side at every step",
        lambda: bool((np.diff(np.sign(one_dimensional(lambda w: 2 * w, 0.01, 1.05, 20))) != 0).all()),
    ),
    (
        "There every step goes down, with every rate",
        lambda: bool((np.diff(one_dimensional(lambda w: 1000.0, 1.0, 0.1, 5)) < 0).all()),
    ),
    (
        "At 0.2 each step lands on the mirror image",
        lambda: bool(np.allclose(unstopped(SAME_X, 0.2, (0, 0), 9)[::2], 0)),
    ),
    ("The limit is 2/10", lambda: abs(max_stable_step(SAME_X) - 2 / 10) < 1e-15),
    (
        "The loss stays {} for ever. With 0.1 one step is enough.",
        lambda: (constant(SAME_X.value(unstopped(SAME_X, 0.2, (0, 0), 1000))),),
    ),
    (
        "With 0.1 one step is enough",
        lambda: SAME_X.value(unstopped(SAME_X, 0.1, (0, 0), 1)[-1]) - SAME_X.infimum < 1e-14,
    ),
    (
        "With **Start w** 0, **Start b** 0 and **Learning rate** 0.1 the run is still {} from the minimiser after "
        "2000 steps",
        lambda: (distance(unstopped(kinks(), 0.1, (0, 0)), kinks().minima[0]) if kinks().minimisers == "one" else "",),
    ),
    (
        "Then the run ends {} from the minimiser",
        lambda: (distance(unstopped(kinks(), 0.1, (0, 0), schedule="cosine"), kinks().minima[0]),),
    ),
    (
        "Raw, from w = 0, b = 0, the run is still {} away from the minimiser after 2000 steps",
        lambda: (distance(unstopped(CARS_RAW, 0.00376, (0, 0)), CARS_RAW.minima[0]),),
    ),
    ("With the best constant rate it comes within 10⁻⁶ after {} steps", lambda: (slow_cars(),)),
    ("Standardised, one step is enough", lambda: steps_of(MeanSquaredError(standardise(CARS)), 0.5, (0, 0)) == 1),
    ("For the raw `cars` data κ = {}", lambda: (n(condition_number(CARS_RAW), 4),)),
    ("for the raw `penguins` data κ = {}", lambda: (condition_number(PENGUINS),)),
    (
        "the Hessian of the MSE is 2 times the identity, so κ = 1",
        lambda: bool(np.allclose(MeanSquaredError(standardise(CARS)).hessian((0, 0)), 2 * np.eye(2))),
    ),
    (
        "On a trough κ is infinite. Yet there only the positive curvatures count: on `same x` the rate 0.1 arrives in "
        "one step",
        lambda: bool(
            np.isinf(condition_number(SAME_X)) and np.ptp(SAME_X.value(unstopped(SAME_X, 0.1, (0, 0)))[1:]) < 1e-14
        ),
    ),
    (
        "So the limit {} of the {} points becomes {}",
        lambda: (s := max_stable_step(CHAPTER), CHAPTER.dataset.n, s / CHAPTER.dataset.n),
    ),
    (
        "at w = 0.4, b = 0.2 it misses that direction by {} degrees",
        lambda: (angle_to_minimum(CHAPTER, (0.4, 0.2)),),
    ),
    ("at w = 0.4, b = 0.2 it is ({}, {})", lambda: tuple(CHAPTER.gradient((0.4, 0.2)))),
    ("has a third entry: ({}, {}, {})", lambda: (*(g := CHAPTER.gradient((0.4, 0.2))), float(g @ g))),
    ("**Look closer** gives the limit {}", lambda: (step_marks(PENGUINS).limit,)),
    (
        "With the rate 2.4·10⁻⁵ the loss falls at every step, with 2.5·10⁻⁵ it grows without bound",
        lambda: bool(
            (np.diff(PENGUINS.value(unstopped(PENGUINS, 2.4e-5, (0, 0)))) < 0).all()
            and 2.4e-5 < max_stable_step(PENGUINS) < 2.5e-5
            and PENGUINS.value(unstopped(PENGUINS, 2.5e-5, (0, 0))[-1]) > 1e12 * PENGUINS.value((0, 0))
        ),
    ),
    ("both standardised, have κ = {}, because the two rise together (correlation {})", lambda: longley()),
    (
        "Each button shows 20 steps with the best constant rate",
        lambda: all(
            float(f"{step_marks(mse('chapter line', scale=scale)).fastest:.3g}") == rate
            for scale, rate in ((1.0, 0.747), (10.0, 0.0286))
        ),
    ),
    (
        "Its condition number is {}, in metres it is {}",
        lambda: (condition_number(mse("chapter line", scale=10.0)), condition_number(CHAPTER)),
    ),
]


def goal(key):
    """The number that the play of a lesson is about."""
    (lesson,) = [lesson for lesson in load_lessons() if lesson.key == key]
    return lesson.play.goal.value


@cache
def kinks():
    return MeanAbsoluteError(chapter_line())


@cache
def slow_cars():
    """The steps of gradient descent on the raw `cars` from (0, 0) with its best constant rate, by the formula."""
    return int(predicted_steps(CARS_RAW, (0, 0), step_marks(CARS_RAW).fastest, 1e-6))


def constant(values):
    """The value that all these values have."""
    assert np.ptp(values) < 1e-9
    return float(values[0])


def longley():
    features, _ = longley_two_features()
    low, high = np.linalg.eigvalsh(features.T @ features)
    return high / low, float(np.corrcoef(features.T)[0, 1])


LOGISTIC = [
    ("where the loss is below {}", lambda: (goal("4"),)),
    ("where the loss is above 10", lambda: goal("5a") == 10),
    ("given a probability below 0.0001", lambda: np.exp(-goal("5a")) < 0.0001),
    ("where its run will be after {} steps", lambda: (OPENING["logistic"]["steps"],)),
    ("The stage shows the first 100 steps.", lambda: True),
    (
        "On `challenger` the run arrives after {} steps, at the minimum {}",
        lambda: (steps_of(loss := LogisticLoss(standardise(CHALLENGER)), 4.0, (0, 0)), loss.infimum),
    ),
    (
        "On the iris data the loss is {} after 2000 steps and still falls",
        lambda: (iris_run()[-1],),
    ),
    (
        "after 2000 steps and still falls",
        lambda: bool((np.diff(iris_run()) < 0).all() and iris().minimisers == "none"),
    ),
    (
        "On `separable four` it is {}, {} and {} after 10, 100 and 1000 steps",
        lambda: tuple(four().value(unstopped(four(), 1.0, (0, 0))[[10, 100, 1000]])),
    ),
    (
        "With **L2 penalty on w** 0.1 a minimum appears, at w = {}, b = {}",
        lambda: tuple(LogisticLoss(FOUR, 0.1).minima[0].round(12)),
    ),
    (
        "On `separable four` with $\\alpha=0.1$ the data alone have the loss {} there",
        lambda: (four().value(LogisticLoss(FOUR, 0.1).minima[0]),),
    ),
    ("all four are right after the first step", right_after_first_step),
    (
        "ten times the steps buy about a tenth of the loss",
        lambda: bool(
            np.allclose(np.divide(*four().value(unstopped(four(), 1.0, (0, 0))[[1000, 100]])), 0.1, atol=0.02)
        ),
    ),
    ("the boundary is at {} after 10 steps and at {} after 1000", lambda: (boundary(10), boundary(1000))),
    (
        "let the rate be below 2/L, as for `margin four` with 0.3",
        lambda: step_marks(logistic("margin four"), (0, 0)).limit > 0.3,
    ),
    ("Here this place is {}", lambda: (widest_margin(),)),
    ("there the classes overlap, and the minimum is {}", lambda: (logistic("iris versicolor / virginica").infimum,)),
    (
        "the infimum is half of ln 2, {}, and is not attained",
        lambda: (logistic("touching").infimum if logistic("touching").minimisers == "none" else "",),
    ),
    ("half of ln 2", lambda: abs(logistic("touching").infimum - np.log(2) / 2) < 1e-15),
    (
        "the probability 0.9, 0.5, 0.1, 0.01, 0.001, the sample costs {}, {}, {}, {}, {}",
        lambda: at_probability(lambda p: -np.log(p)),
    ),
    ("also grows, {}, {}, {}, {}, {}, but never beyond 1", lambda: at_probability(lambda p: (1 - p) ** 2)),
    ("Both runs start at w = −10, b = 0", lambda: True),
    ("Which one gets away within {} steps?", lambda: (OPENING["logistic"]["steps"],)),
    (
        "In {} steps the logistic loss falls from {} to {}",
        lambda: (
            steps := OPENING["logistic"]["steps"],
            *four().value(unstopped(four(), 2.0, (-10, 0), steps))[[0, -1]],
        ),
    ),
    (
        "The squared error stays at {}, and w has moved by only {}",
        lambda: (_squared_four().value(plateau()[-1]), plateau()[-1, 0] + 10),
    ),
    (
        "and w = −10. The squared error is {}, and its slope is {}. The logistic loss is {}, and its slope is {}.",
        lambda: tuple(
            v
            for cls in (SigmoidSquaredError, LogisticLoss)
            for v in (cls(one_sample()).value((-10, 0)), cls(one_sample()).gradient((-10, 0))[0])
        ),
    ),
    (
        "For `two classes` with 7 samples and one flipped label a search finds two, at ({}, {}) and ({}, {})",
        lambda: two_minima_on_the_page(),
    ),
    (
        "goes from w = {} to w = {}. That of the squared error stays at w = {}",
        lambda: (flipped(LogisticLoss, 0), flipped(LogisticLoss, 1), flipped(SigmoidSquaredError, 1)),
    ),
    ("stays at w = {}", lambda: (flipped(SigmoidSquaredError, 0),)),
]


@cache
def iris():
    return LogisticLoss(standardise(CLASSIFICATION["iris setosa / versicolor"]()))


def iris_run():
    """The values of the run of lesson 4 on the iris data."""
    return iris().value(unstopped(iris(), 4.0, (0, 0)))


@cache
def four():
    return LogisticLoss(FOUR)


def plateau():
    """The points of the run of lesson 5, first half, on the squared error."""
    return unstopped(_squared_four(), 2.0, (-10, 0), OPENING["logistic"]["steps"])


@cache
def _squared_four():
    return SigmoidSquaredError(FOUR)


def one_sample():
    return Dataset([1.0], [1.0], "one sample", "constructed")


def two_minima(data):
    """The two minima of the squared error through a sigmoid: gradient 0, all curvatures positive."""
    loss = SigmoidSquaredError(data)
    assert len(loss.minima) == 2
    assert np.abs(loss.gradient(loss.minima)).max() < 1e-10
    assert eigenvalues(loss, loss.minima).min() > 0
    return tuple(loss.minima.ravel())


def two_minima_on_the_page():
    (show,) = [show for lesson in of_page("logistic") for show in lesson.shows() if show.label == "Two minima"]
    knobs = {key: show.state[f"logistic_{key}"] for key in ("n", "flips", "gap", "seed")}
    assert knobs["n"] == 7
    assert knobs["flips"] == 1
    return two_minima(two_classes(**knobs))


def well(rate):
    """x and value at the end of a run from lesson 6."""
    (x, y) = unstopped(WELL, rate, (1.6, 1))[-1]
    return x, WELL.value((x, y))


@cache
def saddle_run(y, steps=100):
    return unstopped(SADDLE, 0.1, (1.0, y), steps)


def slopes(loss, points):
    """The gradient norms along a run."""
    return np.linalg.norm(loss.gradient(points), axis=-1)


NONCONVEX = [
    (
        "At **your x** 0.5 and **your y** −0.5 the cuts along x and y open upwards, and the cut along the gradient "
        "bends downwards",
        lambda: hidden_saddle_bends(),
    ),
    (
        "It is {} at (0, 0) and {} at (1, −1)",
        lambda: tuple(LANDSCAPES["hidden saddle"].value([(0, 0), (1, -1)])),
    ),
    (
        "`rosenbrock` is {} at (−1, 1) and {} at (1, 1). Halfway, at (0, 1), it is {}",
        lambda: tuple(ROSENBROCK.value([(-1, 1), (1, 1), (0, 1)])),
    ),
    (
        "has 2 and 2 on its diagonal: these are the curvatures along x and along y. Its eigenvalues are {} and {}",
        lambda: eigenvalues(LANDSCAPES["hidden saddle"], (0, 0)),
    ),
    ("has minima at ({}, {}) and ({}, {})", lambda: tuple(LANDSCAPES["tiny network"].minima.ravel())),
    (
        "At u = 1, v = 2.5 the eigenvalues of the Hessian are {} and {}",
        lambda: tuple(n(v, 4 if v > 1000 else 3) for v in eigenvalues(LANDSCAPES["puromycin"], (1, 2.5))),
    ),
    (
        "After {} steps the gradient norm is below 0.01, and after {} it is smallest, {}",
        lambda: (first((g := slopes(SADDLE, saddle_run(1e-6))) < 0.01), int(g.argmin()), g.min()),
    ),
    ("each step multiplies y by {}.", lambda: (float(np.divide(*saddle_run(1e-6)[[1, 0], 1])),)),
    ("After {} steps y is beyond 1", lambda: (first(saddle_run(1e-6)[:, 1] > 1),)),
    ("the same, stopped after 30 steps", lambda: True),
    ("After 30 steps: are we there?", lambda: bool(np.hypot(*saddle_run(1e-6)[30]) < 0.01)),
    (
        "With **Start y** 0 it stays at the saddle",
        lambda: bool((saddle_run(0.0)[:, 1] == 0).all() and abs(saddle_run(0.0)[-1, 0]) < 1e-9),
    ),
    (
        "from (2, 3.5) with **Learning rate** 0.5 the gradient norm is {} after 100 steps, and the minimum is {} away",
        lambda: (slopes(PLATEAU, p := unstopped(PLATEAU, 0.5, (2, 3.5), 100))[-1], distance(p, (0, 0))),
    ),
    (
        "the gradient norm is {} at (0, 1), on the cliff",
        lambda: (norm(PLATEAU.gradient((0, 1))),),
    ),
    ("it is below 0.11", lambda: plateau_slope() < 0.11),
    (
        "on `double well` from (1.6, 1) the rate 0.3 ends at x = {}, and 0.6 at x = {}",
        lambda: (well(0.3)[0], well(0.6)[0]),
    ),
    ("The second is lower, f = {} against {}", lambda: (well(0.6)[1], well(0.3)[1])),
    ("with the rate 0.1 from (1, 1, 10⁻⁶) is beyond z = 1 after {} steps", lambda: (three_dimensional_saddle(),)),
    (
        "`himmelblau` has four minima, all with value 0",
        lambda: bool(
            len(minima := LANDSCAPES["himmelblau"].minima) == 4
            and np.allclose(LANDSCAPES["himmelblau"].value(minima), 0, atol=1e-20)
        ),
    ),
    ("The stage shows the rate 0.01.", lambda: True),
    ("with the same rate, for 100 steps. Momentum ends lower from here.", lambda: momentum_lower_in_the_play()),
    ("Which of the two is lower after 100 steps depends on the start", lambda: True),  # tests/test_lessons.py
    (
        "from (0, −1) on `himmelblau` ends at a *maximum*",
        lambda: ends_at_a_maximum(LANDSCAPES["himmelblau"], (0, -1)),
    ),
    (
        "on `overlapping six` the rate 8 converges, and 2/L is {}",
        lambda: (step_marks(SIX, SIX.minima[0]).limit,),
    ),
    (
        "From w = 0, b = 0 it takes {} steps. The limit at the minimiser is {}",
        lambda: (steps_of(SIX, 8.0, (0, 0)), max_stable_step(SIX, SIX.minima[0])),
    ),
    (
        "there the rate 8 converges, and 8.2 does not",
        lambda: distance(unstopped(SIX, 8.2, (0, 0), 20000), SIX.minima[0]) > 0.01,
    ),
    ("Where the curvature at the minimiser equals L, as on a quadratic, 2/L is the limit", lambda: exact_two_over_l()),
    (
        "this run hops across its kink for ever",
        lambda: bool(
            np.allclose(np.abs(np.diff(unstopped(ONE_KINK, 0.1, (0, 0.1), 5000).sum(axis=1) - 2)[-100:]), 0.2)
        ),
    ),
    (
        "with the same rate and β = 0.9, it needs about twice the steps",
        lambda: round(heavy_ball(0.1, 0.9)[0] / steps_of(BOWL, 0.1, (1, 1))) == 2,
    ),
    (
        "different starts end at different points of the floor",
        lambda: all(
            FLAT.value(unstopped(FLAT, RATES["flat bottom"], start)[-1]) < 1e-9 for start in ((2, 0), (-2, 0), (0, 2))
        ),
    ),
    ("runs on `bowl` from (1, 1) with the rate 0.1. Now you add momentum 0.9", lambda: True),
    (
        "with the rate 0.1 gradient descent takes {} steps and momentum {}. Its loss rises in {} of them",
        lambda: (steps_of(BOWL, 0.1, (1, 1)), *heavy_ball(0.1, 0.9)),
    ),
    ("Tuned, it is {} against {}", lambda: (steps_of(BOWL, 0.182, (1, 1)), heavy_ball(0.231, 0.27)[0])),
    (
        "With momentum the page stops later",
        lambda: len(descent(BOWL, 0.1, (1, 1), method=MOMENTUM, momentum=0.9).points) - 1 > heavy_ball(0.1, 0.9)[0],
    ),
    (
        "On this bowl with β = 0.9 the limit is {}. From (1, 1) the rate 0.379 converges: it is first within 10⁻⁶ "
        "after {} steps",
        lambda: (2 * (1 + 0.9) / 10, heavy_ball(0.379, 0.9)[0]),
    ),
    ("The rate 0.381 diverges", lambda: bool(
        np.abs(unstopped(BOWL, 0.381, (1, 1), 5000, method=MOMENTUM, momentum=0.9)[-1]).max() > 1e6)),
    (
        "on `chapter line` with the rate 0.5 `sgd` is still {} from the minimiser after 2000",
        lambda: (distance(opening_run("sgd"), CHAPTER.minima[0]),),
    ),
    ("with the rate 0.5 `sgd`", lambda: OPENING["mse"]["lr"] == 0.5),
    ("**Noise (standard deviation)** 0 all samples agree, and it arrives after {} steps", lambda: (quiet_sgd(),)),
    ("from its own start ({}, {})", lambda: ROSENBROCK.start),
    ("the condition number at the minimum is {}", lambda: (n(condition_number(ROSENBROCK, (1, 1)), 4),)),
    (
        "**Learning rate** 0.001 is still {} from the minimum after 2000 steps. It comes within 10⁻⁶ after {}.",
        lambda: (
            distance(unstopped(ROSENBROCK, 0.001, ROSENBROCK.start), (1, 1)),
            steps_of(ROSENBROCK, 0.001, ROSENBROCK.start, 36000),
        ),
    ),
    (
        "Momentum with β = 0.95 and the same rate takes {} steps, Newton's method {}",
        lambda: (
            steps_of(ROSENBROCK, 0.001, ROSENBROCK.start, method=MOMENTUM, momentum=0.95),
            steps_of(ROSENBROCK, None, ROSENBROCK.start, 20, method="newton"),
        ),
    ),
    (
        "at this kink it still swings after 2000 steps",
        lambda: bool(ONE_KINK.value(unstopped(ONE_KINK, 0.3, (0, 0.1), method="adam")[1900:]).max() > 0.2),
    ),
    (
        "it can settle on a bowl and, even there, burst out again",
        lambda: bool(
            np.abs(x := unstopped(BOWL, 0.5, (0.5, 0.0), 3000, method="adam")[:, 0])[600:1600].max() < 1e-6
            and np.abs(x[1600:]).max() > 0.05
        ),
    ),
    (
        "Here tuned momentum takes {} steps, tuned gradient descent {}",
        lambda: (on_the_line(1.03, 0.38), steps_of(CHAPTER, 0.747, (0, 0))),
    ),
]


def momentum_lower_in_the_play():
    plain, heavy = (
        unstopped(ROSENBROCK, 0.001, ROSENBROCK.start, 100, method=method) for method in ("gradient descent", MOMENTUM)
    )
    return bool(ROSENBROCK.value(heavy[-1]) < ROSENBROCK.value(plain[-1]))


def hidden_saddle_bends():
    loss = LANDSCAPES["hidden saddle"]
    g, h = loss.gradient((0.5, -0.5)), loss.hessian((0.5, -0.5))
    return bool(h[0, 0] > 0 and h[1, 1] > 0 and g @ h @ g < 0)


def plateau_slope():
    """The largest gradient norm on a fine grid around and outside the ellipse s = 3."""
    s, angle = np.meshgrid(np.linspace(3.0, 60.0, 400), np.linspace(0.0, np.pi / 2, 91))
    points = np.stack([2 * np.sqrt(s) * np.cos(angle), np.sqrt(s) * np.sin(angle)], axis=-1)
    return float(slopes(PLATEAU, points).max())


def heavy_ball(rate, beta):
    """The steps of momentum on `bowl` from (1, 1), and on how many of them the loss rises."""
    steps = steps_of(BOWL, rate, (1, 1), method=MOMENTUM, momentum=beta)
    values = BOWL.value(unstopped(BOWL, rate, (1, 1), method=MOMENTUM, momentum=beta)[: steps + 1])
    return steps, int((np.diff(values) > 0).sum())


def on_the_line(rate, beta):
    """The steps of momentum on `chapter line` from (0, 0)."""
    return steps_of(CHAPTER, rate, (0, 0), method=MOMENTUM, momentum=beta)


def quiet_sgd():
    """The steps of sgd from the page's own start if no noise is added."""
    own = OPENING["mse"]
    return steps_of(mse("chapter line", noise=0.0), own["lr"], (own["w0"], own["b0"]), method="sgd")


def ends_at_a_maximum(loss, start):
    end = unstopped(loss, None, start, 50, method="newton")[-1]
    return bool((eigenvalues(loss, end) < 0).all() and np.abs(loss.gradient(end)).max() < 1e-9)


def exact_two_over_l():
    """A loss that is not quadratic and has its largest curvature at the minimiser: 2/L = 8 is the limit there."""
    loss = LogisticLoss(Dataset([-1, 1, -1, 1], [0, 0, 1, 1], "four", "constructed"))
    assert loss.smoothness == pytest.approx(eigenvalues(loss, loss.minima[0])[1])
    assert loss.smoothness == pytest.approx(0.25)
    below, above = (distance(unstopped(loss, rate, (1.0, 0.5), 20000), loss.minima[0]) for rate in (7.9, 8.1))
    return below < 1e-9 and above > 0.1


MODEL = [
    (
        "at most {} steps (or as many as are set, if more; with a schedule exactly as many as are set). A run is there",
        lambda: (cached.BASIN_STEPS,),
    ),
    (
        "at the centres of {} × {} cells; one below 10⁻¹² of the other",
        lambda: (cached.CURVATURE_SIDE, cached.CURVATURE_SIDE),
    ),
    (
        "On the default data the minimiser is ({}, {}) with the value {}; the eigenvalues are {} and "
        "{}, so κ = {} and 2/λmax = {}",
        lambda: (
            *five(*CHAPTER.minima[0], CHAPTER.infimum, *eigenvalues(CHAPTER, (0, 0)), condition_number(CHAPTER)),
            n(max_stable_step(CHAPTER), 4),
        ),
    ),
    ("For `touching` this is (ln 2)/2 = {}", lambda: (n(logistic("touching").infimum, 5),)),
    (
        "κ = {} at the minimiser, standardised {}",
        lambda: (
            condition_number(loss := LogisticLoss(CHALLENGER), loss.minima[0]),
            condition_number(loss := LogisticLoss(standardise(CHALLENGER)), loss.minima[0]),
        ),
    ),
    (
        "from the best constant prediction and from the low points of a grid of thresholds and steepnesses",
        lambda: begins_at_low_points(
            SigmoidSquaredError(Dataset([-3, -2, -1, 1, 2, 3], [0, 1, 1, 1, 1, 0], "six", "constructed"), 1e-3)
        ),
    ),
    ("Strongly convex, eigenvalues {} and {}; minimiser (0, 0)", lambda: eigenvalues(BOWL, (0, 0))),
    (
        "eigenvalues {} and {}; saddle at (0, 0), no lower bound",
        lambda: eigenvalues(LANDSCAPES["hidden saddle"], (0, 0)),
    ),
    (
        "Minima at x = {} (value {}, the global one) and x = {} (value {}), saddle at x = {}",
        lambda: five(*np.column_stack([WELL.minima[:, 0], WELL.value(WELL.minima)]).ravel(), WELL.saddles[0, 0]),
    ),
    ("{} minima, all with value 0; {} saddles; {} maximum", lambda: counts("himmelblau")),
    (
        "{} minima, {} of them global with value {}; {} saddles; {} maxima",
        lambda: (
            len((f := LANDSCAPES["six-hump camel"]).minima),
            int(np.isclose(f.value(f.minima), f.infimum).sum()),
            n(f.infimum, 5),
            len(f.saddles),
            len(f.maxima),
        ),
    ),
    ("the minimiser (1, 1), with eigenvalues {} and {}", lambda: five(*eigenvalues(ROSENBROCK, (1, 1)))),
    (
        "of which the {} inside the map are listed: {} minima, {} saddles, {} maxima",
        lambda: (sum(counts("rastrigin")), *counts("rastrigin")),
    ),
    (
        "Minimiser ({}, {}), value 0; saddles at (0, 1) and ({}, {})",
        lambda: (*(f := LANDSCAPES["beale"]).minima[0], *five(*f.saddles[1])),
    ),
    ("On the whole line x = 0 the value is {}", lambda: (n(LANDSCAPES["beale"].value((0, 7.3)), 5),)),
    (
        "Where $s\\ge3$ the gradient norm is below 0.11; at (0, 1), on the cliff, it is {}",
        lambda: (norm(PLATEAU.gradient((0, 1))) if plateau_slope() < 0.11 else "",),
    ),
    ("with {} fixed samples of a noisy tanh", lambda: (tanh_samples().n,)),
    ("Two minima at ±({}, {})", lambda: five(*LANDSCAPES["tiny network"].minima[0])),
    (
        "lower than theirs by more than 0.0001",
        lambda: proved_bound_of_the_network() > LANDSCAPES["tiny network"].infimum - 0.0001,
    ),
    ("fitted to {} measured rates", lambda: (LANDSCAPES["puromycin"].dataset.n,)),
    ("the minimiser ({}, {}), value {}", lambda: five(*(f := LANDSCAPES["puromycin"]).minima[0], f.infimum)),
    (
        "half of 1/λ, rounded to one digit",
        lambda: all(
            RATES[name] == float(f"{0.5 / largest_curvature(landscape):.1g}")
            for name, landscape in LANDSCAPES.items()
            if largest_curvature(landscape) > 0
        ),
    ),
    ("For `flat bottom`, where that is 0, it is {}.", lambda: (RATES["flat bottom"],)),
    (
        "and y = 0, 1, 0, 1, 0, 1, 1 there are two: ({}, {}) with the value {} and ({}, {}) with {}",
        lambda: (
            *two_minima(SEVEN)[:2],
            n(SigmoidSquaredError(SEVEN).value(two_minima(SEVEN)[:2]), 5),
            *two_minima(SEVEN)[2:],
            n(SigmoidSquaredError(SEVEN).value(two_minima(SEVEN)[2:]), 5),
        ),
    ),
    ("x = −3.3, −3.8, 4.2, −2.7, −6.1, −2.5, −2.4", lambda: list(SEVEN.x) == [-3.3, -3.8, 4.2, -2.7, -6.1, -2.5, -2.4]),
    (
        "two normal classes with standard deviation 1, the centres 2 apart, seed 0",
        lambda: bool("2 apart, seed 0" in two_classes().source),
    ),
    (
        "a batch, of {} samples at first; every epoch shuffles them, with the seed {}",
        lambda: ((m := OPTIMIZERS["sgd"]()).batch_size, m.seed),
    ),
    ("each coordinate for itself, $\\epsilon=10^{-10}$", lambda: OPTIMIZERS["adagrad"]().epsilon == 1e-10),
    (
        "$v\\leftarrow 0.9v+0.1g^2$, $\\theta\\leftarrow \\theta-\\eta g/(\\sqrt v+\\epsilon)$, $\\epsilon=10^{-8}$",
        lambda: (m := OPTIMIZERS["rmsprop"]()).decay == 0.9 and m.epsilon == 1e-8,
    ),
    (
        "$m\\leftarrow 0.9m+0.1g$, $v\\leftarrow 0.999v+0.001g^2$",
        lambda: ((m := OPTIMIZERS["adam"]()).beta1, m.beta2, m.epsilon) == (0.9, 0.999, 1e-8),
    ),
    (
        "The full step: the page's learning rate and schedule are not used",
        lambda: ignores_the_rate("newton") and OPTIMIZERS["newton"]().learning_rate == 1.0,
    ),
    (
        "The first trial is 1, each further one half of it",
        lambda: (
            (m := OPTIMIZERS["backtracking"]()).learning_rate == 1.0
            and m.shrink == 0.5
            and m.decrease == 0.0001
            and ignores_the_rate("backtracking")
        ),
    ),
    ("A run takes at most {} steps", lambda: (MAX_STEP,)),
    (
        "λmax of {} times $A^\\top A/n$ plus penalty",
        lambda: (2 * (s := (15 - np.sqrt(33)) / 24) ** 2 * (1 - s) * (2 - 3 * s),),
    ),
    ("one is searched, among {} chords", lambda: (chord_witness.__defaults__[0],)),
    (
        "A tolerance of {} counts in units of the parameters",
        lambda: (np.format_float_positional(run.__defaults__[0]),),
    ),
    ("more than {} million views and distances of the start away", lambda: (int(stopping.FAR / 1e6),)),
    ("with loss and gradient more than {} times as large", lambda: (int(stopping.GROWN),)),
    ("at most $10^{-15}$ views", lambda: stopping.STALLED == 1e-15),
    ("where the window is less than 1 or at least 1000 wide, in thousandths or thousands of them", units_of_tolerance),
    (
        "after at least 30 steps: the largest loss of each third of the run is more than 10 times that of the third "
        "before, the largest gradient more than 3 times, and the loss at the end more than 1000 times",
        lambda: (
            [runs_away(k, (1e3, 1.2e4, 2e6), (1, 4, 16)) for k in (29, 30)] == [False, True]
            and not runs_away(30, (1e3, 9e3, 2e6), (1, 4, 16))
            and not runs_away(30, (1e3, 1.2e4, 2e6), (1, 2.9, 16))
            and not runs_away(30, (1e3, 1.2e4, 9e5), (1, 4, 16))
        ),
    ),
    (
        "it rose at each of the last steps, at most 3 and at least 2",
        lambda: [descent(BOWL, 0.3, (1, 1), k).status == "diverged" for k in (1, 2)] == [False, True],
    ),
    ("comes to rest at a stationary point at most {} views away", lambda: (stopping.NEAR,)),
    ("each of the last {} steps turns back", lambda: (WINDOW,)),
    (
        "below −0.95, in views), none is shorter than the one before, and a certificate says that this will not change",
        lambda: (
            swings(cosine=-0.951, growth=1.001)
            and not swings(cosine=-0.949, growth=1.001)
            and not swings(cosine=-0.951, growth=0.999)
        ),
    ),
    (
        "more than a fifth of the last steps raised the loss",
        lambda: [a_path(rising(share)).up_and_down for share in (0.17, 0.22)] == [False, True],
    ),
    (
        "the slope is at most 0.5 % and the curvature at most 5 % of what the loss varies over its "
        "window, while the loss is at least 5 % of that above",
        lambda: (
            is_a_plateau(slope=0.0049, curvature=0.049, above=0.5)
            and not is_a_plateau(slope=0.0051, curvature=0.049, above=0.5)
            and not is_a_plateau(slope=0.0049, curvature=0.051, above=0.5)
            and is_a_plateau(slope=0.0049, curvature=0.049, above=0.051)
            and not is_a_plateau(slope=0.0048, curvature=0.048, above=0.049)
        ),
    ),
    ("is lower than {} steps before", lambda: (WINDOW,)),
    ("w from 0 to 4 and b from 0 to 2", lambda: cached.CHAPTER_WINDOW == ((0.0, 4.0), (0.0, 2.0))),
    ("up to {} times its width to a side", lambda: (cached.REACH,)),
    (
        "the centres of {} × {} cells, in at most {} levels",
        lambda: (cached.PIXELS, cached.PIXELS, surfaces.levels.__defaults__[0]),
    ),
    (
        "that 0.2 % of the cells stay below to the one that 98 % stay below",
        lambda: bool(
            np.allclose(surfaces.levels(np.linspace(0, 1, 100_001), minimum=0.0)[[0, -1]], (0.002, 0.98), rtol=1e-3)
        ),
    ),
    ("one of {} × {} cells", lambda: (FIELD, FIELD)),
    ("on those {} × {} points, in steps of 1/65535", lambda: (FIELD, FIELD)),
    ("in steps of 1/65535", lambda: cached.heights(np.array([[0.0, 1.0]])).tolist() == [0, 65535]),
    (
        "all of their first {} steps; longer ones are thinned out to at most {} points",
        lambda: (stage_data.DENSE, stage_data.ROWS),
    ),
    ("| a learner's own | up to {} |", lambda: (f"{own_table.MAX_ROWS:,}",)),
    (
        "a step that crosses {} % of the map or more takes {} s, a shorter one less (with the power 1.5 of its "
        "length on the map), and each at least {} s or, in a long run, its share of {} s",
        lambda: (round(100 * playback.LONG), playback.JUMP, playback.LEAST, int(playback.CRAWL)),
    ),
    ("If a run takes more than {} s then", lambda: (int(playback.MOST),)),
    ("The loss at {} × {} points, both ends", lambda: (cached.MESH, cached.MESH)),
    (
        "more than 60 times as far above the floor as the height that 30 % of the points",
        lambda: [title_and_top(top)[0] for top in (59.0, 61.0)] == ["loss", "log₁₀(1 + loss)"],
    ),
    ("log₁₀(1 + loss − floor)", lambda: abs(title_and_top(99.0)[1] - 2.0) < 1e-6),
    ("double precision (about 16 digits)", lambda: CHAPTER.value((0, 0)).dtype == np.float64),
    (
        "x evenly spaced from 0 to 1, seed 0 of NumPy's legacy generator",
        lambda: bool(
            np.allclose(
                chapter_line().y[:2] - 2 * chapter_line().x[:2] - 1, 0.1 * np.random.RandomState(0).randn(2), atol=1e-15
            )
        ),
    ),
    ("all x equal to 2, y from 1 to 5", lambda: bool((same_x().x == 2).all() and list(same_x().y) == [1, 2, 3, 4, 5])),
    ("before the accident of 1986", lambda: "accident of 1986" in CHALLENGER.note),
    ("(mph), stopping distance (ft), 1920s", lambda: CARS.note == "Recorded in the 1920s."),
    (
        "for $0\\le\\beta<1$",
        lambda: all(
            OPTIMIZERS[m](momentum=0.5).stability == limit
            for m, limit in (("momentum", 2 * 1.5), ("nesterov", 2 * 1.5 / 2.0))
        ),
    ),
]


def largest_curvature(loss):
    return float(np.abs(eigenvalues(loss, loss.minima if len(loss.minima) else [loss.start])).max())


def ignores_the_rate(name):
    spec = choice.MethodSpec(name, 1e-9, 0.9, "1/t")
    start = (1.0, 1.0)
    here = cached.trajectory(choice.LossSpec("bowl"), spec, start, 50)
    return bool(np.array_equal(here.points, descent(BOWL, None, start, 50, method=name).points))


MOONS = networks.NETWORKS["two moons, tanh 2-8-1"]


@cache
def end_of_moons(seed):
    return networks.train(MOONS, seed).end


def rightly(seed):
    return int(((MOONS.predict(end_of_moons(seed), MOONS.inputs) > 0.5) == (MOONS.labels == 1)).sum())


def way(matched):
    """The highest loss on the straight way from the end with seed 1 to that with seed 2, or to its matched copy."""
    a, b = end_of_moons(1), end_of_moons(2)
    return float(networks.line(MOONS, a, networks.match(MOONS, a, b) if matched else b).losses.max())


def two_starts():
    """The losses at the starts of the two planes under Transfer, which are equally far from the middle."""
    specs = [network_planes.PlaneSpec("circles, relu 2-8-1", network_planes.CURVATURE, factor=c) for c in (1.0, 4.0)]
    found = [network_planes.shown(spec) for spec in specs]
    assert np.allclose(found[0].start, found[1].start)
    return tuple(float(one.plane.value(one.start)) for one in found)


def lesson_of(page):
    """The first lesson of a page."""
    return of_page(page)[0]


NETWORK = [
    ("the loss must be below {}", lambda: (lesson_of("network").play.goal.value,)),
    ("each network has a loss below {}", lambda: (lesson_of("network").play.goal.value,)),
    ("Both ends classify {} of the {} samples rightly", lambda: (rightly(1), MOONS.data.n)),
    ("rightly", lambda: rightly(1) == rightly(2)),
    ("On the first way the loss climbs to {}", lambda: (way(False),)),
    ("while both ends lie below 0.09", lambda: bool(max(MOONS.loss(end_of_moons(s)) for s in (1, 2)) < 0.09)),
    ("On the second it never exceeds {}", lambda: (way(True),)),
    ("The starts are equally far from the middle, and the loss there is {} as trained and {} rescaled", two_starts),
    ("5 of the 33 curvatures are negative", lambda: networks.curvatures(MOONS, end_of_moons(0)).negative == 5),
    ("$8!\\cdot 2^8=10321920$", lambda: networks.copies(MOONS) == 10321920),
]


WHERE = {"home": "lessons/home.md", "MODEL": "lossgeo/docs/model.md"}
WHERE |= {page: f"the lessons of the page {page}" for page in PAGES}
CLAIMS = {"home": HOME, "mse": MSE, "logistic": LOGISTIC, "nonconvex": NONCONVEX, "network": NETWORK, "MODEL": MODEL}
EACH_CLAIM = [(name, *claim) for name, claims in CLAIMS.items() for claim in claims]


@cache
def stated(template, compute):
    """The fragment as it must stand in the prose."""
    computed = compute()
    if isinstance(computed, bool | np.bool_):
        assert computed, f"not true, or the code it describes has changed: {template}"
        return template
    assert template.count("{}") == len(computed), f"the claim {template!r} has not as many {{}} as numbers: {computed}"
    parts = template.split("{}")
    numbers = [n(value) for value in computed]
    return "".join(a + b for a, b in zip(parts, [*numbers, ""], strict=True))


@pytest.mark.parametrize(("name", "template", "compute"), EACH_CLAIM, ids=[f"{c[0]}: {c[1][:60]}" for c in EACH_CLAIM])
def test_the_prose_states_what_is_computed(name, template, compute):
    fragment = stated(template, compute)
    assert fragment in TEXT[name], (
        f"{WHERE[name]} should say: {fragment!r}. The number is computed: correct the text, or, if the sentence has "
        "changed, its line in tests/test_prose.py"
    )


# Numbers that are no claims: formulae, settings to make ("**Steps** 2000"), years of citations,
# headings, the table of data sets (tested below), names.
NO_CLAIM = (
    re.compile(r"\$\$.*?\$\$", re.S),
    re.compile(r"\$[^$\n]+\$"),
    re.compile(r"\*\*[^*\n]+\*\* [−\d.,]*\d"),
    re.compile(r"(?:[A-Z][\w.]+,? |others )\d{4}(?=[;),. ])"),
    re.compile(r"^(?:#+ |\| `).*$", re.M),
    re.compile(r"`[^`\n]+`"),
    re.compile(r"(?:theorem|section|algorithm) \d+(?:\.\d+)+"),  # of a source
    re.compile(r"^Lesson \d+\.", re.M),
    re.compile(r"first within 10⁻⁶|for the first time within 10⁻⁶"),  # the rule of counting
)


def uncovered(name, text):
    """Numbers of two or more digits, each with its surroundings, that no claim covers."""
    for template, compute in CLAIMS[name]:
        text = text.replace(stated(template, compute), " ")
    for pattern in NO_CLAIM:
        text = pattern.sub(" ", text)
    return re.findall(r".{0,60}(?:\d+\.\d|\d\d).{0,40}", text)


@pytest.mark.parametrize("name", TEXT)
def test_no_number_stands_in_the_prose_uncomputed(name):
    left = uncovered(name, TEXT[name])
    assert not left, (
        f"numbers in {WHERE[name]} that nothing computes: {left}. Add a line to {name.upper()} in tests/test_prose.py "
        "for each, with the fragment and a function that computes its numbers"
    )


def test_a_changed_or_a_new_number_is_noticed():
    assert uncovered("mse", TEXT["mse"].replace("the loss is 0.0112", "the loss is 0.0113"))
    assert uncovered("home", TEXT["home"] + "There the loss is 0.5.")


def test_the_table_of_data_sets_is_complete_and_right():
    """Section 4 of model.md: name, n, and the case of separation."""
    where = "the table in section 4 of lossgeo/docs/model.md"
    rows = dict(re.findall(r"^\| (`.*`) \| (\d+) \| .*$", TEXT["MODEL"], flags=re.M))
    sizes = {name: int(n) for names, n in rows.items() for name in re.findall(r"`([^`]+)`", names)}
    if "anscombe I" in sizes and "anscombe IV" in sizes:
        sizes |= {f"anscombe {k}": sizes["anscombe I"] for k in ("II", "III")}
    every = {name: make().n for name, make in {**REGRESSION, **CLASSIFICATION}.items()}
    assert not (missing := sorted(every.keys() - sizes.keys())), f"{where} lacks rows for {missing}"
    assert not (gone := sorted(sizes.keys() - every.keys())), f"{where} has rows for data that do not exist: {gone}"
    wrong = {name: n for name, n in every.items() if sizes[name] != n}
    assert not wrong, f"{where} must give the number of samples: {wrong}"
    for name, make in CLASSIFICATION.items():
        line = next(line for line in TEXT["MODEL"].splitlines() if line.startswith(f"| `{name}` "))
        kind = separation(make())
        says = "overlap" if "overlapping" in line.split("|")[3] else "quasi-complete" if "quasi" in line else "complete"
        if "overlapping" in line.split("|")[3] or "separat" in line.split("|")[3]:
            assert kind == says, f"{where}: the separation of {name!r} is {kind}, not {says}"
    for name in ("separable four", "touching", "margin four"):
        data = CLASSIFICATION[name]()
        x = ", ".join(n(v) for v in data.x)
        assert f"x = {x} with labels {', '.join(f'{v:g}' for v in data.y)}" in TEXT["MODEL"]


def test_one_point_and_quadratics_are_as_the_model_says():
    point = REGRESSION["one point"]()
    assert (point.x[0], point.y[0]) == (1.0, 2.0)
    data, l2 = CARS, 0.7
    loss, d = MeanSquaredError(data, l2), data.x - data.x.mean()
    w = (d @ data.y / data.n) / (d @ d / data.n + l2 / 2)
    np.testing.assert_allclose(loss.minima[0], (w, data.y.mean() - w * data.x.mean()), rtol=1e-12)
    determinant = 4 * d @ d / data.n + 2 * l2
    np.testing.assert_allclose(np.prod(eigenvalues(loss, (0, 0))), determinant, rtol=1e-12)


def test_bounds_on_curvature_are_as_the_model_says():
    """L of the logistic loss, and the losses of section 6 that have none or an exact one."""
    gram = MeanSquaredError(CHALLENGER).hessian((0, 0)) / 2
    assert LogisticLoss(CHALLENGER).smoothness == pytest.approx(np.linalg.eigvalsh(gram / 4)[1])
    assert kinks().smoothness == np.inf
    known = {name for name, loss in LANDSCAPES.items() if loss.smoothness is not None}
    assert known == {"bowl", "saddle", "hidden saddle", "flat bottom"}


def test_the_gradient_of_the_flat_bottom_is_lipschitz_with_constant_2_as_the_model_says():
    """Between two points it changes by at most twice their distance, and along a ray outside the disc by just that.

    So below 2/L = 1 no step goes up, and a rate of 2 throws the run out.
    """
    a, b = np.random.default_rng(0).uniform(-3, 3, (2, 5000, 2))
    change = np.linalg.norm(FLAT.gradient(a) - FLAT.gradient(b), axis=1) / np.linalg.norm(a - b, axis=1)
    assert change.max() <= FLAT.smoothness * (1 + 1e-12)
    assert norm(FLAT.gradient((3.0, 0.0)) - FLAT.gradient((2.0, 0.0))) == pytest.approx(FLAT.smoothness)
    assert (np.diff(FLAT.value(unstopped(FLAT, 0.99, FLAT.start, 50))) <= 0).all()
    assert FLAT.value(unstopped(FLAT, 2.0, FLAT.start, 50)[-1]) > 1e20 * FLAT.value(FLAT.start)


def test_other_programs_report_the_point_ahead_for_nesterov_as_the_model_says():
    """The formulas of PyTorch and optax: v = beta v + g, then the point moves by -eta (g + beta v)."""
    rate, beta, ahead, v = 0.3, 0.6, np.zeros(2), np.zeros(2)
    ours, reported = unstopped(CHAPTER, rate, (0, 0), 200, method="nesterov", momentum=beta), [np.zeros(2)]
    for _ in range(200):
        g = CHAPTER.gradient(ahead)
        v = beta * v + g
        ahead = ahead - rate * (g + beta * v)
        reported.append(ahead)
    np.testing.assert_allclose(ours[1:] + beta * np.diff(ours, axis=0), reported[1:], rtol=1e-12)


def test_which_losses_have_a_proof_of_convexity():
    assert {name for name, cls in LOSSES.items() if cls.convex} == {
        "mean squared error",
        "mean absolute error",
        "logistic loss",
    }
    for name, loss in LANDSCAPES.items():
        found = convexity(loss).kind
        wanted = "proof" if loss.convex else "witness"
        assert found == wanted, f"{name!r} is declared {'' if loss.convex else 'not '}convex; its evidence is: {found}"


def test_the_penalty_decides_existence_as_lesson_4_says():
    one_class = two_classes(balance=0.0)
    for data, l2, kind in ((FOUR, 0.0, "none"), (FOUR, 0.1, "one"), (one_class, 0.1, "none")):
        assert LogisticLoss(data, l2).minimisers == kind
    for l2, kind in ((0.0, "line"), (0.1, "one")):
        assert MeanSquaredError(same_x(), l2).minimisers == kind
    equal = Dataset([1.0, 1.0], [0.0, 1.0], "equal x", "constructed")
    assert LogisticLoss(equal).minimisers == "line"


def test_far_out_the_logistic_curvatures_fade_as_lesson_4_says():
    """The smaller one in every direction; the larger one not where the threshold stays at a sample."""
    loss, kept = logistic("separable four"), 0
    for angle in 0.01 + np.linspace(0, 2 * np.pi, 72, endpoint=False):
        low, high = eigenvalues(loss, 1e4 * np.array([np.cos(angle), np.sin(angle)]))
        assert abs(low) < 1e-9
        assert high < 1e-9
    for x in loss.dataset.x:
        low, high = eigenvalues(loss, 1e4 * np.array([1.0, -x]))
        assert abs(low) < 1e-9
        kept += high > 0.1
    assert kept == loss.dataset.n


# --- every statement of the source chapter has its place ------------------------------------------

CHAPTER_STATEMENTS = {
    "S1 a loss measures": ("home", "It says how badly a model with given parameters predicts"),
    "S2 geometry and methods": ("home", "Both describe the surface at one point only"),
    "S3 two of the most used": ("home", "two of the most used losses"),
    "S4 MSE, average squared": ("mse", "average squared difference between prediction and target"),
    "S5 a bowl, a paraboloid": ("mse", "if and only if at least two x differ"),
    "S6 one global minimum": ("nonconvex", "no local minimum that is not global"),
    "S7 easy for gradients": ("mse", "it does not choose the step for you"),
    "S8 log loss, cross-entropy": ("logistic", "log loss or cross-entropy"),
    "S9 confident and wrong": ("logistic", "costs much more than a hesitant one"),
    "S10 convex as well": ("logistic", "a score that is affine in the parameters"),
    "S11 steeper or flatter": ("logistic", "depends on the data and on where you are"),
    "S12 shape decides": ("home", "step size, method, start and noise decide with it"),
    "S13 flat regions": ("nonconvex", "a flat bottom is harmless"),
    "S14 cliffs": ("mse", "what overshoots is the learning rate times the *curvature*"),
    "S14 cliffs, again": ("nonconvex", "a cliff hurts, **because** the slope *changes* sharply"),
    "S15 what makes it hard": ("mse", "A strongly and a weakly curved direction at once"),
    "S16 ensure one minimum": ("logistic", "It does not say that there is one"),
    "S17 predictable, efficient": ("mse", "only for a moderate κ"),
    "S18 traps": ("nonconvex", "Saddles delay more than they trap"),
    "S19 sophisticated methods": ("nonconvex", "none of them guarantees the global minimum"),
}


@pytest.mark.parametrize("statement", CHAPTER_STATEMENTS)
def test_the_source_chapter_is_covered(statement):
    name, fragment = CHAPTER_STATEMENTS[statement]
    assert fragment in TEXT[name], f"{WHERE[name]} no longer says {fragment!r}, our answer to the chapter's {statement}"


# --- names and controls ---------------------------------------------------------------------------


def controls_named(text):
    """What stands in bold and is neither a part of a lesson nor a whole sentence."""
    bold = set(re.findall(r"\*\*([^*\n]+)\*\*", text))
    beats = {"You may think", "In fact", "because", "loss"}
    return {b for b in bold if b not in beats and not b.endswith(".") and len(b) < 50}


NAMES = {*REGRESSION, *CLASSIFICATION, *LANDSCAPES, *OPTIMIZERS, *LOSSES, *SCHEDULES}
NAMES |= {*networks.NETWORKS, *network_planes.PLANES}


@pytest.mark.parametrize("name", TEXT)
def test_names_between_backticks_exist(name):
    quoted = set(re.findall(r"`([^`\n]+)`", TEXT[name]))
    files = {q for q in quoted if any((ROOT / place / q).exists() for place in ("", "lossgeo"))}
    unknown = sorted(quoted - NAMES - files)
    assert not unknown, f"{WHERE[name]} has between backticks what is no data set, landscape, method or file: {unknown}"


@pytest.mark.parametrize("loss", [*LANDSCAPES.values(), *LOSSES.values()], ids=lambda loss: loss.name)
def test_the_model_has_every_formula(loss):
    assert loss.formula in TEXT["MODEL"], (
        f"lossgeo/docs/model.md should give {loss.name!r} with the formula of its class: {loss.formula}"
    )


def test_pages_are_named_as_in_the_navigation():
    missing = [page.title for page in LESSON_PAGES.values() if f"**{page.title}.**" not in TEXT["home"]]
    assert not missing, f"lessons/home.md must name each page in bold, as the navigation does: {missing}"


LINK = re.compile(r"(\w*)\?(\w+=[^\s`)\"]+)")
EXAMPLES = [(file, page, link) for file, text in DOCUMENTS.items() for page, link in LINK.findall(text)]


def is_understood(page, key, texts):
    """Whether the page takes all that a link says of one thing."""
    if key in ("hide", "lock"):
        return not links.names(texts, PARTS)[1]
    name = key.removeprefix(f"{page}_")
    if page and name in LESSON_PAGES[page].names:
        return links.heard(texts, LESSON_PAGES[page].control(name).read(texts))
    return key in ("seed", "teacher", "remember", "projector", "tour") or (page and name in FURTHER)


@pytest.mark.parametrize(("file", "page", "link"), EXAMPLES)
def test_every_link_given_as_an_example_is_understood(file, page, link):
    assert page in ("", *LESSON_PAGES), f"{file} gives a link to a page that does not exist: {page}?{link}"
    wrong = {key: texts for key, texts in parse_qs(link).items() if not is_understood(page, key, texts)}
    assert not wrong, f"{file} gives the link {page}?{link}, of which the page would not understand {wrong}"


def test_documents_give_links_at_all():
    assert any(page for _, page, _ in EXAMPLES), "lossgeo/docs should show a link to a state, like `mse?mse_lr=0.8`"
    assert not is_understood("mse", "mse_dataset", ["carts"])
    assert not is_understood("mse", "mse_warp", ["1"])


# --- sources --------------------------------------------------------------------------------------

CITATION = re.compile(r"([A-Z][\w-]+)((?:(?:, | and | & )[A-Z][\w-]+)*)(?: and others)? (1[6-9]\d\d|20[0-2]\d)\b")


def cited(text):
    """(first author, further authors, year) of every source that the text names."""
    return {
        (author, tuple(re.findall(r"[A-Z][\w-]+", others)), year) for author, others, year in CITATION.findall(text)
    }


def is_listed(author, others, year):
    return any(
        re.match(rf"- {author}, .* {year}\b", line) and all(name in line for name in others)
        for line in REFERENCES.splitlines()
    )


CORE = [
    *(f for f in (ROOT / "lossgeo").glob("*.py") if f.stem != "landscapes"),
    *(ROOT / "lossgeo/descent").glob("*.py"),
    ROOT / "lossgeo/teaching/review.py",
    ROOT / "lossgeo/teaching/answers.py",
]
CODE = "\n".join(file.read_text(encoding="utf-8") for file in CORE)
CITING = {
    **TEXT,
    **DOCUMENTS,
    "code": CODE,
    "questions": "\n".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "lossgeo/content/en/questions").glob("*.toml")
    ),
    "ask": (ROOT / "lossgeo/content/en/ask.toml").read_text(encoding="utf-8"),
    "landscapes": "\n".join(loss.citation for loss in LANDSCAPES.values()),
    "data": "\n".join(make().source for make in {**REGRESSION, **CLASSIFICATION}.values()),
}


@pytest.mark.parametrize("where", CITING)
def test_every_source_named_is_listed(where):
    missing = sorted(c for c in cited(CITING[where]) if not is_listed(*c))
    assert not missing, (
        f"lossgeo/content/en/references.md lacks {missing} (first author, others, year), named in {where}: add a line "
        "'- Author, ... year. Title.'"
    )


def test_sources_are_found_at_all():
    assert ("Lee", ("Simchowitz", "Jordan", "Recht"), "2016") in cited(TEXT["nonconvex"])
    assert not is_listed("Lee", (), "2017")


def test_every_source_listed_is_named_somewhere():
    everything = "\n".join(CITING.values()) + (ROOT / "lossgeo/data/README.md").read_text("utf-8")
    listed = re.findall(r"^- ([A-Z][\w-]+), .*?\b((?:1[6-9]|20)\d\d)\b", REFERENCES, flags=re.M)
    assert len(listed) == REFERENCES.count("\n- ")
    idle = [
        f"{author} {year}" for author, year in listed if not re.search(rf"{author}\b[^;]{{0,80}}\b{year}", everything)
    ]
    assert not idle, f"lossgeo/content/en/references.md lists what no text and no docstring names: take out {idle}"


def test_no_trajectory_ends_in_a_way_the_model_does_not_list():
    """Section 8 speaks of every status that a run can have."""
    titles = {
        "converged": "**Arrived**",
        "outside": "**Stopped at a hole**",
        "diverged": "**Runs away**",
        "saddle": "**Near a saddle point",
        "maximum": "near a maximum**",
        "plateau": "**Flat here, but not the minimum**",
        "stuck": "**Stopped**",
        "oscillating": "**Jumps back and forth**",
        "no_minimiser": "**Still falling; there is no minimiser**",
        "max_steps": "**All steps used**",
    }
    assert titles.keys() == STATUSES
    section = TEXT["MODEL"].split("## 8.")[1].split("## 9.")[0]
    missing = [words for words in titles.values() if words not in section]
    assert not missing, f"section 8 of lossgeo/docs/model.md does not speak of {missing}"
