"""What a class shares through the URL: the order of the options (`?seed=7`), the teacher view (`?teacher=true`), no
hints (`?tour=off`).

These parameters belong to no widget and apply to every page. They are read when a session starts, and written back
into the URL after each change of page.
"""

from __future__ import annotations

import re

from lossgeo.teaching.lessons import load_lessons
from lossgeo.ui import session
from lossgeo.ui.session import SEED, TEACHER, TOUR

SEEDS = (1, 999)  # smallest and largest; the smallest is the default
# Lesson -> the page where it ends, and its title.
LESSONS = {lesson.number: (lesson.page, lesson.title) for lesson in load_lessons() if not lesson.half}


def keep() -> None:
    """Make URL and session agree. Called once per run, before the page."""
    if text := session.parameter("seed"):
        SEED.put(int(text) if re.fullmatch(r"[1-9][0-9]{0,2}", text) else SEEDS[0])
    if text := session.parameter("teacher"):
        TEACHER.put(text.lower() in ("true", "1", "yes"))
    if text := session.parameter("tour"):
        TOUR.put(text.lower() != "off")
    session.write("tour", "" if TOUR.get() else "off")
    session.write("seed", "" if SEED.get() == SEEDS[0] else str(SEED.get()))
    session.write("teacher", "true" if TEACHER.get() else "")


def choose_seed(key: str) -> None:
    """Callback of the number input `key`: set the seed, and so the order of the options."""
    value = session.value(key)
    SEED.put(SEEDS[0] if value is None else min(max(int(value), SEEDS[0]), SEEDS[1]))
    session.write("seed", str(SEED.get()))


def leave() -> None:
    """Callback: leave the teacher view."""
    TEACHER.put(False)
    session.write("teacher", "")
