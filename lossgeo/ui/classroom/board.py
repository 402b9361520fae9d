"""The teacher's side of a room, above the question: code, QR, who has come and voted, the phases, the votes.

Names are never known. How the class has voted is not sent to the teacher's screen, which all see, before it is shown.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

import streamlit as st

from lossgeo.charts.votes import VOTES
from lossgeo.rooms import DURATIONS, NoRoom, Phase, RoomError, TeacherView, Vote
from lossgeo.teaching import questions as bank
from lossgeo.teaching.questions import CONFIDENCE
from lossgeo.ui import session
from lossgeo.ui.classroom import room_keys, rounds, student
from lossgeo.ui.classroom.room_keys import live
from lossgeo.ui.learn import concept_check
from lossgeo.ui.panel import opened
from lossgeo.ui.session import NEXT, REVEALED, ROOM_SAYS, ROUND, SEED, TEACHER
from lossgeo.ui.share import dialog, links
from lossgeo.views.pages import LESSON_PAGES

CSS = """<style>
.st-key-room_bar{border:1px solid rgba(128,128,128,.35);border-radius:.5rem;padding:.4rem .7rem}
.st-key-room_bar .qr img{max-height:min(9.5rem,165px)!important;object-position:left;display:block}
.st-key-room_bar .code{font-size:clamp(2.4rem,4.6vw,5.5rem);font-weight:700;line-height:1;letter-spacing:.1em}
.st-key-room_bar .where{font-size:.95rem;overflow-wrap:anywhere;line-height:1.3}
.st-key-room_bar .where small{display:block;font-size:.8rem;opacity:.85;margin-top:.2rem}
.st-key-room_news .news{font-size:1.25rem;line-height:1.3}
.st-key-room_news .clock{font-size:1.9rem;font-weight:700;line-height:1.1;font-variant-numeric:tabular-nums}
.st-key-room_large .qr img{max-height:62vh!important}
.st-key-room_large .code{font-size:min(8.2vw,9rem)}
.st-key-room_large .where{font-size:1.3rem}
[class*=st-key-_keep_]{position:absolute}
@media (min-width:1000px){
  [data-testid="stMain"]:has(.st-key-class_map) [data-testid="stMainBlockContainer"]{display:none}
  [data-testid="stMain"]:has(.st-key-class_map) [data-testid="stBottomBlockContainer"]{height:auto;min-height:92dvh}
  [class*="_check"]:has(.st-key-class_map){columns:1!important}
  .st-key-round:has(.st-key-class_map) :is(p,button,.news){font-size:max(18px,1rem)}
}
</style>"""


NEVER = 0  # no room has this revision


# --- opening, changing and closing a room -----------------------------------------------------------------


def open_room(question: bank.Question) -> None:
    """Callback: open a room for a question. The first vote is open at once."""
    try:
        room_keys.hold(room_keys.STORE.open(rounds.of_question(question, SEED.get())))
    except RoomError as error:
        ROOM_SAYS.put(str(error))


def close() -> None:
    """Callback: close the room for good."""
    room_keys.change(room_keys.STORE.close)
    room_keys.let_go()
    REVEALED.clear()


def ask(question: bank.Question) -> None:
    """Callback: ask the room this question; the votes on the last one are gone."""
    if room_keys.change(room_keys.STORE.start, rounds.of_question(question, SEED.get())):
        REVEALED.clear()


def go(phase: Phase) -> None:
    """Callback: go to a phase."""
    room_keys.change(room_keys.STORE.go, phase)


def drawn_for(revision: int) -> bool:
    """In the callback of a control that is not a button: whether the room is still as it was when that was drawn.

    A look for news that was under way reports the controls as the browser knew them then, and Streamlit takes a value
    that the server has changed meanwhile for a new one. On a slow line that took *Reveal* back. So a control whose
    value may be changed elsewhere has the room's revision in its key, too: what is reported is then another control.
    """
    key = room_keys.teachers_key()
    try:
        return key is not None and room_keys.STORE.teacher(*key).room.revision == revision
    except RoomError:
        return False


def reveal(question: str) -> None:
    """Callback: show the answer of this question in the room that is at it; with "", hide it."""
    key = room_keys.teachers_key()
    if key is None:
        return
    try:
        room = room_keys.STORE.teacher(*key).room
    except RoomError as error:
        ROOM_SAYS.put(str(error))
        return
    if question and room.round.subject == question:
        go(Phase.REVEALED)
    elif not question and room.phase is Phase.REVEALED:
        go(Phase.TALK)


# --- the bar ----------------------------------------------------------------------------------------------


def seen() -> TeacherView | None:
    """The teacher's room as it is now, or None. What went wrong is said here."""
    st.html(CSS + student.BARS)
    if said := ROOM_SAYS.take():
        st.warning(said)
    return room_keys.teachers_view()


def asks(now: TeacherView | None, question: bank.Question) -> bool:
    """Whether the room is at this question."""
    return now is not None and now.room.round.kind == "question" and now.room.round.subject == question.id


def wait() -> None:
    """While the room cannot be reached: look for it, and draw the page again when it is there."""
    _news(NEVER)


def bar(now: TeacherView) -> None:
    """Code and QR, who has come and voted, and the phases."""
    room = now.room
    address = room_keys.students_address(room.code)
    with st.container(key="room_bar", gap="small"):
        large = bool(session.value("_room_large"))
        with st.container(key="room_large" if large else "room_small"):
            if large:
                left, middle = st.columns([1, 1.1], vertical_alignment="center", gap="small")
                right = middle
            else:
                left, middle, right = st.columns([1, 2, 2.6], vertical_alignment="center", gap="small")
            left.html(f'<div class="qr">{dialog.qr_code(address)}</div>')
            here = "This address works on this computer only: open the page under its address in the network."
            note = f"<small>{here}</small>" if links.only_here(address) else ""
            with middle:
                with st.container(key="room_code"):
                    st.html(f'<div class="code">{escape(room.code)}</div>')
                st.html(f'<div class="where">{escape(_plain(address))}{note}</div>')
            with right, st.container(key="room_news", gap="xsmall"):
                _news(room.revision)
        row = f"room_row_{room.round.kind}"  # of another kind, it is another row: nothing of the last one stays
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=row):
            _phases(now)
            _buttons(now)


def _plain(address: str) -> str:
    """The address as one types it."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}?{parts.query}"


def _phases(now: TeacherView) -> None:
    """The phases as a switch; a round on a map has none."""
    if now.room.round.kind != "question":
        return
    key = f"_room_phase_{now.room.revision}"
    session.put(key, now.room.phase)
    st.segmented_control(
        "Phase",
        list(rounds.PHASES),
        key=key,
        format_func=rounds.PHASES.__getitem__,
        label_visibility="collapsed",
        required=True,
        on_change=_go,
        args=(key, now.room.revision),
    )


def _go(key: str, revision: int) -> None:
    """Callback of the switch: go to the chosen phase."""
    if drawn_for(revision):
        go(session.value(key))


def _show(key: str, revision: int) -> None:
    """Callback of the switch: show the votes, or hide them."""
    if drawn_for(revision):
        room_keys.change(room_keys.STORE.show, bool(session.value(key)))


def _buttons(now: TeacherView) -> None:
    if now.room.round.kind == "question":
        key = f"_room_shown_{now.room.revision}"
        session.put(key, now.room.shown)
        st.toggle("Show the votes", key=key, on_change=_show, args=(key, now.room.revision))
    st.toggle("Large", key="_room_large")  # code and QR, while the class comes in
    with st.popover("More"):
        _durations(now)
        st.button("Close the room for good", key="_room_close", on_click=close)


def _durations(now: TeacherView) -> None:
    """The minutes of each phase."""
    keys = [f"_room_minutes_{phase}" for phase in rounds.PHASES]
    for phase, key in zip(rounds.PHASES, keys, strict=True):
        low, high = rounds.MINUTES
        session.put(key, now.durations[phase] / 60)
        st.number_input(
            f"{rounds.PHASES[phase]}, minutes",
            min_value=low,
            max_value=high,
            step=0.5,
            format="%.3g",
            key=key,
            on_change=_set_durations,
            args=(keys, now.room.revision),
        )
    st.caption("0 is no countdown. The countdown closes nothing: you go on when you want.")


def _set_durations(keys: list[str], revision: int) -> None:
    """Callback: the typed minutes."""
    if not drawn_for(revision):
        return
    minutes = [session.value(key) for key in keys]
    usual = [seconds / 60 for seconds in DURATIONS]
    seconds = [60.0 * (other if typed is None else typed) for typed, other in zip(minutes, usual, strict=True)]
    room_keys.change(room_keys.STORE.set_durations, seconds)


# --- live -------------------------------------------------------------------------------------------------


def now_or_rerun(revision: int) -> TeacherView | None:
    """In a live fragment: the room; None if it cannot be reached. If another screen has changed it, all is redrawn."""
    key = room_keys.teachers_key()
    try:
        now = room_keys.STORE.teacher(*(key or room_keys.NONE))
    except NoRoom:
        st.rerun()
    except RoomError as error:
        if revision != NEVER:  # else the page says it already
            st.caption(str(error))
        return None
    if now.room.revision != revision:
        st.rerun()
    return now


@live(1.0)
def _news(revision: int) -> None:
    """How many have come and voted, the countdown, and, if they are shown, the votes."""
    now = now_or_rerun(revision)
    if now is None:
        return
    room = now.room
    st.html(f'<div class="news" role="status">{escape(_sentence(now))}</div>')
    if room.left is not None and room.round.kind == "question":
        minutes, seconds = divmod(round(room.left), 60)
        over = "" if room.left else " · time is up"
        st.html(f'<div><span class="clock" role="timer">{minutes}:{seconds:02d}</span>{over}</div>')
    question = rounds.question_of(room.round)
    if room.shown and question is not None:
        st.html(student.bars(room.round, now.votes, rounds.order_of(room.round, question)))
        if room.phase is Phase.REVEALED and (said := confidence(question, now.votes)):
            st.caption(said)


def _sentence(now: TeacherView) -> str:
    """Who has come and voted."""
    if not now.come:
        return "Nobody has come yet."
    if now.room.round.kind != "question":
        return f"{now.voted[0]} of {now.come} have chosen a {'rate' if now.room.round.kind == 'rate' else 'point'}."
    second = now.room.phase is Phase.SECOND or (now.room.phase is Phase.REVEALED and now.voted[1] > 0)
    said = f"{now.voted[second]} of {now.come} have voted"
    return f"{said}, {list(VOTES)[second]}" if now.room.phase > Phase.FIRST else said


def confidence(question: bank.Question, votes: tuple[tuple[Vote, ...], tuple[Vote, ...]]) -> str:
    """How often each confidence was right, in the last vote that anybody gave; "" if nobody said how sure."""
    last = votes[1] or votes[0]
    parts = []
    for level in reversed(CONFIDENCE):
        these = [vote for vote in last if vote.confidence == level]
        if these:
            right = sum(vote.answer == question.answer for vote in these)
            parts.append(f"{level}: {right} of {len(these)} right")
    return ". ".join(part[0].upper() + part[1:] for part in parts) + ("." if parts else "")


# --- the way back to the question -------------------------------------------------------------------------


def way_back(page: str) -> None:
    """On a page that shows a counterexample, or anything but the round: one button back to it."""
    place = ROUND.get()
    if not TEACHER.get() or place is None:
        return
    where, question = place
    tab = session.parameter(f"{page}_tab") or session.opened(page).get()
    if page == where and tab == opened.CHECK:
        return
    key = room_keys.teachers_key()
    with st.container(key="round_back"):
        st.button(
            f"Back to the question{f' (room {key[0]})' if key else ''}",
            key="_round_back",
            type="tertiary",
            icon=":material/arrow_back:",
            shortcut="B",
            on_click=_go_back,
            args=(page, where, question),
        )


def _go_back(here: str, page: str, question: str) -> None:
    """Callback: open the page of the round at its question."""
    concept_check.open_question(page, question)
    opened.open_it(page, opened.CHECK)
    if here != page:
        NEXT.put((page, {f"{page}_tab": opened.CHECK, f"{page}_question": question, "teacher": "true"}))


def elsewhere(now: TeacherView, page: str, question: bank.Question) -> None:
    """The room is at something else than the question on this page: say what, and offer to go there or to ask this."""
    other = rounds.page_of(now.room.round)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"The room is at {'a map' if now.room.round.kind != 'question' else 'another question'}"
            + (f", page *{other.title}*." if other else ".")
        )
        st.button("Ask the room this question", key=f"_room_ask_{page}", type="primary", on_click=ask, args=(question,))
        asked = rounds.question_of(now.room.round)
        if asked is not None and asked.page in LESSON_PAGES:
            st.button("Go to the room's", key=f"_room_go_{page}", on_click=_go_back, args=(page, asked.page, asked.id))
