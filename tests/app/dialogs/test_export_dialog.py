"""The export dialog with real exports."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.dialogs.export import ExportDialog
from app.document import Content, Document
from engine.compute import compile
from engine.export import FORMATS
from engine.project import template

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def iris(qapp) -> Document:
    project = template("iris").build()
    document = Document()
    document.set_content(Content(project.graph, dict(project.source), dict(project.training)))
    return document


def dialog_of(document: Document, qtbot, folder: Path) -> ExportDialog:
    dialog = ExportDialog(document)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.path.setText(str(folder / "net.onnx"))
    return dialog


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_each_format_is_written_and_verified(iris: Document, qtbot, tmp_path: Path, suffix: str) -> None:
    iris.weights = compile(iris.graph, seed=1).weights.copies()
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.choose(suffix)
    assert dialog.path.text().endswith(suffix)
    with qtbot.waitSignal(dialog.exported) as done:
        qtbot.mouseClick(dialog.start, LEFT)
    assert done.args[0].samples == 64
    assert "verified: largest difference" in dialog.outcome.text()
    assert [path.name for path in tmp_path.iterdir()] == [f"net{suffix}"]


def test_untrained_weights_are_said_and_allowed(iris: Document, qtbot, tmp_path: Path) -> None:
    dialog = dialog_of(iris, qtbot, tmp_path)
    texts = [label.text() for label in dialog.findChildren(type(dialog.outcome))]
    assert any("untrained" in text for text in texts)
    dialog.choose(".npz")
    with qtbot.waitSignal(dialog.exported):
        qtbot.mouseClick(dialog.start, LEFT)


def test_a_place_that_cannot_be_written_is_told_in_place(iris: Document, qtbot, tmp_path: Path) -> None:
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.choose(".npz")
    dialog.path.setText(str(tmp_path / "nowhere" / "net.npz"))
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: "folder does not exist" in dialog.outcome.text())
    assert dialog.start.isEnabled()
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_export_leaves_nothing(iris: Document, qtbot, tmp_path: Path, monkeypatch) -> None:
    import threading

    from app.dialogs import export

    go_on, finished = threading.Event(), threading.Event()
    real = export.export_model

    def slowly(*arguments, **named):
        go_on.wait(10)
        return real(*arguments, **named)

    carry_out = export.carry_out

    def watched(*arguments):
        try:
            return carry_out(*arguments)
        finally:
            finished.set()

    monkeypatch.setattr(export, "export_model", slowly)
    monkeypatch.setattr(export, "carry_out", watched)
    dialog = dialog_of(iris, qtbot, tmp_path)
    dialog.choose(".npz")
    qtbot.mouseClick(dialog.start, LEFT)
    assert dialog.close_button.text() == "Cancel"
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert "Cancelled" in dialog.outcome.text()
    go_on.set()
    assert finished.wait(10)
    assert list(tmp_path.iterdir()) == []
    assert dialog.isVisible()
