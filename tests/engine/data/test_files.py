"""NPZ and IDX files, good and bad."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.data import DataError, Dataset, IdxFile, Mnist, NpzFile
from engine.data import npz as npz_module
from engine.data.idx import read_idx


def npz(folder: Path, arrays: Mapping[str, object], **parameters: object) -> Dataset:
    path = folder / "set.npz"
    np.savez(path, **arrays)
    return NpzFile(path=str(path), **{"validation": 0.0, **parameters}).load()


def refused(folder: Path, arrays: Mapping[str, object], **parameters: object) -> DataError:
    with pytest.raises(DataError) as caught:
        npz(folder, arrays, **parameters)
    assert caught.value.happened
    assert caught.value.expected
    assert caught.value.fix
    return caught.value


BYTES = np.arange(6 * 4 * 4, dtype=np.uint8).reshape(6, 4, 4)
LABELS = np.array([3, 5, 3, 5, 3, 5])
ROWS = np.arange(12.0).reshape(6, 2)


def test_byte_pictures_gain_a_channel_and_are_divided_by_255(tmp_path: Path) -> None:
    data = npz(tmp_path, {"x": BYTES, "y": LABELS})
    assert data.signature.input_shape == (4, 4, 1)
    assert data.class_names == ("3", "5")
    assert data.x_train.max() == pytest.approx(95 / 255)


def test_vectors_are_standardised(tmp_path: Path) -> None:
    data = npz(tmp_path, {"X": ROWS, "Y": np.array(list("ababab"))})
    assert data.x_train.std(axis=0) == pytest.approx([1.0, 1.0])
    assert data.class_names == ("a", "b")
    assert data.feature_names == ("x1", "x2")


def test_three_axes_can_be_sequences(tmp_path: Path) -> None:
    data = npz(tmp_path, {"x": BYTES, "y": LABELS}, axes="sequences", scaling="none")
    assert data.signature.input_shape == (4, 4)


def test_the_test_part_is_what_is_validated_on(tmp_path: Path) -> None:
    parts = {"x_train": ROWS, "y_train": LABELS, "x_test": ROWS[:2] + 100, "y_test": [5, 7]}
    data = npz(tmp_path, parts, scaling="none")
    assert data.x_train.tolist() == ROWS.tolist()
    assert data.x_val.tolist() == [[100, 101], [102, 103]]
    assert data.class_names == ("3", "5", "7")
    assert data.y_val.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("y", "shape"),
    [(np.linspace(0, 1, 6), (1,)), (np.ones((6, 3)) * 0.5, (3,)), (np.zeros((6, 2, 2, 1)), (2, 2, 1))],
)
def test_real_targets_make_a_regression(tmp_path: Path, y: np.ndarray, shape: tuple[int, ...]) -> None:
    data = npz(tmp_path, {"x": ROWS, "y": y}, target_scaling="none")
    assert data.class_names == ()
    assert data.signature.target_shape == shape
    assert data.y_train.dtype == np.float32


def test_one_hot_rows_and_single_columns_are_classes(tmp_path: Path) -> None:
    one_hot = npz(tmp_path, {"x": ROWS, "y": np.eye(3)[[0, 1, 2, 2, 1, 0]]})
    assert one_hot.class_names == ("0", "1", "2")
    assert sorted(one_hot.y_train.tolist()) == [0, 0, 1, 1, 2, 2]
    column = npz(tmp_path, {"x": ROWS, "y": LABELS[:, None]})
    assert column.class_names == ("3", "5")


def test_pictures_with_channels_first_are_noticed(tmp_path: Path) -> None:
    data = npz(tmp_path, {"x": np.zeros((4, 3, 8, 8)), "y": [0, 1, 0, 1]})
    assert "data.channels-first" in {note.code for note in data.notes}


def test_a_lazy_archive_never_runs_what_it_holds(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}] * 6, dtype=object)
    error = refused(tmp_path, {"x": objects, "y": LABELS})
    assert "holds arrays of Python objects" in error.happened
    assert "np.savez" in error.fix


def test_what_npz_refuses(tmp_path: Path) -> None:
    assert "holds 'a', 'b'" in refused(tmp_path, {"a": ROWS, "b": LABELS}).happened
    assert "(6, 2) and targets of shape (5,)" in refused(tmp_path, {"x": ROWS, "y": LABELS[:5]}).happened
    assert "of type complex128" in refused(tmp_path, {"x": ROWS * 1j, "y": LABELS}).happened
    assert "shape (6, 1, 1, 1, 1)" in refused(tmp_path, {"x": np.zeros((6, 1, 1, 1, 1)), "y": LABELS}).happened
    assert "shape (6, 0)" in refused(tmp_path, {"x": np.zeros((6, 0)), "y": LABELS}).happened
    assert "of type complex128" in refused(tmp_path, {"x": ROWS, "y": LABELS * 1j}).happened
    assert "single class, '3'" in refused(tmp_path, {"x": ROWS, "y": np.full(6, 3)}).happened
    texts = {"x": ROWS, "y": np.array(list("ababab"))}
    assert "holds texts" in refused(tmp_path, texts, task_choice="regression").happened
    shaped = {"x": ROWS, "y": np.full((6, 2), 0.5)}
    assert "shape (6, 2)" in refused(tmp_path, shaped, task_choice="classification").happened
    many = {"x": np.zeros((1100, 1)), "y": np.arange(1100)}
    assert "1100 different values" in refused(tmp_path, many).happened
    parts = {"x_train": ROWS, "y_train": LABELS, "x_test": ROWS[:, :1], "y_test": LABELS}
    assert "validation examples of (1,)" in refused(tmp_path, parts).happened
    assert "no training examples" in refused(tmp_path, {"x": np.zeros((0, 2)), "y": np.zeros(0)}).happened


def test_nan_is_found_in_inputs_and_targets(tmp_path: Path) -> None:
    bad = ROWS.copy()
    bad[4, 1] = np.nan
    assert refused(tmp_path, {"x": bad, "y": LABELS}).happened == (
        "The input array of set.npz holds NaN in row 4, entry [1] (counted from 0)."
    )
    y = np.linspace(0, 1, 6)
    y[2] = -np.inf
    assert (
        "The target array of set.npz holds an infinite value in row 2"
        in refused(tmp_path, {"x": ROWS, "y": y}).happened
    )


def test_damaged_and_foreign_npz_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, x=ROWS, y=LABELS)
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[:200], whole.replace(b"NUMPY", b"MUMPY")):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"set.npz holds something else or is damaged.*np\.savez"):
            NpzFile(path=str(path)).load()
    path.write_bytes(whole)
    monkeypatch.setattr(npz_module, "LARGEST_FILE", 100)
    with pytest.raises(DataError, match=r"GB of arrays.*Take a part"):
        NpzFile(path=str(path)).load()


def idx_bytes(array: np.ndarray, code: int = 0x08) -> bytes:
    head = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("gzipped", [False, True])
def test_idx_pictures_with_their_labels_beside_them(tmp_path: Path, gzipped: bool) -> None:
    ending = ".gz" if gzipped else ""
    pack = gzip.compress if gzipped else bytes
    images = tmp_path / f"t-images-idx3-ubyte{ending}"
    images.write_bytes(pack(idx_bytes(BYTES)))
    (tmp_path / f"t-labels-idx1-ubyte{ending}").write_bytes(pack(idx_bytes(LABELS.astype(np.uint8))))
    data = IdxFile(path=str(images), validation=0.0).load()
    assert data.signature.input_shape == (4, 4, 1)
    assert data.class_names == ("3", "5")
    restored = data.scaler.undo(data.x_train)[np.argsort(data.x_train[:, 0, 0, 0])]
    assert restored[..., 0] == pytest.approx(BYTES, abs=1e-4)


def test_idx_of_other_types(tmp_path: Path) -> None:
    path = tmp_path / "a.idx"
    path.write_bytes(idx_bytes(np.array([[1.5, -2.0]], dtype=np.float32), 0x0D))
    assert read_idx(path).tolist() == [[1.5, -2.0]]
    path.write_bytes(idx_bytes(np.array([70_000], dtype=np.int32), 0x0C))
    assert read_idx(path).tolist() == [70_000]
    assert read_idx(path).dtype.isnative


def test_damaged_idx_files(tmp_path: Path) -> None:
    path = tmp_path / "a-images-idx3-ubyte"
    good = idx_bytes(BYTES)
    huge = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31, 2**10, 2)
    cases = {
        b"": "does not begin as an IDX file",
        b"PNG!": "does not begin as an IDX file",
        good[:6]: "breaks off within its header",
        good[:-1]: "holds 95 bytes of entries where 96 are announced",
        good + b"x": "holds 97 bytes of entries",
        huge: "announces 4096.0 GB",
        gzip.compress(good)[:-12]: "cannot be unpacked",
        b"\x1f\x8bnot gzip": "cannot be unpacked",
    }
    for content, happened in cases.items():
        path.write_bytes(content)
        with pytest.raises(DataError, match=happened):
            read_idx(path)
    path.write_bytes(good)
    with pytest.raises(DataError, match=r"labels-idx1-ubyte was not found.*IDX file of labels"):
        IdxFile(path=str(path)).load()
    plain = path.rename(tmp_path / "pictures.idx")
    with pytest.raises(DataError, match=r"No labels are chosen"):
        IdxFile(path=str(plain)).load()


def test_mnist_keeps_no_second_copy_of_itself() -> None:
    data = Mnist().load()
    assert data.x_train.base is None or data.x_train.base.nbytes == data.x_train.nbytes
    assert data.x_train.nbytes == 4000 * 784 * 4
