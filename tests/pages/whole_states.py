"""Complete states of a page, drawn at random: a value for every key that its controls and tabs know."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st
from sessions import SECTIONS, TABS

from lossgeo.charts.style import LAYOUTS, MAX_STEP
from lossgeo.charts.surface3d import CAMERAS
from lossgeo.datasets import CLASSIFICATION, REGRESSION
from lossgeo.descent import OPTIMIZERS, SCHEDULES
from lossgeo.landscapes import LANDSCAPES
from lossgeo.teaching import questions, review
from lossgeo.teaching.answers import load_answers
from lossgeo.teaching.lessons import of_page
from lossgeo.teaching.progress import BEATS, MOST_OUTCOMES, Answer, Notes, Progress
from lossgeo.ui.learn import position
from lossgeo.views import own_formula, yours
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
# Those that can be used; what is said of others: test_formula.py.
FORMULAS = [own_formula.EXAMPLE, "x^2 + y^2", "abs(x) + y^4", "log(x) + y", "1/(x - y)", "x", "3", "exp(x*y)"]
EVERYDAY = list(OPTIMIZERS)
# Those that can be used on both pages; what is said of others: test_own_data_page.py.
POINTS = st.sampled_from([yours.EXAMPLES["logistic"], "1_0", "2_1_2_0_2_1", "1_0_2_1", "1e9_0_1000000001_1~far~<b>"])
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
        "landscape": st.sampled_from(list(LANDSCAPES)),
        "formula": st.sampled_from(FORMULAS),
        "own_window": st.booleans(),
        **dict.fromkeys(own_formula.ENDS, FAR),
        "methods": methods(list(WITHOUT_DATA)),
        "ab_method": st.sampled_from(WITHOUT_DATA),
        "x0": FAR,
        "y0": FAR,
    },
}


def around(page: str) -> dict[str, st.SearchStrategy[Any]]:
    """Session keys besides the sidebar's: tabs, lessons, questions, modes, what a link hides and locks."""
    parts = st.lists(st.sampled_from(list(PARTS)), max_size=3, unique=True)
    asked = [answer.id for answer in load_answers()]
    return {
        f"{page}_tab": st.sampled_from(TABS[page]),
        f"{page}_closer": st.sampled_from(SECTIONS[page]),
        f"{page}_lesson": st.sampled_from([str(lesson.number) for lesson in of_page(page)]),
        f"{page}_part": st.sampled_from(position.PARTS),
        f"{page}_question": st.sampled_from([question.id for question in review.scope(page)]),
        f"_ask_{page}": st.sampled_from(["", "loss goes up", "why is it slow", "<b>x</b>", "\u202e", "%s{0}\x00"]),
        f"_asked_{page}": st.sampled_from(asked),
        "projector": st.booleans(),
        "layout": st.sampled_from(list(LAYOUTS)),
        "_teacher": st.booleans(),
        "_seed": st.integers(1, 999),
        "_revealed": st.one_of(st.none(), st.sampled_from([question.id for question in review.scope(page)])),
        "_hide": parts.map(tuple),
        "_lock": parts.map(tuple),
        "_tour": st.sampled_from([0, 1, 2, 9]),
        "_progress": progress(page),
        "_half": NOTES,
        **({"nonconvex_compare": st.lists(st.sampled_from(list(LANDSCAPES)), max_size=6, unique=True)}
           if page == "nonconvex" else {}),
    }  # fmt: skip


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
    record = Progress(tuple(answers))
    for lesson in of_page(page):
        if not lesson.half and draw(st.booleans()):
            record = Progress(record.answers, {**record.notes, lesson.number: draw(NOTES)})
    return record


def states(page: str) -> st.SearchStrategy[State]:
    """Every control of the page and everything around it. Most controls keep the page's own value."""
    usual = LESSON_PAGES[page].usual()
    sidebar = {
        f"{page}_{name}": drawn if name in ("methods", "steps", "lr", "dataset", "landscape", "picture", "loss")
        else st.one_of(st.just(usual[name]), drawn)
        for name, drawn in CONTROLS[page].items()
    }  # fmt: skip
    return st.fixed_dictionaries(sidebar | around(page))
