"""Challenges on the page: a link opens one at its start, the card follows the settings, fog hides the map."""

from __future__ import annotations

import pytest
from sessions import PAGES, says, set_value, shown, table, view, visit, widget
from sessions import charts as charts_of

from lossgeo.teaching.challenges import load_challenges, of_page
from lossgeo.views.stage_data import GREY

BY_ID = {challenge.id: challenge for challenge in load_challenges()}


def card(app):
    """All that the page says in Markdown, and its boxes of success."""
    return "\n".join(e.value for e in [*app.markdown, *app.success])


@pytest.mark.parametrize("id", ["largest-rate", "give-it-back", "off-the-saddle"])
def test_a_link_opens_a_challenge_at_its_start(id):
    challenge = BY_ID[id]
    app = visit(challenge.page, challenge=id)
    assert not app.exception
    assert challenge.goal in card(app)
    assert not app.success
    for key, value in challenge.start.items():
        if key != "page":
            assert shown(app, key) == (list(value) if isinstance(value, tuple) else value), key
    assert app.query_params[f"{challenge.page}_challenge"] in (id, [id])


def test_a_link_with_settings_opens_those():
    app = visit("mse", challenge="largest-rate", lr=0.76, steps=500)
    assert shown(app, "mse_lr") == 0.76
    assert "Reached" in app.success[0].value
    assert BY_ID["largest-rate"].learnt in app.success[0].value


def test_taken_from_the_list_reached_and_left():
    app = visit("mse", tab="Challenges")
    assert not app.exception
    assert all(challenge.title in card(app) for challenge in of_page("mse"))
    widget(app, "_take_largest-rate").click()
    app.run()
    assert not app.success
    set_value(app, "mse_steps", 500)
    set_value(app, "mse_lr", 0.76)
    assert "with 2 changes" in app.success[0].value
    set_value(app, "mse_w0", 1.5)
    assert not app.success, "the start may not be changed"
    assert "changed: the start" in card(app)
    widget(app, "_mse_challenge_leave").click()
    app.run()
    assert "Leave" not in [button.label for button in app.button]
    assert shown(app, "mse_lr") == 0.76, "the settings stay"
    assert f"Reached here so far: 1 of {len(of_page('mse'))}" in card(app)
    assert "reached with 2 changes" in card(app)
    assert dict(app.session_state["_progress"].challenges) == {"largest-rate": 2}


def picture(chart):
    """The image on the map."""
    return table(chart, "picture").column("url").to_pylist()[0]


def test_fog_hides_all_that_shows_the_map_until_the_goal_is_reached():
    app = visit("nonconvex", challenge="valley-in-the-fog")
    assert not app.exception
    chart = charts_of(app)[0]
    assert picture(chart) == GREY
    assert view(app)["words"] == ""
    assert table(chart, "best").num_rows == 0
    assert set(table(chart, "field").column("v").to_pylist()) == {0}
    assert "minim" not in says(app)
    set_value(app, "nonconvex_x0", 3.0)
    set_value(app, "nonconvex_y0", 2.0)
    assert app.success
    assert picture(charts_of(app)[0]) != GREY
    assert table(charts_of(app)[0], "best").num_rows == 4


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("junk", ["", "no such thing", "<b>boo</b>", "newton-fails ", "9" * 400])
def test_an_unknown_challenge_opens_the_page_as_it_is(page, junk):
    app = visit(page, challenge=junk, edit=junk)
    assert not app.exception
    assert not app.success
    assert "Leave" not in [button.label for button in app.button]
    if page != "nonconvex":
        assert view(app)["mode"] == 0
