"""Numbers and sentences about what is on the screen, computed from the records, never typed."""

from __future__ import annotations

import re

import numpy as np

from lossgeo.contracts import Loss
from lossgeo.views import cached
from lossgeo.views.choice import Choice
from lossgeo.views.view import Run


def number(value: float, digits: int = 3) -> str:
    """Three significant digits, with a real minus sign."""
    if not np.isfinite(value):
        return "not finite" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    text = f"{value:.{digits}g}"
    if "e" not in text and abs(value) >= 10**digits:
        text = f"{float(text):.0f}"
    if "e" in text and 10**digits <= abs(value) < 1e5:
        text = f"{float(text):.0f}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return text.replace("-", "−")


SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def typeset(text: str) -> str:
    """A sentence of the core with real minus signs and powers of ten."""
    text = re.sub(r"(\d)e([+-]\d+)", lambda m: f"{m[1]}·10{str(int(m[2])).translate(SUPERSCRIPTS)}", text)
    return re.sub(r"(?<![\w)])-(?=[\d.])", "−", text)


def point(p: np.ndarray, names: tuple[str, str]) -> str:
    tiny = 1e-12 * max(abs(p[0]), abs(p[1]), 1.0)  # what rounding leaves of a zero
    first, second = (number(0.0 if abs(v) < tiny else v) for v in p)
    return f"{names[0]} = {first}, {names[1]} = {second}"


def minimum_in_words(loss: Loss, short: bool = False) -> str:
    """Whether there is a minimiser, where, and what the least value is."""
    least = number(loss.infimum)
    if loss.searched:
        return _found_by_search(loss, least, short)
    if loss.minimisers == "none":
        if np.isneginf(loss.infimum):
            return "no minimiser: the values have no lower bound"
        return f"no minimiser: the infimum {least} is not attained"
    if loss.minimisers == "line":
        return f"a whole line of minimisers, value {least}"
    if loss.minimisers == "region":
        return f"a whole region of minimisers, value {least}"
    if loss.minimisers == "several":
        lowest = int(np.isclose(loss.value(loss.minima), loss.infimum, rtol=1e-9, atol=1e-12).sum())
        return f"{lowest} global minimisers, value {least}" + (
            "" if short else f"; one at {point(loss.minima[0], loss.parameters)}"
        )
    more = len(loss.minima) - 1
    extra = f"; {more} higher local minim{'um' if more == 1 else 'a'} known" if more and not short else ""
    return f"minimum {least} at {point(loss.minima[0], loss.parameters)}{extra}"


def _found_by_search(loss: Loss, least: str, short: bool) -> str:
    """The same where no theorem says that the search has found every minimum."""
    if loss.minimisers == "none":
        local = f"; a local minimum at {point(loss.minima[0], loss.parameters)}" if len(loss.minima) else ""
        return f"no minimiser found: the least limit far out is {least}" + ("" if short else local)
    lowest = int(np.isclose(loss.value(loss.minima), loss.infimum, rtol=1e-9, atol=1e-12).sum())
    if lowest > 1:
        return f"{lowest} equally low minima found, value {least}"
    return f"lowest minimum found: {least} at {point(loss.minima[0], loss.parameters)}" + (
        f"; higher ones found: {len(loss.minima) - 1}" if len(loss.minima) > 1 and not short else ""
    )


def where(choice: Choice, run: Run) -> str:
    """A clause for a path that leaves the map: when and where."""
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)
    points = run.trajectory.points
    outside = (points[:, 0] < w0) | (points[:, 0] > w1) | (points[:, 1] < b0) | (points[:, 1] > b1)
    if not outside.any():
        return ""
    k = int(np.argmax(outside))
    if k == 0:
        return " The start lies outside the map."
    return f" Leaves the map at step {k}, to {point(points[k], cached.loss(choice.loss).parameters)}."


def figures(choice: Choice, runs: list[Run]) -> str:
    """The stage in words, for who cannot see it."""
    it = cached.loss(choice.loss)
    (w0, w1), (b0, b1) = cached.window(choice.loss, choice.view)
    first, second = it.parameters
    text = (
        f"Map of the {it.name} for {first} from {number(w0)} to {number(w1)} "
        f"and {second} from {number(b0)} to {number(b1)}: "
        f"{minimum_in_words(it)}. Start at {first} = {number(choice.start[0])}, {second} = {number(choice.start[1])}."
    )
    for run in runs:
        path = run.trajectory
        first_loss, last_loss = number(path.values[0]), number(path.values[-1])
        text += f" {run.words}: {len(path.points) - 1} steps, from loss {first_loss} to {last_loss}, {path.status}."
    return text
