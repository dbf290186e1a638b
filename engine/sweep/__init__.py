"""Sweeps: the same network trained with many settings, on the cores of this machine or on a Dask cluster."""

from engine.sweep.cluster import Cluster
from engine.sweep.cores import Cores
from engine.sweep.space import Axis, Range, Target, grid, random, spread, targets
from engine.sweep.trials import Result, Trial, make_trials

__all__ = [
    "Axis",
    "Cluster",
    "Cores",
    "Range",
    "Result",
    "Target",
    "Trial",
    "grid",
    "make_trials",
    "random",
    "spread",
    "targets",
]
