"""What every editor of a parameter is: it shows a value and tells of one that the Param allows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.style.combo import CalmCombo
from engine.params import Param

MIXED = "mixed"


class Editor(QWidget):
    """Edits one value. ``edited(value)`` carries a value the Param allows, ``refused(sentence)`` says why what is
    shown is not one, ``settled`` tells that a row of small changes is over. ``considered(value)`` tells of a value that
    is looked at and not chosen yet, ``dismissed`` that it no longer is. ``typing(on)`` tells that what follows may be
    half of a number, or is none any more. ``below`` is a widget that wants a row of its own, or None."""

    edited = Signal(object)
    refused = Signal(str)
    settled = Signal()
    considered = Signal(object)
    dismissed = Signal()
    typing = Signal(bool)

    def __init__(self, param: Param[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.param = param
        self.below: QWidget | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)

    def _place(self, field: QWidget) -> None:
        """Puts the field in the row and names it."""
        self._row.addWidget(field)
        field.setAccessibleName(self.param.label)
        field.setAccessibleDescription(self.param.help)
        self.setFocusProxy(field)

    def show_value(self, value: Any) -> None:
        """Shows a value without telling that it was edited."""
        raise NotImplementedError

    def show_mixed(self) -> None:
        """Shows that several things with different values are edited together."""
        raise NotImplementedError

    def give_up(self) -> None:
        """Nobody is typing any more: what is shown next may take the place of what stands there."""

    def mark(self, wrong: bool) -> None:
        """The red outline."""
        field = self.focusProxy()
        field.setProperty("role", "error" if wrong else None)
        field.style().unpolish(field)
        field.style().polish(field)

    def _preview(self, box: CalmCombo) -> None:
        """Tells what the pointer or the arrow keys rest on in an open list."""
        box.highlighted.connect(lambda index: self.considered.emit(self._meaning(box.itemData(index))))
        box.closed.connect(self.dismissed)

    def _meaning(self, data: Any) -> Any:
        """The value that an entry of a list stands for."""
        return data

    def _offer(self, value: Any) -> None:
        cleaned = self.param.clean(value)
        problem = self.param.problem(cleaned)
        if problem is None:
            self.edited.emit(cleaned)
        else:
            self.refused.emit(problem)
