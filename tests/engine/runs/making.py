"""Made-up runs and snapshots for the tests of runs."""

from __future__ import annotations

import numpy as np

from engine.graph.model import Graph
from engine.runs import Run, RunStore
from engine.train.events import Snapshot
from tests.engine.train.networks import mlp

TRAINING = {"kind": "TrainingConfig", "epochs": 3, "seed": 7}


def network() -> Graph:
    return mlp(6, 8, 3)


def begun(store: RunStore, number: int = 0, **more) -> Run:
    """A run that finished long ago; ``number`` orders them in time."""
    id = f"20260101-0000{number:02d}-000000-abcd"
    fields = {"name": f"Run {number}", "outcome": "finished", **more}
    return store.create(network(), {"kind": "Xor"}, TRAINING, id=id, project="p", **fields)


def snapshot(step: int, floats: int = 6) -> Snapshot:
    random = np.random.default_rng(step)
    weights = {"dense_1.W": random.normal(size=(floats, 2)).astype(np.float32), "dense_1.b": np.zeros(2, np.float32)}
    state = {"values": {"version": 1, "step": step, "random": {"state": 2**100 + step}, "best": float("inf")},
             "arrays": {"mean:dense_1.W": random.normal(size=12)}}
    return Snapshot(step, weights, state)
