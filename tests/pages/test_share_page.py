"""Links that hide, lock, open a step, or are damaged; and what the files hold. The dialog itself is for the browser."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from sessions import ROOT, check_whole, complaints, open_tab, opening, says, set_value, switches, view, visit, widget
from streamlit.testing.v1 import AppTest

from lossgeo.charts.style import ChartStyle
from lossgeo.ui.share import dialog, files
from lossgeo.views.choice import choice_from
from lossgeo.views.pages import CONTROL_PARTS, FARTHEST, LESSON_PAGES, TAB_PARTS
from lossgeo.views.view import build


def arrive(page, **link):
    """A page by a link whose parameters have no prefix of their own."""
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    for key, value in link.items():
        app.query_params[key] = value
    return app.switch_page(f"pages/{page}.py").run()


def drawn(app):
    """Keys of the widgets of the sidebar."""
    kinds = (app.selectbox, app.multiselect, app.slider, app.select_slider, app.number_input, app.toggle)
    return {element.key for kind in kinds for element in kind}


def program(app):
    """The code shown under Code."""
    return app.code[0].value


def test_hidden_controls_keep_what_the_link_says():
    app = arrive(
        "mse", hide="data,lr", lock="start,nonsense", mse_lr="0.05", mse_dataset="cars", mse_w0="1.5", mse_tab="Code"
    )
    check_whole(app)
    assert "ETA = 0.05" in program(app)
    assert "speed (mph)" in program(app)
    assert view(app)["sw"] == 1.5
    assert not {"mse_lr", "mse_lr_dial", "mse_dataset", "mse_pull"} & drawn(app), "not drawn, and not merely unseen"
    assert {"mse_methods", "mse_w0"} <= drawn(app)
    assert widget(app, "mse_w0").disabled
    assert not widget(app, "mse_methods").disabled
    assert "lock" in app.toast[0].value
    assert app.query_params["hide"] == "data,lr"
    widget(app, "mse_reset").click().run()
    assert "speed (mph)" in program(app), "Reset leaves alone what the learner cannot set"
    app.switch_page("pages/logistic.py").run()
    assert "logistic_lr" not in drawn(app), "on the next page, too"
    assert "mse_dataset=cars" in app.query_params["keep"], "a reload here keeps what the link fixed there"
    assert app.query_params["hide"] == "data,lr"
    assert not app.toast, "said once"


def test_everything_hidden_leaves_the_stage():
    app = arrive("nonconvex", hide="data,methods,lr,start,descent,ab,tabs")
    assert not complaints(app)
    assert switches(app, "nonconvex") == (["Controls"], [])
    assert [toggle.key for toggle in app.sidebar.toggle] == ["projector"]
    assert not [box.key for box in (*app.sidebar.selectbox, *app.sidebar.number_input, *app.sidebar.multiselect)]
    assert says(app)


def test_a_locked_tab_says_so_and_a_hidden_one_is_gone():
    app = arrive("mse", hide="learn", lock="check", mse_tab="Check")
    assert switches(app, "mse")[0] == ["Check", "Controls"]
    assert open_tab(app, "mse") == "Check"
    assert any("closed" in caption.value for caption in app.caption)
    assert not app.radio


@pytest.mark.parametrize("page", list(LESSON_PAGES))
def test_every_tab_and_control_can_be_hidden(page):
    app = visit(page)
    labels = {label for row in switches(app, page) for label in row} - {"Controls"}
    assert labels <= set(TAB_PARTS.values()), "a new view or section gets its name in TAB_PARTS"
    beside = ("picture", "camera", "layer")  # at the stage, not among the controls
    names = [control.part for control in LESSON_PAGES[page].controls if control.name not in beside]
    assert set(names) <= set(CONTROL_PARTS)


@pytest.mark.parametrize(
    ("link", "keys"),
    [
        ({"mse_lr": "abc"}, ["mse_lr"]),
        ({"mse_lr": "inf"}, ["mse_lr"]),
        ({"mse_steps": "99999"}, ["mse_steps"]),
        ({"mse_dataset": "no such data"}, ["mse_dataset"]),
        ({"mse_methods": ["adam", "boo"]}, ["mse_methods"]),
        ({"mse_tab": "No such tab"}, ["mse_tab"]),
        ({"mse_nonsense": "1", "hide": "boo"}, ["mse_nonsense", "hide"]),
        ({"mse_step": "soon"}, ["mse_step"]),
        ({"embed_options": "dark_theme", "utm_source": "mail", "fbclid": "x", "logistic_lr": "0.1"}, []),
        ({"mse_lr": "0.05", "mse_methods": ["adam"], "mse_noise": "0.3", "mse_step": "3", "mse_equal": "true"}, []),
        ({"mse_dataset": "cars", "mse_noise": "0.3"}, []),
    ],
    ids=str,
)
def test_one_sentence_names_what_was_dropped(link, keys):
    app = arrive("mse", **link)
    check_whole(app)
    assert len(app.toast) == bool(keys)
    if keys:
        assert re.findall(r"`(\w+)`", app.toast[0].value) == keys
        assert not app.run().toast


def test_a_link_opens_step_and_pointer_within_their_ranges():
    begins = opening(arrive("nonconvex", nonconvex_step="37.4", nonconvex_x="1.5", nonconvex_y="1e300"))
    assert (begins["step"], begins["w"], begins["b"]) == (37, 1.5, FARTHEST)
    app = arrive("mse", mse_step="-4", mse_w="boo")
    assert (opening(app)["step"], opening(app)["w"]) == (0, None)
    set_value(app, "mse_lr", 0.1)
    assert opening(app)["step"] == 0, "the same until the end: the script takes it once"
    assert opening(visit("mse")) is None


# --- files ---------------------------------------------------------------------------------------------


@pytest.fixture
def shown():
    """A view, and the lines that its files carry."""
    said = {"dataset": "cars", "methods": ["gradient descent", "adam"], "lr": 0.3, "steps": 300}
    page = LESSON_PAGES["mse"]
    return build(page, choice_from(page, said), ChartStyle("laptop")), [
        "lossgeo: mean squared error",
        "http://localhost:8501/mse?mse_dataset=cars&mse_lr=0.3",
        "mse_methods = gradient descent, adam",
    ]


def test_csv_holds_every_step_exactly(shown):
    opened, about = shown
    lines = files.table(about, opened).splitlines()
    head = [line for line in lines if line.startswith("# ")]
    assert "# mse_methods = gradient descent, adam" in head
    assert any(line.startswith("# http://localhost") for line in head)
    rows = list(csv.DictReader(lines[len(head) :]))
    assert len(rows) == sum(len(run.trajectory.points) for run in opened.runs), "none is thinned out"
    for run in opened.runs:
        mine = [row for row in rows if row["method"] == run.name]
        np.testing.assert_array_equal([[float(row["w"]), float(row["b"])] for row in mine], run.trajectory.points)
        np.testing.assert_array_equal([float(row["loss"]) for row in mine], run.trajectory.values)


def test_surface_page_stands_alone_and_escapes_what_it_is_told(shown):
    opened, about = shown
    text = files.page([*about, "<script>boo</script>"], opened)
    assert "&lt;script&gt;boo" in text
    assert "<script>boo" not in text
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", text), "nothing is fetched"
    assert len(text) > 4e6, "the drawing library is inside"
    assert about[1].replace("&", "&amp;") in text


def test_file_name_says_what_is_inside(shown):
    assert files.name_of(shown[0]) == "lossgeo-mse-cars-lr0.3-gradient-descent-adam"


def test_the_snippet_for_a_course_page_folds_and_escapes(shown):
    text = dialog.snippet("https://app.example/mse?mse_lr=0.3&tour=off", shown[0])
    assert 'src="https://app.example/mse?mse_lr=0.3&amp;tour=off&amp;embed=true"' in text
    assert 'height="720"' in text


def test_the_svg_stands_at_the_step_and_pointer_of_the_link(shown):
    view, about = shown
    link = f"{about[1]}&mse_step=7&mse_w=2.5&mse_b=-1&mse_nonsense=1"
    assert files.moment(link, view) == (7, (2.5, -1.0))
    assert files.moment(about[1], view) == (None, None)
    assert "w = 2.5" in files.drawing(link, about, view, fog=False)


def test_a_link_too_long_for_a_qr_code_says_so():
    assert "too long" in dialog.qr_code("http://localhost/mse?" + "x" * 3500)
