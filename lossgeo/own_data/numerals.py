"""Numbers and dates as people write them: decimal comma, thousands, currency, percent, typographic signs.

Many texts can be read in two ways: 1,250 is 1250 or 1.25, and 03/04/2024 is in April or in March. So every text is
read in both ways, and a column decides: by the texts that can be read in one way only. If nothing decides, the
column is refused with a question. Nothing is guessed silently.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import isnan, nan
from typing import NamedTuple
from unicodedata import decimal

import numpy as np
from numpy.typing import NDArray

from lossgeo.contracts import Array
from lossgeo.own_data.text import shown

LARGEST = 1e12  # numbers of a larger size are refused
LONGEST = 400  # characters of a number: more than any number written in full
SAMPLE = 200  # fields of a column that are looked at to find out what it holds

ABSENT = {"", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "missing"}
MARKS = {"-", "--", "---", ".", "..", "...", "…", "?", "none", "*"}  # missing in numbers; perhaps a label in labels
MISSING = ABSENT | MARKS
ENDLESS = {sign + word for sign in ("", "+", "-") for word in ("inf", "infinity", "∞", "infty")}

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2019\u02bc\u00b4`", "'"),
        "\uff0b": "+",
        "\u066b": ".",
        "\u066c": "'",
        "\uff0e": ".",
        "\uff0c": ",",
    }
)
_PLAIN = re.compile(r"(?>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]{1,6})?(?:\n|\Z))*+")
_COMMA_FOR_SURE = re.compile(r"(?:^|[^0-9])(?:0|[0-9]{4,})?,[0-9]|,(?:[0-9]{1,2}|[0-9]{4,})(?![0-9])")
_HINTS = {";": ",", ",": "."}  # the decimal sign that files with this separator usually have
_SIMPLE = re.compile(r"([+-]?)([0-9]+)(?:([.,])([0-9]+))?")
_CURRENCY = r"(?:[$€£¥₹₽₩₺₴₪฿¢]|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|CAD|AUD)"
_SHAPE = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-]?) ?(?P<before>{_CURRENCY})? ?(?P<inner>[+-]?)"
    rf"(?P<body>[0-9.,][0-9.,' ]*+)(?P<power>[eE][+-]?[0-9]{{1,6}})? ?(?P<after>{_CURRENCY}|%)?(?P<close>\))?"
)
_BLANKS = re.compile(r"[0-9]{1,3}(?:([ '])[0-9]{3})(?:\1[0-9]{3})*(?=[.,]|$)")
_WITH_POINT = re.compile(r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)?(?:\.[0-9]*)?")
_WITH_COMMA = re.compile(r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)?(?:,[0-9]+)?")


class Reading(NamedTuple):
    """A text as a number, once with a decimal point and once with a decimal comma; nan if that is impossible.

    For a date: seconds, once with the day before the month and once after it. `unit` is "", a currency or "%".
    """

    first: float
    second: float
    unit: str = ""

    @property
    def possible(self) -> bool:
        """Whether the text can be read in at least one way."""
        return not (isnan(self.first) and isnan(self.second))


NOTHING = Reading(nan, nan)


def tidy(text: str) -> str:
    """The text with plain minus signs, apostrophes, spaces and the digits 0 to 9, for those of all scripts."""
    if text.isascii():
        return " ".join(text.split())
    text = " ".join(text.translate(_SIGNS).split())
    return "".join(str(decimal(c)) if c.isdecimal() else c for c in text)


def is_missing(text: str) -> bool:
    """Whether the text stands for a missing number."""
    return not text or (len(text) < 10 and tidy(text).casefold() in MISSING)


def as_number(text: str) -> Reading:
    """The text as a number; NOTHING if it is none. Infinity is no number, but 1e999 is read as inf."""
    if len(text) > LONGEST:
        return NOTHING
    text = tidy(text)
    if simple := _SIMPLE.fullmatch(text):
        sign, whole, mark, rest = simple.groups()
        if mark is None:
            return Reading(float(text), float(text))
        value = float(f"{sign}{whole}.{rest}")
        grouped = float(sign + whole + rest) if len(rest) == 3 and len(whole) < 4 and whole[0] != "0" else nan
        return Reading(value, grouped) if mark == "." else Reading(grouped, value)
    shape = _SHAPE.fullmatch(text)
    if not shape or bool(shape["open"]) != bool(shape["close"]) or (shape["before"] and shape["after"]):
        return NOTHING
    if shape["inner"] and (shape["sign"] or not shape["before"]):
        return NOTHING
    body, power = shape["body"].rstrip(), shape["power"] or ""
    if (" " in body or "'" in body) and (groups := _BLANKS.match(body)):  # 1 250 or 1'250
        body = groups[0].replace(groups[1], "") + body[groups.end() :]
    negative = (shape["sign"] == "-") != (shape["inner"] == "-") or bool(shape["open"])  # (5) is minus 5 in accounts
    factor = -1.0 if negative else 1.0
    point = factor * float(body.replace(",", "") + power) if _WITH_POINT.fullmatch(body) and body != "." else nan
    comma = nan
    if _WITH_COMMA.fullmatch(body):
        comma = factor * float(body.replace(".", "").replace(",", ".") + power)
    return Reading(point, comma, shape["before"] or shape["after"] or "")


# --- dates ----------------------------------------------------------------------------------------

_TIME = r"(?:(?:[T ]|, ?)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.]) ?([0-9]{1,2})\2 ?([0-9]{4})" + _TIME)
_DAY_NAME = re.compile(r"([0-9]{1,2})\.?[- ]([A-Za-z]{3,9})\.?[- ,]+([0-9]{4})" + _TIME)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})" + _TIME)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip


def _seconds(year: str, month: str | int, day: str, time: Sequence[str | None]) -> float:
    """Seconds since the beginning of the year 1, in UTC if the text names a time zone; nan if there is no such time."""
    try:
        days = datetime.date(int(year), int(month), int(day)).toordinal() - 1
    except ValueError:
        return nan
    hour, minute, second, fraction, zone = (part or "" for part in time)
    h, m, s = int(hour or 0), int(minute or 0), int(second or 0)
    if h > 23 or m > 59 or s > 59:
        return nan
    seconds = 3600 * h + 60 * m + s
    if zone[1:]:
        ahead = 3600 * int(zone[1:3]) + 60 * int(zone[-2:])
        seconds += ahead if zone[0] == "-" else -ahead
    return 86400.0 * days + seconds + float(f"0.{fraction or 0}")


def as_date(text: str) -> Reading:
    """The text as a date, in seconds; NOTHING if it is none. Years need four digits."""
    if len(text) > 50:
        return NOTHING
    text = tidy(text)
    if date := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, *time = date.groups()
        seconds = _seconds(year, month, day, time)
        return Reading(seconds, seconds)
    if date := _YEAR_LAST.fullmatch(text):
        first, mark, second, year, *time = date.groups()
        day_first = _seconds(year, second, first, time)
        return Reading(day_first, day_first if mark == "." else _seconds(year, first, second, time))
    if date := _DAY_NAME.fullmatch(text):
        day, name, year, *time = date.groups()
    elif date := _NAME_DAY.fullmatch(text):
        name, day, year, *time = date.groups()
    else:
        return NOTHING
    months = [i for i, full in enumerate(_MONTHS, start=1) if full.startswith(name.lower())]
    seconds = _seconds(year, months[0], day, time) if len(months) == 1 else nan
    return Reading(seconds, seconds)


def kind_of(column: Sequence[str]) -> str:
    """What a column holds, judged by its first texts that are not missing: "numbers", "dates", "text", "nothing"."""
    some = list(islice((text for text in column if not is_missing(text)), SAMPLE))
    if not some:
        return "nothing"
    for kind, read in (("numbers", as_number), ("dates", as_date)):
        fits = sum(read(text).possible or (kind == "numbers" and tidy(text).casefold() in ENDLESS) for text in some)
        if 2 * fits >= len(some):
            return kind
    return "text"


# --- a whole column -------------------------------------------------------------------------------


@dataclass
class Measured:
    """A column as numbers (n,), nan where there is none; `odd` has the texts of those that are not just missing."""

    values: Array
    odd: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    dates: bool = False


def measured(column: Sequence[str], lines: Sequence[int], name: str, usual: str | None, separator: str) -> Measured:
    """The column as numbers or dates, from its texts in the given lines of the file.

    `usual` is the decimal sign of the rest of the file: ".", "," or None if nothing shows it. Raises ValueError, with
    one sentence, if the column can be read in two ways, mixes two ways, or holds a number that is too large.
    """
    missing = {text for text in set(column) if is_missing(text)}
    present = [i for i, text in enumerate(column) if text not in missing] if missing else range(len(column))
    texts = [column[i] for i in present] if missing else column
    result = Measured(np.full(len(column), nan))
    if texts:
        result = _plain(texts, name, usual) or _in_one_way(texts, [lines[i] for i in present], name, usual, separator)
        if missing:
            values = np.full(len(column), nan)
            values[present] = result.values
            result.values, result.odd = values, {present[i]: text for i, text in result.odd.items()}
    huge = np.flatnonzero(np.abs(result.values) > LARGEST)
    if len(huge):
        i = int(huge[0])
        text = shown(column[i], 40)
        raise ValueError(f'In line {lines[i]}, {text} in "{name}" is beyond {LARGEST:g}: use a larger unit.')
    return result


def _plain(texts: Sequence[str], name: str, usual: str | None) -> Measured | None:
    """Texts that are all plain numbers, with points or all with commas: a short cut for long columns. Else None."""
    if max(map(len, texts)) > LONGEST:
        return None
    joined = "\n".join(texts)
    if not joined.isascii():
        signs = {c: str(decimal(c)) for c in set(joined) if c.isdecimal() and not c.isascii()}
        joined = joined.translate(_SIGNS | str.maketrans(signs))
    if "," in joined and "." not in joined and (sure := _COMMA_FOR_SURE.search(joined)):
        joined = joined.replace(",", ".")
        if _PLAIN.fullmatch(joined):
            values = np.array(list(map(float, joined.split("\n"))))
            i = joined.count("\n", 0, sure.end() - 1)
            return Measured(values, notes=[_decimal_comma(name, texts[i], values[i])])
    elif (usual != "," or "." not in joined) and _PLAIN.fullmatch(joined):
        return Measured(np.array(list(map(float, joined.split("\n")))))
    return None


def _decimal_comma(name: str, text: str, value: float) -> str:
    return f'The comma is the decimal sign in "{name}": {shown(text, 40)} is read as {value:.15g}.'


def _in_one_way(column: Sequence[str], lines: Sequence[int], name: str, usual: str | None, separator: str) -> Measured:
    """`measured` for texts that are not all plain numbers, and none of them missing."""
    dates = kind_of(column) == "dates"
    read = as_date if dates else as_number
    known = {text: read(text) for text in set(column)}
    readings = [known[text] for text in column]
    first, second = (np.array([reading[i] for reading in readings]) for i in (0, 1))
    only_first, only_second = np.isnan(second) & ~np.isnan(first), np.isnan(first) & ~np.isnan(second)
    differ = ~np.isnan(first) & ~np.isnan(second) & (first != second)
    ways = ("the day before the month", "the month before the day") if dates else ("a decimal point", "a decimal comma")

    def at(flags: NDArray[np.bool_]) -> tuple[str, int]:
        i = int(np.argmax(flags))
        return shown(column[i], 40), lines[i]

    if only_first.any() and only_second.any():
        (a, line_a), (b, line_b) = at(only_first), at(only_second)
        raise ValueError(
            f'"{name}" mixes two ways of writing: {a} in line {line_a} has {ways[0]}, {b} in line {line_b} {ways[1]}.'
        )
    result = Measured(first, dates=dates)
    take_second = bool(only_second.any())
    if differ.any() and not only_first.any() and not only_second.any():
        text, where = at(differ)
        commas = "," in text
        hint = usual or (_HINTS.get(separator) if commas else ".")
        if dates or hint is None:
            cure = "write dates as 2024-04-03" if dates else "write it without the comma, or with a point"
            raise ValueError(f'In line {where}, {text} in "{name}" can be read in two ways: {cure}.')
        take_second = hint == ","
    if take_second:
        result.values = second
    if dates and (only_first | only_second | differ).any():
        result.notes.append(f'The dates of "{name}" have {ways[take_second]}.')
    elif take_second and only_second.any():
        result.notes.append(_decimal_comma(name, at(only_second)[0], second[only_second][0]))
    if not dates and differ.any():
        result.notes.append(f'In "{name}", {at(differ)[0]} is read as {result.values[differ][0]:.15g}.')
    _add_units(result, {reading.unit for reading in known.values() if reading.possible}, name)
    result.odd = {i: column[i] for i in np.flatnonzero(np.isnan(result.values)).tolist()}
    return result


def _add_units(result: Measured, units: set[str], name: str) -> None:
    """Says which currency or percent sign was left out. Raises ValueError if the column mixes units."""
    named = sorted(units - {""})
    if len(named) > 1 or ("%" in units and "" in units):
        mixed = " and ".join(unit or "numbers without a sign" for unit in sorted(units, reverse=True)[:2])
        raise ValueError(f'"{name}" mixes {mixed}: give all of them the same unit.')
    if named == ["%"]:
        result.notes.append(f'The numbers of "{name}" are percentages: 5 % is read as 5.')
    elif named:
        result.notes.append(f'The sign {named[0]} in "{name}" is left out.')


def usual_decimal(columns: Sequence[Sequence[str]]) -> str | None:
    """The decimal sign of a file, "." or ",", by its texts that can be read in one way only; None if they disagree."""
    found = set()
    for column in columns:
        for text in islice(column, SAMPLE):
            point, comma, _ = as_number(text)
            if isnan(point) != isnan(comma):
                found.add("," if isnan(point) else ".")
    return found.pop() if len(found) == 1 else None
