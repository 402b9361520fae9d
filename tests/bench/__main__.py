"""Run every row and exit with 1 if one misses its bar."""

from __future__ import annotations

import argparse
import sys

from tests.bench import fields, surfaces
from tests.bench.harness import report

ROWS = [*surfaces.ROWS, *fields.ROWS]

parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
parser.add_argument(
    "--quick", action="store_true", help="fewer rounds, looser bars, under a minute"
)
quick = parser.parse_args().quick
sys.exit(0 if report(ROWS, quick) else 1)
