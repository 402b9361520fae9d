"""How a run ended: a status, one word, and a reason, a sentence or two.

A small gradient alone says little. It is small at a minimum, at a saddle point, on a plateau, and along a run
towards a minimiser that does not exist. So the verdict combines the gradient, the Hessian eigenvalues, the last
steps and what is known about the loss. Statuses: "converged", "saddle", "maximum", "plateau", "no_minimiser",
"oscillating", "diverged" and "max_steps".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lossgeo.contracts import Array, Loss, Method
from lossgeo.descent.stopping import FAR, NEAR, STALLED, height, newton_step, stationary_near
from lossgeo.geometry import Scale, eigenvalues, spectrum

WINDOW = 12  # the number of last steps examined for growth and oscillation

Ending = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Path:
    """A finished run of k steps: points (k+1, 2), values (k+1,) and gradients (k+1, 2), with what the verdict needs."""

    scale: Scale
    method: Method
    points: Array
    values: Array
    gradients: Array
    steps: int  # the number of steps allowed
    why: str  # why it ended: "gone", "settled", "stalled", "left the domain", or "" after all steps

    @property
    def loss(self) -> Loss:
        """The loss that was minimised."""
        return self.scale.loss

    @property
    def k(self) -> int:
        """The number of steps taken."""
        return len(self.points) - 1

    @property
    def end(self) -> Array:
        """The last point, shape (2,)."""
        last: Array = self.points[-1]
        return last

    @property
    def rate(self) -> float:
        """The learning rate of the last step, the largest if there are several."""
        return float(np.max(self.method.rate(max(self.k, 1))))

    @cached_property
    def moves(self) -> Array:
        """The last WINDOW steps, measured in views: shape (m, 2)."""
        return np.diff(self.points[-WINDOW - 1 :], axis=0) / self.scale.size

    @property
    def noisy(self) -> bool:
        """Whether the steps are random. They are not if every mini-batch holds all samples."""
        return self.method.noisy_on(self.loss)

    @property
    def up_and_down(self) -> bool:
        """Whether the loss rose in more than a fifth of the last 2 WINDOW - 1 steps; False after fewer than 8."""
        recent = np.diff(self.values[-2 * WINDOW :])
        return len(recent) >= 8 and bool(np.mean(recent > 0) > 0.2)

    @cached_property
    def curvatures(self) -> tuple[float, float]:
        """The Hessian eigenvalues low <= high at the end, in the units of the loss."""
        low, high = eigenvalues(self.loss, self.end)
        return float(low), float(high)

    @cached_property
    def derivatives(self) -> tuple[Array, Array]:
        """Gradient (2,) and Hessian (2, 2) at the end, in view units."""
        return self.scale.derivatives(self.end)

    @cached_property
    def newton(self) -> tuple[float, str]:
        """The distance in views to the stationary point at which Newton's step points, and that point's kind."""
        step, low, high = newton_step(self.scale, *self.derivatives)
        return float(step.max()), self.scale.kind(float(low), float(high))


def judge(path: Path) -> Ending:
    """The status and the reason: those of the first rule in `_ENDINGS` that applies, otherwise "max_steps"."""
    with np.errstate(all="ignore"):
        for ending in _ENDINGS:
            verdict = ending(path)
            if verdict:
                break
        status, reason = verdict or _max_steps(path)
        return status, reason + _note(path, status)


def _diverged(path: Path) -> Ending | None:
    if path.why not in ("gone", "left the domain") and not _growing(path):
        return None
    first, last = path.values[[0, -1]]
    down = bool(np.all(np.diff(path.values[-4:]) < 0))  # excludes ups and downs
    if path.loss.infimum == -np.inf and last < first and down:
        return "no_minimiser", (
            f"The loss falls without end: {_n(last)} at step {path.k}. The function is not bounded "
            f"below, so no minimiser exists and no learning rate would change that."
        )
    if path.why == "gone":
        what = f"Diverged at step {path.k}: the point is over {_n(FAR)} times the view away"
    elif path.why == "left the domain":
        what = f"Diverged: step {path.k + 1} leads to where the loss is not a finite number"
    else:
        width = min(WINDOW, path.k)
        before = path.values[-1 - width]  # a growth factor needs a positive loss
        growth = f"a factor {(last / before) ** (1.0 / width):.4g}" if before > 0 else _n((last - before) / width)
        what = f"Diverging: the loss still grows at step {path.k}, by {growth} a step on average"
    open_ = " The function is not bounded below." if path.loss.infimum == -np.inf else ""
    return "diverged", f"{what} (loss {_n(first)} at the start, {_n(last)} now).{_rule(path)}{open_}"


def _growing(path: Path) -> bool:
    """Whether the loss grows without limit. Decided for quadratics only.

    On another loss, a run that leaves a minimum may end in a cycle around it, and Newton's method may climb to a
    saddle. Without memory: the loss rose in every one of the last steps. With memory or noise, where single rises
    mean little: the largest loss in each third of the run exceeds that in the third before, and the learning rate
    is above the stability limit of the method, if one is known.
    """
    v = path.values
    if not path.loss.quadratic or path.method.second_order:
        return False
    if path.method.memory or path.noisy:
        if path.k < 30 or not (path.noisy or _rule(path)):
            return False
        first, second, third = (float(part.max()) for part in np.array_split(v, 3))
        return second > 1.1 * first and third > 1.1 * second and v[-1] > v[0]
    recent = v[-min(WINDOW, path.k) - 1 :]
    return path.k >= 2 and bool(np.all(np.diff(recent) > 1e-9 * np.abs(recent[1:])))


def _converged(path: Path) -> Ending | None:
    loss = path.loss
    if path.why != "settled":
        return None
    slope = f"Converged after {_count(path.k)}: gradient norm {_n(_norm(path.gradients[-1]))}"
    gap = max(path.values[-1] - loss.infimum, 0.0)
    if loss.minimisers in ("line", "region") and gap <= 1e-6 * height(loss):
        many = "a whole line" if loss.minimisers == "line" else "a whole region"
        return "converged", (
            f"{slope}, and the loss {_n(path.values[-1])} is within {_n(gap)} of its minimum. "
            f"There is {many} of minimisers; which one a run finds depends on its start."
        )
    if path.newton[1] == "minimum":
        low, high = path.curvatures
        return "converged", (
            f"{slope} and the Hessian positive definite (eigenvalues {_n(low)} and {_n(high)}). {_where(path)}"
        )
    if loss.kinks:
        return "converged", f"{slope}, which a kink need not make small. {_where(path)}"
    return "converged", f"{slope}. The Hessian is singular here, yet {_where(path, 'it')}"


def _oscillating(path: Path) -> Ending | None:
    d = path.moves
    if len(d) < 4 or path.noisy:
        return None
    if not d[-1] @ d[-2] < 0.0:
        return _restless(path)
    length = np.hypot(d[:, 0], d[:, 1])
    turns = (d[1:] * d[:-1]).sum(axis=1) / (length[1:] * length[:-1])
    shrink = (length[-1] / length[0]) ** (1.0 / (len(d) - 1))
    if not (length.min() > 1e-9 and turns.max() < -0.95 and shrink > 0.999):
        return _restless(path)
    jump = path.points[-1] - path.points[-2]
    e = jump / _norm(jump)
    curvature = float((path.gradients[-1] - path.gradients[-2]) @ e) / _norm(jump)
    limit = path.method.stability
    if abs(e @ path.loss.hessian(path.end) @ e) < 1e-3 * curvature:
        why = "They hop across a kink, where the slope jumps however short the step."
    elif limit is not None:
        why = (
            f"Learning rate × curvature = {path.rate * curvature:.3g}, averaged across the jump; "
            f"near a minimiser it must be below {limit:.3g} for the steps to shrink."
        )
    elif path.method.memory:
        why = (
            "The method rescales its steps by the size of past gradients, so they need not shrink "
            "unless the learning rate does."
        )
    elif path.method.name == "backtracking":
        why = "Yet each of them lowers the loss a little."
    else:
        why = "Nothing in the method makes them shrink."
    change = "grow" if shrink > 1.001 else "hardly shrink"
    return "oscillating", (
        f"Oscillating: the last {len(d)} steps go to and fro along {_direction(path, jump)} by "
        f"{_n(_norm(jump))} and {change}. {why} {_away(path)}"
    )


def _restless(path: Path) -> Ending | None:
    """Irregular ups and downs around a minimiser where the learning rate is above the stability limit."""
    limit = path.method.stability
    if limit is None or not (len(path.loss.minima) and path.up_and_down):
        return None
    m = path.scale.nearest_minimum(path.end)
    product = path.rate * float(eigenvalues(path.loss, m)[1])
    if not product > limit:
        return None
    return "oscillating", (
        f"Oscillating: the loss goes up and down without settling. Learning rate × curvature = "
        f"{product:.3g} at the minimiser, and the steps around it shrink only below {limit:.3g}. "
        f"{_away(path)}"
    )


def _stationary(path: Path) -> Ending | None:
    """Near a stationary point that is not a minimum; Newton's step estimates the distance to it."""
    loss = path.loss
    distance, kind = path.newton
    slope = f"gradient norm {_n(_norm(path.gradients[-1]))}"
    if kind == "degenerate" and _nearest(path.scale, loss.saddles, path.end) <= NEAR:
        return "saddle", (
            f"At a saddle: {slope}, and the Hessian is singular, so second derivatives do not "
            f"show the way down; there is one."
        )
    if kind not in ("saddle", "maximum") or not distance <= NEAR:
        return None
    away, low, high = (float(values[0]) for values in stationary_near(path.scale, path.end[None]))
    if not (away <= NEAR and path.scale.kind(low, high) == kind):
        return None
    if kind == "saddle":
        along = _vector(spectrum(loss, path.end).eigenvectors[:, 0])
        return "saddle", (
            f"At a saddle, not a minimum: {slope}, but the curvature along {along} is negative "
            f"({_n(path.curvatures[0])}).{_exit(path)}"
        )
    return "maximum", (
        f"At a maximum: {slope}, but both curvatures are negative "
        f"({_n(path.curvatures[0])} and {_n(path.curvatures[1])})."
    )


def _exit(path: Path) -> str:
    """A sentence on whether and how fast the run leaves the saddle point, or ""."""
    if path.method.saddles_attract:
        return " Newton's method heads for stationary points of any kind."
    if path.method.name != "gradient descent":
        return ""
    e = spectrum(path.loss, path.end).eigenvectors[:, 0]
    if abs(path.gradients[-1] @ e) <= STALLED * _norm(path.gradients[-1]):
        return " The gradient has no part along it, so nothing carries the run away."
    factor = 1.0 - path.rate * path.curvatures[0]
    return f" The part along it grows by a factor {factor:.4g} a step: delayed, not trapped."


def _plateau(path: Path) -> Ending | None:
    loss = path.loss
    slope, curvature = (float(np.abs(d).max()) for d in path.derivatives)
    above = path.values[-1] - loss.infimum
    if slope > 0.1 * above or curvature > above:
        return None  # a cheap test first; the next one would reject this too
    relief = height(loss)
    if slope > 5e-3 * relief or curvature > 5e-2 * relief or above < 0.05 * relief:
        return None
    least = "the lowest value found" if loss.searched else "its infimum"
    rest = "" if loss.infimum == -np.inf else f", and it is {_n(above)} above {least}"
    return "plateau", (
        f"On a plateau after {_count(path.k)}: at this slope (gradient norm "
        f"{_n(_norm(path.gradients[-1]))}) even a move across the whole view would change the loss "
        f"by about {_n(slope)}, of the {_n(relief)} that it varies there{rest}. A small gradient "
        f"is not arrival."
    )


def _no_minimiser(path: Path) -> Ending | None:
    loss, v = path.loss, path.values
    before = v[max(0, path.k // 2)] if path.noisy else v[max(0, path.k - WINDOW)]
    if loss.minimisers != "none" or path.k == 0 or not v[-1] < before:
        return None
    recent = v[-WINDOW - 1 :]
    if not (path.noisy or recent[len(recent) // 2 :].min() < recent[: len(recent) // 2].min()):
        return None  # lower than 12 steps ago only because the loss goes up and down
    if len(loss.minima):
        return None  # there is no global minimiser, but a local one may be near
    limit = (
        "no minimiser exists: the function is not bounded below"
        if loss.infimum == -np.inf
        else f"a search found no minimiser: the least limit far out is {_n(loss.infimum)}"
        if loss.searched
        else f"no minimiser exists: no parameters attain the infimum {_n(loss.infimum)}"
    )
    return "no_minimiser", (
        f"Still falling after {_count(path.k)}, and {limit}. The loss is "
        f"{_n(v[-1])}, gradient norm {_n(_norm(path.gradients[-1]))}; the parameters have reached "
        f"norm {_n(_norm(path.end))}."
    )


def _max_steps(path: Path) -> Ending:
    v, used = path.values, "The one step is used" if path.k == 1 else f"All {_count(path.k)} used"
    if path.why == "stalled":
        how = f"Stopped after {_count(path.k)}: the steps are too small to change the point."
    elif path.noisy:
        how = (
            f"{used}. Mini-batch noise keeps the run moving, the more the larger the learning rate "
            f"(now {_n(path.rate)}), unless all samples agree at the minimiser."
        )
    elif path.up_and_down:
        kinks = ", hopping across kinks" if path.loss.kinks else ""
        how = f"{used}, and the loss still goes up and down{kinks}."
    elif path.k and v[-1] < v[-2]:
        how = f"{used}, still falling: the last step took {_n(v[-2] - v[-1])} off the loss."
    else:
        how = f"{used}."
    warning = _rule(path) if path.loss.quadratic else ""
    slope = f"Gradient norm {_n(_norm(path.gradients[-1]))}."
    return "max_steps", f"{how} {slope} {_away(path)}{warning}"


_ENDINGS: tuple[Callable[[Path], Ending | None], ...] = (
    _converged,
    _diverged,
    _stationary,
    _oscillating,
    _plateau,
    _no_minimiser,
)


# --- parts of sentences --------------------------------------------------------------------------


def _rule(path: Path) -> str:
    """A sentence if learning rate times L is above the stability limit of the method, otherwise ""."""
    limit, quadratic = path.method.stability, path.loss.quadratic
    if limit is None:
        return ""
    low, high = np.transpose(path.loss.view)
    inside = path.points[((path.points >= low) & (path.points <= high)).all(axis=1)]
    met = path.points[:1] if quadratic else np.vstack([path.points[:1], inside])
    L = float(eigenvalues(path.loss, met)[:, 1].max())
    if not path.rate * L > limit:
        return ""
    where = "the largest curvature" + ("" if quadratic else " that the path met inside the view")
    claim = "would converge on a quadratic only"
    if quadratic:
        claim = "converges from every start only" if path.loss.convex else "settles in its direction only"
    return (
        f" Learning rate × L = {path.rate * L:.4g} with L = {_n(L)}, {where}; {path.method.name} "
        f"{claim} below {limit:.3g}."
    )


def _where(path: Path, subject: str = "It") -> str:
    """A sentence: how far a converged run is from its minimiser, and whether there is a lower one.

    It begins with `subject`.
    """
    loss = path.loss
    gap = path.values[-1] - loss.infimum
    if _nearest(path.scale, loss.minima, path.end) > NEAR:
        return f"{subject} is a local minimiser that is not among those listed."
    m = path.scale.nearest_minimum(path.end)
    distance = f"{subject} is {_n(_norm(path.end - m))} from the"
    if gap > 1e-6 * height(loss):
        least = "the lowest value found," if loss.searched else "its infimum"
        return f"{distance} local minimiser {_vector(m)}, where the loss is {_n(gap)} above {least} {_n(loss.infimum)}."
    which = "lowest minimiser found," if loss.searched else "minimiser"
    return f"{distance} {which} {_vector(m)}."


def _away(path: Path) -> str:
    """How far the end is from the nearest known minimiser, or the loss from its infimum."""
    loss, gap = path.loss, path.values[-1] - path.loss.infimum
    if loss.minimisers in ("line", "region") or not len(loss.minima):
        if loss.infimum == -np.inf:
            return "The function is not bounded below."
        least = "the lowest value found," if loss.searched else "its infimum"
        return f"The loss is {_n(max(gap, 0.0))} above {least} {_n(loss.infimum)}."
    m = path.scale.nearest_minimum(path.end)
    known = "minimiser" if len(loss.minima) == 1 else "nearest known minimiser"
    which = f"local {known}" if loss.minimisers == "none" else known
    return f"The {which} {_vector(m)} is {_n(_norm(path.end - m))} away."


def _direction(path: Path, jump: Array) -> str:
    """The eigenvector along which the jump goes, in words, or the direction of the jump itself."""
    e = jump / (_norm(jump) * (-1.0 if jump[0] < 0 else 1.0))
    middle = path.end - 0.5 * jump
    vectors = spectrum(path.loss, middle).eigenvectors
    along = np.abs(vectors.T @ e)
    regular = np.ptp(eigenvalues(path.loss, middle)) > 0
    if regular and along.max() > 0.99:
        return f"the eigenvector {_vector(vectors[:, int(np.argmax(along))])}"
    return _vector(e)


def _note(path: Path, status: str) -> str:
    """A sentence on a peculiarity of the method, or ""."""
    if path.method.hops and status == "converged" and path.method.schedule == "constant":
        return f" With a constant learning rate {path.method.name} may leave it again."
    if not path.method.second_order or path.k == 0:
        return ""
    bad = np.flatnonzero(eigenvalues(path.loss, path.points[:-1])[:, 0] <= 0) + 1
    if path.loss.convex or not len(bad):
        return ""
    which = f"step {bad[0]}" if len(bad) == 1 else f"steps {bad[0]} to {bad[-1]}"
    if len(bad) != bad[-1] - bad[0] + 1:
        which = f"{len(bad)} of {_count(path.k)}, last at step {bad[-1]}"
    where = f" The Hessian was not positive definite at {which}; there the"
    if not path.method.saddles_attract:
        return f"{where} signs of its eigenvalues were dropped."
    return f"{where} plain Newton step was taken, which need not go down."


def _nearest(scale: Scale, points: Array, p: Array) -> float:
    """The distance in views from p (2,) to the nearest of the points (k, 2), inf if there are none."""
    away = np.abs(points - p) / scale.size
    return float(away.max(axis=1).min()) if len(points) else np.inf


def _norm(v: Array) -> float:
    return float(np.hypot(v[0], v[1]))


def _n(x: float) -> str:
    """The number with three significant digits."""
    return f"{float(x):.3g}"


def _vector(v: Array) -> str:
    """The vector (2,) in words, with rounding noise as 0."""
    x, y = (0.0 if abs(c) < 1e-12 * _norm(v) else c for c in v)
    return f"({x:.4g}, {y:.4g})"


def _count(k: int) -> str:
    """The number of steps in words: 1 step, 2 steps."""
    return f"{k} step" if k == 1 else f"{k} steps"
