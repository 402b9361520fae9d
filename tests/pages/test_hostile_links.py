"""Links: good ones open what they say, hostile ones the page's own state, impossible ones a sentence."""

from __future__ import annotations

import pytest
from sessions import PAGES as THREE
from sessions import charts, check_whole, own, says, set_value, shown, table, view, visit, widget

from lossgeo.views.pages import FURTHER, LESSON_PAGES, MOST_METHODS

PAGES = (*THREE, "network")
JUNK = [
    "abc", "nan", "inf", "-inf", "1e999", "-1e999", "", " ", "0x10", "1,5", "None", "true", "[1]", "²", "\u0000", "%00",
    "<script>alert(1)</script>", "'; DROP TABLE", "../../etc/passwd", "9" * 400, "x" * 5000,
]  # fmt: skip
# Not a number, yet what a text, list or toggle widget may take: nothing of JUNK is one of their options,
# but "true" switches a toggle on and "" clears a list, which are states of their own.
SWITCHES = ["standardise", "constant_x", "equal", "separable", "ab", "axes", "true", "bounds", "fresh"]
OPEN_TO = {"": ["methods"], "true": SWITCHES}
BEYOND = {
    "lr": [-1, 0, 1e-106, 1e10, -0.5], "ab_lr": [-1, 0, 1e10], "ab_momentum": [-0.1, 1, 2],
    "steps": [0, -1, 2001, 1e9], "momentum": [-0.1, 1, 2],
    "a0": [1e106, -1e300], "draw": [-1, 10], "factor": [0, -1, 3, 1e9],
    "w0": [1e106, -1e300], "b0": [1e106, -1e300], "x0": [1e106, -1e300], "y0": [1e106, -1e300],
    "n": [0, -1, 501, 1e12], "noise": [-1, 1e9], "seed": [-1, 10**6], "balance": [-0.1, 1.1], "flips": [-1, 501],
    "gap": [-1, 9], "scale": [0, -1, 1e9], "offset": [1e9, -1e9], "l2": [-1, 1e9], "pull": [-2, 5], "up": [-5, 5],
    "outliers": [-1, 501], "outlier_size": [1e6], "slope": [1e6], "intercept": [-1e6], "zoom": [0, 3, 1e9, -1],
    "batch": [0, -1, 5, 1e9],
    "left": [1e10, -1e300], "right": [1e10], "bottom": [-1e300], "top": [1e300],
}  # fmt: skip


@pytest.fixture(scope="module")
def usual():
    """What each page says of itself without a link."""
    return {page: (says(app), view(app)) for page in PAGES for app in [visit(page)]}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda text: repr(text[:24]))
def test_junk_in_every_parameter(page, junk, usual):
    names = [name for name in LESSON_PAGES[page].usual() if name not in OPEN_TO.get(junk, [])]
    app = visit(page, **dict.fromkeys([*names, *FURTHER], junk))
    check_whole(app)
    assert (says(app), view(app)) == usual[page]


@pytest.mark.parametrize("page", PAGES)
def test_every_number_has_values_out_of_range(page):
    numbers = {c.name for c in LESSON_PAGES[page].controls if type(c.usual) in (int, float)}
    assert numbers <= BEYOND.keys(), f"add {numbers - BEYOND.keys()} to BEYOND in tests/pages/test_hostile_links.py"


@pytest.mark.parametrize("page", PAGES)
def test_values_out_of_range(page, usual):
    for turn in range(5):
        names = LESSON_PAGES[page].names
        link = {name: values[turn % len(values)] for name, values in BEYOND.items() if name in names}
        app = visit(page, **link)
        check_whole(app)
        assert (says(app), view(app)) == usual[page], link


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "link",
    [{"dataset": "no such data"}, {"network": "no such network"}, {"plane": "no such plane"}, {"edge": "fast"},
     {"landscape": "no such landscape"}, {"methods": "no such method"}, {"loss": "hinge"},
     {"schedule": "never"}, {"tab": "no such tab"}, {"picture": "4-D"}, {"camera": "from below"}, {"nonsense": "1"}],
    ids=str,
)  # fmt: skip
def test_unknown_names(page, link, usual):
    app = visit(page, **link)
    check_whole(app)
    assert (says(app), view(app)) == usual[page]


def test_a_method_known_and_one_not():
    app = visit("mse", methods=["adam", "no such method"])
    check_whole(app)
    assert shown(app, "mse_methods") == ["adam"]


def test_more_methods_than_allowed():
    app = visit("mse", methods=["adam", "adagrad", "momentum", "nesterov", "newton", "rmsprop"])
    check_whole(app)
    assert len(shown(app, "mse_methods")) <= MOST_METHODS


@pytest.mark.parametrize("page", PAGES)
def test_text_of_a_link_is_never_markup(page):
    """What a link says does not come back as HTML."""
    app = visit(page, **dict.fromkeys(LESSON_PAGES[page].usual(), "<b>qwerty</b>"), tab="<b>qwerty</b>")
    check_whole(app)
    assert not [e for e in [*app.markdown, *app.caption, *app.get("html")] if "qwerty" in str(e.proto)]


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("mse", {"dataset": "cars", "methods": ["adam", "newton"], "lr": 0.25, "w0": 1.5, "b0": -3.0, "steps": 7}),
        ("logistic", {"ab": True, "ab_lr": 0.25, "axes": True, "steps": 300}),
        ("mse", {"n": 12, "noise": 0.4, "seed": 3, "constant_x": True, "loss": "mean absolute error", "up": 1.5}),
        ("logistic", {"dataset": "challenger", "standardise": True, "lr": 4.0, "w0": 0.0, "b0": 0.0, "steps": 500}),
        ("logistic", {"n": 9, "gap": 3.0, "balance": 0.25, "flips": 2, "separable": True, "equal": True}),
        ("nonconvex", {"landscape": "beale", "methods": ["backtracking"], "x0": -1.0, "y0": 1.25, "zoom": 2.0}),
    ],
)  # fmt: skip
def test_a_link_opens_what_it_says(page, link):
    app = visit(page, **link)
    check_whole(app)
    for name, value in link.items():
        assert shown(app, f"{page}_{name}") == value
    first = LESSON_PAGES[page].start[0]
    assert view(app)["sw"] == link.get(first, own(page)[first])
    # and back: the settings stand in the address, the page's own do not
    for name, value in link.items():
        written = app.query_params[f"{page}_{name}"]
        assert (
            written == (value if len(value) > 1 else value[0] if isinstance(value, list) else value)
            if isinstance(value, list)
            else str(written).lower() == str(value).lower() or float(written) == value
        )
    assert len(app.query_params) == len(link)


@pytest.mark.parametrize(
    ("page", "link", "word"),
    [
        ("mse", {"n": 3, "outliers": 5}, "outliers"),
        ("mse", {"n": 1, "outliers": 500}, "outliers"),
        ("logistic", {"n": 3, "flips": 5}, "flips"),
        ("logistic", {"n": 1, "flips": 2, "balance": 0}, "flips"),
    ],
)
def test_settings_that_do_not_go_together(page, link, word):
    """One sentence with cause, and the page goes on with data that exist."""
    app = visit(page, **link)
    check_whole(app, warnings=1)
    assert word in app.warning[0].value
    assert table(charts(app)[0], "points").num_rows > 0
    check_whole(set_value(app, f"{page}_{word}", 0))


def test_a_start_where_the_loss_is_not_finite():
    """One sentence names the methods that cannot run, and why; the page goes on."""
    app = visit("nonconvex", landscape="puromycin", methods=["momentum", "newton"], x0=0.0, y0=-1.0)
    check_whole(app, warnings=1)
    assert all(word in app.warning[0].value.lower() for word in ("momentum", "newton", "start elsewhere"))
    widget(app, "nonconvex_y0").set_value(1.0)
    check_whole(app.run())


def test_stochastic_descent_needs_data():
    """Offered where there are samples to draw from, and a link to it does no harm elsewhere."""
    assert "sgd" in widget(visit("mse"), "mse_methods").options
    app = visit("nonconvex", methods=["sgd", "adam"])
    check_whole(app)
    assert shown(app, "nonconvex_methods") == ["adam"]
