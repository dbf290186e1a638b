"""Scaling, splitting and what they may learn from."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data import DataError, Iris, Preparation, Scaler, first_bad, require_finite
from engine.data.assemble import Raw, assemble
from engine.data.split import split

FEATURES = arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6))


def raw_table(x: np.ndarray, y: np.ndarray, classes: int = 2) -> Raw:
    return Raw("set", x, y, tuple(map(str, range(classes))), feature_names=("a", "b", "c"))


@given(FEATURES, st.sampled_from(["none", "standardise", "minmax", "range"]))
@example(np.eye(7, 3) * 2.2e-311, "minmax")  # one over it is infinite
def test_undo_gives_back_what_apply_took(x: np.ndarray, method: str) -> None:
    scaler = Scaler.fit(x, method)
    size = max(1.0, float(np.abs(x).max()))
    assert scaler.undo(scaler.apply(x)) == pytest.approx(x, abs=size * 1e-5)


@given(FEATURES)
def test_standardised_features_have_mean_0_and_deviation_1(x: np.ndarray) -> None:
    scaler = Scaler.fit(x, "standardise")
    scaled = scaler.apply(x).astype(np.float64)
    vary = scaler.factor != 0.0
    assert scaled[:, vary].mean(axis=0) == pytest.approx(0.0, abs=1e-3)
    assert scaled[:, vary].std(axis=0) == pytest.approx(1.0, abs=1e-3)
    assert (scaled[:, ~vary] == 0.0).all()


def test_minmax_spans_0_to_1() -> None:
    x = np.array([[2.0, -1.0], [4.0, 3.0], [3.0, 1.0]])
    assert Scaler.fit(x, "minmax").apply(x).tolist() == [[0.0, 0.0], [1.0, 1.0], [0.5, 0.5]]


def test_large_offsets_keep_their_digits() -> None:
    x = 1e9 + np.arange(10.0)[:, None]
    assert Scaler.fit(x, "standardise").apply(x)[:, 0] == pytest.approx((np.arange(10) - 4.5) / np.arange(10).std())


@pytest.mark.parametrize("method", ["standardise", "minmax"])
@pytest.mark.parametrize("value", [0.0, 0.1, -3e7])
def test_a_constant_feature_becomes_0_and_reads_back(method: str, value: float) -> None:
    x = np.stack([np.full(50, value), np.arange(50.0)], axis=1)
    scaler = Scaler.fit(x, method)
    assert scaler.constant.tolist() == [0]
    assert (scaler.apply(x)[:, 0] == 0.0).all()
    assert scaler.undo(scaler.apply(x))[:, 0] == pytest.approx(value)


def test_bytes_are_scaled_in_single_precision() -> None:
    x = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    scaled = Scaler.fit(x, "range", full_scale=255.0).apply(x)
    assert scaled.dtype == np.float32
    assert scaled.ravel() == pytest.approx(np.arange(256) / 255, abs=1e-7)


def test_a_scaler_survives_json() -> None:
    x = np.random.default_rng(0).normal(3.0, 2.0, (20, 4))
    scaler = Scaler.fit(x, "standardise")
    again = Scaler.from_dict(json.loads(json.dumps(scaler.to_dict())))
    assert np.array_equal(again.apply(x), scaler.apply(x))


@pytest.mark.parametrize(
    "damage",
    [{"method": "magic"}, {"offset": [1.0, float("nan")]}, {"factor": [1.0]}, {"offset": "x"}, {"factor": None}],
)
def test_a_damaged_scaler_is_refused(damage: dict[str, object]) -> None:
    stored = {"method": "minmax", "offset": [0.0, 1.0], "factor": [1.0, 1.0], **damage}
    with pytest.raises(DataError, match=r"scaling of the data is damaged.*Choose the data set again"):
        Scaler.from_dict(stored)


def test_a_preparation_survives_json_and_refuses_damage() -> None:
    prepared = Iris().load().preparation
    stored = json.loads(json.dumps(prepared.to_dict()))
    again = Preparation.from_dict(stored)
    assert again.to_dict() == prepared.to_dict()
    assert [column.name for column in again.columns][:1] == ["sepal_length_cm"]
    for damage in ({"columns": 3}, {"input_shape": ["x"]}, {"fill": ["x"]}, {"scaler": {}}):
        with pytest.raises(DataError, match=r"damaged.*Choose the data set again"):
            Preparation.from_dict({**stored, **damage})
    with pytest.raises(DataError, match=r"preparation of the data is damaged"):
        Preparation.from_dict({"columns": []})


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.floats(0.0, 0.9),
    st.integers(0, 2**31 - 1),
    st.booleans(),
)
def test_a_split_holds_every_row_once(labels: list[int], fraction: float, seed: int, stratified: bool) -> None:
    y = np.array(labels)
    train, held = split(len(y), fraction, seed, y if stratified else None)
    assert sorted([*train, *held]) == list(range(len(y)))
    assert len(train) > 0
    again = split(len(y), fraction, seed, y if stratified else None)
    assert np.array_equal(again[0], train)
    assert np.array_equal(again[1], held)
    if fraction == 0.0:
        assert len(held) == 0
    elif stratified:
        for c in np.unique(y[np.isin(y, np.flatnonzero(np.bincount(y) > 1))]):
            assert (y[train] == c).any()
            assert (y[held] == c).any()
    elif len(y) > 1:
        assert len(held) > 0


def test_a_stratified_split_keeps_the_proportions() -> None:
    y = np.repeat([0, 1, 2], [100, 50, 10])
    train, held = split(160, 0.2, 0, y)
    assert np.bincount(y[held]).tolist() == [20, 10, 2]
    assert np.bincount(y[train]).tolist() == [80, 40, 8]
    # Classes are mixed, so that the first rows are a fair sample.
    assert len(np.unique(y[train][:20])) > 1


def test_scaling_learns_from_the_training_part_only() -> None:
    source = Iris(validation=0.4, seed=5)
    raw, data = source.raw(), source.load()
    train, held = split(150, 0.4, 5, raw.y)
    mean, deviation = raw.x[train].mean(axis=0), raw.x[train].std(axis=0)
    assert not np.allclose(mean, raw.x.mean(axis=0), rtol=1e-6)
    assert data.scaler.offset == pytest.approx(mean, rel=1e-12)
    assert data.x_train == pytest.approx((raw.x[train] - mean) / deviation, abs=1e-5)
    assert data.x_val == pytest.approx((raw.x[held] - mean) / deviation, abs=1e-5)


def test_fill_values_learn_from_the_training_part_only() -> None:
    x = np.arange(40.0).reshape(20, 2)
    x[[3, 8, 11, 15], 0] = np.nan
    raw = Raw("set", x, np.zeros((20, 1)), fill_missing=True)
    data = assemble(raw, validation=0.5, seed=2, scaling="none")
    train, held = split(20, 0.5, 2)
    assert np.isnan(x[held]).any()
    mean = np.nanmean(x[train], axis=0)
    assert data.preparation.fill == pytest.approx(mean)
    assert data.x_val == pytest.approx(np.where(np.isnan(x[held]), mean, x[held]))


def test_features_that_never_vary_are_named() -> None:
    x = np.stack([np.arange(10.0), np.full(10, 4.0), np.full(10, 0.1)], axis=1)
    data = assemble(raw_table(x, np.arange(10) % 2), validation=0.2, seed=0, scaling="standardise")
    (note,) = data.notes
    assert note.code == "data.constant-column"
    assert "2 of 3 features never vary in the training part: 'b', 'c'." in note.happened
    assert (data.x_train[:, 1:] == 0.0).all()
    assert (data.x_val[:, 1:] == 0.0).all()


def test_uneven_classes_are_named() -> None:
    y = np.repeat([0, 1], [90, 10])
    data = assemble(raw_table(np.random.default_rng(0).normal(size=(100, 3)), y), validation=0.2, seed=0,
                    scaling="none")  # fmt: skip
    (note,) = data.notes
    assert note.code == "data.imbalance"
    assert note.happened == "Class '0' has 72 training examples, class '1' only 8."
    assert "confusion matrix" in note.fix


def test_a_class_without_validation_examples_is_named() -> None:
    y = np.array([0, 0, 0, 1, 1, 2])
    data = assemble(raw_table(np.eye(6, 3), y, 3), validation=0.3, seed=0, scaling="none")
    assert [n.happened for n in data.notes] == ["No validation example belongs to class '2'."]


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "an infinite value")])
def test_a_bad_number_is_found_wherever_it_stands(value: float, word: str) -> None:
    x = np.zeros((3, 700_000), dtype=np.float32)
    assert first_bad(x) is None
    x[2, 5] = value
    x[2, 9] = value
    assert first_bad(x) == (2, 5)
    with pytest.raises(DataError, match=rf"The thing holds {word} in row 2, entry \[5\].*finite.*Replace"):
        require_finite(x, "The thing")
    assert first_bad(np.array([1, 2])) is None


def test_numbers_beyond_single_precision_are_refused() -> None:
    raw = raw_table(np.full((4, 3), 1e300), np.array([0, 1, 0, 1]))
    with pytest.raises(DataError, match=r"too large for single precision.*below 3e38.*Divide the column"):
        assemble(raw, validation=0.0, seed=0, scaling="none")
    with pytest.raises(DataError, match=r"Feature 1 holds numbers too large to be scaled.*below 1e150"):
        spread = np.array([[1e300, 0, 0], [-1e300, 0, 0], [0, 0, 0], [1, 1, 1]])
        assemble(raw_table(spread, np.array([0, 1, 0, 1])), validation=0.0, seed=0, scaling="standardise")


def test_lengths_that_differ_and_empty_sets_are_refused() -> None:
    with pytest.raises(DataError, match=r"has 4 training inputs but 3 targets.*one target for each"):
        assemble(raw_table(np.zeros((4, 3)), np.zeros(3, dtype=int)), validation=0.2, seed=0, scaling="none")
    with pytest.raises(DataError, match=r"has no training examples.*at least one"):
        assemble(raw_table(np.zeros((0, 3)), np.zeros(0, dtype=int)), validation=0.2, seed=0, scaling="none")
