"""A whole window, closed again whatever the test did with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from app.collector import Collector
from app.document import Content, Document
from app.seldom import Seldom
from app.settings import Settings
from app.style import theme
from app.window.window import Window
from engine.graph.build import chain
from engine.graph.model import Graph
from engine.layers import MSE, Dense, Input, ReLU
from tests.app.keeping import Kept
from tests.app.waiting import PATIENCE

Seldom.pace = 0.0  # tests read what a person could not


def perceptron() -> Graph:
    """Input (2) → Dense (1) → sigmoid cross-entropy."""
    graph, first = Graph().add("Input", {"shape": (2,)}, (0, 0))
    graph, second = graph.add("Dense", {"units": 1}, (220, 0))
    graph, last = graph.add("SigmoidBinaryCrossEntropy", {}, (440, 0))
    return graph.connect(first, second).connect(second, last)


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """pytest-qt's, with the collector kept to its thread as in the program: without, other threads end widgets."""
    Collector(qapp)
    return qapp


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's, with more patience than its five seconds: see :mod:`tests.app.waiting`."""
    for wait in ("waitUntil", "waitSignal", "waitExposed"):
        setattr(qtbot, wait, partial(getattr(qtbot, wait), timeout=PATIENCE))
    return qtbot


@pytest.fixture
def small_document(qapp: QApplication) -> Document:
    """A document with a perceptron and the XOR data."""
    theme.apply(qapp, "dark")
    document = Document()
    document.set_content(Content(perceptron(), {"kind": "Xor"}))
    return document


@pytest.fixture
def window(qapp: QApplication, qtbot) -> Iterator[Window]:
    """The main window on its welcome page."""
    theme.apply(qapp, "dark")
    Settings().set_flag("canvas/forecast", False)  # a process for each test that opens something would take minutes
    made = Window()
    made.resize(1400, 900)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.document.set_content(Content())  # nothing to ask about
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    # pytest keeps the window itself until the leak check is over; what hung on it goes now.
    vars(made).clear()


@pytest.fixture
def chain_view(qtbot) -> CanvasView:
    """A canvas with a small chain on it."""
    document = Document()
    made = CanvasView(document)
    document.setParent(made)
    document.set_content(Content(chain(Input(shape=(4,)), ("hidden", Dense(units=8)), ReLU(), Dense(units=1), MSE())))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def kept(qtbot, tmp_path) -> Iterator[Callable[..., Kept]]:
    """Makes sessions that keep their runs in one folder; they end with the test."""
    made: list[Kept] = []

    def make(template: str = "xor", **settings) -> Kept:
        made.append(Kept(tmp_path / "runs", qtbot, template, **settings))
        return made[-1]

    yield make
    for each in made:
        each.session.shutdown()
