"""Which runs the sweep's plot draws: those of a sweep, or those a person has chosen in the list of runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.runs.runs import Runs
from app.sweep.sweep import Sweep
from app.training.session import Session
from engine.runs import RunInfo


class ShownRuns(QObject):
    """One for each session: :meth:`of`. Where nothing was chosen, the newest sweep of the project is shown."""

    changed = Signal()
    picked = Signal(str)  # a run is to be selected in the list
    wanted = Signal()  # the plot is to be seen

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session, self._runs = session, Runs.of(session)
        self._group = ""
        #: The runs that were chosen one by one; () where a sweep is shown.
        self.ids: tuple[str, ...] = ()
        self._runs.changed.connect(self.changed)
        session.document.opened.connect(self._forget)
        sweep = Sweep.of(session)
        sweep.started.connect(lambda: self.show_group(sweep.title))

    @classmethod
    def of(cls, session: Session) -> ShownRuns:
        """The one that belongs to a session."""
        return session.findChild(cls) or cls(session)

    @property
    def groups(self) -> tuple[str, ...]:
        """The sweeps of the project, the newest first."""
        project = self._session.document.project_id
        found = (info.group for info in self._runs.infos if info.group and info.project == project)
        return tuple(dict.fromkeys(found))

    @property
    def group(self) -> str:
        """The sweep that is shown; "" where none is."""
        return "" if self.ids else self._group or next(iter(self.groups), "")

    @property
    def infos(self) -> tuple[RunInfo, ...]:
        """The runs that are drawn, the oldest first."""
        if self.ids:
            found = [self._runs.info(id) for id in self.ids]
            return tuple(info for info in found if info is not None and not info.is_damaged)
        group, project = self.group, self._session.document.project_id
        shown = [info for info in self._runs.infos if group and info.group == group and info.project == project]
        return tuple(reversed(shown))

    def show_group(self, group: str) -> None:
        """Shows a sweep of the project."""
        self._group, self.ids = group, ()
        self.changed.emit()

    def show_runs(self, ids: tuple[str, ...]) -> None:
        """Shows these runs, and has the plot seen."""
        self.ids = ids
        self.changed.emit()
        self.wanted.emit()

    def _forget(self) -> None:
        self._group, self.ids = "", ()
        self.changed.emit()
