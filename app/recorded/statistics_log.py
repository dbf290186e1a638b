"""Every close look at a run's steps, in bounded memory: what is old is kept more coarsely.

The looks of one run have the same layers and weights, so that they are kept as tables (a row for each look) rather
than as objects: a plot reads a layer's histograms as one array, and nothing is left for the garbage collector to walk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.recorded.columns import Columns
from engine.train.events import Histogram, LayerStatistics, Statistics, WeightStatistics
from engine.train.telemetry import BINS

#: Memory after which every other look is dropped, and the looks that are kept even so.
_MOST_BYTES, _FEWEST = 48_000_000, 256
#: Numbers kept of the singular values of one matrix, and sets of them (there is about one a second) at most and least.
_MOST_VALUES, _MOST_SPECTRA, _FEWEST_SPECTRA = 1_000_000, 4096, 256
_FIRST_ROWS = 64
_NONE = np.zeros(0)
_OF_LAYER = ("mean", "sigma", "dead", "saturated")
_OF_WEIGHT = ("mean", "sigma", "gradient_norm", "update_ratio")
#: Kinds of histograms: of a layer's outputs, of a weight array, and of its gradient.
OUTPUTS, WEIGHTS, GRADIENTS = KINDS = ("outputs", "weights", "gradients")


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """Histograms of one quantity, one look after the other: each has its own ends. Views, read-only by agreement."""

    steps: np.ndarray  # (k,) int64
    low: np.ndarray  # (k,) float64
    high: np.ndarray  # (k,) float64
    counts: np.ndarray  # (k, BINS) uint16


class StatisticsLog(Sequence[Statistics]):
    """Looks in the order of their step, oldest to newest; made into :class:`Statistics` as they are asked for."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self.clear()

    def clear(self) -> None:
        """Forgets every look."""
        self._model: Statistics | None = None
        self._tables: dict[str, np.ndarray] = {}
        self._count = 0
        self._limit = _FEWEST
        #: Singular values of each matrix over steps, by "node.name": columns "σ1" … "σr" and "κ".
        self.spectra: dict[str, Columns] = {}

    # -- reading ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int | slice) -> Statistics | list[Statistics]:
        if isinstance(index, slice):
            return [self._at(row) for row in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(f"there are {self._count} looks, not one numbered {index}")
        return self._at(index % self._count)

    def __iter__(self) -> Iterator[Statistics]:
        return (self._at(row) for row in range(self._count))

    @property
    def steps(self) -> np.ndarray:
        """(looks,) int64; a view, read-only by agreement."""
        return self._tables["step"][: self._count] if self._tables else np.zeros(0, np.int64)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every layer that was looked at, in computing order."""
        return tuple(layer.node for layer in self._model.layers) if self._model else ()

    @property
    def weight_keys(self) -> tuple[str, ...]:
        """"node.name" of every weight array, layer by layer."""
        return tuple(weight.key for weight in _weights(self._model)) if self._model else ()

    def at(self, step: int) -> Statistics | None:
        """The newest look at ``step`` or before; the oldest there is where all are later; None without any."""
        if not self._count:
            return None
        return self._at(max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0))

    def spreads(self, kind: str, name: str) -> Spreads | None:
        """Histograms over steps: of OUTPUTS of a node, of WEIGHTS or GRADIENTS of "node.name"; None without any."""
        names = self.nodes if kind == OUTPUTS else self.weight_keys
        if name not in names:
            return None
        rows, place = slice(self._count), names.index(name)
        ends = self._tables[f"{kind}.ends"][rows, place]
        return Spreads(self.steps, ends[:, 0], ends[:, 1], self._tables[f"{kind}.counts"][rows, place])

    @property
    def bytes(self) -> int:
        """Memory in use."""
        kept = sum(table.nbytes for table in self._tables.values())
        return kept + sum(table.steps.nbytes + table.table.nbytes for table in self.spectra.values())

    # -- writing ----------------------------------------------------------------------------------------------

    def append(self, look: Statistics) -> None:
        """Adds a look at a later step than those here. One at other layers or weights begins the log anew."""
        self.drop_after(look.step - 1)
        if self._model is None or _structure(look) != _structure(self._model):
            self.clear()
            self._begin(look)
        if self._count == self._limit:
            self._thin()
        self._reserve(self._count + 1)
        self._write(self._count, look)
        self._count += 1
        for weight in _weights(look):
            self._add_spectrum(look.step, weight)

    def drop_after(self, step: int) -> None:
        """Forgets every look later than ``step``."""
        self._count = int(np.searchsorted(self.steps, step, side="right"))
        for table in self.spectra.values():
            table.drop_after(step)
        if not self._count:
            self.clear()  # without a look no layer is known either

    # -- for the disk -----------------------------------------------------------------------------------------

    def pack(self) -> tuple[list[Any], dict[str, np.ndarray]]:
        """Layers and weights as plain values, and the tables (views, a row for each look); :attr:`spectra` aside."""
        layers = self._model.layers if self._model else ()
        structure = [[layer.node, layer.units, [weight.key for weight in layer.weights]] for layer in layers]
        return structure, {name: table[: self._count] for name, table in self._tables.items()}

    @classmethod
    def unpack(
        cls, structure: list[Any], tables: Mapping[str, np.ndarray], spectra: dict[str, Columns]
    ) -> StatisticsLog:
        """The log that :meth:`pack` took apart. Raises ValueError or KeyError where the parts do not fit."""
        log = cls()
        if not structure:
            return log
        nan, nothing = math.nan, Histogram(0.0, 0.0, _NONE)
        layers = tuple(
            LayerStatistics(node, nan, nan, units, nan, nan, nothing, tuple(
                WeightStatistics(key, nan, nan, nan, nan, nothing, nothing, _NONE) for key in keys))
            for node, units, keys in structure
        )
        log._begin(Statistics(0, nan, nan, layers))
        for name, table in log._tables.items():
            given = tables[name]
            if given.shape[1:] != table.shape[1:] or len(given) != len(tables["step"]):
                raise ValueError(f"the looks have {name} of {given.shape}")
            log._tables[name] = np.concatenate([given.astype(table.dtype), np.zeros_like(table[:1])])
        log._count, log.spectra = len(tables["step"]), spectra
        return log

    # -- inside -----------------------------------------------------------------------------------------------

    def _begin(self, look: Statistics) -> None:
        layers, weights = len(look.layers), len(_weights(look))
        shapes = {"step": ((), np.int64), "rate": ((), np.float64), "noise": ((), np.float64),
                  "layers": ((layers, len(_OF_LAYER)), np.float64), "weights": ((weights, len(_OF_WEIGHT)), np.float64)}
        for kind in KINDS:
            names = layers if kind == OUTPUTS else weights
            shapes[f"{kind}.ends"] = ((names, 2), np.float64)
            shapes[f"{kind}.counts"] = ((names, BINS), np.uint16)  # a histogram is of a few thousand numbers at most
        self._model = replace(look, layers=tuple(_bare(layer) for layer in look.layers))
        self._tables = {name: np.zeros((_FIRST_ROWS, *shape), kind) for name, (shape, kind) in shapes.items()}
        row = sum(table.nbytes for table in self._tables.values()) // _FIRST_ROWS
        self._limit = max(self._most_bytes // row, _FEWEST) // 2 * 2

    def _reserve(self, rows: int) -> None:
        have = len(self._tables["step"])
        if rows > have:
            more = min(2 * have, self._limit)
            for name, table in self._tables.items():
                self._tables[name] = np.concatenate([table, np.zeros((more - have, *table.shape[1:]), table.dtype)])

    def _thin(self) -> None:
        """Keeps every other look, the newest among them."""
        kept = self._count // 2
        for table in self._tables.values():
            table[:kept] = table[1 : self._count : 2].copy()
        self._count = kept

    def _write(self, row: int, look: Statistics) -> None:
        tables, weights = self._tables, _weights(look)
        tables["step"][row], tables["rate"][row] = look.step, look.learning_rate
        tables["noise"][row] = look.gradient_noise
        tables["layers"][row] = [[getattr(layer, name) for name in _OF_LAYER] for layer in look.layers]
        histograms = {OUTPUTS: [layer.outputs for layer in look.layers], WEIGHTS: [w.values for w in weights],
                      GRADIENTS: [w.gradients for w in weights]}
        if weights:
            tables["weights"][row] = [[getattr(weight, name) for name in _OF_WEIGHT] for weight in weights]
        for kind, found in histograms.items():
            for place, histogram in enumerate(found):
                tables[f"{kind}.ends"][row, place] = histogram.low, histogram.high
                tables[f"{kind}.counts"][row, place] = histogram.counts

    def _add_spectrum(self, step: int, weight: WeightStatistics) -> None:
        """Singular values are told again until they are measured anew: only what is new is kept."""
        values = weight.singular_values
        if not len(values):
            return
        names = (*(f"σ{i + 1}" for i in range(len(values))), "κ")
        table = self.spectra.get(weight.key)
        if table is None or table.names != names:
            most = min(max(_MOST_VALUES // len(names), _FEWEST_SPECTRA), _MOST_SPECTRA)
            table = self.spectra[weight.key] = Columns(names, most)
        row = np.append(values, values[0] / values[-1] if values[-1] > 0 else np.inf).astype(np.float32)
        if table.count == 0 or not np.array_equal(table.table[-1], row):
            table.append(np.array([step]), row[None])

    def _at(self, row: int) -> Statistics:
        tables, step = self._tables, int(self._tables["step"][row])
        found, layers = iter(range(len(tables["weights"][row]))), []
        for place, bare in enumerate(self._model.layers):
            weights = tuple(self._weight(row, next(found), step, weight) for weight in bare.weights)
            layers.append(replace(bare, **dict(zip(_OF_LAYER, tables["layers"][row, place].tolist(), strict=True)),
                                  outputs=self._histogram(OUTPUTS, row, place), weights=weights))
        return Statistics(step, float(tables["rate"][row]), float(tables["noise"][row]), tuple(layers))

    def _weight(self, row: int, place: int, step: int, bare: WeightStatistics) -> WeightStatistics:
        numbers = dict(zip(_OF_WEIGHT, self._tables["weights"][row, place].tolist(), strict=True))
        return replace(bare, **numbers, values=self._histogram(WEIGHTS, row, place),
                       gradients=self._histogram(GRADIENTS, row, place),
                       singular_values=self.spectrum_at(bare.key, step))

    def spectrum_at(self, key: str, step: int) -> np.ndarray:
        """(r,) float64: the singular values measured last at ``step`` or before; empty where none were."""
        table = self.spectra.get(key)
        row = int(np.searchsorted(table.steps, step, side="right")) - 1 if table is not None else -1
        return table.table[row, :-1].astype(np.float64) if table is not None and row >= 0 else _NONE

    def _histogram(self, kind: str, row: int, place: int) -> Histogram:
        low, high = self._tables[f"{kind}.ends"][row, place].tolist()
        return Histogram(low, high, self._tables[f"{kind}.counts"][row, place].astype(np.int64))


def _weights(look: Statistics) -> list[WeightStatistics]:
    return [weight for layer in look.layers for weight in layer.weights]


def _structure(look: Statistics) -> list[tuple]:
    return [(layer.node, layer.units, tuple(weight.key for weight in layer.weights)) for layer in look.layers]


def _bare(layer: LayerStatistics) -> LayerStatistics:
    """The names in a layer's statistics, without the arrays."""
    nothing = Histogram(0.0, 0.0, _NONE)
    weights = tuple(replace(w, values=nothing, gradients=nothing, singular_values=_NONE) for w in layer.weights)
    return replace(layer, outputs=nothing, weights=weights)
