"""How a batch is dealt out: to each worker a share of the shards, as few nodes of the tree over all shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

Node = tuple[int, int]
"""Shards from the first to before the second: an aligned range, see src/train/tree.rs."""


def nodes(start: int, end: int, count: int) -> Iterator[Node]:
    """The fewest nodes, over `count` shards, that make up those from `start` to before `end`."""
    while start < end:
        size = start & -start or 1 << (count - 1).bit_length()
        while min(start + size, count) > end:
            size //= 2
        yield start, min(start + size, count)
        start += size


def shares(missing: Sequence[int], steps: Sequence[int], workers: int) -> list[list[Node]]:
    """Deals the missing shards out, neighbours together and to each worker about as many steps.

    `steps` has those of every shard. A worker gets none where there are fewer shards than workers.
    """
    total = sum(steps[shard] for shard in missing)
    dealt: list[list[int]] = [[] for _ in range(workers)]
    before = 0
    for shard in missing:
        # A shard belongs to the worker in whose share its middle lies.
        dealt[min((2 * before + steps[shard]) * workers // (2 * total), workers - 1)].append(shard)
        before += steps[shard]
    return [[node for start, end in _ranges(share) for node in nodes(start, end, len(steps))] for share in dealt]


def _ranges(shards: Sequence[int]) -> Iterator[Node]:
    """Runs of shards that follow each other."""
    for _, run in groupby(enumerate(shards), lambda pair: pair[1] - pair[0]):
        listed = [shard for _, shard in run]
        yield listed[0], listed[-1] + 1
