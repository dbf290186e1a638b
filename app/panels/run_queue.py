"""The runs that wait, in the Runs tab: in which order, started or held."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from app.panels.widgets import Card, column, label
from app.runs.queue import Queued, RunQueue
from app.style.icons import ThemedIcon

#: More rows than these are told as a number.
_MOST_ROWS = 6


class QueuePanel(QWidget):
    """Shows a :class:`RunQueue`; away while it is empty."""

    def __init__(self, queue: RunQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.rows: list[QWidget] = []
        self.title = label("", "strong", wrap=False)
        self.go = QPushButton()
        self.go.clicked.connect(self._start_or_hold)
        card = Card()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.go)
        card.column.addLayout(head)
        rows = QWidget()
        self._list = column(rows, margins=(0, 4, 0, 0), spacing=2)
        card.column.addWidget(rows)
        self.more = label("", "small")
        card.column.addWidget(self.more)
        outer = column(self, margins=(10, 0, 10, 10))
        outer.addWidget(card)
        queue.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        waiting = self._queue.waiting
        self.setVisible(bool(waiting))
        self.title.setText(f"Queue · {len(waiting)} waiting" if self._queue.going else f"Queue · {len(waiting)} held")
        self.go.setText("Hold" if self._queue.going else "Start")
        self.go.setToolTip("Start no further run" if self._queue.going else "Run one after the other")
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [self._row(place, entry) for place, entry in enumerate(waiting[:_MOST_ROWS])]
        for row in self.rows:
            self._list.addWidget(row)
        hidden = len(waiting) - len(self.rows)
        self.more.setText(f"and {hidden} more")
        self.more.setVisible(hidden > 0)

    def _row(self, place: int, entry: Queued) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(label(entry.name, "quiet"), 1)
        last = len(self._queue.waiting) - 1
        for name, icon, act, on in (
            ("Move up", "mdi6.chevron-up", partial(self._queue.move, place, -1), place > 0),
            ("Move down", "mdi6.chevron-down", partial(self._queue.move, place, 1), place < last),
            ("Remove from the queue", "mdi6.close", partial(self._queue.remove, place), True),
        ):
            button = QToolButton()
            button.setProperty("role", "flat")
            button.setToolTip(name)
            button.setAccessibleName(f"{name}: {entry.name}")
            button.setEnabled(on)
            ThemedIcon(button, icon, "quiet")
            button.clicked.connect(act)
            layout.addWidget(button)
        return row

    def _start_or_hold(self) -> None:
        if self._queue.going:
            self._queue.hold()
        else:
            self._queue.start()
