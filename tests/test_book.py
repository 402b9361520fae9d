"""The book and the interactive page as files: valid HTML, links that lead somewhere, sizes, numbers of the app."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qs

import latex2mathml  # noqa: F401  the book needs it
import markdown_it  # noqa: F401  the book needs it
import numpy as np
import pytest
import vl_convert  # noqa: F401  so does every file here

from lossgeo import descent
from lossgeo.book import bundle, one_file, site, stage, text, worksheets
from lossgeo.book import lesson as computed
from lossgeo.charts.stage import stage_spec
from lossgeo.charts.style import FIELD, ChartStyle
from lossgeo.teaching.goals import OF_RUNS, found
from lossgeo.teaching.lessons import load_lessons
from lossgeo.views.choice import choice_from, choice_of
from lossgeo.views.pages import LESSON_PAGES, PAGES
from lossgeo.views.stage_data import stage_data
from lossgeo.views.view import build

LESSONS = {lesson.key: lesson for lesson in load_lessons()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A lesson of the book with its pictures for paper. The whole book: tests/browser/test_take_away.py."""
    folder = tmp_path_factory.mktemp("drawn")
    site.write(folder, only=["5a"])
    return folder


def packed(page):
    """The data inside a page."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_pictures_for_paper(drawn):
    page = (drawn / "lesson-5a.html").read_text()
    pictures = re.findall(r'class="paper" loading="lazy" src="([^"]+)"', page)
    assert len(pictures) == len(computed.states(LESSONS["5a"]))
    for picture in pictures:
        svg = (drawn / picture).read_text()
        assert svg.startswith("<svg")
        assert "data:image/webp" in svg, "with the picture of the map"
        assert len(svg) < 300_000, "without the cells that receive the pointer"


def test_the_glossary_is_a_page_once_there_is_one():
    terms = [{"name": "loss", "text": "One number.", "see": ["bowl"]}, {"name": "bowl", "text": "A surface."}]
    made = site._glossary({"term": terms})
    assert "<strong>loss.</strong> One number. See bowl." in made
    assert made.count("<p>") == 2


# --- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", list(LESSON_PAGES))
def test_a_file_has_the_data_that_the_app_draws(page):
    record = LESSON_PAGES[page]
    view = build(record, choice_from(record, {"layer": "height"}), ChartStyle("laptop"))
    page = one_file.html(view, "https://app.example/mse?a=1&b=<2>", step=3, at=(0.5, 0.25))
    data = packed(page)
    (drawn,) = data["stages"]
    assert data["opens"] == {"step": 3, "at": [0.5, 0.25]}
    assert "a=1&amp;b=&lt;2&gt;" in page
    assert drawn["news"]["says"] in page, "the words for those who do not see the map"
    for layout in stage.LAYOUTS:
        styled = replace(view, style=ChartStyle(layout))
        assert data["specs"][drawn[layout]["spec"]] == json.loads(json.dumps(stage.spec_of(styled)))
        for name, table in stage_data(styled).items():
            sent = data["tables"][drawn[layout]["sets"][name]]
            plain = stage.columns(table)
            if name == "field":
                for axis in (1, 0, 1, 0):
                    sent = {"v": np.cumsum(np.reshape(sent["v"], (FIELD, FIELD)), axis=axis).ravel().tolist()}
            for column, values in plain.items():
                if name == "path" and column in ("w", "b", "loss"):
                    high = np.ptp(view.window[column == "b"]) if column != "loss" else np.abs(values)
                    assert np.all(np.abs(np.subtract(sent[column], values)) <= 1e-5 * high), f"{name}.{column}"
                else:
                    assert sent[column] == values, f"{name}.{column}"
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src &#39;none&#39;")
    assert "unsafe-eval" not in policy
    assert not re.search(r"script-src[^;]*unsafe", policy)


def test_data_cannot_end_the_script_and_infinity_stays_a_number():
    sent = stage.written({"a": [float("inf"), float("-inf"), float("nan")], "b": "</script><!--"})
    assert "</" not in sent
    assert "<!--" not in sent
    assert json.loads(sent) == {"a": [float("inf"), float("-inf"), None], "b": "</script><!--"}


@pytest.mark.parametrize("key", LESSONS)
def test_what_a_click_finds_is_what_the_app_finds(key):
    lesson = LESSONS[key]
    sent, view = computed.play(lesson), computed.view_of(lesson.play.state)
    if lesson.play.goal.kind in OF_RUNS:
        assert sent["steps"] == view.choice.steps
        assert [run["rate"] for run in sent["runs"]] == [method.learning_rate for method in view.choice.methods]
        return
    (w0, w1), (b0, b1) = view.window
    cells = [sent["cells"].index("1"), sent["cells"].index("0"), len(sent["cells"]) // 3]
    for cell in cells:
        j, i = divmod(cell, FIELD)
        place = (w0 + (w1 - w0) * (i + 0.5) / FIELD, b0 + (b1 - b0) * (j + 0.5) / FIELD)
        here = found(lesson.play.goal, view.loss, place, ()) is not None
        assert here == (sent["cells"][cell] == "1"), f"{lesson.heading}: {place}"
    assert sent["cells"].count("1") >= lesson.play.goal.count


def test_the_slider_has_the_rates_of_the_lesson_and_others():
    names = [name for name, _ in computed.rates(LESSONS["2"])]
    assert {"0.1", "0.5", "0.747", "0.78", "0.8"} <= set(names)
    assert len(names) > 10
    assert [float(name) for name in names] == sorted(float(name) for name in names)
    assert not computed.rates(LESSONS["8"]), "a plane of a network is left out"


def test_a_link_to_the_living_page_opens_the_same_state():
    for lesson in LESSONS.values():
        for show in lesson.shows():
            page, query = computed.query(show.state).split("?")
            record, said = PAGES[page], parse_qs(query, keep_blank_values=True)
            given = {key.removeprefix(f"{page}_"): texts for key, texts in said.items()}
            read = {name: record.control(name).read(texts) for name, texts in given.items()}
            named = {"methods": ("gradient descent",), **read}
            assert choice_from(record, named) == choice_of(record, show.state), show.label


def test_formulas_are_mathml_and_words_in_them_upright():
    made = text.inline(r"a $\lambda_{\mathrm{max}} < 2$ & <b>")
    assert "<math alttext=" in made
    assert "<mi>max</mi>" in made
    assert made.startswith("a ")
    assert made.endswith(" &amp; &lt;b&gt;")


def test_the_versions_agree():
    """The specs are those of altair's Vega-Lite, which the bundle has to draw."""
    schema = stage_spec("line", ChartStyle(), "w", "b")["$schema"]
    assert f"/v{bundle.VEGA_LITE}." in schema
    assert "vegaEmbed" in bundle.javascript()
    assert "</script" not in bundle.javascript()


def test_worksheets_of_all_lessons_have_their_own_maps():
    sheets = worksheets.every()
    numbers = {lesson.number for lesson in LESSONS.values()}
    assert len(sheets) == len(numbers)
    assert len({sheet.title for sheet in sheets}) == len(numbers)
    assert len({sheet.picture.url for sheet in sheets}) >= 7, "some lessons share the data of the chapter"
    assert all(sheet.questions and sheet.settings for sheet in sheets)


def test_steps_until_arrival_as_the_lesson_counts_them():
    """Lesson 2 says so; book.js counts in the same way (tests/browser/test_take_away.py presses it)."""
    view = computed.view_of(LESSONS["2"].play.state)
    run = descent.run(descent.OPTIMIZERS["gradient descent"](learning_rate=0.1), view.loss, (0.0, 0.0), 2000)
    assert len(run.points) - 1 == 980
