"""What a class shares through the address line: the order of the options, and whether the teacher view is on.

`?seed=7` and `?teacher=true` belong to no widget and to every page; they are read when a session arrives and put
back into the address after each change of page.
"""

from __future__ import annotations

import re

from lossgeo.teaching.lessons import load_lessons
from lossgeo.ui import session
from lossgeo.ui.session import SEED, TEACHER

SEEDS = (1, 999)  # the first is the usual one
# Lesson -> the page where it is done, and its title.
LESSONS = {lesson.number: (lesson.page, lesson.title) for lesson in load_lessons() if not lesson.half}


def keep() -> None:
    """Once a run, before the page: the address line and the session say the same."""
    if text := session.parameter("seed"):
        SEED.put(int(text) if re.fullmatch(r"[1-9][0-9]{0,2}", text) else SEEDS[0])
    if text := session.parameter("teacher"):
        TEACHER.put(text.lower() in ("true", "1", "yes"))
    session.write("seed", "" if SEED.get() == SEEDS[0] else str(SEED.get()))
    session.write("teacher", "true" if TEACHER.get() else "")


def choose_seed(key: str) -> None:
    """Callback of a number input: the class gets another order of options."""
    value = session.value(key)
    SEED.put(SEEDS[0] if value is None else min(max(int(value), SEEDS[0]), SEEDS[1]))
    session.write("seed", str(SEED.get()))


def leave() -> None:
    """Callback: the teacher view off."""
    TEACHER.put(False)
    session.write("teacher", "")
