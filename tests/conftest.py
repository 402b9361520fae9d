"""For every test: one BLAS thread, and the repository's root on the path however pytest was started."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Before NumPy loads its BLAS.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
