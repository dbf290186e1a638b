"""What a training process takes of memory, against the plan that is shown before it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.compute import MemoryPlan, plan_memory
from engine.data import Source
from engine.graph.check import check
from engine.graph.model import Graph
from engine.train.client import WorkerProcess
from engine.train.commands import Job
from engine.train.config import TrainingConfig
from engine.train.events import ENDINGS, Finished, Steps
from tests.engine.train.networks import chain

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
MB = 1_000_000


def resident(pid: int, name: str) -> int:
    """Bytes that the kernel says of a process: VmHWM is the highest ever, VmRSS now."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


def network(*sizes: int) -> Graph:
    layers: list[tuple[str, dict]] = [("Input", {"shape": (sizes[0],)})]
    for units in sizes[1:-1]:
        layers += [("Dense", {"units": units}), ("ReLU", {})]
    return chain(*layers, ("Dense", {"units": sizes[-1]}), ("SoftmaxCrossEntropy", {}))


LENET = chain(
    ("Input", {"shape": (28, 28, 1)}), ("Conv2D", {"filters": 6, "kernel_size": (5, 5)}), ("ReLU", {}),
    ("MaxPool2D", {}), ("Conv2D", {"filters": 16, "kernel_size": (5, 5), "padding": "valid"}), ("ReLU", {}),
    ("MaxPool2D", {}), ("Flatten", {}), ("Dense", {"units": 120}), ("ReLU", {}), ("Dense", {"units": 10}),
    ("SoftmaxCrossEntropy", {}))


@pytest.mark.parametrize(("graph", "batch", "flat", "steps"), [
    (network(784, 128, 10), 64, True, 10_000), (network(784, 1024, 1024, 10), 256, True, 30), (LENET, 64, False, 200),
], ids=["mnist", "wide", "lenet"])
def test_a_training_process_stays_within_its_plan(graph: Graph, batch: int, flat: bool, steps: int) -> None:
    source = {"kind": "Mnist", "flat": flat}
    rows = len(Source.from_dict(source).load().x_train)
    config = TrainingConfig(epochs=-(-steps * batch // rows), batch_size=batch, optimizer={"kind": "Adam"},
                            evaluate_every=1000)
    plan = plan_memory(graph, batch, optimizer_slots=2)
    worker = WorkerProcess()
    try:
        worker.run(Job(graph, source, config.to_dict(), report=check(graph)))
        early = 0
        for event in iter_events(worker):
            if isinstance(event, Steps) and not early and event.step[-1] > steps // 10:
                early = resident(worker.pid, "VmRSS")
            if isinstance(event, ENDINGS):
                assert isinstance(event, Finished), event
        peak, late = resident(worker.pid, "VmHWM"), resident(worker.pid, "VmRSS")
    finally:
        worker.close()
    data = Source.from_dict(source).load()
    held = data.x_train.nbytes + data.x_val.nbytes
    print(f"peak {peak / MB:.1f} MB, data {held / MB:.1f}, plan {plan.process / MB:.1f}, bar {bar(plan) / MB:.1f}")
    assert peak - held <= bar(plan)
    assert plan.process + held == pytest.approx(peak, rel=0.1)
    assert steps < 10_000 or late - early < 2 * MB, "memory grows while training"


def bar(plan: MemoryPlan) -> float:
    """What is allowed: half as much again as the numbers that training cannot do without, and 60 MB."""
    return 1.5 * (plan.parameters + plan.gradients + plan.optimizer + plan.activations) + 60 * MB


def iter_events(worker: WorkerProcess):
    while True:
        for event in worker.poll(wait=0.2):
            yield event
            if isinstance(event, ENDINGS):
                return
