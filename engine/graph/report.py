"""What checking found out about a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.graph.model import Node
from engine.issues import Issue, Severity
from engine.layer import Layer, LossLayer, WeightSpec
from engine.shapes import Shape


@dataclass(frozen=True)
class Report:
    """What checking found. ``order`` lists the sound nodes in computing order; ``shapes`` their outputs."""

    issues: tuple[Issue, ...] = ()
    order: tuple[str, ...] = ()
    layers: Mapping[str, Layer] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, WeightSpec]] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)
    #: The shapes that each sound node receives, and how many numbers of it learn.
    inputs: Mapping[str, tuple[Shape, ...]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    #: The nodes as they were: what has not changed since need not be worked out again.
    nodes: Mapping[str, Node] = field(default_factory=dict)
    #: From the copies that a repeated block is computed as to the nodes that are drawn.
    origin: Mapping[str, str] = field(default_factory=dict)
    #: Where blocks are repeated or nodes bypassed: the report of the graph that is computed (engine.graph.expand).
    computed: Report | None = None

    @property
    def ok(self) -> bool:
        """May the graph be compiled and trained?"""
        return not self.errors

    @property
    def errors(self) -> tuple[Issue, ...]:
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    def at(self, node_id: str) -> tuple[Issue, ...]:
        """The issues of one node."""
        return tuple(issue for issue in self.issues if issue.where == node_id)

    def parameters(self, node_id: str) -> int:
        """How many numbers of a node learn, all copies of a repeated one together."""
        return sum([self.counts.get(i, 0) for i in self.copies(node_id)])

    def copies(self, node_id: str) -> tuple[str, ...]:
        """The node and the copies of it that a repeated block is computed as."""
        if not self.origin:  # nearly every network: asked for each node after each edit
            return (node_id,)
        return (node_id, *(copy for copy, drawn in self.origin.items() if drawn == node_id))

    @property
    def total_parameters(self) -> int:
        return sum(self.counts.values())

    @property
    def total_cost(self) -> int:
        """Multiply–adds of one example's forward pass."""
        return sum(self.costs.values())

    @property
    def losses(self) -> tuple[str, ...]:
        """The loss nodes, in computing order."""
        return tuple(i for i in self.order if isinstance(self.layers[i], LossLayer))
