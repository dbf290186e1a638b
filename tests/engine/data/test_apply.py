"""New examples for a trained network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.data import CsvFile, DataError, Iris, Mnist, NpzFile, Preparation, Spirals, apply_to_new

TRAINING = "size,colour,code,y\n1,red,7,a\n2,blue,8,b\n4,red,7,a\n5,green,8,b\n"


@pytest.fixture
def trained(tmp_path: Path) -> CsvFile:
    path = tmp_path / "train.csv"
    path.write_text(TRAINING)
    return CsvFile(path=str(path), categorical="code", validation=0.0)


def new(folder: Path, text: str) -> Path:
    path = folder / "new.csv"
    path.write_text(text)
    return path


def test_the_training_file_gives_the_training_input(trained: CsvFile, tmp_path: Path) -> None:
    data = trained.load()
    x = apply_to_new(trained, trained.path)
    assert x.dtype == np.float32
    assert sorted(map(tuple, x.tolist())) == sorted(map(tuple, data.x_train.tolist()))
    stored = Preparation.from_dict(json.loads(json.dumps(data.preparation.to_dict())))
    assert np.array_equal(apply_to_new(stored, trained.path), x)
    assert np.array_equal(apply_to_new(data, trained.path), x)


def test_columns_are_found_by_name_in_any_order_without_the_target(trained: CsvFile, tmp_path: Path) -> None:
    x = apply_to_new(trained, new(tmp_path, "code,extra,colour,size\n7,?,green,3\n8,?,red,1\n"))
    # size has mean 3 and variance 2.5; then blue, green, red, 7, 8.
    assert x[0] == pytest.approx([0, 0, 1, 0, 1, 0])
    assert x[1] == pytest.approx([-2 / 2.5**0.5, 0, 0, 1, 0, 1])


def test_without_a_header_the_order_counts(trained: CsvFile, tmp_path: Path) -> None:
    x = apply_to_new(trained, new(tmp_path, "3;green;7\n3;red;8\n"))
    assert x[0] == pytest.approx([0, 0, 1, 0, 1, 0])


def test_a_file_trained_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("0,1,10\n1,2,20\n0,3,30\n1,4,50\n")
    source = CsvFile(path=str(path), target="column 1", validation=0.0, scaling="none")
    assert apply_to_new(source, path).tolist() == [[1, 10], [2, 20], [3, 30], [4, 50]]
    assert apply_to_new(source, new(tmp_path, "5,60\n6,70\n")).tolist() == [[5, 60], [6, 70]]


def test_numbers_as_names_are_still_a_header(tmp_path: Path) -> None:
    path = tmp_path / "years.csv"
    path.write_text("2019,2020,y\n1,2,a\n3,4,b\n")
    source = CsvFile(path=str(path), header="yes", validation=0.0, scaling="none")
    assert apply_to_new(source, new(tmp_path, "2020,2019\n2,1\n")).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "happened", "expected", "fix"),
    [
        ("size,code\n1,7\n", "lacks 1 of the 3 columns that the network was trained on: 'colour'", "'size', 'code'",
         "Add or rename"),
        ("size,color,code\n1,red,7\n", "lacks 1 of the 3 columns", "It has 'size'", "Did you mean 'color'?"),
        ("1,red\n", "lacks 3 of the 3 columns", "It has", "Add or rename"),
        ("size,colour,code\n1,gren,7\n", "Column 'colour' of new.csv holds 'gren' in row 1",
         "one of 'blue', 'green', 'red'", "Did you mean 'green'?"),
        ("size,colour,code\n1,red,7\n,red,7\n", "1 missing value in 1 column; the first is in line 3", "a value",
         "Fill them"),
        ("size,colour,code\nbig,red,7\n", "holds 1 cell without a number; the first is 'big' in line 2",
         "numbers", "Mend them"),
        ("size,colour,code\ninf,red,7\n", "holds 1 infinite value", "finite", "Mend them"),
        ("size,colour,code\n1e300,red,7\n", "too large for single precision", "below 3e38", "Divide"),
        ("", "new.csv is empty", "at least one row", "another file"),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit(
    trained: CsvFile, tmp_path: Path, text: str, happened: str, expected: str, fix: str
) -> None:
    with pytest.raises(DataError) as caught:
        apply_to_new(trained, new(tmp_path, text))
    assert happened in caught.value.happened
    assert expected in caught.value.expected
    assert fix in caught.value.fix


def test_gaps_are_filled_with_what_training_learned(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(TRAINING)
    source = CsvFile(path=str(path), missing="fill", validation=0.0, ignore="code", scaling="none")
    assert apply_to_new(source, new(tmp_path, "size,colour\n,\n7,blue\n")).tolist() == [[3, 0, 0, 1], [7, 1, 0, 0]]


def test_bundled_tables_and_generators(tmp_path: Path) -> None:
    iris = apply_to_new(Iris(), new(tmp_path, "5.1,3.5,1.4,0.2\n"))
    data = Iris().load()
    assert data.scaler.undo(iris)[0] == pytest.approx([5.1, 3.5, 1.4, 0.2], abs=1e-5)
    points = apply_to_new(Spirals(), new(tmp_path, "x,y\n0.5,-0.5\n"))
    assert points.tolist() == [[0.5, -0.5]]
    with pytest.raises(DataError, match=r"has 3 columns.*examples of 2, so that 2 numbers a row"):
        apply_to_new(Spirals(), new(tmp_path, "1,2,3\n"))


@pytest.mark.parametrize("flat", [False, True])
def test_pictures_from_arrays_and_tables(tmp_path: Path, flat: bool) -> None:
    source = Mnist(flat=flat)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    expected = (pixels / 255).reshape(3, *source.signature().input_shape)
    path = tmp_path / "new.npz"
    for x in (pixels, pixels[..., None], pixels.reshape(3, -1), pixels.astype(np.float32)):
        np.savez(path, x=x)
        assert apply_to_new(source, path) == pytest.approx(expected, abs=1e-6)
    np.save(tmp_path / "new.npy", pixels)
    assert apply_to_new(source, tmp_path / "new.npy") == pytest.approx(expected, abs=1e-6)
    rows = "\n".join(",".join(map(str, row)) for row in pixels.reshape(3, -1).tolist())
    assert apply_to_new(source, new(tmp_path, rows + "\n")) == pytest.approx(expected, abs=1e-6)


def test_a_single_picture_stands_alone(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", picture=np.zeros((28, 28, 1), dtype=np.uint8))
    assert apply_to_new(Mnist(), tmp_path / "one.npz").shape == (1, 28, 28, 1)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": np.zeros((2, 27, 28), np.uint8)}, r"has the shape \(2, 27, 28\).*28 × 28 × 1.*another file"),
        ({"x": np.zeros((2, 1, 28, 28), np.uint8)}, r"has the shape \(2, 1, 28, 28\)"),
        ({"x": np.zeros((2, 28, 28))}, r"holds fractions up to 0.*pixels from 0 to 255.*Multiply"),
        ({"x": np.full((2, 28, 28), np.nan)}, r"holds NaN in row 0"),
        ({"x": np.array(["a"])}, r"of type <U1.*real numbers"),
        ({"a": np.zeros(2), "b": np.zeros(2)}, r"holds 'a', 'b'.*an array called x"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, arrays: dict[str, np.ndarray], sentence: str) -> None:
    path = tmp_path / "new.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=sentence):
        apply_to_new(Mnist(), path)


def test_an_npz_source_takes_new_arrays(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, x=np.arange(12.0).reshape(6, 2), y=np.arange(6) % 2)
    source = NpzFile(path=str(path), validation=0.0)
    x = apply_to_new(source, path)
    assert x.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    with pytest.raises(DataError, match=r"nowhere.csv was not found"):
        apply_to_new(source, tmp_path / "nowhere.csv")
