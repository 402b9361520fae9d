"""Random runs, and what happens when each goes on fifty times as long: the judge of every verdict.

`python tests/continuation.py 5000` runs the long mode and prints how many verdicts of each kind were held against
what happened, and every contradiction.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

import numpy as np  # noqa: E402  after the path

from lossgeo import descent, formula, geometry  # noqa: E402
from lossgeo.contracts import DataLoss, Dataset, Loss, Method  # noqa: E402
from lossgeo.descent import OPTIMIZERS, Trajectory  # noqa: E402
from lossgeo.landscapes import LANDSCAPES  # noqa: E402
from lossgeo.losses import LOSSES  # noqa: E402

LONGER = 50
FORMULAS = (
    "sin(2x)*sin(2y) + (x^2 + y^2)/8", "x^4 + y^4 - x*y", "abs(x) + y^2", "log(1 + exp(x*y))", "exp(x) + y^2",
    "sqrt(x^2 + y^2 + 1)", "x*log(x) + y^2", "1/(1 + x^2) + y^2", "3*x^2 - 4*x*y + 3*y^2", "(x + y)^2",
)  # fmt: skip


class Case(NamedTuple):
    """One run: in words, and the run itself with its continuation."""

    words: str
    loss: Loss
    method: Method
    short: Trajectory
    long: Trajectory


def random_data(rng: np.random.Generator, classes: bool) -> Dataset:
    """A data set in random units: separable or not, one class, all x equal, one point."""
    n = int(rng.choice([1, 2, 3, 5, 10, 30]))
    x = rng.normal(size=n) if rng.random() < 0.85 else np.full(n, rng.normal())
    if classes:
        kind = rng.choice(["random", "separable", "one class", "overlap"])
        y = {
            "random": rng.integers(0, 2, n).astype(float),
            "separable": (x > np.median(x)).astype(float),
            "one class": np.full(n, float(rng.integers(0, 2))),
            "overlap": (x + 0.7 * rng.normal(size=n) > 0).astype(float),
        }[str(kind)]
    else:
        y = rng.normal() * x + rng.normal() + rng.choice([0.0, 0.1, 1.0]) * rng.normal(size=n)
        y *= 10.0 ** rng.uniform(-6, 6)
    unit = 10.0 ** rng.uniform(-6, 6)
    offset = rng.choice([0.0, 0.0, 1.0, 100.0, 1e5]) * rng.choice([-1.0, 1.0])
    return Dataset(unit * (x + offset), y, "random", "")


def random_loss(rng: np.random.Generator) -> Loss:
    """A loss of random data, a landscape, or a formula."""
    kind = rng.random()
    if kind < 0.6:
        name = str(rng.choice(list(LOSSES)))
        data = random_data(rng, LOSSES[name].classifies)
        penalty = 0.0 if rng.random() < 0.6 else 10.0 ** rng.uniform(-3, 1)
        return LOSSES[name](data, penalty)
    if kind < 0.85:
        return LANDSCAPES[str(rng.choice(list(LANDSCAPES)))]
    return formula.landscape(str(rng.choice(FORMULAS)))


def random_case(seed: int) -> Case | None:
    """The run of a seed, and its continuation. None if the start has no finite loss."""
    rng = np.random.default_rng([seed, 15])
    loss = random_loss(rng)
    (x0, x1), (y0, y1) = loss.view
    far = rng.choice([1.0, 1.0, 1.0, 10.0, 1e3, 1e9])
    middle, size = np.array([(x0 + x1) / 2, (y0 + y1) / 2]), np.array([x1 - x0, y1 - y0])
    start = middle + far * size * rng.uniform(-0.5, 0.5, 2)
    if len(loss.minima) and rng.random() < 0.1:
        start = loss.minima[0] + 1e-7 * size * rng.uniform(-1, 1, 2)
    options = [name for name, kind in OPTIMIZERS.items() if kind.applies(loss)]
    kind = OPTIMIZERS[str(rng.choice(options))]
    settings: dict[str, Any] = {}
    if kind.uses_rate:
        with np.errstate(all="ignore"):
            largest = float(np.abs(geometry.eigenvalues(loss, loss.minima[0] if len(loss.minima) else middle)).max())
        unit = 1.0 / largest if 1e-300 < largest < np.inf else 1.0
        if kind.hops or kind.name == "adagrad":
            unit = float(size.min()) / 10
        factor = 10.0 ** rng.uniform(-4, 4) if rng.random() < 0.6 else rng.uniform(0.1, 4)
        settings = {"learning_rate": float(unit * factor)}
        settings["schedule"] = "constant" if rng.random() < 0.8 else "1/t"
    method = kind(**settings)
    steps = int(rng.choice([1, 5, 20, 50, 100, 200]))
    words = f"seed {seed}: {method.name} {settings} on {loss.name} from {start}, {steps} steps"
    try:
        short = descent.run(method, loss, start, steps)
        long = descent.run(method, loss, start, LONGER * max(steps, 20), tolerance=1e-7)
    except ValueError as error:
        if "not finite at the start" not in str(error):
            raise
        return None
    return Case(words, loss, method, short, long)


def contradictions(case: Case) -> list[str]:
    """What the short run says that the long one proves wrong. Empty if nothing."""
    loss, short, long, found = case.loss, case.short, case.long, []
    size = np.ptp(loss.view, axis=1)
    end, later = short.points[-1], long.points[-1]
    moved = float((np.abs(later - end) / size).max())
    told = short.certificate.sentence if short.certificate else ""
    status, after = short.status, long.status
    stays = "may leave" not in told and "too large to stay" not in short.reason
    if status == "converged" and stays and moved > 1e-4:
        gap = float(long.values[-1] - short.values[-1])
        if abs(gap) > 1e-6 * geometry.Scale(loss).height or loss.minimisers not in ("line", "region"):
            found.append(f"converged, but it moved on by {moved:.3g} views, loss {gap:+.3g}")
    if status == "diverged" and (after == "converged" or long.values[-1] < short.values[0]):
        found.append(f"diverged, but later {after} with loss {long.values[-1]:.3g}, at first {short.values[0]:.3g}")
    if status == "oscillating" and after == "converged":
        found.append("oscillating, but later converged")
    if status == "no_minimiser":
        rose = long.values[-1] > short.values[-1] + 1e-9 * abs(short.values[-1])
        if after == "converged" or (rose and "each step lowers" in told):
            values = f"loss {long.values[-1]:.9g}, before {short.values[-1]:.9g}"
            found.append(f"no minimiser, but later {after} with {values}")
    if status == "stuck" and moved > 1e-6:
        found.append(f"stuck, but it moved on by {moved:.3g} views")
    if "each step lowers the loss" in told and not np.all(np.diff(long.values) <= 1e-12 * np.abs(long.values[:-1])):
        found.append("a later step raised the loss")
    if not short.reason.endswith(".") or "nan" in short.reason + short.details or "inf" in short.reason:
        found.append(f"no sentence: {short.reason} {short.details}")
    if isinstance(loss, DataLoss) and loss.convex and "local minimum" in short.reason:
        found.append("a convex loss has no other local minimum")
    return found


def cases(count: int, first: int = 0) -> Iterator[Case]:
    """Random cases of consecutive seeds."""
    for seed in range(first, first + count):
        case = random_case(seed)
        if case is not None:
            yield case


def main(count: int, first: int = 0) -> int:
    """Run the long mode: print counts and contradictions, and return how many there are."""
    seen: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    wrong = 0
    for case in cases(count, first):
        seen[case.short.status] += 1
        if case.short.certificate:
            explained[case.short.certificate.theorem] += 1
        for found in contradictions(case):
            wrong += 1
            says = f"    says: {case.short.reason}\n    but: {found}\n    later: {case.long.reason}"
            print(f"{case.words}\n{says}", flush=True)
    print(f"{sum(seen.values())} runs, {wrong} contradictions; {dict(seen)}; certificates {dict(explained)}")
    return wrong


if __name__ == "__main__":
    sys.exit(min(1, main(*map(int, sys.argv[1:]))))
