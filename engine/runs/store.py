"""The folder that holds runs: lists them, begins new ones, deletes old ones, keeps to a limit of size."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from engine.graph.model import Graph
from engine.project.atomic import FileError
from engine.runs import info as infos
from engine.runs import machine
from engine.runs.compare import fingerprint
from engine.runs.info import INTERRUPTED, Origin, RunInfo
from engine.runs.limits import Removal, Weighed, removals
from engine.runs.run import Run, read_run

log = logging.getLogger(__name__)
#: What may be kept where nothing else is said.
DEFAULT_LIMIT = 2_000_000_000
_DELETED = ".deleted"


class RunStore:
    """Runs in ``folder``, one folder each. Several programs may use the same one; only one thread of each may write.

    ``limit`` is the room they may take, in bytes. Raises :class:`FileError` where the disk refuses.
    """

    def __init__(self, folder: Path, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = Path(folder)
        self.limit = limit

    # -- reading ---------------------------------------------------------------------------------------------

    def runs(self) -> tuple[Run, ...]:
        """Every run, the newest first; damaged ones say so. One whose program is gone is "interrupted"."""
        try:
            folders = [path for path in self.folder.iterdir() if path.is_dir() and infos.is_id(path.name)]
        except OSError:
            return ()
        return tuple(_judged(read_run(folder)) for folder in sorted(folders, reverse=True))

    def open(self, id: str) -> Run:
        """One run. Raises :class:`FileError` where there is none of that id."""
        folder = self.folder / id
        if not infos.is_id(id) or not folder.is_dir():
            raise FileError(f"There is no run {id!r}.", f"Expected one of those in {self.folder}.",
                            "It may have been deleted.")
        return _judged(read_run(folder))

    # -- writing ---------------------------------------------------------------------------------------------

    def create(
        self, graph: Graph, source: Mapping[str, Any], training: Mapping[str, Any], *, project: str = "",
        name: str = "", parent: Origin | None = None, id: str = "", **more: Any,
    ) -> Run:
        """Begins a run: its folder, with settings and network in it. ``more`` are other fields of :class:`RunInfo`."""
        info = RunInfo(id or infos.new_id(), project, name, infos.now(), source, training, parent=parent,
                       process=machine.this_process(), **more)
        return self.write(info, graph)

    def write(self, info: RunInfo, graph: Graph) -> Run:
        """Brings a new run to the disk."""
        run = Run(self.folder / info.id, info)
        try:
            run.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"The run cannot be kept in {self.folder}: {error.strerror or error}.", "",
                            "Choose another folder for runs, or check its permissions.") from error
        run.info = info.but(network=fingerprint(graph))
        run.write_graph(graph)
        run.write_info()  # last: with it the run exists
        return run

    def adopt(self, folder: Path) -> None:
        """Takes in a copy of a run that lies elsewhere, whole or not at all; nothing where it is here, or not there."""
        target, beside = self.folder / folder.name, self.folder / f".{folder.name}.part"
        if target.exists() or not folder.is_dir():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, beside)
            beside.rename(target)
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            reason = error.strerror or error
            raise FileError(f"The run {folder.name} could not be copied to {self.folder}: {reason}.", "",
                            "Choose another folder for runs, or make room on the disk.") from error

    def delete(self, id: str) -> None:
        """Puts a run aside; :meth:`restore` brings it back until :meth:`purge`."""
        self._move(self.folder / id, self.folder / _DELETED / id)

    def restore(self, id: str) -> Run:
        """Brings back a run that was deleted."""
        self._move(self.folder / _DELETED / id, self.folder / id)
        return self.open(id)

    def restore_if_deleted(self, id: str) -> None:
        """The same, where it was deleted at all."""
        if (self.folder / _DELETED / id).is_dir():
            self.restore(id)

    def purge(self) -> None:
        """Removes what was deleted for good."""
        shutil.rmtree(self.folder / _DELETED, ignore_errors=True)

    def _move(self, source: Path, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
        except OSError as error:
            raise FileError(f"The run {source.name} could not be moved: {error.strerror or error}.", "",
                            "Check the permissions of the folder of runs.") from error

    # -- keeping to the limit --------------------------------------------------------------------------------

    def size(self) -> int:
        """Bytes that all runs take."""
        return sum(run.size() for run in self.runs())

    def enforce_limit(self, keep: Set[str] = frozenset()) -> list[Removal]:
        """Removes what has to go, by :func:`engine.runs.limits.removals`; the runs in ``keep`` stay as starred ones
        do. Returns what was removed."""
        runs = {run.id: run for run in self.runs()}
        weighed = []
        for run in runs.values():
            snapshots = run.snapshot_sizes()
            kept = run.info.but(starred=run.info.starred or run.id in keep)
            weighed.append(Weighed(kept, snapshots, max(run.size() - sum(snapshots.values()), 0)))
        branched = {(run.info.parent.run, run.info.parent.step) for run in runs.values() if run.info.parent}
        gone = removals(weighed, self.limit, branched)
        for removal in gone:
            if removal.step is None:
                shutil.rmtree(runs[removal.run].folder, ignore_errors=True)
            else:
                runs[removal.run].drop_snapshot(removal.step)
        if gone:
            log.info("removed %d parts of runs to keep to %d bytes", len(gone), self.limit)
        return gone


def beside(project: Path) -> Path:
    """The folder of runs that lies beside a project file: "digits.chainrule" → "digits.runs"."""
    return project.with_suffix(".runs")


def _judged(run: Run) -> Run:
    """A run that nobody trains any more did not end by itself."""
    if run.info.is_running and not machine.is_alive(run.info.process):
        run.info = run.info.but(outcome=INTERRUPTED, process=None)
    return run
