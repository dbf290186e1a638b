"""What can be done on the canvas, each as one undoable step; gestures, menus and keys all come here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from app.canvas import metrics as m
from app.canvas.scene import CanvasScene, EdgeKey
from app.document import Document
from engine.graph import arrange, chains, edits, groups, legal
from engine.graph.model import Edge, Graph, Position
from engine.issues import ChainruleError
from engine.layers import LAYERS

Say = Callable[[str, str], None]
#: Direction of an arrow key → step on the screen.
_PASTE_STEP = 2 * m.GRID


class Editor:
    """Edits the document; ``say(severity, sentence)`` tells the person what could not be done."""

    def __init__(self, document: Document, scene: CanvasScene, say: Say) -> None:
        self._document = document
        self._scene = scene
        self._say = say
        self._pasted: tuple[str, int] = ("", 0)
        self._reached = ""

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
        anchor = self._anchor()
        if kind not in LAYERS or anchor is None or not edits.can_follow(kind):
            return self.add(kind, self._centre_of_free(centre))
        outputs = self.graph.outputs(anchor)
        if len(outputs) == 1 and edits.fits_on_wire(kind) and not LAYERS[kind].variadic:
            x, y = self.graph.nodes[anchor].position
            return self.add_on_wire(kind, outputs[0].key, _centre((x + m.COLUMN, y)))
        if not edits.can_lead(self.graph.nodes[anchor].kind):
            return self.add(kind, self._centre_of_free(centre))
        x, y = self.graph.nodes[anchor].position
        place = _centre(self._scene.free_place((x + m.COLUMN, y)))
        return self.add_after(kind, anchor, place - QPointF(m.NODE_WIDTH / 2, 0))

    def _anchor(self) -> str | None:
        """The node after which a layer is appended: the one selected, else the rightmost open end, else the one
        before the rightmost loss."""
        graph = self.graph
        known = {i: node for i, node in graph.nodes.items() if node.kind in LAYERS}
        chosen = [i for i in self._document.selection if i in known]
        if len(chosen) == 1 and edits.can_lead(known[chosen[0]].kind):
            return chosen[0]
        ends = [i for i, node in known.items() if not graph.outputs(i) and edits.can_lead(node.kind)]
        if not ends:
            ends = [e.source for i, node in known.items() if not edits.can_lead(node.kind) for e in graph.inputs(i)]
        return max(ends, key=lambda i: graph.nodes[i].position[0], default=None)

    def _centre_of_free(self, centre: QPointF) -> QPointF:
        return _centre(self._scene.free_place(m.corner(centre)))

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

    def _home(self, graph: Graph, node_id: str) -> str:
        """The block that a new node belongs to: that of all it is wired to, else the open one it was put down in."""
        beside = [*(e.source for e in graph.inputs(node_id)), *(e.target for e in graph.outputs(node_id))]
        if beside:
            return groups.open_home(graph, beside)
        return self._scene.blocks.home_at(_centre(graph.nodes[node_id].position))

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
        """Deletes the selected wires, or the selected nodes; the ends of a simple chain are joined."""
        if self._scene.selected_dot is not None:
            key, index = self._scene.selected_dot
            dots = self.graph.edges[key].dots
            self._document.commit(self.graph.reroute(key, (*dots[:index], *dots[index + 1 :])), "Delete a dot")
        elif self._scene.notes.selected:
            chosen = self._scene.notes.selected
            name = "note" if len(chosen) == 1 else f"{len(chosen)} notes"
            self._document.commit(self.graph.remove_notes(chosen), f"Delete {name}")
        elif self._scene.selected_wires:
            self.disconnect(self._scene.selected_wires)
        elif self._document.selection:
            self._delete_nodes("Delete")

    def _delete_nodes(self, verb: str) -> None:
        chosen = self._document.selection
        self._document.commit(self.graph.remove(chosen, heal=True), f"{verb} {self._named(chosen)}")

    def move(self, positions: Mapping[str, Position], text: str = "", merge_key: str = "") -> None:
        """Puts nodes elsewhere, all in one step."""
        self._document.commit(self.graph.move(positions), text or f"Move {self._named(positions)}", merge_key)

    def nudge(self, dx: float, dy: float) -> None:
        """Moves the selected nodes; steps in a row are one undo step."""
        nodes = [self.graph.nodes[i] for i in self._document.selection]
        if nodes:
            moved = {n.id: (n.position[0] + dx, n.position[1] + dy) for n in nodes}
            self.move(moved, merge_key="nudge")

    def rename(self, node_id: str, name: str) -> None:
        """Gives a node a name; "" takes it away."""
        try:
            self._document.commit(self.graph.rename(node_id, name), f"Rename {self.graph.nodes[node_id].label}")
        except ChainruleError as error:
            self._say("warning", str(error))

    def tidy_up(self) -> None:
        """Lays out everything anew, left to right, and keeps the top left corner where it is."""
        found = arrange.positions(groups.contracted(self.graph))
        if not found:
            return
        box = self._scene.bounds(self.graph.nodes)
        left, top = m.snap(box.left()), m.snap(box.top())
        places = {i: (m.snap(x) + left, m.snap(y) + top) for i, (x, y) in found.items()}
        self.move(groups.spread(self.graph, places), "Tidy up")

    # -- clipboard -----------------------------------------------------------------------------------------

    def copy(self) -> bool:
        """Puts the selected nodes on the clipboard as text."""
        if not self._document.selection:
            return False
        QGuiApplication.clipboard().setText(edits.copy_text(self.graph, self._document.selection))
        return True

    def cut(self) -> None:
        if self.copy():
            self._delete_nodes("Cut")

    def paste(self, centre: QPointF | None = None) -> None:
        """Adds what is on the clipboard, beside where it was copied or around ``centre``."""
        text = QGuiApplication.clipboard().text()
        try:
            part = edits.read_text(text)
        except ChainruleError as error:
            self._say("warning", str(error))
            return
        if not part.nodes:
            return
        # Pasted once more, it lies one step further, not on top of the last copy.
        times = self._pasted[1] + 1 if self._pasted[0] == text else 1
        self._pasted = (text, times)
        offset = (times * _PASTE_STEP, times * _PASTE_STEP)
        if centre is not None:
            offset = m.snapped(centre - _middle(part))
        self._add_part(part, offset, "Paste")

    def add_block(self, text: str, centre: QPointF, key: EdgeKey | None = None) -> None:
        """A saved block with its middle here, into a wire where one is given."""
        try:
            part = edits.read_text(text)
        except ChainruleError as error:
            self._say("warning", str(error))
            return
        if not part.nodes:
            return
        grown, new_ids = edits.paste(self.graph, part, m.snapped(centre - _middle(part)))
        block = list(groups.around(grown, grown.nodes[new_ids[0]].group))[-1:]
        if key is not None and block:
            edge = self.graph.edges[key]
            grown = groups.splice(grown, block[0], edge.source, edge)
            for output in groups.ports(grown, block[0]).outputs:
                grown = edits.make_room(grown, output, m.COLUMN)
        self._document.commit(grown, f"Add {grown.groups[block[0]].label}" if block else "Add a block")
        self._document.select(new_ids)

    def append_block(self, text: str, centre: QPointF) -> None:
        """A saved block after what is selected, or at the end of the network: into the wire that leaves there."""
        anchor = self._anchor()
        outputs = self.graph.outputs(anchor) if anchor is not None else []
        if anchor is None or len(outputs) != 1:
            self.add_block(text, centre)
            return
        x, y = self.graph.nodes[anchor].position
        try:
            places = [node.position[0] for node in edits.read_text(text).nodes.values()] or [0.0]
        except ChainruleError as error:
            self._say("warning", str(error))
            return
        half = (max(places) - min(places)) / 2
        self.add_block(text, _centre((x + m.COLUMN + half, y)), outputs[0].key)

    def duplicate(self) -> None:
        """A copy of the selected nodes and the wires between them, beside them."""
        chosen = self._document.selection
        if chosen:
            part = edits.read_text(edits.copy_text(self.graph, chosen))
            self._add_part(part, (_PASTE_STEP, _PASTE_STEP), "Duplicate")

    def duplicate_wired(self, ids: Iterable[str], offset: Position) -> None:
        """A copy of these nodes, fed by what feeds the originals."""
        grown, new_ids = chains.duplicate(self.graph, ids, offset)
        self._document.commit(grown, f"Duplicate {self._named(ids)}")
        self._document.select(new_ids)

    def _add_part(self, part: Graph, offset: Position, verb: str) -> None:
        grown, new_ids = edits.paste(self.graph, part, offset)
        label = f"{len(new_ids)} layers" if len(new_ids) > 1 else next(iter(part.nodes.values())).label
        self._document.commit(grown, f"{verb} {label}")
        self._document.select(new_ids)

    # -- selecting -----------------------------------------------------------------------------------------

    def select_all(self) -> None:
        self._document.select(self.graph.nodes)

    def select_neighbour(self, dx: int, dy: int, *, adding: bool = False) -> str | None:
        """Selects the nearest node in a direction of the screen, for whoever works without a mouse;
        ``adding`` keeps what is selected and goes on from the node reached last."""
        here = {i: item.rect.translated(item.pos()).center() for i, item in self._scene.nodes.items()}
        if not here:
            return None
        chosen_now = self._document.selection
        current = self._reached if self._reached in chosen_now else next(iter(chosen_now), None)
        if current is None:
            chosen = min(here, key=lambda i: (here[i].x(), here[i].y()))
        else:
            near = here.keys() - self._scene.blocks.together(current)
            chosen = min((i for i in here if i in near), default=None,
                         key=lambda i: _detour(here[i] - here[current], dx, dy))
            if chosen is None or _detour(here[chosen] - here[current], dx, dy) == float("inf"):
                return None
        self._reached = chosen
        reached = self._scene.blocks.together(chosen)
        self._document.select(chosen_now | reached if adding else reached)
        return chosen

    def _named(self, ids: Iterable[str]) -> str:
        labels = [self.graph.nodes[i].label for i in ids]
        return labels[0] if len(labels) == 1 else f"{len(labels)} layers"


def _middle(part: Graph) -> QPointF:
    """The middle of all nodes."""
    xs, ys = zip(*(node.position for node in part.nodes.values()), strict=True)
    return QPointF(min(xs) + max(xs) + m.NODE_WIDTH, min(ys) + max(ys) + m.NODE_HEIGHT) / 2


def _centre(position: Position) -> QPointF:
    return QPointF(position[0] + m.NODE_WIDTH / 2, position[1] + m.NODE_HEIGHT / 2)


def _detour(way: QPointF, dx: int, dy: int) -> float:
    """How far a node lies in a direction, going astray counted double; infinite where it lies elsewhere."""
    ahead = way.x() * dx + way.y() * dy
    aside = abs(way.x() * dy) + abs(way.y() * dx)
    return ahead + 2 * aside if ahead > 0 else float("inf")
