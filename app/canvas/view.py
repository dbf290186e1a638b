"""The canvas widget: turns mouse, keys, drags and wheel into gestures and edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from app.canvas import keys, menus
from app.canvas.annotating import Annotating
from app.canvas.arranger import Arranger
from app.canvas.breadcrumbs import Breadcrumbs
from app.canvas.dropping import LayerDrop, begin_drop
from app.canvas.edge_scroll import EdgeScroll
from app.canvas.editor import Editor
from app.canvas.find_node import NodeFinder
from app.canvas.finder import Finder
from app.canvas.gesture_dots import add_dot, press_dot
from app.canvas.gesture_knife import Knife
from app.canvas.gesture_move import CopyNodes, MoveNodes
from app.canvas.gestures import Gesture, Modifiers, Pan, RubberBand
from app.canvas.glide import Glide
from app.canvas.grouping import PEEK_KEY, Grouping
from app.canvas.hover import Hover
from app.canvas.minimap import Minimap
from app.canvas.overlays import CursorHint, EmptyHint, Legend
from app.canvas.popups import Popups
from app.canvas.rename import RenameField
from app.canvas.scene import CanvasScene
from app.canvas.search import SearchPopup
from app.canvas.speaker import Speaker
from app.canvas.wiring import wire_gesture
from app.document import Document
from engine.graph import groups
from engine.graph.diff import GraphDiff
from engine.layers import LAYERS

_OVERLAY_MARGIN = 18
_REFUSAL_MS = 3500


class CanvasView(Finder):
    """Shows and edits ``document.graph``. ``message(severity, sentence)`` tells what could not be done."""

    message = Signal(str, str)
    block_saved = Signal(str, str)  # proposed name, text: to be kept in the palette
    picture_wanted = Signal()  # of the whole network
    space_tapped = Signal()  # Space pressed and let go without panning: run or pause

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(CanvasScene(document), parent)
        self.canvas.setParent(self)
        self.editor = Editor(document, self.canvas, self.message.emit)
        self.arranger = Arranger(self)
        self.node_finder = NodeFinder(self)
        self.grouping = Grouping(self)
        self.annotating = Annotating(self)
        self.gesture: Gesture | None = None
        self.popups = Popups(self)
        self.hover = Hover(self)
        self.glide = Glide(self.canvas)
        self._drop: LayerDrop | None = None
        self._space_held = self._space_used = False
        self._pointer = QPointF(-1, -1)
        self._minimap_wanted = True
        self._make_overlays()
        self.setAcceptDrops(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Network canvas")
        document.graph_changed.connect(self._graph_changed)
        document.opened.connect(self._opened)
        document.selection_changed.connect(self._describe)
        self.speaker = Speaker(document, self)
        self._describe()

    def _make_overlays(self) -> None:
        self.legend = Legend(self, self.canvas.scale)
        self.minimap = Minimap(self, self.canvas, self.visible_rect, self.centre_at)
        self.empty_hint = EmptyHint(self)
        self.breadcrumbs = Breadcrumbs(self)
        self.hint = CursorHint(self)
        self._refusal = QTimer(self, singleShot=True, interval=_REFUSAL_MS)
        self._refusal.timeout.connect(self.hint.hide)
        self.looked.connect(self.minimap.update)
        self.looked.connect(self.popups.settle_rename)
        self._edge = EdgeScroll(self, self._scroll_on)
        self._show_overlays()

    @property
    def pans_by_hand(self) -> bool:
        """Is Space held, so that a drag pans?"""
        return self._space_held

    @property
    def search(self) -> SearchPopup | None:
        """The search list, while it is open."""
        return self.popups.search

    @property
    def rename_field(self) -> RenameField | None:
        """The field over a title, while it is open."""
        return self.popups.rename_field

    # -- what the window calls -----------------------------------------------------------------------------

    def append(self, kind: str) -> str:
        """Adds a layer after what is selected and wires it; its node's id."""
        node_id = self.editor.append(kind, self.visible_rect().center())
        self.reveal(self.canvas.bounds([node_id]))
        return node_id

    def append_block(self, text: str) -> None:
        """Adds a saved block after what is selected and wires it."""
        self.editor.append_block(text, self.visible_rect().center())
        if self.document.selection:
            self.reveal(self.canvas.bounds(self.document.selection))

    def delete(self) -> None:
        self.editor.delete()

    def copy(self) -> None:
        self.editor.copy()

    def cut(self) -> None:
        self.editor.cut()

    def paste(self) -> None:
        self.editor.paste()
        if self.document.selection:
            self.reveal(self.canvas.bounds(self.document.selection))

    def duplicate(self) -> None:
        self.editor.duplicate()

    def select_all(self) -> None:
        self.editor.select_all()

    def wire_selected(self) -> None:
        self.editor.wire_selected()

    def unplug(self, node_id: str) -> None:
        """Deletes every wire of a node."""
        graph = self.document.graph
        self.editor.disconnect([edge.key for edge in (*graph.inputs(node_id), *graph.outputs(node_id))])

    def tidy_up(self) -> None:
        """Lays the network out anew; the nodes glide there unless motion is reduced."""
        before = {i: (item.x(), item.y()) for i, item in self.canvas.nodes.items()}
        self.editor.tidy_up()
        self.fit()
        self.glide.start(before)

    def rename_selected(self) -> None:
        """Opens the field over the title of the one selected node, or block."""
        block = self.grouping.target()
        if block and (len(self.document.selection) > 1 or self.canvas.graph.groups[block].collapsed):
            self.grouping.rename(block)
        elif len(self.document.selection) == 1:
            self.rename(next(iter(self.document.selection)))

    def rename(self, node_id: str) -> None:
        """Opens the field over a node's title."""
        self.reveal(self.canvas.bounds([node_id]))
        self.popups.rename(node_id)

    def set_live(self, gradient_norms: Mapping[str, float | Iterable[float]], flow: Mapping[str, float]) -> None:
        """Shows gradients while training runs: ‖∂L/∂W‖₂ by node as sparklines (a number is appended, a series
        replaces it), mean |∂L/∂output| by node as colour and width of its outgoing wires."""
        if self.canvas.set_live(gradient_norms, flow):
            self.legend.update()
        self.legend.setVisible(self.canvas.is_live)

    def clear_live(self) -> None:
        """Takes everything that training showed off the canvas."""
        self.canvas.clear_live()
        self.legend.hide()

    def reveal(self, rect: QRectF) -> None:
        """Also from under the minimap."""
        super().reveal(rect)
        delta = self.minimap.way_out(self.mapFromScene(rect).boundingRect())
        if not delta.isNull():
            self.pan_by(delta)

    def show_minimap(self, shown: bool) -> None:
        self._minimap_wanted = shown
        self._show_overlays()

    # -- mouse ---------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self.popups.settle_rename()
        self.hide_focus()
        self.hint.hide()
        if self.gesture is not None:
            return
        self.glide.stop()
        self.gesture = self._gesture_for(event)
        if self.gesture is not None and self.gesture.cursor is not None:
            self.viewport().setCursor(self.gesture.cursor)

    def _gesture_for(self, event: QMouseEvent) -> Gesture | None:
        at, button = event.position(), event.button()
        if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self._space_held):
            self._space_used = True
            return Pan(self, at)
        if button == Qt.MouseButton.RightButton and event.modifiers() & Modifiers.ControlModifier:
            return Knife(self, at)
        if button != Qt.MouseButton.LeftButton:
            return None
        port = self.port_at(at)
        if port is not None:
            return wire_gesture(self, at, port)
        adding = bool(event.modifiers() & (Modifiers.ShiftModifier | Modifiers.ControlModifier))
        node_id = self.node_at(at)
        if node_id is not None:
            return self._press_node(at, node_id, event.modifiers())
        block = self.block_at(at)
        if block is not None:
            return self.grouping.press(at, block, event.modifiers())
        dot = press_dot(self, at, event.modifiers())
        if dot is not None:
            return dot
        wire = self.wire_at(at)
        self.canvas.select_dot(None)
        if wire is not None:
            self.document.select(())
            self.canvas.notes.select(())
            self.canvas.select_wires(self.canvas.selected_wires ^ {wire} if adding else {wire})
            return None
        note = self.annotating.press(at, event.modifiers())
        if note is not None:
            return note
        self.canvas.notes.select(())
        return RubberBand(self, at, adding=adding)

    def _press_node(self, at: QPointF, node_id: str, modifiers: Modifiers) -> Gesture | None:
        chosen = self.document.selection
        if modifiers & Modifiers.ControlModifier:
            return CopyNodes(self, at, node_id)
        if modifiers & Modifiers.ShiftModifier:
            self.document.select(chosen | {node_id})
        elif node_id not in chosen:
            self.document.select([node_id])
        # A click on one of several selected nodes selects it alone, but only once it is no drag of them all.
        return MoveNodes(self, at, node_id, narrow=not modifiers & Modifiers.ShiftModifier and len(chosen) > 1
                         and node_id in chosen, lifting=bool(modifiers & Modifiers.AltModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self.gesture is not None:
            self.gesture.move(event.position(), event.modifiers())
            if self.gesture.scrolls and self.gesture.moved:
                self._edge.feel(event.position(), QRectF(self.viewport().rect()))
        else:
            self.hover.look(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        self._edge.stop()
        if gesture is not None:
            gesture.finish(event.position(), event.modifiers())
        self.hover.show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.port_at(event.position()) is not None:
            return
        node_id = self.node_at(event.position())
        if node_id is not None:
            self.document.select([node_id])
            self.rename(node_id)
        elif (block := self.block_at(event.position())) is not None:
            self.grouping.toggle(block)
        elif (wire := self.wire_at(event.position())) is not None:
            if self.dot_at(event.position()) is None:
                add_dot(self, wire, event.position())
        elif (note := self.annotating.at(event.position())) is not None:
            self.annotating.edit(note)
        else:
            self.open_search(event.position())

    def _scroll_on(self, delta: QPointF) -> None:
        """The pointer rests at the edge in the middle of a gesture."""
        if self.gesture is None:
            self._edge.stop()
            return
        self.pan_by(delta)
        self.gesture.move(self._pointer, Modifiers.NoModifier)

    def leaveEvent(self, event: QEvent) -> None:
        self.hover.clear()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # Some desktops ask for the menu when the button is let go: after a stroke of the knife it is not meant.
        knife = event.reason() == QContextMenuEvent.Reason.Mouse and event.modifiers() & Modifiers.ControlModifier
        if self.gesture is None and not knife:
            menu = self.context_menu(QPointF(event.pos()))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def context_menu(self, at: QPointF) -> QMenu:
        """The menu of what is at a point of the viewport, which becomes selected."""
        node_id, wire = self.node_at(at), self.wire_at(at)
        if node_id is not None:
            if node_id not in self.document.selection:
                self.document.select([node_id])
            return menus.build(self, menus.node_entries(self, node_id))
        block = self.block_at(at)
        if block is not None:
            self.document.select(groups.members(self.document.graph, block))
            return menus.build(self, menus.block_entries(self, block))
        if wire is not None:
            self.document.select(())
            self.canvas.select_wires({wire})
            return menus.build(self, menus.wire_entries(self, wire, at))
        note = self.annotating.at(at)
        if note is not None:
            self.canvas.notes.select([note])
            return menus.build(self, menus.note_entries(self, note))
        return menus.build(self, menus.canvas_entries(self, at))

    # -- drags from the palette ----------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._give_up()
        self._drop = begin_drop(self, event.mimeData())
        if self._drop is None:
            event.ignore()
            return
        self._drop.move(event.position())
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._drop is None:
            event.ignore()
            return
        self._drop.move(event.position())
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if self._drop is not None:
            self._drop.cancel()
            self._drop = None

    def dropEvent(self, event: QDropEvent) -> None:
        drop, self._drop = self._drop, None
        if drop is None:
            event.ignore()
            return
        drop.drop(event.position())
        event.acceptProposedAction()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- keys ----------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and keys.is_ours(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab:
                self.keyPressEvent(event)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space_held, self._space_used = True, False
                self.hover.show_cursor()
        elif event.key() == PEEK_KEY and not event.modifiers():
            if not event.isAutoRepeat():
                self.grouping.peek()
        elif not keys.press(self, event):
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._space_held = False
        self.grouping.unpeek()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self._space_held and not event.isAutoRepeat():
            self._space_held = False
            self.hover.show_cursor()
            if not self._space_used:
                self.space_tapped.emit()
        elif event.key() == PEEK_KEY and not event.isAutoRepeat():
            self.grouping.unpeek()
        else:
            event.ignore()

    def block_under_pointer(self) -> str | None:
        """The block that the pointer rests on."""
        return self.block_at(self._pointer)

    def escape(self) -> None:
        """Gives up what is going on; where nothing is, clears the selection."""
        if not self._give_up():
            self.document.select(())
            self.canvas.select_wires(())
            self.canvas.select_dot(None)
            self.canvas.notes.select(())

    def walk(self, dx: int, dy: int, *, adding: bool = False) -> None:
        """Selects the nearest node in a direction and brings it into view."""
        chosen = self.editor.select_neighbour(dx, dy, adding=adding)
        if chosen is not None:
            self.reveal(self.canvas.bounds([chosen]))

    def _give_up(self) -> bool:
        """Cancels gesture, search and drag; was there any?"""
        gesture, self.gesture = self.gesture, None
        self._edge.stop()
        if gesture is not None:
            gesture.cancel()
            self.hover.show_cursor()
        searching = self.popups.close_search()
        self.hint.hide()
        return gesture is not None or searching

    # -- search --------------------------------------------------------------------------------------------

    def open_search(
        self, at: QPointF | None = None, kinds: Sequence[str] | None = None, title: str = "Add a layer",
        chosen: Callable[[str], object] | None = None,
    ) -> None:
        """Opens the search list, at the pointer by default; ``chosen(kind)`` makes the edit."""
        inside = self.viewport().rect().contains(self._pointer.toPoint())
        place = at if at is not None else self._pointer if inside else QPointF(self.viewport().rect().center())
        centre = self.mapToScene(place.toPoint())
        make = chosen if chosen is not None else lambda kind: self.editor.add(kind, centre)
        self.popups.open_search(place.toPoint(), list(LAYERS) if kinds is None else kinds, title, make)

    def search_and_append(self) -> None:
        """The search list for the keyboard: what is chosen is appended to the selected node and wired."""
        chosen = self.document.selection
        if len(chosen) != 1:
            self.open_search()
            return
        label = self.document.graph.nodes[next(iter(chosen))].label
        self.open_search(title=f"Add after {label}", chosen=self.append)

    # -- telling -------------------------------------------------------------------------------------------

    def refuse(self, reason: str, at: QPointF) -> None:
        """Says at the pointer why something was not done; the words stay a few seconds."""
        self.hint.say(reason, at.toPoint(), "error")
        self._refusal.start()

    def _describe(self) -> None:
        """What a screen reader says about the canvas."""
        chosen, blocks = self.document.selection, self.canvas.blocks
        faces = [blocks.items[i].face.spoken for i in blocks.selected(chosen)] if chosen else []
        faces += [self.canvas.nodes[i].face.spoken for i in self.document.graph.nodes if i in chosen]
        count = len(self.document.graph.nodes)
        layers = "1 layer" if count == 1 else f"{count} layers"
        self.setAccessibleDescription(f"Selected: {'; '.join(faces)}" if faces else f"{layers}, none selected")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.breadcrumbs.renew()

    def _graph_changed(self, changes: GraphDiff) -> None:
        self.glide.stop()
        if self.gesture is not None:
            self._give_up()
        self.hover.clear()
        self._show_overlays()
        self._describe()

    def _opened(self) -> None:
        """Another project: nothing of the last one's training, and all of it in view."""
        self.clear_live()
        self.fit()

    # -- overlays ------------------------------------------------------------------------------------------

    def _show_overlays(self) -> None:
        self.empty_hint.setVisible(not self.canvas.nodes)
        self.minimap.setVisible(self._minimap_wanted and bool(self.canvas.nodes))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.legend.move(_OVERLAY_MARGIN, _OVERLAY_MARGIN)
        self.breadcrumbs.move(_OVERLAY_MARGIN, self.height() - _OVERLAY_MARGIN - 26)
        self.minimap.move(self.width() - self.minimap.width() - _OVERLAY_MARGIN,
                          self.height() - self.minimap.height() - _OVERLAY_MARGIN)
        self.empty_hint.move((self.width() - self.empty_hint.width()) // 2,
                             (self.height() - self.empty_hint.height()) // 2)
