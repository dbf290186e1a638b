"""Pens, brushes and fonts of the canvas, made once for each theme so that painting makes none."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPen

from app.canvas.metrics import WIRE_WIDTH
from app.style import theme

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
        self.dots = QPen(QColor(tokens.dots), 1)
        self.dots.setCosmetic(True)
        self.title_font = theme.font(tokens.font_body, bold=True)
        self.title_fonts = [theme.font(round(tokens.font_body * (1 + step / TITLE_STEPS)), bold=True)
                            for step in range(TITLE_STEPS + 1)]
        self.small_font = theme.font(tokens.font_small)
        self.badge_font = theme.font(tokens.font_small, bold=True)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.badge_metrics = QFontMetricsF(self.badge_font)
        self.title_metrics = QFontMetricsF(self.title_font)
        self.small_height = self.small_metrics.height()
        self._widths: dict[str, float] = {}
        self._small_widths: dict[str, float] = {}
        self._wrapped: dict[tuple[str, float], tuple[QFont, tuple[str, ...]]] = {}

    def category(self, token: str) -> QColor:
        return QColor(self.tokens.category_colour(token))

    def elided(self, text: str, font: QFont, width: float) -> str:
        metrics = self.title_metrics if font is self.title_font else self.small_metrics
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)

    def width(self, title: str) -> float:
        """How wide a title is in its usual size; measured once, because hundreds are painted in a frame."""
        return _measured(self._widths, self.title_metrics, title)

    def wrapped(self, title: str, width: float) -> tuple[QFont, tuple[str, ...]]:
        """A title that is too wide for one line: in two of its usual size, else in three of small print; with dots
        only where not even these hold it."""
        if (title, width) not in self._wrapped:
            if len(self._wrapped) >= _MOST_WIDTHS:
                self._wrapped.clear()
            lines = _lines(title, 2, width, self.title_metrics)
            small = any(self.title_metrics.horizontalAdvance(line) > width for line in lines)
            font, metrics = (self.badge_font, self.badge_metrics) if small else (self.title_font, self.title_metrics)
            lines = _lines(title, 3, width, metrics) if small else lines
            shown = tuple(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines)
            self._wrapped[title, width] = (font, shown)
        return self._wrapped[title, width]

    def small_width(self, text: str) -> float:
        """The same for small print."""
        return _measured(self._small_widths, self.small_metrics, text)


def _pieces(text: str, width: float, metrics: QFontMetricsF) -> Iterator[str]:
    """The words of a text; one that is wider than a line in pieces."""
    for word in text.split():
        while len(word) > 1 and metrics.horizontalAdvance(word) > width:
            most = max(n for n in range(1, len(word)) if n == 1 or metrics.horizontalAdvance(word[:n]) <= width)
            yield word[:most]
            word = word[most:]
        yield word


def _lines(text: str, most: int, width: float, metrics: QFontMetricsF) -> list[str]:
    """Words in lines of at most this width; what is left over stands in the last of ``most``."""
    lines: list[str] = []
    for word in _pieces(text, width, metrics):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or metrics.horizontalAdvance(joined) <= width):
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _measured(known: dict[str, float], metrics: QFontMetricsF, text: str) -> float:
    if text not in known:
        if len(known) >= _MOST_WIDTHS:
            known.clear()
        known[text] = metrics.horizontalAdvance(text)
    return known[text]


_made: dict[int, tuple[theme.Theme, Style]] = {}


def style() -> Style:
    """The style of the theme in force. Themes are told apart as objects: every item asks in every frame, and to hash
    all of a theme's colours takes longer than to paint a port."""
    tokens = theme.current()
    found = _made.get(id(tokens))
    if found is None or found[0] is not tokens:
        found = _made[id(tokens)] = (tokens, Style(tokens))
    return found[1]
