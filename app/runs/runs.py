"""The runs of a window: every one is kept, any can be drawn beside the present one or taken up again.

What is known of them stands in :attr:`Runs.infos`; the disk is read and written by a thread that the window never waits
for. :class:`~app.runs.keeper.RunKeeper` follows the session and keeps what it trains.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.recorded.history import RunHistory
from app.recorded.history_file import from_arrays
from app.runs.record import removed_sentence
from app.runs.writer import Writer
from engine.runs import Run, RunInfo, RunStore
from engine.runs.limits import Removal
from engine.train.events import Snapshot

log = logging.getLogger(__name__)
#: Seconds that closing the window waits for what is still to be written.
_PATIENCE = 10.0


@dataclass(frozen=True)
class Overlay:
    """A run drawn beside the present one. ``colour`` is a number for :func:`app.runs.colours.colour`."""

    id: str
    name: str
    colour: int
    history: RunHistory


class Runs(QObject):
    """The list of runs, their overlays, and the edits of the list. One for each session: :meth:`of`."""

    changed = Signal()  # infos are others
    overlays_changed = Signal()
    message = Signal(str, str)  # severity and a sentence for the person
    reopened = Signal(str)  # a project was opened whose weights come from this run; "" for none
    closed = Signal()  # the last moment to keep anything

    def __init__(self, session: QObject) -> None:
        super().__init__(session)
        self.store: RunStore | None = None
        #: The id of the run whose curves the session's history holds; "" for none.
        self.current = ""
        self._infos: dict[str, RunInfo] = {}
        self._overlays: dict[str, Overlay] = {}
        self._colours: dict[str, int] = {}
        self._undrawn: tuple[str, ...] = ()
        self._edits = 0
        self._told = ""
        self.writer = Writer(self)
        self.writer.failed.connect(self._failed)

    @classmethod
    def of(cls, session: QObject) -> Runs:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def infos(self) -> tuple[RunInfo, ...]:
        """Every run, the newest first."""
        return tuple(self._infos[id] for id in sorted(self._infos, reverse=True))

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """The runs drawn beside the present one, in the order in which they were chosen."""
        return tuple(overlay for overlay in self._overlays.values() if overlay.id != self.current)

    def info(self, id: str) -> RunInfo | None:
        """What is known of a run."""
        return self._infos.get(id)

    def is_overlaid(self, id: str) -> bool:
        """Is this run drawn beside the present one, or about to be?"""
        return id in self._colours

    def colour(self, id: str) -> int | None:
        """The number of the colour a run is drawn in; None where it is not."""
        return self._colours.get(id)

    # -- where they are kept ---------------------------------------------------------------------------------

    def keep_in(self, folder: Path, limit: int) -> None:
        """Runs are kept in this folder, in at most so many bytes; those that are there are listed. The present run
        comes along. Not to be called while a run goes on."""
        before = self.store
        if before is not None and before.folder == folder:
            if before.limit != limit:
                before.limit = limit
                self.keep_to_limit(tell_all=True)
            return
        self.store = store = RunStore(folder, limit)
        current = self._infos.get(self.current)
        self._infos = {current.id: current} if current else {}
        if before is not None and current is not None:
            self.do(("adopt", current.id), lambda: store.adopt(before.folder / current.id))
        self.changed.emit()
        self.refresh()

    def keep_to_limit(self, tell_all: bool = False) -> None:
        """Makes room where runs take more than they may, and looks at what is left. What went is told: whole runs or,
        where the person has just lowered the limit (``tell_all``), snapshots too."""
        if self.store is not None:
            store, kept = self.store, {self.current}
            self.do("limit", lambda: store.enforce_limit(kept), lambda gone: self.made_room(gone, tell_all))

    def made_room(self, gone: Sequence[Removal], tell_all: bool = False) -> None:
        """This was removed to keep to the limit."""
        if not gone or self.store is None:
            self.changed.emit()
            return
        names = {id: info.name for id, info in self._infos.items()}
        sentence = removed_sentence(gone, names, self.store.limit, tell_all)
        if sentence:
            self.message.emit("info", sentence)
        self.refresh()

    def refresh(self) -> None:
        """Lists anew what is on the disk."""
        if self.store is not None:
            store, edits = self.store, self._edits
            self.do("list", store.runs, lambda runs: self._take_list(store, edits, runs))

    def _take_list(self, store: RunStore, edits: int, runs: tuple[Run, ...]) -> None:
        if store is not self.store:
            return
        if edits != self._edits:  # the list may be older than what was changed meanwhile
            self.refresh()
            return
        mine = self._infos.get(self.current)
        self._infos = {run.id: run.info for run in runs}
        if mine is not None and (mine.is_running or mine.id not in self._infos):
            self._infos[mine.id] = mine
        self.changed.emit()

    def close(self) -> None:
        """Keeps what is still to be kept, and waits for it."""
        self.closed.emit()
        if self.store is not None:
            self.writer.put("purge", self.store.purge)
        self.writer.finish(_PATIENCE)

    def leave(self) -> None:
        """The session shows no run any more."""
        self.current = ""
        self.changed.emit()
        self.overlays_changed.emit()

    # -- changing the list -----------------------------------------------------------------------------------

    def put(self, info: RunInfo, on_disk: bool = True) -> None:
        """Takes in another state of a run; ``on_disk`` also writes it."""
        self._infos[info.id] = info
        self._edits += 1
        if on_disk and self.store is not None and not info.is_damaged:
            self.do(("info", info.id), Run(self.store.folder / info.id, info).write_info)
        self.changed.emit()

    def change(self, id: str, **changes: Any) -> None:
        """Changes fields of a run: name, note, star."""
        info = self._infos.get(id)
        if info is not None and info.but(**changes) != info:
            self.put(info.but(**changes))
            if id in self._overlays and "name" in changes:
                old = self._overlays[id]
                self._overlays[id] = Overlay(id, changes["name"], old.colour, old.history)
                self.overlays_changed.emit()

    def delete(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Deletes runs; :meth:`undelete` brings them back until the window closes. Returns those that went: the one
        that is training stays."""
        gone = tuple(id for id in ids if id in self._infos and not self._infos[id].is_running)
        self._undrawn = tuple(id for id in gone if id in self._colours)
        for id in gone:
            self.overlay(id, False)
            del self._infos[id]
            if id == self.current:
                self.current = ""
            if self.store is not None:
                self.do(("delete", id), lambda id=id, store=self.store: store.delete(id))
        if gone:
            self._edits += 1
            self.changed.emit()
        return gone

    def undelete(self, ids: tuple[str, ...]) -> None:
        """Brings back runs that were deleted, into the plots too where they were there."""
        if self.store is not None:
            for id in ids:
                self.do(("delete", id), lambda id=id, store=self.store: store.restore_if_deleted(id))
            self._edits += 1
            self.refresh()
            drawn = [id for id in self._undrawn if id in ids]
            self.do("drawn", lambda: None, lambda _: [self.overlay(id, True) for id in drawn])

    # -- overlays --------------------------------------------------------------------------------------------

    def overlay(self, id: str, on: bool) -> None:
        """Draws a run beside the present one, or no longer."""
        if on and id in self._infos and id not in self._colours:
            self._colours[id] = _lowest_free(self._colours.values())
            self._load_overlay(id)
            self.changed.emit()
        elif not on and id in self._colours:
            del self._colours[id]
            if self._overlays.pop(id, None) is not None:
                self.overlays_changed.emit()
            self.changed.emit()

    def overlay_history(self, id: str, history: RunHistory) -> None:
        """Draws a run whose curves are at hand beside the present one."""
        self._colours.setdefault(id, _lowest_free(self._colours.values()))
        info = self._infos.get(id)
        self._overlays[id] = Overlay(id, info.name if info else id, self._colours[id], history)
        self.overlays_changed.emit()
        self.changed.emit()

    def _load_overlay(self, id: str) -> None:
        if self.store is None:
            return
        run = Run(self.store.folder / id, self._infos[id])
        self.do(("overlay", id), lambda: from_arrays(run.load_curves()),
                lambda history: self.overlay_history(id, history) if id in self._colours else None)

    def curves(self, id: str, then: Callable[[RunHistory], object]) -> None:
        """Reads the curves of a run and hands them to ``then``."""
        if self.store is not None and id in self._infos:
            run = Run(self.store.folder / id, self._infos[id])
            self.do(("curves of", id, object()), lambda: from_arrays(run.load_curves()), then)

    # -- snapshots -------------------------------------------------------------------------------------------

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Keeps a snapshot of the present run on the disk, soon."""
        run = self._current_run()
        if run is not None:
            self.do(("snapshot", run.id, snapshot.step), lambda: run.add_snapshot(snapshot))

    def drop_snapshot(self, step: int) -> None:
        """Forgets a snapshot of the present run."""
        run = self._current_run()
        if run is not None:
            self.do(("snapshot", run.id, step), lambda: run.drop_snapshot(step))

    def snapshot_steps(self, id: str = "") -> tuple[int, ...]:
        """The steps of which a run (the present one) has snapshots on the disk, in order."""
        run = self.run(id or self.current)
        return run.snapshot_steps() if run is not None else ()

    def load_snapshot(self, id: str, step: int) -> Snapshot:
        """Reads a snapshot, at once. Raises :class:`~engine.issues.ChainruleError`."""
        assert self.store is not None, "runs are kept nowhere"
        return self.store.open(id).load_snapshot(step)

    def size_then(self, tell: Callable[[int], object]) -> None:
        """Finds out how many bytes all runs take, and tells it."""
        if self.store is not None:
            self.do(("size", object()), self.store.size, tell)

    def run(self, id: str) -> Run | None:
        """A run on the disk, for reading."""
        info = self._infos.get(id)
        return Run(self.store.folder / id, info) if self.store is not None and info is not None else None

    def _current_run(self) -> Run | None:
        return self.run(self.current) if self.current else None

    # -- the other thread ------------------------------------------------------------------------------------

    @property
    def pending(self) -> bool:
        """Is an answer of the other thread still to come?"""
        return self.writer.is_busy

    def do(self, key: Hashable, work: Callable[[], Any], then: Callable[[Any], object] | None = None) -> None:
        """Has ``work`` done by the thread that knows the disk; ``then`` is given its result here."""
        self.writer.put(key, work, then)

    def _failed(self, key: Hashable, sentence: str) -> None:
        if isinstance(key, tuple) and key[0] == "overlay":
            self.overlay(key[1], False)
        if sentence != self._told:  # a disk that is full says so once, not at every step
            self._told = sentence
            self.message.emit("error", sentence)


def _lowest_free(taken: Any) -> int:
    used = set(taken)
    return next(number for number in range(len(used) + 1) if number not in used)
