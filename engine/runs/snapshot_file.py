"""One snapshot as one file: weights and state in the safetensors format, plain values in its header.

Read back, it is equal to the last bit: a run that goes on from it does what it would have done without the detour.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.project import tensors
from engine.project.atomic import FileError, read_error, write_atomically
from engine.train.events import Snapshot

SUFFIX = ".safetensors"
_WEIGHTS = "weights/"
_STATE = "state/"


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Writes ``snapshot`` to ``path``, whole or not at all. Raises :class:`FileError`."""
    arrays: dict[str, Any] = {}
    plain = tensors.split(snapshot.state, arrays)
    everything = {_STATE + name: array for name, array in arrays.items()}
    everything |= {_WEIGHTS + key: array for key, array in snapshot.weights.items()}
    content = tensors.pieces(everything, {"step": str(snapshot.step), "state": json.dumps(plain)})
    write_atomically(path, lambda file: file.writelines(content))


def read_snapshot(path: Path) -> Snapshot:
    """The snapshot of a file. Raises :class:`FileError` where it is missing or damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise read_error(path, error) from error
    everything = tensors.from_bytes(data, f"The snapshot {path.name}")
    try:
        metadata = tensors.metadata(data)
        arrays = {name.removeprefix(_STATE): array for name, array in everything.items() if name.startswith(_STATE)}
        state = tensors.join(json.loads(metadata["state"]), arrays)
        step = int(metadata["step"])
        if not isinstance(state, dict):
            raise ValueError("its state is no set of names and values")
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise FileError(f"The snapshot {path.name} is damaged: {error}.", "Expected the step and state of a run.",
                        "Choose another step of the run.") from error
    weights = {key.removeprefix(_WEIGHTS): array for key, array in everything.items() if key.startswith(_WEIGHTS)}
    return Snapshot(step, weights, state)
