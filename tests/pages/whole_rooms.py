"""A live class at random: a teacher with one screen or two, two phones, a clock, and what they do one after the other.

Each of them is a session of its own in a browser of its own, with its cookies. An act is who does what with which
value: it moves one widget of that session's page, or is one of the words below. The page that follows must be whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import log10
from typing import Any

import pytest
from hypothesis import strategies as st
from sessions import ROOT, charts, widget
from streamlit.testing.v1 import AppTest
from truth import broken_words, chart_faults, complaints, faults, opened
from whole_states import FAR, State, controls

from lossgeo.charts.style import LAYOUTS
from lossgeo.rooms import Phase, RoomError, StoreGone, open_store
from lossgeo.teaching import review
from lossgeo.teaching.questions import CONFIDENCE
from lossgeo.ui.classroom import room_keys, students_map
from lossgeo.ui.controls.widgets import dial

Act = tuple[str, str, Any]  # who, a key or a word, a value; of several rooms the first is CODE0 in a key

WALL, SECOND, PHONES = "wall", "second", ("ann", "ben")
PEOPLE = (WALL, SECOND, *PHONES)
COME = "come"  # to the page, as the address and the cookies of the browser say
LOOK = "look"  # the page is drawn again, as by its look for news
GONE = "gone"  # the same while the store of the rooms cannot be reached
WAIT = "wait"  # seconds go by

# What a page in a room may warn of.
SAID = (
    "no longer open", "cannot be reached just now", "This vote is closed.", "This room is full",
    "That is none of the answers", "That point is not on the map", "That rate is not on the slider",
    "Both numbers are needed", "Choose an answer first", "A code has 5 of the letters", "is open. Look at the code",
    "Many wrong codes", "These settings cannot be handed to the class", "The runs cannot be made", "**Not this one.**",
    "is no number of hands",
)  # fmt: skip
# Of the teacher's page: what belongs to the class. All else is drawn by the states of the pages.
TEACHERS = ("_room", "_reveal", "_next", "_previous", "_see_", "_round_back", "_leave_", "_vote_", "_card_")


class Apps(dict[str, AppTest]):
    """One AppTest for each of them. Hypothesis prints a failing call, and the apps themselves would be 50 kB of it."""

    def __repr__(self) -> str:
        return "apps"


def apps() -> Apps:
    return Apps({who: AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=600).run() for who in PEOPLE})


class Class:
    """The rooms of one process, and who is in them."""

    def __init__(self, apps: Apps, page: str, state: State, patch: pytest.MonkeyPatch) -> None:
        self.apps, self.page, self.state = apps, page, state
        self.now, self.codes, self.here = 1.8e9, list[str](), set[str]()
        self.store = open_store(None, lambda: self.now)
        self.jars: dict[str, dict[str, tuple[str, str]]] = {who: {} for who in PEOPLE}
        patch.setattr(room_keys, "STORE", self.store)

    # --- what can be done ---------------------------------------------------------------------------------

    def acts(self) -> st.SearchStrategy[Act]:
        """Any act that is possible now."""
        who = st.sampled_from([*PEOPLE, WALL, *PHONES])
        return who.flatmap(self._acts_of).map(lambda act: (act[0], self._named(act[1]), act[2]))

    def _acts_of(self, who: str) -> st.SearchStrategy[Act]:
        # A second screen is one more of the same teacher, or that of another teacher.
        come = st.tuples(st.just(who), st.just(COME), st.sampled_from([WALL, ""] if who == SECOND else [self.first]))
        if who not in self.here:
            return come
        wait = st.tuples(st.just(who), st.just(WAIT), st.sampled_from([1.0, 61.0, 3600.0, 10801.0]))
        moves = self._phones(who) if who in PHONES else self._teachers(who)
        return st.one_of(*moves, st.sampled_from([(who, LOOK, None), (who, GONE, None)]), wait, come)

    @property
    def first(self) -> str:
        """The code that stands on the wall, "" before there is one."""
        return "CODE0" if self.codes else ""

    def _phones(self, who: str) -> Iterable[st.SearchStrategy[Act]]:
        app = self.apps[who]
        for button in app.button:
            if button.disabled:
                continue
            value: st.SearchStrategy[Any] = st.none()
            if button.key.startswith("_room_vote"):
                options = st.one_of(st.none(), st.sampled_from(range(len(app.radio[0].options))))
                value = st.tuples(options, st.sampled_from([None, *CONFIDENCE]))
            elif button.key.startswith("_room_point"):
                value = st.tuples(*(self._near(box.value) for box in app.number_input))
            elif button.key.startswith("_room_rates"):
                value = st.sampled_from(self._rates(who))
            elif button.label == "Join":
                value = st.sampled_from([self.first, " code0", "ZZZZZ", "", "<b>"])
            yield st.tuples(st.just(who), st.just(button.key), value)

    def _near(self, middle: float | None) -> st.SearchStrategy[float | None]:
        """Numbers on the map, beside it, and none."""
        middle = middle or 0.0
        size = max(abs(middle), 1.0)
        return st.one_of(st.none(), st.floats(middle - size / 9, middle + size / 9), FAR)

    def _teachers(self, who: str) -> Iterable[st.SearchStrategy[Act]]:
        app = self.apps[who]

        def act(key: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
            return st.tuples(st.just(who), st.just(key), value)

        for element in app.button:
            if element.key.startswith(TEACHERS) and not element.disabled:
                yield act(element.key, st.none())
        for element in app.toggle:
            if element.key.startswith(TEACHERS):
                yield act(element.key, st.booleans())
        boxes = [act(e.key, st.sampled_from([0.0, 0.5, 1.0, 60.0, None]))
                 for e in app.number_input if e.key.startswith(TEACHERS)]  # fmt: skip
        if boxes:
            yield st.one_of(boxes)
        for element in app.button_group:
            if element.key.startswith("_room_phase"):
                yield act(element.key, st.sampled_from(list(Phase)))
            elif element.key.endswith("_panel"):
                yield act(element.key, st.sampled_from(list(element.options)))

    # --- doing it -------------------------------------------------------------------------------------------

    def do(self, act: Act) -> list[str]:
        """What is wrong with the page that follows."""
        who, what, value = act
        app = self.apps[who]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room_keys, "_from_cookie", lambda name: self.jars[who].get(name, room_keys.NONE))
            if what == COME:
                self._come(who, value)
            elif what == WAIT:
                self.now += value
                app.run()
            elif what == GONE:
                for name in ("teacher", "student", "vote", "join", "go", "start", "show", "open", "close"):
                    patch.setattr(self.store, name, _gone)
                app.run()
            elif what == LOOK:
                app.run()
            else:
                self._move(app, self._key(what), value)
        self._remember(who)
        return [f"{who}: {text}" for text in self.faults(who)]

    def _come(self, who: str, value: str) -> None:
        app = self.apps[who]
        self.here.add(who)
        if who in PHONES:
            opened(app, {}, {"room": self._key(value) or "ZZZZZ"})
            return
        if who == SECOND:
            self.jars[who] = dict(self.jars[WALL]) if value == WALL else {}
        app.switch_page(f"pages/{self.page}.py")
        opened(app, {"_hide": (), "_teacher": True, f"{self.page}_tab": "Check", **self.state})

    def _move(self, app: AppTest, key: str, value: Any) -> None:
        element = next((e for e in app.button if e.key == key), None)
        if element is None:
            widget(app, key).set_value(value)
        else:
            if key.startswith("_room_vote"):
                place = key.removeprefix("_room_vote")
                widget(app, f"_room_answer{place}").set_value(value[0])
                widget(app, f"_room_sure{place}").set_value(value[1])
            elif key.startswith("_room_point"):
                for box, one in zip(app.number_input, value, strict=True):
                    box.set_value(one)
            elif key.startswith("_room_rates"):
                app.select_slider[0].set_value(app.select_slider[0].value if value is None else value)
            elif element.label == "Join":
                app.text_input[0].set_value(self._key(value.upper()) if "CODE" in value.upper() else value)
            element.click()
        app.run()

    def _remember(self, who: str) -> None:
        """The cookies that the page has asked for, and a new code on the wall."""
        for component in self.apps[who].get("bidi_component"):
            if component.proto.component_name.endswith("lossgeo_cookie"):
                data = json.loads(component.proto.json)
                code, _, secret = data["value"].partition(".")
                self.jars[who][data["name"]] = code, secret
        held = self._held(who, "_room")
        if held and held[0] and held[0] not in self.codes:
            self.codes.append(held[0])

    def _held(self, who: str, slot: str) -> Any:
        return dict(self.apps[who].session_state.items()).get(slot)

    def _rates(self, who: str) -> list[float | None]:
        """The rates on the slider; None, which leaves it as it is, if the room has been closed behind it."""
        try:
            ((low, high),) = self.store.student(*self._held(who, "_seat")).room.round.limits
        except (RoomError, ValueError):
            return [None]
        return [None, *dial(round(log10(low)), round(log10(high)))]

    def _named(self, key: str) -> str:
        for i, code in enumerate(self.codes):
            key = key.replace(code, f"CODE{i}")
        return key

    def _key(self, name: str) -> str:
        for i, code in enumerate(self.codes):
            name = name.replace(f"CODE{i}", code)
        return name

    # --- what must hold -------------------------------------------------------------------------------------

    def faults(self, who: str) -> list[str]:
        app = self.apps[who]
        if who in PHONES:
            return phone_faults(app)
        page = self._held(who, "_page")
        if self._held(who, "_teacher"):
            return faults(app, page, SAID)
        return faults(app, page)


def _gone(*_: Any, **__: Any) -> None:
    raise StoreGone


def phone_faults(app: AppTest) -> list[str]:
    """A student's page says something, asks for something or has a map, and nothing on it is broken."""
    if complaints(app):
        return complaints(app)
    found = [f"warning: {w.value}" for w in app.warning if not any(known in w.value for known in SAID)]
    found += [f"says: {text}" for text in broken_words(app)]
    headings = {heading for heading, _ in students_map.ASKED.values()}
    if any(e.value in headings for e in app.subheader) and len(charts(app)) != 1:
        found.append("no map")
    if not any(map(len, (app.radio, app.subheader, app.info, app.warning, app.title, app.markdown))):
        found.append("an empty page")
    return found + chart_faults(app)


@st.composite
def classes(draw: st.DrawFn) -> tuple[str, State, list[Act]]:
    """A page, what the teacher has set there, and how the lesson begins."""
    page = draw(st.sampled_from(["mse", "logistic", "nonconvex", "network"]))
    usual = {
        "layout": draw(st.sampled_from(list(LAYOUTS))),
        "projector": draw(st.booleans()),
        f"_card_{page}": draw(st.booleans()),
        f"{page}_question": draw(st.sampled_from([question.id for question in review.scope(page)])),
    }
    set_up = draw(st.one_of(st.just({}), st.fixed_dictionaries(controls(page))))
    acts: list[Act] = [(WALL, COME, ""), (WALL, f"_room_open_{page}", None)]
    kind = draw(st.sampled_from(["", "start", "rate", "place"]))
    acts += [(WALL, f"_room_{kind}_{page}", None)] if kind else []
    acts += [(who, COME, "CODE0") for who in draw(st.sampled_from([(), PHONES[:1], PHONES]))]
    return page, usual | set_up, acts

