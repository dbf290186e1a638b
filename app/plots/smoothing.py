"""How much curves are smoothed, and the slider that chooses it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QMenu, QSlider, QVBoxLayout, QWidget, QWidgetAction

from app import numbers

#: Steps that smoothing takes the mean of; AUTOMATIC follows the number of steps in view.
AUTOMATIC = 0
WINDOWS = (AUTOMATIC, 1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_AUTOMATIC_PARTS, _FEWEST_ROWS = 50, 4.5


def suited(steps_in_view: float, apart: float = 1.0) -> int:
    """The window that AUTOMATIC stands for: about a fiftieth of what is in view, but some rows of a table in which
    these lie so many steps ``apart``."""
    wanted = max(steps_in_view / _AUTOMATIC_PARTS, _FEWEST_ROWS * apart)
    return max(steps for steps in WINDOWS[1:] if steps <= max(wanted, 1))


class _Across(QSlider):
    """A slider in a menu: left and right are its own, up and down lead on through the menu."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)


def slider_action(menu: QMenu, chosen: int, choose: Callable[[int], None]) -> QWidgetAction:
    """An entry of ``menu`` with a slider over the windows; ``choose`` is called with each that is taken."""
    box = QWidget(menu)
    column = QVBoxLayout(box)
    column.setContentsMargins(22, 4, 22, 6)
    label = QLabel(_sentence(chosen), box)
    slider = _Across(Qt.Orientation.Horizontal, box)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the menu gives the keys to what can have them
    box.setFocusProxy(slider)
    slider.setAccessibleName("Smoothing")
    slider.setRange(0, len(WINDOWS) - 1)
    slider.setPageStep(1)
    slider.setValue(WINDOWS.index(chosen))

    def moved(position: int) -> None:
        label.setText(_sentence(WINDOWS[position]))
        choose(WINDOWS[position])

    slider.valueChanged.connect(moved)
    column.addWidget(label)
    column.addWidget(slider)
    action = QWidgetAction(menu)
    action.setDefaultWidget(box)
    return action


def _sentence(steps: int) -> str:
    named = {AUTOMATIC: "automatic", 1: "none"}
    return f"Smoothing: {named.get(steps, f'mean of {numbers.count(steps)} steps')}"
