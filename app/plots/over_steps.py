"""What every plot over steps has: the shared crosshair, the line at the step looked at, zoom, holding the view."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.plots.base import Plot
from app.plots.frame import Frame
from app.plots.notches import Notches
from app.plots.pointer import Pointer
from app.recorded.columns import Columns
from app.recorded.marks import notches
from app.style.icons import ThemedIcon
from app.training.session import Session

_MARGIN = 12


class StepsPlot(Plot):
    """A plot whose horizontal axis is steps. A subclass draws in :meth:`Plot.refresh` and tells what is where."""

    log: ClassVar[bool] = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.hovered = math.nan
        self._name = ""
        self._pointer = Pointer.of(session)
        self._pointer.moved.connect(self._pointer_elsewhere)
        self.frame = self.make_frame()
        self.frame.setAccessibleName(f"{self.title}, drawing")
        self.notches = Notches(self.frame.view)
        #: Above the frame: what the person chooses among; away while it is empty.
        self.choosers = QHBoxLayout()
        self.choosers.setContentsMargins(_MARGIN, 2, _MARGIN, 0)
        self.choosers.setSpacing(6)
        self.across = QHBoxLayout()
        self.across.addWidget(self.frame, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.choosers)
        column.addLayout(self.across, 1)
        self.holder = self.header.add_button(f"Hold the view of {self.title}", "")
        self.holder.setCheckable(True)
        self.holder.clicked.connect(self._hold_or_follow)
        self._pin = ThemedIcon(self.holder, "mdi6.pin-outline", "quiet")
        self._show_holding()
        self.frame.set_log(self.log)
        self.frame.zoomed.connect(self._view_changed)
        self.frame.followed.connect(self._view_changed)
        self.frame.hovered.connect(self._hover)
        self.frame.left_by_pointer.connect(self._leave)
        self.frame.clicked.connect(self._click)
        self.frame.resized.connect(self._grow)
        self.frame.picked.connect(self._look_at)
        self.frame.climbed.connect(self.climb)

    # -- what a plot fills in ---------------------------------------------------------------------------------

    def make_frame(self) -> Frame:
        """The drawing area."""
        return Frame(self.body)

    def table_of_steps(self) -> Columns:
        """The table whose steps can be told exactly."""
        return self.history.training

    def recorded_step(self, step: float) -> int | None:
        """The step nearest to ``step`` whose numbers are there; None where there are none."""
        table = self.table_of_steps()
        row = table.row_at(step)
        return int(table.steps[row]) if row >= 0 else None

    def show_values(self) -> None:
        """Tells the numbers at :attr:`told_step`, where there is a place for them."""

    def name_at(self, point: QPointF) -> str:
        """What a point of the view means ("output · W"), "" for nothing in particular."""
        return ""

    def node_at(self, point: QPointF) -> str:
        """The layer of the run that a point of the view means, "" for none."""
        return ""

    def standing_remark(self) -> str:
        """What stands in the header while nothing is hovered."""
        return " · ".join(part for part in (self.remark, "log" if self.frame.is_log else "") if part)

    def value_remark(self) -> str:
        """What is told of the point that is hovered, after its name and step; "" where a legend does."""
        return ""

    def spoken(self) -> str:
        """What the keys' crosshair is at, in words."""
        return self.detail.text()

    # -- the step that is told --------------------------------------------------------------------------------

    @property
    def told_step(self) -> float:
        """The step whose numbers are shown: the one hovered, else the one looked at; NaN for the newest."""
        if not math.isnan(self.hovered) or self.session.cursor is None:
            return self.hovered
        return float(self.session.cursor)

    def show_all_steps(self) -> None:
        """Shows the whole run while it is followed; the same steps in every plot."""
        history, frame = self.history, self.frame
        if frame.following:
            found = (history.steps[:1], history.steps[-1:], history.evaluations.steps[-1:], history.activity.steps[-1:])
            steps = np.concatenate(found)
            last = max(float(steps.max()), self.last_step_beside())
            frame.show_steps(float(steps.min()), last, max(float(history.progress.total_steps), last))
        frame.marker.show_step(self.session.cursor)
        self.notches.show(notches(history, self.session.job.training if self.session.job else None))

    def last_step_beside(self) -> float:
        """The last step of the runs that are drawn beside this one; 0 for none."""
        return 0.0

    def tell(self) -> None:
        """Shows numbers and remark of the step that is told."""
        self.show_values()
        at = self.recorded_step(self.hovered) if not math.isnan(self.hovered) else None
        if at is None:
            self.detail.say(self.standing_remark())
            return
        step = f"step {numbers.count(at)}"
        self.detail.say(" · ".join(part for part in (self._name, step, self.value_remark()) if part))

    def _hover(self, point: QPointF) -> None:
        self.hovered = point.x()
        self._name = self.name_at(point)
        self.tell()
        if self.frame.by_keys:
            self.frame.setAccessibleDescription(self.spoken())
        self._pointer.move(self, point.x())

    def _leave(self) -> None:
        self.hovered = math.nan
        self._name = ""
        self.tell()
        self._pointer.leave(self)

    def _pointer_elsewhere(self, plot: object) -> None:
        """The pointer is over another plot: the crosshair of this one follows, in its turn."""
        if plot is not self and self.is_seen:
            self._turns.ask(self.frame, self._follow_pointer)

    def _follow_pointer(self) -> None:
        self.hovered = self._pointer.step
        self._name = ""
        self.frame.show_crosshair(self.hovered)
        self.tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._turns.leave(self.frame)

    def climb(self, point: QPointF, up: int) -> None:
        """An arrow key asks for what lies above (1) or below (−1) the crosshair."""
        self.frame.point_at(self.frame.moved(point, 0, up, Qt.KeyboardModifier.NoModifier), by_keys=True)

    # -- time travel ------------------------------------------------------------------------------------------

    def _cursor_moved(self) -> None:
        self.frame.marker.show_step(self.session.cursor)
        if self.is_seen and self.has_data():
            self.tell()

    def _look_at(self, step: int) -> None:
        """The person asks for a step: one that is there, the newest being now."""
        newest = self.history.progress.step
        first = int(self.history.steps[0]) - 1 if self.history.training.count else 0
        self.session.look_at(None if step >= newest else max(step, first, 0))

    # -- what the person chooses ------------------------------------------------------------------------------

    def _click(self, point: QPointF) -> None:
        node = self.node_at(point)
        if node:
            self.node_clicked.emit(self.drawn_node(node))

    def _hold_or_follow(self, held: bool) -> None:
        if held:
            self.frame.hold()
        else:
            self.frame.follow()

    def _view_changed(self) -> None:
        self._show_holding()
        self.draw_now()

    def _show_holding(self) -> None:
        held = not self.frame.following
        self.holder.setChecked(held)
        self._pin.change("mdi6.pin" if held else "mdi6.pin-outline", "accent" if held else "quiet")
        self.holder.setToolTip("Held where it is; click to follow the run" if held else
                               "Follows the run; click to hold the view where it is")

    def set_log(self, on: bool) -> None:
        """A logarithmic or a linear vertical axis."""
        self.frame.set_log(on)
        self.tell()
        self.frame.follow()

    def fill_menu(self, menu: QMenu) -> None:
        self.fill_scale(menu)
        back = menu.addAction("Back to all")
        back.setEnabled(not self.frame.following)
        back.triggered.connect(self.frame.follow)
        before = menu.addAction("Back to the view before")
        before.setEnabled(not self.frame.following)
        before.triggered.connect(self.frame.go_back)

    def fill_scale(self, menu: QMenu) -> None:
        """Adds the choice between logarithmic and linear."""
        scale = menu.addAction("Logarithmic axis")
        scale.setCheckable(True)
        scale.setChecked(self.frame.is_log)
        scale.toggled.connect(self.set_log)

    def retheme(self) -> None:
        self.frame.retheme()
        self.notches.retheme()
