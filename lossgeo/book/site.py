"""The lessons as a folder of static pages, which any host of files serves: `python -m lossgeo.book FOLDER`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lossgeo.book import bundle, one_file, stage, text, worksheets
from lossgeo.book import lesson as computed
from lossgeo.charts.map_marks import table_of
from lossgeo.teaching import worksheet
from lossgeo.teaching.content_files import CONTENT
from lossgeo.teaching.lessons import Lesson, load_lessons, order
from lossgeo.teaching.questions import CONFIDENCE
from lossgeo.teaching.questions import order as order_of

SEED = 1  # the order of the options, as in the app unless a teacher has chosen another
LOCAL = "file:"  # 'self' does not name a folder on a disk


def write(folder: Path, app: str = "", pictures: bool = True, only: Collection[str] = ()) -> None:
    """Write the book. `app`: the address of the living app, with / at its end, "" for none.

    pictures: whether to draw the stages for paper, about a second each. only: the keys of the lessons to write, all
    of them if there are none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "vega.js": bundle.javascript(),
        "stage.js": stage.script() + _file("book.js"),
        "theme.js": _file("theme.js"),
        "book.css": _file("look.css") + _file("book.css"),
    }
    lessons = load_lessons()
    for lesson in lessons:
        if not only or lesson.key in only:
            files[f"lesson-{lesson.key}.html"] = page_of(lesson, folder, app, pictures)
    sheets = worksheets.every()
    for name, some in (("all", sheets), *((number, [each]) for number, each in enumerate(sheets, start=1))):
        files[f"worksheet-{name}.html"] = worksheet.handout(some, SEED)
        files[f"worksheet-{name}-key.html"] = worksheet.key(some, SEED)
    more = words()
    for name, (title, body) in more.items():
        files[name] = _render("words.html", app, title=title, text=body)
    files["index.html"] = _render(
        "index.html",
        app,
        **_map_key(),
        lessons=lessons,
        more=[(name, title) for name, (title, _) in more.items()],
        inline=text.inline,
    )
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / ".nojekyll").write_text("", encoding="utf-8")


def _map_key() -> dict[str, Markup]:
    """What a loss is and how to read a map, from the app's start page, without what only the app has."""
    opening, key, *_ = (CONTENT / "en" / "lessons" / "home.md").read_text(encoding="utf-8").split("\n### ")
    before, table, _ = re.split(r"\n((?:\|.*\n)+)", key, maxsplit=1)
    rows = [row for row in table.strip().splitlines() if "**" not in row]  # those name a control of the app
    return {
        "opening": text.block(opening.split("\n\n")[0]),
        "key": text.block(f"## {before}"),
        "marks": Markup(table_of("\n".join(rows))),
    }


def _file(name: str) -> str:
    """A file of the templates as it is."""
    return (stage.TEMPLATES / name).read_text(encoding="utf-8")


def _render(template: str, app: str, scripts: Collection[str] = (), **values: Any) -> str:
    """A page. Only its own files and these scripts may run; nothing may be fetched from, or sent to, anywhere."""
    own = one_file.policy(scripts).replace("script-src", f"script-src 'self' {LOCAL}")
    policy = own.replace("style-src", f"style-src 'self' {LOCAL}").replace("img-src", f"img-src 'self' {LOCAL}")
    return one_file.templates().get_template(template).render(policy=policy, app=app, **values)


def page_of(lesson: Lesson, folder: Path, app: str, pictures: bool) -> str:
    """The page of a lesson. The pictures for paper go into the folder."""
    stages = computed.Stages()
    parts = computed.states(lesson)
    rates = [(name, stages.index(state)) for name, state in computed.rates(lesson)]
    first = computed.view_of(lesson.show[0].state).choice.rate
    lessons = load_lessons()
    at = lessons.index(lesson)
    slopes = f"window.slopes = {computed.slopes(lesson)};"
    drawn = _pictures(lesson, stages, folder) if pictures else {}
    values: dict[str, Any] = {
        "lesson": lesson,
        "parts": parts,
        "pictures": drawn,
        "at": stages.index,
        "rates": rates,
        "names": computed.view_of(lesson.play.state).loss.parameters,
        "first_rate": min(
            range(len(rates)), key=lambda i: abs(float(rates[i][0].replace("−", "-")) - first), default=0
        ),
        "recall": computed.question(lesson.recall),
        "transfer": computed.question(lesson.question),
        "outcomes": order(lesson, SEED),
        "order": partial(order_of, seed=SEED),
        "confidence": CONFIDENCE,
        "before": lessons[at - 1] if at else None,
        "after": lessons[at + 1] if at + 1 < len(lessons) else None,
        "block": text.block,
        "inline": text.inline,
        "player": Markup(stage.player()),
        "slopes": Markup(slopes),
        "app": app,
    }
    # The template finds out which stages the page needs, so it is rendered before they are written.
    _render("lesson.html", scripts=[slopes], data="", **values)
    packed = stages.shelf.packed(
        stages=stages.listed,
        app=app,
        lesson={"happens": lesson.happens, "play": computed.play(lesson), "draw": computed.draw(lesson)},
    )
    return _render("lesson.html", scripts=[slopes], data=Markup(packed), **values)


def _pictures(lesson: Lesson, stages: computed.Stages, folder: Path) -> dict[str, tuple[str, str]]:
    """The stage of each part as SVG for paper: part -> (file, words)."""
    (folder / "pictures").mkdir(exist_ok=True)
    found = {part: stages.index(state) for part, state in computed.states(lesson).items()}
    some = sorted(set(found.values()))
    for i, svg in zip(some, bundle.svgs([stage.whole(stages.views[i]) for i in some]), strict=True):
        (folder / "pictures" / f"lesson-{lesson.key}-{i}.svg").write_text(svg, encoding="utf-8")
    return {
        part: (f"pictures/lesson-{lesson.key}-{i}.svg", stages.listed[i]["news"]["says"]) for part, i in found.items()
    }


def words() -> dict[str, tuple[str, Markup]]:
    """The pages without a stage: file -> (title, text)."""
    references = (CONTENT / "en" / "references.md").read_text(encoding="utf-8").split("\n", 1)[1]
    pages = {"references.html": ("References", text.block(references)), "teachers.html": ("For teachers", teachers())}
    glossary = CONTENT / "en" / "glossary.toml"
    if glossary.exists():
        pages["glossary.html"] = ("Glossary", _glossary(tomllib.loads(glossary.read_text(encoding="utf-8"))))
    return pages


def teachers() -> Markup:
    """How to use the book in a class, the snippet for a course page, and the notes on each lesson."""
    times = [lesson.minutes for lesson in load_lessons()]
    opening = _file("teachers.md").replace("{minutes}", f"{min(times)} to {max(times)}")
    notes = "\n\n".join(
        f"### {each.heading}\n\n[Worksheet](worksheet-{each.number}.html), [key](worksheet-{each.number}-key.html). "
        f"{each.minutes} minutes. {each.teacher.timing}\n\n**Pause.** {each.teacher.pause}\n\n"
        f"**Expect.** {each.teacher.expect}"
        for each in load_lessons()
    )
    return text.block(f"{opening}\n\n{notes}")


def _glossary(entries: dict[str, Any]) -> Markup:
    """The glossary as a list of terms, each with its text and the terms that are near it."""
    near = {each["name"]: f" See {', '.join(each['see'])}." if each.get("see") else "" for each in entries["term"]}
    return text.block(
        "\n\n".join(f"**{each['name']}.** {each['text']}{near[each['name']]}" for each in entries["term"])
    )
