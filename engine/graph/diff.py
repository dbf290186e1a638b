"""What changed between two graphs, so that views apply differences instead of starting anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.graph.model import Edge, Graph


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Ids of nodes and the edges that came, went or changed; ``moved`` nodes changed their position only,
    ``edges_rerouted`` their dots. ``groups`` and ``notes`` are ids that came, went or changed; ``repeats`` says
    whether groups now compute something else."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    edges_rerouted: tuple[Edge, ...] = ()
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def computes_same(self) -> bool:
        """Do both graphs compute the same (positions and names aside)?"""
        return not (self.added or self.removed or self.changed or self.edges_added or self.edges_removed
                    or self.repeats)


def diff(before: Graph, after: Graph) -> GraphDiff:
    """The difference from ``before`` to ``after``; nodes that are the same object are skipped at once."""
    changed: list[str] = []
    moved: list[str] = []
    for node_id, node in after.nodes.items():
        old = before.nodes.get(node_id)
        if old is None or old is node or old == node:
            continue
        only_moved = (old.kind, old.params, old.name, old.group, old.enabled) == (
            node.kind, node.params, node.name, node.group, node.enabled)
        (moved if only_moved else changed).append(node_id)
    wires = [(before.edges.get(key), e) for key, e in after.edges.items()]
    groups = _differing(before.groups, after.groups)
    return GraphDiff(
        added=tuple(i for i in after.nodes if i not in before.nodes),
        removed=tuple(i for i in before.nodes if i not in after.nodes),
        changed=tuple(changed),
        moved=tuple(moved),
        edges_added=tuple(e for old, e in wires if old is not e and (old is None or old.source != e.source)),
        edges_removed=tuple(e for key, e in before.edges.items() if _rewired(e, after.edges.get(key))),
        edges_rerouted=tuple(e for old, e in wires if old is not e and old is not None and old.source == e.source
                             and old.dots != e.dots),
        groups=groups,
        notes=_differing(before.notes, after.notes),
        repeats=bool(groups) and _repeats(before) != _repeats(after),
    )


def _rewired(old: Edge, new: Edge | None) -> bool:
    return old is not new and (new is None or old.source != new.source)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids under which the two hold something else, or only one of them anything."""
    if before is after:
        return ()
    return tuple(i for i in {**before, **after} if before.get(i) != after.get(i))


def _repeats(graph: Graph) -> dict[str, tuple[str, int]]:
    return {group.id: (group.parent, group.repeat) for group in graph.groups.values() if group.repeat > 1}
