"""Every kind of source: what each promises, whatever it is."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import SOURCES, Category, Circles, Curve1D, Dataset, Mnist, Source, Spirals, Task, Xor, load
from engine.data.bundled import LETTERS, FirstNames
from engine.data.synthetic import CURVES, Blobs, Moons
from engine.params import ParameterError

READY = [kind for kind in SOURCES if kind.category is not Category.FILE]
GENERATORS = [kind for kind in SOURCES if kind.category is Category.GENERATOR]


def arrays(data: Dataset) -> list[np.ndarray]:
    return [data.x_train, data.y_train, data.x_val, data.y_val]


def test_the_list_holds_every_registered_kind_once() -> None:
    assert sorted(kind.kind for kind in SOURCES) == sorted(Source.kinds)
    assert len(set(SOURCES)) == len(SOURCES)


def test_samples_are_held_back_examples_first() -> None:
    data = load(Circles(examples=100, validation=0.2))
    assert len(data.x_val) == 20
    assert np.array_equal(data.samples(64), np.concatenate([data.x_val, data.x_train[:44]]))
    assert np.array_equal(data.samples(8), data.x_val[:8])
    assert len(data.samples(1000)) == 100


@pytest.mark.parametrize("kind", SOURCES, ids=lambda kind: kind.kind)
def test_each_kind_explains_itself(kind: type[Source]) -> None:
    assert kind.summary().endswith(".")
    assert kind.task in Task
    for parameter in kind.parameters.values():
        assert parameter.help.endswith(".")
        assert parameter.problem(parameter.clean(parameter.default)) is None


@pytest.mark.parametrize("kind", READY, ids=lambda kind: kind.kind)
def test_ready_sources_load_in_the_promised_form(kind: type[Source]) -> None:
    source = kind()
    data = load(source)
    signature = data.signature
    assert source.signature() == signature
    assert signature.train_rows == len(data.x_train) == len(data.y_train)
    assert len(data.x_val) == len(data.y_val) > 0
    for array in arrays(data):
        assert not array.flags.writeable
        assert array.flags.c_contiguous
    for x in (data.x_train, data.x_val):
        assert x.dtype == np.float32
        assert x.shape[1:] == signature.input_shape
        assert np.isfinite(x).all()
    for y in (data.y_train, data.y_val):
        assert y.shape[1:] == signature.target_shape
        if kind.task is Task.CLASSIFICATION:
            assert y.dtype == np.int64
            assert set(np.unique(y)) == set(range(len(signature.classes)))
        else:
            assert y.dtype == np.float32
            assert signature.classes == ()
            assert signature.target_shape == (1,)
    assert data.class_names == signature.classes
    assert kind.template_notes.endswith(".")


@pytest.mark.parametrize("kind", READY, ids=lambda kind: kind.kind)
def test_a_stored_source_comes_back_equal(kind: type[Source]) -> None:
    source = kind(seed=7)
    again = Source.from_dict(source.to_dict())
    assert again == source
    assert again.load() is source.load()  # equal sources share one load


@pytest.mark.parametrize("kind", GENERATORS, ids=lambda kind: kind.kind)
def test_the_seed_fixes_every_number(kind: type[Source]) -> None:
    strength = {"noise": 0.2} if "noise" in kind.parameters else {}
    first, other = kind(seed=3, **strength), kind(seed=4, **strength)
    # Without the cache: two separate draws.
    again = kind(seed=3, scaling="standardise", **strength).raw()
    assert np.array_equal(first.raw().x, again.x)
    assert np.array_equal(first.raw().y, again.y)
    assert not np.array_equal(first.raw().x, other.raw().x)


def test_xor_is_its_four_points_in_both_parts() -> None:
    data = Xor().load()
    expected = {(0.0, 0.0): 0, (0.0, 1.0): 1, (1.0, 0.0): 1, (1.0, 1.0): 0}
    for x, y in ((data.x_train, data.y_train), (data.x_val, data.y_val)):
        assert {tuple(map(float, point)): int(label) for point, label in zip(x, y, strict=True)} == expected


def test_xor_repeats_and_noise_leave_the_validation_points_alone() -> None:
    data = Xor(repeats=5, noise=0.1).load()
    assert data.x_train.shape == (20, 2)
    assert len(np.unique(data.x_train, axis=0)) == 20
    assert np.array_equal(data.x_val, Xor().load().x_val)


def test_circles_without_noise_lie_on_their_radii() -> None:
    raw = Circles(noise=0.0, ratio=0.4, examples=50).raw()
    assert np.linalg.norm(raw.x[raw.y == 0], axis=1) == pytest.approx(1.0)
    assert np.linalg.norm(raw.x[raw.y == 1], axis=1) == pytest.approx(0.4)


def test_moons_turn_into_one_another() -> None:
    raw = Moons(noise=0.0).raw()
    upper, lower = raw.x[raw.y == 0], raw.x[raw.y == 1]
    offset = np.array([0.5, 0.25])
    assert np.linalg.norm(upper + offset, axis=1) == pytest.approx(1.0)
    assert np.linalg.norm(lower - offset, axis=1) == pytest.approx(1.0)
    assert upper[:, 1].min() >= -0.25 - 1e-12
    assert lower[:, 1].max() <= 0.25 + 1e-12


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_spiral_points_lie_on_their_arm(arms: int) -> None:
    raw = Spirals(noise=0.0, arms=arms, turns=1.5, examples=101).raw()
    radius = np.linalg.norm(raw.x, axis=1)
    turn = np.arctan2(raw.x[:, 1], raw.x[:, 0]) / (2 * np.pi) - 1.5 * radius
    assert np.mod(turn * arms + 0.5, arms) - 0.5 == pytest.approx(raw.y, abs=1e-9)
    assert np.ptp(np.bincount(raw.y)) <= 1


def test_blobs_without_spread_are_their_centres() -> None:
    raw = Blobs(classes=4, spread=0.0, examples=20).raw()
    assert raw.x[:4] == pytest.approx(np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]), abs=1e-12)


@pytest.mark.parametrize("curve", CURVES)
def test_curves_without_noise_are_exact(curve: str) -> None:
    raw = Curve1D(curve=curve, noise=0.0).raw()
    assert np.array_equal(raw.y, CURVES[curve][1](raw.x))
    assert np.abs(raw.y).max() <= 1.0
    assert not raw.class_names


def test_parameters_out_of_range_are_refused_with_the_range() -> None:
    with pytest.raises(ParameterError, match=r"from 2 to 5"):
        Spirals(arms=6)


def test_mnist_is_divided_by_255_and_can_be_flat() -> None:
    images, flat = Mnist().load(), Mnist(flat=True).load()
    assert images.x_train.shape == (4000, 28, 28, 1)
    assert flat.x_train.shape == (4000, 784)
    assert np.array_equal(images.x_train.reshape(4000, 784), flat.x_train)
    assert images.x_train.min() == 0.0
    assert images.x_train.max() == 1.0
    assert np.bincount(images.y_train).tolist() == [400] * 10
    assert np.bincount(images.y_val).tolist() == [100] * 10


def test_standardised_pictures_share_one_mean_and_deviation() -> None:
    x = Mnist(scaling="standardise", flat=True).load().x_train
    assert float(x.mean()) == pytest.approx(0.0, abs=1e-4)
    assert float(x.std()) == pytest.approx(1.0, abs=1e-4)


def test_a_picture_reads_back_its_bytes() -> None:
    data = Mnist().load()
    row = data.row(0)
    assert row.cells == ()
    assert row.x.shape == (28, 28, 1)
    assert row.x == pytest.approx(np.round(row.x), abs=1e-4)
    assert row.x.max() > 200
    assert row.target == data.class_names[data.y_train[0]]


def test_first_names_are_spelt_from_the_end() -> None:
    raw = FirstNames(letters=7).raw()
    assert raw.class_names == ("female", "male")
    assert raw.x.shape == (8003, 7)
    assert raw.x.min() == 0 and raw.x.max() == len(LETTERS)
    assert raw.x[0].tolist() == [0, 0, 1, 1, 18, 5, 14], "Aaren"
    assert (raw.x[:, -1] > 0).all()
    assert raw.y[:3].tolist() == [0, 0, 1], "Aaren and Aarika, then Aaron"
    data = FirstNames().load()
    assert data.preparation.scaler.method == "none"
    row = data.row(0)
    assert row.cells == (("text", "".join(LETTERS[int(token) - 1] for token in row.x if token)),)
