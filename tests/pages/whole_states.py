"""Complete states of a page, drawn at random: a value for every key that its controls and tabs know."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sessions import SECTIONS, TABS

from lossgeo import formula
from lossgeo.charts.style import LAYOUTS, MAX_STEP
from lossgeo.charts.surface3d import CAMERAS
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS, SCHEDULES
from lossgeo.landscapes import LANDSCAPES
from lossgeo.networks import NETWORKS
from lossgeo.symbolic.calculus import FUNCTIONS, INTERNAL
from lossgeo.symbolic.grammar import LENGTH
from lossgeo.teaching import challenges, questions, review
from lossgeo.teaching.answers import load_answers
from lossgeo.teaching.lessons import of_page
from lossgeo.teaching.progress import BEATS, MOST_CHANGES, MOST_OUTCOMES, Answer, Notes, Progress
from lossgeo.ui.learn import kept, position
from lossgeo.ui.network import edge, hides
from lossgeo.views import network_planes, own_formula, own_table, yours
from lossgeo.views.pages import (
    BATCHES,
    DIFFERS,
    LAYERS,
    LESSON_PAGES,
    LR_RANGE,
    MOST_METHODS,
    PARTS,
    WITHOUT_DATA,
    ZOOMS,
)

State = dict[str, Any]


def among(*ends: float, low: float, high: float) -> st.SearchStrategy[float]:
    """Floats of a range: its ends and other odd places, every size from tiny to huge, everyday numbers."""
    odd = [v for v in (low, high, 0.0, -0.0, 5e-324, 1e-300, -1e-300, 1e-9, 1.0, *ends) if low <= v <= high]
    sizes = st.tuples(st.floats(-14, math.log10(max(abs(low), abs(high)))), st.sampled_from([-1, 1]))
    sized = sizes.map(lambda s: min(max(s[1] * 10.0 ** s[0], low), high))
    plain = st.integers(-40, 40).map(lambda k: k / 8).filter(lambda v: low <= v <= high)
    return st.one_of(plain, st.sampled_from(odd), sized, st.floats(low, high, allow_nan=False))


def whole(*odd: int, low: int, high: int) -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from([low, high, *odd]), st.integers(low, high))


RATE = st.one_of(
    st.sampled_from([*LR_RANGE, 0.1, 1.0]),
    st.floats(-13, 4).map(lambda e: 10.0**e),
    st.floats(-3, 1).map(lambda e: float(f"{10.0**e:.2g}")),
)
FAR = among(1e9, 1e6, -1e6, low=-1e9, high=1e9)


def methods(offered: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(offered), max_size=MOST_METHODS, unique=True)


SHARED = {
    "steps": whole(2, 11, 260, 261, low=1, high=MAX_STEP),
    "momentum": among(0.9, low=0.0, high=0.99),
    "schedule": st.sampled_from(list(SCHEDULES)),
    "zoom": st.sampled_from(ZOOMS),
    "equal": st.booleans(),
    "axes": st.booleans(),
    "bounds": st.booleans(),
    "picture": st.sampled_from(["map", "3-D"]),
    "camera": st.sampled_from(list(CAMERAS)),
    "layer": st.sampled_from(list(LAYERS)),
    "lr": RATE,
    "ab": st.booleans(),
    "ab_what": st.sampled_from(list(DIFFERS)),
    "ab_lr": RATE,
    "ab_momentum": among(0.9, low=0.0, high=0.99),
    "ab_schedule": st.sampled_from(list(SCHEDULES)),
}
EVERYDAY = list(OPTIMIZERS)
CALLED = sorted(set(FUNCTIONS) - INTERNAL)


@st.composite
def _called(draw: st.DrawFn, inside: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from(CALLED))
    return f"{name}({', '.join(draw(inside) for _ in range(FUNCTIONS[name].arity))})"


ATOMS = st.sampled_from(["x", "y", "x", "y", "2", ".5", "1e-9", "1e9", "0", "3", "pi", "e"])
# Any formula; some have no value in any window and are answered with a sentence (truth.refused).
FORMULAS = st.one_of(
    st.sampled_from([own_formula.EXAMPLE, "x^2 + y^2", "abs(x) + y^4", "log(x) + y", "1/(x - y)", "exp(x*y)"]),
    st.recursive(
        ATOMS,
        lambda inside: st.one_of(
            st.tuples(inside, st.sampled_from("+-*/^"), inside).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
            _called(inside),
            inside.map(lambda part: f"-{part}"),
        ),
        max_leaves=6,
    ).filter(lambda text: len(text) <= LENGTH),
)

# The learner's own points: what a link can carry, too many for a link, and what no page can use.
NAMES = st.one_of(
    st.sampled_from(["x", "", "speed (km/h)", "<b>", "$y$", "**b** :red[r]", "nan_", "größe", "\u202ex", "a|b", "~"]),
    st.text(max_size=30),
)
TOO_MANY = {
    yours.text_of(points): points  # held by this table, as by a session
    for n in (yours.MOST_POINTS + 1, yours.DRAWN + 1)
    for x in [np.linspace(-3.0, 4.0, n)]
    for y in (x > 0, np.sin(9 * x) > 0)
    for points in [yours.of_points(x, y.astype(float), "x", "of many")]
}
UNUSABLE = ["", "1", "1_nan", "1_2_", "abc", "1e13_0", yours.HELD, f"{yours.HELD}-gone", "0_0_" * 700]


@st.composite
def own_points(draw: st.DrawFn) -> str:
    """The text of some points; y are mostly 0 and 1, which both pages of data can use."""
    n = draw(st.one_of(st.integers(1, 4), st.integers(1, yours.MOST_POINTS)))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    odd = draw(st.lists(among(low=-yours.LARGEST, high=yours.LARGEST), min_size=1, max_size=4))
    x, y = rng.choice([*odd, *draw(st.sampled_from([[], rng.normal(size=n).round(3)]))], size=(2, n))
    y = draw(st.sampled_from([y, (y > odd[0]).astype(float), rng.integers(0, 2, n).astype(float)]))
    try:
        points = yours.of_points(x, y, *(draw(NAMES) or name for name in "xy"))
    except ValueError:  # such as x that differ by less than can be told apart: no page offers them
        return draw(st.sampled_from(UNUSABLE))
    return yours.encode(points) if yours.fits(points) else draw(st.sampled_from(list(TOO_MANY)))


POINTS = st.one_of(st.sampled_from([yours.EXAMPLES["logistic"], *TOO_MANY]), own_points(), st.sampled_from(UNUSABLE))
DATA = {
    "methods": methods(EVERYDAY),
    "ab_method": st.sampled_from(EVERYDAY),
    "w0": FAR,
    "b0": FAR,
    "l2": among(0.01, low=0.0, high=1e6),
    "batch": st.sampled_from(BATCHES),
    "fresh": st.booleans(),
    "standardise": st.booleans(),
    "n": whole(2, 3, low=1, high=500),
    "scale": among(1e-6, 1e6, low=1e-6, high=1e6),
    "offset": among(low=-1e6, high=1e6),
    "seed": whole(1, low=0, high=9999),
    "pull": among(0.1, low=-1.0, high=4.0),
}
CONTROLS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "mse": {
        **SHARED,
        **DATA,
        "dataset": st.sampled_from([*REGRESSION, yours.NAME]),
        "data": POINTS,
        "loss": st.sampled_from(["mean squared error", "mean absolute error"]),
        "up": among(0.1, low=-4.0, high=4.0),
        "noise": among(0.1, low=0.0, high=100.0),
        "slope": among(low=-100.0, high=100.0),
        "intercept": among(low=-100.0, high=100.0),
        "outliers": whole(1, 3, low=0, high=500),
        "outlier_size": among(low=-1000.0, high=1000.0),
        "constant_x": st.booleans(),
    },
    "logistic": {
        **SHARED,
        **DATA,
        "dataset": st.sampled_from([*CLASSIFICATION, yours.NAME]),
        "data": POINTS,
        "gap": among(low=0.0, high=8.0),
        "loss": st.sampled_from(["logistic loss", "squared error through a sigmoid"]),
        "balance": among(0.5, low=0.0, high=1.0),
        "flips": whole(1, 2, low=0, high=500),
        "separable": st.booleans(),
    },
    "nonconvex": {
        **SHARED,
        "landscape": st.sampled_from([*LANDSCAPES, *[formula.NAME] * 6]),
        "formula": FORMULAS,
        "own_window": st.booleans(),
        **dict.fromkeys(own_formula.ENDS, FAR),
        "methods": methods(list(WITHOUT_DATA)),
        "ab_method": st.sampled_from(WITHOUT_DATA),
        "x0": FAR,
        "y0": FAR,
    },
    "network": {
        **{name: drawn for name, drawn in SHARED.items() if name not in ("axes", "bounds")},
        "network": st.sampled_from(list(NETWORKS)),
        "plane": st.sampled_from(network_planes.PLANES),
        "seed": st.integers(0, network_planes.SEEDS),
        "draw": st.integers(0, network_planes.SEEDS),
        "factor": st.sampled_from(network_planes.FACTORS),
        "methods": methods(list(WITHOUT_DATA)),
        "ab_method": st.sampled_from(WITHOUT_DATA),
        "true": st.booleans(),
        "a0": FAR,
        "b0": FAR,
    },
}
# Drawn anew in every state; the other controls mostly keep the page's own value.
EVER_NEW = ("methods", "steps", "lr", "dataset", "landscape", "picture", "loss")


def around(page: str) -> dict[str, st.SearchStrategy[Any]]:
    """Session keys besides the sidebar's: tabs, lessons, questions, challenges, modes, what a link hides and locks."""
    parts = st.lists(st.sampled_from(list(PARTS)), max_size=3, unique=True)
    asked = [answer.id for answer in load_answers()]
    bank = review.scope(page)
    known = [challenge.id for challenge in challenges.of_page(page)]
    return {
        f"{page}_tab": st.sampled_from(TABS[page]),
        f"{page}_closer": st.sampled_from(SECTIONS[page] if page in SECTIONS else list(hides.PARTS)),
        f"{page}_lesson": st.sampled_from([str(lesson.number) for lesson in of_page(page)]),
        f"{page}_part": st.sampled_from(position.PARTS),
        f"{page}_question": st.sampled_from([question.id for question in bank]),
        f"_{page}_challenge": st.one_of(st.just(""), st.sampled_from(known)),
        f"_ask_{page}": st.sampled_from(["", "loss goes up", "why is it slow", "<b>x</b>", "\u202e", "%s{0}\x00"]),
        f"_asked_{page}": st.sampled_from(asked),
        "projector": st.booleans(),
        "layout": st.sampled_from(list(LAYOUTS)),
        "_teacher": st.booleans(),
        "_seed": st.integers(1, 999),
        "_revealed": st.sampled_from(["", *(question.id for question in bank)]),
        "_hands": st.dictionaries(st.sampled_from([question.id for question in bank]), st.sampled_from([0, 1, 999]),
                                  max_size=3).map(lambda some: counted(bank, some)),
        "_hide": parts.map(tuple),
        "_lock": parts.map(tuple),
        "_hints": st.booleans(),
        "_remember": st.booleans(),
        "_no_webgl": st.booleans(),
        "_progress": progress(page),
        "_half": NOTES,
        **dict.fromkeys(folds(page), st.booleans()),
        **guesses(page),
        **({"nonconvex_compare": st.lists(st.sampled_from(list(LANDSCAPES)), max_size=6, unique=True)}
           if page == "nonconvex" else {}),
        **({"network_edge": st.sampled_from(edge.RATES)} if page == "network" else {}),
        **({f"_{page}_own_table": readings(page)} if page in yours.EXAMPLES else {}),
    }  # fmt: skip


def counted(bank: list[questions.Question], hands: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """So many hands for each option of these questions, in both votes."""
    options = {question.id: len(question.options) for question in bank}
    return {id: (count,) * (2 * options[id]) for id, count in hands.items()}


def folds(page: str) -> list[str]:
    """The keys of what can be unfolded."""
    lesson = [f"_lesson_{one.key}_{name}" for one in of_page(page) for name in ("rule", "more0", "more1", "more2")]
    controls = [f"{page}_{part}_part" for part in ("loss", "descent", "ab")]
    names = ("_{}_own", "_{}_edit", "_card_{}", "_{}_glossary", "_{}_challenge_hint", "_both_{}", "_every_{}")
    return [*lesson, *controls, *(name.format(page) for name in names)]


def guesses(page: str) -> dict[str, st.SearchStrategy[Any]]:
    """The numbers of the drawn predictions of its lessons, as typed."""
    return {f"{key}_held": st.one_of(st.none(), RATE if key.endswith("rate") else FAR)
            for lesson in of_page(page) for key in kept.guess_keys(lesson)}  # fmt: skip


# What was pasted: with names and classes of all kinds, several columns, and what cannot be read.
PASTES = [
    "", "x", "1 2\n3 4", "speed\tdistance\n4\t2\n7\t22", "score\tpassed\n48\tno\n71\tyes\n90\tyes",
    "a,b,c\n1,2,yes\n3,4,no\n5,nan,yes", "height;sex\n1,62;<b>f</b>\n1,80;m\n1,75;f",
    "x\ty\n1\tred\n2\tgreen\n3\tblue", "day,level\n2024-01-29,12.1\n2024-01-30,12.4",
    "$x$,**y**\n1,:red[a]\n2,`b`", "x,y\n1e300,1\n2,0", "\u202ex y\n1 0\n2 1",
    *("\n".join(f"{k} {word}{k % classes}" for k in range(90)) for word, classes in (("", 2), ("class_", 14))),
]  # fmt: skip


def readings(page: str) -> st.SearchStrategy[own_table.Reading]:
    """A paste, with choices of columns and labels, as the box of own data keeps it."""
    column = st.sampled_from([None, "a", "b", "c", "x", "y", "speed", "gone"])
    pair = st.sampled_from([None, ("no", "yes"), ("red", "blue"), ("gone", "f")])
    drawn = st.builds(own_table.Reading, st.sampled_from(PASTES), column, column, st.booleans(), pair)
    return drawn.map(lambda reading: own_table.understood(reading, page == "logistic") if reading.raw else reading)


OUTCOME = st.one_of(st.none(), st.integers(0, 3), st.integers(0, MOST_OUTCOMES - 1))
SURE = st.one_of(st.none(), st.sampled_from(questions.CONFIDENCE))
TEXTS = st.sampled_from(["", "because", "<script>alert(1)</script>", "$x$ **b** :red[r]", "\u0000\u202e"])
# As a progress file may have them, and not only as the app writes them.
CLEAR = st.sampled_from([None, True])
NOTES = st.builds(Notes, st.integers(0, len(BEATS)), OUTCOME, SURE, OUTCOME, TEXTS, CLEAR, TEXTS)


@st.composite
def progress(draw: st.DrawFn, page: str) -> Progress:
    bank = {question.id: question for question in review.scope(page)}
    answers = []
    for id in draw(st.lists(st.sampled_from(list(bank)), max_size=8)):
        chosen = draw(st.integers(0, len(bank[id].options) - 1))
        answers.append(Answer(id, chosen, draw(st.sampled_from(questions.CONFIDENCE)), chosen == bank[id].answer))
    known = [challenge.id for challenge in challenges.of_page(page)]
    changes = st.sampled_from([0, 1, 2, MOST_CHANGES])
    record = Progress(tuple(answers), challenges=draw(st.dictionaries(st.sampled_from(known), changes, max_size=3)))
    for lesson in of_page(page):
        if not lesson.half and draw(st.booleans()):
            record = replace(record, notes={**record.notes, lesson.number: draw(NOTES)})
    return record


# What the browser says of itself: its theme, and whether the page stands in a frame of another one.
BROWSERS = st.fixed_dictionaries({"theme": st.sampled_from(["light", "dark"]), "is_embedded": st.booleans()})


def states(page: str) -> st.SearchStrategy[State]:
    """Every control of the page and everything around it. Most controls keep the page's own value.

    With a challenge open, the controls are now and then those of its solution.
    """
    drawn = st.fixed_dictionaries(controls(page) | around(page))
    return st.builds(at_its_solution, drawn, st.booleans(), st.just(page))


def controls(page: str) -> dict[str, st.SearchStrategy[Any]]:
    """The controls of the page by key."""
    usual = LESSON_PAGES[page].usual()
    return {
        f"{page}_{name}": drawn if name in EVER_NEW else st.one_of(st.just(usual[name]), drawn)
        for name, drawn in CONTROLS[page].items()
    }


def at_its_solution(state: State, solved: bool, page: str) -> State:
    found = {challenge.id: challenge for challenge in challenges.of_page(page)}.get(state[f"_{page}_challenge"])
    if not solved or found is None:
        return state
    own = LESSON_PAGES[page].state(found.solution) | found.solution
    own.pop("page")
    return state | {key: list(value) if isinstance(value, tuple) else value for key, value in own.items()}
