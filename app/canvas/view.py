"""The canvas widget: puts its parts together, hands events to them, and is what the window calls."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
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

from app.canvas import keys, pressing
from app.canvas.adding import Adding
from app.canvas.annotating import Annotating
from app.canvas.arranger import Arranger
from app.canvas.dropping import Drops
from app.canvas.editor import Editor
from app.canvas.find_node import NodeFinder
from app.canvas.finder import Finder
from app.canvas.floating import Floating
from app.canvas.gestures import Gesture
from app.canvas.glide import Glide
from app.canvas.grouping import Grouping
from app.canvas.hands import Hands
from app.canvas.hover import Hover
from app.canvas.popups import Popups
from app.canvas.rename import RenameField
from app.canvas.scene import CanvasScene
from app.canvas.search import SearchPopup
from app.canvas.speaker import Speaker
from app.canvas.transfer import Transfer
from app.canvas.walking import Walking
from app.document import Document
from engine.graph.diff import GraphDiff


class CanvasView(Finder):
    """Shows and edits ``document.graph``. ``message(severity, sentence)`` tells what could not be done."""

    message = Signal(str, str)
    layer_added = Signal(str)  # its kind
    block_saved = Signal(str, str)  # proposed name, text: to be kept in the palette
    picture_wanted = Signal()  # of the whole network
    space_tapped = Signal()  # Space pressed and let go without panning: run or pause

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(CanvasScene(document), parent)
        self.canvas.setParent(self)
        self.editor = Editor(document, self.canvas, self.message.emit, self.layer_added.emit)
        self.transfer = Transfer(document, self.canvas, self.message.emit, self.editor.anchor)
        self.walking = Walking(document, self.canvas)
        self.arranger = Arranger(self)
        self.node_finder = NodeFinder(self)
        self.grouping = Grouping(self)
        self.annotating = Annotating(self)
        self.adding = Adding(self)
        self.popups = Popups(self)
        self.hover = Hover(self)
        self.glide = Glide(self.canvas)
        self._drop = Drops(self)
        self.hands = Hands(self)
        self.floating = Floating(self)
        self.legend, self.minimap, self.hint = self.floating.legend, self.floating.minimap, self.floating.hint
        self.breadcrumbs, self.empty_hint = self.floating.breadcrumbs, self.floating.empty_hint
        for changed in (self.looked, self.canvas.laid_out):
            changed.connect(self.floating.show)
        self.looked.connect(self.minimap.update)
        self.looked.connect(self.popups.settle_rename)
        self.setAcceptDrops(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Network canvas")
        document.graph_changed.connect(self._graph_changed)
        document.opened.connect(self._opened)
        document.selection_changed.connect(self._describe)
        self.speaker = Speaker(document, self)
        self._describe()

    @property
    def pans_by_hand(self) -> bool:
        """Is Space held, so that a drag pans?"""
        return self.hands.space_held

    @property
    def gesture(self) -> Gesture | None:
        """What the pointer is in the middle of."""
        return self.hands.gesture

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
        return self.adding.append(kind)

    def paste(self) -> None:
        """Adds what is on the clipboard and brings it into view."""
        self.transfer.paste()
        self.reveal_selection()

    def select_all(self) -> None:
        """Selects every layer and note."""
        self.canvas.choose(self.document.graph.nodes, self.document.graph.notes)

    def reveal_selection(self) -> None:
        """Brings the selected layers into view."""
        if self.document.selection:
            self.reveal(self.canvas.bounds(self.document.selection))

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

    def set_live(
        self, gradient_norms: Mapping[str, np.ndarray], flow: Mapping[str, float], at_once: bool = False
    ) -> None:
        """Shows gradients while training runs: ‖∂L/∂W‖₂ by node over steps as sparklines, mean |∂L/∂output| by node as
        colour and width of its outgoing wires. ``at_once`` where the person has just asked to see them."""
        if self.canvas.set_live(gradient_norms, flow, at_once):
            self.legend.update()
        self.legend.setVisible(self.canvas.is_live)

    def clear_live(self) -> None:
        """Takes everything that training showed off the canvas."""
        self.canvas.clear_live()
        self.legend.hide()

    def fit(self) -> None:
        """Brings the whole network into view, from under the legend where there is room for that."""
        bounds = self.canvas.bounds()
        self.fit_rect(bounds)
        self.pan_by(self.floating.way_from_legend(self.mapFromScene(bounds).boundingRect()))
        self.is_fitted = True

    def reveal(self, rect: QRectF) -> None:
        """Also from under the minimap."""
        super().reveal(rect)
        delta = self.minimap.way_out(self.mapFromScene(rect).boundingRect())
        if not delta.isNull():
            self.pan_by(delta)

    def show_minimap(self, shown: bool) -> None:
        self.floating.show_minimap(shown)

    # -- mouse ---------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            pressing.double_click(self, event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self.hover.clear()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.hands.open_menu(event)

    def context_menu(self, at: QPointF) -> QMenu:
        """The menu of what is at a point of the viewport, which becomes selected."""
        return pressing.menu_at(self, at)

    # -- drags from the palette ----------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.give_up()
        self._drop.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drop.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._drop.drop(event):
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
        self.hands.key_down(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.hands.key_up(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hands.let_go()

    def escape(self) -> None:
        """Gives up what is going on; where nothing is, clears the selection."""
        if not self.give_up():
            self.canvas.choose(())
            self.canvas.select_wires(())
            self.canvas.ways.select_dot(None)

    def take_focus(self) -> None:
        """Puts the keyboard's focus here, wherever it is."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to(self, node_id: str) -> None:
        """Centres and selects a layer or a block, and opens the collapsed blocks it lies in."""
        self.grouping.open_around(node_id)
        self.centre_on(node_id)

    def walk(self, dx: int, dy: int, *, adding: bool = False) -> None:
        """Selects the nearest node in a direction and brings it into view."""
        chosen = self.walking.step(dx, dy, adding=adding)
        if chosen is not None:
            self.reveal(self.canvas.bounds([chosen]))

    def give_up(self) -> bool:
        """Cancels gesture and search; was there any?"""
        gesture = self.hands.give_up()
        searching = self.popups.close_search()
        self.hint.hide()
        return gesture or searching

    # -- telling -------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        self.speaker.describe_canvas(self.canvas)
        self.breadcrumbs.renew()

    def _graph_changed(self, changes: GraphDiff) -> None:
        self.glide.stop()
        if self.gesture is not None:
            self.give_up()
        self.hover.clear()
        self.floating.show()
        self._describe()

    def _opened(self) -> None:
        """Another project: nothing of the last one's training, and all of it in view."""
        self.clear_live()
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.floating.place()
