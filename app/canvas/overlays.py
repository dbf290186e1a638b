"""What floats over the canvas: the legend of the gradient colours, the word at the cursor, the empty canvas's hint."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from app.style import theme
from app.style.gradient_scale import GradientScale

_LEGEND_STOPS = 16
_LEGEND_WIDTH, _LEGEND_HEIGHT, _LEGEND_LINE = 252, 58, 16
_REFUSAL_MS = 3500


def paint_card(painter: QPainter, widget: QWidget) -> None:
    """The rounded ground that every card over the canvas stands on."""
    tokens = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.setBrush(QColor(tokens.panel))
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), tokens.radius, tokens.radius)


class Legend(QWidget):
    """What the colours of the wires mean, while training colours them."""

    #: With a heading, as a forecast has one: what is fitted keeps clear of it before it is there.
    usual_height = _LEGEND_HEIGHT + _LEGEND_LINE

    def __init__(self, parent: QWidget, scale: GradientScale) -> None:
        super().__init__(parent)
        self._scale = scale
        self.heading = self.verdict = ""
        self.has_scale = True
        self.setFixedSize(_LEGEND_WIDTH, _LEGEND_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Legend: colour and width of a wire show the mean size of the gradient at it")
        self.hide()

    def tell(self, heading: str, verdict: str, scale: bool = True) -> None:
        """What else to say: above the scale, and as a warning below it; "" for nothing. Without the ``scale`` only the
        two are there, and warn of nothing."""
        if (heading, verdict, scale) != (self.heading, self.verdict, self.has_scale):
            self.heading, self.verdict, self.has_scale = heading, verdict, scale
            width = QFontMetrics(theme.font(theme.current().font_small)).horizontalAdvance(f"▲ {verdict}") + 32
            lines = bool(heading) + bool(verdict)
            height = _LEGEND_HEIGHT if scale else _LEGEND_LINE
            self.setFixedSize(max(_LEGEND_WIDTH, width), height + lines * _LEGEND_LINE)
            self.setAccessibleDescription(" ".join(filter(None, (heading, verdict))))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        paint_card(painter, self)
        painter.setFont(theme.font(tokens.font_small))
        painter.setPen(QColor(tokens.quiet))
        top = 0
        if self.heading:
            top = _LEGEND_LINE
            painter.setFont(theme.font(tokens.font_small, bold=True))
            painter.drawText(QPointF(14, 22), self.heading)
            painter.setFont(theme.font(tokens.font_small))
        if self.has_scale:
            self._paint_scale(painter, top)
        else:
            painter.drawText(QPointF(14, 22 + top), self.verdict)

    def _paint_scale(self, painter: QPainter, top: int) -> None:
        tokens = theme.current()
        painter.drawText(QPointF(14, 22 + top), "mean |∂L/∂output| on each wire")
        bar = QRectF(14, 31 + top, self.width() - 28, 7)
        ramp = QLinearGradient(bar.topLeft(), bar.topRight())
        for i in range(_LEGEND_STOPS + 1):
            ramp.setColorAt(i / _LEGEND_STOPS, tokens.gradient_colour(i / _LEGEND_STOPS))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ramp)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QColor(tokens.quiet))
        ends = QRectF(14, 38 + top, self.width() - 28, 16)
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._scale.ends()[0])
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._scale.ends()[1])
        if self.verdict:
            painter.setPen(QColor(tokens.warning))
            painter.drawText(ends.translated(0, _LEGEND_LINE), Qt.AlignmentFlag.AlignVCenter, f"▲ {self.verdict}")


class CursorHint(QLabel):
    """A sentence beside the pointer while something is dragged: why not, or what letting go would do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cursor_hint")
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.fading = QTimer(self, singleShot=True, interval=_REFUSAL_MS)
        self.fading.timeout.connect(self.hide)
        self.hide()

    def refuse(self, reason: str, place: QPoint) -> None:
        """Says why something was not done; the words stay a few seconds."""
        self.say(reason, place, "error")
        self.fading.start()

    def say(self, sentence: str, place: QPoint, mood: str = "") -> None:
        """Shows a sentence; ``mood`` is "error", "warning" or ""."""
        mark = {"error": "✕ ", "warning": "▲ "}.get(mood, "")
        if self.text() != mark + sentence or self.property("mood") != mood:
            self.setText(mark + sentence)
            self.setProperty("mood", mood)
            self.style().unpolish(self)
            self.style().polish(self)
            self.setMaximumWidth(320)
            # Padding, border and the indent that a label with a frame has.
            self.setMinimumWidth(min(self.fontMetrics().horizontalAdvance(self.text()) + 32, 320))
            self.adjustSize()
        room = self.parentWidget().rect()
        x = min(place.x() + 18, room.right() - self.width() - 4)
        y = place.y() + 20 if place.y() + 24 + self.height() < room.bottom() else place.y() - self.height() - 12
        self.move(max(x, 4), max(y, 4))
        self.show()
        self.raise_()


class EmptyHint(QLabel):
    """What to do with an empty canvas."""

    TEXT = (
        "<p style='font-size:15px'><b>Draw a network</b></p>"
        "<p>Drag a layer from the palette, or press <b>Tab</b> to search for one.<br>"
        "Begin with an Input, end with a loss, and wire output to input.</p>"
    )

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.TEXT, parent)
        self.setProperty("role", "quiet")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.adjustSize()
