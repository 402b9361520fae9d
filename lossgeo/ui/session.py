"""The only access to Streamlit's session state and to the URL.

A Slot is one value that a session remembers, apart from its widgets. The value of a widget is stored under the
widget's key (`value`, `put`). The URL holds what a link says. A widget that is bound to the URL writes its own
parameter; only parameters without such a widget may be written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossgeo.contracts import Dataset
from lossgeo.teaching.content_files import State
from lossgeo.teaching.progress import Notes, Progress
from lossgeo.teaching.questions import Mark
from lossgeo.views.own_table import Reading

T = TypeVar("T")
Link = dict[str, list[str]]  # the parameters of a URL, each with all its texts


@dataclass(frozen=True)
class Slot(Generic[T]):
    """One remembered value: its key in the session state, and its initial value."""

    key: str
    first: T

    def get(self) -> T:
        """The current value."""
        found: T = st.session_state.get(self.key, self.first)
        return found

    def put(self, value: T) -> None:
        """Store a new value."""
        st.session_state[self.key] = value

    def clear(self) -> None:
        """Go back to the initial value."""
        st.session_state.pop(self.key, None)

    def take(self) -> T:
        """The current value; the slot is cleared."""
        found = self.get()
        self.clear()
        return found


# --- the first link of a session, and the current page -------------------------------------------------

ENTERED: Slot[bool] = Slot("entered", False)  # whether the entry file has run
WANTED: Slot[tuple[str, Link] | None] = Slot("wanted", None)  # page and parameters of a first link to a page file
ARRIVED: Slot[Link] = Slot("arrived", {})  # the first link, until its page has been drawn
DROPPED: Slot[tuple[str, ...]] = Slot("dropped", ())  # parameters of the first link that no control can use
MISNAMED: Slot[tuple[str, ...]] = Slot("misnamed", ())  # those of `hide` and `lock` that contain an unknown name
PAGE: Slot[str] = Slot("_page", "")  # the lesson page of the last run
RESTORE: Slot[State | None] = Slot("_restore", None)  # settings lost when the browser went back
GOOD_FORMULA: Slot[Mapping[str, Any]] = Slot("_formula", {})  # the settings of the last formula that could be used
LAYOUT: Slot[str] = Slot("layout", "")  # the layout that the browser reported; "" before that
NO_WEBGL: Slot[bool] = Slot("_no_webgl", False)  # whether the browser has said that it draws no 3-D
NEXT: Slot[tuple[str, Mapping[str, Any]] | None] = Slot("_next", None)  # the page to open, and its parameters

# --- what a link hides or locks, and what a class shares -----------------------------------------------

HIDE: Slot[tuple[str, ...]] = Slot("_hide", ())
LOCK: Slot[tuple[str, ...]] = Slot("_lock", ())
KEPT: Slot[Mapping[str, Any]] = Slot("_kept", {})  # settings fixed by a prepared link, by key
SEED: Slot[int] = Slot("_seed", 1)
TEACHER: Slot[bool] = Slot("_teacher", False)
HANDS: Slot[Mapping[str, tuple[int, ...]]] = Slot("_hands", {})  # question -> hands for each option, vote by vote
HANDS_SAY: Slot[str] = Slot("_hands_say", "")  # what a vote box could not take
ROUND: Slot[tuple[str, str] | None] = Slot("_round", None)  # page and question of the teacher's round

# --- a room of a live class ------------------------------------------------------------------------------

ROOM: Slot[tuple[str, str] | None] = Slot("_room", None)  # code and secret of the teacher's room; ("", "") is none
AT: Slot[str] = Slot("_at", "")  # the code in the address of a student, or what was typed for one
SEAT: Slot[tuple[str, str] | None] = Slot("_seat", None)  # code and token of a student
COMING: Slot[tuple[str, str]] = Slot("_coming", ("", ""))  # the same, before the student has joined
WAITING: Slot[tuple[str, float, float]] = Slot("_waiting", ("", 0.0, 0.0))  # code, since when, until when
REFUSED: Slot[tuple[str, str]] = Slot("_refused", ("", ""))  # a code that opens no room, and what was said
ROOM_SAYS: Slot[str] = Slot("_room_says", "")  # what could not be done in the room

# --- learning ------------------------------------------------------------------------------------------

PROGRESS: Slot[Progress] = Slot("_progress", Progress())
FIRST_HALF: Slot[Notes] = Slot("_half", Notes())  # lesson 5 has two halves but only one entry in the progress
HERE: Slot[tuple[str, int, str] | None] = Slot("_here", None)  # page, lesson and part that were open last
# Where a state of another page was opened: that page, the words of the way back, the page left and its settings.
BACK: Slot[tuple[str, str, str, Mapping[str, Any]] | None] = Slot("_back", None)
ASKED_AGAIN: Slot[frozenset[str]] = Slot("_asked_again", frozenset())  # answered questions that are being asked again
REVEALED: Slot[str] = Slot("_revealed", "")  # the question whose answer is shown to the class
TOUR: Slot[bool] = Slot("_hints", True)  # whether hints are given
LOADED: Slot[tuple[bool, str]] = Slot("_loaded", (True, ""))  # whether a progress file was valid, and a message
BEFORE_FILE: Slot[Progress] = Slot("_before", Progress())

# --- what the browser keeps of it (remembered.py) ----------------------------------------------------------

REMEMBER: Slot[bool] = Slot("_remember", True)  # whether it keeps anything
NAME: Slot[str] = Slot("_name", "")  # of this session, for the script in the browser
IN_BROWSER: Slot[tuple[int, Progress | None]] = Slot("_in_browser", (0, Progress()))  # the last change sent, by number
STORAGE: Slot[str] = Slot("_storage", "")  # "closed": it keeps nothing; "damaged": what it kept could not be read

# --- counters: each increase makes a browser script act once ---------------------------------------------

LOOKS: Slot[int] = Slot("_looks", 0)  # scroll to the stage
PLAYS: Slot[int] = Slot("_plays", 0)  # play the run from step 0
RULER: Slot[DeltaGenerator | None] = Slot("_ruler", None)  # the place under the learning rate, for one run
ROUNDS: Slot[int] = Slot("_turns", 0)  # scroll to the question of the vote


def answer_given(place: str) -> Slot[Mark | None]:
    """The answer given at this place of a lesson, in this session."""
    return Slot(f"_said_{place}", None)


def place_in_lessons(page: str) -> Slot[tuple[str, str]]:
    """The lesson and the part that were last open on a page."""
    return Slot(f"_{page}_place", ("", ""))


def staged(page: str) -> Slot[str]:
    """The lesson and the part for which the stage of a page was last set."""
    return Slot(f"_{page}_staged", "")


def kept_runs(lesson: str) -> Slot[tuple[Any, ...]]:
    """The runs that a lesson has kept in sight (ui.learn.kept), oldest first."""
    return Slot(f"_lesson_{lesson}_runs", ())


def kept_places(lesson: str) -> Slot[tuple[tuple[float, float], ...]]:
    """The places that the learner has found in the play of a lesson."""
    return Slot(f"_lesson_{lesson}_places", ())


def opened(page: str) -> Slot[str]:
    """What was last open on a page: a view of the panel, or a section below the stage."""
    return Slot(f"_{page}_open", "")


def challenge(page: str) -> Slot[str]:
    """The id of the challenge that is open on a page, or ""."""
    return Slot(f"_{page}_challenge", "")


def challenge_tries(page: str) -> Slot[tuple[int, Any]]:
    """How often the settings have changed since the open challenge was begun, and the last ones."""
    return Slot(f"_{page}_tries", (0, None))


def revisions(page: str) -> Slot[tuple[int, int]]:
    """How many drops on the data and how many picks of a start the session has heard from the stage of a page."""
    return Slot(f"_{page}_revisions", (0, 0))


def heard(page: str) -> Slot[tuple[Any, Any]]:
    """The last drop and the last pick that were heard."""
    return Slot(f"_{page}_heard", (None, None))


def history(page: str) -> Slot[tuple[State, ...]]:
    """The settings of a page before each of the last changes, for Undo."""
    return Slot(f"_{page}_history", ())


def settings_now(page: str) -> Slot[State | None]:
    """The settings of a page at the end of its last run."""
    return Slot(f"_{page}_now", None)


def points_written(page: str) -> Slot[str]:
    """The learner's own points that this session last wrote into the URL of a page."""
    return Slot(f"_{page}_points", "")


def own_table(page: str) -> Slot[Reading]:
    """What was last pasted or uploaded on a page, and what came of it."""
    return Slot(f"_{page}_own_table", Reading())


def table_error(page: str) -> Slot[str]:
    """Why the table of points could not be used as it was edited."""
    return Slot(f"_{page}_table_error", "")


def large_data(page: str) -> Slot[tuple[Dataset, ...]]:
    """The last data sets of the learner that are too large for a link."""
    return Slot(f"_{page}_large", ())


def opening(page: str) -> Slot[Mapping[str, Any] | None]:
    """What the first link of the session says about step, pointer and camera on a page."""
    return Slot(f"_opening_{page}", None)


# --- widgets -------------------------------------------------------------------------------------------


def value(key: str, otherwise: Any = None) -> Any:
    """The value of the widget with this key, or `otherwise` if it has none yet."""
    return st.session_state.get(key, otherwise)


def put(key: str, value: Any) -> None:
    """Set a widget. Only allowed before it is drawn, or in a callback."""
    st.session_state[key] = value


def forget(*keys: str) -> None:
    """Delete the values of widgets, so that they start with their defaults."""
    for key in keys:
        st.session_state.pop(key, None)


def keys(prefix: str) -> Iterator[str]:
    """All keys of the session state that begin with `prefix`."""
    return (key for key in list(map(str, st.session_state)) if key.startswith(prefix))


def shown(key: str) -> bool:
    """Whether the widget with this key has a value, from an earlier run or from the URL."""
    return key in st.session_state or key in st.query_params


def said(key: str, otherwise: str = "") -> str:
    """The text of a widget; if it has not been drawn yet, the text in the URL."""
    return str(st.session_state.get(key) or st.query_params.get(key) or otherwise)


# --- the address -----------------------------------------------------------------------------------------


def link() -> Link:
    """All parameters of the URL."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def parameter(key: str) -> str:
    """The text of a parameter, "" if the URL does not have it."""
    return str(st.query_params.get(key, ""))


def texts(key: str) -> Sequence[str]:
    """All texts of a parameter."""
    return st.query_params.get_all(key)


def write(key: str, text: str) -> None:
    """Set a parameter that belongs to no widget; remove it if the text is empty."""
    now = st.query_params.get_all(key)
    if text and now != [text]:
        st.query_params[key] = text
    elif now and not text:
        del st.query_params[key]
