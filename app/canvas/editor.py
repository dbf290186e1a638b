"""What can be done on the canvas, each as one undoable step; gestures, menus and keys all come here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QPointF

from app.canvas import metrics as m
from app.canvas.scene import CanvasScene
from app.canvas.transfer import told
from app.canvas.ways import EdgeKey
from app.document import Document
from engine.graph import chains, edits, groups, legal, tidy
from engine.graph.elements import Note
from engine.graph.model import Edge, Graph, Position
from engine.issues import ChainruleError
from engine.layers import LAYERS

Say = Callable[[str, str], None]


class Editor:
    """Edits the document; ``say(severity, sentence)`` tells the person what could not be done, ``added(kind)`` that
    a layer was added, by whatever way."""

    def __init__(
        self, document: Document, scene: CanvasScene, say: Say, added: Callable[[str], object] = lambda kind: None
    ) -> None:
        self._document = document
        self._scene = scene
        self._say = say
        self._added = added

    @property
    def graph(self) -> Graph:
        return self._document.graph

    # -- adding --------------------------------------------------------------------------------------------

    def add(self, kind: str, centre: QPointF) -> str:
        """A new node with its centre here, selected; its id."""
        grown, node_id = self._grown(self.graph, kind, m.corner(centre))
        self._commit_added(grown, node_id, kind)
        return node_id

    def add_on_wire(self, kind: str, key: EdgeKey, centre: QPointF) -> str:
        """A new node in the middle of a wire; what follows makes room."""
        grown, node_id = self._grown(self.graph, kind, m.corner(centre))
        grown = edits.insert_on_wire(grown, self.graph.edges[key], node_id)
        self._commit_added(edits.make_room(grown, node_id, m.COLUMN), node_id, kind, "Insert")
        return node_id

    def add_after(self, kind: str, source: str, centre: QPointF) -> str:
        """A new node wired from ``source``."""
        corner = m.snapped(centre - QPointF(0, m.NODE_HEIGHT / 2))
        grown, node_id = self._grown(self.graph, kind, corner)
        self._commit_added(grown.connect(source, node_id), node_id, kind)
        return node_id

    def add_before(self, kind: str, target: str, port: str, centre: QPointF) -> str:
        """A new node wired into ``port`` of ``target``."""
        corner = m.snapped(centre - QPointF(m.NODE_WIDTH, m.NODE_HEIGHT / 2))
        grown, node_id = self._grown(self.graph, kind, corner)
        self._commit_added(edits.connect(grown, node_id, target, port), node_id, kind)
        return node_id

    def append(self, kind: str, centre: QPointF) -> str:
        """A new node at the end of what is selected, or of the network: wired where that is allowed.

        A selected node with one wire out gets the new one into that wire; so does a network that already ends in a
        loss. Where nothing can be wired the node is placed at ``centre``.
        """
        anchor = self.anchor()
        if kind not in LAYERS or anchor is None or not edits.can_follow(kind):
            return self.add(kind, self._centre_of_free(centre))
        outputs = self.graph.outputs(anchor)
        if len(outputs) == 1 and edits.fits_on_wire(kind) and not LAYERS[kind].variadic:
            x, y = self.graph.nodes[anchor].position
            return self.add_on_wire(kind, outputs[0].key, m.middle((x + m.COLUMN, y)))
        if not edits.can_lead(self.graph.nodes[anchor].kind):
            return self.add(kind, self._centre_of_free(centre))
        x, y = self.graph.nodes[anchor].position
        place = m.middle(self._scene.free_place((x + m.COLUMN, y)))
        return self.add_after(kind, anchor, place - QPointF(m.NODE_WIDTH / 2, 0))

    def anchor(self) -> str | None:
        """The node after which a layer is appended: the one selected, or before it where that is a loss; else the
        rightmost open end, else the one before the rightmost loss."""
        graph = self.graph
        known = {i: node for i, node in graph.nodes.items() if node.kind in LAYERS}
        chosen = [i for i in self._document.selection if i in known]
        if len(chosen) == 1 and edits.can_lead(known[chosen[0]].kind):
            return chosen[0]
        if len(chosen) == 1 and (before := graph.inputs(chosen[0])):
            return before[0].source
        ends = [i for i, node in known.items() if not graph.outputs(i) and edits.can_lead(node.kind)]
        if not ends:
            ends = [e.source for i, node in known.items() if not edits.can_lead(node.kind) for e in graph.inputs(i)]
        return max(ends, key=lambda i: graph.nodes[i].position[0], default=None)

    def _centre_of_free(self, centre: QPointF) -> QPointF:
        return m.middle(self._scene.free_place(m.corner(centre)))

    def _grown(self, graph: Graph, kind: str, position: Position) -> tuple[Graph, str]:
        """A new Input has the shape of the data, where there are data."""
        signature = self._document.signature
        params = {"shape": signature.input_shape} if kind == "Input" and signature else {}
        return graph.add(kind, params, position)

    def _commit_added(self, graph: Graph, node_id: str, kind: str, verb: str = "Add") -> None:
        title = LAYERS[kind].title if kind in LAYERS else kind
        home = self._home(graph, node_id)
        if home:
            graph = groups.adopt(graph, [node_id], home)
        self._document.commit(graph, f"{verb} {title}")
        self._document.select([node_id])
        self._added(kind)

    def _home(self, graph: Graph, node_id: str) -> str:
        """The block that a new node belongs to: that of all it is wired to, else the open one it was put down in."""
        beside = [*(e.source for e in graph.inputs(node_id)), *(e.target for e in graph.outputs(node_id))]
        if beside:
            return groups.open_home(graph, beside)
        return self._scene.blocks.home_at(m.middle(graph.nodes[node_id].position))

    # -- wiring --------------------------------------------------------------------------------------------

    def connect(self, source: str, target: str, port: str) -> bool:
        """Draws a wire, or says why it may not be drawn."""
        reason = legal.why_not(self.graph, self._document.report, source, target, port)
        if reason is not None:
            self._say("warning", reason)
            return False
        self._document.commit(edits.connect(self.graph, source, target, port), "Connect")
        return True

    def replug(self, edge: Edge, target: str, port: str) -> bool:
        """Moves a wire's end to another port, or says why it may not lie there."""
        reason = legal.why_not(self.graph, self._document.report, edge.source, target, port)
        if reason is not None:
            self._say("warning", reason)
            return False
        self._document.commit(edits.replug(self.graph, edge, target, port), "Re-plug wire")
        return True

    def wire_selected(self) -> None:
        """Wires the selected nodes one after the other, from left to right, as far as that is allowed."""
        nodes = sorted((self.graph.nodes[i] for i in self._document.selection), key=lambda n: n.position)
        graph, reason = chains.wire_in_order(self.graph, self._document.report, [node.id for node in nodes])
        self._document.commit(graph, "Connect in order")
        if reason is not None:
            self._say("warning", reason)

    def lift(self, places: Mapping[str, Position], wire: EdgeKey | None = None) -> None:
        """Takes nodes out of their chain, whose ends are joined, to other places; one node alone may go into
        the middle of another wire."""
        graph = chains.lift(self.graph, places).move(places)
        edge = graph.edges.get(wire) if wire is not None else None
        if edge is None:
            self._document.commit(graph, f"Take out {self._named(places)}")
            return
        node_id, = places
        graph = edits.insert_on_wire(graph, edge, node_id)
        self._document.commit(edits.make_room(graph, node_id, m.COLUMN), f"Insert {self._named(places)}")

    def disconnect(self, keys: Iterable[EdgeKey], verb: str = "Delete") -> None:
        """Deletes wires."""
        graph, wires = self.graph, [self.graph.edges[key] for key in keys]
        # From the last port on: deleting one closes the gap and renumbers those after it.
        for edge in sorted(wires, key=lambda e: graph.ports(e.target).index(e.port), reverse=True):
            graph = graph.disconnect(*edge.key)
        self._document.commit(graph, f"{verb} wire" if len(wires) == 1 else f"{verb} {len(wires)} wires")

    # -- changing what is selected -------------------------------------------------------------------------

    def delete(self) -> None:
        """Deletes the selected wires, or nodes and notes; the ends of a simple chain are joined."""
        if self._scene.ways.selected_dot is not None:
            key, index = self._scene.ways.selected_dot
            dots = self.graph.edges[key].dots
            self._document.commit(self.graph.reroute(key, (*dots[:index], *dots[index + 1 :])), "Delete a dot")
        elif self._scene.selected_wires:
            self.disconnect(self._scene.selected_wires)
        elif self._document.selection or self._scene.notes.selected:
            chosen, notes = self._document.selection, self._scene.notes.selected
            graph = self.graph.remove(chosen, heal=True).remove_notes(notes)
            self._document.commit(graph, f"Delete {told(self.graph, chosen, notes)}")

    def move(
        self, positions: Mapping[str, Position], text: str = "", merge_key: str = "", notes: Iterable[Note] = ()
    ) -> None:
        """Puts nodes elsewhere, and notes as they are given, all in one step."""
        moved = list(notes)
        graph = self.graph.move(positions).put_note(*moved)
        self._document.commit(graph, text or f"Move {told(self.graph, positions, moved)}", merge_key)

    def nudge(self, dx: float, dy: float) -> None:
        """Moves the selected nodes and notes; steps in a row are one undo step."""
        within, notes = self._scene.notes.carried(self._scene.notes.selected)
        ids = self._document.selection | within
        if ids or notes:
            moved = {i: (x + dx, y + dy) for i in ids for x, y in [self.graph.nodes[i].position]}
            self.move(moved, "", "nudge", [self.graph.notes[i].shifted(dx, dy) for i in notes])

    def rename(self, node_id: str, name: str) -> None:
        """Gives a node a name; "" takes it away."""
        try:
            self._document.commit(self.graph.rename(node_id, name), f"Rename {self.graph.nodes[node_id].label}")
        except ChainruleError as error:
            self._say("warning", str(error))

    def tidy_up(self) -> None:
        """Lays out everything anew, left to right, frames and comments with what they are about, and keeps the top
        left corner where it is."""
        scene = self._scene
        sizes = {i: (rect.width(), rect.height()) for i, item in scene.nodes.items() for rect in [item.own_rect]}
        sizes |= {i: (item.rect.width(), item.rect.height()) for i, item in scene.blocks.items.items()
                  if self.graph.groups[i].collapsed}
        frames = {i: scene.notes.inside(i)[0] for i, item in scene.notes.items.items() if item.is_frame}
        found = tidy.tidy(self.graph, sizes, frames)
        notes = [note.snapped(m.GRID) for note in found.notes]
        self.move({i: (m.snap(x), m.snap(y)) for i, (x, y) in found.places.items()}, "Tidy up", notes=notes)

    def _named(self, ids: Iterable[str]) -> str:
        return told(self.graph, ids)
