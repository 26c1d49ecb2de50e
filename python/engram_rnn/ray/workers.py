"""The workers of a run: they come and go, and what one leaves undone another does."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError, RayTaskError

from .. import _engine
from ..errors import check_number
from ..training.executors import Parts
from ..training.plan import RunPlan, processors
from .shares import Node, shares
from .worker import Actor, Job, Worker

# Seconds between two looks at what has changed while no part comes.
_LOOK = 0.2
# Seconds that workers have to start, before the run begins with those that are ready.
_START = 20.0
# Seconds between two looks at how large the cluster is.
_CENSUS = 2.0
# So much longer than the longest part so far may one take before it is late.
_SLACK = 4.0
# A worker that is late by so many times as much is ended, and another one started in its place.
_HOPELESS = 12.0
# Workers that end before they are ready, one after the other, until nobody believes in the next one.
_ATTEMPTS = 10
# Shares of a batch that the driver does by itself, so that it sees workers come between two of them.
_ALONE = 8


@dataclass(frozen=True)
class _Task:
    """A node that a worker was given."""

    batch: int
    node: Node
    since: float


@dataclass(eq=False)
class _Member:
    """A worker, and what it has not answered yet."""

    actor: Actor
    starting: Any
    """The answer to whether it is ready; None once it has come."""
    tasks: dict[Any, _Task] = field(default_factory=dict)
    is_late: bool = False

    @property
    def is_free(self) -> bool:
        return self.starting is None and not self.tasks


@dataclass
class Counts:
    """What was done by whom in a run."""

    parts: int = 0
    """Parts that workers gave."""
    own: int = 0
    """Parts that the driver computed while it had no worker."""
    joined: int = 0
    """Workers that were ready, early or late."""
    lost: int = 0
    """Workers that were lost."""
    again: int = 0
    """Parts that were given to another worker as well."""


class Workers:
    """Workers on a Ray cluster, for the argument `executors` of `fit`.

    Where no worker is there, or none that answers, the driver computes.
    """

    def __init__(
        self, count: int | None = None, *, address: str | None = None, threads: int = 1, patience: float = 5.0
    ) -> None:
        """Connects to Ray, or starts it on this machine.

        Args:
            count: workers, at least 1. Default: as many as the cluster has room for, also while it grows.
            address: of the cluster, as in `ray.init`. Default: that of the environment variable RAY_ADDRESS, else a
                cluster of this machine alone.
            threads: of each worker, 1 to 64; it asks Ray for as many CPUs.
            patience: seconds, above 0, after which what a worker was given is given to another one as well; longer
                where parts were seen to take long.
        """
        call = "Workers"
        self._count = None if count is None else check_number(call, "count", count, min=1, max=65_536, integer=True)
        self._threads: int = check_number(call, "threads", threads, min=1, max=64, integer=True)
        self._patience: float = check_number(call, "patience", patience, min=1e-3)
        self.counts = Counts()
        """Who did what in the last run."""
        _connect(address, None if self._count is None else self._count * self._threads)

    @contextmanager
    def begin(self, core: _engine.Network, plan: RunPlan) -> Iterator[Parts]:
        """Makes ready for a run over this network; the end of the context is the end of the workers."""
        self.counts = Counts()
        team = _Team(Job.of(core, plan), self._count, self._threads, self._patience, self.counts)
        try:
            team.wait()
            yield team.parts
        finally:
            team.dismiss()


def _connect(address: str | None, cpus: int | None) -> None:
    if ray.is_initialized():
        return
    if address is None and not os.environ.get("RAY_ADDRESS"):
        # More workers than processors are no use, but they are what was asked for.
        given = {"address": "local", "num_cpus": max(cpus or 1, processors()), "include_dashboard": False}
    else:
        given = {"address": address}
    handler = signal.getsignal(signal.SIGTERM)
    ray.init(**given, log_to_driver=False, logging_level=logging.WARNING)
    if callable(handler) and threading.current_thread() is threading.main_thread():
        # Ray takes the signal for itself; a function that heard it before is to hear it still.
        signal.signal(signal.SIGTERM, handler)


class _Team:
    """The workers of one run."""

    def __init__(self, job: Job, count: int | None, threads: int, patience: float, counts: Counts) -> None:
        self._job = job
        self._reference = ray.put(job)
        self._actor = ray.remote(num_cpus=threads, scheduling_strategy="SPREAD", max_restarts=0)(Worker)
        self._count = count
        self._threads = threads
        self._patience = patience
        self._counts = counts
        self._members: list[_Member] = []
        self._executor: _engine.Executor | None = None
        self._batch = 0
        self._longest = 0.0
        self._failures = 0
        self._census = -_CENSUS
        self._wanted = 0

    def wait(self) -> None:
        """Gives the workers that the cluster has room for time to start; those that take longer join later."""
        until = time.monotonic() + _START
        self._recruit()
        while self._counts.joined < min(self._wanted, self._room()) and time.monotonic() < until:
            self._hear(_LOOK)
            self._recruit()

    def dismiss(self) -> None:
        """Ends the workers."""
        for member in self._members:
            _end(member.actor)
        self._members.clear()

    def parts(self, batch: bytes, missing: list[int], steps: list[int]) -> Iterator[bytes]:
        """The parts of a batch, see :data:`engram_rnn.training.executors.Parts`."""
        self._batch += 1
        self._recruit()
        reference = ray.put(batch)
        ready = [member for member in self._members if member.starting is None and not member.is_late]
        dealt = shares(missing, steps, len(ready) or _ALONE)
        open = {node for share in dealt for node in share}
        for member, share in zip(ready, dealt, strict=False):
            for node in share:
                self._give(member, node, reference)
        while open:
            self._help(open, reference)
            for node, part in self._hear(0 if self._nobody_answers() else _LOOK):
                if node in open:
                    open.remove(node)
                    self._counts.parts += 1
                    yield part
            if open and self._nobody_answers():
                node = min(open)
                open.remove(node)
                yield self._compute(batch, node)
            self._recruit()

    @property
    def _limit(self) -> float:
        """Seconds after which a part is late."""
        return max(self._patience, _SLACK * self._longest)

    def _nobody_answers(self) -> bool:
        """Whether no worker has anything to do, or each is late with it."""
        return all(member.is_late for member in self._members if member.tasks)

    def _compute(self, batch: bytes, node: Node) -> bytes:
        """The driver's own work, where there is no worker."""
        if self._executor is None:
            self._executor = self._job.executor(1)
        self._counts.own += 1
        return self._executor.compute(batch, *node)

    def _give(self, member: _Member, node: Node, reference: Any) -> None:  # noqa: ANN401
        task = _Task(self._batch, node, time.monotonic())
        member.tasks[member.actor.compute.remote(reference, *node)] = task

    def _help(self, open: set[Node], reference: Any) -> None:  # noqa: ANN401
        """Gives what nobody does, and what is late, to workers that are free."""
        now = time.monotonic()
        current = [task for member in self._members for task in member.tasks.values() if task.batch == self._batch]
        in_time = {task.node for task in current if now - task.since < self._limit}
        for member in self._members:
            oldest = min((task.since for task in member.tasks.values()), default=now)
            member.is_late = now - oldest >= self._limit
        free = [member for member in self._members if member.is_free]
        for node in sorted(open - in_time):
            if not free:
                return
            self._counts.again += 1
            self._give(free.pop(), node, reference)

    def _hear(self, patience: float) -> list[tuple[Node, bytes]]:
        """Hears what workers answer: parts of this batch; and which are ready, or lost."""
        by_answer = {answer: member for member in self._members for answer in member.tasks}
        by_answer |= {member.starting: member for member in self._members if member.starting is not None}
        if not by_answer:
            time.sleep(patience)
            return []
        answers, _ = ray.wait(list(by_answer), num_returns=len(by_answer), timeout=0)
        if not answers:
            answers, _ = ray.wait(list(by_answer), num_returns=1, timeout=patience)
        parts = []
        for answer in answers:
            member = by_answer[answer]
            if member not in self._members:
                continue
            try:
                value = ray.get(answer, timeout=self._limit)
            except RayTaskError as error:
                # The engine refused the batch: it would anywhere.
                raise error.as_instanceof_cause() from None
            except GetTimeoutError:
                # The node that has it does not answer.
                value = None
            except RayError as error:
                self._lose(member, error)
                continue
            if answer is member.starting:
                if value is not None:
                    member.starting, self._failures = None, 0
                    self._counts.joined += 1
                continue
            task = member.tasks.pop(answer)
            if value is not None and task.batch == self._batch:
                self._longest = max(self._longest, time.monotonic() - task.since)
                parts.append((task.node, value))
        return parts

    def _room(self) -> int:
        """Workers that the machines of the cluster have processors for."""
        machines = [machine["Resources"].get("CPU", 0) for machine in ray.nodes() if machine["Alive"]]
        return sum(int(processors // self._threads) for processors in machines)

    def _lose(self, member: _Member, error: Exception) -> None:
        """Goes on without a worker."""
        self._counts.lost += 1
        self._members.remove(member)
        _end(member.actor)
        if member.starting is not None:
            self._failures += 1
            if self._failures >= _ATTEMPTS:
                raise RuntimeError(
                    f"{self._failures} workers in a row ended before they were ready: {error}"
                ) from error

    def _recruit(self) -> None:
        """Starts as many workers as are missing, and ends those that are hopelessly late."""
        now = time.monotonic()
        for member in list(self._members):
            oldest = min((task.since for task in member.tasks.values()), default=now)
            if now - oldest >= _HOPELESS * self._limit:
                self._lose(member, TimeoutError())
        if now - self._census >= _CENSUS:
            self._census = now
            self._wanted = self._count or max(1, self._room())
        # Those that the cluster has no room for wait until it has, and join then.
        while len(self._members) < self._wanted:
            handle = self._actor.remote(self._reference, self._threads)
            self._members.append(_Member(handle, handle.ready.remote()))


def _end(actor: Actor) -> None:
    try:
        ray.kill(actor)
    except RayError:
        # It has ended by itself.
        return
