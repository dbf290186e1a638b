"""On what a run was trained: versions and machine, for whoever wants to see the same numbers again."""

from __future__ import annotations

import os
import platform
import sys
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from threadpoolctl import threadpool_info


def environment(program: str = "", threads: int = 0) -> dict[str, Any]:
    """Plain values; ``program`` names the program and its version, ``threads`` those of the matrix products."""
    return {"program": program, **_machine(), "threads": threads}


@lru_cache(maxsize=1)
def _machine() -> dict[str, Any]:
    blas: dict[str, Any] = next((info for info in threadpool_info() if info.get("user_api") == "blas"), {})
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "networkx": metadata.version("networkx"),  # it is slow to load, and not needed for this
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory": psutil.virtual_memory().total,
        "blas": " ".join(str(blas[key]) for key in ("internal_api", "version", "architecture") if blas.get(key)),
        "byteorder": sys.byteorder,
    }


def _processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        return platform.processor() or platform.machine()
    return platform.processor() or platform.machine()


def this_process() -> tuple[int, float]:
    """Id and start of this process: two processes may share an id, one after the other, but not both."""
    return os.getpid(), psutil.Process().create_time()


def is_alive(process: tuple[int, float] | None) -> bool:
    """Does this process still run?"""
    if process is None:
        return False
    try:
        return abs(psutil.Process(process[0]).create_time() - process[1]) < 1.0
    except psutil.Error:
        return False
