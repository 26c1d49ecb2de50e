"""From what users ask of a run to what the engine is told: sets, options complete, and the user's functions."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .. import _engine
from ..arithmetic import rounded
from ..errors import check_choice, check_function, check_names, check_number, out_of_range
from .flat_set import FlatSet
from .freeze import frozen_layers
from .options import OPTION_NAMES, check_engine_option, check_rate, check_threads, standard

# Multiplications of a shard that are worth waking a thread for.
_WORTH_A_THREAD = 1_000_000
# Default rates.
_RATE = {"pairs": 0.2, "sequences": 0.01}


@dataclass(frozen=True)
class RunPlan:
    """What a run is started with, beside its network."""

    set: FlatSet
    held_out: FlatSet | None
    options: dict[str, Any]
    threads: int
    rate: Callable[[int, float], float] | None = None
    cost: Callable[[Any, Any], float] | None = None
    freeze: Sequence[str] | None = None
    """Names of layers that do not learn."""
    held: Sequence[int] = ()
    """Their places among the network's layers."""

    @property
    def has_held_out(self) -> bool:
        """Whether the run is judged by samples that it does not learn from."""
        return self.held_out is not None or self.options["held_out"] > 0


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> float:
    """Bytes of memory that the machine has, or a size that no run exceeds by mistake."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return 2.0**34


def _held_out(call: str, count: int, share: float) -> int:
    """How many samples of a set are held out."""
    if share == 0:
        return 0
    held_out = rounded(share * count)
    if 1 <= held_out < count:
        return held_out
    raise ValueError(
        f"{call}: validation is {share}, which holds out {held_out} of {count} samples, expected some and not all"
    )


def _threads_for(asked: int | None, options: Mapping[str, Any], set: FlatSet, weights: int) -> int:
    """Threads for a run: no more than a batch has shards, and where they are not asked for, have work for."""
    if options["learner"] != "bptt":
        return 1
    batch: int = min(options["batch_size"], len(set))
    shards = math.ceil(batch / _engine.SHARD)
    if asked is not None:
        return min(asked, shards)
    steps = len(set.target_of_step) / len(set)
    return 1 if steps * min(batch, _engine.SHARD) * weights < _WORTH_A_THREAD else min(processors(), shards)


def _check_lists(call: str, set: FlatSet, held_out: FlatSet | None, learner: str, others: Mapping[str, object]) -> None:
    """Refuses what lists of symbols cannot be learnt with, which have a loss of their own."""
    are = [flat.targets_are == "lists" for flat in (set, held_out) if flat is not None]
    if not any(are):
        return
    because = "with lists of symbols as targets, which are learnt by back-propagation through whole sequences"
    if not all(are):
        raise ValueError(f"{call}: one of two sets has lists of symbols as targets, expected both or none")
    if learner == "online":
        raise out_of_range(call, "learner", f"'bptt' {because}", learner)
    for name, value in others.items():
        if value is not None:
            raise out_of_range(call, name, f"None {because}", value)


def plan_run(
    call: str, core: _engine.Network, set: FlatSet, held_out: FlatSet | None, given: Mapping[str, Any]
) -> RunPlan:
    """The plan of a run on sets that have been checked; checks the options, and changes nothing."""
    check_names(call, given, OPTION_NAMES)
    chosen = {name: check_engine_option(call, name, given[name]) for name in _engine.OPTIONS if name in given}
    are_sequences = set.are_sequences or (held_out is not None and held_out.are_sequences)
    learner = chosen.setdefault("learner", "bptt" if are_sequences else "online")
    chosen.setdefault("seed", secrets.randbelow(2**32))
    of: Literal["pairs", "sequences"] = "sequences" if are_sequences or learner == "bptt" else "pairs"
    if of == "pairs" and chosen.get("error") == 0:
        # As in Synaptic; below 0 is for never.
        del chosen["error"]
    rate = check_rate(call, "rate", given.get("rate", _RATE[of]))
    cost = given.get("cost")
    if isinstance(cost, str):
        check_choice(call, "cost", cost, _engine.COSTS)
    elif cost is not None:
        check_function(call, "cost", cost)
    share = 0.0 if held_out is not None else check_number(call, "validation", given.get("validation", 0), min=0, max=1)
    asked = check_threads(call, given.get("threads", "auto"))
    freeze = given.get("freeze")
    held = [] if freeze is None else frozen_layers(call, freeze, core.names)
    _check_lists(call, set, held_out, learner, {"truncate": chosen.get("truncate"), "cost": cost})
    options = {
        **{name: standard(name, of) for name in _engine.OPTIONS},
        **chosen,
        "rate": None if callable(rate) else rate,
        "cost": cost if isinstance(cost, str) else None,
        "host_cost": callable(cost),
        "held_out": _held_out(call, len(set), share),
        "held_out_error": -1,
        "schedule_every": 0,
        "log_every": 0,
        "sequences": of == "sequences",
    }
    threads = _threads_for(asked, options, set, core.weight_count)
    options["memory_limit"] = _memory() / threads
    return RunPlan(
        set,
        held_out,
        options,
        threads,
        rate=rate if callable(rate) else None,
        cost=cost if callable(cost) else None,
        freeze=None if freeze is None else list(freeze),
        held=held,
    )
