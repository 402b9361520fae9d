"""The benchmark's quick run: its bars are a third of the targets, so that only a lost algorithm misses them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.harness import Limit, Row, report

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_quick_run_holds_every_bar():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-2000:]}"
    assert done.stdout.count(" x ") > 20
    assert "MISSED" not in done.stdout


@pytest.mark.parametrize("bar", [1e9, 0.0])
def test_a_missed_bar_is_reported(bar, capsys):
    held = report([Row("nothing v nothing", int, int, bar, bar), Limit("zero", lambda: 0.0, 0.0)], quick=True)
    assert held == (bar == 0)
    assert ("MISSED" in capsys.readouterr().out) == (bar > 0)
