"""The network as a picture: PNG, SVG or PDF in a file, or on the clipboard. Text stays text where the format has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QMimeData, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from app.canvas.block_item import BlockItem
from app.canvas.node_item import NodeItem
from app.canvas.note_item import NoteItem
from app.canvas.port_item import IDLE, PortItem
from app.canvas.scene import CanvasScene
from app.canvas.wire_item import WireItem
from app.style import theme
from engine.issues import ChainruleError
from engine.project.atomic import write_atomically

#: Room around the network, in scene units.
_MARGIN = 24.0
#: Scene units are CSS pixels: 96 to the inch.
_DPI = 96
#: A picture larger than this could not be held in memory by most programs that open it.
_MOST_PIXELS = 120_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is drawn: in which theme ("" for the one in force), with the ground or without, and how many
    pixels a scene unit has in a PNG."""

    theme: str = ""
    transparent: bool = False
    scale: float = 2.0


AS_SHOWN = Look()


def save(scene: CanvasScene, path: Path, look: Look = AS_SHOWN) -> None:
    """Writes the picture in the format that the file's ending names. Raises :class:`ChainruleError`."""
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise ChainruleError(f"{path.name} has no ending that names a kind of picture.",
                             f"Expected one of {', '.join(WRITERS)}.", "Choose another name.")
    data = write(scene, look)
    write_atomically(path, lambda file: file.write(data))


def copy(scene: CanvasScene, look: Look = AS_SHOWN) -> None:
    """Puts the picture on the clipboard, as pixels and as SVG."""
    mime = QMimeData()
    mime.setImageData(image(scene, look))
    mime.setData("image/svg+xml", QByteArray(svg(scene, look)))
    QGuiApplication.clipboard().setMimeData(mime)


def bounds(scene: CanvasScene) -> QRectF:
    """The rectangle that a picture shows."""
    found = QRectF()
    for item in scene.items():
        if item.isVisible():
            found = found.united(item.sceneBoundingRect())
    if found.isEmpty():
        raise ChainruleError("There is nothing to draw.", "The network is empty.", "Add layers first.")
    return found.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)


def image(scene: CanvasScene, look: Look = AS_SHOWN) -> QImage:
    """The picture as pixels; a network too large for ``look.scale`` is drawn smaller."""
    area = bounds(scene)
    scale = min(look.scale, (_MOST_PIXELS / (area.width() * area.height())) ** 0.5)
    width, height = round(area.width() * scale), round(area.height() * scale)
    pixels = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    pixels.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixels)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    _draw(scene, painter, QRectF(0, 0, pixels.width(), pixels.height()), area, look)
    painter.end()
    return pixels


def png(scene: CanvasScene, look: Look = AS_SHOWN) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image(scene, look).save(buffer, "PNG"):
        raise ChainruleError("The picture could not be written as PNG.", "", "Choose a smaller size, or SVG.")
    return buffer.data().data()


def svg(scene: CanvasScene, look: Look = AS_SHOWN) -> bytes:
    area, buffer = bounds(scene), QBuffer()
    writer = QSvgGenerator()
    writer.setOutputDevice(buffer)
    writer.setResolution(_DPI)
    writer.setSize(area.size().toSize())
    writer.setViewBox(QRectF(0, 0, area.width(), area.height()))
    writer.setTitle("Network")
    painter = QPainter(writer)
    _draw(scene, painter, QRectF(0, 0, area.width(), area.height()), area, look)
    painter.end()
    return buffer.data().data()


def pdf(scene: CanvasScene, look: Look = AS_SHOWN) -> bytes:
    area, buffer = bounds(scene), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    points = QSizeF(area.width() * 72 / _DPI, area.height() * 72 / _DPI)
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "network", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(_DPI)
    writer.setTitle("Network")
    painter = QPainter(writer)
    _draw(scene, painter, QRectF(0, 0, area.width(), area.height()), area, look)
    painter.end()
    return buffer.data().data()


#: Every kind of picture, by the file's ending.
WRITERS: dict[str, Callable[[CanvasScene, Look], bytes]] = {".png": png, ".svg": svg, ".pdf": pdf}


def _draw(scene: CanvasScene, painter: QPainter, target: QRectF, area: QRectF, look: Look) -> None:
    tokens = theme.THEMES[look.theme] if look.theme else theme.current()
    with _undisturbed(scene):
        with theme.borrowed(tokens):
            scene.restyle()  # wires keep their pens
            if not look.transparent:
                painter.fillRect(target, QColor(tokens.ground))
            scene.render(painter, target, area)
        scene.restyle()


@contextmanager
def _undisturbed(scene: CanvasScene) -> Iterator[None]:
    """Draws nothing as selected or hovered: that is the editor's business."""
    items = scene.items()
    selected = [i for i in items if isinstance(i, (NodeItem, WireItem, BlockItem, NoteItem)) and i.selected]
    hovered = [i for i in items if isinstance(i, (NodeItem, WireItem, BlockItem)) and i.hovered]
    lit = [(i, i.state) for i in items if isinstance(i, PortItem) and i.state != IDLE]
    _mark(selected, hovered, lit, on=False)
    try:
        yield
    finally:
        _mark(selected, hovered, lit, on=True)


def _mark(
    selected: Iterable[NodeItem | WireItem | BlockItem | NoteItem], hovered: Iterable[NodeItem | WireItem | BlockItem],
    lit: Iterable[tuple[PortItem, str]], *, on: bool
) -> None:
    for item in selected:
        item.set_selected(on)
    for item in hovered:
        item.set_hovered(on)
    for port, state in lit:
        port.set_state(state if on else IDLE)

