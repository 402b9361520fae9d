"""What a class shares through the address line: the order of the options, and whether the teacher view is on.

`?seed=7` and `?teacher=true` belong to no widget and to every page; they are read when a session arrives and put
back into the address after each change of page.
"""

from __future__ import annotations

import re

import streamlit as st

from lossgeo.teaching.lessons import load_lessons

USUAL_SEED, SEEDS = 1, (1, 999)
# Lesson -> the page where it is done, and its title.
LESSONS = {lesson.number: (lesson.page, lesson.title) for lesson in load_lessons() if not lesson.half}


def arrive() -> None:
    """Once a run, before the page: the address line and the session say the same."""
    state, link = st.session_state, st.query_params
    if "seed" in link:
        state["_seed"] = int(link["seed"]) if re.fullmatch(r"[1-9][0-9]{0,2}", link["seed"]) else USUAL_SEED
    if "teacher" in link:
        state["_teacher"] = link["teacher"].lower() in ("true", "1", "yes")
    order = "" if seed() == USUAL_SEED else str(seed())
    for name, value in (("seed", order), ("teacher", "true" if teacher() else "")):
        if value and link.get(name) != value:
            link[name] = value
        elif not value and name in link:
            del link[name]


def seed() -> int:
    return int(st.session_state.get("_seed", USUAL_SEED))


def teacher() -> bool:
    return bool(st.session_state.get("_teacher", False))


def choose_seed(key: str) -> None:
    """Callback of a number input: the class gets another order of options."""
    value = st.session_state.get(key)
    st.session_state["_seed"] = USUAL_SEED if value is None else min(max(int(value), SEEDS[0]), SEEDS[1])
    st.query_params["seed"] = str(seed())


def enter() -> None:
    """Callback: the teacher view on."""
    st.session_state["_teacher"] = True


def leave() -> None:
    """Callback: the teacher view off."""
    st.session_state["_teacher"] = False
    st.query_params.pop("teacher", None)
