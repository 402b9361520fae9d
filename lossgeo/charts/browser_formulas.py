"""The models and landscapes once more, as expressions that the browser evaluates under the pointer.

Each string means the same as the Python of `losses` and `landscapes`; tests/test_expressions.py evaluates
both and compares them. The notation is Vega's expression language; `w` and `b` are the two parameters.
"""

from __future__ import annotations

import re

# Landscape -> value and the two partial derivatives in x, y.
LANDSCAPES: dict[str, tuple[str, str, str]] = {
    "bowl": ("(x*x + 10*y*y)/2", "x", "10*y"),
    "saddle": ("x*x - y*y", "2*x", "-2*y"),
    "monkey saddle": ("x*x*x - 3*x*y*y", "3*x*x - 3*y*y", "-6*x*y"),
    "double well": ("pow(x, 4)/4 - x*x/2 + 0.1*x + y*y/2", "x*x*x - x + 0.1", "y"),
    "himmelblau": (
        "pow(x*x + y - 11, 2) + pow(x + y*y - 7, 2)",
        "4*x*(x*x + y - 11) + 2*(x + y*y - 7)",
        "2*(x*x + y - 11) + 4*y*(x + y*y - 7)",
    ),
    "six-hump camel": (
        "(4 - 2.1*x*x + pow(x, 4)/3)*x*x + x*y + (4*y*y - 4)*y*y",
        "8*x - 8.4*x*x*x + 2*pow(x, 5) + y",
        "x - 8*y + 16*y*y*y",
    ),
    "rosenbrock": ("pow(1 - x, 2) + 100*pow(y - x*x, 2)", "-2*(1 - x) - 400*x*(y - x*x)", "200*(y - x*x)"),
    "rastrigin": (
        "20 + x*x - 10*cos(2*PI*x) + y*y - 10*cos(2*PI*y)",
        "2*x + 20*PI*sin(2*PI*x)",
        "2*y + 20*PI*sin(2*PI*y)",
    ),
    "beale": (
        "pow(1.5 - x + x*y, 2) + pow(2.25 - x + x*y*y, 2) + pow(2.625 - x + x*y*y*y, 2)",
        "2*(1.5 - x + x*y)*(y - 1) + 2*(2.25 - x + x*y*y)*(y*y - 1) + 2*(2.625 - x + x*y*y*y)*(y*y*y - 1)",
        "2*(1.5 - x + x*y)*x + 4*(2.25 - x + x*y*y)*x*y + 6*(2.625 - x + x*y*y*y)*x*y*y",
    ),
    "hidden saddle": ("x*x + y*y + 3*x*y", "2*x + 3*y", "2*y + 3*x"),
    "flat bottom": (
        "pow(max(hypot(x, y) - 1, 0), 2)",
        "2*(1 - 1/max(hypot(x, y), 1))*x",
        "2*(1 - 1/max(hypot(x, y), 1))*y",
    ),
    "plateau and cliff": (
        "(1 - 1/(1 + S) + T + TANH5)/2",
        "(1/pow(1 + S, 2) + 5*(1 - T*T))/2*x/2",
        "(1/pow(1 + S, 2) + 5*(1 - T*T))/2*2*y",
    ),
}

# Landscape -> its second derivatives xx, xy, yy.
HESSIANS: dict[str, tuple[str, str, str]] = {
    "bowl": ("1", "0", "10"),
    "saddle": ("2", "0", "-2"),
    "monkey saddle": ("6*x", "-6*y", "-6*x"),
    "double well": ("3*x*x - 1", "0", "1"),
    "himmelblau": ("12*x*x + 4*y - 42", "4*(x + y)", "12*y*y + 4*x - 26"),
    "six-hump camel": ("8 - 25.2*x*x + 10*pow(x, 4)", "1", "48*y*y - 8"),
    "rosenbrock": ("2 - 400*y + 1200*x*x", "-400*x", "200"),
    "rastrigin": ("2 + 40*PI*PI*cos(2*PI*x)", "0", "2 + 40*PI*PI*cos(2*PI*y)"),
    "beale": (
        "2*(pow(y - 1, 2) + pow(y*y - 1, 2) + pow(y*y*y - 1, 2))",
        "2*(1.5 - x + x*y) + 4*y*(2.25 - x + x*y*y) + 6*y*y*(2.625 - x + x*y*y*y)"
        " + 2*x*(y - 1 + 2*y*(y*y - 1) + 3*y*y*(y*y*y - 1))",
        "2*x*x*(1 + 4*y*y + 9*pow(y, 4)) + 4*x*(2.25 - x + x*y*y) + 12*x*y*(2.625 - x + x*y*y*y)",
    ),
    "hidden saddle": ("2", "3", "2"),
    "flat bottom": (
        "hypot(x, y) > 1 ? 2*(1 - y*y/pow(hypot(x, y), 3)) : 0",
        "hypot(x, y) > 1 ? 2*x*y/pow(hypot(x, y), 3) : 0",
        "hypot(x, y) > 1 ? 2*(1 - x*x/pow(hypot(x, y), 3)) : 0",
    ),
    "plateau and cliff": ("CURVES*x*x/4 + SLOPES/2", "CURVES*x*y", "4*CURVES*y*y + 2*SLOPES"),
}

# Model of the data -> its prediction at the input X for the parameters w, b.
PREDICTIONS = {
    "line": "w*X + b",
    "sigmoid": "1/(1 + exp(-(w*X + b)))",
    "tiny network": "b*(1 - 2/(exp(2*w*X) + 1))",
    "puromycin": "b > 0 ? 100*w*X/(0.1*b + X) : NaN",
}


# The parts of "plateau and cliff"; exp of a clamped argument, because Vega has no tanh.
PARTS = {
    "SLOPES": "((1/pow(1 + S, 2) + 5*(1 - T*T))/2)",
    "CURVES": "(-1/pow(1 + S, 3) - 25*T*(1 - T*T))",
    "TANH5": "0.9999092042625951",
    "T": "(1 - 2/(1 + exp(min(10*(S - 1), 700))))",
    "S": "(x*x/4 + y*y)",
}


def landscape(name: str, x: str = "w", y: str = "b") -> tuple[str, str, str]:
    """Value, derivative in x, derivative in y at the point (x, y), each given as an expression."""
    if name == ANY:
        return f"@f0|{x}|{y}@", f"@f1|{x}|{y}@", f"@f2|{x}|{y}@"
    value, in_x, in_y = (_put(formula, {"x": x, "y": y}) for formula in LANDSCAPES[name])
    return value, in_x, in_y


def hessian(name: str, x: str = "w", y: str = "b") -> tuple[str, str, str]:
    """The second derivatives xx, xy, yy at the point (x, y)."""
    if name == ANY:
        return f"@h0|{x}|{y}@", f"@h1|{x}|{y}@", f"@h2|{x}|{y}@"
    xx, xy, yy = (_put(formula, {"x": x, "y": y}) for formula in HESSIANS[name])
    return xx, xy, yy


ANY = "any landscape"  # whose formulas are blanks such as @f0|w|b@, to be filled in a finished text


def fill(text: str, name: str) -> str:
    """The text with the blanks of ANY replaced by the formulas of a landscape."""

    def formula(blank: re.Match[str]) -> str:
        of = landscape if blank[1] == "f" else hessian
        return of(name, blank[3], blank[4])[int(blank[2])]

    return re.sub(r"@([fh])([0-2])\|([^|@]+)\|([^|@]+)@", formula, text)


def prediction(kind: str, w: str, b: str) -> str:
    """The model's output at `datum.x`."""
    return _put(PREDICTIONS[kind], {"w": w, "b": b, "X": "datum.x"})


def model(kind: str) -> list[dict[str, str]]:
    """Steps that add to each sample its prediction p, its loss `each` and the derivatives d1, d2 of that loss.

    `v_variant` is 1 for the second loss of a page: the absolute error of a line, the squared error of a
    probability.
    """
    if kind == "sigmoid":
        return [
            {"z": "w*datum.x + b", "sign": "1 - 2*datum.y"},
            {"m": "datum.sign*datum.z", "e": "exp(-abs(datum.z))"},
            {"q": "(datum.m > 0 ? 1 : datum.e)/(1 + datum.e)", "bend": "datum.e/((1 + datum.e)*(1 + datum.e))"},
            # log(1 + e) would lose a tiny e altogether
            {
                "each": "v_variant ? datum.q*datum.q : max(datum.m, 0) + (datum.e < 1e-8 ? datum.e : log(1 + datum.e))",
                "slope": "v_variant ? 2*datum.sign*datum.q*datum.bend : datum.sign*datum.q",
            },
            {"d1": "datum.slope*datum.x", "d2": "datum.slope"},
        ]
    predict = {"p": prediction(kind, "w", "b")}
    if kind == "line":
        return [
            predict,
            {"r": "datum.p - datum.y"},
            {
                "each": "v_variant ? abs(datum.r) : datum.r*datum.r",
                "slope": "v_variant ? (datum.r > 0) - (datum.r < 0) : 2*datum.r",
            },
            {"d1": "datum.slope*datum.x", "d2": "datum.slope"},
        ]
    inner = {
        "tiny network": ("b*datum.x*(1 - datum.t*datum.t)", "datum.t"),
        "puromycin": ("100*datum.x/(0.1*b + datum.x)", "-10*w*datum.x/pow(0.1*b + datum.x, 2)"),
    }[kind]
    return [
        predict,
        {"r": "datum.p - datum.y", "t": "1 - 2/(exp(2*w*datum.x) + 1)"},
        {"each": "datum.r*datum.r", "d1": f"2*datum.r*{inner[0]}", "d2": f"2*datum.r*{inner[1]}"},
    ]


def bends(kind: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """How the Hessian of a model's loss is made: steps for each sample, then `h11`, `h12`, `h22` and `det`.

    The first add k0, k1, k2 to each sample; the second read their means, m0, m1, m2. Of a linear score all
    samples give their curvature c times (x, 1)(x, 1)'. Its determinant is the same for x counted from any
    other origin: from the left end of the data's window nothing cancels, however far from 0 the data lie.
    """
    if kind in ("line", "sigmoid"):
        score = [
            {"z": "w*datum.x + b", "sign": "1 - 2*datum.y"},
            {"e": "exp(-abs(datum.z))", "m": "datum.sign*datum.z"},
            {"q": "(datum.m > 0 ? 1 : datum.e)/(1 + datum.e)", "bend": "datum.e/((1 + datum.e)*(1 + datum.e))"},
        ]
        sigmoid = "v_variant ? 2*datum.q*datum.bend*(2 - 3*datum.q) : datum.bend"
        steps = [] if kind == "line" else score
        steps.append({"k0": "v_variant ? 0 : 2" if kind == "line" else sigmoid, "u": "datum.x - v_x0"})
        steps.append({"k1": "datum.k0*datum.u", "k2": "datum.k0*datum.u*datum.u"})
        spread = "datum.m0*datum.m2 - datum.m1*datum.m1"
        return steps, {
            "h11": "datum.m2 + v_x0*(2*datum.m1 + v_x0*datum.m0) + v_l2",
            "h12": "datum.m1 + v_x0*datum.m0",
            "h22": "datum.m0",
            # equal x leave what rounding leaves
            "det": f"(abs({spread}) < 1e-14*abs(datum.m0*datum.m2) ? 0 : {spread}) + v_l2*datum.m0",
        }
    steps = {
        "tiny network": [
            {"t": "1 - 2/(exp(2*w*datum.x) + 1)"},
            {"r": "b*datum.t - datum.y", "s": "(1 - datum.t*datum.t)*datum.x"},
            {
                "k0": "2*datum.s*b*(datum.s*b - 2*datum.r*datum.t*datum.x)",
                "k1": "2*datum.s*(b*datum.t + datum.r)",
                "k2": "2*datum.t*datum.t",
            },
        ],
        "puromycin": [
            {"q": "b > 0 ? datum.x/(0.1*b + datum.x) : NaN", "s": "10/(0.1*b + datum.x)"},
            {"r": "100*w*datum.q - datum.y", "t": "w*datum.q*datum.s"},
            {
                "k0": "20000*datum.q*datum.q",
                "k1": "-2*datum.q*(100*datum.t + datum.r*datum.s)",
                "k2": "2*datum.t*(datum.t + 0.02*datum.r*datum.s)",
            },
        ],
    }[kind]
    det = "datum.m0*datum.m2 - datum.m1*datum.m1"
    return steps, {"h11": "datum.m0", "h12": "datum.m1", "h22": "datum.m2", "det": det}


# Step by step from `h11`, `h12`, `h22` and `det`: the eigenvalues low <= high, and the direction of the larger as an
# angle. The one that is larger in size comes first, the other from the determinant, where nothing cancels.
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


def number(value: str) -> str:
    """An expression that prints a number with three significant digits, in words where it is not finite."""
    return (
        f"(!isFinite({value}) ? 'not a finite number' : {value} != 0 && (abs({value}) < 1e-3 || abs({value}) >= 1e5)"
        f" ? format({value}, '.2e') : format({value}, '.3~r'))"
    )


def _put(formula: str, names: dict[str, str]) -> str:
    for part, meaning in PARTS.items():
        formula = re.sub(rf"\b{part}\b", meaning, formula)
    return re.sub(r"(?<![.\w])[A-Za-z](?!\w)", lambda m: names.get(m.group(), m.group()), formula)
