"""Rules about a graph that are no hard errors of shape: doubtful designs, and graph against data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.graph.model import Graph
from engine.issues import Fix, Issue, Severity
from engine.layer import Layer, LossLayer
from engine.shapes import Shape, size, text
from engine.signature import DataSignature


def advice(graph: Graph, layers: Mapping[str, Layer], shapes: Mapping[str, Shape]) -> Iterator[Issue]:
    """Designs that compute but rarely do what was meant."""
    for node_id, layer in layers.items():
        before = [layers.get(edge.source) for edge in graph.inputs(node_id)]
        kinds = {other.kind for other in before if other is not None}
        if layer.kind in ("SoftmaxCrossEntropy",) and "Softmax" in kinds:
            softmax = graph.inputs(node_id)[0].source
            yield Issue("double_softmax", "A Softmax feeds a loss that applies softmax itself.",
                        "The loss expects logits; softmax twice flattens the gradient.",
                        "Remove the Softmax.", softmax, Severity.WARNING,
                        mends=(Fix("Remove the Softmax", "remove", (("node", softmax),)),))
        if layer.kind == "SigmoidBinaryCrossEntropy" and "Sigmoid" in kinds:
            sigmoid = graph.inputs(node_id)[0].source
            yield Issue("double_sigmoid", "A Sigmoid feeds a loss that applies the sigmoid itself.",
                        "The loss expects logits; the sigmoid twice flattens the gradient.",
                        "Remove the Sigmoid.", sigmoid, Severity.WARNING,
                        mends=(Fix("Remove the Sigmoid", "remove", (("node", sigmoid),)),))


def against_data(
    graph: Graph, layers: Mapping[str, Layer], shapes: Mapping[str, Shape], data: DataSignature
) -> Iterator[Issue]:
    """Inputs and losses that do not fit the chosen data."""
    for node_id, layer in layers.items():
        if layer.kind == "Input" and shapes.get(node_id) not in (None, data.input_shape):
            yield Issue(
                "input_shape", f"The Input is {text(shapes[node_id])}, an example of {data.name or 'the data'} is "
                f"{text(data.input_shape)}.", "The two must be the same.", "Set the Input's shape to the data's.",
                node_id, parameter="shape",
                mends=(Fix(f"Set shape to {text(data.input_shape)}", "set_param",
                           (("node", node_id), ("name", "shape"), ("value", data.input_shape))),))
        if isinstance(layer, LossLayer):
            inputs = [shapes.get(edge.source) for edge in graph.inputs(node_id)]
            if inputs and inputs[0] is not None:
                yield from _loss_against_data(graph, layers, node_id, layer, inputs[0], data)


def _loss_against_data(
    graph: Graph, layers: Mapping[str, Layer], node_id: str, layer: LossLayer, shape: Shape, data: DataSignature
) -> Iterator[Issue]:
    given, wanted = size(shape), _wanted_outputs(layer, data)
    if layer.target_kind == "class" and not data.is_classification:
        yield Issue("loss_task", f"{layer.title} tells classes apart, but the target of {data.name or 'the data'} is "
                    "a number.", "Regression needs a loss for numbers.", "Use the mean squared error loss.", node_id,
                    mends=(Fix("Use mean squared error", "replace_kind", (("node", node_id), ("kind", "MSE"))),))
    elif given not in wanted:
        what = f"{len(data.classes)} classes" if data.is_classification else f"a target of {text(data.target_shape)}"
        units = wanted[-1]
        yield Issue("outputs", f"The loss receives {given} numbers, but {data.name or 'the data'} has {what}.",
                    f"Expected {' or '.join(str(n) for n in wanted)}.",
                    f"Set the units of the last layer to {units}.", node_id,
                    mends=_set_units(graph, layers, node_id, units))


def _wanted_outputs(layer: LossLayer, data: DataSignature) -> list[int]:
    if not data.is_classification:
        return [size(data.target_shape)]
    count = len(data.classes)
    return [1, count] if layer.target_kind == "values" and count == 2 else [count]


def _set_units(graph: Graph, layers: Mapping[str, Layer], node_id: str, units: int) -> tuple[Fix, ...]:
    """A mend at the nearest layer before the loss that has units."""
    while True:
        inputs = graph.inputs(node_id)
        if len(inputs) != 1:
            return ()
        node_id = inputs[0].source
        layer = layers.get(node_id)
        if layer is not None and "units" in layer.parameters:
            arguments = (("node", node_id), ("name", "units"), ("value", units))
            return (Fix(f"Set {graph.nodes[node_id].label} to {units} units", "set_param", arguments),)
        if layer is None or layer.category.name == "LEARNABLE":
            return ()
