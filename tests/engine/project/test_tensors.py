"""Nested state comes back as it was: numbers to the last bit, arrays with shape and type."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.project import FileError
from engine.project.tensors import from_bytes, join, split, to_bytes

ARRAY = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
VALUE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
KEY = st.text(max_size=4).filter(lambda key: key != "$array")
STATE = st.recursive(ARRAY | VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
                     max_leaves=8)


def same(first: Any, second: Any) -> bool:
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second and type(first) is type(second)


@given(state=st.dictionaries(KEY, STATE, max_size=3))
def test_any_state_survives(state: dict[str, Any]) -> None:
    found: dict[str, np.ndarray] = {}
    plain = json.loads(json.dumps(split(state, found)))
    assert same(state, join(plain, from_bytes(to_bytes(found), "The state")))


def test_keys_that_spell_one_path_stay_apart() -> None:
    found: dict[str, np.ndarray] = {}
    state = {"a/b": np.zeros(2), "a": {"b": np.ones(3)}, "": {"": np.full(1, 7.0)}}
    assert same(state, join(split(state, found), found))
    assert len(found) == 3


def test_arrays_need_not_be_contiguous() -> None:
    array = np.arange(24.0).reshape(4, 6)[::2, ::-3].T
    np.testing.assert_array_equal(from_bytes(to_bytes({"a": array}), "It")["a"], array)


def test_the_library_reads_every_type_of_number_as_it_was() -> None:
    kinds = ["bool", "float16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
             "uint64", ">f4", ">i8"]
    written = {f"{kind}/ü": np.arange(-3, 9).reshape(3, 4).astype(kind) for kind in kinds}
    written |= {"none": np.zeros((0, 3)), "one": np.array(2.5), "long": np.arange(3_000_000.0)}
    found = safetensors.numpy.load(to_bytes(written, {"b": "1", "a": "ü"}))
    assert found.keys() == written.keys()
    for name, array in written.items():
        assert found[name].dtype == array.dtype.newbyteorder("=") and np.array_equal(found[name], array), name


def test_metadata_are_kept_in_order() -> None:
    written = {to_bytes({"a": np.ones(3, np.float32)}, {"title": "T", "graph": "{}", "a": "b"}) for _ in range(20)}
    assert len(written) == 1
    np.testing.assert_array_equal(from_bytes(written.pop(), "It")["a"], np.ones(3))


@pytest.mark.parametrize("data", [b"", b"\x00" * 8, b"\xff" * 40, b"\x02\0\0\0\0\0\0\0{}x"])
def test_damage_is_a_sentence(data: bytes) -> None:
    with pytest.raises(FileError, match="The state is damaged"):
        from_bytes(data, "The state")
