"""Embedding, self-attention and positional encoding beyond their contract."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute import compile
from engine.graph.model import Graph
from engine.layers import LAYERS
from engine.layers.positional import sine_waves
from engine.train.checks import Arrays, check_data
from tests.contract.networks import batch_for, chain, compiled


def tokens_to_classes(vocabulary: int) -> Graph:
    graph, source = Graph().add("Input", {"shape": (3,)})
    for kind, params in (("Embedding", {"vocabulary": vocabulary, "features": 2}), ("Flatten", {}),
                         ("Dense", {"units": 2}), ("SoftmaxCrossEntropy", {})):
        graph, node = graph.add(kind, params)
        graph, source = graph.connect(source, node), node
    return graph


def test_a_token_is_its_row() -> None:
    model = compiled(chain("Embedding", {"vocabulary": 5, "features": 3}, ((4,),)))
    tokens = np.array([[0, 4, 4, 1], [2, 2, 0, 3]])
    model.forward(tokens)
    np.testing.assert_array_equal(model.output("subject"), model.weights.arrays()["subject.E"][tokens])


def test_rows_of_absent_tokens_get_no_gradient() -> None:
    model = compiled(chain("Embedding", {"vocabulary": 5, "features": 3}, ((4,),)))
    (loss,) = model.report.losses
    model.loss(np.array([[0, 4, 4, 1]]), {loss: np.zeros((1, 2))})
    gradient = model.backward()["subject.E"]
    assert not gradient[[2, 3]].any()
    assert gradient[[0, 1, 4]].any(axis=1).all()


@pytest.mark.parametrize(("wrong", "shown"), [(7.0, "7"), (-1.0, "−1"), (0.5, "0.5")])
def test_training_refuses_tokens_outside_the_vocabulary(wrong: float, shown: str) -> None:
    model = compile(tokens_to_classes(7))
    x, y = np.zeros((4, 3), np.float32), np.zeros(4, np.int64)
    assert check_data(model, Arrays(x, y)) == ()
    x[2, 1] = wrong
    (issue,) = check_data(model, Arrays(x, y))
    assert issue.code == "tokens"
    assert issue.happened == f"A token is {shown}."
    assert issue.where == "embedding_1"


def test_causal_attention_sees_nothing_later() -> None:
    model = compiled(chain("MultiHeadSelfAttention", {"heads": 2, "causal": True}, ((4, 4),)))
    inputs, _ = batch_for(model, 3)
    (x,) = inputs.values()
    model.forward(x)
    before = model.output("subject").copy()
    x[:, 2] += 1.0
    model.forward(x)
    after = model.output("subject")
    np.testing.assert_array_equal(before[:, :2], after[:, :2])
    assert np.abs(before - after)[:, 2:].max() > 1e-3


def test_attention_does_not_know_the_order() -> None:
    model = compiled(chain("MultiHeadSelfAttention", {"heads": 2}, ((4, 4),)))
    inputs, _ = batch_for(model, 3)
    (x,) = inputs.values()
    order = [2, 0, 3, 1]
    model.forward(x)
    straight = model.output("subject").copy()
    model.forward(x[:, order])
    np.testing.assert_allclose(model.output("subject"), straight[:, order], rtol=1e-12)


def test_heads_must_divide_the_features() -> None:
    layer = LAYERS["MultiHeadSelfAttention"](heads=3)
    issue = layer.infer((5, 4))
    assert issue.code == "heads"
    assert issue.happened == "4 features do not split into 3 heads."


def test_sine_waves() -> None:
    waves = sine_waves(50, 6)
    np.testing.assert_allclose(waves[0], [0, 1, 0, 1, 0, 1])
    np.testing.assert_allclose(waves[7, 2:4], [np.sin(7 / 10000 ** (2 / 6)), np.cos(7 / 10000 ** (2 / 6))])
    np.testing.assert_allclose(waves[:, 0] ** 2 + waves[:, 1] ** 2, 1.0)
    assert sine_waves(4, 5).shape == (4, 5)
