"""Arrays and nested state as safetensors bytes: plain numbers under names, nothing that could run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.project.atomic import FileError

_REFERENCE = "$array"


def to_bytes(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> bytes:
    """The arrays in the safetensors format. They are made contiguous: the format knows no strides."""
    # ``require`` keeps a 0-d array 0-d, which ascontiguousarray would make 1-d.
    plain = {key: np.require(array, requirements="C") for key, array in arrays.items()}
    return _in_order(save(plain, dict(metadata))) if metadata else save(plain)


def _in_order(data: bytes) -> bytes:
    """The same with its header sorted: the library writes metadata in another order each time, but equal networks
    are to make equal files."""
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)  # the format wants the tensors aligned
    return len(text).to_bytes(8, "little") + text + data[start:]


def from_bytes(data: bytes, what: str) -> dict[str, np.ndarray]:
    """The arrays of safetensors bytes. Raises :class:`FileError`, naming ``what``, where they are damaged."""
    try:
        return load(data)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise FileError(f"{what} is damaged: {error}.", "Expected arrays in the safetensors format.",
                        "Open an older copy of the file.") from error


def metadata(data: bytes) -> dict[str, str]:
    """The texts that :func:`to_bytes` was given beside the arrays. Raises KeyError where there are none."""
    start = 8 + int.from_bytes(data[:8], "little")
    texts = json.loads(data[8:start])["__metadata__"]
    return {str(key): str(value) for key, value in texts.items()}


def split(state: Any, arrays: dict[str, np.ndarray], path: str = "") -> Any:
    """``state`` with every array replaced by a reference, the arrays themselves put into ``arrays``."""
    if isinstance(state, np.ndarray):
        name = path or "value"
        while name in arrays:  # keys with slashes in them may spell the same path
            name += "'"
        arrays[name] = state
        return {_REFERENCE: name}
    if isinstance(state, np.generic):
        return state.item()
    if isinstance(state, Mapping):
        return {str(key): split(value, arrays, f"{path}/{key}" if path else str(key)) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return [split(value, arrays, f"{path}/{number}" if path else str(number)) for number, value in enumerate(state)]
    return state


def join(plain: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """What :func:`split` took apart; tuples come back as lists. Raises KeyError for a missing array."""
    if isinstance(plain, dict):
        if set(plain) == {_REFERENCE}:
            return arrays[plain[_REFERENCE]]
        return {key: join(value, arrays) for key, value in plain.items()}
    return [join(value, arrays) for value in plain] if isinstance(plain, list) else plain
