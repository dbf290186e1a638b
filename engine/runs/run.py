"""One run on the disk: a folder with its description, its network, its curves and its snapshots."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.graph.model import Graph
from engine.issues import ChainruleError
from engine.project.atomic import FileError, read_error, write_atomically
from engine.runs.info import RunInfo
from engine.runs.snapshot_file import SUFFIX, read_snapshot, write_snapshot
from engine.train.events import Snapshot

DESCRIPTION, NETWORK, CURVES, SNAPSHOTS = "run.json", "network.json", "curves.npz", "snapshots"
_LARGEST_TEXT = 64 << 20
_LARGEST_CURVES = 1 << 30
_UNREADABLE = (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


class Run:
    """A run in ``folder``. Every writing is atomic; only one thread may write, any may read.

    Whatever cannot be read or written raises :class:`FileError`.
    """

    def __init__(self, folder: Path, info: RunInfo) -> None:
        self.folder = folder
        self.info = info

    @property
    def id(self) -> str:
        return self.info.id

    # -- description -----------------------------------------------------------------------------------------

    def update(self, **changes: Any) -> RunInfo:
        """Changes fields of :attr:`info`, here and on the disk; nothing is written where nothing changes."""
        info = self.info.but(**changes)
        if info != self.info:
            self.info = info
            self.write_info()
        return info

    def write_info(self) -> None:
        """Brings :attr:`info` to the disk."""
        _write_json(self.folder / DESCRIPTION, self.info.to_dict())

    def write_graph(self, graph: Graph) -> None:
        """Keeps the network that is trained."""
        _write_json(self.folder / NETWORK, graph.to_dict())

    def graph(self) -> Graph:
        """The network that was trained."""
        plain = _read_json(self.folder / NETWORK)
        try:
            return Graph.from_dict(plain)
        except (ChainruleError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise FileError(f"The network of the run “{self.info.name}” is damaged: {error}.", "",
                            "Its curves can still be looked at.") from error

    # -- curves ----------------------------------------------------------------------------------------------

    def save_curves(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Keeps what the run has recorded, as plain arrays by name."""
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise TypeError(f"{name} holds objects, which a run never keeps")
        write_atomically(self.folder / CURVES, lambda file: np.savez(file, allow_pickle=False, **dict(arrays)))

    def load_curves(self) -> dict[str, np.ndarray]:
        """The arrays last saved; {} where there are none."""
        path = self.folder / CURVES
        if not path.exists():
            return {}
        try:
            content = io.BytesIO(path.read_bytes())
            if sum(entry.file_size for entry in zipfile.ZipFile(content).infolist()) > _LARGEST_CURVES:
                raise ValueError("they claim to be far larger than any that are kept")
            with np.load(content, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except OSError as error:
            raise read_error(path, error) from error
        except _UNREADABLE as error:
            raise FileError(f"The curves of the run “{self.info.name}” are damaged: {error}.",
                            "Expected arrays of numbers.", "Its settings and snapshots may still be whole.") from error

    # -- snapshots -------------------------------------------------------------------------------------------

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Keeps a snapshot, in place of one of the same step."""
        folder = self.folder / SNAPSHOTS
        _make(folder)
        write_snapshot(folder / _file_name(snapshot.step), snapshot)

    def snapshot_steps(self) -> tuple[int, ...]:
        """The steps of which there are snapshots, in order."""
        return tuple(sorted(self.snapshot_sizes()))

    def snapshot_sizes(self) -> dict[int, int]:
        """Step → bytes of each snapshot."""
        return {int(path.stem): size for path, size in _files(self.folder / SNAPSHOTS)
                if path.suffix == SUFFIX and path.stem.isdigit()}

    def load_snapshot(self, step: int) -> Snapshot:
        """The snapshot of exactly this step."""
        return read_snapshot(self.folder / SNAPSHOTS / _file_name(step))

    def drop_snapshot(self, step: int) -> None:
        """Forgets the snapshot of this step, if there is one."""
        path = self.folder / SNAPSHOTS / _file_name(step)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"{path.name} could not be removed: {error.strerror or error}.", "",
                            "Check the permissions of the folder.") from error

    def size(self) -> int:
        """Bytes on the disk."""
        return sum(size for _, size in (*_files(self.folder), *_files(self.folder / SNAPSHOTS)))


def read_run(folder: Path) -> Run:
    """The run that lies in ``folder``; a damaged one says so in its :attr:`Run.info` and raises nothing."""
    name = folder.name
    try:
        return Run(folder, RunInfo.from_dict(_read_json(folder / DESCRIPTION), name))
    except ChainruleError as error:
        problem = str(error)
    except (ValueError, TypeError) as error:
        problem = f"The description of the run is damaged: {error}."
    return Run(folder, RunInfo(name, name=name, outcome="damaged", problem=problem))


def _file_name(step: int) -> str:
    return f"{step:012d}{SUFFIX}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The folder {folder} could not be made: {error.strerror or error}.", "",
                        "Choose another folder for runs.") from error


def _files(folder: Path) -> list[tuple[Path, int]]:
    """The files that lie in a folder, and their sizes; those that go meanwhile are passed over."""
    found = []
    try:
        for path in folder.iterdir():
            if path.is_file():
                found.append((path, path.stat().st_size))
    except OSError:
        return found
    return found


def _write_json(path: Path, plain: Any) -> None:
    data = json.dumps(plain, indent=1, allow_nan=False, default=_listed).encode("ascii")
    write_atomically(path, lambda file: file.write(data))


def _listed(value: Any) -> Any:
    """What settings may hold and JSON lacks."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (np.ndarray, set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be kept with a run")


def _read_json(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST_TEXT:
            raise FileError(f"{path.name} is far larger than a run needs.", "", "Delete the run.")
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise read_error(path, error) from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path.name} is damaged: it is not valid JSON.", "", "Delete the run.") from error
