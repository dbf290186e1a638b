"""What a node says about itself: title, second line, colour, problem; worked out from graph and report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from app import numbers
from engine.graph.check import Report
from engine.graph.model import Graph, Node
from engine.issues import Issue, Severity
from engine.layer import LossLayer
from engine.layers import LAYERS
from engine.shapes import text as shape_text

_RANK = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.ADVICE: 1}


@dataclass(frozen=True)
class Face:
    """The words and state painted on a node."""

    title: str
    subtitle: str
    colour: str
    id: str
    #: Was the id given by a person (``skip``), not made from the kind (``dense_2``)? Then it stands on the node.
    told: bool = False
    severity: Severity | None = None
    #: Is the node computed? Where not, it is drawn faded and says so.
    enabled: bool = True

    @property
    def spoken(self) -> str:
        """For screen readers."""
        problem = f", {self.severity.value}" if self.severity else ""
        return f"{self.title} {self.id}, {self.subtitle}{problem}"


def faces(graph: Graph, report: Report, ids: Iterable[str]) -> dict[str, Face]:
    """The faces of some nodes, as checking sees them."""
    worst = _worst(report)
    return {i: _face(graph.nodes[i], graph, report, worst.get(i)) for i in ids}


class FaceMemory:
    """Remembers what faces were made of, so that an edit of one node makes the faces that it changes and no others."""

    def __init__(self) -> None:
        self._made_of: dict[str, tuple[object, ...]] = {}

    def changed(self, graph: Graph, report: Report, shown: Mapping[str, object]) -> dict[str, Face]:
        """New faces of the nodes in ``shown`` (by id: what shows them) for which anything is not as it was."""
        worst = _worst(report)
        found: dict[str, Face] = {}
        made_of: dict[str, tuple[object, ...]] = {}
        for node_id, item in shown.items():
            node = graph.nodes[node_id]
            parts = (item, node, report.layers.get(node_id), report.shapes.get(node_id), worst.get(node_id),
                     len(graph.inputs(node_id)))
            known = self._made_of.get(node_id)
            # Nodes and layers are values that never change: the same object means the same.
            same = known is not None and known[0] is item and known[1] is node and known[2] is parts[2]
            if not same or known is None or known[3:] != parts[3:]:
                found[node_id] = _face(node, graph, report, worst.get(node_id))
            made_of[node_id] = parts
        self._made_of = made_of
        return found


def _worst(report: Report) -> dict[str, Severity]:
    """The worst that is wrong with each node."""
    worst: dict[str, Severity] = {}
    for issue in report.issues:
        known = worst.get(issue.where)
        if known is None or _RANK[issue.severity] > _RANK[known]:
            worst[issue.where] = issue.severity
    return worst


def _face(node: Node, graph: Graph, report: Report, severity: Severity | None) -> Face:
    kind = LAYERS.get(node.kind)
    return Face(
        title=node.name or (_short(kind.title) if kind else node.kind),
        subtitle=_subtitle(node, graph, report),
        colour=kind.category.colour if kind else "data",
        id=node.id,
        told=bool(not node.name and kind and not re.fullmatch(rf"({kind.stem or kind.kind.lower()})(_\d+)?", node.id)),
        severity=severity,
        enabled=node.enabled,
    )


def _short(title: str) -> str:
    """Titles of losses are long; what matters on the canvas is that they are losses of this family."""
    return "Cross-entropy" if "entropy" in title else title


def _subtitle(node: Node, graph: Graph, report: Report) -> str:
    layer = report.layers.get(node.id)
    if not node.enabled:
        return "bypassed"
    if layer is None:
        return "not usable yet"
    parts = [layer.title] if node.name else []
    shape = report.shapes.get(node.id)
    if layer.variadic:
        many = len(graph.inputs(node.id))
        parts.append(f"{many} input{'' if many == 1 else 's'}")
    elif isinstance(layer, LossLayer) and shape is not None and layer.classes(shape):
        parts.append(f"{layer.classes(shape)} classes")
    elif layer.headline():
        parts.append(layer.headline())
    elif shape is not None:
        parts.append(shape_text(shape))
    elif not graph.inputs(node.id):
        parts.append("waits for an input")
    return " · ".join(parts)


def block_tooltip(title: str, subtitle: str, issues: Iterable[Issue]) -> str:
    """A block and its problems in full, as rich text."""
    return "<br>".join([f"<b>Block</b> · {escape(title)}", escape(subtitle), *_problems(issues),
                        "Double-click opens or collapses it. Hold P, or the eye of the card, to look inside."])


def _problems(issues: Iterable[Issue]) -> list[str]:
    return [f"<b>{issue.severity.value.capitalize()}.</b> {escape(issue.happened)} {escape(issue.expected)}<br>"
            f"<i>{escape(issue.fix)}</i>" for issue in issues]


def tooltip(node: Node, report: Report) -> str:
    """Everything about a node, and its problems in full, as rich text."""
    kind = LAYERS.get(node.kind)
    shape = report.shapes.get(node.id)
    lines = [f"<b>{escape(kind.title if kind else node.kind)}</b> · {escape(node.label)}"]
    if shape is not None:
        parameters = report.parameters(node.id)
        learns = f" · {numbers.amount(parameters, 'parameter')}" if parameters else ""
        lines.append(f"Output {shape_text(shape)}{learns}")
    return "<br>".join([*lines, *_problems(report.at(node.id))])
