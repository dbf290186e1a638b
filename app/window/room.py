"""Texts that a row of widgets shows in a shorter form, or not at all, where there is no room for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from app.panels.steady import Steady

#: A text grows again only where so many pixels more are free: digits that come and go must not make it flicker.
_SPARE = 20
Text = QLabel | QPushButton | QToolButton | Steady


class Room:
    """``order`` says what is shortened, the least important first: which widget, and which of its forms it then shows.

    The whole text stands in the tooltip for as long as a shorter form is shown.
    """

    def __init__(self, row: QWidget, order: Sequence[tuple[Text, int]]) -> None:
        self._row = row
        self._order = tuple(order)
        self._forms: dict[Text, tuple[str, ...]] = {}
        self._tips: dict[Text, str] = {}
        self._level = 0
        self._fitted: object = None

    def set_forms(self, widget: Text, *forms: str, tip: str = "") -> None:
        """What a widget says, from the whole to the shortest; ``tip`` is its tooltip."""
        if (self._forms.get(widget), self._tips.get(widget)) != (forms, tip):
            self._forms[widget], self._tips[widget] = forms, tip
            self.fit()

    def fit(self) -> None:
        """Shows as much as the row has room for. Costs little where only digits are others than at the last time."""
        before = self._level
        self._show(before)
        if self._fitted == self._measured():
            return
        for level in range(len(self._order) + 1):
            self._show(level)
            if self._needed() + (_SPARE if level < before else 0) <= self._row.width():
                break
        self._fitted = self._measured()

    def _measured(self) -> object:
        """What the outcome depends on."""
        lengths = tuple(tuple(map(len, forms)) for forms in self._forms.values())
        return self._row.width(), self._needed(), self._level, lengths

    def _needed(self) -> int:
        layout = self._row.layout()
        return layout.minimumSize().width() if layout is not None else 0

    def _show(self, level: int) -> None:
        self._level = level
        shown = dict.fromkeys(self._forms, 0)
        shown.update({widget: form for widget, form in self._order[:level] if widget in self._forms})
        for widget, form in shown.items():
            forms = self._forms[widget]
            text = forms[min(form, len(forms) - 1)]
            if widget.text() != text:
                widget.setText(text)
                tip = self._tips[widget]
                widget.setToolTip(tip if text == forms[0] else f"{tip}: {forms[0]}".removeprefix(": "))
