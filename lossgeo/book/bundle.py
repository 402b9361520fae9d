"""What vl-convert-python gives: the scripts that draw a stage in a browser, and a stage as SVG.

It is loaded in processes of its own only: it takes some 160 MB, which the app need not keep.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

MISSING = "This file needs the package vl-convert-python, which is not installed on this server."
VEGA_LITE = "6.4"  # the version of Altair's specs (tests/test_book.py)
PATIENCE = 300  # seconds
ONE = threading.Lock()  # at a time: a whole class may press the button
SCRIPT = f"import vl_convert; print(vl_convert.javascript_bundle(vl_version='{VEGA_LITE}'))"
PICTURES = f"""
import json, sys, vl_convert
for line in sys.stdin:
    print(json.dumps(vl_convert.vegalite_to_svg(json.loads(line), vl_version='{VEGA_LITE}')))
"""


def installed() -> bool:
    """Whether vl-convert-python is there."""
    return importlib.util.find_spec("vl_convert") is not None


def _run(program: str, given: str = "") -> str:
    """What one of the two programs above prints."""
    with ONE:
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=given,
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=PATIENCE,
        )
    return done.stdout


@lru_cache(maxsize=1)
def javascript() -> str:
    """Vega, Vega-Lite and vega-embed as a plain script, 0.9 MB. Takes some seconds the first time."""
    text = _run(SCRIPT).strip().replace("</script", "<\\/script")
    return f"(()=>{{{text}\n}})();"


def svgs(specs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The specs, which include their data, as SVG. Without the cells, which only receive the pointer."""
    given = "\n".join(json.dumps(spec) for spec in specs)
    return [re.sub(r'<path [^>]*opacity="0"/>', "", json.loads(line)) for line in _run(PICTURES, given).splitlines()]
