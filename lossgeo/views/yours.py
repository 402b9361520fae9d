"""A learner's own points: as a short text for the link, or held by the session if they are too many for one.

The text has the coordinates one after the other, "x_y_x_y", each as the shortest decimal that gives the same float64;
then, if the axes have names of their own, "~" and each name. It needs no escapes in a URL, except in the names.

Data with more points are held under a key, "held-" and a digest of the data, as long as a session keeps them. A link
says only "held": nobody else can see the data, and the page tells so.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Dataset
from lossgeo.datasets import check_sizes, separation
from lossgeo.own_data.text import shown

NAME = "yours"  # of the data set among those of a page
MOST_POINTS = 60  # in a link
LONGEST = 2400  # characters of the text: 60 points of 18 significant characters each
LARGEST = 1e12  # numbers of a larger size are refused, as in `own_data`
HELD = "held"  # what a link says about data that it does not carry
SOURCE = "your own data"
# What the page shows before there are any points.
EXAMPLES = {"mse": "0_1_1_3_2_2_3_5_4_4_5_7", "logistic": "-3_0_-2_0_-1_0_.5_0_-.5_1_1_1_2_1_3_1"}

_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e-?[0-9]{1,3})?")
_WORDS = {"nan": "is not a number", "inf": "is not finite", "infinity": "is not finite"}

_held: WeakValueDictionary[str, Dataset] = WeakValueDictionary()


def fits(dataset: Dataset) -> bool:
    """Whether the points can travel in a link."""
    return dataset.n <= MOST_POINTS and len(_text(dataset)) <= LONGEST


def encode(dataset: Dataset) -> str:
    """The points, and the names of the axes unless they are x and y, as a text for the link.

    `decode` gives exactly the same numbers. Raises ValueError, with one sentence, if they are too many.
    """
    if not fits(dataset):
        raise ValueError(f"There are {dataset.n} points; at most {MOST_POINTS} fit into a link.")
    return _text(dataset)


def decode(text: str) -> Dataset:
    """The data set of a text. Raises ValueError, with one sentence, if it cannot be used."""
    if text == HELD or text.startswith(f"{HELD}-"):
        if (found := _held.get(text)) is not None:
            return found
        raise ValueError(
            f"More than {MOST_POINTS} points do not travel in a link: they stayed in the browser tab that they were "
            "loaded in, so load them again"
        )
    if len(text) > LONGEST:
        raise ValueError(f"There are too many points for a link: at most about {MOST_POINTS} are read")
    numbers, *names = text.split("~")
    fields = numbers.split("_") if numbers else []
    if not fields:
        raise ValueError("There are no points: paste some, or add them to the table")
    values = [_number(field, place) for place, field in enumerate(fields)]
    if len(values) % 2:
        raise ValueError(f"Point {len(values) // 2 + 1} has an x and no y")
    x, y = np.array(values[0::2]), np.array(values[1::2])
    labels = [shown(name) for name in names[:2]] + ["", ""]
    return of_points(x, y, labels[0] or "x", labels[1] or "y")


def of_points(x: ArrayLike, y: ArrayLike, x_label: str = "x", y_label: str = "y") -> Dataset:
    """The data set `yours` of these points, two lists (n,) of numbers. Raises ValueError, with one sentence."""
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    if not xs.size:
        raise ValueError("There are no points: paste some, or add them to the table")
    for values, name in ((xs, "x"), (ys, "y")):
        for i in np.flatnonzero(~(np.abs(values) <= LARGEST))[:1]:
            what = f"is larger than {LARGEST:.0e}".replace("e+", "e") if np.isfinite(values[i]) else "is not finite"
            raise ValueError(f"The {name} of point {i + 1} {what}")
    dataset = Dataset(xs, ys, NAME, SOURCE, x_label, y_label)
    check_sizes(dataset)
    return replace(dataset, note=note(dataset))


def text_of(dataset: Dataset) -> str:
    """The text of the data set: its points, or the key under which it is held while somebody keeps the data set."""
    if fits(dataset):
        return _text(dataset)
    digest = hashlib.sha256(dataset.x.tobytes() + dataset.y.tobytes())
    digest.update(f"{dataset.x_label}\n{dataset.y_label}".encode(errors="replace"))
    key = f"{HELD}-{digest.hexdigest()[:32]}"
    _held[key] = dataset
    return key


def for_link(text: str) -> str:
    """What a link says for the text of a data set.

    Also what the text in a link may say: no link opens data that a session holds. A text that is too long is cut off
    where `decode` still refuses it.
    """
    return HELD if text.startswith(HELD) else text[: LONGEST + 1]


def note(dataset: Dataset) -> str:
    """What is special about the points, in one sentence, or ""."""
    if np.ptp(dataset.x) == 0:
        return "All x are equal."
    if dataset.labels_are_binary:
        return {
            "one class": "Only one class occurs.",
            "complete": "The two values of y are completely separated by x.",
            "quasi-complete": "The two values of y are quasi-completely separated by x.",
            "overlap": "",
        }[separation(dataset)]
    return ""


def _text(dataset: Dataset) -> str:
    """The text of any number of points."""
    pairs = np.column_stack([dataset.x, dataset.y]).ravel().tolist()
    names = [name.replace("~", "-") for name in (dataset.x_label, dataset.y_label)]
    ending = "" if names == ["x", "y"] else f"~{names[0]}~{names[1]}"
    return "_".join(map(_short, pairs)) + ending


def _short(value: float) -> str:
    """The shortest decimal that gives the same float64."""
    text = repr(value + 0.0).replace("e+", "e").replace("e-0", "e-")  # adding 0 turns -0 into 0
    if text.endswith(".0"):
        text = text[:-2]
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _number(text: str, place: int) -> float:
    """The number at a place of the list. Raises ValueError if it is none."""
    if _NUMBER.fullmatch(text):
        return float(text)
    what = _WORDS.get(text.lower().lstrip("-+"), "is no number")
    raise ValueError(f"The {'xy'[place % 2]} of point {place // 2 + 1} {what}")
