"""A formula in two parameters and everything derived from it: values, derivatives, other notations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossgeo.symbolic import written
from lossgeo.symbolic.calculus import FUNCTIONS, call, slope
from lossgeo.symbolic.grammar import FormulaError, read
from lossgeo.symbolic.nodes import (
    CONSTANTS,
    ONE,
    Node,
    divide,
    each_part,
    multiply,
    name,
    names_in,
    negative,
    number,
    power,
    product,
)
from lossgeo.symbolic.values import Program, Value

Array = NDArray[np.float64]
KEEPS_SIGN = ("+", "*", "/", "group", "min", "tanh", "atan", "sinh", "log1p", "expm1", "cbrt")  # of values >= 0
TOO_LONG = "The formula is too long once it is differentiated twice: take a simpler one."
WORK = 5000  # for the second derivatives: the sum of the squared numbers of parts; a second of time is some 20,000
SIZE = 20_000  # approximate limit for the characters of value and derivatives in the browser


class Expression:
    """A formula in two parameters, and possibly in columns of data, read from `text`.

    `names` are the parameters, `columns` the columns. The derivatives are exact, by the rules of calculus. Where
    the formula has no real value, the value is nan or infinite, and the derivatives are nan. At a kink of a
    maximum, a minimum or an absolute value, the derivatives are those of one side. Raises FormulaError, a
    ValueError, with one sentence that names the position of the error.
    """

    def __init__(self, text: str, names: tuple[str, str] = ("x", "y"), columns: Sequence[str] = ()) -> None:
        self.text, self.names, self.columns = text, names, tuple(columns)
        self.written = read(text, (*names, *columns))
        self.node = _stable(self.written)
        self.first = slope(self.node, names[0]), slope(self.node, names[1])
        if sum(len(part.parts) ** 2 for part in each_part(self.first)) > WORK:
            raise FormulaError(TOO_LONG)
        self.second = (slope(self.first[0], names[0]), slope(self.first[0], names[1]), slope(self.first[1], names[1]))
        if sum(written.size(node) for node in (self.node, *self.first, *self.second)) > SIZE:
            raise FormulaError(TOO_LONG)
        guard = [self.node] if self.may_be_undefined else []
        every = (*names, *self.columns)
        self._value = Program([_without_cancelling(self.node)], every)
        self._first = Program([*guard, *self.first], every)
        self._second = Program([*guard, *self.second], every)

    # values

    def f(self, *at: Value) -> Value:
        """The value, for one array or number for each parameter and column; they broadcast."""
        return self._value(*at)[0]

    def df(self, *at: Value) -> tuple[Value, Value]:
        """The two partial derivatives, for arguments as in `f`."""
        first, second = self._where_defined(self._first(*at))
        return first, second

    def d2f(self, *at: Value) -> tuple[Value, Value, Value]:
        """The second derivatives f_xx, f_xy and f_yy, for arguments as in `f`."""
        first, mixed, second = self._where_defined(self._second(*at))
        return first, mixed, second

    def _where_defined(self, values: list[Value]) -> list[Value]:
        if not self.may_be_undefined:
            return values
        defined = np.isfinite(values[0])
        return [np.where(defined, value, np.nan)[()] for value in values[1:]]

    def value(self, p: ArrayLike) -> Array:
        """The value at p (..., 2): shape (...)."""
        p = np.asarray(p, float)
        with np.errstate(all="ignore"):
            value = self.f(p[..., 0], p[..., 1])
        return np.broadcast_to(value, p.shape[:-1]).astype(float)[()]

    def gradient(self, p: ArrayLike) -> Array:
        """The two partial derivatives at p (..., 2): shape (..., 2)."""
        p = np.asarray(p, float)
        out = np.empty_like(p)
        with np.errstate(all="ignore"):
            out[..., 0], out[..., 1] = self.df(p[..., 0], p[..., 1])
        return out

    def hessian(self, p: ArrayLike) -> Array:
        """The symmetric matrix of second derivatives at p (..., 2): shape (..., 2, 2)."""
        p = np.asarray(p, float)
        out = np.empty((*p.shape, 2))
        with np.errstate(all="ignore"):
            out[..., 0, 0], mixed, out[..., 1, 1] = self.d2f(p[..., 0], p[..., 1])
        out[..., 0, 1] = out[..., 1, 0] = mixed
        return out

    # what can be read off the formula

    @cached_property
    def may_be_undefined(self) -> bool:
        """Whether the formula may have no value at some point of the plane, like 1/x or log(x)."""
        for part in each_part([self.node]):
            if part.op == "/" and (names_in(part.args[1])):
                return True
            if part.op == "^":
                n = part.args[1].number
                if n is None or n.denominator != 1 or n < 0:
                    return True
            elif part.op in FUNCTIONS and not FUNCTIONS[part.op].everywhere:
                return True
        return False

    @property
    def may_have_kinks(self) -> bool:
        """Whether the gradient may be discontinuous somewhere, like that of abs(x)."""
        return any(part.op in FUNCTIONS and FUNCTIONS[part.op].kink for part in each_part([self.node]))

    @property
    def separable(self) -> bool:
        """Whether the formula is written as a sum of terms in one parameter each."""
        whole = self.node
        while whole.op in ("*", "/") and len(of := [part for part in whole.args if names_in(part)]) == 1:
            whole = of[0]  # a constant factor
        terms = whole.args if whole.op == "+" else (whole,)
        return all(len(names_in(term) & {*self.names}) <= 1 for term in terms)

    @property
    def never_negative(self) -> bool:
        """Whether the form of the formula, such as a sum of squares, rules out values below 0."""
        known: dict[Node, bool] = {}
        for part in each_part([self.node]):
            n = part.number if part.op == "number" else part.args[1].number if part.op == "^" else None
            inner = [known[other] for other in part.parts]
            known[part] = (
                n >= 0 if part.op == "number" and n is not None
                else part.args[0] in CONSTANTS if part.op == "name"
                else inner[0] or (n is not None and n.denominator == 1 and n % 2 == 0) if part.op == "^"
                else any(inner) if part.op == "max"
                else all(inner) if part.op in KEEPS_SIGN
                else part.op in ("exp", "cosh", "abs", "sqrt", "hypot", "sigmoid")
                or (part.op == "logaddexp" and any(inner))
            )  # fmt: skip
        return known[self.node]

    @property
    def constant_hessian(self) -> Array | None:
        """The Hessian (2, 2) if it is constant and the formula is defined everywhere, otherwise None."""
        if self.may_be_undefined or self.may_have_kinks or any(names_in(node) for node in self.second):
            return None
        return self.hessian((0.0, 0.0))

    # written forms

    def vega(self, x: str = "x", y: str = "y") -> str:
        """The value as an expression for the browser; x and y are expressions for the two parameters."""
        return self._in_vega(self.node, x, y)

    def vega_gradient(self, x: str = "x", y: str = "y") -> tuple[str, str]:
        """The two partial derivatives for the browser."""
        first, second = (self._in_vega(node, x, y) for node in self.first)
        return first, second

    def vega_hessian(self, x: str = "x", y: str = "y") -> tuple[str, str, str]:
        """The three second derivatives for the browser."""
        first, mixed, second = (self._in_vega(node, x, y) for node in self.second)
        return first, mixed, second

    def vega_steps(self, results: Mapping[str, int], x: str = "x", y: str = "y") -> list[dict[str, str]]:
        """Steps for the browser, each a field with its formula, that end in the `results`.

        A result is the value (0), a first derivative (1, 2) or a second one (3, 4, 5). A part that occurs more than
        once is a step of its own, which the later ones read as `datum.part`.
        """
        every = (self.node, *self.first, *self.second)
        return written.vega_steps({field: every[k] for field, k in results.items()}, self._vega_names(x, y))

    def _vega_names(self, x: str, y: str) -> dict[str, str]:
        return dict(zip((*self.names, *self.columns), (x, y, "datum.x", "datum.y"), strict=False))

    def _in_vega(self, node: Node, x: str, y: str) -> str:
        return written.vega(node, self._vega_names(x, y))

    def latex(self, names: Mapping[str, str] | None = None) -> str:
        """The formula in LaTeX, as it was written; `names` says how some names are set."""
        return written.latex(self.written, names)

    def program(self, names: tuple[str, str, str] = ("f", "df", "d2f"), second: bool = True) -> list[str]:
        """Value, first and, if wanted, second derivatives as functions of a NumPy program."""
        arguments = ", ".join((*self.names, *self.columns))
        value = self.node if names_in(self.node) else Node("+", self.node, Node("*", number(0), name(self.names[0])))
        nodes = [(value,), self.first, *([self.second] if second else [])]
        taken = {*self.names, *self.columns, *names}
        return [written.function(f"{head}({arguments})", each, taken) for head, each in zip(names, nodes, strict=False)]


def _without_cancelling(node: Node) -> Node:
    """A sum such as 1 - cos(u) rewritten as 2 sin(u/2)^2, which does not cancel near its zeros.

    Only if the numbers cancel completely, as in 20 - 10 cos(u) - 10 cos(v).
    """
    if node.op != "+":
        return node
    parts = [product(term) for term in node.args]
    is_cosine = [p.coefficient < 0 and not p.below and len(p.above) == 1 and p.above[0].op == "cos" for p in parts]
    is_number = [not p.above and not p.below for p in parts]
    lost = sum((p.coefficient for p, drop in zip(parts, is_number, strict=True) if drop), Fraction(0))
    if not lost or lost != -sum(p.coefficient for p, cosine in zip(parts, is_cosine, strict=True) if cosine):
        return node
    kept = []
    for term, part, cosine, drop in zip(node.args, parts, is_cosine, is_number, strict=True):
        if cosine:
            half = call("sin", divide(part.above[0].args[0], number(2)))
            kept.append(multiply(number(-2 * part.coefficient), power(half, number(2))))
        elif not drop:
            kept.append(term)
    return kept[0] if len(kept) == 1 else Node("+", *kept)


# --- forms that neither overflow nor cancel ------------------------------------------------------------


def _stable(node: Node) -> Node:
    """The same expression, with a few patterns rewritten so that they neither overflow nor lose digits."""
    made: dict[Node, Node] = {}
    for part in each_part([node]):
        made[part] = _rewritten(Node(part.op, *(made[inner] for inner in part.parts)) if part.parts else part)
    return made[node]


def _exponent(node: Node) -> Node | None:
    """u if the node is exp(u), 0 if it is the number 1, otherwise None."""
    return number(0) if node == ONE else node.args[0] if node.op == "exp" else None


def _rewritten(node: Node) -> Node:
    if node.op == "^" and node.args[0] == name("e"):
        return call("exp", node.args[1])
    if node.op == "log" and node.args[0].op == "+":
        terms = node.args[0].args
        exponents = [_exponent(term) for term in terms]
        if all(u is not None for u in exponents) and terms.count(ONE) < len(terms):
            whole = exponents[0]
            for u in exponents[1:]:
                whole = call("logaddexp", whole, u)  # type: ignore[arg-type]  # none is None here
            return whole  # type: ignore[return-value]
        if terms.count(ONE) == 1:
            rest = [term for term in terms if term != ONE]
            return call("log1p", rest[0] if len(rest) == 1 else Node("+", *rest))
    if node.op == "+" and number(-1) in node.args:
        for k, term in enumerate(node.args):
            if term.op == "exp":  # exp(u) - 1
                rest = list(node.args)
                rest[k] = call("expm1", term.args[0])
                rest.remove(number(-1))
                return rest[0] if len(rest) == 1 else Node("+", *rest)
    if node.op == "/" and node.args[1].op == "+" and len(node.args[1].args) == 2:
        for term, other in (node.args[1].args, node.args[1].args[::-1]):
            if term.op == "exp" and other == ONE:  # a / (1 + exp(u)) = a sigmoid(-u)
                u = term.args[0]
                return (
                    call("sigmoid", u) if node.args[0] == term else multiply(node.args[0], call("sigmoid", negative(u)))
                )
    if node.op == "sqrt" and node.args[0].op == "+" and len(node.args[0].args) == 2:
        squares = node.args[0].args
        if all(square.op == "^" and square.args[1] == number(2) for square in squares):
            return call("hypot", squares[0].args[0], squares[1].args[0])
    return node
