"""The map as a small lossless WebP: filled bands between the level lines, the lines drawn as darker pixels.

One image pixel per screen pixel keeps the lines crisp. Vega-Lite has no contour mark, and 160,000 coloured
rectangles would cost a hundred times the bytes.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from lossgeo.charts.style import VIRIDIS
from lossgeo.datasets import Array
from lossgeo.surfaces import bands


def palette(count: int) -> Array:
    """`count` colours along viridis, dark = low, shape (count, 3)."""
    at = np.linspace(0, len(VIRIDIS) - 1, count)
    return np.stack([np.interp(at, range(len(VIRIDIS)), channel) for channel in zip(*VIRIDIS, strict=True)], axis=1)


def band_image(values: Array, levels: Array) -> str:
    """A data URL of the bands between `levels` over `values` (row = second parameter, upwards).

    Cells that are not finite are left transparent: there the function is not defined, or overflowed.
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
    """Lossless: the pixels are those of the image. WebP takes a quarter less than PNG, for 5 ms once a map."""
    image.info["transparency"] = transparent
    out = io.BytesIO()
    image.convert("RGBA").save(out, "WEBP", lossless=True, quality=50, method=2)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
