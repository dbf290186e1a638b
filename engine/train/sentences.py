"""What a run says to the person, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.train.events import Failed
from engine.train.metrics import Evaluation

if TYPE_CHECKING:
    from engine.train.trainer import NotFinite, Trainer


def start_notes(trainer: Trainer) -> tuple[str, ...]:
    """What the person should know when a run begins."""
    notes = []
    config, optimizer = trainer.config, trainer.update.optimizer
    rows, batch = len(trainer.train.x), config.batch_size
    if optimizer.full_batch and config.batching != "full":
        notes.append(f"{optimizer.title.removesuffix(' (full batch)')} needs the gradient of all examples: every step "
                     f"uses all {rows}.")
    elif batch > rows and config.batching == "mini":
        notes.append(f"The batch size is {batch}, but there are only {rows} training examples: "
                     "every step uses all of them.")
    if config.balance and not trainer.order.balanced:
        notes.append("The targets are numbers, so there are no classes to balance.")
    if not trainer.log.weight_keys:
        notes.append("The network has no weights that learn, so training will not change it.")
    return tuple(notes)


def finished_sentence(epochs: int, latest: Evaluation | None) -> str:
    """That the run is over, and how well it ended."""
    done = f"Finished {epochs} epoch{'s' if epochs != 1 else ''}"
    if latest is None or math.isnan(latest.loss):
        return f"{done}."
    accuracy = latest.metrics.get("accuracy")
    if accuracy is not None:
        return f"{done}: accuracy {100 * accuracy:.3g} %, loss {latest.loss:.3g}."
    return f"{done}: loss {latest.loss:.3g}."


def stopped_sentence(trainer: Trainer, went_back: bool) -> str:
    """That early stopping ended the run, or chose among its weights; "" where it did neither."""
    stopping = trainer.stopping
    kept = f"The weights are those of step {stopping.best_step}, the best, with {stopping.name} {stopping.best:.3g}."
    if stopping.over:
        plural = "s" if stopping.patience != 1 else ""
        return (f"Stopped early in epoch {trainer.order.epoch}: no improvement in {stopping.patience} "
                f"evaluation{plural}. {kept if went_back else ''}").rstrip()
    return f"Finished {trainer.order.epoch} epochs. {kept}" if went_back else ""


def not_finite_failure(problem: NotFinite, trainer: Trainer) -> Failed:
    """Names the step, the value and the first node that produced it, and says what to try."""
    step = trainer.step_number + 1
    node, rate = problem.culprit.node, trainer.update.learning_rate
    became = "infinite" if math.isinf(problem.value) else "NaN (not a number)"
    if problem.what == "gradient":
        became = "NaN or infinite"
    label = trainer.model.graph.nodes[node].label if node else ""
    blame = f" {label} is {problem.culprit.what} not finite." if label and problem.culprit.what else ""
    owner = f" of “{label}”" if label and not blame else ""
    return Failed(
        trainer.step_number,
        f"The {problem.what}{owner} became {became} at step {step}.{blame} The run has stopped there; the weights are "
        f"those before that step. Go on from here, or from an earlier step, with a lower learning rate (now {rate:g}), "
        "and check that the inputs are scaled to about −1 … 1.",
        details=f"step {step}, epoch {trainer.order.epoch + 1}, learning rate {rate:g}, node {node or 'unknown'}",
        node=node,
    )
