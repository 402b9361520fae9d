"""What a row of the benchmark is, and how it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np

SHORTEST = 5e-3  # seconds: a faster case is repeated until one measurement takes this long


@dataclass(frozen=True)
class Row:
    """`ours` must be `target` times as fast as `baseline`; `floor_quick` times in a quick run."""

    name: str
    ours: Callable[[], object]
    baseline: Callable[[], object]
    target: float
    floor_quick: float

    def measure(self, quick: bool) -> tuple[str, str, bool]:
        """(measured, bar, held): interleaved rounds in alternating order, ratio of the medians."""
        cases = [self.ours, self.baseline]
        repeats = [max(1, int(SHORTEST / _seconds(case, 1))) for case in cases]  # warms them, too
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(3 if quick else 7):
            for i in (0, 1) if turn % 2 else (1, 0):
                times[i].append(_seconds(cases[i], repeats[i]))
        ratio, bar = median(times[1]) / median(times[0]), self.floor_quick if quick else self.target
        return f"{ratio:.3g} x", f">= {bar:g} x", ratio >= bar


@dataclass(frozen=True)
class Limit:
    """`measure_value()` must not exceed `limit`: an error, a number of bytes."""

    name: str
    measure_value: Callable[[], float]
    limit: float

    def measure(self, quick: bool) -> tuple[str, str, bool]:
        value = self.measure_value()
        return f"{value:.2g}", f"<= {self.limit:.2g}", value <= self.limit


def wide_simd() -> bool:
    """True where NumPy found AVX-512: its exp and log1p are up to eight times quicker there."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return any(name.startswith(("AVX512", "X86_V4")) for name in found)


def machine() -> str:
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return f"NumPy {np.__version__}, SIMD found: {', '.join(found) or 'baseline only'}"


def report(rows: list[Row | Limit], quick: bool) -> bool:
    """Print one line per row as it is measured; True if every bar was held."""
    width = max(len(row.name) for row in rows)
    print(machine())
    print(f"{'':{width}}  {'measured':>10}  {'bar':>12}")
    held = True
    for row in rows:
        measured, bar, ok = row.measure(quick)
        print(
            f"{row.name:{width}}  {measured:>10}  {bar:>12}{'' if ok else '   MISSED'}", flush=True
        )
        held &= ok
    return held


def _seconds(case: Callable[[], object], repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        case()
    return (perf_counter() - start) / repeats
