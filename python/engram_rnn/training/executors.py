"""Who computes the batches of a run, instead of the threads of its process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from .. import _engine
from .plan import RunPlan

Parts = Callable[[bytes, list[int], list[int]], Iterator[bytes]]
"""Has a batch computed: takes the batch, the shards of it that are missing, and the steps of every shard, and gives the
parts that :meth:`_engine.Executor.compute` makes, one by one, in any order and some of them twice."""


class Executors(Protocol):
    """Computes batches elsewhere, to the same bits; :class:`engram_rnn.ray.Workers` does so on a Ray cluster."""

    def begin(self, core: _engine.Network, plan: RunPlan) -> AbstractContextManager[Parts]:
        """Makes ready for a run over this network; the end of the context is the end of the run."""
