"""What a run takes of memory: the network's plan under the settings it is trained with."""

from __future__ import annotations

from engine.compute import MemoryPlan, plan_memory
from engine.graph.model import Graph
from engine.graph.report import Report
from engine.train.config import TrainingConfig
from engine.train.threads import choose_threads


def plan_run(graph: Graph, report: Report, config: TrainingConfig, rows: int) -> MemoryPlan:
    """The memory of training ``graph``, of which ``report`` is what checking said, on ``rows`` examples.

    The optimizer's share holds what it keeps for each weight, and the best weights so far where early stopping is to
    go back to them. Raises :class:`engine.issues.GraphError` where the graph has errors.
    """
    batch = config.rows_per_step(rows)
    return plan_memory(graph, batch, optimizer_slots=config.build_optimizer().vectors + config.keeps_best,
                       report=report, threads=choose_threads(report, batch, config))
