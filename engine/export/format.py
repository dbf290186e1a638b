"""What an export format is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.compute import Model
from engine.data import Preparation
from engine.data.preprocess import NONE

#: Arrays by node id: the samples by Input, the predictions by loss.
Outputs = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Details:
    """What goes along with the weights, where the format has a place for it."""

    title: str = ""
    preparation: Preparation | None = None

    def texts(self) -> dict[str, str]:
        """The details as texts by name, empty ones left out."""
        found = {"title": self.title}
        if self.preparation is not None:
            found["classes"] = ", ".join(self.preparation.class_names)
            found["scaling"] = scaling_note(self.preparation)
            found["preparation"] = json.dumps(self.preparation.to_dict())
        return {name: value for name, value in found.items() if value}


def scaling_note(preparation: Preparation) -> str:
    """How raw numbers become the network's input, in a sentence."""
    scaler = preparation.scaler
    if scaler.method == NONE:
        return "The network takes its inputs as they are."
    return (f"The network takes (x - offset) * factor, with offset {json.dumps(scaler.offset.tolist())} "
            f"and factor {json.dumps(scaler.factor.tolist())}.")


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how a network is written, and how outputs are computed from what was written.

    ``write(model, details)`` gives the file's bytes. ``outputs(model, data, samples)`` computes, from the bytes
    read back, the predictions for ``samples`` (by Input id, batch first) by loss id; ``model`` says what is asked
    for, but its weights are not used in computing.
    """

    suffix: str
    title: str
    description: str
    write: Callable[[Model, Details], bytes]
    outputs: Callable[[Model, bytes, Outputs], Outputs]
