"""The top bar: run controls, progress, what is trained on and how, export."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.actions import Actions
from app.document import Document
from app.numbers import count, duration, exact, number
from app.panels.steady import Steady
from app.panels.widgets import label
from app.seldom import Seldom
from app.style import theme
from app.style.icons import ThemedIcon
from app.training.session import FAILED, FINISHED, HALTED, IDLE, PAUSED, STARTING, Session
from app.window.control import SPEEDS, Control, speed_menu_actions
from app.window.room import Room
from engine.train.config import TrainingConfig

_PROGRESS_STEPS = 1000
_STEPS = ("step", "step_ten", "step_epoch", "run_until")
_MENU_ICONS = {"Other steps": "mdi6.chevron-down", "Speed of training": "mdi6.speedometer"}
#: What is shortened where the window is narrow, the least important first: the speed in steps, how many examples, the
#: batch, the rate, the end of a long name, the time left.
_LEAVES_FIRST = (("rate", 1), ("data", 1), ("optimizer", 1), ("optimizer", 2), ("data", 2), ("rate", 2))
_LONGEST_NAME = 110
_ASKED_WORDS = {"pause": "pausing…", "stop": "stopping…", "run": "runs once the weights are here"}
_STATE_WORDS = {STARTING: "starting…", PAUSED: "paused", HALTED: "stopped", FINISHED: "finished",
                FAILED: "stopped: an error"}


class ActionButton(QPushButton):
    """A button that is an action: same text, icon, tip and state."""

    def __init__(self, action: QAction, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.action = action
        self._text = text
        #: Takes the focus where the action becomes impossible; Qt would give it to whatever comes next.
        self.instead: QWidget | None = None
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        text = self._text or self.action.text().rstrip("…")
        self.setText(text)
        self.setIcon(self.action.icon())
        if self.instead is not None and self.hasFocus() and not self.action.isEnabled():
            self.instead.setFocus(Qt.FocusReason.TabFocusReason)
        self.setEnabled(self.action.isEnabled())
        self.setToolTip(self.action.toolTip())
        self.setAccessibleName(text)


class TopBar(QWidget):
    """Shows the session's progress; ``show_tab(name)`` asks for a tab on the right."""

    show_tab = Signal(str)

    def __init__(
        self, document: Document, session: Session, actions: Actions, control: Control, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._control = document, session, control
        self.brand = label(role="brand", wrap=False)
        self.run = ActionButton(actions["run"])
        self.run.setProperty("role", "primary")
        self.run.setMinimumWidth(88)
        self.buttons = [self.run, *(ActionButton(actions[name]) for name in ("step", "stop", "reset"))]
        for button in self.buttons[1:]:
            button.instead = self.run
        self.more_steps = _menu_button("Other steps", [actions[name] for name in _STEPS])
        self.speed = _menu_button("Speed of training", speed_menu_actions(actions))
        self._handed = 0.0
        self.epoch, self.steps = _Pair("epoch", 52), _Pair("step", 62)
        self.bar = QProgressBar()
        self.bar.setRange(0, _PROGRESS_STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(7)
        self.bar.setMinimumWidth(70)
        self.bar.setMaximumWidth(170)
        self.bar.setAccessibleName("Progress of the run")
        self.rate = Steady(label(role="quiet", wrap=False))
        self.data, self.optimizer = _chip("Data"), _chip("Training settings")
        self.data.clicked.connect(lambda: self.show_tab.emit("data"))
        self.optimizer.clicked.connect(lambda: self.show_tab.emit("training"))
        self.export = ActionButton(actions["export"], "Export")
        self._room = Room(self, [(getattr(self, name), form) for name, form in _LEAVES_FIRST])
        self._lay_out()
        document.setup_changed.connect(self._show_setup)
        session.updated.connect(Seldom(self, self.show_progress, every=80).ask)
        session.state_changed.connect(self.show_progress)
        session.started.connect(self.show_progress)
        session.asked_changed.connect(self.show_progress)
        session.handing.connect(self._show_handed)
        session.cursor_changed.connect(self.show_progress)
        session.branching.connect(self.show_progress)
        control.speed_changed.connect(self._show_speed)
        theme.signals.changed.connect(self._show_brand)
        theme.signals.changed.connect(self.show_progress)
        self._show_brand()
        self._show_setup()
        self.show_progress()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.brand)
        row.addSpacing(12)
        for button in self.buttons:
            row.addWidget(button)
            if button.action.objectName() == "action_step":
                row.addSpacing(-6)
                row.addWidget(self.more_steps)
        row.addWidget(self.speed)
        self._show_speed()
        line = QFrame()
        line.setProperty("role", "line")
        line.setFixedSize(1, 28)
        row.addSpacing(4)
        row.addWidget(line)
        row.addSpacing(4)
        row.addWidget(self.epoch)
        row.addWidget(self.steps)
        row.addWidget(self.bar, 3)
        row.addWidget(self.rate, 1)
        for button in (self.data, self.optimizer, self.export):
            row.addWidget(button)

    def _show_brand(self) -> None:
        self.brand.setText(f"chain<span style='color:{theme.current().accent}'>rule</span>")

    def _show_setup(self) -> None:
        signature, training = self._document.signature, self._document.training
        if signature is not None:
            name = signature.name or "Data"
            short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME)
            self._room.set_forms(self.data, f"{name} · {count(signature.train_rows)} examples", name, short, tip="Data")
        else:
            words = "Data cannot be read" if self._document.source_problem else "Choose data"
            self._room.set_forms(self.data, words, tip="Data")
        values = {**TrainingConfig.defaults(), **training}
        optimizer = values["optimizer"] if isinstance(values["optimizer"], dict) else {}
        kind = TrainingConfig.parameters["optimizer"].family.kinds.get(optimizer.get("kind"))
        if kind is None:
            self._room.set_forms(self.optimizer, "Training settings", tip="Training settings")
            return
        rate = optimizer.get("learning_rate", kind.defaults().get("learning_rate"))
        shown = number(rate) if isinstance(rate, float) else str(rate)
        rows = {"full": "full batch", "online": "one at a time"}.get(
            values["batching"], f"batch {values['batch_size']}")
        self._room.set_forms(self.optimizer, f"{kind.title} · {shown} · {rows}", f"{kind.title} · {shown}", kind.title,
                             tip="Training settings")

    def _show_speed(self) -> None:
        """The speed in short, "" where it is not held down."""
        slow = SPEEDS[self._control.speed]
        self.speed.setText(f"{exact(slow)}/s" if slow else "")
        style = Qt.ToolButtonStyle
        self.speed.setToolButtonStyle(style.ToolButtonTextBesideIcon if slow else style.ToolButtonIconOnly)

    def show_progress(self, _: object = None) -> None:
        """Where the run stands, and which step is seen where that is another."""
        session, progress = self._session, self._session.history.progress
        past = session.cursor is not None
        self.epoch.set_value(count(session.history.epoch_at(session.cursor)),
                             f"/{count(progress.epochs)}" if progress.epochs else "", past)
        self.steps.set_value(count(session.viewed_step), f"/{count(progress.step)}" if past else "", past)
        self.bar.setValue(round(progress.fraction * _PROGRESS_STEPS))
        self.bar.setAccessibleDescription(f"{progress.fraction:.0%}")
        asked = _ASKED_WORDS.get(self._session.asked)
        self._room.set_forms(self.rate, *([asked] if asked else _rate_forms(session, self._handed)))
        self._room.fit()

    def _show_handed(self, share: float) -> None:
        """How much of a large network has come since the run rests."""
        self._handed = share
        if self._session.state in (PAUSED, HALTED):
            self.show_progress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._room.fit()

    def minimumSizeHint(self) -> QSize:
        """What does not fit is shortened; a bar that asked for its whole width would leave the window instead."""
        return QSize(0, super().minimumSizeHint().height())


def _rate_forms(session: Session, handed: float) -> list[str]:
    """Time left and speed, time left, nothing; where nothing runs, a word on the state, and how much has been
    ``handed`` over of a large network."""
    progress = session.history.progress
    if session.state == IDLE:
        if session.waits_to_branch:
            return ["branch: press Run"]
        return ["brought back" if session.standing is not None else "stopped" if progress.step else "ready"]
    if session.state in _STATE_WORDS:
        word = _STATE_WORDS[session.state]
        return [f"{word} · fetching weights {handed:.0%}", f"{word} · weights {handed:.0%}", word] if handed else [word]
    speed = f"{number(progress.steps_per_second)} steps/s" if progress.steps_per_second else ""
    left = f"{duration(progress.seconds_left)} left" if math.isfinite(progress.seconds_left) else ""
    return [" · ".join(part for part in (left, speed) if part), left, ""]


class _Pair(QWidget):
    """A quiet word and a strong number beside it, in a width that does not jump."""

    def __init__(self, word: str, width: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        value = QLabel()
        value.setTextFormat(Qt.TextFormat.RichText)
        self.value = Steady(value, width)
        self._word = word
        row.addWidget(label(word, "quiet", wrap=False))
        row.addWidget(self.value)

    def set_value(self, value: str, of: str = "", past: bool = False) -> None:
        """``past`` gives it the colour of what is looked back at."""
        tokens = theme.current()
        quiet = f"<span style='color:{tokens.quiet}'> {of}</span>" if of else ""
        self.value.setText(f"<b style='color:{tokens.accent if past else tokens.strong}'>{value}</b>{quiet}")
        self.value.label.setAccessibleName(f"{self._word} {value}{of}")


def _menu_button(name: str, actions: list[QAction]) -> QToolButton:
    """A button that opens a menu of these actions."""
    button = QToolButton()
    menu = QMenu(button)
    menu.addActions(actions)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setProperty("role", "menu")
    ThemedIcon(button, _MENU_ICONS[name])
    return button


def _chip(name: str) -> QPushButton:
    chip = QPushButton()
    chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    chip.setAccessibleDescription(name)
    chip.setToolTip(name)
    return chip
