"""Which field Tab reaches next. Forms come and go with the selection; Qt would put what came last at the end."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget


def in_reading_order(page: QWidget) -> list[QWidget]:
    """What takes the focus by Tab on a page, from top to bottom and left to right."""
    found = [widget for widget in page.findChildren(QWidget) if takes_focus(widget) and widget.isVisibleTo(page)]
    places = {widget: widget.mapTo(page, QPoint(0, widget.height() // 2)) for widget in found}
    # Fields of one row differ by some pixels in height.
    return sorted(found, key=lambda widget: (round(places[widget].y() / 14), places[widget].x()))


def takes_focus(widget: QWidget) -> bool:
    """Is this where Tab may go, itself and not by another widget that stands for it?"""
    return (bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
            and widget.isEnabled())


def beyond(holder: QWidget, current: QWidget, forward: bool) -> QWidget | None:
    """The next widget in the window's order that does not lie in ``holder``."""
    step = current
    while True:
        step = step.nextInFocusChain() if forward else step.previousInFocusChain()
        if step is current:
            return None
        outside = step is not holder and not holder.isAncestorOf(step)
        if outside and step.isVisible() and takes_focus(step):
            return step
