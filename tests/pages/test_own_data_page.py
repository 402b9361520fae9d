"""The data set `yours` on its pages: points in the link, hostile points, Undo, and what is too large for a link."""

from __future__ import annotations

import numpy as np
import pytest
from sessions import ROOT, charts, complaints, table, view, visit, widget
from streamlit.testing.v1 import AppTest

from lossgeo.ui.share import files
from lossgeo.views import cached, yours
from lossgeo.views.choice import choice_of
from lossgeo.views.pages import LESSON_PAGES

OWN = ("mse", "logistic")


def drawn(app):
    """The points on the stage."""
    found = table(charts(app)[0], "points")
    return found["x"].to_pylist(), found["y"].to_pylist()


def whole(app):
    """The page ran to its end and drew its stage."""
    assert not complaints(app), "\n".join(complaints(app))
    assert charts(app), "no stage was sent"


def warned(app):
    return " ".join(box.value for box in app.warning)


@pytest.mark.parametrize("page", OWN)
def test_a_link_opens_its_points(page):
    app = visit(page, dataset="yours", data="0.1_0_2_1_1e-3_1_-7.25_0")
    whole(app)
    assert drawn(app) == ([0.1, 2.0, 0.001, -7.25], [0.0, 1.0, 1.0, 0.0])
    assert not warned(app)
    assert app.query_params[f"{page}_data"] in ("0.1_0_2_1_1e-3_1_-7.25_0", ["0.1_0_2_1_1e-3_1_-7.25_0"])


@pytest.mark.parametrize("page", OWN)
def test_without_points_the_examples_are_shown(page):
    app = visit(page, dataset="yours")
    whole(app)
    example = yours.decode(yours.EXAMPLES[page])
    assert drawn(app) == (example.x.tolist(), example.y.tolist())
    assert f"{page}_data" not in app.query_params


HOSTILE = {
    "_": "x of point 1 is no number", "1_0_2": "Point 2 has an x and no y", "nan_0": "is not a number",
    "0_inf": "is not finite", "1e999_0": "is not finite", "1e13_0": "larger than", "<b>1</b>_0": "is no number",
    "1_0_" * 10_000 + "1_0": "too many points", "held": "load them again", "held-" + "0" * 32: "load them again",
    "x" * 3000: "too many points", "1_0~": None, "1_0": None, "1_0_1_1": None, "2_0_2_1_2_0": None,
    "1_0_2_1~<script>alert(1)</script>~[x](javascript:alert(1))": None,
}  # fmt: skip


@pytest.mark.parametrize("page", OWN)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_hostile_points(page, text):
    app = visit(page, dataset="yours", data=text)
    whole(app)
    said = warned(app)
    if HOSTILE[text]:
        assert HOSTILE[text] in said
        assert "<b>" not in said
    else:
        assert not said
        x, y = drawn(app)
        assert len(x) == len(y) == yours.decode(text).n


@pytest.mark.parametrize("page", OWN)
def test_undo_takes_back_new_points(page):
    app = visit(page, dataset="yours", data="1_0_2_1_3_0", standardise=True)
    before = drawn(app)
    app.session_state[f"{page}_data"], app.session_state[f"{page}_standardise"] = "5_0_6_1", False
    app.run()  # what set_points does in a callback
    assert drawn(app) == ([5.0, 6.0], [0.0, 1.0])
    assert app.query_params[f"{page}_data"] in ("5_0_6_1", ["5_0_6_1"])
    widget(app, f"{page}_undo").click().run()
    assert drawn(app) == before
    whole(app)


@pytest.mark.parametrize("page", OWN)
def test_reset_keeps_the_points_for_the_next_time(page):
    app = visit(page, dataset="yours", data="1_0_2_1_3_0")
    widget(app, f"{page}_reset").click().run()
    whole(app)
    assert f"{page}_data" not in app.query_params
    widget(app, f"{page}_dataset").set_value("yours").run()
    assert drawn(app) == ([1, 2, 3], [0, 1, 0])


def test_a_sweep_over_very_many_points_is_refused_with_a_sentence():
    rows = "".join(f"{i},{i % 7}\n" for i in range(1500))
    app = paste(with_box("mse"), rows)
    app.session_state["mse_section"] = "Look closer"
    app.query_params["mse_tab"], app.query_params["mse_closer"] = "Look closer", "Sweep"
    app.run()
    whole(app)
    assert any("With 1500 points they would take too long" in box.value for box in app.info)


def test_markup_in_a_name_reaches_the_stage_as_text():
    app = visit("mse", dataset="yours", data="1_0_2_1~<img src=x>~*y*")
    assert (view(app)["x_title"], view(app)["y_title"]) == ("<img src=x>", "*y*")


def test_labels_other_than_0_and_1_are_refused_on_the_page_of_classes():
    app = visit("logistic", dataset="yours", data="1_0_2_3")
    whole(app)
    assert "0 or 1" in warned(app)


def test_what_a_session_holds_opens_in_no_other():
    rng = np.random.default_rng(0)
    data = yours.of_points(rng.normal(size=100), rng.normal(size=100))
    key = yours.text_of(data)
    assert yours.decode(key) is data
    app = visit("mse", dataset="yours", data=key)
    assert "load them again" in warned(app)


# --- paste and file -----------------------------------------------------------------------------------


def with_box(page, source="Paste", **link):
    """The page with its box for own data open."""
    app = visit(page, **link)
    app.session_state[f"_{page}_own"] = True
    app.session_state[f"_{page}_source"] = source
    return app.run()


def paste(app, text):
    return app.text_area[0].set_value(text).run()


def upload(app, content, name="some.csv"):
    return app.file_uploader[0].set_value((name, content, "text/csv")).run()


def told(app):
    """What the box says of the data, as the HTML that it is."""
    return " ".join(part.proto.body for part in app.get("html") if "<style" not in part.proto.body)


def setting(app, key):
    return app.session_state[key]


SCORES = "score,passed\n48,no\n71,yes\n55,no\n60,yes\n66,no\n80,yes\n"


def test_a_paste_is_drawn_and_explained():
    app = paste(with_box("mse"), "dose\tresponse\n1\t2.1\n2\t3.9\n3\t6.2\n")
    whole(app)
    assert drawn(app) == ([1.0, 2.0, 3.0], [2.1, 3.9, 6.2])
    assert "3 rows, all used" in told(app)
    assert (view(app)["x_title"], view(app)["y_title"]) == ("dose", "response")
    assert setting(app, "mse_dataset") == "yours"
    widget(app, "mse_undo").click().run()
    assert setting(app, "mse_dataset") == "chapter line", "one change, one Undo"


def test_a_file_is_drawn_and_its_labels_can_be_exchanged():
    app = upload(with_box("logistic", "File"), SCORES.encode())
    whole(app)
    assert drawn(app)[1] == [0, 1, 0, 1, 0, 1]
    assert "no = 0" in told(app)
    assert "yes = 1" in told(app)
    app.selectbox(key="_logistic_own_one").set_value("no").run()
    assert drawn(app)[1] == [1, 0, 1, 0, 1, 0]
    assert "no = 1" in told(app)


def test_bad_input_gets_a_sentence_and_changes_nothing():
    app = paste(with_box("mse"), "1,2\n2,4\n3,5\n")
    before, text = drawn(app), "1,2\n2,4,9\n3,5\n"
    paste(app, text)
    whole(app)
    assert drawn(app) == before
    assert "line 2 has three fields, where the others have two" in told(app)
    assert app.text_area[0].value == text, "what was typed stays"


def test_columns_can_be_chosen():
    app = paste(with_box("mse"), "a,b,c\n1,2,3\n4,5,7\n6,1,2\n")
    assert drawn(app) == ([1, 4, 6], [3, 7, 2])
    app.selectbox(key="_mse_own_x").set_value("b").run()
    assert drawn(app) == ([2, 5, 1], [3, 7, 2])
    app.selectbox(key="_mse_own_y").set_value("b").run()
    assert "choose two different columns" in told(app)
    assert drawn(app) == ([2, 5, 1], [3, 7, 2])
    app.selectbox(key="_mse_own_x").set_value("c").run()
    assert drawn(app) == ([3, 7, 2], [2, 5, 1])


def test_two_of_three_classes_can_be_chosen():
    app = paste(with_box("logistic"), "x,kind\n1,s\n2,v\n3,g\n4,s\n5,v\n3,s\n")
    assert "three classes" in told(app)
    assert setting(app, "logistic_dataset") == "two classes", "the picture stays"
    app.selectbox(key="_logistic_own_class0").set_value("s")
    app.selectbox(key="_logistic_own_class1").set_value("v").run()
    whole(app)
    assert drawn(app) == ([1, 2, 4, 5, 3], [0, 1, 0, 1, 0])


@pytest.mark.parametrize(
    ("page", "text", "said"),
    [("mse", "x,y\n3,1\n3,2\n3,4\n", "all x are equal (3)"),
     ("logistic", "x,y\n1,1\n2,1\n3,1\n", "Only one class occurs"),
     ("logistic", "x,y\n1,0\n2,0\n3,1\n4,1\n", "completely separable: no minimiser"),
     ("logistic", "x,y\n1,0\n2,0\n2,1\n4,1\n", "quasi-completely separable: no minimiser")],
)  # fmt: skip
def test_what_the_data_do_to_the_loss_is_said_at_once(page, text, said):
    app = paste(with_box(page), text)
    whole(app)
    assert any(said in box.value for box in app.info), [box.value for box in app.info]


@pytest.mark.parametrize(
    ("page", "text"),
    [("mse", "Größe;Gewicht\n1,62;58,5\n1,75;72,25\n1,68;64\n1,80;80,1\n"),
     ("mse", "when,v\n1706486400,1\n1706572800,2\n1707696000,4\n1708214400,3\n"), ("logistic", SCORES)],
)  # fmt: skip
def test_the_rate_is_below_the_limit_and_one_click_standardises(page, text):
    app = paste(with_box(page), text)
    whole(app)
    state = {f"{page}_{name}": setting(app, f"{page}_{name}") for name in ("dataset", "data", "lr", "w0", "b0")}
    loss = cached.loss(choice_of(LESSON_PAGES[page], state).loss)
    assert 0 < state[f"{page}_lr"] < 2 / loss.smoothness
    (w0, w1), (b0, b1) = loss.view
    assert w0 < state[f"{page}_w0"] < w1
    assert b0 < state[f"{page}_b0"] < b1
    app.button(key=f"_{page}_standardise").click().run()
    whole(app)
    assert np.allclose(np.mean(drawn(app)[0]), 0.0, atol=1e-12)
    assert setting(app, f"{page}_lr") > state[f"{page}_lr"]


def test_undo_goes_back_over_several_large_data_sets():
    app, pasted = with_box("mse"), ["".join(f"{i},{i % k}\n" for i in range(100)) for k in (3, 4, 5, 6, 7, 8)]
    for text in pasted:
        paste(app, text)
    for k in (7, 6, 5, 4, 3):
        widget(app, "mse_undo").click().run()
        whole(app)
        assert drawn(app)[1][: k + 1] == [*range(k), 0], warned(app)


def test_a_rate_beyond_the_limit_is_said_and_one_click_mends_it():
    app = visit("mse", dataset="yours", data="1_2_2_3_9_5", lr=0.5)
    loss = cached.loss(choice_of(LESSON_PAGES["mse"], {"mse_dataset": "yours", "mse_data": "1_2_2_3_9_5"}).loss)
    assert any("above 2/L" in box.value for box in app.caption)
    app.button(key="_mse_rate").click().run()
    whole(app)
    assert setting(app, "mse_lr") < 2 / loss.smoothness
    assert not any("above 2/L" in box.value for box in app.caption)


@pytest.mark.parametrize("how", ["hide", "lock"])
def test_a_link_that_fixes_the_data_keeps_its_points(how):
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    for key, value in {how: "data", "mse_dataset": "yours", "mse_data": "1_2_2_3_9_5"}.items():
        app.query_params[key] = value
    app.switch_page("pages/mse.py").run()
    whole(app)
    assert drawn(app) == ([1, 2, 9], [2, 3, 5])
    assert "Use your own data" not in [box.label for box in app.expander]
    assert drawn(app.run()) == ([1, 2, 9], [2, 3, 5])


def test_many_rows_are_all_in_the_loss_and_few_are_drawn():
    rng = np.random.default_rng(2)
    x = np.round(rng.normal(55.0, 15.0, 3000), 2)
    rows = "".join(f"{v},{int(v + e > 55)}\n" for v, e in zip(x, rng.normal(0, 10, 3000), strict=True))
    app = upload(with_box("logistic", "File"), f"score,pass\n{rows}".encode())
    whole(app)
    assert len(drawn(app)[0]) == yours.DRAWN
    assert view(app)["loss_name"] == "log loss of the 500 drawn"
    assert app.query_params["logistic_data"] in ("held", ["held"])
    assert any("3000 points, all of them in the loss. 500 of them are drawn" in box.value for box in app.caption)
    loss = cached.loss(choice_of(LESSON_PAGES["logistic"],
                                 {"logistic_dataset": "yours", "logistic_data": setting(app, "logistic_data")}).loss)
    assert loss.dataset.n == 3000
    app.session_state["logistic_loss"] = "squared error through a sigmoid"
    whole(app.run())


# --- what an attacker may upload -----------------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"
ATTACKS = [
    b"", b"\x00", b"\x00" * 1000, b"\xff\xfe", b"\xff\xfe\x00", b"\xef\xbb\xbf", b"PK\x03\x04" + b"\x00" * 100,
    b"%PDF-1.7\n1 2\n", b"\x89PNG\r\n\x1a\n1,2", b"GIF89a", b"\x1f\x8b\x08", b"MZ\x90\x00", b"x" * 6_000_000,
    b"1,2\n" * 210_000, b"1," * 300 + b"1\n", b"9" * 30_000 + b",1\n", b'"' * 5001, b'"1,2\n', b"1,2\n3\n4,5,6\n",
    b"x,y\n", b"x,y\nnan,1\ninf,2\n", b"x,y\n1e999,1\n2,2\n", b"1e13,1\n1,2\n", b"x,y\n1e12,1\n1000000000001,2\n",
    b"x,y\n5e-324,1\n0,2\n", "١,٢\n٣,٤\n".encode(), "x,y\n1\u202e,2\n3,4\n".encode(), b"x,y\r1,2\r3,4",
    f"{SCRIPT},y\n1,2\n3,4\n".encode(), f"x,{SCRIPT}\n1,{SCRIPT}\n2,b\n3,{SCRIPT}\n".encode(),
    b"<img src=x onerror=alert(1)>,y\n1,2\n3,5\n", b"[a](javascript:alert(1)),$\\href{x}{y}$\n1,2\n3,5\n",
    b":red[x],:material/home:\n1,2\n3,5\n", b"=cmd|' /C calc'!A0,@SUM(1)\n1,2\n3,5\n", b"+1,-1\n1,0\n=1+1,1\n2,0\n",
    b"__class__,{0}\n1,2\n3,5\n", b"%s%n,{x.__init__}\n1,2\n3,5\n", b"x~y_1,z~1_2_3\n1,2\n3,5\n",
    b"a&mse_lr=1#,b?c=d\n1,2\n3,5\n", b"'; DROP TABLE x; --,y\n1,0\n3,1\n", b"../../etc/passwd,y\n1,0\n3,1\n",
    "\u0000x,y\n1,2\n3,5\n".encode(), "e\u0301" .encode() * 500 + b",y\n1,0\n3,1\n", b"x,x\n1,0\n3,1\n", b",\n,\n,\n",
    b"x,y\n0x10,1\n1_000,2\n2,3\n", b"1\t2\n" * 5000, b"x y\n" + b"1 0\n2 1\n" * 40,
]  # fmt: skip


@pytest.mark.parametrize("page", OWN)
def test_hostile_files_are_read_as_text_or_refused(page):
    app = with_box(page, "File")
    for content in ATTACKS:
        if len(content) > 5_000_000:
            continue  # the server takes no larger file
        upload(app, content)
        whole(app)
        place = repr(content[:60])
        assert "Understood" in told(app) or "The picture stays as it was" in told(app), place
        assert "<script" not in told(app), place
        assert "<img" not in told(app), place
        for element in (*app.markdown, *app.caption, *app.info, *app.warning):
            for bad in (SCRIPT, "onerror", "javascript:", "\\href", ":material/home", "=cmd"):
                assert bad not in element.value, f"{bad} of {place} in {element.value}"
        x, y = drawn(app)
        assert np.isfinite([*x, *y]).all(), place


def test_there_are_forty_attacks():
    assert len(ATTACKS) >= 40


def test_files_that_are_saved_hold_no_formula_of_a_spreadsheet():
    text = yours.encode(yours.of_points([1, 2], [3, 4], "a,=cmd|'x'!A0;=1+1\t=2", "@SUM(1)"))
    told_in_file = files._plain("mse_data", text)
    assert not any(sign in told_in_file for sign in "=@;,\t|'")
