"""The learning rate over steps, as the optimizer used it, and as it is planned to the end of the run."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.document import Document
from app.plots import colours
from app.plots.curves import CurvePlot
from app.plots.extent import Extent
from app.plots.series import TRAINING, Series
from app.recorded.history import LEARNING_RATE
from app.training.planned_rate import planned_rate
from app.training.session import Session

_POINTS = 1000


class LearningRatePlot(CurvePlot):
    """What the schedule and the person made of the learning rate; dashed, the whole plan; a dot where the run is."""

    id = "learning_rate"
    title = "Learning rate"
    about = "The learning rate as used, and as planned to the end"
    remark = "used · dashed: planned"
    promise = "Press Run: the learning rate of each step will appear here, with its schedule to the end of the run."
    limits = (0.0, math.inf)
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.plan = self.ink.line(0)
        self._ring, self.position = self.ink.line(5, dot=10.0), self.ink.line(6, dot=8.0)
        document.setup_changed.connect(self._grow)
        self.retheme()

    def series(self) -> list[Series]:
        return [Series("learning_rate", "learning rate", "value", TRAINING, LEARNING_RATE)]

    def has_data(self) -> bool:
        return self.history.training.count > 0

    def show_all_steps(self) -> None:
        super().show_all_steps()
        if self.frame.following:  # the whole plan, not only what is done of it
            end = max(float(self.history.progress.total_steps), self.last_step_beside())
            self.frame.show_steps(float(self.history.steps[:1].min(initial=1)), end, end)

    def planned(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and rates of the settings as they are now; empty where they say nothing."""
        started = self.history.started
        found = planned_rate(self.document.training, started.steps_per_epoch, _POINTS) if started else None
        if found is None:
            return np.zeros(0, np.int64), np.zeros(0)
        # A finished run that goes on begins its schedule anew where it was.
        origin = max(started.total_steps - int(found[0][-1]), 0)
        return found[0] + origin, found[1]

    def draw_beside(self, extent: Extent) -> None:
        steps, rates = self.planned()
        kept = self.drawable(rates)
        self.plan.show(steps, kept)
        self.note(extent, steps, kept)
        if not self.frame.is_log:
            extent.all.include(np.zeros(1))
        step = self.session.viewed_step
        rate = self.history.learning_rate[self.history.training.row_at(step)]
        for line in (self._ring, self.position):
            line.show(np.array([step]), self.drawable(np.array([rate])), dotted=True)

    def retheme(self) -> None:
        super().retheme()
        self.plan.dress(pg.mkPen(colours.token("quiet"), width=1, style=Qt.PenStyle.DashLine))
        self._ring.dress(pg.mkPen(None), colours.token("panel"))
        self.position.dress(pg.mkPen(None), colours.token("value"))

    def _cursor_moved(self) -> None:
        super()._cursor_moved()
        self._grow()
