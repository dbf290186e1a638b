"""``python3 -m tests.bench``: training steps of the engine beside PyTorch eager, paired in one run.

Ratios travel from machine to machine, times do not. PyTorch is not a dependency: without it the engine's own times
and the bound that its matrix products set are printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

# A kernel forced from outside would measure another machine: the choice is OpenBLAS's, before NumPy loads.
os.environ.pop("OPENBLAS_CORETYPE", None)

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.compute import Model, compile
from engine.train.optim import Optimizer
from engine.train.quasi_newton import updating
from tests.bench.workloads import WORKLOADS, Workload

Step = Callable[[], float]


def batch_of(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(workload.batch, *workload.input_shape)).astype(np.float32)
    if workload.classes:
        return x, rng.integers(0, workload.classes, workload.batch)
    return x, rng.normal(size=(workload.batch, 1)).astype(np.float32)


def our_step(workload: Workload, threads: int = 1) -> tuple[Step, Model]:
    model = compile(workload.graph(), batch_size=workload.batch, threads=threads)
    program = model.program(workload.batch)
    update = updating(Optimizer.from_dict(dict(workload.optimizer)), model.weights, model.lanes)
    x, y = batch_of(workload)

    def step() -> float:
        program.input[...] = x
        program.target[...] = y
        program.forward()
        program.backward()
        update.step()
        return program.loss

    return step, model


def torch_step(workload: Workload, torch: Any) -> Step:
    torch.manual_seed(0)
    assert workload.torch is not None
    network = workload.torch(torch.nn)
    values = {k: v for k, v in workload.optimizer.items() if k not in ("kind", "learning_rate")}
    rate = workload.optimizer.get("learning_rate", 1e-3)
    optimizer = getattr(torch.optim, workload.optimizer["kind"])(network.parameters(), lr=rate, **values)
    loss_of = torch.nn.CrossEntropyLoss() if workload.classes else torch.nn.MSELoss()
    x, y = batch_of(workload)
    given = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)) if x.ndim == 4 else x)
    target = torch.from_numpy(y)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_of(network(given), target)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def seconds_per_step(step: Step, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def gemm_bound(model: Model, batch: int) -> float:
    """Seconds that the step's multiply–adds take at the speed of one large matrix product: forward, ∂W and ∂x."""
    n = 1024
    a, b, out = (np.ones((n, n), np.float32) for _ in range(3))
    np.dot(a, b, out)
    start = time.perf_counter()
    for _ in range(3):
        np.dot(a, b, out)
    per_operation = (time.perf_counter() - start) / 3 / n**3
    return 3 * model.report.total_cost * batch * per_operation


def measure(workload: Workload, torch: Any, rounds: int, threads: int) -> dict[str, float]:
    ours, model = our_step(workload, threads)
    theirs = torch_step(workload, torch) if torch else None
    for step in filter(None, (ours, theirs)):
        seconds_per_step(step, max(2, workload.steps // 5))
    mine, other = [], []
    for _ in range(rounds):
        mine.append(seconds_per_step(ours, workload.steps))
        if theirs:
            other.append(seconds_per_step(theirs, workload.steps))
    result = {"ours": statistics.median(mine), "bound": gemm_bound(model, workload.batch)}
    if theirs:
        result["torch"] = statistics.median(other)
        result["ratio"] = statistics.median(m / o for m, o in zip(mine, other, strict=True))
    return result


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="workloads, all by default")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    try:
        import torch

        torch.set_num_threads(options.threads)
    except ImportError:
        torch = None
        print("PyTorch is not installed: no ratios. (pip install torch==2.13.0 into this environment.)")
    controller = ThreadpoolController()
    blas = next((lib for lib in controller.info() if lib["user_api"] == "blas"), {})
    print(f"NumPy {np.__version__}, {blas.get('internal_api')} {blas.get('version')}, kernel "
          f"{blas.get('architecture')}, {options.threads} thread(s), medians of {options.rounds} alternating rounds")
    print(f"{'':4} {'network':44} {'ours ms':>9} {'PyTorch':>9} {'ratio':>7} {'asked':>6} {'GEMM ms':>8}")
    with controller.limit(limits=options.threads, user_api="blas"), np.errstate(all="ignore"):
        for workload in WORKLOADS:
            if options.names and workload.name not in options.names:
                continue
            found = measure(workload, torch, options.rounds, options.threads)
            asked = workload.asked[0 if options.threads == 1 else 1]
            print(f"{workload.name:4} {workload.title:44} {found['ours'] * 1e3:9.3f} "
                  f"{found.get('torch', float('nan')) * 1e3:9.3f} {found.get('ratio', float('nan')):7.2f} "
                  f"{asked:6.2f} {found['bound'] * 1e3:8.3f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
