"""The help card beside the palette: what a layer does, its formula, shapes, parameters, and when to reach for it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.style import theme
from engine.issues import Issue
from engine.layer import Layer, LossLayer
from engine.shapes import Shape
from engine.shapes import text as shape_text

_WIDTH = 330
#: More parameters than these would make a page of the card.
_MOST_PARAMETERS = 6
#: A row of a table, a picture with channels, a sequence of vectors.
_TYPICAL: tuple[Shape, ...] = ((10,), (128,), (28, 28, 3), (50, 32))


def help_card(layer: type[Layer]) -> str:
    """What a layer does, its formula and when to reach for it, as rich text."""
    parts = [f"<b>{escape(layer.title)}</b>", escape(layer.summary())]
    if layer.formula:
        parts.append(f"<code>{escape(layer.formula)}</code>")
    if issubclass(layer, LossLayer):
        parts.append(escape(layer.likelihood()))
    if layer.when:
        parts.append(f"<i>{escape(layer.when)}</i>")
    return "".join(f"<p style='margin: 2px 0 4px 0;'>{part}</p>" for part in parts)


def shapes_example(layer: type[Layer]) -> str:
    """``28 × 28 × 3 → 14 × 14 × 3``: what becomes of a typical input; "" for layers without one."""
    count = max(len(layer.inputs), 2 if layer.variadic else 0)
    typical = [text for shape in _TYPICAL if count and (text := _example(layer, {}, (shape,) * count))]
    # One in which something happens to the shape says more than one in which nothing does.
    told = sorted(typical, key=lambda text: len(set(text.split(" → "))) == 1)
    told += [text for params, shapes in layer.examples if (text := _example(layer, params, shapes))]
    return told[0] if told else ""


def _example(layer: type[Layer], params: Mapping[str, Any], shapes: tuple[Shape, ...]) -> str:
    outcome = layer(**params).infer(*shapes) if shapes else None
    if outcome is None or isinstance(outcome, Issue):
        return ""
    made = "the loss, one number" if issubclass(layer, LossLayer) else shape_text(outcome)
    return f"{' and '.join(shape_text(shape) for shape in shapes)} → {made}"


def card_html(layer: type[Layer]) -> str:
    """The whole card as rich text in the colours of the theme in force."""
    tokens = theme.current()
    quiet, colour = f"color: {tokens.quiet}", tokens.category_colour(layer.category.colour)
    parameters = list(layer.parameters.values())
    rows = "".join(f"<tr><td style='padding-right: 12px'>{escape(p.label)}</td>"
                   f"<td style='{quiet}'>{escape(p.help)}</td></tr>" for p in parameters[:_MOST_PARAMETERS])
    more = len(parameters) - _MOST_PARAMETERS
    example = shapes_example(layer)
    parts = [
        f"<span style='color: {colour}'>■</span> <span style='{quiet}'>{escape(layer.category.title)}</span>",
        f"<span style='font-size: {tokens.font_title}px'><b>{escape(layer.title)}</b></span>",
        escape(layer.summary()),
        f"<code style='color: {tokens.accent}'>{escape(layer.formula)}</code>" if layer.formula else "",
        escape(layer.likelihood()) if issubclass(layer, LossLayer) else "",
        f"<span style='{quiet}'>Shapes, for example:</span> {escape(example)}" if example else "",
        f"<span style='{quiet}'>When:</span> {escape(layer.when)}" if layer.when else "",
        f"<table cellspacing='2'>{rows}</table>" if rows else "",
        f"<span style='{quiet}'>and {more} more</span>" if more > 0 else "",
    ]
    return "".join(f"<div style='margin-bottom: 6px'>{part}</div>" for part in parts if part)


class HelpCard(QFrame):
    """Floats over the window beside its owner; takes neither focus nor mouse."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = QLabel(textFormat=Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 10)
        column.addWidget(self.words)
        self.hide()

    def show_layer(self, layer: type[Layer], beside: QPoint) -> None:
        """Shows a layer's card with its top left corner at a place of the owner, moved up where it would stick out
        of the window."""
        window = self._owner.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.words.setText(card_html(layer))
        self.adjustSize()
        place = self._owner.mapTo(window, beside)
        x = min(place.x(), max(window.width() - self.width(), 0))
        self.move(x, max(0, min(place.y(), window.height() - self.height())))
        self.show()
        self.raise_()
