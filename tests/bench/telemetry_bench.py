"""``python3 -m tests.bench.telemetry_bench``: what looking closely at steps costs a run, in percent of its time."""

from __future__ import annotations

import os
from time import perf_counter

os.environ.pop("OPENBLAS_CORETYPE", None)

from threadpoolctl import threadpool_limits

from engine import data
from engine.compute import compile as compile_graph
from engine.project.templates import TEMPLATES
from engine.train.config import TrainingConfig
from engine.train.events import Statistics
from engine.train.loop import train
from engine.train.trainer import Trainer

_SECONDS = 6.0


def main() -> None:
    with threadpool_limits(1):
        for template in ("mnist", "lenet"):
            _measure(template)


def _measure(template: str) -> None:
    project = TEMPLATES[template].build()
    config = TrainingConfig.of({**project.training, "epochs": 1000})
    dataset = data.load(data.Source.from_dict(dict(project.source)))
    model = compile_graph(project.graph, batch_size=config.batch_size, seed=0)
    spent = {"look": 0.0}
    _timed(Trainer, spent)
    begun, looks = perf_counter(), 0
    for event in train(model, dataset, config):
        looks += isinstance(event, Statistics)
        passed = perf_counter() - begun
        if passed > _SECONDS:
            break
    print(f"{template:8} {looks} looks in {passed:.1f} s, {1e3 * spent['look'] / max(looks, 1):.2f} ms each: "
          f"{100 * spent['look'] / passed:.2f} % of the time")


def _timed(owner: type, spent: dict[str, float]) -> None:
    from engine.train.telemetry import Telemetry

    for name in ("before_update", "after_update"):
        plain = getattr(Telemetry, name)
        plain = getattr(plain, "plain", plain)

        def timed(self, *arguments, plain=plain):
            begun = perf_counter()
            try:
                return plain(self, *arguments)
            finally:
                spent["look"] += perf_counter() - begun

        timed.plain = plain
        setattr(Telemetry, name, timed)


if __name__ == "__main__":
    main()
