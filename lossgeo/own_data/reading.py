"""A file or a paste as a data set, with sentences on how it was understood."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array, Dataset
from lossgeo.datasets import separation
from lossgeo.numbers import number
from lossgeo.own_data.labels import how_many, labelled
from lossgeo.own_data.numerals import ENDLESS, is_missing, kind_of, measured, tidy, usual_decimal
from lossgeo.own_data.table import MAX_COLUMNS, MAX_ROWS, Table, in_lines, table_of
from lossgeo.own_data.text import MAX_BYTES, counted, lines_of, listed, shown, spelt

NAME = "your data"
FARTHEST = 1e9  # numbers that differ by less than their size divided by this are refused
SMALLEST = 1e-12  # numbers that differ by less are refused
LIMITS = f"At most {MAX_BYTES // 1_000_000} MB, {MAX_ROWS} rows and {MAX_COLUMNS} columns; numbers up to 1e12 in size."


@dataclass(frozen=True, eq=False)
class OwnData:
    """A data set read from a file or a paste, and how it was understood.

    `columns` has the names of all columns, `x` and `y` those that were taken. `notes` are sentences for the reader.
    `classes` are the names of label 0 and label 1 in a classification ("" if that label does not occur), else None.
    `left_out` has the lines of the rows that are not used. All names are raw text: short and without control
    characters, but to be escaped where they are shown as HTML or Markdown, and to go through `safe_cell` into a CSV.
    """

    dataset: Dataset
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    x: str
    y: str
    classes: tuple[str, str] | None
    left_out: tuple[int, ...]


def read(
    raw: bytes | str,
    task: str,
    x: str | None = None,
    y: str | None = None,
    swap: bool = False,
    *,
    classes: Sequence[str] | None = None,
) -> OwnData:
    """The data set in a file (bytes) or a paste (str), for "regression" or "classification".

    `x` and `y` name the columns; without them the first and the last column of numbers are taken, and in a
    classification y is the last column with two values. `swap` exchanges the labels 0 and 1. `classes` are two
    classes, for 0 and 1, where there are more. Raises ValueError, with one sentence that names the place, if the text
    cannot be understood or is out of bounds, and TooManyClasses, a ValueError, for labels with more than two values.
    """
    if task not in ("regression", "classification"):
        raise ValueError(f'task must be "regression" or "classification", got {task!r}')
    lines, notes = lines_of(raw)
    table = table_of(lines)
    classify = task == "classification"
    at_x, at_y, choice = _choose(table, classify, x, y)
    name_x, name_y = table.names[at_x], table.names[at_y]
    usual = usual_decimal(table.columns)
    of_x = measured(table.columns[at_x], table.lines, name_x, usual, table.separator)
    both: tuple[str, str] | None = None
    if classify:
        ys, both, said = labelled(table.columns[at_y], name_y, table.names, classes, swap)
        of_y = None
    else:
        of_y = measured(table.columns[at_y], table.lines, name_y, usual, table.separator)
        ys, said = of_y.values, of_y.notes
    keep = ~(np.isnan(of_x.values) | np.isnan(ys))
    odd = [(i, text) for column in (of_x, of_y) if column for i, text in column.odd.items()]
    rows, left = _rows(table, keep, sorted(odd))
    xs, label_x, dated_x = _in_days(of_x.values[keep], name_x, of_x.dates)
    ys, label_y, dated_y = _in_days(ys[keep], name_y, bool(of_y and of_y.dates))
    for values, name in ((xs, name_x), *(() if classify else ((ys, name_y),))):
        _refuse_unresolved(values, name)
    dataset = Dataset(xs, ys, NAME, "read from a file or a paste", label_x, label_y)
    said_of = effect(dataset, classify)
    dataset = replace(dataset, note=said_of)
    notes = [*rows, *notes, *table.notes, choice, *of_x.notes, *said, *dated_x, *dated_y, said_of]
    return OwnData(dataset, table.names, tuple(filter(None, notes)), name_x, name_y, both, left)


# --- which columns --------------------------------------------------------------------------------


def _choose(table: Table, classify: bool, x: str | None, y: str | None) -> tuple[int, int, str]:
    """The columns of x and y, and a sentence that names them."""
    kinds = [kind_of(column) for column in table.columns]
    numeric = [i for i, kind in enumerate(kinds) if kind in ("numbers", "dates")]
    proposed = [i for i in numeric if not (i == 0 and table.counter)]
    given_x, given_y = (_place(table, name) for name in (x, y))
    for at, role in ((given_x, "x"), (given_y, "" if classify else "y")):
        if at is not None and role and at not in numeric:
            raise ValueError(_no_numbers(table, at, role))
    at_y = given_y
    if at_y is None and classify:
        at_y = _label_column(table, [i for i in range(len(kinds)) if i != given_x], proposed)
    elif at_y is None:
        at_y = next((i for i in reversed(proposed) if i != given_x), None)
    at_x = given_x
    if at_x is None:
        at_x = next((i for i in (*proposed, *numeric) if i != at_y), None)
    if at_x is None or at_y is None:
        text = next((i for i, kind in enumerate(kinds) if kind == "text"), 0)
        few = "is no column of numbers" if not numeric else "is only one column of numbers"
        need = "x needs one" if classify else "x and y need one each"
        raise ValueError(f"There {few}, and {need}; {_no_numbers(table, text, '')}")
    if at_x == at_y:
        raise ValueError(f'x and y are both "{table.names[at_x]}": choose two different columns.')
    return at_x, at_y, _said(table, at_x, at_y)


def _label_column(table: Table, free: list[int], numeric: list[int]) -> int:
    """The column to propose for the labels: the last one if it has at most two values, else the last one with two.

    A column that is the only one of numbers is left for x.
    """
    fit = [i for i in free if any(other != i for other in numeric)] or free
    counts = {i: how_many(table.columns[i]) for i in fit}
    if 1 <= counts[fit[-1]] <= 2:
        return fit[-1]
    return next((i for i in reversed(fit) if counts[i] == 2 and not (i == 0 and table.counter)), fit[-1])


def _place(table: Table, name: str | None) -> int | None:
    """The place of the column with this name, None for None. Raises ValueError if there is no such column."""
    if name is None:
        return None
    if name not in table.names:
        raise ValueError(f'There is no column "{shown(name)}"; the columns are {listed(list(table.names[:20]))}.')
    return table.names.index(name)


def _no_numbers(table: Table, at: int, role: str) -> str:
    """A sentence: this column holds no numbers, with an example."""
    texts = [(text, line) for text, line in zip(table.columns[at], table.lines, strict=True) if not is_missing(text)]
    name = table.names[at]
    if not texts:
        return f'"{name}" holds nothing but missing values.'
    text, line = texts[0]
    as_role = f" and cannot be {role}" if role else ""
    return f'"{name}" holds text{as_role}, for example "{shown(text, 30)}" in line {line}.'


def _said(table: Table, at_x: int, at_y: int) -> str:
    """A sentence that names x, y and the columns that are left out."""
    sentence = f'x is "{table.names[at_x]}", y is "{table.names[at_y]}".'
    others = [f'"{name}"' for i, name in enumerate(table.names) if i not in (at_x, at_y)]
    if not others:
        return sentence
    more = f" and {len(others) - 10} more" if len(others) > 10 else ""
    left = ", ".join(others[:10]) + more if more else listed(others)
    verb = "is" if len(others) == 1 else "are"
    counting = f' "{table.names[0]}" only counts the rows.' if table.counter and 0 not in (at_x, at_y) else ""
    head = f"There are {spelt(len(table.names))} columns: "
    return f"{head}{sentence[:-1]}; {left} {verb} left out. Others can be chosen.{counting}"


# --- which rows -----------------------------------------------------------------------------------


def _rows(table: Table, keep: NDArray[np.bool_], odd: list[tuple[int, str]]) -> tuple[list[str], tuple[int, ...]]:
    """Sentences on the rows that are used and left out, and the lines of the latter."""
    total, kept = len(keep), int(keep.sum())
    left = tuple(line for line, used in zip(table.lines, keep.tolist(), strict=True) if not used)
    if not kept:
        raise ValueError(f"There are no rows with both x and y: {in_lines(left, 20)} have none or only one.")
    if not left:
        return [f"{counted(total, 'row')}, all used."], left
    verb = "is" if kept == 1 else "are"
    lack = "has" if len(left) == 1 else "have"
    sentences = [f"{kept} of {total} rows {verb} used; {len(left)} {lack} no usable x or y: {in_lines(left)}."]
    for i, text in odd[:3]:
        what = "not finite" if tidy(text).casefold() in ENDLESS else "neither a number nor a date"
        sentences.append(f'"{shown(text, 30)}" in line {table.lines[i]} is {what}.')
    if len(odd) > 3:
        sentences.append(f"{counted(len(odd) - 3, 'more field')} cannot be read as numbers.")
    return sentences, left


def _in_days(values: Array, name: str, dates: bool) -> tuple[Array, str, list[str]]:
    """The values, their name with the unit, and a note: dates, in seconds, become days since the first of them."""
    if not dates:
        return values, name, []
    first = int(values.min() // 86400)
    day = datetime.date.fromordinal(first + 1)
    days = (values - 86400.0 * first) / 86400.0
    return days, f"{name}, days since {day}", [f'"{name}" is counted in days since {day}.']


def _refuse_unresolved(values: Array, name: str) -> None:
    """Raises ValueError if the values differ, but by so little that doubles cannot tell."""
    spread, size = float(np.ptp(values)), float(np.abs(values).max())
    if spread > 0 and size > FARTHEST * spread:
        raise ValueError(
            f'"{name}" varies by only {number(spread)} around {number(float(values[0]), 6)}, too little to compute '
            "with: subtract a constant from it."
        )
    if 0 < spread < SMALLEST:
        raise ValueError(f'"{name}" varies by only {number(spread)}, too little to compute with: use a smaller unit.')


# --- what the data do to the loss -----------------------------------------------------------------


def effect(dataset: Dataset, classify: bool) -> str:
    """A sentence on what is special about the loss of these data, or ""."""
    equal = bool(np.ptp(dataset.x) == 0)
    where = number(float(dataset.x[0]), 6)
    same = f"In these data all x are equal ({where}): without a penalty the minimisers form a line"
    if not classify:
        if equal:
            return f"{same}, or for the absolute error perhaps a strip."
        return ""
    kind = separation(dataset)
    if kind == "one class":
        return "Only one class occurs: no minimiser without a penalty or with one, and the infimum is 0."
    if kind == "overlap":
        if equal:
            return f"{same}."
        return "The classes overlap: the logistic loss has one minimiser."
    how = "completely" if kind == "complete" else "quasi-completely"
    return f"The classes are {how} separable: no minimiser without a penalty."
