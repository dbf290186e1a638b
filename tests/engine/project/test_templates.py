"""Every template is sound, fits its data, survives its file and learns what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import ChainruleError, Source, TrainingConfig, check, compile, evaluate, fit
from engine.project import TEMPLATES, open_project, save, template

#: What each reaches at least on what is held back, with its own settings.
ACCURACY = {"xor": 1.0, "circles": 0.97, "spirals": 0.95, "iris": 0.95, "mnist": 0.93, "lenet": 0.96,
            "names": 0.83}


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_is_sound_fits_its_data_and_survives_its_file(name: str, tmp_path: Path) -> None:
    project = TEMPLATES[name].build()
    report = check(project.graph, Source.from_dict(project.source).signature())
    assert report.issues == ()
    save(tmp_path / "a.chainrule", project)
    found = open_project(tmp_path / "a.chainrule")
    assert found.graph == project.graph
    assert Source.from_dict(found.source) == TEMPLATES[name].source
    assert TrainingConfig.of(found.training) == TEMPLATES[name].training


@pytest.mark.parametrize("name", TEMPLATES)
def test_nodes_lie_apart_as_text_is_read(name: str) -> None:
    """From left to right; a long chain in rows, so that it can be read in a small window."""
    graph = TEMPLATES[name].build().graph
    for edge in graph.edges.values():
        (x, y), (next_x, next_y) = graph.nodes[edge.source].position, graph.nodes[edge.target].position
        assert next_x - x >= 180 if next_y == y else (next_x == 0 and next_y - y >= 120)
    assert max(node.position[0] for node in graph.nodes.values()) <= 1200


def metrics_after_training(name: str) -> dict[str, float]:
    project = TEMPLATES[name].build()
    data = Source.from_dict(project.source).load()
    config = TrainingConfig.of(project.training)
    model = compile(project.graph, batch_size=config.batch_size, seed=config.seed)
    fit(model, data, config)
    return dict(evaluate(model, data.x_val, data.y_val).metrics)


@pytest.mark.parametrize("name", ACCURACY)
def test_template_reaches_what_it_promises(name: str) -> None:
    assert metrics_after_training(name)["accuracy"] >= ACCURACY[name]


def test_curve_explains_most_of_the_variance() -> None:
    assert metrics_after_training("curve")["r2"] >= 0.9


def test_a_perceptron_cannot_learn_xor() -> None:
    assert metrics_after_training("perceptron")["accuracy"] <= 0.75


def test_every_template_has_a_bar() -> None:
    assert set(TEMPLATES) == {*ACCURACY, "curve", "perceptron"}


def test_an_unknown_template_names_the_near_miss() -> None:
    with pytest.raises(ChainruleError, match="Did you mean 'lenet'"):
        template("lent")
