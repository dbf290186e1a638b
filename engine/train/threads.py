"""How many threads the matrix products use."""

from __future__ import annotations

import os
from functools import lru_cache

from threadpoolctl import ThreadpoolController

from engine.compute import Model
from engine.train.config import TrainingConfig

#: Multiply–adds of one step (forward and backward) from which a second thread pays for its waiting.
_HEAVY_STEP = 30_000_000


def choose_threads(model: Model, config: TrainingConfig) -> int:
    """The number of threads for a run: as set; else all cores but the window's for a heavy network, one for a light.

    Depends on machine, network and settings only, so that the same run on the same machine is the same to the bit.
    """
    cores = os.cpu_count() or 1
    if config.threads:
        return min(config.threads, cores)
    work = 3 * model.report.total_cost * model.batch_size
    return max(1, cores - 1) if work >= _HEAVY_STEP else 1


def use_threads(count: int) -> None:
    """Sets the number for this process, until it is set again."""
    _controller().limit(limits=count, user_api="blas")


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries, so it is made once
