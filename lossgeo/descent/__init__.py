"""Descent: the methods, one run, many runs, when a run is over, and what is said of its end."""

from lossgeo.descent.many import OUTCOMES, Basins, Sweep, run_many
from lossgeo.descent.methods import OPTIMIZERS, SCHEDULES, Method, applies, sweep
from lossgeo.descent.single import Trajectory, run

__all__ = [
    "OPTIMIZERS",
    "OUTCOMES",
    "SCHEDULES",
    "Basins",
    "Method",
    "Sweep",
    "Trajectory",
    "applies",
    "run",
    "run_many",
    "sweep",
]
