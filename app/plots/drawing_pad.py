"""The drawing pad: the person draws a digit and sees what the network takes it for, also while it still learns."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app import numbers
from app.document import Document
from app.pictures import as_image, picture_shape
from app.plots import colours
from app.plots.base import GROUPS
from app.plots.certainty import class_shares
from app.plots.drawing import Drawing
from app.plots.looking import LookingPlot
from app.plots.pad import Pad
from app.plots.samples import dataset_of
from app.style import theme
from app.style.icons import ThemedIcon
from app.training.session import Session
from engine.look.questions import Answer, Look, Looked, Question

_PICTURE, _SMALL = 84, 52
#: Widths from which the picture that the network sees has its full size, and any.
_ROOMY, _NARROW = 250, 170
_BAR, _LEAST_BAR = 20, 11
_NOTHING_YET = "The answer will stand here: a bar for each class."
#: Pixels for a share in bold, right of its bar.
_VALUE = 58


class Verdict(QWidget):
    """What the network sees, small, and its answer as a bar for each class."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMinimumWidth(150)
        self.looked: Looked | None = None
        self.shape: tuple[int, ...] = ()
        self.note = _NOTHING_YET
        self.setAccessibleName("The network's answer")

    def show_answer(self, looked: Looked | None, shape: tuple[int, ...], note: str) -> None:
        """Shows an answer about a drawing; ``note`` where there is none."""
        self.looked, self.shape, self.note = looked, shape, note
        self.setAccessibleDescription(self.in_words())
        self.update()

    @property
    def shares(self) -> np.ndarray:
        """What the network puts out for each class."""
        return class_shares(self.looked.answer, self.looked.probabilities) if self.looked else np.zeros(0)

    def in_words(self) -> str:
        """The likeliest class."""
        looked = self.looked
        if looked is None or not 0 <= looked.told < len(looked.class_names):
            return ""
        sure = f", {numbers.percent(float(self.shares[looked.told]))}" if looked.probabilities else ""
        return f"a {looked.class_names[looked.told]}{sure}"

    def sizeHint(self) -> QSize:
        return QSize(260, 220)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.current().font_small))
        painter.setPen(colours.token("quiet"))
        if self.looked is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.note)
            return
        side = _PICTURE if self.width() >= _ROOMY else _SMALL
        if self.width() < _NARROW:
            self._paint_bars(painter, QRectF(4, 0, self.width() - 6, self.height()))
            return
        seen = QRectF(6, 18, side, side)
        title = "What it sees" if side == _PICTURE else "It sees"
        painter.drawText(QRectF(6, 0, side, 16), Qt.AlignmentFlag.AlignVCenter, title)
        pixels = self.looked.input.reshape(self.shape)
        low, high = float(pixels.min()), float(pixels.max())
        painter.drawImage(seen, as_image(pixels - low, (high - low) or 1.0))
        self._paint_bars(painter, QRectF(side + 14, 0, self.width() - side - 16, self.height()))

    def _paint_bars(self, painter: QPainter, room: QRectF) -> None:
        looked, shares = self.looked, self.shares
        if looked is None:
            return
        names = looked.class_names or tuple(str(i + 1) for i in range(len(shares)))
        height = min(max((room.height() - 4) / max(len(shares), 1), _LEAST_BAR), _BAR)
        classes = np.arange(len(shares))
        fitting = max(int(room.height() // height), 1)
        if len(shares) > fitting:  # the likeliest come first where there is no room for all
            classes = np.argsort(-shares, kind="stable")[:fitting]
        metrics = painter.fontMetrics()
        label = min(max((metrics.horizontalAdvance(name) for name in names), default=0) + 10, int(room.width() / 3))
        top = 1.0 if looked.probabilities else float(np.abs(shares).max(initial=0.0)) or 1.0
        for position, i in enumerate(classes.tolist()):
            share = float(shares[i])
            line = QRectF(room.left(), room.top() + position * height, room.width(), height)
            told = i == looked.told
            painter.setFont(theme.font(theme.current().font_small, bold=told))
            painter.setPen(colours.token("strong" if told else "quiet"))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(line.adjusted(0, 0, label - line.width() - 6, 0), middle | Qt.AlignmentFlag.AlignRight,
                             metrics.elidedText(names[i], Qt.TextElideMode.ElideRight, label - 6))
            bar = line.adjusted(label, 2, -_VALUE, -2)
            painter.fillRect(bar, colours.token("field"))
            bar.setWidth(bar.width() * min(max(share / top, 0.0), 1.0))
            painter.fillRect(bar, colours.token("value"))
            text = numbers.percent(share) if looked.probabilities else numbers.number(share)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, text)


class DrawingPadPlot(LookingPlot):
    """A pad and the answer beside it."""

    id = "drawing_pad"
    title = "Drawing pad"
    about = "Draw a picture and see what the network takes it for, live"
    group = GROUPS[2]
    promise = "Press Run: here you can draw, and see what the network takes it for, also while it learns."
    shown = False
    untrained = True

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._drawing = Drawing.of(session)
        self._is_warm = False
        self.pad = Pad(self.body)
        self.pad.drawn.connect(self._drawn)
        self.pad.settled.connect(self._show_buttons)
        self.verdict = Verdict(self.body)
        self.pen = self._button("mdi6.brush", "Pen", "Draw with the left mouse button")
        self.eraser = self._button("mdi6.eraser", "Eraser", "Rub out; the right mouse button does so too")
        self.back = self._button("mdi6.undo", "Undo", "Take the last stroke back")
        self.fresh = self._button("mdi6.trash-can-outline", "Clear", "Begin anew (Delete)")
        for button, erasing in ((self.pen, False), (self.eraser, True)):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, erasing=erasing: self.erase(erasing))
        self.back.clicked.connect(self.pad.undo)
        self.fresh.clicked.connect(self.pad.clear)
        tools = QVBoxLayout()
        tools.setSpacing(2)
        for button in (self.pen, self.eraser, self.back, self.fresh):
            tools.addWidget(button)
        tools.addStretch(1)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(10, 2, 10, 8)
        row.addLayout(tools)
        row.addWidget(self.pad, 4)
        row.addWidget(self.verdict, 5)
        self.erase(False)
        self._show_buttons()

    def _button(self, icon: str, name: str, tip: str) -> QToolButton:
        button = QToolButton(self.body)
        button.setProperty("role", "flat")
        button.setAccessibleName(name)
        button.setToolTip(tip)
        ThemedIcon(button, icon)
        return button

    # -- what is asked ----------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, 1) of the data's pictures; () where they are none, or have colours."""
        data = dataset_of(self.document)
        shape = tuple(picture_shape(data)) if data else ()
        return shape if shape[2:] == (1,) else ()

    def unfit(self) -> str:
        if self.document.signature is not None and not self.shape:
            return "The drawing pad needs grey pictures: one channel, such as MNIST digits or Small digits."
        return "" if self.document.signature else "The drawing pad needs data. Choose pictures in the Data tab."

    def has_data(self) -> bool:
        return not self.unfit()  # there is a pad to draw on before there is any answer

    def question(self) -> Question | None:
        # Once also about a blank pad: whoever draws then need not wait for the looking process to start.
        return None if self._drawing.is_blank and self._is_warm else Look(ink=self._drawing.ink)

    def take(self, answer: Answer) -> None:
        self._is_warm = True
        if self._drawing.is_blank:  # cleared meanwhile
            self.answer = None

    def refresh(self) -> None:
        looked = self.answer if isinstance(self.answer, Looked) and not self._drawing.is_blank else None
        note = self._refused or (_NOTHING_YET if self._drawing.is_blank else "Looking …")
        self.verdict.show_answer(looked, self.shape, note)
        words = [word for word in (self.verdict.in_words(), self._of_what()) if word]
        self.detail.say(" · ".join(words) if looked else "")

    def _of_what(self) -> str:
        return "first weights" if self.session.viewed_weights is None else self.when()

    def _drawn(self) -> None:
        self._drawing.show(self.pad.ink)
        if self._drawing.is_blank:
            self.answer = None
        self.ask_again()

    # -- tools ------------------------------------------------------------------------------------------------

    def erase(self, on: bool) -> None:
        """Takes up the eraser, or the pen."""
        self.pad.erasing = on
        self.pen.setChecked(not on)
        self.eraser.setChecked(on)

    def _show_buttons(self) -> None:
        self.back.setEnabled(self.pad.can_undo)
        self.fresh.setEnabled(not self._drawing.is_blank)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On the pad the right button rubs out."""
        if not self.pad.geometry().contains(self.body.mapFrom(self, event.pos())):
            super().contextMenuEvent(event)

    def table(self) -> tuple[list[str], list[np.ndarray]]:
        looked = self.verdict.looked
        names = looked.class_names if looked else ()
        shares = self.verdict.shares
        labels = names if len(names) == len(shares) else tuple(str(i + 1) for i in range(len(shares)))
        return ["class", "output"], [np.array(labels, dtype=object), shares]
