"""Data order, step log, settings, data checks: the loop's parts one by one."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from engine.params import ParameterError
from engine.train import steplog
from engine.train.checks import Arrays, check_data
from engine.train.config import TrainingConfig
from engine.train.optim import SGD
from engine.train.order import Order
from engine.train.steplog import StepLog
from tests.engine.train.networks import classes, compiled, mlp


def taken(order: Order, steps: int) -> list[list[int]]:
    return [order.next().tolist() for _ in range(steps)]


def test_each_epoch_is_a_permutation_and_the_rest_is_its_last_batch():
    order = Order(10, 4, shuffle=True, seed=3)
    first, second = taken(order, 3), taken(order, 3)
    assert [len(b) for b in first] == [4, 4, 2]
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(10))
    assert first != second
    assert order.epoch == 2


def test_the_seed_fixes_the_order_and_without_shuffling_it_is_the_datas():
    assert taken(Order(10, 4, shuffle=True, seed=3), 9) == taken(Order(10, 4, shuffle=True, seed=3), 9)
    assert taken(Order(10, 4, shuffle=True, seed=3), 9) != taken(Order(10, 4, shuffle=True, seed=4), 9)
    assert taken(Order(5, 2, shuffle=False, seed=3), 3) == [[0, 1], [2, 3], [4]]


def test_a_batch_larger_than_the_data_is_all_of_it():
    order = Order(3, 100, shuffle=True, seed=0)
    assert (order.batch, order.steps_per_epoch) == (3, 1)
    assert sorted(order.next().tolist()) == [0, 1, 2]


@pytest.mark.parametrize("done", range(8))
def test_an_order_goes_on_where_its_state_was_taken(done):
    order = Order(10, 4, shuffle=True, seed=3)
    taken(order, done)
    other = Order(10, 4, shuffle=True, seed=3)
    assert other.restore(order.state())
    assert taken(other, 7) == taken(order, 7)
    assert other.epoch == order.epoch


def test_other_data_go_on_at_the_next_epoch():
    order = Order(10, 4, shuffle=True, seed=3)
    taken(order, 4)
    other = Order(12, 4, shuffle=True, seed=3)
    assert not other.restore(order.state())
    assert (other.epoch, other.position) == (1, 0)


def test_the_log_keeps_what_was_measured():
    model = compiled(mlp(5, 4, 3))
    log = StepLog(model.weights)
    rng = np.random.default_rng(0)
    expected = []
    for step in range(1, 6):
        model.weights.gradients[:] = rng.normal(size=model.weights.gradients.size)
        arrays = model.weights.gradient_arrays()
        expected.append([np.linalg.norm(arrays[key]) for key in log.weight_keys])
        assert log.measure()
        log.add(step, step / 2, 0.5, 0.1)
    rows = log.take()
    np.testing.assert_allclose(rows["gradient_norms"], expected, rtol=1e-6)
    assert rows["step"].tolist() == [1, 2, 3, 4, 5]
    assert rows["loss"].tolist() == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert log.count == 0


@pytest.mark.parametrize("size", [1e-36, 1e-21, 1e-13, 1e18, 1e25, 1e36])
def test_norms_are_true_at_any_size_of_the_gradient(size):
    """The square of a float32 is 0 or infinite long before the number is: where gradients vanish or explode."""
    model = compiled(mlp(5, 4, 3))
    log = StepLog(model.weights)
    gradients = model.weights.gradients
    gradients[:] = size * np.random.default_rng(0).normal(size=gradients.size)
    gradients[: gradients.size // 2] /= size  # the arrays need not have one size
    wanted = [np.linalg.norm(array.astype(np.float64)) for array in model.weights.gradient_arrays().values()]
    for closely in (True, False):
        with np.errstate(over="ignore"):  # as in the loop
            assert log.measure(closely)
        np.testing.assert_allclose(log.norms(), wanted, rtol=1e-6)
        log.add(1, 0.0, 0.0, 0.0)
    np.testing.assert_allclose(log.take()["gradient_norms"], [wanted] * 2, rtol=1e-6)
    gradients[:] = 0.0
    assert log.measure() and not log.norms().any()
    gradients[:] = 1.0
    assert log.measure(closely=False)
    np.testing.assert_allclose(log.norms() ** 2, [array.size for array in model.weights.gradient_arrays().values()])


def test_an_infinite_or_missing_gradient_is_noticed():
    model = compiled(mlp(5, 4, 3))
    log = StepLog(model.weights)
    for value in (np.nan, np.inf, -np.inf):
        model.weights.gradients[:] = 1.0
        model.weights.gradients[7] = value
        assert not log.measure()


def test_a_full_log_keeps_every_other_step_and_the_newest(monkeypatch):
    monkeypatch.setattr(steplog, "_FEWEST", 8)
    monkeypatch.setattr(steplog, "_MOST", 8)
    log = StepLog(compiled(mlp(5, 4, 3)).weights)
    for step in range(1, 31):
        log.add(step, step, 0.0, 0.1)
    steps = log.take()["step"].tolist()
    assert steps[-1] == 30
    assert steps == sorted(steps)
    assert 4 <= len(steps) <= 8


def test_settings_become_plain_values_and_come_back():
    config = TrainingConfig(optimizer=SGD(momentum=0.9), epochs=3, shuffle=False)
    assert TrainingConfig.of(config.to_dict()) == config
    assert TrainingConfig.of({}) == TrainingConfig()
    assert config.build_optimizer() == SGD(momentum=0.9)


@pytest.mark.parametrize("wrong, words", [
    ({"epochs": 0}, "Epochs must be"),
    ({"optimizer": "Adan"}, "Did you mean 'Adam'"),
    ({"optimizer": {"kind": "Adam", "beta1": 1.0}}, "below 1"),
    ({"epoch": 3}, "Did you mean 'epochs'"),
])
def test_settings_out_of_range_are_named(wrong, words):
    with pytest.raises(ParameterError, match=words):
        TrainingConfig.of(wrong)


def changed(**parts: np.ndarray) -> Arrays:
    data = classes()
    found = {name: getattr(data, name) for name in ("x_train", "y_train", "x_val", "y_val")}
    return Arrays(**{**found, **parts})


def poisoned(x: np.ndarray, value: float) -> np.ndarray:
    copy = x.copy()
    copy[4, 2] = value
    return copy


BASE = classes()


@pytest.mark.parametrize("parts, words", [
    ({"x_train": BASE.x_train[:0], "y_train": BASE.y_train[:0]}, "training part of the data is empty"),
    ({"x_train": poisoned(BASE.x_train, np.nan)}, "NaN in row 4"),
    ({"x_train": poisoned(BASE.x_train, np.inf)}, "infinite value in row 4"),
    ({"x_val": poisoned(BASE.x_val, np.nan)}, "validation part holds NaN"),
    ({"x_train": BASE.x_train[:, :5]}, "The Input is 6, an example of the training part is 5"),
    ({"y_train": BASE.y_train[:-1]}, "70 examples but 69 targets"),
    ({"y_train": BASE.y_train + 1}, "label is 3"),
    ({"y_train": BASE.y_train.astype(np.float32)}, "tells classes apart"),
    ({"x_train": BASE.x_train.astype(object)}, "holds object values"),
    ({"y_train": BASE.y_train.astype(str)}, "values. Expected numbers"),
])
def test_data_that_cannot_be_trained_on_are_named(parts, words):
    issues = check_data(compiled(mlp(6, 3)), changed(**parts))
    assert issues
    assert words in issues[0].sentence()
    assert issues[0].fix


def test_sound_data_have_no_issue():
    assert check_data(compiled(mlp(6, 3)), BASE) == ()
