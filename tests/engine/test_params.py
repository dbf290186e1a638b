"""Declared parameters: what a class inherits."""

from __future__ import annotations

from engine.params import Declared, Int


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
