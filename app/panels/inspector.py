"""The Layer tab: what is selected, its parameters as fields, its help; the whole network where nothing is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.document import Document
from app.numbers import count
from app.panels.form import ParamForm
from app.panels.palette import help_card
from app.panels.summary import Summary
from app.panels.widgets import Card, column, label, scrolled
from engine.graph.model import Node
from engine.issues import ChainruleError, Severity
from engine.layer import Layer
from engine.layers import LAYERS
from engine.shapes import Shape, text


class Inspector(QWidget):
    """Shows and edits the selected layers. ``show_node(id)`` asks to be taken to a layer."""

    show_node = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.summary = Summary(document)
        self.layer_page = LayerPage(document)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.summary)
        self.stack.addWidget(scrolled(self.layer_page))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.summary.show_node.connect(self.show_node)
        document.selection_changed.connect(self._show)
        document.graph_changed.connect(self._show)
        document.report_changed.connect(self._show)
        self._show()

    def _show(self, _: object = None) -> None:
        known = self.document.graph.nodes
        nodes = [known[i] for i in sorted(self.document.selection) if i in known]
        self.stack.setCurrentIndex(1 if nodes else 0)
        if nodes:
            self.layer_page.show_nodes(nodes)


class LayerPage(QWidget):
    """One layer, or several that are edited together where they are of one kind."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._nodes: list[Node] = []
        self.title = label(role="title")
        self.facts = label(role="quiet")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the layer")
        self.name.setToolTip("What this layer is called on the canvas, in plots and in exported files")
        self.name_error = label(role="error")
        self.form = ParamForm()
        self.problems = label(role="error")
        self.help = _HelpCard()
        layout = column(self)
        for widget in (self.title, self.facts, self.name, self.name_error, self.form, self.problems, self.help):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.name.editingFinished.connect(self._rename)
        self.form.edited.connect(self._edit)
        self.form.settled.connect(document.end_merge)

    def show_nodes(self, nodes: list[Node]) -> None:
        """Fills the page."""
        if [node.id for node in nodes] != [node.id for node in self._nodes]:
            self.name.setModified(False)
        self._nodes = nodes
        kinds = {node.kind for node in nodes}
        layer = LAYERS.get(nodes[0].kind) if len(kinds) == 1 else None
        self._show_head(nodes, layer)
        self.form.set_parameters(layer.parameters if layer else {})
        if layer is not None:
            self._show_values(nodes, layer)
        self._show_problems(nodes)
        self.help.show_layer(layer)

    def _show_head(self, nodes: list[Node], layer: type[Layer] | None) -> None:
        one = len(nodes) == 1
        kind = layer.title if layer else nodes[0].kind
        if one:
            self.title.setText(f"{kind} · {nodes[0].label}")
        else:
            self.title.setText(f"{len(nodes)} × {kind}" if layer else f"{len(nodes)} layers")
        self.facts.setText(self._facts(nodes, layer))
        self.name.setVisible(one)
        self.name_error.setVisible(False)
        self.name.setProperty("role", None)
        if one and not self.name.isModified():
            self.name.setText(nodes[0].name)
            self.name.setPlaceholderText(nodes[0].id)

    def _facts(self, nodes: list[Node], layer: type[Layer] | None) -> str:
        report, graph = self.document.report, self.document.graph
        parameters = sum(report.parameters(node.id) for node in nodes)
        if len(nodes) > 1:
            shared = "Edited together." if layer else "Select layers of one kind to edit them together."
            return f"{count(parameters)} parameters. {shared}"
        node = nodes[0]
        inputs = [shape_text(report.shapes.get(edge.source)) for edge in graph.inputs(node.id)]
        parts = [f"{' + '.join(inputs)} → {shape_text(report.shapes.get(node.id))}" if inputs else
                 shape_text(report.shapes.get(node.id))]
        if parameters:
            parts.append(f"{count(parameters)} parameters")
        if layer is None:
            parts = ["This program does not know this kind of layer."]
        return " · ".join(parts)

    def _show_values(self, nodes: list[Node], layer: type[Layer]) -> None:
        defaults = layer.defaults()
        found = [{**defaults, **node.params} for node in nodes]
        mixed = {name for name in defaults if any(values[name] != found[0][name] for values in found[1:])}
        self.form.show_values(found[0], mixed)

    def _show_problems(self, nodes: list[Node]) -> None:
        """Errors of a field at the field, the others under the form."""
        rest = []
        for issue in self.document.report.at(nodes[0].id) if len(nodes) == 1 else ():
            if issue.parameter in self.form.rows and not self.form.rows[issue.parameter].problem:
                self.form.show_problem(issue.parameter, issue.sentence())
            elif issue.severity is Severity.ERROR and not issue.parameter:
                rest.append(issue.sentence())
        self.problems.setText("\n\n".join(rest))
        self.problems.setVisible(bool(rest))

    def _rename(self) -> None:
        if len(self._nodes) != 1 or not self.name.isModified():
            return
        self.name.setModified(False)
        node_id, wanted = self._nodes[0].id, self.name.text().strip()
        if wanted == self.document.graph.nodes[node_id].name:
            return
        try:
            renamed = self.document.graph.rename(node_id, wanted)
        except ChainruleError as error:
            self.name_error.setText(str(error))
            self.name_error.show()
            self.name.setProperty("role", "error")
            self.name.style().polish(self.name)
            return
        self.document.commit(renamed, f"Rename {self._nodes[0].label}")

    def _edit(self, name: str, value: Any) -> None:
        graph = self.document.graph
        for node in self._nodes:
            graph = graph.set_params(node.id, **{name: value})
        param = LAYERS[self._nodes[0].kind].parameters[name]
        ids = ",".join(node.id for node in self._nodes)
        self.document.commit(graph, f"Change {param.label}", merge_key=f"param {ids} {name}")


class _HelpCard(Card):
    """What the layer does, its formula, when to reach for it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = label()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.column.addWidget(self.text)

    def show_layer(self, layer: type[Layer] | None) -> None:
        self.setVisible(layer is not None)
        if layer is not None:
            self.text.setText(help_card(layer))


def shape_text(shape: Shape | None) -> str:
    """A shape as a person reads it; a question mark where it is not known."""
    return "?" if shape is None else text(shape)
