"""What changed between two graphs, so that views apply differences instead of starting anew."""

from __future__ import annotations

from dataclasses import dataclass

from engine.graph.model import Edge, Graph


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Ids of nodes and the edges that came, went or changed; ``moved`` nodes changed their position only."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()

    @property
    def computes_same(self) -> bool:
        """Do both graphs compute the same (positions and names aside)?"""
        return not (self.added or self.removed or self.changed or self.edges_added or self.edges_removed)


def diff(before: Graph, after: Graph) -> GraphDiff:
    """The difference from ``before`` to ``after``; nodes that are the same object are skipped at once."""
    changed: list[str] = []
    moved: list[str] = []
    for node_id, node in after.nodes.items():
        old = before.nodes.get(node_id)
        if old is None or old is node or old == node:
            continue
        only_moved = (old.kind, old.params, old.name) == (node.kind, node.params, node.name)
        (moved if only_moved else changed).append(node_id)
    return GraphDiff(
        added=tuple(i for i in after.nodes if i not in before.nodes),
        removed=tuple(i for i in before.nodes if i not in after.nodes),
        changed=tuple(changed),
        moved=tuple(moved),
        edges_added=tuple(e for key, e in after.edges.items() if before.edges.get(key) != e),
        edges_removed=tuple(e for key, e in before.edges.items() if after.edges.get(key) != e),
    )
