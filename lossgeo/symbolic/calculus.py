"""The functions that a formula may call, in every notation, and differentiation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lossgeo.symbolic.nodes import (
    MINUS,
    ONE,
    ZERO,
    Node,
    add,
    divide,
    each_part,
    multiply,
    name,
    negative,
    number,
    power,
    product,
)


class Function(NamedTuple):
    """A function that a formula may call, in every notation.

    compute: for arrays. numpy, vega, latex: templates with {} for each argument. slopes: the partial derivative
    in each argument. kink: whether the first derivative is discontinuous somewhere. everywhere: whether every
    finite argument gives a finite value.
    """

    compute: Callable[..., Any]
    numpy: str
    vega: str
    latex: str
    slopes: Callable[..., tuple[Node, ...]]
    arity: int = 1
    kink: bool = False
    everywhere: bool = False


def call(function: str, *args: Node) -> Node:
    """A function applied to its arguments."""
    return Node(function, *args)


def where(at_least_zero: Node, then: Node, otherwise: Node) -> Node:
    """`then` where the first node is >= 0, `otherwise` elsewhere."""
    return then if then == otherwise else Node("where", at_least_zero, then, otherwise)


def _square(u: Node) -> Node:
    return power(u, number(2))


def _minus(a: Node, b: Node) -> Node:
    return add(a, negative(b))


def _sigmoid(u: Any, _: None = None) -> Any:
    small = np.exp(-np.abs(u))
    return np.where(u >= 0.0, 1.0, small)[()] / (1.0 + small)


def _named(text: str) -> str:
    return rf"\{text}\left({{}}\right)"


def _hypot_slopes(a: Node, b: Node) -> tuple[Node, Node]:
    return divide(a, call("hypot", a, b)), divide(b, call("hypot", a, b))


def _logaddexp_slopes(a: Node, b: Node) -> tuple[Node, Node]:
    return call("sigmoid", _minus(a, b)), call("sigmoid", _minus(b, a))


def _root(u: Node) -> Node:
    return divide(ONE, multiply(number(2), call("sqrt", u)))


def _arcus(u: Node) -> Node:
    return divide(ONE, call("sqrt", _minus(ONE, _square(u))))


FUNCTIONS: dict[str, Function] = {
    "exp": Function(np.exp, "np.exp({})", "exp({})", "e^{{{}}}", lambda u: (call("exp", u),), everywhere=True),
    "log": Function(np.log, "np.log({})", "log({})", _named("ln"), lambda u: (divide(ONE, u),)),
    "log10": Function(
        np.log10, "np.log10({})", "(log({})/LN10)", r"\log_{{10}}\left({}\right)",
        lambda u: (divide(ONE, multiply(u, call("log", number(10)))),),
    ),
    "sqrt": Function(np.sqrt, "np.sqrt({})", "sqrt({})", r"\sqrt{{{}}}", lambda u: (_root(u),)),
    "cbrt": Function(
        np.cbrt, "np.cbrt({})", "(({0}) < 0 ? -pow(-({0}), 1/3) : pow({0}, 1/3))", r"\sqrt[3]{{{}}}",
        lambda u: (divide(ONE, multiply(number(3), _square(call("cbrt", u)))),),
    ),
    "sin": Function(np.sin, "np.sin({})", "sin({})", _named("sin"), lambda u: (call("cos", u),), everywhere=True),
    "cos": Function(
        np.cos, "np.cos({})", "cos({})", _named("cos"), lambda u: (negative(call("sin", u)),), everywhere=True
    ),
    "tan": Function(np.tan, "np.tan({})", "tan({})", _named("tan"), lambda u: (add(ONE, _square(call("tan", u))),)),
    "asin": Function(np.arcsin, "np.arcsin({})", "asin({})", _named("arcsin"), lambda u: (_arcus(u),)),
    "acos": Function(np.arccos, "np.arccos({})", "acos({})", _named("arccos"), lambda u: (negative(_arcus(u)),)),
    "atan": Function(
        np.arctan, "np.arctan({})", "atan({})", _named("arctan"), lambda u: (divide(ONE, add(ONE, _square(u))),),
        everywhere=True,
    ),
    "sinh": Function(
        np.sinh, "np.sinh({})", "((exp({0}) - exp(-({0})))/2)", _named("sinh"), lambda u: (call("cosh", u),),
        everywhere=True,
    ),
    "cosh": Function(
        np.cosh, "np.cosh({})", "((exp({0}) + exp(-({0})))/2)", _named("cosh"), lambda u: (call("sinh", u),),
        everywhere=True,
    ),
    # Vega's exp overflows above 709. The argument is limited where tanh is already 1 up to rounding.
    "tanh": Function(
        np.tanh, "np.tanh({})", "(1 - 2/(1 + exp(min(2*({}), 700))))", _named("tanh"),
        lambda u: (_minus(ONE, _square(call("tanh", u))),), everywhere=True,
    ),
    "sigmoid": Function(
        _sigmoid, "1 / (1 + np.exp(-({})))", "(1/(1 + exp(-({}))))", r"\sigma\left({}\right)",
        lambda u: (multiply(call("sigmoid", u), call("sigmoid", negative(u))),), everywhere=True,
    ),
    "abs": Function(
        np.abs, "np.abs({})", "abs({})", r"\left|{}\right|", lambda u: (call("sign", u),), kink=True, everywhere=True
    ),
    "sign": Function(
        np.sign, "np.sign({})", "((({0}) > 0) - (({0}) < 0))", r"\operatorname{{sign}}\left({}\right)",
        lambda u: (ZERO,), kink=True, everywhere=True,
    ),
    "max": Function(
        np.maximum, "np.maximum({}, {})", "max({}, {})", r"\max\left({},\, {}\right)",
        lambda a, b: (where(_minus(b, a), ZERO, ONE), where(_minus(b, a), ONE, ZERO)), 2, True, True,
    ),
    "min": Function(
        np.minimum, "np.minimum({}, {})", "min({}, {})", r"\min\left({},\, {}\right)",
        lambda a, b: (where(_minus(a, b), ZERO, ONE), where(_minus(a, b), ONE, ZERO)), 2, True, True,
    ),
    "hypot": Function(
        np.hypot, "np.hypot({}, {})", "hypot({}, {})", r"\sqrt{{\left({}\right)^2 + \left({}\right)^2}}",
        _hypot_slopes, 2, True, True,
    ),
    # log(exp(a) + exp(b)) without overflow; the formula's log(1 + exp(u)) becomes logaddexp(0, u).
    "logaddexp": Function(
        np.logaddexp, "np.logaddexp({}, {})", "(max({0}, {1}) + log(1 + exp(-abs(({0}) - ({1})))))",
        r"\ln\left(e^{{{}}} + e^{{{}}}\right)", _logaddexp_slopes, 2, everywhere=True,
    ),
    "log1p": Function(
        np.log1p, "np.log1p({})", "log(1 + ({}))", r"\ln\left(1 + {}\right)", lambda u: (divide(ONE, add(ONE, u)),)
    ),
    "expm1": Function(
        np.expm1, "np.expm1({})", "(exp({}) - 1)", r"\left(e^{{{}}} - 1\right)", lambda u: (call("exp", u),),
        everywhere=True,
    ),
}  # fmt: skip
INTERNAL = {"sign", "logaddexp", "log1p", "expm1"}  # these only come from derivatives and rewriting
ALIASES = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "logistic": "sigmoid"}


# --- derivatives -------------------------------------------------------------------------------------


def slope(node: Node, of: str) -> Node:
    """The derivative of the node in the parameter `of`.

    If both arguments of max or min are equal, it is the derivative of the second.
    """
    made: dict[Node, Node] = {}
    for part in each_part([node]):
        made[part] = _slope(part, of, made)
    return made[node]


def _slope(node: Node, of: str, made: dict[Node, Node]) -> Node:
    if node.op == "number":
        return ZERO
    if node.op == "name":
        return ONE if node.args[0] == of else ZERO
    inner = [made[part] for part in node.args]
    if node.op == "+":
        return add(*inner)
    if node.op == "*":
        return add(
            *(
                multiply(*node.args[:k], each, *node.args[k + 1 :])
                for k, each in enumerate(inner)
                if each != ZERO
            )
        )  # fmt: skip
    if node.op == "group":
        return inner[0]
    if node.op == "where":
        return where(node.args[0], inner[1], inner[2])
    if node.op == "/":
        return add(divide(inner[0], node.args[1]), *_through_denominator(node, made))
    a, b = (*node.args, ZERO)[:2]
    if node.op == "^":
        by_base = multiply(b, power(a, add(b, MINUS)), inner[0]) if inner[0] != ZERO else ZERO
        if inner[1] == ZERO:
            return by_base
        rate = ONE if a == name("e") else call("log", a)
        return add(by_base, multiply(node, rate, inner[1]))
    slopes = FUNCTIONS[node.op].slopes(*node.args)
    return add(*(_times(outer, own) for outer, own in zip(slopes, inner, strict=True) if own != ZERO))


def _through_denominator(node: Node, made: dict[Node, Node]) -> list[Node]:
    """The terms of the derivative of a / (f^m g^n) from the denominator: -m f'/f - n g'/g, times the quotient."""
    under = product(node.args[1])
    terms = [multiply(node, made[factor], Node("/", ONE, factor)) for factor in under.below if made[factor] != ZERO]
    for factor in under.above:
        base, exponent = factor.args if factor.op == "^" and factor.args[1].number is not None else (factor, ONE)
        if made[base] != ZERO:
            terms.append(negative(multiply(exponent, made[base], node, Node("/", ONE, base))))
    return terms


def _times(outer: Node, inner: Node) -> Node:
    """outer * inner. The branches of a case are multiplied separately, so that 0 * infinity does not arise."""
    if outer.op == "where":
        return where(outer.args[0], multiply(outer.args[1], inner), multiply(outer.args[2], inner))
    return multiply(inner, outer)
