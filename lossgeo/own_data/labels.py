"""Two classes from a column of labels: which is 0 and which is 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isnan

import numpy as np

from lossgeo.contracts import Array
from lossgeo.own_data.numerals import ABSENT, ENDLESS, MARKS, as_number, tidy
from lossgeo.own_data.text import listed, shown, spelt

ONE = {"yes", "y", "true", "t", "on", "positive", "pos", "pass", "passed", "success", "present", "win", "won", "+",
       "ja", "oui", "si", "sí", "sì", "sim", "wahr", "vrai", "да", "是", "はい"}  # fmt: skip
ZERO = {"no", "n", "false", "f", "off", "negative", "neg", "fail", "failed", "failure", "absent", "lose", "lost",
        "loss", "-", "nein", "non", "não", "falsch", "faux", "нет", "否", "いいえ"}  # fmt: skip
NAMED = 12  # so many classes are named in a refusal
MANY = 1000  # so many different texts are no labels of two classes


class TooManyClasses(ValueError):
    """The labels have more than two values. `classes` has all of them, most frequent first, `columns` the names.

    Two of them, given to `read` as `classes`, make a data set.
    """

    def __init__(self, column: str, classes: tuple[str, ...], columns: tuple[str, ...]) -> None:
        self.column, self.classes, self.columns = column, classes, columns
        names = [shown(name, 30) for name in classes[:NAMED]]
        if len(classes) > NAMED:
            what = f"{len(classes)} different values, such as {listed(names[:3])}; a column of classes has two."
        else:
            what = f"{spelt(len(classes))} classes, {listed(names)}: choose two of them."
        super().__init__(f'"{column}" has {what}')


def classes_of(column: Sequence[str]) -> dict[str, str]:
    """For each text of the column that is a label: its class. 1 and 1.0 are one class, so are yes and Yes."""
    texts = Counter(column)  # in the order of their first appearance
    plain = {text: tidy(text) for text in texts}
    folded = {text: word.casefold() for text, word in plain.items()}
    real = [text for text in texts if folded[text] not in ABSENT]
    marks = [text for text in real if folded[text] in MARKS]
    rest = [text for text in real if folded[text] not in MARKS]
    if len({folded[text] for text in rest}) == 1 and len(marks) == 1 and folded[rest[0]] not in ("0", "1"):
        rest = real  # "+" and "-", or "none" and "some": the mark is a label
    numbers = {text: as_number(text) for text in rest}
    finite = [text for text in rest if folded[text] not in ENDLESS]
    if finite and all(numbers[text].possible for text in finite):
        values = {text: numbers[text].second if isnan(numbers[text].first) else numbers[text].first for text in finite}
        return {text: f"{value:.15g}" for text, value in values.items()}
    spellings: dict[str, Counter[str]] = {}
    for text in rest:
        spellings.setdefault(folded[text], Counter())[shown(plain[text], 1000)] += texts[text]
    if len(spellings) == 1 and len(rest) == 2:  # a and A, and nothing else: two classes
        return {text: plain[text] for text in rest}
    return {text: spellings[folded[text]].most_common(1)[0][0] for text in rest}


def how_many(column: Sequence[str]) -> int:
    """The number of classes among the labels of the column."""
    distinct = set(column)
    return len(distinct) if len(distinct) > MANY else len(set(classes_of(column).values()))


def in_order(classes: Sequence[str]) -> tuple[str, ...]:
    """One or two classes, the one that is 0 before the one that is 1.

    Numbers by size, known words by their meaning, other words by the alphabet. A class that stays alone is 1, unless
    it is a number <= 0 or a word for no; then "" stands for the missing one.
    """
    numbers = [as_number(name).first for name in classes]
    if len(classes) == 1:
        word = classes[0].casefold()
        zero = numbers[0] <= 0 if not isnan(numbers[0]) else word in ZERO
        return (classes[0], "") if zero else ("", classes[0])
    first, second = sorted(classes, key=str.casefold)
    if first.casefold() == second.casefold():
        first, second = sorted(classes)
    if not any(map(isnan, numbers)):
        first, second = sorted(classes, key=lambda name: as_number(name).first)
    elif first.casefold() in ONE and second.casefold() in ZERO:
        first, second = second, first
    return first, second


def labelled(
    column: Sequence[str], name: str, columns: tuple[str, ...], chosen: Sequence[str] | None, swap: bool
) -> tuple[Array, tuple[str, str], list[str]]:
    """The labels 0 and 1, nan where there is none (n,), the names of the two classes, and notes.

    `chosen` are two classes, for 0 and for 1, if there are more. Raises TooManyClasses if there are more and none are
    chosen, and ValueError if there is no label or no such class.
    """
    distinct = tuple(dict.fromkeys(column))
    if len(distinct) > MANY:
        raise TooManyClasses(name, distinct, columns)
    known = classes_of(column)
    each = [known.get(text) for text in column]
    found = tuple(label for label, _ in Counter(label for label in each if label is not None).most_common())
    if not found:
        raise ValueError(f'There are no labels in "{name}".')
    if chosen is not None:
        if len(set(chosen)) != 2 or not set(chosen) <= set(found):
            raise ValueError(
                f'Choose two different classes of "{name}": {listed([shown(c, 30) for c in found[:NAMED]])}.'
            )
        zero, one = chosen
    elif len(found) > 2:
        raise TooManyClasses(name, found, columns)
    else:
        zero, one = in_order(found)
    if swap:
        zero, one = one, zero
    value = {zero: 0.0, one: 1.0}
    values = np.array([np.nan if label is None else value.get(label, np.nan) for label in each])
    said = [f"{shown(label, 30)} = {number}" for number, label in enumerate((zero, one)) if label]
    if {"0 = 0", "1 = 1"} >= set(said):
        notes = ["The labels are 0 and 1." if len(said) == 2 else f"The only label is {found[0]}."]
    else:
        notes = [f"Labels: {', '.join(said)}{' (exchanged)' if swap else ''}."]
    if chosen is not None and len(found) > 2:
        others = [shown(label, 30) for label in found if label not in chosen]
        notes.append(f"Rows of the other classes are left out: {listed(others[:NAMED])}.")
    return values, (zero, one), notes
