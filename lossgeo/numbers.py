"""How numbers are written for the reader."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int = 3) -> str:
    """The value with `digits` significant digits and a real minus sign; as a power of ten if far from 1."""
    if not math.isfinite(value):
        return "not finite" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    text = f"{value + 0.0:.{digits}g}"  # -0.0 is 0
    if "e" not in text and abs(value) >= 10**digits:
        text = f"{float(text):.0f}"
    if "e" in text and 10**digits <= abs(value) < 1e5:
        text = f"{float(text):.0f}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        factor = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}·")
        text = f"{factor}10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return text.replace("-", "−")


def typeset(text: str) -> str:
    """The sentence with real minus signs, and with powers of ten instead of exponents such as 1e-6."""
    text = re.sub(r"(\d)e([+-]\d+)", lambda m: f"{m[1]}·10{str(int(m[2])).translate(SUPERSCRIPTS)}", text)
    return re.sub(r"(?<![\w)])-(?=[\d.])", "−", text)


def deciding(a: float, b: float) -> tuple[str, str]:
    """Two different numbers, each with as many digits as it takes to see which is larger; at least three."""
    for digits in range(3, 17):
        first, second = number(a, digits), number(b, digits)
        if first != second or a == b:
            break
    return first, second


def vector(v: Array, size: Array | None = None) -> str:
    """The vector (2,) as "(1, 2)". An entry that is rounding noise is written as 0.

    It is noise if it is below 1e-14 of `size` (2,), the size of what was added up; for a direction, of its length.
    """
    scale = np.full(2, np.hypot(v[0], v[1]) * 100.0) if size is None else size
    x, y = (0.0 if abs(c) < 1e-14 * s else float(c) for c, s in zip(v, scale, strict=True))
    return f"({number(x)}, {number(y)})"


def point(p: Array, names: tuple[str, str], size: Array | None = None) -> str:
    """The point (2,) as "w = 1, b = 2". An entry below 1e-14 of `size` (2,), what was added up, is written as 0."""
    scale = np.zeros(2) if size is None else size
    first, second = (number(0.0 if abs(v) < 1e-14 * s else float(v)) for v, s in zip(p, scale, strict=True))
    return f"{names[0]} = {first}, {names[1]} = {second}"


def plural(count: int, what: str) -> str:
    """The count with its noun: 1 step, 2 steps."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def percent(part: int, total: int) -> str:
    """The share part/total in per cent. Near the ends: under 0.1%, over 99.9%; 100% only if it is exact."""
    share = 100.0 * part / total
    return (
        "100%" if part == total else "under 0.1%" if share < 0.1 else "over 99.9%" if share > 99.9 else f"{share:.1f}%"
    )
