"""Parts of networks that come and go: the clipboard, copies, saved blocks and templates; each one undoable step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from app.canvas import metrics as m
from app.canvas.scene import CanvasScene
from app.canvas.ways import EdgeKey
from app.document import Content, Document
from engine.graph import chains, edits, groups
from engine.graph.model import Graph, Position
from engine.issues import ChainruleError
from engine.project.templates import TEMPLATES

_STEP = 2 * m.GRID
#: Between what is there and a network that is added below it.
_BELOW = 2 * m.ROW


class Transfer:
    """Adds to the document; ``say(severity, sentence)`` tells what could not be read, ``anchor()`` names the node
    after which a block is appended."""

    def __init__(self, document: Document, scene: CanvasScene, say: Callable[[str, str], None],
                 anchor: Callable[[], str | None]) -> None:
        self._document = document
        self._scene = scene
        self._say = say
        self._anchor = anchor
        self._pasted: tuple[str, int] = ("", 0)

    @property
    def _graph(self) -> Graph:
        return self._document.graph

    # -- clipboard -----------------------------------------------------------------------------------------

    def copy(self) -> bool:
        """Puts the selected nodes and notes on the clipboard as text; were there any?"""
        if not self._document.selection and not self._scene.notes.selected:
            return False
        QGuiApplication.clipboard().setText(self._selected_text())
        return True

    def cut(self) -> None:
        """Copies what is selected, then takes it out of the network."""
        if self.copy():
            chosen, notes = self._document.selection, self._scene.notes.selected
            graph = self._graph.remove(chosen, heal=True).remove_notes(notes)
            self._document.commit(graph, f"Cut {told(self._graph, chosen, notes)}")

    def paste(self, centre: QPointF | None = None) -> None:
        """Adds what is on the clipboard, beside where it was copied or around ``centre``."""
        text = QGuiApplication.clipboard().text()
        part = self._read(text)
        if part is None:
            return
        # Pasted once more, it lies one step further, not on top of the last copy.
        times = self._pasted[1] + 1 if self._pasted[0] == text else 1
        self._pasted = (text, times)
        offset = (times * _STEP, times * _STEP)
        if centre is not None:
            offset = m.snapped(centre - _middle(part))
        self._add_part(part, offset, "Paste")

    def duplicate(self) -> None:
        """A copy of the selected nodes and notes, and of the wires between them, beside them."""
        if self._document.selection or self._scene.notes.selected:
            self._add_part(edits.read_text(self._selected_text()), (_STEP, _STEP), "Duplicate")

    def duplicate_wired(self, ids: Iterable[str], offset: Position) -> None:
        """A copy of these nodes, fed by what feeds the originals."""
        grown, new_ids = chains.duplicate(self._graph, ids, offset)
        self._document.commit(grown, f"Duplicate {told(self._graph, list(ids))}")
        self._document.select(new_ids)

    def _selected_text(self) -> str:
        return edits.copy_text(self._graph, self._document.selection, self._scene.notes.selected)

    def _read(self, text: str) -> Graph | None:
        """What a text describes; None, and a sentence, where it is none of ours."""
        try:
            part = edits.read_text(text)
        except ChainruleError as error:
            self._say("warning", str(error))
            return None
        return part if part.nodes or part.notes else None

    def _add_part(self, part: Graph, offset: Position, verb: str) -> None:
        before = self._graph
        grown, new_ids = edits.paste(before, part, offset)
        self._document.commit(grown, f"{verb} {told(part, part.nodes, part.notes)}")
        self._scene.choose(new_ids, grown.notes.keys() - before.notes.keys())

    # -- saved blocks --------------------------------------------------------------------------------------

    def add_block(self, text: str, centre: QPointF, key: EdgeKey | None = None) -> None:
        """A saved block with its middle here, into a wire where one is given."""
        part = self._read(text)
        if part is None or not part.nodes:
            return
        grown, new_ids = edits.paste(self._graph, part, m.snapped(centre - _middle(part)))
        block = list(groups.around(grown, grown.nodes[new_ids[0]].group))[-1:]
        if key is not None and block:
            edge = self._graph.edges[key]
            grown = groups.splice(grown, block[0], edge.source, edge)
            for output in groups.ports(grown, block[0]).outputs:
                grown = edits.make_room(grown, output, m.COLUMN)
        self._document.commit(grown, f"Add {grown.groups[block[0]].label}" if block else "Add a block")
        self._document.select(new_ids)

    def append_block(self, text: str, centre: QPointF) -> None:
        """A saved block after what is selected, or at the end of the network: into the wire that leaves there."""
        anchor = self._anchor()
        outputs = self._graph.outputs(anchor) if anchor is not None else []
        if anchor is None or len(outputs) != 1:
            self.add_block(text, centre)
            return
        part = self._read(text)
        if part is None or not part.nodes:
            return
        x, y = self._graph.nodes[anchor].position
        places = [node.position[0] for node in part.nodes.values()]
        half = (max(places) - min(places)) / 2
        self.add_block(text, m.middle((x + m.COLUMN + half, y)), outputs[0].key)

    # -- templates -----------------------------------------------------------------------------------------

    def add_template(self, template_id: str, centre: QPointF | None = None) -> None:
        """A template's network, around ``centre`` or below all there is. Where nothing was drawn yet its data and
        settings come along; beside a network of the person's own they would change what that learns from."""
        made = TEMPLATES[template_id]
        part, here = made.make_graph(), self._graph
        offset = m.snapped(centre - _middle(part)) if centre is not None else self._below(part)
        content = self._document.content
        if not here.nodes:
            project = made.build()
            content = Content(here, project.source, project.training)
            grown = here.put(*part.nodes.values())
            grown = replace(grown, edges=part.edges).move(
                {i: (n.position[0] + offset[0], n.position[1] + offset[1]) for i, n in part.nodes.items()})
            new_ids: tuple[str, ...] = tuple(part.nodes)
        else:
            # The template's ids become names, so that its layers are told apart as they are in the template.
            named = part.put(*(replace(node, name=node.id) for node in part.nodes.values()))
            grown, new_ids = edits.paste(here, named, offset)
        self._document.commit_content(replace(content, graph=grown), f"Add {made.title}")
        self._document.select(new_ids)

    def _below(self, part: Graph) -> Position:
        """The way from a part's own place to one below everything, its left side in line."""
        box = self._scene.bounds()
        if box.isEmpty():
            return m.snapped(-_middle(part))
        left = min(node.position[0] for node in part.nodes.values())
        top = min(node.position[1] for node in part.nodes.values())
        return m.snapped(QPointF(box.left() - left, box.bottom() + _BELOW - m.NODE_HEIGHT - top))


def told(graph: Graph, ids: Iterable[str], notes: Iterable[str] = ()) -> str:
    """Nodes and notes in a few words: ``hidden_1``, ``3 layers``, ``2 layers and 1 note``."""
    labels, count = [graph.nodes[i].label for i in ids], len(list(notes))
    noted = "note" if count == 1 else f"{count} notes"
    if not labels:
        return noted
    layers = labels[0] if len(labels) == 1 else f"{len(labels)} layers"
    return f"{layers} and {'a note' if count == 1 else noted}" if count else layers


def _middle(part: Graph) -> QPointF:
    """The middle of all nodes and notes."""
    boxes = [(x, y, x + m.NODE_WIDTH, y + m.NODE_HEIGHT) for x, y in (node.position for node in part.nodes.values())]
    boxes += [(x, y, x + width, y + height) for x, y, width, height in (note.rect for note in part.notes.values())]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return QPointF(min(lefts) + max(rights), min(tops) + max(bottoms)) / 2
