"""How many threads a run uses."""

from __future__ import annotations

import os

from engine.graph.report import Report
from engine.train.config import TrainingConfig

#: Multiply–adds of one step (forward and backward) from which a second thread pays for its waiting.
_HEAVY_STEP = 30_000_000


def choose_threads(report: Report, rows: int, config: TrainingConfig) -> int:
    """The number of threads for a run of ``rows`` examples a step: as set; else all cores but the window's for a heavy
    network, one for a light.

    Depends on machine, network and settings only, so that the same run on the same machine is the same to the bit.
    """
    cores = os.cpu_count() or 1
    if config.threads:
        return min(config.threads, cores)
    return max(1, cores - 1) if 3 * report.total_cost * rows >= _HEAVY_STEP else 1
