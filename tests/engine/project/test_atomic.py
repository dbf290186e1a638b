"""A write ends whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from engine.project import FileError, write_atomically


def test_a_new_file_gets_the_usual_permissions_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    write_atomically(tmp_path / "new", lambda file: file.write(b"abc"))
    assert (tmp_path / "new").read_bytes() == b"abc"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "usual"]


def test_a_replaced_file_keeps_its_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, lambda file: file.write(b"new"))
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_failure_half_way_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fails(file: BinaryIO) -> None:
        file.write(b"half")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        write_atomically(path, fails)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(("number", "part"), [
    (errno.ENOSPC, "The disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "not permitted"), (999, "written"),
])
def test_errors_of_the_disk_are_sentences(tmp_path: Path, number: int, part: str,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(number, "as the disk says")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=part):
        write_atomically(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(("name", "part"), [
    ("none/file", "The folder does not exist"), ("plain/file", "is a file, not a folder"),
    ("", "A folder has that name"), ("n" * 300, "name is too long"),
])
def test_impossible_places_are_sentences(tmp_path: Path, name: str, part: str) -> None:
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(FileError, match=part):
        write_atomically(tmp_path / name, lambda file: None)
    assert [p.name for p in tmp_path.iterdir()] == ["plain"]


FULL_DISK = """
import resource, signal, sys
from engine.project import FileError, TEMPLATES, save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    save(sys.argv[1], TEMPLATES["lenet"].build())
except FileError as error:
    print(error)
"""


def test_a_real_limit_on_the_size_of_files(tmp_path: Path) -> None:
    path = tmp_path / "a.chainrule"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=True)
    assert "larger than the system allows" in done.stdout
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.chainrule"]
