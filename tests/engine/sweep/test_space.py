"""What is swept over which values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Xor
from engine.graph.model import Graph, layer_of
from engine.issues import ChainruleError
from engine.params import Bool, Choice, Float, Int, Variant
from engine.sweep import Axis, Range, grid, make_trials, random, spread, targets
from engine.train.config import TrainingConfig
from engine.train.optim import Optimizer


def named(small, title: str):
    graph, _, training = small
    return next(target for target in targets(graph, training) if target.title == title)


def test_every_setting_and_layer_parameter_of_a_sweepable_kind_is_offered(small) -> None:
    graph, _, training = small
    found = {(target.node, target.path) for target in targets(graph, training)}
    kinds = (Int, Float, Bool, Choice, Variant)
    for name, param in TrainingConfig.parameters.items():
        if isinstance(param, kinds) and name not in ("evaluation_batch", "evaluate_every", "threads"):
            assert ("", (name, "kind") if isinstance(param, Variant) else (name,)) in found
    for id, node in graph.nodes.items():
        for name, param in layer_of(node).parameters.items():
            if isinstance(param, kinds):
                assert (id, (name, "kind") if isinstance(param, Variant) else (name,)) in found
    assert ("", ("optimizer", "learning_rate")) in found


def test_every_value_that_is_offered_can_be_set(small) -> None:
    graph, _, training = small
    for target in targets(graph, training):
        for value in target.options or (target.value,):
            assert target.problem(value) is None
            after, settings = target.apply(graph, dict(training), value)
            again = next(t for t in targets(after, TrainingConfig.of(settings).to_dict())
                         if (t.node, t.path) == (target.node, target.path))
            assert again.value == value


def test_another_optimizer_brings_its_defaults_before_other_values_are_set(small) -> None:
    kind, rate = named(small, "Optimizer"), named(small, "Optimizer · learning rate")
    (trial,) = make_trials(*small, grid([Axis(rate, (0.5,)), Axis(kind, ("SGD",))]))
    chosen = Optimizer.from_dict(trial.job.training["optimizer"])
    assert chosen.kind == "SGD" and chosen.learning_rate == 0.5


def test_what_is_not_said_takes_its_default_before_a_part_of_it_is_set(small) -> None:
    graph, source, _ = small
    rate = next(t for t in targets(graph, {}) if t.path == ("optimizer", "learning_rate"))
    (trial,) = make_trials(graph, source, {}, grid([Axis(rate, (0.5,))]))
    chosen = trial.job.training["optimizer"]
    assert chosen == {**TrainingConfig().optimizer, "learning_rate": 0.5}


@given(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=4, unique=True), min_size=1, max_size=2))
def test_a_grid_is_every_combination_once(values: list[list[int]]) -> None:
    chosen = tuple(t for t in targets(Graph(), TrainingConfig().to_dict()) if t.title in ("Epochs", "Batch size"))
    axes = [Axis(target, tuple(v)) for target, v in zip(chosen, values, strict=False)]
    found = [tuple(value for _, value in combination) for combination in grid(axes)]
    assert found == list(itertools.product(*(axis.values for axis in axes)))


def test_random_draws_stay_inside_their_spans_and_cover_them(small) -> None:
    rate, batch = named(small, "Optimizer · learning rate"), named(small, "Batch size")
    drawn = random([Range(rate, 1e-4, 1.0, log=True), Range(batch, 1, 64)], 400, seed=1)
    rates = np.array([combination[0][1] for combination in drawn])
    batches = [combination[1][1] for combination in drawn]
    assert len(drawn) == 400 == len({tuple(v for _, v in combination) for combination in drawn})
    assert rates.min() >= 1e-4 and rates.max() <= 1.0
    # A quarter of the draws for each power of ten; σ of the share is 0.022.
    shares = np.histogram(np.log10(rates), bins=(-4, -3, -2, -1, 0))[0] / 400
    np.testing.assert_allclose(shares, 0.25, atol=0.09)
    assert all(isinstance(value, int) and 1 <= value <= 64 for value in batches)
    assert random([Range(rate, 1e-4, 1.0, log=True)], 5, seed=7) == random([Range(rate, 1e-4, 1.0, log=True)], 5, 7)


def test_random_gives_each_combination_once_where_there_are_few(small) -> None:
    batch, shuffle = named(small, "Batch size"), named(small, "Shuffle")
    drawn = random([Axis(batch, (1, 2)), Axis(shuffle, (False, True))], 50, seed=0)
    assert len(drawn) == 4


def test_spread_gives_numbers_a_person_can_read() -> None:
    assert spread(1e-4, 1e-1, 4, log=True) == (0.0001, 0.001, 0.01, 0.1)
    assert spread(1, 3, 5, whole=True) == (1, 2, 3)
    assert spread(0, 1, 5) == (0, 0.25, 0.5, 0.75, 1)
    assert spread(2, 2, 5, whole=True) == (2,)


@pytest.mark.parametrize(("make", "said"), [
    (lambda small: grid([Axis(named(small, "Batch size"), (0,))]), "Batch size cannot be 0"),
    (lambda small: grid([Axis(named(small, "Batch size"), ())]), "no value to try"),
    (lambda small: grid([Range(named(small, "Batch size"), 1, 4)]), "a grid cannot go through"),
    (lambda small: random([Range(named(small, "Batch size"), 4, 1)], 3, 0), "cannot go from 4 to 1"),
    (lambda small: random([Range(named(small, "Least improvement"), 0, 1, log=True)], 3, 0), "in equal ratios"),
    (lambda small: random([Range(named(small, "Optimizer"), 0, 1)], 3, 0), "is no number"),
    (lambda small: make_trials(*small, []), "nothing to try"),
])  # fmt: skip
def test_what_cannot_be_tried_is_said_before_anything_starts(small, make, said: str) -> None:
    with pytest.raises(ChainruleError, match=said):
        make(small)


def test_a_value_that_does_not_fit_the_network_names_itself(small) -> None:
    last = [target for target in targets(small[0], small[2]) if target.path == ("units",)][-1]
    with pytest.raises(ChainruleError, match=r"With dense_2 · Units 5 the network does not fit"):
        make_trials(*small, grid([Axis(last, (5,))]), Xor().load().signature)
