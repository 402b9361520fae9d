"""Expressions in other notations: LaTeX, NumPy code, and Vega's expression language."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction

from lossgeo.symbolic.calculus import FUNCTIONS
from lossgeo.symbolic.nodes import MINUS, Node, each_part

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # precedence of a text, lowest first
Text = tuple[str, int]

WIDTH = 100  # maximum length of a line of a program
LETTERS = "stuvabcdghkmpq"  # variables for common parts of a program


def decimal(value: Fraction) -> str:
    """The number in the fewest characters that give back the same float."""
    number = float(value)
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _wrap(text: Text, least: int) -> str:
    return text[0] if text[1] >= least else f"({text[0]})"


def latex(node: Node, names: Mapping[str, str] | None = None) -> str:
    """The expression in LaTeX. `names` maps some of its names to LaTeX."""
    return _latex(node, names or {})[0]


def _bracketed(text: Text, least: int) -> str:
    return text[0] if text[1] >= least else rf"\left({text[0]}\right)"


def _latex(node: Node, names: Mapping[str, str]) -> Text:
    def write(part: Node) -> Text:
        return _latex(part, names)

    def inner(part: Node) -> str:
        return write(part)[0]

    if node.op == "number":
        return _latex_number(node.args[0])
    if node.op == "name":
        return names.get(node.args[0], r"\pi" if node.args[0] == "pi" else node.args[0]), ATOM
    if node.op == "group":
        return write(node.args[0])
    if node.op == "+":
        return _joined(node, write, _bracketed), SUM
    if node.op == "*":
        return _latex_product(node, write)
    if node.op == "/":
        if node.args[0].op == "*" and node.args[0].args[0] == MINUS:  # the sign before the fraction
            rest = node.args[0].args[1:]
            over = rest[0] if len(rest) == 1 else Node("*", *rest)
            return "-" + write(Node("/", over, node.args[1]))[0], SIGN
        return rf"\frac{{{inner(node.args[0])}}}{{{inner(node.args[1])}}}", PRODUCT
    if node.op == "^":
        base, exponent = node.args
        above = inner(exponent) if len(inner(exponent)) == 1 else f"{{{inner(exponent)}}}"
        if (
            base.op in ("sin", "cos", "tan", "sinh", "cosh", "tanh")
            and exponent.number is not None
            and exponent.number > 0
        ):
            called = inner(base)
            split = called.index(r"\left(")
            return f"{called[:split]}^{above}{called[split:]}", POWER
        return f"{_bracketed(write(base), ATOM)}^{above}", POWER
    text = FUNCTIONS[node.op].latex.format(*(inner(part) for part in node.args))
    return text, POWER if node.op == "exp" else ATOM


def _latex_number(value: Fraction) -> Text:
    text = decimal(value)
    if "e" in text:
        digits, exponent = text.split("e")
        return rf"{digits} \cdot 10^{{{int(exponent)}}}", PRODUCT
    return text, ATOM if value >= 0 else SIGN


def _latex_product(node: Node, write: Callable[[Node], Text]) -> Text:
    factors = list(node.args)
    sign = ""
    if factors[0] == MINUS:
        sign, factors = "-", factors[1:]
    text = ""
    for factor in factors:
        here = _bracketed(write(factor), PRODUCT)
        digit = bool(re.match(r"[0-9]|-", here))
        glue = "" if not text else r" \cdot " if digit else r"\," if here[0].isalpha() and text[-1].isalnum() else " "
        text += glue + here
    return sign + text, SIGN if sign else PRODUCT


def _joined(node: Node, write: Callable[[Node], Text], wrap: Callable[[Text, int], str]) -> str:
    text = wrap(write(node.args[0]), SUM)
    for term in node.args[1:]:
        part = wrap(write(term), PRODUCT if write(term)[1] != SIGN else SIGN)
        text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return text


def program(node: Node, named: Mapping[Node, str] | None = None) -> str:
    """The expression as NumPy code. `named` maps the parts that are already variables to their names."""
    return _code(node, named or {}, "numpy", "**", " ")[0]


def vega(node: Node, names: Mapping[str, str], named: Mapping[Node, str] | None = None) -> str:
    """The expression for the browser. `names` maps parameters, and `named` some parts, to Vega expressions."""
    return _code(node, named or {}, "vega", "", "", names)[0]


def vega_steps(results: Mapping[str, Node], names: Mapping[str, str]) -> list[dict[str, str]]:
    """Fields with their formulas, in order: first the parts that the results share, then the results."""
    named: dict[Node, str] = {}
    steps: list[dict[str, str]] = []
    for part in shared_parts(list(results.values())):
        steps.append({f"part{len(steps)}": vega(part, names, named)})
        named[part] = f"datum.part{len(steps) - 1}"
    return [*steps, {field: vega(node, names, named) for field, node in results.items()}]


def _code(
    node: Node, named: Mapping[Node, str], language: str, power: str, space: str, names: Mapping[str, str] | None = None
) -> Text:
    def write(part: Node) -> Text:
        return _code(part, named, language, power, space, names)

    if node in named:
        return named[node], ATOM
    if node.op == "number":
        return decimal(node.args[0]), ATOM if node.args[0] >= 0 else SIGN
    if node.op == "name":
        own = node.args[0]
        constants = {"pi": "np.pi", "e": "np.e"} if language == "numpy" else {"pi": "PI", "e": "E"}
        return ((names or {}).get(own) or constants.get(own, own)), ATOM
    if node.op == "group":
        return write(node.args[0])
    if node.op == "+":
        return _joined(node, write, _wrap), SUM
    if node.op in ("*", "/"):
        factors = node.args if node.op == "*" else node.args[:1]
        sign = "-" if factors[0] == MINUS and len(factors) > 1 else ""
        text = f"{space}*{space}".join(_wrap(write(part), PRODUCT) for part in factors[bool(sign) :])
        if node.op == "/":
            text = f"{text}{space}/{space}{_wrap(write(node.args[1]), POWER)}"
        return sign + text, SIGN if sign else PRODUCT
    if node.op == "^":
        base, exponent = node.args
        if not power:
            small = base.op == "name" and exponent.number in (2, 3)
            if small:
                return "*".join([write(base)[0]] * int(exponent.number or 0)), PRODUCT
            return f"pow({write(base)[0]}, {write(exponent)[0]})", ATOM
        return f"{_wrap(write(base), ATOM)}{power}{_wrap(write(exponent), ATOM)}", POWER
    if node.op == "where":
        condition, then, otherwise = (write(part)[0] for part in node.args)
        if language == "numpy":
            return f"np.where({condition} >= 0, {then}, {otherwise})", ATOM
        return f"(({condition}) >= 0 ? {then} : {otherwise})", ATOM
    form = FUNCTIONS[node.op].numpy if language == "numpy" else FUNCTIONS[node.op].vega
    return form.format(*(write(part)[0] for part in node.args)), ATOM if "/" not in form[:4] else PRODUCT


def size(node: Node) -> int:
    """The approximate number of characters of the expression if common parts are written out."""
    sizes: dict[Node, int] = {}
    for part in each_part([node]):
        sizes[part] = 3 + sum(sizes[inner] for inner in part.parts)
    return sizes[node]


def function(head: str, nodes: Sequence[Node], taken: Collection[str]) -> str:
    """A function of a NumPy program that returns the nodes. `head` is its name and arguments, such as "f(x, y)".

    Parts that are used twice become variables. `taken` are the letters that are already in use.
    """
    free = (letter for letter in LETTERS if letter not in taken)
    named: dict[Node, str] = {}
    lines = []
    for part in shared_parts(nodes):
        if letter := next(free, ""):
            lines.append(f"    {letter} = {program(part, named)}")
            named[part] = letter
    return "\n".join([f"def {head}:", *lines, *_returned([program(node, named) for node in nodes])])


def _returned(values: list[str]) -> list[str]:
    """The last lines of a function: the values on one line if they fit, otherwise one per line."""
    line = f"    return {', '.join(values)}"
    if len(line) <= WIDTH:
        return [line]
    pieces = [piece for value in values for piece in _broken(value, "," if len(values) > 1 else "")]
    return ["    return (", *(f"        {piece}" for piece in pieces), "    )"]


def _broken(text: str, end: str) -> list[str]:
    """A sum on several lines, broken before + and - outside brackets."""
    lines, start, depth, last = [], 0, 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in "+-" and text[at - 1 : at] == " " and text[at + 1 : at + 2] == " ":
            if at - start > WIDTH - 12 and last > start:
                lines.append(text[start:last].rstrip())
                start = last
            last = at
    if len(text) - start > WIDTH - 12 and last > start:
        lines.append(text[start:last].rstrip())
        start = last
    return [*lines, text[start:] + end]


def shared_parts(nodes: Sequence[Node]) -> list[Node]:
    """The sums and functions that occur more than once. Powers and products of names are too short to be worth it."""
    uses: dict[Node, int] = {}
    for part in each_part(nodes):
        for inner in part.parts:
            uses[inner] = uses.get(inner, 0) + 1
    short = ("number", "name", "^", "*", "group")
    return [part for part in each_part(nodes) if uses.get(part, 0) > 1 and part.op not in short]
