"""What theorems promise about a run: bounds on f(x_k) - f*, each only where its hypotheses hold for this very run.

Notation: a is the constant learning rate, R the distance from the start to a minimiser, L a bound on all curvatures
(`Loss.smoothness`), mu the smallest curvature, or the smallest positive one where the minimisers form a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from lossgeo.contracts import Array, Loss, Method
from lossgeo.geometry import spectrum
from lossgeo.numbers import number


@dataclass(frozen=True, eq=False)
class Bound:
    """A theorem's bound on the loss above its minimum.

    `above` (k+1,) is the bound after 0, 1, ..., k steps, inf where the theorem says nothing yet. `name` is short
    ("1/k"), `formula` the bound in words, `because` the hypotheses, which were checked, and `theorem` the source.
    """

    name: str
    formula: str
    because: str
    theorem: str
    above: Array


BECK = "Beck and Teboulle 2009, theorem 3.1"
FISTA = "Beck and Teboulle 2009, theorem 4.4"
NESTEROV = "Nesterov 2018, theorem 2.1.14"
SCHEME = "Nesterov 2018, section 2.2.1, with constant momentum"
QUADRATIC = "Polyak 1987, section 1.4"
LOJASIEWICZ = "Polyak 1963; Karimi, Nutini and Schmidt 2016, theorem 1"
SLACK = 1.0 + 1e-12  # a rate of 1/L that was rounded counts as 1/L


def missing(method: Method, loss: Loss) -> str:
    """The first hypothesis that all bounds here share and that fails, as a clause; "" if none fails."""
    if method.name not in ("gradient descent", "nesterov", "accelerated"):
        return f"none of these theorems is about {method.name}"
    if method.schedule != "constant":
        return "they need a constant learning rate"
    if not loss.convex:
        return "they need a convex loss"
    if loss.smoothness is None or not 0.0 < loss.smoothness < np.inf:
        return "they need a bound L on all curvatures"
    if loss.searched or loss.minimisers == "none" or not len(loss.minima):
        return "they need a minimiser"
    share, L = float(np.max(method.learning_rate)) * loss.smoothness, loss.smoothness
    if method.name == "gradient descent":
        return "" if share < 2.0 / SLACK else f"they need a learning rate below 2/L = {number(2.0 / L)}"
    return "" if share <= SLACK else f"they need a learning rate of at most 1/L = {number(1.0 / L)}"


def bounds(method: Method, loss: Loss, start: ArrayLike, steps: int) -> tuple[Bound, ...]:
    """The bounds that hold for the run of `method` from start (2,), after 0 to `steps` steps. Often there are none."""
    if missing(method, loss):
        return ()
    L, a, x = float(loss.smoothness or 0.0), float(np.max(method.learning_rate)), np.asarray(start, float)
    k, first = np.arange(steps + 1.0), max(float(loss.value(x)) - loss.infimum, 0.0)
    R2, mu = _distance2(loss, x), strong(loss)
    smooth, safe = f"convex, no curvature above L = {number(L)}", f"learning rate at most 1/L = {number(1.0 / L)}"
    with np.errstate(all="ignore"):
        if method.name == "accelerated":
            above = np.where(k > 0, 2.0 * R2 / (a * (k + 1.0) ** 2), np.inf)
            return (Bound("1/k²", "2 R²/(η (k + 1)²)", f"{smooth}; {safe}", FISTA, above),)
        if method.name == "nesterov":
            root = (1.0 - method.momentum) / (1.0 + method.momentum)  # type: ignore[attr-defined]
            m = root * root / a  # the strong convexity for which this momentum is made
            if mu is None or not 0.0 < m <= mu * SLACK:
                return ()
            least = (1.0 - sqrt(a * mu)) / (1.0 + sqrt(a * mu))
            why = f"{smooth}, none below μ = {number(mu)}; {safe}; β at least {number(least)}"
            name, text = "linear", f"{number(1.0 - root)}ᵏ times the bound at the start"
            return (Bound(name, text, why, SCHEME, (1.0 - root) ** k * (first + 0.5 * m * R2)),)
        if a * L <= SLACK:
            slow = Bound("1/k", "R²/(2ηk)", f"{smooth}; {safe}", BECK, R2 / (2.0 * a * k))
        else:
            less = k * a * (2.0 - L * a) * first
            above = 2.0 * first * R2 / (2.0 * R2 + less) if first * R2 > 0 else np.zeros_like(k)
            slow = Bound("1/k", "2 D R²/(2 R² + kη(2 − Lη) D), D the loss above the minimum at the start",
                         f"{smooth}; learning rate below 2/L = {number(2.0 / L)}", NESTEROV, above)  # fmt: skip
    if mu is None:
        return (slow,)
    if loss.minimisers == "one":
        factor = max(abs(1.0 - a * mu), abs(1.0 - a * L)) ** 2
        why, theorem = f"quadratic, curvatures from μ = {number(mu)} to L = {number(L)}", QUADRATIC
    else:
        factor = max(1.0 - a * mu * (2.0 - a * L), 0.0)
        why = f"the inequality of Polyak and Łojasiewicz with μ = {number(mu)}, no curvature above L = {number(L)}"
        theorem = LOJASIEWICZ
    return slow, Bound("linear", f"{number(factor)}ᵏ times the first height", why, theorem, factor**k * first)


def strong(loss: Loss) -> float | None:
    """mu of a convex quadratic: the smallest curvature; across a line of minimisers the only positive one."""
    if not loss.quadratic or loss.minimisers not in ("one", "line"):
        return None
    low, high = spectrum(loss, np.zeros(2)).eigenvalues
    mu = float(low if loss.minimisers == "one" else high)
    return mu if mu > 0 else None


def _distance2(loss: Loss, x: Array) -> float:
    """The squared distance from x (2,) to the nearest minimiser of a quadratic, to a known one of another loss."""
    away = x - loss.minima
    if loss.quadratic and loss.minimisers == "line":
        away = away @ spectrum(loss, np.zeros(2)).eigenvectors[:, 1:]
    return float((away * away).sum(axis=1).min())
