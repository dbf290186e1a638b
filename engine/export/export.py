"""Exporting a network: written beside its place, read back, compared, and only then given its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.compute import Model
from engine.data import Preparation
from engine.export.arrays import NPZ, SAFETENSORS, predictions
from engine.export.format import Details, Format, Outputs
from engine.export.onnx_file import ONNX
from engine.issues import ChainruleError, near_miss
from engine.numbers import amount, number
from engine.project import write_atomically

#: Every format by its suffix, in the order in which they are offered.
FORMATS: dict[str, Format] = {entry.suffix: entry for entry in (ONNX, SAFETENSORS, NPZ)}

#: How many samples the comparison takes, at most.
SAMPLES = 64
#: How far two float32 computations of one network may lie apart, for outputs around 1.
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Verified:
    """A finished export: the file was read back and its outputs compared with the engine's.

    ``largest_difference`` is the largest |engine − file| over ``samples`` examples; it is at most ``tolerance``.
    """

    path: Path
    format: Format
    samples: int
    largest_difference: float
    tolerance: float

    def sentence(self) -> str:
        """What a person reads once an export is done."""
        return (f"Saved {self.path.name}: read back and compared with the engine on {amount(self.samples, 'sample')}, "
                f"largest difference {number(self.largest_difference, 2)}.")


def format_of(path: str | Path) -> Format:
    """The format that a file's suffix stands for. Raises :class:`ChainruleError` where there is none."""
    suffix = Path(path).suffix.lower()
    if suffix in FORMATS:
        return FORMATS[suffix]
    happened = f"{Path(path).name} ends in {suffix!r}." if suffix else f"{Path(path).name} has no suffix."
    raise ChainruleError(happened, f"The formats are {', '.join(FORMATS)}.",
                         near_miss(suffix, FORMATS) or "Choose one of them.")


def export_model(
    model: Model, path: str | Path, samples: np.ndarray | Mapping[str, np.ndarray], *,
    title: str = "", preparation: Preparation | None = None, cancelled: Callable[[], bool] = lambda: False,
) -> Verified:
    """Writes the trained network to ``path`` in the format of its suffix, and verifies the file.

    ``samples`` are real inputs, (N, *shape), by Input where there are several; the first 64 are used. The file is
    whole, verified and under its name afterwards, or this raises :class:`ChainruleError` and whatever had the name
    before is unchanged. ``cancelled`` is asked before the file gets its name, and may be told from another thread.
    """
    chosen = format_of(path)
    inputs = _inputs(model, samples)
    expected = predictions(model, inputs)
    _require_finite(expected)
    data = chosen.write(model, Details(title, preparation))
    difference = [0.0]
    scale = max(1.0, *(float(np.abs(value).max(initial=0.0)) for value in expected.values()))

    def write_and_verify(file: BinaryIO) -> None:
        file.write(data)
        file.flush()
        file.seek(0)
        difference[0] = _largest_difference(expected, chosen.outputs(model, file.read(), inputs))
        if not difference[0] <= TOLERANCE * scale:
            raise ChainruleError(
                f"The {chosen.title} file computes something else: the largest difference is "
                f"{number(difference[0], 2)}.", f"At most {number(TOLERANCE * scale, 2)} was expected, so it was not "
                "saved.", "Export to another format.")
        if cancelled():
            raise ChainruleError("The export was cancelled.", "", "Nothing was written.")

    write_atomically(path, write_and_verify)
    rows = len(next(iter(inputs.values())))
    return Verified(Path(path), chosen, rows, difference[0], TOLERANCE * scale)


def _inputs(model: Model, samples: np.ndarray | Mapping[str, np.ndarray]) -> Outputs:
    """The samples by Input id."""
    ids = [i for i in model.report.order if not model.graph.inputs(i)]
    given = samples if isinstance(samples, Mapping) else dict.fromkeys(ids[:1], samples)
    named = {model.graph.by_name(name).id: np.asarray(array) for name, array in given.items()}
    missing = [i for i in ids if i not in named or not len(named[i])]
    if missing:
        raise ChainruleError(f"There are no samples for {missing[0]} to verify the export with.",
                             "At least one example is needed for each Input.", "Choose data with examples.")
    return {i: np.ascontiguousarray(array[:SAMPLES], dtype=model.dtype) for i, array in named.items()}


def _require_finite(outputs: Outputs) -> None:
    if not all(np.isfinite(value).all() for value in outputs.values()):
        raise ChainruleError("The network's outputs are not finite.", "Weights that diverged are of no use elsewhere.",
                             "Train it again with a lower learning rate, then export.")


def _largest_difference(expected: Outputs, found: Outputs) -> float:
    """NaN where an output is missing or of another shape: NaN is within no tolerance."""
    worst = 0.0
    for loss, value in expected.items():
        other = found.get(loss)
        if other is None or other.shape != value.shape:
            return float("nan")
        worst = max(worst, float(np.abs(value - other).max(initial=0.0)))
        if not np.isfinite(other).all():
            return float("nan")
    return worst
