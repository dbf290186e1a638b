"""What layers may rely on: beyond rank 1, outputs and gradients lie in memory row by row, so reshaping never copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.layer import Context, Layer
from engine.layers import LAYERS
from tests.contract.networks import batch_for, cases, chain, compiled, fan_out


@pytest.mark.parametrize("network", [chain, fan_out])
@pytest.mark.parametrize(("kind", "params", "shapes"), cases(losses=False))
def test_outputs_and_gradients_lie_row_by_row(
    kind: str, params: Any, shapes: Any, network: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "Input" and network is fan_out:
        return
    seen: list[np.ndarray] = []
    for layer in LAYERS.values():
        monkeypatch.setattr(layer, "backward", watched(layer.backward, seen))
    model = compiled(network(kind, params, shapes))
    model.loss(*batch_for(model, 3))
    model.backward()
    assert seen
    values = model.program(3).values.values()
    assert all(array.flags.c_contiguous for array in [*values, *seen] if array.ndim > 2)


def watched(
    backward: Callable[[Layer, Context, np.ndarray], None], seen: list[np.ndarray]
) -> Callable[[Layer, Context, np.ndarray], None]:
    def backward_seen(layer: Layer, ctx: Context, dy: np.ndarray) -> None:
        if dy.size and any(dy.strides):  # a loss is given none, and plans of memory are made with empty arrays
            seen.append(dy)
        backward(layer, ctx, dy)

    return backward_seen
