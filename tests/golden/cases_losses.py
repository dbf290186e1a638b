"""Losses in PyTorch; where it has none, its formula written out for autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from tests.golden.case import Case, Shape

Weights = dict[str, Any]
ROWS = 4
RANKS: list[Shape] = [(3,), (4, 2), (2, 3, 2)]


def _numbers(*shape: int) -> Any:
    return lambda rng: rng.normal(0.0, 2.0, (ROWS, *shape))


def _classes(count: int) -> Any:
    return lambda rng: rng.integers(0, count, ROWS)


def _questions(*shape: int) -> Any:
    return lambda rng: rng.integers(0, 2, (ROWS, *shape)).astype(float)


def _counts(*shape: int) -> Any:
    return lambda rng: rng.poisson(2.0, (ROWS, *shape)).astype(float)


def _distributions(*shape: int) -> Any:
    def draw(rng: np.random.Generator) -> np.ndarray:
        drawn = rng.exponential(size=(ROWS, *shape))
        drawn[0, ..., 0] = 0.0
        return drawn / drawn.sum(axis=-1, keepdims=True)
    return draw


def _cross_entropy(weights: list[float] | None = None, smoothing: float = 0.0) -> Any:
    vector = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    return lambda w, x, t: F.cross_entropy(x, t, vector, label_smoothing=smoothing)


def _nll(weights: list[float] | None = None) -> Any:
    vector = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    return lambda w, x, t: F.nll_loss(x, t, vector)


def _binary(weight: float = 1.0) -> Any:
    return lambda w, x, t: F.binary_cross_entropy_with_logits(x, t, pos_weight=torch.tensor(weight))


def _log_cosh(w: Weights, x: Any, t: Any) -> Any:
    return torch.log(torch.cosh(x - t)).mean()


def _poisson(w: Weights, x: Any, t: Any) -> Any:
    return F.poisson_nll_loss(x, t)


def _divergence(w: Weights, x: Any, t: Any) -> Any:
    return F.kl_div(x, t, reduction="batchmean")


def _cosine(w: Weights, x: Any, t: Any) -> Any:
    features = x.shape[-1]
    a, b = x.reshape(-1, features), t.reshape(-1, features)
    return F.cosine_embedding_loss(a, b, torch.ones(len(a), dtype=torch.float64))


def _hinge(power: int) -> Any:
    return lambda w, x, t: torch.clamp(1.0 - (2.0 * t - 1.0) * x, min=0.0).pow(power).mean()


def _focal(gamma: float, alpha: float) -> Any:
    def run(w: Weights, x: Any, t: Any) -> Any:
        p = torch.sigmoid(x)
        truth = p * t + (1.0 - p) * (1.0 - t)
        balance = alpha * t + (1.0 - alpha) * (1.0 - t)
        charge = F.binary_cross_entropy_with_logits(x, t, reduction="none")
        return (balance * (1.0 - truth) ** gamma * charge).mean()
    return run


def _dice(smooth: float) -> Any:
    def run(w: Weights, x: Any, t: Any) -> Any:
        p, wanted = torch.sigmoid(x).flatten(1), t.flatten(1)
        both, members = (p * wanted).sum(1), (p + wanted).sum(1)
        return (1.0 - (2.0 * both + smooth) / (members + smooth)).mean()
    return run


def _plain(kind: str, run: Any, draw: Any, **params: Any) -> list[Case]:
    """One case a rank, all with the same parameters."""
    tail = "-".join(f"{name}-{value}" for name, value in params.items())
    return [Case(f"{kind}-{len(s)}{tail and '-' + tail}", kind, (s,), run, params, target=draw(*s)) for s in RANKS]


CASES = [
    Case("SoftmaxCrossEntropy", "SoftmaxCrossEntropy", ((5,),), _cross_entropy(), target=_classes(5)),
    Case("SoftmaxCrossEntropy-smoothed", "SoftmaxCrossEntropy", ((5,),), _cross_entropy(None, 0.2),
         {"label_smoothing": 0.2}, target=_classes(5)),
    Case("SoftmaxCrossEntropy-weighted", "SoftmaxCrossEntropy", ((3,),), _cross_entropy([0.5, 2.0, 1.5]),
         {"class_weights": [0.5, 2.0, 1.5]}, target=_classes(3)),
    Case("SoftmaxCrossEntropy-both", "SoftmaxCrossEntropy", ((3,),), _cross_entropy([0.5, 2.0, 0.0], 0.3),
         {"class_weights": [0.5, 2.0, 0.0], "label_smoothing": 0.3}, target=_classes(3)),
    Case("NegativeLogLikelihood", "NegativeLogLikelihood", ((5,),), _nll(), target=_classes(5)),
    Case("NegativeLogLikelihood-weighted", "NegativeLogLikelihood", ((3,),), _nll([0.5, 2.0, 1.5]),
         {"class_weights": [0.5, 2.0, 1.5]}, target=_classes(3)),
    *_plain("SigmoidBinaryCrossEntropy", _binary(), _questions),
    *_plain("SigmoidBinaryCrossEntropy", _binary(3.0), _questions, pos_weight=3.0),
    *_plain("MSE", lambda w, x, t: F.mse_loss(x, t), _numbers),
    *_plain("MAE", lambda w, x, t: F.l1_loss(x, t), _numbers),
    *_plain("Huber", lambda w, x, t: F.huber_loss(x, t), _numbers),
    *_plain("Huber", lambda w, x, t: F.huber_loss(x, t, delta=0.4), _numbers, delta=0.4),
    *_plain("LogCosh", _log_cosh, _numbers),
    *_plain("Poisson", _poisson, _counts),
    *_plain("KLDivergence", _divergence, _distributions),
    *_plain("CosineLoss", _cosine, _numbers),
    *_plain("Hinge", _hinge(1), _questions),
    *_plain("SquaredHinge", _hinge(2), _questions),
    *_plain("Focal", _focal(2.0, 0.25), _questions),
    *_plain("Focal", _focal(0.5, 0.7), _questions, gamma=0.5, alpha=0.7),
    *_plain("Dice", _dice(1.0), _questions),
    Case("SoftmaxCrossEntropy-rows", "SoftmaxCrossEntropy", ((5,),), _cross_entropy(None, 0.2),
         {"label_smoothing": 0.2}, target=lambda rng: np.eye(5)[rng.integers(0, 5, ROWS)]),
]
