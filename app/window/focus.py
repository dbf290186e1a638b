"""Where the focus goes when what had it vanishes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget


def catch(lost: QWidget | None, canvas: QWidget) -> bool:
    """Gives the canvas the focus of a widget that is no longer seen; Qt would give it to whatever comes next, the field
    of the palette for one, where keys would be typed into. The ring shows only where no mouse made it vanish. False
    where nothing was lost: Tab asks in the same way."""
    if lost is None or lost.isVisible() or not canvas.isVisible():
        return False
    by_mouse = lost.rect().contains(lost.mapFromGlobal(QCursor.pos()))
    canvas.setFocus(Qt.FocusReason.OtherFocusReason if by_mouse else Qt.FocusReason.TabFocusReason)
    return True
