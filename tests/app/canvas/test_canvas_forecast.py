"""Before any training the wires show what the engine computes with first weights; a run takes their place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from app.canvas.forecast import Forecaster, in_words, verdict
from app.canvas.view import CanvasView
from app.document import Content, Document
from app.settings import Settings
from app.style import theme
from app.style.gradient_scale import GradientScale
from app.training.session import Session
from engine.compute import compile as compile_graph
from engine.data import Source, load
from engine.look.questions import Expected
from tests.app.making import document_of
from tests.engine.train.networks import SIGMOID_LOSS, chain


class Bench:
    """A canvas with a forecaster, as the window puts them together."""

    def __init__(self, qtbot, document: Document) -> None:
        theme.apply(QApplication.instance(), "dark")
        self.qtbot = qtbot
        self.document = document
        self.session = Session(document)
        self.settings = Settings()
        self.view = CanvasView(document)
        qtbot.addWidget(self.view)
        self.action = QAction(self.view)
        self.action.setCheckable(True)
        self.forecaster = Forecaster(self.view, document, self.session, self.settings, self.action)
        self.view.resize(900, 500)
        self.view.show()
        document.opened.emit()

    def until_shown(self) -> None:
        self.qtbot.waitUntil(lambda: self.forecaster.forecasted is not None)

    def flow(self) -> dict[str, float | None]:
        return {wire.edge.source: wire.flow for wire in self.view.canvas.wires.values()}


@pytest.fixture
def lay(qtbot) -> Iterator:
    made: list[Bench] = []

    def begin(document: Document) -> Bench:
        made.append(Bench(qtbot, document))
        return made[-1]

    yield begin
    for bench in made:
        bench.session.shutdown()


def deep(kind: str, count: int, **params) -> Document:
    layers = [("Input", {"shape": (2,)})]
    for _ in range(count):
        layers += [("Dense", {"units": 16, **params}), (kind, {})]
    document = Document()
    graph = chain(*layers, ("Dense", {"units": 1}), SIGMOID_LOSS)
    document.set_content(Content(graph, {"kind": "Spirals", "arms": 2}))
    return document


def measured(document: Document) -> dict[str, tuple[float, float]]:
    """Node → mean |∂L/∂output| and σ of the output, by the engine's own passes over the same batch."""
    data = load(Source.from_dict(document.source))
    seed = document.training.get("seed", 0)
    model = compile_graph(document.graph, batch_size=64, seed=seed)
    program = model.program(64)
    program.input[...] = data.x_train[:64]
    program.target[...] = data.y_train[:64].reshape(program.target.shape)
    program.forward()
    program.backward(probe=True)
    flow = dict(zip(program.flow_nodes, program.flow.tolist(), strict=True))
    return {node: (flow[node], float(program.output(node).std())) for node in program.flow_nodes}


def test_wires_have_the_colours_of_the_engines_gradients(lay):
    bench = lay(document_of("spirals"))
    bench.until_shown()
    expected = measured(bench.document)
    scale = GradientScale()
    scale.include(flow for flow, _ in expected.values())
    for source, position in bench.flow().items():
        assert position == pytest.approx(scale.position(expected[source][0]), abs=1 / 128), source
    wire = bench.view.canvas.wires[("loss", "in")] if ("loss", "in") in bench.view.canvas.wires else \
        next(iter(bench.view.canvas.wires.values()))
    flow, sigma = expected[wire.edge.source]
    found = bench.forecaster.forecasted.nodes[wire.edge.source]
    assert (found.flow, found.sigma) == (pytest.approx(flow, rel=1e-4), pytest.approx(sigma, rel=1e-4))
    assert in_words(found) in wire.words() and wire.words().startswith("Carries")
    legend = bench.view.legend
    assert legend.isVisible() and legend.heading == "forecast · at initialisation" and legend.verdict == ""


def test_twenty_sigmoid_layers_vanish_before_the_first_step(lay):
    bench = lay(deep("Sigmoid", 20))
    bench.until_shown()
    flow = bench.flow()
    assert flow["dense_1"] < 0.1 and flow["dense_21"] > 0.8
    assert bench.view.legend.verdict.startswith("Gradient vanishes")
    widths = {wire.edge.source: wire.pen.widthF() for wire in bench.view.canvas.wires.values()}
    assert widths["dense_1"] < widths["dense_21"]


def test_a_network_too_large_to_forecast_is_told_so(lay):
    bench = lay(deep("Sigmoid", 2))
    bench.until_shown()
    legend, graph = bench.view.legend, bench.document.graph
    bench.document.commit(graph.set_params("dense_1", units=5000).set_params("dense_2", units=5000), "Wide")
    bench.qtbot.waitUntil(lambda: not legend.has_scale)
    assert legend.isVisible() and "20 M" in legend.accessibleDescription()
    assert bench.forecaster.forecasted is None and set(bench.flow().values()) == {None}
    bench.forecaster.toggle()
    assert not legend.isVisible()
    bench.forecaster.toggle()
    bench.qtbot.waitUntil(legend.isVisible)
    bench.document.commit(graph, "Narrow")
    bench.until_shown()
    assert legend.isVisible() and legend.has_scale and legend.verdict == ""


def test_large_first_weights_explode(lay):
    bench = lay(deep("ReLU", 20, initialiser={"kind": "Normal", "std": 1.0}))
    bench.until_shown()
    flow = bench.flow()
    assert flow["dense_1"] > 0.9 > flow["dense_21"]
    assert bench.view.legend.verdict.startswith("Gradient explodes")


def test_an_edit_is_forecast_anew_and_a_broken_network_is_not(lay):
    bench = lay(deep("Sigmoid", 6))
    bench.until_shown()
    first = bench.forecaster.forecasted
    graph = bench.document.graph
    bench.document.commit(graph.set_params("dense_1", initialiser={"kind": "Zeros"}), "Zeros")
    bench.qtbot.waitUntil(lambda: bench.forecaster.forecasted not in (None, first))
    assert bench.forecaster.forecasted.nodes["dense_1"].sigma == 0
    bench.document.commit(bench.document.graph.disconnect("loss_1", "in"), "Cut")
    assert bench.forecaster.forecasted is None and not bench.view.legend.isVisible()
    assert set(bench.flow().values()) == {None}


def test_a_run_takes_its_place_and_a_reset_brings_it_back(lay):
    bench = lay(document_of("xor"))
    bench.until_shown()
    bench.session.step()
    bench.qtbot.waitUntil(lambda: bench.session.state == "paused")
    assert bench.forecaster.forecasted is None and bench.view.legend.heading == ""
    assert "Forecast" not in next(iter(bench.view.canvas.wires.values())).words()
    bench.qtbot.waitUntil(lambda: bench.document.weights is not None)
    bench.session.reset()
    bench.until_shown()


def test_weights_that_are_there_are_no_beginning(lay):
    document = document_of("xor")
    bench = lay(document)
    bench.until_shown()
    document.set_content(document.content, weights={"hidden_1.W": np.zeros((3, 2), np.float32)})
    bench.session.weights_changed.emit()
    assert bench.forecaster.forecasted is None


def test_switched_off_it_stays_off(lay):
    bench = lay(document_of("xor"))
    bench.until_shown()
    assert bench.action.isChecked()
    bench.forecaster.toggle()
    assert bench.forecaster.forecasted is None and not bench.action.isChecked()
    assert not Settings().flag("canvas/forecast", True)
    other = lay(document_of("xor"))
    assert not other.forecaster.is_on and not other.forecaster._timer.isActive()


def test_without_data_random_inputs_stand_in(lay):
    document = document_of("iris")
    document.commit_source({})
    bench = lay(document)
    bench.until_shown()
    assert bench.view.legend.heading.endswith("random inputs")


def test_numbers_beyond_all_bounds_are_said(small_document):
    report = small_document.report
    nodes = {node: Expected(float("inf"), 1.0, 1.0) for node in report.order}
    assert verdict(nodes, report) == "Values grow beyond all numbers"
