"""Expression trees, and constructors that simplify them.

A `Node` is a number, a name, or an operation on other nodes. The operations are "+" and "*" with two or more
arguments, and "/" and "^" with two. A difference a - b is the sum of a and (-1) * b. A "group" is a sum in
brackets inside another sum; it is kept as it is.

`add`, `multiply`, `divide` and `power` simplify: they drop zeros and ones, collect equal terms and equal factors,
and compute coefficients as exact fractions. They never cancel a factor that may be zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple


class Node:
    """A node of an expression tree. Two nodes are equal if their trees are equal."""

    __slots__ = ("_hash", "args", "op")

    def __init__(self, op: str, *args: Any) -> None:
        self.op, self.args = op, args
        self._hash = hash((op, args))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Node) and self._hash == other._hash and self.op == other.op and self.args == other.args
        )

    def __repr__(self) -> str:
        return f"{self.op}{self.args}"

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes that this one is made of; none for a number or a name."""
        return () if self.op in ("number", "name") else self.args

    @property
    def number(self) -> Fraction | None:
        """The value of a number, otherwise None."""
        return self.args[0] if self.op == "number" else None


def number(value: float | Fraction) -> Node:
    """A number, stored as an exact fraction."""
    return Node("number", Fraction(value))


def name(text: str) -> Node:
    """A parameter, a column of the data, or one of the constants pi and e."""
    return Node("name", text)


ZERO, ONE, MINUS = number(0), number(1), number(-1)
CONSTANTS = {"pi": math.pi, "e": math.e}


def each_part(nodes: Iterable[Node]) -> list[Node]:
    """All distinct nodes of the given trees. Every node comes after its parts."""
    found: dict[Node, None] = {}
    for root in nodes:
        waiting = [(root, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                found.setdefault(node)
            elif node not in found:
                waiting += [(node, True), *((part, False) for part in reversed(node.parts))]
    return list(found)


def names_in(node: Node) -> set[str]:
    """The names in the expression, without constants."""
    return {part.args[0] for part in each_part([node]) if part.op == "name"} - CONSTANTS.keys()


# --- simplifying constructors ------------------------------------------------------------------------


class Product(NamedTuple):
    """The factors of a product: coefficient * above / below."""

    coefficient: Fraction
    above: tuple[Node, ...]
    below: tuple[Node, ...]


def product(node: Node) -> Product:
    """The node as a product. A node that is not a product is its own single factor."""
    if node.number is not None:
        return Product(node.number, (), ())
    if node.op == "*":
        parts = [product(part) for part in node.args]
        coefficient = math.prod((part.coefficient for part in parts), start=Fraction(1))
        return Product(coefficient, sum((p.above for p in parts), ()), sum((p.below for p in parts), ()))
    if node.op == "/":
        over, under = (product(part) for part in node.args)
        if under.coefficient:
            return Product(over.coefficient / under.coefficient, over.above + under.below, over.below + under.above)
    return Product(Fraction(1), (node,), ())


def _collect(factors: Sequence[Node]) -> list[Node]:
    """The factors with equal bases combined into powers: x * x^2 becomes x^3."""
    powers: dict[Node, Fraction] = {}
    for factor in factors:
        base, exponent = factor, Fraction(1)
        if factor.op == "^" and (whole := factor.args[1].number) is not None and whole.denominator == 1 and whole > 0:
            base, exponent = factor.args[0], whole
        powers[base] = powers.get(base, Fraction(0)) + exponent
    return [power(base, number(exponent)) for base, exponent in powers.items()]


def multiply(*factors: Node) -> Node:
    """The product of the factors, simplified."""
    parts = [product(factor) for factor in factors]
    coefficient = math.prod((part.coefficient for part in parts), start=Fraction(1))
    above = _collect(sum((part.above for part in parts), ()))
    below = _collect(sum((part.below for part in parts), ()))
    return _joined(coefficient, sorted(above, key=_is_compound), below)


def _is_compound(factor: Node) -> bool:
    """The sorting key of factors: False, which comes first, for names and their powers."""
    return (factor.args[0] if factor.op == "^" else factor).op != "name"


def _joined(coefficient: Fraction, above: list[Node], below: list[Node]) -> Node:
    """The product coefficient * above / below as a node."""
    if coefficient == 0:
        return ZERO
    under = below
    if coefficient.denominator != 1 and not _decimal(coefficient):
        under = [number(coefficient.denominator), *below]
        coefficient = Fraction(coefficient.numerator)
    over = [*([number(coefficient)] if coefficient != 1 or not above else []), *above]
    top = over[0] if len(over) == 1 else Node("*", *over)
    if not under:
        return top
    return Node("/", top, under[0] if len(under) == 1 else Node("*", *under))


def _decimal(value: Fraction) -> bool:
    """Whether to write a fraction as a decimal number: it is finite and not one half or one quarter."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and value not in (Fraction(1, 2), Fraction(1, 4), Fraction(-1, 2), Fraction(-1, 4))


def divide(over: Node, under: Node) -> Node:
    """The quotient over / under, simplified."""
    return multiply(over, Node("/", ONE, under))


def negative(node: Node) -> Node:
    """The node times -1."""
    return multiply(MINUS, node)


def add(*terms: Node) -> Node:
    """The sum of the terms, with equal terms collected, in the order of their first occurrence."""
    sums: dict[tuple[tuple[Node, ...], tuple[Node, ...]], Fraction] = {}
    waiting = list(reversed(terms))
    while waiting:
        term = waiting.pop()
        if term.op == "+":
            waiting.extend(reversed(term.args))
        else:
            part = product(term)
            key = (tuple(_collect(part.above)), tuple(_collect(part.below)))
            sums[key] = sums.get(key, Fraction(0)) + part.coefficient
    factors = [factor for factor in sums.values() if factor]
    left = [_joined(factor, list(above), list(below)) for (above, below), factor in sums.items() if factor]
    if left and factors[0] < 0 and max(factors) > 0:  # y - 1 instead of -1 + y
        left.insert(0, left.pop(next(k for k, factor in enumerate(factors) if factor > 0)))
    return ZERO if not left else left[0] if len(left) == 1 else Node("+", *left)


def power(base: Node, exponent: Node) -> Node:
    """The power base ^ exponent, simplified."""
    n = exponent.number
    if n == 0:
        return ONE
    if n == 1:
        return base
    if n is not None and n.denominator == 1 and abs(n) <= 64:
        if base.number is not None and base.number.numerator.bit_length() * abs(n) <= 256 and (base.number or n > 0):
            return number(base.number ** int(n))
        inner = base.args[1].number if base.op == "^" else None
        if inner is not None and inner.denominator == 1:
            return power(base.args[0], number(inner * n))
    return Node("^", base, exponent)
