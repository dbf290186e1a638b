"""The small curve of the learning rate to come."""

from __future__ import annotations

import numpy as np
import pytest

from app.panels.schedule_preview import SchedulePreview
from engine.train.config import TrainingConfig
from engine.train.schedule import Span
from tests.app.making import document_of


def test_the_curve_is_the_schedule_times_the_rate(qtbot):
    document = document_of("xor", epochs=30)
    preview = SchedulePreview(document)
    qtbot.addWidget(preview)
    document.commit_training({**document.training, "schedule": {"kind": "Constant"}})
    assert preview.isHidden(), "a rate that stays as it is needs no picture"
    schedule = {"kind": "OneCycle"}
    document.commit_training({**document.training, "schedule": schedule})
    assert not preview.isHidden()
    config = TrainingConfig.of(document.training)
    rows = document.signature.train_rows
    per_epoch = -(-rows // config.rows_per_step(rows))
    span, rate = Span(30 * per_epoch, per_epoch), config.build_optimizer().learning_rate
    expected = [rate * config.build_schedule().factor(step, span) for step in range(30 * per_epoch)]
    shown = preview.curve.values
    places = np.unique(np.linspace(0, 30 * per_epoch - 1, min(30 * per_epoch, 240)).astype(int))
    assert shown == pytest.approx(np.array(expected)[places])
    assert "at most" in preview.facts.text() and f"over {30 * per_epoch} steps" in preview.facts.text()
    document.commit_training({**document.training, "schedule": {"kind": "ReduceOnPlateau"}})
    assert "stops falling" in preview.facts.text()
