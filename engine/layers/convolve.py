"""The passes of a convolution, written down once for all layers that slide a kernel.

Images are (H, C, W, N). The kw columns of the kernel can be dealt with on either side of the products:

- *inside*: patches are laid out along the width, as (groups, H, C/groups, kw, W', N). kh consecutive rows of that array
  are a whole matrix of patches without being copied again, and every row of outputs is one matrix product with it.
- *outside*: kh consecutive rows of the image itself are multiplied with all columns of the kernel at once, and the kw
  results are added up, shifted against each other. Nothing is laid out, and the product reads a third as much.

Kernels are stored as (kh, C/groups, kw, O): a matrix for both ways, and the order in which ∂L/∂K comes out of one
product 1.3–1.5 times as fast as in the other.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.kernels import Window
from engine.layer import Context
from engine.layers.convolve_outside import (
    CACHED,
    clear,
    convolve_outside,
    cut,
    kernel_gradient_outside,
    products,
    small_length,
)
from engine.layers.sliding import Sliding


def convolve(
    ctx: Context, g: Sliding, x: np.ndarray, kernel: np.ndarray, z: np.ndarray, *, keep: bool,
    bias: np.ndarray | None = None,
) -> list[np.ndarray] | None:
    """Writes ``z`` (H', O, W', N) from ``x`` (H, C, W, N), ``kernel`` (kh, C/groups, kw, O) and ``bias`` (O,).

    Returns the patches that :func:`kernel_gradient` can use again, where it laid any out; with ``keep`` they last until
    the backward pass.
    """
    if g.goes_outside:
        convolve_outside(ctx, g, x, kernel, z, bias)
        return None
    pieces = bands(ctx, g, x, keep)
    for part in ctx.parts(g.rows.out, products(g, x)):
        _convolve_inside(ctx, g, [piece[:, part] for piece in pieces], kernel, z[part])
        if bias is not None:
            ctx.do(np.add, z[part], bias[:, None, None], z[part])
    return pieces


def bands(ctx: Context, g: Sliding, x: np.ndarray, keep: bool) -> list[np.ndarray]:
    """Matrices of patches of ``x``, (groups, H', K, W'·N), in one piece where rows are not dilated, else one for
    each row of the kernel. With ``keep`` they last until the backward pass, else for this pass of this node."""
    rows = _plain_rows(g, x)
    if rows is None:
        rows = _expand(ctx, g, x, keep)
    step, item = rows.strides[1], rows.itemsize
    groups, _, depth, wide = rows.shape
    if g.rows.dilation == 1 and step == depth * wide * item:  # kh rows lie side by side: one band
        shape = (groups, g.rows.out, g.rows.kernel * depth, wide)
        return [as_strided(rows, shape, (rows.strides[0], g.rows.stride * step, wide * item, item))]
    reach = (g.rows.out - 1) * g.rows.stride + 1
    starts = range(0, g.rows.kernel * g.rows.dilation, g.rows.dilation)
    return [rows[:, start : start + reach : g.rows.stride] for start in starts]


def _plain_rows(g: Sliding, x: np.ndarray) -> np.ndarray | None:
    """``x`` itself as (groups, H, C/groups, W·N) where the kernel is one wide and there is nothing to pad."""
    margins = (g.rows.before, g.rows.after, g.columns.before, g.columns.after)
    if any(margins) or g.columns.kernel > 1 or g.columns.stride > 1:
        return None
    return x.reshape(x.shape[0], g.groups, g.channels // g.groups, -1).transpose(1, 0, 2, 3)


def _expand(ctx: Context, g: Sliding, x: np.ndarray, keep: bool) -> np.ndarray:
    """The rows of ``x``, padded, each repeated for the kw columns of the kernel: (groups, H, C/groups·kw, W'·N)."""
    height, n, rows, columns = x.shape[0], x.shape[3], g.rows, g.columns
    own = g.channels // g.groups
    shape = (g.groups, height + rows.before + rows.after, own, columns.kernel, columns.out, n)
    patches = ctx.kept(*shape) if keep else ctx.scratch(*shape)
    inner = patches[:, rows.before : rows.before + height]
    grouped = split_channels(x, g.groups)
    if not keep:  # kept padding is zero for good, scratch memory must be cleared
        clear(ctx, patches[:, : rows.before], patches[:, rows.before + height :])
    for part in ctx.parts(height, inner.size):
        for v in range(columns.kernel):
            to, source = columns.inside(v)
            ctx.do(np.copyto, inner[:, part, :, v, to], grouped[:, part, :, source])
            if not keep:
                clear(ctx, inner[:, part, :, v, : to.start], inner[:, part, :, v, to.stop :])
    return patches.reshape(g.groups, shape[1], own * columns.kernel, columns.out * n)


def split_channels(x: np.ndarray, groups: int) -> np.ndarray:
    """(H, C, W, N) seen as (groups, H, C/groups, W, N)."""
    height, channels, width, n = x.shape
    return x.reshape(height, groups, channels // groups, width, n).transpose(1, 0, 2, 3, 4)


def _convolve_inside(
    ctx: Context, g: Sliding, pieces: list[np.ndarray], kernel: np.ndarray, z: np.ndarray
) -> None:
    """For every row of outputs the product of the kernel with its band of patches."""
    into = _outputs(g, z)
    parts = kernel.reshape(len(pieces), -1, g.groups, g.filters // g.groups).transpose(0, 2, 3, 1)[:, :, None, None]
    length = small_length(g.columns.out, z.shape[3], math.prod(parts.shape[-2:]))
    ctx.do(np.matmul, parts[0], cut(pieces[0], length), cut(into, length))
    if len(pieces) > 1:
        share = ctx.scratch(*into.shape)
        for part, piece in zip(parts[1:], pieces[1:], strict=True):
            ctx.do(np.matmul, part, cut(piece, length), cut(share, length))
            ctx.do(np.add, into, share, into)


def _outputs(g: Sliding, z: np.ndarray) -> np.ndarray:
    """(H', O, W', N) seen as (groups, H', O/groups, W'·N)."""
    return z.reshape(z.shape[0], g.groups, g.filters // g.groups, -1).transpose(1, 0, 2, 3)


def kernel_gradient(
    ctx: Context, g: Sliding, x: np.ndarray, pieces: list[np.ndarray] | None, dy: np.ndarray, dk: np.ndarray
) -> None:
    """∂L/∂K[o, c, u, v] = Σ δ[i, j, o] · x[i·s + u, j·s + v, c] over places and examples: per row of outputs the
    product of its band of patches with δ transposed, then the sum over the rows. ``pieces`` are what
    :func:`convolve` returned."""
    if pieces is None and g.goes_outside:
        kernel_gradient_outside(ctx, g, x, dy, dk)
        return
    if pieces is None:
        pieces = bands(ctx, g, x, keep=False)
    into = dk.reshape(len(pieces), -1, g.groups, g.filters // g.groups).transpose(0, 2, 1, 3)
    errors = _errors(ctx, g, dy, math.prod(into.shape[2:]))
    cuts, length = errors.shape[2:4]
    per_row = ctx.scratch(g.groups, g.rows.out * cuts, *into.shape[2:])
    by_cut = per_row.reshape(g.groups, g.rows.out, cuts, *into.shape[2:])
    for piece, gradient in zip(pieces, into, strict=True):
        for part in ctx.parts(g.rows.out, products(g, x) // len(pieces)):
            ctx.do(np.matmul, cut(piece[:, part], length), errors[:, part], by_cut[:, part])
        ctx.do(np.add.reduce, per_row, 1, None, gradient)


def _errors(ctx: Context, g: Sliding, dy: np.ndarray, each: int) -> np.ndarray:
    """δ as (groups, H', cuts, places and examples of a cut, O/groups): seen so, or where that makes the products small
    ones and costs little, laid out so."""
    flat = _outputs(g, dy).transpose(0, 1, 3, 2)
    length = small_length(g.columns.out, dy.shape[3], each)
    if length == flat.shape[2] or dy.size > CACHED:
        return flat[:, :, None]
    turned = ctx.scratch(*flat.shape)
    ctx.do(np.copyto, turned, flat)
    return turned.reshape(*flat.shape[:2], -1, length, flat.shape[3])


def bias_gradient(ctx: Context, dy: np.ndarray, db: np.ndarray) -> None:
    """∂L/∂b[o] = Σ δ[·, ·, o], as products with ones."""
    flat = dy.reshape(dy.shape[0], dy.shape[1], -1)
    sums = ctx.scratch(dy.shape[0], dy.shape[1])
    for part in ctx.parts(len(dy), dy.size):
        ctx.do(np.matmul, flat[part], ctx.ones(flat.shape[2]), sums[part])
    ctx.do(np.add.reduce, sums, 0, None, db)


def input_gradient(ctx: Context, g: Sliding, kernel: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> None:
    """∂L/∂x[p, q, c] = Σ K[o, c, u, v] · δ[i, j, o] over all (i, j, u, v) with i·s + u = p and j·s + v = q.

    Where strides do not prevent it, this is a convolution of δ, which is faster than adding columns up.
    """
    backwards = g.backwards()
    if backwards:
        _by_convolution(ctx, backwards, kernel, dy, dx)
    else:
        _by_columns(ctx, g, kernel, dy, dx)


def _by_convolution(ctx: Context, g: Sliding, kernel: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> None:
    """With stride 1 the sum runs over i = p − u and j = q − v: a convolution of δ with the kernel turned by 180° in
    which channels and filters have changed places."""
    kh, own, kw, _ = kernel.shape
    made = g.channels // g.groups
    turned = ctx.scratch(kh, made, kw, g.filters)
    grouped = kernel[::-1, :, ::-1].reshape(kh, own, kw, g.groups, made)
    ctx.do(np.copyto, turned.reshape(kh, made, kw, g.groups, own), grouped.transpose(0, 4, 2, 3, 1))
    convolve(ctx, g, dy, turned, dx, keep=False)


def _by_columns(ctx: Context, g: Sliding, kernel: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> None:
    """Kᵀ·δ per kernel row, added at the rows it came from; then the kw columns folded back onto the width."""
    height, n = dx.shape[0], dx.shape[3]
    rows, columns = g.rows, g.columns
    kh, own, kw, _ = kernel.shape
    flat = _outputs(g, dy)
    spread = ctx.scratch(g.groups, height + rows.before + rows.after, own, kw, columns.out, n)
    wide = spread.reshape(g.groups, spread.shape[1], own * kw, columns.out * n)
    share = ctx.scratch(g.groups, rows.out, own * kw, columns.out * n)
    reach = (rows.out - 1) * rows.stride + 1
    parts = kernel.reshape(kh, own * kw, g.groups, -1).transpose(0, 2, 1, 3)[:, :, None]
    for u in range(kh):
        start = u * rows.dilation
        target = wide[:, start : start + reach : rows.stride]
        if u == 0 and rows.stride == 1:  # nothing has been added yet: write the first share, clear the rest
            ctx.do(np.matmul, parts[u], flat, target)
            clear(ctx, wide[:, reach:])
            continue
        if u == 0:
            ctx.do(spread.fill, 0)
        ctx.do(np.matmul, parts[u], flat, share)
        ctx.do(np.add, target, share, target)
    inner = spread[:, rows.before : rows.before + height]
    _fold(ctx, columns, inner, split_channels(dx, g.groups))


def _fold(ctx: Context, columns: Window, inner: np.ndarray, dx: np.ndarray) -> None:
    """Adds the kw columns up at the places they were taken from; one that covers the width is written first."""
    width = dx.shape[3]
    pairs = [(v, *columns.inside(v)) for v in range(columns.kernel)]
    pairs.sort(key=lambda pair: len(range(*pair[2].indices(width))) < width)
    for number, (v, source, to) in enumerate(pairs):
        target, part = dx[:, :, :, to], inner[:, :, :, v, source]
        if number == 0 and target.shape[3] == width:
            ctx.do(np.copyto, target, part)
            continue
        if number == 0:
            ctx.do(dx.fill, 0)
        ctx.do(np.add, target, part, target)
