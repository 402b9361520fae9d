"""Symmetric 2x2 matrices in closed form: eigenvalues and inverses of Hessians of two parameters.

A matrix h = [[a, c], [c, d]] is an array (..., 2, 2). All functions broadcast over the leading axes. Entries must
be below 1e150 in absolute value, so that their squares do not overflow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_CHECKERBOARD = np.array([[1.0, -1.0], [-1.0, 1.0]])


def eigenvalues_2x2(h: ArrayLike, det: ArrayLike | None = None) -> Array:
    """The two eigenvalues of h (..., 2, 2), ascending: shape (..., 2).

    With m = (a + d)/2, the eigenvalue of larger absolute value is m +- hypot((a - d)/2, c), with the sign of m.
    The other one is the determinant divided by it, which avoids the cancellation of a difference. Pass `det`
    (...) if the determinant is known more accurately than a d - c^2.
    """
    h = np.asarray(h, float)
    a, c, d = h[..., 0, 0], h[..., 0, 1], h[..., 1, 1]
    m = 0.5 * (a + d)
    large = m + np.copysign(np.hypot(0.5 * (a - d), c), m)
    product = a * d - c * c if det is None else np.asarray(det, float)
    # large is 0 only for the zero matrix; then the other eigenvalue is 0 too.
    small = np.divide(product, large, out=np.zeros_like(large), where=large != 0.0)
    both = np.empty((*np.shape(large), 2))
    np.fmin(large, small, out=both[..., 0])
    np.maximum(large, small, out=both[..., 1])  # like a sort: nan last
    return both


def adjugate(h: Array) -> Array:
    """[[d, -c], [-c, a]], which is the determinant times the inverse of h: shape (..., 2, 2)."""
    flipped: Array = h[..., ::-1, ::-1] * _CHECKERBOARD
    return flipped


def inverse(h: Array) -> Array:
    """The inverse of h, adjugate / determinant, or the pseudo-inverse if h is singular: shape (..., 2, 2).

    A singular h = lambda e e' with a unit vector e has the pseudo-inverse e e'/lambda = h / lambda^2. The zero
    matrix is its own pseudo-inverse.
    """
    largest = np.abs(h).max(axis=(-2, -1), keepdims=True)
    tiny = (largest > 0.0) & (largest < 1e-100)
    if tiny.any():  # the products of its entries would be rounded to 0
        unit = np.exp2(np.floor(np.log2(largest, out=np.zeros_like(largest), where=tiny)))
        with np.errstate(over="ignore"):
            scaled: Array = inverse(h / unit) / unit
        return scaled
    a, c, d = h[..., 0, 0], h[..., 0, 1], h[..., 1, 1]
    cc = c * c
    det = a * d - cc
    singular = np.abs(det) <= 1e-14 * (np.abs(a * d) + cc)  # both sides scale alike with the units of the parameters
    if not singular.any():
        return adjugate(h) / det[..., None, None]
    square = a * a + 2.0 * cc + d * d
    det = np.where(singular, np.where(square > 0, square, 1.0), det)
    pseudo: Array = np.where(singular[..., None, None], h, adjugate(h)) / det[..., None, None]
    return pseudo
