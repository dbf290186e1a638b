"""Weights alone, by "node.name" in their public layout: NumPy's ``.npz`` and ``.safetensors``."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import numpy as np

from engine.compute import Model, compile
from engine.export.format import Details, Format, Outputs
from engine.issues import ChainruleError
from engine.project.tensors import from_bytes, to_bytes


def write_npz(model: Model, details: Details) -> bytes:
    """One ``.npy`` entry for each array, uncompressed."""
    buffer = io.BytesIO()
    # As np.savez does it, but any key will do: savez takes keys as arguments, which clash with its own.
    with zipfile.ZipFile(buffer, "w") as archive:
        for key, array in model.weights.copies().items():
            with archive.open(zipfile.ZipInfo(f"{key}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return buffer.getvalue()


def read_npz(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def write_safetensors(model: Model, details: Details) -> bytes:
    """The arrays, with the graph and the data's preparation as JSON in the metadata."""
    metadata = {"format": "chainrule", "graph": json.dumps(model.drawn.to_dict()), **details.texts()}
    return to_bytes(model.weights.copies(), metadata)


def read_safetensors(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of a ``.safetensors`` file."""
    return from_bytes(data, "The file")


def outputs_of(model: Model, arrays: Mapping[str, np.ndarray], samples: Outputs) -> Outputs:
    """What a fresh copy of the network puts out with these weights, by loss; raises where a byte differs."""
    for key, array in model.weights.arrays().items():
        again = arrays.get(key)
        if again is None or again.dtype != array.dtype or again.tobytes() != array.tobytes():
            raise ChainruleError(f"{key} reads back differently.", "Every byte must be the same.",
                                 "Save to another disk.")
    # Another seed: weights that were not taken over would show.
    fresh = compile(model.drawn, seed=987_654, dtype=model.dtype.name)
    fresh.weights.load(arrays)
    return predictions(fresh, samples)


def predictions(model: Model, samples: Outputs) -> Outputs:
    """Every loss's prediction for the samples, as copies."""
    model.forward(samples)
    program = model.program(len(next(iter(samples.values()))), training=False)
    return {loss: np.array(value) for loss, value in program.predictions.items()}


NPZ = Format(
    ".npz", "NumPy arrays", "The weights as arrays by layer and name, for np.load.",
    write_npz, lambda model, data, samples: outputs_of(model, read_npz(data), samples))
SAFETENSORS = Format(
    ".safetensors", "Safetensors", "The weights as most model libraries read them, with the network's description.",
    write_safetensors, lambda model, data, samples: outputs_of(model, read_safetensors(data), samples))
