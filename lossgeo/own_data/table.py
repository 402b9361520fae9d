"""Lines as a table: what separates the columns, whether there are names, and which lines do not fit.

The standard library's csv module splits the lines. What is decided here is only with which separator.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lossgeo.own_data.numerals import as_date, as_number, is_missing, kind_of
from lossgeo.own_data.text import counted, listed, shown, spelt

MAX_ROWS = 100_000
MAX_COLUMNS = 200
LOOK = 60  # lines that are looked at to find the separator

SEPARATORS = {
    "\t": "tabs", ";": "semicolons", "|": "vertical bars", ", ": "a comma and a space", ",": "commas", " ": "spaces",
}  # fmt: skip
_RULE = " \t|+:=-"  # the signs of the line under the names in a table drawn with signs
_DIGIT = re.compile("[0-9]")
_COMMA_NUMBER = re.compile(r"-?[0-9]+(?:,[0-9]+)?")
_EXCEL_HINT = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # the first line of some files, which names the separator


class Reader(Protocol):
    """What csv.reader returns: an iterator of rows that knows how many lines it has read."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of texts (k columns of n), with names, the line of the file in which each row begins, and notes."""

    names: tuple[str, ...]
    columns: list[tuple[str, ...]]
    lines: list[int]
    separator: str
    notes: list[str]
    counter: bool  # whether the first column has no name and only counts the rows


def table_of(lines: list[str]) -> Table:
    """The table in the lines. Raises ValueError, with one sentence, if they are no table of at least two columns."""
    lines, hint = _without_hint(lines)
    plain, comments = _without_comments(lines)
    some = [line for line in plain if line and not line.isspace()][:LOOK]
    if not some:
        raise ValueError("There are no rows: every line is a comment.")
    separator = hint or _separator(some)
    rows, starts = _rows(plain, separator)
    if not rows:
        raise ValueError("There are no rows: every line is blank.")
    width = _trim(rows)
    if width == 1:
        raise ValueError("There is only one column; x and y need one each, with a comma, a tab or spaces between.")
    if width > MAX_COLUMNS:
        raise ValueError(f"In line {starts[0]} there are {width} fields; at most {MAX_COLUMNS} columns are read.")
    _refuse_ragged(rows, starts, width)
    first = int(_has_names(rows))
    if len(rows) - first > MAX_ROWS:
        raise ValueError(f"There are {len(rows) - first} rows; at most {MAX_ROWS} are read: keep a sample of them.")
    given = rows[0] if first else [""] * width
    names = _names(given)
    if len(rows) == first:
        raise ValueError(f"There are no rows under the names {listed(list(names[:10]))}.")
    columns = [tuple(map(str.strip, column)) for column in zip(*rows[first:], strict=True)]
    notes = [f"The columns are separated by {SEPARATORS[separator]}."]
    if comments:
        were = "comment was" if len(comments) == 1 else "comments were"
        notes.append(f"{spelt(len(comments)).capitalize()} {were} skipped: {in_lines(comments)}.")
    if first:
        notes.append(f"The names of the columns are in line {starts[0]}.")
    else:
        notes.append("There is no line of names, so the columns are numbered.")
    counter = width > 2 and bool(first) and not given[0].strip() and _counts(columns[0])
    return Table(names, columns, starts[first:], separator, notes, counter)


def in_lines(lines: Sequence[int], most: int = 1000) -> str:
    """The numbers of the lines one by one: "line 3", or "lines 3, 4, 6". Beyond `most` it says how many follow."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return f"lines {', '.join(map(str, lines[:most]))}{more}"


def _without_hint(lines: list[str]) -> tuple[list[str], str | None]:
    """The lines with the hint "sep=;" for Excel blanked, and the separator that it names."""
    hint = _EXCEL_HINT.fullmatch(lines[0].strip())
    return (["", *lines[1:]], hint[1]) if hint and hint[1] in SEPARATORS else (lines, None)


def _without_comments(lines: list[str]) -> tuple[list[str], list[int]]:
    """The lines with comments and ruled lines blanked, and the numbers of the comments.

    A comment begins with #, % or //. A name that is just # is none.
    """
    plain, comments = [], []
    for number, line in enumerate(lines, start=1):
        if line[:1] in ("#", "%", "/", " ", "-", "|", "+", "=", ":"):
            text = line.strip()
            if text.startswith(("#", "%", "//")) and not re.match(r"#\s*[,;\t|]", text):
                comments.append(number)
                line = ""
            elif "---" in text and not text.strip(_RULE):
                line = ""
        plain.append(line)
    return plain, comments


def _split(lines: Iterable[str], separator: str) -> Reader:
    """The fields of the lines, by the csv module. Raises csv.Error for quotation marks that do not fit."""
    if separator == ", ":
        lines, separator = (re.sub(r", +", "\t", line) for line in lines), "\t"
    elif separator == " ":
        lines = (_spaced(line) for line in lines)
    elif separator == "|":
        lines = (line.strip().strip("|") for line in lines)
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)


def _spaced(line: str) -> str:
    """A line whose fields are separated by runs of spaces or tabs; by other blanks only where it has no plain ones."""
    line = line.replace("\t", " ").strip()
    return line if " " in line or line.isascii() else re.sub(r"\s", " ", line)


def _separator(some: list[str]) -> str:
    """The separator under which the lines are the most even and their fields the most like numbers."""
    best, choice = 0.0, ","
    for separator in SEPARATORS:
        if separator == ", " and not _comma_and_space(some):
            continue
        if (fit := _fit(some, separator)) > best + 1e-9:
            best, choice = fit, separator
    return choice


def _comma_and_space(some: list[str]) -> bool:
    """Whether a comma with a space separates the columns, so that a comma without one is a decimal comma.

    So it is in 1,5, 2,5. Raises ValueError if that is as likely as three columns, as in 1, 2,5.
    """
    rows = [re.split(r", +", line.strip()) for line in some]
    data = rows[1:] or rows
    width = len(data[0])
    if width < 2 or any(len(row) != width for row in rows):
        return False
    if not all(_COMMA_NUMBER.fullmatch(text) for row in data for text in row):
        return False
    decimal = ["," in "".join(column) for column in zip(*data, strict=True)]
    if any(decimal) and not all(decimal):
        raise ValueError(
            "Some commas have a space behind them and some have none, so it is not clear which of them separate the "
            "columns: separate them by semicolons."
        )
    return all(decimal)


def _fit(some: list[str], separator: str) -> float:
    """How well the separator fits: most of all by the share of lines of the usual width, if that is at least 2.

    Then by the share of numbers among their fields, and last by how few others mix digits and letters: in 1,5 yes
    the space makes the better fields.
    """
    try:
        rows = [[text.strip() for text in row] for row in _split(some, separator) if any(row)]
    except csv.Error:
        return 0.0
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    if width < 2:
        return 0.0
    even = [row for row in rows if len(row) == width]
    fields = [text for row in (even[1:] or even) for text in row[:MAX_COLUMNS]][:2000]
    others = [text for text in fields if text and not _value(text)]
    mixed = sum(bool(_DIGIT.search(text)) and text.lower() != text.upper() for text in others)
    return len(even) / len(rows) * (1.2 - len(others) / len(fields) - 0.1 * mixed / len(fields))


def _rows(lines: list[str], separator: str) -> tuple[list[list[str]], list[int]]:
    """The rows that are not blank, and the line of the file in which each begins."""
    reader = _split([f"{line}\n" for line in lines], separator)
    rows: list[list[str]] = []
    starts: list[int] = []
    start = 1
    try:
        for row in reader:
            if reader.line_num > start:  # a field goes on in the next line
                row = [" ".join(text.split()) for text in row]
            if "".join(row).strip():
                rows.append(row)
                starts.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        what = "that is never closed" if "end of data" in str(error) else "inside a field"
        what = "a field that is too long" if "limit" in str(error) else f"a quotation mark {what}"
        raise ValueError(f"In line {start} there is {what}.") from None
    return rows, starts


def _trim(rows: list[list[str]]) -> int:
    """Removes separators at the ends of the rows, and returns the usual number of fields.

    If the names lack one for a first column that only counts or names the rows, as R writes it, they get an empty one.
    """
    width = Counter(map(len, rows)).most_common(1)[0][0]
    while width > 1 and not any(row[width - 1].strip() for row in rows if len(row) >= width):
        width -= 1
    for i, row in enumerate(rows):
        if len(row) > width and not "".join(row[width:]).strip():
            rows[i] = row[:width]
    first = rows[0]
    if len(first) == width - 1 and not any(as_number(text).possible for text in first):
        heads = [row[0].strip() for row in rows[1:]]
        if _counts(heads) or (len(set(heads)) == len(heads) and kind_of(heads) == "text"):
            rows[0] = ["", *first]
    return width


def _counts(column: Sequence[str]) -> bool:
    """Whether the column counts the rows from 0 or 1."""
    return any(all(text == str(i) for i, text in enumerate(column, start)) for start in (0, 1))


def _refuse_ragged(rows: list[list[str]], starts: list[int], width: int) -> None:
    """Raises ValueError, naming the lines, if some rows have more or fewer fields than the others."""
    ragged = [(line, len(row)) for line, row in zip(starts, rows, strict=True) if len(row) != width]
    if not ragged:
        return
    named = []
    for i, (line, fields) in enumerate(ragged[:5]):
        noun = f" {'field' if fields == 1 else 'fields'}" if i == 0 else ""
        named.append(f"line {line} has {spelt(fields)}{noun}")
    if len(ragged) > 5:
        more = len(ragged) - 5
        named.append(f"{counted(more, 'other line')} {'is' if more == 1 else 'are'} uneven, too")
    raise ValueError(f"The rows are uneven: {listed(named)}, where the others have {spelt(width)}.")


def _has_names(rows: list[list[str]]) -> bool:
    """Whether the first row has the names of the columns.

    So it is if it has a text above numbers or dates, and no number itself, or if it is all there is and no number.
    Years count as names where they stand beside a text, above numbers that are no years.
    """
    first, rest = rows[0], rows[1:]
    if not rest:
        return not any(_value(text) or is_missing(text.strip()) for text in first)
    below = [[row[i] for row in rest[:1000]] for i in range(len(first))]
    texts = [i for i, text in enumerate(first) if not _value(text) and not is_missing(text.strip())]
    numbers = [i for i, text in enumerate(first) if _value(text)]
    if numbers and not (texts and all(_year(first[i]) and not all(map(_year, below[i])) for i in numbers)):
        return False
    return any(kind_of(below[i]) in ("numbers", "dates") for i in (*texts, *numbers))


def _value(text: str) -> bool:
    """Whether the text is a number or a date."""
    return as_number(text).possible or as_date(text).possible


def _year(text: str) -> bool:
    """Whether the text looks like a year, from 1500 to 2199."""
    return bool(re.fullmatch(r"\s*(?:1[5-9]|2[01])[0-9]{2}\s*", text))


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Names that are short, plain and different. A column without a name is called by its number."""
    names: list[str] = []
    for number, text in enumerate(given, start=1):
        name = base = shown(text) or f"column {number}"
        again = 2
        while name in names:
            name, again = f"{base} ({again})", again + 1
        names.append(name)
    return tuple(names)
