"""The only door to what a session remembers and to the address line.

A Slot is one thing that a session remembers beside its widgets. A widget's value stands under the
widget's key: `value`, `put`. The address holds what a link says; a widget bound to it writes its own
parameter, and only parameters without such a widget may be written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from lossgeo.teaching.content_files import State
from lossgeo.teaching.progress import Notes, Progress
from lossgeo.teaching.questions import Mark

T = TypeVar("T")
Link = dict[str, list[str]]  # the parameters of an address, each with all its texts


@dataclass(frozen=True)
class Slot(Generic[T]):
    """One thing to remember: its key and what it is at first."""

    key: str
    first: T

    def get(self) -> T:
        """What is remembered."""
        found: T = st.session_state.get(self.key, self.first)
        return found

    def put(self, value: T) -> None:
        """Remember this instead."""
        st.session_state[self.key] = value

    def clear(self) -> None:
        """Back to what it is at first."""
        st.session_state.pop(self.key, None)

    def take(self) -> T:
        """What is remembered, which is then forgotten."""
        found = self.get()
        self.clear()
        return found


# --- arriving, and where one is -----------------------------------------------------------------------

ENTERED: Slot[bool] = Slot("entered", False)  # whether the entry file has run
WANTED: Slot[tuple[str, Link] | None] = Slot("wanted", None)  # the page that a first link asked for, with its link
ARRIVED: Slot[Link] = Slot("arrived", {})  # the link by which the session came, until its page is drawn
DROPPED: Slot[tuple[str, ...]] = Slot("dropped", ())  # parameters of that link that no control can use
MISNAMED: Slot[tuple[str, ...]] = Slot("misnamed", ())  # of `hide` and `lock`, those that name something unknown
PAGE: Slot[str] = Slot("_page", "")  # the lesson page of the last run
RESTORE: Slot[State | None] = Slot("_restore", None)  # settings that the browser's Back has lost
LAYOUT: Slot[str] = Slot("layout", "")  # the layout that the browser asked for; "" before it has
NEXT: Slot[tuple[str, Mapping[str, Any]] | None] = Slot("_next", None)  # the page to go to, with its link

# --- what a link hides or locks; what a class shares ---------------------------------------------------

HIDE: Slot[tuple[str, ...]] = Slot("_hide", ())
LOCK: Slot[tuple[str, ...]] = Slot("_lock", ())
KEPT: Slot[Mapping[str, Any]] = Slot("_kept", {})  # settings that a prepared link fixes, by key
SEED: Slot[int] = Slot("_seed", 1)
TEACHER: Slot[bool] = Slot("_teacher", False)

# --- learning ------------------------------------------------------------------------------------------

PROGRESS: Slot[Progress] = Slot("_progress", Progress())
FIRST_HALF: Slot[Notes] = Slot("_half", Notes())  # notes of a first half: lesson 5 has one place in the progress
HERE: Slot[tuple[str, int, str] | None] = Slot("_here", None)  # page, lesson and part where the learner is
BACK: Slot[tuple[str, int, str] | None] = Slot("_back", None)  # and from where another page was opened
ASKED_AGAIN: Slot[frozenset[str]] = Slot("_asked_again", frozenset())  # answered questions that are open once more
REVEALED: Slot[str] = Slot("_revealed", "")  # the question whose answer the class sees
HINTS_SEEN: Slot[int] = Slot("_tour", 0)
LOADED: Slot[tuple[bool, str]] = Slot("_loaded", (True, ""))  # whether a progress file was good, and what to say
BEFORE_FILE: Slot[Progress] = Slot("_before", Progress())

# --- counters that tell a script of the browser to do something once ------------------------------------

LOOKS: Slot[int] = Slot("_looks", 0)  # bring the stage into sight
PLAYS: Slot[int] = Slot("_plays", 0)  # play the descent from its start
ROUNDS: Slot[int] = Slot("_turns", 0)  # bring the question of the round into sight


def answer_given(place: str) -> Slot[Mark | None]:
    """The answer given at a place of a lesson, in this visit."""
    return Slot(f"_said_{place}", None)


def place_in_lessons(page: str) -> Slot[tuple[str, str]]:
    """The lesson and the part that were last open on a page."""
    return Slot(f"_{page}_place", ("", ""))


def history(page: str) -> Slot[tuple[State, ...]]:
    """What Undo goes back to: the settings of a page before each of the last changes."""
    return Slot(f"_{page}_history", ())


def settings_now(page: str) -> Slot[State | None]:
    """The settings of a page at the end of its last run."""
    return Slot(f"_{page}_now", None)


def opening(page: str) -> Slot[Mapping[str, Any] | None]:
    """What the link by which the session came says of step, pointer and camera."""
    return Slot(f"_opening_{page}", None)


# --- widgets -------------------------------------------------------------------------------------------


def value(key: str, otherwise: Any = None) -> Any:
    """What the widget of that key shows, or `otherwise` while it has shown nothing yet."""
    return st.session_state.get(key, otherwise)


def put(key: str, value: Any) -> None:
    """Set a widget, before it is drawn or in a callback."""
    st.session_state[key] = value


def forget(*keys: str) -> None:
    """Let widgets start afresh."""
    for key in keys:
        st.session_state.pop(key, None)


def keys(prefix: str) -> Iterator[str]:
    """All keys that begin so."""
    return (key for key in list(map(str, st.session_state)) if key.startswith(prefix))


def shown(key: str) -> bool:
    """Whether there is a value for the widget of that key, from an earlier run or from the address."""
    return key in st.session_state or key in st.query_params


def said(key: str, otherwise: str = "") -> str:
    """What a widget with texts shows; before it is drawn, what the address says of it."""
    return str(st.session_state.get(key) or st.query_params.get(key) or otherwise)


# --- the address -----------------------------------------------------------------------------------------


def link() -> Link:
    """Everything that the address says."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def parameter(key: str) -> str:
    """The text of a parameter, "" if the address does not have it."""
    return str(st.query_params.get(key, ""))


def texts(key: str) -> Sequence[str]:
    """All texts of a parameter."""
    return st.query_params.get_all(key)


def write(key: str, text: str) -> None:
    """Set a parameter that no widget holds, or take it out where the text is empty."""
    now = st.query_params.get_all(key)
    if text and now != [text]:
        st.query_params[key] = text
    elif now and not text:
        del st.query_params[key]
