"""Answers about made-up rows, for the tests of the plots that show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.document import Document
from app.plots import Plot
from app.training.session import Session
from engine.look.questions import Judged


def judged_classes(
    labels: list[int], answers: list[int], names: tuple[str, ...], loss: list[float] | None = None, **more: Any
) -> Judged:
    """Rows 0, 1, … with these classes; each answer has 0.6 of the probability, the others share the rest."""
    rows = np.arange(len(labels), dtype=np.int64)
    outputs = np.full((len(labels), len(names)), 0.4 / max(len(names) - 1, 1), np.float32)
    outputs[rows, answers] = 0.6
    losses = np.arange(len(labels), dtype=np.float32) if loss is None else np.array(loss, np.float32)
    values = {"part": "validation", "rows": rows, "targets": np.array(labels), "outputs": outputs, "loss": losses,
              "labels": np.array(labels), "answers": np.array(answers), "class_names": names, "inputs_shape": (4,),
              "probabilities": True}  # fmt: skip
    return Judged(**{**values, **more})


def judged_numbers(targets: np.ndarray, outputs: np.ndarray, **more: Any) -> Judged:
    """Rows 0, 1, … of a regression; both (N, outputs)."""
    values = {"part": "validation", "rows": np.arange(len(targets)), "targets": targets,
              "outputs": outputs.astype(np.float32), "loss": np.square(outputs - targets).mean(axis=1),
              "labels": None, "answers": None, "class_names": (), "inputs_shape": (1,)}  # fmt: skip
    return Judged(**{**values, **more})


def standing(qtbot: Any, kind: type[Plot], document: Document, width: int, height: int) -> Iterator[Any]:
    """A plot on the screen, as after a run; gone again afterwards with everything that hung on it."""
    session = Session(document)
    document.weights = {}
    plot = kind(session, document)
    plot.question = lambda: None  # answers are the test's own; the real process has tests of its own
    plot.resize(width, height)
    with qtbot.waitExposed(plot):
        plot.show()
    yield plot
    session.shutdown()
    plot.close()
    plot.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    vars(plot).clear()  # pytest keeps the plot until the leak check is over
