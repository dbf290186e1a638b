"""What floats over the canvas, each card at its place: legend, minimap, breadcrumbs, hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect

from app.canvas.breadcrumbs import Breadcrumbs
from app.canvas.minimap import Minimap
from app.canvas.overlays import CursorHint, EmptyHint, Legend

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_MARGIN = 18
#: What has to make room for a card comes as near to it, or to the edge, as this.
_CLOSEST = 8


class Floating:
    """Makes the cards, shows those that have something to show, and keeps them at the edges of the view."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._minimap_wanted = True
        self.legend = Legend(view, view.canvas.scale)
        self.minimap = Minimap(view, view.canvas, view.visible_rect, view.centre_at)
        self.empty_hint = EmptyHint(view)
        self.breadcrumbs = Breadcrumbs(view)
        self.hint = CursorHint(view)
        self.show()

    def show_minimap(self, shown: bool) -> None:
        """Whether the person wants the minimap."""
        self._minimap_wanted = shown
        self.show()

    def show(self) -> None:
        """Brings what is shown in step with the network."""
        self.empty_hint.setVisible(not self._view.canvas.nodes)
        wanted = self._minimap_wanted and bool(self._view.canvas.nodes)
        self.minimap.setVisible(wanted and not self.minimap.is_in_the_way())

    def way_from_legend(self, seen: QRect) -> QPointF:
        """How far down what is seen there can move, so that the legend, which comes with training, covers less."""
        legend = self.legend.geometry()
        room = self._view.height() - _CLOSEST - seen.bottom()
        bottom = max(legend.bottom(), _MARGIN + self.legend.usual_height)
        wanted = bottom + _CLOSEST - seen.top() if seen.left() < legend.right() else 0
        return QPointF(0, max(min(wanted, room), 0))

    def place(self) -> None:
        """Moves everything to its place in the view as it is now."""
        width, height = self._view.width(), self._view.height()
        self.legend.move(_MARGIN, _MARGIN)
        self.breadcrumbs.move(_MARGIN, height - _MARGIN - 26)
        self.minimap.move(width - self.minimap.width() - _MARGIN, height - self.minimap.height() - _MARGIN)
        self.show()
        hint = self.empty_hint
        hint.move((width - hint.width()) // 2, (height - hint.height()) // 2)
