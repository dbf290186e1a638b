"""Tables that cannot be used: each sentence says what happened, what was expected and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data import CsvFile, DataError
from engine.data import table as table_module

# name: (content, parameters, what happened, what was expected, what to do)
CASES: dict[str, tuple[str | bytes, dict[str, str], str, str, str]] = {
    "missing": (
        "a,b,y\n1,2,p\n3,,q\nNA,4,p\n?,null,q\n", {},
        "data.csv has 4 missing values in 2 columns; the first is in line 3, column 'b'.",
        "Expected a value in each cell.", "set missing values to be left out or filled",
    ),
    "missing target": (
        "a,y\n1,p\n3,\n", {},
        "1 missing value in 1 column; the first is in line 3, column 'y'", "a value in each cell", "Fill them",
    ),
    "infinite": (
        "a,y\n1,p\n-inf,q\n1e999,p\n", {},
        "Column 'a' of data.csv holds 2 infinite values; the first is '-inf' in line 3.",
        "Every number must be finite.", "ignore the column",
    ),
    "infinite target": (
        "a,y\n1,0.5\n2,inf\n", {}, "Column 'y' of data.csv holds 1 infinite value", "finite", "another target",
    ),
    "text among numbers": (
        "a,y\n1,p\n2,q\n3,p\nfour,q\n5,p\n", {},
        "Column 'a' of data.csv holds 1 cell without a number; the first is 'four' in line 5.",
        "Expected numbers with a decimal point", "ignore the column",
    ),
    "text target of a regression": (
        "a,y\n1,p\n2,q\n", {"task_choice": "regression"},
        "Column 'y' of data.csv holds 2 cells without a number; the first is 'p' in line 2.",
        "Expected numbers", "set the task to classification",
    ),
    "empty": ("", {}, "data.csv is empty.", "a header and at least one row", "another file"),
    "blank lines": ("\n\n\n", {}, "data.csv is empty.", "a header and at least one row", "another file"),
    "header only": ("a,b,y\n", {}, "data.csv has a header but no rows.", "at least one row", "another file"),
    "ragged": (
        "a,b,y\n1,2,p\n1,2\n1,2,3,4\n1,2,q\n", {},
        "data.csv has 2 rows with a wrong number of cells; the first is line 3 with 2.",
        "Expected 3 cells in each row", "choose the delimiter yourself",
    ),
    "duplicate names": (
        "a,b,a,y\n1,2,3,p\n", {}, "several columns called 'a' (columns 1, 3)", "a name of its own", "Rename",
    ),
    "single class": (
        "a,y\n1,p\n2,p\n", {}, "The target column 'y' of data.csv holds a single class, 'p'.",
        "at least two classes", "Choose another target",
    ),
    "target absent": (
        "height,kind\n1,p\n2,q\n", {"target": "kinds"},
        "data.csv has no column 'kinds', which 'target' names.", "Expected one of 'height', 'kind'.",
        "Did you mean 'kind'?",
    ),
    "ignored column absent": (
        "a,y\n1,p\n2,q\n", {"ignore": "zzz"}, "no column 'zzz', which 'ignore' names", "one of 'a', 'y'",
        "Choose a column of the file.",
    ),
    "target ignored": (
        "a,b,y\n1,2,p\n2,3,q\n", {"target": "y", "ignore": "y"}, "'y' is both target and ignored",
        "one of the two", "Take it out",
    ),
    "nothing left": (
        "a,y\n1,p\n2,q\n", {"ignore": "a"}, "data.csv has 1 usable columns.",
        "at least one input column and one target", "Ignore fewer columns",
    ),
    "empty column": (
        "a,b,y\n1,,p\n2,,q\n", {"missing": "fill"}, "Column 'b' of data.csv holds no value at all.",
        "numbers or categories", "Ignore the column",
    ),
    "no row without a gap": (
        "a,b,y\n1,,p\n,2,q\n", {"missing": "drop"}, "Each of the 2 rows of data.csv has a missing value",
        "a value in each cell", "Ignore the columns that are mostly empty",
    ),
    "one class left": (
        "a,y\n1,p\n,q\n2,p\n", {"missing": "drop"}, "What is left of the target of data.csv holds a single class",
        "at least two classes", "add examples",
    ),
    "several classes to predict": (
        "a,b,y\n1,2,p\n2,3,q\n", {"target": "b,y", "task_choice": "classification"},
        "2 target columns are chosen for a classification.", "one column that holds the class", "single target",
    ),
    "identifiers": (
        "id,y\n" + "".join(f"n{i},{'pq'[i % 2]}\n" for i in range(300)), {},
        "Column 'id' of data.csv holds 300 different texts.", "at most 256 categories", "Ignore the column",
    ),
    "very many identifiers": (
        "id,y\n" + "".join(f"n{i},{'pq'[i % 2]}\n" for i in range(10_500)), {},
        "holds more than 10000 different texts", "at most 256 categories", "Ignore the column",
    ),
    "very many classes": (
        "x,y\n" + "".join(f"{i},n{i}\n" for i in range(1200)), {},
        "The target column 'y' of data.csv holds 1200 different values", "at most 1000 classes", "another target",
    ),
    "open quote": (
        'a,y\n1,"p\n2,q\n', {}, "data.csv cannot be divided into cells at line 3", "open and close", "Mend the quotes",
    ),
    "spreadsheet": (
        b"PK\x03\x04rest", {}, "data.csv is a spreadsheet or zip archive.", "Expected text with one row a line",
        "Save it as CSV",
    ),
    "binary": (b"\x01\x00\x02\x00", {}, "data.csv is not a text file.", "Expected text", "Save it as CSV"),
    "broken utf-16": (
        b"\xff\xfea\x00,\x00b\x00\n\x001", {}, "data.csv is damaged", "Expected text", "Save it as CSV",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_sentence(tmp_path: Path, case: str) -> None:
    content, parameters, happened, expected, fix = CASES[case]
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        CsvFile(path=str(path), **parameters).load()
    assert happened in caught.value.happened
    assert expected in caught.value.expected
    assert fix in caught.value.fix


def test_no_file_is_chosen() -> None:
    with pytest.raises(DataError, match=r"No file is chosen. Expected a CSV or TSV file. Choose a file."):
        CsvFile().load()


def test_a_file_that_is_gone_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone.csv was not found.*Expected a CSV.*may have been moved"):
        CsvFile(path=str(tmp_path / "gone.csv")).signature()
    with pytest.raises(DataError, match=r"is a folder"):
        CsvFile(path=str(tmp_path)).load()


def test_a_file_that_is_too_large_is_refused_with_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(3 * 1024**3)  # sparse: takes no room on the disk
    with pytest.raises(DataError, match=r"huge.csv is 3.0 GB. Expected at most 2 GB. Take a part of it"):
        CsvFile(path=str(path)).load()


def test_a_refused_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,y\n1,p\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # A test that runs as root may read every file, so that the refusal must come from elsewhere.
    monkeypatch.setattr(table_module.codecs, "getincrementaldecoder", refuse)
    with pytest.raises(DataError, match=r"data.csv cannot be read: Permission denied.*permissions"):
        CsvFile(path=str(path)).load()
