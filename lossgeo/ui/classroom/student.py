"""A student's page in a room: what the class is asked just now, and nothing else.

It is light, because a whole class opens it at once: no stage, no sidebar. Every three seconds it looks whether the
teacher has gone on; nothing else polls.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from lossgeo.charts.votes import VOTES
from lossgeo.numbers import plural
from lossgeo.rooms import (
    Ballot,
    NoRoom,
    Phase,
    Room,
    RoomError,
    Round,
    StudentView,
    Vote,
    Wait,
    counts,
    new_token,
    tidy,
)
from lossgeo.teaching import questions as bank
from lossgeo.teaching.worksheet import LETTERS
from lossgeo.ui import session
from lossgeo.ui.classroom import room_keys, rounds, students_map
from lossgeo.ui.classroom.room_keys import Key, live
from lossgeo.ui.runtime import components
from lossgeo.ui.session import AT, COMING, REFUSED, ROOM_SAYS, WAITING

NEWS = 3.0  # seconds between two looks
CSS = """<style>
.st-key-student{max-width:40rem;margin:0 auto}
.st-key-student [role=radiogroup]{gap:.6rem}
.st-key-student [role=radiogroup] label{padding:.35rem 0}
.st-key-student [role=radiogroup] label p{font-size:1.05rem;line-height:1.4}
.st-key-student .stButton button{min-height:3rem}
[class*=st-key-_keep_],.st-key-reconnect,.st-key-viewport{position:absolute}
[data-testid="stMainBlockContainer"]{padding:2.5rem 24px 3rem}
</style>"""
BARS = """<style>
.class-bars{display:grid;grid-template-columns:1.4rem 1fr;gap:.35rem .5rem;align-items:center;line-height:1.25}
.class-bars b{text-align:center}
.class-bars i{display:inline-block;height:.8em;min-width:2px;border-radius:2px;margin-right:.4rem;vertical-align:-.05em}
.class-bars span{white-space:nowrap;font-size:.9rem}
.class-key{font-size:.9rem;margin-bottom:.3rem}
.class-key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .35rem 0 0;vertical-align:-.05em}
.class-key i+*{margin-right:1rem}
</style>"""

Mark = tuple[object, ...]


def show() -> None:
    """The page of whoever opened `?room=...`."""
    st.html(CSS + BARS)
    with st.container(key="student"):
        code = AT.get()
        if said := ROOM_SAYS.take():
            st.warning(said)
        try:
            seat = room_keys.students_view(code) or _enter(code)
        except RoomError as error:  # Redis cannot be reached
            st.warning(str(error))
            _look(code, ())
            return
        if seat is None:
            return
        key, view = seat
        room_keys.keep_seat()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Room {code} · {_part(view.room)}")
            if view.room.left is not None and view.room.round.kind == "question":
                components.countdown(key="countdown", data={"left": view.room.left})
        question = rounds.question_of(view.room.round)
        if question is not None:
            _question(key, view, question)
        elif not students_map.show(key, view):
            st.info("This question is not known here. Look at the wall.")
        _look(code, _mark(view))
        st.button("Leave the room", key="_room_leave", type="tertiary", on_click=_leave)


def _part(room: Room) -> str:
    """What goes on in the room, in a few words."""
    if room.round.kind != "question":
        return "open" if room.ballot else "closed"
    if room.phase is Phase.REVEALED:
        return "the answer"
    return rounds.vote_now(room) + ("" if room.ballot else " closed")


# --- coming in --------------------------------------------------------------------------------------------


def _enter(code: str) -> tuple[Key, StudentView] | None:
    """Take a seat in the room, or say why that cannot be done."""
    refused, said = REFUSED.get()
    if refused == code:
        _door(said)
        return None
    waited_for, since, _ = WAITING.get()
    if COMING.get()[0] != code:  # kept first: a run may be cut short at any moment, and nobody may come twice
        COMING.put((code, new_token()))
    try:
        key = room_keys.STORE.join(code, since if waited_for == code else None, COMING.get()[1])
    except Wait as wait:
        WAITING.put((code, wait.since, room_keys.STORE.clock() + wait.seconds))
        _wait()
        return None
    except NoRoom as error:
        WAITING.clear()
        REFUSED.put((code, str(error)))  # asked for once, not in each run of this page
        _door(str(error))
        return None
    room_keys.sit(key)
    WAITING.clear()
    return room_keys.students_view(code)


@live(1.0)
def _wait() -> None:
    """Says how long a code has to wait while many wrong ones come, and then tries it."""
    left = WAITING.get()[2] - room_keys.STORE.clock()
    if left <= 0:
        st.rerun()
    st.info(str(Wait(left, 0.0)))


def _door(said: str) -> None:
    """Asks for the code."""
    st.subheader("Join a class")
    st.warning(said)
    door()


def door() -> None:
    """The box for a code, and the button Join."""
    with st.form("_room_door", border=False):
        st.text_input("Code on the wall", key="_room_code", max_chars=20, autocomplete="off")
        st.form_submit_button("Join", type="primary", on_click=_join)


def _join() -> None:
    """Callback: go to the room of the typed code."""
    REFUSED.clear()
    room_keys.go_to(tidy(str(session.value("_room_code", ""))))


def _leave() -> None:
    """Callback: back to the app, as any visitor."""
    room_keys.go_to("")


# --- news -------------------------------------------------------------------------------------------------


def _mark(view: StudentView) -> Mark:
    """What changes when there is something new to be seen."""
    return view.room.number, view.room.revision, view.votes


@live(NEWS)
def _look(code: str, mark: Mark) -> None:
    """Looks for news, and draws the page again if there are any."""
    try:
        seat = room_keys.students_view(code)
    except RoomError:
        if mark:
            st.caption("The room cannot be reached just now. Voting goes on as soon as it can.")
        return
    if seat is None or _mark(seat[1]) != mark:
        st.rerun()


# --- a question -------------------------------------------------------------------------------------------


def _question(key: Key, view: StudentView, question: bank.Question) -> None:
    room, asked = view.room, view.room.round
    order = rounds.order_of(asked, question)
    letters = dict(zip(order, LETTERS, strict=False))
    texts = {i: f"**{letters[i]}**\u2002{question.options[i].text}" for i in order}
    latest = view.own[1] or view.own[0]
    st.markdown(question.stem)
    if room.phase is Phase.REVEALED:
        _feedback(question, texts, latest)
    elif room.ballot is None:
        st.markdown("\n\n".join(texts.values()))
        st.info(
            (f"Your answer: **{letters[_option(latest)]}**. " if latest else "You have not voted. ")
            + "Talk with a neighbour who chose another answer. Then vote again."
        )
    else:
        _ballot(key, view, room.ballot, texts, letters)
    if view.votes is not None:
        st.html(bars(asked, view.votes, order))


def _option(vote: Vote) -> int:
    return vote.answer if isinstance(vote.answer, int) else 0


def _ballot(key: Key, view: StudentView, ballot: Ballot, texts: dict[int, str], letters: dict[int, str]) -> None:
    """The options and the button Vote; then which answer counts."""
    own = view.own[ballot[1] - 1]
    place = f"{key[0]}_{ballot[0]}_{ballot[1]}"
    if ballot[1] == 2 and own is None:
        st.markdown(
            "**Second vote.** Vote again, also if you stay with "
            + (f"**{letters[_option(view.own[0])]}**." if view.own[0] else "what you thought.")
        )
    boxes = f"_room_answer_{place}", f"_room_sure_{place}"
    # Only the button is news for the server: a choice alone would cost a run of the page for each of a whole class.
    st.radio(
        "Your answer",
        list(texts),
        index=None if own is None else list(texts).index(_option(own)),
        key=boxes[0],
        format_func=texts.__getitem__,
        on_change="ignore",
    )
    st.segmented_control(
        "How sure are you? You need not say.",
        bank.CONFIDENCE,
        default=own.confidence or None if own else None,
        key=boxes[1],
        on_change="ignore",
    )
    st.button(
        "Vote",
        key=f"_room_vote_{place}",
        type="primary",
        width="stretch",
        on_click=_give_chosen,
        args=(key, ballot, *boxes),
    )
    if own is not None:
        st.success(f"Your vote counts: **{letters[_option(own)]}**. You can change it until the vote is closed.")


def _give_chosen(key: Key, ballot: Ballot, answer: str, sure: str) -> None:
    """Callback of Vote: what the two boxes with these widget keys say."""
    chosen = session.value(answer)
    if chosen is None:
        ROOM_SAYS.put("Choose an answer first, then vote.")
    else:
        give(key, ballot, chosen, session.value(sure) or "")


def give(key: Key, ballot: Ballot, answer: int | tuple[float, ...], sure: str = "") -> None:
    """Callback: vote. What is no answer, or comes too late, is said on the page."""
    try:
        room_keys.STORE.vote(*key, ballot, answer, sure)
    except RoomError as error:
        ROOM_SAYS.put(str(error))
    except ValueError:
        ROOM_SAYS.put("That is none of the answers. Choose one and vote again.")


def _feedback(question: bank.Question, texts: dict[int, str], vote: Vote | None) -> None:
    """The options with the right one and the own one marked; then what is true of the own answer."""
    own = None if vote is None else _option(vote)
    lines = []
    for i, text in texts.items():
        note = "your answer" if i == own else ""
        note = f"{note}, right" if note and i == question.answer else "right" if i == question.answer else note
        lines.append(text + (f" **({note})**" if note else ""))
    st.markdown("\n\n".join(lines))
    if own is None:
        st.info(f"You have not voted. {question.explanation}")
        return
    option = question.options[own]
    if own == question.answer:
        st.success(f"**Right.** {question.explanation}")
    else:
        st.warning(f"**Not this one.** {option.feedback}")
        st.markdown(f"**What is true.** {question.explanation}")
    st.link_button("See it on the map, in a new tab", rounds.address_of(option.state), width="stretch")


# --- how the class has voted ------------------------------------------------------------------------------


def bars(asked: Round, votes: tuple[tuple[Vote, ...], tuple[Vote, ...]], order: tuple[int, ...]) -> str:
    """The votes as HTML: for each option a bar of the first and, beside it, one of the second vote."""
    given = [(name, counts(asked, some)) for name, some in zip(VOTES, votes, strict=True) if some]
    if not given:
        return '<p class="class-key">No votes yet.</p>'
    most = max(max(row) for _, row in given) or 1
    key = "".join(
        f'<i style="background:{VOTES[name]}"></i><span>{name}, {plural(sum(row), "vote")}</span>'
        for name, row in given
    )
    rows = []
    for letter, option in zip(LETTERS, order, strict=False):
        lines = "<br>".join(
            f'<span><i style="background:{VOTES[name]};width:{72 * row[option] / most:.1f}%" aria-hidden="true"></i>'
            f"{row[option]}</span>"
            for name, row in given
        )
        rows.append(f"<b>{escape(letter)}</b><div>{lines}</div>")
    return f'<div class="class-key">{key}</div><div class="class-bars">{"".join(rows)}</div>'
