"""Twenty steps of every optimizer in PyTorch, on a loss whose gradients turn, vanish and differ in size."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

STEPS = 20
#: Rows of data, features, and units of the one layer that learns.
ROWS, FEATURES, UNITS = 12, 5, 3


@dataclass(frozen=True)
class Run:
    """One optimizer of ours and of PyTorch's. The network is a Dense layer and a mean squared error of its tanh."""

    name: str
    kind: str
    params: dict[str, Any]
    build: Callable[..., Any]
    theirs: dict[str, Any] = field(default_factory=dict)
    #: What is called with all parameters between backward pass and step.
    before: Callable[[Any], Any] | None = None
    #: Weight decay: PyTorch's argument, given to the kernel only, as biases are spared here.
    decay: float = 0.0


def _lion(w: Any, g: Any, state: dict[str, Any], lr: float, decay: float) -> None:
    """By its authors' algorithm: PyTorch has no Lion."""
    m = state.setdefault("m", torch.zeros_like(w))
    w.mul_(1.0 - lr * decay).sub_(torch.sign(0.9 * m + 0.1 * g), alpha=lr)
    m.mul_(0.99).add_(g, alpha=0.01)


class Lion(torch.optim.Optimizer):
    def __init__(self, params: Any, lr: float = 1e-4, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                _lion(p, p.grad, self.state[p], group["lr"], group["weight_decay"])


def _lbfgs(params: Any, **values: Any) -> Any:
    (group, offsets) = params
    return torch.optim.LBFGS([*group["params"], *offsets["params"]], line_search_fn="strong_wolfe", **values)


RUNS = [
    Run("SGD", "SGD", {"learning_rate": 0.1}, torch.optim.SGD, {"lr": 0.1}, decay=0.05),
    Run("Momentum", "SGD", {"learning_rate": 0.1, "momentum": 0.9}, torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9}, decay=0.05),
    Run("Nesterov", "SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True}, decay=0.05),
    Run("Adagrad", "Adagrad", {"lr_decay": 0.02, "initial_accumulator_value": 0.1}, torch.optim.Adagrad,
        {"lr_decay": 0.02, "initial_accumulator_value": 0.1}, decay=0.05),
    Run("Adadelta", "Adadelta", {}, torch.optim.Adadelta, decay=0.05),
    Run("RMSprop", "RMSprop", {}, torch.optim.RMSprop, decay=0.05),
    Run("RMSprop-momentum", "RMSprop", {"momentum": 0.8}, torch.optim.RMSprop, {"momentum": 0.8}, decay=0.05),
    Run("RMSprop-centred", "RMSprop", {"centered": True, "momentum": 0.9, "alpha": 0.9}, torch.optim.RMSprop,
        {"centered": True, "momentum": 0.9, "alpha": 0.9}, decay=0.05),
    Run("Adam", "Adam", {"learning_rate": 0.05}, torch.optim.Adam, {"lr": 0.05}, decay=0.1),
    Run("AMSGrad", "Adam", {"learning_rate": 0.05, "amsgrad": True}, torch.optim.Adam,
        {"lr": 0.05, "amsgrad": True}, decay=0.1),
    Run("AdamW", "AdamW", {"learning_rate": 0.05}, torch.optim.AdamW, {"lr": 0.05}, decay=0.3),
    Run("AdamW-AMSGrad", "AdamW", {"learning_rate": 0.05, "amsgrad": True, "beta1": 0.8, "beta2": 0.95, "eps": 1e-4},
        torch.optim.AdamW, {"lr": 0.05, "amsgrad": True, "betas": (0.8, 0.95), "eps": 1e-4}, decay=0.3),
    Run("NAdam-fast", "NAdam", {"learning_rate": 0.05, "momentum_decay": 0.3}, torch.optim.NAdam,
        {"lr": 0.05, "momentum_decay": 0.3}, decay=0.1),
    Run("NAdam", "NAdam", {}, torch.optim.NAdam, decay=0.1),
    Run("RAdam", "RAdam", {"learning_rate": 0.05}, torch.optim.RAdam, {"lr": 0.05}, decay=0.1),
    Run("RAdam-short", "RAdam", {"learning_rate": 0.05, "beta2": 0.9}, torch.optim.RAdam,
        {"lr": 0.05, "betas": (0.9, 0.9)}, decay=0.1),
    Run("AdaMax", "AdaMax", {}, torch.optim.Adamax, decay=0.1),
    Run("Lion", "Lion", {"learning_rate": 0.01}, Lion, {"lr": 0.01}, decay=0.3),
    Run("Rprop", "Rprop", {}, torch.optim.Rprop),
    Run("LBFGS", "LBFGS", {}, _lbfgs),
    Run("LBFGS-short", "LBFGS", {"max_iter": 1, "history_size": 4, "learning_rate": 0.7}, _lbfgs,
        {"max_iter": 1, "max_eval": 25, "history_size": 4, "lr": 0.7}),
    Run("clip-norm", "SGD", {"learning_rate": 0.5, "clip_norm": 0.05}, torch.optim.SGD, {"lr": 0.5},
        lambda params: torch.nn.utils.clip_grad_norm_(params, 0.05), 0.05),
    Run("clip-value", "Adam", {"learning_rate": 0.05, "clip_value": 0.01}, torch.optim.Adam, {"lr": 0.05},
        lambda params: torch.nn.utils.clip_grad_value_(params, 0.01), 0.1),
]


def freeze() -> dict[str, np.ndarray]:
    """Data and first weights, shared, and by run the weights after each step."""
    rng = np.random.default_rng(7)
    shared = {"x": rng.normal(size=(ROWS, FEATURES)) * np.geomspace(0.1, 2.0, FEATURES),
              "t": rng.normal(0.0, 0.7, (ROWS, UNITS)),
              "kernel": rng.normal(0.0, 0.5, (UNITS, FEATURES)), "bias": rng.normal(0.0, 0.5, UNITS)}
    found = {f"shared/{name}": value for name, value in shared.items()}
    for run in RUNS:
        kernels, biases = _follow(run, {name: torch.tensor(value) for name, value in shared.items()})
        about = {"kind": run.kind, **run.params} | ({"weight_decay": run.decay} if run.decay else {})
        found |= {f"{run.name}/run": np.array(json.dumps(about)), f"{run.name}/W": kernels, f"{run.name}/b": biases}
    return found


def _follow(run: Run, given: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    kernel, bias = (given[name].clone().requires_grad_() for name in ("kernel", "bias"))
    groups: list[dict[str, Any]] = [{"params": [kernel]}, {"params": [bias]}]
    if run.decay:
        groups = [{**groups[0], "weight_decay": run.decay}, {**groups[1], "weight_decay": 0.0}]
    optimizer = run.build(groups, **run.theirs)

    def closure() -> Any:
        optimizer.zero_grad()
        predicted = torch.tanh(given["x"] @ kernel.T + bias)
        loss = torch.nn.functional.mse_loss(predicted, given["t"])
        loss.backward()
        if run.before:
            run.before([kernel, bias])
        return loss

    kernels, biases = [], []
    for _ in range(STEPS):
        if run.kind == "LBFGS":
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()
        kernels.append(kernel.detach().numpy().copy())
        biases.append(bias.detach().numpy().copy())
    return np.array(kernels), np.array(biases)
