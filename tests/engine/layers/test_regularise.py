"""What happens in training only: dropout by channel, noise, and what activities cost."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import compile
from engine.graph.build import chain
from engine.graph.model import Graph
from engine.layers import MSE, ActivityRegularisation, Dense, Dropout, GaussianNoise, Input, SpatialDropout


def test_spatial_dropout_silences_whole_channels() -> None:
    model = compile(chain(Input(shape=(5, 4, 40)), ("drop", SpatialDropout(rate=0.25)), MSE()), dtype="float64")
    x = np.ones((30, 5, 4, 40))
    model.loss(x, x)
    out = model.output("drop")
    assert (out == out[:, :1, :1, :]).all()
    assert set(np.unique(out)) == {0.0, 1.0 / 0.75}
    assert (out[:, 0, 0, :] == 0.0).mean() == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("layer", [Dropout(rate=0.5), SpatialDropout(rate=0.5), GaussianNoise(std=3.0)],
                         ids=lambda v: v.kind)
def test_prediction_is_left_alone(layer) -> None:
    model = compile(chain(Input(shape=(3, 4)), layer, MSE()))
    x = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(model.forward(x), x)


def test_noise_has_its_deviation_and_follows_it_live() -> None:
    model = compile(chain(Input(shape=(500,)), ("noise", GaussianNoise(std=0.5)), MSE()))
    x = np.zeros((100, 500))
    for std in (0.5, 2.0):
        model.set_live("noise", "std", std)
        model.loss(x, x)
        out = model.output("noise")
        assert out.std() == pytest.approx(std, rel=0.02) and abs(out.mean()) < 0.02 * std


def test_activities_are_charged_by_their_mean() -> None:
    layer = ActivityRegularisation(l1=0.3, l2=0.2)
    model = compile(chain(Input(shape=(4,)), ("charge", layer), ("loss", MSE())), dtype="float64")
    x = np.random.default_rng(0).normal(size=(6, 4))
    total = model.loss(x, x)
    assert total == pytest.approx(0.3 * np.abs(x).mean() + 0.2 * (x**2).mean(), rel=1e-12)
    assert model.program(6).losses == {"loss": 0.0}


def test_an_unused_activity_costs_nothing() -> None:
    graph = chain(("in", Input(shape=(2,))), ("hidden", Dense(units=2)), ("loss", MSE()))
    graph, idle = graph.add("ActivityRegularisation", {"l1": 5.0})
    graph = graph.connect("in", idle)
    model = compile(graph, dtype="float64")
    x = np.ones((3, 2))
    assert model.loss(x, model.forward(x)) == 0.0


def test_several_charges_add_up() -> None:
    graph, source = Graph().add("Input", {"shape": (2,)})
    for _ in range(2):
        graph, node = graph.add("ActivityRegularisation", {"l1": 1.0})
        graph = graph.connect(source, node)
        source = node
    graph, loss = graph.add("MSE")
    model = compile(graph.connect(source, loss), dtype="float64")
    x = np.array([[1.0, -3.0]])
    assert model.loss(x, x) == pytest.approx(4.0)
