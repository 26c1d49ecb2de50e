"""What runs in an actor: an executor over a run's program and sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _engine
from ..training.flat_set import FlatSet
from ..training.plan import RunPlan


@dataclass(frozen=True)
class Job:
    """All that a worker has to know of a run. Arrays lie in the object store, once per node."""

    version: str
    program: npt.NDArray[np.uint64]
    precision: str
    set: FlatSet
    held_out: FlatSet | None

    @staticmethod
    def of(core: _engine.Network, plan: RunPlan) -> Job:
        """The job of a run."""
        precision: str = plan.options["precision"]
        return Job(_engine.__version__, core.program(), precision, plan.set, plan.held_out)

    def executor(self, threads: int) -> _engine.Executor:
        """An executor of the run, with so many threads."""
        held_out = None if self.held_out is None else self.held_out.stored()
        return _engine.Executor(self.program, self.set.stored(), held_out, self.precision, threads)


class Worker:
    """An actor that computes shards."""

    def __init__(self, job: Job, threads: int) -> None:
        if job.version != _engine.__version__:
            raise ValueError(
                f"engram_rnn is {_engine.__version__} on a worker and {job.version} where the run is, expected the same"
            )
        self._executor = job.executor(threads)

    def ready(self) -> bool:
        """Answers once the worker has its sets."""
        return True

    def compute(self, batch: bytes, start: int, end: int) -> bytes:
        """The part of a node."""
        return self._executor.compute(batch, start, end)


Actor = Any
"""The handle of a worker; Ray does not type those."""
