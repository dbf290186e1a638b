"""The learning-rate range test: how the loss changes over the rate as it is tried, and a rate to use."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.numbers import count, number
from app.style import theme
from engine.train.commands import Job
from engine.train.range_test import Over, RangeProcess, RangeTest, Suggestion, Tried, smooth, suggest

_LOOK_EVERY = 50
_NOTHING = Tried(np.zeros(0), np.zeros(0), np.zeros(0))


class _Rates(pg.AxisItem):
    """Powers of ten, all written as such."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"1e{round(value)}".replace("-", "−") for value in values]


class RangeTestDialog(QDialog):
    """Tries rates on a copy of ``job``; ``chosen(rate)`` says that the person wants to use one."""

    chosen = Signal(float)

    def __init__(self, job: Job, present: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Learning-rate range test")
        self.resize(640, 460)
        self._test = RangeTest(job)
        self._present = present
        self._process: RangeProcess | None = None
        self._tried = _NOTHING
        self.suggestion: Suggestion | None = None
        self.about = QLabel("A copy of the network takes a few steps at an ever larger learning rate. Each loss is "
                            "shown against what the same batch has with the weights as they are now. The run, if one "
                            "goes on, and the weights are left alone.")
        self.outcome = QLabel()
        for text in (self.about, self.outcome):
            text.setWordWrap(True)
        self.about.setProperty("role", "quiet")
        self.use, self.again, self.leave = QPushButton("Use it"), QPushButton("Try again"), QPushButton("Cancel")
        self.use.setProperty("role", "primary")
        self._make_plot()
        self._lay_out()
        self.use.clicked.connect(self._use)
        self.again.clicked.connect(self.begin)
        self.leave.clicked.connect(self.reject)
        self.finished.connect(self._end)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        self.begin()

    def _make_plot(self) -> None:
        tokens = theme.current()
        self.plot = pg.PlotWidget(background=None, axisItems={"bottom": _Rates("bottom")})
        self.plot.setAccessibleName("Change of the loss over learning rate, drawing")
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.setLogMode(x=True, y=False)
        for side, text in (("bottom", "learning rate"), ("left", "change of the loss")):
            axis = item.getAxis(side)
            axis.setPen(tokens.line)
            axis.setTextPen(tokens.quiet)
            axis.setLabel(text, color=tokens.quiet)
            axis.enableAutoSIPrefix(False)
        self.plot.addItem(pg.InfiniteLine(0.0, 0, pg.mkPen(tokens.line, width=1)), ignoreBounds=True)
        self._raw = item.plot(pen=pg.mkPen(tokens.quiet, width=1))
        self._smooth = item.plot(pen=pg.mkPen(tokens.value, width=1))
        self._now = self._line(tokens.text, "now", 0.85)
        self._suggested = self._line(tokens.accent, "suggested", 0.94)

    def _line(self, colour: str, text: str, height: float) -> pg.InfiniteLine:
        line = pg.InfiniteLine(angle=90, pen=pg.mkPen(colour, width=1), label=text,
                               labelOpts={"color": colour, "position": height})
        line.hide()
        self.plot.addItem(line, ignoreBounds=True)
        return line

    def _lay_out(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 14, 16, 14)
        page.addWidget(self.about)
        page.addWidget(self.plot, 1)
        page.addWidget(self.outcome)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self.leave, self.again, self.use):
            row.addWidget(button)
        page.addLayout(row)

    # -- the test ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Tries all rates from the first on."""
        self._end()
        self._tried = _NOTHING
        self.suggestion = None
        self._process = RangeProcess(self._test)
        self._timer.start()
        self._show()

    def _look(self) -> None:
        if self._process is None:
            return
        problem: str | None = None
        for event in self._process.hear():
            if isinstance(event, Tried):
                self._tried = self._tried.and_more(event)
            elif isinstance(event, Over):
                problem = event.problem
        if self._process.died and problem is None:
            problem = f"The process of the test {self._process.how_it_died()}"
        if problem is not None:
            self._end()
            if not problem:
                self.suggestion = suggest(self._tried, self._test.high)
        self._show(problem or "")

    def _end(self) -> None:
        self._timer.stop()
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _show(self, problem: str = "") -> None:
        rates, changes = self._tried.rates, self._tried.changes
        self._raw.setData(rates, changes)
        smoothed = smooth(changes)
        self._smooth.setData(rates, smoothed)
        if len(smoothed):
            low, high = float(smoothed.min()), float(np.max(smoothed[: max(len(smoothed) // 2, 1)]))
            room = max(high - low, 1e-9)
            self.plot.setYRange(low - 0.15 * room, high + 0.5 * room, padding=0.0)
        self.plot.setXRange(math.log10(self._test.low), math.log10(self._test.high), padding=0.02)
        self._mark(self._now, self._present)
        rate = self.suggestion.rate if self.suggestion else math.nan
        self._mark(self._suggested, rate)
        runs = self._process is not None
        if problem:
            self.outcome.setText(problem)
        elif self.suggestion is not None:
            self.outcome.setText(self.suggestion.sentence)
        else:
            self.outcome.setText(f"{count(len(rates))} of {count(self._test.steps)} rates tried…")
        usable = math.isfinite(rate)
        self.use.setEnabled(usable)
        self.use.setText(f"Use {number(rate, 2)}" if usable else "Use it")
        self.again.setEnabled(not runs)
        self.leave.setText("Cancel" if runs or usable else "Close")

    def _mark(self, line: pg.InfiniteLine, rate: float) -> None:
        line.setVisible(math.isfinite(rate) and rate > 0)
        if line.isVisible():
            line.setValue(math.log10(rate))

    def _use(self) -> None:
        if self.suggestion is not None:
            rate = self.suggestion.rate
            self.accept()
            self.chosen.emit(rate)
