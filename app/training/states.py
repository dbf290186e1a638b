"""What state a session is in."""

from __future__ import annotations

IDLE, STARTING, RUNNING, PAUSED, FINISHED, FAILED = "idle", "starting", "running", "paused", "finished", "failed"
#: The run is over, but a large network has still to be handed over.
HALTED = "halted"
#: States in which the training process has a run.
ACTIVE = (STARTING, RUNNING, PAUSED, HALTED)
