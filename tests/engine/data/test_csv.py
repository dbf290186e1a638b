"""Tables that are read as they should be."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import CsvFile, Dataset
from engine.data.csv import join_names, split_names
from engine.data.table import preview


def write(path: Path, text: str, encoding: str = "utf-8") -> str:
    path.write_bytes(text.encode(encoding))
    return str(path)


def table(path: Path, text: str, encoding: str = "utf-8", **parameters: object) -> Dataset:
    return CsvFile(path=write(path, text, encoding), **{"validation": 0.0, "scaling": "none", **parameters}).load()


def cells_by_row(data: Dataset) -> list[dict[str, str]]:
    return [dict(data.row(i).cells) for i in range(len(data.x_train))]


PLAIN = "height,weight,kind\n1.5,2,cat\n2.5,3,dog\n3.5,4,cat\n4.5,5,dog\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


def test_a_plain_table(file: Path) -> None:
    data = table(file, PLAIN)
    assert data.class_names == ("cat", "dog")
    assert data.feature_names == ("height", "weight")
    assert data.name == "data.csv"
    assert data.preparation.target_names == ("kind",)
    order = np.argsort(data.x_train[:, 0])
    assert data.x_train[order].tolist() == [[1.5, 2], [2.5, 3], [3.5, 4], [4.5, 5]]
    assert data.y_train[order].tolist() == [0, 1, 0, 1]
    assert data.row(int(order[0])).cells == (("height", "1.5"), ("weight", "2"))
    assert data.row(int(order[0])).target == "cat"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(file: Path, delimiter: str) -> None:
    data = table(file, PLAIN.replace(",", delimiter))
    assert data.feature_names == ("height", "weight")


@pytest.mark.parametrize(
    ("encoding", "ending"),
    [("utf-8", "\r\n"), ("utf-8-sig", "\r\n"), ("latin-1", "\n"), ("utf-16", "\r\n"), ("utf-8", "\r")],
)
def test_encodings_and_line_ends(file: Path, encoding: str, ending: str) -> None:
    data = table(file, "größe,art\n1,Bär\n2,Mücke\n3,Bär\n4,Mücke\n".replace("\n", ending), encoding)
    assert data.feature_names == ("größe",)
    assert data.class_names == ("Bär", "Mücke")


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends(file: Path) -> None:
    data = table(file, 'x,"a, ""b""\nc"\n1,"yes, sir"\n2,no\n3,no\n')
    assert data.preparation.target_names == ('a, "b"\nc',)
    assert data.class_names == ("no", "yes, sir")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,2,0\n3,4,1\n1,2,0\n3,4,1\n", ("column 1", "column 2", "column 3")),
        ("a,b,c\n1,2,0\n1,2,1\n", ("a", "b", "c")),
        ("x,y\nred,cat\nblue,dog\n", ("x", "y")),
        ("red,cat\nblue,dog\nred,dog\n", ("column 1", "column 2")),
        ("id,2019,2020\n1,2,0\n1,2,1\n", ("id", "2019", "2020")),
        ("NA,2,3\n1,2,0\n1,2,1\n", ("column 1", "column 2", "column 3")),
        ("a,,c\n1,2,0\n1,2,1\n", ("a", "column 2", "c")),
    ],
)
def test_headers_are_recognised(file: Path, text: str, names: tuple[str, ...]) -> None:
    assert CsvFile(path=write(file, text)).preview().format.names == names


def test_header_and_delimiter_can_be_chosen(file: Path) -> None:
    path = write(file, "2019;2020\n1;2\n3;4\n")
    assert CsvFile(path=path).preview().format.header is False
    chosen = CsvFile(path=path, header="yes", delimiter="semicolon").preview()
    assert chosen.format.names == ("2019", "2020")
    assert chosen.rows == (("1", "2"), ("3", "4"))


def test_a_comma_is_the_decimal_mark_where_semicolons_divide(file: Path) -> None:
    data = table(file, "a;b;y\n1,5;2;0,25\n-,5;3;1,75\n", task_choice="regression", target_scaling="none")
    assert sorted(map(tuple, data.x_train.tolist())) == [(-0.5, 3.0), (1.5, 2.0)]
    assert sorted(data.y_train[:, 0].tolist()) == [0.25, 1.75]
    point = table(file, "a;y\n1,5;x\n2,5;z\n", decimal="point")
    assert point.preparation.columns[0].categories == ("1,5", "2,5")


def test_texts_become_one_feature_for_each_category(file: Path) -> None:
    data = table(file, "colour,size,y\nred,1,a\nblue,2,b\nred,3,a\ngreen,4,b\n", scaling="standardise")
    assert data.feature_names == ("colour = blue", "colour = green", "colour = red", "size")
    assert data.signature.input_shape == (4,)
    # Categories stay 0 and 1; the number beside them is standardised.
    assert sorted(map(tuple, data.x_train[:, :3].tolist())) == [(0, 0, 1), (0, 0, 1), (0, 1, 0), (1, 0, 0)]
    assert float(data.x_train[:, 3].std()) == pytest.approx(1.0)
    assert sorted(row["colour"] for row in cells_by_row(data)) == ["blue", "green", "red", "red"]


def test_codes_can_be_declared_categories(file: Path) -> None:
    data = table(file, "zip,y\n01,a\n02,b\n01,b\n", categorical="zip")
    assert data.preparation.columns[0].categories == ("01", "02")


@pytest.mark.parametrize(("first", "happened"), [
    (lambda i: f"T{i}", "Column 'tag' holds 30 different texts in 30 rows."),
    (lambda i: 7 + i, "Column 'tag' counts the rows."),
    (lambda i: i * i, ""), (lambda i: "ab"[i % 2], ""),
])
def test_columns_that_only_name_the_rows_are_warned_of(
    file: Path, first: Callable[[int], object], happened: str
) -> None:
    data = table(file, "tag,size,kind\n" + "".join(f"{first(i)},{i % 5}.5,{'xy'[i % 2]}\n" for i in range(30)))
    assert [note.happened for note in data.notes] == ([happened] if happened else [])


def test_texts_with_a_few_figures_are_categories(file: Path) -> None:
    data = table(file, "cabin,y\nA1,a\n7,b\nB2,a\nC,b\n")
    assert data.preparation.columns[0].categories == ("7", "A1", "B2", "C")
    assert sorted(row["cabin"] for row in cells_by_row(data)) == ["7", "A1", "B2", "C"]


def test_underscores_make_an_identifier_not_a_number(file: Path) -> None:
    data = table(file, "id,y\n1_0,a\n2_0,b\n")
    assert data.preparation.columns[0].categories == ("1_0", "2_0")


def test_a_few_whole_numbers_are_classes_and_many_are_not(file: Path) -> None:
    few = table(file, "x,y\n" + "".join(f"{i},{i % 3 + 9}\n" for i in range(12)))
    assert few.class_names == ("9", "10", "11")  # in the order of the numbers, not of their texts
    many = table(file, "x,y\n" + "".join(f"{i},{i}\n" for i in range(12)), target_scaling="none")
    assert many.class_names == ()
    assert many.y_train.shape == (12, 1)
    forced = table(file, "x,y\n" + "".join(f"{i},{i}\n" for i in range(12)), task_choice="classification")
    assert len(forced.class_names) == 12


def test_targets_by_name_several_and_ignored_columns(file: Path) -> None:
    text = 'id,"a, b",c,d\n7,1.5,2.5,3\n8,4.5,5.5,6\n9,7.5,8.5,9\n'
    data = table(file, text, target=join_names(["a, b", "d"]), ignore="id", target_scaling="standardise")
    assert data.feature_names == ("c",)
    assert data.signature.target_shape == (2,)
    assert data.y_train.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert sorted(map(tuple, data.target_scaler.undo(data.y_train).tolist())) == [
        pytest.approx((1.5, 3)),
        pytest.approx((4.5, 6)),
        pytest.approx((7.5, 9)),
    ]
    assert data.row(0).target == pytest.approx(data.target_scaler.undo(data.y_train[0]))


def test_ignored_columns_may_hold_anything(file: Path) -> None:
    data = table(file, "name,x,y\nann,1,a\n,2,b\ninf,3,a\n", ignore="name")
    assert data.feature_names == ("x",)


GAPS = "x,colour,y\n1,red,a\n,red,b\n3,NA,a\n5,blue,b\n9,red,?\n"


def test_rows_with_gaps_can_be_left_out(file: Path) -> None:
    data = table(file, GAPS, missing="drop")
    assert sorted(row["x"] for row in cells_by_row(data)) == ["1", "5"]
    (note,) = data.notes
    assert note.happened == "3 of 5 rows were left out for missing values."


def test_gaps_can_be_filled_but_not_targets(file: Path) -> None:
    data = table(file, GAPS, missing="fill")
    rows = sorted((row["x"], row["colour"]) for row in cells_by_row(data))
    assert rows == [("1", "red"), ("3", "red"), ("3", "red"), ("5", "blue")]  # mean of 1, 3, 5; commonest red
    assert {note.code for note in data.notes} == {"data.dropped", "data.filled"}
    assert data.preparation.fill is not None
    assert data.preparation.fill.tolist() == [3.0, 0.0, 1.0]


def test_a_delimiter_at_each_line_end_makes_no_column(file: Path) -> None:
    data = table(file, "a,b,y,\n1,2,p,\n3,4,q,\n", target="y")
    assert data.feature_names == ("a", "b")
    assert table(file, "a,b,y,\n1,2,p,\n3,4,q,\n").preparation.target_names == ("y",)


def test_a_changed_file_is_read_again(file: Path) -> None:
    source = CsvFile(path=write(file, PLAIN), validation=0.0)
    first = source.load()
    assert source.load() is first
    write(file, PLAIN + "5.5,6,cat\n")
    os.utime(file, ns=(1, 1))
    assert source.load().signature.train_rows == 5


def test_preview_shows_the_cells_as_they_stand(file: Path) -> None:
    shown = preview(Path(write(file, PLAIN)), rows=2)
    assert shown.rows == (("1.5", "2", "cat"), ("2.5", "3", "dog"))
    assert shown.format.header


def test_many_rows_are_read_in_pieces(file: Path) -> None:
    rows = [(i, i % 7, "ab"[i % 2]) for i in range(10_001)]
    file.write_text("n,m,y\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    raw = CsvFile(path=str(file)).raw()
    assert raw.x.tolist() == [[a, b] for a, b, _ in rows]
    assert raw.y.tolist() == [i % 2 for i in range(10_001)]


def test_column_lists_survive_commas_and_quotes() -> None:
    names = ("a, b", 'say "x"', "plain")
    assert split_names(join_names(names)) == names
    assert split_names(" a ,b,, a") == ("a", "b")


NAME = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=8)
NUMBER = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda v: float(np.float32(v)))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[float]], list[str]]:
    width, rows = draw(st.integers(1, 4)), draw(st.integers(2, 12))
    header = draw(st.lists(NAME, min_size=width + 1, max_size=width + 1, unique=True))
    numbers = draw(st.lists(st.lists(NUMBER, min_size=width, max_size=width), min_size=rows, max_size=rows))
    labels = [f"class {draw(st.sampled_from('abc'))}" for _ in range(rows - 2)] + ["class a", "class b"]
    return header, numbers, labels


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_what_is_read(
    tmp_path: Path, content: tuple[list[str], list[list[float]], list[str]], delimiter: str, ending: str
) -> None:
    header, numbers, labels = content
    path = tmp_path / "round.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
        writer.writerow(header)
        writer.writerows([*map(repr, row), label] for row, label in zip(numbers, labels, strict=True))
    kind = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[delimiter]
    raw = CsvFile(path=str(path), delimiter=kind, header="yes").raw()
    assert [column.name for column in raw.columns] == header[:-1]
    assert raw.x.tolist() == numbers
    assert [raw.class_names[label] for label in raw.y] == labels
