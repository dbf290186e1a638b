"""Learning rates of PyTorch's schedulers, step by step, as shares of the first one's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.optim import lr_scheduler as theirs

STEPS, PER_EPOCH = 60, 4
#: Losses for the plateau: they fall, stall, fall again, stall for good.
LOSSES = [1.0, 0.8, 0.8, 0.9, 0.79999, 0.5, 0.5, 0.6, 0.7, 0.5, 0.5, 0.5, 0.5, 0.4, *[0.4] * 20]

Build = Callable[[Any], Any]
SCHEDULES: list[tuple[str, str, Mapping[str, Any], Build]] = [
    ("constant", "Constant", {}, lambda o: theirs.LambdaLR(o, lambda step: 1.0)),
    ("step", "StepDecay", {"every": 2.5, "gamma": 0.3}, lambda o: theirs.StepLR(o, 10, 0.3)),
    ("multistep", "MultiStep", {"milestones": [2, 5.5], "gamma": 0.5}, lambda o: theirs.MultiStepLR(o, [8, 22], 0.5)),
    ("exponential", "Exponential", {"gamma": 0.9}, lambda o: theirs.ExponentialLR(o, 0.9 ** (1 / PER_EPOCH))),
    ("cosine", "Cosine", {}, lambda o: theirs.CosineAnnealingLR(o, STEPS)),
    ("cosine-least", "Cosine", {"least": 0.1}, lambda o: theirs.CosineAnnealingLR(o, STEPS, 0.1)),
    ("restarts", "CosineRestarts", {"first": 2.0, "growth": 2},
     lambda o: theirs.CosineAnnealingWarmRestarts(o, 8, 2)),
    ("restarts-equal", "CosineRestarts", {"first": 3.0, "growth": 1, "least": 0.05},
     lambda o: theirs.CosineAnnealingWarmRestarts(o, 12, 1, 0.05)),
    ("warmup", "LinearWarmup", {}, lambda o: theirs.LinearLR(o, total_iters=20)),
    ("warmup-short", "LinearWarmup", {"start": 0.1, "epochs": 1.5}, lambda o: theirs.LinearLR(o, 0.1, total_iters=6)),
    ("cycle", "OneCycle", {}, lambda o: theirs.OneCycleLR(o, 1.0, STEPS, cycle_momentum=False)),
    ("cycle-straight", "OneCycle", {"rise": 0.4, "begin_below": 10.0, "end_below": 100.0, "shape": "linear"},
     lambda o: theirs.OneCycleLR(o, 1.0, STEPS, pct_start=0.4, div_factor=10.0, final_div_factor=100.0,
                                 anneal_strategy="linear", cycle_momentum=False)),
    ("plateau", "ReduceOnPlateau", {"patience": 2, "gamma": 0.5},
     lambda o: theirs.ReduceLROnPlateau(o, factor=0.5, patience=2, eps=0.0)),
    ("plateau-cool", "ReduceOnPlateau", {"patience": 1, "cooldown": 3, "gamma": 0.1, "least": 0.02, "threshold": 0.05},
     lambda o: theirs.ReduceLROnPlateau(o, factor=0.1, patience=1, cooldown=3, min_lr=0.02, threshold=0.05, eps=0.0)),
]


def freeze() -> dict[str, np.ndarray]:
    """By schedule what it is and its rates; those of a plateau are after each loss."""
    found = {"shared/losses": np.array(LOSSES)}
    for name, kind, params, build in SCHEDULES:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = build(optimizer)
        rates = []
        for step in range(len(LOSSES) if kind == "ReduceOnPlateau" else STEPS):
            if kind != "ReduceOnPlateau":
                rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(*([LOSSES[step]] if kind == "ReduceOnPlateau" else []))
            if kind == "ReduceOnPlateau":
                rates.append(optimizer.param_groups[0]["lr"])
        found |= {f"{name}/schedule": np.array(json.dumps({"kind": kind, **params})),
                  f"{name}/rates": np.array(rates, np.float64)}
    return found
