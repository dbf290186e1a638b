"""The samples themselves, each with the network's answer, the worst first."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedLayout,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import numbers
from app.document import Document
from app.plots.choice import Choice
from app.plots.gallery_card import SampleCard
from app.plots.gallery_model import FIXED, LOSS, ROW, SURE, TOLD, TRUE, SampleModel
from app.plots.gallery_pick import KEPT, ORDERS, UNSURE, Pick, pick
from app.plots.gallery_samples import SampleReader
from app.plots.gallery_tiles import Tiles
from app.plots.judged import JudgedPlot
from app.plots.samples import Samples, looked_data
from app.training.session import Session
from engine.look.questions import Answer

_ROW_HEIGHT = 22
_WIDTHS = {ROW: 52, TRUE: 78, TOLD: 88, SURE: 68, LOSS: 76}
#: In a narrower plot the card gives its room to the samples; their tooltips then say the same.
_ROOM_FOR_CARD = 420


class GalleryPlot(JudgedPlot):
    """Pictures as tiles, anything else as rows of a table."""

    id = "gallery"
    title = "Sample gallery"
    short = "Samples"
    about = "The examples themselves with the network's answers, worst first; filtered, and closely"
    promise = (
        "Press Run: the examples will appear with what the network answers, the worst first: pictures as tiles, "
        "everything else as rows."
    )
    shown = False

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.reader: SampleReader | None = None
        self.cell: tuple[int, int] | None = None
        self._cell_class_names: tuple[str, ...] = ()
        self._closely = -1  # the row of the data that the card shows
        self.samples = Samples.of(session)
        self.samples.cell_asked.connect(self.show_cell)
        self.model = SampleModel(self)
        self.tiles = Tiles(self.model, self.body)
        self.rows = _table(self.model, self.body)
        self.card = SampleCard(self.body)
        self._make_bar()
        self.views = QStackedLayout()
        for view in (self.tiles, self.rows):
            self.views.addWidget(view)
            view.entered.connect(self._enter)
            view.viewportEntered.connect(self._show_chosen)
            view.doubleClicked.connect(self._ask_closely)
            view.activated.connect(self._ask_closely)
            view.selectionModel().selectionChanged.connect(self._selected)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addLayout(self.views, 1)
        middle.addWidget(self.card)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addLayout(middle, 1)

    def _make_bar(self) -> None:
        """What is shown, in which order, and how many that are."""
        self.bar = QWidget(self.body)
        self.order = Choice("Order of the samples", tuple(ORDERS.items()), self.bar)
        self.kept = Choice("Which samples", tuple(KEPT.items()), self.bar)
        self.chip = QToolButton(self.bar)
        self.chip.setProperty("role", "tiny")
        self.chip.setAccessibleName("Show all samples again")
        self.chip.setToolTip("From the confusion matrix. Press to show all samples again.")
        self.chip.clicked.connect(self.clear_cell)
        self.chip.hide()
        self.count = QLabel(self.bar)
        self.count.setProperty("role", "small")
        for choice in (self.order, self.kept):
            choice.chosen.connect(lambda _: self.draw_now())
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        for widget in (self.order, self.kept, self.chip):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.count)

    # -- drawing ----------------------------------------------------------------------------------------------

    def take(self, answer: Answer) -> None:
        data = looked_data(self.session)
        judged = self.judged
        if data is None or judged is None:
            self.reader = None
        elif self.reader is not None and self.reader.data is data:
            self.reader = self.reader.continued(judged)
        else:
            self.reader = SampleReader(judged, data)

    def forget(self) -> None:
        self.reader = None
        self.cell = None
        self._closely = -1
        super().forget()

    def refresh(self) -> None:
        reader = self.reader
        if reader is None:
            return
        if self.cell is not None and self._cell_class_names != reader.judged.class_names:
            self.cell = None  # of other data
        chosen = self._chosen_row()
        self.model.show_samples(reader, self._places(reader))
        self.views.setCurrentWidget(self.tiles if reader.has_pictures else self.rows)
        self._place_text(bool(reader.data.spelling))
        self._choose_row(chosen)
        self._show_bar(reader)
        self._show_chosen()
        self.say_part("")

    def _place_text(self, first: bool) -> None:
        """A text stands beside its row, where it is seen; other inputs come last."""
        header = self.rows.horizontalHeader()
        if header.count() > FIXED and (header.visualIndex(FIXED) == 1) != first:
            header.moveSection(header.visualIndex(FIXED), 1 if first else FIXED)

    def _places(self, reader: SampleReader) -> np.ndarray:
        """What to show. While the pointer is over the samples they keep their places, with newer answers: nothing is
        pulled away from under it."""
        before = self.model.reader
        wanted = Pick(self.order.current, self.kept.current, self.cell)
        held = (before is not None and self._view().viewport().underMouse() and wanted == self._shown_pick
                and np.array_equal(before.judged.rows, reader.judged.rows) and before.judged.part == reader.judged.part)
        if held:
            return self.model.places
        self._shown_pick = wanted
        return pick(reader.judged, wanted)

    _shown_pick = Pick()

    def _show_bar(self, reader: SampleReader) -> None:
        classes = reader.tells_classes
        self.order.offer([(k, v) for k, v in ORDERS.items() if classes or k != UNSURE])
        self.kept.setVisible(classes and self.cell is None)
        self.chip.setVisible(self.cell is not None)
        if self.cell is not None:
            true, answer = (reader.class_name(label) for label in self.cell)
            self.chip.setText(f"true {true}, predicted {answer}  ✕")
        shown, every = len(self.model.places), len(reader.judged.rows)
        self.count.setText(f"{numbers.count(shown)} of {numbers.count(every)}" if shown else "none of these")
        self.body.setAccessibleDescription(self.count.text())

    def retheme(self) -> None:
        if self.reader is not None:
            self.reader.forget_pictures()
        self._view().viewport().update()
        self.card.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.card.setVisible(self.width() >= _ROOM_FOR_CARD)

    # -- one sample -------------------------------------------------------------------------------------------

    def _view(self) -> QAbstractItemView:
        return self.rows if self.views.currentWidget() is self.rows else self.tiles

    def _chosen_row(self) -> int:
        """The row of the data that is selected, −1 for none."""
        index = self._view().currentIndex()
        place = self.model.place(index) if self._view().selectionModel().hasSelection() else -1
        return self.model.reader.row(place) if self.model.reader and place >= 0 else -1

    def _choose_row(self, row: int) -> None:
        """Selects the sample with this row again, wherever it is now."""
        index = self.model.index_of(row) if row >= 0 else QModelIndex()
        selection = self._view().selectionModel()
        flag = selection.SelectionFlag.ClearAndSelect | selection.SelectionFlag.Rows
        if not index.isValid():
            selection.clear()
        elif index.row() != self._view().currentIndex().row() or not selection.hasSelection():
            selection.setCurrentIndex(index, flag)

    def _enter(self, index: QModelIndex) -> None:
        self._show_closely(self.model.place(index))

    def _selected(self, now: QItemSelection, before: QItemSelection) -> None:
        if not now.isEmpty():
            self._show_closely(self.model.place(now.indexes()[0]))

    def _show_chosen(self) -> None:
        """The card shows what it showed, in the newest answer; else the first sample."""
        index = self.model.index_of(self._closely) if self._closely >= 0 else QModelIndex()
        self._show_closely(self.model.place(index if index.isValid() else self.model.index(0, 0)), remember=False)

    def _show_closely(self, place: int, remember: bool = True) -> None:
        reader = self.model.reader
        if remember:
            self._closely = reader.row(place) if reader and place >= 0 else -1
        self.card.show_sample(reader, place)

    def _ask_closely(self, index: QModelIndex | QPersistentModelIndex) -> None:
        place, reader = self.model.place(index), self.model.reader
        if place >= 0 and reader is not None:
            self.samples.sample_asked.emit(reader.judged.part, reader.row(place))

    # -- what the person chooses ------------------------------------------------------------------------------

    def show_cell(self, part: str, true: int, answer: int) -> None:
        """Shows the samples of one cell of the confusion matrix, and comes to the front."""
        data = looked_data(self.session)
        self._cell_class_names = data.class_names if data else ()
        self.cell = (true, answer)
        if part != self.part.current:
            self.part.choose(part)
            self.ask_again()
        self.wanted.emit()
        self.draw_now()

    def clear_cell(self) -> None:
        """Shows the samples of every cell again."""
        self.cell = None
        self.draw_now()

    def fill_menu(self, menu: QMenu) -> None:
        if self.cell is not None:
            menu.addAction("Show all samples again").triggered.connect(self.clear_cell)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        reader, places = self.model.reader, self.model.places.tolist()
        if reader is None:
            return [], []
        names = ["row", "true", "predicted", "loss"]
        columns = [
            np.array([reader.row(p) for p in places]), np.array([reader.true(p) for p in places], dtype=object),
            np.array([reader.told(p) for p in places], dtype=object), np.array([reader.loss(p) for p in places]),
        ]
        if reader.data.spelling:
            names.append("text")
            columns.append(np.array([reader.cells(p)[0][1] for p in places], dtype=object))
        if reader.tells_classes and places:
            shares = np.array([reader.shares(p) for p in places])
            names += [f"output {reader.class_name(label)}" for label in range(shares.shape[1])]
            columns += list(shares.T)
        return names, columns


def _table(model: SampleModel, parent: QWidget) -> QTableView:
    view = QTableView(parent)
    view.setAccessibleName("Samples as rows")
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setMouseTracking(True)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
    view.horizontalHeader().setDefaultSectionSize(88)
    for column, width in _WIDTHS.items():
        view.setColumnWidth(column, width)
    view.horizontalHeader().setHighlightSections(False)
    view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return view
