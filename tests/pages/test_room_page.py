"""A room of a live class on the pages: a teacher and students, each a session of their own, in one process."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from sessions import ROOT, charts, complaints, table, widget
from streamlit.testing.v1 import AppTest

from lossgeo.charts.style import ChartStyle
from lossgeo.descent import OPTIMIZERS, run
from lossgeo.rooms import ALPHABET, Phase, Round, StoreGone, open_store
from lossgeo.teaching.questions import load_bank
from lossgeo.ui.classroom import hands, room_keys, rounds, student, students_map, voting

BANK = {question.id: question for question in load_bank()}
ASKED = BANK["same-surface"]


@pytest.fixture(autouse=True)
def house(monkeypatch):
    """The rooms of this test alone."""
    store = open_store(None)
    monkeypatch.setattr(room_keys, "STORE", store)
    return store


@pytest.fixture
def cookies(monkeypatch):
    """The cookies that the browser of the next session brings along."""
    jar = {}
    monkeypatch.setattr(room_keys, "_from_cookie", lambda name: jar.get(name, room_keys.NONE))
    return jar


def page(name="mse", **link):
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.session_state["layout"] = "laptop"
    for key, value in link.items():
        app.query_params[key] = str(value)
    app = app.switch_page(f"pages/{name}.py").run() if name != "home" else app.run()
    assert not complaints(app), "\n".join(complaints(app))
    return app


def teacher(name="mse", question=ASKED.id):
    return page(name, teacher="true", **{f"{name}_tab": "Check", f"{name}_question": question})


def with_room(name="mse", question=ASKED.id):
    app = press(teacher(name, question), f"_room_open_{name}")
    return app, code_of(app)


def turn(app, name, value):
    """Turn a switch that has the room's revision at the end of its key."""
    key = next(element.key for element in (*app.button_group, *app.toggle) if element.key.startswith(name))
    widget(app, key).set_value(value)
    return again(app)


def press(app, key):
    widget(app, key).click()
    return again(app)


def again(app):
    app.run()
    assert not complaints(app), "\n".join(complaints(app))
    return app


def code_of(app):
    return app.session_state["_room"][0]


def words(app):
    """All that the page says."""
    found = [e.value for kind in (app.markdown, app.caption, app.info, app.warning, app.success) for e in kind]
    return "\n".join([*found, *(str(e.proto.body) for e in app.get("html")), *(e.value for e in app.subheader)])


def everything(app):
    return "\n".join(str(element.proto) for element in app.main)


def vote(app, option, sure=None):
    """Choose an option by its number in the bank, and press Vote."""
    (radio,) = app.radio
    place = radio.key.removeprefix("_room_answer_")
    radio.set_value(option)
    if sure:
        widget(app, f"_room_sure_{place}").set_value(sure)
    again(app)
    return press(app, f"_room_vote_{place}")


def kept(app):
    """What the page asks the browser to keep: name of the cookie -> its value."""
    return {data["name"]: data["value"] for name, data in components_of(app) if name.endswith("lossgeo_cookie")}


def components_of(app):
    """The components of the page: their names, and the data that they get."""
    return [(c.proto.component_name, json.loads(c.proto.json or "{}")) for c in app.get("bidi_component")]


# --- a round ----------------------------------------------------------------------------------------------


def test_a_round_from_the_open_room_to_the_feedback():
    wall, code = with_room()
    assert len(code) == 5
    assert set(code) <= set(ALPHABET)
    assert code in words(wall)
    assert "Nobody has come yet" in words(wall)
    class_ = [page("home", room=code) for _ in range(3)]
    right, wrong = ASKED.answer, next(i for i, o in enumerate(ASKED.options) if o.misconception)
    for phone in class_:
        assert ASKED.stem in words(phone)
        assert not charts(phone), "no stage before one is asked for"
        vote(phone, wrong, "certain")
        assert "Your vote counts" in words(phone)
    assert "3 of 3 have voted" in words(again(wall))
    turn(wall, "_room_phase", Phase.TALK)
    for phone in class_:
        assert not again(phone).radio, "the first vote is closed"
        assert "Talk with a neighbour" in words(phone)
    turn(wall, "_room_phase", Phase.SECOND)
    assert "0 of 3 have voted, second vote" in words(wall)
    vote(again(class_[0]), right)
    vote(again(class_[1]), right)
    both = words(turn(wall, "_room_shown", True))
    assert "first vote, 3 votes" in both, "the second vote stands beside the first"
    assert "second vote, 2 votes" in both
    before = everything(class_[0])
    assert all(option.feedback[:40] not in before for option in ASKED.options), "no feedback before Reveal"
    press(wall, "_reveal_mse")
    assert ASKED.explanation in words(again(class_[0]))
    assert "**Right.**" in words(class_[0])
    assert ASKED.options[wrong].feedback in words(again(class_[2])), "whose second vote is missing keeps the first"
    assert "your answer, right" in words(class_[0])


def test_how_the_class_votes_is_shown_only_when_the_teacher_shows_it():
    wall, code = with_room()
    phones = [page("home", room=code) for _ in range(2)]
    for phone in phones:
        vote(phone, ASKED.answer)
    for screen in (wall, *phones):
        assert 'class="class-bars"' not in words(again(screen)), "votes are hidden until they are shown"
        assert "No votes yet" not in words(screen)
    turn(wall, "_room_shown", True)
    for screen in (wall, *phones):
        assert "first vote, 2 votes" in words(again(screen))


def test_students_follow_the_teacher_to_the_next_question():
    wall, code = with_room()
    phone = vote(page("home", room=code), 0)
    press(wall, "_next_mse")
    asked = BANK[wall.session_state["mse_question"]]
    assert asked.id != ASKED.id
    assert asked.stem in words(again(phone))
    assert phone.radio[0].value is None, "nothing is chosen in the next question"
    assert "0 of 1 have voted" in words(wall)


def test_the_order_of_the_options_is_that_of_the_wall_when_the_room_was_asked():
    wall = page(teacher="true", mse_tab="Check", mse_question=ASKED.id, seed=7)
    press(wall, "_room_open_mse")
    phone = page("home", room=code_of(wall))
    shown = [text.split("\u2002")[1] for text in phone.radio[0].options]
    assert shown == [ASKED.options[i].text for i in rounds.order_of(rounds.of_question(ASKED, 7), ASKED)]
    assert [e.value[6:] for e in wall.markdown if e.value[:5] in ("**A**", "**B**", "**C**", "**D**")] == shown


def test_confidence_is_told_after_the_answer():
    assert voting.board.confidence(ASKED, ((), ())) == ""
    wall, code = with_room()
    vote(page("home", room=code), ASKED.answer, "certain")
    vote(page("home", room=code), (ASKED.answer + 1) % len(ASKED.options), "certain")
    turn(wall, "_room_shown", True)
    assert "Certain: 1 of 2 right." not in words(wall)
    assert "Certain: 1 of 2 right." in words(press(wall, "_reveal_mse"))


def test_a_counterexample_on_another_page_and_the_way_back():
    question, option = next(
        (q, i) for q in BANK.values() for i, o in enumerate(q.options) if o.misconception and o.state["page"] != q.page
    )
    wall, _ = with_room(question.page, question.id)
    press(wall, f"_reveal_{question.page}")
    press(wall, f"_see_{question.id}_{option}")
    assert widget(wall, "_round_back")
    press(wall, "_round_back")
    assert question.stem in words(wall)
    assert wall.session_state["_room"], "the room is still held"
    assert "have voted" in words(wall) or "Nobody has come" in words(wall)


def test_the_countdown_is_shown_and_can_be_changed(house):
    wall, _ = with_room()
    assert "1:00" in words(wall)
    phone = page("home", room=code_of(wall))
    (left,) = [d["left"] for name, d in components_of(phone) if name.endswith("countdown")]
    assert 50 < left <= 60, "the phones count down the same seconds"
    widget(wall, f"_room_minutes_{Phase.ALONE}").set_value(2.5)
    again(wall)
    assert house.teacher(*wall.session_state["_room"]).durations[0] == 150
    assert "2:30" in words(wall)
    widget(wall, f"_room_minutes_{Phase.ALONE}").set_value(0.0)
    again(wall)
    assert 'class="clock"' not in words(wall)
    assert not [name for name, _ in components_of(again(phone)) if name.endswith("countdown")]


def test_hiding_the_answer_opens_no_vote(house):
    wall, _ = with_room()
    press(wall, "_reveal_mse")
    press(wall, "_reveal_mse")
    room = house.teacher(*wall.session_state["_room"]).room
    assert room.phase is Phase.TALK, "whoever has seen the answer must not vote on it"


def test_a_control_that_is_reported_once_more_after_it_has_gone_does_nothing(house, monkeypatch):
    """A look for news may be under way while the page changes."""
    wall, _ = with_room()
    key = wall.session_state["_room"]
    before = house.teacher(*key).room
    monkeypatch.setattr(room_keys, "teachers_key", lambda: key)
    monkeypatch.setattr(voting.session, "value", lambda _: Phase.TALK)
    house.show(*key, True)
    for callback in (voting.board._go, voting.board._show):
        callback("_any", before.revision)
    now = house.teacher(*key).room
    assert (now.phase, now.shown, now.revision) == (Phase.ALONE, True, before.revision + 1)
    voting.board._go("_any", now.revision)
    assert house.teacher(*key).room.phase is Phase.TALK


def test_without_a_room_nothing_looks_for_news():
    """The message that makes a browser look again by itself is never sent."""
    sources = {run.__name__ for run in (voting.board._news, voting.class_map._gather, student._look, student._wait)}
    assert sources == {"_news", "_gather", "_look", "_wait"}
    wall = teacher()
    assert "have voted" not in words(wall)
    assert not wall.session_state["_room"][0]


# --- rights -----------------------------------------------------------------------------------------------


def test_the_address_of_a_teacher_gives_no_right_to_the_room():
    wall, code = with_room()
    link = {key: wall.query_params[key] for key in wall.query_params}
    secret = wall.session_state["_room"][1]
    assert secret not in str(link)
    other = page(**{key: texts[-1] if isinstance(texts, list) else texts for key, texts in link.items()})
    assert code not in words(other)
    assert widget(other, "_room_open_mse"), "the student could open a room of their own, no more"
    assert secret not in everything(other)


def test_the_link_of_a_student_shows_nothing_of_the_teachers_view():
    _, code = with_room()
    phone = page(room=code, teacher="true", mse_tab="Check")
    assert not [b for b in phone.button if b.key.startswith(("_reveal", "_room_open", "_see"))]
    assert not phone.sidebar.button
    assert [b.key for b in phone.button if b.label == "Vote"]


def test_two_teachers_have_two_rooms():
    first, code = with_room()
    second, other = with_room()
    assert code != other
    page("home", room=other)
    assert "Nobody has come yet" in words(again(first))
    assert "0 of 1 have voted" in words(again(second))


def test_a_reload_finds_the_room_again(cookies):
    wall, code = with_room()
    cookies[room_keys.TEACHERS] = tuple(kept(wall)[room_keys.TEACHERS].split("."))
    phone = vote(page("home", room=code), 1)
    cookies[room_keys.STUDENTS] = tuple(kept(phone)[room_keys.STUDENTS].split("."))
    wall, phone = teacher(), page("home", room=code)
    assert "1 of 1 have voted" in words(wall), "the reloaded phone is no second student"
    assert phone.radio[0].value == 1
    press(wall, "_room_close")
    assert widget(wall, "_room_open_mse")
    assert "no longer open" not in words(wall)
    assert not again(phone).radio
    assert widget(teacher(), "_room_open_mse"), "a cookie of a closed room is nothing to speak of"


@pytest.mark.parametrize("code", ["", "ABCDE", "bcdfg", "<b>x", "BCDFG" * 400, "²²²²²", "../..", "BCDF"])
def test_a_wrong_code_is_answered_with_a_sentence_and_a_box(code):
    phone = page("home", room=code)
    if code:
        assert "Join" in [b.label for b in phone.button]
        assert len(phone.warning) == 1
        assert "<b>" not in phone.warning[0].value


def test_a_typed_code_opens_the_room_and_guessing_makes_all_wait(house):
    _, code = with_room()
    phone = page("home", room="ZZZZZ")
    widget_ = next(box for box in phone.text_input if box.key == "_room_code")
    widget_.set_value(f" {code.lower()[:2]}-{code[2:]}")
    next(b for b in phone.button if b.label == "Join").click()
    assert ASKED.stem in words(again(phone))
    assert phone.query_params["room"] in (code, [code])
    for _ in range(30):
        house._door.wrong(house.clock())
    late = page("home", room=code)
    assert "Many wrong codes" in words(late)
    assert ASKED.stem not in words(late)
    assert ASKED.stem in words(again(phone)), "who is inside notices nothing"


def test_the_start_page_has_a_door():
    _, code = with_room()
    app = page("home")
    next(box for box in app.text_input if box.key == "_room_code").set_value(code.lower())
    next(b for b in app.button if b.label == "Join").click()
    assert ASKED.stem in words(again(app))
    assert app.query_params["room"] in (code, [code])
    press(app, "_room_leave")
    assert not app.radio
    assert "room" not in app.query_params


def test_a_run_that_is_cut_short_after_joining_makes_no_second_student(house, monkeypatch):
    """Streamlit may end a run whenever it stores something; the browser then asks for the page again."""
    wall, code = with_room()

    def cut(_key):
        raise RuntimeError("cut short")

    phone = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    phone.query_params["room"] = code
    with monkeypatch.context() as broken:
        broken.setattr(room_keys, "sit", cut)
        phone.run()
    assert ASKED.stem in words(again(phone))
    assert "0 of 1 have voted" in words(again(wall))


def test_a_wrong_code_is_counted_once_however_often_the_page_runs(house):
    phone = page("home", room="ZZZZZ")
    for _ in range(15):
        again(phone)
    assert house._door.delay(house.clock()) == 0


@pytest.mark.parametrize("answer", [-1, 99, "0", 1.5, None, (0.0, 0.0)])
def test_a_forged_option_is_refused_with_a_sentence(house, monkeypatch, answer):
    opened = house.open(rounds.of_question(ASKED, 1))
    key = house.join(opened.code)
    said = []
    monkeypatch.setattr(student, "ROOM_SAYS", SimpleNamespace(put=said.append))
    student.give(key, house.student(*key).room.ballot, answer)
    assert said == ["That is none of the answers. Choose one and vote again."]
    assert house.teacher(opened.code, opened.secret).voted == (0, 0)


def test_voting_without_a_choice_is_answered():
    _, code = with_room()
    phone = page("home", room=code)
    press(phone, f"_room_vote_{code}_1_1")
    assert "Choose an answer first" in words(phone)


def test_ten_thousand_votes_of_one_student_count_once(house):
    opened = house.open(rounds.of_question(ASKED, 1))
    key = house.join(opened.code)
    ballot = house.student(*key).room.ballot
    for turn in range(10_000):
        student.give(key, ballot, turn % 2)
    view = house.teacher(opened.code, opened.secret)
    assert view.voted == (1, 0)
    assert [v.answer for v in view.votes[0]] == [1]


def test_a_vote_that_comes_too_late_is_said():
    wall, code = with_room()
    phone = page("home", room=code)
    phone.radio[0].set_value(0)
    again(phone)
    turn(wall, "_room_phase", Phase.TALK)
    place = f"{code}_1_1"
    with pytest.raises(KeyError):  # the phone was not redrawn before the teacher went on
        widget(again(phone), f"_room_vote_{place}")


def test_a_vote_into_a_room_that_was_just_closed_is_answered_with_a_sentence(house):
    wall, code = with_room()
    phone = page("home", room=code)
    house.close(*wall.session_state["_room"])
    phone.radio[0].set_value(0)
    press(phone, f"_room_vote_{code}_1_1")
    assert "no longer open" in words(phone)
    assert "Join" in [b.label for b in phone.button], "another code can be typed"
    assert "no longer open" in words(again(wall))
    assert ASKED.stem in words(wall), "the teacher's round goes on by hands"


def test_a_store_that_cannot_be_reached_is_said_and_the_page_goes_on(house, monkeypatch):
    wall, code = with_room()
    phone = page("home", room=code)

    def gone(*_args, **_options):
        raise StoreGone

    with monkeypatch.context() as broken:
        for name in ("teacher", "student", "vote", "join", "go", "start"):
            broken.setattr(house, name, gone)
        assert words(again(wall)).count("cannot be reached") == 1
        assert not [b for b in wall.button if b.label == "Open a room"], "the room is still held"
        assert ASKED.stem in words(wall), "the round by hands goes on"
        assert "cannot be reached" in words(again(phone))
    assert ASKED.stem in words(again(phone))
    assert code in words(again(wall))


# --- points on the map ------------------------------------------------------------------------------------


def test_starts_of_a_class_are_gathered_and_run_together(house):
    wall, code = with_room("nonconvex", next(q.id for q in BANK.values() if q.page == "nonconvex"))
    press(wall, "_room_start_nonconvex")
    starts = [(3.5, 2.5), (-3.0, 3.0), (3.4, -2.0)]
    for x, y in starts:
        phone = page("home", room=code)
        assert "Choose your start" in words(phone)
        widget(phone, f"_room_w_{code}_2").set_value(x)
        widget(phone, f"_room_b_{code}_2").set_value(y)
        again(phone)
        press(phone, f"_room_point_{code}_2")
        assert "Your point: x = " in words(phone)
    assert "3 of 3 have chosen a point" in words(again(wall))
    dots = table(charts(wall)[-1], "dots").to_pylist()
    assert sorted((d["w"], d["b"]) for d in dots) == sorted(starts)
    press(wall, "_room_run")
    run = charts(wall)[-1]
    rows = table(run, "dots").to_pylist()
    first = sorted((round(r["w"], 5), round(r["b"], 5)) for r in rows if r["since"] == 0)
    assert first == sorted(starts)
    assert max(row["until"] for row in rows) == wall.session_state["nonconvex_steps"] + 1
    assert "The runs of 3 starts" in run.alt
    ends = "minimum 1" in run.alt, "minimum 3" in run.alt or "minimum 2" in run.alt
    assert all(ends), run.alt
    assert "Your run ended in minimum" in words(again(phone))


def test_rates_of_a_class_are_gathered_and_run_together_from_one_start(house):
    wall, code = with_room()
    press(wall, "_room_rate_mse")
    phones, chosen = [page("home", room=code) for _ in range(3)], (0.1, 0.5, 5.0)
    for phone, rate in zip(phones, chosen, strict=True):
        assert "Choose a learning rate" in words(phone)
        widget(phone, f"_room_rate_{code}_2").set_value(rate)
        again(phone)
        press(phone, f"_room_rates_{code}_2")
        assert f"Your rate: {rate:g}." in words(phone)
    assert "3 of 3 have chosen a rate" in words(again(wall))
    line = charts(wall)[-1]
    assert sorted(table(line, "dots")["rate"].to_pylist()) == sorted(chosen)
    assert not table(line, "marks").num_rows, "the limit is not given away before the run"
    press(wall, "_room_run")
    runs, line = charts(wall)[-2:]
    start = (wall.session_state["mse_w0"], wall.session_state["mse_b0"])
    rows = table(runs, "dots").to_pylist()
    assert {(round(r["w"], 5), round(r["b"], 5)) for r in rows if r["since"] == 0} == {start}
    (mark,) = table(line, "marks").to_pylist()
    view = rounds.view_of(house.teacher(*wall.session_state["_room"]).room.round, ChartStyle())
    assert mark["rate"] == pytest.approx(2 / view.loss.smoothness)
    for rate in chosen:  # the last point of each run is that of a run by itself
        own = run(OPTIMIZERS["gradient descent"](learning_rate=rate), view.loss, start, view.choice.steps)
        last = [(r["w"], r["b"]) for r in rows if r["until"] == view.choice.steps + 1]
        if own.status != "diverged":
            assert any(np.allclose(at, own.points[-1], atol=1e-3) for at in last), f"the run at {rate} is missing"
    assert "1 ended nowhere: diverged" in runs.alt
    assert "Your run ended nowhere: diverged" in words(again(phones[2]))


def test_a_method_without_a_rate_is_refused_with_a_sentence():
    wall = page(teacher="true", mse_tab="Check", mse_question=ASKED.id, mse_methods="newton")
    press(wall, "_room_open_mse")
    press(wall, "_room_rate_mse")
    assert "newton has no learning rate; choose another method first." in words(wall)
    assert ASKED.stem in words(wall)


def test_a_guess_where_a_run_ends_is_not_shown_before_the_run():
    wall, code = with_room("nonconvex", next(q.id for q in BANK.values() if q.page == "nonconvex"))
    press(wall, "_room_place_nonconvex")
    phone = page("home", room=code)
    widget(phone, f"_room_w_{code}_2").set_value(3.0)
    again(phone)
    press(phone, f"_room_point_{code}_2")
    before = charts(again(wall))[-1]
    assert table(before, "dots").num_rows == 1, "the start alone, no guesses"
    assert table(before, "words").num_rows == 0, "and no minima"
    press(wall, "_room_run")
    after = charts(wall)[-1]
    assert table(after, "dots").num_rows == 1
    assert table(after, "path").num_rows > 2
    assert "The run ended" in words(again(phone))


@pytest.mark.parametrize("rate", [0.0, -1.0, 1e9, float("nan")])
def test_a_rate_beyond_the_slider_is_refused_with_a_sentence(house, monkeypatch, rate):
    opened = house.open(Round("rate", "mse", limits=((0.001, 10.0),)))
    key = house.join(opened.code)
    said = []
    monkeypatch.setattr(students_map, "ROOM_SAYS", SimpleNamespace(put=said.append))
    students_map.give(key, house.student(*key).room.ballot, rate)
    assert said == ["That rate is not on the slider. Choose one that is."]


@pytest.mark.parametrize("point", [(1e9, 0.0), (float("nan"), 0.0), (float("inf"), 0.0)])
def test_a_point_outside_the_map_is_refused_with_a_sentence(house, monkeypatch, point):
    opened = house.open(Round("start", "mse", limits=((0.0, 4.0), (0.0, 2.0))))
    key = house.join(opened.code)
    said = []
    monkeypatch.setattr(students_map, "ROOM_SAYS", SimpleNamespace(put=said.append))
    students_map.give(key, house.student(*key).room.ballot, *point)
    assert said == ["That point is not on the map. Choose one that is."]


# --- hands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [1000, 99999999999, -5, 3.7, float("1e300")])
def test_a_box_says_what_is_no_number_of_hands_and_keeps_the_last(typed):
    app = teacher()
    box = voting.vote_key(ASKED, 0, 0)
    widget(app, box).set_value(12)
    again(app)
    widget(app, box).set_value(typed)
    again(app)
    assert widget(app, box).value == 12
    assert any("no number of hands" in w.value and "12 stays" in w.value for w in app.warning)
    widget(app, box).set_value(13)
    assert not again(app).warning, "said once"


def test_hands_survive_a_reload():
    app = teacher()
    for vote_, count in enumerate((5, 14)):
        widget(app, voting.vote_key(ASKED, 1, vote_)).set_value(count)
        again(app)
    link = {key: v[-1] if isinstance(v, list) else v for key, v in dict(app.query_params.items()).items()}
    assert "hands" in link
    other = page(**link)
    assert [widget(other, voting.vote_key(ASKED, 1, v)).value for v in (0, 1)] == [5, 14]


@pytest.mark.parametrize(
    "text", ["", "x", "same-surface", "same-surface.1", "same-surface.-1.2.3.4.5.6", "same-surface" + ".9" * 999, "²",
             "nobody.1.2.3.4.5.6", "same-surface.1000.1.1.1.1.1", "<b>.1.1", "_" * 5000],
)  # fmt: skip
def test_a_link_with_other_counts_than_hands_is_ignored(text):
    assert hands.read(text) == {}


@pytest.mark.parametrize("junk", ["", "nan", "-1", "<script>alert(1)</script>", "9" * 400, "%00", "\u0000", "²"])
def test_junk_for_the_counts_opens_the_round_without_any(junk):
    app = page(teacher="true", mse_tab="Check", mse_question=ASKED.id, hands=junk)
    assert [widget(app, voting.vote_key(ASKED, i, 0)).value for i in range(len(ASKED.options))] == [0.0, 0.0, 0.0]
    assert "hands" not in app.query_params
    assert "alert(1)" not in everything(app)


def test_counts_are_read_as_they_are_written():
    text = "same-surface." + ".".join(str(n) for n in range(2 * len(ASKED.options)))
    assert hands.read(text) == {"same-surface": tuple(range(2 * len(ASKED.options)))}
