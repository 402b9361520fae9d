"""A page run by itself, without the entry file: the same page, without the navigation."""

from __future__ import annotations

import pytest
from sessions import FOUR, ROOT, charts, complaints, table, visit
from streamlit.testing.v1 import AppTest


@pytest.mark.parametrize("page", FOUR)
def test_a_page_alone_is_the_same_page(page):
    alone = AppTest.from_file(ROOT / "pages" / f"{page}.py", default_timeout=60)
    alone.query_params[f"{page}_steps"] = "33"
    alone.run()
    assert not complaints(alone)
    usual = visit(page, steps=33)
    assert [title.value for title in alone.title] == [title.value for title in usual.title]
    assert charts(alone)[0].spec == charts(usual)[0].spec
    for name in ("view", "path"):
        assert table(charts(alone)[0], name) == table(charts(usual)[0], name)
    assert [toggle.key for toggle in alone.sidebar.toggle] == [toggle.key for toggle in usual.sidebar.toggle]


def test_the_start_page_alone():
    alone = AppTest.from_file(ROOT / "pages" / "home.py", default_timeout=60).run()
    assert not complaints(alone)
    assert alone.title
