"""How a run ended: one word, one plain line of what was measured, the numbers, and an explanation where one is certain.

The line and the numbers say what was seen. An explanation comes with a certificate (see `certificates`): without
one there is none. The words are

    converged      at a minimiser: what Newton's method would still change is within the tolerance
    max_steps      all steps used
    oscillating    the last steps go back and forth without getting shorter
    diverged       loss and gradient have grown beyond all measure, or must, by a theorem
    no_minimiser   the loss still falls, and it has no minimiser
    saddle         within a hundredth of the view of a saddle point; `maximum` likewise
    plateau        so flat that a move across the view would change little, and lower places are known
    stuck          the steps are lost in rounding
    outside        the next step leads to where the loss has no value, or one that is too large for a number
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lossgeo.descent import certificates
from lossgeo.descent.certificates import Certificate
from lossgeo.descent.path import Path
from lossgeo.geometry import eigenvalues
from lossgeo.numbers import deciding, number, plural, vector

REST = 1e-6  # how far from 1 the growth of a swing must be to be called growth or shrinking


class Verdict(NamedTuple):
    """`status` is the word, `reason` the line, `details` the numbers, and `certificate` the explanation or None."""

    status: str
    reason: str
    details: str
    certificate: Certificate | None


def judge(path: Path) -> Verdict:
    """The verdict on a run: the first of `_ENDINGS` that applies."""
    with np.errstate(all="ignore"):
        for ending in _ENDINGS:
            found = ending(path)
            if found:
                break
        assert found is not None  # the last one always applies
        status, reason, certificate = found
        return Verdict(status, reason, _details(path), certificate)


Found = tuple[str, str, Certificate | None]


def _converged(path: Path) -> Found | None:
    if path.why != "settled":
        return None
    leaves = certificates.unstable_minimum(path)
    stay = ", but this learning rate is too large to stay there" if leaves else ""
    return "converged", f"Arrived{_goal(path)}{stay}.", leaves or certificates.may_leave(path)


def _goal(path: Path) -> str:
    """Where a converged run has arrived."""
    loss = path.loss
    if loss.minimisers in ("line", "region"):
        return f": the loss is within {number(max(path.gap, 0.0))} of its minimum"
    if not path.isolated or path.distance > 1e-2 * np.hypot(*path.scale.size):
        return f" at a minimum, at {_place(path.end, path)}; it is none of those known"
    away = f"{number(path.distance)} from" if path.comparable else f"the loss is within {number(path.left)} of that of"
    higher = float(loss.value(path.minimum)) - loss.infimum
    if higher > 1e-9 * path.scale.height:
        lowest = "lowest found" if loss.searched else "lowest value"
        return f": {away} a local minimum, {number(higher)} above the {lowest}"
    which = "the lowest minimum found" if loss.searched else "the minimiser" if _single(path) else "a minimiser"
    return f": {away} {which}"


def _diverged(path: Path) -> Found | None:
    first, last = float(path.values[0]), float(path.values[-1])
    theorem = certificates.quadratic_error(path)
    grows = path.loss.quadratic and path.loss.convex and path.constant and last > first and _above_limit(path)
    if not (path.why in ("gone", "overflow") or (path.growing and path.constant) or grows):
        return None
    if last < first and np.isneginf(path.loss.infimum):
        why = certificates.no_minimiser(path)
        return "no_minimiser", f"Falls without end: the loss is {number(last)} after {plural(path.k, 'step')}.", why
    if last <= first and path.why != "overflow":
        return None
    told = theorem or certificates.unstable_minimum(path)
    if path.why == "overflow":
        line = f"Runs away: step {path.k + 1} leads beyond the numbers that a computer can hold."
    else:
        low, high = deciding(first, last)
        line = f"Runs away: the loss has grown from {low} to {high} in {plural(path.k, 'step')}."
    return "diverged", line, told


def _above_limit(path: Path) -> bool:
    """Whether rate times L is above the stability limit of the method, and the run has left in the last steps."""
    limit = path.method.stability_on(path.loss)
    largest = float(eigenvalues(path.loss, path.end)[1])
    if limit is None or not path.rate * largest > limit * (1.0 + 1e-12):
        return False
    if path.method.memory:
        return path.k >= 30 and float(path.values[2 * path.k // 3 :].max()) > 2.0 * float(
            path.values[: path.k // 3].max()
        )
    recent = np.diff(path.values[-4:])
    return path.k >= 2 and bool(np.all(recent > 0))


def _outside(path: Path) -> Found | None:
    if path.why != "outside":
        return None
    return (
        "outside",
        f"Stopped after {plural(path.k, 'step')}: the next one leads to where no value of the loss can be computed.",
        None,
    )


def _stationary(path: Path) -> Found | None:
    """Near a stationary point that is no minimum."""
    if path.stationary is None:
        if certificates.is_at_saddle(path):
            return "saddle", "Near a saddle point, where both curvatures are zero to rounding.", None
        return None
    at, kind = path.stationary
    if kind == "degenerate" and certificates.is_at_saddle(path):
        return "saddle", "Near a saddle point, where both curvatures are zero to rounding.", None
    if kind not in ("saddle", "maximum"):
        return None
    what = "a saddle point" if kind == "saddle" else "a maximum"
    away = number(float(np.hypot(*(path.end - at))))
    told = certificates.saddle_exit(path) or certificates.newton_failed(path)
    return kind, f"Near {what}: {away} away.", told


def _at_rest(path: Path) -> Found | None:
    """The steps are lost in rounding."""
    if path.why != "stalled":
        return None
    told, none = certificates.newton_failed(path), certificates.no_minimiser(path)
    steps = plural(path.k, "step")
    if none is not None and path.gap <= 1e-12 * path.scale.height:
        return (
            "no_minimiser",
            f"At rest after {steps}: the loss has its limit to rounding; there is no minimiser.",
            none,
        )
    if told is not None:
        return "stuck", f"Stopped after {steps}: Newton's step is not defined here.{_away(path)}", told
    return "stuck", f"Stopped after {steps}: the steps are lost in rounding.{_away(path)}", None


def _oscillating(path: Path) -> Found | None:
    if path.swing is None:
        stays = certificates.unstable_minimum(path, everywhere=True)
        if stays is None or not path.up_and_down:
            return None
        return "oscillating", f"Goes up and down, and does not settle.{_away(path)}", stays
    length, growth = path.swing
    told = certificates.quadratic_error(path) or certificates.unstable_minimum(path)
    if told is None and path.repeats:
        told = certificates.kink_crossed(path)
    if growth < 1.0 - REST or told is None:
        return None  # it shrinks, however slowly, or nothing is known that keeps it from shrinking later
    how = "wider each time" if growth > 1.0 + REST else "no smaller"
    return "oscillating", f"Jumps back and forth, {number(length)} apart, {how}.", told


def _no_minimiser(path: Path) -> Found | None:
    loss, v = path.loss, path.values
    if loss.minimisers != "none" or len(loss.minima):
        return None
    before = v[path.k // 2] if path.noisy else v[max(0, path.k - 12)]
    recent = v[-13:]
    if not v[-1] < before or (not path.noisy and recent[len(recent) // 2 :].min() >= recent[: len(recent) // 2].min()):
        return None
    steps = plural(path.k, "step")
    if loss.searched:
        return "no_minimiser", f"Still falling after {steps}; no minimiser was found.", None
    if np.isneginf(loss.infimum):
        line = f"Still falling after {steps}; the loss has no lower bound."
    else:
        line = f"Still falling after {steps}; there is no minimiser."
    return "no_minimiser", line, certificates.no_minimiser(path)


def _plateau(path: Path) -> Found | None:
    slope, height = float(np.abs(path.scale.gradient(path.end)).max()), path.scale.height
    if not (path.gap >= 0.05 * height and slope <= 5e-3 * height):
        return None
    if float(np.abs(path.scale.hessian(path.end)).max()) > 5e-2 * height:
        return None
    lowest = "the lowest minimum found" if path.loss.searched else "the lowest value"
    limit = "its limit" if path.loss.minimisers == "none" else lowest
    return "plateau", f"Flat here, but not the minimum: the loss is {number(path.gap)} above {limit}.", None


def _used(path: Path) -> Found:
    """All steps used: where it is, and whether it came nearer."""
    steps = plural(path.k, "step")
    told = (
        certificates.noise(path, certificates.twin_end(path))
        or certificates.newton_failed(path)
        or (certificates.kink_crossed(path) if path.up_and_down else None)
        or (certificates.unstable_minimum(path) if path.up_and_down else None)
        or certificates.quadratic_error(path)
        or certificates.smooth_descent(path)
        or certificates.no_minimiser(path)
    )
    if path.k == 0:
        return "max_steps", f"No step taken.{_away(path)}", None
    if path.swing is not None:
        length, growth = path.swing
        how = (
            "slowly shrinking"
            if growth < 1.0 - REST
            else "wider each time so far"
            if growth > 1.0 + REST
            else "no smaller so far"
        )
        return "max_steps", f"Jumps back and forth, {number(length)} apart, {how}.", told
    if path.up_and_down and not path.noisy:
        return "max_steps", f"Goes up and down after {steps}.{_away(path)}", told
    if path.isolated and path.nearer and path.comparable:
        return "max_steps", f"Not there yet: {number(path.distance)} away after {steps}.", told
    if path.falling:
        toward = " It is not getting nearer." if path.isolated and not path.nearer else ""
        return "max_steps", f"Still falling after {steps}.{_away(path)}{toward}", told
    rose = "raised the loss" if path.values[-1] > path.values[-2] else "left the loss as it was"
    return "max_steps", f"After {steps}: the last one {rose}.{_away(path)}", told


_ENDINGS: tuple[Callable[[Path], Found | None], ...] = (
    _converged,
    _outside,
    _diverged,
    _stationary,
    _plateau,
    _at_rest,
    _oscillating,
    _no_minimiser,
    _used,
)


# --- parts of sentences --------------------------------------------------------------------------


def _single(path: Path) -> bool:
    """Whether the loss is known to have one minimiser and no other minimum."""
    return path.loss.minimisers == "one" and len(path.loss.minima) == 1


def _away(path: Path) -> str:
    """A sentence: how far the end is from what is known."""
    loss = path.loss
    if path.isolated and path.comparable:
        one = "the minimiser" if _single(path) else "the nearest known minimum"
        return f" It is {number(path.distance)} from {one if not loss.searched else 'the nearest minimum found'}."
    if np.isfinite(loss.infimum):
        least = "its minimum" if loss.minimisers != "none" else "its limit"
        return f" The loss is {number(max(path.gap, 0.0))} above {least}."
    return f" The loss is {number(float(path.values[-1]))}."


def _place(p: np.ndarray, path: Path) -> str:
    """A point in words, its noise measured against the ends of the view."""
    return vector(p, np.abs(np.array(path.loss.view)).max(axis=1))


def _details(path: Path) -> str:
    """The numbers: loss, gradient, curvatures, place."""
    first, last = number(float(path.values[0])), number(float(path.values[-1]))
    low, high = path.curvatures
    parts = [f"Loss {first} at the start, {last} after {plural(path.k, 'step')}. Gradient norm {number(path.slope)}."]
    if np.isfinite([low, high]).all():
        parts.append(f"Curvatures at the end: {number(low)} and {number(high)}.")
    if path.isolated:
        value = number(float(path.loss.value(path.minimum)))
        parts.append(f"The nearest known minimum is {_place(path.minimum, path)}, with loss {value}.")
    if path.swing is not None:
        times = number(path.swing[1], 5)
        parts.append(f"Each jump is {'' if times == '1' else f'{times} times '}as long as the one before.")
    return " ".join(parts)
