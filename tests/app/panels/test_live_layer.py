"""The cards of a layer show what the training process saw of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.numbers import number
from app.panels.live_layer import LiveLayer
from app.training.session import FINISHED, Session
from engine.train.events import Histogram
from tests.app.making import document_of, looked_at


def test_cards_follow_a_real_run_and_the_selection(qtbot) -> None:
    document = document_of("xor", epochs=60)
    session = Session(document)
    panel = LiveLayer()
    qtbot.addWidget(panel)
    panel.show()
    try:
        session.run()
        qtbot.waitUntil(lambda: session.state == FINISHED)
    finally:
        session.shutdown()
    seen = session.history.statistics
    assert seen is not None and seen.step == session.history.steps[-1]
    dense = next(layer for layer in seen.layers if layer.weights)
    bent = next(layer for layer in seen.layers if not layer.weights and layer.saturated == layer.saturated)
    panel.show_statistics(seen)
    assert not any(card.isVisible() for card in panel.cards.values()), "nothing is selected"
    panel.show_node(dense.node)
    weight = max(dense.weights, key=lambda w: w.values.counts.sum())
    assert np.array_equal(panel.cards["weights"].bars.heights, weight.values.counts)
    assert np.array_equal(panel.cards["gradients"].bars.heights, weight.gradients.counts)
    assert panel.cards["weights"].figure.text() == f"W · σ {number(weight.sigma, 2)}"
    norm = session.history.gradient_norms[-1, session.history.weight_keys.index(weight.key)]
    assert panel.cards["gradients"].figure.text() == f"‖∂L/∂W‖₂ {number(float(norm), 2)}"
    assert panel.cards["singular"].isVisible() == bool(len(weight.singular_values))
    panel.show_node(bent.node)
    assert [key for key, card in panel.cards.items() if card.isVisible()] == ["outputs"]
    panel.show_statistics(None)
    assert not any(card.isVisible() for card in panel.cards.values())
    ratios = session.history.updates
    assert ratios.names == session.history.weight_keys
    column = ratios.column(weight.key)
    assert column[-1] == np.float32(weight.update_ratio)


def test_each_copy_of_a_repeated_layer_has_cards_of_its_own(qtbot) -> None:
    panel = LiveLayer()
    qtbot.addWidget(panel)
    panel.show()
    look = looked_at(5, ("deep.W", "deep·2.W", "other.W"))
    layers = {layer.node: layer for layer in look.layers}
    other = np.roll(layers["deep"].weights[0].values.counts, 7)
    second = replace(layers["deep·2"].weights[0], values=Histogram(-1.0, 1.0, other))
    layers["deep·2"] = replace(layers["deep·2"], weights=(second,))
    panel.show_statistics(replace(look, layers=tuple(layers.values())))
    panel.show_node("deep", ("deep", "deep·2"))
    assert panel.copy.isVisible() and panel.copy.currentText() == "Copy 1 of 2"
    assert np.array_equal(panel.cards["weights"].bars.heights, layers["deep"].weights[0].values.counts)
    panel.copy.setFocus()
    QTest.keyClick(panel.copy, Qt.Key.Key_Down)
    assert np.array_equal(panel.cards["weights"].bars.heights, other)
    panel.show_node("other", ("other",))
    assert not panel.copy.isVisible() and panel.cards["weights"].isVisible()
