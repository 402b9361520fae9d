"""The same link gives the same bytes: in two sessions, and in another process with another seed of Python's hashes."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from sessions import PAGES, ROOT, charts, check_whole, says, surfaces, visit
from truth import texts

from lossgeo.views import cached
from lossgeo.views.choice import LossSpec, MethodSpec, ViewSpec, choice_from
from lossgeo.views.pages import LESSON_PAGES

LINKS = {
    "mse": {"n": 17, "noise": 0.3, "methods": ["sgd", "adam"], "tab": "Look closer", "closer": "Sweep"},
    "logistic": {"n": 23, "flips": 2, "loss": "squared error through a sigmoid", "picture": "3-D", "tab": "Code"},
    "nonconvex": {"landscape": "tiny network", "methods": ["momentum", "rmsprop"], "tab": "Ask", "layer": "ends"},
}


def digest(page: str) -> str:
    """Of everything the page sends: words, charts and their data."""
    app = visit(page, **LINKS[page])
    check_whole(app)
    seen = hashlib.sha256(says(app).encode())
    for chart in [*charts(app), *surfaces(app)]:
        seen.update(chart.SerializeToString(deterministic=True))
    for text in texts(app):
        seen.update(re.sub(r'"session": "[^"]*"', "", text).encode())  # which tab of the browser it is
    for block in app.code:
        seen.update(block.value.encode())
    return seen.hexdigest()


@pytest.fixture(scope="module")
def elsewhere():
    """The digests as another process has them."""
    program = (
        "import sys; sys.path[:0] = ['tests/pages', '.']; import test_same_bytes as it; "
        "print(*map(it.digest, it.PAGES))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::ResourceWarning", "-c", program], cwd=ROOT, capture_output=True, text=True,
        check=True, stdin=subprocess.DEVNULL, env=os.environ | {"PYTHONHASHSEED": "4711"},
    )  # fmt: skip
    return dict(zip(PAGES, done.stdout.split()[-3:], strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_the_same_link_gives_the_same_bytes(page, elsewhere):
    first = digest(page)
    assert digest(page) == first, "another session of this process"
    for cache in vars(cached).values():
        if isinstance(cache, functools._lru_cache_wrapper):
            cache.cache_clear()
    assert digest(page) == first, "computed anew"
    assert elsewhere[page] == first, "another process"


# --- what the sessions share ---------------------------------------------------------------------------------------

LINE = LossSpec("cars", (), "mean squared error")
CLASSES = LossSpec("challenger", (), "logistic loss")
MOUNTAINS = LossSpec("himmelblau")
GD = MethodSpec("gradient descent", 0.01)
PLANE = choice_from(LESSON_PAGES["network"], {}).loss
ARGUMENTS = {
    "small_dataset": [(LINE,), (CLASSES,)],
    "large_loss": [(LINE,)],
    "small_loss": [(LINE,), (CLASSES,), (MOUNTAINS,)],
    "window": [(MOUNTAINS, ViewSpec())],
    "scene": [(LINE, ViewSpec()), (MOUNTAINS, ViewSpec(2.0))],
    "mesh": [(LINE, ViewSpec()), (MOUNTAINS, ViewSpec())],
    "trajectory": [(LINE, GD, (0.0, 0.0), 20), (MOUNTAINS, MethodSpec("adam", 0.1), (0.0, -1.0), 20)],
    "evidence": [(MOUNTAINS,), (LINE,)],
    "sweep": [(MOUNTAINS, GD, (0.0, -1.0), (0.001, 0.01))],
    "arrival": [(LINE, (0.0, 0.0), 1e-4)],
    "path_curvatures": [(MOUNTAINS, GD, (0.0, -1.0), 20)],
    "basin_map": [(CLASSES, GD, ViewSpec())],
    "sign_map": [(MOUNTAINS, ViewSpec(), 20)],
    "condition_map": [(CLASSES, ViewSpec(), 20)],
    "coarse": [(PLANE, ViewSpec())],
    "scores": [(PLANE, (0.0, 0.0), (12, 8))],
    "bounds": [(LINE, GD, (0.0, 0.0), 20), (LINE, MethodSpec("gradient descent", 1e-4), (0.0, 0.0), 20)],
    "shrinkage": [(LINE, 20), (CLASSES, 20)],
    "noise_ball": [(LINE, 1e-4, 8)],
    "true_descent": [(PLANE, (0.0, 0.0), 0.1, 5)],
    "edge_training": [(0.5,)],
    "edge_curvatures": [(0.5, 0)],
}


def arrays(value, found=None, depth=0):
    """Every array that can be reached from a record."""
    found = [] if found is None else found
    if isinstance(value, np.ndarray):
        found.append(value)
    elif isinstance(value, tuple | list):
        for one in value:
            arrays(one, found, depth + 1)
    elif depth < 4 and (dataclasses.is_dataclass(value) or type(value).__module__.startswith("lossgeo")):
        for one in getattr(value, "__dict__", {}).values():
            arrays(one, found, depth + 1)
    return found


def test_every_cache_is_looked_at():
    caches = {name for name, found in vars(cached).items() if isinstance(found, functools._lru_cache_wrapper)}
    assert caches <= set(ARGUMENTS)
    assert all(getattr(cached, name).cache_info().maxsize for name in caches), "bounded"


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_sessions_share_cannot_be_written(name):
    for given in ARGUMENTS[name]:
        for array in arrays(getattr(cached, name)(*given)):
            assert not array.flags.writeable, f"{name}{given}: shape {array.shape}"


def test_the_defaults_are_nobodys_to_change():
    """A list that a widget hands out is not the list of the defaults."""
    before = {page: dict(LESSON_PAGES[page].usual()) for page in PAGES}
    for page in PAGES:
        app = visit(page)
        app.session_state[f"{page}_methods"].append("newton")
        app.run()
    assert {page: dict(LESSON_PAGES[page].usual()) for page in PAGES} == before
