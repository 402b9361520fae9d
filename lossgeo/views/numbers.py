"""How numbers are written for the reader."""

from __future__ import annotations

import math
import re

from lossgeo.contracts import Array

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int = 3) -> str:
    """The value with `digits` significant digits and a real minus sign; as a power of ten if far from 1."""
    if not math.isfinite(value):
        return "not finite" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    text = f"{value:.{digits}g}"
    if "e" not in text and abs(value) >= 10**digits:
        text = f"{float(text):.0f}"
    if "e" in text and 10**digits <= abs(value) < 1e5:
        text = f"{float(text):.0f}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return text.replace("-", "−")


def typeset(text: str) -> str:
    """The sentence with real minus signs, and with powers of ten instead of exponents such as 1e-6."""
    text = re.sub(r"(\d)e([+-]\d+)", lambda m: f"{m[1]}·10{str(int(m[2])).translate(SUPERSCRIPTS)}", text)
    return re.sub(r"(?<![\w)])-(?=[\d.])", "−", text)


def point(p: Array, names: tuple[str, str]) -> str:
    """The point (2,) as "w = 1, b = 2". Values below rounding are written as 0."""
    tiny = 1e-12 * max(abs(p[0]), abs(p[1]), 1.0)
    first, second = (number(0.0 if abs(v) < tiny else float(v)) for v in p)
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
