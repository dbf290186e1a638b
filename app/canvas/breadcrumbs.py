"""Where the selection lies among the blocks: ``Network › Encoder › Block 2``, each a way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from engine.graph import groups

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Breadcrumbs(QWidget):
    """Unseen while the selection is in no block."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._shown: tuple[tuple[str, str], ...] = ()
        self.crumbs: list[QToolButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self.setAccessibleName("Blocks around the selection")
        self.hide()

    def renew(self) -> None:
        """Shows the blocks around what is selected now."""
        way = self._way()
        if way == self._shown:
            return
        self._shown = way
        while self._row.count():
            widget = self._row.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.crumbs = []
        for block, title in way:
            if self.crumbs:
                self._row.addWidget(QLabel("›"))
            self._add(block, title)
        self.setVisible(bool(way))
        self.adjustSize()

    def _way(self) -> tuple[tuple[str, str], ...]:
        """The blocks around every selected layer, from the outside in, after the whole network."""
        graph, chosen = self._view.document.graph, self._view.document.selection
        chains = [list(groups.around(graph, graph.nodes[i].group))[::-1] for i in chosen if i in graph.nodes]
        shared = [level[0] for level in zip(*chains, strict=False) if len(set(level)) == 1]
        return (("", "Network"), *((i, graph.groups[i].label) for i in shared)) if shared else ()

    def _add(self, block: str, title: str) -> None:
        crumb = QToolButton(text=title, autoRaise=True)
        crumb.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        crumb.setAccessibleName(f"Go to {title}")
        crumb.setToolTip(f"Bring {title} into view")
        crumb.clicked.connect(lambda: self._go(block))
        self._row.addWidget(crumb)
        self.crumbs.append(crumb)

    def _go(self, block: str) -> None:
        if block:
            self._view.centre_on(block)
        else:
            self._view.fit()
