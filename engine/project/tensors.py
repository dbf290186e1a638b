"""Arrays and nested state as safetensors bytes: plain numbers under names, nothing that could run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from engine.project.atomic import FileError

_REFERENCE = "$array"
#: What the format calls NumPy's types of numbers.
_NAMES = {"bool": "BOOL", "float16": "F16", "float32": "F32", "float64": "F64",
          **{f"{sign}int{bits}": f"{sign.upper() or 'I'}{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}}
#: Bytes of an array that are written at a time.
_PIECE = 1 << 22


def to_bytes(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None) -> bytes:
    """The arrays in the safetensors format."""
    return b"".join(pieces(arrays, metadata))


def pieces(
    arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None = None
) -> Iterator[bytes | memoryview]:
    """The same, a few megabytes at a time and from the arrays' own memory: the library makes all of it in one call,
    during which no other thread of the program goes on.

    What needs most alignment comes first, as the format wants it, then by name: equal networks make equal files.
    Arrays are made contiguous, since the format knows no strides. Raises KeyError for numbers it does not know.
    """
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))} if metadata else {}
    end = 0
    for name in order:
        array, start = arrays[name], end
        end += array.nbytes
        header[name] = {"dtype": _NAMES[array.dtype.name], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for name in order:
        flat = np.ravel(arrays[name])
        content = flat.astype(flat.dtype.newbyteorder("<"), copy=False).view(np.uint8).data
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]


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
