"""Growing columns: what was put in comes out, at any length, and no peak is lost in drawing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recorded.columns import Columns
from app.recorded.rows import BLOCKS, Rows

NAMES = ("a", "b", "c")


def filled(rows: int, *, chunk: int = 700, seed: int = 0, most_rows: int = 0) -> tuple[Columns, np.ndarray]:
    """Columns of random rows, appended in chunks; and the rows."""
    values = np.random.default_rng(seed).lognormal(size=(rows, len(NAMES))).astype(np.float32)
    columns = Columns(NAMES, most_rows)
    for start in range(0, rows, chunk):
        part = values[start : start + chunk]
        columns.append(np.arange(start + 1, start + 1 + len(part)), part)
    return columns, values


@given(rows=st.integers(0, 3000), chunk=st.integers(1, 1500))
def test_rows_come_out_as_they_were_put_in(rows, chunk):
    columns, values = filled(rows, chunk=chunk)
    assert columns.steps.tolist() == list(range(1, rows + 1))
    assert np.array_equal(columns.table, values)
    assert np.array_equal(columns.column("b"), values[:, 1])


def test_few_rows_are_drawn_as_they_are():
    columns, values = filled(500)
    steps, drawn = columns.peaks([0, 2], 1, 500, 400)
    assert steps.tolist() == list(range(1, 501))
    assert np.array_equal(drawn, values[:, [0, 2]])


@pytest.mark.parametrize("rows", [1500, 40_000, 100_000])
def test_drawing_is_bounded_and_keeps_the_highest_and_the_lowest(rows):
    columns, values = filled(rows)
    steps, drawn = columns.peaks([0, 1], 1, rows, 300)
    assert len(steps) == len(drawn) <= 2 * 301
    assert np.array_equal(drawn.max(axis=0), values[:, :2].max(axis=0))
    assert np.array_equal(drawn.min(axis=0), values[:, :2].min(axis=0))
    assert np.all(np.diff(steps) >= 0)
    assert np.all(drawn[0::2] <= drawn[1::2])


def test_each_drawn_pair_is_the_extremes_of_its_rows():
    columns, values = filled(5000)
    steps, drawn = columns.peaks([1], 1, 5000, 100)
    starts = steps[0::2].astype(int) - 1
    for index, start in enumerate(starts):
        stop = starts[index + 1] if index + 1 < len(starts) else 5000
        assert drawn[2 * index, 0] == values[start:stop, 1].min()
        assert drawn[2 * index + 1, 0] == values[start:stop, 1].max()


def test_a_view_of_a_part_reaches_one_row_beyond_either_end():
    columns, values = filled(1000)
    steps, drawn = columns.peaks([0], 100.5, 110.5, 400)
    assert steps.tolist() == list(range(100, 112))
    assert np.array_equal(drawn[:, 0], values[99:111, 0])


def test_groups_stay_put_while_rows_are_added():
    columns, values = filled(4000)
    before, drawn_before = columns.peaks([0], 1, 1e9, 300)
    columns.append(np.arange(4001, 4004), values[:3])
    after, drawn_after = columns.peaks([0], 1, 1e9, 300)
    assert np.array_equal(before[:-2], after[: len(before) - 2])
    assert np.array_equal(drawn_before[:-2], drawn_after[: len(before) - 2])


@pytest.mark.parametrize("window", [1, 7, 300])
def test_means_are_of_the_last_rows(window):
    columns, values = filled(1000)
    steps, means = columns.means([0, 1], 1, 1000, 200, window)
    assert steps[-1] == 1000
    for step, mean in zip(steps.astype(int), means, strict=True):
        expected = values[max(step - window, 0) : step, :2].mean(axis=0, dtype=np.float64)
        assert mean == pytest.approx(expected, rel=1e-9)


def test_means_are_over_steps_however_far_apart_rows_lie():
    columns, at = Columns(("ratio",)), np.concatenate([np.arange(10, 501, 10), np.arange(501, 601)])
    values = np.random.default_rng(1).random((len(at), 1), np.float32)
    columns.append(at, values)
    steps, means = columns.means([0], 1, 600, 400, 50)
    for step, mean in zip(steps, means[:, 0], strict=True):
        assert mean == pytest.approx(values[(at > step - 50) & (at <= step), 0].mean(dtype=np.float64), rel=1e-6)


def test_means_of_a_long_run_are_of_whole_blocks():
    rows = 200_000
    columns, values = filled(rows, chunk=9000)
    steps, means = columns.means([0], 1, rows, 300, 6400)
    assert len(steps) <= 302
    block = BLOCKS[0]
    stop = -(-int(steps[-1]) // block) * block
    expected = values[stop - 6400 : stop, 0].reshape(-1, block).mean(axis=1, dtype=np.float64).mean()
    assert means[-1, 0] == pytest.approx(expected, rel=1e-5)


def test_means_of_a_part_in_view_are_of_their_own_rows():
    """The first of the points drawn lies before the part, where groups of rows begin."""
    columns, values = filled(5000)
    steps, means = columns.means([0], 3001, 4900, 50, 3)
    assert steps[0] < 3001
    for step, mean in zip(steps.astype(int), means[:, 0], strict=True):
        assert mean == pytest.approx(values[step - 3 : step, 0].mean(dtype=np.float64), rel=1e-9)


def test_every_block_is_summed_up_wherever_rows_have_been_carried():
    columns, _ = filled(9000, chunk=37, most_rows=4096)
    table = columns.table
    for size in BLOCKS:
        blocks = columns._rows.blocks(size)
        for block in range(-(-columns.count // size)):
            rows = table[block * size : (block + 1) * size]
            assert np.array_equal(blocks.low[block], rows.min(axis=0))
            assert np.array_equal(blocks.high[block], rows.max(axis=0))
            assert blocks.mean[block] == pytest.approx(rows.mean(axis=0, dtype=np.float64), rel=1e-6)


def test_no_append_has_to_carry_many_rows(monkeypatch):
    """What a row costs does not grow with the rows: the window would stand still while a long run is made coarser."""
    columns, written = Columns(NAMES, most_rows=8192), []
    write = Rows.write

    def noting(rows, steps, table):
        written.append(len(steps))
        write(rows, steps, table)

    monkeypatch.setattr(Rows, "write", noting)
    part = np.zeros((50, len(NAMES)), np.float32)
    for start in range(0, 30_000, 50):
        columns.append(np.arange(start, start + 50), part)
        if start == 20_000:
            columns.drop_after(19_900)
    assert max(written) <= 400


def test_what_was_not_measured_is_left_out_of_means_and_peaks():
    columns = Columns(("accuracy",))
    values = np.full((4000, 1), np.nan, np.float32)
    values[7::8] = 0.5
    values[2007] = 1.0
    columns.append(np.arange(1, 4001), values)
    _, means = columns.means([0], 1, 4000, 100, 16)
    assert np.nanmin(means) == 0.5
    _, drawn = columns.peaks([0], 1, 4000, 100)
    assert np.nanmax(drawn) == 1.0
    assert np.nanmin(drawn) == 0.5


def test_memory_is_bounded_and_the_newest_rows_stay_exact():
    columns, values = filled(20_000, most_rows=4096)
    assert columns.count <= 4096
    assert columns.steps[-1] == 20_000
    assert np.all(np.diff(columns.steps) > 0)
    assert np.array_equal(columns.table, values[columns.steps - 1])


def test_dropping_goes_back_to_an_earlier_step():
    columns, values = filled(1000)
    columns.drop_after(300)
    assert columns.count == 300
    columns.append(np.arange(301, 2001), np.full((1700, 3), 9.0, np.float32))
    _, drawn = columns.peaks([0], 1, 2000, 50)
    assert drawn.max() == max(9.0, values[:300, 0].max())
    columns.drop_after(0)
    assert columns.count == 0


def test_the_nearest_row():
    columns = Columns(("a",))
    assert columns.row_at(5) == -1
    columns.append(np.array([10, 20, 40]), np.zeros((3, 1), np.float32))
    assert [columns.row_at(step) for step in (-5, 10, 14, 16, 31, 99)] == [0, 0, 0, 1, 2, 2]


@pytest.mark.parametrize(("rows", "pixels"), [(40, 100), (3000, 70), (60_000, 70)])
def test_a_picture_keeps_every_peak(rows, pixels):
    columns, values = filled(rows)
    edges = np.linspace(1, rows, pixels + 1)
    picture = columns.highest([0, 2], edges)
    assert picture.shape == (pixels, 2)
    assert np.array_equal(picture.max(axis=0), values[:, [0, 2]].max(axis=0))
    if rows <= 4 * pixels * BLOCKS[0]:
        at = np.arange(1, rows + 1)
        for pixel, (left, right) in enumerate(pairwise(edges)):
            inside = (at >= left) & ((at < right) | ((at == rows) & (right == rows)))
            row = values[inside] if inside.any() else values[[int(np.ceil(left)) - 2]]
            assert np.array_equal(picture[pixel], row[:, [0, 2]].max(axis=0))


def test_a_picture_is_empty_before_and_after_what_is_known():
    columns = Columns(("a",))
    assert np.isnan(columns.highest([0], np.linspace(0, 10, 6))).all()
    columns.append(np.array([4, 5, 6]), np.array([[1.0], [3.0], [2.0]], np.float32))
    picture = columns.highest([0], np.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0]))[:, 0]
    assert picture[2:4].tolist() == [3.0, 2.0] and np.isnan(picture[[0, 1, 4]]).all()
    assert np.isnan(columns.highest([0], np.array([20.0, 30.0]))).all()
