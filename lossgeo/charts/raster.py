"""Maps as small lossless WebP images: bands between contour levels, basins of attraction, signs of the eigenvalues.

One image pixel per screen pixel keeps edges sharp. Vega-Lite has no contour mark, and 160,000 coloured rectangles
would need a hundred times as many bytes.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL import WebPImagePlugin as _  # noqa: F401  otherwise the first map loads the plugins of all formats

from lossgeo.charts.style import VIRIDIS
from lossgeo.contracts import Array
from lossgeo.descent import Basins
from lossgeo.descent.many import DIVERGED, MAXIMUM, MINIMUM, SADDLE
from lossgeo.surfaces import bands

Colour = tuple[int, int, int]


def palette(count: int) -> Array:
    """`count` colours along viridis, dark for low values: shape (count, 3), 0 to 255."""
    at = np.linspace(0, len(VIRIDIS) - 1, count)
    return np.stack([np.interp(at, range(len(VIRIDIS)), channel) for channel in zip(*VIRIDIS, strict=True)], axis=1)


def band_image(values: Array, levels: Array) -> str:
    """The bands between `levels` over `values` (ny, nx), as the data URL of an image.

    Row 0 of `values` is at the bottom of the image. Cells that are not finite are transparent: there the function
    is undefined or overflows.
    """
    index = bands(values, levels).astype(np.int8)
    count = len(levels) + 1
    edge = np.zeros(index.shape, bool)
    edge[:, 1:] |= index[:, 1:] != index[:, :-1]
    edge[1:] |= index[1:] != index[:-1]
    colours = palette(count)
    index += np.int8(count) * edge
    index[~np.isfinite(values)] = 2 * count
    image = Image.fromarray(index[::-1].view(np.uint8), "P")
    table = np.vstack([colours, 0.68 * colours, np.zeros((1, 3))]).astype(np.uint8)
    image.putpalette(table.tobytes())
    return data_url(image, 2 * count)


def data_url(image: Image.Image, transparent: int) -> str:
    """A palette image as the data URL of a lossless WebP. `transparent` is the index of the transparent colour."""
    image.info["transparency"] = transparent
    out = io.BytesIO()
    image.convert("RGBA").save(out, "WEBP", lossless=True, quality=50, method=2)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


# --- basins, signs ------------------------------------------------------------------------------------

# Colours of the minima (Okabe and Ito 2008), and of all other outcomes.
HUES: tuple[Colour, ...] = ((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (213, 94, 0))
OTHER: dict[str, Colour] = {
    "diverged": (30, 30, 30),
    "did not settle": (165, 165, 165),
    "saddle": (255, 255, 255),
    "maximum": (250, 235, 120),
    "another minimum": (120, 85, 60),
}
SHADES = 8


def hue(label: int) -> Colour:
    """The colour of a minimum by its index; six colours are used in turn."""
    return HUES[label % len(HUES)]


def shade(colour: Colour, level: int) -> Colour:
    """The colour at a level from 0 (light, few steps) to SHADES - 1 (dark, many steps)."""
    t = level / (SHADES - 1)
    white, keep = 0.62 * (1 - t), 1.0 - 0.3 * max(0.0, 2 * t - 1)
    r, g, b = (round(keep * (c + white * (255 - c))) for c in colour)
    return r, g, b


def css(colour: Sequence[float]) -> str:
    """The colour as CSS has it, such as #ff8000."""
    return "#" + "".join(f"{round(c):02x}" for c in colour)


def basin_image(basins: Basins) -> str:
    """Where each start (ny, nx) ends, as a data URL: hue for the minimum, darker for more steps."""
    outcome, label = basins.outcome, basins.label
    found = (outcome == MINIMUM) & (label >= 0)
    counts = np.log(np.maximum(basins.steps, 1.0))
    low, high = (float(counts[found].min()), float(counts[found].max())) if found.any() else (0.0, 1.0)
    level = np.clip((counts - low) / (high - low or 1.0) * SHADES, 0, SHADES - 1).astype(int)
    others = len(HUES) * SHADES
    index = np.full(outcome.shape, others + list(OTHER).index("did not settle"))
    for kind, name in ((DIVERGED, "diverged"), (SADDLE, "saddle"), (MAXIMUM, "maximum"), (MINIMUM, "another minimum")):
        index[outcome == kind] = others + list(OTHER).index(name)
    index[found] = (label[found] % len(HUES)) * SHADES + level[found]
    colours = [shade(c, k) for c in HUES for k in range(SHADES)] + list(OTHER.values())
    return palette_image(index, colours)


def palette_image(index: NDArray[np.intp], colours: Sequence[Colour]) -> str:
    """The colours with the indices `index` (ny, nx) as a data URL, row 0 at the bottom; -1 is transparent."""
    times = max(1, 400 // index.shape[0])  # enlarged here, because a browser would blur the image
    cells = np.where(index < 0, len(colours), index)[::-1].astype(np.uint8)
    image = Image.fromarray(cells.repeat(times, axis=0).repeat(times, axis=1), "P")
    image.putpalette(np.array([*colours, (0, 0, 0)], np.uint8).tobytes())
    return data_url(image, len(colours))


# What the signs of the two eigenvalues mean -> the symbol on the map, its colour.
SIGNS: dict[str, tuple[str, Colour]] = {
    "both curvatures positive: curves up in every direction": ("∪", (150, 200, 235)),
    "one positive, one negative: a saddle's shape": ("×", (245, 200, 110)),
    "both negative: curves down in every direction": ("∩", (215, 160, 200)),
    "a curvature is zero to rounding": ("0", (225, 225, 225)),
}
