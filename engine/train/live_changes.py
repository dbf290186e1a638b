"""What is changed while a run goes on: numbers at once, the batch size with the next epoch."""

from __future__ import annotations

from collections.abc import Iterator

from engine.numbers import count, exact
from engine.params import ParameterError
from engine.train import events
from engine.train.commands import SetLive
from engine.train.events import Event
from engine.train.trainer import Trainer


def set_live(trainer: Trainer, command: SetLive, total: int) -> Iterator[Event]:
    """Carries out the change in a run of ``total`` steps, and tells it; a sentence says where it cannot be."""
    step, name, order = trainer.step_number, command.name, trainer.order
    try:
        before = trainer.set_live(name, command.value)
    except ParameterError as problem:
        yield events.Noted(step, str(problem))
        return
    if name != "batch_size" and before != command.value:
        yield events.Changed(step, name, before, command.value, total, order.steps_per_epoch)
    elif name == "batch_size" and order.will_change and not order.cut_due:
        at = step + order.steps_per_epoch - order.position
        yield events.Noted(step, f"Batches have {exact(command.value)} examples from the next epoch on, after step "
                           f"{count(at)}.")


def cut_anew(trainer: Trainer, epochs: int) -> tuple[int, Event]:
    """Gives batches another size from this epoch on; returns how many steps a run of ``epochs`` has by now, and what
    is to be told."""
    order, before = trainer.order, trainer.order.batch
    trainer.cut_anew()
    total = trainer.step_number + (epochs - order.epoch) * order.steps_per_epoch
    return total, events.Changed(trainer.step_number, "batch_size", before, order.batch, total, order.steps_per_epoch)
