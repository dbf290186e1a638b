"""Recurrent layers, attention and embeddings in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from tests.golden.case import Case

Weights = dict[str, Any]
STEPS, FEATURES, UNITS = 5, 3, 4
LENGTHS = (5, 2, 4, 1)


def _weights(kind: str, both_ways: bool = False) -> dict[str, tuple[int, ...]]:
    rows = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}[kind] * UNITS
    own = {"W": (rows, FEATURES), "R": (rows, UNITS), "b": (rows,)}
    if kind == "GRU":
        own["c"] = (UNITS,)
    return {name + end: shape for end in ("", "_back")[: 1 + both_ways] for name, shape in own.items()}


def _offsets(w: Weights, end: str) -> tuple[Any, Any]:
    """PyTorch's two offsets: all in the first, but what stands inside a GRU's reset gate."""
    first = w["b" + end]
    zeros = torch.zeros_like(first)
    return first, torch.cat((zeros[: 2 * UNITS], w["c" + end])) if "c" in w else zeros


def _run(kind: str, sequence: bool, both_ways: bool) -> Callable[[Weights, Any], Any]:
    function = {"SimpleRNN": torch.rnn_tanh, "LSTM": torch.lstm, "GRU": torch.gru}[kind]

    def run(w: Weights, x: Any) -> Any:
        state = x.new_zeros(1 + both_ways, len(x), UNITS)
        ends = ("", "_back")[: 1 + both_ways]
        arrays = [array for end in ends for array in (w["W" + end], w["R" + end], *_offsets(w, end))]
        out, last, *_ = function(x, (state, state) if kind == "LSTM" else state, arrays, True, 1, 0.0, True, both_ways,
                                 True)
        return out if sequence else torch.cat(tuple(last), -1)

    return run


def _masked(kind: str, both_ways: bool) -> Callable[[Weights, Any], Any]:
    """PyTorch's packed sequences: each ends where its padding begins."""
    layer = {"SimpleRNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}[kind]

    def run(w: Weights, x: Any) -> Any:
        net = layer(FEATURES, UNITS, batch_first=True, bidirectional=both_ways, dtype=torch.float64)
        named = {}
        for ours, theirs in zip(("", "_back"), ("_l0", "_l0_reverse"), strict=True):
            if "W" + ours in w:
                arrays = (w["W" + ours], w["R" + ours], *_offsets(w, ours))
                named |= {part + theirs: array for part, array in
                          zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), arrays, strict=True)}
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(LENGTHS), True, enforce_sorted=False)
        _, last = torch.func.functional_call(net, named, (packed,))
        return torch.cat(tuple(last[0] if kind == "LSTM" else last), -1)

    return run


def _recurrent(kind: str) -> list[Case]:
    return [
        Case(f"{kind}-{'sequence' if sequence else 'last'}{'-both' if both_ways else ''}", kind, ((STEPS, FEATURES),),
             _run(kind, sequence, both_ways),
             {"units": UNITS, "returns": "sequence" if sequence else "last", "bidirectional": both_ways},
             _weights(kind, both_ways))
        for sequence in (False, True) for both_ways in (False, True)
    ] + [
        Case(f"{kind}-masked{'-both' if both_ways else ''}", kind, ((STEPS, FEATURES),), _masked(kind, both_ways),
             {"units": UNITS, "bidirectional": both_ways, "mask_zeros": True}, _weights(kind, both_ways),
             lengths=LENGTHS)
        for both_ways in (False, True)
    ]


def _attention(w: Weights, x: Any, causal: bool = False) -> Any:
    turned = x.transpose(0, 1)
    mask = torch.triu(torch.full((x.shape[1],) * 2, float("-inf"), dtype=x.dtype), 1) if causal else None
    out, _ = F.multi_head_attention_forward(
        turned, turned, turned, x.shape[2], 2, w["W"], w["b"], None, None, False, 0.0, w["P"], w["c"], attn_mask=mask)
    return out.transpose(0, 1)


def _wide_attention(w: Weights, x: Any) -> Any:
    """Heads of another width than features / heads, which PyTorch's layer does not have."""
    q, k, v = (x @ w["W"].T).unflatten(-1, (3, 3, 5)).permute(2, 0, 3, 1, 4)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2) @ w["P"].T


def _embedding(w: Weights, x: Any) -> Any:
    tokens = x.round().clamp(0, 5).long()
    return F.embedding(tokens, w["E"]) + 0.0 * x[..., None]


ATTENTION = {"W": (18, 6), "b": (18,), "P": (6, 6), "c": (6,)}
CASES = [
    *_recurrent("SimpleRNN"), *_recurrent("LSTM"), *_recurrent("GRU"),
    Case("Attention", "MultiHeadSelfAttention", ((5, 6),), _attention, {"heads": 2}, ATTENTION),
    Case("Attention-causal", "MultiHeadSelfAttention", ((5, 6),), lambda w, x: _attention(w, x, True),
         {"heads": 2, "causal": True}, ATTENTION),
    Case("Attention-wide", "MultiHeadSelfAttention", ((4, 6),), _wide_attention,
         {"heads": 3, "key_features": 5, "causal": True, "bias": False}, {"W": (45, 6), "P": (6, 15)}),
    Case("Embedding", "Embedding", ((7,),), _embedding, {"vocabulary": 6, "features": 3}, {"E": (6, 3)}),
]
