"""What a data set offers, as far as a graph must know it: shapes, task, classes."""

from __future__ import annotations

from dataclasses import dataclass

from engine.shapes import Shape


@dataclass(frozen=True, slots=True)
class DataSignature:
    """Shapes of one example and of its target.

    ``classes`` holds the class names of a classification set (targets are then whole numbers 0 … len − 1),
    and is empty for regression, whose targets are numbers of ``target_shape``.
    """

    input_shape: Shape
    target_shape: Shape = ()
    classes: tuple[str, ...] = ()
    train_rows: int = 0
    name: str = ""

    @property
    def is_classification(self) -> bool:
        return bool(self.classes)
