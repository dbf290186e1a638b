"""Plots as files: what is seen as PNG or SVG, what was recorded as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPaintDevice, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QScrollArea, QToolButton, QWidget

from app.style import theme
from engine.issues import ChainruleError

#: Pixels of a PNG for each on the screen.
_PNG_SCALE = 2
#: A picture is not made larger than this, however much there is to scroll.
_LARGEST = QSize(4000, 4000)
FILTERS = {".png": "Picture (*.png)", ".svg": "Vector picture (*.svg)", ".csv": "Numbers (*.csv)"}


def write_png(path: Path, widgets: Sequence[QWidget]) -> None:
    """The widgets one under the other, at twice the screen's resolution. Raises :class:`ChainruleError`."""
    with _in_full(widgets):
        picture = QPixmap(_size(widgets) * _PNG_SCALE)
        picture.setDevicePixelRatio(_PNG_SCALE)
        _render(widgets, picture)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    _write(path, bytes(buffer.data().data()))


def write_svg(path: Path, widgets: Sequence[QWidget], title: str) -> None:
    """The same as vectors. Raises :class:`ChainruleError`."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    with _in_full(widgets):
        size = _size(widgets)
        generator.setSize(size)
        generator.setViewBox(QRect(QPoint(0, 0), size))
        _render(widgets, generator)
    _write(path, bytes(buffer.data().data()))


def write_csv(path: Path, names: Sequence[str], columns: Sequence[np.ndarray]) -> None:
    """One line of names, then one for each row; NaN is left empty. Raises :class:`ChainruleError`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in zip(*(column.tolist() for column in columns), strict=True):
        writer.writerow(["" if value != value else value for value in row])
    _write(path, text.getvalue().encode())


def _size(widgets: Sequence[QWidget]) -> QSize:
    return QSize(max(widget.width() for widget in widgets), sum(widget.height() for widget in widgets))


def _render(widgets: Sequence[QWidget], device: QPaintDevice) -> None:
    painter = QPainter(device)
    painter.fillRect(QRect(QPoint(0, 0), _size(widgets)), QColor(theme.current().panel))
    top = 0
    with _without_buttons(widgets):
        for widget in widgets:
            widget.render(painter, QPoint(0, top))
            top += widget.height()
    painter.end()


@contextmanager
def _in_full(widgets: Sequence[QWidget]) -> Iterator[None]:
    """Widgets are so large, until the picture is taken, that what they would scroll is seen to its end."""
    before = [widget.size() for widget in widgets]
    for widget in widgets:
        hidden = QSize(0, 0)
        for area in widget.findChildren(QScrollArea):
            if area.isVisible() and area.widget() is not None:
                hidden = hidden.expandedTo(area.widget().size() - area.viewport().size())
        if not hidden.isNull():
            widget.resize((widget.size() + hidden).boundedTo(_LARGEST))
    try:
        yield
    finally:
        for widget, size in zip(widgets, before, strict=True):
            widget.resize(size)


@contextmanager
def _without_buttons(widgets: Sequence[QWidget]) -> Iterator[None]:
    """What serves the program only is no part of a picture: buttons are away until it is taken."""
    focus = QApplication.focusWidget()
    buttons = [button for widget in widgets for button in widget.findChildren(QToolButton) if not button.isHidden()]
    for button in buttons:
        button.hide()
    try:
        yield
    finally:
        for button in buttons:
            button.show()
        if focus is not None:
            focus.setFocus()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ChainruleError(
            f"The file {path.name} could not be written ({error.strerror or error}).", "",
            "Choose another folder, or make room on the disk.",
        ) from error
