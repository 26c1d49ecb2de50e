"""Runs a plan to its end, on this thread and those that help it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _engine
from ..errors import check_callback, check_number, named, out_of_range, wrong_type
from .executors import Executors, Parts
from .flat_set import Values
from .plan import RunPlan
from .report import Reporter, TrainingProgress, TrainingResult


class _Host:
    """What the engine asks and tells while it trains, see python/src/run.rs."""

    def __init__(
        self,
        call: str,
        plan: RunPlan,
        reporter: Reporter,
        on_start: Callable[[], object],
        on_progress: Callable[[TrainingProgress], object] | None,
        on_checkpoint: Callable[[bytes], object] | None,
    ) -> None:
        self._call = call
        self._plan = plan
        self._reporter = reporter
        self._on_start = on_start
        self._on_progress = on_progress
        self._on_checkpoint = on_checkpoint
        self.is_started = False
        self.compute: Parts | None = None

    def started(self) -> None:
        self.is_started = True
        self._on_start()

    def parts(self, batch: bytes, missing: list[int], steps: list[int]) -> Iterator[bytes]:
        if self.compute is None:
            raise RuntimeError(f"{self._call}: nobody computes the batches")
        return self.compute(batch, missing, steps)

    def rate(self, iteration: int, last_error: float) -> float:
        rate = None if self._plan.rate is None else self._plan.rate(iteration, last_error)
        return float(check_number(self._call, f"rate({iteration}, {last_error})", rate, min=0))

    def cost(self, outputs: Values, steps: npt.NDArray[np.uint32]) -> float:
        """The mean of the user's cost over outputs, weighted as the samples are; `steps` names the step of each."""
        judged = self._plan.held_out or self._plan.set
        weights = judged.step_weights()
        total = whole = 0.0
        for step, output in zip(steps, outputs.reshape(len(steps), -1), strict=True):
            target = judged.target_at(int(step))
            value = None if self._plan.cost is None else self._plan.cost(target, output)
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
                raise wrong_type(self._call, "cost(target, output)", "a number", value)
            weight = float(weights[step])
            total += weight * float(value)
            whole += weight
        return total / whole

    def schedule(self, iteration: int, error: float, rate: float) -> bool:
        return False

    def progress(self, report: dict[str, Any]) -> bool:
        if self._on_progress is None:
            return False
        said = self._on_progress(self._reporter.progress(report))
        return isinstance(said, (bool, np.bool_)) and bool(said)

    def checkpoint(self, checkpoint: bytes) -> None:
        if self._on_checkpoint is not None:
            self._on_checkpoint(checkpoint)


def run_plan(
    call: str,
    core: _engine.Network,
    plan: RunPlan,
    *,
    resume: bytes | None = None,
    remarks: Sequence[str] = (),
    on_ready: Callable[[], object] | None = None,
    on_start: Callable[[], object] | None = None,
    on_progress: Callable[[TrainingProgress], object] | None = None,
    on_checkpoint: Callable[[bytes], object] | None = None,
    executors: Executors | None = None,
) -> TrainingResult:
    """Trains a network by a plan, and returns when that is done.

    `on_ready` is called before the engine has the network, `on_start` once nothing is refused any more.
    """
    check_callback(call, "on_progress", on_progress)
    check_callback(call, "on_checkpoint", on_checkpoint)
    if resume is not None and not isinstance(resume, bytes):
        raise wrong_type(call, "resume", "bytes", resume)
    if executors is not None and not callable(getattr(executors, "begin", None)):
        raise wrong_type(call, "executors", "executors, such as engram_rnn.ray.Workers(2)", executors)
    if executors is not None and plan.options["learner"] != "bptt":
        raise out_of_range(call, "learner", "'bptt' where executors compute the batches", plan.options["learner"])
    reporter = Reporter(plan, is_resumed=resume is not None, remarks=remarks)
    with named(call):
        stored = plan.set.stored()
        held_out = None if plan.held_out is None else plan.held_out.stored()
    with ExitStack() as stack:

        def start() -> None:
            if on_start is not None:
                on_start()
            if executors is not None:
                host.compute = stack.enter_context(executors.begin(core, plan))

        host = _Host(call, plan, reporter, start, on_progress, on_checkpoint)
        hands_out = executors is not None
        try:
            threads = 1 if hands_out else plan.threads
            if on_ready is not None:
                on_ready()
            outcome = core.train(
                stored, held_out, plan.options, threads, host, resume, hands_out=hands_out, held=list(plan.held)
            )
        except (TypeError, ValueError) as error:
            if host.is_started:
                raise
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{call}: {error}") from None
    return reporter.result(outcome)
