"""ONNX: the network as operators and weights that many runtimes execute.

Inputs and outputs are as in the engine's API, batch first and images channels last, with a free batch axis "N".
Inside, images are (N, C, H, W), as ONNX's operators want them: a Transpose follows every image Input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.compute import Model
from engine.export.format import Details, Format, Outputs
from engine.issues import ChainruleError
from engine.layer import Unsupported
from engine.shapes import Shape

if TYPE_CHECKING:
    import onnx

# onnx is imported where it is used: it takes longer to load than all of the engine.

OPSET = 17
#: The oldest that opset 17 goes with, so that old runtimes accept the file.
IR_VERSION = 8
#: Input numbers that the reference implementation is given together: it copies every patch of every image at once.
_NUMBERS_AT_ONCE = 100_000
_LARGEST = (1 << 31) - (1 << 20)  # protobuf's limit of 2 GiB, with room for the graph itself


class Builder:
    """The ONNX graph as it grows."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.weights = model.weights.arrays()
        #: The name of each node's output value.
        self.values: dict[str, str] = {}
        self.node_ids = frozenset(model.graph.nodes)
        self.taken = set(model.graph.nodes)

    def fresh(self, stem: str) -> str:
        """A name for a value or operator that nothing else has."""
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name


class NodeBuilder:
    """What one layer's ``onnx`` writes into; see :class:`engine.layer.OnnxNode`."""

    def __init__(self, builder: Builder, node_id: str, input_shapes: tuple[Shape, ...]) -> None:
        self._builder = builder
        self._id = node_id
        self.input_shapes = input_shapes
        rank = len(input_shapes[0]) if input_shapes else 0
        self.channel_axis = 1 if rank == 3 else rank

    def op(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = self._builder.fresh(f"{self._id}/{op_type}")
        self._builder.nodes.append(helper.make_node(op_type, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, name: str) -> str:
        key = f"{self._id}.{name}"
        # A node may, oddly, have the id of another's weight; values and weights share one set of names in ONNX.
        value = self._builder.fresh(key) if key in self._builder.node_ids else key
        self._builder.constants[value] = self._builder.weights[key]
        return value

    def constant(self, array: np.ndarray) -> str:
        name = self._builder.fresh(f"{self._id}/constant")
        self._builder.constants[name] = array
        return name


def build(model: Model, details: Details) -> onnx.ModelProto:
    """The network as an ONNX model. Raises :class:`ChainruleError` where a layer has no equivalent."""
    from onnx import checker, helper, numpy_helper

    builder, report = Builder(model), model.report
    element = helper.np_dtype_to_tensor_dtype(model.dtype)
    inputs = []
    for node_id in _useful(model):
        if not model.graph.inputs(node_id):
            inputs.append(helper.make_tensor_value_info(node_id, element, ["N", *report.shapes[node_id]]))
        _add(builder, node_id)
    outputs = [helper.make_tensor_value_info(i, element, ["N", *report.shapes[i]]) for i in report.losses]
    _check_size(builder)
    weights = [numpy_helper.from_array(np.require(a, requirements="C"), key) for key, a in builder.constants.items()]
    graph = helper.make_graph(builder.nodes, details.title or "network", inputs, outputs, weights)
    proto = helper.make_model(graph, producer_name="Chainrule", opset_imports=[helper.make_opsetid("", OPSET)])
    proto.ir_version = IR_VERSION
    helper.set_model_props(proto, details.texts())
    checker.check_model(proto, full_check=True)
    return proto


def _useful(model: Model) -> list[str]:
    """The nodes that lead to a loss, in computing order: the rest is not exported."""
    useful = set(model.report.losses)
    for node_id in reversed(model.report.order):
        if node_id in useful:
            useful.update(edge.source for edge in model.graph.inputs(node_id))
    return [node_id for node_id in model.report.order if node_id in useful]


def _add(builder: Builder, node_id: str) -> None:
    """Adds one layer; its last value is named after the node."""
    report = builder.model.report
    layer = report.layers[node_id]
    sources = [edge.source for edge in builder.model.graph.inputs(node_id)]
    node = NodeBuilder(builder, node_id, tuple(report.shapes[s] for s in sources))
    image = len(report.shapes[node_id]) == 3
    given = [builder.values[source] for source in sources]
    if not sources:
        given = [node.op("Transpose", node_id, perm=[0, 3, 1, 2]) if image else node_id]
    try:
        value = layer.onnx(node, *given)
    except Unsupported as reason:
        raise ChainruleError(
            f"{builder.model.graph.nodes[node_id].label} cannot be exported to ONNX: {reason}",
            "Every layer needs an equivalent in the format.",
            "Export to .safetensors or .npz, or replace the layer.") from reason
    if node_id in report.losses and image:
        value = node.op("Transpose", value, perm=[0, 2, 3, 1])
    if sources and value not in given:
        value = _rename(builder, value, node_id)
    builder.values[node_id] = value


def _rename(builder: Builder, value: str, name: str) -> str:
    """Gives the newest operator's output and the operator itself a new name."""
    last = builder.nodes[-1]
    if last.output[0] != value:
        return value
    last.output[0] = last.name = name
    return name


def _check_size(builder: Builder) -> None:
    total = sum(array.nbytes for array in builder.constants.values())
    if total > _LARGEST:
        raise ChainruleError(f"The weights take {total / 2**30:.1f} GiB.", "An ONNX file holds less than 2 GiB.",
                             "Export to .safetensors.")


def write_onnx(model: Model, details: Details) -> bytes:
    """The file's bytes."""
    return build(model, details).SerializeToString(deterministic=True)


def read_outputs(model: Model, data: bytes, samples: Outputs) -> Outputs:
    """What the file computes, by ONNX's own reference implementation in NumPy."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    proto = onnx.load_model_from_string(data)
    wanted = [value.name for value in proto.graph.output]
    feeds = {value.name: samples[value.name] for value in proto.graph.input}
    evaluator = ReferenceEvaluator(proto)
    rows = len(next(iter(feeds.values())))
    at_once = max(1, _NUMBERS_AT_ONCE // max(array[:1].size for array in feeds.values()))
    parts: list[Any] = []
    for start in range(0, rows, at_once):
        some = {name: array[start : start + at_once] for name, array in feeds.items()}
        parts.append(evaluator.run(wanted, some))
    return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(wanted)}


ONNX = Format(
    ".onnx", "ONNX", "Network and weights together, for ONNX Runtime and many other programs.",
    write_onnx, read_outputs)
