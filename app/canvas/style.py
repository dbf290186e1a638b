"""Pens, brushes and fonts of the canvas, made once for each theme so that painting makes none."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPen

from app import theme
from app.canvas.metrics import WIRE_WIDTH

#: Sizes of a title between its usual one and twice that.
TITLE_STEPS = 12
_MOST_WIDTHS = 5000


class Style:
    """What the items of the canvas paint with, in one theme."""

    def __init__(self, tokens: theme.Theme) -> None:
        self.tokens = tokens
        self.ground = QColor(tokens.ground)
        self.face = QBrush(QColor(tokens.raised))
        self.outline = QPen(QColor(tokens.line), 1)
        self.outline_hover = QPen(QColor(tokens.wire), 1)
        self.outline_selected = QPen(QColor(tokens.accent), 2)
        self.outline_error = QPen(QColor(tokens.danger), 1.5)
        self.strong = QPen(QColor(tokens.strong))
        self.text = QPen(QColor(tokens.text))
        self.quiet = QPen(QColor(tokens.quiet))
        self.spark = QPen(QColor(tokens.gradient), 1.2)
        self.spark.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self.port = QPen(QColor(tokens.quiet), 1.3)
        self.port_faint = QPen(QColor(tokens.wire), 1, Qt.PenStyle.DotLine)
        self.port_fill = QBrush(self.ground)
        self.accent = QColor(tokens.accent)
        self.accent_pen = QPen(self.accent, 2)
        self.accent_fill = QBrush(self.accent)
        self.good = QColor(tokens.good)
        self.danger = QColor(tokens.danger)
        self.warning = QColor(tokens.warning)
        self.wire = QColor(tokens.wire)
        self.wire_error = QPen(self.danger, WIRE_WIDTH + 0.4, Qt.PenStyle.DashLine)
        self.dots = QPen(QColor(tokens.dots), 2)
        self.dots.setCosmetic(True)
        self.dots.setCapStyle(Qt.PenCapStyle.RoundCap)
        self.title_font = theme.font(tokens.font_body, bold=True)
        self.title_fonts = [theme.font(round(tokens.font_body * (1 + step / TITLE_STEPS)), bold=True)
                            for step in range(TITLE_STEPS + 1)]
        self.small_font = theme.font(tokens.font_small)
        self.badge_font = theme.font(tokens.font_small, bold=True)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.title_metrics = QFontMetricsF(self.title_font)
        self._widths: dict[str, float] = {}

    def category(self, token: str) -> QColor:
        return QColor(self.tokens.category_colour(token))

    def elided(self, text: str, font: QFont, width: float) -> str:
        metrics = self.title_metrics if font is self.title_font else self.small_metrics
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)

    def width(self, title: str) -> float:
        """How wide a title is in its usual size; measured once, because hundreds are painted in a frame."""
        if title not in self._widths:
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            self._widths[title] = self.title_metrics.horizontalAdvance(title)
        return self._widths[title]


@lru_cache(maxsize=4)
def _style(tokens: theme.Theme) -> Style:
    return Style(tokens)


def style() -> Style:
    """The style of the theme in force."""
    return _style(theme.current())
