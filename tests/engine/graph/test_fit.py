"""Fitting a network to data by the mends that checking offers."""

from __future__ import annotations

import pytest

from engine.data import Diabetes, Iris, Mnist, Wine, Xor
from engine.graph.check import check
from engine.graph.fit import fitted, misfits
from engine.project import TEMPLATES


@pytest.mark.parametrize("source", [Iris(), Wine(), Xor(), Diabetes(), Mnist(flat=True), Mnist()],
                         ids=lambda s: f"{s.kind}-{s.values}")
@pytest.mark.parametrize("template", ["iris", "mnist", "spirals"])
def test_dense_networks_fit_any_set(template: str, source) -> None:
    graph, data = TEMPLATES[template].build().graph, source.signature()
    result = fitted(graph, data)
    report = check(result, data)
    assert report.ok, [issue.sentence() for issue in report.errors]
    assert not misfits(report.issues)
    assert fitted(result, data) == result


def test_what_fits_is_left_alone() -> None:
    project = TEMPLATES["iris"].build()
    assert fitted(project.graph, Iris().signature()) is project.graph
