"""The slider of the timeline: the steps of a run from its first to the newest, with marks, and the step looked at."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from app.style import theme
from app.training.timeline import Timeline

#: Pixels from the ends to the groove; within which a mark is hit; within which the newest step is.
_MARGIN, _NEAR, _AT_END = 12, 3, 3
_GROOVE, _HANDLE, _TICK = 4.0, 6.5, 5.0
_LARGEST = 2**31 - 1


class Track(QAbstractSlider):
    """Shows a :class:`Timeline` and tells which step the person wants to see. It keeps no step of its own."""

    asked = Signal(object)  # a step, or None for the newest

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline = Timeline()
        self._drawn: tuple[object, ...] = ()
        self._cursor: int | None = None
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(120)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline")
        theme.signals.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, 28)

    def show_run(self, timeline: Timeline, newest: int, cursor: int | None) -> None:
        """Shows a run from its first snapshot to its ``newest`` step; ``cursor`` is the step looked at, None for now.

        Costs nothing where no pixel would change.
        """
        self._timeline, self._cursor = timeline, cursor
        first = min(timeline.steps[0] if len(timeline) else newest, newest)
        self.blockSignals(True)  # the value follows the session, not the other way round
        self.setRange(min(first, _LARGEST), min(max(newest, first), _LARGEST))
        self.setValue(self.maximum() if cursor is None else cursor)
        self.blockSignals(False)
        self.setEnabled(newest > first)
        # A run that grows moves its marks by half a pixel each time its length has grown by so small a share.
        length = int(2 * self.width() * math.log(self.maximum() - self.minimum() + 1))
        drawn = (id(timeline), timeline.version, first, length, cursor)
        if drawn != self._drawn:
            self._drawn = drawn
            self.update()

    # -- places ----------------------------------------------------------------------------------------------

    def place_of(self, step: int) -> float:
        """Where a step lies, in pixels from the left."""
        steps = max(self.maximum() - self.minimum(), 1)
        return _MARGIN + (step - self.minimum()) / steps * (self.width() - 2 * _MARGIN)

    def step_at(self, x: float) -> int | None:
        """The step at a place, that of a mark where one is near; None for the newest."""
        if x >= self.place_of(self.maximum()) - _AT_END:
            return None
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1)
        step = self.minimum() + round(min(max(share, 0.0), 1.0) * (self.maximum() - self.minimum()))
        near = [s for s in (self._timeline.before(step + 1), self._timeline.after(step)) if s is not None]
        nearest = min(near, key=lambda s: abs(self.place_of(s) - x), default=step)
        return nearest if abs(self.place_of(nearest) - x) <= _NEAR else step

    # -- what the person does --------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.asked.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.asked.emit(self.step_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.asked.emit(self.neighbour(-1 if turned > 0 else 1))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        match event.key():
            case key.Key_Left | key.Key_Down:
                self.asked.emit(self.neighbour(-1))
            case key.Key_Right | key.Key_Up:
                self.asked.emit(self.neighbour(1))
            case key.Key_Home:
                self.asked.emit(self.minimum())
            case key.Key_End:
                self.asked.emit(None)
            case key.Key_PageUp | key.Key_PageDown:
                self.asked.emit(self._leap(1 if event.key() == key.Key_PageUp else -1))
            case key.Key_Escape if self._cursor is not None:
                self.asked.emit(None)
            case _:
                event.ignore()

    def neighbour(self, direction: int) -> int | None:
        """The step of the snapshot before (−1) or after (1) what is looked at; None for the newest step."""
        now = self.maximum() if self._cursor is None else self._cursor
        if direction > 0:
            return self._timeline.after(now) if self._cursor is not None else None
        before = self._timeline.before(now)
        return now if before is None else before

    def _leap(self, direction: int) -> int | None:
        """A tenth of the run further."""
        now = self.maximum() if self._cursor is None else self._cursor
        step = now + direction * max((self.maximum() - self.minimum()) // 10, 1)
        return None if step >= self.maximum() else max(step, self.minimum())

    # -- drawing ---------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2 - 1
        at = self.place_of(self.value())
        groove = QRectF(_MARGIN, middle - _GROOVE / 2, self.width() - 2 * _MARGIN, _GROOVE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(groove, _GROOVE / 2, _GROOVE / 2)
        if not self.isEnabled():
            return
        looking_back = self._cursor is not None
        painter.setBrush(QColor(tokens.accent if looking_back else tokens.quiet))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), at - groove.left(), _GROOVE), 2, 2)
        self._paint_marks(painter, tokens, middle)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.panel), 1.5))
        painter.setBrush(QColor(tokens.accent if looking_back else tokens.text))
        painter.drawEllipse(QPointF(at, middle), _HANDLE, _HANDLE)

    def _paint_marks(self, painter: QPainter, tokens: theme.Theme, middle: float) -> None:
        """A tick below for each snapshot, a diamond above for the best one, a fork above for branches."""
        low = middle + _GROOVE / 2 + 4
        places = sorted({round(self.place_of(step)) for step in self._timeline.steps})
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(tokens.quiet), 1))
        for place in places:
            painter.drawLine(QPointF(place, low), QPointF(place, low + _TICK))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = middle - _GROOVE / 2 - 6
        for step in self._timeline.branches:
            x = self.place_of(step)
            painter.setPen(QPen(QColor(tokens.text), 1.5))
            painter.drawLine(QPointF(x, high + 4), QPointF(x, high))
            painter.drawLine(QPointF(x, high), QPointF(x - 3, high - 3.5))
            painter.drawLine(QPointF(x, high), QPointF(x + 3, high - 3.5))
        best = self._timeline.best
        if best is not None:
            x = self.place_of(best)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.good))
            points = (QPointF(x, high - 4), QPointF(x + 4, high), QPointF(x, high + 4), QPointF(x - 4, high))
            painter.drawPolygon(QPolygonF(list(points)))

