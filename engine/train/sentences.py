"""What a run says to the person, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.numbers import amount, count, exact, number, percent
from engine.train.events import Failed
from engine.train.metrics import Evaluation
from engine.train.optim import Optimizer

if TYPE_CHECKING:
    from engine.train.trainer import NotFinite, Trainer


def start_notes(trainer: Trainer) -> tuple[str, ...]:
    """What the person should know when a run begins."""
    notes = []
    config, optimizer = trainer.config, trainer.update.optimizer
    rows, batch = len(trainer.train.x), config.batch_size
    if optimizer.full_batch and config.batching != "full":
        notes.append(f"{optimizer.title.removesuffix(' (full batch)')} needs the gradient of all examples: every step "
                     f"uses all {count(rows)}.")
    elif batch > rows and config.batching == "mini":
        notes.append(f"The batch size is {count(batch)}, but there are only {count(rows)} training examples: "
                     "every step uses all of them.")
    if config.balance and not trainer.order.balanced:
        notes.append("The targets are numbers, so there are no classes to balance.")
    if not trainer.log.weight_keys:
        notes.append("The network has no weights that learn, so training will not change it.")
    return tuple(notes)


def finished_sentence(epochs: int, latest: Evaluation | None, part: str) -> str:
    """That the run is over, and how well it ended by the ``latest`` evaluation, of this part of the data."""
    done = f"Finished {amount(epochs, 'epoch')}"
    if latest is None or math.isnan(latest.loss):
        return f"{done}."
    accuracy = latest.metrics.get("accuracy")
    if accuracy is not None:
        return f"{done}: {part} accuracy {percent(accuracy)}, loss {number(latest.loss)}."
    return f"{done}: {part} loss {number(latest.loss)}."


def stopped_sentence(trainer: Trainer, went_back: bool) -> str:
    """That early stopping ended the run, or chose among its weights; "" where it did neither."""
    stopping, part = trainer.stopping, "validation" if trainer.validation is not None else "training"
    kept = (f"The weights are those of step {count(stopping.best_step)}, the best, with {part} {stopping.name} "
            f"{number(stopping.best)}.")
    if stopping.over:
        return (f"Stopped early in epoch {count(trainer.order.epoch)}: no improvement in "
                f"{amount(stopping.patience, 'evaluation')}. {kept if went_back else ''}").rstrip()
    return f"Finished {amount(trainer.order.epoch, 'epoch')}. {kept}" if went_back else ""


def not_finite_failure(problem: NotFinite, trainer: Trainer) -> Failed:
    """Names the step, the value and the first node that produced it, and says what to try."""
    step = trainer.step_number + 1
    node, rate, at = problem.culprit.node, exact(trainer.update.learning_rate), count(step)
    became = "infinite" if math.isinf(problem.value) else "NaN (not a number)"
    if problem.what == "gradient":
        became = "NaN or infinite"
    label = trainer.model.graph.nodes[node].label if node else ""
    blame = f" {label} is {problem.culprit.what} not finite." if label and problem.culprit.what else ""
    owner = f" of “{label}”" if label and not blame else ""
    return Failed(
        trainer.step_number,
        f"The {problem.what}{owner} became {became} at step {at}.{blame} The run has stopped there; the weights are "
        f"those before that step. Go on from here, or from an earlier step, with a lower learning rate (now {rate}), "
        "and check that the inputs are scaled to about −1 … 1 and that the weights do not begin large.",
        details=f"step {at}, epoch {count(trainer.order.epoch + 1)}, learning rate {rate}, node {node or 'unknown'}",
        node=node,
    )


def optimizer_begins_anew(before: str, now: Optimizer) -> str:
    """Says that the optimizer has nothing to go on with: another one was used before, or what it had was not stored."""
    if before != now.kind and before in Optimizer.kinds:
        return f"The weights are kept. {now.title} takes the place of {Optimizer.kinds[before].title} and begins anew."
    return "The weights are kept, but the optimizer begins anew: its running means were not saved."
