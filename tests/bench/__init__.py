"""Benchmarks, run on request: `python -m tests.bench`, or `--quick` in well under two minutes.

Every row is a ratio measured in one process, on one BLAS thread, against code as a user would write
it, and has a bar: about half of the lowest ratio seen. The bar of an exponential is lower without
AVX-512. A quick run has bars at about a third of it, so that only a lost algorithm misses them.
Timing never decides anything else in an ordinary test run.

    python -m tests.bench             ratios, accuracy and memory of the kernels, descent and sweeps
    python -m tests.bench --browser   the stage in a real browser
    python -m tests.bench --load      many sessions at once, on a server of its own or at an address
    python -m tests.bench --class 200 a teacher and so many students in a room
    python -m tests.bench --soak 2000 distinct settings through few sessions: does memory stay flat?
    python -m tests.bench --cold      from the start of the server to the first stage

Not measured, because the app has nothing of the kind: the logistic loss of two features with a
fixed bias, and compressed fields for thousands of samples.
numba, torch and SciPy are baselines where they are installed, and no part of the project.
"""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # tests/browser/driver.py takes optional.py from there
# Before NumPy loads its BLAS.
for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
