"""Predicted against true, for networks that predict numbers: how close, and where it errs."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QMenu, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.plots import colours
from app.plots.choice import Choice
from app.plots.judged import JudgedPlot
from app.plots.plane import Plane, surrounding
from app.plots.residuals import Fitted, histogram
from app.plots.samples import looked_data
from app.training.session import Session
from engine.train.metrics import SHORT

#: Pixels from a point within which the pointer means it.
_NEAR = 12.0
_MARGIN = 0.06
_ALL = "all"
#: Of so many outputs each can be chosen; of more, all are shown together.
_MOST_CHOICES = 40


class PredictionsPlot(JudgedPlot):
    """A point for each example: across the truth, up what the network predicts. On the line both are equal."""

    id = "predictions"
    title = "Predicted and true"
    short = "Predicted"
    about = "For targets that are numbers: each example's prediction against the truth, R² and residuals"
    promise = (
        "Press Run: for data with a number as target, a point for each example will show what is predicted "
        "against what is true, with R² and the errors."
    )
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._scores = ""
        self.fitted = Fitted(np.zeros((0, 1)), np.zeros((0, 1)))
        self.counts, self.edges = histogram(np.zeros(0))
        self._make_parts()
        self._make_items()
        self._retheme_items()

    def _make_parts(self) -> None:
        self.output = Choice("Output", (("0", "output 1"),), self.header)
        self.output.chosen.connect(lambda _: self.draw_now())
        self.output.hide()
        self.switch = QToolButton(self.header)
        self.switch.setText("Residuals")
        self.switch.setCheckable(True)
        self.switch.setProperty("role", "flat")
        self.switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.switch.setToolTip("How often which error: predicted − true")
        self.switch.toggled.connect(self._switch)
        for widget in (self.output, self.switch):
            self.header.add_choice(widget)
        self.choices.append(self.switch)
        self.points, self.bars = Plane(self.body), Plane(self.body)
        self.points.setAccessibleName("Predicted against true, points")
        self.bars.setAccessibleName("Residuals, histogram")
        self.planes = QStackedLayout()
        self.caption = QLabel(self.body)
        self.caption.setProperty("role", "small")
        self.caption.setContentsMargins(12, 0, 12, 6)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for plane in (self.points, self.bars):
            self.planes.addWidget(plane)
            plane.left_by_pointer.connect(self._say_standing)
        column.addLayout(self.planes, 1)
        column.addWidget(self.caption)
        self.points.hovered.connect(self._point_hovered)
        self.bars.hovered.connect(self._bar_hovered)

    def _make_items(self) -> None:
        self.identity = pg.PlotDataItem()
        self.zero = pg.InfiniteLine(0.0, angle=90)
        self.scatter = pg.ScatterPlotItem(size=6, pxMode=True)
        self.meant = pg.ScatterPlotItem(size=11, pxMode=True)
        self.columns = pg.PlotDataItem(stepMode="center", fillLevel=0.0)
        for item in (self.identity, self.scatter, self.meant):
            self.points.addItem(item)
        for item in (self.columns, self.zero):
            self.bars.addItem(item)

    def _retheme_items(self) -> None:
        for plane in (self.points, self.bars):
            plane.retheme()
        value, ground = colours.token("value"), colours.token("panel")
        line = pg.mkPen(colours.token("quiet"), width=1, style=Qt.PenStyle.DashLine)
        self.identity.setPen(line)
        self.zero.setPen(line)
        self.scatter.setPen(pg.mkPen(ground, width=0.5))
        self.scatter.setBrush(pg.mkBrush(value))
        self.meant.setPen(pg.mkPen(colours.token("strong"), width=1.5))
        self.meant.setBrush(pg.mkBrush(None))
        self.columns.setPen(pg.mkPen(value, width=1))
        self.columns.setFillBrush(pg.mkBrush(colours.mixed(ground, value, 0.45)))

    def retheme(self) -> None:
        self._retheme_items()

    # -- drawing ----------------------------------------------------------------------------------------------

    def unfit(self) -> str:
        data = looked_data(self.session)
        if data is not None and data.class_names:
            return ("Predicted against true needs data whose target is a number. These data have classes: the "
                    "confusion matrix shows which are taken for which.")
        return ""

    def refresh(self) -> None:
        judged = self.judged
        if judged is None:
            return
        self._offer_outputs()
        chosen = None if self.output.current == _ALL else int(self.output.current)
        self.fitted = Fitted.of(judged.targets, judged.outputs, chosen)
        finite = self.fitted.finite()
        true, predicted = finite.true.reshape(-1), finite.predicted.reshape(-1)
        self.scatter.setData(true, predicted)
        self._show_points(np.concatenate([true, predicted]))
        self._show_bars(finite.residuals)
        self._show_scores(finite)
        self._say_standing()

    def _offer_outputs(self) -> None:
        judged = self.judged
        count = int(np.prod(judged.outputs.shape[1:])) if judged else 1
        names = judged.target_names if judged else ()
        named = names if len(names) == count else tuple(f"output {i + 1}" for i in range(count))
        options = {str(i): name for i, name in enumerate(named[:_MOST_CHOICES])}
        if count > 1:
            together = {_ALL: f"all {count} outputs"}
            options = {**together, **options} if count > _MOST_CHOICES else {**options, **together}
        self.output.offer(list(options.items()))
        self.output.setVisible(count > 1)

    def _show_points(self, both: np.ndarray) -> None:
        if len(both):
            ends = [float(both.min()), float(both.max())]
            seen = surrounding(ends, ends, _MARGIN)
            self.points.extend(seen)
            far = 20 * seen.width()
            line = np.array([ends[0] - far, ends[1] + far])
            self.identity.setData(line, line)
        name = self._output_name()
        self.points.name_axes(f"true {name}", f"predicted {name}")

    def _output_name(self) -> str:
        text = self.output.currentText()
        unnamed = text == "output 1" and self.output.isHidden()
        return "" if unnamed or self.output.current == _ALL else text

    def _show_bars(self, residuals: np.ndarray) -> None:
        self.counts, self.edges = histogram(residuals)
        self.columns.setData(self.edges, self.counts)
        top = max(float(self.counts.max()), 1.0)
        seen = surrounding([float(self.edges[0]), float(self.edges[-1])], [0.0, top], 0.0)
        seen.setHeight(top * 1.05)
        self.bars.extend(seen)
        self.bars.name_axes(f"predicted − true {self._output_name()}".rstrip(), "examples")

    def _show_scores(self, finite: Fitted) -> None:
        scores = finite.scores() if len(finite.true) else {}
        parts = [f"{SHORT[key]} {numbers.number(scores[key], 4) if key in scores else '–'}"
                 for key in ("r2", "rmse", "mae")]
        lost = len(self.fitted.true) - len(finite.true)
        parts.append(f"{numbers.count(len(self.fitted.true))} examples")
        if lost:
            parts.append(f"{numbers.count(lost)} without a finite prediction")
        self._scores = " · ".join(parts)
        self.body.setAccessibleDescription(self._scores)
        self.caption.setToolTip("In the units of the data. R² compares with always predicting the mean: 1 is perfect, "
                                "0 no better.")

    def _switch(self, residuals: bool) -> None:
        self.planes.setCurrentWidget(self.bars if residuals else self.points)
        self._say_standing()

    # -- exact values -----------------------------------------------------------------------------------------

    def nearest(self, point: QPointF) -> int:
        """The position of the finite example whose point is meant, −1 for none."""
        finite = self.fitted.finite()
        true, predicted = finite.true.reshape(-1), finite.predicted.reshape(-1)
        if not len(true):
            return -1
        across, up = self.points.view.viewPixelSize()
        distance = np.hypot((true - point.x()) / across, (predicted - point.y()) / up)
        place = int(distance.argmin())
        return place if distance[place] <= _NEAR else -1

    def _point_hovered(self, point: QPointF) -> None:
        place = self.nearest(point)
        if place < 0 or self.judged is None:
            self.meant.setData([], [])
            self._tell(f"true {numbers.number(point.x(), 4)} · predicted {numbers.number(point.y(), 4)}")
            return
        finite = self.fitted.finite()
        true, predicted = float(finite.true.reshape(-1)[place]), float(finite.predicted.reshape(-1)[place])
        row = int(self.judged.rows[self.fitted.is_finite][place // finite.true.shape[1]])
        self.meant.setData([true], [predicted])
        self._tell(f"row {numbers.count(row)}: true {numbers.number(true, 5)}, predicted "
                        f"{numbers.number(predicted, 5)}, error {numbers.number(predicted - true, 4)}")

    def _bar_hovered(self, point: QPointF) -> None:
        place = int(np.searchsorted(self.edges, point.x(), side="right")) - 1
        if not 0 <= place < len(self.counts):
            self._tell("no examples")
            return
        low, high = (numbers.number(float(edge)) for edge in self.edges[place : place + 2])
        self._tell(f"{low} … {high}: {numbers.count(int(self.counts[place]))} examples")

    def _tell(self, words: str) -> None:
        """What is pointed at, where there is room for it also in a narrow plot."""
        self.caption.setText(words)
        self.detail.say(words)

    def _say_standing(self) -> None:
        self.meant.setData([], [])
        self.caption.setText(self._scores)
        self.say_part("residuals" if self.switch.isChecked() else "")

    def fill_menu(self, menu: QMenu) -> None:
        action = menu.addAction("Residuals")
        action.setCheckable(True)
        action.setChecked(self.switch.isChecked())
        action.toggled.connect(self.switch.setChecked)
        back = menu.addAction("Back to all")
        plane = self.planes.currentWidget()
        if isinstance(plane, Plane):
            back.setEnabled(not plane.following)
            back.triggered.connect(plane.follow)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        rows = self.judged.rows if self.judged else np.zeros(0, np.int64)
        names, columns = ["row"], [rows]
        for i in range(self.fitted.true.shape[1]):
            suffix = f" {i + 1}" if self.fitted.true.shape[1] > 1 else ""
            true, predicted = self.fitted.true[:, i], self.fitted.predicted[:, i]
            names += [f"true{suffix}", f"predicted{suffix}", f"predicted − true{suffix}"]
            columns += [true, predicted, predicted - true]
        return names, columns
