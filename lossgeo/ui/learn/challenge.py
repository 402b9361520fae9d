"""Challenges on a page: the list below the stage, and the card of the open one, above the controls in the panel.

The parameter `<page>_challenge` of the URL says which one is open. A link that says nothing else opens it at its start.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lossgeo.numbers import plural
from lossgeo.teaching.challenges import Challenge, Check, of_page
from lossgeo.ui import session
from lossgeo.ui.controls import settings
from lossgeo.ui.learn.prepared import open_it
from lossgeo.ui.runtime import components, remembered
from lossgeo.ui.session import PROGRESS
from lossgeo.views.choice import Choice, ViewSpec
from lossgeo.views.pages import Page
from lossgeo.views.view import View

DONE, OPEN = ":green[:material/check_circle:]", ":material/radio_button_unchecked:"


def opened(page: Page) -> Challenge | None:
    """The challenge that is open on a page. Called before the widgets: a link may have brought one, which is begun."""
    slot, key = session.challenge(page.key), f"{page.key}_challenge"
    said, known = session.parameter(key), {challenge.id: challenge for challenge in of_page(page.key)}
    if said in known and said != slot.get():
        slot.put(said)
        if not any(f"{page.key}_{name}" in session.link() for name in page.names):
            settings.open_state(page, _asked(known[said]))
    found = known.get(slot.get())
    session.write(key, found.id if found else "")
    return found


def _asked(challenge: Challenge) -> dict[str, object]:
    """The settings of its start. A state that names no method means gradient descent, as everywhere."""
    return {f"{challenge.page}_methods": ("gradient descent",), **challenge.start}


def card(challenge: Challenge, view: View) -> None:
    """The goal, how far things are, a hint, and what it taught once it is reached."""
    page = challenge.page
    checks, tries = challenge.checks(view), _tries(view)
    st.markdown(f"**{challenge.title}**")
    st.markdown(f"{challenge.goal} You may change {challenge.may_change}.")
    st.markdown("  \n".join(_line(check) for check in checks))
    if all(check.holds for check in checks):
        if (now := PROGRESS.get().reached(challenge.id, tries)) != PROGRESS.get():
            PROGRESS.put(now)
            remembered.keep_after("challenge")  # this run has told the browser already what it is to keep
        st.success(f"**Reached**, with {plural(tries, 'change')}. {challenge.learnt}")
        _picture(challenge, view, checks, tries)
    with st.container(horizontal=True, gap="small"):
        st.button("Start again", key=f"_{page}_challenge_begin", on_click=begin, args=(challenge,))
        st.button("Leave", key=f"_{page}_challenge_leave", on_click=leave, args=(page,))
    hint = st.expander("Hint", key=f"_{page}_challenge_hint", on_change="rerun")
    if hint.open:
        with hint:
            st.markdown(challenge.hint)
            st.button(
                "Show a solution",
                key=f"_{page}_challenge_solution",
                on_click=open_it,
                args=(dict(challenge.solution),),
                help="Sets the stage to a state that reaches the goal. Undo brings yours back.",
            )


def _picture(challenge: Challenge, view: View, checks: tuple[Check, ...], tries: int) -> None:
    """The button that saves goal, own picture and measure as one card. The browser alone makes it."""
    told = [f"{check.asked[0].upper()}{check.asked[1:]}: {check.now}" for check in checks]
    components.card(
        key=f"{challenge.page}_challenge_picture",
        data={
            "scope": f".st-key-{view.page.key}_box",
            "name": f"lossgeo-{challenge.id}",
            "title": challenge.title,
            "goal": challenge.goal,
            "told": [*told, f"Reached, with {plural(tries, 'change')}.", challenge.learnt],
        },
    )


def _line(check: Check) -> str:
    """A condition: whether it holds, what is asked for, and how things are."""
    return f"{DONE if check.holds else OPEN} {check.asked[0].upper()}{check.asked[1:]}: **{check.now}**"


def fogged(view: View) -> bool:
    """Whether the open challenge hides the map: until it is reached."""
    known = {challenge.id: challenge for challenge in of_page(view.page.key)}
    found = known.get(session.challenge(view.page.key).get())
    return found is not None and found.fog and not found.reached(view)


def _tries(view: View) -> int:
    """How often the settings have changed since the challenge was begun; zoom, camera and the like do not count."""
    slot = session.challenge_tries(view.page.key)
    count, last = slot.get()
    now = _judged(view.choice)
    if now != last:
        slot.put((count + (last is not None), now))
    return slot.get()[0]


def _judged(choice: Choice) -> Choice:
    """The choice without what only concerns how it is looked at."""
    return replace(choice, view=ViewSpec(), axes=False, solid=False, camera="corner")


def begin(challenge: Challenge) -> None:
    """Callback: open a challenge at its start."""
    session.challenge(challenge.page).put(challenge.id)
    session.write(f"{challenge.page}_challenge", challenge.id)
    session.challenge_tries(challenge.page).clear()
    open_it(challenge.start)


def leave(page: str) -> None:
    """Callback: close the open challenge. The settings stay as they are."""
    session.challenge(page).clear()
    session.write(f"{page}_challenge", "")
    session.challenge_tries(page).clear()


def show(view: View) -> None:
    """The challenges of the page, the short ones first."""
    now, reached = session.challenge(view.page.key).get(), PROGRESS.get().challenges
    found = of_page(view.page.key)
    done = sum(challenge.id in reached for challenge in found)
    st.markdown(f"A goal to reach by your own hands. The page checks it. Reached here so far: {done} of {len(found)}.")
    columns = st.columns(1 if view.style.stacked else 3, gap="medium")
    for i, challenge in enumerate(found):
        with columns[i % len(columns)]:
            st.markdown(
                f"{DONE if challenge.id in reached else OPEN} **{challenge.title}**, "
                f"about {plural(challenge.minutes, 'minute')}"
                + (f", reached with {plural(reached[challenge.id], 'change')}" if challenge.id in reached else "")
                + f"  \n{challenge.goal}"
            )
            st.button(
                "It is open" if challenge.id == now else "Take it",
                key=f"_take_{challenge.id}",
                disabled=challenge.id == now,
                on_click=begin,
                args=(challenge,),
                help="Sets the stage to its start; the goal then stands above the controls. Undo brings yours back.",
            )
