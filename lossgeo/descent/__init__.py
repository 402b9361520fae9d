"""Descent: the methods, one run, many runs at once, stopping rules, and the verdict on how a run ended."""

from lossgeo.contracts import SCHEDULES, Method
from lossgeo.descent.many import OUTCOMES, Basins, Sweep, run_many, sweep
from lossgeo.descent.methods import OPTIMIZERS
from lossgeo.descent.single import Trajectory, run

__all__ = ["OPTIMIZERS", "OUTCOMES", "SCHEDULES", "Basins", "Method", "Sweep", "Trajectory", "run", "run_many", "sweep"]
