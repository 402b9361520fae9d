"""A formula that somebody types, as an expression and as a landscape."""

from __future__ import annotations

from lossgeo.symbolic.expression import Expression
from lossgeo.symbolic.grammar import FormulaError

__all__ = ["Expression", "FormulaError", "parse"]


def parse(text: str) -> Expression:
    """The expression in x and y that the text stands for. Raises FormulaError, a ValueError, with one sentence."""
    return Expression(text)
