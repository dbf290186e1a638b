"""The bars a person would set: what each template has to reach, from more than one seed where that is cheap."""

from __future__ import annotations

import pytest

from engine.compute import compile
from engine.compute.threads import use_threads
from engine.data import Source, load
from engine.project.templates import TEMPLATES
from engine.train.config import TrainingConfig
from engine.train.events import Evaluated
from engine.train.fit import History, fit
from engine.train.threads import choose_threads


def trained(template: str, seed: int) -> History:
    project = TEMPLATES[template].build()
    settings = TrainingConfig.of({**project.training, "seed": seed})
    model = compile(project.graph, batch_size=settings.batch_size, seed=seed)
    use_threads(choose_threads(model.report, settings.batch_size, settings))
    return fit(model, load(Source.from_dict(project.source)), settings)


def last(history: History) -> Evaluated:
    return history.evaluations[-1]


@pytest.mark.parametrize("seed", range(4))
def test_two_three_one_learns_xor(seed):
    assert last(trained("xor", seed)).val_metrics["accuracy"] == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_a_single_layer_never_tells_more_than_three_points_of_xor(seed):
    assert max(e.val_metrics["accuracy"] for e in trained("perceptron", seed).evaluations) <= 0.75


@pytest.mark.parametrize("template, metric, bar", [
    ("circles", "accuracy", 0.97),
    ("spirals", "accuracy", 0.97),
    ("iris", "accuracy", 0.93),
    ("curve", "r2", 0.9),
    ("mnist", "accuracy", 0.93),
    ("lenet", "accuracy", 0.96),
    ("names", "accuracy", 0.83),
])  # fmt: skip
def test_held_back_examples_are_told_as_well_as_promised(template, metric, bar):
    assert last(trained(template, seed=0)).val_metrics[metric] >= bar


def test_every_template_has_its_bar():
    assert set(TEMPLATES) == {"xor", "perceptron", "circles", "spirals", "iris", "curve", "mnist", "lenet", "names"}
