"""Pictures of the network: each kind is read back; words are words, colours those of the theme."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage

from app.canvas import picture
from app.canvas.port_item import HOVER
from app.canvas.view import CanvasView
from app.document import Content
from app.style import theme
from engine.graph import groups
from engine.graph.elements import Note
from engine.issues import ChainruleError

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def view(chain_view: CanvasView) -> CanvasView:
    return chain_view


def words(path: Path) -> str:
    return " ".join("".join(node.itertext()).strip() for node in ElementTree.parse(path).iter(f"{SVG}text"))


def test_an_svg_holds_the_words_as_words(view: CanvasView, tmp_path: Path) -> None:
    path = tmp_path / "net.svg"
    picture.save(view.canvas, path)
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    found = words(path)
    for word in ("Input", "Dense", "hidden", "ReLU", "4"):
        assert word in found
    area = picture.bounds(view.canvas)
    assert root.get("viewBox") is not None and abs(float(root.get("viewBox").split()[2]) - area.width()) < 1


def test_a_png_has_the_grounds_colour_or_none(view: CanvasView, tmp_path: Path) -> None:
    for transparent in (False, True):
        path = tmp_path / f"{transparent}.png"
        picture.save(view.canvas, path, picture.Look(transparent=transparent, scale=2.0))
        image = QImage(str(path))
        area = picture.bounds(view.canvas)
        assert (image.width(), image.height()) == (round(area.width() * 2), round(area.height() * 2))
        corner = image.pixelColor(2, 2)
        assert corner.alpha() == 0 if transparent else corner == QColor(theme.current().ground)


def test_a_picture_in_another_theme_leaves_the_screen_as_it_is(view: CanvasView) -> None:
    other = "light" if theme.current().name == "dark" else "dark"
    before = view.grab().toImage()
    image = picture.image(view.canvas, picture.Look(theme=other))
    assert image.pixelColor(2, 2) == QColor(theme.THEMES[other].ground)
    wire = next(iter(view.canvas.wires.values()))
    assert wire.pen.color() == QColor(theme.current().wire)
    assert view.grab().toImage() == before


def test_selection_is_not_drawn_and_not_lost(view: CanvasView) -> None:
    plain = picture.image(view.canvas)
    view.document.select(["hidden"])
    assert picture.image(view.canvas) == plain
    assert view.canvas.nodes["hidden"].selected and view.document.selection == {"hidden"}


def test_a_pdf_is_one_page_of_the_pictures_size_with_fonts(view: CanvasView, tmp_path: Path) -> None:
    path = tmp_path / "net.pdf"
    picture.save(view.canvas, path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF") and b"/Font" in data
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", data).groups())
    area = picture.bounds(view.canvas)
    assert abs(width - area.width() * 0.75) < 2 and abs(height - area.height() * 0.75) < 2
    assert len(re.findall(rb"/Type /Page\b", data)) == 1


def test_the_clipboard_gets_pixels_and_a_drawing(view: CanvasView) -> None:
    picture.copy(view.canvas)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage() and b"<svg" in mime.data("image/svg+xml").data()


def test_another_ending_an_empty_network_and_a_full_disk_are_told(view: CanvasView, tmp_path: Path) -> None:
    with pytest.raises(ChainruleError, match=r"\.png, \.svg, \.pdf"):
        picture.save(view.canvas, tmp_path / "net.bmp")
    with pytest.raises(ChainruleError, match="could not be written"):
        picture.save(view.canvas, tmp_path / "missing" / "net.svg")
    view.document.set_content(Content())
    with pytest.raises(ChainruleError, match="nothing to draw"):
        picture.save(view.canvas, tmp_path / "net.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_huge_network_is_drawn_smaller_rather_than_not_at_all(view: CanvasView) -> None:
    graph = view.document.graph
    view.document.commit(graph.move({"hidden": (30_000.0, 20_000.0)}), "Move")
    image = picture.image(view.canvas, picture.Look(scale=4.0))
    assert not image.isNull() and image.width() * image.height() <= 121_000_000
    assert image.width() > image.height() > 0


def test_what_the_editor_lights_up_is_not_in_the_picture(view: CanvasView) -> None:
    document, scene = view.document, view.canvas
    graph, block = groups.group(document.graph, ["hidden"])
    document.commit(graph.put_note(Note("note_1", "words", "A remark", (0.0, 200.0, 160.0, 80.0))), "Group")
    plain = picture.image(scene)
    scene.choose(["hidden"], ["note_1"])
    scene.blocks.items[block].set_hovered(True)
    scene.nodes["hidden"].ports[0].set_state(HOVER)
    assert picture.image(scene) == plain
    assert scene.blocks.items[block].selected and scene.notes.items["note_1"].selected
    assert scene.nodes["hidden"].ports[0].state == HOVER
