"""Sentences about what a page shows, always computed from its View."""

from __future__ import annotations

import numpy as np

from lossgeo.contracts import Loss
from lossgeo.descent import OPTIMIZERS
from lossgeo.numbers import number, point, typeset
from lossgeo.views import comparison
from lossgeo.views.choice import MethodSpec
from lossgeo.views.view import Run, View


def minimum_in_words(loss: Loss, short: bool = False) -> str:
    """Whether there is a minimiser, where it is, and the lowest value. `short` leaves out details."""
    least = number(loss.infimum)
    if np.isnan(loss.infimum):
        return "no minimum found on this map"
    if loss.searched:
        return _found_by_search(loss, least, short)
    if loss.minimisers == "none":
        if np.isneginf(loss.infimum):
            return "no minimiser: the values have no lower bound"
        return f"no minimiser: the infimum {least} is not attained"
    if loss.minimisers in ("line", "region"):
        return f"a whole {loss.minimisers} of minimisers, value {least}"
    if loss.minimisers == "several":
        one = "" if short else f"; one at {point(loss.minima[0], loss.parameters)}"
        return f"{_lowest(loss)} global minimisers, value {least}{one}"
    more = len(loss.minima) - 1
    extra = f"; {more} higher local minim{'um' if more == 1 else 'a'} known" if more and not short else ""
    return f"minimum {least} at {point(loss.minima[0], loss.parameters)}{extra}"


def _found_by_search(loss: Loss, least: str, short: bool) -> str:
    """The same if the minima come from a search, which may have missed some."""
    if loss.minimisers == "none":
        local = f"; a local minimum at {point(loss.minima[0], loss.parameters)}" if len(loss.minima) else ""
        return f"no minimiser found: the least limit far out is {least}" + ("" if short else local)
    if (lowest := _lowest(loss)) > 1:
        return f"{lowest} equally low minima found, value {least}"
    higher = f"; higher ones found: {len(loss.minima) - 1}" if len(loss.minima) > 1 and not short else ""
    return f"lowest minimum found: {least} at {point(loss.minima[0], loss.parameters)}{higher}"


def _lowest(loss: Loss) -> int:
    """The number of minima with the lowest value."""
    return int(np.isclose(loss.value(loss.minima), loss.infimum, rtol=1e-9, atol=1e-12).sum())


def ending(view: View, run: Run) -> str:
    """How a run ended, and whether its path leaves the map."""
    return typeset(run.trajectory.reason) + leaving(view, run)


def leaving(view: View, run: Run) -> str:
    """A sentence on when and where the path leaves the map, or ""."""
    low, high = np.transpose(view.window)
    points = run.trajectory.points
    outside = np.any((points < low) | (points > high), axis=1)
    if not outside.any():
        return ""
    k = int(np.argmax(outside))
    if k == 0:
        return " The start lies outside the map."
    return f" Leaves the map at step {k}, to {point(points[k], view.loss.parameters)}."


def compared(view: View) -> str:
    """The paragraph on the comparison of A and B. On a projector the lines below it alone say how they ended."""
    ends = [
        comparison.ending(run.mark, run.trajectory.status, run.steps, float(run.trajectory.values[-1]))
        for run in view.runs
        if not (view.style.projector or run.projected)
    ]
    return comparison.paragraph(view.choice, ends)


def in_one_paragraph(view: View) -> str:
    """The stage in words, as its alternative text."""
    (w0, w1), (b0, b1) = view.window
    first, second = view.loss.parameters
    w, b = view.choice.start
    text = (
        f"Map of the {view.loss.name} for {first} from {number(w0)} to {number(w1)} "
        f"and {second} from {number(b0)} to {number(b1)}: {minimum_in_words(view.loss)}. "
        f"Start at {first} = {number(w)}, {second} = {number(b)}."
    )
    for run in view.runs:
        path = run.trajectory
        first_loss, last_loss = number(float(path.values[0])), number(float(path.values[-1]))
        text += f" {run.words}: {run.steps} steps, from loss {first_loss} to {last_loss}, {path.status}."
    return text


# --- settings ---------------------------------------------------------------------------------------


def settings_in_words(view: View) -> list[tuple[str, str]]:
    """The settings that determine the picture, as (name, value) rows; most defaults are left out."""
    page, choice, spec = view.page, view.choice, view.choice.loss
    usual = page.usual({page.subject: spec.name})
    rows = [("Data" if spec.loss else "Network" if spec.plane else "Landscape", spec.formula or spec.name)]
    if spec.plane:
        rows.append(("Plane", spec.plane.kind))
    if spec.loss:
        rows.append(("Loss", view.loss.name))
    rows += [(name.replace("_", " "), _value(value)) for name, value in spec.knobs if value != usual[name]]
    for name, value in (("L2 penalty on w", spec.l2), ("Last point moved right by", spec.right)):
        if value:
            rows.append((name, number(value)))
    if spec.up:
        rows.append(("Last point moved up by", number(spec.up)))
    if spec.standardise:
        rows.append(("x", "standardised"))
    rows += [("Method", _method(method)) for method in choice.methods]
    return [*rows, ("Start", point(np.array(choice.start), view.loss.parameters)), ("Steps", str(choice.steps))]


def _method(method: MethodSpec) -> str:
    """A method with its settings, in words."""
    kind = OPTIMIZERS[method.name]
    rate = f", learning rate {number(method.learning_rate, 6)}" if kind.uses_rate else ""
    beta = f", β = {number(method.momentum)}" if kind.uses_momentum else ""
    plan = "" if method.schedule == "constant" else f", schedule {method.schedule}"
    return f"{method.name}{rate}{beta}{plan}"


def _value(value: float | int | bool) -> str:
    """The value of a knob, in words."""
    return ("yes" if value else "no") if isinstance(value, bool) else number(float(value), 6)
