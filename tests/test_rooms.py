"""A live class: what teacher and students can do and see, in memory and in a real Redis."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis_server import RedisServer

from lossgeo.rooms import Phase, Round, Store, Vote, counts, new_token, open_store
from lossgeo.rooms.records import (
    ALPHABET,
    DURATIONS,
    LETTERS,
    ROOMS,
    STUDENTS,
    Closed,
    Full,
    NoRoom,
    RoomError,
    StoreGone,
    Wait,
)
from lossgeo.rooms.shelf import LIFE
from lossgeo.rooms.store import SLOWEST, TRIES

ROOT = Path(__file__).resolve().parents[1]
QUESTION = Round("question", "same-surface", state="mse_dataset=cars", options=4, key="2")
START = Round("start", "nonconvex", limits=((-5.0, 5.0), (-2.0, 2.0)), key="best 0.5")
RATE = Round("rate", "mse", limits=((0.001, 2.0),))
PLACE = Round("place", "mse", limits=((-1.0, 1.0), (0.0, 3.0)))


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


class House:
    """A store, its clock, and how time passes for both of them."""

    def __init__(self, server: RedisServer | None) -> None:
        self.server, self.url = server, server and server.url
        self.now = 1_000_000.0
        self.store = self.another()

    def another(self) -> Store:
        """As a second process has it. In memory there is no second."""
        return open_store(self.url, lambda: self.now)

    def wait(self, seconds: float) -> None:
        """Let time pass, on the clock and for what Redis is to forget by itself."""
        self.now += seconds
        if self.url:
            client = self.store._shelf._client
            for key in client.scan_iter("*"):
                left = client.pttl(key)
                assert left > 0, f"{key} would stay for ever"
                client.pexpire(key, max(left - round(1000 * seconds), 0))

    def open(self, asked: Round = QUESTION, students: int = 0):
        """A room with students: code, secret, tokens."""
        opened = self.store.open(asked)
        return opened.code, opened.secret, [self.store.join(opened.code)[1] for _ in range(students)]

    def vote(self, code: str, token: str, answer, confidence: str = "") -> Vote:
        """As a page does it: for the vote that is open now."""
        return self.store.vote(code, token, self.store.student(code, token).room.ballot, answer, confidence)


@pytest.fixture(params=["memory", "redis"])
def house(request):
    if request.param == "memory":
        return House(None)
    return request.getfixturevalue("redis_house")


@pytest.fixture
def redis_house(needs_tool, request):
    needs_tool("redis")
    needs_tool("redis-server")
    server = request.getfixturevalue("redis_server")  # not before it is known that there is one
    server.say("FLUSHALL")
    return House(server)


# --- a round --------------------------------------------------------------------------------------------------------


def test_a_round_from_the_first_vote_to_the_answer(house):
    code, secret, (ann, bob, cid) = house.open(students=3)
    store = house.store
    room = store.student(code, ann).room
    assert (room.phase, room.ballot, room.number, room.revision) == (Phase.ALONE, (1, 1), 1, 1), "voting is not open"
    assert room.code == code
    house.vote(code, ann, 3, "guess")
    house.vote(code, ann, 0, "certain")  # changed
    store.go(code, secret, Phase.FIRST)
    house.vote(code, bob, 0)
    store.go(code, secret, Phase.TALK)
    for token in (ann, cid):
        with pytest.raises(Closed):
            house.vote(code, token, 1)
    store.go(code, secret, Phase.SECOND)
    for token, answer in ((ann, 2), (bob, 2), (cid, 1)):
        house.vote(code, token, answer)
    store.go(code, secret, Phase.REVEALED)
    with pytest.raises(Closed):
        house.vote(code, cid, 2)
    seen = store.teacher(code, secret)
    assert (seen.come, seen.voted) == (3, (2, 3))
    assert [counts(QUESTION, votes) for votes in seen.votes] == [(2, 0, 0, 0), (0, 1, 2, 0)]
    assert Vote(0, "certain") in seen.votes[0]
    assert store.student(code, ann).own == (Vote(0, "certain"), Vote(2))
    assert store.student(code, cid).own == (None, Vote(1))


@pytest.mark.parametrize(("asked", "answers"), [
    (START, [(-5.0, 2.0), (0.0, 0.1), (0.1, 0.0)]), (RATE, [(0.001,), (2.0,), (0.3,)]), (PLACE, [(1.0, 0.0), (0, 3)]),
])  # fmt: skip
def test_points_and_rates_come_back_as_they_were_given(house, asked, answers):
    code, secret, tokens = house.open(asked, len(answers))
    for token, answer in zip(tokens, answers, strict=True):
        house.vote(code, token, answer)
        assert house.store.student(code, token).own[0] == Vote(answer)
    seen = house.store.teacher(code, secret)
    assert Counter(vote.answer for vote in seen.votes[0]) == Counter(answers)
    assert seen.room.round == asked


def test_the_next_round_begins_empty_and_late_answers_do_not_count_in_it(house):
    code, secret, (ann, bob) = house.open(students=2)
    old = house.store.student(code, ann).room.ballot
    house.vote(code, ann, 1)
    house.store.start(code, secret, Round("question", "no-floor", options=3))
    for ballot in (old, (1, 2), (2, 2), (3, 1), None):
        with pytest.raises(Closed):
            house.store.vote(code, bob, ballot, 3)  # there were four options
    seen = house.store.teacher(code, secret)
    assert (seen.come, seen.voted, seen.votes) == (2, (0, 0), ((), ()))
    assert (seen.room.number, seen.room.phase, seen.room.ballot) == (2, Phase.ALONE, (2, 1))
    assert house.store.student(code, ann).own == (None, None)
    house.vote(code, ann, 2)
    assert house.store.teacher(code, secret).voted == (1, 0)


def test_the_countdown_runs_by_the_clock_and_closes_nothing(house):
    code, secret, (ann,) = house.open(students=1)

    def left() -> float | None:
        assert house.store.student(code, ann).room.left == house.store.teacher(code, secret).room.left
        return house.store.teacher(code, secret).room.left

    assert DURATIONS == (60, 60, 180, 60, 120)
    assert left() == 60
    house.now += 42
    assert left() == 18
    house.now += 42
    assert left() == 0
    house.vote(code, ann, 1)
    house.store.go(code, secret, Phase.TALK)
    assert left() == 180
    house.store.set_durations(code, secret, (0, 30, 90, 30, 0))
    assert left() == 90
    house.store.go(code, secret, Phase.ALONE)
    assert left() is None
    house.store.start(code, secret, RATE)
    assert house.store.teacher(code, secret).durations == (0, 30, 90, 30, 0)
    house.store.set_durations(code, secret, (3600, 0, 0, 0, 0))
    assert left() == 3600
    for bad in ((1, 2, 3), (60, 60, 180, 60, -1), (60, 60, 180, 60, float("nan")), (60, 60, 180, 60, 1e9)):
        with pytest.raises(ValueError, match="durations are 5 numbers"):
            house.store.set_durations(code, secret, bad)


def test_every_change_by_the_teacher_has_a_new_revision_and_a_vote_has_none(house):
    code, secret, (ann,) = house.open(students=1)
    store, seen = house.store, []
    changes = [
        lambda: store.go(code, secret, Phase.FIRST), lambda: store.show(code, secret, True),
        lambda: store.set_durations(code, secret, DURATIONS), lambda: store.start(code, secret, RATE),
    ]  # fmt: skip
    for change in changes:
        change()
        seen.append(store.student(code, ann).room.revision)
    house.vote(code, ann, (0.1,))
    assert seen == [2, 3, 4, 5]
    assert store.teacher(code, secret).room.revision == 5


# --- who may see and do what ----------------------------------------------------------------------------------------


def test_a_student_sees_nothing_of_others_until_it_is_shown(house):
    code, secret, (ann, bob) = house.open(START, students=2)
    house.vote(code, bob, (1.2345, 0.5), "certain")
    for phase in Phase:
        house.store.go(code, secret, phase)
        seen = house.store.student(code, ann)
        assert seen.votes is None
        assert seen.own == (None, None)
        for word in ("1.2345", "certain", bob, secret):
            assert word not in repr(seen), f"in {phase.name} a student sees {word} of somebody else"
    house.store.show(code, secret, True)
    seen = house.store.student(code, ann)
    assert seen.votes == ((Vote((1.2345, 0.5), "certain"),), ())
    assert bob not in repr(seen)
    house.store.show(code, secret, False)
    assert house.store.student(code, ann).votes is None


def test_what_is_shown_is_hidden_again_in_the_next_round(house):
    code, secret, (ann,) = house.open(students=1)
    house.store.show(code, secret, True)
    house.store.start(code, secret, QUESTION)
    assert house.store.student(code, ann).votes is None


def test_the_order_of_the_votes_tells_nothing_of_who_came_when(house):
    shown = set()
    for order in itertools.permutations(((0.0, 0.5), (0.25, 1.0), (-0.5, 2.0))):
        code, secret, tokens = house.open(PLACE, students=3)
        for token, answer in zip(tokens, order, strict=True):
            house.vote(code, token, answer)
        shown.add(house.store.teacher(code, secret).votes)
    assert len(shown) == 1


def test_the_key_is_told_when_the_round_is_revealed(house):
    code, secret, (ann,) = house.open(students=1)
    for phase in Phase:
        house.store.go(code, secret, phase)
        told = house.store.student(code, ann).room.round.key
        assert told == ("2" if phase is Phase.REVEALED else ""), f"in {phase.name} a student has the key {told!r}"
        assert house.store.teacher(code, secret).room.round == QUESTION


FORGED = ["", "x", "x" * 22, "é" * 22, "*", "a" * 100_000, "nul\x00" + "x" * 18]


@pytest.mark.parametrize("forged", FORGED, ids=lambda text: repr(text[:25]))
def test_a_forged_secret_or_token_does_nothing(house, forged):
    code, secret, (ann,) = house.open(students=1)
    house.vote(code, ann, 1)
    store = house.store
    other = house.open(students=1)
    for wrong in (forged, ann, other[1], other[2][0]):  # a student's, or another room's
        for attempt in (
            lambda wrong=wrong: store.teacher(code, wrong), lambda wrong=wrong: store.go(code, wrong, Phase.REVEALED),
            lambda wrong=wrong: store.start(code, wrong, RATE), lambda wrong=wrong: store.show(code, wrong, True),
            lambda wrong=wrong: store.close(code, wrong),
            lambda wrong=wrong: store.set_durations(code, wrong, DURATIONS),
        ):  # fmt: skip
            with pytest.raises(NoRoom, match=r"^This room is no longer open\. Open a new one\.$"):
                attempt()
    for wrong in (forged, secret, other[1], other[2][0]):
        with pytest.raises(NoRoom, match="Enter its code again"):
            store.student(code, wrong)
        with pytest.raises(NoRoom, match="Enter its code again"):
            store.vote(code, wrong, (1, 1), 0)
    seen = store.teacher(code, secret)
    assert (seen.come, seen.voted, seen.votes, seen.room.revision) == (1, (1, 0), ((Vote(1),), ()), 1)


def test_whether_a_room_exists_is_not_told_to_who_is_not_in_it(house):
    code, secret, _ = house.open()
    there, not_there = code, next(c for c in ("BBBBB", "CCCCC") if c != code)
    for ask in (house.store.teacher, house.store.student):
        said = set()
        for name in (there, not_there, "", "x", code.lower(), "B" * 100_000, "*", "{a}:b"):
            with pytest.raises(NoRoom) as refused:
                ask(name, "x" * 22)
            said.add(str(refused.value))
        assert len(said) == 1
    assert house.store.teacher(code, secret).room.code == code


@pytest.mark.parametrize(("asked", "answer"), [
    (QUESTION, -1), (QUESTION, 4), (QUESTION, 1.0), (QUESTION, True), (QUESTION, "1"), (QUESTION, (1,)),
    (QUESTION, None), (START, 1), (START, (1.0,)), (START, (1.0, 1.0, 1.0)), (START, (6.0, 0.0)),
    (START, (0.0, float("nan"))), (START, (0.0, float("inf"))), (START, ("0", "0")), (START, [0.0, 0.0]),
    (RATE, (0.0,)), (RATE, 0.1), (RATE, (2.1,)),
])  # fmt: skip
def test_what_is_no_answer_to_the_round_is_refused(house, asked, answer):
    code, secret, (ann,) = house.open(asked, students=1)
    with pytest.raises(ValueError, match=r"answer|coordinate"):
        house.vote(code, ann, answer)
    assert house.store.teacher(code, secret).voted == (0, 0)


def test_confidence_is_one_of_three_or_not_given(house):
    code, _, (ann,) = house.open(students=1)
    for confidence in ("", "guess", "fairly sure", "certain"):
        assert house.vote(code, ann, 1, confidence) == Vote(1, confidence)
    with pytest.raises(ValueError, match="confidence must be one of"):
        house.vote(code, ann, 1, "x" * 10_000)


@pytest.mark.parametrize(("wrong", "told"), [
    ({"kind": "poll"}, "kind must be one of question, start, rate, place, got 'poll'"),
    ({"options": 1}, "a question has 2 to 10 options, got 1"),
    ({"options": 11}, "a question has 2 to 10 options, got 11"),
    ({"options": 0}, "a question has 2 to 10 options, got 0"),
    ({"state": "x" * 1988}, "subject, state and key have more than 2000 characters together"),
    ({"kind": "rate", "limits": ()}, "'rate' needs 1 pairs of limits, got 0"),
    ({"kind": "start", "limits": ((0.0, 1.0),)}, "'start' needs 2 pairs of limits, got 1"),
    ({"limits": ((0.0, 1.0),)}, "'question' needs 0 pairs of limits, got 1"),
    ({"kind": "rate", "limits": ((1.0, 0.0),)}, "limits must be finite and the low one first, got ((1.0, 0.0),)"),
    ({"kind": "rate", "limits": ((1.0, 1.0),)}, "limits must be finite and the low one first, got ((1.0, 1.0),)"),
    ({"kind": "rate", "limits": ((0.0, float("inf")),)},
     "limits must be finite and the low one first, got ((0.0, inf),)"),
    ({"kind": "rate", "limits": ((float("-inf"), 0.0),)},
     "limits must be finite and the low one first, got ((-inf, 0.0),)"),
], ids=str)  # fmt: skip
def test_a_round_that_makes_no_sense_is_refused(wrong, told):
    with pytest.raises(ValueError, match=r"kind|options|limits|characters") as refused:
        Round(**{"kind": "question", "subject": "same-surface", "options": 4, "key": "2"} | wrong)
    assert str(refused.value) == told


def test_a_round_may_go_up_to_its_bounds():
    for within in ({"options": 2}, {"options": 10}, {"state": "x" * 1987}):
        assert Round(**{"kind": "question", "subject": "same-surface", "options": 4, "key": "2"} | within)


def test_whatever_goes_wrong_is_said_in_a_whole_sentence(house):
    """Students and teachers read these as they are; the other errors are for who programs a page."""
    code, secret, (ann,) = house.open(START, students=1)
    store, nobody = house.store, next(wrong_codes(code))
    for attempt, told in [
        (lambda: store.join("KM"), "A code has 5 of the letters B C D F G H J K M N P R S T W X Y Z."),
        (lambda: store.join(nobody), f"No room {nobody} is open. Look at the code again."),
        (lambda: store.student(nobody, ann), "This room is no longer open for you. Enter its code again."),
        (lambda: store.teacher(nobody, secret), "This room is no longer open. Open a new one."),
        (lambda: store.vote(code, ann, (1, 2), (0.0, 0.0)), "This vote is closed."),
        (lambda: house.vote(code, ann, (0.0,)), "an answer has 2 coordinates, got (0.0,)"),
        (lambda: house.vote(code, ann, (0.0, 2.5)), "a coordinate must lie between -2 and 2, got 2.5"),
        (lambda: house.vote(code, ann, (0.0, 0.0), "sure"),
         "confidence must be one of guess, fairly sure, certain, got 'sure'"),
        (lambda: store.set_durations(code, secret, (1,)), "durations are 5 numbers of seconds, 0 to 3600, got (1,)"),
    ]:  # fmt: skip
        with pytest.raises((RoomError, ValueError)) as refused:
            attempt()
        assert str(refused.value) == told
    store.start(code, secret, QUESTION)
    with pytest.raises(ValueError, match=r"^an answer is the number of an option, 0 to 3, got 4$"):
        house.vote(code, ann, 4)
    assert str(StoreGone()) == "The class's room cannot be reached just now. Voting goes on as soon as it can."


# --- codes ----------------------------------------------------------------------------------------------------------


def test_a_code_is_five_letters_that_cannot_be_taken_for_others(house):
    codes = {house.store.open(QUESTION).code for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert len(code) == LETTERS == 5
    assert not set("".join(codes)) & set("AEIOULQV0123456789")
    assert len(set("".join(codes))) > 12, "they hardly vary"


def test_a_code_may_be_typed_in_other_ways(house):
    code, _, _ = house.open()
    for typed in (code, code.lower(), f"  {code[:3]} {code[3:]}\n", "-".join(code)):
        joined, token = house.store.join(typed)
        assert joined == code
        assert house.store.student(joined, token).own == (None, None)
    for typed in ("", "BCD", "BCDFGH", "AAAAA", "12345", "B" * 100_000, "ß" * 5, "\x00" * 5):
        with pytest.raises(NoRoom, match="A code has 5 of the letters"):
            house.store.join(typed)


def test_who_comes_again_with_the_token_is_the_same_student(house):
    """The answer to the first try may have been lost."""
    code, secret, _ = house.open()
    token = new_token()
    assert house.store.join(code, token=token) == house.store.join(code, token=token) == (code, token)
    assert house.store.teacher(code, secret).come == 1


def test_a_code_that_is_taken_is_not_given_again(house):
    code, secret, _ = house.open()
    shelf = house.store._shelf
    assert shelf.add(code, shelf.find(code).fields | {"secret": "x" * 22}, ROOMS) is False
    assert house.store.teacher(code, secret).room.code == code


def wrong_codes(right: str):
    """Codes that are not the right one, in an order of their own."""
    return ("".join(letters) for letters in itertools.product(ALPHABET, repeat=LETTERS) if "".join(letters) != right)


def test_a_class_with_some_slips_waits_for_nothing(house):
    code, _, _ = house.open()
    for wrong in itertools.islice(wrong_codes(code), TRIES):
        with pytest.raises(NoRoom, match=f"No room {wrong} is open"):
            house.store.join(wrong)
        house.store.join(code)
    with pytest.raises(NoRoom):
        house.store.join("BBBBB" if code != "BBBBB" else "CCCCC")
    with pytest.raises(Wait, match=r"looked at in 1 s\.$") as wait:
        house.store.join(code)
    assert wait.value.seconds == pytest.approx(0.1), "one slip more, and each code waits for a tenth of a second"


@pytest.mark.parametrize(("visitors", "a_second"), [(10, 1.5), (50, 5.2)])
def test_guessing_makes_codes_wait_and_never_shuts_anybody_out(house, visitors, a_second):
    """Visitors try code after code for ten minutes, each as soon as it may; meanwhile students join."""
    code, _, (inside,) = house.open(students=1)
    guesses, began = wrong_codes(code), house.now
    at_door: dict[int, tuple[str, float | None]] = {}
    looked_at, waits, left, arrived = 0, [], [], None
    for tick in range(6000):
        house.now = began + tick / 10
        for visitor in range(visitors):
            guess, since = at_door.get(visitor) or (next(guesses), None)
            try:
                house.store.join(guess, since)
            except Wait as wait:
                at_door[visitor] = guess, wait.since
            except NoRoom:
                looked_at += 1
                at_door.pop(visitor, None)
        if tick % 500 == 250:
            arrived = house.now
        if arrived is not None:
            try:
                house.store.join(code, arrived)
                waits.append(house.now - arrived)
                arrived = None
            except Wait as wait:
                left.append(wait.seconds)
    assert looked_at <= 600 * a_second, f"{looked_at} codes were looked at in ten minutes"
    assert len(waits) == 12
    assert 0 < min(left) <= max(left) <= SLOWEST
    assert max(waits) <= SLOWEST + 0.2, f"a student with the right code waited {max(waits):.0f} s"
    house.vote(code, inside, 1)  # who is inside notices nothing
    house.wait(60)
    house.store.join(code)  # and a minute later it is over


def test_a_code_that_waits_is_not_looked_at(house):
    """Else the quick answer would tell which code is right."""
    code, _, _ = house.open()
    for wrong in itertools.islice(wrong_codes(code), TRIES + 50):
        with pytest.raises(RoomError):
            house.store.join(wrong, since=house.now - SLOWEST)
    said = []
    for typed in (code, next(wrong_codes(code))):
        with pytest.raises(Wait) as wait:
            house.store.join(typed)
        assert wait.value.since == house.now, "with another time it would wait anew"
        said.append(str(wait.value))
    assert said == ["Many wrong codes were tried just now. Yours is looked at in 5 s."] * 2


# --- bounds and expiry ----------------------------------------------------------------------------------------------


def test_a_room_is_gone_three_hours_after_its_last_use(house):
    code, secret, (ann,) = house.open(students=1)
    for use in (
        lambda: house.vote(code, ann, 1), lambda: house.store.join(code),
        lambda: house.store.go(code, secret, Phase.SECOND), lambda: house.store.start(code, secret, QUESTION),
    ):  # fmt: skip
        house.wait(LIFE - 1)
        use()
    house.wait(LIFE - 1)
    assert house.store.teacher(code, secret).come == 2
    house.store.student(code, ann)  # to look is no use
    house.wait(1)
    for look in (lambda: house.store.teacher(code, secret), lambda: house.store.student(code, ann),
                 lambda: house.store.join(code)):  # fmt: skip
        with pytest.raises(NoRoom):
            look()


def test_to_open_another_room_is_no_use_of_this_one(house):
    code, secret, _ = house.open()
    house.wait(LIFE - 1)
    house.store.open(QUESTION)
    house.wait(1)
    with pytest.raises(NoRoom):
        house.store.teacher(code, secret)


def test_no_more_rooms_than_a_process_may_open(house):
    opened = [house.store.open(QUESTION) for _ in range(ROOMS)]
    assert ROOMS == 100
    with pytest.raises(Full, match=r"^100 rooms are open here already\. Close one, or try again later\.$"):
        house.store.open(QUESTION)
    house.store.close(opened[3].code, opened[3].secret)
    house.store.open(QUESTION)
    with pytest.raises(Full):
        house.store.open(QUESTION)
    house.wait(LIFE)
    house.store.open(QUESTION)


def test_no_more_students_than_a_room_holds(house):
    code, secret, tokens = house.open(students=STUDENTS)
    assert STUDENTS == 500
    with pytest.raises(Full, match=r"^This room is full: 500 students are in it\.$"):
        house.store.join(code)
    for token in tokens:
        house.vote(code, token, 1)
        house.vote(code, token, 2)
    seen = house.store.teacher(code, secret)
    assert (seen.come, seen.voted, counts(QUESTION, seen.votes[0])) == (500, (500, 0), (0, 0, 500, 0))


def test_a_closed_room_leaves_nothing(house):
    code, secret, (ann,) = house.open(students=1)
    house.vote(code, ann, 1)
    house.store.close(code, secret)
    with pytest.raises(NoRoom):
        house.store.student(code, ann)
    kept = list(house.store._shelf._client.scan_iter("*")) if house.url else house.store._shelf._rooms
    assert not kept


# --- many at once ---------------------------------------------------------------------------------------------------


def test_two_hundred_students_at_once_and_no_vote_is_lost(house):
    opened = house.store.open(QUESTION)
    stores = [house.store] + [house.another()] * bool(house.url)  # two processes, where there can be two
    ready = threading.Barrier(40)

    def student(i: int) -> tuple[str, Vote]:
        store = stores[i % len(stores)]
        if i < 40:
            ready.wait(20)
        code, token = store.join(opened.code)
        for turn in range(3):  # changes the mind twice
            seen = store.student(code, token)
            vote = store.vote(code, token, seen.room.ballot, (i + turn) % 4)
        return token, vote

    with ThreadPoolExecutor(40) as pool:
        votes = dict(pool.map(student, range(200)))
    assert len(votes) == 200
    seen = house.store.teacher(opened.code, opened.secret)
    assert (seen.come, seen.voted) == (200, (200, 0))
    assert Counter(seen.votes[0]) == Counter(votes.values())
    for token, vote in votes.items():
        assert house.store.student(opened.code, token).own == (vote, None)


def test_changes_at_the_same_time_are_all_made(house):
    """Two pages of the teacher: no change overwrites another."""
    code, secret, _ = house.open()

    def change(i: int) -> None:
        if i % 2:
            house.store.show(code, secret, True)
        else:
            house.store.set_durations(code, secret, (1, 2, 3, 4, 5))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(40)))
    seen = house.store.teacher(code, secret)
    assert (seen.room.revision, seen.room.shown, seen.durations) == (41, True, (1, 2, 3, 4, 5))


def test_a_vote_counts_before_the_vote_is_closed_or_not_at_all(house):
    """Students vote while the teacher closes: who was told that it counts is counted."""
    code, secret, tokens = house.open(students=60)
    ballot = (1, 1)

    def vote(token: str) -> bool:
        time.sleep(0.01 * random.Random(token).random())
        try:
            house.store.vote(code, token, ballot, 1)
        except Closed:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        told = [pool.submit(vote, token) for token in tokens]
        house.store.go(code, secret, Phase.TALK)
        voted = house.store.teacher(code, secret).voted[0]
        assert sum(each.result() for each in told) == voted == house.store.teacher(code, secret).voted[0]


def test_a_vote_that_the_teacher_overtakes_does_not_count(house, monkeypatch):
    """Closed, or the room gone, between the look whether it is open and the vote itself."""
    code, secret, (ann,) = house.open(students=1)
    shelf = house.store._shelf
    before = shelf.find(code, ann)
    for overtake in (lambda: house.store.go(code, secret, Phase.TALK), lambda: house.store.close(code, secret)):
        overtake()
        monkeypatch.setattr(shelf, "find", lambda *_: before)
        with pytest.raises(Closed, match=r"^This vote is closed\.$"):
            house.store.vote(code, ann, (1, 1), 1)
        monkeypatch.undo()
        found = shelf.find(code)
        assert found is None or found.voted == (0, 0)


def test_a_change_that_another_overtakes_is_made_on_top_of_it(house, monkeypatch):
    code, secret, _ = house.open()
    shelf = house.store._shelf
    find = shelf.find
    looks = [find(code)]
    house.store.set_durations(code, secret, (1, 2, 3, 4, 5))
    monkeypatch.setattr(shelf, "find", lambda code, **wanted: looks.pop() if looks else find(code, **wanted))
    house.store.go(code, secret, Phase.SECOND)
    room = house.store.teacher(code, secret)
    assert (room.room.phase, room.room.left, room.room.revision) == (Phase.SECOND, 4, 3)


def test_the_shelf_takes_votes_of_those_inside_only(house):
    code, _, _ = house.open(students=1)
    assert house.store._shelf.vote(code, "1.1", False, "x" * 22, "[1, null]") is False
    assert house.store._shelf.find(code).voted == (0, 0)


def test_in_memory_a_look_or_a_vote_takes_far_less_than_a_millisecond():
    house = House(None)
    code, secret, tokens = house.open(students=60)
    for token in tokens:
        house.vote(code, token, 1, "certain")
    for operation in (lambda: house.store.student(code, tokens[7]), lambda: house.vote(code, tokens[7], 1),
                      lambda: house.store.teacher(code, secret)):  # fmt: skip
        quickest = 1.0  # of many: another program may have the processor now and then
        for _ in range(200):
            began = time.perf_counter()
            operation()
            quickest = min(quickest, time.perf_counter() - began)
        assert quickest < 1e-3, f"{1e3 * quickest:.2f} ms"


# --- where rooms are kept -------------------------------------------------------------------------------------------


def test_rooms_in_memory_need_no_redis():
    code = """
import sys
sys.modules["redis"] = None  # as if it were not installed
from lossgeo.rooms import Round, open_store
store = open_store("")
opened = store.open(Round("question", "same-surface", options=4))
print(store.join(opened.code)[0] == opened.code)
try:
    open_store("redis://127.0.0.1:1")
except ImportError:
    print("ImportError")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "ImportError"]


@pytest.mark.parametrize("url", ["localhost", "http://localhost:6379", "memcached://x", "redis:localhost"])
def test_an_address_of_something_else_is_refused(url):
    with pytest.raises(ValueError, match="named by an address redis://host:6379"):
        open_store(url)


def test_another_process_finds_the_room(redis_house):
    code, secret, (ann,) = redis_house.open(students=1)
    other = redis_house.another()
    redis_house.vote(code, ann, 3)
    assert other.student(code, ann).own == (Vote(3), None)
    other.go(code, secret, Phase.SECOND)
    _, bob = other.join(code)
    assert redis_house.store.student(code, bob).room.ballot == (1, 2)
    assert redis_house.store.teacher(code, secret).come == 2


def test_names_and_addresses_are_nowhere_in_redis(redis_house):
    """What is kept of a student: a token made by chance, and votes."""
    code, _, (ann,) = redis_house.open(students=1)
    redis_house.vote(code, ann, 3, "guess")
    client = redis_house.store._shelf._client
    assert client.smembers(f"lossgeo:{{{code}}}:tokens") == {ann}
    assert client.hgetall(f"lossgeo:{{{code}}}:first") == {ann: '[3, "guess"]'}
    assert set(client.hgetall(f"lossgeo:{{{code}}}:state")) == {"state", "revision", "ballot", "secret"}


def test_redis_that_stops_answering_is_said_and_voting_goes_on_after_it(redis_house):
    code, _, (ann,) = redis_house.open(students=1)
    redis_house.vote(code, ann, 1)
    os.kill(redis_house.server.process.pid, signal.SIGSTOP)
    try:
        for ask in (lambda: redis_house.store.student(code, ann), lambda: redis_house.store.join(code)):
            began = time.monotonic()
            with pytest.raises(StoreGone, match="cannot be reached just now"):
                ask()
            assert time.monotonic() - began < 5, "a page hangs with it"
    finally:
        os.kill(redis_house.server.process.pid, signal.SIGCONT)
    redis_house.vote(code, ann, 2)
    assert redis_house.store.student(code, ann).own == (Vote(2), None)


def test_after_a_restart_of_redis_with_its_file_voting_goes_on(redis_house):
    code, secret, (ann,) = redis_house.open(students=1)
    redis_house.vote(code, ann, 1)
    redis_house.server.say("SAVE")
    redis_house.server.stop()
    store = redis_house.store
    for ask in (lambda: store.student(code, ann), lambda: store.open(QUESTION), lambda: store.close(code, secret),
                lambda: store.vote(code, ann, (1, 1), 1)):  # fmt: skip
        with pytest.raises(StoreGone):
            ask()
    redis_house.server.start()
    assert redis_house.store.student(code, ann).own == (Vote(1), None)
    redis_house.vote(code, ann, 2)
    redis_house.store.go(code, secret, Phase.TALK)
    assert redis_house.store.teacher(code, secret).voted == (1, 0)


def test_after_a_restart_of_redis_without_a_file_a_new_room_can_be_opened(redis_house):
    code, secret, (ann,) = redis_house.open(students=1)
    redis_house.server.stop()
    for file in redis_house.server.folder.iterdir():
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    redis_house.server.start()
    for ask in (lambda: redis_house.store.student(code, ann), lambda: redis_house.store.teacher(code, secret)):
        with pytest.raises(NoRoom):
            ask()
    assert redis_house.open(students=2)[2]
