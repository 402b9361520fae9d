"""Run every row and exit with 1 if one misses its bar."""

from __future__ import annotations

import argparse
import sys

from tests.bench import descent, fields, surfaces
from tests.bench.harness import report

ROWS = [*surfaces.ROWS, *fields.ROWS, *descent.ROWS]

parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
parser.add_argument(
    "--quick", action="store_true", help="fewer rounds, looser bars, under a minute"
)
parser.add_argument(
    "--browser",
    action="store_true",
    help="the stage in a real browser instead: messages, latencies, bytes; needs chromium",
)
chosen = parser.parse_args()
if chosen.browser:
    from tests.bench import browser

    sys.exit(0 if browser.report(chosen.quick) else 1)
sys.exit(0 if report(ROWS, chosen.quick) else 1)
