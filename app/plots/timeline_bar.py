"""The bar below the plots: a slider over the run's steps, what is looked at, and the way back to now or to a branch."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolTip, QWidget

from app.actions import Actions
from app.numbers import count, number
from app.plots.timeline_track import Track
from app.seldom import Seldom
from app.style.icons import ThemedIcon
from app.training.session import Session

_EMPTY = "Timeline: while the network trains, snapshots of it appear here; drag to look back, and continue from any."
_TOLD = "step {} of {} — looking back · weights of {}"
_BACK = "step {} of {} — its weights are back; Run goes on here"
_BRANCH = "step {} — Run begins a branch here"
#: Share of the bar that this may take.
_MOST_ROOM = 0.35


class TimelineBar(QWidget):
    """Follows a session and moves the step it looks at. Its methods are what menu entries and shortcuts call."""

    def __init__(self, session: Session, actions: Actions | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._actions = actions
        self.track = Track(self)
        self.status = QLabel(self)
        self.back = QPushButton("Back to now", self)
        self.back.setToolTip("Show the run as it is now, and follow it (End)")
        self.branch = QPushButton("Continue from here", self)
        self.branch.setToolTip("Go back to this snapshot: the next Run begins a branch there, with the network and the "
                               "settings as they are then.\nThe present run is kept as it is.")
        self._icon = ThemedIcon(self.branch, "mdi6.source-branch")
        for button in (self.back, self.branch):
            button.setProperty("role", "flat")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.track.asked.connect(self._look)
        self.track.installEventFilter(self)
        self.back.clicked.connect(self.now)
        self.branch.clicked.connect(self.continue_from_here)
        session.updated.connect(Seldom(self, self.show_run, every=140).ask)
        for changed in (session.cursor_changed, session.started, session.snapshot_kept,
                        session.branching, session.state_changed):
            changed.connect(self.show_run)
        self.show_run()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(8)
        row.addWidget(self.track, 1)
        row.addWidget(self.status)
        row.addWidget(self.back)
        row.addWidget(self.branch)

    # -- what a person can ask -------------------------------------------------------------------------------

    def now(self) -> None:
        """Shows the run as it is now."""
        self.session.look_at(None)

    def earlier(self) -> None:
        """Looks at the snapshot before."""
        self.session.look_at(self.track.neighbour(-1))

    def later(self) -> None:
        """Looks at the snapshot after; after the last one, at now."""
        self._look(self.track.neighbour(1))

    def best(self) -> None:
        """Looks at the snapshot that was evaluated best."""
        if self.session.timeline.best is not None:
            self.session.look_at(self.session.timeline.best)

    def continue_from_here(self) -> None:
        """Goes back to the snapshot that is looked at, to begin a branch there."""
        self.session.continue_from()

    def _look(self, step: int | None) -> None:
        """Looks at a step, at None for the newest: that is not now where older weights were brought back."""
        newest = self.session.history.progress.step
        self.session.look_at(newest if step is None and self.session.standing is not None else step)

    # -- keeping up ------------------------------------------------------------------------------------------

    def show_run(self, _: object = None) -> None:
        """Shows where the run stands and what is looked at."""
        session = self.session
        self.track.show_run(session.timeline, session.history.progress.step, session.cursor)
        looking_back = session.cursor is not None
        self._enable(session.cursor != session.standing, looking_back, len(session.timeline) > 0)
        text = self._looking_back() if looking_back else self._standing()
        role = "accent" if looking_back or session.waits_to_branch else "quiet"
        if self.status.property("role") != role:
            self.status.setProperty("role", role)
            self.status.style().polish(self.status)
        if self.status.text() != text:
            self._make_room()
            self.status.setText(text)
            self.status.setToolTip(text)
            self.track.setAccessibleDescription(text)

    def _make_room(self) -> None:
        """Room for what may have to be said, so that the track stays as it is while it is dragged."""
        shown = len(self.session.timeline) > 0
        newest = (count(self.session.history.progress.step),) * 3
        told = [form.format(*newest) for form in (_TOLD, _BACK)] if shown else [_EMPTY]
        room = max(map(self.status.fontMetrics().horizontalAdvance, told)) + 8
        room = min(room, round(self.width() * (_MOST_ROOM if shown else 0.55)))
        # Of a fixed size both ways, a new text has nothing laid out anew.
        self.status.setFixedSize(room, self.status.fontMetrics().height() + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _enable(self, away: bool, looking_back: bool, some: bool) -> None:
        """``away``: what is looked at is not what is in force."""
        self.back.setEnabled(away)
        self.branch.setEnabled(looking_back and some)
        if self._actions is not None:
            self._actions.enable({
                "look_earlier": some, "look_later": looking_back, "look_best": some, "look_now": away,
                "continue_from_here": looking_back and some,
            })

    def _looking_back(self) -> str:
        session = self.session
        steps = tuple(map(count, (session.viewed_step, session.history.progress.step, session.weights_step)))
        if session.cursor == session.standing:
            return _BACK.format(*steps)
        text = _TOLD.format(*steps)
        return text if session.weights_step != session.viewed_step else text.partition(" · ")[0]

    def _standing(self) -> str:
        kept = len(self.session.timeline)
        if self.session.waits_to_branch:
            return _BRANCH.format(count(self.session.viewed_step))
        if self.session.weights_of is not None:
            return f"now · weights of step {count(self.session.weights_of)}, the best"
        return f"now · {count(kept)} snapshot{'s' if kept != 1 else ''}" if kept else _EMPTY

    # -- the marks -------------------------------------------------------------------------------------------

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """What lies under the pointer, as a tooltip of the track."""
        if watched is self.track and event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.told_at(event.pos().x()), self.track)
            return True
        return super().eventFilter(watched, event)

    def told_at(self, x: float) -> str:
        """What the track means at a place, in pixels from its left."""
        timeline, step = self.session.timeline, self.track.step_at(x)
        if not len(timeline):
            return ""
        if step is None:
            return "Now"
        snapshot = timeline.at(step)
        lines = [f"Step {count(step)}"]
        if snapshot is not None and snapshot.step != step:
            lines.append(f"Snapshot of step {count(snapshot.step)}")
        elif snapshot is not None:
            lines[0] += ", a snapshot"
            loss = timeline.loss_at(step)
            if not math.isnan(loss):
                best = ": the best so far" if step == timeline.best else ""
                lines.append(f"Loss when evaluated {number(loss)}{best}")
        if step in timeline.branches:
            lines.append("A branch begins here")
        return "\n".join(lines)
