"""Which edits a run that goes on follows, and which wait for the next."""

from __future__ import annotations

from app.training.live import beginnings, graph_needs_restart, live_parameters, live_settings, settings_waiting
from engine.graph.model import Graph
from engine.train.config import TrainingConfig
from engine.train.optim import SGD, Adam


def dropout_graph() -> Graph:
    graph, first = Graph().add("Input", {"shape": (4,)})
    graph, dropout = graph.add("Dropout", {"rate": 0.5})
    graph, dense = graph.add("Dense", {"units": 3})
    return graph.connect(first, dropout).connect(dropout, dense)


def test_looks_names_and_live_parameters_do_not_need_a_restart():
    graph = dropout_graph()
    for same in (graph, graph.move({"dense_1": (9.0, 9.0)}), graph.rename("dense_1", "Last"),
                 graph.set_params("dropout_1", rate=0.1)):  # fmt: skip
        assert not graph_needs_restart(graph, same)


def test_how_weights_begin_matters_to_none_that_have_begun():
    graph = dropout_graph()
    after = graph.set_params("dense_1", initialiser={"kind": "Zeros"})
    assert not graph_needs_restart(graph, after)
    assert beginnings(graph, after, ["dropout_1", "dense_1"]) == ("dense_1",)
    assert beginnings(after, graph.remove(["dense_1"]), ["dense_1"]) == ()
    assert beginnings(graph, graph.set_params("dense_1", initialiser={"kind": "HeNormal"}), ["dense_1"]) == ()


def test_whatever_computes_something_else_does():
    graph = dropout_graph()
    for other in (graph.set_params("dense_1", units=4), graph.disconnect("dense_1", "in"), graph.add("ReLU")[0],
                  graph.remove(["dense_1"])):  # fmt: skip
        assert graph_needs_restart(graph, other)


def test_only_live_parameters_in_their_range_are_sent():
    graph = dropout_graph()
    after = graph.set_params("dropout_1", rate=0.25).set_params("dense_1", units=9)
    assert live_parameters(graph, after, ["dropout_1", "dense_1"]) == {"dropout_1.rate": 0.25}
    assert live_parameters(graph, graph.set_params("dropout_1", rate=7.0), ["dropout_1"]) == {}


def test_settings():
    before = TrainingConfig(optimizer=Adam(learning_rate=0.1)).to_dict()
    faster = TrainingConfig(optimizer=Adam(learning_rate=0.5), epochs=7).to_dict()
    assert live_settings(before, faster)["learning_rate"] == 0.5
    assert settings_waiting(before, before) == ()
    assert settings_waiting(before, faster) == ("its epochs",)
    other = TrainingConfig(optimizer=SGD(learning_rate=0.5)).to_dict()
    assert live_settings(before, other) == {"batch_size": 32.0}
    assert settings_waiting(before, other) == ("its optimizer",)
    larger = TrainingConfig(optimizer=Adam(learning_rate=0.1), batch_size=64)
    assert live_settings(before, larger.to_dict())["batch_size"] == 64.0
    assert settings_waiting(before, larger.to_dict()) == ()
    online = TrainingConfig.of({**before, "batching": "online"}).to_dict()
    assert settings_waiting(online, {**online, "batch_size": 64}) == ("its batch size",)
    assert settings_waiting({}, TrainingConfig().to_dict()) == ()
