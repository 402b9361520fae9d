"""Benchmarks, run on request: `python -m tests.bench`, or `--quick` in under a minute.

Every row is a ratio measured in one process, on one BLAS thread, against code as a user would write
it. Timing never decides an ordinary test run.
"""

import os

# Before NumPy loads its BLAS.
for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
