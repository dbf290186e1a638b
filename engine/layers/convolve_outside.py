"""Convolution with the kernel's columns dealt with outside the matrix products; see :mod:`engine.layers.convolve`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.kernels import Window, whole_columns
from engine.layer import Context
from engine.layers.sliding import Sliding

#: So many numbers of intermediate results stay in a processor's cache.
CACHED = 1 << 18
#: A row is cut into small products where each meets at least so many places and examples: a product of its own costs a
#: call, and one of a gradient's has to be added to the others.
_SHORTEST, _SHORTEST_GRADIENT = 64, 128


def convolve_outside(
    ctx: Context, g: Sliding, x: np.ndarray, kernel: np.ndarray, z: np.ndarray, bias: np.ndarray | None
) -> None:
    """The products of a few rows at a time with all columns of the kernel, and their sum in the cache."""
    many = max(1, CACHED // (kernel[0, 0].size * x[0, 0].size))
    for part in ctx.parts(g.rows.out, products(g, x)):
        _convolve_rows(ctx, g, x, kernel, z, bias, _row_runs(g.rows, part, many), many)


def _convolve_rows(
    ctx: Context, g: Sliding, x: np.ndarray, kernel: np.ndarray, z: np.ndarray, bias: np.ndarray | None,
    runs: Iterator[tuple[int, int, int, int]], many: int,
) -> None:
    _, _, kw, filters = kernel.shape
    _, _, width, n = x.shape
    parts = ctx.scratch(many, kw, filters, width, n)
    for start, stop, first, last in runs:
        count, into = stop - start, z[start:stop]
        if first == last:
            clear(ctx, into)
        else:
            rows = _image_bands(g, x, start, stop, first, last)
            matrix = kernel[first:last].reshape(-1, kw * filters)
            results = parts[:count].reshape(count, kw * filters, width * n)
            length = small_length(width, n, matrix.size)
            ctx.do(np.matmul, matrix.T, cut(rows, length), cut(results, length))
            _add_shifted(ctx, g.columns, parts[:count], into)
        if bias is not None:
            ctx.do(np.add, into, bias[:, None, None], into)


def small_length(width: int, n: int, each: int) -> int:
    """How much of a row, ``width`` columns of ``n`` numbers, one product is to meet, at ``each`` multiply–adds a
    number: as much as makes a small product, or all of it."""
    length = whole_columns(width, n, each) * n
    return length if length >= _SHORTEST else width * n


def cut(rows: np.ndarray, length: int) -> np.ndarray:
    """(…, K, L) seen as (…, L/length, K, length)."""
    *outer, depth, whole = rows.shape
    return rows.reshape(*outer, depth, whole // length, length).swapaxes(-3, -2)


def products(g: Sliding, x: np.ndarray) -> int:
    """The work of a convolution of ``x`` or of one of its gradients, as :meth:`engine.layer.Context.parts` counts."""
    return g.cost * x.shape[3] // 32


def _row_runs(rows: Window, part: slice, many: int) -> Iterator[tuple[int, int, int, int]]:
    """Runs of up to ``many`` rows of outputs of a part, from start to stop, that meet data at the same rows of the
    kernel, from first to last (the others lie on padding)."""
    start = part.start
    while start < part.stop:
        first, last = _meets(rows, start)
        stop = start + 1
        while stop < min(part.stop, start + many) and _meets(rows, stop) == (first, last):
            stop += 1
        yield start, stop, first, last
        start = stop


def _meets(rows: Window, place: int) -> tuple[int, int]:
    top = place - rows.before
    first = min(max(0, -top), rows.kernel)
    return first, max(first, min(rows.kernel, rows.length - top))


def _add_shifted(ctx: Context, columns: Window, parts: np.ndarray, z: np.ndarray) -> None:
    """z[…, j, :] = Σ over v of part v at the column that entry v of the kernel meets at j."""
    pairs = [(parts[:, v, :, source], z[:, :, to], to) for v in range(columns.kernel)
             for to, source in (columns.inside(v),)]
    pairs.sort(key=lambda pair: -pair[1].size)
    if pairs[0][1].shape == z.shape:
        (everywhere, _, _), (part, target, to) = pairs[:2]
        ctx.do(np.add, everywhere[:, :, to], part, target)
        for rest in (slice(0, to.start), slice(to.stop, z.shape[2])):
            if rest.start < rest.stop:
                ctx.do(np.copyto, z[:, :, rest], everywhere[:, :, rest])
        del pairs[:2]
    else:
        ctx.do(z.fill, 0)
    for part, target, _ in pairs:
        if target.size:
            ctx.do(np.add, target, part, target)


def kernel_gradient_outside(ctx: Context, g: Sliding, x: np.ndarray, dy: np.ndarray, dk: np.ndarray) -> None:
    """For every column of the kernel the product of bands of the image with δ, shifted against each other."""
    kh, channels, kw, filters = dk.shape
    width, n = x.shape[2:]
    columns = whole_columns(width, n, kh * channels * filters)
    if columns < width and columns * n >= _SHORTEST_GRADIENT:
        _gradient_turned(ctx, g, x, dy, dk, columns)
        return
    per_row = ctx.scratch(g.rows.out, kh, channels, kw, filters)
    for part in ctx.parts(g.rows.out, products(g, x)):
        for start, stop, first, last in _row_runs(g.rows, part, g.rows.out):
            clear(ctx, per_row[start:stop, :first], per_row[start:stop, last:])
            for v in range(kw):
                _gradient_of_column(ctx, g, x, dy, per_row[:, :, :, v], v, (start, stop, first, last))
    ctx.do(np.add.reduce, per_row, 0, None, dk)


def _gradient_of_column(
    ctx: Context, g: Sliding, x: np.ndarray, dy: np.ndarray, per_row: np.ndarray, v: int,
    run: tuple[int, int, int, int],
) -> None:
    """For a run of rows of outputs the gradient of the kernel's column ``v``, row by row."""
    start, stop, first, last = run
    to, source = g.columns.inside(v)
    into, count = per_row[start:stop, first:last], stop - start
    length = (to.stop - to.start) * x.shape[3]
    if not length:
        clear(ctx, into)
        return
    if not into.size:
        return
    band = _image_bands(g, x[:, :, source], start, stop, first, last)
    errors = dy[start:stop, :, to]
    turned = as_strided(errors, (count, length, errors.shape[1]), (dy.strides[0], dy.strides[3], dy.strides[1]))
    ctx.do(np.matmul, band, turned, into.reshape(count, -1, errors.shape[1]))


def _gradient_turned(
    ctx: Context, g: Sliding, x: np.ndarray, dy: np.ndarray, dk: np.ndarray, columns: int
) -> None:
    """The same from small products, row by row: δ is turned once for all columns of the kernel, with zeros on either
    side, so that every column meets the whole width of the image."""
    kh, channels, kw, filters = dk.shape
    width, n = x.shape[2:]
    lead = max(0, g.columns.reach - 1 - g.columns.before)
    tail = max(0, width + g.columns.before - g.columns.out)
    per_row = ctx.scratch(g.rows.out, kw, kh, channels, filters)
    for part in ctx.parts(g.rows.out, products(g, x)):
        turned = ctx.scratch(lead + g.columns.out + tail, n, filters)
        sums = ctx.scratch(width // columns, kw, kh * channels, filters)
        clear(ctx, turned[:lead], turned[lead + g.columns.out :])
        ones = ctx.ones(len(sums))
        for start, _, first, last in _row_runs(g.rows, part, 1):
            inner = turned[lead : lead + g.columns.out]
            ctx.do(np.copyto, inner.reshape(-1, filters), dy[start].reshape(filters, -1).T)
            clear(ctx, sums[:, :, : first * channels], sums[:, :, last * channels :])
            band = cut(_image_bands(g, x, start, start + 1, first, last), columns * n)[0]
            for v in range(kw):
                begin = lead + g.columns.before - v * g.columns.dilation
                errors = turned[begin : begin + width].reshape(len(sums), columns * n, filters)
                ctx.do(np.matmul, band, errors, sums[:, v, first * channels : last * channels])
            ctx.do(ones.dot, sums.reshape(len(sums), -1), per_row[start].reshape(-1))
    ctx.do(np.add.reduce, per_row, 0, None, dk.transpose(2, 0, 1, 3))


def _image_bands(g: Sliding, x: np.ndarray, start: int, stop: int, first: int, last: int) -> np.ndarray:
    """For rows of outputs ``start`` to ``stop`` the rows of ``x`` that the kernel's rows ``first`` to ``last`` meet,
    (stop − start, rows·C, W·N), without a copy."""
    _, channels, width, n = x.shape
    step, by_channel, _, item = x.strides
    top = x[start - g.rows.before + first :]
    return as_strided(top, (stop - start, (last - first) * channels, width * n), (step, by_channel, item))


def clear(ctx: Context, *parts: np.ndarray) -> None:
    """Zeros, each time the pass runs."""
    for part in parts:
        if part.size:
            ctx.do(part.fill, 0)
