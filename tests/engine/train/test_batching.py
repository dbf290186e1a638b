"""How many examples make a step, and how often those of rare classes come."""

from __future__ import annotations

import numpy as np
import pytest

from engine.train.checks import Arrays
from engine.train.config import TrainingConfig
from engine.train.events import Started
from engine.train.loop import train
from engine.train.order import Order
from engine.train.trainer import Trainer
from tests.engine.train.networks import chain, classes, compiled, mlp


def config(**changes) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 2, "batch_size": 16, **changes})


@pytest.mark.parametrize("changes, batch", [
    ({}, 16), ({"batching": "full"}, 70), ({"batching": "online"}, 1), ({"batch_size": 500}, 70),
    ({"optimizer": "LBFGS"}, 70), ({"optimizer": "Rprop", "batching": "online"}, 70),
])
def test_how_many_examples_make_a_step(changes, batch):
    started = next(iter(train(compiled(mlp(6, 3)), classes(), config(**changes))))
    assert isinstance(started, Started)
    assert (started.batch_size, started.steps_per_epoch) == (batch, -(-70 // batch))
    assert config(**changes).rows_per_step(70) == batch


def test_an_optimizer_that_needs_all_examples_says_so():
    notes = next(iter(train(compiled(mlp(6, 3)), classes(), config(optimizer="LBFGS")))).notes
    assert notes == ("L-BFGS needs the gradient of all examples: every step uses all 70.",)
    assert next(iter(train(compiled(mlp(6, 3)), classes(), config(optimizer="LBFGS", batching="full")))).notes == ()


def test_online_as_a_stream_takes_examples_as_they_come():
    trainer = Trainer(compiled(mlp(6, 3)), classes(), config(batching="online", shuffle=False))
    assert [int(trainer.order.next()[0]) for _ in range(71)] == [*range(70), 0]


def test_one_example_at_a_time_is_gradient_descent_on_each():
    data, model = classes(rows=5, held_back=0), compiled(mlp(6, 3))
    by_hand = compiled(mlp(6, 3))
    settings = config(epochs=1, batching="online", shuffle=False, optimizer={"kind": "SGD", "learning_rate": 0.1})
    list(train(model, data, settings))
    for row in range(5):
        by_hand.loss(data.x_train[row : row + 1], data.y_train[row : row + 1])
        by_hand.backward()
        by_hand.weights.values -= 0.1 * by_hand.weights.gradients
    np.testing.assert_allclose(model.weights.values, by_hand.weights.values, rtol=1e-5, atol=1e-7)


def uneven() -> Arrays:
    rng = np.random.default_rng(0)
    y = (np.arange(200) % 20 == 0).astype(np.int64)  # one in twenty
    return Arrays(rng.normal(size=(200, 6)).astype(np.float32), y)


@pytest.mark.parametrize("graph", [mlp(6, 2), mlp(6, 1, loss=("SigmoidBinaryCrossEntropy", {})),
                                   mlp(6, 2, loss=("SigmoidBinaryCrossEntropy", {}))])
def test_balanced_classes_come_equally_often(graph):
    trainer = Trainer(compiled(graph), uneven(), config(balance=True))
    drawn = np.concatenate([trainer.order.next().copy() for _ in range(50 * trainer.order.steps_per_epoch)])
    assert len(drawn) == 50 * 200
    labels = uneven().y_train[drawn]
    assert 0.47 < labels.mean() < 0.53
    assert len(np.unique(drawn)) == 200


def test_numbers_have_no_classes_to_balance():
    data = Arrays(np.zeros((20, 6), np.float32), np.zeros((20, 1), np.float32))
    events = train(compiled(mlp(6, 1, loss=("MSE", {}))), data, config(balance=True))
    assert "no classes to balance" in next(iter(events)).notes[0]


def test_a_weighted_order_goes_on_where_its_state_was_taken():
    weights = np.arange(1.0, 11.0)
    first, second = (Order(10, 4, shuffle=True, seed=3, weights=weights) for _ in range(2))
    for _ in range(4):
        first.next()
    assert second.restore(first.state())
    assert all(np.array_equal(first.next(), second.next()) for _ in range(7))
    assert not Order(10, 4, shuffle=True, seed=3).restore(first.state())


def test_evaluation_takes_no_more_memory_than_training_or_sixteen_megabytes():
    graph = chain(("Input", {"shape": (64, 64, 3)}), ("Conv2D", {"filters": 32}), ("ReLU", {}), ("GlobalAvgPool", {}),
                  ("Dense", {"units": 3}), ("SoftmaxCrossEntropy", {}))
    rows = 40
    data = Arrays(np.zeros((rows, 64, 64, 3), np.float32), np.zeros(rows, np.int64))
    model = compiled(graph, batch=4)
    trainer = Trainer(model, data, config(batch_size=4))
    per_row = model.planned(4).arrays.nbytes / max(4, trainer.evaluation_batch)
    assert trainer.evaluation_batch * per_row <= max(16e6, 4 * per_row) * 1.01


@pytest.mark.parametrize("kind", ["float64", "int32", "bool"])
def test_inputs_of_any_type_of_number_train_as_the_networks_own(kind):
    data = classes()
    x, x_val = (np.rint(part).astype(kind) for part in (data.x_train, data.x_val))
    given, own = compiled(mlp(6, 3)), compiled(mlp(6, 3))
    list(train(given, Arrays(x, data.y_train, x_val, data.y_val), config()))
    list(train(own, Arrays(x.astype(np.float32), data.y_train, x_val.astype(np.float32), data.y_val), config()))
    assert np.array_equal(given.weights.values, own.weights.values)
