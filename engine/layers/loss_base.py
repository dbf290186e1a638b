"""What losses have in common: the mean over numbers, class weights, labels written as 1 in a row of zeros."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np

from engine.issues import Fix, Issue
from engine.layer import Context, Examples, LossLayer, OnnxNode
from engine.params import FloatTuple
from engine.shapes import Shape, size, text


class NumberLoss(LossLayer):
    """A loss that compares number with number and takes the mean over all of them: those of all examples and all
    outputs count alike, as with PyTorch's ``reduction="mean"``. The prediction is the input as it is."""

    icon = "mdi6.bullseye-arrow"
    examples: ClassVar[Examples] = (({}, ((1,),)), ({}, ((3,),)), ({}, ((4, 2),)), ({}, ((2, 3, 2),)))

    def infer(self, *shapes: Shape) -> Shape | Issue:
        return shapes[0]

    def onnx(self, node: OnnxNode, *xs: str) -> str:
        return node.op("Identity", xs[0])

    def charge_mean(self, ctx: Context, terms: np.ndarray) -> None:
        """The loss is the mean of ``terms`` (contiguous)."""
        ctx.do(mean, terms.reshape(-1), ctx.ones(terms.size), ctx.loss)


class BinaryLoss(NumberLoss):
    """A :class:`NumberLoss` whose every output is a question of yes (target 1) or no (target 0)."""

    target_range = (0.0, 1.0)

    def classes(self, *shapes: Shape) -> int:
        return 2 if size(shapes[0]) == 1 else 0

    def example_target(self, rng: np.random.Generator, batch: int, *shapes: Shape) -> np.ndarray:
        return rng.integers(0, 2, (batch, *shapes[0])).astype(np.float64)


class ClassLoss(LossLayer):
    """A loss over one score per class, whose targets are class numbers."""

    icon = "mdi6.bullseye-arrow"
    target_kind = "class"
    examples: ClassVar[Examples] = (({}, ((3,),)), ({}, ((10,),)))
    class_weights = FloatTuple(
        (), "How much each class counts, in their order: larger for rare classes. The mean is then weighted too, by "
        "the weights of the batch's targets.", low=0.0, high=1e6, advanced=True)

    def infer(self, *shapes: Shape) -> Shape | Issue:
        (x,) = shapes
        if len(x) != 1 or x[0] < 2:
            mends = (Fix("Insert Flatten", "insert_before", (("kind", "Flatten"),)),) if len(x) > 1 else ()
            return self.mismatch(
                "loss_input", f"The loss receives {text(x)}.", "It takes one score per class, two or more.",
                "End with a Dense layer of one unit per class.", mends=mends)
        if len(self.class_weights) not in (0, x[0]):
            return self.mismatch(
                "class_weights", f"There are {len(self.class_weights)} class weights, but {x[0]} classes.",
                "Expected one weight per class, or none.", f"Give {x[0]} numbers, or clear the field.",
                parameter="class_weights")
        return x

    def classes(self, *shapes: Shape) -> int:
        return shapes[0][0]

    def mass(self, target: np.ndarray) -> float:
        return float(np.array(self.class_weights)[target].sum()) if self.class_weights else super().mass(target)

    def column(self, ctx: Context) -> np.ndarray:
        """The class weights as (classes, 1) in the passes' precision."""
        return ctx.table(lambda: np.array(self.class_weights)[:, None], len(self.class_weights), 1)

    def mark_targets(self, ctx: Context, wanted: np.ndarray) -> None:
        """Writes a 1 at each example's class and 0 elsewhere into ``wanted`` (classes, N)."""
        n = wanted.shape[1]
        ctx.do(_mark, wanted, ctx.target, ctx.table(partial(np.arange, n), n, dtype=np.int64))


def mean(values: np.ndarray, ones: np.ndarray, loss: np.ndarray) -> None:
    """Writes the mean of 1-D ``values`` into ``loss``."""
    loss[...] = values.dot(ones) / values.shape[0]


def total_weight(weights: np.ndarray, ones: np.ndarray, total: np.ndarray) -> None:
    """Writes the sum of ``weights`` (N,) into ``total``; a batch whose classes all weigh nothing divides by 1."""
    total[...] = weights.dot(ones) or 1.0


def _mark(onehot: np.ndarray, target: np.ndarray, columns: np.ndarray) -> None:
    """Writes 1 at each example's class and 0 elsewhere: ``onehot`` is (classes, N), ``target`` (N,)."""
    onehot.fill(0)
    onehot[target, columns] = 1


def class_numbers(onehot: np.ndarray) -> np.ndarray | None:
    """(N,) int64 class numbers of rows (N, classes) that hold a single 1 among zeros; None where one does not."""
    if onehot.ndim != 2 or not np.isin(onehot, (0, 1)).all() or not (onehot.sum(axis=1) == 1).all():
        return None
    return onehot.argmax(axis=1).astype(np.int64)


def record_softplus(ctx: Context, z: np.ndarray, out: np.ndarray, other: np.ndarray) -> None:
    """Writes down log(1 + e^z) as max(z, 0) + log(1 + e^−|z|), where nothing overflows; ``other`` is overwritten."""
    ctx.do(np.abs, z, out)
    ctx.do(np.negative, out, out)
    ctx.do(np.exp, out, out)
    ctx.do(np.log1p, out, out)
    ctx.do(np.maximum, z, ctx.zeros(*z.shape), out=other)
    ctx.do(np.add, out, other, out)
