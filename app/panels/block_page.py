"""A selected block in the Layer tab: its name, how often it stands in a row, what goes in and out, what is in it."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.document import Document
from app.numbers import amount, count, engineering
from app.panels.effect import effect_line
from app.panels.form import ParamForm
from app.panels.widgets import column, label
from app.style import theme
from engine.graph import groups
from engine.graph.check import check
from engine.graph.elements import MOST_REPEATS
from engine.graph.model import Graph
from engine.graph.report import Report
from engine.issues import ChainruleError
from engine.layers import LAYERS
from engine.params import Bool, Declared, Int
from engine.shapes import text


class BlockSettings(Declared):
    """What can be set about a block, declared as a layer's parameters are."""

    repeat = Int(1, "How many copies stand one after the other, each with weights of its own.", low=1,
                 high=MOST_REPEATS, label="Times in a row")
    collapsed = Bool(False, "Drawn as one card with ports.", label="Collapsed")
    enabled = Bool(True, "Off leaves the block out of computing: what goes in passes it by.", label="Computed")


def selected_block(graph: Graph, ids: frozenset[str]) -> str:
    """The outermost block of which exactly all layers are selected; "" for none. An open block of one layer is no
    more than the layer."""
    found = [i for i, group in graph.groups.items()
             if (group.collapsed or len(ids) > 1) and ids == set(groups.members(graph, i))]
    return min(found, key=lambda i: groups.depth(graph, i), default="")


class BlockPage(QWidget):
    """``show_node(id)`` asks to be taken to a layer of the block."""

    show_node = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._block = ""
        self.title, self.facts = label(role="title"), label(role="quiet")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the block")
        self.name.setToolTip("What this block is called on the canvas and in the palette")
        self.name_error = label(role="error")
        self.form = ParamForm()
        self.effect = label(role="small")
        self.problems = label(role="error")
        self.inside = label()
        self.inside.setTextFormat(Qt.TextFormat.RichText)
        self.inside.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse
                                            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self.inside.setAccessibleName("Layers in the block")
        layout = column(self)
        for widget in (self.title, self.facts, self.name, self.name_error, self.form, self.effect, self.problems,
                       self.inside):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.form.set_parameters(BlockSettings.parameters)
        self.form.edited.connect(self._edit)
        self.form.settled.connect(document.end_merge)
        self.form.considered.connect(self._consider)
        self.form.dismissed.connect(self.effect.hide)
        self.name.editingFinished.connect(self._rename)
        self.inside.linkActivated.connect(self.show_node)
        theme.signals.changed.connect(self._list)

    def show_block(self, block: str) -> None:
        """Fills the page."""
        if block != self._block:
            self.name.setModified(False)
            self.effect.hide()
        self._block = block
        group = self._document.graph.groups[block]
        self.title.setText(f"Block · {group.label}")
        self.facts.setText(self._facts())
        self.name_error.hide()
        if not self.name.isModified():
            self.name.setText(group.name)
            self.name.setPlaceholderText(group.id)
        self.form.show_values(self._values())
        told = [issue.sentence() for issue in self._document.report.at(block)]
        self.problems.setText("\n\n".join(told))
        self.problems.setVisible(bool(told))
        self._list()

    def _values(self) -> dict[str, Any]:
        graph, group = self._document.graph, self._document.graph.groups[self._block]
        enabled = any(graph.nodes[i].enabled for i in groups.members(graph, self._block))
        return {"repeat": group.repeat, "collapsed": group.collapsed, "enabled": enabled}

    def _facts(self) -> str:
        """``28 × 28 × 1 → 14 × 14 × 16 · 5 layers · 4 640 parameters · 1.2 M multiply–adds``."""
        graph, report = self._document.graph, self._document.report
        inside = groups.members(graph, self._block)
        entering, leaving = _border(graph, self._block)
        shapes = " → ".join(" + ".join(_shape(report, i) for i in side) or "nothing" for side in (entering, leaving))
        layers = amount(len(inside), "layer")
        cost = sum(report.costs.get(copy, 0) for i in inside for copy in report.copies(i))
        parameters = sum(report.parameters(i) for i in inside)
        costs = f" · {engineering(cost)}\u00a0multiply–adds" if cost else ""
        return f"{shapes} · {layers} · {count(parameters)}\u00a0parameters{costs}"

    def _list(self) -> None:
        """The layers inside, each a link."""
        graph, report, tokens = self._document.graph, self._document.report, theme.current()
        if self._block not in graph.groups:
            return
        rows = []
        for node_id in groups.members(graph, self._block):
            node, kind = graph.nodes[node_id], LAYERS.get(graph.nodes[node_id].kind)
            title = kind.title if kind else node.kind
            quiet = f"padding: 2px 14px 2px 0; color: {tokens.quiet}"
            rows.append(
                f"<tr><td style='{quiet}'><a href='{escape(node_id)}' style='color: {tokens.text}'>{escape(title)}</a>"
                f"</td><td style='{quiet}'>{escape(node.label)}</td>"
                f"<td align='right' style='{quiet}'>{escape(_shape(report, node_id))}</td></tr>")
        self.inside.setText(f"<table cellspacing='0'>{''.join(rows)}</table>")

    # -- editing -------------------------------------------------------------------------------------------

    def _changed(self, name: str, value: Any) -> Graph:
        graph = self._document.graph
        if name == "enabled":
            return graph.enable(groups.members(graph, self._block), value)
        if name == "collapsed":
            return groups.fold(graph, self._block, value)
        return groups.put(graph, replace(graph.groups[self._block], repeat=value))

    def _edit(self, name: str, value: Any) -> None:
        before, old = self._document.report, self._values()[name]
        title = self._document.graph.groups[self._block].label
        words = {"repeat": f"Repeat {title}", "collapsed": f"{'Collapse' if value else 'Open'} {title}",
                 "enabled": "Enable" if value else "Bypass"}[name]
        self._document.commit(self._changed(name, value), words, merge_key=f"block {self._block} {name}")
        self._show_effect(name, old, value, before, self._document.report)

    def _consider(self, name: str, value: Any) -> None:
        """Says what a value would do that is not chosen yet."""
        param, report, old = BlockSettings.parameters[name], self._document.report, self._values()[name]
        if value != old and param.problem(value) is None:
            after = check(self._changed(name, value), self._document.signature, report)
            self._show_effect(name, old, value, report, after)

    def _show_effect(self, name: str, old: Any, new: Any, before: Report, after: Report) -> None:
        inside = groups.members(self._document.graph, self._block)
        self.effect.setText(effect_line(BlockSettings.parameters[name], old, new, before, after, inside))
        self.effect.setVisible(old != new)

    def _rename(self) -> None:
        if not self.name.isModified() or self._block not in self._document.graph.groups:
            return
        self.name.setModified(False)
        wanted, graph = self.name.text().strip(), self._document.graph
        if wanted == graph.groups[self._block].name:
            return
        try:
            renamed = groups.rename(graph, self._block, wanted)
        except ChainruleError as error:
            self.name_error.setText(str(error))
            self.name_error.show()
            return
        self._document.commit(renamed, f"Rename {graph.groups[self._block].label}")


def _border(graph: Graph, block: str) -> tuple[list[str], list[str]]:
    """The layers outside that feed a block, and those inside whose outputs leave it, each once."""
    found = groups.ports(graph, block)
    inside = set(groups.members(graph, block))
    return list(dict.fromkeys(e.source for e in found.crossing if e.target in inside)), list(found.outputs)


def _shape(report: Report, node_id: str) -> str:
    shape = report.shapes.get(node_id)
    return text(shape) if shape is not None else "?"
