"""The parser: from the text of a formula to a `Node`. Its small grammar can express computations only.

    sum       product (("+" | "-") product)*
    product   signed (("*" | "/" | nothing) signed)*         nothing: as in 2x, 3(x - 1), (x + 1)(y - 1)
    signed    ("+" | "-")* power
    power     atom (("^" | "**") signed)?                    groups to the right: 2^3^2 = 2^9
    atom      number | name | function "(" sum ("," sum)* ")" | "(" sum ")"

Names are the parameters, pi and e, and those of `calculus.FUNCTIONS`. Capital letters are read as small ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from lossgeo.symbolic.calculus import ALIASES, FUNCTIONS, INTERNAL, call
from lossgeo.symbolic.nodes import CONSTANTS, MINUS, Node, name, names_in, number
from lossgeo.symbolic.values import Program

LENGTH = 400  # maximum number of characters of a formula
DEPTH = 30  # maximum nesting of brackets, functions, exponents and signs

ALIKE = {"−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "π": "pi", "²": "^2", "³": "^3", "\xa0": " "}
TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+(?![0-9.a-z]))?)|(?P<name>[a-z_][a-z_0-9]*)|(?P<sign>\*\*|[-+*/^(),])"
)


class FormulaError(ValueError):
    """A formula that is not valid. The message is one sentence that names the position."""


class Token(NamedTuple):
    """A number, a name, a sign, or the end of the text. `place` is its position, counted from 1."""

    kind: str
    text: str
    place: int


def tokens(text: str) -> list[Token]:
    """The tokens of a formula. Raises FormulaError if it is too long or contains an unknown character."""
    if len(text) > LENGTH:
        raise FormulaError(f"The formula has {len(text)} characters; at most {LENGTH} are allowed.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign in ALIKE:
            found += [part._replace(place=at + 1) for part in tokens(ALIKE[sign])[:-1]] if ALIKE[sign].strip() else []
            at += 1
        elif sign.isspace():
            at += 1
        elif match := TOKEN.match(text.lower() if len(text.lower()) == len(text) else text, at):
            found.append(Token(str(match.lastgroup), match.group().replace("**", "^"), at + 1))
            at = match.end()
        else:
            raise FormulaError(f"{_shown(sign)} at position {at + 1} has no meaning in a formula{_instead(sign)}.")
    return [*found, Token("end", "", len(text) + 1)]


def _shown(sign: str) -> str:
    if sign.isprintable():
        return f"The sign {sign}"
    return f"An invisible character ({unicodedata.name(sign, f'U+{ord(sign):04X}').lower()})"


def _instead(sign: str) -> str:
    if sign in "=<>":
        return "; write the one side that is the value"
    if sign == "|":
        return "; write abs(x) for the absolute value"
    if sign in "[{":
        return "; use round brackets"
    if sign == "√":
        return "; write sqrt(x)"
    return "" if sign.isprintable() else "; delete it"


def read(text: str, names: Sequence[str]) -> Node:
    """The formula as a tree, not simplified. `names` are the parameters. Raises FormulaError if it is not valid."""
    reader = _Reader(tokens(text), names)
    if len(reader.tokens) == 1:
        raise FormulaError(f"The formula is empty: write an expression in {reader.params}, such as {names[0]}^2.")
    node = reader.sum(0)
    rest = reader.next
    if rest.text == ")":
        raise FormulaError(f"The closing bracket at position {rest.place} has no opening one.")
    if rest.kind != "end":
        raise FormulaError(f"At position {rest.place}, {rest.text} does not belong: an operator such as * is missing.")
    return node


class _Reader:
    """Reads the tokens from left to right, with one method per rule of the grammar."""

    def __init__(self, parts: list[Token], names: Sequence[str]) -> None:
        self.tokens, self.at, self.names = parts, 0, tuple(names)
        self.params = " and ".join(self.names)

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> str:
        """The next sign if it is one of `texts`, otherwise ""."""
        if self.next.kind == "sign" and self.next.text in texts:
            self.at += 1
            return self.tokens[self.at - 1].text
        return ""

    def sum(self, depth: int) -> Node:
        """Terms joined by + and -."""
        if depth > DEPTH:
            raise FormulaError(f"At position {self.next.place}, brackets and signs are nested more than {DEPTH} deep.")
        terms = [self.product(depth)]
        while sign := self.take("+", "-"):
            term = self.product(depth)
            terms.append(term if sign == "+" else _minus(term))
        if len(terms) == 1:
            return terms[0]
        return Node("+", *(Node("group", term) if term.op == "+" else term for term in terms))

    def product(self, depth: int) -> Node:
        """Factors joined by *, / or nothing."""
        place = self.next.place
        whole, before = self.signed(depth), ""
        while True:
            if sign := self.take("*", "/"):
                factor = self.signed(depth)
            elif self.next.kind in ("number", "name") or self.next.text == "(":
                self._may_stand_alone(before)
                sign, factor = "*", self.power(depth)
            else:
                return whole
            whole = self._checked(_times(whole, factor) if sign == "*" else Node("/", whole, factor), place)
            before = sign

    def _may_stand_alone(self, before: str) -> None:
        """Raise FormulaError unless a missing operator, as in 2x or (x + 1)(y - 1), is unambiguous."""
        last, here = self.tokens[self.at - 1], self.next
        if last.kind == "name":
            if last.text in ALIASES or last.text in FUNCTIONS:
                raise FormulaError(
                    f"{last.text} needs brackets, at position {here.place}: write {last.text}({here.text})."
                )
            raise FormulaError(f"Between {last.text} and {here.text}, position {here.place}, write * for a product.")
        in_exponent = self.at >= 2 and self.tokens[self.at - 2].text == "^"
        if here.kind == "number" or before == "/" or in_exponent:
            raise FormulaError(
                f"At position {here.place}, {here.text} follows without an operator and can be read in two ways: "
                "write * or brackets."
            )

    def signed(self, depth: int) -> Node:
        """A power, possibly with signs before it."""
        minus, signs = False, 0
        while sign := self.take("+", "-"):
            minus ^= sign == "-"
            signs += 1
            if depth + signs > DEPTH:
                raise FormulaError(f"At position {self.next.place} stand too many signs in a row.")
        node = self.power(depth + signs)
        return _minus(node) if minus else node

    def power(self, depth: int) -> Node:
        """An atom, possibly with an exponent."""
        place = self.next.place
        base = self.atom(depth)
        if not self.take("^"):
            return base
        if depth >= DEPTH:
            raise FormulaError(f"At position {self.next.place}, exponents are nested too deep.")
        return self._checked(Node("^", base, self.signed(depth + 1)), place)

    def atom(self, depth: int) -> Node:
        """A number, a name, a function with its arguments, or a sum in brackets."""
        token = self.next
        if token.kind == "number":
            self.at += 1
            if not np.isfinite(float(token.text)):
                raise FormulaError(f"The number {token.text} at position {token.place} is too large.")
            return number(Fraction(token.text))
        if token.kind == "name":
            self.at += 1
            return self._named(token, depth)
        if self.take("("):
            inner = self.sum(depth + 1)
            self._close(token)
            return inner
        where = f" after {self.tokens[self.at - 1].text}," if self.at else " at"
        instead = f"; {token.text} cannot stand there" if token.text else ""
        raise FormulaError(
            f"Something is missing{where} position {token.place}: a number, {', '.join(self.names)} or ({instead}."
        )

    def _close(self, opened: Token) -> None:
        if not self.take(")"):
            here = f"position {self.next.place}" if self.next.text else "the end"
            raise FormulaError(f"The bracket opened at position {opened.place} is not closed by {here}.")

    def _named(self, token: Token, depth: int) -> Node:
        text = ALIASES.get(token.text, token.text)
        if text in FUNCTIONS and text not in INTERNAL:
            return self._called(token, text, depth)
        if text in self.names or text in CONSTANTS:
            return name(text)
        hint = f"; write {'*'.join(text)} for a product" if len(text) > 1 and set(text) <= {*self.names} else ""
        raise FormulaError(
            f"The name {token.text} at position {token.place} is unknown: use {', '.join(self.names)}, pi, e "
            f"or a function such as sin(x){hint}."
        )

    def _called(self, token: Token, function: str, depth: int) -> Node:
        opened = self.next
        if not self.take("("):
            what = f"({opened.text})" if opened.kind in ("number", "name") else f"({self.names[0]})"
            raise FormulaError(f"{token.text} at position {token.place} needs brackets: write {token.text}{what}.")
        args = [self.sum(depth + 1)]
        while self.take(","):
            args.append(self.sum(depth + 1))
        self._close(opened)
        wanted = FUNCTIONS[function].arity
        if len(args) < wanted or (len(args) > wanted and function not in ("max", "min")):
            many = "one argument" if wanted == 1 else f"{wanted} arguments"
            raise FormulaError(f"{token.text} at position {token.place} takes {many}, and here are {len(args)}.")
        node = args[0] if wanted == 2 else call(function, args[0])
        for other in args[1:]:  # max(a, b, c) is max(max(a, b), c)
            node = call(function, node, other)
        return self._checked(node, token.place)

    def _checked(self, node: Node, place: int) -> Node:
        """The node. Raises FormulaError if it is a constant without a finite value, such as 1/0 or 9^9^9."""
        if not names_in(node):
            with np.errstate(all="ignore"):
                value = float(np.asarray(Program([node], ())()[0]))
            if not np.isfinite(value):
                raise FormulaError(
                    f"From position {place} on, a constant has no finite value, or one too large to compute with."
                )
        return node


def _minus(node: Node) -> Node:
    return _times(MINUS, node) if node.number is None else number(-node.number)


def _times(a: Node, b: Node) -> Node:
    return Node("*", *(part for side in (a, b) for part in (side.args if side.op == "*" else (side,))))
