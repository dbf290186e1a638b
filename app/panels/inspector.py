"""The Layer tab: what is selected, its parameters as fields, its help; the whole network where nothing is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.document import Document
from app.numbers import amount
from app.panels.block_page import BlockPage, selected_block
from app.panels.control_advice import AdviceCards
from app.panels.effect import effect_line
from app.panels.form import ParamForm
from app.panels.live_layer import LiveLayer
from app.panels.mends import Mends
from app.panels.palette import help_card
from app.panels.summary import Summary
from app.panels.widgets import Card, column, label, scrolled
from engine.graph.check import check
from engine.graph.diff import GraphDiff
from engine.graph.model import Graph, Node
from engine.graph.report import Report
from engine.issues import ChainruleError, Fix, Issue, Severity
from engine.layer import Layer
from engine.layers import LAYERS
from engine.params import Param
from engine.shapes import Shape, text


class Inspector(QWidget):
    """Shows and edits the selected layers. ``show_node(id)`` asks to be taken to a layer, ``analyse`` for the table of
    them all; ``message`` tells what failed."""

    show_node = Signal(str)
    analyse = Signal()
    message = Signal(str, str)
    show_plot = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.summary = Summary(document)
        self.layer_page = LayerPage(document)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.summary)
        self.block_page = BlockPage(document)
        self.stack.addWidget(scrolled(self._pages()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.summary.show_node.connect(self.show_node)
        self.block_page.show_node.connect(self.show_node)
        self.summary.analyse.connect(self.analyse)
        for mender in (self.layer_page.mends, self.layer_page.advice):
            mender.failed.connect(partial(self.message.emit, "warning"))
        self.layer_page.advice.show_plot.connect(self.show_plot)
        document.selection_changed.connect(self._show)
        document.report_changed.connect(self._show)
        document.graph_changed.connect(self._regrouped)
        self._show()

    def _regrouped(self, changes: GraphDiff) -> None:
        """Names and folds of blocks mean nothing to checking: no report tells of them."""
        if changes.groups:
            self._show()

    def _pages(self) -> QWidget:
        """A block, and below it what its layers have in common."""
        pages = QWidget()
        layout = column(pages, margins=(0, 0, 0, 0), spacing=0)
        layout.addWidget(self.block_page)
        layout.addWidget(self.layer_page, 1)
        return pages

    def _show(self, _: object = None) -> None:
        graph = self.document.graph
        nodes = [graph.nodes[i] for i in sorted(self.document.selection) if i in graph.nodes]
        self.stack.setCurrentIndex(1 if nodes else 0)
        if not nodes:
            self.summary.follow()
            return
        block = selected_block(graph, self.document.selection)
        self.block_page.setVisible(bool(block))
        if block:
            self.block_page.show_block(block)
        self.layer_page.show_nodes(nodes)
        self.layer_page.setVisible(not block or bool(self.layer_page.form.rows))


class LayerPage(QWidget):
    """One layer, or several that are edited together in what their kinds have in common."""

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
        #: What the edit at hand does to shapes, sizes and costs.
        self.effect = label(role="small")
        self.effect.hide()
        self._before: tuple[str, Any, Report] | None = None
        self._editing = False
        self.problems = label(role="error")
        self.mends = Mends(document)
        self.live = LiveLayer()
        self.advice = AdviceCards(document)
        self.help = _HelpCard()
        layout = column(self)
        for widget in (self.title, self.facts, self.name, self.name_error, self.form, self.effect, self.problems,
                       self.mends, self.live, self.advice, self.help):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.name.editingFinished.connect(self._rename)
        self.form.edited.connect(self._edit)
        self.form.settled.connect(document.end_merge)
        self.form.typing.connect(document.set_typing)
        self.form.settled.connect(self._settle)
        self.form.considered.connect(self._consider)
        self.form.dismissed.connect(self.effect.hide)

    def show_nodes(self, nodes: list[Node]) -> None:
        """Fills the page."""
        if [node.id for node in nodes] != [node.id for node in self._nodes]:
            self.name.setModified(False)
        self._nodes = nodes
        one = nodes[0].id if len(nodes) == 1 else ""
        self.live.show_node(one, self.document.report.copies(one))
        kinds = {node.kind for node in nodes}
        layer = LAYERS.get(nodes[0].kind) if len(kinds) == 1 else None
        shared = common_parameters(kinds)
        self._show_head(nodes, layer)
        self.form.set_parameters(shared)
        self._show_values(nodes, shared)
        if not self._editing:
            self.effect.hide()
            self._before = None
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
            shared = common_parameters({node.kind for node in nodes})
            together = "Edited together." if layer else "Edited together in what these kinds have in common."
            return f"{amount(parameters, 'parameter')}. {together if shared else 'They have no parameter in common.'}"
        node = nodes[0]
        inputs = [shape_text(report.shapes.get(edge.source)) for edge in graph.inputs(node.id)]
        unknown = not inputs or report.shapes.get(node.id) is None
        parts = [shape_text(report.shapes.get(node.id)) if unknown else
                 f"{' + '.join(inputs)} → {shape_text(report.shapes.get(node.id))}"]
        if parameters:
            parts.append(amount(parameters, "parameter"))
        if layer is None:
            parts = ["This program does not know this kind of layer."]
        return " · ".join(parts)

    def _show_values(self, nodes: list[Node], shared: Mapping[str, Param[Any]]) -> None:
        found = [{name: _value(node, name) for name in shared} for node in nodes]
        mixed = {name for name in shared if any(values[name] != found[0][name] for values in found[1:])}
        self.form.show_values(found[0], mixed)

    def _show_problems(self, nodes: list[Node]) -> None:
        """Errors of a field at the field, the others under the form."""
        rest: list[str] = []
        mends: list[tuple[Issue, Fix]] = []
        for issue in self.document.report.at(nodes[0].id) if len(nodes) == 1 else ():
            if issue.parameter in self.form.rows and not self.form.rows[issue.parameter].problem:
                self.form.show_problem(issue.parameter, issue.sentence())
            elif issue.severity is Severity.ERROR and not issue.parameter:
                rest.append(issue.sentence())
            if issue.severity is not Severity.ADVICE:
                mends += [(issue, fix) for fix in issue.mends]
        self.advice.show_advice(self.document.report.at(nodes[0].id) if len(nodes) == 1 else ())
        self.mends.offer(mends)
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
        param = self.form.rows[name].param
        ids = ",".join(node.id for node in self._nodes)
        if self._before is None or self._before[0] != name:
            self._before = (name, self._old(name), self.document.report)
        self._editing = True
        self.document.commit(self._changed(name, value), f"Change {param.label}", merge_key=f"param {ids} {name}")
        self._editing = False
        _, old, before = self._before
        self._show_effect(param, old, value, before, self.document.report)

    def _changed(self, name: str, value: Any) -> Graph:
        graph = self.document.graph
        for node in self._nodes:
            graph = graph.set_params(node.id, **{name: value})
        return graph

    # -- what an edit does --------------------------------------------------------------------------------

    def _old(self, name: str) -> Any:
        """The value in force, None where the layers differ."""
        values = [_value(node, name) for node in self._nodes]
        return values[0] if all(value == values[0] for value in values) else None

    def _consider(self, name: str, value: Any) -> None:
        """Says what a value would do that is not chosen yet."""
        param, report = self.form.rows[name].param, self.document.report
        if value != self._old(name) and param.problem(value) is None:
            after = check(self._changed(name, value), self.document.signature, report)
            self._show_effect(param, self._old(name), value, report, after)

    def _show_effect(self, param: Param[Any], old: Any, new: Any, before: Report, after: Report) -> None:
        self.effect.setText(effect_line(param, old, new, before, after, [node.id for node in self._nodes]))
        self.effect.setVisible(old != new)

    def _settle(self) -> None:
        """The next edit is compared with what is there now."""
        self._before = None


def common_parameters(kinds: Collection[str]) -> dict[str, Param[Any]]:
    """The parameters that all these kinds of layer have and declare alike (defaults and help may differ)."""
    known = [LAYERS[kind].parameters for kind in kinds if kind in LAYERS]
    if len(known) < len(kinds) or not known:
        return {}
    return {name: param for name, param in known[0].items()
            if all(name in other and _alike(param, other[name]) for other in known[1:])}


def _alike(a: Param[Any], b: Param[Any]) -> bool:
    own, other = ({key: value for key, value in vars(param).items() if key not in ("default", "help", "advanced")}
                  for param in (a, b))
    return type(a) is type(b) and own == other


def _value(node: Node, name: str) -> Any:
    return node.params[name] if name in node.params else LAYERS[node.kind].parameters[name].default


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
    """A shape as a person reads it, in words where it is not known."""
    return "shape not known yet" if shape is None else text(shape)
