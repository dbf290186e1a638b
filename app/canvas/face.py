"""What a node says about itself: title, second line, colour, problem; worked out from graph and report."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

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
    severity: Severity | None = None
    tooltip: str = ""

    @property
    def spoken(self) -> str:
        """For screen readers."""
        problem = f", {self.severity.value}" if self.severity else ""
        return f"{self.title} {self.id}, {self.subtitle}{problem}"


def face(node: Node, graph: Graph, report: Report) -> Face:
    """The face of a node, as checking sees it."""
    kind = LAYERS.get(node.kind)
    issues = report.at(node.id)
    worst = max(issues, key=lambda issue: _RANK[issue.severity], default=None)
    title = node.name or (_short(kind.title) if kind else node.kind)
    return Face(
        title=title,
        subtitle=_subtitle(node, graph, report),
        colour=kind.category.colour if kind else "data",
        id=node.id,
        severity=worst.severity if worst else None,
        tooltip=_tooltip(node, kind.title if kind else node.kind, report, issues),
    )


def _short(title: str) -> str:
    """Titles of losses are long; what matters on the canvas is their last words."""
    return title.removeprefix("Softmax ").removeprefix("Sigmoid ").capitalize() if "entropy" in title else title


def _subtitle(node: Node, graph: Graph, report: Report) -> str:
    layer = report.layers.get(node.id)
    if layer is None:
        return "see the problem" if report.at(node.id) else ""
    parts = [layer.title] if node.name else []
    shape = report.shapes.get(node.id)
    if layer.variadic:
        parts.append(f"{len(graph.inputs(node.id))} inputs")
    elif isinstance(layer, LossLayer) and shape is not None and layer.classes(shape):
        parts.append(f"{layer.classes(shape)} classes")
    elif layer.headline():
        parts.append(layer.headline())
    elif shape is not None:
        parts.append(shape_text(shape))
    return " · ".join(parts)


def _tooltip(node: Node, title: str, report: Report, issues: tuple[Issue, ...]) -> str:
    shape = report.shapes.get(node.id)
    lines = [f"<b>{escape(title)}</b> · {escape(node.label)}"]
    if shape is not None:
        parameters = report.parameters(node.id)
        learns = f" · {parameters:,} parameters".replace(",", "\u2009") if parameters else ""
        lines.append(f"Output {shape_text(shape)}{learns}")
    for issue in issues:
        lines.append(f"<b>{issue.severity.value.capitalize()}.</b> {escape(issue.happened)} "
                     f"{escape(issue.expected)}<br><i>{escape(issue.fix)}</i>")
    return "<br>".join(lines)
