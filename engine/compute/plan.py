"""What training a network takes of memory, known before anything is allocated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import psutil

from engine.compute.borders import whole
from engine.compute.memory import Memory
from engine.compute.model import Model
from engine.graph.check import check
from engine.graph.model import Graph
from engine.graph.report import Report
from engine.issues import ChainruleError, shown
from engine.numbers import count, number
from engine.shapes import size

#: A training process before any network: Python, NumPy, this package, the workspace of matrix products, and what
#: loading and evaluating data takes besides the data. Measured on Linux.
PROCESS_BYTES = 53_000_000
#: What a model may compute in.
_PRECISIONS = ("float32", "float64")
#: The largest snapshot that the training process copies before it sends it, so that the next step need not wait.
COPIED_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Bytes by purpose. ``batch`` is the largest number of examples computed at once."""

    batch: int
    parameters: int
    gradients: int
    optimizer: int
    activations: int
    backward: int

    @property
    def network(self) -> int:
        """All that the network takes in training."""
        return self.parameters + self.gradients + self.optimizer + self.activations + self.backward

    @property
    def process(self) -> int:
        """The whole training process at its highest, data aside: while it sends a snapshot, a copy of weights and
        optimizer may stand beside the network."""
        copied = self.parameters + self.optimizer
        return PROCESS_BYTES + self.network + (copied if copied <= COPIED_BYTES else 0)


def plan_memory(
    graph: Graph, batch: int, *, optimizer_slots: int = 2, dtype: str = "float32", report: Report | None = None,
    threads: int = 1,
) -> MemoryPlan:
    """The memory of training ``graph`` with ``batch`` examples a step and an optimizer that keeps ``optimizer_slots``
    numbers for each weight. Raises :class:`engine.issues.GraphError` where the graph has errors."""
    return plan_of(virtual_model(graph, batch, dtype, report=report, threads=threads), batch, optimizer_slots)


def virtual_model(
    graph: Graph, batch_size: int, dtype: str, *, input_gradients: bool = False, report: Report | None = None,
    threads: int = 1,
) -> Model:
    """A model that occupies no memory and cannot be run: what plans are made from. Refuses what :func:`compile`
    refuses, but for a network that would not fit by its passes alone."""
    batch_size, threads = whole(batch_size, "batch size", 1), whole(threads, "number of threads", 1)
    if dtype is None or not any(np.dtype(known) == dtype for known in _PRECISIONS):  # None is float64 to NumPy
        raise ChainruleError(f"The precision is {shown(dtype)}.", f"Expected {' or '.join(_PRECISIONS)}.",
                             "float32 is for training, float64 for exact comparisons.")
    report = report or check(graph)
    if report.ok:
        _require(least_bytes(report, batch_size, dtype), "at least ", batch_size)
    return Model(graph, batch_size, dtype, input_gradients=input_gradients, memory=Memory(virtual=True), report=report,
                 threads=threads)


def plan_of(model: Model, batch: int, optimizer_slots: int) -> MemoryPlan:
    """The same for a model, virtual or real."""
    memory = model.planned(batch)
    weights = model.weights
    parameters = weights.values.nbytes + weights.state.nbytes
    own = memory.kept_bytes - parameters - weights.gradients.nbytes
    return MemoryPlan(
        batch, parameters, weights.gradients.nbytes, optimizer_slots * weights.values.nbytes,
        memory.arrays.nbytes + own, memory.gradients.nbytes + memory.scratch.nbytes,
    )


def require_memory(plan: MemoryPlan, held: int = 0) -> None:
    """Raises :class:`ChainruleError` with the numbers where ``plan`` would not fit into the free memory, of which
    ``held`` bytes are the network's already."""
    _require(plan.network, "", plan.batch, held)


def require_room(model: Model, batch: int, optimizer_slots: int) -> None:
    """The same for a model that is there already, perhaps made for smaller batches."""
    require_memory(plan_of(model, batch, optimizer_slots), model.memory.nbytes)


def least_bytes(report: Report, batch: int, dtype: str) -> int:
    """What training takes at the least: weights, their gradients, and the largest output of a layer. Known at once,
    where writing the passes of a network down that is far too large would take long."""
    numbers = batch * max(size(report.shapes[i]) for i in report.order)
    for node_id in report.order:
        for spec in report.weights[node_id].values():
            numbers += size(spec.shape) * (1 + (spec.trainable and report.layers[node_id].trainable))
    return np.dtype(dtype).itemsize * numbers


def _require(needed: int, bound: str, batch: int, held: int = 0) -> None:
    free = psutil.virtual_memory().available + held
    if needed > free:
        raise ChainruleError(
            f"Training this network with {count(batch)} examples at a time takes {bound}{gigabytes(needed)}.",
            f"This computer has {gigabytes(free)} free.", "Use a smaller batch, or smaller layers.")


def gigabytes(nbytes: int) -> str:
    """A size as a person reads it."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if nbytes >= scale:
            return f"{number(nbytes / scale)} {unit}"
    return f"{nbytes} bytes"


def compile(
    graph: Graph, *, batch_size: int = 64, seed: int = 0, dtype: str = "float32", input_gradients: bool = False,
    report: Report | None = None, threads: int = 1,
) -> Model:
    """A model of ``graph`` with freshly initialised weights.

    ``report`` is what :func:`engine.check` said of this graph, where that is known already. ``dtype`` is "float32"
    or, for exact comparisons, "float64"; ``input_gradients`` also computes ∂L/∂input;
    ``threads`` share the large passes of convolutions and what goes with them. Raises
    :class:`engine.issues.GraphError` where the graph has errors, and :class:`ChainruleError` where a training step of
    ``batch_size`` examples would not fit into the free memory; nothing has been allocated then.
    """
    batch_size, seed = whole(batch_size, "batch size", 1), whole(seed, "seed", 0)
    virtual = virtual_model(graph, batch_size, dtype, input_gradients=input_gradients, report=report, threads=threads)
    require_memory(plan_of(virtual, batch_size, optimizer_slots=0))
    model = Model(graph, batch_size, dtype, input_gradients=input_gradients, report=virtual.report,
                  virtual=virtual, threads=threads)
    model.initialise(seed)
    return model
