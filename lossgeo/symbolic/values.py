"""The values of expressions for arrays of numbers, by a list of NumPy operations instead of eval."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossgeo.symbolic.calculus import FUNCTIONS
from lossgeo.symbolic.nodes import CONSTANTS, MINUS, Node, each_part, name

Value = NDArray[np.float64] | float


def _branch(at_least_zero: Any, then: Any) -> Any:
    return at_least_zero >= 0.0, then


def _otherwise(branch: Any, otherwise: Any) -> Any:
    inside, then = branch
    return np.where(inside, then, otherwise)[()]


class Program:
    """Computes several nodes together, each common part once.

    Call it with one array or number for each of `names`; they broadcast. It returns one value for each node:
    an array of the broadcast shape, or of a smaller one, down to a number, if the node depends on less. It
    does not silence warnings.

    A step is a function of one or two earlier results. A function of one argument gets None as its second one,
    which NumPy's functions understand as "no output array".
    """

    def __init__(self, nodes: Sequence[Node], names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.constants: list[np.float64] = []
        self.steps: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
        self._constant_at: dict[float, int] = {}
        self._slot: dict[Node, int] = {name(n): k for k, n in enumerate(names)}
        parts = each_part(nodes)
        numbers = {float(v) for part in parts for v in _coefficients(part)} | set(CONSTANTS.values())
        for value in sorted(numbers):
            self._constant_at[value] = len(self.names) + len(self.constants)
            self.constants.append(np.float64(value))
        for part in parts:
            self._add(part)
        self.results = [self._slot[node] for node in nodes]
        self._free_early()

    def __call__(self, *values: Value) -> list[Value]:
        slots: list[Any] = [*values, *self.constants, *self._empty]  # the first of `_empty` remains None
        for compute, to, first, second in self.moves:
            slots[to] = compute(slots[first], slots[second])
        return [slots[k] for k in self.results]

    def _free_early(self) -> None:
        """Let a step store its result where one is no longer needed, so that few arrays exist at the same time.

        Otherwise large arrays do not fit into the processor's cache, and 16,000 points take ten times as long.
        """
        first = len(self.names) + len(self.constants)
        last = {k: n for n, (_, at) in enumerate(self.steps) for k in at}
        place, free, self._empty = dict(zip(range(first), range(first), strict=True)), [], [None]
        self.moves: list[tuple[Callable[..., Any], int, int, int]] = []
        for n, (compute, at) in enumerate(self.steps):
            read = [place[k] for k in at]
            free += [place[k] for k in dict.fromkeys(at) if k >= first and last[k] == n and k not in self.results]
            if not free:
                free.append(first + len(self._empty))
                self._empty.append(None)
            place[first + n] = free.pop()
            self.moves.append((compute, place[first + n], read[0], read[-1] if len(read) > 1 else first))
        self.results = [place[k] for k in self.results]

    def _step(self, compute: Callable[..., Any], *at: int) -> int:
        self.steps.append((compute, at))
        return len(self.names) + len(self.constants) + len(self.steps) - 1

    def _chain(self, compute: Callable[..., Any], slots: list[int]) -> int:
        whole = slots[0]
        for slot in slots[1:]:
            whole = self._step(compute, whole, slot)
        return whole

    def _add(self, node: Node) -> None:
        if node in self._slot:
            return
        if node.op == "number":
            slot = self._constant_at[float(node.args[0])]
        elif node.op == "name":
            slot = self._constant_at[CONSTANTS[node.args[0]]]
        elif node.op == "group":
            slot = self._slot[node.args[0]]
        elif node.op == "+":
            slot = self._sum(node)
        elif node.op == "^":
            slot = self._power(*node.args)
        elif node.op in ("*", "/"):
            binary = operator.mul if node.op == "*" else operator.truediv
            slot = self._chain(binary, [self._slot[part] for part in node.args])
        elif node.op == "where":
            condition, then, otherwise = (self._slot[part] for part in node.args)
            slot = self._step(_otherwise, self._step(_branch, condition, then), otherwise)
        else:
            slot = self._step(FUNCTIONS[node.op].compute, *(self._slot[part] for part in node.args))
        self._slot[node] = slot

    def _sum(self, node: Node) -> int:
        whole = self._slot[node.args[0]]
        for term in node.args[1:]:
            if term.op == "*" and term.args[0] == MINUS and len(term.args) == 2:  # a - b instead of a + (-1) * b
                whole = self._step(operator.sub, whole, self._slot[term.args[1]])
            else:
                whole = self._step(operator.add, whole, self._slot[term])
        return whole

    def _power(self, base: Node, exponent: Node) -> int:
        n = exponent.number
        if n is None or n.denominator != 1 or not 1 <= abs(n) <= 64:
            return self._step(np.power, self._slot[base], self._slot[exponent])
        square, whole = self._slot[base], -1  # by squaring, because NumPy's power is slow from x**3 on
        for bit in reversed(f"{int(abs(n)):b}"):
            if bit == "1":
                whole = square if whole < 0 else self._step(operator.mul, whole, square)
            square = self._step(operator.mul, square, square)
        self.steps.pop()  # the last square is not needed
        return self._step(operator.truediv, self._constant_at[1.0], whole) if n < 0 else whole


def _coefficients(node: Node) -> list[Fraction]:
    return [node.args[0], Fraction(1)] if node.op == "number" else []
