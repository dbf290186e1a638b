"""The top bar at the widths that windows have: nothing is cut, and what is least important gives way first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from app.panels.mends import Mends
from app.window.window import Window

WIDTHS = (1200, 1366, 1680)


def cut_texts(window: Window) -> list[str]:
    """The texts of the bar that have less room than they need, and widgets that stick out of it."""
    texts = [widget for kind in (QLabel, QPushButton, QToolButton) for widget in window.top.findChildren(kind)
             if widget.isVisible() and widget.text()]
    return [widget.text() for widget in texts
            if widget.width() < widget.minimumSizeHint().width()
            or widget.mapTo(window.top, widget.rect().topRight()).x() >= window.top.width()]


def widen(window: Window, qtbot, width: int) -> None:
    window.resize(width, 900)
    qtbot.waitUntil(lambda: window.top.width() > width - 80 and window.top.width() <= width)


@pytest.mark.parametrize("template", ["mnist", "spirals"])
def test_nothing_is_cut_at_any_width_idle_or_running(window: Window, qtbot, template: str) -> None:
    window.open_template(template)
    for width in WIDTHS:
        widen(window, qtbot, width)
        qtbot.waitUntil(lambda: cut_texts(window) == [])
        assert window.top.rate.text() == "ready"
    window.document.commit_training({**window.document.training, "epochs": 1_000_000})
    window.session.run()
    qtbot.waitUntil(lambda: "left" in window.top.rate.text())
    for width in WIDTHS:
        widen(window, qtbot, width)
        qtbot.waitUntil(lambda: cut_texts(window) == [])


def test_what_is_least_important_gives_way_first(window: Window, qtbot) -> None:
    window.open_template("mnist")
    top = window.top
    lengths = []
    for width in (1900, *reversed(WIDTHS)):
        widen(window, qtbot, width)
        lengths.append((len(top.data.text()), len(top.optimizer.text())))
    assert lengths == sorted(lengths, reverse=True) and lengths[0] > lengths[-1]
    assert top.optimizer.text() in top.optimizer.toolTip() and "batch" in top.optimizer.toolTip()
    widen(window, qtbot, 1900)
    assert "examples" in top.data.text() and "batch" in top.optimizer.text() and top.data.toolTip() == "Data"


def test_what_vanishes_or_is_switched_off_hands_the_focus_on(window: Window, qtbot) -> None:
    window.open_template("xor")
    document, reset = window.document, window.top.buttons[-1]
    window.session.step()
    qtbot.waitUntil(reset.isEnabled)
    reset.setFocus()
    qtbot.keyClick(reset, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not reset.isEnabled())
    assert window.top.run.hasFocus()

    last = document.graph.inputs("loss")[0]
    document.commit(document.graph.set_params(last.source, units=5), "Set units")
    document.select([last.target])
    window.tabs.show_layer()
    qtbot.waitUntil(lambda: any(found.isVisible() for found in window.tabs.inspector.findChildren(Mends)))
    (mends,) = (found for found in window.tabs.inspector.findChildren(Mends) if found.isVisible())
    mends.buttons[0].setFocus()
    qtbot.keyClick(mends.buttons[0], Qt.Key.Key_Space)
    assert document.report.ok and window.canvas.hasFocus()
    window.tabs.show_data()
    window.docks.tabs.hide()
    assert window.canvas.hasFocus()
