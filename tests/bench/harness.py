"""What a row of the benchmark is, and how it is measured."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import thread_time
from typing import ClassVar

import numpy as np

SHORTEST = 5e-3  # seconds: a faster case is repeated until one measurement takes this long


@dataclass(frozen=True)
class Row:
    """`ours` must be `target` times as fast as `baseline`; `floor_quick` times in a quick run.

    `baseline` may do a part of the work only: `scale` is how many of such parts there are. `in_quick`: whether a
    quick run measures it, too.
    """

    name: str
    ours: Callable[[], object]
    baseline: Callable[[], object]
    target: float
    floor_quick: float
    scale: float = 1.0
    in_quick: bool = True

    def measure(self, quick: bool) -> tuple[str, str, bool]:
        """(measured, bar, held): interleaved rounds in alternating order, ratio of the medians."""
        cases = [self.ours, self.baseline]
        repeats = [max(1, int(SHORTEST / _seconds(case, 1))) for case in cases]  # warms them, too
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(3 if quick else 7):
            for i in (0, 1) if turn % 2 else (1, 0):
                times[i].append(_seconds(cases[i], repeats[i]))
        ratio = self.scale * median(times[1]) / median(times[0])
        bar = self.floor_quick if quick else self.target
        return f"{ratio:.3g} x", f">= {bar:g} x", ratio >= bar


@dataclass(frozen=True)
class Limit:
    """`measure_value()` must not exceed `limit`: an error, a number of bytes."""

    name: str
    measure_value: Callable[[], float]
    limit: float
    in_quick: ClassVar[bool] = True

    def measure(self, quick: bool) -> tuple[str, str, bool]:
        value = self.measure_value()
        return f"{value:.2g}", f"<= {self.limit:.2g}", value <= self.limit


@dataclass(frozen=True)
class Milliseconds:
    """`call` must take at most `limit` milliseconds, the median of some runs. A quick run leaves it out."""

    name: str
    call: Callable[[], object]
    limit: float
    in_quick: ClassVar[bool] = False

    def measure(self, quick: bool) -> tuple[str, str, bool]:
        repeats = max(1, int(SHORTEST / _seconds(self.call, 1)))
        taken = 1e3 * median(_seconds(self.call, repeats) for _ in range(7))
        return f"{taken:.3g} ms", f"<= {self.limit:g} ms", taken <= self.limit


def installed(library: str) -> bool:
    found = importlib.util.find_spec(library) is not None
    if not found:
        print(f"{library} is not installed: its baselines are left out")
    return found


def wide_simd() -> bool:
    """True where NumPy found AVX-512: its exp and log1p are up to eight times quicker there."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return any(name.startswith(("AVX512", "X86_V4")) for name in found)


def machine() -> str:
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return f"NumPy {np.__version__}, SIMD found: {', '.join(found) or 'baseline only'}"


def report(rows: Sequence[Row | Limit | Milliseconds], quick: bool) -> bool:
    """Print one line per row as it is measured; True if every bar was held."""
    rows = [row for row in rows if row.in_quick or not quick]
    width = max(len(row.name) for row in rows)
    print(machine())
    print(f"{'':{width}}  {'measured':>10}  {'bar':>12}")
    held = True
    for row in rows:
        measured, bar, ok = row.measure(quick)
        print(f"{row.name:{width}}  {measured:>10}  {bar:>12}{'' if ok else '   MISSED'}", flush=True)
        held &= ok
    return held


def _seconds(case: Callable[[], object], repeats: int) -> float:
    """Of this thread's own time: what else runs on the machine disturbs it less than the clock on the wall."""
    start = thread_time()
    for _ in range(repeats):
        case()
    return max(thread_time() - start, 1e-9) / repeats
