"""How a run is driven besides run, pause and stop: by epochs, until something is so, in slow motion."""

from __future__ import annotations

import json
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from app.actions import Actions
from app.dialogs.range_test import RangeTestDialog
from app.numbers import exact
from app.panels.control_until import UntilDialog
from app.panels.run_queue import QueuePanel
from app.runs.queue import RunQueue
from app.settings import Settings
from app.training.branching import any_fits
from app.training.live import why_not_train
from app.training.session import Session
from engine.params import ParameterError
from engine.train.advice_fixes import apply_to_training, set_training
from engine.train.commands import Job
from engine.train.conditions import Condition, LossBelow
from engine.train.config import TrainingConfig

#: Action → steps a second; 0 is as fast as it goes.
SPEEDS = {"speed_full": 0.0, "speed_100": 100.0, "speed_30": 30.0, "speed_10": 10.0, "speed_3": 3.0, "speed_1": 1.0}
_KEY = "train/until"


class Control(QObject):
    """What the actions of the Train menu call."""

    speed_changed = Signal()

    def __init__(self, session: Session, settings: Settings, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._actions, self._window = session, settings, actions, window
        self.speed = "speed_full"
        self.queue = RunQueue(session, self)
        self.queue.message.connect(session.message)
        self.queue_panel = QueuePanel(self.queue)
        group = QActionGroup(self)
        for name in SPEEDS:
            group.addAction(actions[name])
            setattr(self, name, partial(self.set_speed, name))
        actions["speed_full"].setChecked(True)

    # -- steps ------------------------------------------------------------------------------------------------

    def step_ten(self) -> None:
        """Ten steps, then a pause."""
        self._session.step(10)

    def step_epoch(self) -> None:
        """To the end of the epoch, then a pause."""
        self._session.step(epochs=1)

    # -- until ------------------------------------------------------------------------------------------------

    @property
    def condition(self) -> Condition:
        """What was waited for last."""
        try:
            stored = json.loads(self._settings.text(_KEY) or "{}")
            return Condition.from_dict(stored) if isinstance(stored, dict) and stored else LossBelow()
        except (ValueError, ParameterError):
            return LossBelow()

    def ask_until(self) -> None:
        """Opens the dialog in which the person says when the run is to pause."""
        dialog = UntilDialog(self.condition, self._session.history.progress, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.run_until)
        dialog.open()

    def run_until(self, condition: Condition) -> None:
        """Runs until that is so, and remembers it."""
        self._settings.set_text(_KEY, json.dumps(condition.to_dict()))
        self._session.run_until(condition.to_dict())

    # -- range test -------------------------------------------------------------------------------------------

    def ask_rate(self) -> None:
        """Opens the range test for the network, the data and the settings as they are."""
        document = self._session.document
        problem = why_not_train(document)
        if problem:
            self._session.message.emit("error", problem)
            return
        weights = document.weights if any_fits(document.report, document.weights or {}) else None
        job = Job(document.graph, document.source, document.training, weights or {}, report=document.report)
        rate = TrainingConfig.of(document.training).build_optimizer().learning_rate
        dialog = RangeTestDialog(job, rate, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._use_rate)
        dialog.open()

    def _use_rate(self, rate: float) -> None:
        document = self._session.document
        fix = set_training(f"Set the learning rate to {exact(rate)}", "optimizer.learning_rate", rate)
        document.commit_training(apply_to_training(document.training, fix), fix.title)

    # -- speed ------------------------------------------------------------------------------------------------

    def set_speed(self, name: str) -> None:
        """One of ``SPEEDS``."""
        self._actions[name].setChecked(True)
        self.speed = name
        self._session.slow_down(SPEEDS[name])
        self.speed_changed.emit()


def speed_menu_actions(actions: Actions) -> list[QAction]:
    """The speeds, fastest first."""
    return [actions[name] for name in SPEEDS]
