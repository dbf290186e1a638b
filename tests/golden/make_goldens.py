"""Runs every case in PyTorch, in float64, and freezes inputs, weights, outputs and gradients in small .npz files.

By hand, with a Python that has PyTorch and NumPy: ``python -m tests.golden.make_goldens [name …]``.
"""

from __future__ import annotations

import importlib
import json
import sys
import zlib
from pathlib import Path

import numpy as np
import torch

from tests.golden.case import Case

HERE = Path(__file__).parent
# PyTorch keeps numbers of its own, NAdam's product of momenta say, in this precision.
torch.set_default_dtype(torch.float64)


def freeze(case: Case) -> dict[str, np.ndarray]:
    """What the test needs to know of one case, by "case/part"."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    xs = [_input(case, shape, rng) for shape in case.inputs]
    weights = {name: _weight(name, shape, rng) for name, shape in case.weights.items()}
    begin = {name: weight.detach().numpy().copy() for name, weight in weights.items()}
    about = {"kind": case.kind, "params": dict(case.params), "training": case.training}
    parts = {"about": np.array(json.dumps(about)), **{f"x{i}": x.detach().numpy() for i, x in enumerate(xs)},
             **{f"w.{name}": value for name, value in begin.items()}}
    if case.target is not None:
        target = case.target(rng)
        out = case.run(weights, *xs, torch.tensor(target))
        parts |= {"target": target, "loss": out.detach().numpy()}
    else:
        out = case.run(weights, *xs)
        parts["y"] = out.detach().numpy()
    if case.training:
        dy = rng.normal(size=tuple(out.shape)) if case.target is None else np.ones(())
        out.backward(torch.tensor(dy))
        parts["dy"] = dy
        parts |= {f"dx{i}": x.grad.numpy() for i, x in enumerate(xs)}
        parts |= {f"dw.{name}": w.grad.numpy() for name, w in weights.items() if w.requires_grad}
        parts |= {f"after.{name}": w.numpy() for name, w in weights.items() if not w.requires_grad}
    return {f"{case.name}/{part}": np.array(value, order="C") for part, value in parts.items()}


def _input(case: Case, shape: tuple[int, ...], rng: np.random.Generator) -> torch.Tensor:
    x = rng.normal(0.0, case.spread, (case.rows, *shape))
    for row, length in enumerate(case.lengths):
        x[row, length:] = 0.0
    return torch.tensor(x, requires_grad=True)


def _weight(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> torch.Tensor:
    if name.startswith("running_"):
        return torch.tensor(rng.uniform(0.5, 1.5, shape))
    return torch.tensor(rng.normal(0.0, 0.5, shape), requires_grad=True)


def freeze_all(cases: list[Case]) -> dict[str, np.ndarray]:
    """All cases of a file."""
    assert len({case.name for case in cases}) == len(cases), "two cases have one name"
    return {part: array for case in cases for part, array in freeze(case).items()}


def main(names: list[str]) -> None:
    for path in sorted(HERE.glob("cases_*.py")):
        name = path.stem.removeprefix("cases_")
        if names and name not in names:
            continue
        module = importlib.import_module(f"tests.golden.{path.stem}")
        # What is no layer (optimizers, schedules) freezes itself.
        frozen = module.freeze() if hasattr(module, "freeze") else freeze_all(module.CASES)
        np.savez_compressed(HERE / f"{name}.npz", **frozen)
        print(f"{name}: {len(frozen)} arrays, {(HERE / f'{name}.npz').stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
