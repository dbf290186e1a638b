"""``chainrule predict``: new examples through a trained network, as CSV."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.cli.files import load_data, model_of
from engine.data import Preparation, apply_to_new
from engine.project import Project, write_atomically


def predict(project: Project, data: Path, out: str | None) -> int:
    """Prints, or writes to ``out``, one row for each example in ``data``."""
    model = model_of(project)
    preparation = Preparation.from_dict(project.preparation) if project.preparation else load_data(project).preparation
    outputs = model.predict(apply_to_new(preparation, data))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_rows(outputs.reshape(len(outputs), -1), preparation))
    if out:
        write_atomically(out, lambda file: file.write(text.getvalue().encode("utf-8")))
        print(f"Wrote {len(outputs)} predictions to {out}.")
    else:
        sys.stdout.write(text.getvalue())
    return 0


def _rows(outputs: np.ndarray, preparation: Preparation) -> Iterator[list[str]]:
    names = preparation.class_names
    if names and outputs.shape[1] in (1, len(names)):
        yield from _class_rows(outputs, names)
        return
    values = preparation.target_scaler.undo(outputs)
    targets = preparation.target_names
    yield list(targets) if len(targets) == values.shape[1] else [f"output_{i + 1}" for i in range(values.shape[1])]
    for row in values:
        yield [f"{value:.7g}" for value in row]


def _class_rows(outputs: np.ndarray, names: tuple[str, ...]) -> Iterator[list[str]]:
    """The class told, and the network's figure for each class: a probability where the loss makes one."""
    figures = np.column_stack([1.0 - outputs, outputs]) if outputs.shape[1] == 1 and len(names) == 2 else outputs
    yield ["prediction", *(f"p({name})" for name in names)]
    for row in figures:
        yield [names[int(row.argmax())], *(f"{value:.6g}" for value in row)]
