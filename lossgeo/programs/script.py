"""The current picture as a script of NumPy and Matplotlib that computes the same numbers without lossgeo.

A `Picture` describes what is on the screen. `script` turns it into a program, `notebook` into a Jupyter notebook,
and `file_name` names the file. The program is meant to be read: data, loss with gradient, grid, descent, plot,
with each method in the form of its formula. Landscapes use the very code that the page runs. Losses and methods
are written out again in `listings`; tests/test_script.py compares their results with those of the page.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from lossgeo.contracts import Array, Dataset, Landscape, Loss, Window
from lossgeo.descent import Method
from lossgeo.descent.stopping import FAR
from lossgeo.landscapes import LeastSquares
from lossgeo.linear_loss import LinearLoss
from lossgeo.networks import Plane
from lossgeo.programs import network_listing
from lossgeo.programs.listings import LINEAR, METHODS, SCHEDULE, SIGMOID

GRID = 100  # points per side of the map that the script computes
MANY = 2000  # samples; with more, the program computes its map row by row, to save memory
READABLE = 8  # lines of a list of numbers that are shown where the program is only read
WIDTH = 100  # maximum length of a line of code


@dataclass(frozen=True, eq=False)
class Picture:
    """A loss over a window, with the runs drawn on it.

    For a loss of data, `raw` is the original data set, generated with `knobs` if it is synthetic. It is the data
    before the last point was moved by `right` and `up`, and before x was standardised. All methods that use a
    learning rate share it and its schedule. `equal` gives both axes the same scale, `solid` draws the surface in
    3-D, `colours` maps a method to its colour.
    """

    loss: Loss
    window: Window
    methods: tuple[Method, ...]
    start: tuple[float, float]
    steps: int
    raw: Dataset | None = None
    knobs: Mapping[str, Any] = field(default_factory=dict)
    right: float = 0.0
    up: float = 0.0
    standardised: bool = False
    equal: bool = False
    solid: bool = False
    colours: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two parameters: (w, b) for a line, those of the landscape otherwise."""
        return self.loss.parameters

    @property
    def title(self) -> str:
        """One line that says what is shown."""
        if isinstance(self.loss, LinearLoss):
            return f"{self.loss.name.capitalize()}, {self.loss.dataset.name}"
        if isinstance(self.loss, Plane):
            return f"A plane through the network {self.loss.name}"
        return f"The landscape {self.loss.name}"


class Part(NamedTuple):
    """A section of the program: a heading, a sentence or a formula in $, and the code."""

    heading: str
    words: str
    code: str


def script(picture: Picture) -> str:
    """The program as text.

    Raises ValueError if the methods differ in learning rate or schedule.
    """
    parts = _parts(picture)
    drawn = ", ".join(["its map", *(method.name for method in picture.methods)])
    about = textwrap.fill(f'"""{picture.title}: {drawn}."""', WIDTH)
    blocks = [f"{about}\n\n{parts[0].code}"]
    for part in parts[1:]:
        says = "" if "$" in part.words else textwrap.fill(part.words, WIDTH - 2)
        words = "".join(f"\n# {line}" for line in says.splitlines())
        blocks.append(f"# --- {part.heading} ---{words}\n{part.code.strip()}")
    return "\n\n\n".join(block.strip() for block in blocks) + "\n"


def shortened(program: str) -> str:
    """The program for reading only: of long lists of numbers the first lines, and how many numbers follow."""

    def cut(found: re.Match[str]) -> str:
        lines = found[0].splitlines()
        rest = lines[READABLE:-1]
        left = sum(len(line.split()) for line in rest)
        return "\n".join(
            [*lines[:READABLE], f"    # ... and {left} more numbers: the downloads have all of them", lines[-1]]
        )

    return re.sub(rf"(?m)^\w = np\.array\(\[\n(?:    .*\n){{{2 * READABLE},}}\].*$", cut, program)


def notebook(picture: Picture) -> str:
    """The program as a Jupyter notebook (nbformat 4.5) in JSON, with a text cell and a code cell for each section.

    Raises ValueError if the methods differ in learning rate or schedule.
    """
    cells: list[dict[str, Any]] = []
    for part in _parts(picture):
        words = f"# {picture.title}" if not cells else f"## {part.heading}"
        words += f"\n\n{part.words}" if part.words else ""
        for kind, source in (("markdown", words), ("code", part.code.strip())):
            cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}}
            cell["source"] = source.splitlines(keepends=True)
            cells.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {
            "cells": cells,
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
        ensure_ascii=False,
    )


def file_name(picture: Picture, ending: str) -> str:
    """A file name from the data and the methods, in plain ASCII, such as lossgeo-chapter-line-adam.py."""
    what = picture.loss.name if picture.raw is None else picture.raw.name
    words = " ".join([what, *(method.name for method in picture.methods)])
    return f"lossgeo-{re.sub(r'[^a-z0-9]+', '-', words.lower()).strip('-')}.{ending}"


ALL_STEPS = "The page stops a run that has arrived; here it takes all its steps."


def _parts(picture: Picture) -> list[Part]:
    """The sections of the program, in order."""
    head = Part("Settings", "Needs NumPy and Matplotlib, nothing else.", _settings(picture))
    if isinstance(picture.loss, LinearLoss):
        data = Part("The data", "", _data(picture))
        loss = Part("The loss", f"${picture.loss.formula}$", _linear(picture, picture.loss))
    elif isinstance(picture.loss, LeastSquares):
        it: Dataset = picture.loss.dataset
        data = Part("The data", "", TANH if it.name == "tanh samples" else _literal(it))
        loss = Part("The loss", f"${picture.loss.formula}$", _fit(picture, picture.loss))
    elif isinstance(picture.loss, Plane):
        data = Part("The data", "", network_listing.data(picture.loss, _array))
        words = "The weights below are those of the page, computed there; the loss is computed here."
        loss = Part("The loss", words, network_listing.loss(picture.loss, _array, _second(picture)))
    else:
        assert isinstance(picture.loss, Landscape)
        formula = f"${picture.loss.formula}$ ({picture.loss.citation})"
        loss = Part("The function", formula, _landscape(picture, picture.loss))
        data = None
    grid = Part("The surface", "", _grid(picture))
    parts = [head, *([data] if data else []), loss, grid]
    if picture.methods:
        parts.append(Part("The descent", ALL_STEPS, _descent(picture)))
    return [*parts, Part("The picture", "", _plot(picture))]


# --- numbers -----------------------------------------------------------------------------------------


def _n(value: float) -> str:
    """The number in the fewest characters that still give it back exactly."""
    value = float(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _f(value: float) -> str:
    """The same, written as a float."""
    text = _n(value)
    return text if re.search(r"[.e]", text) else f"{text}.0"


def _plus(value: float, factor: str = "") -> str:
    """A signed term of a sum, such as + 2 z or - 2 z for the factor z."""
    return f" {'-' if value < 0 else '+'} {_n(abs(value))}{factor}"


def _array(name: str, values: Array) -> str:
    """The source code of an array (n,) with all its numbers, on wrapped lines."""
    whole = bool(np.all(values == np.round(values)) and np.abs(values).max() < 1e15)
    numbers = [str(int(v)) if whole else repr(float(v)) for v in values]
    end = "], float)" if whole else "])"
    line = f"{name} = np.array([{', '.join(numbers)}{end}"
    if len(line) <= WIDTH:
        return line
    inner = textwrap.fill(", ".join(numbers), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{name} = np.array([\n{inner}\n{end}"


# --- settings and data -------------------------------------------------------------------------------


def _settings(picture: Picture) -> str:
    """The imports and the constants."""
    lines = [
        "import matplotlib.pyplot as plt",
        "import numpy as np",
        "",
        f"GRID = {GRID}  # points a side of the map",
        f"START = np.array([{_f(picture.start[0])}, {_f(picture.start[1])}])",
    ]
    if picture.methods:
        lines.append(f"STEPS = {picture.steps}")
    if rated := _rated(picture):
        lines.append(f"ETA = {_n(float(rated[0].learning_rate))}  # the learning rate")
    if picture.loss.l2:
        lines.append(f"L2 = {_n(picture.loss.l2)}  # the penalty is L2/2 w^2; b is free")
    return "\n".join(lines)


def _rated(picture: Picture) -> list[Method]:
    """The methods that use the learning rate. Raises ValueError unless they share it and its schedule."""
    rated = [m for m in picture.methods if m.uses_rate]
    if len({(float(m.learning_rate), m.schedule) for m in rated}) > 1:
        raise ValueError("methods must share the learning rate and its schedule")
    return rated


def _data(picture: Picture) -> str:
    """The code that makes the data: original set, moved point, standardisation."""
    raw = picture.raw
    assert raw is not None
    made = {"chapter line": _line_data, "two classes": _class_data}.get(raw.name)
    lines = made(raw, picture.knobs) if made else [_literal(raw)]
    if picture.right or picture.up:
        lines.append("last = np.argmax(x)  # the point that is pulled, by so many ranges of x and y")
        for name, by, values in (("x", picture.right, raw.x), ("y", picture.up, raw.y)):
            if by:
                range_of = f"np.ptp({name})" if np.ptp(values) else "1.0"
                lines.append(f"{name}[last] += {_n(by)} * {range_of}")
    if picture.standardised:
        pulled = raw.x.copy()
        if picture.right:
            pulled[np.argmax(pulled)] += picture.right * (float(np.ptp(pulled)) or 1.0)
        if np.ptp(pulled):
            lines.append("x = x - x.mean()  # standardise; what rounding leaves of the mean goes below")
            lines.append("x = (x - x.mean()) / x.std()")
        else:
            lines.append("x = np.zeros_like(x)  # all x are equal: standardised, all are 0")
    return "\n".join(lines)


def _literal(data: Dataset) -> str:
    """x and y as numbers. Labels that are sorted into two blocks become np.repeat."""
    ones = int(data.y.sum())
    blocks = data.labels_are_binary and data.n > 20 and bool(np.all(np.diff(data.y) >= 0))
    y = f"y = np.repeat([0.0, 1.0], [{data.n - ones}, {ones}])" if blocks else _array("y", data.y)
    labels = "" if data.x_label == "x" else f"x: {data.x_label}, y: {data.y_label}. "
    about = textwrap.wrap(labels + data.source, WIDTH - 2)
    return "\n".join([*(f"# {line}" for line in about), _array("x", data.x), y])


TANH = """\
# y = tanh(1.5 x) + 0.1 z, z standard normal
x = np.linspace(-2, 2, 20)
y = np.tanh(1.5 * x) + 0.1 * np.random.default_rng(1).standard_normal(20)"""


def _line_data(raw: Dataset, knobs: Mapping[str, Any]) -> list[str]:
    """The code of the generator `datasets.chapter_line`."""
    k = {"slope": 2.0, "intercept": 1.0, "noise": 0.1, "seed": 0, "outliers": 0, "outlier_size": 2.0}
    k |= {"scale": 1.0, "offset": 0.0, "constant_x": False} | dict(knobs)
    lines = [
        f"# y = {_n(k['slope'])} x{_plus(k['intercept'])}{_plus(k['noise'])} z, z standard normal",
        f"x = np.full({raw.n}, 0.5)" if k["constant_x"] else f"x = np.linspace(0, 1, {raw.n})",
        f"z = np.random.RandomState({k['seed']}).standard_normal({raw.n})  # as np.random.seed({k['seed']})",
        f"y = {_n(k['slope'])} * x{_plus(k['intercept'])}{_plus(k['noise'], ' * z')}",
    ]
    if k["outliers"]:
        lines.append(f"y[{raw.n - k['outliers']}:] += {_n(k['outlier_size'])}  # outliers at the right end")
    return lines + _units(k)


def _class_data(raw: Dataset, knobs: Mapping[str, Any]) -> list[str]:
    """The code of the generator `datasets.two_classes`."""
    k = {"gap": 2.0, "seed": 0, "flips": 0, "separable": False, "balance": 0.5, "scale": 1.0, "offset": 0.0}
    k |= dict(knobs)
    ones = int(np.floor(k["balance"] * raw.n + 0.5))
    lines = [
        f"# Two normal classes with standard deviation 1, their centres {_n(k['gap'])} apart",
        f"y = np.repeat([0.0, 1.0], [{raw.n - ones}, {ones}])",
        "sign = 2 * y - 1  # -1 for class 0, +1 for class 1",
        f"x = np.random.default_rng({k['seed']}).standard_normal({raw.n}) + sign * {_n(k['gap'])} / 2",
    ]
    if k["separable"] and 0 < ones < raw.n:
        lines += [
            "between = x[y == 1].min() - x[y == 0].max()",
            "x += sign * max(0.0, (1 - between) / 2)  # push the classes apart, to a gap of at least 1",
        ]
    if k["flips"]:
        lines += [
            f'deepest = np.argsort(-sign * x, kind="stable")[:{k["flips"]}]',
            "y[deepest] = 1 - y[deepest]  # wrong labels, furthest inside their own class",
        ]
    return lines + _units(k)


def _units(k: Mapping[str, Any]) -> list[str]:
    """The code that changes the units of x, if they were changed."""
    if k["scale"] == 1.0 and k["offset"] == 0.0:
        return []
    offset = _plus(k["offset"]) if k["offset"] else ""
    return [f"x = {_n(k['scale'])} * x{offset}  # other units"]


# --- losses of a line --------------------------------------------------------------------------------


def _linear(picture: Picture, it: LinearLoss) -> str:
    """The code of a loss of the linear score, with its gradient and, if a method needs it, its Hessian."""
    loss, l2 = LINEAR[type(it)], it.l2 > 0
    side = ["    side = 1 - 2 * y  # +1 for class 0, -1 for class 1"] if loss.side else []
    penalty = " + L2 / 2 w^2" if l2 else ""
    batches = any(m.needs_data for m in picture.methods)
    lines = [
        "def loss(p):",
        f'    """L(w, b) = {loss.words}{penalty}, with z = w x + b."""',
        "    w, b = p",
        *side,
        "    z = w[..., None] * x + b[..., None]  # for one (w, b), or for a whole grid of them",
        f"    return np.mean({loss.value}, axis=-1){' + L2 / 2 * w**2' if l2 else ''}",
        "",
        "",
        f"def gradient(p{', x=x, y=y' if batches else ''}):",
        f'    """dL/dw = mean of d x{" + L2 w" if l2 else ""}, dL/db = mean of d, d = {loss.in_words}."""',
        "    w, b = p",
        *side,
        "    z = w * x + b",
        *(f"    {line}" for line in loss.slope),
        f"    return np.array([np.mean(d * x){' + L2 * w' if l2 else ''}, np.mean(d)])",
    ]
    if _second(picture):
        error = [f"    {line}" for line in loss.slope[:-1]]
        score = ["    w, b = p", *(side if error else []), "    z = w * x + b", *error]
        lines += [
            "",
            "",
            "def hessian(p):",
            '    """The mean of c [[x^2, x], [x, 1]], c the second derivative of a term in z."""',
            *(score if loss.side else []),
            f"    c = {loss.curvature}",
            f"    w_w = np.mean(c * x**2){' + L2' if l2 else ''}",
            "    return np.array([[w_w, np.mean(c * x)], [np.mean(c * x), np.mean(c)]])",
        ]
    body = "\n".join(lines)
    return f"{SIGMOID}\n\n\n{body}" if loss.side else body


def _second(picture: Picture) -> bool:
    """Whether a method needs second derivatives."""
    return any(method.second_order for method in picture.methods)


# --- landscapes: their own code ----------------------------------------------------------------------


def _landscape(picture: Picture, landscape: Landscape) -> str:
    """The functions `f`, `df` and, if needed, `d2f` of a landscape."""
    x, y = landscape.parameters
    cited = "\n".join(f"# {line}" for line in textwrap.wrap(landscape.citation, WIDTH - 2))
    says = [cited, f"# (df/d{x}, df/d{y})", "# The second derivatives"]
    code = landscape.expression.program(("f", "df", "d2f"), _second(picture))
    return "\n\n\n".join([*(f"{about}\n{part}" for about, part in zip(says, code, strict=False)), _by_point(picture)])


def _by_point(picture: Picture) -> str:
    """The code of loss, gradient and Hessian as functions of a point, from f, df and d2f."""
    code = textwrap.dedent("""\
        def loss(p):
            return f(*p)


        def gradient(p):
            return np.array(df(*p))""")
    if _second(picture):
        code += textwrap.dedent("""


            def hessian(p):
                f_xx, f_xy, f_yy = d2f(*p)
                return np.array([[f_xx, f_xy], [f_xy, f_yy]])""")
    return code


def _fit(picture: Picture, fit: LeastSquares) -> str:
    """The mean squared error of a model that is not affine in its parameters, with its derivatives."""
    a, b = fit.parameters
    says = ["# The model", "# Its slopes in the two parameters", "# Its second derivatives"]
    code = fit.prediction.program(("model", "dmodel", "d2model"), _second(picture))
    parts = [f"{about}\n{part}" for about, part in zip(says, code, strict=False)]
    parts.append(
        textwrap.dedent(f'''\
        def loss(p):
            """f({a}, {b}) = mean of r^2, with r = model - y."""
            {a}, {b} = p
            r = model({a}[..., None], {b}[..., None], x) - y  # for one point, or for a whole grid
            return np.mean(r**2, axis=-1)


        def gradient(p):
            """The chain rule: mean of 2 r m_{a}, mean of 2 r m_{b}."""
            r = model(*p, x) - y
            m_{a}, m_{b} = dmodel(*p, x)
            return 2 * np.array([np.mean(r * m_{a}), np.mean(r * m_{b})])''')
    )
    if _second(picture):
        parts.append(
            textwrap.dedent(f'''\
            def hessian(p):
                """mean of 2 (m_{a} m_{b} + r m_{a}{b}), and so on for each pair."""
                r = model(*p, x) - y
                m_{a}, m_{b} = dmodel(*p, x)
                m_{a}{a}, m_{a}{b}, m_{b}{b} = d2model(*p, x)
                f_{a}{b} = np.mean(m_{a} * m_{b} + r * m_{a}{b})
                f_{a}{a}, f_{b}{b} = np.mean(m_{a}**2 + r * m_{a}{a}), np.mean(m_{b}**2 + r * m_{b}{b})
                return 2 * np.array([[f_{a}{a}, f_{a}{b}], [f_{a}{b}, f_{b}{b}]])''')
        )
    return "\n\n\n".join(parts)


# --- grid, descent, picture --------------------------------------------------------------------------


def _grid(picture: Picture) -> str:
    """The code of the grid and the surface."""
    (a0, a1), (b0, b1) = picture.window
    a, b = (f"{name}_axis" for name in picture.names)
    second, where = picture.names[1], f"row = {picture.names[1]}, column = {picture.names[0]}"
    surface = f"surface = loss(np.array(np.meshgrid({a}, {b})))  # {where}"
    if picture.loss.terms > MANY:
        row = f"loss(np.array([{a}, np.full(GRID, {second})]))"
        surface = f"# one row at a time: {where}\nsurface = np.array([{row} for {second} in {b}])"
    return "\n".join(
        [f"{a} = np.linspace({_n(a0)}, {_n(a1)}, GRID)", f"{b} = np.linspace({_n(b0)}, {_n(b1)}, GRID)", surface]
    )


def _descent(picture: Picture) -> str:
    """The code of the methods and of the loop that runs them."""
    parts = []
    rated = _rated(picture)
    schedule = rated[0].schedule if rated else "constant"
    if schedule != "constant":
        parts.append(f"def rate(t):\n    return {SCHEDULE[schedule]}")
    for method in picture.methods:
        settings = {name: _n(value) if isinstance(value, float) else value for name, value in vars(method).items()}
        own = "" if float(method.learning_rate) == 1.0 else f"{_n(float(method.learning_rate))} * "
        eta = "ETA" if schedule == "constant" else "rate(t)"
        parts.append(METHODS[method.name].format(**settings, eta=eta, own=own))
    far = max(max(abs(low), abs(high)) for low, high in picture.loss.view) * 2.0 * FAR
    far = max(far, 10.0 * max(abs(c) for c in picture.start))
    names = ", ".join(f'"{m.name}": {m.name.replace(" ", "_")}' for m in picture.methods)
    if len(names) > WIDTH - 13:
        names = "\n    " + names.replace(", ", ",\n    ") + ",\n"
    parts.append(
        textwrap.dedent(f'''\
        def run(method, far={_n(float(f"{far:.0e}"))}):
            """The points of a run, the start first; it ends early where it has diverged."""
            path = [START]
            for p in method(START):
                if not (np.abs(p).max() < far and np.isfinite(loss(p))):
                    break
                path.append(p)
            return np.array(path)''')
    )
    parts.append(
        f"methods = {{{names}}}\n"
        "runs = {name: run(method) for name, method in methods.items()}\n"
        "for name, path in runs.items():\n"
        '    print(f"{name}: {len(path) - 1} steps, end {path[-1]}, loss {loss(path[-1]):.6g}")'
    )
    return "\n\n\n".join(parts)


def _plot(picture: Picture) -> str:
    """The code of the plot."""
    a, b = picture.names
    colours = "".join(f"\n    {name!r}: {picture.colours[name]!r}," for name in _coloured(picture))
    lines = [
        "finite = surface[np.isfinite(surface)]",
        "low, near, high = np.quantile(finite, [0, 0.002, 0.98])",
        'print(f"lowest value on the grid: {low:.6g}")',
    ]
    if colours:
        lines.append(f"colours = {{{colours}\n}}".replace("'", '"'))
    style = ", color=colours[name]" if colours else ""
    if picture.solid:
        lines += [
            'fig, ax = plt.subplots(figsize=(8, 6), subplot_kw={"projection": "3d"})',
            "ax.computed_zorder = False  # draw the paths over the surface",
            f"grid = np.meshgrid({a}_axis, {b}_axis)",
            'ax.plot_surface(*grid, np.clip(surface, None, high), cmap="viridis", alpha=0.9)',
        ]
        path = "*path.T, loss(path.T)"
        inside = [
            f"    low_end, high_end = np.transpose([{a}_axis[[0, -1]], {b}_axis[[0, -1]]])",
            "    path = path[np.all((path >= low_end) & (path <= high_end), axis=1)]  # what is in view",
        ]
    else:
        lines += [
            "top = high - low or 1.0",
            "levels = low + np.geomspace(max(near - low, 1e-4 * top), top, 12)  # closer near the lowest",
            "shades = plt.cm.viridis(np.linspace(0, 1, 13))  # one a band",
            "fig, ax = plt.subplots(figsize=(7, 6))",
            f'filled = ax.contourf({a}_axis, {b}_axis, surface, levels, colors=shades, extend="both")',
            f'ax.contour({a}_axis, {b}_axis, surface, levels, colors="white", linewidths=0.4)',
            'fig.colorbar(filled, label="loss")',
        ]
        path, inside = "*path.T", []
    if picture.methods:
        lines += [
            'for (name, path), line in zip(runs.items(), ["-", "--", ":", "-."]):',
            *inside,
            f'    ax.plot({path}, line, marker=".", label=name{style})',
        ]
    if not picture.solid:
        lines.append('ax.plot(*START, "s", color="white", markeredgecolor="black", label="start")')
        lines.append(f"ax.set(xlim={a}_axis[[0, -1]], ylim={b}_axis[[0, -1]])")
        lines += ['ax.set_aspect("equal")'] if picture.equal else []
    lines += [f'ax.set(xlabel="{a}", ylabel="{b}")', f'ax.set_title("{picture.title}")']
    lines += ["ax.legend()"] if picture.methods or not picture.solid else []
    return "\n".join([*lines, "plt.show()"])


def _coloured(picture: Picture) -> list[str]:
    """The names of the methods that have a colour."""
    return [m.name for m in picture.methods if m.name in picture.colours]
