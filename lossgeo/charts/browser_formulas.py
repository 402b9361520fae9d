"""The formulas that the browser evaluates at the pointer, as expressions of Vega's expression language.

Each expression computes the same as the Python code of `losses` and `landscapes`; tests/test_browser_formulas.py
evaluates and compares both. `w` and `b` are the two parameters.
"""

from __future__ import annotations

import re

from lossgeo.charts import network_formulas
from lossgeo.charts.network_formulas import NetworkShape
from lossgeo.contracts import Landscape
from lossgeo.landscapes import LeastSquares

Formulas = tuple[str, ...]
Fitted = str | LeastSquares | NetworkShape  # what is fitted to data: "line", "sigmoid", a landscape, a network
LINE, SIGMOID = "line", "sigmoid"


class Blanks:
    """Represents any landscape. Its formulas are blanks such as @f0|w|b@, to be replaced in the finished text."""

    def formulas(self, part: str, x: str, y: str) -> Formulas:
        """The blanks of the value (part "f"), the gradient ("g") or the Hessian ("h")."""
        return tuple(f"@{part}{k}|{x}|{y}@" for k in range({"f": 1, "g": 2, "h": 3}[part]))


def value(of: Landscape | Blanks, x: str = "w", y: str = "b") -> str:
    """The value of a landscape at the point (x, y). x and y are expressions, too."""
    return of.formulas("f", x, y)[0] if isinstance(of, Blanks) else of.expression.vega(x, y)


def gradient(of: Landscape | Blanks, x: str = "w", y: str = "b") -> Formulas:
    """The derivatives of a landscape in x and in y, at the point (x, y)."""
    return of.formulas("g", x, y) if isinstance(of, Blanks) else of.expression.vega_gradient(x, y)


def hessian(of: Landscape | Blanks, x: str = "w", y: str = "b") -> Formulas:
    """The second derivatives xx, xy and yy of a landscape at the point (x, y)."""
    return of.formulas("h", x, y) if isinstance(of, Blanks) else of.expression.vega_hessian(x, y)


def fill(text: str, landscape: Landscape) -> str:
    """The text with all Blanks replaced by the formulas of a landscape."""

    def formula(blank: re.Match[str]) -> str:
        x, y = blank[3], blank[4]
        if blank[1] == "f":
            return value(landscape, x, y)
        return (gradient if blank[1] == "g" else hessian)(landscape, x, y)[int(blank[2])]

    return re.sub(r"@([fgh])([0-2])\|([^|@]+)\|([^|@]+)@", formula, text)


def prediction(fitted: Fitted, w: str, b: str) -> str:
    """The model's output at the input `datum.x`, for the parameters w and b, which are expressions."""
    if isinstance(fitted, LeastSquares):
        return _inside(fitted, fitted.prediction.vega(w, b), w, b)
    line = f"{w}*datum.x + {b}"
    return line if fitted == LINE else f"1/(1 + exp(-({line})))"


def _inside(fit: LeastSquares, formula: str, w: str, b: str) -> str:
    """The formula, or NaN where the parameter that must be positive is not."""
    if not fit.positive:
        return formula
    return f"{(w, b)[fit.parameters.index(fit.positive)]} > 0 ? {formula} : NaN"


def model(fitted: Fitted) -> list[dict[str, str]]:
    """Transforms that add to each sample its loss, `each`, and the derivatives d1 and d2 of that loss in w and b.

    `v_variant` is 1 for the second loss of a page: the absolute error of a line, the
    squared error of a probability.
    """
    if isinstance(fitted, NetworkShape):
        return network_formulas.model(fitted)
    if fitted == SIGMOID:
        return [
            {"z": "w*datum.x + b", "sign": "1 - 2*datum.y"},
            {"m": "datum.sign*datum.z", "e": "exp(-abs(datum.z))"},
            {"q": "(datum.m > 0 ? 1 : datum.e)/(1 + datum.e)", "bend": "datum.e/((1 + datum.e)*(1 + datum.e))"},
            # log(1 + e) would round a tiny e to 0
            {
                "each": "v_variant ? datum.q*datum.q : max(datum.m, 0) + (datum.e < 1e-8 ? datum.e : log(1 + datum.e))",
                "slope": "v_variant ? 2*datum.sign*datum.q*datum.bend : datum.sign*datum.q",
            },
            {"d1": "datum.slope*datum.x", "d2": "datum.slope"},
        ]
    predict = {"p": prediction(fitted, "w", "b")}
    if isinstance(fitted, LeastSquares):
        return [predict, *fitted.expression.vega_steps({"each": 0, "d1": 1, "d2": 2}, "w", "b")]
    return [
        predict,
        {"r": "datum.p - datum.y"},
        {
            "each": "v_variant ? abs(datum.r) : datum.r*datum.r",
            "slope": "v_variant ? (datum.r > 0) - (datum.r < 0) : 2*datum.r",
        },
        {"d1": "datum.slope*datum.x", "d2": "datum.slope"},
    ]


def bends(fitted: Fitted) -> tuple[list[dict[str, str]], dict[str, str]]:
    """How to compute the Hessian of a model's loss: transforms for each sample, and formulas for h11, h12, h22, det.

    The transforms add k0, k1 and k2 to each sample; the formulas use their means m0, m1 and m2. For a linear
    score each sample contributes its second derivative c in z times (x, 1)(x, 1)'. The determinant does not
    depend on the origin of x. So x is measured from the left end of the data window, and nothing cancels if
    the data are far from 0.
    """
    if not isinstance(fitted, LeastSquares):
        score = [
            {"z": "w*datum.x + b", "sign": "1 - 2*datum.y"},
            {"e": "exp(-abs(datum.z))", "m": "datum.sign*datum.z"},
            {"q": "(datum.m > 0 ? 1 : datum.e)/(1 + datum.e)", "bend": "datum.e/((1 + datum.e)*(1 + datum.e))"},
        ]
        sigmoid = "v_variant ? 2*datum.q*datum.bend*(2 - 3*datum.q) : datum.bend"
        steps = [] if fitted == LINE else score
        steps.append({"k0": "v_variant ? 0 : 2" if fitted == LINE else sigmoid, "u": "datum.x - v_x0"})
        steps.append({"k1": "datum.k0*datum.u", "k2": "datum.k0*datum.u*datum.u"})
        spread = "datum.m0*datum.m2 - datum.m1*datum.m1"
        return steps, {
            "h11": "datum.m2 + v_x0*(2*datum.m1 + v_x0*datum.m0) + v_l2",
            "h12": "datum.m1 + v_x0*datum.m0",
            "h22": "datum.m0",
            # if all x are equal, the spread is only rounding
            "det": f"(abs({spread}) < 1e-14*abs(datum.m0*datum.m2) ? 0 : {spread}) + v_l2*datum.m0",
        }
    det = "datum.m0*datum.m2 - datum.m1*datum.m1"
    steps = fitted.expression.vega_steps({"k0": 3, "k1": 4, "k2": 5}, "w", "b")
    return steps, {"h11": "datum.m0", "h12": "datum.m1", "h22": "datum.m2", "det": det}


# Transforms from `h11`, `h12`, `h22` and `det` to the eigenvalues low <= high, and `turn`, the angle of high's
# eigenvector. The eigenvalue of larger absolute value comes first; the other follows from the determinant, so that
# nothing cancels.
EIGEN: list[dict[str, str]] = [
    {"mid": "(datum.h11 + datum.h22)/2", "gap": "hypot((datum.h11 - datum.h22)/2, datum.h12)"},
    {"big": "datum.mid < 0 ? datum.mid - datum.gap : datum.mid + datum.gap"},
    {"small": "datum.big == 0 ? 0 : datum.det/datum.big"},
    {
        "low": "min(datum.big, datum.small)",
        "high": "max(datum.big, datum.small)",
        "turn": "atan2(2*datum.h12, datum.h11 - datum.h22)/2",
    },
]


SUPERSCRIPTS = "['⁰','¹','²','³','⁴','⁵','⁶','⁷','⁸','⁹']"


def parts(value: str) -> str:
    """An expression for mantissa and exponent of a number, as two texts."""
    return f"split(format({value}, '.2~e'), 'e')"


def power_of_ten(of: str, sup: str = "sup") -> str:
    """An expression that prints a number far from 1 as 1.5·10⁻⁶, as `numbers.number` does.

    of: its `parts`. sup: SUPERSCRIPTS, or a parameter that holds them, as on the stage.
    """
    size = f"abs(toNumber({of}[1]))"
    digits = (
        f"({size} >= 100 ? {sup}[floor({size}/100)] : '') + ({size} >= 10 ? {sup}[floor({size}/10) % 10] : '')"
        f" + {sup}[{size} % 10]"
    )
    sign = f"(toNumber({of}[1]) < 0 ? '⁻' : '')"
    factor = f"({of}[0] == '1' ? '' : {of}[0] + '·')"
    return f"{factor} + '10' + {sign} + {digits}"


def number(value: str, of: str, noise: str = "0") -> str:
    """An expression that prints a number with three significant digits; in words if it is not finite.

    of: its `parts`. A number below `noise` in size is printed as 0. The notation is that of `numbers.number`.
    """
    return (
        f"(!isFinite({value}) ? 'not a finite number' : abs({value}) <= {noise} ? '0' : "
        f"abs({value}) < 1e-4 || abs({value}) >= 1e5 ? {power_of_ten(of)} : format({value}, '.3~r'))"
    )
