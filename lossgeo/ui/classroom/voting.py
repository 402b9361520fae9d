"""The teacher view: one question for a class, two votes, then the answer and refutations.

The class votes by show of hands, or in a room by phone (board.py). Nothing about the answer is sent to the browser
before *Reveal*. `?teacher=true` turns the view on (address.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Column

from lossgeo.book import worksheets
from lossgeo.charts.votes import VOTES, votes_spec
from lossgeo.rooms import Phase, TeacherView
from lossgeo.teaching import questions as bank
from lossgeo.teaching import review, worksheet
from lossgeo.teaching.lessons import load_lessons
from lossgeo.teaching.progress import Progress
from lossgeo.ui import session
from lossgeo.ui.classroom import address, board, class_map, hands, room_keys, rounds
from lossgeo.ui.learn import concept_check, prepared
from lossgeo.ui.runtime import components
from lossgeo.ui.runtime.script_lock import fragment
from lossgeo.ui.session import HANDS_SAY, REVEALED, ROUND, ROUNDS, SEED, TEACHER
from lossgeo.ui.tables import table
from lossgeo.views.view import View

TIMES = (
    "1 min alone, no talking · first vote · 3 min with a neighbour who voted otherwise · second vote · reveal · "
    "open what refutes a wrong answer and run it"
)
# The question must be readable from the last row; the explanations are for the teacher.
CSS = """<style>
.st-key-round p{font-size:max(22px,1.375rem);line-height:1.35}
.st-key-round button p,.st-key-round label p,.st-key-round [class*=st-key-round_small] p{
  font-size:max(15px,.94rem);line-height:1.4}
.st-key-round{scroll-margin-top:3.6rem}
.st-key-round_keeper{position:absolute}
</style>"""


@fragment
def hold(view: View) -> None:
    """A vote (peer instruction) on the questions of a page. As a fragment, it reruns alone when a count is typed."""
    page = view.page.key
    prepared.follow(page, whole=True)
    if not TEACHER.get():  # the teacher view was just left
        st.rerun()
    st.html(CSS)
    questions = review.scope(page)
    with st.container(key="round"):
        now = board.seen()
        if now is not None:
            board.bar(now)
        elif room_keys.teachers_key() is not None:
            board.wait()
        if now is not None and now.room.round.kind != "question" and now.room.round.subject == page:
            _on_the_map(now, view, questions)
        else:
            _question(now, view, questions)
    components.round_keeper(key="round_keeper", data={"scope": ".st-key-round", "turns": ROUNDS.get()})
    part = st.expander("Teacher card, worksheet, order of the options", key=f"_card_{page}", on_change="rerun")
    if part.open:
        with part:
            question = _opened(page, questions)
            card(question.lesson)
            paper(view, question.lesson)
            settings(page)


def _opened(page: str, questions: list[bank.Question]) -> bank.Question:
    """The open question of the page."""
    return next((q for q in questions if q.id == session.said(f"{page}_question")), questions[0])


def _on_the_map(now: TeacherView, view: View, questions: list[bank.Question]) -> None:
    """While the class is asked for points on this map."""
    page = view.page.key
    question = _opened(page, questions)
    ROUND.put((page, question.id))
    class_map.show(now, view.style, question)


def _question(now: TeacherView | None, view: View, questions: list[bank.Question]) -> None:
    """The open question of the page, with the votes or the answer."""
    page = view.page.key
    where, pick, back, on, show = st.columns([1.1, 2.6, 1.35, 1, 1.2], vertical_alignment="bottom")
    with pick:
        question = concept_check.picker(page, questions, Progress(), _take)
    ROUND.put((page, question.id))
    with where:
        _lessons(page, question, questions)
    _keys(page, question, questions, back, on)
    asked = now.room.round if now is not None and board.asks(now, question) else None
    if now is not None and asked is not None:
        REVEALED.put(question.id if now.room.phase is Phase.REVEALED else "")
    revealed = REVEALED.get() == question.id
    show.button(
        "Hide" if revealed else "Reveal",
        key=f"_reveal_{page}",
        type="primary",
        shortcut="V",
        on_click=_reveal,
        args=("" if revealed else question.id,),
    )
    if now is not None and asked is None:
        board.elsewhere(now, page, question)
    st.markdown(question.stem)
    order = rounds.order_of(asked, question) if asked is not None else bank.order(question, SEED.get())
    if revealed:
        answers(question, order)
    elif now is not None:
        options(question, order)
    else:
        ballot(question, order)
    if now is None:
        tally(question, order, view)
    with st.container(key="round_small"), st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now is None and room_keys.teachers_key() is None:
            st.button(
                "Open a room",
                key=f"_room_open_{page}",
                icon=":material/qr_code:",
                on_click=board.open_room,
                args=(question,),
                help="The class then votes by phone: a code on the wall, no account, no names.",
            )
            st.caption(TIMES)
        elif now is not None:
            class_map.offer(view)


def _lessons(page: str, question: bank.Question, questions: list[bank.Question]) -> None:
    """The selector of a lesson; it opens the lesson's first question."""
    first = {q.lesson: q.id for q in reversed(questions)}
    key = f"_lesson_{page}"
    session.put(key, question.lesson)
    st.selectbox("Lesson", sorted(first), key=key, on_change=_first, args=(page, key, first, question))


def _first(page: str, key: str, first: dict[int, str], now: bank.Question) -> None:
    """Callback: open the first question of the selected lesson."""
    if session.value(key) != now.lesson:
        _open(page, first[session.value(key)])


def _take(page: str, selector: str) -> None:
    """Callback: open the question chosen in the selector."""
    if session.value(selector) != session.said(f"{page}_question"):
        _open(page, session.value(selector))


def _keys(page: str, question: bank.Question, questions: list[bank.Question], back: Column, on: Column) -> None:
    """The buttons Previous and Next."""
    at = questions.index(question)
    before, after = questions[max(at - 1, 0)], questions[min(at + 1, len(questions) - 1)]
    back.button(
        "Previous", key=f"_previous_{page}", shortcut="P", on_click=_open, args=(page, before.id), disabled=at == 0
    )
    last = at == len(questions) - 1
    on.button("Next", key=f"_next_{page}", shortcut="N", on_click=_open, args=(page, after.id), disabled=last)


def _open(page: str, question: str) -> None:
    """Callback: open a question with its answer hidden. A room that was at a question goes on to this one."""
    concept_check.open_question(page, question)
    REVEALED.clear()
    ROUNDS.put(ROUNDS.get() + 1)
    if room_keys.teachers_key() is not None:
        board.ask(next(q for q in review.scope(page) if q.id == question))


def _reveal(question: str) -> None:
    """Callback: reveal the answer of a question, or hide it with "". A room that is at it follows.

    Hiding opens no vote: the answer has been seen.
    """
    REVEALED.put(question)
    ROUNDS.put(ROUNDS.get() + 1)
    board.reveal(question)


# --- votes by show of hands -------------------------------------------------------------------------------


def vote_key(question: bank.Question, option: int, vote: int) -> str:
    """The widget key of the count for an option in the first (0) or second (1) vote."""
    return f"_vote_{question.id}_{option}_{vote}"


def options(question: bank.Question, order: tuple[int, ...]) -> None:
    """The options by letter."""
    for letter, option in zip(worksheet.LETTERS, order, strict=False):
        st.markdown(f"**{letter}**\u2002{question.options[option].text}")


def ballot(question: bank.Question, order: tuple[int, ...]) -> None:
    """The options by letter, each with the counts of the first and second vote."""
    held = hands.of(question)
    for row, (letter, option) in enumerate(zip(worksheet.LETTERS, order, strict=False)):
        left, *boxes = st.columns([6.6, 1, 1], vertical_alignment="bottom" if row == 0 else "center")
        left.markdown(f"**{letter}**\u2002{question.options[option].text}")
        for vote, (name, box) in enumerate(zip(VOTES, boxes, strict=True)):
            key = vote_key(question, option, vote)
            session.put(key, held[vote][option])
            # Without limits of its own, so that what cannot be a number of hands arrives here and is answered.
            box.number_input(
                name.capitalize() if row == 0 else f"{letter}, {name}",
                step=1.0,
                format="%.12g",
                key=key,
                label_visibility="visible" if row == 0 else "collapsed",
                on_change=hands.take,
                args=(question, letter, option, vote, key),
            )
    if said := HANDS_SAY.take():
        st.warning(said)


def answers(question: bank.Question, order: tuple[int, ...]) -> None:
    """The right option marked; below each wrong one its misconception and refutation, with a button for the stage."""
    for place, (letter, index) in enumerate(zip(worksheet.LETTERS, order, strict=False), start=1):
        option = question.options[index]
        left, button = st.columns([6.6, 1.5], vertical_alignment="top")
        with left:
            if option.misconception is None:
                st.markdown(f":green-background[**{letter}**\u2002{option.text}\u2002**right**]")
                why = option.feedback
            else:
                st.markdown(f"**{letter}**\u2002{option.text}")
                why = f"*Believes: {bank.MISCONCEPTIONS[option.misconception]}* {option.feedback}"
            with st.container(key=f"round_small_{letter}"):
                st.markdown(why)
        button.button(
            f"See {letter}",
            key=f"_see_{question.id}_{index}",
            shortcut=str(place),
            on_click=prepared.open_it,
            args=(option.state,),
            help="Opens the stage in the state that shows this; Undo brings yours back.",
        )


def tally(question: bank.Question, order: tuple[int, ...], view: View) -> None:
    """The two votes as bars, if there are any."""
    counts = [[row[i] for i in order] for row in hands.of(question)]
    if not any(map(sum, counts)):
        return
    letters = list(worksheet.LETTERS[: len(order)])
    given = [name for name, row in zip(VOTES, counts, strict=True) if sum(row)]
    rows = [
        (letter, name, count)
        for name, row in zip(VOTES, counts, strict=True)
        for letter, count in zip(letters, row, strict=True)
    ]
    options, votes, numbers = (list(column) for column in zip(*rows, strict=True))
    text = "; ".join(
        f"{name}: " + ", ".join(f"{letter} {count}" for letter, n, count in rows if n == name) for name in given
    )
    st.vega_lite_chart(
        {**votes_spec(view.style), "datasets": {"votes": table({"option": options, "vote": votes, "count": numbers})}},
        alt=f"Votes. {text}.",
        key="_votes",
        width="content",
    )


# --- card, worksheet, settings ---------------------------------------------------------------------------


def card(lesson: int) -> None:
    """The teacher's notes on a lesson, and the misconceptions that its questions reveal."""
    record = next(one for one in load_lessons() if one.number == lesson and not one.half)
    believed = sorted({m for q in review.scope(lesson=lesson) for m in q.misconceptions}, key=lambda m: int(m[1:]))
    st.markdown(f"**{record.heading}**\n\n**Timing.** {record.teacher.timing}\n\n**Pause.** {record.teacher.pause}")
    st.markdown(f"**Expect.** {record.teacher.expect}\n\nThe questions of this lesson find out who thinks that:")
    st.markdown("\n".join(f"- {bank.MISCONCEPTIONS[m]}" for m in believed))


def paper(view: View, lesson: int) -> None:
    """The downloads of worksheet and key: of this lesson for the current settings, or of all lessons."""
    both = st.toggle("Both forms of each question", key=f"_both_{view.page.key}")
    every = st.toggle("All lessons, each with its own map", key=f"_every_{view.page.key}")
    seed, name = SEED.get(), "all-lessons" if every else f"lesson-{lesson}"
    with st.container(horizontal=True, gap="small"):
        for write, label, help in (
            (worksheet.handout, "Worksheet", "An HTML file with the map and the settings; print it from the browser."),
            (worksheet.key, "Key", "The answers in the order of your class, and what stands behind the wrong ones."),
        ):
            st.download_button(
                f"{label}, {'all lessons' if every else f'lesson {lesson}'}",
                data=partial(_written, write, lesson, view, both, every, seed),
                file_name=f"lossgeo-{name}-{label.lower()}.html",
                mime="text/html",
                key=f"_{label.lower()}_{view.page.key}",
                on_click="ignore",
                help=help,
            )


def _written(write: Callable[..., str], lesson: int, view: View, both: bool, every: bool, seed: int) -> bytes:
    return write(sheets(lesson, view, both, every), seed).encode()


def sheets(lesson: int, view: View, both: bool, every: bool) -> list[worksheet.Sheet]:
    """The worksheet of a lesson with this map, or those of all lessons with their own."""
    return worksheets.every(both) if every else [worksheets.sheet(lesson, view, both)]


def settings(page: str) -> None:
    """The seed of the class, and the button to leave the teacher view."""
    order, out = st.columns([3, 1], vertical_alignment="bottom")
    key = f"_seed_{page}"
    order.number_input(
        "Order of the options",
        min_value=address.SEEDS[0],
        max_value=address.SEEDS[1],
        value=SEED.get(),
        step=1,
        key=key,
        on_change=address.choose_seed,
        args=(key,),
        help="Who opens a link with this number (seed=… in the address) sees the options in the same order as you.",
    )
    out.button("Leave the teacher view", key=f"_leave_{page}", on_click=address.leave)
