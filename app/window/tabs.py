"""The tabs on the right: Layer, Training, Data, Problems, Runs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from app.document import Document
from app.panels.data import Data
from app.panels.inspector import Inspector
from app.panels.problems import Problems
from app.panels.tab_order import beyond, in_reading_order
from app.panels.training import Training

#: How long after an edit a tab's title follows, in milliseconds: the bar of tabs is slow to lay out anew, and the
#: problems themselves stand on the canvas and in their list at once.
_SOON = 150


class Tabs(QTabWidget):
    """One page each; pages are shown by name."""

    def __init__(self, document: Document, runs: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(False)
        self.tabBar().setAccessibleName("Panels")
        self.tabBar().setExpanding(False)
        self.inspector = Inspector(document)
        self.training = Training(document)
        self.data = Data(document)
        self.problems = Problems(document)
        self.pages: dict[str, QWidget] = {
            "layer": self.inspector, "training": self.training, "data": self.data, "problems": self.problems}
        self.pages["runs"] = runs
        for name, page in self.pages.items():
            self.addTab(page, name.capitalize())
        self._recount = QTimer(self, singleShot=True, interval=_SOON)
        self._recount.timeout.connect(self._count_problems)
        self.problems.count_changed.connect(lambda: self._recount.start())
        self._count_problems()
        self.show_layer = partial(self.show_tab, "layer")
        self.show_training = partial(self.show_tab, "training")
        self.show_data = partial(self.show_tab, "data")
        self.show_problems = partial(self.show_tab, "problems")
        self.show_runs = partial(self.show_tab, "runs")

    def show_tab(self, name: str) -> None:
        """Brings a page to the front and puts the focus into the field it names (its focus proxy), else into its first,
        or on the tabs where it has none."""
        self.setCurrentWidget(self.pages[name])
        dock = self.parentWidget()
        if dock is not None and not dock.isVisible():
            dock.show()
        order, named = self._order(), self.pages[name].focusProxy()
        first = named if named in order else order[min(1, len(order) - 1)]
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _order(self) -> list[QWidget]:
        return [self.tabBar(), *in_reading_order(self.currentWidget())]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes over the tabs and then over the page as it is read."""
        order, current = self._order(), QApplication.focusWidget()
        if current not in order:
            return super().focusNextPrevChild(forward)
        place = order.index(current) + (1 if forward else -1)
        reached = order[place] if 0 <= place < len(order) else beyond(self, current, forward)
        if reached is None:
            return super().focusNextPrevChild(forward)
        reached.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        return True

    def _count_problems(self) -> None:
        count = len(self.problems.issues())
        self.setTabText(self.indexOf(self.problems), f"Problems {count}" if count else "Problems")
