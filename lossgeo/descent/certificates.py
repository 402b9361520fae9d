"""Explanations of a run, each with a certificate: a theorem whose hypotheses were checked for this very run.

A function here takes a finished `Path` and gives a Certificate, or None where one of its hypotheses does not hold.
Where there is no certificate there is no "because".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lossgeo.contracts import Array, DataLoss, Loss
from lossgeo.descent.path import Path, nearest, norm
from lossgeo.geometry import eigenvalues, spectrum
from lossgeo.numbers import deciding, number, vector


@dataclass(frozen=True)
class Certificate:
    """A theorem or a comparison, the hypotheses that hold for this run, and what follows, in one or two sentences."""

    theorem: str
    hypotheses: tuple[str, ...]
    sentence: str


POLYAK = "Polyak 1987, Introduction to Optimization, section 1.4"


def quadratic_error(path: Path) -> Certificate | None:
    """On a quadratic, a step of gradient descent multiplies the error along eigenvector i by 1 - eta lambda_i."""
    loss, stationary = path.loss, np.vstack([path.loss.minima, path.loss.saddles, path.loss.maxima])
    if not (loss.quadratic and path.constant and path.method.name == "gradient descent" and len(stationary)):
        return None
    curvature = spectrum(loss, np.zeros(2))
    lam, v = curvature.eigenvalues, curvature.eigenvectors
    factor = 1.0 - path.rate * lam
    error = np.abs((path.end - stationary[0]) @ v)
    active = (np.abs(lam) > 0) & (error > 1e-12 * norm(path.end - stationary[0]))
    if not active.any():
        return None
    i = int(np.argmax(np.where(active, np.abs(factor), -1.0)))
    hypotheses = ("the loss is quadratic", "plain gradient descent", "a constant learning rate")
    along, share = vector(v[:, i]), path.rate * float(lam[i])
    rate, limit = deciding(path.rate, 2.0 / lam[i]) if lam[i] > 0 else ("", "")
    if lam[i] < 0:
        grown = number(factor[i], 6)
        text = f"Along {along} the curvature is negative, so each step multiplies the distance by {grown}."
    elif abs(share - 2.0) < 1e-9:
        exact = number(2.0 / lam[i])
        text = f"The learning rate is 2/λ = {exact} to rounding: each step turns the error along {along} around."
    elif share > 2.0:
        text = (
            f"The learning rate {rate} is above 2/λ = {limit}: each step turns the error along {along} around "
            f"and makes it {number(abs(factor[i]), 6)} times as long."
        )
    elif share > 1.0:
        text = (
            f"The learning rate {rate} is below 2/λ = {limit}, but above half of it: each step turns the error along "
            f"{along} around and leaves {number(abs(factor[i]), 6)} of it."
        )
    else:
        steps = np.ceil(np.log(0.1) / np.log1p(-share)) if share < 1.0 else 1.0
        unit = 10.0 ** max(np.floor(np.log10(steps)) - 2.0, 0.0)
        after = f"{number(unit * np.ceil(steps / unit))} step{'s' if steps > 1 else ''}"  # rounded up, to be true
        text = (
            f"Along {along} the curvature is only λ = {number(lam[i])}: each step takes the share "
            f"rate × λ = {number(share)} off the error, so that after {after} at most a tenth of it is left."
        )
    return Certificate(POLYAK, hypotheses, text)


def unstable_minimum(path: Path, everywhere: bool = False) -> Certificate | None:
    """At a minimum with eta lambda_max above the stability limit of the method, the run cannot settle.

    The linearised step has an eigenvalue outside the unit circle there, so the minimum is an unstable fixed point.
    This is asked of the nearest minimum, or of every known one; on a line of minimisers, of the end of the run.
    """
    limit = path.method.stability_on(path.loss)
    if limit is None or not path.constant or path.loss.kinks or not len(path.loss.minima):
        return None
    at = path.minimum if path.isolated else path.end
    product = path.rate * float(eigenvalues(path.loss, at)[1])
    asked = path.loss.minima if everywhere and path.isolated else at[None]
    if not np.all(path.rate * eigenvalues(path.loss, asked)[:, 1] > limit * (1.0 + 1e-12)):
        return None
    if everywhere and not path.inside:
        return None  # far out there may be minima that are not known
    shown, bound = deciding(product, limit)
    return Certificate(
        "linear stability of a fixed point (for momentum: Polyak 1964)",
        ("a constant learning rate", "twice differentiable at the minimum", f"rate × curvature there is {shown}"),
        f"At the minimum {vector(at)}, learning rate × largest curvature = {shown}. "
        f"{path.method.name.capitalize()} can settle at a minimum only up to {bound}.",
    )


def smooth_descent(path: Path) -> Certificate | None:
    """With a constant learning rate below 2/L each step of gradient descent lowers an L-smooth loss."""
    L = path.loss.smoothness
    if L is None or not np.isfinite(L) or path.method.name != "gradient descent" or not path.constant:
        return None
    if not 0 < path.rate * L < 2.0 or path.slope == 0:
        return None
    return Certificate(
        "the descent lemma: Nesterov 2018, Lectures on Convex Optimization, section 1.2.3",
        (f"no curvature exceeds L = {number(L)}", "a constant learning rate below 2/L", "plain gradient descent"),
        f"The learning rate is below 2/L = {number(2.0 / L)}, so each step lowers the loss until the gradient is 0.",
    )


def no_minimiser(path: Path) -> Certificate | None:
    """A loss that is known, by theorem, to have no minimiser."""
    loss = path.loss
    if loss.searched or loss.minimisers != "none":
        return None
    if np.isneginf(loss.infimum):
        return Certificate(
            "the formula", ("no lower bound",), "The values have no lower bound, so no learning rate reaches a minimum."
        )
    return Certificate(
        "Silvapulle 1981; Albert and Anderson 1984",
        ("the classes do not overlap, or only one occurs",),
        f"No parameters attain the infimum {number(loss.infimum)}: the loss gets there only in the limit, far out.",
    )


def kink_crossed(path: Path) -> Certificate | None:
    """The last steps of a run on the mean absolute error cross a kink: some residual changes its sign each time."""
    if not (path.loss.kinks and isinstance(path.loss, DataLoss)) or path.loss.classifies or path.k < 3:
        return None
    sides = np.sign(path.loss.score(path.points[-4:]) - path.loss.dataset.y)
    if not (sides[1:] != sides[:-1]).any(axis=1).all():
        return None
    return Certificate(
        "the derivative of |z - y| is the sign of z - y",
        ("the loss is the mean absolute error", "in each of the last steps a residual changed its sign"),
        "Each of the last steps crosses a kink, where the line passes through a data point and the slope jumps. "
        "The slope is as large close to a kink as far from it, so the steps need not get shorter.",
    )


def noise(path: Path, twin: Array | None) -> Certificate | None:
    """A noise-free twin with the same learning rate came nearer: then the noise of the mini-batches keeps it away.

    `twin` (2,) is the end of gradient descent with the same rate, schedule and number of steps.
    """
    if twin is None or not path.isolated:
        return None
    apart = norm(twin - path.minimum)
    if not apart < 0.5 * path.distance:
        return None
    return Certificate(
        "a comparison: the same run with the full gradient",
        ("the same learning rate, schedule, start and number of steps",),
        f"Without the noise of the mini-batches, the same learning rate ends {number(apart)} from the minimiser.",
    )


def newton_failed(path: Path) -> Certificate | None:
    """Newton's step was no descent: the Hessian has vanished to rounding, or it had a negative eigenvalue.

    Of a method that searches its steps nothing is said: where the direction does not go down, it takes another one.
    """
    if not path.method.second_order or path.method.descends or (path.k == 0 and path.why != "stalled"):
        return None
    low, high = path.curvatures
    if path.slope > 0 and max(abs(low), abs(high)) * norm(path.scale.size) < 1e-13 * path.slope:
        why = " Every probability is 0 or 1 to rounding here." if _saturated(path.loss, path.end) else ""
        return Certificate(
            "the definition of Newton's step", ("the Hessian is zero to rounding",),
            f"The Hessian is zero to rounding here, so Newton's step is not defined.{why}",
        )  # fmt: skip
    if path.loss.convex:
        return None
    bad = np.flatnonzero(eigenvalues(path.loss, path.points[:-1])[:, 0] < 0) + 1
    if not len(bad):
        return None
    which = f"step {bad[0]}" if len(bad) == 1 else f"{len(bad)} of {path.k} steps, last step {bad[-1]}"
    what = (
        "Newton's step is only sure to go down where both curvatures are positive."
        if path.method.saddles_attract
        else "There the signs of the curvatures were dropped, so that the step goes down."
    )
    return Certificate(
        "Boyd and Vandenberghe 2004, section 9.5",
        (f"a curvature was negative at {which}",),
        f"A curvature was negative at {which}. {what}",
    )


def _saturated(loss: Loss, p: Array) -> bool:
    """Whether every predicted probability is 0 or 1 to rounding."""
    if not (isinstance(loss, DataLoss) and loss.classifies):
        return False
    predicted = loss.predict(p, loss.dataset.x)
    return bool(np.all((predicted < 1e-15) | (predicted > 1.0 - 1e-15)))


def saddle_exit(path: Path) -> Certificate | None:
    """How fast gradient descent leaves a saddle point: by about 1 - eta lambda a step along the negative curvature."""
    if path.method.name != "gradient descent" or not path.constant or path.stationary is None:
        return None
    at, kind = path.stationary
    curvature = spectrum(path.loss, at)
    low, e = float(curvature.eigenvalues[0]), curvature.eigenvectors[:, 0]
    factor = 1.0 - path.rate * low
    if kind != "saddle" or factor < 1.0 + 1e-3:
        return None
    if abs(path.gradients[-1] @ e) <= 1e-15 * path.slope:
        return Certificate(
            "the linearised step", ("the gradient has no part along the negative curvature",),
            f"The gradient has no part along {vector(e)}, the only way down, so the steps do not leave the saddle.",
        )  # fmt: skip
    return Certificate(
        "the linearised step", ("near a saddle point", "plain gradient descent", "a constant learning rate"),
        f"Close to the saddle, each step multiplies the distance along {vector(e)} by about {number(factor, 4)}: "
        "it is delayed, not trapped.",
    )  # fmt: skip


def may_leave(path: Path) -> Certificate | None:
    """A method that rescales its steps, or draws mini-batches, need not stay at a minimum."""
    if path.noisy:
        return Certificate(
            "the rule of the method", ("each step is drawn from a mini-batch",),
            "With mini-batches the run may leave it again, unless all samples agree at the minimiser.",
        )  # fmt: skip
    if not (path.method.hops and path.constant) or not path.gradients[0].any():  # without a gradient it never moves
        return None
    return Certificate(
        "the rule of the method", ("steps of about the length of the learning rate, however small the gradient",),
        f"With a constant learning rate {path.method.name} may leave it again: its steps need not get shorter.",
    )  # fmt: skip


def is_at_saddle(path: Path) -> bool:
    """Whether the end is within a hundredth of the view of a known saddle point with a singular Hessian."""
    return nearest(path.scale, path.loss.saddles, path.end) <= 1e-2


def twin_end(path: Path) -> Array | None:
    """The end (2,) of gradient descent with the learning rate, schedule, start and number of steps of a noisy run."""
    from lossgeo.descent.methods import GradientDescent

    if not path.noisy:
        return None
    plain = GradientDescent(learning_rate=path.method.learning_rate, schedule=path.method.schedule)
    plain, p = replace(plain, horizon=path.method.horizon), path.points[0]
    with np.errstate(all="ignore"):
        for t in range(1, path.k + 1):
            p, _ = plain.step(path.loss, p, (), t)
    return p if np.isfinite(p).all() else None
