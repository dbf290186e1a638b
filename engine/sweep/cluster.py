"""Trials on a Dask cluster that is there already, by naming its scheduler. Needs the extra ``chainrule[dask]``.

Trials and results travel as Dask's own messages between machines that the person runs; no file is read.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from engine.issues import ChainruleError
from engine.sweep.trials import Result, Trial, train_trial
from engine.train.events import Failed

#: Seconds to find the scheduler in.
_PATIENCE = 5.0


class Cluster:
    """Carries out trials on the workers of the cluster whose scheduler is at ``address`` ("tcp://host:8786").

    Making one waits for the scheduler, some seconds at most; :meth:`poll` does not wait. Raises
    :class:`ChainruleError` where there is no such cluster, or where its workers don't know Chainrule.
    """

    def __init__(self, trials: Sequence[Trial], address: str) -> None:
        self._client = _connect(address)
        try:
            _require_workers(self._client, address)
            self._futures = {self._client.submit(train_trial, trial, pure=False): trial for trial in trials}
        except BaseException:
            self._client.close()
            raise

    @property
    def done(self) -> bool:
        """Is every trial over?"""
        return not self._futures

    def running(self) -> dict[int, float]:
        """The trials that are not over yet, in order; how far they are is not known."""
        return {trial.number: 0.0 for trial in self._futures.values()}

    def poll(self) -> list[Result]:
        """The trials that are over since the last call."""
        over = [future for future in self._futures if future.done()]
        return [self._result(future, self._futures.pop(future)) for future in over]

    def cancel(self) -> None:
        """Gives up the trials that have not begun, and the results of the others."""
        self._client.cancel(list(self._futures))
        self._futures.clear()

    def close(self) -> None:
        """Leaves the cluster. May be called again."""
        self._futures.clear()
        self._client.close()

    def _result(self, future: Any, trial: Trial) -> Result:
        try:
            if future.status == "finished":
                result: Result = future.result()
                return result
            problem: object = future.exception() if future.status == "error" else "its worker is gone"
        except Exception as error:  # Whatever a worker of another version, or a broken line, may answer.
            problem = error
        return Result(trial, (Failed(0, f"The cluster could not carry out this run: {problem}.", repr(problem)),))


def _connect(address: str) -> Any:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as missing:
        raise ChainruleError("Sweeps on a cluster need Dask, which is not installed.", "",
                             "Install it with: pip install \"chainrule[dask]\"") from missing
    try:
        return distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as problem:
        raise ChainruleError(f"No Dask scheduler answers at {address!r}.",
                             "Expected an address such as tcp://192.168.1.20:8786.",
                             "Start one with “dask scheduler”, or correct the address.") from problem


def _require_workers(client: Any, address: str) -> None:
    """There are workers, and they know this program."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise ChainruleError(f"The scheduler at {address} has no workers.", "",
                             f"Start some with “dask worker {address}”.")
    knows = client.run(_knows_chainrule, on_error="return")
    ignorant = [worker for worker, answer in knows.items() if answer is not True]
    if ignorant:
        raise ChainruleError(f"{len(ignorant)} of {len(knows)} workers cannot import Chainrule, {ignorant[0]} for one.",
                             "Expected the same version of Chainrule beside each worker.",
                             "Install it there, then start the workers anew.")


def _knows_chainrule() -> bool:
    importlib.import_module("engine.sweep.trials")
    return True
