"""Feature maps: what every layer makes of one example, as pictures from the input to the answer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.looker import looked_at
from app.pictures import picture_shape
from app.plots.base import GROUPS
from app.plots.certainty import class_shares
from app.plots.drawing import Drawing
from app.plots.layer_strips import LayerStrips, moved_only
from app.plots.looking import LookingPlot
from app.plots.sample_chooser import SampleChooser
from app.plots.samples import Samples, dataset_of
from app.plots.signed_map import SignedScale
from app.plots.strip import Strip
from app.training.session import INFO, Session
from engine.data.dataset import spelt
from engine.graph.expand import expand
from engine.look.questions import Answer, Judge, Judged, Look, Looked, Question
from engine.shapes import text

_ROOM_FOR_SCALE = 640


class FeatureMapsPlot(LookingPlot):
    """One example through the network as it is looked at, live while it learns."""

    id = "feature_maps"
    title = "Feature maps"
    about = "What every layer makes of one example, from the input to the answer"
    group = GROUPS[2]
    promise = "Press Run: what every layer makes of one example will be seen here, from the input to the answer."
    shown = False
    untrained = True

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._every_layer = False
        self._judging = QObject(self)  # asks for the wrong ones, beside the plot itself
        self.strips = LayerStrips(self.body)
        self.strips.pointed.connect(self._pointed)
        self.strips.clicked.connect(lambda node: self.node_clicked.emit(self.drawn_node(node)))
        self.chooser = SampleChooser(self.body)
        self.chooser.changed.connect(self.ask_again)
        self.chooser.wrong_asked.connect(self._ask_wrong)
        self.scale = SignedScale(self.body)
        self.scale.show_end(1.0, "of each layer's own end")
        area = QScrollArea(self.body)
        area.setWidget(self.strips)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().installEventFilter(self.strips)
        below = QHBoxLayout()
        below.addWidget(self.chooser)
        below.addWidget(self.scale, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(2)
        column.addWidget(area, 1)
        column.addLayout(below)
        document.selection_changed.connect(self._select)
        Samples.of(session).sample_asked.connect(self._show_asked)
        self._drawing = Drawing.of(session)
        self._drawing.changed.connect(self._drawn)

    # -- asking -----------------------------------------------------------------------------------------------

    def unfit(self) -> str:
        if not looked_at(self.session)[1]:
            return "There are no data to look at. Choose a data set in the Data tab."
        return ""

    def question(self) -> Question:
        data = dataset_of(self.document)
        pictures = data is not None and picture_shape(data)[2:] == (1,)
        self.chooser.offer(pictures, bool(data is None or data.class_names))
        if self.chooser.drawing.isChecked() and pictures:
            return Look(ink=self._drawing.ink)
        return Look(self.chooser.part.current, self.chooser.row.value())

    @property
    def looked(self) -> Looked | None:
        """The newest answer."""
        return self.answer if isinstance(self.answer, Looked) else None

    def take(self, answer: Answer) -> None:
        if isinstance(answer, Looked) and answer.of:
            self.chooser.show_extent(answer.of)

    def _show_asked(self, part: str, row: int) -> None:
        """Another plot wants this example to be looked at."""
        self.chooser.choose(part, row)
        self.wanted.emit()

    def _drawn(self) -> None:
        if self.chooser.drawing.isChecked():
            self.ask_again()

    def _ask_wrong(self) -> None:
        self._looker.ask(self._judging, Judge(self.chooser.part.current), self._go_to_wrong)

    def _go_to_wrong(self, answer: Answer) -> None:
        """The first row after this one that is told wrong; from the beginning again after the last."""
        if not isinstance(answer, Judged) or answer.labels is None or answer.answers is None:
            return
        wrong = answer.rows[answer.labels != answer.answers].tolist()
        here = self.chooser.row.value()
        if wrong:
            self.chooser.choose(self.chooser.part.current, next((row for row in wrong if row > here), wrong[0]))
        else:
            self.session.message.emit(INFO, f"None of the {numbers.count(len(answer.rows))} rows is predicted wrong.")

    # -- drawing ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        looked = self.looked
        if looked is None:
            return
        self.strips.selected = self.document.selection
        self.strips.show_strips(self._strips(looked), looked.label)
        self._pointed("", -1, -1, -1)

    def _strips(self, looked: Looked) -> list[Strip]:
        graph, _, report, _ = looked_at(self.session)
        computed = expand(graph).graph
        found = []
        for node, output in looked.outputs.items():
            wires = computed.inputs(node) if node in computed.nodes else ()
            layer = report.layers.get(node)
            before = looked.outputs.get(wires[0].source) if len(wires) == 1 else None
            last = layer is not None and node in report.losses
            if before is not None and not last and not self._every_layer and moved_only(before, output):
                continue
            if layer is not None and not layer.inputs and not layer.variadic:
                found.append(self._input_strip(node, looked))
            elif last:
                found.append(self._answer_strip(node, output, looked))
            else:
                found.append(Strip.of(node, self.label_of(node), text(output.shape), output))
        return found

    def _input_strip(self, node: str, looked: Looked) -> Strip:
        data = dataset_of(self.document)
        shape = picture_shape(data) if data else ()
        if shape and looked.input.size == int(np.prod(shape)):
            maps = np.moveaxis(looked.input.reshape(shape), 2, 0)
            return Strip(node, self.label_of(node), text(looked.input.shape), maps, 1.0, plain=True)
        names = data.feature_names if data and len(data.feature_names) == looked.input.size else ()
        if data and data.spelling:
            names = tuple(spelt(token, data.spelling) or "–" for token in looked.input.reshape(-1))
        return Strip.of(node, self.label_of(node), text(looked.input.shape), looked.outputs[node], names)

    def _answer_strip(self, node: str, output: np.ndarray, looked: Looked) -> Strip:
        names = looked.class_names
        if names and output.size in (1, len(names)):
            shares = class_shares(looked.answer, looked.probabilities)
            return Strip.of(node, "answer", text(output.shape), np.atleast_1d(shares), names[: shares.size],
                            looked.probabilities)
        return Strip.of(node, self.label_of(node), text(output.shape), output)

    def retheme(self) -> None:
        self.strips.retheme()

    def _select(self, chosen: frozenset[str]) -> None:
        self.strips.selected = chosen
        self.strips.update()

    # -- words ------------------------------------------------------------------------------------------------

    def _pointed(self, node: str, channel: int, row: int, column: int) -> None:
        """Says in the header what is under the pointer, else which example is looked at."""
        strip = self.strips.strip_of(node)
        if strip is None or channel < 0:
            self.detail.say(self._example())
            return
        count, height, width = strip.maps.shape
        if strip.is_bars:
            where = strip.names[channel]
        else:
            where = f"channel {channel + 1}, " if count > 1 and height * width > 1 else ""
            where += f"row {row + 1}, column {column + 1}" if height * width > 1 else f"unit {channel + 1}"
        value = strip.value(0 if strip.plain else channel, row, column)
        self.detail.say(f"{strip.title}, {where}: {numbers.number(value, 4)}")

    def _example(self) -> str:
        looked = self.looked
        if looked is None:
            return ""
        names = looked.class_names
        where = f"{looked.part} row {numbers.count(looked.row)}" if looked.row >= 0 else "my drawing"
        data = dataset_of(self.document)
        words = [where, *([f"“{spelt(looked.input, data.spelling)}”"] if data is not None and data.spelling else [])]
        if 0 <= looked.label < len(names):
            right = "predicted so" if looked.told == looked.label else f"predicted {names[looked.told]}"
            words.append(f"true {names[looked.label]}, {right}")
        elif 0 <= looked.told < len(names):
            words.append(f"predicted {names[looked.told]}")
        elif looked.answer.size == 1:
            words.append(f"answer {numbers.number(float(looked.answer[0]), 4)}")
        if self.session.viewed_weights is None:
            words.append("first weights")
        return " · ".join([*words, *([] if self.session.cursor is None else [self.when()])])

    # -- menu and export --------------------------------------------------------------------------------------

    def show_every_layer(self, on: bool) -> None:
        """Also those that put out what they were given."""
        self._every_layer = on
        self.draw_now()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow dock some of the controls are found in the menu only."""
        super().resizeEvent(event)
        self.scale.setVisible(self.width() >= _ROOM_FOR_SCALE)
        self.chooser.fit_in(self.width())

    def fill_menu(self, menu: QMenu) -> None:
        menu.addAction("Next example predicted wrong").triggered.connect(self._ask_wrong)
        drawing = menu.addAction("My drawing")
        drawing.setCheckable(True)
        drawing.setChecked(self.chooser.drawing.isChecked())
        drawing.toggled.connect(self.chooser.drawing.setChecked)
        every = menu.addAction("Every layer, also those that only reshape")
        every.setCheckable(True)
        every.setChecked(self._every_layer)
        every.toggled.connect(self.show_every_layer)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        strips = self.strips.strips
        places = [np.indices(strip.maps.shape).reshape(3, -1) + 1 for strip in strips]
        names = np.concatenate([np.full(strip.maps.size, strip.node, dtype=object) for strip in strips])
        values = np.concatenate([strip.maps.reshape(-1) for strip in strips])
        return ["layer", "channel", "row", "column", "value"], [names, *np.concatenate(places, axis=1), values]
