"""What the outputs of a transcriber say, of which the last is the blank.

The most probable path (Graves et al. 2006, section 3.2), or the most probable list, by a search among the beginnings of
lists (Hannun 2014, algorithm 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from itertools import pairwise

import numpy as np

from ..training.flat_set import Values


def steps_to_say(slots: Sequence[int]) -> int:
    """Steps that a sequence needs at least: one for every symbol, and one between two that are the same."""
    return len(slots) + sum(one == other for one, other in pairwise(slots))


def best_path(outputs: Values) -> list[int]:
    """The places of the symbols that the most probable output of every step says, without repetitions and blanks.

    Args:
        outputs: probabilities, (steps, outputs).
    """
    slots = np.argmax(outputs, axis=1)
    says = slots != outputs.shape[1] - 1
    says[1:] &= slots[1:] != slots[:-1]
    path: list[int] = slots[says].tolist()
    return path


class BestPath:
    """:func:`best_path`, step by step."""

    def __init__(self) -> None:
        self.slots: list[int] = []
        self._last = -1
        # Whether the last place is that of a step that is taken back by the next.
        self._may_go = False

    def step(self, outputs: Values, stays: bool) -> None:
        """Reads the outputs of a step; unless it `stays`, the next step comes in its place."""
        if self._may_go:
            self.slots.pop()
        slot = int(np.argmax(outputs))
        says = slot not in (self._last, len(outputs) - 1)
        if says:
            self.slots.append(slot)
        if stays:
            self._last = slot
        self._may_go = says and not stays


class _Beginning:
    """A beginning of a list, as its last symbol and what is before that."""

    __slots__ = ("after", "before", "blank", "last", "symbol")

    def __init__(self, symbol: int, before: _Beginning | None, blank: float = 0.0) -> None:
        self.symbol = symbol
        self.before = before
        self.after: dict[int, _Beginning] = {}
        # Probability of the paths so far that say it and end with a blank, and with its last symbol.
        self.blank = blank
        self.last = 0.0


_Ends = tuple[_Beginning, list[float]]
"""A beginning, and the probabilities that it has after a step: `blank` and `last`."""


def _compare(one: _Ends, other: _Ends) -> int:
    """Below 0 where the first is the more probable; added up as JavaScript does, so that both find the same."""
    (blank, last), (other_blank, other_last) = one[1], other[1]
    difference = other_blank + other_last - blank - last
    return (difference > 0) - (difference < 0)


def beam_search(outputs: Values, beam: int) -> list[int]:
    """The places of the symbols of the most probable list.

    That is of all lists whose beginnings were among the `beam` most probable ones at every step.

    Args:
        outputs: probabilities, (steps, outputs).
        beam: beginnings that are kept at every step.
    """
    beginnings = [_Beginning(-1, None, blank=1.0)]
    for *shares, blank in outputs.tolist():
        now: dict[_Beginning, list[float]] = {}
        for beginning in beginnings:
            whole = beginning.blank + beginning.last
            own = now.setdefault(beginning, [0.0, 0.0])
            own[0] += whole * blank
            if beginning.before is not None:
                own[1] += beginning.last * shares[beginning.symbol]
            for symbol, share in enumerate(shares):
                if share == 0:
                    continue
                longer = beginning.after.get(symbol)
                if longer is None:
                    longer = beginning.after[symbol] = _Beginning(symbol, beginning)
                # Its like follows only after a blank.
                now.setdefault(longer, [0.0, 0.0])[1] += (
                    beginning.blank if symbol == beginning.symbol else whole
                ) * share
        ranked = sorted(now.items(), key=cmp_to_key(_compare))[:beam]
        # As shares of the whole: probabilities of long sequences are below the smallest number.
        whole = 0.0
        for _, ends in ranked:
            whole = whole + ends[0] + ends[1]
        for beginning, ends in ranked:
            beginning.blank, beginning.last = ends[0] / whole, ends[1] / whole
        beginnings = [beginning for beginning, _ in ranked]
    slots: list[int] = []
    end = beginnings[0]
    while end.before is not None:
        slots.append(end.symbol)
        end = end.before
    return slots[::-1]
