"""Rules about a graph that are no hard errors of shape: doubtful designs, and graph against data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.graph.mends import nonlinearity
from engine.graph.model import Graph
from engine.issues import Fix, Issue, Severity
from engine.layer import Category, Layer, LossLayer
from engine.shapes import Shape, size, text
from engine.signature import DataSignature


def advice(graph: Graph, layers: Mapping[str, Layer]) -> Iterator[Issue]:
    """Designs that compute but rarely do what was meant."""
    for node_id, layer in layers.items():
        if isinstance(layer, LossLayer):
            yield from _doubled(graph, layers, node_id, layer)
        elif layer.linear and layer.category is Category.LEARNABLE:
            yield from _stacked(graph, layers, node_id)


def _doubled(graph: Graph, layers: Mapping[str, Layer], node_id: str, loss: LossLayer) -> Iterator[Issue]:
    """An activation before a loss that applies it itself."""
    kind, name = {"SoftmaxCrossEntropy": ("Softmax", "softmax"),
                  "SigmoidBinaryCrossEntropy": ("Sigmoid", "the sigmoid")}.get(loss.kind, ("", ""))
    for edge in graph.inputs(node_id):
        before = layers.get(edge.source)
        if before is not None and before.kind == kind:
            yield Issue(f"double_{kind.lower()}", f"A {kind} feeds a loss that applies {name} itself.",
                        f"The loss expects logits; {name} twice flattens the gradient.", f"Remove the {kind}.",
                        edge.source, Severity.WARNING,
                        mends=(Fix(f"Remove the {kind}", "remove", (("node", edge.source),)),))


def _stacked(graph: Graph, layers: Mapping[str, Layer], node_id: str) -> Iterator[Issue]:
    """Two linear layers with nothing between them that would keep them from being one."""
    first = _linear_before(graph, layers, node_id)
    if first:
        names = f"{graph.nodes[first].label} and {graph.nodes[node_id].label}"
        yield Issue("linear_stack", f"Nothing non-linear lies between {names}.",
                    "Two linear layers in a row can do no more than one: W₂·(W₁·x + b₁) + b₂ is again a matrix "
                    "times x plus an offset.", "Put an activation between them, or leave one out.", node_id,
                    Severity.ADVICE, mends=(nonlinearity(graph, layers, node_id),))


def _linear_before(graph: Graph, layers: Mapping[str, Layer], node_id: str) -> str:
    """The dense or convolution layer before this one where all that lies between is linear, else ""."""
    for earlier in _back_from(graph, node_id):
        before = layers.get(earlier)
        if before is None or not before.linear or before.category is Category.DATA:
            return ""
        # A depthwise convolution is meant to be followed by one that mixes the channels: the two make one layer.
        if before.kind == "DepthwiseConv2D" or before.random:
            return ""
        if before.category is Category.LEARNABLE:
            return earlier
    return ""


def _back_from(graph: Graph, node_id: str) -> Iterator[str]:
    """What lies before a node, the nearest first, as far as each has one input; a cycle is walked once."""
    seen = {node_id}
    while len(inputs := graph.inputs(node_id)) == 1 and inputs[0].source not in seen:
        node_id = inputs[0].source
        seen.add(node_id)
        yield node_id


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
    for earlier in _back_from(graph, node_id):
        layer = layers.get(earlier)
        if layer is not None and "units" in layer.parameters:
            arguments = (("node", earlier), ("name", "units"), ("value", units))
            return (Fix(f"Set {graph.nodes[earlier].label} to {units} units", "set_param", arguments),)
        if layer is None or layer.category.name == "LEARNABLE":
            break
    return ()
