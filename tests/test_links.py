"""What a link says: understood where it can be, dropped with a sentence where not, and never handed back as it came."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from lossgeo.ui.share import links
from lossgeo.views.pages import PARTS


def test_names_keep_the_known_ones():
    assert links.names(["check, data", "LR"], PARTS) == (("data", "lr", "check"), False)
    assert links.names(["data,nonsense"], PARTS) == (("data",), True)
    assert links.names(["", ",,"], PARTS) == ((), False)


@pytest.mark.parametrize(
    ("text", "value"),
    [("37", 37), ("37.6", 37.6), ("-5", 0), ("1e9", 2000), ("nan", None), ("inf", None), ("", None), ("abc", None),
     ("9" * 400, None), ("-0", 0)],
)  # fmt: skip
def test_numbers_move_into_their_range(text, value):
    assert links.number([text], 0, 2000) == value


def test_no_text_no_number():
    assert links.number([], 0, 1) is None


@pytest.mark.parametrize(
    ("text", "eye"),
    [("1,2,0.5", (1, 2, 0.5)), ("1,2", None), ("0,0,0", None), ("a,b,c", None), ("1,nan,2", None), ("99,0,0", None)],
)
def test_directions(text, eye):
    assert links.direction([text]) == eye


@pytest.mark.parametrize(
    ("texts", "value", "fine"),
    [
        (["0.05"], 0.05, True), (["5e-2"], 0.05, True), (["0.06"], 0.05, False), (["abc"], 0.05, False),
        (["True"], True, True), (["1"], True, False), (["cars"], "cars", True), (["kars"], "cars", False),
        (["adam", "newton"], ["newton", "adam"], True), (["adam", "boo"], ["adam"], False), ([""], [], True),
    ],
)  # fmt: skip
def test_heard(texts, value, fine):
    assert links.heard(texts, value) is fine


def test_dropped_names_only_what_is_the_pages_own_and_not_understood():
    link = {
        "mse_lr": ["abc"], "mse_dataset": ["cars"], "mse_nonsense": ["1"], "mse_step": ["x"], "mse_w": ["3"],
        "mse_eye": ["0,0,0"], "mse_noise": ["3"], "mse_compare": ["a"], "embed": ["true"], "utm_source": ["mail"],
        "fbclid": ["1"], "logistic_boo": ["1"], "mse": ["1"],
    }  # fmt: skip
    values = {"mse_lr": 0.5, "mse_dataset": "cars"}
    found = links.dropped("mse", link, ["lr", "dataset", "noise"], values)
    assert found == ["mse_lr", "mse_nonsense", "mse_step", "mse_eye"]


def test_the_sentence_never_repeats_what_could_be_markup():
    said = links.sentence(["mse_lr", "mse_[boo](http://evil)", "mse_" + "x" * 99])
    assert "`mse_lr` and 2 more" in said
    assert "evil" not in said
    assert "xxx" not in said
    assert "2 settings" in links.sentence(["<b>", "`"])


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "http://a/b c", "http://a/\nx", "http://a/" + "x" * 4000, "", "ftp://a/"]
)
def test_unusable_links(text):
    assert not links.usable(text)
    assert links.usable("http://localhost:8501/mse?mse_lr=0.1&hide=data,lr")


def test_changed_sets_takes_out_and_keeps_the_rest():
    link = "http://h:8501/mse?mse_dataset=same+x&mse_methods=adam&mse_methods=newton&hide=data&mse_compare="
    new = links.changed(link, {"hide": "data,lr", "lock": ""})
    assert parse_qs(urlsplit(new).query, keep_blank_values=True) == {
        "mse_dataset": ["same x"], "mse_methods": ["adam", "newton"], "mse_compare": [""], "hide": ["data,lr"],
    }  # fmt: skip
    assert "hide=data,lr" in new, "commas stay readable"
    assert "hide" not in links.changed(new, {"hide": ""})


def test_addresses_that_lead_nowhere_else():
    assert links.only_here("http://localhost:8501/mse")
    assert links.only_here("http://127.0.0.1:8501/")
    assert links.only_here("http://[::1]:8501/")
    assert not links.only_here("http://192.168.1.20:8501/mse")
    assert not links.only_here("https://localhost.example.org/")


def test_file_names_are_short_and_plain():
    assert links.file_name("mse", "iris setosa / versicolor", "lr0.05") == "lossgeo-mse-iris-setosa-versicolor-lr0.05"
    assert links.file_name("..", "../../x\\y:z") == "lossgeo-x-y-z"
    assert len(links.file_name("word " * 99)) <= 72
