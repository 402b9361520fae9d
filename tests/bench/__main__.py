"""Run every row and exit with 1 if one misses its bar."""

from __future__ import annotations

import argparse
import sys


def kernels(quick: bool) -> bool:
    from tests.bench import descent, fields, networks, surfaces
    from tests.bench.harness import report

    return report([*surfaces.ROWS, *fields.ROWS, *descent.ROWS, *networks.ROWS], quick)


parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
parser.add_argument("--quick", action="store_true", help="fewer rounds, looser bars")
other = parser.add_mutually_exclusive_group()
other.add_argument("--browser", action="store_true", help="the stage in a real browser; needs chromium")
other.add_argument(
    "--load", nargs="?", const="", metavar="ADDRESS", help="30 and 100 sessions for a minute each; needs websockets"
)
other.add_argument("--soak", type=int, metavar="N", help="N distinct settings: does memory stay flat?")
other.add_argument("--class", type=int, metavar="N", dest="students", help="N students in a room; needs websockets")
other.add_argument("--cold", action="store_true", help="from the server's start to the first stage; needs chromium")
chosen = parser.parse_args()

if chosen.browser:
    from tests.bench import browser

    held = browser.report(chosen.quick)
elif chosen.load is not None:
    from tests.bench import load

    held = load.report(chosen.load, seconds=15 if chosen.quick else 60)
elif chosen.soak is not None:
    from tests.bench import load

    held = load.soak("", chosen.soak)
elif chosen.students is not None:
    from tests.bench import classroom

    held = classroom.report("", chosen.students)
elif chosen.cold:
    from tests.bench import cold

    held = cold.report(chosen.quick)
else:
    held = kernels(chosen.quick)
sys.exit(0 if held else 1)
