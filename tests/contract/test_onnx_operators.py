"""The layers against the test cases that ONNX gives with each of its operators."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import onnx
import pytest

from tests.contract.networks import chain, compiled
from tests.contract.onnx_cases import OPERATORS, Beyond, as_layer

#: Operators of which every case asks for more than our layer does; anything else must run at least one.
NONE_FITS = {"GRU", "HardSigmoid"}


@cache
def cases_by_operator() -> dict[str, list[Any]]:
    """The cases whose model is one node of an operator we export to."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():  # of the cases' own making: divisions by zero that they are about
        warnings.simplefilter("ignore")
        loaded = load_model_tests(kind="node")
    found: dict[str, list[Any]] = {operator: [] for operator in OPERATORS}
    for case in loaded:
        nodes = case.model.graph.node
        if len(nodes) == 1 and nodes[0].op_type in found and "sequence" not in case.name and "_opt" not in case.name:
            found[nodes[0].op_type].append(case)
    return found


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_cases_of_an_operator(operator: str) -> None:
    ran = 0
    for case in cases_by_operator()[operator]:
        (node,) = case.model.graph.node
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        for inputs, outputs in case.data_sets:
            try:
                run = as_layer(operator, attributes, [np.asarray(x) for x in inputs])
            except Beyond:
                continue
            model = compiled(chain(run.kind, run.params, tuple(x.shape[1:] for x in run.xs)), "float32")
            for name, array in run.weights.items():
                model.weights.arrays()[f"subject.{name}"][...] = array
            model.forward({f"input_{i}": x for i, x in enumerate(run.xs, 1)})
            wanted = outputs[-1] if operator in ("LSTM", "RNN") else outputs[0]  # of a recurrent layer the last state
            got = run.back(model.output("subject")).reshape(np.shape(wanted))
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6, err_msg=case.name)
            ran += 1
    assert ran or operator in NONE_FITS, f"no case of {operator} was run"
