"""Everything that may be swept, to choose from: searched by words, told in a tip, ticked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.sweep.words import SEPARATOR, capital, value_text
from engine.sweep import Target

Key = tuple[str, tuple[str, ...]]
#: What is tried first where nothing is known.
_SUGGESTED = (("", ("optimizer", "learning_rate")), ("", ("batch_size",)))
SUGGESTED, TRAINING = "Suggested", "Training"
_KEY = Qt.ItemDataRole.UserRole


def key_of(target: Target) -> Key:
    """What identifies a parameter, whatever its value."""
    return target.node, target.path


class TargetList(QWidget):
    """``toggled(key, on)`` says that a parameter is to be swept, or no longer."""

    toggled = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a parameter")
        self.search.setAccessibleName("Find a parameter")
        self.search.setClearButtonEnabled(True)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(2)
        self.tree.setAccessibleName("Parameters that may be swept")
        self.tree.setIndentation(10)
        self.tree.setRootIsDecorated(False)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        self._items: dict[Key, QTreeWidgetItem] = {}
        self.search.textChanged.connect(self._filter)
        self.tree.itemChanged.connect(self._item_changed)
        self.tree.itemActivated.connect(self._flip)

    def offer(self, targets: Sequence[Target], chosen: Iterable[Key]) -> None:
        """Lists these, with ticks at those that are ``chosen``."""
        ticked = set(chosen)
        self.tree.blockSignals(True)
        self.tree.clear()
        self._items = {}
        groups: dict[str, QTreeWidgetItem] = {}
        first = [t for key in _SUGGESTED for t in targets if key_of(t) == key]
        for target in (*first, *(t for t in targets if t not in first)):
            before, _, own = target.title.rpartition(SEPARATOR)
            group = SUGGESTED if target in first else before or TRAINING
            self._add(self._group(groups, group), target, own, ticked)
        self.tree.expandAll()
        self.tree.blockSignals(False)
        self._filter(self.search.text())

    def _group(self, groups: dict[str, QTreeWidgetItem], name: str) -> QTreeWidgetItem:
        if name not in groups:
            groups[name] = QTreeWidgetItem(self.tree, [name])
            groups[name].setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = self.tree.font()
            font.setBold(True)
            groups[name].setFont(0, font)
        return groups[name]

    def _add(self, group: QTreeWidgetItem, target: Target, text: str, ticked: set[Key]) -> None:
        item = QTreeWidgetItem(group, [capital(text), value_text(target.value)])
        key = key_of(target)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(0, Qt.CheckState.Checked if key in ticked else Qt.CheckState.Unchecked)
        item.setData(0, _KEY, key)
        tip = f"{target.title}\n{target.param.help}\nNow {value_text(target.value)}."
        for column in (0, 1):
            item.setToolTip(column, tip)
        self._items[key] = item

    def tick(self, key: Key, on: bool) -> None:
        """Sets or takes a tick, and tells it."""
        if key in self._items:
            self._items[key].setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _item_changed(self, item: QTreeWidgetItem) -> None:
        key = item.data(0, _KEY)
        if key is not None:
            self.toggled.emit((key[0], tuple(key[1])), item.checkState(0) == Qt.CheckState.Checked)

    def _flip(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _KEY) is not None:
            on = item.checkState(0) != Qt.CheckState.Checked
            item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for place in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(place)
            for child in (group.child(number) for number in range(group.childCount())):
                said = f"{group.text(0)} {child.text(0)} {child.toolTip(0)}".casefold()
                child.setHidden(not all(word in said for word in words))
            group.setHidden(all(group.child(number).isHidden() for number in range(group.childCount())))
