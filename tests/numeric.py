"""Fourth-order central differences, and assertions that print both sides when they disagree.

A derivative must agree to `rtol` times the size of the differences around the point, plus what
rounding does to a difference of numbers of that size. Choose a smaller `step` where the surface
bends on a smaller scale than one unit of a parameter, and keep kinks 2 steps away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


def central_differences(
    function: Callable[[Array], Array], p: ArrayLike, step: float = 1e-3
) -> tuple[Array, Array, Array]:
    """Derivatives in both parameters (new last axis), their scale and their rounding error.

    (f(p - 2h) - 8 f(p - h) + 8 f(p + h) - f(p + 2h)) / 12h; the error is h^4/30 times the fifth
    derivative. Scale and rounding have the leading shape of p.
    """
    p = np.asarray(p, dtype=float)
    middle = np.asarray(function(p))
    inner = tuple(range(p.ndim - 1, middle.ndim))  # axes of one function value
    derivatives, scale, rounding = [], np.zeros(p.shape[:-1]), np.zeros(p.shape[:-1])
    for j in range(2):
        h = np.maximum(step, 1e-6 * np.abs(p[..., j]))
        h = (p[..., j] + h) - p[..., j]  # a step that p can really take
        unit = np.eye(2)[j]
        f = np.stack([function(p + k * h[..., None] * unit) for k in (-2, -1, 1, 2)])
        wide = np.expand_dims(h, inner)
        derivatives.append((f[0] - 8.0 * f[1] + 8.0 * f[2] - f[3]) / (12.0 * wide))
        spread = np.abs(f - middle).max(axis=(0, *(a + 1 for a in inner)))
        size = np.abs(f).max(axis=(0, *(a + 1 for a in inner)))
        scale, rounding = np.maximum(scale, spread / h), np.maximum(rounding, EPS * size / h)
    return np.stack(derivatives, axis=-1), scale, rounding


def assert_gradient(loss: Any, p: ArrayLike, *, rtol: float = 1e-6, step: float = 1e-3) -> None:
    """loss.gradient agrees with differences of loss.value at the points p (..., 2)."""
    _assert_close("gradient", loss, loss.gradient(p), loss.value, p, rtol, step)


def assert_hessian(loss: Any, p: ArrayLike, *, rtol: float = 1e-6, step: float = 1e-3) -> None:
    """loss.hessian is symmetric and agrees with differences of loss.gradient at p (..., 2)."""
    hessian = np.asarray(loss.hessian(p))
    np.testing.assert_array_equal(hessian, np.swapaxes(hessian, -1, -2))
    _assert_close("Hessian", loss, hessian, loss.gradient, p, rtol, step)


def _assert_close(
    what: str, loss: Any, analytic: Array, function: Callable[[Array], Array], p: ArrayLike, rtol: float, step: float
) -> None:
    numeric, scale, rounding = central_differences(function, p, step)
    assert np.shape(analytic) == numeric.shape, (what, np.shape(analytic), numeric.shape)
    points = np.reshape(p, (-1, 2))
    analytic, numeric = (np.reshape(a, (len(points), -1)) for a in (analytic, numeric))
    assert np.all(np.isfinite(numeric)), f"{what}: choose points where the surface is finite"
    tolerance = np.ravel(rtol * scale + 20.0 * rounding)
    error = np.abs(analytic - numeric).max(axis=1)
    wrong = np.flatnonzero(~(error <= tolerance))  # a nan is wrong, too
    if wrong.size:
        worst = wrong[np.argsort(-error[wrong] / (tolerance[wrong] + 1e-300))][:5]
        lines = [
            f"at {points[i]}: analytic {analytic[i]}, numeric {numeric[i]}, "
            f"difference {error[i]:.3g}, allowed {tolerance[i]:.3g}"
            for i in worst
        ]
        raise AssertionError(
            f"{what} of {loss.name!r} is wrong at {wrong.size} of {len(points)} points\n" + "\n".join(lines)
        )
