"""Runs on the disk: every one with settings, network, curves, snapshots, and on what it was trained."""

from engine.runs.info import (
    DAMAGED,
    FAILED,
    FINISHED,
    INTERRUPTED,
    OUTCOMES,
    RUNNING,
    STOPPED,
    Origin,
    RunInfo,
    new_id,
    now,
)
from engine.runs.machine import environment
from engine.runs.run import Run
from engine.runs.store import DEFAULT_LIMIT, RunStore, beside

__all__ = [
    "DAMAGED", "DEFAULT_LIMIT", "FAILED", "FINISHED", "INTERRUPTED", "OUTCOMES", "RUNNING", "STOPPED", "Origin", "Run",
    "RunInfo", "RunStore", "beside", "environment", "new_id", "now",
]
