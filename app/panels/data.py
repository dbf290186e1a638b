"""The Data tab: where examples come from, what they look like, and whether the network fits them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QVBoxLayout, QWidget

from app.background import Task
from app.document import Document
from app.numbers import amount, count
from app.panels.data_preview import Balance, Preview
from app.panels.data_rows import with_role
from app.panels.form import ParamForm
from app.panels.notices import Notices
from app.panels.widgets import column, label, scrolled
from app.style.combo import CalmCombo
from engine.data import SOURCES, CsvFile, Dataset, Source
from engine.data.source import Category
from engine.graph.fit import fitted, misfits
from engine.params import ParameterError
from engine.shapes import text

_TYPING_MS = 300
_LAST_COLUMN = "last column"
_FILE_KINDS = {kind.kind: kind for kind in SOURCES if kind.category is Category.FILE}


def file_suffixes() -> dict[str, type[Source]]:
    """Ending of a file → the source that reads it."""
    return {suffix: kind for kind in _FILE_KINDS.values() for suffix in kind.suffixes}


def _size(shape: tuple[int, ...]) -> str:
    return amount(shape[0], "number") if len(shape) == 1 else f"{text(shape)} numbers"


class Data(QWidget):
    """Chooses and shows the data. A source is committed once it has been loaded, off the window's thread: what
    cannot be read is told in place and changes nothing."""

    message = Signal(str, str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.dataset: Dataset | None = None
        self._wanted: dict[str, Any] = {}
        self._task: Task | None = None
        self._list_was_open = False
        self._loaded_for: dict[str, Any] | None = None
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._load)
        self._make()
        document.setup_changed.connect(self._follow)
        document.report_changed.connect(self._show_fit)
        self._follow()

    def _make(self) -> None:
        self.choice = CalmCombo()
        self.choice.setAccessibleName("Data set")
        self._fill_choice()
        self.summary = label(role="quiet")
        self.form = ParamForm()
        self.file = QPushButton("Choose a file…")
        self.file.clicked.connect(self.choose_file)
        self.error = label(role="error")
        self.facts = label()
        self.notes = Notices()
        self.fit = QPushButton("Fit the network to this data")
        self.fit.setToolTip("Sets the Input's shape, the loss and the last layer's units: one undoable change")
        self.fit.clicked.connect(self._fit)
        self.preview, self.balance = Preview(), Balance()
        self.preview_title, self.balance_title = label("EXAMPLES", "heading"), label("TARGETS", "heading")
        content = QWidget()
        page = column(content)
        page.addWidget(label("Data", "title"))
        for widget in (self.choice, self.summary, self.file, self.form, self.error, self.facts, self.fit, self.notes,
                       self.preview_title, self.preview, self.balance_title, self.balance):
            page.addWidget(widget)
        page.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(content))
        self.choice.closed.connect(self._list_closed)
        self.choice.activated.connect(self._choose)
        self.form.edited.connect(self._edit)
        self.preview.rows.role_asked.connect(lambda role, name: self.use(with_role(self._wanted, role, name)))
        self.form.settled.connect(self.document.end_merge)

    def _fill_choice(self) -> None:
        self.choice.setPlaceholderText("Choose data")
        for category in Category:
            self.choice.addItem(f"— {category.value} —")
            self.choice.model().item(self.choice.count() - 1).setEnabled(False)
            for kind in SOURCES:
                if kind.category is category:
                    self.choice.addItem(kind.title, kind.kind)
        self.choice.setCurrentIndex(-1)

    # -- from the document --------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Shows what the document holds, unless it is what is being edited here."""
        if self.document.source != self._loaded_for:
            self._wanted = dict(self.document.source)
            self._show_wanted()
            self._load()

    def _show_wanted(self) -> None:
        kind = Source.kinds.get(self._wanted.get("kind"))
        self.choice.setCurrentIndex(self.choice.findData(kind.kind) if kind else -1)
        self.summary.setText(kind.summary() if kind else "A network learns from examples. Choose a data set above, or "
                             "drop a CSV or NPZ file on the window.")
        is_file = kind is not None and kind.kind in _FILE_KINDS
        path = str(self._wanted.get("path", ""))
        self.file.setVisible(is_file)
        self.file.setText(f"{Path(path).name} – choose another…" if path else "Choose a file…")
        self.file.setToolTip(path)
        self.form.set_parameters(kind.parameters if kind and (path or not is_file) else {},
                                 skip=("path", "validation") if kind and kind.own_split else ("path",))
        if self.form.rows and kind is not None:
            self.form.show_values({**kind.defaults(), **self._wanted})
            self.form.hint("target", _LAST_COLUMN)

    # -- from the person ----------------------------------------------------------------------------------

    def _choose(self) -> None:
        kind = self.choice.currentData()
        if kind is None or kind == self._wanted.get("kind"):
            return
        self.use({"kind": kind})
        if kind in _FILE_KINDS and self._list_was_open:  # arrow keys step past it undisturbed
            QTimer.singleShot(0, self, self.choose_file)  # once the list has closed

    def _list_closed(self) -> None:
        """What is chosen in the same breath was chosen from the open list."""
        self._list_was_open = True
        QTimer.singleShot(0, self, lambda: setattr(self, "_list_was_open", False))

    def choose_file(self) -> None:
        """Asks for a file of the chosen kind."""
        kind = _FILE_KINDS[self._wanted["kind"]]
        pattern = " ".join(f"*{suffix}" for suffix in kind.suffixes)
        path, _ = QFileDialog.getOpenFileName(self, f"Choose {kind.kinds_of_file}", "",
                                              f"{kind.title} ({pattern});;All files (*)" if pattern else "")
        if path:
            self.use({**self._wanted, "path": path})

    def open_file(self, path: Path) -> bool:
        """Uses a file that was dropped on the window; False where no source reads its kind."""
        kind = file_suffixes().get(path.suffix.lower())
        if kind is None:
            return False
        self.use({"kind": kind.kind, "path": str(path)})
        return True

    def use(self, source: dict[str, Any]) -> None:
        """Loads a source and, once that has worked, commits it."""
        self._wanted = source
        self._show_wanted()
        if source.get("kind") in _FILE_KINDS and not source.get("path"):
            self._clear()
            return
        self._load()

    def _edit(self, name: str, value: Any) -> None:
        self._wanted = {**self._wanted, name: value}
        self._typing.start()

    # -- loading ------------------------------------------------------------------------------------------

    def _load(self) -> None:
        self._typing.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if not self._wanted:
            self._loaded_for = {}
            self._clear()
            return
        try:
            source = Source.from_dict(self._wanted)
        except ParameterError as error:
            self._show_error(str(error))
            return
        follows = self._wanted == self.document.source
        wanted = self._wanted if follows else source.to_dict()
        self._task = Task(source.load, self)
        self._task.done.connect(lambda data: self._loaded(wanted, data, follows))
        self._task.failed.connect(lambda sentence, _: self._show_error(sentence))
        self._task.start()

    def _loaded(self, source: dict[str, Any], data: Dataset, follows: bool) -> None:
        self._task = None
        if follows and source != self.document.source:  # meanwhile another project was opened, or it was undone
            self._loaded_for = None
            self._follow()
            return
        self.dataset = data
        self._loaded_for = source
        self.error.hide()
        self._show_data(data)
        self._hint_target(source, data)
        if source != self.document.source:
            self._wanted = source
            self.document.commit_source(source, f"Use {Source.kinds[source['kind']].title}",
                                        merge_key=f"source {source['kind']}")
        self._show_fit()

    def _hint_target(self, source: dict[str, Any], data: Dataset) -> None:
        """Names the column that is predicted where none was chosen."""
        names = data.preparation.target_names
        known = not source.get("target") and len(names) == 1
        self.form.hint("target", f"{_LAST_COLUMN}: {names[0]}" if known else _LAST_COLUMN)

    def _show_error(self, sentence: str) -> None:
        self._task = None
        kept = f" Until then {self.dataset.name} stays in use." if self.dataset is not None else ""
        self.error.setText(sentence + kept)
        self.error.show()

    def _clear(self) -> None:
        self.dataset = None
        for widget in self._about_data():
            widget.hide()
        self.error.hide()

    def _about_data(self) -> tuple[QWidget, ...]:
        return (self.facts, self.notes, self.preview, self.preview_title, self.balance, self.balance_title, self.fit)

    def _show_data(self, data: Dataset) -> None:
        for widget in self._about_data():
            widget.show()
        signature = data.signature
        task = f"{len(data.class_names)} classes" if data.class_names else f"target of {text(signature.target_shape)}"
        self.facts.setText(f"{count(len(data.x_train))} to train on · {count(len(data.x_val))} held back\n"
                           f"{_size(signature.input_shape)} each · {task}")
        self.notes.show_notes(data.notes)
        if len(data.x_train):
            self.preview.rows.offer_roles(self._wanted.get("kind") == CsvFile.kind)
            self.preview.show_data(data)
            self.balance.show_data(data)
        self.balance_title.setText("CLASSES, TRAINING PART" if data.class_names else "TARGET, TRAINING PART")

    # -- fitting ------------------------------------------------------------------------------------------

    def _show_fit(self, _: object = None) -> None:
        needed = misfits(self.document.report.issues)
        self.fit.setEnabled(needed)
        self.fit.setText("Fit the network to this data" if needed or not self.document.graph.nodes
                         else "✓ The network fits this data")

    def _fit(self) -> None:
        signature = self.document.signature
        if signature is None:
            return
        graph = fitted(self.document.graph, signature)
        if graph == self.document.graph:
            self.message.emit("warning", "The network could not be fitted by itself: the Problems tab says what is in "
                              "the way.")
        self.document.commit(graph, "Fit the network to the data")
