"""The part of the controls in which learners load, check and edit data of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from math import isnan
from typing import Any
from zlib import crc32

import streamlit as st

from lossgeo import own_data as reader
from lossgeo.contracts import Dataset, Loss
from lossgeo.numbers import number, plural
from lossgeo.ui import session
from lossgeo.ui.controls import own_data, settings
from lossgeo.ui.share import visibility
from lossgeo.views import cached, first_settings, yours
from lossgeo.views.choice import Choice
from lossgeo.views.own_table import Reading, edited, understood
from lossgeo.views.pages import GD, POINTS, Page

LABEL = "Use your own data"
PASTE, FILE = "Paste", "File"
EXAMPLE = {"line": "speed\tdistance\n4\t2\n7\t22", "sigmoid": "score\tpassed\n48\tno\n71\tyes"}
SMALL = "margin:0;font-size:.875rem;line-height:1.45"
ALERT = f"{SMALL};border-left:3px solid #D32F2F;padding:.3rem .6rem;background:rgba(211,47,47,.1)"
SIZE = 5  # MB of a file
WIDE = 72  # pixels of a column of the table


def draw(page: Page, subject: str) -> None:
    """The box to paste into, the file, what was understood, and a table of the points while they are few."""
    if visibility.fixed("data"):
        return
    reading = session.own_table(page.key).get()
    with st.expander(LABEL, key=f"_{page.key}_own", icon=":material/table:", on_change="rerun") as box:
        if box.open:
            _sources(page, reading)
            _answer(page, reading)
            _columns(page, reading)
    if subject == yours.NAME:
        _points(page)


def chosen(page: Page) -> None:
    """Callback of the choice of data: whoever chooses `yours` sees where to load them."""
    if session.value(f"{page.key}_{page.subject}") == yours.NAME:
        session.put(f"_{page.key}_own", True)


def hints(page: Page, choice: Choice) -> None:
    """What these data do to the loss, at once; and one click where another scale of x helps."""
    spec = choice.loss
    try:
        loss = cached.loss(spec)
    except ValueError:
        return  # the page says so above the stage
    assert loss.dataset is not None
    said = reader.effect(loss.dataset, page.model == "sigmoid")
    if said and loss.minimisers != "one":
        st.info(said)
    _rate_hint(page, choice, loss)
    raw = replace(spec, standardise=False)
    if not (found := first_settings.conditions(raw)) or found[0] < first_settings.LARGE:
        return
    before, after = found
    helps = not isnan(after) and after < before / 2
    slow = "The larger it is, the slower is gradient descent."
    if spec.standardise:
        st.caption(f"x is standardised: condition number {number(after)} instead of {number(before)}. {slow}")
    else:
        then = f", and {number(after)} with x standardised" if helps else ""
        st.caption(f"Condition number {number(before)}{then}. {slow}")
    with st.container(horizontal=True, gap="small"):
        if (helps or spec.standardise) and not visibility.fixed("loss"):
            st.button(
                "Do not standardise" if spec.standardise else "Standardise x",
                key=f"_{page.key}_standardise",
                on_click=_standardise,
                args=(page, not spec.standardise),
            )
        if not isnan(after) and "Look closer" in page.sections and not visibility.fixed("closer"):
            st.button("Compare maps", key=f"_{page.key}_scaling", type="tertiary", on_click=_compare, args=(page,))


def _rate_hint(page: Page, choice: Choice, loss: Loss) -> None:
    """Where the learning rate is above the limit of gradient descent: the limit, and one click to a rate below it."""
    bound = loss.smoothness
    descends = any(method.name == GD for method in choice.methods)
    if not (loss.quadratic and bound and descends and choice.rate >= 2 / bound) or visibility.fixed("lr"):
        return
    st.caption(f"The learning rate is above 2/L = {number(2 / bound)}, the limit of gradient descent.")
    st.button(
        "Use a rate below it",
        key=f"_{page.key}_rate",
        on_click=settings.set_rate,
        args=(page, first_settings.rate(loss)),
    )


def warm(choice: Choice) -> None:
    """Compute the picture of large data here, with a sign that something is going on."""
    if not yours.is_held(choice.loss.points):
        return
    try:
        rows = cached.dataset(choice.loss).n
        with st.spinner(f"Drawing {plural(rows, 'row')} …"):
            cached.scene(choice.loss, cached.holding(choice.loss, choice.view, choice.start))
    except ValueError:
        return  # the page says so above the stage


# --- paste and file -----------------------------------------------------------------------------------


def _sources(page: Page, reading: Reading) -> None:
    """The two ways in. What was typed stays in the box."""
    source, paste, file = (f"_{page.key}_{name}" for name in ("source", "paste", "file"))
    limits = reader.LIMITS.replace("1e12", number(yours.LARGEST))
    about = f"{limits} Your data stay in this session: they are not stored and not sent elsewhere."
    way = st.segmented_control(
        "Columns of x and y", (PASTE, FILE), default=PASTE, key=source, required=True, help=about
    )
    if way == FILE:
        st.file_uploader(
            "CSV or text",
            key=file,
            max_upload_size=SIZE,
            label_visibility="collapsed",
            on_change=lambda: _upload(page, session.value(file)),
        )
        return
    if session.value(paste) is None and isinstance(reading.raw, str):
        session.put(paste, reading.raw)
    st.text_area(
        "Columns from a spreadsheet or a text",
        key=paste,
        height=96,
        label_visibility="collapsed",
        placeholder=EXAMPLE[page.model],
        on_change=lambda: _read(page, Reading(session.value(paste) or "")),
    )
    st.button("Read what I pasted", key=f"_{page.key}_read", width="stretch")  # it takes the cursor out of the box


def _upload(page: Page, file: Any) -> None:
    """Callback: read a file, unless it was only taken away."""
    if file is not None:
        _read(page, Reading(file.getvalue()))


def _read(page: Page, reading: Reading) -> None:
    """Callback: read, and show the data if they can be used. Otherwise the picture stays as it is."""
    if reading.raw == "":
        session.own_table(page.key).clear()
        return
    reading = understood(reading, page.model == "sigmoid")
    if reading.found is not None:
        try:
            text = own_data.load(page, reading.dataset)
        except ValueError as error:
            reading = replace(reading, found=None, error=str(error))
        else:
            reading = replace(reading, text=text)
            _start_well(page)
    session.own_table(page.key).put(reading)


# --- columns and labels ---------------------------------------------------------------------------------


def _columns(page: Page, reading: Reading) -> None:
    """The choice of columns, and of the labels."""
    if len(reading.columns) > 2 or (reading.columns and reading.error and not reading.offered):
        for name in ("x", "y"):
            _select(page, name, reading)
    elif reading.found is not None and page.model == "line":
        other = replace(reading, x=reading.y, y=reading.x)
        st.button("Exchange x and y", key=f"_{page.key}_exchange", type="tertiary", on_click=_read, args=(page, other))
    if page.model != "sigmoid":
        return
    found = reading.found
    if reading.offered:
        now = reading.classes or (None, None)
        keys = [f"_{page.key}_own_class{i}" for i in (0, 1)]
        for place, key, chosen, i in zip(st.columns(2), keys, now, (0, 1), strict=True):
            with place:
                if session.value(key) not in reading.offered:
                    session.put(key, chosen)
                st.selectbox(
                    f"Label {i} is",
                    reading.offered,
                    index=None,
                    key=key,
                    on_change=_classes,
                    args=(page, keys, reading),
                )
    elif found is not None and found.classes and all(found.classes):
        key, options = f"_{page.key}_own_one", sorted(found.classes)
        if session.value(key) != found.classes[1]:
            session.put(key, found.classes[1])
        st.selectbox(
            "Label 1 is", options, key=key, on_change=lambda: _read(page, replace(reading, swap=not reading.swap))
        )


def _select(page: Page, name: str, reading: Reading) -> None:
    """A box to choose the column of x or of y."""
    key, now = f"_{page.key}_own_{name}", getattr(reading, name)
    if session.value(key) not in reading.columns or session.value(key) != now:
        session.put(key, now)

    def take() -> None:
        changes = {name: session.value(key)}
        if name == "y":
            changes |= {"swap": False, "classes": None, "offered": ()}
        _read(page, replace(reading, **changes))

    st.selectbox(f"Column for {name}", reading.columns, index=None if now is None else 0, key=key, on_change=take)


def _classes(page: Page, keys: Sequence[str], reading: Reading) -> None:
    """Callback: read again when both classes are chosen."""
    zero, one = (session.value(key) for key in keys)
    if zero and one:
        _read(page, replace(reading, classes=(zero, one)))


# --- what was understood --------------------------------------------------------------------------------


def _answer(page: Page, reading: Reading) -> None:
    """What was understood, or why nothing was. As text: names and labels come from the file."""
    if reading.error:
        _refuse(f"{reading.error} The picture stays as it was.")
    elif reading.found is not None:
        now = own_data.points(page)
        title = "Understood:" if now == reading.text else "Understood when it was read; the points have changed since:"
        notes = "".join(f"<li>{escape(note)}</li>" for note in reading.found.notes)
        st.html(f'<p style="{SMALL}">{title}</p><ul style="{SMALL};padding-left:1.1rem">{notes}</ul>')


def _refuse(why: str) -> None:
    """Why something could not be used. As text, too."""
    st.html(f'<p role="alert" style="{ALERT}">{escape(why)}</p>')


# --- the points -----------------------------------------------------------------------------------------


def _points(page: Page) -> None:
    """The number of points and whether they travel in a link; a table to edit while they are few."""
    text = own_data.points(page)
    try:
        data = yours.decode(text)
    except ValueError:
        return
    if yours.is_held(text):
        thin = f" {yours.DRAWN} of them are drawn." if data.n > yours.DRAWN else ""
        st.caption(
            f"{plural(data.n, 'point')}, all of them in the loss.{thin} They are too many for a link: whoever opens "
            "yours sees the page without them."
        )
        return
    if text == page.control(POINTS).usual:
        st.caption("These are points to begin with: edit them, or load your own.")
    with st.expander("Edit the points", key=f"_{page.key}_edit", on_change="rerun") as box:
        if box.open:
            _table(page, text, data)


def _table(page: Page, text: str, data: Dataset) -> None:
    """The points as a table. When they change, so does its key, so that it starts afresh."""
    key = f"_{page.key}_table_{crc32(text.encode())}"
    most = yours.LARGEST
    limits: dict[str, Any] = {"required": True, "min_value": -most, "max_value": most}
    labels: dict[str, Any] = {"required": True, "min_value": 0, "max_value": 1, "step": 1}
    st.data_editor(
        {"x": data.x, "y": data.y},
        num_rows="dynamic",
        hide_index=True,
        key=key,
        height=260,
        column_config={
            "x": st.column_config.NumberColumn(data.x_label, width=WIDE, **limits),
            "y": st.column_config.NumberColumn(
                data.y_label, width=WIDE, **(labels if page.model == "sigmoid" else limits)
            ),
        },
        on_change=lambda: _edited(page, session.value(key), data),
    )
    if why := session.table_error(page.key).get():
        _refuse(why)


def _edited(page: Page, edits: Any, data: Dataset) -> None:
    """Callback: the points after the edits. A new row counts as soon as it has both numbers."""
    slot = session.table_error(page.key)
    slot.clear()
    rows = edited(data, edits)
    if any(None in row for row in rows):
        slot.put("A point without x or without y is not used yet.")
        return
    try:
        own_data.set_points(page, [x for x, _ in rows if x is not None], [y for _, y in rows if y is not None])
    except ValueError as error:
        slot.put(f"{error}.")


# --- settings that suit the data ------------------------------------------------------------------------


def _start_well(page: Page) -> None:
    """In a callback: a learning rate and a start that suit the data of the page."""
    loss = cached.loss(own_data.loss_now(page))
    rate = first_settings.rate(loss)
    found = {"lr": rate, "ab_lr": rate / 5, **dict(zip(page.start, first_settings.start(loss), strict=True))}
    for name, value in found.items():
        if not visibility.fixed(page.control(name).part):
            settings.put(page, name, page.control(name).clean(value))


def _standardise(page: Page, on: bool) -> None:
    """Callback: standardise x or do not, with a learning rate and a start for it."""
    settings.put(page, "standardise", on)
    _start_well(page)


def _compare(page: Page) -> None:
    """Callback: open the two maps, raw and standardised, below the stage."""
    session.put(f"{page.key}_closer", "Scaling")
    settings.open_tab(page.key, "Look closer")
    session.write(f"{page.key}_tab", "Look closer")
