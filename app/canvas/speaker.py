"""What a screen reader says about the canvas: the layer that is reached, with its wires, and what an edit made of it.

The nodes are painted, not widgets, so a screen reader cannot walk over them; the canvas speaks instead
(``resources/docs/decisions/0012-canvas-aloud.md``).
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from app.canvas.face import faces
from app.canvas.scene import CanvasScene
from app.document import Document
from app.numbers import amount
from engine.graph.check import Report
from engine.issues import Issue, Severity
from engine.shapes import text


class Speaker(QObject):
    """Announces selection, edits and problems; ``said`` tells the same words to whoever else wants them."""

    said = Signal(str)

    def __init__(self, document: Document, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._document = document
        self._canvas = canvas
        self._known = _keys(document.report)
        self._edit = ""
        document.undo_stack.indexChanged.connect(self._edited)
        document.report_changed.connect(self._checked)
        document.selection_changed.connect(self._selected)

    def describe_canvas(self, scene: CanvasScene) -> None:
        """Keeps what a screen reader says about the canvas in step with what is selected."""
        chosen, blocks = self._document.selection, scene.blocks
        words = [blocks.items[i].face.spoken for i in blocks.selected(chosen)] if chosen else []
        words += [scene.nodes[i].face.spoken for i in self._document.graph.nodes if i in chosen]
        count = len(self._document.graph.nodes)
        layers = amount(count, "layer")
        told = f"Selected: {'; '.join(words)}" if words else f"{layers}, none selected"
        self._canvas.setAccessibleDescription(told)
        QAccessible.updateAccessibility(QAccessibleEvent(self._canvas, QAccessible.Event.DescriptionChanged))

    def describe(self, node_id: str) -> str:
        """A layer in words: what it is, what it puts out, where its wires come from and lead to."""
        graph, report = self._document.graph, self._document.report
        parts = [faces(graph, report, [node_id])[node_id].spoken]
        shape = report.shapes.get(node_id)
        if shape is not None:
            parts.append(f"puts out {text(shape)}")
        before = [graph.nodes[edge.source].label for edge in graph.inputs(node_id)]
        after = [graph.nodes[edge.target].label for edge in graph.outputs(node_id)]
        parts.append(f"fed by {' and '.join(before)}" if before else "fed by nothing")
        parts.append(f"leads to {' and '.join(after)}" if after else "leads nowhere")
        parts += [issue.happened for issue in report.at(node_id)]
        return ", ".join(parts)

    def _selected(self, ids: frozenset[str]) -> None:
        if len(ids) == 1:
            self._say(self.describe(next(iter(ids))))
        else:
            self._say(f"{len(ids)} layers selected" if ids else "Nothing selected")

    def _edited(self, index: int) -> None:
        """An edit, an undo or a redo, by the name that the menu has for it."""
        if index:
            self._say(self._document.undo_stack.text(index - 1))

    def _checked(self, report: Report) -> None:
        """Problems that were not there before; that they are gone is good to know too."""
        fresh = [issue for issue in report.issues if _key(issue) not in self._known]
        cured = not fresh and self._known and not report.issues
        self._known = _keys(report)
        for issue in fresh[:2]:
            node = self._document.graph.nodes.get(issue.where)
            where = f"{node.label}: " if node else ""
            self._say(f"{issue.severity.value}, {where}{issue.happened}", urgent=issue.severity is Severity.ERROR)
        if cured:
            self._say("No problems")

    def _say(self, words: str, *, urgent: bool = False) -> None:
        self.said.emit(words)
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self._canvas, words)
            politeness = QAccessible.AnnouncementPoliteness
            event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
            QAccessible.updateAccessibility(event)


def _key(issue: Issue) -> tuple[str, str]:
    return (issue.code, issue.where)


def _keys(report: Report) -> set[tuple[str, str]]:
    return {_key(issue) for issue in report.issues}
