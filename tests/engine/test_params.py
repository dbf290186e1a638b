"""Declared parameters: what a class inherits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.graph.check import check
from engine.graph.model import Graph
from engine.layers import LAYERS
from engine.params import Declared, Int, ParameterError
from engine.train.config import TrainingConfig


class Family(Declared):
    shared = Int(1, "Of all.", low=0, high=9)


class Size(Family):
    size = Int(2, "How large.", low=1, high=9)


class Step(Family):
    step = Int(3, "How far.", low=1, high=9)
    shared = Int(4, "Of all, with another default.", low=0, high=9)


class Both(Size, Step, title="Both"):
    own = Int(5, "Of its own.", low=0, high=9)


def test_a_class_has_the_parameters_of_all_its_bases_its_own_first() -> None:
    assert list(Both.parameters) == ["own", "size", "shared", "step"]
    assert Both(size=3, step=2).to_dict() == {"kind": "Both", "own": 5, "size": 3, "shared": 4, "step": 2}
    assert Both.defaults() == {"own": 5, "size": 2, "shared": 4, "step": 3}


#: What a program may hand over or a file hold in place of a value.
ODD: list[Any] = [
    None, True, -1, 10**400, -(10**5000), 0.5, float("inf"), float("nan"), "", "²", "9" * 5000, "same", b"x", [],
    [1] * 2000, [[1]], (10**400,), ["a"], {}, {"kind": ["x"]}, {"kind": {}}, {"kind": "Normal", "std": 10**400},
    {"kind": "Normal", "nope": 1}, {"kind": "Normal", 3: 4}, np.array([1, 2]), object(), 1j,
]


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_any_value_is_taken_or_refused_in_a_sentence_of_some_length(value: Any) -> None:
    for kind in (*LAYERS.values(), *TrainingConfig.parameters["optimizer"].family.kinds.values(), TrainingConfig):
        for name in kind.parameters:
            try:
                kind(**{name: value})
            except ParameterError as refusal:
                assert len(refusal.happened) < 150
                assert refusal.expected
    for kind, layer in LAYERS.items():
        for name in layer.parameters:
            assert check(Graph().add(kind, {name: value})[0]).issues


def test_numbers_of_numpy_are_numbers() -> None:
    dense = LAYERS["Dense"](units=np.int64(3), bias=np.True_, rate_factor=np.float32(0.5))
    assert dense.to_dict() == LAYERS["Dense"](units=3, bias=True, rate_factor=0.5).to_dict()
    assert [type(dense.values[name]) for name in ("units", "bias", "rate_factor")] == [int, bool, float]
    for shape in ((np.int32(4), np.int64(3)), np.array([4, 3])):
        assert LAYERS["Input"](shape=shape).values == {"shape": (4, 3)}
    weighted = LAYERS["NegativeLogLikelihood"](class_weights=[np.float32(0.5), np.int8(2)])
    assert weighted.values == {"class_weights": (0.5, 2.0)}
