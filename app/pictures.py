"""Examples as pictures: which data are pictures, and how numbers become one. For the Data tab and the plots alike."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from engine.data import Dataset
from engine.shapes import Shape

#: The least side of a square for a plain vector to be taken for a picture.
_LEAST_SIDE = 8


def picture_shape(data: Dataset) -> Shape:
    """(height, width, 1 or 3) where the examples are pictures, also those given as one vector; else ()."""
    shape = data.signature.input_shape
    if len(shape) == 3 and shape[2] in (1, 3):
        return shape
    side = side_of_flat_picture(data)
    return (side, side, 1) if side else ()


def side_of_flat_picture(data: Dataset) -> int:
    """The side of square grey pictures that are given as one vector; 0 where the examples are something else."""
    shape = data.signature.input_shape
    side = round(shape[0] ** 0.5) if len(shape) == 1 else 0
    fits = side >= _LEAST_SIDE and side * side == shape[0] and not data.feature_names and bool(data.class_names)
    return side if fits else 0


def as_image(pixels: np.ndarray, top: float) -> QImage:
    """(height, width, 1 or 3) numbers up to ``top`` as a picture; a copy, so that nothing outside keeps it alive."""
    grey = np.ascontiguousarray(np.clip(pixels / top * 255.0, 0, 255).astype(np.uint8))
    height, width, channels = grey.shape
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(grey.data, width, height, width * channels, form).copy()
