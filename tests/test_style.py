"""Colours and dashes: legible on both grounds, and never colour alone."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from lossgeo.charts.map_panel import RIMS
from lossgeo.charts.style import (
    CLASS_ONE,
    CLASS_ZERO,
    LAYOUTS,
    LINES,
    METHODS,
    PAIR,
    SAMPLE,
    VIRIDIS,
    YOU,
    ChartStyle,
    fits,
)
from lossgeo.descent import OPTIMIZERS
from lossgeo.ui.runtime.stylesheet import PROGRAM

ROOT = Path(__file__).resolve().parents[1]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
GROUNDS = {"light": "#FFFFFF", "dark": "#10171C"}
COLOURS = {
    **{name: colour for name, (colour, _) in LINES.items()},
    "you": YOU, "sample": SAMPLE, "class one": CLASS_ONE, "class zero": CLASS_ZERO,
}  # fmt: skip
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
VISION = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour):
    """Linear RGB of "#rrggbb"."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    """WCAG 2 contrast ratio, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIELAB (D65) of linear RGB."""
    xyz = np.clip(rgb, 0, 1) @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    t = xyz / (0.9505, 1.0, 1.089)
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_of_known_colours():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", COLOURS)
def test_marks_stand_out_from_the_ground(name, ground):
    assert re.fullmatch(r"#[0-9A-F]{6}", COLOURS[name]), f"the colour of {name!r} must be like #00AAFF"
    found = contrast(COLOURS[name], GROUNDS[ground])
    assert found >= 3, f"the colour of {name!r} has a contrast of {found:.2f} to the {ground} ground, less than 3"


@pytest.mark.parametrize("ground", GROUNDS)
def test_grounds_and_text_are_those_of_the_theme(ground):
    theme = THEME[ground]
    assert theme["backgroundColor"] == GROUNDS[ground]
    assert contrast(theme["textColor"], theme["backgroundColor"]) >= 7
    assert contrast(theme["textColor"], theme["secondaryBackgroundColor"]) >= 7
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 4.5
    assert contrast(theme["primaryColor"], theme["secondaryBackgroundColor"]) >= 3


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("what", PROGRAM)
def test_programs_can_be_read(what, ground):
    """Their ground lies between the two of the theme."""
    colour = PROGRAM[what][ground == "dark"]
    assert min(contrast(colour, THEME[ground][key]) for key in ("backgroundColor", "secondaryBackgroundColor")) >= 5


def test_every_method_has_a_colour_and_a_dash_of_its_own():
    wrong = sorted(set(METHODS) ^ set(OPTIMIZERS))
    assert not wrong, f"METHODS of lossgeo/charts/style.py must give each method a colour and a dash: look at {wrong}"
    colours, dashes = zip(*METHODS.values(), strict=True)
    patterns = {dash if len(dash) != 2 or dash[1] else "solid" for dash in dashes}
    for what, different in (("colour", set(colours)), ("dash", set(dashes)), ("dash", patterns)):
        assert len(different) == len(METHODS), f"two methods have the same {what} in lossgeo/charts/style.py"


def test_dashes_differ_visibly():
    """Sampled along 60 pixels at every offset, two patterns disagree on a tenth of the way at least."""
    drawn = {}
    for name, (_, dash) in METHODS.items():
        on = np.repeat([i % 2 == 0 for i in range(len(dash))], dash)
        drawn[name] = np.resize(on, 600)
    for one, other in itertools.combinations(METHODS, 2):
        nearest = min(float(np.mean(drawn[one][:300] != drawn[other][k : k + 300])) for k in range(60))
        assert nearest >= 0.1, f"the dashes of {one!r} and {other!r} look alike: change one in lossgeo/charts/style.py"


@pytest.mark.parametrize("vision", ["normal", *VISION])
def test_lines_differ_for_every_eye(vision):
    """Lines of the same dash keep a distance in CIELAB; where two dashed ones come near, the dash tells them apart."""
    dashes = {name: dash for name, (_, dash) in METHODS.items()} | {"you": (1, 0)}
    matrix = np.array(VISION[vision]) if vision in VISION else np.eye(3)
    seen = {name: lab(matrix @ linear(COLOURS[name])) for name in dashes}
    for one, other in itertools.combinations(dashes, 2):
        if dashes[one] == dashes[other]:
            apart = np.linalg.norm(seen[one] - seen[other])
            assert apart >= 12, f"with {vision} vision the lines of {one!r} and {other!r} look alike ({apart:.1f} < 12)"


@pytest.mark.parametrize("vision", ["normal", *VISION])
def test_the_four_methods_of_the_lessons_differ_without_dashes(vision):
    matrix = np.array(VISION[vision]) if vision in VISION else np.eye(3)
    four = {name: lab(matrix @ linear(COLOURS[name])) for name in ("gradient descent", "momentum", "newton", "adam")}
    apart = {pair: np.linalg.norm(four[pair[0]] - four[pair[1]]) for pair in itertools.combinations(four, 2)}
    assert min(apart.values()) >= 19.9, f"with {vision} vision these look alike: {min(apart, key=apart.get)}"


@pytest.mark.parametrize("vision", ["normal", *VISION])
def test_a_and_b_differ_for_every_eye_and_from_every_method(vision):
    """They never stand beside methods, yet neither is to be taken for one."""
    matrix = np.array(VISION[vision]) if vision in VISION else np.eye(3)
    seen = {name: lab(matrix @ linear(COLOURS[name])) for name in ("A", "B", "you")}
    assert np.linalg.norm(seen["A"] - seen["B"]) >= 60
    assert min(np.linalg.norm(seen["you"] - seen[name]) for name in PAIR) >= 12
    assert PAIR["A"][1] == (1, 0) != PAIR["B"][1]
    assert not {colour for colour, _ in PAIR.values()} & {colour for colour, _ in METHODS.values()}


@pytest.mark.parametrize("vision", ["normal", *VISION])
def test_classes_differ_for_every_eye(vision):
    matrix = np.array(VISION[vision]) if vision in VISION else np.eye(3)
    assert np.linalg.norm(lab(matrix @ linear(CLASS_ONE)) - lab(matrix @ linear(CLASS_ZERO))) >= 40


def test_map_rises_in_lightness():
    """Low is dark and high is light, also in greyscale and on a poor projector."""
    lightness = [lab(linear(f"#{r:02X}{g:02X}{b:02X}"))[0] for r, g, b in VIRIDIS]
    assert np.all(np.diff(lightness) > 5)


# Windows in which each layout must fit: the column that is left beside the sidebar, if that is open, and a scroll bar.
BAR = 15
COLUMNS = {
    False: {
        "phone": 390 - 64, "small": 1024 - 320 - 64 - BAR, "laptop": 1280 - 300 - 64 - BAR, "broad": 1280 - 64 - BAR,
        "wide": 1030,
    },
    True: {
        "phone": 390 - 64, "small": 1024 - 300 - BAR, "laptop": 1280 - 300 - 40 - BAR, "broad": 1280 - 40 - BAR,
        "wide": 1920 - 40 - BAR,
    },
}  # fmt: skip


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout, projector):
    """The sizes fit their window with room for axes: about three characters of tick label and a title each."""
    style = ChartStyle(layout, projector)
    assert style.font >= (16 if projector else 12)
    assert min(*style.model, *style.loss) >= 80 - 5 * projector
    axis = 3.2 * style.font + 10
    if style.stacked:
        assert style.map_side + axis <= COLUMNS[projector][layout]
    elif style.columns:
        assert style.map_side + style.model[0] + style.loss[0] + 3 * axis + 32 <= COLUMNS[projector][layout]
    else:
        assert sum(style.right_heights) + style.legend_height <= style.map_side
        assert style.map_side + style.right_width + 2 * axis + 16 <= COLUMNS[projector][layout]


def test_projector_shows_the_same_picture_larger():
    """On 1920 pixels everything is one and a half times what it is on 1280: a class sees the same."""
    small, large = ChartStyle("broad", projector=True), ChartStyle("wide", projector=True)
    assert small.font >= 18
    for what in ("map_side", "font", "line"):
        assert getattr(large, what) == pytest.approx(1.5 * getattr(small, what)), what
    assert large.stage_height == pytest.approx(1.5 * small.stage_height, rel=0.03)
    assert ChartStyle("laptop").font < small.font
    assert ChartStyle("laptop").line < small.line


@pytest.mark.parametrize("projector", [False, True])
def test_layout_for_every_width(projector):
    starts = fits(projector)
    assert list(starts) == list(LAYOUTS)
    assert list(starts.values()) == sorted(starts.values())
    assert starts["phone"] == 0
    for layout in ("laptop", "broad"):
        assert starts[layout] <= COLUMNS[projector][layout], "a projector's own window gets this layout"


def test_lines_on_the_map_stand_out_by_their_rims():
    """No colour of a line has 3 to 1 against all of the map, nor has white: hence a dark hairline around the white rim.

    The contour under the pointer is black and white likewise.
    """
    assert [colour for colour, _ in RIMS] == ["black", "white"]
    assert RIMS[0][1] > RIMS[1][1] > 0, "the dark one shows around the white one, and that around the line"
    for r, g, b in VIRIDIS:
        ground = f"#{r:02X}{g:02X}{b:02X}"
        assert max(contrast("#000000", ground), contrast("#FFFFFF", ground)) >= 4.5, ground
    for name in METHODS:
        assert contrast(COLOURS[name], "#FFFFFF") >= 3, "the line against its rim"


def test_unknown_layout():
    with pytest.raises(ValueError, match="layout must be one of phone, small, laptop, broad, wide, got 'tablet'"):
        ChartStyle("tablet")
